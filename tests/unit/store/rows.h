/* Real segments for the tests of compaction and crashes: rows whose place in their source tells what must be in them. */
#ifndef OT_TEST_ROWS_H
#define OT_TEST_ROWS_H

#include "place.h"

enum { TEST_DAY = 20526 };
static const char test_key[] = "aaaaaaaaaa";

/* Row `offset` of the source; clients repeat, so that sorting moves rows about. */
static inline void append_row(struct ot_batch *batch, int64_t day, int64_t offset)
{
	struct ot_record r;
	char client[16];

	ot_record_clear(&r);
	snprintf(client, sizeof(client), "client-%d", (int)(offset % 7));
	if (day != OT_DAY_UNDATED)
		ot_record_set_int(&r, OT_TIMESTAMP, day * OT_NS_PER_DAY + offset * OT_NS_PER_MS);
	ot_record_set_text(&r, OT_SOURCE_KEY, ot_str_from(test_key));
	ot_record_set_int(&r, OT_SOURCE_OFFSET, offset);
	ot_record_set_text(&r, OT_CLIENT, ot_str_from(client));
	ot_record_set_text(&r, OT_URL_PATH, OT_STR("/api/payments/17"));
	ot_batch_append(batch, &r);
}

/* Writes rows [from, from + rows) of the source to a segment that is in place. */
static inline enum ot_status write_rows(struct ot_store *store, int64_t day, int64_t from, uint32_t rows, struct ot_segment_info *info, struct ot_err *e)
{
	struct ot_batch *batch = ot_alloc_zero(1, sizeof(*batch));
	uint32_t *order = ot_alloc_zero(rows, sizeof(*order));
	struct ot_buf path = { 0 }, aside = { 0 };
	char name[64];
	enum ot_status status = ot_store_segment_dir(store, day, &path, e);

	for (uint32_t i = 0; i < rows; i++) {
		append_row(batch, day, from + i);
		order[i] = i;
	}
	ot_store_new_name(store, ".seg", name);
	ot_buf_printf(&path, "/%s%c", name, '\0');
	ot_buf_printf(&aside, "%s.tmp%c", path.data, '\0');
	memset(info, 0, sizeof(*info));
	if (status == OT_OK)
		status = ot_segment_write(aside.data, batch, order, rows, info, e);
	if (status == OT_OK)
		status = ot_file_rename(aside.data, path.data, e);
	if (status != OT_OK)
		ot_file_remove(aside.data, NULL);
	strcpy(info->name, name);
	info->day = day;
	info->raw_bytes = rows * 100;
	ot_buf_release(&path);
	ot_buf_release(&aside);
	ot_batch_release(batch);
	free(batch);
	free(order);
	return status;
}

/* How often each row [0, count) of the source is in the snapshot; `*others` are rows beyond, or whose values are not those of their place. */
static inline uint8_t *count_rows(const struct ot_snapshot *snapshot, size_t count, size_t *others)
{
	uint8_t *seen = ot_alloc_zero(count + 1, 1);
	struct ot_arena arena = { 0 };

	*others = 0;
	for (size_t i = 0; i < snapshot->segment_count; i++) {
		struct ot_segment *segment = NULL;

		if (ot_segment_open(&segment, snapshot->segments[i].path, &err) != OT_OK) {
			++*others;
			continue;
		}
		for (uint32_t block = 0; block < ot_segment_blocks(segment); block++) {
			struct ot_column offsets, clients;

			if (ot_segment_decode(segment, OT_SOURCE_OFFSET, block, &offsets, &arena, &err) != OT_OK ||
			    ot_segment_decode(segment, OT_CLIENT, block, &clients, &arena, &err) != OT_OK) {
				++*others;
				continue;
			}
			for (uint32_t row = 0; row < offsets.rows; row++) {
				int64_t offset = offsets.numbers[row];
				struct ot_str client = clients.dict[clients.codes[row]];

				if (offset < 0 || (size_t)offset >= count || client.ptr[client.len - 1] != '0' + offset % 7)
					++*others;
				else
					seen[offset]++;
			}
			ot_arena_reset(&arena);
		}
		ot_segment_close(segment);
	}
	ot_arena_release(&arena);
	return seen;
}

static inline void print_fault(void *context, const char *what)
{
	(void)context;
	fprintf(stderr, "fault: %s\n", what);
}

#endif
