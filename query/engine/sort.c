#include "sort.h"

#include <base/err.h>
#include <stdlib.h>
#include <string.h>

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, INSERTION_MAX = 32 };

static void insertion(uint32_t *order, size_t count, const uint64_t *key)
{
	for (size_t i = 1; i < count; i++) {
		uint32_t item = order[i];
		size_t at = i;

		for (; at > 0 && key[order[at - 1]] > key[item]; at--)
			order[at] = order[at - 1];
		order[at] = item;
	}
}

static void by_digit(const uint32_t *from, uint32_t *to, size_t count, const uint64_t *key, unsigned shift)
{
	uint32_t places[DIGITS] = {0};
	uint32_t sum = 0;

	for (size_t i = 0; i < count; i++)
		places[key[from[i]] >> shift & (DIGITS - 1)]++;
	for (size_t d = 0; d < DIGITS; d++) {
		uint32_t here = places[d];

		places[d] = sum;
		sum += here;
	}
	for (size_t i = 0; i < count; i++)
		to[places[key[from[i]] >> shift & (DIGITS - 1)]++] = from[i];
}

void sort_order(uint32_t *order, size_t count, const uint64_t *key)
{
	uint64_t differ = 0;
	uint32_t *from = order, *to, *other;

	if (count <= INSERTION_MAX) {
		insertion(order, count, key);
		return;
	}
	for (size_t i = 1; i < count; i++)
		differ |= key[order[i]] ^ key[order[0]];
	to = other = ot_alloc(count * sizeof(*other));
	for (unsigned shift = 0; shift < 64; shift += DIGIT_BITS) {
		uint32_t *swap = from;

		if ((differ >> shift & (DIGITS - 1)) == 0)
			continue;
		by_digit(from, to, count, key, shift);
		from = to;
		to = swap;
	}
	if (from != order)
		memcpy(order, from, count * sizeof(*order));
	free(other);
}

static void swap_values(int64_t *a, int64_t *b)
{
	int64_t value = *a;

	*a = *b;
	*b = value;
}

static int64_t middle_of(int64_t a, int64_t b, int64_t c)
{
	if (a > b)
		swap_values(&a, &b);
	return c < a ? a : c > b ? b : c;
}

int64_t sort_rank(int64_t *values, size_t count, size_t rank)
{
	size_t low = 0, high = count - 1;

	while (low < high) {
		int64_t pivot = middle_of(values[low], values[low + (high - low) / 2], values[high]);
		size_t i = low, k = high;

		for (;;) {
			while (values[i] < pivot)
				i++;
			while (values[k] > pivot)
				k--;
			if (i >= k)
				break;
			swap_values(&values[i++], &values[k--]);
		}
		/* All before i are at most the pivot, all behind k at least. */
		if (rank <= k && k < high)
			high = k;
		else if (rank >= i && i > low)
			low = i;
		else
			break;
	}
	return values[rank];
}

static int by_text(const void *a, const void *b, void *texts)
{
	const struct ot_str *items = texts;

	return ot_str_cmp(items[*(const uint32_t *)a], items[*(const uint32_t *)b]);
}

void sort_texts(const struct ot_str *texts, uint32_t count, uint32_t *rank_of)
{
	uint32_t *order = ot_alloc((size_t)count * sizeof(*order));

	for (uint32_t i = 0; i < count; i++)
		order[i] = i;
	qsort_r(order, count, sizeof(*order), by_text, (void *)(uintptr_t)texts);
	for (uint32_t i = 0; i < count; i++)
		rank_of[order[i]] = i;
	free(order);
}
