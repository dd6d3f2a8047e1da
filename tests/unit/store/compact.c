#include "rows.h"

#include <lib/store/compact_plan.h>

static struct ot_store *store;
static struct ot_source source;

static void fresh(void)
{
	ot_store_close(store);
	if (file_exists(in_place("s")))
		CHECK_INT(ot_dir_remove(in_place("s"), &err), OT_OK);
	store = open_store(OT_STORE_WRITE);
	source = (struct ot_source){ .key = ot_str_from(test_key), .path = OT_STR("/log"), .origin = OT_STR("o"), .format = OT_STR("f"), .cut_at = -1 };
}

/* The next `rows` rows of the source as a commit of one segment. */
static int64_t collect(int64_t day, uint32_t rows)
{
	struct ot_segment_info info;
	int64_t id = 0;

	CHECK_INT(write_rows(store, day, (int64_t)source.records, rows, &info, &err), OT_OK);
	struct ot_commit *commit = begin(store);
	source.records += rows;
	CHECK_INT(ot_commit_segment(commit, &info, &id, &err), OT_OK);
	CHECK_INT(ot_commit_source(commit, &source, NULL, 0, &err), OT_OK);
	finish(commit);
	return id;
}

static size_t segment_count(void)
{
	struct ot_snapshot snapshot;
	size_t count;

	CHECK_INT(ot_snapshot_open(&snapshot, store, 0, &err), OT_OK);
	count = snapshot.segment_count;
	ot_snapshot_release(&snapshot);
	return count;
}

static void check_all_rows_once(void)
{
	struct ot_verify_result verified;
	struct ot_snapshot snapshot;
	size_t others, wrong = 0;

	CHECK_INT(ot_snapshot_open(&snapshot, store, 0, &err), OT_OK);
	uint8_t *seen = count_rows(&snapshot, source.records, &others);
	for (size_t i = 0; i < source.records; i++)
		wrong += seen[i] != 1;
	CHECK_INT(wrong, 0);
	CHECK_INT(others, 0);
	free(seen);
	ot_snapshot_release(&snapshot);
	CHECK_INT(ot_store_verify(store, print_fault, NULL, &verified, &err), OT_OK);
	CHECK_INT(verified.faults, 0);
	CHECK_INT(verified.rows, source.records);
}

/* --- the plan --- */

/* Commits of `each` rows, compacted after every `every` of them: the most often that a row was written again. */
static unsigned rewrites(uint32_t each, size_t commits, size_t every, size_t *left, size_t *most)
{
	uint32_t *rows = ot_alloc_zero(commits + 1, sizeof(*rows));
	unsigned *times = ot_alloc_zero(commits + 1, sizeof(*times)), worst = 0;
	size_t count = 0, chosen[OT_COMPACT_INPUTS_MAX], n;

	*most = 0;
	for (size_t i = 1; i <= commits; i++) {
		times[count] = 0;
		rows[count++] = each;
		while (i % every == 0 && (n = ot_compact_plan(rows, count, false, chosen)) > 0) {
			uint64_t sum = 0;
			unsigned time = 0;
			size_t to = 0;

			for (size_t k = 0; k < n; k++) {
				sum += rows[chosen[k]];
				time = times[chosen[k]] > time ? times[chosen[k]] : time;
				rows[chosen[k]] = 0;
			}
			CHECK(sum <= OT_SEGMENT_ROWS_MAX && n > 1);
			for (size_t k = 0; k < count; k++) {
				if (rows[k] == 0)
					continue;
				rows[to] = rows[k];
				times[to++] = times[k];
			}
			rows[to] = (uint32_t)sum;
			times[to] = time + 1;
			worst = time + 1 > worst ? time + 1 : worst;
			count = to + 1;
		}
		*most = count > *most ? count : *most;
	}
	*left = count;
	free(rows);
	free(times);
	return worst;
}

static void a_row_is_rewritten_a_few_times_only(void)
{
	static const struct {
		uint32_t each;
		size_t commits, every;
		unsigned most_rewrites;
	} cases[] = { { 1000, 3600, 1, 4 }, { 1000, 3600, 60, 4 }, { 1, 5000, 1, 5 }, { 100, 86400, 10, 5 }, { 5000, 3600, 7, 4 }, { 60000, 1000, 1, 3 } };
	size_t left, most;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned worst = rewrites(cases[i].each, cases[i].commits, cases[i].every, &left, &most);
		uint64_t whole = (uint64_t)cases[i].each * cases[i].commits / (OT_SEGMENT_ROWS_MAX / 2);

		CHECK(worst <= cases[i].most_rewrites);
		CHECK(left <= whole + 50 && most <= whole + 50 + cases[i].every);
	}
}

static void eager_packs_neighbours_to_the_limit(void)
{
	const uint32_t max = OT_SEGMENT_ROWS_MAX;
	size_t chosen[OT_COMPACT_INPUTS_MAX];

	CHECK_INT(ot_compact_plan((uint32_t[]){ max, 5, 6, 0, 7 }, 5, true, chosen), 3);
	CHECK(chosen[0] == 1 && chosen[1] == 2 && chosen[2] == 4);
	CHECK_INT(ot_compact_plan((uint32_t[]){ max / 2, max / 2, max / 2 }, 3, true, chosen), 2);
	CHECK_INT(ot_compact_plan((uint32_t[]){ max / 2, max / 2 + 1, max }, 3, true, chosen), 0);
	CHECK_INT(ot_compact_plan((uint32_t[]){ 1 }, 1, true, chosen), 0);
	CHECK_INT(ot_compact_plan((uint32_t[]){ 1, 1 }, 2, false, chosen), 0);
	CHECK_INT(ot_compact_plan(NULL, 0, true, chosen), 0);
}

/* --- doing it --- */

static void eager_leaves_one_segment_a_day_and_every_row(void)
{
	struct ot_compact_result r;

	fresh();
	for (int i = 0; i < 5; i++) {
		collect(TEST_DAY, 100 + (uint32_t)i);
		collect(TEST_DAY + 1, 9000);
		collect(OT_DAY_UNDATED, 3);
	}
	CHECK_INT(ot_store_compact(store, true, &r, &err), OT_OK);
	CHECK_INT(r.segments_before, 15);
	CHECK_INT(r.segments_after, 3);
	CHECK(r.bytes_before > 0 && r.bytes_after > 0);
	CHECK_INT(r.skipped, 0);
	CHECK_INT(segment_count(), 3);
	check_all_rows_once();
	CHECK_INT(ot_store_compact(store, true, &r, &err), OT_OK);
	CHECK(r.segments_before == 3 && r.segments_after == 3);
}

static void more_than_can_be_open_at_once_is_merged_in_turns(void)
{
	struct ot_compact_result r;

	fresh();
	for (int i = 0; i < OT_COMPACT_INPUTS_MAX + 20; i++)
		collect(TEST_DAY, 2);
	CHECK_INT(ot_store_compact(store, true, &r, &err), OT_OK);
	CHECK_INT(r.segments_after, 1);
	check_all_rows_once();
}

static void without_hurry_eight_of_a_size_are_merged(void)
{
	struct ot_snapshot before;

	fresh();
	for (int i = 0; i < 7; i++)
		collect(TEST_DAY, 10);
	collect(TEST_DAY, 100);
	CHECK_INT(ot_store_compact(store, false, NULL, &err), OT_OK);
	CHECK_INT(segment_count(), 8);
	CHECK_INT(ot_snapshot_open(&before, store, 0, &err), OT_OK);
	collect(TEST_DAY, 10);
	CHECK_INT(ot_store_compact(store, false, NULL, &err), OT_OK);
	CHECK_INT(segment_count(), 2);
	check_all_rows_once();
	/* A reader that came before keeps its files and its answer. */
	size_t others;
	uint8_t *seen = count_rows(&before, source.records, &others);
	CHECK(others == 0 && seen[0] == 1 && seen[169] == 1 && seen[170] == 0);
	free(seen);
	ot_snapshot_release(&before);
}

/* --- links --- */

static const struct ot_str both_origins[] = { { "kong", 4 }, { "litellm", 7 } };

static void link_rows(int64_t id, uint32_t rows, const struct ot_call *calls, uint32_t call_count, const uint32_t *call_of_row)
{
	uint8_t *evidence = ot_alloc_zero(rows, 1), *leader = ot_alloc_zero(rows, 1);
	struct ot_links links = { .rows = rows, .call_of_row = call_of_row, .evidence = evidence, .leader = leader, .calls = calls, .call_count = call_count };
	struct ot_buf path = { 0 };
	char name[64];

	for (uint32_t i = 0; i < rows; i++) {
		evidence[i] = call_of_row[i] != 0 ? OT_EVIDENCE_TRACE : 0;
		leader[i] = call_of_row[i] == 1;
	}
	ot_store_new_name(store, ".lnk", name);
	CHECK_INT(ot_store_segment_dir(store, TEST_DAY, &path, &err), OT_OK);
	ot_buf_printf(&path, "/%s%c", name, '\0');
	CHECK_INT(ot_links_write(path.data, &links, &err), OT_OK);
	struct ot_commit *commit = begin(store);
	CHECK_INT(ot_commit_link(commit, id, name, &err), OT_OK);
	finish(commit);
	ot_buf_release(&path);
	free(evidence);
	free(leader);
}

/* Source offset of each row of a segment. */
static int64_t *offsets_of(const char *path, uint32_t rows)
{
	int64_t *offsets = ot_alloc_zero(rows, sizeof(*offsets));
	struct ot_segment *segment;
	struct ot_arena arena = { 0 };
	struct ot_column column;

	CHECK_INT(ot_segment_open(&segment, path, &err), OT_OK);
	CHECK_INT(ot_segment_decode(segment, OT_SOURCE_OFFSET, 0, &column, &arena, &err), OT_OK);
	memcpy(offsets, column.numbers, rows * sizeof(*offsets));
	ot_arena_release(&arena);
	ot_segment_close(segment);
	return offsets;
}

/* The row of a segment that holds a source offset. */
static uint32_t row_of(int64_t id, int64_t offset)
{
	struct ot_snapshot snapshot;
	uint32_t row = UINT32_MAX;

	CHECK_INT(ot_snapshot_open(&snapshot, store, 0, &err), OT_OK);
	for (size_t i = 0; i < snapshot.segment_count; i++) {
		if (snapshot.segments[i].id != id)
			continue;
		uint32_t rows = snapshot.segments[i].info.rows;
		int64_t *offsets = offsets_of(snapshot.segments[i].path, rows);
		for (uint32_t r = 0; r < rows; r++)
			if (offsets[r] == offset)
				row = r;
		free(offsets);
	}
	ot_snapshot_release(&snapshot);
	return row;
}

static void links_move_with_their_rows(void)
{
	const struct ot_call shared = { OT_STR("aaaaaaaaaa-3"), 2, both_origins, 2 }, own = { OT_STR("aaaaaaaaaa-5"), 3, both_origins + 1, 1 };
	uint32_t first_rows[20] = { 0 }, second_rows[20] = { 0 };
	struct ot_snapshot snapshot;
	struct ot_links links;

	fresh();
	int64_t first = collect(TEST_DAY, 20), second = collect(TEST_DAY, 20);
	collect(TEST_DAY, 20);
	first_rows[row_of(first, 3)] = 1;
	second_rows[row_of(second, 25)] = 2;
	second_rows[row_of(second, 30)] = 1;
	link_rows(first, 20, (struct ot_call[]){ shared }, 1, first_rows);
	link_rows(second, 20, (struct ot_call[]){ own, shared }, 2, second_rows);
	CHECK_INT(ot_store_compact(store, true, NULL, &err), OT_OK);
	check_all_rows_once();
	CHECK_INT(ot_snapshot_open(&snapshot, store, 0, &err), OT_OK);
	CHECK(snapshot.segment_count == 1 && snapshot.segments[0].link_path != NULL);
	CHECK_INT(ot_links_open(&links, snapshot.segments[0].link_path, &err), OT_OK);
	CHECK(links.rows == 60 && links.call_count == 2);
	int64_t *offsets = offsets_of(snapshot.segments[0].path, 60);
	for (uint32_t row = 0; row < 60; row++) {
		const char *call = offsets[row] == 3 || offsets[row] == 25 ? "aaaaaaaaaa-3" : offsets[row] == 30 ? "aaaaaaaaaa-5" : NULL;

		CHECK((call != NULL) == (links.call_of_row[row] != 0));
		if (call == NULL)
			continue;
		CHECK_STR(links.calls[links.call_of_row[row] - 1].call_id, call);
		CHECK(links.evidence[row] == OT_EVIDENCE_TRACE && links.leader[row] == (offsets[row] != 25));
		CHECK_INT(links.calls[links.call_of_row[row] - 1].origin_count, offsets[row] == 30 ? 1 : 2);
	}
	free(offsets);
	ot_links_release(&links);
	ot_snapshot_release(&snapshot);
}

/* --- damage --- */

static void damage(const char *path)
{
	struct ot_buf bytes = { 0 };

	CHECK_INT(ot_file_read(path, 1 << 24, &bytes, &err), OT_OK);
	bytes.data[bytes.len / 3] ^= 0x20;
	CHECK_INT(ot_file_publish(path, bytes.data, bytes.len, 0600, &err), OT_OK);
	ot_buf_release(&bytes);
}

static void count_fault(void *context, const char *what)
{
	(void)what;
	++*(size_t *)context;
}

static void a_damaged_segment_is_left_alone_and_the_others_are_merged(void)
{
	struct ot_compact_result r;
	struct ot_snapshot snapshot;
	struct ot_verify_result verified;
	size_t faults = 0;

	fresh();
	for (int i = 0; i < 4; i++)
		collect(TEST_DAY, 50);
	int64_t linked = collect(TEST_DAY, 3);
	link_rows(linked, 3, &(struct ot_call){ OT_STR("a-1"), 2, both_origins, 2 }, 1, (uint32_t[]){ 1, 1, 0 });
	CHECK_INT(ot_snapshot_open(&snapshot, store, 0, &err), OT_OK);
	damage(snapshot.segments[1].path);
	damage(snapshot.segments[4].link_path);
	CHECK_INT(ot_store_compact(store, true, &r, &err), OT_OK);
	CHECK(r.skipped == 2 && r.segments_after == 3);
	CHECK(file_exists(snapshot.segments[1].path));
	CHECK_INT(ot_store_verify(store, count_fault, &faults, &verified, &err), OT_OK);
	CHECK(verified.faults == faults && faults >= 2);
	CHECK_INT(ot_store_compact(store, true, &r, &err), OT_OK);
	CHECK(r.skipped == 2 && r.segments_after == 3);
	ot_snapshot_release(&snapshot);
}

/* --- verify --- */

static size_t faults_now(void)
{
	size_t faults = 0;

	CHECK_INT(ot_store_verify(store, count_fault, &faults, NULL, &err), OT_OK);
	return faults;
}

static void verify_sees_what_the_files_alone_do_not_show(void)
{
	struct ot_snapshot snapshot;
	struct ot_commit *commit;

	fresh();
	collect(TEST_DAY, 50);
	collect(TEST_DAY, 50);
	CHECK_INT(faults_now(), 0);
	/* A source that says it has more records than are there. */
	commit = begin(store);
	source.records++;
	CHECK_INT(ot_commit_source(commit, &source, NULL, 0, &err), OT_OK);
	finish(commit);
	CHECK_INT(faults_now(), 1);
	source.records--;
	commit = begin(store);
	CHECK_INT(ot_commit_source(commit, &source, NULL, 0, &err), OT_OK);
	finish(commit);
	/* A file that nobody lists: part of a commit to be while there is a writer, a fault when there is none. */
	CHECK_INT(ot_snapshot_open(&snapshot, store, 0, &err), OT_OK);
	struct ot_buf path = { 0 };
	ot_buf_printf(&path, "%s.tmp%c", snapshot.segments[0].path, '\0');
	CHECK_INT(ot_file_publish(path.data, "x", 1, 0600, &err), OT_OK);
	CHECK_INT(faults_now(), 0);
	ot_store_close(store);
	store = open_store(OT_STORE_READ);
	CHECK_INT(faults_now(), 1);
	CHECK(unlink(path.data) == 0);
	CHECK_INT(faults_now(), 0);
	ot_buf_release(&path);
	/* A whole segment in the place of another. */
	struct ot_buf other = { 0 };
	CHECK_INT(ot_file_read(snapshot.segments[1].path, 1 << 24, &other, &err), OT_OK);
	CHECK_INT(ot_file_publish(snapshot.segments[0].path, other.data, other.len, 0600, &err), OT_OK);
	CHECK(faults_now() >= 1);
	CHECK(unlink(snapshot.segments[0].path) == 0);
	CHECK_INT(faults_now(), 1);
	ot_buf_release(&other);
	ot_snapshot_release(&snapshot);
}

int main(void)
{
	make_place();
	RUN(a_row_is_rewritten_a_few_times_only);
	RUN(eager_packs_neighbours_to_the_limit);
	RUN(eager_leaves_one_segment_a_day_and_every_row);
	RUN(more_than_can_be_open_at_once_is_merged_in_turns);
	RUN(without_hurry_eight_of_a_size_are_merged);
	RUN(links_move_with_their_rows);
	RUN(a_damaged_segment_is_left_alone_and_the_others_are_merged);
	RUN(verify_sees_what_the_files_alone_do_not_show);
	ot_store_close(store);
	remove_place();
	return test_end();
}
