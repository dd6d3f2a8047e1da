/* Completion for fish, 3 and later. */
#include "completion.h"

static const char head[] =
    "# fish completion for onetrail: written by `onetrail --completion fish` from the option tables\n"
    "\n"
    "# Whether the verb typed so far is this one; \"\" before there is one.\n"
    "function __onetrail_is\n"
    "	set -l words (commandline -opc)\n"
    "	set -l verb\n"
    "	set -l skip no\n"
    "	for word in $words[2..-1]\n"
    "		if test $skip = yes\n"
    "			set skip no\n"
    "			continue\n"
    "		end\n"
    "		switch $word\n"
    "			case --store --tz --color\n"
    "				set skip yes\n"
    "			case '-*'\n"
    "			case '*'\n"
    "				set -a verb $word\n"
    "				test \"$verb\" = source; or break\n"
    "		end\n"
    "	end\n"
    "	test \"$verb\" = \"$argv[1]\"\n"
    "end\n"
    "function __onetrail_terms\n"
    "	if string match -q '*:*' -- (commandline -ct)\n"
    "		string split ' ' -- $__onetrail_values\n"
    "	else\n"
    "		string split ' ' -- $__onetrail_terms\n"
    "	end\n"
    "end\n"
    "function __onetrail_fields\n"
    "	string split ' ' -- $__onetrail_fields\n"
    "end\n"
    "function __onetrail_zones\n"
    "	echo UTC\n"
    "	string match -rv '^#' </usr/share/zoneinfo/zone.tab 2>/dev/null | cut -f 3\n"
    "end\n"
    "complete -c onetrail -f\n";

static void put_quoted(struct ot_buf *out, struct ot_str text)
{
	ot_buf_char(out, '\'');
	completion_quote(out, text, "\\", "\\'");
	ot_buf_char(out, '\'');
}

static void put_action(struct ot_buf *out, const struct completion_option *option)
{
	switch (option->of) {
	case COMPLETE_FLAG:
		return;
	case COMPLETE_WORDS:
		ot_buf_printf(out, " -x -a '%.*s'", OT_STR_ARGS(option->words));
		return;
	case COMPLETE_LIST:
		ot_buf_printf(out, " -x -a '(__fish_complete_list , \"string split \\' \\' -- \\'%.*s\\'\")'", OT_STR_ARGS(option->words));
		return;
	case COMPLETE_FIELD:
		ot_buf_text(out, " -x -a '(__onetrail_fields)'");
		return;
	case COMPLETE_FIELDS:
		ot_buf_text(out, " -x -a '(__fish_complete_list , __onetrail_fields)'");
		return;
	case COMPLETE_FILES:
		ot_buf_text(out, " -r -F");
		return;
	case COMPLETE_FOLDERS:
		ot_buf_text(out, " -x -a '(__fish_complete_directories)'");
		return;
	case COMPLETE_ZONE:
		ot_buf_text(out, " -x -a '(__onetrail_zones)'");
		return;
	default:
		ot_buf_text(out, " -x");
	}
}

static void put_condition(struct ot_buf *out, struct ot_str verb)
{
	ot_buf_printf(out, "complete -c onetrail -n '__onetrail_is \"%.*s\"'", OT_STR_ARGS(verb));
}

static void put_options(struct ot_buf *out, const struct completion_verb *verb)
{
	for (size_t i = 0; i < verb->option_count; i++) {
		const struct completion_option *option = &verb->options[i];
		put_condition(out, verb->name);
		ot_buf_printf(out, " -l %.*s", OT_STR_ARGS(option->name));
		if (option->letter.len > 0)
			ot_buf_printf(out, " -s %.*s", OT_STR_ARGS(option->letter));
		put_action(out, option);
		ot_buf_text(out, " -d ");
		put_quoted(out, option->help);
		ot_buf_char(out, '\n');
	}
}

static void put_word(struct ot_buf *out, struct ot_str after, struct ot_str word, struct ot_str help)
{
	put_condition(out, after);
	ot_buf_printf(out, " -a %.*s -d ", OT_STR_ARGS(word));
	put_quoted(out, help);
	ot_buf_char(out, '\n');
}

/* The words of a verb: "calls" after nothing; "source" after nothing, then "list" after "source". */
static void put_name(struct ot_buf *out, const struct completion_verb *verb, struct ot_str before)
{
	struct ot_str second, first = ot_str_cut(verb->name, ' ', &second);
	if (second.len == 0) {
		put_word(out, OT_STR(""), first, verb->help);
		return;
	}
	if (!ot_str_starts(before, first))
		put_word(out, OT_STR(""), first, OT_STR("sources, and how a file would be read"));
	put_word(out, first, second, verb->help);
}

static void put_arguments(struct ot_buf *out, const struct completion_verb *verb)
{
	if (verb->arguments != COMPLETE_FILTER && verb->arguments != COMPLETE_FILES)
		return;
	put_condition(out, verb->name);
	ot_buf_text(out, verb->arguments == COMPLETE_FILTER ? " -a '(__onetrail_terms)'\n" : " -F\n");
}

void completion_put_fish(struct ot_buf *out, const struct completion *all)
{
	ot_buf_printf(out, "set -g __onetrail_fields '%.*s'\n", OT_STR_ARGS(all->fields));
	ot_buf_printf(out, "set -g __onetrail_terms '%.*s'\n", OT_STR_ARGS(all->terms));
	ot_buf_printf(out, "set -g __onetrail_values '%.*s'\n", OT_STR_ARGS(all->values));
	ot_buf_text(out, head);
	put_options(out, &all->verbs[0]);
	for (size_t i = 1; i < all->verb_count; i++) {
		put_name(out, &all->verbs[i], all->verbs[i - 1].name);
		put_options(out, &all->verbs[i]);
		put_arguments(out, &all->verbs[i]);
	}
}
