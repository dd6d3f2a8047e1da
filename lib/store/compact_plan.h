/* Which segments of a day to merge next: decided by their rows alone. */
#ifndef OT_STORE_COMPACT_PLAN_H
#define OT_STORE_COMPACT_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	OT_COMPACT_FACTOR = 8,	     /* segments of like size that are merged into one of the next size */
	OT_COMPACT_INPUTS_MAX = 128, /* open at once */
};

/* Segments of one day in order of name, by their rows; those with 0 rows are left alone. Puts the places of those to merge into `chosen`
 * (OT_COMPACT_INPUTS_MAX entries) and gives their number: 0, or 2 and more. */
size_t ot_compact_plan(const uint32_t *rows, size_t count, bool eager, size_t *chosen);

#endif
