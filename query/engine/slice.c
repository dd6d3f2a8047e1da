#include "slice.h"

#include "sort.h"

#include <stdlib.h>
#include <string.h>

void slice_init(struct slice *slice, struct query *query, const bool *fields)
{
	static const enum ot_field of_ids[] = {OT_SOURCE_KEY, OT_SOURCE_OFFSET, OT_SOURCE_ITEM, OT_ORIGIN};

	memset(slice, 0, sizeof(*slice));
	slice->query = query;
	for (int f = 0; f < OT_FIELD_COUNT; f++)
		slice->wanted[f] = fields == NULL || fields[f];
	for (size_t i = 0; i < sizeof(of_ids) / sizeof(of_ids[0]); i++)
		slice->wanted[of_ids[i]] = true;
	slice->texts = ot_alloc_zero(query->worker_count, sizeof(*slice->texts));
}

static void columns_clear(struct slice *slice)
{
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		free(slice->columns[f].valid);
		free(slice->columns[f].numbers);
		free(slice->columns[f].texts);
	}
	memset(slice->columns, 0, sizeof(slice->columns));
	free(slice->lost);
	slice->lost = NULL;
	for (unsigned i = 0; i < slice->query->worker_count; i++)
		ot_arena_reset(&slice->texts[i]);
	slice->field_count = 0;
	slice->bytes = 0;
}

void slice_release(struct slice *slice)
{
	columns_clear(slice);
	for (unsigned i = 0; i < slice->query->worker_count; i++)
		ot_arena_release(&slice->texts[i]);
	free(slice->texts);
	ot_buf_release(&slice->record_id);
	ot_buf_release(&slice->call_id);
}

/* --- loading --- */

struct load {
	struct slice *slice;
	uint32_t *order; /* rows of the slice by place */
	size_t *starts; /* of each block's run in the order, and its end */
	size_t runs;
};

static void make_order(struct load *load)
{
	const struct slice *slice = load->slice;
	uint64_t *place = ot_alloc((slice->count + 1) * sizeof(*place));

	load->order = ot_alloc((slice->count + 1) * sizeof(*load->order));
	load->starts = ot_alloc((slice->count + 1) * sizeof(*load->starts));
	for (size_t i = 0; i < slice->count; i++) {
		place[i] = (uint64_t)slice->refs[i].part << 32 | slice->refs[i].row;
		load->order[i] = (uint32_t)i;
	}
	sort_order(load->order, slice->count, place);
	for (size_t i = 0; i < slice->count; i++) {
		uint64_t block = place[load->order[i]] / OT_BLOCK_ROWS;

		if (i == 0 || block != place[load->order[i - 1]] / OT_BLOCK_ROWS)
			load->starts[load->runs++] = i;
	}
	load->starts[load->runs] = slice->count;
	free(place);
}

/* Room for the fields that some segment of the slice has. */
static void make_columns(struct load *load)
{
	struct slice *slice = load->slice;
	struct ot_engine *engine = slice->query->engine;

	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		struct slice_column *column = &slice->columns[f];
		bool has = false;

		for (size_t r = 0; r < load->runs && slice->wanted[f] && ot_fields[f].form != OT_FORM_NONE && !has; r++)
			has = ot_segment_has(
			    engine->parts[slice->refs[load->order[load->starts[r]]].part].segment, (enum ot_field)f);
		if (!has)
			continue;
		slice->fields[slice->field_count++] = (enum ot_field)f;
		column->valid = ot_alloc_zero(slice->count, 1);
		if (ot_fields[f].form == OT_FORM_INT)
			column->numbers = ot_alloc(slice->count * sizeof(*column->numbers));
		else
			column->texts = ot_alloc(slice->count * sizeof(*column->texts));
	}
	slice->lost = ot_alloc_zero(slice->count, sizeof(*slice->lost));
}

static struct ot_str value_text(
    const struct ot_column *column, enum ot_field field, uint32_t row, struct ot_arena *texts)
{
	size_t width = ot_fields[field].width;

	switch (column->form) {
	case OT_FORM_DICT:
		return column->dict[column->codes[row]];
	case OT_FORM_TEXT:
		return ot_arena_str(texts, column->texts[row]);
	default:
		return ot_arena_str(texts, (struct ot_str){(const char *)column->fixed + row * width, width});
	}
}

/* What statistics say of a field in a block: nothing is there, everywhere the same, or it must be decoded. */
enum filling { FILLING_NULL, FILLING_SAME, FILLING_ANY };

struct block_field {
	enum filling filling;
	int64_t number; /* SAME */
	struct ot_str text;
};

static enum ot_status look_at_field(
    struct block *block, enum ot_field field, struct block_field *out, struct ot_err *err)
{
	struct ot_engine *engine = block->engine;
	const struct ot_column *column;
	const struct ot_str *items = NULL;
	struct ot_block_stats stats;
	uint32_t count = 0;
	bool sorted, dict = ot_fields[field].form == OT_FORM_DICT;
	enum ot_status status = ot_segment_stats(block->part->segment, field, block->number, &stats, err);

	if (status != OT_OK)
		return status;
	out->filling = stats.nulls >= block->rows ? FILLING_NULL : FILLING_ANY;
	if (stats.nulls == 0 && stats.min == stats.max && (dict || ot_fields[field].form == OT_FORM_INT)) {
		out->number = stats.min;
		out->filling = FILLING_SAME;
		if (dict)
			status = part_dict(engine, block->part, field, &items, &count, &sorted, err);
		if (dict && status == OT_OK && (uint64_t)stats.min < count)
			out->text = items[stats.min];
	}
	return status == OT_OK && out->filling == FILLING_ANY ? block_column(block, field, &column, err) : status;
}

/* The rows order[from..end) of one field, all of the block. */
static void take_field(const struct load *load, size_t from, size_t end, const struct block *block, enum ot_field field,
    const struct block_field *same, struct ot_arena *texts)
{
	struct slice_column *to = &load->slice->columns[field];
	const struct ot_column *column = &block->columns[field];

	for (size_t k = from; k < end; k++) {
		uint32_t i = load->order[k], row = load->slice->refs[i].row - block->first;

		if (same->filling == FILLING_ANY && ot_column_is_null(column, row))
			continue;
		to->valid[i] = 1;
		if (to->numbers != NULL)
			to->numbers[i] = same->filling == FILLING_SAME ? same->number : column->numbers[row];
		else
			to->texts[i] =
			    same->filling == FILLING_SAME ? same->text : value_text(column, field, row, texts);
	}
}

static enum ot_status look_at_fields(
    const struct slice *slice, struct block *block, struct block_field *fields, struct ot_err *err)
{
	enum ot_status status = OT_OK;

	for (size_t f = 0; f < slice->field_count && status == OT_OK; f++)
		status = look_at_field(block, slice->fields[f], &fields[f], err);
	return status;
}

static enum ot_status load_block(void *context, struct worker *worker, size_t job, struct ot_err *err)
{
	const struct load *load = context;
	struct slice *slice = load->slice;
	size_t from = load->starts[job], end = load->starts[job + 1];
	const struct row_ref *ref = &slice->refs[load->order[from]];
	struct block *block = &worker->block;
	struct block_field *fields;
	enum ot_status status;

	if (engine_cancelled(slice->query->engine))
		return ot_err_set(err, OT_CANCELLED, "stopped");
	block_init(block, slice->query->engine, ref->part, ref->row / OT_BLOCK_ROWS, &worker->arena);
	fields = ot_arena_zero(&worker->arena, slice->field_count + 1, sizeof(*fields));
	status = look_at_fields(slice, block, fields, err);
	worker->stats.values_decoded += block->values_decoded;
	for (size_t k = from; status != OT_OK && k < end; k++)
		slice->lost[load->order[k]] = true;
	for (size_t f = 0; status == OT_OK && f < slice->field_count; f++) {
		if (fields[f].filling != FILLING_NULL)
			take_field(load, from, end, block, slice->fields[f], &fields[f], &slice->texts[worker->number]);
	}
	return scan_damage(slice->query, ref->part, ref->row / OT_BLOCK_ROWS, status, err);
}

enum ot_status slice_load(struct slice *slice, const struct row_ref *refs, size_t count, struct ot_err *err)
{
	struct load load = {.slice = slice};
	enum ot_status status;

	columns_clear(slice);
	slice->refs = refs;
	slice->count = count;
	make_order(&load);
	make_columns(&load);
	status = query_run(slice->query, load.runs, load_block, &load, err);
	for (unsigned i = 0; i < slice->query->worker_count; i++)
		slice->bytes += slice->texts[i].bytes;
	for (size_t f = 0; f < slice->field_count; f++)
		slice->bytes += count * (slice->columns[slice->fields[f]].numbers != NULL ? 9 : 17);
	free(load.order);
	free(load.starts);
	return status;
}

/* --- giving rows --- */

static void fill_record(struct slice *slice, size_t i)
{
	ot_record_clear(&slice->record);
	for (size_t k = 0; k < slice->field_count; k++) {
		enum ot_field f = slice->fields[k];
		const struct slice_column *column = &slice->columns[f];

		if (!column->valid[i])
			continue;
		if (column->numbers != NULL)
			ot_record_set_int(&slice->record, f, column->numbers[i]);
		else
			ot_record_set_text(&slice->record, f, column->texts[i]);
	}
}

static struct ot_str make_id(struct slice *slice)
{
	const struct ot_record *record = &slice->record;

	ot_buf_clear(&slice->record_id);
	ot_record_id_put(&slice->record_id, ot_record_text(record, OT_SOURCE_KEY),
	    ot_record_int(record, OT_SOURCE_OFFSET, 0), ot_record_int(record, OT_SOURCE_ITEM, 0));
	return ot_buf_str(&slice->record_id);
}

bool slice_row(struct slice *slice, size_t i, struct ot_row *out)
{
	const struct row_ref *ref = &slice->refs[i];
	const struct ot_links *links = part_links(&slice->query->engine->parts[ref->part]);
	const struct ot_call *call;
	struct ot_str id;

	if (slice->lost[i])
		return false;
	fill_record(slice, i);
	id = make_id(slice);
	ot_record_set_text(&slice->record, OT_RECORD_ID, id);
	slice->origin = ot_record_text(&slice->record, OT_ORIGIN);
	*out = (struct ot_row){&slice->record, &slice->origin, slice->origin.ptr != NULL, 1};
	if (links != NULL && links->call_of_row[ref->row] != 0) {
		call = &links->calls[links->call_of_row[ref->row] - 1];
		*out = (struct ot_row){&slice->record, call->origins, call->origin_count, call->records};
		id = call->call_id;
	}
	ot_record_set_text(&slice->record, OT_CALL_ID, id);
	return true;
}
