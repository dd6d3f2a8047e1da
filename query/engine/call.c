/* One call whole: found by its id, or by the id of one of its records. */
#include "order.h"
#include "slice.h"

#include <correlate/link.h>
#include <stdlib.h>
#include <string.h>

struct found_rows {
	pthread_mutex_t lock;
	struct row_ref *refs;
	size_t count, cap;
};

static void found_add(struct found_rows *rows, struct row_ref ref)
{
	if (rows->count == rows->cap) {
		rows->cap = rows->cap == 0 ? 64 : rows->cap * 2;
		rows->refs = ot_realloc(rows->refs, rows->cap * sizeof(*rows->refs));
	}
	rows->refs[rows->count++] = ref;
}

static enum ot_status add_block(
    void *context, struct worker *worker, struct block *block, const struct found *found, struct ot_err *err)
{
	struct found_rows *rows = context;

	(void)worker;
	(void)err;
	pthread_mutex_lock(&rows->lock);
	for (uint32_t i = 0; i < found->rows.count; i++)
		found_add(rows, (struct row_ref){block->part_number, block->first + rows_at(&found->rows, i)});
	pthread_mutex_unlock(&rows->lock);
	return OT_OK;
}

/* Every row that matches `term`. */
static enum ot_status search(struct query *query, struct found_rows *rows, struct ot_err *err)
{
	struct scan scan = {.query = query, .end = query->part_count, .sink = add_block, .context = rows};

	rows->count = 0;
	return scan_run(&scan, err);
}

/* The call_id of a linked row; absent where it is a call by itself. */
static struct ot_str call_of(struct ot_engine *engine, struct row_ref ref)
{
	const struct ot_links *links = part_links(&engine->parts[ref.part]);
	uint32_t call = links == NULL ? 0 : links->call_of_row[ref.row];

	return call == 0 ? OT_STR_NONE : links->calls[call - 1].call_id;
}

struct call_row {
	struct row_ref ref;
	struct row_key key;
	uint32_t place;
	bool lost;
};

static int leader_first(const void *a, const void *b)
{
	return row_key_cmp(&((const struct call_row *)a)->key, &((const struct call_row *)b)->key);
}

static int by_time(const void *a, const void *b)
{
	const struct row_key *x = &((const struct call_row *)a)->key, *y = &((const struct call_row *)b)->key;

	return x->time != y->time ? (x->time > y->time) - (x->time < y->time) : row_id_cmp(x, y);
}

/* Keys from the slice: what leads and what comes first. Damaged rows go last. */
static void load_keys(struct slice *slice, struct call_row *rows)
{
	for (size_t i = 0; i < slice->count; i++) {
		struct ot_row row;

		rows[i].ref = slice->refs[i];
		rows[i].place = (uint32_t)i;
		rows[i].lost = !slice_row(slice, i, &row);
		if (rows[i].lost)
			continue;
		rows[i].key.rank = ot_leader_rank(
		    ot_record_int(row.record, OT_ORIGIN_KIND, -1), ot_record_int(row.record, OT_CLIENT_KIND, -1));
		rows[i].key.time = ot_record_int(row.record, OT_TIMESTAMP, OT_TIME_MIN);
		rows[i].key.source_key = ot_record_text(row.record, OT_SOURCE_KEY);
		rows[i].key.offset = ot_record_int(row.record, OT_SOURCE_OFFSET, INT64_MIN);
		rows[i].key.item = ot_record_int(row.record, OT_SOURCE_ITEM, 0);
	}
}

static unsigned evidence_of(struct ot_engine *engine, struct row_ref ref)
{
	const struct ot_links *links = part_links(&engine->parts[ref.part]);

	return links == NULL ? 0 : links->evidence[ref.row];
}

static enum ot_status give(
    struct query *query, const struct found_rows *found, ot_call_record_fn *fn, void *context, struct ot_err *err)
{
	struct call_row *rows = ot_alloc_zero(found->count + 1, sizeof(*rows));
	struct slice slice;
	size_t kept = 0;
	enum ot_status status;

	slice_init(&slice, query, NULL);
	status = slice_load(&slice, found->refs, found->count, err);
	if (status == OT_OK)
		load_keys(&slice, rows);
	for (size_t i = 0; i < found->count; i++) {
		if (!rows[i].lost)
			rows[kept++] = rows[i];
	}
	qsort(rows, kept, sizeof(*rows), leader_first);
	if (kept > 1)
		qsort(rows + 1, kept - 1, sizeof(*rows), by_time);
	for (size_t i = 0; i < kept && status == OT_OK; i++) {
		struct ot_row row;

		slice_row(&slice, rows[i].place, &row);
		status = fn(context, &row, evidence_of(query->engine, rows[i].ref), i == 0, err);
	}
	slice_release(&slice);
	free(rows);
	return status;
}

/* Searches for a term, and gives what is found; where that is one record of a larger call, `*call` becomes that call's
 * id instead. */
static enum ot_status ask(struct ot_engine *engine, enum ot_field field, struct ot_str id, struct ot_str *call,
    ot_call_record_fn *fn, void *context, struct ot_scan_stats *stats, struct ot_err *err)
{
	struct ot_expr term = {.kind = OT_EXPR_TERM, .field = field, .match = OT_MATCH_EQ, .text = id};
	struct ot_question question = {OT_TIME_MIN, OT_TIME_MAX, &term, true};
	struct found_rows found = {.lock = PTHREAD_MUTEX_INITIALIZER};
	struct query query;
	enum ot_status status;

	*call = OT_STR_NONE;
	query_begin(&query, engine, &question);
	status = search(&query, &found, err);
	if (status == OT_OK && found.count == 0)
		status = OT_NOT_FOUND;
	if (status == OT_OK && field == OT_RECORD_ID)
		*call = call_of(engine, found.refs[0]);
	if (status == OT_OK && call->ptr == NULL)
		status = give(&query, &found, fn, context, err);
	free(found.refs);
	query_end(&query, stats);
	return status;
}

static void add_stats(struct ot_scan_stats *sum, const struct ot_scan_stats *more)
{
	int64_t elapsed = sum->elapsed_ns;

	*sum = *more;
	sum->elapsed_ns += elapsed;
}

enum ot_status ot_engine_call(struct ot_engine *engine, struct ot_str id, ot_call_record_fn *fn, void *context,
    struct ot_scan_stats *stats, struct ot_err *err)
{
	struct ot_scan_stats own = {0}, *sum = stats == NULL ? &own : stats, part = {0};
	struct ot_str call, ignored, key;
	int64_t offset, item;
	enum ot_status status;

	memset(sum, 0, sizeof(*sum));
	if (!ot_record_id_parse(id, &key, &offset, &item))
		return ot_err_set(
		    err, OT_SYNTAX, "\"%.*s\" is not an id; one looks like k7f2m9qx4a-1048576", OT_STR_ARGS(id));
	status = ask(engine, OT_CALL_ID, id, &ignored, fn, context, sum, err);
	if (status != OT_NOT_FOUND)
		return status;
	status = ask(engine, OT_RECORD_ID, id, &call, fn, context, &part, err);
	add_stats(sum, &part);
	if (status == OT_OK && call.ptr != NULL) {
		status = ask(engine, OT_CALL_ID, call, &ignored, fn, context, &part, err);
		add_stats(sum, &part);
	}
	if (status == OT_NOT_FOUND)
		return ot_err_set(err, OT_NOT_FOUND, "no call or record has the id %.*s", OT_STR_ARGS(id));
	return status;
}
