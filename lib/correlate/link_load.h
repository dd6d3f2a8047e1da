/* Loading for linking: the rows of a segment that have an id, as records to match. */
#ifndef OT_CORRELATE_LINK_LOAD_H
#define OT_CORRELATE_LINK_LOAD_H

#include "link_match.h"
#include <base/intern.h>
#include <store/segment.h>

struct link_table {
	struct link_record *records;
	uint32_t count, cap;
	uint64_t rows; /* looked at, with and without ids */
	struct ot_intern origins, keys, streams;
};

void link_table_release(struct link_table *table);
void link_table_clear(struct link_table *table);
/* Adds the rows of `segment` with since <= timestamp < until, in order of rows, under the number `number`. Damaged blocks are passed over. */
enum ot_status link_load(struct link_table *table, struct ot_segment *segment, uint32_t number, int64_t since, int64_t until, struct ot_err *err);

#endif
