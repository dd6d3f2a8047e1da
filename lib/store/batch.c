#include <base/err.h>
#include <store/batch.h>

#include <stdlib.h>
#include <string.h>

enum { ROWS_FIRST = 256 };

static void column_free(struct ot_column *column)
{
	free(column->valid);
	free(column->numbers);
	free(column->codes);
	free(column->texts);
	free(column->fixed);
	*column = (struct ot_column){ 0 };
}

/* Makes the arrays hold `to` rows; those from `from` on are null, so that a record costs nothing in the columns it
 * leaves out. */
static void column_extend(struct ot_column *column, enum ot_field field, size_t from, size_t to)
{
	size_t width = ot_fields[field].width;

	switch (column->form) {
	case OT_FORM_INT:
		column->numbers = ot_realloc(column->numbers, to * sizeof(*column->numbers));
		memset(column->numbers + from, 0, (to - from) * sizeof(*column->numbers));
		break;
	case OT_FORM_DICT:
		column->codes = ot_realloc(column->codes, to * sizeof(*column->codes));
		memset(column->codes + from, 0xff, (to - from) * sizeof(*column->codes));
		return;
	case OT_FORM_TEXT:
		column->texts = ot_realloc(column->texts, to * sizeof(*column->texts));
		memset(column->texts + from, 0, (to - from) * sizeof(*column->texts));
		return;
	default:
		column->fixed = ot_realloc(column->fixed, to * width);
		memset(column->fixed + from * width, 0, (to - from) * width);
	}
	column->valid = ot_realloc(column->valid, to);
	memset(column->valid + from, 0, to - from);
}

/* A column's first value: its arrays are those of the time before the batch was cleared, or new. */
static void column_start(struct ot_batch *batch, enum ot_field field)
{
	struct ot_column *column = &batch->columns[field], *kept = &batch->kept[field];

	*column = *kept;
	*kept = (struct ot_column){ 0 };
	if (column->rows != batch->cap) {
		column_free(column);
		column->form = ot_fields[field].form;
	}
	column_extend(column, field, 0, batch->cap);
	batch->used[field >> 6] |= UINT64_C(1) << (field & 63);
}

static void batch_grow(struct ot_batch *batch)
{
	size_t cap = batch->cap == 0 ? ROWS_FIRST : (size_t)batch->cap * 2;

	if (cap > UINT32_MAX / 2)
		ot_die("more than %u records in one batch", batch->rows);
	for (unsigned f = 0; f < OT_FIELD_COUNT; f++) {
		if (batch->used[f >> 6] >> (f & 63) & 1)
			column_extend(&batch->columns[f], (enum ot_field)f, batch->rows, cap);
	}
	batch->cap = (uint32_t)cap;
}

/* Logs repeat themselves: a text that is equal to the row's before needs no look into the table. */
static inline bool repeats(const struct ot_column *column, uint32_t row, struct ot_str text)
{
	uint32_t code;

	if (row == 0 || (code = column->codes[row - 1]) == OT_CODE_NULL)
		return false;
	return column->dict[code].len == text.len && memcmp(column->dict[code].ptr, text.ptr, text.len) == 0;
}

static void append_code(struct ot_batch *batch, enum ot_field field, uint32_t row, struct ot_str text)
{
	struct ot_column *column = &batch->columns[field];
	struct ot_intern *intern = &batch->dicts[field];
	bool is_new;

	if (repeats(column, row, text)) {
		column->codes[row] = column->codes[row - 1];
		return;
	}
	column->codes[row] = ot_intern_put(intern, text, &is_new);
	if (is_new) {
		column->dict = intern->items;
		column->dict_count = intern->count;
		batch->bytes += text.len + sizeof(text);
	}
}

static void append_value(struct ot_batch *batch, enum ot_field field, uint32_t row, const union ot_value *value)
{
	struct ot_column *column = &batch->columns[field];
	size_t width = ot_fields[field].width;

	switch (ot_fields[field].form) {
	case OT_FORM_INT:
		column->numbers[row] = value->number;
		column->valid[row] = 1;
		batch->bytes += sizeof(int64_t) + 1;
		break;
	case OT_FORM_DICT:
		append_code(batch, field, row, value->text);
		batch->bytes += sizeof(uint32_t);
		break;
	case OT_FORM_TEXT:
		column->texts[row] = ot_arena_str(&batch->texts, value->text);
		batch->bytes += sizeof(struct ot_str) + value->text.len;
		break;
	default:
		memcpy(column->fixed + row * width, value->text.ptr, width);
		column->valid[row] = 1;
		batch->bytes += width + 1;
	}
}

/* What no column can hold: ids that are made from others, and bytes of another length than the field has. */
static inline bool is_storable(const struct ot_record *record, enum ot_field field)
{
	switch (ot_fields[field].form) {
	case OT_FORM_NONE:
		return false;
	case OT_FORM_FIXED:
		return record->values[field].text.len == ot_fields[field].width;
	default:
		return true;
	}
}

void ot_batch_append(struct ot_batch *batch, const struct ot_record *record)
{
	uint32_t row = batch->rows;

	if (row == batch->cap)
		batch_grow(batch);
	for (unsigned word = 0; word < sizeof(batch->used) / sizeof(*batch->used); word++) {
		for (uint64_t bits = record->present[word]; bits != 0; bits &= bits - 1) {
			enum ot_field field = (enum ot_field)(word * 64 + (unsigned)__builtin_ctzll(bits));

			if (!is_storable(record, field))
				continue;
			if (!(batch->used[word] >> (field & 63) & 1))
				column_start(batch, field);
			append_value(batch, field, row, &record->values[field]);
		}
		for (uint64_t bits = batch->used[word]; bits != 0; bits &= bits - 1)
			batch->columns[word * 64 + (unsigned)__builtin_ctzll(bits)].rows = row + 1;
	}
	batch->rows = row + 1;
}

static void get_value(const struct ot_column *column, enum ot_field field, uint32_t row, struct ot_record *out)
{
	size_t width = ot_fields[field].width;

	switch (column->form) {
	case OT_FORM_INT:
		ot_record_set_int(out, field, column->numbers[row]);
		break;
	case OT_FORM_DICT:
		ot_record_set_text(out, field, column->dict[column->codes[row]]);
		break;
	case OT_FORM_TEXT:
		ot_record_set_text(out, field, column->texts[row]);
		break;
	default:
		ot_record_set_text(out, field, (struct ot_str){ (const char *)column->fixed + row * width, width });
	}
}

void ot_batch_get(const struct ot_batch *batch, uint32_t row, struct ot_record *out)
{
	ot_record_clear(out);
	for (unsigned f = 0; f < OT_FIELD_COUNT; f++) {
		const struct ot_column *column = &batch->columns[f];

		if (column->rows > row && !ot_column_is_null(column, row))
			get_value(column, (enum ot_field)f, row, out);
	}
}

void ot_batch_clear(struct ot_batch *batch)
{
	for (unsigned f = 0; f < OT_FIELD_COUNT; f++) {
		if (batch->columns[f].rows > 0) {
			column_free(&batch->kept[f]);
			batch->kept[f] = batch->columns[f];
			batch->kept[f].rows = batch->cap;
			batch->columns[f] = (struct ot_column){ 0 };
		}
		ot_intern_clear(&batch->dicts[f]);
	}
	memset(batch->used, 0, sizeof(batch->used));
	ot_arena_reset(&batch->texts);
	batch->rows = 0;
	batch->bytes = 0;
}

void ot_batch_release(struct ot_batch *batch)
{
	for (unsigned f = 0; f < OT_FIELD_COUNT; f++) {
		column_free(&batch->columns[f]);
		column_free(&batch->kept[f]);
		ot_intern_release(&batch->dicts[f]);
	}
	ot_arena_release(&batch->texts);
	*batch = (struct ot_batch){ 0 };
}
