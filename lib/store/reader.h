/* An open segment, as the files of this folder that read it see it. */
#ifndef OT_STORE_READER_H
#define OT_STORE_READER_H

#include "dict.h"
#include "format.h"
#include "ids.h"

#include <pthread.h>

/* The three last are loaded at first use, under the segment's lock, and published whole. */
struct ot_seg_column {
	struct ot_seg_entry entry;
	enum ot_field field; /* OT_FIELD_NONE: of a newer program */
	struct ot_seg_column *base; /* NULL: none */
	struct ot_seg_block *_Atomic blocks;
	struct ot_seg_dict *_Atomic dict;
	struct ot_ids_directory *_Atomic directory;
};

struct ot_segment {
	int fd;
	char *path;
	uint64_t bytes;
	struct ot_seg_header header;
	char *footer; /* names are borrowed from it */
	struct ot_seg_column *columns;
	struct ot_seg_column *by_field[OT_FIELD_COUNT];
	pthread_mutex_t lock;
};

enum ot_status ot_seg_column_blocks(struct ot_segment *segment, struct ot_seg_column *column, struct ot_seg_block **out, struct ot_err *err);
enum ot_status ot_seg_column_dict(struct ot_segment *segment, struct ot_seg_column *column, struct ot_seg_dict **out, struct ot_err *err);
enum ot_status ot_seg_column_decode(struct ot_segment *segment, struct ot_seg_column *column, uint32_t block, struct ot_column *out,
    struct ot_arena *arena, struct ot_err *err);
enum ot_status ot_seg_column_lookup(struct ot_segment *segment, struct ot_seg_column *column, struct ot_str value, uint8_t *blocks, struct ot_err *err);
/* Checksums of all pages of the id index. */
enum ot_status ot_seg_column_check_pages(struct ot_segment *segment, struct ot_seg_column *column, struct ot_err *err);

#endif
