/*
 * One record as a row: what a format fills, normalizing changes, a batch takes in, a query gives out.
 *
 * Values are borrowed: texts point into memory of whoever filled the row (a line, an arena, a decoded block).
 * FIXED values are their raw bytes, not hex.
 */
#ifndef OT_STORE_RECORD_H
#define OT_STORE_RECORD_H

#include <store/schema.h>
#include <string.h>

union ot_value {
	int64_t number;	   /* FORM_INT */
	struct ot_str text; /* all other forms, and record_id and call_id where a query filled them */
};

struct ot_record {
	uint64_t present[(OT_FIELD_COUNT + 63) / 64]; /* a bit a field: null where it is 0 */
	union ot_value values[OT_FIELD_COUNT];
};

static inline void ot_record_clear(struct ot_record *r) { memset(r->present, 0, sizeof(r->present)); }
static inline bool ot_record_has(const struct ot_record *r, enum ot_field f) { return r->present[f >> 6] >> (f & 63) & 1; }
static inline void ot_record_unset(struct ot_record *r, enum ot_field f) { r->present[f >> 6] &= ~(UINT64_C(1) << (f & 63)); }
static inline void ot_record_set_int(struct ot_record *r, enum ot_field f, int64_t number)
{
	r->values[f].number = number;
	r->present[f >> 6] |= UINT64_C(1) << (f & 63);
}
static inline void ot_record_set_text(struct ot_record *r, enum ot_field f, struct ot_str text) /* absent text unsets */
{
	r->values[f].text = text;
	if (text.ptr != NULL)
		r->present[f >> 6] |= UINT64_C(1) << (f & 63);
	else
		ot_record_unset(r, f);
}
/* Absent where the field is null. */
static inline struct ot_str ot_record_text(const struct ot_record *r, enum ot_field f) { return ot_record_has(r, f) ? r->values[f].text : OT_STR_NONE; }
static inline int64_t ot_record_int(const struct ot_record *r, enum ot_field f, int64_t otherwise) { return ot_record_has(r, f) ? r->values[f].number : otherwise; }

/* One value as plain text (enum names, RFC 3339 with nine digits, hex, true and false), as a JSON value, and for people
 * (durations, sizes and costs in fitting units). Text is not escaped by the first and the last: outputs do that. */
void ot_value_put(struct ot_buf *out, enum ot_field field, const union ot_value *value);
void ot_value_put_json(struct ot_buf *out, enum ot_field field, const union ot_value *value);
void ot_value_put_human(struct ot_buf *out, enum ot_field field, const union ot_value *value);

/* The whole record as one JSON object, fields in schema order, nulls left out; `only` NULL or an array of OT_FIELD_COUNT flags. No newline. */
void ot_record_put_json(struct ot_buf *out, const struct ot_record *record, const bool *only);

/* record_id: "KEY-OFFSET" or "KEY-OFFSET.ITEM", made from source_key, source_offset and source_item. */
void ot_record_id_put(struct ot_buf *out, struct ot_str source_key, int64_t source_offset, int64_t source_item);
/* Takes an id apart; false where it is none. */
bool ot_record_id_parse(struct ot_str id, struct ot_str *source_key, int64_t *source_offset, int64_t *source_item);

#endif
