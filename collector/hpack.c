/* Header compression, read from outside. */
#include "hpack.h"
#include "hpack_tables.h"
#include <base/cursor.h>
#include <base/err.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRY_OVERHEAD = 32, TABLE_MAX = 64 << 10, STRING_MAX = 64 << 10, CODE_BITS_MAX = 30, DEFAULT_TABLE = 4096, UNFOLDED_MAX = 1 << 20 };

/* An entry of the dynamic table; absent texts are unknown. */
struct entry {
	char *name, *value; /* malloc'ed, NULL: unknown */
	uint32_t name_len, value_len;
};

struct ot_hpack {
	bool joined;
	struct entry *entries; /* ring, newest at `newest` */
	uint32_t cap, count, newest;
	size_t bytes, limit; /* as RFC 7541 counts them */
	size_t unfolded;	   /* bytes of names and values that the block gave so far */
	struct ot_buf name, value; /* of the field being read */
};

/* --- Huffman --- */

/* Canonical: codes of one length follow each other in order of their symbols. */
static struct {
	uint32_t first_code[CODE_BITS_MAX + 1];
	uint16_t first_symbol[CODE_BITS_MAX + 1], count[CODE_BITS_MAX + 1];
	uint16_t symbols[OT_HPACK_SYMBOLS];
} huffman;
static pthread_once_t huffman_once = PTHREAD_ONCE_INIT;

static void make_huffman(void)
{
	uint32_t code = 0;
	uint16_t at = 0;
	for (int bits = 1; bits <= CODE_BITS_MAX; bits++) {
		code <<= 1;
		huffman.first_code[bits] = code;
		huffman.first_symbol[bits] = at;
		for (int symbol = 0; symbol < OT_HPACK_SYMBOLS; symbol++) {
			if (ot_hpack_lengths[symbol] == bits)
				huffman.symbols[at++] = (uint16_t)symbol;
		}
		huffman.count[bits] = (uint16_t)(at - huffman.first_symbol[bits]);
		code += huffman.count[bits];
	}
}

static bool unhuffman(struct ot_str in, struct ot_buf *out)
{
	uint32_t code = 0;
	int bits = 0;
	for (size_t i = 0; i < in.len; i++) {
		for (int bit = 7; bit >= 0; bit--) {
			code = code << 1 | ((uint32_t)(uint8_t)in.ptr[i] >> bit & 1);
			if (++bits > CODE_BITS_MAX)
				return false;
			uint32_t rank = code - huffman.first_code[bits];
			if (code < huffman.first_code[bits] || rank >= huffman.count[bits])
				continue;
			uint16_t symbol = huffman.symbols[huffman.first_symbol[bits] + rank];
			if (symbol == 256)
				return false;
			ot_buf_char(out, (char)symbol);
			code = 0;
			bits = 0;
		}
	}
	return bits < 8 && code == (1U << bits) - 1; /* padded with the first bits of EOS, all ones */
}

/* --- the table --- */

struct ot_hpack *ot_hpack_new(bool joined)
{
	struct ot_hpack *h = ot_alloc_zero(1, sizeof(*h));
	pthread_once(&huffman_once, make_huffman);
	h->joined = joined;
	h->limit = DEFAULT_TABLE;
	ot_buf_init(&h->name, STRING_MAX);
	ot_buf_init(&h->value, STRING_MAX);
	return h;
}

static struct entry *entry_at(const struct ot_hpack *h, uint32_t age)
{
	return &h->entries[(h->newest + h->cap - age) % h->cap];
}

static size_t size_of(const struct entry *e)
{
	return ENTRY_OVERHEAD + (size_t)e->name_len + e->value_len;
}

static void evict_oldest(struct ot_hpack *h)
{
	struct entry *e = entry_at(h, --h->count);
	h->bytes -= size_of(e);
	free(e->name);
	free(e->value);
	memset(e, 0, sizeof(*e));
}

void ot_hpack_lose(struct ot_hpack *h)
{
	while (h->count > 0)
		evict_oldest(h);
	h->joined = true;
}

void ot_hpack_free(struct ot_hpack *h)
{
	if (h == NULL)
		return;
	ot_hpack_lose(h);
	free(h->entries);
	ot_buf_release(&h->name);
	ot_buf_release(&h->value);
	free(h);
}

size_t ot_hpack_memory(const struct ot_hpack *h)
{
	return sizeof(*h) + h->cap * sizeof(*h->entries) + h->bytes + h->name.cap + h->value.cap;
}

static void grow(struct ot_hpack *h)
{
	uint32_t cap = h->cap == 0 ? 32 : h->cap * 2;
	struct entry *entries = ot_alloc_zero(cap, sizeof(*entries));
	for (uint32_t i = 0; i < h->count; i++)
		entries[h->count - 1 - i] = *entry_at(h, i);
	free(h->entries);
	h->entries = entries;
	h->cap = cap;
	h->newest = h->count == 0 ? 0 : h->count - 1;
}

static char *copy(struct ot_str text)
{
	if (text.ptr == NULL)
		return NULL;
	char *bytes = ot_alloc(text.len);
	if (text.len > 0)
		memcpy(bytes, text.ptr, text.len);
	return bytes;
}

/* In a table with unknown entries what the encoder has evicted is not known exactly. Keeping too much is harmless: it never refers to what is gone. */
static void insert(struct ot_hpack *h, struct ot_str name, struct ot_str value)
{
	struct entry new = { copy(name), copy(value), (uint32_t)name.len, (uint32_t)value.len };
	if (h->count == h->cap)
		grow(h);
	if (h->count > 0)
		h->newest = (h->newest + 1) % h->cap;
	h->entries[h->newest] = new;
	h->count++;
	h->bytes += size_of(&new);
	while (h->count > 0 && h->bytes > (h->joined ? (size_t)TABLE_MAX : h->limit))
		evict_oldest(h);
}

/* False where the index is beyond what is there: unknown in a joined connection, an error in one seen from its start. */
static bool look_up(const struct ot_hpack *h, uint64_t index, struct ot_str *name, struct ot_str *value)
{
	*name = *value = OT_STR_NONE;
	if (index == 0)
		return false;
	if (index <= OT_HPACK_STATIC) {
		*name = ot_str_from(ot_hpack_static[index - 1].name);
		*value = ot_str_from(ot_hpack_static[index - 1].value);
		return true;
	}
	index -= OT_HPACK_STATIC + 1;
	if (index >= h->count)
		return h->joined;
	const struct entry *e = entry_at(h, (uint32_t)index);
	*name = (struct ot_str){ e->name, e->name_len };
	*value = (struct ot_str){ e->value, e->value_len };
	return true;
}

/* --- representations --- */

static uint64_t get_integer(struct ot_cursor *c, uint8_t first, int prefix)
{
	uint64_t max = (1U << prefix) - 1, value = first & max;
	int shift = 0;
	uint8_t byte;
	if (value < max)
		return value;
	do {
		byte = ot_cursor_u8(c);
		if (shift > 28) {
			c->failed = true;
			return 0;
		}
		value += (uint64_t)(byte & 127) << shift;
		shift += 7;
	} while (byte & 128);
	return value;
}

static struct ot_str get_string(struct ot_cursor *c, struct ot_buf *room)
{
	uint8_t first = ot_cursor_u8(c);
	uint64_t len = get_integer(c, first, 7);
	struct ot_str bytes = ot_cursor_bytes(c, len);
	if (bytes.ptr == NULL)
		return bytes;
	ot_buf_clear(room);
	if ((first & 128) == 0)
		ot_buf_str_put(room, bytes);
	else if (!unhuffman(bytes, room))
		c->failed = true;
	return ot_buf_str(room);
}

static void get_literal(struct ot_hpack *h, struct ot_cursor *c, uint8_t first, int prefix, bool indexed, ot_hpack_field_fn *fn, void *context)
{
	uint64_t index = get_integer(c, first, prefix);
	struct ot_str name, value, ignored;
	if (index == 0) {
		name = get_string(c, &h->name);
	} else {
		if (!look_up(h, index, &name, &ignored))
			c->failed = true;
		if (name.ptr != NULL) { /* the entry may be evicted by the insertion */
			ot_buf_clear(&h->name);
			ot_buf_str_put(&h->name, name);
			name = ot_buf_str(&h->name);
		}
	}
	value = get_string(c, &h->value);
	if (c->failed)
		return;
	h->unfolded += name.len + value.len;
	fn(context, name, value);
	if (indexed)
		insert(h, name, value);
}

static void get_field(struct ot_hpack *h, struct ot_cursor *c, ot_hpack_field_fn *fn, void *context)
{
	uint8_t first = ot_cursor_u8(c);
	if (first & 128) {
		struct ot_str name, value;
		if (!look_up(h, get_integer(c, first, 7), &name, &value) || c->failed) {
			c->failed = true;
			return;
		}
		h->unfolded += name.len + value.len;
		fn(context, name, value);
	} else if (first & 64) {
		get_literal(h, c, first, 6, true, fn, context);
	} else if (first & 32) {
		uint64_t limit = get_integer(c, first, 5);
		h->limit = limit < TABLE_MAX ? (size_t)limit : TABLE_MAX;
		while (!h->joined && h->count > 0 && h->bytes > h->limit)
			evict_oldest(h);
	} else {
		get_literal(h, c, first, 4, false, fn, context);
	}
}

bool ot_hpack_decode(struct ot_hpack *h, struct ot_str block, ot_hpack_field_fn *fn, void *context)
{
	struct ot_cursor c = ot_cursor_of(block.ptr, block.len);
	h->unfolded = 0;
	while (ot_cursor_left(&c) > 0 && !c.failed) {
		get_field(h, &c, fn, context);
		c.failed |= h->unfolded > UNFOLDED_MAX; /* a few bytes that refer to long entries, again and again */
	}
	if (c.failed)
		ot_hpack_lose(h);
	return !c.failed;
}
