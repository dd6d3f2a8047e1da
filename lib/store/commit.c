#include "catalog.h"

#include <base/file.h>
#include <base/time.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum ot_status ot_commit_step(struct ot_commit *commit, enum ot_status status)
{
	commit->failed |= status != OT_OK;
	return status;
}

static enum ot_status number_commit(struct ot_commit *commit, struct ot_err *err)
{
	struct ot_query q;
	enum ot_status status;

	ot_query_start(&q, commit->store, "INSERT INTO commits (time) VALUES (?)", err);
	ot_query_int(&q, commit->time);
	status = ot_query_run(&q);
	commit->id = sqlite3_last_insert_rowid(commit->store->db);
	return status;
}

enum ot_status ot_commit_begin(struct ot_commit **out, struct ot_store *store, struct ot_err *err)
{
	struct ot_commit *commit;
	enum ot_status status;

	*out = NULL;
	if (store->mode != OT_STORE_WRITE)
		return ot_err_set(err, OT_IO, "%s was opened for reading", store->dir);
	commit = ot_alloc_zero(1, sizeof(*commit));
	*commit = (struct ot_commit){ .store = store, .time = ot_time_now() };
	status = ot_transaction_begin(&commit->transaction, store, true, err);
	if (status != OT_OK) {
		free(commit);
		return status;
	}
	/* Only the thread that holds the lock comes here: a second commit of its own, while the first is open. */
	if (!commit->transaction.own) {
		status = ot_err_set(err, OT_BUSY, "%s: a commit is open already", store->dir);
		ot_transaction_end(&commit->transaction, status, NULL);
		free(commit);
		return status;
	}
	status = number_commit(commit, err);
	if (status != OT_OK) {
		ot_transaction_end(&commit->transaction, status, NULL);
		free(commit);
		return status;
	}
	store->commit = commit;
	*out = commit;
	return OT_OK;
}

enum ot_status ot_commit_finish(struct ot_commit *commit, int64_t *snapshot_id, struct ot_err *err)
{
	struct ot_store *store = commit->store;
	int64_t id = commit->id;
	enum ot_status status = OT_OK;

	if (commit->failed)
		status = ot_err_set(err, OT_IO, "%s: commit %lld has a step that failed", store->dir, (long long)id);
	else if (ot_file_fails("commit", store->dir))
		status = ot_err_errno(err, "cannot commit to %s", store->dir);
	store->commit = NULL;
	status = ot_transaction_end(&commit->transaction, status, err);
	free(commit);
	if (status != OT_OK)
		return status;
	/* Only a crash can come of it here: the commit is durable. */
	(void)ot_file_fails("committed", store->dir);
	atomic_store(&store->newest, id);
	if (snapshot_id != NULL)
		*snapshot_id = id;
	return OT_OK;
}

void ot_commit_abort(struct ot_commit *commit)
{
	if (commit == NULL)
		return;
	commit->store->commit = NULL;
	ot_transaction_end(&commit->transaction, OT_CANCELLED, NULL);
	free(commit);
}

/* --- segments and links --- */

/* Listing a file that is not there would be corruption that nobody can repair later. */
static enum ot_status check_in_place(const char *path, int64_t bytes, struct ot_err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return ot_err_errno(err, "%s is to be listed", path);
	if (bytes >= 0 && st.st_size != bytes)
		return ot_err_set(err, OT_CORRUPT, "%s is to be listed with %lld bytes but has %lld", path, (long long)bytes, (long long)st.st_size);
	return OT_OK;
}

static enum ot_status check_segment_in_place(struct ot_store *store, const struct ot_segment_info *info, struct ot_err *err)
{
	struct ot_arena arena = { 0 };
	enum ot_status status = check_in_place(ot_store_segment_path(store, info->day, info->name, &arena), (int64_t)info->bytes, err);

	ot_arena_release(&arena);
	return status;
}

static enum ot_status insert_segment(struct ot_commit *commit, const struct ot_segment_info *info, struct ot_err *err)
{
	struct ot_query q;

	ot_query_start(&q, commit->store,
	    "INSERT INTO segment (name, day, rows, bytes, raw_bytes, time_min, time_max, checksum, added) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    err);
	ot_query_text(&q, ot_str_from(info->name));
	if (info->day == OT_DAY_UNDATED)
		ot_query_null(&q);
	else
		ot_query_int(&q, info->day);
	ot_query_int(&q, info->rows);
	ot_query_u64(&q, info->bytes);
	ot_query_u64(&q, info->raw_bytes);
	ot_query_int(&q, info->time_min);
	ot_query_int(&q, info->time_max);
	ot_query_u64(&q, info->checksum);
	ot_query_int(&q, commit->id);
	return ot_query_run(&q);
}

enum ot_status ot_commit_segment(struct ot_commit *commit, const struct ot_segment_info *info, int64_t *id, struct ot_err *err)
{
	enum ot_status status = check_segment_in_place(commit->store, info, err);

	if (status == OT_OK)
		status = insert_segment(commit, info, err);
	if (status == OT_OK && id != NULL)
		*id = sqlite3_last_insert_rowid(commit->store->db);
	return ot_commit_step(commit, status);
}

/* Marks what is live as removed by this commit; `sql` takes commit, time, and what is meant. */
static enum ot_status mark_removed(struct ot_commit *commit, const char *sql, int64_t id, struct ot_err *err)
{
	struct ot_query q;

	ot_query_start(&q, commit->store, sql, err);
	ot_query_int(&q, commit->id);
	ot_query_int(&q, commit->time);
	ot_query_int(&q, id);
	return ot_query_run(&q);
}

static enum ot_status remove_link(struct ot_commit *commit, int64_t segment_id, struct ot_err *err)
{
	return mark_removed(commit, "UPDATE link SET removed = ?, removed_time = ? WHERE segment = ? AND removed IS NULL", segment_id, err);
}

static enum ot_status not_live(struct ot_commit *commit, int64_t segment_id, struct ot_err *err)
{
	return ot_err_set(err, OT_NOT_FOUND, "%s: there is no segment %lld any more", commit->store->dir, (long long)segment_id);
}

enum ot_status ot_commit_remove_segment(struct ot_commit *commit, int64_t segment_id, struct ot_err *err)
{
	enum ot_status status =
	    mark_removed(commit, "UPDATE segment SET removed = ?, removed_time = ? WHERE id = ? AND removed IS NULL", segment_id, err);

	if (status == OT_OK && sqlite3_changes(commit->store->db) == 0)
		status = not_live(commit, segment_id, err);
	if (status == OT_OK)
		status = remove_link(commit, segment_id, err);
	return ot_commit_step(commit, status);
}

static enum ot_status live_segment_day(struct ot_commit *commit, int64_t segment_id, int64_t *day, struct ot_err *err)
{
	struct ot_query q;
	enum ot_status status;
	bool found;

	ot_query_start(&q, commit->store, "SELECT day FROM segment WHERE id = ? AND removed IS NULL", err);
	ot_query_int(&q, segment_id);
	found = ot_query_row(&q);
	if (found)
		*day = ot_query_get_null(&q) ? OT_DAY_UNDATED : ot_query_get_int(&q);
	status = ot_query_end(&q);
	return status == OT_OK && !found ? not_live(commit, segment_id, err) : status;
}

static enum ot_status insert_link(struct ot_commit *commit, int64_t segment_id, int64_t day, const char *name, struct ot_err *err)
{
	struct ot_arena arena = { 0 };
	enum ot_status status = check_in_place(ot_store_segment_path(commit->store, day, name, &arena), -1, err);
	struct ot_query q;

	ot_arena_release(&arena);
	if (status != OT_OK)
		return status;
	ot_query_start(&q, commit->store, "INSERT INTO link (segment, name, added) VALUES (?, ?, ?)", err);
	ot_query_int(&q, segment_id);
	ot_query_text(&q, ot_str_from(name));
	ot_query_int(&q, commit->id);
	return ot_query_run(&q);
}

enum ot_status ot_commit_link(struct ot_commit *commit, int64_t segment_id, const char *name, struct ot_err *err)
{
	int64_t day = 0;
	enum ot_status status = live_segment_day(commit, segment_id, &day, err);

	if (status == OT_OK)
		status = remove_link(commit, segment_id, err);
	if (status == OT_OK && name != NULL)
		status = insert_link(commit, segment_id, day, name, err);
	return ot_commit_step(commit, status);
}

/* --- quarantine --- */

enum ot_status ot_commit_quarantine(struct ot_commit *commit, const char *name, uint64_t lines, struct ot_err *err)
{
	struct ot_arena arena = { 0 };
	enum ot_status status = check_in_place(ot_store_quarantine_path(commit->store, name, &arena), -1, err);

	ot_arena_release(&arena);
	if (status == OT_OK) {
		struct ot_query q;

		ot_query_start(&q, commit->store, "INSERT INTO quarantine (name, lines, added) VALUES (?, ?, ?)", err);
		ot_query_text(&q, ot_str_from(name));
		ot_query_u64(&q, lines);
		ot_query_int(&q, commit->id);
		status = ot_query_run(&q);
	}
	return ot_commit_step(commit, status);
}

enum ot_status ot_commit_quarantine_remove(struct ot_commit *commit, const char *name, struct ot_err *err)
{
	enum ot_status status;
	struct ot_query q;

	ot_query_start(&q, commit->store, "UPDATE quarantine SET removed = ?, removed_time = ? WHERE name = ? AND removed IS NULL", err);
	ot_query_int(&q, commit->id);
	ot_query_int(&q, commit->time);
	ot_query_text(&q, ot_str_from(name));
	status = ot_query_run(&q);
	if (status == OT_OK && sqlite3_changes(commit->store->db) == 0)
		status = ot_err_set(err, OT_NOT_FOUND, "%s: there is no quarantine file %s", commit->store->dir, name);
	return ot_commit_step(commit, status);
}
