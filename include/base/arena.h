/* Arenas: memory for a batch, a query, a view. Nothing inside is freed singly; a zeroed struct is an empty arena. */
#ifndef OT_BASE_ARENA_H
#define OT_BASE_ARENA_H

#include <base/str.h>

struct ot_arena {
	struct ot_arena_chunk *chunk;
	size_t bytes; /* held in all chunks */
};

void ot_arena_release(struct ot_arena *arena); /* frees everything; the arena is empty and usable again */
void ot_arena_reset(struct ot_arena *arena); /* forgets everything but keeps the largest chunk */
void *ot_arena_alloc(struct ot_arena *arena, size_t size); /* 8-byte aligned, not cleared */
void *ot_arena_zero(struct ot_arena *arena, size_t count, size_t size);
struct ot_str ot_arena_str(struct ot_arena *arena, struct ot_str text); /* a copy; absent stays absent */
char *ot_arena_cstr(struct ot_arena *arena, struct ot_str text); /* a terminated copy */
struct ot_str ot_arena_printf(struct ot_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
