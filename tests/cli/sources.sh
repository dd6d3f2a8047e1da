#!/bin/sh
# Which files are read, when a last line is one, and what is said about it.
. "$(dirname "$0")/lib.sh"
S=$DIR/store
export ONETRAIL_STORE="$S"

line() { # line N: one line of a combined log, with its newline
	printf '10.0.0.%d - - [14/Mar/2026:02:%02d:%02d +0000] "GET /api/things/%d HTTP/1.1" 200 123 "-" "curl/8.5"\n' $(($1 % 250 + 1)) $(($1 / 60 % 60)) $(($1 % 60)) "$1"
}
lines() {
	i=$1
	while [ "$i" -lt "$2" ]; do
		line "$i"
		i=$((i + 1))
	done
}
count() {
	onetrail count --records --json 2>/dev/null | sed -n 's/.*"count":\([0-9]*\).*/\1/p'
}

name="a folder is read with all below it, but neither hidden files nor stores nor what is no text"
mkdir -p "$DIR/logs/sub"
lines 0 10 >"$DIR/logs/a.log"
lines 100 120 | gzip >"$DIR/logs/sub/b"
lines 200 205 >"$DIR/logs/.hidden"
printf 'PK\003\004 and so on' >"$DIR/logs/sub/x.zip"
gives 0 onetrail --store "$DIR/logs/store" collect "$DIR/logs"
says out "a.log"
says err "collected 30 records of 30 lines from 2 sources"
says err "x.zip: a zip archive"
gives 0 onetrail --store "$DIR/logs/store" collect "$DIR/logs"
says err "collected 0 records"
says_not err "secret.key"

name="JSON says what was read"
gives 0 onetrail collect --json "$DIR/logs/a.log"
says out '"format":"combined","lines":10,"records":10'
says out '{"summary":{"sources":1,"unchanged":0,"failed":0,"lines":10,"records":10'

name="an unchanged file is not opened"
gives 0 onetrail collect "$DIR/logs/a.log"
says err "1 file unchanged"

name="standard input, also compressed, also without a last newline"
gives 0 sh -c "zstd -qc '$DIR/logs/a.log' | onetrail collect -"
says err "collected 0 records"
gives 0 sh -c "{ cat '$DIR/logs/a.log'; printf '%s' \"\$(printf '10.0.0.1 - - [14/Mar/2026:02:30:00 +0000] \"GET /api/last HTTP/1.1\" 200 1 \"-\" \"x\"')\"; } | onetrail collect -"
says err "collected 1 record of 1 line"

name="a last line without a newline waits in a file that is being written, and is read in one that has rested"
{ lines 300 303; line 303 | tr -d '\n'; } >"$DIR/w.log"
gives 0 onetrail collect "$DIR/w.log"
says err "the last line has no end yet"
says err "collected 3 records"
touch -d '1 minute ago' "$DIR/w.log"
gives 0 onetrail collect "$DIR/w.log"
says err "collected 1 record of 1 line"
{ echo; lines 304 306; } >>"$DIR/w.log"
gives 0 onetrail collect "$DIR/w.log"
says err "collected 2 records"
same "$(onetrail quarantine --raw 2>/dev/null | grep -c .)" 0

name="a cut file that is whole later is read on"
lines 1000 3000 | gzip >"$DIR/z.gz"
head -c 9000 "$DIR/z.gz" >"$DIR/z"
gives 2 onetrail collect "$DIR/z"
says err "cut at byte 9000"
before=$(count)
cp "$DIR/z.gz" "$DIR/z"
gives 0 onetrail collect "$DIR/z"
[ "$(count)" -gt "$before" ] && good || bad "$name: nothing was added"
same "$(onetrail count 'path~/api/things/[12][0-9][0-9][0-9]' --records --json 2>/dev/null | sed -n 's/.*"count":\([0-9]*\).*/\1/p')" 2000

name="two logs that begin alike are two sources"
for n in 1 2; do
	{ lines 5000 5100; lines $((6000 + n * 1000)) $((6100 + n * 1000)); } >"$DIR/alike$n.log"
done
before=$(count)
gives 0 onetrail collect "$DIR/alike1.log" "$DIR/alike2.log"
same "$(count)" $((before + 400))

name="--wait waits for the other collector"
python3 - "$S/lock" "$DIR/locked" <<'PY' &
import fcntl, sys, time
f = open(sys.argv[1], "a+")
fcntl.flock(f, fcntl.LOCK_EX)
open(sys.argv[2], "w").close()
time.sleep(1.5)
PY
while [ ! -e "$DIR/locked" ]; do sleep 0.1; done
lines 9000 9001 >"$DIR/late.log"
gives 2 onetrail collect "$DIR/late.log"
says err "--wait"
gives 0 onetrail collect --wait "$DIR/late.log"
says err "waiting"
wait

name="mistakes name the next step"
gives 2 onetrail collect
says err "PATH"
gives 2 onetrail collect --kind gatway "$DIR/w.log"
says err "ai-gateway"
gives 2 onetrail collect --format combind "$DIR/w.log"
says err 'did you mean "combined"'
gives 2 onetrail collect --zone Mars/Olympus "$DIR/w.log"
says err "Mars"
gives 2 onetrail --store "$DIR/none" collect "$DIR/missing"
[ ! -e "$DIR/none" ] && good || bad "$name: a store was made for nothing"

name="source test shows formats, fields, and what cannot be read"
{ lines 0 3; echo "no log line"; } >"$DIR/t.log"
gives 0 onetrail source test "$DIR/t.log"
says out "combined"
says out "http_response_status_code"
says out "line 4"
gives 0 onetrail source test --json "$DIR/t.log"
same "$(grep -c '"record_id"' "$DIR/out")" 3
finish
