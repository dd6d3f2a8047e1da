#include "order.h"

#include <base/err.h>
#include <stdlib.h>
#include <string.h>

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, FEW = 48 };

/* --- numbers --- */

static bool in_order(const uint64_t *keys, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		if (keys[i] < keys[i - 1])
			return false;
	}
	return true;
}

static void insertion_sort(uint64_t *keys, uint32_t *rows, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		uint64_t key = keys[i];
		uint32_t row = rows[i], at = i;

		for (; at > 0 && keys[at - 1] > key; at--) {
			keys[at] = keys[at - 1];
			rows[at] = rows[at - 1];
		}
		keys[at] = key;
		rows[at] = row;
	}
}

struct pair {
	uint64_t key;
	uint32_t row;
};

/* One digit; false, and nothing done, where all have the same. */
static bool radix_pass(struct pair *to, const struct pair *from, uint32_t count, unsigned shift)
{
	uint32_t starts[DIGITS] = { 0 }, start = 0;

	for (uint32_t i = 0; i < count; i++)
		starts[from[i].key >> shift & (DIGITS - 1)]++;
	if (starts[from[0].key >> shift & (DIGITS - 1)] == count)
		return false;
	for (uint32_t d = 0; d < DIGITS; d++) {
		uint32_t n = starts[d];

		starts[d] = start;
		start += n;
	}
	for (uint32_t i = 0; i < count; i++)
		to[starts[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
	return true;
}

static void radix_sort(uint64_t *keys, uint32_t *rows, uint32_t count)
{
	struct pair *a = ot_alloc(2 * (size_t)count * sizeof(*a)), *b = a + count, *all = a;
	uint64_t min = UINT64_MAX, max = 0;

	for (uint32_t i = 0; i < count; i++) {
		min = keys[i] < min ? keys[i] : min;
		max = keys[i] > max ? keys[i] : max;
	}
	for (uint32_t i = 0; i < count; i++)
		a[i] = (struct pair){ keys[i] - min, rows[i] };
	for (unsigned shift = 0; shift < 64 && (max - min) >> shift != 0; shift += DIGIT_BITS) {
		if (radix_pass(b, a, count, shift)) {
			struct pair *swap = a;

			a = b;
			b = swap;
		}
	}
	for (uint32_t i = 0; i < count; i++) {
		keys[i] = a[i].key + min;
		rows[i] = a[i].row;
	}
	free(all);
}

void ot_order_by_keys(uint64_t *keys, uint32_t *rows, uint32_t count)
{
	if (in_order(keys, count))
		return;
	if (count <= FEW)
		insertion_sort(keys, rows, count);
	else
		radix_sort(keys, rows, count);
}

/* --- rows --- */

const enum ot_field ot_sort_fields[OT_SORT_FIELD_COUNT] = { OT_SOURCE_ITEM, OT_SOURCE_OFFSET, OT_SOURCE_KEY,
	OT_TIMESTAMP, OT_CLIENT };

/* Numbers with their sign bit turned order as unsigned ones. */
static inline uint64_t number_key(int64_t number)
{
	return (uint64_t)number ^ (UINT64_C(1) << 63);
}

static void take_keys(
    uint64_t *keys, const uint32_t *order, uint32_t count, const struct ot_column *column, const uint32_t *ranks)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t row = order[i];

		if (ot_column_is_null(column, row))
			keys[i] = 0;
		else if (column->form == OT_FORM_DICT)
			keys[i] = (uint64_t)ranks[column->codes[row]] + 1;
		else
			keys[i] = number_key(column->numbers[row]);
	}
}

/* The smallest number has the key that nulls have: they are put in front of it by their own. */
static void nulls_first(uint64_t *keys, uint32_t *order, uint32_t count, const struct ot_column *column)
{
	for (uint32_t i = 0; i < count; i++)
		keys[i] = !ot_column_is_null(column, order[i]);
	ot_order_by_keys(keys, order, count);
}

void ot_order_rows(uint32_t *order, uint32_t count, const struct ot_column *const columns[OT_FIELD_COUNT],
    const uint32_t *const ranks[OT_FIELD_COUNT])
{
	uint64_t *keys = ot_alloc(count * sizeof(*keys));

	for (int i = 0; i < OT_SORT_FIELD_COUNT; i++) {
		enum ot_field field = ot_sort_fields[i];
		const struct ot_column *column = columns[field];

		if (column == NULL || column->rows == 0)
			continue;
		take_keys(keys, order, count, column, ranks[field]);
		ot_order_by_keys(keys, order, count);
		if (column->form == OT_FORM_INT)
			nulls_first(keys, order, count, column);
	}
	free(keys);
}

/* --- texts --- */

struct item {
	uint64_t head; /* first eight bytes, in the order of texts */
	uint32_t index;
};

static uint64_t head_of(struct ot_str text)
{
	uint64_t head = 0;

	for (size_t i = 0; i < 8; i++)
		head = head << 8 | (i < text.len ? (uint8_t)text.ptr[i] : 0);
	return head;
}

static inline int item_cmp(const struct item *a, const struct item *b, const struct ot_str *texts)
{
	if (a->head != b->head)
		return a->head < b->head ? -1 : 1;
	return ot_str_cmp(texts[a->index], texts[b->index]);
}

static uint32_t run_end(const struct item *items, uint32_t from, uint32_t count, const struct ot_str *texts)
{
	uint32_t end = from + 1;

	while (end < count && item_cmp(&items[end - 1], &items[end], texts) <= 0)
		end++;
	return end;
}

static void merge(
    struct item *to, const struct item *items, uint32_t from, uint32_t middle, uint32_t end, const struct ot_str *texts)
{
	uint32_t a = from, b = middle;

	while (a < middle && b < end)
		*to++ = item_cmp(&items[a], &items[b], texts) <= 0 ? items[a++] : items[b++];
	memcpy(to, items + a, (middle - a) * sizeof(*items));
	to += middle - a;
	memcpy(to, items + b, (end - b) * sizeof(*items));
}

/* Merges neighbouring runs until one is left: what is in order already costs little. The items end up in `a` or in `b`,
 * which is returned. */
static struct item *natural_merge_sort(struct item *a, struct item *b, uint32_t count, const struct ot_str *texts)
{
	uint32_t runs = 2;

	while (runs > 1) {
		runs = 0;
		for (uint32_t from = 0, end; from < count; from = end, runs++) {
			uint32_t middle = run_end(a, from, count, texts);

			end = middle < count ? run_end(a, middle, count, texts) : middle;
			merge(b + from, a, from, middle, end, texts);
		}
		struct item *swap = a;

		a = b;
		b = swap;
	}
	return a;
}

uint32_t ot_order_texts(
    uint32_t *ranks, struct ot_str *sorted, const struct ot_str *texts, const uint8_t *used, uint32_t count)
{
	struct item *a = ot_alloc(2 * (size_t)count * sizeof(*a)), *items;
	uint32_t n = 0, different = 0;

	for (uint32_t i = 0; i < count; i++) {
		if (used == NULL || used[i])
			a[n++] = (struct item){ head_of(texts[i]), i };
	}
	items = natural_merge_sort(a, a + count, n, texts);
	for (uint32_t i = 0; i < n; i++) {
		struct ot_str text = texts[items[i].index];

		if (different == 0 || !ot_str_eq(sorted[different - 1], text))
			sorted[different++] = text;
		ranks[items[i].index] = different - 1;
	}
	free(a);
	return different;
}
