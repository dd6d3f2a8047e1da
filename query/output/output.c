/* Rows to a descriptor: JSON and CSV as they come, tables once the first rows have told how wide their columns are. */
#include <base/file.h>
#include <base/text.h>
#include <errno.h>
#include <query/output.h>
#include <stdlib.h>
#include <unistd.h>

enum { FLUSH_BYTES = 1 << 16, CELL_WIDTH_MIN = 8 };

struct ot_output {
	int fd;
	struct ot_output_options options;
	const struct ot_output_column *columns;
	size_t column_count;
	struct ot_buf pending;	 /* bytes on their way to fd */
	struct ot_buf held;	 /* table: texts of the rows that are looked at, one after the other */
	size_t *held_ends;	 /* end of each cell's text in `held` */
	size_t held_rows;
	size_t *widths;
	bool *right;		 /* column holds numbers: to the right */
	bool wide_known;
};

static enum ot_status flush(struct ot_output *out, struct ot_err *err)
{
	const char *at = out->pending.data;
	size_t left = out->pending.len;
	while (left > 0) {
		ssize_t n = write(out->fd, at, left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EPIPE)
			return OT_END;
		if (n < 0)
			return ot_err_errno(err, "writing the answer");
		at += n;
		left -= (size_t)n;
	}
	ot_buf_clear(&out->pending);
	return OT_OK;
}

static enum ot_status flush_if_full(struct ot_output *out, struct ot_err *err)
{
	return out->pending.len >= FLUSH_BYTES ? flush(out, err) : OT_OK;
}

enum ot_status ot_output_open(struct ot_output **result, int fd, const struct ot_output_options *options,
    const struct ot_output_column *columns, size_t count, struct ot_err *err)
{
	(void)err;
	struct ot_output *out = ot_alloc_zero(1, sizeof(*out));
	out->fd = fd;
	out->options = *options;
	out->columns = columns;
	out->column_count = count;
	out->widths = ot_alloc_zero(count, sizeof(*out->widths));
	out->right = ot_alloc_zero(count, sizeof(*out->right));
	if (options->form == OT_OUTPUT_TABLE) {
		out->held_ends = ot_alloc_zero(count * OT_OUTPUT_LOOK, sizeof(*out->held_ends));
	}
	if (options->form == OT_OUTPUT_CSV) {
		for (size_t i = 0; i < count; i++) {
			if (i > 0)
				ot_buf_char(&out->pending, ',');
			ot_text_csv(&out->pending, ot_str_from(columns[i].name));
		}
		ot_buf_text(&out->pending, "\r\n");
	}
	*result = out;
	return OT_OK;
}

/* --- tables --- */

static bool is_number(const struct ot_cell *cell)
{
	switch (cell->kind) {
	case OT_CELL_COUNT:
	case OT_CELL_INTEGER:
	case OT_CELL_REAL:
	case OT_CELL_EXACT:
	case OT_CELL_SHARE:
	case OT_CELL_RATE:
	case OT_CELL_BYTES:
	case OT_CELL_DURATION:
		return true;
	case OT_CELL_FIELD:
		return ot_fields[cell->field].type == OT_TYPE_INT;
	default:
		return false;
	}
}

/* As many whole characters as fit in `width` columns; the last is … where something is left out. */
static void put_fitted(struct ot_buf *out, struct ot_str text, size_t width, bool right)
{
	size_t full = ot_text_width(text);
	if (full <= width) {
		for (size_t i = full; right && i < width; i++)
			ot_buf_char(out, ' ');
		ot_buf_str_put(out, text);
		for (size_t i = full; !right && i < width; i++)
			ot_buf_char(out, ' ');
		return;
	}
	size_t used = 0;
	while (text.len > 0) {
		int32_t rune;
		size_t len = ot_utf8_next(text, &rune);
		size_t columns = (size_t)ot_rune_width(rune);
		if (used + columns + 1 > width)
			break;
		ot_buf_put(out, text.ptr, len);
		used += columns;
		text = ot_str_sub(text, len, text.len);
	}
	ot_buf_text(out, "…");
	for (used++; used < width; used++)
		ot_buf_char(out, ' ');
}

static void put_table_row(struct ot_output *out, const struct ot_str *texts, bool title)
{
	struct ot_buf *line = &out->pending;
	for (size_t i = 0; i < out->column_count; i++) {
		bool last = i + 1 == out->column_count;
		size_t width = out->widths[i];
		if (last && !out->right[i] && ot_text_width(texts[i]) < width)
			width = ot_text_width(texts[i]); /* no blanks at the end of a line */
		if (title && out->options.color)
			ot_buf_text(line, "\033[1m");
		put_fitted(line, texts[i], width, out->right[i]);
		if (title && out->options.color)
			ot_buf_text(line, "\033[0m");
		ot_buf_text(line, last ? "\n" : "  ");
	}
}

/* Takes from the flexible columns, the widest first, until the line fits. */
static void fit_widths(struct ot_output *out)
{
	size_t total = out->column_count > 0 ? 2 * (out->column_count - 1) : 0;
	for (size_t i = 0; i < out->column_count; i++)
		total += out->widths[i];
	while (out->options.width > 0 && total > out->options.width) {
		size_t widest = out->column_count;
		for (size_t i = 0; i < out->column_count; i++) {
			if (out->columns[i].flexible && out->widths[i] > CELL_WIDTH_MIN &&
			    (widest == out->column_count || out->widths[i] > out->widths[widest]))
				widest = i;
		}
		if (widest == out->column_count)
			break;
		out->widths[widest]--;
		total--;
	}
}

static enum ot_status show_held(struct ot_output *out, struct ot_err *err)
{
	size_t n = out->column_count;
	struct ot_str *texts = ot_alloc_zero(n, sizeof(*texts));
	enum ot_status status = OT_OK;
	fit_widths(out);
	out->wide_known = true;
	for (size_t i = 0; i < n; i++)
		texts[i] = ot_str_from(out->columns[i].title);
	put_table_row(out, texts, true);
	size_t at = 0;
	for (size_t row = 0; row < out->held_rows && status == OT_OK; row++) {
		for (size_t i = 0; i < n; i++) {
			size_t end = out->held_ends[row * n + i];
			texts[i] = ot_str_sub(ot_buf_str(&out->held), at, end - at);
			at = end;
		}
		put_table_row(out, texts, false);
		status = flush_if_full(out, err);
	}
	ot_buf_clear(&out->held);
	out->held_rows = 0;
	free(texts);
	return status;
}

static enum ot_status table_row(struct ot_output *out, const struct ot_cell *cells, struct ot_err *err)
{
	size_t n = out->column_count;
	if (!out->wide_known && out->held_rows == OT_OUTPUT_LOOK) {
		enum ot_status status = show_held(out, err);
		if (status != OT_OK)
			return status;
	}
	if (!out->wide_known) {
		for (size_t i = 0; i < n; i++) {
			size_t start = out->held.len;
			ot_cell_put(&out->held, &cells[i], &out->options);
			out->held_ends[out->held_rows * n + i] = out->held.len;
			size_t width = ot_text_width(ot_str_sub(ot_buf_str(&out->held), start, out->held.len - start));
			size_t title = ot_text_width(ot_str_from(out->columns[i].title));
			if (width > out->widths[i])
				out->widths[i] = width;
			if (title > out->widths[i])
				out->widths[i] = title;
			out->right[i] |= is_number(&cells[i]);
		}
		out->held_rows++;
		return OT_OK;
	}
	struct ot_str *texts = ot_alloc_zero(n, sizeof(*texts));
	struct ot_buf row = { 0 };
	size_t *ends = ot_alloc_zero(n, sizeof(*ends));
	for (size_t i = 0; i < n; i++) {
		ot_cell_put(&row, &cells[i], &out->options);
		ends[i] = row.len;
	}
	for (size_t i = 0; i < n; i++)
		texts[i] = ot_str_sub(ot_buf_str(&row), i > 0 ? ends[i - 1] : 0, ends[i] - (i > 0 ? ends[i - 1] : 0));
	put_table_row(out, texts, false);
	free(texts);
	free(ends);
	ot_buf_release(&row);
	return flush_if_full(out, err);
}

/* --- rows --- */

static void put_json_row(struct ot_output *out, const struct ot_cell *cells)
{
	bool first = true;
	ot_buf_char(&out->pending, '{');
	for (size_t i = 0; i < out->column_count; i++) {
		if (cells[i].kind == OT_CELL_NULL)
			continue;
		if (!first)
			ot_buf_char(&out->pending, ',');
		first = false;
		ot_text_json(&out->pending, ot_str_from(out->columns[i].name));
		ot_buf_char(&out->pending, ':');
		ot_cell_put(&out->pending, &cells[i], &out->options);
	}
	ot_buf_text(&out->pending, "}\n");
}

enum ot_status ot_output_row(struct ot_output *out, const struct ot_cell *cells, struct ot_err *err)
{
	switch (out->options.form) {
	case OT_OUTPUT_TABLE:
		return table_row(out, cells, err);
	case OT_OUTPUT_JSON:
		put_json_row(out, cells);
		break;
	case OT_OUTPUT_CSV:
		for (size_t i = 0; i < out->column_count; i++) {
			if (i > 0)
				ot_buf_char(&out->pending, ',');
			ot_cell_put(&out->pending, &cells[i], &out->options);
		}
		ot_buf_text(&out->pending, "\r\n");
		break;
	}
	return flush_if_full(out, err);
}

enum ot_status ot_output_json_line(struct ot_output *out, struct ot_str line, struct ot_err *err)
{
	if (out->options.form != OT_OUTPUT_JSON)
		return OT_OK;
	ot_buf_str_put(&out->pending, line);
	ot_buf_char(&out->pending, '\n');
	return flush_if_full(out, err);
}

enum ot_status ot_output_close(struct ot_output *out, struct ot_err *err)
{
	if (out == NULL)
		return OT_OK;
	enum ot_status status = OT_OK;
	if (out->options.form == OT_OUTPUT_TABLE && !out->wide_known && out->held_rows > 0)
		status = show_held(out, err);
	if (status == OT_OK)
		status = flush(out, err);
	ot_buf_release(&out->pending);
	ot_buf_release(&out->held);
	free(out->held_ends);
	free(out->widths);
	free(out->right);
	free(out);
	return status;
}
