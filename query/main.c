/* onetrail: one command, a verb at a time. Verbs that need libpcap or curses are sibling programs, started in this one's place. */
#include "completion.h"
#include "report/report.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const color_choices[] = { "auto", "always", "never", NULL };

const struct ot_opt ot_common_options[] = {
	{ "store", 0, OT_OPT_TEXT, "DIR", "the store (else $ONETRAIL_STORE, else ~/.local/share/onetrail)", NULL, offsetof(struct ot_common, store) },
	{ "json", 0, OT_OPT_FLAG, NULL, "one JSON object a line", NULL, offsetof(struct ot_common, json) },
	{ "csv", 0, OT_OPT_FLAG, NULL, "CSV", NULL, offsetof(struct ot_common, csv) },
	{ "color", 0, OT_OPT_CHOICE, "WHEN", "auto, always or never", color_choices, offsetof(struct ot_common, color) },
	{ "tz", 0, OT_OPT_TEXT, "ZONE", "zone of times typed and shown (UTC)", NULL, offsetof(struct ot_common, tz) },
	{ "help", 'h', OT_OPT_FLAG, NULL, "what this takes", NULL, offsetof(struct ot_common, help) },
	OT_OPTIONS_END,
};

static const char introduction[] =
    "onetrail: every call to an API, across every gateway that could have carried it, and how complete that answer is.\n"
    "\n"
    "  onetrail collect /var/log/nginx kong.log      read logs into the store; formats are found by themselves\n"
    "  onetrail calls /api/payments --since 7d       every call to an endpoint, from every origin\n"
    "  onetrail count status:5xx --by client,route   how many, by anything\n"
    "  onetrail clients /api/payments                who calls\n"
    "  onetrail coverage                             what was read, and what is missing\n"
    "\n"
    "onetrail --help lists every verb; onetrail VERB --help tells what it takes.\n";

static void print_help(void)
{
	struct ot_buf text = { 0 };
	puts("usage: onetrail VERB [OPTION...] [ARGUMENT...]\n");
	for (size_t i = 0; ot_verbs[i] != NULL; i++)
		printf("  %-11s %s\n", ot_verbs[i]->name, ot_verbs[i]->help);
	puts("\nonetrail --completion bash|zsh|fish writes completion for a shell; onetrail --version tells the version.");
	puts("\nOptions of all verbs, before or after the verb:");
	ot_opt_help(ot_common_options, &text);
	printf("%.*s\nExit codes: 0 the answer is complete, 1 nothing found, 2 usage or failure, 3 coverage is not complete (with --strict).\n", OT_STR_ARGS(ot_buf_str(&text)));
	ot_buf_release(&text);
}

static void print_verb_help(const struct ot_verb *verb)
{
	struct ot_buf text = { 0 };
	printf("usage: onetrail %s%s%s\n%s\n\n", verb->name, verb->arguments[0] != '\0' ? " " : " [OPTION...]", verb->arguments, verb->help);
	ot_opt_help(verb->options, &text);
	ot_opt_help(ot_common_options, &text);
	printf("%.*s", OT_STR_ARGS(ot_buf_str(&text)));
	if (verb->more != NULL)
		printf("\n%s", verb->more);
	ot_buf_release(&text);
}

/* "did you mean" for verbs. */
static const char *nearest_verb(const char *name)
{
	const char *best = "--help";
	unsigned distance = 4;
	for (size_t i = 0; ot_verbs[i] != NULL; i++) {
		unsigned d = ot_str_distance(ot_str_from(name), ot_str_from(ot_verbs[i]->name), distance);
		if (d < distance) {
			distance = d;
			best = ot_verbs[i]->name;
		}
	}
	return best;
}

static int fail(const struct ot_err *err)
{
	fprintf(stderr, "onetrail: %s\n", err->text);
	return OT_EXIT_FAILURE;
}

/* Options before the verb that it must hear of too, then the arguments from `first` on, for a sibling program. */
static int run_sibling(const char *sibling, int argc, char **argv, int verb_at, int first)
{
	char **out = ot_alloc_zero((unsigned long)argc + 1, sizeof(*out));
	int n = 0;
	out[n++] = argv[0];
	for (int i = first; i < argc; i++)
		out[n++] = argv[i];
	for (int i = 1; i < verb_at; i++)
		out[n++] = argv[i];
	return ot_run_sibling(argv[0], sibling, out);
}

/* Where the verb stands: the first argument that is neither an option nor an option's value. 0: nowhere. */
static int find_verb(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-')
			return i;
		if (strchr(argv[i], '=') == NULL && (strcmp(argv[i], "--store") == 0 || strcmp(argv[i], "--tz") == 0 || strcmp(argv[i], "--color") == 0))
			i++;
	}
	return 0;
}

static bool is_collectors(int argc, char **argv, int verb_at)
{
	return strcmp(argv[verb_at], "collect") == 0 ||
	       (strcmp(argv[verb_at], "source") == 0 && verb_at + 1 < argc && strcmp(argv[verb_at + 1], "test") == 0);
}

static int run_verb(const struct ot_verb *verb, int argc, char **argv, int verb_at)
{
	struct ot_err err = { 0 };
	struct ot_invocation invocation = { .verb = verb, .program = argv[0] };
	memmove(argv + verb_at, argv + verb_at + 1, (size_t)(argc - verb_at) * sizeof(*argv)); /* the verb is no argument */
	argc--;
	struct ot_opt_set sets[] = { { verb->options, &invocation.asking }, { ot_common_options, &invocation.common } };
	int arg_count = argc - 1;
	if (ot_opt_parse(sets, 2, &arg_count, argv + 1, false, &err) != OT_OK) {
		fprintf(stderr, "onetrail %s: %s\nonetrail %s --help tells what it takes\n", verb->name, err.text, verb->name);
		return OT_EXIT_FAILURE;
	}
	if (invocation.common.help) {
		print_verb_help(verb);
		return OT_EXIT_COMPLETE;
	}
	if (verb->arguments[0] == '\0' && arg_count > 0) {
		fprintf(stderr, "onetrail %s: it takes options alone, and no \"%s\"\nonetrail %s --help lists them\n", verb->name, argv[1], verb->name);
		return OT_EXIT_FAILURE;
	}
	invocation.args = argv + 1;
	invocation.arg_count = (size_t)arg_count;
	return verb->run(&invocation);
}

int main(int argc, char **argv)
{
	struct ot_err err = { 0 };
	signal(SIGPIPE, SIG_IGN); /* `| head` ends the work by EPIPE, quietly */
	int verb_at = find_verb(argc, argv);
	if (argc == 3 && strcmp(argv[1], "--completion") == 0)
		return completion_print(argv[0], argv[2]);
	if (argc == 1) {
		fputs(introduction, stdout);
		return OT_EXIT_COMPLETE;
	}
	if (verb_at == 0) {
		if (strcmp(argv[1], "--version") == 0) {
			puts("onetrail " ONETRAIL_VERSION);
			return OT_EXIT_COMPLETE;
		}
		if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
			print_help();
			return OT_EXIT_COMPLETE;
		}
		ot_err_set(&err, OT_SYNTAX, "a verb is wanted: onetrail --help lists them");
		return fail(&err);
	}
	if (strcmp(argv[verb_at], "help") == 0) {
		print_help();
		return OT_EXIT_COMPLETE;
	}
	if (is_collectors(argc, argv, verb_at))
		return run_sibling("onetrail-collect", argc, argv, verb_at, verb_at);
	if (strcmp(argv[verb_at], "tui") == 0)
		return run_sibling("onetrail-tui", argc, argv, verb_at, verb_at + 1);
	const struct ot_verb *verb = ot_verb_find(argv[verb_at]);
	if (verb == NULL) {
		ot_err_set(&err, OT_SYNTAX, "no verb is called \"%s\"; the nearest is %s", argv[verb_at], nearest_verb(argv[verb_at]));
		return fail(&err);
	}
	return run_verb(verb, argc, argv, verb_at);
}
