#include "order.h"

#include "sort.h"

#include <stdlib.h>
#include <string.h>

static bool is_text(const struct ordering *ordering)
{
	return ot_fields[ordering->sort].form != OT_FORM_INT;
}

void ordering_init(struct ordering *ordering, struct query *query, enum ot_field sort, bool descending)
{
	memset(ordering, 0, sizeof(*ordering));
	ordering->query = query;
	ordering->sort = sort;
	ordering->descending = descending;
	ordering->workers = ot_alloc_zero(query->worker_count, sizeof(*ordering->workers));
	for (unsigned i = 0; i < query->worker_count && is_text(ordering); i++)
		coder_init(&ordering->workers[i].coder, NULL, sort);
}

void ordering_release(struct ordering *ordering)
{
	for (unsigned i = 0; i < ordering->query->worker_count; i++) {
		free(ordering->workers[i].items);
		if (is_text(ordering))
			coder_release(&ordering->workers[i].coder);
	}
	free(ordering->workers);
}

void ordering_clear(struct ordering *ordering)
{
	for (unsigned i = 0; i < ordering->query->worker_count; i++) {
		ordering->workers[i].count = 0;
		ordering->workers[i].cut = false;
	}
}

/* --- taking in --- */

struct comparing {
	const struct ordering *ordering;
	const struct entries *entries;
};

/* By value and time, as far as that decides. */
static int entry_cmp(const void *a, const void *b, void *context)
{
	const struct comparing *comparing = context;
	const struct entry *x = a, *y = b;
	int order;

	if (x->null != y->null)
		return x->null == comparing->ordering->descending ? 1 : -1;
	order = (x->key > y->key) - (x->key < y->key);
	if (order != 0 && is_text(comparing->ordering)) {
		const struct ot_str *texts = comparing->entries->coder.texts.items;

		order = ot_str_cmp(texts[x->key - 1], texts[y->key - 1]);
		order = comparing->ordering->descending ? -order : order;
	}
	return order != 0 ? order : (x->time > y->time) - (x->time < y->time);
}

/* The last of the first `limit`, as far as value and time tell. */
static struct entry find_last(const struct ordering *ordering, struct entries *entries)
{
	struct comparing comparing = {ordering, entries};
	int64_t *keys, last;
	size_t count = 0;

	keys = ot_alloc(entries->count * sizeof(*keys));
	for (size_t i = 0; !is_text(ordering) && i < entries->count; i++) {
		keys[count] = (int64_t)(entries->items[i].key ^ UINT64_C(1) << 63);
		count += !entries->items[i].null;
	}
	/* Only numbers: their keys are enough, and all of one key stay. */
	if (count == entries->count) {
		last = sort_rank(keys, count, ordering->limit - 1);
		free(keys);
		return (struct entry){.key = (uint64_t)last ^ UINT64_C(1) << 63, .time = INT64_MAX};
	}
	free(keys);
	qsort_r(entries->items, entries->count, sizeof(*entries->items), entry_cmp, &comparing);
	return entries->items[ordering->limit - 1];
}

/* Drops what comes after the first `limit` and does not tie with the last of them. */
static void cut(const struct ordering *ordering, struct entries *entries)
{
	struct comparing comparing = {ordering, entries};
	size_t kept = 0;

	if (ordering->limit == 0 || entries->count < ordering->limit * 2 + OT_BLOCK_ROWS)
		return;
	entries->last = find_last(ordering, entries);
	entries->cut = true;
	for (size_t i = 0; i < entries->count; i++) {
		if (entry_cmp(&entries->items[i], &entries->last, &comparing) <= 0)
			entries->items[kept++] = entries->items[i];
	}
	entries->count = kept;
}

/* Behind `last` by its key alone. */
static bool is_behind(const struct ordering *ordering, const struct entries *entries, const struct entry *entry)
{
	struct comparing comparing = {ordering, entries};

	if (!entries->cut)
		return false;
	if (entry->null || entries->last.null || is_text(ordering))
		return entry_cmp(entry, &entries->last, &comparing) > 0;
	return entry->key > entries->last.key;
}

static void add(const struct ordering *ordering, struct entries *entries, const struct entry *entry)
{
	if (is_behind(ordering, entries, entry))
		return;
	if (entries->count == entries->cap) {
		entries->cap = entries->cap == 0 ? 1024 : entries->cap * 2;
		entries->items = ot_realloc(entries->items, entries->cap * sizeof(*entries->items));
	}
	entries->items[entries->count++] = *entry;
}

/* The sort field's keys: numbers turned so that smaller comes first; codes of texts, which are ranked at the end; 0 and
 * null where there is none. */
static enum ot_status keys_of(const struct ordering *ordering, struct entries *entries, struct block *block,
    const struct rows *rows, struct entry *out, struct ot_err *err)
{
	const struct ot_column *column;
	uint32_t *codes;
	enum ot_status status;

	if (is_text(ordering)) {
		codes = ot_arena_alloc(block->arena, rows->count * sizeof(*codes));
		status = coder_codes(&entries->coder, block, rows, codes, err);
		for (uint32_t i = 0; i < rows->count && status == OT_OK; i++)
			out[i] = (struct entry){.key = codes[i], .null = codes[i] == 0};
		return status;
	}
	status = block_column(block, ordering->sort, &column, err);
	for (uint32_t i = 0; i < rows->count && status == OT_OK; i++) {
		uint32_t row = rows_at(rows, i);
		bool null = ot_column_is_null(column, row);
		uint64_t key = null ? 0 : sort_key(column->numbers[row]);

		out[i] = (struct entry){.key = !null && ordering->descending ? ~key : key, .null = null};
	}
	return status;
}

enum ot_status ordering_add(
    struct ordering *ordering, struct worker *worker, struct block *block, const struct rows *rows, struct ot_err *err)
{
	struct entries *entries = &ordering->workers[worker->number];
	struct entry *items = ot_arena_alloc(block->arena, (rows->count + 1) * sizeof(*items));
	const struct ot_column *times;
	enum ot_status status = keys_of(ordering, entries, block, rows, items, err);

	if (status == OT_OK)
		status = block_column(block, OT_TIMESTAMP, &times, err);
	if (status != OT_OK)
		return status;
	for (uint32_t i = 0; i < rows->count; i++) {
		uint32_t row = rows_at(rows, i);

		/* Of one timestamp: as many as there are, no more than one time. */
		if (ordering->sort != OT_TIMESTAMP)
			items[i].time = ot_column_is_null(times, row) ? OT_TIME_MIN : times->numbers[row];
		items[i].ref = (struct row_ref){block->part_number, block->first + row};
		add(ordering, entries, &items[i]);
	}
	cut(ordering, entries);
	return OT_OK;
}

/* --- ranks of texts, once all are together --- */

static void rank_keys(const struct ordering *ordering)
{
	struct coder *all = &ordering->workers[0].coder;
	unsigned count = ordering->query->worker_count;
	uint32_t **codes = ot_alloc_zero(count, sizeof(*codes)), *ranks;

	for (unsigned w = 1; w < count; w++)
		codes[w] = coder_translate(all, &ordering->workers[w].coder);
	ranks = ot_alloc((size_t)coder_count(all) * sizeof(*ranks));
	sort_texts(all->texts.items, all->texts.count, ranks);
	for (unsigned w = 0; w < count; w++) {
		struct entries *entries = &ordering->workers[w];

		for (size_t i = 0; i < entries->count; i++) {
			struct entry *entry = &entries->items[i];
			uint64_t code = w == 0 || entry->null ? entry->key : codes[w][entry->key];

			if (!entry->null)
				entry->key = ordering->descending ? ~(uint64_t)ranks[code - 1] : ranks[code - 1];
		}
		free(codes[w]);
	}
	free(codes);
	free(ranks);
}

/* --- rows of the same value and time: by record id --- */

struct tie {
	struct row_key key;
	uint32_t place; /* in the order; then the entry there */
	struct row_ref ref;
};

static int by_place(const void *a, const void *b)
{
	const struct row_ref *x = &((const struct tie *)a)->ref, *y = &((const struct tie *)b)->ref;

	return x->part != y->part ? (x->part > y->part) - (x->part < y->part) : (x->row > y->row) - (x->row < y->row);
}

static int by_id(const void *a, const void *b)
{
	return row_id_cmp(&((const struct tie *)a)->key, &((const struct tie *)b)->key);
}

static int in_order(const void *a, const void *b)
{
	uint32_t x = ((const struct tie *)a)->place, y = ((const struct tie *)b)->place;

	return (x > y) - (x < y);
}

struct tying {
	struct query *query;
	struct tie *ties; /* by place in the store */
	size_t *starts; /* of each block's run, and the end */
	size_t runs;
};

static enum ot_status load_ties(void *context, struct worker *worker, size_t job, struct ot_err *err)
{
	struct tying *tying = context;
	struct tie *ties = tying->ties + tying->starts[job];
	uint32_t count = (uint32_t)(tying->starts[job + 1] - tying->starts[job]);
	struct row_ref ref = ties[0].ref;
	struct row_key *keys;
	uint16_t *rows;
	enum ot_status status;

	if (engine_cancelled(tying->query->engine))
		return ot_err_set(err, OT_CANCELLED, "stopped");
	block_init(&worker->block, tying->query->engine, ref.part, ref.row / OT_BLOCK_ROWS, &worker->arena);
	rows = ot_arena_alloc(&worker->arena, count * sizeof(*rows));
	keys = ot_arena_zero(&worker->arena, count, sizeof(*keys));
	for (uint32_t i = 0; i < count; i++)
		rows[i] = (uint16_t)(ties[i].ref.row % OT_BLOCK_ROWS);
	status = row_keys(&worker->block, &(struct rows){rows, count}, false, keys, err);
	worker->stats.values_decoded += worker->block.values_decoded;
	for (uint32_t i = 0; i < count; i++)
		ties[i].key = keys[i];
	return scan_damage(tying->query, ref.part, ref.row / OT_BLOCK_ROWS, status, err);
}

static void find_runs(struct tying *tying, size_t count)
{
	tying->starts = ot_alloc((count + 1) * sizeof(*tying->starts));
	for (size_t i = 0; i < count; i++) {
		const struct row_ref *ref = &tying->ties[i].ref, *before = i == 0 ? NULL : &tying->ties[i - 1].ref;

		if (i == 0 || ref->part != before->part || ref->row / OT_BLOCK_ROWS != before->row / OT_BLOCK_ROWS)
			tying->starts[tying->runs++] = i;
	}
	tying->starts[tying->runs] = count;
}

static bool same(const struct entry *a, const struct entry *b)
{
	return a->null == b->null && a->key == b->key && a->time == b->time;
}

/* Puts each run of equal entries in order of id. `ties` are in order of place in the answer. */
static void sort_runs(const struct entry *entries, uint32_t *order, struct tie *ties, size_t count)
{
	for (size_t from = 0, end; from < count; from = end) {
		uint32_t place = ties[from].place;

		end = from + 1;
		while (end < count && same(&entries[order[ties[end].place]], &entries[order[place]]))
			end++;
		for (size_t i = from; i < end; i++)
			ties[i].place = order[ties[i].place];
		qsort(ties + from, end - from, sizeof(*ties), by_id);
		for (size_t i = from; i < end; i++)
			order[place + (i - from)] = ties[i].place;
	}
}

static enum ot_status break_ties(
    const struct ordering *ordering, const struct entry *entries, uint32_t *order, size_t total, struct ot_err *err)
{
	struct tying tying = {.query = ordering->query};
	size_t count = 0;
	enum ot_status status = OT_OK;

	tying.ties = ot_alloc((total + 1) * sizeof(*tying.ties));
	for (size_t i = 0; i < total; i++) {
		const struct entry *entry = &entries[order[i]];

		if ((i > 0 && same(entry, &entries[order[i - 1]])) ||
		    (i + 1 < total && same(entry, &entries[order[i + 1]])))
			tying.ties[count++] = (struct tie){.place = (uint32_t)i, .ref = entry->ref};
	}
	if (count > 0) {
		qsort(tying.ties, count, sizeof(*tying.ties), by_place);
		find_runs(&tying, count);
		status = query_run(ordering->query, tying.runs, load_ties, &tying, err);
		qsort(tying.ties, count, sizeof(*tying.ties), in_order);
		sort_runs(entries, order, tying.ties, count);
	}
	free(tying.ties);
	free(tying.starts);
	return status;
}

/* --- all together --- */

static struct entry *gather(const struct ordering *ordering, size_t *count)
{
	struct entry *all;

	*count = 0;
	for (unsigned w = 0; w < ordering->query->worker_count; w++)
		*count += ordering->workers[w].count;
	all = ot_alloc((*count + 1) * sizeof(*all));
	*count = 0;
	for (unsigned w = 0; w < ordering->query->worker_count; w++) {
		const struct entries *entries = &ordering->workers[w];

		if (entries->count > 0)
			memcpy(all + *count, entries->items, entries->count * sizeof(*all));
		*count += entries->count;
	}
	return all;
}

/* Stable passes: time, value, nulls first (last where descending). */
static uint32_t *sorted(const struct ordering *ordering, const struct entry *entries, size_t count)
{
	uint32_t *order = ot_alloc((count + 1) * sizeof(*order));
	uint64_t *keys = ot_alloc((count + 1) * sizeof(*keys));

	for (size_t i = 0; i < count; i++) {
		order[i] = (uint32_t)i;
		keys[i] = sort_key(entries[i].time);
	}
	sort_order(order, count, keys);
	for (size_t i = 0; i < count; i++)
		keys[i] = entries[i].key;
	sort_order(order, count, keys);
	for (size_t i = 0; i < count; i++)
		keys[i] = entries[i].null == ordering->descending;
	sort_order(order, count, keys);
	free(keys);
	return order;
}

enum ot_status ordering_finish(struct ordering *ordering, struct row_ref **out, size_t *count, struct ot_err *err)
{
	struct entry *entries;
	uint32_t *order;
	enum ot_status status;

	if (is_text(ordering))
		rank_keys(ordering);
	entries = gather(ordering, count);
	order = sorted(ordering, entries, *count);
	/* Of what lies behind the limit only what ties with the last row before it matters. */
	if (ordering->limit > 0 && *count > ordering->limit) {
		size_t end = ordering->limit;

		while (end < *count && same(&entries[order[end]], &entries[order[end - 1]]))
			end++;
		*count = end;
	}
	status = break_ties(ordering, entries, order, *count, err);
	*out = ot_alloc((*count + 1) * sizeof(**out));
	for (size_t i = 0; i < *count; i++)
		(*out)[i] = entries[order[i]].ref;
	free(entries);
	free(order);
	return status;
}
