/* collector: one line read: wrappers off, format found, records out. */
#include "line_reader.h"
#include <stdlib.h>
#include <string.h>

struct ot_line_reader *ot_line_reader_new(const struct ot_format_set *set, bool keep_attributes)
{
	struct ot_line_reader *r = ot_alloc_zero(1, sizeof(*r));
	unsigned slots = set->signs.slots;
	r->set = set;
	r->keep_attributes = keep_attributes;
	for (size_t i = 0; i < set->count; i++)
		slots = set->formats[i]->tree.slots > slots ? set->formats[i]->tree.slots : slots;
	ot_members_init(&r->own, slots, &r->arena);
	ot_members_init(&r->signs, slots, &r->arena);
	r->own.want_extras = keep_attributes;
	r->shapes = ot_alloc_zero(set->count + 1, sizeof(*r->shapes));
	r->places = ot_alloc_zero(set->count + 1, sizeof(*r->places));
	r->each_places = ot_alloc_zero(set->count + 1, sizeof(*r->each_places));
	ot_shape_init(&r->signs_shape, NULL, &set->signs.root);
	r->data = pcre2_match_data_create(OT_GROUPS_MAX, NULL);
	r->context = pcre2_match_context_create(NULL);
	r->stack = pcre2_jit_stack_create(32 * 1024, 1024 * 1024, NULL);
	pcre2_set_match_limit(r->context, OT_MATCH_LIMIT);
	pcre2_set_depth_limit(r->context, OT_MATCH_LIMIT);
	pcre2_jit_stack_assign(r->context, NULL, r->stack);
	r->own.match_data = r->signs.match_data = r->data;
	r->own.match_context = r->signs.match_context = r->context;
	return r;
}

void ot_line_reader_free(struct ot_line_reader *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->set->count; i++) {
		if (r->shapes[i] != NULL)
			ot_shape_release(r->shapes[i]);
		free(r->shapes[i]);
		free(r->places[i]);
	}
	ot_shape_release(&r->signs_shape);
	pcre2_match_data_free(r->data);
	pcre2_match_context_free(r->context);
	pcre2_jit_stack_free(r->stack);
	ot_arena_release(&r->arena);
	ot_members_release(&r->own);
	ot_members_release(&r->signs);
	free(r->shapes);
	free(r->places);
	free(r->each_places);
	free(r->found);
	free(r);
}

bool ot_reader_allows(const struct ot_reading *reading, const struct ot_format *format) { return reading->said == NULL || reading->said == format || format->wrapper; }

/* ---- records ---- */

static struct ot_draft *draft_new(struct ot_line_reader *r)
{
	struct ot_draft *draft = r->found_count == 0 ? &r->first : ot_arena_alloc(&r->arena, sizeof(*draft));
	size_t after = offsetof(struct ot_draft, record) + sizeof(draft->record);
	ot_record_clear(&draft->record);
	memset((char *)draft + after, 0, sizeof(*draft) - after);
	return draft;
}

/* A record tells of a request: by at least one of these. */
static bool tells_something(const struct ot_draft *d)
{
	static const enum ot_field fields[] = { OT_HTTP_REQUEST_METHOD, OT_HTTP_RESPONSE_STATUS_CODE, OT_MCP_METHOD, OT_TOOL, OT_GEN_AI_REQUEST_MODEL,
		OT_GEN_AI_RESPONSE_MODEL, OT_GEN_AI_OPERATION, OT_REQUEST_ID };
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (ot_record_has(&d->record, fields[i]))
			return true;
	return d->target.ptr != NULL;
}

static bool record_made(struct ot_line_reader *r, const struct ot_format *format)
{
	struct ot_draft *draft = draft_new(r);
	ot_format_fill(format, &r->own, &r->arena, draft);
	if (!tells_something(draft)) {
		r->reason = ot_arena_printf(&r->arena, "it is %s, but nothing in it tells of a request", format->name);
		r->reason_weight = UINT32_MAX;
		return false;
	}
	if (r->found_count == r->found_cap) {
		r->found_cap = r->found_cap ? r->found_cap * 2 : 16;
		r->found = ot_realloc(r->found, r->found_cap * sizeof(*r->found));
	}
	r->found[r->found_count++] = (struct ot_found){ draft, format };
	return true;
}

/* One record for each element of a list: what is around them belongs to each. */
static bool records_of_each(struct ot_line_reader *r, const struct ot_format *format, struct ot_str array)
{
	struct ot_shape *shape = ot_reader_shape(r, format);
	struct ot_shape_place **place = &r->each_places[format->index];
	struct ot_members around = r->own;
	struct ot_str element;
	bool made = false;
	if (*place == NULL)
		*place = ot_shape_place_new(shape, format->each->each, OT_STR("each."));
	struct ot_json_target target = { .shape = shape, .place = *place, .own = &r->own };
	for (size_t at = 0; ot_json_element(array, &at, &element) && r->found_count < OT_ITEMS_MAX;) {
		r->own = around;
		r->own.extras = NULL; /* a list of its own */
		r->own.extra_count = r->own.extra_cap = 0;
		for (size_t i = 0; i < around.extra_count; i++)
			ot_members_extra(&r->own, around.extras[i].name, around.extras[i].json);
		if (element.ptr[0] == '{' && !ot_json_pass(&target, element))
			ot_json_reference(&target, element);
		made |= record_made(r, format);
	}
	r->own = around;
	return made;
}

enum ot_outcome_of_line ot_read_members(struct ot_line_reader *r, const struct ot_reading *reading, const struct ot_format *format, unsigned depth)
{
	struct ot_shape *shape = ot_reader_shape(r, format);
	struct ot_step_scratch scratch = { r->data, r->context, shape, r->places[format->index] };
	ot_steps_run(format, &r->own, &scratch);
	if (!format->json && !ot_tests_hold(format->detect, format->detect_count, &r->own))
		return OT_LINE_UNREAD;
	if (format->wrapper)
		return ot_unwrap(r, reading, format, depth);
	if (format->each != NULL && format->each->each != NULL && ot_members_has(&r->own, (unsigned)format->each->slot)) {
		struct ot_member *m = &r->own.values[format->each->slot];
		m->used = true;
		if (m->type == OT_MEMBER_ARRAY && records_of_each(r, format, m->text))
			return OT_LINE_RECORDS;
	}
	return record_made(r, format) ? OT_LINE_RECORDS : OT_LINE_UNREAD;
}

/* ---- text ---- */

static bool looks_like(const struct ot_format *f, struct ot_str text)
{
	unsigned char c = (unsigned char)text.ptr[0];
	if (!(f->first[c >> 3] >> (c & 7) & 1))
		return false;
	for (unsigned i = 0; i < f->contains_count; i++)
		if (memmem(text.ptr, text.len, f->contains[i].ptr, f->contains[i].len) == NULL)
			return false;
	return true;
}

/* The format with the most to be recognised by, of which all was there but the pattern, is the nearest. */
static void reason_noted(struct ot_line_reader *r, const struct ot_format *f)
{
	unsigned weight = 0;
	for (unsigned i = 0; i < f->contains_count; i++)
		weight += (unsigned)f->contains[i].len;
	if (f->wrapper || weight <= r->reason_weight)
		return;
	r->reason = ot_arena_printf(&r->arena, "text that no format reads; nearest is %s, whose pattern does not fit", f->name);
	r->reason_weight = weight;
}

static enum ot_outcome_of_line try_format(struct ot_line_reader *r, const struct ot_reading *reading, const struct ot_format *f, struct ot_str text, unsigned depth)
{
	if (!looks_like(f, text))
		return OT_LINE_UNREAD;
	ot_members_clear(&r->own);
	if (!ot_patterns_match(f->patterns, f->pattern_count, text, f->escapes, &r->own, r->data, r->context)) {
		reason_noted(r, f);
		return OT_LINE_UNREAD;
	}
	return ot_read_members(r, reading, f, depth);
}

static bool is_ignored(struct ot_line_reader *r, const struct ot_format *f, struct ot_str text)
{
	for (unsigned i = 0; i < f->ignored_count; i++)
		if (pcre2_match(f->ignored[i], (PCRE2_SPTR)text.ptr, text.len, 0, 0, r->data, r->context) >= 0)
			return true;
	return false;
}

static enum ot_outcome_of_line read_plain(struct ot_line_reader *r, const struct ot_reading *reading, struct ot_str text, unsigned depth)
{
	const struct ot_format *usual = reading->said == NULL ? reading->usual : NULL;
	enum ot_outcome_of_line outcome;
	if (usual != NULL && usual->exclusive && !usual->json && (outcome = try_format(r, reading, usual, text, depth)) != OT_LINE_UNREAD)
		return outcome;
	for (size_t i = 0; i < r->set->count; i++) {
		const struct ot_format *f = r->set->formats[i];
		if (f->json || !ot_reader_allows(reading, f))
			continue;
		outcome = try_format(r, reading, f, text, depth);
		if (outcome != OT_LINE_UNREAD)
			return outcome;
		if (is_ignored(r, f, text))
			return OT_LINE_IGNORED;
	}
	return OT_LINE_UNREAD;
}

static enum ot_outcome_of_line read_as_it_is(struct ot_line_reader *r, const struct ot_reading *reading, struct ot_str text, unsigned depth)
{
	struct ot_str trimmed = ot_str_trim(text);
	bool is_json = false;
	if (trimmed.len == 0)
		return OT_LINE_IGNORED;
	if (trimmed.ptr[0] == '{' || trimmed.ptr[0] == '[') {
		enum ot_outcome_of_line outcome = ot_read_json(r, reading, trimmed, depth, &is_json);
		if (outcome != OT_LINE_UNREAD || is_json)
			return outcome;
	}
	return read_plain(r, reading, text, depth);
}

/* A caller may send escape sequences too: only a line that is no record with its colours is read without them. */
enum ot_outcome_of_line ot_read_text(struct ot_line_reader *r, const struct ot_reading *reading, struct ot_str text, unsigned depth)
{
	enum ot_outcome_of_line outcome = read_as_it_is(r, reading, text, depth);
	if (outcome == OT_LINE_RECORDS)
		return outcome;
	struct ot_str plain = ot_colours_stripped(&r->arena, text);
	enum ot_outcome_of_line without = plain.len < text.len ? read_as_it_is(r, reading, plain, depth) : OT_LINE_UNREAD;
	return without != OT_LINE_UNREAD ? without : outcome;
}

enum ot_outcome_of_line ot_line_read(struct ot_line_reader *reader, struct ot_reading *reading, struct ot_str line,
    ot_draft_fn *emit, void *context, struct ot_str *reason)
{
	ot_arena_reset(&reader->arena);
	reader->found_count = 0;
	reader->reason = OT_STR("text that no format reads");
	reader->reason_weight = 0;
	enum ot_outcome_of_line outcome = ot_read_text(reader, reading, ot_line_trimmed(line), 0);
	if (outcome == OT_LINE_UNREAD && reason != NULL)
		*reason = reader->reason;
	if (outcome != OT_LINE_RECORDS)
		return outcome;
	if (reading->said == NULL)
		reading->usual = reader->found[0].format;
	for (size_t i = 0; i < reader->found_count; i++)
		emit(context, reader->found[i].draft, reader->found[i].format, (unsigned)i);
	return outcome;
}
