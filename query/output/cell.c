/* Cells: one value as each output writes it. */
#include <base/text.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <query/output.h>

struct ot_cell ot_cell_null(void)
{
	return (struct ot_cell){ .kind = OT_CELL_NULL };
}

struct ot_cell ot_cell_text(struct ot_str text)
{
	return (struct ot_cell){ .kind = text.ptr == NULL ? OT_CELL_NULL : OT_CELL_TEXT, .text = text };
}

struct ot_cell ot_cell_count(int64_t number)
{
	return (struct ot_cell){ .kind = OT_CELL_COUNT, .number = number };
}

struct ot_cell ot_cell_integer(int64_t number)
{
	return (struct ot_cell){ .kind = OT_CELL_INTEGER, .number = number };
}

struct ot_cell ot_cell_exact(double real)
{
	return (struct ot_cell){ .kind = OT_CELL_EXACT, .real = real };
}

struct ot_cell ot_cell_real(double real)
{
	return (struct ot_cell){ .kind = OT_CELL_REAL, .real = real };
}

struct ot_cell ot_cell_share(double share)
{
	return (struct ot_cell){ .kind = OT_CELL_SHARE, .real = share };
}

struct ot_cell ot_cell_rate(double a_second)
{
	return (struct ot_cell){ .kind = OT_CELL_RATE, .real = a_second };
}

struct ot_cell ot_cell_bytes(int64_t bytes)
{
	return (struct ot_cell){ .kind = OT_CELL_BYTES, .number = bytes };
}

struct ot_cell ot_cell_time(int64_t time_ns)
{
	return (struct ot_cell){ .kind = OT_CELL_TIME, .number = time_ns };
}

struct ot_cell ot_cell_duration(int64_t ns)
{
	return (struct ot_cell){ .kind = OT_CELL_DURATION, .number = ns };
}

struct ot_cell ot_cell_of(const struct ot_record *record, enum ot_field field)
{
	if (!ot_record_has(record, field))
		return ot_cell_null();
	return (struct ot_cell){ .kind = OT_CELL_FIELD, .field = field, .value = record->values[field] };
}

/* 1284 -> 1,284 */
static void put_grouped(struct ot_buf *out, int64_t number)
{
	struct ot_buf digits = { 0 };
	ot_buf_i64(&digits, number);
	for (size_t i = 0; i < digits.len; i++) {
		ot_buf_char(out, digits.data[i]);
		size_t left = digits.len - 1 - i;
		if (left > 0 && left % 3 == 0 && digits.data[i] != '-')
			ot_buf_char(out, ',');
	}
	ot_buf_release(&digits);
}

static void put_bytes(struct ot_buf *out, int64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	double value = (double)bytes;
	size_t unit = 0;
	while (fabs(value) >= 1000 && unit < 4) {
		value /= 1000;
		unit++;
	}
	if (unit == 0)
		ot_buf_printf(out, "%lld B", (long long)bytes);
	else
		ot_buf_printf(out, fabs(value) < 10 ? "%.2f %s" : fabs(value) < 100 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

/* Shortest decimal that reads back as the same double, so that numbers are stable and exact. */
static void put_exact(struct ot_buf *out, double real)
{
	char text[40];
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, real);
		if (strtod(text, NULL) == real)
			break;
	}
	ot_buf_text(out, isfinite(real) ? text : "0");
}

static void put_real_human(struct ot_buf *out, double real)
{
	if (real == 0)
		ot_buf_text(out, "0");
	else if (fabs(real) >= 100)
		ot_buf_printf(out, "%.0f", real);
	else
		ot_buf_printf(out, fabs(real) >= 1 ? "%.1f" : "%.3f", real);
}

/* In the unit that leaves a number before the point: a second, a minute, an hour, a day. */
static void put_rate(struct ot_buf *out, double a_second)
{
	static const struct {
		double seconds;
		const char *unit;
	} units[] = { { 1, "/s" }, { 60, "/min" }, { 3600, "/h" }, { 86400, "/d" } };
	size_t i = 0;
	while (i < 3 && a_second * units[i].seconds < 1)
		i++;
	put_real_human(out, a_second * units[i].seconds);
	ot_buf_text(out, units[i].unit);
}

/* Local time of the reader's zone, milliseconds, with the zone's offset where it is not UTC. */
static void put_time_human(struct ot_buf *out, int64_t time_ns, const struct ot_zone *zone)
{
	size_t start = out->len;
	ot_time_put_zoned(out, time_ns, 3, zone);
	if (out->len > start + 10)
		out->data[start + 10] = ' ';
}

static void put_human(struct ot_buf *out, const struct ot_cell *cell, const struct ot_output_options *options)
{
	struct ot_buf raw = { 0 };
	switch (cell->kind) {
	case OT_CELL_NULL:
		break;
	case OT_CELL_FIELD:
		if (ot_fields[cell->field].type == OT_TYPE_TIME) {
			put_time_human(out, cell->value.number, options->zone);
			break;
		}
		ot_value_put_human(&raw, cell->field, &cell->value);
		ot_text_display(out, ot_buf_str(&raw));
		break;
	case OT_CELL_TEXT:
		ot_text_display(out, cell->text);
		break;
	case OT_CELL_COUNT:
		put_grouped(out, cell->number);
		break;
	case OT_CELL_INTEGER:
		ot_buf_i64(out, cell->number);
		break;
	case OT_CELL_EXACT:
		put_exact(out, cell->real);
		break;
	case OT_CELL_REAL:
		put_real_human(out, cell->real);
		break;
	case OT_CELL_SHARE:
		ot_buf_printf(out, "%.1f %%", cell->real * 100);
		break;
	case OT_CELL_RATE:
		put_rate(out, cell->real);
		break;
	case OT_CELL_BYTES:
		put_bytes(out, cell->number);
		break;
	case OT_CELL_TIME:
		put_time_human(out, cell->number, options->zone);
		break;
	case OT_CELL_DURATION:
		ot_duration_put(out, cell->number);
		break;
	case OT_CELL_TEXTS:
		for (size_t i = 0; i < cell->text_count; i++) {
			if (i > 0)
				ot_buf_char(out, ' ');
			ot_text_display(out, cell->texts[i]);
		}
		break;
	}
	ot_buf_release(&raw);
}

static void put_json(struct ot_buf *out, const struct ot_cell *cell)
{
	switch (cell->kind) {
	case OT_CELL_NULL:
		ot_buf_text(out, "null");
		break;
	case OT_CELL_FIELD:
		ot_value_put_json(out, cell->field, &cell->value);
		break;
	case OT_CELL_TEXT:
		ot_text_json(out, cell->text);
		break;
	case OT_CELL_COUNT:
	case OT_CELL_INTEGER:
	case OT_CELL_BYTES:
	case OT_CELL_DURATION:
		ot_buf_i64(out, cell->number);
		break;
	case OT_CELL_REAL:
	case OT_CELL_EXACT:
	case OT_CELL_SHARE:
	case OT_CELL_RATE:
		put_exact(out, cell->real);
		break;
	case OT_CELL_TIME:
		ot_buf_char(out, '"');
		ot_time_put(out, cell->number, 9);
		ot_buf_char(out, '"');
		break;
	case OT_CELL_TEXTS:
		ot_buf_char(out, '[');
		for (size_t i = 0; i < cell->text_count; i++) {
			if (i > 0)
				ot_buf_char(out, ',');
			ot_text_json(out, cell->texts[i]);
		}
		ot_buf_char(out, ']');
		break;
	}
}

static void put_csv(struct ot_buf *out, const struct ot_cell *cell)
{
	struct ot_buf raw = { 0 };
	switch (cell->kind) {
	case OT_CELL_NULL:
		break;
	case OT_CELL_FIELD:
		ot_value_put(&raw, cell->field, &cell->value);
		ot_text_csv(out, ot_buf_str(&raw));
		break;
	case OT_CELL_TEXT:
		ot_text_csv(out, cell->text);
		break;
	case OT_CELL_TEXTS:
		for (size_t i = 0; i < cell->text_count; i++) {
			if (i > 0)
				ot_buf_char(&raw, ' ');
			ot_buf_str_put(&raw, cell->texts[i]);
		}
		ot_text_csv(out, ot_buf_str(&raw));
		break;
	case OT_CELL_TIME:
		ot_time_put(out, cell->number, 9);
		break;
	default:
		put_json(out, cell);
		break;
	}
	ot_buf_release(&raw);
}

void ot_cell_put(struct ot_buf *out, const struct ot_cell *cell, const struct ot_output_options *options)
{
	switch (options->form) {
	case OT_OUTPUT_TABLE:
		put_human(out, cell, options);
		break;
	case OT_OUTPUT_JSON:
		put_json(out, cell);
		break;
	case OT_OUTPUT_CSV:
		put_csv(out, cell);
		break;
	}
}
