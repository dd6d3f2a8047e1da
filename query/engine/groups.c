/* Groups with their measures: a table a worker, merged, sorted, cut to what was asked, and filled in. */
#include "groups.h"

#include "codes.h"
#include "sort.h"

#include <stdlib.h>
#include <string.h>

static uint64_t count_of(const struct grouping *grouping, size_t i)
{
	return table_count(grouping->table, grouping->groups[i]);
}

/* --- which groups --- */

/* Groups that have rows and whose count fits. */
static void keep_counted(struct grouping *grouping)
{
	const struct ot_having *having = &grouping->request->having;
	uint32_t total = grouping->table->cell_count;

	grouping->groups = ot_alloc((size_t)total * sizeof(*grouping->groups));
	for (uint32_t g = 0; g < total; g++) {
		int64_t count = (int64_t)table_count(grouping->table, g);

		if (count > 0 && count >= having->low && count <= having->high)
			grouping->groups[grouping->count++] = g;
	}
}

/* Passes over groups that cannot be among the first, so that only the others need be sorted. */
static void keep_large(struct grouping *grouping)
{
	uint64_t top = grouping->request->top;
	size_t kept = 0;
	int64_t *counts, least;

	if (top == 0 || grouping->count <= top || grouping->request->every_ns > 0)
		return;
	counts = ot_alloc(grouping->count * sizeof(*counts));
	for (size_t i = 0; i < grouping->count; i++)
		counts[i] = (int64_t)count_of(grouping, i);
	least = sort_rank(counts, grouping->count, grouping->count - top);
	free(counts);
	for (size_t i = 0; i < grouping->count; i++) {
		if ((int64_t)count_of(grouping, i) >= least)
			grouping->groups[kept++] = grouping->groups[i];
	}
	grouping->count = kept;
}

/* --- their order --- */

/* Sets of key codes, one after the other. */
struct keyed {
	const struct table *table;
	uint32_t *codes;
	size_t count;
};

static uint32_t code_at(const struct keyed *keyed, size_t i, size_t key)
{
	return keyed->codes[i * keyed->table->key_count + key];
}

/* For many groups all texts of the engine are ranked, which the next question then finds done. */
static bool ranked_at_once(const struct keyed *keyed, const struct coder *coder)
{
	enum { FEW = 8 };

	return coder->engine != NULL && keyed->count >= codes_count(coder->engine, coder->field) / FEW;
}

/* The place of each text among those that occur, by code. */
static uint32_t *rank_texts(const struct keyed *keyed, size_t key)
{
	const struct coder *coder = &keyed->table->keys[key];
	uint32_t codes = coder_count(coder), used = 0, *rank = ot_alloc_zero(codes, sizeof(*rank)), *rank_of;
	struct ot_str *texts;

	if (ranked_at_once(keyed, coder)) {
		if (codes > 1)
			memcpy(rank + 1, codes_ranks(coder->engine, coder->field), (codes - 1) * sizeof(*rank));
		return rank;
	}
	for (size_t i = 0; i < keyed->count; i++) {
		uint32_t code = code_at(keyed, i, key);

		if (code != 0 && rank[code] == 0)
			rank[code] = ++used;
	}
	texts = ot_alloc(((size_t)used + 1) * sizeof(*texts));
	rank_of = ot_alloc(((size_t)used + 1) * sizeof(*rank_of));
	for (uint32_t code = 1; code < codes; code++) {
		if (rank[code] != 0)
			texts[rank[code] - 1] = coder_text(coder, code);
	}
	sort_texts(texts, used, rank_of);
	for (uint32_t code = 1; code < codes; code++)
		rank[code] = rank[code] == 0 ? 0 : rank_of[rank[code] - 1];
	free(texts);
	free(rank_of);
	return rank;
}

/* Stable: by one key, null first. */
static void order_by_key(const struct keyed *keyed, size_t key, uint32_t *order)
{
	const struct coder *coder = &keyed->table->keys[key];
	uint64_t *sort_by = ot_alloc((keyed->count + 1) * sizeof(*sort_by));
	uint32_t *ranks = coder_is_text(coder) ? rank_texts(keyed, key) : NULL;

	for (size_t i = 0; i < keyed->count; i++) {
		uint32_t code = code_at(keyed, i, key);

		if (ranks != NULL)
			sort_by[i] = ranks[code];
		else
			sort_by[i] = code == 0 ? 0 : sort_key(coder->numbers.numbers[code - 1]);
	}
	sort_order(order, keyed->count, sort_by);
	for (size_t i = 0; i < keyed->count; i++)
		sort_by[i] = code_at(keyed, i, key) != 0;
	sort_order(order, keyed->count, sort_by);
	free(sort_by);
	free(ranks);
}

static uint32_t *order_new(size_t count)
{
	uint32_t *order = ot_alloc((count + 1) * sizeof(*order));

	for (size_t i = 0; i < count; i++)
		order[i] = (uint32_t)i;
	return order;
}

/* Largest first; of equal ones that whose keys, from the `first`, come first. */
static uint32_t *order_by_counts(const struct keyed *keyed, size_t first, const uint64_t *counts)
{
	uint32_t *order = order_new(keyed->count);
	uint64_t *sort_by = ot_alloc((keyed->count + 1) * sizeof(*sort_by));

	for (size_t key = keyed->table->key_count; key-- > first;)
		order_by_key(keyed, key, order);
	for (size_t i = 0; i < keyed->count; i++)
		sort_by[i] = ~counts[i];
	sort_order(order, keyed->count, sort_by);
	free(sort_by);
	return order;
}

static uint32_t *codes_of_groups(const struct grouping *grouping)
{
	size_t stride = grouping->table->key_count;
	uint32_t *codes = ot_alloc((grouping->count * stride + 1) * sizeof(*codes));

	for (size_t i = 0; i < grouping->count; i++)
		table_key_codes(grouping->table, grouping->groups[i], codes + i * stride);
	return codes;
}

/* By bucket, where there are buckets, then count, then keys. */
static void sort_groups(struct grouping *grouping)
{
	struct keyed keyed = {grouping->table, codes_of_groups(grouping), grouping->count};
	bool buckets = grouping->request->every_ns > 0;
	uint64_t *counts = ot_alloc((grouping->count + 1) * sizeof(*counts));
	uint32_t *order, *sorted = ot_alloc((grouping->count + 1) * sizeof(*sorted));

	for (size_t i = 0; i < grouping->count; i++)
		counts[i] = count_of(grouping, i);
	order = order_by_counts(&keyed, buckets, counts);
	if (buckets)
		order_by_key(&keyed, 0, order);
	for (size_t i = 0; i < grouping->count; i++)
		sorted[i] = grouping->groups[order[i]];
	free(grouping->groups);
	free(counts);
	free(order);
	free(keyed.codes);
	grouping->groups = sorted;
}

/* --- top of what has buckets --- */

/* The keys of some groups without their bucket (or the bucket, where there is nothing else), with the count over all of
 * them. */
struct series {
	struct keyed keyed;
	uint32_t *of_group;
	uint64_t *counts;
};

static void series_make(struct series *series, const struct grouping *grouping, size_t first)
{
	size_t stride = grouping->table->key_count;
	uint32_t *codes = codes_of_groups(grouping);
	struct pair_map maps[TABLE_KEYS_MAX] = {0};

	series->keyed.table = grouping->table;
	series->of_group = ot_alloc_zero(grouping->count + 1, sizeof(*series->of_group));
	for (size_t i = 0; i < grouping->count; i++) {
		for (size_t k = first; k < stride; k++)
			series->of_group[i] = pair_map_put(&maps[k], series->of_group[i], codes[i * stride + k]);
	}
	series->keyed.count = maps[stride - 1].count;
	series->keyed.codes = ot_alloc((series->keyed.count * stride + 1) * sizeof(*codes));
	series->counts = ot_alloc_zero(series->keyed.count + 1, sizeof(*series->counts));
	for (size_t i = 0; i < grouping->count; i++) {
		memcpy(series->keyed.codes + series->of_group[i] * stride, codes + i * stride, stride * sizeof(*codes));
		series->counts[series->of_group[i]] += count_of(grouping, i);
	}
	for (size_t k = 0; k < TABLE_KEYS_MAX; k++)
		pair_map_release(&maps[k]);
	free(codes);
}

/* All buckets of the series with the largest counts. */
static void keep_series(struct grouping *grouping)
{
	size_t first = grouping->request->by_count > 0 ? 1 : 0, kept = 0;
	struct series series = {0};
	uint32_t *order;
	bool *wanted;

	if (grouping->request->top == 0 || grouping->request->every_ns == 0 || grouping->count == 0)
		return;
	series_make(&series, grouping, first);
	order = order_by_counts(&series.keyed, first, series.counts);
	wanted = ot_alloc_zero(series.keyed.count + 1, sizeof(*wanted));
	for (size_t i = 0; i < series.keyed.count && i < grouping->request->top; i++)
		wanted[order[i]] = true;
	for (size_t i = 0; i < grouping->count; i++) {
		if (wanted[series.of_group[i]])
			grouping->groups[kept++] = grouping->groups[i];
	}
	grouping->count = kept;
	free(series.keyed.codes);
	free(series.of_group);
	free(series.counts);
	free(order);
	free(wanted);
}

static void choose(struct grouping *grouping)
{
	keep_counted(grouping);
	keep_series(grouping);
	keep_large(grouping);
	sort_groups(grouping);
	if (grouping->request->every_ns == 0 && grouping->request->top > 0 && grouping->count > grouping->request->top)
		grouping->count = grouping->request->top;
}

enum ot_status ot_engine_groups(struct ot_engine *engine, const struct ot_groups_request *request,
    struct ot_groups *out, struct ot_scan_stats *stats, struct ot_err *err)
{
	struct grouping grouping = {.request = request, .out = out};
	enum ot_status status;

	memset(out, 0, sizeof(*out));
	query_begin(&grouping.query, engine, &request->question);
	status = groups_gather(&grouping, err);
	if (status == OT_OK) {
		choose(&grouping);
		status = groups_fill(&grouping, err);
	}
	groups_gather_release(&grouping);
	free(grouping.groups);
	query_end(&grouping.query, stats);
	if (status != OT_OK)
		ot_groups_release(out);
	return status;
}

void ot_groups_release(struct ot_groups *groups)
{
	ot_arena_release(&groups->arena);
	memset(groups, 0, sizeof(*groups));
}
