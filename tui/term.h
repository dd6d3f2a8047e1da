/* A terminal: shows a canvas, gives keys. term_curses.c is the one there is, and the only file that includes curses. */
#ifndef OT_TUI_TERM_H
#define OT_TUI_TERM_H

#include "canvas.h"

#include <base/err.h>

struct terminal;

enum term_color { TERM_COLOR_AUTO, TERM_COLOR_ALWAYS, TERM_COLOR_NEVER };

/* OT_NOT_FOUND where standard input and output are no terminal, or one that cannot place its cursor (TERM=dumb): err says what to do. */
enum ot_status term_open(struct terminal **out, enum term_color color, struct ot_err *err);
void term_close(struct terminal *term);
bool term_has_color(const struct terminal *term);
void term_size(const struct terminal *term, int *rows, int *cols);
void term_show(struct terminal *term, const struct canvas *canvas);
/* The next key that was pressed (keymap.h), K_NONE where none waits. *resized: the size is another now. *gone: nobody is at the other end any more. */
int32_t term_key(struct terminal *term, bool *resized, bool *gone);

#endif
