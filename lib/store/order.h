/* Orders: rows by their key columns, texts by their bytes. */
#ifndef OT_STORE_ORDER_H
#define OT_STORE_ORDER_H

#include <base/arena.h>
#include <store/batch.h>

/* Sorts rows by keys, smallest first, equal ones as they stood; takes nothing where they are in order. */
void ot_order_by_keys(uint64_t *keys, uint32_t *rows, uint32_t count);

/* Sorts `order` by the columns of OT_SORT_FIELDS, nulls first; `ranks[f]` gives the place of each code of DICT column f among its texts. */
void ot_order_rows(uint32_t *order, uint32_t count, const struct ot_column *const columns[OT_FIELD_COUNT], const uint32_t *const ranks[OT_FIELD_COUNT]);

/* From the least to the most significant. */
enum { OT_SORT_FIELD_COUNT = 5 };
extern const enum ot_field ot_sort_fields[OT_SORT_FIELD_COUNT];

/* Gives each text that is used (`used` NULL: all are) its place among them, equal texts the same, and lists the different ones in order.
 * `ranks` and `sorted` have room for `count`. How many there are is returned. Cheap where the texts are a few sorted lists in a row. */
uint32_t ot_order_texts(uint32_t *ranks, struct ot_str *sorted, const struct ot_str *texts, const uint8_t *used, uint32_t count);

#endif
