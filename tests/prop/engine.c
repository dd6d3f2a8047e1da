/*
 * The engine against a plain evaluator: random records in a real store, random filters, windows, orders and groups; the
 * answer of segments, blocks and codes is the one that looking at every record gives. PROP_ROUNDS multiplies the
 * questions, PROP_SEED changes them.
 */
#include "world.h"

#include <query/engine.h>
#include <tests/test.h>

struct asking {
	struct world *world;
	struct ot_engine *engine;
	struct ot_arena arena; /* of one question */
	struct ot_question question;
	char filter[2048];
	bool *matches;
	size_t *leaders; /* rows that stand: of calls, or every match */
	size_t leader_count;
	bool regexes;
};

static void wrong(const struct asking *asking, const char *what)
{
	if (test_failures_of_case++ < 20)
		fprintf(stderr, "%s: filter \"%s\" since %lld until %lld records %d\n", what, asking->filter,
		    (long long)asking->question.since, (long long)asking->question.until, asking->question.records);
}

/* --- random filters, as text --- */

static void put_quoted(struct ot_buf *out, struct ot_str text)
{
	ot_buf_char(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"' || text.ptr[i] == '\\')
			ot_buf_char(out, '\\');
		ot_buf_char(out, text.ptr[i]);
	}
	ot_buf_char(out, '"');
}

/* A value that occurs. */
static void put_value_term(struct asking *asking, struct ot_buf *out)
{
	struct world *world = asking->world;
	const struct ot_record *record = &world->rows[world_random(world, world->count)].record;
	struct ot_buf value = {0};
	enum ot_field field;

	do
		field = (enum ot_field)world_random(world, OT_FIELD_COUNT);
	while (!ot_record_has(record, field));
	ot_value_put(&value, field, &record->values[field]);
	ot_buf_text(out, ot_fields[field].name);
	if (field == OT_DURATION || field == OT_UPSTREAM_DURATION)
		ot_buf_printf(out, "%s%.*sns",
		    (const char *[]){"=", "<", ">", "<=", ">=", "!="}[world_random(world, 6)],
		    OT_STR_ARGS(ot_buf_str(&value)));
	else if (ot_fields[field].type == OT_TYPE_INT || ot_fields[field].type == OT_TYPE_TIME)
		ot_buf_printf(out, "%s%.*s", (const char *[]){"=", "<", ">", "<=", ">=", ":"}[world_random(world, 6)],
		    OT_STR_ARGS(ot_buf_str(&value)));
	else {
		ot_buf_text(out, world_random(world, 3) ? "=" : "!=");
		put_quoted(out, ot_buf_str(&value));
	}
	ot_buf_release(&value);
}

static void put_made_term(struct asking *asking, struct ot_buf *out)
{
	static const char *const terms[] = {"status:5xx", "status:4xx,200", "status>=400", "status:200..301",
	    "latency>500ms", "latency<2ms", "latency:1ms..30us,10us..900ms", "client:agent-*", "client:agent-1?",
	    "client:*", "-client:*", "client:agent-42,\"a,b\",-x", "client:nobody", "ua:*X11*", "method:get,POST",
	    "/api/payments", "/api/users/", "/api", "/nothing", "path:/api/*/a/*", "path:/api/x1", "route:/api/users/*",
	    "route:/api/payments/{id}", "route:/api/users/{name}", "origin:wire", "-origin:wire", "kind:*-gateway",
	    "outcome:denied,failure", "outcome:unknown", "stream:yes", "stream:no", "ip:10.0.0.0/24",
	    "ip:2001:db8::/32", "ip:0.0.0.0/0", "ip:10.*", "ip:unix:", "time>=2026-03-11", "time<2026-03-12T06:00",
	    "time:2026-03-12", "time:2026-03-10T20:00:00Z..2026-03-11T04:00:00Z", "time:*", "trace:*0b*", "trace:*",
	    "request_id:req-1*", "request_id:req-7", "request_id:00000000000000000000000000000007", "session:s-1",
	    "tokens_in>2k", "cost>$0.01", "bytes_out<=50k", "model:gpt-4o", "user:alice", "id:*", "call:*",
	    "query:\"\"", "error:*", "attributes:*x*", "source_item:*", "source_item=1", "client_port>30000",
	    "id:aaaaaaaaa1-0", "call:aaaaaaaaa1-7"};
	static const char *const regexes[] = {"path~^/api/(payments|users)/a", "path~[0-3]$", "client~'^agent-.$'",
	    "ua~Linux", "client~.", "ip~'^10[.]'"};

	if (asking->regexes && world_random(asking->world, 12) == 0)
		ot_buf_str_put(out, world_pick(asking->world, regexes, sizeof(regexes) / sizeof(*regexes)));
	else
		ot_buf_str_put(out, world_pick(asking->world, terms, sizeof(terms) / sizeof(*terms)));
}

static void put_filter(struct asking *asking, struct ot_buf *out, unsigned depth)
{
	struct world *world = asking->world;
	uint64_t what = world_random(world, 10);
	size_t count = 2 + world_random(world, 2);

	if (depth == 0 || what < 4) {
		if (world_random(world, 3) == 0)
			put_value_term(asking, out);
		else
			put_made_term(asking, out);
	} else if (what < 5) {
		ot_buf_text(out, "-(");
		put_filter(asking, out, depth - 1);
		ot_buf_text(out, ")");
	} else {
		ot_buf_char(out, '(');
		for (size_t i = 0; i < count; i++) {
			if (i > 0)
				ot_buf_text(out, what < 8 ? " " : " or ");
			put_filter(asking, out, depth - 1);
		}
		ot_buf_char(out, ')');
	}
}

/* --- the plain answer --- */

static bool in_window(const struct ot_question *question, const struct ot_record *record)
{
	if (question->since == OT_TIME_MIN && question->until == OT_TIME_MAX)
		return true;
	return ot_record_has(record, OT_TIMESTAMP) && record->values[OT_TIMESTAMP].number >= question->since &&
	       (question->until == OT_TIME_MAX || record->values[OT_TIMESTAMP].number < question->until);
}

/* Whether the row is the first of its call's that match. */
static bool stands(const struct asking *asking, size_t i)
{
	const struct world_row *row = &asking->world->rows[i];

	if (asking->question.records || row->call == NULL)
		return true;
	for (size_t k = 0; k < row->call->count; k++) {
		size_t other = row->call->members[k];

		if (other != i && asking->matches[other] &&
		    world_cmp_leader(&asking->world->rows[other].record, &row->record) < 0)
			return false;
	}
	return true;
}

static void answer_plainly(struct asking *asking)
{
	struct world *world = asking->world;

	for (size_t i = 0; i < world->count; i++)
		asking->matches[i] = in_window(&asking->question, &world->rows[i].record) &&
				     ot_filter_matches(asking->question.where, &world->rows[i].record);
	asking->leader_count = 0;
	for (size_t i = 0; i < world->count; i++) {
		if (asking->matches[i] && stands(asking, i))
			asking->leaders[asking->leader_count++] = i;
	}
}

static void make_question(struct asking *asking)
{
	struct ot_filter_context context = {.now_ns = (world_first_day() + 3) * OT_NS_PER_DAY};
	struct world *world = asking->world;
	struct ot_expr *expr = NULL;
	struct ot_buf text = {0};
	struct ot_err err;
	int64_t first = world_first_day() * OT_NS_PER_DAY, span = WORLD_DAYS * OT_NS_PER_DAY;

	ot_arena_reset(&asking->arena);
	asking->question = (struct ot_question){OT_TIME_MIN, OT_TIME_MAX, NULL, world_random(world, 2) == 0};
	if (world_random(world, 4) != 0) {
		put_filter(asking, &text, (unsigned)world_random(world, 3));
		if (ot_filter_parse(&expr, ot_buf_str(&text), &context, &asking->arena, &err) != OT_OK) {
			/* Such as what no number is beyond. */
			expr = NULL;
			ot_buf_clear(&text);
		}
	}
	asking->question.where = expr;
	snprintf(asking->filter, sizeof(asking->filter), "%.*s", OT_STR_ARGS(ot_buf_str(&text)));
	ot_buf_release(&text);
	if (world_random(world, 3) == 0)
		asking->question.since = first + (int64_t)world_random(world, (uint64_t)span);
	if (world_random(world, 3) == 0)
		asking->question.until = first + (int64_t)world_random(world, (uint64_t)span);
	answer_plainly(asking);
}

/* --- rows --- */

static const struct world *sort_world;
static enum ot_field sort_field;
static bool sort_descending;

static int cmp_value(enum ot_field field, const struct ot_record *a, const struct ot_record *b)
{
	bool has_a = ot_record_has(a, field), has_b = ot_record_has(b, field);

	if (!has_a || !has_b)
		return has_a - has_b;
	if (ot_fields[field].form == OT_FORM_INT)
		return world_cmp_number(a->values[field].number, b->values[field].number);
	return ot_str_cmp(a->values[field].text, b->values[field].text);
}

static int by_sort(const void *x, const void *y)
{
	const struct ot_record *a = &sort_world->rows[*(const size_t *)x].record,
			       *b = &sort_world->rows[*(const size_t *)y].record;
	int order = cmp_value(sort_field, a, b);

	if (order != 0)
		return sort_descending ? -order : order;
	if (sort_field != OT_TIMESTAMP)
		order = cmp_value(OT_TIMESTAMP, a, b);
	return order != 0 ? order : world_cmp_id(a, b);
}

struct reading {
	struct asking *asking;
	const bool *fields;
	size_t at, limit;
	bool differs;
};

static bool same_record(const struct ot_record *got, const struct ot_record *expected, const bool *fields)
{
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		enum ot_field field = (enum ot_field)f;

		if (fields != NULL && !fields[f])
			continue;
		if (ot_record_has(got, field) != ot_record_has(expected, field))
			return false;
		if (ot_record_has(got, field) &&
		    (ot_fields[f].form == OT_FORM_INT ? got->values[f].number != expected->values[f].number
						      : !ot_str_eq(got->values[f].text, expected->values[f].text)))
			return false;
	}
	return true;
}

static enum ot_status read_row(void *context, const struct ot_row *row, struct ot_err *err)
{
	struct reading *reading = context;
	const struct world_row *expected;

	(void)err;
	if (reading->at >= reading->asking->leader_count) {
		reading->differs = true;
		return OT_END;
	}
	expected = &reading->asking->world->rows[reading->asking->leaders[reading->at++]];
	if (!same_record(row->record, &expected->record, reading->fields) ||
	    row->records != (expected->call == NULL ? 1 : expected->call->count))
		reading->differs = true;
	if (!ot_str_eq(
		row->origins[0], ot_record_text(expected->call == NULL
						    ? &expected->record
						    : &reading->asking->world->rows[expected->call->members[0]].record,
				     OT_ORIGIN)))
		reading->differs = true;
	return OT_OK;
}

static void check_rows(struct asking *asking)
{
	static const enum ot_field sorts[] = {OT_TIMESTAMP, OT_TIMESTAMP, OT_TIMESTAMP, OT_DURATION,
	    OT_HTTP_RESPONSE_STATUS_CODE, OT_CLIENT, OT_URL_PATH, OT_HTTP_ROUTE, OT_RECORD_ID};
	struct world *world = asking->world;
	bool fields[OT_FIELD_COUNT];
	struct ot_rows_request request = {
	    .question = asking->question, .fields = world_random(world, 2) ? fields : NULL};
	struct reading reading = {.asking = asking, .fields = request.fields};
	struct ot_scan_stats stats;
	struct ot_err err;
	enum ot_status status;

	for (int f = 0; f < OT_FIELD_COUNT; f++)
		fields[f] = world_random(world, 3) == 0;
	request.sort = sorts[world_random(world, sizeof(sorts) / sizeof(*sorts))];
	request.descending = world_random(world, 2);
	request.limit = world_random(world, 2) ? 0 : 1 + world_random(world, 50);
	sort_world = world;
	sort_field = request.sort;
	sort_descending = request.descending;
	qsort(asking->leaders, asking->leader_count, sizeof(*asking->leaders), by_sort);
	status = ot_engine_rows(asking->engine, &request, read_row, &reading, &stats, &err);
	if (status != OT_OK && status != OT_END)
		wrong(asking, err.text);
	reading.limit =
	    request.limit > 0 && request.limit < asking->leader_count ? request.limit : asking->leader_count;
	if (reading.differs || reading.at != reading.limit) {
		fprintf(stderr, "  sort %s descending %d limit %llu: row %zu of %zu\n", ot_fields[request.sort].name,
		    request.descending, (unsigned long long)request.limit, reading.at, reading.limit);
		wrong(asking, "rows differ");
	}
}

/* --- groups --- */

struct plain_group {
	int64_t time;
	size_t first; /* a row with its keys */
	size_t *rows;
	size_t count, series; /* count of its series over all buckets */
};

static const struct ot_groups_request *group_request;

static int cmp_keys(const struct plain_group *a, const struct plain_group *b)
{
	int order = 0;

	for (size_t k = 0; k < group_request->by_count && order == 0; k++)
		order = cmp_value(
		    group_request->by[k], &sort_world->rows[a->first].record, &sort_world->rows[b->first].record);
	return order;
}

static int by_group(const void *x, const void *y)
{
	const struct plain_group *a = x, *b = y;
	int order = world_cmp_number(a->time, b->time);

	if (order == 0)
		order = world_cmp_number((int64_t)b->count, (int64_t)a->count);
	return order != 0 ? order : cmp_keys(a, b);
}

static int64_t bucket_of(const struct ot_groups_request *request, const struct ot_record *record)
{
	int64_t time = ot_record_int(record, OT_TIMESTAMP, OT_TIME_MIN), rest;

	if (request->every_ns == 0)
		return 0;
	if (time == OT_TIME_MIN)
		return time;
	if (request->every_ns % OT_NS_PER_DAY == 0) {
		/* From a Monday, in UTC. */
		int64_t monday = 4 * OT_NS_PER_DAY;

		return (time - monday) / request->every_ns * request->every_ns + monday;
	}
	rest = time % request->every_ns;
	return time - rest;
}

static size_t plain_groups(
    const struct asking *asking, const struct ot_groups_request *request, struct plain_group *groups)
{
	size_t count = 0;

	for (size_t i = 0; i < asking->leader_count; i++) {
		struct plain_group one = {bucket_of(request, &asking->world->rows[asking->leaders[i]].record),
		    asking->leaders[i], NULL, 0, 0};
		size_t g = 0;

		while (g < count && (groups[g].time != one.time || cmp_keys(&groups[g], &one) != 0))
			g++;
		if (g == count) {
			groups[count] = one;
			groups[count++].rows = ot_alloc(asking->leader_count * sizeof(size_t));
		}
		groups[g].rows[groups[g].count++] = asking->leaders[i];
	}
	return count;
}

static int by_number(const void *a, const void *b)
{
	return world_cmp_number(*(const int64_t *)a, *(const int64_t *)b);
}

struct plain_measure {
	bool null, is_real;
	int64_t number;
	double real;
};

static bool is_error(const struct ot_record *record)
{
	int64_t outcome = ot_record_int(record, OT_OUTCOME, OT_OUTCOME_UNKNOWN);

	if (outcome == OT_OUTCOME_UNKNOWN)
		return ot_record_int(record, OT_HTTP_RESPONSE_STATUS_CODE, 0) >= 400;
	return outcome != OT_OUTCOME_SUCCESS;
}

static int64_t count_distinct(const struct asking *asking, enum ot_field field, const struct plain_group *group)
{
	int64_t count = 0;

	for (size_t i = 0; i < group->count; i++) {
		const struct ot_record *record = &asking->world->rows[group->rows[i]].record;
		size_t k = 0;

		while (k < i && cmp_value(field, record, &asking->world->rows[group->rows[k]].record) != 0)
			k++;
		count += ot_record_has(record, field) && k == i;
	}
	return count;
}

static struct plain_measure of_values(
    const struct asking *asking, enum ot_measure_kind kind, enum ot_field field, const struct plain_group *group)
{
	int64_t *values = ot_alloc((group->count + 1) * sizeof(*values));
	__int128 sum = 0; /* also of times */
	struct plain_measure out = {.is_real = kind == OT_MEASURE_AVG};
	size_t count = 0;

	for (size_t i = 0; i < group->count; i++) {
		const struct ot_record *record = &asking->world->rows[group->rows[i]].record;

		if (ot_record_has(record, field))
			sum += (values[count++] = record->values[field].number);
	}
	qsort(values, count, sizeof(*values), by_number);
	out.null = count == 0;
	if (count == 0)
		values[count++] = 0;
	switch (kind) {
	case OT_MEASURE_SUM:
		out.number = (int64_t)sum;
		break;
	case OT_MEASURE_AVG:
		out.real = (double)sum / (double)count;
		break;
	case OT_MEASURE_MIN:
	case OT_MEASURE_FIRST:
		out.number = values[0];
		break;
	case OT_MEASURE_MAX:
	case OT_MEASURE_LAST:
		out.number = values[count - 1];
		break;
	default: {
		size_t percent = kind == OT_MEASURE_P50 ? 50 : kind == OT_MEASURE_P95 ? 95 : 99, rank = 1;

		while (rank * 100 < count * percent)
			rank++;
		out.number = values[rank - 1];
	}
	}
	free(values);
	return out;
}

static struct plain_measure plain_measure(
    const struct asking *asking, const struct ot_measure *measure, const struct plain_group *group)
{
	struct plain_measure out = {.is_real = true};
	size_t errors = 0;

	switch (measure->kind) {
	case OT_MEASURE_COUNT:
		return (struct plain_measure){.number = (int64_t)group->count};
	case OT_MEASURE_DISTINCT:
		return (struct plain_measure){.number = count_distinct(asking, measure->field, group)};
	case OT_MEASURE_SHARE:
		out.real = (double)group->count / (double)asking->leader_count;
		return out;
	case OT_MEASURE_ERRORS:
		for (size_t i = 0; i < group->count; i++)
			errors += is_error(&asking->world->rows[group->rows[i]].record);
		out.real = (double)errors / (double)group->count;
		return out;
	case OT_MEASURE_RATE: {
		struct plain_group all = {0, 0, (size_t *)(uintptr_t)asking->leaders, asking->leader_count, 0};
		struct plain_measure first = of_values(asking, OT_MEASURE_FIRST, OT_TIMESTAMP, &all),
				     last = of_values(asking, OT_MEASURE_LAST, OT_TIMESTAMP, &all);
		int64_t since = asking->question.since == OT_TIME_MIN ? first.number : asking->question.since;
		int64_t until = asking->question.until == OT_TIME_MAX ? last.number : asking->question.until;
		double seconds = group_request->every_ns > 0 ? (double)group_request->every_ns / 1e9
							     : ((double)until - (double)since) / 1e9;

		out.null = !(seconds > 0) ||
			   (first.null && group_request->every_ns == 0 &&
			       (asking->question.since == OT_TIME_MIN || asking->question.until == OT_TIME_MAX));
		out.real = out.null ? 0 : (double)group->count / seconds;
		return out;
	}
	case OT_MEASURE_FIRST:
	case OT_MEASURE_LAST:
		return of_values(asking, measure->kind, OT_TIMESTAMP, group);
	default:
		return of_values(asking, measure->kind, measure->field, group);
	}
}

static bool same_group(const struct asking *asking, const struct ot_groups_request *request, const struct ot_group *got,
    const struct plain_group *expected)
{
	const struct ot_record *record = &asking->world->rows[expected->first].record;

	if (request->every_ns > 0 && got->time != expected->time)
		return false;
	for (size_t k = 0; k < request->by_count; k++) {
		enum ot_field field = request->by[k];

		if (got->key_null[k] == ot_record_has(record, field))
			return false;
		if (!got->key_null[k] &&
		    (ot_fields[field].form == OT_FORM_INT ? got->keys[k].number != record->values[field].number
							  : !ot_str_eq(got->keys[k].text, record->values[field].text)))
			return false;
	}
	for (size_t m = 0; m < request->measure_count; m++) {
		struct plain_measure measure = plain_measure(asking, &request->measures[m], expected);

		if (got->measure_null[m] != measure.null)
			return fprintf(stderr, "  measure %.*s null\n", OT_STR_ARGS(request->measures[m].name)), false;
		if (!measure.null && (measure.is_real ? got->measures[m].real != measure.real
						      : got->measures[m].number != measure.number))
			return fprintf(stderr, "  measure %.*s %lld not %lld\n", OT_STR_ARGS(request->measures[m].name),
				   (long long)got->measures[m].number, (long long)measure.number),
			       false;
	}
	return true;
}

static int by_series(const void *x, const void *y)
{
	const struct plain_group *a = x, *b = y;
	int order = world_cmp_number((int64_t)b->series, (int64_t)a->series);

	if (order == 0 && group_request->by_count == 0)
		order = world_cmp_number(a->time, b->time);
	return order != 0 ? order : cmp_keys(a, b);
}

/* What `top` leaves. */
static size_t cut_top(const struct ot_groups_request *request, struct plain_group *groups, size_t count)
{
	size_t series = 0, kept = 0;

	if (request->top == 0)
		return count;
	for (size_t i = 0; i < count; i++) {
		groups[i].series = 0;
		for (size_t k = 0; k < count; k++)
			groups[i].series += (request->by_count > 0 ? cmp_keys(&groups[i], &groups[k]) == 0 : i == k)
						? groups[k].count
						: 0;
	}
	qsort(groups, count, sizeof(*groups), by_series);
	for (size_t i = 0; i < count; i++) {
		series += i == 0 || request->by_count == 0 || cmp_keys(&groups[i], &groups[i - 1]) != 0;
		if (series > request->top)
			free(groups[i].rows);
		else
			groups[kept++] = groups[i];
	}
	return kept;
}

static void make_groups_request(struct asking *asking, struct ot_groups_request *request)
{
	static const enum ot_field keys[] = {OT_CLIENT, OT_HTTP_ROUTE, OT_HTTP_RESPONSE_STATUS_CODE,
	    OT_HTTP_REQUEST_METHOD, OT_CLIENT_ADDRESS, OT_ORIGIN, OT_OUTCOME, OT_URL_PATH, OT_TRACE_ID,
	    OT_GEN_AI_STREAM, OT_GEN_AI_REQUEST_MODEL, OT_CALL_ID, OT_RECORD_ID, OT_ERROR_TYPE, OT_HTTP_RESPONSE_SIZE};
	static const char *const measures[] = {"count", "share", "rate", "sum:latency", "min:latency", "max:tokens_in",
	    "avg:bytes_out", "p50:latency", "p95:latency", "p99:latency", "p50:tokens_in", "distinct:client",
	    "distinct:status", "distinct:path", "distinct:trace", "distinct:call", "first", "last", "errors",
	    "min:time", "distinct:error", "avg:latency"};
	static const int64_t everys[] = {
	    0, 0, 0, 3600 * OT_NS_PER_S, 7 * 3600 * OT_NS_PER_S, OT_NS_PER_DAY, 7 * OT_NS_PER_DAY, 60 * OT_NS_PER_S};
	struct world *world = asking->world;
	struct ot_buf text = {0};
	struct ot_err err;

	*request = (struct ot_groups_request){.question = asking->question, .having = {INT64_MIN, INT64_MAX}};
	request->by_count = world_random(world, 4);
	for (size_t i = 0; i < request->by_count; i++)
		request->by[i] = keys[world_random(world, sizeof(keys) / sizeof(*keys))];
	request->every_ns = everys[world_random(world, sizeof(everys) / sizeof(*everys))];
	request->top = world_random(world, 3) ? 0 : 1 + world_random(world, 5);
	if (world_random(world, 4) == 0)
		request->having = (struct ot_having){2, INT64_MAX};
	for (uint64_t i = world_random(world, 5); i > 0; i--)
		ot_buf_printf(&text, "%s%s", measures[world_random(world, sizeof(measures) / sizeof(*measures))],
		    i > 1 ? "," : "");
	CHECK_INT(
	    ot_measures_parse(ot_buf_str(&text), request->measures, &request->measure_count, &asking->arena, &err),
	    OT_OK);
	ot_buf_release(&text);
}

static void compare_groups(struct asking *asking, const struct ot_groups_request *request, const struct ot_groups *got)
{
	struct plain_group *groups = ot_alloc_zero(asking->leader_count + 1, sizeof(*groups));
	size_t count = plain_groups(asking, request, groups), total = count, kept = 0;

	for (size_t i = 0; i < count; i++) {
		if ((int64_t)groups[i].count >= request->having.low && (int64_t)groups[i].count <= request->having.high)
			groups[kept++] = groups[i];
		else
			free(groups[i].rows);
	}
	count = cut_top(request, groups, kept);
	qsort(groups, count, sizeof(*groups), by_group);
	if (got->matched != asking->leader_count || got->total != total || got->count != count) {
		fprintf(stderr, "  matched %llu of %zu, total %zu of %zu, count %zu of %zu\n",
		    (unsigned long long)got->matched, asking->leader_count, got->total, total, got->count, count);
		wrong(asking, "groups differ in number");
	}
	for (size_t i = 0; i < count && i < got->count; i++) {
		if (!same_group(asking, request, &got->groups[i], &groups[i])) {
			fprintf(stderr, "  group %zu of %zu, by %zu, every %lld, top %llu\n", i, count,
			    request->by_count, (long long)request->every_ns, (unsigned long long)request->top);
			wrong(asking, "groups differ");
			break;
		}
	}
	for (size_t i = 0; i < count; i++)
		free(groups[i].rows);
	free(groups);
}

static void check_groups(struct asking *asking)
{
	struct ot_groups_request request;
	struct ot_scan_stats stats;
	struct ot_groups got;
	struct ot_err err;

	make_groups_request(asking, &request);
	group_request = &request;
	sort_world = asking->world;
	if (ot_engine_groups(asking->engine, &request, &got, &stats, &err) != OT_OK) {
		wrong(asking, err.text);
		return;
	}
	compare_groups(asking, &request, &got);
	ot_groups_release(&got);
}

/* --- tally, one call --- */

static void check_tally(struct asking *asking)
{
	uint64_t records = 0, calls = 0, of_origins = 0;
	int64_t first = OT_TIME_MAX, last = OT_TIME_MIN;
	struct ot_question as_calls = asking->question;
	struct ot_scan_stats stats;
	struct ot_tally tally;
	struct ot_err err;

	if (ot_engine_tally(asking->engine, &asking->question, &tally, &stats, &err) != OT_OK) {
		wrong(asking, err.text);
		return;
	}
	asking->question.records = false;
	for (size_t i = 0; i < asking->world->count; i++) {
		const struct ot_record *record = &asking->world->rows[i].record;

		if (!asking->matches[i])
			continue;
		records++;
		calls += stands(asking, i);
		if (ot_record_has(record, OT_TIMESTAMP)) {
			first =
			    record->values[OT_TIMESTAMP].number < first ? record->values[OT_TIMESTAMP].number : first;
			last = record->values[OT_TIMESTAMP].number > last ? record->values[OT_TIMESTAMP].number : last;
		}
	}
	asking->question = as_calls;
	for (size_t i = 0; i < tally.origin_count; i++)
		of_origins += tally.origins[i].records;
	if (tally.records != records || tally.calls != calls || of_origins != records || tally.time_first != first ||
	    tally.time_last != last || stats.rows_matched != records)
		wrong(asking, "tally differs");
	ot_tally_release(&tally);
}

static enum ot_status count_row(
    void *context, const struct ot_row *row, unsigned evidence, bool leader, struct ot_err *err)
{
	struct reading *reading = context;
	const struct world_row *expected = &reading->asking->world->rows[reading->asking->leaders[0]];
	const struct world_call *call = expected->call;
	bool found = call == NULL && same_record(row->record, &expected->record, NULL) && evidence == 0;

	(void)err;
	for (size_t i = 0; call != NULL && i < call->count; i++) {
		const struct world_row *member = &reading->asking->world->rows[call->members[i]];

		found = found || (same_record(row->record, &member->record, NULL) && evidence == member->evidence &&
				     leader == (i == call->leader));
	}
	reading->differs = reading->differs || !found || leader != (reading->at == 0);
	reading->at++;
	return OT_OK;
}

static void check_call(struct asking *asking)
{
	size_t number = world_random(asking->world, asking->world->count);
	const struct world_row *row = &asking->world->rows[number];
	struct reading reading = {.asking = asking};
	struct ot_err err;

	asking->leaders[0] = number;
	/* A record's id may be another call's. */
	for (size_t i = 0; i < asking->world->call_count; i++) {
		if (ot_str_eq(asking->world->calls[i].id, row->record.values[OT_RECORD_ID].text) &&
		    row->call != &asking->world->calls[i])
			return;
	}
	if (ot_engine_call(asking->engine, row->record.values[OT_RECORD_ID].text, count_row, &reading, NULL, &err) !=
	    OT_OK)
		wrong(asking, err.text);
	if (reading.differs || reading.at != (row->call == NULL ? 1 : row->call->count))
		wrong(asking, "call differs");
}

/* --- --- */

static void ask_world(uint64_t seed, size_t rows, size_t calls, unsigned questions, unsigned threads, bool regexes)
{
	struct world world;
	struct asking asking = {.world = &world, .regexes = regexes};
	struct ot_engine_options options = {.threads = threads, .batch_rows = seed % 3 == 0 ? 0 : 1};
	struct ot_err err;

	world_make(&world, seed, rows, calls);
	asking.matches = ot_alloc_zero(rows, sizeof(bool));
	asking.leaders = ot_alloc_zero(rows + 1, sizeof(size_t));
	world_must(ot_engine_open(&asking.engine, world.store, &options, &err), &err);
	for (unsigned i = 0; i < questions; i++) {
		make_question(&asking);
		check_tally(&asking);
		check_rows(&asking);
		if (rows < 2000 || asking.leader_count < 2000)
			check_groups(&asking);
		check_call(&asking);
	}
	ot_engine_close(asking.engine);
	ot_arena_release(&asking.arena);
	free(asking.matches);
	free(asking.leaders);
	world_release(&world);
}

static unsigned rounds(void)
{
	const char *text = getenv("PROP_ROUNDS");

	return text == NULL ? 1 : (unsigned)atoi(text);
}

static uint64_t seed_of(uint64_t number)
{
	const char *text = getenv("PROP_SEED");

	return number + (text == NULL ? 0 : strtoull(text, NULL, 10) * 1000);
}

static void small_stores_answer_as_plain_evaluation_does(void)
{
	for (uint64_t seed = 1; seed <= 8; seed++)
		ask_world(seed_of(seed), 300 + seed * 50, seed % 4 == 3 ? 0 : 60 + seed * 10, 60 * rounds(),
		    1 + seed % 2, true);
}

static void segments_of_several_blocks_answer_as_plain_evaluation_does(void)
{
	ask_world(seed_of(100), 60000, 4000, 12 * rounds(), 2, false);
}

static void an_empty_store_answers(void)
{
	ask_world(seed_of(50), 1, 0, 5, 2, true);
}

int main(void)
{
	RUN(small_stores_answer_as_plain_evaluation_does);
	RUN(segments_of_several_blocks_answer_as_plain_evaluation_does);
	RUN(an_empty_store_answers);
	return test_end();
}
