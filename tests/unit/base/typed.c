#include <base/time.h>
#include <tests/test.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define MINUTE (60 * OT_NS_PER_S)
#define HOUR (60 * MINUTE)

static int64_t at(const char *text)
{
	int64_t time_ns = -1;
	bool zoned;

	CHECK(ot_time_parse(ot_str_from(text), &time_ns, &zoned));
	return time_ns;
}

static struct ot_zone *plus_two(void)
{
	struct ot_zone *zone;
	struct ot_err err;

	CHECK_INT(ot_zone_open(&zone, OT_STR("+02:00"), &err), OT_OK);
	return zone;
}

static void durations_are_read(void)
{
	static const struct {
		const char *text;
		int64_t ns;
	} cases[] = {
		{ "10ns", 10 }, { "250us", 250000 }, { "250\xc2\xb5s", 250000 }, { "500ms", 500 * OT_NS_PER_MS },
		{ "90s", 90 * OT_NS_PER_S }, { "15m", 15 * MINUTE }, { "15min", 15 * MINUTE }, { "1.5h", 90 * MINUTE },
		{ "7d", 7 * OT_NS_PER_DAY }, { "2w", 14 * OT_NS_PER_DAY }, { "0s", 0 }, { "1h30m", 90 * MINUTE },
		{ ".5s", OT_NS_PER_S / 2 },
	};
	static const char *const bad[] = {
		"", "5", "s", "-5m", "+5m", "5 m", "5x", "5mm", "1e3s", "5m3", ".s", "1.s", "1.2.3s", "300000d",
		"200000d200000d", " 5m", "5M",
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t got = -1;

		CHECK(ot_duration_parse(ot_str_from(cases[i].text), &got));
		CHECK_INT(got, cases[i].ns);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		int64_t got;

		if (ot_duration_parse(ot_str_from(bad[i]), &got)) {
			CHECK(false);
			fprintf(stderr, "  \"%s\" was read\n", bad[i]);
		}
	}
}

static void durations_are_written_with_three_digits(void)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = {
		{ 0, "0 ns" }, { 7, "7 ns" }, { 999, "999 ns" }, { 1000, "1.00 us" }, { 12345, "12.3 us" },
		{ 12345678, "12.3 ms" }, { 999400, "999 us" }, { 999500, "1.00 ms" }, { 999999999, "1.00 s" },
		{ 9994999, "9.99 ms" }, { 9996000, "10.0 ms" }, { 99960000, "100 ms" }, { 1500 * OT_NS_PER_MS, "1.50 s" },
		{ 90 * OT_NS_PER_S, "1.50 min" }, { 90 * MINUTE, "1.50 h" }, { 36 * HOUR, "1.50 d" },
		{ 59980 * OT_NS_PER_MS, "1.00 min" }, { 1234 * OT_NS_PER_DAY, "1234 d" }, { -12345678, "-12.3 ms" },
	};
	struct ot_buf buf = { 0 };

	for (size_t i = 0; i < COUNT(cases); i++) {
		ot_buf_clear(&buf);
		ot_duration_put(&buf, cases[i].ns);
		CHECK_STR(ot_buf_str(&buf), cases[i].text);
	}
	ot_duration_put(&buf, INT64_MIN);
	ot_buf_release(&buf);
}

static void instants_are_understood(void)
{
	static const struct {
		const char *text, *utc, *plus_two;
	} cases[] = {
		{ "now", "2026-03-14T12:00:00Z", "2026-03-14T12:00:00Z" },
		{ "15m", "2026-03-14T11:45:00Z", "2026-03-14T11:45:00Z" },
		{ "7d", "2026-03-07T12:00:00Z", "2026-03-07T12:00:00Z" },
		{ "2026-03-01", "2026-03-01T00:00:00Z", "2026-02-28T22:00:00Z" },
		{ "2026-03-01T02:10", "2026-03-01T02:10:00Z", "2026-03-01T00:10:00Z" },
		{ "2026-03-01 02:10", "2026-03-01T02:10:00Z", "2026-03-01T00:10:00Z" },
		{ "2026-03-01T02:10Z", "2026-03-01T02:10:00Z", "2026-03-01T02:10:00Z" },
		{ "2026-03-01T02:10+01:00", "2026-03-01T01:10:00Z", "2026-03-01T01:10:00Z" },
		{ "2026-03-01 02:10:30.25", "2026-03-01T02:10:30.25Z", "2026-03-01T00:10:30.25Z" },
		{ "2026-03-01T02:10:30Z", "2026-03-01T02:10:30Z", "2026-03-01T02:10:30Z" },
	};
	int64_t now = at("2026-03-14T12:00:00Z");
	struct ot_zone *zone = plus_two();

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ot_err err;
		int64_t got = -1;

		CHECK_INT(ot_time_typed(ot_str_from(cases[i].text), now, NULL, &got, &err), OT_OK);
		CHECK_INT(got, at(cases[i].utc));
		CHECK_INT(ot_time_typed(ot_str_from(cases[i].text), now, zone, &got, &err), OT_OK);
		CHECK_INT(got, at(cases[i].plus_two));
	}
	ot_zone_close(zone);
}

static void what_is_no_instant_is_refused(void)
{
	static const struct ot_str texts[] = {
		{ "", 0 }, { NULL, 0 }, { "soon", 4 }, { "2026-02-30", 10 }, { "2026-03", 7 }, { "2026-03-14T", 11 },
		{ "2026-03-14T02", 13 }, { "2026-03-14T2:10", 15 }, { "2026-03-14T25:10", 16 }, { "12:30", 5 }, { "-5m", 3 },
		{ "2026-03-14T02:10:00Z\0junk", 25 }, { "2026-03-14Z", 11 }, { "106751d106751d", 14 },
	};

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct ot_err err;
		int64_t got;

		CHECK_INT(ot_time_typed(texts[i], 0, NULL, &got, &err), OT_SYNTAX);
		CHECK(ot_str_find(ot_str_from(err.text), OT_STR("is not a time")) > 0);
	}
}

static void periods_are_whole(void)
{
	/* 2026-03-14 is a Saturday. */
	static const struct {
		const char *text, *since, *until;
	} cases[] = {
		{ "2026", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z" },
		{ "2026-03", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z" },
		{ "2026-12", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z" },
		{ "2026-02-28", "2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z" },
		{ "today", "2026-03-14T00:00:00Z", "2026-03-15T00:00:00Z" },
		{ "yesterday", "2026-03-13T00:00:00Z", "2026-03-14T00:00:00Z" },
		{ "this-week", "2026-03-09T00:00:00Z", "2026-03-16T00:00:00Z" },
		{ "last-week", "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z" },
		{ "this-month", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z" },
		{ "last-month", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z" },
	};
	int64_t now = at("2026-03-14T23:00:00Z"), since, until;
	struct ot_err err;

	for (size_t i = 0; i < COUNT(cases); i++) {
		since = until = -1;
		CHECK_INT(ot_period_typed(ot_str_from(cases[i].text), now, NULL, &since, &until, &err), OT_OK);
		CHECK_INT(since, at(cases[i].since));
		CHECK_INT(until, at(cases[i].until));
	}
	CHECK_INT(ot_period_typed(OT_STR("last-month"), at("2026-01-05T00:00:00Z"), NULL, &since, &until, &err), OT_OK);
	CHECK_INT(since, at("2025-12-01T00:00:00Z"));
	CHECK_INT(ot_period_typed(OT_STR("this-week"), at("2026-03-16T00:00:00Z"), NULL, &since, &until, &err), OT_OK);
	CHECK_INT(since, at("2026-03-16T00:00:00Z"));
	CHECK_INT(ot_period_typed(OT_STR("2262"), now, NULL, &since, &until, &err), OT_OK);
	CHECK_INT(until, OT_TIME_MAX);
}

static void periods_follow_the_zone(void)
{
	struct ot_zone *zone = plus_two();
	int64_t now = at("2026-03-14T23:00:00Z"), since = 0, until = 0; /* the 15th there */
	struct ot_err err;

	CHECK_INT(ot_period_typed(OT_STR("today"), now, zone, &since, &until, &err), OT_OK);
	CHECK_INT(since, at("2026-03-14T22:00:00Z"));
	CHECK_INT(until, at("2026-03-15T22:00:00Z"));
	CHECK_INT(ot_period_typed(OT_STR("2026-03"), now, zone, &since, &until, &err), OT_OK);
	CHECK_INT(since, at("2026-02-28T22:00:00Z"));
	CHECK_INT(until, at("2026-03-31T22:00:00Z"));
	ot_zone_close(zone);
}

static void what_is_no_period_is_refused(void)
{
	static const char *const texts[] = {
		"", "202", "2026-13", "2026-00", "2026-3", "2026-02-30", "2026/03", "tomorrow", "Today", "2026-03-14T", "abcd",
		"1500", "2300",
	};

	for (size_t i = 0; i < COUNT(texts); i++) {
		int64_t since, until;
		struct ot_err err;

		CHECK_INT(ot_period_typed(ot_str_from(texts[i]), 0, NULL, &since, &until, &err), OT_SYNTAX);
	}
}

int main(void)
{
	RUN(durations_are_read);
	RUN(durations_are_written_with_three_digits);
	RUN(instants_are_understood);
	RUN(what_is_no_instant_is_refused);
	RUN(periods_are_whole);
	RUN(periods_follow_the_zone);
	RUN(what_is_no_period_is_refused);
	return test_end();
}
