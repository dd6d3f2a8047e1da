/* `onetrail count`: groups and their measures. */
#include "report.h"
#include <string.h>

static const struct ot_opt options[] = {
	OT_OPTIONS_WINDOW,
	{ "by", 0, OT_OPT_TEXT, "FIELD,...", "one row for each value of these fields", NULL, OT_OPT_ASKING(by) },
	{ "every", 0, OT_OPT_TEXT, "DURATION", "and for each such stretch of time: 1m, 1h, 1d", NULL, OT_OPT_ASKING(every) },
	{ "measure", 0, OT_OPT_TEXT, "M,...", "count share rate errors first last, sum: min: max: avg: p50: p95: p99: distinct: with a field", NULL, OT_OPT_ASKING(measure) },
	{ "top", 0, OT_OPT_INT, "N", "the N groups with the largest count", NULL, OT_OPT_ASKING(top) },
	{ "where-count", 0, OT_OPT_TEXT, "OP N", "only groups whose count fits: '>1000'", NULL, OT_OPT_ASKING(where_count) },
	{ "records", 0, OT_OPT_FLAG, NULL, "count records, not calls", NULL, OT_OPT_ASKING(records) },
	OT_OPTIONS_ANSWER,
	OT_OPTIONS_END,
};

static struct ot_cell measure_cell(const struct ot_measure *measure, const union ot_measure_value *value)
{
	switch (measure->kind) {
	case OT_MEASURE_COUNT:
	case OT_MEASURE_DISTINCT:
		return ot_cell_count(value->number);
	case OT_MEASURE_FIRST:
	case OT_MEASURE_LAST:
		return ot_cell_time(value->number);
	case OT_MEASURE_SHARE:
	case OT_MEASURE_ERRORS:
		return ot_cell_share(value->real);
	case OT_MEASURE_RATE:
		return ot_cell_rate(value->real);
	case OT_MEASURE_AVG:
		return ot_cell_real(value->real);
	default:
		return (struct ot_cell){ .kind = OT_CELL_FIELD, .field = measure->field, .value = { .number = value->number } };
	}
}

static enum ot_status read_request(struct ot_ask *ask, struct ot_groups_request *request, struct ot_err *err)
{
	const struct ot_asking *asking = &ask->invocation->asking;
	enum ot_status status = OT_OK;
	request->question = ask->question;
	request->zone = ask->zone;
	request->top = (uint64_t)asking->top;
	request->having = (struct ot_having){ INT64_MIN, INT64_MAX };
	if (asking->by != NULL)
		status = ot_fields_parse(asking->by, request->by, OT_BY_MAX, &request->by_count, err);
	if (status == OT_OK && asking->every != NULL && (!ot_duration_parse(ot_str_from(asking->every), &request->every_ns) || request->every_ns <= 0))
		status = ot_err_set(err, OT_SYNTAX, "--every takes a duration such as 1m, 1h, 1d, not \"%s\"", asking->every);
	if (status == OT_OK)
		status = ot_measures_parse(ot_str_from(asking->measure != NULL ? asking->measure : "count"), request->measures, &request->measure_count, &ask->arena, err);
	if (status == OT_OK && asking->where_count != NULL)
		status = ot_having_parse(ot_str_from(asking->where_count), &request->having, err);
	return status;
}

static size_t name_columns(const struct ot_groups_request *request, struct ot_output_column *columns, struct ot_arena *arena)
{
	size_t n = 0;
	if (request->every_ns > 0)
		columns[n++] = (struct ot_output_column){ "time", "time", false };
	for (size_t i = 0; i < request->by_count; i++) {
		const struct ot_field_info *info = &ot_fields[request->by[i]];
		columns[n++] = (struct ot_output_column){ info->name, info->alias[0] != '\0' ? info->alias : info->name, true };
	}
	for (size_t i = 0; i < request->measure_count; i++) {
		const char *name = ot_arena_cstr(arena, request->measures[i].name);
		columns[n++] = (struct ot_output_column){ name, name, false };
	}
	return n;
}

static enum ot_status put_groups(const struct ot_groups_request *request, const struct ot_groups *groups, struct ot_output *out, struct ot_err *err)
{
	struct ot_cell cells[1 + OT_BY_MAX + OT_MEASURES_MAX];
	for (size_t g = 0; g < groups->count; g++) {
		const struct ot_group *group = &groups->groups[g];
		size_t n = 0;
		if (request->every_ns > 0)
			cells[n++] = ot_cell_time(group->time);
		for (size_t i = 0; i < request->by_count; i++)
			cells[n++] = group->key_null[i] ? ot_cell_null() : (struct ot_cell){ .kind = OT_CELL_FIELD, .field = request->by[i], .value = group->keys[i] };
		for (size_t i = 0; i < request->measure_count; i++)
			cells[n++] = group->measure_null[i] ? ot_cell_null() : measure_cell(&request->measures[i], &group->measures[i]);
		enum ot_status status = ot_output_row(out, cells, err);
		if (status != OT_OK)
			return status;
	}
	return OT_OK;
}

static int run(struct ot_invocation *invocation)
{
	struct ot_err err = { 0 };
	struct ot_ask ask;
	struct ot_groups_request request = { 0 };
	struct ot_groups groups = { 0 };
	struct ot_output_column columns[1 + OT_BY_MAX + OT_MEASURES_MAX];
	struct ot_output *out = NULL;
	if (!ot_ask_open(&ask, invocation, 0, &err))
		return OT_EXIT_FAILURE;
	enum ot_status status = read_request(&ask, &request, &err);
	if (status == OT_OK)
		status = ot_ask_output(&ask, columns, name_columns(&request, columns, &ask.arena), &out, &err);
	if (status == OT_OK)
		status = ot_engine_groups(ask.engine, &request, &groups, &ask.stats, &err);
	if (status == OT_OK)
		status = put_groups(&request, &groups, out, &err);
	int code = ot_ask_end(&ask, out, status, &err);
	if (code == OT_EXIT_COMPLETE && status == OT_OK && groups.count == 0)
		code = OT_EXIT_NOTHING; /* calls there were, but --where-count left no group */
	ot_groups_release(&groups);
	ot_ask_close(&ask);
	return code;
}

const struct ot_verb ot_verb_count = { "count", "[FILTER...] --by FIELD[,FIELD...]", "how many calls, by any fields, with any measures", options, run,
	"  onetrail count /api/payments --by client --measure count,p95:latency,distinct:ip\n"
	"  onetrail count status:401 --by ip --every 1m --where-count '>=100'\n" };
