#!/bin/sh
# Collects every capture of a folder laid out as ../shared/captures into a store of its own and runs the referee over the records.
# usage: [BIN=FOLDER-OF-PROGRAMS] tests/captures.sh DIR [OPTION...]: options go to the referee
set -eu
if [ $# -lt 1 ]; then
	sed -n 's/^# usage: /usage: /p' "$0" >&2
	exit 2
fi
dir=$1
shift
here=$(cd "$(dirname "$0")/.." && pwd)
: "${BIN:=$here/build}"
referee=$here/../shared/captures/score-captures.py
store=$(mktemp -d)
trap 'rm -rf "$store"' EXIT
files=$dir
[ ! -d "$dir/files" ] || files=$dir/files
# Cut and damaged captures are told of and fail the run by its exit status; what they hold is judged.
"$BIN/onetrail" --store "$store/s" collect "$files" --origin tap-1 --kind wire >"$store/out" 2>"$store/err" || [ $? -eq 2 ]
tail -n 1 "$store/err"
"$BIN/onetrail" --store "$store/s" calls --records --json >"$store/records" 2>/dev/null || [ $? -eq 1 ]
python3 "$referee" --dir "$dir" "$@" "$store/records"
