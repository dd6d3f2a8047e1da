#include <base/time.h>
#include <stdlib.h>
#include <tests/test.h>
#include <time.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int64_t parsed(const char *text)
{
	int64_t time_ns = -1;
	bool zoned;

	CHECK(ot_time_parse(ot_str_from(text), &time_ns, &zoned));
	return time_ns;
}

static void days_are_the_c_librarys(void)
{
	for (int64_t day = -100000; day < 100000; day += 13) {
		time_t second = (time_t)(day * 86400);
		struct ot_civil civil;
		struct tm tm;

		gmtime_r(&second, &tm);
		ot_time_to_civil(day * OT_NS_PER_DAY, &civil);
		CHECK_INT(civil.year, tm.tm_year + 1900);
		CHECK_INT(civil.month, tm.tm_mon + 1);
		CHECK_INT(civil.day, tm.tm_mday);
		CHECK_INT(ot_days_from_civil(civil.year, civil.month, civil.day), day);
	}
	CHECK_INT(ot_days_from_civil(0, 3, 1), -719468);
	CHECK_INT(ot_days_from_civil(-1, 12, 31), -719529);
}

static void times_before_1970_round_down(void)
{
	struct ot_civil civil;

	CHECK_INT(ot_time_day(-1), -1);
	CHECK_INT(ot_time_day(0), 0);
	CHECK_INT(ot_time_day(OT_NS_PER_DAY - 1), 0);
	ot_time_to_civil(-1, &civil);
	CHECK(civil.year == 1969 && civil.month == 12 && civil.day == 31 && civil.hour == 23);
	CHECK(civil.minute == 59 && civil.second == 59 && civil.nanosecond == 999999999);
	CHECK_INT(ot_time_from_civil(&civil), -1);
}

static void civil_times_past_the_range_stop_at_its_ends(void)
{
	struct ot_civil late = { .year = 9999, .month = 12, .day = 31 }, early = { .year = 1, .month = 1, .day = 1 };
	struct ot_civil civil;

	CHECK_INT(ot_time_from_civil(&late), OT_TIME_MAX);
	CHECK_INT(ot_time_from_civil(&early), OT_TIME_MIN);
	ot_time_to_civil(OT_TIME_MAX, &civil);
	CHECK_INT(ot_time_from_civil(&civil), OT_TIME_MAX);
	ot_time_to_civil(OT_TIME_MIN, &civil);
	CHECK_INT(ot_time_from_civil(&civil), OT_TIME_MIN);
}

static void times_are_read(void)
{
	static const struct {
		const char *text;
		int64_t time_ns;
		bool zoned;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0, true },
		{ "1970-01-01t00:00:00z", 0, true },
		{ "1970-01-01 00:00:00", 0, false },
		{ "1970-01-01T00:00:00.000000001Z", 1, true },
		{ "1970-01-01T00:00:00.5Z", 500000000, true },
		{ "1970-01-01T00:00:00.1234567899999", 123456789, false },
		{ "1970-01-01T02:00:00+02:00", 0, true },
		{ "1970-01-01T02:00:00+0200", 0, true },
		{ "1970-01-01T02:00:00+02", 0, true },
		{ "1969-12-31T18:30:00-05:30", 0, true },
		{ "1970-01-01T00:00:00-00:00", 0, true },
		{ "1969-12-31T23:59:59.999999999Z", -1, true },
		{ "2026-03-14T02:10:00.123456789Z", 1773454200123456789, true },
		{ "2024-02-29T00:00:00Z", 1709164800000000000, true },
		{ "2000-02-29T00:00:00Z", 951782400000000000, true },
		{ "2016-12-31T23:59:60Z", 1483228800000000000, true },
		{ "2017-01-01T00:59:60+01:00", 1483228800000000000, true },
		{ "2262-04-11T23:47:16.854775806Z", OT_TIME_MAX - 1, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t got = -1;
		bool zoned = !cases[i].zoned;

		CHECK(ot_time_parse(ot_str_from(cases[i].text), &got, &zoned));
		CHECK_INT(got, cases[i].time_ns);
		CHECK_INT(zoned, cases[i].zoned);
	}
}

static void what_is_no_time_is_refused(void)
{
	static const char *const texts[] = {
		"", "2026", "2026-03-14", "2026-03-14T02:10", "2026-03-14T02:10Z", "2026-02-29T00:00:00Z",
		"2026-02-30T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-00-01T00:00:00Z",
		"2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "2026-01-01T24:00:00Z",
		"2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T12:00:60Z", "2026-01-15T23:59:60Z",
		"2026-01-01T00:00:00.Z", "2026-01-01T00:00:00,5Z", "2026-01-01T00:00:00X", "2026-01-01T00:00:00ZZ",
		"2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00+1", "2026-01-01T00:00:00+01:",
		"2026-01-01T00:00:00+01-00", "2026-01-01T00:00:00+01:000", "2026-01-01T00:00:00+", "2026-01-01T00:00:00 +0100",
		"2026/01/01T00:00:00Z", "2026-01-01_00:00:00Z", "2026-01-01T00.00.00Z", "-026-01-01T00:00:00Z",
		" 2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z ", "2026-01-01T0a:00:00Z", "1600-01-01T00:00:00Z",
		"2300-01-01T00:00:00Z", "2026-1-01T00:00:00Z", "2262-04-11T23:47:16-01:00",
	};

	for (size_t i = 0; i < COUNT(texts); i++) {
		int64_t got;
		bool zoned;

		if (ot_time_parse(ot_str_from(texts[i]), &got, &zoned)) {
			CHECK(false);
			fprintf(stderr, "  \"%s\" was read\n", texts[i]);
		}
	}
}

static void times_are_written(void)
{
	static const struct {
		int64_t time_ns;
		int digits;
		const char *text;
	} cases[] = {
		{ 0, 0, "1970-01-01T00:00:00Z" },
		{ 0, -1, "1970-01-01T00:00:00Z" },
		{ 0, 3, "1970-01-01T00:00:00.000Z" },
		{ 123456789, 9, "1970-01-01T00:00:00.123456789Z" },
		{ 123456789, 6, "1970-01-01T00:00:00.123456Z" },
		{ 999999999, 0, "1970-01-01T00:00:00Z" },
		{ 120000000, -1, "1970-01-01T00:00:00.12Z" },
		{ 1, -1, "1970-01-01T00:00:00.000000001Z" },
		{ -1, 3, "1969-12-31T23:59:59.999Z" },
		{ OT_TIME_MAX, 9, "2262-04-11T23:47:16.854775807Z" },
		{ OT_TIME_MIN, 9, "1677-09-21T00:12:43.145224192Z" },
	};
	struct ot_buf buf = { 0 };

	for (size_t i = 0; i < COUNT(cases); i++) {
		ot_buf_clear(&buf);
		ot_time_put(&buf, cases[i].time_ns, cases[i].digits);
		CHECK_STR(ot_buf_str(&buf), cases[i].text);
	}
	ot_buf_clear(&buf);
	ot_day_put(&buf, ot_days_from_civil(2026, 3, 14));
	CHECK_STR(ot_buf_str(&buf), "2026-03-14");
	ot_buf_release(&buf);
}

static void what_is_written_is_read_back(void)
{
	struct ot_buf buf = { 0 };

	srand(2);
	for (int i = 0; i < 20000; i++) {
		int64_t time_ns = ((int64_t)rand() << 32 ^ (int64_t)rand()) * (rand() % 2 == 0 ? 1 : -1);

		ot_buf_clear(&buf);
		ot_time_put(&buf, time_ns, i % 2 == 0 ? 9 : -1);
		ot_buf_char(&buf, '\0');
		CHECK_INT(parsed(buf.data), time_ns);
	}
	ot_buf_release(&buf);
}

static void now_is_this_century(void)
{
	CHECK(ot_time_now() > parsed("2020-01-01T00:00:00Z"));
}

int main(void)
{
	RUN(days_are_the_c_librarys);
	RUN(times_before_1970_round_down);
	RUN(civil_times_past_the_range_stop_at_its_ends);
	RUN(times_are_read);
	RUN(what_is_no_time_is_refused);
	RUN(times_are_written);
	RUN(what_is_written_is_read_back);
	RUN(now_is_this_century);
	return test_end();
}
