/* `onetrail source list`: every source, how far it was read, what it gave. `source test` is the collector's. */
#include "report.h"
#include <string.h>
#include <stdio.h>

static const struct ot_opt options[] = {
	{ "at", 0, OT_OPT_TEXT, "SNAPSHOT", "as the store was at this snapshot", NULL, OT_OPT_ASKING(at) },
	OT_OPTIONS_END,
};

static const struct ot_output_column columns[] = {
	{ "source", "source", true },	     { "origin", "origin", true },	     { "kind", "kind", false },		   { "format", "format", true },
	{ "position", "position", false },   { "lag", "lag", false },		     { "lines", "lines", false },	   { "records", "records", false },
	{ "ignored", "ignored", false },     { "quarantined", "quarantined", false }, { "first", "first", false },	   { "last", "last", false },
	{ "source_key", "key", false },
};

static enum ot_status put_source(struct ot_output *out, const struct ot_source *s, struct ot_err *err)
{
	bool timed = s->time_first <= s->time_last;
	struct ot_cell cells[] = {
		ot_cell_text(s->path), ot_cell_text(s->origin),
		{ .kind = OT_CELL_FIELD, .field = OT_ORIGIN_KIND, .value = { .number = s->origin_kind } },
		ot_cell_text(s->format), ot_cell_bytes((int64_t)s->position), ot_cell_bytes(s->size > s->position ? (int64_t)(s->size - s->position) : 0),
		ot_cell_count((int64_t)s->lines), ot_cell_count((int64_t)s->records), ot_cell_count((int64_t)s->ignored), ot_cell_count((int64_t)s->quarantined),
		timed ? ot_cell_time(s->time_first) : ot_cell_null(), timed ? ot_cell_time(s->time_last) : ot_cell_null(), ot_cell_text(s->key),
	};
	return ot_output_row(out, cells, err);
}

static int list(struct ot_invocation *invocation)
{
	struct ot_err err = { 0 };
	struct ot_ask ask;
	struct ot_output *out = NULL;
	if (!ot_ask_open(&ask, invocation, invocation->arg_count, &err))
		return OT_EXIT_FAILURE;
	const struct ot_snapshot *snapshot = ot_engine_snapshot(ask.engine);
	enum ot_status status = ot_ask_output(&ask, columns, sizeof(columns) / sizeof(*columns), &out, &err);
	for (size_t i = 0; i < snapshot->source_count && status == OT_OK; i++)
		status = put_source(out, &snapshot->sources[i], &err);
	enum ot_status closed = ot_output_close(out, &err);
	if (status == OT_OK)
		status = closed;
	size_t count = snapshot->source_count;
	ot_ask_close(&ask);
	if (status != OT_OK && status != OT_END)
		return ot_complain(invocation, &err);
	return count == 0 ? OT_EXIT_NOTHING : OT_EXIT_COMPLETE;
}

static int run(struct ot_invocation *invocation)
{
	struct ot_err err = { 0 };
	if (invocation->arg_count == 1 && strcmp(invocation->args[0], "list") == 0)
		return list(invocation);
	ot_err_set(&err, OT_SYNTAX, "source list | source test FILE...");
	return ot_complain(invocation, &err);
}

const struct ot_verb ot_verb_source = { "source", "list | test FILE...", "sources: format, position, lag, records; or how a file would be read", options, run,
	"  onetrail source list           every source: format, position, lag, records, quarantined\n"
	"  onetrail source test FILE...   what format, how fields map, which lines cannot be read; nothing is stored\n" };
