/* A segment being written, from columns in memory and the order of their rows. */
#ifndef OT_STORE_WRITER_H
#define OT_STORE_WRITER_H

#include "format.h"

/* A column's texts in order, and the place there of each of its codes. */
struct ot_seg_ranks {
	uint32_t *ranks;
	struct ot_str *sorted;
	uint32_t count;
};

/* Of the codes in rows order[0..rows). */
void ot_seg_ranks_make(struct ot_seg_ranks *out, const struct ot_column *column, const uint32_t *order, uint32_t rows);
void ot_seg_ranks_release(struct ot_seg_ranks *ranks);

/* What the header says of time. */
void ot_seg_header_times(struct ot_seg_header *header, const struct ot_column *timestamps, const uint32_t *order, uint32_t rows);

struct ot_seg_writer;
/* header->rows, columns and times are set; the writer sets the rest. */
enum ot_status ot_seg_writer_open(struct ot_seg_writer **out, const char *path, const struct ot_seg_header *header, struct ot_err *err);
/* The field whose values tell most of this one's; OT_FIELD_NONE where there is none. */
enum ot_field ot_seg_base(enum ot_field field);
/* Writes one column, in the order given; header->columns of them, none null throughout. `ranks` for DICT columns;
 * `base` is the column of ot_seg_base, where it is written too, else NULL. */
enum ot_status ot_seg_writer_column(struct ot_seg_writer *writer, enum ot_field field, const struct ot_column *column,
    const struct ot_column *base, const uint32_t *order, const struct ot_seg_ranks *ranks, struct ot_err *err);
/* Footer and fsync; fills `info` (NULL is fine) but for name and raw_bytes. */
enum ot_status ot_seg_writer_finish(struct ot_seg_writer *writer, struct ot_segment_info *info, struct ot_err *err);
/* Removes the file unless it was finished. NULL is fine. */
void ot_seg_writer_close(struct ot_seg_writer *writer);

#endif
