/* collector: what stands around a record: colour codes, and wrappers, which are descriptions that say where the record is. */
#include "line_reader.h"
#include <string.h>

/* Past the colour code (ESC [ … m, and the ESC [ K that goes with it) that begins at `at`; `at` where none does. */
static size_t colour_past(struct ot_str line, size_t at)
{
	size_t end = at + 2;
	if (end >= line.len || line.ptr[at] != '\033' || line.ptr[at + 1] != '[')
		return at;
	while (end < line.len && ((unsigned)(line.ptr[end] - '0') < 10 || line.ptr[end] == ';'))
		end++;
	return end < line.len && (line.ptr[end] == 'm' || line.ptr[end] == 'K') ? end + 1 : at;
}

struct ot_str ot_colours_stripped(struct ot_arena *arena, struct ot_str text)
{
	if (text.len == 0 || memchr(text.ptr, '\033', text.len) == NULL)
		return text;
	char *out = ot_arena_alloc(arena, text.len);
	size_t n = 0;
	for (size_t at = 0, past; at < text.len; at = past) {
		past = colour_past(text, at);
		if (past == at)
			out[n++] = text.ptr[past++];
	}
	return (struct ot_str){ out, n };
}

struct ot_str ot_line_trimmed(struct ot_str line)
{
	if (ot_str_starts(line, OT_STR("\xEF\xBB\xBF")))
		line = ot_str_sub(line, 3, line.len);
	while (line.len > 0 && (line.ptr[line.len - 1] == '\r' || line.ptr[line.len - 1] == '\n'))
		line.len--;
	return line;
}

/* What the wrapper knows and the record does not say. A record's local time gets the zone of a wrapper's. */
static void completed(struct ot_draft *draft, const struct ot_draft *around)
{
	const struct ot_record *w = &around->record;
	struct ot_record *r = &draft->record;
	if (ot_record_has(r, OT_TIMESTAMP) && draft->time_local && ot_record_has(w, OT_TIMESTAMP) && !around->time_local) {
		struct ot_when when = { .ns = ot_record_int(r, OT_TIMESTAMP, 0), .local = true };
		if (ot_when_zone_from(ot_record_int(w, OT_TIMESTAMP, 0), &when)) {
			ot_record_set_int(r, OT_TIMESTAMP, when.ns);
			draft->time_local = false;
		}
	}
	if (!ot_record_has(r, OT_TIMESTAMP) && ot_record_has(w, OT_TIMESTAMP)) {
		draft->basis = around->basis;
		draft->time_local = around->time_local;
		draft->time_no_year = around->time_no_year;
	}
	for (unsigned f = 0; f < OT_FIELD_COUNT; f++)
		if (ot_record_has(w, (enum ot_field)f) && !ot_record_has(r, (enum ot_field)f)) {
			r->values[f] = w->values[f];
			r->present[f >> 6] |= UINT64_C(1) << (f & 63);
		}
}

static enum ot_outcome_of_line read_elements(struct ot_line_reader *r, const struct ot_reading *reading, struct ot_str array, unsigned depth)
{
	enum ot_outcome_of_line all = OT_LINE_IGNORED;
	struct ot_str element;
	size_t at = 0;
	while (ot_json_element(array, &at, &element)) {
		struct ot_member m = { .text = element, .raw = element, .type = OT_MEMBER_OBJECT };
		if (element.ptr[0] == '"')
			m = (struct ot_member){ .text = ot_str_sub(element, 1, element.len - 2), .type = OT_MEMBER_STRING, .escapes = OT_ESCAPES_JSON };
		enum ot_outcome_of_line outcome = ot_read_text(r, reading, ot_line_trimmed(ot_member_text(&m, &r->arena)), depth);
		if (outcome == OT_LINE_UNREAD || r->found_count > OT_ITEMS_MAX)
			return OT_LINE_UNREAD;
		if (outcome == OT_LINE_RECORDS)
			all = OT_LINE_RECORDS;
	}
	return at == SIZE_MAX ? OT_LINE_UNREAD : all;
}

enum ot_outcome_of_line ot_unwrap(struct ot_line_reader *r, const struct ot_reading *reading, const struct ot_format *format, unsigned depth)
{
	size_t before = r->found_count;
	if (depth >= OT_WRAPPERS_MAX || !ot_members_has(&r->own, (unsigned)format->wraps))
		return OT_LINE_UNREAD;
	struct ot_draft *around = ot_arena_zero(&r->arena, 1, sizeof(*around));
	struct ot_member *m = &r->own.values[format->wraps];
	bool array = m->type == OT_MEMBER_ARRAY;
	struct ot_str inner = ot_member_text(m, &r->arena);
	ot_format_fill(format, &r->own, &r->arena, around);
	enum ot_outcome_of_line outcome = array ? read_elements(r, reading, inner, depth + 1) :
	    ot_read_text(r, reading, ot_line_trimmed(inner), depth + 1);
	if (outcome == OT_LINE_UNREAD)
		r->found_count = before;
	for (size_t i = before; i < r->found_count; i++)
		completed(r->found[i].draft, around);
	return outcome;
}
