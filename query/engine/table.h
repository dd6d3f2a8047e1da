/* A table of groups being filled: keys to dense group numbers, and for each group what the measures need. One a worker,
 * merged at the end. */
#ifndef OT_QUERY_TABLE_H
#define OT_QUERY_TABLE_H

#include "keys.h"

/* What is collected of a field for one or several measures. */
enum collector_kind {
	COLLECT_SUMS, /* sum, least, greatest, how many */
	COLLECT_SAMPLES, /* every value, for ranks */
	COLLECT_DISTINCT,
	COLLECT_ERRORS,
};

struct sums {
	__int128 sum;
	int64_t min, max;
	uint64_t count;
};

struct collector {
	enum collector_kind kind;
	enum ot_field field;
	struct sums *sums; /* by group */
	uint64_t *errors; /* by group */
	uint32_t *sample_groups;
	int64_t *samples;
	size_t sample_count, sample_cap;
	struct coder coder; /* DISTINCT */
	struct pair_map pairs;
	uint32_t *codes; /* DISTINCT: of the block at hand */
};

enum { TABLE_KEYS_MAX = OT_BY_MAX + 1 };

struct table {
	struct coder keys[TABLE_KEYS_MAX]; /* buckets first, where there are any */
	size_t key_count;
	struct pair_map
	    levels[TABLE_KEYS_MAX]; /* levels[k]: the group of keys before k, and the code of k, for k > 0 */
	struct collector collectors[OT_MEASURES_MAX];
	size_t collector_count;
	uint64_t *counts; /* by group */
	uint32_t group_cap;
	uint32_t *groups, *codes; /* of the block at hand */
};

void table_init(struct table *table, const struct ot_groups_request *request);
void table_release(struct table *table);
/* Group numbers given so far; some may have no rows (null among keys). */
uint32_t table_groups(const struct table *table);
/* Adds rows of a block. Fails before anything is changed. */
enum ot_status table_add(struct table *table, struct block *block, const struct rows *rows, struct ot_err *err);
void table_merge(struct table *into, const struct table *from);
/* Codes of a group's keys. */
void table_key_codes(const struct table *table, uint32_t group, uint32_t *codes);
/* The collector that a measure reads, or NULL where the count is enough. */
const struct collector *table_collector(const struct table *table, const struct ot_measure *measure);

#endif
