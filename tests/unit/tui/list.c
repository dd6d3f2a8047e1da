/*
 * The list against the engine: going through it a row at a time, from either end and from anywhere, meets every call once and in order,
 * however many tie at an instant, have no time, or reach over the edge of a page.
 */
#include "tests/prop/world.h"
#include "tests/test.h"
#include "tui/list.h"

struct expected {
	struct ot_arena arena;
	struct ot_str *ids;
	int64_t *times;
	size_t count, cap;
};

struct opened {
	struct world world;
	struct asker *asker;
	struct scope scope;
	struct list list;
	struct expected expected;
	enum ot_status failed;
};

static void changed(struct list *list, enum ot_status status, const struct ot_err *err)
{
	struct opened *opened = list->context;

	if (status != OT_OK) {
		fprintf(stderr, "%s\n", err->text);
		opened->failed = status;
	}
}

static enum ot_status take(void *context, const struct ot_row *row, struct ot_err *err)
{
	struct expected *expected = context;

	(void)err;
	if (expected->count == expected->cap) {
		expected->cap = expected->cap * 2 + 64;
		expected->ids = ot_realloc(expected->ids, expected->cap * sizeof(*expected->ids));
		expected->times = ot_realloc(expected->times, expected->cap * sizeof(*expected->times));
	}
	expected->ids[expected->count] = ot_arena_str(&expected->arena, ot_record_text(row->record, OT_CALL_ID));
	expected->times[expected->count++] = ot_record_int(row->record, OT_TIMESTAMP, OT_TIME_MIN);
	return OT_OK;
}

static void open_list(struct opened *opened, uint64_t seed, size_t rows, size_t calls, const char *filter)
{
	struct ot_err err = { 0 };
	struct ot_engine *engine;
	struct ot_arena arena = { 0 };
	struct ot_rows_request request = { .sort = OT_TIMESTAMP };

	memset(opened, 0, sizeof(*opened));
	world_make(&opened->world, seed, rows, calls);
	scope_init(&opened->scope, ot_str_from(filter), OT_TIME_MIN, OT_TIME_MAX, 0, NULL);
	world_must(asker_open(&opened->asker, opened->world.store, 0, &err), &err);
	list_init(&opened->list, opened->asker, &opened->scope);
	opened->list.changed = changed;
	opened->list.context = opened;
	scope_question(&opened->scope, &arena, &request.question);
	world_must(ot_engine_open(&engine, opened->world.store, NULL, &err), &err);
	world_must(ot_engine_rows(engine, &request, take, &opened->expected, NULL, &err), &err);
	ot_engine_close(engine);
	ot_arena_release(&arena);
}

static void close_list(struct opened *opened)
{
	list_release(&opened->list);
	asker_close(opened->asker);
	scope_release(&opened->scope);
	ot_arena_release(&opened->expected.arena);
	free(opened->expected.ids);
	free(opened->expected.times);
	world_release(&opened->world);
}

/* Whether the row under the cursor is the expected one of this number. */
static bool is_at(const struct opened *opened, size_t number)
{
	const struct list_row *row = list_at_cursor(&opened->list);

	return row != NULL && row->time == opened->expected.times[number] && ot_str_eq(row->call_id, opened->expected.ids[number]);
}

static void walk(struct opened *opened, size_t from, size_t to)
{
	ptrdiff_t step = to > from ? 1 : -1;

	for (size_t i = from;; i += (size_t)step) {
		if (!is_at(opened, i)) {
			fprintf(stderr, "row %zu of %zu\n", i, opened->expected.count);
			CHECK(is_at(opened, i));
			return;
		}
		if (i == to)
			return;
		list_move(&opened->list, step);
		asker_settle(opened->asker);
	}
}

static void walk_both_ways(uint64_t seed, size_t rows, size_t calls, const char *filter)
{
	struct opened o;

	open_list(&o, seed, rows, calls, filter);
	list_fetch(&o.list, FETCH_LAST, 0);
	asker_settle(o.asker);
	if (o.expected.count > 0) {
		size_t last = o.expected.count - 1;

		walk(&o, last, 0);
		walk(&o, 0, last);
		list_first(&o.list);
		asker_settle(o.asker);
		CHECK(is_at(&o, 0));
		list_last(&o.list);
		asker_settle(o.asker);
		CHECK(is_at(&o, last));
		list_fetch(&o.list, FETCH_FIRST, 0);
		asker_settle(o.asker);
		list_fetch(&o.list, FETCH_AT, o.expected.times[last / 2]);
		asker_settle(o.asker);
		CHECK(list_at_cursor(&o.list) != NULL && list_at_cursor(&o.list)->time == o.expected.times[last / 2]);
	} else {
		CHECK(list_at_cursor(&o.list) == NULL);
	}
	CHECK_INT(o.failed, OT_OK);
	close_list(&o);
}

static void every_call_is_met_once_and_in_order(void)
{
	for (uint64_t seed = 1; seed <= 6; seed++)
		walk_both_ways(seed, 3000, 0, "");
}

static void also_where_a_page_is_less_than_an_instant(void)
{
	/* One of the two worlds has whole hours for times: some five hundred calls an instant. Pages are given up on the way. */
	walk_both_ways(51, 50000, 0, "");
	walk_both_ways(54, 50000, 0, "");
}

static void also_where_calls_have_several_records(void)
{
	for (uint64_t seed = 11; seed <= 16; seed++)
		walk_both_ways(seed, 3000, 400, "");
}

static void also_of_a_filter_and_of_nothing(void)
{
	walk_both_ways(21, 3000, 300, "status:200");
	walk_both_ways(22, 3000, 300, "client:nobody-is-called-so");
	walk_both_ways(23, 0, 0, "");
}

static void a_search_finds_what_lies_on_no_page_that_is_held(void)
{
	struct opened o;
	size_t last;

	open_list(&o, 31, 6000, 0, "");
	list_fetch(&o.list, FETCH_LAST, 0);
	asker_settle(o.asker);
	last = o.expected.count - 1;
	CHECK(last > 1000);
	for (int i = 0; i < 3; i++) {
		const struct list_row *row;

		list_find(&o.list, OT_STR("GET"), -1);
		asker_settle(o.asker);
		row = list_at_cursor(&o.list);
		CHECK(row != NULL && list_row_holds(row, OT_STR("GET")));
	}
	CHECK_INT(o.failed, OT_OK);
	list_find(&o.list, OT_STR("no call holds this"), -1);
	asker_settle(o.asker);
	CHECK_INT(o.failed, OT_NOT_FOUND);
	close_list(&o);
}

static void a_stopped_question_leaves_nothing_of_another(void)
{
	struct opened o;

	open_list(&o, 41, 2000, 0, "");
	asker_hold(o.asker, true);
	list_fetch(&o.list, FETCH_LAST, 0);
	CHECK(asker_busy(o.asker) != NULL);
	CHECK(asker_stop(o.asker));
	asker_hold(o.asker, false);
	asker_settle(o.asker);
	CHECK_INT(o.failed, OT_CANCELLED);
	CHECK_INT(o.list.count, 0);
	CHECK(!asker_stop(o.asker));
	o.failed = OT_OK;
	for (int i = 0; i < 20; i++) /* the newer takes the place of the older */
		list_fetch(&o.list, FETCH_AT, o.expected.times[(size_t)i * 17 + 900]);
	asker_settle(o.asker);
	CHECK_INT(o.failed, OT_OK);
	CHECK(list_at_cursor(&o.list) != NULL && list_at_cursor(&o.list)->time == o.expected.times[19 * 17 + 900]);
	close_list(&o);
}

int main(void)
{
	RUN(every_call_is_met_once_and_in_order);
	RUN(also_where_a_page_is_less_than_an_instant);
	RUN(also_where_calls_have_several_records);
	RUN(also_of_a_filter_and_of_nothing);
	RUN(a_search_finds_what_lies_on_no_page_that_is_held);
	RUN(a_stopped_question_leaves_nothing_of_another);
	return test_end();
}
