#include "bitpack.h"

#include <endian.h>
#include <string.h>

static inline void put_le64(uint8_t *at, uint64_t value)
{
	value = htole64(value);
	memcpy(at, &value, sizeof(value));
}

void ot_pack(uint8_t *out, const uint64_t *values, uint32_t count, unsigned width)
{
	uint64_t word = 0;
	unsigned fill = 0;

	for (uint32_t i = 0; i < count && width > 0; i++) {
		word |= values[i] << fill;
		fill += width;
		if (fill >= 64) {
			put_le64(out, word);
			out += 8;
			fill -= 64;
			word = fill > 0 ? values[i] >> (width - fill) : 0;
		}
	}
	put_le64(out, word);
}

#define ALWAYS_INLINE inline __attribute__((always_inline))

/* Value number `i` of those that start at `in`. With `i` and `width` constant it is a load, a shift and a mask. */
static ALWAYS_INLINE uint64_t take(const uint8_t *in, unsigned i, unsigned width)
{
	unsigned bit = i * width, shift = bit & 7;
	uint64_t word;

	if (width == 0)
		return 0;
	memcpy(&word, in + (bit >> 3), sizeof(word));
	word = le64toh(word) >> shift;
	if (shift + width > 64)
		word |= (uint64_t)in[(bit >> 3) + 8] << (64 - shift);
	return width == 64 ? word : word & ((UINT64_C(1) << width) - 1);
}

/* Eight values fill `width` bytes. */
static ALWAYS_INLINE void unpack32(uint32_t *out, const uint8_t *in, uint32_t count, unsigned width)
{
	for (; count >= 8; count -= 8, out += 8, in += width) {
#pragma GCC unroll 8
		for (unsigned i = 0; i < 8; i++)
			out[i] = (uint32_t)take(in, i, width);
	}
	for (unsigned i = 0; i < count; i++)
		out[i] = (uint32_t)take(in, i, width);
}

static ALWAYS_INLINE void unpack64(uint64_t *out, const uint8_t *in, uint32_t count, unsigned width)
{
	for (; count >= 8; count -= 8, out += 8, in += width) {
#pragma GCC unroll 8
		for (unsigned i = 0; i < 8; i++)
			out[i] = take(in, i, width);
	}
	for (unsigned i = 0; i < count; i++)
		out[i] = take(in, i, width);
}

#define CASE(n, function)                                                                                              \
	case n:                                                                                                        \
		function(out, in, count, n);                                                                           \
		break;
#define CASES_8(n, f)                                                                                                  \
	CASE(n, f)                                                                                                     \
	CASE(n + 1, f) CASE(n + 2, f) CASE(n + 3, f) CASE(n + 4, f) CASE(n + 5, f) CASE(n + 6, f) CASE(n + 7, f)
#define CASES_32(n, f) CASES_8(n, f) CASES_8(n + 8, f) CASES_8(n + 16, f) CASES_8(n + 24, f)

void ot_unpack32(uint32_t *out, const uint8_t *in, uint32_t count, unsigned width)
{
	switch (width) {
		CASES_32(0, unpack32)
		CASE(32, unpack32)
	}
}

void ot_unpack64(uint64_t *out, const uint8_t *in, uint32_t count, unsigned width)
{
	switch (width) {
		CASES_32(0, unpack64)
		CASES_32(32, unpack64)
		CASE(64, unpack64)
	}
}
