/* Packed values on their way out: what integer streams are made of. */
#ifndef OT_STORE_PACKED_H
#define OT_STORE_PACKED_H

#include "format.h"

/* A number that divides others without rest: dividing is a multiplication and a shift (Hacker's Delight, 10-17). */
struct ot_divisor {
	uint64_t value, inverse, most;
	unsigned shift;
};

struct ot_divisor ot_divisor_of(uint64_t value);

/* Values less `base`, divided, in so many bits; patches for those that are negative or wider than most. */
struct ot_packed {
	uint64_t base;
	struct ot_divisor divisor;
	bool grouped;
	uint8_t width, widths[OT_INTS_GROUPS_MAX]; /* of all, or of each group */
	uint32_t patches;
	size_t bytes; /* about */
};

static inline int64_t ot_packed_value(const struct ot_packed *p, uint64_t value)
{
	return (int64_t)((value - p->base) * p->divisor.inverse) >> p->divisor.shift;
}

/* The smallest that `count` values (at most OT_BLOCK_ROWS) can be packed to. */
struct ot_packed ot_packed_plan(const uint64_t *values, uint32_t count, uint64_t base);
/* One width, no divisor, no patches: for values that fit. */
struct ot_packed ot_packed_plain(unsigned width);
/* Eight bits for each, divided by what divides all; the caller looks whether they fit. */
struct ot_packed ot_packed_bytewise(const uint64_t *values, uint32_t count);
void ot_packed_put(struct ot_buf *out, const struct ot_packed *p, const uint64_t *values, uint32_t count);

#endif
