/* What is certain is paired; what could be otherwise stays apart. */
#include <base/err.h>
#include <lib/correlate/link_match.h>
#include <stdlib.h>
#include <tests/test.h>

#define MS OT_NS_PER_MS
#define S OT_NS_PER_S
#define NOON (INT64_C(20000) * OT_NS_PER_DAY + 12 * 3600 * S)

enum { KONG, NGINX, NGINX_TEXT, LITELLM, SERVICE, STREAMS };
static struct link_record records[8192];
static uint32_t count;

/* A record of a log, `at` after noon, so long. Stamps are never whole seconds unless they are meant to be. */
static struct link_record *seen(uint32_t stream, int64_t at, int64_t duration)
{
	struct link_record *r = &records[count];
	memset(r, 0, sizeof(*r));
	r->start = NOON + at;
	r->end = r->start + duration;
	r->method = 1;
	r->path = 100;
	r->port = r->status = -1;
	r->stream = stream;
	r->origin = stream == NGINX_TEXT ? NGINX : stream;
	r->origin_kind = stream == SERVICE ? OT_KIND_SERVICE : OT_KIND_GATEWAY;
	r->client_kind = -1;
	r->offset = count++;
	return r;
}
static struct link_record *traced(uint32_t stream, int64_t at, int64_t duration, uint64_t trace)
{
	struct link_record *r = seen(stream, at, duration);
	r->trace[0] = r->trace[1] = trace;
	return r;
}
static struct link_record *requested(uint32_t stream, int64_t at, int64_t duration, const char *id)
{
	struct link_record *r = seen(stream, at, duration);
	r->request = link_id_hash(ot_str_from(id));
	return r;
}

static uint32_t groups(void)
{
	link_match(records, count, STREAMS);
	uint32_t n = 0;
	for (uint32_t i = 0; i < count; i++)
		n += records[i].root == i;
	count = 0;
	return n;
}

#define ID "req-web-8f467437"

static void a_hop_within_a_hop_is_one_call_by_trace(void)
{
	traced(KONG, 1 * MS, 50 * MS, 7);
	traced(NGINX, 3 * MS, 40 * MS, 7);
	traced(SERVICE, 5 * MS, 30 * MS, 7);
	CHECK_INT(groups(), 1);
	CHECK_INT(records[0].evidence, OT_EVIDENCE_TRACE);
	CHECK_INT(records[2].evidence, OT_EVIDENCE_TRACE);
}

static void another_method_path_or_tool_is_another_call(void)
{
	traced(KONG, 1 * MS, 50 * MS, 7);
	traced(NGINX, 3 * MS, 40 * MS, 7)->path = 101;
	CHECK_INT(groups(), 2);
	traced(KONG, 1 * MS, 50 * MS, 7);
	traced(NGINX, 3 * MS, 40 * MS, 7)->method = 2;
	CHECK_INT(groups(), 2);
	traced(KONG, 1 * MS, 50 * MS, 7)->tool = 1;
	traced(NGINX, 3 * MS, 40 * MS, 7)->tool = 2;
	CHECK_INT(groups(), 2);
	traced(KONG, 1 * MS, 50 * MS, 7)->path = 0;
	traced(NGINX, 3 * MS, 40 * MS, 7)->path = 0;
	CHECK_INT(groups(), 2);
}

static void a_trace_does_not_join_calls_that_follow_each_other(void)
{
	traced(KONG, 1 * MS, 300 * MS, 7);
	traced(NGINX, 330 * MS, 300 * MS, 7);
	CHECK_INT(groups(), 2);
}

/* Two logs of one gateway, two thousand equal calls, each log having lost some lines, the second's clock half a call late. */
static void a_runaway_loop_stays_apart(void)
{
	for (int i = 0; i < 2000; i++) {
		if (i % 7 != 0)
			traced(KONG, i * 5 * MS + 1, 3 * MS, 7);
		if (i % 11 != 0)
			traced(NGINX, i * 5 * MS + 7 * MS, 2 * MS, 7);
	}
	uint32_t all = count;
	CHECK_INT(groups(), all);
}

static void a_slow_loop_is_joined_call_by_call(void)
{
	for (int i = 0; i < 50; i++) {
		traced(KONG, i * 5 * S + 1 * MS, 30 * MS, 7);
		traced(NGINX, i * 5 * S + 3 * MS, 20 * MS, 7);
	}
	CHECK_INT(groups(), 50);
	for (uint32_t i = 0; i < 100; i += 2)
		CHECK_INT(records[i].root, records[i + 1].root);
}

static void a_third_that_could_be_meant_keeps_all_apart(void)
{
	traced(KONG, 1 * MS, 30 * S, 7);
	traced(NGINX, 3 * MS, 29 * S, 7);
	traced(NGINX, 9 * S, 1 * S, 7);
	CHECK_INT(groups(), 3);
}

static void a_request_id_seen_once_in_each_log_joins(void)
{
	requested(KONG, 1 * MS, 50 * MS, ID);
	requested(NGINX, 3 * MS, 40 * MS, ID);
	requested(NGINX_TEXT, 3 * MS, 40 * MS, ID)->path = 0;
	CHECK_INT(groups(), 1);
	CHECK_INT(records[0].evidence, OT_EVIDENCE_REQUEST_ID);
	CHECK_INT(records[2].evidence, OT_EVIDENCE_REQUEST_ID | OT_EVIDENCE_SAME_ORIGIN);
}

static void a_request_id_used_again_is_no_evidence(void)
{
	requested(KONG, 1 * MS, 50 * MS, ID);
	requested(NGINX, 3 * MS, 40 * MS, ID);
	requested(NGINX, 200 * S, 40 * MS, ID)->path = 101;
	CHECK_INT(groups(), 3);
	requested(KONG, 1 * MS, 50 * MS, ID);
	requested(NGINX, 3 * MS, 40 * MS, ID);
	requested(LITELLM, 60 * S, 40 * MS, ID)->path = 101;
	requested(LITELLM, 90 * S, 40 * MS, ID)->path = 101;
	CHECK_INT(groups(), 4);
	requested(KONG, 1 * MS, 50 * MS, ID);
	requested(NGINX, 3 * MS, 40 * MS, ID);
	requested(NGINX, 400 * S, 40 * MS, ID);
	CHECK_INT(groups(), 2);
}

static void retries_behind_do_not_part_those_in_front(void)
{
	requested(KONG, 1 * MS, 50 * MS, ID);
	requested(NGINX, 3 * MS, 40 * MS, ID);
	requested(SERVICE, 5 * MS, 3 * MS, ID);
	requested(SERVICE, 15 * MS, 3 * MS, ID);
	CHECK_INT(groups(), 3);
	CHECK_INT(records[0].root, records[1].root);
}

static void ids_that_anybody_writes_are_no_evidence(void)
{
	static const char *const ids[] = { "", "-", "1", "test", "00000000", "0000000000000000", "null", "undefined", "aaaaaaaa1", "req-1" };
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		CHECK_INT(link_id_hash(ot_str_from(ids[i])), 0);
	CHECK(link_id_hash(OT_STR(ID)) != 0);
	CHECK(link_id_hash(OT_STR("awLRZReIlHcBECCGAAAAAY")) != 0);
}

static void the_id_of_the_answer_from_behind_joins(void)
{
	struct link_record *front = requested(KONG, 1 * MS, 50 * MS, "7f1c0de2aa");
	front->upstream_request = link_id_hash(OT_STR(ID));
	requested(LITELLM, 3 * MS, 40 * MS, ID);
	CHECK_INT(groups(), 1);
	for (int i = 0; i < 2; i++)
		seen(i == 0 ? KONG : LITELLM, 1 * MS, 5 * MS)->upstream_request = link_id_hash(OT_STR(ID));
	CHECK_INT(groups(), 2);
}

static void two_connections_of_one_machine_are_two_calls(void)
{
	for (int same = 0; same < 2; same++) {
		struct link_record *a = requested(KONG, 1 * MS, 50 * MS, ID), *b = requested(NGINX, 3 * MS, 40 * MS, ID);
		a->peer = b->peer = 9;
		a->port = 4000;
		b->port = same ? 4000 : 4001;
		CHECK_INT(groups(), same ? 1 : 2);
	}
}

static void two_trace_ids_are_two_calls(void)
{
	requested(KONG, 1 * MS, 50 * MS, ID)->trace[0] = 1;
	requested(NGINX, 3 * MS, 40 * MS, ID)->trace[0] = 2;
	CHECK_INT(groups(), 2);
	/* nor by way of a third that has none */
	requested(KONG, 1 * MS, 50 * MS, ID)->trace[0] = 1;
	requested(LITELLM, 2 * MS, 45 * MS, ID);
	requested(NGINX, 3 * MS, 40 * MS, ID)->trace[0] = 2;
	CHECK_INT(groups(), 2);
}

static void whole_seconds_fit_within_a_second(void)
{
	for (int apart = 0; apart < 2; apart++) {
		for (int i = 0; i < 20; i++) {
			char id[32];
			snprintf(id, sizeof(id), "request-%d", 1000 + i);
			requested(KONG, i * S + 999 * MS, 3 * MS, id);
			requested(NGINX_TEXT, (i + (apart ? 3 : 0)) * S, 0, id);
		}
		CHECK_INT(groups(), apart ? 40 : 20);
	}
	requested(KONG, 999 * MS, 3 * MS, ID)->status = 200;
	requested(NGINX_TEXT, 0, 0, ID)->status = 404;
	CHECK_INT(groups(), 2);
}

static void a_call_never_holds_two_records_of_one_log(void)
{
	requested(KONG, 1 * MS, 50 * MS, ID)->trace[0] = 5;
	requested(NGINX, 3 * MS, 40 * MS, ID);
	traced(LITELLM, 3 * MS, 40 * MS, 0)->trace[0] = 5;
	struct link_record *other = requested(NGINX, 4 * MS, 30 * MS, "another-id-17");
	other->upstream_request = 0;
	records[2].request = link_id_hash(OT_STR("another-id-17"));
	groups();
	CHECK(records[1].root != records[3].root);
	for (int i = 0; i < 4; i++)
		for (int j = 0; j < i; j++)
			CHECK(records[i].root != records[j].root || records[i].stream != records[j].stream);
}

/* The same records in another order make the same groups. */
static void order_does_not_matter(void)
{
	static struct link_record first[300];
	static uint32_t roots[300];
	srand(1);
	for (int i = 0; i < 300; i++) {
		struct link_record *r = traced((uint32_t)rand() % STREAMS, rand() % 100 * 200 * MS + 1, rand() % 400 * MS, 1 + (uint64_t)rand() % 20);
		r->path = 1 + (uint64_t)rand() % 3;
		if (rand() % 2)
			r->request = 1 + (uint64_t)rand() % 40;
		r->source_hash = 1;
	}
	memcpy(first, records, sizeof(first));
	uint32_t n = groups();
	CHECK(n < 300);
	for (uint32_t i = 0; i < 300; i++)
		roots[records[i].offset] = (uint32_t)records[records[i].root].offset;
	for (int i = 0; i < 300; i++)
		records[i] = first[299 - i];
	count = 300;
	CHECK_INT(groups(), n);
	for (uint32_t i = 0; i < 300; i++)
		for (uint32_t j = 0; j < i; j++) {
			bool together = roots[records[i].offset] == roots[records[j].offset];
			CHECK(together == (records[i].root == records[j].root));
		}
}

/* On the connection that every case below is about. */
static struct link_record *connected(uint32_t stream, int64_t at, int64_t duration)
{
	struct link_record *r = seen(stream, at, duration);
	r->peer = 77;
	r->port = 40000;
	r->status = 200;
	r->origin_kind = stream == SERVICE ? OT_KIND_WIRE : OT_KIND_GATEWAY;
	return r;
}

static void a_loop_on_one_connection_is_joined_call_by_call(void)
{
	for (int64_t i = 0; i < 2000; i++) {
		connected(NGINX, 3 * i * MS, 2 * MS);
		connected(SERVICE, 3 * i * MS + MS / 4, 2 * MS);
	}
	CHECK_INT(groups(), 2000);
	CHECK_INT(records[0].evidence, OT_EVIDENCE_CONNECTION);
	for (uint32_t i = 0; i < 4000; i += 2)
		CHECK(records[i].root == records[i + 1].root);
}

static void a_loop_of_which_one_side_lacks_a_call_stays_apart(void)
{
	for (int64_t i = 0; i < 20; i++) {
		connected(NGINX, 3 * i * MS, 2 * MS);
		if (i != 10)
			connected(SERVICE, 3 * i * MS + MS / 4, 2 * MS);
	}
	CHECK_INT(groups(), 39);
}

static void equal_requests_under_way_at_once_stay_apart(void)
{
	for (int64_t i = 0; i < 3; i++) {
		connected(NGINX, i * MS, 50 * MS);
		connected(SERVICE, i * MS + MS / 4, 50 * MS);
	}
	CHECK_INT(groups(), 6);
}

static void another_port_or_status_is_another_call(void)
{
	connected(NGINX, 1 * MS, 20 * MS);
	connected(SERVICE, 2 * MS, 15 * MS)->port = 40001;
	CHECK_INT(groups(), 2);
	for (int64_t i = 0; i < 2; i++) {
		connected(NGINX, i * 10 * MS, 5 * MS)->status = i == 0 ? 200 : 404;
		connected(SERVICE, i * 10 * MS + MS, 3 * MS)->status = i == 0 ? 404 : 200;
	}
	CHECK_INT(groups(), 4);
}

int main(void)
{
	RUN(a_hop_within_a_hop_is_one_call_by_trace);
	RUN(another_method_path_or_tool_is_another_call);
	RUN(a_trace_does_not_join_calls_that_follow_each_other);
	RUN(a_runaway_loop_stays_apart);
	RUN(a_slow_loop_is_joined_call_by_call);
	RUN(a_third_that_could_be_meant_keeps_all_apart);
	RUN(a_request_id_seen_once_in_each_log_joins);
	RUN(a_request_id_used_again_is_no_evidence);
	RUN(retries_behind_do_not_part_those_in_front);
	RUN(ids_that_anybody_writes_are_no_evidence);
	RUN(the_id_of_the_answer_from_behind_joins);
	RUN(two_connections_of_one_machine_are_two_calls);
	RUN(two_trace_ids_are_two_calls);
	RUN(whole_seconds_fit_within_a_second);
	RUN(a_call_never_holds_two_records_of_one_log);
	RUN(order_does_not_matter);
	RUN(a_loop_on_one_connection_is_joined_call_by_call);
	RUN(a_loop_of_which_one_side_lacks_a_call_stays_apart);
	RUN(equal_requests_under_way_at_once_stay_apart);
	RUN(another_port_or_status_is_another_call);
	return test_end();
}
