/* What a statement may do: read. SQLite asks here about each thing that one would do, before it runs. */
#include "sql.h"

#include <stdio.h>
#include <string.h>

static const struct {
	int action;
	const char *words; /* %s: what it is done to */
	int named_by; /* argument with the name: 1 or 2; 0: none */
} denials[] = {
    {SQLITE_INSERT, "insert into %s", 1},
    {SQLITE_UPDATE, "update %s", 1},
    {SQLITE_DELETE, "delete from %s", 1},
    {SQLITE_CREATE_TABLE, "create table %s", 1},
    {SQLITE_CREATE_TEMP_TABLE, "create table %s", 1},
    {SQLITE_CREATE_INDEX, "create index %s", 1},
    {SQLITE_CREATE_TEMP_INDEX, "create index %s", 1},
    {SQLITE_CREATE_VIEW, "create view %s", 1},
    {SQLITE_CREATE_TEMP_VIEW, "create view %s", 1},
    {SQLITE_CREATE_TRIGGER, "create trigger %s", 1},
    {SQLITE_CREATE_TEMP_TRIGGER, "create trigger %s", 1},
    {SQLITE_CREATE_VTABLE, "create table %s", 1},
    {SQLITE_DROP_TABLE, "drop table %s", 1},
    {SQLITE_DROP_VTABLE, "drop table %s", 1},
    {SQLITE_ALTER_TABLE, "alter table %s", 2},
    {SQLITE_ATTACH, "attach a database", 0},
    {SQLITE_DETACH, "detach a database", 0},
    {SQLITE_PRAGMA, "set or read pragma %s", 1},
    {SQLITE_TRANSACTION, "begin or end a transaction", 0},
    {SQLITE_SAVEPOINT, "set a savepoint", 0},
    {SQLITE_ANALYZE, "analyze", 0},
    {SQLITE_REINDEX, "make indexes anew", 0},
    {SQLITE_FUNCTION, "call %s", 2},
};

/* Pragmas that tell what there is, and change nothing. */
static const char *const pragmas[] = {"table_info", "table_xinfo", "table_list", "function_list", "collation_list", "pragma_list", "module_list",
    "compile_options", "database_list"};
/* Functions that reach beyond the statement. */
static const char *const functions[] = {"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"};

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count && name != NULL; i++) {
		if (sqlite3_stricmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

static void note_column(struct ot_sql *sql, const char *table, const char *column)
{
	for (int i = 0; i < TABLE_COUNT && table != NULL && column != NULL; i++) {
		int at = sqlite3_stricmp(table, sql->tables[i].name) == 0 ? sql_table_find(&sql->tables[i], column) : -1;

		if (at >= 0)
			sql->named[i][at] = true;
	}
}

static int deny(struct ot_sql *sql, int action, const char *first, const char *second)
{
	/* The first that SQLite asks of CREATE and DROP is whether its own tables may change. */
	if (first != NULL && (action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE) && sqlite3_strnicmp(first, "sqlite_", 7) == 0) {
		snprintf(sql->denied, sizeof(sql->denied), "create, change or drop tables, views and indexes");
		return SQLITE_DENY;
	}
	for (size_t i = 0; i < sizeof(denials) / sizeof(denials[0]); i++) {
		const char *name = denials[i].named_by == 2 ? second : first;

		if (denials[i].action != action)
			continue;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(sql->denied, sizeof(sql->denied), denials[i].words, name == NULL ? "" : name);
#pragma GCC diagnostic pop
		return SQLITE_DENY;
	}
	snprintf(sql->denied, sizeof(sql->denied), "do that");
	return SQLITE_DENY;
}

static int may(void *context, int action, const char *first, const char *second, const char *database, const char *within)
{
	struct ot_sql *sql = context;

	(void)database, (void)within;
	if (!sql->sealed)
		return SQLITE_OK;
	switch (action) {
	case SQLITE_READ:
		note_column(sql, first, second);
		return SQLITE_OK;
	case SQLITE_SELECT:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		if (!is_one_of(second, functions, sizeof(functions) / sizeof(functions[0])))
			return SQLITE_OK;
		break;
	case SQLITE_PRAGMA:
		if (is_one_of(first, pragmas, sizeof(pragmas) / sizeof(pragmas[0])))
			return SQLITE_OK;
		break;
	}
	return deny(sql, action, first, second);
}

void guard_set(struct ot_sql *sql)
{
	static const struct {
		int limit, value;
	} limits[] = {
	    {SQLITE_LIMIT_LENGTH, 64 << 20},
	    {SQLITE_LIMIT_SQL_LENGTH, 1 << 20},
	    {SQLITE_LIMIT_EXPR_DEPTH, 500},
	    {SQLITE_LIMIT_COMPOUND_SELECT, 500},
	    {SQLITE_LIMIT_VDBE_OP, 1 << 20},
	    {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 4096},
	    {SQLITE_LIMIT_ATTACHED, 0},
	    {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
	    {SQLITE_LIMIT_WORKER_THREADS, 0},
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		sqlite3_limit(sql->db, limits[i].limit, limits[i].value);
	sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(sql->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	/* "stauts" in double quotes is a column that is missing, and no text. */
	sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_set_authorizer(sql->db, may, sql);
}
