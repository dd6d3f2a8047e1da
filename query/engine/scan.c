/* Block by block: statistics, then rows, then the sink. */
#include "scan.h"

#include <stdlib.h>
#include <string.h>

enum { UNIT_BLOCKS = 8 }; /* blocks a worker takes at a time */

enum ot_status scan_damage(
    struct query *query, uint32_t part, uint32_t block, enum ot_status status, const struct ot_err *err)
{
	if (status != OT_CORRUPT)
		return status;
	damage_note(query, part, block, err);
	return OT_OK;
}

static enum ot_status make_ready(
    struct scan *scan, struct worker *worker, struct scan_part *scanned, struct ot_err *err)
{
	struct query *query = scan->query;
	struct part *part = &query->engine->parts[scanned->number];
	bool never = false;
	enum ot_status status = part_open(part, err);

	if (status == OT_OK)
		status = node_make(
		    &query->where, query->engine, part, worker->matchers, &scanned->arena, &scanned->node, &never, err);
	if (status != OT_OK) {
		scanned->skipped = true;
		return scan_damage(query, scanned->number, UINT32_MAX, status, err);
	}
	scanned->skipped = never;
	worker->stats.segments_skipped_values += never;
	worker->stats.blocks += ot_segment_blocks(part->segment);
	if (never) {
		worker->stats.blocks_skipped += ot_segment_blocks(part->segment);
		return OT_OK;
	}
	if (scan->calls) {
		scanned->links = part_links(part);
		worker->stats.links_damaged += part->links_damaged;
	}
	if (scanned->links != NULL && !query->where.everything && !scan->leaders)
		scanned->matched = ot_arena_zero(&scanned->arena, ot_segment_rows(part->segment) / 8 + 1, 1);
	return OT_OK;
}

enum ot_status scan_part_ready(struct scan *scan, struct worker *worker, struct scan_part *part, struct ot_err *err)
{
	enum ot_status status = OT_OK;

	pthread_mutex_lock(&part->lock);
	if (!part->ready)
		status = make_ready(scan, worker, part, err);
	part->ready = true;
	pthread_mutex_unlock(&part->lock);
	return status;
}

/* Of the rows that match those that stand for their call; linked ones are marked. Blocks are whole bytes of the marks,
 * so workers do not meet. */
static struct rows that_stand(const struct scan_part *part, struct block *block, struct rows matched)
{
	uint16_t *kept = ot_arena_alloc(block->arena, (matched.count + 1) * sizeof(*kept));
	uint32_t count = 0;

	for (uint32_t i = 0; i < matched.count; i++) {
		uint32_t row = rows_at(&matched, i), at = block->first + row;
		bool linked = part->links->call_of_row[at] != 0;

		kept[count] = (uint16_t)row;
		count += !linked || part->links->leader[at];
		if (linked && part->matched != NULL)
			part->matched[at / 8] |= (uint8_t)(1u << (at % 8));
	}
	return (struct rows){kept, count};
}

static enum ot_status scan_rows(
    struct scan *scan, struct worker *worker, struct scan_part *part, enum verdict verdict, struct ot_err *err)
{
	struct block *block = &worker->block;
	struct found found = {.matched = {NULL, block->rows}};
	enum ot_status status = OT_OK;

	if (verdict == VERDICT_SOME) {
		worker->stats.rows_scanned += block->rows;
		status = node_rows(
		    part->node, block, worker->matchers, (struct rows){NULL, block->rows}, &found.matched, err);
	}
	if (status != OT_OK || found.matched.count == 0)
		return status;
	found.rows = part->links == NULL ? found.matched : that_stand(part, block, found.matched);
	status = scan->sink(scan->context, worker, block, &found, err);
	if (status == OT_OK)
		worker->stats.rows_matched += found.matched.count;
	return status;
}

static enum ot_status scan_block(
    struct scan *scan, struct worker *worker, struct scan_part *part, uint32_t number, struct ot_err *err)
{
	struct query *query = scan->query;
	enum verdict verdict = VERDICT_NONE;
	enum ot_status status;

	if (engine_cancelled(query->engine))
		return ot_err_set(err, OT_CANCELLED, "stopped");
	status = node_verdict(part->node, &query->engine->parts[part->number], number, &verdict, err);
	if (status == OT_OK && verdict == VERDICT_NONE) {
		worker->stats.blocks_skipped++;
		return OT_OK;
	}
	if (status == OT_OK) {
		block_init(&worker->block, query->engine, part->number, number, &worker->arena);
		status = scan_rows(scan, worker, part, verdict, err);
		worker->stats.values_decoded += worker->block.values_decoded;
	}
	return scan_damage(query, part->number, number, status, err);
}

static enum ot_status scan_unit(void *context, struct worker *worker, size_t job, struct ot_err *err)
{
	struct scan *scan = context;
	const struct scan_unit *unit = &scan->units[job];
	struct scan_part *part = &scan->parts[unit->part];
	enum ot_status status = scan_part_ready(scan, worker, part, err);
	uint32_t end;

	if (status != OT_OK || part->skipped)
		return status;
	end = ot_segment_blocks(scan->query->engine->parts[part->number].segment);
	for (uint32_t block = unit->first; block < unit->end && block < end && status == OT_OK; block++)
		status = scan_block(scan, worker, part, block, err);
	return status;
}

static uint32_t blocks_of(const struct part *part)
{
	return (part->ref->info.rows + OT_BLOCK_ROWS - 1) / OT_BLOCK_ROWS;
}

static void make_units(struct scan *scan)
{
	struct query *query = scan->query;
	size_t count = 0;

	for (size_t i = scan->first; i < scan->end; i++)
		count += (blocks_of(&query->engine->parts[query->parts[i]]) + UNIT_BLOCKS - 1) / UNIT_BLOCKS;
	scan->units = ot_alloc_zero(count, sizeof(*scan->units));
	scan->parts = ot_alloc_zero(scan->end - scan->first, sizeof(*scan->parts));
	for (size_t i = scan->first; i < scan->end; i++) {
		struct scan_part *part = &scan->parts[i - scan->first];
		uint32_t blocks;

		part->number = query->parts[i];
		pthread_mutex_init(&part->lock, NULL);
		blocks = blocks_of(&query->engine->parts[part->number]);
		for (uint32_t b = 0; b < blocks; b += UNIT_BLOCKS)
			scan->units[scan->unit_count++] =
			    (struct scan_unit){(uint32_t)(i - scan->first), b, b + UNIT_BLOCKS};
	}
}

static enum ot_status scan_alone(struct scan *scan, struct ot_err *err)
{
	enum ot_status status = OT_OK;

	for (size_t i = 0; i < scan->unit_count && status == OT_OK; i++)
		status = scan_unit(scan, scan->worker, i, err);
	return status;
}

enum ot_status scan_run(struct scan *scan, struct ot_err *err)
{
	enum ot_status status;

	scan->unit_count = 0;
	make_units(scan);
	status = scan->worker == NULL ? query_run(scan->query, scan->unit_count, scan_unit, scan, err)
				      : scan_alone(scan, err);
	if (status == OT_OK && scan->calls && !scan->leaders && !scan->query->where.everything)
		status = scan_settle(scan, err);
	for (size_t i = 0; i < scan->end - scan->first; i++) {
		pthread_mutex_destroy(&scan->parts[i].lock);
		ot_arena_release(&scan->parts[i].arena);
	}
	free(scan->parts);
	free(scan->units);
	return status;
}
