#include "term.h"

#include "keymap.h"

#include <base/text.h>
#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <term.h>
#include <unistd.h>
#include <wchar.h>

struct terminal {
	SCREEN *screen;
	bool color, utf8;
};

/* --- opening --- */

/* Texts are UTF-8. A locale that was not chosen (C) becomes one that is; one that was chosen and is another gets plain ASCII. */
static bool choose_locale(void)
{
	const char *chosen = setlocale(LC_ALL, "");

	if (chosen == NULL || strcmp(setlocale(LC_CTYPE, NULL), "C") == 0 || strcmp(setlocale(LC_CTYPE, NULL), "POSIX") == 0)
		setlocale(LC_CTYPE, "C.UTF-8");
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static enum ot_status check(struct ot_err *err)
{
	const char *name = getenv("TERM");
	bool can_move;
	int result = 0;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return ot_err_set(err, OT_NOT_FOUND, "needs a terminal; in a pipe `onetrail calls` and `onetrail count` answer the same questions");
	if (name == NULL || name[0] == '\0')
		return ot_err_set(err, OT_NOT_FOUND, "TERM is not set: which terminal this is cannot be known");
	if (setupterm(NULL, STDOUT_FILENO, &result) != OK)
		return ot_err_set(err, OT_NOT_FOUND, "the terminal \"%s\" (TERM) is not known here", name);
	can_move = tigetstr("cup") != NULL && tigetstr("cup") != (char *)-1;
	del_curterm(cur_term);
	if (!can_move)
		return ot_err_set(err, OT_NOT_FOUND, "the terminal \"%s\" (TERM) cannot place its cursor; `onetrail calls` and `onetrail count` answer the same questions", name);
	return OT_OK;
}

static void choose_colors(struct terminal *term, enum term_color color)
{
	const char *no_color = getenv("NO_COLOR");

	term->color = has_colors() && (color == TERM_COLOR_ALWAYS || (color == TERM_COLOR_AUTO && (no_color == NULL || no_color[0] == '\0')));
	if (!term->color)
		return;
	start_color();
	use_default_colors();
	for (short i = 0; i < STYLE_COUNT; i++)
		init_pair((short)(i + 1), theme[i].color, -1);
}

enum ot_status term_open(struct terminal **out, enum term_color color, struct ot_err *err)
{
	struct terminal *term;
	enum ot_status status = check(err);

	if (status != OT_OK)
		return status;
	term = ot_alloc_zero(1, sizeof(*term));
	term->utf8 = choose_locale();
	term->screen = newterm(NULL, stdout, stdin);
	if (term->screen == NULL) {
		free(term);
		return ot_err_set(err, OT_NOT_FOUND, "the terminal cannot be opened");
	}
	raw(); /* Ctrl-C is a key: it stops a question, not the program */
	noecho();
	nonl();
	set_escdelay(25);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	choose_colors(term, color);
	*out = term;
	return OT_OK;
}

void term_close(struct terminal *term)
{
	if (term == NULL)
		return;
	endwin();
	delscreen(term->screen);
	free(term);
}

bool term_has_color(const struct terminal *term)
{
	return term->color;
}

void term_size(const struct terminal *term, int *rows, int *cols)
{
	(void)term;
	*rows = LINES;
	*cols = COLS;
}

/* --- showing --- */

/* What the terminal will show in as many columns as the canvas counts: a character that the system's table sees otherwise would shift the rest of the line. */
static bool is_agreed(const struct terminal *term, const struct cell *cell, int width)
{
	if (cell->rune < 0x20 || (cell->rune >= 0x7f && cell->rune < 0xa0))
		return false;
	return cell->rune < 0x7f || (term->utf8 && wcwidth((wchar_t)cell->rune) == width);
}

static attr_t attributes_of(const struct terminal *term, const struct cell *cell)
{
	const struct look *look = &theme[cell->style];
	attr_t attributes = A_NORMAL;

	attributes |= look->bold ? A_BOLD : A_NORMAL;
	attributes |= look->dim ? A_DIM : A_NORMAL;
	attributes |= look->underline ? A_UNDERLINE : A_NORMAL;
	attributes |= cell->selected ? A_REVERSE : A_NORMAL;
	(void)term;
	return attributes;
}

static void show_cell(const struct terminal *term, const struct canvas *canvas, int row, int col)
{
	const struct cell *cell = &canvas->cells[row * canvas->cols + col];
	int width = col + 1 < canvas->cols && cell[1].rune == 0 ? 2 : 1, marks = 0;
	wchar_t text[2 + CELL_MARKS] = { 0 };
	cchar_t shown;

	if (cell->rune == 0)
		return;
	if (is_agreed(term, cell, width)) {
		text[0] = (wchar_t)cell->rune;
		for (; marks < CELL_MARKS && cell->marks[marks] != 0 && term->utf8 && wcwidth((wchar_t)cell->marks[marks]) == 0; marks++)
			text[1 + marks] = (wchar_t)cell->marks[marks];
	} else {
		text[0] = cell->rune == 0x2026 ? L'~' : cell->rune >= 0x2580 && cell->rune <= 0x259f ? L'#' : L'?';
	}
	setcchar(&shown, text, attributes_of(term, cell), term->color ? (short)(cell->style + 1) : 0, NULL);
	mvadd_wch(row, col, &shown);
	if (width == 2 && wcwidth(text[0]) < 2)
		mvaddch(row, col + 1, ' ');
}

void term_show(struct terminal *term, const struct canvas *canvas)
{
	erase();
	for (int row = 0; row < canvas->rows && row < LINES; row++) {
		for (int col = 0; col < canvas->cols && col < COLS; col++)
			show_cell(term, canvas, row, col);
	}
	refresh();
}

/* --- keys --- */

static int32_t named(wint_t code)
{
	static const struct {
		wint_t code;
		int32_t key;
	} keys[] = {
		{ KEY_UP, K_UP }, { KEY_DOWN, K_DOWN }, { KEY_LEFT, K_LEFT }, { KEY_RIGHT, K_RIGHT }, { KEY_HOME, K_HOME }, { KEY_END, K_END },
		{ KEY_PPAGE, K_PAGE_UP }, { KEY_NPAGE, K_PAGE_DOWN }, { KEY_BACKSPACE, K_BACKSPACE }, { KEY_DC, K_DELETE }, { KEY_ENTER, K_ENTER },
		{ KEY_BTAB, K_BACKTAB },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		if (keys[i].code == code)
			return keys[i].key;
	}
	return K_NONE;
}

static int32_t character(wint_t code)
{
	switch (code) {
	case '\r':
	case '\n':
		return K_ENTER;
	case '\t':
		return K_TAB;
	case 0x1b:
		return K_ESCAPE;
	case 0x7f:
	case '\b':
		return K_BACKSPACE;
	case 26: /* Ctrl-Z */
		raise(SIGTSTP);
		return K_NONE;
	default:
		return (int32_t)code;
	}
}

int32_t term_key(struct terminal *term, bool *resized, bool *gone)
{
	wint_t code;

	(void)term;
	for (;;) {
		int kind = get_wch(&code);
		int32_t key;

		if (kind == ERR) {
			*gone |= feof(stdin) || errno == EIO;
			return K_NONE;
		}
		if (kind == KEY_CODE_YES && code == KEY_RESIZE) {
			*resized = true;
			continue;
		}
		key = kind == KEY_CODE_YES ? named(code) : character(code);
		if (key != K_NONE)
			return key;
	}
}
