/*
 * Applying what was learned. The rules of the catalog are texts: "/api/users" says that names below it are parameters, "=/api/users/me" that
 * this one is not. So a snapshot holds all that its routes need.
 */
#include "route_path.h"
#include <base/intern.h>
#include <correlate/route.h>
#include <stdlib.h>

struct ot_route_rules {
	struct ot_intern texts;
};

enum ot_status ot_route_rules_open(struct ot_route_rules **out, struct ot_store *store, const struct ot_snapshot *snapshot, struct ot_err *err)
{
	struct ot_arena arena = { 0 };
	struct ot_str *texts;
	size_t count;
	*out = NULL;
	enum ot_status status = ot_store_route_rules(store, snapshot, &texts, &count, &arena, err);
	if (status == OT_OK) {
		*out = ot_alloc_zero(1, sizeof(**out));
		for (size_t i = 0; i < count; i++)
			ot_intern_put(&(*out)->texts, texts[i].ptr == NULL ? OT_STR("") : texts[i], NULL);
	}
	ot_arena_release(&arena);
	return status;
}

void ot_route_rules_close(struct ot_route_rules *rules)
{
	if (rules == NULL)
		return;
	ot_intern_release(&rules->texts);
	free(rules);
}

bool ot_route_rules_empty(const struct ot_route_rules *rules)
{
	return rules == NULL || rules->texts.count == 0;
}

static bool has(const struct ot_route_rules *rules, struct ot_str text)
{
	return ot_intern_find(&rules->texts, text) != UINT32_MAX;
}

/* `text` is "=" and the route as it is shown so far. */
static bool is_parameter(const struct ot_route_rules *rules, struct ot_buf *text, struct ot_str segment)
{
	char space[20];
	size_t len = text->len;
	if (route_segment_is_taken(segment) || !has(rules, ot_str_sub(ot_buf_str(text), 1, len)))
		return false;
	ot_buf_char(text, '/');
	ot_buf_str_put(text, route_name(segment, space));
	bool exempt = has(rules, ot_buf_str(text));
	text->len = len;
	return !exempt;
}

struct ot_str ot_route_apply(const struct ot_route_rules *rules, struct ot_str stored, struct ot_arena *arena)
{
	struct route_path path;
	if (ot_route_rules_empty(rules) || !route_path_parse(stored, &path))
		return stored;
	struct ot_buf text = { 0 };
	bool changed = false;
	ot_buf_char(&text, '=');
	for (size_t i = 0; i < path.count; i++) {
		bool parameter = is_parameter(rules, &text, path.segments[i]);
		ot_buf_char(&text, '/');
		ot_buf_str_put(&text, parameter ? OT_STR("{id}") : path.segments[i]);
		changed |= parameter;
	}
	ot_buf_str_put(&text, path.rest);
	struct ot_str shown = changed ? ot_arena_str(arena, ot_str_sub(ot_buf_str(&text), 1, text.len)) : stored;
	ot_buf_release(&text);
	return shown;
}
