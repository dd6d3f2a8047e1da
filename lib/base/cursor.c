#include <base/cursor.h>

/* After a failure the cursor stands at its end, so that a loop over what is left stops too. */
static const uint8_t *cursor_fail(struct ot_cursor *c)
{
	static const uint8_t zeros[8];

	c->failed = true;
	c->at = c->end;
	return zeros;
}

/* Where the next `len` bytes stand, eight at most; zeros where there are not so many. */
static inline const uint8_t *cursor_take(struct ot_cursor *c, size_t len)
{
	const uint8_t *at = c->at;

	if (ot_cursor_left(c) < len)
		return cursor_fail(c);
	c->at = at + len;
	return at;
}

static inline uint32_t le32(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint32_t be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

uint8_t ot_cursor_u8(struct ot_cursor *c)
{
	return *cursor_take(c, 1);
}

uint16_t ot_cursor_u16(struct ot_cursor *c)
{
	const uint8_t *at = cursor_take(c, 2);

	return (uint16_t)(at[0] | at[1] << 8);
}

uint32_t ot_cursor_u32(struct ot_cursor *c)
{
	return le32(cursor_take(c, 4));
}

uint64_t ot_cursor_u64(struct ot_cursor *c)
{
	const uint8_t *at = cursor_take(c, 8);

	return le32(at) | (uint64_t)le32(at + 4) << 32;
}

uint16_t ot_cursor_be16(struct ot_cursor *c)
{
	const uint8_t *at = cursor_take(c, 2);

	return (uint16_t)(at[0] << 8 | at[1]);
}

uint32_t ot_cursor_be32(struct ot_cursor *c)
{
	return be32(cursor_take(c, 4));
}

uint64_t ot_cursor_be64(struct ot_cursor *c)
{
	const uint8_t *at = cursor_take(c, 8);

	return (uint64_t)be32(at) << 32 | be32(at + 4);
}

uint64_t ot_cursor_varint(struct ot_cursor *c)
{
	const uint8_t *at = c->at;
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64 && at < c->end; shift += 7) {
		uint8_t byte = *at++;

		/* The tenth byte has room for one bit. */
		if (shift == 63 && byte > 1)
			break;
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			c->at = at;
			return v;
		}
	}
	cursor_fail(c);
	return 0;
}

int64_t ot_cursor_zigzag(struct ot_cursor *c)
{
	uint64_t v = ot_cursor_varint(c);

	return (int64_t)(v >> 1 ^ (0 - (v & 1)));
}

struct ot_str ot_cursor_bytes(struct ot_cursor *c, size_t len)
{
	const uint8_t *at = c->at;

	if (c->failed || ot_cursor_left(c) < len) {
		cursor_fail(c);
		return OT_STR_NONE;
	}
	if (len == 0)
		return OT_STR("");
	c->at = at + len;
	return (struct ot_str){ (const char *)at, len };
}

struct ot_str ot_cursor_lstr(struct ot_cursor *c)
{
	uint64_t len = ot_cursor_varint(c);

	if (len == 0)
		return OT_STR_NONE;
	return ot_cursor_bytes(c, (size_t)(len - 1));
}
