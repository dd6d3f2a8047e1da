#!/bin/sh
# What bad input gets: a clear message, the rest goes on, nothing is lost.
. "$(dirname "$0")/lib.sh"

line() { # line N [PATH]: one line of a combined log
	printf '10.0.0.%d - - [14/Mar/2026:02:%02d:%02d +0000] "GET %s HTTP/1.1" 200 123 "-" "curl/8.5"\n' $(($1 % 250 + 1)) $(($1 / 60 % 60)) $(($1 % 60)) "${2:-/api/things/$1}"
}
lines() { # lines FROM TO
	i=$1
	while [ "$i" -lt "$2" ]; do
		line "$i"
		i=$((i + 1))
	done
}
count() { # count STORE
	onetrail --store "$1" count --records --json 2>/dev/null | sed -n 's/.*"count":\([0-9]*\).*/\1/p'
}
lines 0 300 >"$DIR/good.log"

name="a store that is not there"
gives 2 onetrail --store "$DIR/none" calls
says err "collect"

name="no file of that name"
gives 2 onetrail --store "$DIR/s0" collect "$DIR/missing.log" "$DIR/good.log"
says err "missing.log"
same "$(count "$DIR/s0")" 300

name="a truncated gzip gives what it holds and says where it was cut"
gzip -c "$DIR/good.log" | head -c 1500 >"$DIR/cut.log.gz"
gives 2 onetrail --store "$DIR/s1" collect "$DIR/cut.log.gz"
says err "cut"
[ "$(count "$DIR/s1")" -gt 10 ] && good || bad "$name: $(count "$DIR/s1") records"

name="a truncated zstd gives what it holds and says where it was cut"
lines 0 9000 >"$DIR/many.log"
zstd -q -1 --zstd=wlog=15 "$DIR/many.log" -o "$DIR/many.log.zst"
head -c "$(($(wc -c <"$DIR/many.log.zst") * 3 / 4))" "$DIR/many.log.zst" >"$DIR/cut.log.zst"
onetrail --store "$DIR/s2" collect "$DIR/cut.log.zst" >"$DIR/out" 2>"$DIR/err"
says err "cut"

name="a line of 10 MB is quarantined and the lines around it are read"
{ line 1; head -c 10000000 /dev/zero | tr '\0' x; echo; line 2; } >"$DIR/long.log"
gives 0 onetrail --store "$DIR/s3" collect "$DIR/long.log"
same "$(count "$DIR/s3")" 2
gives 0 onetrail --store "$DIR/s3" quarantine
says out "long.log"

name="NUL bytes and invalid UTF-8 are kept and leave escaped"
{ line 1; line 2 | sed 's/curl/cu\x00r\xffl\x1b[31m/'; line 3; } >"$DIR/bytes.log"
gives 0 onetrail --store "$DIR/s4" collect "$DIR/bytes.log"
same "$(count "$DIR/s4")" 3
gives 0 onetrail --store "$DIR/s4" calls --records --fields time,ua
if LC_ALL=C grep -q "$(printf '\033')" "$DIR/out"; then bad "$name: an escape sequence came through"; else good; fi

name="what a caller sent stays as it came: colour codes are taken out only of lines that cannot be read with them"
gives 0 onetrail --store "$DIR/s4" calls --records --json 'ua~\x1b\[31m'
says out '\u001b[31m'

name="a JSON bomb is quarantined"
{ head -c 100000 /dev/zero | tr '\0' '['; echo; line 5; } >"$DIR/bomb.log"
gives 0 onetrail --store "$DIR/s5" collect "$DIR/bomb.log"
same "$(count "$DIR/s5")" 1

name="JSON that is not JSON never gives a wrong record"
printf '%s\n' '{"time":"2026-03-14T02:00:00+0000","client":"10.0.0.1","port":1,"user":"a","method":"GET","uri":"/x","proto":"HTTP/1.1","status":200,"in":1,"out":2,"us":3,"request_id":"r","unique_id":"u","traceparent":"-","user_agent":"\x22,\x22status\x22:500","keepalive":0}' >"$DIR/apache.log"
onetrail --store "$DIR/s6" collect "$DIR/apache.log" >"$DIR/out" 2>"$DIR/err"
onetrail --store "$DIR/s6" calls status:500 --records --json >"$DIR/out" 2>/dev/null
same "$(wc -l <"$DIR/out" | tr -d ' ')" 0

name="a directory without permission is named and the rest is read"
mkdir -p "$DIR/tree/closed" && cp "$DIR/good.log" "$DIR/tree/a.log"
if [ "$(id -u)" != 0 ]; then
	chmod 0 "$DIR/tree/closed"
	gives 2 onetrail --store "$DIR/s7" collect "$DIR/tree"
	says err "closed"
else
	gives 0 onetrail --store "$DIR/s7" collect "$DIR/tree"
fi
same "$(count "$DIR/s7")" 300

name="a truncated capture gives what it holds and says where it was cut"
python3 - "$DIR/x.pcap" <<'PY'
import struct, sys
# One exchange on a connection seen from its start, then a packet that is cut.
def packet(src, dst, sport, dport, seq, ack, flags, data=b""):
    tcp = struct.pack(">HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 65535, 0, 0) + data
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, src, dst) + tcp
    return b"\x02" * 12 + b"\x08\x00" + ip
c, s = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])
request, answer = b"GET /seen HTTP/1.1\r\nHost: h\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
packets = [packet(c, s, 4000, 80, 99, 0, 2), packet(s, c, 80, 4000, 499, 100, 18), packet(c, s, 4000, 80, 100, 500, 24, request),
           packet(s, c, 80, 4000, 500, 100 + len(request), 24, answer), packet(c, s, 4000, 80, 100 + len(request), 540, 24, b"GET /cut")]
with open(sys.argv[1], "wb") as f:
    f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for n, p in enumerate(packets):
        whole = struct.pack("<IIII", 1773453600 + n, 0, len(p), len(p)) + p
        f.write(whole if n < 4 else whole[:-20])
PY
gives 2 onetrail --store "$DIR/s8" collect "$DIR/x.pcap" --origin tap-1 --kind wire
says err "cut"
says err "packet 4"
onetrail --store "$DIR/s8" calls /seen --json >"$DIR/out" 2>/dev/null
says out '"http_response_status_code":200'
says out '"origin":"tap-1"'
says out '"client_address":"10.0.0.1","client_port":4000'

name="a file that shrank adds nothing"
cp "$DIR/good.log" "$DIR/shrink.log"
gives 0 onetrail --store "$DIR/s9" collect "$DIR/shrink.log"
head -n 100 "$DIR/good.log" >"$DIR/shrink.log"
gives 0 onetrail --store "$DIR/s9" collect "$DIR/shrink.log"
same "$(count "$DIR/s9")" 300

name="a store of a newer version is refused"
cp -r "$DIR/s9" "$DIR/newer"
python3 -c "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute('PRAGMA user_version=999'); c.commit()" "$DIR/newer/catalog.sqlite"
gives 2 onetrail --store "$DIR/newer" calls
says err "newer"

name="a damaged segment is named, skipped, and counted in the coverage"
cp -r "$DIR/s9" "$DIR/damaged"
segment=$(find "$DIR/damaged/segments" -name '*.seg' | head -n 1)
python3 - "$segment" <<'PY'
import sys
p = sys.argv[1]
b = bytearray(open(p, "rb").read())
for at in range(200, len(b) - 3000, 7):
    b[at] ^= 0x55
open(p, "wb").write(b)
PY
gives 2 onetrail --store "$DIR/damaged" verify
says out "$(basename "$segment")"
onetrail --store "$DIR/damaged" calls --strict >"$DIR/out" 2>"$DIR/err"
[ $? -ge 2 ] && good || bad "$name: --strict was content"
says err "damaged"

name="two collectors at once: the second says so and leaves"
python3 - "$DIR/s9/lock" "$DIR/locked" <<'PY' &
import fcntl, os, sys, time
f = open(sys.argv[1], "a+")
fcntl.flock(f, fcntl.LOCK_EX)
open(sys.argv[2], "w").close()
time.sleep(4)
PY
holder=$!
while [ ! -e "$DIR/locked" ]; do sleep 0.1; done
gives 2 onetrail --store "$DIR/s9" collect "$DIR/good.log"
says err "another"
name="a store that a collector holds can be asked"
gives 0 onetrail --store "$DIR/s9" calls
kill $holder 2>/dev/null
wait $holder 2>/dev/null

name="garbage gives a message and no record"
head -c 200000 /dev/urandom >"$DIR/garbage"
onetrail --store "$DIR/s10" collect "$DIR/garbage" "$DIR/good.log" >"$DIR/out" 2>"$DIR/err"
same "$(count "$DIR/s10")" 300

name="a full disk stops the commit, leaves the store as it was, and says so"
if [ "$(id -u)" = 0 ] && mkdir "$DIR/small" && mount -t tmpfs -o size=2m tmpfs "$DIR/small" 2>/dev/null; then
	onetrail --store "$DIR/small/s" collect "$DIR/good.log" >/dev/null 2>&1
	dd if=/dev/zero of="$DIR/small/fill" bs=1k count=4000 2>/dev/null
	gives 2 onetrail --store "$DIR/small/s" collect "$DIR/many.log"
	says err "full"
	rm "$DIR/small/fill"
	same "$(count "$DIR/small/s")" 300
	gives 0 onetrail --store "$DIR/small/s" collect "$DIR/many.log"
	gives 0 onetrail --store "$DIR/small/s" verify
	name="a full disk gets its room back at once: nothing that was not committed stays"
	awk 'BEGIN { for (d = 1; d <= 28; d++) for (i = 0; i < 1500; i++) { x = (x * 1103515245 + 12345 + i) % 2147483648
		printf "10.0.0.1 - - [%02d/Feb/2026:%02d:%02d:00 +0000] \"GET /x/y%x%x-z HTTP/1.1\" 200 %d \"-\" \"c\"\n", d, i / 60 % 24, i % 60, x, i * d * 7919, x % 99991 } }' >"$DIR/days.log"
	rm -r "$DIR/small/s"
	mount -o remount,size=800k "$DIR/small"
	gives 2 onetrail --store "$DIR/small/t" collect "$DIR/days.log"
	says err "full"
	same "$(find "$DIR/small/t" -name '*.seg*' | wc -l)" 0
	gives 0 onetrail --store "$DIR/small/t" verify
	umount "$DIR/small"
else
	echo "not tried: a full disk (needs to mount a tmpfs)"
fi

finish
