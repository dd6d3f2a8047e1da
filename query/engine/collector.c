/* What measures need of each group: sums and extremes in its cell, samples and pairs beside it. */
#include "table.h"

#include <stdlib.h>
#include <string.h>

void collector_release(struct collector *collector)
{
	free(collector->sample_groups);
	free(collector->samples);
	pair_map_release(&collector->pairs);
	free(collector->codes);
}

void collector_clear(struct collector *collector)
{
	collector->sample_count = 0;
	pair_map_clear(&collector->pairs);
}

/* --- cells --- */

void collector_cell_init(const struct collector *collector, void *cell)
{
	void *at = (char *)cell + collector->at;

	if (collector->kind == COLLECT_EXTREMES)
		*(struct extremes *)at = (struct extremes){INT64_MAX, INT64_MIN};
	else if (collector->kind == COLLECT_SUMS)
		*(struct sums *)at = (struct sums){0, 0, 0};
	else if (collector->kind == COLLECT_ERRORS)
		*(uint64_t *)at = 0;
}

static inline void sums_add(struct sums *sums, uint64_t low, int64_t high, uint64_t count)
{
	sums->high += high + __builtin_add_overflow(sums->low, low, &sums->low);
	sums->count += count;
}

static inline void extremes_add(struct extremes *extremes, int64_t min, int64_t max)
{
	extremes->min = min < extremes->min ? min : extremes->min;
	extremes->max = max > extremes->max ? max : extremes->max;
}

void collector_cell_merge(const struct collector *collector, void *into, const void *from)
{
	void *to = (char *)into + collector->at;
	const void *at = (const char *)from + collector->at;
	const struct extremes *extremes = at;
	const struct sums *sums = at;

	if (collector->kind == COLLECT_EXTREMES)
		extremes_add(to, extremes->min, extremes->max);
	else if (collector->kind == COLLECT_SUMS)
		sums_add(to, sums->low, sums->high, sums->count);
	else if (collector->kind == COLLECT_ERRORS)
		*(uint64_t *)to += *(const uint64_t *)at;
}

/* --- adding rows --- */

enum ot_status collector_prepare(
    struct collector *collector, struct block *block, const struct rows *rows, struct ot_err *err)
{
	const struct ot_column *column;
	enum ot_status status;

	switch (collector->kind) {
	case COLLECT_DISTINCT:
		return coder_codes(collector->coder, block, rows, collector->codes, err);
	case COLLECT_ERRORS:
		status = block_column(block, OT_OUTCOME, &column, err);
		return status == OT_OK ? block_column(block, OT_HTTP_RESPONSE_STATUS_CODE, &column, err) : status;
	default:
		return block_column(block, collector->field, &column, err);
	}
}

static bool has(const struct ot_column *column, uint32_t row)
{
	return column->valid == NULL || column->valid[row];
}

static void add_sums(const struct collector *collector, const struct table *table, const struct ot_column *column,
    const struct rows *rows)
{
	char *cells = table->cells + collector->at;

	for (uint32_t i = 0; i < rows->count; i++) {
		uint32_t row = rows_at(rows, i);
		int64_t number = column->numbers[row];

		if (has(column, row))
			sums_add(
			    (void *)(cells + table->groups[i] * table->cell_size), (uint64_t)number, number >> 63, 1);
	}
}

static void add_extremes(const struct collector *collector, const struct table *table, const struct ot_column *column,
    const struct rows *rows)
{
	char *cells = table->cells + collector->at;

	for (uint32_t i = 0; i < rows->count; i++) {
		uint32_t row = rows_at(rows, i);

		if (has(column, row))
			extremes_add((void *)(cells + table->groups[i] * table->cell_size), column->numbers[row],
			    column->numbers[row]);
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
    struct collector *collector, const struct table *table, const struct ot_column *column, const struct rows *rows)
{
	size_t count;

	samples_reserve(collector, rows->count);
	count = collector->sample_count;
	for (uint32_t i = 0; i < rows->count; i++) {
		uint32_t row = rows_at(rows, i);

		collector->samples[count] = column->numbers[row];
		collector->sample_groups[count] = table->groups[i];
		count += has(column, row);
	}
	collector->sample_count = count;
}

static void add_pairs(struct collector *collector, const struct table *table, const struct rows *rows)
{
	uint32_t last_group = UINT32_MAX, last_code = 0;

	for (uint32_t i = 0; i < rows->count; i++) {
		uint32_t code = collector->codes[i];

		if (code == 0 || (table->groups[i] == last_group && code == last_code))
			continue;
		last_group = table->groups[i];
		last_code = code;
		pair_map_put(&collector->pairs, last_group, last_code);
	}
}

/* Failed, denied or aborted; where no outcome is known, a status that says so. */
static void add_errors(
    const struct collector *collector, const struct table *table, const struct block *block, const struct rows *rows)
{
	const struct ot_column *outcomes = &block->columns[OT_OUTCOME],
			       *codes = &block->columns[OT_HTTP_RESPONSE_STATUS_CODE];

	for (uint32_t i = 0; i < rows->count; i++) {
		uint32_t row = rows_at(rows, i);
		int64_t outcome = has(outcomes, row) ? outcomes->numbers[row] : OT_OUTCOME_UNKNOWN;
		int64_t code = has(codes, row) ? codes->numbers[row] : 0;
		uint64_t *errors = (void *)((char *)table_cell(table, table->groups[i]) + collector->at);

		*errors += outcome == OT_OUTCOME_UNKNOWN ? code >= 400 : outcome != OT_OUTCOME_SUCCESS;
	}
}

void collector_add(
    struct collector *collector, const struct table *table, const struct block *block, const struct rows *rows)
{
	const struct ot_column *column =
	    &block->columns[collector->field < OT_FIELD_COUNT ? collector->field : OT_TIMESTAMP];

	switch (collector->kind) {
	case COLLECT_SUMS:
		add_sums(collector, table, column, rows);
		break;
	case COLLECT_EXTREMES:
		add_extremes(collector, table, column, rows);
		break;
	case COLLECT_SAMPLES:
		add_samples(collector, table, column, rows);
		break;
	case COLLECT_DISTINCT:
		add_pairs(collector, table, rows);
		break;
	case COLLECT_ERRORS:
		add_errors(collector, table, block, rows);
		break;
	}
}

/* --- merging --- */

static void merge_samples(struct collector *into, const struct collector *from, const uint32_t *groups)
{
	samples_reserve(into, from->sample_count);
	for (size_t i = 0; i < from->sample_count; i++) {
		into->samples[into->sample_count] = from->samples[i];
		into->sample_groups[into->sample_count] = groups[from->sample_groups[i]];
		into->sample_count += groups[from->sample_groups[i]] != UINT32_MAX;
	}
}

static void merge_pairs(struct collector *into, const struct collector *from, const uint32_t *groups)
{
	uint32_t *codes = coder_translate(into->coder, from->coder);

	for (uint32_t i = 0; i < from->pairs.count; i++) {
		if (groups[from->pairs.first[i]] != UINT32_MAX)
			pair_map_put(&into->pairs, groups[from->pairs.first[i]], codes[from->pairs.second[i]]);
	}
	free(codes);
}

void collector_merge(struct collector *into, const struct collector *from, const uint32_t *groups)
{
	if (from->kind == COLLECT_SAMPLES && from->sample_count > 0)
		merge_samples(into, from, groups);
	else if (from->kind == COLLECT_DISTINCT)
		merge_pairs(into, from, groups);
}
