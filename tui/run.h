/* Runs the program: on a terminal, or from a script. */
#ifndef OT_TUI_RUN_H
#define OT_TUI_RUN_H

#include "app.h"
#include "term.h"

/* Until the person leaves. */
enum ot_status run_terminal(struct app *app, struct terminal *term, struct ot_err *err);

/*
 * A script, a line a command; "#" begins a comment:
 *   key NAME...    presses keys, each when nothing is being asked any more
 *   press NAME...  the same at once
 *   type TEXT      the characters of the text
 *   resize COLS ROWS
 *   wait           until nothing is being asked
 *   hold, release  questions take long from here on, until here
 *   screen         prints the screen, a line a row
 *   picture        prints it as SVG
 */
enum ot_status run_script(struct app *app, const char *path, struct ot_err *err);

/* picture.c */
void picture_put(struct ot_buf *out, const struct canvas *canvas);

#endif
