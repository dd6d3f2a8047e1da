#include "catalog.h"

#include <base/file.h>
#include <base/time.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- what was replaced long enough ago --- */

/* Paths that are let go, as terminated texts in `paths`. */
struct expiring {
	struct ot_store *store;
	int64_t before; /* removed before this time */
	struct ot_arena paths;
	struct ot_intern set;
	int64_t gone; /* snapshots below this number cannot be given any more */
};

static void expire_path(struct expiring *e, const char *path, int64_t removed)
{
	ot_intern_put(&e->set, ot_str_from(path), NULL);
	if (removed > e->gone)
		e->gone = removed;
}

/* Rows of (name, removed, day). */
static enum ot_status list_expired(struct expiring *e, const char *sql, struct ot_err *err)
{
	struct ot_query q;

	ot_query_start(&q, e->store, sql, err);
	ot_query_int(&q, e->before);
	while (ot_query_row(&q)) {
		const char *name = ot_arena_cstr(&e->paths, ot_query_get_text(&q, &e->paths));
		int64_t removed = ot_query_get_int(&q), day = ot_query_get_null(&q) ? OT_DAY_UNDATED : ot_query_get_int(&q);

		expire_path(e, ot_store_segment_path(e->store, day, name, &e->paths), removed);
	}
	return ot_query_end(&q);
}

static enum ot_status list_expired_quarantine(struct expiring *e, struct ot_err *err)
{
	struct ot_query q;

	ot_query_start(&q, e->store, "SELECT name, removed FROM quarantine WHERE removed_time < ?", err);
	ot_query_int(&q, e->before);
	while (ot_query_row(&q)) {
		const char *name = ot_arena_cstr(&e->paths, ot_query_get_text(&q, &e->paths));

		expire_path(e, ot_store_quarantine_path(e->store, name, &e->paths), ot_query_get_int(&q));
	}
	return ot_query_end(&q);
}

static enum ot_status run_int(struct ot_store *store, const char *sql, int64_t value, struct ot_err *err)
{
	struct ot_query q;

	ot_query_start(&q, store, sql, err);
	ot_query_int(&q, value);
	return ot_query_run(&q);
}

static enum ot_status list_all_expired(struct expiring *e, struct ot_err *err)
{
	enum ot_status status = list_expired(e, "SELECT name, removed, day FROM segment WHERE removed_time < ?", err);

	if (status == OT_OK)
		status = list_expired(e,
		    "SELECT l.name, l.removed, s.day FROM link l JOIN segment s ON s.id = l.segment WHERE l.removed_time < ?", err);
	if (status == OT_OK)
		status = list_expired_quarantine(e, err);
	return status;
}

static enum ot_status forget_expired(struct expiring *e, struct ot_err *err)
{
	enum ot_status status = run_int(e->store, "UPDATE state SET value = max(value, ?) WHERE name = 'oldest_snapshot'", e->gone, err);

	if (status == OT_OK)
		status = run_int(e->store, "DELETE FROM link WHERE removed_time < ?", e->before, err);
	if (status == OT_OK)
		status = run_int(e->store, "DELETE FROM segment WHERE removed_time < ?", e->before, err);
	if (status == OT_OK)
		status = run_int(e->store, "DELETE FROM quarantine WHERE removed_time < ?", e->before, err);
	if (status == OT_OK)
		status = run_int(e->store, "DELETE FROM route_rule WHERE removed <= ?", e->gone, err);
	if (status == OT_OK)
		status = run_int(e->store, "DELETE FROM commits WHERE id < ? AND id < (SELECT max(id) FROM commits)", e->gone, err);
	if (status == OT_OK)
		status = ot_minutes_fold(e->store, e->gone, err);
	return status;
}

/* First the catalog forgets the files, then they go: a crash in between leaves files that nobody lists. */
enum ot_status ot_store_expire(struct ot_store *store, struct ot_err *err)
{
	struct expiring e = { .store = store, .before = ot_time_now() - OT_KEEP_REMOVED_S * OT_NS_PER_S };
	struct ot_transaction t;
	enum ot_status status = ot_transaction_begin(&t, store, true, err);

	if (status != OT_OK)
		return status;
	status = list_all_expired(&e, err);
	if (status == OT_OK && e.set.count > 0)
		status = forget_expired(&e, err);
	status = ot_transaction_end(&t, status, err);
	for (uint32_t i = 0; i < e.set.count && status == OT_OK; i++)
		status = ot_file_remove(ot_arena_cstr(&e.paths, e.set.items[i]), err);
	ot_intern_release(&e.set);
	ot_arena_release(&e.paths);
	return status;
}

/* --- files that no commit lists --- */

static enum ot_status add_listed(struct ot_store *store, const char *sql, bool in_days, struct ot_intern *listed, struct ot_err *err)
{
	struct ot_arena arena = { 0 };
	struct ot_query q;

	ot_query_start(&q, store, sql, err);
	while (ot_query_row(&q)) {
		const char *name = ot_arena_cstr(&arena, ot_query_get_text(&q, &arena)), *path;

		if (in_days)
			path = ot_store_segment_path(store, ot_query_get_null(&q) ? OT_DAY_UNDATED : ot_query_get_int(&q), name, &arena);
		else
			path = ot_store_quarantine_path(store, name, &arena);
		ot_intern_put(listed, ot_str_from(path), NULL);
		ot_arena_reset(&arena);
	}
	ot_arena_release(&arena);
	return ot_query_end(&q);
}

/* Removed ones too: older snapshots still need them. */
static enum ot_status list_listed(struct ot_store *store, struct ot_intern *listed, struct ot_err *err)
{
	struct ot_transaction t;
	enum ot_status status = ot_transaction_begin(&t, store, false, err);

	if (status != OT_OK)
		return status;
	status = add_listed(store, "SELECT name, day FROM segment", true, listed, err);
	if (status == OT_OK)
		status = add_listed(store, "SELECT l.name, s.day FROM link l JOIN segment s ON s.id = l.segment", true, listed, err);
	if (status == OT_OK)
		status = add_listed(store, "SELECT name FROM quarantine", false, listed, err);
	return ot_transaction_end(&t, status, err);
}

struct looking {
	struct ot_store *store;
	struct ot_intern listed;
	ot_unlisted_fn *fn;
	void *context;
};

/* NAME.seg, and a temporary of it: NAME.seg.tmp or NAME.seg.XXXXXX.tmp. */
static bool has_suffix(struct ot_str name, const char *suffix_text)
{
	struct ot_str suffix = ot_str_from(suffix_text);
	ptrdiff_t at = ot_str_find(name, suffix);
	size_t end = at < 0 ? 0 : (size_t)at + suffix.len;

	if (at <= 0)
		return false;
	return end == name.len || (name.ptr[end] == '.' && ot_str_ends(name, OT_STR(".tmp")));
}

/* Which names of a folder are ours; all others are left alone. */
typedef bool ours_fn(struct ot_str name);

static bool ours_in_day(struct ot_str name)
{
	return has_suffix(name, ".seg") || has_suffix(name, ".lnk");
}

static bool ours_in_quarantine(struct ot_str name)
{
	return has_suffix(name, ".qtn");
}

static bool ours_in_store(struct ot_str name)
{
	return ot_str_starts(name, OT_STR("secret.key.")) && ot_str_ends(name, OT_STR(".tmp"));
}

static bool is_file(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static enum ot_status look_in(struct looking *l, const char *folder, ours_fn *is_ours, struct ot_err *err)
{
	DIR *dir = opendir(folder);
	enum ot_status status = OT_OK;
	struct ot_buf path = { 0 };
	struct dirent *entry;

	if (dir == NULL)
		return errno == ENOENT ? OT_OK : ot_err_errno(err, "cannot list %s", folder);
	while (status == OT_OK && (entry = readdir(dir)) != NULL) {
		if (!is_ours(ot_str_from(entry->d_name)))
			continue;
		ot_buf_clear(&path);
		ot_buf_printf(&path, "%s/%s%c", folder, entry->d_name, '\0');
		if (ot_intern_find(&l->listed, (struct ot_str){ path.data, path.len - 1 }) == UINT32_MAX && is_file(path.data))
			status = l->fn(l->context, path.data, err);
	}
	ot_buf_release(&path);
	closedir(dir);
	return status;
}

static bool is_day(const char *name)
{
	static const char shape[] = "dddd-dd-dd";

	if (strcmp(name, "undated") == 0)
		return true;
	for (size_t i = 0; i < sizeof(shape); i++)
		if (shape[i] == 'd' ? !isdigit((unsigned char)name[i]) : name[i] != shape[i])
			return false;
	return true;
}

static enum ot_status look_in_days(struct looking *l, struct ot_err *err)
{
	enum ot_status status = OT_OK;
	struct ot_buf path = { 0 };
	struct dirent *entry;
	DIR *dir;

	ot_buf_printf(&path, "%s/segments%c", l->store->dir, '\0');
	dir = opendir(path.data);
	if (dir == NULL && errno != ENOENT)
		status = ot_err_errno(err, "cannot list %s", path.data);
	while (dir != NULL && status == OT_OK && (entry = readdir(dir)) != NULL) {
		if (!is_day(entry->d_name))
			continue;
		ot_buf_clear(&path);
		ot_buf_printf(&path, "%s/segments/%s%c", l->store->dir, entry->d_name, '\0');
		status = look_in(l, path.data, ours_in_day, err);
	}
	if (dir != NULL)
		closedir(dir);
	ot_buf_release(&path);
	return status;
}

enum ot_status ot_store_unlisted(struct ot_store *store, ot_unlisted_fn *fn, void *context, struct ot_err *err)
{
	struct looking l = { .store = store, .fn = fn, .context = context };
	struct ot_buf path = { 0 };
	enum ot_status status = list_listed(store, &l.listed, err);

	if (status == OT_OK)
		status = look_in_days(&l, err);
	ot_buf_printf(&path, "%s/quarantine%c", store->dir, '\0');
	if (status == OT_OK)
		status = look_in(&l, path.data, ours_in_quarantine, err);
	if (status == OT_OK)
		status = look_in(&l, store->dir, ours_in_store, err);
	ot_buf_release(&path);
	ot_intern_release(&l.listed);
	return status;
}

static enum ot_status remove_unlisted(void *context, const char *path, struct ot_err *err)
{
	(void)context;
	return ot_file_remove(path, err);
}

enum ot_status ot_store_sweep(struct ot_store *store, struct ot_err *err)
{
	enum ot_status status = ot_store_expire(store, err);

	return status == OT_OK ? ot_store_unlisted(store, remove_unlisted, NULL, err) : status;
}
