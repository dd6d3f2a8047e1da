#include "bitpack.h"
#include "hex.h"

static const int8_t digit_values[256] = {
	['0'] = 1,
	['1'] = 2,
	['2'] = 3,
	['3'] = 4,
	['4'] = 5,
	['5'] = 6,
	['6'] = 7,
	['7'] = 8,
	['8'] = 9,
	['9'] = 10,
	['a'] = 11,
	['b'] = 12,
	['c'] = 13,
	['d'] = 14,
	['e'] = 15,
	['f'] = 16, /* one more than the value; 0: not a digit */
};

bool ot_hex_get(uint8_t *out, const char *text, size_t digits)
{
	int wrong = 0;

	for (size_t i = 0; i < digits; i += 2) {
		int high = digit_values[(uint8_t)text[i]] - 1, low = digit_values[(uint8_t)text[i + 1]] - 1;

		wrong |= high | low;
		out[i / 2] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
	}
	return wrong >= 0;
}

/* "00" to "ff". */
#define ROW(h) h "0" h "1" h "2" h "3" h "4" h "5" h "6" h "7" h "8" h "9" h "a" h "b" h "c" h "d" h "e" h "f"
static const char byte_digits[] = ROW("0") ROW("1") ROW("2") ROW("3") ROW("4") ROW("5") ROW("6") ROW("7") ROW("8")
    ROW("9") ROW("a") ROW("b") ROW("c") ROW("d") ROW("e") ROW("f");

char *ot_hex_put(char *to, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		memcpy(to + 2 * i, byte_digits + 2 * bytes[i], 2);
	return to + 2 * len;
}

/* --- UUIDs --- */

static inline uint64_t number_get(const char *text, int digits, int *wrong)
{
	uint64_t value = 0;

	for (int i = 0; i < digits; i++) {
		int digit = digit_values[(uint8_t)text[i]] - 1;

		*wrong |= digit;
		value = value << 4 | (unsigned)(digit & 15);
	}
	return value;
}

bool ot_uuid_get(struct ot_uuid *out, const char *text)
{
	int wrong = 0;

	if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-')
		return false;
	out->high = number_get(text, 8, &wrong) << 32 | number_get(text + 9, 4, &wrong) << 16 |
		    number_get(text + 14, 4, &wrong);
	out->low = number_get(text + 19, 4, &wrong) << 48 | number_get(text + 24, 12, &wrong);
	return wrong >= 0;
}

/* Bytes `from` to `end` of a number, the first the highest. */
static inline char *number_put(char *to, uint64_t value, int from, int end)
{
	for (int i = from; i < end; i++, to += 2)
		memcpy(to, byte_digits + 2 * (value >> (56 - 8 * i) & 0xff), 2);
	*to = '-';
	return to + 1;
}

void ot_uuid_put(char *to, const struct ot_uuid *uuid)
{
	to = number_put(to, uuid->high, 0, 4);
	to = number_put(to, uuid->high, 4, 6);
	to = number_put(to, uuid->high, 6, 8);
	to = number_put(to, uuid->low, 0, 2);
	number_put(to, uuid->low, 2, 8);
}

/* Version 1 to 8 in four bits, variant 2 in two: where all have the same they are written once. 0 where they have not.
 */
static unsigned common_version(const struct ot_uuid *uuids, uint32_t count)
{
	unsigned version = uuids[0].high >> 12 & 15;

	for (uint32_t i = 0; i < count; i++) {
		if ((uuids[i].high >> 12 & 15) != version || uuids[i].low >> 62 != 2)
			return 0;
	}
	return version;
}

static void put_numbers(struct ot_buf *out, const uint64_t *values, uint32_t count, unsigned width)
{
	uint8_t *to = (uint8_t *)ot_buf_reserve(out, ot_packed_bytes(count, width) + 8);

	ot_pack(to, values, count, width);
	out->len += ot_packed_bytes(count, width);
}

void ot_uuids_put(struct ot_buf *out, struct ot_ints_scratch *scratch, const struct ot_uuid *uuids, uint32_t count)
{
	unsigned version = common_version(uuids, count), cut = version > 0 ? 16 : 0;
	uint64_t values[OT_BLOCK_ROWS], least = UINT64_MAX;

	ot_buf_u8(out, (uint8_t)version);
	for (uint32_t i = 0; i < count; i++) {
		values[i] = uuids[i].high >> cut;
		least = values[i] < least ? values[i] : least;
	}
	for (uint32_t i = 0; i < count; i++)
		values[i] -= least;
	ot_buf_varint(out, least);
	ot_ints_put(out, scratch, values, count);
	for (uint32_t i = 0; i < count && version > 0; i++)
		values[i] = uuids[i].high & 0xfff;
	if (version > 0)
		put_numbers(out, values, count, 12);
	for (uint32_t i = 0; i < count; i++)
		values[i] = version > 0 ? uuids[i].low & (UINT64_MAX >> 2) : uuids[i].low;
	put_numbers(out, values, count, version > 0 ? 62 : 64);
}

static bool get_numbers(struct ot_cursor *c, uint64_t *out, uint32_t count, unsigned width)
{
	struct ot_str bytes = ot_cursor_bytes(c, ot_packed_bytes(count, width));

	if (c->failed)
		return false;
	ot_unpack64(out, (const uint8_t *)bytes.ptr, count, width);
	return true;
}

bool ot_uuids_get(struct ot_cursor *c, struct ot_uuid *out, uint32_t count)
{
	uint64_t values[OT_BLOCK_ROWS];
	unsigned version = ot_cursor_u8(c);

	if (version > 15 || count > OT_BLOCK_ROWS || !ot_ints_get64(c, values, count, ot_cursor_varint(c)))
		return false;
	for (uint32_t i = 0; i < count; i++)
		out[i].high = version > 0 ? values[i] << 16 | (uint64_t)version << 12 : values[i];
	if (version > 0) {
		if (!get_numbers(c, values, count, 12))
			return false;
		for (uint32_t i = 0; i < count; i++)
			out[i].high |= values[i];
	}
	if (!get_numbers(c, values, count, version > 0 ? 62 : 64))
		return false;
	for (uint32_t i = 0; i < count; i++)
		out[i].low = version > 0 ? values[i] | UINT64_C(1) << 63 : values[i];
	return true;
}
