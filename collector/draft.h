/*
 * A draft: one record between the format that read it and normalizing, which turns it into the record that is stored.
 *
 * The format hands over what the log says, taken apart and with units applied; everything that is policy (start of the request, client, trust,
 * route, what is a secret) is decided by normalize.c, once for all formats. Texts are borrowed from the line or from the reader's arena and
 * live until the reader's next line.
 */
#ifndef OT_COLLECTOR_DRAFT_H
#define OT_COLLECTOR_DRAFT_H

#include <base/arena.h>
#include <store/record.h>

/* A member of the record that has no column. `json` is its value as compact JSON text (a string with its quotes). */
struct ot_extra {
	struct ot_str name, json; /* name: path with dots, "request.headers.accept" */
};

struct ot_draft {
	struct ot_record record;     /* schema fields that the log gives directly; timestamp as logged, see basis */
	enum ot_basis basis;	     /* what timestamp stands for: START, END or UNKNOWN */
	bool time_local;	     /* the text had no zone: timestamp is civil time as if UTC, the origin's zone applies */
	bool time_no_year;	     /* RFC 3164: the year of timestamp means nothing (a leap year, 1972, can hold 29 February) */
	bool asserted;		     /* user, consumer, … are only what the caller said, whatever the status (no gateway checked them) */
	struct ot_str target;	     /* request target as logged: path with query, absolute URL, authority of CONNECT, "*" */
	struct ot_str query;	     /* query string where the log has it apart */
	struct ot_str traceparent;   /* W3C header, or absent */
	struct ot_str secret;	     /* plain API key or token that the log shows */
	struct ot_str authorization; /* whole Authorization (or Proxy-Authorization) value: scheme and credentials */
	struct ot_str jwt;	     /* a token in clear */
	struct ot_str content;	     /* prompt, arguments or body: only its digest and size are kept */
	struct ot_extra *extras;
	size_t extra_count;
};

#endif
