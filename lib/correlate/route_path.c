#include "route_path.h"
#include <stdio.h>

static const struct ot_str own_names[] = { { "{id}", 4 }, { "{uuid}", 6 }, { "{date}", 6 }, { "{email}", 7 } };

bool route_segment_is_taken(struct ot_str segment)
{
	for (size_t i = 0; i < sizeof(own_names) / sizeof(own_names[0]); i++)
		if (ot_str_find(segment, own_names[i]) >= 0)
			return true;
	return false;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_foreign(struct ot_str segment)
{
	if (segment.len == 0 || route_segment_is_taken(segment))
		return false;
	bool named = segment.len > 1 && segment.ptr[0] == ':' && is_letter(segment.ptr[1]);
	ptrdiff_t open = ot_str_find_char(segment, '{');
	bool braces = open >= 0 && ot_str_find_char(ot_str_sub(segment, (size_t)open, segment.len), '}') > 1;
	bool angles = segment.ptr[0] == '<' && segment.ptr[segment.len - 1] == '>';
	return named || braces || angles || ot_str_find_char(segment, '*') >= 0;
}

bool route_path_parse(struct ot_str route, struct route_path *out)
{
	out->count = 0;
	out->rest = OT_STR("");
	if (route.len < 2 || route.ptr[0] != '/')
		return false;
	size_t from = 1;
	for (size_t i = 1; i <= route.len; i++) {
		if (i < route.len && route.ptr[i] != '/')
			continue;
		struct ot_str segment = ot_str_sub(route, from, i - from);
		if (is_foreign(segment))
			return false;
		if (out->count < ROUTE_DEPTH_MAX)
			out->segments[out->count++] = segment;
		else if (out->rest.len == 0)
			out->rest = ot_str_sub(route, from - 1, route.len);
		from = i + 1;
	}
	return true;
}

struct ot_str route_name(struct ot_str segment, char space[20])
{
	if (segment.len <= ROUTE_NAME_MAX)
		return segment;
	int len = snprintf(space, 20, "#%016llx", (unsigned long long)ot_hash(segment.ptr, segment.len));
	return (struct ot_str){ space, (size_t)len };
}
