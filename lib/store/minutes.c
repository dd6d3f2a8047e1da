#include "catalog.h"

#include <base/cursor.h>
#include <string.h>

/* Entries of (minutes since the one before, records, unread); minutes without anything take no bytes. */
static void put_counts(struct ot_buf *out, const struct ot_minutes *minutes)
{
	uint32_t before = 0;

	for (uint32_t m = 0; m < OT_MINUTES_PER_DAY; m++) {
		if (minutes->records[m] == 0 && minutes->unread[m] == 0)
			continue;
		ot_buf_varint(out, m - before);
		ot_buf_varint(out, minutes->records[m]);
		ot_buf_zigzag(out, (int32_t)minutes->unread[m]);
		before = m;
	}
}

static void add_count(uint32_t *to, uint64_t count)
{
	*to = count > UINT32_MAX - *to ? UINT32_MAX : *to + (uint32_t)count;
}

/* Sums may be below zero on the way: what was taken out may come before what it was taken from. */
static void add_unread(uint32_t *to, int64_t count)
{
	int64_t sum = (int64_t)(int32_t)*to + (count > INT32_MAX ? INT32_MAX : count < INT32_MIN ? INT32_MIN : count);

	*to = (uint32_t)(int32_t)(sum > INT32_MAX ? INT32_MAX : sum < INT32_MIN ? INT32_MIN : sum);
}

static bool add_counts(struct ot_minutes *to, struct ot_str blob)
{
	struct ot_cursor c = ot_cursor_of(blob.ptr, blob.len);
	uint64_t minute = 0;

	while (ot_cursor_left(&c) > 0) {
		uint64_t step = ot_cursor_varint(&c), records = ot_cursor_varint(&c);
		int64_t unread = ot_cursor_zigzag(&c);

		if (c.failed || step >= OT_MINUTES_PER_DAY || (minute += step) >= OT_MINUTES_PER_DAY)
			return false;
		add_count(&to->records[minute], records);
		add_unread(&to->unread[minute], unread);
	}
	return !c.failed;
}

static enum ot_status damaged(struct ot_store *store, int64_t source, int64_t day, struct ot_err *err)
{
	struct ot_buf text = { 0 };
	enum ot_status status;

	ot_store_day_put(&text, day);
	status = ot_err_set(err, OT_CORRUPT, "%s/catalog.sqlite: the minute counts of source %lld on %.*s are damaged", store->dir,
	    (long long)source, OT_STR_ARGS(ot_buf_str(&text)));
	ot_buf_release(&text);
	return status;
}

/* What is stored for the same commit, so that a commit may add twice to a day. */
static enum ot_status add_stored(struct ot_store *store, int64_t day, int64_t source, int64_t added, struct ot_minutes *sum, struct ot_err *err)
{
	struct ot_arena arena = { 0 };
	enum ot_status status;
	struct ot_query q;
	bool whole = true;

	ot_query_start(&q, store, "SELECT counts FROM minute_count WHERE day = ? AND source = ? AND added = ?", err);
	ot_query_int(&q, day);
	ot_query_int(&q, source);
	ot_query_int(&q, added);
	while (whole && ot_query_row(&q))
		whole = add_counts(sum, ot_query_get_text(&q, &arena));
	status = ot_query_end(&q);
	ot_arena_release(&arena);
	return status == OT_OK && !whole ? damaged(store, source, day, err) : status;
}

static enum ot_status put_row(struct ot_store *store, int64_t day, int64_t source, int64_t added, const struct ot_minutes *minutes, struct ot_err *err)
{
	struct ot_buf blob = { 0 };
	enum ot_status status;
	struct ot_query q;

	put_counts(&blob, minutes);
	ot_query_start(&q, store, "INSERT OR REPLACE INTO minute_count (day, source, added, counts) VALUES (?, ?, ?, ?)", err);
	ot_query_int(&q, day);
	ot_query_int(&q, source);
	ot_query_int(&q, added);
	ot_query_blob(&q, ot_buf_str(&blob));
	status = ot_query_run(&q);
	ot_buf_release(&blob);
	return status;
}

enum ot_status ot_commit_minutes(struct ot_commit *commit, int64_t source_id, int64_t day, const struct ot_minutes *minutes, struct ot_err *err)
{
	struct ot_minutes sum = *minutes;
	enum ot_status status = add_stored(commit->store, day, source_id, commit->id, &sum, err);

	if (status == OT_OK)
		status = put_row(commit->store, day, source_id, commit->id, &sum, err);
	return ot_commit_step(commit, status);
}

/* --- reading --- */

/* Rows of one source and day in a run, summed up as they come. */
struct summing {
	int64_t day, source;
	bool any;
	struct ot_minutes sum;
};

static enum ot_status tell(struct summing *s, ot_minutes_fn *fn, void *context, struct ot_err *err)
{
	enum ot_status status;

	if (!s->any)
		return OT_OK;
	for (uint32_t m = 0; m < OT_MINUTES_PER_DAY; m++)
		if ((int32_t)s->sum.unread[m] < 0)
			s->sum.unread[m] = 0;
	status = fn(context, s->source, s->day, &s->sum, err);
	s->any = false;
	return status;
}

static enum ot_status sum_rows(struct ot_query *q, struct ot_store *store, ot_minutes_fn *fn, void *context, struct ot_err *err)
{
	struct summing s = { .any = false };
	struct ot_arena arena = { 0 };
	enum ot_status status = OT_OK;

	while (status == OT_OK && ot_query_row(q)) {
		int64_t day = ot_query_get_int(q), source = ot_query_get_int(q);

		if (s.any && (day != s.day || source != s.source))
			status = tell(&s, fn, context, err);
		if (!s.any)
			memset(&s.sum, 0, sizeof(s.sum));
		s.any = true;
		s.day = day;
		s.source = source;
		if (status == OT_OK && !add_counts(&s.sum, ot_query_get_text(q, &arena)))
			status = damaged(store, source, day, err);
		ot_arena_reset(&arena);
	}
	ot_arena_release(&arena);
	return status == OT_OK && q->status == OT_OK ? tell(&s, fn, context, err) : status;
}

/* The check and the rows in one transaction: counts of old commits are folded together when their snapshots are given up. */
enum ot_status ot_store_minutes(struct ot_store *store, const struct ot_snapshot *snapshot, int64_t day_from, int64_t day_to, ot_minutes_fn *fn, void *context, struct ot_err *err)
{
	struct ot_transaction t;
	struct ot_query q;
	enum ot_status status = ot_transaction_begin(&t, store, false, err), ended;

	if (status != OT_OK)
		return status;
	status = ot_catalog_can_give(store, snapshot->id, err);
	if (status == OT_OK) {
		ot_query_start(&q, store,
		    "SELECT day, source, counts FROM minute_count WHERE day BETWEEN ? AND ? AND added <= ? ORDER BY day, source", err);
		ot_query_int(&q, day_from);
		ot_query_int(&q, day_to);
		ot_query_int(&q, snapshot->id);
		status = sum_rows(&q, store, fn, context, err);
		ended = ot_query_end(&q);
		status = status != OT_OK ? status : ended;
	}
	return ot_transaction_end(&t, status, err);
}

/* --- folding --- */

static enum ot_status fold_one(struct ot_store *store, int64_t day, int64_t source, int64_t newest, int64_t oldest, struct ot_err *err)
{
	struct ot_minutes sum = { { 0 }, { 0 } };
	struct ot_arena arena = { 0 };
	enum ot_status status;
	struct ot_query q;
	bool whole = true;

	ot_query_start(&q, store, "SELECT counts FROM minute_count WHERE day = ? AND source = ? AND added <= ?", err);
	ot_query_int(&q, day);
	ot_query_int(&q, source);
	ot_query_int(&q, oldest);
	while (whole && ot_query_row(&q))
		whole = add_counts(&sum, ot_query_get_text(&q, &arena));
	status = ot_query_end(&q);
	ot_arena_release(&arena);
	/* Damaged counts stay as they are, for verify to tell of. */
	if (status != OT_OK || !whole)
		return status;
	ot_query_start(&q, store, "DELETE FROM minute_count WHERE day = ? AND source = ? AND added < ?", err);
	ot_query_int(&q, day);
	ot_query_int(&q, source);
	ot_query_int(&q, newest);
	status = ot_query_run(&q);
	return status == OT_OK ? put_row(store, day, source, newest, &sum, err) : status;
}

struct fold {
	int64_t day, source, newest;
};

enum ot_status ot_minutes_fold(struct ot_store *store, int64_t oldest, struct ot_err *err)
{
	struct ot_buf folds = { 0 }; /* collected first: the table changes while they are worked off */
	enum ot_status status;
	struct ot_query q;

	ot_query_start(&q, store,
	    "SELECT day, source, max(added) FROM minute_count WHERE added <= ? GROUP BY day, source HAVING count(*) > 1", err);
	ot_query_int(&q, oldest);
	while (ot_query_row(&q)) {
		struct fold f = { ot_query_get_int(&q), 0, 0 };

		f.source = ot_query_get_int(&q);
		f.newest = ot_query_get_int(&q);
		ot_buf_put(&folds, &f, sizeof(f));
	}
	status = ot_query_end(&q);
	for (size_t at = 0; at < folds.len && status == OT_OK; at += sizeof(struct fold)) {
		struct fold f;

		memcpy(&f, folds.data + at, sizeof(f));
		status = fold_one(store, f.day, f.source, f.newest, oldest, err);
	}
	ot_buf_release(&folds);
	return status;
}
