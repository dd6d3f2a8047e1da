/* Who calls: the clients by calls and rate, share of errors, bytes, credentials; and the same for each credential. */
#include "view_table.h"

static const struct table_kind credentials = {
	{ "credentials", table_ask, table_draw, table_act, table_find, table_command, table_close },
	.by = "client,credential",
	.measures = "count,rate,errors,sum:bytes_out,distinct:ip,last",
	.sort = 2,
	.columns = {
		{ "client", 0, -1, OT_CELL_FIELD, "", 0, 0 },
		{ "credential", 1, -1, OT_CELL_FIELD, "", 0, 0 },
		{ "calls", -1, 0, OT_CELL_COUNT, "", 9, 0 },
		{ "rate", -1, 1, OT_CELL_REAL, "/s", 9, 0 },
		{ "errors", -1, 2, OT_CELL_SHARE, "", 8, 0 },
		{ "bytes", -1, 3, OT_CELL_BYTES, "", 9, 0 },
		{ "addresses", -1, 4, OT_CELL_COUNT, "", 9, 100 },
		{ "last seen", -1, 5, OT_CELL_TIME, "", 24, 130 },
	},
	.column_count = 8,
};

static const struct table_kind callers = {
	{ "callers", table_ask, table_draw, table_act, table_find, table_command, table_close },
	.by = "client",
	.measures = "count,rate,errors,sum:bytes_out,distinct:credential,p95:latency,distinct:http_route,distinct:origin,last",
	.sort = 1,
	.columns = {
		{ "client", 0, -1, OT_CELL_FIELD, "", 0, 0 },
		{ "calls", -1, 0, OT_CELL_COUNT, "", 10, 0 },
		{ "rate", -1, 1, OT_CELL_REAL, "/s", 9, 0 },
		{ "errors", -1, 2, OT_CELL_SHARE, "", 8, 0 },
		{ "bytes", -1, 3, OT_CELL_BYTES, "", 9, 0 },
		{ "credentials", -1, 4, OT_CELL_COUNT, "", 11, 0 },
		{ "p95", -1, 5, OT_CELL_DURATION, "", 9, 100 },
		{ "routes", -1, 6, OT_CELL_COUNT, "", 7, 110 },
		{ "origins", -1, 7, OT_CELL_COUNT, "", 7, 120 },
		{ "last seen", -1, 8, OT_CELL_TIME, "", 24, 140 },
	},
	.column_count = 10,
	.split = &credentials,
};

struct view *view_callers_open(struct app *app)
{
	return table_open(app, &callers);
}
