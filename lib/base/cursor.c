#include <base/cursor.h>

/* After a failure the cursor stands at its end, so that a loop over what is left stops too. */
static const uint8_t *cursor_take(struct ot_cursor *c, size_t len)
{
	const uint8_t *at = c->at;

	if (c->failed || ot_cursor_left(c) < len) {
		c->failed = true;
		c->at = c->end;
		return NULL;
	}
	if (len > 0)
		c->at += len;
	return at;
}

static uint64_t cursor_le(struct ot_cursor *c, size_t len)
{
	const uint8_t *at = cursor_take(c, len);
	uint64_t v = 0;

	for (size_t i = len; at != NULL && i > 0; i--)
		v = v << 8 | at[i - 1];
	return v;
}

static uint64_t cursor_be(struct ot_cursor *c, size_t len)
{
	const uint8_t *at = cursor_take(c, len);
	uint64_t v = 0;

	for (size_t i = 0; at != NULL && i < len; i++)
		v = v << 8 | at[i];
	return v;
}

uint8_t ot_cursor_u8(struct ot_cursor *c)
{
	const uint8_t *at = cursor_take(c, 1);

	return at == NULL ? 0 : *at;
}

uint16_t ot_cursor_u16(struct ot_cursor *c)
{
	return (uint16_t)cursor_le(c, 2);
}

uint32_t ot_cursor_u32(struct ot_cursor *c)
{
	return (uint32_t)cursor_le(c, 4);
}

uint64_t ot_cursor_u64(struct ot_cursor *c)
{
	return cursor_le(c, 8);
}

uint16_t ot_cursor_be16(struct ot_cursor *c)
{
	return (uint16_t)cursor_be(c, 2);
}

uint32_t ot_cursor_be32(struct ot_cursor *c)
{
	return (uint32_t)cursor_be(c, 4);
}

uint64_t ot_cursor_be64(struct ot_cursor *c)
{
	return cursor_be(c, 8);
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
	c->failed = true;
	c->at = c->end;
	return 0;
}

int64_t ot_cursor_zigzag(struct ot_cursor *c)
{
	uint64_t v = ot_cursor_varint(c);

	return (int64_t)(v >> 1 ^ (0 - (v & 1)));
}

struct ot_str ot_cursor_bytes(struct ot_cursor *c, size_t len)
{
	const uint8_t *at = cursor_take(c, len);

	if (c->failed)
		return OT_STR_NONE;
	return at == NULL ? OT_STR("") : (struct ot_str){ (const char *)at, len };
}

struct ot_str ot_cursor_lstr(struct ot_cursor *c)
{
	uint64_t len = ot_cursor_varint(c);

	if (len == 0)
		return OT_STR_NONE;
	return ot_cursor_bytes(c, (size_t)(len - 1));
}
