/* Tables of groups: asking, sorting, moving. */
#include "view_table.h"

#include "app.h"

#include <base/text.h>
#include <stdlib.h>

struct groups_job {
	struct job job;
	struct table_view *table;
	struct ot_groups_request request;
	struct ot_groups groups;
};

/* --- order --- */

struct ordering {
	const struct table_view *table;
	const struct table_column *column;
};

static int compare_keys(enum ot_field field, const struct ot_group *a, const struct ot_group *b, int key)
{
	const union ot_value *x = &a->keys[key], *y = &b->keys[key];

	if (a->key_null[key] || b->key_null[key])
		return (int)b->key_null[key] - (int)a->key_null[key];
	if (ot_fields[field].form == OT_FORM_INT)
		return (x->number > y->number) - (x->number < y->number);
	return ot_str_cmp(x->text, y->text);
}

static int compare_measures(enum ot_measure_kind kind, const struct ot_group *a, const struct ot_group *b, int measure)
{
	const union ot_measure_value *x = &a->measures[measure], *y = &b->measures[measure];

	if (a->measure_null[measure] || b->measure_null[measure])
		return (int)b->measure_null[measure] - (int)a->measure_null[measure];
	if (ot_measure_is_real(kind))
		return (x->real > y->real) - (x->real < y->real);
	return (x->number > y->number) - (x->number < y->number);
}

static int compare(const void *a, const void *b, void *context)
{
	const struct ordering *ordering = context;
	const struct ot_group *x = *(const struct ot_group *const *)a, *y = *(const struct ot_group *const *)b;
	const struct ot_groups_request *request = &ordering->table->request;
	int key = ordering->column->key, measure = ordering->column->measure, order;

	order = key >= 0 ? compare_keys(request->by[key], x, y, key) : compare_measures(request->measures[measure].kind, x, y, measure);
	if (order != 0)
		return ordering->table->ascending ? order : -order;
	return (x > y) - (x < y); /* as the engine gave them */
}

static void sort(struct table_view *table)
{
	struct ordering ordering = { table, &table->kind->columns[table->sort] };

	table->order = ot_realloc(table->order, (table->groups.count + 1) * sizeof(*table->order));
	for (size_t i = 0; i < table->groups.count; i++)
		table->order[i] = &table->groups.groups[i];
	qsort_r(table->order, table->groups.count, sizeof(*table->order), compare, &ordering);
}

/* --- asking --- */

static enum ot_status work(struct job *job, const struct asked *asked, struct ot_err *err)
{
	struct groups_job *asking = (struct groups_job *)job;

	return ot_engine_groups(asked->engine, &asking->request, &asking->groups, &job->stats, err);
}

static void done(struct job *job)
{
	struct groups_job *asking = (struct groups_job *)job;
	struct table_view *table = asking->table;

	ot_groups_release(&table->groups); /* also where there is no answer: what was held answers another question */
	table->ready = job->status == OT_OK;
	if (!table->ready) {
		memset(&table->groups, 0, sizeof(table->groups));
		app_say_failure(table->view.app, job->status, &job->err);
		return;
	}
	table->groups = asking->groups;
	memset(&asking->groups, 0, sizeof(asking->groups));
	sort(table);
	if (table->cursor >= table->groups.count)
		table->cursor = table->groups.count > 0 ? table->groups.count - 1 : 0;
	if (table->groups.total > table->groups.count)
		app_say(table->view.app, "the %zu with the most calls of %zu", table->groups.count, table->groups.total);
}

static void release(struct job *job)
{
	ot_groups_release(&((struct groups_job *)job)->groups);
}

void table_ask(struct view *view)
{
	struct table_view *table = (struct table_view *)view;
	struct groups_job *asking = job_new(sizeof(*asking), table, 0, "counting");

	asking->table = table;
	asking->request = table->request;
	asking->job.work = work;
	asking->job.done = done;
	asking->job.release = release;
	scope_question(&view->app->scope, &asking->job.arena, &asking->request.question);
	asker_put(view->app->asker, &asking->job);
}

/* The table of a view is part of the program: a name in it that is wrong is our own mistake. */
static void read_kind(struct table_view *table)
{
	struct ot_groups_request *request = &table->request;
	struct ot_str rest = ot_str_from(table->kind->by);
	struct ot_err err = { 0 };

	while (rest.ptr != NULL) {
		enum ot_field field = ot_field_find(ot_str_cut(rest, ',', &rest));

		if (field == OT_FIELD_NONE)
			ot_die("view %s: no such field", table->kind->view.name);
		request->by[request->by_count++] = field;
	}
	request->having = (struct ot_having){ INT64_MIN, INT64_MAX };
	request->top = TABLE_ROWS_MAX;
	if (ot_measures_parse(ot_str_from(table->kind->measures), request->measures, &request->measure_count, &table->arena, &err) != OT_OK)
		ot_die("view %s: %s", table->kind->view.name, err.text);
}

struct view *table_open(struct app *app, const struct table_kind *kind)
{
	struct table_view *table = ot_alloc_zero(1, sizeof(*table));

	table->view = (struct view){ .kind = &kind->view, .app = app };
	table->kind = kind;
	table->sort = kind->sort;
	table->height = 10;
	read_kind(table);
	return &table->view;
}

void table_close(struct view *view)
{
	struct table_view *table = (struct table_view *)view;

	asker_forget(view->app->asker, table);
	ot_groups_release(&table->groups);
	ot_arena_release(&table->arena);
	free(table->order);
	free(table);
}

/* --- actions --- */

static void move(struct table_view *table, ptrdiff_t rows)
{
	ptrdiff_t at = (ptrdiff_t)table->cursor + rows, last = (ptrdiff_t)table->groups.count - 1;

	table->cursor = (size_t)(at < 0 || last < 0 ? 0 : at > last ? last : at);
}

static void move_column(struct table_view *table, int by)
{
	int at = table->column + by;

	while (at >= 0 && at < (int)table->kind->column_count && !table_shows(table, at))
		at += by;
	if (at >= 0 && at < (int)table->kind->column_count)
		table->column = at;
}

static void sort_by_column(struct table_view *table)
{
	if (table->sort == table->column)
		table->ascending = !table->ascending;
	else
		table->ascending = table->kind->columns[table->column].key >= 0; /* names from A, numbers from the largest */
	table->sort = table->column;
	sort(table);
	table->cursor = table->top = 0;
}

static bool value_of(const struct table_view *table, int key, const union ot_value **value)
{
	const struct ot_group *group;

	if (table->cursor >= table->groups.count)
		return false;
	group = table->order[table->cursor];
	*value = group->key_null[key] ? NULL : &group->keys[key];
	return true;
}

static void keep_or_drop(struct table_view *table, bool keep)
{
	const union ot_value *value;
	int key = table->kind->columns[table->column].key;

	if (key < 0)
		app_say(table->view.app, "this column is counted: + and - are for names");
	else if (value_of(table, key, &value))
		app_value(table->view.app, table->request.by[key], value, keep);
}

/* Keeps every key that has a value, and shows the calls. */
static void show_calls(struct table_view *table)
{
	struct app *app = table->view.app;
	const union ot_value *value;

	for (int key = 0; key < (int)table->request.by_count; key++) {
		if (value_of(table, key, &value) && value != NULL)
			scope_value(&app->scope, table->request.by[key], value, true);
	}
	if (table->groups.count == 0)
		return;
	app_scope_changed(app);
	app_show_calls(app);
}

enum answer table_act(struct view *view, enum action action)
{
	struct table_view *table = (struct table_view *)view;
	ptrdiff_t page = table->height > 1 ? (ptrdiff_t)table->height - 1 : 1, all = (ptrdiff_t)table->groups.count;

	switch (action) {
	case ACT_UP:
	case ACT_DOWN:
		move(table, action == ACT_UP ? -1 : 1);
		return HANDLED;
	case ACT_PAGE_UP:
	case ACT_PAGE_DOWN:
		move(table, action == ACT_PAGE_UP ? -page : page);
		return HANDLED;
	case ACT_FIRST:
	case ACT_LAST:
		move(table, action == ACT_FIRST ? -all : all);
		return HANDLED;
	case ACT_LEFT:
	case ACT_RIGHT:
		move_column(table, action == ACT_LEFT ? -1 : 1);
		return HANDLED;
	case ACT_SORT:
		sort_by_column(table);
		return HANDLED;
	case ACT_KEEP:
	case ACT_DROP:
		keep_or_drop(table, action == ACT_KEEP);
		return HANDLED;
	case ACT_OPEN:
		show_calls(table);
		return HANDLED;
	case ACT_CALLERS:
		if (table->kind->split == NULL)
			return NOT_HANDLED;
		app_push(view->app, table_open(view->app, table->kind->split));
		return HANDLED;
	default:
		return NOT_HANDLED;
	}
}

static bool holds(const struct table_view *table, const struct ot_group *group, struct ot_str text)
{
	struct ot_buf cell = { 0 };
	bool found = false;

	for (int c = 0; c < (int)table->kind->column_count && !found; c++) {
		ot_buf_clear(&cell);
		table_put_cell(&cell, table, group, c);
		found = table->kind->columns[c].key >= 0 && ot_str_find(ot_buf_str(&cell), text) >= 0;
	}
	ot_buf_release(&cell);
	return found;
}

void table_find(struct view *view, struct ot_str text, int direction)
{
	struct table_view *table = (struct table_view *)view;
	ptrdiff_t last = (ptrdiff_t)table->groups.count - 1;

	for (ptrdiff_t i = (ptrdiff_t)table->cursor + direction; i >= 0 && i <= last; i += direction) {
		if (holds(table, table->order[i], text)) {
			table->cursor = (size_t)i;
			return;
		}
	}
	app_say(view->app, "not found %s here", direction > 0 ? "after" : "before");
}

void table_command(struct view *view, struct ot_buf *out)
{
	struct table_view *table = (struct table_view *)view;

	scope_put_command(&view->app->scope, out, "count");
	ot_buf_printf(out, " --by %s --measure %s", table->kind->by, table->kind->measures);
}
