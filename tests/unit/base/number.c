#include <base/str.h>
#include <stdlib.h>
#include <tests/test.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void integers_are_read_whole(void)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t value;
	} cases[] = {
		{ "0", true, 0 },
		{ "-0", true, 0 },
		{ "007", true, 7 },
		{ "-42", true, -42 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 },
		{ "-9223372036854775809", false, 0 },
		{ "18446744073709551616", false, 0 },
		{ "99999999999999999999999", false, 0 },
		{ "", false, 0 },
		{ "-", false, 0 },
		{ "+1", false, 0 },
		{ "1 ", false, 0 },
		{ "1.0", false, 0 },
		{ "0x10", false, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t got = 0;

		CHECK(ot_str_to_i64(ot_str_from(cases[i].text), &got) == cases[i].ok);
		CHECK_INT(got, cases[i].value);
	}
	CHECK(!ot_str_to_i64(OT_STR_NONE, &(int64_t){ 0 }));
}

static const struct {
	const char *text;
	int64_t scale;
	bool ok;
	int64_t value;
} scaled_cases[] = {
	{ "1795346784.1877916", 1000000000, true, 1795346784187791600 },
	{ "1795346784.187791612", 1000000000, true, 1795346784187791612 },
	{ "1795346784187.7916", 1000000, true, 1795346784187791600 },
	{ "0.001", 1000000000, true, 1000000 },
	{ "0.000000000000000000000000001", 1000000000, true, 0 },
	{ "123456789012345678", 1, true, 123456789012345678 },
	{ "0.123456789012345678", 1000000000000000000, true, 123456789012345678 },
	{ "1.5", 1, true, 2 },
	{ "1.4999999999999999999999", 1, true, 1 },
	{ "-1.5", 1, true, -2 },
	{ "2.5", 1, true, 3 },
	{ "1e3", 1, true, 1000 },
	{ "1E+3", 1, true, 1000 },
	{ "1.25e-2", 1000, true, 13 },
	{ "1.24e-2", 1000, true, 12 },
	{ ".5", 10, true, 5 },
	{ "-0.0", 1000, true, 0 },
	{ "0e99999", 1, true, 0 },
	{ "1e-99999", 1, true, 0 },
	{ "1e99999", 1, false, 0 },
	{ "1e18", 1, true, 1000000000000000000 },
	{ "1e19", 1, false, 0 },
	{ "9223372036854775807", 1, true, INT64_MAX },
	{ "-9223372036854775808", 1, true, INT64_MIN },
	{ "9223372036854775808", 1, false, 0 },
	{ "9223372036854775807.4", 1, true, INT64_MAX },
	{ "10000000000000000000000", 1, false, 0 },
	{ "1000000000000000000000000e-24", 5, true, 5 },
	{ "0000000000000000000000000001.5", 10, true, 15 },
	{ "9223372037", 1000000000, false, 0 },
	{ "3", 7, true, 21 },
	{ "0.1", 3, true, 0 },
	{ "0.2", 3, true, 1 },
	{ "3", -2, true, -6 },
	{ "3.7", 0, true, 0 },
	{ "", 1, false, 0 },
	{ "-", 1, false, 0 },
	{ ".", 1, false, 0 },
	{ "1.", 1, false, 0 },
	{ "1e", 1, false, 0 },
	{ "1e+", 1, false, 0 },
	{ "1e5x", 1, false, 0 },
	{ "1.2.3", 1, false, 0 },
	{ "--1", 1, false, 0 },
	{ "+1", 1, false, 0 },
	{ "nan", 1, false, 0 },
	{ "e5", 1, false, 0 },
};

static void scaled_numbers_are_exact(void)
{
	for (size_t i = 0; i < COUNT(scaled_cases); i++) {
		int64_t got = 0;
		bool ok = ot_str_to_scaled(ot_str_from(scaled_cases[i].text), scaled_cases[i].scale, &got);

		CHECK(ok == scaled_cases[i].ok);
		CHECK_INT(got, scaled_cases[i].value);
		if (ok != scaled_cases[i].ok || got != scaled_cases[i].value)
			fprintf(stderr, "  of \"%s\"\n", scaled_cases[i].text);
	}
}

/* Every fraction of nine digits keeps them, whatever the seconds before it. */
static void nanoseconds_survive(void)
{
	srand(1);
	for (int i = 0; i < 20000; i++) {
		int64_t seconds = rand(), ns = rand() % 1000000000, got = 0;
		char text[64];
		int len = snprintf(text, sizeof(text), "%lld.%09lld", (long long)seconds, (long long)ns);

		CHECK(ot_str_to_scaled((struct ot_str){ text, (size_t)len }, 1000000000, &got));
		CHECK_INT(got, seconds * 1000000000 + ns);
	}
}

static void overlong_texts_are_refused(void)
{
	static char text[10000];
	int64_t got;

	memset(text, '1', sizeof(text));
	CHECK(!ot_str_to_scaled((struct ot_str){ text, sizeof(text) }, 1, &got));
	CHECK(!ot_str_to_i64((struct ot_str){ text, sizeof(text) }, &got));
	memset(text, '0', sizeof(text));
	CHECK(ot_str_to_scaled((struct ot_str){ text, 4000 }, 1, &got));
}

int main(void)
{
	RUN(integers_are_read_whole);
	RUN(scaled_numbers_are_exact);
	RUN(nanoseconds_survive);
	RUN(overlong_texts_are_refused);
	return test_end();
}
