/* The filter for one part: built with what is already decided folded away, cheap and selective tests first. */
#include "where.h"

#include <stdlib.h>
#include <string.h>

struct node *node_new(struct node_maker *maker, enum node_kind kind)
{
	struct node *node = ot_arena_zero(maker->arena, 1, sizeof(*node));

	node->kind = kind;
	node->share = kind == NODE_NEVER ? 0 : 1;
	return node;
}

/* Work a row that is thrown out: what should come first has the least. */
static double rank(const struct node *node)
{
	return node->cost / (1.0001 - node->share);
}

static int by_rank(const void *a, const void *b)
{
	double x = rank(*(struct node *const *)a), y = rank(*(struct node *const *)b);

	return (x > y) - (x < y);
}

/* Tests on codes of the same field within an OR become one. */
static bool unite(struct node_maker *maker, struct node *into, const struct node *other)
{
	uint8_t *set;

	if (into->kind != NODE_CODES || other->kind != NODE_CODES || into->field != other->field)
		return false;
	set = (uint8_t *)(uintptr_t)into->set;
	if (set == NULL) {
		set = ot_arena_zero(maker->arena, (size_t)into->code_count + 1, 1);
		memset(set + into->low, 1, (size_t)(into->high - into->low + 1));
		into->set = set;
	}
	for (int64_t code = other->low; code <= other->high; code++)
		set[code] |= other->set == NULL || other->set[code];
	if (other->low < into->low)
		into->low = other->low;
	if (other->high > into->high)
		into->high = other->high;
	into->share += other->share;
	return true;
}

static bool united(struct node_maker *maker, struct node *node, const struct node *child)
{
	for (size_t i = 0; node->kind == NODE_OR && i < node->count; i++) {
		if (unite(maker, node->children[i], child))
			return true;
	}
	return false;
}

/* Guesses for an AND or OR of its children, and their order. */
static void weigh(struct node *node)
{
	double pass = 1;

	node->cost = 0;
	for (size_t i = 0; i < node->count; i++) {
		double share = node->children[i]->share;

		node->cost += node->children[i]->cost;
		pass *= node->kind == NODE_AND ? share : share < 1 ? 1 - share : 0;
	}
	node->share = node->kind == NODE_AND ? pass : 1 - pass;
	if (node->kind == NODE_AND)
		qsort(node->children, node->count, sizeof(struct node *), by_rank);
}

static enum ot_status make(struct node_maker *maker, const struct cond *cond, struct node **out, struct ot_err *err);

static enum ot_status make_list(
    struct node_maker *maker, const struct cond *cond, struct node **out, struct ot_err *err)
{
	enum node_kind neutral = cond->kind == OT_EXPR_AND ? NODE_ALWAYS : NODE_NEVER;
	enum node_kind deciding = cond->kind == OT_EXPR_AND ? NODE_NEVER : NODE_ALWAYS;
	struct node *node = node_new(maker, cond->kind == OT_EXPR_AND ? NODE_AND : NODE_OR);

	node->children = ot_arena_alloc(maker->arena, (cond->count + 1) * sizeof(struct node *));
	for (size_t i = 0; i < cond->count; i++) {
		struct node *child;
		enum ot_status status = make(maker, cond->children[i], &child, err);

		if (status != OT_OK)
			return status;
		if (child->kind == deciding) {
			*out = child;
			return OT_OK;
		}
		if (child->kind != neutral && !united(maker, node, child))
			node->children[node->count++] = child;
	}
	weigh(node);
	*out = node->count == 0 ? node_new(maker, neutral) : node->count == 1 ? node->children[0] : node;
	return OT_OK;
}

static enum ot_status make_not(struct node_maker *maker, const struct cond *cond, struct node **out, struct ot_err *err)
{
	struct node *node, *child;
	enum ot_status status = make(maker, cond->children[0], &child, err);

	if (status != OT_OK)
		return status;
	if (child->kind == NODE_NEVER || child->kind == NODE_ALWAYS) {
		*out = node_new(maker, child->kind == NODE_NEVER ? NODE_ALWAYS : NODE_NEVER);
		return OT_OK;
	}
	if (child->kind == NODE_NOT) {
		*out = child->children[0];
		return OT_OK;
	}
	node = node_new(maker, NODE_NOT);
	node->children = ot_arena_alloc(maker->arena, sizeof(struct node *));
	node->children[node->count++] = child;
	node->cost = child->cost;
	node->share = 1 - child->share;
	*out = node;
	return OT_OK;
}

static enum ot_status make(struct node_maker *maker, const struct cond *cond, struct node **out, struct ot_err *err)
{
	switch (cond->kind) {
	case OT_EXPR_TRUE:
		*out = node_new(maker, NODE_ALWAYS);
		return OT_OK;
	case OT_EXPR_TERM:
		return node_of_term(maker, cond, out, err);
	case OT_EXPR_NOT:
		return make_not(maker, cond, out, err);
	case OT_EXPR_AND:
	case OT_EXPR_OR:
		break;
	}
	return make_list(maker, cond, out, err);
}

enum ot_status node_make(const struct where *where, struct ot_engine *engine, struct part *part,
    struct ot_matcher *const *matchers, struct ot_arena *arena, struct node **out, bool *never, struct ot_err *err)
{
	struct node_maker maker = {where, engine, part, matchers, arena};
	enum ot_status status = make(&maker, where->root, out, err);

	*never = status == OT_OK && (*out)->kind == NODE_NEVER;
	return status;
}
