/* Silences of made-up streams: what is missing is found to the minute, what is only rhythm is not. */
#include <base/time.h>
#include <lib/correlate/silence.h>
#include <math.h>
#include <stdlib.h>
#include <tests/test.h>

enum { DAY = 20000, HOUR = 60, DAY_MINUTES = OT_MINUTES_PER_DAY };
#define CHANCE 1e-6

static uint64_t seed;
static double uniform(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return ((double)(seed >> 11) + 0.5) / 9007199254740992.0;
}
static uint32_t poisson(double mean)
{
	if (mean > 200)
		return (uint32_t)(mean + sqrt(mean) * (uniform() + uniform() + uniform() + uniform() - 2) * 1.7);
	double limit = exp(-mean), product = uniform();
	uint32_t n = 0;
	for (; product > limit; n++)
		product *= uniform();
	return n;
}

/* Lines in minute `m` of day `day`. */
typedef uint32_t source_fn(int day, int m);

static uint32_t steady(int day, int m) { (void)day, (void)m; return 41; }
static uint32_t steady_poisson(int day, int m) { (void)day, (void)m; return poisson(41); }
static uint32_t slow(int day, int m) { (void)day, (void)m; return poisson(2); }
static uint32_t trickle(int day, int m) { (void)day, (void)m; return poisson(0.02); }
static uint32_t night(int day, int m) { (void)day; return poisson(15 * (1.001 - cos(6.28318 * m / DAY_MINUTES))); }
static uint32_t deep_night(int day, int m) { (void)day; return poisson(30 * pow(0.5 - 0.5 * cos(6.28318 * m / DAY_MINUTES), 6)); }
static uint32_t office(int day, int m) { (void)day; return m >= 8 * HOUR && m < 20 * HOUR ? poisson(20) : 0; }
static uint32_t weekdays(int day, int m) { return day % 7 < 5 ? office(day, m) : 0; }
static uint32_t cron(int day, int m) { (void)day; return m % 10 == 0 ? 500 : 0; }
static uint32_t batch(int day, int m) { (void)day; return m % HOUR < 5 ? poisson(100) : 0; }
static uint32_t daily(int day, int m) { (void)day; return m >= 120 && m < 125 ? 300 : 0; }
static uint32_t health(int day, int m) { (void)day; return m % 20 == 3; }
static int session_left, session_idle;
static uint32_t sessions(int day, int m)
{
	(void)day, (void)m;
	if (session_left > 0) {
		session_left--;
		return poisson(20);
	}
	if (session_idle-- > 0)
		return 0;
	session_idle = (int)(-30 * log(uniform()));
	session_left = 5;
	return 1;
}

struct hole {
	int day, from, to; /* minutes of the day */
};

static struct silences found(source_fn *source, int days, const struct hole *holes, size_t hole_count)
{
	struct rhythm r = { 0 };
	struct silences out;
	static struct ot_minutes minutes;
	for (int day = 0; day < days; day++) {
		for (int m = 0; m < DAY_MINUTES; m++) {
			minutes.records[m] = source(day, m);
			minutes.unread[m] = 0;
			for (size_t i = 0; i < hole_count; i++)
				if (holes[i].day == day && m >= holes[i].from && m < holes[i].to)
					minutes.records[m] = 0;
		}
		rhythm_add(&r, DAY + day, &minutes);
	}
	silences_find(&r, CHANCE, &out);
	rhythm_release(&r);
	return out;
}

static bool is_hole(const struct silence *s, const struct hole *h)
{
	int64_t begin = (int64_t)(DAY + h->day) * DAY_MINUTES;
	return s->from == begin + h->from && s->to == begin + h->to;
}

static void none_in(source_fn *source, int days)
{
	struct silences s = found(source, days, NULL, 0);
	CHECK_INT(s.count, 0);
	for (size_t i = 0; i < s.count; i++)
		fprintf(stderr, "  day %d minute %d for %d, usually %.1f\n", (int)(s.items[i].from / DAY_MINUTES - DAY),
			(int)(s.items[i].from % DAY_MINUTES), (int)(s.items[i].to - s.items[i].from), s.items[i].usual);
	silences_release(&s);
}

static void a_hole_in_a_steady_stream_is_found_to_the_minute(void)
{
	struct hole hole = { 0, 130, 146 };
	for (int days = 1; days < 20; days += 6) {
		struct silences s = found(steady, days, &hole, 1);
		CHECK_INT(s.count, 1);
		CHECK(s.count == 1 && is_hole(&s.items[0], &hole));
		CHECK(s.count == 1 && s.items[0].usual > 40.9 && s.items[0].usual < 41.1);
		silences_release(&s);
	}
}

static void several_holes_do_not_excuse_each_other(void)
{
	struct hole holes[] = { { 0, 130, 146 }, { 0, 150, 170 }, { 0, 900, 916 }, { 1, 130, 146 }, { 1, 700, 1000 }, { 2, 1439, 1440 } };
	struct silences s = found(steady_poisson, 4, holes, 6);
	CHECK_INT(s.count, 6);
	for (size_t i = 0; i < s.count && i < 6; i++)
		CHECK(is_hole(&s.items[i], &holes[i]));
	silences_release(&s);
}

static void a_hole_in_a_short_log_is_found(void)
{
	struct rhythm r = { 0 };
	struct ot_minutes minutes = { 0 };
	for (int m = 0; m < 40; m++)
		minutes.records[m + 100] = m >= 12 && m < 28 ? 0 : 41;
	rhythm_add(&r, DAY, &minutes);
	struct silences s;
	silences_find(&r, CHANCE, &s);
	CHECK_INT(s.count, 1);
	silences_release(&s);
	rhythm_release(&r);
}

static void a_daytime_hole_in_a_stream_with_nights_is_found(void)
{
	struct hole hole = { 3, 12 * HOUR, 12 * HOUR + 30 };
	source_fn *const sources[] = { night, deep_night, office, weekdays };
	for (size_t i = 0; i < 4; i++) {
		struct silences s = found(sources[i], i < 3 ? 10 : 19, &hole, 1);
		CHECK_INT(s.count, 1);
		CHECK(s.count == 1 && is_hole(&s.items[0], &hole));
		silences_release(&s);
	}
}

static void missed_batches_are_found(void)
{
	struct hole hole = { 1, 5, 8 * HOUR }; /* seven batches */
	struct silences s = found(batch, 3, &hole, 1);
	CHECK_INT(s.count, 1);
	silences_release(&s);
	struct hole runs = { 1, 1, 5 * HOUR }; /* thirty runs of cron */
	s = found(cron, 3, &runs, 1);
	CHECK_INT(s.count, 1);
	silences_release(&s);
}

static void rhythm_is_no_gap(void)
{
	source_fn *const sources[] = { steady, steady_poisson, slow, trickle, night, deep_night, cron, batch, daily, health, sessions };
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		for (int round = 0; round < 6; round++) {
			seed = (uint64_t)round * 77 + i;
			none_in(sources[i], 1 + round * 3);
		}
	none_in(office, 3);
	none_in(office, 10);
	none_in(weekdays, 21);
}

static void a_stray_line_makes_no_rate(void)
{
	struct rhythm r = { 0 };
	struct ot_minutes minutes = { 0 };
	minutes.records[3] = 1;
	rhythm_add(&r, 0, &minutes); /* 1970 */
	minutes.records[3] = 0;
	for (int m = 0; m < DAY_MINUTES; m++)
		minutes.records[m] = 41;
	rhythm_add(&r, DAY, &minutes);
	struct silences s;
	silences_find(&r, CHANCE, &s);
	CHECK_INT(s.count, 0);
	silences_release(&s);
	rhythm_release(&r);
}

static void the_end_of_a_stream_is_silence_only_where_lines_were_due(void)
{
	struct rhythm r = { 0 }, few = { 0 };
	struct ot_minutes minutes = { 0 };
	minutes.records[700] = 3;
	rhythm_add(&few, DAY, &minutes);
	for (int m = 0; m < DAY_MINUTES; m++)
		minutes.records[m] = (uint32_t)(m % 10 == 0 ? 5 : 0);
	rhythm_add(&r, DAY, &minutes);
	int64_t first, last;
	CHECK(rhythm_extent(&r, &first, &last));
	CHECK_INT(last, (int64_t)DAY * DAY_MINUTES + 1430);
	CHECK(!silence_at_edge(&r, last + 1, last + 30, CHANCE));
	CHECK(silence_at_edge(&r, last + 1, last + 600, CHANCE));
	CHECK(silence_at_edge(&r, first - 600, first, CHANCE));
	CHECK(rhythm_extent(&few, &first, &last));
	CHECK(!silence_at_edge(&few, last + 1, last + 600, CHANCE));
	CHECK(silence_at_edge(&few, last + 1, last + 6000, CHANCE));
	rhythm_release(&r);
	rhythm_release(&few);
}

int main(void)
{
	seed = 7;
	RUN(a_hole_in_a_steady_stream_is_found_to_the_minute);
	RUN(several_holes_do_not_excuse_each_other);
	RUN(a_hole_in_a_short_log_is_found);
	RUN(a_daytime_hole_in_a_stream_with_nights_is_found);
	RUN(missed_batches_are_found);
	RUN(rhythm_is_no_gap);
	RUN(a_stray_line_makes_no_rate);
	RUN(the_end_of_a_stream_is_silence_only_where_lines_were_due);
	return test_end();
}
