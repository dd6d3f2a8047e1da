/* Measures and conditions on counts, as people type them. */
#include <query/engine.h>

struct measure_name {
	const char *name;
	enum ot_measure_kind kind;
	enum { TAKES_NOTHING, TAKES_NUMBER, TAKES_ORDERED, TAKES_ANY } takes;
};

static const struct measure_name names[] = {
    {"count", OT_MEASURE_COUNT, TAKES_NOTHING},
    {"share", OT_MEASURE_SHARE, TAKES_NOTHING},
    {"rate", OT_MEASURE_RATE, TAKES_NOTHING},
    {"sum", OT_MEASURE_SUM, TAKES_NUMBER},
    {"min", OT_MEASURE_MIN, TAKES_ORDERED},
    {"max", OT_MEASURE_MAX, TAKES_ORDERED},
    {"avg", OT_MEASURE_AVG, TAKES_NUMBER},
    {"p50", OT_MEASURE_P50, TAKES_NUMBER},
    {"p95", OT_MEASURE_P95, TAKES_NUMBER},
    {"p99", OT_MEASURE_P99, TAKES_NUMBER},
    {"distinct", OT_MEASURE_DISTINCT, TAKES_ANY},
    {"first", OT_MEASURE_FIRST, TAKES_NOTHING},
    {"last", OT_MEASURE_LAST, TAKES_NOTHING},
    {"errors", OT_MEASURE_ERRORS, TAKES_NOTHING},
};
enum { NAME_COUNT = sizeof(names) / sizeof(names[0]) };

static const struct measure_name *name_find(struct ot_str typed)
{
	for (size_t i = 0; i < NAME_COUNT; i++) {
		if (ot_str_eq(typed, ot_str_from(names[i].name)))
			return &names[i];
	}
	return NULL;
}

static const char *name_nearest(struct ot_str typed)
{
	const char *nearest = names[0].name;
	unsigned best = 9;

	for (size_t i = 0; i < NAME_COUNT; i++) {
		unsigned distance = ot_str_distance(typed, ot_str_from(names[i].name), 8);

		if (distance < best) {
			best = distance;
			nearest = names[i].name;
		}
	}
	return nearest;
}

static enum ot_status field_of(
    const struct measure_name *name, struct ot_str typed, enum ot_field *out, struct ot_err *err)
{
	enum ot_field field = ot_field_find(typed);
	enum ot_type type;

	if (typed.ptr == NULL || typed.len == 0)
		return ot_err_set(err, OT_SYNTAX, "measure %s needs a field: %s:%s", name->name, name->name,
		    name->takes == TAKES_ANY ? "client" : "latency");
	if (field == OT_FIELD_NONE)
		return ot_err_set(err, OT_SYNTAX, "measure %s: there is no field \"%.*s\"; did you mean \"%s\"?",
		    name->name, OT_STR_ARGS(typed), ot_field_nearest(typed));
	type = ot_fields[field].type;
	if (name->takes != TAKES_ANY && type != OT_TYPE_INT && !(name->takes == TAKES_ORDERED && type == OT_TYPE_TIME))
		return ot_err_set(
		    err, OT_SYNTAX, "measure %s needs a number, and %s is none", name->name, ot_fields[field].name);
	*out = field;
	return OT_OK;
}

static enum ot_status parse_one(struct ot_str typed, struct ot_measure *out, struct ot_arena *arena, struct ot_err *err)
{
	struct ot_str field, word = ot_str_cut(typed, ':', &field);
	const struct measure_name *name = name_find(word);

	if (name == NULL)
		return ot_err_set(err, OT_SYNTAX, "there is no measure \"%.*s\"; did you mean \"%s\"?",
		    OT_STR_ARGS(word), name_nearest(word));
	*out = (struct ot_measure){name->kind, OT_FIELD_NONE, ot_arena_str(arena, typed)};
	if (name->takes != TAKES_NOTHING)
		return field_of(name, field, &out->field, err);
	if (field.ptr != NULL)
		return ot_err_set(err, OT_SYNTAX, "measure %s takes no field", name->name);
	return OT_OK;
}

enum ot_status ot_measures_parse(
    struct ot_str text, struct ot_measure *out, size_t *count, struct ot_arena *arena, struct ot_err *err)
{
	struct ot_str rest = text;

	out[0] = (struct ot_measure){OT_MEASURE_COUNT, OT_FIELD_NONE, OT_STR("count")};
	*count = 1;
	while (rest.ptr != NULL && rest.len > 0) {
		struct ot_str typed = ot_str_trim(ot_str_cut(rest, ',', &rest));
		struct ot_measure measure;
		enum ot_status status = parse_one(typed, &measure, arena, err);

		if (status != OT_OK)
			return status;
		if (measure.kind == OT_MEASURE_COUNT)
			continue;
		if (*count == OT_MEASURES_MAX)
			return ot_err_set(err, OT_LIMIT, "at most %d measures", OT_MEASURES_MAX);
		out[(*count)++] = measure;
	}
	return OT_OK;
}

enum ot_status ot_having_parse(struct ot_str text, struct ot_having *out, struct ot_err *err)
{
	struct ot_str number = ot_str_trim(text);
	char sign = number.len > 0 ? number.ptr[0] : '\0';
	bool equal;
	int64_t value;

	if (sign == '<' || sign == '>' || sign == '=')
		number = ot_str_sub(number, 1, number.len);
	equal = ot_str_starts(number, OT_STR("="));
	if (equal)
		number = ot_str_sub(number, 1, number.len);
	if (!ot_str_to_i64(ot_str_trim(number), &value) || value < 0 || value == INT64_MAX)
		return ot_err_set(err, OT_SYNTAX,
		    "\"%.*s\" is no condition on a count; write '>1000', '>=10', '<5' or '=1'", OT_STR_ARGS(text));
	*out = (struct ot_having){value, value};
	if (sign == '>')
		*out = (struct ot_having){equal ? value : value + 1, INT64_MAX};
	else if (sign == '<')
		*out = (struct ot_having){INT64_MIN, equal ? value : value - 1};
	return OT_OK;
}
