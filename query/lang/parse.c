/* Words into a tree: `or` binds weaker than standing side by side, `not` stronger than both. */
#include "lang.h"

#include <string.h>

struct ot_expr *lang_expr(struct lang *lang, enum ot_expr_kind kind)
{
	struct ot_expr *expr = ot_arena_zero(lang->arena, 1, sizeof(*expr));

	expr->kind = kind;
	return expr;
}

struct ot_expr *lang_term(struct lang *lang, enum ot_field field, enum ot_match match)
{
	struct ot_expr *expr = lang_expr(lang, OT_EXPR_TERM);

	expr->field = field;
	expr->match = match;
	return expr;
}

struct ot_expr *lang_not(struct lang *lang, struct ot_expr *child)
{
	struct ot_expr *expr;

	if (child->kind == OT_EXPR_NOT)
		return child->children[0];
	expr = lang_expr(lang, OT_EXPR_NOT);
	expr->children = ot_arena_alloc(lang->arena, sizeof(*expr->children));
	expr->children[0] = child;
	expr->child_count = 1;
	return expr;
}

void lang_list_add(struct lang *lang, struct lang_list *list, struct ot_expr *expr)
{
	if (list->count == list->cap) {
		size_t cap = list->cap == 0 ? 4 : list->cap * 2;
		struct ot_expr **items = ot_arena_alloc(lang->arena, cap * sizeof(struct ot_expr *));

		if (list->count > 0)
			memcpy(items, list->items, list->count * sizeof(*items));
		list->items = items;
		list->cap = cap;
	}
	list->items[list->count++] = expr;
}

struct ot_expr *lang_join(struct lang *lang, enum ot_expr_kind kind, const struct lang_list *list)
{
	struct lang_list flat = {0};
	struct ot_expr *expr;

	for (size_t i = 0; i < list->count; i++) {
		struct ot_expr *item = list->items[i];

		if (item->kind != kind) {
			lang_list_add(lang, &flat, item);
			continue;
		}
		for (size_t k = 0; k < item->child_count; k++)
			lang_list_add(lang, &flat, item->children[k]);
	}
	if (flat.count == 0)
		return lang_expr(lang, OT_EXPR_TRUE);
	if (flat.count == 1)
		return flat.items[0];
	expr = lang_expr(lang, kind);
	expr->children = flat.items;
	expr->child_count = flat.count;
	return expr;
}

struct parser {
	struct lang *lang;
	const struct token *token;
	unsigned depth;
};

static enum ot_status parse_or(struct parser *parser, struct ot_expr **out);

static enum ot_status parse_group(struct parser *parser, struct ot_expr **out)
{
	const struct token *open = parser->token++;
	enum ot_status status;

	if (parser->token->kind == TOKEN_CLOSE)
		return lang_fail(parser->lang, open->at, parser->token->at - open->at + 1,
		    "nothing stands between these parentheses");
	status = parse_or(parser, out);
	if (status != OT_OK)
		return status;
	if (parser->token->kind != TOKEN_CLOSE)
		return lang_fail(parser->lang, open->at, 1, "this parenthesis is never closed");
	parser->token++;
	return OT_OK;
}

static enum ot_status parse_unary(struct parser *parser, struct ot_expr **out)
{
	const struct token *token = parser->token;
	enum ot_status status = OT_OK;

	if (++parser->depth > LANG_DEPTH_MAX)
		return lang_fail(parser->lang, token->at, token->len, "nested deeper than %d", LANG_DEPTH_MAX);
	switch (token->kind) {
	case TOKEN_NOT:
		parser->token++;
		status = parse_unary(parser, out);
		if (status == OT_OK)
			*out = lang_not(parser->lang, *out);
		break;
	case TOKEN_OPEN:
		status = parse_group(parser, out);
		break;
	case TOKEN_WORD:
		parser->token++;
		status = lang_bind(parser->lang, token->word, out);
		break;
	case TOKEN_OR:
	case TOKEN_AND:
		return lang_fail(parser->lang, token->at, token->len, "a term is missing before this word");
	case TOKEN_CLOSE:
	case TOKEN_END:
		return lang_fail(parser->lang, token->at, token->len, "a term is missing here");
	}
	parser->depth--;
	return status;
}

static enum ot_status parse_and(struct parser *parser, struct ot_expr **out)
{
	struct lang_list list = {0};

	for (;;) {
		struct ot_expr *expr = NULL;
		enum token_kind kind;
		enum ot_status status = parse_unary(parser, &expr);

		if (status != OT_OK)
			return status;
		lang_list_add(parser->lang, &list, expr);
		kind = parser->token->kind;
		if (kind == TOKEN_AND)
			parser->token++;
		else if (kind == TOKEN_END || kind == TOKEN_CLOSE || kind == TOKEN_OR)
			break;
	}
	*out = lang_join(parser->lang, OT_EXPR_AND, &list);
	return OT_OK;
}

static enum ot_status parse_or(struct parser *parser, struct ot_expr **out)
{
	struct lang_list list = {0};

	for (;;) {
		struct ot_expr *expr = NULL;
		enum ot_status status = parse_and(parser, &expr);

		if (status != OT_OK)
			return status;
		lang_list_add(parser->lang, &list, expr);
		if (parser->token->kind != TOKEN_OR)
			break;
		parser->token++;
	}
	*out = lang_join(parser->lang, OT_EXPR_OR, &list);
	return OT_OK;
}

enum ot_status lang_parse(struct lang *lang, struct ot_expr **out)
{
	struct parser parser = {lang, lang->tokens, 0};
	enum ot_status status;

	if (parser.token->kind == TOKEN_END) {
		*out = lang_expr(lang, OT_EXPR_TRUE);
		return OT_OK;
	}
	status = parse_or(&parser, out);
	if (status == OT_OK && parser.token->kind == TOKEN_CLOSE)
		return lang_fail(lang, parser.token->at, 1, "no parenthesis was opened for this one");
	return status;
}
