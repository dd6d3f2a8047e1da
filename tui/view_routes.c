/* What is called: the routes by calls and rate, share of errors, latency, clients. */
#include "view_table.h"

static const struct table_kind routes = {
	{ "routes", table_ask, table_draw, table_act, table_find, table_command, table_close },
	.by = "method,route",
	.measures = "count,rate,errors,p95:latency,distinct:client,sum:bytes_out,last",
	.sort = 2,
	.columns = {
		{ "method", 0, -1, OT_CELL_FIELD, "", 7, 0 },
		{ "route", 1, -1, OT_CELL_FIELD, "", 0, 0 },
		{ "calls", -1, 0, OT_CELL_COUNT, "", 9, 0 },
		{ "rate", -1, 1, OT_CELL_REAL, "/s", 9, 90 },
		{ "errors", -1, 2, OT_CELL_SHARE, "", 8, 0 },
		{ "p95", -1, 3, OT_CELL_DURATION, "", 9, 0 },
		{ "clients", -1, 4, OT_CELL_COUNT, "", 8, 0 },
		{ "bytes", -1, 5, OT_CELL_BYTES, "", 9, 110 },
		{ "last seen", -1, 6, OT_CELL_TIME, "", 24, 130 },
	},
	.column_count = 9,
};

struct view *view_routes_open(struct app *app)
{
	return table_open(app, &routes);
}
