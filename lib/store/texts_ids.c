#include "texts.h"

enum { HEX_DIGITS_LEAST = 8 };

/* Texts of one shape, and exceptions. */
struct shape {
	int kind;
	size_t len; /* of the text */
	size_t bytes; /* HEX: that it stands for */
};

static struct shape shape_of(int kind, size_t digits)
{
	return kind == OT_TEXTS_UUID ? (struct shape){ kind, OT_UUID_LEN, 0 }
				     : (struct shape){ kind, digits, digits / 2 };
}

static inline bool fits(const struct shape *shape, struct ot_str text, struct ot_uuid *uuid, uint8_t *bytes)
{
	if (text.len != shape->len)
		return false;
	return shape->kind == OT_TEXTS_UUID ? ot_uuid_get(uuid, text.ptr) : ot_hex_get(bytes, text.ptr, text.len);
}

/* The shape of the first text that has one among the first few. */
static struct shape shape_guess(const struct ot_str *texts, uint32_t count)
{
	uint8_t bytes[OT_TEXTS_HEX_DIGITS_MAX / 2];
	struct ot_uuid uuid;

	for (uint32_t i = 0; i < count && i < 8; i++) {
		size_t len = texts[i].len;
		struct shape shape = shape_of(len == OT_UUID_LEN ? OT_TEXTS_UUID : OT_TEXTS_HEX, len);

		if (shape.kind == OT_TEXTS_HEX &&
		    (len < HEX_DIGITS_LEAST || len > OT_TEXTS_HEX_DIGITS_MAX || len % 2 != 0))
			continue;
		if (fits(&shape, texts[i], &uuid, bytes))
			return shape;
	}
	return (struct shape){ .kind = OT_TEXTS_PLAIN };
}

static void put_exceptions(struct ot_buf *out, const struct ot_str *texts, const uint64_t *rows, uint32_t count)
{
	ot_buf_varint(out, count);
	for (uint32_t i = 0; i < count; i++) {
		ot_buf_varint(out, rows[i] - (i > 0 ? rows[i - 1] : 0));
		ot_buf_varint(out, texts[rows[i]].len);
	}
	for (uint32_t i = 0; i < count; i++)
		ot_buf_str_put(out, texts[rows[i]]);
}

/* All that fit go to s->uuids or s->bytes; how many do not, or UINT32_MAX where that is more than a tenth. */
static uint32_t take_ids(
    struct ot_texts_scratch *s, const struct shape *shape, const struct ot_str *texts, uint32_t count)
{
	uint32_t exceptions = 0;
	uint8_t *to;

	ot_buf_clear(&s->bytes);
	to = (uint8_t *)ot_buf_reserve(&s->bytes, ((size_t)count + 1) * shape->bytes);
	for (uint32_t i = 0; i < count; i++) {
		ot_texts_prefetch(texts, i, count);
		if (fits(shape, texts[i], &s->uuids[i - exceptions], to)) {
			to += shape->bytes;
			continue;
		}
		s->offsets[exceptions++] = i;
		if (exceptions > count / 10)
			return UINT32_MAX;
	}
	s->bytes.len = (count - exceptions) * shape->bytes;
	return exceptions;
}

bool ot_ids_texts_put(struct ot_buf *out, struct ot_texts_scratch *s, const struct ot_str *texts, uint32_t count)
{
	struct shape shape = shape_guess(texts, count);
	uint32_t exceptions;

	if (shape.kind == OT_TEXTS_PLAIN)
		return false;
	exceptions = take_ids(s, &shape, texts, count);
	if (exceptions == UINT32_MAX)
		return false;
	ot_buf_u8(out, (uint8_t)shape.kind);
	if (shape.kind == OT_TEXTS_HEX)
		ot_buf_u8(out, (uint8_t)shape.len);
	put_exceptions(out, texts, s->offsets, exceptions);
	if (shape.kind == OT_TEXTS_HEX)
		ot_buf_str_put(out, ot_buf_str(&s->bytes));
	else
		ot_uuids_put(out, s->ints, s->uuids, count - exceptions);
	return true;
}

/* --- reading --- */

/* Sets the texts that are exceptions; all others stay absent. */
static bool get_exceptions(struct ot_cursor *c, struct ot_str *out, uint32_t count, uint64_t exceptions)
{
	uint64_t at = 0;
	uint32_t rows[OT_BLOCK_ROWS];

	for (uint64_t i = 0; i < exceptions; i++) {
		uint64_t gap = ot_cursor_varint(c);

		if (gap >= count - at || (i > 0 && gap == 0))
			return false;
		at += gap;
		rows[i] = (uint32_t)at;
		out[at].len = (size_t)ot_cursor_varint(c);
	}
	for (uint64_t i = 0; i < exceptions; i++)
		out[rows[i]] = ot_cursor_bytes(c, out[rows[i]].len);
	return !c->failed;
}

static bool get_hex(
    struct ot_cursor *c, struct ot_str *out, uint32_t count, uint32_t ids, size_t digits, struct ot_arena *arena)
{
	struct ot_str bytes = ot_cursor_bytes(c, ids * (digits / 2));
	const uint8_t *from = (const uint8_t *)bytes.ptr;
	char *to;

	if (c->failed)
		return false;
	to = ot_arena_alloc(arena, (size_t)ids * digits + 1);
	for (uint32_t i = 0; i < count; i++) {
		if (out[i].ptr != NULL)
			continue;
		out[i] = (struct ot_str){ to, digits };
		to = ot_hex_put(to, from, digits / 2);
		from += digits / 2;
	}
	return true;
}

static bool get_uuids(struct ot_cursor *c, struct ot_str *out, uint32_t count, uint32_t ids, struct ot_arena *arena)
{
	struct ot_uuid uuids[OT_BLOCK_ROWS], *from = uuids;
	char *to;

	if (ids == 0 || !ot_uuids_get(c, uuids, ids))
		return false;
	to = ot_arena_alloc(arena, (size_t)ids * OT_UUID_LEN + 1);
	for (uint32_t i = 0; i < count; i++) {
		if (out[i].ptr != NULL)
			continue;
		ot_uuid_put(to, from++);
		out[i] = (struct ot_str){ to, OT_UUID_LEN };
		to += OT_UUID_LEN;
	}
	return true;
}

bool ot_ids_texts_get(struct ot_cursor *c, int kind, struct ot_str *out, uint32_t count, struct ot_arena *arena)
{
	size_t digits = kind == OT_TEXTS_HEX ? ot_cursor_u8(c) : OT_UUID_LEN;
	uint64_t exceptions = ot_cursor_varint(c);
	uint32_t ids;

	if (digits % 2 != 0 || digits > OT_TEXTS_HEX_DIGITS_MAX || exceptions > count)
		return false;
	ids = count - (uint32_t)exceptions;
	memset(out, 0, count * sizeof(*out));
	if (!get_exceptions(c, out, count, exceptions))
		return false;
	return kind == OT_TEXTS_HEX ? get_hex(c, out, count, ids, digits, arena) : get_uuids(c, out, count, ids, arena);
}
