/* The model of the first view, shared by what it does and how it is drawn. */
#ifndef OT_TUI_VIEW_MAIN_H
#define OT_TUI_VIEW_MAIN_H

#include "histogram.h"
#include "list.h"
#include "view.h"

enum { MAIN_SCALE = 8 }; /* columns left of the bars, for the numbers */

struct main_view {
	struct view view;
	struct list list;
	struct histogram histogram;
	int64_t time;	   /* of the cursor: the call's, or where it was moved to in the histogram; OT_TIME_MAX: not placed yet */
	bool on_histogram; /* which of the two the arrows move */
	int column;	   /* of the list, enum list_column */
	size_t height;	   /* rows of the list on the screen */
};

void main_draw(struct view *view, struct area area);

#endif
