/* The tables as SQLite sees them: a virtual table each, whose cursors are fed by the engine. */
#include "feed.h"
#include "push.h"

#include <stdlib.h>
#include <string.h>

struct vtab {
	sqlite3_vtab base;
	struct ot_sql *sql;
	const struct table *table;
};

struct cursor {
	sqlite3_vtab_cursor base;
	struct sql_engine *engine;
	struct feed *feed;
	struct feed_question question;
	struct wanted also; /* columns that were asked for though the plan does not name them */
	struct ot_arena arena; /* of the filter */
	struct ot_str filter;
	struct ot_buf text;
	uint64_t row;
	bool done;
};

static struct vtab *vtab_of(sqlite3_vtab_cursor *cursor)
{
	return (struct vtab *)cursor->pVtab;
}

/* Gives the table's own words to SQLite. */
static int fail(struct vtab *vtab, const struct ot_err *err, enum ot_status status)
{
	sqlite3_free(vtab->base.zErrMsg);
	vtab->base.zErrMsg = sqlite3_mprintf("%s", err->text);
	return status == OT_CANCELLED ? SQLITE_INTERRUPT : SQLITE_ERROR;
}

/* --- the table --- */

static int vtab_connect(sqlite3 *db, void *context, int argc, const char *const *argv, sqlite3_vtab **out, char **message)
{
	struct ot_sql *sql = context;
	const char *name = argc > 2 ? argv[2] : "";
	struct vtab *vtab;
	struct ot_buf declaration = {0};
	int rc;

	(void)message;
	vtab = sqlite3_malloc64(sizeof(*vtab));
	if (vtab == NULL)
		return SQLITE_NOMEM;
	memset(vtab, 0, sizeof(*vtab));
	vtab->sql = sql;
	vtab->table = &sql->tables[strcmp(name, sql->tables[TABLE_CALLS].name) == 0 ? TABLE_CALLS : TABLE_RECORDS];
	sql_table_declare(vtab->table, &declaration);
	rc = sqlite3_declare_vtab(db, declaration.data);
	ot_buf_release(&declaration);
	if (rc == SQLITE_OK)
		rc = sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
	if (rc != SQLITE_OK) {
		sqlite3_free(vtab);
		return rc;
	}
	*out = &vtab->base;
	return SQLITE_OK;
}

/* Another function than vtab_connect, or the module would be a table by itself. */
static int vtab_create(sqlite3 *db, void *context, int argc, const char *const *argv, sqlite3_vtab **out, char **message)
{
	return vtab_connect(db, context, argc, argv, out, message);
}

static int vtab_disconnect(sqlite3_vtab *vtab)
{
	sqlite3_free(vtab);
	return SQLITE_OK;
}

static int vtab_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	struct vtab *vtab = (struct vtab *)base;

	return plan_make(vtab->sql, vtab->table, info);
}

/* --- cursors --- */

static int cursor_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out)
{
	struct cursor *cursor = ot_alloc_zero(1, sizeof(*cursor));

	(void)vtab;
	*out = &cursor->base;
	return SQLITE_OK;
}

static int cursor_close(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	feed_close(cursor->feed);
	sql_engine_give_back(vtab_of(base)->sql, cursor->engine);
	ot_arena_release(&cursor->arena);
	ot_buf_release(&cursor->text);
	free(cursor);
	return SQLITE_OK;
}

static int step(struct cursor *cursor, struct ot_err *err)
{
	enum ot_status status = feed_next(cursor->feed, err);

	cursor->done = status != OT_OK;
	cursor->row++;
	return status == OT_OK || status == OT_END ? SQLITE_OK : fail(vtab_of(&cursor->base), err, status);
}

static int start(struct cursor *cursor, struct ot_err *err)
{
	struct vtab *vtab = vtab_of(&cursor->base);
	enum ot_status status = OT_OK;

	cursor->row = 0;
	feed_close(cursor->feed);
	cursor->feed = NULL;
	if (cursor->engine == NULL)
		status = sql_engine_take(vtab->sql, &cursor->engine, err);
	if (status == OT_OK)
		status = feed_open(&cursor->feed, vtab->sql, cursor->engine, &cursor->question, err);
	return status == OT_OK ? step(cursor, err) : fail(vtab, err, status);
}

/* What must hold of the time, for the footer. */
static void narrow(const struct ot_expr *expr, int64_t *since, int64_t *until)
{
	if (expr->kind == OT_EXPR_AND) {
		for (size_t i = 0; i < expr->child_count; i++)
			narrow(expr->children[i], since, until);
	} else if (expr->kind == OT_EXPR_TERM && expr->field == OT_TIMESTAMP && expr->match != OT_MATCH_PRESENT) {
		*since = expr->low > *since ? expr->low : *since;
		*until = expr->high < INT64_MAX && expr->high + 1 < *until ? expr->high + 1 : *until;
	}
}

static void note_question(struct ot_sql *sql, const struct ot_expr *where)
{
	int64_t since = OT_TIME_MIN, until = OT_TIME_MAX;

	if (where != NULL)
		narrow(where, &since, &until);
	if (since < sql->read.since)
		sql->read.since = since;
	if (until > sql->read.until)
		sql->read.until = until;
	if (where == NULL || sql->any.child_count == FILTERS_KEPT_MAX)
		sql->unfiltered = true;
	else
		sql->filters[sql->any.child_count++] = (struct ot_expr *)where;
	sql->read.any = sql->unfiltered ? NULL : &sql->any;
}

static void set_question(struct cursor *cursor, const struct plan *plan, const struct ot_expr *where)
{
	const struct table *table = vtab_of(&cursor->base)->table;

	cursor->question.wanted = plan->wanted;
	for (int f = 0; f < OT_FIELD_COUNT; f++)
		cursor->question.wanted.fields[f] |= cursor->also.fields[f];
	cursor->question.wanted.origins |= cursor->also.origins;
	cursor->question.wanted.records |= cursor->also.records;
	cursor->question.request = (struct ot_rows_request){
	    .question = {OT_TIME_MIN, OT_TIME_MAX, where, !table->calls},
	    .leaders = table->calls && cursor->filter.ptr == NULL,
	    .sort = OT_TIMESTAMP,
	    .descending = plan->descending,
	};
}

static int cursor_filter(sqlite3_vtab_cursor *base, int index_number, const char *index_text, int argc, sqlite3_value **argv)
{
	struct cursor *cursor = (struct cursor *)base;
	struct vtab *vtab = vtab_of(base);
	struct ot_sql *sql = vtab->sql;
	/* The footer needs the first few filters when all is done; those of an inner loop would be without end. */
	bool kept = !sql->unfiltered && sql->any.child_count < FILTERS_KEPT_MAX;
	const struct ot_expr *where = NULL;
	struct ot_err err = {0};
	struct plan plan;
	bool never = false;
	enum ot_status status;

	(void)index_number, (void)argc;
	feed_close(cursor->feed);
	cursor->feed = NULL;
	cursor->done = true;
	cursor->filter = OT_STR_NONE;
	ot_arena_reset(&cursor->arena);
	plan_read(&plan, index_text);
	status = plan_filter(sql, vtab->table, &plan, argv, kept ? &sql->arena : &cursor->arena, &where, &never, &cursor->filter, &err);
	if (status != OT_OK)
		return fail(vtab, &err, status);
	if (never)
		return SQLITE_OK;
	note_question(sql, where);
	set_question(cursor, &plan, where);
	return start(cursor, &err);
}

static int cursor_next(sqlite3_vtab_cursor *base)
{
	struct ot_err err = {0};

	return step((struct cursor *)base, &err);
}

static int cursor_eof(sqlite3_vtab_cursor *base)
{
	return ((struct cursor *)base)->done;
}

static int cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
	*out = feed_row_id(((struct cursor *)base)->feed);
	return SQLITE_OK;
}

/* A column that the plan has missed: asks again, with it, and goes to the same row. The order of rows is always the same. */
static int fetch_missed(struct cursor *cursor, const struct column *column)
{
	uint64_t row = cursor->row;
	struct ot_err err = {0};
	int rc;

	wanted_add(&cursor->also, column);
	wanted_add(&cursor->question.wanted, column);
	rc = start(cursor, &err);
	while (rc == SQLITE_OK && !cursor->done && cursor->row < row)
		rc = step(cursor, &err);
	return rc;
}

static void give_text(sqlite3_context *context, struct ot_str text)
{
	sqlite3_result_text64(context, text.ptr == NULL ? "" : text.ptr, text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static void give_value(struct cursor *cursor, sqlite3_context *context, const struct column *column, const union ot_value *value)
{
	enum ot_type type = column->kind == COLUMN_FIELD ? ot_fields[column->field].type : column->kind == COLUMN_RECORDS ? OT_TYPE_INT : OT_TYPE_TEXT;

	switch (type) {
	case OT_TYPE_INT:
		sqlite3_result_int64(context, value->number);
		break;
	case OT_TYPE_BOOL:
		sqlite3_result_int(context, value->number != 0);
		break;
	case OT_TYPE_TIME:
	case OT_TYPE_ENUM:
	case OT_TYPE_HEX:
		ot_buf_clear(&cursor->text);
		ot_value_put(&cursor->text, column->field, value);
		give_text(context, ot_buf_str(&cursor->text));
		break;
	default:
		give_text(context, value->text);
	}
}

static int cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int number)
{
	struct cursor *cursor = (struct cursor *)base;
	const struct column *column = &vtab_of(base)->table->columns[number];
	const union ot_value *value;
	int rc;

	if (column->kind == COLUMN_FILTER) {
		if (cursor->filter.ptr != NULL)
			give_text(context, cursor->filter);
		return SQLITE_OK;
	}
	if (!wanted_has(&cursor->question.wanted, column)) {
		rc = fetch_missed(cursor, column);
		if (rc != SQLITE_OK || cursor->done)
			return rc;
	}
	value = feed_value(cursor->feed, column);
	if (value != NULL)
		give_value(cursor, context, column, value);
	return SQLITE_OK;
}

static const sqlite3_module module = {
    .iVersion = 1,
    .xCreate = vtab_create,
    .xConnect = vtab_connect,
    .xBestIndex = vtab_best_index,
    .xDisconnect = vtab_disconnect,
    .xDestroy = vtab_disconnect,
    .xOpen = cursor_open,
    .xClose = cursor_close,
    .xFilter = cursor_filter,
    .xNext = cursor_next,
    .xEof = cursor_eof,
    .xColumn = cursor_column,
    .xRowid = cursor_rowid,
};

int vtab_register(struct ot_sql *sql)
{
	int rc = sqlite3_create_module_v2(sql->db, "onetrail", &module, sql, NULL);

	for (size_t i = 0; i < TABLE_COUNT && rc == SQLITE_OK; i++) {
		char *text = sqlite3_mprintf("CREATE VIRTUAL TABLE %s USING onetrail", sql->tables[i].name);

		rc = text == NULL ? SQLITE_NOMEM : sqlite3_exec(sql->db, text, NULL, NULL, NULL);
		sqlite3_free(text);
	}
	return rc;
}
