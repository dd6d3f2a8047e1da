#include "catalog.h"

#include <string.h>

enum ot_status ot_commit_route_value(struct ot_commit *commit, const struct ot_route_value *value, struct ot_err *err)
{
	struct ot_query q;

	ot_query_start(&q, commit->store, "INSERT OR REPLACE INTO route_value (parent, value, records, clients) VALUES (?, ?, ?, ?)", err);
	ot_query_blob(&q, value->parent);
	ot_query_blob(&q, value->value);
	ot_query_u64(&q, value->records);
	ot_query_blob(&q, value->clients);
	return ot_commit_step(commit, ot_query_run(&q));
}

/* A rule that is there already is not added again, one that is not there needs no removing. */
enum ot_status ot_commit_route_rule(struct ot_commit *commit, struct ot_str parent, bool add, struct ot_err *err)
{
	struct ot_query q;

	if (add)
		ot_query_start(&q, commit->store, "INSERT INTO route_rule (added, parent) VALUES (?, ?) ON CONFLICT DO NOTHING", err);
	else
		ot_query_start(&q, commit->store, "UPDATE route_rule SET removed = ? WHERE parent = ? AND removed IS NULL", err);
	ot_query_int(&q, commit->id);
	ot_query_blob(&q, parent);
	return ot_commit_step(commit, ot_query_run(&q));
}

/* An array in an arena that doubles; what it leaves behind stays in the arena. */
static void *grow(struct ot_arena *arena, const void *items, size_t count, size_t *cap, size_t size)
{
	void *more;

	*cap = *cap == 0 ? 16 : *cap * 2;
	more = ot_arena_zero(arena, *cap, size);
	if (count > 0)
		memcpy(more, items, count * size);
	return more;
}

enum ot_status ot_store_route_values(struct ot_store *store, struct ot_str parent, struct ot_route_value **out, size_t *count, struct ot_arena *arena, struct ot_err *err)
{
	size_t cap = 0;
	struct ot_query q;

	*out = NULL;
	*count = 0;
	ot_query_start(&q, store, "SELECT value, records, clients FROM route_value WHERE parent = ? ORDER BY value", err);
	ot_query_blob(&q, parent);
	while (ot_query_row(&q)) {
		struct ot_route_value *v;

		if (*count == cap)
			*out = grow(arena, *out, *count, &cap, sizeof(**out));
		v = &(*out)[(*count)++];
		v->parent = *count == 1 ? ot_arena_str(arena, parent) : (*out)[0].parent;
		v->value = ot_query_get_text(&q, arena);
		v->records = ot_query_get_u64(&q);
		v->clients = ot_query_get_text(&q, arena);
	}
	return ot_query_end(&q);
}

enum ot_status ot_store_route_rules(struct ot_store *store, const struct ot_snapshot *snapshot, struct ot_str **parents, size_t *count, struct ot_arena *arena, struct ot_err *err)
{
	size_t cap = 0;
	struct ot_query q;

	*parents = NULL;
	*count = 0;
	ot_query_start(&q, store,
	    "SELECT DISTINCT parent FROM route_rule WHERE added <= ?1 AND (removed IS NULL OR removed > ?1) ORDER BY parent", err);
	ot_query_int(&q, snapshot->id);
	while (ot_query_row(&q)) {
		if (*count == cap)
			*parents = grow(arena, *parents, *count, &cap, sizeof(**parents));
		(*parents)[(*count)++] = ot_query_get_text(&q, arena);
	}
	return ot_query_end(&q);
}
