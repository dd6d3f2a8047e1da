/* Completion for bash, 4 and later. It needs no bash-completion: words are taken from the line itself, since ":" and "=" part words for bash. */
#include "completion.h"

static const char head[] =
    "# bash completion for onetrail: written by `onetrail --completion bash` from the option tables\n"
    "\n"
    "# Candidates that begin with the word at hand, less what bash takes for another word.\n"
    "_onetrail_offer() { # PREFIX WORDS: PREFIX is what stands before in the same word\n"
    "	local word cut=${cur%\"${cur##*[:=]}\"}\n"
    "	while IFS= read -r word; do\n"
    "		[[ $word == \"$cur\"* ]] || continue\n"
    "		[[ $word == *[:,=] ]] && compopt -o nospace\n"
    "		COMPREPLY+=(\"${word#\"$cut\"}\")\n"
    "	done < <(printf \"$1%s\\n\" $2)\n"
    "}\n"
    "_onetrail_list() { # WORDS: the last of several with commas between\n"
    "	local before=\n"
    "	[[ $cur == *,* ]] && before=${cur%,*},\n"
    "	_onetrail_offer \"$before\" \"$1\"\n"
    "	compopt -o nospace\n"
    "}\n"
    "_onetrail_files() { # -f or -d\n"
    "	local cut=${cur%\"${cur##*[:=]}\"} word\n"
    "	while IFS= read -r word; do COMPREPLY+=(\"${word#\"$cut\"}\"); done < <(compgen \"$1\" -- \"$cur\")\n"
    "	compopt -o filenames\n"
    "}\n"
    "_onetrail_terms() {\n"
    "	if [[ $cur == *:* ]]; then _onetrail_offer '' \"$_onetrail_values\"; else _onetrail_offer '' \"$_onetrail_terms\"; fi\n"
    "}\n";

static const char tail[] =
    "_onetrail() {\n"
    "	local cur= verb= option= second= i skip=\n"
    "	local -a words\n"
    "	COMPREPLY=()\n"
    "	read -ra words <<<\"${COMP_LINE:0:COMP_POINT}\"\n"
    "	if [[ ${COMP_LINE:0:COMP_POINT} != *[[:space:]] ]]; then\n"
    "		cur=${words[-1]}\n"
    "		unset 'words[-1]'\n"
    "	fi\n"
    "	for ((i = 1; i < ${#words[@]}; i++)); do\n"
    "		if [[ $skip ]]; then skip=; continue; fi\n"
    "		case ${words[i]} in\n"
    "		--*=*) ;;\n"
    "		-*) _onetrail_value \"$verb ${words[i]}\" no && skip=${words[i]} ;;\n"
    "		source) [[ $verb ]] || verb=source ;;\n"
    "		list | test) if [[ $verb == source ]]; then verb=\"source ${words[i]}\"; fi; [[ $verb ]] || verb=${words[i]} ;;\n"
    "		*) [[ $verb ]] || verb=${words[i]} ;;\n"
    "		esac\n"
    "	done\n"
    "	if [[ $skip ]]; then\n"
    "		_onetrail_value \"$verb $skip\"\n"
    "	elif [[ $cur == --*=* ]]; then\n"
    "		option=${cur%%=*}\n"
    "		cur=${cur#*=}\n"
    "		_onetrail_value \"$verb $option\"\n"
    "	elif [[ $cur == -* ]]; then\n"
    "		_onetrail_offer '' \"$(_onetrail_options \"$verb\")\"\n"
    "	else\n"
    "		_onetrail_arguments \"$verb\"\n"
    "	fi\n"
    "	return 0\n"
    "}\n"
    "complete -F _onetrail onetrail\n";

static void put_texts(struct ot_buf *out, const struct completion *all)
{
	ot_buf_printf(out, "_onetrail_fields='%.*s'\n", OT_STR_ARGS(all->fields));
	ot_buf_printf(out, "_onetrail_terms='%.*s'\n", OT_STR_ARGS(all->terms));
	ot_buf_printf(out, "_onetrail_values='%.*s'\n", OT_STR_ARGS(all->values));
}

static void put_options(struct ot_buf *out, const struct completion *all)
{
	ot_buf_text(out, "_onetrail_options() { # VERB\n	case $1 in\n");
	for (size_t i = 0; i < all->verb_count; i++) {
		const struct completion_verb *verb = &all->verbs[i];
		ot_buf_printf(out, "	'%.*s') echo '", OT_STR_ARGS(verb->name));
		for (size_t k = 0; k < verb->option_count; k++)
			ot_buf_printf(out, "%s--%.*s", k > 0 ? " " : "", OT_STR_ARGS(verb->options[k].name));
		ot_buf_text(out, "' ;;\n");
	}
	ot_buf_text(out, "	esac\n}\n");
}

static void put_action(struct ot_buf *out, const struct completion_option *option)
{
	switch (option->of) {
	case COMPLETE_WORDS:
		ot_buf_printf(out, "_onetrail_offer '' '%.*s'", OT_STR_ARGS(option->words));
		return;
	case COMPLETE_LIST:
		ot_buf_printf(out, "_onetrail_list '%.*s'", OT_STR_ARGS(option->words));
		return;
	case COMPLETE_FIELD:
		ot_buf_text(out, "_onetrail_offer '' \"$_onetrail_fields\"");
		return;
	case COMPLETE_FIELDS:
		ot_buf_text(out, "_onetrail_list \"$_onetrail_fields\"");
		return;
	case COMPLETE_FILES:
		ot_buf_text(out, "_onetrail_files -f");
		return;
	case COMPLETE_FOLDERS:
		ot_buf_text(out, "_onetrail_files -d");
		return;
	case COMPLETE_ZONE:
		ot_buf_text(out, "_onetrail_offer '' \"$(" COMPLETION_ZONES ")\"");
		return;
	default:
		ot_buf_char(out, ':');
	}
}

/* False where the option takes no value; with a second argument nothing is offered. */
static void put_values(struct ot_buf *out, const struct completion *all)
{
	ot_buf_text(out, "_onetrail_value() { # \"VERB OPTION\" [no]: false where it takes no value; offers none where not asked to\n	case $1 in\n");
	for (size_t i = 0; i < all->verb_count; i++) {
		const struct completion_verb *verb = &all->verbs[i];
		for (size_t k = 0; k < verb->option_count; k++) {
			const struct completion_option *option = &verb->options[k];
			if (option->of == COMPLETE_FLAG)
				continue;
			ot_buf_printf(out, "	'%.*s --%.*s'", OT_STR_ARGS(verb->name), OT_STR_ARGS(option->name));
			if (option->letter.len > 0)
				ot_buf_printf(out, " | '%.*s -%.*s'", OT_STR_ARGS(verb->name), OT_STR_ARGS(option->letter));
			ot_buf_text(out, ") [[ $2 ]] || ");
			put_action(out, option);
			ot_buf_text(out, " ;;\n");
		}
	}
	ot_buf_text(out, "	*) return 1 ;;\n	esac\n	return 0\n}\n");
}

/* The first word of every verb once: of "source list" and "source test", "source". */
static void put_verbs(struct ot_buf *out, const struct completion *all)
{
	struct ot_str before = OT_STR(""), rest;
	for (size_t i = 1; i < all->verb_count; i++) {
		struct ot_str first = ot_str_cut(all->verbs[i].name, ' ', &rest);
		if (!ot_str_eq(first, before))
			ot_buf_printf(out, "%s%.*s", i > 1 ? " " : "", OT_STR_ARGS(first));
		before = first;
	}
}

static void put_arguments(struct ot_buf *out, const struct completion *all)
{
	ot_buf_text(out, "_onetrail_arguments() { # VERB\n	case $1 in\n	'') _onetrail_offer '' '");
	put_verbs(out, all);
	ot_buf_text(out, "' ;;\n	source) _onetrail_offer '' 'list test' ;;\n");
	for (size_t i = 1; i < all->verb_count; i++) {
		const struct completion_verb *verb = &all->verbs[i];
		if (verb->arguments == COMPLETE_FILTER || verb->arguments == COMPLETE_FILES)
			ot_buf_printf(out, "	'%.*s') %s ;;\n", OT_STR_ARGS(verb->name), verb->arguments == COMPLETE_FILTER ? "_onetrail_terms" : "_onetrail_files -f");
	}
	ot_buf_text(out, "	esac\n}\n");
}

void completion_put_bash(struct ot_buf *out, const struct completion *all)
{
	ot_buf_text(out, head);
	put_texts(out, all);
	put_options(out, all);
	put_values(out, all);
	put_arguments(out, all);
	ot_buf_text(out, tail);
}
