/* The answer's groups: keys as values, measures from what was collected. */
#include "groups.h"

#include "sort.h"

#include <stdlib.h>
#include <string.h>

struct filling {
	struct grouping *grouping;
	union ot_value *keys; /* of all groups, one group after the other */
	bool *key_null;
	union ot_measure_value *measures;
	bool *measure_null;
};

/* --- keys --- */

/* Texts are copied once each. */
static void fill_key(const struct filling *filling, size_t key, const uint32_t *codes)
{
	struct grouping *grouping = filling->grouping;
	size_t stride = grouping->table->key_count, by_count = grouping->request->by_count,
	       to = key - (stride - by_count);
	const struct coder *coder = &grouping->table->keys[key];
	struct ot_str *copies = coder_is_text(coder) ? ot_alloc_zero(coder_count(coder), sizeof(*copies)) : NULL;

	for (size_t i = 0; i < grouping->count; i++) {
		uint32_t code = codes[i * stride + key];
		union ot_value *value = &filling->keys[i * by_count + to];

		filling->key_null[i * by_count + to] = code == 0;
		if (code == 0)
			continue;
		if (copies == NULL) {
			value->number = coder->numbers.numbers[code - 1];
			continue;
		}
		if (copies[code].ptr == NULL)
			copies[code] = ot_arena_str(&grouping->out->arena, coder_text(coder, code));
		value->text = copies[code];
	}
	free(copies);
}

static void fill_keys(const struct filling *filling, struct ot_group *groups)
{
	struct grouping *grouping = filling->grouping;
	const struct table *table = grouping->table;
	size_t stride = table->key_count, buckets = stride - grouping->request->by_count;
	uint32_t *codes = ot_alloc((grouping->count * stride + 1) * sizeof(*codes));

	for (size_t i = 0; i < grouping->count; i++) {
		table_key_codes(table, grouping->groups[i], codes + i * stride);
		if (buckets > 0)
			groups[i].time = codes[i * stride] == 0 ? OT_TIME_MIN
								: table->keys[0].numbers.numbers[codes[i * stride] - 1];
	}
	for (size_t key = buckets; key < stride; key++)
		fill_key(filling, key, codes);
	free(codes);
}

/* --- measures --- */

static const void *cell_of(const struct table *table, const struct collector *collector, uint32_t group)
{
	return (const char *)table_cell(table, group) + collector->at;
}

/* Seconds that a rate is taken over; 0 where there are none. */
static double rate_seconds(const struct grouping *grouping)
{
	const struct ot_question *question = &grouping->request->question;
	int64_t since = question->since, until = question->until;
	int64_t first = INT64_MAX, last = INT64_MIN;

	if (grouping->request->every_ns > 0)
		return (double)grouping->request->every_ns / (double)OT_NS_PER_S;
	for (size_t i = 0; i < grouping->table->collector_count; i++) {
		const struct collector *collector = &grouping->table->collectors[i];

		if (collector->kind != COLLECT_EXTREMES || collector->field != OT_TIMESTAMP)
			continue;
		for (uint32_t g = 0; g < grouping->table->cell_count; g++) {
			const struct extremes *extremes = cell_of(grouping->table, collector, g);

			first = extremes->min < first ? extremes->min : first;
			last = extremes->max > last ? extremes->max : last;
		}
	}
	since = since == OT_TIME_MIN ? first : since;
	until = until == OT_TIME_MAX ? last : until;
	return until > since ? ((double)until - (double)since) / (double)OT_NS_PER_S : 0;
}

static int64_t clamped(__int128 sum)
{
	return sum > INT64_MAX ? INT64_MAX : sum < INT64_MIN ? INT64_MIN : (int64_t)sum;
}

static bool of_sums(const struct sums *sums, union ot_measure_value *out, bool average)
{
	__int128 sum = (__int128)sums->high * ((__int128)1 << 64) + sums->low;

	if (average)
		out->real = sums->count == 0 ? 0 : (double)sum / (double)sums->count;
	else
		out->number = clamped(sum);
	return sums->count > 0;
}

static bool of_extremes(const struct extremes *extremes, union ot_measure_value *out, bool least)
{
	out->number = least ? extremes->min : extremes->max;
	return extremes->min <= extremes->max;
}

struct measuring {
	const struct filling *filling;
	size_t measure; /* its place */
	const struct collector *collector;
	double seconds;
};

/* What needs only the count and what is kept by group. False: there is no value. */
static bool simple(const struct measuring *measuring, uint32_t group, union ot_measure_value *out)
{
	const struct grouping *grouping = measuring->filling->grouping;
	const struct ot_measure *measure = &grouping->request->measures[measuring->measure];
	double count = (double)table_count(grouping->table, group);

	switch (measure->kind) {
	case OT_MEASURE_COUNT:
		out->number = (int64_t)table_count(grouping->table, group);
		return true;
	case OT_MEASURE_SHARE:
		out->real = count / (double)grouping->out->matched;
		return true;
	case OT_MEASURE_RATE:
		out->real = measuring->seconds > 0 ? count / measuring->seconds : 0;
		return measuring->seconds > 0;
	case OT_MEASURE_ERRORS:
		out->real = (double)*(const uint64_t *)cell_of(grouping->table, measuring->collector, group) / count;
		return true;
	case OT_MEASURE_SUM:
	case OT_MEASURE_AVG:
		return of_sums(
		    cell_of(grouping->table, measuring->collector, group), out, measure->kind == OT_MEASURE_AVG);
	default:
		return of_extremes(cell_of(grouping->table, measuring->collector, group), out,
		    measure->kind == OT_MEASURE_MIN || measure->kind == OT_MEASURE_FIRST);
	}
}

static void put(const struct measuring *measuring, size_t i, bool has, union ot_measure_value value)
{
	size_t at = i * measuring->filling->grouping->request->measure_count + measuring->measure;

	measuring->filling->measures[at] = value;
	measuring->filling->measure_null[at] = !has;
}

static void fill_simple(const struct measuring *measuring)
{
	const struct grouping *grouping = measuring->filling->grouping;

	for (size_t i = 0; i < grouping->count; i++) {
		union ot_measure_value value = {0};
		bool has = simple(measuring, grouping->groups[i], &value);

		put(measuring, i, has, value);
	}
}

static void fill_distinct(const struct measuring *measuring)
{
	const struct grouping *grouping = measuring->filling->grouping;
	const struct pair_map *pairs = &measuring->collector->pairs;
	int64_t *counts = ot_alloc_zero((size_t)grouping->table->cell_count + 1, sizeof(*counts));

	for (uint32_t i = 0; i < pairs->count; i++)
		counts[pairs->first[i]]++;
	for (size_t i = 0; i < grouping->count; i++)
		put(measuring, i, true, (union ot_measure_value){.number = counts[grouping->groups[i]]});
	free(counts);
}

/* --- ranks --- */

/* The samples of each group one after the other: those of group g from starts[g] to starts[g + 1]. */
struct samples {
	int64_t *values;
	size_t *starts;
};

static struct samples samples_by_group(const struct collector *collector, uint32_t groups)
{
	struct samples samples = {ot_alloc((collector->sample_count + 1) * sizeof(int64_t)),
	    ot_alloc_zero((size_t)groups + 2, sizeof(size_t))};
	/* Counted two places on, so that filling moves each start to where it belongs. */
	size_t *next = samples.starts + 1;

	for (size_t i = 0; i < collector->sample_count; i++) {
		if (collector->sample_groups[i] + 1 < groups)
			next[collector->sample_groups[i] + 1]++;
	}
	for (uint32_t g = 1; g < groups; g++)
		next[g] += next[g - 1];
	for (size_t i = 0; i < collector->sample_count; i++)
		samples.values[next[collector->sample_groups[i]]++] = collector->samples[i];
	return samples;
}

static unsigned percent(enum ot_measure_kind kind)
{
	return kind == OT_MEASURE_P50 ? 50 : kind == OT_MEASURE_P95 ? 95 : 99;
}

struct ranking {
	const struct filling *filling;
	const struct collector *collector;
	struct samples samples;
};

/* Gives the value at a percentage to each measure that asks for it. */
static void put_rank(const struct ranking *ranking, size_t i, unsigned percentage, bool has, int64_t value)
{
	const struct grouping *grouping = ranking->filling->grouping;

	for (size_t m = 0; m < grouping->request->measure_count; m++) {
		const struct ot_measure *measure = &grouping->request->measures[m];
		struct measuring measuring = {.filling = ranking->filling, .measure = m};

		if (table_collector(grouping->table, measure) == ranking->collector &&
		    percent(measure->kind) == percentage)
			put(&measuring, i, has, (union ot_measure_value){.number = value});
	}
}

/* Every rank of one group's samples, nearest rank. What lies before one is no larger, so the next is looked for behind
 * it. */
static enum ot_status rank_group(void *context, struct worker *worker, size_t i, struct ot_err *err)
{
	static const unsigned percentages[] = {50, 95, 99};
	const struct ranking *ranking = context;
	const struct grouping *grouping = ranking->filling->grouping;
	uint32_t group = grouping->groups[i];
	int64_t *values = ranking->samples.values + ranking->samples.starts[group];
	size_t count = ranking->samples.starts[group + 1] - ranking->samples.starts[group], from = 0;

	(void)worker;
	if (i % 64 == 0 && engine_cancelled(grouping->query.engine))
		return ot_err_set(err, OT_CANCELLED, "stopped");
	for (size_t p = 0; p < 3; p++) {
		size_t rank = (count * percentages[p] + 99) / 100;

		if (count > 0 && rank > from) {
			sort_rank(values + from, count - from, rank - 1 - from);
			from = rank;
		}
		put_rank(ranking, i, percentages[p], count > 0, count > 0 ? values[from - 1] : 0);
	}
	return OT_OK;
}

static enum ot_status fill_ranks(const struct filling *filling, const struct collector *collector, struct ot_err *err)
{
	struct grouping *grouping = filling->grouping;
	struct ranking ranking = {filling, collector, samples_by_group(collector, grouping->table->cell_count)};
	enum ot_status status = query_run(&grouping->query, grouping->count, rank_group, &ranking, err);

	free(ranking.samples.values);
	free(ranking.samples.starts);
	return status;
}

/* --- all of it --- */

static enum ot_status fill_measures(const struct filling *filling, struct ot_err *err)
{
	const struct grouping *grouping = filling->grouping;
	const struct table *table = grouping->table;
	enum ot_status status = OT_OK;
	struct measuring measuring = {.filling = filling, .seconds = rate_seconds(grouping)};

	for (size_t m = 0; m < grouping->request->measure_count; m++) {
		measuring.measure = m;
		measuring.collector = table_collector(table, &grouping->request->measures[m]);
		if (measuring.collector != NULL && measuring.collector->kind == COLLECT_DISTINCT)
			fill_distinct(&measuring);
		else if (measuring.collector == NULL || measuring.collector->kind != COLLECT_SAMPLES)
			fill_simple(&measuring);
	}
	for (size_t i = 0; i < table->collector_count && status == OT_OK; i++) {
		if (table->collectors[i].kind == COLLECT_SAMPLES)
			status = fill_ranks(filling, &table->collectors[i], err);
	}
	return status;
}

enum ot_status groups_fill(struct grouping *grouping, struct ot_err *err)
{
	struct ot_arena *arena = &grouping->out->arena;
	size_t count = grouping->count, keys = grouping->request->by_count, measures = grouping->request->measure_count;
	struct ot_group *groups = ot_arena_zero(arena, count + 1, sizeof(*groups));
	struct filling filling = {grouping, ot_arena_zero(arena, count * keys + 1, sizeof(union ot_value)),
	    ot_arena_zero(arena, count * keys + 1, sizeof(bool)),
	    ot_arena_zero(arena, count * measures + 1, sizeof(union ot_measure_value)),
	    ot_arena_zero(arena, count * measures + 1, sizeof(bool))};

	for (size_t i = 0; i < count; i++) {
		groups[i].keys = filling.keys + i * keys;
		groups[i].key_null = filling.key_null + i * keys;
		groups[i].measures = filling.measures + i * measures;
		groups[i].measure_null = filling.measure_null + i * measures;
	}
	fill_keys(&filling, groups);
	grouping->out->groups = groups;
	grouping->out->count = count;
	return fill_measures(&filling, err);
}
