/* Texts to dense codes 0, 1, 2 … in order of first sight. The dictionary of a column, the keys of a group, any cache of work done once a distinct value. */
#ifndef OT_BASE_INTERN_H
#define OT_BASE_INTERN_H

#include <base/arena.h>

struct ot_intern {
	struct ot_str *items; /* code -> text, in the intern's own memory; moves when it grows */
	uint32_t count, cap;
	uint32_t *slots; /* hash table of code + 1 */
	uint32_t *hashes; /* upper half of the hash, by code */
	uint32_t slot_mask;
	uint64_t seed; /* of the table's hash: random per process, so that input cannot flood it */
	struct ot_arena arena;
};

/* A zeroed struct is an empty, usable intern. */
void ot_intern_release(struct ot_intern *intern);
void ot_intern_clear(struct ot_intern *intern);
/* The code of `text`, which is copied when new; `*is_new` may be NULL. */
uint32_t ot_intern_put(struct ot_intern *intern, struct ot_str text, bool *is_new);
/* The code, or UINT32_MAX. */
uint32_t ot_intern_find(const struct ot_intern *intern, struct ot_str text);

#endif
