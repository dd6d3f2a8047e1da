#!/bin/sh
# `make install` into a folder of its own, the installed program at work, `make uninstall`, and nothing left.
. "$(dirname "$0")/lib.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL # of a `make check` around this
ROOT=$DIR/root/opt/onetrail

name="install"
gives 0 make B="$BIN" PREFIX=/opt/onetrail DESTDIR="$DIR/root" install
for file in bin/onetrail bin/onetrail-collect bin/onetrail-tui share/man/man1/onetrail.1 share/man/man1/onetrail-collect.1 \
	share/man/man5/onetrail-formats.5 share/bash-completion/completions/onetrail share/zsh/site-functions/_onetrail \
	share/fish/vendor_completions.d/onetrail.fish; do
	if [ -s "$ROOT/$file" ]; then good; else bad "$name: no $file"; fi
done
same "$(find "$DIR/root" -type f ! -perm -444)" ""

name="the installed program finds its siblings beside it"
for file in bin/onetrail bin/onetrail-collect; do [ -x "$ROOT/$file" ] && good || bad "$name: $file"; done
gives 0 env PATH=/usr/bin:/bin "$ROOT/bin/onetrail" --store "$DIR/store" collect fixtures/logs/bank/kong-edge.log
says err "collected 433 records"
gives 0 env PATH=/usr/bin:/bin "$ROOT/bin/onetrail" --store "$DIR/store" count --by status --json
says out '"count":'
gives 0 env PATH=/usr/bin:/bin "$ROOT/bin/onetrail" tui --help
same "$("$ROOT/bin/onetrail" --completion bash | cksum)" "$(cksum <"$ROOT/share/bash-completion/completions/onetrail")"

name="install again, over what is there"
gives 0 make B="$BIN" PREFIX=/opt/onetrail DESTDIR="$DIR/root" install

name="uninstall leaves nothing, but what is not ours"
echo other >"$ROOT/bin/other"
gives 0 make B="$BIN" PREFIX=/opt/onetrail DESTDIR="$DIR/root" uninstall
same "$(find "$DIR/root" ! -type d)" "$ROOT/bin/other"
finish
