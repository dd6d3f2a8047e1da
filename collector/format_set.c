/* collector: the set of formats: built-in descriptions, the user's, and files; each replaces those of its name that came before. */
#include "builtin.h"
#include "format_load.h"
#include <base/file.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DESCRIPTION_MAX = 1 << 20, DESCRIPTIONS_MAX = 1024, EXTENDS_MAX = 4 };

struct description {
	json_t *root;
	char *text, *file;
};
struct ot_loading {
	struct description items[DESCRIPTIONS_MAX];
	size_t count;
};

static const char *name_of(const json_t *root)
{
	const char *name = json_string_value(json_object_get(root, "name"));
	return name == NULL ? "" : name;
}

static struct description *description_find(struct ot_loading *loading, const char *name)
{
	for (size_t i = 0; i < loading->count; i++)
		if (strcmp(name_of(loading->items[i].root), name) == 0)
			return &loading->items[i];
	return NULL;
}

static void description_release(struct description *d)
{
	json_decref(d->root);
	free(d->text);
	free(d->file);
}

static bool name_fits(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
	return len > 0 && len < 64 && name[len] == '\0';
}

static enum ot_status description_add(struct ot_loading *loading, const char *file, const char *text, struct ot_err *err)
{
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (root == NULL)
		return ot_err_set(err, OT_SYNTAX, "%s:%d: %s", file, error.line, error.text);
	if (!json_is_object(root) || !name_fits(name_of(root))) {
		json_decref(root);
		return ot_err_set(err, OT_SYNTAX, "%s:1: name: a description has a \"name\" of lower-case letters, digits and dashes", file);
	}
	struct description *d = description_find(loading, name_of(root));
	if (d == NULL && loading->count == DESCRIPTIONS_MAX) {
		json_decref(root);
		return ot_err_set(err, OT_LIMIT, "%s: more than %d descriptions", file, DESCRIPTIONS_MAX);
	}
	if (d != NULL)
		description_release(d);
	else
		d = &loading->items[loading->count++];
	*d = (struct description){ root, strdup(text), strdup(file) };
	return OT_OK;
}

static enum ot_status file_add(struct ot_loading *loading, const char *path, struct ot_err *err)
{
	struct ot_buf text = { 0 };
	enum ot_status status = ot_file_read(path, DESCRIPTION_MAX, &text, err);
	ot_buf_char(&text, '\0');
	if (status == OT_OK)
		status = description_add(loading, path, text.data, err);
	ot_buf_release(&text);
	return status;
}

static int is_description(const struct dirent *entry) { return ot_str_ends(ot_str_from(entry->d_name), OT_STR(".json")) && entry->d_name[0] != '.'; }

/* The user's own folder; that there is none is no fault. */
static enum ot_status folder_add(struct ot_loading *loading, struct ot_err *err)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char folder[4096], path[8192];
	struct dirent **entries;
	enum ot_status status = OT_OK;
	if (config != NULL && config[0] == '/')
		snprintf(folder, sizeof(folder), "%s/onetrail/formats", config);
	else if (home != NULL && home[0] == '/')
		snprintf(folder, sizeof(folder), "%s/.config/onetrail/formats", home);
	else
		return OT_OK;
	int count = scandir(folder, &entries, is_description, alphasort);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (status == OT_OK)
			status = file_add(loading, path, err);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return status;
}

/* A description over the one it extends: members of its own replace those, fields one by one; null takes one away. */
static json_t *merged(struct ot_loading *loading, const json_t *root, unsigned depth)
{
	const char *base_name = json_string_value(json_object_get(root, "extends")), *name;
	struct description *base = base_name == NULL ? NULL : description_find(loading, base_name);
	json_t *value;
	if (base_name == NULL)
		return json_deep_copy(root);
	json_t *out = base == NULL || depth == EXTENDS_MAX ? NULL : merged(loading, base->root, depth + 1);
	if (out == NULL)
		return NULL;
	json_object_del(out, "abstract");
	json_t *fields = json_incref(json_object_get(out, "fields"));
	json_object_foreach((json_t *)(uintptr_t)root, name, value) json_object_set(out, name, value);
	if (fields != NULL) {
		json_t *copy = json_deep_copy(fields);
		json_object_foreach(json_object_get(root, "fields"), name, value) json_object_set(copy, name, value);
		json_object_set_new(out, "fields", copy);
		json_decref(fields);
	}
	return out;
}

static enum ot_status compile(struct ot_format_set *set, struct ot_loading *loading, const struct description *d, struct ot_err *err)
{
	struct ot_err own;
	struct ot_load load = { .set = set, .file = d->file, .text = d->text, .err = err != NULL ? err : &own };
	if (json_is_true(json_object_get(d->root, "abstract")))
		return OT_OK;
	json_t *root = merged(loading, d->root, 0);
	if (root == NULL) {
		ot_load_enter(&load, "extends");
		ot_load_fail(&load, "there is no description of that name");
		return OT_SYNTAX;
	}
	struct ot_format *format = ot_load_format(&load, root);
	json_decref(root);
	if (format == NULL)
		return OT_SYNTAX;
	set->formats[set->count++] = format;
	set->any_tolerant |= format->tolerant;
	return OT_OK;
}

static int by_rank(const void *a, const void *b)
{
	const struct ot_format *x = *(struct ot_format *const *)a, *y = *(struct ot_format *const *)b;
	return x->rank != y->rank ? (x->rank > y->rank ? -1 : 1) : strcmp(x->name, y->name);
}

enum ot_status ot_format_set_open(struct ot_format_set **out, const char *const *files, size_t count, struct ot_err *err)
{
	struct ot_loading *loading = ot_alloc_zero(1, sizeof(*loading));
	struct ot_format_set *set = ot_alloc_zero(1, sizeof(*set));
	enum ot_status status = OT_OK;
	ot_tree_init(&set->signs, &set->arena);
	for (size_t i = 0; ot_builtin_formats[i].name != NULL && status == OT_OK; i++)
		status = description_add(loading, ot_builtin_formats[i].name, ot_builtin_formats[i].text, err);
	if (status == OT_OK)
		status = folder_add(loading, err);
	for (size_t i = 0; i < count && status == OT_OK; i++)
		status = file_add(loading, files[i], err);
	set->formats = ot_arena_alloc(&set->arena, (loading->count + 1) * sizeof(*set->formats));
	for (size_t i = 0; i < loading->count && status == OT_OK; i++)
		status = compile(set, loading, &loading->items[i], err);
	for (size_t i = 0; i < loading->count; i++)
		description_release(&loading->items[i]);
	free(loading);
	if (status != OT_OK) {
		ot_format_set_close(set);
		return status;
	}
	ot_tree_freeze(&set->signs);
	qsort(set->formats, set->count, sizeof(struct ot_format *), by_rank);
	for (size_t i = 0; i < set->count; i++)
		set->formats[i]->index = (unsigned)i;
	*out = set;
	return OT_OK;
}

void ot_format_set_close(struct ot_format_set *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->code_count; i++)
		pcre2_code_free(set->codes[i]);
	free(set->codes);
	ot_arena_release(&set->arena);
	free(set);
}

const struct ot_format *ot_format_find(const struct ot_format_set *set, struct ot_str name)
{
	for (size_t i = 0; i < set->count; i++)
		if (ot_str_eq(name, ot_str_from(set->formats[i]->name)))
			return set->formats[i];
	return NULL;
}

size_t ot_format_count(const struct ot_format_set *set) { return set->count; }
const struct ot_format *ot_format_at(const struct ot_format_set *set, size_t index) { return set->formats[index]; }
const char *ot_format_name(const struct ot_format *format) { return format->name; }
const char *ot_format_title(const struct ot_format *format) { return format->title; }
const char *ot_format_origin(const struct ot_format *format) { return format->origin; }
enum ot_origin_kind ot_format_kind(const struct ot_format *format) { return format->kind; }
