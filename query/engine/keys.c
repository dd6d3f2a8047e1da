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

static inline uint32_t pair_place(const struct pair_map *map, uint32_t first, uint32_t second)
{
	return (uint32_t)(mix((uint64_t)first << 32 | second) >> (64 - map->bits));
}

static void rehash(struct pair_map *map)
{
	uint32_t mask;

	map->hashed = true;
	map->bits = map->bits < BITS_MIN ? BITS_MIN : map->bits + 1;
	while (((uint64_t)1 << map->bits) < (uint64_t)map->count * 2)
		map->bits++;
	free(map->table);
	map->table = ot_alloc_zero((size_t)1 << map->bits, sizeof(*map->table));
	mask = ((uint32_t)1 << map->bits) - 1;
	for (uint32_t i = 0; i < map->count; i++) {
		uint32_t at = pair_place(map, map->first[i], map->second[i]);

		while (map->table[at] != 0)
			at = (at + 1) & mask;
		map->table[at] = i + 1;
	}
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
	uint32_t width = map->rows == 0 ? 8 : (uint32_t)1 << map->shift;
	uint32_t rows = power_above(first, map->rows == 0 ? 8 : map->rows), shift = 0;

	width = power_above(second, width);
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

static uint32_t pair_add(struct pair_map *map, uint32_t first, uint32_t second, uint32_t *slot)
{
	if (map->count == map->cap) {
		map->cap = grown(map->cap);
		map->first = ot_realloc(map->first, map->cap * sizeof(*map->first));
		map->second = ot_realloc(map->second, map->cap * sizeof(*map->second));
	}
	map->first[map->count] = first;
	map->second[map->count] = second;
	*slot = ++map->count;
	return map->count - 1;
}

static uint32_t put_hashed(struct pair_map *map, uint32_t first, uint32_t second)
{
	uint32_t mask, at;

	if ((uint64_t)map->count * 2 >= (uint64_t)1 << map->bits)
		rehash(map);
	mask = ((uint32_t)1 << map->bits) - 1;
	for (at = pair_place(map, first, second); map->table[at] != 0; at = (at + 1) & mask) {
		uint32_t code = map->table[at] - 1;

		if (map->first[code] == first && map->second[code] == second)
			return code;
	}
	return pair_add(map, first, second, &map->table[at]);
}

uint32_t pair_map_put(struct pair_map *map, uint32_t first, uint32_t second)
{
	uint32_t *slot;

	if (!map->hashed && (first >= map->rows || second >> map->shift != 0))
		widen(map, first, second);
	if (map->hashed)
		return put_hashed(map, first, second);
	slot = &map->table[((size_t)first << map->shift) + second];
	return *slot != 0 ? *slot - 1 : pair_add(map, first, second, slot);
}

void pair_map_release(struct pair_map *map)
{
	free(map->first);
	free(map->second);
	free(map->table);
}
