/* collector: on which line of a JSON text a value stands; jansson tells only where a text is no JSON. See config.h. */
#include "config.h"
#include <stdlib.h>
#include <string.h>

/* The text is known to be valid, so a walker need not check it; it only never goes past the end. */
struct walker {
	const char *at, *end;
};

static void space(struct walker *w)
{
	while (w->at < w->end && strchr(" \t\r\n", *w->at) != NULL)
		w->at++;
}

static struct ot_str string(struct walker *w)
{
	const char *start = ++w->at;
	while (w->at < w->end && *w->at != '"')
		w->at += *w->at == '\\' && w->at + 1 < w->end ? 2 : 1;
	struct ot_str text = { start, (size_t)(w->at - start) };
	if (w->at < w->end)
		w->at++;
	return text;
}

/* Past a whole value. */
static void value(struct walker *w)
{
	unsigned depth = 0;
	space(w);
	while (w->at < w->end) {
		char c = *w->at;
		if (c == '"') {
			string(w);
		} else if (c == '{' || c == '[') {
			depth++;
			w->at++;
		} else if (depth > 0 && (c == '}' || c == ']')) {
			depth--;
			w->at++;
		} else if (depth == 0 && strchr(",}] \t\r\n", c) != NULL) {
			return;
		} else {
			w->at++;
			continue;
		}
		if (depth == 0)
			return;
	}
}

/* From the beginning of an object or array to the value of the step; false where it is not there. */
static bool descend(struct walker *w, const char *step)
{
	space(w);
	if (w->at >= w->end || (*w->at != '{' && *w->at != '['))
		return false;
	bool object = *w->at++ == '{';
	size_t wanted = step[0] == '#' ? strtoul(step + 1, NULL, 10) : 0;
	for (size_t i = 0;; i++) {
		space(w);
		if (w->at >= w->end || *w->at == '}' || *w->at == ']')
			return false;
		bool found = !object && step[0] == '#' && i == wanted;
		if (object) {
			found = ot_str_eq(string(w), ot_str_from(step));
			space(w);
			w->at += w->at < w->end; /* ':' */
			space(w);
		}
		if (found)
			return true;
		value(w);
		space(w);
		w->at += w->at < w->end && *w->at == ',';
	}
}

unsigned ot_json_line(struct ot_str text, const char *const *steps, size_t count)
{
	struct walker w = { text.ptr, text.ptr + text.len };
	unsigned line = 1;
	for (size_t i = 0; i < count; i++)
		if (!descend(&w, steps[i]))
			return 0;
	space(&w);
	for (const char *at = text.ptr; at < w.at; at++)
		line += *at == '\n';
	return line;
}
