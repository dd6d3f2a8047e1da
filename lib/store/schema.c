#include <store/schema.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* What a type means for storage; the one place where it is decided. */
#define FORM_INT OT_FORM_INT
#define FORM_TIME OT_FORM_INT
#define FORM_ENUM OT_FORM_INT
#define FORM_BOOL OT_FORM_INT
#define FORM_DICT OT_FORM_DICT
#define FORM_ADDRESS OT_FORM_DICT
#define FORM_TEXT OT_FORM_TEXT
#define FORM_JSON OT_FORM_TEXT
#define FORM_HEX OT_FORM_FIXED
#define FORM_ID OT_FORM_NONE

/* "128 bits" is 16 bytes; it is a constant of the table, read at build time from its first three characters. */
#define DIGIT(unit, i) ((unit)[i] >= '0' && (unit)[i] <= '9')
#define UNIT_BITS(unit)                                                                                                \
	(!DIGIT(unit, 0)      ? 0                                                                                      \
	    : !DIGIT(unit, 1) ? (unit)[0] - '0'                                                                        \
	    : !DIGIT(unit, 2) ? ((unit)[0] - '0') * 10 + (unit)[1] - '0'                                               \
			      : ((unit)[0] - '0') * 100 + ((unit)[1] - '0') * 10 + (unit)[2] - '0')
#define FIELD_INFO(id, field_name, field_alias, field_type, field_unit, field_group, field_meaning, field_otel)        \
	[OT_##id] = {                                                                                                  \
		.name = field_name,                                                                                    \
		.alias = field_alias,                                                                                  \
		.type = OT_TYPE_##field_type,                                                                          \
		.form = FORM_##field_type,                                                                             \
		.unit = field_unit,                                                                                    \
		.group = field_group,                                                                                  \
		.meaning = field_meaning,                                                                              \
		.otel = field_otel,                                                                                    \
		.width = FORM_##field_type == OT_FORM_FIXED ? UNIT_BITS(field_unit "   ") / 8 : 0,                     \
	},

const struct ot_field_info ot_fields[OT_FIELD_COUNT] = { OT_FIELDS(FIELD_INFO) };

/* --- fields by name --- */

struct spelling {
	const char *name;
	enum ot_field field;
};

enum { SPELLINGS_MAX = 3 * OT_FIELD_COUNT, NAME_MAX_LEN = 64 };
static struct spelling spellings[SPELLINGS_MAX];
static size_t spelling_count;
static pthread_once_t spellings_once = PTHREAD_ONCE_INIT;

static int spelling_cmp(const void *a, const void *b)
{
	const struct spelling *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order != 0 ? order : (x->field > y->field) - (x->field < y->field);
}

static void spelling_add(const char *name, enum ot_field field)
{
	spellings[spelling_count++] = (struct spelling){ name, field };
}

static void spellings_sort(void)
{
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		spelling_add(ot_fields[f].name, (enum ot_field)f);
		if (ot_fields[f].alias[0] != '\0')
			spelling_add(ot_fields[f].alias, (enum ot_field)f);
		/* Some of OpenTelemetry's names are not ours with dots; those with spaces are no names. */
		if (ot_fields[f].otel[0] != '\0' && strchr(ot_fields[f].otel, ' ') == NULL)
			spelling_add(ot_fields[f].otel, (enum ot_field)f);
	}
	qsort(spellings, spelling_count, sizeof(*spellings), spelling_cmp);
}

static enum ot_field find_exact(const char *name)
{
	size_t low = 0, high = spelling_count;

	pthread_once(&spellings_once, spellings_sort);
	high = spelling_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(spellings[middle].name, name);

		if (order == 0)
			return spellings[middle].field;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return OT_FIELD_NONE;
}

/* Copies a name that may be one, terminated, with dots as underscores if asked; false where it is too long or holds a
 * NUL. */
static bool name_copy(char out[NAME_MAX_LEN], struct ot_str name, bool undot)
{
	if (name.ptr == NULL || name.len == 0 || name.len >= NAME_MAX_LEN || memchr(name.ptr, '\0', name.len) != NULL)
		return false;
	for (size_t i = 0; i < name.len; i++)
		out[i] = undot && name.ptr[i] == '.' ? '_' : name.ptr[i];
	out[name.len] = '\0';
	return true;
}

enum ot_field ot_field_find(struct ot_str name)
{
	char text[NAME_MAX_LEN];
	enum ot_field field;

	if (!name_copy(text, name, false))
		return OT_FIELD_NONE;
	field = find_exact(text);
	if (field == OT_FIELD_NONE && name_copy(text, name, true))
		field = find_exact(text);
	return field;
}

const char *ot_field_nearest(struct ot_str name)
{
	const char *nearest = ot_fields[0].name;
	unsigned least = NAME_MAX_LEN;
	char text[NAME_MAX_LEN] = "";

	if (!name_copy(text, ot_str_sub(name, 0, NAME_MAX_LEN - 1), true))
		return nearest;
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		const char *candidates[] = { ot_fields[f].name, ot_fields[f].alias };

		for (size_t i = 0; i < 2; i++) {
			unsigned distance;

			if (candidates[i][0] == '\0')
				continue;
			distance = ot_str_distance(ot_str_from(candidates[i]), ot_str_from(text), least);
			if (distance < least) {
				least = distance;
				nearest = candidates[i];
			}
		}
	}
	return nearest;
}

/* --- values of enums --- */

/* The values' names, cut out of `unit` once. */
static struct {
	int count;
	struct ot_str names[OT_ENUM_VALUES_MAX];
	char text[OT_ENUM_VALUES_MAX][24];
} enums[OT_FIELD_COUNT];
static pthread_once_t enums_once = PTHREAD_ONCE_INIT;

static void enum_cut(enum ot_field field)
{
	struct ot_str rest = ot_str_from(ot_fields[field].unit);

	while (rest.ptr != NULL) {
		int value = enums[field].count++;
		struct ot_str name = ot_str_cut(rest, '|', &rest);

		if (value >= OT_ENUM_VALUES_MAX || name.len >= sizeof(enums[field].text[0]))
			ot_die("field %s has too many values or too long ones", ot_fields[field].name);
		memcpy(enums[field].text[value], name.ptr, name.len);
		enums[field].names[value] = name;
	}
}

static void enums_cut(void)
{
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		if (ot_fields[f].type == OT_TYPE_ENUM)
			enum_cut((enum ot_field)f);
	}
}

int ot_enum_count(enum ot_field field)
{
	pthread_once(&enums_once, enums_cut);
	return enums[field].count;
}

const char *ot_enum_name(enum ot_field field, int64_t value)
{
	return value >= 0 && value < ot_enum_count(field) ? enums[field].text[value] : "";
}

int64_t ot_enum_value(enum ot_field field, struct ot_str name)
{
	int count = ot_enum_count(field);

	for (int value = 0; value < count; value++) {
		if (ot_str_eq(enums[field].names[value], name))
			return value;
	}
	return -1;
}
