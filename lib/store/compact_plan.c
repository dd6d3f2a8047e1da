#include "compact_plan.h"

#include <store/segment.h>

/* Sizes 1..7, 8..63, 64..511 … rows: eight of a size make at least one of the next, so a row is rewritten once a size. */
static int level_of(uint32_t rows)
{
	int level = 0;

	for (; rows >= OT_COMPACT_FACTOR; rows /= OT_COMPACT_FACTOR)
		level++;
	return level;
}

/* A group while it is filled, in order of name. */
struct group {
	size_t *chosen, count;
	uint64_t rows;
};

static bool fits(const struct group *g, uint32_t rows)
{
	return g->count < OT_COMPACT_INPUTS_MAX && g->rows + rows <= OT_SEGMENT_ROWS_MAX;
}

static void add(struct group *g, size_t place, uint32_t rows)
{
	g->chosen[g->count++] = place;
	g->rows += rows;
}

/* Neighbours by name go together: they were collected one after the other. */
static size_t plan_eager(const uint32_t *rows, size_t count, size_t *chosen)
{
	struct group g = { chosen, 0, 0 };

	for (size_t i = 0; i < count; i++) {
		if (rows[i] == 0)
			continue;
		if (!fits(&g, rows[i])) {
			if (g.count > 1)
				return g.count;
			g = (struct group){ chosen, 0, 0 };
		}
		add(&g, i, rows[i]);
	}
	return g.count > 1 ? g.count : 0;
}

/* Worth its writing: it comes out one size larger, or as large as it may. */
static size_t plan_level(const uint32_t *rows, size_t count, int level, size_t *chosen)
{
	struct group g = { chosen, 0, 0 };
	size_t of_level = 0;
	bool full = false;

	for (size_t i = 0; i < count; i++) {
		if (rows[i] == 0 || rows[i] > OT_SEGMENT_ROWS_MAX / 2 || level_of(rows[i]) != level)
			continue;
		of_level++;
		full |= g.rows + rows[i] > OT_SEGMENT_ROWS_MAX;
		if (!full && fits(&g, rows[i]))
			add(&g, i, rows[i]);
	}
	if (of_level < OT_COMPACT_FACTOR || g.count < 2)
		return 0;
	return g.count;
}

size_t ot_compact_plan(const uint32_t *rows, size_t count, bool eager, size_t *chosen)
{
	size_t group = 0;

	if (eager)
		return plan_eager(rows, count, chosen);
	for (int level = 0; level <= level_of(OT_SEGMENT_ROWS_MAX) && group == 0; level++)
		group = plan_level(rows, count, level, chosen);
	return group;
}
