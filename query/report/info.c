/* `onetrail info`: how large the store is, and where its bytes are. */
#include "report.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct ot_opt options[] = {
	{ "at", 0, OT_OPT_TEXT, "SNAPSHOT", "as the store was at this snapshot", NULL, OT_OPT_ASKING(at) },
	OT_OPTIONS_END,
};

struct totals {
	uint64_t rows, bytes, raw_bytes, segments, days;
	uint64_t column_bytes[OT_FIELD_COUNT];
};

static enum ot_status add_segment(struct totals *t, const struct ot_segment_ref *ref, struct ot_err *err)
{
	struct ot_segment *segment;
	enum ot_status status = ot_segment_open(&segment, ref->path, err);
	if (status != OT_OK)
		return status;
	for (int f = 0; f < OT_FIELD_COUNT; f++)
		t->column_bytes[f] += ot_segment_column_bytes(segment, (enum ot_field)f);
	t->rows += ref->info.rows;
	t->bytes += ref->info.bytes;
	t->raw_bytes += ref->info.raw_bytes;
	t->segments++;
	ot_segment_close(segment);
	return OT_OK;
}

static enum ot_status add_up(struct totals *t, const struct ot_snapshot *snapshot, struct ot_err *err)
{
	for (size_t i = 0; i < snapshot->segment_count; i++) {
		const struct ot_segment_ref *ref = &snapshot->segments[i];
		t->days += i == 0 || ref->info.day != snapshot->segments[i - 1].info.day;
		enum ot_status status = add_segment(t, ref, err);
		if (status != OT_OK)
			return status;
	}
	/* Compaction makes the raw size of a segment a sum; of sources it is exact. */
	t->raw_bytes = 0;
	for (size_t i = 0; i < snapshot->source_count; i++)
		t->raw_bytes += snapshot->sources[i].position;
	return OT_OK;
}

static double per(uint64_t bytes, uint64_t rows)
{
	return rows == 0 ? 0 : (double)bytes / (double)rows;
}

static void print_human(const char *dir, const struct totals *t, int64_t snapshot)
{
	struct ot_output_options o = { .form = OT_OUTPUT_TABLE };
	struct ot_buf line = { 0 };
	struct ot_cell cells[] = { ot_cell_count((int64_t)t->rows), ot_cell_count((int64_t)t->days), ot_cell_count((int64_t)t->segments), ot_cell_bytes((int64_t)t->bytes),
		ot_cell_bytes((int64_t)t->raw_bytes) };
	const char *const words[] = { t->rows == 1 ? " record · " : " records · ", t->days == 1 ? " day · " : " days · ", t->segments == 1 ? " segment · " : " segments · ", " · raw text ", "" };
	for (size_t i = 0; i < 5; i++) {
		ot_cell_put(&line, &cells[i], &o);
		ot_buf_text(&line, words[i]);
	}
	printf("%s\n%.*s\n%.1f bytes a record, %.1f times smaller than the raw text · snapshot %lld\n\n", dir, OT_STR_ARGS(ot_buf_str(&line)), per(t->bytes, t->rows),
	    t->bytes == 0 ? 0 : (double)t->raw_bytes / (double)t->bytes, (long long)snapshot);
	ot_buf_release(&line);
}

static void print_json(const char *dir, const struct totals *t, int64_t snapshot)
{
	struct ot_buf line = { 0 };
	ot_buf_text(&line, "{\"store\":");
	ot_text_json(&line, ot_str_from(dir));
	ot_buf_printf(&line, ",\"records\":%llu,\"days\":%llu,\"segments\":%llu,\"bytes\":%llu,\"raw_bytes\":%llu,\"bytes_per_record\":%.3f,\"snapshot\":%lld,\"columns\":{",
	    (unsigned long long)t->rows, (unsigned long long)t->days, (unsigned long long)t->segments, (unsigned long long)t->bytes, (unsigned long long)t->raw_bytes,
	    per(t->bytes, t->rows), (long long)snapshot);
	bool first = true;
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		if (t->column_bytes[f] == 0)
			continue;
		ot_buf_printf(&line, "%s\"%s\":%llu", first ? "" : ",", ot_fields[f].name, (unsigned long long)t->column_bytes[f]);
		first = false;
	}
	printf("%.*s}}\n", OT_STR_ARGS(ot_buf_str(&line)));
	ot_buf_release(&line);
}

static const uint64_t *sizes_to_compare;

static int larger_first(const void *a, const void *b)
{
	uint64_t x = sizes_to_compare[*(const int *)a], y = sizes_to_compare[*(const int *)b];
	return x < y ? 1 : x > y ? -1 : *(const int *)a - *(const int *)b;
}

static enum ot_status print_columns(struct ot_ask *ask, const struct totals *t, struct ot_err *err)
{
	static const struct ot_output_column columns[] = { { "column", "column", false }, { "bytes", "size", false }, { "per_record", "bytes a record", false }, { "share", "share", false } };
	int order[OT_FIELD_COUNT];
	struct ot_output *out;
	for (int f = 0; f < OT_FIELD_COUNT; f++)
		order[f] = f;
	sizes_to_compare = t->column_bytes;
	qsort(order, OT_FIELD_COUNT, sizeof(*order), larger_first);
	enum ot_status status = ot_ask_output(ask, columns, 4, &out, err);
	for (int i = 0; i < OT_FIELD_COUNT && status == OT_OK && t->column_bytes[order[i]] > 0; i++) {
		uint64_t bytes = t->column_bytes[order[i]];
		struct ot_cell cells[] = { ot_cell_text(ot_str_from(ot_fields[order[i]].name)), ot_cell_bytes((int64_t)bytes), ot_cell_real(per(bytes, t->rows)),
			ot_cell_share(t->bytes == 0 ? 0 : (double)bytes / (double)t->bytes) };
		status = ot_output_row(out, cells, err);
	}
	enum ot_status closed = ot_output_close(out, err);
	return status == OT_OK ? closed : status;
}

static int run(struct ot_invocation *invocation)
{
	struct ot_err err = { 0 };
	struct ot_ask ask;
	struct totals totals = { 0 };
	if (!ot_ask_open(&ask, invocation, invocation->arg_count, &err))
		return OT_EXIT_FAILURE;
	const struct ot_snapshot *snapshot = ot_engine_snapshot(ask.engine);
	enum ot_status status = add_up(&totals, snapshot, &err);
	if (status == OT_OK && invocation->common.json) {
		print_json(ot_store_dir(ask.store), &totals, snapshot->id);
	} else if (status == OT_OK) {
		if (!invocation->common.csv)
			print_human(ot_store_dir(ask.store), &totals, snapshot->id);
		fflush(stdout);
		status = print_columns(&ask, &totals, &err);
	}
	ot_ask_close(&ask);
	return status == OT_OK || status == OT_END ? OT_EXIT_COMPLETE : ot_complain(invocation, &err);
}

const struct ot_verb ot_verb_info = { "info", "", "size, days, records, bytes a record by column", options, run, NULL };
