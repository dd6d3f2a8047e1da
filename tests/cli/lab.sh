#!/bin/sh
# The recorded run of the lab, as it is and with each log's lines shuffled within a minute, against what really happened.
. "$(dirname "$0")/lib.sh"
LAB=${LAB:-../shared/lab}
SEED=${SEED:-1}
if [ ! -d "$LAB/out" ]; then
	echo "skipped: no recorded run of the lab at $LAB/out"
	finish
	exit
fi

# The scorer's bars that fail and, of each log's fields, the worst.
explain() {
	grep -E '^(FAIL|score-lab)|not scored' "$DIR/score"
	awk '$1 ~ /\.|:$/ && NF == 6 && $2 ~ /^[0-9]+$/ && ($2 != $3 || $4 || $5)' "$DIR/score"
	sed -n '/^fields: logs/,/^fields: wire/p' "$DIR/score" | grep -B1 '^      '
	grep -E '^   (fields|linking|leaks): ' "$DIR/score"
}

# Of the legs on the wire: at least 99.9 % of HTTP/1, and no answer of another request.
legs() {
	tail -n 1 "$DIR/score" | python3 -c 'import json, sys
legs = json.load(sys.stdin)["wire"]["legs"]
print(*("%s: %s" % (name, leg) for name, leg in sorted(legs.items())
        if leg["wrong_pairs"] or leg["found"] < leg["expected"] * (0.999 if "h1" in name else 0.95)), sep="\n")'
}

# score RUN STORE
score() {
	wire=0
	[ ! -f "$1/loopback.pcap" ] || wire=0.95
	onetrail --store "$2" calls --records --json 2>"$DIR/err" | python3 "$LAB/score-lab.py" --out "$1" \
		--min-wire $wire --min-wire-fields 0 --min-recall 0 --min-reconciled 0 --json - >"$DIR/score" 2>&1
	if [ $? -eq 0 ]; then
		good
	else
		bad "$name: the scorer's bars"
		explain
		head -n 5 "$DIR/err"
	fi
	[ ! -f "$1/loopback.pcap" ] || same "$(legs)" ""
}

name="as it is"
gives 0 sh tests/lab.sh "$LAB/out" "$DIR/plain"
score "$LAB/out" "$DIR/plain"

# Where the run has a capture: what the logs say does not depend on it.
if [ -f "$LAB/out/loopback.pcap" ]; then
	name="with and without the capture"
	mkdir "$DIR/logs-only"
	for file in "$LAB/out"/*; do
		case $file in */loopback.pcap) ;; *) ln -s "$(cd "$LAB/out" && pwd)/${file##*/}" "$DIR/logs-only/" ;; esac
	done
	gives 0 sh tests/lab.sh "$DIR/logs-only" "$DIR/unseen"
	of_logs() { # but for their calls, their files' folder, and the key of each store's hashes
		records "$1" | grep -v '"origin_kind":"wire"' | sed 's/"call_id":"[^"]*",//; s/"source":"[^"]*",//; s/k:[0-9a-f]\{16\}/k:/g' | sort | cksum
	}
	same "$(of_logs "$DIR/plain")" "$(of_logs "$DIR/unseen")"
fi

name="shuffled within a minute (SEED=$SEED)"
gives 0 python3 tests/shuffle-lab.py "$LAB/out" "$DIR/run" "$SEED"
gives 0 sh tests/lab.sh "$DIR/run" "$DIR/shuffled"
score "$DIR/run" "$DIR/shuffled"
finish
