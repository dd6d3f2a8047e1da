/*
 * plain LOGS SEED QUESTIONS OUT: reads the generated logs in LOGS and writes, for each of so many random questions,
 * OUT/NNN.args (arguments for `onetrail`, one a line) and OUT/NNN.want (the right answer). compare.py holds what
 * onetrail says against it.
 */
#include "tests/oracle/question.h"

#include <stdlib.h>

enum { LISTED_MAX = 5000, ANSWER_MAX = 1 << 20 }; /* rows; bytes, and 8 more a record */

static size_t match(const struct question *question, const struct rows *rows, size_t *matched)
{
	size_t count = 0;

	for (size_t i = 0; i < rows->count; i++)
		if (question_holds(question, &rows->items[i]))
			matched[count++] = i;
	return count;
}

static FILE *create(const char *folder, unsigned number, const char *kind)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%03u.%s", folder, number, kind);
	FILE *f = fopen(path, "w");
	if (f == NULL) {
		perror(path);
		exit(2);
	}
	return f;
}

int main(int argc, char **argv)
{
	struct rows rows;
	struct question question;

	if (argc != 5) {
		fprintf(stderr, "usage: plain LOGS SEED QUESTIONS OUT\n");
		return 2;
	}
	rows_read(&rows, argv[1]);
	random_seed(strtoull(argv[2], NULL, 10));
	size_t *matched = malloc((rows.count + 1) * sizeof(*matched)), count;
	for (unsigned number = 0, wanted = (unsigned)atoi(argv[3]); number < wanted;) {
		question_make(&question, &rows);
		count = match(&question, &rows, matched);
		if (question.origins != 0 && (count > 0 || random_below(4) == 0) &&
		    !(question.list && count > LISTED_MAX)) {
			FILE *args = create(argv[4], number, "args"), *want = create(argv[4], number, "want");
			question_put_args(&question, args);
			answer_put(&question, &rows, matched, count, want);
			number += ftell(want) < ANSWER_MAX + 8 * (long)rows.count; /* else the next takes its place */
			fclose(args);
			fclose(want);
		}
		question_release(&question);
	}
	free(matched);
	free(rows.items);
	return 0;
}
