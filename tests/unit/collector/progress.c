/* The progress line, and how counts and sizes are written. */
#include <collector/progress.h>
#include <base/time.h>
#include <tests/test.h>

static void counts_have_separators(void)
{
	static const struct {
		uint64_t count;
		const char *text;
	} cases[] = { { 0, "0" }, { 999, "999" }, { 1000, "1,000" }, { 1234567, "1,234,567" } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ot_buf out = { 0 };
		ot_count_put(&out, cases[i].count);
		CHECK_STR(ot_buf_str(&out), cases[i].text);
		ot_buf_release(&out);
	}
}

static void sizes_have_units(void)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = { { 0, "0 B" }, { 999, "999 B" }, { 1000, "1.0 kB" }, { 1250000, "1.2 MB" }, { 999600, "1.0 MB" }, { 250000000, "250 MB" } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ot_buf out = { 0 };
		ot_size_put(&out, cases[i].bytes);
		CHECK_STR(ot_buf_str(&out), cases[i].text);
		ot_buf_release(&out);
	}
}

static void the_line_has_bytes_records_rate_and_time_left(void)
{
	struct ot_buf out = { 0 };
	ot_progress_line(&out, 50000000, 200000000, 123456, OT_NS_PER_S, 200);
	CHECK_STR(ot_buf_str(&out), "[#####...............]  25 % 50.0 MB of 200 MB, 123,456 records, 50.0 MB/s, 0:03 left");
	ot_buf_clear(&out);
	ot_progress_line(&out, 50000000, 0, 5, OT_NS_PER_S, 200);
	CHECK_STR(ot_buf_str(&out), "50.0 MB, 5 records, 50.0 MB/s");
	ot_buf_clear(&out);
	ot_progress_line(&out, 50000000, 200000000, 123456, OT_NS_PER_S, 30);
	CHECK_INT(out.len, 30);
	ot_buf_release(&out);
}

int main(void)
{
	RUN(counts_have_separators);
	RUN(sizes_have_units);
	RUN(the_line_has_bytes_records_rate_and_time_left);
	return test_end();
}
