#!/bin/sh
# Completion of shells: what is offered is what the tables hold. zsh and fish are asked where they are installed.
. "$(dirname "$0")/lib.sh"
unset LS_COLORS
command -v bash >/dev/null || { echo "0 passed, 0 failed"; exit 0; }
for shell in bash zsh fish; do
	name="a script for $shell"
	gives 0 onetrail --completion $shell
	cp "$DIR/out" "$DIR/script.$shell"
	if command -v $shell >/dev/null; then gives 0 $shell -n "$DIR/script.$shell"; fi
done
name="no script for another shell"
gives 2 onetrail --completion csh
says err "bash, zsh or fish"

# offers LINE: what bash completes it to, blanks between
cat >"$DIR/offers" <<'END'
. "$DIR/script.bash"
compopt() { :; }
COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
_onetrail
echo "${COMPREPLY[*]}"
END
offers() {
	bash "$DIR/offers" "$1"
}

name="verbs"
same "$(offers 'onetrail ')" "$(onetrail --help | sed -n 's/^  \([a-z][a-z]*\)  *.*/\1/p' | tr '\n' ' ' | sed 's/ $//')"
same "$(offers 'onetrail --store /tmp ca')" "calls call"
same "$(offers 'onetrail source ')" "list test"

options() { # options VERB...: those of its --help
	onetrail "$@" --help | sed -n 's/^  \(-[a-zA-Z], \|    \)--\([a-z-]*\).*/--\2/p' | sort | tr '\n' ' '
}
for verb in $(offers 'onetrail ' | sed 's/source/source-list source-test/'); do
	verb=$(echo "$verb" | tr - ' ')
	name="every option of $verb, and no other"
	same "$(offers "onetrail $verb --" | tr ' ' '\n' | sort | tr '\n' ' ')" "$(options $verb)"
	if command -v fish >/dev/null; then
		same "$(fish --no-config -c 'source $DIR/script.fish; complete -C "onetrail '"$verb"' --"' | cut -f1 | sort -u | tr '\n' ' ')" "$(options $verb)"
	fi
	function="_onetrail-$(echo "$verb" | tr ' ' -)() {"
	same "$(sed -n "/^$function/,/^}/p" "$DIR/script.zsh" | sed -n 's/^[^[]*--\([a-z-]*\)[^a-z)].*/--\1/p' | sort | tr '\n' ' ')" "$(options $verb)"
done

name="fields after --by, --fields, --sort and as terms, in every form"
same "$(offers 'onetrail calls --sort client_k')" client_kind
same "$(offers 'onetrail calls --fields=client_k')" client_kind
same "$(offers 'onetrail calls -f time,client_k')" time,client_kind
same "$(offers 'onetrail count --by time,client_k')" time,client_kind
same "$(offers 'onetrail calls stat')" status:
same "$(offers 'onetrail tui status:5xx client_k')" client_kind:
same "$(offers 'onetrail calls kind:m')" mcp-gateway
for field in $(onetrail fields --markdown | sed -n 's/^| `\([a-z_]*\)` | `*\([a-z_]*\).*/\1 \2/p'); do
	case " $(offers "onetrail calls --sort $field") " in *" $field "*) good ;; *) bad "$name: $field" ;; esac
done

name="values of other options"
same "$(offers 'onetrail coverage --by source,h')" source,hour
same "$(offers 'onetrail --color a')" "auto always"
same "$(offers 'onetrail collect --keep=m')" mapped
same "$(offers 'onetrail --period l')" ""
same "$(offers 'onetrail calls --period l')" "last-week last-month"
same "$(offers "onetrail collect $DIR/script.b")" "$DIR/script.bash"
same "$(offers "onetrail collect --config $DIR/script.b")" "$DIR/script.bash"
if command -v fish >/dev/null; then
	same "$(fish --no-config -c 'source $DIR/script.fish; complete -C "onetrail --tz UTC calls kind:m"')" kind:mcp-gateway
	same "$(fish --no-config -c 'source $DIR/script.fish; complete -C "onetrail calls -f time,client_k"' | cut -f1)" time,client_kind
fi
finish
