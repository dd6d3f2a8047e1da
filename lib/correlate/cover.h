/* Inside coverage: the streams that a question is about, with their lines by minute. */
#ifndef OT_CORRELATE_COVER_H
#define OT_CORRELATE_COVER_H

#include "silence.h"
#include <base/time.h>
#include <correlate/coverage.h>

#define COVER_MINUTE_NS (60 * OT_NS_PER_S)

struct cover_stream {
	struct ot_str origin, format;
	int64_t origin_kind;
	int64_t time_first, time_last; /* of its sources' records */
	struct rhythm rhythm;
	struct silences silences;
	uint64_t read, unread;		  /* lines in the window */
	int64_t unread_first, unread_last; /* minutes */
	bool has_minutes;
};

/* Lines of a source in one minute of the window. */
typedef void cover_minute_fn(void *context, size_t source, int64_t minute, uint32_t records, uint32_t unread);

struct cover {
	struct ot_store *store;
	const struct ot_snapshot *snapshot;
	const struct ot_coverage_scope *scope;
	struct cover_stream *streams; /* by origin, then format */
	size_t stream_count;
	size_t *stream_of;   /* by source of the snapshot; SIZE_MAX: not asked about */
	bool *has_minutes;   /* by source */
	int64_t since, until; /* minutes that the window touches, [since, until); INT64_MIN and INT64_MAX where it is open */
	cover_minute_fn *minute; /* may be NULL */
	void *context;
};

/* Loads what is needed to judge the window, and finds the silences. Release in any case. */
enum ot_status cover_load(struct cover *cover, struct ot_err *err);
void cover_release(struct cover *cover);

#endif
