/* Frames down to their TCP segment: links, tags, tunnels, fragments, and what the snap length cut. */
#include "tests/test.h"
#include <base/buf.h>
#include <collector/packet.h>

enum { LINK_ETHERNET = 1, LINK_PPP = 9, LINK_RAW = 101, LINK_NFLOG = 239 };

static struct ot_buf frame;
static struct ot_fragments *fragments;

static void put16(unsigned v)
{
	ot_buf_u8(&frame, (uint8_t)(v >> 8));
	ot_buf_u8(&frame, (uint8_t)v);
}

static void put32(uint32_t v)
{
	put16(v >> 16);
	put16(v & 0xffff);
}

static void put_zeros(size_t n)
{
	while (n-- > 0)
		ot_buf_u8(&frame, 0);
}

static void put_ethernet(unsigned type)
{
	put_zeros(12);
	put16(type);
}

static void put_ip(unsigned protocol, size_t len, unsigned id, unsigned fragment)
{
	put16(0x4500);
	put16((unsigned)(20 + len));
	put16(id);
	put16(fragment);
	put16(64 << 8 | protocol);
	put16(0);
	put32(0x0a000001);
	put32(0x0a000002);
}

static void put_tcp(const char *payload)
{
	put16(1234);
	put16(80);
	put32(100);
	put32(200);
	put16(0x5018);
	put_zeros(6);
	ot_buf_text(&frame, payload);
}

static void put_ip_tcp(void)
{
	put_ip(6, 22, 1, 0);
	put_tcp("hi");
}

enum { IP_TCP_LEN = 42 };

static enum ot_packet_kind read_frame(struct ot_tcp_segment *out, int link, uint32_t wire_len)
{
	return ot_packet_read(out, fragments, link, ot_buf_str(&frame), wire_len > 0 ? wire_len : (uint32_t)frame.len);
}

static void check_hi(int link)
{
	struct ot_tcp_segment s;
	CHECK_INT(read_frame(&s, link, 0), OT_PACKET_TCP);
	CHECK_INT(s.from.port, 1234);
	CHECK_INT(s.to.port, 80);
	CHECK_INT(s.seq, 100);
	CHECK_STR(s.payload, "hi");
	CHECK_INT(s.payload_len, 2);
	ot_buf_clear(&frame);
}

static void every_link_gives_its_segment(void)
{
	put_ethernet(0x0800);
	put_ip_tcp();
	put_zeros(4); /* padding of a short frame */
	check_hi(LINK_ETHERNET);
	put_ethernet(0x8100);
	put32(0x00640800);
	put_ip_tcp();
	check_hi(LINK_ETHERNET);
	put_ethernet(0x8864); /* PPPoE */
	put32(0x11000001);
	put16(2 + IP_TCP_LEN);
	put16(0x0021);
	put_ip_tcp();
	check_hi(LINK_ETHERNET);
	put_ethernet(8 + IP_TCP_LEN); /* LLC and SNAP */
	put32(0xaaaa0300);
	put32(0x00000800);
	put_ip_tcp();
	check_hi(LINK_ETHERNET);
	ot_buf_u8(&frame, 0x21); /* PPP, compressed */
	put_ip_tcp();
	check_hi(LINK_PPP);
	put_ip_tcp();
	check_hi(LINK_RAW);
	put32(0x02000000); /* NFLOG: an attribute, then the packet */
	put32(0x08000100);
	put32(0);
	ot_buf_u16(&frame, 4 + IP_TCP_LEN);
	ot_buf_u16(&frame, 9);
	put_ip_tcp();
	check_hi(LINK_NFLOG);
}

static void put_udp(unsigned port, size_t len)
{
	put_ip(17, 8 + len, 7, 0);
	put16(40000);
	put16(port);
	put32(0);
}

static void every_tunnel_gives_what_is_within(void)
{
	struct ot_tcp_segment s;
	for (uint32_t network = 1; network < 3; network++) { /* VXLAN: the network is part of what makes a connection one */
		put_udp(4789, 8 + 14 + IP_TCP_LEN);
		put32(0x08000000);
		put32(network << 8);
		put_ethernet(0x0800);
		put_ip_tcp();
		CHECK_INT(read_frame(&s, LINK_RAW, 0), OT_PACKET_TCP);
		CHECK_INT(s.tunnel, network + 1);
		check_hi(LINK_RAW);
	}
	put_ip(47, 8 + 14 + IP_TCP_LEN, 1, 0); /* GRE: a key is one direction's */
	put32(0x20006558);
	put32(0x20000000);
	put_ethernet(0x0800);
	put_ip_tcp();
	CHECK_INT(read_frame(&s, LINK_RAW, 0), OT_PACKET_TCP);
	CHECK_INT(s.tunnel, 0);
	check_hi(LINK_RAW);
	put_ip(47, 16 + 14 + IP_TCP_LEN, 1, 0); /* ERSPAN II */
	put32(0x100088be);
	put_zeros(4 + 8);
	put_ethernet(0x0800);
	put_ip_tcp();
	check_hi(LINK_RAW);
	put_ip(47, 4 + 14 + IP_TCP_LEN, 1, 0); /* ERSPAN I */
	put32(0x000088be);
	put_ethernet(0x0800);
	put_ip_tcp();
	check_hi(LINK_RAW);
	put_udp(2152, 12 + IP_TCP_LEN); /* GTP-U with a sequence number */
	put32(0x32ff0000);
	put_zeros(8);
	put_ip_tcp();
	check_hi(LINK_RAW);
	put_udp(4754, 4 + IP_TCP_LEN); /* GRE in UDP */
	put32(0x00000800);
	put_ip_tcp();
	check_hi(LINK_RAW);
	put_udp(5072, 44 + IP_TCP_LEN); /* AYIYA */
	put32(0x41521104);
	put_zeros(40);
	put_ip_tcp();
	check_hi(LINK_RAW);
}

/* Parts of [TCP header + "hi" + 6 more bytes] in any order; the first copy of a byte holds. */
static void fragments_are_joined_in_any_order(void)
{
	static const int orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 2, 0 }, { 1, 0, 2 } };
	for (unsigned o = 0; o < 4; o++) {
		struct ot_tcp_segment s = { 0 };
		for (int i = 0; i < 3; i++) {
			static const char text[] = "0123456789";
			int part = orders[o][i];
			struct ot_buf whole;
			put_tcp(text);
			whole = frame;
			frame = (struct ot_buf){ 0 };
			struct ot_str bytes = ot_str_sub(ot_buf_str(&whole), (size_t)part * 8, part == 2 ? 30 : 8);
			put_ip(6, bytes.len, 50 + o, (unsigned)part | (part == 2 ? 0 : 0x2000));
			ot_buf_str_put(&frame, bytes);
			CHECK_INT(read_frame(&s, LINK_RAW, 0), i == 2 ? OT_PACKET_TCP : OT_PACKET_FRAGMENT);
			if (i == 2)
				CHECK_STR(s.payload, "0123456789");
			ot_buf_release(&whole);
			ot_buf_clear(&frame);
		}
	}
	CHECK_INT(ot_fragments_lost(fragments, true), 0);
}

static void fragments_that_never_come_are_counted_and_bounded(void)
{
	struct ot_tcp_segment s;
	uint64_t before = ot_fragments_lost(fragments, true);
	for (unsigned id = 0; id < 1000; id++) {
		put_ip(6, 16, id, 0x2000);
		put_zeros(16);
		CHECK_INT(read_frame(&s, LINK_RAW, 0), OT_PACKET_FRAGMENT);
		ot_buf_clear(&frame);
	}
	CHECK_INT(ot_fragments_lost(fragments, true) - before, 1000);
	put_ip(6, 16, 1, 0x3fff); /* beyond the end of any datagram */
	put_zeros(16);
	CHECK_INT(read_frame(&s, LINK_RAW, 0), OT_PACKET_FRAGMENT);
	CHECK_INT(ot_fragments_lost(fragments, true) - before, 1001);
	ot_buf_clear(&frame);
}

static void what_the_snap_length_cut_is_known_by_its_length(void)
{
	struct ot_tcp_segment s;
	put_ethernet(0x0800);
	put_ip(6, 32 + 500, 1, 0);
	put16(1234);
	put16(80);
	put32(100);
	put32(200);
	put16(0x8018); /* 12 bytes of options, of which 10 were captured */
	put_zeros(6);
	put_zeros(10);
	CHECK_INT(frame.len, 64);
	CHECK_INT(read_frame(&s, LINK_ETHERNET, 14 + 20 + 32 + 500), OT_PACKET_TCP);
	CHECK_INT(s.payload.len, 0);
	CHECK_INT(s.payload_len, 500);
	/* Every shorter cut is malformed, or has the same length. */
	for (size_t len = 0; len < 64; len++) {
		enum ot_packet_kind kind = ot_packet_read(&s, fragments, LINK_ETHERNET, ot_str_sub(ot_buf_str(&frame), 0, len), 566);
		CHECK(kind == OT_PACKET_MALFORMED || (kind == OT_PACKET_TCP && s.payload_len == 500));
	}
	ot_buf_clear(&frame);
}

int main(void)
{
	fragments = ot_fragments_new();
	RUN(every_link_gives_its_segment);
	RUN(every_tunnel_gives_what_is_within);
	RUN(fragments_are_joined_in_any_order);
	RUN(fragments_that_never_come_are_counted_and_bounded);
	RUN(what_the_snap_length_cut_is_known_by_its_length);
	ot_fragments_free(fragments);
	ot_buf_release(&frame);
	return test_end();
}
