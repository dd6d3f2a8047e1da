/*
 * Matching: from records with ids to groups that are one call. Pure: knows no store.
 *
 * Two records are paired only on certain evidence, and never where a third could stand in the place of either. What contradicts itself
 * stays apart: two different trace ids, two connections of one machine, two records of one log.
 */
#ifndef OT_CORRELATE_LINK_MATCH_H
#define OT_CORRELATE_LINK_MATCH_H

#include <base/time.h>
#include <store/links.h>
#include <store/record.h>

/* Records further apart than this are never one call, and an id must not come back within it. */
#define LINK_REACH_NS (300 * OT_NS_PER_S)

/* A record as far as matching looks at it. Hashes are 0 where the field is null. */
struct link_record {
	int64_t start, end; /* end == start where no duration is known; at most a day apart */
	uint64_t trace[2];
	uint64_t request, upstream_request;
	uint64_t method, path;
	uint64_t mcp_method, tool;
	uint64_t peer;	 /* address at the other end of the socket */
	uint64_t source_hash; /* of source_key */
	int64_t offset, item;
	uint32_t source_key, origin, stream; /* codes; a stream is one log: origin, format, and for the wire the leg */
	uint32_t segment, row;
	int32_t port;	 /* of the client, -1: not known */
	int32_t status;	 /* -1: not known */
	int8_t origin_kind, client_kind; /* -1: null */
	uint8_t evidence; /* out: bits of enum ot_evidence */
	uint32_t root, next; /* out: number of the record that stands for the group; next member, in a ring */
	uint32_t call;	 /* for the caller */
};

/* What of an id is evidence: 0 for "-", "1", "test", "00000000" and others that anybody may have written. */
uint64_t link_id_hash(struct ot_str id);

/* Groups records of `streams` different streams. Afterwards every record has root, next and evidence. */
void link_match(struct link_record *records, uint32_t count, uint32_t streams);

#endif
