/* What a block's statistics say of a filter before any of its rows is decoded. */
#include "where.h"

static enum verdict verdict_of_codes(const struct node *node, const struct ot_block_stats *stats)
{
	int64_t low = stats->min > node->low ? stats->min : node->low,
		high = stats->max < node->high ? stats->max : node->high;
	bool some = false, all = stats->min >= node->low && stats->max <= node->high && stats->nulls == 0;

	if (low > high)
		return VERDICT_NONE;
	if (node->set == NULL)
		return all ? VERDICT_ALL : VERDICT_SOME;
	for (int64_t code = low; code <= high && (all || !some); code++) {
		some = some || node->set[code];
		all = all && node->set[code];
	}
	return !some ? VERDICT_NONE : all ? VERDICT_ALL : VERDICT_SOME;
}

static enum verdict verdict_of_range(const struct node *node, const struct ot_block_stats *stats)
{
	if (stats->max < node->low || stats->min > node->high)
		return VERDICT_NONE;
	return stats->min >= node->low && stats->max <= node->high && stats->nulls == 0 ? VERDICT_ALL : VERDICT_SOME;
}

static enum verdict verdict_of_call(const struct node *node, struct part *part, uint32_t block)
{
	const uint32_t *calls = node->call_of_row + (size_t)block * OT_BLOCK_ROWS;
	uint32_t rows = ot_segment_block_rows(part->segment, block), hits = 0;

	for (uint32_t i = 0; i < rows; i++)
		hits += calls[i] == (uint32_t)node->low;
	return hits == 0 ? VERDICT_NONE : hits == rows ? VERDICT_ALL : VERDICT_SOME;
}

static enum ot_status verdict_of_column(
    const struct node *node, struct part *part, uint32_t block, enum verdict *out, struct ot_err *err)
{
	uint32_t rows = ot_segment_block_rows(part->segment, block);
	struct ot_block_stats stats;
	enum ot_status status;

	*out = VERDICT_NONE;
	if (node->blocks != NULL && !node->blocks[block])
		return OT_OK;
	status = ot_segment_stats(part->segment, node->field, block, &stats, err);
	if (status != OT_OK)
		return status;
	*out = VERDICT_SOME;
	if (stats.nulls >= rows)
		*out = VERDICT_NONE;
	else if (node->kind == NODE_NUMBER)
		*out = verdict_of_range(node, &stats);
	else if (node->kind == NODE_CODES)
		*out = verdict_of_codes(node, &stats);
	else if (node->kind == NODE_PRESENT && stats.nulls == 0)
		*out = VERDICT_ALL;
	return OT_OK;
}

/* AND ends at the first NONE, OR at the first ALL; SOME stays unless it is ended. */
static enum ot_status verdict_of_list(
    const struct node *node, struct part *part, uint32_t block, enum verdict *out, struct ot_err *err)
{
	enum verdict end = node->kind == NODE_AND ? VERDICT_NONE : VERDICT_ALL;

	*out = node->kind == NODE_AND ? VERDICT_ALL : VERDICT_NONE;
	for (size_t i = 0; i < node->count && *out != end; i++) {
		enum verdict child;
		enum ot_status status = node_verdict(node->children[i], part, block, &child, err);

		if (status != OT_OK)
			return status;
		if (child == end || child == VERDICT_SOME)
			*out = child;
	}
	return OT_OK;
}

enum ot_status node_verdict(
    const struct node *node, struct part *part, uint32_t block, enum verdict *out, struct ot_err *err)
{
	enum ot_status status;

	switch (node->kind) {
	case NODE_NEVER:
		*out = VERDICT_NONE;
		return OT_OK;
	case NODE_ALWAYS:
		*out = VERDICT_ALL;
		return OT_OK;
	case NODE_CALL:
		*out = verdict_of_call(node, part, block);
		return OT_OK;
	case NODE_AND:
	case NODE_OR:
		return verdict_of_list(node, part, block, out, err);
	case NODE_NOT:
		status = node_verdict(node->children[0], part, block, out, err);
		if (*out != VERDICT_SOME)
			*out = *out == VERDICT_ALL ? VERDICT_NONE : VERDICT_ALL;
		return status;
	default:
		return verdict_of_column(node, part, block, out, err);
	}
}
