/*
 * The list of calls: any number of them, of which some hundred around the cursor are held. Pages are fetched by time, and hold all
 * calls of an instant or none, so that neighbours fit together.
 */
#ifndef OT_TUI_LIST_H
#define OT_TUI_LIST_H

#include "asker.h"
#include "scope.h"

enum list_column { LIST_TIME, LIST_CLIENT, LIST_METHOD, LIST_PATH, LIST_STATUS, LIST_LATENCY, LIST_ORIGINS, LIST_COLUMNS };

/* The field that a column shows; of LIST_ORIGINS that of the record that leads. */
extern const enum ot_field list_fields[LIST_COLUMNS];

struct list_row {
	int64_t time; /* OT_TIME_MIN: without a time */
	struct ot_str call_id, origins;
	bool has[LIST_COLUMNS];
	union ot_value values[LIST_COLUMNS];
};

struct list_page {
	struct ot_arena arena;
	struct list_row *rows; /* in order of time */
	size_t count;
};

enum { LIST_PAGES_MAX = 12, LIST_PAGE_ROWS = 400 };

struct list {
	struct asker *asker;
	const struct scope *scope;
	struct list_page *pages[LIST_PAGES_MAX];
	size_t page_count;
	struct list_row **rows; /* of all pages */
	size_t count, cursor, top;
	bool more_before, more_after, undated; /* undated: calls without a time stand before the first, not fetched yet */
	bool ready;		  /* has had an answer */
	bool asking;
	bool to_first;		  /* the cursor goes before what is fetched next: calls without a time are first of all */
	void (*changed)(struct list *list, enum ot_status status, const struct ot_err *err); /* an answer came */
	void *context;
};

enum fetch_kind { FETCH_LAST, FETCH_FIRST, FETCH_BEFORE, FETCH_AFTER, FETCH_AT, FETCH_UNDATED, FETCH_NEXT, FETCH_PREVIOUS };

struct fetch {
	struct job job;
	struct list *list;
	enum fetch_kind kind;
	struct ot_question question; /* the scope's */
	const struct ot_expr *where_text; /* FETCH_NEXT, FETCH_PREVIOUS: what is searched */
	int64_t time;
	struct list_page *page;
	bool more_before, more_after, found;
	size_t cursor;
};

void list_init(struct list *list, struct asker *asker, const struct scope *scope);
void list_release(struct list *list);
/* Fetches anew; FETCH_AT goes to the first call at or after `time`. */
void list_fetch(struct list *list, enum fetch_kind kind, int64_t time);
/* Moves the cursor, fetching what comes into reach; `height` rows are on the screen. */
void list_move(struct list *list, ptrdiff_t rows);
void list_first(struct list *list);
void list_last(struct list *list);
void list_find(struct list *list, struct ot_str text, int direction);
/* Scrolls so that the cursor is among `height` rows from `top` on. */
void list_scroll(struct list *list, size_t height);
const struct list_row *list_at_cursor(const struct list *list);

/* list_fetch.c: the asker's thread. */
enum ot_status fetch_work(struct job *job, const struct asked *asked, struct ot_err *err);
void list_page_free(struct list_page *page);
/* Whether a shown text holds `text`, ASCII case aside. */
bool list_row_holds(const struct list_row *row, struct ot_str text);
/* A tree that matches calls in which one of the shown fields holds `text`. */
struct ot_expr *list_text_expr(struct ot_arena *arena, const struct ot_expr *where, struct ot_str text);

#endif
