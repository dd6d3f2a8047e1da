#!/usr/bin/env python3
"""Random questions asked twice, in the filter language and in SQL: the numbers must be the same. And WHERE clauses that are
pushed down beside the same ones that SQLite decides by itself.

usage: sql_pairs.py STORE QUESTIONS [SEED]; prints "N passed, N failed"
"""
import json
import random
import re
import subprocess
import sys

STORE, QUESTIONS = sys.argv[1], int(sys.argv[2])
random.seed(int(sys.argv[3]) if len(sys.argv) > 3 else 5)

TEXTS = ["client", "origin", "http_request_method", "http_route", "user_agent", "client_address", "format", "server_address",
         "gen_ai_request_model", "consumer", "tool", "error_type"]
ENUMS = ["outcome", "origin_kind", "client_kind", "client_trust", "leg", "timestamp_basis", "response_source"]
NUMBERS = ["http_response_status_code", "duration", "http_response_size", "gen_ai_input_tokens", "client_port"]
MEASURED = ["duration", "http_response_size", "http_request_size", "gen_ai_output_tokens", "upstream_duration"]
DISTINCT = TEXTS + ENUMS + NUMBERS + ["trace_id", "request_id", "url_path", "gen_ai_stream"]


def onetrail(*argv, text=None):
    done = subprocess.run(["onetrail", "--store", STORE, *argv], input=text, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit("%s: %s" % (argv, done.stderr[-600:]))
    return [json.loads(line) for line in done.stdout.splitlines()]


def sql(statements):
    """All statements in one run; the summary after each tells where its rows end."""
    answers, rows = [], []
    for row in onetrail("sql", "--json", "--summary", text=";\n".join(statements) + ";\n"):
        if "summary" in row:
            answers.append(rows)
            rows = []
        else:
            rows.append(row)
    return answers


def quoted(value):
    return "'%s'" % str(value).replace("'", "''")


def word(value):
    """In double quotes of the filter language."""
    return '"%s"' % str(value).replace("\\", "\\\\").replace('"', '\\"')


VALUES = {field: [row[field] for row in onetrail("count", "--records", "--by", field, "--json") if field in row]
          for field in TEXTS + ENUMS + NUMBERS}
IDS = onetrail("calls", "--records", "--json", "--fields", "record_id,call_id,trace_id,request_id,timestamp,url_path")


def some(field):
    return random.choice(VALUES[field]) if VALUES[field] else "none"


# Each gives a term of the language, a condition without its fields pushed out of sight, and that condition with "%s" before each field.
def text_is():
    field = random.choice(TEXTS + ENUMS)
    value = some(field)
    return "%s=%s" % (field, word(value)), "%%s%s = %s" % (field, quoted(value))


def text_is_not():
    field = random.choice(TEXTS + ENUMS)
    value = some(field)
    if random.random() < 0.5:
        return "%s!=%s" % (field, word(value)), "%%s%s IS NOT %s" % (field, quoted(value))
    return "(%s:* %s!=%s)" % (field, field, word(value)), "%%s%s <> %s" % (field, quoted(value))


def number_between():
    field = random.choice(NUMBERS)
    low, high = sorted([int(some(field)), int(some(field))]) if VALUES[field] else (0, 1)
    unit = "ns" if field == "duration" else ""
    return "%s:%d%s..%d%s" % (field, low, unit, high, unit), "%%s%s BETWEEN %d AND %d" % (field, low, high)


def number_beyond():
    field, op = random.choice(NUMBERS), random.choice(["<", "<=", ">", ">="])
    value = int(some(field)) if VALUES[field] else 0
    half = random.random() < 0.3 and op in ("<", ">=")  # n < 4.5 is n < 5
    return ("%s%s%d%s" % (field, op, value, "ns" if field == "duration" else ""),
            "%%s%s %s %s" % (field, op, "%d.5" % (value - 1) if half else value))


def one_of():
    field = random.choice(TEXTS + NUMBERS[:1])
    values = [some(field) for _ in range(random.randint(2, 5))]
    return ("(%s)" % " or ".join("%s=%s" % (field, word(v)) for v in values),
            "%%s%s IN (%s)" % (field, ", ".join(quoted(v) if field in TEXTS else str(v) for v in values)))


def has():
    field = random.choice(TEXTS + ENUMS + NUMBERS + ["trace_id", "attributes", "gen_ai_stream"])
    return random.choice([("%s:*" % field, "%%s%s IS NOT NULL" % field), ("-%s:*" % field, "%%s%s IS NULL" % field)])


def below_path():
    path = "/".join((random.choice(IDS).get("url_path") or "/api/x").split("/")[:random.randint(2, 3)])
    return path, "(%%surl_path = %s OR %%surl_path GLOB %s)" % (quoted(path), quoted(path + "/*"))


def beginning():
    field = random.choice(TEXTS + ["url_path"])
    value = random.choice(IDS).get("url_path", "/a") if field == "url_path" else some(field)
    prefix = str(value)[:random.randint(1, 8)]
    if any(c in prefix for c in "*?["):
        prefix = "a"
    return "%s:%s*" % (field, word(prefix)), "%%s%s GLOB %s" % (field, quoted(prefix + "*"))


def expression():
    pattern = random.choice(["^/api/(payments|users)", "/[0-9]+$", "(?i)EXPORT", "a.*e$", "^.{1,12}$"])
    return "url_path~%s" % word(pattern), "%%surl_path REGEXP %s" % quoted(pattern)


def since():
    time = random.choice(IDS).get("timestamp", "2026-11-22T11:00:00.000000000Z")[:random.choice([10, 16, 19, 23])]
    op = random.choice([">=", "<"])
    shown = time if len(time) == 10 else time + "Z"
    spelled = time.replace("T", random.choice(["T", " "])) + ("" if len(time) == 10 else random.choice(["Z", "", "+00:00"]))
    return "time%s%s" % (op, shown), "%%stimestamp %s %s" % (op, quoted(spelled))


def an_id():
    record = random.choice(IDS)
    field = random.choice([f for f in ("record_id", "call_id", "trace_id", "request_id") if f in record])
    return "%s=%s" % (field, word(record[field])), "%%s%s = %s" % (field, quoted(record[field]))


KINDS = [text_is] * 4 + [text_is_not, number_between, number_beyond, number_beyond, one_of, one_of, has, below_path, beginning, expression, since, since, an_id]


def terms():
    return [random.choice(KINDS)() for _ in range(random.choice([0, 1, 1, 1, 2, 2, 3]))]


def pushed(condition):
    return condition.replace("%s", "")


def hidden(condition):
    """A plus sign keeps SQLite from pushing it down. It also takes a column's affinity and collation away: they are given back."""
    out = condition
    for field in NUMBERS:
        out = out.replace("%s" + field, "+" + field)
    return re.sub(r"%stimestamp\b", "+timestamp COLLATE time", out).replace("%s", "+")


MEASURES = {
    "sum": "sum({0})", "min": "min({0})", "max": "max({0})", "avg": "avg({0})", "p50": "percentile({0}, 50)", "p95": "percentile({0}, 95)",
    "p99": "percentile({0}, 99)", "distinct": "count(DISTINCT {0})",
}


def question():
    """The same question as arguments of `count` and as a statement."""
    by = random.sample(TEXTS + ENUMS + NUMBERS[:1], random.randint(0, 2))
    measures = {"count": "count(*)"}
    for _ in range(random.randint(1, 4)):
        kind = random.choice(list(MEASURES) + ["first", "last"])
        if kind in ("first", "last"):
            measures[kind] = "min(timestamp)" if kind == "first" else "max(timestamp)"
        else:
            field = random.choice(DISTINCT if kind == "distinct" else MEASURED)
            measures["%s:%s" % (kind, field)] = MEASURES[kind].format(field)
    asked, records = terms(), random.random() < 0.5
    argv = ["count", *[t for t, _ in asked], "--measure", ",".join(measures), "--json"] + (["--by", ",".join(by)] if by else []) + (["--records"] if records else [])
    columns = ", ".join(by + ['%s AS "%s"' % (expr, name) for name, expr in measures.items()])
    if records and random.random() < 0.8:
        source = "records" + (" WHERE " + " AND ".join(pushed(c) for _, c in asked) if asked else "")
    else: # of calls the filter itself: one matches where any of its records does
        source = ("records" if records else "calls") + ("(%s)" % quoted(" ".join(t for t, _ in asked)) if asked else "")
    statement = "SELECT %s FROM %s" % (columns, source) + (" GROUP BY " + ", ".join(by) if by else " HAVING count(*) > 0")
    return argv, statement, by


def equal(a, b):
    if isinstance(a, float) or isinstance(b, float):
        return a is not None and b is not None and abs(a - b) <= 1e-9 * max(abs(a), abs(b))
    return a == b


def same_rows(a, b, by):
    a, b = ({tuple(row.get(f) for f in by): row for row in rows if row.get("count", 0) > 0} for rows in (a, b))
    return a.keys() == b.keys() and all(a[k].keys() == b[k].keys() and all(equal(a[k][m], b[k][m]) for m in a[k]) for k in a)


def window_percentile():
    """p95 without percentile(): by a window over the ordered values."""
    field = random.choice(MEASURED)
    argv = ["count", "--records", "--by", "origin", "--measure", "p95:%s" % field, "--json"]
    statement = ('SELECT origin, any AS "count", value AS "p95:%s" FROM (SELECT origin, %s AS value, row_number() OVER (PARTITION BY origin ORDER BY %s) AS place, '
                 "count(%s) OVER (PARTITION BY origin) AS n, count(*) OVER (PARTITION BY origin) AS any FROM records) "
                 "WHERE value IS NOT NULL AND place - (any - n) = (n * 95 + 99) / 100" % (field, field, field, field))
    return argv, statement, ["origin"]


def main():
    passed = failed = 0
    asked = [question() for _ in range(QUESTIONS - 3)]
    windows = [window_percentile() for _ in range(3)]
    both = [(table, [c for _, c in terms()] or ["%sstatus < 400"]) for table in ("records", "calls") for _ in range(QUESTIONS // 2)]
    joint = [random.choice([" AND ", " AND ", " OR "]) for _ in both]
    pairs = ["SELECT count(*) AS n, count(DISTINCT record_id) AS ids, sum(source_offset) AS sum FROM %s WHERE %s" % (table, joint[i].join(form(c) for c in conditions))
             for i, (table, conditions) in enumerate(both) for form in (pushed, hidden)]
    answers = sql([statement for _, statement, _ in asked + windows] + pairs)
    for i, ((argv, statement, by), answer) in enumerate(zip(asked + windows, answers)):
        expected = onetrail(*argv)
        if i >= len(asked):  # the window knows groups without a number not at all
            expected = [row for row in expected if len(row) > 2]
        if same_rows(expected, answer, by):
            passed += 1
        else:
            failed += 1
            print("FAILED: %s\n  %s\n  %s\n  %s" % (argv, statement, expected[:3], answer[:3]))
    rest = answers[len(asked) + len(windows):]
    for i in range(0, len(rest), 2):
        if rest[i] == rest[i + 1]:
            passed += 1
        else:
            failed += 1
            print("FAILED: pushed down it is %s, else %s\n  %s\n  %s" % (rest[i], rest[i + 1], pairs[i], pairs[i + 1]))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed > 0)


main()
