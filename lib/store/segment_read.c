#include "chunk.h"
#include "reader.h"

#include <base/file.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TAIL_FIRST = 8192 }; /* read from the end at once: most footers are shorter */

/* --- opening --- */

/* The footer and the trailer, at the end of `bytes` (of `len`), with more read where they are longer than that. */
static enum ot_status read_footer(struct ot_segment *s, struct ot_str *footer, struct ot_err *err)
{
	size_t len = s->bytes < TAIL_FIRST ? (size_t)s->bytes : TAIL_FIRST;
	uint32_t footer_len;
	uint64_t checksum;
	enum ot_status status;

	s->footer = ot_alloc(len);
	if ((status = ot_file_pread(s->fd, s->footer, len, s->bytes - len, s->path, err)) != OT_OK ||
	    (status = ot_seg_get_trailer(&footer_len, &checksum, (uint8_t *)s->footer + len - OT_SEG_TRAILER_LEN, err)) != OT_OK)
		return status;
	if (footer_len + (uint64_t)OT_SEG_TRAILER_LEN + OT_SEG_HEADER_LEN > s->bytes)
		return ot_err_set(err, OT_CORRUPT, "footer of %u bytes in a file of %llu", footer_len, (unsigned long long)s->bytes);
	if (footer_len + (size_t)OT_SEG_TRAILER_LEN > len) {
		len = footer_len + (size_t)OT_SEG_TRAILER_LEN;
		s->footer = ot_realloc(s->footer, len);
		if ((status = ot_file_pread(s->fd, s->footer, len, s->bytes - len, s->path, err)) != OT_OK)
			return status;
	}
	*footer = (struct ot_str){ s->footer + len - OT_SEG_TRAILER_LEN - footer_len, footer_len };
	if (ot_hash(footer->ptr, footer->len) != checksum)
		return ot_err_set(err, OT_CORRUPT, "checksum of the footer differs");
	return OT_OK;
}

/* A stored enum's names and ours: one list begins as the other, or its numbers would mean something else here. */
static bool enum_agrees(enum ot_field field, struct ot_str names)
{
	struct ot_str ours = ot_str_from(ot_fields[field].unit);

	return ot_fields[field].type != OT_TYPE_ENUM || ot_str_starts(names, ours) || ot_str_starts(ours, names);
}

static enum ot_status bind_column(struct ot_segment *s, struct ot_seg_column *column, struct ot_err *err)
{
	const struct ot_seg_entry *entry = &column->entry;

	column->field = OT_FIELD_NONE;
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		if (ot_fields[f].form == OT_FORM_NONE || !ot_str_eq(ot_str_from(ot_fields[f].name), entry->name))
			continue;
		if (s->by_field[f] != NULL)
			return ot_err_set(err, OT_CORRUPT, "column %s is there twice", ot_fields[f].name);
		if (!ot_seg_form_known(entry) || ot_seg_form(entry) != ot_fields[f].form || entry->width != ot_fields[f].width ||
		    !enum_agrees((enum ot_field)f, entry->unit))
			return ot_err_set(err, OT_VERSION, "column %s has another type than here", ot_fields[f].name);
		column->field = (enum ot_field)f;
		s->by_field[f] = column;
	}
	return OT_OK;
}

/* A base is an INT column of this file. */
static enum ot_status bind_base(struct ot_segment *s, struct ot_seg_column *column, struct ot_err *err)
{
	for (uint32_t i = 0; i < s->header.columns && column->entry.base.len > 0; i++) {
		if (ot_str_eq(s->columns[i].entry.name, column->entry.base) && ot_seg_form(&s->columns[i].entry) == OT_FORM_INT)
			column->base = &s->columns[i];
	}
	if (column->entry.base.len > 0 && column->base == NULL)
		return ot_err_set(err, OT_CORRUPT, "column %.*s has a base that is not there", OT_STR_ARGS(column->entry.name));
	return OT_OK;
}

static enum ot_status bind_columns(struct ot_segment *s, struct ot_str footer, struct ot_err *err)
{
	struct ot_seg_entry *entries = ot_alloc_zero(s->header.columns, sizeof(*entries));
	enum ot_status status = ot_seg_get_footer(entries, &s->header, footer, s->bytes - OT_SEG_TRAILER_LEN - footer.len, err);

	s->columns = ot_alloc_zero(s->header.columns, sizeof(*s->columns));
	for (uint32_t i = 0; i < s->header.columns && status == OT_OK; i++) {
		s->columns[i].entry = entries[i];
		status = bind_column(s, &s->columns[i], err);
	}
	for (uint32_t i = 0; i < s->header.columns && status == OT_OK; i++)
		status = bind_base(s, &s->columns[i], err);
	free(entries);
	return status;
}

static enum ot_status open_file(struct ot_segment *s, struct ot_err *err)
{
	uint8_t head[OT_SEG_HEADER_LEN];
	struct ot_str footer;
	struct stat st;
	enum ot_status status;

	s->fd = open(s->path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0 || fstat(s->fd, &st) != 0)
		return ot_err_errno(err, "cannot open it");
	s->bytes = (uint64_t)st.st_size;
	if (!S_ISREG(st.st_mode) || s->bytes < 2 * OT_SEG_HEADER_LEN + OT_SEG_TRAILER_LEN)
		return ot_err_set(err, OT_CORRUPT, "it is too short for a segment");
	if ((status = ot_file_pread(s->fd, head, sizeof(head), 0, s->path, err)) != OT_OK ||
	    (status = ot_seg_get_header(&s->header, head, err)) != OT_OK || (status = read_footer(s, &footer, err)) != OT_OK)
		return status;
	if (memcmp(footer.ptr, head, sizeof(head)) != 0)
		return ot_err_set(err, OT_CORRUPT, "header and footer differ");
	return bind_columns(s, footer, err);
}

enum ot_status ot_segment_open(struct ot_segment **out, const char *path, struct ot_err *err)
{
	struct ot_segment *s = ot_alloc_zero(1, sizeof(*s));
	enum ot_status status;

	s->path = ot_alloc(strlen(path) + 1);
	strcpy(s->path, path);
	pthread_mutex_init(&s->lock, NULL);
	status = open_file(s, err);
	if (status != OT_OK) {
		ot_err_prefix(err, "segment %s", path);
		ot_segment_close(s);
		s = NULL;
	}
	*out = s;
	return status;
}

void ot_segment_close(struct ot_segment *s)
{
	if (s == NULL)
		return;
	for (uint32_t i = 0; s->columns != NULL && i < s->header.columns; i++) {
		free(s->columns[i].blocks);
		ot_seg_free_dict(s->columns[i].dict);
		free(s->columns[i].directory);
	}
	if (s->fd >= 0)
		close(s->fd);
	pthread_mutex_destroy(&s->lock);
	free(s->columns);
	free(s->footer);
	free(s->path);
	free(s);
}

uint32_t ot_segment_rows(const struct ot_segment *s) { return s->header.rows; }
uint32_t ot_segment_blocks(const struct ot_segment *s) { return ot_seg_blocks(s->header.rows); }
uint32_t ot_segment_block_rows(const struct ot_segment *s, uint32_t block) { return ot_seg_block_rows(s->header.rows, block); }
bool ot_segment_has(const struct ot_segment *s, enum ot_field field) { return s->by_field[field] != NULL; }
bool ot_segment_is_indexed(const struct ot_segment *s, enum ot_field field)
{
	return s->by_field[field] != NULL && s->by_field[field]->entry.length[OT_SECTION_ID_DIRECTORY] > 0;
}

uint64_t ot_segment_column_bytes(struct ot_segment *s, enum ot_field field)
{
	uint64_t bytes = 0;

	for (int section = 0; s->by_field[field] != NULL && section < OT_SECTION_COUNT; section++)
		bytes += s->by_field[field]->entry.length[section];
	return bytes;
}

/* --- sections, loaded once --- */

static enum ot_status in_column(const struct ot_segment *s, const struct ot_seg_column *column, enum ot_status status, struct ot_err *err)
{
	if (status != OT_OK)
		ot_err_prefix(err, "segment %s: column %.*s", s->path, OT_STR_ARGS(column->entry.name));
	return status;
}

/* Reads a whole section of at most `max` bytes into memory with slack, which the caller frees. */
static enum ot_status read_section(struct ot_segment *s, struct ot_seg_column *column, enum ot_seg_section section, size_t max, struct ot_str *out, struct ot_err *err)
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

enum ot_status ot_seg_column_blocks(struct ot_segment *s, struct ot_seg_column *column, struct ot_seg_block **out, struct ot_err *err)
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

enum ot_status ot_seg_column_dict(struct ot_segment *s, struct ot_seg_column *column, struct ot_seg_dict **out, struct ot_err *err)
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

static enum ot_status column_directory(struct ot_segment *s, struct ot_seg_column *column, struct ot_ids_directory **out, struct ot_err *err)
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

enum ot_status ot_segment_stats(struct ot_segment *s, enum ot_field field, uint32_t block, struct ot_block_stats *out, struct ot_err *err)
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

enum ot_status ot_segment_dict(struct ot_segment *s, enum ot_field field, const struct ot_str **items, uint32_t *count, struct ot_err *err)
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
static enum ot_status read_chunk(struct ot_segment *s, const struct ot_seg_block *block, struct ot_arena *arena, struct ot_str *out, struct ot_err *err)
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
static enum ot_status decode_base(struct ot_segment *s, struct ot_seg_column *base, uint32_t block, struct ot_column *out, struct ot_arena *arena, struct ot_err *err)
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

enum ot_status ot_seg_column_decode(struct ot_segment *s, struct ot_seg_column *column, uint32_t block, struct ot_column *out, struct ot_arena *arena, struct ot_err *err)
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

enum ot_status ot_segment_decode(struct ot_segment *s, enum ot_field field, uint32_t block, struct ot_column *out, struct ot_arena *arena, struct ot_err *err)
{
	if (s->by_field[field] != NULL)
		return ot_seg_column_decode(s, s->by_field[field], block, out, arena, err);
	*out = (struct ot_column){ .form = ot_fields[field].form, .rows = ot_segment_block_rows(s, block) };
	ot_chunk_get_nulls(out, ot_fields[field].width, arena);
	return OT_OK;
}

/* --- ids --- */

static enum ot_status read_page(struct ot_segment *s, const struct ot_seg_column *column, const struct ot_ids_page *page, char *bytes, struct ot_err *err)
{
	uint64_t offset = column->entry.offset[OT_SECTION_ID_PAGES] + page->offset;
	enum ot_status status = ot_file_pread(s->fd, bytes, page->len, offset, s->path, err);

	memset(bytes + page->len, 0, OT_SLACK);
	if (status == OT_OK && ot_hash(bytes, page->len) != page->checksum)
		return ot_err_set(err, OT_CORRUPT, "checksum of a page of the id index differs");
	return status;
}

enum ot_status ot_seg_column_lookup(struct ot_segment *s, struct ot_seg_column *column, struct ot_str value, uint8_t *blocks, struct ot_err *err)
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

enum ot_status ot_segment_lookup(struct ot_segment *s, enum ot_field field, struct ot_str value, uint8_t *blocks, struct ot_err *err)
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
