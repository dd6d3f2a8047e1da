#!/bin/sh
# The arrows between the folders: each may include only itself and what stands below it (docs/ARCHITECTURE.md).
cd "$(dirname "$0")/.." || exit 2
passed=0 failed=0

# folder, then the public folders it may include
rule() {
	folder=$1 allowed=$2
	bad=$(find $folder -name '*.[ch]' -exec grep -HnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*<(base|store|correlate|collector|query|tui)/' {} + | grep -vE "<($allowed)/")
	priv=$(find $folder -name '*.[ch]' -exec grep -HnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"(\.\./|lib/|collector/|query/|tui/)' {} +)
	if [ -n "$bad$priv" ]; then
		echo "$folder may use only: $allowed"
		printf '%s\n' "$bad" "$priv"
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
}

rule "lib/base include/base" base
rule "lib/store include/store" "base|store"
rule "lib/correlate include/correlate" "base|store|correlate"
rule collector "base|store|correlate|collector"
rule "query include/query" "base|store|correlate|query"
rule tui "base|store|correlate|query|tui"

# curses in one file, packets in the collector only
for pair in "ncurses\|curses:tui/term_curses.c" "pcap:collector/"; do
	header=${pair%%:*} place=${pair##*:}
	bad=$(grep -rnE "include <($(echo "$header" | sed 's/\\|/|/'))(/pcap)?\.h>" --include='*.[ch]' lib include collector query tui | grep -v "^$place")
	if [ -n "$bad" ]; then
		echo "$bad"
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
