# For tests/cli/*.sh: cases, a folder of their own, the programs of $BIN. Sourced; the test ends with `finish`.
cd "$(dirname "$0")/../.." || exit 2
BIN=${BIN:-$PWD/build}
PATH=$BIN:$PATH
export PATH
unset ONETRAIL_STORE XDG_DATA_HOME XDG_CONFIG_HOME NO_COLOR
DIR=$(mktemp -d) || exit 2
HOME=$DIR/home
export HOME DIR
mkdir "$HOME"
trap 'chmod -R u+rwX "$DIR" 2>/dev/null; rm -rf "$DIR"' EXIT
passed=0 failed=0

good() {
	passed=$((passed + 1))
}

bad() {
	failed=$((failed + 1))
	echo "FAILED: $*"
}

# gives EXIT-CODE COMMAND...: runs it; output goes to $DIR/out and $DIR/err; the name of the case is $name
gives() {
	want=$1
	shift
	"$@" >"$DIR/out" 2>"$DIR/err"
	got=$?
	if [ $got -eq "$want" ]; then
		good
	else
		bad "$name: $* gave $got, not $want"
		head -n 5 "$DIR/out" "$DIR/err"
	fi
}

# says out|err TEXT: the last command's output holds it
says() {
	if grep -qF -- "$2" "$DIR/$1"; then
		good
	else
		bad "$name: standard $1 does not say: $2"
		head -n 8 "$DIR/$1"
	fi
}

# says_not out|err TEXT
says_not() {
	if grep -qF -- "$2" "$DIR/$1"; then
		bad "$name: standard $1 says: $2"
	else
		good
	fi
}

# same A B: two texts are equal
same() {
	if [ "$1" = "$2" ]; then
		good
	else
		bad "$name: \"$1\" is not \"$2\""
	fi
}

# records STORE: every record but when it was committed, sorted: what two stores must have in common
records() {
	onetrail --store "$1" calls --records --json 2>/dev/null | sed 's/"ingest_time":"[^"]*",//' | sort
}

finish() {
	echo "$passed passed, $failed failed"
	[ $failed -eq 0 ]
}
