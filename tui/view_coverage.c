/* What was read, and what is missing: a line a stream, then each gap in words. Enter on a gap shows the time around it. */
#include "app.h"
#include "pager.h"

#include <query/footing.h>
#include <query/output.h>
#include <stdlib.h>

struct coverage_view {
	struct view view;
	struct pager pager;
	bool ready;
};

struct coverage_job {
	struct job job;
	struct coverage_view *coverage;
	struct ot_question question;
	struct pager lines; /* made in the asker's thread */
};

static void put_cell(struct ot_buf *out, struct ot_cell cell)
{
	static const struct ot_output_options options = { .form = OT_OUTPUT_TABLE };

	ot_cell_put(out, &cell, &options);
}

static void put_number(struct ot_buf *line, uint64_t number)
{
	struct ot_buf text = { 0 };

	put_cell(&text, ot_cell_count((int64_t)number));
	ot_buf_printf(line, "%10.*s", OT_STR_ARGS(ot_buf_str(&text)));
	ot_buf_release(&text);
}

static enum ot_status put_stream(void *context, const struct ot_coverage_hour *hour, struct ot_err *err)
{
	struct pager *lines = context;
	struct ot_buf line = { 0 };

	(void)err;
	put_number(&line, hour->records);
	put_number(&line, hour->unread);
	put_number(&line, hour->missing);
	ot_buf_text(&line, "   ");
	put_cell(&line, ot_cell_share(hour->share));
	ot_buf_text(&line, hour->share < 1 ? "    " : "   ");
	ot_buf_str_put(&line, hour->origin);
	ot_buf_text(&line, "  ");
	ot_buf_str_put(&line, hour->format);
	pager_add(lines, hour->missing + hour->unread > 0 ? STYLE_WARN : STYLE_PLAIN, ot_buf_str(&line));
	ot_buf_release(&line);
	return OT_OK;
}

static void put_gaps(struct pager *lines, const struct ot_coverage *coverage)
{
	pager_add(lines, STYLE_PLAIN, OT_STR(""));
	pager_add(lines, STYLE_HEAD, coverage->gap_count == 0 ? OT_STR("nothing is missing") : OT_STR("missing"));
	for (size_t i = 0; i < coverage->gap_count; i++) {
		const struct ot_gap *gap = &coverage->gaps[i];
		struct pager_line *line = pager_add(lines, STYLE_WARN, gap->words);

		if (gap->since != OT_TIME_MIN && gap->until != OT_TIME_MAX && gap->since < gap->until) {
			line->since = gap->since;
			line->until = gap->until;
		}
	}
}

static enum ot_status work(struct job *job, const struct asked *asked, struct ot_err *err)
{
	struct coverage_job *asking = (struct coverage_job *)job;
	struct ot_coverage_scope scope = { asking->question.since, asking->question.until, ot_footing_keeps_stream, (void *)asking->question.where };
	struct ot_coverage coverage = { 0 };
	enum ot_status status;

	pager_add(&asking->lines, STYLE_HEAD, OT_STR("   records    unread   missing     read   origin"));
	status = ot_coverage_hours(asked->store, ot_engine_snapshot(asked->engine), &scope, 0, false, put_stream, &asking->lines, err);
	if (status == OT_OK)
		status = ot_coverage_of(&coverage, asked->store, ot_engine_snapshot(asked->engine), &scope, err);
	if (status == OT_OK)
		put_gaps(&asking->lines, &coverage);
	ot_coverage_release(&coverage);
	return status;
}

static size_t first_gap(const struct pager *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		if (lines->lines[i].since < lines->lines[i].until)
			return i;
	}
	return 0;
}

static void done(struct job *job)
{
	struct coverage_job *asking = (struct coverage_job *)job;
	struct coverage_view *coverage = asking->coverage;

	if (job->status != OT_OK) {
		app_say_failure(coverage->view.app, job->status, &job->err);
		return;
	}
	asking->lines.cursor = coverage->ready ? coverage->pager.cursor : first_gap(&asking->lines);
	coverage->ready = true;
	asking->lines.cursor_shown = true;
	pager_release(&coverage->pager);
	coverage->pager = asking->lines;
	memset(&asking->lines, 0, sizeof(asking->lines));
}

static void release(struct job *job)
{
	pager_release(&((struct coverage_job *)job)->lines);
}

static void ask(struct view *view)
{
	struct coverage_job *asking = job_new(sizeof(*asking), view, 0, "working out coverage");

	asking->coverage = (struct coverage_view *)view;
	asking->job.work = work;
	asking->job.done = done;
	asking->job.release = release;
	scope_question(&view->app->scope, &asking->job.arena, &asking->question);
	asker_put(view->app->asker, &asking->job);
}

static void draw(struct view *view, struct area area)
{
	struct coverage_view *coverage = (struct coverage_view *)view;

	if (!coverage->ready)
		area_text(area, 0, 2, STYLE_DIM, app_waiting(view->app));
	pager_draw(&coverage->pager, area);
}

/* The gap with as much before and after it. */
static void open_gap(struct coverage_view *coverage)
{
	struct app *app = coverage->view.app;
	const struct pager_line *line = coverage->pager.cursor < coverage->pager.count ? &coverage->pager.lines[coverage->pager.cursor] : NULL;

	if (line == NULL || line->since == line->until) {
		app_say(app, "Enter goes to the time of a gap");
		return;
	}
	scope_window(&app->scope, line->since - (line->until - line->since), line->until + (line->until - line->since));
	app_scope_changed(app);
	app_show_calls(app);
}

static enum answer act(struct view *view, enum action action)
{
	struct coverage_view *coverage = (struct coverage_view *)view;

	if (action == ACT_OPEN) {
		open_gap(coverage);
		return HANDLED;
	}
	return pager_act(&coverage->pager, action);
}

static void find(struct view *view, struct ot_str text, int direction)
{
	if (!pager_find(&((struct coverage_view *)view)->pager, text, direction))
		app_say(view->app, "not found %s here", direction > 0 ? "after" : "before");
}

static void command(struct view *view, struct ot_buf *out)
{
	scope_put_command(&view->app->scope, out, "coverage");
}

static void close_view(struct view *view)
{
	struct coverage_view *coverage = (struct coverage_view *)view;

	asker_forget(view->app->asker, view);
	pager_release(&coverage->pager);
	free(coverage);
}

static const struct view_kind kind = { "coverage", ask, draw, act, find, command, close_view };

struct view *view_coverage_open(struct app *app)
{
	struct coverage_view *coverage = ot_alloc_zero(1, sizeof(*coverage));

	coverage->view = (struct view){ .kind = &kind, .app = app };
	return &coverage->view;
}
