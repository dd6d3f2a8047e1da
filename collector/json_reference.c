/* collector: the reference reader: the same members by way of jansson. */
#include "json_pass.h"
#include "json_text.h"
#include <base/text.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* jansson wants UTF-8. A byte that is none goes through it as a character of a private plane, and comes out as itself. */
enum { STRAY_BASE = 0x10FE00 };

static struct ot_str strays_hidden(struct ot_arena *arena, struct ot_str text)
{
	if (ot_utf8_valid(text))
		return text;
	struct ot_buf out = { 0 };
	for (size_t at = 0; at < text.len;) {
		int32_t rune;
		struct ot_str rest = ot_str_sub(text, at, text.len);
		size_t len = ot_utf8_next(rest, &rune);
		if (rune < 0)
			ot_utf8_put(&out, STRAY_BASE + (unsigned char)text.ptr[at]);
		else
			ot_buf_put(&out, rest.ptr, len);
		at += len;
	}
	struct ot_str copy = ot_arena_str(arena, ot_buf_str(&out));
	ot_buf_release(&out);
	return copy;
}

static struct ot_str strays_shown(struct ot_arena *arena, struct ot_str text)
{
	if (ot_str_find(text, OT_STR("\xF4\x8F\xB8")) < 0 && ot_str_find(text, OT_STR("\xF4\x8F\xBA")) < 0 && ot_str_find(text, OT_STR("\xF4\x8F\xBB")) < 0)
		return ot_arena_str(arena, text);
	char *out = ot_arena_alloc(arena, text.len);
	size_t n = 0;
	for (size_t at = 0; at < text.len;) {
		int32_t rune;
		struct ot_str rest = ot_str_sub(text, at, text.len);
		size_t len = ot_utf8_next(rest, &rune);
		if (rune >= STRAY_BASE + 0x80 && rune <= STRAY_BASE + 0xFF) {
			out[n++] = (char)(rune - STRAY_BASE);
		} else {
			memcpy(out + n, rest.ptr, len);
			n += len;
		}
		at += len;
	}
	return (struct ot_str){ out, n };
}

/* The shortest of 15 to 17 digits that reads back the same. */
static struct ot_str real_text(struct ot_arena *arena, double value)
{
	char text[40];
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		double back = strtod(text, NULL);
		if (!(back < value) && !(back > value))
			break;
	}
	return ot_arena_str(arena, ot_str_from(text));
}

static struct ot_str dumped(struct ot_arena *arena, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
	struct ot_str copy = text == NULL ? OT_STR("null") : strays_shown(arena, ot_str_from(text));
	free(text);
	return copy;
}

static struct ot_member member_of(struct ot_arena *arena, const json_t *value)
{
	struct ot_member m = { .type = OT_MEMBER_NULL };
	switch (json_typeof(value)) {
	case JSON_STRING:
		m.type = OT_MEMBER_STRING;
		m.text = strays_shown(arena, (struct ot_str){ json_string_value(value), json_string_length(value) });
		return m;
	case JSON_INTEGER: m.type = OT_MEMBER_NUMBER; m.raw = ot_arena_printf(arena, "%lld", (long long)json_integer_value(value)); break;
	case JSON_REAL: m.type = OT_MEMBER_NUMBER; m.raw = real_text(arena, json_real_value(value)); break;
	case JSON_TRUE: m.type = OT_MEMBER_TRUE; m.raw = OT_STR("true"); break;
	case JSON_FALSE: m.type = OT_MEMBER_FALSE; m.raw = OT_STR("false"); break;
	case JSON_NULL: m.raw = OT_STR("null"); break;
	case JSON_OBJECT: m.type = OT_MEMBER_OBJECT; m.raw = dumped(arena, value); break;
	case JSON_ARRAY: m.type = OT_MEMBER_ARRAY; m.raw = dumped(arena, value); break;
	}
	m.rough = json_is_object(value) || json_is_array(value); /* bytes that are not UTF-8 may be inside */
	m.text = m.raw;
	return m;
}

static bool wants_inside(const struct ot_node *node, bool object)
{
	if (node == NULL)
		return false;
	return object ? node->kid_count > 0 || node->any != NULL : node->element_count > 0;
}

static bool object(const struct ot_json_target *t, const json_t *from, struct ot_shape_place *place, unsigned depth);

static bool one(const struct ot_json_target *t, const json_t *value, struct ot_shape_place *place, struct ot_shape_entry *entry, unsigned depth);

static bool array(const struct ot_json_target *t, const json_t *from, struct ot_shape_place *place, unsigned depth)
{
	const struct ot_node *last = place->own != NULL ? ot_node_element(place->own, OT_INDEX_LAST) : NULL;
	size_t count = json_array_size(from);
	for (size_t i = 0; i < count && i < INT32_MAX; i++) {
		struct ot_shape_entry *entry = ot_shape_element_of(t, place, (int)i);
		if (!one(t, json_array_get(from, i), place, entry, depth))
			return false;
		if (last == NULL || entry->own == last || i + 1 < count)
			continue;
		return one(t, json_array_get(from, i), place, ot_shape_element_of(t, place, OT_INDEX_LAST), depth);
	}
	return true;
}

static bool one(const struct ot_json_target *t, const json_t *value, struct ot_shape_place *place, struct ot_shape_entry *entry, unsigned depth)
{
	bool is_object = json_is_object(value), nested = is_object || json_is_array(value);
	bool own_deep = nested && wants_inside(entry->own, is_object);
	if (own_deep || (nested && wants_inside(entry->signs, is_object))) {
		struct ot_shape_place *inside = ot_shape_inside(t, place, entry);
		if (!(is_object ? object(t, value, inside, depth + 1) : array(t, value, inside, depth + 1)))
			return false;
	}
	if (entry->own == NULL && entry->signs == NULL && place->quiet)
		return true;
	struct ot_member m = member_of(t->own != NULL ? t->own->arena : t->signs->arena, value);
	return ot_shape_put(t, place, entry, &m, own_deep);
}

static bool object(const struct ot_json_target *t, const json_t *from, struct ot_shape_place *place, unsigned depth)
{
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)from, name, value)
	{
		struct ot_arena *arena = t->own != NULL ? t->own->arena : t->signs->arena;
		struct ot_str key = strays_shown(arena, ot_str_from(name));
		if (!one(t, value, place, ot_shape_entry_of(t, place, key), depth))
			return false;
	}
	return true;
}

static bool is_surrogate(struct ot_str text, size_t at, char low, char high)
{
	return at + 6 <= text.len && text.ptr[at] == '\\' && text.ptr[at + 1] == 'u' && (text.ptr[at + 2] | 0x20) == 'd' && (text.ptr[at + 3] | 0x20) >= low &&
	    (text.ptr[at + 3] | 0x20) <= high;
}

/* Half a character, as languages with 16-bit text write it where they cut one: U+FFFD. Digits 8 and 9 count as letters here: '8' | 0x20 is itself. */
static struct ot_str surrogates_mended(struct ot_arena *arena, struct ot_str text)
{
	char *out = ot_arena_alloc(arena, text.len);
	memcpy(out, text.ptr, text.len);
	for (size_t at = 0; at + 1 < text.len; at++) {
		if (text.ptr[at] != '\\')
			continue;
		bool high = is_surrogate(text, at, '8', '9') || is_surrogate(text, at, 'a', 'b');
		if (high && is_surrogate(text, at + 6, 'c', 'f')) {
			at += 11;
			continue;
		}
		if (high || is_surrogate(text, at, 'c', 'f'))
			memcpy(out + at, "\\ufffd", 6);
		at++;
	}
	return (struct ot_str){ out, text.len };
}

static json_t *parsed(struct ot_str text)
{
	json_error_t error;
	json_t *root = json_loadb(text.ptr, text.len, JSON_ALLOW_NUL, &error);
	if (root == NULL && json_error_code(&error) == json_error_numeric_overflow) /* more than 64 bits are no fault of the line */
		root = json_loadb(text.ptr, text.len, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
	return root;
}

bool ot_json_reference(const struct ot_json_target *target, struct ot_str text)
{
	struct ot_arena *arena = target->own != NULL ? target->own->arena : target->signs->arena;
	struct ot_str clean = strays_hidden(arena, text);
	json_t *root = parsed(clean);
	if (root == NULL && (ot_str_find(clean, OT_STR("\\ud")) >= 0 || ot_str_find(clean, OT_STR("\\uD")) >= 0))
		root = parsed(surrogates_mended(arena, clean));
	bool read = json_is_object(root) && object(target, root, target->place, 0);
	json_decref(root);
	return read;
}
