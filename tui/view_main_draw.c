/* How the first view looks. */
#include "app.h"
#include "view_main.h"
#include "when.h"

#include <base/text.h>
#include <query/output.h>
#include <stdlib.h>

/* --- the histogram --- */

static void put_count(struct ot_buf *out, uint64_t count)
{
	static const struct ot_output_options options = { .form = OT_OUTPUT_TABLE };
	struct ot_cell cell = ot_cell_count((int64_t)count);

	ot_cell_put(out, &cell, &options);
}

static void draw_legend(const struct main_view *main, struct area area)
{
	static const char *const names[CLASSES] = { "5xx", "4xx", "other", "3xx", "2xx" };
	struct ot_buf text = { 0 };
	int col = MAIN_SCALE;

	for (int c = CLASSES - 1; c >= 0; c--) {
		area_rune(area, 0, col, histogram_styles[c], theme_bar(histogram_styles[c], main->view.app->color));
		col += 2 + area_text(area, 0, col + 2, STYLE_DIM, names[c]) + 2;
	}
	if (main->histogram.count > 0) {
		ot_duration_put(&text, main->histogram.every);
		ot_buf_text(&text, " a column");
		area_put_right(area, 0, col, area.cols - col, STYLE_DIM, ot_buf_str(&text));
	}
	ot_buf_release(&text);
}

static uint64_t sum_of(const uint64_t calls[CLASSES])
{
	uint64_t sum = 0;

	for (int c = 0; c < CLASSES; c++)
		sum += calls[c];
	return sum;
}

/* How high a column is, in eighths of a cell; what has calls has at least one. */
static int eighths_of(uint64_t sum, uint64_t most, int height)
{
	int eighths = sum == 0 ? 0 : (int)((sum * (uint64_t)height * 8 + most / 2) / most);

	return sum > 0 && eighths == 0 ? 1 : eighths;
}

/* The cells of a column shared out: classes have their share, errors a cell of their own where there is more than one. */
static void share_out(const uint64_t calls[CLASSES], int all, int cells[CLASSES])
{
	uint64_t sum = sum_of(calls), below = 0;
	int done = 0;

	for (int c = 0; c < CLASSES; c++) {
		int upto = all;

		below += calls[c];
		if (below < sum)
			upto = (int)((below * (uint64_t)all * 2 + sum) / (sum * 2));
		if ((c == CLASS_5XX || c == CLASS_4XX) && calls[c] > 0 && upto == done && all - done > 1)
			upto = done + 1;
		cells[c] = upto > done ? upto - done : 0;
		done += cells[c];
	}
}

/* Where classes are told apart by colour the topmost cell is as high as it should be; patterns know whole cells only. */
static void draw_bucket(const struct main_view *main, struct area bars, size_t bucket, int col, int width)
{
	const struct histogram *h = &main->histogram;
	bool color = main->view.app->color;
	int eighths = eighths_of(sum_of(h->calls[bucket]), h->most, bars.rows);
	int all = color ? (eighths + 7) / 8 : eighths > 0 && eighths < 12 ? 1 : (eighths + 4) / 8;
	int cells[CLASSES], row = bars.rows - 1, top = bars.rows - all;

	share_out(h->calls[bucket], all, cells);
	for (int c = 0; c < CLASSES; c++) {
		for (int i = 0; i < cells[c]; i++, row--) {
			bool partial = color && row == top && eighths % 8 != 0;
			int32_t bar = partial ? 0x2580 + eighths % 8 : theme_bar(histogram_styles[c], color);

			for (int x = 0; x < width; x++)
				area_rune(bars, row, col + x, histogram_styles[c], bar);
		}
	}
}

static void put_label(struct ot_buf *out, const struct main_view *main, size_t bucket)
{
	const struct histogram *h = &main->histogram;

	if (h->every >= OT_NS_PER_DAY / 4)
		when_put_day(out, main->view.app->scope.zone, histogram_time(h, bucket));
	else
		when_put_clock(out, main->view.app->scope.zone, histogram_time(h, bucket), h->every < OT_NS_PER_S ? 3 : 0);
}

/* The mark of the time cursor with its time beside it, to the right where there is room. Gives the columns it takes. */
static void draw_cursor(const struct main_view *main, struct area axis, int col, int *from, int *to)
{
	struct ot_buf text = { 0 };
	int width;

	put_label(&text, main, histogram_bucket(&main->histogram, main->time));
	width = (int)ot_text_width(ot_buf_str(&text));
	*from = col + 1 + width > axis.cols ? col - width : col;
	*to = *from + width + 1;
	area_rune(axis, 0, col, STYLE_TITLE, 0x25b2);
	area_put(axis, 0, *from == col ? col + 1 : *from, width, STYLE_TITLE, ot_buf_str(&text));
	if (main->on_histogram)
		area_select(axis, 0, *from, width + 1);
	ot_buf_release(&text);
}

/* Times under the bars, as many as fit beside that of the cursor. */
static void draw_axis(const struct main_view *main, struct area axis, int width)
{
	const struct histogram *h = &main->histogram;
	int label = h->every >= OT_NS_PER_DAY / 4 ? 5 : h->every < OT_NS_PER_S ? 12 : 8;
	int step = (label + 4 + width - 1) / width, from, to;
	struct ot_buf text = { 0 };

	draw_cursor(main, axis, (int)histogram_bucket(h, main->time) * width, &from, &to);
	for (int bucket = 0; bucket < (int)h->count && bucket * width + label <= axis.cols; bucket += step) {
		int col = bucket * width;

		if (col + label >= from && col <= to)
			continue;
		ot_buf_clear(&text);
		put_label(&text, main, (size_t)bucket);
		area_put(axis, 0, col, label, STYLE_DIM, ot_buf_str(&text));
	}
	ot_buf_release(&text);
}

static void draw_scale(const struct main_view *main, struct area area, int bars)
{
	struct ot_buf text = { 0 };

	put_count(&text, main->histogram.most);
	area_put_right(area, 1, 0, MAIN_SCALE - 1, STYLE_DIM, ot_buf_str(&text));
	area_put_right(area, bars, 0, MAIN_SCALE - 1, STYLE_DIM, OT_STR("0"));
	ot_buf_release(&text);
}

static void draw_histogram(struct main_view *main, struct area area)
{
	struct histogram *h = &main->histogram;
	struct area bars = area_part(area, 1, MAIN_SCALE, area.rows - 2, area.cols - MAIN_SCALE);
	int width;

	histogram_fit(h, (size_t)bars.cols);
	draw_legend(main, area);
	if (main->on_histogram)
		area_text(area, 0, 0, STYLE_TITLE, ">");
	if (h->count == 0) {
		area_text(bars, 0, 0, STYLE_DIM, h->ready ? "no times to show" : app_waiting(main->view.app));
		return;
	}
	draw_scale(main, area, bars.rows);
	width = bars.cols / (int)h->count;
	if (width < 1)
		width = 1;
	for (size_t b = 0; b < h->count && (int)b * width < bars.cols; b++)
		draw_bucket(main, bars, b, (int)b * width, width);
	draw_axis(main, area_part(area, area.rows - 1, MAIN_SCALE, 1, bars.cols), width);
}

/* --- the list --- */

struct widths {
	int at[LIST_COLUMNS], width[LIST_COLUMNS];
	bool dated; /* times with their day */
};

static const char *const titles[LIST_COLUMNS] = { "time", "client", "method", "path", "status", "latency", "origins" };

/* What is left beside the columns of fixed width goes to client, path and origins. */
static struct widths lay_out(const struct main_view *main, int cols)
{
	struct widths w = { .width = { 12, 0, 6, 0, 6, 8, 0 } };
	int64_t since, until;
	int rest, col = 2;

	w.dated = !histogram_axis(&main->histogram, &since, &until) || !when_same_day(main->view.app->scope.zone, since, until - 1);
	if (w.dated)
		w.width[LIST_TIME] += 6;
	rest = cols - col - w.width[LIST_TIME] - 6 - 6 - 8 - (LIST_COLUMNS - 1);
	rest = rest < 9 ? 9 : rest;
	w.width[LIST_CLIENT] = rest * 3 / 10;
	w.width[LIST_ORIGINS] = rest * 2 / 10;
	w.width[LIST_PATH] = rest - w.width[LIST_CLIENT] - w.width[LIST_ORIGINS];
	for (int c = 0; c < LIST_COLUMNS; c++) {
		w.at[c] = col;
		col += w.width[c] + 1;
	}
	return w;
}

static void put_cell(struct ot_buf *out, const struct main_view *main, const struct list_row *row, int column, bool dated)
{
	const struct ot_zone *zone = main->view.app->scope.zone;

	if (column == LIST_ORIGINS) {
		ot_buf_str_put(out, row->origins);
	} else if (column == LIST_TIME && row->has[LIST_TIME]) {
		if (dated) {
			when_put_day(out, zone, row->time);
			ot_buf_char(out, ' ');
		}
		when_put_clock(out, zone, row->time, 3);
	} else if (row->has[column]) {
		ot_value_put_human(out, list_fields[column], &row->values[column]);
	}
}

static void draw_row(const struct main_view *main, struct area area, int at, const struct list_row *row, const struct widths *w)
{
	struct ot_buf text = { 0 };

	for (int c = 0; c < LIST_COLUMNS; c++) {
		enum style style = c == LIST_STATUS && row->has[c] ? style_of_status(row->values[c].number) : c == LIST_TIME ? STYLE_DIM : STYLE_PLAIN;

		ot_buf_clear(&text);
		put_cell(&text, main, row, c, w->dated);
		if (c == LIST_LATENCY)
			area_put_right(area, at, w->at[c], w->width[c], style, ot_buf_str(&text));
		else
			area_put(area, at, w->at[c], w->width[c], style, ot_buf_str(&text));
	}
	ot_buf_release(&text);
}

static void draw_heads(const struct main_view *main, struct area area, const struct widths *w)
{
	for (int c = 0; c < LIST_COLUMNS; c++) {
		bool focus = c == main->column && !main->on_histogram;
		enum style style = focus ? STYLE_HEAD_FOCUS : STYLE_HEAD;

		if (c == LIST_LATENCY)
			area_put_right(area, 0, w->at[c], w->width[c], style, ot_str_from(titles[c]));
		else
			area_put(area, 0, w->at[c], w->width[c], style, ot_str_from(titles[c]));
	}
}

static const char *nothing(const struct main_view *main)
{
	if (!main->list.ready)
		return app_waiting(main->view.app);
	return main->list.asking ? "asking for calls without a time…" : "no call matches: u takes the last change back, : edits the filter, Z zooms out";
}

static void draw_list(struct main_view *main, struct area area)
{
	struct list *list = &main->list;
	struct widths w = lay_out(main, area.cols);

	main->height = area.rows > 1 ? (size_t)area.rows - 1 : 0;
	list_scroll(list, main->height);
	draw_heads(main, area, &w);
	if (list->count == 0)
		area_text(area, 1, 2, STYLE_DIM, nothing(main));
	for (size_t i = 0; i < main->height && list->top + i < list->count; i++) {
		int at = (int)i + 1;

		draw_row(main, area, at, list->rows[list->top + i], &w);
		if (list->top + i != list->cursor)
			continue;
		area_text(area, at, 0, STYLE_TITLE, ">");
		if (!main->on_histogram) {
			area_select(area, at, 0, area.cols);
			area_restyle(area, at, w.at[main->column], w.width[main->column], STYLE_HEAD_FOCUS);
		}
	}
}

void main_draw(struct view *view, struct area area)
{
	struct main_view *main = (struct main_view *)view;
	int height = area.rows / 3;

	height = height < 4 ? 4 : height > 15 ? 15 : height;
	draw_histogram(main, area_part(area, 0, 0, height, area.cols));
	draw_list(main, area_part(area, height, 0, area.rows - height, area.cols));
}
