#include "codes.h"

#include "sort.h"

#include <stdlib.h>

enum { CODES_BYTES_MAX = 256 << 20 }; /* of texts kept from one question to the next */

void codes_init(struct ot_engine *engine)
{
	for (int f = 0; f < OT_FIELD_COUNT; f++)
		pthread_mutex_init(&engine->codes[f].lock, NULL);
}

static void forget(struct ot_engine *engine)
{
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		struct field_codes *codes = &engine->codes[f];

		ot_intern_release(&codes->texts);
		free(codes->ranks);
		memset(&codes->texts, 0, sizeof(codes->texts));
		codes->ranks = NULL;
		codes->ranked = 0;
	}
	for (size_t i = 0; engine->parts != NULL && i < engine->snapshot.segment_count; i++) {
		for (int f = 0; f < OT_FIELD_COUNT; f++) {
			free(engine->parts[i].codes[f]);
			engine->parts[i].codes[f] = NULL;
		}
	}
}

void codes_release(struct ot_engine *engine)
{
	forget(engine);
	for (int f = 0; f < OT_FIELD_COUNT; f++)
		pthread_mutex_destroy(&engine->codes[f].lock);
}

void codes_trim(struct ot_engine *engine)
{
	size_t bytes = 0;

	for (int f = 0; f < OT_FIELD_COUNT; f++)
		bytes += engine->codes[f].texts.arena.bytes;
	if (bytes > CODES_BYTES_MAX)
		forget(engine);
}

/* The part's table from its codes to those of all, 0 where one has not been met. */
static uint32_t *table_of(struct block *block, enum ot_field field, uint32_t count)
{
	struct field_codes *codes = &block->engine->codes[field];
	uint32_t *table = __atomic_load_n(&block->part->codes[field], __ATOMIC_ACQUIRE);

	if (table != NULL)
		return table;
	pthread_mutex_lock(&codes->lock);
	table = block->part->codes[field];
	if (table == NULL) {
		table = ot_alloc_zero((size_t)count + 1, sizeof(*table));
		__atomic_store_n(&block->part->codes[field], table, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&codes->lock);
	return table;
}

/* Numbers those that were not met before: one lock a block, and none once all are known. */
static void number(struct field_codes *codes, uint32_t *table, const struct ot_column *column, const struct rows *rows)
{
	pthread_mutex_lock(&codes->lock);
	for (uint32_t i = 0; i < rows->count; i++) {
		uint32_t code = column->codes[rows_at(rows, i)];

		if (code != OT_CODE_NULL && table[code] == 0)
			__atomic_store_n(
			    &table[code], ot_intern_put(&codes->texts, column->dict[code], NULL) + 1, __ATOMIC_RELAXED);
	}
	pthread_mutex_unlock(&codes->lock);
}

void codes_of(struct block *block, enum ot_field field, const struct ot_column *column, const struct rows *rows,
    uint32_t *codes, uint32_t *most)
{
	uint32_t *table = table_of(block, field, column->dict_count), largest = *most;
	bool missing = false;

	for (int again = 0; again < 2; again++) {
		for (uint32_t i = 0; i < rows->count; i++) {
			uint32_t code = column->codes[rows_at(rows, i)];

			codes[i] = code == OT_CODE_NULL ? 0 : __atomic_load_n(&table[code], __ATOMIC_RELAXED);
			missing = missing || (codes[i] == 0 && code != OT_CODE_NULL);
			largest = codes[i] > largest ? codes[i] : largest;
		}
		if (!missing)
			break;
		number(&block->engine->codes[field], table, column, rows);
		missing = false;
	}
	*most = largest;
}

struct ot_str codes_text(const struct ot_engine *engine, enum ot_field field, uint32_t code)
{
	return engine->codes[field].texts.items[code - 1];
}

uint32_t codes_count(const struct ot_engine *engine, enum ot_field field)
{
	return engine->codes[field].texts.count;
}

const uint32_t *codes_ranks(struct ot_engine *engine, enum ot_field field)
{
	struct field_codes *codes = &engine->codes[field];

	if (codes->ranked != codes->texts.count) {
		codes->ranks = ot_realloc(codes->ranks, (size_t)codes->texts.count * sizeof(*codes->ranks));
		sort_texts(codes->texts.items, codes->texts.count, codes->ranks);
		codes->ranked = codes->texts.count;
	}
	return codes->ranks;
}
