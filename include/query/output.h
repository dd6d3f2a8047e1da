/*
 * Outputs: the same rows as a table for people, as JSON (one object a line), as CSV. What is text from a log is escaped here and nowhere else.
 *
 * A report names its columns, then gives cells row by row. A table's widths come from its first OT_OUTPUT_LOOK rows, so that any number of rows streams.
 */
#ifndef OT_QUERY_OUTPUT_H
#define OT_QUERY_OUTPUT_H

#include <base/time.h>
#include <store/record.h>

enum ot_output_form { OT_OUTPUT_TABLE, OT_OUTPUT_JSON, OT_OUTPUT_CSV };
enum { OT_OUTPUT_LOOK = 200 };

struct ot_output_options {
	enum ot_output_form form;
	bool color;		    /* table only */
	unsigned width;		    /* columns of the terminal; 0: as wide as it gets */
	const struct ot_zone *zone; /* of times in tables; NULL: UTC */
};

/* What a cell holds; each output writes it in its own way. */
enum ot_cell_kind { OT_CELL_NULL, OT_CELL_FIELD, OT_CELL_TEXT, OT_CELL_COUNT, OT_CELL_INTEGER, OT_CELL_REAL, OT_CELL_EXACT, OT_CELL_SHARE, OT_CELL_RATE, OT_CELL_BYTES, OT_CELL_TIME, OT_CELL_DURATION, OT_CELL_TEXTS };
struct ot_cell {
	enum ot_cell_kind kind;
	enum ot_field field;	     /* FIELD */
	union ot_value value;	     /* FIELD */
	struct ot_str text;	     /* TEXT */
	int64_t number;		     /* COUNT, INTEGER (no commas between its digits), BYTES, TIME and DURATION (ns) */
	double real;		     /* REAL; EXACT (not rounded for people); SHARE from 0 to 1; RATE a second */
	const struct ot_str *texts;  /* TEXTS: an array in JSON, joined by blanks elsewhere */
	size_t text_count;
};

struct ot_output_column {
	const char *name;  /* in JSON and CSV */
	const char *title; /* in tables */
	bool flexible;	   /* in tables: gives way first where the terminal is narrow */
};

struct ot_output;
/* Rows go to `fd`. Columns' texts must outlive the output. */
enum ot_status ot_output_open(struct ot_output **out, int fd, const struct ot_output_options *options, const struct ot_output_column *columns, size_t count, struct ot_err *err);
/* One row of as many cells as there are columns. OT_END where nobody reads any more (EPIPE): stop quietly. */
enum ot_status ot_output_row(struct ot_output *out, const struct ot_cell *cells, struct ot_err *err);
/* A line of JSON that is no row: the summary. Other forms pass it over. */
enum ot_status ot_output_json_line(struct ot_output *out, struct ot_str line, struct ot_err *err);
/* Writes what is held back. Also frees; NULL is fine. */
enum ot_status ot_output_close(struct ot_output *out, struct ot_err *err);

struct ot_cell ot_cell_null(void);
struct ot_cell ot_cell_text(struct ot_str text);
struct ot_cell ot_cell_count(int64_t number);
struct ot_cell ot_cell_integer(int64_t number);
struct ot_cell ot_cell_real(double real);
struct ot_cell ot_cell_exact(double real);
struct ot_cell ot_cell_share(double share);
struct ot_cell ot_cell_rate(double a_second);
struct ot_cell ot_cell_bytes(int64_t bytes);
struct ot_cell ot_cell_time(int64_t time_ns);
struct ot_cell ot_cell_duration(int64_t ns);
/* A field of a record; NULL where the record has none. */
struct ot_cell ot_cell_of(const struct ot_record *record, enum ot_field field);

/* One cell as text in a form, without padding; what tables and CSV are made of. */
void ot_cell_put(struct ot_buf *out, const struct ot_cell *cell, const struct ot_output_options *options);

#endif
