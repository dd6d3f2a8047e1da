#!/bin/sh
# The manual pages and the option tables say the same: every option of every verb, both ways; every member of a description; and mandoc has
# nothing to say.
. "$(dirname "$0")/lib.sh"
MAN=docs/man

# fl: the options that a piece of mdoc names, "--since", one a line
fl() {
	grep -o 'Fl -[a-z][a-z-]*' | sed 's/Fl -/--/' | sort -u
}
# section PAGE MACRO NAME: the lines below that heading, up to the next
section() {
	awk -v want=".$2 $3" '$0 == want { on = 1; next } /^\.(Sh|Ss) / { on = 0 } on' "$MAN/$1"
}
# table ARGUMENT...: the options of a --help
table() {
	onetrail "$@" --help | sed -n 's/^  \(-[a-zA-Z], \|    \)--\([a-z-]*\).*/--\2/p' | sort -u
}
# described PAGE VERB...: every option of the verb's table has an entry in the page, with the letter that the table gives it
described() {
	page=$1
	shift
	onetrail "$@" --help | sed -n 's/^  -\([a-zA-Z]\), --\([a-z-]*\).*/.It Fl \1 , Fl -\2/p; s/^      --\([a-z-]*\).*/.It Fl -\1/p' >"$DIR/entries"
	while read -r entry; do
		if grep -qE -- "^$(echo "$entry" | sed 's/\./\\./')( |\$)" "$MAN/$page"; then good; else bad "$page has no entry: $entry (onetrail $*)"; fi
	done <"$DIR/entries"
}

section onetrail.1 Sh "COMMON OPTIONS" | fl >"$DIR/common"
onetrail --help | sed -n 's/^  \([a-z][a-z]*\)  *.*/\1/p' | sed 's/^source$/source list/' >"$DIR/verbs"
while read -r verb; do
	case $verb in collect | tui) continue ;; esac
	name="options of $verb"
	{ section onetrail.1 Ss "$verb" | fl; cat "$DIR/common"; } | sort -u >"$DIR/told"
	table $verb >"$DIR/taken"
	same "$(diff "$DIR/told" "$DIR/taken")" ""
	described onetrail.1 $verb
done <"$DIR/verbs"

name="verbs: those of the page are those of the program"
same "$(awk '$1 == ".Ss" { sub(/^\.Ss /, ""); print }' "$MAN/onetrail.1" | grep -v '^source test$' | sort)" "$(sort "$DIR/verbs")"

for verb in collect "source test"; do
	name="options of $verb"
	{ section onetrail-collect.1 Ss "$verb" | fl; section onetrail-collect.1 Sh "COMMON OPTIONS" | fl; } | sort -u >"$DIR/told"
	table $verb >"$DIR/taken"
	same "$(diff "$DIR/told" "$DIR/taken")" ""
	described onetrail-collect.1 $verb
done

name="options of tui"
table tui >"$DIR/taken"
same "$(section onetrail-tui.1 Sh DESCRIPTION | fl | diff - "$DIR/taken")" ""
described onetrail-tui.1 tui

name="members of a description: those of docs/FORMATS.md"
sed -n '/^## The members/,/^## Paths/p' docs/FORMATS.md | sed -n 's/^| \(`[^|]*\) |.*/\1/p' | tr -d '`,' | tr ' ' '\n' | sort -u >"$DIR/taken"
section onetrail-formats.5 Sh MEMBERS | sed -n 's/^\.It Li //p' | tr -d ',' | tr ' ' '\n' | grep . | sort -u >"$DIR/told"
same "$(diff "$DIR/told" "$DIR/taken")" ""

name="commands of the examples are verbs"
for verb in $(sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$MAN"/*.1 | sed -n 's/.*onetrail \([a-z]*\) .*/\1/p' | sort -u); do
	if onetrail --help | grep -q "^  $verb "; then good; else bad "$name: $verb"; fi
done

# Pages that are not installed yet cannot be found.
if command -v mandoc >/dev/null; then
	name="mandoc -Tlint"
	same "$(mandoc -Tlint "$MAN"/*.[15] 2>&1 | grep -v 'referenced manual not found')" ""
fi
finish
