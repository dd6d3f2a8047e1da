/* collector: the end of an epoch, one transaction. See pipeline.h. */
#include "pipeline_inside.h"
#include <correlate/route.h>
#include <stdlib.h>
#include <string.h>

/* --- counters of sources --- */

void ot_tally_add(struct ot_registry *registry, const struct ot_tally *tally)
{
	struct ot_tracked *tracked = ot_registry_at(registry, tally->source);
	struct ot_source *s = &tracked->source;
	s->lines += tally->lines;
	s->records += tally->records;
	s->ignored += tally->ignored;
	s->quarantined += tally->unread;
	if (tally->time_first < s->time_first)
		s->time_first = tally->time_first;
	if (tally->time_last > s->time_last)
		s->time_last = tally->time_last;
	for (size_t i = 0; i < OT_TALLY_FORMATS && tally->formats[i].format != NULL; i++)
		ot_format_count_add(tracked->formats, tally->formats[i].format, tally->formats[i].lines);
	tracked->changed = true;
}

/* The format of most lines; where the origin was not said and not found from the first lines, it follows from it. */
void ot_tracked_settle_format(struct ot_tracked *tracked)
{
	const struct ot_format_count *most = NULL;
	struct ot_source *s = &tracked->source;
	for (size_t i = 0; i < OT_TALLY_FORMATS; i++)
		if (tracked->formats[i].format != NULL && (most == NULL || tracked->formats[i].lines > most->lines))
			most = &tracked->formats[i];
	if (most != NULL && (s->format.len == 0 || tracked->was_records * 2 < s->records))
		s->format = ot_str_from(ot_format_name(most->format));
	if (s->origin.len > 0)
		return;
	s->origin = most == NULL ? OT_STR("unknown") : ot_str_from(ot_format_origin(most->format));
	s->origin_kind = most == NULL ? OT_KIND_SERVICE : (int64_t)ot_format_kind(most->format);
}

static void add_tallies(struct ot_pipeline *p)
{
	for (unsigned i = 0; i < p->seat_count; i++) {
		const struct ot_tallies *tallies = &p->seats[i].worker.tallies;
		for (size_t k = 0; k < tallies->count; k++)
			ot_tally_add(p->options.registry, &tallies->items[k]);
	}
}

static enum ot_status commit_source(struct ot_commit *commit, struct ot_tracked *tracked, struct ot_err *err)
{
	struct ot_arena arena = { 0 };
	struct ot_anchor *anchors;
	size_t count = ot_tracked_new_anchors(tracked, &arena, &anchors);
	ot_tracked_settle_format(tracked);
	tracked->source.seen_time = ot_time_now();
	if (!tracked->whole && tracked->source.size <= tracked->source.position)
		tracked->source.size = tracked->source.position + 1; /* so that it is opened again */
	enum ot_status status = ot_commit_source(commit, &tracked->source, anchors, count, err);
	ot_arena_release(&arena);
	return status;
}

/* Sources of which nothing was read are not worth remembering: they are new again next time. */
static enum ot_status commit_sources(struct ot_pipeline *p, struct ot_commit *commit, struct ot_err *err)
{
	enum ot_status status = OT_OK;
	for (size_t i = 0; i < ot_registry_count(p->options.registry) && status == OT_OK; i++) {
		struct ot_tracked *tracked = ot_registry_at(p->options.registry, i);
		if (tracked->changed && tracked->source.position > 0)
			status = commit_source(commit, tracked, err);
	}
	return status;
}

static void sources_stored(struct ot_pipeline *p)
{
	for (size_t i = 0; i < ot_registry_count(p->options.registry); i++) {
		struct ot_tracked *tracked = ot_registry_at(p->options.registry, i);
		if (tracked->changed && tracked->source.position > 0)
			ot_tracked_anchors_stored(tracked);
		tracked->changed = false;
	}
}

/* --- minutes --- */

/* Unread lines of chunks without any record are put to the last record of their source. */
static void add_untimed(struct ot_pipeline *p, struct ot_worker *worker)
{
	for (size_t i = 0; i < worker->unread_count; i++) {
		const struct ot_source *s = &ot_registry_at(p->options.registry, worker->unread_sources[i])->source;
		if (worker->unread[i].time != OT_TIME_MIN || s->time_last == OT_TIME_MIN)
			continue;
		worker->unread[i].time = s->time_last;
		ot_tally_minute(&worker->tallies, worker->unread_sources[i], ot_minute_of(s->time_last), 0, 1);
	}
}

static void gather_minutes(struct ot_pipeline *p, struct ot_minute_count **minutes, size_t *count)
{
	*minutes = NULL;
	*count = 0;
	for (unsigned i = 0; i < p->seat_count; i++)
		ot_tallies_take_minutes(&p->seats[i].worker.tallies, minutes, count);
	ot_minutes_sort(*minutes, *count);
}

static int64_t day_of_minute(int32_t minute) { return minute >= 0 ? minute / OT_MINUTES_PER_DAY : -((-(int64_t)minute + OT_MINUTES_PER_DAY - 1) / OT_MINUTES_PER_DAY); }

enum ot_status ot_minutes_commit(struct ot_registry *registry, struct ot_commit *commit, const struct ot_minute_count *minutes, size_t count, struct ot_err *err)
{
	struct ot_minutes *day_minutes = ot_alloc_zero(1, sizeof(*day_minutes));
	enum ot_status status = OT_OK;
	for (size_t i = 0; i < count && status == OT_OK; i++) {
		int64_t day = day_of_minute(minutes[i].minute);
		size_t at = (size_t)(minutes[i].minute - day * OT_MINUTES_PER_DAY);
		day_minutes->records[at] += minutes[i].records;
		day_minutes->unread[at] += minutes[i].unread;
		if (i + 1 < count && minutes[i + 1].source == minutes[i].source && day_of_minute(minutes[i + 1].minute) == day)
			continue;
		status = ot_commit_minutes(commit, ot_registry_at(registry, minutes[i].source)->source.id, day, day_minutes, err);
		memset(day_minutes, 0, sizeof(*day_minutes));
	}
	free(day_minutes);
	return status;
}

static enum ot_status commit_minutes(struct ot_pipeline *p, struct ot_commit *commit, struct ot_err *err)
{
	struct ot_minute_count *minutes;
	size_t count;
	gather_minutes(p, &minutes, &count);
	enum ot_status status = ot_minutes_commit(p->options.registry, commit, minutes, count, err);
	free(minutes);
	return status;
}

/* --- quarantine --- */

struct unread_place {
	const struct ot_quarantined *entry;
	uint32_t source;
};

static int by_source_and_offset(const void *a, const void *b)
{
	const struct unread_place *x = a, *y = b;
	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	return (x->entry->offset > y->entry->offset) - (x->entry->offset < y->entry->offset);
}

/* Writes the file; *count 0 and no name where there is nothing to write. */
static enum ot_status write_quarantine(struct ot_pipeline *p, char name[64], size_t *count, struct ot_err *err)
{
	*count = 0;
	for (unsigned i = 0; i < p->seat_count; i++)
		*count += p->seats[i].worker.unread_count;
	if (*count == 0)
		return OT_OK;
	struct unread_place *places = ot_alloc(*count * sizeof(*places));
	struct ot_quarantined *entries = ot_alloc(*count * sizeof(*entries));
	size_t n = 0;
	for (unsigned i = 0; i < p->seat_count; i++) {
		const struct ot_worker *worker = &p->seats[i].worker;
		for (size_t k = 0; k < worker->unread_count; k++)
			places[n++] = (struct unread_place){ &worker->unread[k], worker->unread_sources[k] };
	}
	qsort(places, n, sizeof(*places), by_source_and_offset);
	for (size_t i = 0; i < n; i++)
		entries[i] = *places[i].entry;
	enum ot_status status = ot_quarantine_write(p->options.store, entries, n, name, err);
	free(places);
	free(entries);
	return status;
}

/* --- routes --- */

static enum ot_status commit_routes(struct ot_pipeline *p, struct ot_commit *commit, struct ot_err *err)
{
	struct ot_route_learner *learner = ot_route_learner_new();
	for (unsigned i = 0; i < p->seat_count; i++)
		ot_routes_learn(learner, &p->seats[i].worker.batch);
	enum ot_status status = ot_route_learner_commit(learner, p->options.store, commit, err);
	ot_route_learner_free(learner);
	return status;
}

/* --- the transaction --- */

enum ot_status ot_segments_commit(struct ot_commit *commit, const struct ot_worker *worker, struct ot_err *err)
{
	enum ot_status status = OT_OK;
	for (size_t i = 0; i < worker->segment_count && status == OT_OK; i++) {
		int64_t id;
		status = ot_commit_segment(commit, &worker->segments[i], &id, err);
	}
	return status;
}

static enum ot_status commit_all(struct ot_pipeline *p, struct ot_commit *commit, const char *quarantine, size_t unread, struct ot_err *err)
{
	enum ot_status status = OT_OK;
	for (unsigned i = 0; i < p->seat_count && status == OT_OK; i++)
		status = ot_segments_commit(commit, &p->seats[i].worker, err);
	if (status == OT_OK)
		status = commit_sources(p, commit, err);
	if (status == OT_OK)
		status = commit_minutes(p, commit, err);
	if (status == OT_OK && unread > 0)
		status = ot_commit_quarantine(commit, quarantine, unread, err);
	if (status == OT_OK)
		status = commit_routes(p, commit, err);
	return status;
}

static bool has_changes(const struct ot_pipeline *p)
{
	for (size_t i = 0; i < ot_registry_count(p->options.registry); i++) {
		const struct ot_tracked *tracked = ot_registry_at(p->options.registry, i);
		if (tracked->changed && tracked->source.position > 0)
			return true;
	}
	return false;
}

static enum ot_status remember_days(struct ot_pipeline *p, struct ot_err *err)
{
	int64_t *days = NULL;
	size_t count = 0;
	for (unsigned i = 0; i < p->seat_count; i++) {
		const struct ot_worker *worker = &p->seats[i].worker;
		days = ot_realloc(days, (count + worker->segment_count) * sizeof(*days));
		for (size_t k = 0; k < worker->segment_count; k++)
			days[count++] = worker->segments[k].day;
	}
	enum ot_status status = ot_days_remember(p->options.store, days, count, err);
	free(days);
	return status;
}

static uint64_t rows_of_epoch(const struct ot_pipeline *p)
{
	uint64_t rows = 0;
	for (unsigned i = 0; i < p->seat_count; i++)
		rows += p->seats[i].worker.batch.rows;
	return rows;
}

enum ot_status ot_epoch_commit(struct ot_pipeline *p, struct ot_err *err)
{
	char quarantine[64];
	size_t unread;
	struct ot_commit *commit = NULL;
	add_tallies(p);
	if (!has_changes(p))
		return OT_OK;
	for (unsigned i = 0; i < p->seat_count; i++)
		add_untimed(p, &p->seats[i].worker);
	enum ot_status status = write_quarantine(p, quarantine, &unread, err);
	if (status == OT_OK)
		status = remember_days(p, err);
	if (status == OT_OK)
		status = ot_commit_begin(&commit, p->options.store, err);
	if (status == OT_OK)
		status = commit_all(p, commit, quarantine, unread, err);
	if (status != OT_OK) {
		ot_commit_abort(commit);
		return status;
	}
	int64_t snapshot;
	status = ot_commit_finish(commit, &snapshot, err);
	if (status == OT_OK) {
		sources_stored(p);
		p->counts.records_stored += rows_of_epoch(p);
		p->counts.commits++;
	}
	return status;
}
