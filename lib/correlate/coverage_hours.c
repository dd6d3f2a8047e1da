/* Coverage as a table: a cell a stream (or source) and step of time. Cells that hold nothing and miss nothing are left out. */
#include "cover.h"
#include <math.h>
#include <stdlib.h>

struct cell {
	int64_t since;
	size_t row; /* stream or source */
	uint64_t records, unread;
	double missing;
};

struct table {
	struct cover cover;
	int64_t step_ns;
	bool by_source;
	struct cell *cells;
	size_t count, cap;
};

static int64_t step_of(const struct table *t, int64_t minute)
{
	int64_t time = minute * COVER_MINUTE_NS, step = time / t->step_ns * t->step_ns;
	return step > time ? step - t->step_ns : step;
}

/* Cells of one row mostly come in order, so that most adds find theirs at the end. */
static struct cell *cell_at(struct table *t, int64_t since, size_t row)
{
	if (t->count > 0 && t->cells[t->count - 1].since == since && t->cells[t->count - 1].row == row)
		return &t->cells[t->count - 1];
	if (t->count == t->cap) {
		t->cap = t->cap == 0 ? 256 : t->cap * 2;
		t->cells = ot_realloc(t->cells, t->cap * sizeof(*t->cells));
	}
	t->cells[t->count] = (struct cell){ .since = since, .row = row };
	return &t->cells[t->count++];
}

static void take_minute(void *context, size_t source, int64_t minute, uint32_t records, uint32_t unread)
{
	struct table *t = context;
	struct cell *cell = cell_at(t, step_of(t, minute), t->by_source ? source : t->cover.stream_of[source]);
	cell->records += records;
	cell->unread += unread;
}

/* Of a log's rotated files the one that was being written: the last that had begun. */
static size_t source_at(const struct cover *c, size_t stream, int64_t minute)
{
	size_t found = SIZE_MAX;
	int64_t begun = OT_TIME_MIN;
	for (size_t i = 0; i < c->snapshot->source_count; i++) {
		const struct ot_source *s = &c->snapshot->sources[i];
		if (c->stream_of[i] != stream || s->time_first > s->time_last || s->time_first > minute * COVER_MINUTE_NS)
			continue;
		if (found == SIZE_MAX || s->time_first >= begun) {
			found = i;
			begun = s->time_first;
		}
	}
	return found;
}

static void take_silence(struct table *t, size_t stream, const struct silence *silence)
{
	const struct cover *c = &t->cover;
	int64_t from = silence->from > c->since ? silence->from : c->since, to = silence->to < c->until ? silence->to : c->until;
	size_t row = t->by_source ? source_at(c, stream, silence->from) : stream;
	while (from < to && row != SIZE_MAX) {
		int64_t step = step_of(t, from), next = (step + t->step_ns) / COVER_MINUTE_NS;
		next = next <= from ? from + 1 : next > to ? to : next;
		cell_at(t, step, row)->missing += silence->usual * (double)(next - from);
		from = next;
	}
}

static int compare_rows(const struct table *t, size_t a, size_t b)
{
	if (!t->by_source)
		return (a > b) - (a < b); /* streams are in order */
	const struct ot_source *sa = &t->cover.snapshot->sources[a], *sb = &t->cover.snapshot->sources[b];
	int order = ot_str_cmp(sa->origin, sb->origin);
	if (order == 0)
		order = ot_str_cmp(sa->format, sb->format);
	if (order == 0)
		order = ot_str_cmp(sa->path, sb->path);
	return order != 0 ? order : (a > b) - (a < b);
}

static int compare_cells(const void *pa, const void *pb, void *context)
{
	const struct cell *a = pa, *b = pb;
	if (a->since != b->since)
		return a->since < b->since ? -1 : 1;
	return compare_rows(context, a->row, b->row);
}

static void merge_cells(struct table *t)
{
	size_t kept = 0;
	if (t->count > 1)
		qsort_r(t->cells, t->count, sizeof(*t->cells), compare_cells, t);
	for (size_t i = 0; i < t->count; i++) {
		struct cell *last = kept == 0 ? NULL : &t->cells[kept - 1], *cell = &t->cells[i];
		if (last != NULL && last->since == cell->since && last->row == cell->row) {
			last->records += cell->records;
			last->unread += cell->unread;
			last->missing += cell->missing;
		} else {
			t->cells[kept++] = *cell;
		}
	}
	t->count = kept;
}

static enum ot_status tell_cell(const struct table *t, const struct cell *cell, ot_coverage_hour_fn *fn, void *context, struct ot_err *err)
{
	struct ot_coverage_hour hour = { .since = cell->since, .records = cell->records, .unread = cell->unread };
	const struct ot_source *source = t->by_source ? &t->cover.snapshot->sources[cell->row] : NULL;
	const struct cover_stream *stream = &t->cover.streams[t->by_source ? t->cover.stream_of[cell->row] : cell->row];
	hour.origin = stream->origin;
	hour.format = stream->format;
	hour.source = source == NULL ? OT_STR_NONE : source->path;
	hour.missing = (uint64_t)llround(cell->missing);
	double expected = (double)cell->records + (double)cell->unread + cell->missing;
	hour.share = expected > 0 ? (double)cell->records / expected : 1;
	return fn(context, &hour, err);
}

enum ot_status ot_coverage_hours(struct ot_store *store, const struct ot_snapshot *snapshot, const struct ot_coverage_scope *scope, int64_t step_ns, bool by_source, ot_coverage_hour_fn *fn, void *context, struct ot_err *err)
{
	struct table t = { .cover = { .store = store, .snapshot = snapshot, .scope = scope }, .by_source = by_source };
	const int64_t whole = (INT64_MAX / 2) / COVER_MINUTE_NS * COVER_MINUTE_NS; /* a step from 1970 on that no time leaves */
	t.step_ns = step_ns == 0 ? whole : step_ns < COVER_MINUTE_NS ? COVER_MINUTE_NS : step_ns / COVER_MINUTE_NS * COVER_MINUTE_NS;
	t.cover.minute = take_minute;
	t.cover.context = &t;
	enum ot_status status = cover_load(&t.cover, err);
	for (size_t i = 0; status == OT_OK && i < t.cover.stream_count; i++)
		for (size_t j = 0; j < t.cover.streams[i].silences.count; j++)
			take_silence(&t, i, &t.cover.streams[i].silences.items[j]);
	merge_cells(&t);
	for (size_t i = 0; status == OT_OK && i < t.count; i++)
		status = tell_cell(&t, &t.cells[i], fn, context, err);
	free(t.cells);
	cover_release(&t.cover);
	return status;
}
