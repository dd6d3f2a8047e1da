#!/usr/bin/env python3
"""compare.py FOLDER: for each question, what onetrail said (NNN.got, NNN.code) against the right answer (NNN.want).

Order counts where it is defined for both: rows by what they are sorted by, groups by count or by time; what stands equal there may
come in any order, and of several groups or rows that stand equal at a limit any may be shown.
"""
import collections
import glob
import json
import sys


def alike(want, got):
    """Equal but for the last digits of reals, and for integers that one side writes as reals."""
    if want.keys() != got.keys():
        return False
    return all(a == b or (isinstance(a, (int, float)) and isinstance(b, (int, float)) and abs(a - b) <= 1e-9 * max(abs(a), abs(b)))
               for a, b in ((want[k], got[k]) for k in want))


def first_difference(want, got):
    """`want` and `got` map keys to rows."""
    for key in want:
        if key not in got:
            return "not there: %s" % json.dumps(want[key])
        if not alike(want[key], got[key]):
            return "%s is not %s" % (json.dumps(got[key]), json.dumps(want[key]))
    for key in got:
        if key not in want:
            return "too many: %s" % json.dumps(got[key])
    return None


def judge(head, want, got):
    """Words for what is wrong, or None."""
    keys = head["keys"] if head["kind"] == "count" else ["origin", "source_offset"]

    def key_of(row):
        return tuple(row.get(k) for k in keys)
    if head["kind"] == "count" and not keys and not want and [r.get("count") for r in got] in ([], [0]):
        return None
    twice = [k for k, n in collections.Counter(map(key_of, got)).items() if n > 1]
    if twice:
        return "twice: %s" % (twice[0],)
    wanted, gotten = {key_of(r): r for r in want}, {key_of(r): r for r in got}
    rank = (lambda r: r[head["sort"]]) if head["kind"] == "list" else (lambda r: r["time"]) if "time" in keys else (lambda r: -r["count"])
    down = head["descending"]
    ranks = [rank(r) for r in got]
    if ranks != sorted(ranks, reverse=down):
        return "out of order"
    limit = head["limit"]
    if limit:
        if ranks != sorted(map(rank, want), reverse=down)[:limit]:
            return "%d rows; others stand higher" % len(got)
        wanted = {k: r for k, r in wanted.items() if k in gotten}
    return first_difference(wanted, gotten)


def main():
    folder = sys.argv[1]
    passed = failed = rows = 0
    for path in sorted(glob.glob(folder + "/*.want")):
        name = path[:-len(".want")]
        with open(path, encoding="utf-8") as f:
            head, *want = [json.loads(line) for line in f]
        rows += len(want)
        try:
            with open(name + ".got", encoding="utf-8") as f:
                got = [json.loads(line) for line in f]
            with open(name + ".code", encoding="utf-8") as f:
                code = int(f.read())
            wrong = judge(head, want, got)
            if wrong is None and code != (0 if want else 1) and not (code == 0 and (got or head["least"])):
                wrong = "exit code %d" % code
        except (ValueError, KeyError, TypeError) as e:
            wrong = "not to be read: %r" % e
        passed, failed = passed + (wrong is None), failed + (wrong is not None)
        if wrong is not None:
            with open(name + ".args", encoding="utf-8") as f:
                print("%s: onetrail %s" % (name[-3:], " ".join("'%s'" % a if set(a) & set(" '\"*?()<>~|&$;") else a for a in f.read().split("\n")[:-1])))
            try:
                with open(name + ".err", encoding="utf-8") as f:
                    said = f.readline().strip()
            except OSError:
                said = ""
            print("    %d rows wanted, %s" % (len(want), wrong[:300]), "(%s)" % said[:150] if not want or not got else "")
    print("%d questions with %d rows of answers" % (passed + failed, rows))
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
