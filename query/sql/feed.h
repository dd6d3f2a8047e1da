/*
 * A feed: the engine gives rows away, SQLite fetches them. The engine works in a thread of its own and fills batches; the cursor empties them.
 * A few batches of bounded size are all that waits between the two.
 */
#ifndef OT_QUERY_SQL_FEED_H
#define OT_QUERY_SQL_FEED_H

#include "sql.h"

struct feed;

struct feed_question {
	struct ot_rows_request request; /* its fields are filled in from `wanted` */
	struct wanted wanted;
};

/* `question` and what it points to must outlive the feed. */
enum ot_status feed_open(struct feed **out, struct ot_sql *sql, struct sql_engine *engine, struct feed_question *question, struct ot_err *err);
/* Stops the engine if it is at work, waits for it, and adds what it did to what the statement read. NULL is fine. */
void feed_close(struct feed *feed);

/* To the next row, which is at hand until this is called again. OT_END after the last. OT_CANCELLED within a moment of the cancel flag. */
enum ot_status feed_next(struct feed *feed, struct ot_err *err);
sqlite3_int64 feed_row_id(const struct feed *feed);
/* NULL where the row has no such value; origins are a text, records a number. The column is one that was wanted. */
const union ot_value *feed_value(const struct feed *feed, const struct column *column);

#endif
