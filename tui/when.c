#include "when.h"

static void local(const struct ot_zone *zone, int64_t time_ns, struct ot_civil *civil)
{
	ot_time_to_civil(time_ns + (int64_t)ot_zone_offset(zone, time_ns) * OT_NS_PER_S, civil);
}

void when_put_clock(struct ot_buf *out, const struct ot_zone *zone, int64_t time_ns, int digits)
{
	struct ot_civil civil;

	local(zone, time_ns, &civil);
	ot_buf_printf(out, "%02d:%02d:%02d", civil.hour, civil.minute, civil.second);
	if (digits > 0)
		ot_buf_printf(out, ".%03d", civil.nanosecond / 1000000);
}

void when_put_day(struct ot_buf *out, const struct ot_zone *zone, int64_t time_ns)
{
	struct ot_civil civil;

	local(zone, time_ns, &civil);
	ot_buf_printf(out, "%02d-%02d", civil.month, civil.day);
}

/* The clock with no more digits than it needs: "11:26", "11:26:24", "11:26:24.753". */
static void put_short_clock(struct ot_buf *out, const struct ot_civil *civil)
{
	ot_buf_printf(out, "%02d:%02d", civil->hour, civil->minute);
	if (civil->second != 0 || civil->nanosecond != 0)
		ot_buf_printf(out, ":%02d", civil->second);
	if (civil->nanosecond != 0)
		ot_buf_printf(out, ".%03d", civil->nanosecond / 1000000);
}

void when_put(struct ot_buf *out, const struct ot_zone *zone, int64_t time_ns)
{
	struct ot_civil civil;

	local(zone, time_ns, &civil);
	ot_buf_printf(out, "%04d-%02d-%02d ", civil.year, civil.month, civil.day);
	put_short_clock(out, &civil);
}

bool when_same_day(const struct ot_zone *zone, int64_t a, int64_t b)
{
	struct ot_civil x, y;

	local(zone, a, &x);
	local(zone, b, &y);
	return x.year == y.year && x.month == y.month && x.day == y.day;
}

static void put_zone(struct ot_buf *out, const struct ot_zone *zone, int64_t time_ns)
{
	int32_t offset = ot_zone_offset(zone, time_ns), minutes = (offset < 0 ? -offset : offset) / 60;

	if (offset == 0)
		ot_buf_char(out, 'Z');
	else
		ot_buf_printf(out, "%c%02d:%02d", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

void when_put_window(struct ot_buf *out, const struct ot_zone *zone, int64_t since, int64_t until)
{
	struct ot_civil civil;

	if (since == OT_TIME_MIN && until == OT_TIME_MAX) {
		ot_buf_text(out, "all times");
		return;
	}
	if (since == OT_TIME_MIN)
		ot_buf_text(out, "…");
	else
		when_put(out, zone, since);
	ot_buf_text(out, "–");
	if (until == OT_TIME_MAX) {
		ot_buf_text(out, "…");
	} else if (since != OT_TIME_MIN && when_same_day(zone, since, until)) {
		local(zone, until, &civil);
		put_short_clock(out, &civil);
	} else {
		when_put(out, zone, until);
	}
	put_zone(out, zone, since == OT_TIME_MIN ? until : since);
}
