/* `onetrail coverage`: what was read and what is missing, by origin, source, hour or day. */
#include "report.h"
#include <stdio.h>
#include <string.h>

static const struct ot_opt options[] = {
	OT_OPTIONS_WINDOW,
	{ "by", 0, OT_OPT_TEXT, "A,B", "origin (the default) or source, and hour or day", NULL, OT_OPT_ASKING(by) },
	OT_OPTIONS_ANSWER,
	OT_OPTIONS_END,
};

/* Time and source are columns only where they are asked for. */
struct cells {
	struct ot_output *out;
	struct ot_output_column columns[8];
	bool by_time, by_source;
};

static size_t name_columns(struct cells *c)
{
	static const struct ot_output_column time = { "time", "time", false }, source = { "source", "source", true };
	static const struct ot_output_column names[] = { { "origin", "origin", true }, { "format", "format", true } };
	static const struct ot_output_column counts[] = { { "records", "records", false }, { "unread", "unread", false }, { "missing", "missing", false },
		{ "share", "share", false } };
	size_t n = 0;
	if (c->by_time)
		c->columns[n++] = time;
	for (size_t i = 0; i < 2; i++)
		c->columns[n++] = names[i];
	if (c->by_source)
		c->columns[n++] = source;
	for (size_t i = 0; i < 4; i++)
		c->columns[n++] = counts[i];
	return n;
}

static enum ot_status put_hour(void *context, const struct ot_coverage_hour *hour, struct ot_err *err)
{
	const struct cells *c = context;
	struct ot_cell cells[8];
	size_t n = 0;
	if (c->by_time)
		cells[n++] = ot_cell_time(hour->since);
	cells[n++] = ot_cell_text(hour->origin);
	cells[n++] = ot_cell_text(hour->format);
	if (c->by_source)
		cells[n++] = ot_cell_text(hour->source);
	cells[n++] = ot_cell_count((int64_t)hour->records);
	cells[n++] = ot_cell_count((int64_t)hour->unread);
	cells[n++] = ot_cell_count((int64_t)hour->missing);
	cells[n++] = ot_cell_share(hour->share);
	return ot_output_row(c->out, cells, err);
}

static enum ot_status read_by(const char *text, bool *by_source, int64_t *step_ns, struct ot_err *err)
{
	struct ot_str rest = ot_str_from(text);
	*by_source = false;
	*step_ns = 0;
	while (rest.ptr != NULL) {
		struct ot_str word = ot_str_trim(ot_str_cut(rest, ',', &rest));
		if (ot_str_eq(word, OT_STR("source")))
			*by_source = true;
		else if (ot_str_eq(word, OT_STR("hour")))
			*step_ns = 3600 * OT_NS_PER_S;
		else if (ot_str_eq(word, OT_STR("day")))
			*step_ns = OT_NS_PER_DAY;
		else if (!ot_str_eq(word, OT_STR("origin")))
			return ot_err_set(err, OT_SYNTAX, "--by takes origin, source, hour, day; not \"%.*s\"", OT_STR_ARGS(word));
	}
	return OT_OK;
}

/* Every gap in words, one a line, after the table. */
static void print_gaps(const struct ot_coverage *coverage)
{
	struct ot_buf line = { 0 };
	if (coverage->gap_count > 0)
		fputs("\nmissing:\n", stdout);
	for (size_t i = 0; i < coverage->gap_count; i++) {
		ot_buf_clear(&line);
		ot_text_display(&line, coverage->gaps[i].words);
		printf("  %.*s\n", OT_STR_ARGS(ot_buf_str(&line)));
	}
	fflush(stdout);
	ot_buf_release(&line);
}

static int run(struct ot_invocation *invocation)
{
	struct ot_err err = { 0 };
	struct ot_ask ask;
	struct cells cells = { 0 };
	struct ot_footing footing = { 0 };
	int64_t step_ns;
	if (!ot_ask_open(&ask, invocation, 0, &err))
		return OT_EXIT_FAILURE;
	struct ot_coverage_scope scope = { ask.question.since, ask.question.until, ot_footing_keeps_stream, (void *)ask.question.where };
	enum ot_status status = read_by(invocation->asking.by, &cells.by_source, &step_ns, &err);
	cells.by_time = step_ns != 0;
	if (status == OT_OK)
		status = ot_ask_output(&ask, cells.columns, name_columns(&cells), &cells.out, &err);
	if (status == OT_OK)
		status = ot_coverage_hours(ask.store, ot_engine_snapshot(ask.engine), &scope, step_ns, cells.by_source, put_hour, &cells, &err);
	if (status == OT_OK && !invocation->common.json && !invocation->common.csv) {
		status = ot_output_close(cells.out, &err);
		cells.out = NULL;
		if (status == OT_OK)
			status = ot_footing_of(&footing, ask.engine, ask.store, &ask.question, &ask.stats, &err);
		if (status == OT_OK)
			print_gaps(&footing.coverage);
		ot_footing_release(&footing);
	}
	int code = ot_ask_end(&ask, cells.out, status, &err);
	ot_ask_close(&ask);
	return code;
}

const struct ot_verb ot_verb_coverage = { "coverage", "[FILTER...] [--by source,hour]", "what was read, what is missing", options, run, NULL };
