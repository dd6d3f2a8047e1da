/* Chunks: the values of one column in one block. */
#ifndef OT_STORE_CHUNK_H
#define OT_STORE_CHUNK_H

#include "format.h"

struct ot_chunk_writer;
struct ot_chunk_writer *ot_chunk_writer_new(void);
void ot_chunk_writer_free(struct ot_chunk_writer *writer); /* NULL is fine */
struct ot_texts_scratch *ot_chunk_writer_texts(struct ot_chunk_writer *writer); /* borrowed: for dictionaries */

/* Encodes column->rows values (1 to OT_BLOCK_ROWS). `*bytes` is the chunk, borrowed until the next; `block` is filled but for the offset.
 * `base`, of INT and as many rows, is what values may be relative to; NULL: nothing. */
enum ot_status ot_chunk_put(struct ot_chunk_writer *writer, const struct ot_column *column, size_t width, const struct ot_column *base,
    struct ot_seg_block *block, struct ot_str *bytes, struct ot_err *err);

/* Decodes into `column`, whose form, rows, dict and dict_count are set. `bytes` are checked, have OT_SLACK behind them, live in the arena,
 * and are spoiled or borrowed. `base` is set where block->flags has OT_BLOCK_RELATIVE. */
enum ot_status ot_chunk_get(struct ot_column *column, size_t width, const struct ot_seg_block *block, const struct ot_column *base, struct ot_str bytes,
    struct ot_arena *arena, struct ot_err *err);

/* All null. */
void ot_chunk_get_nulls(struct ot_column *column, size_t width, struct ot_arena *arena);

#endif
