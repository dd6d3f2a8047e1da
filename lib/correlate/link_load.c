#include "link_load.h"
#include <stdio.h>
#include <stdlib.h>

/* What is decoded of a block. Ids come first: a block without any is done with. */
static const enum ot_field id_fields[] = { OT_TRACE_ID, OT_REQUEST_ID, OT_UPSTREAM_REQUEST_ID, OT_CLIENT_PORT /* of a connection */ };
static const enum ot_field other_fields[] = {
	OT_TIMESTAMP, OT_DURATION, OT_ORIGIN, OT_ORIGIN_KIND, OT_FORMAT, OT_SOURCE_KEY, OT_SOURCE_OFFSET, OT_SOURCE_ITEM, OT_LEG, OT_CLIENT_KIND,
	OT_CLIENT_ADDRESS, OT_NETWORK_PEER_ADDRESS, OT_HTTP_REQUEST_METHOD, OT_URL_PATH, OT_HTTP_RESPONSE_STATUS_CODE, OT_MCP_METHOD, OT_TOOL,
};
enum { ID_FIELDS = sizeof(id_fields) / sizeof(id_fields[0]), OTHER_FIELDS = sizeof(other_fields) / sizeof(other_fields[0]) };

struct loader {
	struct link_table *table;
	struct ot_segment *segment;
	uint32_t number;
	int64_t since, until;
	struct ot_column columns[OT_FIELD_COUNT]; /* of the block at hand; those of the fields above */
	struct ot_arena arena;
	uint64_t *hashes[OT_FIELD_COUNT]; /* by code: of dictionary entries, made when first asked for */
	struct {
		uint32_t origin, format, origin_code, stream;
		int64_t leg;
		bool set;
	} last; /* neighbours are mostly of one log */
};

void link_table_release(struct link_table *table)
{
	free(table->records);
	ot_intern_release(&table->origins);
	ot_intern_release(&table->keys);
	ot_intern_release(&table->streams);
	*table = (struct link_table){ 0 };
}

void link_table_clear(struct link_table *table)
{
	table->count = 0;
	table->rows = 0;
	ot_intern_clear(&table->origins);
	ot_intern_clear(&table->keys);
	ot_intern_clear(&table->streams);
}

static int64_t number(const struct loader *l, enum ot_field field, uint32_t row, int64_t otherwise)
{
	const struct ot_column *c = &l->columns[field];
	return c->numbers == NULL || ot_column_is_null(c, row) ? otherwise : c->numbers[row];
}

static struct ot_str text(const struct loader *l, enum ot_field field, uint32_t row)
{
	const struct ot_column *c = &l->columns[field];
	if (c->form == OT_FORM_TEXT)
		return c->texts == NULL ? OT_STR_NONE : c->texts[row];
	return c->codes == NULL || c->codes[row] == OT_CODE_NULL ? OT_STR_NONE : c->dict[c->codes[row]];
}

static uint64_t text_hash(struct ot_str s)
{
	uint64_t hash = s.ptr == NULL ? 0 : ot_hash(s.ptr, s.len);
	return s.ptr != NULL && hash == 0 ? 1 : hash;
}

/* The dictionary is the segment's, so its hashes are made once for all blocks. */
static uint64_t dict_hash(struct loader *l, enum ot_field field, uint32_t row)
{
	const struct ot_column *c = &l->columns[field];
	if (c->codes == NULL || c->codes[row] == OT_CODE_NULL)
		return 0;
	if (l->hashes[field] == NULL)
		l->hashes[field] = ot_alloc_zero(c->dict_count, sizeof(uint64_t));
	uint64_t *hash = &l->hashes[field][c->codes[row]];
	if (*hash == 0)
		*hash = text_hash(c->dict[c->codes[row]]);
	return *hash;
}

static uint32_t code_of(struct ot_intern *intern, struct ot_str s)
{
	return ot_intern_put(intern, s.ptr == NULL ? OT_STR("") : s, NULL);
}

static uint32_t code_at(const struct loader *l, enum ot_field field, uint32_t row)
{
	return l->columns[field].codes == NULL ? OT_CODE_NULL : l->columns[field].codes[row];
}

/* One log is one stream. On the wire one request may be seen on both sides of a gateway. */
static void find_stream(struct loader *l, uint32_t row, struct link_record *r)
{
	uint32_t origin = code_at(l, OT_ORIGIN, row), format = code_at(l, OT_FORMAT, row);
	int64_t leg = r->origin_kind == OT_KIND_WIRE ? number(l, OT_LEG, row, -1) : -1;
	if (!l->last.set || l->last.origin != origin || l->last.format != format || l->last.leg != leg) {
		uint32_t code = code_of(&l->table->origins, text(l, OT_ORIGIN, row));
		char name[512];
		int len = snprintf(name, sizeof(name), "%u %lld %.*s", code, (long long)leg, OT_STR_ARGS(text(l, OT_FORMAT, row)));
		struct ot_str key = { name, len < (int)sizeof(name) ? (size_t)len : sizeof(name) - 1 };
		l->last.stream = ot_intern_put(&l->table->streams, key, NULL);
		l->last.origin_code = code;
		l->last.origin = origin;
		l->last.format = format;
		l->last.leg = leg;
		l->last.set = true;
	}
	r->origin = l->last.origin_code;
	r->stream = l->last.stream;
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

static void load_ids(const struct loader *l, uint32_t row, struct link_record *r)
{
	const struct ot_column *trace = &l->columns[OT_TRACE_ID];
	if (trace->fixed != NULL && !ot_column_is_null(trace, row))
		memcpy(r->trace, trace->fixed + (size_t)row * sizeof(r->trace), sizeof(r->trace));
	r->request = link_id_hash(text(l, OT_REQUEST_ID, row));
	r->upstream_request = link_id_hash(text(l, OT_UPSTREAM_REQUEST_ID, row));
}

static void load_rest(struct loader *l, uint32_t row, struct link_record *r)
{
	r->end = r->start + clamp(number(l, OT_DURATION, row, 0), 0, OT_NS_PER_DAY);
	r->method = dict_hash(l, OT_HTTP_REQUEST_METHOD, row);
	r->path = text_hash(text(l, OT_URL_PATH, row));
	r->peer = dict_hash(l, OT_NETWORK_PEER_ADDRESS, row);
	if (r->peer == 0) /* logs that show one address mostly show that of the socket */
		r->peer = dict_hash(l, OT_CLIENT_ADDRESS, row);
	r->mcp_method = dict_hash(l, OT_MCP_METHOD, row);
	r->tool = dict_hash(l, OT_TOOL, row);
	r->source_hash = dict_hash(l, OT_SOURCE_KEY, row);
	r->source_key = code_of(&l->table->keys, text(l, OT_SOURCE_KEY, row));
	r->offset = number(l, OT_SOURCE_OFFSET, row, 0);
	r->item = number(l, OT_SOURCE_ITEM, row, 0);
	r->status = (int32_t)clamp(number(l, OT_HTTP_RESPONSE_STATUS_CODE, row, -1), -1, INT16_MAX);
	r->origin_kind = (int8_t)number(l, OT_ORIGIN_KIND, row, -1);
	r->client_kind = (int8_t)number(l, OT_CLIENT_KIND, row, -1);
	find_stream(l, row, r);
}

static void load_row(struct loader *l, uint32_t row, uint32_t first_row)
{
	struct link_table *t = l->table;
	struct link_record r = { .segment = l->number, .row = first_row + row };
	load_ids(l, row, &r);
	r.port = (int32_t)clamp(number(l, OT_CLIENT_PORT, row, -1), -1, UINT16_MAX);
	if ((r.trace[0] | r.trace[1] | r.request | r.upstream_request) == 0 && r.port < 0)
		return;
	const struct ot_column *times = &l->columns[OT_TIMESTAMP];
	if (times->numbers == NULL || ot_column_is_null(times, row))
		return;
	r.start = times->numbers[row];
	if (r.start < l->since || r.start >= l->until)
		return;
	load_rest(l, row, &r);
	if (t->count == t->cap) {
		t->cap = t->cap == 0 ? 4096 : t->cap * 2;
		t->records = ot_realloc(t->records, t->cap * sizeof(*t->records));
	}
	t->records[t->count++] = r;
}

/* OT_END: nothing in this block can be linked. */
static enum ot_status decode_block(struct loader *l, uint32_t block, struct ot_err *err)
{
	struct ot_block_stats stats;
	uint32_t rows = ot_segment_block_rows(l->segment, block);
	enum ot_status status = ot_segment_stats(l->segment, OT_TIMESTAMP, block, &stats, err);
	if (status != OT_OK)
		return status;
	if (stats.min > stats.max || stats.max < l->since || stats.min >= l->until)
		return OT_END;
	bool ids = false;
	for (size_t i = 0; i < ID_FIELDS; i++) {
		status = ot_segment_stats(l->segment, id_fields[i], block, &stats, err);
		if (status != OT_OK)
			return status;
		ids |= stats.nulls < rows;
	}
	if (!ids)
		return OT_END;
	for (size_t i = 0; status == OT_OK && i < ID_FIELDS; i++)
		status = ot_segment_decode(l->segment, id_fields[i], block, &l->columns[id_fields[i]], &l->arena, err);
	for (size_t i = 0; status == OT_OK && i < OTHER_FIELDS; i++)
		status = ot_segment_decode(l->segment, other_fields[i], block, &l->columns[other_fields[i]], &l->arena, err);
	return status;
}

static bool has_ids(const struct ot_segment *segment)
{
	for (size_t i = 0; i < ID_FIELDS; i++)
		if (ot_segment_has(segment, id_fields[i]))
			return true;
	return false;
}

enum ot_status link_load(struct link_table *table, struct ot_segment *segment, uint32_t segment_number, int64_t since, int64_t until, struct ot_err *err)
{
	struct loader *l = ot_alloc_zero(1, sizeof(*l));
	l->table = table;
	l->segment = segment;
	l->number = segment_number;
	l->since = since;
	l->until = until;
	enum ot_status status = OT_OK;
	uint32_t first_row = 0, blocks = has_ids(segment) ? ot_segment_blocks(segment) : 0;
	for (uint32_t block = 0; block < blocks; block++) {
		uint32_t rows = ot_segment_block_rows(segment, block);
		status = decode_block(l, block, err);
		if (status == OT_OK)
			for (uint32_t row = 0; row < rows; row++)
				load_row(l, row, first_row);
		else if (status != OT_END && status != OT_CORRUPT)
			break;
		status = OT_OK;
		first_row += rows;
		ot_arena_reset(&l->arena);
	}
	table->rows += ot_segment_rows(segment);
	for (int i = 0; i < OT_FIELD_COUNT; i++)
		free(l->hashes[i]);
	ot_arena_release(&l->arena);
	free(l);
	return status;
}
