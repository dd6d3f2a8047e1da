/* collector: secrets in query strings. Everything that is none stays byte for byte. */
#include "redact_inside.h"
#include <string.h>

/* A replaced value stands in a query again: what would end it, or is no character of a URL, is encoded. */
static void put_encoded(struct ot_buf *out, struct ot_str text)
{
	static const char digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if (c > 0x20 && c < 0x7f && strchr("&#%+\"<>", c) == NULL) {
			ot_buf_char(out, (char)c);
		} else {
			char escape[3] = { '%', digits[c >> 4], digits[c & 15] };
			ot_buf_put(out, escape, 3);
		}
	}
}

/* In a query a name alone says it: "key=", "code=". */
static enum ot_name_class class_in_query(struct ot_redactor *r, struct ot_str name)
{
	enum ot_name_class class = ot_redact_name(r, ot_redact_percent_decoded(r, name)).class;
	return class == OT_NAME_MAYBE || class == OT_NAME_CARD ? OT_NAME_SECRET : class;
}

/* `text` itself, or without its secret and encoded. */
static struct ot_str redact_part(struct ot_redactor *r, enum ot_name_class class, struct ot_str text)
{
	struct ot_str decoded = ot_redact_percent_decoded(r, text), masked = ot_redact_value(r, class, decoded);
	if (masked.ptr == decoded.ptr && masked.len == decoded.len)
		return text;
	struct ot_buf out = { 0 };
	put_encoded(&out, masked);
	struct ot_str result = ot_arena_str(ot_redact_arena(r), ot_buf_str(&out));
	ot_buf_release(&out);
	return result;
}

struct output {
	struct ot_str query;
	size_t done;
	struct ot_buf text;
	bool changed;
};

static void put_changed(struct output *out, struct ot_str was, struct ot_str is)
{
	if (was.ptr == is.ptr)
		return;
	size_t at = (size_t)(was.ptr - out->query.ptr);
	ot_buf_put(&out->text, out->query.ptr + out->done, at - out->done);
	ot_buf_str_put(&out->text, is);
	out->done = at + was.len;
	out->changed = true;
}

struct ot_str ot_redact_query(struct ot_redactor *r, struct ot_str query)
{
	struct output out = { .query = query };
	struct ot_str rest = query;
	while (rest.ptr != NULL) {
		struct ot_str value, pair = ot_str_cut(rest, '&', &rest), name = ot_str_cut(pair, '=', &value);
		put_changed(&out, name, redact_part(r, OT_NAME_PLAIN, name));
		if (value.len > 0)
			put_changed(&out, value, redact_part(r, class_in_query(r, name), value));
	}
	if (!out.changed)
		return query;
	ot_buf_put(&out.text, query.ptr + out.done, query.len - out.done);
	struct ot_str result = ot_arena_str(ot_redact_arena(r), ot_buf_str(&out.text));
	ot_buf_release(&out.text);
	return result;
}
