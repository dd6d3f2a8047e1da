/* onetrail-collect: options, and one call of the collector. Started by `onetrail collect` and `onetrail source test`. */
#include "collect.h"
#include "source_test.h"
#include <base/opt.h>
#include <base/text.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_FINE = 0, EXIT_FAILURE_OR_USAGE = 2, THREADS_MAX = 16, HELP_OPTIONS_MAX = 32 };

/* --- options --- */

struct options {
	const char *store, *origin, *kind, *format, *zone, *config, *tz;
	struct ot_opt_list format_files;
	int keep, color;
	bool once, retry, wait, quiet, json, csv, help, version;
	int64_t threads, examples;
};

static const char *const keeps[] = { "all", "mapped", NULL };
static const char *const colors[] = { "auto", "always", "never", NULL };

#define TARGET(member) offsetof(struct options, member)

/* What can be said of a file: of both verbs. */
static const struct ot_opt said_options[] = {
	{ "origin", 0, OT_OPT_TEXT, "NAME", "the system whose log it is (default: from the format)", NULL, TARGET(origin) },
	{ "kind", 0, OT_OPT_TEXT, "KIND", "gateway, ai-gateway, mcp-gateway, proxy, service or wire", NULL, TARGET(kind) },
	{ "format", 0, OT_OPT_TEXT, "NAME", "read only this format (default: found line by line)", NULL, TARGET(format) },
	{ "zone", 0, OT_OPT_TEXT, "ZONE", "of times without one: Europe/Berlin, +02:00 (default: UTC)", NULL, TARGET(zone) },
	{ "format-file", 0, OT_OPT_LIST, "FILE", "a description of a format, beside those built in; may be repeated", NULL, TARGET(format_files) },
	{ "keep", 0, OT_OPT_CHOICE, "all|mapped", "members that no column takes: keep all, or only what is mapped", keeps, TARGET(keep) },
	{ "store", 0, OT_OPT_TEXT, "DIR", "the store (default: $ONETRAIL_STORE, else ~/.local/share/onetrail)", NULL, TARGET(store) },
	{ "json", 0, OT_OPT_FLAG, NULL, "one JSON object a line", NULL, TARGET(json) },
	{ "csv", 0, OT_OPT_FLAG, NULL, "CSV", NULL, TARGET(csv) },
	{ "color", 0, OT_OPT_CHOICE, "WHEN", "auto, always or never", colors, TARGET(color) },
	{ "tz", 0, OT_OPT_TEXT, "ZONE", "zone of times shown (default: UTC)", NULL, TARGET(tz) },
	{ "help", 'h', OT_OPT_FLAG, NULL, "this text", NULL, TARGET(help) },
	{ "version", 0, OT_OPT_FLAG, NULL, "the version", NULL, TARGET(version) },
	{ 0 },
};

static const struct ot_opt collect_options[] = {
	{ "config", 0, OT_OPT_TEXT, "FILE", "origins and their sources from a file", NULL, TARGET(config) },
	{ "once", 0, OT_OPT_FLAG, NULL, "with --config: read what is there, then stop", NULL, TARGET(once) },
	{ "retry-quarantine", 0, OT_OPT_FLAG, NULL, "try the lines in quarantine again", NULL, TARGET(retry) },
	{ "wait", 0, OT_OPT_FLAG, NULL, "wait where another collector is at work (default: leave)", NULL, TARGET(wait) },
	{ "threads", 0, OT_OPT_INT, "N", "workers (default: one a core, at most 16)", NULL, TARGET(threads) },
	{ "quiet", 'q', OT_OPT_FLAG, NULL, "say only what went wrong", NULL, TARGET(quiet) },
	{ 0 },
};

static const struct ot_opt test_options[] = {
	{ "examples", 'n', OT_OPT_INT, "N", "records and unread lines that are shown (default: 3)", NULL, TARGET(examples) },
	{ 0 },
};

static int fail(const char *verb, const struct ot_err *err)
{
	struct ot_buf shown = { 0 };
	ot_text_display(&shown, ot_str_from(err->text));
	fprintf(stderr, "onetrail %s: %s%.*s\n", verb, err->status == OT_FULL ? "disk full: " : "", OT_STR_ARGS(ot_buf_str(&shown)));
	if (err->status == OT_SYNTAX && strstr(err->text, "--") != NULL)
		fprintf(stderr, "`onetrail %s --help` lists the options\n", verb);
	ot_buf_release(&shown);
	return EXIT_FAILURE_OR_USAGE;
}

static int help(const char *usage, const struct ot_opt *own)
{
	struct ot_opt all[HELP_OPTIONS_MAX] = { 0 };
	struct ot_buf out = { 0 };
	size_t count = 0;
	while (own->name != NULL && count < HELP_OPTIONS_MAX - 1)
		all[count++] = *own++;
	for (const struct ot_opt *option = said_options; option->name != NULL && count < HELP_OPTIONS_MAX - 1; option++)
		all[count++] = *option;
	ot_buf_text(&out, usage);
	ot_opt_help(all, &out);
	fwrite(out.data, 1, out.len, stdout);
	ot_buf_release(&out);
	return EXIT_FINE;
}

/* --- what was said --- */

static enum ot_status find_format(const struct options *o, const struct ot_format_set *formats, struct ot_said *said, struct ot_err *err)
{
	if (o->format == NULL)
		return OT_OK;
	said->format = ot_format_find(formats, ot_str_from(o->format));
	return said->format != NULL ? OT_OK : ot_err_set(err, OT_SYNTAX, "there is no format \"%s\"; did you mean \"%s\"?", o->format,
						    ot_format_nearest(formats, ot_str_from(o->format)));
}

static enum ot_status say(const struct options *o, const struct ot_format_set *formats, struct ot_said *said, struct ot_zone **zone, struct ot_err *err)
{
	*said = (struct ot_said){ .origin = ot_str_from(o->origin), .zone_name = ot_str_from(o->zone), .kind = -1 };
	enum ot_status status = find_format(o, formats, said, err);
	if (status == OT_OK && o->kind != NULL) {
		said->kind = (int)ot_enum_value(OT_ORIGIN_KIND, ot_str_from(o->kind));
		if (said->kind < 0)
			status = ot_err_set(err, OT_SYNTAX, "\"%s\" is no kind of origin; kinds are %s", o->kind, ot_fields[OT_ORIGIN_KIND].unit);
	}
	if (status == OT_OK && o->zone != NULL)
		status = ot_zone_open(zone, said->zone_name, err);
	said->zone = *zone;
	return status;
}

static enum ot_status open_shown_zone(const struct options *o, struct ot_zone **zone, struct ot_err *err)
{
	return o->tz == NULL ? OT_OK : ot_zone_open(zone, ot_str_from(o->tz), err);
}

/* --- stopping --- */

static volatile int stopped;
static volatile sig_atomic_t stop_signal;

/* The first one ends the reading, and what was read is stored; another one ends the program, which a store survives anywhere. */
static void on_signal(int signal_number)
{
	if (stopped)
		_exit(128 + signal_number);
	stop_signal = signal_number;
	stopped = 1;
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* --- verbs --- */

static unsigned thread_count(int64_t asked)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	int64_t count = asked > 0 ? asked : cores;
	return (unsigned)(count < 1 ? 1 : count > THREADS_MAX ? THREADS_MAX : count);
}

static enum ot_status check_usage(const struct options *o, int argc, struct ot_err *err)
{
	if (o->config != NULL && !o->once)
		return ot_err_set(err, OT_SYNTAX, "following files comes later: say --once to read what is there and stop");
	if (o->config != NULL && argc > 0)
		return ot_err_set(err, OT_SYNTAX, "%s", "either --config or paths, not both");
	if (argc == 0 && o->config == NULL && !o->retry)
		return ot_err_set(err, OT_SYNTAX, "%s", "which files? onetrail collect PATH..., - for standard input, --help for more");
	return OT_OK;
}

static enum ot_status collect(const struct options *o, const struct ot_format_set *formats, int argc, char **argv, size_t *failed, struct ot_err *err)
{
	struct ot_config config = { .path = NULL };
	struct ot_zone *zone = NULL, *shown_zone = NULL;
	struct ot_collect_options options = {
		.store = o->store,
		.formats = formats,
		.paths = (const char *const *)argv,
		.path_count = (size_t)argc,
		.threads = thread_count(o->threads),
		.keep_attributes = o->keep == 0,
		.retry = o->retry,
		.wait = o->wait,
		.quiet = o->quiet,
		.json = o->json,
		.csv = o->csv,
		.terminal = isatty(STDERR_FILENO) == 1,
		.cancel = &stopped,
	};
	enum ot_status status = say(o, formats, &options.said, &zone, err);
	if (status == OT_OK)
		status = open_shown_zone(o, &shown_zone, err);
	options.shown_zone = shown_zone;
	if (status == OT_OK && o->config != NULL) {
		status = ot_config_open(&config, o->config, formats, err);
		options.config = &config;
		if (config.keep >= 0)
			options.keep_attributes = config.keep == 0;
	}
	if (status == OT_OK) {
		catch_signals();
		status = ot_collect(&options, failed, err);
	}
	ot_config_release(&config);
	ot_zone_close(shown_zone);
	ot_zone_close(zone);
	return status;
}

static int collect_verb(struct options *o, int argc, char **argv)
{
	struct ot_format_set *formats = NULL;
	struct ot_err err = { 0 };
	size_t failed = 0;
	enum ot_status status = check_usage(o, argc, &err);
	if (status == OT_OK)
		status = ot_format_set_open(&formats, o->format_files.items, o->format_files.count, &err);
	if (status == OT_OK)
		status = collect(o, formats, argc, argv, &failed, &err);
	ot_format_set_close(formats);
	if (status == OT_CANCELLED)
		return 128 + (int)stop_signal;
	if (status != OT_OK)
		return fail("collect", &err);
	return failed > 0 ? EXIT_FAILURE_OR_USAGE : EXIT_FINE;
}

static int test_verb(struct options *o, int argc, char **argv)
{
	struct ot_format_set *formats = NULL;
	struct ot_zone *zone = NULL, *shown_zone = NULL;
	struct ot_err err = { 0 };
	struct ot_source_test_options options = { .keep_attributes = o->keep == 0, .json = o->json, .csv = o->csv, .examples = (unsigned)o->examples };
	enum ot_status status = argc > 0 ? OT_OK : ot_err_set(&err, OT_SYNTAX, "%s", "which file? onetrail source test FILE, --help for more");
	int code = EXIT_FINE;
	if (status == OT_OK)
		status = ot_format_set_open(&formats, o->format_files.items, o->format_files.count, &err);
	options.formats = formats;
	if (status == OT_OK)
		status = say(o, formats, &options.said, &zone, &err);
	if (status == OT_OK)
		status = open_shown_zone(o, &shown_zone, &err);
	options.shown_zone = shown_zone;
	if (status != OT_OK)
		code = fail("source test", &err);
	for (int i = 0; i < argc && status == OT_OK; i++)
		if (ot_source_test(&options, argv[i], &err) != OT_OK)
			code = fail("source test", &err);
	ot_zone_close(shown_zone);
	ot_zone_close(zone);
	ot_format_set_close(formats);
	return code;
}

static const struct verb {
	const char *words[2];
	const struct ot_opt *options;
	int (*run)(struct options *, int, char **);
	const char *usage;
} verbs[] = {
	{ { "collect", NULL }, collect_options, collect_verb,
	    "usage: onetrail collect [OPTIONS] PATH...\n"
	    "onetrail collect --config FILE --once\n"
	    "onetrail collect --retry-quarantine\n\n"
	    "Reads log files, folders, .gz and .zst files (told apart by their content) and - (standard input) into the store, then stops.\n"
	    "What was read before is not read again, also where it was renamed, compressed or has grown.\n"
	    "Folders are read in order of names, hidden files are passed over.\n\n" },
	{ { "source", "test" }, test_options, test_verb,
	    "usage: onetrail source test [OPTIONS] FILE...\n\n"
	    "What format a file has, how its fields map, and which lines cannot be read, without storing anything; of a capture, what was seen on it.\n"
	    "--json and --csv print every record.\n\n" },
};

static const struct verb *find_verb(int *argc, char ***argv)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		int words = verbs[i].words[1] == NULL ? 1 : 2;
		if (*argc <= words || strcmp((*argv)[1], verbs[i].words[0]) != 0 || (words == 2 && strcmp((*argv)[2], verbs[i].words[1]) != 0))
			continue;
		*argc -= words + 1;
		*argv += words + 1;
		return &verbs[i];
	}
	return NULL;
}

/* For `onetrail --completion`: the options of "collect" or "source test", as lines. */
static int print_completion(const char *name)
{
	struct ot_buf out = { 0 };
	ot_opt_completion(strcmp(name, "collect") == 0 ? collect_options : test_options, &out);
	ot_opt_completion(said_options, &out);
	fwrite(out.data, 1, out.len, stdout);
	ot_buf_release(&out);
	return EXIT_FINE;
}

int main(int argc, char **argv)
{
	struct options options = { .examples = 3 };
	struct ot_err err = { 0 };
	bool asks = argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		puts("onetrail-collect " ONETRAIL_VERSION);
		return EXIT_FINE;
	}
	if (argc == 3 && strcmp(argv[1], "--completion-options") == 0)
		return print_completion(argv[2]);
	const struct verb *verb = find_verb(&argc, &argv);
	if (verb == NULL) {
		fputs("onetrail-collect is started by `onetrail collect` and `onetrail source test`; each has --help\n", asks ? stdout : stderr);
		return asks ? EXIT_FINE : EXIT_FAILURE_OR_USAGE;
	}
	struct ot_opt_set sets[] = { { verb->options, &options }, { said_options, &options } };
	if (ot_opt_parse(sets, 2, &argc, argv, false, &err) != OT_OK)
		return fail(verb->words[1] == NULL ? "collect" : "source test", &err);
	if (options.help)
		return help(verb->usage, verb->options);
	if (options.version) {
		puts("onetrail-collect " ONETRAIL_VERSION);
		return EXIT_FINE;
	}
	return verb->run(&options, argc, argv);
}
