/* collector: from members to a draft: the rules of a format, one after the other. */
#include "format_parts.h"
#include "json_text.h"
#include <base/time.h>
#include <string.h>

static bool is_set(const struct ot_draft *d, unsigned target)
{
	switch (target) {
	case OT_TO_TARGET: return d->target.ptr != NULL;
	case OT_TO_QUERY: return d->query.ptr != NULL;
	case OT_TO_TRACEPARENT: return d->traceparent.ptr != NULL;
	case OT_TO_SECRET: return d->secret.ptr != NULL;
	case OT_TO_AUTHORIZATION: return d->authorization.ptr != NULL;
	case OT_TO_JWT: return d->jwt.ptr != NULL;
	case OT_TO_REQUEST: return d->target.ptr != NULL && ot_record_has(&d->record, OT_HTTP_REQUEST_METHOD);
	case OT_TO_ASSERTED: return d->asserted;
	default: return ot_record_has(&d->record, (enum ot_field)target);
	}
}

static struct ot_str extracted(const struct ot_rule *rule, struct ot_str text, struct ot_members *members)
{
	int found = pcre2_match(rule->extract, (PCRE2_SPTR)text.ptr, text.len, 0, 0, members->match_data, members->match_context);
	size_t *at = pcre2_get_ovector_pointer(members->match_data);
	return found > 1 && at[2] != PCRE2_UNSET ? ot_str_sub(text, at[2], at[3] - at[2]) : OT_STR_NONE;
}

static bool stands_for_nothing(const struct ot_rule *rule, struct ot_str text)
{
	for (unsigned i = 0; i < rule->absent_count; i++)
		if (ot_str_eq(text, rule->absent[i]))
			return true;
	return false;
}

static struct ot_str mapped(const struct ot_rule *rule, struct ot_str text)
{
	for (unsigned i = 0; i < rule->map_count; i++)
		if (ot_str_eq_nocase(text, rule->map[i].from) || ot_str_eq(rule->map[i].from, OT_STR("*")))
			return ot_str_eq(rule->map[i].to, OT_STR("*")) ? text : rule->map[i].to;
	return OT_STR_NONE;
}

/* A local time gets the zone of another member that tells the same time, or one near it. */
static void zone_applied(const struct ot_rule *rule, struct ot_members *members, struct ot_arena *arena, struct ot_draft *draft)
{
	struct ot_str text;
	struct ot_draft other = { 0 };
	struct ot_rule as_time = { .target = OT_TIMESTAMP, .conversion = rule->zone_conversion };
	struct ot_convert c = { &as_time, arena, &other };
	if (!draft->time_local || !ot_members_has(members, (unsigned)rule->zone_slot) ||
	    !ot_member_value(&members->values[rule->zone_slot], OT_LIST_NONE, arena, &text) || !rule->zone_conversion->convert(&c, text) || other.time_local)
		return;
	struct ot_when when = { .ns = ot_record_int(&draft->record, OT_TIMESTAMP, 0), .local = true };
	if (ot_when_zone_from(ot_record_int(&other.record, OT_TIMESTAMP, 0), &when)) {
		ot_record_set_int(&draft->record, OT_TIMESTAMP, when.ns);
		draft->time_local = false;
	}
}

static bool from_text(const struct ot_rule *rule, struct ot_str text, struct ot_members *members, struct ot_arena *arena, struct ot_draft *draft, bool *nothing, bool *whole)
{
	struct ot_str said = text;
	struct ot_convert c = { rule, arena, draft };
	*nothing = false;
	if (rule->extract != NULL && (text = extracted(rule, text, members)).len == 0)
		return false;
	if ((*nothing = stands_for_nothing(rule, text)))
		return false;
	if (rule->map_count > 0 && (text = mapped(rule, text)).ptr == NULL)
		return false;
	*whole = (said.ptr == text.ptr && said.len == text.len) || ot_str_eq_nocase(said, text); /* else something of it is only in the member */
	return rule->conversion->convert(&c, text);
}

/* All members of the rule in one text: "10.0.0.1" and "80" with ':' between. */
static bool joined(const struct ot_rule *rule, struct ot_members *members, struct ot_arena *arena, struct ot_str *all)
{
	struct ot_str text;
	*all = OT_STR("");
	for (unsigned i = 0; i < rule->slot_count; i++) {
		struct ot_member *m = &members->values[rule->slots[i]];
		if (!ot_members_has(members, (unsigned)rule->slots[i]) || !ot_member_value(m, rule->list, arena, &text))
			continue;
		m->used = true;
		if (all->len == 0) {
			*all = text;
			continue;
		}
		char *both = ot_arena_alloc(arena, all->len + 1 + text.len);
		memcpy(both, all->ptr, all->len);
		both[all->len] = rule->join;
		memcpy(both + all->len + 1, text.ptr, text.len);
		*all = (struct ot_str){ both, all->len + 1 + text.len };
	}
	return all->len > 0;
}

static bool rule_applied(const struct ot_rule *rule, struct ot_members *members, struct ot_arena *arena, struct ot_draft *draft)
{
	struct ot_convert c = { rule, arena, draft };
	struct ot_str text;
	bool nothing, whole = true;
	if (rule->slot_count == 0)
		return rule->conversion->convert(&c, rule->value);
	if (rule->join != 0)
		return joined(rule, members, arena, &text) && from_text(rule, text, members, arena, draft, &nothing, &whole);
	for (unsigned i = 0; i < rule->slot_count; i++) {
		struct ot_member *m = &members->values[rule->slots[i]];
		if (!ot_members_has(members, (unsigned)rule->slots[i]))
			continue;
		if (!ot_member_value(m, rule->list, arena, &text))
			continue;
		bool made = from_text(rule, text, members, arena, draft, &nothing, &whole);
		m->used |= nothing;
		if (made) {
			m->used |= whole;
			return true;
		}
	}
	return false;
}

static void unused_to_extras(const struct ot_format *format, struct ot_members *members, struct ot_arena *arena)
{
	struct ot_str text;
	for (unsigned word = 0; word <= format->tree.slots / 64; word++)
		for (uint64_t bits = members->present[word]; bits != 0; bits &= bits - 1) {
			unsigned slot = word * 64 + (unsigned)__builtin_ctzll(bits);
			struct ot_member *m = &members->values[slot];
			const struct ot_node *node = format->nodes[slot];
			if (m->used || node->hidden || node->hides || (int)slot == format->wraps || (m->type == OT_MEMBER_OBJECT && ot_node_deep(node)))
				continue;
			bool container = m->type == OT_MEMBER_OBJECT || m->type == OT_MEMBER_ARRAY;
			if (container ? m->text.len > 2 : ot_member_value(m, OT_LIST_NONE, arena, &text))
				ot_members_extra(members, m->name, ot_member_json(m, arena));
		}
}

void ot_format_fill(const struct ot_format *format, struct ot_members *members, struct ot_arena *arena, struct ot_draft *draft)
{
	draft->basis = format->basis;
	for (unsigned i = 0; i < format->rule_count; i++) {
		const struct ot_rule *rule = &format->rules[i];
		if (is_set(draft, rule->target) || (rule->when_count > 0 && !ot_tests_hold(rule->when, rule->when_count, members)))
			continue;
		if (!rule_applied(rule, members, arena, draft))
			continue;
		for (unsigned c = 0; c < rule->cover_count; c++)
			if (ot_members_has(members, (unsigned)rule->covers[c]))
				members->values[rule->covers[c]].used = true;
		if (rule->target != OT_TIMESTAMP)
			continue;
		if (rule->basis >= 0)
			draft->basis = (enum ot_basis)rule->basis;
		if (rule->zone_slot >= 0)
			zone_applied(rule, members, arena, draft);
	}
	if (!ot_record_has(&draft->record, OT_TIMESTAMP))
		draft->basis = OT_BASIS_UNKNOWN;
	for (unsigned i = 0; i < format->content_count && draft->content.ptr == NULL; i++)
		if (ot_members_has(members, (unsigned)format->content[i])) {
			struct ot_member *m = &members->values[format->content[i]];
			struct ot_str text = m->type == OT_MEMBER_NULL ? OT_STR_NONE : ot_member_text(m, arena);
			if (text.len > 2 || (text.len > 0 && m->type == OT_MEMBER_STRING))
				draft->content = text;
		}
	if (members->want_extras)
		unused_to_extras(format, members, arena);
	draft->extras = members->extras;
	draft->extra_count = members->extra_count;
}
