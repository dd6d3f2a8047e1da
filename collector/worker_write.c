/* collector: the writing half of a worker: a batch into segments, one a day. See worker.h. */
#include "worker.h"
#include <base/file.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* The distinct days of the rows, sorted; malloc'ed. */
static int64_t *days_of(const struct ot_worker *worker, size_t *count)
{
	size_t cap = 16, n = 0;
	int64_t *days = ot_alloc(cap * sizeof(*days));
	for (uint32_t row = 0; row < worker->batch.rows; row++) {
		if (row > 0 && worker->row_days[row] == worker->row_days[row - 1])
			continue;
		if (n == cap)
			days = ot_realloc(days, (cap *= 2) * sizeof(*days));
		days[n++] = worker->row_days[row];
	}
	if (n > 0)
		qsort(days, n, sizeof(*days), by_number);
	*count = 0;
	for (size_t i = 0; i < n; i++)
		if (*count == 0 || days[*count - 1] != days[i])
			days[(*count)++] = days[i];
	return days;
}

static size_t place_of(const int64_t *days, size_t count, int64_t day)
{
	const int64_t *found = bsearch(&day, days, count, sizeof(*days), by_number);
	return (size_t)(found - days);
}

/* Row numbers by day: those of days[i] are order[starts[i]] up to order[starts[i + 1]]. */
static uint32_t *order_of(const struct ot_worker *worker, const int64_t *days, size_t count, uint32_t **starts)
{
	uint32_t rows = worker->batch.rows, *order = ot_alloc(rows * sizeof(*order));
	uint32_t *ends = ot_alloc_zero(count + 2, sizeof(*ends));
	size_t day = 0;
	for (uint32_t row = 0; row < rows; row++) {
		if (days[day] != worker->row_days[row])
			day = place_of(days, count, worker->row_days[row]);
		ends[day + 2]++;
	}
	for (size_t i = 2; i < count + 2; i++)
		ends[i] += ends[i - 1];
	for (uint32_t row = 0; row < rows; row++) {
		if (days[day] != worker->row_days[row])
			day = place_of(days, count, worker->row_days[row]);
		order[ends[day + 1]++] = row;
	}
	*starts = ends;
	return order;
}

static struct ot_segment_info *new_segment(struct ot_worker *worker)
{
	if (worker->segment_count == worker->segment_cap) {
		worker->segment_cap = worker->segment_cap == 0 ? 8 : worker->segment_cap * 2;
		worker->segments = ot_realloc(worker->segments, worker->segment_cap * sizeof(*worker->segments));
	}
	struct ot_segment_info *info = &worker->segments[worker->segment_count++];
	memset(info, 0, sizeof(*info));
	return info;
}

/* Where a new segment of the day goes; its name is put in `info`. */
static enum ot_status place_segment(struct ot_store *store, int64_t day, const struct ot_worker_lock *lock, struct ot_segment_info *info,
    struct ot_buf *path, struct ot_err *err)
{
	lock->lock(lock->context);
	enum ot_status status = ot_store_segment_dir(store, day, path, err);
	ot_store_new_name(store, ".seg", info->name);
	lock->unlock(lock->context);
	if (path->len > 0 && path->data[path->len - 1] != '/')
		ot_buf_char(path, '/');
	ot_buf_text(path, info->name);
	ot_buf_char(path, 0);
	return status;
}

static enum ot_status write_segment(struct ot_worker *worker, struct ot_store *store, const struct ot_worker_lock *lock, int64_t day,
    const uint32_t *order, uint32_t rows, struct ot_err *err)
{
	struct ot_buf path = { 0 }, aside = { 0 };
	struct ot_segment_info *info = new_segment(worker), written = { .rows = 0 };
	enum ot_status status = place_segment(store, day, lock, info, &path, err);
	if (status == OT_OK) {
		ot_buf_printf(&aside, "%s.tmp%c", path.data, 0);
		status = ot_segment_write(aside.data, &worker->batch, order, rows, &written, err);
	}
	if (status == OT_OK)
		status = ot_file_rename(aside.data, path.data, err);
	else if (aside.len > 0)
		unlink(aside.data);
	memcpy(written.name, info->name, sizeof(written.name));
	written.day = day;
	written.raw_bytes = 0;
	for (uint32_t i = 0; i < rows; i++)
		written.raw_bytes += worker->row_bytes[order[i]];
	*info = written;
	ot_buf_release(&path);
	ot_buf_release(&aside);
	return status;
}

enum ot_status ot_worker_write(struct ot_worker *worker, struct ot_store *store, const struct ot_worker_lock *lock, struct ot_err *err)
{
	if (worker->batch.rows == 0)
		return OT_OK;
	size_t count;
	uint32_t *starts;
	int64_t *days = days_of(worker, &count);
	uint32_t *order = order_of(worker, days, count, &starts);
	enum ot_status status = OT_OK;
	for (size_t i = 0; i < count && status == OT_OK; i++)
		status = write_segment(worker, store, lock, days[i], order + starts[i], starts[i + 1] - starts[i], err);
	free(days);
	free(order);
	free(starts);
	return status;
}
