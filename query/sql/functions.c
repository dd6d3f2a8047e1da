/* What SQL has here beside SQLite's own functions: REGEXP, which is PCRE2 with the filter language's limits, and percentile(). */
#include "sql.h"

#include <math.h>
#include <query/match.h>
#include <stdlib.h>
#include <string.h>

/* --- X REGEXP Y, which SQLite calls regexp(Y, X) --- */

struct pattern {
	struct ot_expr term;
	struct ot_matcher *matcher;
	char text[];
};

static void pattern_free(void *context)
{
	struct pattern *pattern = context;

	ot_matcher_free(pattern->matcher);
	free(pattern);
}

static struct ot_str text_of(sqlite3_value *value)
{
	const char *text = (const char *)sqlite3_value_text(value);

	return (struct ot_str){text == NULL ? "" : text, (size_t)sqlite3_value_bytes(value)};
}

static struct pattern *pattern_new(sqlite3_context *context, sqlite3_value *value)
{
	struct ot_str text = text_of(value);
	struct pattern *pattern;
	struct ot_err err;
	size_t at;

	if (ot_regex_check(text, &at, &err) != OT_OK) {
		char *message = sqlite3_mprintf("regular expression, at character %lld: %s", (long long)at + 1, err.text);

		sqlite3_result_error(context, message, -1);
		sqlite3_free(message);
		return NULL;
	}
	pattern = ot_alloc_zero(1, sizeof(*pattern) + text.len);
	memcpy(pattern->text, text.ptr, text.len);
	pattern->term = (struct ot_expr){.kind = OT_EXPR_TERM, .field = OT_URL_PATH, .match = OT_MATCH_REGEX, .text = {pattern->text, text.len}};
	pattern->matcher = ot_matcher_new(&pattern->term);
	return pattern;
}

static void regexp(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	struct ot_sql *sql = sqlite3_user_data(context);
	struct pattern *pattern = sqlite3_get_auxdata(context, 0);
	bool made = false;
	uint64_t given_up;

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL || sqlite3_value_type(argv[1]) == SQLITE_NULL)
		return;
	if (pattern == NULL) {
		pattern = pattern_new(context, argv[0]);
		if (pattern == NULL)
			return;
		made = true;
	}
	given_up = ot_matcher_given_up(pattern->matcher);
	sqlite3_result_int(context, ot_matcher_text(pattern->matcher, text_of(argv[1])));
	sql->read.values_given_up += ot_matcher_given_up(pattern->matcher) - given_up;
	if (made) /* SQLite may free it at once, where the pattern is no constant */
		sqlite3_set_auxdata(context, 0, pattern, pattern_free);
}

/* --- percentile(X, P): the nearest rank, a value that occurred, as `count --measure p95:X` gives it --- */

enum { VALUES_MAX = 1 << 26 };

struct percentile {
	double *values;
	size_t count, cap;
	double share;
	bool real, failed; /* real: one of them is no integer */
	int64_t *integers; /* the same values, exactly, while all are integers */
};

static void percentile_fail(sqlite3_context *context, struct percentile *state, const char *message)
{
	state->failed = true;
	sqlite3_result_error(context, message, -1);
}

static void percentile_grow(struct percentile *state)
{
	if (state->count < state->cap)
		return;
	state->cap = state->cap == 0 ? 64 : state->cap * 2;
	state->values = ot_realloc(state->values, state->cap * sizeof(*state->values));
	state->integers = ot_realloc(state->integers, state->cap * sizeof(*state->integers));
}

static void percentile_step(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	struct percentile *state = sqlite3_aggregate_context(context, sizeof(*state));
	int type = sqlite3_value_numeric_type(argv[0]);
	double share = sqlite3_value_double(argv[1]);

	(void)argc;
	if (state == NULL || state->failed || type == SQLITE_NULL)
		return;
	if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) {
		percentile_fail(context, state, "percentile(): its first argument is a number");
		return;
	}
	if (!(share >= 0 && share <= 100)) {
		percentile_fail(context, state, "percentile(): its second argument is from 0 to 100");
		return;
	}
	if (state->count == VALUES_MAX) {
		percentile_fail(context, state, "percentile(): too many values");
		return;
	}
	percentile_grow(state);
	state->share = share;
	state->real |= type == SQLITE_FLOAT;
	state->values[state->count] = sqlite3_value_double(argv[0]);
	state->integers[state->count++] = sqlite3_value_int64(argv[0]);
}

static int by_real(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int by_integer(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void percentile_final(sqlite3_context *context)
{
	struct percentile *state = sqlite3_aggregate_context(context, 0);
	size_t rank;

	if (state == NULL)
		return;
	rank = (size_t)ceil(state->share / 100 * (double)state->count);
	rank = rank == 0 ? 0 : rank - 1;
	if (!state->failed && state->count > 0 && state->real) {
		qsort(state->values, state->count, sizeof(*state->values), by_real);
		sqlite3_result_double(context, state->values[rank]);
	} else if (!state->failed && state->count > 0) {
		qsort(state->integers, state->count, sizeof(*state->integers), by_integer);
		sqlite3_result_int64(context, state->integers[rank]);
	}
	free(state->values);
	free(state->integers);
}

int functions_register(struct ot_sql *sql)
{
	int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, rc;

	rc = sqlite3_create_function_v2(sql->db, "regexp", 2, flags, sql, regexp, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_create_function_v2(sql->db, "percentile", 2, flags, sql, NULL, percentile_step, percentile_final, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_create_collation_v2(sql->db, sql_time_collation, SQLITE_UTF8, NULL, sql_time_compare, NULL);
	return rc;
}
