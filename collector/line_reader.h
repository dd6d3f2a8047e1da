/* Scratch of one thread that reads lines. Private to format_read.c, format_json.c, wrap.c and format_score.c. */
#ifndef OT_COLLECTOR_LINE_READER_H
#define OT_COLLECTOR_LINE_READER_H

#include "format_parts.h"

struct ot_found {
	struct ot_draft *draft;
	const struct ot_format *format;
};

struct ot_line_reader {
	const struct ot_format_set *set;
	bool keep_attributes;
	bool only_detected; /* --format as well must be recognised: for scores */
	struct ot_arena arena; /* of the line */
	struct ot_members own, signs;
	struct ot_shape signs_shape; /* where no format is expected */
	struct ot_shape **shapes;    /* by format, made on demand */
	struct ot_shape_place ***places;
	struct ot_shape_place **each_places;
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
	struct ot_draft first; /* most lines have one */
	struct ot_found *found;
	size_t found_count, found_cap;
	struct ot_str reason;
	unsigned reason_weight; /* of what came nearest */
};

/* Any text: a line, or what a wrapper holds. */
enum ot_outcome_of_line ot_read_text(struct ot_line_reader *r, const struct ot_reading *reading, struct ot_str text, unsigned depth);
enum ot_outcome_of_line ot_read_json(struct ot_line_reader *r, const struct ot_reading *reading, struct ot_str text, unsigned depth, bool *is_json);
/* Members are filled: steps, then a record, one for each element, or what is wrapped. OT_LINE_UNREAD where it is no record after all. */
enum ot_outcome_of_line ot_read_members(struct ot_line_reader *r, const struct ot_reading *reading, const struct ot_format *format, unsigned depth);
enum ot_outcome_of_line ot_unwrap(struct ot_line_reader *r, const struct ot_reading *reading, const struct ot_format *format, unsigned depth);
/* `line` without a byte order mark and its end. */
struct ot_str ot_line_trimmed(struct ot_str line);
/* `text` without a terminal's colour codes; itself where it has none. */
struct ot_str ot_colours_stripped(struct ot_arena *arena, struct ot_str text);
struct ot_shape *ot_reader_shape(struct ot_line_reader *r, const struct ot_format *format);
bool ot_reader_allows(const struct ot_reading *reading, const struct ot_format *format);

#endif
