/*
 * Streams of texts: plain, or ids as the bytes that their hex digits stand for, or templates with numbers and ids in their holes
 * ("/api/payments/17" and "/api/payments/23" are one template).
 */
#ifndef OT_STORE_TEXTS_H
#define OT_STORE_TEXTS_H

#include "hex.h"

#include <base/arena.h>

/* Memory for encoding. */
struct ot_texts_scratch {
	struct ot_ints_scratch *ints;
	uint64_t offsets[OT_BLOCK_ROWS];
	struct ot_uuid uuids[OT_BLOCK_ROWS];
	struct ot_buf bytes;
	struct ot_shaper *shaper;
};

struct ot_texts_scratch *ot_texts_scratch_new(void);
void ot_texts_scratch_free(struct ot_texts_scratch *scratch); /* NULL is fine */

/* Appends `count` texts (1 to OT_BLOCK_ROWS). True where they are ids or templates, and so will hardly compress any more. */
bool ot_texts_put(struct ot_buf *out, struct ot_texts_scratch *scratch, const struct ot_str *texts, uint32_t count);
/* Reads as many; they point into the bytes under the cursor or into the arena. False where the bytes are no such stream. */
bool ot_texts_get(struct ot_cursor *c, struct ot_str *out, uint32_t count, struct ot_arena *arena);

/* Texts lie about in memory in the order in which they came: the next few are asked for before their turn. */
static inline void ot_texts_prefetch(const struct ot_str *texts, uint32_t i, uint32_t count)
{
	enum { AHEAD = 12 };

	if (i + AHEAD < count)
		__builtin_prefetch(texts[i + AHEAD].ptr);
}

/* --- the kinds, each in its file; the writers leave `out` as it was where the texts do not suit them --- */

bool ot_ids_texts_put(struct ot_buf *out, struct ot_texts_scratch *scratch, const struct ot_str *texts, uint32_t count);
bool ot_ids_texts_get(struct ot_cursor *c, int kind, struct ot_str *out, uint32_t count, struct ot_arena *arena);

struct ot_shaper *ot_shaper_new(void);
void ot_shaper_free(struct ot_shaper *shaper);
bool ot_shaped_texts_put(struct ot_buf *out, struct ot_texts_scratch *scratch, const struct ot_str *texts, uint32_t count);
bool ot_shaped_texts_get(struct ot_cursor *c, struct ot_str *out, uint32_t count, struct ot_arena *arena);

#endif
