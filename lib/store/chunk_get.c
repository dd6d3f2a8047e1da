#include "chunk.h"
#include "texts.h"
#include "zstd.h"

#include <endian.h>

static enum ot_status damaged(struct ot_err *err)
{
	return ot_err_set(err, OT_CORRUPT, "it cannot be decoded");
}

/* --- nulls --- */

/* The bits of a byte as bytes of 0 and 1, the lowest first in memory. */
static inline void spread_bits(uint8_t *out, uint8_t bits)
{
	uint64_t word = bits;

	word = (word | word << 28) & UINT64_C(0x0000000f0000000f);
	word = (word | word << 14) & UINT64_C(0x0003000300030003);
	word = htole64((word | word << 7) & UINT64_C(0x0101010101010101));
	memcpy(out, &word, sizeof(word));
}

static void get_null_bitmap(struct ot_cursor *c, uint8_t *valid, uint32_t rows)
{
	struct ot_str bits = ot_cursor_bytes(c, (rows + 7) / 8);

	for (uint32_t row = 0; row < rows && bits.ptr != NULL; row += 8)
		spread_bits(valid + row, (uint8_t)bits.ptr[row / 8]);
}

static void get_null_runs(struct ot_cursor *c, uint8_t *valid, uint32_t rows)
{
	uint8_t value = 1;

	for (uint32_t row = 0; row < rows && !c->failed; value = !value) {
		uint64_t run = ot_cursor_varint(c);

		if (run > rows - row || (run == 0 && row > 0)) {
			c->failed = true;
			return;
		}
		memset(valid + row, value, run);
		row += (uint32_t)run;
	}
}

/* Which rows are valid, where only some are; `valid` has room for eight more. */
static bool get_nulls(struct ot_cursor *c, uint8_t *valid, uint32_t rows, uint32_t nulls)
{
	uint32_t found = 0;

	switch (ot_cursor_u8(c)) {
	case OT_NULLS_BITMAP:
		get_null_bitmap(c, valid, rows);
		break;
	case OT_NULLS_RUNS:
		get_null_runs(c, valid, rows);
		break;
	default:
		c->failed = true;
	}
	for (uint32_t row = 0; row < rows && !c->failed; row++)
		found += valid[row];
	return !c->failed && found == rows - nulls;
}

/* --- values: dense at first, then moved to their rows, from the last --- */

/* The base's nulls are 0; what is null here stays 0 too. */
static void add_base(struct ot_column *column, const struct ot_column *base)
{
	uint64_t *numbers = (uint64_t *)column->numbers;
	const uint64_t *from = (const uint64_t *)base->numbers;

	if (column->valid == NULL) {
		for (uint32_t row = 0; row < column->rows; row++)
			numbers[row] += from[row];
	} else {
		for (uint32_t row = 0; row < column->rows; row++)
			numbers[row] += column->valid[row] ? from[row] : 0;
	}
}

static bool get_numbers(struct ot_cursor *c, struct ot_column *column, const struct ot_seg_block *block,
    const struct ot_column *base, const uint8_t *valid, struct ot_arena *arena)
{
	uint32_t rows = column->rows, count = rows - block->nulls;
	int64_t *numbers = ot_arena_alloc(arena, rows * sizeof(*numbers));

	uint64_t min = base != NULL ? (uint64_t)ot_cursor_zigzag(c) : (uint64_t)block->min;

	column->numbers = numbers;
	if (!ot_ints_get64(c, (uint64_t *)numbers, count, min))
		return false;
	for (uint32_t row = rows; valid != NULL && row-- > 0;) {
		count -= valid[row];
		numbers[row] = valid[row] ? numbers[count] : 0;
	}
	if (base != NULL)
		add_base(column, base);
	return true;
}

static bool get_codes(struct ot_cursor *c, struct ot_column *column, const struct ot_seg_block *block,
    const uint8_t *valid, struct ot_arena *arena)
{
	uint32_t rows = column->rows, count = rows - block->nulls, most = 0;
	uint32_t *codes = ot_arena_alloc(arena, rows * sizeof(*codes));

	column->codes = codes;
	if (!ot_ints_get32(c, codes, count, (uint32_t)block->min))
		return false;
	for (uint32_t i = 0; i < count; i++)
		most = codes[i] > most ? codes[i] : most;
	for (uint32_t row = rows; valid != NULL && row-- > 0;) {
		count -= valid[row];
		codes[row] = valid[row] ? codes[count] : OT_CODE_NULL;
	}
	return most < column->dict_count;
}

static bool get_texts(struct ot_cursor *c, struct ot_column *column, const struct ot_seg_block *block,
    const uint8_t *valid, struct ot_arena *arena)
{
	uint32_t rows = column->rows, count = rows - block->nulls;
	struct ot_str *texts = ot_arena_alloc(arena, rows * sizeof(*texts));

	column->texts = texts;
	if (!ot_texts_get(c, texts, count, arena))
		return false;
	for (uint32_t row = rows; valid != NULL && row-- > 0;) {
		count -= valid[row];
		texts[row] = valid[row] ? texts[count] : OT_STR_NONE;
	}
	return true;
}

static bool get_fixed(struct ot_cursor *c, struct ot_column *column, size_t width, const struct ot_seg_block *block,
    const uint8_t *valid, struct ot_arena *arena)
{
	uint32_t rows = column->rows, count = rows - block->nulls;
	struct ot_str bytes = ot_cursor_bytes(c, count * width);

	if (bytes.ptr == NULL)
		return false;
	if (valid == NULL) {
		column->fixed = (uint8_t *)(uintptr_t)bytes.ptr; /* of the arena, and nobody else's */
		return true;
	}
	column->fixed = ot_arena_zero(arena, rows, width);
	for (uint32_t row = 0, from = 0; row < rows; row++) {
		if (valid[row])
			memcpy(column->fixed + row * width, bytes.ptr + from++ * width, width);
	}
	return true;
}

/* One value in every row, which the column index holds. */
static bool get_constant(struct ot_column *column, const struct ot_seg_block *block, struct ot_arena *arena)
{
	if (column->form == OT_FORM_INT) {
		column->numbers = ot_arena_alloc(arena, column->rows * sizeof(*column->numbers));
		for (uint32_t row = 0; row < column->rows; row++)
			column->numbers[row] = block->min;
		return block->min == block->max;
	}
	if (column->form == OT_FORM_DICT) {
		column->codes = ot_arena_alloc(arena, column->rows * sizeof(*column->codes));
		for (uint32_t row = 0; row < column->rows; row++)
			column->codes[row] = (uint32_t)block->min;
		return block->min == block->max && block->min < column->dict_count;
	}
	return false;
}

void ot_chunk_get_nulls(struct ot_column *column, size_t width, struct ot_arena *arena)
{
	uint32_t rows = column->rows;

	switch (column->form) {
	case OT_FORM_INT:
		column->numbers = ot_arena_zero(arena, rows, sizeof(*column->numbers));
		column->valid = ot_arena_zero(arena, rows, 1);
		break;
	case OT_FORM_DICT:
		column->codes = ot_arena_alloc(arena, rows * sizeof(*column->codes));
		memset(column->codes, 0xff, rows * sizeof(*column->codes));
		break;
	case OT_FORM_TEXT:
		column->texts = ot_arena_zero(arena, rows, sizeof(*column->texts));
		break;
	case OT_FORM_FIXED:
		column->fixed = ot_arena_zero(arena, rows, width);
		column->valid = ot_arena_zero(arena, rows, 1);
		break;
	case OT_FORM_NONE:
		break;
	}
}

static bool get_values(struct ot_cursor *c, struct ot_column *column, size_t width, const struct ot_seg_block *block,
    const struct ot_column *base, struct ot_arena *arena)
{
	uint8_t *valid = NULL;

	if (block->nulls > 0) {
		valid = ot_arena_alloc(arena, column->rows + 8);
		if (!get_nulls(c, valid, column->rows, block->nulls))
			return false;
	}
	switch (column->form) {
	case OT_FORM_INT:
		column->valid = valid;
		return get_numbers(c, column, block, base, valid, arena);
	case OT_FORM_DICT:
		return get_codes(c, column, block, valid, arena);
	case OT_FORM_TEXT:
		return get_texts(c, column, block, valid, arena);
	default:
		column->valid = valid;
		return get_fixed(c, column, width, block, valid, arena);
	}
}

/* Takes a chunk out of its zstd frame, into the arena. */
static bool unpack(struct ot_str *bytes, struct ot_arena *arena)
{
	struct ot_cursor c = ot_cursor_of(bytes->ptr, bytes->len);
	uint64_t len = ot_cursor_varint(&c);
	char *to;

	if (c.failed || len == 0 || len > OT_SEG_CHUNK_MAX)
		return false;
	to = ot_arena_alloc(arena, (size_t)len + OT_SLACK);
	if (!ot_zstd_get(to, (size_t)len, (struct ot_str){ (const char *)c.at, ot_cursor_left(&c) }))
		return false;
	memset(to + len, 0, OT_SLACK);
	*bytes = (struct ot_str){ to, (size_t)len };
	return true;
}

enum ot_status ot_chunk_get(struct ot_column *column, size_t width, const struct ot_seg_block *block,
    const struct ot_column *base, struct ot_str bytes, struct ot_arena *arena, struct ot_err *err)
{
	struct ot_cursor c;

	if (block->nulls == column->rows) {
		ot_chunk_get_nulls(column, width, arena);
		return bytes.len == 0 ? OT_OK : damaged(err);
	}
	if (bytes.len == 0)
		return block->nulls == 0 && get_constant(column, block, arena) ? OT_OK : damaged(err);
	if ((block->flags & OT_BLOCK_ZSTD) != 0 && !unpack(&bytes, arena))
		return damaged(err);
	c = ot_cursor_of(bytes.ptr, bytes.len);
	if (!get_values(&c, column, width, block, base, arena) || c.failed || ot_cursor_left(&c) != 0)
		return damaged(err);
	return OT_OK;
}
