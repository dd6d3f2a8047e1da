/* A question's plan, its workers, and the damage met on the way. */
#include "scan.h"

#include "codes.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* --- damage --- */

static bool listed(const struct damage *damage, uint32_t part, uint32_t block)
{
	for (size_t i = 0; i < damage->count; i++) {
		if (damage->blocks[i].part == part &&
		    (damage->blocks[i].number == block || damage->blocks[i].number == UINT32_MAX))
			return true;
	}
	return false;
}

static void add(struct query *query, uint32_t part, uint32_t block, const struct ot_err *err)
{
	struct damage *damage = &query->damage;
	const struct ot_segment_ref *ref = query->engine->parts[part].ref;
	bool whole = block == UINT32_MAX;

	if (damage->count == damage->cap) {
		damage->cap = damage->cap == 0 ? 16 : damage->cap * 2;
		damage->blocks = ot_realloc(damage->blocks, damage->cap * sizeof(*damage->blocks));
	}
	damage->blocks[damage->count++] = (struct damaged_block){part, block};
	damage->block_count += whole ? (ref->info.rows + OT_BLOCK_ROWS - 1) / OT_BLOCK_ROWS : 1;
	damage->row_count += whole ? ref->info.rows : ot_segment_block_rows(query->engine->parts[part].segment, block);
	if (damage->count == 1 || part < damage->first.part ||
	    (part == damage->first.part && block < damage->first.number)) {
		damage->first = (struct damaged_block){part, block};
		memcpy(damage->first_words, err->text, sizeof(damage->first_words));
	}
}

void damage_note(struct query *query, uint32_t part, uint32_t block, const struct ot_err *err)
{
	pthread_mutex_lock(&query->damage.lock);
	if (!listed(&query->damage, part, block))
		add(query, part, block, err);
	pthread_mutex_unlock(&query->damage.lock);
}

bool damage_has(struct query *query, uint32_t part, uint32_t block)
{
	bool has;

	pthread_mutex_lock(&query->damage.lock);
	has = listed(&query->damage, part, block);
	pthread_mutex_unlock(&query->damage.lock);
	return has;
}

/* --- beginning and end --- */

static void plan(struct query *query)
{
	struct ot_engine *engine = query->engine;
	size_t count = engine->snapshot.segment_count;

	query->parts = ot_alloc_zero(count, sizeof(*query->parts));
	for (size_t i = 0; i < count; i++) {
		if (where_may_hold(&query->where, &engine->parts[i].ref->info))
			query->parts[query->part_count++] = (uint32_t)i;
	}
	query->segments_skipped_time = count - query->part_count;
}

void query_begin(struct query *query, struct ot_engine *engine, const struct ot_question *question)
{
	memset(query, 0, sizeof(*query));
	query->engine = engine;
	query->question = question;
	query->started_ns = ot_time_now();
	pthread_mutex_init(&query->damage.lock, NULL);
	codes_trim(engine);
	where_init(&query->where, question);
	plan(query);
	query->worker_count = engine->options.threads;
	query->workers = ot_alloc_zero(query->worker_count, sizeof(*query->workers));
	for (unsigned i = 0; i < query->worker_count; i++) {
		query->workers[i].number = i;
		query->workers[i].query = query;
		query->workers[i].matchers = i == 0 ? query->where.matchers : where_share(&query->where);
	}
}

static void add_stats(struct ot_scan_stats *sum, const struct ot_scan_stats *part)
{
	sum->segments_skipped_values += part->segments_skipped_values;
	sum->blocks += part->blocks;
	sum->blocks_skipped += part->blocks_skipped;
	sum->rows_scanned += part->rows_scanned;
	sum->rows_matched += part->rows_matched;
	sum->values_decoded += part->values_decoded;
	sum->links_damaged += part->links_damaged;
}

static void fill_stats(struct query *query, struct ot_scan_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	stats->segments = query->engine->snapshot.segment_count;
	stats->segments_skipped_time = query->segments_skipped_time;
	for (unsigned i = 0; i < query->worker_count; i++) {
		add_stats(stats, &query->workers[i].stats);
		for (unsigned k = 0; k < query->where.matcher_count; k++)
			stats->values_given_up += ot_matcher_given_up(query->workers[i].matchers[k]);
	}
	stats->blocks_damaged = query->damage.block_count;
	stats->rows_damaged = query->damage.row_count;
	if (query->damage.count > 0)
		stats->first_damage = ot_arena_str(&query->engine->words, ot_str_from(query->damage.first_words));
	stats->elapsed_ns = ot_time_now() - query->started_ns;
}

static void worker_release(struct worker *worker)
{
	ot_arena_release(&worker->arena);
	if (worker->number == 0)
		return;
	for (unsigned i = 0; i < worker->query->where.matcher_count; i++)
		ot_matcher_free(worker->matchers[i]);
	free(worker->matchers);
}

void query_end(struct query *query, struct ot_scan_stats *stats)
{
	if (stats != NULL)
		fill_stats(query, stats);
	for (unsigned i = 0; i < query->worker_count; i++)
		worker_release(&query->workers[i]);
	free(query->workers);
	free(query->parts);
	free(query->damage.blocks);
	pthread_mutex_destroy(&query->damage.lock);
	where_release(&query->where);
}

/* --- running jobs --- */

struct run {
	job_fn *job;
	void *context;
	size_t jobs;
	atomic_size_t next;
	atomic_bool stop;
	pthread_mutex_t lock; /* of what follows */
	enum ot_status status;
	size_t failed;
	struct ot_err err;
};

struct run_thread {
	struct run *run;
	struct worker *worker;
};

static void run_failed(struct run *run, size_t job, enum ot_status status, const struct ot_err *err)
{
	pthread_mutex_lock(&run->lock);
	if (run->status == OT_OK || job < run->failed) {
		run->status = status;
		run->failed = job;
		run->err = *err;
	}
	pthread_mutex_unlock(&run->lock);
	atomic_store(&run->stop, true);
}

static void *run_jobs(void *argument)
{
	struct run_thread *thread = argument;
	struct run *run = thread->run;

	while (!atomic_load(&run->stop)) {
		size_t job = atomic_fetch_add(&run->next, 1);
		struct ot_err err = {0};
		enum ot_status status;

		if (job >= run->jobs)
			break;
		status = run->job(run->context, thread->worker, job, &err);
		if (status != OT_OK)
			run_failed(run, job, status, &err);
	}
	return NULL;
}

enum ot_status query_run(struct query *query, size_t jobs, job_fn *job, void *context, struct ot_err *err)
{
	struct run run = {.job = job, .context = context, .jobs = jobs, .lock = PTHREAD_MUTEX_INITIALIZER};
	unsigned count = jobs < query->worker_count ? (unsigned)jobs : query->worker_count, started = 1;
	struct run_thread *threads = ot_alloc_zero(count + 1, sizeof(*threads));
	pthread_t *handles = ot_alloc_zero(count + 1, sizeof(*handles));

	for (unsigned i = 0; i < count; i++)
		threads[i] = (struct run_thread){&run, &query->workers[i]};
	/* Where no thread is to be had the others do its share. */
	while (started < count && pthread_create(&handles[started], NULL, run_jobs, &threads[started]) == 0)
		started++;
	if (count > 0)
		run_jobs(&threads[0]);
	for (unsigned i = 1; i < started; i++)
		pthread_join(handles[i], NULL);
	free(threads);
	free(handles);
	if (run.status != OT_OK && err != NULL)
		*err = run.err;
	return run.status;
}
