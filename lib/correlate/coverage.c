/* What is missing, in numbers and in words. */
#include "cover.h"
#include <correlate/coverage.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct teller {
	struct cover cover;
	struct ot_coverage *out;
	struct ot_gap *gaps;
	size_t count, cap;
	bool several_days; /* in the window: words give dates */
	double missing;
};

/* --- words --- */

static bool shares_origin(const struct cover *c, const struct cover_stream *s)
{
	for (size_t i = 0; i < c->stream_count; i++)
		if (&c->streams[i] != s && ot_str_eq(c->streams[i].origin, s->origin))
			return true;
	return false;
}

/* The origin, with the format where it has several logs. */
static void put_stream(struct ot_buf *words, const struct cover *c, const struct cover_stream *s)
{
	ot_buf_str_put(words, s->origin);
	if (s->format.len > 0 && shares_origin(c, s))
		ot_buf_printf(words, " (%.*s)", OT_STR_ARGS(s->format));
	ot_buf_text(words, ": ");
}

static void put_clock(struct ot_buf *words, int64_t minute, bool with_date)
{
	struct ot_civil civil;
	ot_time_to_civil(minute * COVER_MINUTE_NS, &civil);
	if (with_date)
		ot_buf_printf(words, "%04d-%02d-%02d ", civil.year, civil.month, civil.day);
	ot_buf_printf(words, "%02d:%02d", civil.hour, civil.minute);
}

/* "02:10–02:26Z", "2026-03-14 02:10–02:26Z", "2026-03-14 22:00 – 2026-03-15 03:00Z". */
static void put_span(struct ot_buf *words, int64_t from, int64_t to, bool with_date)
{
	bool same_day = ot_time_day(from * COVER_MINUTE_NS) == ot_time_day((to - 1) * COVER_MINUTE_NS);
	put_clock(words, from, with_date || !same_day);
	ot_buf_text(words, same_day ? "–" : " – ");
	put_clock(words, to, !same_day);
	ot_buf_char(words, 'Z');
}

static void put_number(struct ot_buf *words, double number)
{
	if (number >= 9.95 || fabs(number - round(number)) < 0.05)
		ot_buf_printf(words, "%.0f", number);
	else
		ot_buf_printf(words, "%.1f", number);
}

static void put_rate(struct ot_buf *words, double a_minute)
{
	static const struct {
		double minutes;
		const char *words;
	} units[] = { { 1, "a minute" }, { 60, "an hour" }, { 1440, "a day" } };
	size_t unit = 0;
	while (unit < 2 && a_minute * units[unit].minutes < 0.95)
		unit++;
	put_number(words, a_minute * units[unit].minutes);
	ot_buf_printf(words, " %s", units[unit].words);
}

/* --- gaps --- */

static struct ot_gap *add_gap(struct teller *t, enum ot_gap_kind kind, const struct cover_stream *s, int64_t since, int64_t until)
{
	if (t->count == t->cap) {
		t->cap = t->cap == 0 ? 16 : t->cap * 2;
		t->gaps = ot_realloc(t->gaps, t->cap * sizeof(*t->gaps));
	}
	struct ot_gap *gap = &t->gaps[t->count++];
	*gap = (struct ot_gap){ .kind = kind, .since = since, .until = until };
	gap->origin = ot_arena_str(&t->out->arena, s->origin);
	gap->format = ot_arena_str(&t->out->arena, s->format);
	return gap;
}

static void finish_words(struct teller *t, struct ot_gap *gap, struct ot_buf *words)
{
	gap->words = ot_arena_str(&t->out->arena, ot_buf_str(words));
	ot_buf_release(words);
}

static int64_t minute_time(int64_t minute) { return minute * COVER_MINUTE_NS; }

static void tell_silences(struct teller *t, const struct cover_stream *s)
{
	const struct cover *c = &t->cover;
	for (size_t i = 0; i < s->silences.count; i++) {
		const struct silence *silence = &s->silences.items[i];
		int64_t from = silence->from > c->since ? silence->from : c->since, to = silence->to < c->until ? silence->to : c->until;
		if (from >= to)
			continue;
		struct ot_gap *gap = add_gap(t, OT_GAP_SILENT, s, minute_time(silence->from), minute_time(silence->to));
		double missing = silence->usual * (double)(to - from);
		gap->usual_a_minute = silence->usual;
		gap->missing = (uint64_t)llround(missing);
		t->missing += missing;
		struct ot_buf words = { 0 };
		put_stream(&words, c, s);
		ot_buf_text(&words, "no line ");
		put_span(&words, silence->from, silence->to, t->several_days);
		ot_buf_text(&words, " (usually ");
		put_rate(&words, silence->usual);
		ot_buf_char(&words, ')');
		finish_words(t, gap, &words);
	}
}

static void tell_unknown(struct teller *t, const struct cover_stream *s, int64_t since, int64_t until, int64_t edge, const char *side)
{
	struct ot_gap *gap = add_gap(t, OT_GAP_UNKNOWN, s, since, until);
	struct ot_buf words = { 0 };
	put_stream(&words, &t->cover, s);
	ot_buf_printf(&words, "nothing known %s ", side);
	put_clock(&words, edge, true);
	ot_buf_char(&words, 'Z');
	finish_words(t, gap, &words);
}

/* Nobody can say how many lines there were, or whether any: the share is of what is known. */
static void tell_edges(struct teller *t, const struct cover_stream *s)
{
	const struct cover *c = &t->cover;
	const struct ot_coverage_scope *scope = c->scope;
	int64_t first, last;
	if (!rhythm_extent(&s->rhythm, &first, &last))
		return;
	if (c->since != INT64_MIN && silence_at_edge(&s->rhythm, c->since, first, OT_GAP_CHANCE))
		tell_unknown(t, s, scope->since, first < c->until ? minute_time(first) : scope->until, first, "before");
	if (c->until != INT64_MAX && silence_at_edge(&s->rhythm, last + 1, c->until, OT_GAP_CHANCE))
		tell_unknown(t, s, last >= c->since ? minute_time(last + 1) : scope->since, scope->until, last, "after");
}

/* Lines without any time around them are in no minute, and belong to every question that asks about all time. */
static uint64_t unread_without_time(const struct cover *c, const struct cover_stream *s)
{
	uint64_t unread = 0;
	for (size_t i = 0; c->since == INT64_MIN && c->until == INT64_MAX && i < c->snapshot->source_count; i++)
		if (c->stream_of[i] != SIZE_MAX && &c->streams[c->stream_of[i]] == s && !c->has_minutes[i])
			unread += c->snapshot->sources[i].quarantined;
	return unread;
}

static void tell_unread(struct teller *t, struct cover_stream *s)
{
	bool dated = s->unread > 0;
	s->unread += unread_without_time(&t->cover, s);
	if (s->unread == 0)
		return;
	struct ot_gap *gap = add_gap(t, OT_GAP_UNREAD, s, dated ? minute_time(s->unread_first) : OT_TIME_MIN,
	    dated ? minute_time(s->unread_last + 1) : OT_TIME_MAX);
	gap->missing = s->unread;
	struct ot_buf words = { 0 };
	put_stream(&words, &t->cover, s);
	if (s->origin_kind == OT_KIND_WIRE) /* holes, halves of exchanges, packets that are not understood, connections from before */
		ot_buf_printf(&words, "%llu %s of traffic not seen or not understood", (unsigned long long)s->unread, s->unread == 1 ? "piece" : "pieces");
	else
		ot_buf_printf(&words, "%llu %s unread (quarantine)", (unsigned long long)s->unread, s->unread == 1 ? "line" : "lines");
	finish_words(t, gap, &words);
}

static struct ot_str file_name(struct ot_str path)
{
	size_t from = path.len;
	while (from > 0 && path.ptr[from - 1] != '/')
		from--;
	return ot_str_sub(path, from, path.len);
}

/* What was behind the cut came after the last line that was read, nobody knows how long. */
static void tell_cut(struct teller *t, const struct ot_source *source, const struct cover_stream *s)
{
	const struct ot_coverage_scope *scope = t->cover.scope;
	bool dated = source->time_first <= source->time_last;
	if (dated && (scope->until <= source->time_first || scope->since > source->time_last + OT_NS_PER_DAY))
		return;
	struct ot_gap *gap = add_gap(t, OT_GAP_CUT, s, dated ? source->time_last : OT_TIME_MIN, dated ? source->time_last : OT_TIME_MAX);
	struct ot_buf words = { 0 };
	put_stream(&words, &t->cover, s);
	ot_buf_printf(&words, "%.*s was cut at byte %lld", OT_STR_ARGS(file_name(source->path)), (long long)source->cut_at);
	finish_words(t, gap, &words);
}

static int compare_gaps(const void *pa, const void *pb)
{
	const struct ot_gap *a = pa, *b = pb;
	if (a->since != b->since)
		return a->since < b->since ? -1 : 1;
	int order = ot_str_cmp(a->origin, b->origin);
	if (order == 0)
		order = ot_str_cmp(a->format, b->format);
	if (order == 0)
		order = (a->kind > b->kind) - (a->kind < b->kind);
	return order != 0 ? order : ot_str_cmp(a->words, b->words);
}

static void find_days(struct teller *t)
{
	const struct cover *c = &t->cover;
	int64_t since = c->since, until = c->until, low = INT64_MAX, high = INT64_MIN, first, last;
	for (size_t i = 0; i < c->stream_count; i++)
		if (rhythm_extent(&c->streams[i].rhythm, &first, &last)) {
			low = first < low ? first : low;
			high = last > high ? last : high;
		}
	since = since == INT64_MIN ? low : since;
	until = until == INT64_MAX ? high : until - 1;
	t->several_days = since <= until && ot_time_day(minute_time(since)) != ot_time_day(minute_time(until));
}

static void tell(struct teller *t)
{
	struct cover *c = &t->cover;
	struct ot_coverage *out = t->out;
	find_days(t);
	for (size_t i = 0; i < c->stream_count; i++) {
		struct cover_stream *s = &c->streams[i];
		tell_silences(t, s);
		tell_edges(t, s);
		tell_unread(t, s);
		out->read += s->read;
		out->unread += s->unread;
		out->quarantined += s->origin_kind == OT_KIND_WIRE ? 0 : s->unread;
	}
	for (size_t i = 0; i < c->snapshot->source_count; i++)
		if (c->stream_of[i] != SIZE_MAX && c->snapshot->sources[i].cut_at >= 0)
			tell_cut(t, &c->snapshot->sources[i], &c->streams[c->stream_of[i]]);
	if (t->count > 1)
		qsort(t->gaps, t->count, sizeof(*t->gaps), compare_gaps);
	out->missing = (uint64_t)llround(t->missing);
	double expected = (double)out->read + (double)out->unread + t->missing;
	out->share = expected > 0 ? (double)out->read / expected : t->count > 0 ? 0 : 1; /* of nothing known, nothing is covered */
}

enum ot_status ot_coverage_of(struct ot_coverage *out, struct ot_store *store, const struct ot_snapshot *snapshot, const struct ot_coverage_scope *scope, struct ot_err *err)
{
	struct teller t = { .cover = { .store = store, .snapshot = snapshot, .scope = scope }, .out = out };
	*out = (struct ot_coverage){ .share = 1 };
	enum ot_status status = cover_load(&t.cover, err);
	if (status == OT_OK) {
		tell(&t);
		struct ot_gap *gaps = ot_arena_zero(&out->arena, t.count, sizeof(*gaps));
		if (t.count > 0)
			memcpy(gaps, t.gaps, t.count * sizeof(*gaps));
		out->gaps = gaps;
		out->gap_count = t.count;
	}
	free(t.gaps);
	cover_release(&t.cover);
	return status;
}

void ot_coverage_release(struct ot_coverage *coverage)
{
	ot_arena_release(&coverage->arena);
	*coverage = (struct ot_coverage){ 0 };
}
