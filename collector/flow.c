/* The table of connections and the reassembly of their streams. */
#include "flow.h"
#include <base/err.h>
#include <stdlib.h>
#include <string.h>

/* A segment that came before its turn. */
struct pending {
	struct pending *next;
	uint32_t seq, ack, wire_len;
	int64_t time_ns;
	uint64_t packet;
	uint32_t len;
	char bytes[];
};

/* One direction. */
struct half {
	bool started;
	uint32_t next; /* sequence number of the byte that comes next */
	struct pending *pending; /* by seq */
	size_t pending_bytes;
	uint64_t waiting_since_packet; /* of the flow's own packets, when the first one began to wait */
	int64_t waiting_since_ns;
	bool fin, fin_told;
	uint32_t fin_seq;
};

struct flow {
	struct flow *bucket_next;
	struct flow *newer, *older; /* by last packet */
	struct flow *after, *before; /* by first packet */
	uint64_t hash;
	struct ot_flow_ends ends;
	struct half halves[2];
	uint64_t packets;
	int64_t last_ns;
	void *connection;
	size_t handler_memory;
};

struct ot_flows {
	struct ot_flow_handler handler;
	struct ot_flow_counts counts;
	struct flow **buckets;
	size_t bucket_count, count;
	struct flow *newest, *oldest;
	struct flow *first, *last;
	size_t memory, memory_max;
};

/* --- the table --- */

static bool same_end(const struct ot_endpoint *a, const struct ot_endpoint *b)
{
	return a->port == b->port && memcmp(a->address, b->address, 16) == 0;
}

static uint64_t hash_end(const struct ot_endpoint *end)
{
	uint8_t bytes[18];
	memcpy(bytes, end->address, 16);
	memcpy(bytes + 16, &end->port, 2);
	return ot_hash(bytes, sizeof(bytes));
}

/* The same for both directions. */
static uint64_t hash_of(const struct ot_tcp_segment *s)
{
	return (hash_end(&s->from) + hash_end(&s->to)) ^ ((uint64_t)s->tunnel * UINT64_C(0x9e3779b97f4a7c15));
}

static struct flow *find(const struct ot_flows *flows, const struct ot_tcp_segment *s, uint64_t hash, int *direction)
{
	for (struct flow *f = flows->buckets[hash & (flows->bucket_count - 1)]; f != NULL; f = f->bucket_next) {
		if (f->hash != hash || f->ends.tunnel != s->tunnel)
			continue;
		if (same_end(&f->ends.ends[0], &s->from) && same_end(&f->ends.ends[1], &s->to)) {
			*direction = 0;
			return f;
		}
		if (same_end(&f->ends.ends[1], &s->from) && same_end(&f->ends.ends[0], &s->to)) {
			*direction = 1;
			return f;
		}
	}
	return NULL;
}

static void grow(struct ot_flows *flows)
{
	size_t count = flows->bucket_count * 2;
	struct flow **buckets = ot_alloc_zero(count, sizeof(*buckets));
	for (struct flow *f = flows->first; f != NULL; f = f->after) {
		f->bucket_next = buckets[f->hash & (count - 1)];
		buckets[f->hash & (count - 1)] = f;
	}
	free(flows->buckets);
	flows->memory += (count - flows->bucket_count) * sizeof(*buckets);
	flows->buckets = buckets;
	flows->bucket_count = count;
}

static void unlink_used(struct ot_flows *flows, struct flow *f)
{
	*(f->newer != NULL ? &f->newer->older : &flows->newest) = f->older;
	*(f->older != NULL ? &f->older->newer : &flows->oldest) = f->newer;
}

static void link_used(struct ot_flows *flows, struct flow *f)
{
	f->newer = NULL;
	f->older = flows->newest;
	*(f->older != NULL ? &f->older->newer : &flows->oldest) = f;
	flows->newest = f;
}

static struct flow *add(struct ot_flows *flows, const struct ot_tcp_segment *s, uint64_t hash)
{
	struct flow *f = ot_alloc_zero(1, sizeof(*f));
	if (flows->count >= flows->bucket_count)
		grow(flows);
	f->hash = hash;
	f->ends.ends[0] = s->from;
	f->ends.ends[1] = s->to;
	f->ends.tunnel = s->tunnel;
	f->ends.from_start = (s->flags & OT_TCP_SYN) != 0;
	f->bucket_next = flows->buckets[hash & (flows->bucket_count - 1)];
	flows->buckets[hash & (flows->bucket_count - 1)] = f;
	f->before = flows->last;
	*(f->before != NULL ? &f->before->after : &flows->first) = f;
	flows->last = f;
	link_used(flows, f);
	flows->count++;
	flows->memory += sizeof(*f);
	flows->counts.connections++;
	flows->counts.midstream += !f->ends.from_start;
	f->connection = flows->handler.open(flows->handler.context, &f->ends);
	return f;
}

/* What the handler holds changes with every run: read again after each. */
static void account(struct ot_flows *flows, struct flow *f)
{
	size_t now = flows->handler.memory(f->connection);
	flows->memory += now - f->handler_memory;
	f->handler_memory = now;
}

/* --- streams --- */

static void drop_pending(struct ot_flows *flows, struct half *h, struct pending *p)
{
	h->pending = p->next;
	h->pending_bytes -= p->len;
	flows->memory -= sizeof(*p) + p->len;
	free(p);
}

static void tell_hole(struct ot_flows *flows, struct flow *f, int direction, uint64_t len, enum ot_hole_cause cause, int64_t time_ns)
{
	flows->counts.holes++;
	if (cause == OT_HOLE_TRUNCATED)
		flows->counts.truncated_bytes += len;
	else
		flows->counts.hole_bytes += len;
	flows->handler.hole(f->connection, direction, len, cause, time_ns);
}

/* Hands over a segment that begins at or before the next byte; what was seen already is left out. */
static void deliver(struct ot_flows *flows, struct flow *f, int direction, struct ot_flow_run run, uint32_t wire_len)
{
	struct half *h = &f->halves[direction];
	uint32_t seen = h->next - run.seq;
	if (seen >= wire_len) {
		flows->counts.duplicate_bytes += wire_len;
		return;
	}
	flows->counts.duplicate_bytes += seen;
	run.seq += seen;
	run.bytes = ot_str_sub(run.bytes, seen, run.bytes.len);
	wire_len -= seen;
	h->next += wire_len;
	if (run.bytes.len > 0)
		flows->handler.run(f->connection, direction, &run);
	if (run.bytes.len < wire_len)
		tell_hole(flows, f, direction, wire_len - run.bytes.len, OT_HOLE_TRUNCATED, run.time_ns);
}

static void deliver_pending(struct ot_flows *flows, struct flow *f, int direction)
{
	struct half *h = &f->halves[direction];
	while (h->pending != NULL && (int32_t)(h->pending->seq - h->next) <= 0) {
		struct pending *p = h->pending;
		struct ot_flow_run run = { { p->bytes, p->len }, p->time_ns, p->packet, p->seq, p->ack };
		deliver(flows, f, direction, run, p->wire_len);
		drop_pending(flows, h, p);
	}
	if (h->fin && !h->fin_told && h->pending == NULL && (int32_t)(h->fin_seq - h->next) <= 0) {
		h->fin_told = true;
		flows->handler.fin(f->connection, direction, f->last_ns);
	}
}

/* Nobody waits any longer for what lies before the first pending segment. */
static void give_up(struct ot_flows *flows, struct flow *f, int direction, enum ot_hole_cause cause)
{
	struct half *h = &f->halves[direction];
	if (h->pending == NULL)
		return;
	tell_hole(flows, f, direction, h->pending->seq - h->next, cause, h->pending->time_ns);
	h->next = h->pending->seq;
	deliver_pending(flows, f, direction);
	h->waiting_since_packet = f->packets;
	h->waiting_since_ns = f->last_ns;
}

static void hold(struct ot_flows *flows, struct flow *f, int direction, const struct ot_flow_run *run, uint32_t wire_len)
{
	struct half *h = &f->halves[direction];
	struct pending **at = &h->pending;
	if (h->pending == NULL) {
		h->waiting_since_packet = f->packets;
		h->waiting_since_ns = run->time_ns;
	}
	while (*at != NULL && (int32_t)((*at)->seq - run->seq) < 0)
		at = &(*at)->next;
	if (*at != NULL && (*at)->seq == run->seq && (*at)->wire_len >= wire_len) {
		flows->counts.duplicate_bytes += wire_len;
		return; /* the first copy is kept */
	}
	struct pending *p = ot_alloc(sizeof(*p) + run->bytes.len);
	*p = (struct pending){ *at, run->seq, run->ack, wire_len, run->time_ns, run->packet, (uint32_t)run->bytes.len };
	if (run->bytes.len > 0)
		memcpy(p->bytes, run->bytes.ptr, run->bytes.len);
	*at = p;
	h->pending_bytes += run->bytes.len;
	flows->memory += sizeof(*p) + run->bytes.len;
}

static bool waited_long_enough(const struct flow *f, const struct half *h)
{
	return h->pending != NULL && (f->packets - h->waiting_since_packet >= OT_FLOW_WAIT_PACKETS ||
					 f->last_ns - h->waiting_since_ns >= OT_FLOW_WAIT_NS || h->pending_bytes > OT_FLOW_PENDING_MAX);
}

static void take_payload(struct ot_flows *flows, struct flow *f, int direction, const struct ot_tcp_segment *s, const struct ot_flow_run *run)
{
	struct half *h = &f->halves[direction];
	if (!h->started) { /* what was before is not known: a hole without a length, which no counter counts */
		h->started = true;
		h->next = run->seq;
		flows->handler.hole(f->connection, direction, 0, OT_HOLE_LOST, run->time_ns);
	}
	int32_t ahead = (int32_t)(run->seq - h->next);
	if (ahead <= 0)
		deliver(flows, f, direction, *run, s->payload_len);
	else
		hold(flows, f, direction, run, s->payload_len);
	deliver_pending(flows, f, direction);
}

/* --- connections --- */

static void close_flow(struct ot_flows *flows, struct flow *f, enum ot_flow_end reason)
{
	enum ot_hole_cause cause = reason == OT_FLOW_EVICTED ? OT_HOLE_MEMORY : OT_HOLE_LOST;
	for (int direction = 0; direction < 2; direction++) {
		while (f->halves[direction].pending != NULL)
			give_up(flows, f, direction, cause);
	}
	flows->handler.close(f->connection, reason, f->last_ns);
	flows->memory -= f->handler_memory + sizeof(*f);
	flows->counts.evicted += reason == OT_FLOW_EVICTED;
	struct flow **at = &flows->buckets[f->hash & (flows->bucket_count - 1)];
	while (*at != f)
		at = &(*at)->bucket_next;
	*at = f->bucket_next;
	*(f->before != NULL ? &f->before->after : &flows->first) = f->after;
	*(f->after != NULL ? &f->after->before : &flows->last) = f->before;
	unlink_used(flows, f);
	flows->count--;
	free(f);
}

/* A new connection with the ports of an old one; a SYN sent again is none. */
static bool is_reused(const struct flow *f, int direction, const struct ot_tcp_segment *s)
{
	const struct half *h = &f->halves[direction];
	return (s->flags & OT_TCP_SYN) != 0 && h->started && (uint32_t)(h->next - (s->seq + 1)) > OT_FLOW_PENDING_MAX;
}

static void make_room(struct ot_flows *flows, const struct flow *keep, int64_t now_ns)
{
	while (flows->oldest != NULL && flows->oldest != keep &&
	       (flows->memory > flows->memory_max || now_ns - flows->oldest->last_ns > OT_FLOW_IDLE_NS))
		close_flow(flows, flows->oldest, flows->memory > flows->memory_max ? OT_FLOW_EVICTED : OT_FLOW_IDLE);
}

static void take_flags(struct ot_flows *flows, struct flow *f, int direction, const struct ot_tcp_segment *s)
{
	struct half *h = &f->halves[direction];
	if (s->flags & OT_TCP_FIN && !h->fin) {
		h->fin = true;
		h->fin_seq = s->seq + s->payload_len;
		if (!h->started) {
			h->started = true;
			h->next = h->fin_seq;
		}
		deliver_pending(flows, f, direction);
	}
}

void ot_flows_packet(struct ot_flows *flows, const struct ot_tcp_segment *s, int64_t time_ns, uint64_t packet)
{
	int direction = 0;
	uint64_t hash = hash_of(s);
	struct flow *f = find(flows, s, hash, &direction);
	if (f != NULL && is_reused(f, direction, s)) {
		close_flow(flows, f, OT_FLOW_REUSED);
		f = NULL;
		direction = 0;
	}
	if (f == NULL) {
		if (s->payload_len == 0 && (s->flags & OT_TCP_SYN) == 0)
			return; /* the end of a connection that is known no more */
		f = add(flows, s, hash);
	}
	unlink_used(flows, f);
	link_used(flows, f);
	f->packets++;
	f->last_ns = time_ns;
	struct half *h = &f->halves[direction];
	if (s->flags & OT_TCP_SYN && !h->started) {
		h->started = true;
		h->next = s->seq + 1;
	}
	if (s->payload_len > 0) {
		struct ot_flow_run run = { s->payload, time_ns, packet, s->seq + ((s->flags & OT_TCP_SYN) != 0), s->ack };
		take_payload(flows, f, direction, s, &run);
	}
	take_flags(flows, f, direction, s);
	for (int d = 0; d < 2; d++) {
		if (waited_long_enough(f, &f->halves[d]))
			give_up(flows, f, d, OT_HOLE_LOST);
	}
	account(flows, f);
	if (s->flags & OT_TCP_RST)
		close_flow(flows, f, OT_FLOW_RESET);
	else if (f->halves[0].fin_told && f->halves[1].fin_told)
		close_flow(flows, f, OT_FLOW_FIN);
	else
		make_room(flows, f, time_ns);
}

/* --- the whole --- */

struct ot_flows *ot_flows_new(const struct ot_flow_handler *handler, size_t memory_max)
{
	struct ot_flows *flows = ot_alloc_zero(1, sizeof(*flows));
	flows->handler = *handler;
	flows->memory_max = memory_max;
	flows->bucket_count = 1024;
	flows->buckets = ot_alloc_zero(flows->bucket_count, sizeof(*flows->buckets));
	flows->memory = flows->bucket_count * sizeof(*flows->buckets);
	return flows;
}

void ot_flows_free(struct ot_flows *flows)
{
	if (flows == NULL)
		return;
	while (flows->first != NULL)
		close_flow(flows, flows->first, OT_FLOW_CAPTURE_END);
	free(flows->buckets);
	free(flows);
}

const struct ot_flow_counts *ot_flows_counts(const struct ot_flows *flows)
{
	return &flows->counts;
}

size_t ot_flows_memory(const struct ot_flows *flows)
{
	return flows->memory;
}
