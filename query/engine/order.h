/* The rows of an answer before they are read: where each lies and what it is sorted by. */
#ifndef OT_QUERY_ORDER_H
#define OT_QUERY_ORDER_H

#include "keys.h"

struct entry {
	uint64_t key; /* of the sort field, so that smaller comes first; 0 where null */
	int64_t time;
	struct row_ref ref;
	bool null;
};

struct entries {
	struct entry *items;
	size_t count, cap;
	bool cut; /* those behind `last`, of which there were enough before it, are dropped */
	struct entry last;
	struct coder coder; /* of a text field: keys are its codes until all are together */
};

struct ordering {
	struct query *query;
	enum ot_field sort;
	bool descending;
	uint64_t limit; /* 0: none */
	struct entries *workers;
};

void ordering_init(struct ordering *ordering, struct query *query, enum ot_field sort, bool descending);
void ordering_release(struct ordering *ordering);
/* Forgets entries. */
void ordering_clear(struct ordering *ordering);
enum ot_status ordering_add(
    struct ordering *ordering, struct worker *worker, struct block *block, const struct rows *rows, struct ot_err *err);
/* All workers' rows in order, of which only the first `limit` are surely right; malloc'ed. */
enum ot_status ordering_finish(struct ordering *ordering, struct row_ref **out, size_t *count, struct ot_err *err);

#endif
