/*
 * Batches: rows in memory, column by column. The collector appends records to one; the segment writer takes it;
 * a segment decodes its blocks into the same columns.
 */
#ifndef OT_STORE_BATCH_H
#define OT_STORE_BATCH_H

#include <base/arena.h>
#include <base/intern.h>
#include <store/record.h>

#define OT_CODE_NULL UINT32_MAX

/* One column of `rows` values. Only the arrays of its form are set. */
struct ot_column {
	enum ot_form form;
	uint32_t rows;
	uint8_t *valid;	       /* INT and FIXED: 1 a value, 0 null; NULL where every row has one */
	int64_t *numbers;      /* INT */
	uint32_t *codes;       /* DICT: index into dict, OT_CODE_NULL for null */
	const struct ot_str *dict;
	uint32_t dict_count;
	struct ot_str *texts;  /* TEXT: absent for null */
	uint8_t *fixed;	       /* FIXED: rows * width bytes; zeros where null */
};

static inline bool ot_column_is_null(const struct ot_column *c, uint32_t row)
{
	switch (c->form) {
	case OT_FORM_DICT:
		return c->codes[row] == OT_CODE_NULL;
	case OT_FORM_TEXT:
		return c->texts[row].ptr == NULL;
	default:
		return c->valid != NULL && !c->valid[row];
	}
}

/* A batch being filled. A zeroed struct is empty and usable. */
struct ot_batch {
	uint32_t rows, cap;
	size_t bytes;				  /* of memory, about: for deciding when to flush */
	struct ot_column columns[OT_FIELD_COUNT]; /* rows is 0 and no array is set in a column that is null throughout */
	struct ot_intern dicts[OT_FIELD_COUNT];
	struct ot_arena texts;
	uint64_t used[(OT_FIELD_COUNT + 63) / 64]; /* a bit a column that has arrays */
	struct ot_column kept[OT_FIELD_COUNT];	  /* arrays of columns not in use, for `rows` rows each, from before ot_batch_clear */
};

void ot_batch_release(struct ot_batch *batch);
void ot_batch_clear(struct ot_batch *batch); /* keeps memory */
/* Copies the record in. record_id and call_id are not columns and are passed over. */
void ot_batch_append(struct ot_batch *batch, const struct ot_record *record);
/* Row `row` as a record that borrows from the batch. */
void ot_batch_get(const struct ot_batch *batch, uint32_t row, struct ot_record *out);

#endif
