/*
 * The reader of integer streams, for the width of value that the includer names: VALUE its type, GET(x) a name made of
 * x, UNPACK, and VALUE_BITS. ints_get.c includes it twice.
 */

static bool GET(unpack)(struct ot_cursor *c, VALUE *out, uint32_t count, unsigned width)
{
	struct ot_str bytes;

	if (width > VALUE_BITS)
		return false;
	bytes = ot_cursor_bytes(c, ot_packed_bytes(count, width));
	if (c->failed)
		return false;
	UNPACK(out, (const uint8_t *)bytes.ptr, count, width);
	return true;
}

/* Groups that have widths of their own. */
static bool GET(unpack_groups)(struct ot_cursor *c, VALUE *out, uint32_t count, uint8_t widths[OT_INTS_GROUPS_MAX])
{
	uint32_t groups = (count + OT_INTS_GROUP - 1) / OT_INTS_GROUP;
	struct ot_str bytes = ot_cursor_bytes(c, groups);

	if (c->failed)
		return false;
	memcpy(widths, bytes.ptr, groups);
	for (uint32_t g = 0; g < groups; g++) {
		uint32_t from = g * OT_INTS_GROUP;

		if (!GET(unpack)(c, out + from, count - from < OT_INTS_GROUP ? count - from : OT_INTS_GROUP, widths[g]))
			return false;
	}
	return true;
}

/* What did not fit: the bits above a value's width. */
static bool GET(patch)(
    struct ot_cursor *c, VALUE *out, uint32_t count, uint64_t patches, unsigned width, const uint8_t *widths)
{
	uint64_t at = 0;

	for (uint64_t i = 0; i < patches; i++) {
		unsigned here;

		at += ot_cursor_varint(c);
		if (at >= count)
			return false;
		here = width == OT_INTS_GROUPED ? widths[at / OT_INTS_GROUP] : width;
		if (here >= VALUE_BITS)
			return false;
		out[at] = (VALUE)(out[at] | (VALUE)ot_cursor_zigzag(c) << here);
	}
	return !c->failed;
}

/* `count` values, each a multiple of the divisor. */
static bool GET(packed)(struct ot_cursor *c, VALUE *out, uint32_t count)
{
	VALUE divisor = (VALUE)ot_cursor_varint(c);
	unsigned width = ot_cursor_u8(c);
	uint64_t patches = ot_cursor_varint(c);
	uint8_t widths[OT_INTS_GROUPS_MAX];

	if (patches > count ||
	    !(width == OT_INTS_GROUPED ? GET(unpack_groups)(c, out, count, widths)
				       : GET(unpack)(c, out, count, width)) ||
	    !GET(patch)(c, out, count, patches, width, widths))
		return false;
	if (divisor != 1) {
		for (uint32_t i = 0; i < count; i++)
			out[i] = (VALUE)(out[i] * divisor);
	}
	return true;
}

static void GET(add)(VALUE *values, uint32_t count, VALUE addend)
{
	for (uint32_t i = 0; i < count && addend != 0; i++)
		values[i] = (VALUE)(values[i] + addend);
}

static bool GET(delta)(struct ot_cursor *c, VALUE *out, uint32_t count)
{
	VALUE value = (VALUE)ot_cursor_varint(c), min = (VALUE)ot_cursor_zigzag(c);

	out[0] = value;
	if (!GET(packed)(c, out + 1, count - 1))
		return false;
	for (uint32_t i = 1; i < count; i++)
		out[i] = value = (VALUE)(value + out[i] + min);
	return true;
}

static bool GET(table)(struct ot_cursor *c, VALUE *out, uint32_t count)
{
	uint64_t size = ot_cursor_varint(c);
	VALUE table[OT_INTS_TABLE_MAX], value = 0, most = 0;

	if (size == 0 || size > OT_INTS_TABLE_MAX)
		return false;
	for (uint64_t i = 0; i < size; i++)
		table[i] = value = (VALUE)(value + (VALUE)ot_cursor_varint(c));
	if (!GET(packed)(c, out, count))
		return false;
	for (uint32_t i = 0; i < count; i++)
		most = out[i] > most ? out[i] : most;
	if (most >= size)
		return false;
	for (uint32_t i = 0; i < count; i++)
		out[i] = table[out[i]];
	return true;
}

static bool GET(stream)(struct ot_cursor *c, VALUE *out, uint32_t count, VALUE min, bool inner);

static bool GET(runs)(struct ot_cursor *c, VALUE *out, uint32_t count)
{
	uint64_t runs = ot_cursor_varint(c), at = 0;
	VALUE values[OT_BLOCK_ROWS];
	uint32_t lengths[OT_BLOCK_ROWS];

	if (runs == 0 || runs > count)
		return false;
	if (!GET(stream)(c, values, (uint32_t)runs, (VALUE)ot_cursor_varint(c), true) ||
	    !get32_stream(c, lengths, (uint32_t)runs, (uint32_t)ot_cursor_varint(c), true))
		return false;
	for (uint64_t r = 0; r < runs; r++) {
		if (lengths[r] > count - at)
			return false;
		for (uint32_t i = 0; i < lengths[r]; i++)
			out[at + i] = values[r];
		at += lengths[r];
	}
	return at == count;
}

static bool GET(recent)(struct ot_cursor *c, VALUE *out, uint32_t count)
{
	VALUE slots[OT_INTS_SLOTS_MAX] = { 0 }, misses[OT_BLOCK_ROWS];
	uint32_t slot_count = ot_cursor_u8(c), next = 0;
	uint64_t miss_count, miss = 0;

	if (slot_count == 0 || slot_count > OT_INTS_SLOTS_MAX || !GET(packed)(c, out, count))
		return false;
	miss_count = ot_cursor_varint(c);
	if (miss_count == 0 || miss_count > count ||
	    !GET(stream)(c, misses, (uint32_t)miss_count, (VALUE)ot_cursor_varint(c), true))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		if (out[i] < slot_count) {
			out[i] = slots[out[i]];
			continue;
		}
		if (miss == miss_count)
			return false;
		out[i] = slots[next] = misses[miss++];
		next = next + 1 == slot_count ? 0 : next + 1;
	}
	return miss == miss_count;
}

static bool GET(stream)(struct ot_cursor *c, VALUE *out, uint32_t count, VALUE min, bool inner)
{
	bool good;

	switch (ot_cursor_u8(c)) {
	case OT_INTS_CONSTANT:
		memset(out, 0, count * sizeof(*out));
		good = !c->failed;
		break;
	case OT_INTS_PACKED:
		good = GET(packed)(c, out, count);
		break;
	case OT_INTS_DELTA:
		good = GET(delta)(c, out, count);
		break;
	case OT_INTS_RUNS:
		good = !inner && GET(runs)(c, out, count);
		break;
	case OT_INTS_RECENT:
		good = !inner && GET(recent)(c, out, count);
		break;
	case OT_INTS_TABLE:
		good = GET(table)(c, out, count);
		break;
	default:
		good = false;
	}
	if (good)
		GET(add)(out, count, min);
	return good;
}
