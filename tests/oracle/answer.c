/* Answers the plain way: every row looked at, groups by sorting, percentiles by sorting again. */
#include "tests/oracle/question.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS INT64_C(1000000000)

static json_t *time_json(int64_t ns)
{
	time_t seconds = (time_t)(ns / NS);
	struct tm civil;
	char text[32], whole[64];

	gmtime_r(&seconds, &civil);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &civil);
	snprintf(whole, sizeof(whole), "%s.%09dZ", text, (int)(ns % NS));
	return json_string(whole);
}

static json_t *number_json(enum field field, int64_t number)
{
	return fields[field].type == TIME ? time_json(number) : json_integer(number);
}

static void put_field(json_t *to, const struct row *row, enum field field)
{
	if (!has(row, field))
		return;
	json_object_set_new(to, fields[field].name,
	    fields[field].type == TEXT ? json_string(row->values[field].text)
				       : number_json(field, row->values[field].number));
}

static void put_line(json_t *json, FILE *out)
{
	json_dumpf(json, out, JSON_COMPACT | JSON_REAL_PRECISION(17));
	fputc('\n', out);
	json_decref(json);
}

/* --- rows --- */

static const struct rows *all_rows;
static const struct question *asked;

static int by_sort(const void *a, const void *b)
{
	int64_t x = all_rows->items[*(const size_t *)a].values[asked->sort].number;
	int64_t y = all_rows->items[*(const size_t *)b].values[asked->sort].number;
	int order = (x > y) - (x < y);

	return asked->descending ? -order : order;
}

/* With a limit: the rows up to it, and those that stand equal with its last. */
static void list(
    const struct question *question, const struct rows *rows, const size_t *matched, size_t count, FILE *out)
{
	size_t *order = malloc((count + 1) * sizeof(*order));

	memcpy(order, matched, count * sizeof(*order));
	all_rows = rows;
	asked = question;
	if (question->sorted)
		qsort(order, count, sizeof(*order), by_sort);
	for (size_t i = 0; i < count; i++) {
		json_t *json = json_object();
		if (question->limit > 0 && i >= question->limit &&
		    by_sort(&order[i], &order[question->limit - 1]) != 0) {
			json_decref(json);
			break;
		}
		for (size_t f = 0; f < question->shown_count; f++)
			put_field(json, &rows->items[order[i]], question->shown[f]);
		put_line(json, out);
	}
	free(order);
}

/* --- groups --- */

static int64_t bucket_of(const struct row *row)
{
	return asked->every == NULL ? 0 : row->values[TIMESTAMP].number / asked->every_ns * asked->every_ns;
}

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int64_t key_of(const struct row *row, enum field field)
{
	if (!has(row, field))
		return INT64_MIN;
	return fields[field].type == TEXT ? (int64_t)(intptr_t)row->values[field].text : row->values[field].number;
}

static int by_group(const void *a, const void *b)
{
	const struct row *x = &all_rows->items[*(const size_t *)a], *y = &all_rows->items[*(const size_t *)b];
	int order = compare(bucket_of(x), bucket_of(y));

	for (size_t i = 0; i < asked->by_count && order == 0; i++)
		order = compare(key_of(x, asked->by[i]), key_of(y, asked->by[i]));
	return order;
}

static int by_number(const void *a, const void *b)
{
	return compare(*(const int64_t *)a, *(const int64_t *)b);
}

/* Values of a field in a group, sorted. */
static size_t values_of(const size_t *group, size_t count, enum field field, int64_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		const struct row *row = &all_rows->items[group[i]];
		if (has(row, field))
			out[n++] = key_of(row, field);
	}
	qsort(out, n, sizeof(*out), by_number);
	return n;
}

static size_t distinct(const int64_t *values, size_t n)
{
	size_t different = n > 0;

	for (size_t i = 1; i < n; i++)
		different += values[i] != values[i - 1];
	return different;
}

static int64_t sum(const int64_t *values, size_t n)
{
	int64_t all = 0;

	for (size_t i = 0; i < n; i++)
		all += values[i];
	return all;
}

/* The nearest rank: the least value that so many hundredths of all do not exceed. */
static int64_t percentile(const int64_t *values, size_t n, size_t hundredths)
{
	return values[(n * hundredths + 99) / 100 - 1];
}

static json_t *measure_json(
    const struct measure *measure, const size_t *group, size_t count, size_t matched, int64_t *scratch)
{
	enum field field = measure->kind >= FIRST ? TIMESTAMP : measure->field;
	size_t n = 0;

	if (measure->kind == COUNT)
		return json_integer((json_int_t)count);
	if (measure->kind == SHARE)
		return json_real((double)count / (double)matched);
	n = values_of(group, count, field, scratch);
	if (measure->kind == DISTINCT)
		return json_integer((json_int_t)distinct(scratch, n));
	if (n == 0)
		return NULL;
	switch (measure->kind) {
	case SUM:
		return json_integer(sum(scratch, n));
	case AVG:
		return json_real((double)sum(scratch, n) / (double)n);
	case MIN:
	case FIRST:
		return number_json(field, scratch[0]);
	case MAX:
	case LAST:
		return number_json(field, scratch[n - 1]);
	case P50:
		return number_json(field, percentile(scratch, n, 50));
	case P95:
		return number_json(field, percentile(scratch, n, 95));
	default:
		return number_json(field, percentile(scratch, n, 99));
	}
}

static void put_group(const size_t *group, size_t count, size_t matched, int64_t *scratch, FILE *out)
{
	const struct row *row = &all_rows->items[group[0]];
	json_t *json = json_object();

	if (asked->every != NULL)
		json_object_set_new(json, "time", time_json(bucket_of(row)));
	for (size_t i = 0; i < asked->by_count; i++)
		put_field(json, row, asked->by[i]);
	for (size_t i = 0; i < asked->measure_count; i++) {
		json_t *value = measure_json(&asked->measures[i], group, count, matched, scratch);
		if (value != NULL)
			json_object_set_new(json, asked->measures[i].name, value);
	}
	put_line(json, out);
}

static void groups(
    const struct question *question, const struct rows *rows, const size_t *matched, size_t count, FILE *out)
{
	size_t *order = malloc((count + 1) * sizeof(*order));
	int64_t *scratch = malloc((count + 1) * sizeof(*scratch));

	memcpy(order, matched, count * sizeof(*order));
	all_rows = rows;
	asked = question;
	qsort(order, count, sizeof(*order), by_group);
	for (size_t from = 0, to; from < count; from = to) {
		for (to = from + 1; to < count && by_group(&order[from], &order[to]) == 0; to++)
			;
		if ((int64_t)(to - from) >= question->count_least)
			put_group(order + from, to - from, count, scratch, out);
	}
	free(order);
	free(scratch);
}

static void put_head(const struct question *question, FILE *out)
{
	json_t *keys = json_array(), *head = json_object();

	json_object_set_new(head, "kind", json_string(question->list ? "list" : "count"));
	if (question->every != NULL)
		json_array_append_new(keys, json_string("time"));
	for (size_t i = 0; i < question->by_count; i++)
		json_array_append_new(keys, json_string(fields[question->by[i]].name));
	json_object_set_new(head, "keys", keys);
	if (question->list)
		json_object_set_new(
		    head, "sort", json_string(fields[question->sorted ? question->sort : TIMESTAMP].name));
	json_object_set_new(head, "descending", json_boolean(question->descending));
	json_object_set_new(
	    head, "limit", json_integer((json_int_t)(question->list ? question->limit : question->top)));
	json_object_set_new(head, "least", json_integer(question->count_least));
	put_line(head, out);
}

void answer_put(
    const struct question *question, const struct rows *rows, const size_t *matched, size_t count, FILE *out)
{
	put_head(question, out);
	(question->list ? list : groups)(question, rows, matched, count, out);
}
