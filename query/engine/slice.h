/* A slice: some rows of an answer in their order, with the fields that are wanted, taken out of their blocks, each
 * block decoded once. */
#ifndef OT_QUERY_SLICE_H
#define OT_QUERY_SLICE_H

#include "keys.h"

struct slice_column {
	uint8_t *valid;
	int64_t *numbers; /* INT */
	struct ot_str *texts; /* other forms */
};

struct slice {
	struct query *query;
	const struct row_ref *refs;
	size_t count;
	bool wanted[OT_FIELD_COUNT]; /* with what ids are made of */
	enum ot_field fields[OT_FIELD_COUNT]; /* those wanted that some row may have */
	size_t field_count;
	struct slice_column columns[OT_FIELD_COUNT];
	bool *lost; /* its block is damaged */
	struct ot_arena *texts; /* by worker */
	size_t bytes; /* of texts, when loaded */
	/* of the row at hand */
	struct ot_record record;
	struct ot_str origin;
	struct ot_buf record_id, call_id;
};

/* `fields` as in ot_rows_request. */
void slice_init(struct slice *slice, struct query *query, const bool *fields);
/* Takes in the rows refs[0..count), which stay the caller's; what was loaded before is gone. */
enum ot_status slice_load(struct slice *slice, const struct row_ref *refs, size_t count, struct ot_err *err);
/* Row i, valid until the next call; false where it was lost. */
bool slice_row(struct slice *slice, size_t i, struct ot_row *out);
void slice_release(struct slice *slice);

#endif
