/*
 * Filling the tables. Buckets shorter than a day part the groups by day: each day's are then settled by themselves, by
 * one worker, in a table that stays small, and what --where-count drops is gone before the next day begins.
 */
#include "groups.h"

#include <stdlib.h>
#include <string.h>

static enum ot_status add_block(
    void *context, struct worker *worker, struct block *block, const struct found *found, struct ot_err *err)
{
	struct grouping *grouping = context;

	return found->rows.count == 0 ? OT_OK : table_add(&grouping->tables[worker->number], block, &found->rows, err);
}

static struct scan scan_of(struct grouping *grouping)
{
	return (struct scan){.query = &grouping->query,
	    .end = grouping->query.part_count,
	    .calls = !grouping->request->question.records,
	    .sink = add_block,
	    .context = grouping};
}

/* Groups and rows of a table, before any is dropped. */
static void add_totals(struct grouping_totals *totals, const struct table *table)
{
	for (uint32_t g = 0; g < table->cell_count; g++) {
		totals->groups += table_count(table, g) > 0;
		totals->rows += table_count(table, g);
	}
}

/* --- all at once --- */

static enum ot_status gather_all(struct grouping *grouping, struct ot_err *err)
{
	struct scan scan = scan_of(grouping);
	enum ot_status status = scan_run(&scan, err);

	for (unsigned i = 1; i < grouping->query.worker_count && status == OT_OK; i++)
		table_merge(&grouping->tables[0], &grouping->tables[i]);
	grouping->table = &grouping->tables[0];
	add_totals(&grouping->totals[0], grouping->table);
	return status;
}

/* --- day by day --- */

static int64_t day_of(const struct query *query, size_t i)
{
	return query->engine->parts[query->parts[i]].ref->info.day;
}

/* Starts of the days among the parts, and the end; how many days. */
static size_t find_days(const struct query *query, size_t *starts)
{
	size_t days = 0;

	for (size_t i = 0; i < query->part_count; i++) {
		if (i == 0 || day_of(query, i) != day_of(query, i - 1))
			starts[days++] = i;
	}
	starts[days] = query->part_count;
	return days;
}

static bool *flag_kept(const struct table *table, const struct ot_having *having)
{
	bool *keep = ot_alloc_zero((size_t)table->cell_count + 1, sizeof(*keep));

	for (uint32_t g = 0; g < table->cell_count; g++) {
		int64_t count = (int64_t)table_count(table, g);

		keep[g] = count >= having->low && count <= having->high;
	}
	return keep;
}

static enum ot_status gather_day(void *context, struct worker *worker, size_t job, struct ot_err *err)
{
	struct grouping *grouping = context;
	struct table *table = &grouping->tables[worker->number];
	struct scan scan = scan_of(grouping);
	enum ot_status status;
	bool *keep;

	scan.first = grouping->days[job];
	scan.end = grouping->days[job + 1];
	scan.worker = worker;
	status = scan_run(&scan, err);
	if (status != OT_OK)
		return status;
	add_totals(&grouping->totals[worker->number], table);
	keep = flag_kept(table, &grouping->request->having);
	table_append(&grouping->kept[worker->number], table, keep);
	table_clear(table);
	free(keep);
	return OT_OK;
}

static enum ot_status gather_days(struct grouping *grouping, size_t days, struct ot_err *err)
{
	unsigned count = grouping->query.worker_count;
	enum ot_status status;

	grouping->kept = ot_alloc_zero(count, sizeof(*grouping->kept));
	for (unsigned i = 0; i < count; i++)
		table_init_beside(&grouping->kept[i], &grouping->tables[i]);
	status = query_run(&grouping->query, days, gather_day, grouping, err);
	for (unsigned i = 1; i < count && status == OT_OK; i++)
		table_append(&grouping->kept[0], &grouping->kept[i], NULL);
	grouping->table = &grouping->kept[0];
	return status;
}

/* --- --- */

/* Whether no bucket holds records of two days, and there are days enough for all workers. */
static bool parts_by_day(const struct grouping *grouping, size_t days)
{
	int64_t every = grouping->request->every_ns;

	return every > 0 && every < OT_NS_PER_DAY && OT_NS_PER_DAY % every == 0 &&
	       days >= 2 * (size_t)grouping->query.worker_count;
}

enum ot_status groups_gather(struct grouping *grouping, struct ot_err *err)
{
	unsigned count = grouping->query.worker_count;
	enum ot_status status;
	size_t days;

	grouping->tables = ot_alloc_zero(count, sizeof(*grouping->tables));
	grouping->totals = ot_alloc_zero(count, sizeof(*grouping->totals));
	grouping->days = ot_alloc((grouping->query.part_count + 1) * sizeof(*grouping->days));
	days = find_days(&grouping->query, grouping->days);
	for (unsigned i = 0; i < count; i++)
		table_init(&grouping->tables[i], grouping->query.engine, grouping->request);
	status = parts_by_day(grouping, days) ? gather_days(grouping, days, err) : gather_all(grouping, err);
	for (unsigned i = 0; i < count; i++) {
		grouping->out->total += grouping->totals[i].groups;
		grouping->out->matched += grouping->totals[i].rows;
	}
	return status;
}

void groups_gather_release(struct grouping *grouping)
{
	for (unsigned i = 0; i < grouping->query.worker_count; i++) {
		if (grouping->kept != NULL)
			table_release(&grouping->kept[i]);
		table_release(&grouping->tables[i]);
	}
	free(grouping->kept);
	free(grouping->tables);
	free(grouping->totals);
	free(grouping->days);
}
