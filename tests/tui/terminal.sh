#!/bin/sh
# One session in a real terminal, under tmux, at 80x24 and at 200x50, resized on the way. With ONETRAIL_STORE set to the tests' store.
# usage: tests/tui/terminal.sh FOLDER-OF-PROGRAMS
bin=$1 passed=0 failed=0
if ! command -v tmux >/dev/null; then
	echo "tmux is not here: no session in a real terminal"
	echo "0 passed, 0 failed"
	exit 0
fi
name=onetrail-test-$$
mux() { tmux -L "$name" -f /dev/null "$@"; }
trap 'mux kill-server 2>/dev/null' EXIT

# sees TEXT: within some seconds it is on the screen
sees() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
		if mux capture-pane -p -t t | grep -qF -- "$1"; then
			passed=$((passed + 1))
			return
		fi
		sleep 0.1
	done
	failed=$((failed + 1))
	echo "FAILED: at $size the screen does not show: $1"
	mux capture-pane -p -t t
}

press() { mux send-keys -t t "$@"; }

for size in "80 24" "200 50"; do
	mux new-session -d -s t -x "${size% *}" -y "${size#* }" "env LC_ALL=C.UTF-8 '$bin/onetrail' tui --tz UTC; echo left with \$?; sleep 20" || exit 2
	sees "2,614 calls (3,050 records)"
	press t
	sees "batch-7"
	press Enter
	sees "client:batch-7"
	press Tab z
	sees "2026-03-14 03:34"
	press u u Tab Home Down Enter
	sees "linked by"
	mux resize-window -t t -x 20 -y 5
	sees "too small"
	mux resize-window -t t -x 120 -y 40
	sees "http_request_method"
	press q :
	press -l "path:/search/日*"
	press Enter
	sees "/search/日本語のテキスト"
	press ':'
	press C-u
	press -l "wrong:1"
	press Enter
	sees "^~~~~"
	press C-c
	press c
	sees "no line 02:10"
	press q q
	sees "left with 0"
	mux kill-server
	sleep 0.2
done
# A store that a collector is writing: what was there stays, R shows what came.
size="80 24, with a store that grows"
copy=$(mktemp -d)
trap 'mux kill-server 2>/dev/null; rm -rf "$copy"' EXIT
cp -r "$ONETRAIL_STORE" "$copy/store"
mux new-session -d -s t -x 80 -y 24 "env LC_ALL=C.UTF-8 '$bin/onetrail' tui --tz UTC --store '$copy/store'; echo left with \$?; sleep 20" || exit 2
sees "2,614 calls (3,050 records)"
printf '{"time":"x","msec":1773460000.5,"remote_addr":"10.9.9.9","method":"GET","uri":"/new","status":200,"request_time":0.1,"consumer":"newcomer"}\n' >"$copy/more.log"
"$bin/onetrail" --store "$copy/store" collect --origin edge --format nginx-json "$copy/more.log" >/dev/null 2>&1
press k
sees "2,614 calls (3,050 records)"
press R
sees "2,615 calls (3,051 records)"
press q
sees "left with 0"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
