/* One call whole: its records side by side, a row a field, and why they were put together. */
#include "app.h"
#include "when.h"

#include <base/text.h>
#include <stdlib.h>
#include <store/links.h>

enum { RECORDS_MAX = 64, NAME_WIDTH = 28, VALUE_WIDTH_MIN = 26, DETAIL_ROWS = 3 };

struct seen {
	struct ot_record record;
	unsigned evidence;
	bool leader;
};

struct call_view {
	struct view view;
	struct ot_str call_id;
	struct ot_arena id_arena, arena;
	struct seen *records;
	size_t count;
	enum ot_field fields[OT_FIELD_COUNT]; /* those that a record has */
	size_t field_count;
	size_t cursor, top, height, column, left; /* column: of a record */
	bool ready;
};

/* --- asking --- */

struct call_job {
	struct job job;
	struct call_view *call;
	struct ot_str id;
	struct seen *records;
	size_t count;
};

static enum ot_status take(void *context, const struct ot_row *row, unsigned evidence, bool leader, struct ot_err *err)
{
	struct call_job *asking = context;
	struct seen *seen;

	(void)err;
	if (asking->count == RECORDS_MAX)
		return OT_END;
	seen = &asking->records[asking->count++];
	*seen = (struct seen){ *row->record, evidence, leader };
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		if (ot_record_has(&seen->record, (enum ot_field)f) && ot_fields[f].form != OT_FORM_INT)
			seen->record.values[f].text = ot_arena_str(&asking->job.arena, seen->record.values[f].text);
	}
	return OT_OK;
}

static enum ot_status work(struct job *job, const struct asked *asked, struct ot_err *err)
{
	struct call_job *asking = (struct call_job *)job;
	enum ot_status status;

	asking->records = ot_arena_zero(&job->arena, RECORDS_MAX, sizeof(*asking->records));
	status = ot_engine_call(asked->engine, asking->id, take, asking, &job->stats, err);
	return status == OT_END ? OT_OK : status;
}

static bool any_has(const struct call_view *call, enum ot_field field)
{
	for (size_t i = 0; i < call->count; i++) {
		if (ot_record_has(&call->records[i].record, field))
			return true;
	}
	return false;
}

/* In the schema's order, but who, what and how it ended come before where the record lies and when it was stored. */
static void choose_fields(struct call_view *call)
{
	static const char *const groups[] = { "when", "who", "what", "how", "ai", "links", "rest", "where" };

	call->field_count = 0;
	for (size_t g = 0; g < sizeof(groups) / sizeof(*groups); g++) {
		for (int f = 0; f < OT_FIELD_COUNT; f++) {
			if (f != OT_INGEST_TIME && strcmp(ot_fields[f].group, groups[g]) == 0 && any_has(call, (enum ot_field)f))
				call->fields[call->field_count++] = (enum ot_field)f;
		}
	}
	if (any_has(call, OT_INGEST_TIME))
		call->fields[call->field_count++] = OT_INGEST_TIME;
}

static void done(struct job *job)
{
	struct call_job *asking = (struct call_job *)job;
	struct call_view *call = asking->call;

	if (job->status != OT_OK) {
		app_say_failure(call->view.app, job->status, &job->err);
		return;
	}
	call->ready = true;
	ot_arena_release(&call->arena);
	call->arena = job->arena; /* the records live there */
	job->arena = (struct ot_arena){ 0 };
	call->records = asking->records;
	call->count = asking->count;
	choose_fields(call);
}

static void ask(struct view *view)
{
	struct call_view *call = (struct call_view *)view;
	struct call_job *asking = job_new(sizeof(*asking), view, 0, "looking up the call");

	asking->call = call;
	asking->id = ot_arena_str(&asking->job.arena, call->call_id);
	asking->job.work = work;
	asking->job.done = done;
	asker_put(view->app->asker, &asking->job);
}

/* --- drawing --- */

static void put_value(struct ot_buf *out, const struct call_view *call, const struct ot_record *record, enum ot_field field)
{
	if (!ot_record_has(record, field))
		return;
	if (ot_fields[field].type == OT_TYPE_TIME) {
		when_put_day(out, call->view.app->scope.zone, record->values[field].number);
		ot_buf_char(out, ' ');
		when_put_clock(out, call->view.app->scope.zone, record->values[field].number, 3);
	} else {
		ot_value_put_human(out, field, &record->values[field]);
	}
}

static void put_evidence(struct ot_buf *out, const struct seen *seen)
{
	static const char *const reasons[] = { "trace id", "request id", "connection", "same origin" };
	size_t start = out->len;

	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		if ((seen->evidence >> i & 1) == 0)
			continue;
		if (out->len > start)
			ot_buf_text(out, ", ");
		ot_buf_text(out, reasons[i]);
	}
	if (seen->leader)
		ot_buf_text(out, out->len > start ? " (leads)" : "leads");
}

static bool differs(const struct call_view *call, size_t record, enum ot_field field)
{
	const struct ot_record *first = &call->records[0].record, *other = &call->records[record].record;

	if (record == 0 || !ot_record_has(first, field) || !ot_record_has(other, field))
		return false;
	if (ot_fields[field].form == OT_FORM_INT)
		return first->values[field].number != other->values[field].number;
	return !ot_str_eq(first->values[field].text, other->values[field].text);
}

static size_t records_that_fit(const struct call_view *call, int cols, int *width)
{
	size_t fit = (size_t)((cols - NAME_WIDTH - 2) / (VALUE_WIDTH_MIN + 1));

	fit = fit < 1 ? 1 : fit;
	if (fit > call->count)
		fit = call->count;
	*width = fit == 0 ? VALUE_WIDTH_MIN : (cols - NAME_WIDTH - 2) / (int)fit - 1;
	return fit;
}

static void draw_field(const struct call_view *call, struct area area, int row, size_t at, size_t fit, int width)
{
	enum ot_field field = call->fields[at];
	struct ot_buf text = { 0 };

	area_put(area, row, 2, NAME_WIDTH - 1, STYLE_DIM, ot_str_from(ot_fields[field].name));
	for (size_t i = 0; i < fit && call->left + i < call->count; i++) {
		size_t record = call->left + i;
		int col = 2 + NAME_WIDTH + (int)i * (width + 1);

		ot_buf_clear(&text);
		put_value(&text, call, &call->records[record].record, field);
		area_put(area, row, col, width, differs(call, record, field) ? STYLE_DIFFERS : STYLE_PLAIN, ot_buf_str(&text));
		if (at == call->cursor && record == call->column)
			area_select(area, row, col, width);
	}
	if (at == call->cursor)
		area_text(area, row, 0, STYLE_TITLE, ">");
	ot_buf_release(&text);
}

static void draw_heads(const struct call_view *call, struct area area, size_t fit, int width)
{
	struct ot_buf text = { 0 };

	area_text(area, 0, 2, STYLE_HEAD, "origin");
	area_text(area, 1, 2, STYLE_DIM, "linked by");
	for (size_t i = 0; i < fit && call->left + i < call->count; i++) {
		const struct seen *seen = &call->records[call->left + i];
		int col = 2 + NAME_WIDTH + (int)i * (width + 1);

		area_put(area, 0, col, width, call->left + i == call->column ? STYLE_HEAD_FOCUS : STYLE_HEAD, ot_record_text(&seen->record, OT_ORIGIN));
		ot_buf_clear(&text);
		put_evidence(&text, seen);
		area_put(area, 1, col, width, STYLE_DIM, call->count > 1 ? ot_buf_str(&text) : OT_STR("the only record of this call"));
	}
	if (fit < call->count) {
		ot_buf_clear(&text);
		ot_buf_printf(&text, "%zu of %zu records", call->column + 1, call->count);
		area_put(area, 0, 9, NAME_WIDTH - 8, STYLE_DIM, ot_buf_str(&text));
	}
	ot_buf_release(&text);
}

/* The value under the cursor, whole as far as some rows take it. */
static void draw_detail(const struct call_view *call, struct area area)
{
	struct ot_buf text = { 0 }, shown = { 0 };
	struct ot_str rest;

	if (call->cursor >= call->field_count || call->column >= call->count)
		return;
	area_fill(area, 0, STYLE_DIM, 0x2500);
	put_value(&text, call, &call->records[call->column].record, call->fields[call->cursor]);
	ot_text_display(&shown, ot_buf_str(&text));
	rest = ot_buf_str(&shown);
	for (int row = 1; row < area.rows && rest.len > 0; row++) {
		size_t fits = rest.len;

		while (row + 1 < area.rows && ot_text_width(ot_str_sub(rest, 0, fits)) > (size_t)area.cols)
			fits--;
		while (fits < rest.len && ((unsigned char)rest.ptr[fits] & 0xc0) == 0x80)
			fits--;
		area_put(area, row, 0, area.cols, STYLE_BOLD, ot_str_sub(rest, 0, fits));
		rest = ot_str_sub(rest, fits, rest.len);
	}
	ot_buf_release(&text);
	ot_buf_release(&shown);
}

static void scroll(struct call_view *call, size_t fit)
{
	if (call->cursor < call->top)
		call->top = call->cursor;
	if (call->cursor >= call->top + call->height)
		call->top = call->cursor - call->height + 1;
	if (call->column < call->left)
		call->left = call->column;
	if (call->column >= call->left + fit)
		call->left = call->column - fit + 1;
}

static void draw(struct view *view, struct area area)
{
	struct call_view *call = (struct call_view *)view;
	int width, detail = area.rows - DETAIL_ROWS - 1;
	size_t fit = records_that_fit(call, area.cols, &width);

	if (call->count == 0) {
		area_text(area, 0, 2, STYLE_DIM, call->ready ? "no such call in this snapshot" : app_waiting(call->view.app));
		return;
	}
	call->height = detail > 3 ? (size_t)detail - 2 : 1;
	scroll(call, fit);
	draw_heads(call, area, fit, width);
	for (size_t i = 0; i < call->height && call->top + i < call->field_count; i++)
		draw_field(call, area, 2 + (int)i, call->top + i, fit, width);
	draw_detail(call, area_part(area, detail, 0, DETAIL_ROWS + 1, area.cols));
}

/* --- actions --- */

static void move(struct call_view *call, ptrdiff_t rows)
{
	ptrdiff_t at = (ptrdiff_t)call->cursor + rows, last = (ptrdiff_t)call->field_count - 1;

	call->cursor = (size_t)(at < 0 || last < 0 ? 0 : at > last ? last : at);
}

static void keep_or_drop(struct call_view *call, bool keep)
{
	const struct ot_record *record;
	enum ot_field field;

	if (call->cursor >= call->field_count || call->column >= call->count)
		return;
	record = &call->records[call->column].record;
	field = call->fields[call->cursor];
	app_value(call->view.app, field, ot_record_has(record, field) ? &record->values[field] : NULL, keep);
}

/* A second around the call: its neighbours. */
static void zoom(struct call_view *call)
{
	struct app *app = call->view.app;
	int64_t time = call->count == 0 ? OT_TIME_MIN : ot_record_int(&call->records[0].record, OT_TIMESTAMP, OT_TIME_MIN);

	if (time == OT_TIME_MIN)
		return;
	time -= time % OT_NS_PER_S;
	scope_window(&app->scope, time - OT_NS_PER_S, time + 2 * OT_NS_PER_S);
	app_scope_changed(app);
	app_show_calls(app);
}

static enum answer act(struct view *view, enum action action)
{
	struct call_view *call = (struct call_view *)view;
	ptrdiff_t page = call->height > 1 ? (ptrdiff_t)call->height - 1 : 1, all = (ptrdiff_t)call->field_count;

	switch (action) {
	case ACT_UP:
	case ACT_DOWN:
		move(call, action == ACT_UP ? -1 : 1);
		return HANDLED;
	case ACT_PAGE_UP:
	case ACT_PAGE_DOWN:
		move(call, action == ACT_PAGE_UP ? -page : page);
		return HANDLED;
	case ACT_FIRST:
	case ACT_LAST:
		move(call, action == ACT_FIRST ? -all : all);
		return HANDLED;
	case ACT_LEFT:
		call->column -= call->column > 0;
		return HANDLED;
	case ACT_RIGHT:
		call->column += call->column + 1 < call->count;
		return HANDLED;
	case ACT_KEEP:
	case ACT_DROP:
		keep_or_drop(call, action == ACT_KEEP);
		return HANDLED;
	case ACT_ZOOM_IN:
		zoom(call);
		return HANDLED;
	default:
		return NOT_HANDLED;
	}
}

static bool holds(const struct call_view *call, enum ot_field field, struct ot_str text)
{
	struct ot_buf value = { 0 };
	bool found = ot_str_find(ot_str_from(ot_fields[field].name), text) >= 0;

	for (size_t i = 0; i < call->count && !found; i++) {
		ot_buf_clear(&value);
		put_value(&value, call, &call->records[i].record, field);
		found = ot_str_find(ot_buf_str(&value), text) >= 0;
	}
	ot_buf_release(&value);
	return found;
}

static void find(struct view *view, struct ot_str text, int direction)
{
	struct call_view *call = (struct call_view *)view;
	ptrdiff_t last = (ptrdiff_t)call->field_count - 1;

	for (ptrdiff_t i = (ptrdiff_t)call->cursor + direction; i >= 0 && i <= last; i += direction) {
		if (holds(call, call->fields[i], text)) {
			call->cursor = (size_t)i;
			return;
		}
	}
	app_say(view->app, "not found %s here", direction > 0 ? "after" : "before");
}

static void command(struct view *view, struct ot_buf *out)
{
	ot_buf_text(out, "onetrail call");
	scope_put_word(out, ((struct call_view *)view)->call_id);
	scope_put_options(&view->app->scope, out, false);
}

static void close_view(struct view *view)
{
	struct call_view *call = (struct call_view *)view;

	asker_forget(view->app->asker, view);
	ot_arena_release(&call->arena);
	ot_arena_release(&call->id_arena);
	free(call);
}

static const struct view_kind kind = { "call", ask, draw, act, find, command, close_view };

struct view *view_call_open(struct app *app, struct ot_str call_id)
{
	struct call_view *call = ot_alloc_zero(1, sizeof(*call));

	call->view = (struct view){ .kind = &kind, .app = app };
	call->call_id = ot_arena_str(&call->id_arena, call_id);
	call->height = 10;
	return &call->view;
}
