#!/bin/sh
# `source test` of captures, and the options common to all verbs where the collector takes them.
. "$(dirname "$0")/lib.sh"
TAP=fixtures/pcap/payments-tap.pcap
KONG=fixtures/logs/bank/kong-edge.log
S=$DIR/store

name="source test of a capture shows what was seen and the first records, and stores nothing"
gives 0 onetrail --store "$S" source test -n 1 "$TAP"
says out "format  a capture (pcap"
says out "993  packets"
says out "136  exchanges"
says out "0  holes"
says out "packet 4"
says out "http_route                 /api/payments/{id}"
same "$(grep -c '^packet ' "$DIR/out")" 1
[ -e "$S" ] && bad "$name: there is a store" || good

name="its records are those that collecting stores"
gives 0 onetrail source test --json --origin tap-1 "$TAP"
grep -v '"summary"' "$DIR/out" | sed 's/"ingest_time":"[^"]*",//; s/"credential":"[^"]*",//; s/"client":"k:[^"]*",//' | sort >"$DIR/tested"
onetrail --store "$S" collect --quiet --origin tap-1 --kind wire "$TAP" >/dev/null 2>&1
records "$S" | sed 's/"call_id":"[^"]*",//; s/"credential":"[^"]*",//; s/"client":"k:[^"]*",//' >"$DIR/stored"
same "$(wc -l <"$DIR/tested" | tr -d ' ')" 136
same "$(sed 's/.*"record_id":"\([^"]*\)".*"url_path":"\([^"]*\)".*/\1 \2/' "$DIR/tested" | sort | cksum)" \
	"$(sed 's/.*"record_id":"\([^"]*\)".*"url_path":"\([^"]*\)".*/\1 \2/' "$DIR/stored" | sort | cksum)"

name="a cut capture shows what it holds and where it was cut, also compressed and from standard input"
head -c 30000 "$TAP" | gzip >"$DIR/cut.gz"
gives 2 onetrail source test -n 0 "$DIR/cut.gz"
says out "164  packets"
says err "after packet 164, at byte 30000"
gives 2 sh -c "head -c 30000 $TAP | onetrail source test -n 0 -"
says out "164  packets"

name="a capture without calls says so"
head -c 24 "$TAP" >"$DIR/none.pcap"
gives 2 onetrail source test "$DIR/none.pcap"
says err "no packet could be read as part of a call"

name="CSV of records: every field a column"
gives 0 onetrail source test --csv "$TAP"
same "$(head -n 1 "$DIR/out" | cut -d, -f1-3)" "timestamp,timestamp_basis,duration"
same "$(wc -l <"$DIR/out" | tr -d ' ')" 137
gives 0 onetrail source test --csv "$KONG"
same "$(wc -l <"$DIR/out" | tr -d ' ')" 434

name="--tz, before or after the verb: times that are shown"
gives 0 onetrail --tz +05:30 source test -n 1 "$TAP"
says out "2026-11-22T17:40:00.722+05:30"
gives 0 onetrail --tz Europe/Berlin --store "$DIR/b" collect "$KONG"
says out "2026-11-22T13:00:06+01:00  2026-11-22T13:59:58+01:00"
gives 0 onetrail collect "$KONG" --store "$DIR/u"
says out "2026-11-22T12:00:06Z  2026-11-22T12:59:58Z"
gives 2 onetrail collect "$KONG" --store "$DIR/u" --tz Mars/Base
says err "Mars/Base"

name="--csv: the table at the end, with JSON's names and times in UTC"
gives 0 onetrail --csv --tz Europe/Berlin --store "$DIR/c" collect "$KONG"
same "$(head -n 1 "$DIR/out" | tr -d '\r')" "source,source_key,origin,origin_kind,format,lines,records,ignored,quarantined,position,time_first,time_last,cut_at"
says out ",kong,gateway,kong,433,433,0,0,"
says out ",2026-11-22T12:00:06.716000000Z,2026-11-22T12:59:58.263000000Z,"
finish
