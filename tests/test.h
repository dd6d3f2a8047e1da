/*
 * Unit tests: a file is a program, a case is a function, a failed check names its line and the rest goes on.
 * The program's last line is "N passed, N failed"; tests/run.sh adds them up.
 */
#ifndef OT_TEST_H
#define OT_TEST_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int test_failures_of_case, test_passed, test_failed;

#define CHECK(condition)                                                                                               \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			test_failures_of_case++;                                                                       \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                        \
		}                                                                                                      \
	} while (0)

#define CHECK_INT(got, expected)                                                                                       \
	do {                                                                                                           \
		long long got_ = (long long)(got), expected_ = (long long)(expected);                                  \
		if (got_ != expected_) {                                                                               \
			test_failures_of_case++;                                                                       \
			fprintf(stderr, "%s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #got, got_, expected_);   \
		}                                                                                                      \
	} while (0)

/* `got` is a struct ot_str, `expected` a C string. */
#define CHECK_STR(got, expected)                                                                                       \
	do {                                                                                                           \
		struct ot_str got_ = (got);                                                                            \
		const char *expected_ = (expected);                                                                    \
		if (got_.len != strlen(expected_) || (got_.len > 0 && memcmp(got_.ptr, expected_, got_.len) != 0)) {   \
			test_failures_of_case++;                                                                       \
			fprintf(stderr, "%s:%d: %s is \"%.*s\", not \"%s\"\n", __FILE__, __LINE__, #got, (int)got_.len, \
				got_.len > 0 ? got_.ptr : "", expected_);                                              \
		}                                                                                                      \
	} while (0)

/* RUN(case_name): the name says what must hold. */
#define RUN(test_case)                                                                                                 \
	do {                                                                                                           \
		test_failures_of_case = 0;                                                                             \
		test_case();                                                                                           \
		if (test_failures_of_case > 0) {                                                                       \
			test_failed++;                                                                                 \
			fprintf(stderr, "FAILED %s\n", #test_case);                                                    \
		} else {                                                                                               \
			test_passed++;                                                                                 \
		}                                                                                                      \
	} while (0)

static inline int test_end(void)
{
	printf("%d passed, %d failed\n", test_passed, test_failed);
	return test_failed > 0;
}

#endif
