#include "bitpack.h"
#include "ints.h"
#include "packed.h"

#include <stdlib.h>

struct ot_ints_scratch *ot_ints_scratch_new(void)
{
	struct ot_ints_scratch *scratch = ot_alloc_zero(1, sizeof(*scratch));

	scratch->inner = ot_alloc_zero(1, sizeof(*scratch));
	return scratch;
}

void ot_ints_scratch_free(struct ot_ints_scratch *scratch)
{
	if (scratch == NULL)
		return;
	ot_ints_scratch_free(scratch->inner);
	ot_buf_release(&scratch->candidate);
	free(scratch);
}

/* --- differences --- */

enum { DELTA_SAMPLE = 256 };

/* Leaves the differences in `deltas`, count - 1 of them. All arithmetic is modulo 2^64. Where times fall back now and
 * then, at the change of client, the base is best left at 0, so that what falls back is a patch. */
static struct ot_packed delta_plan(uint64_t *deltas, const uint64_t *values, uint32_t count)
{
	int64_t min = INT64_MAX;
	struct ot_packed from_min, from_zero;

	for (uint32_t i = 1; i < count; i++) {
		int64_t delta = (int64_t)(values[i] - values[i - 1]);

		deltas[i - 1] = (uint64_t)delta;
		min = delta < min ? delta : min;
	}
	from_min = ot_packed_plan(deltas, count - 1, (uint64_t)min);
	if (min >= 0)
		return from_min;
	from_zero = ot_packed_plan(deltas, count - 1, 0);
	return from_zero.bytes < from_min.bytes ? from_zero : from_min;
}

/* Whether differences may take fewer bytes than the values do, by two samples. */
static bool delta_promises(uint64_t *deltas, const uint64_t *values, uint32_t count)
{
	if (count < 8 * DELTA_SAMPLE)
		return true;
	for (uint32_t from = count / 4; from < count; from += count / 2) {
		struct ot_packed plain = ot_packed_plan(values + from, DELTA_SAMPLE, 0);

		if (delta_plan(deltas, values + from, DELTA_SAMPLE).bytes < plain.bytes + plain.bytes / 8)
			return true;
	}
	return false;
}

static void put_delta(
    struct ot_buf *out, const struct ot_packed *p, const uint64_t *deltas, uint64_t first, uint32_t count)
{
	ot_buf_varint(out, first);
	ot_buf_zigzag(out, (int64_t)p->base);
	ot_packed_put(out, p, deltas, count - 1);
}

/* --- a table of few values --- */

enum { SLOTS = 1024 };

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static inline uint32_t slot_of(const uint64_t *keys, const uint16_t *used, uint64_t value)
{
	uint32_t slot = (uint32_t)(value * UINT64_C(0x9e3779b97f4a7c15) >> 54);

	while (used[slot] != 0 && keys[slot] != value)
		slot = (slot + 1) % SLOTS;
	return slot;
}

/* Fills table (ascending) and codes; 0 where there are more than `most` values. */
static uint32_t table_make(struct ot_ints_scratch *s, const uint64_t *values, uint32_t count, uint32_t most)
{
	uint64_t keys[SLOTS];
	uint16_t used[SLOTS] = { 0 };
	uint32_t size = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t slot = slot_of(keys, used, values[i]);

		if (used[slot] != 0)
			continue;
		if (size == most)
			return 0;
		keys[slot] = s->table[size++] = values[i];
		used[slot] = 1;
	}
	qsort(s->table, size, sizeof(*s->table), compare_u64);
	for (uint32_t code = 0; code < size; code++)
		used[slot_of(keys, used, s->table[code])] = (uint16_t)(code + 1);
	for (uint32_t i = 0; i < count; i++)
		s->codes[i] = used[slot_of(keys, used, values[i])] - 1U;
	return size;
}

static void put_table(
    struct ot_buf *out, const struct ot_ints_scratch *s, uint32_t size, uint32_t count, unsigned width)
{
	struct ot_packed p = ot_packed_plain(width);

	ot_buf_varint(out, size);
	for (uint32_t i = 0; i < size; i++)
		ot_buf_varint(out, s->table[i] - (i > 0 ? s->table[i - 1] : 0));
	ot_packed_put(out, &p, s->codes, count);
}

/* --- runs --- */

static uint32_t runs_count(const uint64_t *values, uint32_t count)
{
	uint32_t runs = 1;

	for (uint32_t i = 1; i < count; i++)
		runs += values[i] != values[i - 1];
	return runs;
}

static void put_inner(struct ot_buf *out, struct ot_ints_scratch *inner, uint64_t *values, uint32_t count)
{
	uint64_t min = UINT64_MAX;

	for (uint32_t i = 0; i < count; i++)
		min = values[i] < min ? values[i] : min;
	for (uint32_t i = 0; i < count; i++)
		values[i] -= min;
	ot_buf_varint(out, min);
	ot_ints_put(out, inner, values, count);
}

static void put_runs(
    struct ot_buf *out, struct ot_ints_scratch *s, const uint64_t *values, uint32_t count, uint32_t runs)
{
	uint32_t run = 0, from = 0;

	for (uint32_t i = 1; i <= count; i++) {
		if (i < count && values[i] == values[from])
			continue;
		s->values[run] = values[from];
		s->lengths[run++] = i - from;
		from = i;
	}
	ot_buf_varint(out, runs);
	put_inner(out, s->inner, s->values, runs);
	put_inner(out, s->inner, s->lengths, runs);
}

/* --- values that were there a moment ago --- */

enum { RECENT_SAMPLE = 512 };

/* The last different values stand in slots, the oldest of which makes room for a new one. */
struct slots {
	uint64_t values[OT_INTS_SLOTS_MAX + 1];
	uint32_t count, next, filled;
};

/* The slot of a value; where it is in none it takes one, and `slots->count` is returned. */
static inline uint32_t slots_take(struct slots *slots, uint64_t value)
{
	uint32_t found = slots->count;

	for (uint32_t i = 0; i < slots->filled; i++)
		found = slots->values[i] == value ? i : found;
	if (found == slots->count) {
		slots->values[slots->next] = value;
		slots->next = slots->next + 1 == slots->count ? 0 : slots->next + 1;
		slots->filled += slots->filled < slots->count;
	}
	return found;
}

static uint32_t recent_misses(const uint64_t *values, uint32_t count, uint32_t slot_count)
{
	struct slots slots = { .count = slot_count };
	uint32_t misses = 0;

	for (uint32_t i = 0; i < count; i++)
		misses += slots_take(&slots, values[i]) == slot_count;
	return misses;
}

/* How many slots (one less than a power of two) take the fewest bytes, where a value that is in none takes
 * `value_bits`. 0, and no more work than it takes to see it, where that is `limit` bytes or more. */
static uint32_t recent_plan(const uint64_t *values, uint32_t count, unsigned value_bits, size_t limit)
{
	uint32_t best = 0;

	if (count > 8 * RECENT_SAMPLE &&
	    recent_misses(values + count / 2, RECENT_SAMPLE, OT_INTS_SLOTS_MAX) > RECENT_SAMPLE * 3 / 4)
		return 0;
	for (unsigned width = 4; width >= 2; width--) {
		uint32_t slot_count = (1U << width) - 1;
		size_t missed = (size_t)recent_misses(values, count, slot_count) * value_bits / 8;
		size_t bytes = (size_t)count * width / 8 + missed + 12;

		if (bytes < limit) {
			limit = bytes;
			best = slot_count;
		}
		/* With fewer slots more is missed. */
		if (missed >= limit)
			break;
	}
	return best;
}

static void put_recent(struct ot_buf *out, struct ot_ints_scratch *s, const uint64_t *values, uint32_t count,
    uint32_t slot_count, unsigned width)
{
	struct ot_packed p = ot_packed_plain(width);
	struct slots slots = { .count = slot_count };
	uint32_t misses = 0;

	for (uint32_t i = 0; i < count; i++) {
		s->codes[i] = slots_take(&slots, values[i]);
		if (s->codes[i] == slot_count)
			s->values[misses++] = values[i];
	}
	ot_buf_u8(out, (uint8_t)slot_count);
	ot_packed_put(out, &p, s->codes, count);
	ot_buf_varint(out, misses);
	put_inner(out, s->inner, s->values, misses);
}

/* --- the choice --- */

/* Slower kinds must save a little more than nothing. */
static bool worth(size_t bytes, size_t least)
{
	return bytes + bytes / 32 < least;
}

void ot_ints_put(struct ot_buf *out, struct ot_ints_scratch *s, const uint64_t *offsets, uint32_t count)
{
	uint32_t runs = runs_count(offsets, count), table = 0, slots = 0;
	int kind = OT_INTS_PACKED;
	struct ot_packed packed, delta;
	size_t least, bytes;

	if (runs == 1 && offsets[0] == 0) {
		ot_buf_u8(out, OT_INTS_CONSTANT);
		return;
	}
	packed = ot_packed_plan(offsets, count, 0);
	least = packed.bytes;
	if (packed.width > 1 && (table = table_make(s, offsets, count, OT_INTS_TABLE_MAX)) > 0) {
		bytes = ot_packed_bytes(count, ot_bit_width(table - 1)) + 2 * (size_t)table + 4;
		if (worth(bytes, least)) {
			kind = OT_INTS_TABLE;
			least = bytes;
		}
	}
	if (delta_promises(s->deltas, offsets, count)) {
		delta = delta_plan(s->deltas, offsets, count);
		if (worth(delta.bytes + 8, least)) {
			kind = OT_INTS_DELTA;
			least = delta.bytes + 8;
		}
	}
	if (s->inner != NULL && runs <= count / 2) {
		ot_buf_clear(&s->candidate);
		put_runs(&s->candidate, s, offsets, count, runs);
		if (worth(s->candidate.len, least)) {
			kind = OT_INTS_RUNS;
			least = s->candidate.len;
		}
	}
	if (s->inner != NULL && least > count / 2 && runs < count - count / 16) {
		slots = recent_plan(offsets, count, packed.width, least - least / 8);
		if (slots > 0)
			kind = OT_INTS_RECENT;
	}
	ot_buf_u8(out, (uint8_t)kind);
	if (kind == OT_INTS_PACKED)
		ot_packed_put(out, &packed, offsets, count);
	else if (kind == OT_INTS_TABLE)
		put_table(out, s, table, count, ot_bit_width(table - 1));
	else if (kind == OT_INTS_DELTA)
		put_delta(out, &delta, s->deltas, offsets[0], count);
	else if (kind == OT_INTS_RUNS)
		ot_buf_str_put(out, ot_buf_str(&s->candidate));
	else
		put_recent(out, s, offsets, count, slots, ot_bit_width(slots));
}

bool ot_ints_put_bytes(struct ot_buf *out, struct ot_ints_scratch *s, const uint64_t *offsets, uint32_t count)
{
	struct ot_packed p = ot_packed_bytewise(offsets, count);
	uint32_t table;
	uint64_t all = 0;

	for (uint32_t i = 0; i < count; i++)
		all |= (uint64_t)ot_packed_value(&p, offsets[i]);
	if (all <= UINT8_MAX) {
		ot_buf_u8(out, OT_INTS_PACKED);
		ot_packed_put(out, &p, offsets, count);
		return true;
	}
	table = table_make(s, offsets, count, OT_INTS_TABLE_MAX);
	if (table == 0)
		return false;
	ot_buf_u8(out, OT_INTS_TABLE);
	put_table(out, s, table, count, 8);
	return true;
}
