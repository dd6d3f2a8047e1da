/*
 * Bit packing: values of `width` bits (0 to 64), the first in the lowest bits of the first byte, without gaps.
 * The one place for the loops that scans spend their time in; a SIMD path belongs here.
 */
#ifndef OT_STORE_BITPACK_H
#define OT_STORE_BITPACK_H

#include <stddef.h>
#include <stdint.h>

static inline size_t ot_packed_bytes(uint32_t count, unsigned width) { return ((size_t)count * width + 7) / 8; }

static inline unsigned ot_bit_width(uint64_t value) { return value == 0 ? 0 : 64 - (unsigned)__builtin_clzll(value); }

/* Writes ot_packed_bytes() bytes, and up to 8 more that do not count. */
void ot_pack(uint8_t *out, const uint64_t *values, uint32_t count, unsigned width);

/* Up to 8 bytes behind the packed ones are read, and do not count. */
void ot_unpack32(uint32_t *out, const uint8_t *in, uint32_t count, unsigned width); /* width at most 32 */
void ot_unpack64(uint64_t *out, const uint8_t *in, uint32_t count, unsigned width);

#endif
