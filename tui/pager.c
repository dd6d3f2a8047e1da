#include "pager.h"

#include <base/text.h>
#include <stdlib.h>

void pager_release(struct pager *pager)
{
	ot_arena_release(&pager->arena);
	free(pager->lines);
	memset(pager, 0, sizeof(*pager));
}

void pager_clear(struct pager *pager)
{
	ot_arena_reset(&pager->arena);
	pager->count = 0;
}

struct pager_line *pager_add(struct pager *pager, enum style style, struct ot_str text)
{
	struct pager_line *line;

	if (pager->count == pager->cap) {
		pager->cap = pager->cap == 0 ? 64 : pager->cap * 2;
		pager->lines = ot_realloc(pager->lines, pager->cap * sizeof(*pager->lines));
	}
	line = &pager->lines[pager->count++];
	*line = (struct pager_line){ .text = ot_arena_str(&pager->arena, text), .style = style };
	return line;
}

void pager_wrap(struct pager *pager, enum style style, struct ot_str text, size_t width)
{
	struct ot_buf shown = { 0 };
	struct ot_str rest;

	ot_text_display(&shown, text);
	rest = ot_buf_str(&shown);
	while (ot_text_width(rest) > width) {
		size_t end = 0, blank = 0, used = 0;

		while (end < rest.len) {
			int32_t rune;
			size_t len = ot_utf8_next(ot_str_sub(rest, end, rest.len), &rune);

			used += (size_t)ot_rune_width(rune);
			if (used > width && end > 0)
				break;
			end += len;
			if (rune == ' ')
				blank = end;
		}
		end = blank > 0 ? blank : end;
		pager_add(pager, style, ot_str_sub(rest, 0, end));
		rest = ot_str_sub(rest, end, rest.len);
	}
	pager_add(pager, style, rest);
	ot_buf_release(&shown);
}

static void scroll(struct pager *pager)
{
	if (pager->cursor < pager->top)
		pager->top = pager->cursor;
	if (pager->cursor >= pager->top + pager->height)
		pager->top = pager->cursor - pager->height + 1;
}

void pager_draw(struct pager *pager, struct area area)
{
	pager->height = area.rows > 0 ? (size_t)area.rows : 1;
	if (pager->cursor >= pager->count)
		pager->cursor = pager->count > 0 ? pager->count - 1 : 0;
	scroll(pager);
	for (size_t i = 0; i < pager->height && pager->top + i < pager->count; i++) {
		const struct pager_line *line = &pager->lines[pager->top + i];

		area_put(area, (int)i, 2, area.cols - 2, line->style, line->text);
		if (pager->top + i == pager->cursor && pager->cursor_shown) {
			area_text(area, (int)i, 0, STYLE_TITLE, ">");
			area_select(area, (int)i, 0, area.cols);
		}
	}
	if (pager->top + pager->height < pager->count)
		area_put_right(area, area.rows - 1, 0, area.cols, STYLE_DIM, OT_STR(" more below "));
}

static void move(struct pager *pager, ptrdiff_t rows)
{
	ptrdiff_t at = (ptrdiff_t)pager->cursor + rows, last = (ptrdiff_t)pager->count - 1;

	pager->cursor = (size_t)(at < 0 || last < 0 ? 0 : at > last ? last : at);
}

/* Without a cursor the text itself moves. */
static ptrdiff_t to_edge(const struct pager *pager, bool down)
{
	if (pager->cursor_shown)
		return down ? 1 : -1;
	if (down)
		return (ptrdiff_t)(pager->top + pager->height - pager->cursor);
	return (ptrdiff_t)pager->top - (ptrdiff_t)pager->cursor - 1;
}

enum answer pager_act(struct pager *pager, enum action action)
{
	ptrdiff_t page = pager->height > 1 ? (ptrdiff_t)pager->height - 1 : 1, all = (ptrdiff_t)pager->count;

	switch (action) {
	case ACT_UP:
	case ACT_DOWN:
		move(pager, to_edge(pager, action == ACT_DOWN));
		return HANDLED;
	case ACT_PAGE_UP:
		move(pager, -page);
		return HANDLED;
	case ACT_PAGE_DOWN:
		move(pager, page);
		return HANDLED;
	case ACT_FIRST:
		move(pager, -all);
		return HANDLED;
	case ACT_LAST:
		move(pager, all);
		return HANDLED;
	default:
		return NOT_HANDLED;
	}
}

bool pager_find(struct pager *pager, struct ot_str text, int direction)
{
	for (ptrdiff_t i = (ptrdiff_t)pager->cursor + direction; i >= 0 && i < (ptrdiff_t)pager->count; i += direction) {
		if (ot_str_find(pager->lines[i].text, text) >= 0) {
			pager->cursor = (size_t)i;
			return true;
		}
	}
	return false;
}
