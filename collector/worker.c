/* collector: the reading half of a worker. See worker.h. */
#include "worker.h"
#include <base/time.h>
#include <stdlib.h>
#include <string.h>

void ot_worker_init(struct ot_worker *worker, const struct ot_format_set *formats, struct ot_str key, bool keep_attributes)
{
	memset(worker, 0, sizeof(*worker));
	worker->formats = formats;
	worker->reader = ot_line_reader_new(formats, keep_attributes);
	worker->normalizer = ot_normalizer_new(key);
	worker->redactor = ot_redactor_new(key);
}

void ot_worker_release(struct ot_worker *worker)
{
	if (worker->reader == NULL)
		return;
	ot_line_reader_free(worker->reader);
	ot_normalizer_free(worker->normalizer);
	ot_redactor_free(worker->redactor);
	ot_batch_release(&worker->batch);
	ot_tallies_release(&worker->tallies);
	ot_arena_release(&worker->unread_texts);
	free(worker->row_days);
	free(worker->row_bytes);
	free(worker->unread);
	free(worker->unread_sources);
	free(worker->segments);
}

void ot_worker_clear(struct ot_worker *worker)
{
	ot_batch_clear(&worker->batch);
	ot_tallies_clear(&worker->tallies);
	ot_arena_reset(&worker->unread_texts);
	worker->unread_count = 0;
	worker->segment_count = 0;
}

/* Arrays of a batch are as long as its capacity in every column that it uses, whether a row has a value or not. */
static size_t row_bytes(const struct ot_batch *batch)
{
	static const size_t widths[] = { [OT_FORM_INT] = 9, [OT_FORM_DICT] = 4, [OT_FORM_TEXT] = sizeof(struct ot_str), [OT_FORM_FIXED] = 1 };
	size_t bytes = 0;
	for (int f = 0; f < OT_FIELD_COUNT; f++)
		if (batch->columns[f].rows > 0)
			bytes += widths[ot_fields[f].form] + ot_fields[f].width;
	return bytes;
}

static size_t dict_bytes(const struct ot_batch *batch)
{
	size_t bytes = 0;
	for (int f = 0; f < OT_FIELD_COUNT; f++)
		bytes += batch->dicts[f].arena.bytes + batch->dicts[f].cap * (sizeof(struct ot_str) + 4) + batch->dicts[f].slot_mask * sizeof(uint32_t);
	return bytes;
}

size_t ot_worker_bytes(const struct ot_worker *worker)
{
	const struct ot_batch *batch = &worker->batch;
	return batch->cap * row_bytes(batch) + dict_bytes(batch) + batch->texts.bytes + worker->row_cap * 12 + worker->unread_texts.bytes +
	       worker->unread_cap * sizeof(*worker->unread) + ot_tallies_bytes(&worker->tallies);
}

/* --- records --- */

static void note_row(struct ot_worker *worker, uint32_t row, int64_t day)
{
	if (row >= worker->row_cap) {
		worker->row_cap = worker->row_cap == 0 ? 4096 : worker->row_cap * 2;
		worker->row_days = ot_realloc(worker->row_days, worker->row_cap * sizeof(*worker->row_days));
		worker->row_bytes = ot_realloc(worker->row_bytes, worker->row_cap * sizeof(*worker->row_bytes));
	}
	worker->row_days[row] = day;
	worker->row_bytes[row] = worker->line_bytes;
	worker->line_bytes = 0; /* further records of the line cost nothing more */
}

static void note_time(struct ot_worker *worker, struct ot_tally *tally, int64_t time)
{
	int32_t minute = ot_minute_of(time);
	ot_tally_time(tally, time);
	ot_tally_minute(&worker->tallies, tally->source, minute, 1, 0);
	for (; worker->untimed < worker->unread_count; worker->untimed++) { /* lines before the chunk's first record stand in its minute */
		worker->unread[worker->untimed].time = time;
		ot_tally_minute(&worker->tallies, tally->source, minute, 0, 1);
	}
	worker->has_minute = true;
	worker->last_time = time;
}

static void store_record(struct ot_worker *worker, struct ot_draft *draft, struct ot_str format, unsigned item)
{
	ot_normalize(worker->normalizer, &worker->context, draft, format, worker->offset, item);
	struct ot_tally *tally = ot_tally_of(&worker->tallies, worker->job->source);
	uint32_t row = worker->batch.rows;
	ot_batch_append(&worker->batch, &draft->record);
	tally->records++;
	if (ot_record_has(&draft->record, OT_TIMESTAMP)) {
		int64_t time = draft->record.values[OT_TIMESTAMP].number;
		note_row(worker, row, ot_time_day(time));
		note_time(worker, tally, time);
	} else {
		note_row(worker, row, OT_DAY_UNDATED);
	}
}

static void take_record(void *context, struct ot_draft *draft, const struct ot_format *format, unsigned item)
{
	struct ot_worker *worker = context;
	if (worker->job->context.origin.len == 0) { /* not decided when the source was opened */
		worker->context.origin = ot_str_from(ot_format_origin(format));
		worker->context.kind = ot_format_kind(format);
	}
	worker->line_format = format;
	store_record(worker, draft, ot_str_from(ot_format_name(format)), item);
}

void ot_worker_record(struct ot_worker *worker, const struct ot_job *job, struct ot_draft *draft, struct ot_str format, uint64_t offset, unsigned item)
{
	worker->job = job;
	worker->context = job->context;
	worker->offset = offset;
	worker->line_bytes = 0;
	worker->untimed = worker->unread_count;
	store_record(worker, draft, format, item);
}

/* --- lines that no format reads --- */

static struct ot_quarantined *new_unread(struct ot_worker *worker)
{
	if (worker->unread_count == worker->unread_cap) {
		worker->unread_cap = worker->unread_cap == 0 ? 64 : worker->unread_cap * 2;
		worker->unread = ot_realloc(worker->unread, worker->unread_cap * sizeof(*worker->unread));
		worker->unread_sources = ot_realloc(worker->unread_sources, worker->unread_cap * sizeof(*worker->unread_sources));
	}
	worker->unread_sources[worker->unread_count] = worker->job->source;
	return &worker->unread[worker->unread_count++];
}

static void quarantine(struct ot_worker *worker, struct ot_tally *tally, struct ot_str line, struct ot_str reason)
{
	struct ot_arena *texts = &worker->unread_texts;
	*new_unread(worker) = (struct ot_quarantined){
		.source_key = worker->context.source_key, /* these two live as long as the registry */
		.path = worker->context.source,
		.offset = worker->offset,
		.line = worker->line_number,
		.time = worker->has_minute ? worker->last_time : OT_TIME_MIN,
		.reason = ot_arena_str(texts, ot_redact_text(worker->redactor, reason)),
		.text = ot_arena_str(texts, ot_redact_text(worker->redactor, line)),
	};
	tally->unread++;
	if (!worker->has_minute)
		return;
	worker->untimed = worker->unread_count;
	ot_tally_minute(&worker->tallies, tally->source, ot_minute_of(worker->last_time), 0, 1);
}

static void quarantine_long(struct ot_worker *worker, struct ot_tally *tally, struct ot_str line, uint64_t length)
{
	struct ot_buf reason = { 0 };
	ot_buf_printf(&reason, "a line of %llu bytes: %s", (unsigned long long)length, OT_REASON_TOO_LONG);
	quarantine(worker, tally, ot_str_sub(line, 0, OT_LINE_KEPT), ot_buf_str(&reason));
	ot_buf_release(&reason);
}

/* --- lines --- */

static bool is_blank(struct ot_str line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.ptr[i] != ' ' && line.ptr[i] != '\t')
			return false;
	return true;
}

static void read_line(struct ot_worker *worker, struct ot_reading *reading, struct ot_str line)
{
	struct ot_str reason = OT_STR("");
	if (is_blank(line)) {
		ot_tally_of(&worker->tallies, worker->job->source)->ignored++;
		return;
	}
	worker->line_bytes = (uint32_t)line.len + 1;
	enum ot_outcome_of_line outcome = ot_line_read(worker->reader, reading, line, take_record, worker, &reason);
	struct ot_tally *tally = ot_tally_of(&worker->tallies, worker->job->source);
	if (outcome == OT_LINE_RECORDS)
		ot_format_count_add(tally->formats, worker->line_format, 1);
	else if (outcome == OT_LINE_IGNORED)
		tally->ignored++;
	else
		quarantine(worker, tally, line, reason);
}

static void begin(struct ot_worker *worker, const struct ot_job *job)
{
	worker->job = job;
	worker->context = job->context;
	worker->has_minute = false;
	worker->untimed = worker->unread_count;
	worker->line_number = job->chunk.line;
}

void ot_worker_read(struct ot_worker *worker, const struct ot_job *job)
{
	const struct ot_chunk *chunk = &job->chunk;
	struct ot_str rest = ot_buf_str(&chunk->bytes), line;
	struct ot_reading reading = job->reading;
	begin(worker, job);
	ot_tally_of(&worker->tallies, job->source)->lines += chunk->lines;
	if (chunk->offset == 0 && ot_str_starts(rest, OT_STR("\xef\xbb\xbf")))
		rest = ot_str_sub(rest, 3, rest.len);
	while (ot_line_next(&rest, &line)) {
		worker->offset = chunk->offset + (uint64_t)(line.ptr - chunk->bytes.data);
		if (chunk->cut || line.len > OT_LINE_MAX)
			quarantine_long(worker, ot_tally_of(&worker->tallies, job->source), line, chunk->cut ? chunk->length - 1 : line.len);
		else
			read_line(worker, &reading, line);
		worker->line_number++;
	}
	ot_redactor_reset(worker->redactor);
}

enum ot_outcome_of_line ot_worker_retry(struct ot_worker *worker, const struct ot_job *job, struct ot_str line, uint64_t offset)
{
	struct ot_reading reading = job->reading;
	struct ot_str reason;
	begin(worker, job);
	worker->offset = offset;
	worker->line_bytes = (uint32_t)line.len + 1;
	enum ot_outcome_of_line outcome = ot_line_read(worker->reader, &reading, line, take_record, worker, &reason);
	struct ot_tally *tally = ot_tally_of(&worker->tallies, job->source);
	if (outcome == OT_LINE_RECORDS)
		ot_format_count_add(tally->formats, worker->line_format, 1);
	else if (outcome == OT_LINE_IGNORED)
		tally->ignored++;
	return outcome;
}
