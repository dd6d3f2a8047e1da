/* HTTP/2: every cut gives the same; holes, resets and odd orders leave the rest right. */
#include "tests/test.h"
#include <base/err.h>
#include <collector/http.h>
#include <stdlib.h>

static struct ot_buf given, client_bytes, server_bytes;
static struct ot_http_counts counts;

static void emit(void *context, const struct ot_http_exchange *x)
{
	(void)context;
	if (x->request != NULL)
		ot_buf_printf(&given, "%.*s %.*s ", OT_STR_ARGS(x->request->method), OT_STR_ARGS(x->request->target));
	if (x->answer != NULL)
		ot_buf_printf(&given, "%d+%llu ", x->answer->status, (unsigned long long)x->answer->body_bytes);
	ot_buf_text(&given, x->pairing == OT_PAIR_STREAM ? "stream;" : x->pairing == OT_PAIR_NONE ? "alone;" : "http1;");
}

static void put_frame(struct ot_buf *out, uint8_t type, uint8_t flags, uint32_t stream, const char *payload, size_t len)
{
	const uint8_t head[9] = { 0, (uint8_t)(len >> 8), (uint8_t)len, type, flags, 0, 0, (uint8_t)(stream >> 8), (uint8_t)stream };
	ot_buf_put(out, head, 9);
	ot_buf_put(out, payload, len);
}

#define FRAME(out, type, flags, stream, text) put_frame(out, type, flags, stream, text, sizeof(text) - 1)
#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

static struct ot_http_connection *begin(bool from_start)
{
	struct ot_flow_ends ends = { .from_start = from_start };
	ot_buf_clear(&given);
	return ot_http_connection_new(&ends, emit, NULL, &counts);
}

static void say(struct ot_http_connection *c, int d, struct ot_buf *bytes, size_t cut)
{
	static uint64_t packet;
	struct ot_str rest = ot_buf_str(bytes);
	while (rest.len > 0) {
		struct ot_flow_run run = { ot_str_sub(rest, 0, cut == 0 ? rest.len : cut), (int64_t)++packet, packet, 1, 1 };
		ot_http_connection_run(c, d, &run);
		rest = ot_str_sub(rest, run.bytes.len, rest.len);
	}
	ot_buf_clear(bytes);
}

static struct ot_str end(struct ot_http_connection *c)
{
	ot_http_connection_free(c, OT_FLOW_FIN, 0);
	return ot_buf_str(&given);
}

static void every_cut_gives_the_same(void)
{
	for (int server_first = 0; server_first < 2; server_first++) {
		for (size_t cut = 0; cut < 60; cut++) {
			struct ot_http_connection *c = begin(true);
			FRAME(&server_bytes, 4, 0, 0, "\0\3\0\0\0\x64");
			if (server_first && (cut == 0 || cut >= 9)) /* a shorter beginning tells nothing yet */
				say(c, 1, &server_bytes, cut);
			ot_buf_text(&client_bytes, PREFACE);
			FRAME(&client_bytes, 4, 0, 0, "");
			FRAME(&client_bytes, 1, 0x0c, 1, "\2\x83\x44\2/p\0\0"); /* padded */
			FRAME(&client_bytes, 0, 0x09, 1, "\1hello!");
			FRAME(&client_bytes, 1, 0x01, 3, "\x82\x44");
			FRAME(&client_bytes, 9, 0x04, 3, "\2/q"); /* goes on */
			say(c, 0, &client_bytes, cut);
			FRAME(&server_bytes, 1, 4, 3, "\x48\3" "100");
			FRAME(&server_bytes, 1, 4, 3, "\x88");
			FRAME(&server_bytes, 1, 5, 1, "\x8d");
			FRAME(&server_bytes, 0, 0, 3, "abc");
			FRAME(&server_bytes, 1, 5, 3, "\x40\1t\1u"); /* trailers */
			say(c, 1, &server_bytes, cut);
			CHECK_STR(end(c), "POST /p 404+0 stream;GET /q 200+3 stream;");
		}
	}
}

static void a_reset_stream_is_given_once(void)
{
	struct ot_http_connection *c = begin(true);
	ot_buf_text(&client_bytes, PREFACE);
	FRAME(&client_bytes, 1, 5, 1, "\x82\x84");
	FRAME(&client_bytes, 3, 0, 1, "\0\0\0\x8");
	say(c, 0, &client_bytes, 0);
	FRAME(&server_bytes, 1, 5, 1, "\x88"); /* was under way */
	say(c, 1, &server_bytes, 0);
	CHECK_STR(end(c), "GET / alone;");
}

static void an_answer_may_come_before_its_request(void)
{
	struct ot_http_connection *c = begin(true);
	ot_buf_text(&client_bytes, PREFACE);
	FRAME(&client_bytes, 4, 0, 0, "");
	say(c, 0, &client_bytes, 0);
	FRAME(&server_bytes, 1, 5, 1, "\x88");
	say(c, 1, &server_bytes, 0);
	FRAME(&client_bytes, 1, 5, 1, "\x82\x84");
	say(c, 0, &client_bytes, 0);
	CHECK_STR(end(c), "GET / 200+0 stream;");
}

static void after_a_hole_what_it_may_have_held_is_unknown(void)
{
	struct ot_http_connection *c = begin(true);
	ot_buf_text(&client_bytes, PREFACE);
	FRAME(&client_bytes, 1, 5, 1, "\x82\x44\2/a");
	say(c, 0, &client_bytes, 0);
	ot_http_connection_hole(c, 0, 50, 0);
	FRAME(&client_bytes, 1, 5, 5, "\x82\xbe"); /* no longer known to be /a */
	say(c, 0, &client_bytes, 0);
	FRAME(&server_bytes, 1, 5, 1, "\x88");
	FRAME(&server_bytes, 1, 5, 5, "\x88");
	say(c, 1, &server_bytes, 0);
	CHECK_STR(end(c), "GET /a 200+0 stream;GET  200+0 stream;");
}

static void an_upgrade_with_its_body_under_way_is_taken_over(void)
{
	struct ot_http_connection *c = begin(true);
	ot_buf_text(&client_bytes, "POST /up HTTP/1.1\r\nUpgrade: h2c\r\nContent-Length: 9\r\n\r\nhalf");
	say(c, 0, &client_bytes, 0);
	ot_buf_text(&server_bytes, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n");
	FRAME(&server_bytes, 1, 5, 1, "\x88");
	say(c, 1, &server_bytes, 0);
	CHECK_STR(end(c), "POST /up 200+0 stream;");
}

static void a_head_begun_before_a_tunnel_opens_is_dropped(void)
{
	struct ot_http_connection *c = begin(true);
	ot_buf_text(&client_bytes, "GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\nGET /half HT");
	say(c, 0, &client_bytes, 0);
	ot_buf_text(&server_bytes, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
	say(c, 1, &server_bytes, 0);
	CHECK_STR(end(c), "GET /ws 101+0 http1;");
}

static void streams_that_never_end_are_bounded(void)
{
	struct ot_http_connection *c = begin(true);
	ot_buf_text(&client_bytes, PREFACE);
	say(c, 0, &client_bytes, 0);
	for (uint32_t id = 1; id < 60000; id += 2) {
		FRAME(&client_bytes, 1, 5, id, "\x82\x84");
		say(c, 0, &client_bytes, 0);
		ot_buf_clear(&given);
	}
	CHECK(ot_http_connection_memory(c) < 32 << 20);
	end(c);
}

int main(void)
{
	RUN(every_cut_gives_the_same);
	RUN(a_reset_stream_is_given_once);
	RUN(an_answer_may_come_before_its_request);
	RUN(after_a_hole_what_it_may_have_held_is_unknown);
	RUN(an_upgrade_with_its_body_under_way_is_taken_over);
	RUN(a_head_begun_before_a_tunnel_opens_is_dropped);
	RUN(streams_that_never_end_are_bounded);
	ot_buf_release(&given);
	ot_buf_release(&client_bytes);
	ot_buf_release(&server_bytes);
	return test_end();
}
