/* Who calls: the clients by calls and rate, share of errors, bytes, credential. */
#include "view_table.h"

static const struct table_kind callers = {
	{ "callers", table_ask, table_draw, table_act, table_find, table_command, table_close },
	.by = "client,client_kind,credential",
	.measures = "count,rate,errors,sum:bytes_out,p95:latency,distinct:http_route,first,last",
	.sort = 3,
	.columns = {
		{ "client", 0, -1, OT_CELL_FIELD, "", 0, 0 },
		{ "kind", 1, -1, OT_CELL_FIELD, "", 11, 100 },
		{ "credential", 2, -1, OT_CELL_FIELD, "", 0, 0 },
		{ "calls", -1, 0, OT_CELL_COUNT, "", 9, 0 },
		{ "rate", -1, 1, OT_CELL_REAL, "/s", 9, 0 },
		{ "errors", -1, 2, OT_CELL_SHARE, "", 8, 0 },
		{ "bytes", -1, 3, OT_CELL_BYTES, "", 9, 0 },
		{ "p95", -1, 4, OT_CELL_DURATION, "", 9, 110 },
		{ "routes", -1, 5, OT_CELL_COUNT, "", 7, 120 },
		{ "last seen", -1, 7, OT_CELL_TIME, "", 24, 140 },
	},
	.column_count = 10,
};

struct view *view_callers_open(struct app *app)
{
	return table_open(app, &callers);
}
