#!/bin/sh
# `onetrail sql`: the same numbers as `count`, what is pushed down, what is refused, what ends it, the prompt, the manual's examples.
. "$(dirname "$0")/lib.sh"
S=$DIR/store
export ONETRAIL_STORE="$S"
onetrail collect --config fixtures/demo.json --once >/dev/null 2>&1 || bad "collecting the fixtures"

# Adds up what a program of several checks printed last.
adds() {
	"$@" >"$DIR/out" 2>&1
	line=$(tail -n 1 "$DIR/out")
	case $line in
	*" passed, "*" failed") passed=$((passed + ${line%% passed*})) line=${line##*, } failed=$((failed + ${line%% failed})) ;;
	*) bad "$*: no result" ;;
	esac
	grep -v ' passed, ' "$DIR/out" | head -n 40
}
name="questions of count and their SQL give the same numbers"
adds python3 tests/cli/sql_pairs.py "$S" 200
name="at a terminal"
XDG_STATE_HOME=$DIR/state adds python3 tests/cli/sql_prompt.py "$S"

# answer TEXT SQL: what it prints as JSON
answer() {
	same "$(onetrail sql --json "$2" 2>"$DIR/err")" "$1"
}

name="times are texts that SQLite's functions take, and compare as instants"
answer '{"d":"2026-11-22","y":"2026","ok":1}' "SELECT date(min(timestamp)) AS d, strftime('%Y', max(timestamp)) AS y, min(timestamp) < max(timestamp) AS ok FROM records"
n=$(onetrail count --records --since 2026-11-22T11:10:00Z --until 2026-11-22T11:20:00Z --json 2>/dev/null | sed 's/.*"count":\([0-9]*\).*/\1/')
for from in 2026-11-22T11:10:00Z 2026-11-22T11:10Z '2026-11-22 11:10:00' '2026-11-22 11:10' 2026-11-22T12:10:00+01:00 2026-11-22T11:10:00.000000000Z; do
	answer "{\"n\":$n}" "SELECT count(*) AS n FROM records WHERE timestamp >= '$from' AND timestamp < '2026-11-22T11:20Z'"
	answer "{\"n\":$n}" "SELECT count(*) AS n FROM records WHERE timestamp >= '$from' IS TRUE AND (timestamp < '2026-11-22T11:20Z') = 1"
done
answer '{"n":0}' "SELECT count(*) AS n FROM records WHERE timestamp < '2026-11-22'"

name="values: enumerations by name, attributes as JSON, origins as JSON, aliases"
answer '{"outcome":"denied"}' "SELECT DISTINCT outcome FROM records WHERE outcome = 'denied'"
answer '{"n":1}' "SELECT min(json_valid(attributes)) AS n FROM records WHERE attributes IS NOT NULL"
answer '{"n":1,"records":1}' "SELECT min(json_array_length(origins)) AS n, min(records) AS records FROM calls"
answer '{"same":1}' "SELECT min(status IS http_response_status_code AND latency IS duration AND call IS call_id) AS same FROM calls"
answer '{"hidden":0}' "SELECT count(*) AS hidden FROM pragma_table_info('calls') WHERE name = 'status'"
answer '{"t":"integer"}' "SELECT DISTINCT typeof(gen_ai_stream) AS t FROM records WHERE gen_ai_stream IS NOT NULL"

name="columns that SQLite does not name when it plans"
answer '{"same":1}' "SELECT count(*) = (SELECT count(*) FROM records WHERE tool IS NOT NULL AND content_digest IS NOT NULL) AS same FROM (SELECT DISTINCT record_id, tool, content_digest FROM records) JOIN records USING (record_id, tool, content_digest)"
answer '{"same":1}' "SELECT (SELECT count(*) FROM records AS a JOIN records AS b USING (record_id) NATURAL JOIN (SELECT DISTINCT tool FROM records)) = count(*) AS same FROM records WHERE tool IS NOT NULL"

name="either of two, each pushed down, counts once"
answer '{"same":1}' "SELECT (SELECT count(*) FROM records WHERE request_id = 'x' OR status = 401 OR outcome = 'denied') = sum((+status = 401) OR (+outcome = 'denied')) AS same FROM records"

name="the first rows do not wait for the last"
gives 0 onetrail sql "SELECT timestamp FROM calls ORDER BY timestamp DESC LIMIT 3"
same "$(tail -n +2 "$DIR/out" | sort -r)" "$(tail -n +2 "$DIR/out")"
gives 0 onetrail sql "EXPLAIN QUERY PLAN SELECT timestamp FROM calls ORDER BY timestamp DESC LIMIT 3"
says_not out "B-TREE"

name="EXPLAIN says what was pushed down"
gives 0 onetrail sql "EXPLAIN QUERY PLAN SELECT client, count(*) FROM records WHERE timestamp >= '2026-11-22' AND status = 401 AND path LIKE '/api/%' AND method IN ('GET', 'POST') AND tool IS NULL AND length(client) > 3 GROUP BY client"
for words in "timestamp >= '2026-11-22'" "http_response_status_code = 401" "url_path LIKE '/api/%'" "http_request_method IN" "tool IS NULL" "pushed down" "; 6 columns"; do
	says out "$words"
done
gives 0 onetrail sql "EXPLAIN SELECT 1 FROM calls"
says out "VFilter"

name="forms, several statements, exit codes"
gives 0 onetrail sql --csv "SELECT '=1+1' AS a, NULL AS b, 2.5 AS c, x'00ff' AS d"
says out "'=1+1,,2.5,00ff"
gives 1 onetrail sql "SELECT * FROM calls WHERE client = 'nobody'"
gives 3 onetrail sql --strict "SELECT count(*) FROM calls WHERE origin = 'kong-edge'"
says err "kong-edge: no line 11:40"
gives 0 onetrail sql --strict "SELECT count(*) FROM calls WHERE origin = 'nginx'"
says_not err "kong-edge"
gives 0 onetrail sql --json --summary "SELECT 1 AS a, 2 AS a; SELECT 3"
same "$(head -n 1 "$DIR/out")" '{"a":1,"a:2":2}'
same "$(grep -c '^{"summary":{"rows":1,"coverage":{' "$DIR/out")" 2
printf -- '-- a comment; with a semicolon\nSELECT\n1 AS one;;\n SELECT 2 AS two' | onetrail sql --json >"$DIR/out" 2>/dev/null
same "$(tr -d '\n' <"$DIR/out")" '{"one":1}{"two":2}'
onetrail sql --json "SELECT record_id FROM records" 2>"$DIR/err" | head -n 1 >"$DIR/out"
same "$(cat "$DIR/err")" ""

name="mistakes name what is nearest, and the spot"
gives 2 onetrail sql "SELECT stauts FROM calls"
says err "the nearest is status"
says err "^"
gives 2 onetrail sql 'SELECT "stauts" FROM calls'
gives 2 onetrail sql "SELECT 1 FROM call"
says err "there are records and calls"
gives 2 onetrail sql "SELECT 1 FROM calls('stauts:500')"
says err 'did you mean "status"?'
gives 2 onetrail sql "SELECT 1 FROM calls(500)"
says err "is a filter"
gives 2 onetrail sql "SELECT 1 FROM calls WHERE path REGEXP '^(/api'"
says err "missing closing parenthesis"
gives 2 onetrail sql "SELECT percentile(path, 50) FROM calls"
gives 2 onetrail sql "SELECT (1"
gives 2 onetrail sql "SELECT 1; SELEC 2"
says out "1"
printf 'SELECT 1\0;\n' | onetrail sql >"$DIR/out" 2>"$DIR/err" && bad "$name: a NUL" || good

name="what does not read is refused"
before=$(find "$S" -type f | sort | xargs cat | sha256sum)
for statement in "DELETE FROM calls" "INSERT INTO records(status) VALUES (1)" "UPDATE calls SET status = 1" "CREATE TABLE x(y)" "CREATE TEMP VIEW x AS SELECT 1" \
	"CREATE VIRTUAL TABLE x USING onetrail" "DROP TABLE calls" "ALTER TABLE calls RENAME TO x" "ATTACH '$DIR/new' AS new" "VACUUM INTO '$DIR/new'" "VACUUM" \
	"PRAGMA journal_mode = DELETE" "PRAGMA writable_schema = 1" "PRAGMA temp_store_directory = '$DIR'" "PRAGMA hard_heap_limit = 1" "BEGIN" "SAVEPOINT x" "ANALYZE" "DETACH main" \
	"SELECT load_extension('x')" "EXPLAIN DELETE FROM calls"; do
	gives 2 onetrail sql "$statement"
	says err "only read"
done
[ -e "$DIR/new" ] && bad "$name: a file was made" || good
same "$(find "$S" -type f | sort | xargs cat | sha256sum)" "$before"

# stops SECONDS COMMAND...: Ctrl-C after so long ends it at once, with words
stops() {
	python3 - "$@" <<'PY' >"$DIR/out" 2>&1 && good || bad "$name: $(cat "$DIR/out")"
import signal, subprocess, sys, time
p = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
time.sleep(float(sys.argv[1]))
start = time.time()
p.send_signal(signal.SIGINT)
words = p.communicate(timeout=30)[1]
took = time.time() - start
print("exit %d after %.0f ms: %s" % (p.returncode, took * 1000, words))
sys.exit(p.returncode != 2 or b"stopped" not in words or took > 1)
PY
}
name="Ctrl-C ends what has no end"
stops 0.5 onetrail sql "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
stops 0.5 onetrail sql "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
stops 0.5 onetrail sql "SELECT count(*) FROM records a, records b, records c WHERE a.path || b.path = c.path"
stops 0.5 onetrail sql "SELECT a.client, (SELECT count(*) FROM records b WHERE b.client = a.client AND b.duration > a.duration) FROM records a, records c"

name="hostile text stays text"
printf '10.9.9.9 - - [22/Nov/2026:11:00:00 +0000] "GET /x HTTP/1.1" 200 1 "-" "\\x1b]0;owned\\x07\\xe2\\x80\\xae"\n' >"$DIR/bad.log"
gives 0 onetrail --store "$DIR/s2" collect "$DIR/bad.log"
gives 0 onetrail --store "$DIR/s2" sql "SELECT user_agent, char(27) || '[31m', char(8238) FROM records"
if LC_ALL=C grep -q "$(printf '\033')" "$DIR/out"; then bad "$name"; else good; fi

name="the manual's examples run"
python3 - <<'PY' >"$DIR/examples"
import re
for block in re.findall(r"```sql\n(.*?)```", open("docs/QUERY.md", encoding="utf-8").read(), re.S):
    for statement in re.split(r";\s*(?:--[^\n]*)?\n", block):
        if statement.strip():
            print(" ".join(statement.split()))
PY
[ "$(wc -l <"$DIR/examples")" -ge 8 ] && good || bad "$name: only $(wc -l <"$DIR/examples") examples"
while read -r statement; do
	onetrail sql "$statement" >"$DIR/out" 2>"$DIR/err"
	[ $? -le 1 ] && good || bad "$name: $statement: $(cat "$DIR/err")"
done <"$DIR/examples"

finish
