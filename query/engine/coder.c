/* Codes for the values of a field, a block at a time. Dictionaries are asked once a distinct value and segment. */
#include "keys.h"

#include "codes.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS_PART_MAX = 1 << 20 }; /* of one segment's span that get a table */

void coder_init(struct coder *coder, struct ot_engine *engine, enum ot_field field)
{
	static const enum coder_kind kinds[] = {[OT_FORM_INT] = CODER_NUMBER,
	    [OT_FORM_DICT] = CODER_DICT,
	    [OT_FORM_TEXT] = CODER_BYTES,
	    [OT_FORM_FIXED] = CODER_BYTES};

	memset(coder, 0, sizeof(*coder));
	coder->field = field;
	if (field == OT_RECORD_ID)
		coder->kind = CODER_RECORD_ID;
	else if (field == OT_CALL_ID)
		coder->kind = CODER_CALL_ID;
	else
		coder->kind = kinds[ot_fields[field].form];
	if (coder->kind == CODER_DICT)
		coder->engine = engine;
	if (coder->kind == CODER_NUMBER)
		coder->small = ot_alloc_zero(CODER_SMALL, sizeof(*coder->small));
}

void coder_init_buckets(struct coder *coder, const struct buckets *buckets)
{
	memset(coder, 0, sizeof(*coder));
	coder->kind = CODER_BUCKET;
	coder->field = OT_TIMESTAMP;
	coder->buckets = *buckets;
}

void coder_release(struct coder *coder)
{
	ot_intern_release(&coder->texts);
	number_map_release(&coder->numbers);
	ot_buf_release(&coder->text);
	free(coder->small);
	free(coder->of_part);
}

uint32_t coder_count(const struct coder *coder)
{
	if (coder->engine != NULL)
		return 1 + coder->most;
	return 1 + (coder_is_text(coder) ? coder->texts.count : coder->numbers.count);
}

struct ot_str coder_text(const struct coder *coder, uint32_t code)
{
	return coder->engine != NULL ? codes_text(coder->engine, coder->field, code) : coder->texts.items[code - 1];
}

static void of_part_clear(struct coder *coder, uint32_t count)
{
	if (count > coder->of_part_cap) {
		free(coder->of_part);
		coder->of_part = ot_alloc_zero(count, sizeof(*coder->of_part));
		coder->of_part_cap = count;
	} else if (count > 0) {
		memset(coder->of_part, 0, count * sizeof(*coder->of_part));
	}
}

/* --- dictionaries --- */

static void dict_codes(
    struct coder *coder, struct block *block, const struct ot_column *column, const struct rows *rows, uint32_t *codes)
{
	if (coder->engine != NULL) {
		codes_of(block, coder->field, column, rows, codes, &coder->most);
		return;
	}
	if (coder->part != block->part_number + 1) {
		of_part_clear(coder, column->dict_count);
		coder->part = block->part_number + 1;
	}
	for (uint32_t i = 0; i < rows->count; i++) {
		uint32_t code = column->codes[rows_at(rows, i)];

		if (code == OT_CODE_NULL) {
			codes[i] = 0;
			continue;
		}
		if (coder->of_part[code] == 0)
			coder->of_part[code] = ot_intern_put(&coder->texts, column->dict[code], NULL) + 1;
		codes[i] = coder->of_part[code];
	}
}

/* --- numbers --- */

static uint32_t number_code(struct coder *coder, int64_t number)
{
	uint32_t *small;

	if ((uint64_t)number >= CODER_SMALL)
		return number_map_put(&coder->numbers, number);
	small = &coder->small[number];
	if (*small == 0)
		*small = number_map_put(&coder->numbers, number);
	return *small;
}

static void number_codes(struct coder *coder, const struct ot_column *column, const struct rows *rows, uint32_t *codes)
{
	for (uint32_t i = 0; i < rows->count; i++) {
		uint32_t row = rows_at(rows, i);

		codes[i] = column->valid != NULL && !column->valid[row] ? 0 : number_code(coder, column->numbers[row]);
	}
}

/* --- buckets --- */

/* Whether buckets are multiples of their length, whatever the zone. */
static bool is_uniform(const struct buckets *buckets)
{
	return buckets->every_ns % OT_NS_PER_DAY != 0;
}

static int64_t floor_to(int64_t number, int64_t step)
{
	int64_t rest = number % step;

	return number - (rest < 0 ? rest + step : rest);
}

int64_t bucket_start(const struct buckets *buckets, int64_t time_ns)
{
	enum { MONDAY = 4 }; /* 1970-01-05 */
	int64_t days, day;
	struct ot_civil civil;

	if (is_uniform(buckets))
		return floor_to(time_ns, buckets->every_ns);
	days = buckets->every_ns / OT_NS_PER_DAY;
	day = ot_time_day(time_ns + ot_zone_offset(buckets->zone, time_ns) * OT_NS_PER_S);
	day = floor_to(day - MONDAY, days) + MONDAY;
	ot_time_to_civil(day * OT_NS_PER_DAY, &civil);
	return ot_zone_to_utc(buckets->zone, &civil);
}

/* A table for the buckets of the part's span, where they are multiples and not too many. */
static bool bucket_table(struct coder *coder, const struct block *block, uint32_t *count)
{
	const struct ot_segment_info *info = &block->part->ref->info;
	int64_t every = coder->buckets.every_ns, first = floor_to(info->time_min, every);

	if (!is_uniform(&coder->buckets) || info->time_max < info->time_min ||
	    (info->time_max - first) / every >= BUCKETS_PART_MAX)
		return false;
	*count = (uint32_t)((info->time_max - first) / every) + 1;
	if (coder->part != block->part_number + 1) {
		of_part_clear(coder, *count);
		coder->part = block->part_number + 1;
		coder->bucket_first = first;
	}
	return true;
}

/* Place of a time among the buckets: division by multiplication, which is off by one at most. */
static inline uint64_t bucket_place(uint64_t offset, uint64_t every, double inverse)
{
	uint64_t place = (uint64_t)((double)offset * inverse);

	place -= place * every > offset;
	place += (place + 1) * every <= offset;
	return place;
}

static void bucket_codes_by_table(
    struct coder *coder, const struct ot_column *column, const struct rows *rows, uint32_t count, uint32_t *codes)
{
	uint64_t every = (uint64_t)coder->buckets.every_ns, first = (uint64_t)coder->bucket_first;
	double inverse = 1.0 / (double)every;

	for (uint32_t i = 0; i < rows->count; i++) {
		uint32_t row = rows_at(rows, i);
		uint64_t place = bucket_place((uint64_t)column->numbers[row] - first, every, inverse);
		uint32_t *code = &coder->of_part[place < count ? place : 0];

		if (*code == 0 || place >= count) {
			int64_t start = bucket_start(&coder->buckets, column->numbers[row]);

			codes[i] = number_map_put(&coder->numbers, start);
			if (place < count)
				*code = codes[i];
			continue;
		}
		codes[i] = *code;
	}
}

static void bucket_codes(struct coder *coder, const struct block *block, const struct ot_column *column,
    const struct rows *rows, uint32_t *codes)
{
	uint32_t count = 0;

	if (column->valid == NULL && bucket_table(coder, block, &count)) {
		bucket_codes_by_table(coder, column, rows, count, codes);
		return;
	}
	for (uint32_t i = 0; i < rows->count; i++) {
		uint32_t row = rows_at(rows, i);

		codes[i] = column->valid != NULL && !column->valid[row]
			       ? 0
			       : number_map_put(&coder->numbers, bucket_start(&coder->buckets, column->numbers[row]));
	}
}

/* --- texts and bytes --- */

static void text_codes(struct coder *coder, const struct ot_column *column, const struct rows *rows, uint32_t *codes)
{
	struct ot_str last = OT_STR_NONE;
	uint32_t last_code = 0;

	for (uint32_t i = 0; i < rows->count; i++) {
		struct ot_str text = column->texts[rows_at(rows, i)];

		if (text.ptr != last.ptr || text.len != last.len) {
			last = text;
			last_code = text.ptr == NULL ? 0 : ot_intern_put(&coder->texts, text, NULL) + 1;
		}
		codes[i] = last_code;
	}
}

static void fixed_codes(struct coder *coder, const struct ot_column *column, const struct rows *rows, uint32_t *codes)
{
	size_t width = ot_fields[coder->field].width;

	for (uint32_t i = 0; i < rows->count; i++) {
		uint32_t row = rows_at(rows, i);
		struct ot_str bytes = {(const char *)column->fixed + row * width, width};

		codes[i] = ot_column_is_null(column, row) ? 0 : ot_intern_put(&coder->texts, bytes, NULL) + 1;
	}
}

/* --- ids --- */

enum ot_status row_id_columns(struct block *block, struct ot_err *err)
{
	const struct ot_column *column;
	enum ot_status status = block_column(block, OT_SOURCE_KEY, &column, err);

	if (status == OT_OK)
		status = block_column(block, OT_SOURCE_OFFSET, &column, err);
	if (status == OT_OK)
		status = block_column(block, OT_SOURCE_ITEM, &column, err);
	return status;
}

static int64_t number_at(const struct block *block, enum ot_field field, uint32_t row)
{
	const struct ot_column *column = &block->columns[field];

	return ot_column_is_null(column, row) ? 0 : column->numbers[row];
}

void row_record_id(struct block *block, uint32_t row, struct ot_buf *out)
{
	const struct ot_column *keys = &block->columns[OT_SOURCE_KEY];
	struct ot_str key = ot_column_is_null(keys, row) ? OT_STR_NONE : keys->dict[keys->codes[row]];

	ot_record_id_put(out, key, number_at(block, OT_SOURCE_OFFSET, row), number_at(block, OT_SOURCE_ITEM, row));
}

struct ot_str row_call_id(struct block *block, const struct ot_links *links, uint32_t row, struct ot_buf *out)
{
	uint32_t call = links == NULL ? 0 : links->call_of_row[block->first + row];

	if (call > 0)
		return links->calls[call - 1].call_id;
	ot_buf_clear(out);
	row_record_id(block, row, out);
	return ot_buf_str(out);
}

static enum ot_status id_codes(
    struct coder *coder, struct block *block, const struct rows *rows, uint32_t *codes, struct ot_err *err)
{
	const struct ot_links *links = coder->kind == CODER_CALL_ID ? part_links(block->part) : NULL;
	enum ot_status status = row_id_columns(block, err);

	for (uint32_t i = 0; i < rows->count && status == OT_OK; i++) {
		struct ot_str id = row_call_id(block, links, rows_at(rows, i), &coder->text);

		codes[i] = ot_intern_put(&coder->texts, id, NULL) + 1;
	}
	return status;
}

enum ot_status coder_codes(
    struct coder *coder, struct block *block, const struct rows *rows, uint32_t *codes, struct ot_err *err)
{
	const struct ot_column *column;
	enum ot_status status;

	if (coder->kind == CODER_RECORD_ID || coder->kind == CODER_CALL_ID)
		return id_codes(coder, block, rows, codes, err);
	if (!ot_segment_has(block->part->segment, coder->field)) {
		memset(codes, 0, rows->count * sizeof(*codes));
		return OT_OK;
	}
	status = block_column(block, coder->field, &column, err);
	if (status != OT_OK)
		return status;
	switch (coder->kind) {
	case CODER_DICT:
		dict_codes(coder, block, column, rows, codes);
		break;
	case CODER_NUMBER:
		number_codes(coder, column, rows, codes);
		break;
	case CODER_BUCKET:
		bucket_codes(coder, block, column, rows, codes);
		break;
	default:
		if (column->form == OT_FORM_TEXT)
			text_codes(coder, column, rows, codes);
		else
			fixed_codes(coder, column, rows, codes);
	}
	return OT_OK;
}

uint32_t *coder_translate(struct coder *into, const struct coder *from)
{
	uint32_t count = coder_count(from), *codes = ot_alloc_zero(count, sizeof(*codes));

	/* Both are the engine's. */
	if (from->engine != NULL && from->most > into->most)
		into->most = from->most;
	for (uint32_t i = 1; i < count; i++) {
		if (from->engine != NULL || from == into)
			codes[i] = i;
		else if (coder_is_text(from))
			codes[i] = ot_intern_put(&into->texts, from->texts.items[i - 1], NULL) + 1;
		else
			codes[i] = number_map_put(&into->numbers, from->numbers.numbers[i - 1]);
	}
	return codes;
}
