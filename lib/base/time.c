#include <base/time.h>

#include <time.h>

enum { FRACTION_DIGITS = 9, SECONDS_PER_DAY = 86400 };

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int64_t ot_days_from_civil(int year, int month, int day)
{
	/* Years begin in March, so that the leap day is the last of its year. */
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = floor_div(y, 400), of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void civil_from_days(int64_t days, int *year, int *month, int *day)
{
	int64_t era = floor_div(days + 719468, 146097), of_era = days + 719468 - era * 146097;
	int64_t years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * years + years / 4 - years / 100);
	int64_t shifted = (5 * of_year + 2) / 153; /* month, counted from March */

	*day = (int)(of_year - (153 * shifted + 2) / 5 + 1);
	*month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
	*year = (int)(years + era * 400 + (*month <= 2));
}

int64_t ot_time_from_civil(const struct ot_civil *civil)
{
	int64_t days = ot_days_from_civil(civil->year, civil->month, civil->day);
	int64_t seconds = days * SECONDS_PER_DAY + (int64_t)civil->hour * 3600 + (int64_t)civil->minute * 60 + civil->second;
	__int128 ns = (__int128)seconds * OT_NS_PER_S + civil->nanosecond;

	if (ns < OT_TIME_MIN)
		return OT_TIME_MIN;
	return ns > OT_TIME_MAX ? OT_TIME_MAX : (int64_t)ns;
}

void ot_time_to_civil(int64_t time_ns, struct ot_civil *civil)
{
	int64_t days = ot_time_day(time_ns), ns = time_ns % OT_NS_PER_DAY;
	int second;

	if (ns < 0)
		ns += OT_NS_PER_DAY;
	second = (int)(ns / OT_NS_PER_S);
	civil_from_days(days, &civil->year, &civil->month, &civil->day);
	civil->hour = second / 3600;
	civil->minute = second / 60 % 60;
	civil->second = second % 60;
	civil->nanosecond = (int)(ns % OT_NS_PER_S);
}

int64_t ot_time_day(int64_t time_ns)
{
	return floor_div(time_ns, OT_NS_PER_DAY);
}

int64_t ot_time_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * OT_NS_PER_S + now.tv_nsec;
}

/* Writes `value` with `digits` digits and what follows them. */
static inline char *digits_put(char *at, int value, int digits, char after)
{
	unsigned left = (unsigned)value;

	for (int i = digits - 1; i >= 0; i--) {
		at[i] = (char)('0' + left % 10);
		left /= 10;
	}
	at[digits] = after;
	return at + digits + 1;
}

static char *fraction_put(char *at, int nanosecond, int digits)
{
	int shown = FRACTION_DIGITS;

	for (; shown > digits && digits >= 0; shown--)
		nanosecond /= 10;
	for (; shown > 0 && digits < 0 && nanosecond % 10 == 0; shown--)
		nanosecond /= 10;
	if (shown == 0)
		return at;
	*at++ = '.';
	return digits_put(at, nanosecond, shown, 'Z') - 1;
}

void ot_time_put(struct ot_buf *buf, int64_t time_ns, int digits)
{
	struct ot_civil civil;
	char text[32], *at = text;

	ot_time_to_civil(time_ns, &civil);
	at = digits_put(at, civil.year, 4, '-');
	at = digits_put(at, civil.month, 2, '-');
	at = digits_put(at, civil.day, 2, 'T');
	at = digits_put(at, civil.hour, 2, ':');
	at = digits_put(at, civil.minute, 2, ':');
	at = digits_put(at, civil.second, 2, 'Z') - 1;
	at = fraction_put(at, civil.nanosecond, digits);
	*at++ = 'Z';
	ot_buf_put(buf, text, (size_t)(at - text));
}

void ot_day_put(struct ot_buf *buf, int64_t day)
{
	int year, month, of_month;

	civil_from_days(day, &year, &month, &of_month);
	ot_buf_printf(buf, "%04d-%02d-%02d", year, month, of_month);
}

/* Reads `digits` digits that stand at `at`; -1 if one is something else. */
static int digits_read(const char *at, int digits)
{
	int value = 0;

	for (int i = 0; i < digits; i++) {
		unsigned digit = (unsigned)(unsigned char)at[i] - '0';

		if (digit > 9)
			return -1;
		value = value * 10 + (int)digit;
	}
	return value;
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* "2026-03-14T02:10:00", the part that is always there. */
static bool civil_read(const char *at, struct ot_civil *civil)
{
	char between = at[10];

	civil->year = digits_read(at, 4);
	civil->month = digits_read(at + 5, 2);
	civil->day = digits_read(at + 8, 2);
	civil->hour = digits_read(at + 11, 2);
	civil->minute = digits_read(at + 14, 2);
	civil->second = digits_read(at + 17, 2);
	civil->nanosecond = 0;
	if (at[4] != '-' || at[7] != '-' || (between != 'T' && between != 't' && between != ' '))
		return false;
	if (at[13] != ':' || at[16] != ':')
		return false;
	if (civil->year < 0 || civil->month < 1 || civil->month > 12 || civil->day < 1)
		return false;
	if (civil->day > days_in_month(civil->year, civil->month))
		return false;
	return civil->hour >= 0 && civil->hour <= 23 && civil->minute >= 0 && civil->minute <= 59 &&
	    civil->second >= 0 && civil->second <= 60;
}

/* ".123456": returns where it ends, or NULL where there is a point without digits. */
static const char *fraction_read(const char *at, const char *end, int *nanosecond)
{
	int unit = 100000000;

	if (at == end || *at != '.')
		return at;
	if (++at == end || digits_read(at, 1) < 0)
		return NULL;
	for (; at < end && digits_read(at, 1) >= 0; at++) {
		*nanosecond += digits_read(at, 1) * unit;
		unit /= 10;
	}
	return at;
}

/* Z, +02:00, +0200, +02 or nothing; false on anything else. */
static bool offset_read(const char *at, const char *end, int *seconds, bool *zoned)
{
	size_t len = (size_t)(end - at);
	int hours, minutes = 0;

	*seconds = 0;
	*zoned = len > 0;
	if (len == 0 || (len == 1 && (*at == 'Z' || *at == 'z')))
		return true;
	if ((*at != '+' && *at != '-') || (len != 3 && len != 5 && len != 6))
		return false;
	hours = digits_read(at + 1, 2);
	if (len > 3)
		minutes = digits_read(end - 2, 2);
	if (len == 6 && at[3] != ':')
		return false;
	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
		return false;
	*seconds = (hours * 60 + minutes) * 60 * (*at == '-' ? -1 : 1);
	return true;
}

/* A second 60 is real only in the last minute of a month, in UTC. It is stored as the second after it, as POSIX counts. */
static bool leap_second_possible(int64_t time_ns)
{
	struct ot_civil after;

	ot_time_to_civil(time_ns, &after);
	return after.day == 1 && after.hour == 0 && after.minute == 0 && after.second == 0;
}

bool ot_time_parse(struct ot_str text, int64_t *time_ns, bool *zoned)
{
	enum { SHORTEST = 19 }; /* 2026-03-14T02:10:00 */
	const char *at, *end;
	struct ot_civil civil;
	int64_t as_if_utc;
	int offset;

	if (text.len < SHORTEST || !civil_read(text.ptr, &civil))
		return false;
	end = text.ptr + text.len;
	at = fraction_read(text.ptr + SHORTEST, end, &civil.nanosecond);
	if (at == NULL || !offset_read(at, end, &offset, zoned))
		return false;
	as_if_utc = ot_time_from_civil(&civil);
	/* The ends of the range stand for what lies past them. */
	if (as_if_utc == OT_TIME_MIN || as_if_utc == OT_TIME_MAX)
		return false;
	if (__builtin_sub_overflow(as_if_utc, (int64_t)offset * OT_NS_PER_S, time_ns))
		return false;
	return civil.second < 60 || leap_second_possible(*time_ns);
}
