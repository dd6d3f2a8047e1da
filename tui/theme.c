#include "theme.h"

const struct look theme[STYLE_COUNT] = {
	/* name, colour, bold, dim, underline, in a picture */
	[STYLE_PLAIN] = { "plain", COLOR_NONE, false, false, false, "#d8dee9" },
	[STYLE_DIM] = { "dim", COLOR_NONE, false, true, false, "#7b8494" },
	[STYLE_BOLD] = { "bold", COLOR_NONE, true, false, false, "#ffffff" },
	[STYLE_TITLE] = { "title", 6, true, false, false, "#88c0d0" },
	[STYLE_HEAD] = { "head", COLOR_NONE, true, false, false, "#eceff4" },
	[STYLE_HEAD_FOCUS] = { "head-focus", 6, true, false, true, "#88c0d0" },
	[STYLE_KEY] = { "key", 6, false, false, false, "#88c0d0" },
	[STYLE_FOOTER] = { "footer", COLOR_NONE, false, false, false, "#d8dee9" },
	[STYLE_WARN] = { "warn", 3, true, false, false, "#ebcb8b" },
	[STYLE_DIFFERS] = { "differs", 3, false, false, false, "#ebcb8b" },
	[STYLE_2XX] = { "2xx", 2, false, false, false, "#a3be8c" },
	[STYLE_3XX] = { "3xx", 4, false, false, false, "#81a1c1" },
	[STYLE_4XX] = { "4xx", 3, false, false, false, "#ebcb8b" },
	[STYLE_5XX] = { "5xx", 1, true, false, false, "#e0606c" },
	[STYLE_OTHER] = { "other", 5, false, false, false, "#b48ead" },
};

enum style style_of_status(int64_t status)
{
	switch (status / 100) {
	case 2:
		return STYLE_2XX;
	case 3:
		return STYLE_3XX;
	case 4:
		return STYLE_4XX;
	case 5:
		return STYLE_5XX;
	default:
		return STYLE_OTHER;
	}
}

int32_t theme_bar(enum style style, bool color)
{
	static const int32_t bars[STYLE_COUNT] = {
		[STYLE_2XX] = 0x2591, [STYLE_3XX] = 0x2592, [STYLE_4XX] = 0x2593, [STYLE_5XX] = 0x2588, [STYLE_OTHER] = 0x00b7,
	};

	return color ? 0x2588 : bars[style];
}
