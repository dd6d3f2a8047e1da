#include "chunk.h"
#include "texts.h"
#include "zstd.h"

#include <stdlib.h>

enum {
	LEVEL_TEXT = 3,
	LEVEL_BYTES = 1,
	TRY_LEAST = 64, /* bytes below which compressing cannot pay */
	SAMPLE = 16384, /* of bytes that will hardly compress, so many are tried first */
};

/* A chunk, of which there may be another that is smaller. */
struct candidate {
	struct ot_buf body, packed;
	bool is_packed;
};

struct ot_chunk_writer {
	struct ot_texts_scratch *coder; /* and that of numbers in it */
	uint64_t offsets[OT_BLOCK_ROWS];
	struct ot_str texts[OT_BLOCK_ROWS];
	struct ot_buf nulls;
	struct candidate best, other;
};

struct ot_chunk_writer *ot_chunk_writer_new(void)
{
	struct ot_chunk_writer *writer = ot_alloc_zero(1, sizeof(*writer));

	writer->coder = ot_texts_scratch_new();
	return writer;
}

static void candidate_release(struct candidate *candidate)
{
	ot_buf_release(&candidate->body);
	ot_buf_release(&candidate->packed);
}

void ot_chunk_writer_free(struct ot_chunk_writer *writer)
{
	if (writer == NULL)
		return;
	ot_texts_scratch_free(writer->coder);
	ot_buf_release(&writer->nulls);
	candidate_release(&writer->best);
	candidate_release(&writer->other);
	free(writer);
}

struct ot_texts_scratch *ot_chunk_writer_texts(struct ot_chunk_writer *writer)
{
	return writer->coder;
}

/* --- nulls --- */

static void put_null_runs(struct ot_buf *out, const struct ot_column *column, size_t most)
{
	bool null = false;
	uint32_t run = 0;

	ot_buf_u8(out, OT_NULLS_RUNS);
	for (uint32_t row = 0; row < column->rows && out->len <= most; row++) {
		if (ot_column_is_null(column, row) != null) {
			ot_buf_varint(out, run);
			run = 0;
			null = !null;
		}
		run++;
	}
	ot_buf_varint(out, run);
}

static void put_null_bitmap(struct ot_buf *out, const struct ot_column *column)
{
	size_t len = (column->rows + 7) / 8;
	uint8_t *bits;

	ot_buf_u8(out, OT_NULLS_BITMAP);
	bits = (uint8_t *)ot_buf_reserve(out, len);
	memset(bits, 0, len);
	for (uint32_t row = 0; row < column->rows; row++)
		bits[row / 8] |= (uint8_t)(!ot_column_is_null(column, row) << row % 8);
	out->len += len;
}

static uint32_t nulls_count(const struct ot_column *column)
{
	uint32_t nulls = 0;

	for (uint32_t row = 0; row < column->rows; row++)
		nulls += ot_column_is_null(column, row);
	return nulls;
}

static void put_nulls(struct ot_buf *out, const struct ot_column *column, uint32_t nulls)
{
	size_t bitmap = 1 + (column->rows + 7) / 8;

	ot_buf_clear(out);
	if (nulls == 0)
		return;
	put_null_runs(out, column, bitmap);
	if (out->len > bitmap) {
		ot_buf_clear(out);
		put_null_bitmap(out, column);
	}
}

/* --- compression, where it saves an eighth --- */

static bool pays(size_t packed, size_t plain)
{
	return packed < plain - plain / 8;
}

static struct ot_str candidate_bytes(const struct candidate *c)
{
	return ot_buf_str(c->is_packed ? &c->packed : &c->body);
}

/* Compresses `body`, where that pays against `against` bytes. */
static void compress(struct candidate *c, const struct ot_buf *body, int level, size_t against)
{
	ot_buf_clear(&c->packed);
	ot_buf_varint(&c->packed, body->len);
	ot_zstd_put(&c->packed, ot_buf_str(body), level);
	c->is_packed = pays(c->packed.len, against);
}

static bool sample_pays(struct candidate *c)
{
	struct ot_str sample = ot_str_sub(ot_buf_str(&c->body), c->body.len / 2, SAMPLE);

	if (c->body.len < 2 * SAMPLE)
		return true;
	ot_buf_clear(&c->packed);
	ot_zstd_put(&c->packed, sample, LEVEL_BYTES);
	return pays(c->packed.len, sample.len);
}

/* Starts a chunk: before its values stands which rows have one. */
static void candidate_start(struct candidate *c, const struct ot_chunk_writer *w)
{
	c->is_packed = false;
	ot_buf_clear(&c->body);
	ot_buf_str_put(&c->body, ot_buf_str(&w->nulls));
}

static struct ot_str finish(const struct candidate *c, struct ot_seg_block *block)
{
	struct ot_str bytes = candidate_bytes(c);

	block->flags |= c->is_packed ? OT_BLOCK_ZSTD : 0;
	block->length = bytes.len;
	block->checksum = ot_hash(bytes.ptr, bytes.len);
	return bytes;
}

/* --- numbers and codes --- */

struct range {
	int64_t min, max;
	uint32_t count;
};

static void less_smallest(uint64_t *offsets, const struct range *range)
{
	for (uint32_t i = 0; i < range->count; i++)
		offsets[i] -= (uint64_t)range->min;
}

static inline void take_number(uint64_t *offsets, struct range *range, int64_t value)
{
	range->min = value < range->min ? value : range->min;
	range->max = value > range->max ? value : range->max;
	offsets[range->count++] = (uint64_t)value;
}

/* Values that are there, less the smallest. */
static struct range take_numbers(uint64_t *offsets, const struct ot_column *column)
{
	struct range range = { INT64_MAX, INT64_MIN, 0 };

	for (uint32_t row = 0; row < column->rows; row++) {
		if (!ot_column_is_null(column, row))
			take_number(offsets, &range,
			    column->form == OT_FORM_DICT ? (int64_t)column->codes[row] : column->numbers[row]);
	}
	less_smallest(offsets, &range);
	return range;
}

/* The same of their distance from the base, modulo 2^64; where that is null, from 0. */
static struct range take_differences(uint64_t *offsets, const struct ot_column *column, const struct ot_column *base)
{
	struct range range = { INT64_MAX, INT64_MIN, 0 };

	for (uint32_t row = 0; row < column->rows; row++) {
		uint64_t from = ot_column_is_null(base, row) ? 0 : (uint64_t)base->numbers[row];

		if (!ot_column_is_null(column, row))
			take_number(offsets, &range, (int64_t)((uint64_t)column->numbers[row] - from));
	}
	less_smallest(offsets, &range);
	return range;
}

/* The smaller of bits and of compressed bytes; `min` NULL: the column index holds it. */
static void encode_numbers(struct ot_chunk_writer *w, struct candidate *c, const struct range *range, bool with_min)
{
	struct ot_buf bytes = { 0 };

	candidate_start(c, w);
	if (with_min)
		ot_buf_zigzag(&c->body, range->min);
	ot_ints_put(&c->body, w->coder->ints, w->offsets, range->count);
	if (c->body.len < TRY_LEAST)
		return;
	ot_buf_str_put(&bytes, ot_buf_str(&w->nulls));
	if (with_min)
		ot_buf_zigzag(&bytes, range->min);
	if (ot_ints_put_bytes(&bytes, w->coder->ints, w->offsets, range->count))
		compress(c, &bytes, LEVEL_BYTES, c->body.len);
	ot_buf_release(&bytes);
}

static struct ot_str put_numbers(
    struct ot_chunk_writer *w, const struct ot_column *column, const struct ot_column *base, struct ot_seg_block *block)
{
	struct range range = take_numbers(w->offsets, column), differences;
	size_t len;

	block->min = range.min;
	block->max = range.max;
	if (range.min == range.max && block->nulls == 0)
		return OT_STR("");
	encode_numbers(w, &w->best, &range, false);
	len = candidate_bytes(&w->best).len;
	if (base == NULL || len < TRY_LEAST)
		return finish(&w->best, block);
	differences = take_differences(w->offsets, column, base);
	encode_numbers(w, &w->other, &differences, true);
	if (!pays(candidate_bytes(&w->other).len, len))
		return finish(&w->best, block);
	block->flags = OT_BLOCK_RELATIVE;
	return finish(&w->other, block);
}

/* --- texts and bytes --- */

static enum ot_status put_texts(struct ot_chunk_writer *w, const struct ot_column *column, struct ot_seg_block *block,
    struct ot_str *bytes, struct ot_err *err)
{
	uint32_t count = 0;
	size_t total = 0;
	bool ids;

	for (uint32_t row = 0; row < column->rows; row++) {
		if (column->texts[row].ptr == NULL)
			continue;
		w->texts[count++] = column->texts[row];
		total += column->texts[row].len;
	}
	if (total > OT_SEG_CHUNK_MAX / 2)
		return ot_err_set(err, OT_LIMIT, "texts of one block take %zu bytes, which is more than %d", total,
		    OT_SEG_CHUNK_MAX / 2);
	candidate_start(&w->best, w);
	ids = ot_texts_put(&w->best.body, w->coder, w->texts, count);
	if (w->best.body.len >= TRY_LEAST && (!ids || sample_pays(&w->best)))
		compress(&w->best, &w->best.body, LEVEL_TEXT, w->best.body.len);
	*bytes = finish(&w->best, block);
	return OT_OK;
}

static struct ot_str put_fixed(
    struct ot_chunk_writer *w, const struct ot_column *column, size_t width, struct ot_seg_block *block)
{
	candidate_start(&w->best, w);
	for (uint32_t row = 0; row < column->rows; row++) {
		if (!ot_column_is_null(column, row))
			ot_buf_put(&w->best.body, column->fixed + row * width, width);
	}
	if (w->best.body.len >= TRY_LEAST && sample_pays(&w->best))
		compress(&w->best, &w->best.body, LEVEL_TEXT, w->best.body.len);
	return finish(&w->best, block);
}

enum ot_status ot_chunk_put(struct ot_chunk_writer *w, const struct ot_column *column, size_t width,
    const struct ot_column *base, struct ot_seg_block *block, struct ot_str *bytes, struct ot_err *err)
{
	*block = (struct ot_seg_block){ .nulls = nulls_count(column), .min = 1, .max = 0 };
	*bytes = OT_STR("");
	if (block->nulls == column->rows)
		return OT_OK;
	put_nulls(&w->nulls, column, block->nulls);
	switch (column->form) {
	case OT_FORM_TEXT:
		return put_texts(w, column, block, bytes, err);
	case OT_FORM_FIXED:
		*bytes = put_fixed(w, column, width, block);
		return OT_OK;
	default:
		*bytes = put_numbers(w, column, base, block);
		return OT_OK;
	}
}
