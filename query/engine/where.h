/*
 * The filter as it runs. A question's tree is made ready once (struct where); for each part it becomes a tree of tests
 * on codes and numbers (struct node), in which what the part cannot hold is already answered; a block is then judged by
 * its statistics, and only if they do not decide, row by row.
 */
#ifndef OT_QUERY_WHERE_H
#define OT_QUERY_WHERE_H

#include "part.h"

#include <query/match.h>

struct cond { /* an expression with the matcher of its term */
	enum ot_expr_kind kind;
	const struct ot_expr *term;
	unsigned matcher; /* place in struct where's array */
	struct cond **children;
	size_t count;
};

struct where {
	struct cond *root;
	int64_t since,
	    until; /* the window, narrowed by what the filter says of the time: for passing over whole segments */
	bool open; /* no window: records without a time may match */
	bool everything; /* nothing is asked: every record matches */
	struct ot_matcher **matchers;
	unsigned matcher_count, matcher_cap;
	struct ot_arena arena;
};

void where_init(struct where *where, const struct ot_question *question);
void where_release(struct where *where);
/* A set of matchers for another thread; free each and the array. */
struct ot_matcher **where_share(const struct where *where);
bool where_may_hold(const struct where *where, const struct ot_segment_info *info);

struct node;
/* The filter for one part, immutable, in the arena. `*never`: no record of the part matches. The matchers are the
 * calling thread's. */
enum ot_status node_make(const struct where *where, struct ot_engine *engine, struct part *part,
    struct ot_matcher *const *matchers, struct ot_arena *arena, struct node **out, bool *never, struct ot_err *err);

enum verdict { VERDICT_NONE, VERDICT_ALL, VERDICT_SOME };
/* By statistics alone. */
enum ot_status node_verdict(
    const struct node *node, struct part *part, uint32_t block, enum verdict *out, struct ot_err *err);
/* Which of `in` match. The rows lie in the block's arena. */
enum ot_status node_rows(const struct node *node, struct block *block, struct ot_matcher *const *matchers,
    struct rows in, struct rows *out, struct ot_err *err);

/* --- within where*.c --- */

enum node_kind {
	NODE_NEVER,
	NODE_ALWAYS,
	NODE_NUMBER, /* low <= number <= high */
	NODE_CODES, /* low <= code <= high, and where there is a set, set[code] */
	NODE_TEXT, /* asks the matcher */
	NODE_FIXED, /* equal bytes */
	NODE_PRESENT,
	NODE_CALL, /* call_of_row is low */
	NODE_AND,
	NODE_OR,
	NODE_NOT,
};

struct node {
	enum node_kind kind;
	enum ot_field field;
	int64_t low, high;
	const uint8_t *set; /* codes + 1 flags, the last 0: for null */
	uint32_t code_count;
	const uint8_t *blocks; /* an index' answer by block, or NULL */
	const uint32_t *call_of_row;
	const struct ot_expr *term;
	unsigned matcher;
	struct node **children;
	size_t count;
	double cost, share; /* guesses: work a row, rows that pass */
};

struct node_maker {
	const struct where *where;
	struct ot_engine *engine;
	struct part *part;
	struct ot_matcher *const *matchers;
	struct ot_arena *arena;
};
/* In where_term.c. */
enum ot_status node_of_term(struct node_maker *maker, const struct cond *cond, struct node **out, struct ot_err *err);
struct node *node_new(struct node_maker *maker, enum node_kind kind);

#endif
