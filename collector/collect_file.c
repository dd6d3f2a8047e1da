/* collector: one file. See collect.h. */
#include "collect.h"
#include "pipeline.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_LINES_MAX = 64, FINISHED_AFTER_S = 10 };

/* --- what a file's lines are read with --- */

/* The format that reads most of the first lines, or NULL. The same at every reading of the file. */
static const struct ot_format *likely_format(struct ot_collect *c, const struct ot_input *input)
{
	struct ot_str lines[FIRST_LINES_MAX];
	struct ot_score best;
	size_t count = ot_input_first_lines(input, lines, FIRST_LINES_MAX);
	return ot_format_scores(c->reader, lines, count, &best, 1) > 0 && best.lines > 0 ? best.format : NULL;
}

const struct ot_zone *ot_collect_zone(struct ot_collect *c, struct ot_str name)
{
	struct ot_zone *zone;
	for (size_t i = 0; i < c->zone_count; i++)
		if (ot_str_eq(c->zone_names[i], name))
			return c->zones[i];
	if (name.len == 0 || ot_zone_open(&zone, name, NULL) != OT_OK)
		return NULL;
	c->zones = ot_realloc(c->zones, (c->zone_count + 1) * sizeof(struct ot_zone *));
	c->zone_names = ot_realloc(c->zone_names, (c->zone_count + 1) * sizeof(*c->zone_names));
	c->zone_names[c->zone_count] = name;
	c->zones[c->zone_count++] = zone;
	return zone;
}

/* Origin and kind of a new source; an origin that nothing tells yet stays empty and follows from the records. */
static void name_origin(struct ot_tracked *tracked, const struct ot_said *said)
{
	struct ot_source *s = &tracked->source;
	const struct ot_format *format = tracked->reading.said != NULL ? tracked->reading.said : tracked->reading.usual;
	if (said->origin.len > 0)
		s->origin = said->origin;
	else if (format != NULL)
		s->origin = ot_str_from(ot_format_origin(format));
	s->origin_kind = said->kind >= 0 ? said->kind : format != NULL ? (int64_t)ot_format_kind(format) : OT_KIND_GATEWAY;
}

static void prepare(struct ot_collect *c, const struct ot_file *file, const struct ot_input *input, struct ot_tracked *tracked,
    bool is_new, struct ot_source_context *context)
{
	const struct ot_said *said = file->said;
	const struct stat *stat = ot_input_stat(input);
	struct ot_source *s = &tracked->source;
	tracked->reading = (struct ot_reading){ said->format, said->format != NULL ? said->format : likely_format(c, input) };
	if (is_new)
		name_origin(tracked, said);
	else if (said->origin.len > 0 && !ot_str_eq(said->origin, s->origin))
		ot_collect_note(c, "%s: known as a source of %.*s, and stays that", file->path, OT_STR_ARGS(s->origin));
	if (said->zone_name.len > 0)
		s->zone = said->zone_name;
	*context = (struct ot_source_context){
		.origin = s->origin,
		.source = ot_str_from(file->path),
		.source_key = s->key,
		.kind = (enum ot_origin_kind)s->origin_kind,
		.zone = said->zone != NULL ? said->zone : ot_collect_zone(c, s->zone),
		.year_hint = S_ISREG(stat->st_mode) ? (int64_t)stat->st_mtim.tv_sec * OT_NS_PER_S : c->started,
		.gateway_addresses = said->gateway_addresses,
		.upstream_addresses = said->upstream_addresses,
		.keep_attributes = c->options->keep_attributes,
	};
}

/* --- reading --- */

struct reading {
	struct ot_collect *collect;
	const struct ot_file *file;
	struct ot_input *input;
	struct ot_tracked *tracked;
	struct ot_source_context context;
	struct ot_framer framer;
	bool added;
};

static enum ot_status put(struct reading *r, struct ot_chunk *chunk, struct ot_err *err)
{
	struct ot_collect *c = r->collect;
	struct ot_pipeline_counts counts;
	if (!r->added)
		ot_tracked_seen_at(c->registry, r->tracked, r->file->path, ot_input_stat(r->input), true);
	r->added = true;
	enum ot_status status = ot_pipeline_put(c->pipeline, chunk, r->tracked, &r->context, err);
	ot_pipeline_counts(c->pipeline, &counts);
	ot_progress_show(&c->progress, c->bytes_done + ot_input_file_bytes(r->input), counts.records);
	return status;
}

static void ignore_draft(void *context, struct ot_draft *draft, const struct ot_format *format, unsigned item)
{
	(void)context, (void)draft, (void)format, (void)item;
}

/* A last line without a newline may be half of a line. In what has an end of its own (a pipe, a compressed file) it is the last line; a plain file
 * must have rested for a while, and the line must be a record: should the file grow after all, what is added to the line goes to quarantine. */
static bool rest_is_whole(struct reading *r, struct ot_str rest)
{
	const struct stat *stat = ot_input_stat(r->input);
	struct ot_reading reading = r->tracked->reading;
	struct ot_str reason;
	if (!ot_input_seekable(r->input))
		return true;
	if (rest.len > OT_LINE_KEPT || ot_time_now() / OT_NS_PER_S - (int64_t)stat->st_mtim.tv_sec < FINISHED_AFTER_S)
		return false;
	return ot_line_read(r->collect->reader, &reading, rest, ignore_draft, NULL, &reason) == OT_LINE_RECORDS;
}

static enum ot_status read_rest(struct reading *r, uint64_t *left, struct ot_err *err)
{
	struct ot_str rest = ot_framer_rest(&r->framer, left);
	if (*left == 0)
		return OT_OK;
	if (!rest_is_whole(r, rest)) {
		ot_collect_note(r->collect, "%s: the last line has no end yet: %" PRIu64 " bytes wait", r->file->path, *left);
		return OT_OK;
	}
	struct ot_chunk *chunk = ot_pipeline_chunk(r->collect->pipeline);
	ot_framer_take_rest(&r->framer, chunk);
	*left = 0;
	return put(r, chunk, err);
}

/* How the input ended: read to its end, cut, unreadable, stopped. */
static void note_end(struct reading *r, enum ot_status ended, const struct ot_err *why, uint64_t left)
{
	struct ot_source *s = &r->tracked->source;
	int64_t cut_before = s->cut_at;
	r->tracked->whole = ended == OT_END;
	if (ended == OT_END) {
		s->size = s->position + left;
		s->cut_at = -1;
	} else if (ended == OT_CORRUPT) {
		if (r->added || cut_before >= 0)
			s->cut_at = (int64_t)(s->position + left);
		ot_collect_problem(r->collect, "%s", why->text);
		r->collect->files_failed++;
	} else if (ended != OT_CANCELLED) {
		ot_collect_problem(r->collect, "%s", why->text);
		r->collect->files_failed++;
	}
	if (s->cut_at != cut_before)
		r->tracked->changed = true;
	if (!r->added)
		ot_tracked_seen_at(r->collect->registry, r->tracked, r->file->path, ot_input_stat(r->input), false);
}

static enum ot_status read_lines(struct reading *r, struct ot_err *err)
{
	struct ot_source *s = &r->tracked->source;
	struct ot_err why = { 0 };
	enum ot_status ended, status = OT_OK;
	if (ot_input_seekable(r->input) && s->size < (uint64_t)ot_input_stat(r->input)->st_size)
		s->size = (uint64_t)ot_input_stat(r->input)->st_size;
	r->tracked->whole = false;
	ot_framer_init(&r->framer, r->input, s->position, r->tracked->lines_read + 1);
	for (;;) {
		struct ot_chunk *chunk = ot_pipeline_chunk(r->collect->pipeline);
		ended = ot_framer_next(&r->framer, chunk, &why);
		if (ended != OT_OK) {
			ot_pipeline_drop(r->collect->pipeline, chunk);
			break;
		}
		status = put(r, chunk, err);
		if (status != OT_OK)
			break;
	}
	uint64_t left = 0;
	if (status == OT_OK && ended == OT_END)
		status = read_rest(r, &left, err);
	else
		ot_framer_rest(&r->framer, &left);
	if (status == OT_OK)
		note_end(r, ended, &why, left);
	ot_framer_release(&r->framer);
	return status;
}

/* --- which file, which source --- */

static void note_shorter(struct reading *r)
{
	struct ot_buf nothing = { 0 };
	struct ot_err why = { 0 };
	if (ot_input_read(r->input, &nothing, 1, &why) == OT_CORRUPT) {
		ot_collect_problem(r->collect, "%s; nothing in it is new", why.text);
		r->collect->files_failed++;
	} else {
		ot_collect_note(r->collect, "%s: shorter than what was read of it before; nothing added", r->file->path);
	}
	ot_buf_release(&nothing);
}

static void note_truncated(struct reading *r, const struct ot_tracked *before)
{
	const struct stat *stat = ot_input_stat(r->input);
	const struct ot_source *s = before == NULL ? NULL : &before->source;
	if (s == NULL || before == r->tracked || s->file_ino != (uint64_t)stat->st_ino || s->file_dev != (uint64_t)stat->st_dev)
		return;
	ot_collect_note(r->collect, "%s: was truncated since it was last read; read as another source. Lines written in between may be missing", r->file->path);
}

static enum ot_status read_input(struct reading *r, struct ot_err *err)
{
	enum ot_verdict verdict;
	struct ot_collect *c = r->collect;
	struct ot_err why = { 0 };
	struct ot_tracked *before = ot_registry_find_path(c->registry, ot_str_from(r->file->path));
	enum ot_status status = ot_registry_identify(c->registry, r->input, r->file->path, &r->tracked, &verdict, &why);
	if (status == OT_CANCELLED)
		return OT_OK;
	if (status != OT_OK) {
		ot_collect_problem(c, "%s", why.text);
		c->files_failed++;
		return OT_OK;
	}
	if (verdict == OT_FILE_SHORTER) {
		note_shorter(r);
		return OT_OK;
	}
	if (verdict == OT_FILE_NEW)
		note_truncated(r, before);
	ot_input_settle(r->input);
	prepare(c, r->file, r->input, r->tracked, r->tracked->source.origin.len == 0, &r->context);
	c->files_read++;
	return read_lines(r, err);
}

static void pass_over(struct ot_collect *c, const struct ot_file *file, const struct ot_input *input)
{
	if (file->named) {
		ot_collect_problem(c, "%s: %s; skipped", file->path, ot_input_content_words(input));
		c->files_failed++;
	} else {
		ot_collect_note(c, "%s: %s; skipped", file->path, ot_input_content_words(input));
		c->files_passed++;
	}
}

enum ot_status ot_collect_file(struct ot_collect *c, const struct ot_file *file, struct ot_err *err)
{
	struct reading r = { .collect = c, .file = file };
	struct stat stat_of;
	struct ot_err why = { 0 };
	if (strcmp(file->path, "-") != 0 && stat(file->path, &stat_of) == 0 && ot_registry_unchanged(c->registry, file->path, &stat_of) != NULL) {
		c->files_unchanged++;
		return OT_OK;
	}
	enum ot_status status = ot_input_open(&r.input, file->path, c->options->cancel, &why);
	if (status != OT_OK) {
		if (status == OT_CANCELLED)
			return OT_OK;
		ot_collect_problem(c, "%s", why.text);
		c->files_failed++;
		return OT_OK;
	}
	switch (ot_input_content(r.input)) {
	case OT_CONTENT_TEXT:
		status = read_input(&r, err);
		break;
	case OT_CONTENT_CAPTURE:
		status = ot_collect_capture(c, file, r.input, err);
		break;
	case OT_CONTENT_EMPTY:
		c->files_unchanged++;
		break;
	default:
		pass_over(c, file, r.input);
	}
	ot_input_close(r.input);
	return status;
}
