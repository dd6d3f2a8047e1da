#include "place.h"

#include <pthread.h>
#include <sqlite3.h>
#include <sys/stat.h>

static struct ot_store *store;

static void fresh(void)
{
	if (file_exists(in_place("s")))
		CHECK_INT(ot_dir_remove(in_place("s"), &err), OT_OK);
	store = open_store(OT_STORE_WRITE);
}

static void done(void)
{
	ot_store_close(store);
	store = NULL;
}

/* As if what was removed so far had been removed so many seconds earlier. */
static void age_removals(int seconds)
{
	char sql[512];
	sqlite3 *db = NULL;

	CHECK_INT(sqlite3_open(in_place("s/catalog.sqlite"), &db), SQLITE_OK);
	snprintf(sql, sizeof(sql),
	    "UPDATE segment SET removed_time = removed_time - %d000000000 WHERE removed IS NOT NULL;"
	    "UPDATE link SET removed_time = removed_time - %d000000000 WHERE removed IS NOT NULL;"
	    "UPDATE quarantine SET removed_time = removed_time - %d000000000 WHERE removed IS NOT NULL",
	    seconds, seconds, seconds);
	CHECK_INT(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void a_segment_comes_back_as_it_was_listed(void)
{
	struct ot_segment_info info = { .day = 20526, .rows = 7, .bytes = 10, .raw_bytes = 700, .time_min = -3, .time_max = OT_TIME_MAX, .checksum = UINT64_MAX };
	struct ot_snapshot snapshot;
	int64_t id = 0;

	fresh();
	place_file(store, info.day, ".seg", info.name);
	struct ot_commit *commit = begin(store);
	CHECK_INT(ot_commit_segment(commit, &info, &id, &err), OT_OK);
	int64_t number = finish(commit);
	done();
	store = open_store(OT_STORE_READ);
	CHECK_INT(ot_snapshot_open(&snapshot, store, 0, &err), OT_OK);
	CHECK_INT(snapshot.id, number);
	CHECK_INT(snapshot.segment_count, 1);
	const struct ot_segment_ref *ref = &snapshot.segments[0];
	CHECK(ref->id == id && strcmp(ref->info.name, info.name) == 0 && ref->info.day == info.day && ref->info.rows == 7);
	CHECK(ref->info.raw_bytes == 700 && ref->info.time_min == -3 && ref->info.time_max == OT_TIME_MAX && ref->info.checksum == UINT64_MAX);
	CHECK(file_exists(ref->path) && ref->link_path == NULL);
	ot_snapshot_release(&snapshot);
	done();
}

static void segments_come_by_day_and_name_undated_first(void)
{
	struct ot_snapshot snapshot;

	fresh();
	struct ot_commit *commit = begin(store);
	add_fake_segment(commit, store, 5, 1);
	add_fake_segment(commit, store, 4, 2);
	add_fake_segment(commit, store, OT_DAY_UNDATED, 3);
	add_fake_segment(commit, store, 5, 4);
	finish(commit);
	CHECK_INT(ot_snapshot_open(&snapshot, store, 0, &err), OT_OK);
	CHECK_INT(snapshot.segment_count, 4);
	CHECK(snapshot.segments[0].info.day == OT_DAY_UNDATED && snapshot.segments[0].info.rows == 3);
	CHECK(snapshot.segments[1].info.rows == 2 && snapshot.segments[2].info.rows == 1 && snapshot.segments[3].info.rows == 4);
	ot_snapshot_release(&snapshot);
	done();
}

static void an_aborted_commit_leaves_nothing(void)
{
	fresh();
	finish(begin(store));
	struct ot_commit *commit = begin(store);
	add_fake_segment(commit, store, 1, 5);
	ot_commit_abort(commit);
	CHECK_INT(snapshot_rows(store, 0), 0);
	CHECK_INT(finish(begin(store)), 2);
	done();
}

static void a_commit_with_a_failed_step_cannot_be_finished(void)
{
	struct ot_segment_info missing = { .name = "none.seg", .day = 1, .rows = 1, .bytes = 10 };

	fresh();
	struct ot_commit *commit = begin(store);
	add_fake_segment(commit, store, 1, 5);
	CHECK_INT(ot_commit_segment(commit, &missing, NULL, &err), OT_NOT_FOUND);
	CHECK_INT(ot_commit_finish(commit, NULL, &err), OT_IO);
	CHECK_INT(snapshot_rows(store, 0), 0);
	done();
}

static void what_is_not_in_place_is_not_listed(void)
{
	struct ot_segment_info info = { .day = 1, .rows = 1, .bytes = 11 };

	fresh();
	place_file(store, 1, ".seg", info.name);
	struct ot_commit *commit = begin(store);
	CHECK_INT(ot_commit_segment(commit, &info, NULL, &err), OT_CORRUPT);
	CHECK_INT(ot_commit_quarantine(commit, "none.qtn", 1, &err), OT_NOT_FOUND);
	ot_commit_abort(commit);
	commit = begin(store);
	int64_t id = add_fake_segment(commit, store, 1, 1);
	CHECK_INT(ot_commit_link(commit, id, "none.lnk", &err), OT_NOT_FOUND);
	ot_commit_abort(commit);
	done();
}

static void there_is_one_commit_at_a_time_and_none_for_readers(void)
{
	struct ot_commit *second;

	fresh();
	struct ot_commit *commit = begin(store);
	CHECK_INT(ot_commit_begin(&second, store, &err), OT_BUSY);
	CHECK(second == NULL);
	add_fake_segment(commit, store, 1, 5);
	finish(commit);
	CHECK_INT(snapshot_rows(store, 0), 5);
	done();
	store = open_store(OT_STORE_READ);
	CHECK_INT(ot_commit_begin(&second, store, &err), OT_IO);
	done();
}

static void a_snapshot_does_not_see_the_open_commit(void)
{
	fresh();
	struct ot_commit *commit = begin(store);
	int64_t first = add_fake_segment(commit, store, 1, 5);
	finish(commit);
	commit = begin(store);
	add_fake_segment(commit, store, 1, 7);
	CHECK_INT(ot_commit_remove_segment(commit, first, &err), OT_OK);
	CHECK_INT(snapshot_rows(store, 0), 5);
	finish(commit);
	CHECK_INT(snapshot_rows(store, 0), 7);
	done();
}

static void a_reader_keeps_its_snapshot_beside_a_writer(void)
{
	struct ot_snapshot snapshot;

	fresh();
	struct ot_commit *commit = begin(store);
	int64_t first = add_fake_segment(commit, store, 1, 5);
	finish(commit);
	struct ot_store *reader = open_store(OT_STORE_READ);
	CHECK_INT(ot_snapshot_open(&snapshot, reader, 0, &err), OT_OK);
	commit = begin(store);
	add_fake_segment(commit, store, 1, 6);
	CHECK_INT(snapshot_rows(reader, 0), 5);
	CHECK_INT(ot_commit_remove_segment(commit, first, &err), OT_OK);
	finish(commit);
	CHECK_INT(ot_store_sweep(store, &err), OT_OK);
	CHECK(file_exists(snapshot.segments[0].path));
	CHECK_INT(snapshot_rows(reader, 0), 6);
	CHECK_INT(snapshot_rows(reader, snapshot.id), 5);
	ot_snapshot_release(&snapshot);
	ot_store_close(reader);
	done();
}

static void links_belong_to_snapshots(void)
{
	char first[64], second[64];
	struct ot_snapshot s;

	fresh();
	struct ot_commit *commit = begin(store);
	int64_t id = add_fake_segment(commit, store, 1, 5);
	int64_t bare = finish(commit);
	place_file(store, 1, ".lnk", first);
	place_file(store, 1, ".lnk", second);
	commit = begin(store);
	CHECK_INT(ot_commit_link(commit, id, first, &err), OT_OK);
	int64_t with_first = finish(commit);
	commit = begin(store);
	CHECK_INT(ot_commit_link(commit, id, second, &err), OT_OK);
	int64_t with_second = finish(commit);
	commit = begin(store);
	CHECK_INT(ot_commit_link(commit, id, NULL, &err), OT_OK);
	finish(commit);
	const struct { int64_t at; const char *name; } cases[] = { { bare, NULL }, { with_first, first }, { with_second, second }, { 0, NULL } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_INT(ot_snapshot_open(&s, store, cases[i].at, &err), OT_OK);
		CHECK_INT(s.segment_count, 1);
		const char *path = s.segments[0].link_path;
		CHECK((path == NULL) == (cases[i].name == NULL));
		CHECK(path == NULL || (strstr(path, cases[i].name) != NULL && file_exists(path)));
		ot_snapshot_release(&s);
	}
	commit = begin(store);
	CHECK_INT(ot_commit_remove_segment(commit, id, &err), OT_OK);
	finish(commit);
	commit = begin(store);
	CHECK_INT(ot_commit_link(commit, id, first, &err), OT_NOT_FOUND);
	CHECK_INT(ot_commit_remove_segment(commit, id, &err), OT_NOT_FOUND);
	ot_commit_abort(commit);
	done();
}

/* --- minutes --- */

static struct ot_source a_source(struct ot_commit *commit, const char *key)
{
	struct ot_source s = { .key = ot_str_from(key), .path = OT_STR("/log"), .origin = OT_STR("o"), .format = OT_STR("f"), .cut_at = -1 };

	CHECK_INT(ot_commit_source(commit, &s, NULL, 0, &err), OT_OK);
	return s;
}

struct told {
	size_t calls;
	uint64_t records, unread;
	struct ot_minutes last;
};

static enum ot_status tell(void *context, int64_t source_id, int64_t day, const struct ot_minutes *minutes, struct ot_err *e)
{
	struct told *t = context;

	(void)source_id, (void)day, (void)e;
	t->calls++;
	for (int m = 0; m < OT_MINUTES_PER_DAY; m++) {
		t->records += minutes->records[m];
		t->unread += minutes->unread[m];
	}
	t->last = *minutes;
	return OT_OK;
}

static struct told minutes_of(int64_t at, int64_t from, int64_t to)
{
	struct ot_snapshot snapshot;
	struct told t = { 0 };

	CHECK_INT(ot_snapshot_open(&snapshot, store, at, &err), OT_OK);
	CHECK_INT(ot_store_minutes(store, &snapshot, from, to, tell, &t, &err), OT_OK);
	ot_snapshot_release(&snapshot);
	return t;
}

static void minute_counts_add_up_as_of_a_snapshot(void)
{
	struct ot_minutes m = { { 0 }, { 0 } };

	fresh();
	struct ot_commit *commit = begin(store);
	struct ot_source a = a_source(commit, "aaaaaaaaaa"), b = a_source(commit, "bbbbbbbbbb");
	m.records[0] = 3;
	m.unread[1439] = 1;
	CHECK_INT(ot_commit_minutes(commit, a.id, 10, &m, &err), OT_OK);
	CHECK_INT(ot_commit_minutes(commit, a.id, 10, &m, &err), OT_OK);
	CHECK_INT(ot_commit_minutes(commit, b.id, 11, &m, &err), OT_OK);
	int64_t first = finish(commit);
	commit = begin(store);
	memset(&m, 0, sizeof(m));
	m.records[0] = UINT32_MAX;
	m.records[720] = 5;
	CHECK_INT(ot_commit_minutes(commit, a.id, 10, &m, &err), OT_OK);
	finish(commit);
	struct told t = minutes_of(first, INT64_MIN, INT64_MAX);
	CHECK(t.calls == 2 && t.records == 9 && t.unread == 3);
	t = minutes_of(0, 10, 10);
	CHECK(t.calls == 1 && t.last.records[0] == UINT32_MAX && t.last.records[720] == 5 && t.last.unread[1439] == 2);
	CHECK_INT(minutes_of(0, 12, 99).calls, 0);
	commit = begin(store);
	memset(&m, 0, sizeof(m));
	m.unread[1439] = (uint32_t)-1; /* came out of quarantine */
	m.records[1439] = 1;
	CHECK_INT(ot_commit_minutes(commit, a.id, 10, &m, &err), OT_OK);
	finish(commit);
	t = minutes_of(0, 10, 10);
	CHECK(t.last.unread[1439] == 1 && t.last.records[1439] == 1);
	done();
}

static void a_callback_stops_the_counts(void)
{
	struct ot_minutes m = { { 1 }, { 0 } };
	struct ot_snapshot snapshot;

	fresh();
	struct ot_commit *commit = begin(store);
	struct ot_source a = a_source(commit, "aaaaaaaaaa");
	CHECK_INT(ot_commit_minutes(commit, a.id, 1, &m, &err), OT_OK);
	CHECK_INT(ot_commit_minutes(commit, a.id, OT_DAY_UNDATED, &m, &err), OT_OK);
	finish(commit);
	CHECK_INT(minutes_of(0, OT_DAY_UNDATED, 1).calls, 2);
	CHECK_INT(ot_snapshot_open(&snapshot, store, 0, &err), OT_OK);
	snapshot.id = 99;
	CHECK_INT(ot_store_minutes(store, &snapshot, 0, 1, tell, NULL, &err), OT_NOT_FOUND);
	ot_snapshot_release(&snapshot);
	done();
}

/* --- sweeping --- */

static void replaced_files_go_when_their_time_is_over(void)
{
	struct ot_minutes m = { { 1 }, { 0 } };
	char link[64], quarantine[64];
	struct ot_snapshot old;

	fresh();
	struct ot_commit *commit = begin(store);
	struct ot_source a = a_source(commit, "aaaaaaaaaa");
	int64_t id = add_fake_segment(commit, store, 1, 5);
	place_file(store, 1, ".lnk", link);
	CHECK_INT(ot_commit_link(commit, id, link, &err), OT_OK);
	CHECK_INT(ot_commit_minutes(commit, a.id, 1, &m, &err), OT_OK);
	CHECK_INT(ot_quarantine_write(store, &(struct ot_quarantined){ .text = OT_STR("x") }, 1, quarantine, &err), OT_OK);
	CHECK_INT(ot_commit_quarantine(commit, quarantine, 1, &err), OT_OK);
	int64_t first = finish(commit);
	CHECK_INT(ot_snapshot_open(&old, store, first, &err), OT_OK);
	commit = begin(store);
	add_fake_segment(commit, store, 1, 6);
	CHECK_INT(ot_commit_remove_segment(commit, id, &err), OT_OK);
	CHECK_INT(ot_commit_minutes(commit, a.id, 1, &m, &err), OT_OK);
	CHECK_INT(ot_commit_quarantine_remove(commit, quarantine, &err), OT_OK);
	int64_t second = finish(commit);

	age_removals(OT_KEEP_REMOVED_S - 60);
	CHECK_INT(ot_store_sweep(store, &err), OT_OK);
	CHECK(file_exists(old.segments[0].path) && file_exists(old.segments[0].link_path));
	CHECK_INT(snapshot_rows(store, first), 5);
	CHECK_INT(minutes_of(first, 1, 1).records, 1);

	age_removals(120);
	CHECK_INT(ot_store_sweep(store, &err), OT_OK);
	CHECK(!file_exists(old.segments[0].path) && !file_exists(old.segments[0].link_path));
	struct ot_arena arena = { 0 };
	CHECK(!file_exists(ot_arena_cstr(&arena, ot_arena_printf(&arena, "%s/s/quarantine/%s", place, quarantine))));
	ot_arena_release(&arena);
	CHECK_INT(snapshot_rows(store, second), 6);
	CHECK_INT(minutes_of(0, 1, 1).records, 2);
	struct ot_snapshot gone;
	CHECK_INT(ot_snapshot_open(&gone, store, first, &err), OT_NOT_FOUND);
	CHECK(strstr(err.text, "snapshot 1 is gone") != NULL);
	CHECK_INT(ot_store_minutes(store, &old, 1, 1, tell, NULL, &err), OT_NOT_FOUND);
	ot_snapshot_release(&old);
	CHECK_INT(finish(begin(store)), second + 1);
	done();
}

static void put_file(const char *name)
{
	CHECK_INT(ot_file_publish(in_place(name), "x", 1, 0600, &err), OT_OK);
}

static void only_unlisted_files_of_ours_are_swept(void)
{
	static const char *const swept[] = { "s/segments/1970-01-02/a.seg", "s/segments/1970-01-02/a.seg.tmp", "s/segments/1970-01-02/b.lnk",
		"s/segments/1970-01-02/b.lnk.tmp", "s/segments/undated/c.seg", "s/quarantine/d.qtn", "s/quarantine/d.qtn.XYZ123.tmp", "s/secret.key.abcdef.tmp" };
	static const char *const kept[] = { "s/notes.tmp", "s/a.seg", "s/segments/a.seg", "s/segments/1970-01-02/README", "s/segments/1970-01-02/x.tmp",
		"s/segments/1970-01-02/a.seg.gz", "s/segments/mine/a.seg", "s/segments/1970-01-022/a.seg", "s/quarantine/a.seg", "s/secret.key" };
	struct ot_snapshot snapshot;
	char link[64];

	fresh();
	struct ot_commit *commit = begin(store);
	int64_t id = add_fake_segment(commit, store, 1, 5);
	place_file(store, 1, ".lnk", link);
	CHECK_INT(ot_commit_link(commit, id, link, &err), OT_OK);
	finish(commit);
	CHECK_INT(ot_dir_make(in_place("s/segments/undated"), 0700, &err), OT_OK);
	CHECK_INT(ot_dir_make(in_place("s/segments/mine"), 0700, &err), OT_OK);
	CHECK_INT(ot_dir_make(in_place("s/segments/1970-01-022"), 0700, &err), OT_OK);
	CHECK_INT(ot_dir_make(in_place("s/segments/1970-01-02/folder.seg"), 0700, &err), OT_OK);
	CHECK(symlink("/nowhere", in_place("s/segments/1970-01-02/link.seg")) == 0);
	for (size_t i = 0; i < sizeof(swept) / sizeof(swept[0]); i++)
		put_file(swept[i]);
	for (size_t i = 0; i + 1 < sizeof(kept) / sizeof(kept[0]); i++)
		put_file(kept[i]);
	CHECK_INT(ot_store_sweep(store, &err), OT_OK);
	for (size_t i = 0; i < sizeof(swept) / sizeof(swept[0]); i++)
		CHECK(!file_exists(in_place(swept[i])));
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		CHECK(file_exists(in_place(kept[i])));
	struct stat st;
	CHECK(lstat(in_place("s/segments/1970-01-02/link.seg"), &st) == 0 && file_exists(in_place("s/segments/1970-01-02/folder.seg")));
	CHECK_INT(ot_snapshot_open(&snapshot, store, 0, &err), OT_OK);
	CHECK(file_exists(snapshot.segments[0].path) && file_exists(snapshot.segments[0].link_path));
	ot_snapshot_release(&snapshot);
	done();
}

/* --- threads --- */

static void *commit_some(void *argument)
{
	struct ot_store *shared = argument;
	struct ot_err own;

	for (int i = 0; i < 20; i++) {
		struct ot_segment_info info = { .day = 1, .rows = 1, .bytes = 10 };
		struct ot_snapshot snapshot;
		struct ot_commit *commit;

		place_file(shared, 1, ".seg", info.name);
		if (ot_commit_begin(&commit, shared, &own) != OT_OK || ot_commit_segment(commit, &info, NULL, &own) != OT_OK ||
		    ot_commit_finish(commit, NULL, &own) != OT_OK || ot_snapshot_open(&snapshot, shared, 0, &own) != OT_OK)
			return "failed";
		ot_snapshot_release(&snapshot);
	}
	return NULL;
}

static void threads_share_a_handle(void)
{
	pthread_t threads[4];
	void *result;

	fresh();
	for (int i = 0; i < 4; i++)
		CHECK(pthread_create(&threads[i], NULL, commit_some, store) == 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &result);
		CHECK(result == NULL);
	}
	CHECK_INT(snapshot_rows(store, 0), 80);
	done();
}

int main(void)
{
	make_place();
	RUN(a_segment_comes_back_as_it_was_listed);
	RUN(segments_come_by_day_and_name_undated_first);
	RUN(an_aborted_commit_leaves_nothing);
	RUN(a_commit_with_a_failed_step_cannot_be_finished);
	RUN(what_is_not_in_place_is_not_listed);
	RUN(there_is_one_commit_at_a_time_and_none_for_readers);
	RUN(a_snapshot_does_not_see_the_open_commit);
	RUN(a_reader_keeps_its_snapshot_beside_a_writer);
	RUN(links_belong_to_snapshots);
	RUN(minute_counts_add_up_as_of_a_snapshot);
	RUN(a_callback_stops_the_counts);
	RUN(replaced_files_go_when_their_time_is_over);
	RUN(only_unlisted_files_of_ours_are_swept);
	RUN(threads_share_a_handle);
	remove_place();
	return test_end();
}
