/* A store in a temporary folder, for the tests of one program; files that look like segments to the catalog. */
#ifndef OT_TEST_PLACE_H
#define OT_TEST_PLACE_H

#include <base/file.h>
#include <base/time.h>
#include <stdlib.h>
#include <store/links.h>
#include <store/quarantine.h>
#include <tests/test.h>
#include <unistd.h>

static char place[64];
static struct ot_err err; /* of the last call that failed */

static inline const char *in_place(const char *name)
{
	static char paths[4][512];
	static int next;

	next = (next + 1) % 4;
	snprintf(paths[next], sizeof(paths[next]), "%s/%s", place, name);
	return paths[next];
}

static inline void make_place(void)
{
	/* In memory where there is such a place: thousands of syncs are then no wait. */
	strcpy(place, access("/dev/shm", W_OK) == 0 ? "/dev/shm/onetrail-store-XXXXXX" : "/tmp/onetrail-store-XXXXXX");
	if (mkdtemp(place) == NULL) {
		perror(place);
		exit(1);
	}
}

static inline void remove_place(void)
{
	struct ot_err ignored;

	ot_dir_remove(place, &ignored);
}

static inline struct ot_store *open_store(enum ot_store_mode mode)
{
	struct ot_store *store = NULL;

	CHECK_INT(ot_store_open(&store, in_place("s"), mode, &err), OT_OK);
	if (store == NULL) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	return store;
}

static inline struct ot_commit *begin(struct ot_store *store)
{
	struct ot_commit *commit = NULL;

	CHECK_INT(ot_commit_begin(&commit, store, &err), OT_OK);
	return commit;
}

/* Gives the number of the commit. */
static inline int64_t finish(struct ot_commit *commit)
{
	int64_t id = 0;

	CHECK_INT(ot_commit_finish(commit, &id, &err), OT_OK);
	return id;
}

static inline bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* A file of ten bytes in the folder of `day`, with a new name; it is no segment, but the catalog does not look inside. */
static inline void place_file(struct ot_store *store, int64_t day, const char *suffix, char name[64])
{
	struct ot_buf path = { 0 };

	ot_store_new_name(store, suffix, name);
	CHECK_INT(ot_store_segment_dir(store, day, &path, &err), OT_OK);
	ot_buf_printf(&path, "/%s%c", name, '\0');
	CHECK_INT(ot_file_publish(path.data, "0123456789", 10, 0600, &err), OT_OK);
	ot_buf_release(&path);
}

static inline int64_t add_fake_segment(struct ot_commit *commit, struct ot_store *store, int64_t day, uint32_t rows)
{
	struct ot_segment_info info = { .day = day, .rows = rows, .bytes = 10, .raw_bytes = 7, .time_min = 1, .time_max = 2, .checksum = UINT64_MAX };
	int64_t id = 0;

	place_file(store, day, ".seg", info.name);
	CHECK_INT(ot_commit_segment(commit, &info, &id, &err), OT_OK);
	return id;
}

static inline uint64_t snapshot_rows(struct ot_store *store, int64_t at)
{
	struct ot_snapshot snapshot;
	uint64_t rows = 0;

	CHECK_INT(ot_snapshot_open(&snapshot, store, at, &err), OT_OK);
	for (size_t i = 0; i < snapshot.segment_count; i++)
		rows += snapshot.segments[i].info.rows;
	ot_snapshot_release(&snapshot);
	return rows;
}

#endif
