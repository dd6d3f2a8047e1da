#include "texts.h"

enum { HEX_DIGITS_LEAST = 8 };

/* --- hex digits --- */

static const int8_t digit_values[256] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10,
	['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, /* one more than the value; 0: not a digit */
};

/* `digits` is even. False where one is no lower-case hex digit; then `out` is spoiled. */
static bool hex_get(uint8_t *out, const char *text, size_t digits)
{
	int wrong = 0;

	for (size_t i = 0; i < digits; i += 2) {
		int high = digit_values[(uint8_t)text[i]] - 1, low = digit_values[(uint8_t)text[i + 1]] - 1;

		wrong |= high | low;
		out[i / 2] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
	}
	return wrong >= 0;
}

static char *hex_put(char *to, const uint8_t *bytes, size_t len)
{
	static const char digits[16] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*to++ = digits[bytes[i] >> 4];
		*to++ = digits[bytes[i] & 15];
	}
	return to;
}

/* 8-4-4-4-12 digits. */
static const struct {
	uint8_t digits, text_at, byte_at;
} uuid_parts[] = { { 8, 0, 0 }, { 4, 9, 4 }, { 4, 14, 6 }, { 4, 19, 8 }, { 12, 24, 10 } };
enum { UUID_PARTS = 5 };

static bool uuid_get(uint8_t *out, const char *text)
{
	if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-')
		return false;
	for (int i = 0; i < UUID_PARTS; i++) {
		if (!hex_get(out + uuid_parts[i].byte_at, text + uuid_parts[i].text_at, uuid_parts[i].digits))
			return false;
	}
	return true;
}

static void uuid_put(char *to, const uint8_t *bytes)
{
	for (int i = 0; i < UUID_PARTS; i++) {
		to = hex_put(to, bytes + uuid_parts[i].byte_at, uuid_parts[i].digits / 2);
		*to++ = '-'; /* behind the last there is room too */
	}
}

/* --- ids: texts of one shape, and exceptions --- */

struct shape {
	int kind;
	size_t len;   /* of the text */
	size_t bytes; /* that it stands for */
};

static struct shape shape_of_kind(int kind, size_t digits)
{
	return kind == OT_TEXTS_UUID ? (struct shape){ kind, OT_UUID_LEN, OT_UUID_BYTES } : (struct shape){ kind, digits, digits / 2 };
}

static bool fits(const struct shape *shape, struct ot_str text, uint8_t *bytes)
{
	if (text.len != shape->len)
		return false;
	return shape->kind == OT_TEXTS_UUID ? uuid_get(bytes, text.ptr) : hex_get(bytes, text.ptr, text.len);
}

/* The shape of the first text that has one among the first few. */
static struct shape shape_guess(const struct ot_str *texts, uint32_t count)
{
	uint8_t bytes[OT_TEXTS_HEX_DIGITS_MAX / 2];

	for (uint32_t i = 0; i < count && i < 8; i++) {
		size_t len = texts[i].len;
		struct shape shape = shape_of_kind(len == OT_UUID_LEN ? OT_TEXTS_UUID : OT_TEXTS_HEX, len);

		if (shape.kind == OT_TEXTS_HEX && (len < HEX_DIGITS_LEAST || len > OT_TEXTS_HEX_DIGITS_MAX || len % 2 != 0))
			continue;
		if (fits(&shape, texts[i], bytes))
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

/* The bytes of all that fit, in `bytes`; how many do not, or UINT32_MAX where that is more than a tenth. */
static uint32_t take_ids(struct ot_buf *bytes, const struct shape *shape, uint64_t *exceptions, const struct ot_str *texts, uint32_t count)
{
	uint32_t exception_count = 0;
	uint8_t *to;

	ot_buf_clear(bytes);
	to = (uint8_t *)ot_buf_reserve(bytes, count * shape->bytes + shape->bytes);
	for (uint32_t i = 0; i < count; i++) {
		if (fits(shape, texts[i], to)) {
			to += shape->bytes;
			continue;
		}
		exceptions[exception_count++] = i;
		if (exception_count > count / 10)
			return UINT32_MAX;
	}
	bytes->len = (count - exception_count) * shape->bytes;
	return exception_count;
}

static bool put_ids(struct ot_buf *out, struct ot_buf *bytes, uint64_t *exceptions, const struct ot_str *texts, uint32_t count)
{
	struct shape shape = shape_guess(texts, count);
	uint32_t exception_count;

	if (shape.kind == OT_TEXTS_PLAIN)
		return false;
	exception_count = take_ids(bytes, &shape, exceptions, texts, count);
	if (exception_count == UINT32_MAX)
		return false;
	ot_buf_u8(out, (uint8_t)shape.kind);
	if (shape.kind == OT_TEXTS_HEX)
		ot_buf_u8(out, (uint8_t)shape.len);
	put_exceptions(out, texts, exceptions, exception_count);
	ot_buf_str_put(out, ot_buf_str(bytes));
	return true;
}

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

static bool get_ids(struct ot_cursor *c, int kind, struct ot_str *out, uint32_t count, struct ot_arena *arena)
{
	struct shape shape = shape_of_kind(kind, kind == OT_TEXTS_HEX ? ot_cursor_u8(c) : 0);
	uint64_t exceptions = ot_cursor_varint(c);
	struct ot_str bytes;
	char *to;

	if (shape.len % 2 != 0 || shape.len > OT_TEXTS_HEX_DIGITS_MAX || exceptions > count)
		return false;
	memset(out, 0, count * sizeof(*out));
	if (!get_exceptions(c, out, count, exceptions))
		return false;
	bytes = ot_cursor_bytes(c, (size_t)(count - exceptions) * shape.bytes);
	if (c->failed)
		return false;
	to = ot_arena_alloc(arena, (size_t)count * shape.len + 1);
	for (uint32_t i = 0; i < count; i++) {
		if (out[i].ptr != NULL)
			continue;
		if (kind == OT_TEXTS_UUID)
			uuid_put(to, (const uint8_t *)bytes.ptr);
		else
			hex_put(to, (const uint8_t *)bytes.ptr, shape.bytes);
		out[i] = (struct ot_str){ to, shape.len };
		to += shape.len;
		bytes.ptr += shape.bytes;
	}
	return true;
}

/* --- plain --- */

static void put_plain(struct ot_buf *out, struct ot_ints_scratch *scratch, uint64_t *offsets, const struct ot_str *texts, uint32_t count)
{
	size_t least = SIZE_MAX;

	for (uint32_t i = 0; i < count; i++)
		least = texts[i].len < least ? texts[i].len : least;
	for (uint32_t i = 0; i < count; i++)
		offsets[i] = texts[i].len - least;
	ot_buf_u8(out, OT_TEXTS_PLAIN);
	ot_buf_varint(out, least);
	ot_ints_put(out, scratch, offsets, count);
	for (uint32_t i = 0; i < count; i++)
		ot_buf_str_put(out, texts[i]);
}

static bool get_plain(struct ot_cursor *c, struct ot_str *out, uint32_t count)
{
	uint32_t lengths[OT_BLOCK_ROWS];
	uint64_t least = ot_cursor_varint(c);
	const char *at;
	size_t left;

	if (least > OT_SEG_CHUNK_MAX || !ot_ints_get32(c, lengths, count, (uint32_t)least))
		return false;
	at = (const char *)c->at;
	left = ot_cursor_left(c);
	for (uint32_t i = 0; i < count; i++) {
		if (lengths[i] > left)
			return false;
		out[i] = (struct ot_str){ at, lengths[i] };
		at += lengths[i];
		left -= lengths[i];
	}
	c->at = c->end - left;
	return true;
}

bool ot_texts_put(struct ot_buf *out, struct ot_ints_scratch *scratch, uint64_t *offsets, const struct ot_str *texts, uint32_t count)
{
	if (put_ids(out, &scratch->candidate, offsets, texts, count))
		return true;
	put_plain(out, scratch, offsets, texts, count);
	return false;
}

bool ot_texts_get(struct ot_cursor *c, struct ot_str *out, uint32_t count, struct ot_arena *arena)
{
	int kind = ot_cursor_u8(c);

	switch (kind) {
	case OT_TEXTS_PLAIN:
		return get_plain(c, out, count);
	case OT_TEXTS_HEX:
	case OT_TEXTS_UUID:
		return get_ids(c, kind, out, count, arena);
	default:
		return false;
	}
}
