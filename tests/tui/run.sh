#!/bin/sh
# Scripts of keys with the screens they must give: tests/tui/NAME.script beside NAME.screen. Also called by tests/cli/tui.sh.
# The first lines of a script may say "# args: ..." for the program.
# usage: tests/tui/run.sh [--rewrite] [NAME...]; --rewrite takes what comes out as what must: look at the diff
here=$(dirname "$0")
rewrite=
[ "${1:-}" = --rewrite ] && rewrite=1 && shift
BIN=${BIN:-$here/../../build}
TEST=$(mktemp -d) || exit 2
trap 'rm -rf "$TEST"' EXIT
passed=0 failed=0 names=$*
unset NO_COLOR ONETRAIL_STORE XDG_CONFIG_HOME
python3 "$here/make-logs.py" "$TEST" || exit 2
ONETRAIL_STORE=$TEST/store
export ONETRAIL_STORE
"$BIN/onetrail" collect --config "$TEST/collect.json" --once >/dev/null 2>"$TEST/err" || { cat "$TEST/err"; exit 2; }

# What differs from run to run: when it was collected, and where the logs lay.
same_everywhere() {
	sed -e 's/^\(. ingest_time  *\).*/\1(when it was collected)/' -e 's/^\(. source   *\).*/\1(the log)/'
}

for script in "$here"/*.script; do
	name=$(basename "$script" .script)
	if [ -n "$names" ]; then
		case " $names " in *" $name "*) ;; *) continue ;; esac
	fi
	eval "\"\$BIN/onetrail\" tui --tz UTC --script \"\$script\" $(sed -n 's/^# args: //p' "$script")" >"$TEST/raw" 2>&1
	echo "exit $?" >>"$TEST/raw"
	same_everywhere <"$TEST/raw" >"$TEST/screen"
	if [ -n "$rewrite" ]; then
		cp "$TEST/screen" "$here/$name.screen"
	fi
	if cmp -s "$TEST/screen" "$here/$name.screen"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $name"
		diff "$here/$name.screen" "$TEST/screen" | head -n 20
	fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
