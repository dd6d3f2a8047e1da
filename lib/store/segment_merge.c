#include "order.h"
#include "reader.h"
#include "writer.h"

#include <stdlib.h>

/* One column of all inputs, one after the other; codes are places in all their dictionaries, one after the other. */
struct joined {
	struct ot_column column;
	struct ot_str *dict;
	struct ot_arena arena; /* texts */
};

static void joined_release(struct joined *j)
{
	free(j->column.valid);
	free(j->column.numbers);
	free(j->column.codes);
	free(j->column.texts);
	free(j->column.fixed);
	free(j->dict);
	ot_arena_release(&j->arena);
	*j = (struct joined){ 0 };
}

static void joined_init(struct joined *j, enum ot_field field, uint32_t rows)
{
	struct ot_column *c = &j->column;

	*j = (struct joined){ .column = { .form = ot_fields[field].form, .rows = rows } };
	switch (c->form) {
	case OT_FORM_INT:
		c->numbers = ot_alloc(rows * sizeof(*c->numbers));
		c->valid = ot_alloc(rows);
		break;
	case OT_FORM_DICT:
		c->codes = ot_alloc(rows * sizeof(*c->codes));
		break;
	case OT_FORM_TEXT:
		c->texts = ot_alloc(rows * sizeof(*c->texts));
		break;
	default:
		c->fixed = ot_alloc((size_t)rows * ot_fields[field].width);
		c->valid = ot_alloc(rows);
	}
}

static void append_codes(struct ot_column *to, uint32_t at, const struct ot_column *from, uint32_t code_base)
{
	for (uint32_t row = 0; row < from->rows; row++)
		to->codes[at + row] = from->codes[row] == OT_CODE_NULL ? OT_CODE_NULL : from->codes[row] + code_base;
}

static void append_block(
    struct ot_column *to, uint32_t at, const struct ot_column *from, size_t width, uint32_t code_base)
{
	switch (from->form) {
	case OT_FORM_DICT:
		append_codes(to, at, from, code_base);
		return;
	case OT_FORM_TEXT:
		memcpy(to->texts + at, from->texts, from->rows * sizeof(*from->texts));
		return;
	case OT_FORM_INT:
		memcpy(to->numbers + at, from->numbers, from->rows * sizeof(*from->numbers));
		break;
	default:
		memcpy(to->fixed + at * width, from->fixed, from->rows * width);
	}
	if (from->valid != NULL)
		memcpy(to->valid + at, from->valid, from->rows);
	else
		memset(to->valid + at, 1, from->rows);
}

static enum ot_status append_dict(struct joined *j, struct ot_segment *input, enum ot_field field, struct ot_err *err)
{
	const struct ot_str *items;
	uint32_t count;
	enum ot_status status;

	if (ot_fields[field].form != OT_FORM_DICT)
		return OT_OK;
	status = ot_segment_dict(input, field, &items, &count, err);
	if (status != OT_OK || count == 0)
		return status;
	j->dict = ot_realloc(j->dict, ((size_t)j->column.dict_count + count) * sizeof(*j->dict));
	memcpy(j->dict + j->column.dict_count, items, count * sizeof(*items));
	j->column.dict = j->dict;
	j->column.dict_count += count;
	return OT_OK;
}

static enum ot_status append_input(
    struct joined *j, uint32_t *at, struct ot_segment *input, enum ot_field field, struct ot_err *err)
{
	uint32_t blocks = ot_segment_blocks(input), code_base = j->column.dict_count;
	struct ot_arena scratch = { 0 }, *arena = ot_fields[field].form == OT_FORM_TEXT ? &j->arena : &scratch;
	enum ot_status status = append_dict(j, input, field, err);

	for (uint32_t block = 0; block < blocks && status == OT_OK; block++) {
		struct ot_column rows;

		ot_arena_reset(&scratch);
		status = ot_segment_decode(input, field, block, &rows, arena, err);
		if (status != OT_OK)
			break;
		append_block(&j->column, *at, &rows, ot_fields[field].width, code_base);
		*at += rows.rows;
	}
	ot_arena_release(&scratch);
	return status;
}

static enum ot_status joined_load(struct joined *j, struct ot_segment *const *inputs, size_t count, enum ot_field field,
    uint32_t rows, struct ot_err *err)
{
	enum ot_status status = OT_OK;
	uint32_t at = 0;

	joined_init(j, field, rows);
	for (size_t i = 0; i < count && status == OT_OK; i++)
		status = append_input(j, &at, inputs[i], field, err);
	return status;
}

static bool any_has(struct ot_segment *const *inputs, size_t count, enum ot_field field)
{
	for (size_t i = 0; i < count; i++) {
		if (ot_segment_has(inputs[i], field))
			return true;
	}
	return false;
}

/* --- the order of rows --- */

struct merge {
	struct ot_segment *const *inputs;
	size_t count;
	struct ot_seg_header header;
	uint32_t *order; /* by row of the output: row of the inputs, one after the other */
};

static void sort_keys(struct merge *m, const struct joined joined[OT_SORT_FIELD_COUNT])
{
	const struct ot_column *columns[OT_FIELD_COUNT] = { 0 };
	const uint32_t *ranks[OT_FIELD_COUNT] = { 0 };
	struct ot_seg_ranks made[OT_SORT_FIELD_COUNT] = { 0 };

	for (int i = 0; i < OT_SORT_FIELD_COUNT; i++) {
		columns[ot_sort_fields[i]] = &joined[i].column;
		if (joined[i].column.form == OT_FORM_DICT && joined[i].column.dict_count > 0) {
			ot_seg_ranks_make(&made[i], &joined[i].column, m->order, m->header.rows);
			ranks[ot_sort_fields[i]] = made[i].ranks;
		}
		if (ot_sort_fields[i] == OT_TIMESTAMP)
			ot_seg_header_times(&m->header, &joined[i].column, m->order, m->header.rows);
	}
	ot_order_rows(m->order, m->header.rows, columns, ranks);
	for (int i = 0; i < OT_SORT_FIELD_COUNT; i++)
		ot_seg_ranks_release(&made[i]);
}

static enum ot_status make_order(struct merge *m, struct ot_err *err)
{
	struct joined joined[OT_SORT_FIELD_COUNT] = { 0 };
	enum ot_status status = OT_OK;

	m->order = ot_alloc(m->header.rows * sizeof(*m->order));
	for (uint32_t i = 0; i < m->header.rows; i++)
		m->order[i] = i;
	for (int i = 0; i < OT_SORT_FIELD_COUNT && status == OT_OK; i++)
		status = joined_load(&joined[i], m->inputs, m->count, ot_sort_fields[i], m->header.rows, err);
	if (status == OT_OK)
		sort_keys(m, joined);
	for (int i = 0; i < OT_SORT_FIELD_COUNT; i++)
		joined_release(&joined[i]);
	return status;
}

/* --- output --- */

static enum ot_status merge_column(
    const struct merge *m, struct ot_seg_writer *writer, enum ot_field field, struct ot_err *err)
{
	enum ot_field base_field = ot_seg_base(field);
	bool has_base = base_field != OT_FIELD_NONE && any_has(m->inputs, m->count, base_field);
	struct joined joined, base = { 0 };
	struct ot_seg_ranks ranks = { 0 };
	enum ot_status status = joined_load(&joined, m->inputs, m->count, field, m->header.rows, err);

	if (status == OT_OK && has_base)
		status = joined_load(&base, m->inputs, m->count, base_field, m->header.rows, err);
	if (status == OT_OK) {
		if (joined.column.form == OT_FORM_DICT)
			ot_seg_ranks_make(&ranks, &joined.column, m->order, m->header.rows);
		status = ot_seg_writer_column(
		    writer, field, &joined.column, has_base ? &base.column : NULL, m->order, &ranks, err);
	}
	ot_seg_ranks_release(&ranks);
	joined_release(&joined);
	joined_release(&base);
	return status;
}

static enum ot_status merge_write(
    const struct merge *m, const char *path, struct ot_segment_info *info, struct ot_err *err)
{
	struct ot_seg_writer *writer;
	enum ot_status status = ot_seg_writer_open(&writer, path, &m->header, err);

	for (int f = 0; f < OT_FIELD_COUNT && status == OT_OK; f++) {
		if (any_has(m->inputs, m->count, (enum ot_field)f))
			status = merge_column(m, writer, (enum ot_field)f, err);
	}
	if (status == OT_OK)
		status = ot_seg_writer_finish(writer, info, err);
	ot_seg_writer_close(writer);
	return status;
}

static void make_row_maps(const struct merge *m, uint32_t **row_maps)
{
	uint32_t *place = ot_alloc(m->header.rows * sizeof(*place)), base = 0;

	for (uint32_t row = 0; row < m->header.rows; row++)
		place[m->order[row]] = row;
	for (size_t i = 0; i < m->count; i++) {
		uint32_t rows = ot_segment_rows(m->inputs[i]);

		row_maps[i] = ot_alloc(rows * sizeof(**row_maps));
		memcpy(row_maps[i], place + base, rows * sizeof(**row_maps));
		base += rows;
	}
	free(place);
}

/* What this program does not know of a segment would be lost in merging it. */
static enum ot_status merge_check(struct merge *m, struct ot_err *err)
{
	uint64_t rows = 0;

	for (size_t i = 0; i < m->count; i++) {
		const struct ot_segment *input = m->inputs[i];

		rows += input->header.rows;
		if (input->header.compatible != 0)
			return ot_err_set(
			    err, OT_VERSION, "segment %s has features that are not known here", input->path);
		for (uint32_t c = 0; c < input->header.columns; c++) {
			if (input->columns[c].field == OT_FIELD_NONE)
				return ot_err_set(
				    err, OT_VERSION, "segment %s has a column that is not known here", input->path);
		}
	}
	if (rows > OT_SEGMENT_ROWS_MAX)
		return ot_err_set(err, OT_LIMIT, "%llu rows are more than a segment holds", (unsigned long long)rows);
	m->header.rows = (uint32_t)rows;
	for (int f = 0; f < OT_FIELD_COUNT; f++)
		m->header.columns += any_has(m->inputs, m->count, (enum ot_field)f);
	return OT_OK;
}

enum ot_status ot_segment_merge(const char *path, struct ot_segment *const *inputs, size_t count,
    struct ot_segment_info *info, uint32_t **row_maps, struct ot_err *err)
{
	struct merge m = { .inputs = inputs, .count = count };
	enum ot_status status = merge_check(&m, err);

	if (status == OT_OK && (status = make_order(&m, err)) == OT_OK)
		status = merge_write(&m, path, info, err);
	if (status == OT_OK && row_maps != NULL)
		make_row_maps(&m, row_maps);
	free(m.order);
	return status;
}
