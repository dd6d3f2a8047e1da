/* Counts that one worker keeps of what it reads, by source and by minute, until the epoch is committed. */
#ifndef OT_COLLECTOR_TALLY_H
#define OT_COLLECTOR_TALLY_H

#include "format.h"

enum { OT_TALLY_FORMATS = 4 };

struct ot_format_count {
	const struct ot_format *format;
	uint64_t lines;
};

/* Of one source. */
struct ot_tally {
	uint32_t source; /* its number in the registry */
	uint64_t lines, records, ignored, unread;
	int64_t time_first, time_last;
	struct ot_format_count formats[OT_TALLY_FORMATS]; /* of most lines; where there are more formats, about */
};

/* Of one source in one minute. */
struct ot_minute_count {
	uint32_t source;
	int32_t minute; /* since 1970, rounded down */
	uint32_t records, unread;
};

struct ot_tallies {
	struct ot_tally *items;
	size_t count, cap;
	uint32_t *slots; /* by source: number of the item + 1 */
	size_t slot_count;
	struct ot_minute_count *minutes; /* open addressing; records and unread both 0: free */
	size_t minute_count, minute_cap;
	size_t last_minute;
};

void ot_tallies_release(struct ot_tallies *tallies);
void ot_tallies_clear(struct ot_tallies *tallies);
size_t ot_tallies_bytes(const struct ot_tallies *tallies);
/* The tally of a source; valid until the next call. */
struct ot_tally *ot_tally_of(struct ot_tallies *tallies, uint32_t source);
void ot_tally_time(struct ot_tally *tally, int64_t time);
void ot_format_count_add(struct ot_format_count *counts, const struct ot_format *format, uint64_t lines);

int32_t ot_minute_of(int64_t time_ns);
void ot_tally_minute(struct ot_tallies *tallies, uint32_t source, int32_t minute, uint32_t records, uint32_t unread);
/* Appends every minute to an array (malloc'ed, grown). */
void ot_tallies_take_minutes(const struct ot_tallies *tallies, struct ot_minute_count **out, size_t *count);
/* Sorts by source and minute; equal ones may stand beside each other. */
void ot_minutes_sort(struct ot_minute_count *minutes, size_t count);

#endif
