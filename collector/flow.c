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
	uint64_t since; /* packets of the flow when it came */
	uint32_t len;
	char bytes[];
};

/* One direction. */
struct half {
	bool started;
	uint32_t next; /* sequence number of the byte that comes next */
	struct pending *pending; /* by seq */
	size_t pending_bytes; /* with what keeping them takes */
	bool fin, fin_told;
	uint32_t fin_seq;
	bool acked_known;
	uint32_t acked; /* the byte that the other end waits for */
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
	void *connection; /* NULL: it ended, and lingers */
	size_t handler_memory;
};

struct list {
	struct flow *newest, *oldest;
};

struct ot_flows {
	struct ot_flow_handler handler;
	struct ot_flow_counts counts;
	struct flow **buckets;
	size_t bucket_count, count;
	struct list used, lingering;
	size_t lingering_count;
	struct flow *first, *last; /* of those that are open */
	size_t memory, memory_max;
	int64_t previous_ns; /* time of the last packet of any connection */
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
	for (size_t i = 0; i < flows->bucket_count; i++) {
		for (struct flow *f = flows->buckets[i], *next; f != NULL; f = next) {
			next = f->bucket_next;
			f->bucket_next = buckets[f->hash & (count - 1)];
			buckets[f->hash & (count - 1)] = f;
		}
	}
	free(flows->buckets);
	flows->memory += (count - flows->bucket_count) * sizeof(*buckets);
	flows->buckets = buckets;
	flows->bucket_count = count;
}

static void unlist(struct list *list, struct flow *f)
{
	*(f->newer != NULL ? &f->newer->older : &list->newest) = f->older;
	*(f->older != NULL ? &f->older->newer : &list->oldest) = f->newer;
}

static void list_newest(struct list *list, struct flow *f)
{
	f->newer = NULL;
	f->older = list->newest;
	*(f->older != NULL ? &f->older->newer : &list->oldest) = f;
	list->newest = f;
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
	list_newest(&flows->used, f);
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
	h->pending_bytes -= sizeof(*p) + p->len;
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
}

static void hold(struct ot_flows *flows, struct flow *f, int direction, const struct ot_flow_run *run, uint32_t wire_len)
{
	struct half *h = &f->halves[direction];
	struct pending **at = &h->pending;
	while (*at != NULL && (int32_t)((*at)->seq - run->seq) < 0)
		at = &(*at)->next;
	if (*at != NULL && (*at)->seq == run->seq && (*at)->wire_len >= wire_len) {
		flows->counts.duplicate_bytes += wire_len;
		return; /* the first copy is kept */
	}
	struct pending *p = ot_alloc(sizeof(*p) + run->bytes.len);
	*p = (struct pending){ *at, run->seq, run->ack, wire_len, run->time_ns, run->packet, f->packets, (uint32_t)run->bytes.len };
	if (run->bytes.len > 0)
		memcpy(p->bytes, run->bytes.ptr, run->bytes.len);
	*at = p;
	h->pending_bytes += sizeof(*p) + run->bytes.len;
	flows->memory += sizeof(*p) + run->bytes.len;
}

/* Whether one of those that wait has waited long enough for what lies before the first. They are few: each packet of the connection brings one at most. */
static bool waited_long_enough(const struct flow *f, const struct half *h)
{
	for (const struct pending *p = h->pending; p != NULL; p = p->next) {
		if (f->packets - p->since >= OT_FLOW_WAIT_PACKETS || f->last_ns - p->time_ns >= OT_FLOW_WAIT_NS)
			return true;
	}
	return h->pending_bytes > OT_FLOW_PENDING_MAX;
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

static void forget(struct ot_flows *flows, struct flow *f)
{
	struct flow **at = &flows->buckets[f->hash & (flows->bucket_count - 1)];
	while (*at != f)
		at = &(*at)->bucket_next;
	*at = f->bucket_next;
	unlist(&flows->lingering, f);
	flows->lingering_count--;
	flows->count--;
	flows->memory -= sizeof(*f);
	free(f);
}

/* The other end has what was never seen. One byte more than was seen is a FIN, or a probe. */
static void tell_acked(struct ot_flows *flows, struct flow *f, int direction)
{
	struct half *h = &f->halves[direction];
	int32_t unseen = (int32_t)(h->acked - h->next);
	if (h->started && h->acked_known && !h->fin_told && unseen > 1)
		tell_hole(flows, f, direction, (uint64_t)unseen - h->fin, OT_HOLE_LOST, f->last_ns);
}

/* Ended, it lingers: copies of its packets that come late are no new connection. */
static void close_flow(struct ot_flows *flows, struct flow *f, enum ot_flow_end reason)
{
	enum ot_hole_cause cause = reason == OT_FLOW_EVICTED ? OT_HOLE_MEMORY : OT_HOLE_LOST;
	for (int direction = 0; direction < 2; direction++) {
		while (f->halves[direction].pending != NULL)
			give_up(flows, f, direction, cause);
		tell_acked(flows, f, direction);
	}
	flows->handler.close(f->connection, reason, f->last_ns);
	f->connection = NULL;
	flows->memory -= f->handler_memory;
	f->handler_memory = 0;
	flows->counts.evicted += reason == OT_FLOW_EVICTED;
	*(f->before != NULL ? &f->before->after : &flows->first) = f->after;
	*(f->after != NULL ? &f->after->before : &flows->last) = f->before;
	unlist(&flows->used, f);
	list_newest(&flows->lingering, f);
	flows->lingering_count++;
	/* Of one that is taken up again, or that may go on, nothing is remembered. */
	if (reason != OT_FLOW_FIN && reason != OT_FLOW_RESET)
		forget(flows, f);
	else if (flows->lingering_count > OT_FLOW_LINGERING_MAX)
		forget(flows, flows->lingering.oldest);
}

/* A new connection with the ports of an old one; a SYN sent again is none. */
static bool is_reused(const struct flow *f, int direction, const struct ot_tcp_segment *s)
{
	const struct half *h = &f->halves[direction];
	return (s->flags & OT_TCP_SYN) != 0 && h->started && (uint32_t)(h->next - (s->seq + 1)) > OT_FLOW_PENDING_MAX;
}

/* One packet with a time of its own must not end every connection: the time is the earlier of the last two. */
static int64_t clock_of(struct ot_flows *flows, int64_t time_ns)
{
	int64_t now = time_ns < flows->previous_ns ? time_ns : flows->previous_ns;
	flows->previous_ns = time_ns;
	return now;
}

static void make_room(struct ot_flows *flows, int64_t now_ns)
{
	while (flows->memory > flows->memory_max && flows->lingering_count > 0)
		forget(flows, flows->lingering.oldest);
	while (flows->memory > flows->memory_max && flows->used.oldest != NULL)
		close_flow(flows, flows->used.oldest, OT_FLOW_EVICTED);
	while (flows->used.oldest != NULL && now_ns - flows->used.oldest->last_ns > OT_FLOW_IDLE_NS)
		close_flow(flows, flows->used.oldest, OT_FLOW_IDLE);
}

static void take_flags(struct ot_flows *flows, struct flow *f, int direction, const struct ot_tcp_segment *s, const struct ot_flow_run *run)
{
	struct half *h = &f->halves[direction];
	if ((s->flags & OT_TCP_FIN) == 0 || h->fin)
		return;
	h->fin = true;
	h->fin_seq = run->seq + s->payload_len;
	if (!h->started) {
		h->started = true;
		h->next = h->fin_seq;
	}
	if (s->payload_len == 0 && (int32_t)(h->fin_seq - h->next) > 0)
		hold(flows, f, direction, run, 0); /* what is missing before it is waited for, and then a hole */
	deliver_pending(flows, f, direction);
}

static void note_ack(struct flow *f, int direction, const struct ot_tcp_segment *s)
{
	struct half *other = &f->halves[1 - direction];
	if ((s->flags & OT_TCP_ACK) == 0 || (s->flags & OT_TCP_RST) != 0)
		return;
	if (!other->acked_known || (int32_t)(s->ack - other->acked) > 0)
		other->acked = s->ack;
	other->acked_known = true;
}

/* The connection that the packet belongs to; NULL where it begins none. */
static struct flow *flow_of(struct ot_flows *flows, const struct ot_tcp_segment *s, int *direction)
{
	uint64_t hash = hash_of(s);
	struct flow *f = find(flows, s, hash, direction);
	if (f != NULL && f->connection == NULL) {
		const struct half *h = &f->halves[*direction];
		uint32_t ahead = s->seq - h->next;
		if ((s->flags & OT_TCP_SYN) == 0 && (!h->started || ahead + OT_FLOW_PENDING_MAX < 2 * OT_FLOW_PENDING_MAX))
			return NULL; /* a late copy, or what was under way when it was reset */
		if ((s->flags & OT_TCP_SYN) != 0 && h->started && !is_reused(f, *direction, s))
			return NULL;
		forget(flows, f);
		f = NULL;
	}
	if (f != NULL && is_reused(f, *direction, s)) {
		close_flow(flows, f, OT_FLOW_REUSED);
		f = NULL;
	}
	if (f != NULL)
		return f;
	*direction = 0;
	if (s->payload_len == 0 && (s->flags & OT_TCP_SYN) == 0)
		return NULL; /* the end of a connection that is known no more */
	return add(flows, s, hash);
}

void ot_flows_packet(struct ot_flows *flows, const struct ot_tcp_segment *s, int64_t time_ns, uint64_t packet)
{
	int direction = 0;
	int64_t now_ns = clock_of(flows, time_ns);
	struct flow *f = flow_of(flows, s, &direction);
	if (f == NULL)
		return;
	unlist(&flows->used, f);
	list_newest(&flows->used, f);
	f->packets++;
	f->last_ns = time_ns;
	note_ack(f, direction, s);
	struct half *h = &f->halves[direction];
	if (s->flags & OT_TCP_SYN && !h->started) {
		h->started = true;
		h->next = s->seq + 1;
	}
	struct ot_flow_run run = { s->payload, time_ns, packet, s->seq + ((s->flags & OT_TCP_SYN) != 0), s->ack };
	if (s->payload_len > 0)
		take_payload(flows, f, direction, s, &run);
	take_flags(flows, f, direction, s, &run);
	for (int d = 0; d < 2; d++) {
		while (waited_long_enough(f, &f->halves[d]))
			give_up(flows, f, d, OT_HOLE_LOST);
	}
	account(flows, f);
	if (s->flags & OT_TCP_RST)
		close_flow(flows, f, OT_FLOW_RESET);
	else if (f->halves[0].fin_told && f->halves[1].fin_told)
		close_flow(flows, f, OT_FLOW_FIN);
	make_room(flows, now_ns);
}

/* --- the whole --- */

struct ot_flows *ot_flows_new(const struct ot_flow_handler *handler, size_t memory_max)
{
	struct ot_flows *flows = ot_alloc_zero(1, sizeof(*flows));
	flows->handler = *handler;
	flows->memory_max = memory_max;
	flows->previous_ns = INT64_MAX;
	flows->bucket_count = 1024;
	flows->buckets = ot_alloc_zero(flows->bucket_count, sizeof(*flows->buckets));
	flows->memory = flows->bucket_count * sizeof(*flows->buckets);
	return flows;
}

void ot_flows_end(struct ot_flows *flows)
{
	while (flows->first != NULL)
		close_flow(flows, flows->first, OT_FLOW_CAPTURE_END);
}

void ot_flows_free(struct ot_flows *flows)
{
	if (flows == NULL)
		return;
	ot_flows_end(flows);
	while (flows->lingering_count > 0)
		forget(flows, flows->lingering.oldest);
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
