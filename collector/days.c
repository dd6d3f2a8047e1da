/*
 * collector: days whose records wait to be linked. A run may be stopped between storing and linking; so the days are written down before the commit
 * that touches them, in a file of the store ("unlinked": a day number a line), which goes when they are linked. A day too many costs only time.
 */
#include "pipeline.h"
#include <base/file.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { FILE_MAX = 16 << 20 };

static void path_of(const struct ot_store *store, struct ot_buf *path) { ot_buf_printf(path, "%s/unlinked%c", ot_store_dir(store), 0); }

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static size_t sort_distinct(int64_t *days, size_t count)
{
	size_t kept = 0;
	if (count > 0)
		qsort(days, count, sizeof(*days), by_number);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || days[kept - 1] != days[i])
			days[kept++] = days[i];
	return kept;
}

enum ot_status ot_days_unlinked(struct ot_store *store, int64_t **days, size_t *count, struct ot_err *err)
{
	struct ot_buf path = { 0 }, text = { 0 };
	size_t cap = 16;
	*days = ot_alloc(cap * sizeof(**days));
	*count = 0;
	path_of(store, &path);
	enum ot_status status = ot_file_read(path.data, FILE_MAX, &text, err);
	struct ot_str rest = ot_buf_str(&text), line;
	while (status == OT_OK && ot_line_next(&rest, &line)) {
		if (*count == cap)
			*days = ot_realloc(*days, (cap *= 2) * sizeof(**days));
		if (ot_str_to_i64(line, &(*days)[*count]))
			(*count)++;
	}
	*count = sort_distinct(*days, *count);
	ot_buf_release(&path);
	ot_buf_release(&text);
	return status == OT_NOT_FOUND ? OT_OK : status;
}

static enum ot_status write_days(struct ot_store *store, const int64_t *days, size_t count, struct ot_err *err)
{
	struct ot_buf path = { 0 }, text = { 0 };
	path_of(store, &path);
	for (size_t i = 0; i < count; i++) {
		ot_buf_i64(&text, days[i]);
		ot_buf_char(&text, '\n');
	}
	enum ot_status status = ot_file_publish(path.data, ot_buf_str(&text).ptr, text.len, 0600, err);
	ot_buf_release(&path);
	ot_buf_release(&text);
	return status;
}

enum ot_status ot_days_remember(struct ot_store *store, const int64_t *days, size_t count, struct ot_err *err)
{
	int64_t *all;
	size_t known;
	enum ot_status status = ot_days_unlinked(store, &all, &known, err);
	if (status == OT_OK) {
		all = ot_realloc(all, (known + count + 1) * sizeof(*all));
		size_t total = known;
		for (size_t i = 0; i < count; i++)
			if (days[i] != OT_DAY_UNDATED)
				all[total++] = days[i];
		total = sort_distinct(all, total);
		if (total > known)
			status = write_days(store, all, total, err);
	}
	free(all);
	return status;
}

enum ot_status ot_days_linked(struct ot_store *store, struct ot_err *err)
{
	struct ot_buf path = { 0 };
	path_of(store, &path);
	enum ot_status status = unlink(path.data) == 0 || errno == ENOENT ? OT_OK : ot_err_errno(err, "%s", path.data);
	ot_buf_release(&path);
	return status;
}
