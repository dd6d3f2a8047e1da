/*
 * SQL over the store: SQLite's, read-only, on tables `records` and `calls`. docs/QUERY.md tells it to people.
 *
 * Both tables have the schema's fields under their names; aliases can be named too but are not part of `*`. `calls` has one row for each call,
 * with the fields of its leading record, and `origins` and `records` beside them. WHERE asks the rows of a table, as always in SQL.
 * calls('FILTER') and records('FILTER') ask as the command line does: a call matches where any of its records does.
 */
#ifndef OT_QUERY_SQL_H
#define OT_QUERY_SQL_H

#include <query/engine.h>
#include <query/output.h>

struct ot_sql;

struct ot_sql_options {
	struct ot_store *store; /* must outlive the handle */
	int64_t at;		/* snapshot; 0: the newest at each statement's beginning */
	const struct ot_zone *zone; /* of times in filters */
	volatile int *cancel;	/* set from outside to stop a statement: it returns OT_CANCELLED; may be NULL */
};
enum ot_status ot_sql_open(struct ot_sql **out, const struct ot_sql_options *options, struct ot_err *err);
void ot_sql_close(struct ot_sql *sql); /* NULL is fine */

/* Who takes in a statement's answer. Any status but OT_OK ends it and is returned (OT_END: quietly). Names and cells live until the function returns. */
struct ot_sql_reader {
	enum ot_status (*columns)(void *context, const char *const *names, size_t count, struct ot_err *err);
	enum ot_status (*row)(void *context, const struct ot_cell *cells, struct ot_err *err);
	void *context;
};
/* Runs the first statement of `text`; `*rest` is what follows it, of no length at the end. Blanks and comments are a statement without columns.
 * OT_SYNTAX: err holds SQLite's words, the nearest name, and the line with a mark under the spot. */
enum ot_status ot_sql_run(struct ot_sql *sql, struct ot_str text, const struct ot_sql_reader *reader, struct ot_str *rest, struct ot_err *err);
/* Whether `text` ends with a whole statement and its semicolon. */
bool ot_sql_is_whole(const char *text);

/* What the last statement read of the store: for the footer. */
struct ot_sql_read {
	uint64_t questions;	   /* put to the engine; 0: the store was not asked */
	int64_t since, until;	   /* outside of which nothing was asked for */
	const struct ot_expr *any; /* each question's filter is one of its children; NULL: everything may have been read */
	struct ot_scan_stats stats;
	uint64_t values_given_up;  /* by REGEXP, and by the engine */
	const struct ot_snapshot *snapshot; /* it was asked of; lives until the next statement */
};
const struct ot_sql_read *ot_sql_read_of(const struct ot_sql *sql);

/* --- at a terminal --- */

/* Reads the history and sets the completion up; ot_sql_prompt_end writes it. Neither complains: a history is a convenience. */
void ot_sql_prompt_begin(void);
void ot_sql_prompt_end(void);
/* A line without its end, malloc'ed; NULL at the end of input or where a signal came. `more`: a statement has begun. */
char *ot_sql_prompt_line(bool more);
/* Adds a whole statement to the history. */
void ot_sql_prompt_remember(const char *statement);
/* Names that fit behind `prefix` (tables, columns, keywords, functions), in turn, malloc'ed; NULL after the last. `again` 0 begins anew. */
char *ot_sql_complete(const char *prefix, int again);

#endif
