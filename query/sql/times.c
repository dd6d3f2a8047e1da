/*
 * Times in SQL are texts, so that SQLite's date functions and json take them. As texts '2026-11-22T11:10:00Z' would come behind
 * '2026-11-22T11:10:00.500000000Z', and 11:10+02:00 behind 10:10Z: so columns of times have a collation that compares instants.
 */
#include "sql.h"

#include <string.h>

const char sql_time_collation[] = "time";

enum { TIME_TEXT_MAX = 64, CANONICAL_LEN = 30 };

bool sql_time_parse(struct ot_str text, int64_t *time_ns)
{
	static const char rest[] = "0000-01-01T00:00:00Z";
	char whole[TIME_TEXT_MAX];
	size_t len = text.len;
	bool zoned;

	if (len < 4 || len > TIME_TEXT_MAX - 4)
		return false;
	memcpy(whole, text.ptr, len);
	if (len == 4 || len == 7 || len == 10) {
		memcpy(whole + len, rest + len, sizeof(rest) - 1 - len);
		len = sizeof(rest) - 1;
	} else if (len >= 16 && whole[13] == ':' && (len == 16 || whole[16] != ':')) {
		memmove(whole + 19, whole + 16, len - 16);
		memcpy(whole + 16, ":00", 3);
		len += 3;
	}
	return ot_time_parse((struct ot_str){whole, len}, time_ns, &zoned);
}

/* As we write them, up to whether the date is one. */
static bool is_canonical(struct ot_str text)
{
	static const char shape[] = "0000-00-00T00:00:00.000000000Z";

	if (text.len != CANONICAL_LEN)
		return false;
	for (size_t i = 0; i < CANONICAL_LEN; i++) {
		if (shape[i] == '0' ? text.ptr[i] < '0' || text.ptr[i] > '9' : text.ptr[i] != shape[i])
			return false;
	}
	return memcmp(text.ptr + 11, "24", 2) < 0 && text.ptr[14] < '6' && text.ptr[17] < '6';
}

int sql_time_compare(void *context, int a_len, const void *a, int b_len, const void *b)
{
	struct ot_str x = {a, (size_t)a_len}, y = {b, (size_t)b_len};
	int64_t x_ns, y_ns;
	bool x_is, y_is;

	(void)context;
	/* Of one day, as most that are compared: both are times or neither is, and bytes decide. */
	if (is_canonical(x) && is_canonical(y) && memcmp(x.ptr, y.ptr, 10) == 0)
		return memcmp(x.ptr, y.ptr, CANONICAL_LEN);
	x_is = sql_time_parse(x, &x_ns);
	y_is = sql_time_parse(y, &y_ns);
	if (x_is && y_is)
		return (x_ns > y_ns) - (x_ns < y_ns);
	if (x_is != y_is)
		return x_is ? -1 : 1;
	return ot_str_cmp(x, y);
}
