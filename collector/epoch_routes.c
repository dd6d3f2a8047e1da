/* collector: what a batch teaches about routes: which clients used which. */
#include "pipeline_inside.h"
#include <correlate/route.h>
#include <stdlib.h>

/* Distinct pairs of codes with their number of records; open addressing, records 0: free. */
struct pair {
	uint64_t key, records;
};

struct pairs {
	struct pair *items;
	size_t count, cap;
};

static struct pair *place_of(struct pair *items, size_t cap, uint64_t key)
{
	size_t at = (size_t)(key * 0x9e3779b97f4a7c15u >> 20) & (cap - 1);
	while (items[at].records > 0 && items[at].key != key)
		at = (at + 1) & (cap - 1);
	return &items[at];
}

static void grow(struct pairs *pairs)
{
	size_t cap = pairs->cap == 0 ? 1024 : pairs->cap * 2;
	struct pair *wider = ot_alloc_zero(cap, sizeof(*wider));
	for (size_t i = 0; i < pairs->cap; i++)
		if (pairs->items[i].records > 0)
			*place_of(wider, cap, pairs->items[i].key) = pairs->items[i];
	free(pairs->items);
	pairs->items = wider;
	pairs->cap = cap;
}

static void add(struct pairs *pairs, uint64_t key)
{
	if (pairs->count * 2 >= pairs->cap)
		grow(pairs);
	struct pair *pair = place_of(pairs->items, pairs->cap, key);
	pairs->count += pair->records == 0;
	pair->key = key;
	pair->records++;
}

void ot_routes_learn(struct ot_route_learner *learner, const struct ot_batch *batch)
{
	const struct ot_column *routes = &batch->columns[OT_HTTP_ROUTE], *clients = &batch->columns[OT_CLIENT];
	struct pairs pairs = { 0 };
	uint32_t rows = routes->codes == NULL || clients->codes == NULL ? 0 : routes->rows < clients->rows ? routes->rows : clients->rows;
	for (uint32_t row = 0; row < rows; row++)
		if (routes->codes[row] != OT_CODE_NULL && clients->codes[row] != OT_CODE_NULL)
			add(&pairs, (uint64_t)routes->codes[row] << 32 | clients->codes[row]);
	for (size_t i = 0; i < pairs.cap; i++)
		if (pairs.items[i].records > 0)
			ot_route_learner_add(learner, batch->dicts[OT_HTTP_ROUTE].items[pairs.items[i].key >> 32],
			    batch->dicts[OT_CLIENT].items[(uint32_t)pairs.items[i].key], pairs.items[i].records);
	free(pairs.items);
}
