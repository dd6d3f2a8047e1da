/* collector: lines of JSON: which format they are, without reading them once a format. */
#include "line_reader.h"
#include <string.h>

struct ot_shape *ot_reader_shape(struct ot_line_reader *r, const struct ot_format *format)
{
	if (format == NULL)
		return &r->signs_shape;
	if (r->shapes[format->index] == NULL) {
		r->shapes[format->index] = ot_alloc(sizeof(struct ot_shape));
		ot_shape_init(r->shapes[format->index], &format->tree.root, &r->set->signs.root);
		r->places[format->index] = ot_alloc_zero(format->step_count + 1, sizeof(struct ot_shape_place *));
	}
	return r->shapes[format->index];
}

static bool taken_apart(struct ot_line_reader *r, const struct ot_format *format, struct ot_str text, bool tolerant)
{
	struct ot_shape *shape = ot_reader_shape(r, format);
	struct ot_json_target target = { .shape = shape, .place = &shape->root, .own = format == NULL ? NULL : &r->own, .signs = &r->signs, .tolerant = tolerant };
	ot_members_clear(&r->own);
	ot_members_clear(&r->signs);
	if (ot_json_pass(&target, text))
		return true;
	ot_members_clear(&r->own);
	ot_members_clear(&r->signs);
	return !tolerant && ot_json_reference(&target, text);
}

/* How much of a format's signs are there: for the reason that is given when none fits. */
static void nearest_noted(struct ot_line_reader *r, const struct ot_reading *reading)
{
	const struct ot_format *nearest = NULL;
	const char *missing = "";
	unsigned most = 0;
	for (size_t i = 0; i < r->set->count; i++) {
		const struct ot_format *f = r->set->formats[i];
		unsigned held = 0;
		const char *first = NULL;
		if (!f->json || f->wrapper || !ot_reader_allows(reading, f))
			continue;
		for (unsigned t = 0; t < f->detect_count; t++) {
			bool holds = ot_test_holds(&f->detect[t], &r->signs);
			held += holds && !f->detect[t].negated;
			first = !holds && first == NULL ? f->detect[t].says : first;
		}
		if (held > most) {
			most = held;
			nearest = f;
			missing = first == NULL ? "" : first;
		}
	}
	if (nearest == NULL)
		r->reason = OT_STR("JSON that no format reads");
	else
		r->reason = ot_arena_printf(&r->arena, "JSON that no format reads; nearest is %s, which needs %s", nearest->name, missing);
	r->reason_weight = UINT32_MAX;
}

/* The first format, in the order of their ranks, whose signs are there. */
static const struct ot_format *chosen(struct ot_line_reader *r, const struct ot_reading *reading, bool tolerant, bool *ignored)
{
	*ignored = false;
	for (size_t i = 0; i < r->set->count; i++) {
		const struct ot_format *f = r->set->formats[i];
		if (!f->json || (tolerant && !f->tolerant) || !ot_reader_allows(reading, f))
			continue;
		if ((f == reading->said && !r->only_detected) || ot_tests_hold(f->detect, f->detect_count, &r->signs))
			return f;
		for (unsigned t = 0; t < f->ignore_count; t++)
			if (ot_test_holds(&f->ignore[t], &r->signs)) {
				*ignored = true;
				return NULL;
			}
	}
	return NULL;
}

static enum ot_outcome_of_line read_object(struct ot_line_reader *r, const struct ot_reading *reading, struct ot_str text, unsigned depth, bool *is_json)
{
	const struct ot_format *expected = reading->said != NULL ? reading->said : reading->usual;
	bool tolerant = false, ignored;
	if (expected != NULL && (!expected->json || expected->wrapper))
		expected = NULL;
	*is_json = taken_apart(r, expected, text, false);
	if (!*is_json && r->set->any_tolerant)
		*is_json = tolerant = taken_apart(r, expected, text, true);
	if (!*is_json)
		return OT_LINE_UNREAD;
	const struct ot_format *format = chosen(r, reading, tolerant, &ignored);
	if (format == NULL) {
		if (!ignored)
			nearest_noted(r, reading);
		return ignored ? OT_LINE_IGNORED : OT_LINE_UNREAD;
	}
	if (format != expected && !taken_apart(r, format, text, tolerant))
		return OT_LINE_UNREAD;
	return ot_read_members(r, reading, format, depth);
}

/* An array is as many records as it has elements; with one that is not read the whole line is kept apart. */
static enum ot_outcome_of_line read_array(struct ot_line_reader *r, const struct ot_reading *reading, struct ot_str text, unsigned depth, bool *is_json)
{
	enum ot_outcome_of_line all = OT_LINE_IGNORED;
	struct ot_str element;
	size_t at = 0, before = r->found_count;
	unsigned number = 0;
	*is_json = false;
	while (ot_json_element(text, &at, &element)) {
		bool inner;
		number++;
		enum ot_outcome_of_line outcome = element.ptr[0] == '{' ? read_object(r, reading, element, depth, &inner) : OT_LINE_UNREAD;
		if (outcome == OT_LINE_UNREAD || r->found_count > OT_ITEMS_MAX) {
			*is_json = number > 1 || element.ptr[0] == '{';
			r->found_count = before;
			r->reason = ot_arena_printf(&r->arena, "element %u of the array: %.*s", number, OT_STR_ARGS(r->reason));
			return OT_LINE_UNREAD;
		}
		all = outcome == OT_LINE_RECORDS ? outcome : all;
		*is_json = true;
	}
	bool whole = at <= text.len && ot_str_trim(ot_str_sub(text, at, text.len)).len == 0;
	if (!whole)
		r->found_count = before;
	*is_json = whole;
	return whole ? all : OT_LINE_UNREAD;
}

enum ot_outcome_of_line ot_read_json(struct ot_line_reader *r, const struct ot_reading *reading, struct ot_str text, unsigned depth, bool *is_json)
{
	if (text.ptr[0] == '{')
		return read_object(r, reading, text, depth, is_json);
	struct ot_str rest = ot_str_trim(ot_str_sub(text, 1, text.len));
	if (rest.len == 0 || (rest.ptr[0] != '{' && rest.ptr[0] != ']')) {
		*is_json = false;
		return OT_LINE_UNREAD;
	}
	return read_array(r, reading, text, depth, is_json);
}
