/* Streams out of segments: order, copies, holes, ends, and a ceiling that holds. */
#include "tests/test.h"
#include <base/buf.h>
#include <base/err.h>
#include <collector/flow.h>
#include <stdlib.h>

/* What connections were told: "open;" "0:abc;" "0!5;" (a hole of 5) "0.;" (fin) "close 1;" */
static struct ot_buf told;
static size_t held; /* that each connection says it holds */
static uint64_t packet;
static struct ot_flows *flows;

static void *open_one(void *context, const struct ot_flow_ends *ends)
{
	(void)context;
	ot_buf_text(&told, ends->from_start ? "open;" : "join;");
	return ot_alloc(1);
}

static void run(void *connection, int direction, const struct ot_flow_run *r)
{
	(void)connection;
	ot_buf_printf(&told, "%d:%.*s;", direction, OT_STR_ARGS(r->bytes));
}

static void hole(void *connection, int direction, uint64_t len, enum ot_hole_cause cause, int64_t time_ns)
{
	(void)connection;
	(void)cause;
	(void)time_ns;
	ot_buf_printf(&told, "%d!%d;", direction, (int)len);
}

static void fin(void *connection, int direction, int64_t time_ns)
{
	(void)connection;
	(void)time_ns;
	ot_buf_printf(&told, "%d.;", direction);
}

static void close_one(void *connection, enum ot_flow_end reason, int64_t time_ns)
{
	(void)time_ns;
	ot_buf_printf(&told, "close %d;", reason);
	free(connection);
}

static size_t memory(const void *connection)
{
	(void)connection;
	return held;
}

static void begin(size_t ceiling)
{
	static const struct ot_flow_handler handler = { NULL, open_one, run, hole, fin, close_one, memory };
	ot_buf_clear(&told);
	flows = ot_flows_new(&handler, ceiling);
	packet = 0;
	held = 0;
}

static struct ot_str end(void)
{
	ot_flows_free(flows);
	return ot_buf_str(&told);
}

static void say_at(int direction, uint16_t port, uint32_t seq, uint32_t ack, int flags, const char *text, int64_t time_ns)
{
	struct ot_tcp_segment s = { .seq = seq, .ack = ack, .flags = (uint8_t)flags, .payload = ot_str_from(text) };
	struct ot_endpoint *client = direction == 0 ? &s.from : &s.to, *server = direction == 0 ? &s.to : &s.from;
	client->port = port;
	server->port = 80;
	s.payload_len = (uint32_t)s.payload.len;
	ot_flows_packet(flows, &s, time_ns, ++packet);
}

static void say(int direction, uint32_t seq, uint32_t ack, int flags, const char *text)
{
	say_at(direction, 1000, seq, ack, flags, text, (int64_t)packet);
}

static void shake_hands(void)
{
	say(0, 99, 0, OT_TCP_SYN, "");
	say(1, 499, 100, OT_TCP_SYN | OT_TCP_ACK, "");
}

static void bytes_come_in_order_whatever_the_packets_did(void)
{
	begin(1 << 20);
	shake_hands();
	say(0, 103, 500, OT_TCP_ACK, "de");
	say(0, 100, 500, OT_TCP_ACK, "abc");
	say(0, 102, 500, OT_TCP_ACK, "Xdef"); /* overlaps: the first bytes hold */
	say(0, 100, 500, OT_TCP_ACK, "abc");
	CHECK_STR(end(), "open;0:abc;0:de;0:f;close 5;");
}

static void what_is_lost_is_a_hole_after_a_bounded_wait(void)
{
	begin(1 << 20);
	shake_hands();
	say(0, 110, 500, OT_TCP_ACK, "late");
	for (int i = 0; i < OT_FLOW_WAIT_PACKETS; i++)
		say(1, 500, 100, OT_TCP_ACK, "");
	CHECK_STR(ot_buf_str(&told), "open;0!10;0:late;");
	CHECK_STR(end(), "open;0!10;0:late;close 5;");
}

static void a_fin_behind_what_is_lost_ends_the_direction_too(void)
{
	begin(1 << 20);
	shake_hands();
	say(0, 120, 500, OT_TCP_ACK | OT_TCP_FIN, "");
	say(1, 500, 121, OT_TCP_ACK | OT_TCP_FIN, "");
	CHECK_STR(end(), "open;1.;0!20;0.;close 5;");
}

static void a_tail_that_was_acknowledged_and_never_seen_is_a_hole(void)
{
	begin(1 << 20);
	shake_hands();
	say(1, 500, 100, OT_TCP_ACK, "ab");
	say(0, 100, 509, OT_TCP_ACK, "");
	CHECK_STR(end(), "open;1:ab;1!7;close 5;");
}

static void late_copies_open_nothing_and_a_syn_does(void)
{
	begin(1 << 20);
	shake_hands();
	say(0, 100, 500, OT_TCP_ACK | OT_TCP_FIN, "a");
	say(1, 500, 102, OT_TCP_ACK | OT_TCP_FIN, "b");
	say(1, 500, 102, OT_TCP_ACK | OT_TCP_FIN, "b");
	say(0, 100, 500, OT_TCP_ACK, "a");
	CHECK_STR(ot_buf_str(&told), "open;0:a;0.;1:b;1.;close 0;");
	say(0, 9000000, 0, OT_TCP_SYN, "");
	say(0, 9000001, 0, OT_TCP_ACK, "c");
	CHECK_STR(end(), "open;0:a;0.;1:b;1.;close 0;open;0:c;close 5;");
}

static void the_ports_of_a_reset_connection_may_go_on_elsewhere(void)
{
	begin(1 << 20);
	shake_hands();
	say(1, 500, 100, OT_TCP_RST, "");
	say(1, 501, 100, OT_TCP_ACK, "under way");
	say(0, 90000000, 500, OT_TCP_ACK, "new"); /* its SYN was not seen */
	CHECK_STR(end(), "open;close 1;join;0!0;0:new;close 5;");
}

static void data_in_a_syn_counts(void)
{
	begin(1 << 20);
	say(0, 99, 0, OT_TCP_SYN, "abc");
	say(1, 499, 103, OT_TCP_SYN | OT_TCP_ACK, "");
	say(1, 500, 103, OT_TCP_ACK, "d");
	CHECK_STR(end(), "open;0:abc;1:d;close 5;");
}

static void one_packet_of_another_century_ends_no_connection(void)
{
	begin(1 << 20);
	shake_hands();
	say_at(0, 1001, 99, 0, OT_TCP_SYN, "", INT64_C(4000000000000000000));
	say(0, 100, 500, OT_TCP_ACK, "a");
	say_at(0, 1001, 100, 0, OT_TCP_ACK, "x", -INT64_C(4000000000000000000));
	say(0, 101, 500, OT_TCP_ACK, "b");
	CHECK_STR(end(), "open;open;0:a;0:x;0:b;close 5;close 5;");
}

static void the_ceiling_holds_for_many_and_for_one(void)
{
	begin(1 << 20);
	for (uint16_t port = 1; port < 60000; port++) {
		say_at(0, port, 99, 0, OT_TCP_SYN, "", 1);
		say_at(0, port, 200, 0, OT_TCP_ACK, "waits behind a hole", 1);
		if (ot_flows_memory(flows) > 1 << 20)
			break;
	}
	CHECK(ot_flows_memory(flows) <= 1 << 20);
	CHECK(ot_flows_counts(flows)->evicted > 50000);
	held = 2 << 20; /* one that holds too much alone */
	say_at(0, 1, 99, 0, OT_TCP_SYN, "", 1);
	CHECK(ot_flows_memory(flows) <= 1 << 20);
	held = 0;
	end();
}

static void many_small_holes_cost_no_more_than_their_packets(void)
{
	begin(64 << 20);
	shake_hands();
	for (uint32_t i = 0; i < 300000; i++)
		say(0, 100 + i * 2, 500, OT_TCP_ACK, "x");
	CHECK(ot_flows_memory(flows) < 1 << 20);
	end();
}

int main(void)
{
	RUN(bytes_come_in_order_whatever_the_packets_did);
	RUN(what_is_lost_is_a_hole_after_a_bounded_wait);
	RUN(a_fin_behind_what_is_lost_ends_the_direction_too);
	RUN(a_tail_that_was_acknowledged_and_never_seen_is_a_hole);
	RUN(late_copies_open_nothing_and_a_syn_does);
	RUN(the_ports_of_a_reset_connection_may_go_on_elsewhere);
	RUN(data_in_a_syn_counts);
	RUN(one_packet_of_another_century_ends_no_connection);
	RUN(the_ceiling_holds_for_many_and_for_one);
	RUN(many_small_holes_cost_no_more_than_their_packets);
	ot_buf_release(&told);
	return test_end();
}
