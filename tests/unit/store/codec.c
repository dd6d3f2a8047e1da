/* The encodings alone: what is put is got, and got of anything else is refused or is some value, without a step
 * outside. */
#include "lib/store/bitpack.h"
#include "lib/store/chunk.h"
#include "lib/store/dict.h"
#include "lib/store/ids.h"
#include "lib/store/texts.h"

#include <tests/test.h>

#include "random_rows.h"

static struct ot_err err;

/* A copy with slack of the right size, so that a step past it is seen. */
static uint8_t *with_slack(const struct ot_buf *bytes)
{
	uint8_t *copy = malloc(bytes->len + OT_SLACK);

	memset(copy, 0xa5, bytes->len + OT_SLACK);
	if (bytes->len > 0)
		memcpy(copy, bytes->data, bytes->len);
	return copy;
}

/* --- bit packing --- */

static void every_width_unpacks(void)
{
	static uint64_t values[300], got[300];
	static uint32_t got32[300];
	struct rows_random r = { .state = 1 };
	uint32_t wrong = 0;

	for (unsigned width = 0; width <= 64; width++) {
		for (uint32_t count = 0; count < 300; count += count < 20 ? 1 : 97) {
			uint8_t *bytes = malloc(ot_packed_bytes(count, width) + 8);

			for (uint32_t i = 0; i < count; i++)
				values[i] = width == 0 ? 0 : random_next(&r) >> (64 - width);
			ot_pack(bytes, values, count, width);
			ot_unpack64(got, bytes, count, width);
			wrong += memcmp(values, got, count * sizeof(*got)) != 0;
			if (width <= 32) {
				ot_unpack32(got32, bytes, count, width);
				for (uint32_t i = 0; i < count; i++)
					wrong += got32[i] != values[i];
			}
			free(bytes);
		}
	}
	CHECK_INT(wrong, 0);
}

/* --- integers --- */

static uint64_t ints[OT_BLOCK_ROWS], ints_got[OT_BLOCK_ROWS];
static uint32_t ints_got32[OT_BLOCK_ROWS];

/* As values of each kind of column come. */
static uint64_t next_int(struct rows_random *r, int shape, uint64_t last, uint32_t i)
{
	switch (shape) {
	case 0:
		return 0;
	case 1:
		return random_below(r, 5);
	case 2:
		return random_below(r, 1000) * 1000000;
	case 3:
		return random_next(r);
	case 4: /* rising, and falling back now and then */
		return i % 500 == 499 ? random_below(r, 1000) : last + random_below(r, 100);
	case 5:
		return i % 300 != 0 ? last : random_below(r, 100000);
	case 6: /* few among many */
		return random_below(r, 4) != 0 ? (i / 64 * 7919 + random_below(r, 3)) % 65536 : random_below(r, 65536);
	case 7:
		return random_below(r, 100) == 0 ? random_next(r) >> random_below(r, 64) : random_below(r, 50);
	case 8:
		return random_below(r, 9) * 1234567891234;
	case 9:
		return UINT64_MAX - random_below(r, 4);
	case 10:
		return (uint64_t)1 << random_below(r, 64);
	case 11:
		return last + (random_below(r, 2) != 0 ? 3 : 0 - (uint64_t)3);
	case 12: /* groups of different width */
		return random_next(r) >> (i / 256 % 2 != 0 ? 50 : 60);
	default:
		return random_below(r, 300) * 7;
	}
}
enum { INT_SHAPES = 14 };

static const uint32_t counts[] = { 1, 2, 3, 7, 8, 9, 64, 255, 256, 257, 1000, 8191, 8192 };
enum { COUNTS = sizeof(counts) / sizeof(*counts) };

static void fill_ints(struct rows_random *r, int shape, uint32_t count)
{
	uint64_t last = 0;

	for (uint32_t i = 0; i < count; i++)
		ints[i] = last = next_int(r, shape, last, i);
}

static bool ints_come_back(const struct ot_buf *bytes, uint32_t count)
{
	uint8_t *copy = with_slack(bytes);
	struct ot_cursor c = ot_cursor_of(copy, bytes->len);
	bool good = ot_ints_get64(&c, ints_got, count, 1000) && ot_cursor_left(&c) == 0;
	bool small = true;

	for (uint32_t i = 0; i < count && good; i++) {
		good = ints_got[i] == ints[i] + 1000;
		small &= ints[i] < UINT32_MAX / 2;
	}
	c = ot_cursor_of(copy, bytes->len);
	if (small && good) {
		good = ot_ints_get32(&c, ints_got32, count, 7) && ot_cursor_left(&c) == 0;
		for (uint32_t i = 0; i < count && good; i++)
			good = ints_got32[i] == (uint32_t)ints[i] + 7;
	}
	free(copy);
	return good;
}

static void integers_of_every_shape_come_back(void)
{
	struct ot_ints_scratch *scratch = ot_ints_scratch_new();
	struct rows_random r = { .state = 2 };
	struct ot_buf out = { 0 };
	bool kinds[OT_INTS_KINDS] = { 0 };

	for (int round = 0; round < 3; round++) {
		for (int shape = 0; shape < INT_SHAPES; shape++) {
			for (int i = 0; i < COUNTS; i++) {
				fill_ints(&r, shape, counts[i]);
				ot_buf_clear(&out);
				ot_ints_put(&out, scratch, ints, counts[i]);
				kinds[(uint8_t)out.data[0]] = true;
				CHECK(ints_come_back(&out, counts[i]));
				ot_buf_clear(&out);
				if (ot_ints_put_bytes(&out, scratch, ints, counts[i]))
					CHECK(ints_come_back(&out, counts[i]));
				else
					CHECK_INT(out.len, 0);
			}
		}
	}
	for (int kind = 0; kind < OT_INTS_KINDS; kind++)
		CHECK(kinds[kind]); /* or the test tests less than it says */
	ot_buf_release(&out);
	ot_ints_scratch_free(scratch);
}

/* --- texts --- */

static struct ot_str texts[OT_BLOCK_ROWS], texts_got[OT_BLOCK_ROWS];

static struct ot_str next_text(struct rows_random *r, int shape)
{
	static const char *const odd[] = { "", "0", "00", "007", "123456789012345678", "1234567890123456789", "a1",
		"1a", "-1", "1.5", "deadbeef", "dead1234", "dead123", "DEAD1234",
		"01234567-89ab-cdef-0123-456789abcdef", "01234567-89ab-cdef-0123-456789abcdef0",
		"x01234567-89ab-cdef-0123-456789abcdef", "01234567-89ab-cdef-0123-456789abcde", "01234567-",
		"/1/2/3/4/5/6/7/8/9/10/11", "01234567-89ab-cdef-0123-456789abcdef/01234567-89ab-cdef-0123-456789abcdef",
		"18446744073709551615", "\xff\xfe", "a\nb",
		"/00000000000000000000000000000000000000000000000000000000000000a0/", "1e5", "12-34", "é1", "_5_" };
	uint64_t a = random_next(r), b = random_next(r);

	switch (shape) {
	case 8:
		return ot_arena_printf(&r->arena, "/api/%llu/items/%08x-%04x-4%03x-a%03x-%012llx",
		    (unsigned long long)a % 1000, (unsigned)b, (unsigned)(b >> 32) & 0xffff,
		    (unsigned)(a >> 16) & 0xfff, (unsigned)(a >> 32) & 0xfff, (unsigned long long)(b >> 16));
	case 9:
		return ot_str_from(odd[a % (sizeof(odd) / sizeof(*odd))]);
	case 10: /* the byte that marks holes, once in a while */
		return a % 3000 == 0 ? OT_STR("a\001b") : ot_arena_printf(&r->arena, "x-%u", (unsigned)(b % 50));
	case 11:
		return ot_arena_printf(&r->arena, "%u.%u.%u.%u", (unsigned)a & 255, (unsigned)(a >> 8) & 255,
		    (unsigned)(a >> 16) & 255, (unsigned)(a >> 24) & 255);
	case 12: /* a UUID that begins with the time */
		return ot_arena_printf(&r->arena, "%08x-%04x-7%03x-9%03x-%012llx", 0x0195f000, (unsigned)a % 1000,
		    (unsigned)b & 0xfff, (unsigned)(b >> 12) & 0xfff, (unsigned long long)(b >> 16));
	case 13:
		return ot_arena_printf(
		    &r->arena, "req-%06u trace=%016llx", (unsigned)(a % 1000000), (unsigned long long)b);
	default:
		return random_text(r, (unsigned)shape);
	}
}
enum { TEXT_SHAPES = 14 };

static bool texts_come_back(const struct ot_buf *bytes, uint32_t count)
{
	uint8_t *copy = with_slack(bytes);
	struct ot_cursor c = ot_cursor_of(copy, bytes->len);
	struct ot_arena arena = { 0 };
	bool good = ot_texts_get(&c, texts_got, count, &arena) && ot_cursor_left(&c) == 0;

	for (uint32_t i = 0; i < count && good; i++)
		good = ot_str_eq(texts[i], texts_got[i]);
	ot_arena_release(&arena);
	free(copy);
	return good;
}

static void texts_of_every_shape_come_back(void)
{
	struct ot_texts_scratch *scratch = ot_texts_scratch_new();
	struct rows_random r = { .state = 3 };
	struct ot_buf out = { 0 };
	bool kinds[OT_TEXTS_KINDS] = { 0 };

	for (int shape = 0; shape < TEXT_SHAPES; shape++) {
		for (int i = 0; i < COUNTS; i++) {
			for (uint32_t row = 0; row < counts[i]; row++)
				texts[row] = next_text(&r, shape);
			ot_buf_clear(&out);
			ot_texts_put(&out, scratch, texts, counts[i]);
			kinds[(uint8_t)out.data[0]] = true;
			CHECK(texts_come_back(&out, counts[i]));
			ot_arena_reset(&r.arena);
		}
	}
	for (int kind = 0; kind < OT_TEXTS_KINDS; kind++)
		CHECK(kinds[kind]);
	ot_arena_release(&r.arena);
	ot_buf_release(&out);
	ot_texts_scratch_free(scratch);
}

static void ids_cost_what_is_random_in_them(void)
{
	struct ot_texts_scratch *scratch = ot_texts_scratch_new();
	struct rows_random r = { .state = 4 };
	struct ot_buf out = { 0 };

	for (uint32_t row = 0; row < OT_BLOCK_ROWS; row++)
		texts[row] = next_text(&r, 8);
	ot_texts_put(&out, scratch, texts, OT_BLOCK_ROWS);
	CHECK(out.len < OT_BLOCK_ROWS * 17); /* 10 bits and 122 */
	ot_arena_release(&r.arena);
	ot_buf_release(&out);
	ot_texts_scratch_free(scratch);
}

/* --- dictionaries --- */

static int cmp_texts(const void *a, const void *b)
{
	return ot_str_cmp(*(const struct ot_str *)a, *(const struct ot_str *)b);
}

static uint32_t make_dict(struct rows_random *r, struct ot_buf *out, struct ot_texts_scratch *scratch,
    struct ot_str *items, int shape, uint32_t count)
{
	uint32_t different = 0;

	for (uint32_t i = 0; i < count; i++)
		items[i] = next_text(r, shape);
	qsort(items, count, sizeof(*items), cmp_texts);
	for (uint32_t i = 0; i < count; i++) {
		if (different == 0 || !ot_str_eq(items[different - 1], items[i]))
			items[different++] = items[i];
	}
	ot_buf_clear(out);
	CHECK_INT(ot_seg_put_dict(out, scratch, items, different, &err), OT_OK);
	return different;
}

static void dictionaries_come_back(void)
{
	static struct ot_str items[20000];
	struct ot_texts_scratch *scratch = ot_texts_scratch_new();
	struct rows_random r = { .state = 5 };
	struct ot_buf out = { 0 };

	for (int shape = 0; shape < TEXT_SHAPES; shape++) {
		uint32_t different = make_dict(&r, &out, scratch, items, shape, shape % 2 != 0 ? 20000 : 300),
			 wrong = 0;
		struct ot_seg_dict *dict = NULL;
		uint8_t *copy = with_slack(&out);

		CHECK_INT(ot_seg_get_dict(&dict, (struct ot_str){ (char *)copy, out.len }, &err), OT_OK);
		CHECK(dict != NULL && dict->count == different);
		for (uint32_t i = 0; i < different && dict != NULL; i++)
			wrong += !ot_str_eq(items[i], dict->items[i]);
		CHECK_INT(wrong, 0);
		ot_seg_free_dict(dict);
		free(copy);
		ot_arena_reset(&r.arena);
	}
	ot_arena_release(&r.arena);
	ot_buf_release(&out);
	ot_texts_scratch_free(scratch);
}

/* --- hostile bytes, behind their checksums --- */

static void spoil(struct rows_random *r, uint8_t *bytes, size_t len)
{
	uint64_t changes = 1 + random_below(r, 4);

	for (uint64_t i = 0; i < changes && len > 0; i++) {
		/* Mostly at the start, where kinds and counts stand. */
		size_t at = random_below(r, 2) != 0 ? random_below(r, len) : random_below(r, len < 32 ? len : 32);

		bytes[at] = random_below(r, 3) == 0 ? 0xff : (uint8_t)random_next(r);
	}
}

static void spoiled_chunks_are_refused_or_read(void)
{
	static const enum ot_field fields[] = { OT_DURATION, OT_CLIENT, OT_URL_PATH, OT_TRACE_ID };
	struct ot_chunk_writer *writer = ot_chunk_writer_new();
	struct rows_random r = { .state = 6 };
	struct ot_arena arena = { 0 };

	for (int round = 0; round < 400; round++) {
		struct ot_batch batch = { 0 };
		enum ot_field field = fields[round % 4];
		size_t width = ot_fields[field].width;
		struct ot_column rows, got, base = { .form = OT_FORM_INT };
		struct ot_seg_block block;
		struct ot_str bytes;
		bool relative;

		random_batch(&batch, (uint64_t)round + 1000, 1 + (uint32_t)random_below(&r, 600));
		rows = batch.columns[field];
		if (rows.rows > 0 && ot_chunk_put(writer, &rows, width, NULL, &block, &bytes, &err) == OT_OK &&
		    bytes.len > 0) {
			base.rows = rows.rows;
			base.numbers = calloc(rows.rows, sizeof(*base.numbers));
			for (int i = 0; i < 60; i++) {
				struct ot_buf copy = { .data = (char *)(uintptr_t)bytes.ptr, .len = bytes.len };
				uint8_t *spoiled = with_slack(&copy);
				size_t len = random_below(&r, 8) == 0 ? random_below(&r, bytes.len) : bytes.len;

				spoil(&r, spoiled, bytes.len);
				ot_arena_reset(&arena);
				got = (struct ot_column){ .form = rows.form,
					.rows = rows.rows,
					.dict = rows.dict,
					.dict_count = rows.dict_count };
				relative = rows.form == OT_FORM_INT && i % 2 != 0;
				if (ot_chunk_get(&got, width, &block, relative ? &base : NULL,
					(struct ot_str){ (char *)spoiled, len }, &arena, &err) == OT_OK) {
					for (uint32_t row = 0; row < got.rows; row++) {
						if (ot_column_is_null(&got, row))
							continue;
						CHECK(got.form != OT_FORM_DICT || got.codes[row] < got.dict_count);
						if (got.form == OT_FORM_TEXT)
							(void)ot_hash(got.texts[row].ptr, got.texts[row].len);
					}
				}
				free(spoiled);
			}
			free(base.numbers);
		}
		ot_batch_release(&batch);
	}
	ot_arena_release(&arena);
	ot_chunk_writer_free(writer);
}

static void spoiled_texts_and_dictionaries_are_refused_or_read(void)
{
	static struct ot_str items[2000];
	struct ot_texts_scratch *scratch = ot_texts_scratch_new();
	struct rows_random r = { .state = 7 };
	struct ot_buf out = { 0 }, dict_bytes = { 0 };
	struct ot_arena arena = { 0 };

	for (int round = 0; round < 6000; round++) {
		uint32_t count = 1 + (uint32_t)random_below(&r, 300);
		uint8_t *copy;
		struct ot_cursor c;

		if (round % 50 == 0) {
			ot_arena_reset(&r.arena);
			make_dict(&r, &dict_bytes, scratch, items, round / 50 % TEXT_SHAPES, 300);
			for (uint32_t i = 0; i < 300; i++)
				texts[i] = next_text(&r, round / 50 % TEXT_SHAPES);
		}
		ot_buf_clear(&out);
		ot_texts_put(&out, scratch, texts, count);
		copy = with_slack(&out);
		spoil(&r, copy, out.len);
		c = ot_cursor_of(copy, out.len);
		ot_arena_reset(&arena);
		if (ot_texts_get(&c, texts_got, count, &arena)) {
			for (uint32_t i = 0; i < count; i++)
				(void)ot_hash(texts_got[i].ptr, texts_got[i].len);
		}
		free(copy);

		struct ot_seg_dict *dict = NULL;
		copy = with_slack(&dict_bytes);
		spoil(&r, copy, dict_bytes.len - OT_SEG_CHECKSUM_LEN);
		uint64_t checksum = ot_hash(copy, dict_bytes.len - OT_SEG_CHECKSUM_LEN);
		for (int i = 0; i < 8; i++)
			copy[dict_bytes.len - OT_SEG_CHECKSUM_LEN + (size_t)i] = (uint8_t)(checksum >> 8 * i);
		if (ot_seg_get_dict(&dict, (struct ot_str){ (char *)copy, dict_bytes.len }, &err) == OT_OK) {
			for (uint32_t i = 0; i < dict->count; i++)
				(void)ot_hash(dict->items[i].ptr, dict->items[i].len);
		}
		ot_seg_free_dict(dict);
		free(copy);
	}
	ot_arena_release(&arena);
	ot_arena_release(&r.arena);
	ot_buf_release(&out);
	ot_buf_release(&dict_bytes);
	ot_texts_scratch_free(scratch);
}

static void spoiled_id_pages_are_refused_or_read(void)
{
	struct rows_random r = { .state = 8 };

	for (int round = 0; round < 300; round++) {
		struct ot_ids_writer writer = { 0 };
		struct ot_buf directory = { 0 }, pages = { 0 };
		uint64_t count = 1 + random_below(&r, 900);
		uint8_t blocks[128] = { 0 };

		for (uint64_t i = 0; i < count; i++) {
			uint64_t id = random_next(&r);

			ot_ids_add(&writer, (struct ot_str){ (char *)&id, sizeof(id) }, (uint32_t)(i / 10));
		}
		ot_ids_put(&writer, &directory, &pages);
		for (int i = 0; i < 30; i++) {
			uint8_t *copy = with_slack(&pages);

			spoil(&r, copy, pages.len);
			(void)ot_ids_find(
			    (struct ot_str){ (char *)copy, pages.len }, random_next(&r), blocks, 128, &err);
			free(copy);
		}
		ot_ids_release(&writer);
		ot_buf_release(&directory);
		ot_buf_release(&pages);
	}
	CHECK(true);
}

int main(void)
{
	RUN(every_width_unpacks);
	RUN(integers_of_every_shape_come_back);
	RUN(texts_of_every_shape_come_back);
	RUN(ids_cost_what_is_random_in_them);
	RUN(dictionaries_come_back);
	RUN(spoiled_chunks_are_refused_or_read);
	RUN(spoiled_texts_and_dictionaries_are_refused_or_read);
	RUN(spoiled_id_pages_are_refused_or_read);
	return test_end();
}
