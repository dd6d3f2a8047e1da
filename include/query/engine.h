/*
 * The engine: what is asked (a question) is apart from how it is run (a plan over segments, executed by workers).
 *
 * A question is about one snapshot. Records are rows; calls are rows too: a call is shown by its leading record among those that match
 * (ot_leader_rank, then timestamp, then record_id), with all origins and the number of records of the whole call.
 */
#ifndef OT_QUERY_ENGINE_H
#define OT_QUERY_ENGINE_H

#include <query/filter.h>
#include <store/store.h>

struct ot_engine;

struct ot_engine_options {
	int64_t at;		  /* snapshot, 0: the newest */
	unsigned threads;	  /* 0: one a core */
	volatile int *cancel;	  /* set from outside to stop: calls return OT_CANCELLED; may be NULL */
	uint64_t batch_rows;	  /* rows searched before the first are given, where they are ordered by time; 0: what is good. For tests */
};
enum ot_status ot_engine_open(struct ot_engine **out, struct ot_store *store, const struct ot_engine_options *options, struct ot_err *err);
void ot_engine_close(struct ot_engine *engine);
const struct ot_snapshot *ot_engine_snapshot(const struct ot_engine *engine);

/* What was done to answer: for --explain, the footer and coverage. */
struct ot_scan_stats {
	uint64_t segments, segments_skipped_time, segments_skipped_values;
	uint64_t blocks, blocks_skipped, blocks_damaged, rows_damaged;
	uint64_t rows_scanned, rows_matched, values_decoded;
	uint64_t links_damaged;	    /* link files that cannot be read: their records are calls of their own in this answer */
	uint64_t values_given_up;   /* on which a regular expression took too many steps; they do not match */
	int64_t elapsed_ns;
	struct ot_str first_damage; /* words; in the engine's memory */
};

struct ot_question {
	int64_t since, until;	     /* [since, until); OT_TIME_MIN and OT_TIME_MAX: open. Records without a time match only when both are open */
	const struct ot_expr *where; /* NULL: everything */
	bool records;		     /* records, not calls */
};

/* --- rows --- */

struct ot_row {
	const struct ot_record *record; /* with record_id and call_id set, http_route as rules show it */
	const struct ot_str *origins;	/* of the call */
	uint32_t origin_count, records; /* of the call */
};
struct ot_rows_request {
	struct ot_question question;
	const bool *fields;	/* OT_FIELD_COUNT flags: what the caller will look at; NULL: all */
	bool leaders;		/* of calls: one matches where the record that leads the whole call does, and by no other */
	enum ot_field sort;	/* OT_TIMESTAMP by default; ties by timestamp, then record_id */
	bool descending;
	uint64_t limit;		/* 0: no limit */
};
/* The row and all it points to live until the function returns. Any status but OT_OK ends the answer and is returned (OT_END: quietly). */
typedef enum ot_status ot_row_fn(void *context, const struct ot_row *row, struct ot_err *err);
/* Rows in defined order, streamed; memory is bounded whatever the answer's size. */
enum ot_status ot_engine_rows(struct ot_engine *engine, const struct ot_rows_request *request, ot_row_fn *fn, void *context, struct ot_scan_stats *stats, struct ot_err *err);

/* --- groups --- */

enum ot_measure_kind {
	OT_MEASURE_COUNT, OT_MEASURE_SHARE, /* of all that match */ OT_MEASURE_RATE, /* a second, over the window, or first to last where it is open; over the bucket with --every */
	OT_MEASURE_SUM, OT_MEASURE_MIN, OT_MEASURE_MAX, OT_MEASURE_AVG,
	OT_MEASURE_P50, OT_MEASURE_P95, OT_MEASURE_P99, /* exact, nearest rank */
	OT_MEASURE_DISTINCT, OT_MEASURE_FIRST, OT_MEASURE_LAST, /* FIRST, LAST: of timestamp */
	OT_MEASURE_ERRORS, /* share whose outcome is failure, denied or aborted, or status >= 400 where there is no outcome */
};
struct ot_measure {
	enum ot_measure_kind kind;
	enum ot_field field;	/* of SUM … P99 and DISTINCT */
	struct ot_str name;	/* as it was asked: "p95:latency" */
};
enum { OT_BY_MAX = 8, OT_MEASURES_MAX = 16 };
/* "count,p95:latency,distinct:ip". COUNT is always the first, asked or not. */
enum ot_status ot_measures_parse(struct ot_str text, struct ot_measure *out, size_t *count, struct ot_arena *arena, struct ot_err *err);
/* --where-count '>1000': op and number. */
struct ot_having {
	int64_t low, high; /* inclusive */
};
enum ot_status ot_having_parse(struct ot_str text, struct ot_having *out, struct ot_err *err);

struct ot_groups_request {
	struct ot_question question;
	enum ot_field by[OT_BY_MAX];
	size_t by_count;
	int64_t every_ns;	/* 0: none; else a bucket of time is the first key */
	const struct ot_zone *zone; /* buckets of a day and more begin at its midnight */
	struct ot_measure measures[OT_MEASURES_MAX];
	size_t measure_count;
	struct ot_having having; /* INT64_MIN..INT64_MAX: all */
	uint64_t top;		/* 0: all; else the groups with the largest count; with every_ns and keys: all buckets of the keys with the largest counts over all */
};
union ot_measure_value {
	int64_t number;
	double real;
};
struct ot_group {
	int64_t time;			/* bucket, with every_ns; OT_TIME_MIN: of records without a time */
	const union ot_value *keys;	/* by_count; as ot_record holds them (FIXED: raw bytes) */
	const bool *key_null;
	const union ot_measure_value *measures; /* measure_count; SHARE, RATE, AVG, ERRORS: real; others number */
	const bool *measure_null;
};
struct ot_groups {
	const struct ot_group *groups; /* by time, then count descending, then keys (with every_ns); without: count descending, then keys */
	size_t count, total;	       /* total: before `top` and `having` */
	uint64_t matched;	       /* calls or records counted in all */
	struct ot_arena arena;
};
enum ot_status ot_engine_groups(struct ot_engine *engine, const struct ot_groups_request *request, struct ot_groups *out, struct ot_scan_stats *stats, struct ot_err *err);
void ot_groups_release(struct ot_groups *groups);
static inline bool ot_measure_is_real(enum ot_measure_kind kind)
{
	return kind == OT_MEASURE_SHARE || kind == OT_MEASURE_RATE || kind == OT_MEASURE_AVG || kind == OT_MEASURE_ERRORS;
}

/* --- one call --- */

/* Every record of the call with this id (or of the call that the record with this id belongs to), leading record first, then in order of time. OT_NOT_FOUND.
 * `evidence` of the row's record in links.h terms is given beside it. */
typedef enum ot_status ot_call_record_fn(void *context, const struct ot_row *row, unsigned evidence, bool leader, struct ot_err *err);
enum ot_status ot_engine_call(struct ot_engine *engine, struct ot_str id, ot_call_record_fn *fn, void *context, struct ot_scan_stats *stats, struct ot_err *err);

/* --- what the footer says beside the answer: calls, records and origins that match, from one pass; cheap where an aggregate already knows --- */

struct ot_tally {
	uint64_t calls, records;
	struct {
		struct ot_str origin;
		uint64_t records;
	} *origins; /* by name */
	size_t origin_count;
	int64_t time_first, time_last;
	struct ot_arena arena;
};
enum ot_status ot_engine_tally(struct ot_engine *engine, const struct ot_question *question, struct ot_tally *out, struct ot_scan_stats *stats, struct ot_err *err);
void ot_tally_release(struct ot_tally *tally);

#endif
