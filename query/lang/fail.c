/* What is wrong with a filter, and where: the message, the line as far as it fits a terminal, and a mark under the
 * spot. */
#include "lang.h"

#include <base/text.h>
#include <stdio.h>

enum {
	BEFORE_MAX = 48, /* bytes of the line that are shown before the spot */
	SPOT_MAX = 32,
	AFTER_MAX = 32,
	WORDS_MAX = 512,
};

/* The nearest start of a character at or before `at`. */
static size_t character_at(struct ot_str line, size_t at)
{
	size_t back = 0;

	while (at > 0 && at < line.len && back < 3 && ((unsigned char)line.ptr[at] & 0xc0) == 0x80) {
		at--;
		back++;
	}
	return at < line.len ? at : line.len;
}

static size_t put_part(struct ot_buf *out, struct ot_str line, size_t from, size_t to)
{
	size_t before = out->len;

	ot_text_display(out, ot_str_sub(line, from, to - from));
	return ot_text_width((struct ot_str){out->data + before, out->len - before});
}

static void put_line(struct ot_buf *out, struct ot_str line, size_t at, size_t len)
{
	size_t from = character_at(line, at > BEFORE_MAX ? at - BEFORE_MAX : 0);
	size_t spot = character_at(line, at), end, to, before, under;

	end = character_at(line, len > SPOT_MAX ? at + SPOT_MAX : at + len);
	if (end < spot)
		end = spot;
	to = character_at(line, end + AFTER_MAX);
	ot_buf_text(out, from > 0 ? "\n  ..." : "\n  ");
	before = put_part(out, line, from, spot) + (from > 0 ? 3 : 0);
	under = put_part(out, line, spot, end);
	put_part(out, line, end, to);
	ot_buf_text(out, to < line.len ? "...\n  " : "\n  ");
	for (size_t i = 0; i < before; i++)
		ot_buf_char(out, ' ');
	ot_buf_char(out, '^');
	for (size_t i = 1; i < under; i++)
		ot_buf_char(out, '~');
}

static enum ot_status fail(struct lang *lang, size_t at, size_t len, const char *format, va_list list)
{
	struct ot_buf message = {0};
	enum ot_status status;
	char words[WORDS_MAX];
	int length = vsnprintf(words, sizeof(words), format, list);

	if (length > 0) {
		size_t shown = (size_t)length < sizeof(words) ? (size_t)length : sizeof(words) - 1;

		ot_text_display(&message, (struct ot_str){words, shown});
	}
	put_line(&message, lang->line, at, len);
	status = ot_err_set(lang->err, OT_SYNTAX, "%.*s", OT_STR_ARGS(ot_buf_str(&message)));
	ot_buf_release(&message);
	return status;
}

enum ot_status lang_fail(struct lang *lang, size_t at, size_t len, const char *format, ...)
{
	enum ot_status status;
	va_list list;

	va_start(list, format);
	status = fail(lang, at, len, format, list);
	va_end(list);
	return status;
}

enum ot_status lang_fail_text(struct lang *lang, struct lang_text text, const char *format, ...)
{
	enum ot_status status;
	va_list list;

	va_start(list, format);
	status = fail(lang, text.at[0], text.at[text.len] - text.at[0], format, list);
	va_end(list);
	return status;
}
