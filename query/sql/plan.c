/* What of a statement's WHERE and ORDER BY goes to the engine, and how EXPLAIN says it. */
#include "push.h"

#include <stdio.h>
#include <string.h>

enum { VALUE_SHOWN_MAX = 60, ROWS_GUESSED = 1000000 /* plans are compared by shares of it */ };

static const struct {
	int op;
	const char *sign;
	double share; /* of rows that pass: a guess */
} ops[] = {
    {SQLITE_INDEX_CONSTRAINT_EQ, "=", 0.02},
    {SQLITE_INDEX_CONSTRAINT_IS, "IS", 0.02},
    {SQLITE_INDEX_CONSTRAINT_LT, "<", 0.3},
    {SQLITE_INDEX_CONSTRAINT_LE, "<=", 0.3},
    {SQLITE_INDEX_CONSTRAINT_GT, ">", 0.3},
    {SQLITE_INDEX_CONSTRAINT_GE, ">=", 0.3},
    {SQLITE_INDEX_CONSTRAINT_NE, "<>", 0.8},
    {SQLITE_INDEX_CONSTRAINT_LIKE, "LIKE", 0.1},
    {SQLITE_INDEX_CONSTRAINT_GLOB, "GLOB", 0.1},
    {SQLITE_INDEX_CONSTRAINT_REGEXP, "REGEXP", 0.1},
    {SQLITE_INDEX_CONSTRAINT_ISNULL, "IS NULL", 0.5},
    {SQLITE_INDEX_CONSTRAINT_ISNOTNULL, "IS NOT NULL", 0.5},
};
enum { OP_COUNT = sizeof(ops) / sizeof(ops[0]) };

static int op_place(int op)
{
	for (int i = 0; i < OP_COUNT; i++) {
		if (ops[i].op == op)
			return i;
	}
	return -1;
}

static bool is_pattern(int op)
{
	return op == SQLITE_INDEX_CONSTRAINT_LIKE || op == SQLITE_INDEX_CONSTRAINT_GLOB || op == SQLITE_INDEX_CONSTRAINT_REGEXP;
}

static bool is_equality(int op)
{
	return op == SQLITE_INDEX_CONSTRAINT_EQ || op == SQLITE_INDEX_CONSTRAINT_IS || op == SQLITE_INDEX_CONSTRAINT_NE;
}

static bool is_about_null(int op)
{
	return op == SQLITE_INDEX_CONSTRAINT_ISNULL || op == SQLITE_INDEX_CONSTRAINT_ISNOTNULL;
}

/* The engine compares texts by their bytes and times as instants, and knows no other collation. */
static bool collation_fits(sqlite3_index_info *info, int constraint, enum ot_field field)
{
	const char *collation = sqlite3_vtab_collation(info, constraint);
	enum ot_type type = ot_fields[field].type;

	if (type == OT_TYPE_INT || type == OT_TYPE_BOOL)
		return true;
	return sqlite3_stricmp(collation, type == OT_TYPE_TIME ? sql_time_collation : "BINARY") == 0;
}

static bool can_push(const struct table *table, sqlite3_index_info *info, int i)
{
	const struct sqlite3_index_constraint *constraint = &info->aConstraint[i];
	const struct column *column = constraint->iColumn < 0 ? NULL : &table->columns[constraint->iColumn];
	enum ot_form form;

	if (!constraint->usable || column == NULL || column->kind != COLUMN_FIELD || op_place(constraint->op) < 0)
		return false;
	form = ot_fields[column->field].form;
	if (is_about_null(constraint->op))
		return true;
	if (form == OT_FORM_NONE)
		return constraint->op == SQLITE_INDEX_CONSTRAINT_EQ && collation_fits(info, i, column->field);
	if (is_pattern(constraint->op)) /* collations do not matter to them */
		return form == OT_FORM_DICT || form == OT_FORM_TEXT || form == OT_FORM_FIXED;
	if (!is_equality(constraint->op) && (form != OT_FORM_INT || ot_fields[column->field].type == OT_TYPE_ENUM))
		return false;
	return collation_fits(info, i, column->field);
}

/* --- in words --- */

#if SQLITE_VERSION_NUMBER >= 3038000
static void put_value(struct ot_buf *words, sqlite3_index_info *info, int i)
{
	sqlite3_value *value = NULL;
	struct ot_str text;

	if (sqlite3_vtab_rhs_value(info, i, &value) != SQLITE_OK || value == NULL || sqlite3_value_type(value) == SQLITE_BLOB) {
		ot_buf_char(words, '?');
		return;
	}
	text = ot_str_from((const char *)sqlite3_value_text(value));
	if (text.ptr == NULL)
		ot_buf_text(words, "NULL");
	else if (sqlite3_value_type(value) != SQLITE_TEXT)
		ot_buf_str_put(words, text);
	else
		ot_buf_printf(words, "'%.*s'%s", OT_STR_ARGS(ot_str_sub(text, 0, VALUE_SHOWN_MAX)), text.len > VALUE_SHOWN_MAX ? "…" : "");
}
#else
static void put_value(struct ot_buf *words, sqlite3_index_info *info, int i)
{
	(void)info, (void)i;
	ot_buf_char(words, '?');
}
#endif

static void put_term(struct ot_buf *words, const struct column *column, sqlite3_index_info *info, int i, bool list)
{
	const char *name = column->kind == COLUMN_FIELD ? ot_fields[column->field].name : column->name;
	int op = info->aConstraint[i].op;

	if (words->len > 0)
		ot_buf_text(words, ", ");
	ot_buf_printf(words, "%s %s", name, list ? "IN (…)" : ops[op_place(op)].sign);
	if (list || is_about_null(op))
		return;
	ot_buf_char(words, ' ');
	put_value(words, info, i);
}

static void put_rest(struct ot_buf *words, const struct plan *plan, bool ordered)
{
	size_t columns = (size_t)plan->wanted.origins + plan->wanted.records;

	for (int f = 0; f < OT_FIELD_COUNT; f++)
		columns += plan->wanted.fields[f];
	ot_buf_text(words, words->len == 0 ? "nothing pushed down" : " pushed down");
	ot_buf_printf(words, "; %zu column%s", columns, columns == 1 ? "" : "s");
	if (ordered)
		ot_buf_printf(words, "; in order of time%s", plan->descending ? ", the latest first" : "");
}

/* --- choosing --- */

static bool take_list(sqlite3_index_info *info, int i)
{
#if SQLITE_VERSION_NUMBER >= 3038000
	return sqlite3_vtab_in(info, i, 1) != 0;
#else
	(void)info, (void)i;
	return false;
#endif
}

static void add_term(struct plan *plan, const struct table *table, sqlite3_index_info *info, int i, struct ot_buf *words)
{
	int column = info->aConstraint[i].iColumn, op = info->aConstraint[i].op;
	bool list = op == SQLITE_INDEX_CONSTRAINT_EQ && table->columns[column].kind == COLUMN_FIELD && take_list(info, i);

	put_term(words, &table->columns[column], info, i, list);
	plan->terms[plan->term_count].column = (uint8_t)column;
	plan->terms[plan->term_count].op = (uint8_t)op;
	plan->terms[plan->term_count].list = list;
	info->aConstraintUsage[i].argvIndex = (int)++plan->term_count;
}

/* The argument of a table called as a function. 0: none; -1: its value is not known in this order of tables. */
static int find_filter(const struct table *table, const sqlite3_index_info *info, int *at)
{
	int found = 0;

	for (int i = 0; i < info->nConstraint; i++) {
		const struct sqlite3_index_constraint *constraint = &info->aConstraint[i];

		if (constraint->iColumn < 0 || table->columns[constraint->iColumn].kind != COLUMN_FILTER || constraint->op != SQLITE_INDEX_CONSTRAINT_EQ)
			continue;
		if (!constraint->usable)
			return -1;
		*at = i;
		found = 1;
	}
	return found;
}

/* SQLite says by a bit which columns it reads, but has one bit for all from the 64th on. Of those the ones that the statement names are taken;
 * a column that is missed by this is fetched when it is asked for. */
static void choose_columns(const struct ot_sql *sql, const struct table *table, sqlite3_uint64 used, struct wanted *wanted)
{
	const bool *named = sql->named[table - sql->tables];

	for (size_t i = 0; i < table->count; i++) {
		if (i < 63 ? used >> i & 1 : used >> 63 && named[i])
			wanted_add(wanted, &table->columns[i]);
	}
}

static bool take_order(const struct table *table, sqlite3_index_info *info, struct plan *plan)
{
	const struct column *column;

	if (info->nOrderBy != 1 || info->aOrderBy[0].iColumn < 0)
		return false;
	column = &table->columns[info->aOrderBy[0].iColumn];
	if (column->kind != COLUMN_FIELD || column->field != OT_TIMESTAMP)
		return false;
	plan->descending = info->aOrderBy[0].desc;
	info->orderByConsumed = 1;
	return true;
}

/* Ids are found by an index; other equal values by passing over blocks. */
static double share_of(const struct column *column, int op)
{
	enum ot_form form = ot_fields[column->field].form;
	bool is_id = form == OT_FORM_NONE || form == OT_FORM_FIXED || column->field == OT_REQUEST_ID;

	return is_id && op == SQLITE_INDEX_CONSTRAINT_EQ ? 1e-5 : ops[op_place(op)].share;
}

/* The words, their end, and behind it the plan: SQLite shows the first and carries both, as it does any pointer. */
static int put_plan(const struct plan *plan, const struct ot_buf *words, sqlite3_index_info *info)
{
	char *text = sqlite3_malloc64(words->len + 1 + sizeof(*plan));

	if (text == NULL)
		return SQLITE_NOMEM;
	memcpy(text, words->data, words->len);
	text[words->len] = '\0';
	memcpy(text + words->len + 1, plan, sizeof(*plan));
	info->idxStr = text;
	info->needToFreeIdxStr = 1;
	return SQLITE_OK;
}

void plan_read(struct plan *plan, const char *index_text)
{
	memcpy(plan, index_text + strlen(index_text) + 1, sizeof(*plan));
}

int plan_make(struct ot_sql *sql, const struct table *table, sqlite3_index_info *info)
{
	struct plan plan = {0};
	struct ot_buf words = {0};
	int at = 0, rc, filtered = find_filter(table, info, &at);
	double share = 1, rows = ROWS_GUESSED;

	if (filtered < 0)
		return SQLITE_CONSTRAINT;
	if (filtered > 0) {
		add_term(&plan, table, info, at, &words);
		info->aConstraintUsage[at].omit = 1;
		share = 0.1;
	}
	/* Which record stands for a call hangs on the filter, so nothing else may narrow the question then. */
	for (int i = 0; i < info->nConstraint && !(filtered && table->calls); i++) {
		if (plan.term_count == PLAN_TERMS_MAX || !can_push(table, info, i))
			continue;
		add_term(&plan, table, info, i, &words);
		share *= share_of(&table->columns[info->aConstraint[i].iColumn], info->aConstraint[i].op);
	}
	choose_columns(sql, table, info->colUsed, &plan.wanted);
	bool ordered = take_order(table, info, &plan);
	put_rest(&words, &plan, ordered);
	info->estimatedRows = (sqlite3_int64)(rows * share) + 1;
	info->estimatedCost = 1000 + rows * (0.05 + share);
	rc = put_plan(&plan, &words, info);
	ot_buf_release(&words);
	return rc;
}
