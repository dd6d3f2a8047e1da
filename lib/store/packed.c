#include "bitpack.h"
#include "packed.h"

/* --- division by a number that divides without rest --- */

struct ot_divisor ot_divisor_of(uint64_t value)
{
	struct ot_divisor d = { .value = value, .shift = (unsigned)__builtin_ctzll(value), .most = UINT64_MAX / value };
	uint64_t odd = value >> d.shift;

	d.inverse = odd;
	for (int i = 0; i < 5; i++) /* Newton: each step doubles the correct bits, of which there are three at first */
		d.inverse *= 2 - odd * d.inverse;
	return d;
}

static inline bool divides(const struct ot_divisor *d, uint64_t value)
{
	uint64_t product = value * d->inverse;

	return (d->shift == 0 ? product : product >> d->shift | product << (64 - d->shift)) <= d->most;
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

static inline uint64_t magnitude(int64_t value)
{
	return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

/* The greatest number that divides all values less `base`; 1 where all are 0. */
static struct ot_divisor divisor_find(const uint64_t *values, uint32_t count, uint64_t base)
{
	struct ot_divisor d = { .value = 0 };

	for (uint32_t i = 0; i < count; i++) {
		uint64_t value = magnitude((int64_t)(values[i] - base));

		if (value == 0 || (d.value != 0 && divides(&d, value)))
			continue;
		d = ot_divisor_of(common_divisor(value, d.value));
		if (d.value == 1)
			break;
	}
	return d.value == 0 ? ot_divisor_of(1) : d;
}

/* --- packed, with patches for those that are negative or wider than most --- */

/* How many values have so many bits; of negative ones, which are patches at any width, how many there are and their
 * bits. */
struct widths {
	uint32_t counts[65];
	uint32_t count, negative, negative_bits;
};

struct choice {
	unsigned width;
	uint32_t patches;
	size_t bits;
};

/* A patch takes a byte or two for its place, and eight bits for each seven that do not fit. From the greatest width
 * down, `more` are wider, by `bits` in all. */
static struct choice choose_width(const struct widths *w)
{
	struct choice best = { 64, 0, (size_t)w->count * 64 };
	size_t more = w->negative, bits = w->negative_bits;

	for (unsigned width = 64; width-- > 0;) {
		size_t cost;

		more += w->counts[width + 1];
		bits += more - w->negative;
		cost = (size_t)w->count * width + 14 * more + 8 * bits / 7;
		if (cost < best.bits)
			best = (struct choice){ width, (uint32_t)more, cost };
	}
	return best;
}

static void widths_of(struct widths *w, const struct ot_packed *p, const uint64_t *values, uint32_t count)
{
	uint32_t odd[65] = { 0 }; /* neighbours are alike: counted in turns, one need not wait for the other */

	memset(w, 0, sizeof(*w));
	w->count = count;
	for (uint32_t i = 0; i < count; i++) {
		int64_t value = ot_packed_value(p, values[i]);

		if (value >= 0) {
			(i & 1 ? odd : w->counts)[ot_bit_width((uint64_t)value)]++;
		} else {
			w->negative++;
			w->negative_bits += ot_bit_width(~(uint64_t)value);
		}
	}
	for (int i = 0; i < 65; i++)
		w->counts[i] += odd[i];
}

static void widths_add(struct widths *sum, const struct widths *w)
{
	for (int i = 0; i < 65; i++)
		sum->counts[i] += w->counts[i];
	sum->count += w->count;
	sum->negative += w->negative;
	sum->negative_bits += w->negative_bits;
}

struct ot_packed ot_packed_plan(const uint64_t *values, uint32_t count, uint64_t base)
{
	struct ot_packed p = { .base = base, .divisor = divisor_find(values, count, base) };
	struct widths all = { .count = 0 }, some;
	struct choice choice;
	uint32_t patches = 0, groups = 0;
	size_t bits = 0;

	for (uint32_t from = 0; from < count; from += OT_INTS_GROUP) {
		widths_of(&some, &p, values + from, count - from < OT_INTS_GROUP ? count - from : OT_INTS_GROUP);
		widths_add(&all, &some);
		choice = choose_width(&some);
		p.widths[groups++] = (uint8_t)choice.width;
		patches += choice.patches;
		bits += choice.bits + 8;
	}
	choice = choose_width(&all);
	p.grouped = bits + bits / 32 < choice.bits;
	p.width = (uint8_t)choice.width;
	p.patches = p.grouped ? patches : choice.patches;
	p.bytes = (p.grouped ? bits : choice.bits) / 8 + 5;
	return p;
}

static inline unsigned width_at(const struct ot_packed *p, uint32_t i)
{
	return p->grouped ? p->widths[i / OT_INTS_GROUP] : p->width;
}

static void put_patches(struct ot_buf *out, const struct ot_packed *p, const uint64_t *values, uint32_t count)
{
	uint32_t last = 0;

	for (uint32_t i = 0; i < count; i++) {
		unsigned width = width_at(p, i);
		int64_t high = width == 64 ? 0 : ot_packed_value(p, values[i]) >> width;

		if (high != 0) {
			ot_buf_varint(out, i - last);
			ot_buf_zigzag(out, high);
			last = i;
		}
	}
}

struct ot_packed ot_packed_plain(unsigned width)
{
	return (struct ot_packed){ .divisor = ot_divisor_of(1), .width = (uint8_t)width };
}

struct ot_packed ot_packed_bytewise(const uint64_t *values, uint32_t count)
{
	return (struct ot_packed){ .divisor = divisor_find(values, count, 0), .width = 8 };
}

/* Group by group, each of whole bytes. */
void ot_packed_put(struct ot_buf *out, const struct ot_packed *p, const uint64_t *values, uint32_t count)
{
	uint64_t group[OT_INTS_GROUP];

	ot_buf_varint(out, p->divisor.value);
	ot_buf_u8(out, p->grouped ? OT_INTS_GROUPED : p->width);
	ot_buf_varint(out, p->patches);
	if (p->grouped)
		ot_buf_put(out, p->widths, (count + OT_INTS_GROUP - 1) / OT_INTS_GROUP);
	for (uint32_t from = 0; from < count; from += OT_INTS_GROUP) {
		uint32_t n = count - from < OT_INTS_GROUP ? count - from : OT_INTS_GROUP;
		unsigned width = width_at(p, from);
		uint64_t mask = width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
		char *to = ot_buf_reserve(out, ot_packed_bytes(n, width) + 8);

		for (uint32_t i = 0; i < n; i++)
			group[i] = (uint64_t)ot_packed_value(p, values[from + i]) & mask;
		ot_pack((uint8_t *)to, group, n, width);
		out->len += ot_packed_bytes(n, width);
	}
	if (p->patches > 0)
		put_patches(out, p, values, count);
}
