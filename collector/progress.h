/* A progress bar on a terminal: bytes, records, rate, time left; a few times a second. */
#ifndef OT_COLLECTOR_PROGRESS_H
#define OT_COLLECTOR_PROGRESS_H

#include <base/buf.h>

struct ot_progress {
	bool on, shown;
	int64_t started, last; /* ns */
	uint64_t total;	       /* bytes; 0: not known */
};

void ot_progress_init(struct ot_progress *progress, bool on, uint64_t total);
void ot_progress_show(struct ot_progress *progress, uint64_t bytes, uint64_t records);
/* A word about what goes on when no bytes are read: "linking". */
void ot_progress_phase(struct ot_progress *progress, const char *words);
void ot_progress_clear(struct ot_progress *progress);

/* The line as it is shown, `columns` wide at most. */
void ot_progress_line(struct ot_buf *out, uint64_t bytes, uint64_t total, uint64_t records, int64_t elapsed_ns, unsigned columns);
/* "1,234,567". */
void ot_count_put(struct ot_buf *out, uint64_t count);
/* "12.3 MB", powers of 1000. */
void ot_size_put(struct ot_buf *out, uint64_t bytes);

#endif
