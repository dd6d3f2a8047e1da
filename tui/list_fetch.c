/* Pages of the list, fetched by time. Runs in the asker's thread. */
#include "list.h"

#include <stdlib.h>

/* Calls of one instant that a page is enlarged for; past it the instant is cut. Calls without a time that are shown at most. */
enum { INSTANT_ROWS_MAX = 1 << 16, UNDATED_MAX = 10000 };

const enum ot_field list_fields[LIST_COLUMNS] = { OT_TIMESTAMP, OT_CLIENT, OT_HTTP_REQUEST_METHOD, OT_URL_PATH, OT_HTTP_RESPONSE_STATUS_CODE, OT_DURATION, OT_ORIGIN };

void list_page_free(struct list_page *page)
{
	if (page == NULL)
		return;
	ot_arena_release(&page->arena);
	free(page->rows);
	free(page);
}

/* --- taking rows --- */

struct taking {
	struct list_page *page;
	size_t cap;
	bool undated_only;
};

static struct ot_str joined_origins(struct ot_arena *arena, const struct ot_row *row)
{
	struct ot_buf text = { 0 };
	struct ot_str out;

	for (uint32_t i = 0; i < row->origin_count; i++) {
		if (i > 0)
			ot_buf_char(&text, ' ');
		ot_buf_str_put(&text, row->origins[i]);
	}
	out = ot_arena_str(arena, ot_buf_str(&text));
	ot_buf_release(&text);
	return out;
}

static void copy_row(struct ot_arena *arena, struct list_row *out, const struct ot_row *row)
{
	const struct ot_record *record = row->record;

	*out = (struct list_row){ .time = ot_record_int(record, OT_TIMESTAMP, OT_TIME_MIN),
		.call_id = ot_arena_str(arena, ot_record_text(record, OT_CALL_ID)), .origins = joined_origins(arena, row) };
	for (int c = 0; c < LIST_COLUMNS; c++) {
		enum ot_field field = list_fields[c];

		out->has[c] = ot_record_has(record, field);
		if (!out->has[c])
			continue;
		out->values[c] = record->values[field];
		if (ot_fields[field].form != OT_FORM_INT)
			out->values[c].text = ot_arena_str(arena, record->values[field].text);
	}
}

static enum ot_status take(void *context, const struct ot_row *row, struct ot_err *err)
{
	struct taking *taking = context;
	struct list_page *page = taking->page;

	(void)err;
	if (taking->undated_only && ot_record_has(row->record, OT_TIMESTAMP))
		return OT_END;
	if (page->count == taking->cap) {
		taking->cap = taking->cap == 0 ? LIST_PAGE_ROWS : taking->cap * 2;
		page->rows = ot_realloc(page->rows, taking->cap * sizeof(*page->rows));
	}
	copy_row(&page->arena, &page->rows[page->count++], row);
	return OT_OK;
}

static enum ot_status take_rows(struct fetch *fetch, const struct asked *asked, int64_t since, int64_t until, bool descending, size_t limit, struct taking *taking, struct ot_err *err)
{
	bool fields[OT_FIELD_COUNT] = { [OT_CALL_ID] = true, [OT_RECORD_ID] = true };
	struct ot_rows_request request = { .question = fetch->question, .fields = fields, .sort = OT_TIMESTAMP, .descending = descending, .limit = limit };
	enum ot_status status;

	for (int c = 0; c < LIST_COLUMNS; c++)
		fields[list_fields[c]] = true;
	request.question.since = since;
	request.question.until = until;
	status = ot_engine_rows(asked->engine, &request, take, taking, &fetch->job.stats, err);
	return status == OT_END ? OT_OK : status;
}

/* --- windows: calls with a time only --- */

static int64_t later_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Turns rows from latest first to earliest first; calls of one instant keep their order. */
static void turn(struct list_page *page)
{
	struct list_row *turned = ot_alloc((page->count + 1) * sizeof(*turned));
	size_t to = page->count;

	for (size_t from = 0; from < page->count;) {
		size_t end = from + 1;

		while (end < page->count && page->rows[end].time == page->rows[from].time)
			end++;
		to -= end - from;
		memcpy(turned + to, page->rows + from, (end - from) * sizeof(*turned));
		from = end;
	}
	free(page->rows);
	page->rows = turned;
}

/* The last instant of a page that reached its limit may be cut: it is left to the next page. */
static void drop_last_instant(struct list_page *page)
{
	int64_t time = page->rows[page->count - 1].time;

	while (page->count > 0 && page->rows[page->count - 1].time == time)
		page->count--;
}

static bool is_one_instant(const struct list_page *page)
{
	return page->rows[0].time == page->rows[page->count - 1].time;
}

/* Calls in [since, until), the first or the last of them; *more tells whether there are others. */
static enum ot_status window(struct fetch *fetch, const struct asked *asked, int64_t since, int64_t until, bool descending, struct list_page **out, bool *more, struct ot_err *err)
{
	enum ot_status status = OT_OK;

	*more = false;
	*out = ot_alloc_zero(1, sizeof(**out));
	since = later_of(since, OT_TIME_MIN + 1); /* not open: so without calls that have no time */
	for (size_t limit = LIST_PAGE_ROWS; status == OT_OK && since < until; limit *= 4) {
		struct taking taking = { .page = *out };

		status = take_rows(fetch, asked, since, until, descending, limit, &taking, err);
		*more = status == OT_OK && (*out)->count == limit;
		if (!*more)
			break;
		if (!is_one_instant(*out)) {
			drop_last_instant(*out);
			break;
		}
		if (limit >= INSTANT_ROWS_MAX)
			break;
		list_page_free(*out);
		*out = ot_alloc_zero(1, sizeof(**out));
	}
	if (descending && (*out)->count > 0)
		turn(*out);
	return status;
}

static enum ot_status before(struct fetch *fetch, const struct asked *asked, int64_t until, struct ot_err *err)
{
	return window(fetch, asked, fetch->question.since, until, true, &fetch->page, &fetch->more_before, err);
}

static enum ot_status after(struct fetch *fetch, const struct asked *asked, int64_t since, struct ot_err *err)
{
	return window(fetch, asked, later_of(since, fetch->question.since), fetch->question.until, false, &fetch->page, &fetch->more_after, err);
}

static void append_page(struct list_page *page, const struct list_page *more)
{
	page->rows = ot_realloc(page->rows, (page->count + more->count + 1) * sizeof(*page->rows));
	for (size_t i = 0; i < more->count; i++) {
		struct list_row *row = &page->rows[page->count++];

		*row = more->rows[i];
		row->call_id = ot_arena_str(&page->arena, row->call_id);
		row->origins = ot_arena_str(&page->arena, row->origins);
		for (int c = 0; c < LIST_COLUMNS; c++) {
			if (row->has[c] && ot_fields[list_fields[c]].form != OT_FORM_INT)
				row->values[c].text = ot_arena_str(&page->arena, row->values[c].text);
		}
	}
}

static enum ot_status around(struct fetch *fetch, const struct asked *asked, struct ot_err *err)
{
	struct list_page *first;
	int64_t until = fetch->time < fetch->question.until ? fetch->time : fetch->question.until;
	enum ot_status status = before(fetch, asked, until, err);

	if (status != OT_OK)
		return status;
	first = fetch->page;
	fetch->page = NULL;
	status = after(fetch, asked, fetch->time, err);
	fetch->cursor = first->count;
	if (status == OT_OK)
		append_page(first, fetch->page);
	list_page_free(fetch->page);
	fetch->page = first;
	if (fetch->cursor > 0 && fetch->cursor == first->count)
		fetch->cursor--;
	return status;
}

static enum ot_status undated(struct fetch *fetch, const struct asked *asked, struct ot_err *err)
{
	struct taking taking = { .undated_only = true };

	taking.page = fetch->page = ot_alloc_zero(1, sizeof(*fetch->page));
	return take_rows(fetch, asked, OT_TIME_MIN, OT_TIME_MAX, false, UNDATED_MAX, &taking, err);
}

/* --- searching --- */

struct place {
	int64_t time;
	bool found;
};

static enum ot_status note_place(void *context, const struct ot_row *row, struct ot_err *err)
{
	struct place *place = context;

	(void)err;
	place->time = ot_record_int(row->record, OT_TIMESTAMP, OT_TIME_MIN);
	place->found = true;
	return OT_OK;
}

/* The nearest call after (or before) what is held; the page around it. */
static enum ot_status find(struct fetch *fetch, const struct asked *asked, struct ot_err *err)
{
	bool fields[OT_FIELD_COUNT] = { [OT_TIMESTAMP] = true }, forward = fetch->kind == FETCH_NEXT;
	struct ot_rows_request request = { .question = fetch->question, .fields = fields, .sort = OT_TIMESTAMP, .descending = !forward, .limit = 1 };
	struct place place = { 0 };
	enum ot_status status = OT_OK;

	request.question.where = fetch->where_text;
	request.question.since = later_of(request.question.since, forward ? fetch->time : OT_TIME_MIN + 1);
	if (!forward && fetch->time < request.question.until)
		request.question.until = fetch->time;
	if (request.question.since < request.question.until)
		status = ot_engine_rows(asked->engine, &request, note_place, &place, &fetch->job.stats, err);
	fetch->found = place.found;
	fetch->time = place.time;
	return status == OT_OK && place.found ? around(fetch, asked, err) : status;
}

enum ot_status fetch_work(struct job *job, const struct asked *asked, struct ot_err *err)
{
	struct fetch *fetch = (struct fetch *)job;

	switch (fetch->kind) {
	case FETCH_LAST:
		return before(fetch, asked, fetch->question.until, err);
	case FETCH_FIRST:
		return after(fetch, asked, fetch->question.since, err);
	case FETCH_BEFORE:
		return before(fetch, asked, fetch->time, err);
	case FETCH_AFTER:
		return after(fetch, asked, fetch->time + 1, err);
	case FETCH_AT:
		return around(fetch, asked, err);
	case FETCH_UNDATED:
		return undated(fetch, asked, err);
	default:
		return find(fetch, asked, err);
	}
}
