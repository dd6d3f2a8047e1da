#include "format.h"

static uint64_t get_u64(const uint8_t *at)
{
	struct ot_cursor c = ot_cursor_of(at, 8);

	return ot_cursor_u64(&c);
}

void ot_seg_seal(struct ot_buf *out, size_t start)
{
	ot_buf_u64(out, ot_hash(out->data + start, out->len - start));
}

bool ot_seg_unseal(struct ot_str *bytes)
{
	if (bytes->len < OT_SEG_CHECKSUM_LEN)
		return false;
	bytes->len -= OT_SEG_CHECKSUM_LEN;
	return ot_hash(bytes->ptr, bytes->len) == get_u64((const uint8_t *)bytes->ptr + bytes->len);
}

/* --- header --- */

void ot_seg_put_header(struct ot_buf *out, const struct ot_seg_header *header)
{
	size_t start = out->len;

	ot_buf_put(out, OT_SEG_MAGIC, OT_SEG_MAGIC_LEN);
	ot_buf_u32(out, header->version);
	ot_buf_u32(out, header->compatible);
	ot_buf_u32(out, header->incompatible);
	ot_buf_u32(out, header->rows);
	ot_buf_u32(out, header->block_rows);
	ot_buf_u32(out, header->columns);
	ot_buf_u64(out, (uint64_t)header->day);
	ot_buf_u64(out, (uint64_t)header->time_min);
	ot_buf_u64(out, (uint64_t)header->time_max);
	ot_seg_seal(out, start);
}

static enum ot_status header_check(const struct ot_seg_header *h, struct ot_err *err)
{
	if (h->version != OT_SEG_VERSION)
		return ot_err_set(err, h->version > OT_SEG_VERSION ? OT_VERSION : OT_CORRUPT,
		    "version %u of the format is not known here", h->version);
	if ((h->incompatible & ~(uint32_t)OT_SEG_INCOMPATIBLE_KNOWN) != 0)
		return ot_err_set(err, OT_VERSION, "it needs features %#x that are not known here", h->incompatible);
	if (h->rows > OT_SEGMENT_ROWS_MAX || h->block_rows != OT_BLOCK_ROWS || h->columns > OT_SEG_COLUMNS_MAX)
		return ot_err_set(err, OT_CORRUPT, "header has %u rows in blocks of %u, %u columns", h->rows,
		    h->block_rows, h->columns);
	return OT_OK;
}

enum ot_status ot_seg_get_header(struct ot_seg_header *out, const uint8_t bytes[OT_SEG_HEADER_LEN], struct ot_err *err)
{
	struct ot_str all = { (const char *)bytes, OT_SEG_HEADER_LEN };
	struct ot_cursor c = ot_cursor_of(bytes + OT_SEG_MAGIC_LEN, OT_SEG_HEADER_LEN - OT_SEG_MAGIC_LEN);

	if (memcmp(bytes, OT_SEG_MAGIC, OT_SEG_MAGIC_LEN) != 0)
		return ot_err_set(err, OT_CORRUPT, "it does not begin as a segment does");
	if (!ot_seg_unseal(&all))
		return ot_err_set(err, OT_CORRUPT, "checksum of the header differs");
	out->version = ot_cursor_u32(&c);
	out->compatible = ot_cursor_u32(&c);
	out->incompatible = ot_cursor_u32(&c);
	out->rows = ot_cursor_u32(&c);
	out->block_rows = ot_cursor_u32(&c);
	out->columns = ot_cursor_u32(&c);
	out->day = (int64_t)ot_cursor_u64(&c);
	out->time_min = (int64_t)ot_cursor_u64(&c);
	out->time_max = (int64_t)ot_cursor_u64(&c);
	return header_check(out, err);
}

/* --- footer and trailer --- */

static void put_entry(struct ot_buf *out, const struct ot_seg_entry *entry)
{
	ot_buf_lstr(out, entry->name);
	ot_buf_u8(out, entry->form);
	ot_buf_u8(out, entry->type);
	ot_buf_varint(out, entry->width);
	ot_buf_lstr(out, entry->unit);
	ot_buf_lstr(out, entry->base);
	ot_buf_u8(out, OT_SECTION_COUNT);
	for (int s = 0; s < OT_SECTION_COUNT; s++)
		ot_buf_varint(out, entry->length[s]);
}

void ot_seg_put_footer(
    struct ot_buf *out, const struct ot_seg_header *header, const struct ot_seg_entry *entries, uint32_t count)
{
	ot_seg_put_header(out, header);
	for (uint32_t i = 0; i < count; i++)
		put_entry(out, &entries[i]);
}

void ot_seg_put_trailer(struct ot_buf *out, struct ot_str footer)
{
	ot_buf_u32(out, (uint32_t)footer.len);
	ot_buf_u64(out, ot_hash(footer.ptr, footer.len));
	ot_buf_put(out, OT_SEG_TAIL_MAGIC, OT_SEG_MAGIC_LEN);
}

enum ot_status ot_seg_get_trailer(
    uint32_t *footer_len, uint64_t *checksum, const uint8_t bytes[OT_SEG_TRAILER_LEN], struct ot_err *err)
{
	struct ot_cursor c = ot_cursor_of(bytes, OT_SEG_TRAILER_LEN);

	*footer_len = ot_cursor_u32(&c);
	*checksum = ot_cursor_u64(&c);
	if (memcmp(c.at, OT_SEG_TAIL_MAGIC, OT_SEG_MAGIC_LEN) != 0)
		return ot_err_set(
		    err, OT_CORRUPT, "it does not end as a segment does: it was cut, or is something else");
	if (*footer_len < OT_SEG_HEADER_LEN || *footer_len > OT_SEG_FOOTER_MAX)
		return ot_err_set(err, OT_CORRUPT, "footer of %u bytes", *footer_len);
	return OT_OK;
}

/* Sections that a newer program added behind those known here are skipped over; their bytes count. */
static void get_entry(struct ot_seg_entry *entry, struct ot_cursor *c, uint64_t *at)
{
	unsigned sections;

	entry->name = ot_cursor_lstr(c);
	entry->form = ot_cursor_u8(c);
	entry->type = ot_cursor_u8(c);
	entry->width = (uint16_t)ot_cursor_varint(c);
	entry->unit = ot_cursor_lstr(c);
	entry->base = ot_cursor_lstr(c);
	sections = ot_cursor_u8(c);
	for (unsigned s = 0; s < sections; s++) {
		uint64_t length = ot_cursor_varint(c);

		if (s < OT_SECTION_COUNT) {
			entry->offset[s] = *at;
			entry->length[s] = length;
		}
		/* Far from overflow: each is checked before the next is added. */
		if (length > INT64_MAX / 2 || *at > INT64_MAX / 2)
			c->failed = true;
		else
			*at += length;
	}
}

enum ot_status ot_seg_get_footer(struct ot_seg_entry *entries, const struct ot_seg_header *header, struct ot_str footer,
    uint64_t end, struct ot_err *err)
{
	struct ot_cursor c = ot_cursor_of(footer.ptr, footer.len);
	uint64_t at = OT_SEG_HEADER_LEN;

	ot_cursor_bytes(&c, OT_SEG_HEADER_LEN);
	for (uint32_t i = 0; i < header->columns && !c.failed; i++) {
		entries[i] = (struct ot_seg_entry){ 0 };
		get_entry(&entries[i], &c, &at);
		if (entries[i].name.len == 0)
			c.failed = true;
	}
	if (c.failed || ot_cursor_left(&c) != 0 || at != end)
		return ot_err_set(err, OT_CORRUPT, "the footer's entries do not describe the file");
	return OT_OK;
}

/* --- column index --- */

static bool has_range(enum ot_form form)
{
	return form == OT_FORM_INT || form == OT_FORM_DICT;
}

void ot_seg_put_index(
    struct ot_buf *out, enum ot_form form, const struct ot_seg_block *blocks, uint32_t count, uint32_t rows)
{
	size_t start = out->len;

	for (uint32_t b = 0; b < count; b++) {
		const struct ot_seg_block *block = &blocks[b];

		ot_buf_u8(out, block->flags);
		ot_buf_varint(out, block->nulls);
		ot_buf_varint(out, block->length);
		if (block->length > 0)
			ot_buf_u64(out, block->checksum);
		if (has_range(form) && block->nulls < ot_seg_block_rows(rows, b)) {
			ot_buf_zigzag(out, block->min);
			ot_buf_varint(out, (uint64_t)block->max - (uint64_t)block->min);
		}
	}
	ot_seg_seal(out, start);
}

static bool get_block(struct ot_seg_block *block, struct ot_cursor *c, enum ot_form form, uint32_t rows)
{
	uint64_t nulls;

	block->flags = ot_cursor_u8(c);
	nulls = ot_cursor_varint(c);
	block->length = ot_cursor_varint(c);
	block->checksum = block->length > 0 ? ot_cursor_u64(c) : 0;
	if (c->failed || nulls > rows || block->length > OT_SEG_CHUNK_MAX ||
	    (block->flags & ~OT_BLOCK_FLAGS_KNOWN) != 0)
		return false;
	block->nulls = (uint32_t)nulls;
	block->min = 1;
	block->max = 0;
	if (has_range(form) && nulls < rows) {
		block->min = ot_cursor_zigzag(c);
		block->max = (int64_t)((uint64_t)block->min + ot_cursor_varint(c));
		/* Codes are 32 bits; the dictionary's size is checked against them where both are known. */
		if (block->min > block->max ||
		    (form == OT_FORM_DICT && (block->min < 0 || block->max >= OT_SEGMENT_ROWS_MAX)))
			return false;
	}
	return !c->failed;
}

enum ot_status ot_seg_get_index(struct ot_seg_block *blocks, uint32_t count, uint32_t rows,
    const struct ot_seg_entry *entry, struct ot_str bytes, struct ot_err *err)
{
	struct ot_cursor c;
	uint64_t at = entry->offset[OT_SECTION_CHUNKS];

	if (!ot_seg_unseal(&bytes))
		return ot_err_set(err, OT_CORRUPT, "checksum of the column index differs");
	c = ot_cursor_of(bytes.ptr, bytes.len);
	for (uint32_t b = 0; b < count; b++) {
		if (!get_block(&blocks[b], &c, ot_seg_form(entry), ot_seg_block_rows(rows, b)))
			return ot_err_set(err, OT_CORRUPT, "the column index is damaged at block %u", b);
		blocks[b].offset = at;
		at += blocks[b].length;
	}
	if (ot_cursor_left(&c) != 0 || at != entry->offset[OT_SECTION_CHUNKS] + entry->length[OT_SECTION_CHUNKS])
		return ot_err_set(err, OT_CORRUPT, "the column index does not describe the column");
	return OT_OK;
}
