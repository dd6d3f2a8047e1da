/*
 * The canvas: a grid of cells, each a character, its width and a style. Views paint it; a terminal shows it, a test prints it.
 *
 * The one place where text becomes cells: whatever it holds, it is escaped here (base/text.h), so no control sequence of a log reaches a terminal.
 */
#ifndef OT_TUI_CANVAS_H
#define OT_TUI_CANVAS_H

#include "theme.h"

#include <base/buf.h>

enum { CELL_MARKS = 2 };

struct cell {
	int32_t rune;		     /* 0: the right half of the wide character before it */
	int32_t marks[CELL_MARKS];   /* combining marks, 0 where there is none */
	uint8_t style;		     /* enum style */
	bool selected;		     /* shown reversed */
};

struct canvas {
	struct cell *cells; /* rows * cols */
	int rows, cols;
};

/* A part of the canvas; what is put past its edges is clipped. */
struct area {
	struct canvas *canvas;
	int row, col, rows, cols;
};

void canvas_resize(struct canvas *canvas, int rows, int cols); /* and clears */
void canvas_clear(struct canvas *canvas);
void canvas_release(struct canvas *canvas);
struct area canvas_area(struct canvas *canvas);
/* `row` and `col` are those of the area; what is outside is left out. */
struct area area_part(struct area area, int row, int col, int rows, int cols);

/* Puts text, in at most `width` columns; "…" stands for what does not fit. Gives the columns it took. */
int area_put(struct area area, int row, int col, int width, enum style style, struct ot_str text);
int area_text(struct area area, int row, int col, enum style style, const char *text);
/* The same at the right edge of `width` columns. */
void area_put_right(struct area area, int row, int col, int width, enum style style, struct ot_str text);
/* One character of ours: a bar, a line. */
void area_rune(struct area area, int row, int col, enum style style, int32_t rune);
void area_fill(struct area area, int row, enum style style, int32_t rune);
/* Shows `width` cells as selected. */
void area_select(struct area area, int row, int col, int width);
void area_restyle(struct area area, int row, int col, int width, enum style style);

/* One row as text, without the blanks at its end. */
void canvas_put_row(struct ot_buf *out, const struct canvas *canvas, int row);

#endif
