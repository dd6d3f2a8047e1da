/* Coverage of made-up stores: numbers, and the words that people read. */
#include <base/file.h>
#include <base/time.h>
#include <correlate/coverage.h>
#include <stdlib.h>
#include <tests/test.h>

static char dir[64];
static struct ot_store *store;
static struct ot_snapshot snapshot;
static struct ot_err err;
static int64_t march; /* day 2026-03-12 */

static void store_new(void)
{
	snprintf(dir, sizeof(dir), "/tmp/ot-cover-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
	CHECK_INT(ot_store_open(&store, dir, OT_STORE_WRITE, &err), OT_OK);
	march = ot_days_from_civil(2026, 3, 12);
}
static void store_end(void)
{
	ot_snapshot_release(&snapshot);
	ot_store_close(store);
	CHECK_INT(ot_dir_remove(dir, &err), OT_OK);
}

static int64_t at(int day, int hour, int minute)
{
	return (march + day) * OT_NS_PER_DAY + (hour * 60 + minute) * 60 * OT_NS_PER_S;
}

/* A log that writes `rate` lines a minute in [from, to), but not in [hole_from, hole_to). */
struct made {
	const char *key, *origin, *format, *path;
	uint32_t rate;
	int64_t from, to, hole_from, hole_to;
	uint32_t unread; /* in its first minute */
	int64_t cut_at;	 /* 0: whole */
};

static void make(const struct made *m)
{
	struct ot_commit *commit;
	int64_t id;
	struct ot_source s = { .key = ot_str_from(m->key), .path = ot_str_from(m->path), .origin = ot_str_from(m->origin), .format = ot_str_from(m->format) };
	s.zone = OT_STR("");
	s.time_first = m->from;
	s.time_last = m->to - 1;
	s.cut_at = m->cut_at == 0 ? -1 : m->cut_at;
	s.quarantined = m->unread;
	CHECK_INT(ot_commit_begin(&commit, store, &err), OT_OK);
	CHECK_INT(ot_commit_source(commit, &s, NULL, 0, &err), OT_OK);
	for (int64_t day = ot_time_day(m->from); day <= ot_time_day(m->to - 1); day++) {
		static struct ot_minutes minutes;
		memset(&minutes, 0, sizeof(minutes));
		for (int i = 0; i < OT_MINUTES_PER_DAY; i++) {
			int64_t time = day * OT_NS_PER_DAY + i * 60 * OT_NS_PER_S;
			bool written = time >= m->from && time < m->to && !(time >= m->hole_from && time < m->hole_to);
			minutes.records[i] = written ? m->rate : 0;
			minutes.unread[i] = time == m->from ? m->unread : 0;
		}
		CHECK_INT(ot_commit_minutes(commit, s.id, day, &minutes, &err), OT_OK);
	}
	CHECK_INT(ot_commit_finish(commit, &id, &err), OT_OK);
}

static struct ot_coverage coverage(int64_t since, int64_t until)
{
	struct ot_coverage c;
	struct ot_coverage_scope scope = { .since = since, .until = until };
	ot_snapshot_release(&snapshot);
	CHECK_INT(ot_snapshot_open(&snapshot, store, 0, &err), OT_OK);
	CHECK_INT(ot_coverage_of(&c, store, &snapshot, &scope, &err), OT_OK);
	return c;
}

static void expect(int64_t since, int64_t until, size_t count, const char *const *words)
{
	struct ot_coverage c = coverage(since, until);
	CHECK_INT(c.gap_count, count);
	for (size_t i = 0; i < c.gap_count && i < count; i++)
		CHECK_STR(c.gaps[i].words, words[i]);
	ot_coverage_release(&c);
}
#define EXPECT(since, until, ...) \
	expect(since, until, sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *), (const char *[]){ __VA_ARGS__ })

static void an_empty_store_misses_nothing(void)
{
	store_new();
	struct ot_coverage c = coverage(OT_TIME_MIN, OT_TIME_MAX);
	CHECK(c.share == 1);
	CHECK_INT(c.gap_count, 0);
	ot_coverage_release(&c);
	store_end();
}

static void a_silence_is_told_with_its_rhythm(void)
{
	store_new();
	make(&(struct made){ "aaaaaaaaaa", "nginx-edge", "nginx", "/var/log/a.log", 41, at(0, 0, 0), at(1, 0, 0), at(0, 2, 10), at(0, 2, 26), 0, 0 });
	make(&(struct made){ "bbbbbbbbbb", "kong-2", "kong", "/var/log/b.log", 5, at(0, 0, 0), at(1, 0, 0), 0, 0, 0, 0 });
	EXPECT(OT_TIME_MIN, OT_TIME_MAX, "nginx-edge: no line 02:10–02:26Z (usually 41 a minute)");
	EXPECT(at(0, 0, 0), at(1, 0, 0), "nginx-edge: no line 02:10–02:26Z (usually 41 a minute)");
	EXPECT(at(0, 2, 20), at(0, 3, 0), "nginx-edge: no line 02:10–02:26Z (usually 41 a minute)");
	expect(at(0, 2, 26), at(0, 12, 0), 0, NULL);
	expect(at(0, 0, 0), at(0, 2, 10), 0, NULL);
	struct ot_coverage c = coverage(at(0, 0, 0), at(1, 0, 0));
	CHECK_INT(c.read, 41 * (1440 - 16) + 5 * 1440);
	CHECK_INT(c.missing, 41 * 16);
	CHECK_INT(c.gaps[0].kind, OT_GAP_SILENT);
	CHECK_INT(c.gaps[0].since, at(0, 2, 10));
	CHECK_INT(c.gaps[0].until, at(0, 2, 26));
	CHECK(c.share > 0.9899 && c.share < 0.9902);
	ot_coverage_release(&c);
	store_end();
}

static void words_have_dates_where_days_differ(void)
{
	store_new();
	make(&(struct made){ "aaaaaaaaaa", "edge", "nginx", "/a.log", 41, at(0, 0, 0), at(3, 0, 0), at(1, 2, 10), at(1, 2, 26), 0, 0 });
	make(&(struct made){ "bbbbbbbbbb", "kong", "kong", "/b.log", 2, at(0, 0, 0), at(3, 0, 0), at(1, 22, 0), at(2, 3, 0), 0, 0 });
	EXPECT(OT_TIME_MIN, OT_TIME_MAX, "edge: no line 2026-03-13 02:10–02:26Z (usually 41 a minute)",
	    "kong: no line 2026-03-13 22:00 – 2026-03-14 03:00Z (usually 2 a minute)");
	EXPECT(at(1, 0, 0), at(1, 12, 0), "edge: no line 02:10–02:26Z (usually 41 a minute)");
	store_end();
}

static void beyond_its_lines_nothing_is_known(void)
{
	store_new();
	make(&(struct made){ "aaaaaaaaaa", "kong-2", "kong", "/a.log", 41, at(0, 10, 0), at(0, 20, 0), 0, 0, 0, 0 });
	EXPECT(at(0, 0, 0), at(1, 0, 0), "kong-2: nothing known before 2026-03-12 10:00Z", "kong-2: nothing known after 2026-03-12 19:59Z");
	EXPECT(at(30, 0, 0), at(31, 0, 0), "kong-2: nothing known after 2026-03-12 19:59Z");
	EXPECT(at(-30, 0, 0), at(-29, 0, 0), "kong-2: nothing known before 2026-03-12 10:00Z");
	expect(OT_TIME_MIN, OT_TIME_MAX, 0, NULL);
	expect(at(0, 10, 0), OT_TIME_MAX, 0, NULL);
	expect(at(0, 10, 0), at(0, 20, 0), 0, NULL);
	struct ot_coverage c = coverage(at(0, 0, 0), at(1, 0, 0));
	CHECK(c.share == 1);
	ot_coverage_release(&c);
	store_end();
}

static void unread_and_cut_are_told(void)
{
	store_new();
	make(&(struct made){ "aaaaaaaaaa", "kong-2", "kong", "/a.log", 41, at(0, 10, 0), at(0, 20, 0), 0, 0, 12, 0 });
	make(&(struct made){ "bbbbbbbbbb", "haproxy", "haproxy", "/logs/edge.log.gz", 41, at(0, 10, 0), at(0, 20, 0), 0, 0, 0, 123456 });
	EXPECT(OT_TIME_MIN, OT_TIME_MAX, "kong-2: 12 lines unread (quarantine)", "haproxy: edge.log.gz was cut at byte 123456");
	EXPECT(at(0, 15, 0), at(0, 20, 0), "haproxy: edge.log.gz was cut at byte 123456");
	struct ot_coverage c = coverage(OT_TIME_MIN, OT_TIME_MAX);
	CHECK_INT(c.quarantined, 12);
	CHECK_INT(c.unread, 12);
	CHECK(c.share < 1);
	ot_coverage_release(&c);
	store_end();
}

static void rotated_files_are_one_stream_and_two_formats_are_two(void)
{
	store_new();
	make(&(struct made){ "aaaaaaaaaa", "edge", "nginx", "/a.log.1", 41, at(0, 0, 0), at(0, 12, 0), 0, 0, 0, 0 });
	make(&(struct made){ "bbbbbbbbbb", "edge", "nginx", "/a.log", 41, at(0, 12, 30), at(1, 0, 0), 0, 0, 0, 0 });
	EXPECT(OT_TIME_MIN, OT_TIME_MAX, "edge: no line 12:00–12:30Z (usually 41 a minute)");
	make(&(struct made){ "cccccccccc", "edge", "combined", "/c.log", 41, at(0, 0, 0), at(1, 0, 0), 0, 0, 0, 0 });
	EXPECT(OT_TIME_MIN, OT_TIME_MAX, "edge (nginx): no line 12:00–12:30Z (usually 41 a minute)");
	store_end();
}

static bool keep_kong(void *context, struct ot_str origin, int64_t kind, struct ot_str format, struct ot_str source)
{
	(void)context, (void)kind, (void)format, (void)source;
	return ot_str_eq(origin, OT_STR("kong"));
}

static void only_what_the_question_is_about_counts(void)
{
	store_new();
	make(&(struct made){ "aaaaaaaaaa", "edge", "nginx", "/a.log", 41, at(0, 0, 0), at(1, 0, 0), at(0, 2, 0), at(0, 3, 0), 0, 0 });
	make(&(struct made){ "bbbbbbbbbb", "kong", "kong", "/b.log", 2, at(0, 0, 0), at(1, 0, 0), 0, 0, 0, 0 });
	struct ot_coverage c;
	struct ot_coverage_scope scope = { OT_TIME_MIN, OT_TIME_MAX, keep_kong, NULL };
	CHECK_INT(ot_snapshot_open(&snapshot, store, 0, &err), OT_OK);
	CHECK_INT(ot_coverage_of(&c, store, &snapshot, &scope, &err), OT_OK);
	CHECK_INT(c.gap_count, 0);
	CHECK_INT(c.read, 2880);
	ot_coverage_release(&c);
	store_end();
}

/* An hour of a month is judged by the whole month's rhythm, and a silence longer than what is loaded at first is seen whole. */
static void long_silences_are_seen_from_within(void)
{
	store_new();
	make(&(struct made){ "aaaaaaaaaa", "edge", "nginx", "/a.log", 3, at(0, 0, 0), at(90, 0, 0), at(10, 0, 0), at(80, 0, 0), 0, 0 });
	EXPECT(at(45, 0, 0), at(45, 1, 0), "edge: no line 2026-03-22 00:00 – 2026-05-31 00:00Z (usually 3 a minute)");
	store_end();
}

static char told[4096];
static enum ot_status take_hour(void *context, const struct ot_coverage_hour *h, struct ot_err *e)
{
	(void)context, (void)e;
	size_t len = strlen(told);
	snprintf(told + len, sizeof(told) - len, "%lld %.*s %.*s %llu %llu %llu\n", (long long)((h->since - at(0, 0, 0)) / 60 / OT_NS_PER_S),
	    OT_STR_ARGS(h->origin), OT_STR_ARGS(h->source), (unsigned long long)h->records, (unsigned long long)h->unread, (unsigned long long)h->missing);
	return OT_OK;
}

static void hours_hold_what_was_read_and_what_is_missing(void)
{
	store_new();
	make(&(struct made){ "aaaaaaaaaa", "edge", "nginx", "/a.log.1", 10, at(0, 0, 0), at(0, 2, 0), 0, 0, 7, 0 });
	make(&(struct made){ "bbbbbbbbbb", "edge", "nginx", "/a.log", 10, at(0, 2, 30), at(0, 4, 0), 0, 0, 0, 0 });
	make(&(struct made){ "cccccccccc", "kong", "kong", "/c.log", 1, at(0, 0, 0), at(0, 4, 0), 0, 0, 0, 0 });
	struct ot_coverage_scope scope = { .since = at(0, 0, 0), .until = at(0, 3, 0) };
	CHECK_INT(ot_snapshot_open(&snapshot, store, 0, &err), OT_OK);
	told[0] = '\0';
	CHECK_INT(ot_coverage_hours(store, &snapshot, &scope, 3600 * OT_NS_PER_S, false, take_hour, NULL, &err), OT_OK);
	CHECK_STR(ot_str_from(told), "0 edge  600 7 0\n0 kong  60 0 0\n60 edge  600 0 0\n60 kong  60 0 0\n120 edge  300 0 300\n120 kong  60 0 0\n");
	told[0] = '\0';
	CHECK_INT(ot_coverage_hours(store, &snapshot, &scope, 3600 * OT_NS_PER_S, true, take_hour, NULL, &err), OT_OK);
	CHECK_STR(ot_str_from(told), "0 edge /a.log.1 600 7 0\n0 kong /c.log 60 0 0\n60 edge /a.log.1 600 0 0\n60 kong /c.log 60 0 0\n"
				     "120 edge /a.log 300 0 0\n120 edge /a.log.1 0 0 300\n120 kong /c.log 60 0 0\n");
	store_end();
}

int main(void)
{
	RUN(an_empty_store_misses_nothing);
	RUN(a_silence_is_told_with_its_rhythm);
	RUN(words_have_dates_where_days_differ);
	RUN(beyond_its_lines_nothing_is_known);
	RUN(unread_and_cut_are_told);
	RUN(rotated_files_are_one_stream_and_two_formats_are_two);
	RUN(only_what_the_question_is_about_counts);
	RUN(long_silences_are_seen_from_within);
	RUN(hours_hold_what_was_read_and_what_is_missing);
	return test_end();
}
