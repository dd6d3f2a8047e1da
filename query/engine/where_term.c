/* A term for one part: which codes of the dictionary match, asked once a distinct value; which blocks an index names.
 */
#include "where.h"

#include <string.h>

/* First place in a sorted dictionary whose text is not before `text`. */
static uint32_t lower_bound(const struct ot_str *items, uint32_t count, struct ot_str text)
{
	uint32_t low = 0, high = count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (ot_str_cmp(items[middle], text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct node *codes_between(
    struct node_maker *maker, enum ot_field field, uint32_t low, uint32_t end, uint32_t count)
{
	struct node *node;

	if (low >= end)
		return node_new(maker, NODE_NEVER);
	node = node_new(maker, NODE_CODES);
	node->field = field;
	node->low = low;
	node->high = (int64_t)end - 1;
	node->code_count = count;
	node->share = (double)(end - low) / count;
	node->cost = 1;
	return node;
}

/* Length of what comes before the only wildcard, a star at the end; 0 for other patterns. */
static size_t prefix_len(struct ot_str pattern)
{
	size_t len = 0;

	while (len < pattern.len && pattern.ptr[len] != '*' && pattern.ptr[len] != '?')
		len++;
	return len + 1 == pattern.len && pattern.ptr[len] == '*' ? len : 0;
}

static struct node *codes_with_prefix(
    struct node_maker *maker, const struct ot_expr *term, const struct ot_str *items, uint32_t count, size_t len)
{
	struct ot_str prefix = ot_str_sub(term->text, 0, len);
	uint32_t low = lower_bound(items, count, prefix), end = low, high = count;

	while (end < high) {
		uint32_t middle = end + (high - end) / 2;

		if (ot_str_starts(items[middle], prefix))
			end = middle + 1;
		else
			high = middle;
	}
	return codes_between(maker, term->field, low, end, count);
}

/* Asks the matcher of every value. */
static struct node *codes_by_matcher(
    struct node_maker *maker, const struct cond *cond, const struct ot_str *items, uint32_t count)
{
	uint8_t *set = ot_arena_zero(maker->arena, (size_t)count + 1, 1);
	struct ot_matcher *matcher = maker->matchers[cond->matcher];
	uint32_t first = count, last = 0, total = 0;
	struct node *node;

	for (uint32_t i = 0; i < count; i++) {
		if (!ot_matcher_text(matcher, items[i]))
			continue;
		set[i] = 1;
		if (total++ == 0)
			first = i;
		last = i;
	}
	node = codes_between(maker, cond->term->field, first, last + 1, count);
	if (total > 0 && last - first + 1 != total) {
		node->set = set;
		node->share = (double)total / count;
	}
	return node;
}

static enum ot_status node_of_dict(
    struct node_maker *maker, const struct cond *cond, struct node **out, struct ot_err *err)
{
	const struct ot_expr *term = cond->term;
	const struct ot_str *items;
	uint32_t count, at;
	bool sorted;
	size_t prefix;
	enum ot_status status = part_dict(maker->engine, maker->part, term->field, &items, &count, &sorted, err);

	if (status != OT_OK)
		return status;
	prefix = term->match == OT_MATCH_GLOB && sorted ? prefix_len(term->text) : 0;
	if (term->match == OT_MATCH_EQ && sorted) {
		at = lower_bound(items, count, term->text);
		*out = codes_between(
		    maker, term->field, at, at + (at < count && ot_str_cmp(items[at], term->text) == 0), count);
	} else if (prefix > 0) {
		*out = codes_with_prefix(maker, term, items, count, prefix);
	} else {
		*out = codes_by_matcher(maker, cond, items, count);
	}
	return OT_OK;
}

/* What an index says of equal values: no block at all, or which. */
static enum ot_status ask_index(struct node_maker *maker, struct node *node, struct ot_err *err)
{
	struct ot_segment *segment = maker->part->segment;
	uint32_t count = ot_segment_blocks(segment), named = 0;
	uint8_t *blocks;
	enum ot_status status;

	if (node->term->match != OT_MATCH_EQ || !ot_segment_is_indexed(segment, node->field))
		return OT_OK;
	blocks = ot_arena_zero(maker->arena, (size_t)count + 1, 1);
	status = ot_segment_lookup(segment, node->field, node->term->text, blocks, err);
	if (status != OT_OK)
		return status;
	for (uint32_t i = 0; i < count; i++)
		named += blocks[i] != 0;
	node->blocks = blocks;
	if (named == 0)
		node->kind = NODE_NEVER;
	return OT_OK;
}

static enum ot_status node_of_bytes(
    struct node_maker *maker, const struct cond *cond, struct node **out, struct ot_err *err)
{
	const struct ot_expr *term = cond->term;
	bool fixed = ot_fields[term->field].form == OT_FORM_FIXED && term->match == OT_MATCH_EQ;
	struct node *node = node_new(maker, fixed ? NODE_FIXED : NODE_TEXT);

	node->field = term->field;
	node->term = term;
	node->matcher = cond->matcher;
	node->share = term->match == OT_MATCH_EQ ? 0.001 : 0.2;
	node->cost = fixed ? 2 : term->match == OT_MATCH_EQ ? 4 : term->match == OT_MATCH_REGEX ? 60 : 8;
	*out = node;
	if (fixed && term->text.len != ot_fields[term->field].width) {
		node->kind = NODE_NEVER;
		return OT_OK;
	}
	return ask_index(maker, node, err);
}

static struct node *node_of_number(struct node_maker *maker, const struct ot_expr *term)
{
	/* A window may end before it begins. */
	struct node *node = node_new(maker, term->low <= term->high ? NODE_NUMBER : NODE_NEVER);

	node->field = term->field;
	node->low = term->low;
	node->high = term->high;
	node->share = term->match == OT_MATCH_EQ ? 0.05 : 0.3;
	node->cost = 1;
	return node;
}

/* Text of the term absent: rows that are not linked. */
static struct node *node_of_call(struct node_maker *maker, const struct ot_expr *term)
{
	const struct ot_links *links = part_links(maker->part);
	struct node *node = node_new(maker, NODE_CALL);
	uint32_t call = 0;

	if (links == NULL)
		return node_new(maker, term->text.ptr == NULL ? NODE_ALWAYS : NODE_NEVER);
	node->call_of_row = links->call_of_row;
	node->cost = 1;
	node->share = 0.001;
	if (term->text.ptr == NULL)
		return node;
	while (call < links->call_count && !ot_str_eq(links->calls[call].call_id, term->text))
		call++;
	node->low = (int64_t)call + 1;
	return call < links->call_count ? node : node_new(maker, NODE_NEVER);
}

enum ot_status node_of_term(struct node_maker *maker, const struct cond *cond, struct node **out, struct ot_err *err)
{
	const struct ot_expr *term = cond->term;
	enum ot_form form = ot_fields[term->field].form;

	if (form == OT_FORM_NONE) {
		*out = term->match == OT_MATCH_PRESENT ? node_new(maker, NODE_ALWAYS) : node_of_call(maker, term);
		return OT_OK;
	}
	if (!ot_segment_has(maker->part->segment, term->field)) {
		*out = node_new(maker, NODE_NEVER);
		return OT_OK;
	}
	if (term->match == OT_MATCH_PRESENT) {
		*out = node_new(maker, NODE_PRESENT);
		(*out)->field = term->field;
		(*out)->share = 0.9;
		(*out)->cost = 1;
		return OT_OK;
	}
	if (form == OT_FORM_INT) {
		*out = node_of_number(maker, term);
		return OT_OK;
	}
	return form == OT_FORM_DICT ? node_of_dict(maker, cond, out, err) : node_of_bytes(maker, cond, out, err);
}
