/* collector: tests of members, which tell formats apart and make rules conditional; and members as texts. */
#include "format_parts.h"
#include "json_text.h"
#include <string.h>

static bool is_dash(struct ot_str text) { return text.len == 1 && text.ptr[0] == '-'; }

/* One of the elements of a JSON array, or all that are scalars with commas between. */
static struct ot_str array_text(struct ot_str array, enum ot_list list, struct ot_arena *arena)
{
	struct ot_buf all = { 0 };
	struct ot_str element, chosen = OT_STR_NONE;
	for (size_t at = 0; ot_json_element(array, &at, &element);) {
		if (element.ptr[0] == '{' || element.ptr[0] == '[' || ot_str_eq(element, OT_STR("null")))
			continue;
		if (element.ptr[0] == '"')
			element = ot_unescaped(arena, ot_str_sub(element, 1, element.len - 2), OT_ESCAPES_JSON);
		if (list == OT_LIST_LAST || chosen.ptr == NULL)
			chosen = element;
		if (list == OT_LIST_NONE) {
			ot_buf_text(&all, all.len > 0 ? ", " : "");
			ot_buf_str_put(&all, element);
		}
	}
	if (list == OT_LIST_NONE && all.len > chosen.len)
		chosen = ot_arena_str(arena, ot_buf_str(&all));
	ot_buf_release(&all);
	return chosen;
}

/* "a, b : c" as nginx writes what several upstreams gave: the first or last that is something. */
static struct ot_str list_text(struct ot_str text, enum ot_list list)
{
	struct ot_str chosen = OT_STR_NONE;
	for (size_t at = 0; at <= text.len;) {
		size_t end = at;
		while (end < text.len && text.ptr[end] != ',' && !(text.ptr[end] == ':' && end > at && text.ptr[end - 1] == ' '))
			end++;
		struct ot_str part = ot_str_trim(ot_str_sub(text, at, end - at));
		if (part.len > 0 && !is_dash(part) && (list == OT_LIST_LAST || chosen.ptr == NULL))
			chosen = part;
		at = end + 1;
	}
	return chosen;
}

bool ot_member_value(struct ot_member *member, enum ot_list list, struct ot_arena *arena, struct ot_str *text)
{
	switch (member->type) {
	case OT_MEMBER_NONE:
	case OT_MEMBER_NULL:
	case OT_MEMBER_OBJECT: return false;
	case OT_MEMBER_ARRAY: *text = array_text(member->text, list, arena); break;
	default:
		*text = ot_member_text(member, arena);
		if (list != OT_LIST_NONE)
			*text = list_text(*text, list);
	}
	return text->ptr != NULL && text->len > 0 && !is_dash(*text);
}

static bool matches(pcre2_code *code, struct ot_str text, struct ot_members *members)
{
	return pcre2_match(code, (PCRE2_SPTR)text.ptr, text.len, 0, 0, members->match_data, members->match_context) >= 0;
}

static bool type_fits(enum ot_member_type wanted, unsigned type)
{
	return type == wanted || (wanted == OT_MEMBER_TRUE && type == OT_MEMBER_FALSE);
}

static bool said(const struct ot_test *test, struct ot_members *members)
{
	struct ot_str text = OT_STR(""), other;
	struct ot_member *m = &members->values[test->slot];
	if (test->kind == OT_TEST_TYPE)
		return type_fits(test->type, m->type);
	if (m->type == OT_MEMBER_OBJECT || m->type == OT_MEMBER_NULL)
		return false;
	if (m->type == OT_MEMBER_ARRAY ? !ot_member_value(m, OT_LIST_NONE, members->arena, &text) : ((text = ot_member_text(m, members->arena)).ptr == NULL))
		return false;
	switch (test->kind) {
	case OT_TEST_IN:
		for (unsigned i = 0; i < test->text_count; i++)
			if (ot_str_eq_nocase(text, test->texts[i]))
				return true;
		return false;
	case OT_TEST_STARTS:
		for (unsigned i = 0; i < test->text_count; i++)
			if (ot_str_starts(text, test->texts[i]))
				return true;
		return false;
	case OT_TEST_MATCHES: return matches(test->pattern, text, members);
	case OT_TEST_SAME: return ot_members_has(members, (unsigned)test->other) && ot_member_value(&members->values[test->other], OT_LIST_NONE, members->arena, &other) && ot_str_eq(text, other);
	default: return true;
	}
}

static bool holds(const struct ot_test *test, struct ot_members *members)
{
	unsigned found = 0;
	switch (test->kind) {
	case OT_TEST_PRESENT: return ot_members_has(members, (unsigned)test->slot);
	case OT_TEST_MISSING: return !ot_members_has(members, (unsigned)test->slot);
	case OT_TEST_SOME:
		for (unsigned i = 0; i < test->part_count && found < test->least; i++)
			found += ot_test_holds(&test->parts[i], members);
		return found >= test->least;
	default: return ot_members_has(members, (unsigned)test->slot) && said(test, members);
	}
}

bool ot_test_holds(const struct ot_test *test, struct ot_members *members) { return holds(test, members) != test->negated; }

bool ot_tests_hold(const struct ot_test *tests, unsigned count, struct ot_members *members)
{
	for (unsigned i = 0; i < count; i++)
		if (!ot_test_holds(&tests[i], members))
			return false;
	return true;
}
