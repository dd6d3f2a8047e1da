/* A question for groups on its way: what groups.c chooses and groups_fill.c writes out. */
#ifndef OT_QUERY_GROUPS_H
#define OT_QUERY_GROUPS_H

#include "table.h"

struct grouping {
	const struct ot_groups_request *request;
	struct query query;
	struct table *tables; /* by worker */
	struct table *table; /* all together */
	uint32_t *groups; /* of the table: those of the answer, in order */
	size_t count;
	struct ot_groups *out;
};

enum ot_status groups_fill(struct grouping *grouping, struct ot_err *err);

#endif
