#!/usr/bin/env python3
"""`onetrail sql` at a terminal: completion, statements of several lines, Ctrl-C, history.

usage: sql_prompt.py STORE; XDG_STATE_HOME is where the history goes; prints "N passed, N failed"
"""
import os
import pty
import re
import select
import stat
import sys
import time

passed = failed = 0


def check(name, holds, seen=b""):
    global passed, failed
    if holds:
        passed += 1
    else:
        failed += 1
        print("FAILED: %s\n  %r" % (name, seen[-300:]))


class Terminal:
    def __init__(self, *argv):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm"
            os.execvp(argv[0], argv)

    def until(self, text, seconds=10):
        """What is shown, up to and with `text`; control sequences taken out."""
        seen, end = b"", time.time() + seconds
        while time.time() < end:
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    seen += os.read(self.fd, 65536)
                except OSError:
                    break
            shown = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", seen)
            if text in shown:
                return shown
        return seen

    def type(self, text):
        os.write(self.fd, text)

    def status(self):
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def main():
    t = Terminal("onetrail", "--store", sys.argv[1], "sql")
    seen = t.until(b"sql> ")
    check("a prompt comes", b"sql> " in seen, seen)
    t.type(b"SELECT gateway_s\t FROM calls\n")
    seen = t.until(b"...> ")
    check("a column's name completes, and a statement goes on until its semicolon", b"ervice" in seen and b"...> " in seen, seen)
    t.type(b"LIMIT 1;\n")
    seen = t.until(b"sql> ")
    check("it is answered", b"1 row" in seen, seen)
    t.type(b"SELECT stauts FROM calls;\n")
    seen = t.until(b"sql> ")
    check("a mistake is said, and the prompt comes again", b"no such column" in seen and b"sql> " in seen, seen)
    t.type(b"WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n;\n")
    t.until(b"FROM n;")
    time.sleep(0.5)
    start = time.time()
    t.type(b"\x03")
    seen = t.until(b"sql> ")
    took = time.time() - start
    check("Ctrl-C ends a statement that has no end (%.0f ms)" % (took * 1000), b"stopped" in seen and b"sql> " in seen and took < 1, seen)
    t.type(b"SELECT 1 +\n")
    t.until(b"...> ")
    t.type(b"\x03")
    seen = t.until(b"sql> ")
    check("Ctrl-C forgets what was begun", b"sql> " in seen, seen)
    t.type(b"SELECT 41 + 1;\n")
    seen = t.until(b"sql> ")
    check("and the next statement stands alone", b"42" in seen, seen)
    t.type(b"help\n")
    seen = t.until(b"sql> ")
    check("help helps", b"PRAGMA table_info" in seen, seen)
    t.type(b"\x04")
    t.until(b"never", 1)
    check("Ctrl-D leaves, with 0", t.status() == 0)
    path = os.path.join(os.environ["XDG_STATE_HOME"], "onetrail", "history")
    check("the history is kept", os.path.exists(path) and "gateway_service" in open(path, encoding="utf-8").read().replace("\\040", " "))
    check("and nobody else's to read", os.path.exists(path) and stat.S_IMODE(os.stat(path).st_mode) == 0o600)
    t = Terminal("onetrail", "--store", sys.argv[1], "sql")
    t.until(b"sql> ")
    t.type(b"\x1b[A")
    seen = t.until(b"41 + 1")
    check("the arrow brings the last statement back", b"41 + 1" in seen, seen)
    t.type(b"\nquit\n")
    t.until(b"never", 1)
    check("quit leaves", t.status() == 0)
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed > 0)


main()
