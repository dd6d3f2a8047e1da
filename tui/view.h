/*
 * Views: a stack of them is the program. Each is one file with a row of operations; what it shows is its model, which knows the
 * question and the answer and nothing of terminals.
 */
#ifndef OT_TUI_VIEW_H
#define OT_TUI_VIEW_H

#include "action.h"
#include "canvas.h"

#include <query/engine.h>

struct app;
struct view;

enum answer { NOT_HANDLED, HANDLED, CLOSE };

struct view_kind {
	const char *name; /* in the title */
	void (*ask)(struct view *view);			  /* the scope or the snapshot changed: ask (again); may be NULL */
	void (*draw)(struct view *view, struct area area);
	enum answer (*act)(struct view *view, enum action action);
	void (*find)(struct view *view, struct ot_str text, int direction); /* from the cursor on, 1 forward, -1 back; may be NULL */
	void (*command)(struct view *view, struct ot_buf *out);		    /* the command line with the same answer; may be NULL */
	void (*close)(struct view *view);				    /* frees it */
};

struct view {
	const struct view_kind *kind;
	struct app *app;
	bool stale; /* asks when it is seen again */
};

struct view *view_main_open(struct app *app);
struct view *view_callers_open(struct app *app);
struct view *view_routes_open(struct app *app);
struct view *view_call_open(struct app *app, struct ot_str call_id);
struct view *view_coverage_open(struct app *app);
struct view *view_help_open(struct app *app);
/* Shows a command line, as text that is wrapped. */
struct view *view_command_open(struct app *app, struct ot_str command);

#endif
