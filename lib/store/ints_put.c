#include "bitpack.h"
#include "ints.h"

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

/* --- division by a number that divides without rest --- */

/* A multiplication and a rotation tell whether it divides, and give the quotient (Hacker's Delight, 10-17). */
struct divisor {
	uint64_t value, inverse, most;
	unsigned shift;
};

static struct divisor divisor_of(uint64_t value)
{
	struct divisor d = { .value = value, .shift = (unsigned)__builtin_ctzll(value), .most = UINT64_MAX / value };
	uint64_t odd = value >> d.shift;

	d.inverse = odd;
	for (int i = 0; i < 5; i++) /* Newton: each step doubles the correct bits, of which there are three at first */
		d.inverse *= 2 - odd * d.inverse;
	return d;
}

static inline bool divides(const struct divisor *d, uint64_t value)
{
	uint64_t product = value * d->inverse;

	return (d->shift == 0 ? product : product >> d->shift | product << (64 - d->shift)) <= d->most;
}

static inline int64_t quotient(const struct divisor *d, int64_t value)
{
	return (int64_t)((uint64_t)value * d->inverse) >> d->shift;
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
	while (b != 0) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static inline uint64_t magnitude(int64_t value) { return value < 0 ? 0 - (uint64_t)value : (uint64_t)value; }

/* The greatest number that divides all values less `base`; 1 where all are 0. */
static struct divisor divisor_find(const uint64_t *values, uint32_t count, uint64_t base)
{
	struct divisor d = { .value = 0 };

	for (uint32_t i = 0; i < count; i++) {
		uint64_t value = magnitude((int64_t)(values[i] - base));

		if (value == 0 || (d.value != 0 && divides(&d, value)))
			continue;
		d = divisor_of(common_divisor(value, d.value));
		if (d.value == 1)
			break;
	}
	return d.value == 0 ? divisor_of(1) : d;
}

/* --- packed, with patches for those that are negative or wider than most --- */

struct packed {
	uint64_t base;
	struct divisor divisor;
	unsigned width;
	uint32_t patches;
	size_t bytes; /* about */
};

/* How many values have so many bits, and how many negative ones. */
struct widths {
	uint32_t positive[65], negative[65];
};

static inline int64_t packed_value(const struct packed *p, uint64_t value) { return quotient(&p->divisor, (int64_t)(value - p->base)); }

/* A patch is its distance from the last and what does not fit, a sign bit more. */
static size_t patch_bytes(unsigned bits, unsigned width) { return 2 + ((bits > width ? bits - width : 0) + 7) / 7; }

static void packed_choose(struct packed *p, const struct widths *widths, uint32_t count, uint32_t negative)
{
	unsigned widest = 64;

	p->bytes = ot_packed_bytes(count, 64) + 4;
	p->width = 64;
	p->patches = 0;
	while (widest > 0 && widths->positive[widest] == 0)
		widest--;
	for (unsigned width = 0; width <= widest && width < 64; width++) {
		uint32_t patches = negative;
		size_t bytes = ot_packed_bytes(count, width) + 4;

		for (unsigned w = width + 1; w <= widest; w++) {
			patches += widths->positive[w];
			bytes += widths->positive[w] * patch_bytes(w, width);
		}
		for (unsigned w = 0; w < 65 && negative > 0; w++)
			bytes += widths->negative[w] * patch_bytes(w, width);
		if (bytes <= p->bytes) {
			p->bytes = bytes;
			p->width = width;
			p->patches = patches;
		}
	}
}

static struct packed packed_plan(const uint64_t *values, uint32_t count, uint64_t base)
{
	struct packed p = { .base = base, .divisor = divisor_find(values, count, base) };
	struct widths widths = { { 0 }, { 0 } };
	uint32_t negative = 0;

	for (uint32_t i = 0; i < count; i++) {
		int64_t value = packed_value(&p, values[i]);

		if (value >= 0) {
			widths.positive[ot_bit_width((uint64_t)value)]++;
		} else {
			widths.negative[ot_bit_width(~(uint64_t)value)]++;
			negative++;
		}
	}
	packed_choose(&p, &widths, count, negative);
	return p;
}

static void put_patches(struct ot_buf *out, const struct packed *p, const uint64_t *values, uint32_t count)
{
	uint32_t last = 0;

	for (uint32_t i = 0; i < count; i++) {
		int64_t high = packed_value(p, values[i]) >> p->width;

		if (high != 0) {
			ot_buf_varint(out, i - last);
			ot_buf_zigzag(out, high);
			last = i;
		}
	}
}

/* Packs tile by tile, a multiple of eight values each, so that tiles end at whole bytes. */
static void put_packed(struct ot_buf *out, const struct packed *p, const uint64_t *values, uint32_t count)
{
	uint64_t tile[512], mask = p->width == 64 ? UINT64_MAX : (UINT64_C(1) << p->width) - 1;

	ot_buf_varint(out, p->divisor.value);
	ot_buf_u8(out, (uint8_t)p->width);
	ot_buf_varint(out, p->patches);
	for (uint32_t from = 0; from < count; from += 512) {
		uint32_t n = count - from < 512 ? count - from : 512;
		size_t bytes = ot_packed_bytes(n, p->width);
		char *to = ot_buf_reserve(out, bytes + 8);

		for (uint32_t i = 0; i < n; i++)
			tile[i] = (uint64_t)packed_value(p, values[from + i]) & mask;
		ot_pack((uint8_t *)to, tile, n, p->width);
		out->len += bytes;
	}
	if (p->patches > 0)
		put_patches(out, p, values, count);
}

/* --- differences --- */

/* Leaves the differences in `deltas`, count - 1 of them. All arithmetic is modulo 2^64. Where times fall back now and then, at the
 * change of client, the base is best left at 0, so that what falls back is a patch. */
static struct packed delta_plan(uint64_t *deltas, const uint64_t *values, uint32_t count)
{
	int64_t min = INT64_MAX;
	struct packed from_min, from_zero;

	for (uint32_t i = 1; i < count; i++) {
		int64_t delta = (int64_t)(values[i] - values[i - 1]);

		deltas[i - 1] = (uint64_t)delta;
		min = delta < min ? delta : min;
	}
	from_min = packed_plan(deltas, count - 1, (uint64_t)min);
	if (min >= 0)
		return from_min;
	from_zero = packed_plan(deltas, count - 1, 0);
	return from_zero.bytes < from_min.bytes ? from_zero : from_min;
}

static void put_delta(struct ot_buf *out, const struct packed *p, const uint64_t *deltas, uint64_t first, uint32_t count)
{
	ot_buf_varint(out, first);
	ot_buf_zigzag(out, (int64_t)p->base);
	put_packed(out, p, deltas, count - 1);
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

static void put_table(struct ot_buf *out, const struct ot_ints_scratch *s, uint32_t size, uint32_t count, unsigned width)
{
	struct packed p = { .divisor = divisor_of(1), .width = width };

	ot_buf_varint(out, size);
	for (uint32_t i = 0; i < size; i++)
		ot_buf_varint(out, s->table[i] - (i > 0 ? s->table[i - 1] : 0));
	put_packed(out, &p, s->codes, count);
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

static void put_runs(struct ot_buf *out, struct ot_ints_scratch *s, const uint64_t *values, uint32_t count, uint32_t runs)
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

/* --- the choice --- */

/* Slower kinds must save a little more than nothing. */
static bool worth(size_t bytes, size_t least) { return bytes + bytes / 32 < least; }

void ot_ints_put(struct ot_buf *out, struct ot_ints_scratch *s, const uint64_t *offsets, uint32_t count)
{
	uint32_t runs = runs_count(offsets, count), table = 0;
	int kind = OT_INTS_PACKED;
	struct packed packed, delta;
	size_t least, bytes;

	if (runs == 1 && offsets[0] == 0) {
		ot_buf_u8(out, OT_INTS_CONSTANT);
		return;
	}
	packed = packed_plan(offsets, count, 0);
	least = packed.bytes;
	if (packed.width > 1 && (table = table_make(s, offsets, count, OT_INTS_TABLE_MAX)) > 0) {
		bytes = ot_packed_bytes(count, ot_bit_width(table - 1)) + 2 * (size_t)table + 4;
		if (worth(bytes, least)) {
			kind = OT_INTS_TABLE;
			least = bytes;
		}
	}
	delta = delta_plan(s->deltas, offsets, count);
	if (worth(delta.bytes + 8, least)) {
		kind = OT_INTS_DELTA;
		least = delta.bytes + 8;
	}
	if (s->inner != NULL && runs <= count / 2) {
		ot_buf_clear(&s->candidate);
		put_runs(&s->candidate, s, offsets, count, runs);
		if (worth(s->candidate.len, least))
			kind = OT_INTS_RUNS;
	}
	ot_buf_u8(out, (uint8_t)kind);
	if (kind == OT_INTS_PACKED)
		put_packed(out, &packed, offsets, count);
	else if (kind == OT_INTS_TABLE)
		put_table(out, s, table, count, ot_bit_width(table - 1));
	else if (kind == OT_INTS_DELTA)
		put_delta(out, &delta, s->deltas, offsets[0], count);
	else
		ot_buf_str_put(out, ot_buf_str(&s->candidate));
}

bool ot_ints_put_bytes(struct ot_buf *out, struct ot_ints_scratch *s, const uint64_t *offsets, uint32_t count)
{
	struct packed p = { .divisor = divisor_find(offsets, count, 0), .width = 8 };
	uint32_t table;
	uint64_t all = 0;

	for (uint32_t i = 0; i < count; i++)
		all |= (uint64_t)packed_value(&p, offsets[i]);
	if (all <= UINT8_MAX) {
		ot_buf_u8(out, OT_INTS_PACKED);
		put_packed(out, &p, offsets, count);
		return true;
	}
	table = table_make(s, offsets, count, OT_INTS_TABLE_MAX);
	if (table == 0)
		return false;
	ot_buf_u8(out, OT_INTS_TABLE);
	put_table(out, s, table, count, 8);
	return true;
}
