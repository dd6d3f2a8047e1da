/*
 * A table of groups being filled: keys to dense group numbers, and for each group a cell with what the measures need.
 * One a worker; then tables are merged, or, where they are known to share no group, put one after the other.
 */
#ifndef OT_QUERY_TABLE_H
#define OT_QUERY_TABLE_H

#include "keys.h"

/* What is collected of a field for one or several measures. The first three are kept in the group's cell. */
enum collector_kind {
	COLLECT_SUMS,
	COLLECT_EXTREMES,
	COLLECT_ERRORS,
	COLLECT_SAMPLES, /* every value, for ranks */
	COLLECT_DISTINCT,
};

struct sums {
	uint64_t low; /* of 128 bits */
	int64_t high;
	uint64_t count;
};

struct extremes {
	int64_t min, max; /* min > max: of nothing */
};

struct collector {
	enum collector_kind kind;
	enum ot_field field;
	size_t at; /* in a cell */
	uint32_t *sample_groups; /* SAMPLES */
	int64_t *samples;
	size_t sample_count, sample_cap;
	struct coder *coder; /* DISTINCT */
	struct pair_map pairs;
	uint32_t *codes; /* of the block at hand */
};

enum { TABLE_KEYS_MAX = OT_BY_MAX + 1 };

struct table {
	struct ot_engine *engine;
	struct coder *keys; /* buckets first, where there are any */
	size_t key_count;
	bool borrowed; /* coders are another table's */
	/* levels[k] for k > 0: the group of the keys before k, and the code of k */
	struct pair_map levels[TABLE_KEYS_MAX];
	struct collector collectors[OT_MEASURES_MAX];
	size_t collector_count;
	char *cells; /* by group: a count, then what collectors keep */
	size_t cell_size;
	uint32_t cell_count, cell_cap;
	uint32_t *groups, *codes; /* of the block at hand */
};

void table_init(struct table *table, struct ot_engine *engine, const struct ot_groups_request *request);
/* An empty table with the same codes, which belong to `other`. */
void table_init_beside(struct table *table, const struct table *other);
void table_release(struct table *table);
/* Forgets groups, keeps the codes of keys. */
void table_clear(struct table *table);
/* Adds rows of a block. Fails before anything is changed. */
enum ot_status table_add(struct table *table, struct block *block, const struct rows *rows, struct ot_err *err);
void table_merge(struct table *into, const struct table *from);
/* The same where no group of `from` is in `into`, nor the first key of one. The groups flagged in `keep` (NULL: all)
 * are taken. */
void table_append(struct table *into, const struct table *from, const bool *keep);

static inline void *table_cell(const struct table *table, uint32_t group)
{
	return table->cells + group * table->cell_size;
}
/* 0 for a number that no row has. */
static inline uint64_t table_count(const struct table *table, uint32_t group)
{
	return *(uint64_t *)table_cell(table, group);
}
/* Codes of a group's keys. */
void table_key_codes(const struct table *table, uint32_t group, uint32_t *codes);
/* The collector that a measure reads, or NULL where the count is enough. */
const struct collector *table_collector(const struct table *table, const struct ot_measure *measure);

/* --- within table*.c --- */

void collector_release(struct collector *collector);
void collector_cell_init(const struct collector *collector, void *cell);
void collector_cell_merge(const struct collector *collector, void *into, const void *from);
/* Decodes what a collector needs, and changes nothing. */
enum ot_status collector_prepare(
    struct collector *collector, struct block *block, const struct rows *rows, struct ot_err *err);
void collector_add(
    struct collector *collector, const struct table *table, const struct block *block, const struct rows *rows);
/* What is not in cells; groups[g] is the number that `into` has for group g of `from`, UINT32_MAX where it is left out.
 */
void collector_merge(struct collector *into, const struct collector *from, const uint32_t *groups);
void collector_clear(struct collector *collector);
/* Room for every group number given so far. */
void table_make_room(struct table *table);
uint32_t table_groups(const struct table *table);

#endif
