#include <base/buf.h>
#include <base/cursor.h>
#include <tests/test.h>

static void numbers_come_back(void)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct ot_cursor c;

#define GET(getter) (c = ot_cursor_of(bytes, sizeof(bytes)), getter(&c))
	CHECK_INT(GET(ot_cursor_u8), 1);
	CHECK_INT(GET(ot_cursor_u16), 0x0201);
	CHECK_INT(GET(ot_cursor_u32), 0x04030201);
	CHECK_INT(GET(ot_cursor_u64), 0x0807060504030201);
	CHECK_INT(GET(ot_cursor_be16), 0x0102);
	CHECK_INT(GET(ot_cursor_be32), 0x01020304);
	CHECK_INT(GET(ot_cursor_be64), 0x0102030405060708);
	CHECK(!c.failed && ot_cursor_left(&c) == 0);
#undef GET
}

static void the_first_failure_is_remembered(void)
{
	static const uint8_t bytes[] = { 1, 2, 3 };
	struct ot_cursor c = ot_cursor_of(bytes, sizeof(bytes));

	CHECK_INT(ot_cursor_u8(&c), 1);
	CHECK_INT(ot_cursor_u32(&c), 0);
	CHECK(c.failed);
	CHECK_INT(ot_cursor_u8(&c), 0);
	CHECK_INT(ot_cursor_left(&c), 0);
	CHECK(ot_cursor_bytes(&c, 0).ptr == NULL);
	CHECK_INT(ot_cursor_varint(&c), 0);
	CHECK(ot_cursor_lstr(&c).ptr == NULL);
}

static void nothing_can_be_read_of_nothing(void)
{
	struct ot_cursor c = ot_cursor_of(NULL, 0);

	CHECK(ot_cursor_bytes(&c, 0).ptr != NULL);
	CHECK(!c.failed);
	CHECK_INT(ot_cursor_u8(&c), 0);
	CHECK(c.failed);
}

static void bad_varints_fail(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool ok;
	} cases[] = {
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, true },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, false },
		{ "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11, false },
		{ "\x80", 1, false },
		{ "", 0, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ot_cursor c = ot_cursor_of(cases[i].bytes, cases[i].len);

		ot_cursor_varint(&c);
		CHECK(c.failed == !cases[i].ok);
	}
}

static void zigzag_keeps_the_sign(void)
{
	static const int64_t values[] = { 0, -1, 1, -64, 64, INT32_MIN, INT64_MAX, INT64_MIN };
	struct ot_buf buf = { 0 };
	struct ot_cursor c;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		ot_buf_zigzag(&buf, values[i]);
	CHECK(buf.data[1] == 1 && buf.data[2] == 2); /* -1 and 1 are small */
	c = ot_cursor_of(buf.data, buf.len);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		CHECK_INT(ot_cursor_zigzag(&c), values[i]);
	CHECK(!c.failed && ot_cursor_left(&c) == 0);
	ot_buf_release(&buf);
}

static void texts_come_back_absent_or_empty(void)
{
	struct ot_buf buf = { 0 };
	struct ot_cursor c;

	ot_buf_lstr(&buf, OT_STR("abc"));
	ot_buf_lstr(&buf, OT_STR_NONE);
	ot_buf_lstr(&buf, OT_STR(""));
	c = ot_cursor_of(buf.data, buf.len);
	CHECK_STR(ot_cursor_lstr(&c), "abc");
	CHECK(ot_cursor_lstr(&c).ptr == NULL);
	CHECK(!c.failed);
	CHECK(ot_cursor_lstr(&c).ptr != NULL);
	CHECK(!c.failed && ot_cursor_left(&c) == 0);
	c = ot_cursor_of(buf.data, 3);
	CHECK(ot_cursor_lstr(&c).ptr == NULL);
	CHECK(c.failed);
	ot_buf_clear(&buf);
	ot_buf_varint(&buf, UINT64_MAX);
	c = ot_cursor_of(buf.data, buf.len);
	CHECK(ot_cursor_lstr(&c).ptr == NULL);
	CHECK(c.failed);
	ot_buf_release(&buf);
}

int main(void)
{
	RUN(numbers_come_back);
	RUN(the_first_failure_is_remembered);
	RUN(nothing_can_be_read_of_nothing);
	RUN(bad_varints_fail);
	RUN(zigzag_keeps_the_sign);
	RUN(texts_come_back_absent_or_empty);
	return test_end();
}
