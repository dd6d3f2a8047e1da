/* collector: counts by source and by minute. See tally.h. */
#include "tally.h"
#include <base/time.h>
#include <stdlib.h>
#include <string.h>

void ot_tallies_release(struct ot_tallies *tallies)
{
	free(tallies->items);
	free(tallies->slots);
	free(tallies->minutes);
	memset(tallies, 0, sizeof(*tallies));
}

void ot_tallies_clear(struct ot_tallies *tallies)
{
	for (size_t i = 0; i < tallies->count; i++)
		tallies->slots[tallies->items[i].source] = 0;
	tallies->count = 0;
	tallies->minute_count = 0;
	tallies->last_minute = 0;
	if (tallies->minute_cap > 0)
		memset(tallies->minutes, 0, tallies->minute_cap * sizeof(*tallies->minutes));
}

size_t ot_tallies_bytes(const struct ot_tallies *tallies)
{
	return tallies->cap * sizeof(*tallies->items) + tallies->minute_count * 2 * sizeof(*tallies->minutes);
}

struct ot_tally *ot_tally_of(struct ot_tallies *tallies, uint32_t source)
{
	if (source >= tallies->slot_count) {
		size_t wider = source < 512 ? 1024 : (size_t)source * 2;
		tallies->slots = ot_realloc(tallies->slots, wider * sizeof(*tallies->slots));
		memset(tallies->slots + tallies->slot_count, 0, (wider - tallies->slot_count) * sizeof(*tallies->slots));
		tallies->slot_count = wider;
	}
	if (tallies->slots[source] == 0) {
		if (tallies->count == tallies->cap) {
			tallies->cap = tallies->cap == 0 ? 16 : tallies->cap * 2;
			tallies->items = ot_realloc(tallies->items, tallies->cap * sizeof(*tallies->items));
		}
		tallies->items[tallies->count++] = (struct ot_tally){ .source = source, .time_first = OT_TIME_MAX, .time_last = OT_TIME_MIN };
		tallies->slots[source] = (uint32_t)tallies->count;
	}
	return &tallies->items[tallies->slots[source] - 1];
}

void ot_tally_time(struct ot_tally *tally, int64_t time)
{
	if (time < tally->time_first)
		tally->time_first = time;
	if (time > tally->time_last)
		tally->time_last = time;
}

void ot_format_count_add(struct ot_format_count *counts, const struct ot_format *format, uint64_t lines)
{
	size_t least = 0;
	for (size_t i = 0; i < OT_TALLY_FORMATS; i++) {
		if (counts[i].format == format || counts[i].format == NULL) {
			counts[i].format = format;
			counts[i].lines += lines;
			return;
		}
		if (counts[i].lines < counts[least].lines)
			least = i;
	}
	counts[least].format = format; /* as in "space saving": a frequent one is never lost */
	counts[least].lines += lines;
}

int32_t ot_minute_of(int64_t time_ns)
{
	int64_t minute = time_ns / (60 * OT_NS_PER_S);
	return (int32_t)(minute - (time_ns % (60 * OT_NS_PER_S) < 0));
}

static bool is_free(const struct ot_minute_count *m) { return m->records == 0 && m->unread == 0; }

static size_t place_of(const struct ot_minute_count *minutes, size_t cap, uint32_t source, int32_t minute)
{
	uint64_t hash = ((uint64_t)source << 32 | (uint32_t)minute) * 0x9e3779b97f4a7c15u;
	size_t at = (size_t)(hash >> 20) & (cap - 1);
	while (!is_free(&minutes[at]) && (minutes[at].source != source || minutes[at].minute != minute))
		at = (at + 1) & (cap - 1);
	return at;
}

static void grow_minutes(struct ot_tallies *tallies)
{
	size_t cap = tallies->minute_cap == 0 ? 256 : tallies->minute_cap * 2;
	struct ot_minute_count *wider = ot_alloc_zero(cap, sizeof(*wider));
	for (size_t i = 0; i < tallies->minute_cap; i++)
		if (!is_free(&tallies->minutes[i]))
			wider[place_of(wider, cap, tallies->minutes[i].source, tallies->minutes[i].minute)] = tallies->minutes[i];
	free(tallies->minutes);
	tallies->minutes = wider;
	tallies->minute_cap = cap;
	tallies->last_minute = 0;
}

void ot_tally_minute(struct ot_tallies *tallies, uint32_t source, int32_t minute, uint32_t records, uint32_t unread)
{
	if (tallies->minute_count * 2 >= tallies->minute_cap)
		grow_minutes(tallies);
	struct ot_minute_count *m = &tallies->minutes[tallies->last_minute];
	if (is_free(m) || m->source != source || m->minute != minute) {
		tallies->last_minute = place_of(tallies->minutes, tallies->minute_cap, source, minute);
		m = &tallies->minutes[tallies->last_minute];
		tallies->minute_count += is_free(m);
	}
	m->source = source;
	m->minute = minute;
	m->records += records;
	m->unread += unread;
}

void ot_tallies_take_minutes(const struct ot_tallies *tallies, struct ot_minute_count **out, size_t *count)
{
	*out = ot_realloc(*out, (*count + tallies->minute_count) * sizeof(**out));
	for (size_t i = 0; i < tallies->minute_cap; i++)
		if (!is_free(&tallies->minutes[i]))
			(*out)[(*count)++] = tallies->minutes[i];
}

static int by_source_and_minute(const void *a, const void *b)
{
	const struct ot_minute_count *x = a, *y = b;
	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	return (x->minute > y->minute) - (x->minute < y->minute);
}

void ot_minutes_sort(struct ot_minute_count *minutes, size_t count)
{
	if (count > 0)
		qsort(minutes, count, sizeof(*minutes), by_source_and_minute);
}
