/*
 * What an answer rests on: how many calls, records and origins match, how complete what was read is. Every answer ends with it, on the
 * command line and in the terminal UI.
 */
#ifndef OT_QUERY_FOOTING_H
#define OT_QUERY_FOOTING_H

#include <correlate/coverage.h>
#include <query/engine.h>

struct ot_footing {
	struct ot_tally tally;
	struct ot_coverage coverage;
	bool complete;
};
/* Adds up what several passes over one question did. A block that is damaged is met by each of them: the most that one pass met holds. */
void ot_scan_stats_add(struct ot_scan_stats *sum, const struct ot_scan_stats *pass);
/* `stats` are those of the answer so far; damage that only the counting pass met is added to them. `store` is the engine's. Release it whatever the status. */
enum ot_status ot_footing_of(struct ot_footing *out, struct ot_engine *engine, struct ot_store *store, const struct ot_question *question, struct ot_scan_stats *stats, struct ot_err *err);
void ot_footing_release(struct ot_footing *footing);

/* One line for people: "1,284 calls (1,391 records) · 3 origins · coverage 99.2 %: kong-2 silent 02:10–02:26Z". Names the first `gaps_shown` gaps.
 * Escaped: it may go to a terminal. */
void ot_footing_put(struct ot_buf *out, const struct ot_footing *footing, const struct ot_question *question, const struct ot_scan_stats *stats, size_t gaps_shown);
/* Its second half, from "coverage" on. */
void ot_footing_put_coverage(struct ot_buf *out, const struct ot_coverage *coverage, bool complete, const struct ot_scan_stats *stats, size_t gaps_shown);
/* Takes off the share what could not be read. True where nothing is missing at all. */
bool ot_footing_less_damage(struct ot_coverage *coverage, const struct ot_scan_stats *stats);

/* The `keep` of a coverage scope: whether the filter (context: a struct ot_expr, or NULL) can match records of this stream. */
bool ot_footing_keeps_stream(void *context, struct ot_str origin, int64_t origin_kind, struct ot_str format, struct ot_str source);

#endif
