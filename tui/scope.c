#include "scope.h"

#include <stdlib.h>

static char *copy(struct ot_str text)
{
	char *out = ot_alloc(text.len + 1);

	if (text.len > 0)
		memcpy(out, text.ptr, text.len);
	out[text.len] = '\0';
	return out;
}

void scope_init(struct scope *scope, struct ot_str filter, int64_t since, int64_t until, int64_t now_ns, const struct ot_zone *zone)
{
	memset(scope, 0, sizeof(*scope));
	scope->now = (struct scope_state){ copy(filter), since, until };
	scope->now_ns = now_ns;
	scope->zone = zone;
}

void scope_release(struct scope *scope)
{
	free(scope->now.filter);
	for (size_t i = 0; i < scope->past_count; i++)
		free(scope->past[i].filter);
	memset(scope, 0, sizeof(*scope));
}

static enum ot_status parse(const struct scope *scope, struct ot_str line, struct ot_arena *arena, struct ot_expr **out, struct ot_err *err)
{
	struct ot_filter_context context = { scope->now_ns, scope->zone };

	return ot_filter_parse(out, line, &context, arena, err);
}

void scope_question(const struct scope *scope, struct ot_arena *arena, struct ot_question *out)
{
	struct ot_expr *where = NULL;

	*out = (struct ot_question){ .since = scope->now.since, .until = scope->now.until };
	if (parse(scope, ot_str_from(scope->now.filter), arena, &where, NULL) == OT_OK && where->kind != OT_EXPR_TRUE)
		out->where = where;
}

bool scope_is_open(const struct scope *scope)
{
	return scope->now.since == OT_TIME_MIN && scope->now.until == OT_TIME_MAX;
}

/* --- changes --- */

static void change(struct scope *scope, struct ot_str filter, int64_t since, int64_t until)
{
	char *line;

	if (ot_str_eq(filter, ot_str_from(scope->now.filter)) && since == scope->now.since && until == scope->now.until)
		return;
	line = copy(filter);
	if (scope->past_count == SCOPE_HISTORY) {
		free(scope->past[0].filter);
		memmove(scope->past, scope->past + 1, (SCOPE_HISTORY - 1) * sizeof(*scope->past));
		scope->past_count--;
	}
	scope->past[scope->past_count++] = scope->now;
	scope->now = (struct scope_state){ line, since, until };
}

enum ot_status scope_filter(struct scope *scope, struct ot_str line, struct ot_err *err)
{
	struct ot_arena arena = { 0 };
	struct ot_expr *where;
	enum ot_status status = parse(scope, line, &arena, &where, err);

	if (status == OT_OK)
		change(scope, ot_str_trim(line), scope->now.since, scope->now.until);
	ot_arena_release(&arena);
	return status;
}

void scope_window(struct scope *scope, int64_t since, int64_t until)
{
	change(scope, ot_str_from(scope->now.filter), since, until);
}

static struct ot_expr *negated(struct ot_arena *arena, struct ot_expr *child)
{
	struct ot_expr *expr = ot_arena_zero(arena, 1, sizeof(*expr));

	expr->kind = OT_EXPR_NOT;
	expr->children = ot_arena_zero(arena, 1, sizeof(*expr->children));
	expr->children[0] = child;
	expr->child_count = 1;
	return expr;
}

/* Of what is measured the very value says little: kept is at least as much, dropped is that. */
static bool is_measured(enum ot_field field)
{
	static const char *const units[] = { "ns", "bytes", "tokens", "micro-USD" };

	for (size_t i = 0; i < sizeof(units) / sizeof(*units) && ot_fields[field].type == OT_TYPE_INT; i++) {
		if (strcmp(ot_fields[field].unit, units[i]) == 0)
			return true;
	}
	return false;
}

static struct ot_expr *term_of(struct ot_arena *arena, enum ot_field field, const union ot_value *value)
{
	struct ot_expr *term = ot_arena_zero(arena, 1, sizeof(*term));

	term->kind = OT_EXPR_TERM;
	term->field = field;
	term->match = value == NULL ? OT_MATCH_PRESENT : is_measured(field) ? OT_MATCH_RANGE : OT_MATCH_EQ;
	if (value != NULL && ot_fields[field].form == OT_FORM_INT) {
		term->low = value->number;
		term->high = is_measured(field) ? INT64_MAX : value->number;
	} else if (value != NULL) {
		term->text = value->text;
	}
	return term;
}

/* The children of an AND, or the tree alone. */
static struct ot_expr *joined(struct ot_arena *arena, struct ot_expr *where, struct ot_expr *term)
{
	struct ot_expr *all;
	size_t count = where->kind == OT_EXPR_TRUE ? 0 : where->kind == OT_EXPR_AND ? where->child_count : 1;

	if (count == 0)
		return term;
	all = ot_arena_zero(arena, 1, sizeof(*all));
	all->kind = OT_EXPR_AND;
	all->children = ot_arena_zero(arena, count + 1, sizeof(*all->children));
	for (size_t i = 0; i < count; i++)
		all->children[i] = where->kind == OT_EXPR_AND ? where->children[i] : where;
	all->children[count] = term;
	all->child_count = count + 1;
	return all;
}

void scope_value(struct scope *scope, enum ot_field field, const union ot_value *value, bool keep)
{
	struct ot_arena arena = { 0 };
	struct ot_buf line = { 0 };
	struct ot_expr *where, *term = term_of(&arena, field, value);

	if (keep == (value == NULL)) /* without a value: keep says that there is none */
		term = negated(&arena, term);
	if (parse(scope, ot_str_from(scope->now.filter), &arena, &where, NULL) == OT_OK) {
		ot_filter_put(&line, joined(&arena, where, term));
		change(scope, ot_buf_str(&line), scope->now.since, scope->now.until);
	}
	ot_buf_release(&line);
	ot_arena_release(&arena);
}

bool scope_undo(struct scope *scope)
{
	if (scope->past_count == 0)
		return false;
	free(scope->now.filter);
	scope->now = scope->past[--scope->past_count];
	return true;
}

/* --- as a command line --- */

static bool is_plain(struct ot_str word)
{
	for (size_t i = 0; i < word.len; i++) {
		unsigned char c = (unsigned char)word.ptr[i];

		if (c >= 0x80 || c <= ' ' || c == 0x7f || strchr("\"'`$&|;<>()*?[]#~!{}\\", c) != NULL)
			return false;
	}
	return word.len > 0;
}

void scope_put_word(struct ot_buf *out, struct ot_str word)
{
	ot_buf_char(out, ' ');
	if (is_plain(word)) {
		ot_buf_str_put(out, word);
		return;
	}
	ot_buf_char(out, '\'');
	for (size_t i = 0; i < word.len; i++) {
		if (word.ptr[i] == '\'')
			ot_buf_text(out, "'\\''");
		else
			ot_buf_char(out, word.ptr[i]);
	}
	ot_buf_char(out, '\'');
}

static void put_time(struct ot_buf *out, const char *option, int64_t time_ns)
{
	ot_buf_printf(out, " %s ", option);
	ot_time_put(out, time_ns, -1);
}

void scope_put_options(const struct scope *scope, struct ot_buf *out, bool window)
{
	if (window && scope->now.since != OT_TIME_MIN)
		put_time(out, "--since", scope->now.since);
	if (window && scope->now.until != OT_TIME_MAX)
		put_time(out, "--until", scope->now.until);
	if (scope->store_option != NULL) {
		ot_buf_text(out, " --store");
		scope_put_word(out, ot_str_from(scope->store_option));
	}
	if (scope->tz_option != NULL) {
		ot_buf_text(out, " --tz");
		scope_put_word(out, ot_str_from(scope->tz_option));
	}
}

/* A word that a shell hands over whole is a term of its own; negated terms are known from options (base/opt.h). */
static void put_terms(struct ot_buf *out, const struct ot_expr *where)
{
	struct ot_buf term = { 0 };
	size_t count = where->kind == OT_EXPR_AND ? where->child_count : 1;

	for (size_t i = 0; i < count; i++) {
		ot_buf_clear(&term);
		ot_filter_put(&term, where->kind == OT_EXPR_AND ? where->children[i] : where);
		scope_put_word(out, ot_buf_str(&term));
	}
	ot_buf_release(&term);
}

void scope_put_command(const struct scope *scope, struct ot_buf *out, const char *verb)
{
	struct ot_arena arena = { 0 };
	struct ot_question question;

	scope_question(scope, &arena, &question);
	ot_buf_printf(out, "onetrail %s", verb);
	if (question.where != NULL)
		put_terms(out, question.where);
	scope_put_options(scope, out, true);
	ot_arena_release(&arena);
}
