/* Zones are written here as TZif files into a folder of their own (TZDIR), so that the machine's are not needed. */
#include <base/file.h>
#include <base/time.h>
#include <stdlib.h>
#include <tests/test.h>
#include <time.h>
#include <unistd.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static char dir[] = "/tmp/onetrail-zone-XXXXXX";

static int64_t at(const char *text)
{
	int64_t time_ns = -1;
	bool zoned;

	CHECK(ot_time_parse(ot_str_from(text), &time_ns, &zoned));
	return time_ns;
}

static struct ot_civil civil_of(const char *text)
{
	struct ot_civil civil;

	ot_time_to_civil(at(text), &civil);
	return civil;
}

static void be32(struct ot_buf *buf, int64_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		ot_buf_u8(buf, (uint8_t)(v >> shift & 0xff));
}

static void header(struct ot_buf *buf, char version, int times, int types)
{
	ot_buf_text(buf, "TZif");
	ot_buf_char(buf, version);
	for (int i = 0; i < 15; i++)
		ot_buf_char(buf, '\0');
	be32(buf, 0);
	be32(buf, 0);
	be32(buf, 0);
	be32(buf, times);
	be32(buf, types);
	be32(buf, 4);
}

/* Two types, 0 and 1, of these offsets; transition i goes to type 1 - i % 2. */
struct sample {
	int32_t offsets[2];
	int64_t times[4];
	int count;
	const char *rule;
};

static void sample_write(struct ot_buf *buf, const struct sample *s, bool wide)
{
	header(buf, wide ? '2' : '\0', s->count, 2);
	for (int i = 0; i < s->count; i++) {
		if (wide)
			be32(buf, s->times[i] >> 32);
		be32(buf, s->times[i]);
	}
	for (int i = 0; i < s->count; i++)
		ot_buf_u8(buf, (uint8_t)(1 - i % 2));
	for (int i = 0; i < 2; i++) {
		be32(buf, s->offsets[i]);
		ot_buf_u16(buf, 0);
	}
	ot_buf_put(buf, "ABC", 4);
}

static void zone_write(const char *name, const struct sample *s)
{
	struct ot_buf buf = { 0 };
	struct ot_err err;
	char path[256];

	if (s->rule != NULL) {
		header(&buf, '2', 0, 1);
		be32(&buf, 0);
		ot_buf_u16(&buf, 0);
		ot_buf_put(&buf, "UTC", 4);
	}
	sample_write(&buf, s, s->rule != NULL);
	if (s->rule != NULL)
		ot_buf_printf(&buf, "\n%s\n", s->rule);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	CHECK_INT(ot_file_publish(path, buf.data, buf.len, 0600, &err), OT_OK);
	ot_buf_release(&buf);
}

static struct ot_zone *open_zone(const char *name)
{
	struct ot_zone *zone = NULL;
	struct ot_err err;

	if (ot_zone_open(&zone, ot_str_from(name), &err) != OT_OK) {
		CHECK(false);
		fprintf(stderr, "  %s\n", err.text);
	}
	return zone;
}

static void fixed_offsets_need_no_file(void)
{
	static const struct {
		const char *name;
		int32_t offset;
	} cases[] = {
		{ "UTC", 0 }, { "Z", 0 }, { "utc", 0 }, { "+02:00", 7200 }, { "-0530", -19800 }, { "+14", 50400 },
		{ "-00:30", -1800 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ot_zone *zone = open_zone(cases[i].name);
		struct ot_civil civil = civil_of("2026-03-14T02:10:00Z");

		CHECK_INT(ot_zone_offset(zone, 0), cases[i].offset);
		CHECK_INT(ot_zone_offset(zone, OT_TIME_MAX), cases[i].offset);
		CHECK_INT(ot_zone_to_utc(zone, &civil), at("2026-03-14T02:10:00Z") - cases[i].offset * OT_NS_PER_S);
		ot_zone_close(zone);
	}
	CHECK_INT(ot_zone_offset(NULL, 5), 0);
	ot_zone_close(NULL);
}

static void bad_names_are_refused(void)
{
	static const struct {
		struct ot_str name;
		enum ot_status status;
	} cases[] = {
		{ { "", 0 }, OT_SYNTAX }, { { "/etc/localtime", 14 }, OT_SYNTAX }, { { "../zone", 7 }, OT_SYNTAX },
		{ { "Europe/../UTC", 13 }, OT_SYNTAX }, { { "a b", 3 }, OT_SYNTAX }, { { "+02\0xx", 6 }, OT_SYNTAX },
		{ { "+25:00", 6 }, OT_SYNTAX }, { { NULL, 0 }, OT_SYNTAX }, { { "Nowhere/At_All", 14 }, OT_NOT_FOUND },
		{ { "+02:0", 5 }, OT_SYNTAX }, { { ".", 1 }, OT_IO },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ot_zone *zone = (void *)dir;
		struct ot_err err;

		CHECK_INT(ot_zone_open(&zone, cases[i].name, &err), cases[i].status);
		CHECK(zone == NULL);
		CHECK(ot_str_starts(ot_str_from(err.text), OT_STR("time zone \"")));
	}
}

static void rules_hold_after_the_last_transition(void)
{
	static const struct {
		const char *rule, *when;
		int32_t offset;
	} cases[] = {
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T00:59:59Z", 3600 },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00Z", 7200 },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T00:59:59Z", 7200 },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T01:00:00Z", 3600 },
		{ "EST5EDT,M3.2.0,M11.1.0", "2026-03-08T06:59:59Z", -18000 },
		{ "EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z", -14400 },
		{ "EST5EDT,M3.2.0,M11.1.0", "2026-11-01T06:00:00Z", -18000 },
		{ "AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01T00:00:00Z", 39600 },
		{ "AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-07-01T00:00:00Z", 36000 },
		{ "AEST-10AEDT,M10.1.0,M4.1.0/3", "2025-12-31T13:30:00Z", 39600 },
		{ "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2026-01-01T00:00:00Z", 39600 },
		{ "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2026-06-01T00:00:00Z", 37800 },
		{ "IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-01T00:00:00Z", 0 },
		{ "IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-01T00:00:00Z", 3600 },
		{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7200 },
		{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3600 },
		{ "XXX0YYY,J60,J300", "2024-03-01T01:59:59Z", 0 },
		{ "XXX0YYY,J60,J300", "2024-03-01T02:00:00Z", 3600 },
		{ "XXX0YYY,59/0,300", "2024-02-29T00:00:00Z", 3600 },
		{ "XXX0YYY,59/0,300", "2025-03-01T00:00:00Z", 3600 },
		{ "XXX0YYY,59/0,300", "2025-02-28T23:00:00Z", 0 },
		{ "XXX3EDT4,0/0,J365/23", "2026-07-01T00:00:00Z", -14400 },
		{ "<+0545>-5:45", "2262-01-01T00:00:00Z", 20700 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sample s = { .offsets = { 60, 120 }, .rule = cases[i].rule };
		struct ot_zone *zone;

		zone_write("rule", &s);
		zone = open_zone("rule");
		CHECK_INT(ot_zone_offset(zone, at(cases[i].when)), cases[i].offset);
		ot_zone_offset(zone, OT_TIME_MAX);
		ot_zone_offset(zone, OT_TIME_MIN);
		ot_zone_close(zone);
	}
}

static void damaged_files_are_refused(void)
{
	static const char *const rules[] = {
		"X", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.1.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
		"CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J5", "CET-1CEST,M3.5.0,M10.5.0/3x", "CET-25", "<CET-1", "CET-1:99",
		"CET-99999999999",
	};
	struct sample s = { .offsets = { 60, 120 }, .times = { 5, 5 }, .count = 2, .rule = "" };
	struct ot_zone *zone;
	struct ot_err err;

	zone_write("bad", &s);
	CHECK_INT(ot_zone_open(&zone, OT_STR("bad"), &err), OT_CORRUPT);
	s = (struct sample){ .offsets = { 60, 200000 }, .rule = "" };
	zone_write("bad", &s);
	CHECK_INT(ot_zone_open(&zone, OT_STR("bad"), &err), OT_CORRUPT);
	for (size_t i = 0; i < COUNT(rules); i++) {
		s = (struct sample){ .rule = rules[i] };
		zone_write("bad", &s);
		CHECK_INT(ot_zone_open(&zone, OT_STR("bad"), &err), OT_CORRUPT);
	}
}

static void every_cut_of_a_file_is_refused(void)
{
	struct sample s = { .offsets = { 3600, 7200 }, .times = { 1000, 2000 }, .count = 2, .rule = "CET-1" };
	struct ot_buf whole = { 0 };
	struct ot_zone *zone;
	struct ot_err err;
	char path[256];

	zone_write("cut", &s);
	snprintf(path, sizeof(path), "%s/cut", dir);
	CHECK_INT(ot_file_read(path, 10000, &whole, &err), OT_OK);
	for (size_t len = 0; len < whole.len; len++) {
		CHECK_INT(ot_file_publish(path, whole.data, len, 0600, &err), OT_OK);
		CHECK_INT(ot_zone_open(&zone, OT_STR("cut"), &err), OT_CORRUPT);
	}
	ot_buf_release(&whole);
}

static void transitions_are_looked_up(void)
{
	struct sample s = { .offsets = { 3600, 7200 }, .times = { -5000000000, 1000, 2000, 3000 }, .count = 4 };
	static const char *const rules[] = { "", "XXX-3" };

	for (size_t i = 0; i < COUNT(rules); i++) {
		struct ot_zone *zone;

		s.rule = rules[i];
		zone_write("table", &s);
		zone = open_zone("table");
		CHECK_INT(ot_zone_offset(zone, -5000000001 * OT_NS_PER_S), 3600);
		CHECK_INT(ot_zone_offset(zone, -5000000000 * OT_NS_PER_S), 7200);
		CHECK_INT(ot_zone_offset(zone, 1000 * OT_NS_PER_S - 1), 7200);
		CHECK_INT(ot_zone_offset(zone, 1000 * OT_NS_PER_S), 3600);
		CHECK_INT(ot_zone_offset(zone, 2000 * OT_NS_PER_S), 7200);
		CHECK_INT(ot_zone_offset(zone, 3000 * OT_NS_PER_S), i == 0 ? 3600 : 10800);
		ot_zone_close(zone);
	}
}

static void files_of_version_1_are_read(void)
{
	struct sample s = { .offsets = { 3600, 7200 }, .times = { -1000, 1000 }, .count = 2 };
	struct ot_zone *zone;

	zone_write("old", &s);
	zone = open_zone("old");
	CHECK_INT(ot_zone_offset(zone, -1000 * OT_NS_PER_S - 1), 3600);
	CHECK_INT(ot_zone_offset(zone, -1000 * OT_NS_PER_S), 7200);
	CHECK_INT(ot_zone_offset(zone, 1000 * OT_NS_PER_S), 3600);
	ot_zone_close(zone);
}

static void local_times_that_are_twice_or_never_are_settled(void)
{
	static const struct {
		const char *rule, *local, *utc;
	} cases[] = {
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:59:59", "2026-03-29T00:59:59Z" },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T02:30:00.5", "2026-03-29T01:00:00Z" },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T03:00:00", "2026-03-29T01:00:00Z" },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T01:59:59", "2026-10-24T23:59:59Z" },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T02:30:00.5", "2026-10-25T00:30:00.5Z" },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T03:00:00", "2026-10-25T02:00:00Z" },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-07-01T12:00:00", "2026-07-01T10:00:00Z" },
		/* Midnight itself is left out. */
		{ "<-03>3<-02>,M10.3.0/0,M2.3.0/0", "2026-10-18T00:00:00", "2026-10-18T03:00:00Z" },
		{ "<-03>3<-02>,M10.3.0/0,M2.3.0/0", "2026-10-18T00:59:59", "2026-10-18T03:00:00Z" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sample s = { .rule = cases[i].rule };
		struct ot_civil civil = civil_of(cases[i].local);
		struct ot_zone *zone;

		zone_write("rule", &s);
		zone = open_zone("rule");
		CHECK_INT(ot_zone_to_utc(zone, &civil), at(cases[i].utc));
		ot_zone_close(zone);
	}
}

/* Pacific/Apia left out 30 December 2011. */
static void a_whole_day_may_be_missing(void)
{
	struct sample s = { .offsets = { -36000, 50400 }, .count = 1, .rule = "<+14>-14" };
	struct ot_civil civil = civil_of("2011-12-30T12:00:00"), before = civil_of("2011-12-29T23:00:00");
	struct ot_civil after = civil_of("2011-12-31T00:00:00");
	struct ot_zone *zone;

	s.times[0] = at("2011-12-30T10:00:00Z") / OT_NS_PER_S;
	zone_write("apia", &s);
	zone = open_zone("apia");
	CHECK_INT(ot_zone_to_utc(zone, &civil), at("2011-12-30T10:00:00Z"));
	CHECK_INT(ot_zone_to_utc(zone, &before), at("2011-12-30T09:00:00Z"));
	CHECK_INT(ot_zone_to_utc(zone, &after), at("2011-12-30T10:00:00Z"));
	ot_zone_close(zone);
}

/* Where the machine has a zone database, every offset is the one that its C library finds there. */
static void offsets_are_the_c_librarys(void)
{
	static const char *const names[] = {
		"Europe/Berlin", "Europe/Dublin", "America/New_York", "America/Sao_Paulo", "America/Nuuk", "Asia/Tehran",
		"Asia/Kathmandu", "Asia/Gaza", "Africa/Casablanca", "Africa/Monrovia", "Australia/Lord_Howe",
		"Pacific/Apia", "Pacific/Chatham", "Antarctica/Troll", "Etc/GMT+5",
	};

	unsetenv("TZDIR");
	for (size_t i = 0; i < COUNT(names); i++) {
		struct ot_zone *zone;
		struct ot_err err;

		if (ot_zone_open(&zone, ot_str_from(names[i]), &err) != OT_OK)
			continue;
		setenv("TZ", names[i], 1);
		tzset();
		for (time_t second = -4000000000; second < 4000000000; second += 500009) {
			struct tm tm;

			localtime_r(&second, &tm);
			CHECK_INT(ot_zone_offset(zone, second * OT_NS_PER_S), tm.tm_gmtoff);
		}
		ot_zone_close(zone);
		if (test_failures_of_case > 0)
			fprintf(stderr, "  in %s\n", names[i]);
	}
	setenv("TZDIR", dir, 1);
}

static void times_are_put_with_their_offset(void)
{
	static const struct {
		const char *zone, *text;
	} cases[] = {
		{ "UTC", "2026-03-14T02:10:00.500Z" },
		{ "+02:00", "2026-03-14T04:10:00.500+02:00" },
		{ "-03:30", "2026-03-13T22:40:00.500-03:30" },
	};
	struct ot_err err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ot_zone *zone = NULL;
		struct ot_buf text = { 0 };

		CHECK_INT(ot_zone_open(&zone, ot_str_from(cases[i].zone), &err), OT_OK);
		ot_time_put_zoned(&text, at("2026-03-14T02:10:00.5Z"), 3, zone);
		CHECK_STR(ot_buf_str(&text), cases[i].text);
		ot_buf_clear(&text);
		ot_time_put_zoned(&text, OT_TIME_MAX, 0, zone); /* where an offset has no room it is left out */
		CHECK(text.len > 0);
		ot_buf_release(&text);
		ot_zone_close(zone);
	}
}

int main(void)
{
	struct ot_err err;

	if (mkdtemp(dir) == NULL || setenv("TZDIR", dir, 1) != 0)
		return 1;
	RUN(fixed_offsets_need_no_file);
	RUN(bad_names_are_refused);
	RUN(times_are_put_with_their_offset);
	RUN(rules_hold_after_the_last_transition);
	RUN(transitions_are_looked_up);
	RUN(damaged_files_are_refused);
	RUN(every_cut_of_a_file_is_refused);
	RUN(files_of_version_1_are_read);
	RUN(local_times_that_are_twice_or_never_are_settled);
	RUN(a_whole_day_may_be_missing);
	RUN(offsets_are_the_c_librarys);
	if (ot_dir_remove(dir, &err) != OT_OK)
		return 1;
	return test_end();
}
