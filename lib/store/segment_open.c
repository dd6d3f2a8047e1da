#include "reader.h"

#include <base/file.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TAIL_FIRST = 8192 }; /* read from the end at once: most footers are shorter */

/* The footer and the trailer, at the end of `bytes` (of `len`), with more read where they are longer than that. */
static enum ot_status read_footer(struct ot_segment *s, struct ot_str *footer, struct ot_err *err)
{
	size_t len = s->bytes < TAIL_FIRST ? (size_t)s->bytes : TAIL_FIRST;
	uint32_t footer_len;
	uint64_t checksum;
	enum ot_status status;

	s->footer = ot_alloc(len);
	if ((status = ot_file_pread(s->fd, s->footer, len, s->bytes - len, s->path, err)) != OT_OK ||
	    (status = ot_seg_get_trailer(
		 &footer_len, &checksum, (uint8_t *)s->footer + len - OT_SEG_TRAILER_LEN, err)) != OT_OK)
		return status;
	if (footer_len + (uint64_t)OT_SEG_TRAILER_LEN + OT_SEG_HEADER_LEN > s->bytes)
		return ot_err_set(
		    err, OT_CORRUPT, "footer of %u bytes in a file of %llu", footer_len, (unsigned long long)s->bytes);
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
		if (!ot_seg_form_known(entry) || ot_seg_form(entry) != ot_fields[f].form ||
		    entry->width != ot_fields[f].width || !enum_agrees((enum ot_field)f, entry->unit))
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
		if (ot_str_eq(s->columns[i].entry.name, column->entry.base) &&
		    ot_seg_form(&s->columns[i].entry) == OT_FORM_INT)
			column->base = &s->columns[i];
	}
	if (column->entry.base.len > 0 && column->base == NULL)
		return ot_err_set(
		    err, OT_CORRUPT, "column %.*s has a base that is not there", OT_STR_ARGS(column->entry.name));
	return OT_OK;
}

static enum ot_status bind_columns(struct ot_segment *s, struct ot_str footer, struct ot_err *err)
{
	struct ot_seg_entry *entries = ot_alloc_zero(s->header.columns, sizeof(*entries));
	enum ot_status status =
	    ot_seg_get_footer(entries, &s->header, footer, s->bytes - OT_SEG_TRAILER_LEN - footer.len, err);

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
	    (status = ot_seg_get_header(&s->header, head, err)) != OT_OK ||
	    (status = read_footer(s, &footer, err)) != OT_OK)
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

uint32_t ot_segment_rows(const struct ot_segment *s)
{
	return s->header.rows;
}
uint32_t ot_segment_blocks(const struct ot_segment *s)
{
	return ot_seg_blocks(s->header.rows);
}
uint32_t ot_segment_block_rows(const struct ot_segment *s, uint32_t block)
{
	return ot_seg_block_rows(s->header.rows, block);
}
bool ot_segment_has(const struct ot_segment *s, enum ot_field field)
{
	return s->by_field[field] != NULL;
}
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
