/* collector: one capture file. See collect.h. */
#include "capture.h"
#include "collect.h"
#include "pipeline.h"
#include "wire.h"
#include <inttypes.h>
#include <string.h>

/* The bytes of the capture as they are read move the source's position; those of an earlier run are passed over. */
struct advance {
	struct ot_tracked *tracked;
	uint64_t at, known;
};

static void advance(void *context, struct ot_str bytes)
{
	struct advance *a = context;
	uint64_t from = a->at;
	a->at += bytes.len;
	if (a->at <= a->known)
		return;
	if (from < a->known)
		bytes = ot_str_sub(bytes, (size_t)(a->known - from), bytes.len);
	struct ot_chunk chunk = { .bytes = { .data = (char *)(uintptr_t)bytes.ptr, .len = bytes.len }, .length = bytes.len };
	ot_tracked_advance(a->tracked, &chunk);
}

static void prepare(struct ot_collect *c, const struct ot_file *file, struct ot_tracked *tracked, struct ot_source_context *context)
{
	const struct ot_said *said = file->said;
	struct ot_source *s = &tracked->source;
	if (s->origin.len == 0) {
		s->origin = said->origin.len > 0 ? said->origin : OT_STR("tap");
		s->origin_kind = said->kind >= 0 ? said->kind : OT_KIND_WIRE;
	}
	s->format = OT_STR("pcap");
	*context = (struct ot_source_context){
		.origin = s->origin,
		.source = ot_str_from(file->path),
		.source_key = s->key,
		.kind = (enum ot_origin_kind)s->origin_kind,
		.gateway_addresses = said->gateway_addresses,
		.upstream_addresses = said->upstream_addresses,
		.keep_attributes = c->options->keep_attributes,
	};
}

/* What the records do not show. */
static void note_counts(struct ot_collect *c, const struct ot_file *file, const struct ot_wire_counts *n)
{
	uint64_t not_read = n->fragments + n->unsupported + n->malformed;
	if (n->flows.holes + n->http.unanswered + n->http.orphans + n->http.not_http + n->flows.midstream + n->flows.evicted + n->dropped + not_read == 0)
		return;
	ot_collect_note(c,
	    "%s: %" PRIu64 " holes (%" PRIu64 " bytes), %" PRIu64 " requests without answer, %" PRIu64 " answers without request, %" PRIu64
	    " connections from before the capture, %" PRIu64 " given up for memory, %" PRIu64 " stretches that are no HTTP, %" PRIu64 " packets not read, %" PRIu64
	    " dropped by who captured",
	    file->path, n->flows.holes, n->flows.hole_bytes + n->flows.truncated_bytes, n->http.unanswered, n->http.orphans, n->flows.midstream, n->flows.evicted,
	    n->http.not_http, not_read, n->dropped);
}

static enum ot_status read_packets(struct ot_collect *c, const struct ot_file *file, struct ot_input *input, struct ot_tracked *tracked, struct ot_err *err)
{
	struct ot_source_context context;
	struct ot_wire_counts counts = { 0 };
	struct ot_capture *capture;
	struct advance at = { tracked, 0, tracked->source.position };
	struct ot_err why = { 0 };
	prepare(c, file, tracked, &context);
	ot_tracked_seen_at(c->registry, tracked, file->path, ot_input_stat(input), true);
	enum ot_status status = ot_capture_open(&capture, input, advance, &at, &why);
	if (status == OT_OK) {
		tracked->source.cut_at = -1;
		status = ot_pipeline_capture(c->pipeline, capture, tracked, &context, tracked->lines_read, &counts, &why);
		ot_capture_close(capture);
	}
	if (status == OT_CORRUPT) { /* what it held is stored; the catalog learns of the cut with the next commit */
		tracked->source.cut_at = (int64_t)tracked->source.position;
		tracked->changed = true;
		ot_collect_problem(c, "%s: %s", file->path, why.text);
		c->files_failed++;
		status = OT_OK;
	} else if (status != OT_OK && status != OT_CANCELLED) {
		*err = why;
	}
	c->files_read++;
	note_counts(c, file, &counts);
	return status == OT_CANCELLED ? OT_OK : status;
}

/* Nothing behind what was read before. */
static bool has_more(struct ot_input *input)
{
	struct ot_buf next = { 0 };
	bool more = ot_input_read(input, &next, 1, NULL) == OT_OK && next.len > 0;
	ot_buf_release(&next);
	return more;
}

enum ot_status ot_collect_capture(struct ot_collect *c, const struct ot_file *file, struct ot_input *input, struct ot_err *err)
{
	struct ot_tracked *tracked;
	enum ot_verdict verdict;
	struct ot_err why = { 0 };
	struct ot_input *again = NULL;
	enum ot_status status = ot_registry_identify(c->registry, input, file->path, &tracked, &verdict, &why);
	if (status != OT_OK) {
		if (status != OT_CANCELLED) {
			ot_collect_problem(c, "%s", why.text);
			c->files_failed++;
		}
		return OT_OK;
	}
	if (verdict == OT_FILE_SHORTER) {
		ot_collect_note(c, "%s: shorter than what was read of it before; nothing added", file->path);
		return OT_OK;
	}
	if (verdict == OT_FILE_NEW) {
		ot_input_settle(input);
		return read_packets(c, file, input, tracked, err);
	}
	if (!has_more(input)) {
		ot_tracked_seen_at(c->registry, tracked, file->path, ot_input_stat(input), false);
		c->files_unchanged++;
		return OT_OK;
	}
	/* It has grown: connections are only understood from the beginning. */
	if (strcmp(file->path, "-") == 0 || ot_input_open(&again, file->path, c->options->cancel, &why) != OT_OK) {
		ot_collect_problem(c, "%s: has grown, and cannot be read from its beginning again", file->path);
		c->files_failed++;
		return OT_OK;
	}
	ot_input_settle(again);
	status = read_packets(c, file, again, tracked, err);
	ot_input_close(again);
	return status;
}
