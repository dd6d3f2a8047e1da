/* Views that are text: the help, drawn from the table of actions, and a command line. */
#include "app.h"
#include "pager.h"

#include <stdlib.h>

struct text_view {
	struct view view;
	struct pager pager;
	struct ot_buf command; /* empty in the help */
	int cols;	       /* wrapped to this width */
};

static void fill_help(struct text_view *text)
{
	struct ot_buf lines = { 0 };
	struct ot_str rest;

	action_put_help(&lines);
	rest = ot_buf_str(&lines);
	while (rest.ptr != NULL && rest.len > 0)
		pager_add(&text->pager, STYLE_PLAIN, ot_str_cut(rest, '\n', &rest));
	pager_add(&text->pager, STYLE_PLAIN, OT_STR(""));
	pager_add(&text->pager, STYLE_DIM, OT_STR("  Filters: status:5xx  latency>500ms  client:agent-*  path~'^/api/'  /api/payments  -origin:wire  (a or b)"));
	ot_buf_release(&lines);
}

static void fill_command(struct text_view *text, int cols)
{
	pager_add(&text->pager, STYLE_DIM, OT_STR("The same answer on the command line:"));
	pager_add(&text->pager, STYLE_PLAIN, OT_STR(""));
	pager_wrap(&text->pager, STYLE_BOLD, ot_buf_str(&text->command), cols > 4 ? (size_t)cols - 2 : 1);
}

static void draw(struct view *view, struct area area)
{
	struct text_view *text = (struct text_view *)view;

	if (text->cols != area.cols) {
		pager_clear(&text->pager);
		if (text->command.len > 0)
			fill_command(text, area.cols);
		else
			fill_help(text);
		text->cols = area.cols;
	}
	pager_draw(&text->pager, area);
}

static enum answer act(struct view *view, enum action action)
{
	return pager_act(&((struct text_view *)view)->pager, action);
}

static void find(struct view *view, struct ot_str words, int direction)
{
	struct text_view *text = (struct text_view *)view;

	if (!pager_find(&text->pager, words, direction))
		app_say(view->app, "not found %s here", direction > 0 ? "after" : "before");
}

static void close_view(struct view *view)
{
	struct text_view *text = (struct text_view *)view;

	pager_release(&text->pager);
	ot_buf_release(&text->command);
	free(text);
}

static const struct view_kind help_kind = { "help", NULL, draw, act, find, NULL, close_view };
static const struct view_kind command_kind = { "command", NULL, draw, act, find, NULL, close_view };

static struct text_view *text_open(struct app *app, const struct view_kind *kind)
{
	struct text_view *text = ot_alloc_zero(1, sizeof(*text));

	text->view = (struct view){ .kind = kind, .app = app };
	return text;
}

struct view *view_help_open(struct app *app)
{
	return &text_open(app, &help_kind)->view;
}

struct view *view_command_open(struct app *app, struct ot_str command)
{
	struct text_view *text = text_open(app, &command_kind);

	ot_buf_str_put(&text->command, command);
	return &text->view;
}
