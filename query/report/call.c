/* `onetrail call ID`: one call whole: each record, each field, why they were linked. */
#include "report.h"
#include <store/links.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct ot_opt options[] = {
	{ "at", 0, OT_OPT_TEXT, "SNAPSHOT", "as the store was at this snapshot", NULL, OT_OPT_ASKING(at) },
	{ "fields", 'f', OT_OPT_TEXT, "A,B,C", "show these fields (default: all that have a value)", NULL, OT_OPT_ASKING(fields) },
	OT_OPTIONS_END,
};

enum { RECORDS_SHOWN = 16 };

/* The records of the call, kept to be shown side by side. */
struct whole {
	struct ot_arena arena;
	struct ot_record records[RECORDS_SHOWN];
	unsigned evidence[RECORDS_SHOWN];
	bool leader[RECORDS_SHOWN];
	size_t count, more;
	bool json;
	bool only[OT_FIELD_COUNT];
	const struct ot_zone *zone;
	struct ot_buf line;
	struct ot_output *out;
};

static void put_evidence(struct ot_buf *out, unsigned evidence)
{
	static const char *const reasons[] = { "trace id", "request id", "connection", "same origin" };
	bool first = true;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		if ((evidence >> i & 1) == 0)
			continue;
		ot_buf_text(out, first ? "" : ", ");
		ot_buf_text(out, reasons[i]);
		first = false;
	}
	if (first)
		ot_buf_text(out, "-");
}

/* Copies the texts, which live no longer than the call of this function. */
static void keep(struct whole *whole, const struct ot_record *record)
{
	struct ot_record *kept = &whole->records[whole->count];
	*kept = *record;
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		if (ot_record_has(kept, (enum ot_field)f) && ot_fields[f].form != OT_FORM_INT)
			kept->values[f].text = ot_arena_str(&whole->arena, kept->values[f].text);
	}
}

static enum ot_status take(void *context, const struct ot_row *row, unsigned evidence, bool leader, struct ot_err *err)
{
	struct whole *whole = context;
	if (whole->json) {
		ot_buf_clear(&whole->line);
		ot_record_put_json(&whole->line, row->record, whole->only);
		whole->line.len--;
		ot_buf_text(&whole->line, whole->line.len > 1 ? ",\"evidence\":\"" : "\"evidence\":\"");
		put_evidence(&whole->line, evidence);
		ot_buf_printf(&whole->line, "\",\"leading\":%s}", leader ? "true" : "false");
		return ot_output_json_line(whole->out, ot_buf_str(&whole->line), err);
	}
	if (whole->count == RECORDS_SHOWN) {
		whole->more++;
		return OT_OK;
	}
	keep(whole, row->record);
	whole->evidence[whole->count] = evidence;
	whole->leader[whole->count++] = leader;
	return OT_OK;
}

static enum ot_status put_evidence_row(struct whole *whole, struct ot_cell *cells, struct ot_err *err)
{
	struct ot_str texts[RECORDS_SHOWN];
	for (size_t i = 0; i < whole->count; i++) {
		ot_buf_clear(&whole->line);
		put_evidence(&whole->line, whole->evidence[i]);
		if (whole->count > 1 && whole->leader[i])
			ot_buf_text(&whole->line, " (leads)");
		texts[i] = ot_arena_str(&whole->arena, ot_buf_str(&whole->line));
		cells[1 + i] = ot_cell_text(texts[i]);
	}
	cells[0] = ot_cell_text(OT_STR("linked by"));
	return ot_output_row(whole->out, cells, err);
}

/* As text, so that numbers and names of one record stand in one column on the left. */
static struct ot_cell text_of(struct whole *whole, struct ot_cell cell)
{
	struct ot_output_options form = { .form = OT_OUTPUT_TABLE, .zone = whole->zone };
	if (cell.kind == OT_CELL_NULL)
		return cell;
	ot_buf_clear(&whole->line);
	ot_cell_put(&whole->line, &cell, &form);
	return ot_cell_text(ot_arena_str(&whole->arena, ot_buf_str(&whole->line)));
}

static enum ot_status put_side_by_side(struct whole *whole, struct ot_err *err)
{
	struct ot_cell cells[1 + RECORDS_SHOWN];
	enum ot_status status = OT_OK;
	for (int f = 0; f < OT_FIELD_COUNT && status == OT_OK; f++) {
		bool any = false;
		if (!whole->only[f])
			continue;
		cells[0] = ot_cell_text(ot_str_from(ot_fields[f].name));
		for (size_t i = 0; i < whole->count; i++) {
			cells[1 + i] = text_of(whole, ot_cell_of(&whole->records[i], (enum ot_field)f));
			any |= cells[1 + i].kind != OT_CELL_NULL;
		}
		if (any)
			status = ot_output_row(whole->out, cells, err);
	}
	return status == OT_OK && whole->count > 1 ? put_evidence_row(whole, cells, err) : status;
}

/* One column a record, headed by its origin. */
static enum ot_status show(struct whole *whole, struct ot_ask *ask, struct ot_err *err)
{
	struct ot_output_column columns[1 + RECORDS_SHOWN] = { { "field", "field", false } };
	for (size_t i = 0; i < whole->count; i++) {
		const char *origin = ot_arena_cstr(&whole->arena, ot_record_text(&whole->records[i], OT_ORIGIN));
		columns[1 + i] = (struct ot_output_column){ origin, origin, true };
	}
	enum ot_status status = ot_ask_output(ask, columns, 1 + whole->count, &whole->out, err);
	if (status == OT_OK)
		status = put_side_by_side(whole, err);
	enum ot_status closed = ot_output_close(whole->out, err);
	if (whole->more > 0)
		fprintf(stderr, "and %zu more records: onetrail call ID --json shows all\n", whole->more);
	return status == OT_OK ? closed : status;
}

static enum ot_status choose_fields(struct whole *whole, const char *text, struct ot_err *err)
{
	enum ot_field fields[OT_FIELD_COUNT];
	size_t count = 0;
	if (text == NULL) {
		memset(whole->only, true, sizeof(whole->only));
		return OT_OK;
	}
	enum ot_status status = ot_fields_parse(text, fields, OT_FIELD_COUNT, &count, err);
	for (size_t i = 0; status == OT_OK && i < count; i++)
		whole->only[fields[i]] = true;
	return status;
}

static int run(struct ot_invocation *invocation)
{
	struct ot_err err = { 0 };
	struct ot_ask ask;
	static struct whole whole;
	if (invocation->arg_count != 1) {
		ot_err_set(&err, OT_SYNTAX, "wants one id: the call_id or record_id that `onetrail calls --fields call,time,path` shows");
		return ot_complain(invocation, &err);
	}
	if (!ot_ask_open(&ask, invocation, 1, &err))
		return OT_EXIT_FAILURE;
	whole.json = invocation->common.json;
	whole.zone = ask.zone;
	enum ot_status status = choose_fields(&whole, invocation->asking.fields, &err);
	if (status == OT_OK && whole.json)
		status = ot_ask_output(&ask, NULL, 0, &whole.out, &err);
	if (status == OT_OK)
		status = ot_engine_call(ask.engine, ot_str_from(invocation->args[0]), take, &whole, &ask.stats, &err);
	enum ot_status shown = whole.json ? ot_output_close(whole.out, &err) : status == OT_OK ? show(&whole, &ask, &err) : OT_OK;
	if (status == OT_OK)
		status = shown;
	int code = status == OT_OK || status == OT_END ? OT_EXIT_COMPLETE : status == OT_NOT_FOUND ? OT_EXIT_NOTHING : OT_EXIT_FAILURE;
	if (code != OT_EXIT_COMPLETE)
		ot_complain(invocation, &err);
	ot_arena_release(&whole.arena);
	ot_buf_release(&whole.line);
	ot_ask_close(&ask);
	return code;
}

const struct ot_verb ot_verb_call = { "call", "ID", "one call whole: each record, each field, why they were linked", options, run, NULL };
