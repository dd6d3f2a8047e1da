#include "histogram.h"

#include <stdlib.h>

const enum style histogram_styles[CLASSES] = { STYLE_5XX, STYLE_4XX, STYLE_OTHER, STYLE_3XX, STYLE_2XX };

void histogram_init(struct histogram *histogram, struct asker *asker, const struct scope *scope)
{
	memset(histogram, 0, sizeof(*histogram));
	histogram->asker = asker;
	histogram->scope = scope;
	histogram->columns = 60;
}

void histogram_release(struct histogram *histogram)
{
	asker_forget(histogram->asker, histogram);
	free(histogram->calls);
}

/* --- the axis --- */

bool histogram_axis(const struct histogram *histogram, int64_t *since, int64_t *until)
{
	const struct scope_state *now = &histogram->scope->now;
	int64_t first, last;
	bool any = asker_extent(histogram->asker, &first, &last);

	if (!any && (now->since == OT_TIME_MIN || now->until == OT_TIME_MAX))
		return false;
	*since = now->since == OT_TIME_MIN ? first : now->since;
	*until = now->until == OT_TIME_MAX ? last + 1 : now->until;
	return *since < *until;
}

static int64_t floor_to(int64_t time, int64_t step)
{
	int64_t rest = time % step;

	return time - rest - (rest < 0 ? step : 0);
}

int64_t histogram_width(int64_t since, int64_t until, size_t columns)
{
	static const int64_t ms[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 15000, 30000, 60000, 120000, 300000, 600000,
		900000, 1800000, 3600000, 7200000, 10800000, 21600000, 43200000 };
	size_t count = sizeof(ms) / sizeof(*ms);
	int64_t days = 1;

	if (columns < 2)
		columns = 2;
	for (size_t i = 0; i < count; i++) {
		int64_t step = ms[i] * OT_NS_PER_MS;

		if ((until - 1 - floor_to(since, step)) / step < (int64_t)columns)
			return step;
	}
	while ((until - 1 - floor_to(since, OT_NS_PER_DAY)) / OT_NS_PER_DAY / days >= (int64_t)columns - 1)
		days = days == 1 ? 7 : days * 2;
	return days * OT_NS_PER_DAY;
}

size_t histogram_bucket(const struct histogram *histogram, int64_t time)
{
	int64_t bucket;

	if (histogram->count == 0 || time < histogram->since)
		return 0;
	bucket = (time - histogram->since) / histogram->every;
	return bucket < (int64_t)histogram->count ? (size_t)bucket : histogram->count - 1;
}

/* --- asking --- */

struct histogram_job {
	struct job job;
	struct histogram *histogram;
	struct ot_groups_request request;
	struct ot_groups groups;
	int64_t since, until;
};

static enum ot_status work(struct job *job, const struct asked *asked, struct ot_err *err)
{
	struct histogram_job *asking = (struct histogram_job *)job;

	return ot_engine_groups(asked->engine, &asking->request, &asking->groups, &job->stats, err);
}

static void release(struct job *job)
{
	ot_groups_release(&((struct histogram_job *)job)->groups);
}

static int class_of(const struct ot_group *group)
{
	enum style style = group->key_null[0] ? STYLE_OTHER : style_of_status(group->keys[0].number);

	for (int c = 0; c < CLASSES; c++) {
		if (histogram_styles[c] == style)
			return c;
	}
	return CLASS_OTHER;
}

static void fill(struct histogram *histogram, const struct ot_groups *groups)
{
	for (size_t i = 0; i < groups->count; i++) {
		const struct ot_group *group = &groups->groups[i];

		if (group->time == OT_TIME_MIN)
			continue;
		/* A day may begin an hour off, by summer time: half a bucket further is surely inside it. */
		histogram->calls[histogram_bucket(histogram, group->time + histogram->every / 2)][class_of(group)] += (uint64_t)group->measures[0].number;
	}
	histogram->most = 0;
	for (size_t b = 0; b < histogram->count; b++) {
		uint64_t sum = 0;

		for (int c = 0; c < CLASSES; c++)
			sum += histogram->calls[b][c];
		histogram->most = sum > histogram->most ? sum : histogram->most;
	}
}

/* The first bucket begins where the engine's do: on multiples of its width, or at the zone's midnight. */
static int64_t first_bucket(const struct histogram_job *asking)
{
	int64_t every = asking->request.every_ns, first, offset;

	if (every < OT_NS_PER_DAY)
		return floor_to(asking->since, every);
	offset = (int64_t)ot_zone_offset(asking->request.zone, asking->since) * OT_NS_PER_S;
	first = floor_to(asking->since + offset, every) - offset;
	for (size_t i = 0; i < asking->groups.count; i++) {
		if (asking->groups.groups[i].time == OT_TIME_MIN)
			continue;
		first = asking->groups.groups[i].time;
		break;
	}
	while (first > asking->since)
		first -= every;
	return first;
}

static void done(struct job *job)
{
	struct histogram_job *asking = (struct histogram_job *)job;
	struct histogram *histogram = asking->histogram;

	if (job->status == OT_OK) {
		histogram->every = asking->request.every_ns;
		histogram->since = first_bucket(asking);
		histogram->count = (size_t)((asking->until - 1 - histogram->since) / histogram->every) + 1;
		free(histogram->calls);
		histogram->calls = ot_alloc_zero(histogram->count, sizeof(*histogram->calls));
		fill(histogram, &asking->groups);
	} else {
		histogram->count = 0; /* what was held answers another question */
	}
	histogram->ready = job->status == OT_OK;
	histogram->changed(histogram, job->status, &job->err);
}

void histogram_ask(struct histogram *histogram)
{
	struct histogram_job *asking = job_new(sizeof(*asking), histogram, 0, "counting calls over time");

	asking->histogram = histogram;
	asking->job.work = work;
	asking->job.done = done;
	asking->job.release = release;
	scope_question(histogram->scope, &asking->job.arena, &asking->request.question);
	if (!histogram_axis(histogram, &asking->since, &asking->until)) {
		asking->since = 0;
		asking->until = 1;
	}
	asking->request.by[0] = OT_HTTP_RESPONSE_STATUS_CODE;
	asking->request.by_count = 1;
	asking->request.every_ns = histogram_width(asking->since, asking->until, histogram->columns);
	asking->request.zone = histogram->scope->zone;
	asking->request.having = (struct ot_having){ INT64_MIN, INT64_MAX };
	asking->request.measures[0] = (struct ot_measure){ .kind = OT_MEASURE_COUNT, .name = OT_STR("count") };
	asking->request.measure_count = 1;
	asker_put(histogram->asker, &asking->job);
}

void histogram_fit(struct histogram *histogram, size_t columns)
{
	int64_t since, until;

	if (columns == histogram->columns || columns < 2)
		return;
	histogram->columns = columns;
	if (histogram_axis(histogram, &since, &until) && (!histogram->ready || histogram_width(since, until, columns) != histogram->every))
		histogram_ask(histogram);
}
