/* A question for groups on its way: what groups_gather.c fills, groups.c chooses and groups_fill.c writes out. */
#ifndef OT_QUERY_GROUPS_H
#define OT_QUERY_GROUPS_H

#include "table.h"

struct grouping_totals {
	size_t groups;
	uint64_t rows;
};

struct grouping {
	const struct ot_groups_request *request;
	struct query query;
	struct table *tables; /* by worker */
	struct table *kept; /* by worker, where days are done one by one: what is left of those that are done */
	struct grouping_totals *totals; /* by worker: before any group is dropped */
	size_t *days; /* where each begins among the query's parts, and the end */
	struct table *table; /* all together */
	uint32_t *groups; /* of the table: those of the answer, in order */
	size_t count;
	struct ot_groups *out;
};

enum ot_status groups_gather(struct grouping *grouping, struct ot_err *err);
void groups_gather_release(struct grouping *grouping);
enum ot_status groups_fill(struct grouping *grouping, struct ot_err *err);

#endif
