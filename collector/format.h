/*
 * Formats: descriptions (collector/formats/NAME.json, built in; the user's beside them) compiled once, shared by all threads, and the reading of one line by them.
 * The language of descriptions is documented in docs/FORMATS.md.
 */
#ifndef OT_COLLECTOR_FORMAT_H
#define OT_COLLECTOR_FORMAT_H

#include "draft.h"
#include <base/err.h>

struct ot_format;
struct ot_format_set;

/* Built-in descriptions, then those of ~/.config/onetrail/formats/ (or $XDG_CONFIG_HOME), then `files`; later ones replace earlier of the same name. Errors name file, member and line. */
enum ot_status ot_format_set_open(struct ot_format_set **out, const char *const *files, size_t count, struct ot_err *err);
void ot_format_set_close(struct ot_format_set *set);
const struct ot_format *ot_format_find(const struct ot_format_set *set, struct ot_str name); /* NULL */
size_t ot_format_count(const struct ot_format_set *set);
const struct ot_format *ot_format_at(const struct ot_format_set *set, size_t index);
const char *ot_format_name(const struct ot_format *format);
const char *ot_format_title(const struct ot_format *format);
const char *ot_format_origin(const struct ot_format *format); /* name of an origin of which nothing else is known: "nginx" */
enum ot_origin_kind ot_format_kind(const struct ot_format *format);

enum ot_outcome_of_line {
	OT_LINE_RECORDS, /* one or more drafts were emitted */
	OT_LINE_IGNORED, /* known not to be a call: a start-up message, a header, an SSE "event:" */
	OT_LINE_UNREAD,	 /* no format reads it: quarantine, with the reason of the nearest format */
};

/* What is learned about a source while it is read; the pipeline keeps one a source and copies it for each chunk. A zeroed struct knows nothing. */
struct ot_reading {
	const struct ot_format *said;  /* --format: only this one is tried */
	const struct ot_format *usual; /* read the last line: tried first */
};

/* Scratch of one thread: arenas, PCRE2 match data, the last line's shape. */
struct ot_line_reader;
struct ot_line_reader *ot_line_reader_new(const struct ot_format_set *set, bool keep_attributes);
void ot_line_reader_free(struct ot_line_reader *reader);

typedef void ot_draft_fn(void *context, struct ot_draft *draft, const struct ot_format *format, unsigned item);
/* Reads one line (without its newline): strips wrappers (syslog, docker, CRI, SSE "data:", colour codes), finds the format, emits drafts.
 * `reason` (a text in the reader's arena until the next line) is set for OT_LINE_UNREAD. Never fails on bytes: any line has one of the three outcomes. */
enum ot_outcome_of_line ot_line_read(struct ot_line_reader *reader, struct ot_reading *reading, struct ot_str line,
    ot_draft_fn *emit, void *context, struct ot_str *reason);

/* Scores of the formats over the first lines, best first, for `source test` and for choosing `usual` before the first chunk. */
struct ot_score {
	const struct ot_format *format;
	unsigned lines, fields; /* lines read by it; fields filled in all of them */
};
size_t ot_format_scores(struct ot_line_reader *reader, const struct ot_str *lines, size_t count, struct ot_score *out, size_t max);

#endif
