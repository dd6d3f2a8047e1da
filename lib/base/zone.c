/* Time zones: fixed offsets, and the system's TZif files (RFC 8536) with the POSIX rule at their end. */
#include <base/cursor.h>
#include <base/file.h>
#include <base/time.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SECONDS_PER_DAY = 86400,
	OFFSET_MOST = 26 * 3600,	/* either side of UTC */
	NAME_LEN_MAX = 128,
	FILE_BYTES_MAX = 1 << 20,
	TRANSITIONS_MAX = 1 << 16,
	TYPES_MAX = 256,
};

/* One of the two changes of a year, as in POSIX's TZ: "M3.2.0/2", "J60", "59". */
struct zone_change {
	char form; /* 'M', 'J', or '0' for a day counted from 0 with leap days */
	int month, week, day;
	int32_t time; /* local seconds after midnight; may be negative or past the day */
};

struct zone_rule {
	bool present, has_summer;
	int32_t standard, summer; /* seconds east of UTC */
	struct zone_change begin, end;
};

struct ot_zone {
	size_t count;
	int64_t *at; /* seconds, ascending */
	int32_t *offset; /* from at[i] on */
	int32_t first; /* before at[0] */
	struct zone_rule rule; /* after the last */
};

static int64_t change_day(const struct zone_change *change, int year)
{
	int64_t day;
	int weekday;

	if (change->form == '0')
		return ot_days_from_civil(year, 1, 1) + change->day;
	if (change->form == 'J')
		return change->day < 60 ? ot_days_from_civil(year, 1, change->day) :
					  ot_days_from_civil(year, 3, 1) + change->day - 60; /* whether leap or not */
	day = ot_days_from_civil(year, change->month, 1);
	weekday = (int)(((day + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
	day += (change->day - weekday + 7) % 7 + (change->week - 1) * 7;
	/* Week 5 is the last one, which may be the fourth. */
	while (day >= (change->month == 12 ? ot_days_from_civil(year + 1, 1, 1) :
	    ot_days_from_civil(year, change->month + 1, 1)))
		day -= 7;
	return day;
}

static int year_of(int64_t second)
{
	int64_t first = OT_TIME_MIN / OT_NS_PER_S, last = OT_TIME_MAX / OT_NS_PER_S;
	struct ot_civil civil;

	second = second < first ? first : second > last ? last : second;
	ot_time_to_civil(second * OT_NS_PER_S, &civil);
	return civil.year;
}

static int32_t rule_offset(const struct zone_rule *rule, int64_t second)
{
	int64_t begin, end;
	bool summer;
	int year;

	if (!rule->has_summer)
		return rule->standard;
	year = year_of(second + rule->standard);
	begin = change_day(&rule->begin, year) * SECONDS_PER_DAY + rule->begin.time - rule->standard;
	end = change_day(&rule->end, year) * SECONDS_PER_DAY + rule->end.time - rule->summer;
	if (begin < end)
		summer = second >= begin && second < end;
	else
		summer = second >= begin || second < end;
	return summer ? rule->summer : rule->standard;
}

static int32_t offset_at(const struct ot_zone *zone, int64_t second)
{
	size_t low = 0, high = zone->count;

	if (zone->rule.present && (zone->count == 0 || second >= zone->at[zone->count - 1]))
		return rule_offset(&zone->rule, second);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (zone->at[middle] <= second)
			low = middle + 1;
		else
			high = middle;
	}
	return low == 0 ? zone->first : zone->offset[low - 1];
}

static int64_t second_of(int64_t time_ns)
{
	return time_ns / OT_NS_PER_S - (time_ns % OT_NS_PER_S < 0);
}

int32_t ot_zone_offset(const struct ot_zone *zone, int64_t time_ns)
{
	return zone == NULL ? 0 : offset_at(zone, second_of(time_ns));
}

void ot_time_put_zoned(struct ot_buf *buf, int64_t time_ns, int digits, const struct ot_zone *zone)
{
	int32_t offset = ot_zone_offset(zone, time_ns);
	int64_t local;

	/* At the ends of time there is no room for an offset. */
	if (offset == 0 || __builtin_add_overflow(time_ns, (int64_t)offset * OT_NS_PER_S, &local)) {
		ot_time_put(buf, time_ns, digits);
		return;
	}
	ot_time_put(buf, local, digits);
	if (!buf->overflow)
		buf->len--; /* the Z */
	ot_buf_printf(buf, "%c%02d:%02d", offset < 0 ? '-' : '+', abs(offset) / 3600, abs(offset) / 60 % 60);
}

static int64_t minus_seconds(int64_t time_ns, int64_t seconds)
{
	int64_t out;

	if (__builtin_sub_overflow(time_ns, seconds * OT_NS_PER_S, &out))
		return seconds > 0 ? OT_TIME_MIN : OT_TIME_MAX;
	return out;
}

/* The first second after `before` that has the offset of `after`. */
static int64_t change_between(const struct ot_zone *zone, int64_t before, int64_t after)
{
	int32_t offset = offset_at(zone, after);

	while (after - before > 1) {
		int64_t middle = before + (after - before) / 2;

		if (offset_at(zone, middle) == offset)
			after = middle;
		else
			before = middle;
	}
	return after;
}

int64_t ot_zone_to_utc(const struct ot_zone *zone, const struct ot_civil *local)
{
	int64_t local_ns = ot_time_from_civil(local), second = second_of(local_ns);
	int32_t before, after, larger, smaller;

	if (zone == NULL)
		return local_ns;
	/* No zone changes twice within two days. */
	before = offset_at(zone, second - SECONDS_PER_DAY);
	after = offset_at(zone, second + SECONDS_PER_DAY);
	larger = before > after ? before : after;
	smaller = before > after ? after : before;
	if (offset_at(zone, second - larger) == larger)
		return minus_seconds(local_ns, larger);
	if (offset_at(zone, second - smaller) == smaller)
		return minus_seconds(local_ns, smaller);
	return change_between(zone, second - larger, second - smaller) * OT_NS_PER_S;
}

/* The POSIX TZ string at the end of a file. */

static bool rule_char(struct ot_str *text, char c)
{
	if (text->len == 0 || text->ptr[0] != c)
		return false;
	*text = ot_str_sub(*text, 1, text->len);
	return true;
}

/* "EST" or "<-03>" */
static bool rule_name(struct ot_str *text)
{
	size_t len = 0;

	if (rule_char(text, '<')) {
		ptrdiff_t close = ot_str_find_char(*text, '>');

		if (close < 0)
			return false;
		*text = ot_str_sub(*text, (size_t)close + 1, text->len);
		return true;
	}
	while (len < text->len && ((text->ptr[len] >= 'A' && text->ptr[len] <= 'Z') ||
	    (text->ptr[len] >= 'a' && text->ptr[len] <= 'z')))
		len++;
	*text = ot_str_sub(*text, len, text->len);
	return len >= 3;
}

static bool rule_number(struct ot_str *text, int most, int *out)
{
	size_t len = 0;

	for (*out = 0; len < text->len && text->ptr[len] >= '0' && text->ptr[len] <= '9'; len++) {
		*out = *out * 10 + (text->ptr[len] - '0');
		if (*out > most)
			return false;
	}
	*text = ot_str_sub(*text, len, text->len);
	return len > 0;
}

/* "[+-]hh[:mm[:ss]]" */
static bool rule_time(struct ot_str *text, int hours_most, int32_t *out)
{
	int hours, minutes = 0, seconds = 0, sign = rule_char(text, '-') ? -1 : 1;

	if (sign > 0)
		rule_char(text, '+');
	if (!rule_number(text, hours_most, &hours))
		return false;
	if (rule_char(text, ':') && !rule_number(text, 59, &minutes))
		return false;
	if (rule_char(text, ':') && !rule_number(text, 59, &seconds))
		return false;
	*out = sign * (hours * 3600 + minutes * 60 + seconds);
	return true;
}

static bool rule_change(struct ot_str *text, struct zone_change *change)
{
	bool ok;

	if (!rule_char(text, ','))
		return false;
	*change = (struct zone_change){ .form = '0', .time = 2 * 3600 };
	if (rule_char(text, 'M')) {
		change->form = 'M';
		ok = rule_number(text, 12, &change->month) && change->month >= 1 && rule_char(text, '.') &&
		    rule_number(text, 5, &change->week) && change->week >= 1 && rule_char(text, '.') &&
		    rule_number(text, 6, &change->day);
	} else if (rule_char(text, 'J')) {
		change->form = 'J';
		ok = rule_number(text, 365, &change->day) && change->day >= 1;
	} else {
		ok = rule_number(text, 365, &change->day);
	}
	return ok && (!rule_char(text, '/') || rule_time(text, 167, &change->time));
}

static bool rule_parse(struct zone_rule *rule, struct ot_str text)
{
	int32_t west;

	*rule = (struct zone_rule){ .present = text.len > 0 };
	if (text.len == 0)
		return true;
	if (!rule_name(&text) || !rule_time(&text, 24, &west))
		return false;
	rule->standard = -west;
	if (text.len == 0)
		return true;
	rule->has_summer = true;
	rule->summer = rule->standard + 3600;
	if (!rule_name(&text))
		return false;
	if (text.len > 0 && text.ptr[0] != ',') {
		if (!rule_time(&text, 24, &west))
			return false;
		rule->summer = -west;
	}
	return rule_change(&text, &rule->begin) && rule_change(&text, &rule->end) && text.len == 0;
}

/* TZif: a header and a block with 32-bit times, then the same with 64-bit times and the rule. */

struct tzif_header {
	uint8_t version;
	uint32_t ut_count, std_count, leap_count, time_count, type_count, name_bytes;
};

static bool tzif_header_read(struct ot_cursor *c, struct tzif_header *header)
{
	struct ot_str magic = ot_cursor_bytes(c, 4);

	header->version = ot_cursor_u8(c);
	ot_cursor_bytes(c, 15);
	header->ut_count = ot_cursor_be32(c);
	header->std_count = ot_cursor_be32(c);
	header->leap_count = ot_cursor_be32(c);
	header->time_count = ot_cursor_be32(c);
	header->type_count = ot_cursor_be32(c);
	header->name_bytes = ot_cursor_be32(c);
	return !c->failed && ot_str_eq(magic, OT_STR("TZif")) && header->time_count <= TRANSITIONS_MAX &&
	    header->type_count >= 1 && header->type_count <= TYPES_MAX;
}

static void tzif_skip(struct ot_cursor *c, const struct tzif_header *header)
{
	uint64_t bytes = (uint64_t)header->time_count * 5 + (uint64_t)header->type_count * 6 + header->name_bytes +
	    (uint64_t)header->leap_count * 8 + header->std_count + header->ut_count;

	ot_cursor_bytes(c, bytes);
}

static bool zone_ascending(const struct ot_zone *zone)
{
	for (size_t i = 1; i < zone->count; i++) {
		if (zone->at[i] <= zone->at[i - 1])
			return false;
	}
	return true;
}

static bool tzif_block_read(struct ot_cursor *c, const struct tzif_header *header, bool wide, struct ot_zone *zone)
{
	struct ot_str types;
	int32_t offsets[TYPES_MAX];

	zone->count = header->time_count;
	zone->at = ot_alloc_zero(zone->count, sizeof(*zone->at));
	zone->offset = ot_alloc_zero(zone->count, sizeof(*zone->offset));
	for (size_t i = 0; i < zone->count; i++)
		zone->at[i] = wide ? (int64_t)ot_cursor_be64(c) : (int32_t)ot_cursor_be32(c);
	types = ot_cursor_bytes(c, zone->count);
	for (uint32_t i = 0; i < header->type_count; i++) {
		offsets[i] = (int32_t)ot_cursor_be32(c);
		ot_cursor_u16(c); /* whether it is summer time, and its name */
		if (offsets[i] < -OFFSET_MOST || offsets[i] > OFFSET_MOST)
			return false;
	}
	ot_cursor_bytes(c, (uint64_t)header->name_bytes + header->std_count + header->ut_count);
	if (c->failed)
		return false;
	for (size_t i = 0; i < zone->count; i++) {
		uint8_t type = (uint8_t)types.ptr[i];

		if (type >= header->type_count)
			return false;
		zone->offset[i] = offsets[type];
	}
	zone->first = offsets[0];
	return zone_ascending(zone);
}

static bool tzif_footer_read(struct ot_cursor *c, struct zone_rule *rule)
{
	struct ot_str rest = ot_cursor_bytes(c, ot_cursor_left(c)), line;

	if (!rule_char(&rest, '\n'))
		return false;
	line = ot_str_cut(rest, '\n', &rest);
	return rest.ptr != NULL && rule_parse(rule, line);
}

static enum ot_status tzif_read(struct ot_zone *zone, struct ot_str bytes, const char *path, struct ot_err *err)
{
	struct ot_cursor c = ot_cursor_of(bytes.ptr, bytes.len);
	struct tzif_header header;
	bool wide, ok = tzif_header_read(&c, &header);

	wide = ok && header.version >= '2';
	if (wide) {
		tzif_skip(&c, &header);
		ok = tzif_header_read(&c, &header);
	}
	/* The zones under right/ count leap seconds, which POSIX time does not. */
	if (ok && header.leap_count > 0)
		return ot_err_set(err, OT_VERSION, "%s counts leap seconds", path);
	ok = ok && tzif_block_read(&c, &header, wide, zone) && (!wide || tzif_footer_read(&c, &zone->rule));
	return ok ? OT_OK : ot_err_set(err, OT_CORRUPT, "%s is not a time zone file", path);
}

static enum ot_status zone_load(struct ot_zone *zone, struct ot_str name, struct ot_err *err)
{
	const char *dir = getenv("TZDIR");
	struct ot_buf bytes = { 0 };
	enum ot_status status;
	char path[PATH_MAX];

	if (dir == NULL || dir[0] == '\0')
		dir = "/usr/share/zoneinfo";
	if ((size_t)snprintf(path, sizeof(path), "%s/%.*s", dir, OT_STR_ARGS(name)) >= sizeof(path))
		return ot_err_set(err, OT_LIMIT, "TZDIR is too long");
	status = ot_file_read(path, FILE_BYTES_MAX, &bytes, err);
	if (status == OT_OK)
		status = tzif_read(zone, ot_buf_str(&bytes), path, err);
	ot_buf_release(&bytes);
	return status;
}

/* "Europe/Berlin": nothing that could lead out of the folder. */
static bool zone_name_safe(struct ot_str name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/.";

	if (name.len == 0 || name.len > NAME_LEN_MAX || name.ptr[0] == '/' || ot_str_find(name, OT_STR("..")) >= 0)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == '\0' || strchr(allowed, name.ptr[i]) == NULL)
			return false;
	}
	return true;
}

/* "UTC", "Z", "+02:00", "+0200", "+02" */
static bool zone_fixed(struct ot_zone *zone, struct ot_str name)
{
	static const char epoch[] = "1970-01-01T00:00:00";
	enum { EPOCH_LEN = sizeof(epoch) - 1, OFFSET_LEN_MAX = 6 };
	char text[EPOCH_LEN + OFFSET_LEN_MAX];
	int64_t local_ns;
	bool zoned;

	if (ot_str_eq_nocase(name, OT_STR("UTC")) || ot_str_eq_nocase(name, OT_STR("Z")))
		return true;
	if (name.len < 3 || name.len > OFFSET_LEN_MAX || (name.ptr[0] != '+' && name.ptr[0] != '-'))
		return false;
	memcpy(text, epoch, EPOCH_LEN);
	memcpy(text + EPOCH_LEN, name.ptr, name.len);
	if (!ot_time_parse((struct ot_str){ text, EPOCH_LEN + name.len }, &local_ns, &zoned))
		return false;
	zone->first = (int32_t)(-local_ns / OT_NS_PER_S);
	return true;
}

enum ot_status ot_zone_open(struct ot_zone **out, struct ot_str name, struct ot_err *err)
{
	struct ot_zone *zone = ot_alloc_zero(1, sizeof(*zone));
	enum ot_status status = OT_OK;

	if (!zone_fixed(zone, name)) {
		if (zone_name_safe(name))
			status = zone_load(zone, name, err);
		else
			status = ot_err_set(err, OT_SYNTAX, "not the name of a time zone");
	}
	if (status != OT_OK) {
		ot_zone_close(zone);
		ot_err_prefix(err, "time zone \"%.*s\"", OT_STR_ARGS(name));
		zone = NULL;
	}
	*out = zone;
	return status;
}

void ot_zone_close(struct ot_zone *zone)
{
	if (zone == NULL)
		return;
	free(zone->at);
	free(zone->offset);
	free(zone);
}
