/* collector: texts taken apart: by patterns, and members further by JSON, pairs, positions. */
#include "format_parts.h"
#include "json_text.h"
#include <string.h>

static void text_put(struct ot_members *members, int slot, struct ot_str name, struct ot_str text, enum ot_escapes escapes)
{
	if (slot >= 0 && ot_members_has(members, (unsigned)slot) && members->values[slot].text.len > 0) {
		if (!ot_str_eq(members->values[slot].name, name))
			ot_members_extra_text(members, name, text);
		return;
	}
	if (slot < 0) {
		if (slot == -1)
			ot_members_extra_text(members, name, ot_unescaped(members->arena, text, escapes));
		return;
	}
	members->values[slot] = (struct ot_member){ .text = text, .name = name, .type = OT_MEMBER_STRING, .escapes = (uint8_t)escapes };
	ot_members_mark(members, (unsigned)slot);
}

bool ot_patterns_match(const struct ot_pattern *patterns, unsigned count, struct ot_str text, enum ot_escapes escapes, struct ot_members *members,
    pcre2_match_data *data, pcre2_match_context *context)
{
	for (unsigned i = 0; i < count; i++) {
		const struct ot_pattern *p = &patterns[i];
		int found = pcre2_match(p->code, (PCRE2_SPTR)text.ptr, text.len, 0, 0, data, context);
		if (found < 0)
			continue;
		const size_t *at = pcre2_get_ovector_pointer(data);
		for (unsigned g = 1; g <= p->groups && g < (unsigned)found; g++)
			if (p->slots[g] != -2 && at[g * 2] != PCRE2_UNSET)
				text_put(members, p->slots[g], p->names[g], ot_str_sub(text, at[g * 2], at[g * 2 + 1] - at[g * 2]), escapes);
		return true;
	}
	return false;
}

/* A key's slot below `into`, or -1. */
static int slot_of(const struct ot_node *into, struct ot_str key)
{
	const struct ot_node *node = ot_node_kid(into, key);
	return node == NULL ? -1 : node->hidden && node->slot < 0 ? -2 : node->slot;
}

static struct ot_str prefixed(struct ot_arena *arena, struct ot_str prefix, struct ot_str key)
{
	return prefix.len == 0 ? key : ot_arena_printf(arena, "%.*s%.*s", OT_STR_ARGS(prefix), OT_STR_ARGS(key));
}

static size_t value_end(struct ot_str text, size_t at, char separator, bool *quoted)
{
	*quoted = at < text.len && text.ptr[at] == '"';
	if (!*quoted) {
		while (at < text.len && text.ptr[at] != separator)
			at++;
		return at;
	}
	for (at++; at < text.len && text.ptr[at] != '"'; at++)
		if (text.ptr[at] == '\\')
			at++;
	return at < text.len ? at : text.len;
}

/* key=value pairs; values may be quoted. A word without "=" is passed over. */
static void pairs(const struct ot_format *format, const struct ot_step *step, struct ot_members *members, struct ot_str text)
{
	for (size_t at = 0; at < text.len;) {
		bool quoted;
		size_t start = at;
		while (at < text.len && text.ptr[at] != '=' && text.ptr[at] != step->separator)
			at++;
		struct ot_str key = ot_str_trim(ot_str_sub(text, start, at - start));
		if (at >= text.len || text.ptr[at] != '=' || key.len == 0) {
			at++;
			continue;
		}
		size_t end = value_end(text, ++at, step->separator, &quoted);
		struct ot_str value = ot_str_sub(text, at + quoted, end - at - quoted);
		enum ot_escapes escapes = quoted && format->escapes == OT_ESCAPES_NONE ? OT_ESCAPES_C : format->escapes;
		text_put(members, slot_of(step->into, key), prefixed(members->arena, step->prefix, key), value, escapes);
		at = end + quoted + 1;
	}
}

static bool fits(pcre2_code *code, struct ot_str text, struct ot_step_scratch *s)
{
	return pcre2_match(code, (PCRE2_SPTR)text.ptr, text.len, 0, 0, s->data, s->context) >= 0;
}

static int slot_by_shape(const struct ot_step *step, struct ot_members *members, struct ot_str part, struct ot_step_scratch *s)
{
	for (unsigned i = 0; i < step->shape_count; i++)
		if (!ot_members_has(members, (unsigned)step->shapes[i].slot) && fits(step->shapes[i].matches, part, s))
			return step->shapes[i].slot;
	return step->rest;
}

static bool is_copy(struct ot_str text, struct ot_str part) { return text.ptr != part.ptr && ot_str_eq(text, part); }

/* A part that some group of a pattern has taken already says nothing new. */
static bool known_already(struct ot_members *members, struct ot_str part)
{
	for (unsigned word = 0; word < sizeof(members->present) / sizeof(members->present[0]); word++)
		for (uint64_t bits = members->present[word]; bits != 0; bits &= bits - 1)
			if (is_copy(members->values[word * 64 + (unsigned)__builtin_ctzll(bits)].text, part))
				return true;
	return false;
}

/* Parts between separators: by position, else by how they look. */
static void split(const struct ot_step *step, struct ot_members *members, struct ot_str text, struct ot_step_scratch *s)
{
	unsigned number = 0;
	for (size_t at = 0; at <= text.len; number++) {
		size_t end = at;
		while (end < text.len && text.ptr[end] != step->separator)
			end++;
		struct ot_str part = ot_str_trim(ot_str_sub(text, at, end - at));
		int slot = number < step->position_count ? step->positions[number] : slot_by_shape(step, members, part, s);
		if (part.len > 0 && (number < step->position_count || part.len < 4 || !known_already(members, part)))
			text_put(members, slot, ot_arena_printf(members->arena, "%.*s%.*s%u", OT_STR_ARGS(step->prefix), OT_STR_ARGS(step->label), number), part, OT_ESCAPES_NONE);
		at = end + 1;
	}
}

/* JSON inside a text. What is no JSON object stays the text it was. */
static bool json(const struct ot_format *format, unsigned number, struct ot_members *members, struct ot_str text, struct ot_step_scratch *s)
{
	const struct ot_step *step = &format->steps[number];
	text = ot_str_trim(text);
	if (text.len < 2 || text.ptr[0] != '{')
		return false;
	if (s->places[number] == NULL)
		s->places[number] = ot_shape_place_new(s->shape, step->into, step->prefix);
	struct ot_json_target target = { .shape = s->shape, .place = s->places[number], .own = members, .tolerant = format->tolerant };
	struct ot_members before = *members;
	if (ot_json_pass(&target, text))
		return true;
	*members = before;
	if (ot_json_reference(&target, text))
		return true;
	*members = before;
	return false;
}

void ot_steps_run(const struct ot_format *format, struct ot_members *members, struct ot_step_scratch *scratch)
{
	for (unsigned i = 0; i < format->step_count; i++) {
		const struct ot_step *step = &format->steps[i];
		struct ot_str text;
		if (!ot_members_has(members, (unsigned)step->slot))
			continue;
		struct ot_member *m = &members->values[step->slot];
		if (m->type == OT_MEMBER_NULL || m->type == OT_MEMBER_OBJECT || m->type == OT_MEMBER_ARRAY)
			continue;
		text = ot_member_text(m, members->arena);
		bool taken = true;
		switch (step->kind) {
		case OT_STEP_JSON: taken = json(format, i, members, text, scratch); break;
		case OT_STEP_PAIRS: pairs(format, step, members, text); break;
		case OT_STEP_SPLIT: split(step, members, text, scratch); break;
		case OT_STEP_PATTERN: taken = ot_patterns_match(step->patterns, step->pattern_count, text, format->escapes, members, scratch->data, scratch->context); break;
		}
		members->values[step->slot].used |= taken;
	}
}
