/* The values of a chunk of texts: plain, or ids as the bytes that their hex digits stand for. */
#ifndef OT_STORE_TEXTS_H
#define OT_STORE_TEXTS_H

#include "ints.h"

#include <base/arena.h>

/* Appends `count` texts (one at least); `offsets` is room for as many numbers. True where they are ids, now bytes that hardly compress. */
bool ot_texts_put(struct ot_buf *out, struct ot_ints_scratch *scratch, uint64_t *offsets, const struct ot_str *texts, uint32_t count);
/* Reads as many; they point into the bytes under the cursor or into the arena. False where the bytes are no such chunk. */
bool ot_texts_get(struct ot_cursor *c, struct ot_str *out, uint32_t count, struct ot_arena *arena);

#endif
