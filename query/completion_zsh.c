/* Completion for zsh: a file _onetrail for a folder of $fpath. */
#include "completion.h"

static const char head[] =
    "#compdef onetrail\n"
    "# zsh completion for onetrail: written by `onetrail --completion zsh` from the option tables\n"
    "\n"
    "_onetrail_zones() { local expl; _wanted zones expl zone compadd -- $(" COMPLETION_ZONES ") }\n";

static const char terms[] =
    "_onetrail_term() {\n"
    "	local expl\n"
    "	if [[ $PREFIX == *:* ]]; then\n"
    "		_wanted values expl 'value' compadd -- $=_onetrail_values\n"
    "	else\n"
    "		_wanted fields expl 'field' compadd -S '' -- $=_onetrail_terms\n"
    "	fi\n"
    "}\n"
    "_onetrail_field() { compadd \"$@\" -- $=_onetrail_fields }\n"
    "_onetrail_list() { compset -P '*,'; compadd -S '' -- \"$@\" }\n";

static const char tail[] =
    "	case $state in\n"
    "	verb) _describe -t verbs verb verbs ;;\n"
    "	rest)\n"
    "		local verb=$words[1]\n"
    "		if [[ $verb == source ]]; then\n"
    "			_arguments -C '1:what:(list test)' '*::argument:->second'\n"
    "			[[ $state == second ]] || return\n"
    "			verb=\"source-$words[1]\"\n"
    "		fi\n"
    "		(( $+functions[_onetrail-$verb] )) && _onetrail-$verb\n"
    "		;;\n"
    "	esac\n"
    "}\n"
    "\n"
    "if [[ $funcstack[1] == _onetrail ]]; then _onetrail \"$@\"; else compdef _onetrail onetrail; fi\n";

static void put_quoted(struct ot_buf *out, struct ot_str text)
{
	completion_quote(out, text, "[]:\\", "'\\''");
}

/* An action ends at a colon that has no backslash. */
static void put_list(struct ot_buf *out, struct ot_str words)
{
	ot_buf_text(out, "{ _onetrail_list ");
	put_quoted(out, words);
	ot_buf_text(out, " }");
}

static void put_action(struct ot_buf *out, const struct completion_option *option)
{
	static const char *const actions[] = {
		[COMPLETE_FIELD] = "_onetrail_field",	    [COMPLETE_FIELDS] = "_sequence _onetrail_field", [COMPLETE_FILES] = "_files",
		[COMPLETE_FOLDERS] = "_files -/",	    [COMPLETE_ZONE] = "_onetrail_zones",	     [COMPLETE_FILTER] = "_onetrail_term",
	};
	if (option->of == COMPLETE_WORDS)
		ot_buf_printf(out, "(%.*s)", OT_STR_ARGS(option->words));
	else if (option->of == COMPLETE_LIST)
		put_list(out, option->words);
	else
		ot_buf_text(out, option->of < sizeof(actions) / sizeof(*actions) && actions[option->of] != NULL ? actions[option->of] : " ");
}

/* '(-n --limit)'{-n+,--limit=}'[at most N rows]:N:action' */
static void put_option(struct ot_buf *out, const struct completion_option *option)
{
	bool takes = option->of != COMPLETE_FLAG;
	ot_buf_text(out, "		");
	if (option->letter.len > 0)
		ot_buf_printf(out, "'(-%.*s --%.*s)'{-%.*s%s,--%.*s%s}'", OT_STR_ARGS(option->letter), OT_STR_ARGS(option->name), OT_STR_ARGS(option->letter),
		    takes ? "+" : "", OT_STR_ARGS(option->name), takes ? "=" : "");
	else
		ot_buf_printf(out, "'--%.*s%s", OT_STR_ARGS(option->name), takes ? "=" : "");
	ot_buf_char(out, '[');
	put_quoted(out, option->help);
	ot_buf_char(out, ']');
	if (takes) {
		ot_buf_char(out, ':');
		put_quoted(out, option->value);
		ot_buf_char(out, ':');
		put_action(out, option);
	}
	ot_buf_text(out, "' \\\n");
}

static void put_options(struct ot_buf *out, const struct completion_verb *verb)
{
	for (size_t i = 0; i < verb->option_count; i++)
		put_option(out, &verb->options[i]);
}

static void put_verb(struct ot_buf *out, const struct completion_verb *verb)
{
	ot_buf_text(out, "_onetrail-");
	for (size_t i = 0; i < verb->name.len; i++)
		ot_buf_char(out, verb->name.ptr[i] == ' ' ? '-' : verb->name.ptr[i]);
	ot_buf_text(out, "() {\n	_arguments -s -S \\\n");
	put_options(out, verb);
	ot_buf_printf(out, "		'*:%s'\n}\n",
	    verb->arguments == COMPLETE_FILTER ? "filter:_onetrail_term" : verb->arguments == COMPLETE_FILES ? "file:_files" : "argument: ");
}

/* The first word of every verb once. */
static void put_main(struct ot_buf *out, const struct completion *all)
{
	struct ot_str before = OT_STR(""), rest;
	ot_buf_text(out, "_onetrail() {\n	local curcontext=$curcontext state line\n	local -a verbs=(\n");
	for (size_t i = 1; i < all->verb_count; i++) {
		struct ot_str first = ot_str_cut(all->verbs[i].name, ' ', &rest);
		if (!ot_str_eq(first, before)) {
			ot_buf_printf(out, "		'%.*s:", OT_STR_ARGS(first));
			completion_quote(out, rest.len > 0 ? OT_STR("sources, and how a file would be read") : all->verbs[i].help, "\\", "'\\''");
			ot_buf_text(out, "'\n");
		}
		before = first;
	}
	ot_buf_text(out, "	)\n	_arguments -C \\\n");
	put_options(out, &all->verbs[0]);
	ot_buf_text(out, "		'1:verb:->verb' '*::argument:->rest'\n");
}

void completion_put_zsh(struct ot_buf *out, const struct completion *all)
{
	ot_buf_text(out, head);
	ot_buf_printf(out, "_onetrail_fields='%.*s'\n", OT_STR_ARGS(all->fields));
	ot_buf_printf(out, "_onetrail_terms='%.*s'\n", OT_STR_ARGS(all->terms));
	ot_buf_printf(out, "_onetrail_values='%.*s'\n", OT_STR_ARGS(all->values));
	ot_buf_text(out, terms);
	for (size_t i = 1; i < all->verb_count; i++)
		put_verb(out, &all->verbs[i]);
	put_main(out, all);
	ot_buf_text(out, tail);
}
