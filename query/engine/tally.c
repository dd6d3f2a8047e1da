/* What stands beside an answer: how many calls and records, of which origins, from when to when. Statistics answer
 * where a block matches whole. */
#include "keys.h"

#include <stdlib.h>
#include <string.h>

struct tally_worker {
	uint64_t calls, records;
	int64_t first, last;
	struct ot_intern origins;
	uint64_t *origin_records; /* by code */
	uint32_t origin_cap;
};

struct tallying {
	struct tally_worker *workers;
};

static void add_origin(struct tally_worker *tally, struct ot_str origin, uint64_t records)
{
	uint32_t code = ot_intern_put(&tally->origins, origin, NULL);

	if (code >= tally->origin_cap) {
		uint32_t cap = tally->origin_cap == 0 ? 16 : tally->origin_cap * 2;

		tally->origin_records = ot_realloc(tally->origin_records, cap * sizeof(uint64_t));
		memset(tally->origin_records + tally->origin_cap, 0, (cap - tally->origin_cap) * sizeof(uint64_t));
		tally->origin_cap = cap;
	}
	tally->origin_records[code] += records;
}

/* By runs: records of one origin stand together more often than not. */
static void add_origins(struct tally_worker *tally, const struct ot_column *column, const struct rows *rows)
{
	uint32_t run = OT_CODE_NULL;
	uint64_t length = 0;

	for (uint32_t i = 0; i < rows->count; i++) {
		uint32_t code = column->codes[rows_at(rows, i)];

		if (code != run) {
			if (run != OT_CODE_NULL && length > 0)
				add_origin(tally, column->dict[run], length);
			run = code;
			length = 0;
		}
		length++;
	}
	if (run != OT_CODE_NULL && length > 0)
		add_origin(tally, column->dict[run], length);
}

static void add_times(struct tally_worker *tally, int64_t first, int64_t last)
{
	tally->first = first < tally->first ? first : tally->first;
	tally->last = last > tally->last ? last : tally->last;
}

static bool is_whole(const struct block *block, const struct rows *rows)
{
	return rows->count == block->rows;
}

/* A sink's two steps in one: `count` false only decodes. */
static enum ot_status tally_times(
    struct tally_worker *tally, struct block *block, const struct rows *rows, bool count, struct ot_err *err)
{
	const struct ot_column *column;
	struct ot_block_stats stats;
	enum ot_status status;

	if (is_whole(block, rows)) {
		status = ot_segment_stats(block->part->segment, OT_TIMESTAMP, block->number, &stats, err);
		if (status == OT_OK && count && stats.min <= stats.max)
			add_times(tally, stats.min, stats.max);
		return status;
	}
	status = block_column(block, OT_TIMESTAMP, &column, err);
	for (uint32_t i = 0; status == OT_OK && count && i < rows->count; i++) {
		uint32_t row = rows_at(rows, i);

		if (!ot_column_is_null(column, row))
			add_times(tally, column->numbers[row], column->numbers[row]);
	}
	return status;
}

static enum ot_status tally_origins(
    struct tally_worker *tally, struct block *block, const struct rows *rows, bool count, struct ot_err *err)
{
	struct ot_segment *segment = block->part->segment;
	const struct ot_column *column;
	const struct ot_str *items;
	struct ot_block_stats stats;
	uint32_t item_count;
	enum ot_status status = ot_segment_stats(segment, OT_ORIGIN, block->number, &stats, err);

	if (status == OT_OK && stats.nulls == 0 && stats.min == stats.max) {
		status = ot_segment_dict(segment, OT_ORIGIN, &items, &item_count, err);
		if (status == OT_OK && count && stats.min >= 0 && stats.min < item_count)
			add_origin(tally, items[stats.min], rows->count);
		return status;
	}
	if (status == OT_OK)
		status = block_column(block, OT_ORIGIN, &column, err);
	if (status == OT_OK && count)
		add_origins(tally, column, rows);
	return status;
}

static enum ot_status add_block(
    void *context, struct worker *worker, struct block *block, const struct found *found, struct ot_err *err)
{
	struct tally_worker *tally = &((struct tallying *)context)->workers[worker->number];
	bool has_origin = ot_segment_has(block->part->segment, OT_ORIGIN);
	bool has_time = ot_segment_has(block->part->segment, OT_TIMESTAMP);

	for (int count = 0; count < 2 && found->matched.count > 0; count++) {
		enum ot_status status = has_time ? tally_times(tally, block, &found->matched, count == 1, err) : OT_OK;

		if (status == OT_OK && has_origin)
			status = tally_origins(tally, block, &found->matched, count == 1, err);
		if (status != OT_OK)
			return status;
	}
	tally->calls += found->rows.count;
	tally->records += found->matched.count;
	return OT_OK;
}

static void merge(struct tally_worker *into, const struct tally_worker *from)
{
	into->calls += from->calls;
	into->records += from->records;
	add_times(into, from->first, from->last);
	for (uint32_t i = 0; i < from->origins.count; i++)
		add_origin(into, from->origins.items[i], from->origin_records[i]);
}

static int by_name(const void *a, const void *b)
{
	return ot_str_cmp(*(const struct ot_str *)a, *(const struct ot_str *)b);
}

static void fill(struct ot_tally *out, const struct tally_worker *tally)
{
	*out = (struct ot_tally){
	    .calls = tally->calls, .records = tally->records, .time_first = tally->first, .time_last = tally->last};
	out->origins = ot_arena_zero(&out->arena, tally->origins.count + 1u, sizeof(*out->origins));
	out->origin_count = tally->origins.count;
	for (uint32_t i = 0; i < tally->origins.count; i++) {
		out->origins[i].origin = ot_arena_str(&out->arena, tally->origins.items[i]);
		out->origins[i].records = tally->origin_records[i];
	}
	if (out->origin_count > 0)
		qsort(out->origins, out->origin_count, sizeof(*out->origins), by_name);
}

enum ot_status ot_engine_tally(struct ot_engine *engine, const struct ot_question *question, struct ot_tally *out,
    struct ot_scan_stats *stats, struct ot_err *err)
{
	struct tallying tallying;
	struct query query;
	struct scan scan = {.query = &query, .calls = true, .sink = add_block, .context = &tallying};
	enum ot_status status;

	memset(out, 0, sizeof(*out));
	query_begin(&query, engine, question);
	scan.end = query.part_count;
	tallying.workers = ot_alloc_zero(query.worker_count, sizeof(*tallying.workers));
	for (unsigned i = 0; i < query.worker_count; i++) {
		tallying.workers[i].first = OT_TIME_MAX;
		tallying.workers[i].last = OT_TIME_MIN;
	}
	status = scan_run(&scan, err);
	for (unsigned i = 1; i < query.worker_count; i++)
		merge(&tallying.workers[0], &tallying.workers[i]);
	if (status == OT_OK)
		fill(out, &tallying.workers[0]);
	for (unsigned i = 0; i < query.worker_count; i++) {
		ot_intern_release(&tallying.workers[i].origins);
		free(tallying.workers[i].origin_records);
	}
	free(tallying.workers);
	query_end(&query, stats);
	return status;
}

void ot_tally_release(struct ot_tally *tally)
{
	ot_arena_release(&tally->arena);
	memset(tally, 0, sizeof(*tally));
}
