/* The stages of the wire, one after the other. */
#include "wire.h"
#include <base/err.h>
#include <base/time.h>
#include <stdlib.h>
#include <string.h>

struct ot_wire {
	struct ot_flows *flows;
	struct ot_wire_counts counts;
	ot_wire_draft_fn *emit;
	void *context;
	struct ot_arena arena; /* of the draft being given out */
	struct ot_wire_minute *minutes;
	size_t minute_count, minute_cap;
};

/* Captures go forward in time but for a few packets: the minute is among the last ones, else it is put in its place. */
static struct ot_wire_minute *minute_of(struct ot_wire *wire, int64_t time_ns)
{
	int64_t minute = time_ns / (60 * OT_NS_PER_S) - (time_ns % (60 * OT_NS_PER_S) < 0);
	size_t at = wire->minute_count;
	while (at > 0 && wire->minutes[at - 1].minute > minute)
		at--;
	if (at > 0 && wire->minutes[at - 1].minute == minute)
		return &wire->minutes[at - 1];
	if (wire->minute_count == wire->minute_cap) {
		wire->minute_cap = wire->minute_cap == 0 ? 64 : wire->minute_cap * 2;
		wire->minutes = ot_realloc(wire->minutes, wire->minute_cap * sizeof(*wire->minutes));
	}
	memmove(wire->minutes + at + 1, wire->minutes + at, (wire->minute_count - at) * sizeof(*wire->minutes));
	wire->minutes[at] = (struct ot_wire_minute){ .minute = minute };
	wire->minute_count++;
	return &wire->minutes[at];
}

static void on_exchange(void *context, const struct ot_http_exchange *exchange)
{
	struct ot_wire *wire = context;
	const struct ot_http_message *first = exchange->request != NULL ? exchange->request : exchange->answer;
	struct ot_draft draft;
	struct ot_wire_minute *minute = minute_of(wire, first->start_ns);
	minute->exchanges++;
	minute->halves += exchange->request == NULL || exchange->answer == NULL;
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

struct ot_wire *ot_wire_new(size_t memory_max, ot_wire_draft_fn *emit, void *context)
{
	struct ot_wire *wire = ot_alloc_zero(1, sizeof(*wire));
	const struct ot_flow_handler handler = { wire, open_connection, take_run, take_hole, take_fin, close_connection, memory_of };
	wire->flows = ot_flows_new(&handler, memory_max);
	wire->emit = emit;
	wire->context = context;
	return wire;
}

void ot_wire_packet(struct ot_wire *wire, const struct ot_captured *captured)
{
	struct ot_tcp_segment segment;
	uint64_t holes = ot_flows_counts(wire->flows)->holes, midstream = ot_flows_counts(wire->flows)->midstream, not_http = wire->counts.http.not_http;
	wire->counts.packets++;
	switch (ot_packet_read(&segment, captured->link, captured->bytes, captured->wire_len)) {
	case OT_PACKET_TCP:
		wire->counts.tcp++;
		ot_flows_packet(wire->flows, &segment, captured->time_ns, captured->number);
		break;
	case OT_PACKET_OTHER:
		wire->counts.other++;
		break;
	case OT_PACKET_FRAGMENT:
		wire->counts.fragments++;
		not_http--;
		break;
	case OT_PACKET_UNSUPPORTED:
		wire->counts.unsupported++;
		not_http--;
		break;
	case OT_PACKET_MALFORMED:
		wire->counts.malformed++;
		not_http--;
		break;
	}
	holes = ot_flows_counts(wire->flows)->holes - holes;
	not_http = wire->counts.http.not_http - not_http;
	midstream = ot_flows_counts(wire->flows)->midstream - midstream;
	if (holes > 0 || not_http > 0 || midstream > 0) {
		struct ot_wire_minute *minute = minute_of(wire, captured->time_ns);
		minute->holes += (uint32_t)holes;
		minute->not_understood += (uint32_t)not_http;
		minute->midstream += (uint32_t)midstream;
	}
}

void ot_wire_end(struct ot_wire *wire)
{
	if (wire->flows == NULL)
		return;
	wire->counts.flows = *ot_flows_counts(wire->flows);
	ot_flows_free(wire->flows);
	wire->flows = NULL;
}

void ot_wire_free(struct ot_wire *wire)
{
	if (wire == NULL)
		return;
	ot_wire_end(wire);
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

const struct ot_wire_minute *ot_wire_minutes(const struct ot_wire *wire, size_t *count)
{
	*count = wire->minute_count;
	return wire->minutes;
}
