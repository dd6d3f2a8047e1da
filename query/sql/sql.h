/* What the parts of a SQL connection share: the connection, its tables' columns, and what a statement has read. */
#ifndef OT_QUERY_SQL_SQL_H
#define OT_QUERY_SQL_SQL_H

#include <query/sql.h>
#include <sqlite3.h>

enum { ENGINES_IDLE_MAX = 4, FILTERS_KEPT_MAX = 8, LABEL_MAX = 64 };

/* --- the tables, in columns.c --- */

enum column_kind { COLUMN_FIELD, COLUMN_ORIGINS, COLUMN_RECORDS, COLUMN_FILTER };
struct column {
	const char *name;
	enum column_kind kind;
	enum ot_field field; /* FIELD */
	bool hidden; /* named, but not part of "*" */
};
/* Fields, origins and records (of calls only), the filter, aliases. The filter is the first hidden one: the argument of a table called as a function. */
enum { COLUMNS_MAX = 2 * OT_FIELD_COUNT + 3 };
struct table {
	const char *name;
	bool calls;
	struct column columns[COLUMNS_MAX];
	size_t count;
};
enum { TABLE_RECORDS, TABLE_CALLS, TABLE_COUNT };
void sql_table_init(struct table *table, const char *name, bool calls);
/* What declares it to SQLite. */
void sql_table_declare(const struct table *table, struct ot_buf *out);
int sql_table_find(const struct table *table, const char *column); /* -1: none */

/* Which parts of a row are wanted: fields, and what a call has beside them. */
struct wanted {
	bool fields[OT_FIELD_COUNT];
	bool origins, records;
};
static inline void wanted_add(struct wanted *wanted, const struct column *column)
{
	if (column->kind == COLUMN_FIELD)
		wanted->fields[column->field] = true;
	wanted->origins |= column->kind == COLUMN_ORIGINS;
	wanted->records |= column->kind == COLUMN_RECORDS;
}
static inline bool wanted_has(const struct wanted *wanted, const struct column *column)
{
	switch (column->kind) {
	case COLUMN_FIELD:
		return wanted->fields[column->field];
	case COLUMN_ORIGINS:
		return wanted->origins;
	case COLUMN_RECORDS:
		return wanted->records;
	default:
		return true;
	}
}

/* --- the connection, in connection.c --- */

/* An engine answers one cursor at a time, so that cursors can be stopped one by one. */
struct sql_engine {
	struct ot_engine *engine;
	volatile int cancel;
};

struct ot_sql {
	sqlite3 *db;
	struct ot_sql_options options;
	struct table tables[TABLE_COUNT];
	bool sealed; /* the tables are made: from here on nothing may be changed */
	/* of the statement at hand */
	struct ot_arena arena;
	bool named[TABLE_COUNT][COLUMNS_MAX]; /* columns that the statement reads */
	char denied[LABEL_MAX]; /* what it may not do */
	struct ot_sql_read read;
	struct ot_expr *filters[FILTERS_KEPT_MAX], any;
	bool unfiltered;
	int64_t at; /* its snapshot; 0: none yet */
	int64_t now_ns;
	size_t engine_count; /* open, at work or idle */
	struct sql_engine *idle[ENGINES_IDLE_MAX];
	size_t idle_count;
};

static inline bool sql_cancelled(const struct ot_sql *sql)
{
	return sql->options.cancel != NULL && *sql->options.cancel != 0;
}
/* Forgets what the statement before it did. */
void sql_begin(struct ot_sql *sql);
enum ot_status sql_engine_take(struct ot_sql *sql, struct sql_engine **out, struct ot_err *err);
void sql_engine_give_back(struct ot_sql *sql, struct sql_engine *engine); /* NULL is fine */

/* In guard.c. */
void guard_set(struct ot_sql *sql);
/* In vtab.c. */
int vtab_register(struct ot_sql *sql);
/* In functions.c. */
int functions_register(struct ot_sql *sql);

/* --- times, in times.c --- */

/* RFC 3339, or its beginning: a year, a month, a day, a minute; a blank may stand for T; without a zone it is UTC, as in SQLite's own functions. */
bool sql_time_parse(struct ot_str text, int64_t *time_ns);
/* Collation "time": texts that are times compare as instants, however they are written; others come behind them, by their bytes. */
extern const char sql_time_collation[];
int sql_time_compare(void *context, int a_len, const void *a, int b_len, const void *b);

#endif
