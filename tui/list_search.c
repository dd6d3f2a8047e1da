/* What a search looks at: the shown texts of a row that is held, and the same as a filter for those that are not. */
#include "list.h"

#include <ctype.h>

static bool holds(struct ot_str text, struct ot_str part)
{
	for (size_t i = 0; i + part.len <= text.len; i++) {
		size_t k = 0;

		while (k < part.len && tolower((unsigned char)text.ptr[i + k]) == tolower((unsigned char)part.ptr[k]))
			k++;
		if (k == part.len)
			return true;
	}
	return false;
}

bool list_row_holds(const struct list_row *row, struct ot_str text)
{
	int64_t number;

	for (int c = 0; c < LIST_COLUMNS; c++) {
		if (row->has[c] && ot_fields[list_fields[c]].form != OT_FORM_INT && holds(row->values[c].text, text))
			return true;
	}
	return ot_str_to_i64(text, &number) && row->has[LIST_STATUS] && row->values[LIST_STATUS].number == number;
}

static struct ot_expr *new_expr(struct ot_arena *arena, enum ot_expr_kind kind, size_t children)
{
	struct ot_expr *expr = ot_arena_zero(arena, 1, sizeof(*expr));

	expr->kind = kind;
	if (children > 0)
		expr->children = ot_arena_zero(arena, children, sizeof(*expr->children));
	return expr;
}

/* "(?i)" and the text with all that has a meaning in PCRE2 made plain. */
static struct ot_str pattern_of(struct ot_arena *arena, struct ot_str text)
{
	struct ot_buf pattern = { 0 };
	struct ot_str out;

	ot_buf_text(&pattern, "(?i)");
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c < 0x80 && !isalnum(c))
			ot_buf_printf(&pattern, "\\x%02x", c);
		else
			ot_buf_char(&pattern, (char)c);
	}
	out = ot_arena_str(arena, ot_buf_str(&pattern));
	ot_buf_release(&pattern);
	return out;
}

struct ot_expr *list_text_expr(struct ot_arena *arena, const struct ot_expr *where, struct ot_str text)
{
	struct ot_expr *any = new_expr(arena, OT_EXPR_OR, LIST_COLUMNS + 1), *all;
	struct ot_str pattern = pattern_of(arena, text);
	int64_t number;

	for (int c = 0; c < LIST_COLUMNS; c++) {
		struct ot_expr *term;

		if (ot_fields[list_fields[c]].form == OT_FORM_INT)
			continue;
		term = new_expr(arena, OT_EXPR_TERM, 0);
		term->field = list_fields[c];
		term->match = OT_MATCH_REGEX;
		term->text = pattern;
		any->children[any->child_count++] = term;
	}
	if (ot_str_to_i64(text, &number)) {
		struct ot_expr *term = new_expr(arena, OT_EXPR_TERM, 0);

		term->field = OT_HTTP_RESPONSE_STATUS_CODE;
		term->match = OT_MATCH_EQ;
		term->low = term->high = number;
		any->children[any->child_count++] = term;
	}
	if (where == NULL)
		return any;
	all = new_expr(arena, OT_EXPR_AND, 2);
	all->children[0] = (struct ot_expr *)where;
	all->children[1] = any;
	all->child_count = 2;
	return all;
}
