#!/bin/sh
# Kills a collector at random moments while it reads LOGS, N times (default 10), then lets it end: the store must hold what one that was never killed holds.
# usage: [BIN=FOLDER-OF-PROGRAMS] tests/crash/kill.sh LOGS [N] [OPTION...]: options go to `onetrail collect`
set -u
logs=$1 kills=${2:-10}
[ $# -ge 2 ] && shift 2 || shift
: "${BIN:=$(dirname "$0")/../../build}"
PATH=$BIN:$PATH
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT

records() {
	onetrail --store "$1" calls --records --json 2>/dev/null | sed 's/"ingest_time":"[^"]*",//' | sort
}
now_ms() {
	date +%s%3N
}

start=$(now_ms)
onetrail --store "$dir/whole" collect --quiet "$@" "$logs" >"$dir/out" 2>&1
took=$(($(now_ms) - start))
records "$dir/whole" >"$dir/whole.records"
if [ ! -s "$dir/whole.records" ]; then
	cat "$dir/out" >&2
	echo "nothing was collected from $logs" >&2
	exit 2
fi

# Credentials are hashed with a key of the store: the same one makes the same records.
mkdir -m 700 "$dir/killed" && cp -p "$dir/whole/secret.key" "$dir/killed/"
survived=0 i=0
while [ $i -lt "$kills" ]; do
	wait_ms=$(($(od -An -N4 -tu4 /dev/urandom) % (took + 1)))
	onetrail-collect collect --store "$dir/killed" --quiet "$@" "$logs" >/dev/null 2>&1 &
	pid=$!
	sleep "$(printf '%d.%03d' $((wait_ms / 1000)) $((wait_ms % 1000)))"
	late=0
	kill -9 $pid 2>/dev/null || late=1
	wait $pid 2>/dev/null
	i=$((i + 1)) survived=$((survived + late))
	# A run that had ended already leaves nothing to be killed: all over again, as now and then otherwise, so that every moment has its chance.
	if [ $i -lt "$kills" ] && { [ $late = 1 ] || [ $((i % 4)) -eq 0 ]; }; then
		rm -rf "$dir/killed/segments" "$dir/killed/quarantine" "$dir/killed/unlinked" "$dir"/killed/catalog.sqlite*
	fi
done
onetrail-collect collect --store "$dir/killed" --quiet "$@" "$logs" >"$dir/out" 2>&1
records "$dir/killed" >"$dir/killed.records"
failed=0
if ! cmp -s "$dir/whole.records" "$dir/killed.records"; then
	echo "the records differ: $(wc -l <"$dir/whole.records") in the whole store, $(wc -l <"$dir/killed.records") in the killed one"
	diff "$dir/whole.records" "$dir/killed.records" | cut -c1-300 | head -n 6
	failed=1
fi
if ! onetrail --store "$dir/killed" verify >"$dir/out" 2>&1; then
	head -n 5 "$dir/out"
	failed=1
fi
echo "$kills kills ($survived after the end), $(wc -l <"$dir/killed.records") records"
exit $failed
