#include "list.h"

#include <stdlib.h>

enum { REACH = 100 }; /* rows from an edge at which the next page is fetched */

void list_init(struct list *list, struct asker *asker, const struct scope *scope)
{
	memset(list, 0, sizeof(*list));
	list->asker = asker;
	list->scope = scope;
}

static void forget_rows(struct list *list)
{
	for (size_t i = 0; i < list->page_count; i++)
		list_page_free(list->pages[i]);
	list->page_count = list->count = list->cursor = list->top = 0;
}

void list_release(struct list *list)
{
	asker_forget(list->asker, list);
	forget_rows(list);
	free(list->rows);
}

const struct list_row *list_at_cursor(const struct list *list)
{
	return list->cursor < list->count ? list->rows[list->cursor] : NULL;
}

/* --- pages --- */

static void number_rows(struct list *list)
{
	list->count = 0;
	for (size_t p = 0; p < list->page_count; p++)
		list->count += list->pages[p]->count;
	list->rows = ot_realloc(list->rows, (list->count + 1) * sizeof(*list->rows));
	for (size_t p = 0, n = 0; p < list->page_count; p++) {
		for (size_t i = 0; i < list->pages[p]->count; i++)
			list->rows[n++] = &list->pages[p]->rows[i];
	}
}

/* A call whose records lie on both sides of an edge shows up in both pages, by another record each: the one that is held stays. */
static void drop_known(struct list *list, struct list_page *page)
{
	struct ot_intern known = { 0 };
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++)
		ot_intern_put(&known, list->rows[i]->call_id, NULL);
	for (size_t i = 0; i < page->count; i++) {
		if (page->rows[i].call_id.ptr == NULL || ot_intern_find(&known, page->rows[i].call_id) == UINT32_MAX)
			page->rows[kept++] = page->rows[i];
	}
	page->count = kept;
	ot_intern_release(&known);
}

static size_t moved_back(size_t value, size_t by)
{
	return value > by ? value - by : 0;
}

static void add_before(struct list *list, struct list_page *page)
{
	if (list->page_count == LIST_PAGES_MAX) {
		list_page_free(list->pages[--list->page_count]);
		list->more_after = true;
	}
	memmove(list->pages + 1, list->pages, list->page_count * sizeof(struct list_page *));
	list->pages[0] = page;
	list->page_count++;
	list->cursor += page->count;
	list->top += page->count;
	number_rows(list);
}

static void add_after(struct list *list, struct list_page *page)
{
	if (list->page_count == LIST_PAGES_MAX) {
		size_t rows = list->pages[0]->count;

		list_page_free(list->pages[0]);
		memmove(list->pages, list->pages + 1, --list->page_count * sizeof(struct list_page *));
		list->cursor = moved_back(list->cursor, rows);
		list->top = moved_back(list->top, rows);
		list->more_before = true;
	}
	list->pages[list->page_count++] = page;
	number_rows(list);
}

static void replace(struct list *list, struct fetch *fetch)
{
	forget_rows(list);
	list->pages[list->page_count++] = fetch->page;
	number_rows(list);
	list->cursor = fetch->kind == FETCH_LAST && list->count > 0 ? list->count - 1 : fetch->cursor;
	list->top = moved_back(list->cursor, 5);
	list->more_before = fetch->more_before;
	list->more_after = fetch->more_after;
	if (fetch->kind == FETCH_FIRST)
		list->more_before = false;
	list->undated = scope_is_open(list->scope);
}

static void take_page(struct list *list, struct fetch *fetch)
{
	switch (fetch->kind) {
	case FETCH_BEFORE:
		list->more_before = fetch->more_before;
		drop_known(list, fetch->page);
		add_before(list, fetch->page);
		break;
	case FETCH_UNDATED:
		list->undated = false;
		drop_known(list, fetch->page);
		add_before(list, fetch->page);
		if (list->to_first)
			list->cursor = list->top = 0;
		break;
	case FETCH_AFTER:
		list->more_after = fetch->more_after;
		drop_known(list, fetch->page);
		add_after(list, fetch->page);
		break;
	default:
		replace(list, fetch);
	}
	fetch->page = NULL;
}

/* --- fetching --- */

static void reach(struct list *list);

static bool replaces(enum fetch_kind kind)
{
	return kind == FETCH_LAST || kind == FETCH_FIRST || kind == FETCH_AT;
}

static void done(struct job *job)
{
	struct fetch *fetch = (struct fetch *)job;
	struct list *list = fetch->list;
	struct ot_err err = job->err;
	enum ot_status status = job->status;
	bool search = fetch->kind == FETCH_NEXT || fetch->kind == FETCH_PREVIOUS;

	list->asking = false;
	if (status == OT_OK && search && !fetch->found)
		status = ot_err_set(&err, OT_NOT_FOUND, "not found %s here", fetch->kind == FETCH_NEXT ? "after" : "before");
	else if (status == OT_OK)
		take_page(list, fetch);
	if (status != OT_OK && replaces(fetch->kind)) { /* what was held answers another question */
		forget_rows(list);
		list->ready = false;
	}
	list->ready |= status == OT_OK;
	if (status == OT_OK)
		reach(list);
	list->changed(list, status, &err);
}

static void release(struct job *job)
{
	list_page_free(((struct fetch *)job)->page);
}

static struct fetch *fetch_new(struct list *list, enum fetch_kind kind, int64_t time)
{
	struct fetch *fetch = job_new(sizeof(*fetch), list, 0, kind == FETCH_NEXT || kind == FETCH_PREVIOUS ? "searching" : "fetching calls");

	fetch->list = list;
	fetch->kind = kind;
	fetch->time = time;
	fetch->job.work = fetch_work;
	fetch->job.done = done;
	fetch->job.release = release;
	scope_question(list->scope, &fetch->job.arena, &fetch->question);
	return fetch;
}

void list_fetch(struct list *list, enum fetch_kind kind, int64_t time)
{
	if (replaces(kind))
		list->ready = list->count > 0 && list->ready;
	list->asking = true;
	asker_put(list->asker, &fetch_new(list, kind, time)->job);
}

/* Fetches the next page where the cursor comes near an edge behind which there are more. */
static void reach(struct list *list)
{
	if (list->asking)
		return;
	if (list->count == 0) {
		if (list->undated && list->ready)
			list_fetch(list, FETCH_UNDATED, 0);
		return;
	}
	if (list->cursor < REACH && list->more_before)
		list_fetch(list, FETCH_BEFORE, list->rows[0]->time);
	else if (list->cursor < REACH && list->undated)
		list_fetch(list, FETCH_UNDATED, 0);
	else if (list->cursor + REACH >= list->count && list->more_after)
		list_fetch(list, FETCH_AFTER, list->rows[list->count - 1]->time);
}

/* --- moving --- */

void list_move(struct list *list, ptrdiff_t rows)
{
	ptrdiff_t at = (ptrdiff_t)list->cursor + rows, last = (ptrdiff_t)list->count - 1;

	list->to_first = false;
	list->cursor = (size_t)(at < 0 || last < 0 ? 0 : at > last ? last : at);
	reach(list);
}

void list_first(struct list *list)
{
	if (list->more_before)
		list_fetch(list, FETCH_FIRST, 0);
	else
		list_move(list, -(ptrdiff_t)list->count);
	list->to_first = true;
}

void list_last(struct list *list)
{
	if (list->more_after)
		list_fetch(list, FETCH_LAST, 0);
	else
		list_move(list, (ptrdiff_t)list->count);
}

void list_find(struct list *list, struct ot_str text, int direction)
{
	struct fetch *fetch;
	bool forward = direction > 0;

	for (size_t i = list->cursor; forward ? i + 1 < list->count : i > 0;) {
		i = forward ? i + 1 : i - 1;
		if (list_row_holds(list->rows[i], text)) {
			list_move(list, (ptrdiff_t)i - (ptrdiff_t)list->cursor);
			return;
		}
	}
	if (list->count == 0)
		return;
	fetch = fetch_new(list, forward ? FETCH_NEXT : FETCH_PREVIOUS, forward ? list->rows[list->count - 1]->time + 1 : list->rows[0]->time);
	fetch->where_text = list_text_expr(&fetch->job.arena, fetch->question.where, text);
	list->asking = true;
	asker_put(list->asker, &fetch->job);
}

void list_scroll(struct list *list, size_t height)
{
	if (height == 0)
		return;
	if (list->cursor < list->top)
		list->top = list->cursor;
	if (list->cursor >= list->top + height)
		list->top = list->cursor - height + 1;
	if (list->top + height > list->count)
		list->top = moved_back(list->count, height);
}
