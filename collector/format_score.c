/* collector: how well each format reads some lines. */
#include "line_reader.h"
#include <stdlib.h>

struct counted {
	unsigned fields;
	bool first;
};

static void count_fields(void *context, struct ot_draft *draft, const struct ot_format *format, unsigned item)
{
	struct counted *c = context;
	(void)format;
	if (item > 0)
		return;
	for (size_t i = 0; i < sizeof(draft->record.present) / sizeof(draft->record.present[0]); i++)
		c->fields += (unsigned)__builtin_popcountll(draft->record.present[i]);
	const struct ot_str beside[] = { draft->target, draft->traceparent, draft->query };
	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++)
		c->fields += beside[i].ptr != NULL;
}

static int by_score(const void *a, const void *b)
{
	const struct ot_score *x = a, *y = b;
	if (x->lines != y->lines)
		return x->lines > y->lines ? -1 : 1;
	if (x->format->rank != y->format->rank)
		return x->format->rank > y->format->rank ? -1 : 1;
	return x->fields != y->fields ? (x->fields > y->fields ? -1 : 1) : (int)x->format->index - (int)y->format->index;
}

size_t ot_format_scores(struct ot_line_reader *reader, const struct ot_str *lines, size_t count, struct ot_score *out, size_t max)
{
	struct ot_score *all = ot_alloc_zero(reader->set->count + 1, sizeof(*all));
	size_t n = 0;
	reader->only_detected = true;
	for (size_t f = 0; f < reader->set->count; f++) {
		struct ot_reading reading = { .said = reader->set->formats[f] };
		struct ot_score score = { .format = reading.said };
		if (reading.said->wrapper)
			continue;
		for (size_t i = 0; i < count; i++) {
			struct counted c = { 0 };
			if (ot_line_read(reader, &reading, lines[i], count_fields, &c, NULL) == OT_LINE_RECORDS) {
				score.lines++;
				score.fields += c.fields;
			}
		}
		if (score.lines > 0)
			all[n++] = score;
	}
	reader->only_detected = false;
	qsort(all, n, sizeof(*all), by_score);
	for (size_t i = 0; i < n && i < max; i++)
		out[i] = all[i];
	free(all);
	return n < max ? n : max;
}
