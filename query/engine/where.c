/* A question's filter made ready: ids taken apart into the columns they are made of, the window added, each term its
 * matcher. */
#include "where.h"

#include <stdlib.h>
#include <string.h>

static struct cond *cond_new(struct where *where, enum ot_expr_kind kind, size_t children)
{
	struct cond *cond = ot_arena_zero(&where->arena, 1, sizeof(*cond));

	cond->kind = kind;
	if (children > 0)
		cond->children = ot_arena_zero(&where->arena, children, sizeof(struct cond *));
	return cond;
}

static void cond_add(struct cond *cond, struct cond *child)
{
	cond->children[cond->count++] = child;
}

static unsigned add_matcher(struct where *where, const struct ot_expr *term)
{
	if (where->matcher_count == where->matcher_cap) {
		where->matcher_cap = where->matcher_cap == 0 ? 8 : where->matcher_cap * 2;
		where->matchers = ot_realloc(where->matchers, where->matcher_cap * sizeof(struct ot_matcher *));
	}
	where->matchers[where->matcher_count] = ot_matcher_new(term);
	return where->matcher_count++;
}

static struct cond *cond_of_term(struct where *where, const struct ot_expr *term)
{
	struct cond *cond = cond_new(where, OT_EXPR_TERM, 0);
	enum ot_form form = ot_fields[term->field].form;

	cond->term = term;
	if (form != OT_FORM_INT && form != OT_FORM_NONE)
		cond->matcher = add_matcher(where, term);
	return cond;
}

static struct cond *made_term(
    struct where *where, enum ot_field field, enum ot_match match, int64_t low, int64_t high, struct ot_str text)
{
	struct ot_expr *term = ot_arena_zero(&where->arena, 1, sizeof(*term));

	*term = (struct ot_expr){
	    .kind = OT_EXPR_TERM, .field = field, .match = match, .text = text, .low = low, .high = high};
	return cond_of_term(where, term);
}

static struct cond *cond_of_record_id(struct where *where, struct ot_str id)
{
	struct cond *cond = cond_new(where, OT_EXPR_AND, 3), *no_item;
	struct ot_str key;
	int64_t offset, item;

	if (!ot_record_id_parse(id, &key, &offset, &item))
		return cond_new(where, OT_EXPR_OR, 0);
	cond_add(cond, made_term(where, OT_SOURCE_KEY, OT_MATCH_EQ, 0, 0, key));
	cond_add(cond, made_term(where, OT_SOURCE_OFFSET, OT_MATCH_EQ, offset, offset, OT_STR_NONE));
	if (item != 0) {
		cond_add(cond, made_term(where, OT_SOURCE_ITEM, OT_MATCH_EQ, item, item, OT_STR_NONE));
		return cond;
	}
	/* An item of 0 is left out. */
	no_item = cond_new(where, OT_EXPR_NOT, 1);
	cond_add(no_item, made_term(where, OT_SOURCE_ITEM, OT_MATCH_RANGE, 1, INT64_MAX, OT_STR_NONE));
	cond_add(cond, no_item);
	return cond;
}

/* Rows that are linked to this call, or, not linked at all, the record with this id. Absent text stands for "not
 * linked". */
static struct cond *cond_of_call_id(struct where *where, const struct ot_expr *term)
{
	struct cond *cond = cond_new(where, OT_EXPR_OR, 2), *own = cond_new(where, OT_EXPR_AND, 2);

	cond_add(own, made_term(where, OT_CALL_ID, OT_MATCH_EQ, 0, 0, OT_STR_NONE));
	cond_add(own, cond_of_record_id(where, term->text));
	cond_add(cond, cond_of_term(where, term));
	cond_add(cond, own);
	return cond;
}

static struct cond *cond_of(struct where *where, const struct ot_expr *expr)
{
	struct cond *cond;

	if (expr->kind == OT_EXPR_TERM && expr->match == OT_MATCH_EQ && expr->field == OT_RECORD_ID)
		return cond_of_record_id(where, expr->text);
	if (expr->kind == OT_EXPR_TERM && expr->match == OT_MATCH_EQ && expr->field == OT_CALL_ID)
		return cond_of_call_id(where, expr);
	if (expr->kind == OT_EXPR_TERM)
		return cond_of_term(where, expr);
	cond = cond_new(where, expr->kind, expr->child_count);
	for (size_t i = 0; i < expr->child_count; i++)
		cond_add(cond, cond_of(where, expr->children[i]));
	return cond;
}

/* What must hold of the time for the filter to hold narrows the window. */
static void narrow(struct where *where, const struct ot_expr *expr)
{
	if (expr->kind == OT_EXPR_AND) {
		for (size_t i = 0; i < expr->child_count; i++)
			narrow(where, expr->children[i]);
	} else if (expr->kind == OT_EXPR_TERM && expr->field == OT_TIMESTAMP && expr->match != OT_MATCH_PRESENT) {
		where->open = false;
		if (expr->low > where->since)
			where->since = expr->low;
		if (expr->high < INT64_MAX && expr->high + 1 < where->until)
			where->until = expr->high + 1;
	}
}

void where_init(struct where *where, const struct ot_question *question)
{
	bool windowed = question->since != OT_TIME_MIN || question->until != OT_TIME_MAX;
	bool asked = question->where != NULL && question->where->kind != OT_EXPR_TRUE;

	memset(where, 0, sizeof(*where));
	where->since = question->since;
	where->until = question->until;
	where->open = !windowed;
	where->everything = !windowed && !asked;
	where->root = cond_new(where, OT_EXPR_AND, 2);
	if (windowed)
		cond_add(
		    where->root, made_term(where, OT_TIMESTAMP, OT_MATCH_RANGE, question->since,
				     question->until == OT_TIME_MAX ? INT64_MAX : question->until - 1, OT_STR_NONE));
	if (asked) {
		narrow(where, question->where);
		cond_add(where->root, cond_of(where, question->where));
	}
}

void where_release(struct where *where)
{
	for (unsigned i = 0; i < where->matcher_count; i++)
		ot_matcher_free(where->matchers[i]);
	free(where->matchers);
	ot_arena_release(&where->arena);
}

struct ot_matcher **where_share(const struct where *where)
{
	struct ot_matcher **matchers = ot_alloc_zero(where->matcher_count + 1, sizeof(*matchers));

	for (unsigned i = 0; i < where->matcher_count; i++)
		matchers[i] = ot_matcher_share(where->matchers[i]);
	return matchers;
}

bool where_may_hold(const struct where *where, const struct ot_segment_info *info)
{
	if (where->open)
		return true;
	if (info->day == OT_DAY_UNDATED)
		return false;
	return info->time_max >= where->since && (where->until == OT_TIME_MAX || info->time_min < where->until);
}
