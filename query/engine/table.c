#include "table.h"

#include <stdlib.h>
#include <string.h>

/* --- which collectors the measures need --- */

static bool collector_of(enum ot_measure_kind kind, enum collector_kind *out)
{
	switch (kind) {
	case OT_MEASURE_SUM:
	case OT_MEASURE_MIN:
	case OT_MEASURE_MAX:
	case OT_MEASURE_AVG:
	case OT_MEASURE_FIRST:
	case OT_MEASURE_LAST:
		*out = COLLECT_SUMS;
		return true;
	case OT_MEASURE_P50:
	case OT_MEASURE_P95:
	case OT_MEASURE_P99:
		*out = COLLECT_SAMPLES;
		return true;
	case OT_MEASURE_DISTINCT:
		*out = COLLECT_DISTINCT;
		return true;
	case OT_MEASURE_ERRORS:
		*out = COLLECT_ERRORS;
		return true;
	default:
		return false;
	}
}

static enum ot_field field_of(const struct ot_measure *measure)
{
	return measure->kind == OT_MEASURE_FIRST || measure->kind == OT_MEASURE_LAST ? OT_TIMESTAMP : measure->field;
}

const struct collector *table_collector(const struct table *table, const struct ot_measure *measure)
{
	enum collector_kind kind;

	if (!collector_of(measure->kind, &kind))
		return NULL;
	for (size_t i = 0; i < table->collector_count; i++) {
		const struct collector *collector = &table->collectors[i];

		if (collector->kind == kind && (kind == COLLECT_ERRORS || collector->field == field_of(measure)))
			return collector;
	}
	return NULL;
}

static void add_collector(struct table *table, const struct ot_measure *measure)
{
	struct collector *collector;
	enum collector_kind kind;

	if (!collector_of(measure->kind, &kind) || table_collector(table, measure) != NULL)
		return;
	collector = &table->collectors[table->collector_count++];
	collector->kind = kind;
	collector->field = field_of(measure);
	if (kind == COLLECT_DISTINCT) {
		coder_init(&collector->coder, collector->field);
		collector->codes = ot_alloc(OT_BLOCK_ROWS * sizeof(uint32_t));
	}
}

/* A rate over a window with an open end is taken from the first or to the last record. */
static bool needs_times(const struct ot_groups_request *request, const struct ot_measure *measure)
{
	return measure->kind == OT_MEASURE_RATE && request->every_ns == 0 &&
	       (request->question.since == OT_TIME_MIN || request->question.until == OT_TIME_MAX);
}

void table_init(struct table *table, const struct ot_groups_request *request)
{
	memset(table, 0, sizeof(*table));
	if (request->every_ns > 0)
		coder_init_buckets(
		    &table->keys[table->key_count++], &(struct buckets){request->every_ns, request->zone});
	for (size_t i = 0; i < request->by_count; i++)
		coder_init(&table->keys[table->key_count++], request->by[i]);
	for (size_t i = 0; i < request->measure_count; i++) {
		const struct ot_measure *measure = &request->measures[i];

		add_collector(
		    table, needs_times(request, measure) ? &(struct ot_measure){.kind = OT_MEASURE_FIRST} : measure);
	}
	table->groups = ot_alloc(OT_BLOCK_ROWS * sizeof(uint32_t));
	table->codes = ot_alloc(OT_BLOCK_ROWS * sizeof(uint32_t));
}

static void collector_release(struct collector *collector)
{
	free(collector->sums);
	free(collector->errors);
	free(collector->sample_groups);
	free(collector->samples);
	if (collector->kind == COLLECT_DISTINCT)
		coder_release(&collector->coder);
	pair_map_release(&collector->pairs);
	free(collector->codes);
}

void table_release(struct table *table)
{
	for (size_t i = 0; i < table->key_count; i++) {
		coder_release(&table->keys[i]);
		pair_map_release(&table->levels[i]);
	}
	for (size_t i = 0; i < table->collector_count; i++)
		collector_release(&table->collectors[i]);
	free(table->counts);
	free(table->groups);
	free(table->codes);
}

/* --- group numbers --- */

uint32_t table_groups(const struct table *table)
{
	if (table->key_count == 0)
		return 1;
	return table->key_count == 1 ? coder_count(&table->keys[0]) : table->levels[table->key_count - 1].count;
}

void table_key_codes(const struct table *table, uint32_t group, uint32_t *codes)
{
	for (size_t k = table->key_count; k-- > 1;) {
		codes[k] = table->levels[k].second[group];
		group = table->levels[k].first[group];
	}
	if (table->key_count > 0)
		codes[0] = group;
}

/* groups[i] becomes the number of (groups[i], codes[i]); neighbours are often the same. */
static void join(struct pair_map *level, uint32_t *groups, const uint32_t *codes, uint32_t count)
{
	uint32_t last_group = UINT32_MAX, last_code = 0, last = 0;

	for (uint32_t i = 0; i < count; i++) {
		if (groups[i] != last_group || codes[i] != last_code) {
			last_group = groups[i];
			last_code = codes[i];
			last = pair_map_put(level, last_group, last_code);
		}
		groups[i] = last;
	}
}

static enum ot_status number_rows(struct table *table, struct block *block, const struct rows *rows, struct ot_err *err)
{
	enum ot_status status = OT_OK;

	if (table->key_count == 0)
		memset(table->groups, 0, rows->count * sizeof(uint32_t));
	else
		status = coder_codes(&table->keys[0], block, rows, table->groups, err);
	for (size_t k = 1; k < table->key_count && status == OT_OK; k++) {
		status = coder_codes(&table->keys[k], block, rows, table->codes, err);
		if (status == OT_OK)
			join(&table->levels[k], table->groups, table->codes, rows->count);
	}
	return status;
}

/* Room for every group number in all that is kept by group. */
static void make_room(struct table *table)
{
	uint32_t need = table_groups(table), cap = table->group_cap, old = cap;

	if (need <= cap)
		return;
	while (cap < need)
		cap = cap == 0 ? 256 : cap * 2;
	table->group_cap = cap;
	table->counts = ot_realloc(table->counts, cap * sizeof(*table->counts));
	memset(table->counts + old, 0, (cap - old) * sizeof(*table->counts));
	for (size_t i = 0; i < table->collector_count; i++) {
		struct collector *collector = &table->collectors[i];

		if (collector->kind == COLLECT_SUMS) {
			collector->sums = ot_realloc(collector->sums, cap * sizeof(*collector->sums));
			for (uint32_t g = old; g < cap; g++)
				collector->sums[g] = (struct sums){0, INT64_MAX, INT64_MIN, 0};
		} else if (collector->kind == COLLECT_ERRORS) {
			collector->errors = ot_realloc(collector->errors, cap * sizeof(*collector->errors));
			memset(collector->errors + old, 0, (cap - old) * sizeof(*collector->errors));
		}
	}
}

/* --- collecting --- */

static void add_sums(
    struct collector *collector, const struct ot_column *column, const struct rows *rows, const uint32_t *groups)
{
	for (uint32_t i = 0; i < rows->count; i++) {
		uint32_t row = rows_at(rows, i);
		struct sums *sums = &collector->sums[groups[i]];
		int64_t number = column->numbers[row];

		if (column->valid != NULL && !column->valid[row])
			continue;
		sums->sum += number;
		sums->count++;
		sums->min = number < sums->min ? number : sums->min;
		sums->max = number > sums->max ? number : sums->max;
	}
}

static void samples_reserve(struct collector *collector, size_t more)
{
	if (collector->sample_count + more <= collector->sample_cap)
		return;
	while (collector->sample_count + more > collector->sample_cap)
		collector->sample_cap = collector->sample_cap == 0 ? OT_BLOCK_ROWS : collector->sample_cap * 2;
	collector->samples = ot_realloc(collector->samples, collector->sample_cap * sizeof(*collector->samples));
	collector->sample_groups =
	    ot_realloc(collector->sample_groups, collector->sample_cap * sizeof(*collector->sample_groups));
}

static void add_samples(
    struct collector *collector, const struct ot_column *column, const struct rows *rows, const uint32_t *groups)
{
	size_t count;

	samples_reserve(collector, rows->count);
	count = collector->sample_count;
	for (uint32_t i = 0; i < rows->count; i++) {
		uint32_t row = rows_at(rows, i);

		collector->samples[count] = column->numbers[row];
		collector->sample_groups[count] = groups[i];
		count += column->valid == NULL || column->valid[row];
	}
	collector->sample_count = count;
}

static void add_pairs(struct collector *collector, const struct rows *rows, const uint32_t *groups)
{
	uint32_t last_group = UINT32_MAX, last_code = 0;

	for (uint32_t i = 0; i < rows->count; i++) {
		uint32_t code = collector->codes[i];

		if (code == 0 || (groups[i] == last_group && code == last_code))
			continue;
		last_group = groups[i];
		last_code = code;
		pair_map_put(&collector->pairs, last_group, last_code);
	}
}

/* Failed, denied or aborted; where no outcome is known, a status that says so. */
static void add_errors(
    struct collector *collector, const struct block *block, const struct rows *rows, const uint32_t *groups)
{
	const struct ot_column *outcomes = &block->columns[OT_OUTCOME],
			       *codes = &block->columns[OT_HTTP_RESPONSE_STATUS_CODE];

	for (uint32_t i = 0; i < rows->count; i++) {
		uint32_t row = rows_at(rows, i);
		int64_t outcome = ot_column_is_null(outcomes, row) ? OT_OUTCOME_UNKNOWN : outcomes->numbers[row];
		int64_t code = ot_column_is_null(codes, row) ? 0 : codes->numbers[row];

		collector->errors[groups[i]] +=
		    outcome == OT_OUTCOME_UNKNOWN ? code >= 400 : outcome != OT_OUTCOME_SUCCESS;
	}
}

/* Decodes what a collector needs, and changes nothing. */
static enum ot_status collector_prepare(
    struct collector *collector, struct block *block, const struct rows *rows, struct ot_err *err)
{
	const struct ot_column *column;
	enum ot_status status;

	switch (collector->kind) {
	case COLLECT_DISTINCT:
		return coder_codes(&collector->coder, block, rows, collector->codes, err);
	case COLLECT_ERRORS:
		status = block_column(block, OT_OUTCOME, &column, err);
		return status == OT_OK ? block_column(block, OT_HTTP_RESPONSE_STATUS_CODE, &column, err) : status;
	default:
		return block_column(block, collector->field, &column, err);
	}
}

static void collector_add(
    struct collector *collector, const struct block *block, const struct rows *rows, const uint32_t *groups)
{
	switch (collector->kind) {
	case COLLECT_SUMS:
		add_sums(collector, &block->columns[collector->field], rows, groups);
		break;
	case COLLECT_SAMPLES:
		add_samples(collector, &block->columns[collector->field], rows, groups);
		break;
	case COLLECT_DISTINCT:
		add_pairs(collector, rows, groups);
		break;
	case COLLECT_ERRORS:
		add_errors(collector, block, rows, groups);
		break;
	}
}

enum ot_status table_add(struct table *table, struct block *block, const struct rows *rows, struct ot_err *err)
{
	enum ot_status status = number_rows(table, block, rows, err);

	for (size_t i = 0; i < table->collector_count && status == OT_OK; i++)
		status = collector_prepare(&table->collectors[i], block, rows, err);
	if (status != OT_OK)
		return status;
	make_room(table);
	for (uint32_t i = 0; i < rows->count; i++)
		table->counts[table->groups[i]]++;
	for (size_t i = 0; i < table->collector_count; i++)
		collector_add(&table->collectors[i], block, rows, table->groups);
	return OT_OK;
}

/* --- merging --- */

/* The group number that `into` has for each of `from`. */
static uint32_t *translate_groups(struct table *into, const struct table *from)
{
	uint32_t *groups, *codes, *joined;

	if (from->key_count == 0)
		return ot_alloc_zero(1, sizeof(*groups));
	groups = coder_translate(&into->keys[0], &from->keys[0]);
	for (size_t k = 1; k < from->key_count; k++) {
		const struct pair_map *level = &from->levels[k];

		codes = coder_translate(&into->keys[k], &from->keys[k]);
		joined = ot_alloc((size_t)level->count * sizeof(*joined));
		for (uint32_t i = 0; i < level->count; i++)
			joined[i] = pair_map_put(&into->levels[k], groups[level->first[i]], codes[level->second[i]]);
		free(codes);
		free(groups);
		groups = joined;
	}
	return groups;
}

static void merge_sums(struct sums *into, const struct sums *from)
{
	into->sum += from->sum;
	into->count += from->count;
	into->min = from->min < into->min ? from->min : into->min;
	into->max = from->max > into->max ? from->max : into->max;
}

static void merge_samples(struct collector *into, const struct collector *from, const uint32_t *groups)
{
	samples_reserve(into, from->sample_count);
	memcpy(into->samples + into->sample_count, from->samples, from->sample_count * sizeof(*from->samples));
	for (size_t i = 0; i < from->sample_count; i++)
		into->sample_groups[into->sample_count + i] = groups[from->sample_groups[i]];
	into->sample_count += from->sample_count;
}

static void merge_pairs(struct collector *into, const struct collector *from, const uint32_t *groups)
{
	uint32_t *codes = coder_translate(&into->coder, &from->coder);

	for (uint32_t i = 0; i < from->pairs.count; i++)
		pair_map_put(&into->pairs, groups[from->pairs.first[i]], codes[from->pairs.second[i]]);
	free(codes);
}

static void collector_merge(
    struct collector *into, const struct collector *from, const uint32_t *groups, uint32_t count)
{
	for (uint32_t g = 0; g < count; g++) {
		if (from->kind == COLLECT_SUMS)
			merge_sums(&into->sums[groups[g]], &from->sums[g]);
		else if (from->kind == COLLECT_ERRORS)
			into->errors[groups[g]] += from->errors[g];
	}
	if (from->kind == COLLECT_SAMPLES && from->sample_count > 0)
		merge_samples(into, from, groups);
	else if (from->kind == COLLECT_DISTINCT)
		merge_pairs(into, from, groups);
}

void table_merge(struct table *into, const struct table *from)
{
	uint32_t *groups, count = table_groups(from);

	/* Nothing was added to it. */
	if (from->group_cap == 0)
		return;
	if (count > from->group_cap)
		count = from->group_cap;
	groups = translate_groups(into, from);
	make_room(into);
	for (uint32_t g = 0; g < count; g++)
		into->counts[groups[g]] += from->counts[g];
	for (size_t i = 0; i < from->collector_count; i++)
		collector_merge(&into->collectors[i], &from->collectors[i], groups, count);
	free(groups);
}
