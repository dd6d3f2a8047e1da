#include "catalog.h"

#include <base/file.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUSY_TIMEOUT_MS = 5000 };

/* docs/CATALOG.md gives the meaning of each column. Times are ns; unsigned numbers are stored as the signed ones of the same bits. */
static const char *const schema[] = {
	"CREATE TABLE state (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
	"INSERT INTO state VALUES ('oldest_snapshot', 0)",
	"CREATE TABLE commits (id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL) STRICT",

	"CREATE TABLE segment (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, day INTEGER, rows INTEGER NOT NULL,"
	" bytes INTEGER NOT NULL, raw_bytes INTEGER NOT NULL, time_min INTEGER NOT NULL, time_max INTEGER NOT NULL, checksum INTEGER NOT NULL,"
	" added INTEGER NOT NULL, removed INTEGER, removed_time INTEGER, CHECK ((removed IS NULL) = (removed_time IS NULL))) STRICT",
	"CREATE UNIQUE INDEX segment_place ON segment (ifnull(day, 'undated'), name)",
	"CREATE INDEX segment_removed ON segment (removed_time) WHERE removed IS NOT NULL",

	"CREATE TABLE link (id INTEGER PRIMARY KEY AUTOINCREMENT, segment INTEGER NOT NULL REFERENCES segment (id) ON DELETE CASCADE,"
	" name TEXT NOT NULL, added INTEGER NOT NULL, removed INTEGER, removed_time INTEGER,"
	" UNIQUE (segment, name), CHECK ((removed IS NULL) = (removed_time IS NULL))) STRICT",
	"CREATE UNIQUE INDEX link_live ON link (segment) WHERE removed IS NULL",
	"CREATE INDEX link_removed ON link (removed_time) WHERE removed IS NOT NULL",

	"CREATE TABLE quarantine (name TEXT NOT NULL PRIMARY KEY, lines INTEGER NOT NULL, added INTEGER NOT NULL, removed INTEGER,"
	" removed_time INTEGER, CHECK ((removed IS NULL) = (removed_time IS NULL))) STRICT",
	"CREATE INDEX quarantine_removed ON quarantine (removed_time) WHERE removed IS NOT NULL",

	"CREATE TABLE source (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, path BLOB NOT NULL, origin TEXT NOT NULL,"
	" format TEXT NOT NULL, zone TEXT NOT NULL, origin_kind INTEGER NOT NULL, head_len INTEGER NOT NULL, head_hash INTEGER NOT NULL,"
	" position INTEGER NOT NULL, size INTEGER NOT NULL, file_size INTEGER NOT NULL, file_mtime INTEGER NOT NULL,"
	" file_dev INTEGER NOT NULL, file_ino INTEGER NOT NULL, lines INTEGER NOT NULL, records INTEGER NOT NULL,"
	" ignored INTEGER NOT NULL, quarantined INTEGER NOT NULL, time_first INTEGER NOT NULL, time_last INTEGER NOT NULL,"
	" cut_at INTEGER NOT NULL, seen_time INTEGER NOT NULL) STRICT",
	"CREATE INDEX source_path ON source (path, seen_time)",
	"CREATE INDEX source_head ON source (head_len, head_hash)",

	"CREATE TABLE anchor (source INTEGER NOT NULL REFERENCES source (id) ON DELETE CASCADE, offset INTEGER NOT NULL,"
	" hash INTEGER NOT NULL, PRIMARY KEY (source, offset)) STRICT, WITHOUT ROWID",

	"CREATE TABLE minute_count (day INTEGER NOT NULL, source INTEGER NOT NULL REFERENCES source (id) ON DELETE CASCADE,"
	" added INTEGER NOT NULL, counts BLOB NOT NULL, PRIMARY KEY (day, source, added)) STRICT, WITHOUT ROWID",
	"CREATE INDEX minute_count_source ON minute_count (source)",

	"CREATE TABLE route_value (parent BLOB NOT NULL, value BLOB NOT NULL, records INTEGER NOT NULL, clients BLOB NOT NULL,"
	" PRIMARY KEY (parent, value)) STRICT, WITHOUT ROWID",
	"CREATE TABLE route_rule (id INTEGER PRIMARY KEY AUTOINCREMENT, parent BLOB NOT NULL, added INTEGER NOT NULL, removed INTEGER) STRICT",
	"CREATE UNIQUE INDEX route_rule_live ON route_rule (parent) WHERE removed IS NULL",
};

enum ot_status ot_catalog_fail(struct ot_store *store, struct ot_err *err)
{
	int code = store->db == NULL ? SQLITE_NOMEM : sqlite3_extended_errcode(store->db);
	const char *words = store->db == NULL ? sqlite3_errstr(code) : sqlite3_errmsg(store->db);
	int number = store->db == NULL ? 0 : sqlite3_system_errno(store->db);
	enum ot_status status = OT_IO;

	switch (code & 0xff) {
	case SQLITE_NOMEM:
		ot_die("out of memory in the catalog of %s", store->dir);
	case SQLITE_FULL:
		status = OT_FULL;
		break;
	case SQLITE_IOERR:
		/* As SQLite tells it where the log or its index cannot grow. Not of a sync: what that leaves in the log may come back. */
		if ((number == ENOSPC || number == EDQUOT) && code != SQLITE_IOERR_FSYNC && code != SQLITE_IOERR_DIR_FSYNC)
			status = OT_FULL;
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		status = OT_BUSY;
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		status = OT_CORRUPT;
		break;
	}
	if ((code & 0xff) == SQLITE_IOERR && number != 0)
		return ot_err_set(err, status, "%s/catalog.sqlite: %s: %s", store->dir, words, strerror(number));
	return ot_err_set(err, status, "%s/catalog.sqlite: %s", store->dir, words);
}

static enum ot_status exec(struct ot_store *store, const char *sql, struct ot_err *err)
{
	return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? OT_OK : ot_catalog_fail(store, err);
}

static enum ot_status pragma_int(struct ot_store *store, const char *sql, int64_t *value, struct ot_err *err)
{
	struct ot_query q;

	ot_query_start(&q, store, sql, err);
	*value = ot_query_row(&q) ? ot_query_get_int(&q) : 0;
	return ot_query_end(&q);
}

static enum ot_status connect(struct ot_store *store, const char *path, int flags, struct ot_err *err)
{
	static const char settings[] = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
				       "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 16777216;";

	sqlite3_close(store->db);
	store->db = NULL;
	if (sqlite3_open_v2(path, &store->db, flags, NULL) != SQLITE_OK)
		return ot_catalog_fail(store, err);
	sqlite3_extended_result_codes(store->db, 1);
	sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return exec(store, settings, err);
}

/* A catalog on a medium that cannot be written has no room for a WAL index; where no WAL is left beside it, it is whole without. */
static enum ot_status connect_frozen(struct ot_store *store, const char *path, struct ot_err *err)
{
	struct ot_buf uri = { 0 }, wal = { 0 };
	struct stat st;
	enum ot_status status;

	ot_buf_printf(&wal, "%s-wal%c", path, '\0');
	if (stat(wal.data, &st) == 0 && st.st_size > 0) {
		ot_buf_release(&wal);
		return ot_err_set(err, OT_IO, "%s cannot be read: its folder cannot be written, and %s-wal holds changes", path, path);
	}
	ot_buf_text(&uri, "file:");
	for (const char *c = path; *c != '\0'; c++) {
		if (*c == '%' || *c == '?' || *c == '#')
			ot_buf_printf(&uri, "%%%02x", (unsigned)*c);
		else
			ot_buf_char(&uri, *c);
	}
	ot_buf_printf(&uri, "?immutable=1%c", '\0');
	status = connect(store, uri.data, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
	ot_buf_release(&uri);
	ot_buf_release(&wal);
	return status;
}

static enum ot_status make_schema(struct ot_store *store, struct ot_err *err)
{
	struct ot_transaction t;
	char sql[64];
	enum ot_status status = exec(store, "PRAGMA journal_mode = WAL", err);

	if (status == OT_OK)
		status = ot_transaction_begin(&t, store, true, err);
	if (status != OT_OK)
		return status;
	for (size_t i = 0; i < sizeof(schema) / sizeof(schema[0]) && status == OT_OK; i++)
		status = exec(store, schema[i], err);
	snprintf(sql, sizeof(sql), "PRAGMA application_id = %d", OT_CATALOG_APPLICATION);
	if (status == OT_OK)
		status = exec(store, sql, err);
	snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", OT_CATALOG_VERSION);
	if (status == OT_OK)
		status = exec(store, sql, err);
	status = ot_transaction_end(&t, status, err);
	return status == OT_OK ? ot_dir_sync(store->dir, err) : status;
}

/* `empty`: the catalog was not made, or a crash came first. */
static enum ot_status check_version(struct ot_store *store, bool *empty, struct ot_err *err)
{
	int64_t application = 0, version = 0, tables = 0;
	enum ot_status status = pragma_int(store, "PRAGMA application_id", &application, err);

	if (status == OT_OK)
		status = pragma_int(store, "PRAGMA user_version", &version, err);
	if (status == OT_OK && application != OT_CATALOG_APPLICATION)
		status = pragma_int(store, "SELECT count(*) FROM sqlite_schema", &tables, err);
	if (status != OT_OK)
		return status;
	*empty = application == 0 && version == 0 && tables == 0;
	if (!*empty && application != OT_CATALOG_APPLICATION)
		return ot_err_set(err, OT_CORRUPT, "%s/catalog.sqlite is not a catalog of onetrail", store->dir);
	if (version > OT_CATALOG_VERSION)
		return ot_err_set(err, OT_VERSION, "%s was written by a newer onetrail (store version %lld, this one knows up to %d)", store->dir,
		    (long long)version, OT_CATALOG_VERSION);
	return OT_OK;
}

/* SQLite would make it readable to all; its log and index take over the mode. */
static enum ot_status make_private(const char *path, struct ot_err *err)
{
	enum ot_status status;
	int fd;

	if (access(path, F_OK) == 0)
		return OT_OK;
	status = ot_file_create(path, 0600, &fd, err);
	if (status == OT_OK)
		close(fd);
	return status;
}

static enum ot_status open_to_write(struct ot_store *store, const char *path, struct ot_err *err)
{
	bool empty = false;
	enum ot_status status = make_private(path, err);

	if (status == OT_OK)
		status = connect(store, path, SQLITE_OPEN_READWRITE, err);
	if (status == OT_OK)
		status = check_version(store, &empty, err);
	return status == OT_OK && empty ? make_schema(store, err) : status;
}

static bool folder_is_frozen(struct ot_store *store)
{
	int code = sqlite3_errcode(store->db) & 0xff;

	return code == SQLITE_CANTOPEN || code == SQLITE_READONLY;
}

static enum ot_status open_to_read(struct ot_store *store, const char *path, struct ot_err *err)
{
	bool empty = false;
	enum ot_status status = connect(store, path, SQLITE_OPEN_READONLY, err);

	if (status == OT_OK)
		status = check_version(store, &empty, err);
	if (status == OT_IO && folder_is_frozen(store)) {
		ot_catalog_close(store);
		status = connect_frozen(store, path, err);
		if (status == OT_OK)
			status = check_version(store, &empty, err);
	}
	if (status == OT_OK && empty)
		status = ot_err_set(err, OT_NOT_FOUND, "no store at %s: make one with `onetrail collect PATH...`", store->dir);
	return status;
}

enum ot_status ot_catalog_open(struct ot_store *store, struct ot_err *err)
{
	struct ot_buf path = { 0 };
	int64_t newest = 0;
	enum ot_status status;

	ot_buf_printf(&path, "%s/catalog.sqlite%c", store->dir, '\0');
	status = store->mode == OT_STORE_READ ? open_to_read(store, path.data, err) : open_to_write(store, path.data, err);
	ot_buf_release(&path);
	if (status == OT_OK)
		status = ot_catalog_newest(store, &newest, err);
	atomic_store(&store->newest, newest);
	return status;
}

void ot_catalog_close(struct ot_store *store)
{
	for (size_t i = 0; i < store->statement_count; i++)
		sqlite3_finalize(store->statements[i].stmt);
	store->statement_count = 0;
	sqlite3_close(store->db);
	store->db = NULL;
}
