/*
 * The wire: from a capture to drafts, one an exchange (or half of one). Frames become TCP segments, segments streams, streams messages, messages exchanges.
 * One thread; memory of all connections stays under a ceiling.
 */
#ifndef OT_COLLECTOR_WIRE_H
#define OT_COLLECTOR_WIRE_H

#include "capture.h"
#include "http.h"

enum { OT_WIRE_MEMORY_MAX = 256 << 20 };

/* What could not be told, for coverage; by minute of the packet. */
struct ot_wire_minute {
	int64_t minute; /* since 1970 */
	uint32_t exchanges, halves, holes, not_understood, midstream;
};
struct ot_wire_counts {
	uint64_t packets, tcp, other, fragments, unsupported, malformed, dropped;
	struct ot_flow_counts flows;
	struct ot_http_counts http;
};

/* The draft and all it points to live until the function returns. `packet` is the number of the first packet of the record, from 1. */
typedef void ot_wire_draft_fn(void *context, struct ot_draft *draft, uint64_t packet, unsigned item);

struct ot_wire;
/* Of packets up to `packets_known` the minutes were told before: nothing of them is counted by minute again. */
struct ot_wire *ot_wire_new(size_t memory_max, uint64_t packets_known, ot_wire_draft_fn *emit, void *context);
void ot_wire_packet(struct ot_wire *wire, const struct ot_captured *captured);
/* No more packets: what is open is given out. */
void ot_wire_end(struct ot_wire *wire);
void ot_wire_free(struct ot_wire *wire);
void ot_wire_count(const struct ot_wire *wire, struct ot_wire_counts *out);
/* Minutes in which something was not seen or not understood, in order. */
const struct ot_wire_minute *ot_wire_minutes(struct ot_wire *wire, size_t *count);

#endif
