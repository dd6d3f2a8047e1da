/*
 * The catalog, inside lib/store: an open store, its SQLite connection, statements and transactions. docs/CATALOG.md tells of the tables.
 *
 * Threads may share a handle: `lock` is held from the start of a query or transaction to its end.
 */
#ifndef OT_STORE_CATALOG_H
#define OT_STORE_CATALOG_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <store/links.h>
#include <store/store.h>

enum {
	OT_CATALOG_VERSION = 1,
	OT_CATALOG_APPLICATION = 0x4f545243, /* "OTRC" */
	OT_STATEMENTS_MAX = 64,
	OT_PATH_LEN_MAX = 4000,
};

struct ot_statement {
	const char *sql; /* a literal: known by its address */
	sqlite3_stmt *stmt;
};

struct ot_store {
	char *dir;
	enum ot_store_mode mode;
	int lock_fd;
	uint8_t key[OT_DIGEST_LEN];
	bool has_key;
	sqlite3 *db;
	pthread_mutex_t lock; /* recursive */
	struct ot_statement statements[OT_STATEMENTS_MAX];
	size_t statement_count;
	struct ot_commit *commit; /* the open one */
	atomic_llong newest;	  /* number of the newest commit, for names */
	atomic_uint name_count;
	uint64_t name_salt; /* makes names of this handle unlike those of one that crashed */
	int64_t *days_made; /* day folders that are known to be durable */
	size_t day_count;
	int64_t *damaged; /* segments that compaction found damaged and leaves alone */
	size_t damaged_count;
};

/* --- catalog.c --- */

/* Opens or (for writers) makes DIR/catalog.sqlite. */
enum ot_status ot_catalog_open(struct ot_store *store, struct ot_err *err);
void ot_catalog_close(struct ot_store *store);
/* Fills err from the connection's last error. OT_FULL only where nothing can have become durable. */
enum ot_status ot_catalog_fail(struct ot_store *store, struct ot_err *err);

/* --- query.c: one statement, bound and stepped; the first failure is remembered, the end tells of it --- */

struct ot_query {
	struct ot_store *store;
	sqlite3_stmt *stmt;
	int bound, column;
	bool own; /* not from the cache */
	enum ot_status status;
	struct ot_err *err;
};

/* `sql` is a literal. Every start needs its ot_query_end, which gives the status. Bound texts must live until then. */
void ot_query_start(struct ot_query *q, struct ot_store *store, const char *sql, struct ot_err *err);
void ot_query_int(struct ot_query *q, int64_t value);
void ot_query_u64(struct ot_query *q, uint64_t value); /* stored as the int64_t of the same bits */
void ot_query_null(struct ot_query *q);
void ot_query_text(struct ot_query *q, struct ot_str text); /* absent is stored as empty */
void ot_query_blob(struct ot_query *q, struct ot_str bytes);
bool ot_query_row(struct ot_query *q); /* false: no more, or failed */
int64_t ot_query_get_int(struct ot_query *q); /* of the row's next column */
uint64_t ot_query_get_u64(struct ot_query *q);
bool ot_query_get_null(struct ot_query *q); /* looks at the next column; moves past it only where it is null */
struct ot_str ot_query_get_text(struct ot_query *q, struct ot_arena *arena); /* text or blob, copied */
enum ot_status ot_query_end(struct ot_query *q);
/* Steps to the end, for statements without rows. */
enum ot_status ot_query_run(struct ot_query *q);

/* A transaction, or none of its own where one is open already. */
struct ot_transaction {
	struct ot_store *store;
	bool own;
};
enum ot_status ot_transaction_begin(struct ot_transaction *t, struct ot_store *store, bool write, struct ot_err *err);
/* Commits where `status` is OT_OK, else rolls back; gives the first failure. */
enum ot_status ot_transaction_end(struct ot_transaction *t, enum ot_status status, struct ot_err *err);

/* --- commit.c --- */

struct ot_commit {
	struct ot_store *store;
	int64_t id, time;
	struct ot_transaction transaction;
	bool failed; /* a step failed: finishing is refused */
};

/* Remembers a failed step. */
enum ot_status ot_commit_step(struct ot_commit *commit, enum ot_status status);

/* --- store.c --- */

/* The folder of a day below segments/: "2026-03-14" or "undated". */
void ot_store_day_put(struct ot_buf *out, int64_t day);
/* DIR/segments/DAY/NAME and DIR/quarantine/NAME, in the arena. */
char *ot_store_segment_path(const struct ot_store *store, int64_t day, const char *name, struct ot_arena *arena);
char *ot_store_quarantine_path(const struct ot_store *store, const char *name, struct ot_arena *arena);

/* --- snapshot.c --- */

/* Number of the newest commit, 0 for none; of the oldest that can still be asked for. */
enum ot_status ot_catalog_newest(struct ot_store *store, int64_t *id, struct ot_err *err);
enum ot_status ot_catalog_oldest(struct ot_store *store, int64_t *id, struct ot_err *err);
/* OT_NOT_FOUND, with words, where snapshot `at` cannot be given any more. */
enum ot_status ot_catalog_can_give(struct ot_store *store, int64_t at, struct ot_err *err);

/* --- source.c --- */

enum ot_status ot_catalog_sources(struct ot_store *store, const struct ot_source **out, size_t *count, struct ot_arena *arena, struct ot_err *err);

/* --- minutes.c --- */

/* Folds the counts of commits up to `oldest` into one row a source and day. Inside a transaction. */
enum ot_status ot_minutes_fold(struct ot_store *store, int64_t oldest, struct ot_err *err);

/* --- sweep.c --- */

/* Lets go of what was replaced more than OT_KEEP_REMOVED_S ago: files, rows, minute counts of old commits. */
enum ot_status ot_store_expire(struct ot_store *store, struct ot_err *err);
/* Tells of each file of ours that the catalog does not list. `path` is absolute. */
typedef enum ot_status ot_unlisted_fn(void *context, const char *path, struct ot_err *err);
enum ot_status ot_store_unlisted(struct ot_store *store, ot_unlisted_fn *fn, void *context, struct ot_err *err);

/* --- links.c --- */

/* Writes `links` to DIR/segments/DAY/NAME by way of NAME.tmp. */
enum ot_status ot_links_publish(struct ot_store *store, int64_t day, const struct ot_links *links, char name[64], struct ot_err *err);
/* OT_CORRUPT where they are not those of a segment with `rows` rows. */
enum ot_status ot_links_check_rows(const struct ot_links *links, uint32_t rows, const char *path, struct ot_err *err);

/* --- compact_links.c --- */

/* Link files of the inputs as one of the output: row r of input i is row maps[i][r] there. Gives the name of a file in place, "" where nothing is linked. */
enum ot_status ot_compact_links(struct ot_store *store, const struct ot_segment_ref *const *inputs, size_t count, uint32_t *const *maps,
    const struct ot_segment_info *output, char name[64], struct ot_err *err);

/* --- quarantine.c --- */

enum ot_status ot_quarantine_verify(const char *path, uint64_t *lines, struct ot_err *err);

#endif
