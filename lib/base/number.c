/* Numbers out of text: ot_str_to_i64 and ot_str_to_scaled, in integers throughout. */
#include <base/str.h>

enum {
	DIGITS_KEPT = 19,	/* as many as a uint64_t surely holds */
	EXPONENT_MOST = 9999,	/* larger ones are as good as this one */
	POWER_MOST = 38,	/* 10^38 is the last in 128 bits */
};

static inline unsigned digit_of(char c)
{
	return (unsigned)(unsigned char)c - '0';
}

bool ot_str_to_i64(struct ot_str text, int64_t *out)
{
	const char *at = text.ptr, *end;
	bool negative = false;
	uint64_t value = 0;

	if (text.len == 0)
		return false;
	end = at + text.len;
	if (*at == '-') {
		negative = true;
		at++;
	}
	if (at == end)
		return false;
	for (; at < end; at++) {
		unsigned digit = digit_of(*at);

		/* 922337203685477580 times ten still fits with any digit behind it, as unsigned. */
		if (digit > 9 || value > (uint64_t)INT64_MAX / 10)
			return false;
		value = value * 10 + digit;
	}
	if (value > (uint64_t)INT64_MAX + negative)
		return false;
	*out = negative ? (int64_t)(0 - value) : (int64_t)value;
	return true;
}

/* What was read of a number: digits times ten to the exponent. */
struct decimal {
	uint64_t digits;
	int kept; /* significant ones in `digits` */
	int exponent;
	bool negative;
};

/* Takes a run of digits; returns where it ends. Those that no longer fit count for the exponent alone. */
static const char *decimal_digits(struct decimal *d, const char *at, const char *end, int exponent_each)
{
	for (; at < end && digit_of(*at) <= 9; at++) {
		if (d->kept < DIGITS_KEPT) {
			d->digits = d->digits * 10 + digit_of(*at);
			d->kept += d->digits > 0;
			d->exponent += exponent_each;
		} else {
			d->exponent += exponent_each + 1;
		}
	}
	return at;
}

static bool decimal_exponent(struct decimal *d, const char *at, const char *end)
{
	bool negative = false;
	int exponent = 0;

	if (at < end && (*at == '-' || *at == '+'))
		negative = *at++ == '-';
	if (at == end)
		return false;
	for (; at < end; at++) {
		if (digit_of(*at) > 9)
			return false;
		if (exponent < EXPONENT_MOST)
			exponent = exponent * 10 + (int)digit_of(*at);
	}
	d->exponent += negative ? -exponent : exponent;
	return true;
}

/* Longer texts are not numbers that anybody measured, and would overflow the exponent. */
enum { DECIMAL_TEXT_MAX = 4096 };

static bool decimal_read(struct decimal *d, struct ot_str text)
{
	const char *at = text.ptr, *end = at + text.len, *start;
	bool any;

	*d = (struct decimal){ 0 };
	if (at < end && *at == '-') {
		d->negative = true;
		at++;
	}
	start = at;
	at = decimal_digits(d, at, end, 0);
	any = at > start;
	if (at < end && *at == '.') {
		start = ++at;
		at = decimal_digits(d, at, end, -1);
		any = at > start;
	}
	if (!any)
		return false;
	if (at < end && (*at == 'e' || *at == 'E'))
		return decimal_exponent(d, at + 1, end);
	return at == end;
}

static bool shift_up(unsigned __int128 *value, int exponent)
{
	for (; exponent > 0 && *value > 0; exponent--) {
		if (*value > (uint64_t)INT64_MAX)
			return false;
		*value *= 10;
	}
	return true;
}

/* Half rounds away from zero. */
static void shift_down(unsigned __int128 *value, int places)
{
	unsigned __int128 divisor = 1, rest;

	if (places > POWER_MOST) {
		*value = 0;
		return;
	}
	for (; places > 0; places--)
		divisor *= 10;
	rest = *value % divisor;
	*value = *value / divisor + (rest >= divisor - rest);
}

bool ot_str_to_scaled(struct ot_str text, int64_t scale, int64_t *out)
{
	uint64_t scale_size = scale < 0 ? 0 - (uint64_t)scale : (uint64_t)scale;
	unsigned __int128 value;
	struct decimal d;
	bool negative;

	if (text.len == 0 || text.len > DECIMAL_TEXT_MAX || !decimal_read(&d, text))
		return false;
	/* Most scales are powers of ten: what cancels needs no division. */
	for (; d.exponent < 0 && scale_size > 0 && scale_size % 10 == 0; d.exponent++)
		scale_size /= 10;
	value = (unsigned __int128)d.digits * scale_size;
	if (d.exponent > 0 && !shift_up(&value, d.exponent))
		return false;
	if (d.exponent < 0)
		shift_down(&value, -d.exponent);
	negative = d.negative != (scale < 0);
	if (value > (uint64_t)INT64_MAX + negative)
		return false;
	*out = negative ? (int64_t)(0 - (uint64_t)value) : (int64_t)value;
	return true;
}
