#include "action.h"

#include "keymap.h"

/* clang-format off */
const struct action_info actions[] = {
	{ ACT_UP, { "Up", "k" }, "up", "one row up", NULL },
	{ ACT_DOWN, { "Down", "j" }, "down", "one row down", NULL },
	{ ACT_PAGE_UP, { "PgUp", "Ctrl-B" }, "page-up", "one screen up", NULL },
	{ ACT_PAGE_DOWN, { "PgDn", "Ctrl-F" }, "page-down", "one screen down", NULL },
	{ ACT_FIRST, { "Home", "g" }, "first", "to the first row", NULL },
	{ ACT_LAST, { "End", "G" }, "last", "to the last row", NULL },
	{ ACT_LEFT, { "Left", "h" }, "left", "one column left; in the histogram, earlier", NULL },
	{ ACT_RIGHT, { "Right", "l" }, "right", "one column right; in the histogram, later", NULL },
	{ ACT_FOCUS, { "Tab" }, "focus", "between histogram and list", NULL },
	{ ACT_OPEN, { "Enter" }, "open", "open what is under the cursor: a call, a caller's or a route's calls, the time of a gap", "open" },
	{ ACT_CALLERS, { "t" }, "callers", "who calls: calls, rate, errors, bytes, credentials; again: each credential", "callers" },
	{ ACT_ROUTES, { "r" }, "routes", "what is called: routes with calls, rate, errors, latency", "routes" },
	{ ACT_COVERAGE, { "c" }, "coverage", "what was read, and what is missing", "coverage" },
	{ ACT_SORT, { "s" }, "sort", "order a table by the column under the cursor; again: the other way round", NULL },
	{ ACT_KEEP, { "+", "=" }, "keep", "keep only calls with the value under the cursor; of durations and sizes, all from it up", "keep" },
	{ ACT_DROP, { "-" }, "drop", "drop the calls with the value under the cursor; of durations and sizes, all from it up", "drop" },
	{ ACT_ZOOM_IN, { "z" }, "zoom-in", "zoom in on the time under the cursor", "zoom" },
	{ ACT_ZOOM_OUT, { "Z" }, "zoom-out", "zoom out", NULL },
	{ ACT_UNDO, { "u" }, "undo", "take back the last change of filter or window", NULL },
	{ ACT_FILTER, { ":" }, "filter", "edit the filter; Tab completes fields and values", "filter" },
	{ ACT_SEARCH, { "/" }, "search", "search for a text", "search" },
	{ ACT_NEXT, { "n" }, "next", "to the next place found", NULL },
	{ ACT_PREVIOUS, { "N" }, "previous", "to the place found before", NULL },
	{ ACT_COMMAND, { "y" }, "command", "the command line that gives this view's answer", NULL },
	{ ACT_REFRESH, { "R" }, "refresh", "ask again, of the newest snapshot", NULL },
	{ ACT_HELP, { "?" }, "help", "these keys", "help" },
	{ ACT_STOP, { "Escape", "Ctrl-C" }, "stop", "stop the question that is running; leave a prompt", NULL },
	{ ACT_BACK, { "q" }, "back", "back to the view before; from the first one, out", "back" },
};
/* clang-format on */

const size_t action_count = sizeof(actions) / sizeof(*actions);

enum action action_of_key(int32_t key)
{
	for (size_t i = 0; i < action_count; i++) {
		for (size_t k = 0; k < ACTION_KEYS && actions[i].keys[k] != NULL; k++) {
			if (key_of_name(ot_str_from(actions[i].keys[k])) == key)
				return actions[i].action;
		}
	}
	return ACT_NONE;
}

void action_put_keys(struct ot_buf *out, const struct action_info *info)
{
	for (size_t k = 0; k < ACTION_KEYS && info->keys[k] != NULL; k++) {
		if (k > 0)
			ot_buf_char(out, ' ');
		ot_buf_text(out, info->keys[k]);
	}
}

void action_put_help(struct ot_buf *out)
{
	for (size_t i = 0; i < action_count; i++) {
		size_t before = out->len;

		ot_buf_text(out, "  ");
		action_put_keys(out, &actions[i]);
		while (out->len - before < 18)
			ot_buf_char(out, ' ');
		ot_buf_printf(out, "%s\n", actions[i].help);
	}
}
