/* Values of any field as dense codes 0, 1, 2 …, and pairs of codes as dense codes again: what groups and distinct
 * counts are made of. */
#ifndef OT_QUERY_KEYS_H
#define OT_QUERY_KEYS_H

#include "scan.h"

/* Numbers to codes, from 1. A zeroed struct is empty. */
struct number_map {
	int64_t *numbers; /* by code - 1 */
	uint32_t count, cap;
	uint32_t *slots, slot_mask; /* hash table of codes */
};
uint32_t number_map_put(struct number_map *map, int64_t number);
void number_map_release(struct number_map *map);

/* Buckets of time: multiples of a length; of days and more, from midnight of a zone, and weeks from Monday. */
struct buckets {
	int64_t every_ns;
	const struct ot_zone *zone;
};
int64_t bucket_start(const struct buckets *buckets, int64_t time_ns);

enum coder_kind { CODER_NUMBER, CODER_DICT, CODER_BYTES, CODER_RECORD_ID, CODER_CALL_ID, CODER_BUCKET };

/* Gives a field's values codes: 0 for null, others from 1 in order of first sight. One a worker. */
struct coder {
	enum coder_kind kind;
	enum ot_field field;
	struct buckets buckets; /* BUCKET */
	struct ot_engine *engine; /* DICT: its codes are those of the engine; NULL: its own */
	uint32_t most; /* DICT of the engine: the largest code met */
	struct ot_intern texts; /* BYTES, ids, DICT of its own: by code - 1 */
	struct number_map numbers; /* NUMBER, BUCKET */
	uint32_t *small; /* NUMBER: codes of 0..CODER_SMALL-1 */
	uint32_t
	    *of_part; /* DICT of its own: by the part's code; BUCKET: by bucket of the part's day; 0: not seen yet */
	uint32_t of_part_cap, part; /* part + 1 */
	int64_t bucket_first; /* of the part */
	struct ot_buf text; /* of an id being made */
};
enum { CODER_SMALL = 4096 };

void coder_init(struct coder *coder, struct ot_engine *engine, enum ot_field field);
void coder_init_buckets(struct coder *coder, const struct buckets *buckets);
void coder_release(struct coder *coder);
/* Codes given so far, null's included. */
uint32_t coder_count(const struct coder *coder);
enum ot_status coder_codes(
    struct coder *coder, struct block *block, const struct rows *rows, uint32_t *codes, struct ot_err *err);
static inline bool coder_is_text(const struct coder *coder)
{
	return coder->kind != CODER_NUMBER && coder->kind != CODER_BUCKET;
}
/* The text of a code that is not 0; while no worker adds any. */
struct ot_str coder_text(const struct coder *coder, uint32_t code);
/* The code that `into` has for each code of `from`; malloc'ed. */
uint32_t *coder_translate(struct coder *into, const struct coder *from);

/* Pairs of codes to codes, from 0. A zeroed struct is empty. Small ones are a table, others hashed. */
struct pair_slot {
	uint32_t first, second, code; /* code + 1; 0: free */
};
struct pair_map {
	uint32_t *first, *second; /* by code */
	uint32_t count, cap;
	uint32_t *table; /* rows of 1 << shift codes + 1, while it is small */
	uint32_t rows, shift;
	struct pair_slot *slots; /* 1 << bits, once it is hashed */
	unsigned bits;
};
uint32_t pair_map_put(struct pair_map *map, uint32_t first, uint32_t second);
/* Makes room for pairs of codes up to these: true where they are in a table, and pair_map_at may be asked. */
bool pair_map_reserve(struct pair_map *map, uint32_t first, uint32_t second);
/* The code + 1 of a pair, 0 where there is none yet. */
static inline uint32_t pair_map_at(const struct pair_map *map, uint32_t first, uint32_t second)
{
	return map->table[((size_t)first << map->shift) + second];
}
/* A pair that is known to be new; from then on only more of these may follow, until it is cleared. */
uint32_t pair_map_append(struct pair_map *map, uint32_t first, uint32_t second);
void pair_map_clear(struct pair_map *map);
void pair_map_release(struct pair_map *map);
/* Where looking up waits for memory, unless it was asked for before. */
static inline bool pair_map_is_large(const struct pair_map *map)
{
	return map->slots != NULL && map->bits > 14;
}
static inline uint32_t pair_map_place(const struct pair_map *map, uint32_t first, uint32_t second)
{
	return (uint32_t)(((uint64_t)first << 32 | second) * UINT64_C(0x9e3779b97f4a7c15) >> (64 - map->bits));
}
static inline void pair_map_fetch(const struct pair_map *map, uint32_t first, uint32_t second)
{
	__builtin_prefetch(&map->slots[pair_map_place(map, first, second)]);
}

/* The call_id of a row: of its call, or its own record id, made in `out`. The columns of the record id are decoded. */
struct ot_str row_call_id(struct block *block, const struct ot_links *links, uint32_t row, struct ot_buf *out);
void row_record_id(struct block *block, uint32_t row, struct ot_buf *out);
enum ot_status row_id_columns(struct block *block, struct ot_err *err);

#endif
