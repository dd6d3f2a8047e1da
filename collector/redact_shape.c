/* collector: shapes of secrets: what is known by its first characters, wherever it stands. */
#include "redact_inside.h"
#include <base/text.h>
#include <string.h>

enum { LONG_TAIL = 24, JWT_HEADER_MIN = 10, PEM_LABEL_MAX = 64, PREFIX_LEN_MAX = 6 };

/* A word and a mark that begin a token, with what stands between them and a tail of at least `tail` characters that is drawn, not written. */
static const struct prefix {
	char word[PREFIX_LEN_MAX + 1];
	char mark;
	uint8_t tail;
	char then[5];
} prefixes[] = {
	{ "sk", '-', 8, "" },	 { "hf", '_', 20, "" },	   { "r8", '_', 20, "" },	{ "fw", '_', 20, "" },	 /* of two letters */
	{ "ghp", '_', 16, "" },	 { "gho", '_', 16, "" },   { "ghu", '_', 16, "" },	{ "ghs", '_', 16, "" },	 { "ghr", '_', 16, "" }, { "gsk", '_', 20, "" },
	{ "npm", '_', 20, "" },	 { "sbp", '_', 20, "" },   { "nfp", '_', 20, "" },	{ "xai", '-', 20, "" },	 { "dop", '_', 20, "v1_" }, { "lin", '_', 20, "api_" },
	{ "xoxa", '-', 10, "" }, { "xoxb", '-', 10, "" },  { "xoxc", '-', 10, "" },	{ "xoxd", '-', 10, "" }, { "xoxe", '-', 10, "" }, { "xoxp", '-', 10, "" },
	{ "xoxr", '-', 10, "" }, { "xoxs", '-', 10, "" },  { "xapp", '-', 10, "" },	{ "gldt", '-', 12, "" }, { "glrt", '-', 12, "" }, { "glsa", '_', 20, "" },
	{ "pplx", '-', 20, "" }, { "pypi", '-', 20, "" },  { "dckr", '_', 20, "pat_" }, { "glpat", '-', 12, "" }, { "glcbt", '-', 12, "" }, { "nvapi", '-', 20, "" },
	{ "tskey", '-', 12, "" }, { "whsec", '_', 16, "" }, { "shpat", '_', 16, "" },	{ "shpca", '_', 16, "" }, { "shppa", '_', 16, "" }, { "shpss", '_', 16, "" },
	{ "github", '_', 20, "pat_" },
};
/* Where words of a length begin in the table, and what they end in: most words that stand before a mark are ruled out by that. */
static const uint8_t first_of_length[PREFIX_LEN_MAX + 2] = { 0, 0, 0, 4, 16, 31, 40, 41 };
static const char *const last_letters[PREFIX_LEN_MAX + 1] = { "", "", "kf8w", "pousrkmin", "abcdeprstxi", "tiycas", "b" };

static size_t token_end(struct ot_str text, size_t at)
{
	while (at < text.len && ot_is_token(text.ptr[at]))
		at++;
	return at;
}

static size_t count_digits(struct ot_str text)
{
	size_t digits = 0;
	for (size_t i = 0; i < text.len; i++)
		digits += ot_is_digit(text.ptr[i]);
	return digits;
}

static bool starts_at(struct ot_str text, size_t at, const char *with)
{
	size_t len = strlen(with);
	return text.len - at >= len && memcmp(text.ptr + at, with, len) == 0;
}

/* Words have no digits and no capitals within, and end sooner. */
static bool is_drawn(struct ot_str text, size_t from, size_t to, size_t least)
{
	bool sign = to - from >= LONG_TAIL;
	for (size_t i = from; i < to && !sign; i++)
		sign = ot_is_digit(text.ptr[i]) || (text.ptr[i] >= 'A' && text.ptr[i] <= 'Z');
	return sign && to - from >= least;
}

/* "sk-…", "ghp_…", "github_pat_…" */
static bool prefixed(struct ot_str text, size_t at, struct ot_str word, struct ot_span *span)
{
	if (strchr(last_letters[word.len], word.ptr[word.len - 1]) == NULL)
		return false;
	for (size_t i = first_of_length[word.len]; i < first_of_length[word.len + 1]; i++) {
		const struct prefix *p = &prefixes[i];
		if (p->mark != text.ptr[at] || memcmp(p->word, word.ptr, word.len) != 0)
			continue;
		if (!starts_at(text, at + 1, p->then))
			return false;
		size_t tail = at + 1 + strlen(p->then), end = token_end(text, tail);
		*span = (struct ot_span){ at - word.len, end };
		return is_drawn(text, tail, end, p->tail);
	}
	return false;
}

/* "mk_live_5b1f0c7e92a44d", "rk_test_…" */
static bool live_key(struct ot_str text, size_t at, struct ot_str word, struct ot_span *span)
{
	static const char *const stages[] = { "live", "test", "prod", "sandbox" };
	if (word.len > 4 || at + 6 > text.len || strchr("ltps", text.ptr[at + 1]) == NULL)
		return false;
	for (size_t i = 0; i < sizeof(stages) / sizeof(*stages); i++) {
		size_t tail = at + 1 + strlen(stages[i]) + 1, end;
		if (!starts_at(text, at + 1, stages[i]) || tail > text.len || text.ptr[tail - 1] != text.ptr[at])
			continue;
		end = token_end(text, tail);
		*span = (struct ot_span){ at - word.len, end };
		return (i == 0 || word.ptr[word.len - 1] == 'k') && is_drawn(text, tail, end, 8);
	}
	return false;
}

/* "pk_acme_61d0a9c3f7be", "vk-support-7d21b8": whose key it is stands in the middle. */
static bool named_key(struct ot_str text, size_t at, struct ot_str word, struct ot_span *span)
{
	if (word.ptr[1] != 'k' || strchr("sprmavt", word.ptr[0]) == NULL)
		return false;
	size_t end = token_end(text, at), last = end;
	while (last > at && ot_is_word(text.ptr[last - 1]))
		last--;
	*span = (struct ot_span){ at - word.len, end };
	return last > at + 1 && end - last >= 6 && count_digits(ot_str_sub(text, last, end - last)) >= 2;
}

/* "-----BEGIN RSA PRIVATE KEY-----" to its end, or to the text's where that is cut off. */
static bool private_key(struct ot_str text, size_t at, struct ot_span *span)
{
	if (!starts_at(text, at, "-----BEGIN ") || ot_str_find(ot_str_sub(text, at, PEM_LABEL_MAX), OT_STR("PRIVATE KEY")) < 0)
		return false;
	ptrdiff_t end = ot_str_find(ot_str_sub(text, at, text.len), OT_STR("-----END"));
	*span = (struct ot_span){ at, text.len };
	if (end < 0)
		return true;
	size_t tail = at + (size_t)end + 8;
	ptrdiff_t close = ot_str_find(ot_str_sub(text, tail, PEM_LABEL_MAX), OT_STR("-----"));
	span->to = close < 0 ? tail : tail + (size_t)close + 5;
	return true;
}

static bool at_mark(struct ot_str text, size_t at, size_t since, struct ot_span *span)
{
	size_t start = at, least = at > since + PREFIX_LEN_MAX ? at - PREFIX_LEN_MAX - 1 : since;
	while (start > least && ot_is_word(text.ptr[start - 1]))
		start--;
	struct ot_str word = ot_str_sub(text, start, at - start);
	if (word.len == 0)
		return text.ptr[at] == '-' && private_key(text, at, span);
	if (word.len < 2 || word.len > PREFIX_LEN_MAX || word.ptr[0] < 'a')
		return false;
	return prefixed(text, at, word, span) || live_key(text, at, word, span) || (word.len == 2 && named_key(text, at, word, span));
}

/* "AKIA" and sixteen capitals and digits; "AIza" and thirty or more. */
static bool cloud_key(struct ot_str text, size_t at, struct ot_span *span)
{
	size_t end = at + 4;
	if (starts_at(text, at, "AIza")) {
		end = token_end(text, end);
		*span = (struct ot_span){ at, end };
		return end - at >= 34;
	}
	if (!starts_at(text, at, "AKIA") && !starts_at(text, at, "ASIA"))
		return false;
	while (end < text.len && ((text.ptr[end] >= 'A' && text.ptr[end] <= 'Z') || ot_is_digit(text.ptr[end])))
		end++;
	*span = (struct ot_span){ at, end };
	return end - at == 20 && (end == text.len || !ot_is_word(text.ptr[end]));
}

/* "eyJ…" with a dot and more; what follows further dots belongs to it (signature; the five parts of a JWE). */
static bool json_web_token(struct ot_str text, size_t at, size_t since, struct ot_span *span)
{
	if (at < since + 2 || text.ptr[at - 1] != 'y' || text.ptr[at - 2] != 'e' || (at - 2 > since && ot_is_word(text.ptr[at - 3])))
		return false;
	size_t end = token_end(text, at), next;
	if (end - at < JWT_HEADER_MIN || end >= text.len || text.ptr[end] != '.' || (next = token_end(text, end + 1)) < end + 5)
		return false;
	for (int parts = 0; parts < 3 && next < text.len && text.ptr[next] == '.'; parts++)
		next = token_end(text, next + 1);
	*span = (struct ot_span){ at - 2, next };
	return true;
}

/* base64 of "user:password" */
static bool is_user_and_password(struct ot_str token)
{
	struct ot_buf plain = { 0 };
	bool is = token.len >= 4 && token.len <= 4096 && ot_base64_decode(&plain, token) && memchr(plain.data == NULL ? "" : plain.data, ':', plain.len) != NULL &&
		  ot_utf8_valid(ot_buf_str(&plain));
	ot_buf_release(&plain);
	return is;
}

static bool has_both_cases(struct ot_str token)
{
	bool lower = false, upper = false;
	for (size_t i = 1; i < token.len; i++) {
		lower |= token.ptr[i] >= 'a' && token.ptr[i] <= 'z';
		upper |= token.ptr[i] >= 'A' && token.ptr[i] <= 'Z';
	}
	return lower && upper;
}

/* "Bearer abc…" and "Basic …" of an Authorization header that lost its name. "basic plan" and "bearer token" are words. */
static bool scheme_value(struct ot_str text, size_t at, struct ot_span *span)
{
	bool bearer = ot_str_eq_nocase(ot_str_sub(text, at, 6), OT_STR("bearer"));
	if (!bearer && !ot_str_eq_nocase(ot_str_sub(text, at, 5), OT_STR("basic")))
		return false;
	size_t from = at + (bearer ? 6 : 5), end;
	size_t after = from;
	while (from < text.len && (text.ptr[from] == ' ' || text.ptr[from] == '+' || text.ptr[from] == '\t'))
		from++;
	if (from == after && starts_at(text, from, "%20"))
		from += 3;
	if (from == after)
		return false;
	for (end = from; end < text.len && ot_is_token68(text.ptr[end]);)
		end++;
	struct ot_str token = ot_str_sub(text, from, end - from);
	*span = (struct ot_span){ from, end };
	if (ot_redact_is_placeholder(token))
		return false;
	if (bearer)
		return token.len >= LONG_TAIL || (token.len >= 8 && (count_digits(token) > 0 || has_both_cases(token)));
	return is_user_and_password(token) || (token.len >= 12 && count_digits(token) > 0);
}

bool ot_shape_find(struct ot_str text, size_t at, size_t since, struct ot_span *span)
{
	char c = text.ptr[at];
	if (c == '-' || c == '_')
		return at_mark(text, at, since, span);
	if (c == 'J')
		return json_web_token(text, at, since, span);
	if (at > since && ot_is_word(text.ptr[at - 1]))
		return false;
	return c == 'A' ? cloud_key(text, at, span) : scheme_value(text, at, span);
}
