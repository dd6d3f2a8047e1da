/* collector: the configuration. See config.h. */
#include "config.h"
#include <base/file.h>
#include <base/intern.h>
#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONFIG_MAX = 16 << 20, STEPS_MAX = 6 };

/* Where the reading is: the text, and the steps from its top to the value at hand. */
struct place {
	struct ot_config *config;
	const struct ot_format_set *formats;
	struct ot_str text;
	const char *steps[STEPS_MAX];
	size_t depth;
	struct ot_err *err;
};

static unsigned line_of(const struct place *p) { return ot_json_line(p->text, p->steps, p->depth); }

static void enter(struct place *p, const char *step) { p->steps[p->depth++] = step; }
static void enter_item(struct place *p, size_t index) { enter(p, ot_arena_printf(&p->config->arena, "#%zu%c", index, 0).ptr); }
static void leave(struct place *p) { p->depth--; }

static enum ot_status wrong(const struct place *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static enum ot_status wrong(const struct place *p, const char *format, ...)
{
	char words[512];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(words, sizeof(words), format, arguments);
	va_end(arguments);
	return ot_err_set(p->err, OT_SYNTAX, "%s:%u: %s", p->config->path, line_of(p), words);
}

static enum ot_status unknown_member(struct place *p, const char *name, const char *const *known)
{
	const char *nearest = known[0];
	unsigned best = 1000;
	for (size_t i = 0; known[i] != NULL; i++) {
		unsigned distance = ot_str_distance(ot_str_from(name), ot_str_from(known[i]), 20);
		if (distance < best) {
			best = distance;
			nearest = known[i];
		}
	}
	enter(p, name);
	enum ot_status status = wrong(p, "\"%s\" is no member; did you mean \"%s\"?", name, nearest);
	leave(p);
	return status;
}

/* The value is an object and holds only members that are known. */
static enum ot_status check_object(struct place *p, json_t *object, const char *what, const char *const *known)
{
	const char *name;
	json_t *member;
	if (!json_is_object(object))
		return wrong(p, "%s is an object", what);
	json_object_foreach(object, name, member) {
		size_t i = 0;
		while (known[i] != NULL && strcmp(known[i], name) != 0)
			i++;
		if (known[i] == NULL)
			return unknown_member(p, name, known);
	}
	return OT_OK;
}

/* A member that is a text, copied; absent where it is not there. */
static enum ot_status get_text(struct place *p, json_t *object, const char *name, struct ot_str *out)
{
	json_t *member = json_object_get(object, name);
	*out = OT_STR_NONE;
	if (member == NULL)
		return OT_OK;
	enter(p, name);
	enum ot_status status = OT_OK;
	if (!json_is_string(member) || json_string_length(member) == 0)
		status = wrong(p, "\"%s\" is a text", name);
	else
		*out = ot_str_from(ot_arena_cstr(&p->config->arena, ot_str_from(json_string_value(member))));
	leave(p);
	return status;
}

static enum ot_status get_list(struct place *p, json_t *object, const char *name, struct ot_str *out)
{
	json_t *list = json_object_get(object, name), *item;
	struct ot_buf joined = { 0 };
	size_t i;
	enum ot_status status = OT_OK;
	*out = OT_STR_NONE;
	if (list == NULL)
		return OT_OK;
	enter(p, name);
	if (!json_is_array(list))
		status = wrong(p, "\"%s\" is a list of texts", name);
	else
		json_array_foreach(list, i, item) {
			if (!json_is_string(item)) {
				enter_item(p, i);
				status = wrong(p, "\"%s\" is a list of texts", name);
				leave(p);
				break;
			}
			ot_buf_text(&joined, i > 0 ? "," : "");
			ot_buf_text(&joined, json_string_value(item));
		}
	leave(p);
	if (status == OT_OK && joined.len > 0)
		*out = ot_arena_str(&p->config->arena, ot_buf_str(&joined));
	ot_buf_release(&joined);
	return status;
}

static enum ot_status get_kind(struct place *p, json_t *object, int *kind)
{
	struct ot_str name;
	enum ot_status status = get_text(p, object, "kind", &name);
	*kind = -1;
	if (status != OT_OK || name.ptr == NULL)
		return status;
	*kind = (int)ot_enum_value(OT_ORIGIN_KIND, name);
	if (*kind >= 0)
		return OT_OK;
	enter(p, "kind");
	status = wrong(p, "\"%s\" is no kind; kinds are %s", name.ptr, ot_fields[OT_ORIGIN_KIND].unit);
	leave(p);
	return status;
}

static enum ot_status get_zone(struct place *p, json_t *object, struct ot_said *said)
{
	struct ot_zone *zone;
	struct ot_err why = { 0 };
	enum ot_status status = get_text(p, object, "zone", &said->zone_name);
	if (status != OT_OK || said->zone_name.ptr == NULL)
		return status;
	if (ot_zone_open(&zone, said->zone_name, &why) != OT_OK) {
		enter(p, "zone");
		status = wrong(p, "%s", why.text);
		leave(p);
		return status;
	}
	struct ot_config *config = p->config;
	config->zones = ot_realloc(config->zones, (config->zone_count + 1) * sizeof(struct ot_zone *));
	config->zones[config->zone_count++] = zone;
	said->zone = zone;
	return OT_OK;
}

const char *ot_format_nearest(const struct ot_format_set *formats, struct ot_str name)
{
	const char *nearest = "";
	unsigned best = 1000;
	for (size_t i = 0; i < ot_format_count(formats); i++) {
		const char *candidate = ot_format_name(ot_format_at(formats, i));
		unsigned distance = ot_str_distance(name, ot_str_from(candidate), 100);
		if (distance < best) {
			best = distance;
			nearest = candidate;
		}
	}
	return nearest;
}

static enum ot_status get_format(struct place *p, json_t *object, struct ot_said *said)
{
	struct ot_str name;
	enum ot_status status = get_text(p, object, "format", &name);
	if (status != OT_OK || name.ptr == NULL)
		return status;
	said->format = ot_format_find(p->formats, name);
	if (said->format != NULL)
		return OT_OK;
	enter(p, "format");
	status = wrong(p, "there is no format \"%s\"; did you mean \"%s\"?", name.ptr, ot_format_nearest(p->formats, name));
	leave(p);
	return status;
}

/* Relative to the folder of the configuration. */
static const char *glob_of(struct ot_config *config, struct ot_str path)
{
	const char *slash = strrchr(config->path, '/');
	if (path.ptr[0] == '/')
		return ot_path_absolute(&config->arena, path.ptr);
	if (slash == NULL)
		return ot_path_absolute(&config->arena, path.ptr);
	struct ot_str joined = ot_arena_printf(&config->arena, "%.*s/%s%c", (int)(slash - config->path), config->path, path.ptr, 0);
	return ot_path_absolute(&config->arena, joined.ptr);
}

static enum ot_status read_source(struct place *p, json_t *object, const struct ot_said *said)
{
	static const char *const known[] = { "path", "format", "zone", NULL };
	struct ot_config_source source = { .said = *said };
	struct ot_str path = OT_STR_NONE;
	enum ot_status status = check_object(p, object, "a source", known);
	if (status == OT_OK)
		status = get_text(p, object, "path", &path);
	if (status == OT_OK && path.ptr == NULL)
		status = wrong(p, "a source has a \"path\"");
	if (status == OT_OK && json_object_get(object, "zone") != NULL)
		status = get_zone(p, object, &source.said);
	if (status == OT_OK)
		status = get_format(p, object, &source.said);
	if (status != OT_OK)
		return status;
	source.glob = glob_of(p->config, path);
	enter(p, "path");
	source.line = line_of(p);
	leave(p);
	p->config->sources = ot_realloc(p->config->sources, (p->config->count + 1) * sizeof(*p->config->sources));
	p->config->sources[p->config->count++] = source;
	return OT_OK;
}

static enum ot_status read_sources(struct place *p, json_t *list, const struct ot_said *said)
{
	json_t *item;
	size_t i;
	enum ot_status status = OT_OK;
	if (!json_is_array(list) || json_array_size(list) == 0)
		return wrong(p, "an origin has \"sources\", a list that is not empty");
	enter(p, "sources");
	json_array_foreach(list, i, item) {
		enter_item(p, i);
		status = read_source(p, item, said);
		leave(p);
		if (status != OT_OK)
			break;
	}
	leave(p);
	return status;
}

static enum ot_status read_origin(struct place *p, json_t *object)
{
	static const char *const known[] = { "name", "kind", "zone", "addresses", "upstreams", "sources", NULL };
	struct ot_said said = { .kind = -1 };
	enum ot_status status = check_object(p, object, "an origin", known);
	if (status == OT_OK)
		status = get_text(p, object, "name", &said.origin);
	if (status == OT_OK && said.origin.ptr == NULL)
		status = wrong(p, "an origin has a \"name\"");
	if (status == OT_OK)
		status = get_kind(p, object, &said.kind);
	if (status == OT_OK)
		status = get_zone(p, object, &said);
	if (status == OT_OK)
		status = get_list(p, object, "addresses", &said.gateway_addresses);
	if (status == OT_OK)
		status = get_list(p, object, "upstreams", &said.upstream_addresses);
	if (status == OT_OK)
		status = read_sources(p, json_object_get(object, "sources"), &said);
	return status;
}

static enum ot_status read_keep(struct place *p, json_t *object)
{
	struct ot_str keep;
	enum ot_status status = get_text(p, object, "keep", &keep);
	if (status != OT_OK || keep.ptr == NULL)
		return status;
	p->config->keep = strcmp(keep.ptr, "all") == 0 ? 0 : strcmp(keep.ptr, "mapped") == 0 ? 1 : -1;
	if (p->config->keep >= 0)
		return OT_OK;
	enter(p, "keep");
	status = wrong(p, "\"keep\" is \"all\" or \"mapped\"");
	leave(p);
	return status;
}

static enum ot_status read_top(struct place *p, json_t *top)
{
	static const char *const known[] = { "origins", "keep", NULL };
	json_t *origins = json_object_get(top, "origins"), *item;
	size_t i;
	enum ot_status status = check_object(p, top, "a configuration", known);
	if (status == OT_OK && (!json_is_array(origins) || json_array_size(origins) == 0))
		status = wrong(p, "a configuration has \"origins\", a list that is not empty");
	if (status == OT_OK)
		status = read_keep(p, top);
	if (status != OT_OK)
		return status;
	enter(p, "origins");
	json_array_foreach(origins, i, item) {
		enter_item(p, i);
		status = read_origin(p, item);
		leave(p);
		if (status != OT_OK)
			break;
	}
	leave(p);
	return status;
}

enum ot_status ot_config_open(struct ot_config *out, const char *path, const struct ot_format_set *formats, struct ot_err *err)
{
	struct ot_buf text = { 0 };
	json_error_t error;
	memset(out, 0, sizeof(*out));
	out->path = ot_arena_cstr(&out->arena, ot_str_from(path));
	out->keep = -1;
	enum ot_status status = ot_file_read(path, CONFIG_MAX, &text, err);
	if (status == OT_OK) {
		struct place place = { .config = out, .formats = formats, .text = ot_buf_str(&text), .err = err };
		json_t *top = json_loadb(place.text.ptr, place.text.len, JSON_REJECT_DUPLICATES, &error);
		status = top == NULL ? ot_err_set(err, OT_SYNTAX, "%s:%d: %s", path, error.line, error.text) : read_top(&place, top);
		json_decref(top);
	}
	ot_buf_release(&text);
	if (status != OT_OK)
		ot_config_release(out);
	return status;
}

void ot_config_release(struct ot_config *config)
{
	for (size_t i = 0; i < config->zone_count; i++)
		ot_zone_close(config->zones[i]);
	free(config->zones);
	free(config->sources);
	ot_arena_release(&config->arena);
	memset(config, 0, sizeof(*config));
}

/* --- globs --- */

/* Which source a file was listed for. */
static const struct ot_config_source *source_of(const struct ot_config *config, const struct ot_file *file)
{
	for (size_t i = 0; i < config->count; i++)
		if (file->said == &config->sources[i].said)
			return &config->sources[i];
	return NULL;
}

static enum ot_status matched_twice(const struct ot_config *config, const struct ot_file *first, const struct ot_file *second, struct ot_err *err)
{
	const struct ot_config_source *a = source_of(config, first), *b = source_of(config, second);
	return ot_err_set(err, OT_SYNTAX, "%s:%u: \"%s\" matches %s, which \"%s\" on line %u matches too", config->path, b->line, b->glob,
	    second->path, a->glob, a->line);
}

static enum ot_status check_twice(const struct ot_config *config, const struct ot_files *files, size_t from, struct ot_err *err)
{
	struct ot_intern paths = { 0 };
	enum ot_status status = OT_OK;
	for (size_t i = from; i < files->count && status == OT_OK; i++) {
		bool is_new;
		uint32_t code = ot_intern_put(&paths, ot_str_from(files->items[i].path), &is_new);
		if (!is_new)
			status = matched_twice(config, &files->items[from + code], &files->items[i], err);
	}
	ot_intern_release(&paths);
	return status;
}

enum ot_status ot_config_files(const struct ot_config *config, struct ot_files *files, ot_problem_fn *problem, void *context, struct ot_err *err)
{
	size_t from = files->count;
	for (size_t i = 0; i < config->count; i++) {
		const struct ot_config_source *source = &config->sources[i];
		glob_t found;
		int result = glob(source->glob, 0, NULL, &found);
		if (result != 0) {
			char words[OT_ERR_TEXT_MAX];
			snprintf(words, sizeof(words), "%s:%u: no file matches \"%s\"", config->path, source->line, source->glob);
			problem(context, words);
			continue;
		}
		for (size_t k = 0; k < found.gl_pathc; k++)
			ot_files_add(files, found.gl_pathv[k], &source->said, problem, context);
		globfree(&found);
	}
	return check_twice(config, files, from, err);
}
