/* Inputs: text comes out whole from plain, gzip and zstd files, and what a cut or damaged one holds comes out too. */
#include <collector/frame.h>
#include <base/file.h>
#include <fcntl.h>
#include <stdlib.h>
#include <tests/test.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

static char dir[] = "/tmp/ot-input-XXXXXX";
static struct ot_buf text, gz, zst;

static const char *file_of(const char *name, const void *bytes, size_t len)
{
	static char path[256];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0);
	CHECK(ot_file_write_all(fd, bytes, len, path, NULL) == OT_OK);
	close(fd);
	return path;
}

static void gzip_put(struct ot_buf *out, struct ot_str part)
{
	z_stream z = { 0 };
	deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
	size_t room = deflateBound(&z, part.len);
	z.next_in = (Bytef *)(uintptr_t)part.ptr;
	z.avail_in = (uInt)part.len;
	z.next_out = (Bytef *)ot_buf_reserve(out, room);
	z.avail_out = (uInt)room;
	CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
	out->len += room - z.avail_out;
	deflateEnd(&z);
}

static void zstd_put(struct ot_buf *out, struct ot_str part)
{
	size_t room = ZSTD_compressBound(part.len);
	out->len += ZSTD_compress(ot_buf_reserve(out, room), room, part.ptr, part.len, 3);
}

static void make_texts(void)
{
	for (unsigned i = 0; i < 40; i++)
		ot_buf_printf(&text, "{\"n\":%u,\"path\":\"/api/%x\",\"word\":\"%u\"}\n", i, i * 2654435761u, i * i * 7919);
	gzip_put(&gz, ot_buf_str(&text));
	zstd_put(&zst, ot_buf_str(&text));
}

/* Everything that the input gives, and how it ended. */
static enum ot_status drain(const char *path, struct ot_buf *out, struct ot_err *err)
{
	struct ot_input *input;
	enum ot_status status = ot_input_open(&input, path, NULL, err);
	if (status != OT_OK)
		return status;
	while ((status = ot_input_read(input, out, 777, err)) == OT_OK)
		;
	ot_input_close(input);
	return status;
}

static void all_containers_give_the_same_text(void)
{
	const struct ot_buf *files[] = { &text, &gz, &zst };
	for (size_t i = 0; i < 3; i++) {
		struct ot_buf out = { 0 };
		struct ot_input *input;
		const char *path = file_of("whole", files[i]->data, files[i]->len);
		CHECK(drain(path, &out, NULL) == OT_END);
		CHECK(ot_str_eq(ot_buf_str(&out), ot_buf_str(&text)));
		CHECK(ot_input_open(&input, path, NULL, NULL) == OT_OK);
		CHECK_INT(ot_input_container(input), i);
		CHECK_INT(ot_input_content(input), OT_CONTENT_TEXT);
		CHECK(ot_str_eq(ot_input_head(input), ot_str_sub(ot_buf_str(&text), 0, 1024)));
		ot_input_close(input);
		ot_buf_release(&out);
	}
}

static void members_one_after_the_other_are_one_text(void)
{
	struct ot_buf two = { 0 }, out = { 0 };
	struct ot_str first = ot_str_sub(ot_buf_str(&text), 0, 100), second = ot_str_sub(ot_buf_str(&text), 100, text.len);
	gzip_put(&two, first);
	gzip_put(&two, OT_STR(""));
	gzip_put(&two, second);
	ot_buf_put(&two, "\0\0\0\0", 4); /* padding, as tape drives leave it */
	CHECK(drain(file_of("two.gz", two.data, two.len), &out, NULL) == OT_END);
	CHECK(ot_str_eq(ot_buf_str(&out), ot_buf_str(&text)));
	ot_buf_clear(&two);
	ot_buf_clear(&out);
	zstd_put(&two, first);
	zstd_put(&two, second);
	CHECK(drain(file_of("two.zst", two.data, two.len), &out, NULL) == OT_END);
	CHECK(ot_str_eq(ot_buf_str(&out), ot_buf_str(&text)));
	ot_buf_release(&two);
	ot_buf_release(&out);
}

static void a_cut_file_gives_a_beginning_and_says_where(const struct ot_buf *whole, size_t magic)
{
	for (size_t len = magic; len < whole->len; len++) {
		struct ot_buf out = { 0 };
		struct ot_err err = { 0 };
		enum ot_status status = drain(file_of("cut", whole->data, len), &out, &err);
		CHECK(status == OT_CORRUPT);
		CHECK(strstr(err.text, "cut") != NULL);
		CHECK(ot_str_starts(ot_buf_str(&text), ot_buf_str(&out)));
		ot_buf_release(&out);
	}
}
static void gzip_cut_at_every_byte(void) { a_cut_file_gives_a_beginning_and_says_where(&gz, 3); }
static void zstd_cut_at_every_byte(void) { a_cut_file_gives_a_beginning_and_says_where(&zst, 4); }

static void damage_never_passes_unnoticed(void)
{
	for (size_t at = 3; at < gz.len; at++) {
		struct ot_buf out = { 0 }, copy = { 0 };
		ot_buf_str_put(&copy, ot_buf_str(&gz));
		copy.data[at] = (char)(copy.data[at] ^ 0x10);
		enum ot_status status = drain(file_of("damaged", copy.data, copy.len), &out, NULL);
		CHECK(status == OT_CORRUPT || ot_str_eq(ot_buf_str(&out), ot_buf_str(&text)));
		ot_buf_release(&out);
		ot_buf_release(&copy);
	}
}

static void skipping_and_rewinding_reach_any_offset(void)
{
	struct ot_buf big = { 0 }, packed = { 0 };
	for (int i = 0; i < 20000; i++)
		ot_buf_printf(&big, "line %d of a longer file\n", i);
	gzip_put(&packed, ot_buf_str(&big));
	const struct ot_buf *files[] = { &big, &packed };
	for (size_t i = 0; i < 2; i++) {
		struct ot_input *input;
		CHECK(ot_input_open(&input, file_of("big", files[i]->data, files[i]->len), NULL, NULL) == OT_OK);
		static const uint64_t offsets[] = { 0, 7, 65536, 65537, 300000 };
		for (size_t k = 0; k < 5; k++) {
			struct ot_buf out = { 0 };
			CHECK(ot_input_rewind(input, NULL) == OT_OK);
			CHECK(ot_input_skip(input, offsets[k], NULL) == OT_OK);
			while (out.len < 100 && ot_input_read(input, &out, 100 - out.len, NULL) == OT_OK)
				;
			CHECK(ot_str_eq(ot_buf_str(&out), ot_str_sub(ot_buf_str(&big), offsets[k], 100)));
			ot_buf_release(&out);
		}
		CHECK(ot_input_skip(input, big.len, NULL) == OT_OK);
		CHECK(ot_input_skip(input, big.len + 1, NULL) == OT_END);
		ot_input_close(input);
	}
	ot_buf_release(&big);
	ot_buf_release(&packed);
}

static void a_pipe_can_be_read_again_until_it_is_settled(void)
{
	int ends[2], saved = dup(STDIN_FILENO);
	struct ot_input *input;
	struct ot_buf out = { 0 };
	CHECK(pipe(ends) == 0);
	if (fork() == 0) {
		close(ends[0]);
		for (int i = 0; i < 200; i++)
			if (ot_file_write_all(ends[1], gz.data, gz.len, "pipe", NULL) != OT_OK)
				break;
		_exit(0);
	}
	close(ends[1]);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	CHECK(ot_input_open(&input, "-", NULL, NULL) == OT_OK);
	CHECK(!ot_input_seekable(input));
	CHECK(ot_input_skip(input, 100 * text.len + 3, NULL) == OT_OK);
	CHECK(ot_input_rewind(input, NULL) == OT_OK);
	ot_input_settle(input);
	while (ot_input_read(input, &out, 5000, NULL) == OT_OK)
		;
	CHECK_INT(out.len, 200 * text.len);
	CHECK(ot_str_starts(ot_buf_str(&out), ot_buf_str(&text)));
	CHECK(ot_input_rewind(input, NULL) == OT_LIMIT);
	ot_input_close(input);
	ot_buf_release(&out);
	dup2(saved, STDIN_FILENO);
	close(saved);
}

static enum ot_content content_of(const char *bytes, size_t len)
{
	struct ot_input *input;
	CHECK(ot_input_open(&input, file_of("content", bytes, len), NULL, NULL) == OT_OK);
	enum ot_content content = ot_input_content(input);
	ot_input_close(input);
	return content;
}

static void content_is_told_from_the_first_bytes(void)
{
	char noise[512];
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)((i * 2654435761u) >> 13);
	CHECK_INT(content_of("", 0), OT_CONTENT_EMPTY);
	CHECK_INT(content_of("GET / HTTP/1.1\n", 15), OT_CONTENT_TEXT);
	CHECK_INT(content_of("\xd4\xc3\xb2\xa1\2\0\4\0", 8), OT_CONTENT_CAPTURE);
	CHECK_INT(content_of("\x0a\x0d\x0d\x0a\x1c\0\0\0", 8), OT_CONTENT_CAPTURE);
	CHECK_INT(content_of("PK\x03\x04", 4), OT_CONTENT_BINARY);
	CHECK_INT(content_of(noise, sizeof(noise)), OT_CONTENT_BINARY);
	CHECK_INT(content_of("\0\0\0\0\0\0{\"a\":1}\n", 14), OT_CONTENT_TEXT);
	CHECK_INT(content_of("Gr\xfc\xdf Gott, latin-1 \xe4\xf6\xfc, eine Zeile wie aus einem alten Protokoll, l\xe4nger\n", 72), OT_CONTENT_TEXT);
}

static void what_cannot_be_opened_says_so(void)
{
	struct ot_input *input;
	struct ot_err err = { 0 };
	CHECK(ot_input_open(&input, "/nonexistent/file", NULL, &err) == OT_NOT_FOUND);
	CHECK(strstr(err.text, "/nonexistent/file") != NULL);
	CHECK(ot_input_open(&input, dir, NULL, &err) == OT_IO);
	CHECK(strstr(err.text, "directory") != NULL);
}

int main(void)
{
	CHECK(mkdtemp(dir) != NULL);
	make_texts();
	RUN(all_containers_give_the_same_text);
	RUN(members_one_after_the_other_are_one_text);
	RUN(gzip_cut_at_every_byte);
	RUN(zstd_cut_at_every_byte);
	RUN(damage_never_passes_unnoticed);
	RUN(skipping_and_rewinding_reach_any_offset);
	RUN(a_pipe_can_be_read_again_until_it_is_settled);
	RUN(content_is_told_from_the_first_bytes);
	RUN(what_cannot_be_opened_says_so);
	ot_dir_remove(dir, NULL);
	ot_buf_release(&text);
	ot_buf_release(&gz);
	ot_buf_release(&zst);
	return test_end();
}
