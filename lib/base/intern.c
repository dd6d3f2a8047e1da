#include <base/digest.h>
#include <base/err.h>
#include <base/intern.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* The hash of a few bytes is a multiplication or two when it is inlined. */
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { SLOTS_FIRST = 64, ITEMS_FIRST = 32 };

static uint64_t process_seed;
static pthread_once_t process_seed_once = PTHREAD_ONCE_INIT;

static void process_seed_draw(void)
{
	struct ot_err err;

	if (ot_random(&process_seed, sizeof(process_seed), &err) != OT_OK)
		ot_die("%s", err.text);
	process_seed |= 1; /* 0 means not drawn yet */
}

static uint32_t intern_hash(const struct ot_intern *intern, struct ot_str text)
{
	return (uint32_t)(XXH3_64bits_withSeed(text.ptr, text.len, intern->seed) >> 32);
}

/* Absent and empty are two texts. */
static inline bool same_text(struct ot_str a, struct ot_str b)
{
	if (a.len != b.len)
		return false;
	if (a.len == 0)
		return (a.ptr == NULL) == (b.ptr == NULL);
	return memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* The slot that holds `text`, or the empty one where it belongs. At least half of the slots are empty. */
static inline uint32_t intern_slot(const struct ot_intern *intern, struct ot_str text, uint32_t hash)
{
	uint32_t slot = hash & intern->slot_mask;

	for (; intern->slots[slot] != 0; slot = (slot + 1) & intern->slot_mask) {
		uint32_t code = intern->slots[slot] - 1;

		if (intern->hashes[code] == hash && same_text(intern->items[code], text))
			break;
	}
	return slot;
}

static void intern_grow_slots(struct ot_intern *intern)
{
	uint32_t slot_count = intern->slots == NULL ? SLOTS_FIRST : (intern->slot_mask + 1) * 2;

	if (slot_count == 0)
		ot_die("more than %u distinct texts in one dictionary", intern->count);
	free(intern->slots);
	intern->slots = ot_alloc_zero(slot_count, sizeof(*intern->slots));
	intern->slot_mask = slot_count - 1;
	for (uint32_t code = 0; code < intern->count; code++) {
		uint32_t slot = intern->hashes[code] & intern->slot_mask;

		while (intern->slots[slot] != 0)
			slot = (slot + 1) & intern->slot_mask;
		intern->slots[slot] = code + 1;
	}
}

static void intern_grow_items(struct ot_intern *intern)
{
	intern->cap = intern->cap == 0 ? ITEMS_FIRST : intern->cap * 2;
	intern->items = ot_realloc(intern->items, intern->cap * sizeof(*intern->items));
	intern->hashes = ot_realloc(intern->hashes, intern->cap * sizeof(*intern->hashes));
}

static void intern_start(struct ot_intern *intern)
{
	pthread_once(&process_seed_once, process_seed_draw);
	intern->seed = process_seed;
	intern_grow_slots(intern);
}

static uint32_t intern_add(struct ot_intern *intern, struct ot_str text, uint32_t hash, uint32_t slot)
{
	uint32_t code = intern->count;

	if (code == intern->cap)
		intern_grow_items(intern);
	intern->items[code] = ot_arena_str(&intern->arena, text);
	intern->hashes[code] = hash;
	intern->slots[slot] = code + 1;
	intern->count++;
	if (intern->count > intern->slot_mask / 2)
		intern_grow_slots(intern);
	return code;
}

void ot_intern_release(struct ot_intern *intern)
{
	ot_arena_release(&intern->arena);
	free(intern->items);
	free(intern->slots);
	free(intern->hashes);
	*intern = (struct ot_intern){ 0 };
}

void ot_intern_clear(struct ot_intern *intern)
{
	ot_arena_reset(&intern->arena);
	intern->count = 0;
	if (intern->slots != NULL)
		memset(intern->slots, 0, ((size_t)intern->slot_mask + 1) * sizeof(*intern->slots));
}

uint32_t ot_intern_put(struct ot_intern *intern, struct ot_str text, bool *is_new)
{
	uint32_t hash, slot, found;

	if (intern->slots == NULL)
		intern_start(intern);
	hash = intern_hash(intern, text);
	slot = intern_slot(intern, text, hash);
	found = intern->slots[slot];
	if (is_new != NULL)
		*is_new = found == 0;
	return found != 0 ? found - 1 : intern_add(intern, text, hash, slot);
}

uint32_t ot_intern_find(const struct ot_intern *intern, struct ot_str text)
{
	uint32_t slot;

	if (intern->count == 0)
		return UINT32_MAX;
	slot = intern_slot(intern, text, intern_hash(intern, text));
	return intern->slots[slot] != 0 ? intern->slots[slot] - 1 : UINT32_MAX;
}
