/* `onetrail clients`: who calls. One row for each client as an origin names it. */
#include "report.h"

static const struct ot_opt options[] = {
	OT_OPTIONS_WINDOW,
	{ "top", 0, OT_OPT_INT, "N", "the N clients with the most calls", NULL, OT_OPT_ASKING(top) },
	OT_OPTIONS_ANSWER,
	OT_OPTIONS_END,
};

static const struct ot_output_column columns[] = {
	{ "client", "client", true },	      { "client_kind", "kind", false },	  { "client_trust", "trust", false },
	{ "count", "calls", false },	      { "errors", "errors", false },	  { "routes", "routes", false },
	{ "credentials", "credentials", false }, { "origins", "origins", false }, { "first", "first seen", false },
	{ "last", "last seen", false },
};
static const char measures[] = "count,errors,distinct:http_route,distinct:credential,distinct:origin,first,last";

static struct ot_cell key_cell(const struct ot_group *group, size_t i, enum ot_field field)
{
	return group->key_null[i] ? ot_cell_null() : (struct ot_cell){ .kind = OT_CELL_FIELD, .field = field, .value = group->keys[i] };
}

static struct ot_cell time_cell(const struct ot_group *group, size_t i)
{
	return group->measure_null[i] ? ot_cell_null() : ot_cell_time(group->measures[i].number);
}

static enum ot_status put_clients(const struct ot_groups *groups, struct ot_output *out, struct ot_err *err)
{
	for (size_t i = 0; i < groups->count; i++) {
		const struct ot_group *g = &groups->groups[i];
		struct ot_cell cells[] = {
			key_cell(g, 0, OT_CLIENT), key_cell(g, 1, OT_CLIENT_KIND), key_cell(g, 2, OT_CLIENT_TRUST), ot_cell_count(g->measures[0].number),
			ot_cell_share(g->measures[1].real), ot_cell_count(g->measures[2].number), ot_cell_count(g->measures[3].number),
			ot_cell_count(g->measures[4].number), time_cell(g, 5), time_cell(g, 6),
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
	struct ot_groups_request request = { .question = ask.question, .by = { OT_CLIENT, OT_CLIENT_KIND, OT_CLIENT_TRUST }, .by_count = 3,
		.top = (uint64_t)invocation->asking.top, .having = { INT64_MIN, INT64_MAX } };
	enum ot_status status = ot_measures_parse(ot_str_from(measures), request.measures, &request.measure_count, &ask.arena, &err);
	if (status == OT_OK)
		status = ot_ask_output(&ask, columns, sizeof(columns) / sizeof(*columns), &out, &err);
	if (status == OT_OK)
		status = ot_engine_groups(ask.engine, &request, &groups, &ask.stats, &err);
	if (status == OT_OK)
		status = put_clients(&groups, out, &err);
	int code = ot_ask_end(&ask, out, status, &err);
	ot_groups_release(&groups);
	ot_ask_close(&ask);
	return code;
}

const struct ot_verb ot_verb_clients = { "clients", "[FILTER...]", "who calls: first and last seen, calls, error share, routes, credentials", options, run, NULL };
