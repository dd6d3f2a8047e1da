/* Tables of groups: who calls, what is called. Each is a row of constants: the fields it groups by, its measures, its columns. */
#ifndef OT_TUI_VIEW_TABLE_H
#define OT_TUI_VIEW_TABLE_H

#include "view.h"

#include <query/output.h>

enum { TABLE_COLUMNS_MAX = 10, TABLE_ROWS_MAX = 10000 };

struct table_column {
	const char *title;
	int key, measure; /* one of them; the other -1 */
	enum ot_cell_kind cell; /* of a measure */
	const char *unit; /* behind it, "" for none */
	int width;	  /* 0: a share of what is left */
	int cols_min;	  /* the terminal's, from which on it is shown */
};

struct table_kind {
	struct view_kind view;
	const char *by, *measures; /* as `onetrail count` takes them */
	int sort;		   /* column, largest first */
	struct table_column columns[TABLE_COLUMNS_MAX];
	size_t column_count;
	const struct table_kind *split; /* what the key that opened it opens next: the same, taken apart further; NULL */
};

struct table_view {
	struct view view;
	const struct table_kind *kind;
	struct ot_groups_request request; /* keys and measures; its question is each job's own */
	struct ot_arena arena;
	struct ot_groups groups;
	const struct ot_group **order; /* as sorted */
	size_t cursor, top, height;
	int column, sort;
	bool ascending, ready;
};

struct view *table_open(struct app *app, const struct table_kind *kind);
void table_ask(struct view *view);
enum answer table_act(struct view *view, enum action action);
void table_find(struct view *view, struct ot_str text, int direction);
void table_command(struct view *view, struct ot_buf *out);
void table_close(struct view *view);

/* view_table_draw.c */
void table_draw(struct view *view, struct area area);
/* One cell as text. */
void table_put_cell(struct ot_buf *out, const struct table_view *table, const struct ot_group *group, int column);
bool table_shows(const struct table_view *table, int column); /* the terminal is wide enough for it */

#endif
