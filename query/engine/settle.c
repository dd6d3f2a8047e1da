/*
 * Calls that match, but not by the record that leads them: of the records that do match, which one stands for the call?
 *
 * A call's records may lie in several segments, and in two neighbouring days. Where a scan covers some days only, the
 * records beyond its edge are asked too, so that the two days agree on where the call stands.
 */
#include "scan.h"

#include <stdlib.h>
#include <string.h>

struct candidate {
	uint32_t call; /* code of its call_id */
	struct row_ref ref;
	bool outside; /* of the scan: the days beyond its edge will give it */
	bool lost; /* its block is damaged */
	struct row_key key;
};

struct settle {
	struct scan *scan;
	struct worker *worker;
	struct ot_intern ids;
	uint8_t *led, *open; /* by code: its leading record matches; records of it lie in other segments */
	uint32_t state_cap;
	struct candidate *candidates;
	size_t count, cap;
};

static uint32_t call_code(struct settle *settle, struct ot_str call_id)
{
	uint32_t code = ot_intern_put(&settle->ids, call_id, NULL);

	if (code >= settle->state_cap) {
		uint32_t cap = settle->state_cap == 0 ? 1024 : settle->state_cap * 2;

		settle->led = ot_realloc(settle->led, cap);
		settle->open = ot_realloc(settle->open, cap);
		memset(settle->led + settle->state_cap, 0, cap - settle->state_cap);
		memset(settle->open + settle->state_cap, 0, cap - settle->state_cap);
		settle->state_cap = cap;
	}
	return code;
}

static void add_candidate(struct settle *settle, uint32_t call, uint32_t part, uint32_t row, bool outside)
{
	if (settle->count == settle->cap) {
		settle->cap = settle->cap == 0 ? 256 : settle->cap * 2;
		settle->candidates = ot_realloc(settle->candidates, settle->cap * sizeof(*settle->candidates));
	}
	settle->candidates[settle->count++] = (struct candidate){.call = call, .ref = {part, row}, .outside = outside};
}

/* --- the parts of the scan --- */

static bool is_marked(const struct scan_part *part, uint32_t row)
{
	return part->matched[row / 8] >> (row % 8) & 1;
}

/* For each call of a part whether its leading record matches, and how many of its records lie here. */
struct call_state {
	bool led, matched;
	uint32_t records, code;
};

static void look_at_calls(const struct scan_part *part, struct call_state *states)
{
	const struct ot_links *links = part->links;

	for (uint32_t row = 0; row < links->rows; row++) {
		struct call_state *state;

		if (links->call_of_row[row] == 0)
			continue;
		state = &states[links->call_of_row[row] - 1];
		state->records++;
		if (is_marked(part, row)) {
			state->matched = true;
			state->led = state->led || links->leader[row];
		}
	}
}

static void gather_part(struct settle *settle, const struct scan_part *part)
{
	const struct ot_links *links = part->links;
	struct call_state *states = ot_alloc_zero(links->call_count, sizeof(*states));

	look_at_calls(part, states);
	for (uint32_t i = 0; i < links->call_count; i++) {
		bool open = states[i].records < links->calls[i].records;

		if (!states[i].matched || (states[i].led && !open))
			continue;
		states[i].code = call_code(settle, links->calls[i].call_id);
		settle->led[states[i].code] |= states[i].led;
		settle->open[states[i].code] |= open;
	}
	for (uint32_t row = 0; row < links->rows; row++) {
		uint32_t call = links->call_of_row[row];

		if (call != 0 && !states[call - 1].led && is_marked(part, row))
			add_candidate(settle, states[call - 1].code, part->number, row, false);
	}
	free(states);
}

/* --- beyond the edge --- */

static bool is_unsettled(const struct settle *settle)
{
	for (size_t i = 0; i < settle->count; i++) {
		if (settle->open[settle->candidates[i].call] && !settle->led[settle->candidates[i].call])
			return true;
	}
	return false;
}

static enum ot_status ask_block(struct settle *settle, struct scan_part *part, uint32_t number, struct rows in,
    const uint32_t *code_of_call, struct ot_err *err)
{
	struct query *query = settle->scan->query;
	struct block *block = &settle->worker->block;
	struct rows matched;
	enum ot_status status;

	block_init(block, query->engine, part->number, number, &settle->worker->arena);
	status = node_rows(part->node, block, settle->worker->matchers, in, &matched, err);
	for (uint32_t i = 0; status == OT_OK && i < matched.count; i++) {
		uint32_t row = block->first + rows_at(&matched, i),
			 code = code_of_call[part->links->call_of_row[row] - 1];

		if (part->links->leader[row])
			settle->led[code] = 1;
		else
			add_candidate(settle, code, part->number, row, true);
	}
	return scan_damage(query, part->number, number, status, err);
}

static enum ot_status ask_rows(
    struct settle *settle, struct scan_part *part, const uint32_t *code_of_call, struct ot_err *err)
{
	uint16_t *rows = ot_alloc(OT_BLOCK_ROWS * sizeof(*rows));
	enum ot_status status = OT_OK;

	for (uint32_t first = 0; first < part->links->rows && status == OT_OK; first += OT_BLOCK_ROWS) {
		uint32_t count = 0;

		for (uint32_t row = first; row < part->links->rows && row < first + OT_BLOCK_ROWS; row++) {
			uint32_t call = part->links->call_of_row[row];

			if (call != 0 && code_of_call[call - 1] != UINT32_MAX)
				rows[count++] = (uint16_t)(row - first);
		}
		if (count > 0)
			status = ask_block(
			    settle, part, first / OT_BLOCK_ROWS, (struct rows){rows, count}, code_of_call, err);
	}
	free(rows);
	return status;
}

static enum ot_status ask_part(struct settle *settle, uint32_t number, struct ot_err *err)
{
	struct scan_part part = {.number = number, .lock = PTHREAD_MUTEX_INITIALIZER};
	struct ot_scan_stats before = settle->worker->stats;
	enum ot_status status = scan_part_ready(settle->scan, settle->worker, &part, err);

	if (status == OT_OK && !part.skipped && part.links != NULL) {
		uint32_t *code_of_call = ot_alloc(part.links->call_count * sizeof(*code_of_call));
		bool any = false;

		for (uint32_t i = 0; i < part.links->call_count; i++) {
			code_of_call[i] = ot_intern_find(&settle->ids, part.links->calls[i].call_id);
			any = any || code_of_call[i] != UINT32_MAX;
		}
		if (any)
			status = ask_rows(settle, &part, code_of_call, err);
		free(code_of_call);
	}
	settle->worker->stats = before;
	ot_arena_release(&part.arena);
	return status;
}

static int64_t day_of(const struct query *query, size_t i)
{
	return query->engine->parts[query->parts[i]].ref->info.day;
}

static bool is_near(const struct scan *scan, size_t i)
{
	int64_t day = day_of(scan->query, i);

	if (day == OT_DAY_UNDATED)
		return false;
	return i < scan->first ? day + 1 >= day_of(scan->query, scan->first)
			       : day <= day_of(scan->query, scan->end - 1) + 1;
}

static enum ot_status ask_neighbours(struct settle *settle, struct ot_err *err)
{
	struct scan *scan = settle->scan;
	enum ot_status status = OT_OK;

	for (size_t i = 0; i < scan->query->part_count && status == OT_OK; i++) {
		if ((i < scan->first || i >= scan->end) && is_near(scan, i))
			status = ask_part(settle, scan->query->parts[i], err);
	}
	return status;
}

/* --- choosing --- */

static int by_place(const void *a, const void *b)
{
	const struct row_ref *x = &((const struct candidate *)a)->ref, *y = &((const struct candidate *)b)->ref;

	return x->part != y->part ? (x->part > y->part) - (x->part < y->part) : (x->row > y->row) - (x->row < y->row);
}

static size_t run_of_block(const struct candidate *candidates, size_t from, size_t count)
{
	size_t end = from;

	while (end < count && candidates[end].ref.part == candidates[from].ref.part &&
	       candidates[end].ref.row / OT_BLOCK_ROWS == candidates[from].ref.row / OT_BLOCK_ROWS)
		end++;
	return end;
}

/* The candidates from..end, all of one block, which is made the worker's. The rows lie in its arena. */
static struct rows open_block(struct settle *settle, size_t from, size_t end)
{
	const struct row_ref *ref = &settle->candidates[from].ref;
	uint16_t *rows;

	block_init(&settle->worker->block, settle->scan->query->engine, ref->part, ref->row / OT_BLOCK_ROWS,
	    &settle->worker->arena);
	rows = ot_arena_alloc(&settle->worker->arena, (end - from) * sizeof(*rows));
	for (size_t i = from; i < end; i++)
		rows[i - from] = (uint16_t)(settle->candidates[i].ref.row % OT_BLOCK_ROWS);
	return (struct rows){rows, (uint32_t)(end - from)};
}

static enum ot_status load_keys(struct settle *settle, struct ot_err *err)
{
	enum ot_status status = OT_OK;

	for (size_t from = 0, end; from < settle->count && status == OT_OK; from = end) {
		struct candidate *first = &settle->candidates[from];
		struct row_key *keys;
		struct rows rows;

		end = run_of_block(settle->candidates, from, settle->count);
		rows = open_block(settle, from, end);
		keys = ot_arena_alloc(&settle->worker->arena, rows.count * sizeof(*keys));
		status = row_keys(&settle->worker->block, &rows, true, keys, err);
		for (size_t i = from; i < end; i++) {
			settle->candidates[i].lost = status != OT_OK;
			if (status == OT_OK)
				settle->candidates[i].key = keys[i - from];
		}
		status = scan_damage(settle->scan->query, first->ref.part, first->ref.row / OT_BLOCK_ROWS, status, err);
	}
	return status;
}

/* Leaves the one candidate of each call that comes first, and of those the ones inside, in order of place. */
static void choose(struct settle *settle)
{
	size_t *best = ot_alloc((settle->ids.count + 1) * sizeof(*best));
	size_t kept = 0;

	memset(best, 0xff, (settle->ids.count + 1) * sizeof(*best));
	for (size_t i = 0; i < settle->count; i++) {
		const struct candidate *candidate = &settle->candidates[i];
		size_t *other = &best[candidate->call];

		if (settle->led[candidate->call] || candidate->lost)
			continue;
		if (*other == SIZE_MAX || row_key_cmp(&candidate->key, &settle->candidates[*other].key) < 0)
			*other = i;
	}
	for (size_t i = 0; i < settle->count; i++) {
		if (best[settle->candidates[i].call] == i && !settle->candidates[i].outside)
			settle->candidates[kept++] = settle->candidates[i];
	}
	settle->count = kept;
	free(best);
}

/* Those whose call has its leading record need no look. */
static void drop_led(struct settle *settle)
{
	size_t kept = 0;

	for (size_t i = 0; i < settle->count; i++) {
		if (!settle->led[settle->candidates[i].call])
			settle->candidates[kept++] = settle->candidates[i];
	}
	settle->count = kept;
	if (kept > 0)
		qsort(settle->candidates, kept, sizeof(*settle->candidates), by_place);
}

static enum ot_status give(struct settle *settle, struct ot_err *err)
{
	struct scan *scan = settle->scan;
	enum ot_status status = OT_OK;

	for (size_t from = 0, end; from < settle->count && status == OT_OK; from = end) {
		struct found found = {.matched = {NULL, 0}};
		struct row_ref ref = settle->candidates[from].ref;

		if (engine_cancelled(scan->query->engine))
			return ot_err_set(err, OT_CANCELLED, "stopped");
		end = run_of_block(settle->candidates, from, settle->count);
		found.rows = open_block(settle, from, end);
		status = scan->sink(scan->context, settle->worker, &settle->worker->block, &found, err);
		settle->worker->stats.values_decoded += settle->worker->block.values_decoded;
		status = scan_damage(scan->query, ref.part, ref.row / OT_BLOCK_ROWS, status, err);
	}
	return status;
}

enum ot_status scan_settle(struct scan *scan, struct ot_err *err)
{
	struct settle settle = {.scan = scan, .worker = scan->worker != NULL ? scan->worker : &scan->query->workers[0]};
	enum ot_status status = OT_OK;

	for (size_t i = 0; i < scan->end - scan->first; i++) {
		if (scan->parts[i].matched != NULL)
			gather_part(&settle, &scan->parts[i]);
	}
	if (is_unsettled(&settle))
		status = ask_neighbours(&settle, err);
	drop_led(&settle);
	if (status == OT_OK)
		status = load_keys(&settle, err);
	if (status == OT_OK) {
		choose(&settle);
		status = give(&settle, err);
	}
	ot_intern_release(&settle.ids);
	free(settle.led);
	free(settle.open);
	free(settle.candidates);
	return status;
}
