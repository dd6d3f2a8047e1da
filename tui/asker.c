#include "asker.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include <fcntl.h>

struct asker {
	struct asked asked;
	int64_t at;
	volatile int cancel;
	int pipe[2];
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	struct job *waiting, *running, *answered;
	bool closing, hold;
};

void *job_new(size_t size, void *owner, int slot, const char *what)
{
	struct job *job = ot_alloc_zero(1, size);

	job->owner = owner;
	job->slot = slot;
	job->what = what;
	return job;
}

static void job_free(struct job *job)
{
	if (job->release != NULL)
		job->release(job);
	ot_arena_release(&job->arena);
	free(job);
}

static void append(struct job **list, struct job *job)
{
	while (*list != NULL)
		list = &(*list)->next;
	job->next = NULL;
	*list = job;
}

/* --- the thread --- */

static void wait_while_held(struct asker *asker)
{
	while (asker->hold && !asker->cancel && !asker->closing)
		pthread_cond_wait(&asker->changed, &asker->lock);
}

static void work(struct asker *asker, struct job *job)
{
	if (asker->cancel)
		job->status = OT_CANCELLED;
	else
		job->status = job->work(job, &asker->asked, &job->err);
}

static void *run(void *context)
{
	struct asker *asker = context;

	pthread_mutex_lock(&asker->lock);
	while (!asker->closing) {
		struct job *job = asker->waiting;

		if (job == NULL) {
			pthread_cond_wait(&asker->changed, &asker->lock);
			continue;
		}
		asker->waiting = job->next;
		asker->running = job;
		asker->cancel = 0;
		wait_while_held(asker);
		pthread_mutex_unlock(&asker->lock);
		work(asker, job);
		pthread_mutex_lock(&asker->lock);
		asker->running = NULL;
		append(&asker->answered, job);
		if (write(asker->pipe[1], "", 1) < 0) {
			/* full: there is something to read already */
		}
		pthread_cond_broadcast(&asker->changed);
	}
	pthread_mutex_unlock(&asker->lock);
	return NULL;
}

/* --- opening --- */

static enum ot_status open_engine(struct asker *asker, int64_t at, struct ot_engine **out, struct ot_err *err)
{
	struct ot_engine_options options = { .at = at, .cancel = &asker->cancel };

	return ot_engine_open(out, asker->asked.store, &options, err);
}

enum ot_status asker_open(struct asker **out, struct ot_store *store, int64_t at, struct ot_err *err)
{
	struct asker *asker = ot_alloc_zero(1, sizeof(*asker));
	enum ot_status status;

	asker->asked.store = store;
	asker->at = at;
	asker->pipe[0] = asker->pipe[1] = -1;
	pthread_mutex_init(&asker->lock, NULL);
	pthread_cond_init(&asker->changed, NULL);
	status = open_engine(asker, at, &asker->asked.engine, err);
	if (status == OT_OK && pipe2(asker->pipe, O_CLOEXEC | O_NONBLOCK) != 0)
		status = ot_err_errno(err, "pipe");
	if (status == OT_OK && pthread_create(&asker->thread, NULL, run, asker) != 0)
		status = ot_err_set(err, OT_LIMIT, "no thread is to be had");
	if (status != OT_OK) {
		ot_engine_close(asker->asked.engine);
		free(asker);
		return status;
	}
	*out = asker;
	return OT_OK;
}

static void free_list(struct job *job)
{
	while (job != NULL) {
		struct job *next = job->next;

		job_free(job);
		job = next;
	}
}

void asker_close(struct asker *asker)
{
	if (asker == NULL)
		return;
	pthread_mutex_lock(&asker->lock);
	asker->closing = true;
	asker->cancel = 1;
	pthread_cond_broadcast(&asker->changed);
	pthread_mutex_unlock(&asker->lock);
	pthread_join(asker->thread, NULL);
	free_list(asker->waiting);
	free_list(asker->answered);
	ot_engine_close(asker->asked.engine);
	close(asker->pipe[0]);
	close(asker->pipe[1]);
	pthread_cond_destroy(&asker->changed);
	pthread_mutex_destroy(&asker->lock);
	free(asker);
}

/* --- asking --- */

static bool is_of(const struct job *job, const void *owner, int slot)
{
	return (owner == NULL || job->owner == owner) && (slot < 0 || job->slot == slot);
}

static void mark(struct job *job, const void *owner, int slot)
{
	for (; job != NULL; job = job->next)
		job->dropped |= is_of(job, owner, slot);
}

/* Jobs that nobody waits for any more: those in the queue go at once, the running one is told to stop, answers are not delivered. */
static void drop(struct asker *asker, const void *owner, int slot)
{
	struct job **at = &asker->waiting;

	while (*at != NULL) {
		struct job *job = *at;

		if (!is_of(job, owner, slot)) {
			at = &job->next;
			continue;
		}
		*at = job->next;
		job_free(job);
	}
	if (asker->running != NULL && is_of(asker->running, owner, slot)) {
		asker->running->dropped = true;
		asker->cancel = 1;
	}
	mark(asker->answered, owner, slot);
	pthread_cond_broadcast(&asker->changed);
}

void asker_put(struct asker *asker, struct job *job)
{
	pthread_mutex_lock(&asker->lock);
	drop(asker, job->owner, job->slot);
	append(&asker->waiting, job);
	pthread_cond_broadcast(&asker->changed);
	pthread_mutex_unlock(&asker->lock);
}

void asker_forget(struct asker *asker, const void *owner)
{
	pthread_mutex_lock(&asker->lock);
	drop(asker, owner, -1);
	pthread_mutex_unlock(&asker->lock);
}

bool asker_stop(struct asker *asker)
{
	bool any;

	pthread_mutex_lock(&asker->lock);
	any = asker->waiting != NULL || asker->running != NULL;
	while (asker->waiting != NULL) {
		struct job *job = asker->waiting;

		asker->waiting = job->next;
		job->status = OT_CANCELLED;
		append(&asker->answered, job);
	}
	if (asker->running != NULL)
		asker->cancel = 1;
	pthread_cond_broadcast(&asker->changed);
	pthread_mutex_unlock(&asker->lock);
	return any;
}

enum ot_status asker_renew(struct asker *asker, struct ot_err *err)
{
	struct ot_engine *engine = NULL;
	enum ot_status status;

	asker_forget(asker, NULL);
	pthread_mutex_lock(&asker->lock);
	while (asker->running != NULL)
		pthread_cond_wait(&asker->changed, &asker->lock);
	status = open_engine(asker, 0, &engine, err);
	if (status == OT_OK) {
		ot_engine_close(asker->asked.engine);
		asker->asked.engine = engine;
	}
	pthread_mutex_unlock(&asker->lock);
	return status;
}

/* --- answers --- */

void asker_deliver(struct asker *asker)
{
	char bytes[64];

	while (read(asker->pipe[0], bytes, sizeof(bytes)) > 0)
		;
	for (;;) {
		struct job *job;

		pthread_mutex_lock(&asker->lock);
		job = asker->answered;
		if (job != NULL)
			asker->answered = job->next;
		pthread_mutex_unlock(&asker->lock);
		if (job == NULL)
			return;
		if (!job->dropped)
			job->done(job);
		job_free(job);
	}
}

void asker_settle(struct asker *asker)
{
	for (;;) {
		bool idle;

		pthread_mutex_lock(&asker->lock);
		while (asker->answered == NULL && (asker->waiting != NULL || asker->running != NULL) && !asker->hold)
			pthread_cond_wait(&asker->changed, &asker->lock);
		idle = asker->answered == NULL;
		pthread_mutex_unlock(&asker->lock);
		if (idle)
			return;
		asker_deliver(asker);
	}
}

int asker_fd(const struct asker *asker)
{
	return asker->pipe[0];
}

const char *asker_busy(struct asker *asker)
{
	const char *what;

	pthread_mutex_lock(&asker->lock);
	what = asker->running != NULL && !asker->cancel ? asker->running->what : asker->waiting != NULL ? asker->waiting->what : NULL;
	pthread_mutex_unlock(&asker->lock);
	return what;
}

bool asker_extent(struct asker *asker, int64_t *first, int64_t *last)
{
	const struct ot_snapshot *snapshot = ot_engine_snapshot(asker->asked.engine);

	*first = OT_TIME_MAX;
	*last = OT_TIME_MIN;
	for (size_t i = 0; i < snapshot->segment_count; i++) {
		const struct ot_segment_info *info = &snapshot->segments[i].info;

		if (info->day == OT_DAY_UNDATED)
			continue;
		*first = info->time_min < *first ? info->time_min : *first;
		*last = info->time_max > *last ? info->time_max : *last;
	}
	return *first <= *last;
}

int64_t asker_snapshot(struct asker *asker)
{
	return ot_engine_snapshot(asker->asked.engine)->id;
}

void asker_hold(struct asker *asker, bool hold)
{
	pthread_mutex_lock(&asker->lock);
	asker->hold = hold;
	pthread_cond_broadcast(&asker->changed);
	pthread_mutex_unlock(&asker->lock);
}
