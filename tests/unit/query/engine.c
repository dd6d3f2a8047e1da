/* The engine's small parts, and what a question does when it is stopped, damaged or about nothing. That answers are
 * right is tests/prop/engine.c. */
#include <query/engine/keys.h>
#include <query/engine/sort.h>
#include <tests/prop/world.h>
#include <tests/test.h>

#include <fcntl.h>
#include <sys/stat.h>

/* --- sorting --- */

static uint64_t random_state = 7;

static uint64_t random_below(uint64_t below)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (random_state >> 33) % below;
}

static int by_value(const void *a, const void *b)
{
	return world_cmp_number(*(const int64_t *)a, *(const int64_t *)b);
}

static void every_rank_is_that_of_sorting(void)
{
	int64_t values[200], sorted[200], copy[200];

	for (int round = 0; round < 2000; round++) {
		size_t count = 1 + random_below(200);
		uint64_t range = 1 + random_below(round % 2 ? 5 : 1000);

		for (size_t i = 0; i < count; i++)
			values[i] = sorted[i] = (int64_t)random_below(range) - 3;
		qsort(sorted, count, sizeof(*sorted), by_value);
		for (size_t rank = 0; rank < count; rank += 1 + random_below(20)) {
			memcpy(copy, values, sizeof(copy));
			CHECK_INT(sort_rank(copy, count, rank), sorted[rank]);
			/* Asked again of what the first time left. */
			CHECK_INT(sort_rank(copy, count, count - 1), sorted[count - 1]);
		}
	}
}

static void orders_are_stable_and_ascending(void)
{
	enum { COUNT = 3000 };
	static uint32_t order[COUNT];
	static uint64_t keys[COUNT];

	for (size_t i = 0; i < COUNT; i++) {
		order[i] = (uint32_t)i;
		keys[i] = sort_key((int64_t)random_below(100) - 50) ^ (random_below(2) ? UINT64_C(1) << 40 : 0);
	}
	sort_order(order, COUNT, keys);
	for (size_t i = 1; i < COUNT; i++)
		CHECK(keys[order[i - 1]] < keys[order[i]] ||
		      (keys[order[i - 1]] == keys[order[i]] && order[i - 1] < order[i]));
}

/* --- keys --- */

static void numbers_and_pairs_get_codes_once(void)
{
	struct number_map numbers = {0};
	struct pair_map pairs = {0};

	for (uint32_t round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 5000; i++) {
			CHECK_INT(number_map_put(&numbers, INT64_MIN + (int64_t)i * 977), i + 1);
			/* Wide enough to leave the table for hashing on the way. */
			CHECK_INT(pair_map_put(&pairs, i % 70, i * 13), i);
		}
	}
	CHECK_INT(pairs.count, 5000);
	CHECK_INT(pairs.first[69], 69);
	CHECK_INT(pairs.second[69], 69 * 13);
	number_map_release(&numbers);
	pair_map_release(&pairs);
}

static void buckets_of_days_follow_the_zone(void)
{
	struct ot_zone *zone;
	struct ot_err err;
	struct buckets hours = {3600 * OT_NS_PER_S, NULL}, days = {OT_NS_PER_DAY, NULL},
		       weeks = {7 * OT_NS_PER_DAY, NULL};
	int64_t time, midnight;
	bool zoned;

	CHECK_INT(bucket_start(&hours, -1), -3600 * OT_NS_PER_S);
	ot_time_parse(OT_STR("2026-03-14T23:30:00Z"), &time, &zoned); /* a Saturday */
	ot_time_parse(OT_STR("2026-03-14T00:00:00Z"), &midnight, &zoned);
	CHECK_INT(bucket_start(&days, time), midnight);
	CHECK_INT(bucket_start(&weeks, time), midnight - 5 * OT_NS_PER_DAY);
	CHECK_INT(ot_zone_open(&zone, OT_STR("+02:00"), &err), OT_OK);
	days.zone = zone;
	CHECK_INT(bucket_start(&days, time), midnight + 22 * 3600 * OT_NS_PER_S);
	ot_zone_close(zone);
}

/* --- what people type --- */

static void check_measures(const char *text, enum ot_status expected, size_t count, const char *words)
{
	struct ot_measure measures[OT_MEASURES_MAX];
	struct ot_arena arena = {0};
	struct ot_err err = {0};
	size_t got = 0;

	CHECK_INT(ot_measures_parse(ot_str_from(text), measures, &got, &arena, &err), expected);
	if (expected == OT_OK)
		CHECK_INT(got, count);
	else if (strstr(err.text, words) == NULL)
		CHECK_STR(ot_str_from(err.text), words);
	ot_arena_release(&arena);
}

static void measures_are_read_or_explained(void)
{
	check_measures("", OT_OK, 1, NULL);
	check_measures("count,p95:latency,distinct:ip", OT_OK, 3, NULL);
	check_measures("p95:latency, errors ,first", OT_OK, 4, NULL);
	check_measures("p96:latency", OT_SYNTAX, 0, "did you mean \"p95\"");
	check_measures("p95", OT_SYNTAX, 0, "p95:latency");
	check_measures("p95:client", OT_SYNTAX, 0, "needs a number");
	check_measures("sum:latncy", OT_SYNTAX, 0, "did you mean \"latency\"");
	check_measures("count:client", OT_SYNTAX, 0, "takes no field");
}

static void check_having(const char *text, int64_t low, int64_t high)
{
	struct ot_having having = {0, 0};
	struct ot_err err;

	CHECK_INT(ot_having_parse(ot_str_from(text), &having, &err), OT_OK);
	CHECK_INT(having.low, low);
	CHECK_INT(having.high, high);
}

static void conditions_on_counts_are_read(void)
{
	struct ot_having having;
	struct ot_err err;

	check_having(">1000", 1001, INT64_MAX);
	check_having(">= 10", 10, INT64_MAX);
	check_having("<5", INT64_MIN, 4);
	check_having("<=5", INT64_MIN, 5);
	check_having("=1", 1, 1);
	check_having("7", 7, 7);
	CHECK_INT(ot_having_parse(OT_STR("many"), &having, &err), OT_SYNTAX);
	CHECK_INT(ot_having_parse(OT_STR(">"), &having, &err), OT_SYNTAX);
	CHECK_INT(ot_having_parse(OT_STR("=>3"), &having, &err), OT_SYNTAX);
}

/* --- questions --- */

static enum ot_status count_rows(void *context, const struct ot_row *row, struct ot_err *err)
{
	size_t *count = context;

	(void)row;
	(void)err;
	return ++*count == 5 ? OT_END : OT_OK;
}

static enum ot_status count_all(void *context, const struct ot_row *row, struct ot_err *err)
{
	(void)row;
	(void)err;
	++*(size_t *)context;
	return OT_OK;
}

static void the_reader_of_rows_may_end_them(void)
{
	struct world world;
	struct ot_engine *engine;
	struct ot_rows_request request = {.question = {OT_TIME_MIN, OT_TIME_MAX, NULL, true}};
	struct ot_scan_stats stats;
	struct ot_err err;
	size_t count = 0;

	world_make(&world, 1, 100, 0);
	world_must(ot_engine_open(&engine, world.store, NULL, &err), &err);
	CHECK_INT(ot_engine_rows(engine, &request, count_rows, &count, &stats, &err), OT_END);
	CHECK_INT(count, 5);
	ot_engine_close(engine);
	world_release(&world);
}

static void a_cancelled_question_stops(void)
{
	struct world world;
	struct ot_engine *engine;
	volatile int cancel = 0;
	struct ot_engine_options options = {.cancel = &cancel};
	struct ot_rows_request request = {.question = {OT_TIME_MIN, OT_TIME_MAX, NULL, false}};
	struct ot_groups_request groups_request = {.question = request.question, .having = {INT64_MIN, INT64_MAX}};
	struct ot_scan_stats stats;
	struct ot_groups groups;
	struct ot_tally tally;
	struct ot_err err;
	size_t count = 0;

	world_make(&world, 2, 200, 20);
	world_must(ot_engine_open(&engine, world.store, &options, &err), &err);
	CHECK_INT(ot_engine_tally(engine, &request.question, &tally, &stats, &err), OT_OK);
	ot_tally_release(&tally);
	cancel = 1;
	CHECK_INT(ot_engine_rows(engine, &request, count_all, &count, &stats, &err), OT_CANCELLED);
	CHECK_INT(ot_engine_groups(engine, &groups_request, &groups, &stats, &err), OT_CANCELLED);
	CHECK_INT(ot_engine_tally(engine, &request.question, &tally, &stats, &err), OT_CANCELLED);
	CHECK_INT(count, 0);
	ot_engine_close(engine);
	world_release(&world);
}

static void an_id_that_is_none_is_told_from_one_that_is_not_there(void)
{
	struct world world;
	struct ot_engine *engine;
	struct ot_err err;

	world_make(&world, 3, 50, 5);
	world_must(ot_engine_open(&engine, world.store, NULL, &err), &err);
	CHECK_INT(ot_engine_call(engine, OT_STR("hello"), NULL, NULL, NULL, &err), OT_SYNTAX);
	CHECK_INT(ot_engine_call(engine, OT_STR("aaaaaaaaa1-999999999"), NULL, NULL, NULL, &err), OT_NOT_FOUND);
	ot_engine_close(engine);
	world_release(&world);
}

/* Turns over a byte in the middle of the file, beyond its header. */
static void damage(const char *path, double part)
{
	int fd = open(path, O_RDWR);
	struct stat st;
	unsigned char byte;
	off_t at;

	if (fd < 0 || fstat(fd, &st) != 0)
		exit(2);
	at = (off_t)((double)st.st_size * part);
	if (pread(fd, &byte, 1, at) != 1)
		exit(2);
	byte ^= 0x55;
	if (pwrite(fd, &byte, 1, at) != 1)
		exit(2);
	close(fd);
}

static void damage_is_passed_over_and_said(void)
{
	static const double parts[] = {0.0001, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 0.9999};
	struct ot_rows_request request = {.question = {OT_TIME_MIN, OT_TIME_MAX, NULL, true}};
	unsigned damaged = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		struct world world;
		struct ot_engine *engine;
		struct ot_scan_stats stats;
		struct ot_err err;
		size_t count = 0;

		world_make(&world, 5, 400, 40);
		world_must(ot_engine_open(&engine, world.store, NULL, &err), &err);
		damage(ot_engine_snapshot(engine)->segments[1].path, parts[i]);
		CHECK_INT(ot_engine_rows(engine, &request, count_all, &count, &stats, &err), OT_OK);
		CHECK_INT(count + stats.rows_damaged, 400);
		CHECK((stats.rows_damaged > 0) == (stats.blocks_damaged > 0));
		CHECK((stats.rows_damaged > 0) == (stats.first_damage.len > 0));
		damaged += stats.blocks_damaged > 0;
		ot_engine_close(engine);
		world_release(&world);
	}
	/* Some bytes lie where only an index looks. */
	CHECK(damaged > 6);
}

static void a_segment_that_is_gone_is_damage(void)
{
	struct world world;
	struct ot_engine *engine;
	struct ot_question question = {OT_TIME_MIN, OT_TIME_MAX, NULL, false};
	struct ot_scan_stats stats;
	struct ot_tally tally;
	struct ot_err err;
	uint64_t rows;

	world_make(&world, 6, 400, 40);
	world_must(ot_engine_open(&engine, world.store, NULL, &err), &err);
	rows = ot_engine_snapshot(engine)->segments[2].info.rows;
	unlink(ot_engine_snapshot(engine)->segments[2].path);
	CHECK_INT(ot_engine_tally(engine, &question, &tally, &stats, &err), OT_OK);
	CHECK_INT(tally.records, 400 - rows);
	CHECK_INT(stats.rows_damaged, rows);
	CHECK(stats.first_damage.len > 0);
	ot_tally_release(&tally);
	ot_engine_close(engine);
	world_release(&world);
}

int main(void)
{
	RUN(every_rank_is_that_of_sorting);
	RUN(orders_are_stable_and_ascending);
	RUN(numbers_and_pairs_get_codes_once);
	RUN(buckets_of_days_follow_the_zone);
	RUN(measures_are_read_or_explained);
	RUN(conditions_on_counts_are_read);
	RUN(the_reader_of_rows_may_end_them);
	RUN(a_cancelled_question_stops);
	RUN(an_id_that_is_none_is_told_from_one_that_is_not_there);
	RUN(damage_is_passed_over_and_said);
	RUN(a_segment_that_is_gone_is_damage);
	return test_end();
}
