#include <base/file.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <tests/test.h>
#include <unistd.h>

static char dir[] = "/tmp/onetrail-file-XXXXXX";

static const char *in_dir(const char *name)
{
	static char paths[4][256];
	static int next;

	next = (next + 1) % 4;
	snprintf(paths[next], sizeof(paths[next]), "%s/%s", dir, name);
	return paths[next];
}

static void published_files_are_read_back(void)
{
	struct ot_buf buf = { 0 };
	struct ot_err err;
	struct stat st;

	CHECK_INT(ot_file_publish(in_dir("a"), "first", 5, 0640, &err), OT_OK);
	CHECK_INT(ot_file_publish(in_dir("a"), "second", 6, 0640, &err), OT_OK);
	CHECK_INT(ot_file_read(in_dir("a"), 100, &buf, &err), OT_OK);
	CHECK_STR(ot_buf_str(&buf), "second");
	CHECK_INT(ot_file_read(in_dir("a"), 100, &buf, &err), OT_OK);
	CHECK_STR(ot_buf_str(&buf), "secondsecond");
	CHECK(stat(in_dir("a"), &st) == 0 && (st.st_mode & 0777) == 0640);
	ot_buf_release(&buf);
}

static void a_publication_that_fails_leaves_nothing(void)
{
	struct ot_err err;

	CHECK_INT(ot_file_publish(in_dir("none/a"), "x", 1, 0600, &err), OT_NOT_FOUND);
	CHECK_INT(ot_dir_make(in_dir("p/taken/full"), 0700, &err), OT_OK);
	CHECK_INT(ot_file_publish(in_dir("p/taken"), "x", 1, 0600, &err), OT_IO);
	CHECK(rmdir(in_dir("p/taken/full")) == 0 && rmdir(in_dir("p/taken")) == 0);
	CHECK(rmdir(in_dir("p")) == 0); /* so nothing else was in it */
}

static void limits_are_exact(void)
{
	static const struct {
		size_t max, ceiling;
		enum ot_status status;
	} cases[] = {
		{ 10, 0, OT_OK }, { 9, 0, OT_LIMIT }, { 0, 0, OT_LIMIT }, { SIZE_MAX, 0, OT_OK }, { 100, 10, OT_OK },
		{ 100, 9, OT_LIMIT },
	};
	struct ot_err err;

	CHECK_INT(ot_file_publish(in_dir("ten"), "0123456789", 10, 0600, &err), OT_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ot_buf buf;

		ot_buf_init(&buf, cases[i].ceiling);
		CHECK_INT(ot_file_read(in_dir("ten"), cases[i].max, &buf, &err), cases[i].status);
		if (cases[i].status == OT_OK)
			CHECK_STR(ot_buf_str(&buf), "0123456789");
		ot_buf_release(&buf);
	}
}

static void large_files_are_read_whole(void)
{
	struct ot_buf bytes = { 0 }, buf = { 0 };
	struct ot_err err;

	ot_buf_printf(&bytes, "%3000000d", 7);
	CHECK_INT(ot_file_publish(in_dir("large"), bytes.data, bytes.len, 0600, &err), OT_OK);
	CHECK_INT(ot_file_read(in_dir("large"), 3000000, &buf, &err), OT_OK);
	CHECK(ot_str_eq(ot_buf_str(&buf), ot_buf_str(&bytes)));
	CHECK_INT(ot_file_read(in_dir("large"), 2999999, &buf, &err), OT_LIMIT);
	ot_buf_release(&bytes);
	ot_buf_release(&buf);
}

static void files_of_unknown_size_are_read(void)
{
	struct ot_buf buf = { 0 };
	struct ot_err err;

	CHECK_INT(ot_file_read("/proc/self/status", 1 << 20, &buf, &err), OT_OK);
	CHECK(buf.len > 0);
	CHECK_INT(ot_file_read(in_dir("not-there"), 10, &buf, &err), OT_NOT_FOUND);
	CHECK_INT(ot_file_read(dir, 10, &buf, &err), OT_IO);
	ot_buf_release(&buf);
}

static void a_short_file_is_corrupt(void)
{
	char bytes[8] = "";
	struct ot_err err;
	int fd;

	CHECK_INT(ot_file_publish(in_dir("short"), "abcdef", 6, 0600, &err), OT_OK);
	fd = open(in_dir("short"), O_RDONLY | O_CLOEXEC);
	CHECK_INT(ot_file_pread(fd, bytes, 3, 2, "short", &err), OT_OK);
	CHECK(memcmp(bytes, "cde", 3) == 0);
	CHECK_INT(ot_file_pread(fd, bytes, 3, 4, "short", &err), OT_CORRUPT);
	CHECK_INT(ot_file_pread(fd, bytes, 1, UINT64_MAX, "short", &err), OT_CORRUPT);
	CHECK_INT(ot_file_pread(-1, bytes, 1, 0, "short", &err), OT_IO);
	close(fd);
}

static void a_full_disk_is_said_to_be_full(void)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct ot_err err;

	CHECK(fd >= 0);
	CHECK_INT(ot_file_write_all(fd, "x", 1, "f", &err), OT_FULL);
	close(fd);
}

static void folders_are_made_with_their_parents(void)
{
	struct ot_err err;
	struct stat st;

	CHECK_INT(ot_dir_make(in_dir("x//y/z/"), 0700, &err), OT_OK);
	CHECK_INT(ot_dir_make(in_dir("x/y"), 0755, &err), OT_OK);
	CHECK(stat(in_dir("x/y"), &st) == 0 && S_ISDIR(st.st_mode) && (st.st_mode & 0777) == 0700);
	CHECK_INT(ot_file_publish(in_dir("x/f"), "", 0, 0600, &err), OT_OK);
	CHECK_INT(ot_dir_make(in_dir("x/f/g"), 0700, &err), OT_IO);
	CHECK_INT(ot_dir_make("/", 0700, &err), OT_OK);
	CHECK_INT(ot_dir_sync(in_dir("x"), &err), OT_OK);
	CHECK_INT(ot_dir_sync(in_dir("none"), &err), OT_NOT_FOUND);
}

static void removal_stops_at_links(void)
{
	struct ot_err err;

	CHECK_INT(ot_dir_make(in_dir("kept"), 0700, &err), OT_OK);
	CHECK_INT(ot_file_publish(in_dir("kept/f"), "x", 1, 0600, &err), OT_OK);
	CHECK_INT(ot_dir_make(in_dir("gone/deep/deeper"), 0700, &err), OT_OK);
	CHECK_INT(ot_file_publish(in_dir("gone/deep/f"), "x", 1, 0600, &err), OT_OK);
	CHECK(symlink(in_dir("kept"), in_dir("gone/link")) == 0);
	CHECK_INT(ot_dir_remove(in_dir("gone"), &err), OT_OK);
	CHECK(access(in_dir("gone"), F_OK) != 0 && errno == ENOENT);
	CHECK(access(in_dir("kept/f"), F_OK) == 0);
	CHECK_INT(ot_dir_remove(in_dir("gone"), &err), OT_NOT_FOUND);
}

static const char *fail_operation;

static int fail_one(const char *operation, const char *path)
{
	(void)path;
	return strcmp(operation, fail_operation) == 0 ? ENOSPC : 0;
}

static void a_hook_makes_each_step_fail_and_nothing_is_left(void)
{
	static const char *const steps[] = { "create", "write", "sync", "rename" };
	struct ot_err err;

	CHECK_INT(ot_dir_make(in_dir("hooked"), 0700, &err), OT_OK);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		fail_operation = steps[i];
		ot_file_hook = fail_one;
		CHECK_INT(ot_file_publish(in_dir("hooked/f"), "x", 1, 0600, &err), OT_FULL);
		ot_file_hook = NULL;
		CHECK(access(in_dir("hooked/f"), F_OK) != 0);
	}
	CHECK_INT(ot_file_remove(in_dir("hooked/f"), &err), OT_OK);
	CHECK(rmdir(in_dir("hooked")) == 0); /* so no temporary was left */
}

int main(void)
{
	struct ot_err err;

	if (mkdtemp(dir) == NULL)
		return 1;
	RUN(published_files_are_read_back);
	RUN(a_publication_that_fails_leaves_nothing);
	RUN(limits_are_exact);
	RUN(large_files_are_read_whole);
	RUN(files_of_unknown_size_are_read);
	RUN(a_short_file_is_corrupt);
	RUN(a_full_disk_is_said_to_be_full);
	RUN(folders_are_made_with_their_parents);
	RUN(removal_stops_at_links);
	RUN(a_hook_makes_each_step_fail_and_nothing_is_left);
	if (ot_dir_remove(dir, &err) != OT_OK)
		return 1;
	return test_end();
}
