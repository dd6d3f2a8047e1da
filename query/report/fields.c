/* `onetrail fields`: the schema, how full each field is, its most frequent values. --markdown writes docs/SCHEMA.md. */
#include "report.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { VALUES_SHOWN = 3 };

static const struct ot_opt options[] = {
	OT_OPTIONS_WINDOW,
	{ "markdown", 0, OT_OPT_FLAG, NULL, "the schema alone, as docs/SCHEMA.md has it; needs no store", NULL, OT_OPT_ASKING(raw) },
	OT_OPTIONS_ANSWER,
	OT_OPTIONS_END,
};

static const struct ot_output_column columns[] = {
	{ "field", "field", false }, { "alias", "alias", false },	{ "type", "type", false },  { "unit", "unit", true },
	{ "filled", "filled", false }, { "values", "most frequent", true }, { "meaning", "meaning", true },
};

static const char *type_name(enum ot_type type)
{
	static const char *const names[] = { "int", "time", "enum", "bool", "text", "address", "text", "json", "hex", "id" };
	return names[type];
}

static void print_markdown(void)
{
	const char *group = "";
	puts("# Schema\n\nThe fields of a record. Made from the schema table by `onetrail fields --markdown`; a test holds the two equal.\n"
	     "Names are OpenTelemetry's with underscores where it has one; the alias is for typing. A field that a log does not give is null, and left out of JSON.");
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		const struct ot_field_info *info = &ot_fields[f];
		if (strcmp(group, info->group) != 0) {
			group = info->group;
			printf("\n## %s\n\n| field | alias | type | unit or values | meaning | OpenTelemetry |\n|---|---|---|---|---|---|\n", group);
		}
		printf("| `%s` | %s%s%s | %s | ", info->name, info->alias[0] ? "`" : "", info->alias, info->alias[0] ? "`" : "", type_name(info->type));
		for (const char *c = info->unit; *c != '\0'; c++)
			printf(*c == '|' ? ", " : "%c", *c);
		printf(" | %s | %s |\n", info->meaning, info->otel);
	}
}

/* Frequent values are asked only of fields with few of them: of ids and paths they would say nothing. */
static bool has_frequent_values(enum ot_field field)
{
	const struct ot_field_info *info = &ot_fields[field];
	return info->form == OT_FORM_DICT || info->type == OT_TYPE_ENUM || info->type == OT_TYPE_BOOL || field == OT_HTTP_RESPONSE_STATUS_CODE;
}

/* Records that have a value, and the values most of them have. */
static enum ot_status look(struct ot_ask *ask, enum ot_field field, uint64_t *filled, struct ot_cell *values, struct ot_err *err)
{
	struct ot_groups groups = { 0 };
	struct ot_groups_request request = { .question = ask->question, .having = { INT64_MIN, INT64_MAX }, .by = { field },
		.by_count = has_frequent_values(field), .top = VALUES_SHOWN };
	struct ot_expr present = { .kind = OT_EXPR_TERM, .field = field, .match = OT_MATCH_PRESENT };
	struct ot_expr *both[] = { &present, (struct ot_expr *)ask->question.where };
	struct ot_expr where = { .kind = OT_EXPR_AND, .children = both, .child_count = ask->question.where != NULL ? 2 : 1 };
	request.question.records = true;
	request.question.where = &where;
	enum ot_status status = ot_measures_parse(OT_STR("count"), request.measures, &request.measure_count, &ask->arena, err);
	struct ot_scan_stats pass = { 0 };
	if (status == OT_OK)
		status = ot_engine_groups(ask->engine, &request, &groups, &pass, err);
	ot_scan_stats_add(&ask->stats, &pass);
	*values = ot_cell_null();
	if (status == OT_OK) {
		struct ot_str *texts = ot_arena_zero(&ask->arena, VALUES_SHOWN, sizeof(*texts));
		size_t count = 0;
		for (size_t i = 0; request.by_count > 0 && i < groups.count; i++) {
			struct ot_buf text = { 0 };
			ot_value_put(&text, field, &groups.groups[i].keys[0]);
			texts[count++] = ot_arena_str(&ask->arena, ot_buf_str(&text));
			ot_buf_release(&text);
		}
		*filled = groups.matched;
		if (count > 0)
			*values = (struct ot_cell){ .kind = OT_CELL_TEXTS, .texts = texts, .text_count = count };
	}
	ot_groups_release(&groups);
	return status;
}

static enum ot_status put_field(struct ot_ask *ask, enum ot_field field, uint64_t records, struct ot_output *out, struct ot_err *err)
{
	const struct ot_field_info *info = &ot_fields[field];
	uint64_t filled = records;
	struct ot_cell values = ot_cell_null();
	if (info->form != OT_FORM_NONE) {
		enum ot_status status = look(ask, field, &filled, &values, err);
		if (status != OT_OK)
			return status;
	}
	struct ot_cell cells[] = {
		ot_cell_text(ot_str_from(info->name)), info->alias[0] != '\0' ? ot_cell_text(ot_str_from(info->alias)) : ot_cell_null(),
		ot_cell_text(ot_str_from(type_name(info->type))), info->unit[0] != '\0' ? ot_cell_text(ot_str_from(info->unit)) : ot_cell_null(),
		records > 0 ? ot_cell_share((double)filled / (double)records) : ot_cell_null(), values, ot_cell_text(ot_str_from(info->meaning)),
	};
	return ot_output_row(out, cells, err);
}

static int run(struct ot_invocation *invocation)
{
	struct ot_err err = { 0 };
	struct ot_ask ask;
	struct ot_output *out = NULL;
	struct ot_tally tally = { 0 };
	if (invocation->asking.raw) {
		print_markdown();
		return OT_EXIT_COMPLETE;
	}
	if (!ot_ask_open(&ask, invocation, 0, &err))
		return OT_EXIT_FAILURE;
	enum ot_status status = ot_engine_tally(ask.engine, &ask.question, &tally, &ask.stats, &err);
	if (status == OT_OK)
		status = ot_ask_output(&ask, columns, sizeof(columns) / sizeof(*columns), &out, &err);
	for (int f = 0; f < OT_FIELD_COUNT && status == OT_OK; f++)
		status = put_field(&ask, (enum ot_field)f, tally.records, out, &err);
	ot_tally_release(&tally);
	int code = ot_ask_end(&ask, out, status, &err);
	ot_ask_close(&ask);
	return code;
}

const struct ot_verb ot_verb_fields = { "fields", "[FILTER...]", "fields: type, meaning, share filled, most frequent values", options, run, NULL };
