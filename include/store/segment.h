/*
 * Segments: immutable files of records, column by column, sorted by (client, timestamp, source_key, source_offset, source_item).
 *
 * A writer fills a temporary file and publishes it by rename, so a reader sees a whole segment or none.
 * The bytes are specified in docs/FORMAT.md; store/format.h is the only code that knows them.
 * A segment holds rows of one UTC day of `timestamp`, or rows without a timestamp (day OT_DAY_UNDATED); blocks are runs of OT_BLOCK_ROWS rows.
 */
#ifndef OT_STORE_SEGMENT_H
#define OT_STORE_SEGMENT_H

#include <store/batch.h>

enum { OT_BLOCK_ROWS = 8192, OT_SEGMENT_ROWS_MAX = 1 << 20 };
#define OT_DAY_UNDATED INT64_MIN

/* What the catalog remembers of a segment. Texts are borrowed from the segment or the catalog. */
struct ot_segment_info {
	char name[64];		 /* file name under segments/DAY/, without folder */
	int64_t day;		 /* UTC day number, or OT_DAY_UNDATED */
	uint32_t rows;
	uint64_t bytes, raw_bytes; /* of the file; of the lines its records came from (0: not known) */
	int64_t time_min, time_max; /* 0 and 0 where undated */
	uint64_t checksum;	 /* XXH3 of the whole file */
};

/* --- writing, column by column --- */

/* Writes rows `order[0..rows)` of the batch (already chosen: one day; any order, the writer sorts) to `path`, and fsyncs it. The caller renames and lists it.
 * `info` (NULL is fine) is filled but for name and raw_bytes, which are the caller's. On failure no file is left at `path`. */
enum ot_status ot_segment_write(const char *path, const struct ot_batch *batch, const uint32_t *order, uint32_t rows,
    struct ot_segment_info *info, struct ot_err *err);

struct ot_segment;
/* Merges whole segments of one day into one, column at a time, so that memory is that of one column. At most OT_SEGMENT_ROWS_MAX rows in all.
 * A block that is damaged makes it fail with OT_CORRUPT: damage is never compacted away.
 * `row_maps[i]` (may be NULL) receives, for row r of input i, its row in the output; arrays are malloc'ed, the caller frees. */
enum ot_status ot_segment_merge(const char *path, struct ot_segment *const *inputs, size_t count,
    struct ot_segment_info *info, uint32_t **row_maps, struct ot_err *err);

/* --- reading --- */

/* Opens `path` and checks its header and footer, but no block. Segments are safe to share between threads. Close with ot_segment_close(). */
enum ot_status ot_segment_open(struct ot_segment **out, const char *path, struct ot_err *err);
/* Frees `segment` and everything borrowed from it (dictionaries). NULL is fine. */
void ot_segment_close(struct ot_segment *segment);

uint32_t ot_segment_rows(const struct ot_segment *segment);
uint32_t ot_segment_blocks(const struct ot_segment *segment);
uint32_t ot_segment_block_rows(const struct ot_segment *segment, uint32_t block);
/* False where the field is null throughout. */
bool ot_segment_has(const struct ot_segment *segment, enum ot_field field);

/* What is known of a column in a block without decoding it. For DICT, min and max are codes: dictionaries are sorted by bytes, so codes
 * order as texts do. For TEXT and FIXED only nulls is known. */
struct ot_block_stats {
	int64_t min, max; /* of values that are not null; min > max where all are */
	uint32_t nulls;
};
enum ot_status ot_segment_stats(struct ot_segment *segment, enum ot_field field, uint32_t block, struct ot_block_stats *out, struct ot_err *err);

/* The sorted dictionary of a DICT column; loaded once, borrowed until close. */
enum ot_status ot_segment_dict(struct ot_segment *segment, enum ot_field field, const struct ot_str **items, uint32_t *count, struct ot_err *err);

/* Decodes one block of a column; arrays come from the arena, texts too, dict is borrowed from the segment. A field the segment lacks decodes to nulls.
 * OT_CORRUPT where a checksum or an encoding is wrong: the caller skips the block, says so, and counts it in the answer's coverage. */
enum ot_status ot_segment_decode(struct ot_segment *segment, enum ot_field field, uint32_t block, struct ot_column *out, struct ot_arena *arena, struct ot_err *err);

/* Fields with an index of values: trace_id, request_id, upstream_request_id, session_id. */
bool ot_segment_is_indexed(const struct ot_segment *segment, enum ot_field field);
/* Blocks that may hold `value` (its stored bytes): sets their flags in `blocks` (ot_segment_blocks() entries, cleared first). Never misses one; may name one too many. */
enum ot_status ot_segment_lookup(struct ot_segment *segment, enum ot_field field, struct ot_str value, uint8_t *blocks, struct ot_err *err);

/* Bytes on disk of a column with its dictionary and index; 0 where it is absent. For `onetrail info`. */
uint64_t ot_segment_column_bytes(struct ot_segment *segment, enum ot_field field);

/* Reads and checks every byte: header, footer, each chunk's checksum and decoding, order of rows, and statistics against values.
 * `report` (NULL is fine) is told of each fault; the status and `err` are the first one's. */
typedef void ot_fault_fn(void *context, const char *what);
enum ot_status ot_segment_verify(struct ot_segment *segment, ot_fault_fn *report, void *context, struct ot_err *err);

#endif
