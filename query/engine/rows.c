/*
 * Rows in order, streamed. By time, some days at a time are searched, sorted and given, so that the first rows come
 * soon and memory holds no more than those days' places; by another field everything is searched first. Rows are read
 * in slices of bounded size.
 */
#include "order.h"
#include "slice.h"

#include <stdlib.h>
#include <string.h>

enum {
	BATCH_ROWS_FIRST = 1 << 17, /* rows of the segments that are searched first; then twice as many each time */
	BATCH_ROWS_MAX = 1 << 21,
	SLICE_ROWS_FIRST = 1 << 10,
	SLICE_ROWS_MIN = 1 << 12,
	SLICE_ROWS_MAX = 1 << 19,
	SLICE_BYTES = 96 << 20,
};

struct rows_run {
	const struct ot_rows_request *request;
	struct query query;
	struct ordering ordering;
	struct slice slice;
	size_t slice_rows;
	uint64_t given;
	ot_row_fn *fn;
	void *context;
};

static enum ot_status add_block(
    void *context, struct worker *worker, struct block *block, const struct found *found, struct ot_err *err)
{
	struct rows_run *run = context;

	return found->rows.count == 0 ? OT_OK : ordering_add(&run->ordering, worker, block, &found->rows, err);
}

/* Slices are as long as memory allows, by what the last one took. */
static void size_slice(struct rows_run *run)
{
	size_t row_bytes = run->slice.bytes / (run->slice.count + 1) + 64, rows = SLICE_BYTES / row_bytes;

	run->slice_rows = rows < SLICE_ROWS_MIN ? SLICE_ROWS_MIN : rows > SLICE_ROWS_MAX ? SLICE_ROWS_MAX : rows;
}

static bool is_full(const struct rows_run *run)
{
	return run->request->limit > 0 && run->given >= run->request->limit;
}

static enum ot_status give_slice(struct rows_run *run, const struct row_ref *refs, size_t count, struct ot_err *err)
{
	enum ot_status status = slice_load(&run->slice, refs, count, err);

	for (size_t i = 0; i < count && status == OT_OK && !is_full(run); i++) {
		struct ot_row row;

		if (!slice_row(&run->slice, i, &row))
			continue;
		status = run->fn(run->context, &row, err);
		run->given++;
	}
	return status;
}

static enum ot_status give(struct rows_run *run, struct ot_err *err)
{
	struct row_ref *refs = NULL;
	size_t count = 0, from = 0;
	enum ot_status status;

	run->ordering.limit = run->request->limit > 0 ? run->request->limit - run->given : 0;
	status = ordering_finish(&run->ordering, &refs, &count, err);
	while (status == OT_OK && from < count && !is_full(run)) {
		size_t rows = count - from < run->slice_rows ? count - from : run->slice_rows;

		status = give_slice(run, refs + from, rows, err);
		from += rows;
		size_slice(run);
	}
	free(refs);
	return status;
}

static enum ot_status search(struct rows_run *run, size_t first, size_t end, struct ot_err *err)
{
	struct scan scan = {.query = &run->query,
	    .first = first,
	    .end = end,
	    .calls = !run->request->question.records,
	    .leaders = run->request->leaders,
	    .sink = add_block,
	    .context = run};
	enum ot_status status;

	ordering_clear(&run->ordering);
	run->ordering.limit = run->request->limit > 0 ? run->request->limit - run->given : 0;
	status = scan_run(&scan, err);
	return status == OT_OK ? give(run, err) : status;
}

static const struct ot_segment_info *info_of(const struct rows_run *run, size_t i)
{
	return &run->query.engine->parts[run->query.parts[i]].ref->info;
}

/* The parts from `first` on that make whole days of about so many rows. */
static size_t days_after(const struct rows_run *run, size_t first, uint64_t rows)
{
	uint64_t count = 0;
	size_t end = first;

	while (end < run->query.part_count && (count < rows || info_of(run, end)->day == info_of(run, end - 1)->day))
		count += info_of(run, end++)->rows;
	return end;
}

static size_t days_before(const struct rows_run *run, size_t end, uint64_t rows)
{
	uint64_t count = 0;
	size_t first = end;

	while (first > 0 && (count < rows || info_of(run, first - 1)->day == info_of(run, first)->day))
		count += info_of(run, --first)->rows;
	return first;
}

/* A few rows are likely those of one day. */
static uint64_t first_batch(const struct rows_run *run)
{
	enum { FEW = 10000 };
	uint64_t set = run->query.engine->options.batch_rows, limit = run->request->limit;

	return set > 0 ? set : limit > 0 && limit <= FEW ? 1 : BATCH_ROWS_FIRST;
}

static enum ot_status by_time(struct rows_run *run, struct ot_err *err)
{
	size_t first = 0, end = run->query.part_count;
	uint64_t set = run->query.engine->options.batch_rows, rows = first_batch(run);
	enum ot_status status = OT_OK;

	while (status == OT_OK && first < end && !is_full(run)) {
		size_t between = run->request->descending ? days_before(run, end, rows) : days_after(run, first, rows);

		status = run->request->descending ? search(run, between, end, err) : search(run, first, between, err);
		if (run->request->descending)
			end = between;
		else
			first = between;
		if (set == 0 && rows < BATCH_ROWS_MAX)
			rows = rows < BATCH_ROWS_FIRST ? BATCH_ROWS_FIRST : rows * 2;
	}
	return status;
}

enum ot_status ot_engine_rows(struct ot_engine *engine, const struct ot_rows_request *request, ot_row_fn *fn,
    void *context, struct ot_scan_stats *stats, struct ot_err *err)
{
	struct rows_run run = {.request = request, .slice_rows = SLICE_ROWS_FIRST, .fn = fn, .context = context};
	enum ot_status status;

	query_begin(&run.query, engine, &request->question);
	ordering_init(&run.ordering, &run.query, request->sort, request->descending);
	slice_init(&run.slice, &run.query, request->fields);
	if (request->sort == OT_TIMESTAMP)
		status = by_time(&run, err);
	else
		status = search(&run, 0, run.query.part_count, err);
	slice_release(&run.slice);
	ordering_release(&run.ordering);
	query_end(&run.query, stats);
	return status;
}
