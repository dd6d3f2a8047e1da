/*
 * A store of random records, made with the store's own writers, beside the same records in memory: what the engine's
 * answers are held against. Values come from small vocabularies, so that filters and groups meet; times tie; some
 * records have none; calls reach into neighbouring days.
 */
#ifndef OT_TEST_WORLD_H
#define OT_TEST_WORLD_H

#include <base/file.h>
#include <base/time.h>
#include <correlate/link.h>
#include <correlate/route.h>
#include <store/links.h>
#include <store/store.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { WORLD_DAYS = 4, WORLD_SEGMENTS_MAX = 3, WORLD_CALL_MAX = 4 };

struct world_call {
	size_t members[WORLD_CALL_MAX], count, leader;
	struct ot_str id;
};

struct world_row {
	struct ot_record record;
	int64_t day; /* OT_DAY_UNDATED */
	unsigned segment; /* of the day */
	struct world_call *call; /* NULL: a call of its own */
	unsigned evidence;
};

struct world {
	char dir[64];
	struct ot_store *store;
	struct world_row *rows;
	size_t count;
	struct world_call *calls;
	size_t call_count;
	uint64_t state;
	bool rules;
	struct ot_arena arena;
};

static inline uint64_t world_random(struct world *world, uint64_t below)
{
	uint64_t z = world->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % below;
}

static inline struct ot_str world_pick(struct world *world, const char *const *words, size_t count)
{
	return ot_str_from(words[world_random(world, count)]);
}
#define WORLD_PICK(world, ...)                                                                                         \
	world_pick(                                                                                                    \
	    world, (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static inline int64_t world_first_day(void)
{
	return ot_days_from_civil(2026, 3, 10);
}

/* --- records --- */

static inline void world_set(
    struct world *world, struct ot_record *record, enum ot_field field, unsigned percent, struct ot_str text)
{
	if (world_random(world, 100) < percent)
		ot_record_set_text(record, field, text);
}

static inline void world_number(
    struct world *world, struct ot_record *record, enum ot_field field, unsigned percent, uint64_t below)
{
	if (world_random(world, 100) < percent)
		ot_record_set_int(record, field, (int64_t)world_random(world, below));
}

static inline void world_who(struct world *world, struct ot_record *record)
{
	world_set(world, record, OT_CLIENT, 90,
	    WORLD_PICK(
		world, "agent-1", "agent-12", "agent-42", "acme mobile", "a,b", "it's", "", "zoë", "*", "-x", "(y)"));
	world_number(world, record, OT_CLIENT_KIND, 80, 5);
	world_number(world, record, OT_CLIENT_TRUST, 50, 4);
	world_set(world, record, OT_USER, 20, WORLD_PICK(world, "alice", "bob", "carol"));
	world_set(world, record, OT_CLIENT_ADDRESS, 80,
	    WORLD_PICK(
		world, "10.0.0.1", "10.0.0.77", "10.1.2.3", "192.168.7.9", "2001:db8::1", "2001:db8:1::2", "unix:"));
	world_number(world, record, OT_CLIENT_PORT, 30, 65536);
	world_set(world, record, OT_USER_AGENT, 60,
	    WORLD_PICK(world, "curl/8.0", "Mozilla/5.0 (X11; Linux)", "python-requests/2.31"));
}

static inline void world_what(struct world *world, struct ot_record *record)
{
	struct ot_str path = ot_arena_printf(&world->arena, "/api/%s%s%llu",
	    (const char *[]){"payments/", "users/", "payments-old/", "x"}[world_random(world, 4)],
	    (const char *[]){"", "a/"}[world_random(world, 2)], (unsigned long long)world_random(world, 30));

	world_set(world, record, OT_HTTP_REQUEST_METHOD, 95, WORLD_PICK(world, "GET", "POST", "DELETE"));
	world_set(world, record, OT_URL_PATH, 95, path);
	world_set(world, record, OT_URL_QUERY, 20, WORLD_PICK(world, "page=2", "a=b&c=d", ""));
	world_set(world, record, OT_HTTP_ROUTE, 90,
	    WORLD_PICK(world, "/api/payments/{id}", "/api/users/anna", "/api/users/bert", "/api/users/{id}", "/api/x"));
	world_set(world, record, OT_SERVER_ADDRESS, 40, WORLD_PICK(world, "api.example.com", "edge.example.com"));
}

static inline void world_how(struct world *world, struct ot_record *record)
{
	static const int64_t codes[] = {200, 200, 200, 201, 301, 401, 404, 429, 500, 503, 0};

	if (world_random(world, 100) < 95)
		ot_record_set_int(
		    record, OT_HTTP_RESPONSE_STATUS_CODE, codes[world_random(world, sizeof(codes) / sizeof(*codes))]);
	world_number(world, record, OT_OUTCOME, 60, 5);
	if (world_random(world, 100) < 90)
		ot_record_set_int(record, OT_DURATION,
		    (int64_t)world_random(world, 40) *
			(int64_t)(world_random(world, 3) == 0 ? 100 * OT_NS_PER_MS : 1001));
	world_number(world, record, OT_HTTP_RESPONSE_SIZE, 50, 100000);
	world_number(world, record, OT_GEN_AI_INPUT_TOKENS, 30, 5000);
	world_number(world, record, OT_GEN_AI_COST, 20, 30000);
	world_number(world, record, OT_GEN_AI_STREAM, 20, 2);
	world_set(world, record, OT_GEN_AI_REQUEST_MODEL, 30, WORLD_PICK(world, "gpt-4o", "claude", "llama"));
	world_set(world, record, OT_ATTRIBUTES, 10, WORLD_PICK(world, "{\"a\":1}", "{\"b\":\"x y\"}"));
}

static inline void world_links(struct world *world, struct ot_record *record)
{
	char bytes[16];
	uint64_t number = world_random(world, 50);

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(number * 37 + i * 11);
	world_set(world, record, OT_TRACE_ID, 60, ot_arena_str(&world->arena, (struct ot_str){bytes, 16}));
	world_set(world, record, OT_SPAN_ID, 30, ot_arena_str(&world->arena, (struct ot_str){bytes + 3, 8}));
	world_set(world, record, OT_REQUEST_ID, 60,
	    ot_arena_printf(&world->arena, world_random(world, 2) ? "req-%llu" : "%032llx",
		(unsigned long long)world_random(world, 60)));
	world_set(world, record, OT_SESSION_ID, 10, WORLD_PICK(world, "s-1", "s-2"));
}

static inline void world_where(struct world *world, struct ot_record *record, size_t number)
{
	uint64_t origin = world_random(world, 4);

	ot_record_set_text(
	    record, OT_ORIGIN, ot_str_from((const char *[]){"kong-edge", "litellm", "wire", "svc"}[origin]));
	if (world_random(world, 20) != 0)
		ot_record_set_int(record, OT_ORIGIN_KIND,
		    (int64_t[]){OT_KIND_GATEWAY, OT_KIND_AI_GATEWAY, OT_KIND_WIRE, OT_KIND_SERVICE}[origin]);
	ot_record_set_text(record, OT_FORMAT, OT_STR("kong"));
	ot_record_set_text(record, OT_SOURCE, OT_STR("a.log"));
	ot_record_set_text(record, OT_SOURCE_KEY, WORLD_PICK(world, "aaaaaaaaa1", "aaaaaaaaa2", "zzzzzzzzz9"));
	/* Several of one line. */
	ot_record_set_int(record, OT_SOURCE_OFFSET, (int64_t)(number / 3) * 7);
	if (number % 3 != 0)
		ot_record_set_int(record, OT_SOURCE_ITEM, (int64_t)(number % 3));
}

static inline void world_row_make(struct world *world, size_t number, bool coarse)
{
	struct world_row *row = &world->rows[number];
	int64_t day = world_first_day() + (int64_t)world_random(world, WORLD_DAYS);
	uint64_t step = coarse ? 3600 * (uint64_t)OT_NS_PER_S : 1;

	ot_record_clear(&row->record);
	world_where(world, &row->record, number);
	world_who(world, &row->record);
	world_what(world, &row->record);
	world_how(world, &row->record);
	world_links(world, &row->record);
	row->day = OT_DAY_UNDATED;
	row->segment = (unsigned)world_random(world, WORLD_SEGMENTS_MAX);
	if (world_random(world, 30) == 0)
		return;
	row->day = day;
	ot_record_set_int(&row->record, OT_TIMESTAMP,
	    day * OT_NS_PER_DAY + (int64_t)(world_random(world, (uint64_t)OT_NS_PER_DAY) / step * step));
}

/* --- order and calls --- */

static inline int world_cmp_number(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static inline int world_cmp_id(const struct ot_record *a, const struct ot_record *b)
{
	int order = ot_str_cmp(ot_record_text(a, OT_SOURCE_KEY), ot_record_text(b, OT_SOURCE_KEY));

	if (order == 0)
		order = world_cmp_number(ot_record_int(a, OT_SOURCE_OFFSET, 0), ot_record_int(b, OT_SOURCE_OFFSET, 0));
	return order != 0 ? order
			  : world_cmp_number(ot_record_int(a, OT_SOURCE_ITEM, 0), ot_record_int(b, OT_SOURCE_ITEM, 0));
}

static inline int world_rank(const struct ot_record *record)
{
	return ot_leader_rank(ot_record_int(record, OT_ORIGIN_KIND, -1), ot_record_int(record, OT_CLIENT_KIND, -1));
}

static inline int world_cmp_leader(const struct ot_record *a, const struct ot_record *b)
{
	int order = world_rank(a) - world_rank(b);

	if (order == 0)
		order = world_cmp_number(
		    ot_record_int(a, OT_TIMESTAMP, INT64_MIN), ot_record_int(b, OT_TIMESTAMP, INT64_MIN));
	return order != 0 ? order : world_cmp_id(a, b);
}

static inline struct ot_str world_record_id(struct world *world, const struct ot_record *record)
{
	struct ot_buf out = {0};
	struct ot_str id;

	ot_record_id_put(&out, ot_record_text(record, OT_SOURCE_KEY), ot_record_int(record, OT_SOURCE_OFFSET, 0),
	    ot_record_int(record, OT_SOURCE_ITEM, 0));
	id = ot_arena_str(&world->arena, ot_buf_str(&out));
	ot_buf_release(&out);
	return id;
}

/* Records of one day or of two neighbouring ones, not linked yet. */
static inline void world_call_make(struct world *world)
{
	struct world_call *call = &world->calls[world->call_count];
	size_t wanted = 2 + world_random(world, WORLD_CALL_MAX - 1), tries = 200;
	int64_t first = world_first_day() + (int64_t)world_random(world, WORLD_DAYS),
		last = first + (int64_t)world_random(world, 2);

	while (call->count < wanted && tries-- > 0) {
		struct world_row *row = &world->rows[world_random(world, world->count)];

		if (row->call != NULL || row->day < first || row->day > last)
			continue;
		row->call = call;
		row->evidence = 1 + (unsigned)world_random(world, 7);
		call->members[call->count++] = (size_t)(row - world->rows);
	}
	if (call->count < 2) {
		for (size_t i = 0; i < call->count; i++)
			world->rows[call->members[i]].call = NULL;
		call->count = 0;
		return;
	}
	for (size_t i = 1; i < call->count; i++) {
		if (world_cmp_leader(
			&world->rows[call->members[i]].record, &world->rows[call->members[call->leader]].record) < 0)
			call->leader = i;
	}
	call->id = world_record_id(world, &world->rows[call->members[world_random(world, call->count)]].record);
	world->call_count++;
}

/* --- writing --- */

static inline void world_must(enum ot_status status, const struct ot_err *err)
{
	if (status == OT_OK)
		return;
	fprintf(stderr, "cannot make the store: %s\n", err->text);
	exit(2);
}

/* The row in memory that a row of the segment is, told by what its id is made of. */
static inline struct world_row *world_find(struct world *world, const struct ot_column columns[3], uint32_t i)
{
	int64_t item = ot_column_is_null(&columns[2], i) ? 0 : columns[2].numbers[i];
	size_t number = (size_t)(columns[1].numbers[i] / 7 * 3 + item);

	return &world->rows[number];
}

static inline void world_link_file(
    struct world *world, struct ot_commit *commit, int64_t segment_id, const char *dir, const char *path)
{
	static const enum ot_field fields[] = {OT_SOURCE_KEY, OT_SOURCE_OFFSET, OT_SOURCE_ITEM};
	struct ot_arena arena = {0};
	struct ot_segment *segment;
	struct ot_err err;
	char name[64];
	uint32_t rows, *call_of_row, count = 0;
	uint8_t *evidence, *leader;
	struct ot_call *calls = ot_arena_zero(&arena, world->call_count + 1, sizeof(*calls));
	uint32_t *number_of = ot_arena_zero(&arena, world->call_count + 1, sizeof(*number_of));

	world_must(ot_segment_open(&segment, path, &err), &err);
	rows = ot_segment_rows(segment);
	call_of_row = ot_arena_zero(&arena, rows, sizeof(*call_of_row));
	evidence = ot_arena_zero(&arena, rows, 1);
	leader = ot_arena_zero(&arena, rows, 1);
	for (uint32_t row = 0; row < rows; row++) {
		struct ot_column columns[3];
		struct world_row *found;
		size_t call;

		if (row % OT_BLOCK_ROWS == 0) {
			/* The columns of a block stay good until the next. */
			for (int c = 0; c < 3; c++)
				world_must(ot_segment_decode(
					       segment, fields[c], row / OT_BLOCK_ROWS, &columns[c], &arena, &err),
				    &err);
		}
		found = world_find(world, columns, row % OT_BLOCK_ROWS);
		if (found->call == NULL)
			continue;
		call = (size_t)(found->call - world->calls);
		if (number_of[call] == 0) {
			struct ot_str *origins = ot_arena_zero(&arena, found->call->count, sizeof(*origins));

			for (size_t i = 0; i < found->call->count; i++)
				origins[i] = ot_record_text(&world->rows[found->call->members[i]].record, OT_ORIGIN);
			calls[count] = (struct ot_call){
			    found->call->id, (uint32_t)found->call->count, origins, (uint32_t)found->call->count};
			number_of[call] = ++count;
		}
		call_of_row[row] = number_of[call];
		evidence[row] = (uint8_t)found->evidence;
		leader[row] = (size_t)(found - world->rows) == found->call->members[found->call->leader];
	}
	ot_segment_close(segment);
	if (count > 0) {
		struct ot_links links = {.rows = rows,
		    .call_of_row = call_of_row,
		    .evidence = evidence,
		    .leader = leader,
		    .calls = calls,
		    .call_count = count};
		struct ot_str link_path;

		ot_store_new_name(world->store, ".lnk", name);
		link_path = ot_arena_printf(&arena, "%s%s%c", dir, name, 0);
		world_must(ot_links_write(link_path.ptr, &links, &err), &err);
		world_must(ot_commit_link(commit, segment_id, name, &err), &err);
	}
	ot_arena_release(&arena);
}

static inline void world_segment(struct world *world, struct ot_commit *commit, int64_t day, unsigned number)
{
	struct ot_batch batch = {0};
	struct ot_buf dir = {0}, path = {0};
	struct ot_segment_info info = {0};
	struct ot_err err = {0};
	uint32_t *order;
	int64_t id;

	for (size_t i = 0; i < world->count; i++) {
		if (world->rows[i].day == day && world->rows[i].segment == number)
			ot_batch_append(&batch, &world->rows[i].record);
	}
	if (batch.rows == 0)
		return;
	order = ot_alloc(batch.rows * sizeof(*order));
	for (uint32_t i = 0; i < batch.rows; i++)
		order[i] = i;
	world_must(ot_store_segment_dir(world->store, day, &dir, &err), &err);
	ot_store_new_name(world->store, ".seg", info.name);
	if (!ot_str_ends(ot_buf_str(&dir), OT_STR("/")))
		ot_buf_char(&dir, '/');
	ot_buf_printf(&path, "%.*s%s%c", OT_STR_ARGS(ot_buf_str(&dir)), info.name, 0);
	{
		struct ot_segment_info made = info;

		world_must(ot_segment_write(path.data, &batch, order, batch.rows, &made, &err), &err);
		memcpy(made.name, info.name, sizeof(made.name));
		made.day = day;
		world_must(ot_commit_segment(commit, &made, &id, &err), &err);
	}
	ot_buf_char(&dir, '\0');
	world_link_file(world, commit, id, dir.data, path.data);
	ot_batch_release(&batch);
	ot_buf_release(&dir);
	ot_buf_release(&path);
	free(order);
}

/* http_route as rules show it, and both ids, so that records compare with what a query gives. */
static inline void world_finish(struct world *world)
{
	struct ot_route_rules *rules = NULL;
	struct ot_snapshot snapshot = {0};
	struct ot_err err;

	world_must(ot_snapshot_open(&snapshot, world->store, 0, &err), &err);
	world_must(ot_route_rules_open(&rules, world->store, &snapshot, &err), &err);
	for (size_t i = 0; i < world->count; i++) {
		struct world_row *row = &world->rows[i];
		struct ot_str id = world_record_id(world, &row->record);

		ot_record_set_text(&row->record, OT_RECORD_ID, id);
		ot_record_set_text(&row->record, OT_CALL_ID, row->call == NULL ? id : row->call->id);
		if (ot_record_has(&row->record, OT_HTTP_ROUTE))
			ot_record_set_text(&row->record, OT_HTTP_ROUTE,
			    ot_route_apply(rules, row->record.values[OT_HTTP_ROUTE].text, &world->arena));
	}
	ot_route_rules_close(rules);
	ot_snapshot_release(&snapshot);
}

static inline void world_make(struct world *world, uint64_t seed, size_t count, size_t calls)
{
	struct ot_commit *commit;
	struct ot_err err = {0};
	bool coarse;

	memset(world, 0, sizeof(*world));
	world->state = seed;
	world->count = count;
	world->rows = ot_alloc_zero(count, sizeof(*world->rows));
	world->calls = ot_alloc_zero(calls + 1, sizeof(*world->calls));
	/* In memory where there is such a place: the syncs of a commit are then no wait. */
	snprintf(world->dir, sizeof(world->dir), "%s/onetrail-engine-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(world->dir) == NULL)
		exit(2);
	coarse = world_random(world, 2) == 0;
	for (size_t i = 0; i < count; i++)
		world_row_make(world, i, coarse);
	for (size_t i = 0; i < calls; i++)
		world_call_make(world);
	world_must(ot_store_open(&world->store, world->dir, OT_STORE_WRITE, &err), &err);
	world_must(ot_commit_begin(&commit, world->store, &err), &err);
	for (int64_t day = world_first_day(); day < world_first_day() + WORLD_DAYS; day++) {
		for (unsigned s = 0; s < WORLD_SEGMENTS_MAX; s++)
			world_segment(world, commit, day, s);
	}
	world_segment(world, commit, OT_DAY_UNDATED, 0);
	world_segment(world, commit, OT_DAY_UNDATED, 1);
	world_segment(world, commit, OT_DAY_UNDATED, 2);
	if (seed % 2 == 0)
		world_must(ot_commit_route_rule(commit, OT_STR("/api/users"), true, &err), &err);
	world_must(ot_commit_finish(commit, NULL, &err), &err);
	world_finish(world);
}

static inline void world_release(struct world *world)
{
	struct ot_err err;

	ot_store_close(world->store);
	ot_dir_remove(world->dir, &err);
	free(world->rows);
	free(world->calls);
	ot_arena_release(&world->arena);
}

#endif
