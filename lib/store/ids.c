#include "bitpack.h"
#include "ids.h"
#include "order.h"

#include <stdlib.h>

/* With 14 bits and a thousand entries a page, one look-up in sixteen for an absent id reads a block in vain. */
enum { PRINT_BITS = 14, PAGE_ENTRIES = 1024, PRINT_BITS_MAX = 24 };

bool ot_ids_is_indexed(enum ot_field field)
{
	return field == OT_TRACE_ID || field == OT_REQUEST_ID || field == OT_UPSTREAM_REQUEST_ID ||
	       field == OT_SESSION_ID;
}

static uint32_t page_number(uint64_t hash, uint32_t pages)
{
	return (uint32_t)((hash >> 32) * pages >> 32);
}

/* --- writing --- */

void ot_ids_release(struct ot_ids_writer *writer)
{
	free(writer->entries);
	*writer = (struct ot_ids_writer){ 0 };
}

void ot_ids_add(struct ot_ids_writer *w, struct ot_str value, uint32_t block)
{
	struct ot_ids_entry entry = { ot_hash(value.ptr, value.len), block };

	/* A session's calls follow each other. */
	if (w->count > 0 && w->entries[w->count - 1].hash == entry.hash && w->entries[w->count - 1].block == block)
		return;
	if (w->count == w->cap) {
		w->cap = w->cap == 0 ? 1024 : w->cap * 2;
		w->entries = ot_realloc(w->entries, w->cap * sizeof(*w->entries));
	}
	w->entries[w->count++] = entry;
}

static unsigned low_bits_for(uint32_t count)
{
	unsigned bits = 0;

	while (bits < PRINT_BITS && (uint32_t)1 << (PRINT_BITS - bits - 1) >= count)
		bits++;
	return bits;
}

static void put_bits(struct ot_buf *out, const uint64_t *values, uint32_t count, unsigned width)
{
	uint8_t *to = (uint8_t *)ot_buf_reserve(out, ot_packed_bytes(count, width) + 8);

	ot_pack(to, values, count, width);
	out->len += ot_packed_bytes(count, width);
}

static size_t highs_bytes(uint32_t count, unsigned high_bits)
{
	return ((size_t)count + ((size_t)1 << high_bits) + 7) / 8;
}

/* `keys` are print and block, sorted, all different. The high parts are written as a one for each entry behind as many
 * zeros as it is. */
static void put_page(
    struct ot_buf *out, uint64_t *lows, uint64_t *blocks, const uint64_t *keys, uint32_t count, unsigned block_bits)
{
	unsigned low_bits = low_bits_for(count);
	size_t highs_len = highs_bytes(count, PRINT_BITS - low_bits);
	uint8_t *highs;

	ot_buf_varint(out, count);
	ot_buf_u8(out, PRINT_BITS);
	ot_buf_u8(out, (uint8_t)low_bits);
	ot_buf_u8(out, (uint8_t)block_bits);
	highs = (uint8_t *)ot_buf_reserve(out, highs_len);
	memset(highs, 0, highs_len);
	for (uint32_t i = 0; i < count; i++) {
		uint64_t print = keys[i] >> 32, bit = (print >> low_bits) + i;

		highs[bit / 8] |= (uint8_t)(1 << bit % 8);
		lows[i] = print & ((UINT64_C(1) << low_bits) - 1);
		blocks[i] = (uint32_t)keys[i];
	}
	out->len += highs_len;
	put_bits(out, lows, count, low_bits);
	put_bits(out, blocks, count, block_bits);
}

struct sorted {
	uint64_t *keys; /* print and block */
	uint32_t *pages; /* by entry */
	uint32_t count, page_count;
	unsigned block_bits;
};

/* By page, print and block; each once. */
static void sort_entries(struct sorted *s, const struct ot_ids_writer *w)
{
	uint32_t last_block = 0, kept = 0;

	s->keys = ot_alloc(w->count * sizeof(*s->keys));
	s->pages = ot_alloc_zero(w->count, sizeof(*s->pages));
	s->page_count = (w->count + PAGE_ENTRIES / 2) / PAGE_ENTRIES;
	s->page_count += s->page_count == 0;
	for (uint32_t i = 0; i < w->count; i++) {
		uint64_t page = page_number(w->entries[i].hash, s->page_count);
		uint64_t print = w->entries[i].hash & ((1 << PRINT_BITS) - 1);

		s->keys[i] = page << 40 | print << 16 | w->entries[i].block;
		last_block = w->entries[i].block > last_block ? w->entries[i].block : last_block;
	}
	ot_order_by_keys(s->keys, s->pages, w->count);
	for (uint32_t i = 0; i < w->count; i++) {
		uint64_t key = s->keys[i];
		uint32_t page = (uint32_t)(key >> 40);

		key = (key >> 16 & 0xffffff) << 32 | (key & 0xffff);
		if (kept > 0 && s->pages[kept - 1] == page && s->keys[kept - 1] == key)
			continue;
		s->keys[kept] = key;
		s->pages[kept++] = page;
	}
	s->count = kept;
	s->block_bits = ot_bit_width(last_block);
}

void ot_ids_put(struct ot_ids_writer *w, struct ot_buf *directory, struct ot_buf *pages)
{
	struct sorted s = { 0 };
	size_t start = directory->len;
	uint64_t *scratch;
	uint32_t from = 0;

	sort_entries(&s, w);
	scratch = ot_alloc(2 * ((size_t)s.count + 1) * sizeof(*scratch));
	ot_buf_varint(directory, s.page_count);
	for (uint32_t page = 0; page < s.page_count; page++) {
		size_t at = pages->len;
		uint32_t end = from;

		while (end < s.count && s.pages[end] == page)
			end++;
		put_page(pages, scratch, scratch + s.count, s.keys + from, end - from, s.block_bits);
		ot_buf_varint(directory, pages->len - at);
		ot_buf_u64(directory, ot_hash(pages->data + at, pages->len - at));
		from = end;
	}
	ot_seg_seal(directory, start);
	free(scratch);
	free(s.keys);
	free(s.pages);
	w->count = 0;
}

/* --- reading --- */

enum ot_status ot_ids_get_directory(
    struct ot_ids_directory **out, struct ot_str bytes, uint64_t pages_len, struct ot_err *err)
{
	struct ot_ids_directory *directory;
	struct ot_cursor c;
	uint64_t count, at = 0;

	if (!ot_seg_unseal(&bytes))
		return ot_err_set(err, OT_CORRUPT, "checksum of the id index differs");
	c = ot_cursor_of(bytes.ptr, bytes.len);
	count = ot_cursor_varint(&c);
	if (count == 0 || count > OT_SEGMENT_ROWS_MAX)
		return ot_err_set(err, OT_CORRUPT, "the id index is damaged");
	directory = ot_alloc(sizeof(*directory) + count * sizeof(*directory->pages));
	directory->count = (uint32_t)count;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t len = ot_cursor_varint(&c);

		c.failed |= len > OT_SEG_PAGE_MAX;
		directory->pages[i] = (struct ot_ids_page){ at, ot_cursor_u64(&c), (uint32_t)len };
		at += c.failed ? 0 : len;
	}
	if (c.failed || ot_cursor_left(&c) != 0 || at != pages_len) {
		free(directory);
		return ot_err_set(err, OT_CORRUPT, "the id index is damaged");
	}
	*out = directory;
	return OT_OK;
}

const struct ot_ids_page *ot_ids_page_of(const struct ot_ids_directory *directory, uint64_t hash)
{
	return &directory->pages[page_number(hash, directory->count)];
}

static uint64_t take_bits(const uint8_t *in, uint32_t index, unsigned width)
{
	uint64_t word = 0, bit = (uint64_t)index * width;

	if (width == 0)
		return 0;
	for (unsigned i = 0; i < 8; i++)
		word |= (uint64_t)in[bit / 8 + i] << 8 * i;
	return word >> bit % 8 & ((UINT64_C(1) << width) - 1);
}

/* Entries whose print is the one looked for follow each other; its high part is that many zeros in. */
static void find_print(const uint8_t *highs, size_t highs_len, const uint8_t *lows, unsigned low_bits,
    const uint8_t *packed_blocks, unsigned block_bits, uint32_t count, uint64_t print, uint8_t *blocks,
    uint32_t block_count)
{
	uint64_t high = print >> low_bits, low = print & ((UINT64_C(1) << low_bits) - 1), zeros = 0;
	uint32_t entry = 0;

	for (size_t bit = 0; bit < highs_len * 8 && entry < count && zeros <= high; bit++) {
		if (!(highs[bit / 8] >> bit % 8 & 1)) {
			zeros++;
			continue;
		}
		if (zeros == high && take_bits(lows, entry, low_bits) == low) {
			uint64_t block = take_bits(packed_blocks, entry, block_bits);

			if (block < block_count)
				blocks[block] = 1;
		}
		entry++;
	}
}

enum ot_status ot_ids_find(struct ot_str page, uint64_t hash, uint8_t *blocks, uint32_t block_count, struct ot_err *err)
{
	struct ot_cursor c = ot_cursor_of(page.ptr, page.len);
	uint64_t count = ot_cursor_varint(&c);
	unsigned print_bits = ot_cursor_u8(&c), low_bits = ot_cursor_u8(&c), block_bits = ot_cursor_u8(&c);
	struct ot_str highs, lows, packed_blocks;

	if (c.failed || count > OT_SEGMENT_ROWS_MAX || print_bits > PRINT_BITS_MAX || low_bits > print_bits ||
	    block_bits > 16)
		return ot_err_set(err, OT_CORRUPT, "a page of the id index is damaged");
	highs = ot_cursor_bytes(&c, highs_bytes((uint32_t)count, print_bits - low_bits));
	lows = ot_cursor_bytes(&c, ot_packed_bytes((uint32_t)count, low_bits));
	packed_blocks = ot_cursor_bytes(&c, ot_packed_bytes((uint32_t)count, block_bits));
	if (c.failed || ot_cursor_left(&c) != 0)
		return ot_err_set(err, OT_CORRUPT, "a page of the id index is damaged");
	find_print((const uint8_t *)highs.ptr, highs.len, (const uint8_t *)lows.ptr, low_bits,
	    (const uint8_t *)packed_blocks.ptr, block_bits, (uint32_t)count, hash & ((UINT64_C(1) << print_bits) - 1),
	    blocks, block_count);
	return OT_OK;
}
