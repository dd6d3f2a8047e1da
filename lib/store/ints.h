/*
 * Integer streams: up to OT_BLOCK_ROWS numbers as offsets from a smallest one, in the fewest bytes of those kinds that format.h names.
 * Values of INT columns, codes of DICT columns, lengths of texts.
 */
#ifndef OT_STORE_INTS_H
#define OT_STORE_INTS_H

#include "format.h"

/* Memory for encoding; large, so one a writer. */
struct ot_ints_scratch {
	uint64_t deltas[OT_BLOCK_ROWS], values[OT_BLOCK_ROWS], lengths[OT_BLOCK_ROWS], codes[OT_BLOCK_ROWS];
	uint64_t table[OT_INTS_TABLE_MAX];
	struct ot_buf candidate;
	struct ot_ints_scratch *inner; /* for streams within streams */
};

struct ot_ints_scratch *ot_ints_scratch_new(void);
void ot_ints_scratch_free(struct ot_ints_scratch *scratch); /* NULL is fine */

/* Appends the stream of offsets, of which there is one at least. */
void ot_ints_put(struct ot_buf *out, struct ot_ints_scratch *scratch, const uint64_t *offsets, uint32_t count);
/* The same with a whole byte for each, where 256 different ones suffice: larger, but what an entropy coder wants to see. False, and nothing appended, where they do not. */
bool ot_ints_put_bytes(struct ot_buf *out, struct ot_ints_scratch *scratch, const uint64_t *offsets, uint32_t count);

/* Read a stream of `count` values and add `min`; false where the bytes are no such stream. The bytes under the cursor have OT_SLACK behind them. */
bool ot_ints_get64(struct ot_cursor *c, uint64_t *out, uint32_t count, uint64_t min);
bool ot_ints_get32(struct ot_cursor *c, uint32_t *out, uint32_t count, uint32_t min);

#endif
