/* Chunks: whole lines, cut at the same offsets wherever reading began, too long ones cut, unfinished ones left. */
#include <collector/frame.h>
#include <base/file.h>
#include <fcntl.h>
#include <stdlib.h>
#include <tests/test.h>
#include <unistd.h>

static char path[] = "/tmp/ot-chunk-XXXXXX";

static struct ot_input *input_of(struct ot_str bytes)
{
	struct ot_input *input = NULL;
	int fd = open(path, O_WRONLY | O_TRUNC);
	CHECK(ot_file_write_all(fd, bytes.ptr, bytes.len, path, NULL) == OT_OK);
	close(fd);
	CHECK(ot_input_open(&input, path, NULL, NULL) == OT_OK);
	return input;
}

static void fill(struct ot_buf *out, size_t len)
{
	for (unsigned i = 0; out->len < len; i++)
		ot_buf_printf(out, "%u %0*u\n", i, (int)(i * 7919 % 300), i);
}

static void chunks_join_to_the_text(void)
{
	struct ot_buf text = { 0 }, joined = { 0 };
	struct ot_chunk chunk = { 0 };
	struct ot_framer framer;
	fill(&text, (5 << 20) + 1000);
	struct ot_input *input = input_of(ot_buf_str(&text));
	ot_framer_init(&framer, input, 0, 1);
	uint64_t line = 1, count = 0;
	while (ot_framer_next(&framer, &chunk, NULL) == OT_OK) {
		CHECK_INT(chunk.offset, joined.len);
		CHECK_INT(chunk.line, line);
		CHECK(chunk.bytes.data[chunk.bytes.len - 1] == '\n');
		line += chunk.lines;
		count++;
		ot_buf_str_put(&joined, ot_buf_str(&chunk.bytes));
	}
	CHECK(ot_str_eq(ot_buf_str(&joined), ot_buf_str(&text)));
	CHECK_INT(count, 6);
	ot_framer_release(&framer);
	ot_input_close(input);
	ot_buf_release(&chunk.bytes);
	ot_buf_release(&joined);
	ot_buf_release(&text);
}

static void reading_on_cuts_at_the_same_offsets(void)
{
	struct ot_buf text = { 0 };
	struct ot_chunk chunk = { 0 };
	struct ot_framer framer;
	uint64_t ends[8], lines[8], count = 0;
	fill(&text, 4 << 20);
	struct ot_input *input = input_of(ot_buf_str(&text));
	ot_framer_init(&framer, input, 0, 1);
	while (ot_framer_next(&framer, &chunk, NULL) == OT_OK) {
		ends[count] = framer.offset;
		lines[count++] = framer.line;
	}
	for (size_t from = 0; from + 1 < count; from++) {
		ot_framer_release(&framer);
		CHECK(ot_input_skip(input, ends[from], NULL) == OT_OK);
		ot_framer_init(&framer, input, ends[from], lines[from]);
		for (size_t k = from + 1; k < count; k++) {
			CHECK(ot_framer_next(&framer, &chunk, NULL) == OT_OK);
			CHECK_INT(framer.offset, ends[k]);
			CHECK_INT(framer.line, lines[k]);
		}
		CHECK(ot_framer_next(&framer, &chunk, NULL) == OT_END);
	}
	ot_framer_release(&framer);
	ot_input_close(input);
	ot_buf_release(&chunk.bytes);
	ot_buf_release(&text);
}

static void a_line_without_end_is_left(void)
{
	struct ot_chunk chunk = { 0 };
	struct ot_framer framer;
	uint64_t length;
	struct ot_input *input = input_of(OT_STR("one\ntwo\r\nthree"));
	ot_framer_init(&framer, input, 0, 1);
	CHECK(ot_framer_next(&framer, &chunk, NULL) == OT_OK);
	CHECK_STR(ot_buf_str(&chunk.bytes), "one\ntwo\r\n");
	CHECK_INT(chunk.lines, 2);
	CHECK(ot_framer_next(&framer, &chunk, NULL) == OT_END);
	CHECK_STR(ot_framer_rest(&framer, &length), "three");
	CHECK_INT(framer.offset, 9);
	ot_framer_take_rest(&framer, &chunk);
	CHECK_STR(ot_buf_str(&chunk.bytes), "three");
	CHECK_INT(chunk.offset, 9);
	CHECK_INT(chunk.line, 3);
	CHECK_INT(framer.offset, 14);
	ot_framer_release(&framer);
	ot_input_close(input);
	ot_buf_release(&chunk.bytes);
}

static void a_line_too_long_is_cut_and_the_next_is_read(void)
{
	static const size_t lengths[] = { OT_LINE_MAX + 1, OT_LINE_MAX + 300000, 10 << 20 };
	for (size_t i = 0; i < 3; i++) {
		struct ot_buf text = { 0 };
		struct ot_chunk chunk = { 0 };
		struct ot_framer framer;
		ot_buf_text(&text, "before\n");
		memset(ot_buf_reserve(&text, lengths[i]), 'x', lengths[i]);
		text.len += lengths[i];
		ot_buf_text(&text, "\nafter\n");
		struct ot_input *input = input_of(ot_buf_str(&text));
		ot_framer_init(&framer, input, 0, 1);
		uint64_t lines = 0, cut = 0, at = 0;
		struct ot_buf last = { 0 };
		while (ot_framer_next(&framer, &chunk, NULL) == OT_OK) {
			CHECK_INT(chunk.offset, at);
			at += chunk.length;
			lines += chunk.lines;
			cut += chunk.cut;
			CHECK(!chunk.cut || (chunk.bytes.len == OT_LINE_KEPT && chunk.length == lengths[i] + 1));
			ot_buf_clear(&last);
			ot_buf_str_put(&last, ot_buf_str(&chunk.bytes));
		}
		CHECK_INT(lines, 3);
		CHECK_INT(at, text.len);
		CHECK(ot_str_ends(ot_buf_str(&last), OT_STR("after\n")));
		if (i == 2)
			CHECK_INT(cut, 1);
		ot_framer_release(&framer);
		ot_input_close(input);
		ot_buf_release(&chunk.bytes);
		ot_buf_release(&last);
		ot_buf_release(&text);
	}
}

static void a_line_too_long_without_end_waits_whole(void)
{
	struct ot_buf text = { 0 };
	struct ot_chunk chunk = { 0 };
	struct ot_framer framer;
	uint64_t length;
	size_t long_length = 3 << 20;
	ot_buf_text(&text, "before\n");
	memset(ot_buf_reserve(&text, long_length), 'x', long_length);
	text.len += long_length;
	struct ot_input *input = input_of(ot_buf_str(&text));
	ot_framer_init(&framer, input, 0, 1);
	CHECK(ot_framer_next(&framer, &chunk, NULL) == OT_OK);
	CHECK(ot_framer_next(&framer, &chunk, NULL) == OT_END);
	CHECK_INT(framer.offset, 7);
	CHECK_INT(ot_framer_rest(&framer, &length).len, OT_LINE_KEPT);
	CHECK_INT(length, long_length);
	ot_framer_take_rest(&framer, &chunk);
	CHECK(chunk.cut);
	CHECK_INT(framer.offset, text.len);
	ot_framer_release(&framer);
	ot_input_close(input);
	ot_buf_release(&chunk.bytes);
	ot_buf_release(&text);
}

static void lines_come_without_their_ends(void)
{
	struct ot_str rest = OT_STR("a\n\nb\r\nc"), line;
	static const char *const expected[] = { "a", "", "b", "c" };
	for (size_t i = 0; i < 4; i++) {
		CHECK(ot_line_next(&rest, &line));
		CHECK_STR(line, expected[i]);
	}
	CHECK(!ot_line_next(&rest, &line));
}

int main(void)
{
	close(mkstemp(path));
	RUN(chunks_join_to_the_text);
	RUN(reading_on_cuts_at_the_same_offsets);
	RUN(a_line_without_end_is_left);
	RUN(a_line_too_long_is_cut_and_the_next_is_read);
	RUN(a_line_too_long_without_end_waits_whole);
	RUN(lines_come_without_their_ends);
	unlink(path);
	return test_end();
}
