#include "app.h"

#include "keymap.h"
#include "when.h"

#include <base/text.h>
#include <query/footing.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { MESSAGE_MAX = 4096 };

static struct view *top(struct app *app)
{
	return app->view_count == 0 ? NULL : app->views[app->view_count - 1];
}

/* --- what the answer rests on --- */

struct footing_job {
	struct job job;
	struct app *app;
	struct ot_question question;
	struct ot_footing footing;
};

static enum ot_status footing_work(struct job *job, const struct asked *asked, struct ot_err *err)
{
	struct footing_job *asking = (struct footing_job *)job;

	return ot_footing_of(&asking->footing, asked->engine, asked->store, &asking->question, &job->stats, err);
}

static void footing_done(struct job *job)
{
	struct footing_job *asking = (struct footing_job *)job;
	struct app *app = asking->app;

	ot_buf_clear(&app->footer);
	if (job->status == OT_OK) {
		ot_footing_put(&app->footer, &asking->footing, &asking->question, &job->stats, 1);
		app->footer_whole = asking->footing.complete;
	} else {
		app_say_failure(app, job->status, &job->err);
	}
}

static void footing_release(struct job *job)
{
	ot_footing_release(&((struct footing_job *)job)->footing);
}

static void ask_footing(struct app *app)
{
	struct footing_job *asking = job_new(sizeof(*asking), app, 0, "counting calls and coverage");

	asking->app = app;
	asking->job.work = footing_work;
	asking->job.done = footing_done;
	asking->job.release = footing_release;
	scope_question(&app->scope, &asking->job.arena, &asking->question);
	asker_put(app->asker, &asking->job);
}

/* --- the stack --- */

static void ask_top(struct app *app)
{
	struct view *view = top(app);

	if (view != NULL && view->stale && view->kind->ask != NULL)
		view->kind->ask(view);
	if (view != NULL)
		view->stale = false;
}

void app_push(struct app *app, struct view *view)
{
	if (app->view_count == VIEWS_MAX) {
		view->kind->close(view);
		app_say(app, "that many views are open: q goes back");
		return;
	}
	view->stale = true;
	app->views[app->view_count++] = view;
	ask_top(app);
}

static void pop(struct app *app)
{
	struct view *view = app->views[--app->view_count];

	view->kind->close(view);
	app->done = app->view_count == 0;
	ask_top(app);
}

void app_scope_changed(struct app *app)
{
	ot_buf_clear(&app->footer);
	for (size_t i = 0; i < app->view_count; i++)
		app->views[i]->stale = true;
	ask_top(app);
	ask_footing(app);
}

void app_show_calls(struct app *app)
{
	while (app->view_count > 1)
		pop(app);
}

void app_open(struct app *app, struct ot_store *store, struct asker *asker, int rows, int cols)
{
	app->store = store;
	app->asker = asker;
	app->message.max = MESSAGE_MAX;
	canvas_resize(&app->canvas, rows, cols);
	app_push(app, view_main_open(app));
	ask_footing(app);
}

void app_close(struct app *app)
{
	asker_forget(app->asker, NULL);
	while (app->view_count > 0)
		pop(app);
	asker_forget(app->asker, NULL);
	prompt_close(&app->prompt);
	canvas_release(&app->canvas);
	ot_buf_release(&app->searched);
	ot_buf_release(&app->footer);
	ot_buf_release(&app->message);
	scope_release(&app->scope);
}

void app_resize(struct app *app, int rows, int cols)
{
	canvas_resize(&app->canvas, rows, cols);
}

/* --- messages --- */

void app_say(struct app *app, const char *format, ...)
{
	char text[MESSAGE_MAX];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	ot_buf_clear(&app->message);
	ot_buf_text(&app->message, text);
	app->message_is_error = false;
}

void app_say_failure(struct app *app, enum ot_status status, const struct ot_err *err)
{
	if (status == OT_CANCELLED) {
		app_say(app, "stopped; R asks again");
		return;
	}
	app_say(app, "%s", err->text);
	app->message_is_error = true;
}

const char *app_waiting(struct app *app)
{
	return asker_busy(app->asker) != NULL ? "…" : "no answer: R asks again";
}

/* --- actions of all views --- */

void app_value(struct app *app, enum ot_field field, const union ot_value *value, bool keep)
{
	if (ot_fields[field].type == OT_TYPE_ID) {
		app_say(app, "%s is found with `onetrail call`, not by a filter", ot_fields[field].name);
		return;
	}
	if (ot_fields[field].type == OT_TYPE_TIME) {
		app_say(app, "z zooms in on a time");
		return;
	}
	scope_value(&app->scope, field, value, keep);
	app_scope_changed(app);
}

static void refresh(struct app *app)
{
	struct ot_err err = { 0 };
	enum ot_status status = asker_renew(app->asker, &err);

	if (status != OT_OK)
		app_say_failure(app, status, &err);
	else
		app_say(app, "snapshot %lld", (long long)asker_snapshot(app->asker));
	app_scope_changed(app);
}

static void show_command(struct app *app)
{
	struct ot_buf command = { 0 };

	if (top(app)->kind->command == NULL) {
		app_say(app, "this view is no answer of a command");
		return;
	}
	top(app)->kind->command(top(app), &command);
	app_push(app, view_command_open(app, ot_buf_str(&command)));
	ot_buf_release(&command);
}

static void find_again(struct app *app, int direction)
{
	if (top(app)->kind->find == NULL)
		app_say(app, "nothing to search in here");
	else if (app->searched.len == 0)
		app_say(app, "/ searches for a text first");
	else
		top(app)->kind->find(top(app), ot_buf_str(&app->searched), direction);
}

static void undo(struct app *app)
{
	if (scope_undo(&app->scope))
		app_scope_changed(app);
	else
		app_say(app, "nothing to take back");
}

/* A view that is open already is not opened once more on top of itself. */
static void open_view(struct app *app, struct view *(*open)(struct app *app))
{
	struct view *view = open(app);

	if (view->kind == top(app)->kind && strcmp(view->kind->name, top(app)->kind->name) == 0) {
		view->kind->close(view);
		return;
	}
	app_push(app, view);
}

static void act(struct app *app, enum action action)
{
	static struct view *(*const opens[])(struct app *app) = { [ACT_CALLERS] = view_callers_open, [ACT_ROUTES] = view_routes_open,
		[ACT_COVERAGE] = view_coverage_open, [ACT_HELP] = view_help_open };

	if (action < sizeof(opens) / sizeof(*opens) && opens[action] != NULL) {
		open_view(app, opens[action]);
		return;
	}
	switch (action) {
	case ACT_UNDO:
		undo(app);
		break;
	case ACT_FILTER:
		prompt_open(&app->prompt, PROMPT_FILTER, ot_str_from(app->scope.now.filter));
		break;
	case ACT_SEARCH:
		prompt_open(&app->prompt, PROMPT_SEARCH, OT_STR(""));
		break;
	case ACT_NEXT:
	case ACT_PREVIOUS:
		find_again(app, action == ACT_NEXT ? 1 : -1);
		break;
	case ACT_COMMAND:
		show_command(app);
		break;
	case ACT_REFRESH:
		refresh(app);
		break;
	case ACT_STOP:
		if (!asker_stop(app->asker))
			app_say(app, "nothing is being asked; q goes back");
		break;
	case ACT_BACK:
		pop(app);
		break;
	default:
		break;
	}
}

/* --- keys --- */

static void accept(struct app *app)
{
	struct prompt *prompt = &app->prompt;
	struct ot_err err = { 0 };

	if (prompt->kind == PROMPT_SEARCH) {
		if (prompt->line.len > 0) {
			ot_buf_clear(&app->searched);
			ot_buf_str_put(&app->searched, ot_buf_str(&prompt->line));
		}
		prompt_close(prompt);
		find_again(app, 1);
		return;
	}
	if (scope_filter(&app->scope, ot_buf_str(&prompt->line), &err) != OT_OK) {
		prompt_fail(prompt, err.text);
		return;
	}
	prompt_close(prompt);
	app_scope_changed(app);
}

static void prompt_takes(struct app *app, int32_t key)
{
	if (key == K_ENTER) {
		accept(app);
	} else if (action_of_key(key) == ACT_STOP) {
		asker_forget(app->asker, &app->prompt);
		prompt_close(&app->prompt);
	} else {
		prompt_key(app, key);
	}
}

void app_key(struct app *app, int32_t key)
{
	enum action action;

	ot_buf_clear(&app->message);
	if (app->prompt.kind != PROMPT_NONE) {
		prompt_takes(app, key);
		return;
	}
	action = action_of_key(key);
	if (action == ACT_NONE || app->view_count == 0)
		return;
	switch (top(app)->kind->act(top(app), action)) {
	case NOT_HANDLED:
		act(app, action);
		break;
	case CLOSE:
		pop(app);
		break;
	default:
		break;
	}
}

/* --- drawing --- */

struct area app_view_area(struct app *app)
{
	return area_part(canvas_area(&app->canvas), 1, 0, app->canvas.rows - 3, app->canvas.cols);
}

static void draw_title(struct app *app, struct area all)
{
	struct ot_buf window = { 0 };
	struct area row = area_part(all, 0, 0, 1, all.cols);
	int col, width;

	col = area_text(row, 0, 0, STYLE_TITLE, "onetrail") + 1;
	col += area_text(row, 0, col, STYLE_BOLD, top(app)->kind->name) + 2;
	when_put_window(&window, app->scope.zone, app->scope.now.since, app->scope.now.until);
	width = (int)ot_text_width(ot_buf_str(&window));
	area_put_right(row, 0, col, row.cols - col, STYLE_DIM, ot_buf_str(&window));
	area_put(row, 0, col, row.cols - col - width - 2, STYLE_KEY, ot_str_from(app->scope.now.filter));
	ot_buf_release(&window);
}

static void draw_hints(struct area all, int row)
{
	int col = 0;

	for (size_t i = 0; i < action_count; i++) {
		int needs = (int)strlen(actions[i].keys[0]) + 1;

		if (actions[i].hint == NULL)
			continue;
		needs += (int)strlen(actions[i].hint);
		if (col + needs > all.cols)
			break;
		col += area_text(all, row, col, STYLE_KEY, actions[i].keys[0]) + 1;
		col += area_text(all, row, col, STYLE_DIM, actions[i].hint) + 2;
	}
}

static void draw_bottom(struct app *app, struct area all)
{
	const char *busy = asker_busy(app->asker);
	int footer = all.rows - 2, last = all.rows - 1;

	area_put(all, footer, 0, all.cols, app->footer_whole ? STYLE_FOOTER : STYLE_WARN, ot_buf_str(&app->footer));
	if (app->message.len > 0) {
		area_put(all, last, 0, all.cols, app->message_is_error ? STYLE_WARN : STYLE_BOLD, ot_buf_str(&app->message));
	} else if (busy != NULL) {
		int col = area_text(all, last, 0, STYLE_BOLD, busy);

		area_text(all, last, col, STYLE_DIM, "…  Escape stops it");
	} else {
		draw_hints(all, last);
	}
}

void app_draw(struct app *app)
{
	struct area all = canvas_area(&app->canvas);

	canvas_clear(&app->canvas);
	if (app->view_count == 0)
		return;
	if (all.rows < ROWS_MIN || all.cols < COLS_MIN) {
		area_text(all, 0, 0, STYLE_WARN, "too small");
		if (all.rows > 1)
			area_text(all, 1, 0, STYLE_PLAIN, "40x12 at least");
		return;
	}
	draw_title(app, all);
	top(app)->kind->draw(top(app), app_view_area(app));
	draw_bottom(app, all);
	if (app->prompt.kind != PROMPT_NONE)
		prompt_draw(&app->prompt, all);
}
