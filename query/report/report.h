/*
 * Verbs: `onetrail VERB`. Each is one file and one row of a table in verbs.c; what they share (the store, the window, the filter, the footer) is ask.c.
 */
#ifndef OT_QUERY_REPORT_H
#define OT_QUERY_REPORT_H

#include <base/opt.h>
#include <base/text.h>
#include <query/footing.h>
#include <query/output.h>

/* The exit codes that DESIGN.md promises. */
enum { OT_EXIT_COMPLETE = 0, OT_EXIT_NOTHING = 1, OT_EXIT_FAILURE = 2, OT_EXIT_INCOMPLETE = 3 };

/* Options of every verb. */
struct ot_common {
	const char *store, *tz;
	bool json, csv, help;
	int color; /* 0 auto, 1 always, 2 never */
};
extern const struct ot_opt ot_common_options[];

/* Options of the verbs that ask; each verb's table names those it takes. */
struct ot_asking {
	const char *since, *until, *period, *at;
	const char *sort, *fields, *by, *every, *measure, *where_count, *format, *output, *source;
	int64_t limit, top;
	bool records, explain, summary, strict, raw;
};

struct ot_invocation {
	struct ot_common common;
	struct ot_asking asking;
	const struct ot_verb *verb;
	char **args;
	size_t arg_count;
	const char *program; /* argv[0], for finding the sibling programs */
};

struct ot_verb {
	const char *name, *arguments /* "": it takes none */, *help;
	const struct ot_opt *options; /* targets in struct ot_asking; NULL: hands everything to a sibling program */
	int (*run)(struct ot_invocation *invocation);
	const char *more;	      /* further lines of --help, or NULL */
};
extern const struct ot_verb *const ot_verbs[]; /* NULL-ended, in the order of the help */
const struct ot_verb *ot_verb_find(const char *name);

/* Rows of option tables that several verbs share. */
#define OT_OPT_ASKING(member) offsetof(struct ot_asking, member)
#define OT_OPTIONS_WINDOW                                                                                                              \
	{ "since", 0, OT_OPT_TEXT, "TIME", "from this time on: RFC 3339, a date, or 15m, 7d ago", NULL, OT_OPT_ASKING(since) },         \
	{ "until", 0, OT_OPT_TEXT, "TIME", "before this time", NULL, OT_OPT_ASKING(until) },                                           \
	{ "period", 0, OT_OPT_TEXT, "P", "a calendar window: 2026-03, 2026-03-14, yesterday, last-week, last-month", NULL, OT_OPT_ASKING(period) }, \
	{ "at", 0, OT_OPT_TEXT, "SNAPSHOT", "as the store was at this snapshot", NULL, OT_OPT_ASKING(at) }
#define OT_OPTIONS_ANSWER                                                                                                              \
	{ "summary", 0, OT_OPT_FLAG, NULL, "with --json: the footer as the last line of the answer", NULL, OT_OPT_ASKING(summary) },    \
	{ "strict", 0, OT_OPT_FLAG, NULL, "exit with 3 where coverage is not complete", NULL, OT_OPT_ASKING(strict) },                 \
	{ "explain", 0, OT_OPT_FLAG, NULL, "say what was read and what was skipped", NULL, OT_OPT_ASKING(explain) }
#define OT_OPTIONS_END { NULL, 0, OT_OPT_FLAG, NULL, NULL, NULL, 0 }

/* --- asking --- */

/* A question being answered: made from an invocation, released at its end. */
struct ot_ask {
	struct ot_invocation *invocation;
	struct ot_store *store;
	struct ot_engine *engine;
	struct ot_zone *zone;
	struct ot_arena arena;
	struct ot_question question;
	bool window_given;
	struct ot_scan_stats stats; /* added up over all passes */
	int64_t now_ns;
};

/* Opens the store and the engine, reads window and filter. Prints what is wrong and returns false then. `filter_from`: the first argument of the filter. */
bool ot_ask_open(struct ot_ask *ask, struct ot_invocation *invocation, size_t filter_from, struct ot_err *err);
void ot_ask_close(struct ot_ask *ask);
/* The window of an invocation alone. */
enum ot_status ot_ask_window(struct ot_ask *ask, struct ot_err *err);

/* An output on standard output, in the form that was asked for. */
enum ot_status ot_ask_output(struct ot_ask *ask, const struct ot_output_column *columns, size_t count, struct ot_output **out, struct ot_err *err);
struct ot_output_options ot_output_options_of(const struct ot_common *common, const struct ot_zone *zone);

void ot_footing_put_json(struct ot_buf *out, const struct ot_ask *ask, const struct ot_footing *footing); /* {"summary":…} */
void ot_gap_put_json(struct ot_buf *out, const struct ot_gap *gap);
/* The members of a summary from "coverage" on. */
void ot_coverage_put_json(struct ot_buf *out, const struct ot_coverage *coverage, bool complete, const struct ot_scan_stats *stats, int64_t snapshot);

void ot_ask_print_footer(const struct ot_ask *ask, const struct ot_footing *footing);
int ot_ask_exit_code(const struct ot_ask *ask, const struct ot_footing *footing);
/* The end of every question: closes the output (with the summary, where asked), prints the footer and --explain on standard error; gives the exit code. `status` is that of the answer. */
int ot_ask_end(struct ot_ask *ask, struct ot_output *out, enum ot_status status, struct ot_err *err);

/* "time,client,origin": field names and aliases into `out`; false with err on a wrong one. */
enum ot_status ot_fields_parse(const char *text, enum ot_field *out, size_t max, size_t *count, struct ot_err *err);

/* Prints "onetrail VERB: text" and gives OT_EXIT_FAILURE. */
int ot_complain(const struct ot_invocation *invocation, const struct ot_err *err);
/* Runs a sibling program ("onetrail-collect") in this one's place. */
int ot_run_sibling(const char *program, const char *sibling, char **argv);

/* Writes the rows of calls or records; used by `calls` and `export`. */
struct ot_call_rows {
	struct ot_output *out;
	const enum ot_field *fields;
	size_t field_count;
	bool only[OT_FIELD_COUNT];
	bool all_fields, records, json;
	uint64_t rows;
	struct ot_buf line;
	struct ot_cell *cells;
};
enum ot_status ot_call_row(void *context, const struct ot_row *row, struct ot_err *err);

#endif
