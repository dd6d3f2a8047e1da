/* What lexing, parsing and binding of a filter share: the line, its words, and one way to say what is wrong with it. */
#ifndef OT_QUERY_LANG_H
#define OT_QUERY_LANG_H

#include <query/filter.h>

enum {
	LANG_LINE_MAX = 64 << 10, /* bytes of a filter */
	LANG_TOKENS_MAX = 8192,
	LANG_DEPTH_MAX = 100, /* parentheses and nots within each other */
};

/* Text as typed, without its quotes. Beside each byte stand whether it was quoted and its place in the line;
 * at[len] is the place behind the last. */
struct lang_text {
	const char *ptr;
	const uint8_t *quoted;
	const uint32_t *at;
	size_t len;
};

enum token_kind { TOKEN_END, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_OR, TOKEN_AND, TOKEN_NOT, TOKEN_WORD };

struct token {
	enum token_kind kind;
	uint32_t at, len; /* place in the line */
	struct lang_text word;
};

struct lang {
	struct ot_str line;
	const struct ot_filter_context *context;
	struct ot_arena *arena;
	struct ot_err *err;
	struct token *tokens; /* ended by TOKEN_END */
	size_t token_count, token_cap;
};

static inline struct ot_str lang_str(struct lang_text text)
{
	return (struct ot_str){text.ptr, text.len};
}
struct lang_text lang_text_sub(struct lang_text text, size_t from, size_t len); /* clipped */
/* Place of the first `c` that is not quoted, or -1. */
ptrdiff_t lang_text_find(struct lang_text text, char c);
/* Whether quotes stand in the text, be it around nothing. */
bool lang_text_is_quoted(struct lang_text text);

/* Adds the tokens of line[from..to). `whole`: one word, with its blanks. */
enum ot_status lang_lex(struct lang *lang, size_t from, size_t to, bool whole);
/* Whether every word between blanks is a term by itself, a word of the language, or in parentheses. */
bool lang_is_line(struct ot_str argument);
enum ot_status lang_parse(struct lang *lang, struct ot_expr **out);
/* One word as a term, or as several. */
enum ot_status lang_bind(struct lang *lang, struct lang_text word, struct ot_expr **out);

struct ot_expr *lang_expr(struct lang *lang, enum ot_expr_kind kind);
struct ot_expr *lang_term(struct lang *lang, enum ot_field field, enum ot_match match);
struct ot_expr *lang_not(struct lang *lang, struct ot_expr *child);
/* AND or OR of what was added; of one child that child itself, of none OT_EXPR_TRUE. Children of the same kind are
 * taken in. */
struct lang_list {
	struct ot_expr **items;
	size_t count, cap;
};
void lang_list_add(struct lang *lang, struct lang_list *list, struct ot_expr *expr);
struct ot_expr *lang_join(struct lang *lang, enum ot_expr_kind kind, const struct lang_list *list);

/* OT_SYNTAX with the words, the line, and a mark under line[at..at+len). */
enum ot_status lang_fail(struct lang *lang, size_t at, size_t len, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
enum ot_status lang_fail_text(struct lang *lang, struct lang_text text, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* --- values, in value.c and address.c --- */

/* The numbers that a typed one stands for: one, or those of a status class, a day, a month. */
enum ot_status lang_number(struct lang *lang, enum ot_field field, struct lang_text text, int64_t *low, int64_t *high);
enum ot_status lang_address(struct lang *lang, enum ot_field field, struct lang_text text, struct ot_expr **out);
enum ot_status lang_hex(
    struct lang *lang, enum ot_field field, struct lang_text text, bool exact, struct ot_expr **out);
enum ot_status lang_enum(
    struct lang *lang, enum ot_field field, struct lang_text text, bool exact, struct ot_expr **out);

#endif
