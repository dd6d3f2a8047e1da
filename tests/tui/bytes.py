"""Hostile text in a log brings no control sequence to the terminal that is not curses' own.

The program runs on a pseudo-terminal over a store whose paths hold escape sequences, C1 controls, bidi overrides and line ends; every view is
gone through. What it writes is taken apart: only sequences of the kinds that the terminal's description uses may occur.
usage: bytes.py ONETRAIL (with ONETRAIL_STORE set); the last line is "N passed, N failed"
"""
import fcntl, os, pty, re, select, struct, sys, termios, time

KEYS = [b"", b"/", b"evil\r", b"\r", b"\x1b[6~", b"q", b"r", b"j", b"y", b"q", b"q", b"t", b"q", b"c", b"q", b":", b"path:/\t", b"\t", b"\t", b"\x03", b"q", b"q"]
# CSI with plain parameters, charsets, keypad and the like: what terminfo's xterm-256color holds. OSC, DCS, APC, PM, SOS and C1 are not among them.
ALLOWED = re.compile(rb"\x1b\[[?>]?[0-9;]*[A-Za-z@`]|\x1b[()][AB0]|\x1b[=>78M]|\x1b\[!p|[\r\n\t\x08\x0e\x0f]")


def run(program, rows, cols, keys, arguments, **environment):
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(**{"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **environment})
        os.execv(program, [program, "tui", "--tz", "UTC"] + arguments)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
    out = b""
    for key in keys + [None]:
        if key:
            os.write(fd, key)
        end = time.time() + 2
        while time.time() < end:
            ready, _, _ = select.select([fd], [], [], 0.1 if key else 0.6)  # answered and painted once it is silent
            if not ready:
                break
            try:
                got = os.read(fd, 65536)
            except OSError:
                got = b""
            if not got:
                return out, os.waitpid(pid, 0)[1]
            out += got
    os.kill(pid, 9)
    return out, os.waitpid(pid, 0)[1]


def check(name, good, detail=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print("FAILED:", name, detail)


passed = failed = 0
for rows, cols in ((24, 80), (50, 200)):
    out, status = run(sys.argv[1], rows, cols, KEYS, ["client:tester"])
    rest = ALLOWED.sub(b"", out)
    text = rest.decode("utf-8", "replace")
    bad = [c for c in text if ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffd"]
    check(f"{cols}x{rows}: nothing but curses' own sequences", not bad, repr(bad[:10]))
    check(f"{cols}x{rows}: what was hostile is shown as a picture", "<U+202E>evil" in text, repr(text[:200]))
    check(f"{cols}x{rows}: no colour of the log's own", b"\x1b[31mred" not in out and b"\x1b]52" not in out)
    check(f"{cols}x{rows}: q leads out, with 0", os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0, str(status))
    check(f"{cols}x{rows}: the terminal is given back", b"\x1b[?1049l" in out)
COLOR = re.compile(rb"\x1b\[[0-9;]*\b3[0-7]m")
for name, wanted, arguments, environment in (
    ("colours by themselves", True, [], {}),
    ("NO_COLOR", False, [], {"NO_COLOR": "1"}),
    ("--color=never", False, ["--color=never"], {}),
    ("--color=always before NO_COLOR", True, ["--color=always"], {"NO_COLOR": "1"}),
    ("a terminal without colours", False, ["--color=always"], {"TERM": "vt100"}),
):
    out, status = run(sys.argv[1], 24, 80, [b"", b"q"], arguments, **environment)
    check(name, bool(COLOR.search(out)) == wanted and status == 0, repr(COLOR.findall(out)[:3]))
out, status = run(sys.argv[1], 24, 80, [b"", b"q"], ["client:tester"], LC_ALL="POSIX", LANG="")
check("a locale that is none: UTF-8 all the same", "日本語".encode() in out and status == 0)
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
