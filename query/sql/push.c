/* Constraints to terms of the engine's filter, with the values that a statement has when it runs. */
#include "push.h"

#include <math.h>
#include <query/match.h>
#include <string.h>

enum { LIST_MAX = 256 }; /* values of an IN; past it SQLite looks by itself */

struct push {
	struct ot_arena *arena;
	const struct column *column;
	int op;
};

/* What a constraint becomes. */
enum pushed { PUSHED_NOT, PUSHED_TERM, PUSHED_NEVER };

static struct ot_expr *expr_new(const struct push *push, enum ot_expr_kind kind, size_t children)
{
	struct ot_expr *expr = ot_arena_zero(push->arena, 1, sizeof(*expr));

	expr->kind = kind;
	expr->field = push->column->field;
	if (children > 0)
		expr->children = ot_arena_zero(push->arena, children, sizeof(*expr->children));
	return expr;
}

static struct ot_expr *term_new(const struct push *push, enum ot_match match)
{
	struct ot_expr *expr = expr_new(push, OT_EXPR_TERM, 0);

	expr->match = match;
	return expr;
}

static struct ot_expr *both(const struct push *push, enum ot_expr_kind kind, struct ot_expr *a, struct ot_expr *b)
{
	struct ot_expr *expr = expr_new(push, kind, 2);

	expr->children[0] = a;
	expr->children[1] = b;
	expr->child_count = b == NULL ? 1 : 2;
	return expr;
}

static enum pushed range(const struct push *push, int64_t low, int64_t high, struct ot_expr **out)
{
	if (low > high)
		return PUSHED_NEVER;
	*out = term_new(push, low == high ? OT_MATCH_EQ : OT_MATCH_RANGE);
	(*out)->low = low;
	(*out)->high = high;
	return PUSHED_TERM;
}

/* A number `low` <= n <= `high` for which a constraint's value stands: both the same but for fractions and what no integer reaches. */
static enum pushed number(const struct push *push, int64_t low, int64_t high, struct ot_expr **out)
{
	switch (push->op) {
	case SQLITE_INDEX_CONSTRAINT_EQ:
	case SQLITE_INDEX_CONSTRAINT_IS:
		return range(push, low, high, out); /* none, where a fraction lies between them */
	case SQLITE_INDEX_CONSTRAINT_LT:
		return low == INT64_MIN ? PUSHED_NEVER : range(push, INT64_MIN, low - 1, out);
	case SQLITE_INDEX_CONSTRAINT_LE:
		return range(push, INT64_MIN, high, out);
	case SQLITE_INDEX_CONSTRAINT_GT:
		return high == INT64_MAX ? PUSHED_NEVER : range(push, high + 1, INT64_MAX, out);
	case SQLITE_INDEX_CONSTRAINT_GE:
		return range(push, low, INT64_MAX, out);
	default:
		return PUSHED_NOT;
	}
}

/* Numbers are compared as SQLite does: texts that look like one are one, others come behind all numbers. */
static enum pushed push_number(const struct push *push, sqlite3_value *value, struct ot_expr **out)
{
	sqlite3_value *own = sqlite3_value_dup(value); /* asking for a numeric type makes it one, and the statement may use it elsewhere */
	int type = own == NULL ? SQLITE_NULL : sqlite3_value_numeric_type(own);
	double real = type == SQLITE_FLOAT ? sqlite3_value_double(own) : 0;
	int64_t integer = type == SQLITE_INTEGER ? sqlite3_value_int64(own) : 0;

	sqlite3_value_free(own);
	if (type == SQLITE_INTEGER)
		return number(push, integer, integer, out);
	if (type != SQLITE_FLOAT || !(fabs(real) < 9e15))
		return PUSHED_NOT;
	/* For 1.5: less is at most 1, more is at least 2; equal is nothing. */
	return number(push, (int64_t)ceil(real), (int64_t)floor(real), out);
}

static struct ot_str text_of(sqlite3_value *value)
{
	const char *text = (const char *)sqlite3_value_text(value);

	return (struct ot_str){text == NULL ? "" : text, (size_t)sqlite3_value_bytes(value)};
}

/* Whether the value is a text, or becomes one beside a column of texts. */
static bool is_text(sqlite3_value *value)
{
	int type = sqlite3_value_type(value);

	return type == SQLITE_TEXT || type == SQLITE_INTEGER;
}

static enum pushed push_time(const struct push *push, sqlite3_value *value, struct ot_expr **out)
{
	int64_t time;

	if (!is_text(value) || !sql_time_parse(text_of(value), &time))
		return PUSHED_NOT;
	return number(push, time, time, out);
}

static enum pushed push_enum(const struct push *push, sqlite3_value *value, struct ot_expr **out)
{
	struct ot_str name = text_of(value);
	int64_t place = ot_enum_value(push->column->field, name);

	if (!is_text(value) || place < 0) /* a value that has no name in this version shows as its number */
		return PUSHED_NOT;
	return range(push, place, place, out);
}

static bool hex_digit(char c, unsigned *digit)
{
	*digit = c >= '0' && c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static enum pushed push_hex(const struct push *push, sqlite3_value *value, struct ot_expr **out)
{
	struct ot_str text = text_of(value);
	size_t width = ot_fields[push->column->field].width;
	char *bytes = ot_arena_alloc(push->arena, width + 1);

	if (!is_text(value))
		return PUSHED_NOT;
	if (text.len != 2 * width)
		return PUSHED_NEVER;
	for (size_t i = 0; i < width; i++) {
		unsigned high, low;

		if (!hex_digit(text.ptr[2 * i], &high) || !hex_digit(text.ptr[2 * i + 1], &low))
			return PUSHED_NEVER;
		bytes[i] = (char)(high << 4 | low);
	}
	*out = term_new(push, OT_MATCH_EQ);
	(*out)->text = (struct ot_str){bytes, width};
	return PUSHED_TERM;
}

static enum pushed push_equal_text(const struct push *push, sqlite3_value *value, struct ot_expr **out)
{
	if (!is_text(value))
		return PUSHED_NOT;
	*out = term_new(push, OT_MATCH_EQ);
	(*out)->text = ot_arena_str(push->arena, text_of(value));
	return PUSHED_TERM;
}

static enum pushed push_compare(const struct push *push, sqlite3_value *value, struct ot_expr **out)
{
	bool equal = push->op == SQLITE_INDEX_CONSTRAINT_EQ || push->op == SQLITE_INDEX_CONSTRAINT_IS;

	switch (ot_fields[push->column->field].type) {
	case OT_TYPE_INT:
	case OT_TYPE_BOOL:
		return push_number(push, value, out);
	case OT_TYPE_TIME:
		return push_time(push, value, out);
	case OT_TYPE_ENUM:
		return equal ? push_enum(push, value, out) : PUSHED_NOT;
	case OT_TYPE_HEX:
		return equal ? push_hex(push, value, out) : PUSHED_NOT;
	default:
		return equal ? push_equal_text(push, value, out) : PUSHED_NOT;
	}
}

/* --- patterns --- */

/* What comes before a pattern's first wildcard, as long as it is ASCII: what SQLite takes bytes that are no UTF-8 for does not matter then. */
static struct ot_str plain_prefix(struct ot_str pattern, const char *wild)
{
	size_t len = 0;

	while (len < pattern.len && pattern.ptr[len] != '\0' && (unsigned char)pattern.ptr[len] < 0x80 && strchr(wild, pattern.ptr[len]) == NULL)
		len++;
	return ot_str_sub(pattern, 0, len);
}

static bool has_letters(struct ot_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((text.ptr[i] | 32) >= 'a' && (text.ptr[i] | 32) <= 'z')
			return true;
	}
	return false;
}

static struct ot_expr *glob_of(const struct push *push, struct ot_str prefix)
{
	struct ot_expr *expr = term_new(push, OT_MATCH_GLOB);

	expr->text = ot_arena_printf(push->arena, "%.*s*", OT_STR_ARGS(prefix));
	return expr;
}

/* LIKE does not tell capitals from small letters. */
static enum pushed push_like(const struct push *push, struct ot_str pattern, struct ot_expr **out)
{
	struct ot_str prefix = plain_prefix(pattern, "%_*?");
	struct ot_buf regex = {0};

	if (prefix.len == 0)
		return PUSHED_NOT;
	if (!has_letters(prefix)) {
		*out = glob_of(push, prefix);
		return PUSHED_TERM;
	}
	if (ot_fields[push->column->field].form == OT_FORM_FIXED || prefix.len > 512)
		return PUSHED_NOT;
	ot_buf_text(&regex, "^(?i)");
	for (size_t i = 0; i < prefix.len; i++) {
		unsigned char c = (unsigned char)prefix.ptr[i];

		ot_buf_printf(&regex, has_letters((struct ot_str){(const char *)&c, 1}) ? "%c" : "\\x%02x", c);
	}
	*out = term_new(push, OT_MATCH_REGEX);
	(*out)->text = ot_arena_str(push->arena, ot_buf_str(&regex));
	ot_buf_release(&regex);
	return PUSHED_TERM;
}

static enum pushed push_pattern(const struct push *push, sqlite3_value *value, struct ot_expr **out)
{
	enum ot_form form = ot_fields[push->column->field].form;
	struct ot_str pattern, prefix;
	size_t at;

	if (sqlite3_value_type(value) != SQLITE_TEXT || (form != OT_FORM_DICT && form != OT_FORM_TEXT && form != OT_FORM_FIXED))
		return PUSHED_NOT;
	pattern = text_of(value);
	if (push->op == SQLITE_INDEX_CONSTRAINT_LIKE)
		return push_like(push, pattern, out);
	if (push->op == SQLITE_INDEX_CONSTRAINT_GLOB) {
		prefix = plain_prefix(pattern, "*?[");
		if (prefix.len == 0)
			return PUSHED_NOT;
		*out = glob_of(push, prefix);
		return PUSHED_TERM;
	}
	if (form == OT_FORM_FIXED || ot_regex_check(pattern, &at, NULL) != OT_OK)
		return PUSHED_NOT;
	*out = term_new(push, OT_MATCH_REGEX);
	(*out)->text = ot_arena_str(push->arena, pattern);
	return PUSHED_TERM;
}

/* --- one constraint --- */

static struct ot_expr *present(const struct push *push)
{
	return term_new(push, OT_MATCH_PRESENT);
}

static enum pushed push_value(struct push *push, sqlite3_value *value, struct ot_expr **out)
{
	struct push equal = {push->arena, push->column, SQLITE_INDEX_CONSTRAINT_EQ};
	struct ot_expr *term;

	if (sqlite3_value_type(value) == SQLITE_NULL) /* nothing compares with null but IS */
		return push->op == SQLITE_INDEX_CONSTRAINT_IS ? PUSHED_NOT : PUSHED_NEVER;
	switch (push->op) {
	case SQLITE_INDEX_CONSTRAINT_NE:
		if (push_compare(&equal, value, &term) != PUSHED_TERM)
			return PUSHED_NOT;
		*out = both(push, OT_EXPR_AND, present(push), both(push, OT_EXPR_NOT, term, NULL));
		return PUSHED_TERM;
	case SQLITE_INDEX_CONSTRAINT_LIKE:
	case SQLITE_INDEX_CONSTRAINT_GLOB:
	case SQLITE_INDEX_CONSTRAINT_REGEXP:
		return push_pattern(push, value, out);
	default:
		return push_compare(push, value, out);
	}
}

#if SQLITE_VERSION_NUMBER >= 3038000
static enum pushed push_list(struct push *push, sqlite3_value *list, struct ot_expr **out)
{
	struct ot_expr *any = expr_new(push, OT_EXPR_OR, LIST_MAX);
	sqlite3_value *value;
	int rc;

	push->op = SQLITE_INDEX_CONSTRAINT_EQ;
	for (rc = sqlite3_vtab_in_first(list, &value); rc == SQLITE_OK; rc = sqlite3_vtab_in_next(list, &value)) {
		struct ot_expr *term = NULL;
		enum pushed pushed = push_value(push, value, &term);

		if (pushed == PUSHED_NOT || any->child_count == LIST_MAX)
			return PUSHED_NOT;
		if (pushed == PUSHED_TERM)
			any->children[any->child_count++] = term;
	}
	*out = any;
	return rc != SQLITE_DONE ? PUSHED_NOT : any->child_count == 0 ? PUSHED_NEVER : PUSHED_TERM;
}
#endif

static enum pushed push_constraint(struct push *push, bool list, sqlite3_value *value, struct ot_expr **out)
{
	(void)list;
	switch (push->op) {
	case SQLITE_INDEX_CONSTRAINT_ISNULL:
		*out = both(push, OT_EXPR_NOT, present(push), NULL);
		return PUSHED_TERM;
	case SQLITE_INDEX_CONSTRAINT_ISNOTNULL:
		*out = present(push);
		return PUSHED_TERM;
	}
#if SQLITE_VERSION_NUMBER >= 3038000
	if (list)
		return push_list(push, value, out);
#endif
	return push_value(push, value, out);
}

static enum ot_status read_filter(struct ot_sql *sql, sqlite3_value *value, struct ot_arena *arena, struct ot_expr **out, struct ot_str *text, struct ot_err *err)
{
	struct ot_filter_context context = {sql->now_ns, sql->options.zone};

	if (sqlite3_value_type(value) != SQLITE_TEXT)
		return ot_err_set(err, OT_SYNTAX, "the argument of a table is a filter, as a text: calls('status:5xx client:agent-*')");
	*text = ot_arena_str(arena, text_of(value));
	return ot_filter_parse(out, *text, &context, arena, err);
}

enum ot_status plan_filter(struct ot_sql *sql, const struct table *table, const struct plan *plan, sqlite3_value **values, struct ot_arena *arena,
    const struct ot_expr **out, bool *never, struct ot_str *filter, struct ot_err *err)
{
	struct ot_expr *all = ot_arena_zero(arena, 1, sizeof(*all));

	all->kind = OT_EXPR_AND;
	all->children = ot_arena_zero(arena, plan->term_count + 1, sizeof(*all->children));
	for (size_t i = 0; i < plan->term_count; i++) {
		const struct column *column = &table->columns[plan->terms[i].column];
		struct push push = {arena, column, plan->terms[i].op};
		struct ot_expr *term = NULL;
		enum pushed pushed = PUSHED_TERM;

		if (column->kind == COLUMN_FILTER) {
			enum ot_status status = read_filter(sql, values[i], arena, &term, filter, err);

			if (status != OT_OK)
				return status;
		} else {
			pushed = push_constraint(&push, plan->terms[i].list, values[i], &term);
		}
		*never |= pushed == PUSHED_NEVER;
		if (pushed == PUSHED_TERM && term->kind != OT_EXPR_TRUE)
			all->children[all->child_count++] = term;
	}
	*out = all->child_count == 0 ? NULL : all->child_count == 1 ? all->children[0] : all;
	return OT_OK;
}
