/* How tables look. */
#include "app.h"
#include "view_table.h"

static struct ot_cell cell_of(const struct table_view *table, const struct ot_group *group, int at)
{
	const struct table_column *column = &table->kind->columns[at];
	int m = column->measure;

	if (column->key >= 0) {
		if (group->key_null[column->key])
			return ot_cell_null();
		return (struct ot_cell){ .kind = OT_CELL_FIELD, .field = table->request.by[column->key], .value = group->keys[column->key] };
	}
	if (group->measure_null[m])
		return ot_cell_null();
	return (struct ot_cell){ .kind = column->cell, .number = ot_measure_is_real(table->request.measures[m].kind) ? 0 : group->measures[m].number,
		.real = ot_measure_is_real(table->request.measures[m].kind) ? group->measures[m].real : 0 };
}

void table_put_cell(struct ot_buf *out, const struct table_view *table, const struct ot_group *group, int column)
{
	struct ot_output_options options = { .form = OT_OUTPUT_TABLE, .zone = table->view.app->scope.zone };
	struct ot_cell cell = cell_of(table, group, column);

	/* Names stay as they are: the canvas escapes. */
	if (cell.kind == OT_CELL_FIELD)
		ot_value_put_human(out, cell.field, &cell.value);
	else
		ot_cell_put(out, &cell, &options);
	if (cell.kind != OT_CELL_NULL)
		ot_buf_text(out, table->kind->columns[column].unit);
}

bool table_shows(const struct table_view *table, int column)
{
	return table->view.app->canvas.cols >= table->kind->columns[column].cols_min;
}

static void lay_out(const struct table_view *table, int cols, int *width)
{
	int rest = cols - 2, flexible = 0;

	for (int c = 0; c < (int)table->kind->column_count; c++) {
		width[c] = table_shows(table, c) ? table->kind->columns[c].width : -1;
		flexible += width[c] == 0;
		rest -= width[c] > 0 ? width[c] + 1 : 0;
	}
	for (int c = 0; c < (int)table->kind->column_count; c++) {
		if (width[c] == 0) {
			width[c] = rest / flexible - 1 < 40 || flexible == 1 ? rest / flexible - 1 : 40;
			rest -= width[c] + 1;
			flexible--;
		}
	}
}

static void put(struct area area, int row, int col, int width, enum style style, struct ot_str text, bool number)
{
	if (number)
		area_put_right(area, row, col, width, style, text);
	else
		area_put(area, row, col, width, style, text);
}

static void draw_heads(const struct table_view *table, struct area area, const int *width)
{
	for (int c = 0, col = 2; c < (int)table->kind->column_count; c++) {
		struct ot_buf title = { 0 };

		if (width[c] < 0)
			continue;
		ot_buf_text(&title, table->kind->columns[c].title);
		if (c == table->sort)
			ot_buf_text(&title, table->ascending ? "↑" : "↓");
		put(area, 0, col, width[c], c == table->column ? STYLE_HEAD_FOCUS : STYLE_HEAD, ot_buf_str(&title), table->kind->columns[c].measure >= 0);
		col += width[c] + 1;
		ot_buf_release(&title);
	}
}

static void draw_row(const struct table_view *table, struct area area, int row, const struct ot_group *group, const int *width)
{
	for (int c = 0, col = 2; c < (int)table->kind->column_count; c++) {
		const struct table_column *column = &table->kind->columns[c];
		struct ot_buf text = { 0 };
		enum style style = STYLE_PLAIN;

		if (width[c] < 0)
			continue;
		table_put_cell(&text, table, group, c);
		if (column->cell == OT_CELL_SHARE && !group->measure_null[column->measure])
			style = group->measures[column->measure].real >= 0.1 ? STYLE_5XX : group->measures[column->measure].real > 0 ? STYLE_4XX : STYLE_PLAIN;
		put(area, row, col, width[c], style, ot_buf_str(&text), column->measure >= 0);
		col += width[c] + 1;
		ot_buf_release(&text);
	}
}

static void scroll(struct table_view *table)
{
	if (table->cursor < table->top)
		table->top = table->cursor;
	if (table->cursor >= table->top + table->height)
		table->top = table->cursor - table->height + 1;
}

void table_draw(struct view *view, struct area area)
{
	struct table_view *table = (struct table_view *)view;
	int width[TABLE_COLUMNS_MAX];

	table->height = area.rows > 2 ? (size_t)area.rows - 1 : 1;
	scroll(table);
	lay_out(table, area.cols, width);
	draw_heads(table, area, width);
	if (table->groups.count == 0)
		area_text(area, 1, 2, STYLE_DIM, table->ready ? "no call matches: u takes the last change back, : edits the filter" : app_waiting(table->view.app));
	for (size_t i = 0; i < table->height && table->top + i < table->groups.count; i++) {
		draw_row(table, area, (int)i + 1, table->order[table->top + i], width);
		if (table->top + i == table->cursor) {
			area_text(area, (int)i + 1, 0, STYLE_TITLE, ">");
			area_select(area, (int)i + 1, 0, area.cols);
		}
	}
}
