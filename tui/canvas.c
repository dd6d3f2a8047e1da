#include "canvas.h"

#include <base/err.h>
#include <base/text.h>
#include <stdlib.h>

void canvas_release(struct canvas *canvas)
{
	free(canvas->cells);
	memset(canvas, 0, sizeof(*canvas));
}

void canvas_resize(struct canvas *canvas, int rows, int cols)
{
	canvas->rows = rows < 1 ? 1 : rows;
	canvas->cols = cols < 1 ? 1 : cols;
	canvas->cells = ot_realloc(canvas->cells, (size_t)canvas->rows * (size_t)canvas->cols * sizeof(*canvas->cells));
	canvas_clear(canvas);
}

void canvas_clear(struct canvas *canvas)
{
	for (int i = 0; i < canvas->rows * canvas->cols; i++)
		canvas->cells[i] = (struct cell){ .rune = ' ', .style = STYLE_PLAIN };
}

struct area canvas_area(struct canvas *canvas)
{
	return (struct area){ canvas, 0, 0, canvas->rows, canvas->cols };
}

static int clip(int value, int low, int high)
{
	return value < low ? low : value > high ? high : value;
}

struct area area_part(struct area area, int row, int col, int rows, int cols)
{
	int top = clip(row, 0, area.rows), left = clip(col, 0, area.cols);
	int bottom = clip(row + rows, top, area.rows), right = clip(col + cols, left, area.cols);

	return (struct area){ area.canvas, area.row + top, area.col + left, bottom - top, right - left };
}

static struct cell *cell_at(struct area area, int row, int col)
{
	if (row < 0 || col < 0 || row >= area.rows || col >= area.cols)
		return NULL;
	return &area.canvas->cells[(area.row + row) * area.canvas->cols + area.col + col];
}

/* A wide character of which one half is painted over loses the other half too. */
static void clear_halves(struct area area, int row, int col)
{
	struct cell *cell = cell_at(area, row, col), *before = cell_at(area, row, col - 1), *after = cell_at(area, row, col + 1);

	if (cell != NULL && cell->rune == 0 && before != NULL)
		before->rune = ' ';
	if (after != NULL && after->rune == 0)
		after->rune = ' ';
}

static void set(struct area area, int row, int col, enum style style, int32_t rune)
{
	struct cell *cell = cell_at(area, row, col);

	if (cell == NULL)
		return;
	clear_halves(area, row, col);
	*cell = (struct cell){ .rune = rune, .style = (uint8_t)style };
}

static void add_mark(struct area area, int row, int col, int32_t rune)
{
	struct cell *cell = cell_at(area, row, col);

	for (int i = 0; cell != NULL && i < CELL_MARKS; i++) {
		if (cell->marks[i] == 0) {
			cell->marks[i] = rune;
			return;
		}
	}
}

/* `text` is escaped, and fits. */
static int put_shown(struct area area, int row, int col, enum style style, struct ot_str text)
{
	int at = col, last = col;

	for (size_t i = 0; i < text.len;) {
		int32_t rune;
		int width;

		i += ot_utf8_next(ot_str_sub(text, i, text.len), &rune);
		width = ot_rune_width(rune);
		if (width == 0) {
			add_mark(area, row, last, rune);
			continue;
		}
		last = at;
		if (width == 2 && at + 1 >= area.cols)
			rune = ' ';
		set(area, row, at, style, rune);
		if (width == 2 && at + 1 < area.cols)
			cell_at(area, row, at + 1)->rune = 0;
		if (width == 2 && at + 1 < area.cols)
			cell_at(area, row, at + 1)->style = (uint8_t)style;
		at += width;
	}
	return at - col;
}

/* How many bytes of escaped text fit `width` columns. */
static size_t bytes_that_fit(struct ot_str text, int width)
{
	size_t i = 0;
	int used = 0;

	while (i < text.len) {
		int32_t rune;
		size_t len = ot_utf8_next(ot_str_sub(text, i, text.len), &rune);

		used += ot_rune_width(rune);
		if (used > width)
			break;
		i += len;
	}
	return i;
}

/* Escaping makes a byte at most nine; what lies far beyond the edge need not be looked at. */
static void escape(struct ot_buf *out, struct ot_str text, int width)
{
	size_t most = (size_t)width * 16 + 64; /* four bytes and some marks a column */

	ot_text_display(out, text.len > most ? ot_str_sub(text, 0, most) : text);
}

int area_put(struct area area, int row, int col, int width, enum style style, struct ot_str text)
{
	struct ot_buf shown = { 0 };
	struct ot_str all;
	int took;

	if (width > area.cols - col)
		width = area.cols - col;
	if (width <= 0 || row < 0 || row >= area.rows || text.len == 0)
		return 0;
	escape(&shown, text, width);
	all = ot_buf_str(&shown);
	if (bytes_that_fit(all, width) == all.len) {
		took = put_shown(area, row, col, style, all);
	} else {
		took = put_shown(area, row, col, style, ot_str_sub(all, 0, bytes_that_fit(all, width - 1)));
		took += put_shown(area, row, col + took, style, OT_STR("…"));
	}
	ot_buf_release(&shown);
	return took;
}

int area_text(struct area area, int row, int col, enum style style, const char *text)
{
	return area_put(area, row, col, area.cols, style, ot_str_from(text));
}

void area_put_right(struct area area, int row, int col, int width, enum style style, struct ot_str text)
{
	struct ot_buf shown = { 0 };
	int needs;

	escape(&shown, text, width);
	needs = (int)ot_text_width(ot_buf_str(&shown));
	ot_buf_release(&shown);
	area_put(area, row, needs < width ? col + width - needs : col, width, style, text);
}

void area_rune(struct area area, int row, int col, enum style style, int32_t rune)
{
	set(area, row, col, style, rune);
}

void area_fill(struct area area, int row, enum style style, int32_t rune)
{
	for (int col = 0; col < area.cols; col++)
		set(area, row, col, style, rune);
}

void area_select(struct area area, int row, int col, int width)
{
	for (int i = col; i < col + width; i++) {
		struct cell *cell = cell_at(area, row, i);

		if (cell != NULL)
			cell->selected = true;
	}
}

void area_restyle(struct area area, int row, int col, int width, enum style style)
{
	for (int i = col; i < col + width; i++) {
		struct cell *cell = cell_at(area, row, i);

		if (cell != NULL)
			cell->style = (uint8_t)style;
	}
}

void canvas_put_row(struct ot_buf *out, const struct canvas *canvas, int row)
{
	size_t end = out->len;

	for (int col = 0; col < canvas->cols; col++) {
		const struct cell *cell = &canvas->cells[row * canvas->cols + col];

		if (cell->rune == 0)
			continue;
		ot_utf8_put(out, cell->rune);
		for (int i = 0; i < CELL_MARKS && cell->marks[i] != 0; i++)
			ot_utf8_put(out, cell->marks[i]);
		if (cell->rune != ' ')
			end = out->len;
	}
	out->len = end;
}
