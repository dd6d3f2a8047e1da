/* Reading untrusted bytes: every getter checks the end, the first failure is remembered, later gets give 0. A decoder checks `failed` once, at the end. */
#ifndef OT_BASE_CURSOR_H
#define OT_BASE_CURSOR_H

#include <base/str.h>

struct ot_cursor {
	const uint8_t *at, *end;
	bool failed;
};

static inline struct ot_cursor ot_cursor_of(const void *bytes, size_t len)
{
	const uint8_t *at = bytes == NULL ? (const uint8_t *)"" : (const uint8_t *)bytes; /* no bytes may have no place */
	return (struct ot_cursor){ at, at + len, false };
}
static inline size_t ot_cursor_left(const struct ot_cursor *c) { return (size_t)(c->end - c->at); }

uint8_t ot_cursor_u8(struct ot_cursor *c);
uint16_t ot_cursor_u16(struct ot_cursor *c); /* little-endian */
uint32_t ot_cursor_u32(struct ot_cursor *c);
uint64_t ot_cursor_u64(struct ot_cursor *c);
uint16_t ot_cursor_be16(struct ot_cursor *c);
uint32_t ot_cursor_be32(struct ot_cursor *c);
uint64_t ot_cursor_be64(struct ot_cursor *c);
uint64_t ot_cursor_varint(struct ot_cursor *c);
int64_t ot_cursor_zigzag(struct ot_cursor *c);
struct ot_str ot_cursor_bytes(struct ot_cursor *c, size_t len); /* borrowed; absent on failure */
struct ot_str ot_cursor_lstr(struct ot_cursor *c); /* as ot_buf_lstr wrote it */

#endif
