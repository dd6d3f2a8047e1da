#include <base/buf.h>
#include <base/err.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { CAP_FIRST = 64, PRINTF_SHORT = 256, I64_TEXT_MAX = 20, VARINT_MAX = 10 };

void ot_buf_init(struct ot_buf *buf, size_t max)
{
	*buf = (struct ot_buf){ .max = max };
}

void ot_buf_release(struct ot_buf *buf)
{
	free(buf->data);
	ot_buf_init(buf, buf->max);
}

static size_t cap_for(const struct ot_buf *buf, size_t need)
{
	size_t cap = buf->cap + buf->cap / 2;

	if (cap < CAP_FIRST)
		cap = CAP_FIRST;
	if (cap < need)
		cap = need;
	if (buf->max > 0 && cap > buf->max)
		cap = buf->max;
	return cap;
}

char *ot_buf_grow(struct ot_buf *buf, size_t more)
{
	size_t need;

	if (buf->overflow)
		return NULL;
	if (__builtin_add_overflow(buf->len, more, &need))
		ot_die("out of memory (%zu bytes)", more);
	if (buf->max > 0 && need > buf->max) {
		buf->overflow = true;
		return NULL;
	}
	if (buf->data == NULL || need > buf->cap) {
		buf->cap = cap_for(buf, need);
		buf->data = ot_realloc(buf->data, buf->cap);
	}
	return buf->data + buf->len;
}

/* Keeps what fits below the ceiling. */
void ot_buf_put_slow(struct ot_buf *buf, const void *bytes, size_t len)
{
	size_t fits = len;
	char *to;

	if (buf->overflow)
		return;
	if (buf->max > 0 && len > buf->max - buf->len)
		fits = buf->max - buf->len;
	to = ot_buf_grow(buf, fits);
	if (fits > 0)
		memcpy(to, bytes, fits);
	buf->len += fits;
	buf->overflow = fits < len;
}

void ot_buf_printf(struct ot_buf *buf, const char *format, ...)
{
	char text[PRINTF_SHORT], *whole;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len < 0)
		ot_die("cannot format \"%s\"", format);
	if ((size_t)len < sizeof(text)) {
		ot_buf_put(buf, text, (size_t)len);
		return;
	}
	whole = ot_alloc((size_t)len + 1);
	va_start(args, format);
	vsnprintf(whole, (size_t)len + 1, format, args);
	va_end(args);
	ot_buf_put(buf, whole, (size_t)len);
	free(whole);
}

void ot_buf_i64(struct ot_buf *buf, int64_t value)
{
	char text[I64_TEXT_MAX], *at = text + sizeof(text);
	uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do {
		*--at = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (value < 0)
		*--at = '-';
	ot_buf_put(buf, at, (size_t)(text + sizeof(text) - at));
}

void ot_buf_hex(struct ot_buf *buf, const void *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *from = bytes;

	for (size_t i = 0; i < len; i++) {
		char pair[2] = { digits[from[i] >> 4], digits[from[i] & 15] };

		ot_buf_put(buf, pair, sizeof(pair));
	}
}

static void buf_le(struct ot_buf *buf, uint64_t v, size_t len)
{
	char *to = ot_buf_reserve(buf, len);

	if (to == NULL)
		return;
	for (size_t i = 0; i < len; i++)
		to[i] = (char)(v >> (8 * i) & 0xff);
	buf->len += len;
}

void ot_buf_u16(struct ot_buf *buf, uint16_t v)
{
	buf_le(buf, v, 2);
}

void ot_buf_u32(struct ot_buf *buf, uint32_t v)
{
	buf_le(buf, v, 4);
}

void ot_buf_u64(struct ot_buf *buf, uint64_t v)
{
	buf_le(buf, v, 8);
}

void ot_buf_varint(struct ot_buf *buf, uint64_t v)
{
	uint8_t bytes[VARINT_MAX], *at = bytes;
	bool room = !buf->overflow && buf->cap - buf->len >= VARINT_MAX;

	if (room)
		at = (uint8_t *)buf->data + buf->len;
	for (; v >= 0x80; v >>= 7)
		*at++ = (uint8_t)(v | 0x80);
	*at++ = (uint8_t)v;
	if (room)
		buf->len = (size_t)((char *)at - buf->data);
	else
		ot_buf_put(buf, bytes, (size_t)(at - bytes));
}

void ot_buf_zigzag(struct ot_buf *buf, int64_t v)
{
	ot_buf_varint(buf, (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0));
}

void ot_buf_lstr(struct ot_buf *buf, struct ot_str text)
{
	if (text.ptr == NULL) {
		ot_buf_varint(buf, 0);
		return;
	}
	ot_buf_varint(buf, (uint64_t)text.len + 1);
	ot_buf_str_put(buf, text);
}
