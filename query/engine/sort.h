/* Sorting many small things: stable radix sort of an order by 64-bit keys, and the value at a rank. */
#ifndef OT_QUERY_SORT_H
#define OT_QUERY_SORT_H

#include <base/str.h>

/* Reorders order[0..count) by key[order[i]], keeping the order of equals. Bytes that all keys share cost nothing. */
void sort_order(uint32_t *order, size_t count, const uint64_t *key);
/* A number as a key of the same order. */
static inline uint64_t sort_key(int64_t number)
{
	return (uint64_t)number ^ (UINT64_C(1) << 63);
}
/* The value that sorting would put at `rank`; moves values so that none before it is larger and none behind it smaller.
 */
int64_t sort_rank(int64_t *values, size_t count, size_t rank);
/* Place of each text among all in order of bytes; equal texts may not occur. */
void sort_texts(const struct ot_str *texts, uint32_t count, uint32_t *rank_of);

#endif
