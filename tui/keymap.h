/* Keys: a character, or one of those that have names. */
#ifndef OT_TUI_KEYMAP_H
#define OT_TUI_KEYMAP_H

#include <base/buf.h>

/* Codes above all characters. Control characters are 1..26 ("Ctrl-C" is 3), Tab, Enter and Escape have their own codes. */
enum key {
	KEYS_NAMED = 0x110000,
	K_ENTER,
	K_ESCAPE,
	K_TAB,
	K_BACKTAB,
	K_BACKSPACE,
	K_DELETE,
	K_UP,
	K_DOWN,
	K_LEFT,
	K_RIGHT,
	K_HOME,
	K_END,
	K_PAGE_UP,
	K_PAGE_DOWN,
	K_NONE, /* nothing was pressed: a resize, a report */
};

/* "t", "Enter", "Ctrl-C", "Space"; -1 where nothing is called so. */
int32_t key_of_name(struct ot_str name);
void key_put(struct ot_buf *out, int32_t key);

#endif
