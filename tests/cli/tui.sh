#!/bin/sh
# The terminal UI: scripts of keys with their screens, a real terminal, a pseudo-terminal's bytes, and what it says where it cannot run.
. "$(dirname "$0")/lib.sh"

# adds COMMAND...: a test of its own, whose last line is "N passed, N failed"
adds() {
	"$@" >"$DIR/out" 2>&1
	line=$(tail -n 1 "$DIR/out")
	case $line in
	*" passed, "*" failed")
		passed=$((passed + ${line%% passed*})) line=${line##*, } failed=$((failed + ${line%% failed}))
		sed '$d' "$DIR/out"
		;;
	*) bad "$*: $(tail -n 5 "$DIR/out")" ;;
	esac
}

adds sh tests/tui/run.sh
python3 tests/tui/make-logs.py "$DIR"
ONETRAIL_STORE=$DIR/store
export ONETRAIL_STORE
name="a store for it"
gives 0 onetrail collect --config "$DIR/collect.json" --once
adds sh tests/tui/terminal.sh "$BIN"
adds python3 tests/tui/bytes.py "$BIN/onetrail"

name="without a terminal"
gives 2 onetrail tui
says err "needs a terminal"
name="a terminal that cannot place its cursor"
gives 2 env TERM=dumb python3 -c 'import pty, sys; sys.exit(pty.spawn(["onetrail", "tui"]) >> 8)'
says out "cannot place its cursor"
name="no terminal's name"
gives 2 env -u TERM python3 -c 'import pty, sys; sys.exit(pty.spawn(["onetrail", "tui"]) >> 8)'
says out "TERM is not set"
name="help, from the tables"
gives 0 onetrail tui --help
says out "keep only calls with the value under the cursor"
says out "--script FILE"
name="a wrong filter, a wrong window, no store"
gives 2 onetrail tui statsu:500
says err 'did you mean "status"'
gives 2 onetrail tui --period nonsense
gives 2 onetrail tui --store "$DIR/nowhere"
says err "no store"
name="a script that is none"
printf 'key Nonsense\n' >"$DIR/s"
gives 2 onetrail tui --script "$DIR/s"
says err "no key is called \"Nonsense\""
printf 'nonsense\n' >"$DIR/s"
gives 2 onetrail tui --script "$DIR/s"
says err "line 1"

name="options before the verb"
printf 'key t y\nscreen\n' >"$DIR/s"
gives 0 onetrail --store "$DIR/store" tui --script "$DIR/s" status:5xx
says out "status:5xx"

name="the command line that y shows gives an answer"
printf 'key t y\nresize 300 12\nscreen\n' >"$DIR/s"
gives 0 onetrail tui --script "$DIR/s" 'client:tester' '-method:POST' "path:/search/*"
sed -n 's/^  \(onetrail count .*\)/\1/p' "$DIR/out" >"$DIR/command"
gives 0 sh "$DIR/command"
says out tester

finish
