#include "chunk.h"
#include "reader.h"

#include <base/file.h>
#include <stdatomic.h>
#include <stdlib.h>

/* --- sections, loaded once --- */

static enum ot_status in_column(
    const struct ot_segment *s, const struct ot_seg_column *column, enum ot_status status, struct ot_err *err)
{
	if (status != OT_OK)
		ot_err_prefix(err, "segment %s: column %.*s", s->path, OT_STR_ARGS(column->entry.name));
	return status;
}

/* Reads a whole section of at most `max` bytes into memory with slack, which the caller frees. */
static enum ot_status read_section(struct ot_segment *s, struct ot_seg_column *column, enum ot_seg_section section,
    size_t max, struct ot_str *out, struct ot_err *err)
{
	uint64_t len = column->entry.length[section];
	char *bytes;
	enum ot_status status;

	if (len > max)
		return ot_err_set(err, OT_CORRUPT, "a section of %llu bytes", (unsigned long long)len);
	bytes = ot_alloc((size_t)len + OT_SLACK);
	memset(bytes + len, 0, OT_SLACK);
	*out = (struct ot_str){ bytes, (size_t)len };
	status = ot_file_pread(s->fd, bytes, (size_t)len, column->entry.offset[section], s->path, err);
	if (status != OT_OK)
		free(bytes);
	return status;
}

static enum ot_status load_blocks(struct ot_segment *s, struct ot_seg_column *column, struct ot_err *err)
{
	uint32_t count = ot_seg_blocks(s->header.rows);
	struct ot_seg_block *blocks;
	struct ot_str bytes;
	enum ot_status status;

	if (!ot_seg_form_known(&column->entry))
		return ot_err_set(err, OT_VERSION, "its form is not known here");
	if ((status = read_section(s, column, OT_SECTION_INDEX, OT_SEG_INDEX_MAX, &bytes, err)) != OT_OK)
		return status;
	blocks = ot_alloc(count * sizeof(*blocks));
	status = ot_seg_get_index(blocks, count, s->header.rows, &column->entry, bytes, err);
	free((char *)(uintptr_t)bytes.ptr);
	if (status == OT_OK)
		column->blocks = blocks;
	else
		free(blocks);
	return status;
}

static enum ot_status load_dict(struct ot_segment *s, struct ot_seg_column *column, struct ot_err *err)
{
	struct ot_seg_dict *dict;
	struct ot_str bytes;
	enum ot_status status = read_section(s, column, OT_SECTION_DICT, OT_SEG_DICT_MAX, &bytes, err);

	if (status != OT_OK)
		return status;
	status = ot_seg_get_dict(&dict, bytes, err);
	free((char *)(uintptr_t)bytes.ptr);
	if (status == OT_OK)
		column->dict = dict;
	return status;
}

static enum ot_status load_directory(struct ot_segment *s, struct ot_seg_column *column, struct ot_err *err)
{
	struct ot_ids_directory *directory;
	struct ot_str bytes;
	enum ot_status status = read_section(s, column, OT_SECTION_ID_DIRECTORY, OT_SEG_DIRECTORY_MAX, &bytes, err);

	if (status != OT_OK)
		return status;
	status = ot_ids_get_directory(&directory, bytes, column->entry.length[OT_SECTION_ID_PAGES], err);
	free((char *)(uintptr_t)bytes.ptr);
	if (status == OT_OK)
		column->directory = directory;
	return status;
}

enum ot_status ot_seg_column_blocks(
    struct ot_segment *s, struct ot_seg_column *column, struct ot_seg_block **out, struct ot_err *err)
{
	enum ot_status status = OT_OK;

	if ((*out = atomic_load_explicit(&column->blocks, memory_order_acquire)) != NULL)
		return OT_OK;
	pthread_mutex_lock(&s->lock);
	if (column->blocks == NULL)
		status = load_blocks(s, column, err);
	*out = column->blocks;
	pthread_mutex_unlock(&s->lock);
	return in_column(s, column, status, err);
}

enum ot_status ot_seg_column_dict(
    struct ot_segment *s, struct ot_seg_column *column, struct ot_seg_dict **out, struct ot_err *err)
{
	enum ot_status status = OT_OK;

	if ((*out = atomic_load_explicit(&column->dict, memory_order_acquire)) != NULL)
		return OT_OK;
	pthread_mutex_lock(&s->lock);
	if (column->dict == NULL)
		status = load_dict(s, column, err);
	*out = column->dict;
	pthread_mutex_unlock(&s->lock);
	return in_column(s, column, status, err);
}

static enum ot_status column_directory(
    struct ot_segment *s, struct ot_seg_column *column, struct ot_ids_directory **out, struct ot_err *err)
{
	enum ot_status status = OT_OK;

	if ((*out = atomic_load_explicit(&column->directory, memory_order_acquire)) != NULL)
		return OT_OK;
	pthread_mutex_lock(&s->lock);
	if (column->directory == NULL)
		status = load_directory(s, column, err);
	*out = column->directory;
	pthread_mutex_unlock(&s->lock);
	return in_column(s, column, status, err);
}

/* --- statistics, dictionaries, blocks --- */

enum ot_status ot_segment_stats(
    struct ot_segment *s, enum ot_field field, uint32_t block, struct ot_block_stats *out, struct ot_err *err)
{
	struct ot_seg_block *blocks;
	enum ot_status status;

	if (s->by_field[field] == NULL) {
		*out = (struct ot_block_stats){ .min = 1, .max = 0, .nulls = ot_segment_block_rows(s, block) };
		return OT_OK;
	}
	status = ot_seg_column_blocks(s, s->by_field[field], &blocks, err);
	if (status == OT_OK)
		*out = (struct ot_block_stats){ blocks[block].min, blocks[block].max, blocks[block].nulls };
	return status;
}

enum ot_status ot_segment_dict(
    struct ot_segment *s, enum ot_field field, const struct ot_str **items, uint32_t *count, struct ot_err *err)
{
	struct ot_seg_dict *dict;
	enum ot_status status;

	*items = NULL;
	*count = 0;
	if (s->by_field[field] == NULL || ot_fields[field].form != OT_FORM_DICT)
		return OT_OK;
	status = ot_seg_column_dict(s, s->by_field[field], &dict, err);
	if (status == OT_OK) {
		*items = dict->items;
		*count = dict->count;
	}
	return status;
}

/* The chunk's bytes, checked, in the arena. */
static enum ot_status read_chunk(struct ot_segment *s, const struct ot_seg_block *block, struct ot_arena *arena,
    struct ot_str *out, struct ot_err *err)
{
	char *bytes = ot_arena_alloc(arena, (size_t)block->length + OT_SLACK);
	enum ot_status status;

	memset(bytes + block->length, 0, OT_SLACK);
	*out = (struct ot_str){ bytes, (size_t)block->length };
	if (block->length == 0)
		return OT_OK;
	status = ot_file_pread(s->fd, bytes, (size_t)block->length, block->offset, s->path, err);
	if (status == OT_OK && ot_hash(bytes, (size_t)block->length) != block->checksum)
		return ot_err_set(err, OT_CORRUPT, "checksum differs");
	return status;
}

/* The block that another is relative to, which is not relative itself. */
static enum ot_status decode_base(struct ot_segment *s, struct ot_seg_column *base, uint32_t block,
    struct ot_column *out, struct ot_arena *arena, struct ot_err *err)
{
	struct ot_seg_block *blocks;
	enum ot_status status;

	if (base == NULL)
		return ot_err_set(err, OT_CORRUPT, "it is relative to nothing");
	status = ot_seg_column_blocks(s, base, &blocks, err);
	if (status == OT_OK && (blocks[block].flags & OT_BLOCK_RELATIVE) != 0)
		return ot_err_set(err, OT_CORRUPT, "what it is relative to is relative itself");
	return status == OT_OK ? ot_seg_column_decode(s, base, block, out, arena, err) : status;
}

enum ot_status ot_seg_column_decode(struct ot_segment *s, struct ot_seg_column *column, uint32_t block,
    struct ot_column *out, struct ot_arena *arena, struct ot_err *err)
{
	struct ot_seg_block *blocks;
	struct ot_seg_dict *dict;
	struct ot_column base_values, *base = NULL;
	struct ot_str bytes;
	enum ot_status status = ot_seg_column_blocks(s, column, &blocks, err);

	*out = (struct ot_column){ .form = ot_seg_form(&column->entry), .rows = ot_segment_block_rows(s, block) };
	if (status != OT_OK)
		return status;
	if (out->form == OT_FORM_DICT) {
		if ((status = ot_seg_column_dict(s, column, &dict, err)) != OT_OK)
			return status;
		out->dict = dict->items;
		out->dict_count = dict->count;
	}
	if ((blocks[block].flags & OT_BLOCK_RELATIVE) != 0) {
		base = &base_values;
		status = decode_base(s, column->base, block, base, arena, err);
	}
	if (status == OT_OK && (status = read_chunk(s, &blocks[block], arena, &bytes, err)) == OT_OK)
		status = ot_chunk_get(out, column->entry.width, &blocks[block], base, bytes, arena, err);
	if (status != OT_OK)
		ot_err_prefix(err, "block %u", block);
	return in_column(s, column, status, err);
}

enum ot_status ot_segment_decode(struct ot_segment *s, enum ot_field field, uint32_t block, struct ot_column *out,
    struct ot_arena *arena, struct ot_err *err)
{
	if (s->by_field[field] != NULL)
		return ot_seg_column_decode(s, s->by_field[field], block, out, arena, err);
	*out = (struct ot_column){ .form = ot_fields[field].form, .rows = ot_segment_block_rows(s, block) };
	ot_chunk_get_nulls(out, ot_fields[field].width, arena);
	return OT_OK;
}

/* --- ids --- */

static enum ot_status read_page(struct ot_segment *s, const struct ot_seg_column *column,
    const struct ot_ids_page *page, char *bytes, struct ot_err *err)
{
	uint64_t offset = column->entry.offset[OT_SECTION_ID_PAGES] + page->offset;
	enum ot_status status = ot_file_pread(s->fd, bytes, page->len, offset, s->path, err);

	memset(bytes + page->len, 0, OT_SLACK);
	if (status == OT_OK && ot_hash(bytes, page->len) != page->checksum)
		return ot_err_set(err, OT_CORRUPT, "checksum of a page of the id index differs");
	return status;
}

enum ot_status ot_seg_column_lookup(
    struct ot_segment *s, struct ot_seg_column *column, struct ot_str value, uint8_t *blocks, struct ot_err *err)
{
	uint64_t hash = ot_hash(value.ptr, value.len);
	struct ot_ids_directory *directory;
	const struct ot_ids_page *page;
	char *bytes;
	enum ot_status status = column_directory(s, column, &directory, err);

	if (status != OT_OK)
		return status;
	page = ot_ids_page_of(directory, hash);
	bytes = ot_alloc(page->len + (size_t)OT_SLACK);
	status = read_page(s, column, page, bytes, err);
	if (status == OT_OK)
		status = ot_ids_find((struct ot_str){ bytes, page->len }, hash, blocks, ot_segment_blocks(s), err);
	free(bytes);
	return in_column(s, column, status, err);
}

enum ot_status ot_seg_column_check_pages(struct ot_segment *s, struct ot_seg_column *column, struct ot_err *err)
{
	struct ot_ids_directory *directory;
	enum ot_status status = column_directory(s, column, &directory, err);

	for (uint32_t i = 0; status == OT_OK && i < directory->count; i++) {
		char *bytes = ot_alloc(directory->pages[i].len + (size_t)OT_SLACK);

		status = in_column(s, column, read_page(s, column, &directory->pages[i], bytes, err), err);
		free(bytes);
	}
	return status;
}

enum ot_status ot_segment_lookup(
    struct ot_segment *s, enum ot_field field, struct ot_str value, uint8_t *blocks, struct ot_err *err)
{
	uint32_t count = ot_segment_blocks(s);

	memset(blocks, 0, count);
	if (s->by_field[field] == NULL)
		return OT_OK;
	if (ot_segment_is_indexed(s, field))
		return ot_seg_column_lookup(s, s->by_field[field], value, blocks, err);
	memset(blocks, 1, count);
	return OT_OK;
}
