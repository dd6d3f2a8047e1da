/* collector: what stands around a record: colour codes, and wrappers, which are descriptions that say where the record is. */
#include "line_reader.h"
#include <string.h>

/* Past a terminal's control sequence that begins at `at` (its ESC). */
static size_t sequence_past(struct ot_str line, size_t at)
{
	if (at + 1 >= line.len || line.ptr[at + 1] != '[')
		return at + 1;
	for (at += 2; at < line.len && (unsigned char)line.ptr[at] >= 0x20 && (unsigned char)line.ptr[at] < 0x40; at++)
		;
	return at < line.len ? at + 1 : at;
}

static struct ot_str colours_stripped(struct ot_arena *arena, struct ot_str line)
{
	char *out = ot_arena_alloc(arena, line.len);
	size_t n = 0;
	for (size_t at = 0; at < line.len;) {
		if (line.ptr[at] == '\033')
			at = sequence_past(line, at);
		else
			out[n++] = line.ptr[at++];
	}
	return (struct ot_str){ out, n };
}

struct ot_str ot_line_cleaned(struct ot_arena *arena, struct ot_str line)
{
	if (ot_str_starts(line, OT_STR("\xEF\xBB\xBF")))
		line = ot_str_sub(line, 3, line.len);
	while (line.len > 0 && (line.ptr[line.len - 1] == '\r' || line.ptr[line.len - 1] == '\n'))
		line.len--;
	if (line.len > 0 && memchr(line.ptr, '\033', line.len) != NULL)
		line = colours_stripped(arena, line);
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
		enum ot_outcome_of_line outcome = ot_read_text(r, reading, ot_line_cleaned(&r->arena, ot_member_text(&m, &r->arena)), depth);
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
	    ot_read_text(r, reading, ot_line_cleaned(&r->arena, inner), depth + 1);
	if (outcome == OT_LINE_UNREAD)
		r->found_count = before;
	for (size_t i = before; i < r->found_count; i++)
		completed(r->found[i].draft, around);
	return outcome;
}
