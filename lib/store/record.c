#include <base/text.h>
#include <base/time.h>
#include <store/record.h>

/* --- numbers by type and unit --- */

static void put_enum(struct ot_buf *out, enum ot_field field, int64_t value)
{
	const char *name = ot_enum_name(field, value);

	/* A newer program may have stored a value that has no name yet. */
	if (name[0] != '\0')
		ot_buf_text(out, name);
	else
		ot_buf_i64(out, value);
}

static void put_number(struct ot_buf *out, enum ot_field field, int64_t value)
{
	switch (ot_fields[field].type) {
	case OT_TYPE_TIME:
		ot_time_put(out, value, 9);
		break;
	case OT_TYPE_ENUM:
		put_enum(out, field, value);
		break;
	case OT_TYPE_BOOL:
		ot_buf_text(out, value != 0 ? "true" : "false");
		break;
	default:
		ot_buf_i64(out, value);
	}
}

/* Three digits at least two of which count: "1.2 kB", "12.3 MB", "123 GB". */
static void put_size(struct ot_buf *out, int64_t value)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
	uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	size_t unit = 0;

	if (value < 0)
		ot_buf_char(out, '-');
	if (size < 1000) {
		ot_buf_printf(out, "%d B", (int)size);
		return;
	}
	/* From here on in thousandths of the unit. */
	for (; size >= 999500; unit++)
		size /= 1000;
	if (size < 99950)
		ot_buf_printf(out, "%d.%d %s", (int)((size + 50) / 1000), (int)((size + 50) / 100 % 10), units[unit]);
	else
		ot_buf_printf(out, "%d %s", (int)((size + 500) / 1000), units[unit]);
}

/* Dollars with cents, and as many of the four digits below a cent as are not zero. */
static void put_cost(struct ot_buf *out, int64_t micro)
{
	uint64_t cost = micro < 0 ? 0 - (uint64_t)micro : (uint64_t)micro;
	unsigned fraction = (unsigned)(cost % 1000000);
	int digits = 6;

	for (; digits > 2 && fraction % 10 == 0; digits--)
		fraction /= 10;
	ot_buf_printf(
	    out, "%s$%llu.%0*u", micro < 0 ? "-" : "", (unsigned long long)(cost / 1000000), digits, fraction);
}

static void put_number_human(struct ot_buf *out, enum ot_field field, int64_t value)
{
	static const struct {
		const char *unit;
		void (*put)(struct ot_buf *out, int64_t value);
	} units[] = {
		{ "ns", ot_duration_put },
		{ "bytes", put_size },
		{ "micro-USD", put_cost },
	};

	if (ot_fields[field].type == OT_TYPE_TIME) {
		ot_time_put(out, value, 3);
		return;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (strcmp(ot_fields[field].unit, units[i].unit) == 0) {
			units[i].put(out, value);
			return;
		}
	}
	put_number(out, field, value);
}

/* --- one value --- */

void ot_value_put(struct ot_buf *out, enum ot_field field, const union ot_value *value)
{
	switch (ot_fields[field].form) {
	case OT_FORM_INT:
		put_number(out, field, value->number);
		break;
	case OT_FORM_FIXED:
		ot_buf_hex(out, value->text.ptr, value->text.len);
		break;
	default:
		ot_buf_str_put(out, value->text);
	}
}

static bool is_quoted(enum ot_field field, const union ot_value *value)
{
	switch (ot_fields[field].type) {
	case OT_TYPE_INT:
	case OT_TYPE_BOOL:
		return false;
	case OT_TYPE_ENUM:
		return ot_enum_name(field, value->number)[0] != '\0';
	default:
		return true;
	}
}

void ot_value_put_json(struct ot_buf *out, enum ot_field field, const union ot_value *value)
{
	enum ot_form form = ot_fields[field].form;

	if (ot_fields[field].type == OT_TYPE_JSON) {
		ot_buf_str_put(out, value->text.len > 0 ? value->text : OT_STR("null"));
	} else if (form == OT_FORM_INT || form == OT_FORM_FIXED) {
		bool quoted = is_quoted(field, value);

		if (quoted)
			ot_buf_char(out, '"');
		ot_value_put(out, field, value);
		if (quoted)
			ot_buf_char(out, '"');
	} else {
		ot_text_json(out, value->text);
	}
}

void ot_value_put_human(struct ot_buf *out, enum ot_field field, const union ot_value *value)
{
	if (ot_fields[field].form == OT_FORM_INT)
		put_number_human(out, field, value->number);
	else
		ot_value_put(out, field, value);
}

/* --- a whole record --- */

static void put_member_name(struct ot_buf *out, size_t start, enum ot_field field)
{
	if (out->len > start + 1)
		ot_buf_char(out, ',');
	ot_buf_char(out, '"');
	ot_buf_text(out, ot_fields[field].name);
	ot_buf_put(out, "\":", 2);
}

static void put_member(struct ot_buf *out, size_t start, const struct ot_record *record, enum ot_field field)
{
	if (field == OT_SOURCE_ITEM && record->values[field].number == 0)
		return;
	put_member_name(out, start, field);
	ot_value_put_json(out, field, &record->values[field]);
}

/* Only what can be parsed back, and needs no escape in JSON. */
static bool is_key(struct ot_str key)
{
	for (size_t i = 0; i < key.len; i++) {
		char c = key.ptr[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
			return false;
	}
	return key.len > 0;
}

/* record_id is no column: it is made of its parts where nobody has filled it. */
static void put_member_id(struct ot_buf *out, size_t start, const struct ot_record *record)
{
	if (!is_key(ot_record_text(record, OT_SOURCE_KEY)) || !ot_record_has(record, OT_SOURCE_OFFSET))
		return;
	put_member_name(out, start, OT_RECORD_ID);
	ot_buf_char(out, '"');
	ot_record_id_put(out, record->values[OT_SOURCE_KEY].text, record->values[OT_SOURCE_OFFSET].number,
	    ot_record_int(record, OT_SOURCE_ITEM, 0));
	ot_buf_char(out, '"');
}

void ot_record_put_json(struct ot_buf *out, const struct ot_record *record, const bool *only)
{
	size_t start = out->len;

	ot_buf_char(out, '{');
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		if (only != NULL && !only[f])
			continue;
		if (ot_record_has(record, (enum ot_field)f))
			put_member(out, start, record, (enum ot_field)f);
		else if (f == OT_RECORD_ID)
			put_member_id(out, start, record);
	}
	ot_buf_char(out, '}');
}

/* --- record ids --- */

void ot_record_id_put(struct ot_buf *out, struct ot_str source_key, int64_t source_offset, int64_t source_item)
{
	ot_buf_str_put(out, source_key);
	ot_buf_char(out, '-');
	ot_buf_i64(out, source_offset);
	if (source_item != 0) {
		ot_buf_char(out, '.');
		ot_buf_i64(out, source_item);
	}
}

/* Decimal as we write it: digits only, no leading zero; so that a record has one id. */
static bool parse_canonical(struct ot_str text, int64_t *out)
{
	if (text.len == 0 || text.ptr[0] < '0' || text.ptr[0] > '9' || (text.ptr[0] == '0' && text.len > 1))
		return false;
	return ot_str_to_i64(text, out);
}

bool ot_record_id_parse(struct ot_str id, struct ot_str *source_key, int64_t *source_offset, int64_t *source_item)
{
	struct ot_str rest, item;
	struct ot_str key = ot_str_cut(id, '-', &rest), offset = ot_str_cut(rest, '.', &item);

	if (!is_key(key) || !parse_canonical(offset, source_offset))
		return false;
	*source_item = 0;
	if (item.ptr != NULL && (!parse_canonical(item, source_item) || *source_item == 0))
		return false;
	*source_key = key;
	return true;
}
