/* collector: times as logs write them. */
#include "format_parts.h"
#include <base/time.h>
#include <string.h>

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

static int month_of(const char *at)
{
	for (int m = 0; m < 12; m++)
		if ((at[0] | 0x20) == (months[m * 3] | 0x20) && (at[1] | 0x20) == months[m * 3 + 1] && (at[2] | 0x20) == months[m * 3 + 2])
			return m + 1;
	return 0;
}

/* Reads up to `most` digits. */
static bool number(struct ot_str *text, size_t least, size_t most, int64_t *value)
{
	size_t n = 0;
	*value = 0;
	while (n < most && n < text->len && text->ptr[n] >= '0' && text->ptr[n] <= '9')
		*value = *value * 10 + (text->ptr[n++] - '0');
	*text = ot_str_sub(*text, n, text->len);
	return n >= least;
}

static bool letter(struct ot_str *text, char c)
{
	if (text->len == 0 || text->ptr[0] != c)
		return false;
	*text = ot_str_sub(*text, 1, text->len);
	return true;
}

/* Digits of a fraction as nanoseconds; those past the ninth are cut. */
static bool fraction(struct ot_str *text, int *nanosecond)
{
	int value = 0, digits = 0;
	size_t n = 0;
	for (; n < text->len && text->ptr[n] >= '0' && text->ptr[n] <= '9'; n++)
		if (digits < 9) {
			value = value * 10 + (text->ptr[n] - '0');
			digits++;
		}
	for (int d = digits; d < 9; d++)
		value *= 10;
	*nanosecond = value;
	*text = ot_str_sub(*text, n, text->len);
	return n > 0;
}

/* Z, UTC, GMT, +hhmm, +hh:mm, +hh. */
static bool zone(struct ot_str *text, int64_t *seconds)
{
	int64_t hours, minutes = 0;
	if (ot_str_starts(*text, OT_STR("Z")) || ot_str_starts(*text, OT_STR("UTC")) || ot_str_starts(*text, OT_STR("GMT"))) {
		*text = ot_str_sub(*text, text->ptr[0] == 'Z' ? 1 : 3, text->len);
		*seconds = 0;
		return true;
	}
	if (text->len < 3 || (text->ptr[0] != '+' && text->ptr[0] != '-'))
		return false;
	int sign = text->ptr[0] == '-' ? -1 : 1;
	*text = ot_str_sub(*text, 1, text->len);
	if (!number(text, 2, 2, &hours))
		return false;
	letter(text, ':');
	if (text->len >= 2 && !number(text, 2, 2, &minutes))
		return false;
	*seconds = sign * (hours * 3600 + minutes * 60);
	return hours < 24 && minutes < 60;
}

static bool real_date(const struct ot_civil *c)
{
	static const uint8_t lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	if (c->month < 1 || c->month > 12 || c->day < 1 || c->hour > 23 || c->minute > 59 || c->second > 60 || c->year < 1 || c->year > 2262)
		return false;
	bool leap = (c->year % 4 == 0 && c->year % 100 != 0) || c->year % 400 == 0;
	return c->day <= lengths[c->month - 1] + (c->month == 2 && leap) && c->year >= 1678;
}

/* 22/Nov/2026:11:26:23[.fraction][ +0000] */
bool ot_when_clf(struct ot_str text, struct ot_when *out)
{
	struct ot_civil c = { 0 };
	int64_t parts[5], offset = 0;
	if (!number(&text, 1, 2, &parts[0]) || !letter(&text, '/') || text.len < 4)
		return false;
	c.month = month_of(text.ptr);
	text = ot_str_sub(text, 3, text.len);
	if (!letter(&text, '/') || !number(&text, 4, 4, &parts[1]) || !(letter(&text, ':') || letter(&text, ' ')) || !number(&text, 1, 2, &parts[2]) || !letter(&text, ':') ||
	    !number(&text, 2, 2, &parts[3]) || !letter(&text, ':') || !number(&text, 2, 2, &parts[4]))
		return false;
	if (letter(&text, '.') && !fraction(&text, &c.nanosecond))
		return false;
	c.day = (int)parts[0], c.year = (int)parts[1], c.hour = (int)parts[2], c.minute = (int)parts[3], c.second = (int)parts[4];
	letter(&text, ' ');
	out->local = text.len == 0;
	out->no_year = false;
	if (!real_date(&c) || (!out->local && (!zone(&text, &offset) || text.len > 0)))
		return false;
	out->ns = ot_time_from_civil(&c) - offset * OT_NS_PER_S;
	return true;
}

struct pattern_state {
	struct ot_civil civil;
	int64_t offset;
	bool zoned, year, pm, twelve, epoch;
	int64_t seconds;
};

static bool number_to(struct ot_str *text, size_t least, size_t most, int *out)
{
	int64_t value;
	if (!number(text, least, most, &value))
		return false;
	*out = (int)value;
	return true;
}

static bool half_of_day(struct ot_str *text, struct pattern_state *s)
{
	if (text->len < 2 || (text->ptr[1] | 0x20) != 'm')
		return false;
	char c = (char)(text->ptr[0] | 0x20);
	s->twelve = true;
	s->pm = c == 'p';
	*text = ot_str_sub(*text, 2, text->len);
	return c == 'a' || c == 'p';
}

static bool word(struct ot_str *text)
{
	size_t n = 0;
	while (n < text->len && (text->ptr[n] | 0x20) >= 'a' && (text->ptr[n] | 0x20) <= 'z')
		n++;
	*text = ot_str_sub(*text, n, text->len);
	return n > 0;
}

static bool conversion(char c, struct ot_str *text, struct pattern_state *s)
{
	int year;
	switch (c) {
	case 'Y': s->year = true; return number_to(text, 4, 4, &s->civil.year);
	case 'y': s->year = true; if (!number_to(text, 2, 2, &year)) return false; s->civil.year = year + (year < 70 ? 2000 : 1900); return true;
	case 'm': return number_to(text, 1, 2, &s->civil.month);
	case 'd':
	case 'e': letter(text, ' '); return number_to(text, 1, 2, &s->civil.day);
	case 'b':
		if (text->len < 3 || (s->civil.month = month_of(text->ptr)) == 0)
			return false;
		*text = ot_str_sub(*text, 3, text->len);
		return true;
	case 'a': return word(text);
	case 'H':
	case 'I': return number_to(text, 1, 2, &s->civil.hour);
	case 'M': return number_to(text, 2, 2, &s->civil.minute);
	case 'S': return number_to(text, 2, 2, &s->civil.second);
	case 'f': return fraction(text, &s->civil.nanosecond);
	case 'p': return half_of_day(text, s);
	case 'z': s->zoned = true; return zone(text, &s->offset);
	case 's': s->epoch = true; return number(text, 1, 12, &s->seconds);
	default: return false;
	}
}

/* White space in a pattern stands for any white space, narrow and unbreakable blanks of JavaScript's dates as well. */
static bool blanks(struct ot_str *text)
{
	size_t before = text->len;
	for (;;) {
		if (text->len > 0 && (text->ptr[0] == ' ' || text->ptr[0] == '\t'))
			*text = ot_str_sub(*text, 1, text->len);
		else if (ot_str_starts(*text, OT_STR("\u202f")) || ot_str_starts(*text, OT_STR("\u2009")))
			*text = ot_str_sub(*text, 3, text->len);
		else if (ot_str_starts(*text, OT_STR("\u00a0")))
			*text = ot_str_sub(*text, 2, text->len);
		else
			return text->len < before;
	}
}

bool ot_when_pattern(struct ot_str text, struct ot_str pattern, struct ot_when *out)
{
	struct pattern_state s = { .civil = { .year = 1970, .month = 1, .day = 1 } };
	for (size_t i = 0; i < pattern.len; i++) {
		char c = pattern.ptr[i];
		if (c == '%' && i + 1 < pattern.len) {
			if (!conversion(pattern.ptr[++i], &text, &s))
				return false;
		} else if (c == ' ' ? !blanks(&text) : !letter(&text, c)) {
			return false;
		}
	}
	if (text.len > 0)
		return false;
	if (s.twelve)
		s.civil.hour = s.civil.hour % 12 + (s.pm ? 12 : 0);
	if (!real_date(&s.civil))
		return false;
	out->ns = s.epoch ? s.seconds * OT_NS_PER_S + s.civil.nanosecond : ot_time_from_civil(&s.civil) - s.offset * OT_NS_PER_S;
	out->local = !s.zoned && !s.epoch;
	out->no_year = !s.year && !s.epoch;
	return true;
}

bool ot_time_pattern_check(struct ot_str pattern, struct ot_err *err)
{
	for (size_t i = 0; i < pattern.len; i++) {
		if (pattern.ptr[i] != '%')
			continue;
		if (++i == pattern.len || strchr("YymdebaHIMSfpzs", pattern.ptr[i]) == NULL) {
			ot_err_set(err, OT_SYNTAX, "\"%.*s\": a time pattern has %%Y %%y %%m %%d %%e %%b %%a %%H %%I %%p %%M %%S %%f %%z %%s and other characters as they are", OT_STR_ARGS(pattern));
			return false;
		}
	}
	return true;
}

/* A number alone: seconds, milliseconds, microseconds or nanoseconds since 1970, by its size (times from 1973 to 2286). */
bool ot_when_epoch(struct ot_str text, struct ot_when *out)
{
	struct ot_str rest, whole = ot_str_cut(text, '.', &rest);
	int64_t value;
	if (!ot_str_to_i64(whole, &value) || value < 100000000)
		return false;
	int64_t scale = value < INT64_C(10000000000) ? OT_NS_PER_S : value < INT64_C(10000000000000) ? OT_NS_PER_MS : value < INT64_C(10000000000000000) ? 1000 : 1;
	out->local = out->no_year = false;
	return ot_str_to_scaled(text, scale, &out->ns);
}

bool ot_when_any(struct ot_str text, struct ot_when *out)
{
	bool zoned;
	if (text.len >= 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']')
		text = ot_str_sub(text, 1, text.len - 2);
	if (ot_time_parse(text, &out->ns, &zoned)) {
		out->local = !zoned;
		out->no_year = false;
		return true;
	}
	return ot_when_clf(text, out) || ot_when_epoch(text, out) || ot_when_pattern(text, OT_STR("%Y/%m/%d %H:%M:%S"), out) ||
	    ot_when_pattern(text, OT_STR("%Y-%m-%d %H:%M:%S,%f"), out);
}

bool ot_when_zone_from(int64_t reference_ns, struct ot_when *local)
{
	const int64_t quarter = 900 * OT_NS_PER_S;
	int64_t difference = local->ns - reference_ns;
	int64_t offset = (difference >= 0 ? difference + quarter / 2 : difference - quarter / 2) / quarter * quarter;
	if (offset > 15 * 3600 * OT_NS_PER_S || offset < -15 * 3600 * OT_NS_PER_S)
		return false;
	local->ns -= offset;
	local->local = false;
	return true;
}
