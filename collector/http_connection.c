/*
 * One connection of HTTP/1: messages out of two streams with holes, and which answer belongs to which request.
 *
 * Evidence first: an answer whose first byte is the byte that the request's sender expected next is that request's (EXACT). By order only where the
 * request begins at the byte behind the last pair's request, and the answer at the byte behind its answer (ORDERED: pipelines), or where both are the
 * first of streams that were seen from their beginning. Otherwise both halves stay alone.
 */
#include "http.h"
#include "http2.h"
#include <base/err.h>
#include <stdlib.h>
#include <string.h>

enum state { START, HEAD, BODY_LENGTH, BODY_CHUNKED, BODY_TO_CLOSE, TUNNEL, LOST };
enum chunk { CHUNK_SIZE, CHUNK_DATA, CHUNK_END, CHUNK_TRAILER };
enum { CHUNK_LINE_MAX = 4096, ORPHAN_WAIT_RUNS = 64, BLANKS_MAX = 4 };

/* A request with its answer, in order of the requests; a half alone has NULL for the other. */
struct entry {
	struct entry *next;
	struct ot_http_message *request, *answer;
	bool request_done, answer_done;
	bool request_end_known;
	uint32_t request_end; /* the byte behind it */
	enum ot_http_pairing pairing;
	unsigned item;
	uint64_t since; /* runs of the connection when an answer began to wait for its request */
	const char *reason;
};

/* One direction. */
struct half {
	enum state state;
	enum chunk chunk;
	uint64_t left; /* of the body or the chunk */
	struct ot_http_message *message; /* being read; owned by `entry` once its head is read */
	struct entry *entry;
	bool line_empty, line_over; /* HEAD: nothing but CR since the last newline; chunk lines: too long */
	struct ot_buf line;	    /* of a chunk size or a trailer */
	bool began, from_start;	    /* a run was seen, and it was the stream's first */
	uint32_t first_seq;
	uint64_t item_packet;
	unsigned item;
};

struct ot_http_connection {
	struct ot_flow_ends ends;
	struct half halves[2];
	int client; /* -1: not known yet */
	struct entry *first, **last;
	size_t waiting; /* entries without an answer */
	size_t held;	/* memory of entries and messages */
	struct {
		bool known;
		uint32_t request, answer; /* the bytes behind the pair whose answer ended last */
	} behind;
	bool asked_tunnel; /* CONNECT: whether what follows is HTTP, its answer tells */
	size_t orphans; /* answers that wait for a request that may yet come: reordered, or behind a hole */
	uint64_t runs;
	ot_http_exchange_fn *emit;
	void *context;
	struct ot_http_counts *counts;
	struct ot_http2 *h2;
};

struct ot_http_connection *ot_http_connection_new(const struct ot_flow_ends *ends, ot_http_exchange_fn *emit, void *context, struct ot_http_counts *counts)
{
	struct ot_http_connection *c = ot_alloc_zero(1, sizeof(*c));
	c->ends = *ends;
	c->client = -1;
	c->last = &c->first;
	c->emit = emit;
	c->context = context;
	c->counts = counts;
	for (int d = 0; d < 2; d++) {
		c->halves[d].state = ends->from_start ? START : LOST;
		ot_buf_init(&c->halves[d].line, CHUNK_LINE_MAX);
	}
	return c;
}

/* --- memory --- */

static void drop_message(struct ot_http_connection *c, struct ot_http_message *message)
{
	c->held -= ot_http_message_memory(message);
	ot_http_message_free(message);
}

/* --- entries --- */

static void emit_entry(struct ot_http_connection *c, struct entry *e)
{
	struct ot_http_exchange exchange = { &c->ends, c->client < 0 ? 0 : c->client, e->request, e->answer, e->answer == NULL ? OT_PAIR_NONE : e->pairing, e->item, NULL };
	if (e->request == NULL || e->answer == NULL)
		exchange.reason = e->reason;
	c->counts->exchanges++;
	c->counts->unanswered += e->answer == NULL;
	c->counts->orphans += e->request == NULL;
	c->emit(c->context, &exchange);
	drop_message(c, e->request);
	drop_message(c, e->answer);
	c->held -= sizeof(*e);
	free(e);
}

/* Gives out what is finished, in order from the first: an exchange waits for those before it. */
static void emit_finished(struct ot_http_connection *c)
{
	while (c->first != NULL && c->first->request_done && c->first->answer_done) {
		struct entry *e = c->first;
		c->first = e->next;
		if (c->first == NULL)
			c->last = &c->first;
		emit_entry(c, e);
	}
}

static struct entry *add_entry(struct ot_http_connection *c)
{
	struct entry *e = ot_alloc_zero(1, sizeof(*e));
	*c->last = e;
	c->last = &e->next;
	c->held += sizeof(*e);
	return e;
}

/* The answers to these requests were not seen: answers come in order. */
static void give_up_before(struct ot_http_connection *c, const struct entry *until, const char *reason)
{
	for (struct entry *e = c->first; e != NULL && e != until; e = e->next) {
		if (e->answer != NULL || e->answer_done)
			continue;
		e->answer_done = true;
		e->reason = reason;
		c->waiting--;
		/* What is left of its body may have been lost with its answer. */
		if (!e->request_done && c->halves[c->client].entry != e)
			e->request_done = true;
	}
}

/* The answer stands right behind the last pair's, the request does not: another one, unseen, was between, and the answer is that one's. */
static bool belongs_to_unseen(const struct ot_http_connection *c, const struct ot_http_message *request, const struct ot_http_message *answer)
{
	return c->behind.known && answer->seq == c->behind.answer && request->seq - c->behind.request > BLANKS_MAX;
}

/* Each the first of its stream. */
static bool both_are_first(const struct ot_http_connection *c, const struct ot_http_message *request, const struct ot_http_message *answer)
{
	const struct half *asks = &c->halves[c->client], *answers = &c->halves[1 - c->client];
	return asks->from_start && answers->from_start && request->seq == asks->first_seq && answer->seq == answers->first_seq;
}

static struct entry *find_request(struct ot_http_connection *c, const struct ot_http_message *answer, enum ot_http_pairing *pairing)
{
	struct entry *oldest = NULL;
	for (struct entry *e = c->first; e != NULL; e = e->next) {
		if (e->request == NULL || e->answer != NULL || e->answer_done)
			continue;
		if (oldest == NULL)
			oldest = e;
		if (e->request->ack == answer->seq && !belongs_to_unseen(c, e->request, answer)) {
			*pairing = OT_PAIR_EXACT;
			return e;
		}
	}
	*pairing = OT_PAIR_ORDERED;
	if (oldest == NULL)
		return NULL;
	bool next = c->behind.known && oldest->request->seq - c->behind.request <= BLANKS_MAX && answer->seq == c->behind.answer;
	return next || both_are_first(c, oldest->request, answer) ? oldest : NULL;
}

/* Answers whose requests will not come any more. */
static void release_orphans(struct ot_http_connection *c, uint64_t wait)
{
	for (struct entry *e = c->first; e != NULL && c->orphans > 0; e = e->next) {
		if (e->request == NULL && !e->request_done && c->runs - e->since >= wait) {
			e->request_done = true;
			c->orphans--;
		}
	}
	emit_finished(c);
}

/* --- bodies --- */

static bool header_has(struct ot_str value, const char *word)
{
	struct ot_str rest = value, wanted = ot_str_from(word);
	while (rest.ptr != NULL) {
		struct ot_str part = ot_str_trim(ot_str_cut(rest, ',', &rest));
		if (ot_str_eq_nocase(part, wanted))
			return true;
	}
	return false;
}

/* Content-Length where it is a number; several that differ are ambiguous, the first holds. */
static bool content_length(struct ot_http_message *m, uint64_t *len)
{
	bool found = false;
	for (size_t i = 0; i < m->header_count; i++) {
		int64_t number;
		struct ot_str rest;
		if (!ot_str_eq_nocase(m->headers[i].name, OT_STR("content-length")))
			continue;
		if (!ot_str_to_i64(ot_str_trim(ot_str_cut(m->headers[i].value, ',', &rest)), &number) || number < 0)
			continue;
		if (found && *len != (uint64_t)number)
			m->flaws |= OT_HTTP_AMBIGUOUS;
		if (!found)
			*len = (uint64_t)number;
		found = true;
	}
	return found;
}

static enum state body_state(struct ot_http_message *m, uint64_t *left, enum state otherwise)
{
	bool chunked = header_has(ot_http_header_of(m, "transfer-encoding"), "chunked");
	bool sized = content_length(m, left);
	if (chunked && sized)
		m->flaws |= OT_HTTP_AMBIGUOUS;
	if (chunked)
		return BODY_CHUNKED;
	return sized ? BODY_LENGTH : otherwise;
}

static void finish(struct ot_http_connection *c, int d, int64_t time_ns)
{
	struct half *h = &c->halves[d];
	if (h->message == NULL)
		return;
	if (time_ns > h->message->end_ns)
		h->message->end_ns = time_ns;
	if (h->message->request)
		h->entry->request_done = true;
	else
		h->entry->answer_done = true;
	h->message = NULL;
	h->entry = NULL;
	emit_finished(c);
}

/* The same for a message of which every byte was seen; `end` is the sequence number behind it. */
static void finish_whole(struct ot_http_connection *c, int d, int64_t time_ns, uint32_t end)
{
	struct half *h = &c->halves[d];
	if (h->message == NULL)
		return;
	if (h->message->request) {
		h->entry->request_end = end;
		h->entry->request_end_known = true;
	} else {
		c->behind.known = h->entry->request != NULL && h->entry->request_end_known;
		c->behind.request = h->entry->request_end;
		c->behind.answer = end;
	}
	finish(c, d, time_ns);
}

/* --- heads --- */

static void to_tunnel(struct ot_http_connection *c, int64_t time_ns)
{
	for (int d = 0; d < 2; d++) {
		struct half *h = &c->halves[d];
		if (h->state == HEAD && h->entry == NULL) { /* its beginning looked like a head, and is none */
			drop_message(c, h->message);
			h->message = NULL;
		}
		finish(c, d, time_ns);
		h->state = TUNNEL;
	}
}

/* An answer that came before its request: the request's sender expected just its first byte. */
static struct entry *find_orphan(struct ot_http_connection *c, const struct ot_http_message *request)
{
	for (struct entry *e = c->orphans == 0 ? NULL : c->first; e != NULL; e = e->next) {
		if (e->request == NULL && !e->request_done && e->answer->seq == request->ack)
			return e;
	}
	return NULL;
}

static void on_request(struct ot_http_connection *c, int d)
{
	struct half *h = &c->halves[d];
	c->client = d;
	h->entry = find_orphan(c, h->message);
	if (h->entry != NULL) {
		h->entry->pairing = OT_PAIR_EXACT;
		c->orphans--;
	} else {
		h->entry = add_entry(c);
		c->waiting++;
	}
	h->entry->request = h->message;
	h->entry->item = h->item;
	if (c->waiting > OT_HTTP_PENDING_MAX)
		give_up_before(c, h->entry, "too many requests wait for their answers");
	h->left = 0;
	h->state = body_state(h->message, &h->left, START);
	c->asked_tunnel = ot_str_eq(h->message->method, OT_STR("CONNECT"));
}

static bool has_no_body(const struct entry *e, int status)
{
	bool head = e->request != NULL && ot_str_eq(e->request->method, OT_STR("HEAD"));
	return head || status == 204 || status == 304 || (status >= 100 && status < 200);
}

static bool opens_tunnel(const struct entry *e, int status)
{
	return status == 101 || (status >= 200 && status < 300 && e->request != NULL && ot_str_eq(e->request->method, OT_STR("CONNECT")));
}

static void upgrade(struct ot_http_connection *c, struct entry *e, int d, int64_t time_ns)
{
	bool h2c = e->request != NULL && e->answer->status == 101 && header_has(ot_http_header_of(e->answer, "upgrade"), "h2c");
	if (h2c) {
		/* The request goes on as stream 1 of HTTP/2; the 101 itself is no answer to it. */
		c->h2 = ot_http2_new(&c->ends, c->client, c->emit, c->context, c->counts);
		c->held -= ot_http_message_memory(e->request);
		ot_http2_take_upgrade(c->h2, e->request, e->request_done);
		e->request = NULL;
		drop_message(c, e->answer);
		e->answer = NULL;
		for (int side = 0; side < 2; side++) {
			if (c->halves[side].entry == e || side == d)
				c->halves[side].message = NULL;
			if (c->halves[side].entry == e)
				c->halves[side].entry = NULL;
		}
		for (struct entry **at = &c->first; *at != NULL; at = &(*at)->next) {
			if (*at == e) {
				*at = e->next;
				if (e->next == NULL)
					c->last = at;
				c->held -= sizeof(*e);
				free(e);
				break;
			}
		}
		return;
	}
	to_tunnel(c, time_ns);
}

/* An interim answer (1xx): the final one begins where it ends. */
static void on_interim(struct ot_http_connection *c, int d, struct entry *e, uint32_t next_seq)
{
	struct half *h = &c->halves[d];
	if (e != NULL)
		e->request->ack = next_seq;
	drop_message(c, h->message);
	h->message = NULL;
	h->state = START;
}

static void on_answer(struct ot_http_connection *c, int d, uint32_t next_seq, int64_t time_ns)
{
	struct half *h = &c->halves[d];
	enum ot_http_pairing pairing;
	if (c->client < 0)
		c->client = 1 - d;
	struct entry *e = find_request(c, h->message, &pairing);
	int status = h->message->status;
	if (status < 200 && status != 101) {
		on_interim(c, d, e, next_seq);
		return;
	}
	if (e == NULL) {
		e = add_entry(c);
		e->item = h->item;
		e->since = c->runs;
		e->reason = "its request was not seen";
		c->orphans++;
		if (c->orphans > OT_HTTP_PENDING_MAX)
			release_orphans(c, 0);
	} else {
		give_up_before(c, e, "its answer was not seen");
		e->pairing = pairing;
		c->waiting--;
	}
	e->answer = h->message;
	h->entry = e;
	h->left = 0;
	if (opens_tunnel(e, status)) {
		upgrade(c, e, d, time_ns);
		return;
	}
	if (c->asked_tunnel) { /* refused: the connection goes on */
		c->asked_tunnel = false;
		c->halves[c->client].state = LOST;
	}
	h->state = has_no_body(e, status) ? START : body_state(h->message, &h->left, BODY_TO_CLOSE);
}

/* The preface of HTTP/2 looks like a request, so that a stream that ends before it is HTTP/1's. */
static bool is_h2_preface(const struct ot_http_connection *c, int d, const struct ot_http_message *m)
{
	return m->request && ot_str_eq(m->method, OT_STR("PRI")) && ot_str_eq(m->version, OT_STR("2.0")) && c->first == NULL && (c->client < 0 || c->client == d);
}

static void begin_h2(struct ot_http_connection *c, int client)
{
	enum { BEHIND_HEAD = 6 }; /* of the preface */
	struct half *answers = &c->halves[1 - client];
	drop_message(c, c->halves[client].message);
	c->halves[client].message = NULL;
	c->client = client;
	c->h2 = ot_http2_new(&c->ends, client, c->emit, c->context, c->counts);
	ot_http2_preface_left(c->h2, BEHIND_HEAD);
	if (answers->state != START || answers->message != NULL) /* something of it was passed over */
		ot_http2_hole(c->h2, 1 - client, 0, 0);
	drop_message(c, answers->message);
	answers->message = NULL;
}

static void on_head(struct ot_http_connection *c, int d, uint32_t next_seq, int64_t time_ns)
{
	struct half *h = &c->halves[d];
	struct ot_http_message *m = h->message;
	if (m->text.overflow)
		m->flaws |= OT_HTTP_HEAD_CUT;
	m->end_ns = time_ns;
	bool understood = ot_http_head_parse(m);
	if (understood && is_h2_preface(c, d, m)) {
		begin_h2(c, d);
		return;
	}
	if (!understood || (c->client >= 0 && m->request != (d == c->client))) {
		c->counts->not_http++;
		drop_message(c, m);
		h->message = NULL;
		h->state = LOST;
		return;
	}
	if (m->request)
		on_request(c, d);
	else
		on_answer(c, d, next_seq, time_ns);
	if (h->message != NULL && (h->state == START || (h->state == BODY_LENGTH && h->left == 0))) {
		h->state = d == c->client && c->asked_tunnel ? TUNNEL : START;
		finish_whole(c, d, time_ns, next_seq);
	}
}

/* --- bytes --- */

static void begin(struct ot_http_connection *c, struct half *h, const struct ot_flow_run *run, size_t at)
{
	h->message = ot_http_message_new();
	c->held += ot_http_message_memory(h->message);
	h->message->start_ns = h->message->end_ns = run->time_ns;
	h->message->packet = run->packet;
	h->message->seq = run->seq + (uint32_t)at;
	h->message->ack = run->ack;
	h->item = run->packet == h->item_packet ? h->item + 1 : 0;
	h->item_packet = run->packet;
	h->line_empty = false;
	h->state = HEAD;
}

/* How many of the bytes belong to the head; *ended where its empty line is among them. */
static size_t head_part(struct half *h, struct ot_str bytes, bool *ended)
{
	size_t at = 0;
	*ended = false;
	while (at < bytes.len) {
		const char *newline = memchr(bytes.ptr + at, '\n', bytes.len - at);
		size_t end = newline == NULL ? bytes.len : (size_t)(newline - bytes.ptr);
		bool only_cr = end == at || (end == at + 1 && bytes.ptr[at] == '\r');
		h->line_empty = h->line_empty && only_cr;
		if (newline == NULL)
			return bytes.len;
		at = end + 1;
		if (h->line_empty) {
			*ended = true;
			return at;
		}
		h->line_empty = true;
	}
	return at;
}

static size_t feed_start(struct ot_http_connection *c, int d, const struct ot_flow_run *run, size_t at)
{
	struct half *h = &c->halves[d];
	struct ot_str rest = ot_str_sub(run->bytes, at, run->bytes.len);
	size_t blank = 0;
	while (blank < rest.len && (rest.ptr[blank] == '\r' || rest.ptr[blank] == '\n'))
		blank++;
	if (blank > 0)
		return blank;
	if (c->client < 0 && c->first == NULL && h->from_start && ot_http2_is_server_preface(rest) && c->halves[1 - d].state == START) {
		c->client = 1 - d; /* it may speak first */
		c->h2 = ot_http2_new(&c->ends, c->client, c->emit, c->context, c->counts);
		return 0;
	}
	if (!ot_http_looks_like_start(rest)) {
		c->counts->not_http += c->client < 0;
		h->state = LOST;
		return 0;
	}
	begin(c, h, run, at);
	return 0;
}

static size_t feed_head(struct ot_http_connection *c, int d, const struct ot_flow_run *run, size_t at)
{
	struct half *h = &c->halves[d];
	struct ot_str rest = ot_str_sub(run->bytes, at, run->bytes.len);
	bool ended;
	size_t used = head_part(h, rest, &ended);
	size_t had = h->message->text.cap;
	h->message->head_bytes += used;
	ot_buf_put(&h->message->text, rest.ptr, used);
	c->held += h->message->text.cap - had;
	if (ended)
		on_head(c, d, run->seq + (uint32_t)(at + used), run->time_ns);
	return used;
}

static size_t feed_length(struct ot_http_connection *c, int d, const struct ot_flow_run *run, size_t at)
{
	struct half *h = &c->halves[d];
	struct ot_str rest = ot_str_sub(run->bytes, at, run->bytes.len);
	size_t used = rest.len < h->left ? rest.len : (size_t)h->left;
	c->held += ot_http_message_body(h->message, ot_str_sub(rest, 0, used));
	h->left -= used;
	if (h->left == 0) {
		h->state = START;
		finish_whole(c, d, run->time_ns, run->seq + (uint32_t)(at + used));
	}
	return used;
}

static bool chunk_size(struct ot_str line, uint64_t *size)
{
	size_t digits = 0;
	*size = 0;
	line = ot_str_trim(line);
	for (; digits < line.len; digits++) {
		char ch = line.ptr[digits];
		int value = ch >= '0' && ch <= '9' ? ch - '0' : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : ch >= 'A' && ch <= 'F' ? ch - 'A' + 10 : -1;
		if (value < 0)
			break;
		if (*size >> 56 != 0)
			return false;
		*size = *size << 4 | (uint64_t)value;
	}
	return digits > 0 && (digits == line.len || line.ptr[digits] == ';' || line.ptr[digits] == ' ' || line.ptr[digits] == '\t');
}

/* A whole line of chunk framing is in h->line. */
static void on_chunk_line(struct ot_http_connection *c, int d, int64_t time_ns, uint32_t end)
{
	struct half *h = &c->halves[d];
	struct ot_str line = ot_str_trim(ot_buf_str(&h->line));
	switch (h->chunk) {
	case CHUNK_SIZE:
		if (h->line.overflow || !chunk_size(line, &h->left)) {
			h->message->flaws |= OT_HTTP_BODY_CUT;
			c->counts->not_http++;
			finish(c, d, time_ns);
			h->state = LOST;
			break;
		}
		h->chunk = h->left == 0 ? CHUNK_TRAILER : CHUNK_DATA;
		break;
	case CHUNK_END:
		h->chunk = CHUNK_SIZE;
		break;
	default: /* CHUNK_TRAILER: an empty line ends the message */
		if (line.len == 0) {
			h->chunk = CHUNK_SIZE;
			h->state = START;
			finish_whole(c, d, time_ns, end);
		}
		break;
	}
	ot_buf_clear(&h->line);
}

static size_t feed_chunked(struct ot_http_connection *c, int d, const struct ot_flow_run *run, size_t at)
{
	struct half *h = &c->halves[d];
	struct ot_str rest = ot_str_sub(run->bytes, at, run->bytes.len);
	if (h->chunk == CHUNK_DATA) {
		size_t used = rest.len < h->left ? rest.len : (size_t)h->left;
		c->held += ot_http_message_body(h->message, ot_str_sub(rest, 0, used));
		h->left -= used;
		if (h->left == 0)
			h->chunk = CHUNK_END;
		return used;
	}
	ptrdiff_t newline = ot_str_find_char(rest, '\n');
	size_t used = newline < 0 ? rest.len : (size_t)newline + 1;
	ot_buf_put(&h->line, rest.ptr, newline < 0 ? used : used - 1);
	if (newline >= 0)
		on_chunk_line(c, d, run->time_ns, run->seq + (uint32_t)(at + used));
	return used;
}

static size_t feed(struct ot_http_connection *c, int d, const struct ot_flow_run *run, size_t at)
{
	struct half *h = &c->halves[d];
	if (h->message != NULL)
		h->message->end_ns = run->time_ns;
	switch (h->state) {
	case START:
		return feed_start(c, d, run, at);
	case HEAD:
		return feed_head(c, d, run, at);
	case BODY_LENGTH:
		return feed_length(c, d, run, at);
	case BODY_CHUNKED:
		return feed_chunked(c, d, run, at);
	case BODY_TO_CLOSE:
		c->held += ot_http_message_body(h->message, ot_str_sub(run->bytes, at, run->bytes.len));
		return run->bytes.len - at;
	default:
		return run->bytes.len - at;
	}
}

/* Where the place in a stream is not known: a run that begins like a start line begins a message; frames mean HTTP/2 joined in the middle. */
static void find_place(struct ot_http_connection *c, int d, const struct ot_flow_run *run)
{
	struct half *h = &c->halves[d];
	if (ot_http_is_known_start(run->bytes)) {
		h->state = START;
	} else if (c->client < 0 && c->first == NULL && ot_http2_looks_like_frame(run->bytes)) {
		c->h2 = ot_http2_new(&c->ends, -1, c->emit, c->context, c->counts);
	}
}

static void note_first(struct half *h, const struct ot_flow_run *run)
{
	if (h->began)
		return;
	h->began = true;
	h->from_start = h->state == START;
	h->first_seq = run->seq;
}

void ot_http_connection_run(struct ot_http_connection *c, int d, const struct ot_flow_run *run)
{
	size_t at = 0;
	c->runs++;
	if (c->orphans > 0)
		release_orphans(c, ORPHAN_WAIT_RUNS);
	note_first(&c->halves[d], run);
	if (c->h2 == NULL && c->halves[d].state == LOST)
		find_place(c, d, run);
	while (at < run->bytes.len && c->h2 == NULL)
		at += feed(c, d, run, at);
	if (c->h2 != NULL && at < run->bytes.len) {
		struct ot_flow_run rest = *run;
		rest.bytes = ot_str_sub(run->bytes, at, run->bytes.len);
		rest.seq += (uint32_t)at;
		ot_http2_run(c->h2, d, &rest);
	}
}

/* --- holes and ends --- */

/* A head that was seen in part: its start line and whole headers still tell. */
static void cut_head(struct ot_http_connection *c, int d, int64_t time_ns)
{
	struct half *h = &c->halves[d];
	struct ot_http_message *m = h->message;
	size_t whole = m->text.len;
	while (whole > 0 && m->text.data[whole - 1] != '\n')
		whole--;
	m->text.len = whole;
	m->flaws |= OT_HTTP_HEAD_CUT;
	if (whole == 0) {
		drop_message(c, m);
		h->message = NULL;
	} else {
		on_head(c, d, m->seq, time_ns); /* where it ends is not known */
		if (h->message != NULL) {
			h->message->flaws |= OT_HTTP_BODY_CUT;
			finish(c, d, time_ns);
		}
	}
	if (h->state != TUNNEL)
		h->state = LOST;
}

static void hole_in_body(struct ot_http_connection *c, int d, uint64_t len, int64_t time_ns)
{
	struct half *h = &c->halves[d];
	bool skippable = h->state == BODY_LENGTH ? len <= h->left : h->state == BODY_CHUNKED && h->chunk == CHUNK_DATA && len < h->left;
	h->message->flaws |= OT_HTTP_BODY_CUT;
	if (skippable || h->state == BODY_TO_CLOSE)
		ot_http_message_body_hole(h->message, len);
	if (skippable) {
		h->left -= len;
		if (h->left == 0 && h->state == BODY_LENGTH) {
			h->state = START;
			finish(c, d, time_ns);
		}
	} else if (h->state != BODY_TO_CLOSE) {
		finish(c, d, h->message->end_ns);
		h->state = LOST;
	}
}

void ot_http_connection_hole(struct ot_http_connection *c, int d, uint64_t len, int64_t time_ns)
{
	struct half *h = &c->halves[d];
	if (c->h2 != NULL) {
		ot_http2_hole(c->h2, d, len, time_ns);
		return;
	}
	switch (h->state) {
	case START:
		h->state = LOST;
		break;
	case HEAD:
		cut_head(c, d, time_ns);
		break;
	case BODY_LENGTH:
	case BODY_CHUNKED:
	case BODY_TO_CLOSE:
		hole_in_body(c, d, len, time_ns);
		break;
	default:
		break;
	}
}

void ot_http_connection_fin(struct ot_http_connection *c, int d, int64_t time_ns)
{
	struct half *h = &c->halves[d];
	if (c->h2 == NULL && h->state == BODY_TO_CLOSE) {
		h->state = START;
		finish(c, d, h->message->end_ns);
	}
	(void)time_ns;
}

static const char *end_reason(enum ot_flow_end reason)
{
	static const char *const reasons[] = { "the connection was closed before its answer", "the connection was reset before its answer", "the connection's ports were used again before its answer",
		"no answer for long", "given up for memory before its answer", "the capture ended before its answer" };
	return reasons[reason];
}

void ot_http_connection_free(struct ot_http_connection *c, enum ot_flow_end reason, int64_t time_ns)
{
	for (int d = 0; d < 2; d++) {
		struct half *h = &c->halves[d];
		if (h->state == HEAD && h->message != NULL)
			cut_head(c, d, time_ns);
		if (h->message != NULL) {
			h->message->flaws |= h->state == BODY_TO_CLOSE && reason == OT_FLOW_FIN ? 0 : OT_HTTP_UNFINISHED;
			finish(c, d, h->message->end_ns);
		}
		ot_buf_release(&h->line);
	}
	while (c->first != NULL) {
		struct entry *e = c->first;
		c->first = e->next;
		if (e->reason == NULL)
			e->reason = end_reason(reason);
		emit_entry(c, e);
	}
	if (c->h2 != NULL)
		ot_http2_free(c->h2, reason, time_ns);
	free(c);
}

size_t ot_http_connection_memory(const struct ot_http_connection *c)
{
	return sizeof(*c) + c->halves[0].line.cap + c->halves[1].line.cap + c->held + (c->h2 == NULL ? 0 : ot_http2_memory(c->h2));
}
