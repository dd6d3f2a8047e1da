/* Random questions, asked of the rows and spelled as arguments of `onetrail`. */
#ifndef ORACLE_QUESTION_H
#define ORACLE_QUESTION_H

#include "tests/oracle/rows.h"

#include <regex.h>
#include <stdio.h>

enum op { IS, STARTS, BELOW, MATCHES, WITHIN, BETWEEN, PRESENT };

struct atom {
	enum field field;
	enum op op;
	char text[512]; /* value, prefix, or pattern */
	int64_t low, high; /* BETWEEN, both included; WITHIN: addresses as numbers */
	char typed[600]; /* as it stands in a filter */
	regex_t regex;
};

enum { TERMS_MAX = 4, ATOMS_MAX = 2, BY_MAX = 2, MEASURES_MAX = 5, SHOWN_MAX = 8 };

struct term {
	bool negated;
	size_t count; /* one atom, or several of which one must hold */
	struct atom atoms[ATOMS_MAX];
};

enum measure_kind { COUNT, SHARE, SUM, MIN, MAX, AVG, P50, P95, P99, DISTINCT, FIRST, LAST };

struct measure {
	enum measure_kind kind;
	enum field field;
	char name[40];
};

struct question {
	struct term terms[TERMS_MAX];
	size_t term_count;
	unsigned origins; /* that it is about */
	int64_t since, until; /* INT64_MIN and INT64_MAX: open */
	bool list;
	/* list */
	enum field shown[SHOWN_MAX];
	size_t shown_count;
	bool sorted, descending;
	enum field sort;
	size_t limit; /* 0: none */
	/* count */
	enum field by[BY_MAX];
	size_t by_count;
	const char *every; /* NULL: none */
	int64_t every_ns;
	struct measure measures[MEASURES_MAX]; /* the first is COUNT */
	size_t measure_count;
	size_t top; /* 0: all groups */
	int64_t count_least; /* 0: any */
};

void random_seed(uint64_t seed);
size_t random_below(size_t n);

void question_make(struct question *question, const struct rows *rows);
void question_release(struct question *question);
bool question_holds(const struct question *question, const struct row *row);
/* One argument a line. */
void question_put_args(const struct question *question, FILE *out);

/* One object of JSON a line: first what is asked for and in which order, then each row of the answer. */
void answer_put(
    const struct question *question, const struct rows *rows, const size_t *matched, size_t count, FILE *out);

#endif
