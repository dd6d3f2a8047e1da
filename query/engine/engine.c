/* Opening and closing: a snapshot of the store, and a part for each of its segments. */
#include "codes.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static unsigned cores(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);

	return count < 1 ? 1 : count > 64 ? 64 : (unsigned)count;
}

/* Every segment that a question reads stays open: a store of many days has more than the usual limit of 1,024. */
static void allow_files(size_t segments)
{
	enum { OTHERS = 256 };
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= segments + OTHERS)
		return;
	limit.rlim_cur = limit.rlim_max < segments + OTHERS ? limit.rlim_max : segments + OTHERS;
	setrlimit(RLIMIT_NOFILE, &limit);
}

enum ot_status ot_engine_open(
    struct ot_engine **out, struct ot_store *store, const struct ot_engine_options *options, struct ot_err *err)
{
	struct ot_engine *engine = ot_alloc_zero(1, sizeof(*engine));
	enum ot_status status;

	codes_init(engine);
	engine->store = store;
	if (options != NULL)
		engine->options = *options;
	if (engine->options.threads == 0)
		engine->options.threads = cores();
	status = ot_snapshot_open(&engine->snapshot, store, engine->options.at, err);
	if (status == OT_OK)
		status = ot_route_rules_open(&engine->rules, store, &engine->snapshot, err);
	if (status != OT_OK) {
		ot_engine_close(engine);
		return status;
	}
	allow_files(engine->snapshot.segment_count);
	engine->parts = ot_alloc_zero(engine->snapshot.segment_count, sizeof(*engine->parts));
	for (size_t i = 0; i < engine->snapshot.segment_count; i++) {
		engine->parts[i].ref = &engine->snapshot.segments[i];
		pthread_mutex_init(&engine->parts[i].lock, NULL);
	}
	*out = engine;
	return OT_OK;
}

static void part_close(struct part *part)
{
	ot_links_release(&part->links);
	ot_segment_close(part->segment);
	ot_arena_release(&part->arena);
	pthread_mutex_destroy(&part->lock);
}

void ot_engine_close(struct ot_engine *engine)
{
	if (engine == NULL)
		return;
	for (size_t i = 0; engine->parts != NULL && i < engine->snapshot.segment_count; i++)
		part_close(&engine->parts[i]);
	codes_release(engine);
	free(engine->parts);
	ot_route_rules_close(engine->rules);
	ot_snapshot_release(&engine->snapshot);
	ot_arena_release(&engine->words);
	free(engine);
}

const struct ot_snapshot *ot_engine_snapshot(const struct ot_engine *engine)
{
	return &engine->snapshot;
}
