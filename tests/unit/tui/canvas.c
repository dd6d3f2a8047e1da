/* The canvas: text becomes cells, whatever it holds. */
#include "tests/test.h"
#include "tui/canvas.h"

#include <base/text.h>

static struct ot_buf row_text;

static struct ot_str row_of(const struct canvas *canvas, int row)
{
	ot_buf_clear(&row_text);
	canvas_put_row(&row_text, canvas, row);
	return ot_buf_str(&row_text);
}

static void text_is_put_and_clipped(void)
{
	struct canvas canvas = { 0 };
	canvas_resize(&canvas, 2, 10);
	struct area area = canvas_area(&canvas);
	CHECK_INT(area_put(area, 0, 0, 10, STYLE_PLAIN, OT_STR("0123456789")), 10);
	CHECK_STR(row_of(&canvas, 0), "0123456789");
	CHECK_INT(area_put(area, 1, 2, 5, STYLE_PLAIN, OT_STR("abcdefg")), 5);
	CHECK_STR(row_of(&canvas, 1), "  abcd…");
	area_put_right(area, 1, 0, 10, STYLE_PLAIN, OT_STR("x"));
	CHECK_STR(row_of(&canvas, 1), "  abcd…  x");
	CHECK_INT(area_put(area, 5, 0, 10, STYLE_PLAIN, OT_STR("outside")), 0);
	CHECK_INT(area_put(area, -1, 0, 10, STYLE_PLAIN, OT_STR("outside")), 0);
	canvas_release(&canvas);
}

static void wide_characters_are_never_halved(void)
{
	struct canvas canvas = { 0 };
	canvas_resize(&canvas, 1, 6);
	struct area area = canvas_area(&canvas);
	area_put(area, 0, 0, 6, STYLE_PLAIN, OT_STR("日本語"));
	CHECK_STR(row_of(&canvas, 0), "日本語");
	area_put(area, 0, 0, 5, STYLE_PLAIN, OT_STR("日本語"));
	CHECK_INT(canvas.cells[4].rune, 0x2026);
	area_rune(area, 0, 1, STYLE_PLAIN, 'x'); /* the right half of the first */
	CHECK_INT(canvas.cells[0].rune, ' ');
	area_rune(area, 0, 2, STYLE_PLAIN, 'y'); /* the left half of the second */
	CHECK_INT(canvas.cells[3].rune, ' ');
	canvas_release(&canvas);
}

static void no_text_brings_a_control_character(void)
{
	struct canvas canvas = { 0 };
	char hostile[600];
	size_t len = 0;
	for (int c = 0; c < 256; c++)
		hostile[len++] = (char)c;
	for (int c = 0x80; c < 0xa0; c++) { /* C1, as UTF-8 */
		hostile[len++] = (char)0xc2;
		hostile[len++] = (char)c;
	}
	memcpy(hostile + len, "\xe2\x80\xae\xe2\x81\xa6\xcc\x81\xcc\x81\xcc\x81", 12);
	len += 12;
	canvas_resize(&canvas, 1, 2000);
	area_put(canvas_area(&canvas), 0, 0, 2000, STYLE_PLAIN, (struct ot_str){ hostile, len });
	for (int i = 0; i < canvas.cols; i++) {
		int32_t rune = canvas.cells[i].rune;
		CHECK(rune == 0 || (rune >= 0x20 && rune != 0x7f && !(rune >= 0x80 && rune < 0xa0) && rune != 0x202e && rune != 0x2066));
	}
	canvas_release(&canvas);
}

static void marks_stand_on_their_character(void)
{
	struct canvas canvas = { 0 };
	canvas_resize(&canvas, 1, 4);
	area_put(canvas_area(&canvas), 0, 0, 4, STYLE_PLAIN, OT_STR("e\u0301a"));
	CHECK_INT(canvas.cells[0].marks[0], 0x301);
	CHECK_INT(canvas.cells[1].rune, 'a');
	CHECK_STR(row_of(&canvas, 0), "e\u0301a");
	canvas_release(&canvas);
}

static void parts_are_clipped_to_their_area(void)
{
	struct canvas canvas = { 0 };
	canvas_resize(&canvas, 4, 10);
	struct area all = canvas_area(&canvas), part = area_part(all, 1, 5, 10, 10), none = area_part(all, 9, 9, 3, 3);
	CHECK_INT(part.rows, 3);
	CHECK_INT(part.cols, 5);
	CHECK_INT(none.rows, 0);
	area_put(part, 0, 0, 100, STYLE_PLAIN, OT_STR("abcdefgh"));
	CHECK_STR(row_of(&canvas, 1), "     abcd…");
	area_text(none, 0, 0, STYLE_PLAIN, "nothing");
	area_fill(none, 0, STYLE_PLAIN, '#');
	CHECK_STR(row_of(&canvas, 3), "");
	canvas_release(&canvas);
}

int main(void)
{
	RUN(text_is_put_and_clipped);
	RUN(wide_characters_are_never_halved);
	RUN(no_text_brings_a_control_character);
	RUN(marks_stand_on_their_character);
	RUN(parts_are_clipped_to_their_area);
	ot_buf_release(&row_text);
	return test_end();
}
