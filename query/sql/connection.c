/* A connection: SQLite without a database of its own, and engines for the cursors of the statement at hand. */
#include "sql.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum {
	OPS_BETWEEN_LOOKS = 2000, /* of SQLite's machine, at the cancel flag */
	FILES_OTHER = 512,
};

static int stop_if_cancelled(void *context)
{
	return sql_cancelled(context);
}

/* SQLite's own tables that are functions come to be when they are first named, and declaring one looks like CREATE TABLE to the guard. */
static int name_functions(sqlite3 *db)
{
	return sqlite3_exec(db,
	    "SELECT 1 FROM json_each('[]'), json_tree('[]'), pragma_table_info('calls'), pragma_table_xinfo('calls'), pragma_table_list, "
	    "pragma_function_list, pragma_collation_list, pragma_compile_options LIMIT 0",
	    NULL, NULL, NULL);
}

enum ot_status ot_sql_open(struct ot_sql **out, const struct ot_sql_options *options, struct ot_err *err)
{
	struct ot_sql *sql = ot_alloc_zero(1, sizeof(*sql));
	int rc = sqlite3_open_v2(":memory:", &sql->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX, NULL);

	sql->options = *options;
	sql->any.kind = OT_EXPR_OR;
	sql->any.children = sql->filters;
	sql_table_init(&sql->tables[TABLE_RECORDS], "records", false);
	sql_table_init(&sql->tables[TABLE_CALLS], "calls", true);
	if (rc == SQLITE_OK)
		rc = functions_register(sql);
	if (rc == SQLITE_OK)
		rc = vtab_register(sql);
	if (rc == SQLITE_OK)
		rc = name_functions(sql->db);
	if (rc != SQLITE_OK) {
		ot_err_set(err, OT_IO, "SQLite: %s", sql->db == NULL ? sqlite3_errstr(rc) : sqlite3_errmsg(sql->db));
		ot_sql_close(sql);
		return OT_IO;
	}
	guard_set(sql);
	sqlite3_progress_handler(sql->db, OPS_BETWEEN_LOOKS, stop_if_cancelled, sql);
	sql->sealed = true;
	*out = sql;
	return OT_OK;
}

static void engine_free(struct ot_sql *sql, struct sql_engine *engine)
{
	sql->engine_count--;
	ot_engine_close(engine->engine);
	free(engine);
}

static void forget_engines(struct ot_sql *sql)
{
	sql->read.snapshot = NULL;
	while (sql->idle_count > 0)
		engine_free(sql, sql->idle[--sql->idle_count]);
}

void ot_sql_close(struct ot_sql *sql)
{
	if (sql == NULL)
		return;
	sqlite3_close(sql->db);
	forget_engines(sql);
	ot_arena_release(&sql->arena);
	free(sql);
}

/* The store may have grown since the last statement: each has a snapshot of its own, unless one was asked for. */
void sql_begin(struct ot_sql *sql)
{
	forget_engines(sql);
	ot_arena_reset(&sql->arena);
	memset(sql->named, 0, sizeof(sql->named));
	memset(&sql->read, 0, sizeof(sql->read));
	sql->read.since = OT_TIME_MAX;
	sql->read.until = OT_TIME_MIN;
	sql->denied[0] = '\0';
	sql->any.child_count = 0;
	sql->unfiltered = false;
	sql->at = sql->options.at;
	sql->now_ns = ot_time_now();
}

/* Each engine keeps the segments open that it has read; one makes room for its own only. */
static void allow_files(struct ot_sql *sql, size_t segments)
{
	rlim_t wanted = (rlim_t)(++sql->engine_count * segments + FILES_OTHER);
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	setrlimit(RLIMIT_NOFILE, &limit);
}

enum ot_status sql_engine_take(struct ot_sql *sql, struct sql_engine **out, struct ot_err *err)
{
	struct ot_engine_options options = {.at = sql->at};
	struct sql_engine *engine;
	enum ot_status status;

	if (sql->idle_count > 0) {
		*out = sql->idle[--sql->idle_count];
		return OT_OK;
	}
	engine = ot_alloc_zero(1, sizeof(*engine));
	options.cancel = &engine->cancel;
	status = ot_engine_open(&engine->engine, sql->options.store, &options, err);
	if (status != OT_OK) {
		free(engine);
		return status;
	}
	sql->at = ot_engine_snapshot(engine->engine)->id;
	allow_files(sql, ot_engine_snapshot(engine->engine)->segment_count);
	*out = engine;
	return OT_OK;
}

void sql_engine_give_back(struct ot_sql *sql, struct sql_engine *engine)
{
	if (engine == NULL)
		return;
	if (sql->idle_count < ENGINES_IDLE_MAX)
		sql->idle[sql->idle_count++] = engine;
	else
		engine_free(sql, engine);
}

const struct ot_sql_read *ot_sql_read_of(const struct ot_sql *sql)
{
	return &sql->read;
}
