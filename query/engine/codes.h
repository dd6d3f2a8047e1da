/*
 * Codes that mean the same in every segment: the texts of a dictionary field, numbered once for as long as the engine
 * is open. A segment's own codes are translated when they are first met, so that the next question, and the other
 * workers, find it done.
 */
#ifndef OT_QUERY_CODES_H
#define OT_QUERY_CODES_H

#include "part.h"

/* Of rows of a decoded DICT column: 0 for null, others from 1. `*most` becomes the largest if it is larger. */
void codes_of(struct block *block, enum ot_field field, const struct ot_column *column, const struct rows *rows,
    uint32_t *codes, uint32_t *most);
/* Between scans only, when no worker numbers: */
struct ot_str codes_text(const struct ot_engine *engine, enum ot_field field, uint32_t code);
/* Place of each code among all in order of bytes, by code - 1. */
const uint32_t *codes_ranks(struct ot_engine *engine, enum ot_field field);
uint32_t codes_count(const struct ot_engine *engine, enum ot_field field);
/* Before a question: forgets everything where it has come to take too much memory. */
void codes_trim(struct ot_engine *engine);
void codes_init(struct ot_engine *engine);
void codes_release(struct ot_engine *engine);

#endif
