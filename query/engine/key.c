/* What orders rows beside their time: who leads a call, and the record's id taken as its parts. */
#include "scan.h"

#include <correlate/link.h>

static struct ot_str text_of(const struct ot_column *column, uint32_t row)
{
	return column->codes[row] == OT_CODE_NULL ? OT_STR_NONE : column->dict[column->codes[row]];
}

static int64_t number_of(const struct ot_column *column, uint32_t row, int64_t otherwise)
{
	return ot_column_is_null(column, row) ? otherwise : column->numbers[row];
}

enum ot_status row_keys(
    struct block *block, const struct rows *rows, bool ranks, struct row_key *out, struct ot_err *err)
{
	static const enum ot_field fields[] = {
	    OT_TIMESTAMP, OT_SOURCE_KEY, OT_SOURCE_OFFSET, OT_SOURCE_ITEM, OT_ORIGIN_KIND, OT_CLIENT_KIND};
	const struct ot_column *columns[6];
	enum ot_status status = OT_OK;

	for (size_t i = 0; i < (ranks ? 6 : 4) && status == OT_OK; i++)
		status = block_column(block, fields[i], &columns[i], err);
	for (uint32_t i = 0; i < rows->count && status == OT_OK; i++) {
		uint32_t row = rows_at(rows, i);

		out[i].time = number_of(columns[0], row, OT_TIME_MIN);
		out[i].source_key = text_of(columns[1], row);
		out[i].offset = number_of(columns[2], row, INT64_MIN);
		out[i].item = number_of(columns[3], row, 0);
		out[i].rank =
		    ranks ? ot_leader_rank(number_of(columns[4], row, -1), number_of(columns[5], row, -1)) : 0;
	}
	return status;
}

static int cmp(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

int row_id_cmp(const struct row_key *a, const struct row_key *b)
{
	int order = ot_str_cmp(a->source_key, b->source_key);

	if (order == 0)
		order = cmp(a->offset, b->offset);
	return order != 0 ? order : cmp(a->item, b->item);
}

int row_key_cmp(const struct row_key *a, const struct row_key *b)
{
	int order = cmp(a->rank, b->rank);

	if (order == 0)
		order = cmp(a->time, b->time);
	return order != 0 ? order : row_id_cmp(a, b);
}
