#include <base/file.h>
#include <tests/test.h>

#include "rows.h"

#include <unistd.h>

static char dir[64];
static struct ot_err err;

static const char *in_dir(const char *name)
{
	static char path[8][128];
	static int next;
	char *to = path[next++ % 8];

	snprintf(to, sizeof(path[0]), "%s/%s", dir, name);
	return to;
}

static int cmp_records(const void *a, const void *b) { return records_cmp(a, b); }

static struct ot_segment *written(const char *name, const struct ot_batch *batch, const uint32_t *order, uint32_t rows, struct ot_segment_info *info)
{
	struct ot_segment *segment = NULL;
	const char *path = in_dir(name);

	if (ot_segment_write(path, batch, order, rows, info, &err) != OT_OK || ot_segment_open(&segment, path, &err) != OT_OK)
		fprintf(stderr, "%s: %s\n", name, err.text);
	return segment;
}

static void check_rows(struct ot_segment *segment, const struct ot_batch *batch, uint64_t seed)
{
	uint32_t rows = batch->rows, wrong = 0;
	struct ot_record *expected = calloc(rows + 1, sizeof(*expected)), *got = calloc(rows + 1, sizeof(*got));
	struct ot_arena arena = { 0 };

	for (uint32_t i = 0; i < rows; i++)
		ot_batch_get(batch, i, &expected[i]);
	qsort(expected, rows, sizeof(*expected), cmp_records);
	CHECK_INT(segment_records(segment, got, &arena, &err), OT_OK);
	for (uint32_t i = 0; i < rows; i++)
		wrong += !records_equal(&expected[i], &got[i]);
	if (wrong > 0)
		fprintf(stderr, "seed %llu, %u rows: %u differ\n", (unsigned long long)seed, rows, wrong);
	CHECK_INT(wrong, 0);
	ot_arena_release(&arena);
	free(expected);
	free(got);
}

static void round_trip(uint64_t seed, uint32_t rows)
{
	struct ot_batch batch = { 0 };
	struct ot_segment_info info = { 0 };
	struct ot_segment *segment;
	uint32_t *order = plain_order(rows);

	random_batch(&batch, seed, rows);
	segment = written("round.seg", &batch, order, rows, &info);
	CHECK(segment != NULL);
	if (segment != NULL) {
		CHECK_INT(ot_segment_rows(segment), rows);
		CHECK_INT(info.rows, rows);
		check_rows(segment, &batch, seed);
	}
	ot_segment_close(segment);
	ot_batch_release(&batch);
	free(order);
}

static void what_is_written_is_read(void)
{
	static const uint32_t sizes[] = { 0, 1, 2, 9, 100, 8191, 8192, 8193, 20000 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		for (uint64_t seed = 1; seed <= (sizes[i] < 1000 ? 20 : 3); seed++)
			round_trip(seed * 1000 + i, sizes[i]);
	}
}

int main(void)
{
	strcpy(dir, "/tmp/ot-segment-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return 2;
	RUN(what_is_written_is_read);
	ot_dir_remove(dir, NULL);
	return test_end();
}
