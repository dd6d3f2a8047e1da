#include <base/err.h>
#include <base/str.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <tests/test.h>
#include <unistd.h>

static void a_message_gets_its_context(void)
{
	struct ot_err err;

	CHECK_INT(ot_err_set(&err, OT_CORRUPT, "block %d: checksum differs", 3), OT_CORRUPT);
	CHECK_INT(ot_err_prefix(&err, "segment %s", "x.seg"), OT_CORRUPT);
	CHECK_STR(ot_str_from(err.text), "segment x.seg: block 3: checksum differs");
	CHECK_INT(err.status, OT_CORRUPT);
}

static void errno_gives_the_status(void)
{
	static const struct {
		int number;
		enum ot_status status;
	} cases[] = { { ENOSPC, OT_FULL }, { EDQUOT, OT_FULL }, { ENOENT, OT_NOT_FOUND }, { EACCES, OT_IO } };
	struct ot_err err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		errno = cases[i].number;
		CHECK_INT(ot_err_errno(&err, "cannot read %s", "f"), cases[i].status);
		CHECK(ot_str_starts(ot_str_from(err.text), OT_STR("cannot read f: ")));
		CHECK(ot_str_ends(ot_str_from(err.text), ot_str_from(strerror(cases[i].number))));
	}
}

static void no_err_is_fine(void)
{
	errno = ENOENT;
	CHECK_INT(ot_err_set(NULL, OT_LIMIT, "x"), OT_LIMIT);
	CHECK_INT(ot_err_errno(NULL, "x"), OT_NOT_FOUND);
	CHECK(ot_err_prefix(NULL, "x") != OT_OK);
}

static void long_messages_are_cut(void)
{
	struct ot_err err;

	ot_err_set(&err, OT_IO, "%5000d", 1);
	CHECK_INT(strlen(err.text), OT_ERR_TEXT_MAX - 1);
	ot_err_prefix(&err, "%s", "in front");
	CHECK(ot_str_starts(ot_str_from(err.text), OT_STR("in front:     ")));
	ot_err_prefix(&err, "%5000d", 1);
	CHECK_INT(strlen(err.text), OT_ERR_TEXT_MAX - 1);
}

static void dying_says_one_line(void)
{
	char text[256] = "";
	int ends[2], status = 0;
	pid_t child;

	CHECK(pipe(ends) == 0);
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		ot_die("out of %s", "luck");
	}
	close(ends[1]);
	CHECK(read(ends[0], text, sizeof(text) - 1) > 0);
	close(ends[0]);
	waitpid(child, &status, 0);
	CHECK_STR(ot_str_from(text), "onetrail: out of luck\n");
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 2);
}

static void memory_of_no_size_can_be_freed(void)
{
	void *a = ot_alloc(0), *b = ot_alloc_zero(0, 8), *c = ot_realloc(NULL, 0);

	CHECK(a != NULL && b != NULL && c != NULL);
	free(a);
	free(b);
	free(c);
}

int main(void)
{
	RUN(a_message_gets_its_context);
	RUN(errno_gives_the_status);
	RUN(no_err_is_fine);
	RUN(long_messages_are_cut);
	RUN(dying_says_one_line);
	RUN(memory_of_no_size_can_be_freed);
	return test_end();
}
