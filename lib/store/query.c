#include "catalog.h"

#include <assert.h>

/* A cached statement that is being stepped (a callback asked the same again) is not free. */
static sqlite3_stmt *cached(struct ot_store *store, const char *sql)
{
	for (size_t i = 0; i < store->statement_count; i++)
		if (store->statements[i].sql == sql && !sqlite3_stmt_busy(store->statements[i].stmt))
			return store->statements[i].stmt;
	return NULL;
}

static bool cache(struct ot_store *store, const char *sql, sqlite3_stmt *stmt)
{
	if (store->statement_count == OT_STATEMENTS_MAX)
		return false;
	store->statements[store->statement_count++] = (struct ot_statement){ sql, stmt };
	return true;
}

void ot_query_start(struct ot_query *q, struct ot_store *store, const char *sql, struct ot_err *err)
{
	*q = (struct ot_query){ .store = store, .err = err };
	pthread_mutex_lock(&store->lock);
	q->stmt = cached(store, sql);
	if (q->stmt != NULL)
		return;
	if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &q->stmt, NULL) != SQLITE_OK) {
		q->status = ot_catalog_fail(store, err);
		return;
	}
	q->own = !cache(store, sql, q->stmt);
}

static void check(struct ot_query *q, int code)
{
	if (code != SQLITE_OK && q->status == OT_OK)
		q->status = ot_catalog_fail(q->store, q->err);
}

void ot_query_int(struct ot_query *q, int64_t value)
{
	if (q->status == OT_OK)
		check(q, sqlite3_bind_int64(q->stmt, ++q->bound, value));
}

void ot_query_u64(struct ot_query *q, uint64_t value)
{
	ot_query_int(q, (int64_t)value);
}

void ot_query_null(struct ot_query *q)
{
	if (q->status == OT_OK)
		check(q, sqlite3_bind_null(q->stmt, ++q->bound));
}

void ot_query_text(struct ot_query *q, struct ot_str text)
{
	if (q->status == OT_OK)
		check(q, sqlite3_bind_text64(q->stmt, ++q->bound, text.ptr == NULL ? "" : text.ptr, text.len, SQLITE_STATIC, SQLITE_UTF8));
}

void ot_query_blob(struct ot_query *q, struct ot_str bytes)
{
	if (q->status == OT_OK)
		check(q, sqlite3_bind_blob64(q->stmt, ++q->bound, bytes.ptr == NULL ? "" : bytes.ptr, bytes.len, SQLITE_STATIC));
}

bool ot_query_row(struct ot_query *q)
{
	int code;

	if (q->status != OT_OK)
		return false;
	assert(q->bound == sqlite3_bind_parameter_count(q->stmt));
	q->column = 0;
	code = sqlite3_step(q->stmt);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		q->status = ot_catalog_fail(q->store, q->err);
	return code == SQLITE_ROW;
}

int64_t ot_query_get_int(struct ot_query *q)
{
	return sqlite3_column_int64(q->stmt, q->column++);
}

uint64_t ot_query_get_u64(struct ot_query *q)
{
	return (uint64_t)ot_query_get_int(q);
}

bool ot_query_get_null(struct ot_query *q)
{
	if (sqlite3_column_type(q->stmt, q->column) != SQLITE_NULL)
		return false;
	q->column++;
	return true;
}

struct ot_str ot_query_get_text(struct ot_query *q, struct ot_arena *arena)
{
	const char *bytes = sqlite3_column_blob(q->stmt, q->column);
	int len = sqlite3_column_bytes(q->stmt, q->column);

	q->column++;
	return ot_arena_str(arena, bytes == NULL ? OT_STR("") : (struct ot_str){ bytes, (size_t)len });
}

enum ot_status ot_query_end(struct ot_query *q)
{
	if (q->own) {
		sqlite3_finalize(q->stmt);
	} else if (q->stmt != NULL) {
		sqlite3_reset(q->stmt);
		sqlite3_clear_bindings(q->stmt);
	}
	pthread_mutex_unlock(&q->store->lock);
	return q->status;
}

enum ot_status ot_query_run(struct ot_query *q)
{
	while (ot_query_row(q))
		;
	return ot_query_end(q);
}

static enum ot_status run(struct ot_store *store, const char *sql, struct ot_err *err)
{
	struct ot_query q;

	ot_query_start(&q, store, sql, err);
	return ot_query_run(&q);
}

enum ot_status ot_transaction_begin(struct ot_transaction *t, struct ot_store *store, bool write, struct ot_err *err)
{
	enum ot_status status = OT_OK;

	*t = (struct ot_transaction){ store, false };
	pthread_mutex_lock(&store->lock);
	if (sqlite3_get_autocommit(store->db)) {
		status = write ? run(store, "BEGIN IMMEDIATE", err) : run(store, "BEGIN", err);
		t->own = status == OT_OK;
	}
	if (status != OT_OK)
		pthread_mutex_unlock(&store->lock);
	return status;
}

enum ot_status ot_transaction_end(struct ot_transaction *t, enum ot_status status, struct ot_err *err)
{
	struct ot_store *store = t->store;

	if (t->own && status == OT_OK)
		status = run(store, "COMMIT", err);
	/* After some failures SQLite has rolled back by itself. */
	if (t->own && status != OT_OK && !sqlite3_get_autocommit(store->db))
		run(store, "ROLLBACK", NULL);
	t->own = false;
	pthread_mutex_unlock(&store->lock);
	return status;
}
