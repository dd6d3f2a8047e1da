#!/usr/bin/env python3
"""Copies a recorded run of the lab with each log's lines shuffled within a minute, and its wire-truth.json to match.

usage: shuffle-lab.py RUN COPY [SEED]

What belongs together stays together: a server-sent event, a line without a time and the line before it. A log without
any time stays as it is.
"""
import bisect
import json
import os
import random
import re
import shutil
import sys

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
# The first time in a line: seconds since 1970, RFC 3339, common log format, US style.
TIME = re.compile(rb"(?<![\w.])(1\d{9})\.\d+|(\d{4}-\d\d-\d\dT\d\d:\d\d)|(\d\d/(?:%s)/\d{4}:\d\d:\d\d)|(\d\d/\d\d/\d{4}, \d\d:\d\d)"
                  % "|".join(MONTHS).encode())


def minute_of(unit):
    found = TIME.search(unit)
    if not found:
        return None
    return int(found[1]) // 60 if found[1] else found[0]


def units_of(data, events):
    """[[start, length, minute]]: what is moved as one."""
    units, start = [], 0
    for line in re.findall(rb".*?\n\n+|.+\Z" if events else rb"[^\n]*\n|[^\n]+\Z", data, re.S if events else 0):
        minute = minute_of(line)
        if minute is None and units:
            units[-1][1] += len(line)
        else:
            units.append([start, len(line), minute])
        start += len(line)
    return units


def shuffled(units, rng):
    order, begin = [], 0
    while begin < len(units):
        end = begin
        while end < len(units) and units[end][2] == units[begin][2]:
            end += 1
        run = units[begin:end]
        if run[0][2] is not None:
            rng.shuffle(run)
        order += run
        begin = end
    return order


def main():
    run, copy, seed = sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "1"
    os.makedirs(copy)
    for name in ("topology.json", "ledger.jsonl"):
        shutil.copy(os.path.join(run, name), copy)
    with open(os.path.join(run, "topology.json"), encoding="utf-8") as f:
        files = [s["file"] for streams in json.load(f)["log_streams"].values() for s in streams]
    with open(os.path.join(run, "wire-truth.json"), encoding="utf-8") as f:
        truth = json.load(f)
    moved = 0
    for name in files:
        with open(os.path.join(run, name), "rb") as f:
            data = f.read()
        events = data.startswith((b"event:", b"data:", b"id:", b":"))
        units = units_of(data, events)
        assert sum(u[1] for u in units) == len(data)
        order = shuffled(units, random.Random("%s %s" % (seed, name)))
        place, at = {}, 0
        os.makedirs(os.path.dirname(os.path.join(copy, name)), exist_ok=True)
        with open(os.path.join(copy, name), "wb") as f:
            for start, length, _ in order:
                place[start] = at
                moved += start != at
                f.write(data[start:start + length])
                at += length
        starts = sorted(place)
        for line in truth["files"].get(name, []):
            start = starts[bisect.bisect_right(starts, line[0]) - 1]
            line[0] += place[start] - start
    with open(os.path.join(copy, "wire-truth.json"), "w", encoding="utf-8") as f:
        json.dump(truth, f)
    print("%d of the units moved" % moved)


if __name__ == "__main__":
    main()
