#!/bin/sh
# Makes a C file of descriptions: sh collector/embed.sh FILE.json... > formats.c
printf '#include "collector/builtin.h"\n\nconst struct ot_builtin_format ot_builtin_formats[] = {\n'
for file in "$@"; do
	printf '\t{ "%s",\n' "${file##*/}"
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/?/\\?/g' -e 's/^[	 ]*//' -e 's/^/\t  "/' -e 's/$/\\n"/' "$file"
	printf '\t},\n'
done
printf '\t{ 0, 0 },\n};\n'
