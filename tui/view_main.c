/* The first view: the histogram over time, and the calls under it. */
#include "app.h"
#include "histogram.h"
#include "list.h"
#include "when.h"

#include "view_main.h"

#include <stdlib.h>

static enum answer act(struct view *view, enum action action);

/* --- one time for both --- */

static void follow_list(struct main_view *main)
{
	const struct list_row *row = list_at_cursor(&main->list);

	if (row != NULL && row->time != OT_TIME_MIN && !main->on_histogram)
		main->time = row->time;
}

static void list_changed(struct list *list, enum ot_status status, const struct ot_err *err)
{
	struct main_view *main = list->context;

	if (status != OT_OK)
		app_say_failure(main->view.app, status, err);
	follow_list(main);
}

static void histogram_changed(struct histogram *histogram, enum ot_status status, const struct ot_err *err)
{
	struct main_view *main = histogram->context;

	if (status != OT_OK)
		app_say_failure(main->view.app, status, err);
}

/* Asks for the calls first: they are what is read first. */
static void ask(struct view *view)
{
	struct main_view *main = (struct main_view *)view;
	const struct scope_state *now = &view->app->scope.now;

	if (main->time == OT_TIME_MAX || main->time >= now->until || main->time < now->since)
		list_fetch(&main->list, FETCH_LAST, 0);
	else
		list_fetch(&main->list, FETCH_AT, main->time);
	histogram_ask(&main->histogram);
}

/* --- actions --- */

static void go_to_bucket(struct main_view *main, ptrdiff_t by)
{
	ptrdiff_t at = (ptrdiff_t)histogram_bucket(&main->histogram, main->time) + by, last = (ptrdiff_t)main->histogram.count - 1;

	if (main->histogram.count == 0)
		return;
	main->time = histogram_time(&main->histogram, (size_t)(at < 0 ? 0 : at > last ? last : at));
	list_fetch(&main->list, FETCH_AT, main->time);
}

/* A quarter of the axis (or so), of whole buckets, around the one under the cursor. */
static void zoom_in(struct main_view *main)
{
	const struct histogram *h = &main->histogram;
	struct app *app = main->view.app;
	int64_t since, until, middle, half, axis_since, axis_until;

	if (h->count == 0 || !histogram_axis(h, &axis_since, &axis_until))
		return;
	middle = histogram_time(h, histogram_bucket(h, main->time));
	half = (int64_t)(h->count / 8) * h->every;
	since = middle - half;
	until = middle + half + h->every;
	if (h->count == 1 && h->every <= OT_NS_PER_MS) {
		app_say(app, "this is as close as it gets");
		return;
	}
	scope_window(&app->scope, since < h->since ? h->since : since, until);
	app_scope_changed(app);
}

/* Four times as much, as far as there is anything. */
static void zoom_out(struct main_view *main)
{
	const struct histogram *h = &main->histogram;
	struct app *app = main->view.app;
	int64_t first, last, axis_since, axis_until, since, until, more;

	if (scope_is_open(&app->scope)) {
		app_say(app, "all times are shown");
		return;
	}
	if (h->count == 0 || !histogram_axis(h, &axis_since, &axis_until) || !asker_extent(app->asker, &first, &last))
		return;
	more = (int64_t)(h->count * 3 + 1) / 2 * h->every;
	since = h->since - more > first ? h->since - more : OT_TIME_MIN;
	until = histogram_time(h, h->count) + more;
	if (until > last)
		until = OT_TIME_MAX;
	scope_window(&app->scope, since, until);
	app_scope_changed(app);
}

static void keep_or_drop(struct main_view *main, bool keep)
{
	const struct list_row *row = list_at_cursor(&main->list);

	if (row != NULL)
		app_value(main->view.app, list_fields[main->column], row->has[main->column] ? &row->values[main->column] : NULL, keep);
}

static void move_column(struct main_view *main, int by)
{
	int at = main->column + by;

	main->column = at < 0 ? 0 : at >= LIST_COLUMNS ? LIST_COLUMNS - 1 : at;
}

static void open_call(struct main_view *main)
{
	const struct list_row *row = list_at_cursor(&main->list);

	if (row != NULL)
		app_push(main->view.app, view_call_open(main->view.app, row->call_id));
}

static enum answer act_on_histogram(struct main_view *main, enum action action)
{
	ptrdiff_t page = (ptrdiff_t)main->histogram.count / 4 + 1, all = (ptrdiff_t)main->histogram.count;

	switch (action) {
	case ACT_LEFT:
		go_to_bucket(main, -1);
		return HANDLED;
	case ACT_RIGHT:
		go_to_bucket(main, 1);
		return HANDLED;
	case ACT_PAGE_UP:
		go_to_bucket(main, -page);
		return HANDLED;
	case ACT_PAGE_DOWN:
		go_to_bucket(main, page);
		return HANDLED;
	case ACT_FIRST:
		go_to_bucket(main, -all);
		return HANDLED;
	case ACT_LAST:
		go_to_bucket(main, all);
		return HANDLED;
	case ACT_DOWN:
	case ACT_OPEN:
		main->on_histogram = false;
		return HANDLED;
	default:
		return NOT_HANDLED;
	}
}

static enum answer act_on_list(struct main_view *main, enum action action)
{
	ptrdiff_t page = main->height > 1 ? (ptrdiff_t)main->height - 1 : 1;

	switch (action) {
	case ACT_UP:
		list_move(&main->list, -1);
		break;
	case ACT_DOWN:
		list_move(&main->list, 1);
		break;
	case ACT_PAGE_UP:
		list_move(&main->list, -page);
		break;
	case ACT_PAGE_DOWN:
		list_move(&main->list, page);
		break;
	case ACT_FIRST:
		list_first(&main->list);
		break;
	case ACT_LAST:
		list_last(&main->list);
		break;
	case ACT_LEFT:
		move_column(main, -1);
		break;
	case ACT_RIGHT:
		move_column(main, 1);
		break;
	case ACT_OPEN:
		open_call(main);
		break;
	default:
		return NOT_HANDLED;
	}
	follow_list(main);
	return HANDLED;
}

static enum answer act(struct view *view, enum action action)
{
	struct main_view *main = (struct main_view *)view;
	enum answer answer = main->on_histogram ? act_on_histogram(main, action) : act_on_list(main, action);

	if (answer != NOT_HANDLED)
		return answer;
	switch (action) {
	case ACT_FOCUS:
		main->on_histogram = !main->on_histogram;
		return HANDLED;
	case ACT_KEEP:
	case ACT_DROP:
		keep_or_drop(main, action == ACT_KEEP);
		return HANDLED;
	case ACT_ZOOM_IN:
		zoom_in(main);
		return HANDLED;
	case ACT_ZOOM_OUT:
		zoom_out(main);
		return HANDLED;
	default:
		return NOT_HANDLED;
	}
}

static void find(struct view *view, struct ot_str text, int direction)
{
	struct main_view *main = (struct main_view *)view;

	main->on_histogram = false;
	list_find(&main->list, text, direction);
	follow_list(main);
}

static void command(struct view *view, struct ot_buf *out)
{
	scope_put_command(&view->app->scope, out, "calls");
}

static void close_view(struct view *view)
{
	struct main_view *main = (struct main_view *)view;

	list_release(&main->list);
	histogram_release(&main->histogram);
	free(main);
}

static const struct view_kind kind = { "calls", ask, main_draw, act, find, command, close_view };

struct view *view_main_open(struct app *app)
{
	struct main_view *main = ot_alloc_zero(1, sizeof(*main));

	main->view = (struct view){ .kind = &kind, .app = app };
	list_init(&main->list, app->asker, &app->scope);
	histogram_init(&main->histogram, app->asker, &app->scope);
	main->list.changed = list_changed;
	main->histogram.changed = histogram_changed;
	main->list.context = main->histogram.context = main;
	main->column = LIST_CLIENT;
	main->time = OT_TIME_MAX;
	main->height = 10;
	main->histogram.columns = app->canvas.cols > MAIN_SCALE + 2 ? (size_t)app->canvas.cols - MAIN_SCALE : 2;
	return &main->view;
}
