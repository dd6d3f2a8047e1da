#!/bin/sh
# Stores of every version so far are read, and give what they gave.
. "$(dirname "$0")/lib.sh"
for version in fixtures/stores/*; do
	name="a store of version ${version##*/}"
	cp -r "$version/store" "$DIR/store" && chmod -R go= "$DIR/store"
	gives 0 onetrail --store "$DIR/store" calls --records --json
	sed 's/"source":"[^"]*",//' "$DIR/out" >"$DIR/records"
	cmp -s "$DIR/records" "$version/records.jsonl" && good || bad "$name: other records"
	gives 0 onetrail --store "$DIR/store" verify
	gives 0 onetrail --store "$DIR/store" quarantine
	gives 0 onetrail --store "$DIR/store" compact
	rm -rf "$DIR/store"
done
finish
