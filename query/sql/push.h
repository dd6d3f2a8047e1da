/*
 * What SQLite asks of a table, as a question of the engine.
 *
 * A constraint that is pushed down is one that the engine can decide at least as widely as SQLite does: SQLite looks at every row again, so a
 * constraint that cannot be put into the engine's terms for certain is left to it. Only the argument of calls('FILTER') is the engine's alone.
 */
#ifndef OT_QUERY_SQL_PUSH_H
#define OT_QUERY_SQL_PUSH_H

#include "sql.h"

enum { PLAN_TERMS_MAX = 32 };

/* Made when a statement is prepared, carried out when a cursor is. SQLite carries it from the one to the other behind the words of idxStr. */
struct plan {
	struct {
		uint8_t column, op; /* of the table; SQLITE_INDEX_CONSTRAINT_* */
		bool list; /* IN: its value is a list */
	} terms[PLAN_TERMS_MAX];
	size_t term_count;
	struct wanted wanted;
	bool descending;
};

/* xBestIndex. SQLITE_CONSTRAINT where the filter's value is not known yet. */
int plan_make(struct ot_sql *sql, const struct table *table, sqlite3_index_info *info);
void plan_read(struct plan *plan, const char *index_text);

/* xFilter: the plan's terms with their values as a filter in the arena; NULL: everything. `*never`: no row can match. `*filter`: the argument of a
 * table called as a function, absent where it is none. OT_SYNTAX where that is no filter. */
enum ot_status plan_filter(struct ot_sql *sql, const struct table *table, const struct plan *plan, sqlite3_value **values, struct ot_arena *arena,
    const struct ot_expr **out, bool *never, struct ot_str *filter, struct ot_err *err);

#endif
