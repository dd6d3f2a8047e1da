/* collector: JSON as text: escapes undone, values made compact and valid. */
#include "json_text.h"
#include <base/text.h>
#include <string.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int hex_number(struct ot_str text, size_t at, unsigned digits)
{
	int value = 0;
	if (text.len < at + digits)
		return -1;
	for (unsigned i = 0; i < digits; i++) {
		int digit = hex_digit(text.ptr[at + i]);
		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

static size_t put_rune(char *out, uint32_t rune)
{
	if (rune < 0x80) {
		out[0] = (char)rune;
		return 1;
	}
	if (rune < 0x800) {
		out[0] = (char)(0xC0 | rune >> 6);
		out[1] = (char)(0x80 | (rune & 63));
		return 2;
	}
	if (rune < 0x10000) {
		out[0] = (char)(0xE0 | rune >> 12);
		out[1] = (char)(0x80 | (rune >> 6 & 63));
		out[2] = (char)(0x80 | (rune & 63));
		return 3;
	}
	out[0] = (char)(0xF0 | rune >> 18);
	out[1] = (char)(0x80 | (rune >> 12 & 63));
	out[2] = (char)(0x80 | (rune >> 6 & 63));
	out[3] = (char)(0x80 | (rune & 63));
	return 4;
}

/* \uXXXX at `at` (on the backslash): bytes put; `*taken` of the text. 0: no such escape. */
static size_t unicode_escape(struct ot_str text, size_t at, char *out, size_t *taken)
{
	int value = hex_number(text, at + 2, 4);
	if (value < 0)
		return 0;
	*taken = 6;
	if (value >= 0xD800 && value < 0xDC00 && at + 12 <= text.len && text.ptr[at + 6] == '\\' && text.ptr[at + 7] == 'u') {
		int low = hex_number(text, at + 8, 4);
		if (low >= 0xDC00 && low < 0xE000) {
			*taken = 12;
			return put_rune(out, 0x10000u + ((uint32_t)(value - 0xD800) << 10) + (uint32_t)(low - 0xDC00));
		}
	}
	if (value >= 0xDC80 && value <= 0xDCFF) { /* our own way of writing a byte that is not UTF-8 */
		out[0] = (char)(value - 0xDC00);
		return 1;
	}
	return put_rune(out, (uint32_t)value);
}

static char letter_escape(char c)
{
	static const char letters[] = "nrtbfv0ae", bytes[] = "\n\r\t\b\f\v\0\a\033";
	const char *found = c == '\0' ? NULL : strchr(letters, c);
	return found == NULL ? c : bytes[found - letters];
}

/* One escape that begins with a backslash at `at`. */
static size_t backslash(struct ot_str text, size_t at, enum ot_escapes escapes, char *out, size_t *taken)
{
	char c = at + 1 < text.len ? text.ptr[at + 1] : '\0';
	int value = c == 'x' ? hex_number(text, at + 2, 2) : -1;
	*taken = 2;
	if (value >= 0) {
		*taken = 4;
		out[0] = (char)value;
		return 1;
	}
	if (c == 'u' && escapes == OT_ESCAPES_JSON) {
		size_t put = unicode_escape(text, at, out, taken);
		if (put > 0)
			return put;
	}
	bool known = c != '\0' && strchr(escapes == OT_ESCAPES_JSON ? "\"\\/'nrtbf" : "\"\\'nrtbfv", c) != NULL;
	if (!known) {
		*taken = 1;
		out[0] = '\\';
	} else {
		out[0] = letter_escape(c);
	}
	return 1;
}

struct ot_str ot_unescaped(struct ot_arena *arena, struct ot_str text, enum ot_escapes escapes)
{
	char mark = escapes == OT_ESCAPES_HASH ? '#' : '\\';
	ptrdiff_t first = escapes == OT_ESCAPES_NONE ? -1 : ot_str_find_char(text, mark);
	if (first < 0)
		return text;
	char *out = ot_arena_alloc(arena, text.len + 1);
	size_t n = (size_t)first, at = (size_t)first;
	memcpy(out, text.ptr, n);
	while (at < text.len) {
		size_t taken = 1;
		int value;
		if (text.ptr[at] != mark) {
			out[n++] = text.ptr[at];
		} else if (mark == '#') {
			value = hex_number(text, at + 1, 2);
			out[n++] = value < 0 ? '#' : (char)value;
			taken = value < 0 ? 1 : 3;
		} else {
			n += backslash(text, at, escapes, out + n, &taken);
		}
		at += taken;
	}
	return (struct ot_str){ out, n };
}

static bool plain(struct ot_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if (c < 0x20 || c >= 0x7F || c == '"' || c == '\\')
			return false;
	}
	return true;
}

struct ot_str ot_json_quoted(struct ot_arena *arena, struct ot_str text)
{
	if (plain(text)) {
		char *out = ot_arena_alloc(arena, text.len + 2);
		out[0] = out[text.len + 1] = '"';
		memcpy(out + 1, text.ptr, text.len);
		return (struct ot_str){ out, text.len + 2 };
	}
	struct ot_buf buf = { 0 };
	ot_text_json(&buf, text);
	struct ot_str copy = ot_arena_str(arena, ot_buf_str(&buf));
	ot_buf_release(&buf);
	return copy;
}

/* The end of the string that begins at `at` (its quote), one past the closing quote. */
static size_t string_past(struct ot_str json, size_t at)
{
	for (at++; at < json.len && json.ptr[at] != '"'; at++)
		if (json.ptr[at] == '\\')
			at++;
	return at < json.len ? at + 1 : json.len;
}

static void put_bytes(struct ot_buf *out, struct ot_str text)
{
	for (size_t at = 0; at < text.len;) {
		int32_t rune;
		struct ot_str rest = ot_str_sub(text, at, text.len);
		size_t len = ot_utf8_next(rest, &rune);
		if (rune < 0)
			ot_buf_printf(out, "\\udc%02x", (unsigned char)text.ptr[at]);
		else
			ot_buf_put(out, rest.ptr, len);
		at += len;
	}
}

struct ot_str ot_json_clean(struct ot_arena *arena, struct ot_str json)
{
	struct ot_buf out = { 0 };
	for (size_t at = 0; at < json.len;) {
		char c = json.ptr[at];
		if (c == '"') {
			size_t past = string_past(json, at);
			put_bytes(&out, ot_str_sub(json, at, past - at));
			at = past;
			continue;
		}
		if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
			ot_buf_char(&out, c);
		at++;
	}
	struct ot_str copy = ot_arena_str(arena, ot_buf_str(&out));
	ot_buf_release(&out);
	return copy;
}
