#include "catalog.h"

#include <string.h>

/* Past OT_ANCHORS_MAX every second of the older ones goes, so that they get sparser towards the start of the source. */
enum { ANCHORS_KEPT_LAST = OT_ANCHORS_MAX / 2 };

#define SOURCE_COLUMNS \
	"key, path, origin, format, zone, origin_kind, head_len, head_hash, position, size, file_size, file_mtime, file_dev, file_ino," \
	" lines, records, ignored, quarantined, time_first, time_last, cut_at, seen_time"

static void put_source(struct ot_query *q, const struct ot_source *s)
{
	ot_query_text(q, s->key);
	ot_query_blob(q, s->path);
	ot_query_text(q, s->origin);
	ot_query_text(q, s->format);
	ot_query_text(q, s->zone);
	ot_query_int(q, s->origin_kind);
	ot_query_u64(q, s->head_len);
	ot_query_u64(q, s->head_hash);
	ot_query_u64(q, s->position);
	ot_query_u64(q, s->size);
	ot_query_u64(q, s->file_size);
	ot_query_u64(q, s->file_mtime_ns);
	ot_query_u64(q, s->file_dev);
	ot_query_u64(q, s->file_ino);
	ot_query_u64(q, s->lines);
	ot_query_u64(q, s->records);
	ot_query_u64(q, s->ignored);
	ot_query_u64(q, s->quarantined);
	ot_query_int(q, s->time_first);
	ot_query_int(q, s->time_last);
	ot_query_int(q, s->cut_at);
	ot_query_int(q, s->seen_time);
}

static void get_source(struct ot_query *q, struct ot_source *s, struct ot_arena *arena)
{
	s->id = ot_query_get_int(q);
	s->key = ot_query_get_text(q, arena);
	s->path = ot_query_get_text(q, arena);
	s->origin = ot_query_get_text(q, arena);
	s->format = ot_query_get_text(q, arena);
	s->zone = ot_query_get_text(q, arena);
	s->origin_kind = ot_query_get_int(q);
	s->head_len = ot_query_get_u64(q);
	s->head_hash = ot_query_get_u64(q);
	s->position = ot_query_get_u64(q);
	s->size = ot_query_get_u64(q);
	s->file_size = ot_query_get_u64(q);
	s->file_mtime_ns = ot_query_get_u64(q);
	s->file_dev = ot_query_get_u64(q);
	s->file_ino = ot_query_get_u64(q);
	s->lines = ot_query_get_u64(q);
	s->records = ot_query_get_u64(q);
	s->ignored = ot_query_get_u64(q);
	s->quarantined = ot_query_get_u64(q);
	s->time_first = ot_query_get_int(q);
	s->time_last = ot_query_get_int(q);
	s->cut_at = ot_query_get_int(q);
	s->seen_time = ot_query_get_int(q);
}

struct sources {
	struct ot_source *items;
	size_t count, cap;
};

static void take_sources(struct sources *list, struct ot_query *q, struct ot_arena *arena)
{
	while (ot_query_row(q)) {
		if (list->count == list->cap) {
			struct ot_source *more;

			list->cap = list->cap == 0 ? 16 : list->cap * 2;
			more = ot_arena_zero(arena, list->cap, sizeof(*more));
			if (list->count > 0)
				memcpy(more, list->items, list->count * sizeof(*more));
			list->items = more;
		}
		get_source(q, &list->items[list->count++], arena);
	}
}

enum ot_status ot_catalog_sources(struct ot_store *store, const struct ot_source **out, size_t *count, struct ot_arena *arena, struct ot_err *err)
{
	struct sources list = { 0 };
	struct ot_query q;

	ot_query_start(&q, store, "SELECT id, " SOURCE_COLUMNS " FROM source ORDER BY id", err);
	take_sources(&list, &q, arena);
	*out = list.items;
	*count = list.count;
	return ot_query_end(&q);
}

/* Longest heads first. A source without a head (an empty file) is a beginning of anything, and so says nothing. */
static enum ot_status head_lengths(struct ot_store *store, size_t most, uint64_t lengths[OT_HEAD_MAX], size_t *count, struct ot_err *err)
{
	struct ot_query q;

	ot_query_start(&q, store, "SELECT DISTINCT head_len FROM source WHERE head_len > 0 AND head_len <= ? ORDER BY head_len DESC", err);
	ot_query_u64(&q, most);
	for (*count = 0; *count < OT_HEAD_MAX && ot_query_row(&q); (*count)++)
		lengths[*count] = ot_query_get_u64(&q);
	return ot_query_end(&q);
}

enum ot_status ot_store_find_sources(struct ot_store *store, struct ot_str head, struct ot_source **out, size_t *count, struct ot_arena *arena, struct ot_err *err)
{
	uint64_t lengths[OT_HEAD_MAX];
	struct sources list = { 0 };
	size_t length_count = 0;
	enum ot_status status = head_lengths(store, head.len, lengths, &length_count, err);

	for (size_t i = 0; i < length_count && status == OT_OK; i++) {
		struct ot_query q;

		ot_query_start(&q, store,
		    "SELECT id, " SOURCE_COLUMNS " FROM source WHERE head_len = ? AND head_hash = ? ORDER BY seen_time DESC, id DESC", err);
		ot_query_u64(&q, lengths[i]);
		ot_query_u64(&q, ot_hash(head.ptr, lengths[i]));
		take_sources(&list, &q, arena);
		status = ot_query_end(&q);
	}
	*out = list.items;
	*count = list.count;
	return status;
}

enum ot_status ot_store_find_path(struct ot_store *store, const char *path, struct ot_source *out, struct ot_arena *arena, struct ot_err *err)
{
	struct ot_query q;
	enum ot_status status;
	bool found;

	memset(out, 0, sizeof(*out));
	ot_query_start(&q, store, "SELECT id, " SOURCE_COLUMNS " FROM source WHERE path = ? ORDER BY seen_time DESC, id DESC LIMIT 1", err);
	ot_query_blob(&q, ot_str_from(path));
	found = ot_query_row(&q);
	if (found)
		get_source(&q, out, arena);
	status = ot_query_end(&q);
	return status == OT_OK && !found ? ot_err_set(err, OT_NOT_FOUND, "no source was read at %s", path) : status;
}

enum ot_status ot_store_anchors(struct ot_store *store, int64_t source_id, struct ot_anchor **out, size_t *count, struct ot_arena *arena, struct ot_err *err)
{
	struct ot_anchor *anchors = ot_arena_zero(arena, OT_ANCHORS_MAX, sizeof(*anchors));
	struct ot_query q;

	ot_query_start(&q, store, "SELECT offset, hash FROM anchor WHERE source = ? ORDER BY offset", err);
	ot_query_int(&q, source_id);
	for (*count = 0; *count < OT_ANCHORS_MAX && ot_query_row(&q); (*count)++) {
		anchors[*count].offset = ot_query_get_u64(&q);
		anchors[*count].hash = ot_query_get_u64(&q);
	}
	*out = anchors;
	return ot_query_end(&q);
}

/* --- within a commit --- */

static enum ot_status insert_source(struct ot_store *store, struct ot_source *source, struct ot_err *err)
{
	struct ot_query q;
	enum ot_status status;

	ot_query_start(&q, store,
	    "INSERT INTO source (" SOURCE_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", err);
	put_source(&q, source);
	status = ot_query_run(&q);
	if (status == OT_OK)
		source->id = sqlite3_last_insert_rowid(store->db);
	return status;
}

/* `*found` false: a commit that failed gave the source its id, so that it is still new. Its key is asked for because that id may be another's by now. */
static enum ot_status update_source(struct ot_store *store, const struct ot_source *source, bool *found, struct ot_err *err)
{
	struct ot_query q;
	enum ot_status status;

	ot_query_start(&q, store,
	    "UPDATE source SET (" SOURCE_COLUMNS ") = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	    " WHERE id = ? AND key = ?",
	    err);
	put_source(&q, source);
	ot_query_int(&q, source->id);
	ot_query_text(&q, source->key);
	status = ot_query_run(&q);
	*found = status == OT_OK && sqlite3_changes(store->db) > 0;
	return status;
}

static enum ot_status count_anchors(struct ot_store *store, int64_t source_id, int64_t *count, struct ot_err *err)
{
	struct ot_query q;

	ot_query_start(&q, store, "SELECT count(*) FROM anchor WHERE source = ?", err);
	ot_query_int(&q, source_id);
	*count = ot_query_row(&q) ? ot_query_get_int(&q) : 0;
	return ot_query_end(&q);
}

static enum ot_status thin_anchors(struct ot_store *store, int64_t source_id, int64_t count, struct ot_err *err)
{
	struct ot_query q;

	ot_query_start(&q, store,
	    "DELETE FROM anchor WHERE source = ?1 AND offset IN (SELECT offset FROM"
	    " (SELECT offset, row_number() OVER (ORDER BY offset) AS place FROM anchor WHERE source = ?1) WHERE place % 2 = 0 AND place <= ?2)",
	    err);
	ot_query_int(&q, source_id);
	ot_query_int(&q, count - ANCHORS_KEPT_LAST);
	return ot_query_run(&q);
}

static enum ot_status add_anchors(struct ot_store *store, int64_t source_id, const struct ot_anchor *anchors, size_t anchor_count, struct ot_err *err)
{
	enum ot_status status = OT_OK;
	int64_t count = 0;

	for (size_t i = 0; i < anchor_count && status == OT_OK; i++) {
		struct ot_query q;

		ot_query_start(&q, store, "INSERT OR REPLACE INTO anchor (source, offset, hash) VALUES (?, ?, ?)", err);
		ot_query_int(&q, source_id);
		ot_query_u64(&q, anchors[i].offset);
		ot_query_u64(&q, anchors[i].hash);
		status = ot_query_run(&q);
	}
	if (status == OT_OK && anchor_count > 0)
		status = count_anchors(store, source_id, &count, err);
	while (status == OT_OK && count > OT_ANCHORS_MAX) {
		status = thin_anchors(store, source_id, count, err);
		count -= (count - ANCHORS_KEPT_LAST) / 2;
	}
	return status;
}

enum ot_status ot_commit_source(struct ot_commit *commit, struct ot_source *source, const struct ot_anchor *anchors, size_t anchor_count, struct ot_err *err)
{
	struct ot_store *store = commit->store;
	enum ot_status status = OT_OK;
	bool found = false;

	if (source->id != 0)
		status = update_source(store, source, &found, err);
	if (status == OT_OK && !found)
		status = insert_source(store, source, err);
	if (status == OT_OK)
		status = add_anchors(store, source->id, anchors, anchor_count, err);
	return ot_commit_step(commit, status);
}
