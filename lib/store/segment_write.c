#include "order.h"
#include "writer.h"

#include <stdlib.h>

static bool has_values(const struct ot_column *column, const uint32_t *order, uint32_t rows)
{
	for (uint32_t i = 0; i < rows && column->rows > 0; i++) {
		if (!ot_column_is_null(column, order[i]))
			return true;
	}
	return false;
}

/* A copy of `order`, sorted. */
static uint32_t *sort_rows(const struct ot_batch *batch, const uint32_t *order, uint32_t rows)
{
	const struct ot_column *columns[OT_FIELD_COUNT] = { 0 };
	const uint32_t *ranks[OT_FIELD_COUNT] = { 0 };
	struct ot_seg_ranks made[OT_SORT_FIELD_COUNT] = { 0 };
	uint32_t *sorted = ot_alloc(rows * sizeof(*sorted));

	for (uint32_t i = 0; i < rows; i++)
		sorted[i] = order[i];
	for (int i = 0; i < OT_SORT_FIELD_COUNT; i++) {
		enum ot_field field = ot_sort_fields[i];

		columns[field] = &batch->columns[field];
		if (ot_fields[field].form == OT_FORM_DICT && columns[field]->rows > 0) {
			ot_seg_ranks_make(&made[i], columns[field], order, rows);
			ranks[field] = made[i].ranks;
		}
	}
	ot_order_rows(sorted, rows, columns, ranks);
	for (int i = 0; i < OT_SORT_FIELD_COUNT; i++)
		ot_seg_ranks_release(&made[i]);
	return sorted;
}

static enum ot_status put_column(struct ot_seg_writer *writer, enum ot_field field, const struct ot_column *column,
    const struct ot_column *base, const uint32_t *order, uint32_t rows, struct ot_err *err)
{
	struct ot_seg_ranks ranks = { 0 };
	enum ot_status status;

	if (column->form == OT_FORM_DICT)
		ot_seg_ranks_make(&ranks, column, order, rows);
	status = ot_seg_writer_column(writer, field, column, base, order, &ranks, err);
	ot_seg_ranks_release(&ranks);
	return status;
}

static enum ot_status put_columns(struct ot_seg_writer *writer, const struct ot_batch *batch, const bool *has,
    const uint32_t *order, uint32_t rows, struct ot_err *err)
{
	enum ot_status status = OT_OK;

	for (int f = 0; f < OT_FIELD_COUNT && status == OT_OK; f++) {
		enum ot_field base = ot_seg_base((enum ot_field)f);

		if (has[f])
			status = put_column(writer, (enum ot_field)f, &batch->columns[f],
			    base != OT_FIELD_NONE && has[base] ? &batch->columns[base] : NULL, order, rows, err);
	}
	return status;
}

enum ot_status ot_segment_write(const char *path, const struct ot_batch *batch, const uint32_t *order, uint32_t rows,
    struct ot_segment_info *info, struct ot_err *err)
{
	struct ot_seg_header header = { .rows = rows };
	struct ot_seg_writer *writer;
	bool has[OT_FIELD_COUNT];
	uint32_t *sorted;
	enum ot_status status;

	if (rows > OT_SEGMENT_ROWS_MAX)
		return ot_err_set(
		    err, OT_LIMIT, "%u rows are more than a segment holds (%d)", rows, OT_SEGMENT_ROWS_MAX);
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		has[f] = has_values(&batch->columns[f], order, rows);
		header.columns += has[f];
	}
	ot_seg_header_times(&header, &batch->columns[OT_TIMESTAMP], order, rows);
	status = ot_seg_writer_open(&writer, path, &header, err);
	if (status != OT_OK)
		return status;
	sorted = sort_rows(batch, order, rows);
	status = put_columns(writer, batch, has, sorted, rows, err);
	if (status == OT_OK)
		status = ot_seg_writer_finish(writer, info, err);
	ot_seg_writer_close(writer);
	free(sorted);
	return status;
}
