/*
 * Flows: TCP connections as two byte streams with explicit holes. Bytes come in order, each run with the packet that brought it; what was lost,
 * cut by the snap length or given up for memory is a hole with its length and cause, never spliced over.
 *
 * What is missing before a segment is given up only after a bounded wait, in packets of the connection and in time, so that late and reordered
 * packets still count. At the end of a connection what its peer acknowledged and was never seen is a hole too. Connections that began before the
 * capture, and those of which one direction is seen, are normal.
 */
#ifndef OT_COLLECTOR_FLOW_H
#define OT_COLLECTOR_FLOW_H

#include "packet.h"

enum {
	OT_FLOW_WAIT_PACKETS = 24,     /* of one connection, before what is missing is given up */
	OT_FLOW_PENDING_MAX = 1 << 20, /* bytes waiting behind a hole, one direction */
	OT_FLOW_LINGERING_MAX = 4096,  /* ended connections that are remembered, for the copies of their packets that come late */
};
#define OT_FLOW_WAIT_NS INT64_C(2000000000)
#define OT_FLOW_IDLE_NS INT64_C(600000000000)

enum ot_hole_cause { OT_HOLE_LOST, OT_HOLE_TRUNCATED, OT_HOLE_MEMORY };
enum ot_flow_end { OT_FLOW_FIN, OT_FLOW_RESET, OT_FLOW_REUSED, OT_FLOW_IDLE, OT_FLOW_EVICTED, OT_FLOW_CAPTURE_END };

/* The two ends in the order in which they were first seen: direction 0 is from ends[0] to ends[1]. */
struct ot_flow_ends {
	struct ot_endpoint ends[2];
	uint32_t tunnel;
	bool from_start; /* its SYN was seen */
};

struct ot_flow_run {
	struct ot_str bytes;
	int64_t time_ns;
	uint64_t packet;   /* number in the capture, from 1 */
	uint32_t seq, ack; /* of the run's first byte, as on the wire; ack is the other direction's next byte as the sender knew it */
};

/* What a connection is told. `open` gives what the others get as `connection`; it must not be NULL. */
struct ot_flow_handler {
	void *context;
	void *(*open)(void *context, const struct ot_flow_ends *ends);
	void (*run)(void *connection, int direction, const struct ot_flow_run *run);
	/* `len` 0: the direction's beginning was not seen. */
	void (*hole)(void *connection, int direction, uint64_t len, enum ot_hole_cause cause, int64_t time_ns);
	void (*fin)(void *connection, int direction, int64_t time_ns); /* no more bytes in this direction */
	void (*close)(void *connection, enum ot_flow_end reason, int64_t time_ns); /* frees it */
	size_t (*memory)(const void *connection);
};

struct ot_flow_counts {
	uint64_t connections, midstream, evicted, holes, hole_bytes, truncated_bytes, duplicate_bytes;
};

struct ot_flows;
/* `memory_max`: of all connections with what their handlers hold; above it the least recently used are closed. */
struct ot_flows *ot_flows_new(const struct ot_flow_handler *handler, size_t memory_max);
/* Closes every connection (OT_FLOW_CAPTURE_END), in order of their first packet. */
void ot_flows_end(struct ot_flows *flows);
/* The same, and frees. NULL is fine. */
void ot_flows_free(struct ot_flows *flows);
void ot_flows_packet(struct ot_flows *flows, const struct ot_tcp_segment *segment, int64_t time_ns, uint64_t packet);
const struct ot_flow_counts *ot_flows_counts(const struct ot_flows *flows);
size_t ot_flows_memory(const struct ot_flows *flows);

#endif
