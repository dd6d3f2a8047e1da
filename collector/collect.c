/* collector: one run, from the paths to the report. See collect.h. */
#include "collect.h"
#include "pipeline.h"
#include <base/text.h>
#include <correlate/link.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- what is said --- */

static void say(struct ot_collect *c, const char *format, va_list arguments)
{
	char text[2 * OT_ERR_TEXT_MAX];
	struct ot_buf shown = { 0 };
	vsnprintf(text, sizeof(text), format, arguments);
	ot_text_display(&shown, ot_str_from(text));
	ot_progress_clear(&c->progress);
	fprintf(stderr, "onetrail: %.*s\n", OT_STR_ARGS(ot_buf_str(&shown)));
	ot_buf_release(&shown);
}

void ot_collect_note(struct ot_collect *c, const char *format, ...)
{
	va_list arguments;
	if (c->options->quiet)
		return;
	va_start(arguments, format);
	say(c, format, arguments);
	va_end(arguments);
}

void ot_collect_problem(struct ot_collect *c, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	say(c, format, arguments);
	va_end(arguments);
}

static void count_problem(void *context, const char *words)
{
	struct ot_collect *c = context;
	ot_collect_problem(c, "%s", words);
	c->files_failed++;
}

/* --- the parts of a run --- */

static enum ot_status list_files(struct ot_collect *c, struct ot_err *err)
{
	const struct ot_collect_options *o = c->options;
	uint64_t total = 0;
	for (size_t i = 0; i < o->path_count; i++)
		ot_files_add(&c->files, o->paths[i], &o->said, count_problem, c);
	if (o->config != NULL) {
		enum ot_status status = ot_config_files(o->config, &c->files, count_problem, c, err);
		if (status != OT_OK)
			return status;
	}
	for (size_t i = 0; i < c->files.count; i++)
		total += c->files.items[i].bytes;
	ot_progress_init(&c->progress, o->terminal && !o->quiet, total);
	if (c->files.count == 0 && c->files_failed == 0 && !o->retry)
		return ot_err_set(err, OT_NOT_FOUND, "there is no file to read");
	return OT_OK;
}

static bool cancelled(const struct ot_collect *c) { return c->options->cancel != NULL && *c->options->cancel; }

/* Another collector may hold the store: waits for it where that was asked for. */
static enum ot_status open_store(struct ot_collect *c, struct ot_err *err)
{
	struct ot_buf dir = { 0 };
	bool told = false;
	enum ot_status status = ot_store_locate(c->options->store, &dir, err);
	while (status == OT_OK) {
		ot_buf_char(&dir, 0);
		dir.len--;
		status = ot_store_open(&c->store, dir.data, OT_STORE_WRITE, err);
		if (status != OT_BUSY || !c->options->wait || cancelled(c))
			break;
		if (!told)
			ot_collect_note(c, "%s; waiting", err->text);
		told = true;
		usleep(100 * 1000);
		status = OT_OK;
	}
	if (status == OT_BUSY && !c->options->wait)
		ot_err_set(err, OT_BUSY, "%s", ot_arena_printf(&c->files.arena, "%s; --wait waits for it%c", err->text, 0).ptr);
	ot_buf_release(&dir);
	return status;
}

static enum ot_status open_pipeline(struct ot_collect *c, struct ot_err *err)
{
	const struct ot_collect_options *o = c->options;
	struct ot_pipeline_options options = {
		.store = c->store,
		.registry = c->registry,
		.formats = o->formats,
		.threads = o->threads,
		.keep_attributes = o->keep_attributes,
		.cancel = o->cancel,
	};
	c->reader = ot_line_reader_new(o->formats, false);
	return ot_pipeline_open(&c->pipeline, &options, err);
}

/* What a failed commit leaves: the store as it was after the last one that worked. */
static void explain(struct ot_collect *c)
{
	struct ot_pipeline_counts counts = { 0 };
	struct ot_buf words = { 0 };
	ot_pipeline_counts(c->pipeline, &counts);
	ot_buf_text(&words, "nothing of the last ");
	ot_count_put(&words, counts.records - counts.records_stored);
	ot_buf_text(&words, " records was stored; the store is as it was before them");
	if (counts.records_stored > 0) {
		ot_buf_text(&words, ", with ");
		ot_count_put(&words, counts.records_stored);
		ot_buf_text(&words, " records of this run");
	}
	ot_collect_problem(c, "%.*s", OT_STR_ARGS(ot_buf_str(&words)));
	ot_buf_release(&words);
}

static enum ot_status read_files(struct ot_collect *c, struct ot_err *err)
{
	enum ot_status status = OT_OK;
	for (size_t i = 0; i < c->files.count && status == OT_OK && !cancelled(c); i++) {
		status = ot_collect_file(c, &c->files.items[i], err);
		c->bytes_done += c->files.items[i].bytes;
	}
	if (status == OT_OK) /* also when cancelled: what was read is whole lines */
		status = ot_pipeline_commit(c->pipeline, err);
	if (status != OT_OK)
		explain(c);
	return status;
}

/* Calls out of records, small segments into large ones. Days of runs that were stopped before this are made up for. */
static enum ot_status finish(struct ot_collect *c, struct ot_err *err)
{
	int64_t *days;
	size_t count;
	struct ot_link_result linked;
	struct ot_compact_result compacted;
	enum ot_status status = ot_days_unlinked(c->store, &days, &count, err);
	if (status == OT_OK && count > 0) {
		ot_progress_phase(&c->progress, "linking records into calls");
		status = ot_link_days(c->store, days, count, &linked, err);
		if (status == OT_OK)
			status = ot_days_linked(c->store, err);
		if (status == OT_OK) {
			ot_progress_phase(&c->progress, "merging small segments");
			status = ot_store_compact(c->store, false, &compacted, err);
		}
	}
	free(days);
	return status;
}

static enum ot_status run(struct ot_collect *c, struct ot_err *err)
{
	enum ot_status status = list_files(c, err);
	if (status == OT_OK && c->files.count == 0 && !c->options->retry)
		return OT_OK; /* every path failed, and that was said: no store is made for it */
	if (status == OT_OK)
		status = open_store(c, err);
	if (status == OT_OK)
		status = ot_store_sweep(c->store, err); /* what a killed run left */
	if (status == OT_OK)
		status = ot_registry_open(&c->registry, c->store, err);
	if (status == OT_OK && c->options->retry)
		status = ot_collect_retry(c, err);
	if (status == OT_OK)
		status = open_pipeline(c, err);
	if (status == OT_OK)
		status = read_files(c, err);
	ot_pipeline_close(c->pipeline); /* and its memory, before the rest needs some */
	c->pipeline = NULL;
	if (status == OT_OK && !cancelled(c))
		status = finish(c, err);
	if (status == OT_OK)
		ot_collect_report(c);
	struct ot_err unswept = { 0 };
	if (status == OT_FULL && c->store != NULL) /* room again: files that were to be listed. After other failures they wait for the next run to decide */
		(void)ot_store_sweep(c->store, &unswept);
	return status == OT_OK && cancelled(c) ? ot_err_set(err, OT_CANCELLED, "stopped") : status;
}

enum ot_status ot_collect(const struct ot_collect_options *options, size_t *failed, struct ot_err *err)
{
	struct ot_collect c = { .options = options, .started = ot_time_now() };
	enum ot_status status = run(&c, err);
	bool nothing_else = c.files_passed > 0 && c.files_read + c.files_unchanged == 0;
	*failed = c.files_failed + (nothing_else ? c.files_passed : 0);
	ot_progress_clear(&c.progress);
	if (c.reader != NULL)
		ot_line_reader_free(c.reader);
	ot_registry_close(c.registry);
	ot_store_close(c.store);
	for (size_t i = 0; i < c.zone_count; i++)
		ot_zone_close(c.zones[i]);
	free(c.zones);
	free(c.zone_names);
	ot_files_release(&c.files);
	return status;
}
