/*
 * `onetrail export`: a file of calls with a manifest, for auditors and schedules. Built aside and renamed, so a folder is whole or not there;
 * where it is there already it is compared and the difference said, never overwritten.
 */
#include "report.h"
#include <base/digest.h>
#include <base/file.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXPORT_JSONL, EXPORT_CSV, MANIFEST_MAX = 64 << 20 };

static const struct ot_opt options[] = {
	OT_OPTIONS_WINDOW,
	{ "records", 0, OT_OPT_FLAG, NULL, "every record, not every call", NULL, OT_OPT_ASKING(records) },
	{ "format", 0, OT_OPT_TEXT, "F", "jsonl (the default) or csv", NULL, OT_OPT_ASKING(format) },
	{ "output", 'o', OT_OPT_TEXT, "DIR", "the folder to make; {period} in it becomes the window: 2026-03", NULL, OT_OPT_ASKING(output) },
	{ "fields", 'f', OT_OPT_TEXT, "A,B,C", "these fields only", NULL, OT_OPT_ASKING(fields) },
	{ "strict", 0, OT_OPT_FLAG, NULL, "exit with 3 where coverage is not complete", NULL, OT_OPT_ASKING(strict) },
	OT_OPTIONS_END,
};

struct export {
	struct ot_ask ask;
	struct ot_buf dir, aside, file; /* paths, terminated */
	struct ot_buf name;		/* "calls.jsonl" */
	int form;
	enum ot_field fields[OT_FIELD_COUNT];
	size_t field_count;
	struct ot_call_rows rows;
	struct ot_cell cells[OT_FIELD_COUNT + 2];
	struct ot_output_column columns[OT_FIELD_COUNT + 2];
	struct ot_footing footing;
};

/* "2026-03" where the window is a month, "2026-03-14" a day, else "2026-03-14_2026-03-17"; an end that is open is left out, "all" where both are. */
static void put_period(struct ot_buf *out, const struct ot_question *q, const struct ot_zone *zone)
{
	struct ot_civil a, b;
	bool begins = q->since != OT_TIME_MIN, ends = q->until != OT_TIME_MAX;
	if (begins)
		ot_time_to_civil(q->since + (int64_t)ot_zone_offset(zone, q->since) * OT_NS_PER_S, &a);
	if (ends)
		ot_time_to_civil(q->until + (int64_t)ot_zone_offset(zone, q->until) * OT_NS_PER_S, &b);
	if (!begins || !ends) {
		if (begins)
			ot_buf_printf(out, "%04d-%02d-%02d_", a.year, a.month, a.day);
		if (ends)
			ot_buf_printf(out, "_%04d-%02d-%02d", b.year, b.month, b.day);
		if (!begins && !ends)
			ot_buf_text(out, "all");
		return;
	}
	int months = (b.year - a.year) * 12 + b.month - a.month;
	if (a.day == 1 && b.day == 1 && months == 1)
		ot_buf_printf(out, "%04d-%02d", a.year, a.month);
	else if (ot_days_from_civil(b.year, b.month, b.day) - ot_days_from_civil(a.year, a.month, a.day) == 1)
		ot_buf_printf(out, "%04d-%02d-%02d", a.year, a.month, a.day);
	else
		ot_buf_printf(out, "%04d-%02d-%02d_%04d-%02d-%02d", a.year, a.month, a.day, b.year, b.month, b.day);
}

static enum ot_status choose_paths(struct export *e, struct ot_err *err)
{
	const struct ot_asking *asking = &e->ask.invocation->asking;
	const char *format = asking->format != NULL ? asking->format : "jsonl";
	if (asking->output == NULL)
		return ot_err_set(err, OT_SYNTAX, "say where: -o DIR (a folder that is not there yet)");
	if (strcmp(format, "csv") != 0 && strcmp(format, "jsonl") != 0)
		return ot_err_set(err, OT_SYNTAX, "--format is csv or jsonl, not \"%s\"", format);
	e->form = strcmp(format, "csv") == 0 ? EXPORT_CSV : EXPORT_JSONL;
	struct ot_str rest = ot_str_from(asking->output);
	ptrdiff_t at = ot_str_find(rest, OT_STR("{period}"));
	ot_buf_str_put(&e->dir, at < 0 ? rest : ot_str_sub(rest, 0, (size_t)at));
	if (at >= 0) {
		put_period(&e->dir, &e->ask.question, e->ask.zone);
		ot_buf_str_put(&e->dir, ot_str_sub(rest, (size_t)at + 8, rest.len));
	}
	while (e->dir.len > 1 && e->dir.data[e->dir.len - 1] == '/')
		e->dir.len--;
	ot_buf_printf(&e->aside, "%.*s.tmp-%ld%c", OT_STR_ARGS(ot_buf_str(&e->dir)), (long)getpid(), 0);
	ot_buf_char(&e->dir, '\0');
	ot_buf_printf(&e->name, "%s.%s%c", asking->records ? "records" : "calls", format, 0);
	ot_buf_printf(&e->file, "%s/%s%c", e->aside.data, e->name.data, 0);
	return OT_OK;
}

static enum ot_status choose_fields(struct export *e, struct ot_err *err)
{
	const struct ot_asking *asking = &e->ask.invocation->asking;
	enum ot_status status = OT_OK;
	if (asking->fields != NULL) {
		status = ot_fields_parse(asking->fields, e->fields, OT_FIELD_COUNT, &e->field_count, err);
	} else {
		for (e->field_count = 0; e->field_count < OT_FIELD_COUNT; e->field_count++)
			e->fields[e->field_count] = (enum ot_field)e->field_count;
	}
	size_t n = 0;
	for (; n < e->field_count; n++) {
		e->rows.only[e->fields[n]] = true;
		e->columns[n] = (struct ot_output_column){ ot_fields[e->fields[n]].name, "", false };
	}
	if (!asking->records) {
		e->columns[n++] = (struct ot_output_column){ "origins", "", false };
		e->columns[n++] = (struct ot_output_column){ "records", "", false };
	}
	e->rows.fields = e->fields;
	e->rows.field_count = e->field_count;
	e->rows.cells = e->cells;
	e->rows.records = asking->records;
	e->rows.json = e->form == EXPORT_JSONL;
	e->rows.all_fields = asking->fields == NULL && e->rows.json;
	return status;
}

/* --- the file --- */

static enum ot_status write_rows(struct export *e, struct ot_err *err)
{
	struct ot_output_options form = { .form = e->form == EXPORT_CSV ? OT_OUTPUT_CSV : OT_OUTPUT_JSON };
	struct ot_rows_request request = { .question = e->ask.question, .sort = OT_TIMESTAMP, .fields = e->rows.all_fields ? NULL : e->rows.only };
	size_t columns = e->field_count + (e->rows.records ? 0 : 2);
	int fd = open(e->file.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return ot_err_errno(err, "%s", e->file.data);
	enum ot_status status = ot_output_open(&e->rows.out, fd, &form, e->columns, columns, err);
	if (status == OT_OK)
		status = ot_engine_rows(e->ask.engine, &request, ot_call_row, &e->rows, &e->ask.stats, err);
	enum ot_status closed = ot_output_close(e->rows.out, err);
	if (status == OT_OK)
		status = closed;
	if (status == OT_OK && fsync(fd) != 0)
		status = ot_err_errno(err, "%s", e->file.data);
	close(fd);
	return status;
}

/* --- the manifest --- */

static void put_time(struct ot_buf *out, const char *name, int64_t time_ns)
{
	ot_buf_printf(out, "\"%s\":", name);
	if (time_ns == OT_TIME_MIN || time_ns == OT_TIME_MAX) {
		ot_buf_text(out, "null");
		return;
	}
	ot_buf_char(out, '"');
	ot_time_put(out, time_ns, 9);
	ot_buf_char(out, '"');
}

static void put_question(struct ot_buf *out, const struct export *e)
{
	struct ot_buf filter = { 0 };
	if (e->ask.question.where != NULL)
		ot_filter_put(&filter, e->ask.question.where);
	ot_buf_printf(out, "\"question\":{\"verb\":\"export\",\"rows\":\"%s\",\"filter\":", e->rows.records ? "records" : "calls");
	ot_text_json(out, ot_buf_str(&filter));
	ot_buf_text(out, ",\"fields\":[");
	for (size_t i = 0; i < e->field_count; i++)
		ot_buf_printf(out, "%s\"%s\"", i == 0 ? "" : ",", ot_fields[e->fields[i]].name);
	ot_buf_text(out, "],");
	put_time(out, "since", e->ask.question.since);
	ot_buf_char(out, ',');
	put_time(out, "until", e->ask.question.until);
	ot_buf_char(out, '}');
	ot_buf_release(&filter);
}

/* Records of each source that match, so that an auditor can hold them against the gateways' own counts. */
static enum ot_status put_sources(struct ot_buf *out, struct export *e, struct ot_err *err)
{
	struct ot_groups groups = { 0 };
	struct ot_groups_request request = { .question = e->ask.question, .by = { OT_SOURCE, OT_SOURCE_KEY, OT_ORIGIN }, .by_count = 3, .having = { INT64_MIN, INT64_MAX } };
	request.question.records = true;
	enum ot_status status = ot_measures_parse(OT_STR("count"), request.measures, &request.measure_count, &e->ask.arena, err);
	struct ot_scan_stats pass = { 0 };
	if (status == OT_OK)
		status = ot_engine_groups(e->ask.engine, &request, &groups, &pass, err);
	ot_scan_stats_add(&e->ask.stats, &pass);
	ot_buf_text(out, ",\"sources\":[");
	for (size_t i = 0; status == OT_OK && i < groups.count; i++) {
		static const char *const names[] = { "source", "source_key", "origin" };
		for (size_t k = 0; k < 3; k++) {
			ot_buf_printf(out, "%s\"%s\":", k == 0 ? (i == 0 ? "{" : ",{") : ",", names[k]);
			ot_text_json(out, groups.groups[i].key_null[k] ? OT_STR("") : groups.groups[i].keys[k].text);
		}
		ot_buf_printf(out, ",\"records\":%lld}", (long long)groups.groups[i].measures[0].number);
	}
	ot_buf_char(out, ']');
	ot_groups_release(&groups);
	return status;
}

static enum ot_status put_file(struct ot_buf *out, const struct export *e, struct ot_err *err)
{
	uint8_t digest[OT_DIGEST_LEN];
	uint64_t bytes;
	enum ot_status status = ot_sha256_file(e->file.data, digest, &bytes, err);
	if (status != OT_OK)
		return status;
	ot_buf_printf(out, ",\"files\":[{\"name\":\"%s\",\"rows\":%llu,\"bytes\":%llu,\"sha256\":\"", e->name.data, (unsigned long long)e->rows.rows, (unsigned long long)bytes);
	ot_buf_hex(out, digest, sizeof(digest));
	ot_buf_text(out, "\"}]");
	return OT_OK;
}

static enum ot_status write_manifest(struct export *e, struct ot_err *err)
{
	struct ot_buf text = { 0 }, path = { 0 }, summary = { 0 };
	ot_buf_printf(&text, "{\"onetrail\":\"%s\",\"snapshot\":%lld,", ONETRAIL_VERSION, (long long)ot_engine_snapshot(e->ask.engine)->id);
	put_question(&text, e);
	ot_footing_put_json(&summary, &e->ask, &e->footing);
	ot_buf_char(&text, ',');
	ot_buf_put(&text, summary.data + 1, summary.len - 2); /* "summary":{…} without the outer braces */
	enum ot_status status = put_sources(&text, e, err);
	if (status == OT_OK)
		status = put_file(&text, e, err);
	ot_buf_text(&text, "}\n");
	ot_buf_printf(&path, "%s/manifest.json%c", e->aside.data, 0);
	if (status == OT_OK)
		status = ot_file_publish(path.data, text.data, text.len, 0600, err);
	ot_buf_release(&text);
	ot_buf_release(&path);
	ot_buf_release(&summary);
	return status;
}

/* --- beside an export that is there already --- */

static json_t *load_manifest(const char *dir, struct ot_err *err)
{
	struct ot_buf path = { 0 }, text = { 0 };
	json_error_t fault;
	json_t *manifest = NULL;
	ot_buf_printf(&path, "%s/manifest.json%c", dir, 0);
	if (ot_file_read(path.data, MANIFEST_MAX, &text, err) == OT_OK) {
		manifest = json_loadb(text.data, text.len, 0, &fault);
		if (manifest == NULL)
			ot_err_set(err, OT_CORRUPT, "%s: line %d: %s", path.data, fault.line, fault.text);
	}
	ot_buf_release(&path);
	ot_buf_release(&text);
	return manifest;
}

static void say_difference(const char *what, const json_t *before, const json_t *now)
{
	char *a = json_dumps(before, JSON_COMPACT | JSON_ENCODE_ANY), *b = json_dumps(now, JSON_COMPACT | JSON_ENCODE_ANY);
	fprintf(stderr, "  %s was %.200s, is %.200s\n", what, a == NULL ? "missing" : a, b == NULL ? "missing" : b);
	free(a);
	free(b);
}

/* True where both tell of the same answer. What may differ is when and with which version it was made. */
static bool same_export(const json_t *before, const json_t *now, const char *dir)
{
	static const char *const members[] = { "question", "sources", "files" };
	bool same = true;
	for (size_t i = 0; i < 3; i++) {
		json_t *a = json_object_get(before, members[i]), *b = json_object_get(now, members[i]);
		if (a != NULL && b != NULL && json_equal(a, b))
			continue;
		if (same)
			fprintf(stderr, "%s holds another export:\n", dir);
		say_difference(members[i], a, b);
		same = false;
	}
	return same;
}

/* The folder itself may have been touched: its file must still have the digest that its manifest gives. */
static bool file_unaltered(const struct export *e, const json_t *manifest, struct ot_err *err)
{
	uint8_t digest[OT_DIGEST_LEN];
	uint64_t bytes;
	struct ot_buf path = { 0 }, hex = { 0 };
	const char *expected = json_string_value(json_object_get(json_array_get(json_object_get(manifest, "files"), 0), "sha256"));
	ot_buf_printf(&path, "%s/%s%c", e->dir.data, e->name.data, 0);
	bool same = ot_sha256_file(path.data, digest, &bytes, err) == OT_OK;
	ot_buf_hex(&hex, digest, sizeof(digest));
	if (same && (expected == NULL || !ot_str_eq(ot_str_from(expected), ot_buf_str(&hex)))) {
		ot_err_set(err, OT_CORRUPT, "%s was altered: its SHA-256 is not that of its manifest", path.data);
		same = false;
	}
	ot_buf_release(&path);
	ot_buf_release(&hex);
	return same;
}

static enum ot_status compare(const struct export *e, struct ot_err *err)
{
	json_t *before = load_manifest(e->dir.data, err), *now = before == NULL ? NULL : load_manifest(e->aside.data, err);
	enum ot_status status = OT_CORRUPT;
	if (now != NULL && same_export(before, now, e->dir.data)) {
		if (file_unaltered(e, before, err)) {
			fprintf(stderr, "%s: already there, the same\n", e->dir.data);
			status = OT_OK;
		}
	} else if (now != NULL) {
		ot_err_set(err, OT_CORRUPT, "%s was left as it is", e->dir.data);
	} else {
		ot_err_prefix(err, "%s is there and is no export", e->dir.data);
	}
	json_decref(before);
	json_decref(now);
	return status;
}

/* --- the verb --- */

static enum ot_status make(struct export *e, struct ot_err *err)
{
	if (mkdir(e->aside.data, 0700) != 0)
		return ot_err_errno(err, "%s", e->aside.data);
	enum ot_status status = write_rows(e, err);
	if (status == OT_OK)
		status = ot_footing_of(&e->footing, e->ask.engine, e->ask.store, &e->ask.question, &e->ask.stats, err);
	if (status == OT_OK)
		status = write_manifest(e, err);
	if (status == OT_OK && access(e->dir.data, F_OK) == 0)
		status = compare(e, err);
	else if (status == OT_OK && (status = ot_file_rename(e->aside.data, e->dir.data, err)) == OT_OK)
		return OT_OK;
	struct ot_err ignored;
	ot_dir_remove(e->aside.data, &ignored);
	return status;
}

static int run(struct ot_invocation *invocation)
{
	struct ot_err err = { 0 };
	struct export *e = ot_alloc_zero(1, sizeof(*e));
	int code = OT_EXIT_FAILURE;
	if (ot_ask_open(&e->ask, invocation, 0, &err)) {
		enum ot_status status = choose_paths(e, &err);
		if (status == OT_OK)
			status = choose_fields(e, &err);
		if (status == OT_OK)
			status = make(e, &err);
		if (status != OT_OK) {
			code = ot_complain(invocation, &err);
		} else {
			fprintf(stderr, "%s: %llu %s\n", e->dir.data, (unsigned long long)e->rows.rows, e->rows.records ? "records" : "calls");
			ot_ask_print_footer(&e->ask, &e->footing);
			code = ot_ask_exit_code(&e->ask, &e->footing);
		}
		ot_footing_release(&e->footing);
		ot_ask_close(&e->ask);
	}
	ot_buf_release(&e->dir);
	ot_buf_release(&e->aside);
	ot_buf_release(&e->file);
	ot_buf_release(&e->name);
	ot_buf_release(&e->rows.line);
	free(e);
	return code;
}

const struct ot_verb ot_verb_export = { "export", "[FILTER...] --format csv|jsonl -o DIR", "a file of calls with a manifest", options, run,
	"Exit codes for a timer: 0 made, or there already and the same; 1 made, nothing found; 2 failed, or DIR holds another export; 3 with --strict, incomplete.\n"
	"  onetrail export /api/payments --period last-month --format csv -o /var/exports/payments-{period} --strict\n" };
