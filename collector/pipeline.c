/* collector: chunks to workers and back. See pipeline.h. */
#include "pipeline_inside.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { EPOCH_SOURCES_MAX = 8192 };

/* --- workers --- */

static void publish(struct ot_seat *seat, const struct ot_job *job, size_t records_before, size_t unread_before)
{
	const struct ot_worker *worker = &seat->worker;
	atomic_store(&seat->bytes, ot_worker_bytes(worker));
	atomic_store(&seat->rows, worker->batch.rows);
	atomic_fetch_add(&seat->lines, job->chunk.lines);
	atomic_fetch_add(&seat->records, worker->batch.rows - records_before);
	atomic_fetch_add(&seat->unread, worker->unread_count - unread_before);
}

static void read_job(struct ot_seat *seat, struct ot_job *job)
{
	size_t rows = seat->worker.batch.rows, unread = seat->worker.unread_count;
	ot_worker_read(&seat->worker, job);
	publish(seat, job, rows, unread);
}

static void lock_store(void *context) { pthread_mutex_lock(&((struct ot_pipeline *)context)->store_mutex); }
static void unlock_store(void *context) { pthread_mutex_unlock(&((struct ot_pipeline *)context)->store_mutex); }

static void write_epoch(struct ot_seat *seat)
{
	struct ot_worker_lock lock = { lock_store, unlock_store, seat->pipeline };
	seat->status = ot_worker_write(&seat->worker, seat->pipeline->options.store, &lock, &seat->err);
}

static void *work(void *argument)
{
	struct ot_seat *seat = argument;
	struct ot_pipeline *p = seat->pipeline;
	pthread_mutex_lock(&p->mutex);
	while (p->phase != OT_PHASE_STOP) {
		struct ot_job *job = p->first;
		if (job != NULL) {
			p->first = job->next;
			if (p->first == NULL)
				p->last = &p->first;
			pthread_mutex_unlock(&p->mutex);
			read_job(seat, job);
			pthread_mutex_lock(&p->mutex);
			job->next = p->idle;
			p->idle = job;
			p->in_flight--;
			pthread_cond_signal(&p->done);
		} else if (p->phase == OT_PHASE_WRITE && seat->written < p->epoch) {
			pthread_mutex_unlock(&p->mutex);
			write_epoch(seat);
			pthread_mutex_lock(&p->mutex);
			seat->written = p->epoch;
			pthread_cond_signal(&p->done);
		} else {
			pthread_cond_wait(&p->work, &p->mutex);
		}
	}
	pthread_mutex_unlock(&p->mutex);
	return NULL;
}

/* --- the reader's side --- */

static void make_jobs(struct ot_pipeline *p)
{
	p->job_count = p->seat_count + 4;
	p->jobs = ot_alloc_zero(p->job_count, sizeof(*p->jobs));
	for (size_t i = 0; i < p->job_count; i++) {
		p->jobs[i].next = p->idle;
		p->idle = &p->jobs[i];
	}
}

/* Signals are for the reading thread, which may wait in a read. */
static bool start(struct ot_seat *seat)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	seat->running = pthread_create(&seat->thread, NULL, work, seat) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return seat->running;
}

enum ot_status ot_pipeline_open(struct ot_pipeline **out, const struct ot_pipeline_options *options, struct ot_err *err)
{
	struct ot_pipeline *p = ot_alloc_zero(1, sizeof(*p));
	p->options = *options;
	p->seat_count = options->threads < 1 ? 1 : options->threads > OT_WORKERS_MAX ? OT_WORKERS_MAX : options->threads;
	p->seats = ot_alloc_zero(p->seat_count, sizeof(*p->seats));
	p->last = &p->first;
	p->last_source = UINT32_MAX;
	pthread_mutex_init(&p->mutex, NULL);
	pthread_mutex_init(&p->store_mutex, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->done, NULL);
	make_jobs(p);
	*out = p;
	for (unsigned i = 0; i < p->seat_count; i++) {
		struct ot_seat *seat = &p->seats[i];
		seat->pipeline = p;
		ot_worker_init(&seat->worker, options->formats, ot_store_key(options->store), options->keep_attributes);
		if (!start(seat)) {
			ot_pipeline_close(p);
			*out = NULL;
			return ot_err_set(err, OT_IO, "cannot start a thread");
		}
	}
	return OT_OK;
}

void ot_pipeline_close(struct ot_pipeline *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->mutex);
	p->phase = OT_PHASE_STOP;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->mutex);
	for (unsigned i = 0; i < p->seat_count; i++) {
		if (p->seats[i].running)
			pthread_join(p->seats[i].thread, NULL);
		ot_worker_release(&p->seats[i].worker);
	}
	for (size_t i = 0; i < p->job_count; i++)
		ot_buf_release(&p->jobs[i].chunk.bytes);
	pthread_cond_destroy(&p->work);
	pthread_cond_destroy(&p->done);
	pthread_mutex_destroy(&p->mutex);
	pthread_mutex_destroy(&p->store_mutex);
	free(p->jobs);
	free(p->seats);
	free(p);
}

struct ot_chunk *ot_pipeline_chunk(struct ot_pipeline *p)
{
	pthread_mutex_lock(&p->mutex);
	while (p->idle == NULL)
		pthread_cond_wait(&p->done, &p->mutex);
	struct ot_job *job = p->idle;
	p->idle = job->next;
	pthread_mutex_unlock(&p->mutex);
	return &job->chunk;
}

static struct ot_job *job_of(struct ot_chunk *chunk) { return (struct ot_job *)(void *)chunk; }
_Static_assert(offsetof(struct ot_job, chunk) == 0, "a job is found by its chunk");

void ot_pipeline_drop(struct ot_pipeline *p, struct ot_chunk *chunk)
{
	pthread_mutex_lock(&p->mutex);
	job_of(chunk)->next = p->idle;
	p->idle = job_of(chunk);
	pthread_mutex_unlock(&p->mutex);
}

static bool epoch_is_full(const struct ot_pipeline *p)
{
	size_t bytes = 0;
	for (unsigned i = 0; i < p->seat_count; i++) {
		bytes += atomic_load(&p->seats[i].bytes);
		if (atomic_load(&p->seats[i].rows) >= OT_EPOCH_ROWS)
			return true;
	}
	return bytes >= OT_EPOCH_BYTES || p->epoch_sources >= EPOCH_SOURCES_MAX;
}

static void note_source(struct ot_pipeline *p, uint32_t source)
{
	p->epoch_sources += p->last_source != source;
	p->last_source = source;
}

enum ot_status ot_pipeline_put(struct ot_pipeline *p, struct ot_chunk *chunk, struct ot_tracked *tracked,
    const struct ot_source_context *context, struct ot_err *err)
{
	struct ot_job *job = job_of(chunk);
	if (epoch_is_full(p)) {
		enum ot_status status = ot_pipeline_commit(p, err);
		if (status != OT_OK) {
			ot_pipeline_drop(p, chunk);
			return status;
		}
	}
	if (p->ingest_time == 0)
		p->ingest_time = ot_time_now();
	note_source(p, tracked->number);
	job->context = *context;
	job->context.ingest_time = p->ingest_time;
	job->reading = tracked->reading;
	job->source = tracked->number;
	job->next = NULL;
	ot_tracked_advance(tracked, chunk);
	pthread_mutex_lock(&p->mutex);
	*p->last = job;
	p->last = &job->next;
	p->in_flight++;
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->mutex);
	return OT_OK;
}

/* Waits until every chunk is read, then lets all workers write; gives the first failure. */
static enum ot_status write_all(struct ot_pipeline *p, struct ot_err *err)
{
	enum ot_status status = OT_OK;
	pthread_mutex_lock(&p->mutex);
	while (p->in_flight > 0)
		pthread_cond_wait(&p->done, &p->mutex);
	p->epoch++;
	p->phase = OT_PHASE_WRITE;
	pthread_cond_broadcast(&p->work);
	for (unsigned i = 0; i < p->seat_count; i++)
		while (p->seats[i].written < p->epoch)
			pthread_cond_wait(&p->done, &p->mutex);
	p->phase = OT_PHASE_READ;
	pthread_mutex_unlock(&p->mutex);
	for (unsigned i = 0; i < p->seat_count && status == OT_OK; i++) {
		status = p->seats[i].status;
		if (status != OT_OK && err != NULL)
			*err = p->seats[i].err;
	}
	return status;
}

enum ot_status ot_pipeline_commit(struct ot_pipeline *p, struct ot_err *err)
{
	enum ot_status status = write_all(p, err);
	if (status == OT_OK)
		status = ot_epoch_commit(p, err);
	for (unsigned i = 0; i < p->seat_count; i++) {
		ot_worker_clear(&p->seats[i].worker);
		atomic_store(&p->seats[i].bytes, 0);
		atomic_store(&p->seats[i].rows, 0);
	}
	p->ingest_time = 0;
	p->epoch_sources = 0;
	p->last_source = UINT32_MAX;
	return status;
}

void ot_pipeline_counts(const struct ot_pipeline *p, struct ot_pipeline_counts *counts)
{
	*counts = p->counts;
	counts->lines = counts->records = counts->unread = 0;
	for (unsigned i = 0; i < p->seat_count; i++) {
		counts->lines += atomic_load(&p->seats[i].lines);
		counts->records += atomic_load(&p->seats[i].records);
		counts->unread += atomic_load(&p->seats[i].unread);
	}
}
