/*
 * Links: which rows of a segment belong to a call of several records. One immutable file beside the segment, replaced when linking knows better;
 * the segment itself never changes. Bytes in docs/FORMAT.md.
 */
#ifndef OT_STORE_LINKS_H
#define OT_STORE_LINKS_H

#include <base/arena.h>
#include <base/err.h>

/* Why a record was put with the others of its call; bits. */
enum ot_evidence {
	OT_EVIDENCE_TRACE = 1,		/* same W3C trace id, fitting method, path and times */
	OT_EVIDENCE_REQUEST_ID = 2,	/* same request id, which no other call of that time has */
	OT_EVIDENCE_CONNECTION = 4,	/* same client address and port, and time */
	OT_EVIDENCE_SAME_ORIGIN = 8,	/* two logs of one gateway tell of the same request */
};

struct ot_call {
	struct ot_str call_id;	/* record_id of the record that led when they were first linked */
	uint32_t records;	/* of the whole call, in all segments */
	const struct ot_str *origins; /* distinct, in order of time */
	uint32_t origin_count;
};

struct ot_links {
	uint32_t rows;			/* of the segment */
	const uint32_t *call_of_row;	/* 0: a call of its own; else number of the call + 1 */
	const uint8_t *evidence;	/* by row: bits of enum ot_evidence; 0 for rows without a call */
	const uint8_t *leader;		/* by row: 1 for the leading record of its call (which may lie in another segment) */
	const struct ot_call *calls;
	uint32_t call_count;
	struct ot_arena arena;		/* holds what ot_links_open read */
};

/* Writes and fsyncs; the caller renames and lists it. */
enum ot_status ot_links_write(const char *path, const struct ot_links *links, struct ot_err *err);
enum ot_status ot_links_open(struct ot_links *out, const char *path, struct ot_err *err);
void ot_links_release(struct ot_links *links);

#endif
