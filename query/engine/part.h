/* A part: one segment as the engine sees it. Opened when a question first needs it, kept while the engine is open,
 * shared by its workers. */
#ifndef OT_QUERY_PART_H
#define OT_QUERY_PART_H

#include <correlate/route.h>
#include <pthread.h>
#include <query/engine.h>
#include <store/links.h>

struct part {
	const struct ot_segment_ref *ref;
	pthread_mutex_t lock; /* of what follows */
	bool opened, links_read, routes_made;
	enum ot_status status; /* of opening: OT_OK, or OT_CORRUPT where the segment cannot be read */
	char words[256];
	struct ot_segment *segment;
	struct ot_links links;
	bool links_damaged;
	const struct ot_str *routes; /* http_route by code as rules show it; NULL: as stored */
	uint32_t route_count;
	uint32_t *codes[OT_FIELD_COUNT]; /* of codes.c */
	struct ot_arena arena;
};

/* The texts of a dictionary field in all segments: codes.h. */
struct field_codes {
	pthread_mutex_t lock;
	struct ot_intern texts; /* by code - 1 */
	uint32_t *ranks, ranked; /* for so many of them */
};

struct ot_engine {
	struct ot_store *store;
	struct ot_snapshot snapshot;
	struct ot_engine_options options;
	struct ot_route_rules *rules;
	struct part *parts; /* a part for each segment of the snapshot, in its order */
	struct field_codes codes[OT_FIELD_COUNT];
	struct ot_arena words; /* of damage, for ot_scan_stats */
};

static inline bool engine_cancelled(const struct ot_engine *engine)
{
	return engine->options.cancel != NULL && *engine->options.cancel != 0;
}

/* OT_CORRUPT where the segment is damaged or gone: the answer goes on without it. */
enum ot_status part_open(struct part *part, struct ot_err *err);
/* NULL where none of its rows is linked, or where the link file is damaged. The part is open. */
const struct ot_links *part_links(struct part *part);
/* The dictionary of a DICT field as it is shown; `*sorted`: by bytes, so that codes order as texts do. */
enum ot_status part_dict(struct ot_engine *engine, struct part *part, enum ot_field field, const struct ot_str **items,
    uint32_t *count, bool *sorted, struct ot_err *err);

/* A block of a part while a worker reads it: columns are decoded when first asked for. */
struct block {
	struct ot_engine *engine;
	struct part *part;
	uint32_t part_number, number, first, rows; /* first: its first row in the segment */
	struct ot_arena *arena;
	uint64_t decoded[(OT_FIELD_COUNT + 63) / 64];
	struct ot_column columns[OT_FIELD_COUNT];
	uint64_t values_decoded;
};

void block_init(struct block *block, struct ot_engine *engine, uint32_t part, uint32_t number, struct ot_arena *arena);
enum ot_status block_column(struct block *block, enum ot_field field, const struct ot_column **out, struct ot_err *err);

/* Rows of a block, in order. `at` NULL: all of them. */
struct rows {
	const uint16_t *at;
	uint32_t count;
};
static inline uint32_t rows_at(const struct rows *rows, uint32_t i)
{
	return rows->at == NULL ? i : rows->at[i];
}

#endif
