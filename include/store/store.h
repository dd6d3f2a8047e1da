/*
 * A store: one folder with a SQLite catalog, immutable segments by UTC day, link files beside them, and quarantine.
 *
 *   catalog.sqlite            WAL, versioned (user_version); the only mutable thing
 *   segments/2026-03-14/NAME.seg records; segments/undated/ those without a time
 *   segments/2026-03-14/NAME.lnk which rows of a segment belong to which call (store/links.h)
 *   quarantine/NAME.qtn       lines that no format could read
 *   secret.key                32 random bytes, mode 0600: the key of credential hashes
 *   lock                      held by the one writer
 *
 * A commit lists files that are already in place (written aside, fsynced, renamed, folder fsynced) and moves the read positions of their
 * sources in one SQLite transaction. A file that no commit lists is swept up by the next writer. Each commit has a number: a snapshot is
 * what was listed at that number, and keeps its answers as long as its files exist (OT_KEEP_REMOVED_S after they were replaced).
 */
#ifndef OT_STORE_STORE_H
#define OT_STORE_STORE_H

#include <base/digest.h>
#include <store/segment.h>

enum { OT_KEEP_REMOVED_S = 3600, OT_MINUTES_PER_DAY = 1440 };

/* Threads may share a handle: each call holds it for itself, a commit from its begin (by the same thread) to its end. */
struct ot_store;

enum ot_store_mode {
	OT_STORE_READ,	/* OT_NOT_FOUND where there is no store; any number at once, also beside a writer */
	OT_STORE_WRITE,	/* makes the store (0700) where there is none; OT_BUSY where another writer holds it */
};

/* Where the store is: `option`, else $ONETRAIL_STORE, else $XDG_DATA_HOME/onetrail, else ~/.local/share/onetrail. The text lives in `out`. */
enum ot_status ot_store_locate(const char *option, struct ot_buf *out, struct ot_err *err);
/* OT_VERSION where the store was written by a newer program. Close with ot_store_close(). */
enum ot_status ot_store_open(struct ot_store **out, const char *dir, enum ot_store_mode mode, struct ot_err *err);
void ot_store_close(struct ot_store *store);
const char *ot_store_dir(const struct ot_store *store);
/* The key of credential hashes, OT_DIGEST_LEN bytes; absent for readers who may not read it. */
struct ot_str ot_store_key(const struct ot_store *store);

/* --- sources --- */

/* A source is known by its content, so that a renamed, moved, compressed or grown file is the same source: `key` names it,
 * made of the hash of its first bytes; anchors (hashes of the 256 bytes before an offset) prove that what follows is a continuation. */
struct ot_source {
	int64_t id;		/* 0: not in the catalog yet */
	struct ot_str key;	/* 10 letters and digits; first part of record_id */
	struct ot_str path;	/* where it was last seen */
	struct ot_str origin, format, zone; /* format: of most lines; "" where none was found */
	int64_t origin_kind;	/* enum ot_origin_kind */
	uint64_t head_len, head_hash; /* of the first min(size, OT_HEAD_MAX) uncompressed bytes */
	uint64_t position;	/* uncompressed bytes read and committed */
	uint64_t size;		/* uncompressed, as far as known */
	uint64_t file_size, file_mtime_ns, file_dev, file_ino; /* of the file as last seen: an unchanged one is not opened again */
	uint64_t lines, records, ignored, quarantined;
	int64_t time_first, time_last; /* of its records; OT_TIME_MAX and OT_TIME_MIN where there are none */
	int64_t cut_at;		/* offset where a compressed file was cut or damaged; -1: whole */
	int64_t seen_time;	/* when it was last read */
};
enum { OT_HEAD_MAX = 1024, OT_ANCHOR_LEN = 256, OT_ANCHORS_MAX = 64 };

struct ot_anchor {
	uint64_t offset, hash; /* ot_hash of the OT_ANCHOR_LEN bytes before offset (fewer at the start of the file) */
};

/* --- snapshots --- */

struct ot_segment_ref {
	int64_t id;
	struct ot_segment_info info;
	const char *path;	/* of the segment */
	const char *link_path;	/* of its link file, NULL where none of its records is linked */
};

struct ot_snapshot {
	int64_t id;		/* number of the newest commit it holds */
	const struct ot_segment_ref *segments; /* by (day, name) */
	size_t segment_count;
	const struct ot_source *sources;       /* by id; counters and positions as of the newest commit, whatever `id` */
	size_t source_count;
	struct ot_arena arena;
};

/* `at` 0: the newest. OT_NOT_FOUND where `at` is unknown, or some of its segments are gone: the error says so. Owned by the caller. */
enum ot_status ot_snapshot_open(struct ot_snapshot *out, struct ot_store *store, int64_t at, struct ot_err *err);
void ot_snapshot_release(struct ot_snapshot *snapshot);

/* --- commits --- */

struct ot_commit;
/* Starts the transaction. End it with ot_commit_finish or ot_commit_abort. */
enum ot_status ot_commit_begin(struct ot_commit **out, struct ot_store *store, struct ot_err *err);
/* Lists a segment that is in place at segments/DAY/info->name. Gives its id. */
enum ot_status ot_commit_segment(struct ot_commit *commit, const struct ot_segment_info *info, int64_t *id, struct ot_err *err);
/* From this commit on the segment (with its link file) is not part of the store; its files go OT_KEEP_REMOVED_S later. */
enum ot_status ot_commit_remove_segment(struct ot_commit *commit, int64_t segment_id, struct ot_err *err);
/* Sets or replaces the link file of a segment: `name` in the segment's folder; NULL: none of its records is linked any more. */
enum ot_status ot_commit_link(struct ot_commit *commit, int64_t segment_id, const char *name, struct ot_err *err);
/* Inserts (id 0; the id is set) or updates a source, and adds anchors to those it has: past OT_ANCHORS_MAX older ones are thinned out. */
enum ot_status ot_commit_source(struct ot_commit *commit, struct ot_source *source, const struct ot_anchor *anchors, size_t anchor_count, struct ot_err *err);
/* Adds to the counts of a source by minute of one UTC day. Lines that come out of quarantine are taken off again: (uint32_t)-n in `unread`. */
struct ot_minutes {
	uint32_t records[OT_MINUTES_PER_DAY], unread[OT_MINUTES_PER_DAY];
};
enum ot_status ot_commit_minutes(struct ot_commit *commit, int64_t source_id, int64_t day, const struct ot_minutes *minutes, struct ot_err *err);
/* Lists a quarantine file that is in place (store/quarantine.h); ot_commit_quarantine_remove drops one that was taken in. */
enum ot_status ot_commit_quarantine(struct ot_commit *commit, const char *name, uint64_t lines, struct ot_err *err);
enum ot_status ot_commit_quarantine_remove(struct ot_commit *commit, const char *name, struct ot_err *err);
/* What is learned about routes (correlate/route.h): values seen at a place in a path, and rules. Values are merged with those stored. */
struct ot_route_value {
	struct ot_str parent, value;  /* "/api/users", "alice" */
	uint64_t records;
	struct ot_str clients;	      /* sketch of the clients that used it: opaque here */
};
enum ot_status ot_commit_route_value(struct ot_commit *commit, const struct ot_route_value *value, struct ot_err *err); /* replaces */
enum ot_status ot_commit_route_rule(struct ot_commit *commit, struct ot_str parent, bool add, struct ot_err *err);
/* Makes it durable. On failure nothing has changed; files that were to be listed are left to the sweep, as after some failures of the disk
 * only the next opening shows whether the commit came through. OT_FULL is certain: its files may be removed. Ends the commit either way. */
enum ot_status ot_commit_finish(struct ot_commit *commit, int64_t *snapshot_id, struct ot_err *err);
void ot_commit_abort(struct ot_commit *commit); /* NULL is fine */

/* --- reading the catalog --- */

/* Candidates for a file with this head: sources whose own head is equal, or shorter and a beginning of it (`head` holds min(size, OT_HEAD_MAX) bytes).
 * The longest head first, then the last seen. Sources without a head (empty files) are left out. */
enum ot_status ot_store_find_sources(struct ot_store *store, struct ot_str head, struct ot_source **out, size_t *count, struct ot_arena *arena, struct ot_err *err);
enum ot_status ot_store_find_path(struct ot_store *store, const char *path, struct ot_source *out, struct ot_arena *arena, struct ot_err *err); /* OT_NOT_FOUND */
enum ot_status ot_store_anchors(struct ot_store *store, int64_t source_id, struct ot_anchor **out, size_t *count, struct ot_arena *arena, struct ot_err *err);

typedef enum ot_status ot_minutes_fn(void *context, int64_t source_id, int64_t day, const struct ot_minutes *minutes, struct ot_err *err);
/* Minute counts of every source as of a snapshot (OT_NOT_FOUND where it is gone), days [day_from, day_to], one call a source and day. */
enum ot_status ot_store_minutes(struct ot_store *store, const struct ot_snapshot *snapshot, int64_t day_from, int64_t day_to, ot_minutes_fn *fn, void *context, struct ot_err *err);

enum ot_status ot_store_route_values(struct ot_store *store, struct ot_str parent, struct ot_route_value **out, size_t *count, struct ot_arena *arena, struct ot_err *err);
enum ot_status ot_store_route_rules(struct ot_store *store, const struct ot_snapshot *snapshot, struct ot_str **parents, size_t *count, struct ot_arena *arena, struct ot_err *err);

/* --- upkeep --- */

/* Where a writer puts a new file: appends DIR/segments/DAY (terminated, without a slash at its end), made if need be; and a name not used before ("0000000123-000002-k3x9qa.seg"). */
enum ot_status ot_store_segment_dir(struct ot_store *store, int64_t day, struct ot_buf *path, struct ot_err *err);
void ot_store_new_name(struct ot_store *store, const char *suffix, char name[64]);
/* Removes temporaries, files that no commit lists, and files replaced more than OT_KEEP_REMOVED_S ago. Writers do it at their start,
 * before they write files: what is not listed yet goes too. */
enum ot_status ot_store_sweep(struct ot_store *store, struct ot_err *err);

/* Merges small segments of each day into large ones; link files move with their rows. No answer and no record_id changes.
 * `eager` merges all of a day that fits together; otherwise only runs of segments of like size (so that a row is rewritten a few times only). */
struct ot_compact_result {
	uint64_t segments_before, segments_after, bytes_before, bytes_after;
	uint64_t skipped; /* segments that are damaged, and so left alone */
};
enum ot_status ot_store_compact(struct ot_store *store, bool eager, struct ot_compact_result *result, struct ot_err *err);

/* Checks every checksum, and the catalog against the files: `report` is told of each fault, in words that name the file. */
struct ot_verify_result {
	uint64_t segments, rows, bytes, faults;
	uint64_t unlisted; /* files that no commit lists: faults where no writer is at work; beside one they may be its next commit */
};
enum ot_status ot_store_verify(struct ot_store *store, ot_fault_fn *report, void *context, struct ot_verify_result *result, struct ot_err *err);

#endif
