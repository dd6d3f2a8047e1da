/* `source test`: what a file would become, without storing anything. */
#ifndef OT_COLLECTOR_SOURCE_TEST_H
#define OT_COLLECTOR_SOURCE_TEST_H

#include "source.h"

struct ot_source_test_options {
	const struct ot_format_set *formats;
	struct ot_said said;
	bool keep_attributes;
	bool json, csv;	    /* every record, one JSON object or row of CSV a line, and nothing else on standard output */
	const struct ot_zone *shown_zone; /* of times that are shown otherwise; NULL: UTC */
	unsigned examples;  /* records and unread lines that are shown otherwise */
};

/* Prints what it finds; OT_NOT_FOUND where no line was read. Credentials are hashed with a key that is the same everywhere, so nothing of this is to be kept. */
enum ot_status ot_source_test(const struct ot_source_test_options *options, const char *path, struct ot_err *err);

#endif
