/* collector: what is said at the end of a run: a table or JSON on standard output, one line on standard error. */
#include "collect.h"
#include "pipeline.h"
#include <base/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 7, TABLE_ROWS_MAX = 200 };

struct sums {
	uint64_t sources, lines, records, ignored, quarantined;
};

static bool was_read(const struct ot_tracked *t) { return t->source.lines != t->was_lines || t->source.records != t->was_records; }

static struct sums sum(struct ot_collect *c)
{
	struct sums sums = { 0 };
	for (size_t i = 0; c->registry != NULL && i < ot_registry_count(c->registry); i++) {
		const struct ot_tracked *t = ot_registry_at(c->registry, i);
		if (t->source.lines == t->was_lines)
			continue;
		sums.sources++;
		sums.lines += t->source.lines - t->was_lines;
		sums.records += t->source.records - t->was_records;
		sums.ignored += t->source.ignored - t->was_ignored;
		sums.quarantined += t->source.quarantined - t->was_quarantined;
	}
	return sums;
}

/* --- the table --- */

static void put_time(struct ot_buf *out, int64_t time, bool there, const struct ot_zone *zone)
{
	if (there)
		ot_time_put_zoned(out, time, 0, zone);
	else
		ot_buf_char(out, '-');
}

static void put_cells(struct ot_buf cells[COLUMNS], const struct ot_tracked *t, const struct ot_zone *zone)
{
	const struct ot_source *s = &t->source;
	bool timed = s->time_first <= s->time_last;
	ot_text_display(&cells[0], s->path);
	ot_text_display(&cells[1], s->format.len > 0 ? s->format : OT_STR("-"));
	ot_count_put(&cells[2], s->lines - t->was_lines);
	ot_count_put(&cells[3], s->records - t->was_records);
	if (s->quarantined >= t->was_quarantined)
		ot_count_put(&cells[4], s->quarantined - t->was_quarantined);
	else
		ot_buf_printf(&cells[4], "-%llu", (unsigned long long)(t->was_quarantined - s->quarantined));
	put_time(&cells[5], s->time_first, timed, zone);
	put_time(&cells[6], s->time_last, timed, zone);
}

static const char *const titles[COLUMNS] = { "source", "format", "lines", "records", "quarantined", "first", "last" };
static const bool right[COLUMNS] = { false, false, true, true, true, false, false };

static void put_row(struct ot_buf *out, const struct ot_str cells[COLUMNS], const size_t widths[COLUMNS])
{
	for (size_t i = 0; i < COLUMNS; i++) {
		size_t width = ot_text_width(cells[i]), gap = widths[i] > width ? widths[i] - width : 0;
		if (right[i])
			ot_buf_printf(out, "%*s", (int)gap, "");
		ot_buf_str_put(out, cells[i]);
		if (i + 1 < COLUMNS)
			ot_buf_printf(out, "%*s", (int)((right[i] ? 0 : gap) + 2), "");
	}
	ot_buf_char(out, '\n');
}

static size_t rows_of_table(struct ot_collect *c, struct ot_tracked ***rows)
{
	size_t count = 0;
	*rows = ot_alloc((ot_registry_count(c->registry) + 1) * sizeof(struct ot_tracked *));
	for (size_t i = 0; i < ot_registry_count(c->registry); i++)
		if (was_read(ot_registry_at(c->registry, i)))
			(*rows)[count++] = ot_registry_at(c->registry, i);
	return count;
}

static void put_table(struct ot_collect *c, struct ot_buf *out)
{
	struct ot_tracked **rows;
	size_t count = rows_of_table(c, &rows), shown = count > TABLE_ROWS_MAX ? TABLE_ROWS_MAX : count;
	struct ot_buf(*cells)[COLUMNS] = ot_alloc_zero(shown + 1, sizeof(*cells));
	size_t widths[COLUMNS] = { 0 };
	for (size_t i = 0; i < shown + 1; i++) {
		for (size_t k = 0; i == 0 && k < COLUMNS; k++)
			ot_buf_text(&cells[0][k], titles[k]);
		if (i > 0)
			put_cells(cells[i], rows[i - 1], c->options->shown_zone);
		for (size_t k = 0; k < COLUMNS; k++)
			if (ot_text_width(ot_buf_str(&cells[i][k])) > widths[k])
				widths[k] = ot_text_width(ot_buf_str(&cells[i][k]));
	}
	for (size_t i = 0; i < shown + 1; i++) {
		struct ot_str texts[COLUMNS];
		for (size_t k = 0; k < COLUMNS; k++)
			texts[k] = ot_buf_str(&cells[i][k]);
		if (shown > 0)
			put_row(out, texts, widths);
		for (size_t k = 0; k < COLUMNS; k++)
			ot_buf_release(&cells[i][k]);
	}
	if (count > shown)
		ot_buf_printf(out, "and %zu more: onetrail source list shows all\n", count - shown);
	free(cells);
	free(rows);
}

/* --- JSON --- */

static void put_member(struct ot_buf *out, const char *name, struct ot_str text)
{
	ot_buf_printf(out, "%s\"%s\":", out->len > 0 && out->data[out->len - 1] != '{' ? "," : "", name);
	ot_text_json(out, text);
}

static void put_time_member(struct ot_buf *out, const char *name, int64_t time)
{
	ot_buf_printf(out, ",\"%s\":\"", name);
	ot_time_put(out, time, 9);
	ot_buf_char(out, '"');
}

static void put_json_source(struct ot_buf *out, const struct ot_tracked *t)
{
	const struct ot_source *s = &t->source;
	ot_buf_char(out, '{');
	put_member(out, "source", s->path);
	put_member(out, "source_key", s->key);
	put_member(out, "origin", s->origin);
	put_member(out, "origin_kind", ot_str_from(ot_enum_name(OT_ORIGIN_KIND, s->origin_kind)));
	put_member(out, "format", s->format);
	ot_buf_printf(out, ",\"lines\":%llu,\"records\":%llu,\"ignored\":%llu,\"quarantined\":%lld,\"position\":%llu",
	    (unsigned long long)(s->lines - t->was_lines), (unsigned long long)(s->records - t->was_records),
	    (unsigned long long)(s->ignored - t->was_ignored), (long long)(s->quarantined - t->was_quarantined), (unsigned long long)s->position);
	if (s->time_first <= s->time_last) {
		put_time_member(out, "time_first", s->time_first);
		put_time_member(out, "time_last", s->time_last);
	}
	if (s->cut_at >= 0)
		ot_buf_printf(out, ",\"cut_at\":%lld", (long long)s->cut_at);
	ot_buf_text(out, "}\n");
}

static void put_json(struct ot_collect *c, const struct sums *sums, struct ot_buf *out)
{
	for (size_t i = 0; i < ot_registry_count(c->registry); i++)
		if (was_read(ot_registry_at(c->registry, i)))
			put_json_source(out, ot_registry_at(c->registry, i));
	ot_buf_printf(out, "{\"summary\":{\"sources\":%llu,\"unchanged\":%zu,\"failed\":%zu,\"lines\":%llu,\"records\":%llu,\"ignored\":%llu,\"quarantined\":%lld}}\n",
	    (unsigned long long)sums->sources, c->files_unchanged, c->files_failed, (unsigned long long)sums->lines,
	    (unsigned long long)sums->records, (unsigned long long)sums->ignored, (long long)sums->quarantined);
}

/* --- CSV --- */

static void put_csv_source(struct ot_buf *out, const struct ot_tracked *t)
{
	const struct ot_source *s = &t->source;
	const struct ot_str texts[] = { s->path, s->key, s->origin, ot_str_from(ot_enum_name(OT_ORIGIN_KIND, s->origin_kind)), s->format };
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		ot_text_csv(out, texts[i]);
		ot_buf_char(out, ',');
	}
	ot_buf_printf(out, "%llu,%llu,%llu,%lld,%llu,", (unsigned long long)(s->lines - t->was_lines), (unsigned long long)(s->records - t->was_records),
	    (unsigned long long)(s->ignored - t->was_ignored), (long long)(s->quarantined - t->was_quarantined), (unsigned long long)s->position);
	if (s->time_first <= s->time_last)
		ot_time_put(out, s->time_first, 9);
	ot_buf_char(out, ',');
	if (s->time_first <= s->time_last)
		ot_time_put(out, s->time_last, 9);
	ot_buf_char(out, ',');
	if (s->cut_at >= 0)
		ot_buf_i64(out, s->cut_at);
	ot_buf_text(out, "\r\n");
}

/* The columns are the members of the JSON. */
static void put_csv(struct ot_collect *c, struct ot_buf *out)
{
	ot_buf_text(out, "source,source_key,origin,origin_kind,format,lines,records,ignored,quarantined,position,time_first,time_last,cut_at\r\n");
	for (size_t i = 0; i < ot_registry_count(c->registry); i++)
		if (was_read(ot_registry_at(c->registry, i)))
			put_csv_source(out, ot_registry_at(c->registry, i));
}

/* --- the line --- */

static void put_counted(struct ot_buf *out, uint64_t count, const char *one, const char *many)
{
	ot_count_put(out, count);
	ot_buf_printf(out, " %s", count == 1 ? one : many);
}

static void put_summary(struct ot_collect *c, const struct sums *sums, struct ot_buf *out)
{
	ot_buf_text(out, "collected ");
	put_counted(out, sums->records, "record", "records");
	ot_buf_text(out, " of ");
	put_counted(out, sums->lines, "line", "lines");
	ot_buf_text(out, " from ");
	put_counted(out, sums->sources, "source", "sources");
	ot_buf_printf(out, " in %.1f s", (double)(ot_time_now() - c->started) / 1e9);
	if ((int64_t)sums->quarantined > 0) {
		ot_buf_text(out, ": ");
		put_counted(out, sums->quarantined, "line", "lines");
		ot_buf_text(out, " in quarantine");
	}
	if (c->files_unchanged > 0) {
		ot_buf_text(out, "; ");
		put_counted(out, c->files_unchanged, "file", "files");
		ot_buf_text(out, " unchanged");
	}
	if (c->files_failed > 0) {
		ot_buf_text(out, "; ");
		put_counted(out, c->files_failed, "input", "inputs");
		ot_buf_text(out, " failed");
	}
}

void ot_collect_report(struct ot_collect *c)
{
	struct sums sums = sum(c);
	struct ot_buf out = { 0 }, line = { 0 };
	ot_progress_clear(&c->progress);
	if (c->options->json)
		put_json(c, &sums, &out);
	else if (c->options->csv)
		put_csv(c, &out);
	else if (!c->options->quiet)
		put_table(c, &out);
	if (out.len > 0)
		fwrite(out.data, 1, out.len, stdout);
	fflush(stdout);
	if (c->retried)
		ot_collect_note(c, "quarantine: %llu records taken in, %llu lines stay", (unsigned long long)c->retried_records, (unsigned long long)c->retried_left);
	put_summary(c, &sums, &line);
	if (c->files.count > 0)
		ot_collect_note(c, "%.*s", OT_STR_ARGS(ot_buf_str(&line)));
	ot_buf_release(&out);
	ot_buf_release(&line);
}
