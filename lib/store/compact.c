#include "catalog.h"
#include "compact_plan.h"

#include <base/file.h>
#include <stdlib.h>
#include <string.h>

/* One merge: its inputs, and what comes of them. */
struct merge {
	struct ot_store *store;
	size_t count;
	const struct ot_segment_ref *inputs[OT_COMPACT_INPUTS_MAX];
	struct ot_segment *segments[OT_COMPACT_INPUTS_MAX];
	uint32_t *maps[OT_COMPACT_INPUTS_MAX];
	struct ot_segment_info info;
	char *path, *aside; /* of the output */
	char link[64];
	struct ot_arena arena;
};

static void merge_release(struct merge *m)
{
	for (size_t i = 0; i < m->count; i++) {
		ot_segment_close(m->segments[i]);
		free(m->maps[i]);
	}
	ot_arena_release(&m->arena);
}

/* --- damage --- */

static bool is_damaged(const struct ot_store *store, int64_t id)
{
	for (size_t i = 0; i < store->damaged_count; i++)
		if (store->damaged[i] == id)
			return true;
	return false;
}

static void mark_damaged(struct ot_store *store, int64_t id)
{
	if (is_damaged(store, id))
		return;
	store->damaged = ot_realloc(store->damaged, (store->damaged_count + 1) * sizeof(*store->damaged));
	store->damaged[store->damaged_count++] = id;
}

static void count_fault(void *context, const char *what)
{
	(void)what;
	++*(uint64_t *)context;
}

static bool segment_is_whole(const struct ot_segment_ref *ref)
{
	struct ot_segment *segment = NULL;
	uint64_t faults = 0;
	bool whole = ot_segment_open(&segment, ref->path, NULL) == OT_OK;

	whole = whole && ot_segment_verify(segment, count_fault, &faults, NULL) == OT_OK && faults == 0;
	ot_segment_close(segment);
	return whole;
}

static bool links_are_whole(const struct ot_segment_ref *ref)
{
	struct ot_links links;
	bool whole = ref->link_path == NULL ||
		     (ot_links_open(&links, ref->link_path, NULL) == OT_OK && ot_links_check_rows(&links, ref->info.rows, ref->link_path, NULL) == OT_OK);

	if (ref->link_path != NULL)
		ot_links_release(&links);
	return whole;
}

/* Damage stays where it is, named by verify and counted in answers; the segments beside it are merged without. Where none shows it, all are left alone. */
static void leave_damaged_alone(const struct merge *m)
{
	size_t damaged = 0;

	for (size_t i = 0; i < m->count; i++) {
		if (segment_is_whole(m->inputs[i]) && links_are_whole(m->inputs[i]))
			continue;
		mark_damaged(m->store, m->inputs[i]->id);
		damaged++;
	}
	for (size_t i = 0; i < m->count && damaged == 0; i++)
		mark_damaged(m->store, m->inputs[i]->id);
}

/* --- one merge --- */

static enum ot_status open_inputs(struct merge *m, struct ot_err *err)
{
	enum ot_status status = OT_OK;

	for (size_t i = 0; i < m->count && status == OT_OK; i++)
		status = ot_segment_open(&m->segments[i], m->inputs[i]->path, err);
	/* Listed and not there is damage like any other. */
	return status == OT_NOT_FOUND ? OT_CORRUPT : status;
}

static void add_up(const struct merge *m, uint64_t *rows, uint64_t *raw_bytes)
{
	*rows = *raw_bytes = 0;
	for (size_t i = 0; i < m->count; i++) {
		*rows += m->inputs[i]->info.rows;
		*raw_bytes += m->inputs[i]->info.raw_bytes;
	}
}

static enum ot_status write_output(struct merge *m, struct ot_err *err)
{
	struct ot_segment_info info = { .rows = 0 };
	struct ot_buf folder = { 0 };
	uint64_t rows, raw_bytes;
	int64_t day = m->inputs[0]->info.day;
	enum ot_status status = ot_store_segment_dir(m->store, day, &folder, err);

	ot_buf_release(&folder);
	if (status != OT_OK)
		return status;
	add_up(m, &rows, &raw_bytes);
	ot_store_new_name(m->store, ".seg", m->info.name);
	m->path = ot_store_segment_path(m->store, day, m->info.name, &m->arena);
	m->aside = ot_arena_cstr(&m->arena, ot_arena_printf(&m->arena, "%s.tmp", m->path));
	status = ot_segment_merge(m->aside, m->segments, m->count, &info, m->maps, err);
	if (status == OT_OK && info.rows != rows)
		status = ot_err_set(err, OT_CORRUPT, "%s has %u rows, those merged into it have %llu", m->path, info.rows, (unsigned long long)rows);
	memcpy(info.name, m->info.name, sizeof(info.name));
	m->info = info;
	m->info.day = day;
	m->info.raw_bytes = raw_bytes;
	if (status == OT_OK)
		status = ot_file_rename(m->aside, m->path, err);
	if (status != OT_OK)
		ot_file_remove(m->aside, NULL);
	return status;
}

/* Links as they are now, which linking may have changed since the snapshot. */
static enum ot_status current_link(struct merge *m, struct ot_segment_ref *ref, struct ot_err *err)
{
	struct ot_query q;

	ref->link_path = NULL;
	ot_query_start(&q, m->store, "SELECT name FROM link WHERE segment = ? AND removed IS NULL", err);
	ot_query_int(&q, ref->id);
	if (ot_query_row(&q))
		ref->link_path =
		    ot_store_segment_path(m->store, ref->info.day, ot_arena_cstr(&m->arena, ot_query_get_text(&q, &m->arena)), &m->arena);
	return ot_query_end(&q);
}

static enum ot_status merge_links(struct merge *m, struct ot_err *err)
{
	struct ot_segment_ref *refs = ot_arena_zero(&m->arena, m->count, sizeof(*refs));
	enum ot_status status = OT_OK;

	for (size_t i = 0; i < m->count && status == OT_OK; i++) {
		refs[i] = *m->inputs[i];
		status = current_link(m, &refs[i], err);
		m->inputs[i] = &refs[i];
	}
	return status == OT_OK ? ot_compact_links(m->store, m->inputs, m->count, m->maps, &m->info, m->link, err) : status;
}

static enum ot_status swap(struct merge *m, struct ot_commit *commit, struct ot_err *err)
{
	int64_t id = 0;
	enum ot_status status = ot_commit_segment(commit, &m->info, &id, err);

	if (status == OT_OK)
		status = merge_links(m, err);
	if (status == OT_OK && m->link[0] != '\0')
		status = ot_commit_link(commit, id, m->link, err);
	for (size_t i = 0; i < m->count && status == OT_OK; i++)
		status = ot_commit_remove_segment(commit, m->inputs[i]->id, err);
	return status;
}

static void remove_output(struct merge *m)
{
	ot_file_remove(m->path, NULL);
	if (m->link[0] != '\0')
		ot_file_remove(ot_store_segment_path(m->store, m->info.day, m->link, &m->arena), NULL);
}

/* After a failed finish only OT_FULL is certain: else the files stay, for the next sweep to decide. */
static enum ot_status commit_output(struct merge *m, struct ot_err *err)
{
	struct ot_commit *commit;
	enum ot_status status = ot_commit_begin(&commit, m->store, err);

	if (status == OT_OK)
		status = swap(m, commit, err);
	if (status != OT_OK) {
		ot_commit_abort(commit);
		remove_output(m);
		return status;
	}
	status = ot_commit_finish(commit, NULL, err);
	if (status == OT_FULL)
		remove_output(m);
	return status;
}

static enum ot_status run_merge(struct merge *m, struct ot_err *err)
{
	struct ot_err damage = { .status = OT_OK };
	enum ot_status status = open_inputs(m, &damage);

	if (status == OT_OK)
		status = write_output(m, &damage);
	if (status == OT_OK)
		status = commit_output(m, &damage);
	if (status == OT_CORRUPT) {
		leave_damaged_alone(m);
		return OT_OK;
	}
	if (status != OT_OK && err != NULL)
		*err = damage;
	return status;
}

/* --- days --- */

static size_t day_end(const struct ot_snapshot *snapshot, size_t from)
{
	size_t to = from;

	while (to < snapshot->segment_count && snapshot->segments[to].info.day == snapshot->segments[from].info.day)
		to++;
	return to;
}

/* Merges one group of the segments [from, to) of a day, if there is one. */
static enum ot_status compact_day(struct ot_store *store, const struct ot_snapshot *snapshot, size_t from, size_t to, bool eager, bool *merged, struct ot_err *err)
{
	uint32_t *rows = ot_alloc_zero(to - from, sizeof(*rows));
	size_t chosen[OT_COMPACT_INPUTS_MAX];
	struct merge m = { .store = store };
	enum ot_status status = OT_OK;

	for (size_t i = from; i < to; i++)
		if (!is_damaged(store, snapshot->segments[i].id))
			rows[i - from] = snapshot->segments[i].info.rows;
	m.count = ot_compact_plan(rows, to - from, eager, chosen);
	for (size_t i = 0; i < m.count; i++)
		m.inputs[i] = &snapshot->segments[from + chosen[i]];
	if (m.count > 0) {
		status = run_merge(&m, err);
		*merged = true;
	}
	merge_release(&m);
	free(rows);
	return status;
}

static enum ot_status compact_pass(struct ot_store *store, bool eager, bool *merged, struct ot_err *err)
{
	struct ot_snapshot snapshot;
	enum ot_status status = ot_snapshot_open(&snapshot, store, 0, err);
	size_t from = 0;

	*merged = false;
	if (status != OT_OK)
		return status;
	while (from < snapshot.segment_count && status == OT_OK) {
		size_t to = day_end(&snapshot, from);

		status = compact_day(store, &snapshot, from, to, eager, merged, err);
		from = to;
	}
	ot_snapshot_release(&snapshot);
	return status;
}

static enum ot_status measure(struct ot_store *store, uint64_t *segments, uint64_t *bytes, uint64_t *damaged, struct ot_err *err)
{
	struct ot_snapshot snapshot;
	enum ot_status status = ot_snapshot_open(&snapshot, store, 0, err);

	*bytes = *damaged = 0;
	*segments = snapshot.segment_count;
	for (size_t i = 0; i < snapshot.segment_count; i++) {
		*bytes += snapshot.segments[i].info.bytes;
		*damaged += is_damaged(store, snapshot.segments[i].id);
	}
	ot_snapshot_release(&snapshot);
	return status;
}

enum ot_status ot_store_compact(struct ot_store *store, bool eager, struct ot_compact_result *result, struct ot_err *err)
{
	struct ot_compact_result r = { .skipped = 0 };
	bool merged = true;
	enum ot_status status = measure(store, &r.segments_before, &r.bytes_before, &r.skipped, err);

	while (status == OT_OK && merged)
		status = compact_pass(store, eager, &merged, err);
	if (status == OT_OK)
		status = ot_store_expire(store, err);
	if (status == OT_OK)
		status = measure(store, &r.segments_after, &r.bytes_after, &r.skipped, err);
	if (result != NULL)
		*result = r;
	return status;
}
