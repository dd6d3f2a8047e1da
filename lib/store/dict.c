#include "dict.h"
#include "zstd.h"

#include <stdlib.h>

enum { LEVEL = 3, TEXTS_LEAST = 64 };

static size_t shared_len(struct ot_str a, struct ot_str b)
{
	size_t most = a.len < b.len ? a.len : b.len, len = 0;

	while (len < most && a.ptr[len] == b.ptr[len])
		len++;
	return len;
}

/* What each text has in common with the one before and how much follows, then all that follows. */
static void put_body(struct ot_buf *out, const struct ot_str *items, uint32_t count)
{
	size_t *shared = ot_alloc(count * sizeof(*shared));

	for (uint32_t i = 0; i < count; i++) {
		shared[i] = i == 0 ? 0 : shared_len(items[i - 1], items[i]);
		ot_buf_varint(out, shared[i]);
		ot_buf_varint(out, items[i].len - shared[i]);
	}
	for (uint32_t i = 0; i < count; i++)
		ot_buf_put(out, items[i].ptr + shared[i], items[i].len - shared[i]);
	free(shared);
}

/* As streams of texts, where those are ids or templates; false where they are not. */
static bool put_texts(struct ot_buf *out, struct ot_texts_scratch *scratch, const struct ot_str *items, uint32_t count)
{
	for (uint32_t from = 0; from < count; from += OT_BLOCK_ROWS) {
		if (!ot_texts_put(
			out, scratch, items + from, count - from < OT_BLOCK_ROWS ? count - from : OT_BLOCK_ROWS))
			return false;
	}
	return true;
}

static void put_smallest(
    struct ot_buf *out, struct ot_texts_scratch *scratch, const struct ot_str *items, uint32_t count)
{
	struct ot_buf body = { 0 }, packed = { 0 }, texts = { 0 };

	put_body(&body, items, count);
	ot_buf_varint(&packed, body.len);
	ot_zstd_put(&packed, ot_buf_str(&body), LEVEL);
	if (count >= TEXTS_LEAST && put_texts(&texts, scratch, items, count) && texts.len < packed.len &&
	    texts.len < body.len) {
		ot_buf_u8(out, OT_DICT_TEXTS);
		ot_buf_str_put(out, ot_buf_str(&texts));
	} else if (packed.len < body.len) {
		ot_buf_u8(out, OT_DICT_ZSTD);
		ot_buf_str_put(out, ot_buf_str(&packed));
	} else {
		ot_buf_u8(out, OT_DICT_PLAIN);
		ot_buf_str_put(out, ot_buf_str(&body));
	}
	ot_buf_release(&body);
	ot_buf_release(&packed);
	ot_buf_release(&texts);
}

enum ot_status ot_seg_put_dict(struct ot_buf *out, struct ot_texts_scratch *scratch, const struct ot_str *items,
    uint32_t count, struct ot_err *err)
{
	size_t total = 0, start = out->len;

	for (uint32_t i = 0; i < count; i++)
		total += items[i].len;
	if (total > OT_SEG_DICT_MAX / 2)
		return ot_err_set(
		    err, OT_LIMIT, "a dictionary takes %zu bytes, which is more than %d", total, OT_SEG_DICT_MAX / 2);
	ot_buf_varint(out, count);
	ot_buf_varint(out, total);
	put_smallest(out, scratch, items, count);
	ot_seg_seal(out, start);
	return OT_OK;
}

void ot_seg_free_dict(struct ot_seg_dict *dict)
{
	if (dict == NULL)
		return;
	free(dict->items);
	free(dict->text);
	ot_arena_release(&dict->arena);
	free(dict);
}

/* `lengths` and `suffixes` are the two halves of the body. */
static bool get_items(struct ot_seg_dict *dict, struct ot_cursor *lengths, struct ot_cursor *suffixes, size_t total)
{
	size_t at = 0;

	for (uint32_t i = 0; i < dict->count; i++) {
		uint64_t shared = ot_cursor_varint(lengths), more = ot_cursor_varint(lengths);
		struct ot_str suffix = ot_cursor_bytes(suffixes, (size_t)more);
		char *to = dict->text + at;

		if (lengths->failed || suffix.ptr == NULL || shared > (i > 0 ? dict->items[i - 1].len : 0) ||
		    shared + more > total - at)
			return false;
		if (shared > 0)
			memcpy(to, dict->items[i - 1].ptr, shared);
		if (more > 0)
			memcpy(to + shared, suffix.ptr, more);
		dict->items[i] = (struct ot_str){ to, (size_t)(shared + more) };
		at += (size_t)(shared + more);
	}
	return at == total && ot_cursor_left(suffixes) == 0;
}

static bool get_body(struct ot_seg_dict *dict, struct ot_str body, size_t total)
{
	struct ot_cursor lengths = ot_cursor_of(body.ptr, body.len), suffixes = lengths;

	for (uint32_t i = 0; i < 2 * dict->count; i++)
		ot_cursor_varint(&suffixes);
	if (suffixes.failed)
		return false;
	dict->items = ot_alloc(dict->count * sizeof(*dict->items));
	dict->text = ot_alloc(total);
	return get_items(dict, &lengths, &suffixes, total);
}

static bool get_zstd(struct ot_seg_dict *dict, struct ot_str bytes, size_t total)
{
	struct ot_cursor c = ot_cursor_of(bytes.ptr, bytes.len);
	uint64_t len = ot_cursor_varint(&c);
	char *body;
	bool good;

	if (c.failed || len > OT_SEG_DICT_MAX)
		return false;
	body = ot_alloc((size_t)len);
	good = ot_zstd_get(body, (size_t)len, (struct ot_str){ (const char *)c.at, ot_cursor_left(&c) }) &&
	       get_body(dict, (struct ot_str){ body, (size_t)len }, total);
	free(body);
	return good;
}

static bool get_texts(struct ot_seg_dict *dict, struct ot_str bytes, size_t total)
{
	char *copy = ot_arena_zero(&dict->arena, bytes.len + OT_SLACK, 1);
	struct ot_cursor c = ot_cursor_of(copy, bytes.len);
	size_t found = 0;

	memcpy(copy, bytes.ptr, bytes.len);
	dict->items = ot_alloc(dict->count * sizeof(*dict->items));
	for (uint32_t from = 0, rows; from < dict->count; from += rows) {
		rows = dict->count - from < OT_BLOCK_ROWS ? dict->count - from : OT_BLOCK_ROWS;
		if (!ot_texts_get(&c, dict->items + from, rows, &dict->arena))
			return false;
		for (uint32_t i = from; i < from + rows; i++)
			found += dict->items[i].len;
	}
	return found == total && ot_cursor_left(&c) == 0;
}

enum ot_status ot_seg_get_dict(struct ot_seg_dict **out, struct ot_str bytes, struct ot_err *err)
{
	struct ot_seg_dict *dict;
	struct ot_cursor c;
	uint64_t count, total;
	uint8_t kind;
	struct ot_str rest;
	bool good = false;

	if (!ot_seg_unseal(&bytes))
		return ot_err_set(err, OT_CORRUPT, "checksum of the dictionary differs");
	c = ot_cursor_of(bytes.ptr, bytes.len);
	count = ot_cursor_varint(&c);
	total = ot_cursor_varint(&c);
	kind = ot_cursor_u8(&c);
	if (c.failed || count == 0 || count > OT_SEGMENT_ROWS_MAX || total > OT_SEG_DICT_MAX)
		return ot_err_set(err, OT_CORRUPT, "the dictionary is damaged");
	dict = ot_alloc_zero(1, sizeof(*dict));
	dict->count = (uint32_t)count;
	rest = (struct ot_str){ (const char *)c.at, ot_cursor_left(&c) };
	if (kind == OT_DICT_PLAIN)
		good = get_body(dict, rest, (size_t)total);
	else if (kind == OT_DICT_ZSTD)
		good = get_zstd(dict, rest, (size_t)total);
	else if (kind == OT_DICT_TEXTS)
		good = get_texts(dict, rest, (size_t)total);
	if (!good) {
		ot_seg_free_dict(dict);
		return ot_err_set(err, OT_CORRUPT, "the dictionary is damaged");
	}
	*out = dict;
	return OT_OK;
}
