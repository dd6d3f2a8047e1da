#!/bin/sh
# A store of N generated records answers QUESTIONS random questions as a plain program over the raw lines does.
. "$(dirname "$0")/lib.sh"
case $BIN in *-san) : "${N:=10000}" ;; esac # sanitizers are slow
N=${N:-50000} SEED=${SEED:-1} QUESTIONS=${QUESTIONS:-100}
BENCH=${BENCH:-../shared/bench}
if [ ! -f "$BENCH/gwgen.c" ]; then
	echo "skipped: no generator of logs at $BENCH/gwgen.c"
	finish
	exit
fi

mkdir "$DIR/logs" "$DIR/questions"
cc -O2 -o "$DIR/gwgen" "$BENCH/gwgen.c" -lm && "$DIR/gwgen" -n "$N" -F -s "$SEED" -o "$DIR/logs" >/dev/null || exit 2
cat >"$DIR/config.json" <<'END'
{"origins": [
  {"name": "kong", "kind": "gateway", "sources": [{"path": "logs/kong.jsonl"}]},
  {"name": "nginx", "kind": "gateway", "sources": [{"path": "logs/nginx.log"}]},
  {"name": "litellm", "kind": "ai-gateway", "sources": [{"path": "logs/litellm.jsonl"}]}
]}
END
name="collecting $N records"
ONETRAIL_STORE=$DIR/store
export ONETRAIL_STORE
gives 0 onetrail collect --config "$DIR/config.json" --once

"$BIN/oracle/plain" "$DIR/logs" "$SEED" "$QUESTIONS" "$DIR/questions" || exit 2
for args in "$DIR"/questions/*.args; do
	set --
	while IFS= read -r arg; do
		set -- "$@" "$arg"
	done <"$args"
	onetrail "$@" --json >"${args%.args}.got" 2>"${args%.args}.err"
	echo $? >"${args%.args}.code"
done
python3 tests/oracle/compare.py "$DIR/questions" >"$DIR/compared"
sed '$d' "$DIR/compared"
right=$(sed -n '$s/ passed.*//p' "$DIR/compared") wrong=$(sed -n '$s/.*, \([0-9]*\) failed/\1/p' "$DIR/compared")
if [ -z "$right" ]; then
	bad "the comparison did not end"
else
	passed=$((passed + right)) failed=$((failed + wrong))
fi
[ -z "${KEEP:-}" ] || { mkdir -p "$KEEP" && cp -r "$DIR/questions" "$KEEP"; }
finish
