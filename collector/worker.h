/* A worker: lines of chunks into a batch, counts and quarantined lines; at the end of an epoch the batch into segments, one a day. */
#ifndef OT_COLLECTOR_WORKER_H
#define OT_COLLECTOR_WORKER_H

#include "format.h"
#include "frame.h"
#include "normalize.h"
#include "redact.h"
#include "tally.h"
#include <store/quarantine.h>
#include <store/store.h>

/* A chunk on its way to a worker. */
struct ot_job {
	struct ot_chunk chunk;
	struct ot_source_context context;
	struct ot_reading reading;
	uint32_t source; /* its number in the registry */
	struct ot_job *next;
};

struct ot_worker {
	struct ot_line_reader *reader;
	struct ot_normalizer *normalizer;
	struct ot_redactor *redactor;
	const struct ot_format_set *formats;

	/* of the epoch */
	struct ot_batch batch;
	int64_t *row_days;   /* by row: UTC day, or OT_DAY_UNDATED */
	uint32_t *row_bytes; /* by row: bytes of its line */
	size_t row_cap;
	struct ot_tallies tallies;
	struct ot_quarantined *unread;
	uint32_t *unread_sources; /* by entry */
	size_t unread_count, unread_cap;
	struct ot_arena unread_texts;
	struct ot_segment_info *segments; /* written at its end */
	size_t segment_count, segment_cap;

	/* of the line */
	const struct ot_job *job;
	struct ot_source_context context;
	uint64_t offset, line_number;
	uint32_t line_bytes;	/* that its next record stands for */
	const struct ot_format *line_format;
	bool has_minute;	/* of the chunk's last record */
	int64_t last_time;
	size_t untimed;		/* first of the unread lines that came before the chunk's first record */
};

void ot_worker_init(struct ot_worker *worker, const struct ot_format_set *formats, struct ot_str key, bool keep_attributes);
void ot_worker_release(struct ot_worker *worker);

/* Reads the lines of a chunk. */
void ot_worker_read(struct ot_worker *worker, const struct ot_job *job);
/* One record that is not of a line: `offset` is its place in the source. The job's chunk is not looked at. */
void ot_worker_record(struct ot_worker *worker, const struct ot_job *job, struct ot_draft *draft, struct ot_str format, uint64_t offset, unsigned item);
/* One line that is known to be a line: for what comes from quarantine. Returns its outcome; unread ones are not kept. */
enum ot_outcome_of_line ot_worker_retry(struct ot_worker *worker, const struct ot_job *job, struct ot_str line, uint64_t offset);
/* About how much memory the epoch takes so far. */
size_t ot_worker_bytes(const struct ot_worker *worker);

/* Writes the batch: a segment for each day, in place but not listed. `lock` and `unlock` are held around calls of the store. */
struct ot_worker_lock {
	void (*lock)(void *context);
	void (*unlock)(void *context);
	void *context;
};
enum ot_status ot_worker_write(struct ot_worker *worker, struct ot_store *store, const struct ot_worker_lock *lock, struct ot_err *err);
/* Forgets the epoch. */
void ot_worker_clear(struct ot_worker *worker);

/* What is told of a line that is longer than OT_LINE_MAX; such an entry is only a beginning. */
#define OT_REASON_TOO_LONG "longer than 1 MiB; its beginning is kept"

#endif
