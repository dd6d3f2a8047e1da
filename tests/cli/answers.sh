#!/bin/sh
# The verbs over fixtures/logs: outputs, footer, exit codes, snapshots, exports.
. "$(dirname "$0")/lib.sh"
S=$DIR/store
export ONETRAIL_STORE="$S"
lines() { wc -l <"$DIR/$1" | tr -d ' '; }

name="collecting the fixtures"
gives 0 onetrail collect --config fixtures/demo.json --once
name="collecting them again adds nothing"
before=$(records "$S" | sha256sum)
gives 0 onetrail collect --config fixtures/demo.json --once
same "$(records "$S" | sha256sum)" "$before"
[ "$(records "$S" | wc -l)" -gt 5000 ] && good || bad "$name: only $(records "$S" | wc -l) records"

name="calls by path, at segment boundaries"
gives 0 onetrail calls /api/payments --json
says_not err "Usage"
if grep '"url_path"' "$DIR/out" | grep -vqE '"url_path":"/api/payments(/[^"]*)?"'; then bad "$name"; else good; fi

name="count and calls agree"
gives 0 onetrail calls /api/payments --records --json
rows=$(lines out)
gives 0 onetrail count /api/payments --records --json
says out "\"count\":$rows"

name="nothing found exits with 1"
gives 1 onetrail calls client:nobody-at-all
name="a wrong field names the nearest and marks the spot"
gives 2 onetrail calls statsu:500
says err "status"
says err "^"
name="a gap is named, and --strict says 3"
gives 3 onetrail calls origin:kong-edge --period 2026-11-22 --strict
says err "kong-edge: no line 11:40"
gives 0 onetrail calls origin:kong-edge --period 2026-11-22
name="a filter that cannot match the stream with the gap does not name it"
gives 0 onetrail calls origin:litellm --since 2026-11-22T10:30Z --until 2026-11-22T11:30Z
says_not err "kong-edge"

name="the summary is the last line"
gives 0 onetrail count --by origin --json --summary
tail -n 1 "$DIR/out" | grep -q '^{"summary":{"calls":[0-9]*,"records":[0-9]*,"origins":{' && good || bad "$name"
snapshot=$(tail -n 1 "$DIR/out" | sed 's/.*"snapshot":\([0-9]*\).*/\1/')

name="the same question gives the same bytes"
onetrail calls --records --json >"$DIR/a" 2>/dev/null
onetrail calls --records --json >"$DIR/b" 2>/dev/null
cmp -s "$DIR/a" "$DIR/b" && good || bad "$name"
name="and afterwards with --at"
printf '10.9.9.9 - - [22/Nov/2026:11:00:00 +0000] "GET /late HTTP/1.1" 200 1 "-" "x"\n10.9.9.9 - - [22/Nov/2026:11:00:01 +0000] "GET /late HTTP/1.1" 200 1 "-" "x"\n' >"$DIR/late.log"
gives 0 onetrail collect "$DIR/late.log"
onetrail calls --records --json --at "$snapshot" >"$DIR/b" 2>/dev/null
cmp -s "$DIR/a" "$DIR/b" && good || bad "$name: $(wc -l <"$DIR/a") and $(wc -l <"$DIR/b") lines"
gives 0 onetrail calls /late
gives 1 onetrail calls /late --at "$snapshot"

name="head ends the work quietly"
onetrail calls --records --json 2>"$DIR/err" | head -n 1 >"$DIR/out"
same "$(lines out)" 1
same "$(cat "$DIR/err")" ""

name="a call of several records"
id=$(onetrail calls origin:haproxy-edge --json 2>/dev/null | grep '"records":[3-9]' | head -n 1 | sed 's/.*"call_id":"\([^"]*\)".*/\1/')
[ -n "$id" ] && good || bad "$name: no call with three records"
gives 0 onetrail call "$id" --json
[ "$(lines out)" -ge 3 ] && good || bad "$name: $(lines out) records"
says out '"evidence":"'
gives 0 onetrail call "$id"
says out "linked by"
gives 1 onetrail call nothing-17

name="every verb answers in every form"
for verb in "count --by client,status --measure count,share,rate,errors,sum:bytes_out,p50:latency,p95:latency,p99:latency,avg:latency,min:latency,max:latency,distinct:ip,first,last" \
	"count --every 10m --by origin" clients routes fields "coverage --by source,hour" "source list" info "quarantine" "calls --limit 3 --sort -latency --fields time,latency,path"; do
	for form in "" --json --csv; do
		gives 0 onetrail $verb $form
		[ -s "$DIR/out" ] && good || bad "$name: $verb $form printed nothing"
		if [ "$form" = --json ]; then
			python3 -c 'import json,sys; [json.loads(l) for l in sys.stdin]' <"$DIR/out" 2>/dev/null && good || bad "$name: $verb $form is not JSON"
		fi
	done
done

name="--where-count and --top"
gives 0 onetrail count --by client --where-count '>100' --json
python3 -c 'import json,sys; sys.exit(any(json.loads(l)["count"] <= 100 for l in sys.stdin))' <"$DIR/out" && good || bad "$name"
gives 1 onetrail count --by client --where-count '>1000000' --json
gives 0 onetrail count --by client --top 2 --json
same "$(lines out)" 2

name="routes have their parameters taken out"
gives 0 onetrail routes --json
says out '"http_route":"/api/payments/{id}"'

name="quarantine shows the cut lines with their reason"
gives 0 onetrail quarantine --source litellm.log --json
same "$(lines out)" 2
says out '"reason":"'
name="a format that is added takes them in"
printf '%s' '{"name":"cut-json","title":"test","version":1,"kind":"ai-gateway","origin":"x","line":"text","pattern":"^\\{\"id\":\"(?<request_id>[^\"]+)\".*","fields":{"request_id":"request_id"}}' >"$DIR/cut.json"

name="export writes rows and a manifest, again says the same, and never overwrites"
gives 0 onetrail export /api/payments --period 2026-11-22 --format csv -o "$DIR/x-{period}"
[ -s "$DIR/x-2026-11-22/calls.csv" ] && [ -s "$DIR/x-2026-11-22/manifest.json" ] && good || bad "$name"
digest=$(sha256sum <"$DIR/x-2026-11-22/calls.csv" | cut -d' ' -f1)
grep -q "$digest" "$DIR/x-2026-11-22/manifest.json" && good || bad "$name: digest"
gives 0 onetrail export /api/payments --period 2026-11-22 --format csv -o "$DIR/x-{period}"
says err "the same"
gives 2 onetrail export /api/orders --period 2026-11-22 --format csv -o "$DIR/x-{period}"
says err "another export"
gives 3 onetrail export --period 2026-11-22 --strict -o "$DIR/y"
python3 -c 'import json,sys; m=json.load(open(sys.argv[1])); rows=sum(1 for _ in open(sys.argv[2])); sys.exit(m["files"][0]["rows"] != rows or not m["summary"]["coverage"]["gaps"])' "$DIR/y/manifest.json" "$DIR/y/calls.jsonl" && good || bad "$name: manifest"
[ "$(ls -d "$DIR"/*.tmp-* 2>/dev/null | wc -l)" = 0 ] && good || bad "$name: something was left aside"

name="CSV cells never start a formula"
printf '10.9.9.8 - - [22/Nov/2026:11:00:00 +0000] "GET /formula HTTP/1.1" 200 1 "-" "=cmd|calc"\n10.9.9.8 - - [22/Nov/2026:11:00:00 +0000] "GET /formula HTTP/1.1" 200 1 "-" "@SUM(1)"\n' >"$DIR/formula.log"
gives 0 onetrail collect "$DIR/formula.log"
gives 0 onetrail calls /formula --csv --fields ua
if grep -qE '^"?[=@]' "$DIR/out"; then bad "$name"; else good; fi

name="no secret is on the disk"
if LC_ALL=C grep -rqa -e mk_live_5b1f0c7e92a44d -e sk-lab-provider "$S"; then bad "$name"; else good; fi
onetrail calls --records --json 2>/dev/null | grep -q mk_live_5b1f0c7e92a44d && bad "$name: in an answer" || good

name="verify, compact, and the same answers"
onetrail calls --records --json >"$DIR/a" 2>/dev/null
gives 0 onetrail verify
gives 0 onetrail compact
gives 0 onetrail verify
onetrail calls --records --json >"$DIR/b" 2>/dev/null
cmp -s "$DIR/a" "$DIR/b" && good || bad "$name"

name="a window of which nothing is known is covered by nothing"
gives 3 onetrail count --period 2020-01 --strict
says err "coverage 0.0 %"

name="{period} names the end that is given"
gives 0 onetrail export /api/payments --since 2026-11-22T11:00Z -o "$DIR/y-{period}"
[ -d "$DIR/y-2026-11-22_" ] && good || bad "$name: $(ls -d "$DIR"/y-*)"

name="verbs that take options alone say so"
for verb in info verify compact quarantine; do
	gives 2 onetrail $verb kong
	says err '"kong"'
done

name="a link file that is gone is named, and the answer is not complete"
cp -r "$S" "$DIR/unlinked"
rm "$DIR"/unlinked/segments/*/*.lnk
gives 3 onetrail --store "$DIR/unlinked" count /api/payments --strict --json --summary
says err "not read: records there are calls of their own"
says out '"complete":false'

name="help at every level"
gives 0 onetrail
[ "$(lines out)" -le 10 ] && good || bad "$name: more than ten lines"
gives 0 onetrail --help
gives 0 onetrail --version
for verb in collect calls count call clients coverage routes fields quarantine export info verify compact source sql; do
	gives 0 onetrail $verb --help
	says out "usage"
done
gives 2 onetrail cuont
says err "count"
gives 2 onetrail calls --perod x
says err "period"

name="docs/SCHEMA.md is the schema's"
gives 0 onetrail fields --markdown
cmp -s "$DIR/out" docs/SCHEMA.md && good || bad "$name: make it anew with: onetrail fields --markdown >docs/SCHEMA.md"

finish
