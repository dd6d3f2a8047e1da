#include "place.h"

#include <store/segment.h>

static const struct ot_str origins[] = { { "kong-edge", 9 }, { "litellm", 7 } };
static const struct ot_call calls[] = {
	{ { "aaaaaaaaaa-0", 12 }, 3, origins, 2 },
	{ { "aaaaaaaaaa-99.1", 15 }, 2, origins + 1, 1 },
};
static const uint32_t call_of_row[] = { 1, 0, 0, 2, 1, 0, 2, 0 };
static const uint8_t evidence[] = { OT_EVIDENCE_TRACE, 0, 0, OT_EVIDENCE_REQUEST_ID, OT_EVIDENCE_TRACE | OT_EVIDENCE_SAME_ORIGIN, 0, 2, 0 };
static const uint8_t leader[] = { 1, 0, 0, 0, 0, 0, 1, 0 };
static const struct ot_links sample = { .rows = 8, .call_of_row = call_of_row, .evidence = evidence, .leader = leader, .calls = calls, .call_count = 2 };

static void links_come_back_as_they_were(void)
{
	struct ot_links got;

	CHECK_INT(ot_links_write(in_place("a.lnk"), &sample, &err), OT_OK);
	CHECK_INT(ot_links_open(&got, in_place("a.lnk"), &err), OT_OK);
	CHECK(got.rows == 8 && got.call_count == 2);
	CHECK(memcmp(got.call_of_row, call_of_row, sizeof(call_of_row)) == 0);
	CHECK(memcmp(got.evidence, evidence, sizeof(evidence)) == 0 && memcmp(got.leader, leader, sizeof(leader)) == 0);
	CHECK_STR(got.calls[0].call_id, "aaaaaaaaaa-0");
	CHECK(got.calls[0].records == 3 && got.calls[0].origin_count == 2 && got.calls[1].origin_count == 1);
	CHECK_STR(got.calls[0].origins[0], "kong-edge");
	CHECK_STR(got.calls[0].origins[1], "litellm");
	CHECK_STR(got.calls[1].origins[0], "litellm");
	ot_links_release(&got);
	ot_links_release(&got);
}

static void many_rows_and_none_linked_are_a_few_bytes(void)
{
	uint32_t rows = OT_SEGMENT_ROWS_MAX, *none = ot_alloc_zero(rows, sizeof(*none));
	uint8_t *zeros = ot_alloc_zero(rows, 1);
	struct ot_links links = { .rows = rows, .call_of_row = none, .evidence = zeros, .leader = zeros }, got;
	struct ot_buf file = { 0 };

	CHECK_INT(ot_links_write(in_place("none.lnk"), &links, &err), OT_OK);
	CHECK_INT(ot_file_read(in_place("none.lnk"), 100, &file, &err), OT_OK);
	CHECK_INT(ot_links_open(&got, in_place("none.lnk"), &err), OT_OK);
	CHECK(got.rows == rows && got.call_count == 0 && got.call_of_row[rows - 1] == 0);
	ot_links_release(&got);
	ot_buf_release(&file);
	free(none);
	free(zeros);
}

static enum ot_status open_bytes(const void *bytes, size_t len)
{
	struct ot_links got;
	enum ot_status status;

	CHECK_INT(ot_file_publish(in_place("bad.lnk"), bytes, len, 0600, &err), OT_OK);
	status = ot_links_open(&got, in_place("bad.lnk"), &err);
	ot_links_release(&got);
	return status;
}

static void every_flipped_bit_and_every_cut_is_found(void)
{
	struct ot_buf file = { 0 };

	CHECK_INT(ot_file_read(in_place("a.lnk"), 10000, &file, &err), OT_OK);
	CHECK_INT(open_bytes(file.data, file.len), OT_OK);
	for (size_t i = 0; i < file.len; i++) {
		file.data[i] ^= (char)(1 << (i % 8));
		CHECK_INT(open_bytes(file.data, file.len), OT_CORRUPT);
		file.data[i] ^= (char)(1 << (i % 8));
		CHECK_INT(open_bytes(file.data, i), OT_CORRUPT);
	}
	ot_buf_char(&file, 0);
	CHECK_INT(open_bytes(file.data, file.len), OT_CORRUPT);
	ot_buf_release(&file);
}

/* What passes its checksums may still make no sense: written by a program that is wrong. */
static void nonsense_is_refused(void)
{
	static const uint8_t one[] = { 1 };
	struct ot_links links = { .rows = 1, .call_of_row = (const uint32_t[]){ 1 }, .evidence = one, .leader = one, .calls = calls, .call_count = 1 }, got;
	struct ot_call empty = { OT_STR_NONE, 1, NULL, 0 }, without = { OT_STR("a-1"), 0, NULL, 0 };

	links.calls = &empty;
	CHECK_INT(ot_links_write(in_place("n1.lnk"), &links, &err), OT_OK);
	CHECK_INT(ot_links_open(&got, in_place("n1.lnk"), &err), OT_CORRUPT);
	links.calls = &without;
	CHECK_INT(ot_links_write(in_place("n2.lnk"), &links, &err), OT_OK);
	CHECK_INT(ot_links_open(&got, in_place("n2.lnk"), &err), OT_CORRUPT);
	links.calls = calls;
	links.call_count = 2; /* more calls than rows */
	CHECK_INT(ot_links_write(in_place("n3.lnk"), &links, &err), OT_OK);
	CHECK_INT(ot_links_open(&got, in_place("n3.lnk"), &err), OT_CORRUPT);
}

static int fail_with;
static const char *fail_at;

static int fail(const char *operation, const char *path)
{
	(void)path;
	return strcmp(operation, fail_at) == 0 ? fail_with : 0;
}

static void a_write_that_fails_leaves_no_file(void)
{
	static const char *const steps[] = { "create", "write", "sync" };

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		fail_at = steps[i];
		for (int full = 0; full < 2; full++) {
			fail_with = full ? ENOSPC : EIO;
			ot_file_hook = fail;
			CHECK_INT(ot_links_write(in_place("f.lnk"), &sample, &err), full ? OT_FULL : OT_IO);
			ot_file_hook = NULL;
			CHECK(!file_exists(in_place("f.lnk")));
		}
	}
	struct ot_links got;
	CHECK_INT(ot_links_open(&got, in_place("f.lnk"), &err), OT_NOT_FOUND);
}

int main(void)
{
	make_place();
	RUN(links_come_back_as_they_were);
	RUN(many_rows_and_none_linked_are_a_few_bytes);
	RUN(every_flipped_bit_and_every_cut_is_found);
	RUN(nonsense_is_refused);
	RUN(a_write_that_fails_leaves_no_file);
	remove_place();
	return test_end();
}
