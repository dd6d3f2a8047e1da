#include "app.h"

#include "keymap.h"

#include <base/text.h>
#include <stdlib.h>

enum { CTRL_A = 1, CTRL_E = 5, CTRL_U = 21, CTRL_W = 23 };

void prompt_open(struct prompt *prompt, enum prompt_kind kind, struct ot_str line)
{
	prompt_close(prompt);
	prompt->kind = kind;
	prompt->line.max = PROMPT_MAX;
	ot_buf_str_put(&prompt->line, line);
	prompt->at = prompt->line.len;
}

void prompt_close(struct prompt *prompt)
{
	prompt_forget_candidates(prompt);
	ot_buf_release(&prompt->line);
	free(prompt->error);
	memset(prompt, 0, sizeof(*prompt));
}

void prompt_fail(struct prompt *prompt, const char *words)
{
	size_t len = strlen(words);

	free(prompt->error);
	prompt->error = ot_alloc(len + 1);
	memcpy(prompt->error, words, len + 1);
}

/* --- editing --- */

static size_t character_before(const struct prompt *prompt)
{
	size_t at = prompt->at;

	while (at > 0 && ((unsigned char)prompt->line.data[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t character_after(const struct prompt *prompt)
{
	int32_t rune;

	return prompt->at + ot_utf8_next(ot_str_sub(ot_buf_str(&prompt->line), prompt->at, prompt->line.len), &rune);
}

static void remove_between(struct prompt *prompt, size_t from, size_t to)
{
	if (to <= from)
		return;
	memmove(prompt->line.data + from, prompt->line.data + to, prompt->line.len - to);
	prompt->line.len -= to - from;
	prompt->at = from;
}

static size_t word_before(const struct prompt *prompt)
{
	size_t at = prompt->at;

	while (at > 0 && prompt->line.data[at - 1] == ' ')
		at--;
	while (at > 0 && prompt->line.data[at - 1] != ' ')
		at--;
	return at;
}

static void insert(struct prompt *prompt, int32_t rune)
{
	struct ot_buf text = { 0 };

	ot_utf8_put(&text, rune);
	if (ot_buf_reserve(&prompt->line, text.len) != NULL) {
		char *at = prompt->line.data + prompt->at;

		memmove(at + text.len, at, prompt->line.len - prompt->at);
		memcpy(at, text.data, text.len);
		prompt->line.len += text.len;
		prompt->at += text.len;
	}
	prompt->line.overflow = false;
	ot_buf_release(&text);
}

static void edit(struct prompt *prompt, int32_t key)
{
	switch (key) {
	case K_LEFT:
		prompt->at = character_before(prompt);
		break;
	case K_RIGHT:
		prompt->at = character_after(prompt);
		break;
	case K_HOME:
	case CTRL_A:
		prompt->at = 0;
		break;
	case K_END:
	case CTRL_E:
		prompt->at = prompt->line.len;
		break;
	case K_BACKSPACE:
		remove_between(prompt, character_before(prompt), prompt->at);
		break;
	case K_DELETE:
		remove_between(prompt, prompt->at, character_after(prompt));
		break;
	case CTRL_U:
		remove_between(prompt, 0, prompt->at);
		break;
	case CTRL_W:
		remove_between(prompt, word_before(prompt), prompt->at);
		break;
	default:
		if (key >= ' ' && key < KEYS_NAMED && key != 0x7f)
			insert(prompt, key);
	}
}

void prompt_key(struct app *app, int32_t key)
{
	struct prompt *prompt = &app->prompt;

	if (key == K_TAB || key == K_BACKTAB) {
		if (prompt->kind == PROMPT_FILTER)
			prompt_complete(app);
		return;
	}
	free(prompt->error);
	prompt->error = NULL;
	prompt_forget_candidates(prompt);
	edit(prompt, key);
}

/* --- drawing --- */

static int draw_lines_above(struct area area, const char *words)
{
	struct ot_str rest = ot_str_from(words);
	int count = 1, row;

	for (const char *c = words; *c != '\0'; c++)
		count += *c == '\n';
	row = area.rows - 1 - count;
	while (rest.ptr != NULL) {
		struct ot_str line = ot_str_cut(rest, '\n', &rest);

		area_fill(area, row, STYLE_WARN, ' ');
		area_put(area, row++, 0, area.cols, STYLE_WARN, line);
	}
	return count;
}

static void draw_candidates(const struct prompt *prompt, struct area area)
{
	int row = area.rows - 2, col = 0;
	size_t from = prompt->candidate < prompt->candidate_count ? prompt->candidate - prompt->candidate % 8 : 0;

	area_fill(area, row, STYLE_DIM, ' ');
	for (size_t i = from; i < prompt->candidate_count && col < area.cols; i++) {
		int took = area_put(area, row, col, area.cols - col, i == prompt->candidate ? STYLE_BOLD : STYLE_DIM, ot_str_from(prompt->candidates[i]));

		if (i == prompt->candidate)
			area_select(area, row, col, took);
		col += took + 2;
	}
}

void prompt_draw(struct prompt *prompt, struct area area)
{
	struct ot_str line = ot_buf_str(&prompt->line);
	int row = area.rows - 1, shown_from = 1, width;
	size_t from = 0;

	area_fill(area, row, STYLE_PLAIN, ' ');
	area_text(area, row, 0, STYLE_KEY, prompt->kind == PROMPT_FILTER ? ":" : "/");
	/* A line longer than the screen is shown around its cursor. */
	while (ot_text_width(ot_str_sub(line, from, prompt->at - from)) + 3 > (size_t)area.cols) {
		int32_t rune;

		from += ot_utf8_next(ot_str_sub(line, from, line.len), &rune);
	}
	area_put(area, row, shown_from, area.cols, STYLE_PLAIN, ot_str_sub(line, from, line.len));
	width = (int)ot_text_width(ot_str_sub(line, from, prompt->at - from));
	area_select(area, row, shown_from + width, 1);
	if (prompt->error != NULL)
		draw_lines_above(area, prompt->error);
	else if (prompt->candidate_count > 0)
		draw_candidates(prompt, area);
	else if (prompt->completing)
		area_text(area, row - 1, 0, STYLE_DIM, "asking for values…");
}
