/* `onetrail calls`: the calls (or records) that match, in order of time. */
#include "report.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct ot_opt options[] = {
	OT_OPTIONS_WINDOW,
	{ "records", 0, OT_OPT_FLAG, NULL, "every record, not every call", NULL, OT_OPT_ASKING(records) },
	{ "limit", 'n', OT_OPT_INT, "N", "at most N rows", NULL, OT_OPT_ASKING(limit) },
	{ "sort", 0, OT_OPT_TEXT, "FIELD", "order by this field; -FIELD: the largest first", NULL, OT_OPT_ASKING(sort) },
	{ "fields", 'f', OT_OPT_TEXT, "A,B,C", "show these fields", NULL, OT_OPT_ASKING(fields) },
	OT_OPTIONS_ANSWER,
	OT_OPTIONS_END,
};

/* What a person sees when nothing else is said. */
static const enum ot_field call_fields[] = { OT_TIMESTAMP, OT_CLIENT, OT_HTTP_REQUEST_METHOD, OT_URL_PATH, OT_HTTP_RESPONSE_STATUS_CODE, OT_DURATION };
static const enum ot_field record_fields[] = { OT_TIMESTAMP, OT_ORIGIN, OT_CLIENT, OT_HTTP_REQUEST_METHOD, OT_URL_PATH, OT_HTTP_RESPONSE_STATUS_CODE, OT_DURATION };

static enum ot_status json_row(struct ot_call_rows *rows, const struct ot_row *row, struct ot_err *err)
{
	struct ot_buf *line = &rows->line;
	ot_buf_clear(line);
	ot_record_put_json(line, row->record, rows->all_fields ? NULL : rows->only);
	if (!rows->records) {
		line->len--; /* the closing brace */
		ot_buf_text(line, line->len > 1 ? ",\"origins\":[" : "\"origins\":[");
		for (uint32_t i = 0; i < row->origin_count; i++) {
			if (i > 0)
				ot_buf_char(line, ',');
			ot_text_json(line, row->origins[i]);
		}
		ot_buf_printf(line, "],\"records\":%u}", row->records);
	}
	return ot_output_json_line(rows->out, ot_buf_str(line), err);
}

enum ot_status ot_call_row(void *context, const struct ot_row *row, struct ot_err *err)
{
	struct ot_call_rows *rows = context;
	rows->rows++;
	if (rows->json)
		return json_row(rows, row, err);
	size_t n = 0;
	for (; n < rows->field_count; n++)
		rows->cells[n] = ot_cell_of(row->record, rows->fields[n]);
	if (!rows->records) {
		rows->cells[n++] = (struct ot_cell){ .kind = OT_CELL_TEXTS, .texts = row->origins, .text_count = row->origin_count };
		rows->cells[n++] = ot_cell_count(row->records);
	}
	return ot_output_row(rows->out, rows->cells, err);
}

/* Fields to show: those asked for; every one in CSV; a chosen few in a table. */
static enum ot_status choose_fields(const struct ot_ask *ask, enum ot_field *fields, size_t *count, struct ot_err *err)
{
	const struct ot_asking *asking = &ask->invocation->asking;
	if (asking->fields != NULL)
		return ot_fields_parse(asking->fields, fields, OT_FIELD_COUNT, count, err);
	if (ask->invocation->common.csv) {
		for (*count = 0; *count < OT_FIELD_COUNT; ++*count)
			fields[*count] = (enum ot_field)*count;
		return OT_OK;
	}
	*count = asking->records ? sizeof(record_fields) / sizeof(*record_fields) : sizeof(call_fields) / sizeof(*call_fields);
	memcpy(fields, asking->records ? record_fields : call_fields, *count * sizeof(*fields));
	return OT_OK;
}

static size_t name_columns(const enum ot_field *fields, size_t count, bool records, struct ot_output_column *columns)
{
	for (size_t i = 0; i < count; i++) {
		const struct ot_field_info *info = &ot_fields[fields[i]];
		columns[i] = (struct ot_output_column){ info->name, info->alias[0] != '\0' ? info->alias : info->name, info->form != OT_FORM_INT };
	}
	if (!records) {
		columns[count++] = (struct ot_output_column){ "origins", "origins", true };
		columns[count++] = (struct ot_output_column){ "records", "records", false };
	}
	return count;
}

static enum ot_status read_sort(const char *text, struct ot_rows_request *request, struct ot_err *err)
{
	size_t count;
	request->sort = OT_TIMESTAMP;
	if (text == NULL)
		return OT_OK;
	request->descending = *text == '-';
	return ot_fields_parse(text + (*text == '-' || *text == '+'), &request->sort, 1, &count, err);
}

static int run(struct ot_invocation *invocation)
{
	struct ot_err err = { 0 };
	struct ot_ask ask;
	enum ot_field fields[OT_FIELD_COUNT];
	struct ot_output_column columns[OT_FIELD_COUNT + 2];
	struct ot_cell cells[OT_FIELD_COUNT + 2];
	struct ot_call_rows rows = { .fields = fields, .cells = cells, .records = invocation->asking.records, .json = invocation->common.json };
	if (!ot_ask_open(&ask, invocation, 0, &err))
		return OT_EXIT_FAILURE;
	struct ot_rows_request request = { .question = ask.question, .limit = (uint64_t)invocation->asking.limit };
	enum ot_status status = choose_fields(&ask, fields, &rows.field_count, &err);
	if (status == OT_OK)
		status = read_sort(invocation->asking.sort, &request, &err);
	if (status == OT_OK)
		status = ot_ask_output(&ask, columns, name_columns(fields, rows.field_count, rows.records, columns), &rows.out, &err);
	if (status == OT_OK) {
		rows.all_fields = rows.json && invocation->asking.fields == NULL;
		for (size_t i = 0; i < rows.field_count; i++)
			rows.only[fields[i]] = true;
		request.fields = rows.all_fields ? NULL : rows.only;
		status = ot_engine_rows(ask.engine, &request, ot_call_row, &rows, &ask.stats, &err);
	}
	int code = ot_ask_end(&ask, rows.out, status, &err);
	ot_buf_release(&rows.line);
	ot_ask_close(&ask);
	return code;
}

const struct ot_verb ot_verb_calls = { "calls", "[FILTER...]", "the calls that match, in order of time", options, run,
	"A word that begins with / is a path and everything below it; FIELD:VALUE is a term; docs/QUERY.md tells all.\n"
	"  onetrail calls /api/payments --period 2026-03 client:agent-* status:5xx\n" };
