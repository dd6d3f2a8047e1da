/* The screen as a picture: an SVG of text on a grid. */
#include "run.h"

enum { CELL_WIDTH = 8, CELL_HEIGHT = 17, MARGIN = 12 };

static void put_escaped(struct ot_buf *out, struct ot_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == '&')
			ot_buf_text(out, "&amp;");
		else if (c == '<')
			ot_buf_text(out, "&lt;");
		else if (c == '>')
			ot_buf_text(out, "&gt;");
		else
			ot_buf_char(out, c);
	}
}

/* As wide as so many cells, and as high as so many eighths of one. */
static void put_rect(struct ot_buf *out, int row, int col, int cells, int eighths, const char *fill)
{
	int height = CELL_HEIGHT * eighths / 8;

	ot_buf_printf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", MARGIN + col * CELL_WIDTH,
	    MARGIN + (row + 1) * CELL_HEIGHT - height, cells * CELL_WIDTH, height, fill);
}

/* A block of one to eight eighths. */
static bool is_bar(const struct cell *cell)
{
	return cell->rune > 0x2580 && cell->rune <= 0x2588;
}

static bool same_look(const struct cell *a, const struct cell *b)
{
	return b->rune == 0 || (a->style == b->style && a->selected == b->selected && (a->rune == ' ') == (b->rune == ' ') && (a->rune == b->rune || (!is_bar(a) && !is_bar(b))));
}

/* Bars are drawn as areas, so that no font leaves gaps between them. */
static void put_run(struct ot_buf *out, const struct canvas *canvas, int row, int from, int to)
{
	const struct cell *cell = &canvas->cells[row * canvas->cols + from];
	const struct look *look = &theme[cell->style];
	struct canvas one = { (struct cell *)cell, 1, to - from };
	struct ot_buf text = { 0 };

	if (is_bar(cell)) {
		put_rect(out, row, from, to - from, cell->rune - 0x2580, look->svg);
		return;
	}
	if (cell->selected)
		put_rect(out, row, from, to - from, 8, "#3b4252");
	canvas_put_row(&text, &one, 0);
	if (text.len > 0) {
		ot_buf_printf(out, "<text x=\"%d\" y=\"%d\" fill=\"%s\"%s textLength=\"%d\">", MARGIN + from * CELL_WIDTH, MARGIN + row * CELL_HEIGHT + 13, look->svg,
		    look->bold ? " font-weight=\"bold\"" : "", (to - from) * CELL_WIDTH);
		put_escaped(out, ot_buf_str(&text));
		ot_buf_text(out, "</text>\n");
	}
	ot_buf_release(&text);
}

void picture_put(struct ot_buf *out, const struct canvas *canvas)
{
	int width = canvas->cols * CELL_WIDTH + 2 * MARGIN, height = canvas->rows * CELL_HEIGHT + 2 * MARGIN;

	ot_buf_printf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"13\">\n",
	    width, height, width, height);
	ot_buf_printf(out, "<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#1f2430\"/>\n", width, height);
	for (int row = 0; row < canvas->rows; row++) {
		for (int col = 0, end; col < canvas->cols; col = end) {
			const struct cell *cells = &canvas->cells[row * canvas->cols];

			for (end = col + 1; end < canvas->cols && same_look(&cells[col], &cells[end]); end++)
				;
			put_run(out, canvas, row, col, end);
		}
	}
	ot_buf_text(out, "</svg>\n");
}
