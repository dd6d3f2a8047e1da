/* Sources: the same content is the same source whatever it is called and however it is packed; what looks alike at the beginning is not. */
#include <collector/source.h>
#include <base/file.h>
#include <fcntl.h>
#include <stdlib.h>
#include <tests/test.h>
#include <unistd.h>
#include <zlib.h>

static char dir[] = "/tmp/ot-source-XXXXXX";
static struct ot_registry *registry;

static const char *path_of(const char *name)
{
	static char paths[4][256];
	static unsigned next;
	char *path = paths[next++ % 4];
	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

static void write_file(const char *name, struct ot_str text)
{
	const char *path = path_of(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK(ot_file_write_all(fd, text.ptr, text.len, path, NULL) == OT_OK);
	close(fd);
}

static void write_gzip(const char *name, struct ot_str text)
{
	gzFile file = gzopen(path_of(name), "wb");
	CHECK(gzwrite(file, text.ptr, (unsigned)text.len) == (int)text.len);
	gzclose(file);
}

/* Lines [from, to) of a log of some kind. */
static void put_lines(struct ot_buf *out, const char *kind, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++)
		ot_buf_printf(out, "%s line %u of a log, %08x\n", kind, i, i * 2654435761u);
}

static struct ot_str lines(struct ot_buf *out, const char *kind, unsigned from, unsigned to)
{
	ot_buf_clear(out);
	put_lines(out, kind, from, to);
	return ot_buf_str(out);
}

/* What collecting does, without records: lines added, or -1 where the file is shorter than what was read. */
static int64_t collect(const char *name, struct ot_tracked **out)
{
	struct ot_input *input;
	struct ot_framer framer;
	struct ot_chunk chunk = { .offset = 0 };
	enum ot_verdict verdict;
	struct ot_tracked *tracked;
	int64_t added = 0;
	const char *path = path_of(name);
	CHECK(ot_input_open(&input, path, NULL, NULL) == OT_OK);
	CHECK(ot_registry_identify(registry, input, path, &tracked, &verdict, NULL) == OT_OK);
	if (out != NULL)
		*out = tracked;
	if (verdict != OT_FILE_SHORTER) {
		ot_framer_init(&framer, input, tracked->source.position, 1);
		while (ot_framer_next(&framer, &chunk, NULL) == OT_OK) {
			added += (int64_t)chunk.lines;
			ot_tracked_advance(tracked, &chunk);
		}
		tracked->source.size = tracked->source.position;
		ot_framer_release(&framer);
		ot_tracked_seen_at(registry, tracked, path, ot_input_stat(input), added > 0);
		struct ot_anchor *anchors;
		struct ot_arena arena = { 0 };
		ot_tracked_new_anchors(tracked, &arena, &anchors); /* as a commit does */
		ot_arena_release(&arena);
	}
	ot_input_close(input);
	ot_buf_release(&chunk.bytes);
	return verdict == OT_FILE_SHORTER ? -1 : added;
}

static void begin(void) { CHECK(ot_registry_open(&registry, NULL, NULL) == OT_OK); }
static void end(void) { ot_registry_close(registry); }

static const unsigned sizes[] = { 1, 5, 30, 2000, 60000 }; /* lines: below, around and far above head and probe */

static void copies_add_nothing(void)
{
	struct ot_buf text = { 0 };
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		begin();
		struct ot_tracked *first, *other;
		write_file("a", lines(&text, "a", 0, sizes[i]));
		write_file("copy", ot_buf_str(&text));
		write_gzip("a.gz", ot_buf_str(&text));
		CHECK_INT(collect("a", &first), sizes[i]);
		CHECK_INT(collect("a", &other), 0);
		CHECK(first == other);
		CHECK_INT(collect("copy", &other), 0);
		CHECK(first == other);
		CHECK_INT(collect("a.gz", &other), 0);
		CHECK(first == other);
		CHECK_INT(first->source.key.len, 10);
		end();
	}
	ot_buf_release(&text);
}

static void what_has_grown_is_read_on(void)
{
	struct ot_buf text = { 0 };
	for (size_t i = 0; i + 1 < sizeof(sizes) / sizeof(*sizes); i++)
		for (size_t packed = 0; packed < 2; packed++) {
			begin();
			struct ot_tracked *first, *other;
			write_file("a", lines(&text, "a", 0, sizes[i]));
			CHECK_INT(collect("a", &first), sizes[i]);
			unlink(path_of("a"));
			lines(&text, "a", 0, sizes[i + 1]);
			if (packed)
				write_gzip("b", ot_buf_str(&text));
			else
				write_file("b", ot_buf_str(&text));
			CHECK_INT(collect("b", &other), sizes[i + 1] - sizes[i]);
			CHECK(first == other);
			CHECK_INT(collect("b", &other), 0);
			end();
		}
	ot_buf_release(&text);
}

static void the_same_beginning_does_not_make_the_same_source(void)
{
	struct ot_buf text = { 0 };
	static const unsigned shared[] = { 40, 500, 30000 };
	for (size_t i = 0; i < 3; i++) {
		begin();
		struct ot_tracked *a, *b, *again;
		lines(&text, "preamble", 0, shared[i]);
		put_lines(&text, "a", 0, 20000);
		write_file("a", ot_buf_str(&text));
		write_gzip("a.gz", ot_buf_str(&text));
		lines(&text, "preamble", 0, shared[i]);
		put_lines(&text, "b", 0, 25000);
		write_file("b", ot_buf_str(&text));
		write_gzip("b.gz", ot_buf_str(&text));
		CHECK_INT(collect("a", &a), shared[i] + 20000);
		CHECK_INT(collect("b.gz", &b), shared[i] + 25000);
		CHECK(a != b);
		CHECK(!ot_str_eq(a->source.key, b->source.key));
		CHECK_INT(collect("a.gz", &again), 0);
		CHECK(again == a);
		CHECK_INT(collect("b", &again), 0);
		CHECK(again == b);
		end();
	}
	ot_buf_release(&text);
}

static void truncated_and_filled_again_is_another_source(void)
{
	struct ot_buf text = { 0 };
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		begin();
		struct ot_tracked *old, *new;
		write_file("a", lines(&text, "old", 0, 2000));
		CHECK_INT(collect("a", &old), 2000);
		write_file("a", lines(&text, "new", 0, sizes[i]));
		CHECK_INT(collect("a", &new), sizes[i]);
		CHECK(old != new);
		end();
	}
	ot_buf_release(&text);
}

static void a_file_that_shrank_adds_nothing(void)
{
	struct ot_buf text = { 0 };
	static const unsigned left[] = { 3, 100, 1500 };
	for (size_t i = 0; i < 3; i++) {
		begin();
		struct ot_tracked *first, *other;
		write_file("a", lines(&text, "a", 0, 2000));
		CHECK_INT(collect("a", &first), 2000);
		write_file("a", lines(&text, "a", 0, left[i]));
		CHECK_INT(collect("a", &other), -1);
		CHECK(first == other);
		write_file("a", lines(&text, "a", 0, 2010));
		CHECK_INT(collect("a", &other), 10);
		end();
	}
	ot_buf_release(&text);
}

static void two_live_files_with_one_first_line_are_two(void)
{
	struct ot_buf text = { 0 };
	begin();
	struct ot_tracked *a, *b;
	write_file("a", OT_STR("started\n"));
	CHECK_INT(collect("a", &a), 1);
	ot_buf_text(&text, "started\n");
	put_lines(&text, "b", 0, 50);
	write_file("b", ot_buf_str(&text));
	CHECK_INT(collect("b", &b), 51);
	CHECK(a != b);
	end();
	ot_buf_release(&text);
}

static void an_unchanged_file_need_not_be_opened(void)
{
	struct ot_buf text = { 0 };
	struct stat now;
	begin();
	struct ot_tracked *a;
	write_file("a", lines(&text, "a", 0, 100));
	collect("a", &a);
	CHECK(stat(path_of("a"), &now) == 0);
	CHECK(ot_registry_unchanged(registry, path_of("a"), &now) == a);
	write_file("a", lines(&text, "a", 0, 101));
	CHECK(stat(path_of("a"), &now) == 0);
	CHECK(ot_registry_unchanged(registry, path_of("a"), &now) == NULL);
	end();
	ot_buf_release(&text);
}

static void count_problem(void *context, const char *words)
{
	CHECK(strstr(words, "nowhere") != NULL);
	++*(int *)context;
}

static void folders_are_read_in_order_of_names(void)
{
	static const char *const expected[] = { "tree/b", "tree/sub/a", "tree/z" };
	struct ot_files files = { 0 };
	struct ot_said said = { .kind = -1 };
	int problems = 0;
	CHECK(ot_dir_make(path_of("tree/sub"), 0700, NULL) == OT_OK);
	write_file("tree/z", OT_STR("z"));
	write_file("tree/b", OT_STR("b"));
	write_file("tree/.hidden", OT_STR("h"));
	write_file("tree/sub/a", OT_STR("a"));
	CHECK(symlink("..", path_of("tree/sub/up")) == 0);
	ot_files_add(&files, path_of("tree"), &said, count_problem, &problems);
	ot_files_add(&files, path_of("nowhere"), &said, count_problem, &problems);
	CHECK_INT(problems, 1);
	CHECK_INT(files.count, 3);
	for (size_t i = 0; i < files.count && i < 3; i++)
		CHECK_STR(ot_str_from(files.items[i].path), path_of(expected[i]));
	ot_files_release(&files);
}

int main(void)
{
	CHECK(mkdtemp(dir) != NULL);
	RUN(copies_add_nothing);
	RUN(what_has_grown_is_read_on);
	RUN(the_same_beginning_does_not_make_the_same_source);
	RUN(truncated_and_filled_again_is_another_source);
	RUN(a_file_that_shrank_adds_nothing);
	RUN(two_live_files_with_one_first_line_are_two);
	RUN(an_unchanged_file_need_not_be_opened);
	RUN(folders_are_read_in_order_of_names);
	ot_dir_remove(dir, NULL);
	return test_end();
}
