/* A filter into words. Quotes are taken off here; what was quoted is remembered, for it is never an operator or a
 * wildcard. */
#include "lang.h"

#include <string.h>

struct lang_text lang_text_sub(struct lang_text text, size_t from, size_t len)
{
	if (from > text.len)
		from = text.len;
	if (len > text.len - from)
		len = text.len - from;
	return (struct lang_text){text.ptr + from, text.quoted + from, text.at + from, len};
}

ptrdiff_t lang_text_find(struct lang_text text, char c)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == c && !text.quoted[i])
			return (ptrdiff_t)i;
	}
	return -1;
}

bool lang_text_is_quoted(struct lang_text text)
{
	return text.at[text.len] - text.at[0] > text.len || (text.len > 0 && text.quoted[0]);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static enum ot_status add(struct lang *lang, enum token_kind kind, size_t at, size_t len, struct lang_text word)
{
	if (lang->token_count == LANG_TOKENS_MAX)
		return lang_fail(lang, at, len, "a filter has at most %d words", LANG_TOKENS_MAX);
	if (lang->token_count == lang->token_cap) {
		size_t cap = lang->token_cap == 0 ? 32 : lang->token_cap * 2;
		struct token *tokens = ot_arena_zero(lang->arena, cap, sizeof(*tokens));

		if (lang->token_count > 0)
			memcpy(tokens, lang->tokens, lang->token_count * sizeof(*tokens));
		lang->tokens = tokens;
		lang->token_cap = cap;
	}
	lang->tokens[lang->token_count++] = (struct token){kind, (uint32_t)at, (uint32_t)len, word};
	return OT_OK;
}

/* The word being read: three arrays side by side. */
struct word {
	char *text;
	uint8_t *quoted;
	uint32_t *at;
	size_t len;
};

static struct word word_new(struct lang *lang, size_t most)
{
	return (struct word){ot_arena_alloc(lang->arena, most), ot_arena_alloc(lang->arena, most),
	    ot_arena_alloc(lang->arena, (most + 1) * sizeof(uint32_t)), 0};
}

static void word_put(struct word *word, char c, bool quoted, size_t at)
{
	word->text[word->len] = c;
	word->quoted[word->len] = quoted;
	word->at[word->len++] = (uint32_t)at;
}

/* Reads from behind the opening quote at *i to behind the closing one. In double quotes a backslash takes the meaning
 * of a quote or backslash behind it; in single ones nothing has a meaning. */
static enum ot_status read_quoted(struct lang *lang, struct word *word, size_t *i, size_t to)
{
	const char *line = lang->line.ptr;
	size_t open = *i - 1, at = *i;
	char quote = line[open];

	for (; at < to && line[at] != quote; at++) {
		bool escape =
		    quote == '"' && line[at] == '\\' && at + 1 < to && (line[at + 1] == '"' || line[at + 1] == '\\');

		at += escape;
		word_put(word, line[at], true, at - escape);
	}
	if (at == to)
		return lang_fail(lang, open, 1, "this quote is never closed");
	*i = at + 1;
	return OT_OK;
}

static enum ot_status read_word(struct lang *lang, size_t *i, size_t to, bool whole, struct lang_text *out)
{
	const char *line = lang->line.ptr;
	struct word word = word_new(lang, to - *i + 1);
	enum ot_status status = OT_OK;
	unsigned depth = 0;
	size_t at = *i;

	while (status == OT_OK && at < to) {
		char c = line[at];

		if ((is_blank(c) && !whole) || (c == ')' && depth == 0))
			break;
		at++;
		if (c == '"' || c == '\'') {
			status = read_quoted(lang, &word, &at, to);
			continue;
		}
		depth += c == '(';
		depth -= c == ')';
		word_put(&word, c, false, at - 1);
	}
	word.at[word.len] = (uint32_t)at;
	*out = (struct lang_text){word.text, word.quoted, word.at, word.len};
	*i = at;
	return status;
}

/* What a word means that is not quoted. */
static enum token_kind keyword(struct ot_str word)
{
	if (ot_str_eq_nocase(word, OT_STR("or")) || ot_str_eq(word, OT_STR("|")))
		return TOKEN_OR;
	if (ot_str_eq_nocase(word, OT_STR("and")))
		return TOKEN_AND;
	if (ot_str_eq_nocase(word, OT_STR("not")))
		return TOKEN_NOT;
	return TOKEN_WORD;
}

static enum token_kind mark(char c)
{
	switch (c) {
	case '(':
		return TOKEN_OPEN;
	case ')':
		return TOKEN_CLOSE;
	case '-':
	case '!':
		return TOKEN_NOT;
	default:
		return TOKEN_WORD;
	}
}

enum ot_status lang_lex(struct lang *lang, size_t from, size_t to, bool whole)
{
	enum ot_status status = OT_OK;
	size_t i = from;

	while (status == OT_OK) {
		struct lang_text word = {0};
		size_t start;

		while (i < to && is_blank(lang->line.ptr[i]))
			i++;
		if (i == to)
			break;
		start = i;
		if (mark(lang->line.ptr[i]) != TOKEN_WORD) {
			status = add(lang, mark(lang->line.ptr[i]), i, 1, word);
			i++;
			continue;
		}
		status = read_word(lang, &i, to, whole, &word);
		if (status == OT_OK)
			status = add(lang, lang_text_is_quoted(word) ? TOKEN_WORD : keyword(lang_str(word)), start,
			    i - start, word);
	}
	return status;
}

static bool is_term(struct ot_str word)
{
	size_t len = 0;

	while (word.len > 0 && (word.ptr[0] == '-' || word.ptr[0] == '!'))
		word = ot_str_sub(word, 1, word.len);
	if (ot_str_starts(word, OT_STR("/")))
		return true;
	while (len < word.len && memchr(":=<>~!", word.ptr[len], 6) == NULL)
		len++;
	return len < word.len && ot_field_find(ot_str_sub(word, 0, len)) != OT_FIELD_NONE;
}

bool lang_is_line(struct ot_str argument)
{
	size_t i = 0, start;

	for (;;) {
		struct ot_str word;

		while (i < argument.len && is_blank(argument.ptr[i]))
			i++;
		for (start = i; i < argument.len && !is_blank(argument.ptr[i]);)
			i++;
		word = ot_str_sub(argument, start, i - start);
		if (word.len == 0)
			return true;
		if (mark(word.ptr[0]) == TOKEN_OPEN || ot_str_starts(word, OT_STR("-(")))
			return true;
		if (!is_term(word) && keyword(word) == TOKEN_WORD)
			return false;
	}
}
