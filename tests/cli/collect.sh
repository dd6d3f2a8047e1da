#!/bin/sh
# Exactly once: the same content adds nothing, whatever it is called and however it is packed; what grew is read from where it stopped.
. "$(dirname "$0")/lib.sh"
S=$DIR/store
export ONETRAIL_STORE="$S"

lines() {
	i=$1
	while [ "$i" -lt "$2" ]; do
		printf '10.0.0.%d - - [14/Mar/2026:02:%02d:%02d +0000] "GET /api/things/%d HTTP/1.1" 200 123 "-" "curl/8.5"\n' $((i % 250 + 1)) $((i / 60 % 60)) $((i % 60)) "$i"
		i=$((i + 1))
	done
}
count() {
	onetrail count --records --json 2>/dev/null | sed -n 's/.*"count":\([0-9]*\).*/\1/p'
}

lines 0 500 >"$DIR/a.log"
name="first time"
gives 0 onetrail collect "$DIR/a.log"
same "$(count)" 500
ids=$(records "$S" | grep -o '"record_id":"[^"]*"' | sort | sha256sum)

name="again"
gives 0 onetrail collect "$DIR/a.log"
same "$(count)" 500
name="renamed"
mv "$DIR/a.log" "$DIR/a.log.1"
gives 0 onetrail collect "$DIR/a.log.1"
same "$(count)" 500
name="under another path"
mkdir "$DIR/other" && cp "$DIR/a.log.1" "$DIR/other/b.log"
gives 0 onetrail collect "$DIR/other/b.log" "$DIR/a.log.1"
same "$(count)" 500
name="gzipped and zstd"
gzip -k "$DIR/a.log.1" && zstd -q "$DIR/a.log.1"
gives 0 onetrail collect "$DIR/a.log.1.gz" "$DIR/a.log.1.zst"
same "$(count)" 500
name="through standard input"
gives 0 sh -c "onetrail collect - <'$DIR/a.log.1'"
same "$(count)" 500
name="grown"
{ cat "$DIR/a.log.1"; lines 500 700; } >"$DIR/a.log"
gives 0 onetrail collect "$DIR/a.log"
same "$(count)" 700
name="grown, then gzipped"
{ cat "$DIR/a.log"; lines 700 750; } >"$DIR/grown" && gzip "$DIR/grown"
gives 0 onetrail collect "$DIR/grown.gz"
same "$(count)" 750
name="truncated and refilled is another source"
lines 3000 3100 >"$DIR/a.log"
gives 0 onetrail collect "$DIR/a.log"
same "$(count)" 850
name="ids are the same in another store"
onetrail --store "$DIR/fresh" collect "$DIR/other/b.log" >/dev/null 2>&1
same "$(records "$DIR/fresh" | grep -o '"record_id":"[^"]*"' | sort | sha256sum)" "$ids"
name="a truncated last line waits for its end"
{ lines 5000 5010; printf '10.0.0.1 - - [14/Mar/2026:02:59:59 +0000] "GET /api/thi'; } >"$DIR/w.log"
gives 0 onetrail collect "$DIR/w.log"
same "$(count)" 860
{ lines 5000 5010; printf '10.0.0.1 - - [14/Mar/2026:02:59:59 +0000] "GET /api/things/whole HTTP/1.1" 200 1 "-" "x"\n'; } >"$DIR/w.log"
gives 0 onetrail collect "$DIR/w.log"
same "$(count)" 861
gives 0 onetrail calls /api/things/whole

name="two files in one run that hold the same"
lines 6000 6100 >"$DIR/p.log" && cp "$DIR/p.log" "$DIR/q.log" && gzip -k "$DIR/p.log"
gives 0 onetrail collect "$DIR/p.log" "$DIR/q.log" "$DIR/p.log.gz"
same "$(count)" 961

name="thread counts give the same store"
onetrail --store "$DIR/t1" collect --threads 1 fixtures/logs >/dev/null 2>&1
mkdir -m 700 "$DIR/t4" && cp -p "$DIR/t1/secret.key" "$DIR/t4/" # credentials are hashed with the store's key
onetrail --store "$DIR/t4" collect --threads 4 fixtures/logs >/dev/null 2>&1
same "$(records "$DIR/t1" | sha256sum)" "$(records "$DIR/t4" | sha256sum)"

name="a configuration that is wrong names the line"
printf '{\n  "origins": [\n    { "name": "x", "knid": "gateway", "sources": [] }\n  ]\n}\n' >"$DIR/c.json"
gives 2 onetrail collect --config "$DIR/c.json" --once
says err "kind"
says err "3"
name="following comes later and is said so"
gives 2 onetrail collect --config fixtures/demo.json
says err "--once"
name="said instead of found"
gives 0 onetrail collect --origin my-edge --kind proxy --format combined "$DIR/other/b.log" --store "$DIR/said"
same "$(onetrail --store "$DIR/said" count origin:my-edge kind:proxy --records --json 2>/dev/null | sed -n 's/.*"count":\([0-9]*\).*/\1/p')" 500

name="source test stores nothing"
gives 0 onetrail source test "$DIR/other/b.log" --store "$DIR/nowhere"
says out "nginx"
[ ! -e "$DIR/nowhere" ] && good || bad "$name"

name="verify"
gives 0 onetrail verify
finish
