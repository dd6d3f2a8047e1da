/* `onetrail routes`: the routes, each with examples of the paths behind it. */
#include "report.h"
#include <base/intern.h>
#include <stdlib.h>

enum { EXAMPLES_MAX = 3, LOOKED_AT_MAX = 200000 };

static const struct ot_opt options[] = {
	OT_OPTIONS_WINDOW,
	{ "top", 0, OT_OPT_INT, "N", "the N routes with the most calls", NULL, OT_OPT_ASKING(top) },
	OT_OPTIONS_ANSWER,
	OT_OPTIONS_END,
};

static const struct ot_output_column columns[] = {
	{ "http_route", "route", true }, { "count", "calls", false }, { "clients", "clients", false }, { "paths", "paths", false }, { "examples", "examples", true },
};

struct examples {
	struct ot_str paths[EXAMPLES_MAX];
	size_t count;
};

/* Examples are gathered in order of time, the first few different paths of each route, in one pass that stops once every route has some. */
struct gathering {
	struct ot_intern routes;
	struct examples *examples; /* by code in routes */
	size_t wanted;		   /* routes that want more */
	uint64_t looked_at;
	struct ot_arena *arena;
};

static enum ot_status gather(void *context, const struct ot_row *row, struct ot_err *err)
{
	struct gathering *g = context;
	(void)err;
	struct ot_str path = ot_record_text(row->record, OT_URL_PATH);
	uint32_t code = ot_intern_find(&g->routes, ot_record_text(row->record, OT_HTTP_ROUTE));
	if (++g->looked_at > LOOKED_AT_MAX || g->wanted == 0)
		return OT_END;
	if (code == UINT32_MAX || path.ptr == NULL || g->examples[code].count == EXAMPLES_MAX)
		return OT_OK;
	struct examples *e = &g->examples[code];
	for (size_t i = 0; i < e->count; i++) {
		if (ot_str_eq(e->paths[i], path))
			return OT_OK;
	}
	e->paths[e->count++] = ot_arena_str(g->arena, path);
	g->wanted -= e->count == EXAMPLES_MAX;
	return OT_OK;
}

static enum ot_status find_examples(struct ot_ask *ask, struct gathering *g, const struct ot_groups *groups, struct ot_err *err)
{
	bool fields[OT_FIELD_COUNT] = { [OT_HTTP_ROUTE] = true, [OT_URL_PATH] = true };
	struct ot_rows_request request = { .question = ask->question, .fields = fields, .sort = OT_TIMESTAMP };
	for (size_t i = 0; i < groups->count; i++) {
		if (!groups->groups[i].key_null[0])
			ot_intern_put(&g->routes, groups->groups[i].keys[0].text, NULL);
	}
	g->examples = ot_alloc_zero(g->routes.count + 1, sizeof(*g->examples));
	g->wanted = g->routes.count;
	struct ot_scan_stats pass = { 0 };
	enum ot_status status = ot_engine_rows(ask->engine, &request, gather, g, &pass, err);
	ot_scan_stats_add(&ask->stats, &pass);
	return status == OT_END ? OT_OK : status;
}

static enum ot_status put_routes(const struct gathering *g, const struct ot_groups *groups, struct ot_output *out, struct ot_err *err)
{
	for (size_t i = 0; i < groups->count; i++) {
		const struct ot_group *group = &groups->groups[i];
		struct examples none = { 0 };
		const struct examples *e = group->key_null[0] ? &none : &g->examples[ot_intern_find(&g->routes, group->keys[0].text)];
		struct ot_cell cells[] = {
			group->key_null[0] ? ot_cell_null() : ot_cell_text(group->keys[0].text), ot_cell_count(group->measures[0].number),
			ot_cell_count(group->measures[1].number), ot_cell_count(group->measures[2].number),
			{ .kind = OT_CELL_TEXTS, .texts = e->paths, .text_count = e->count },
		};
		enum ot_status status = ot_output_row(out, cells, err);
		if (status != OT_OK)
			return status;
	}
	return OT_OK;
}

static int run(struct ot_invocation *invocation)
{
	struct ot_err err = { 0 };
	struct ot_ask ask;
	struct ot_groups groups = { 0 };
	struct ot_output *out = NULL;
	if (!ot_ask_open(&ask, invocation, 0, &err))
		return OT_EXIT_FAILURE;
	struct gathering g = { .arena = &ask.arena };
	struct ot_groups_request request = { .question = ask.question, .by = { OT_HTTP_ROUTE }, .by_count = 1, .top = (uint64_t)invocation->asking.top,
		.having = { INT64_MIN, INT64_MAX } };
	enum ot_status status = ot_measures_parse(OT_STR("count,distinct:client,distinct:url_path"), request.measures, &request.measure_count, &ask.arena, &err);
	if (status == OT_OK)
		status = ot_ask_output(&ask, columns, sizeof(columns) / sizeof(*columns), &out, &err);
	if (status == OT_OK)
		status = ot_engine_groups(ask.engine, &request, &groups, &ask.stats, &err);
	if (status == OT_OK)
		status = find_examples(&ask, &g, &groups, &err);
	if (status == OT_OK)
		status = put_routes(&g, &groups, out, &err);
	int code = ot_ask_end(&ask, out, status, &err);
	free(g.examples);
	ot_intern_release(&g.routes);
	ot_groups_release(&groups);
	ot_ask_close(&ask);
	return code;
}

const struct ot_verb ot_verb_routes = { "routes", "[FILTER...]", "routes with examples of the paths behind them", options, run, NULL };
