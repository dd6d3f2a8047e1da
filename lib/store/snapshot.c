#include "catalog.h"

#include <string.h>

static enum ot_status one_number(struct ot_store *store, const char *sql, int64_t *value, struct ot_err *err)
{
	struct ot_query q;

	ot_query_start(&q, store, sql, err);
	*value = ot_query_row(&q) ? ot_query_get_int(&q) : 0;
	return ot_query_end(&q);
}

enum ot_status ot_catalog_newest(struct ot_store *store, int64_t *id, struct ot_err *err)
{
	/* A commit that this handle has open does not count yet. */
	enum ot_status status = one_number(store, "SELECT ifnull(max(id), 0) FROM commits", id, err);

	if (status == OT_OK && store->commit != NULL)
		*id = store->commit->id - 1;
	return status;
}

enum ot_status ot_catalog_oldest(struct ot_store *store, int64_t *id, struct ot_err *err)
{
	return one_number(store, "SELECT value FROM state WHERE name = 'oldest_snapshot'", id, err);
}

enum ot_status ot_catalog_can_give(struct ot_store *store, int64_t at, struct ot_err *err)
{
	int64_t newest = 0, oldest = 0;
	enum ot_status status = ot_catalog_newest(store, &newest, err);

	if (status == OT_OK)
		status = ot_catalog_oldest(store, &oldest, err);
	if (status != OT_OK)
		return status;
	if (at > newest || at < 0)
		return ot_err_set(err, OT_NOT_FOUND, "there is no snapshot %lld: the newest is %lld", (long long)at, (long long)newest);
	if (at < oldest)
		return ot_err_set(err, OT_NOT_FOUND, "snapshot %lld is gone: its segments were merged into others; the oldest kept is %lld",
		    (long long)at, (long long)oldest);
	return OT_OK;
}

static const char segments_sql[] =
    "SELECT s.id, s.name, s.rows, s.bytes, s.raw_bytes, s.time_min, s.time_max, s.checksum, l.name, s.day FROM segment s"
    " LEFT JOIN link l ON l.segment = s.id AND l.added <= ?1 AND (l.removed IS NULL OR l.removed > ?1)"
    " WHERE s.added <= ?1 AND (s.removed IS NULL OR s.removed > ?1) ORDER BY s.day, s.name";

static enum ot_status get_segment(struct ot_query *q, struct ot_snapshot *out, struct ot_segment_ref *ref, struct ot_err *err)
{
	struct ot_segment_info *info = &ref->info;
	struct ot_str name, link = OT_STR_NONE;

	memset(ref, 0, sizeof(*ref));
	ref->id = ot_query_get_int(q);
	name = ot_query_get_text(q, &out->arena);
	if (name.len >= sizeof(info->name))
		return ot_err_set(err, OT_CORRUPT, "%s/catalog.sqlite: the name of segment %lld is too long", q->store->dir, (long long)ref->id);
	memcpy(info->name, name.ptr, name.len);
	info->rows = (uint32_t)ot_query_get_int(q);
	info->bytes = ot_query_get_u64(q);
	info->raw_bytes = ot_query_get_u64(q);
	info->time_min = ot_query_get_int(q);
	info->time_max = ot_query_get_int(q);
	info->checksum = ot_query_get_u64(q);
	if (!ot_query_get_null(q))
		link = ot_query_get_text(q, &out->arena);
	info->day = ot_query_get_null(q) ? OT_DAY_UNDATED : ot_query_get_int(q);
	ref->path = ot_store_segment_path(q->store, info->day, info->name, &out->arena);
	if (link.ptr != NULL)
		ref->link_path = ot_store_segment_path(q->store, info->day, ot_arena_cstr(&out->arena, link), &out->arena);
	return OT_OK;
}

static enum ot_status read_segments(struct ot_snapshot *out, struct ot_store *store, struct ot_err *err)
{
	struct ot_segment_ref *refs = NULL;
	enum ot_status status = OT_OK, ended;
	size_t count = 0, cap = 0;
	struct ot_query q;

	ot_query_start(&q, store, segments_sql, err);
	ot_query_int(&q, out->id);
	while (status == OT_OK && ot_query_row(&q)) {
		if (count == cap) {
			struct ot_segment_ref *more;

			cap = cap == 0 ? 64 : cap * 2;
			more = ot_arena_zero(&out->arena, cap, sizeof(*more));
			if (count > 0)
				memcpy(more, refs, count * sizeof(*more));
			refs = more;
		}
		status = get_segment(&q, out, &refs[count++], err);
	}
	ended = ot_query_end(&q);
	out->segments = refs;
	out->segment_count = count;
	return status != OT_OK ? status : ended;
}

/* All of it in one transaction, so that counters, segments and links belong together. */
enum ot_status ot_snapshot_open(struct ot_snapshot *out, struct ot_store *store, int64_t at, struct ot_err *err)
{
	struct ot_transaction t;
	enum ot_status status;

	memset(out, 0, sizeof(*out));
	status = ot_transaction_begin(&t, store, false, err);
	if (status != OT_OK)
		return status;
	out->id = at;
	status = at == 0 ? ot_catalog_newest(store, &out->id, err) : ot_catalog_can_give(store, at, err);
	if (status == OT_OK)
		status = read_segments(out, store, err);
	if (status == OT_OK)
		status = ot_catalog_sources(store, &out->sources, &out->source_count, &out->arena, err);
	status = ot_transaction_end(&t, status, err);
	if (status != OT_OK)
		ot_snapshot_release(out);
	return status;
}

void ot_snapshot_release(struct ot_snapshot *snapshot)
{
	ot_arena_release(&snapshot->arena);
	memset(snapshot, 0, sizeof(*snapshot));
}
