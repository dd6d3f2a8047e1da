/*
 * engine STORE [RUNS [THREADS]]: asks the questions of PEERS.md inside one process, as they are asked warm, and prints for each the first time,
 * the median of the others, and what was done. The store holds records of bench/gwgen. A peak of memory at the end.
 */
#include <query/engine.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

struct bench {
	struct ot_store *store;
	struct ot_engine *engine;
	unsigned runs;
	struct ot_arena arena;
	struct ot_str rare, busy, busy_route, trace; /* what the questions are about */
};

struct question {
	const char *name, *meaning, *filter; /* @RARE@ and the like are filled in */
	const char *since, *until, *by, *measures;
	int64_t every_ns, count_low;
	uint64_t top;
	bool rows;
};

#define MINUTE (60 * OT_NS_PER_S)

static const struct question questions[] = {
	{ "Q1", "route and day, every field", "route:/api/payments", "2025-03-12", "2025-03-13", NULL, NULL, 0, 0, 0, true },
	{ "Q2", "20 busiest clients of a route", "route:/api/payments", NULL, NULL, "client", "", 0, 0, 20, false },
	{ "Q3", "one rare client, every field", "client:@RARE@", NULL, NULL, NULL, NULL, 0, 0, 0, true },
	{ "Q4", "calls a minute, client, route, hour", "client:@BUSY@ route:@BROUTE@", "2025-03-12T10:00Z", "2025-03-12T11:00Z", "", "", MINUTE, 0, 0, false },
	{ "Q5", "status by hour", "", NULL, NULL, "status", "", 60 * MINUTE, 0, 0, false },
	{ "Q6", "regular expression on path", "path~'/(payments|refunds|transfers)/[0-9]+7/items/[0-9a-f]{8}-'", NULL, NULL, "", "", 0, 0, 0, false },
	{ "Q7", "one trace id", "trace:@TRACE@", NULL, NULL, NULL, NULL, 0, 0, 0, true },
	{ "Q8", "client and route: count, first, last", "", NULL, NULL, "client,route", "first,last", 0, 0, 0, false },
	{ "Q9", "clients over 1,000 a minute", "", NULL, NULL, "client", "", MINUTE, 1001, 0, false },
	{ "QA", "p50, p95, p99 by route", "-origin:nginx", NULL, NULL, "route", "p50:latency,p95:latency,p99:latency", 0, 0, 0, false },
	{ "QC", "bursts of 401 by address and minute", "status:401", NULL, NULL, "ip", "", MINUTE, 100, 0, false },
	{ "T", "tally of everything", "", NULL, NULL, NULL, NULL, 0, 0, 0, false },
	{ "D", "a day that holds nothing", "", "2001-01-01", "2001-01-02", NULL, NULL, 0, 0, 0, true },
	{ "N", "the newest 50, every field", "", NULL, NULL, NULL, NULL, 0, 0, 50, true },
};
enum { QUESTION_COUNT = sizeof(questions) / sizeof(questions[0]) };

static void must(enum ot_status status, const struct ot_err *err)
{
	if (status == OT_OK || status == OT_END)
		return;
	fprintf(stderr, "%s\n", err->text);
	exit(1);
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double cpu_ms(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static struct ot_str filled(struct bench *bench, const char *filter)
{
	const struct {
		const char *mark;
		struct ot_str text;
	} marks[] = { { "@RARE@", bench->rare }, { "@BUSY@", bench->busy }, { "@BROUTE@", bench->busy_route }, { "@TRACE@", bench->trace } };
	struct ot_buf out = { 0 };
	struct ot_str text;

	while (*filter != '\0') {
		size_t m = 0;

		while (m < 4 && strncmp(filter, marks[m].mark, strlen(marks[m].mark)) != 0)
			m++;
		if (m == 4) {
			ot_buf_char(&out, *filter++);
			continue;
		}
		ot_buf_str_put(&out, marks[m].text);
		filter += strlen(marks[m].mark);
	}
	text = ot_arena_str(&bench->arena, ot_buf_str(&out));
	ot_buf_release(&out);
	return text;
}

static int64_t time_of(const char *text, int64_t otherwise)
{
	int64_t time = otherwise;
	struct ot_err err;

	if (text != NULL)
		must(ot_time_typed(ot_str_from(text), 0, NULL, &time, &err), &err);
	return time;
}

static struct ot_question question_of(struct bench *bench, const struct question *q)
{
	struct ot_filter_context context = { 0 };
	struct ot_expr *where;
	struct ot_err err;

	must(ot_filter_parse(&where, filled(bench, q->filter), &context, &bench->arena, &err), &err);
	return (struct ot_question){ time_of(q->since, OT_TIME_MIN), time_of(q->until, OT_TIME_MAX), where, true };
}

static enum ot_status count_row(void *context, const struct ot_row *row, struct ot_err *err)
{
	(void)row;
	(void)err;
	++*(size_t *)context;
	return OT_OK;
}

static size_t ask_groups(struct bench *bench, const struct question *q, struct ot_groups *groups, struct ot_scan_stats *stats)
{
	struct ot_groups_request request = { .question = question_of(bench, q), .every_ns = q->every_ns, .top = q->top,
		.having = { q->count_low, INT64_MAX } };
	struct ot_str rest = ot_str_from(q->by);
	struct ot_err err;

	while (rest.ptr != NULL && rest.len > 0)
		request.by[request.by_count++] = ot_field_find(ot_str_cut(rest, ',', &rest));
	must(ot_measures_parse(ot_str_from(q->measures), request.measures, &request.measure_count, &bench->arena, &err), &err);
	must(ot_engine_groups(bench->engine, &request, groups, stats, &err), &err);
	return groups->count;
}

static size_t ask(struct bench *bench, const struct question *q, struct ot_scan_stats *stats)
{
	struct ot_rows_request request = { .sort = OT_TIMESTAMP, .descending = q->top > 0, .limit = q->top };
	struct ot_groups groups;
	struct ot_tally tally;
	struct ot_err err;
	size_t count = 0;

	if (q->by != NULL) {
		count = ask_groups(bench, q, &groups, stats);
		ot_groups_release(&groups);
		return count;
	}
	request.question = question_of(bench, q);
	if (q->rows) {
		must(ot_engine_rows(bench->engine, &request, count_row, &count, stats, &err), &err);
		return count;
	}
	must(ot_engine_tally(bench->engine, &request.question, &tally, stats, &err), &err);
	count = tally.records;
	ot_tally_release(&tally);
	return count;
}

static int by_time(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(struct bench *bench, const struct question *q)
{
	double *times = malloc((bench->runs + 1) * sizeof(*times)), first, cpu;
	struct ot_scan_stats stats;
	size_t count;

	first = now_ms();
	count = ask(bench, q, &stats);
	first = now_ms() - first;
	cpu = cpu_ms();
	for (unsigned i = 0; i < bench->runs; i++) {
		times[i] = now_ms();
		ask(bench, q, &stats);
		times[i] = now_ms() - times[i];
	}
	cpu = (cpu_ms() - cpu) / bench->runs;
	qsort(times, bench->runs, sizeof(*times), by_time);
	printf("%-3s %-38s first %8.2f  median %8.2f  cpu %8.2f ms  answers %8zu  segments skipped %llu+%llu of %llu, blocks %llu of %llu, values %llu\n", q->name,
	    q->meaning, first, times[bench->runs / 2], cpu, count, (unsigned long long)stats.segments_skipped_time, (unsigned long long)stats.segments_skipped_values,
	    (unsigned long long)stats.segments, (unsigned long long)stats.blocks_skipped, (unsigned long long)stats.blocks, (unsigned long long)stats.values_decoded);
	fflush(stdout);
	free(times);
}

static enum ot_status keep_trace(void *context, const struct ot_row *row, struct ot_err *err)
{
	struct bench *bench = context;
	struct ot_buf hex = { 0 };

	(void)err;
	ot_value_put(&hex, OT_TRACE_ID, &row->record->values[OT_TRACE_ID]);
	bench->trace = ot_arena_str(&bench->arena, ot_buf_str(&hex));
	ot_buf_release(&hex);
	return OT_END;
}

/* A client with about twenty records, the busiest one and its first route, and the trace of some record. */
static void choose_subjects(struct bench *bench)
{
	static const struct question clients = { "", "", "", NULL, NULL, "client", "", 0, 1, 0, false };
	static const struct question traced = { "", "", "trace:*", NULL, NULL, NULL, NULL, 0, 0, 0, true };
	struct question routes = { "", "", "client:@BUSY@", NULL, NULL, "route", "", 0, 1, 0, false };
	struct ot_rows_request request = { .question = question_of(bench, &traced), .sort = OT_TIMESTAMP, .limit = 100 };
	struct ot_scan_stats stats;
	struct ot_groups groups;
	struct ot_err err;

	ask_groups(bench, &clients, &groups, &stats);
	bench->busy = ot_arena_str(&bench->arena, groups.groups[0].keys[0].text);
	for (size_t i = 0; i < groups.count; i++) {
		if (groups.groups[i].measures[0].number <= 20 && !groups.groups[i].key_null[0]) {
			bench->rare = ot_arena_str(&bench->arena, groups.groups[i].keys[0].text);
			break;
		}
	}
	ot_groups_release(&groups);
	ask_groups(bench, &routes, &groups, &stats);
	bench->busy_route = ot_arena_str(&bench->arena, groups.groups[0].keys[0].text);
	ot_groups_release(&groups);
	must(ot_engine_rows(bench->engine, &request, keep_trace, bench, &stats, &err), &err);
	printf("rare client %.*s, busy client %.*s on %.*s, trace %.*s\n", OT_STR_ARGS(bench->rare), OT_STR_ARGS(bench->busy), OT_STR_ARGS(bench->busy_route),
	    OT_STR_ARGS(bench->trace));
}

int main(int argc, char **argv)
{
	struct bench bench = { .runs = argc > 2 ? (unsigned)atoi(argv[2]) : 5 };
	struct ot_engine_options options = { .threads = argc > 3 ? (unsigned)atoi(argv[3]) : 0 };
	const char *only = getenv("BENCH_ONLY");
	struct rusage usage;
	struct ot_err err;
	double begin = now_ms();

	if (argc < 2)
		return 2;
	must(ot_store_open(&bench.store, argv[1], OT_STORE_READ, &err), &err);
	must(ot_engine_open(&bench.engine, bench.store, &options, &err), &err);
	printf("open %.2f ms\n", now_ms() - begin);
	choose_subjects(&bench);
	for (size_t i = 0; i < QUESTION_COUNT; i++) {
		if (only == NULL || strcmp(only, questions[i].name) == 0)
			measure(&bench, &questions[i]);
	}
	getrusage(RUSAGE_SELF, &usage);
	printf("memory at most %ld MB\n", usage.ru_maxrss / 1024);
	ot_engine_close(bench.engine);
	ot_store_close(bench.store);
	ot_arena_release(&bench.arena);
	return 0;
}
