#include "table.h"

#include <stdlib.h>
#include <string.h>

/* --- which collectors the measures need --- */

static bool collector_of(enum ot_measure_kind kind, enum collector_kind *out)
{
	switch (kind) {
	case OT_MEASURE_SUM:
	case OT_MEASURE_AVG:
		*out = COLLECT_SUMS;
		return true;
	case OT_MEASURE_MIN:
	case OT_MEASURE_MAX:
	case OT_MEASURE_FIRST:
	case OT_MEASURE_LAST:
		*out = COLLECT_EXTREMES;
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
	static const size_t sizes[] = {[COLLECT_SUMS] = sizeof(struct sums),
	    [COLLECT_EXTREMES] = sizeof(struct extremes),
	    [COLLECT_ERRORS] = sizeof(uint64_t),
	    [COLLECT_DISTINCT] = 0};
	struct collector *collector;
	enum collector_kind kind;

	if (!collector_of(measure->kind, &kind) || table_collector(table, measure) != NULL)
		return;
	collector = &table->collectors[table->collector_count++];
	collector->kind = kind;
	collector->field = field_of(measure);
	collector->at = table->cell_size;
	table->cell_size += sizes[kind];
	if (kind == COLLECT_DISTINCT) {
		collector->coder = ot_alloc(sizeof(*collector->coder));
		coder_init(collector->coder, table->engine, collector->field);
		collector->codes = ot_alloc(OT_BLOCK_ROWS * sizeof(uint32_t));
	}
}

/* A rate over a window with an open end is taken from the first or to the last record. */
static bool needs_times(const struct ot_groups_request *request, const struct ot_measure *measure)
{
	return measure->kind == OT_MEASURE_RATE && request->every_ns == 0 &&
	       (request->question.since == OT_TIME_MIN || request->question.until == OT_TIME_MAX);
}

void table_init(struct table *table, struct ot_engine *engine, const struct ot_groups_request *request)
{
	memset(table, 0, sizeof(*table));
	table->engine = engine;
	table->cell_size = sizeof(uint64_t);
	table->keys = ot_alloc_zero(TABLE_KEYS_MAX, sizeof(*table->keys));
	if (request->every_ns > 0)
		coder_init_buckets(
		    &table->keys[table->key_count++], &(struct buckets){request->every_ns, request->zone});
	for (size_t i = 0; i < request->by_count; i++)
		coder_init(&table->keys[table->key_count++], engine, request->by[i]);
	for (size_t i = 0; i < request->measure_count; i++) {
		const struct ot_measure *measure = &request->measures[i];

		add_collector(
		    table, needs_times(request, measure) ? &(struct ot_measure){.kind = OT_MEASURE_FIRST} : measure);
	}
	table->groups = ot_alloc(OT_BLOCK_ROWS * sizeof(uint32_t));
	table->codes = ot_alloc(OT_BLOCK_ROWS * sizeof(uint32_t));
}

void table_init_beside(struct table *table, const struct table *other)
{
	*table = *other;
	table->borrowed = true;
	memset(table->levels, 0, sizeof(table->levels));
	table->cells = NULL;
	table->cell_count = table->cell_cap = 0;
	table->groups = table->codes = NULL;
	for (size_t i = 0; i < table->collector_count; i++) {
		const struct collector *collector = &other->collectors[i];

		table->collectors[i] = (struct collector){
		    .kind = collector->kind, .field = collector->field, .at = collector->at, .coder = collector->coder};
	}
}

static void coders_release(struct table *table)
{
	for (size_t i = 0; i < table->key_count; i++)
		coder_release(&table->keys[i]);
	for (size_t i = 0; i < table->collector_count; i++) {
		if (table->collectors[i].coder != NULL)
			coder_release(table->collectors[i].coder);
		free(table->collectors[i].coder);
	}
	free(table->keys);
}

void table_release(struct table *table)
{
	if (!table->borrowed)
		coders_release(table);
	for (size_t i = 0; i < table->key_count; i++)
		pair_map_release(&table->levels[i]);
	for (size_t i = 0; i < table->collector_count; i++)
		collector_release(&table->collectors[i]);
	free(table->cells);
	free(table->groups);
	free(table->codes);
}

void table_clear(struct table *table)
{
	for (size_t i = 0; i < table->key_count; i++)
		pair_map_clear(&table->levels[i]);
	for (size_t i = 0; i < table->collector_count; i++)
		collector_clear(&table->collectors[i]);
	table->cell_count = 0;
}

/* --- group numbers --- */

/* Numbers given so far; some may have no rows. */
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

/* groups[i] becomes the number of (groups[i], codes[i]). */
static void join_in_table(struct pair_map *level, uint32_t *groups, const uint32_t *codes, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t code = pair_map_at(level, groups[i], codes[i]);

		groups[i] = code != 0 ? code - 1 : pair_map_put(level, groups[i], codes[i]);
	}
}

/* Neighbours are often the same. */
static void join_hashed(struct pair_map *level, uint32_t *groups, const uint32_t *codes, uint32_t count)
{
	enum { AHEAD = 12 }; /* rows whose place in a large map is fetched while this one is looked at */
	uint32_t last_group = UINT32_MAX, last_code = 0, last = 0;
	bool large = pair_map_is_large(level);

	for (uint32_t i = 0; i < count; i++) {
		if (large && i + AHEAD < count)
			pair_map_fetch(level, groups[i + AHEAD], codes[i + AHEAD]);
		if (groups[i] != last_group || codes[i] != last_code) {
			last_group = groups[i];
			last_code = codes[i];
			last = pair_map_put(level, last_group, last_code);
		}
		groups[i] = last;
	}
}

/* The groups so far with the codes of key k. */
static void join(struct table *table, size_t k, uint32_t count)
{
	uint32_t groups = k == 1 ? coder_count(&table->keys[0]) : table->levels[k - 1].count;

	if (count == 0)
		return;
	if (pair_map_reserve(&table->levels[k], groups - 1, coder_count(&table->keys[k]) - 1))
		join_in_table(&table->levels[k], table->groups, table->codes, count);
	else
		join_hashed(&table->levels[k], table->groups, table->codes, count);
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
			join(table, k, rows->count);
	}
	return status;
}

static void cell_init(const struct table *table, void *cell)
{
	*(uint64_t *)cell = 0;
	for (size_t i = 0; i < table->collector_count; i++)
		collector_cell_init(&table->collectors[i], cell);
}

void table_make_room(struct table *table)
{
	uint32_t need = table_groups(table), cap = table->cell_cap;

	while (cap < need)
		cap = cap == 0 ? 256 : cap * 2;
	if (cap > table->cell_cap) {
		table->cells = ot_realloc(table->cells, cap * table->cell_size);
		table->cell_cap = cap;
	}
	for (uint32_t g = table->cell_count; g < need; g++)
		cell_init(table, table_cell(table, g));
	if (need > table->cell_count)
		table->cell_count = need;
}

static void count_rows(struct table *table, uint32_t count)
{
	enum { AHEAD = 12, LARGE = 1 << 19 };
	bool large = table->cell_count * table->cell_size > LARGE;

	for (uint32_t i = 0; i < count; i++) {
		if (large && i + AHEAD < count)
			__builtin_prefetch(table_cell(table, table->groups[i + AHEAD]), 1);
		++*(uint64_t *)table_cell(table, table->groups[i]);
	}
}

enum ot_status table_add(struct table *table, struct block *block, const struct rows *rows, struct ot_err *err)
{
	enum ot_status status = number_rows(table, block, rows, err);

	for (size_t i = 0; i < table->collector_count && status == OT_OK; i++)
		status = collector_prepare(&table->collectors[i], block, rows, err);
	if (status != OT_OK)
		return status;
	table_make_room(table);
	count_rows(table, rows->count);
	for (size_t i = 0; i < table->collector_count; i++)
		collector_add(&table->collectors[i], table, block, rows);
	return OT_OK;
}
