/* Tables of several workers, or of several days, made one. */
#include "table.h"

#include <stdlib.h>
#include <string.h>

/* The group number that `into` has for each of `from`. */
static uint32_t *translate_groups(struct table *into, const struct table *from)
{
	uint32_t *groups, *codes, *joined;

	if (from->key_count == 0)
		return ot_alloc_zero(1, sizeof(*groups));
	groups = coder_translate(&into->keys[0], &from->keys[0]);
	for (size_t k = 1; k < from->key_count; k++) {
		const struct pair_map *level = &from->levels[k];

		codes = coder_translate(&into->keys[k], &from->keys[k]);
		joined = ot_alloc(((size_t)level->count + 1) * sizeof(*joined));
		for (uint32_t i = 0; i < level->count; i++)
			joined[i] = pair_map_put(&into->levels[k], groups[level->first[i]], codes[level->second[i]]);
		free(codes);
		free(groups);
		groups = joined;
	}
	return groups;
}

static void merge_cells(struct table *into, const struct table *from, const uint32_t *groups)
{
	for (uint32_t g = 0; g < from->cell_count; g++) {
		void *to;

		if (groups[g] == UINT32_MAX)
			continue;
		to = table_cell(into, groups[g]);
		*(uint64_t *)to += table_count(from, g);
		for (size_t i = 0; i < from->collector_count; i++)
			collector_cell_merge(&from->collectors[i], to, table_cell(from, g));
	}
}

static void merge_rest(struct table *into, const struct table *from, const uint32_t *groups)
{
	table_make_room(into);
	merge_cells(into, from, groups);
	for (size_t i = 0; i < from->collector_count; i++)
		collector_merge(&into->collectors[i], &from->collectors[i], groups);
}

void table_merge(struct table *into, const struct table *from)
{
	uint32_t *groups;

	/* Nothing was added to it. */
	if (from->cell_count == 0)
		return;
	groups = translate_groups(into, from);
	merge_rest(into, from, groups);
	free(groups);
}

/* By level, from the last to the first, which pairs are needed for the groups that are kept. */
static bool *needed(const struct table *from, size_t level, const bool *above)
{
	const struct pair_map *pairs = &from->levels[level + 1];
	uint32_t count = level == 0 ? coder_count(&from->keys[0]) : from->levels[level].count;
	bool *flags = ot_alloc_zero((size_t)count + 1, sizeof(*flags));

	for (uint32_t i = 0; i < pairs->count; i++) {
		if (above[i])
			flags[pairs->first[i]] = true;
	}
	return flags;
}

static uint32_t *append_level(
    struct table *into, const struct table *from, size_t k, uint32_t *groups, const bool *keep)
{
	const struct pair_map *level = &from->levels[k];
	uint32_t *codes = coder_translate(&into->keys[k], &from->keys[k]);
	uint32_t *joined = ot_alloc(((size_t)level->count + 1) * sizeof(*joined));

	for (uint32_t i = 0; i < level->count; i++)
		joined[i] = keep[i]
				? pair_map_append(&into->levels[k], groups[level->first[i]], codes[level->second[i]])
				: UINT32_MAX;
	free(codes);
	free(groups);
	return joined;
}

void table_append(struct table *into, const struct table *from, const bool *keep)
{
	bool *flags[TABLE_KEYS_MAX] = {0};
	size_t last = from->key_count - 1;
	uint32_t *groups;

	if (from->cell_count == 0)
		return;
	flags[last] = ot_alloc_zero((size_t)table_groups(from) + 1, sizeof(bool));
	for (uint32_t g = 0; g < from->cell_count; g++)
		flags[last][g] = table_count(from, g) > 0 && (keep == NULL || keep[g]);
	for (size_t k = last; k-- > 0;)
		flags[k] = needed(from, k, flags[k + 1]);
	groups = coder_translate(&into->keys[0], &from->keys[0]);
	for (size_t k = 1; k < from->key_count; k++)
		groups = append_level(into, from, k, groups, flags[k]);
	for (uint32_t g = 0; last == 0 && g < from->cell_count; g++)
		groups[g] = flags[0][g] ? groups[g] : UINT32_MAX;
	merge_rest(into, from, groups);
	for (size_t k = 0; k < from->key_count; k++)
		free(flags[k]);
	free(groups);
}
