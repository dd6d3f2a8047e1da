#!/bin/sh
# Runs every test of a build folder and adds up what they say; the last line is "N passed, N failed".
# usage: tests/run.sh BUILD-FOLDER [NAME...]: only tests whose path holds one of the names
bin=$1
shift
cd "$(dirname "$0")/.." || exit 2
BIN=$(cd "$bin" && pwd)
export BIN
out=$(mktemp) || exit 2
trap 'rm -f "$out"' EXIT
passed=0 failed=0

wanted() {
	[ -z "$names" ] && return 0
	for name in $names; do
		case $1 in *"$name"*) return 0 ;; esac
	done
	return 1
}

# A test prints its own "N passed, N failed" last; one that does not, or that ends otherwise than by what it printed, failed.
run() {
	wanted "$1" || return 0
	start=$(date +%s)
	"$@" >"$out" 2>&1
	status=$?
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$out" | tail -n 1)
	good=${line%% passed*} bad=${line##*, } bad=${bad%% failed}
	if [ -z "$line" ] || { [ $status -ne 0 ] && [ "$bad" = 0 ]; }; then
		good=0 bad=1
	fi
	passed=$((passed + good)) failed=$((failed + bad))
	took=$(($(date +%s) - start))
	if [ "$bad" -ne 0 ]; then
		echo "FAILED $1 (exit status $status)"
		tail -n 40 "$out" | sed 's/^/    /'
	elif [ $took -ge 5 ]; then
		echo "  $1: $took s"
	fi
}

names=$*
run sh tests/layers.sh
for test in "$BIN"/unit/*/* "$BIN"/prop/* "$BIN"/crash/* "$BIN"/fuzz/*; do
	case $test in *.o | *.d | *'*') continue ;; esac
	[ -x "$test" ] && run "$test"
done
for test in tests/cli/*.sh; do
	case $test in */lib.sh | *'*'*) continue ;; esac
	run sh "$test"
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
