#include "keymap.h"

#include <base/text.h>

static const struct {
	const char *name;
	int32_t key;
} names[] = {
	{ "Enter", K_ENTER }, { "Escape", K_ESCAPE },	{ "Tab", K_TAB },	{ "Shift-Tab", K_BACKTAB }, { "Backspace", K_BACKSPACE },
	{ "Delete", K_DELETE }, { "Up", K_UP },		{ "Down", K_DOWN },	{ "Left", K_LEFT },	    { "Right", K_RIGHT },
	{ "Home", K_HOME },	{ "End", K_END },	{ "PgUp", K_PAGE_UP },	{ "PgDn", K_PAGE_DOWN },    { "Space", ' ' },
};

int32_t key_of_name(struct ot_str name)
{
	int32_t rune;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (ot_str_eq(name, ot_str_from(names[i].name)))
			return names[i].key;
	}
	if (ot_str_starts(name, OT_STR("Ctrl-")) && name.len == 6 && name.ptr[5] >= 'A' && name.ptr[5] <= 'Z')
		return name.ptr[5] - 'A' + 1;
	return name.len > 0 && ot_utf8_next(name, &rune) == name.len ? rune : -1;
}

void key_put(struct ot_buf *out, int32_t key)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (names[i].key == key) {
			ot_buf_text(out, names[i].name);
			return;
		}
	}
	if (key > 0 && key < 27)
		ot_buf_printf(out, "Ctrl-%c", 'A' + key - 1);
	else
		ot_utf8_put(out, key);
}
