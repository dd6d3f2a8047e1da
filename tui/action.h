/* Actions: the one table behind keys, the help view, --help and the manual. */
#ifndef OT_TUI_ACTION_H
#define OT_TUI_ACTION_H

#include <base/buf.h>

enum action {
	ACT_NONE,
	ACT_UP,
	ACT_DOWN,
	ACT_PAGE_UP,
	ACT_PAGE_DOWN,
	ACT_FIRST,
	ACT_LAST,
	ACT_LEFT,
	ACT_RIGHT,
	ACT_FOCUS,
	ACT_OPEN,
	ACT_CALLERS,
	ACT_ROUTES,
	ACT_COVERAGE,
	ACT_SORT,
	ACT_KEEP,
	ACT_DROP,
	ACT_ZOOM_IN,
	ACT_ZOOM_OUT,
	ACT_UNDO,
	ACT_FILTER,
	ACT_SEARCH,
	ACT_NEXT,
	ACT_PREVIOUS,
	ACT_COMMAND,
	ACT_REFRESH,
	ACT_HELP,
	ACT_STOP,
	ACT_BACK,
};

enum { ACTION_KEYS = 3 };

struct action_info {
	enum action action;
	const char *keys[ACTION_KEYS]; /* by name, as keymap.h has them */
	const char *name;
	const char *help;
	const char *hint; /* in the line at the bottom; NULL: not there */
};

extern const struct action_info actions[];
extern const size_t action_count;

enum action action_of_key(int32_t key);
/* "PgDn Ctrl-F" */
void action_put_keys(struct ot_buf *out, const struct action_info *info);
/* The keys and what they do, a line each, for --help. */
void action_put_help(struct ot_buf *out);

#endif
