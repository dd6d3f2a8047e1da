/* The stages of the wire, one after the other. */
#include "wire.h"
#include <base/err.h>
#include <base/time.h>
#include <stdlib.h>
#include <string.h>

struct ot_wire {
	struct ot_fragments *fragments;
	struct ot_flows *flows;
	struct ot_wire_counts counts;
	ot_wire_draft_fn *emit;
	void *context;
	struct ot_arena arena; /* of the draft being given out */
	struct ot_wire_minute *minutes;
	size_t minute_count, minute_cap;
	uint64_t packets_known;
	int64_t last_ns; /* of the last packet */
};

static int by_minute(const void *a, const void *b)
{
	const struct ot_wire_minute *left = a, *right = b;
	return (left->minute > right->minute) - (left->minute < right->minute);
}

/* In order, one entry a minute. */
static void settle_minutes(struct ot_wire *wire)
{
	size_t kept = 0;
	if (wire->minute_count > 1)
		qsort(wire->minutes, wire->minute_count, sizeof(*wire->minutes), by_minute);
	for (size_t i = 0; i < wire->minute_count; i++) {
		const struct ot_wire_minute *m = &wire->minutes[i];
		struct ot_wire_minute *last = kept == 0 ? NULL : &wire->minutes[kept - 1];
		if (last == NULL || last->minute != m->minute) {
			wire->minutes[kept++] = *m;
			continue;
		}
		last->exchanges += m->exchanges;
		last->halves += m->halves;
		last->holes += m->holes;
		last->not_understood += m->not_understood;
		last->midstream += m->midstream;
	}
	wire->minute_count = kept;
}

/* Time mostly goes forward: a minute that is not the last one begins a new entry, and entries are brought together when they have become many. */
static struct ot_wire_minute *minute_of(struct ot_wire *wire, int64_t time_ns)
{
	int64_t minute = time_ns / (60 * OT_NS_PER_S) - (time_ns % (60 * OT_NS_PER_S) < 0);
	if (wire->minute_count > 0 && wire->minutes[wire->minute_count - 1].minute == minute)
		return &wire->minutes[wire->minute_count - 1];
	if (wire->minute_count == wire->minute_cap) {
		settle_minutes(wire);
		if (wire->minute_count * 2 >= wire->minute_cap) {
			wire->minute_cap = wire->minute_cap == 0 ? 64 : wire->minute_cap * 2;
			wire->minutes = ot_realloc(wire->minutes, wire->minute_cap * sizeof(*wire->minutes));
		}
	}
	wire->minutes[wire->minute_count] = (struct ot_wire_minute){ .minute = minute };
	return &wire->minutes[wire->minute_count++];
}

static void on_exchange(void *context, const struct ot_http_exchange *exchange)
{
	struct ot_wire *wire = context;
	const struct ot_http_message *first = exchange->request != NULL ? exchange->request : exchange->answer;
	struct ot_draft draft;
	if (first->packet > wire->packets_known) {
		struct ot_wire_minute *minute = minute_of(wire, first->start_ns);
		minute->exchanges++;
		minute->halves += exchange->request == NULL || exchange->answer == NULL;
	}
	ot_http_draft(&draft, exchange, &wire->arena);
	wire->emit(wire->context, &draft, first->packet, exchange->item);
	ot_arena_reset(&wire->arena);
}

/* --- connections, as flow.h wants them --- */

static void *open_connection(void *context, const struct ot_flow_ends *ends)
{
	struct ot_wire *wire = context;
	return ot_http_connection_new(ends, on_exchange, wire, &wire->counts.http);
}

static void take_run(void *connection, int direction, const struct ot_flow_run *run)
{
	ot_http_connection_run(connection, direction, run);
}

static void take_hole(void *connection, int direction, uint64_t len, enum ot_hole_cause cause, int64_t time_ns)
{
	(void)cause;
	ot_http_connection_hole(connection, direction, len, time_ns);
}

static void take_fin(void *connection, int direction, int64_t time_ns)
{
	ot_http_connection_fin(connection, direction, time_ns);
}

static void close_connection(void *connection, enum ot_flow_end reason, int64_t time_ns)
{
	ot_http_connection_free(connection, reason, time_ns);
}

static size_t memory_of(const void *connection)
{
	return ot_http_connection_memory(connection);
}

struct ot_wire *ot_wire_new(size_t memory_max, uint64_t packets_known, ot_wire_draft_fn *emit, void *context)
{
	struct ot_wire *wire = ot_alloc_zero(1, sizeof(*wire));
	const struct ot_flow_handler handler = { wire, open_connection, take_run, take_hole, take_fin, close_connection, memory_of };
	wire->flows = ot_flows_new(&handler, memory_max);
	wire->fragments = ot_fragments_new();
	wire->packets_known = packets_known;
	wire->emit = emit;
	wire->context = context;
	return wire;
}

/* What could not be told so far. */
struct unseen {
	uint64_t holes, midstream, not_understood;
};

static struct unseen unseen_of(const struct ot_wire *wire)
{
	const struct ot_flow_counts *flows = ot_flows_counts(wire->flows);
	const struct ot_wire_counts *n = &wire->counts;
	return (struct unseen){ flows->holes, flows->midstream, n->http.not_http + n->fragments + n->unsupported + n->malformed };
}

static void note_unseen(struct ot_wire *wire, const struct unseen *before, int64_t time_ns)
{
	struct unseen now = unseen_of(wire);
	if (wire->counts.packets <= wire->packets_known || memcmp(&now, before, sizeof(now)) == 0)
		return;
	struct ot_wire_minute *minute = minute_of(wire, time_ns);
	minute->holes += (uint32_t)(now.holes - before->holes);
	minute->midstream += (uint32_t)(now.midstream - before->midstream);
	minute->not_understood += (uint32_t)(now.not_understood - before->not_understood);
}

void ot_wire_packet(struct ot_wire *wire, const struct ot_captured *captured)
{
	struct ot_tcp_segment segment;
	struct unseen before = unseen_of(wire);
	wire->counts.packets++;
	wire->last_ns = captured->time_ns;
	switch (ot_packet_read(&segment, wire->fragments, captured->link, captured->bytes, captured->wire_len)) {
	case OT_PACKET_TCP:
		wire->counts.tcp++;
		ot_flows_packet(wire->flows, &segment, captured->time_ns, captured->number);
		break;
	case OT_PACKET_OTHER:
		wire->counts.other++;
		break;
	case OT_PACKET_FRAGMENT:
		break; /* counted once the rest is given up */
	case OT_PACKET_UNSUPPORTED:
		wire->counts.unsupported++;
		break;
	case OT_PACKET_MALFORMED:
		wire->counts.malformed++;
		break;
	}
	wire->counts.fragments = ot_fragments_lost(wire->fragments, false);
	note_unseen(wire, &before, captured->time_ns);
}

void ot_wire_end(struct ot_wire *wire)
{
	if (wire->flows == NULL)
		return;
	struct unseen before = unseen_of(wire);
	ot_flows_end(wire->flows);
	wire->counts.fragments = ot_fragments_lost(wire->fragments, true);
	note_unseen(wire, &before, wire->last_ns);
	wire->counts.flows = *ot_flows_counts(wire->flows);
	ot_flows_free(wire->flows);
	wire->flows = NULL;
}

void ot_wire_free(struct ot_wire *wire)
{
	if (wire == NULL)
		return;
	ot_wire_end(wire);
	ot_fragments_free(wire->fragments);
	ot_arena_release(&wire->arena);
	free(wire->minutes);
	free(wire);
}

void ot_wire_count(const struct ot_wire *wire, struct ot_wire_counts *out)
{
	*out = wire->counts;
	if (wire->flows != NULL)
		out->flows = *ot_flows_counts(wire->flows);
}

const struct ot_wire_minute *ot_wire_minutes(struct ot_wire *wire, size_t *count)
{
	settle_minutes(wire);
	*count = wire->minute_count;
	return wire->minutes;
}
