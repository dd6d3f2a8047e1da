/* Dictionaries: the different texts of a DICT column in order of their bytes. */
#ifndef OT_STORE_DICT_H
#define OT_STORE_DICT_H

#include "texts.h"

struct ot_seg_dict {
	uint32_t count;
	struct ot_str *items;
	char *text;
	struct ot_arena arena; /* texts of OT_DICT_TEXTS */
};

/* Appends the section. */
enum ot_status ot_seg_put_dict(struct ot_buf *out, struct ot_texts_scratch *scratch, const struct ot_str *items, uint32_t count, struct ot_err *err);
/* Gives a dictionary of its own memory; `bytes` is the section, with OT_SLACK behind it. */
enum ot_status ot_seg_get_dict(struct ot_seg_dict **out, struct ot_str bytes, struct ot_err *err);
void ot_seg_free_dict(struct ot_seg_dict *dict); /* NULL is fine */

#endif
