/* collector: what has no column: one compact JSON object, members sorted by name, without secrets, of bounded size. */
#include "normalize_inside.h"
#include "redact_inside.h"
#include <base/text.h>
#include <stdlib.h>
#include <string.h>

enum { ATTRIBUTES_LEN_MAX = 32 << 10, INSERTION_MAX = 64 };

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

/* --- order --- */

static int compare(const struct ot_normalizer *n, uint32_t a, uint32_t b) { return ot_str_cmp(n->extras[a].name, n->extras[b].name); }

/* Equal names keep their order: the last one counts, as it does for jansson. */
static int compare_order(const void *a, const void *b, void *n)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int order = compare(n, x, y);
	return order != 0 ? order : x < y ? -1 : 1;
}

static bool is_in_order(const struct ot_normalizer *n)
{
	if (n->order_count != n->extra_count)
		return false;
	for (size_t i = 1; i < n->order_count; i++)
		if (compare(n, n->order[i - 1], n->order[i]) >= 0)
			return false;
	return true;
}

/* Lines of one kind have the same members in the same order: the order of the line before is tried first. */
static void sort_extras(struct ot_normalizer *n)
{
	if (is_in_order(n))
		return;
	if (n->order_cap < n->extra_count) {
		n->order_cap = n->extra_cap;
		n->order = ot_realloc(n->order, n->order_cap * sizeof(*n->order));
	}
	n->order_count = n->extra_count;
	for (uint32_t i = 0; i < n->order_count; i++)
		n->order[i] = i;
	qsort_r(n->order, n->order_count, sizeof(*n->order), compare_order, n);
}

/* --- members --- */

static bool is_scalar(struct ot_str json) { return json.len > 0 && json.ptr[0] != '"' && json.ptr[0] != '{' && json.ptr[0] != '['; }

/* False where it would make the object too long; then nothing was put. */
static bool put_member(struct ot_normalizer *n, const struct ot_extra *extra)
{
	struct ot_buf *out = &n->attributes;
	const struct ot_name *name = ot_redact_name(n->redactor, extra->name);
	struct ot_str masked = ot_redact_text(n->redactor, extra->name);
	size_t start = out->len;
	if (out->len > 1)
		ot_buf_char(out, ',');
	if (masked.ptr == extra->name.ptr) {
		ot_buf_str_put(out, name->json);
	} else {
		ot_text_json(out, masked);
		ot_buf_char(out, ':');
	}
	if (name->class < OT_NAME_CARD && is_scalar(extra->json))
		ot_buf_str_put(out, extra->json);
	else
		ot_redact_json(n->redactor, extra->name, extra->json, out);
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
	sort_extras(n);
	ot_buf_clear(out);
	ot_buf_char(out, '{');
	for (size_t i = 0; i < n->order_count; i++) {
		const struct ot_extra *extra = &n->extras[n->order[i]];
		if (i + 1 < n->order_count && compare(n, n->order[i], n->order[i + 1]) == 0)
			continue;
		truncated |= !put_member(n, extra);
	}
	if (truncated)
		ot_buf_text(out, out->len > 1 ? ",\"truncated\":true" : "\"truncated\":true");
	ot_buf_char(out, '}');
	ot_record_set_text(&draft->record, OT_ATTRIBUTES, ot_buf_str(out));
}
