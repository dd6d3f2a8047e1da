/* collector: secrets in a JSON value, at any depth: by the member's name, by names that stand beside values (lists of headers), by shape. */
#include "redact_inside.h"
#include <base/text.h>
#include <string.h>

enum { DEPTH_MAX = 64 };

struct walk {
	struct ot_redactor *redactor;
	const char *end;
	struct ot_buf *out;
	unsigned depth;
};

static const char *skip_spaces(const struct walk *w, const char *p)
{
	while (p < w->end && ot_is_space(*p))
		p++;
	return p;
}

/* Past the quote that closes the string whose first is at `p`, or NULL. */
static const char *string_end(const struct walk *w, const char *p)
{
	for (p++; p < w->end; p++) {
		const char *quote = memchr(p, '"', (size_t)(w->end - p));
		if (quote == NULL)
			return NULL;
		size_t backslashes = 0;
		while (quote - backslashes > p && quote[-1 - (ptrdiff_t)backslashes] == '\\')
			backslashes++;
		if (backslashes % 2 == 0)
			return quote + 1;
		p = quote;
	}
	return NULL;
}

static struct ot_str string_text(struct walk *w, const char *p, const char *end)
{
	return ot_redact_unescaped(w->redactor, (struct ot_str){ p + 1, (size_t)(end - p) - 2 });
}


static const char *put_value(struct walk *w, const char *p, enum ot_name_class class);

static const char *put_string(struct walk *w, const char *p, enum ot_name_class class)
{
	const char *end = string_end(w, p);
	if (end == NULL)
		return NULL;
	struct ot_str text = string_text(w, p, end), masked = ot_redact_value(w->redactor, class, text);
	if (masked.ptr == text.ptr && masked.len == text.len)
		ot_buf_put(w->out, p, (size_t)(end - p));
	else
		ot_text_json(w->out, masked);
	return end;
}

/* A number, true, false, null; and whatever else stands there. */
static const char *put_scalar(struct walk *w, const char *p, enum ot_name_class class)
{
	const char *from = p;
	while (p < w->end && !ot_is_space(*p) && *p != ',' && *p != ']' && *p != '}')
		p++;
	struct ot_str text = { from, (size_t)(p - from) };
	bool digits = text.len > 0 && (ot_is_digit(text.ptr[0]) || text.ptr[0] == '-');
	if (text.len == 0)
		return NULL;
	if (!digits || (class != OT_NAME_NUMBER && class != OT_NAME_CARD)) {
		ot_buf_str_put(w->out, text);
		return p;
	}
	struct ot_str masked = ot_redact_value(w->redactor, class, text);
	if (masked.ptr == text.ptr)
		ot_buf_str_put(w->out, text);
	else
		ot_text_json(w->out, masked);
	return p;
}

/* Members of a secret are secrets, but for what is told about it. */
static enum ot_name_class class_below(enum ot_name_class above, struct ot_str name, enum ot_name_class own)
{
	if (own != OT_NAME_PLAIN || above < OT_NAME_SECRET)
		return own;
	return above != OT_NAME_COOKIES && ot_name_is_about(name) ? OT_NAME_PLAIN : above == OT_NAME_COOKIES ? OT_NAME_SECRET : above;
}

static bool is_one_of(struct ot_str text, const char *a, const char *b, const char *c)
{
	return ot_str_eq_nocase(text, ot_str_from(a)) || ot_str_eq_nocase(text, ot_str_from(b)) || ot_str_eq_nocase(text, ot_str_from(c));
}

/* Past the value at `p`, nothing put. */
static const char *skip_value(const struct walk *w, const char *p)
{
	unsigned depth = 0;
	do {
		if (p >= w->end)
			return NULL;
		if (*p == '"') {
			if ((p = string_end(w, p)) == NULL)
				return NULL;
			continue;
		}
		depth += *p == '{' || *p == '[';
		if ((*p == '}' || *p == ']') && depth == 0)
			return p;
		depth -= *p == '}' || *p == ']';
		p++;
	} while (depth > 0 || (p < w->end && *p != ',' && *p != '}' && *p != ']'));
	return p;
}

/* The class that the object's "name" (or "key", "header") gives to its "value"; `p` is at its first member. */
static enum ot_name_class class_beside(struct walk *w, const char *p)
{
	while ((p = skip_spaces(w, p)) < w->end && *p == '"') {
		const char *end = string_end(w, p), *value;
		if (end == NULL)
			return OT_NAME_PLAIN;
		struct ot_str name = { p + 1, (size_t)(end - p) - 2 };
		p = skip_spaces(w, end);
		if (p >= w->end || *p != ':')
			return OT_NAME_PLAIN;
		value = skip_spaces(w, p + 1);
		if ((p = skip_value(w, value)) == NULL)
			return OT_NAME_PLAIN;
		if (*value == '"' && is_one_of(name, "name", "key", "header"))
			return ot_redact_name(w->redactor, string_text(w, value, string_end(w, value))).class;
		p = skip_spaces(w, p);
		if (p >= w->end || *p != ',')
			return OT_NAME_PLAIN;
		p++;
	}
	return OT_NAME_PLAIN;
}

static const char *put_member(struct walk *w, const char *p, const char *first, enum ot_name_class above)
{
	const char *end = p < w->end && *p == '"' ? string_end(w, p) : NULL;
	if (end == NULL)
		return NULL;
	struct ot_str name = string_text(w, p, end);
	struct ot_name info = ot_redact_name(w->redactor, name);
	enum ot_name_class class = class_below(above, name, info.class);
	if (class == OT_NAME_PLAIN && is_one_of(name, "value", "values", "val"))
		class = class_beside(w, first);
	ot_buf_str_put(w->out, info.json);
	p = skip_spaces(w, end);
	if (p >= w->end || *p != ':')
		return NULL;
	return put_value(w, skip_spaces(w, p + 1), class);
}

static const char *put_object(struct walk *w, const char *p, enum ot_name_class class)
{
	const char *first = skip_spaces(w, p + 1);
	ot_buf_char(w->out, '{');
	for (p = first; p < w->end && *p != '}'; p = skip_spaces(w, p)) {
		if (p != first) {
			if (*p != ',')
				return NULL;
			ot_buf_char(w->out, ',');
			p = skip_spaces(w, p + 1);
		}
		if ((p = put_member(w, p, first, class)) == NULL)
			return NULL;
	}
	ot_buf_char(w->out, '}');
	return p < w->end ? p + 1 : NULL;
}

/* ["Authorization", "Bearer …", "Accept", "…"]: what follows a header's name in a list is its value; a list of names holds no drawn ones. */
static enum ot_name_class class_after(struct walk *w, const char *p, const char *end)
{
	if (p >= w->end || *p != '"' || end == NULL || end[-1] != '"')
		return OT_NAME_PLAIN;
	enum ot_name_class class = ot_redact_name(w->redactor, string_text(w, p, end)).class;
	return class == OT_NAME_SCHEME || class == OT_NAME_COOKIES ? class : class == OT_NAME_SECRET || class == OT_NAME_NUMBER ? OT_NAME_MAYBE : OT_NAME_PLAIN;
}

static const char *put_array(struct walk *w, const char *p, enum ot_name_class class)
{
	const char *first = skip_spaces(w, p + 1);
	enum ot_name_class after = OT_NAME_PLAIN;
	ot_buf_char(w->out, '[');
	for (p = first; p < w->end && *p != ']'; p = skip_spaces(w, p)) {
		if (p != first) {
			if (*p != ',')
				return NULL;
			ot_buf_char(w->out, ',');
			p = skip_spaces(w, p + 1);
		}
		const char *from = p;
		if ((p = put_value(w, p, class != OT_NAME_PLAIN ? class : after)) == NULL)
			return NULL;
		after = after == OT_NAME_PLAIN ? class_after(w, from, p) : OT_NAME_PLAIN;
	}
	ot_buf_char(w->out, ']');
	return p < w->end ? p + 1 : NULL;
}

static const char *put_value(struct walk *w, const char *p, enum ot_name_class class)
{
	if (p >= w->end || w->depth == DEPTH_MAX)
		return NULL;
	w->depth++;
	p = *p == '"' ? put_string(w, p, class) : *p == '{' ? put_object(w, p, class) : *p == '[' ? put_array(w, p, class) : put_scalar(w, p, class);
	w->depth--;
	return p;
}

void ot_redact_json(struct ot_redactor *redactor, struct ot_str name, struct ot_str json, struct ot_buf *out)
{
	struct walk w = { .redactor = redactor, .end = json.ptr + json.len, .out = out };
	size_t start = out->len;
	const char *p = json.len == 0 ? NULL : put_value(&w, skip_spaces(&w, json.ptr), ot_redact_name(redactor, name).class);
	if (p != NULL && skip_spaces(&w, p) == w.end)
		return;
	if (!out->overflow)
		out->len = start; /* no JSON, or too deep: as text */
	ot_text_json(out, ot_redact_value(redactor, ot_redact_name(redactor, name).class, json));
}
