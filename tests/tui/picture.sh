#!/bin/sh
# Writes docs/tui.svg, README's picture of the terminal UI: a real screen over the logs of tests/tui/make-logs.py.
# usage: [BIN=FOLDER-OF-PROGRAMS] tests/tui/picture.sh
set -eu
cd "$(dirname "$0")/../.."
BIN=${BIN:-build}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 tests/tui/make-logs.py "$dir"
ONETRAIL_STORE=$dir/store
export ONETRAIL_STORE
"$BIN/onetrail" collect --config "$dir/collect.json" --once >/dev/null 2>&1
cat >"$dir/script" <<'KEYS'
resize 112 30
key /
type 429
key Enter N N N N N N N N N z Up Up Up
picture
KEYS
"$BIN/onetrail" tui --tz UTC --script "$dir/script" >"$dir/tui.svg"
mkdir -p docs
mv "$dir/tui.svg" docs/tui.svg
