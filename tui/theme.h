/* Styles by meaning, and what each looks like with colours and without. */
#ifndef OT_TUI_THEME_H
#define OT_TUI_THEME_H

#include <stdbool.h>
#include <stdint.h>

enum style {
	STYLE_PLAIN,
	STYLE_DIM,
	STYLE_BOLD,
	STYLE_TITLE,	/* the line at the top */
	STYLE_HEAD,	/* heads of columns */
	STYLE_HEAD_FOCUS, /* that of the column under the cursor */
	STYLE_KEY,	/* names of keys */
	STYLE_FOOTER,
	STYLE_WARN,	/* gaps, errors */
	STYLE_DIFFERS,	/* a value that differs from the leading record's */
	STYLE_2XX,
	STYLE_3XX,
	STYLE_4XX,
	STYLE_5XX,
	STYLE_OTHER,
	STYLE_COUNT,
};

enum { COLOR_NONE = -1 }; /* else 0..7: black red green yellow blue magenta cyan white */

struct look {
	const char *name;
	int8_t color; /* COLOR_NONE: the terminal's own */
	bool bold, dim, underline;
	const char *svg; /* the colour in a picture */
};

extern const struct look theme[STYLE_COUNT];

/* Of an HTTP status: 200 is STYLE_2XX; absent, 0 and what is no status STYLE_OTHER. */
enum style style_of_status(int64_t status);
/* What a bar of this class is made of: full blocks where there are colours, patterns where there are none. */
int32_t theme_bar(enum style style, bool color);

#endif
