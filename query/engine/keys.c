/* The two hash tables of grouping: numbers to codes, pairs of codes to codes. */
#include "keys.h"

#include <stdlib.h>
#include <string.h>

enum {
	TABLE_MAX = 1 << 21, /* codes in the table of a pair map; beyond, pairs are hashed */
	BITS_MIN = 10,
	GROUPS_MAX = 1 << 30,
};

static inline uint64_t mix(uint64_t key)
{
	return key * UINT64_C(0x9e3779b97f4a7c15);
}

static uint32_t grown(uint32_t cap)
{
	if (cap >= GROUPS_MAX)
		ot_die("more than %d groups", GROUPS_MAX);
	return cap == 0 ? 256 : cap * 2;
}

/* --- numbers --- */

static inline uint32_t number_place(const struct number_map *map, int64_t number)
{
	uint64_t hash = mix((uint64_t)number);

	return (uint32_t)((hash ^ hash >> 32) >> 8) & map->slot_mask;
}

static void number_map_grow(struct number_map *map)
{
	map->cap = grown(map->cap);
	map->numbers = ot_realloc(map->numbers, map->cap * sizeof(*map->numbers));
	free(map->slots);
	map->slots = ot_alloc_zero((size_t)map->cap * 2, sizeof(*map->slots));
	map->slot_mask = map->cap * 2 - 1;
	for (uint32_t i = 0; i < map->count; i++) {
		uint32_t at = number_place(map, map->numbers[i]);

		while (map->slots[at] != 0)
			at = (at + 1) & map->slot_mask;
		map->slots[at] = i + 1;
	}
}

uint32_t number_map_put(struct number_map *map, int64_t number)
{
	uint32_t at;

	if (map->count == map->cap)
		number_map_grow(map);
	at = number_place(map, number);
	while (map->slots[at] != 0) {
		if (map->numbers[map->slots[at] - 1] == number)
			return map->slots[at];
		at = (at + 1) & map->slot_mask;
	}
	map->numbers[map->count++] = number;
	map->slots[at] = map->count;
	return map->count;
}

void number_map_release(struct number_map *map)
{
	free(map->numbers);
	free(map->slots);
}

/* --- pairs --- */

static uint32_t pair_add(struct pair_map *map, uint32_t first, uint32_t second)
{
	if (map->count == map->cap) {
		map->cap = grown(map->cap);
		map->first = ot_realloc(map->first, map->cap * sizeof(*map->first));
		map->second = ot_realloc(map->second, map->cap * sizeof(*map->second));
	}
	map->first[map->count] = first;
	map->second[map->count] = second;
	return map->count++;
}

static struct pair_slot *slot_of(const struct pair_map *map, uint32_t first, uint32_t second)
{
	uint32_t mask = ((uint32_t)1 << map->bits) - 1, at = pair_map_place(map, first, second);

	while (map->slots[at].code != 0 && (map->slots[at].first != first || map->slots[at].second != second))
		at = (at + 1) & mask;
	return &map->slots[at];
}

static void rehash(struct pair_map *map)
{
	map->bits = map->bits < BITS_MIN ? BITS_MIN : map->bits + 1;
	while (((uint64_t)1 << map->bits) < (uint64_t)map->count * 2)
		map->bits++;
	free(map->slots);
	map->slots = ot_alloc_zero((size_t)1 << map->bits, sizeof(*map->slots));
	for (uint32_t i = 0; i < map->count; i++)
		*slot_of(map, map->first[i], map->second[i]) = (struct pair_slot){map->first[i], map->second[i], i + 1};
}

static uint32_t power_above(uint32_t number, uint32_t least)
{
	while (least <= number && least < GROUPS_MAX)
		least *= 2;
	return least;
}

/* Makes the table large enough for a pair, or goes over to hashing. */
static void widen(struct pair_map *map, uint32_t first, uint32_t second)
{
	uint32_t width = power_above(second, map->rows == 0 ? 8 : (uint32_t)1 << map->shift), shift = 0;
	uint32_t rows = power_above(first, map->rows == 0 ? 8 : map->rows);

	if ((uint64_t)rows * width > TABLE_MAX) {
		rehash(map);
		return;
	}
	while (((uint32_t)1 << shift) < width)
		shift++;
	free(map->table);
	map->table = ot_alloc_zero((size_t)rows * width, sizeof(*map->table));
	map->rows = rows;
	map->shift = shift;
	for (uint32_t i = 0; i < map->count; i++)
		map->table[((size_t)map->first[i] << shift) + map->second[i]] = i + 1;
}

static uint32_t put_hashed(struct pair_map *map, uint32_t first, uint32_t second)
{
	struct pair_slot *slot;

	if ((uint64_t)map->count * 2 >= (uint64_t)1 << map->bits)
		rehash(map);
	slot = slot_of(map, first, second);
	if (slot->code == 0)
		*slot = (struct pair_slot){first, second, pair_add(map, first, second) + 1};
	return slot->code - 1;
}

uint32_t pair_map_put(struct pair_map *map, uint32_t first, uint32_t second)
{
	uint32_t *place;

	if (map->slots == NULL && (first >= map->rows || second >> map->shift != 0))
		widen(map, first, second);
	if (map->slots != NULL)
		return put_hashed(map, first, second);
	place = &map->table[((size_t)first << map->shift) + second];
	if (*place == 0)
		*place = pair_add(map, first, second) + 1;
	return *place - 1;
}

bool pair_map_reserve(struct pair_map *map, uint32_t first, uint32_t second)
{
	if (map->slots == NULL && (first >= map->rows || second >> map->shift != 0))
		widen(map, first, second);
	return map->slots == NULL;
}

uint32_t pair_map_append(struct pair_map *map, uint32_t first, uint32_t second)
{
	return pair_add(map, first, second);
}

void pair_map_clear(struct pair_map *map)
{
	if (map->slots != NULL)
		memset(map->slots, 0, sizeof(*map->slots) << map->bits);
	for (uint32_t i = 0; map->slots == NULL && i < map->count; i++)
		map->table[((size_t)map->first[i] << map->shift) + map->second[i]] = 0;
	map->count = 0;
}

void pair_map_release(struct pair_map *map)
{
	free(map->first);
	free(map->second);
	free(map->table);
	free(map->slots);
}
