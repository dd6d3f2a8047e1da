#include "silence.h"
#include <base/err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Sides of a silence are looked at this far, farther where they hold too little to tell a rate. */
static const int64_t side_minutes[] = { 60, 240, 1440 };
enum { SIDES = sizeof(side_minutes) / sizeof(side_minutes[0]) };
#define SIDE_LINES_MIN 10.0  /* lines, */
#define SIDE_BURSTS_MIN 5.0  /* and bursts, that make a rate */
#define SPARSE_SHARE 0.2     /* of minutes without lines: those between come in bursts */
#define QUIET_SHARE 0.5	     /* of the time in like silences: silence is what the stream mostly does */
#define FALL_SIGMAS 2.0	     /* a fall by so much is no chance */
/* A stream is regular where its silences within a day are nearly alike; then one of several times their length is no chance. */
#define REGULAR_MOST 1.5     /* times the mean: the longest */
enum { NIGHT_MINUTES = 120, OTHER_DAYS = 14, OTHER_DAYS_MIN = 3, REGULAR_RUNS_MIN = 12, REGULAR_TIMES = 4, HALF_HOUR = 30 };

void rhythm_release(struct rhythm *rhythm)
{
	free(rhythm->days);
	free(rhythm->lines);
	*rhythm = (struct rhythm){ 0 };
}

void silences_release(struct silences *silences)
{
	free(silences->items);
	*silences = (struct silences){ 0 };
}

/* Place of the first day that is not before `day`. */
static size_t rhythm_place(const struct rhythm *r, int64_t day)
{
	size_t low = 0, high = r->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (r->days[middle] < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void rhythm_add(struct rhythm *r, int64_t day, const struct ot_minutes *minutes)
{
	size_t at = rhythm_place(r, day);
	if (at == r->count || r->days[at] != day) {
		if (r->count == r->cap) {
			r->cap = r->cap == 0 ? 8 : r->cap * 2;
			r->days = ot_realloc(r->days, r->cap * sizeof(*r->days));
			r->lines = ot_realloc(r->lines, r->cap * sizeof(*r->lines));
		}
		memmove(r->days + at + 1, r->days + at, (r->count - at) * sizeof(*r->days));
		memmove(r->lines + at + 1, r->lines + at, (r->count - at) * sizeof(*r->lines));
		r->days[at] = day;
		memset(r->lines[at], 0, sizeof(r->lines[at]));
		r->count++;
	}
	for (int i = 0; i < OT_MINUTES_PER_DAY; i++)
		r->lines[at][i] += minutes->records[i] + minutes->unread[i];
}

bool rhythm_extent(const struct rhythm *r, int64_t *first, int64_t *last)
{
	bool found = false;
	for (size_t d = 0; d < r->count && !found; d++)
		for (int i = 0; i < OT_MINUTES_PER_DAY && !found; i++)
			if (r->lines[d][i] > 0) {
				*first = r->days[d] * OT_MINUTES_PER_DAY + i;
				found = true;
			}
	for (size_t d = r->count; found && d-- > 0;)
		for (int i = OT_MINUTES_PER_DAY; i-- > 0;)
			if (r->lines[d][i] > 0) {
				*last = r->days[d] * OT_MINUTES_PER_DAY + i;
				return true;
			}
	return false;
}

static int64_t day_of(int64_t minute)
{
	return minute >= 0 ? minute / OT_MINUTES_PER_DAY : -((-minute + OT_MINUTES_PER_DAY - 1) / OT_MINUTES_PER_DAY);
}

/* Lines of a stretch of minutes. */
struct sums {
	double lines, squares;
	int64_t minutes, empty, clusters; /* clusters: runs of minutes with lines */
	bool in_cluster;
};

/* --- detection --- */

/* Sums of all minutes before one, so that those of any stretch cost nothing. `busy`: minutes with lines; clusters: that begin before it. */
struct before {
	uint64_t lines, busy, clusters;
	double squares;
};

struct detector {
	const struct rhythm *rhythm;
	struct before (*before)[OT_MINUTES_PER_DAY]; /* by day of the rhythm; days without lines take no room */
	struct before all;
	int64_t first, last; /* minutes with lines */
	double bursts;	     /* so many must be expected for their absence to be less likely than the chance asked for */
	double fastest;	     /* lines a minute in its busiest hour */
	struct silence *runs; /* of minutes without lines; longest first */
	bool *declared;
	size_t run_count, run_cap;
	struct silence *gaps; /* those declared so far, in order of time */
	size_t gap_count;
};

static void sum_up(struct detector *d)
{
	const struct rhythm *r = d->rhythm;
	struct before sums = { 0 };
	int64_t last_busy = INT64_MIN;
	d->before = ot_alloc_zero(r->count, sizeof(*d->before));
	for (size_t at = 0; at < r->count; at++) {
		for (int64_t i = 0; i < OT_MINUTES_PER_DAY; i++) {
			double lines = r->lines[at][i];
			int64_t minute = r->days[at] * OT_MINUTES_PER_DAY + i;
			d->before[at][i] = sums;
			if (lines == 0)
				continue;
			sums.lines += (uint64_t)lines;
			sums.squares += lines * lines;
			sums.busy++;
			sums.clusters += last_busy != minute - 1;
			last_busy = minute;
		}
	}
	d->all = sums;
}

static struct before before(const struct detector *d, int64_t minute)
{
	int64_t day = day_of(minute);
	size_t at = rhythm_place(d->rhythm, day);
	if (at == d->rhythm->count)
		return d->all;
	return d->before[at][d->rhythm->days[at] == day ? minute - day * OT_MINUTES_PER_DAY : 0];
}

static bool is_busy(const struct detector *d, int64_t minute)
{
	int64_t day = day_of(minute);
	size_t at = rhythm_place(d->rhythm, day);
	return at < d->rhythm->count && d->rhythm->days[at] == day && d->rhythm->lines[at][minute - day * OT_MINUTES_PER_DAY] > 0;
}

/* Adds minutes [from, to), of which none is in a gap. */
static void sums_add(struct sums *s, const struct detector *d, int64_t from, int64_t to)
{
	if (from >= to)
		return;
	struct before a = before(d, from), b = before(d, to);
	bool first_busy = is_busy(d, from);
	s->lines += (double)(b.lines - a.lines);
	s->squares += b.squares - a.squares;
	s->minutes += to - from;
	s->empty += to - from - (int64_t)(b.busy - a.busy);
	s->clusters += (int64_t)(b.clusters - a.clusters) + (first_busy && is_busy(d, from - 1)) - (first_busy && s->in_cluster);
	s->in_cluster = is_busy(d, to - 1);
}

/* Minutes [from, to) within the stream's extent, without those of gaps already found. */
static struct sums sum(const struct detector *d, int64_t from, int64_t to)
{
	struct sums s = { 0 };
	from = from < d->first ? d->first : from;
	to = to > d->last + 1 ? d->last + 1 : to;
	for (size_t gap = 0; gap < d->gap_count && from < to; gap++) {
		if (d->gaps[gap].to <= from || d->gaps[gap].from >= to)
			continue;
		sums_add(&s, d, from, d->gaps[gap].from);
		from = d->gaps[gap].to;
	}
	sums_add(&s, d, from, to);
	return s;
}

/* How many lines come together: variance over mean, or lines in a cluster where there are clusters; 1 where they come one by one. */
static double burst_size(const struct sums *s)
{
	double mean = s->lines / (double)s->minutes;
	double spread = s->minutes > 1 ? (s->squares / (double)s->minutes - mean * mean) / mean : s->lines;
	double cluster = (double)s->empty >= SPARSE_SHARE * (double)s->minutes ? s->lines / (double)s->clusters : 1;
	return fmax(1, fmax(spread, cluster));
}

struct side {
	bool known;
	double fall, sigma;	       /* lines fewer in the half hour next to the silence than in that before, and what chance does to it */
	double bursts_a_minute, burst; /* rate, and lines in a burst */
	double middle;		       /* the same rate in the silence, where it goes on falling as it does here */
	struct sums sums;
};

static struct sums sum_side(const struct detector *d, int64_t edge, int direction, int64_t from, int64_t to)
{
	return direction < 0 ? sum(d, edge - to, edge - from) : sum(d, edge + from, edge + to);
}

/* Before a night lines grow fewer and fewer, and after it they come back so: the rate beside such a silence is not the rate within. */
static void find_trend(const struct detector *d, int64_t edge, int direction, int64_t length, struct side *side)
{
	struct sums near = sum_side(d, edge, direction, 0, HALF_HOUR), far = sum_side(d, edge, direction, HALF_HOUR, 2 * HALF_HOUR);
	if (near.minutes < HALF_HOUR || far.minutes < HALF_HOUR)
		return;
	side->fall = far.lines - near.lines;
	side->sigma = sqrt((far.lines + near.lines) * side->burst);
	double slope = side->fall / HALF_HOUR / HALF_HOUR, reach = HALF_HOUR / 2.0 + (double)length / 4;
	side->middle = fmax(0, near.lines / HALF_HOUR - slope * reach) / side->burst;
}

/* What lies beyond an end of the stream counts as empty: a side of which little is known promises little. */
static struct side side_of(const struct detector *d, int64_t edge, int direction, int64_t length)
{
	struct side side = { 0 };
	for (int i = 0; i < SIDES && !side.known; i++) {
		side.sums = sum_side(d, edge, direction, 0, side_minutes[i]);
		if (side.sums.lines < SIDE_LINES_MIN)
			continue;
		side.burst = burst_size(&side.sums);
		double bursts = side.sums.lines / side.burst;
		side.known = bursts >= SIDE_BURSTS_MIN;
		side.bursts_a_minute = (bursts - 2 * sqrt(bursts)) / (double)side_minutes[i]; /* at least: few tell the rate but roughly */
	}
	if (side.known)
		find_trend(d, edge, direction, length, &side);
	return side;
}

/* The same minutes of another day, where the stream was running then. */
static bool other_day(const struct detector *d, const struct silence *run, int64_t days, struct sums *s)
{
	int64_t shift = days * OT_MINUTES_PER_DAY, length = run->to - run->from;
	if ((shift < 0 ? -shift : shift) < length || run->from + shift < d->first || run->to + shift > d->last)
		return false;
	*s = sum(d, run->from + shift, run->to + shift);
	return s->minutes * 2 > length;
}

/* Whether the hours of the day explain a silence: in general, or (for long ones) by a single night like it. */
static bool is_of_the_hour(const struct detector *d, const struct silence *run, double burst)
{
	double lines = 0, days = 0;
	struct sums s;
	for (int64_t day = -OTHER_DAYS; day <= OTHER_DAYS; day++) {
		if (day == 0 || !other_day(d, run, day, &s))
			continue;
		double same = s.lines / (double)s.minutes * (double)(run->to - run->from);
		if (run->to - run->from >= NIGHT_MINUTES && same / burst <= d->bursts)
			return true;
		lines += same;
		days++;
	}
	return days >= OTHER_DAYS_MIN && lines / days / burst <= d->bursts;
}

/* Whether silences like it, from half to twice as long, take up most of the rest of the time. */
static bool is_mostly_quiet(const struct detector *d, int64_t length, int64_t own)
{
	int64_t quiet = -own, all = d->last + 1 - d->first - own;
	for (size_t i = 0; i < d->run_count; i++) {
		int64_t other = d->runs[i].to - d->runs[i].from;
		if (d->declared[i])
			all -= other;
		else if (2 * other >= length && other <= 2 * length)
			quiet += other;
	}
	return all > 0 && (double)quiet >= QUIET_SHARE * (double)all;
}

/* Lines grow fewer towards the silence from both sides. */
static bool is_trough(const struct side *left, const struct side *right)
{
	return left->fall > 0 && right->fall > 0 && left->fall + right->fall > FALL_SIGMAS * hypot(left->sigma, right->sigma);
}

/* Longer than several of the silences around it, which are all alike. */
static bool is_out_of_rule(const struct detector *d, const struct silence *run)
{
	int64_t count = 0, total = 0, most = 0;
	if (run->to - run->from <= REGULAR_TIMES) /* the others are a minute each at least: no need to look at them all */
		return false;
	for (size_t i = 0; i < d->run_count; i++) {
		const struct silence *other = &d->runs[i];
		int64_t length = other->to - other->from;
		if (d->declared[i] || other->from == run->from || other->to < run->from - OT_MINUTES_PER_DAY || other->from > run->to + OT_MINUTES_PER_DAY)
			continue;
		count++;
		total += length;
		most = length > most ? length : most;
	}
	if (count < REGULAR_RUNS_MIN || (double)most * (double)count > REGULAR_MOST * (double)total)
		return false;
	return run->to - run->from > REGULAR_TIMES * most;
}

/* `run` is between two sides, of which one may be missing. */
static bool is_unlikely(const struct detector *d, const struct silence *run, const struct side *left, const struct side *right)
{
	double length = (double)(run->to - run->from), rate = INFINITY;
	if (left != NULL)
		rate = left->known ? left->bursts_a_minute : 0;
	if (right != NULL)
		rate = fmin(rate, right->known ? right->bursts_a_minute : 0);
	if (left != NULL && right != NULL && is_trough(left, right))
		rate = fmin(rate, (left->middle + right->middle) / 2);
	if (rate * length <= d->bursts)
		return false;
	return !is_of_the_hour(d, run, fmax(left == NULL ? 0 : left->burst, right == NULL ? 0 : right->burst));
}

static bool is_gap(const struct detector *d, struct silence *run, bool before, bool after)
{
	int64_t length = run->to - run->from;
	struct side left = { 0 }, right = { 0 };
	if (before)
		left = side_of(d, run->from, -1, length);
	if (after)
		right = side_of(d, run->to, 1, length);
	if (!is_unlikely(d, run, before ? &left : NULL, after ? &right : NULL) && !is_out_of_rule(d, run))
		return false;
	run->usual = (left.sums.lines + right.sums.lines) / (double)(left.sums.minutes + right.sums.minutes);
	return !is_mostly_quiet(d, length, before && after ? length : 0);
}

static void add_run(struct detector *d, int64_t from, int64_t to)
{
	if (d->run_count == d->run_cap) {
		d->run_cap = d->run_cap == 0 ? 64 : d->run_cap * 2;
		d->runs = ot_realloc(d->runs, d->run_cap * sizeof(*d->runs));
	}
	d->runs[d->run_count++] = (struct silence){ from, to, 0 };
}

static int compare_lengths(const void *pa, const void *pb)
{
	const struct silence *a = pa, *b = pb;
	int64_t length_a = a->to - a->from, length_b = b->to - b->from;
	if (length_a != length_b)
		return length_a > length_b ? -1 : 1;
	return (a->from > b->from) - (a->from < b->from);
}

static void find_runs(struct detector *d)
{
	int64_t next = d->first; /* the minute after the last with lines */
	for (size_t at = 0; at < d->rhythm->count; at++) {
		for (int i = 0; i < OT_MINUTES_PER_DAY; i++) {
			if (d->rhythm->lines[at][i] == 0)
				continue;
			int64_t minute = d->rhythm->days[at] * OT_MINUTES_PER_DAY + i;
			if (minute > next)
				add_run(d, next, minute);
			next = minute + 1;
		}
	}
	if (d->run_count > 1)
		qsort(d->runs, d->run_count, sizeof(*d->runs), compare_lengths);
	d->declared = ot_alloc_zero(d->run_count, sizeof(bool));
	d->gaps = ot_alloc_zero(d->run_count, sizeof(*d->gaps));
}

static void declare(struct detector *d, size_t run)
{
	size_t at = d->gap_count++;
	for (; at > 0 && d->gaps[at - 1].from > d->runs[run].from; at--)
		d->gaps[at] = d->gaps[at - 1];
	d->gaps[at] = d->runs[run];
	d->declared[run] = true;
}

/* The rate of the busiest hour: silences too short even for it need no look at their sides. */
static double find_fastest(const struct rhythm *r)
{
	const int64_t hour = side_minutes[0];
	double most = 0, lines = 0;
	for (size_t at = 0; at < r->count; at++) {
		bool joined = at > 0 && r->days[at - 1] == r->days[at] - 1;
		lines = joined ? lines : 0;
		for (int64_t i = 0; i < OT_MINUTES_PER_DAY; i++) {
			lines += r->lines[at][i];
			if (i >= hour)
				lines -= r->lines[at][i - hour];
			else if (joined)
				lines -= r->lines[at - 1][OT_MINUTES_PER_DAY + i - hour];
			most = fmax(most, lines);
		}
	}
	return most / (double)hour;
}

static bool detector_init(struct detector *d, const struct rhythm *rhythm, double chance)
{
	*d = (struct detector){ .rhythm = rhythm, .bursts = -log(chance) };
	if (!rhythm_extent(rhythm, &d->first, &d->last))
		return false;
	sum_up(d);
	find_runs(d);
	d->fastest = find_fastest(rhythm);
	return true;
}

static void detector_release(struct detector *d)
{
	free(d->before);
	free(d->runs);
	free(d->declared);
	free(d->gaps);
}

/* The longest first: once found, a gap no longer counts as something that the stream does. */
static void detect(struct detector *d)
{
	int64_t median = d->run_count == 0 ? 0 : d->runs[d->run_count / 2].to - d->runs[d->run_count / 2].from;
	for (size_t i = 0; i < d->run_count; i++) {
		int64_t length = d->runs[i].to - d->runs[i].from;
		if ((double)length * d->fastest <= d->bursts && length <= REGULAR_TIMES * median)
			break;
		if (is_gap(d, &d->runs[i], true, true))
			declare(d, i);
	}
}

void silences_find(const struct rhythm *rhythm, double chance, struct silences *out)
{
	struct detector d;
	*out = (struct silences){ 0 };
	if (!detector_init(&d, rhythm, chance))
		return;
	detect(&d);
	out->items = d.gaps;
	out->count = d.gap_count;
	d.gaps = NULL;
	detector_release(&d);
}

/* Of a stream with next to no lines nothing can be said but that a day and more without any is longer than what it showed. */
bool silence_at_edge(const struct rhythm *rhythm, int64_t from, int64_t to, double chance)
{
	struct detector d;
	if (from >= to || !detector_init(&d, rhythm, chance))
		return false;
	struct silence run = { from, to, 0 };
	bool before = from > d.first;
	struct side side = before ? side_of(&d, from, -1, to - from) : side_of(&d, to, 1, to - from);
	int64_t longest = d.run_count == 0 ? 0 : d.runs[0].to - d.runs[0].from;
	bool gap = side.known ? is_gap(&d, &run, before, !before) : to - from >= OT_MINUTES_PER_DAY && to - from > 2 * longest;
	detector_release(&d);
	return gap;
}
