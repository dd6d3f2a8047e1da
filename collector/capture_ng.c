/* pcapng blocks. Numbers are in the byte order of their section. */
#include "capture_ng.h"
#include <base/cursor.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SECTION = 0x0A0D0D0A, BLOCK_INTERFACE = 1, BLOCK_OLD_PACKET = 2, BLOCK_SIMPLE = 3, BLOCK_STATISTICS = 5, BLOCK_PACKET = 6 };
enum { OPTION_RESOLUTION = 9, OPTION_OFFSET = 14, OPTION_DROPS = 5 };
enum { BLOCK_MAX = 16 << 20, INTERFACES_MAX = 4096 };

struct interface {
	int link;
	uint32_t snap_len;
	uint8_t resolution; /* as in if_tsresol */
	int64_t offset_s;
	uint64_t drops;
};

struct ot_capture_ng {
	ot_take_fn *take;
	void *context;
	bool big; /* byte order of the section */
	struct interface *interfaces;
	size_t interface_count;
	uint64_t dropped; /* of sections that are over */
	char *block;
	size_t block_cap;
};

struct ot_capture_ng *ot_capture_ng_new(ot_take_fn *take, void *context)
{
	struct ot_capture_ng *ng = ot_alloc_zero(1, sizeof(*ng));
	ng->take = take;
	ng->context = context;
	return ng;
}

void ot_capture_ng_free(struct ot_capture_ng *ng)
{
	if (ng == NULL)
		return;
	free(ng->interfaces);
	free(ng->block);
	free(ng);
}

static uint16_t get16(const struct ot_capture_ng *ng, struct ot_cursor *c)
{
	return ng->big ? ot_cursor_be16(c) : ot_cursor_u16(c);
}

static uint32_t get32(const struct ot_capture_ng *ng, struct ot_cursor *c)
{
	return ng->big ? ot_cursor_be32(c) : ot_cursor_u32(c);
}

static uint64_t get64(const struct ot_capture_ng *ng, struct ot_cursor *c)
{
	return ng->big ? ot_cursor_be64(c) : ot_cursor_u64(c);
}

/* One option: false at their end. */
static bool next_option(const struct ot_capture_ng *ng, struct ot_cursor *c, uint16_t *code, struct ot_cursor *value)
{
	if (ot_cursor_left(c) < 4)
		return false;
	*code = get16(ng, c);
	uint16_t len = get16(ng, c);
	struct ot_str bytes = ot_cursor_bytes(c, len);
	(void)ot_cursor_bytes(c, (size_t)(-len & 3));
	*value = ot_cursor_of(bytes.ptr, bytes.len);
	return *code != 0 && bytes.ptr != NULL;
}

static void end_section(struct ot_capture_ng *ng)
{
	for (size_t i = 0; i < ng->interface_count; i++)
		ng->dropped += ng->interfaces[i].drops;
	ng->interface_count = 0;
}

static bool on_interface(struct ot_capture_ng *ng, struct ot_cursor *c)
{
	struct interface new = { .resolution = 6 };
	uint16_t code;
	struct ot_cursor value;
	new.link = get16(ng, c);
	(void)get16(ng, c);
	new.snap_len = get32(ng, c);
	while (next_option(ng, c, &code, &value)) {
		if (code == OPTION_RESOLUTION)
			new.resolution = ot_cursor_u8(&value);
		else if (code == OPTION_OFFSET)
			new.offset_s = (int64_t)get64(ng, &value);
	}
	if (ng->interface_count == INTERFACES_MAX)
		return false;
	ng->interfaces = ot_realloc(ng->interfaces, (ng->interface_count + 1) * sizeof(new));
	ng->interfaces[ng->interface_count++] = new;
	return true;
}

static void on_statistics(struct ot_capture_ng *ng, struct ot_cursor *c)
{
	uint32_t interface = get32(ng, c);
	uint16_t code;
	struct ot_cursor value;
	(void)get64(ng, c);
	while (next_option(ng, c, &code, &value)) {
		if (code == OPTION_DROPS && interface < ng->interface_count)
			ng->interfaces[interface].drops = get64(ng, &value);
	}
}

/* So that the difference of any two times is one too. */
#define TIME_MAX (INT64_C(1) << 62)

/* Ticks of the interface's resolution (10^-n or 2^-n seconds) to ns; saturating, since damaged files hold any number. */
static int64_t to_ns(const struct interface *i, uint64_t ticks)
{
	__int128 ns;
	if (i->resolution & 0x80) {
		ns = ((__int128)ticks * 1000000000) >> (i->resolution & 0x7f);
	} else {
		ns = ticks;
		for (int digits = i->resolution; digits < 9; digits++)
			ns *= 10;
		for (int digits = i->resolution; digits > 9 && ns != 0; digits--)
			ns /= 10;
	}
	ns += (__int128)i->offset_s * 1000000000;
	return ns > TIME_MAX ? TIME_MAX : ns < -TIME_MAX ? -TIME_MAX : (int64_t)ns;
}

static bool set_packet(const struct interface *i, struct ot_captured *out, struct ot_cursor *c, uint64_t ticks, uint32_t captured, uint32_t wire)
{
	out->time_ns = to_ns(i, ticks);
	out->link = i->link;
	out->bytes = ot_cursor_bytes(c, captured);
	out->wire_len = wire < captured ? captured : wire;
	return out->bytes.ptr != NULL;
}

static bool on_packet(struct ot_capture_ng *ng, struct ot_cursor *c, bool old, struct ot_captured *out)
{
	uint32_t interface = old ? get16(ng, c) : get32(ng, c);
	if (old)
		(void)get16(ng, c); /* drops since the last packet */
	uint64_t high = get32(ng, c), low = get32(ng, c);
	uint32_t captured = get32(ng, c), wire = get32(ng, c);
	return interface < ng->interface_count && set_packet(&ng->interfaces[interface], out, c, high << 32 | low, captured, wire);
}

static bool on_simple_packet(struct ot_capture_ng *ng, struct ot_cursor *c, struct ot_captured *out)
{
	uint32_t wire = get32(ng, c), captured = wire;
	if (ng->interface_count == 0)
		return false;
	if (ng->interfaces[0].snap_len != 0 && captured > ng->interfaces[0].snap_len)
		captured = ng->interfaces[0].snap_len;
	if (captured > ot_cursor_left(c))
		captured = (uint32_t)ot_cursor_left(c);
	return set_packet(&ng->interfaces[0], out, c, 0, captured, wire);
}

/* The body of the next block, without its two lengths. OT_END at a clean end. */
static enum ot_status next_block(struct ot_capture_ng *ng, uint32_t *type, struct ot_cursor *body)
{
	uint8_t head[12];
	size_t n = ng->take(ng->context, head, 12);
	if (n == 0)
		return OT_END;
	if (n < 12)
		return OT_CORRUPT;
	struct ot_cursor c = ot_cursor_of(head, 12);
	*type = get32(ng, &c);
	if (*type == BLOCK_SECTION) {
		end_section(ng);
		ng->big = head[8] == 0x1A; /* the byte-order magic 1A2B3C4D, first byte first */
	}
	uint32_t len = get32(ng, &c);
	if (len < 12 || len % 4 != 0 || len > BLOCK_MAX)
		return OT_CORRUPT;
	if (len > ng->block_cap)
		ng->block = ot_realloc(ng->block, ng->block_cap = len);
	memcpy(ng->block, head + 8, 4);
	if (ng->take(ng->context, ng->block + 4, len - 12) < len - 12)
		return OT_CORRUPT;
	/* After the type and length come `len - 12` bytes of body and the length again. */
	*body = ot_cursor_of(ng->block, len - 12);
	return OT_OK;
}

enum ot_status ot_capture_ng_next(struct ot_capture_ng *ng, struct ot_captured *out, struct ot_err *err)
{
	for (;;) {
		uint32_t type;
		struct ot_cursor body;
		enum ot_status status = next_block(ng, &type, &body);
		if (status != OT_OK)
			return status == OT_CORRUPT ? ot_err_set(err, OT_CORRUPT, "a damaged block") : status;
		if ((type == BLOCK_PACKET || type == BLOCK_OLD_PACKET) && on_packet(ng, &body, type == BLOCK_OLD_PACKET, out))
			return OT_OK;
		if (type == BLOCK_SIMPLE && on_simple_packet(ng, &body, out))
			return OT_OK;
		if (type == BLOCK_INTERFACE && !on_interface(ng, &body))
			return ot_err_set(err, OT_CORRUPT, "more than %d interfaces", INTERFACES_MAX);
		if (type == BLOCK_STATISTICS)
			on_statistics(ng, &body);
	}
}

uint64_t ot_capture_ng_dropped(const struct ot_capture_ng *ng)
{
	uint64_t dropped = ng->dropped;
	for (size_t i = 0; i < ng->interface_count; i++)
		dropped += ng->interfaces[i].drops;
	return dropped;
}
