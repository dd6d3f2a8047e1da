/*
 * A writer is stopped at each operation that changes a file in turn, or refused by the system at many of them: those of the store (base/file.h
 * tells of them) and, less closely, those of SQLite. Then the store is opened again: every acknowledged commit is there once, nothing else is, nothing is left over, all is whole.
 */
#include <tests/unit/store/rows.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { COMMITS = 5, ROWS = 5, TRIES = 3, STOPPED = 42 };

enum fault { NONE, KILL, EIO_ONCE, ENOSPC_ONCE, ENOSPC_FROM_THEN_ON, ENOSPC_THEN_KILL };

/* Seen by parent and child. */
struct shared {
	int operations; /* so far */
	int acked;	/* commits that the child was told are durable */
	bool opened;	/* the child had the store open */
};
static struct shared *shared;

static enum fault fault;
static int fault_at; /* operation, from 1 */

/* --- the operations --- */

struct operation {
	char name[12], path[240];
};
static bool tracing;
static struct operation *trace; /* of one run without a fault; the first entry stands for none, so that places are operations' numbers */
static size_t trace_count;

static void note(const char *name, const char *path)
{
	trace = ot_realloc(trace, (trace_count + 1) * sizeof(*trace));
	snprintf(trace[trace_count].name, sizeof(trace[trace_count].name), "%s", name);
	snprintf(trace[trace_count].path, sizeof(trace[trace_count].path), "%s", path);
	trace_count++;
}

static bool due(void)
{
	int now = ++shared->operations;

	return fault != NONE && (now == fault_at || (now > fault_at && (fault == ENOSPC_FROM_THEN_ON || fault == ENOSPC_THEN_KILL)));
}

static int on_operation(const char *name, const char *path)
{
	if (tracing)
		note(name, path);
	if (!due())
		return 0;
	if (fault == KILL || (fault == ENOSPC_THEN_KILL && shared->operations > fault_at && strcmp(name, "remove") != 0))
		_exit(STOPPED);
	/* A full disk refuses what needs room, and nothing can fail once it is committed. */
	if (strcmp(name, "committed") == 0 || (fault != EIO_ONCE && (strcmp(name, "remove") == 0 || strcmp(name, "commit") == 0)))
		return 0;
	return fault == EIO_ONCE ? EIO : ENOSPC;
}

static const char *path_of(int fd, char path[240])
{
	char link[64];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, 239);
	path[len < 0 ? 0 : len] = '\0';
	return path;
}

static bool refused(const char *name, int fd)
{
	char path[240];
	int number;

	if (ot_file_hook == NULL)
		return false;
	number = on_operation(name, path_of(fd, path));
	if (number != 0)
		errno = number;
	return number != 0;
}

/* These stand before the C library's own, for SQLite too. */
ssize_t pwrite(int fd, const void *bytes, size_t len, off_t offset);
ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t offset);

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t offset)
{
	/* Stopped in the middle of a write: half of it is there. */
	if (ot_file_hook != NULL && fault == KILL && shared->operations + 1 == fault_at)
		syscall(SYS_pwrite64, fd, bytes, len / 2, offset);
	if (refused("pwrite", fd))
		return -1;
	return syscall(SYS_pwrite64, fd, bytes, len, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
	return pwrite64(fd, bytes, len, offset);
}

int fsync(int fd)
{
	return refused("fsync", fd) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return refused("fsync", fd) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

/* --- what the writer does --- */

struct writer {
	struct ot_store *store;
	struct ot_source source;
	int64_t last_segment; /* of the newest commit */
};

static enum ot_status list_links(struct writer *w, struct ot_commit *commit, int64_t segment, struct ot_err *e)
{
	static const struct ot_str origins[] = { { "kong", 4 } };
	const struct ot_call call = { OT_STR("aaaaaaaaaa-0"), 2, origins, 1 };
	struct ot_links links = { .rows = ROWS, .call_of_row = (const uint32_t[ROWS]){ 1 }, .evidence = (const uint8_t[ROWS]){ 1 },
		.leader = (const uint8_t[ROWS]){ 1 }, .calls = &call, .call_count = 1 };
	struct ot_buf path = { 0 }, aside = { 0 };
	char name[64];
	enum ot_status status = ot_store_segment_dir(w->store, TEST_DAY, &path, e);

	ot_store_new_name(w->store, ".lnk", name);
	ot_buf_printf(&path, "/%s%c", name, '\0');
	ot_buf_printf(&aside, "%s.tmp%c", path.data, '\0');
	if (status == OT_OK)
		status = ot_links_write(aside.data, &links, e);
	if (status == OT_OK)
		status = ot_file_rename(aside.data, path.data, e);
	if (status == OT_OK)
		status = ot_commit_link(commit, segment, name, e);
	ot_buf_release(&path);
	ot_buf_release(&aside);
	return status;
}

static enum ot_status list_all(struct writer *w, struct ot_commit *commit, const struct ot_segment_info *info, struct ot_source *source, struct ot_err *e)
{
	struct ot_minutes minutes = { { ROWS }, { 1 } };
	char quarantine[64];
	int64_t segment = 0;
	enum ot_status status = ot_commit_segment(commit, info, &segment, e);

	if (status == OT_OK)
		status = ot_commit_source(commit, source, &(struct ot_anchor){ source->position, 1 }, 1, e);
	if (status == OT_OK)
		status = ot_commit_minutes(commit, source->id, TEST_DAY, &minutes, e);
	if (status == OT_OK)
		status = ot_quarantine_write(w->store, &(struct ot_quarantined){ .text = OT_STR("unread") }, 1, quarantine, e);
	if (status == OT_OK)
		status = ot_commit_quarantine(commit, quarantine, 1, e);
	return status == OT_OK ? list_links(w, commit, segment, e) : status;
}

/* The next rows of the source. On failure the writer is as before, and may try again. */
static enum ot_status commit_next(struct writer *w)
{
	struct ot_source source = w->source;
	struct ot_segment_info info;
	struct ot_commit *commit;
	struct ot_err e;
	enum ot_status status = write_rows(w->store, TEST_DAY, (int64_t)source.position, ROWS, &info, &e);

	if (status == OT_OK)
		status = ot_commit_begin(&commit, w->store, &e);
	if (status != OT_OK)
		return status;
	source.position += ROWS;
	source.records += ROWS;
	status = list_all(w, commit, &info, &source, &e);
	if (status != OT_OK) {
		ot_commit_abort(commit);
		return status;
	}
	status = ot_commit_finish(commit, NULL, &e);
	if (status == OT_OK)
		w->source = source;
	return status;
}

static enum ot_status writer_open(struct writer *w, struct ot_err *e)
{
	struct ot_snapshot snapshot;
	enum ot_status status;

	*w = (struct writer){ .source = { .key = ot_str_from(test_key), .path = OT_STR("/log"), .origin = OT_STR("o"), .format = OT_STR("f"),
		.cut_at = -1 } };
	status = ot_store_open(&w->store, in_place("s"), OT_STORE_WRITE, e);
	if (status == OT_OK)
		status = ot_store_sweep(w->store, e);
	if (status == OT_OK)
		status = ot_snapshot_open(&snapshot, w->store, 0, e);
	if (status != OT_OK)
		return status;
	if (snapshot.source_count > 0) {
		w->source.id = snapshot.sources[0].id;
		w->source.position = snapshot.sources[0].position;
		w->source.records = snapshot.sources[0].records;
	}
	ot_snapshot_release(&snapshot);
	return OT_OK;
}

static void script(void)
{
	struct writer w;
	struct ot_err e;
	enum ot_status status = writer_open(&w, &e);

	shared->opened = status == OT_OK;
	for (int i = 0; i < COMMITS && status == OT_OK; i++) {
		int tries = 0;

		do
			status = commit_next(&w);
		while (status != OT_OK && ++tries < TRIES);
		if (status == OT_OK)
			shared->acked = i + 1;
		/* Of its failure nothing may come. */
		if (status == OT_OK && (i == 2 || i == COMMITS - 1))
			ot_store_compact(w.store, true, NULL, &e);
	}
	ot_store_close(w.store);
}

/* --- what must hold then --- */

static bool failed;

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	failed = true;
	fprintf(stderr, "fault %d at operation %d, %d acknowledged: not so: %s\n", fault, fault_at, shared->acked, what);
}

static enum ot_status count_entry(void *context, const struct ot_quarantined *entry, const char *file, struct ot_err *e)
{
	(void)entry, (void)file, (void)e;
	++*(size_t *)context;
	return OT_OK;
}

static enum ot_status count_minutes(void *context, int64_t source_id, int64_t day, const struct ot_minutes *minutes, struct ot_err *e)
{
	(void)source_id, (void)day, (void)e;
	*(size_t *)context += minutes->records[0];
	return OT_OK;
}

static void check_content(struct ot_store *store, size_t rows)
{
	struct ot_snapshot snapshot;
	size_t others, wrong = 0, lines = 0, counted = 0;

	must(ot_snapshot_open(&snapshot, store, 0, &err) == OT_OK, "the store gives a snapshot");
	uint8_t *seen = count_rows(&snapshot, rows, &others);
	for (size_t i = 0; i < rows; i++)
		wrong += seen[i] != 1;
	must(wrong == 0, "every row that is committed is there once");
	must(others == 0, "no other row is there");
	must(ot_quarantine_read(store, &snapshot, count_entry, &lines, &err) == OT_OK && lines == rows / ROWS, "quarantine has its lines");
	must(ot_store_minutes(store, &snapshot, INT64_MIN, INT64_MAX, count_minutes, &counted, &err) == OT_OK && counted == rows, "minutes add up");
	free(seen);
	ot_snapshot_release(&snapshot);
}

static void check_whole(void)
{
	struct ot_verify_result result = { .faults = 1 };
	struct ot_store *store = NULL;

	must(ot_store_open(&store, in_place("s"), OT_STORE_READ, &err) == OT_OK, "it opens for reading");
	if (store == NULL)
		return;
	must(ot_store_verify(store, print_fault, NULL, &result, &err) == OT_OK && result.faults == 0, "verify finds no fault");
	must(result.unlisted == 0, "no file is left over");
	ot_store_close(store);
}

/* The store as the child left it. */
static void check(void)
{
	size_t acked = (size_t)shared->acked * ROWS;
	struct writer w;

	if (writer_open(&w, &err) != OT_OK) {
		fprintf(stderr, "%s\n", err.text);
		must(false, "the store opens again");
		return;
	}
	must(w.source.position >= acked, "what was acknowledged is there");
	must(w.source.position <= acked + ROWS && w.source.position % ROWS == 0, "commits are there whole");
	check_content(w.store, w.source.position);
	ot_store_close(w.store);
	check_whole();
	must(writer_open(&w, &err) == OT_OK && commit_next(&w) == OT_OK, "it goes on");
	check_content(w.store, w.source.position);
	ot_store_close(w.store);
}

/* --- running --- */

static void run_child(enum fault kind, int at)
{
	int wait_status = 0;
	pid_t child;

	if (file_exists(in_place("s")))
		ot_dir_remove(in_place("s"), &err);
	*shared = (struct shared){ .operations = 0 };
	fault = kind;
	fault_at = at;
	child = fork();
	if (child == 0) {
		ot_file_hook = on_operation;
		script();
		_exit(0);
	}
	waitpid(child, &wait_status, 0);
	must(WIFEXITED(wait_status) && (WEXITSTATUS(wait_status) == 0 || WEXITSTATUS(wait_status) == STOPPED), "the writer ends in order");
}

/* Of SQLite's many writes, all much like each other, a few stand for all: the run that was traced tells which are. */
static bool is_worth_it(enum fault kind, int at, int step)
{
	if (kind == ENOSPC_THEN_KILL)
		return (size_t)at < trace_count && strcmp(trace[at].name, "fsync") == 0;

	bool page = (size_t)at < trace_count && strcmp(trace[at].name, "pwrite") == 0;

	return at % (page ? step * 5 : step) == 0;
}

static void at_operations(enum fault kind, int step)
{
	int last;

	run_child(NONE, 0);
	must(shared->acked == COMMITS, "without a fault all is committed");
	check();
	last = shared->operations;
	failed = false;
	for (int at = 1; at <= last && !failed; at++) {
		if (!is_worth_it(kind, at, step))
			continue;
		run_child(kind, at);
		if ((kind == EIO_ONCE || kind == ENOSPC_ONCE) && shared->opened)
			must(shared->acked == COMMITS, "what failed once is done when tried again");
		check();
	}
	CHECK(!failed);
}

static void killed_anywhere_every_acknowledged_commit_is_there_once(void)
{
	at_operations(KILL, 1);
}

static void an_error_of_the_disk_leaves_the_store_as_it_was(void)
{
	at_operations(EIO_ONCE, 2);
}

static void a_full_disk_leaves_the_store_as_it_was(void)
{
	at_operations(ENOSPC_ONCE, 3);
}

static void a_disk_that_stays_full_leaves_the_store_as_it_was(void)
{
	at_operations(ENOSPC_FROM_THEN_ON, 7);
}

/* What a failed sync of SQLite's log leaves there may come to life when the log is next read: so nothing that it lists may have been removed. */
static void a_commit_that_failed_and_comes_back_is_whole(void)
{
	at_operations(ENOSPC_THEN_KILL, 1);
}

/* --- the order of operations, which a killed process does not show but a power cut would --- */

static bool starts(const char *path, const char *with)
{
	return strncmp(path, with, strlen(with)) == 0;
}

static const char *parent_of(const char *path)
{
	static char parent[240];
	const char *slash = strrchr(path, '/');

	snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path), path);
	return parent;
}

/* The file that becomes `to` was synced after its last write. */
static bool synced_before(size_t rename, const char *to)
{
	for (size_t i = rename; i-- > 0;) {
		if (!starts(trace[i].path, to))
			continue;
		if (strcmp(trace[i].name, "fsync") == 0)
			return true;
		if (strcmp(trace[i].name, "write") == 0)
			return false;
	}
	return false;
}

/* The folder is synced before the next commit. */
static bool synced_after(size_t from, const char *folder)
{
	for (size_t i = from + 1; i < trace_count && strcmp(trace[i].name, "commit") != 0; i++)
		if (strcmp(trace[i].name, "fsync") == 0 && strcmp(trace[i].path, folder) == 0)
			return true;
	return false;
}

static bool log_synced_after(size_t commit)
{
	for (size_t i = commit + 1; i < trace_count && strcmp(trace[i].name, "committed") != 0; i++)
		if (strcmp(trace[i].name, "fsync") == 0 && starts(trace[i].path, in_place("s/catalog.sqlite-wal")))
			return true;
	return false;
}

static void files_are_durable_before_they_are_listed(void)
{
	size_t renames = 0, commits = 0;

	if (file_exists(in_place("s")))
		ot_dir_remove(in_place("s"), &err);
	fault = NONE;
	*shared = (struct shared){ .operations = 0 };
	tracing = true;
	note("start", "");
	ot_file_hook = on_operation;
	script();
	ot_file_hook = NULL;
	for (size_t i = 0; i < trace_count; i++) {
		const struct operation *o = &trace[i];

		if (strcmp(o->name, "rename") == 0) {
			CHECK(synced_before(i, o->path));
			CHECK(synced_after(i, parent_of(o->path)));
			renames++;
		}
		if (strcmp(o->name, "mkdir") == 0)
			CHECK(synced_after(i, parent_of(o->path)));
		if (strcmp(o->name, "commit") == 0) {
			CHECK(log_synced_after(i));
			commits++;
		}
	}
	CHECK(commits >= COMMITS + 2 && renames >= COMMITS * 3 + 4);
	tracing = false;
}

int main(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	make_place();
	RUN(files_are_durable_before_they_are_listed);
	RUN(killed_anywhere_every_acknowledged_commit_is_there_once);
	RUN(an_error_of_the_disk_leaves_the_store_as_it_was);
	RUN(a_full_disk_leaves_the_store_as_it_was);
	RUN(a_disk_that_stays_full_leaves_the_store_as_it_was);
	RUN(a_commit_that_failed_and_comes_back_is_whole);
	remove_place();
	free(trace);
	return test_end();
}
