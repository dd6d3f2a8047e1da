#!/bin/sh
# Captures on the command line: exactly once however the file comes, what bodies tell, what is missing and said to be, and what bad input gets.
. "$(dirname "$0")/lib.sh"

cat >"$DIR/cap.py" <<'PYTHON'
import gzip, json, struct, sys
SYN, ACK, FIN = 2, 16, 1


class Capture:
    def __init__(self, snap=262144):
        self.packets, self.now, self.snap = [], 1773446400_000000000, snap

    def packet(self, data, step=1000000):
        self.now += step
        self.packets.append((self.now, data[:self.snap], len(data)))

    def tcp(self, source, sport, to, dport, seq, ack, flags, payload=b"", step=1000000, options=b""):
        head = struct.pack(">HHIIBBHHH", sport, dport, seq % 2**32, ack % 2**32, (5 + len(options) // 4) << 4, flags, 65535, 0, 0) + options
        total = 20 + len(head) + len(payload)
        ip = struct.pack(">BBHHHBBH", 0x45, 0, total, 1, 0, 64, 6, 0) + bytes(map(int, source.split("."))) + bytes(map(int, to.split(".")))
        self.packet(b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + head + payload, step)

    def pcap(self):
        out = struct.pack("<IHHIIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1)
        return out + b"".join(struct.pack("<IIII", t // 10**9, t % 10**9, len(d), n) + d for t, d, n in self.packets)

    def pcapng(self):
        def block(kind, body):
            body += b"\0" * (-len(body) % 4)
            return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)
        out = block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)) + block(1, struct.pack("<HHIHHBBBBHH", 1, 0, 0, 9, 1, 9, 0, 0, 0, 0, 0))
        return out + b"".join(block(6, struct.pack("<IIIII", 0, t >> 32, t & 0xffffffff, len(d), n) + d) for t, d, n in self.packets)


class Talk:
    """One connection: say(0, bytes) to the server, say(1, bytes) to the client; shake=False joins in the middle."""
    def __init__(self, capture, port, shake=True, only=None, options=b""):
        self.c, self.port, self.seq, self.only, self.options = capture, port, [1000 * port, 7 + 1000 * port], only, options
        if shake:
            self.send(0, SYN)
            self.send(1, SYN | ACK)

    def send(self, side, flags, data=b"", lose=False, step=1000000):
        ends = ("10.0.0.1", self.port, "10.0.0.2", 8080)
        ends = ends if side == 0 else ends[2:] + ends[:2]
        if not lose and self.only in (None, side):
            self.c.tcp(*ends, self.seq[side], self.seq[1 - side], flags, data, step, self.options)
        self.seq[side] += len(data) + (flags & (SYN | FIN) != 0)

    def say(self, side, data, lose=False, step=1000000, size=1400):
        for at in range(0, len(data), size):
            self.send(side, ACK, data[at:at + size], lose, step)

    def get(self, path, status=200, lose=(), body=b"ok"):
        self.say(0, b"GET %s HTTP/1.1\r\nHost: api\r\n\r\n" % path.encode(), 0 in lose)
        self.say(1, b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body, 1 in lose)

    def post(self, path, body, answer, kind=b"application/json", more=b"", answer_more=b""):
        self.say(0, b"POST %s HTTP/1.1\r\nHost: api\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n" % (path.encode(), more, len(body)) + body)
        self.say(1, b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n" % (kind, answer_more, len(answer)) + answer)

    def close(self):
        self.send(0, FIN | ACK)
        self.send(1, FIN | ACK)


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def text(s):
    return bytes([len(s)]) + s


def plain(c):
    for port in range(1, 11):
        t = Talk(c, port)
        for n in range(5):
            t.get("/api/things/%d" % (port * 10 + n), 200 if n else 404)
        t.close()


def bodies(c):
    t = Talk(c, 1)
    t.post("/v1/chat/completions", json.dumps({"model": "gpt-4o", "messages": []}).encode(),
           json.dumps({"model": "gpt-4o-2024", "usage": {"prompt_tokens": 11, "completion_tokens": 22}, "choices": [{"finish_reason": "stop"}]}).encode())
    t.post("/v1/messages", gzip.compress(b'{"model":"claude-4","stream":true}'), more=b"Content-Encoding: gzip\r\n", kind=b"text/event-stream", answer_more=b"Content-Encoding: gzip\r\n",
           answer=gzip.compress(b'event: message_start\ndata: {"type":"message_start","message":{"model":"claude-4-1","usage":{"input_tokens":33}}}\n\n'
                                b'data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":44}}\n\n'))
    t.post("/mcp", b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search","arguments":{}}}', b'{"jsonrpc":"2.0","id":1,"error":{"code":-32602}}')
    t.post("/v1/embeddings", b'{"model":"bomb-1"}', gzip.compress(b'{"model":"' + b"x" * 80_000_000), answer_more=b"Content-Encoding: gzip\r\n")
    t.get("/after")
    t.close()


def holes(c):
    t = Talk(c, 1)
    t.get("/seen")
    t.get("/no-answer", lose=(1,))
    t.get("/no-request", 418, lose=(0,))
    t.get("/seen-too")
    t.close()
    t = Talk(c, 2, shake=False)
    t.say(1, b"the end of something")
    t.get("/joined")
    t = Talk(c, 3)
    t.say(0, b"\x16\x03\x01 no http")
    c.packet(b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0\x45\0\0\x14")


def one_side(c, side):
    t = Talk(c, 1, only=side)
    for n in range(3000):
        t.get("/one/%d" % n)


def snapped(c):
    for port in (1, 2):
        t = Talk(c, port, options=b"\1" * 12 if port == 2 else b"")
        for n in range(20):
            t.get("/snap/%d" % n, body=b"y" * 3000)
        t.close()


def backward(c):
    t = Talk(c, 1)
    for n in range(50):
        c.now -= 3600 * 10**9
        t.get("/back/%d" % n)
    t.close()


def heads(c):
    t = Talk(c, 1)
    t.say(0, b"GET /big HTTP/1.1\r\n")
    filler = b"".join(b"X-Filler-%d: %s\r\n" % (n, b"z" * 1000) for n in range(60))
    for _ in range(1700):
        t.say(0, filler, size=60000)
    t.say(0, b"\r\n")
    t.say(1, b"HTTP/1.1 431 Too Large\r\nContent-Length: 0\r\n\r\n")
    t.get("/after-heads")
    t.close()


def many(c):
    for port in range(1, 40001):
        t = Talk(c, port)
        t.say(0, b"POST /wait HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + b"w" * 1300)


def pending(c):
    body = b"b" * 262000
    t = Talk(c, 1)
    for n in range(1040):
        t.say(0, b"POST /pending/%d HTTP/1.1\r\nContent-Length: 262000\r\n\r\n" % n + body, size=60000)


def h2_middle(c):
    whole, cut = Talk(c, 1), Talk(c, 2, shake=False)
    hidden = b"\x40" + text(b"x-first") + text(b"one")  # an entry of the table that only the first connection shows
    path = b"\x44" + text(b"/h2/known")
    whole.say(0, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b""), size=5)
    whole.say(1, frame(4, 0, 0, b""))
    whole.say(0, frame(1, 5, 1, b"\x82\x86" + path + hidden))
    whole.say(1, frame(1, 4, 1, b"\x88" + hidden) + frame(0, 1, 1, b"hello"))
    for t in (whole, cut):
        t.say(0, frame(1, 5, 3, b"\x82\x86\xbf"))   # :path by its index: 62 is x-first, 63 the path
        t.say(1, frame(1, 4, 3, b"\x88") + frame(0, 1, 3, b"hello"))
        t.say(0, frame(1, 5, 5, b"\x83\x86\x44" + text(b"/h2/later")))
        t.say(1, frame(1, 5, 5, b"\x8d"))


kind, out = sys.argv[1:3]
capture = Capture(64 if kind == "snapped" else 262144)
if kind.startswith("side"):
    one_side(capture, int(kind[4:]))
else:
    globals()[kind](capture)
with open(out, "wb") as f:
    f.write(capture.pcapng() if out.endswith("ng") else capture.pcap())
PYTHON

make() { # make KIND FILE
	python3 "$DIR/cap.py" "$1" "$2" || bad "$name: cannot make $1"
}
collect() { # collect STORE FILE...
	store=$1
	shift
	onetrail --store "$store" collect "$@" --origin tap-1 --kind wire
}
count() { # count STORE [FILTER...]
	store=$1
	shift
	onetrail --store "$store" count "$@" --records --json 2>/dev/null | sed -n 's/.*"count":\([0-9]*\).*/\1/p'
}
field() { # field STORE PATH NAME
	onetrail --store "$1" calls --records --json "path:$2" 2>/dev/null | python3 -c 'import json,sys
for line in sys.stdin: print(json.loads(line).get(sys.argv[1], "-"))' "$3"
}
# peak STORE FILE: collects under a limit of address space; what the flows may hold, the batch and the program
peak() {
	(ulimit -v $((900 * 1024)) && collect "$1" "$2") >"$DIR/out" 2>"$DIR/err"
}
case $(onetrail-collect --help 2>&1; ldd "$BIN/onetrail-collect" 2>/dev/null) in *libasan*) peak() { collect "$1" "$2" >"$DIR/out" 2>"$DIR/err"; } ;; esac

make plain "$DIR/a.pcap"
make plain "$DIR/a.pcapng"
name="a capture is collected once"
gives 0 collect "$DIR/s" "$DIR/a.pcap"
same "$(count "$DIR/s")" 50
gives 0 collect "$DIR/s" "$DIR/a.pcap"
same "$(count "$DIR/s")" 50
name="renamed, gzipped, packed by zstd: the same capture"
cp "$DIR/a.pcap" "$DIR/b.cap"
gzip -kf "$DIR/a.pcap"
zstd -qf "$DIR/a.pcap" -o "$DIR/c.pcap.zst"
gives 0 collect "$DIR/s" "$DIR/b.cap" "$DIR/a.pcap.gz" "$DIR/c.pcap.zst"
same "$(count "$DIR/s")" 50
name="standard input"
onetrail --store "$DIR/s-in" collect - --origin tap-1 --kind wire <"$DIR/a.pcap" >/dev/null 2>&1
same "$(count "$DIR/s-in")" 50
name="pcapng holds the same"
gives 0 collect "$DIR/s-ng" "$DIR/a.pcapng"
shape() { onetrail --store "$1" calls --records --json 2>/dev/null | sed 's/"ingest_time":"[^"]*",//; s/"[a-z_]*id":"[^"]*",//g; s/"source[a-z_]*":"[^"]*",//g' | sort; }
same "$(shape "$DIR/s-ng" | cksum)" "$(shape "$DIR/s-in" | cksum)"
name="a capture that grows"
half=$(python3 - "$DIR/a.pcap" <<'PYTHON'
import struct, sys
data, at, n = open(sys.argv[1], "rb").read(), 24, 0
while n < 60:
    at, n = at + 16 + struct.unpack_from("<I", data, at + 8)[0], n + 1
print(at)
PYTHON
)
head -c "$half" "$DIR/a.pcap" >"$DIR/grow.pcap"
gives 0 collect "$DIR/s-grow" "$DIR/grow.pcap"
[ "$(count "$DIR/s-grow")" -lt 50 ] && good || bad "$name: all at once"
cp "$DIR/a.pcap" "$DIR/grow.pcap"
gives 0 collect "$DIR/s-grow" "$DIR/grow.pcap"
gives 0 collect "$DIR/s-grow" "$DIR/grow.pcap"
same "$(count "$DIR/s-grow")" 50
name="a truncated capture gives what it holds and says where it was cut"
head -c $((half + 40)) "$DIR/a.pcap" >"$DIR/cut.pcap"
gives 2 collect "$DIR/s-cut" "$DIR/cut.pcap"
says err "cut or damaged after packet 60"
[ "$(count "$DIR/s-cut")" -gt 10 ] && good || bad "$name: $(count "$DIR/s-cut")"

name="what bodies tell"
make bodies "$DIR/bodies.pcap"
gives 0 collect "$DIR/s-b" "$DIR/bodies.pcap"
same "$(field "$DIR/s-b" /v1/chat/completions gen_ai_request_model)" gpt-4o
same "$(field "$DIR/s-b" /v1/chat/completions gen_ai_input_tokens)" 11
same "$(field "$DIR/s-b" /v1/chat/completions gen_ai_output_tokens)" 22
same "$(field "$DIR/s-b" /v1/messages gen_ai_response_model)" claude-4-1
same "$(field "$DIR/s-b" /v1/messages gen_ai_input_tokens)" 33
same "$(field "$DIR/s-b" /v1/messages gen_ai_output_tokens)" 44
same "$(field "$DIR/s-b" /mcp mcp_method)" tools/call
same "$(field "$DIR/s-b" /mcp tool)" search
same "$(field "$DIR/s-b" /mcp error_type)" "rpc -32602"
same "$(field "$DIR/s-b" /v1/embeddings gen_ai_request_model)" bomb-1
same "$(field "$DIR/s-b" /after http_response_status_code)" 200

name="holes, halves, the middle of a connection and what is no HTTP are said"
make holes "$DIR/holes.pcap"
gives 0 collect "$DIR/s-h" "$DIR/holes.pcap"
says err "1 requests without answer, 1 answers without request, 1 connections from before the capture"
says err "1 packets not read"
same "$(field "$DIR/s-h" /no-answer http_response_status_code)" -
same "$(field "$DIR/s-h" /seen-too http_response_status_code)" 200
same "$(field "$DIR/s-h" /joined http_response_status_code)" 200
same "$(count "$DIR/s-h" status:418)" 1
gives 0 onetrail --store "$DIR/s-h" coverage
says out "not seen or not understood"
gives 0 onetrail --store "$DIR/s-h" calls --records
says err "not seen or not understood"
gives 3 onetrail --store "$DIR/s-h" calls --records --strict
missing=$(onetrail --store "$DIR/s-h" coverage 2>&1 | grep "not seen or not")
gives 0 collect "$DIR/s-h" "$DIR/holes.pcap"
same "$(onetrail --store "$DIR/s-h" coverage 2>&1 | grep "not seen or not")" "$missing"

for side in 0 1; do
	name="only direction $side was seen"
	make side$side "$DIR/side.pcap"
	gives 0 collect "$DIR/s-side$side" "$DIR/side.pcap"
	same "$(count "$DIR/s-side$side")" 3000
done
same "$(count "$DIR/s-side0" status:200)" ""

name="a snap length of 64"
make snapped "$DIR/snap.pcap"
gives 0 collect "$DIR/s-snap" "$DIR/snap.pcap"
says err "holes"
says err " 0 packets not read"

name="time that runs backward"
make backward "$DIR/back.pcap"
gives 0 collect "$DIR/s-back" "$DIR/back.pcap"
same "$(count "$DIR/s-back" status:200)" 50

name="HTTP/2 joined in the middle: what cannot be known is left out"
make h2_middle "$DIR/h2.pcap"
gives 0 collect "$DIR/s-h2" "$DIR/h2.pcap"
same "$(count "$DIR/s-h2" path:/h2/known)" 2
same "$(count "$DIR/s-h2" path:/h2/later status:404)" 2
same "$(count "$DIR/s-h2")" 5

name="100 MB of headers"
make heads "$DIR/big.pcap"
peak "$DIR/s-heads" "$DIR/big.pcap" && good || bad "$name"
same "$(field "$DIR/s-heads" /big http_response_status_code)" 431
same "$(field "$DIR/s-heads" /after-heads http_response_status_code)" 200
name="forty thousand connections with a body under way"
make many "$DIR/big.pcap"
peak "$DIR/s-many" "$DIR/big.pcap" && good || bad "$name"
same "$(count "$DIR/s-many")" 40000
name="a connection whose requests wait with their bodies"
make pending "$DIR/big.pcap"
peak "$DIR/s-pend" "$DIR/big.pcap" && good || bad "$name: $(tail -n 1 "$DIR/err")"
says err "given up for memory"
rm -f "$DIR/big.pcap"

# The generator whose two heads of an exchange hold the same X-Request-Id.
if [ -f ../shared/bench/pcapgen.c ] && cc -O1 -w -o "$DIR/pcapgen" ../shared/bench/pcapgen.c 2>/dev/null; then
	pairs() { # pairs OPTION...: "right wrong halves"
		"$DIR/pcapgen" -o "$DIR/gen.pcap" -n 5000 -c 100 -s 11 "$@" >/dev/null 2>&1
		rm -rf "$DIR/s-gen"
		collect "$DIR/s-gen" "$DIR/gen.pcap" >/dev/null 2>&1
		onetrail --store "$DIR/s-gen" calls --records --json 2>/dev/null | python3 -c 'import json,sys
right = wrong = half = 0
for line in sys.stdin:
    r = json.loads(line)
    a, b = r.get("request_id"), r.get("upstream_request_id")
    right, wrong, half = right + (a == b), wrong + bool(a and b and a != b), half + (not (a and b))
print(right, wrong, half)'
	}
	name="pcapgen"
	same "$(pairs)" "5000 0 0"
	same "$(pairs -r 5000)" "5000 0 0"
	same "$(pairs -r 5000 -d 5000 -x)" "5000 0 0"
	lossy=$(pairs -l 1000)
	case $lossy in 4[89]*" 0 "*) good ;; *) bad "$name: with loss $lossy" ;; esac
fi
finish
