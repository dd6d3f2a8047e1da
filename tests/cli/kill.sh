#!/bin/sh
# Killed at any moment, the next run ends as if nothing had happened.
. "$(dirname "$0")/lib.sh"

logs=fixtures/logs
[ -d ../shared/lab/out/nginx ] && logs=../shared/lab/out/nginx
name="killed ten times"
gives 0 sh tests/crash/kill.sh "$logs" 10
says out "10 kills"
name="killed ten times, one worker"
gives 0 sh tests/crash/kill.sh "$logs" 10 --threads 1

# SIGINT ends the reading in order: what was read is stored, and the rest comes next time.
name="interrupted"
i=0
while [ $i -lt 3000 ]; do
	printf '10.0.0.1 - - [14/Mar/2026:02:00:00 +0000] "GET /api/things/%d HTTP/1.1" 200 123 "-" "curl/8.5"\n' $i
	i=$((i + 1))
done >"$DIR/a.log"
mkfifo "$DIR/pipe"
onetrail-collect collect --store "$DIR/s" "$DIR/pipe" >"$DIR/out" 2>"$DIR/err" &
pid=$!
{ cat "$DIR/a.log"; sleep 1; kill -INT $pid; sleep 1; } >"$DIR/pipe"
wait $pid
same $? 130
gives 0 onetrail --store "$DIR/s" verify
finish
