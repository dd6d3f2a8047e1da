#include "texts.h"
#include "zstd.h"

#include <base/intern.h>
#include <stdlib.h>

enum { HEX_DIGITS_LEAST = 8, TEMPLATES_FREE = 64, ZSTD_LEVEL = 3 };

/* A block's texts taken apart. */
struct ot_shaper {
	struct ot_intern templates;
	struct ot_buf one; /* the template being made */
	uint64_t codes[OT_BLOCK_ROWS];
	uint64_t numbers[OT_HOLE_NUMBERS_MAX][OT_BLOCK_ROWS]; /* by their place among the numbers of a text */
	uint32_t number_counts[OT_HOLE_NUMBERS_MAX];
	uint32_t uuid_count;
	struct ot_buf hex, section, packed;
	size_t total; /* bytes of the texts */
};

struct ot_shaper *ot_shaper_new(void)
{
	return ot_alloc_zero(1, sizeof(struct ot_shaper));
}

void ot_shaper_free(struct ot_shaper *shaper)
{
	ot_intern_release(&shaper->templates);
	ot_buf_release(&shaper->one);
	ot_buf_release(&shaper->hex);
	ot_buf_release(&shaper->section);
	ot_buf_release(&shaper->packed);
	free(shaper);
}

/* --- words: runs of letters and digits --- */

enum { DIGIT = 1, HEX_LETTER = 2, OTHER_LETTER = 4 };

static inline unsigned class_of(char c)
{
	if (c >= '0' && c <= '9')
		return DIGIT;
	if (c >= 'a' && c <= 'f')
		return HEX_LETTER;
	return (c >= 'g' && c <= 'z') || (c >= 'A' && c <= 'Z') ? OTHER_LETTER : 0;
}

/* Where the word ends that begins at `from`, and what it is made of. */
static size_t word_end(struct ot_str text, size_t from, unsigned *classes)
{
	size_t end = from;
	unsigned class;

	for (*classes = 0; end < text.len && (class = class_of(text.ptr[end])) != 0; end++)
		*classes |= class;
	return end;
}

static void put_hole(struct ot_shaper *s, char kind, size_t digits)
{
	char hole[3] = { OT_HOLE, kind, (char)digits };

	ot_buf_put(&s->one, hole, digits > 0 ? 3 : 2);
}

/* What a text has used of the room for holes. */
struct used {
	unsigned numbers, uuids;
};

static bool take_number(struct ot_shaper *s, struct ot_str word, struct used *used)
{
	uint64_t value = 0;

	if (used->numbers == OT_HOLE_NUMBERS_MAX || word.len > OT_HOLE_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < word.len; i++)
		value = value * 10 + (uint64_t)(word.ptr[i] - '0');
	if (word.ptr[0] == '0' && word.len > 1)
		put_hole(s, OT_HOLE_PADDED, word.len);
	else
		put_hole(s, OT_HOLE_NUMBER, 0);
	s->numbers[used->numbers][s->number_counts[used->numbers]++] = value;
	used->numbers++;
	return true;
}

static bool take_hex(struct ot_shaper *s, struct ot_str word)
{
	uint8_t bytes[OT_TEXTS_HEX_DIGITS_MAX / 2];

	if (word.len < HEX_DIGITS_LEAST || word.len > OT_TEXTS_HEX_DIGITS_MAX || word.len % 2 != 0)
		return false;
	ot_hex_get(bytes, word.ptr, word.len);
	put_hole(s, OT_HOLE_HEX, word.len);
	ot_buf_put(&s->hex, bytes, word.len / 2);
	return true;
}

/* A UUID is five words; the first has eight digits. */
static bool take_uuid(struct ot_shaper *s, struct ot_uuid *uuids, struct ot_str text, size_t from, struct used *used)
{
	size_t end = from + OT_UUID_LEN;

	if (end > text.len || text.ptr[from + 8] != '-' || used->uuids > 0 ||
	    (end < text.len && class_of(text.ptr[end]) != 0) || !ot_uuid_get(&uuids[s->uuid_count], text.ptr + from))
		return false;
	put_hole(s, OT_HOLE_UUID, 0);
	s->uuid_count++;
	used->uuids++;
	return true;
}

/* Makes the template of a text and takes what is in its holes; false where it holds the byte that marks holes. */
static bool take_text(struct ot_shaper *s, struct ot_uuid *uuids, struct ot_str text)
{
	struct used used = { 0 };
	size_t at = 0, end;

	ot_buf_clear(&s->one);
	for (; at < text.len; at = end) {
		unsigned classes;

		end = word_end(text, at, &classes);
		if (end == at) {
			if (text.ptr[at] == OT_HOLE)
				return false;
			ot_buf_char(&s->one, text.ptr[at]);
			end = at + 1;
		} else if (end - at == 8 && !(classes & OTHER_LETTER) && take_uuid(s, uuids, text, at, &used)) {
			end = at + OT_UUID_LEN;
		} else if (!(classes == DIGIT && take_number(s, ot_str_sub(text, at, end - at), &used)) &&
			   !(classes == (DIGIT | HEX_LETTER) && take_hex(s, ot_str_sub(text, at, end - at)))) {
			ot_buf_put(&s->one, text.ptr + at, end - at);
		}
	}
	return true;
}

/* False where templates are not much fewer than texts. */
static bool take_texts(struct ot_shaper *s, struct ot_uuid *uuids, const struct ot_str *texts, uint32_t count)
{
	ot_intern_clear(&s->templates);
	ot_buf_clear(&s->hex);
	memset(s->number_counts, 0, sizeof(s->number_counts));
	s->uuid_count = 0;
	s->total = 0;
	for (uint32_t i = 0; i < count; i++) {
		ot_texts_prefetch(texts, i, count);
		if (!take_text(s, uuids, texts[i]))
			return false;
		s->codes[i] = ot_intern_put(&s->templates, ot_buf_str(&s->one), NULL);
		s->total += texts[i].len;
		if (s->templates.count > TEMPLATES_FREE + i / 4)
			return false;
	}
	return s->templates.count <= count / 2;
}

/* --- output --- */

static bool make_section(struct ot_shaper *s)
{
	ot_buf_clear(&s->section);
	for (uint32_t i = 0; i < s->templates.count; i++) {
		ot_buf_varint(&s->section, s->templates.items[i].len);
		ot_buf_str_put(&s->section, s->templates.items[i]);
	}
	ot_buf_clear(&s->packed);
	if (s->section.len > 64)
		ot_zstd_put(&s->packed, ot_buf_str(&s->section), ZSTD_LEVEL);
	if (s->packed.len >= s->section.len)
		ot_buf_clear(&s->packed);
	return s->section.len <= OT_TEMPLATES_BYTES_MAX;
}

static void put_section(struct ot_buf *out, const struct ot_shaper *s)
{
	ot_buf_varint(out, s->templates.count);
	ot_buf_varint(out, s->section.len);
	ot_buf_varint(out, s->packed.len);
	ot_buf_str_put(out, ot_buf_str(s->packed.len > 0 ? &s->packed : &s->section));
}

static void put_numbers(struct ot_buf *out, struct ot_ints_scratch *ints, uint64_t *values, uint32_t count)
{
	uint64_t least = UINT64_MAX;

	for (uint32_t i = 0; i < count; i++)
		least = values[i] < least ? values[i] : least;
	for (uint32_t i = 0; i < count; i++)
		values[i] -= least;
	ot_buf_varint(out, least);
	ot_ints_put(out, ints, values, count);
}

bool ot_shaped_texts_put(
    struct ot_buf *out, struct ot_texts_scratch *scratch, const struct ot_str *texts, uint32_t count)
{
	struct ot_shaper *s = scratch->shaper;

	if (!take_texts(s, scratch->uuids, texts, count) || !make_section(s))
		return false;
	ot_buf_u8(out, OT_TEXTS_SHAPED);
	ot_buf_varint(out, s->total);
	put_section(out, s);
	ot_ints_put(out, scratch->ints, s->codes, count);
	for (int slot = 0; slot < OT_HOLE_NUMBERS_MAX && s->number_counts[slot] > 0; slot++)
		put_numbers(out, scratch->ints, s->numbers[slot], s->number_counts[slot]);
	if (s->uuid_count > 0)
		ot_uuids_put(out, scratch->ints, scratch->uuids, s->uuid_count);
	ot_buf_str_put(out, ot_buf_str(&s->hex));
	return true;
}
