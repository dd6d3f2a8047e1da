#!/bin/sh
# Runs every test of a build folder, as many at once as there are cores, and adds up what they say; the last line is "N passed, N failed".
# usage: tests/run.sh BUILD-FOLDER [NAME...]: only tests whose path holds one of the names
cd "$(dirname "$0")/.." || exit 2

# A test prints its own "N passed, N failed" last; one that does not, or that ends otherwise than by what it printed, failed.
# What it was is one line in RESULTS; what it said is shown where it failed.
run_one() {
	out=$(mktemp) || exit 2
	start=$(date +%s)
	case $1 in *.sh) sh "$1" >"$out" 2>&1 ;; *) "$1" >"$out" 2>&1 ;; esac
	status=$?
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$out" | tail -n 1)
	good=${line%% passed*} bad=${line##*, } bad=${bad%% failed}
	if [ -z "$line" ] || { [ $status -ne 0 ] && [ "$bad" = 0 ]; }; then
		good=0 bad=1
	fi
	took=$(($(date +%s) - start))
	if [ "$bad" -ne 0 ]; then
		{
			echo "FAILED $1 (exit status $status)"
			tail -n 40 "$out" | sed 's/^/    /'
		} >"$out.shown"
		cat "$out.shown"
		rm "$out.shown"
	elif [ $took -ge 10 ]; then
		echo "  $1: $took s"
	fi
	rm "$out"
	echo "$good $bad" >>"$RESULTS"
}

if [ "${1:-}" = --one ]; then
	run_one "$2"
	exit 0
fi
BIN=$(cd "$1" && pwd) || exit 2
RESULTS=$(mktemp) || exit 2
export BIN RESULTS
trap 'rm -f "$RESULTS"' EXIT
shift

# The long ones first, so that none is left alone at the end.
for test in "$BIN"/crash/* "$BIN"/prop/* tests/cli/*.sh "$BIN"/unit/*/* "$BIN"/fuzz/* tests/layers.sh; do
	case $test in *.o | *.d | */lib.sh | *'*'*) continue ;; esac
	[ -f "$test" ] || continue
	wanted=$([ $# -eq 0 ] && echo yes)
	for name; do
		case $test in *"$name"*) wanted=yes ;; esac
	done
	[ -n "$wanted" ] && echo "$test"
done | xargs -P "$(nproc)" -n 1 sh tests/run.sh --one

awk '{ passed += $1; failed += $2 } END { printf "%d passed, %d failed\n", passed, failed; exit failed > 0 || passed == 0 }' "$RESULTS"
