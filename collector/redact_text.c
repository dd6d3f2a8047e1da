/*
 * collector: secrets in any text: by their shape, by the name before them ("password=…", "\"api_key\": \"…\"", "Cookie: …"), by their place in a URL.
 *
 * One walk stops at the few characters by which a secret can be known. What looks like a secret only once escapes are undone (sk%2Dlive…,
 * "\u0073k-…") is found in a second walk over the text without them; then the text without them is what is kept.
 */
#include "redact_inside.h"
#include <string.h>

enum { NAME_BEFORE_MAX = 64, SPACES_MAX = 4 };

struct scan {
	struct ot_redactor *redactor;
	struct ot_str text;
	size_t done; /* bytes of the text that are in `out`, as they were or replaced */
	struct ot_buf out;
	unsigned found;
	bool path;
};

static void replace(struct scan *s, struct ot_span span, struct ot_str with)
{
	ot_buf_put(&s->out, s->text.ptr + s->done, span.from - s->done);
	ot_buf_str_put(&s->out, with);
	s->done = span.to;
	s->found++;
}

static struct ot_str part(const struct scan *s, struct ot_span span) { return ot_str_sub(s->text, span.from, span.to - span.from); }

static bool starts_at(struct ot_str text, size_t at, const char *with)
{
	size_t len = strlen(with);
	return at <= text.len && text.len - at >= len && memcmp(text.ptr + at, with, len) == 0;
}

/* --- the name before a mark --- */

struct name_before {
	struct ot_span at;
	bool quoted;   /* in any way */
	bool in_query; /* stands behind ? or & or ; */
};

static bool is_name_char(char c) { return ot_is_token(c) || c == '.'; }

static size_t skip_back_quote(struct ot_str text, size_t end, size_t since, bool *quoted)
{
	static const char *const written[] = { "\\x22", "\\u0022", "%22", "\"", "'" };
	for (size_t i = 0; i < sizeof(written) / sizeof(*written); i++) {
		size_t len = strlen(written[i]);
		if (end >= since + len && memcmp(text.ptr + end - len, written[i], len) == 0) {
			end -= len;
			*quoted = true;
			break;
		}
	}
	while (*quoted && end > since && text.ptr[end - 1] == '\\')
		end--;
	return end;
}

/* What looks like a name's first letters may be the end of an escape: "\x22token", "\ntoken", "%3Ftoken". */
static size_t without_escape(struct ot_str text, size_t since, struct ot_span name)
{
	char before = name.from > since ? text.ptr[name.from - 1] : 0, first = text.ptr[name.from];
	size_t len = name.to - name.from, skip = 0;
	if (before == '%')
		skip = len > 2 && ot_hex_digit(first) >= 0 && ot_hex_digit(text.ptr[name.from + 1]) >= 0 ? 2 : 0;
	else if (before == '\\')
		skip = first == 'x' ? 3 : first == 'u' ? 5 : strchr("nrtbf", first) != NULL ? 1 : 0;
	return skip < len ? name.from + skip : name.from;
}

static bool find_name(struct ot_str text, size_t mark, size_t since, struct name_before *name)
{
	size_t end = mark, start;
	*name = (struct name_before){ .quoted = false };
	while (end > since && mark - end < SPACES_MAX && text.ptr[end - 1] == ' ')
		end--;
	end = skip_back_quote(text, end, since, &name->quoted);
	while (end > since && text.ptr[end - 1] == ']') /* user[password]=… */
		end--;
	for (start = end; start > since && end - start < NAME_BEFORE_MAX && is_name_char(text.ptr[start - 1]);)
		start--;
	if (start == end)
		return false;
	name->at = (struct ot_span){ start, end };
	name->at.from = without_escape(text, since, name->at);
	if (!name->quoted && text.ptr[mark] == ':') /* "secret.example.com:8443" */
		for (size_t i = name->at.from; i < end; i++)
			name->at.from = text.ptr[i] == '.' && i + 1 < end ? i + 1 : name->at.from;
	name->in_query = start > since && strchr("?&;", text.ptr[start - 1]) != NULL && text.ptr[start - 1] != 0;
	return true;
}

/* --- the value behind it --- */

struct quote {
	char text[8];	    /* how the closing one is written */
	size_t len;
	size_t backslashes; /* before it, where it is a plain character */
};

static bool read_quote(struct ot_str text, size_t at, struct quote *quote)
{
	static const char *const written[] = { "\\x22", "\\u0022", "%22" };
	*quote = (struct quote){ .len = 0 };
	for (size_t i = 0; i < sizeof(written) / sizeof(*written); i++)
		if (starts_at(text, at, written[i])) {
			quote->len = strlen(written[i]);
			memcpy(quote->text, written[i], quote->len);
			return true;
		}
	size_t start = at;
	while (at < text.len && text.ptr[at] == '\\')
		at++;
	if (at >= text.len || (text.ptr[at] != '"' && text.ptr[at] != '\''))
		return false;
	quote->backslashes = at - start;
	quote->text[0] = text.ptr[at];
	quote->len = 1;
	return true;
}

/* Where the quoted value ends. At n levels of escaping a quote that closes has n backslashes more than whole escaped ones; fewer close an outer text. */
static size_t closing_quote(struct ot_str text, size_t at, const struct quote *quote)
{
	size_t run = 0;
	for (; at < text.len; at++) {
		if (quote->len > 1) {
			if (starts_at(text, at, quote->text) || text.ptr[at] == '"')
				return at;
		} else if (text.ptr[at] == '\\') {
			run++;
			continue;
		} else if (text.ptr[at] == quote->text[0] && (run < quote->backslashes || (run - quote->backslashes) % (2 * (quote->backslashes + 1)) == 0)) {
			return at - (run < quote->backslashes ? run : quote->backslashes);
		}
		run = 0;
	}
	return text.len;
}

/* Past a character at which an unquoted value may end: is what follows a new thing, or does the value go on? */
static bool begins_anew(struct ot_str text, size_t at)
{
	size_t from = at;
	if (at >= text.len || ot_is_space(text.ptr[at]) || strchr("\"'\\,;)}]>", text.ptr[at]) != NULL)
		return true;
	while (at < text.len && at - from < NAME_BEFORE_MAX && is_name_char(text.ptr[at]))
		at++;
	return at > from && at < text.len && (text.ptr[at] == '=' || text.ptr[at] == ':');
}

static size_t unquoted_end(struct ot_str text, size_t at, bool whole_line)
{
	for (; at < text.len; at++) {
		char c = text.ptr[at];
		if (c == '\n' || c == '\r' || c == '"' || c == 0 || (c == '\\' && at + 1 < text.len && strchr("\"nrx", text.ptr[at + 1]) != NULL))
			return at;
		if (whole_line)
			continue;
		if (ot_is_space(c) || c == '&' || c == '\'' || c == '<' || c == '>' || c == '|' || c == '`')
			return at;
		if (strchr(",;)}]", c) != NULL && begins_anew(text, at + 1))
			return at;
	}
	return at;
}

/* "Authorization: Bearer abc next=…": the value is two words long. */
static size_t scheme_end(struct ot_str text, size_t at, bool whole_line)
{
	static const char *const one_token[] = { "bearer ", "basic ", "token ", "apikey ", "negotiate " };
	for (size_t i = 0; i < sizeof(one_token) / sizeof(*one_token); i++) {
		size_t len = strlen(one_token[i]);
		if (ot_str_eq_nocase(ot_str_sub(text, at, len), ot_str_from(one_token[i])))
			return unquoted_end(text, at + len, false);
	}
	return unquoted_end(text, at, whole_line);
}

struct value {
	struct ot_span at;
	size_t next;
	struct quote quote; /* len 0: none */
};

static void read_value(struct ot_str text, size_t at, enum ot_name_class class, bool colon, struct value *v)
{
	if (read_quote(text, at, &v->quote)) {
		v->at.from = at + v->quote.backslashes + v->quote.len;
		v->at.to = closing_quote(text, v->at.from, &v->quote);
		v->next = v->at.to + v->quote.backslashes + v->quote.len;
		if (v->next > text.len)
			v->next = text.len;
		return;
	}
	v->at.from = at;
	v->at.to = class == OT_NAME_COOKIES || class == OT_NAME_SCHEME ? scheme_end(text, at, colon) : unquoted_end(text, at, false);
	if (class == OT_NAME_SECRET || class == OT_NAME_NUMBER)
		v->at.to = scheme_end(text, at, false);
	v->next = v->at.to;
}

static bool is_json_scalar(struct ot_str value)
{
	int64_t number;
	return ot_str_to_scaled(value, 1, &number) || ot_str_eq(value, OT_STR("true")) || ot_str_eq(value, OT_STR("false")) || ot_str_eq(value, OT_STR("null"));
}

/* Without the escapes of its quotes, or of a URL. */
static struct ot_str bare(struct scan *s, const struct value *v, bool colon)
{
	struct ot_str text = part(s, v->at);
	if (v->quote.len == 0)
		return colon ? text : ot_redact_percent_decoded(s->redactor, text);
	for (size_t level = 0; level <= v->quote.backslashes && level < 4; level++)
		text = ot_redact_unescaped(s->redactor, text);
	return text;
}

static bool has_specials(struct ot_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '"' || text.ptr[i] == '\\' || (unsigned char)text.ptr[i] < 0x20)
			return true;
	return false;
}

static bool mask_value(struct scan *s, const struct value *v, enum ot_name_class class, const struct name_before *name, bool colon)
{
	struct ot_str text = bare(s, v, colon), masked;
	bool scalar = v->quote.len == 0 && name->quoted && colon && is_json_scalar(text);
	if (scalar && class != OT_NAME_NUMBER && class != OT_NAME_CARD)
		return false;
	if (class == OT_NAME_MAYBE && !ot_redact_looks_drawn(text))
		return false;
	masked = ot_redact_value(s->redactor, class, text);
	if (ot_str_eq(masked, text))
		return false;
	if (v->quote.len > 0 && has_specials(masked))
		masked = ot_redact_secret(s->redactor, text);
	if (scalar)
		replace(s, (struct ot_span){ v->at.from, v->at.from }, OT_STR("\""));
	replace(s, v->at, masked);
	if (scalar)
		replace(s, (struct ot_span){ v->at.to, v->at.to }, OT_STR("\""));
	return true;
}

static size_t skip_spaces(struct ot_str text, size_t at)
{
	size_t from = at;
	while (at < text.len && at - from < SPACES_MAX && (text.ptr[at] == ' ' || text.ptr[at] == '\t'))
		at++;
	return at;
}

/* JSON's array or object, as far as can be told. */
static bool is_container(struct ot_str text, size_t at)
{
	struct quote quote;
	if (at >= text.len || (text.ptr[at] != '[' && text.ptr[at] != '{'))
		return false;
	at = skip_spaces(text, at + 1);
	return at < text.len && ((text.ptr[at] != 0 && strchr("[]{}", text.ptr[at]) != NULL) || read_quote(text, at, &quote));
}

/* Every string in it that is no member's name, at any depth. */
static size_t in_container(struct scan *s, size_t at, enum ot_name_class class, const struct name_before *name)
{
	size_t depth = 0;
	do {
		char c = s->text.ptr[at];
		struct value v;
		depth += c == '[' || c == '{';
		depth -= c == ']' || c == '}';
		if (!read_quote(s->text, at, &v.quote)) {
			at++;
			continue;
		}
		read_value(s->text, at, class, true, &v);
		at = skip_spaces(s->text, v.next);
		if (!starts_at(s->text, at, ":"))
			mask_value(s, &v, class, name, true);
	} while (depth > 0 && at < s->text.len);
	return at;
}

/* At the = or : at `mark`; gives where to go on. */
static size_t at_pair(struct scan *s, size_t mark)
{
	bool colon = s->text.ptr[mark] == ':';
	struct name_before name;
	struct value v;
	if (!find_name(s->text, mark, s->done, &name))
		return mark + 1;
	enum ot_name_class class = ot_redact_name(s->redactor, part(s, name.at)).class;
	if (class == OT_NAME_PLAIN)
		return mark + 1;
	if (name.in_query && (class == OT_NAME_MAYBE || class == OT_NAME_CARD))
		class = OT_NAME_SECRET;
	size_t at = skip_spaces(s->text, mark + 1 + starts_at(s->text, mark, "=>"));
	if (is_container(s->text, at))
		return in_container(s, at, class, &name);
	read_value(s->text, at + starts_at(s->text, at, "["), class, colon, &v);
	return mask_value(s, &v, class, &name, colon) ? v.next : v.at.from > mark ? v.at.from : mark + 1;
}

/* --- user:password@ of a URL, from the colon of its "://" --- */

static size_t authority_end(struct ot_str text, size_t at)
{
	while (at < text.len && !ot_is_space(text.ptr[at]) && strchr("/?#\"'<>\\,", text.ptr[at]) == NULL)
		at++;
	return at;
}

static size_t at_url(struct scan *s, size_t colon)
{
	size_t from = colon + 3, end = authority_end(s->text, from), at = end;
	while (at > from && s->text.ptr[at - 1] != '@')
		at--;
	if (at == from)
		return from;
	struct ot_span user = { from, at - 1 }, password = user;
	ptrdiff_t cut = ot_str_find_char(part(s, user), ':');
	if (cut >= 0) {
		user.to = from + (size_t)cut;
		password.from = user.to + 1;
	}
	struct ot_str name = part(s, user), secret = ot_redact_percent_decoded(s->redactor, part(s, password));
	if (ot_redact_looks_drawn(name) && !ot_redact_is_placeholder(name)) /* a token in a user's place */
		replace(s, user, ot_redact_secret(s->redactor, ot_redact_percent_decoded(s->redactor, name)));
	if (cut >= 0 && !ot_redact_is_placeholder(secret))
		replace(s, password, ot_redact_secret(s->redactor, secret));
	return at;
}

/* --- the walk --- */

/* Characters to stop at. */
static const uint8_t signs[256] = { ['-'] = 1, ['_'] = 1, ['A'] = 1, ['J'] = 1, ['B'] = 1, ['b'] = 1, ['='] = 2, [':'] = 3, ['%'] = 4, ['\\'] = 4 };

static size_t at_sign(struct scan *s, size_t at, uint8_t sign)
{
	struct ot_span span;
	if (sign == 1) {
		if (!ot_shape_find(s->text, at, s->done, &span))
			return at + 1;
		replace(s, span, ot_redact_secret(s->redactor, part(s, span)));
		return span.to;
	}
	if (sign == 3 && starts_at(s->text, at, "://"))
		return at_url(s, at);
	if (sign == 3 && s->path)
		return at + 1;
	return at_pair(s, at);
}

/* Where the next sign may be. */
static size_t skip_plain(struct ot_str text, size_t at)
{
	const unsigned char *p = (const unsigned char *)text.ptr;
	while (text.len - at >= 8 && (signs[p[at]] | signs[p[at + 1]] | signs[p[at + 2]] | signs[p[at + 3]] | signs[p[at + 4]] | signs[p[at + 5]] | signs[p[at + 6]] |
					 signs[p[at + 7]]) == 0)
		at += 8;
	return at;
}

/* True where escapes stand in the text. */
static bool walk(struct scan *s)
{
	bool escapes = false;
	for (size_t at = 0; (at = skip_plain(s->text, at)) < s->text.len;) {
		uint8_t sign = signs[(unsigned char)s->text.ptr[at]];
		if (sign == 0) {
			at++;
		} else if (sign == 4) {
			escapes = true;
			at++;
		} else {
			size_t next = at_sign(s, at, sign);
			at = next > at ? next : at + 1;
		}
	}
	return escapes;
}

static struct ot_str walked(struct scan *s)
{
	if (s->found == 0)
		return s->text;
	ot_buf_put(&s->out, s->text.ptr + s->done, s->text.len - s->done);
	struct ot_str result = ot_arena_str(ot_redact_arena(s->redactor), ot_buf_str(&s->out));
	ot_buf_release(&s->out);
	return result;
}

/* One printable character behind "%", "\x" or "\u00", and "\/"; gives the length of what stands for it, or 0. */
static size_t printable_escape(struct ot_str text, size_t at, char *c)
{
	size_t digits = at + 1;
	if (text.ptr[at] == '\\') {
		if (starts_at(text, at, "\\/")) {
			*c = '/';
			return 2;
		}
		if (!starts_at(text, at, "\\x") && !starts_at(text, at, "\\u00"))
			return 0;
		digits += text.ptr[at + 1] == 'x' ? 1 : 3;
	} else if (text.ptr[at] != '%') {
		return 0;
	}
	int high = digits + 1 < text.len ? ot_hex_digit(text.ptr[digits]) : -1, low = high >= 0 ? ot_hex_digit(text.ptr[digits + 1]) : -1;
	if (low < 0 || (high << 4 | low) <= 0x20 || (high << 4 | low) >= 0x7f)
		return 0;
	*c = (char)(high << 4 | low);
	return digits + 2 - at;
}

/* Absent where nothing was escaped. */
static struct ot_str printable_decoded(struct ot_redactor *r, struct ot_str text)
{
	char *out = ot_arena_alloc(ot_redact_arena(r), text.len);
	size_t len = 0;
	bool any = false;
	for (size_t at = 0; at < text.len;) {
		char c = text.ptr[at];
		size_t used = printable_escape(text, at, &c);
		out[len++] = c;
		any |= used > 0;
		at += used > 0 ? used : 1;
	}
	return any ? (struct ot_str){ out, len } : OT_STR_NONE;
}

static struct ot_str scanned(struct ot_redactor *r, struct ot_str text, bool path)
{
	struct scan first = { .redactor = r, .text = text, .path = path };
	bool escapes = walk(&first);
	struct ot_str result = walked(&first);
	struct ot_str decoded = escapes ? printable_decoded(r, result) : OT_STR_NONE;
	if (decoded.ptr == NULL)
		return result;
	struct scan second = { .redactor = r, .text = decoded, .path = path };
	walk(&second);
	return second.found > 0 ? walked(&second) : result;
}

struct ot_str ot_redact_text(struct ot_redactor *redactor, struct ot_str text) { return scanned(redactor, text, false); }
struct ot_str ot_redact_path(struct ot_redactor *redactor, struct ot_str path) { return scanned(redactor, path, true); }
