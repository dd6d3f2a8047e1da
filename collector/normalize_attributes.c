/* collector: what has no column: one compact JSON object, members sorted by name, without secrets, of bounded size. */
#include "normalize_inside.h"
#include "redact_inside.h"
#include <base/text.h>
#include <stdlib.h>
#include <string.h>

enum { ATTRIBUTES_LEN_MAX = 32 << 10 };

void ot_normalize_extra(struct ot_normalizer *n, struct ot_str name, struct ot_str json)
{
	if (n->extra_count == n->extra_cap) {
		n->extra_cap = n->extra_cap == 0 ? 64 : n->extra_cap * 2;
		n->extras = ot_realloc(n->extras, n->extra_cap * sizeof(*n->extras));
	}
	n->extras[n->extra_count++] = (struct ot_extra){ name, json };
}

void ot_normalize_extra_text(struct ot_normalizer *n, struct ot_str name, struct ot_str text)
{
	struct ot_buf json = { 0 };
	ot_text_json(&json, text);
	ot_normalize_extra(n, name, ot_arena_str(&n->record, ot_buf_str(&json)));
	ot_buf_release(&json);
}

/* --- places: what depends on the names alone --- */

static int compare(const struct ot_normalizer *n, uint32_t a, uint32_t b) { return ot_str_cmp(n->places[a].name, n->places[b].name); }

/* Equal names keep their order: the last one counts, as it does for jansson. */
static int compare_order(const void *a, const void *b, void *n)
{
	uint32_t x = ((const struct ot_member_place *)a)->order, y = ((const struct ot_member_place *)b)->order;
	int order = ot_str_cmp(((const struct ot_extra *)n)[x].name, ((const struct ot_extra *)n)[y].name);
	return order != 0 ? order : x < y ? -1 : 1;
}

static bool are_known(const struct ot_normalizer *n)
{
	if (n->place_count != n->extra_count)
		return false;
	for (size_t i = 0; i < n->place_count; i++) {
		struct ot_str a = n->places[i].name, b = n->extras[i].name;
		if (a.len != b.len || memcmp(a.ptr, b.ptr, a.len) != 0)
			return false;
	}
	return true;
}

static void sort(struct ot_normalizer *n)
{
	struct ot_member_place *sorted = ot_arena_alloc(&n->place_texts, n->place_count * sizeof(*sorted));
	for (uint32_t i = 0; i < n->place_count; i++)
		sorted[i].order = i;
	qsort_r(sorted, n->place_count, sizeof(*sorted), compare_order, n->extras);
	for (size_t i = 0; i < n->place_count; i++)
		n->places[i].order = sorted[i].order;
}

/* Lines of one kind have the same members in the same order: names and order are worked out when they differ from the line before. */
static void know_places(struct ot_normalizer *n)
{
	if (are_known(n))
		return;
	ot_arena_reset(&n->place_texts);
	if (n->place_cap < n->extra_count) {
		n->place_cap = n->extra_cap;
		n->places = ot_realloc(n->places, n->place_cap * sizeof(*n->places));
	}
	n->place_count = n->extra_count;
	for (size_t i = 0; i < n->place_count; i++) {
		struct ot_name name = ot_redact_name(n->redactor, n->extras[i].name);
		n->places[i].name = ot_arena_str(&n->place_texts, n->extras[i].name);
		n->places[i].json = ot_arena_str(&n->place_texts, name.json);
		n->places[i].plain = name.class == OT_NAME_PLAIN;
	}
	sort(n);
}

/* --- members --- */

static void put_value(struct ot_normalizer *n, const struct ot_extra *extra, bool plain)
{
	struct ot_str json = extra->json;
	char first = json.len > 0 ? json.ptr[0] : 0;
	bool text = json.len > 1 && first == '"' && ot_str_find_char(json, '\\') < 0;
	if (plain && first != 0 && first != '"' && first != '{' && first != '[') {
		ot_buf_str_put(&n->attributes, json);
	} else if (plain && text && ot_redact_text(n->redactor, ot_str_sub(json, 1, json.len - 2)).ptr == json.ptr + 1) {
		ot_buf_str_put(&n->attributes, json);
	} else {
		ot_redact_json(n->redactor, extra->name, json, &n->attributes);
	}
}

/* False where it would make the object too long; then nothing was put. */
static bool put_member(struct ot_normalizer *n, const struct ot_extra *extra, const struct ot_member_place *place)
{
	struct ot_buf *out = &n->attributes;
	size_t start = out->len;
	if (out->len > 1)
		ot_buf_char(out, ',');
	ot_buf_str_put(out, place->json);
	put_value(n, extra, place->plain);
	if (out->len <= ATTRIBUTES_LEN_MAX)
		return true;
	out->len = start;
	return false;
}

void ot_normalize_attributes(struct ot_normalizer *n, struct ot_draft *draft)
{
	struct ot_buf *out = &n->attributes;
	bool truncated = false;
	for (size_t i = 0; i < draft->extra_count; i++)
		ot_normalize_extra(n, draft->extras[i].name, draft->extras[i].json);
	if (n->extra_count == 0)
		return;
	know_places(n);
	ot_buf_clear(out);
	ot_buf_char(out, '{');
	for (size_t i = 0; i < n->place_count; i++) {
		uint32_t at = n->places[i].order;
		if (i + 1 == n->place_count || compare(n, at, n->places[i + 1].order) != 0)
			truncated |= !put_member(n, &n->extras[at], &n->places[at]);
	}
	if (truncated)
		ot_buf_text(out, out->len > 1 ? ",\"truncated\":true" : "\"truncated\":true");
	ot_buf_char(out, '}');
	ot_record_set_text(&draft->record, OT_ATTRIBUTES, ot_buf_str(out));
}
