/*
 * HTTP/2 frames by hand: each direction is a chain of frames, found again after a hole by plausibility. Header blocks are decoded in the order of the
 * wire; a hole that may have held one forgets the direction's HPACK window.
 */
#include "http2.h"
#include "hpack.h"
#include <base/cursor.h>
#include <base/err.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME_DATA, FRAME_HEADERS, FRAME_PRIORITY, FRAME_RST_STREAM, FRAME_SETTINGS, FRAME_PUSH_PROMISE, FRAME_PING, FRAME_GOAWAY, FRAME_WINDOW_UPDATE, FRAME_CONTINUATION, FRAME_TYPES };
enum { FLAG_END_STREAM = 1, FLAG_ACK = 1, FLAG_END_HEADERS = 4, FLAG_PADDED = 8, FLAG_PRIORITY = 32 };
enum { FRAME_HEAD = 9, FRAME_LEN_MAX = 1 << 20, BLOCK_MAX = 256 << 10, STREAMS_MAX = 4096, BUCKETS = 256, RESET_MAX = 64, ORPHAN_WAIT_RUNS = 64 };

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
enum { PREFACE_LEN = 24 };

struct stream {
	struct stream *bucket_next;
	struct stream *older, *newer;
	uint32_t id;
	struct ot_http_message *request, *answer;
	bool request_done, answer_done;
	unsigned item;
	uint64_t since; /* runs of the connection when its answer began to wait for its request */
};

/* One direction. */
struct half {
	bool placed;	     /* the next byte is the first of a frame, or within one that is known */
	unsigned preface_left; /* bytes of the client's preface to pass over */
	uint8_t head[FRAME_HEAD];
	unsigned head_len;
	uint32_t left; /* of the frame's payload */
	uint8_t type, flags;
	uint32_t id;
	struct ot_buf payload;	  /* of frames that are taken whole; the header block, until END_HEADERS */
	bool end_stream;	  /* of the HEADERS that the block began with */
	uint32_t block_id;	  /* stream of an unfinished header block, 0: none */
	uint8_t pad;		  /* DATA: bytes at the end that are padding */
	bool pad_known;
	int64_t block_start_ns;
	uint64_t block_packet;
	uint64_t item_packet;
	unsigned item;
	struct ot_hpack *hpack;
};

struct ot_http2 {
	struct ot_flow_ends ends;
	int client;
	struct half halves[2];
	struct stream *buckets[BUCKETS];
	struct stream *oldest, *newest;
	size_t stream_count;
	size_t held; /* memory of streams and messages */
	size_t orphans; /* whole answers that wait for a request that may yet come: reordered */
	uint64_t runs;
	uint32_t reset[RESET_MAX]; /* streams that were given out at their reset: what was under way is no new one */
	unsigned reset_at;
	ot_http_exchange_fn *emit;
	void *context;
	struct ot_http_counts *counts;
};

bool ot_http2_is_server_preface(struct ot_str bytes)
{
	struct ot_cursor c = ot_cursor_of(bytes.ptr, bytes.len);
	uint32_t len = (uint32_t)ot_cursor_u8(&c) << 16;
	len |= ot_cursor_be16(&c);
	uint8_t type = ot_cursor_u8(&c), flags = ot_cursor_u8(&c);
	return ot_cursor_be32(&c) == 0 && !c.failed && type == FRAME_SETTINGS && flags == 0 && len % 6 == 0 && len < 256;
}

bool ot_http2_is_preface(struct ot_str bytes)
{
	return bytes.len >= 16 && memcmp(bytes.ptr, preface, bytes.len < PREFACE_LEN ? bytes.len : PREFACE_LEN) == 0;
}

static bool plausible(uint32_t len, uint8_t type, uint8_t flags, uint32_t id)
{
	if (type >= FRAME_TYPES || len > 1 << 16 || id >> 31)
		return false;
	switch (type) {
	case FRAME_DATA:
		return id != 0 && (flags & ~(FLAG_END_STREAM | FLAG_PADDED)) == 0;
	case FRAME_HEADERS:
		return id != 0 && len > 0 && (flags & ~(FLAG_END_STREAM | FLAG_END_HEADERS | FLAG_PADDED | FLAG_PRIORITY)) == 0;
	case FRAME_PRIORITY:
		return id != 0 && len == 5;
	case FRAME_RST_STREAM:
		return id != 0 && len == 4 && flags == 0;
	case FRAME_SETTINGS:
		return id == 0 && len % 6 == 0 && len < 256 && (flags & ~FLAG_ACK) == 0;
	case FRAME_PING:
		return id == 0 && len == 8;
	case FRAME_GOAWAY:
		return id == 0 && len >= 8;
	case FRAME_WINDOW_UPDATE:
		return len == 4 && flags == 0;
	case FRAME_CONTINUATION:
		return id != 0 && (flags & ~FLAG_END_HEADERS) == 0;
	default:
		return id != 0;
	}
}

/* A chain of plausible frames from the first byte on: at least one whole, and nothing implausible after it. */
bool ot_http2_looks_like_frame(struct ot_str bytes)
{
	int whole = 0;
	while (bytes.len >= FRAME_HEAD) {
		struct ot_cursor c = ot_cursor_of(bytes.ptr, bytes.len);
		uint32_t len = (uint32_t)ot_cursor_u8(&c) << 16;
		len |= ot_cursor_be16(&c);
		uint8_t type = ot_cursor_u8(&c), flags = ot_cursor_u8(&c);
		if (!plausible(len, type, flags, ot_cursor_be32(&c)))
			return false;
		if (bytes.len < FRAME_HEAD + len)
			return whole > 0 || (type <= FRAME_HEADERS && len > 64);
		bytes = ot_str_sub(bytes, FRAME_HEAD + len, bytes.len);
		whole++;
	}
	return whole > 0;
}

struct ot_http2 *ot_http2_new(const struct ot_flow_ends *ends, int client, ot_http_exchange_fn *emit, void *context, struct ot_http_counts *counts)
{
	struct ot_http2 *h2 = ot_alloc_zero(1, sizeof(*h2));
	h2->ends = *ends;
	h2->client = client;
	h2->emit = emit;
	h2->context = context;
	h2->counts = counts;
	for (int d = 0; d < 2; d++) {
		ot_buf_init(&h2->halves[d].payload, BLOCK_MAX);
		h2->halves[d].hpack = ot_hpack_new(client < 0);
		h2->halves[d].placed = client >= 0;
	}
	if (client >= 0)
		h2->halves[client].preface_left = PREFACE_LEN;
	return h2;
}

void ot_http2_preface_left(struct ot_http2 *h2, unsigned bytes)
{
	h2->halves[h2->client].preface_left = bytes;
}

/* --- streams --- */

/* Clients' streams have odd numbers. */
static struct stream **bucket_of(struct ot_http2 *h2, uint32_t id)
{
	return &h2->buckets[(id >> 1) % BUCKETS];
}

static struct stream *find_stream(struct ot_http2 *h2, uint32_t id)
{
	struct stream *s = *bucket_of(h2, id);
	while (s != NULL && s->id != id)
		s = s->bucket_next;
	return s;
}

static void emit_stream(struct ot_http2 *h2, struct stream *s, const char *reason)
{
	struct stream **at = bucket_of(h2, s->id);
	while (*at != s)
		at = &(*at)->bucket_next;
	*at = s->bucket_next;
	*(s->older != NULL ? &s->older->newer : &h2->oldest) = s->newer;
	*(s->newer != NULL ? &s->newer->older : &h2->newest) = s->older;
	h2->stream_count--;
	h2->orphans -= s->request == NULL && s->answer_done;
	if (s->request != NULL || s->answer != NULL) {
		struct ot_http_exchange exchange = { &h2->ends, h2->client < 0 ? 0 : h2->client, s->request, s->answer,
			s->request != NULL && s->answer != NULL ? OT_PAIR_STREAM : OT_PAIR_NONE, s->item, NULL };
		if (s->answer == NULL)
			exchange.reason = reason;
		else if (s->request == NULL)
			exchange.reason = "its request was not seen";
		h2->counts->exchanges++;
		h2->counts->unanswered += s->answer == NULL;
		h2->counts->orphans += s->request == NULL;
		h2->emit(h2->context, &exchange);
	}
	h2->held -= sizeof(*s) + ot_http_message_memory(s->request) + ot_http_message_memory(s->answer);
	ot_http_message_free(s->request);
	ot_http_message_free(s->answer);
	free(s);
}

static struct stream *open_stream(struct ot_http2 *h2, uint32_t id)
{
	struct stream *s = find_stream(h2, id);
	if (s != NULL)
		return s;
	if (h2->stream_count >= STREAMS_MAX)
		emit_stream(h2, h2->oldest, "too many streams wait for their answers");
	s = ot_alloc_zero(1, sizeof(*s));
	s->id = id;
	s->bucket_next = *bucket_of(h2, id);
	*bucket_of(h2, id) = s;
	s->older = h2->newest;
	*(s->older != NULL ? &s->older->newer : &h2->oldest) = s;
	h2->newest = s;
	h2->stream_count++;
	h2->held += sizeof(*s);
	return s;
}

void ot_http2_take_upgrade(struct ot_http2 *h2, struct ot_http_message *request, bool done)
{
	struct stream *s = open_stream(h2, 1);
	s->request = request;
	s->request_done = true; /* by now, or the rest of it cannot be told apart */
	if (!done)
		request->flaws |= OT_HTTP_BODY_CUT;
	h2->held += ot_http_message_memory(request);
}

static void end_side(struct ot_http2 *h2, struct stream *s, int d, int64_t time_ns)
{
	struct ot_http_message *m = d == h2->client ? s->request : s->answer;
	if (m != NULL && time_ns > m->end_ns)
		m->end_ns = time_ns;
	if (d == h2->client) {
		s->request_done = true;
	} else if (!s->answer_done) {
		s->answer_done = true;
		s->since = h2->runs;
		h2->orphans += s->request == NULL;
	}
	if (s->answer_done && s->request_done && s->request != NULL)
		emit_stream(h2, s, NULL);
}

/* --- header blocks --- */

/* Fields as places in the message's text, which moves while it grows. */
struct block {
	struct ot_http_message *message;
	struct {
		uint32_t name, name_len, value, value_len;
		bool known;
	} fields[OT_HTTP_HEADERS_MAX];
	size_t count;
	bool unknown; /* something could not be resolved */
};

static void take_field(void *context, struct ot_str name, struct ot_str value)
{
	struct block *b = context;
	struct ot_buf *text = &b->message->text;
	if (name.ptr == NULL || value.ptr == NULL)
		b->unknown = true;
	if (name.ptr == NULL || b->count == OT_HTTP_HEADERS_MAX)
		return;
	b->fields[b->count].name = (uint32_t)text->len;
	ot_buf_str_put(text, name);
	b->fields[b->count].name_len = (uint32_t)name.len;
	b->fields[b->count].value = (uint32_t)text->len;
	ot_buf_str_put(text, value);
	b->fields[b->count].value_len = (uint32_t)value.len;
	b->fields[b->count].known = value.ptr != NULL;
	b->count += !text->overflow;
}

static void set_field(struct ot_http_message *m, struct ot_str name, struct ot_str value)
{
	int64_t status;
	if (ot_str_eq(name, OT_STR(":method")))
		m->method = value;
	else if (ot_str_eq(name, OT_STR(":path")))
		m->target = value;
	else if (ot_str_eq(name, OT_STR(":authority")))
		m->authority = value;
	else if (ot_str_eq(name, OT_STR(":scheme")))
		m->scheme = value;
	else if (ot_str_eq(name, OT_STR(":status")) && ot_str_to_i64(value, &status) && status >= 100 && status <= 999)
		m->status = (int)status;
	else
		m->headers[m->header_count++] = (struct ot_http_header){ name, value };
}

static void settle_fields(struct block *b)
{
	struct ot_http_message *m = b->message;
	struct ot_str text = ot_buf_str(&m->text);
	for (size_t i = 0; i < b->count; i++) {
		if (b->fields[i].known)
			set_field(m, ot_str_sub(text, b->fields[i].name, b->fields[i].name_len), ot_str_sub(text, b->fields[i].value, b->fields[i].value_len));
	}
	if (b->unknown)
		m->flaws |= OT_HTTP_HEAD_CUT;
}

/* Which end is the client, where the connection was joined in the middle: whose blocks have :method or :status. */
static void learn_client(struct ot_http2 *h2, int d, const struct ot_http_message *m)
{
	if (h2->client < 0 && (m->method.ptr != NULL || m->target.ptr != NULL))
		h2->client = d;
	else if (h2->client < 0 && m->status != 0)
		h2->client = 1 - d;
}

static bool was_reset(const struct ot_http2 *h2, uint32_t id)
{
	for (int i = 0; i < RESET_MAX; i++) {
		if (h2->reset[i] == id)
			return true;
	}
	return false;
}

static void on_message(struct ot_http2 *h2, int d, struct ot_http_message *m)
{
	struct half *h = &h2->halves[d];
	struct stream *s = find_stream(h2, h->block_id);
	bool request = d == h2->client;
	bool again = s != NULL && (request ? s->request : s->answer) != NULL;
	if (again || (!request && m->status >= 100 && m->status < 200)) { /* trailers, or an interim answer */
		ot_http_message_free(m);
		if (s != NULL && h->end_stream)
			end_side(h2, s, d, h->block_start_ns);
		return;
	}
	if (h2->client < 0 || (s == NULL && was_reset(h2, h->block_id))) { /* nothing in it tells who asks */
		ot_http_message_free(m);
		return;
	}
	s = open_stream(h2, h->block_id);
	m->request = request;
	m->version = OT_STR("2");
	h2->held += ot_http_message_memory(m);
	if (request) {
		h2->orphans -= s->answer_done;
		s->request = m;
		s->item = h->item;
	} else {
		s->answer = m;
		if (s->request == NULL)
			s->item = h->item;
	}
	if (h->end_stream)
		end_side(h2, s, d, m->end_ns);
}

static void on_block(struct ot_http2 *h2, int d, int64_t time_ns)
{
	struct half *h = &h2->halves[d];
	struct block block = { .message = ot_http_message_new() };
	struct ot_http_message *m = block.message;
	m->start_ns = h->block_start_ns;
	m->end_ns = time_ns;
	m->packet = h->block_packet;
	if (h->payload.overflow || !ot_hpack_decode(h->hpack, ot_buf_str(&h->payload), take_field, &block)) {
		ot_hpack_lose(h->hpack);
		block.unknown = true;
	}
	h->item = h->block_packet == h->item_packet ? h->item + 1 : 0;
	h->item_packet = h->block_packet;
	settle_fields(&block);
	learn_client(h2, d, m);
	on_message(h2, d, m);
	h->block_id = 0;
	ot_buf_clear(&h->payload);
}

/* --- frames --- */

/* Bytes of the frame that stand before and after what counts. */
static struct ot_str strip_padding(struct ot_str payload, uint8_t flags, bool priority)
{
	struct ot_cursor c = ot_cursor_of(payload.ptr, payload.len);
	size_t pad = flags & FLAG_PADDED ? ot_cursor_u8(&c) : 0;
	if (priority && flags & FLAG_PRIORITY)
		(void)ot_cursor_bytes(&c, 5);
	size_t left = ot_cursor_left(&c);
	return c.failed || pad > left ? (struct ot_str){ payload.ptr, 0 } : (struct ot_str){ (const char *)c.at, left - pad };
}

static void end_stream_by_reset(struct ot_http2 *h2, uint32_t id)
{
	struct stream *s = find_stream(h2, id);
	if (s == NULL)
		return;
	if (s->request != NULL && !s->request_done)
		s->request->flaws |= OT_HTTP_UNFINISHED;
	if (s->answer != NULL && !s->answer_done)
		s->answer->flaws |= OT_HTTP_UNFINISHED;
	h2->reset[h2->reset_at++ % RESET_MAX] = id;
	emit_stream(h2, s, "the stream was reset before its answer");
}

/* A frame that was taken whole is in h->payload, behind what an unfinished block holds already. */
static void on_frame(struct ot_http2 *h2, int d, size_t from, int64_t time_ns)
{
	struct half *h = &h2->halves[d];
	struct ot_str payload = ot_str_sub(ot_buf_str(&h->payload), from, h->payload.len);
	switch (h->type) {
	case FRAME_HEADERS: {
		struct ot_str block = strip_padding(payload, h->flags, true);
		if (block.len > 0)
			memmove(h->payload.data, block.ptr, block.len);
		h->payload.len = block.len;
		break;
	}
	case FRAME_CONTINUATION:
		break;
	case FRAME_RST_STREAM:
		end_stream_by_reset(h2, h->id);
		h->payload.len = from;
		return;
	default:
		h->payload.len = from;
		return;
	}
	if (h->flags & FLAG_END_HEADERS)
		on_block(h2, d, time_ns);
}

static bool is_taken_whole(const struct half *h)
{
	return h->type == FRAME_HEADERS || h->type == FRAME_RST_STREAM || (h->type == FRAME_CONTINUATION && h->block_id == h->id);
}

static void lose_place(struct half *h)
{
	h->placed = false;
	h->head_len = 0;
	h->left = 0;
	h->block_id = 0;
	ot_buf_clear(&h->payload);
	ot_hpack_lose(h->hpack);
}

static void end_frame(struct ot_http2 *h2, int d, int64_t time_ns)
{
	struct half *h = &h2->halves[d];
	struct stream *s;
	h->head_len = 0;
	if (h->type == FRAME_DATA && h->flags & FLAG_END_STREAM && (s = find_stream(h2, h->id)) != NULL)
		end_side(h2, s, d, time_ns);
}

static void begin_frame(struct ot_http2 *h2, int d, const struct ot_flow_run *run)
{
	struct half *h = &h2->halves[d];
	struct ot_cursor c = ot_cursor_of(h->head, FRAME_HEAD);
	h->left = (uint32_t)ot_cursor_u8(&c) << 16;
	h->left |= ot_cursor_be16(&c);
	h->type = ot_cursor_u8(&c);
	h->flags = ot_cursor_u8(&c);
	h->id = ot_cursor_be32(&c) & 0x7fffffff;
	h->pad_known = false;
	h->pad = 0;
	if (h->left > FRAME_LEN_MAX || (h->type == FRAME_CONTINUATION && h->block_id != h->id) || (h->block_id != 0 && h->type != FRAME_CONTINUATION)) {
		h2->counts->not_http++;
		lose_place(h);
		return;
	}
	if (h->type == FRAME_PUSH_PROMISE)
		ot_hpack_lose(h->hpack); /* its block is not followed */
	if (h->type == FRAME_HEADERS) {
		ot_buf_clear(&h->payload);
		h->block_id = h->id;
		h->end_stream = h->flags & FLAG_END_STREAM;
		h->block_start_ns = run->time_ns;
		h->block_packet = run->packet;
	}
}

static void take_data(struct ot_http2 *h2, int d, struct ot_str bytes, int64_t time_ns)
{
	struct half *h = &h2->halves[d];
	struct stream *s = find_stream(h2, h->id);
	struct ot_http_message *m = s == NULL || h2->client < 0 ? NULL : d == h2->client ? s->request : s->answer;
	uint32_t after = h->left - (uint32_t)bytes.len; /* of the frame, behind these bytes */
	if (h->flags & FLAG_PADDED && !h->pad_known && bytes.len > 0) {
		h->pad = (uint8_t)bytes.ptr[0];
		h->pad_known = true;
		bytes = ot_str_sub(bytes, 1, bytes.len);
	}
	if (after < h->pad)
		bytes.len = bytes.len > (size_t)h->pad - after ? bytes.len - (h->pad - after) : 0;
	if (m == NULL)
		return;
	m->end_ns = time_ns;
	h2->held += ot_http_message_body(m, bytes);
}

static size_t feed_payload(struct ot_http2 *h2, int d, const struct ot_flow_run *run, size_t at)
{
	struct half *h = &h2->halves[d];
	struct ot_str rest = ot_str_sub(run->bytes, at, h->left);
	if (h->type == FRAME_DATA) {
		take_data(h2, d, rest, run->time_ns);
		h->left -= (uint32_t)rest.len;
	} else if (is_taken_whole(h)) {
		size_t from = h->payload.len;
		ot_buf_str_put(&h->payload, rest);
		h->left -= (uint32_t)rest.len;
		if (h->left == 0)
			on_frame(h2, d, h->type == FRAME_RST_STREAM ? from : 0, run->time_ns);
	} else {
		h->left -= (uint32_t)rest.len;
	}
	if (h->left == 0)
		end_frame(h2, d, run->time_ns);
	return rest.len;
}

static size_t feed_head(struct ot_http2 *h2, int d, const struct ot_flow_run *run, size_t at)
{
	struct half *h = &h2->halves[d];
	size_t n = FRAME_HEAD - h->head_len;
	struct ot_str rest = ot_str_sub(run->bytes, at, n);
	memcpy(h->head + h->head_len, rest.ptr, rest.len);
	h->head_len += (unsigned)rest.len;
	if (h->head_len < FRAME_HEAD)
		return rest.len;
	begin_frame(h2, d, run);
	if (h->placed && h->left == 0) {
		if (is_taken_whole(h))
			on_frame(h2, d, 0, run->time_ns);
		end_frame(h2, d, run->time_ns);
	}
	return rest.len;
}

/* Answers whose requests will not come any more. */
static void release_orphans(struct ot_http2 *h2)
{
	for (struct stream *s = h2->oldest, *next; s != NULL && h2->orphans > 0; s = next) {
		next = s->newer;
		if (s->request == NULL && s->answer_done && h2->runs - s->since >= ORPHAN_WAIT_RUNS)
			emit_stream(h2, s, NULL);
	}
}

void ot_http2_run(struct ot_http2 *h2, int d, const struct ot_flow_run *run)
{
	struct half *h = &h2->halves[d];
	size_t at = 0;
	h2->runs++;
	if (h2->orphans > 0 && h2->runs % ORPHAN_WAIT_RUNS == 0)
		release_orphans(h2);
	if (!h->placed && ot_http2_is_preface(run->bytes)) {
		h->placed = true;
		h->preface_left = PREFACE_LEN;
	} else if (!h->placed) {
		h->placed = ot_http2_looks_like_frame(run->bytes);
	}
	while (h->placed && at < run->bytes.len) {
		if (h->preface_left > 0) {
			size_t n = run->bytes.len - at < h->preface_left ? run->bytes.len - at : h->preface_left;
			h->preface_left -= (unsigned)n;
			at += n;
		} else if (h->head_len < FRAME_HEAD) {
			at += feed_head(h2, d, run, at);
		} else {
			at += feed_payload(h2, d, run, at);
		}
	}
}

/* --- holes and ends --- */

void ot_http2_hole(struct ot_http2 *h2, int d, uint64_t len, int64_t time_ns)
{
	struct half *h = &h2->halves[d];
	struct stream *s = find_stream(h2, h->id);
	struct ot_http_message *m = s == NULL || h2->client < 0 ? NULL : d == h2->client ? s->request : s->answer;
	/* Wholly within a DATA frame: arithmetic. Anything else may have held a header block. */
	if (h->placed && h->head_len == FRAME_HEAD && h->type == FRAME_DATA && len <= h->left) {
		h->left -= (uint32_t)len;
		if (m != NULL)
			ot_http_message_body_hole(m, len);
		if (h->left == 0)
			end_frame(h2, d, time_ns);
		return;
	}
	lose_place(h);
	/* Streams that are open may have ended, or lost bytes, within it. */
	for (s = h2->oldest; s != NULL; s = s->newer) {
		m = d == h2->client ? s->request : s->answer;
		if (m != NULL && !(d == h2->client ? s->request_done : s->answer_done))
			m->flaws |= OT_HTTP_BODY_CUT;
	}
}

void ot_http2_free(struct ot_http2 *h2, enum ot_flow_end reason, int64_t time_ns)
{
	(void)time_ns;
	while (h2->oldest != NULL) {
		struct stream *oldest = h2->oldest;
		if (oldest->request != NULL && !oldest->request_done)
			oldest->request->flaws |= OT_HTTP_UNFINISHED;
		if (oldest->answer != NULL && !oldest->answer_done)
			oldest->answer->flaws |= OT_HTTP_UNFINISHED;
		emit_stream(h2, oldest, reason == OT_FLOW_CAPTURE_END ? "the capture ended before its answer" : "the connection ended before its answer");
	}
	for (int d = 0; d < 2; d++) {
		ot_buf_release(&h2->halves[d].payload);
		ot_hpack_free(h2->halves[d].hpack);
	}
	free(h2);
}

size_t ot_http2_memory(const struct ot_http2 *h2)
{
	size_t bytes = sizeof(*h2);
	for (int d = 0; d < 2; d++)
		bytes += h2->halves[d].payload.cap + ot_hpack_memory(h2->halves[d].hpack);
	return bytes + h2->held;
}
