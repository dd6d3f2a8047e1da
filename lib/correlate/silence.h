/*
 * Silences: minutes without a line where a stream's own rhythm says there should be some. Pure: counts by minute go in, silences come out.
 *
 * The chance of a silence is judged by the rate on its quieter side, in units of the stream's own bursts: a log that writes five hundred lines
 * every ten minutes is as quiet in between as one that writes one. What a stream does at that hour of other days, or most of the time, is no gap.
 */
#ifndef OT_CORRELATE_SILENCE_H
#define OT_CORRELATE_SILENCE_H

#include <store/store.h>

/* Lines of a stream by minute; days in order, those without lines left out. A zeroed struct is empty. Minutes are counted from 1970. */
struct rhythm {
	int64_t *days;
	uint32_t (*lines)[OT_MINUTES_PER_DAY];
	size_t count, cap;
};
struct silence {
	int64_t from, to; /* minutes, [from, to) */
	double usual;	  /* lines a minute around it */
};
struct silences {
	struct silence *items; /* in order of time */
	size_t count, cap;
};

void rhythm_release(struct rhythm *rhythm);
void rhythm_add(struct rhythm *rhythm, int64_t day, const struct ot_minutes *minutes);
/* First and last minute with a line; false where there is none. */
bool rhythm_extent(const struct rhythm *rhythm, int64_t *first, int64_t *last);

/* Every silence between the first and the last line that is less likely than `chance`. */
void silences_find(const struct rhythm *rhythm, double chance, struct silences *out);
/* Whether silence before the first line or after the last, from `from` to `to`, would be one. */
bool silence_at_edge(const struct rhythm *rhythm, int64_t from, int64_t to, double chance);
void silences_release(struct silences *silences);

#endif
