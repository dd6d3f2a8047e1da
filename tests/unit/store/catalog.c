#include "place.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void run_sql(const char *sql)
{
	sqlite3 *db = NULL;

	CHECK_INT(sqlite3_open(in_place("s/catalog.sqlite"), &db), SQLITE_OK);
	CHECK_INT(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void clear(void)
{
	if (file_exists(in_place("s")))
		CHECK_INT(ot_dir_remove(in_place("s"), &err), OT_OK);
}

static void the_place_is_option_then_environment_then_home(void)
{
	struct ot_buf out = { 0 };

	setenv("HOME", "/home/a", 1);
	setenv("XDG_DATA_HOME", "/data", 1);
	setenv("ONETRAIL_STORE", "/from/env", 1);
	CHECK_INT(ot_store_locate("given", &out, &err), OT_OK);
	CHECK_STR(ot_buf_str(&out), "given");
	CHECK(strcmp(out.data, "given") == 0);
	ot_buf_clear(&out);
	CHECK_INT(ot_store_locate(NULL, &out, &err), OT_OK);
	CHECK_STR(ot_buf_str(&out), "/from/env");
	unsetenv("ONETRAIL_STORE");
	ot_buf_clear(&out);
	CHECK_INT(ot_store_locate(NULL, &out, &err), OT_OK);
	CHECK_STR(ot_buf_str(&out), "/data/onetrail");
	setenv("XDG_DATA_HOME", "not/absolute", 1);
	ot_buf_clear(&out);
	CHECK_INT(ot_store_locate(NULL, &out, &err), OT_OK);
	CHECK_STR(ot_buf_str(&out), "/home/a/.local/share/onetrail");
	unsetenv("XDG_DATA_HOME");
	unsetenv("HOME");
	CHECK_INT(ot_store_locate(NULL, &out, &err), OT_NOT_FOUND);
	ot_buf_release(&out);
}

static void reading_makes_no_store(void)
{
	struct ot_store *store;

	clear();
	CHECK_INT(ot_store_open(&store, in_place("s"), OT_STORE_READ, &err), OT_NOT_FOUND);
	CHECK(strstr(err.text, "make one with `onetrail collect PATH...`") != NULL);
	CHECK(store == NULL && !file_exists(in_place("s")));
}

static void a_new_store_is_closed_to_others(void)
{
	struct stat st;

	clear();
	struct ot_store *store = open_store(OT_STORE_WRITE);
	CHECK(stat(in_place("s"), &st) == 0 && (st.st_mode & 0777) == 0700);
	CHECK(stat(in_place("s/secret.key"), &st) == 0 && (st.st_mode & 0777) == 0600 && st.st_size == OT_DIGEST_LEN);
	CHECK(stat(in_place("s/catalog.sqlite"), &st) == 0 && (st.st_mode & 0777) == 0600);
	CHECK(stat(in_place("s/segments"), &st) == 0 && (st.st_mode & 0777) == 0700);
	CHECK_INT(ot_store_key(store).len, OT_DIGEST_LEN);
	ot_store_close(store);
}

static void an_empty_store_has_an_empty_snapshot(void)
{
	struct ot_snapshot snapshot;

	clear();
	ot_store_close(open_store(OT_STORE_WRITE));
	struct ot_store *store = open_store(OT_STORE_READ);
	CHECK_INT(ot_snapshot_open(&snapshot, store, 0, &err), OT_OK);
	CHECK(snapshot.id == 0 && snapshot.segment_count == 0 && snapshot.source_count == 0);
	ot_snapshot_release(&snapshot);
	CHECK_INT(ot_snapshot_open(&snapshot, store, 1, &err), OT_NOT_FOUND);
	ot_store_close(store);
}

static void there_is_one_writer_and_it_is_named(void)
{
	struct ot_store *store, *second;
	char pid[32];

	clear();
	store = open_store(OT_STORE_WRITE);
	CHECK_INT(ot_store_open(&second, in_place("s"), OT_STORE_WRITE, &err), OT_BUSY);
	snprintf(pid, sizeof(pid), "(pid %ld)", (long)getpid());
	CHECK(strstr(err.text, "another collector") != NULL && strstr(err.text, pid) != NULL);
	second = open_store(OT_STORE_READ);
	ot_store_close(second);
	ot_store_close(store);
	ot_store_close(open_store(OT_STORE_WRITE));
}

static void a_writer_that_was_killed_holds_nothing(void)
{
	clear();
	pid_t child = fork();
	if (child == 0) {
		struct ot_store *store = open_store(OT_STORE_WRITE);
		add_fake_segment(begin(store), store, 1, 1);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	struct ot_store *store = open_store(OT_STORE_WRITE);
	CHECK_INT(snapshot_rows(store, 0), 0);
	ot_store_close(store);
}

static void a_newer_store_is_refused(void)
{
	struct ot_store *store;

	clear();
	ot_store_close(open_store(OT_STORE_WRITE));
	run_sql("PRAGMA user_version = 99");
	for (int mode = OT_STORE_READ; mode <= OT_STORE_WRITE; mode++) {
		CHECK_INT(ot_store_open(&store, in_place("s"), mode, &err), OT_VERSION);
		CHECK(strstr(err.text, "newer onetrail (store version 99") != NULL);
	}
}

static void another_program_s_database_is_refused(void)
{
	struct ot_store *store;

	clear();
	ot_store_close(open_store(OT_STORE_WRITE));
	run_sql("PRAGMA application_id = 7");
	CHECK_INT(ot_store_open(&store, in_place("s"), OT_STORE_WRITE, &err), OT_CORRUPT);
	CHECK(unlink(in_place("s/catalog.sqlite")) == 0);
	CHECK_INT(ot_file_publish(in_place("s/catalog.sqlite"), "this is no database, only text that is long enough for a header of one: "
	    "this is no database, only text that is long enough", 120, 0600, &err), OT_OK);
	CHECK_INT(ot_store_open(&store, in_place("s"), OT_STORE_READ, &err), OT_CORRUPT);
	CHECK_INT(ot_store_open(&store, in_place("s"), OT_STORE_WRITE, &err), OT_CORRUPT);
}

static void a_store_half_made_is_made_whole(void)
{
	struct ot_store *store;

	clear();
	CHECK_INT(ot_dir_make(in_place("s"), 0700, &err), OT_OK);
	CHECK_INT(ot_file_publish(in_place("s/catalog.sqlite"), "", 0, 0600, &err), OT_OK);
	CHECK_INT(ot_store_open(&store, in_place("s"), OT_STORE_READ, &err), OT_NOT_FOUND);
	ot_store_close(open_store(OT_STORE_WRITE));
	ot_store_close(open_store(OT_STORE_READ));
}

static void segments_without_a_catalog_are_not_swept_away(void)
{
	struct ot_store *store;

	clear();
	CHECK_INT(ot_dir_make(in_place("s/segments/2026-03-14"), 0700, &err), OT_OK);
	CHECK_INT(ot_file_publish(in_place("s/segments/2026-03-14/a.seg"), "x", 1, 0600, &err), OT_OK);
	CHECK_INT(ot_store_open(&store, in_place("s"), OT_STORE_WRITE, &err), OT_CORRUPT);
	CHECK(file_exists(in_place("s/segments/2026-03-14/a.seg")) && !file_exists(in_place("s/catalog.sqlite")));
}

static void the_key_stays_and_is_not_replaced(void)
{
	uint8_t first[OT_DIGEST_LEN];
	struct ot_store *store;

	clear();
	store = open_store(OT_STORE_WRITE);
	memcpy(first, ot_store_key(store).ptr, sizeof(first));
	ot_store_close(store);
	store = open_store(OT_STORE_WRITE);
	CHECK(memcmp(first, ot_store_key(store).ptr, sizeof(first)) == 0);
	ot_store_close(store);
	CHECK(truncate(in_place("s/secret.key"), 31) == 0);
	CHECK_INT(ot_store_open(&store, in_place("s"), OT_STORE_WRITE, &err), OT_CORRUPT);
	CHECK(unlink(in_place("s/secret.key")) == 0);
	CHECK_INT(ot_store_open(&store, in_place("s"), OT_STORE_WRITE, &err), OT_NOT_FOUND);
	CHECK(strstr(err.text, "put it back") != NULL);
	store = open_store(OT_STORE_READ);
	CHECK(ot_store_key(store).ptr == NULL);
	ot_store_close(store);
}

static void names_are_new_and_sort_by_age(void)
{
	char names[3][64], after[64];
	struct ot_store *store;

	clear();
	store = open_store(OT_STORE_WRITE);
	for (int i = 0; i < 3; i++)
		ot_store_new_name(store, ".seg", names[i]);
	CHECK(strcmp(names[0], names[1]) < 0 && strcmp(names[1], names[2]) < 0);
	CHECK(ot_str_ends(ot_str_from(names[0]), OT_STR(".seg")));
	finish(begin(store));
	ot_store_new_name(store, ".lnk", after);
	CHECK(strcmp(names[2], after) < 0);
	ot_store_close(store);
	/* As after a crash before the first commit of the process: the same number and count, another name. */
	store = open_store(OT_STORE_WRITE);
	ot_store_new_name(store, ".lnk", names[0]);
	CHECK(strncmp(names[0], after, 10) == 0 && strcmp(names[0], after) != 0);
	ot_store_close(store);
}

static void folders_of_days_are_made_and_named(void)
{
	struct ot_buf path = { 0 };
	struct ot_store *store;

	clear();
	store = open_store(OT_STORE_WRITE);
	CHECK_INT(ot_store_segment_dir(store, ot_days_from_civil(2026, 3, 14), &path, &err), OT_OK);
	CHECK(file_exists(path.data) && strcmp(path.data, in_place("s/segments/2026-03-14")) == 0);
	ot_buf_clear(&path);
	CHECK_INT(ot_store_segment_dir(store, OT_DAY_UNDATED, &path, &err), OT_OK);
	CHECK(file_exists(path.data) && strcmp(path.data, in_place("s/segments/undated")) == 0);
	ot_buf_release(&path);
	ot_store_close(store);
}

static void a_reader_makes_no_files_but_the_log_s(void)
{
	clear();
	ot_store_close(open_store(OT_STORE_WRITE));
	CHECK(unlink(in_place("s/lock")) == 0 && rmdir(in_place("s/segments")) == 0 && rmdir(in_place("s/quarantine")) == 0);
	ot_store_close(open_store(OT_STORE_READ));
	CHECK(!file_exists(in_place("s/lock")) && !file_exists(in_place("s/segments")) && !file_exists(in_place("s/quarantine")));
}

/* Opens and reads the store as somebody who may write nothing in it. */
static int read_as_nobody(void)
{
	struct ot_snapshot snapshot;
	struct ot_store *frozen;

	if (geteuid() == 0 && setuid(65534) != 0)
		return 1;
	if (ot_store_open(&frozen, in_place("s"), OT_STORE_READ, &err) != OT_OK || ot_snapshot_open(&snapshot, frozen, 0, &err) != OT_OK)
		return 2;
	return snapshot.segment_count == 1 ? 0 : 3;
}

static void a_store_that_cannot_be_written_is_read(void)
{
	static const char *const files[] = { "s/catalog.sqlite", "s/segments", "s", "" };
	struct ot_commit *commit;
	struct ot_store *store;
	int status = -1;

	clear();
	store = open_store(OT_STORE_WRITE);
	commit = begin(store);
	add_fake_segment(commit, store, 1, 5);
	finish(commit);
	ot_store_close(store);
	CHECK(!file_exists(in_place("s/catalog.sqlite-wal")));
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		CHECK(chmod(in_place(files[i]), i == 0 ? 0444 : 0555) == 0);
	pid_t child = fork();
	if (child == 0)
		_exit(read_as_nobody());
	waitpid(child, &status, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	for (size_t i = sizeof(files) / sizeof(files[0]); i-- > 0;)
		CHECK(chmod(in_place(files[i]), i == 0 ? 0600 : 0700) == 0);
}

/* --- sources --- */

static struct ot_source source_of(const char *key, const char *path, struct ot_str head)
{
	return (struct ot_source){ .key = ot_str_from(key), .path = ot_str_from(path), .origin = OT_STR("kong-edge"), .format = OT_STR("kong"),
		.zone = OT_STR("UTC"), .origin_kind = OT_KIND_GATEWAY, .head_len = head.len, .head_hash = ot_hash(head.ptr, head.len),
		.position = 5, .size = 6, .file_size = UINT64_MAX, .file_mtime_ns = 8, .file_dev = 9, .file_ino = 10, .lines = 11, .records = 12,
		.ignored = 13, .quarantined = 14, .time_first = OT_TIME_MAX, .time_last = OT_TIME_MIN, .cut_at = -1, .seen_time = 15 };
}

static void put_source(struct ot_store *store, struct ot_source *source, const struct ot_anchor *anchors, size_t count)
{
	struct ot_commit *commit = begin(store);

	CHECK_INT(ot_commit_source(commit, source, anchors, count, &err), OT_OK);
	finish(commit);
}

static void a_source_comes_back_as_it_was(void)
{
	struct ot_anchor anchors[] = { { 256, UINT64_MAX }, { 512, 3 } }, *read;
	struct ot_source s = source_of("aaaaaaaaaa", "/var/log/\xff.log", OT_STR("head")), got;
	struct ot_arena arena = { 0 };
	struct ot_snapshot snapshot;
	struct ot_store *store;
	size_t count;

	clear();
	store = open_store(OT_STORE_WRITE);
	put_source(store, &s, anchors, 2);
	CHECK(s.id > 0);
	CHECK_INT(ot_store_find_path(store, "/var/log/\xff.log", &got, &arena, &err), OT_OK);
	CHECK_INT(got.id, s.id);
	CHECK_STR(got.key, "aaaaaaaaaa");
	CHECK_STR(got.zone, "UTC");
	CHECK(got.file_size == UINT64_MAX && got.head_hash == s.head_hash && got.time_first == OT_TIME_MAX && got.time_last == OT_TIME_MIN);
	CHECK(got.cut_at == -1 && got.quarantined == 14 && got.records == 12 && got.seen_time == 15 && got.position == 5);
	CHECK_INT(ot_store_anchors(store, s.id, &read, &count, &arena, &err), OT_OK);
	CHECK(count == 2 && read[0].offset == 256 && read[0].hash == UINT64_MAX && read[1].offset == 512);
	s.position = 1024;
	put_source(store, &s, &(struct ot_anchor){ 1024, 4 }, 1);
	CHECK_INT(ot_snapshot_open(&snapshot, store, 0, &err), OT_OK);
	CHECK(snapshot.source_count == 1 && snapshot.sources[0].position == 1024 && snapshot.sources[0].id == s.id);
	ot_snapshot_release(&snapshot);
	CHECK_INT(ot_store_anchors(store, s.id, &read, &count, &arena, &err), OT_OK);
	CHECK_INT(count, 3);
	CHECK_INT(ot_store_find_path(store, "/var/log/other", &got, &arena, &err), OT_NOT_FOUND);
	ot_arena_release(&arena);
	ot_store_close(store);
}

static void a_source_of_a_commit_that_failed_is_still_new(void)
{
	struct ot_source lost = source_of("aaaaaaaaaa", "/a", OT_STR("a")), other = source_of("bbbbbbbbbb", "/b", OT_STR("b"));
	struct ot_arena arena = { 0 };
	struct ot_source got;
	struct ot_commit *commit;
	struct ot_store *store;

	clear();
	store = open_store(OT_STORE_WRITE);
	commit = begin(store);
	CHECK_INT(ot_commit_source(commit, &lost, NULL, 0, &err), OT_OK);
	ot_commit_abort(commit);
	put_source(store, &other, NULL, 0);
	put_source(store, &lost, NULL, 0);
	CHECK(lost.id != other.id);
	CHECK_INT(ot_store_find_path(store, "/b", &got, &arena, &err), OT_OK);
	CHECK_STR(got.key, "bbbbbbbbbb");
	CHECK_INT(ot_store_find_path(store, "/a", &got, &arena, &err), OT_OK);
	CHECK_INT(got.id, lost.id);
	ot_arena_release(&arena);
	ot_store_close(store);
}

static void sources_are_found_by_their_beginning(void)
{
	struct ot_source whole = source_of("aaaaaaaaaa", "/a", OT_STR("first line\nsecond")), brief = source_of("bbbbbbbbbb", "/b", OT_STR("first"));
	struct ot_source unlike = source_of("cccccccccc", "/c", OT_STR("other")), empty = source_of("dddddddddd", "/d", OT_STR(""));
	struct ot_arena arena = { 0 };
	struct ot_source *found;
	struct ot_store *store;
	size_t count;

	clear();
	store = open_store(OT_STORE_WRITE);
	put_source(store, &whole, NULL, 0);
	put_source(store, &brief, NULL, 0);
	put_source(store, &unlike, NULL, 0);
	put_source(store, &empty, NULL, 0);
	CHECK_INT(ot_store_find_sources(store, OT_STR("first line\nsecond line\n"), &found, &count, &arena, &err), OT_OK);
	CHECK_INT(count, 2);
	CHECK(count == 2 && found[0].id == whole.id && found[1].id == brief.id);
	CHECK_INT(ot_store_find_sources(store, OT_STR("first line"), &found, &count, &arena, &err), OT_OK);
	CHECK(count == 1 && found[0].id == brief.id);
	CHECK_INT(ot_store_find_sources(store, OT_STR("fir"), &found, &count, &arena, &err), OT_OK);
	CHECK_INT(count, 0);
	ot_arena_release(&arena);
	ot_store_close(store);
}

static void anchors_get_sparser_towards_the_start(void)
{
	struct ot_source s = source_of("aaaaaaaaaa", "/a", OT_STR("a"));
	struct ot_arena arena = { 0 };
	struct ot_anchor *anchors;
	struct ot_store *store;
	size_t count;

	clear();
	store = open_store(OT_STORE_WRITE);
	struct ot_commit *commit = begin(store);
	for (uint64_t i = 1; i <= 1000; i++)
		CHECK_INT(ot_commit_source(commit, &s, &(struct ot_anchor){ i * 100, i }, 1, &err), OT_OK);
	finish(commit);
	CHECK_INT(ot_store_anchors(store, s.id, &anchors, &count, &arena, &err), OT_OK);
	CHECK(count > OT_ANCHORS_MAX / 2 && count <= OT_ANCHORS_MAX);
	CHECK(anchors[0].offset == 100 && anchors[count - 1].offset == 100000 && anchors[count - 2].offset == 99900);
	ot_arena_release(&arena);
	ot_store_close(store);
}

/* --- routes --- */

static void route_values_are_replaced_and_rules_follow_snapshots(void)
{
	struct ot_route_value v = { OT_STR("/api/users"), OT_STR("alice\0x"), 3, OT_STR("sketch") }, *values;
	struct ot_snapshot before, with, after;
	struct ot_arena arena = { 0 };
	struct ot_commit *commit;
	struct ot_store *store;
	struct ot_str *rules;
	size_t count;

	clear();
	store = open_store(OT_STORE_WRITE);
	commit = begin(store);
	CHECK_INT(ot_commit_route_value(commit, &v, &err), OT_OK);
	v.records = 4;
	CHECK_INT(ot_commit_route_value(commit, &v, &err), OT_OK);
	CHECK_INT(ot_store_route_values(store, v.parent, &values, &count, &arena, &err), OT_OK);
	CHECK_INT(count, 1);
	CHECK(values[0].records == 4 && ot_str_eq(values[0].value, v.value) && ot_str_eq(values[0].clients, v.clients));
	finish(commit);
	CHECK_INT(ot_snapshot_open(&before, store, 0, &err), OT_OK);
	commit = begin(store);
	CHECK_INT(ot_commit_route_rule(commit, v.parent, true, &err), OT_OK);
	CHECK_INT(ot_commit_route_rule(commit, v.parent, true, &err), OT_OK);
	finish(commit);
	CHECK_INT(ot_snapshot_open(&with, store, 0, &err), OT_OK);
	commit = begin(store);
	CHECK_INT(ot_commit_route_rule(commit, v.parent, false, &err), OT_OK);
	CHECK_INT(ot_commit_route_rule(commit, OT_STR("/none"), false, &err), OT_OK);
	finish(commit);
	CHECK_INT(ot_snapshot_open(&after, store, 0, &err), OT_OK);
	CHECK_INT(ot_store_route_rules(store, &before, &rules, &count, &arena, &err), OT_OK);
	CHECK_INT(count, 0);
	CHECK_INT(ot_store_route_rules(store, &with, &rules, &count, &arena, &err), OT_OK);
	CHECK(count == 1 && ot_str_eq(rules[0], v.parent));
	CHECK_INT(ot_store_route_rules(store, &after, &rules, &count, &arena, &err), OT_OK);
	CHECK_INT(count, 0);
	ot_snapshot_release(&before);
	ot_snapshot_release(&with);
	ot_snapshot_release(&after);
	ot_arena_release(&arena);
	ot_store_close(store);
}

int main(void)
{
	make_place();
	RUN(the_place_is_option_then_environment_then_home);
	RUN(reading_makes_no_store);
	RUN(a_new_store_is_closed_to_others);
	RUN(an_empty_store_has_an_empty_snapshot);
	RUN(there_is_one_writer_and_it_is_named);
	RUN(a_writer_that_was_killed_holds_nothing);
	RUN(a_newer_store_is_refused);
	RUN(another_program_s_database_is_refused);
	RUN(a_store_half_made_is_made_whole);
	RUN(segments_without_a_catalog_are_not_swept_away);
	RUN(the_key_stays_and_is_not_replaced);
	RUN(names_are_new_and_sort_by_age);
	RUN(folders_of_days_are_made_and_named);
	RUN(a_reader_makes_no_files_but_the_log_s);
	RUN(a_store_that_cannot_be_written_is_read);
	RUN(a_source_comes_back_as_it_was);
	RUN(a_source_of_a_commit_that_failed_is_still_new);
	RUN(sources_are_found_by_their_beginning);
	RUN(anchors_get_sparser_towards_the_start);
	RUN(route_values_are_replaced_and_rules_follow_snapshots);
	remove_place();
	return test_end();
}
