/*
 * The pipeline: one reader hands chunks of whole lines to workers, each of which makes records of them in a batch of its own; an epoch ends when the
 * batches are full or the input is over: all workers stop, write their segments, and one transaction lists these and moves the read positions.
 *
 * What is stored does not depend on the number of workers or on timing: a chunk carries all that its reading begins with, and chunks are cut at the
 * same offsets in every run.
 */
#ifndef OT_COLLECTOR_PIPELINE_H
#define OT_COLLECTOR_PIPELINE_H

#include "format.h"
#include "frame.h"
#include "normalize.h"
#include "source.h"

enum { OT_WORKERS_MAX = 16, OT_EPOCH_ROWS = 192 << 10 /* of one worker: below the next doubling of its batch */ };
#define OT_EPOCH_BYTES ((size_t)120 << 20) /* of all workers */

struct ot_pipeline_options {
	struct ot_store *store;
	struct ot_registry *registry;
	const struct ot_format_set *formats;
	unsigned threads;
	bool keep_attributes;
	const volatile int *cancel;
};

/* What was committed, and what workers have read so far. */
struct ot_pipeline_counts {
	uint64_t lines, records, unread; /* read; may be asked at any time */
	uint64_t records_stored, commits;
};

struct ot_pipeline;
enum ot_status ot_pipeline_open(struct ot_pipeline **out, const struct ot_pipeline_options *options, struct ot_err *err);
/* Stops the workers; what was not committed is forgotten. */
void ot_pipeline_close(struct ot_pipeline *pipeline);

/* A chunk to fill; waits until one is free. */
struct ot_chunk *ot_pipeline_chunk(struct ot_pipeline *pipeline);
/* Gives back a chunk that stayed empty. */
void ot_pipeline_drop(struct ot_pipeline *pipeline, struct ot_chunk *chunk);
/* Hands the chunk to a worker and moves the position of its source. Commits first where an epoch is full. Texts of `context` live in the registry's arena. */
enum ot_status ot_pipeline_put(struct ot_pipeline *pipeline, struct ot_chunk *chunk, struct ot_tracked *tracked,
    const struct ot_source_context *context, struct ot_err *err);
/* Reads a whole capture (wire.h), on the calling thread, and stores it with one commit of its own: all of it or nothing, since what a packet means
 * depends on those before it. `packets_known`: exchanges that began in these were given out by an earlier run over the same capture while it grew.
 * OT_CORRUPT where the capture is cut or damaged: what came before is stored. */
struct ot_capture;
struct ot_wire_counts;
enum ot_status ot_pipeline_capture(struct ot_pipeline *pipeline, struct ot_capture *capture, struct ot_tracked *tracked,
    const struct ot_source_context *context, uint64_t packets_known, struct ot_wire_counts *counts, struct ot_err *err);
/* Ends the epoch: everything that was put is stored, with every source of the registry that has changed. */
enum ot_status ot_pipeline_commit(struct ot_pipeline *pipeline, struct ot_err *err);
void ot_pipeline_counts(const struct ot_pipeline *pipeline, struct ot_pipeline_counts *counts);

/* Days whose records were stored but not linked, also by runs that were stopped: they are remembered beside the catalog until ot_days_linked. */
enum ot_status ot_days_unlinked(struct ot_store *store, int64_t **days, size_t *count, struct ot_err *err); /* malloc'ed, sorted */
enum ot_status ot_days_remember(struct ot_store *store, const int64_t *days, size_t count, struct ot_err *err);
enum ot_status ot_days_linked(struct ot_store *store, struct ot_err *err);

#endif
