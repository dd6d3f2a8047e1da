#include <base/opt.h>
#include <stddef.h>
#include <tests/test.h>

enum { ARGS_MAX = 300 };

struct common {
	const char *store;
	int color;
	bool help;
};

struct verb {
	bool quiet, records;
	int64_t limit;
	struct ot_opt_list by;
	const char *since;
};

static const char *const colors[] = { "auto", "always", "never", NULL };
static const struct ot_opt common_options[] = {
	{ "store", 's', OT_OPT_TEXT, "DIR", "where records are kept", NULL, offsetof(struct common, store) },
	{ "color", 0, OT_OPT_CHOICE, NULL, "when to use colour", colors, offsetof(struct common, color) },
	{ "help", 'h', OT_OPT_FLAG, NULL, "this text", NULL, offsetof(struct common, help) },
	{ 0 },
};
static const struct ot_opt verb_options[] = {
	{ "quiet", 'q', OT_OPT_FLAG, NULL, "say less", NULL, offsetof(struct verb, quiet) },
	{ "records", 'r', OT_OPT_FLAG, NULL, "records, not calls", NULL, offsetof(struct verb, records) },
	{ "limit", 'n', OT_OPT_INT, "N", "at most so many", NULL, offsetof(struct verb, limit) },
	{ "by", 0, OT_OPT_LIST, "FIELD", "group by it", NULL, offsetof(struct verb, by) },
	{ "since", 0, OT_OPT_TEXT, "TIME", "from then on", NULL, offsetof(struct verb, since) },
	{ 0 },
};

struct parsed {
	struct common common;
	struct verb verb;
	char *argv[ARGS_MAX];
	int argc;
	struct ot_err err;
	enum ot_status status;
};

/* Arguments are written in one text, with a bar between them. */
static void parse(struct parsed *p, char *line, bool stop_at_first)
{
	struct ot_opt_set sets[] = { { verb_options, &p->verb }, { common_options, &p->common } };

	memset(p, 0, sizeof(*p));
	for (char *at = line; at != NULL; ) {
		char *bar = strchr(at, '|');

		if (bar != NULL)
			*bar++ = '\0';
		p->argv[p->argc++] = at;
		at = bar;
	}
	p->status = ot_opt_parse(sets, 2, &p->argc, p->argv, stop_at_first, &p->err);
}

#define PARSE(text) char line[] = text; struct parsed p; parse(&p, line, false)

static void options_and_arguments_mix(void)
{
	PARSE("/api|--limit=5|status:5xx|--store|d|-q|--by|route|--by=client|--color=never");

	CHECK_INT(p.status, OT_OK);
	CHECK_INT(p.argc, 2);
	CHECK_STR(ot_str_from(p.argv[0]), "/api");
	CHECK_STR(ot_str_from(p.argv[1]), "status:5xx");
	CHECK_INT(p.verb.limit, 5);
	CHECK_STR(ot_str_from(p.common.store), "d");
	CHECK(p.verb.quiet && !p.verb.records && !p.common.help);
	CHECK_INT(p.verb.by.count, 2);
	CHECK_STR(ot_str_from(p.verb.by.items[0]), "route");
	CHECK_STR(ot_str_from(p.verb.by.items[1]), "client");
	CHECK_INT(p.common.color, 2);
}

static void letters_take_values_and_join(void)
{
	PARSE("-qrn5|-s|dir|-h");

	CHECK_INT(p.status, OT_OK);
	CHECK_INT(p.argc, 0);
	CHECK(p.verb.quiet && p.verb.records && p.common.help);
	CHECK_INT(p.verb.limit, 5);
	CHECK_STR(ot_str_from(p.common.store), "dir");
}

static void negated_terms_are_arguments(void)
{
	PARSE("-origin:wire|-path~x|-latency>5ms|-status<400|-user_id=7|-|-5|-/api|--|--limit|-q");

	CHECK_INT(p.status, OT_OK);
	CHECK_INT(p.argc, 10);
	CHECK_STR(ot_str_from(p.argv[0]), "-origin:wire");
	CHECK_STR(ot_str_from(p.argv[5]), "-");
	CHECK_STR(ot_str_from(p.argv[8]), "--limit");
	CHECK_STR(ot_str_from(p.argv[9]), "-q");
	CHECK(!p.verb.quiet);
}

static void values_may_look_like_options(void)
{
	PARSE("--since|-5m|--store=--limit|--by=");

	CHECK_INT(p.status, OT_OK);
	CHECK_STR(ot_str_from(p.verb.since), "-5m");
	CHECK_STR(ot_str_from(p.common.store), "--limit");
	CHECK_STR(ot_str_from(p.verb.by.items[0]), "");
}

static void the_verb_may_end_the_first_search(void)
{
	char line[] = "--store|d|calls|--limit|5|-q";
	struct parsed p;

	parse(&p, line, true);
	CHECK_INT(p.status, OT_OK);
	CHECK_INT(p.argc, 4);
	CHECK_STR(ot_str_from(p.argv[0]), "calls");
	CHECK_STR(ot_str_from(p.argv[3]), "-q");
	CHECK_STR(ot_str_from(p.common.store), "d");
	CHECK_INT(p.verb.limit, 0);
}

static void mistakes_are_named(void)
{
	static const struct {
		const char *line, *says;
	} cases[] = {
		{ "--limt=5", "did you mean --limit?" },
		{ "--stroe|x", "did you mean --store?" },
		{ "--recrods", "did you mean --records?" },
		{ "--frobnicate", "unknown option --frobnicate" },
		{ "--x", "unknown option --x" },
		{ "-z", "unknown option -z" },
		{ "-qz", "unknown option -z" },
		{ "--limit", "--limit needs a value: N" },
		{ "-s", "--store needs a value: DIR" },
		{ "--limit=x", "not a whole number" },
		{ "--limit=-1", "not a whole number" },
		{ "--limit=", "not a whole number" },
		{ "--limit=K", "not a whole number" },
		{ "--limit=9223372036854775807G", "not a whole number" },
		{ "--quiet=yes", "--quiet takes no value" },
		{ "--color=red", "none of auto, always, never" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char line[64];
		struct parsed p;

		snprintf(line, sizeof(line), "%s", cases[i].line);
		parse(&p, line, false);
		CHECK_INT(p.status, OT_SYNTAX);
		CHECK(ot_str_find(ot_str_from(p.err.text), ot_str_from(cases[i].says)) >= 0);
		if (test_failures_of_case > 0)
			fprintf(stderr, "  %s: %s\n", cases[i].line, p.err.text);
	}
}

static void numbers_have_suffixes(void)
{
	static const struct {
		const char *line;
		int64_t limit;
	} cases[] = { { "-n0", 0 }, { "-n10K", 10000 }, { "-n10k", 10000 }, { "-n2M", 2000000 }, { "-n1G", 1000000000 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char line[64];
		struct parsed p;

		snprintf(line, sizeof(line), "%s", cases[i].line);
		parse(&p, line, false);
		CHECK_INT(p.status, OT_OK);
		CHECK_INT(p.verb.limit, cases[i].limit);
	}
}

static void lists_have_an_end(void)
{
	struct ot_opt_list list = { .count = 0 };
	struct ot_opt option[] = { { "by", 0, OT_OPT_LIST, "FIELD", "", NULL, 0 }, { 0 } };
	struct ot_opt_set set = { option, &list };
	char *argv[OT_OPT_LIST_MAX + 1], text[] = "--by=x";
	int argc = OT_OPT_LIST_MAX;
	struct ot_err err;

	for (int i = 0; i <= OT_OPT_LIST_MAX; i++)
		argv[i] = text;
	CHECK_INT(ot_opt_parse(&set, 1, &argc, argv, false, &err), OT_OK);
	CHECK_INT(list.count, OT_OPT_LIST_MAX);
	argc = 1;
	CHECK_INT(ot_opt_parse(&set, 1, &argc, argv, false, &err), OT_LIMIT);
}

static void help_is_in_columns(void)
{
	struct ot_buf buf = { 0 };

	ot_opt_help(common_options, &buf);
	CHECK_STR(ot_buf_str(&buf),
	    "  -s, --store DIR                where records are kept\n"
	    "      --color auto|always|never  when to use colour\n"
	    "  -h, --help                     this text\n");
	ot_buf_release(&buf);
}

static void completion_gets_a_line_an_option(void)
{
	struct ot_buf out = { 0 };

	ot_opt_completion(common_options, &out);
	CHECK_STR(ot_buf_str(&out), "store\ts\tDIR\t\twhere records are kept\n"
				    "color\t\tVALUE\tauto always never\twhen to use colour\n"
				    "help\th\t\t\tthis text\n");
	ot_buf_release(&out);
}

int main(void)
{
	RUN(options_and_arguments_mix);
	RUN(letters_take_values_and_join);
	RUN(negated_terms_are_arguments);
	RUN(values_may_look_like_options);
	RUN(the_verb_may_end_the_first_search);
	RUN(mistakes_are_named);
	RUN(numbers_have_suffixes);
	RUN(lists_have_an_end);
	RUN(help_is_in_columns);
	RUN(completion_gets_a_line_an_option);
	return test_end();
}
