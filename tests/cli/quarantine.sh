#!/bin/sh
# Quarantine: what no format reads is kept whole with place and reason, and taken in when there is a format for it.
. "$(dirname "$0")/lib.sh"
S=$DIR/store
export ONETRAIL_STORE="$S"

{
	i=0
	while [ $i -lt 50 ]; do
		printf '10.0.0.1 - - [14/Mar/2026:02:00:%02d +0000] "GET /api/things/%d HTTP/1.1" 200 123 "-" "curl/8.5"\n' $i $i
		[ $((i % 10)) -eq 5 ] && printf 'ZZZ 2026-03-14T02:00:%02dZ who=agent-%d did=POST what=/api/special/%d gave=201 Authorization: Bearer sk-abcdefghijklmnop%d\n' $i $i $i $i
		[ $i -eq 20 ] && echo 'nothing that anybody could read'
		i=$((i + 1))
	done
} >"$DIR/a.log"
cat >"$DIR/zzz.json" <<'JSON'
{ "name": "zzz", "title": "a format of this test", "version": 1, "kind": "service", "origin": "zzz", "rank": 60, "exclusive": true,
  "contains": ["ZZZ "],
  "pattern": "^ZZZ (?<time>\\S+) who=(?<user>\\S+) did=(?<method>\\S+) what=(?<path>\\S+) gave=(?<status>\\d+)",
  "basis": "start",
  "fields": {
    "timestamp": {"from": "time", "as": "rfc3339"},
    "user": "user",
    "http_request_method": "method",
    "target": "path",
    "http_response_status_code": "status"
  } }
JSON

name="collecting says how many lines are in quarantine"
gives 0 onetrail collect "$DIR/a.log"
says err "6 lines in quarantine"
name="the lines with place and reason, without their secrets"
gives 0 onetrail quarantine
says out "a.log"
gives 0 onetrail quarantine --raw
says out "nothing that anybody could read"
says out "who=agent-5"
says_not out "sk-abcdefghijklmnop5"
if grep -rqa "sk-abcdefghijklmnop" "$S"; then bad "$name: a secret is in the store"; else good; fi

name="trying again without a new format changes nothing"
before=$(records "$S" | sha256sum)
gives 0 onetrail collect --retry-quarantine
same "$(records "$S" | sha256sum)" "$before"
same "$(onetrail quarantine --raw 2>/dev/null | grep -c .)" 6

name="with the format the lines are taken in"
gives 0 onetrail collect --retry-quarantine --format-file "$DIR/zzz.json"
says err "5"
gives 0 onetrail calls /api/special --records --json
same "$(wc -l <"$DIR/out" | tr -d ' ')" 5
same "$(onetrail quarantine --raw 2>/dev/null | grep -c .)" 1

name="the records are those that a store with the format from the start has"
mkdir -m 700 "$DIR/other" && cp -p "$S/secret.key" "$DIR/other/"
gives 0 onetrail --store "$DIR/other" collect --format-file "$DIR/zzz.json" "$DIR/a.log"
ids() {
	records "$1" | grep -o '"record_id":"[^"]*"' | sha256sum
}
read_at_once() {
	records "$1" | grep '"format":"combined"' | sha256sum
}
same "$(ids "$S")" "$(ids "$DIR/other")"
same "$(read_at_once "$S")" "$(read_at_once "$DIR/other")"

name="neither trying nor collecting again adds anything"
gives 0 onetrail collect --retry-quarantine --format-file "$DIR/zzz.json"
gives 0 onetrail collect --format-file "$DIR/zzz.json" "$DIR/a.log"
same "$(records "$S" | wc -l | tr -d ' ')" 55
gives 0 onetrail verify
finish
