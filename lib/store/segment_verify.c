#include "order.h"
#include "reader.h"

#include <base/file.h>
#include <base/time.h>
#include <stdio.h>
#include <stdlib.h>

struct verify {
	struct ot_segment *segment;
	ot_fault_fn *report;
	void *context;
	struct ot_err *err; /* the first fault */
	enum ot_status status;
	struct ot_arena arena;
};

static void found(struct verify *v, const struct ot_err *fault)
{
	if (v->status == OT_OK) {
		v->status = fault->status;
		if (v->err != NULL)
			*v->err = *fault;
	}
	if (v->report != NULL)
		v->report(v->context, fault->text);
}

__attribute__((format(printf, 3, 4))) static void fault(
    struct verify *v, const struct ot_seg_column *column, const char *format, ...)
{
	struct ot_err err;
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (column != NULL)
		ot_err_set(&err, OT_CORRUPT, "segment %s: column %.*s: %s", v->segment->path,
		    OT_STR_ARGS(column->entry.name), text);
	else
		ot_err_set(&err, OT_CORRUPT, "segment %s: %s", v->segment->path, text);
	found(v, &err);
}

/* --- statistics --- */

static int64_t number_at(const struct ot_column *column, uint32_t row)
{
	return column->form == OT_FORM_DICT ? (int64_t)column->codes[row] : column->numbers[row];
}

static void check_stats(
    struct verify *v, const struct ot_seg_column *column, uint32_t block, const struct ot_column *values)
{
	const struct ot_seg_block *stored = &column->blocks[block];
	int64_t min = 1, max = 0;
	uint32_t nulls = 0;

	for (uint32_t row = 0; row < values->rows; row++) {
		int64_t value;

		if (ot_column_is_null(values, row)) {
			nulls++;
			continue;
		}
		if (values->form != OT_FORM_INT && values->form != OT_FORM_DICT)
			continue;
		value = number_at(values, row);
		if (min > max)
			min = max = value;
		min = value < min ? value : min;
		max = value > max ? value : max;
	}
	if (nulls != stored->nulls || min != stored->min || max != stored->max)
		fault(v, column, "block %u: its statistics are not those of its values", block);
}

/* --- dictionaries --- */

static void mark_codes(uint8_t *used, const struct ot_column *values)
{
	for (uint32_t row = 0; row < values->rows; row++) {
		if (values->codes[row] != OT_CODE_NULL)
			used[values->codes[row]] = 1;
	}
}

static void check_dict(
    struct verify *v, const struct ot_seg_column *column, const struct ot_seg_dict *dict, const uint8_t *used)
{
	uint32_t unused = 0, misplaced = 0;

	for (uint32_t code = 0; code < dict->count; code++) {
		unused += !used[code];
		misplaced += code > 0 && ot_str_cmp(dict->items[code - 1], dict->items[code]) >= 0;
	}
	if (unused > 0)
		fault(v, column, "%u texts of the dictionary are in no row", unused);
	if (misplaced > 0)
		fault(v, column, "the dictionary is not in order in %u places", misplaced);
}

/* --- id indexes --- */

static struct ot_str value_at(const struct ot_column *values, uint32_t row, size_t width)
{
	return values->form == OT_FORM_TEXT ? values->texts[row]
					    : (struct ot_str){ (const char *)values->fixed + row * width, width };
}

static void take_ids(struct ot_ids_writer *ids, const struct ot_column *values, size_t width, uint32_t block)
{
	for (uint32_t row = 0; row < values->rows; row++) {
		if (!ot_column_is_null(values, row))
			ot_ids_add(ids, value_at(values, row, width), block);
	}
}

/* The slow way, for an index that was made otherwise than we would: each value is looked up. */
static void look_up_all(struct verify *v, struct ot_seg_column *column)
{
	uint32_t blocks = ot_segment_blocks(v->segment);
	uint8_t flags[OT_SEG_BLOCKS_MAX];
	struct ot_err err;

	if (ot_seg_column_check_pages(v->segment, column, &err) != OT_OK) {
		found(v, &err);
		return;
	}
	for (uint32_t block = 0; block < blocks; block++) {
		struct ot_column values;

		ot_arena_reset(&v->arena);
		if (ot_seg_column_decode(v->segment, column, block, &values, &v->arena, &err) != OT_OK)
			continue; /* told already */
		for (uint32_t row = 0; row < values.rows; row++) {
			if (ot_column_is_null(&values, row))
				continue;
			memset(flags, 0, sizeof(flags));
			if (ot_seg_column_lookup(v->segment, column, value_at(&values, row, column->entry.width), flags,
				&err) != OT_OK) {
				found(v, &err);
				return;
			}
			if (!flags[block]) {
				fault(v, column, "an id of block %u is not in the id index", block);
				return;
			}
		}
	}
}

static bool section_is(
    struct verify *v, const struct ot_seg_column *column, enum ot_seg_section section, const struct ot_buf *expected)
{
	char *bytes;
	struct ot_err err;
	bool same;

	if (column->entry.length[section] != expected->len)
		return false;
	bytes = ot_alloc(expected->len);
	same = ot_file_pread(v->segment->fd, bytes, expected->len, column->entry.offset[section], v->segment->path,
		   &err) == OT_OK &&
	       (expected->len == 0 || memcmp(bytes, expected->data, expected->len) == 0);
	free(bytes);
	return same;
}

/* `ids` are those of all values: an index that is made of them byte for byte finds them all. */
static void check_ids(struct verify *v, struct ot_seg_column *column, struct ot_ids_writer *ids)
{
	struct ot_buf directory = { 0 }, pages = { 0 };

	ot_ids_put(ids, &directory, &pages);
	if (!section_is(v, column, OT_SECTION_ID_DIRECTORY, &directory) ||
	    !section_is(v, column, OT_SECTION_ID_PAGES, &pages))
		look_up_all(v, column);
	ot_buf_release(&directory);
	ot_buf_release(&pages);
}

/* --- columns --- */

static void check_blocks(struct verify *v, struct ot_seg_column *column, struct ot_ids_writer *ids, uint8_t *used)
{
	uint32_t blocks = ot_segment_blocks(v->segment);
	struct ot_err err;

	for (uint32_t block = 0; block < blocks; block++) {
		struct ot_column values;

		ot_arena_reset(&v->arena);
		if (ot_seg_column_decode(v->segment, column, block, &values, &v->arena, &err) != OT_OK) {
			found(v, &err);
			continue;
		}
		check_stats(v, column, block, &values);
		if (used != NULL)
			mark_codes(used, &values);
		if (column->entry.length[OT_SECTION_ID_DIRECTORY] > 0)
			take_ids(ids, &values, column->entry.width, block);
	}
}

static void check_column(struct verify *v, struct ot_seg_column *column)
{
	const uint64_t *length = column->entry.length;
	struct ot_ids_writer ids = { 0 };
	struct ot_seg_block *blocks;
	struct ot_seg_dict *dict = NULL;
	uint8_t *used = NULL;
	struct ot_err err;

	/* A form that only a newer program knows is its to check. */
	if (!ot_seg_form_known(&column->entry))
		return;
	if (ot_seg_column_blocks(v->segment, column, &blocks, &err) != OT_OK ||
	    (ot_seg_form(&column->entry) == OT_FORM_DICT &&
		ot_seg_column_dict(v->segment, column, &dict, &err) != OT_OK)) {
		found(v, &err);
		return;
	}
	if ((dict == NULL) != (length[OT_SECTION_DICT] == 0) ||
	    (length[OT_SECTION_ID_DIRECTORY] == 0) != (length[OT_SECTION_ID_PAGES] == 0))
		fault(v, column, "it has a section that such a column has not");
	if (dict != NULL)
		used = ot_alloc_zero(dict->count, 1);
	check_blocks(v, column, &ids, used);
	if (dict != NULL)
		check_dict(v, column, dict, used);
	if (length[OT_SECTION_ID_DIRECTORY] > 0)
		check_ids(v, column, &ids);
	ot_ids_release(&ids);
	free(used);
}

/* --- order of rows --- */

struct keys {
	bool there[OT_SORT_FIELD_COUNT];
	int64_t numbers[OT_SORT_FIELD_COUNT]; /* codes order as texts do */
};

static int keys_cmp(const struct keys *a, const struct keys *b)
{
	for (int i = OT_SORT_FIELD_COUNT - 1; i >= 0; i--) {
		if (a->there[i] != b->there[i])
			return a->there[i] ? 1 : -1;
		if (a->there[i] && a->numbers[i] != b->numbers[i])
			return a->numbers[i] > b->numbers[i] ? 1 : -1;
	}
	return 0;
}

/* Compares the rows of a block with each other and with the last one before it; returns how many stand wrong. */
static uint32_t check_block_order(const struct ot_column columns[OT_SORT_FIELD_COUNT], struct keys *last)
{
	uint32_t wrong = 0;

	for (uint32_t row = 0; row < columns[0].rows; row++) {
		struct keys keys = { 0 };

		for (int i = 0; i < OT_SORT_FIELD_COUNT; i++) {
			keys.there[i] = !ot_column_is_null(&columns[i], row);
			keys.numbers[i] = keys.there[i] ? number_at(&columns[i], row) : 0;
		}
		wrong += keys_cmp(last, &keys) > 0;
		*last = keys;
	}
	return wrong;
}

static void check_order(struct verify *v)
{
	uint32_t blocks = ot_segment_blocks(v->segment), wrong = 0;
	struct keys last = { 0 }; /* all null: before every row */
	struct ot_err err;

	for (uint32_t block = 0; block < blocks; block++) {
		struct ot_column columns[OT_SORT_FIELD_COUNT];

		ot_arena_reset(&v->arena);
		for (int i = 0; i < OT_SORT_FIELD_COUNT; i++) {
			if (ot_segment_decode(v->segment, ot_sort_fields[i], block, &columns[i], &v->arena, &err) !=
			    OT_OK)
				return; /* told already */
		}
		wrong += check_block_order(columns, &last);
	}
	if (wrong > 0)
		fault(v, NULL, "%u rows are not in order", wrong);
}

static void check_times(struct verify *v)
{
	const struct ot_seg_header *header = &v->segment->header;
	uint32_t blocks = ot_segment_blocks(v->segment);
	int64_t min = INT64_MAX, max = INT64_MIN;
	struct ot_err err;

	for (uint32_t block = 0; block < blocks; block++) {
		struct ot_block_stats stats;

		if (ot_segment_stats(v->segment, OT_TIMESTAMP, block, &stats, &err) != OT_OK)
			return; /* told already */
		if (stats.min > stats.max)
			continue;
		min = stats.min < min ? stats.min : min;
		max = stats.max > max ? stats.max : max;
	}
	if (min > max ? header->day != OT_DAY_UNDATED || header->time_min != 0 || header->time_max != 0
		      : header->day != ot_time_day(min) || header->time_min != min || header->time_max != max)
		fault(v, NULL, "the header's times are not those of its rows");
}

enum ot_status ot_segment_verify(struct ot_segment *segment, ot_fault_fn *report, void *context, struct ot_err *err)
{
	struct verify v = { .segment = segment, .report = report, .context = context, .err = err };

	for (uint32_t i = 0; i < segment->header.columns; i++)
		check_column(&v, &segment->columns[i]);
	check_times(&v);
	check_order(&v);
	ot_arena_release(&v.arena);
	return v.status;
}
