#include "catalog.h"

#include <stdlib.h>
#include <string.h>

/* Links of the output while those of the inputs are added up. */
struct merged {
	struct ot_links links;
	uint32_t *call_of_row;
	uint8_t *evidence, *leader;
	struct ot_call *calls;
	size_t call_cap;
	struct ot_intern ids; /* call_id -> number of the call */
};

static void merged_init(struct merged *m, uint32_t rows)
{
	memset(m, 0, sizeof(*m));
	m->call_of_row = ot_arena_zero(&m->links.arena, (size_t)rows + 1, sizeof(*m->call_of_row));
	m->evidence = ot_arena_zero(&m->links.arena, (size_t)rows + 1, 1);
	m->leader = ot_arena_zero(&m->links.arena, (size_t)rows + 1, 1);
	m->links.rows = rows;
	m->links.call_of_row = m->call_of_row;
	m->links.evidence = m->evidence;
	m->links.leader = m->leader;
}

static void merged_release(struct merged *m)
{
	free(m->calls);
	ot_intern_release(&m->ids);
	ot_arena_release(&m->links.arena);
}

static void copy_call(struct merged *m, struct ot_call *to, const struct ot_call *from)
{
	struct ot_str *origins = ot_arena_zero(&m->links.arena, (size_t)from->origin_count + 1, sizeof(*origins));

	for (uint32_t i = 0; i < from->origin_count; i++)
		origins[i] = ot_arena_str(&m->links.arena, from->origins[i]);
	*to = (struct ot_call){ ot_arena_str(&m->links.arena, from->call_id), from->records, origins, from->origin_count };
}

/* A call that several inputs tell of is one call. They say the same of it, unless linking was stopped between them: then the larger is the newer. */
static uint32_t add_call(struct merged *m, const struct ot_call *call)
{
	bool is_new;
	uint32_t number = ot_intern_put(&m->ids, call->call_id, &is_new);

	if (number == m->call_cap) {
		m->call_cap = m->call_cap == 0 ? 64 : m->call_cap * 2;
		m->calls = ot_realloc(m->calls, m->call_cap * sizeof(*m->calls));
	}
	if (is_new || call->records > m->calls[number].records)
		copy_call(m, &m->calls[number], call);
	m->links.calls = m->calls;
	m->links.call_count = m->ids.count;
	return number;
}

static void add_links(struct merged *m, const struct ot_links *links, const uint32_t *map)
{
	for (uint32_t row = 0; row < links->rows; row++) {
		if (links->call_of_row[row] == 0)
			continue;
		m->call_of_row[map[row]] = add_call(m, &links->calls[links->call_of_row[row] - 1]) + 1;
		m->evidence[map[row]] = links->evidence[row];
		m->leader[map[row]] = links->leader[row];
	}
}

enum ot_status ot_compact_links(struct ot_store *store, const struct ot_segment_ref *const *inputs, size_t count, uint32_t *const *maps,
    const struct ot_segment_info *output, char name[64], struct ot_err *err)
{
	enum ot_status status = OT_OK;
	struct merged m;

	name[0] = '\0';
	merged_init(&m, output->rows);
	for (size_t i = 0; i < count && status == OT_OK; i++) {
		struct ot_links links = { 0 };

		if (inputs[i]->link_path == NULL)
			continue;
		status = ot_links_open(&links, inputs[i]->link_path, err);
		if (status == OT_OK)
			status = ot_links_check_rows(&links, inputs[i]->info.rows, inputs[i]->link_path, err);
		if (status == OT_OK)
			add_links(&m, &links, maps[i]);
		ot_links_release(&links);
	}
	if (status == OT_OK && m.links.call_count > 0)
		status = ot_links_publish(store, output->day, &m.links, name, err);
	merged_release(&m);
	return status;
}
