/*
 * The reader of integer streams, for the width of value that the includer names: VALUE its type, GET(x) a name made of x,
 * UNPACK, and VALUE_BITS. ints_get.c includes it twice.
 */

/* `count` values, each a multiple of the divisor. */
static bool GET(packed)(struct ot_cursor *c, VALUE *out, uint32_t count)
{
	VALUE divisor = (VALUE)ot_cursor_varint(c);
	unsigned width = ot_cursor_u8(c);
	uint64_t patches = ot_cursor_varint(c);
	struct ot_str bytes;
	uint64_t at = 0;

	if (width > VALUE_BITS || patches > count)
		return false;
	bytes = ot_cursor_bytes(c, ot_packed_bytes(count, width));
	if (c->failed)
		return false;
	UNPACK(out, (const uint8_t *)bytes.ptr, count, width);
	for (uint64_t i = 0; i < patches; i++) {
		at += ot_cursor_varint(c);
		if (at >= count || width == VALUE_BITS)
			return false;
		out[at] = (VALUE)(out[at] | (VALUE)ot_cursor_zigzag(c) << width);
	}
	if (divisor != 1) {
		for (uint32_t i = 0; i < count; i++)
			out[i] = (VALUE)(out[i] * divisor);
	}
	return !c->failed;
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
