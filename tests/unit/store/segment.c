#include <base/file.h>
#include <tests/test.h>

#include "random_rows.h"

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

static int cmp_records(const void *a, const void *b)
{
	return records_cmp(a, b);
}

static struct ot_segment *written(
    const char *name, const struct ot_batch *batch, const uint32_t *order, uint32_t rows, struct ot_segment_info *info)
{
	struct ot_segment *segment = NULL;
	const char *path = in_dir(name);

	if (ot_segment_write(path, batch, order, rows, info, &err) != OT_OK ||
	    ot_segment_open(&segment, path, &err) != OT_OK)
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

/* --- merging --- */

static bool files_equal(const char *a, const char *b)
{
	struct ot_buf x = { 0 }, y = { 0 };
	bool equal = ot_file_read(a, 1 << 30, &x, &err) == OT_OK && ot_file_read(b, 1 << 30, &y, &err) == OT_OK &&
		     x.len == y.len && memcmp(x.data, y.data, x.len) == 0;

	ot_buf_release(&x);
	ot_buf_release(&y);
	return equal;
}

/* Rows dealt out to three segments by chance, merged at once and by twos, are the segment that they would have been. */
static void merge_equals_write(uint64_t seed, uint32_t rows)
{
	static const char *const names[] = { "part0.seg", "part1.seg", "part2.seg" };
	struct rows_random r = { .state = seed };
	struct ot_batch batch = { 0 };
	struct ot_segment *whole, *parts[3], *pair[2];
	struct ot_segment_info info = { 0 }, merged = { 0 };
	uint32_t *order = plain_order(rows), *part[3], sizes[3] = { 0 }, *maps[3] = { 0 };

	random_batch(&batch, seed, rows);
	whole = written("whole.seg", &batch, order, rows, &info);
	for (int i = 0; i < 3; i++)
		part[i] = plain_order(rows);
	for (uint32_t i = 0; i < rows; i++) {
		uint64_t to = random_below(&r, 3);
		part[to][sizes[to]++] = i;
	}
	for (int i = 0; i < 3; i++)
		parts[i] = written(names[i], &batch, part[i], sizes[i], NULL);
	CHECK_INT(ot_segment_merge(in_dir("merged.seg"), parts, 3, &merged, maps, &err), OT_OK);
	CHECK(files_equal(in_dir("merged.seg"), in_dir("whole.seg")));
	CHECK(merged.checksum == info.checksum && merged.bytes == info.bytes && merged.rows == info.rows &&
	      merged.day == info.day && merged.time_min == info.time_min && merged.time_max == info.time_max);
	CHECK_INT(ot_segment_merge(in_dir("pair.seg"), parts + 1, 2, NULL, NULL, &err), OT_OK);
	CHECK_INT(ot_segment_open(&pair[0], in_dir("pair.seg"), &err), OT_OK);
	pair[1] = parts[0];
	CHECK_INT(ot_segment_merge(in_dir("twice.seg"), pair, 2, NULL, NULL, &err), OT_OK);
	CHECK(files_equal(in_dir("twice.seg"), in_dir("whole.seg")));

	/* Maps: every row of the output comes from one of an input, and is the same. */
	struct ot_record *all = calloc(rows + 1, sizeof(*all)), *some = calloc(rows + 1, sizeof(*some));
	struct ot_arena arena = { 0 };
	uint32_t wrong = 0;
	CHECK_INT(segment_records(whole, all, &arena, &err), OT_OK);
	for (int i = 0; i < 3; i++) {
		CHECK_INT(segment_records(parts[i], some, &arena, &err), OT_OK);
		for (uint32_t row = 0; row < sizes[i]; row++)
			wrong += maps[i][row] >= rows || !records_equal(&some[row], &all[maps[i][row]]);
	}
	CHECK_INT(wrong, 0);
	ot_arena_release(&arena);
	free(all);
	free(some);
	for (int i = 0; i < 3; i++) {
		ot_segment_close(parts[i]);
		free(part[i]);
		free(maps[i]);
	}
	ot_segment_close(pair[0]);
	ot_segment_close(whole);
	ot_batch_release(&batch);
	free(order);
}

static void a_merged_segment_is_the_one_written_at_once(void)
{
	for (uint64_t seed = 1; seed <= 20; seed++)
		merge_equals_write(seed, 300);
	for (uint64_t seed = 21; seed <= 23; seed++)
		merge_equals_write(seed, 20000);
	merge_equals_write(24, 0);
	merge_equals_write(25, 1);
}

/* --- looking up, verifying --- */

static void every_id_is_found(void)
{
	static const enum ot_field fields[] = { OT_TRACE_ID, OT_REQUEST_ID, OT_UPSTREAM_REQUEST_ID, OT_SESSION_ID };

	for (uint64_t seed = 1; seed <= 8; seed++) {
		struct ot_batch batch = { 0 };
		uint32_t rows = seed <= 4 ? 500 : 20000, *order = plain_order(rows), absent = 0;
		struct ot_segment *segment;
		struct ot_arena arena = { 0 };
		uint8_t blocks[128];

		random_batch(&batch, seed, rows);
		segment = written("ids.seg", &batch, order, rows, NULL);
		for (int i = 0; i < 4; i++) {
			CHECK(ot_segment_is_indexed(segment, fields[i]) == ot_segment_has(segment, fields[i]));
			for (uint32_t block = 0; block < ot_segment_blocks(segment); block++) {
				struct ot_column c;

				CHECK_INT(ot_segment_decode(segment, fields[i], block, &c, &arena, &err), OT_OK);
				for (uint32_t row = 0; row < c.rows; row++) {
					struct ot_str value;

					if (ot_column_is_null(&c, row))
						continue;
					value = c.form == OT_FORM_TEXT
						    ? c.texts[row]
						    : (struct ot_str){ (const char *)c.fixed + row * 16, 16 };
					CHECK_INT(ot_segment_lookup(segment, fields[i], value, blocks, &err), OT_OK);
					absent += !blocks[block];
				}
			}
		}
		CHECK_INT(absent, 0);
		CHECK(!ot_segment_is_indexed(segment, OT_CLIENT));
		ot_arena_release(&arena);
		ot_segment_close(segment);
		ot_batch_release(&batch);
		free(order);
	}
}

static void what_is_written_verifies(void)
{
	for (uint64_t seed = 1; seed <= 12; seed++) {
		struct ot_batch batch = { 0 };
		uint32_t rows = seed <= 8 ? 100 : 17000, *order = plain_order(rows);
		struct ot_segment *segment;

		random_batch(&batch, seed, rows);
		segment = written("verify.seg", &batch, order, rows, NULL);
		err.text[0] = '\0';
		CHECK_INT(ot_segment_verify(segment, NULL, NULL, &err), OT_OK);
		if (err.text[0] != '\0')
			fprintf(stderr, "seed %llu: %s\n", (unsigned long long)seed, err.text);
		ot_segment_close(segment);
		ot_batch_release(&batch);
		free(order);
	}
}

static void dictionaries_are_in_order_and_hold_what_is_used(void)
{
	static const char *const names[] = { "zoe", "adam", "", "mia", "adam", "\xff", "adamant", NULL };
	struct ot_batch batch = { 0 };
	struct ot_record record;
	uint32_t order[] = { 7, 5, 3, 2, 1, 0, 4 }, count; /* all but "adamant" */
	struct ot_segment *segment;
	const struct ot_str *items;
	struct ot_block_stats stats;

	for (int i = 0; i < 8; i++) {
		ot_record_clear(&record);
		ot_record_set_text(&record, OT_USER, ot_str_from(names[i]));
		ot_batch_append(&batch, &record);
	}
	segment = written("dict.seg", &batch, order, 7, NULL);
	CHECK_INT(ot_segment_dict(segment, OT_USER, &items, &count, &err), OT_OK);
	CHECK_INT(count, 5);
	CHECK_STR(items[0], "");
	CHECK_STR(items[1], "adam");
	CHECK_STR(items[2], "mia");
	CHECK_STR(items[3], "zoe");
	CHECK_STR(items[4], "\xff");
	CHECK_INT(ot_segment_stats(segment, OT_USER, 0, &stats, &err), OT_OK);
	CHECK_INT(stats.nulls, 1);
	CHECK_INT(stats.min, 0);
	CHECK_INT(stats.max, 4);
	CHECK_INT(ot_segment_dict(segment, OT_CLIENT, &items, &count, &err), OT_OK);
	CHECK_INT(count, 0);
	CHECK_INT(ot_segment_stats(segment, OT_CLIENT, 0, &stats, &err), OT_OK);
	CHECK_INT(stats.nulls, 7);
	CHECK(stats.min > stats.max);
	CHECK(ot_segment_column_bytes(segment, OT_USER) > 0 && ot_segment_column_bytes(segment, OT_CLIENT) == 0);
	ot_segment_close(segment);
	ot_batch_release(&batch);
}

static void a_column_of_one_value_costs_bytes_only(void)
{
	struct ot_batch batch = { 0 };
	struct ot_record record;
	uint32_t *order = plain_order(20000);
	struct ot_segment *segment;

	for (int i = 0; i < 20000; i++) {
		ot_record_clear(&record);
		ot_record_set_text(&record, OT_ORIGIN, OT_STR("kong-edge"));
		ot_record_set_int(&record, OT_INGEST_TIME, INT64_C(1800000000000000000));
		ot_batch_append(&batch, &record);
	}
	segment = written("constant.seg", &batch, order, 20000, NULL);
	CHECK(ot_segment_column_bytes(segment, OT_ORIGIN) < 64);
	CHECK(ot_segment_column_bytes(segment, OT_INGEST_TIME) < 64);
	ot_segment_close(segment);
	ot_batch_release(&batch);
	free(order);
}

/* --- damage --- */

/* Opens, verifies, decodes all, looks up: the first failure. Nothing may crash, whatever the bytes. */
static enum ot_status read_all(const char *path, struct ot_record *got, struct ot_arena *arena)
{
	struct ot_segment *segment = NULL;
	enum ot_status status = ot_segment_open(&segment, path, &err), lookup;
	uint8_t blocks[128];

	if (status == OT_OK) {
		status = ot_segment_verify(segment, NULL, NULL, &err);
		lookup = ot_segment_lookup(segment, OT_TRACE_ID, OT_STR("0123456789abcdef"), blocks, &err);
		if (ot_segment_rows(segment) <= 400 && segment_records(segment, got, arena, &err) != OT_OK &&
		    status == OT_OK)
			status = OT_IO;
		if (lookup != OT_OK && status == OT_OK)
			status = lookup;
	}
	ot_segment_close(segment);
	return status;
}

static void write_file(const char *path, const char *bytes, size_t len)
{
	FILE *file = fopen(path, "wb");

	fwrite(bytes, 1, len, file);
	fclose(file);
}

static void damage(uint64_t seed)
{
	struct ot_batch batch = { 0 };
	struct ot_buf bytes = { 0 };
	uint32_t *order = plain_order(400), undetected = 0, wrong_status = 0;
	struct ot_record *got = calloc(400, sizeof(*got));
	struct ot_arena arena = { 0 };
	struct rows_random r = { .state = seed };

	random_batch(&batch, seed, 40);
	ot_segment_close(written("sound.seg", &batch, order, 40, NULL));
	CHECK_INT(ot_file_read(in_dir("sound.seg"), 1 << 24, &bytes, &err), OT_OK);
	for (size_t i = 0; i < bytes.len; i++) {
		char flip = (char)(1 << random_below(&r, 8));
		enum ot_status status;

		bytes.data[i] = (char)(bytes.data[i] ^ flip);
		write_file(in_dir("flipped.seg"), bytes.data, bytes.len);
		bytes.data[i] = (char)(bytes.data[i] ^ flip);
		ot_arena_reset(&arena);
		status = read_all(in_dir("flipped.seg"), got, &arena);
		undetected += status == OT_OK;
		wrong_status += status != OT_OK && status != OT_CORRUPT && status != OT_VERSION;
	}
	CHECK_INT(undetected, 0);
	CHECK_INT(wrong_status, 0);
	for (size_t len = 0; len < bytes.len; len++) {
		struct ot_segment *segment;

		write_file(in_dir("cut.seg"), bytes.data, len);
		CHECK_INT(ot_segment_open(&segment, in_dir("cut.seg"), &err), OT_CORRUPT);
		CHECK(segment == NULL);
	}
	ot_buf_char(&bytes, 'x');
	write_file(in_dir("longer.seg"), bytes.data, bytes.len);
	CHECK_INT(read_all(in_dir("longer.seg"), got, &arena), OT_CORRUPT);
	ot_arena_release(&arena);
	ot_buf_release(&bytes);
	ot_batch_release(&batch);
	free(order);
	free(got);
}

static void every_flipped_bit_and_every_cut_is_noticed(void)
{
	damage(3);
	damage(7);
}

static void what_is_no_segment_is_refused(void)
{
	struct ot_segment *segment;

	CHECK_INT(ot_segment_open(&segment, in_dir("nothing.seg"), &err), OT_NOT_FOUND);
	CHECK(segment == NULL);
	CHECK_INT(ot_segment_open(&segment, dir, &err), OT_CORRUPT);
	write_file(in_dir("text.seg"), "hello", 5);
	CHECK_INT(ot_segment_open(&segment, in_dir("text.seg"), &err), OT_CORRUPT);
}

static void a_failed_write_leaves_no_file(void)
{
	struct ot_batch batch = { 0 };
	uint32_t order[1] = { 0 };

	CHECK(ot_segment_write(in_dir("no/such/folder.seg"), &batch, order, 0, NULL, &err) != OT_OK);
	CHECK_INT(ot_segment_write(in_dir("large.seg"), &batch, order, OT_SEGMENT_ROWS_MAX + 1, NULL, &err), OT_LIMIT);
	CHECK(access(in_dir("large.seg"), F_OK) != 0);
}

int main(void)
{
	/* In memory where that can be had: each segment is fsynced. */
	strcpy(dir, "/dev/shm/ot-segment-XXXXXX");
	if (mkdtemp(dir) == NULL && mkdtemp(strcpy(dir, "/tmp/ot-segment-XXXXXX")) == NULL)
		return 2;
	RUN(what_is_written_is_read);
	RUN(a_merged_segment_is_the_one_written_at_once);
	RUN(every_id_is_found);
	RUN(what_is_written_verifies);
	RUN(dictionaries_are_in_order_and_hold_what_is_used);
	RUN(a_column_of_one_value_costs_bytes_only);
	RUN(every_flipped_bit_and_every_cut_is_noticed);
	RUN(what_is_no_segment_is_refused);
	RUN(a_failed_write_leaves_no_file);
	ot_dir_remove(dir, NULL);
	return test_end();
}
