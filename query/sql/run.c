/* One statement: prepared, stepped through, its values given away as cells; what is wrong with it in words. */
#include "sql.h"

#include <base/text.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LEN = 256, SHOWN_BEFORE = 60, SHOWN_BEHIND = 40 };

struct statement {
	struct ot_sql *sql;
	sqlite3_stmt *stmt;
	const struct ot_sql_reader *reader;
	int columns;
	struct ot_cell *cells;
	struct ot_arena arena; /* names; hex of the row at hand */
	struct ot_buf hex;
};

/* --- what is wrong --- */

/* The line about `at`, and a mark under it. */
static void put_spot(struct ot_buf *out, struct ot_str text, size_t at)
{
	size_t from = at, end = at;
	struct ot_buf before = {0};

	while (from > 0 && text.ptr[from - 1] != '\n' && at - from < SHOWN_BEFORE)
		from--;
	while (end < text.len && text.ptr[end] != '\n' && end - at < SHOWN_BEHIND)
		end++;
	ot_text_display(&before, ot_str_sub(text, from, at - from));
	ot_buf_text(out, "\n  ");
	ot_buf_str_put(out, ot_buf_str(&before));
	ot_text_display(out, ot_str_sub(text, at, end - at));
	ot_buf_text(out, "\n  ");
	for (size_t i = ot_text_width(ot_buf_str(&before)); i > 0; i--)
		ot_buf_char(out, ' ');
	ot_buf_char(out, '^');
	ot_buf_release(&before);
}

static void put_nearest(struct ot_buf *out, struct ot_str message)
{
	static const struct ot_str no_column = {"no such column: ", 16}, no_table = {"no such table: ", 15};
	struct ot_str name, rest;

	if (ot_str_starts(message, no_table))
		ot_buf_text(out, "; there are records and calls");
	if (!ot_str_starts(message, no_column))
		return;
	name = ot_str_sub(message, no_column.len, message.len);
	while (ot_str_find_char(name, '.') >= 0) { /* the table's name before it */
		ot_str_cut(name, '.', &rest);
		name = rest;
	}
	ot_buf_printf(out, "; the nearest is %s", ot_field_nearest(name));
}

/* A filter's error has lines and a mark of its own. */
static void put_lines(struct ot_buf *out, struct ot_str text)
{
	for (struct ot_str rest = text, line; rest.ptr != NULL;) {
		line = ot_str_cut(rest, '\n', &rest);
		ot_text_display(out, line);
		if (rest.ptr != NULL)
			ot_buf_char(out, '\n');
	}
}

static enum ot_status explain(struct ot_sql *sql, struct ot_str text, int rc, struct ot_err *err)
{
	struct ot_buf words;
	struct ot_str message = ot_str_from(sqlite3_errmsg(sql->db));
	int at = -1;

	if (rc == SQLITE_INTERRUPT)
		return ot_err_set(err, OT_CANCELLED, "stopped");
	if (sql->denied[0] != '\0')
		return ot_err_set(err, OT_SYNTAX, "the store is only read here: a statement cannot %s", sql->denied);
	if (ot_str_ends(message, OT_STR(" may not be modified")))
		return ot_err_set(err, OT_SYNTAX, "the store is only read here: %s", sqlite3_errmsg(sql->db));
	ot_buf_init(&words, OT_ERR_TEXT_MAX - 1);
	put_lines(&words, message);
	put_nearest(&words, message);
#if SQLITE_VERSION_NUMBER >= 3038000
	at = sqlite3_error_offset(sql->db);
#endif
	if (at >= 0 && (size_t)at <= text.len)
		put_spot(&words, text, (size_t)at);
	ot_err_set(err, rc == SQLITE_TOOBIG ? OT_LIMIT : OT_SYNTAX, "%.*s", OT_STR_ARGS(ot_buf_str(&words)));
	ot_buf_release(&words);
	return err == NULL ? OT_SYNTAX : err->status;
}

/* --- rows --- */

static bool is_taken(const char *const *names, int count, const char *name)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

/* Every column a name of its own, since a JSON object has each but once. */
static const char *name_of(struct statement *s, const char *const *names, int i)
{
	const char *given = sqlite3_column_name(s->stmt, i), *name = ot_arena_cstr(&s->arena, ot_str_sub(ot_str_from(given == NULL ? "" : given), 0, NAME_MAX_LEN));

	for (int number = 2; is_taken(names, i, name); number++)
		name = ot_arena_cstr(&s->arena, ot_arena_printf(&s->arena, "%.*s:%d", NAME_MAX_LEN, given, number));
	return name;
}

static enum ot_status give_names(struct statement *s, struct ot_err *err)
{
	const char **names = ot_arena_zero(&s->arena, (size_t)s->columns, sizeof(*names));

	for (int i = 0; i < s->columns; i++)
		names[i] = name_of(s, names, i);
	return s->reader->columns(s->reader->context, names, (size_t)s->columns, err);
}

static struct ot_cell cell_of(struct statement *s, int i)
{
	const char *bytes;

	switch (sqlite3_column_type(s->stmt, i)) {
	case SQLITE_INTEGER:
		return ot_cell_integer(sqlite3_column_int64(s->stmt, i));
	case SQLITE_FLOAT:
		return ot_cell_exact(sqlite3_column_double(s->stmt, i));
	case SQLITE_TEXT:
		bytes = (const char *)sqlite3_column_text(s->stmt, i);
		return ot_cell_text((struct ot_str){bytes == NULL ? "" : bytes, (size_t)sqlite3_column_bytes(s->stmt, i)});
	case SQLITE_BLOB:
		bytes = sqlite3_column_blob(s->stmt, i);
		ot_buf_clear(&s->hex);
		ot_buf_hex(&s->hex, bytes, (size_t)sqlite3_column_bytes(s->stmt, i));
		return ot_cell_text(ot_arena_str(&s->arena, ot_buf_str(&s->hex)));
	default:
		return ot_cell_null();
	}
}

static enum ot_status give_rows(struct statement *s, struct ot_str text, struct ot_err *err)
{
	enum ot_status status = OT_OK;
	int rc;

	while ((rc = sqlite3_step(s->stmt)) == SQLITE_ROW && status == OT_OK) {
		for (int i = 0; i < s->columns; i++)
			s->cells[i] = cell_of(s, i);
		status = s->reader->row(s->reader->context, s->cells, err);
		ot_arena_reset(&s->arena);
		if (status != OT_OK || sql_cancelled(s->sql))
			break;
	}
	if (status == OT_OK && sql_cancelled(s->sql))
		return ot_err_set(err, OT_CANCELLED, "stopped");
	return status == OT_OK && rc != SQLITE_DONE ? explain(s->sql, text, rc, err) : status;
}

static enum ot_status run(struct statement *s, struct ot_str text, struct ot_err *err)
{
	enum ot_status status = OT_OK;

	s->columns = sqlite3_column_count(s->stmt);
	s->cells = ot_alloc_zero((unsigned long)s->columns + 1, sizeof(*s->cells));
	if (s->columns > 0)
		status = give_names(s, err);
	if (status == OT_OK)
		status = give_rows(s, text, err);
	free(s->cells);
	return status;
}

enum ot_status ot_sql_run(struct ot_sql *sql, struct ot_str text, const struct ot_sql_reader *reader, struct ot_str *rest, struct ot_err *err)
{
	struct statement s = {.sql = sql, .reader = reader};
	const char *tail = text.ptr;
	enum ot_status status = OT_OK;
	int rc;

	sql_begin(sql);
	*rest = ot_str_sub(text, text.len, 0);
	if (text.len > INT32_MAX)
		return ot_err_set(err, OT_LIMIT, "a statement of %zu bytes is too long", text.len);
	rc = sqlite3_prepare_v2(sql->db, text.ptr, (int)text.len, &s.stmt, &tail);
	if (rc == SQLITE_OK)
		*rest = ot_str_sub(text, (size_t)(tail - text.ptr), text.len);
	if (rc != SQLITE_OK)
		status = explain(sql, text, rc, err);
	else if (s.stmt != NULL)
		status = run(&s, text, err);
	sqlite3_finalize(s.stmt);
	ot_arena_release(&s.arena);
	ot_buf_release(&s.hex);
	if (sql->idle_count > 0)
		sql->read.snapshot = ot_engine_snapshot(sql->idle[0]->engine);
	return status;
}

bool ot_sql_is_whole(const char *text)
{
	return sqlite3_complete(text) != 0;
}
