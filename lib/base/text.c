#include <base/text.h>

#include <string.h>

enum { RUNE_MAX = 0x10ffff, MARKS_MOST = 2 };

/* The length that a first byte promises, with the bits that it gives; 0 where none may begin so. */
static size_t utf8_lead(uint8_t byte, int32_t *bits)
{
	if (byte < 0xc2 || byte > 0xf4)
		return 0;
	if (byte < 0xe0) {
		*bits = byte & 0x1f;
		return 2;
	}
	if (byte < 0xf0) {
		*bits = byte & 0x0f;
		return 3;
	}
	*bits = byte & 0x07;
	return 4;
}

size_t ot_utf8_next(struct ot_str text, int32_t *rune)
{
	static const int32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *at = (const uint8_t *)text.ptr;
	int32_t value = 0;
	size_t len;

	*rune = -1;
	if (text.len == 0)
		return 0;
	if (at[0] < 0x80) {
		*rune = at[0];
		return 1;
	}
	len = utf8_lead(at[0], &value);
	if (len == 0 || len > text.len)
		return 1;
	for (size_t i = 1; i < len; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 1;
		value = value << 6 | (at[i] & 0x3f);
	}
	if (value < least[len] || value > RUNE_MAX || (value >= 0xd800 && value <= 0xdfff))
		return 1;
	*rune = value;
	return len;
}

/* How many bytes from `at` on are printable ASCII other than `"` and `\`: eight at a time, each tested in its own lane. */
static size_t span_plain(const char *at, size_t len)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones * 0x80;
	size_t i = 0;

	for (; i + 8 <= len; i += 8) {
		uint64_t word, quote, slash, erase;

		memcpy(&word, at + i, sizeof(word));
		quote = word ^ ones * '"';
		slash = word ^ ones * '\\';
		erase = word ^ ones * 0x7f;
		/* A lane's top bit comes out set where it is below 0x20, 0x80 or more, or became 0; a borrow
		 * may set a lane above such a one too, which costs nothing but a closer look. */
		if (((word | (word - ones * 0x20) | (quote - ones) | (slash - ones) | (erase - ones)) & tops) != 0)
			break;
	}
	for (; i < len; i++) {
		uint8_t c = (uint8_t)at[i];

		if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
			break;
	}
	return i;
}

bool ot_utf8_valid(struct ot_str text)
{
	size_t i = 0;

	while (i < text.len) {
		int32_t rune;

		i += span_plain(text.ptr + i, text.len - i);
		if (i == text.len)
			break;
		i += ot_utf8_next(ot_str_sub(text, i, text.len), &rune);
		if (rune < 0)
			return false;
	}
	return true;
}

void ot_utf8_put(struct ot_buf *buf, int32_t rune)
{
	uint32_t r = (uint32_t)rune;
	uint8_t bytes[4];
	size_t len = 0;

	if (rune < 0 || rune > RUNE_MAX || (rune >= 0xd800 && rune <= 0xdfff))
		r = 0xfffd;
	if (r < 0x80) {
		bytes[len++] = (uint8_t)r;
	} else if (r < 0x800) {
		bytes[len++] = (uint8_t)(0xc0 | r >> 6);
	} else if (r < 0x10000) {
		bytes[len++] = (uint8_t)(0xe0 | r >> 12);
		bytes[len++] = (uint8_t)(0x80 | (r >> 6 & 0x3f));
	} else {
		bytes[len++] = (uint8_t)(0xf0 | r >> 18);
		bytes[len++] = (uint8_t)(0x80 | (r >> 12 & 0x3f));
		bytes[len++] = (uint8_t)(0x80 | (r >> 6 & 0x3f));
	}
	if (r >= 0x80)
		bytes[len++] = (uint8_t)(0x80 | (r & 0x3f));
	ot_buf_put(buf, bytes, len);
}

size_t ot_text_width(struct ot_str text)
{
	size_t width = 0;

	for (size_t i = 0; i < text.len;) {
		int32_t rune;

		i += ot_utf8_next(ot_str_sub(text, i, text.len), &rune);
		width += (size_t)ot_rune_width(rune);
	}
	return width;
}

static bool is_control(int32_t rune)
{
	return (rune >= 0 && rune < 0x20) || (rune >= 0x7f && rune < 0xa0);
}

/* Characters that show nothing themselves but change or hide what others show: bidi controls, joiners, fillers, tags. */
static bool is_format(int32_t rune)
{
	static const struct {
		int32_t first, last;
	} ranges[] = {
		{ 0x00ad, 0x00ad }, { 0x0600, 0x0605 }, { 0x061c, 0x061c }, { 0x06dd, 0x06dd }, { 0x070f, 0x070f },
		{ 0x0890, 0x0891 }, { 0x08e2, 0x08e2 }, { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f },
		{ 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0x3164, 0x3164 }, { 0xfdd0, 0xfdef },
		{ 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0xfffe, 0xffff }, { 0x110bd, 0x110bd },
		{ 0x110cd, 0x110cd }, { 0x13430, 0x1343f }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
		{ 0xe0000, 0xe0fff },
	};

	if (rune < ranges[0].first)
		return false;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]) && ranges[i].first <= rune; i++) {
		if (rune <= ranges[i].last)
			return true;
	}
	return (rune & 0xfffe) == 0xfffe; /* the last two of every plane are no characters */
}

static void picture_put(struct ot_buf *out, int32_t rune, char byte)
{
	if (rune < 0)
		ot_buf_printf(out, "\\x%02X", (uint8_t)byte);
	else if (is_control(rune))
		ot_buf_printf(out, "<%02X>", (unsigned)rune);
	else
		ot_buf_printf(out, "<U+%04X>", (unsigned)rune);
}

/* A mark needs a character to stand on, so that it cannot reach for what was printed before the text. */
static bool mark_fits(int32_t rune, int *marks)
{
	if (ot_rune_width(rune) > 0) {
		*marks = 0;
		return true;
	}
	if (*marks == MARKS_MOST)
		return false;
	++*marks;
	return true;
}

void ot_text_display(struct ot_buf *out, struct ot_str text)
{
	int marks = MARKS_MOST;

	for (size_t i = 0; i < text.len;) {
		size_t plain = span_plain(text.ptr + i, text.len - i), len;
		int32_t rune;

		if (plain > 0) {
			ot_buf_put(out, text.ptr + i, plain);
			i += plain;
			marks = 0;
			continue;
		}
		len = ot_utf8_next(ot_str_sub(text, i, text.len), &rune);
		if (rune < 0 || is_control(rune) || is_format(rune)) {
			picture_put(out, rune, text.ptr[i]);
			marks = MARKS_MOST;
		} else if (mark_fits(rune, &marks)) {
			ot_buf_put(out, text.ptr + i, len);
		} else {
			picture_put(out, rune, text.ptr[i]);
		}
		i += len;
	}
}

static void json_escape(struct ot_buf *out, int32_t rune, char byte)
{
	static const char *const short_forms[] = {
		['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r",
		['"'] = "\\\"", ['\\'] = "\\\\",
	};

	if (rune < 0)
		ot_buf_printf(out, "\\udc%02x", (uint8_t)byte);
	else if ((size_t)rune < sizeof(short_forms) / sizeof(short_forms[0]) && short_forms[rune] != NULL)
		ot_buf_text(out, short_forms[rune]);
	else if (rune < 0x10000)
		ot_buf_printf(out, "\\u%04x", (unsigned)rune);
	else
		ot_buf_printf(out, "\\u%04x\\u%04x", 0xd800 + (unsigned)(rune - 0x10000) / 0x400,
		    0xdc00 + (unsigned)(rune - 0x10000) % 0x400);
}

void ot_text_json(struct ot_buf *out, struct ot_str text)
{
	size_t done = 0, i = 0;

	ot_buf_char(out, '"');
	while (i < text.len) {
		int32_t rune;
		size_t len;

		i += span_plain(text.ptr + i, text.len - i);
		if (i == text.len)
			break;
		len = ot_utf8_next(ot_str_sub(text, i, text.len), &rune);
		if (rune < 0 || rune == '"' || rune == '\\' || is_control(rune) || is_format(rune)) {
			ot_buf_put(out, text.ptr + done, i - done);
			json_escape(out, rune, text.ptr[i]);
			done = i + len;
		}
		i += len;
	}
	if (done < i)
		ot_buf_put(out, text.ptr + done, i - done);
	ot_buf_char(out, '"');
}

/* What a spreadsheet would take for the beginning of a formula. */
static bool csv_starts_formula(struct ot_str text)
{
	int32_t rune;

	ot_utf8_next(text, &rune);
	switch (rune) {
	case '=':
	case '+':
	case '-':
	case '@':
	case '\t':
	case '\r':
	case '\n':
	case 0xff1d:
	case 0xff0b:
	case 0xff0d:
	case 0xff20:
		return true;
	default:
		return false;
	}
}

static bool csv_plain_number(struct ot_str text)
{
	int64_t ignored;

	if (ot_str_starts(text, OT_STR("+")) && !ot_str_starts(text, OT_STR("+-")))
		text = ot_str_sub(text, 1, text.len);
	return ot_str_to_scaled(text, 0, &ignored);
}

/* Line ends and tabs are a cell's own business once it is quoted; a CR that ends no line could hide it on a terminal. */
static void csv_char(struct ot_buf *out, struct ot_str rest, size_t len, int32_t rune)
{
	bool line_end = rune == '\n' || (rune == '\r' && rest.len > 1 && rest.ptr[1] == '\n');

	if (rune == '"')
		ot_buf_text(out, "\"\"");
	else if (rune < 0 || (is_control(rune) && rune != '\t' && !line_end) || is_format(rune))
		picture_put(out, rune, rest.ptr[0]);
	else
		ot_buf_put(out, rest.ptr, len);
}

static bool csv_needs_quotes(struct ot_str text)
{
	return ot_str_find_char(text, ',') >= 0 || ot_str_find_char(text, '"') >= 0 ||
	    ot_str_find_char(text, '\n') >= 0 || ot_str_find_char(text, '\r') >= 0 || ot_str_find_char(text, '\t') >= 0 ||
	    (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' '));
}

void ot_text_csv(struct ot_buf *out, struct ot_str text)
{
	bool quoted = csv_needs_quotes(text);

	if (quoted)
		ot_buf_char(out, '"');
	if (csv_starts_formula(text) && !csv_plain_number(text))
		ot_buf_char(out, '\'');
	for (size_t i = 0; i < text.len;) {
		size_t len = span_plain(text.ptr + i, text.len - i);
		int32_t rune;

		if (len > 0) {
			ot_buf_put(out, text.ptr + i, len);
		} else {
			struct ot_str rest = ot_str_sub(text, i, text.len);

			len = ot_utf8_next(rest, &rune);
			csv_char(out, rest, len, rune);
		}
		i += len;
	}
	if (quoted)
		ot_buf_char(out, '"');
}

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

/* The text without its padding; false where there is padding that does not fill up the last four. */
static bool base64_unpad(struct ot_str *text)
{
	size_t len = text->len;

	while (text->len > 0 && len - text->len < 2 && text->ptr[text->len - 1] == '=')
		text->len--;
	return (text->len == len || len % 4 == 0) && text->len % 4 != 1;
}

bool ot_base64_decode(struct ot_buf *out, struct ot_str text)
{
	size_t before = out->len;
	uint32_t held = 0;
	unsigned bits = 0;

	if (!base64_unpad(&text))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		int value = base64_value(text.ptr[i]);

		if (value < 0) {
			out->len = before;
			return false;
		}
		held = held << 6 | (uint32_t)value;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			ot_buf_u8(out, (uint8_t)(held >> bits & 0xff));
		}
	}
	return true;
}
