#include "part.h"

#include <stdio.h>
#include <string.h>

enum ot_status part_open(struct part *part, struct ot_err *err)
{
	enum ot_status status = OT_OK;

	pthread_mutex_lock(&part->lock);
	if (!part->opened) {
		struct ot_err why = {0};

		status = ot_segment_open(&part->segment, part->ref->path, &why);
		if (status == OT_NOT_FOUND || status == OT_CORRUPT) {
			part->status = OT_CORRUPT;
			snprintf(part->words, sizeof(part->words), "%.250s", why.text);
			status = OT_OK;
		}
		part->opened = status == OT_OK;
		if (status != OT_OK)
			ot_err_set(err, status, "%s", why.text);
	}
	if (status == OT_OK && part->status != OT_OK)
		status = ot_err_set(err, part->status, "%s", part->words);
	pthread_mutex_unlock(&part->lock);
	return status;
}

const struct ot_links *part_links(struct part *part)
{
	struct ot_err err;

	if (part->ref->link_path == NULL)
		return NULL;
	pthread_mutex_lock(&part->lock);
	if (!part->links_read) {
		part->links_damaged = ot_links_open(&part->links, part->ref->link_path, &err) != OT_OK ||
				      part->links.rows != ot_segment_rows(part->segment);
		part->links_read = true;
	}
	pthread_mutex_unlock(&part->lock);
	return part->links_damaged || part->links.call_count == 0 ? NULL : &part->links;
}

/* The routes of a part as rules show them; stays NULL where no rule touches one. */
static void make_routes(struct ot_engine *engine, struct part *part, const struct ot_str *items, uint32_t count)
{
	struct ot_str *routes = ot_arena_alloc(&part->arena, (count + 1) * sizeof(*routes));
	bool changed = false;

	for (uint32_t i = 0; i < count; i++) {
		routes[i] = ot_route_apply(engine->rules, items[i], &part->arena);
		changed = changed || routes[i].ptr != items[i].ptr;
	}
	part->routes = changed ? routes : NULL;
	part->route_count = count;
	part->routes_made = true;
}

enum ot_status part_dict(struct ot_engine *engine, struct part *part, enum ot_field field, const struct ot_str **items,
    uint32_t *count, bool *sorted, struct ot_err *err)
{
	enum ot_status status = ot_segment_dict(part->segment, field, items, count, err);

	*sorted = true;
	if (status != OT_OK || field != OT_HTTP_ROUTE || ot_route_rules_empty(engine->rules))
		return status;
	pthread_mutex_lock(&part->lock);
	if (!part->routes_made)
		make_routes(engine, part, *items, *count);
	pthread_mutex_unlock(&part->lock);
	if (part->routes != NULL) {
		*items = part->routes;
		*sorted = false;
	}
	return OT_OK;
}

void block_init(struct block *block, struct ot_engine *engine, uint32_t part, uint32_t number, struct ot_arena *arena)
{
	ot_arena_reset(arena);
	block->engine = engine;
	block->part = &engine->parts[part];
	block->part_number = part;
	block->number = number;
	block->first = number * OT_BLOCK_ROWS;
	block->rows = ot_segment_block_rows(block->part->segment, number);
	block->arena = arena;
	memset(block->decoded, 0, sizeof(block->decoded));
	block->values_decoded = 0;
}

enum ot_status block_column(struct block *block, enum ot_field field, const struct ot_column **out, struct ot_err *err)
{
	struct ot_column *column = &block->columns[field];
	uint64_t bit = UINT64_C(1) << (field & 63);
	const struct ot_str *items;
	enum ot_status status;
	uint32_t count;
	bool sorted;

	*out = column;
	if (block->decoded[field >> 6] & bit)
		return OT_OK;
	status = ot_segment_decode(block->part->segment, field, block->number, column, block->arena, err);
	if (status == OT_OK && column->rows != block->rows)
		status = ot_err_set(err, OT_CORRUPT, "%s: block %u of %s has %u rows, not %u", block->part->ref->path,
		    block->number, ot_fields[field].name, column->rows, block->rows);
	if (status == OT_OK && field == OT_HTTP_ROUTE && ot_segment_has(block->part->segment, field)) {
		status = part_dict(block->engine, block->part, field, &items, &count, &sorted, err);
		column->dict = items;
	}
	if (status != OT_OK)
		return status;
	block->decoded[field >> 6] |= bit;
	block->values_decoded += block->rows;
	return OT_OK;
}
