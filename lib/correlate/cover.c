#include "cover.h"
#include <stdlib.h>
#include <string.h>

/* Rhythm is learned from so many days before the window and after it. */
enum { DAYS_BEFORE = 14, DAYS_AFTER = 7 };

static int64_t floor_minute(int64_t time_ns)
{
	int64_t minute = time_ns / COVER_MINUTE_NS;
	return minute * COVER_MINUTE_NS > time_ns ? minute - 1 : minute;
}

static int compare_streams(const void *pa, const void *pb)
{
	const struct cover_stream *a = pa, *b = pb;
	int order = ot_str_cmp(a->origin, b->origin);
	return order != 0 ? order : ot_str_cmp(a->format, b->format);
}

static bool is_asked(const struct cover *c, const struct ot_source *s)
{
	const struct ot_coverage_scope *scope = c->scope;
	return scope->keep == NULL || scope->keep(scope->context, s->origin, s->origin_kind, s->format, s->path);
}

static size_t find_stream(const struct cover *c, const struct ot_source *s)
{
	struct cover_stream key = { .origin = s->origin, .format = s->format };
	const struct cover_stream *found =
	    c->stream_count == 0 ? NULL : bsearch(&key, c->streams, c->stream_count, sizeof(key), compare_streams);
	return found == NULL ? SIZE_MAX : (size_t)(found - c->streams);
}

static void make_streams(struct cover *c)
{
	size_t sources = c->snapshot->source_count, kept = 0;
	c->streams = ot_alloc_zero(sources, sizeof(*c->streams));
	c->stream_of = ot_alloc_zero(sources, sizeof(*c->stream_of));
	c->has_minutes = ot_alloc_zero(sources, sizeof(*c->has_minutes));
	for (size_t i = 0; i < sources; i++) {
		const struct ot_source *s = &c->snapshot->sources[i];
		c->stream_of[i] = is_asked(c, s) ? 0 : SIZE_MAX;
		if (c->stream_of[i] == 0)
			c->streams[kept++] = (struct cover_stream){
				.origin = s->origin, .format = s->format, .origin_kind = s->origin_kind, .time_first = OT_TIME_MAX, .time_last = OT_TIME_MIN,
			};
	}
	if (kept > 1)
		qsort(c->streams, kept, sizeof(*c->streams), compare_streams);
	for (size_t i = 0; i < kept; i++)
		if (c->stream_count == 0 || compare_streams(&c->streams[c->stream_count - 1], &c->streams[i]) != 0)
			c->streams[c->stream_count++] = c->streams[i];
	for (size_t i = 0; i < sources; i++) {
		const struct ot_source *s = &c->snapshot->sources[i];
		if (c->stream_of[i] == SIZE_MAX)
			continue;
		struct cover_stream *stream = &c->streams[c->stream_of[i] = find_stream(c, s)];
		if (s->time_first <= s->time_last) {
			stream->time_first = s->time_first < stream->time_first ? s->time_first : stream->time_first;
			stream->time_last = s->time_last > stream->time_last ? s->time_last : stream->time_last;
		}
	}
}

/* --- minutes --- */

static size_t source_index(const struct ot_snapshot *snapshot, int64_t id)
{
	size_t low = 0, high = snapshot->source_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (snapshot->sources[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < snapshot->source_count && snapshot->sources[low].id == id ? low : SIZE_MAX;
}

static void count_window(struct cover *c, size_t source, struct cover_stream *stream, int64_t day, const struct ot_minutes *minutes)
{
	for (int i = 0; i < OT_MINUTES_PER_DAY; i++) {
		int64_t minute = day * OT_MINUTES_PER_DAY + i;
		uint32_t records = minutes->records[i], unread = minutes->unread[i];
		if ((records | unread) == 0 || minute < c->since || minute >= c->until)
			continue;
		stream->read += records;
		stream->unread += unread;
		if (unread > 0 && minute < stream->unread_first)
			stream->unread_first = minute;
		if (unread > 0 && minute > stream->unread_last)
			stream->unread_last = minute;
		if (c->minute != NULL)
			c->minute(c->context, source, minute, records, unread);
	}
}

static enum ot_status take_minutes(void *context, int64_t source_id, int64_t day, const struct ot_minutes *minutes, struct ot_err *err)
{
	struct cover *c = context;
	(void)err;
	size_t source = source_index(c->snapshot, source_id);
	if (source == SIZE_MAX || c->stream_of[source] == SIZE_MAX)
		return OT_OK;
	struct cover_stream *stream = &c->streams[c->stream_of[source]];
	c->has_minutes[source] = stream->has_minutes = true;
	rhythm_add(&stream->rhythm, day, minutes);
	return OT_OK;
}

static enum ot_status take_window(void *context, int64_t source_id, int64_t day, const struct ot_minutes *minutes, struct ot_err *err)
{
	struct cover *c = context;
	(void)err;
	size_t source = source_index(c->snapshot, source_id);
	if (source != SIZE_MAX && c->stream_of[source] != SIZE_MAX)
		count_window(c, source, &c->streams[c->stream_of[source]], day, minutes);
	return OT_OK;
}

static int64_t window_day(int64_t minute, int64_t days)
{
	if (minute == INT64_MIN || minute == INT64_MAX)
		return minute;
	int64_t day = minute / OT_MINUTES_PER_DAY;
	return day - (day * OT_MINUTES_PER_DAY > minute) + days;
}

/* Whether the days loaded show a stream's nearest lines on both sides of the window. */
static bool shows_sides(const struct cover *c, const struct cover_stream *s, int64_t day_from, int64_t day_to)
{
	int64_t first, last;
	bool any = rhythm_extent(&s->rhythm, &first, &last);
	bool before = s->time_first <= s->time_last && ot_time_day(s->time_first) < day_from;
	bool after = s->time_first <= s->time_last && ot_time_day(s->time_last) >= day_to;
	return (!before || (any && first < c->since)) && (!after || (any && last >= c->until));
}

static enum ot_status load_minutes(struct cover *c, struct ot_err *err)
{
	int64_t from = window_day(c->since, -DAYS_BEFORE), to = window_day(c->until, 1 + DAYS_AFTER);
	enum ot_status status = ot_store_minutes(c->store, c->snapshot, from, to, take_minutes, c, err);
	bool whole = true;
	for (size_t i = 0; i < c->stream_count; i++)
		whole &= shows_sides(c, &c->streams[i], from, to);
	if (status == OT_OK && !whole) { /* a silence longer than that, or a log with next to no lines */
		for (size_t i = 0; i < c->stream_count; i++)
			rhythm_release(&c->streams[i].rhythm);
		status = ot_store_minutes(c->store, c->snapshot, INT64_MIN, INT64_MAX, take_minutes, c, err);
	}
	if (status != OT_OK)
		return status;
	return ot_store_minutes(c->store, c->snapshot, window_day(c->since, 0), window_day(c->until, 1), take_window, c, err);
}

enum ot_status cover_load(struct cover *c, struct ot_err *err)
{
	const struct ot_coverage_scope *scope = c->scope;
	c->since = scope->since == OT_TIME_MIN ? INT64_MIN : floor_minute(scope->since);
	c->until = scope->until == OT_TIME_MAX ? INT64_MAX : scope->until == OT_TIME_MIN ? INT64_MIN : floor_minute(scope->until - 1) + 1;
	make_streams(c);
	for (size_t i = 0; i < c->stream_count; i++) {
		c->streams[i].unread_first = INT64_MAX;
		c->streams[i].unread_last = INT64_MIN;
	}
	enum ot_status status = load_minutes(c, err);
	for (size_t i = 0; status == OT_OK && i < c->stream_count; i++)
		silences_find(&c->streams[i].rhythm, OT_GAP_CHANCE, &c->streams[i].silences);
	return status;
}

void cover_release(struct cover *c)
{
	for (size_t i = 0; i < c->stream_count; i++) {
		rhythm_release(&c->streams[i].rhythm);
		silences_release(&c->streams[i].silences);
	}
	free(c->streams);
	free(c->stream_of);
	free(c->has_minutes);
}
