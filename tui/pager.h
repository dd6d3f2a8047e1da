/* Lines to scroll through: help, coverage, a command. */
#ifndef OT_TUI_PAGER_H
#define OT_TUI_PAGER_H

#include "action.h"
#include "canvas.h"
#include "view.h"

#include <base/arena.h>

struct pager_line {
	struct ot_str text;
	enum style style;
	int64_t since, until; /* what Enter goes to; since == until: nothing */
};

struct pager {
	struct ot_arena arena;
	struct pager_line *lines;
	size_t count, cap, cursor, top, height;
	bool cursor_shown; /* some lines can be opened */
};

void pager_release(struct pager *pager);
void pager_clear(struct pager *pager);
/* Copies the text. */
struct pager_line *pager_add(struct pager *pager, enum style style, struct ot_str text);
/* The same, wrapped to `width` columns at blanks where there are some. */
void pager_wrap(struct pager *pager, enum style style, struct ot_str text, size_t width);
void pager_draw(struct pager *pager, struct area area);
enum answer pager_act(struct pager *pager, enum action action);
bool pager_find(struct pager *pager, struct ot_str text, int direction);

#endif
