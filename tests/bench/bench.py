#!/usr/bin/env python3
"""What collecting and asking cost: generated records into a store, PEERS.md's questions asked of it, DuckDB beside it on request.

usage: bench.py PROGRAMS WORK GENERATOR-FOLDER [--peers] [--keep] N...

For each N: WORK/N.json. Then docs/BENCHMARKS.md from all of these.
"""
import argparse
import datetime
import glob
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys

RUNS = 5
ORIGINS = (("kong", "gateway", "kong.jsonl"), ("nginx", "gateway", "nginx.log"), ("litellm", "ai-gateway", "litellm.jsonl"))
# Name, meaning, arguments; as bench/sql/queries_duckdb.sql asks a peer. Q5 there is by status class, which is coarser.
QUESTIONS = (
    ("Q1", "every record of one route on one day, all columns",
     ["calls", "route:/api/payments", "--since", "2025-03-12", "--until", "2025-03-13"]),
    ("Q2", "the 20 busiest clients of one route", ["count", "route:/api/payments", "--by", "client", "--top", "20"]),
    ("Q3", "every record of one rare client", ["calls", "client:@RARE@"]),
    ("Q4", "calls a minute, one client on one route, one hour",
     ["count", "client:@BUSY@", "route:@BROUTE@", "--every", "1m", "--since", "2025-03-12T10:00Z", "--until", "2025-03-12T11:00Z"]),
    ("Q5", "status by hour, everything", ["count", "--by", "status", "--every", "1h"]),
    ("Q6", "regular expression on the path, everything",
     ["count", "path~'/(payments|refunds|transfers)/[0-9]+7/items/[0-9a-f]{8}-'"]),
    ("Q7", "one trace id", ["calls", "trace:@TRACE@"]),
    ("Q8", "access review: client × route, count, first, last", ["count", "--by", "client,route", "--measure", "count,first,last"]),
    ("Q9", "clients with more than 1,000 calls in a minute", ["count", "--by", "client", "--every", "1m", "--where-count", ">1000"]),
    ("QA", "exact p50, p95, p99 by route",
     ["count", "-origin:nginx", "--by", "route", "--measure", "count,p50:latency,p95:latency,p99:latency"]),
    ("QC", "bursts of 401 by address and minute", ["count", "status:401", "--by", "ip", "--every", "1m", "--where-count", ">=100"]),
)


def say(text):
    print(text, flush=True)


MEASURE = None  # the program of measure.c


def run(argv):
    """Wall seconds, CPU seconds, peak memory in bytes of a process that must succeed (1: nothing found)."""
    done = subprocess.run([MEASURE, *argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=True)
    wall, cpu, memory, code = done.stdout.split()
    if code not in ("0", "1"):
        sys.exit("bench: %s: exit code %s: %s" % (" ".join(argv), code, done.stderr[-500:]))
    return float(wall), float(cpu), int(memory)


def bytes_below(folder):
    return sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(folder) for name in names)


def compiled(work, source, *more):
    program = os.path.join(work, os.path.basename(source)[:-2])
    if not os.path.exists(program) or os.path.getmtime(program) < os.path.getmtime(source):
        subprocess.run(["cc", "-O2", "-o", program, source, *more], check=True)
    return program


class Store:
    """The thing measured."""

    def __init__(self, programs, path):
        self.program, self.path = os.path.join(programs, "onetrail"), path

    def argv(self, question, *more):
        return [self.program, "--store", self.path, question[0], "--records", "--json", *question[1:], *more]

    def rows(self, *question):
        out = subprocess.run(self.argv(question), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout
        return [json.loads(line) for line in out.splitlines()]

    def row_count(self, *question):
        with subprocess.Popen(self.argv(question), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            return sum(1 for _ in process.stdout)

    def collect(self, raw):
        config = self.path + ".json"
        with open(config, "w", encoding="utf-8") as f:
            json.dump({"origins": [{"name": n, "kind": k, "sources": [{"path": os.path.join(raw, p)}]} for n, k, p in ORIGINS]}, f)
        shutil.rmtree(self.path, ignore_errors=True)
        return run([self.program, "--store", self.path, "collect", "--config", config, "--once"])

    def operands(self):
        """A client with about 20 records, the busiest client, its first route, some trace."""
        clients = self.rows("count", "--by", "client")
        busy = clients[0]["client"]
        rare = min((c for c in clients if re.fullmatch(r"[a-z0-9-]+", c["client"])), key=lambda c: (abs(c["count"] - 20), c["client"]))
        route = self.rows("count", "client:" + busy, "--by", "route", "--top", "1")[0]["http_route"]
        trace = self.rows("calls", "trace:*", "--since", "2025-03-20", "--limit", "1")[0]["trace_id"]
        return {"@RARE@": rare["client"], "@BUSY@": busy, "@BROUTE@": route, "@TRACE@": trace}


class Duck:
    """DuckDB, loaded as it is densest: sorted by client and time, ids as UUID."""
    package = "@duckdb/node-bindings-linux-x64"

    def __init__(self, work, generator):
        found = glob.glob(os.path.join(work, "node_modules", self.package, "libduckdb.so*"))
        if not found:
            subprocess.run(["npm", "install", "--silent", "--no-save", "--prefix", work, self.package], check=True)
            found = glob.glob(os.path.join(work, "node_modules", self.package, "libduckdb.so*"))
        folder = os.path.dirname(os.path.abspath(found[0]))
        self.program = compiled(work, os.path.join(generator, "duckbench.c"), os.path.abspath(found[0]), "-Wl,-rpath," + folder)
        self.work, self.sql = work, os.path.join(generator, "sql")
        with open(os.path.join(folder, "package.json"), encoding="utf-8") as f:
            self.version = json.load(f)["version"]

    def script(self, name, operands):
        with open(os.path.join(self.sql, name), encoding="utf-8") as f:
            text = f.read()
        for key, value in operands.items():
            text = text.replace(key, value)
        path = os.path.join(self.work, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def load(self, flat, db):
        self.db = db
        for path in glob.glob(db + "*"):
            os.remove(path)
        return run([self.program, ":memory:", self.script("duck_tuned.sql", {"@FLAT@": flat, "@OUT@": db})])

    def ask(self, script, name):
        return [self.program, "-o", "-q", name + " ", self.db, script]

    def warm(self, script):
        out = subprocess.run([self.program, "-o", "-r", str(RUNS), self.db, script], stdout=subprocess.PIPE, text=True, check=True).stdout
        return {m[1]: {"rows": int(m[2]), "warm_ms": float(m[3])} for m in re.finditer(r"^(Q\w) .*?rows +(\d+) .*warm median +([\d.]+)", out, re.M)}


def warm_engine(programs, store):
    """Medians in ms of the questions inside one process (engine.c picks what they are about as operands() does)."""
    out = subprocess.run([os.path.join(programs, "bench", "engine"), store.path, str(RUNS + 1)], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {name: float(ms) for name, ms in re.findall(r"^(Q\w) .* median +([\d.]+) ", out, re.M)}


def substitute(text, operands):
    for key, value in operands.items():
        text = text.replace(key, value)
    return text


def ask_all(store, duck, operands):
    """Each question in new processes, one's run between the other's."""
    script = duck.script("queries_duckdb.sql", operands) if duck else None
    answers = {}
    for name, _, question in QUESTIONS:
        question = [substitute(a, operands) for a in question]
        ours, theirs = [], []
        rows = store.row_count(*question)
        for _ in range(RUNS):
            ours.append(run(store.argv(question)))
            if duck:
                theirs.append(run(duck.ask(script, name)))
        answers[name] = {"rows": rows, "cold": statistics.median(r[0] for r in ours), "cpu": statistics.median(r[1] for r in ours),
                         "memory": max(r[2] for r in ours)}
        if duck:
            answers[name]["duck_cold"] = statistics.median(r[0] for r in theirs)
            answers[name]["duck_cpu"] = statistics.median(r[1] for r in theirs)
        say("  %s %6d rows %8.1f ms" % (name, rows, answers[name]["cold"] * 1e3))
    for name, told in (duck.warm(script) if duck else {}).items():
        if name in answers:
            answers[name].update(duck_warm=told["warm_ms"] / 1e3, duck_rows=told["rows"])
    return answers


def measure(n, args):
    raw, store = os.path.join(args.work, "raw-%d" % n), Store(args.programs, os.path.join(args.work, "store-%d" % n))
    os.makedirs(raw, exist_ok=True)
    say("%d records: generating" % n)
    generator = compiled(args.work, os.path.join(args.generator, "gwgen.c"), "-lm")
    subprocess.run([generator, "-n", str(n), "-o", raw] + ([] if args.peers else ["-F"]), stdout=subprocess.DEVNULL, check=True)
    size = sum(os.path.getsize(os.path.join(raw, name)) for _, _, name in ORIGINS)
    say("collecting %.0f MB" % (size / 1e6))
    wall, cpu, memory = store.collect(raw)
    held = bytes_below(os.path.join(store.path, "segments"))
    result = {"n": n, "raw": size, "wall": wall, "cpu": cpu, "memory": memory, "store": bytes_below(store.path), "segments": held,
              "count": store.rows("count")[0]["count"], "when": datetime.date.today().isoformat()}
    say("  %.2f s, %.2f us CPU a record, %.0f MB, %.1f bytes a record" % (wall, cpu / n * 1e6, memory / 1e6, result["store"] / n))
    if result["count"] != n:
        sys.exit("bench: %d records in the store" % result["count"])
    duck = None
    if args.peers:
        duck = Duck(args.work, args.generator)
        flat = os.path.join(raw, "flat.jsonl")
        wall, cpu, memory = duck.load(flat, os.path.join(args.work, "duck-%d.db" % n))
        result["duck"] = {"version": duck.version, "wall": wall, "cpu": cpu, "memory": memory, "store": os.path.getsize(duck.db),
                          "raw": os.path.getsize(flat)}
        say("  DuckDB %s: %.2f s, %.2f us CPU a record, %.1f bytes a record" % (duck.version, wall, cpu / n * 1e6, os.path.getsize(duck.db) / n))
    if not args.keep:
        shutil.rmtree(raw)
    operands = store.operands()
    result["questions"] = ask_all(store, duck, operands)
    opening = [run(store.argv(["count", "client:nobody"])) for _ in range(RUNS)]
    result["opening"] = [statistics.median(r[0] for r in opening), statistics.median(r[1] for r in opening), opening[0][2]]
    for name, ms in warm_engine(args.programs, store).items():
        result["questions"][name]["warm"] = ms / 1e3
    with open(os.path.join(args.work, "%d.json" % n), "w", encoding="utf-8") as f:
        json.dump(result, f, indent=1)
    if not args.keep:
        for path in glob.glob(os.path.join(args.work, "*-%d*" % n)):
            shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)


# --- what is printed ---

def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        model = re.search(r"model name\s*: (.*)", f.read())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2 ** 30
    return "%d cores (%s), %.0f GB, Linux %s, Python %s" % (os.cpu_count(), model[1].strip() if model else platform.machine(), memory,
                                                           ".".join(platform.release().split(".")[:2]), platform.python_version())


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def ms(seconds):
    return "–" if seconds is None else "%.0f" % (seconds * 1e3) if seconds >= 0.0995 else "%.1f" % (seconds * 1e3)


def taking_in(results):
    rows = []
    for r in results:
        n = r["n"]
        rows.append(["onetrail, the three logs", "{:,}".format(n), "%.2f" % (r["cpu"] / n * 1e6), "%.0f" % (r["raw"] / 1e6 / r["wall"]),
                     "%.1f" % r["wall"], "%.0f" % (r["memory"] / 1e6), "%.1f" % (r["store"] / n), "%.1f" % (r["segments"] / n),
                     "%.1f" % (r["raw"] / r["store"])])
        if "duck" in r:
            d = r["duck"]
            rows.append(["DuckDB %s, flat lines, sorted" % d["version"], "{:,}".format(n), "%.2f" % (d["cpu"] / n * 1e6),
                         "%.0f" % (d["raw"] / 1e6 / d["wall"]), "%.1f" % d["wall"], "%.0f" % (d["memory"] / 1e6), "%.1f" % (d["store"] / n), "", ""])
    return table(["", "records", "CPU µs a record", "MB/s", "s", "peak memory MB", "bytes a record", "without catalog", "raw : store"], rows)


def asking(r):
    duck, head = "duck" in r, ["question", "rows", "cold ms", "CPU ms", "MB", "warm ms"]
    rows = []
    for name, meaning, _ in QUESTIONS:
        q = r["questions"][name]
        row = ["%s %s" % (name, meaning), str(q["rows"]), ms(q["cold"]), ms(q["cpu"]), "%.0f" % (q["memory"] / 1e6), ms(q.get("warm"))]
        rows.append(row + ([ms(q["duck_cold"]), ms(q["duck_cpu"]), ms(q.get("duck_warm"))] if duck else []))
    rows.append(["opening: a client that is not there", "0", ms(r["opening"][0]), ms(r["opening"][1]), "%.0f" % (r["opening"][2] / 1e6), ""] + ["", "", ""] * duck)
    return table(head + ["DuckDB cold", "CPU", "warm"] * duck, rows)


def document(results):
    parts = ["# Benchmarks", "Written by `make bench` (`tests/bench/bench.py`); `PEERS=1` adds DuckDB from npm, each of its runs beside one of ours. "
             "Input is generated: one month of three gateways' logs (Kong's JSON, nginx's combined, LiteLLM's JSON), %.0f bytes a record. "
             "DuckDB is given the same records as flat objects, so it reads fewer bytes and keeps no attributes."
             % (results[0]["raw"] / results[0]["n"]),
             "%s. Wall times on a shared machine move from run to run; CPU time and ratios count." % machine(),
             "## Collecting", taking_in(results)]
    for r in results:
        parts += ["## Asking {:,} records".format(r["n"]), asking(r)]
    parts.append("Cold: a new process, page cache warm, median of %d, output as JSON to /dev/null. Warm: repeated inside one process, median of %d. "
                 "Questions are asked of records (`--records`). Q5 asks DuckDB by status class, onetrail by status; "
                 "in Q8 those without a name are one client to DuckDB and so many addresses to onetrail." % (RUNS, RUNS))
    return "\n\n".join(parts) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs")
    parser.add_argument("work")
    parser.add_argument("generator")
    parser.add_argument("n", type=int, nargs="*")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--keep", action="store_true", help="keep raw files and stores")
    args = parser.parse_args()
    if not os.path.exists(os.path.join(args.generator, "gwgen.c")):
        sys.exit("bench: no generator at %s/gwgen.c" % args.generator)
    args.work = os.path.abspath(args.work)
    os.makedirs(args.work, exist_ok=True)
    global MEASURE
    MEASURE = compiled(args.work, os.path.join(os.path.dirname(os.path.abspath(__file__)), "measure.c"))
    for n in args.n:
        measure(n, args)
    results = []
    for path in glob.glob(os.path.join(args.work, "[0-9]*.json")):
        with open(path, encoding="utf-8") as f:
            results.append(json.load(f))
    text = document(sorted(results, key=lambda r: r["n"]))
    with open(os.path.join(os.path.dirname(__file__), "..", "..", "docs", "BENCHMARKS.md"), "w", encoding="utf-8") as f:
        f.write(text)
    print(text)


if __name__ == "__main__":
    main()
