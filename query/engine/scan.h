/*
 * Running a question: its plan (which segments), its workers, and the scan that hands matching rows to a sink.
 *
 * In calls, a row is given to the sink where it stands for its call: it is linked to no other record, or it leads its
 * call. A call whose leading record does not match is settled when all rows have been looked at, and its row is given
 * then.
 */
#ifndef OT_QUERY_SCAN_H
#define OT_QUERY_SCAN_H

#include "where.h"

struct row_ref {
	uint32_t part, row; /* of the snapshot's segments; of the segment */
};

struct worker {
	unsigned number;
	struct query *query;
	struct ot_arena arena; /* of the block at hand */
	struct block block;
	struct ot_matcher **matchers;
	struct ot_scan_stats stats;
};

/* Blocks that could not be read, each once. */
struct damaged_block {
	uint32_t part, number; /* number UINT32_MAX: the whole segment */
};
struct damage {
	pthread_mutex_t lock;
	struct damaged_block *blocks;
	size_t count, cap;
	uint64_t block_count, row_count;
	struct damaged_block first;
	char first_words[OT_ERR_TEXT_MAX];
};

struct query {
	struct ot_engine *engine;
	const struct ot_question *question;
	struct where where;
	uint32_t *parts; /* those whose time fits, in the order of the snapshot */
	size_t part_count;
	struct worker *workers;
	unsigned worker_count;
	struct damage damage;
	uint64_t segments_skipped_time;
	int64_t started_ns;
};

/* Plans: passes over what lies outside the window. End with query_end, which also fills `stats` (NULL is fine). */
void query_begin(struct query *query, struct ot_engine *engine, const struct ot_question *question);
void query_end(struct query *query, struct ot_scan_stats *stats);
void damage_note(struct query *query, uint32_t part, uint32_t block, const struct ot_err *err);
bool damage_has(struct query *query, uint32_t part, uint32_t block);

/* Runs `job` 0..jobs-1 on the workers; the first failure ends it. */
typedef enum ot_status job_fn(void *context, struct worker *worker, size_t job, struct ot_err *err);
enum ot_status query_run(struct query *query, size_t jobs, job_fn *job, void *context, struct ot_err *err);

/* What a scan gives for a block. A sink decodes every column it needs before it changes anything: a damaged block then
 * counts for nothing. */
struct found {
	struct rows rows; /* that stand for calls, or all that match where records are asked for */
	struct rows matched; /* records that match; none in what is settled at the end */
};
typedef enum ot_status sink_fn(
    void *context, struct worker *worker, struct block *block, const struct found *found, struct ot_err *err);

struct scan {
	struct query *query;
	size_t first, end; /* of query->parts */
	bool calls, leaders; /* leaders: calls whose leading record does not match are left out, not settled */
	sink_fn *sink;
	void *context;
	struct worker *worker; /* NULL: all of them share it; else it alone */
	/* while it runs */
	struct scan_part *parts;
	struct scan_unit *units;
	size_t unit_count;
};
/* The fields from `query` to `context` are set by the caller. */
enum ot_status scan_run(struct scan *scan, struct ot_err *err);

/* --- within scan.c and settle.c --- */

struct scan_part {
	uint32_t number; /* of the engine's parts */
	pthread_mutex_t lock;
	bool ready, skipped; /* what follows is made; nothing in it matches or can be read */
	struct node *node;
	const struct ot_links *links;
	uint8_t *matched; /* a bit a row: linked rows that match */
	struct ot_arena arena;
};
struct scan_unit {
	uint32_t part; /* of scan->parts */
	uint32_t first, end; /* blocks */
};
enum ot_status scan_part_ready(struct scan *scan, struct worker *worker, struct scan_part *part, struct ot_err *err);
/* Passes damage on as a skipped block, everything else as it is. */
enum ot_status scan_damage(
    struct query *query, uint32_t part, uint32_t block, enum ot_status status, const struct ot_err *err);
/* Gives the sink a row for each call that matches by other records than its leading one. */
enum ot_status scan_settle(struct scan *scan, struct ot_err *err);

/* --- what decides between the rows of a call, and orders rows of one time --- */

struct row_key {
	int rank;
	int64_t time;
	struct ot_str source_key; /* in the segment's dictionary */
	int64_t offset, item;
};
/* The keys of rows of one block; columns stay in the block. */
enum ot_status row_keys(
    struct block *block, const struct rows *rows, bool ranks, struct row_key *out, struct ot_err *err);
int row_id_cmp(const struct row_key *a, const struct row_key *b); /* source_key, offset, item */
int row_key_cmp(const struct row_key *a, const struct row_key *b); /* rank, time, id */

#endif
