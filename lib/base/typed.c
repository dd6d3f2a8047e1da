/* Times, durations and periods as people type them. */
#include <base/time.h>

#include <stdio.h>
#include <string.h>

struct time_unit {
	const char *typed, *shown; /* NULL: not shown, or not typed */
	int64_t ns;
};

static const struct time_unit units[] = {
	{ "ns", "ns", 1 },
	{ "us", "us", 1000 },
	{ "\xc2\xb5s", NULL, 1000 },
	{ "ms", "ms", OT_NS_PER_MS },
	{ "s", "s", OT_NS_PER_S },
	{ "m", "min", 60 * OT_NS_PER_S },
	{ "min", NULL, 60 * OT_NS_PER_S },
	{ "h", "h", 3600 * OT_NS_PER_S },
	{ "d", "d", OT_NS_PER_DAY },
	{ "w", NULL, 7 * OT_NS_PER_DAY },
};
enum { UNIT_COUNT = sizeof(units) / sizeof(units[0]) };

static const struct time_unit *unit_typed(struct ot_str name)
{
	for (size_t i = 0; i < UNIT_COUNT; i++) {
		if (ot_str_eq(name, ot_str_from(units[i].typed)))
			return &units[i];
	}
	return NULL;
}

static size_t span(struct ot_str text, bool numeric)
{
	size_t len = 0;

	for (; len < text.len; len++) {
		char c = text.ptr[len];

		if (((c >= '0' && c <= '9') || c == '.') != numeric)
			break;
	}
	return len;
}

/* One or more of number and unit: "1h30m". */
bool ot_duration_parse(struct ot_str text, int64_t *ns)
{
	int64_t total = 0, part;

	if (text.len == 0)
		return false;
	while (text.len > 0) {
		struct ot_str number = ot_str_sub(text, 0, span(text, true)), name;
		const struct time_unit *unit;

		text = ot_str_sub(text, number.len, text.len);
		name = ot_str_sub(text, 0, span(text, false));
		text = ot_str_sub(text, name.len, text.len);
		unit = unit_typed(name);
		if (unit == NULL || !ot_str_to_scaled(number, unit->ns, &part))
			return false;
		if (__builtin_add_overflow(total, part, &total))
			return false;
	}
	*ns = total;
	return true;
}

/* The unit after `unit` among those that are shown, or NULL. */
static const struct time_unit *unit_above(const struct time_unit *unit)
{
	for (unit++; unit < units + UNIT_COUNT; unit++) {
		if (unit->shown != NULL)
			return unit;
	}
	return NULL;
}

void ot_duration_put(struct ot_buf *buf, int64_t ns)
{
	double size = ns < 0 ? -(double)ns : (double)ns, value;
	const struct time_unit *unit = units, *above;
	int decimals;

	/* What three digits would round up to the next unit ("1000 us") is shown in it. */
	while ((above = unit_above(unit)) != NULL && size / (double)above->ns >= (unit->ns == 1 ? 1 : 0.9995))
		unit = above;
	value = size / (double)unit->ns;
	if (unit == units)
		decimals = 0;
	else
		decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
	ot_buf_printf(buf, "%s%.*f %s", ns < 0 ? "-" : "", decimals, value, unit->shown);
}

/* Civil fields that were read as if UTC, in `zone`. */
static int64_t in_zone(int64_t as_if_utc, const struct ot_zone *zone)
{
	struct ot_civil civil;

	ot_time_to_civil(as_if_utc, &civil);
	return ot_zone_to_utc(zone, &civil);
}

/* RFC 3339, of which the seconds or the whole time of day may be left out. */
static bool instant_typed(struct ot_str text, const struct ot_zone *zone, int64_t *time_ns)
{
	enum { DATE_LEN = 10, MINUTE_LEN = 16, TEXT_MAX = 64 };
	char whole[TEXT_MAX];
	bool zoned;
	int len;

	if (text.len < DATE_LEN || text.len > TEXT_MAX - 16 || ot_str_find_char(text, '\0') >= 0)
		return false;
	if (text.len == DATE_LEN)
		len = snprintf(whole, sizeof(whole), "%.*sT00:00:00", OT_STR_ARGS(text));
	else if (text.len == MINUTE_LEN || (text.len > MINUTE_LEN && text.ptr[MINUTE_LEN] != ':'))
		len = snprintf(whole, sizeof(whole), "%.*s:00%.*s", MINUTE_LEN, text.ptr,
		    (int)text.len - MINUTE_LEN, text.ptr + MINUTE_LEN);
	else
		len = snprintf(whole, sizeof(whole), "%.*s", OT_STR_ARGS(text));
	if (!ot_time_parse((struct ot_str){ whole, (size_t)len }, time_ns, &zoned))
		return false;
	if (!zoned)
		*time_ns = in_zone(*time_ns, zone);
	return true;
}

enum ot_status ot_time_typed(struct ot_str text, int64_t now_ns, const struct ot_zone *zone, int64_t *time_ns,
    struct ot_err *err)
{
	int64_t age;

	if (ot_str_eq(text, OT_STR("now"))) {
		*time_ns = now_ns;
		return OT_OK;
	}
	if (ot_duration_parse(text, &age) && !__builtin_sub_overflow(now_ns, age, time_ns))
		return OT_OK;
	if (instant_typed(text, zone, time_ns))
		return OT_OK;
	return ot_err_set(err, OT_SYNTAX,
	    "\"%.*s\" is not a time; write 2026-03-14T02:10:00Z, 2026-03-14 02:10, 2026-03-14, or an age such as 15m or 7d",
	    OT_STR_ARGS(text));
}

/* A window of whole days, in local day numbers. */
struct period {
	int64_t since, until;
};

static struct period month_of(int year, int month)
{
	int next_year = month == 12 ? year + 1 : year, next = month == 12 ? 1 : month + 1;

	return (struct period){ ot_days_from_civil(year, month, 1), ot_days_from_civil(next_year, next, 1) };
}

static struct period month_before(int year, int month)
{
	return month == 1 ? month_of(year - 1, 12) : month_of(year, month - 1);
}

static bool period_named(struct ot_str text, int64_t today, struct period *out)
{
	int64_t monday = today - ((today + 3) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
	struct ot_civil civil;

	ot_time_to_civil(today * OT_NS_PER_DAY, &civil);
	if (ot_str_eq(text, OT_STR("today")))
		*out = (struct period){ today, today + 1 };
	else if (ot_str_eq(text, OT_STR("yesterday")))
		*out = (struct period){ today - 1, today };
	else if (ot_str_eq(text, OT_STR("this-week")))
		*out = (struct period){ monday, monday + 7 };
	else if (ot_str_eq(text, OT_STR("last-week")))
		*out = (struct period){ monday - 7, monday };
	else if (ot_str_eq(text, OT_STR("this-month")))
		*out = month_of(civil.year, civil.month);
	else if (ot_str_eq(text, OT_STR("last-month")))
		*out = month_before(civil.year, civil.month);
	else
		return false;
	return true;
}

/* "2026", "2026-03" or "2026-03-14", each the beginning of a whole date, which is what checks it. */
static bool period_dated(struct ot_str text, struct period *out)
{
	static const char rest[] = "0000-01-01T00:00:00";
	struct ot_civil first;
	char whole[sizeof(rest)];
	int64_t time_ns;
	bool zoned;

	if (text.len != 4 && text.len != 7 && text.len != 10)
		return false;
	memcpy(whole, rest, sizeof(rest));
	memcpy(whole, text.ptr, text.len);
	if (!ot_time_parse((struct ot_str){ whole, sizeof(rest) - 1 }, &time_ns, &zoned))
		return false;
	ot_time_to_civil(time_ns, &first);
	out->since = ot_time_day(time_ns);
	if (text.len == 10)
		out->until = out->since + 1;
	else if (text.len == 7)
		*out = month_of(first.year, first.month);
	else
		out->until = ot_days_from_civil(first.year + 1, 1, 1);
	return true;
}

static int64_t day_begin(int64_t day, const struct ot_zone *zone)
{
	int64_t as_if_utc;

	/* The year in which time ends is a period too. */
	if (__builtin_mul_overflow(day, OT_NS_PER_DAY, &as_if_utc))
		return day < 0 ? OT_TIME_MIN : OT_TIME_MAX;
	return in_zone(as_if_utc, zone);
}

enum ot_status ot_period_typed(struct ot_str text, int64_t now_ns, const struct ot_zone *zone, int64_t *since_ns,
    int64_t *until_ns, struct ot_err *err)
{
	int64_t today = ot_time_day(now_ns + ot_zone_offset(zone, now_ns) * OT_NS_PER_S);
	struct period period;

	if (!period_named(text, today, &period) && !period_dated(text, &period))
		return ot_err_set(err, OT_SYNTAX,
		    "\"%.*s\" is not a period; write 2026, 2026-03, 2026-03-14, today, yesterday, this-week, last-week, "
		    "this-month or last-month", OT_STR_ARGS(text));
	*since_ns = day_begin(period.since, zone);
	*until_ns = day_begin(period.until, zone);
	return OT_OK;
}
