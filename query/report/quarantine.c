/* `onetrail quarantine`: the lines that no format could read, and why. */
#include "report.h"
#include <store/quarantine.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct ot_opt options[] = {
	{ "source", 0, OT_OPT_TEXT, "S", "only of sources whose path or key holds S", NULL, OT_OPT_ASKING(source) },
	{ "raw", 0, OT_OPT_FLAG, NULL, "the lines alone, as they were kept", NULL, OT_OPT_ASKING(raw) },
	{ "limit", 'n', OT_OPT_INT, "N", "at most N lines", NULL, OT_OPT_ASKING(limit) },
	OT_OPTIONS_END,
};

static const struct ot_output_column columns[] = {
	{ "source", "source", true }, { "line", "line", false }, { "offset", "offset", false }, { "reason", "reason", true }, { "text", "text", true },
};

struct listing {
	const struct ot_asking *asking;
	struct ot_output *out;
	struct ot_output_options options;
	struct ot_buf raw;
	uint64_t lines;
};

static enum ot_status put_raw(struct listing *l, const struct ot_quarantined *entry)
{
	ot_buf_clear(&l->raw);
	if (isatty(STDOUT_FILENO))
		ot_text_display(&l->raw, entry->text); /* log text never reaches a terminal as it is */
	else
		ot_buf_str_put(&l->raw, entry->text);
	ot_buf_char(&l->raw, '\n');
	return fwrite(l->raw.data, 1, l->raw.len, stdout) == l->raw.len ? OT_OK : OT_END;
}

static enum ot_status put_entry(void *context, const struct ot_quarantined *entry, const char *file, struct ot_err *err)
{
	struct listing *l = context;
	(void)file;
	struct ot_str wanted = ot_str_from(l->asking->source);
	if (wanted.ptr != NULL && ot_str_find(entry->path, wanted) < 0 && !ot_str_eq(entry->source_key, wanted))
		return OT_OK;
	if (l->asking->limit > 0 && l->lines >= (uint64_t)l->asking->limit)
		return OT_END;
	l->lines++;
	if (l->asking->raw)
		return put_raw(l, entry);
	struct ot_cell cells[] = { ot_cell_text(entry->path), entry->line > 0 ? ot_cell_count((int64_t)entry->line) : ot_cell_null(),
		ot_cell_count((int64_t)entry->offset), ot_cell_text(entry->reason), ot_cell_text(entry->text) };
	return ot_output_row(l->out, cells, err);
}

static int run(struct ot_invocation *invocation)
{
	struct ot_err err = { 0 };
	struct ot_ask ask;
	struct listing l = { .asking = &invocation->asking };
	if (!ot_ask_open(&ask, invocation, invocation->arg_count, &err))
		return OT_EXIT_FAILURE;
	enum ot_status status = ot_ask_output(&ask, columns, sizeof(columns) / sizeof(*columns), &l.out, &err);
	if (status == OT_OK)
		status = ot_quarantine_read(ask.store, ot_engine_snapshot(ask.engine), put_entry, &l, &err);
	if (status == OT_END)
		status = OT_OK;
	enum ot_status closed = ot_output_close(l.out, &err);
	if (status == OT_OK)
		status = closed;
	fflush(stdout);
	ot_buf_release(&l.raw);
	ot_ask_close(&ask);
	if (status != OT_OK && status != OT_END)
		return ot_complain(invocation, &err);
	if (status == OT_OK && l.lines > 0 && !invocation->asking.raw)
		fprintf(stderr, "%llu %s; after a format is added, `onetrail collect --retry-quarantine` takes %s in\n", (unsigned long long)l.lines,
		    l.lines == 1 ? "line" : "lines", l.lines == 1 ? "it" : "them");
	return l.lines == 0 ? OT_EXIT_NOTHING : OT_EXIT_COMPLETE;
}

const struct ot_verb ot_verb_quarantine = { "quarantine", "", "lines that no format could read, and why", options, run, NULL };
