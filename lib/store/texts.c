#include "texts.h"

#include <stdlib.h>

struct ot_texts_scratch *ot_texts_scratch_new(void)
{
	struct ot_texts_scratch *scratch = ot_alloc_zero(1, sizeof(*scratch));

	scratch->ints = ot_ints_scratch_new();
	scratch->shaper = ot_shaper_new();
	return scratch;
}

void ot_texts_scratch_free(struct ot_texts_scratch *scratch)
{
	if (scratch == NULL)
		return;
	ot_ints_scratch_free(scratch->ints);
	ot_shaper_free(scratch->shaper);
	ot_buf_release(&scratch->bytes);
	free(scratch);
}

static void put_plain(struct ot_buf *out, struct ot_texts_scratch *s, const struct ot_str *texts, uint32_t count)
{
	size_t least = SIZE_MAX;

	for (uint32_t i = 0; i < count; i++)
		least = texts[i].len < least ? texts[i].len : least;
	for (uint32_t i = 0; i < count; i++)
		s->offsets[i] = texts[i].len - least;
	ot_buf_u8(out, OT_TEXTS_PLAIN);
	ot_buf_varint(out, least);
	ot_ints_put(out, s->ints, s->offsets, count);
	for (uint32_t i = 0; i < count; i++) {
		ot_texts_prefetch(texts, i, count);
		ot_buf_str_put(out, texts[i]);
	}
}

static bool get_plain(struct ot_cursor *c, struct ot_str *out, uint32_t count)
{
	uint32_t lengths[OT_BLOCK_ROWS];
	uint64_t least = ot_cursor_varint(c);
	const char *at;
	size_t left;

	if (least > OT_SEG_CHUNK_MAX || !ot_ints_get32(c, lengths, count, (uint32_t)least))
		return false;
	at = (const char *)c->at;
	left = ot_cursor_left(c);
	for (uint32_t i = 0; i < count; i++) {
		if (lengths[i] > left)
			return false;
		out[i] = (struct ot_str){ at, lengths[i] };
		at += lengths[i];
		left -= lengths[i];
	}
	c->at = c->end - left;
	return true;
}

bool ot_texts_put(struct ot_buf *out, struct ot_texts_scratch *s, const struct ot_str *texts, uint32_t count)
{
	if (ot_ids_texts_put(out, s, texts, count) || ot_shaped_texts_put(out, s, texts, count))
		return true;
	put_plain(out, s, texts, count);
	return false;
}

bool ot_texts_get(struct ot_cursor *c, struct ot_str *out, uint32_t count, struct ot_arena *arena)
{
	int kind = ot_cursor_u8(c);

	switch (kind) {
	case OT_TEXTS_PLAIN:
		return get_plain(c, out, count);
	case OT_TEXTS_HEX:
	case OT_TEXTS_UUID:
		return ot_ids_texts_get(c, kind, out, count, arena);
	case OT_TEXTS_SHAPED:
		return ot_shaped_texts_get(c, out, count, arena);
	default:
		return false;
	}
}
