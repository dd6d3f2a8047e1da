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

# score RUN STORE
score() {
	onetrail --store "$2" calls --records --json 2>"$DIR/err" | python3 "$LAB/score-lab.py" --out "$1" \
		--min-wire 0 --min-wire-fields 0 --min-recall 0 --min-reconciled 0 - >"$DIR/score" 2>&1
	if [ $? -eq 0 ]; then
		good
	else
		bad "$name: the scorer's bars"
		explain
		head -n 5 "$DIR/err"
	fi
}

name="as it is"
gives 0 sh tests/lab.sh "$LAB/out" "$DIR/plain"
score "$LAB/out" "$DIR/plain"

name="shuffled within a minute (SEED=$SEED)"
gives 0 python3 tests/shuffle-lab.py "$LAB/out" "$DIR/run" "$SEED"
gives 0 sh tests/lab.sh "$DIR/run" "$DIR/shuffled"
score "$DIR/run" "$DIR/shuffled"
finish
