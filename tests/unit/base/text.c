#include <base/text.h>
#include <stdlib.h>
#include <tests/test.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void characters_are_decoded(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		int32_t rune;
	} cases[] = {
		{ "a", 1, 'a' },
		{ "\xc3\xa4", 2, 0xe4 },
		{ "\xe2\x82\xac", 3, 0x20ac },
		{ "\xf0\x9f\x98\x80", 4, 0x1f600 },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
		{ "\xf4\x90\x80\x80", 1, -1 },	/* past the last character */
		{ "\xed\xa0\x80", 1, -1 },	/* a surrogate */
		{ "\xc0\x80", 1, -1 },		/* not the shortest form */
		{ "\xc1\xbf", 1, -1 },
		{ "\xe0\x9f\xbf", 1, -1 },
		{ "\xf0\x8f\xbf\xbf", 1, -1 },
		{ "\x80", 1, -1 },
		{ "\xff", 1, -1 },
		{ "\xc3", 1, -1 },		/* cut */
		{ "\xe2\x82", 1, -1 },
		{ "\xe2\x41\x42", 1, -1 },
	};
	int32_t rune;

	for (size_t i = 0; i < COUNT(cases); i++) {
		CHECK_INT(ot_utf8_next(ot_str_from(cases[i].bytes), &rune), cases[i].len);
		CHECK_INT(rune, cases[i].rune);
		CHECK(ot_utf8_valid(ot_str_from(cases[i].bytes)) == (cases[i].rune >= 0));
	}
	CHECK_INT(ot_utf8_next(OT_STR_NONE, &rune), 0);
	CHECK(ot_utf8_valid(OT_STR_NONE));
	CHECK(ot_utf8_valid((struct ot_str){ "a\0b", 3 }));
	CHECK(!ot_utf8_valid(OT_STR("0123456789abcdef\xff")));
}

static void characters_are_encoded(void)
{
	struct ot_buf buf = { 0 };

	for (int32_t rune = 0; rune < 0x110000; rune += rune < 0x3000 ? 1 : 97) {
		int32_t back;

		if (rune >= 0xd800 && rune <= 0xdfff)
			continue;
		ot_buf_clear(&buf);
		ot_utf8_put(&buf, rune);
		CHECK_INT(ot_utf8_next(ot_buf_str(&buf), &back), buf.len);
		CHECK_INT(back, rune);
	}
	ot_buf_clear(&buf);
	ot_utf8_put(&buf, -1);
	ot_utf8_put(&buf, 0xd800);
	ot_utf8_put(&buf, 0x110000);
	CHECK_STR(ot_buf_str(&buf), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	ot_buf_release(&buf);
}

static void widths_are_those_of_terminals(void)
{
	static const struct {
		int32_t rune;
		int width;
	} cases[] = {
		{ 'a', 1 }, { ' ', 1 }, { 0xe4, 1 }, { 0x301, 0 }, { 0x4e2d, 2 }, { 0xac00, 2 }, { 0xff21, 2 },
		{ 0x1f600, 2 }, { 0xfe0f, 0 }, { 0x1161, 0 }, { 0x20000, 2 }, { 0x0a, 0 }, { 0x2500, 1 }, { 0x10ffff, 1 },
		{ -1, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		CHECK_INT(ot_rune_width(cases[i].rune), cases[i].width);
	CHECK_INT(ot_text_width(OT_STR("ab\xe4\xb8\xad" "e\xcc\x81")), 5);
	CHECK_INT(ot_text_width(OT_STR_NONE), 0);
}

struct escape_case {
	struct ot_str text;
	const char *escaped;
};

static void check_escapes(const struct escape_case *cases, size_t count, void (*escape)(struct ot_buf *, struct ot_str))
{
	struct ot_buf buf = { 0 };

	for (size_t i = 0; i < count; i++) {
		ot_buf_clear(&buf);
		escape(&buf, cases[i].text);
		CHECK_STR(ot_buf_str(&buf), cases[i].escaped);
	}
	ot_buf_release(&buf);
}

#define TEXT(literal) { literal, sizeof(literal) - 1 }

static void terminals_get_pictures(void)
{
	static const struct escape_case cases[] = {
		{ { NULL, 0 }, "" },
		{ TEXT("GET /api \"x\" \\"), "GET /api \"x\" \\" },
		{ TEXT("a\033[31mb\n\t\r"), "a<1B>[31mb<0A><09><0D>" },
		{ TEXT("a\0b\x7f"), "a<00>b<7F>" },
		{ TEXT("\xc2\x9b" "31m"), "<9B>31m" },
		{ TEXT("\x9b" "31m"), "\\x9B31m" },
		{ TEXT("user\xe2\x80\xaetxt.exe"), "user<U+202E>txt.exe" },
		{ TEXT("a\xe2\x80\x8b" "b\xef\xbb\xbf"), "a<U+200B>b<U+FEFF>" },
		{ TEXT("\xf3\xa0\x81\x81"), "<U+E0041>" },
		{ TEXT("\xe4\xb8\xad\xc3\xa4"), "\xe4\xb8\xad\xc3\xa4" },
		{ TEXT("e\xcc\x81"), "e\xcc\x81" },
		{ TEXT("e\xcc\x81\xcc\x82\xcc\x83x\xcc\x83"), "e\xcc\x81\xcc\x82<U+0303>x\xcc\x83" },
		{ TEXT("\xcc\x81x"), "<U+0301>x" },
		{ TEXT("\n\xcc\x81x"), "<0A><U+0301>x" },
		{ TEXT("ok\xed\xa0\x80"), "ok\\xED\\xA0\\x80" },
	};

	check_escapes(cases, COUNT(cases), ot_text_display);
}

static void json_loses_nothing(void)
{
	static const struct escape_case cases[] = {
		{ { NULL, 0 }, "\"\"" },
		{ TEXT("plain text of more than eight bytes"), "\"plain text of more than eight bytes\"" },
		{ TEXT("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"" },
		{ TEXT("\b\t\n\f\r\x01\x1f\x7f"), "\"\\b\\t\\n\\f\\r\\u0001\\u001f\\u007f\"" },
		{ TEXT("a\0b"), "\"a\\u0000b\"" },
		{ TEXT("\xc2\x85"), "\"\\u0085\"" },
		{ TEXT("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xae\xe2\x81\xa6"), "\"\\u2028\\u2029\\u202e\\u2066\"" },
		{ TEXT("\xff" "a\xc3"), "\"\\udcffa\\udcc3\"" },
		{ TEXT("\xe4\xb8\xad\xf0\x9f\x98\x80"), "\"\xe4\xb8\xad\xf0\x9f\x98\x80\"" },
		{ TEXT("\xf3\xa0\x81\x81"), "\"\\udb40\\udc41\"" },
		{ TEXT("0123456\"89abcde\\"), "\"0123456\\\"89abcde\\\\\"" },
	};

	check_escapes(cases, COUNT(cases), ot_text_json);
}

static void csv_cells_start_no_formula(void)
{
	static const struct escape_case cases[] = {
		{ { NULL, 0 }, "" },
		{ TEXT("plain"), "plain" },
		{ TEXT("a,b"), "\"a,b\"" },
		{ TEXT("a\"b"), "\"a\"\"b\"" },
		{ TEXT("a\nb"), "\"a\nb\"" },
		{ TEXT("a\r\nb"), "\"a\r\nb\"" },
		{ TEXT("a\rb"), "\"a<0D>b\"" },
		{ TEXT(" a"), "\" a\"" },
		{ TEXT("=1+1"), "'=1+1" },
		{ TEXT("=HYPERLINK(\"x\",1)"), "\"'=HYPERLINK(\"\"x\"\",1)\"" },
		{ TEXT("@SUM"), "'@SUM" },
		{ TEXT("-cmd"), "'-cmd" },
		{ TEXT("+49 30"), "'+49 30" },
		{ TEXT("\t=1"), "\"'\t=1\"" },
		{ TEXT("\r=1"), "\"'<0D>=1\"" },
		{ TEXT("\xef\xbc\x9d" "1"), "'\xef\xbc\x9d" "1" },
		{ TEXT("-5"), "-5" },
		{ TEXT("+5"), "+5" },
		{ TEXT("-5.25e3"), "-5.25e3" },
		{ TEXT("-"), "'-" },
		{ TEXT("--5"), "'--5" },
		{ TEXT("+-5"), "'+-5" },
		{ TEXT("-5+3"), "'-5+3" },
		{ TEXT("a\033[2J\xff\xe2\x80\xae"), "a<1B>[2J\\xFF<U+202E>" },
	};

	check_escapes(cases, COUNT(cases), ot_text_csv);
}

static bool holds_raw(struct ot_str text, bool line_ends)
{
	for (size_t i = 0; i < text.len;) {
		int32_t rune;

		i += ot_utf8_next(ot_str_sub(text, i, text.len), &rune);
		if (line_ends && (rune == '\n' || rune == '\r' || rune == '\t'))
			continue;
		if (rune < 0x20 || (rune >= 0x7f && rune < 0xa0) || (rune >= 0x202a && rune <= 0x202e))
			return true;
	}
	return false;
}

/* Whatever comes in, and however it is aligned to the eight bytes that are looked at together. */
static void no_input_gets_through_raw(void)
{
	static const char bytes[] = "aZ09 \"\\,=\n\r\t\033\x7f\x1f\x9b\xc2\xe2\x80\xae\xff\xcc\x81\x20\x00";
	struct ot_buf buf = { 0 };

	srand(3);
	for (int round = 0; round < 20000; round++) {
		char text[40];
		size_t len = (size_t)(rand() % 40);

		for (size_t i = 0; i < len; i++)
			text[i] = rand() % 4 == 0 ? (char)rand() : bytes[(size_t)rand() % sizeof(bytes)];
		ot_buf_clear(&buf);
		ot_text_display(&buf, (struct ot_str){ text, len });
		CHECK(!holds_raw(ot_buf_str(&buf), false));
		ot_buf_clear(&buf);
		ot_text_json(&buf, (struct ot_str){ text, len });
		CHECK(!holds_raw(ot_buf_str(&buf), false));
		ot_buf_clear(&buf);
		ot_text_csv(&buf, (struct ot_str){ text, len });
		CHECK(!holds_raw(ot_buf_str(&buf), true));
	}
	ot_buf_release(&buf);
}

static void every_byte_in_every_lane_is_seen(void)
{
	struct ot_buf buf = { 0 };

	for (int byte = 0; byte < 256; byte++) {
		for (size_t lane = 0; lane < 16; lane++) {
			bool plain = byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
			char text[16];

			memset(text, byte % 2 == 0 ? ' ' : '~', sizeof(text));
			text[lane] = (char)byte;
			ot_buf_clear(&buf);
			ot_text_json(&buf, (struct ot_str){ text, sizeof(text) });
			CHECK((buf.len == sizeof(text) + 2) == plain);
		}
	}
	ot_buf_release(&buf);
}

static void base64_is_decoded(void)
{
	static const struct {
		const char *text;
		bool ok;
		const char *bytes;
	} cases[] = {
		{ "", true, "" }, { "Zg==", true, "f" }, { "Zg", true, "f" }, { "Zm8=", true, "fo" }, { "Zm8", true, "fo" },
		{ "Zm9v", true, "foo" }, { "Zm9vYmFy", true, "foobar" }, { "__-_", true, "\xff\xff\xbf" },
		{ "//+/", true, "\xff\xff\xbf" }, { "Z", false, "" }, { "Zg=", false, "" }, { "Z===", false, "" },
		{ "Zg==Zg==", false, "" }, { "Zm 9v", false, "" }, { "Zm9v\n", false, "" }, { "=", false, "" },
		{ "====", false, "" }, { "Zm9v====", false, "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ot_buf buf = { 0 };

		ot_buf_text(&buf, ">");
		CHECK(ot_base64_decode(&buf, ot_str_from(cases[i].text)) == cases[i].ok);
		CHECK_STR(ot_str_sub(ot_buf_str(&buf), 1, buf.len), cases[i].bytes);
		ot_buf_release(&buf);
	}
}

int main(void)
{
	RUN(characters_are_decoded);
	RUN(characters_are_encoded);
	RUN(widths_are_those_of_terminals);
	RUN(terminals_get_pictures);
	RUN(json_loses_nothing);
	RUN(csv_cells_start_no_formula);
	RUN(no_input_gets_through_raw);
	RUN(every_byte_in_every_lane_is_seen);
	RUN(base64_is_decoded);
	return test_end();
}
