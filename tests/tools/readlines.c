/*
 * Prints what the formats make of a file's lines, as drafts, before normalizing: one JSON object a record, one comment a line that is none.
 *   readlines [-f FORMAT] [-d DESCRIPTION]... [-q] FILE
 * -q only counts and times. For those who write descriptions; not installed.
 */
#include "collector/format.h"
#include <base/file.h>
#include <base/text.h>
#include <base/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct printing {
	const char *file;
	size_t offset;
	struct ot_buf out;
	bool quiet;
	size_t records;
};

static void put_text(struct ot_buf *out, const char *name, struct ot_str text)
{
	if (text.ptr == NULL)
		return;
	ot_buf_printf(out, ",\"%s\":", name);
	ot_text_json(out, text);
}

static void print_draft(void *context, struct ot_draft *d, const struct ot_format *format, unsigned item)
{
	struct printing *p = context;
	struct ot_buf *out = &p->out;
	p->records++;
	if (p->quiet)
		return;
	ot_buf_clear(out);
	ot_buf_printf(out, "{\"source\":\"%s\",\"source_offset\":%zu,\"item\":%u,\"format\":\"%s\",\"basis\":\"%s\"", p->file, p->offset, item, ot_format_name(format),
	    ot_enum_name(OT_TIMESTAMP_BASIS, (int64_t)d->basis));
	if (d->time_local)
		ot_buf_text(out, ",\"time_local\":true");
	put_text(out, "target", d->target);
	put_text(out, "query", d->query);
	put_text(out, "traceparent", d->traceparent);
	put_text(out, "secret", d->secret);
	put_text(out, "authorization", d->authorization);
	put_text(out, "jwt", d->jwt);
	if (d->content.ptr != NULL)
		ot_buf_printf(out, ",\"content\":%zu", d->content.len);
	for (unsigned f = 0; f < OT_FIELD_COUNT; f++) {
		if (!ot_record_has(&d->record, (enum ot_field)f))
			continue;
		ot_buf_printf(out, ",\"%s\":", ot_fields[f].name);
		ot_value_put_json(out, (enum ot_field)f, &d->record.values[f]);
	}
	ot_buf_text(out, ",\"extras\":{");
	for (size_t i = 0; i < d->extra_count; i++) {
		ot_buf_text(out, i > 0 ? "," : "");
		ot_text_json(out, d->extras[i].name);
		ot_buf_char(out, ':');
		ot_buf_str_put(out, d->extras[i].json);
	}
	ot_buf_text(out, "}}\n");
	fwrite(out->data, 1, out->len, stdout);
}

static void scores(struct ot_line_reader *reader, struct ot_str text)
{
	struct ot_str lines[50], rest = text;
	struct ot_score found[5];
	size_t count = 0;
	while (count < 50 && rest.ptr != NULL)
		lines[count++] = ot_str_cut(rest, '\n', &rest);
	size_t n = ot_format_scores(reader, lines, count, found, 5);
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "# %s: %u of %zu lines, %u fields\n", ot_format_name(found[i].format), found[i].lines, count, found[i].fields);
}

int main(int argc, char **argv)
{
	const char *files[64], *said = NULL;
	size_t file_count = 0, unread = 0, ignored = 0, lines = 0;
	struct ot_err err;
	struct ot_format_set *set;
	struct printing p = { 0 };
	struct ot_buf text = { 0 };
	int option;
	while ((option = getopt(argc, argv, "f:d:q")) != -1) {
		if (option == 'f')
			said = optarg;
		else if (option == 'd' && file_count < 64)
			files[file_count++] = optarg;
		else
			p.quiet = true;
	}
	int64_t before = ot_time_now();
	if (optind >= argc || ot_format_set_open(&set, files, file_count, &err) != OT_OK) {
		fprintf(stderr, "%s\n", optind >= argc ? "readlines [-f FORMAT] [-d DESCRIPTION]... [-q] FILE" : err.text);
		return 2;
	}
	fprintf(stderr, "# %zu formats in %.1f ms\n", ot_format_count(set), (double)(ot_time_now() - before) / 1e6);
	p.file = argv[optind];
	if (ot_file_read(p.file, SIZE_MAX, &text, &err) != OT_OK) {
		fprintf(stderr, "%s\n", err.text);
		return 2;
	}
	struct ot_line_reader *reader = ot_line_reader_new(set, getenv("MAPPED") == NULL);
	struct ot_reading reading = { .said = said == NULL ? NULL : ot_format_find(set, ot_str_from(said)) };
	struct ot_str rest = ot_buf_str(&text), reason;
	if (rest.len > 0)
		scores(reader, rest);
	before = ot_time_now();
	while (rest.ptr != NULL && rest.len > 0) {
		p.offset = (size_t)(rest.ptr - text.data);
		struct ot_str line = ot_str_cut(rest, '\n', &rest);
		enum ot_outcome_of_line outcome = ot_line_read(reader, &reading, line, print_draft, &p, &reason);
		lines++;
		ignored += outcome == OT_LINE_IGNORED;
		unread += outcome == OT_LINE_UNREAD;
		if (outcome == OT_LINE_UNREAD && !p.quiet)
			fprintf(stderr, "# unread at %zu: %.*s: %.120s\n", p.offset, OT_STR_ARGS(reason), line.len > 0 ? line.ptr : "");
	}
	double ns = (double)(ot_time_now() - before);
	fprintf(stderr, "# %zu lines, %zu records, %zu ignored, %zu unread; %.0f ns a line, %.0f MB/s\n", lines, p.records, ignored, unread, ns / (double)(lines ? lines : 1),
	    (double)text.len * 1e3 / ns);
	ot_line_reader_free(reader);
	ot_format_set_close(set);
	ot_buf_release(&text);
	ot_buf_release(&p.out);
	return 0;
}
