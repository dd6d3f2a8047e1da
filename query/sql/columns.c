/* The columns of the tables: the schema's fields in its order, then what only a call has, then names that are not part of "*". */
#include "sql.h"

#include <string.h>

static void add(struct table *table, struct column column)
{
	table->columns[table->count++] = column;
}

void sql_table_init(struct table *table, const char *name, bool calls)
{
	table->name = name;
	table->calls = calls;
	for (int f = 0; f < OT_FIELD_COUNT; f++)
		add(table, (struct column){ot_fields[f].name, COLUMN_FIELD, (enum ot_field)f, false});
	if (calls) {
		add(table, (struct column){"origins", COLUMN_ORIGINS, OT_FIELD_NONE, false});
		add(table, (struct column){"records", COLUMN_RECORDS, OT_FIELD_NONE, false});
	}
	add(table, (struct column){"filter", COLUMN_FILTER, OT_FIELD_NONE, true});
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		if (ot_fields[f].alias[0] != '\0')
			add(table, (struct column){ot_fields[f].alias, COLUMN_FIELD, (enum ot_field)f, true});
	}
}

/* A type gives its column the affinity with which SQLite compares. */
static const char *type_of(const struct column *column)
{
	if (column->kind == COLUMN_RECORDS)
		return "INTEGER";
	if (column->kind != COLUMN_FIELD)
		return "TEXT";
	switch (ot_fields[column->field].type) {
	case OT_TYPE_INT:
	case OT_TYPE_BOOL:
		return "INTEGER";
	default:
		return "TEXT";
	}
}

void sql_table_declare(const struct table *table, struct ot_buf *out)
{
	ot_buf_printf(out, "CREATE TABLE %s(", table->name);
	for (size_t i = 0; i < table->count; i++) {
		const struct column *column = &table->columns[i];
		bool time = column->kind == COLUMN_FIELD && ot_fields[column->field].type == OT_TYPE_TIME;

		ot_buf_printf(out, "%s\"%s\" %s%s%s%s", i > 0 ? "," : "", column->name, type_of(column),
		    column->hidden ? " HIDDEN" : "", time ? " COLLATE " : "", time ? sql_time_collation : "");
	}
	ot_buf_put(out, ")", 2); /* with its end */
}

int sql_table_find(const struct table *table, const char *column)
{
	for (size_t i = 0; i < table->count; i++) {
		if (strcasecmp(table->columns[i].name, column) == 0)
			return (int)i;
	}
	return -1;
}
