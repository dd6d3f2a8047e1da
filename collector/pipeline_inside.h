/* The pipeline from the inside: pipeline.c moves chunks, epoch.c commits. */
#ifndef OT_COLLECTOR_PIPELINE_INSIDE_H
#define OT_COLLECTOR_PIPELINE_INSIDE_H

#include "pipeline.h"
#include "worker.h"
#include <pthread.h>
#include <stdatomic.h>

enum ot_phase { OT_PHASE_READ, OT_PHASE_WRITE, OT_PHASE_STOP };

struct ot_seat { /* a worker, its thread, and what it tells the others */
	struct ot_worker worker;
	struct ot_pipeline *pipeline;
	pthread_t thread;
	bool running;
	uint64_t written; /* epochs */
	enum ot_status status;
	struct ot_err err;
	atomic_size_t bytes;
	atomic_uint_fast32_t rows;
	atomic_uint_fast64_t lines, records, unread;
};

struct ot_pipeline {
	struct ot_pipeline_options options;
	struct ot_seat *seats;
	unsigned seat_count;

	pthread_mutex_t mutex, store_mutex;
	pthread_cond_t work, done; /* for workers; for the reader */
	struct ot_job *jobs, *first, **last, *idle; /* all; the queue; those free */
	size_t job_count, in_flight;
	enum ot_phase phase;
	uint64_t epoch; /* number of the one being written */

	int64_t ingest_time; /* of the epoch; 0: nothing was put yet */
	uint32_t epoch_sources, last_source;
	struct ot_pipeline_counts counts;
};

/* The transaction: lists what the workers have written, moves positions. Workers stand still. */
enum ot_status ot_epoch_commit(struct ot_pipeline *pipeline, struct ot_err *err);

/* Parts of it that others need (retry.c). */
struct ot_route_learner;
void ot_tracked_settle_format(struct ot_tracked *tracked);
void ot_tally_add(struct ot_registry *registry, const struct ot_tally *tally);
enum ot_status ot_segments_commit(struct ot_commit *commit, const struct ot_worker *worker, struct ot_err *err);
enum ot_status ot_minutes_commit(struct ot_registry *registry, struct ot_commit *commit, const struct ot_minute_count *minutes, size_t count, struct ot_err *err);
void ot_routes_learn(struct ot_route_learner *learner, const struct ot_batch *batch);

#endif
