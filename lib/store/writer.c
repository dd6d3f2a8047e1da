#include "chunk.h"
#include "dict.h"
#include "ids.h"
#include "order.h"
#include "writer.h"

#include <base/file.h>
#include <base/time.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

enum { FLUSH_BYTES = 1 << 20, WIDTH_MAX = 64 };

/* One block of a column, in its final order. */
struct gathered {
	int64_t numbers[OT_BLOCK_ROWS];
	uint8_t valid[OT_BLOCK_ROWS];
	uint32_t codes[OT_BLOCK_ROWS];
	struct ot_str texts[OT_BLOCK_ROWS];
	uint8_t fixed[OT_BLOCK_ROWS * WIDTH_MAX];
};

/* Numbers that differ little. */
static const struct {
	enum ot_field field, base;
} bases[] = {
	{ OT_UPSTREAM_DURATION, OT_DURATION },
	{ OT_UPSTREAM_STATUS_CODE, OT_HTTP_RESPONSE_STATUS_CODE },
	{ OT_HTTP_REQUEST_BODY_SIZE, OT_HTTP_REQUEST_SIZE },
	{ OT_HTTP_RESPONSE_BODY_SIZE, OT_HTTP_RESPONSE_SIZE },
};

struct ot_seg_writer {
	int fd;
	char *path;
	bool finished;
	struct ot_buf out;
	uint64_t written; /* of the file, without what is in `out` */
	XXH3_state_t *hash;
	struct ot_seg_header header;
	struct ot_seg_entry entries[OT_FIELD_COUNT];
	uint32_t column_count;
	struct ot_seg_block blocks[OT_SEG_BLOCKS_MAX];
	struct ot_chunk_writer *chunks;
	struct ot_ids_writer ids;
	struct gathered gathered, gathered_base;
};

/* --- what is known before --- */

enum ot_field ot_seg_base(enum ot_field field)
{
	for (size_t i = 0; i < sizeof(bases) / sizeof(*bases); i++) {
		if (bases[i].field == field)
			return bases[i].base;
	}
	return OT_FIELD_NONE;
}

void ot_seg_ranks_make(struct ot_seg_ranks *out, const struct ot_column *column, const uint32_t *order, uint32_t rows)
{
	uint8_t *used = ot_alloc_zero(column->dict_count + 1, 1);

	for (uint32_t i = 0; i < rows; i++) {
		uint32_t code = column->codes[order[i]];

		if (code != OT_CODE_NULL)
			used[code] = 1;
	}
	out->ranks = ot_alloc(column->dict_count * sizeof(*out->ranks));
	out->sorted = ot_alloc(column->dict_count * sizeof(*out->sorted));
	out->count = ot_order_texts(out->ranks, out->sorted, column->dict, used, column->dict_count);
	free(used);
}

void ot_seg_ranks_release(struct ot_seg_ranks *ranks)
{
	free(ranks->ranks);
	free(ranks->sorted);
	*ranks = (struct ot_seg_ranks){ 0 };
}

void ot_seg_header_times(
    struct ot_seg_header *header, const struct ot_column *timestamps, const uint32_t *order, uint32_t rows)
{
	int64_t min = INT64_MAX, max = INT64_MIN;

	for (uint32_t i = 0; i < rows && timestamps->rows > 0; i++) {
		if (ot_column_is_null(timestamps, order[i]))
			continue;
		min = timestamps->numbers[order[i]] < min ? timestamps->numbers[order[i]] : min;
		max = timestamps->numbers[order[i]] > max ? timestamps->numbers[order[i]] : max;
	}
	header->day = min > max ? OT_DAY_UNDATED : ot_time_day(min);
	header->time_min = min > max ? 0 : min;
	header->time_max = min > max ? 0 : max;
}

/* --- the file --- */

static enum ot_status flush(struct ot_seg_writer *w, struct ot_err *err)
{
	enum ot_status status = ot_file_write_all(w->fd, w->out.data, w->out.len, w->path, err);

	XXH3_64bits_update(w->hash, w->out.data, w->out.len);
	w->written += w->out.len;
	ot_buf_clear(&w->out);
	return status;
}

static uint64_t position(const struct ot_seg_writer *w)
{
	return w->written + w->out.len;
}

enum ot_status ot_seg_writer_open(
    struct ot_seg_writer **out, const char *path, const struct ot_seg_header *header, struct ot_err *err)
{
	struct ot_seg_writer *w;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	*out = NULL;
	if (fd < 0)
		return ot_err_errno(err, "cannot write %s", path);
	w = ot_alloc_zero(1, sizeof(*w));
	w->fd = fd;
	w->path = ot_alloc(strlen(path) + 1);
	strcpy(w->path, path);
	w->chunks = ot_chunk_writer_new();
	w->hash = XXH3_createState();
	if (w->hash == NULL)
		ot_die("out of memory");
	XXH3_64bits_reset(w->hash);
	w->header = *header;
	w->header.version = OT_SEG_VERSION;
	w->header.block_rows = OT_BLOCK_ROWS;
	ot_seg_put_header(&w->out, &w->header);
	*out = w;
	return OT_OK;
}

void ot_seg_writer_close(struct ot_seg_writer *w)
{
	if (w == NULL)
		return;
	close(w->fd);
	if (!w->finished)
		unlink(w->path);
	XXH3_freeState(w->hash);
	ot_chunk_writer_free(w->chunks);
	ot_ids_release(&w->ids);
	ot_buf_release(&w->out);
	free(w->path);
	free(w);
}

/* --- columns --- */

/* What a column is written from. */
struct column_in {
	const struct ot_column *column, *base;
	const uint32_t *order;
	const struct ot_seg_ranks *ranks;
};

static void gather_fixed(uint8_t *to, const struct ot_column *from, const uint32_t *order, uint32_t rows, size_t width)
{
	for (uint32_t i = 0; i < rows; i++)
		memcpy(to + i * width, from->fixed + order[i] * width, width);
}

/* Rows order[0..rows) of a column, codes exchanged for ranks; what it gives points into `g`. */
static struct ot_column gather(struct gathered *g, const struct ot_column *from, const uint32_t *order, uint32_t rows,
    size_t width, const struct ot_seg_ranks *ranks)
{
	struct ot_column to = { .form = from->form, .rows = rows };

	switch (from->form) {
	case OT_FORM_DICT:
		to.codes = g->codes;
		for (uint32_t i = 0; i < rows; i++)
			to.codes[i] =
			    from->codes[order[i]] == OT_CODE_NULL ? OT_CODE_NULL : ranks->ranks[from->codes[order[i]]];
		return to;
	case OT_FORM_TEXT:
		to.texts = g->texts;
		for (uint32_t i = 0; i < rows; i++)
			to.texts[i] = from->texts[order[i]];
		return to;
	case OT_FORM_INT:
		to.numbers = g->numbers;
		for (uint32_t i = 0; i < rows; i++)
			to.numbers[i] = from->numbers[order[i]];
		break;
	default:
		to.fixed = g->fixed;
		gather_fixed(to.fixed, from, order, rows, width);
	}
	if (from->valid != NULL) {
		to.valid = g->valid;
		for (uint32_t i = 0; i < rows; i++)
			to.valid[i] = from->valid[order[i]];
	}
	return to;
}

static void index_ids(struct ot_seg_writer *w, const struct ot_column *column, size_t width, uint32_t block)
{
	for (uint32_t row = 0; row < column->rows; row++) {
		if (ot_column_is_null(column, row))
			continue;
		if (column->form == OT_FORM_TEXT)
			ot_ids_add(&w->ids, column->texts[row], block);
		else
			ot_ids_add(&w->ids, (struct ot_str){ (const char *)column->fixed + row * width, width }, block);
	}
}

static enum ot_status put_chunks(
    struct ot_seg_writer *w, enum ot_field field, const struct column_in *in, struct ot_err *err)
{
	size_t width = ot_fields[field].width;
	uint32_t block_count = ot_seg_blocks(w->header.rows);

	for (uint32_t block = 0; block < block_count; block++) {
		const uint32_t *order = in->order + block * OT_BLOCK_ROWS;
		uint32_t count = ot_seg_block_rows(w->header.rows, block);
		struct ot_column rows = gather(&w->gathered, in->column, order, count, width, in->ranks), base;
		struct ot_str bytes;
		enum ot_status status;

		if (in->base != NULL)
			base = gather(&w->gathered_base, in->base, order, count, 0, NULL);
		status = ot_chunk_put(
		    w->chunks, &rows, width, in->base != NULL ? &base : NULL, &w->blocks[block], &bytes, err);

		if (status != OT_OK)
			return status;
		ot_buf_str_put(&w->out, bytes);
		if (ot_ids_is_indexed(field))
			index_ids(w, &rows, width, block);
		if (w->out.len >= FLUSH_BYTES && (status = flush(w, err)) != OT_OK)
			return status;
	}
	return OT_OK;
}

static void end_section(
    struct ot_seg_writer *w, struct ot_seg_entry *entry, enum ot_seg_section section, uint64_t *from)
{
	entry->length[section] = position(w) - *from;
	*from = position(w);
}

static enum ot_status put_sections(struct ot_seg_writer *w, enum ot_field field, struct ot_seg_entry *entry,
    const struct column_in *in, struct ot_err *err)
{
	enum ot_form form = in->column->form;
	uint64_t from = position(w);
	enum ot_status status = put_chunks(w, field, in, err);

	if (status != OT_OK)
		return status;
	end_section(w, entry, OT_SECTION_CHUNKS, &from);
	ot_seg_put_index(&w->out, form, w->blocks, ot_seg_blocks(w->header.rows), w->header.rows);
	end_section(w, entry, OT_SECTION_INDEX, &from);
	if (form == OT_FORM_DICT && (status = ot_seg_put_dict(&w->out, ot_chunk_writer_texts(w->chunks),
					 in->ranks->sorted, in->ranks->count, err)) != OT_OK)
		return status;
	end_section(w, entry, OT_SECTION_DICT, &from);
	if (ot_ids_is_indexed(field)) {
		struct ot_buf pages = { 0 };

		ot_ids_put(&w->ids, &w->out, &pages);
		end_section(w, entry, OT_SECTION_ID_DIRECTORY, &from);
		ot_buf_str_put(&w->out, ot_buf_str(&pages));
		ot_buf_release(&pages);
		end_section(w, entry, OT_SECTION_ID_PAGES, &from);
	}
	return OT_OK;
}

enum ot_status ot_seg_writer_column(struct ot_seg_writer *w, enum ot_field field, const struct ot_column *column,
    const struct ot_column *base, const uint32_t *order, const struct ot_seg_ranks *ranks, struct ot_err *err)
{
	struct column_in in = { column, base, order, ranks };
	struct ot_seg_entry *entry = &w->entries[w->column_count++];
	enum ot_status status;

	*entry = (struct ot_seg_entry){
		.name = ot_str_from(ot_fields[field].name),
		.form = (uint8_t)(ot_fields[field].form + 1),
		.type = (uint8_t)ot_fields[field].type,
		.width = ot_fields[field].width,
		.unit = ot_fields[field].type == OT_TYPE_ENUM ? ot_str_from(ot_fields[field].unit) : OT_STR(""),
		.base = base != NULL ? ot_str_from(ot_fields[ot_seg_base(field)].name) : OT_STR(""),
	};
	status = put_sections(w, field, entry, &in, err);
	if (status != OT_OK)
		return ot_err_prefix(err, "column %s of %s", ot_fields[field].name, w->path);
	return w->out.len >= FLUSH_BYTES ? flush(w, err) : OT_OK;
}

/* --- the end --- */

static void fill_info(const struct ot_seg_writer *w, struct ot_segment_info *info)
{
	info->day = w->header.day;
	info->rows = w->header.rows;
	info->bytes = w->written;
	info->time_min = w->header.time_min;
	info->time_max = w->header.time_max;
	info->checksum = XXH3_64bits_digest(w->hash);
}

enum ot_status ot_seg_writer_finish(struct ot_seg_writer *w, struct ot_segment_info *info, struct ot_err *err)
{
	struct ot_buf footer = { 0 };
	enum ot_status status;

	ot_seg_put_footer(&footer, &w->header, w->entries, w->column_count);
	ot_buf_str_put(&w->out, ot_buf_str(&footer));
	ot_seg_put_trailer(&w->out, ot_buf_str(&footer));
	ot_buf_release(&footer);
	status = flush(w, err);
	if (status == OT_OK && fsync(w->fd) != 0)
		status = ot_err_errno(err, "cannot write %s", w->path);
	w->finished = status == OT_OK;
	if (status == OT_OK && info != NULL)
		fill_info(w, info);
	return status;
}
