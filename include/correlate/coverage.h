/*
 * Coverage: how much of what there was to read an answer rests on.
 *
 * A stream is the sources of one origin and format (a log and its rotated files). Between its first and last line, minutes that hold nothing
 * while its own rhythm says they should are a gap: the chance of so long a silence at the usual rate is below OT_GAP_CHANCE. Before the first
 * line and after the last nothing is known, and nothing is counted as missing there. Lines in quarantine and damaged blocks are missing too.
 * The share is of expected lines. OT_GAP_DAMAGED is for the engine to add, which reads the blocks.
 */
#ifndef OT_CORRELATE_COVERAGE_H
#define OT_CORRELATE_COVERAGE_H

#include <store/store.h>

#define OT_GAP_CHANCE 1e-6

enum ot_gap_kind {
	OT_GAP_SILENT,	/* no line where there should be some */
	OT_GAP_UNREAD,	/* lines in quarantine */
	OT_GAP_UNKNOWN,	/* the window reaches beyond the first or last line of the stream */
	OT_GAP_CUT,	/* a source was cut or damaged */
	OT_GAP_DAMAGED,	/* blocks of the store could not be read */
};

struct ot_gap {
	enum ot_gap_kind kind;
	struct ot_str origin, format;
	int64_t since, until;	 /* [since, until) */
	double usual_a_minute;	 /* SILENT: the rhythm */
	uint64_t missing;	 /* lines, about */
	struct ot_str words;	 /* "nginx-edge: no line 02:10–02:26Z (usually 41 a minute)" */
};

struct ot_coverage_hour { /* one cell of `onetrail coverage`: a stream or source in one hour */
	struct ot_str origin, format, source;
	int64_t since;
	uint64_t records, unread, missing;
	double share; /* 0..1 */
};

struct ot_coverage {
	double share;		/* of expected lines that were read, 0..1; 1 where nothing was expected */
	uint64_t read, unread, missing;
	const struct ot_gap *gaps; /* by since, then origin */
	size_t gap_count;
	uint64_t quarantined;	/* lines in the window */
	struct ot_arena arena;
};

/* Which streams a question can be about: NULL functions mean all. `keep` tells for an origin and format whether the filter can match it. */
struct ot_coverage_scope {
	int64_t since, until; /* OT_TIME_MIN/MAX: open, then the edges of the streams themselves are the window and UNKNOWN is not reported */
	bool (*keep)(void *context, struct ot_str origin, int64_t origin_kind, struct ot_str format, struct ot_str source);
	void *context;
};

enum ot_status ot_coverage_of(struct ot_coverage *out, struct ot_store *store, const struct ot_snapshot *snapshot, const struct ot_coverage_scope *scope, struct ot_err *err);
void ot_coverage_release(struct ot_coverage *coverage);
/* By step of time (0: the whole window in one) and stream (or source): for `onetrail coverage`. Cells come in order of (since, origin, format, source). */
typedef enum ot_status ot_coverage_hour_fn(void *context, const struct ot_coverage_hour *hour, struct ot_err *err);
enum ot_status ot_coverage_hours(struct ot_store *store, const struct ot_snapshot *snapshot, const struct ot_coverage_scope *scope, int64_t step_ns, bool by_source, ot_coverage_hour_fn *fn, void *context, struct ot_err *err);

#endif
