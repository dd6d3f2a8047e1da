#include "chunk.h"
#include "texts.h"
#include "zstd.h"

#include <stdlib.h>

enum {
	LEVEL_TEXT = 3,
	LEVEL_BYTES = 1,
	TRY_LEAST = 64,		/* bytes below which compressing cannot pay */
	SAMPLE = 16384,		/* of bytes that will hardly compress, so many are tried first */
};

struct ot_chunk_writer {
	struct ot_texts_scratch *coder; /* and that of numbers in it */
	uint64_t offsets[OT_BLOCK_ROWS];
	struct ot_str texts[OT_BLOCK_ROWS];
	struct ot_buf nulls, body, other, packed;
};

struct ot_chunk_writer *ot_chunk_writer_new(void)
{
	struct ot_chunk_writer *writer = ot_alloc_zero(1, sizeof(*writer));

	writer->coder = ot_texts_scratch_new();
	return writer;
}

void ot_chunk_writer_free(struct ot_chunk_writer *writer)
{
	if (writer == NULL)
		return;
	ot_texts_scratch_free(writer->coder);
	ot_buf_release(&writer->nulls);
	ot_buf_release(&writer->body);
	ot_buf_release(&writer->other);
	ot_buf_release(&writer->packed);
	free(writer);
}

struct ot_texts_scratch *ot_chunk_writer_texts(struct ot_chunk_writer *writer) { return writer->coder; }

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

static bool pays(size_t packed, size_t plain) { return packed < plain - plain / 8; }

/* Compresses `body` to w->packed; false where it does not pay against `against` bytes. */
static bool compress(struct ot_chunk_writer *w, const struct ot_buf *body, int level, size_t against)
{
	ot_buf_clear(&w->packed);
	ot_buf_varint(&w->packed, body->len);
	ot_zstd_put(&w->packed, ot_buf_str(body), level);
	return pays(w->packed.len, against);
}

static bool sample_pays(struct ot_chunk_writer *w, const struct ot_buf *body)
{
	struct ot_str sample = ot_str_sub(ot_buf_str(body), body->len / 2, SAMPLE);

	if (body->len < 2 * SAMPLE)
		return true;
	ot_buf_clear(&w->packed);
	ot_zstd_put(&w->packed, sample, LEVEL_BYTES);
	return pays(w->packed.len, sample.len);
}

static struct ot_str finish(struct ot_chunk_writer *w, struct ot_seg_block *block, bool packed)
{
	struct ot_str bytes = ot_buf_str(packed ? &w->packed : &w->body);

	block->flags = packed ? OT_BLOCK_ZSTD : 0;
	block->length = bytes.len;
	block->checksum = bytes.len > 0 ? ot_hash(bytes.ptr, bytes.len) : 0;
	return bytes;
}

/* --- numbers and codes --- */

/* Values that are there, less the smallest. */
static uint32_t take_numbers(struct ot_chunk_writer *w, const struct ot_column *column, struct ot_seg_block *block)
{
	uint32_t count = 0;
	int64_t min = INT64_MAX, max = INT64_MIN;

	for (uint32_t row = 0; row < column->rows; row++) {
		int64_t value;

		if (ot_column_is_null(column, row))
			continue;
		value = column->form == OT_FORM_DICT ? (int64_t)column->codes[row] : column->numbers[row];
		min = value < min ? value : min;
		max = value > max ? value : max;
		w->offsets[count++] = (uint64_t)value;
	}
	for (uint32_t i = 0; i < count; i++)
		w->offsets[i] -= (uint64_t)min;
	block->min = min;
	block->max = max;
	return count;
}

static struct ot_str put_numbers(struct ot_chunk_writer *w, const struct ot_column *column, struct ot_seg_block *block)
{
	uint32_t count = take_numbers(w, column, block);

	ot_buf_clear(&w->body);
	if (block->min == block->max && block->nulls == 0)
		return finish(w, block, false);
	ot_buf_str_put(&w->body, ot_buf_str(&w->nulls));
	ot_ints_put(&w->body, w->coder->ints, w->offsets, count);
	if (w->body.len < TRY_LEAST)
		return finish(w, block, false);
	ot_buf_clear(&w->other);
	ot_buf_str_put(&w->other, ot_buf_str(&w->nulls));
	if (!ot_ints_put_bytes(&w->other, w->coder->ints, w->offsets, count))
		return finish(w, block, false);
	return finish(w, block, compress(w, &w->other, LEVEL_BYTES, w->body.len));
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
		return ot_err_set(err, OT_LIMIT, "texts of one block take %zu bytes, which is more than %d", total, OT_SEG_CHUNK_MAX / 2);
	ot_buf_clear(&w->body);
	ot_buf_str_put(&w->body, ot_buf_str(&w->nulls));
	ids = ot_texts_put(&w->body, w->coder, w->texts, count);
	*bytes = finish(w, block, w->body.len >= TRY_LEAST && (!ids || sample_pays(w, &w->body)) &&
	    compress(w, &w->body, LEVEL_TEXT, w->body.len));
	return OT_OK;
}

static struct ot_str put_fixed(struct ot_chunk_writer *w, const struct ot_column *column, size_t width, struct ot_seg_block *block)
{
	ot_buf_clear(&w->body);
	ot_buf_str_put(&w->body, ot_buf_str(&w->nulls));
	for (uint32_t row = 0; row < column->rows; row++) {
		if (!ot_column_is_null(column, row))
			ot_buf_put(&w->body, column->fixed + row * width, width);
	}
	return finish(w, block, w->body.len >= TRY_LEAST && sample_pays(w, &w->body) && compress(w, &w->body, LEVEL_TEXT, w->body.len));
}

enum ot_status ot_chunk_put(struct ot_chunk_writer *w, const struct ot_column *column, size_t width, struct ot_seg_block *block,
    struct ot_str *bytes, struct ot_err *err)
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
		*bytes = put_numbers(w, column, block);
		return OT_OK;
	}
}
