/* The program without a terminal: a stack of views over one scope, a prompt, the lines at the top and the bottom. Keys go in, a canvas comes out. */
#ifndef OT_TUI_APP_H
#define OT_TUI_APP_H

#include "asker.h"
#include "prompt.h"
#include "scope.h"
#include "view.h"

enum { VIEWS_MAX = 32, ROWS_MIN = 12, COLS_MIN = 40 };

struct app {
	struct ot_store *store;
	struct asker *asker;
	struct scope scope;
	struct canvas canvas;
	struct view *views[VIEWS_MAX];
	size_t view_count;
	struct prompt prompt;
	struct ot_buf searched; /* the text that n and N look for */
	struct ot_buf footer;	/* what the answer rests on */
	bool footer_whole;	/* coverage is complete */
	struct ot_buf message;	/* until the next key */
	bool message_is_error;
	bool color;		/* bars may be told apart by colour */
	bool done;
};

/* The scope's filter and window are set by the caller before. */
void app_open(struct app *app, struct ot_store *store, struct asker *asker, int rows, int cols);
void app_close(struct app *app);

void app_resize(struct app *app, int rows, int cols);
void app_key(struct app *app, int32_t key);
void app_draw(struct app *app); /* paints the canvas */

/* For views. */
void app_push(struct app *app, struct view *view);
void app_scope_changed(struct app *app); /* the view on top asks now, the others when they are seen again */
/* Back to the first view, for the calls of what was chosen. */
void app_show_calls(struct app *app);
void app_say(struct app *app, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A job that failed: says why; being stopped by the person is said too, but is no error. */
void app_say_failure(struct app *app, enum ot_status status, const struct ot_err *err);
/* What stands where an answer will: that it is being asked for, or that the person stopped it. */
const char *app_waiting(struct app *app);
/* Keeps or drops a value, and asks again. */
void app_value(struct app *app, enum ot_field field, const union ot_value *value, bool keep);
/* Where a view's part of the screen is: between title and footer. */
struct area app_view_area(struct app *app);

#endif
