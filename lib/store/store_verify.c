#include "catalog.h"

#include <base/file.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include <xxhash.h>

enum { HASH_CHUNK = 1 << 20 };

struct verifying {
	struct ot_store *store;
	ot_fault_fn *report;
	void *context;
	struct ot_verify_result result;
	const char *path; /* of what is being looked at */
	bool uncounted;	  /* rows of some segment could not be counted */
	struct ot_intern keys; /* of sources, as rows name them */
	uint64_t *rows_of_key;
	size_t key_cap;
};

static void fault(struct verifying *v, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void fault(struct verifying *v, const char *format, ...)
{
	char text[OT_ERR_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	v->result.faults++;
	if (v->report != NULL)
		v->report(v->context, text);
}

/* --- the catalog in itself --- */

static enum ot_status check_database(struct verifying *v, struct ot_err *err)
{
	struct ot_arena arena = { 0 };
	enum ot_status status;
	struct ot_query q;

	ot_query_start(&q, v->store, "PRAGMA integrity_check", err);
	while (ot_query_row(&q)) {
		struct ot_str text = ot_query_get_text(&q, &arena);

		if (!ot_str_eq(text, OT_STR("ok")))
			fault(v, "%s/catalog.sqlite: %.*s", v->store->dir, OT_STR_ARGS(text));
	}
	status = ot_query_end(&q);
	if (status == OT_OK) {
		ot_query_start(&q, v->store, "PRAGMA foreign_key_check", err);
		while (ot_query_row(&q)) {
			struct ot_str table = ot_query_get_text(&q, &arena);

			fault(v, "%s/catalog.sqlite: table %.*s, row %lld: what it belongs to is not there", v->store->dir, OT_STR_ARGS(table),
			    (long long)ot_query_get_int(&q));
		}
		status = ot_query_end(&q);
	}
	ot_arena_release(&arena);
	return status;
}

static enum ot_status pass_minutes(void *context, int64_t source_id, int64_t day, const struct ot_minutes *minutes, struct ot_err *err)
{
	(void)context, (void)source_id, (void)day, (void)minutes, (void)err;
	return OT_OK;
}

static enum ot_status check_minutes(struct verifying *v, const struct ot_snapshot *snapshot, struct ot_err *err)
{
	enum ot_status status = ot_store_minutes(v->store, snapshot, INT64_MIN, INT64_MAX, pass_minutes, NULL, err);

	if (status != OT_CORRUPT)
		return status;
	fault(v, "%s", err->text);
	return OT_OK;
}

/* --- segments --- */

/* A writer beside us may have replaced a file since the snapshot, and let go of it long after. */
static bool still_listed(struct verifying *v, const char *sql, int64_t id)
{
	bool listed = true;
	struct ot_query q;

	ot_query_start(&q, v->store, sql, NULL);
	ot_query_int(&q, id);
	if (ot_query_row(&q))
		listed = ot_query_get_int(&q) > 0;
	ot_query_end(&q);
	return listed;
}

static enum ot_status hash_file(const char *path, uint64_t *hash, uint64_t *bytes, struct ot_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum ot_status status = OT_OK;
	XXH3_state_t *state;
	char *chunk;
	ssize_t got;

	if (fd < 0)
		return ot_err_errno(err, "cannot open %s", path);
	chunk = ot_alloc(HASH_CHUNK);
	state = XXH3_createState();
	if (state == NULL)
		ot_die("out of memory");
	XXH3_64bits_reset(state);
	*bytes = 0;
	while ((got = read(fd, chunk, HASH_CHUNK)) != 0 && status == OT_OK) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			status = ot_err_errno(err, "cannot read %s", path);
			break;
		}
		XXH3_64bits_update(state, chunk, (size_t)got);
		*bytes += (uint64_t)got;
	}
	*hash = XXH3_64bits_digest(state);
	XXH3_freeState(state);
	free(chunk);
	close(fd);
	return status;
}

static void segment_fault(void *context, const char *what)
{
	struct verifying *v = context;

	fault(v, "%s: %s", v->path, what);
}

static uint64_t *count_of(struct verifying *v, struct ot_str key)
{
	uint32_t code = ot_intern_put(&v->keys, key, NULL);

	if (code >= v->key_cap) {
		size_t cap = v->key_cap == 0 ? 64 : v->key_cap * 2;

		v->rows_of_key = ot_realloc(v->rows_of_key, cap * sizeof(*v->rows_of_key));
		memset(v->rows_of_key + v->key_cap, 0, (cap - v->key_cap) * sizeof(*v->rows_of_key));
		v->key_cap = cap;
	}
	return &v->rows_of_key[code];
}

/* Adds the rows of a column of source keys to the counts by key; gives those that name no source. */
static uint64_t count_keys(struct verifying *v, const struct ot_column *column)
{
	uint64_t without = 0;

	for (uint32_t row = 0; row < column->rows; row++) {
		if (ot_column_is_null(column, row))
			without++;
		else
			++*count_of(v, column->dict[column->codes[row]]);
	}
	return without;
}

static void count_rows(struct verifying *v, struct ot_segment *segment)
{
	struct ot_arena arena = { 0 };
	uint64_t without = 0;

	for (uint32_t block = 0; block < ot_segment_blocks(segment); block++) {
		struct ot_column column;

		if (ot_segment_decode(segment, OT_SOURCE_KEY, block, &column, &arena, NULL) == OT_OK)
			without += count_keys(v, &column);
		else
			v->uncounted = true;
		ot_arena_reset(&arena);
	}
	if (without > 0)
		fault(v, "%s: %llu rows name no source", v->path, (unsigned long long)without);
	ot_arena_release(&arena);
}

/* Scans skip whole segments by these. */
static void check_times(struct verifying *v, struct ot_segment *segment, const struct ot_segment_info *info)
{
	int64_t min = INT64_MAX, max = INT64_MIN;

	if (info->day == OT_DAY_UNDATED)
		return;
	for (uint32_t block = 0; block < ot_segment_blocks(segment); block++) {
		struct ot_block_stats stats;

		if (ot_segment_stats(segment, OT_TIMESTAMP, block, &stats, NULL) != OT_OK)
			return;
		min = stats.min < min ? stats.min : min;
		max = stats.max > max ? stats.max : max;
	}
	if (min != info->time_min || max != info->time_max)
		fault(v, "%s: the catalog has other first and last times for it", v->path);
}

static void check_inside(struct verifying *v, const struct ot_segment_ref *ref)
{
	struct ot_segment *segment = NULL;
	uint64_t faults = v->result.faults;
	struct ot_err err = { .status = OT_OK };

	if (ot_segment_open(&segment, ref->path, &err) != OT_OK || ot_segment_verify(segment, segment_fault, v, &err) != OT_OK) {
		if (v->result.faults == faults)
			fault(v, "%s", err.text);
		v->uncounted = true;
	} else {
		if (ot_segment_rows(segment) != ref->info.rows)
			fault(v, "%s has %u rows, the catalog says %u", v->path, ot_segment_rows(segment), ref->info.rows);
		check_times(v, segment, &ref->info);
		count_rows(v, segment);
	}
	ot_segment_close(segment);
}

static void check_links(struct verifying *v, const struct ot_segment_ref *ref)
{
	struct ot_links links = { 0 };
	struct ot_err err;

	if (ref->link_path == NULL)
		return;
	if (ot_links_open(&links, ref->link_path, &err) != OT_OK || ot_links_check_rows(&links, ref->info.rows, ref->link_path, &err) != OT_OK) {
		if (err.status != OT_NOT_FOUND || still_listed(v, "SELECT count(*) FROM link WHERE segment = ? AND removed IS NULL", ref->id))
			fault(v, "%s", err.text);
	}
	ot_links_release(&links);
}

static void check_segment(struct verifying *v, const struct ot_segment_ref *ref)
{
	uint64_t hash = 0, bytes = 0;
	struct ot_err err;

	v->path = ref->path;
	if (hash_file(ref->path, &hash, &bytes, &err) != OT_OK) {
		if (err.status != OT_NOT_FOUND || still_listed(v, "SELECT count(*) FROM segment WHERE id = ?", ref->id))
			fault(v, "%s", err.text);
		v->uncounted = true;
		return;
	}
	v->result.segments++;
	v->result.rows += ref->info.rows;
	v->result.bytes += bytes;
	if (bytes != ref->info.bytes)
		fault(v, "%s has %llu bytes, the catalog says %llu", ref->path, (unsigned long long)bytes, (unsigned long long)ref->info.bytes);
	else if (hash != ref->info.checksum)
		fault(v, "%s: its checksum is not the one in the catalog", ref->path);
	check_inside(v, ref);
	check_links(v, ref);
}

/* --- sources: what they say was stored, against what is --- */

static void check_sources(struct verifying *v, const struct ot_snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->source_count; i++) {
		const struct ot_source *source = &snapshot->sources[i];
		uint64_t *rows = count_of(v, source->key);

		if (*rows != source->records)
			fault(v, "source %.*s (%.*s): %llu records were stored, %llu are there", OT_STR_ARGS(source->key), OT_STR_ARGS(source->path),
			    (unsigned long long)source->records, (unsigned long long)*rows);
		*rows = 0;
	}
	for (uint32_t code = 0; code < v->keys.count; code++)
		if (v->rows_of_key[code] > 0)
			fault(v, "%llu records are of source %.*s, which the catalog does not have", (unsigned long long)v->rows_of_key[code],
			    OT_STR_ARGS(v->keys.items[code]));
}

/* --- quarantine --- */

static void check_quarantine_file(struct verifying *v, const char *path, uint64_t lines)
{
	uint64_t found = 0;
	struct ot_err err;

	if (ot_quarantine_verify(path, &found, &err) != OT_OK)
		fault(v, "%s", err.text);
	else if (found != lines)
		fault(v, "%s holds %llu lines, the catalog says %llu", path, (unsigned long long)found, (unsigned long long)lines);
}

static enum ot_status check_quarantine(struct verifying *v, struct ot_err *err)
{
	struct ot_arena arena = { 0 };
	enum ot_status status;
	struct ot_query q;

	ot_query_start(&q, v->store, "SELECT name, lines FROM quarantine WHERE removed IS NULL ORDER BY name", err);
	while (ot_query_row(&q)) {
		const char *name = ot_arena_cstr(&arena, ot_query_get_text(&q, &arena));

		check_quarantine_file(v, ot_store_quarantine_path(v->store, name, &arena), ot_query_get_u64(&q));
		ot_arena_reset(&arena);
	}
	status = ot_query_end(&q);
	ot_arena_release(&arena);
	return status;
}

/* --- files that no commit lists --- */

static bool writer_at_work(const struct ot_store *store)
{
	struct ot_buf path = { 0 };
	bool held;
	int fd;

	if (store->lock_fd >= 0)
		return true;
	ot_buf_printf(&path, "%s/lock%c", store->dir, '\0');
	fd = open(path.data, O_RDONLY | O_CLOEXEC);
	held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0;
	if (fd >= 0)
		close(fd);
	ot_buf_release(&path);
	return held;
}

static enum ot_status note_unlisted(void *context, const char *path, struct ot_err *err)
{
	struct verifying *v = context;

	(void)err;
	v->result.unlisted++;
	if (!writer_at_work(v->store))
		fault(v, "%s: not listed in the catalog", path);
	return OT_OK;
}

/* --- all of it --- */

enum ot_status ot_store_verify(struct ot_store *store, ot_fault_fn *report, void *context, struct ot_verify_result *result, struct ot_err *err)
{
	struct verifying v = { .store = store, .report = report, .context = context };
	struct ot_err own;
	struct ot_snapshot snapshot = { 0 };
	enum ot_status status;

	err = err == NULL ? &own : err;
	status = check_database(&v, err);
	if (status == OT_OK)
		status = ot_snapshot_open(&snapshot, store, 0, err);
	for (size_t i = 0; i < snapshot.segment_count && status == OT_OK; i++)
		check_segment(&v, &snapshot.segments[i]);
	/* Rows that could not be counted have their fault already. */
	if (status == OT_OK && !v.uncounted)
		check_sources(&v, &snapshot);
	if (status == OT_OK)
		status = check_minutes(&v, &snapshot, err);
	if (status == OT_OK)
		status = check_quarantine(&v, err);
	if (status == OT_OK)
		status = ot_store_unlisted(store, note_unlisted, &v, err);
	ot_snapshot_release(&snapshot);
	ot_intern_release(&v.keys);
	free(v.rows_of_key);
	if (result != NULL)
		*result = v.result;
	return status;
}
