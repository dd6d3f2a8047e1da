/* collector: `source test`. See source_test.h. */
#include "source_test.h"
#include "normalize.h"
#include "redact.h"
#include "wire.h"
#include "worker.h"
#include <base/text.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RIVALS_MAX = 4, FIRST_LINES_MAX = 64, VALUE_SHOWN_MAX = 300 };

struct test {
	const struct ot_source_test_options *options;
	const char *path;
	struct ot_input *input;
	struct ot_line_reader *reader;
	struct ot_normalizer *normalizer;
	struct ot_redactor *redactor;
	struct ot_source_context context;
	struct ot_reading reading;
	bool origin_known, capture;
	char key[11];
	uint64_t offset, line; /* at hand */
	uint64_t lines, records, ignored, unread;
	struct ot_buf out;
	struct ot_buf unread_shown;
};

static void flush(struct test *t)
{
	fwrite(t->out.data, 1, t->out.len, stdout);
	ot_buf_clear(&t->out);
}

/* --- records --- */

static void put_id(struct ot_record *record, struct ot_buf *id)
{
	ot_record_id_put(id, ot_record_text(record, OT_SOURCE_KEY), ot_record_int(record, OT_SOURCE_OFFSET, 0), ot_record_int(record, OT_SOURCE_ITEM, 0));
	ot_record_set_text(record, OT_RECORD_ID, ot_buf_str(id));
}

static void show_record(struct test *t, const struct ot_record *record)
{
	struct ot_buf value = { 0 };
	if (t->capture)
		ot_buf_printf(&t->out, "\npacket %" PRIu64 "\n", t->offset);
	else
		ot_buf_printf(&t->out, "\nline %" PRIu64 ", at byte %" PRIu64 "\n", t->line, t->offset);
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		if (!ot_record_has(record, (enum ot_field)f))
			continue;
		ot_buf_clear(&value);
		if (ot_fields[f].type == OT_TYPE_TIME)
			ot_time_put_zoned(&value, record->values[f].number, 3, t->options->shown_zone);
		else
			ot_value_put_human(&value, (enum ot_field)f, &record->values[f]);
		ot_buf_printf(&t->out, "  %-26s ", ot_fields[f].name);
		ot_text_display(&t->out, ot_str_sub(ot_buf_str(&value), 0, VALUE_SHOWN_MAX));
		ot_buf_text(&t->out, value.len > VALUE_SHOWN_MAX ? " …\n" : "\n");
	}
	ot_buf_release(&value);
}

/* Every record is wanted, for a program. */
static bool for_programs(const struct test *t) { return t->options->json || t->options->csv; }

static void put_csv_header(struct ot_buf *out)
{
	for (int f = 0; f < OT_FIELD_COUNT; f++)
		ot_buf_printf(out, "%s%s", ot_fields[f].name, f + 1 < OT_FIELD_COUNT ? "," : "\r\n");
}

static void put_csv(struct ot_buf *out, const struct ot_record *record)
{
	struct ot_buf value = { 0 };
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		ot_buf_clear(&value);
		if (ot_record_has(record, (enum ot_field)f))
			ot_value_put(&value, (enum ot_field)f, &record->values[f]);
		ot_text_csv(out, ot_buf_str(&value));
		ot_buf_text(out, f + 1 < OT_FIELD_COUNT ? "," : "\r\n");
	}
	ot_buf_release(&value);
}

static void put_record(struct test *t, struct ot_record *record)
{
	struct ot_buf id = { 0 };
	put_id(record, &id);
	if (t->options->json) {
		ot_record_put_json(&t->out, record, NULL);
		ot_buf_char(&t->out, '\n');
	} else {
		put_csv(&t->out, record);
	}
	if (t->out.len > 1 << 20)
		flush(t);
	ot_buf_release(&id);
}

static void take_draft(struct test *t, struct ot_draft *draft, struct ot_str format, unsigned item)
{
	ot_normalize(t->normalizer, &t->context, draft, format, t->offset, item);
	t->records++;
	if (for_programs(t))
		put_record(t, &draft->record);
	else if (t->records <= t->options->examples)
		show_record(t, &draft->record);
}

static void take_record(void *context, struct ot_draft *draft, const struct ot_format *format, unsigned item)
{
	struct test *t = context;
	if (!t->origin_known) {
		t->context.origin = ot_str_from(ot_format_origin(format));
		t->context.kind = t->options->said.kind >= 0 ? (enum ot_origin_kind)t->options->said.kind : ot_format_kind(format);
	}
	take_draft(t, draft, ot_str_from(ot_format_name(format)), item);
}

/* --- lines --- */

static void show_unread(struct test *t, struct ot_str line, struct ot_str reason)
{
	t->unread++;
	if (t->unread > t->options->examples)
		return;
	ot_buf_printf(&t->unread_shown, "line %" PRIu64 ", at byte %" PRIu64 ": ", t->line, t->offset);
	ot_text_display(&t->unread_shown, ot_redact_text(t->redactor, reason));
	ot_buf_text(&t->unread_shown, "\n  ");
	ot_text_display(&t->unread_shown, ot_str_sub(ot_redact_text(t->redactor, line), 0, VALUE_SHOWN_MAX));
	ot_buf_char(&t->unread_shown, '\n');
}

static void read_chunk(struct test *t, const struct ot_chunk *chunk)
{
	struct ot_str rest = ot_buf_str(&chunk->bytes), line, reason;
	struct ot_reading reading = t->reading; /* as the pipeline does it */
	if (chunk->offset == 0 && ot_str_starts(rest, OT_STR("\xef\xbb\xbf")))
		rest = ot_str_sub(rest, 3, rest.len);
	t->line = chunk->line;
	for (; ot_line_next(&rest, &line); t->line++) {
		t->offset = chunk->offset + (uint64_t)(line.ptr - chunk->bytes.data);
		t->lines++;
		if (chunk->cut || line.len > OT_LINE_MAX) {
			show_unread(t, line, OT_STR(OT_REASON_TOO_LONG));
			continue;
		}
		if (ot_str_trim(line).len == 0) {
			t->ignored++;
			continue;
		}
		enum ot_outcome_of_line outcome = ot_line_read(t->reader, &reading, line, take_record, t, &reason);
		t->ignored += outcome == OT_LINE_IGNORED;
		if (outcome == OT_LINE_UNREAD)
			show_unread(t, line, reason);
	}
}

static enum ot_status read_all(struct test *t, struct ot_err *err)
{
	struct ot_framer framer;
	struct ot_chunk chunk = { .offset = 0 };
	uint64_t left;
	enum ot_status status;
	ot_framer_init(&framer, t->input, 0, 1);
	while ((status = ot_framer_next(&framer, &chunk, err)) == OT_OK)
		read_chunk(t, &chunk);
	ot_framer_rest(&framer, &left);
	if (status == OT_END && left > 0) {
		ot_framer_take_rest(&framer, &chunk);
		read_chunk(t, &chunk);
	}
	ot_framer_release(&framer);
	ot_buf_release(&chunk.bytes);
	return status == OT_END ? OT_OK : status;
}

/* --- the format --- */

static void show_formats(struct test *t, const struct ot_score *scores, size_t count, size_t lines)
{
	ot_text_display(&t->out, ot_str_from(t->path));
	if (count == 0 || scores[0].lines == 0) {
		ot_buf_printf(&t->out, "\nno format reads any of the first %zu lines\n", lines);
		return;
	}
	for (size_t i = 0; i < count && scores[i].lines > 0; i++)
		ot_buf_printf(&t->out, "%s%-20s %s: %u of the first %zu lines, %u fields\n", i == 0 ? "\nformat  " : "  rival ",
		    ot_format_name(scores[i].format), ot_format_title(scores[i].format), scores[i].lines, lines, scores[i].fields);
}

static void find_format(struct test *t)
{
	struct ot_str first[FIRST_LINES_MAX];
	struct ot_score scores[RIVALS_MAX];
	const struct ot_said *said = &t->options->said;
	size_t lines = ot_input_first_lines(t->input, first, FIRST_LINES_MAX);
	size_t count = ot_format_scores(t->reader, first, lines, scores, RIVALS_MAX);
	const struct ot_format *likely = count > 0 && scores[0].lines > 0 ? scores[0].format : NULL;
	const struct ot_format *format = said->format != NULL ? said->format : likely;
	t->reading = (struct ot_reading){ said->format, format };
	t->origin_known = said->origin.len > 0 || format != NULL;
	t->context.origin = said->origin.len > 0 || format == NULL ? said->origin : ot_str_from(ot_format_origin(format));
	t->context.kind = said->kind >= 0 ? (enum ot_origin_kind)said->kind : format != NULL ? ot_format_kind(format) : OT_KIND_GATEWAY;
	if (!for_programs(t))
		show_formats(t, scores, count, lines);
}

/* --- the whole --- */

static void open_test(struct test *t)
{
	static const char key[OT_DIGEST_LEN] = "onetrail source test";
	struct ot_str key_text = { key, sizeof(key) };
	const struct stat *stat = ot_input_stat(t->input);
	t->normalizer = ot_normalizer_new(key_text);
	t->redactor = ot_redactor_new(key_text);
	ot_source_key(ot_input_head(t->input), t->key);
	t->context = (struct ot_source_context){
		.source = ot_str_from(t->path),
		.source_key = ot_str_from(t->key),
		.zone = t->options->said.zone,
		.ingest_time = ot_time_now(),
		.year_hint = S_ISREG(stat->st_mode) ? (int64_t)stat->st_mtim.tv_sec * OT_NS_PER_S : ot_time_now(),
		.gateway_addresses = t->options->said.gateway_addresses,
		.upstream_addresses = t->options->said.upstream_addresses,
		.keep_attributes = t->options->keep_attributes,
	};
	if (t->options->csv && !t->options->json)
		put_csv_header(&t->out);
}

static void close_test(struct test *t)
{
	flush(t);
	fflush(stdout);
	ot_normalizer_free(t->normalizer);
	ot_redactor_free(t->redactor);
}

static void show_end(struct test *t)
{
	if (t->unread > 0)
		ot_buf_printf(&t->out, "\nnot read:\n%.*s", OT_STR_ARGS(ot_buf_str(&t->unread_shown)));
	if (t->unread > t->options->examples)
		ot_buf_printf(&t->out, "and %" PRIu64 " more\n", t->unread - t->options->examples);
	ot_buf_printf(&t->out, "\n%" PRIu64 " records of %" PRIu64 " lines; %" PRIu64 " lines are no calls, %" PRIu64 " could not be read\n",
	    t->records, t->lines, t->ignored, t->unread);
}

static enum ot_status test_text(struct test *t, struct ot_err *err)
{
	open_test(t);
	t->reader = ot_line_reader_new(t->options->formats, t->options->keep_attributes);
	find_format(t);
	enum ot_status status = read_all(t, err);
	if (!for_programs(t))
		show_end(t);
	close_test(t);
	if (for_programs(t) && t->unread > 0)
		fprintf(stderr, "%.*s%" PRIu64 " lines could not be read\n", OT_STR_ARGS(ot_buf_str(&t->unread_shown)), t->unread);
	ot_line_reader_free(t->reader);
	if (status == OT_OK && t->records == 0)
		return ot_err_set(err, OT_NOT_FOUND, "%s: no line could be read as a record", t->path);
	return status;
}

/* --- captures --- */

static void take_exchange(void *context, struct ot_draft *draft, uint64_t packet, unsigned item)
{
	struct test *t = context;
	t->offset = packet;
	take_draft(t, draft, OT_STR("pcap"), item);
}

static void show_counts(struct test *t, const struct ot_wire_counts *n)
{
	const struct {
		const char *name;
		uint64_t count;
		bool always;
	} rows[] = {
		{ "packets", n->packets, true },
		{ "of TCP", n->tcp, true },
		{ "of other protocols", n->other, false },
		{ "fragments, not put together", n->fragments, false },
		{ "of links or headers that are not known", n->unsupported, false },
		{ "malformed", n->malformed, false },
		{ "dropped by the capturing program", n->dropped, false },
		{ "connections", n->flows.connections, true },
		{ "connections from before the capture", n->flows.midstream, false },
		{ "connections given up for memory", n->flows.evicted, false },
		{ "exchanges", n->http.exchanges, true },
		{ "requests without answer", n->http.unanswered, true },
		{ "answers without request", n->http.orphans, true },
		{ "stretches that are no HTTP", n->http.not_http, false },
		{ "holes", n->flows.holes, true },
		{ "bytes in holes", n->flows.hole_bytes, false },
		{ "bytes cut by the snap length", n->flows.truncated_bytes, false },
		{ "records", t->records, true },
	};
	ot_buf_char(&t->out, '\n');
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].always || rows[i].count > 0)
			ot_buf_printf(&t->out, "%12" PRIu64 "  %s\n", rows[i].count, rows[i].name);
}

/* OT_CORRUPT where the capture is cut: what it held was shown. */
static enum ot_status read_packets(struct test *t, struct ot_wire_counts *counts, struct ot_err *err)
{
	struct ot_capture *capture;
	struct ot_captured packet;
	enum ot_status status = ot_capture_open(&capture, t->input, NULL, NULL, err);
	if (status != OT_OK)
		return status;
	struct ot_wire *wire = ot_wire_new(OT_WIRE_MEMORY_MAX, 0, take_exchange, t);
	while ((status = ot_capture_next(capture, &packet, err)) == OT_OK)
		ot_wire_packet(wire, &packet);
	ot_wire_end(wire);
	ot_wire_count(wire, counts);
	counts->dropped = ot_capture_dropped(capture);
	ot_wire_free(wire);
	ot_capture_close(capture);
	return status == OT_END ? OT_OK : status;
}

static enum ot_status test_capture(struct test *t, struct ot_err *err)
{
	struct ot_wire_counts counts = { 0 };
	const struct ot_said *said = &t->options->said;
	t->capture = true;
	open_test(t);
	t->context.origin = said->origin.len > 0 ? said->origin : OT_STR("tap");
	t->context.kind = said->kind >= 0 ? (enum ot_origin_kind)said->kind : OT_KIND_WIRE;
	if (!for_programs(t)) {
		ot_text_display(&t->out, ot_str_from(t->path));
		ot_buf_printf(&t->out, "\nformat  %s\n", ot_input_content_words(t->input));
	}
	enum ot_status status = read_packets(t, &counts, err);
	if (!for_programs(t))
		show_counts(t, &counts);
	close_test(t);
	if (status != OT_OK)
		ot_err_prefix(err, "%s", t->path);
	if (status == OT_OK && t->records == 0)
		return ot_err_set(err, OT_NOT_FOUND, "%s: no packet could be read as part of a call", t->path);
	return status;
}

/* --- one file --- */

enum ot_status ot_source_test(const struct ot_source_test_options *options, const char *path, struct ot_err *err)
{
	struct ot_arena arena = { 0 };
	struct test t = { .options = options, .path = ot_path_absolute(&arena, path) };
	enum ot_status status = ot_input_open(&t.input, t.path, NULL, err);
	if (status == OT_OK && ot_input_content(t.input) == OT_CONTENT_EMPTY)
		status = ot_err_set(err, OT_NOT_FOUND, "%s: empty", path);
	else if (status == OT_OK && ot_input_content(t.input) == OT_CONTENT_CAPTURE)
		status = test_capture(&t, err);
	else if (status == OT_OK && ot_input_content(t.input) == OT_CONTENT_BINARY)
		status = ot_err_set(err, OT_NOT_FOUND, "%s: %s", path, ot_input_content_words(t.input));
	else if (status == OT_OK)
		status = test_text(&t, err);
	ot_input_close(t.input);
	ot_buf_release(&t.out);
	ot_buf_release(&t.unread_shown);
	ot_arena_release(&arena);
	return status;
}
