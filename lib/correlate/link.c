/*
 * Linking day by day: load what has an id, match, name the calls, and write the link files that changed.
 *
 * A day is matched with what lies near its two midnights. A record near midnight is therefore matched with either of its days at hand, and both
 * come to the same result, because each sees all that can matter within three reaches of the border: a pair, and what could rival either of it.
 */
#include <base/file.h>
#include <correlate/link.h>
#include "link_load.h"
#include <stdlib.h>

#define BORDER_NS (3 * LINK_REACH_NS)

/* A call of several records among those loaded. */
struct found_call {
	struct ot_call call;
	uint32_t leader; /* record */
	bool changes;	 /* has a record of the day, or one near its borders: what links.h says of it is to be written */
	uint32_t local;	 /* its number in the segment being written, + 1; see `stamp` */
	uint32_t stamp;
};

/* A segment of the day or of its neighbours. */
struct linked_segment {
	uint32_t ref;	       /* place in the snapshot */
	uint32_t first, count; /* its records in the table */
	bool own;	       /* of the day itself */
};

struct linker {
	struct ot_store *store;
	struct ot_snapshot snapshot;
	const int64_t *days;
	size_t day_count;
	struct ot_links *old; /* by segment of the snapshot: what is listed, or what was made for it here */
	bool *old_loaded, *changed;
	char (*names)[64]; /* by segment: of the link file made here, "" for none */
	struct link_table table;
	struct linked_segment *segments; /* of the pass */
	uint32_t segment_count;
	struct found_call *calls; /* of the pass */
	uint32_t call_count;
	int64_t day;
	struct ot_arena arena; /* of the pass */
	struct ot_link_result result;
};

int ot_leader_rank(int64_t origin_kind, int64_t client_kind)
{
	static const int kind_ranks[] = {
		[OT_KIND_GATEWAY] = 0, [OT_KIND_AI_GATEWAY] = 1, [OT_KIND_MCP_GATEWAY] = 2, [OT_KIND_PROXY] = 3, [OT_KIND_SERVICE] = 4, [OT_KIND_WIRE] = 6,
	};
	bool known = origin_kind >= 0 && origin_kind < (int64_t)(sizeof(kind_ranks) / sizeof(kind_ranks[0]));
	bool named = client_kind >= 0 && client_kind != OT_CALLER_ADDRESS;
	return (origin_kind == OT_KIND_WIRE ? 100 : 0) + (named ? 0 : 50) + (known ? kind_ranks[origin_kind] : 5);
}

/* --- names and order --- */

static struct ot_str record_id(struct linker *l, const struct link_record *r)
{
	struct ot_buf id = { 0 };
	ot_record_id_put(&id, l->table.keys.items[r->source_key], r->offset, r->item);
	struct ot_str copy = ot_arena_str(&l->arena, ot_buf_str(&id));
	ot_buf_release(&id);
	return copy;
}

struct member {
	uint32_t record;
	int rank;
	int64_t start;
	struct ot_str id;
};

static int compare_times(const void *pa, const void *pb)
{
	const struct member *a = pa, *b = pb;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return ot_str_cmp(a->id, b->id);
}

static bool leads(const struct member *a, const struct member *b)
{
	return a->rank != b->rank ? a->rank < b->rank : compare_times(a, b) < 0;
}

static size_t group_size(const struct link_record *records, uint32_t root)
{
	size_t size = 1;
	for (uint32_t i = records[root].next; i != root; i = records[i].next)
		size++;
	return size;
}

/* Members in order of time. */
static struct member *members_of(struct linker *l, uint32_t root, size_t size)
{
	struct member *members = ot_arena_zero(&l->arena, size, sizeof(*members));
	uint32_t at = root;
	for (size_t i = 0; i < size; i++, at = l->table.records[at].next) {
		const struct link_record *r = &l->table.records[at];
		members[i] = (struct member){ at, ot_leader_rank(r->origin_kind, r->client_kind), r->start, record_id(l, r) };
	}
	qsort(members, size, sizeof(*members), compare_times);
	return members;
}

static const struct ot_call *old_call(const struct linker *l, const struct link_record *r)
{
	const struct ot_links *old = &l->old[l->segments[r->segment].ref];
	if (r->row >= old->rows || old->call_of_row[r->row] == 0)
		return NULL;
	return &old->calls[old->call_of_row[r->row] - 1];
}

/* The id that the call has had; but only where the record it is named after is still in it, since elsewhere it names another call. */
static struct ot_str kept_id(const struct linker *l, const struct member *members, size_t size)
{
	struct ot_str kept = OT_STR_NONE;
	for (size_t i = 0; i < size; i++) {
		const struct ot_call *call = old_call(l, &l->table.records[members[i].record]);
		if (call == NULL || (kept.ptr != NULL && ot_str_cmp(call->call_id, kept) >= 0))
			continue;
		for (size_t j = 0; j < size; j++)
			if (ot_str_eq(members[j].id, call->call_id))
				kept = members[j].id;
	}
	return kept;
}

static void set_origins(struct linker *l, struct ot_call *call, const struct member *members, size_t size)
{
	struct ot_str *origins = ot_arena_zero(&l->arena, size, sizeof(*origins));
	for (size_t i = 0; i < size; i++) {
		struct ot_str origin = l->table.origins.items[l->table.records[members[i].record].origin];
		uint32_t j = 0;
		while (j < call->origin_count && !ot_str_eq(origins[j], origin))
			j++;
		if (j == call->origin_count)
			origins[call->origin_count++] = origin;
	}
	call->origins = origins;
}

static void name_call(struct linker *l, uint32_t root, size_t size, struct found_call *found)
{
	struct member *members = members_of(l, root, size);
	size_t leader = 0;
	for (size_t i = 1; i < size; i++)
		if (leads(&members[i], &members[leader]))
			leader = i;
	found->leader = members[leader].record;
	found->call.records = (uint32_t)size;
	found->call.call_id = kept_id(l, members, size);
	if (found->call.call_id.ptr == NULL)
		found->call.call_id = members[leader].id;
	set_origins(l, &found->call, members, size);
}

/* --- a pass: one day with its borders --- */

static bool is_own(const struct linker *l, const struct link_record *r) { return l->segments[r->segment].own; }

/* Whether this pass decides about the record: one of the day, or near enough to it that all its rivals are loaded. */
static bool is_decided(const struct linker *l, const struct link_record *r)
{
	int64_t begin = l->day * OT_NS_PER_DAY, end = begin + OT_NS_PER_DAY;
	return is_own(l, r) || (r->start >= begin - LINK_REACH_NS && r->start < end + LINK_REACH_NS);
}

static void name_calls(struct linker *l)
{
	struct link_table *t = &l->table;
	l->call_count = 0;
	for (uint32_t i = 0; i < t->count; i++)
		l->call_count += t->records[i].root == i && t->records[i].next != i;
	l->calls = ot_arena_zero(&l->arena, l->call_count, sizeof(*l->calls));
	uint32_t number = 0;
	for (uint32_t i = 0; i < t->count; i++) {
		struct link_record *root = &t->records[i];
		if (root->root != i || root->next == i)
			continue;
		struct found_call *found = &l->calls[number++];
		name_call(l, i, group_size(t->records, i), found);
		uint32_t at = i;
		do {
			t->records[at].call = number;
			found->changes |= is_decided(l, &t->records[at]);
			at = t->records[at].next;
		} while (at != i);
	}
}

static bool day_is_linked(const struct linker *l, int64_t day)
{
	for (size_t i = 0; i < l->day_count; i++)
		if (l->days[i] == day)
			return true;
	return false;
}

/* A link file that cannot be read is one that is not there: it is written anew. */
static enum ot_status load_old(struct linker *l, uint32_t ref, struct ot_err *err)
{
	const char *path = l->snapshot.segments[ref].link_path;
	if (l->old_loaded[ref] || path == NULL)
		return OT_OK;
	l->old_loaded[ref] = true;
	enum ot_status status = ot_links_open(&l->old[ref], path, err);
	if (status == OT_CORRUPT || status == OT_NOT_FOUND)
		return OT_OK;
	return status;
}

static enum ot_status load_segment(struct linker *l, uint32_t ref, int64_t since, int64_t until, struct ot_err *err)
{
	struct ot_segment *segment;
	enum ot_status status = ot_segment_open(&segment, l->snapshot.segments[ref].path, err);
	if (status == OT_CORRUPT)
		return OT_OK; /* its damage shows in every answer; there is nothing to link */
	if (status != OT_OK)
		return status;
	struct linked_segment *s = &l->segments[l->segment_count];
	*s = (struct linked_segment){ .ref = ref, .first = l->table.count, .own = l->snapshot.segments[ref].info.day == l->day };
	status = link_load(&l->table, segment, l->segment_count, since, until, err);
	s->count = l->table.count - s->first;
	l->segment_count++;
	if (status == OT_OK && (s->count > 0 || s->own))
		status = load_old(l, ref, err);
	ot_segment_close(segment);
	return status;
}

static enum ot_status load_pass(struct linker *l, struct ot_err *err)
{
	int64_t begin = l->day * OT_NS_PER_DAY, end = begin + OT_NS_PER_DAY;
	enum ot_status status = OT_OK;
	link_table_clear(&l->table);
	ot_arena_reset(&l->arena);
	l->segment_count = 0;
	for (uint32_t i = 0; status == OT_OK && i < l->snapshot.segment_count; i++) {
		const struct ot_segment_info *info = &l->snapshot.segments[i].info;
		if (info->day == l->day)
			status = load_segment(l, i, INT64_MIN, INT64_MAX, err);
		else if (info->day == l->day - 1 && info->time_max >= begin - BORDER_NS)
			status = load_segment(l, i, begin - BORDER_NS, begin, err);
		else if (info->day == l->day + 1 && info->time_min < end + BORDER_NS)
			status = load_segment(l, i, end, end + BORDER_NS, err);
	}
	return status;
}

/* --- what a segment's link file is to hold --- */

struct links_maker {
	struct ot_links links; /* arrays are in links.arena */
	uint32_t *call_of_row;
	uint8_t *evidence, *leader;
	struct ot_call *calls;
	uint32_t call_cap;
};

static void maker_init(struct links_maker *m, uint32_t rows, uint32_t calls_max)
{
	*m = (struct links_maker){ .links.rows = rows, .call_cap = calls_max };
	m->call_of_row = ot_arena_zero(&m->links.arena, rows, sizeof(uint32_t));
	m->evidence = ot_arena_zero(&m->links.arena, rows, 1);
	m->leader = ot_arena_zero(&m->links.arena, rows, 1);
	m->calls = ot_arena_zero(&m->links.arena, calls_max, sizeof(struct ot_call));
	m->links.call_of_row = m->call_of_row;
	m->links.evidence = m->evidence;
	m->links.leader = m->leader;
	m->links.calls = m->calls;
}

/* A call in memory of the links themselves: they outlive the pass. */
static uint32_t maker_add_call(struct links_maker *m, const struct ot_call *call)
{
	struct ot_arena *arena = &m->links.arena;
	struct ot_str *origins = ot_arena_zero(arena, call->origin_count, sizeof(*origins));
	for (uint32_t i = 0; i < call->origin_count; i++)
		origins[i] = ot_arena_str(arena, call->origins[i]);
	m->calls[m->links.call_count++] = (struct ot_call){ ot_arena_str(arena, call->call_id), call->records, origins, call->origin_count };
	return m->links.call_count;
}

/* Rows that this pass does not decide about stay as they are. */
static void keep_old_rows(struct linker *l, struct links_maker *m, const struct linked_segment *s, const struct ot_links *old)
{
	uint32_t *numbers = ot_alloc_zero(old->call_count, sizeof(uint32_t)); /* old call -> new number */
	bool *decided = ot_alloc_zero(m->links.rows, sizeof(bool));
	for (uint32_t i = s->first; i < s->first + s->count; i++) {
		const struct link_record *r = &l->table.records[i];
		decided[r->row] = is_decided(l, r) || (r->call != 0 && l->calls[r->call - 1].changes);
	}
	for (uint32_t row = 0; row < old->rows && row < m->links.rows; row++) {
		uint32_t call = old->call_of_row[row];
		if (call == 0 || decided[row])
			continue;
		if (numbers[call - 1] == 0)
			numbers[call - 1] = maker_add_call(m, &old->calls[call - 1]);
		m->call_of_row[row] = numbers[call - 1];
		m->evidence[row] = old->evidence[row];
		m->leader[row] = old->leader[row];
	}
	free(numbers);
	free(decided);
}

static void take_new_rows(struct linker *l, struct links_maker *m, uint32_t number)
{
	const struct linked_segment *s = &l->segments[number];
	for (uint32_t i = s->first; i < s->first + s->count; i++) {
		const struct link_record *r = &l->table.records[i];
		struct found_call *found = r->call == 0 ? NULL : &l->calls[r->call - 1];
		if (found == NULL || !found->changes)
			continue;
		if (found->stamp != number + 1) {
			found->stamp = number + 1;
			found->local = maker_add_call(m, &found->call);
		}
		m->call_of_row[r->row] = found->local;
		m->evidence[r->row] = r->evidence;
		m->leader[r->row] = found->leader == i;
	}
}

static bool calls_equal(const struct ot_call *a, const struct ot_call *b)
{
	if (!ot_str_eq(a->call_id, b->call_id) || a->records != b->records || a->origin_count != b->origin_count)
		return false;
	for (uint32_t i = 0; i < a->origin_count; i++)
		if (!ot_str_eq(a->origins[i], b->origins[i]))
			return false;
	return true;
}

static bool row_equal(const struct ot_links *a, const struct ot_links *b, uint32_t row)
{
	uint32_t call_a = a->call_of_row[row], call_b = row < b->rows ? b->call_of_row[row] : 0;
	if (call_a == 0 || call_b == 0)
		return call_a == call_b;
	return a->evidence[row] == b->evidence[row] && a->leader[row] == b->leader[row] && calls_equal(&a->calls[call_a - 1], &b->calls[call_b - 1]);
}

static bool links_equal(const struct ot_links *a, const struct ot_links *b)
{
	for (uint32_t row = 0; row < a->rows; row++)
		if (!row_equal(a, b, row))
			return false;
	return true;
}

/* What comes out takes the place of what was, for the next pass that touches the segment and for writing. */
static void remake_segment(struct linker *l, uint32_t number)
{
	const struct linked_segment *s = &l->segments[number];
	struct ot_links *old = &l->old[s->ref];
	struct links_maker m;
	maker_init(&m, l->snapshot.segments[s->ref].info.rows, s->count + old->call_count);
	if (!s->own)
		keep_old_rows(l, &m, s, old);
	take_new_rows(l, &m, number);
	if (links_equal(&m.links, old)) {
		ot_links_release(&m.links);
		return;
	}
	ot_links_release(old);
	*old = m.links;
	l->changed[s->ref] = true;
}

static void count_result(struct linker *l)
{
	for (uint32_t i = 0; i < l->segment_count; i++) {
		const struct linked_segment *s = &l->segments[i];
		if (!s->own)
			continue;
		l->result.records += l->snapshot.segments[s->ref].info.rows;
		for (uint32_t j = s->first; j < s->first + s->count; j++) {
			const struct link_record *r = &l->table.records[j];
			l->result.linked_records += r->call != 0;
			l->result.calls += r->call != 0 && l->calls[r->call - 1].leader == j;
		}
	}
}

static bool may_hold_pairs(const struct linker *l)
{
	if (l->table.streams.count > 1)
		return true;
	for (uint32_t i = 0; i < l->segment_count; i++)
		if (l->snapshot.segments[l->segments[i].ref].link_path != NULL)
			return true;
	return false;
}

static enum ot_status link_day(struct linker *l, int64_t day, struct ot_err *err)
{
	l->day = day;
	l->call_count = 0;
	enum ot_status status = load_pass(l, err);
	if (status != OT_OK)
		return status;
	if (may_hold_pairs(l)) {
		link_match(l->table.records, l->table.count, l->table.streams.count);
		name_calls(l);
		/* A neighbour that has a pass of its own comes to the same result there. */
		for (uint32_t i = 0; i < l->segment_count; i++)
			if (l->segments[i].own || !day_is_linked(l, l->snapshot.segments[l->segments[i].ref].info.day))
				remake_segment(l, i);
	}
	count_result(l);
	return OT_OK;
}

/* --- writing --- */

static enum ot_status publish(struct linker *l, uint32_t ref, char name[64], struct ot_err *err)
{
	struct ot_buf path = { 0 }, temporary = { 0 };
	ot_store_new_name(l->store, ".lnk", name);
	enum ot_status status = ot_store_segment_dir(l->store, l->snapshot.segments[ref].info.day, &path, err);
	if (status == OT_OK) {
		ot_buf_printf(&path, "/%s", name);
		ot_buf_printf(&temporary, "%.*s.tmp", OT_STR_ARGS(ot_buf_str(&path)));
		ot_buf_char(&path, '\0');
		ot_buf_char(&temporary, '\0');
		status = ot_links_write(temporary.data, &l->old[ref], err);
	}
	if (status == OT_OK)
		status = ot_file_rename(temporary.data, path.data, err);
	ot_buf_release(&path);
	ot_buf_release(&temporary);
	return status;
}

/* Segments of days that no later pass touches: their files are put in place, and what was held of them is let go. */
static enum ot_status settle(struct linker *l, int64_t before_day, struct ot_err *err)
{
	enum ot_status status = OT_OK;
	for (uint32_t i = 0; status == OT_OK && i < l->snapshot.segment_count; i++) {
		if (l->snapshot.segments[i].info.day >= before_day)
			continue;
		if (l->changed[i] && l->old[i].call_count > 0)
			status = publish(l, i, l->names[i], err);
		ot_links_release(&l->old[i]);
		l->old[i] = (struct ot_links){ 0 };
	}
	return status;
}

/* By now all files are in place, so that the transaction is short. */
static enum ot_status commit_changes(struct linker *l, struct ot_err *err)
{
	struct ot_commit *commit = NULL;
	enum ot_status status = OT_OK;
	for (uint32_t i = 0; status == OT_OK && i < l->snapshot.segment_count; i++) {
		if (!l->changed[i])
			continue;
		if (commit == NULL)
			status = ot_commit_begin(&commit, l->store, err);
		if (status == OT_OK)
			status = ot_commit_link(commit, l->snapshot.segments[i].id, l->names[i][0] == '\0' ? NULL : l->names[i], err);
	}
	if (status == OT_OK && commit != NULL) {
		int64_t snapshot;
		return ot_commit_finish(commit, &snapshot, err);
	}
	ot_commit_abort(commit);
	return status;
}

static int compare_days(const void *pa, const void *pb)
{
	int64_t a = *(const int64_t *)pa, b = *(const int64_t *)pb;
	return (a > b) - (a < b);
}

/* Those days in order, each once; records without a time are left alone. */
static int64_t *sorted_days(const int64_t *days, size_t *count)
{
	int64_t *sorted = ot_alloc_zero(*count, sizeof(*sorted));
	size_t n = 0;
	if (*count > 0)
		memcpy(sorted, days, *count * sizeof(*sorted));
	qsort(sorted, *count, sizeof(*sorted), compare_days);
	for (size_t i = 0; i < *count; i++)
		if (sorted[i] != OT_DAY_UNDATED && (n == 0 || sorted[n - 1] != sorted[i]))
			sorted[n++] = sorted[i];
	*count = n;
	return sorted;
}

static void linker_init(struct linker *l)
{
	size_t segments = l->snapshot.segment_count;
	l->old = ot_alloc_zero(segments, sizeof(*l->old));
	l->old_loaded = ot_alloc_zero(segments, sizeof(bool));
	l->changed = ot_alloc_zero(segments, sizeof(bool));
	l->names = ot_alloc_zero(segments, sizeof(*l->names));
	l->segments = ot_alloc_zero(segments, sizeof(*l->segments));
}

static void linker_release(struct linker *l)
{
	for (size_t i = 0; l->old != NULL && i < l->snapshot.segment_count; i++)
		ot_links_release(&l->old[i]);
	free(l->old);
	free(l->old_loaded);
	free(l->changed);
	free(l->names);
	free(l->segments);
	link_table_release(&l->table);
	ot_arena_release(&l->arena);
	ot_snapshot_release(&l->snapshot);
}

enum ot_status ot_link_days(struct ot_store *store, const int64_t *days, size_t count, struct ot_link_result *result, struct ot_err *err)
{
	struct linker l = { .store = store, .day_count = count };
	int64_t *sorted = sorted_days(days, &l.day_count);
	l.days = sorted;
	enum ot_status status = ot_snapshot_open(&l.snapshot, store, 0, err);
	if (status == OT_OK)
		linker_init(&l);
	for (size_t i = 0; status == OT_OK && i < l.day_count; i++) {
		status = link_day(&l, l.days[i], err);
		if (status == OT_OK)
			status = settle(&l, i + 1 < l.day_count ? l.days[i] : INT64_MAX, err);
	}
	if (status == OT_OK)
		status = commit_changes(&l, err);
	linker_release(&l);
	free(sorted);
	if (result != NULL)
		*result = l.result;
	return status;
}
