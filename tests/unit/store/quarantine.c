#include "place.h"

static struct ot_store *store;

static const struct ot_quarantined first[] = {
	{ OT_STR("aaaaaaaaaa"), OT_STR("/var/log/kong.log"), 0, 1, 1700000000000000000, OT_STR("kong: member started_at is missing"), OT_STR("{\"a\":1}") },
	{ OT_STR("aaaaaaaaaa"), OT_STR("/var/log/kong.log"), UINT64_MAX, 0, OT_TIME_MIN, OT_STR(""), OT_STR("\0\xff\x1b[31m") },
};
static const struct ot_quarantined second[] = { { OT_STR("bbbbbbbbbb"), OT_STR_NONE, 5, 2, -1, OT_STR("no format"), OT_STR("") } };

struct heard {
	size_t count, stop_after;
	struct ot_buf texts;
};

static enum ot_status hear(void *context, const struct ot_quarantined *e, const char *file, struct ot_err *unused)
{
	struct heard *h = context;

	(void)unused;
	ot_buf_printf(&h->texts, "%.*s|%.*s|%llu|%llu|%lld|%.*s|%zu|%d\n", OT_STR_ARGS(e->source_key), OT_STR_ARGS(e->path), (unsigned long long)e->offset,
	    (unsigned long long)e->line, (long long)e->time, OT_STR_ARGS(e->reason), e->text.len, ot_str_ends(ot_str_from(file), OT_STR(".qtn")));
	return ++h->count == h->stop_after ? OT_CANCELLED : OT_OK;
}

static enum ot_status read_all(int64_t at, struct heard *h)
{
	struct ot_snapshot snapshot;
	enum ot_status status;

	CHECK_INT(ot_snapshot_open(&snapshot, store, at, &err), OT_OK);
	status = ot_quarantine_read(store, &snapshot, hear, h, &err);
	ot_snapshot_release(&snapshot);
	return status;
}

static int64_t put(const struct ot_quarantined *entries, size_t count, char name[64])
{
	CHECK_INT(ot_quarantine_write(store, entries, count, name, &err), OT_OK);
	struct ot_commit *commit = begin(store);
	CHECK_INT(ot_commit_quarantine(commit, name, count, &err), OT_OK);
	return finish(commit);
}

static void fresh(void)
{
	ot_store_close(store);
	if (file_exists(in_place("s")))
		CHECK_INT(ot_dir_remove(in_place("s"), &err), OT_OK);
	store = open_store(OT_STORE_WRITE);
}

static void entries_come_back_in_order_of_commit(void)
{
	struct heard h = { 0 };
	char names[2][64];

	fresh();
	put(first, 2, names[0]);
	put(second, 1, names[1]);
	CHECK_INT(read_all(0, &h), OT_OK);
	CHECK_STR(ot_buf_str(&h.texts),
	    "aaaaaaaaaa|/var/log/kong.log|0|1|1700000000000000000|kong: member started_at is missing|7|1\n"
	    "aaaaaaaaaa|/var/log/kong.log|18446744073709551615|0|-9223372036854775808||7|1\n"
	    "bbbbbbbbbb||5|2|-1|no format|0|1\n");
	ot_buf_release(&h.texts);
}

static void snapshots_keep_what_was_taken_in_later(void)
{
	struct heard before = { 0 }, then = { 0 }, after = { 0 }, stopped = { .stop_after = 1 };
	char name[64];

	fresh();
	int64_t empty = finish(begin(store)), with = put(first, 2, name);
	struct ot_commit *commit = begin(store);
	CHECK_INT(ot_commit_quarantine_remove(commit, name, &err), OT_OK);
	finish(commit);
	commit = begin(store);
	CHECK_INT(ot_commit_quarantine_remove(commit, name, &err), OT_NOT_FOUND);
	ot_commit_abort(commit);
	CHECK(read_all(empty, &before) == OT_OK && before.count == 0);
	CHECK(read_all(with, &then) == OT_OK && then.count == 2);
	CHECK(read_all(0, &after) == OT_OK && after.count == 0);
	CHECK(read_all(with, &stopped) == OT_CANCELLED && stopped.count == 1);
	ot_buf_release(&then.texts);
	ot_buf_release(&stopped.texts);
}

static const char *path_of(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/s/quarantine/%s", place, name);
	return path;
}

static void every_flipped_bit_and_every_cut_is_found(void)
{
	struct ot_buf file = { 0 };
	char name[64];

	fresh();
	put(first, 2, name);
	CHECK_INT(ot_file_read(path_of(name), 10000, &file, &err), OT_OK);
	for (size_t i = 0; i < file.len; i++) {
		struct heard flipped = { 0 }, cut = { 0 };

		file.data[i] ^= (char)(1 << (i % 8));
		CHECK_INT(ot_file_publish(path_of(name), file.data, file.len, 0600, &err), OT_OK);
		CHECK_INT(read_all(0, &flipped), OT_CORRUPT);
		file.data[i] ^= (char)(1 << (i % 8));
		CHECK_INT(ot_file_publish(path_of(name), file.data, i, 0600, &err), OT_OK);
		CHECK_INT(read_all(0, &cut), OT_CORRUPT);
		CHECK(strstr(err.text, name) != NULL);
		ot_buf_release(&flipped.texts);
		ot_buf_release(&cut.texts);
	}
	ot_buf_release(&file);
}

static void what_is_whole_is_read_past_the_damage(void)
{
	size_t count = 40, len = 100000;
	struct ot_quarantined *entries = ot_alloc_zero(count, sizeof(*entries));
	char *line = ot_alloc_zero(1, len), name[64], other[64];
	struct heard h = { 0 };
	struct ot_buf file = { 0 };

	fresh();
	for (size_t i = 0; i < len; i++)
		line[i] = (char)(i * 2654435761u >> 13);
	for (size_t i = 0; i < count; i++)
		entries[i] = (struct ot_quarantined){ .source_key = OT_STR("aaaaaaaaaa"), .offset = i, .text = { line, len } };
	put(entries, count, name);
	put(second, 1, other);
	CHECK_INT(ot_file_read(path_of(name), 100000000, &file, &err), OT_OK);
	file.data[100] ^= 1; /* in the first of several frames */
	CHECK_INT(ot_file_publish(path_of(name), file.data, file.len, 0600, &err), OT_OK);
	CHECK_INT(read_all(0, &h), OT_CORRUPT);
	CHECK(h.count > 20 && h.count < count + 1);
	CHECK(ot_str_ends(ot_buf_str(&h.texts), OT_STR("bbbbbbbbbb||5|2|-1|no format|0|1\n")));
	ot_buf_release(&h.texts);
	ot_buf_release(&file);
	free(entries);
	free(line);
}

int main(void)
{
	make_place();
	RUN(entries_come_back_in_order_of_commit);
	RUN(snapshots_keep_what_was_taken_in_later);
	RUN(every_flipped_bit_and_every_cut_is_found);
	RUN(what_is_whole_is_read_past_the_damage);
	ot_store_close(store);
	remove_place();
	return test_end();
}
