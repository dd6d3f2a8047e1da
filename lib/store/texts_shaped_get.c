#include "texts.h"
#include "zstd.h"

/* A template as steps: text to copy, and holes. */
struct step {
	const char *literal;
	uint32_t len; /* of the literal, or digits of the hole */
	char kind; /* 0: literal */
};
struct template
{
	const struct step *steps;
	uint32_t step_count, hex_bytes;
	uint8_t numbers, uuids;
};

/* What the holes of the rows still to come are filled with. */
struct fillings {
	uint64_t *numbers[OT_HOLE_NUMBERS_MAX];
	struct ot_uuid *uuids;
	const uint8_t *hex;
};

/* --- templates --- */

static bool get_hole(struct template *t, struct step *step, struct ot_cursor *text)
{
	step->kind = (char)ot_cursor_u8(text);
	switch (step->kind) {
	case OT_HOLE_NUMBER:
		return t->numbers++ < OT_HOLE_NUMBERS_MAX;
	case OT_HOLE_PADDED:
		step->len = ot_cursor_u8(text);
		return step->len <= OT_HOLE_DIGITS_MAX && t->numbers++ < OT_HOLE_NUMBERS_MAX;
	case OT_HOLE_HEX:
		step->len = ot_cursor_u8(text);
		t->hex_bytes += step->len / 2;
		return step->len <= OT_TEXTS_HEX_DIGITS_MAX && step->len % 2 == 0;
	case OT_HOLE_UUID:
		return t->uuids++ < 1;
	default:
		return false;
	}
}

/* Returns where the next template's steps go; NULL where the text is damaged. */
static struct step *get_template(struct template *t, struct step *steps, struct ot_str bytes)
{
	struct ot_cursor text = ot_cursor_of(bytes.ptr, bytes.len);

	*t = (struct template){ .steps = steps };
	while (ot_cursor_left(&text) > 0) {
		const uint8_t *hole = memchr(text.at, OT_HOLE, ot_cursor_left(&text));
		size_t literal = hole == NULL ? ot_cursor_left(&text) : (size_t)(hole - text.at);

		*steps = (struct step){ (const char *)text.at, (uint32_t)literal, 0 };
		text.at += literal;
		if (literal == 0) {
			text.at++;
			if (!get_hole(t, steps, &text) || text.failed)
				return NULL;
		}
		steps++;
	}
	t->step_count = (uint32_t)(steps - t->steps);
	return steps;
}

static bool get_section(struct ot_cursor *c, struct template **out, uint32_t *count, struct ot_arena *arena)
{
	uint64_t templates = ot_cursor_varint(c), len = ot_cursor_varint(c), packed = ot_cursor_varint(c);
	struct ot_str bytes = ot_cursor_bytes(c, (size_t)(packed > 0 ? packed : len));
	struct ot_cursor section;
	struct step *steps;
	size_t step_count;
	char *to;

	if (c->failed || templates == 0 || templates > OT_BLOCK_ROWS || len > OT_TEMPLATES_BYTES_MAX)
		return false;
	to = ot_arena_alloc(arena, (size_t)len + 1);
	if (packed == 0)
		memcpy(to, bytes.ptr, (size_t)len);
	else if (!ot_zstd_get(to, (size_t)len, bytes))
		return false;
	step_count = (size_t)templates;
	for (size_t i = 0; i < len; i++)
		step_count += to[i] == OT_HOLE ? 2 : 0;
	steps = ot_arena_alloc(arena, step_count * sizeof(*steps));
	*out = ot_arena_alloc(arena, (size_t)templates * sizeof(**out));
	*count = (uint32_t)templates;
	section = ot_cursor_of(to, (size_t)len);
	for (uint64_t i = 0; i < templates; i++) {
		struct ot_str text = ot_cursor_bytes(&section, (size_t)ot_cursor_varint(&section));

		if (text.ptr == NULL || (steps = get_template(&(*out)[i], steps, text)) == NULL)
			return false;
	}
	return ot_cursor_left(&section) == 0;
}

/* --- what fills the holes --- */

static bool get_fillings(struct ot_cursor *c, struct fillings *f, const struct template *templates,
    uint32_t template_count, const uint32_t *codes, uint32_t count, struct ot_arena *arena)
{
	uint32_t numbers[OT_HOLE_NUMBERS_MAX] = { 0 }, uuids = 0, uses[OT_BLOCK_ROWS] = { 0 };
	size_t hex_bytes = 0;

	for (uint32_t i = 0; i < count; i++)
		uses[codes[i]]++;
	for (uint32_t t = 0; t < template_count; t++) {
		for (unsigned slot = 0; slot < templates[t].numbers; slot++)
			numbers[slot] += uses[t];
		uuids += uses[t] * templates[t].uuids;
		hex_bytes += uses[t] * (size_t)templates[t].hex_bytes;
	}
	for (int slot = 0; slot < OT_HOLE_NUMBERS_MAX && numbers[slot] > 0; slot++) {
		f->numbers[slot] = ot_arena_alloc(arena, numbers[slot] * sizeof(*f->numbers[slot]));
		if (!ot_ints_get64(c, f->numbers[slot], numbers[slot], ot_cursor_varint(c)))
			return false;
	}
	if (uuids > 0) {
		f->uuids = ot_arena_alloc(arena, uuids * sizeof(*f->uuids));
		if (!ot_uuids_get(c, f->uuids, uuids))
			return false;
	}
	f->hex = (const uint8_t *)ot_cursor_bytes(c, hex_bytes).ptr;
	return f->hex != NULL;
}

/* --- texts --- */

enum { NUMBER_LEN_MAX = 20, FILLING_LEN_MAX = OT_TEXTS_HEX_DIGITS_MAX };

/* `digits` 0: as many as it has. */
static char *put_decimal(char *to, uint64_t value, size_t digits)
{
	char text[NUMBER_LEN_MAX];
	size_t at = NUMBER_LEN_MAX;

	do {
		text[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	for (; digits > NUMBER_LEN_MAX - at; digits--)
		*to++ = '0';
	memcpy(to, text + at, NUMBER_LEN_MAX - at);
	return to + NUMBER_LEN_MAX - at;
}

static inline char *put_hole(char *to, const struct step *step, struct fillings *f, unsigned *slot)
{
	switch (step->kind) {
	case OT_HOLE_HEX:
		to = ot_hex_put(to, f->hex, step->len / 2);
		f->hex += step->len / 2;
		return to;
	case OT_HOLE_UUID:
		ot_uuid_put(to, f->uuids++);
		return to + OT_UUID_LEN;
	default:
		return put_decimal(to, *f->numbers[(*slot)++]++, step->len);
	}
}

/* Fills a template; NULL where that would go past `end`, behind which there is room for one filling. */
static inline char *put_text(char *to, const char *end, const struct template *t, struct fillings *f)
{
	unsigned slot = 0;

	for (uint32_t i = 0; i < t->step_count; i++) {
		const struct step *step = &t->steps[i];

		if (step->kind != 0) {
			to = put_hole(to, step, f, &slot);
			if (to > end)
				return NULL;
		} else {
			if (step->len > (size_t)(end - to))
				return NULL;
			memcpy(to, step->literal, step->len);
			to += step->len;
		}
	}
	return to;
}

bool ot_shaped_texts_get(struct ot_cursor *c, struct ot_str *out, uint32_t count, struct ot_arena *arena)
{
	uint64_t total = ot_cursor_varint(c);
	uint32_t codes[OT_BLOCK_ROWS], template_count;
	struct fillings fillings = { 0 };
	struct template *templates;
	char *to, *end;

	if (total > OT_SEG_CHUNK_MAX || !get_section(c, &templates, &template_count, arena) ||
	    !ot_ints_get32(c, codes, count, 0))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		if (codes[i] >= template_count)
			return false;
	}
	if (!get_fillings(c, &fillings, templates, template_count, codes, count, arena))
		return false;
	to = ot_arena_alloc(arena, (size_t)total + FILLING_LEN_MAX + 1);
	end = to + total;
	for (uint32_t i = 0; i < count; i++) {
		char *next = put_text(to, end, &templates[codes[i]], &fillings);

		if (next == NULL)
			return false;
		out[i] = (struct ot_str){ to, (size_t)(next - to) };
		to = next;
	}
	return to == end;
}
