#include <base/buf.h>
#include <base/cursor.h>
#include <tests/test.h>

static void a_zeroed_buffer_works(void)
{
	struct ot_buf buf = { 0 };

	CHECK_STR(ot_buf_str(&buf), "");
	CHECK(ot_buf_str(&buf).ptr != NULL);
	ot_buf_put(&buf, NULL, 0);
	ot_buf_str_put(&buf, OT_STR_NONE);
	ot_buf_text(&buf, "ab");
	ot_buf_char(&buf, 'c');
	ot_buf_printf(&buf, "-%d-%s", 7, "x");
	CHECK_STR(ot_buf_str(&buf), "abc-7-x");
	ot_buf_clear(&buf);
	CHECK_INT(buf.len, 0);
	ot_buf_release(&buf);
	ot_buf_release(&buf);
}

static void long_texts_grow_it(void)
{
	struct ot_buf buf = { 0 };

	ot_buf_printf(&buf, "%1000d", 5);
	for (int i = 0; i < 5000; i++)
		ot_buf_char(&buf, 'x');
	CHECK_INT(buf.len, 6000);
	CHECK(buf.data[999] == '5' && buf.data[1000] == 'x' && !buf.overflow);
	ot_buf_release(&buf);
}

static void the_ceiling_holds(void)
{
	struct ot_buf buf;

	ot_buf_init(&buf, 5);
	ot_buf_text(&buf, "abcde");
	CHECK(!buf.overflow);
	ot_buf_text(&buf, "");
	CHECK(!buf.overflow);
	ot_buf_char(&buf, 'f');
	CHECK(buf.overflow);
	CHECK_STR(ot_buf_str(&buf), "abcde");
	CHECK(ot_buf_reserve(&buf, 0) == NULL);
	ot_buf_clear(&buf);
	ot_buf_text(&buf, "abcdefgh");
	CHECK(buf.overflow);
	CHECK_STR(ot_buf_str(&buf), "abcde");
	ot_buf_clear(&buf);
	CHECK(ot_buf_reserve(&buf, 6) == NULL);
	CHECK(buf.overflow);
	ot_buf_text(&buf, "a");
	CHECK_STR(ot_buf_str(&buf), "");
	ot_buf_clear(&buf);
	ot_buf_printf(&buf, "%d", 12345);
	CHECK(!buf.overflow);
	CHECK_STR(ot_buf_str(&buf), "12345");
	ot_buf_release(&buf);
	CHECK_INT(buf.max, 5);
}

static void reserved_room_is_real(void)
{
	struct ot_buf buf = { 0 };
	char *to = ot_buf_reserve(&buf, 100);

	memset(to, 'a', 100);
	buf.len += 100;
	CHECK(ot_buf_reserve(&buf, 0) != NULL);
	CHECK_INT(buf.len, 100);
	ot_buf_release(&buf);
}

static void numbers_are_decimal(void)
{
	struct ot_buf buf = { 0 };

	ot_buf_i64(&buf, 0);
	ot_buf_char(&buf, ' ');
	ot_buf_i64(&buf, INT64_MAX);
	ot_buf_char(&buf, ' ');
	ot_buf_i64(&buf, INT64_MIN);
	CHECK_STR(ot_buf_str(&buf), "0 9223372036854775807 -9223372036854775808");
	ot_buf_clear(&buf);
	ot_buf_hex(&buf, "\x00\x9f\xff", 3);
	CHECK_STR(ot_buf_str(&buf), "009fff");
	ot_buf_release(&buf);
}

static void disk_numbers_are_little_endian(void)
{
	struct ot_buf buf = { 0 };

	ot_buf_u8(&buf, 0x01);
	ot_buf_u16(&buf, 0x0203);
	ot_buf_u32(&buf, 0x04050607);
	ot_buf_u64(&buf, UINT64_C(0x08090a0b0c0d0e0f));
	CHECK_INT(buf.len, 15);
	CHECK(memcmp(buf.data, "\x01\x03\x02\x07\x06\x05\x04\x0f\x0e\x0d\x0c\x0b\x0a\x09\x08", 15) == 0);
	ot_buf_release(&buf);
}

static void varints_are_short(void)
{
	static const struct {
		uint64_t value;
		size_t len;
	} cases[] = {
		{ 0, 1 }, { 127, 1 }, { 128, 2 }, { 16383, 2 }, { 16384, 3 }, { UINT32_MAX, 5 }, { UINT64_MAX, 10 },
	};
	struct ot_buf buf = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ot_cursor c;

		ot_buf_clear(&buf);
		ot_buf_varint(&buf, cases[i].value);
		CHECK_INT(buf.len, cases[i].len);
		c = ot_cursor_of(buf.data, buf.len);
		CHECK(ot_cursor_varint(&c) == cases[i].value);
		CHECK(!c.failed && ot_cursor_left(&c) == 0);
	}
	ot_buf_release(&buf);
}

static void varints_respect_the_ceiling(void)
{
	struct ot_buf buf;

	ot_buf_init(&buf, 3);
	ot_buf_varint(&buf, 300);
	ot_buf_varint(&buf, 5);
	CHECK(buf.len == 3 && !buf.overflow);
	ot_buf_varint(&buf, 5);
	CHECK(buf.len == 3 && buf.overflow);
	ot_buf_release(&buf);
}

int main(void)
{
	RUN(a_zeroed_buffer_works);
	RUN(long_texts_grow_it);
	RUN(the_ceiling_holds);
	RUN(reserved_room_is_real);
	RUN(numbers_are_decimal);
	RUN(disk_numbers_are_little_endian);
	RUN(varints_are_short);
	RUN(varints_respect_the_ceiling);
	return test_end();
}
