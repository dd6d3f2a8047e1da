/* HTTP/1 out of streams with holes: framing, pairing, and what is said where something is missing. */
#include "tests/test.h"
#include <collector/http.h>
#include <base/err.h>
#include <stdlib.h>

enum { REQUEST_SEQ = 1000, ANSWER_SEQ = 5000 };

/* What was given out, one line an exchange: "GET /a 200 exact;" */
static struct ot_buf given;
static struct ot_http_counts counts;

static void emit(void *context, const struct ot_http_exchange *x)
{
	static const char *const pairings[] = { "alone", "exact", "ordered", "stream" };
	(void)context;
	if (x->request != NULL)
		ot_buf_printf(&given, "%.*s %.*s+%llu ", OT_STR_ARGS(x->request->method), OT_STR_ARGS(x->request->target), (unsigned long long)x->request->body_bytes);
	if (x->answer != NULL)
		ot_buf_printf(&given, "%d+%llu ", x->answer->status, (unsigned long long)x->answer->body_bytes);
	ot_buf_printf(&given, "%s;", pairings[x->pairing]);
}

/* A conversation: text to the server in direction 0, text to the client in direction 1, told in any cuts. */
struct talk {
	struct ot_http_connection *connection;
	uint32_t seq[2];
	uint64_t packet;
};

static struct talk begin(bool from_start)
{
	struct ot_flow_ends ends = { .from_start = from_start };
	struct talk talk = { .seq = { REQUEST_SEQ, ANSWER_SEQ } };
	ot_buf_clear(&given);
	talk.connection = ot_http_connection_new(&ends, emit, NULL, &counts);
	return talk;
}

static void say(struct talk *talk, int direction, const char *text, size_t cut)
{
	struct ot_str rest = ot_str_from(text);
	while (rest.len > 0) {
		struct ot_flow_run run = { ot_str_sub(rest, 0, cut == 0 ? rest.len : cut), (int64_t)++talk->packet, talk->packet, talk->seq[direction], talk->seq[1 - direction] };
		ot_http_connection_run(talk->connection, direction, &run);
		talk->seq[direction] += (uint32_t)run.bytes.len;
		rest = ot_str_sub(rest, run.bytes.len, rest.len);
	}
}

static void miss(struct talk *talk, int direction, uint32_t len)
{
	ot_http_connection_hole(talk->connection, direction, len, (int64_t)talk->packet);
	talk->seq[direction] += len;
}

static struct ot_str end(struct talk *talk)
{
	for (int d = 0; d < 2; d++)
		ot_http_connection_fin(talk->connection, d, (int64_t)talk->packet);
	ot_http_connection_free(talk->connection, OT_FLOW_FIN, (int64_t)talk->packet);
	return ot_buf_str(&given);
}

/* What every cut of both streams must give. */
static const struct {
	const char *name, *requests, *answers, *expected;
} cases[] = {
	{ "one", "GET /a HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "GET /a+0 200+2 exact;" },
	{ "a body", "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", "POST /a+5 201+0 exact;" },
	{ "chunks", "GET /a HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n", "GET /a+0 200+5 exact;" },
	{ "head has no body", "HEAD /a HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", "HEAD /a+0 200+0 exact;" },
	{ "304 has none", "GET /a HTTP/1.1\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n", "GET /a+0 304+0 exact;" },
	{ "two interims", "POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
	    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ny", "POST /a+1 200+1 exact;" },
	{ "a pipeline", "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n",
	    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na" "HTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\nb" "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nc",
	    "GET /1+0 200+1 exact;GET /2+0 404+1 ordered;GET /3+0 200+1 ordered;" },
	{ "bare newlines", "GET /a HTTP/1.0\nHost: h\n\n", "HTTP/1.0 200 OK\n\nto the end", "GET /a+0 200+10 exact;" },
	{ "no answer", "GET /a HTTP/1.1\r\n\r\n", "", "GET /a+0 alone;" },
	{ "no request", "", "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n", "408+0 alone;" },
	{ "a tunnel", "CONNECT h:443 HTTP/1.1\r\n\r\n\x16\x03\x01GET /no HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n\x16\x03\x03", "CONNECT h:443+0 200+0 exact;" },
};

static void every_cut_of_both_streams_gives_the_same(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		for (size_t cut = 0; cut < 40; cut++) {
			struct talk talk = begin(true);
			say(&talk, 0, cases[i].requests, cut);
			talk.seq[0] = REQUEST_SEQ; /* requests know nothing of answers here: all expect the first byte */
			say(&talk, 1, cases[i].answers, cut);
			struct ot_str got = end(&talk);
			if (!ot_str_eq(got, ot_str_from(cases[i].expected)))
				fprintf(stderr, "%s, cut %zu:\n", cases[i].name, cut);
			CHECK_STR(got, cases[i].expected);
		}
	}
}

static void an_answer_that_was_lost_leaves_the_next_pair_right(void)
{
	struct talk talk = begin(true);
	say(&talk, 0, "GET /1 HTTP/1.1\r\n\r\n", 0);
	miss(&talk, 1, 40); /* its answer */
	say(&talk, 0, "GET /2 HTTP/1.1\r\n\r\n", 0);
	say(&talk, 1, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", 0);
	CHECK_STR(end(&talk), "GET /1+0 alone;GET /2+0 404+0 exact;");
}

static void a_request_that_was_lost_leaves_its_answer_alone(void)
{
	struct talk talk = begin(true);
	say(&talk, 0, "GET /1 HTTP/1.1\r\n\r\n", 0);
	say(&talk, 1, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0);
	miss(&talk, 0, 19);
	say(&talk, 1, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", 0);
	say(&talk, 0, "GET /3 HTTP/1.1\r\n\r\n", 0);
	say(&talk, 1, "HTTP/1.1 204 None\r\n\r\n", 0);
	CHECK_STR(end(&talk), "GET /1+0 200+0 exact;500+0 alone;GET /3+0 204+0 exact;");
}

static void an_answer_may_come_before_its_request(void)
{
	struct talk talk = begin(true);
	uint32_t first = talk.seq[1];
	say(&talk, 1, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0);
	uint32_t behind = talk.seq[1];
	talk.seq[1] = first; /* what the request's sender expected */
	say(&talk, 0, "GET /1 HTTP/1.1\r\n\r\n", 0);
	talk.seq[1] = behind;
	CHECK_STR(end(&talk), "GET /1+0 200+0 exact;");
}

static void a_hole_in_a_body_of_known_length_is_skipped(void)
{
	struct talk talk = begin(true);
	say(&talk, 0, "POST /1 HTTP/1.1\r\nContent-Length: 100\r\n\r\nabc", 0);
	miss(&talk, 0, 97);
	say(&talk, 1, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabc", 0);
	miss(&talk, 1, 47);
	say(&talk, 0, "GET /2 HTTP/1.1\r\n\r\n", 0);
	say(&talk, 1, "HTTP/1.1 204 None\r\n\r\n", 0);
	CHECK_STR(end(&talk), "POST /1+100 200+50 exact;GET /2+0 204+0 exact;");
}

static void a_connection_joined_in_the_middle_begins_at_a_start_line(void)
{
	struct talk talk = begin(false);
	say(&talk, 1, "tail of a body}", 0);
	say(&talk, 0, "tail\":1}GET /no HTTP/1.1", 0);
	say(&talk, 0, "GET /1 HTTP/1.1\r\n\r\n", 0);
	say(&talk, 1, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0);
	CHECK_STR(end(&talk), "GET /1+0 200+0 exact;");
}

static void a_head_of_any_size_is_bounded(void)
{
	struct talk talk = begin(true);
	say(&talk, 0, "GET /big HTTP/1.1\r\n", 0);
	for (int i = 0; i < 20000; i++)
		say(&talk, 0, "X-Filler: 0123456789012345678901234567890123456789\r\n", 0);
	CHECK(ot_http_connection_memory(talk.connection) < 2 * OT_HTTP_HEAD_MAX + OT_HTTP_BODY_MAX);
	say(&talk, 0, "\r\n", 0);
	say(&talk, 1, "HTTP/1.1 431 Too Large\r\nContent-Length: 0\r\n\r\n", 0);
	struct ot_str got = end(&talk);
	CHECK(ot_str_starts(got, OT_STR("GET /big+0 431+0 ")));
}

static void what_is_not_http_gives_nothing(void)
{
	struct talk talk = begin(true);
	say(&talk, 0, "\x16\x03\x01\x02\x00 no http at all", 0);
	say(&talk, 1, "SSH-2.0-OpenSSH_9.2\r\n", 0);
	CHECK_STR(end(&talk), "");
}

int main(void)
{
	RUN(every_cut_of_both_streams_gives_the_same);
	RUN(an_answer_that_was_lost_leaves_the_next_pair_right);
	RUN(a_request_that_was_lost_leaves_its_answer_alone);
	RUN(an_answer_may_come_before_its_request);
	RUN(a_hole_in_a_body_of_known_length_is_skipped);
	RUN(a_connection_joined_in_the_middle_begins_at_a_start_line);
	RUN(a_head_of_any_size_is_bounded);
	RUN(what_is_not_http_gives_nothing);
	ot_buf_release(&given);
	return test_end();
}
