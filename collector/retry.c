/* collector: lines in quarantine tried again with the formats of today (--retry-quarantine). */
#include "collect.h"
#include "pipeline_inside.h"
#include <correlate/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct retry {
	struct ot_collect *collect;
	struct ot_worker worker;
	struct ot_job job;
	char file[64];		      /* whose entries come */
	size_t file_start;	      /* its first entry among `kept` */
	uint64_t file_taken;	      /* lines of it that are no longer unread */
	struct ot_quarantined *kept;  /* those that stay, of files that lose some */
	size_t kept_count, kept_cap;
	struct ot_arena texts;
	char (*done)[64];	      /* files to be replaced */
	size_t done_count;
	struct ot_minute_count *minutes; /* lines taken out of quarantine: unread below zero */
	size_t minute_count, minute_cap;
	uint64_t *taken;	      /* by source: lines no longer unread */
};

/* --- one entry --- */

static void keep(struct retry *r, const struct ot_quarantined *entry)
{
	if (r->kept_count == r->kept_cap) {
		r->kept_cap = r->kept_cap == 0 ? 64 : r->kept_cap * 2;
		r->kept = ot_realloc(r->kept, r->kept_cap * sizeof(*r->kept));
	}
	struct ot_quarantined *copy = &r->kept[r->kept_count++];
	*copy = *entry;
	copy->source_key = ot_arena_str(&r->texts, entry->source_key);
	copy->path = ot_arena_str(&r->texts, entry->path);
	copy->reason = ot_arena_str(&r->texts, entry->reason);
	copy->text = ot_arena_str(&r->texts, entry->text);
}

static void take_out(struct retry *r, const struct ot_tracked *tracked, const struct ot_quarantined *entry)
{
	r->file_taken++;
	r->taken[tracked->number]++;
	if (entry->time == OT_TIME_MIN)
		return;
	if (r->minute_count == r->minute_cap) {
		r->minute_cap = r->minute_cap == 0 ? 64 : r->minute_cap * 2;
		r->minutes = ot_realloc(r->minutes, r->minute_cap * sizeof(*r->minutes));
	}
	r->minutes[r->minute_count++] = (struct ot_minute_count){ tracked->number, ot_minute_of(entry->time), 0, UINT32_MAX };
}

static void prepare(struct retry *r, const struct ot_tracked *tracked, const struct ot_quarantined *entry)
{
	const struct ot_source *s = &tracked->source;
	struct ot_collect *c = r->collect;
	r->job.source = tracked->number;
	r->job.reading = (struct ot_reading){ NULL, s->format.len > 0 ? ot_format_find(c->options->formats, s->format) : NULL };
	r->job.context = (struct ot_source_context){
		.origin = s->origin,
		.source = entry->path,
		.source_key = s->key,
		.kind = (enum ot_origin_kind)s->origin_kind,
		.zone = ot_collect_zone(c, s->zone),
		.ingest_time = c->started,
		.year_hint = entry->time != OT_TIME_MIN ? entry->time : s->seen_time,
		.keep_attributes = c->options->keep_attributes,
	};
}

/* --- files --- */

static void end_file(struct retry *r)
{
	if (r->file_taken == 0) {
		r->kept_count = r->file_start; /* stays as it is */
		return;
	}
	r->done = ot_realloc(r->done, (r->done_count + 1) * sizeof(*r->done));
	memcpy(r->done[r->done_count++], r->file, sizeof(r->file));
	r->file_taken = 0;
	r->file_start = r->kept_count;
}

static enum ot_status commit_sources(struct retry *r, struct ot_commit *commit, struct ot_err *err)
{
	struct ot_registry *registry = r->collect->registry;
	const struct ot_tallies *tallies = &r->worker.tallies;
	enum ot_status status = OT_OK;
	for (size_t i = 0; i < tallies->count; i++)
		ot_tally_add(registry, &tallies->items[i]);
	for (size_t i = 0; i < ot_registry_count(registry) && status == OT_OK; i++) {
		struct ot_tracked *tracked = ot_registry_at(registry, i);
		if (r->taken[i] == 0)
			continue;
		tracked->source.quarantined -= r->taken[i] < tracked->source.quarantined ? r->taken[i] : tracked->source.quarantined;
		ot_tracked_settle_format(tracked);
		status = ot_commit_source(commit, &tracked->source, NULL, 0, err);
		tracked->changed = false;
	}
	return status;
}

static enum ot_status commit_counts(struct retry *r, struct ot_commit *commit, struct ot_err *err)
{
	struct ot_route_learner *learner = ot_route_learner_new();
	ot_routes_learn(learner, &r->worker.batch);
	ot_tallies_take_minutes(&r->worker.tallies, &r->minutes, &r->minute_count);
	r->minute_cap = r->minute_count;
	ot_minutes_sort(r->minutes, r->minute_count);
	enum ot_status status = ot_minutes_commit(r->collect->registry, commit, r->minutes, r->minute_count, err);
	if (status == OT_OK)
		status = ot_route_learner_commit(learner, r->collect->store, commit, err);
	ot_route_learner_free(learner);
	return status;
}

static enum ot_status commit_all(struct retry *r, struct ot_commit *commit, const char *name, struct ot_err *err)
{
	enum ot_status status = ot_segments_commit(commit, &r->worker, err);
	if (status == OT_OK)
		status = commit_sources(r, commit, err);
	if (status == OT_OK)
		status = commit_counts(r, commit, err);
	for (size_t i = 0; i < r->done_count && status == OT_OK; i++)
		status = ot_commit_quarantine_remove(commit, r->done[i], err);
	if (status == OT_OK && r->kept_count > 0)
		status = ot_commit_quarantine(commit, name, r->kept_count, err);
	return status;
}

static void no_lock(void *context) { (void)context; }

static enum ot_status write_all(struct retry *r, char name[64], struct ot_err *err)
{
	struct ot_store *store = r->collect->store;
	struct ot_worker_lock lock = { no_lock, no_lock, NULL };
	enum ot_status status = ot_worker_write(&r->worker, store, &lock, err);
	int64_t *days = ot_alloc((r->worker.segment_count + 1) * sizeof(*days));
	for (size_t i = 0; i < r->worker.segment_count; i++)
		days[i] = r->worker.segments[i].day;
	if (status == OT_OK)
		status = ot_days_remember(store, days, r->worker.segment_count, err);
	if (status == OT_OK && r->kept_count > 0)
		status = ot_quarantine_write(store, r->kept, r->kept_count, name, err);
	free(days);
	return status;
}

/* What was taken in of the files that are done, and what stays of them, in one transaction. */
static enum ot_status commit(struct retry *r, struct ot_err *err)
{
	char name[64] = "";
	struct ot_commit *transaction = NULL;
	int64_t snapshot;
	if (r->done_count == 0)
		return OT_OK;
	enum ot_status status = write_all(r, name, err);
	if (status == OT_OK)
		status = ot_commit_begin(&transaction, r->collect->store, err);
	if (status == OT_OK)
		status = commit_all(r, transaction, name, err);
	if (status != OT_OK) {
		ot_commit_abort(transaction);
		return status;
	}
	status = ot_commit_finish(transaction, &snapshot, err);
	r->collect->retried_records += r->worker.batch.rows;
	ot_worker_clear(&r->worker);
	ot_arena_reset(&r->texts);
	memset(r->taken, 0, (ot_registry_count(r->collect->registry) + 1) * sizeof(*r->taken));
	r->done_count = r->kept_count = r->file_start = r->minute_count = 0;
	return status;
}

static bool is_full(const struct retry *r)
{
	return r->worker.batch.rows >= OT_EPOCH_ROWS || ot_worker_bytes(&r->worker) + r->texts.bytes >= OT_EPOCH_BYTES;
}

static enum ot_status take_entry(void *context, const struct ot_quarantined *entry, const char *file, struct ot_err *err)
{
	struct retry *r = context;
	if (strncmp(r->file, file, sizeof(r->file)) != 0) {
		end_file(r);
		enum ot_status status = is_full(r) ? commit(r, err) : OT_OK;
		if (status != OT_OK)
			return status;
		snprintf(r->file, sizeof(r->file), "%s", file);
	}
	struct ot_tracked *tracked = ot_registry_find_key(r->collect->registry, entry->source_key);
	enum ot_outcome_of_line outcome = OT_LINE_UNREAD;
	if (tracked != NULL && !ot_str_ends(entry->reason, OT_STR(OT_REASON_TOO_LONG))) {
		prepare(r, tracked, entry);
		outcome = ot_worker_retry(&r->worker, &r->job, entry->text, entry->offset);
	}
	if (outcome == OT_LINE_UNREAD) {
		keep(r, entry);
		r->collect->retried_left++;
	} else {
		take_out(r, tracked, entry);
	}
	return OT_OK;
}

enum ot_status ot_collect_retry(struct ot_collect *c, struct ot_err *err)
{
	struct retry r = { .collect = c };
	struct ot_snapshot snapshot = { 0 };
	c->retried = true;
	r.taken = ot_alloc_zero(ot_registry_count(c->registry) + 1, sizeof(*r.taken));
	ot_worker_init(&r.worker, c->options->formats, ot_store_key(c->store), c->options->keep_attributes);
	enum ot_status status = ot_snapshot_open(&snapshot, c->store, 0, err);
	if (status == OT_OK)
		status = ot_quarantine_read(c->store, &snapshot, take_entry, &r, err);
	if (status == OT_CORRUPT) { /* which file is damaged is not known: all stay as they are */
		ot_collect_problem(c, "%s; what is in quarantine stays there", err->text);
		c->files_failed++;
		status = OT_OK;
	} else if (status == OT_OK) {
		end_file(&r);
		status = commit(&r, err);
	}
	ot_snapshot_release(&snapshot);
	ot_worker_release(&r.worker);
	ot_arena_release(&r.texts);
	free(r.kept);
	free(r.done);
	free(r.minutes);
	free(r.taken);
	return status;
}
