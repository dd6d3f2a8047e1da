/* Collecting: files into the store, once each, and what is said about it. */
#ifndef OT_COLLECTOR_COLLECT_H
#define OT_COLLECTOR_COLLECT_H

#include "config.h"
#include "progress.h"
#include "source.h"

struct ot_collect_options {
	const char *store; /* --store; NULL: as ot_store_locate finds it */
	const struct ot_format_set *formats;
	struct ot_said said;	   /* of `paths` */
	const char *const *paths;
	size_t path_count;
	const struct ot_config *config; /* its files are read too; may be NULL */
	unsigned threads;
	bool keep_attributes, retry, wait, quiet, json, csv, colour;
	bool terminal; /* standard error is one: a progress bar */
	const struct ot_zone *shown_zone; /* of times in the table at the end; NULL: UTC */
	const volatile int *cancel;
};

/* One run, for what is said at its end. */
struct ot_collect {
	const struct ot_collect_options *options;
	struct ot_store *store;
	struct ot_registry *registry;
	struct ot_pipeline *pipeline;
	struct ot_line_reader *reader; /* of the reading thread: looks at first and last lines */
	struct ot_zone **zones;	       /* of sources known before */
	struct ot_str *zone_names;
	size_t zone_count;
	struct ot_files files;
	struct ot_progress progress;
	int64_t started;
	uint64_t bytes_done;	    /* of files that are finished */
	size_t files_read, files_unchanged, files_failed, files_passed; /* passed over: found in a folder, but no log */
	uint64_t retried_records, retried_left;
	bool retried;
};

/* OT_OK where all went well; files that failed are counted in *failed and were told. OT_CANCELLED: stopped by the caller, what was read is stored. */
enum ot_status ot_collect(const struct ot_collect_options *options, size_t *failed, struct ot_err *err);

/* Says something about the run on standard error: a note is not said with --quiet, a problem always. */
void ot_collect_note(struct ot_collect *collect, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ot_collect_problem(struct ot_collect *collect, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Reads one file (collect_file.c). Only what concerns the store is a failure. */
enum ot_status ot_collect_file(struct ot_collect *collect, const struct ot_file *file, struct ot_err *err);
/* The same for a capture (collect_capture.c); the input stands at its beginning. */
enum ot_status ot_collect_capture(struct ot_collect *collect, const struct ot_file *file, struct ot_input *input, struct ot_err *err);
/* The zone that the catalog names; NULL where it is none. */
const struct ot_zone *ot_collect_zone(struct ot_collect *collect, struct ot_str name);
/* Tries the lines in quarantine again (retry.c). */
enum ot_status ot_collect_retry(struct ot_collect *collect, struct ot_err *err);
/* The table and the summary (report.c). */
void ot_collect_report(struct ot_collect *collect);

#endif
