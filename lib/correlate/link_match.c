/*
 * Which records are of one call. Every rule errs on the side of leaving apart: a runaway agent sends two thousand equal calls under one trace
 * id, a hostile caller sends one request id with everything, clocks of two machines differ by as much as a call lasts.
 */
#include "link_match.h"
#include <base/err.h>
#include <stdlib.h>
#include <string.h>

/* A record among others with the same key. */
struct entry {
	uint64_t key;
	int64_t start;
	uint32_t record;
	bool upstream; /* the key is the id of the answer from behind */
};
struct entries {
	struct entry *items;
	size_t count, cap;
};
struct pair {
	int64_t start; /* of a: sorting looks no further, mostly */
	uint32_t a, b;
	uint8_t evidence;
};
struct pairs {
	struct pair *items;
	size_t count, cap;
};

/* What one kind of evidence asks for. */
struct rule {
	uint8_t evidence;
	int64_t slack_ns; /* by how much the inner record may reach out of the outer one: clocks and rounding */
	int64_t alone_ns; /* no other record of either log may lie this near */
	bool strict;	  /* nor two of any third log */
};
/* A trace id is everybody's who works on the trace: calls follow each other within milliseconds, so only a lone call is certain, whatever the clocks.
 * A request id is meant for one call: that it is not seen again for LINK_REACH_NS is the evidence. */
static const struct rule trace_rule = { OT_EVIDENCE_TRACE, 20 * OT_NS_PER_MS, 2 * OT_NS_PER_S, false };
static const struct rule request_rule = { OT_EVIDENCE_REQUEST_ID, 100 * OT_NS_PER_MS, LINK_REACH_NS, true };

/* On one connection a method and path that neither log shows again for a while; clocks are mostly one machine's. */
static const struct rule connection_rule = { OT_EVIDENCE_CONNECTION, 20 * OT_NS_PER_MS, 2 * OT_NS_PER_S, false };

enum { ID_LEN_MIN = 8, ID_LEN_NO_DIGIT = 16, ID_DISTINCT_MIN = 4, NEAR_MAX = 64, LOOK_MAX = 512 };

struct matcher {
	struct link_record *records;
	uint32_t count;
	bool *coarse; /* by stream: its times are whole seconds */
	struct pairs pairs;
};

uint64_t link_id_hash(struct ot_str id)
{
	if (id.ptr == NULL || id.len < ID_LEN_MIN)
		return 0;
	bool seen[256] = { false }, digit = false;
	unsigned distinct = 0;
	for (size_t i = 0; i < id.len && (distinct < ID_DISTINCT_MIN || !digit); i++) {
		unsigned char c = (unsigned char)id.ptr[i];
		distinct += !seen[c];
		seen[c] = true;
		digit |= c >= '0' && c <= '9';
	}
	if (distinct < ID_DISTINCT_MIN || (!digit && id.len < ID_LEN_NO_DIGIT))
		return 0;
	uint64_t hash = ot_hash(id.ptr, id.len);
	return hash == 0 ? 1 : hash;
}

/* --- whether two records may be one call --- */

static bool has_trace(const struct link_record *r) { return (r->trace[0] | r->trace[1]) != 0; }

static bool differ(uint64_t a, uint64_t b) { return a != 0 && b != 0 && a != b; }

/* Two connections: of one gateway's two logs, or from one machine to two gateways. In a chain the second gateway sees the first as its peer. */
static bool other_connection(const struct link_record *a, const struct link_record *b)
{
	if (a->port < 0 || b->port < 0 || a->port == b->port || a->origin_kind == OT_KIND_WIRE || b->origin_kind == OT_KIND_WIRE)
		return false;
	return a->origin == b->origin || (a->peer != 0 && a->peer == b->peer);
}

/* What no times could outweigh. */
static bool contradict(const struct link_record *a, const struct link_record *b)
{
	if (a->stream == b->stream || differ(a->method, b->method) || differ(a->path, b->path))
		return true;
	if (differ(a->mcp_method, b->mcp_method) || differ(a->tool, b->tool))
		return true;
	if (has_trace(a) && has_trace(b) && memcmp(a->trace, b->trace, sizeof(a->trace)) != 0)
		return true;
	if (a->origin == b->origin && differ(a->request, b->request))
		return true;
	return other_connection(a, b);
}

/* A hop lies within the hop before it. */
static bool within(const struct link_record *inner, const struct link_record *outer, int64_t slack_ns)
{
	return inner->start >= outer->start - slack_ns && inner->end <= outer->end + slack_ns;
}

static bool times_fit(const struct matcher *m, const struct link_record *a, const struct link_record *b, const struct rule *rule)
{
	int64_t slack = rule->slack_ns, apart = a->start < b->start ? b->start - a->start : a->start - b->start;
	if (m->coarse[a->stream] || m->coarse[b->stream]) {
		slack += OT_NS_PER_S;
		if (a->status >= 0 && b->status >= 0 && a->status != b->status)
			return false;
	}
	return apart <= LINK_REACH_NS && (within(a, b, slack) || within(b, a, slack));
}

/* --- who else could be meant --- */

struct near {
	const struct entry *items[NEAR_MAX];
	size_t count;
	bool crowded;
};

static int64_t gap_ns(const struct link_record *a, const struct link_record *b)
{
	if (a->start > b->end)
		return a->start - b->end;
	return b->start > a->end ? b->start - a->end : 0;
}

static void near_look(const struct matcher *m, struct near *near, const struct entry *self, const struct entry *other, int64_t alone_ns)
{
	const struct link_record *a = &m->records[self->record], *b = &m->records[other->record];
	if (gap_ns(a, b) > alone_ns)
		return;
	if (near->count == NEAR_MAX || (a != b && a->stream == b->stream)) /* its own log has another: no need to look on */
		near->crowded = true;
	else
		near->items[near->count++] = other;
}

/* The entries near `run[at]`, itself with them. Sorted by start, so those that began long before are reached through the longest duration. */
static void near_of(const struct matcher *m, const struct entry *run, size_t count, size_t at, const struct rule *rule, int64_t longest, struct near *near)
{
	const struct entry *self = &run[at];
	int64_t end = m->records[self->record].end, alone = rule->alone_ns + (m->coarse[m->records[self->record].stream] ? OT_NS_PER_S : 0);
	near->count = 0;
	near->crowded = false;
	near_look(m, near, self, self, alone);
	size_t looked = 0;
	for (size_t i = at; i-- > 0 && !near->crowded && self->start - run[i].start <= longest + alone;) {
		near_look(m, near, self, &run[i], alone);
		near->crowded |= ++looked > LOOK_MAX;
	}
	for (size_t i = at + 1; i < count && !near->crowded && run[i].start - end <= alone; i++) {
		near_look(m, near, self, &run[i], alone);
		near->crowded |= ++looked > LOOK_MAX;
	}
}

/* Whether the other log has one record here as well; under a strict rule every log, but for services, which see each retry. */
static bool alone(const struct matcher *m, const struct near *near, uint32_t stream, bool strict)
{
	for (size_t i = 1; i < near->count; i++) {
		const struct link_record *r = &m->records[near->items[i]->record];
		bool counts = r->stream == stream || (strict && r->origin_kind != OT_KIND_SERVICE);
		for (size_t j = i + 1; counts && j < near->count; j++)
			if (m->records[near->items[j]->record].stream == r->stream)
				return false;
	}
	return true;
}

static void pairs_add(struct pairs *pairs, const struct entry *a, const struct entry *b, uint8_t evidence)
{
	if (pairs->count == pairs->cap) {
		pairs->cap = pairs->cap == 0 ? 1024 : pairs->cap * 2;
		pairs->items = ot_realloc(pairs->items, pairs->cap * sizeof(*pairs->items));
	}
	pairs->items[pairs->count++] = (struct pair){ a->start, a->record, b->record, evidence };
}

/* Pairs of run[at] with later entries of the run: each pair is looked at once. */
static void match_entry(struct matcher *m, const struct entry *run, size_t count, size_t at, const struct rule *rule, int64_t longest)
{
	struct near mine, theirs;
	near_of(m, run, count, at, rule, longest, &mine);
	const struct link_record *a = &m->records[run[at].record];
	if (mine.crowded || mine.count < 2)
		return;
	for (size_t i = 1; i < mine.count; i++) {
		const struct entry *other = mine.items[i];
		const struct link_record *b = &m->records[other->record];
		if (other < &run[at] || (run[at].upstream && other->upstream) || contradict(a, b) || !times_fit(m, a, b, rule))
			continue;
		if (!alone(m, &mine, b->stream, rule->strict))
			continue;
		near_of(m, run, count, (size_t)(other - run), rule, longest, &theirs);
		if (!theirs.crowded && alone(m, &theirs, a->stream, rule->strict))
			pairs_add(&m->pairs, &run[at], other, rule->evidence | (a->origin == b->origin ? OT_EVIDENCE_SAME_ORIGIN : 0));
	}
}

static bool several_streams(const struct matcher *m, const struct entry *run, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (m->records[run[i].record].stream != m->records[run[0].record].stream)
			return true;
	return false;
}

static void match_run(struct matcher *m, const struct entry *run, size_t count, const struct rule *rule)
{
	if (count < 2 || !several_streams(m, run, count))
		return;
	int64_t longest = 0;
	for (size_t i = 0; i < count; i++) {
		const struct link_record *r = &m->records[run[i].record];
		if (r->end - r->start > longest)
			longest = r->end - r->start;
	}
	for (size_t i = 0; i < count; i++)
		match_entry(m, run, count, i, rule, longest);
}

/* --- entries by key --- */

static void entries_add(struct entries *e, uint64_t key, const struct link_record *r, uint32_t record, bool upstream)
{
	if (e->count == e->cap) {
		e->cap = e->cap == 0 ? 4096 : e->cap * 2;
		e->items = ot_realloc(e->items, e->cap * sizeof(*e->items));
	}
	e->items[e->count++] = (struct entry){ key, r->start, record, upstream };
}

static int compare_entries(const void *pa, const void *pb)
{
	const struct entry *a = pa, *b = pb;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return (a->record > b->record) - (a->record < b->record);
}

static void match_entries(struct matcher *m, struct entries *e, const struct rule *rule)
{
	if (e->count > 1)
		qsort(e->items, e->count, sizeof(*e->items), compare_entries);
	for (size_t from = 0, i = 1; i <= e->count; i++) {
		if (i < e->count && e->items[i].key == e->items[from].key)
			continue;
		match_run(m, e->items + from, i - from, rule);
		from = i;
	}
	e->count = 0;
}

static void match_traces(struct matcher *m, struct entries *e)
{
	for (uint32_t i = 0; i < m->count; i++) {
		const struct link_record *r = &m->records[i];
		if (!has_trace(r) || r->method == 0 || r->path == 0)
			continue;
		uint64_t key[4] = { r->trace[0], r->trace[1], r->method, r->path };
		entries_add(e, ot_hash(key, sizeof(key)), r, i, false);
	}
	match_entries(m, e, &trace_rule);
}

static void match_requests(struct matcher *m, struct entries *e)
{
	for (uint32_t i = 0; i < m->count; i++) {
		const struct link_record *r = &m->records[i];
		if (r->request != 0)
			entries_add(e, r->request, r, i, false);
		if (r->upstream_request != 0 && r->upstream_request != r->request)
			entries_add(e, r->upstream_request, r, i, true);
	}
	match_entries(m, e, &request_rule);
}

/* --- connections --- */

/* Records of one connection in one log, in order of time. */
struct sequence {
	const struct entry *items[LOOK_MAX * 8];
	size_t count;
	uint32_t stream;
	bool overflow;
};
enum { SEQUENCES_MAX = 4 };

static void sequences_add(const struct matcher *m, struct sequence *sequences, size_t *count, const struct entry *entry)
{
	uint32_t stream = m->records[entry->record].stream;
	size_t i = 0;
	while (i < *count && sequences[i].stream != stream)
		i++;
	if (i == *count) {
		if (*count == SEQUENCES_MAX)
			return;
		sequences[i].stream = stream;
		sequences[i].count = 0;
		sequences[i].overflow = false;
		++*count;
	}
	if (sequences[i].count == sizeof(sequences[i].items) / sizeof(sequences[i].items[0]))
		sequences[i].overflow = true;
	else
		sequences[i].items[sequences[i].count++] = entry;
}

static bool same_request(const struct link_record *a, const struct link_record *b)
{
	return a->method == b->method && a->path == b->path;
}

/* An equal one that was under way at the same time could stand in its place (pipelines, HTTP/2). */
static bool could_be_swapped(const struct matcher *m, const struct sequence *s, size_t i)
{
	const struct link_record *self = &m->records[s->items[i]->record];
	for (size_t k = i > 0 ? i - 1 : 0; k < s->count && k <= i + 1; k++) {
		const struct link_record *other = &m->records[s->items[k]->record];
		if (k == i || !same_request(self, other))
			continue;
		if (k < i ? other->end > self->start : self->end > other->start)
			return true;
	}
	return false;
}

/* Two logs that show the same requests in the same order from a connection's first to its last: the n-th of one is the n-th of the other. */
static bool sequences_agree(const struct matcher *m, const struct sequence *a, const struct sequence *b)
{
	if (a->overflow || b->overflow || a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct link_record *x = &m->records[a->items[i]->record], *y = &m->records[b->items[i]->record];
		bool statuses = x->status < 0 || y->status < 0 || x->status == y->status;
		if (!same_request(x, y) || !statuses || contradict(x, y) || !times_fit(m, x, y, &connection_rule))
			return false;
	}
	return true;
}

static void match_sequences(struct matcher *m, const struct sequence *a, const struct sequence *b)
{
	if (!sequences_agree(m, a, b))
		return;
	bool same_origin = m->records[a->items[0]->record].origin == m->records[b->items[0]->record].origin;
	const struct sequence *exact = m->coarse[a->stream] ? b : a;
	if (m->coarse[exact->stream] && a->count > 1)
		return;
	for (size_t i = 0; i < a->count; i++)
		if (!could_be_swapped(m, exact, i))
			pairs_add(&m->pairs, a->items[i], b->items[i], OT_EVIDENCE_CONNECTION | (same_origin ? OT_EVIDENCE_SAME_ORIGIN : 0));
}

/* Ports are used again: a long pause ends a connection as far as this is concerned. */
static void match_connection(struct matcher *m, const struct entry *run, size_t count, struct sequence *sequences)
{
	size_t streams = 0;
	for (size_t i = 0; i <= count; i++) {
		if (i > 0 && (i == count || run[i].start - run[i - 1].start > LINK_REACH_NS)) {
			for (size_t a = 0; a < streams; a++)
				for (size_t b = a + 1; b < streams; b++)
					match_sequences(m, &sequences[a], &sequences[b]);
			streams = 0;
		}
		if (i < count)
			sequences_add(m, sequences, &streams, &run[i]);
	}
}

static uint64_t connection_key(const struct link_record *r, bool with_request)
{
	uint64_t key[4] = { r->peer, (uint64_t)r->port, with_request ? r->method : 0, with_request ? r->path : 0 };
	return ot_hash(key, sizeof(key));
}

static void match_connections(struct matcher *m, struct entries *e)
{
	struct sequence *sequences = ot_alloc(SEQUENCES_MAX * sizeof(*sequences));
	for (int with_request = 0; with_request < 2; with_request++) {
		for (uint32_t i = 0; i < m->count; i++) {
			const struct link_record *r = &m->records[i];
			if (r->port > 0 && r->peer != 0 && r->method != 0 && r->path != 0)
				entries_add(e, connection_key(r, with_request), r, i, false);
		}
		if (with_request) {
			match_entries(m, e, &connection_rule);
			break;
		}
		if (e->count > 1)
			qsort(e->items, e->count, sizeof(*e->items), compare_entries);
		for (size_t from = 0, i = 1; i <= e->count; i++) {
			if (i < e->count && e->items[i].key == e->items[from].key)
				continue;
			if (several_streams(m, e->items + from, i - from))
				match_connection(m, e->items + from, i - from, sequences);
			from = i;
		}
		e->count = 0;
	}
	free(sequences);
}

/* --- groups --- */

static uint32_t find_root(struct link_record *records, uint32_t i)
{
	while (records[i].root != i) {
		records[i].root = records[records[i].root].root;
		i = records[i].root;
	}
	return i;
}

static bool groups_agree(const struct link_record *records, uint32_t a, uint32_t b)
{
	uint32_t i = a, j = b;
	do {
		do {
			if (contradict(&records[i], &records[j]))
				return false;
			j = records[j].next;
		} while (j != b);
		i = records[i].next;
	} while (i != a);
	return true;
}

static void join(struct link_record *records, const struct pair *pair)
{
	struct link_record *a = &records[pair->a], *b = &records[pair->b];
	uint32_t root_a = find_root(records, pair->a), root_b = find_root(records, pair->b);
	if (root_a != root_b) {
		if (!groups_agree(records, pair->a, pair->b))
			return;
		records[root_a < root_b ? root_b : root_a].root = root_a < root_b ? root_a : root_b;
		uint32_t next = a->next; /* two rings become one */
		a->next = b->next;
		b->next = next;
	}
	a->evidence |= pair->evidence;
	b->evidence |= pair->evidence;
}

/* The strongest first, so that what contradicts it later stays out; then in an order that no batch changes. */
static int compare_places(const struct link_record *a, const struct link_record *b)
{
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->source_hash != b->source_hash)
		return a->source_hash < b->source_hash ? -1 : 1;
	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	return (a->item > b->item) - (a->item < b->item);
}
static int strength_of(const struct pair *p)
{
	return p->evidence & OT_EVIDENCE_REQUEST_ID ? 2 : p->evidence & OT_EVIDENCE_CONNECTION ? 1 : 0;
}
static int compare_pairs(const void *pa, const void *pb, void *context)
{
	const struct link_record *records = context;
	const struct pair *a = pa, *b = pb;
	int strength_a = strength_of(a), strength_b = strength_of(b);
	if (strength_a != strength_b)
		return strength_b - strength_a;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	int order = compare_places(&records[a->a], &records[b->a]);
	return order != 0 ? order : compare_places(&records[a->b], &records[b->b]);
}

/* A log whose times are mostly whole seconds tells them no better, whether they are of the start or of the end. */
static void find_coarse(struct matcher *m, uint32_t streams)
{
	uint32_t *whole = ot_alloc_zero(streams, 2 * sizeof(uint32_t));
	for (uint32_t i = 0; i < m->count; i++) {
		const struct link_record *r = &m->records[i];
		whole[2 * r->stream] += r->start % OT_NS_PER_S == 0 || r->end % OT_NS_PER_S == 0;
		whole[2 * r->stream + 1]++;
	}
	for (uint32_t i = 0; i < streams; i++)
		m->coarse[i] = 2 * (uint64_t)whole[2 * i] > whole[2 * i + 1];
	free(whole);
}

void link_match(struct link_record *records, uint32_t count, uint32_t streams)
{
	struct matcher m = { .records = records, .count = count };
	struct entries entries = { 0 };
	for (uint32_t i = 0; i < count; i++) {
		records[i].root = records[i].next = i;
		records[i].evidence = 0;
	}
	if (streams < 2)
		return;
	m.coarse = ot_alloc_zero(streams, sizeof(bool));
	find_coarse(&m, streams);
	match_requests(&m, &entries);
	match_connections(&m, &entries);
	match_traces(&m, &entries);
	if (m.pairs.count > 1)
		qsort_r(m.pairs.items, m.pairs.count, sizeof(*m.pairs.items), compare_pairs, records);
	for (size_t i = 0; i < m.pairs.count; i++)
		join(records, &m.pairs.items[i]);
	for (uint32_t i = 0; i < count; i++)
		records[i].root = find_root(records, i);
	free(entries.items);
	free(m.pairs.items);
	free(m.coarse);
}
