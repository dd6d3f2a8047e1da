/*
 * Packets: one captured frame down to its TCP segment. Every byte is read through a cursor; what is not TCP over IP is told apart and counted, never guessed.
 *
 * Sources: RFC 791, 8200, 9293; link types of the pcap-linktype registry; IEEE 802.1Q; VXLAN RFC 7348, Geneve RFC 8926, GRE RFC 2784, 2890, 2637 and 8086,
 * ERSPAN draft-foschiano-erspan, AYIYA draft-massar-v6ops-ayiya, GTP-U 3GPP TS 29.281.
 */
#ifndef OT_COLLECTOR_PACKET_H
#define OT_COLLECTOR_PACKET_H

#include "fragment.h"

struct ot_endpoint {
	uint8_t address[16]; /* IPv6, or IPv4 mapped (::ffff:a.b.c.d) */
	uint16_t port;
};

enum ot_tcp_flag { OT_TCP_FIN = 1, OT_TCP_SYN = 2, OT_TCP_RST = 4, OT_TCP_ACK = 16 };

struct ot_tcp_segment {
	struct ot_endpoint from, to;
	uint32_t tunnel;	/* VXLAN or Geneve network identifier + 1; 0: none. Part of what makes a connection one; keys of GRE and GTP are a direction's */
	uint32_t seq, ack;
	uint8_t flags;
	struct ot_str payload;	/* what was captured of it */
	uint32_t payload_len;	/* what was on the wire: larger where the capture's snap length cut it */
};

enum ot_packet_kind {
	OT_PACKET_TCP,
	OT_PACKET_OTHER,       /* whole, and something else: UDP, ARP … */
	OT_PACKET_FRAGMENT,    /* of an IP datagram that is not whole yet */
	OT_PACKET_UNSUPPORTED, /* a link type that is not read */
	OT_PACKET_MALFORMED,   /* lengths or headers that cannot be, or cut within the headers */
};

/* `link` is a LINKTYPE_ number; `wire_len` the length before the snap length cut it. Fragments are put together in `fragments`, whose bytes the payload may be. */
enum ot_packet_kind ot_packet_read(struct ot_tcp_segment *out, struct ot_fragments *fragments, int link, struct ot_str captured, uint32_t wire_len);

#endif
