/* From a frame to a TCP segment, through link headers, VLAN tags and tunnels. */
#include "packet.h"
#include <base/cursor.h>
#include <string.h>

enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_RAW_BSD = 12,
	LINK_RAW_OPENBSD = 14,
	LINK_PPP = 9,
	LINK_RAW = 101,
	LINK_LOOP = 108,
	LINK_SLL = 113,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_NFLOG = 239,
	LINK_SLL2 = 276,
};
enum { ETHER_IPV4 = 0x0800, ETHER_IPV6 = 0x86DD, ETHER_VLAN = 0x8100, ETHER_QINQ = 0x88A8, ETHER_PPPOE = 0x8864, ETHER_BRIDGED = 0x6558, ETHER_MPLS = 0x8847 };
enum { ETHER_ERSPAN = 0x88BE, ETHER_ERSPAN_3 = 0x22EB, ETHER_PPP = 0x880B }; /* within GRE */
enum { ETHER_TYPES = 0x0600, LLC_SNAP = 0xAAAA };
enum { PPP_IPV4 = 0x0021, PPP_IPV6 = 0x0057 };
enum { IP_TCP = 6, IP_UDP = 17, IP_IPV4 = 4, IP_IPV6 = 41, IP_GRE = 47, IP_FRAGMENT = 44, IP_AH = 51 };
enum { PORT_VXLAN = 4789, PORT_GENEVE = 6081, PORT_AYIYA = 5072, PORT_GTP = 2152, PORT_GRE = 4754 };
enum { LAYERS_MAX = 12, TAGS_MAX = 4, CUT_MAX = 1 << 20 };

/* What is left of the frame, and how much of it the wire had beyond what was captured. */
struct frame {
	struct ot_cursor at;
	uint32_t cut; /* bytes that the snap length left out at the end */
	int layers;
	struct ot_fragments *fragments;
	bool joined; /* a datagram was put together: there is room for one */
	struct ot_tcp_segment *out;
};

static enum ot_packet_kind read_ip(struct frame *f);
static enum ot_packet_kind read_ethernet(struct frame *f);

static void skip(struct frame *f, size_t len)
{
	(void)ot_cursor_bytes(&f->at, len);
}

/* Ends the frame where a length field says so: padding of short Ethernet frames is no payload. */
static void clip(struct frame *f, size_t len)
{
	size_t left = ot_cursor_left(&f->at);
	if (len <= left) {
		f->at.end = f->at.at + len;
		f->cut = 0;
	} else {
		f->cut = (uint32_t)(len - left); /* more was on the wire than the capture holds */
	}
}

static uint16_t ppp_type(uint16_t protocol)
{
	return protocol == PPP_IPV4 ? ETHER_IPV4 : protocol == PPP_IPV6 ? ETHER_IPV6 : 0;
}

static enum ot_packet_kind read_ethertype(struct frame *f, uint16_t type)
{
	for (int tags = 0; (type == ETHER_VLAN || type == ETHER_QINQ) && tags < TAGS_MAX; tags++) {
		skip(f, 2);
		type = ot_cursor_be16(&f->at);
	}
	if (type == ETHER_PPPOE) {
		skip(f, 6);
		type = ppp_type(ot_cursor_be16(&f->at));
	}
	for (int labels = 0; type == ETHER_MPLS && labels < TAGS_MAX; labels++) {
		uint32_t label = ot_cursor_be32(&f->at);
		if (label >> 8 & 1) /* bottom of the stack: the first nibble tells the version */
			type = ot_cursor_left(&f->at) > 0 && *f->at.at >> 4 == 6 ? ETHER_IPV6 : ETHER_IPV4;
	}
	if (f->at.failed)
		return OT_PACKET_MALFORMED;
	if (type == ETHER_BRIDGED)
		return read_ethernet(f);
	return type == ETHER_IPV4 || type == ETHER_IPV6 ? read_ip(f) : OT_PACKET_OTHER;
}

static enum ot_packet_kind read_ethernet(struct frame *f)
{
	skip(f, 12);
	uint16_t type = ot_cursor_be16(&f->at);
	if (type < ETHER_TYPES && !f->at.failed) { /* IEEE 802.3: a length; LLC and SNAP bring the type */
		clip(f, type);
		if (ot_cursor_be16(&f->at) != LLC_SNAP)
			return OT_PACKET_OTHER;
		skip(f, 4);
		type = ot_cursor_be16(&f->at);
	}
	return f->at.failed || ++f->layers > LAYERS_MAX ? OT_PACKET_MALFORMED : read_ethertype(f, type);
}

static enum ot_packet_kind read_tcp(struct frame *f)
{
	struct ot_tcp_segment *out = f->out;
	out->from.port = ot_cursor_be16(&f->at);
	out->to.port = ot_cursor_be16(&f->at);
	out->seq = ot_cursor_be32(&f->at);
	out->ack = ot_cursor_be32(&f->at);
	uint8_t header = (uint8_t)(ot_cursor_u8(&f->at) >> 4);
	out->flags = ot_cursor_u8(&f->at);
	skip(f, 6);
	if (header < 5)
		return OT_PACKET_MALFORMED;
	/* A short snap length may end within the options, of which nothing is needed. */
	size_t options = (size_t)(header - 5) * 4, left = ot_cursor_left(&f->at);
	if (!f->at.failed && options > left && options - left <= f->cut) {
		f->cut -= (uint32_t)(options - left);
		options = left;
	}
	skip(f, options);
	if (f->at.failed)
		return OT_PACKET_MALFORMED;
	out->payload = (struct ot_str){ (const char *)f->at.at, ot_cursor_left(&f->at) };
	out->payload_len = (uint32_t)out->payload.len + f->cut;
	return OT_PACKET_TCP;
}

static enum ot_packet_kind read_inner(struct frame *f, uint16_t type)
{
	if (f->at.failed)
		return OT_PACKET_MALFORMED;
	return type == ETHER_BRIDGED ? read_ethernet(f) : read_ethertype(f, type);
}

static enum ot_packet_kind read_network(struct frame *f, uint32_t network, uint16_t type)
{
	f->out->tunnel = network + 1;
	return read_inner(f, type);
}

static enum ot_packet_kind read_ayiya(struct frame *f)
{
	uint8_t id = ot_cursor_u8(&f->at), signature = ot_cursor_u8(&f->at);
	skip(f, 1);
	uint8_t next = ot_cursor_u8(&f->at);
	skip(f, 4 + ((size_t)1 << (id >> 4)) + (size_t)(signature >> 4) * 4); /* epoch, identity, signature */
	return next == IP_IPV6 || next == IP_IPV4 ? read_inner(f, ETHER_IPV6) : OT_PACKET_OTHER;
}

static enum ot_packet_kind read_gtp(struct frame *f)
{
	enum { VERSION_1 = 0x30, HAS_MORE = 7, HAS_EXTENSION = 4, USER_PACKET = 0xff };
	uint8_t flags = ot_cursor_u8(&f->at), type = ot_cursor_u8(&f->at);
	if ((flags & 0xf0) != VERSION_1 || type != USER_PACKET)
		return f->at.failed ? OT_PACKET_MALFORMED : OT_PACKET_OTHER;
	skip(f, 6); /* length, tunnel */
	if (flags & HAS_MORE) {
		skip(f, 3);
		uint8_t next = ot_cursor_u8(&f->at);
		while ((flags & HAS_EXTENSION) && next != 0 && !f->at.failed) {
			uint8_t words = ot_cursor_u8(&f->at);
			if (words == 0)
				return OT_PACKET_MALFORMED;
			skip(f, (size_t)words * 4 - 2);
			next = ot_cursor_u8(&f->at);
		}
	}
	return read_inner(f, ETHER_IPV4);
}

static enum ot_packet_kind read_gre(struct frame *f);

static enum ot_packet_kind read_udp(struct frame *f)
{
	uint16_t from = ot_cursor_be16(&f->at);
	uint16_t port = ot_cursor_be16(&f->at);
	skip(f, 4);
	if (port == PORT_VXLAN) {
		skip(f, 4);
		uint32_t network = ot_cursor_be32(&f->at) >> 8;
		return read_network(f, network, ETHER_BRIDGED);
	}
	if (port == PORT_GENEVE) {
		uint8_t options = ot_cursor_u8(&f->at) & 63;
		skip(f, 1);
		uint16_t type = ot_cursor_be16(&f->at);
		uint32_t network = ot_cursor_be32(&f->at) >> 8;
		skip(f, (size_t)options * 4);
		return read_network(f, network, type);
	}
	if (port == PORT_GRE)
		return read_gre(f);
	if (port == PORT_GTP || from == PORT_GTP)
		return read_gtp(f);
	return port == PORT_AYIYA || from == PORT_AYIYA ? read_ayiya(f) : OT_PACKET_OTHER;
}

/* PPP with the parts that its peers may leave out. */
static enum ot_packet_kind read_ppp(struct frame *f)
{
	if (ot_cursor_left(&f->at) >= 2 && f->at.at[0] == 0xff && f->at.at[1] == 3)
		skip(f, 2);
	bool short_protocol = ot_cursor_left(&f->at) > 0 && f->at.at[0] & 1;
	return read_ethertype(f, ppp_type(short_protocol ? ot_cursor_u8(&f->at) : ot_cursor_be16(&f->at)));
}

static enum ot_packet_kind read_erspan(struct frame *f, bool third)
{
	skip(f, third ? 11 : 8);
	if (third && ot_cursor_u8(&f->at) & 1)
		skip(f, 8); /* platform */
	return read_inner(f, ETHER_BRIDGED);
}

static enum ot_packet_kind read_gre(struct frame *f)
{
	uint16_t flags = ot_cursor_be16(&f->at);
	uint16_t type = ot_cursor_be16(&f->at);
	if (flags & 0x8000)
		skip(f, 4); /* checksum */
	if (flags & 0x2000)
		skip(f, 4); /* key */
	if (flags & 0x1000)
		skip(f, 4); /* sequence */
	if ((flags & 7) == 1 && type == ETHER_PPP) { /* PPTP */
		if (flags & 0x80)
			skip(f, 4); /* acknowledgement */
		return f->at.failed ? OT_PACKET_MALFORMED : ot_cursor_left(&f->at) == 0 ? OT_PACKET_OTHER : read_ppp(f);
	}
	if ((flags & 7) != 0)
		return OT_PACKET_OTHER;
	if (type == ETHER_ERSPAN && (flags & 0x1000) == 0) /* type I: no header of its own */
		return read_inner(f, ETHER_BRIDGED);
	if (type == ETHER_ERSPAN || type == ETHER_ERSPAN_3)
		return read_erspan(f, type == ETHER_ERSPAN_3);
	return read_inner(f, type);
}

static enum ot_packet_kind read_transport(struct frame *f, uint8_t protocol)
{
	if (f->at.failed)
		return OT_PACKET_MALFORMED;
	switch (protocol) {
	case IP_TCP:
		return read_tcp(f);
	case IP_UDP:
		return read_udp(f);
	case IP_GRE:
		return read_gre(f);
	case IP_IPV4:
	case IP_IPV6:
		return read_ip(f);
	default:
		return OT_PACKET_OTHER;
	}
}

/* Fragments of outer and inner datagrams are told apart by their ends. One cut by the snap length cannot be joined. */
static enum ot_packet_kind join(struct frame *f, uint32_t id, uint32_t offset, bool more, uint8_t protocol)
{
	struct ot_fragment fragment = { .id = id, .protocol = protocol, .offset = offset, .more = more };
	struct ot_str whole;
	if (f->at.failed)
		return OT_PACKET_MALFORMED;
	if (f->cut > 0 || f->joined)
		return OT_PACKET_MALFORMED;
	memcpy(fragment.from, f->out->from.address, 16);
	memcpy(fragment.to, f->out->to.address, 16);
	fragment.bytes = (struct ot_str){ (const char *)f->at.at, ot_cursor_left(&f->at) };
	if (!ot_fragments_add(f->fragments, &fragment, &whole, &protocol))
		return OT_PACKET_FRAGMENT;
	f->joined = true;
	f->at = ot_cursor_of(whole.ptr, whole.len);
	return read_transport(f, protocol);
}

static void put_ipv4(uint8_t address[16], uint32_t ip)
{
	memset(address, 0, 10);
	address[10] = address[11] = 0xff;
	for (int i = 0; i < 4; i++)
		address[12 + i] = (uint8_t)(ip >> (24 - 8 * i));
}

static enum ot_packet_kind read_ipv4(struct frame *f)
{
	uint8_t first = ot_cursor_u8(&f->at);
	size_t header = (size_t)(first & 15) * 4;
	skip(f, 1);
	uint16_t total = ot_cursor_be16(&f->at);
	uint16_t id = ot_cursor_be16(&f->at);
	uint16_t fragment = ot_cursor_be16(&f->at);
	skip(f, 1);
	uint8_t protocol = ot_cursor_u8(&f->at);
	skip(f, 2);
	put_ipv4(f->out->from.address, ot_cursor_be32(&f->at));
	put_ipv4(f->out->to.address, ot_cursor_be32(&f->at));
	if (header < 20 || (total != 0 && total < header))
		return OT_PACKET_MALFORMED;
	skip(f, header - 20);
	if (f->at.failed)
		return OT_PACKET_MALFORMED;
	if (total != 0) /* 0: offloaded segmentation, the frame's own length holds */
		clip(f, total - header);
	if ((fragment & 0x3fff) != 0) /* more follow, or some came before */
		return join(f, id, (fragment & 0x1fffU) * 8, (fragment & 0x2000) != 0, protocol);
	return read_transport(f, protocol);
}

static bool is_extension(uint8_t next)
{
	return next == IP_AH || next == 0 || next == 43 || next == 60 || next == 135 || next == 139 || next == 140;
}

static enum ot_packet_kind read_ipv6(struct frame *f)
{
	skip(f, 4);
	uint16_t len = ot_cursor_be16(&f->at);
	uint8_t next = ot_cursor_u8(&f->at);
	skip(f, 1);
	struct ot_str from = ot_cursor_bytes(&f->at, 16), to = ot_cursor_bytes(&f->at, 16);
	if (f->at.failed)
		return OT_PACKET_MALFORMED;
	memcpy(f->out->from.address, from.ptr, 16);
	memcpy(f->out->to.address, to.ptr, 16);
	if (len != 0)
		clip(f, len);
	for (int n = 0; n < LAYERS_MAX && (is_extension(next) || next == IP_FRAGMENT); n++) {
		bool fragment = next == IP_FRAGMENT, header_of_words = next == IP_AH;
		next = ot_cursor_u8(&f->at);
		uint8_t units = ot_cursor_u8(&f->at);
		uint16_t offset = fragment ? ot_cursor_be16(&f->at) : 0;
		uint32_t id = fragment ? ot_cursor_be32(&f->at) : 0;
		skip(f, fragment ? 0 : header_of_words ? (size_t)units * 4 + 6 : (size_t)units * 8 + 6);
		if ((offset & ~6U) != 0)
			return join(f, id, offset & ~7U, offset & 1, next);
	}
	return read_transport(f, next);
}

static enum ot_packet_kind read_ip(struct frame *f)
{
	if (ot_cursor_left(&f->at) == 0 || ++f->layers > LAYERS_MAX)
		return OT_PACKET_MALFORMED;
	switch (*f->at.at >> 4) {
	case 4:
		return read_ipv4(f);
	case 6:
		return read_ipv6(f);
	default:
		return OT_PACKET_OTHER;
	}
}

/* Messages of netfilter's log: a header and attributes, of which one is the packet. Their lengths are in the byte order of whoever captured. */
static enum ot_packet_kind read_nflog(struct frame *f)
{
	enum { ATTRIBUTE_PAYLOAD = 9 };
	skip(f, 4);
	while (!f->at.failed && ot_cursor_left(&f->at) >= 4) {
		struct ot_cursor head = f->at;
		uint16_t len = ot_cursor_u16(&f->at), type = ot_cursor_u16(&f->at);
		if (len >> 8 != 0 && (type & 0xff) == 0) { /* big-endian: types are small numbers */
			len = ot_cursor_be16(&head);
			type = ot_cursor_be16(&head);
		}
		if (len < 4)
			return OT_PACKET_MALFORMED;
		if ((type & 0x7fff) == ATTRIBUTE_PAYLOAD) {
			clip(f, (size_t)len - 4);
			return read_ip(f);
		}
		skip(f, (size_t)((len + 3) & ~3) - 4);
	}
	return f->at.failed ? OT_PACKET_MALFORMED : OT_PACKET_OTHER;
}

static enum ot_packet_kind read_link(struct frame *f, int link)
{
	switch (link) {
	case LINK_ETHERNET:
		return read_ethernet(f);
	case LINK_RAW:
	case LINK_RAW_BSD:
	case LINK_RAW_OPENBSD:
	case LINK_IPV4:
	case LINK_IPV6:
		return read_ip(f);
	case LINK_NULL:
	case LINK_LOOP:
		skip(f, 4); /* address family, in the byte order of whoever captured: the version nibble tells as well */
		return read_ip(f);
	case LINK_PPP:
		return read_ppp(f);
	case LINK_NFLOG:
		return read_nflog(f);
	case LINK_SLL:
		skip(f, 14);
		return read_ethertype(f, ot_cursor_be16(&f->at));
	case LINK_SLL2: {
		uint16_t type = ot_cursor_be16(&f->at);
		skip(f, 18);
		return read_ethertype(f, type);
	}
	default:
		return OT_PACKET_UNSUPPORTED;
	}
}

enum ot_packet_kind ot_packet_read(struct ot_tcp_segment *out, struct ot_fragments *fragments, int link, struct ot_str captured, uint32_t wire_len)
{
	struct frame frame = { .at = ot_cursor_of(captured.ptr, captured.len), .fragments = fragments, .out = out };
	memset(out, 0, sizeof(*out));
	frame.cut = wire_len > captured.len ? wire_len - (uint32_t)captured.len : 0;
	if (frame.cut > CUT_MAX)
		frame.cut = CUT_MAX; /* no packet is that long: damage */
	return read_link(&frame, link);
}
