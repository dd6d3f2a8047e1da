/* collector: descriptions compiled: a format as a whole. */
#include "format_load.h"
#include <stdio.h>
#include <string.h>

/* The line on which the innermost of the members in `path` stands: each is looked for after the one around it. */
static unsigned line_of(const struct ot_load *load)
{
	const char *at = load->text;
	char name[160];
	for (unsigned i = 0; at != NULL && i < load->depth; i++) {
		snprintf(name, sizeof(name), "\"%s\"", load->path[i]);
		const char *found = strstr(at, name);
		at = found != NULL ? found : at;
	}
	unsigned line = 1;
	for (const char *c = load->text; c != NULL && c < at; c++)
		line += *c == '\n';
	return line;
}

bool ot_load_fail(struct ot_load *load, const char *format, ...)
{
	char text[600], member[200] = "";
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	for (unsigned i = 0; i < load->depth; i++) {
		size_t used = strlen(member);
		snprintf(member + used, sizeof(member) - used, "%s%s", i > 0 ? "." : "", load->path[i]);
	}
	ot_err_set(load->err, OT_SYNTAX, "%s:%u: %s%s%s", load->file, line_of(load), member, member[0] != '\0' ? ": " : "", text);
	return false;
}

void ot_load_enter(struct ot_load *load, const char *member)
{
	if (load->depth < OT_LOAD_DEPTH)
		load->path[load->depth] = member;
	load->depth += load->depth < OT_LOAD_DEPTH;
}

void ot_load_leave(struct ot_load *load) { load->depth -= load->depth > 0; }

bool ot_load_known(struct ot_load *load, const json_t *object, const char *const *names)
{
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)object, name, value)
	{
		bool known = name[0] == '#'; /* a comment */
		const char *nearest = names[0];
		unsigned least = 99;
		for (size_t i = 0; names[i] != NULL && !known; i++) {
			unsigned distance = ot_str_distance(ot_str_from(name), ot_str_from(names[i]), 20);
			known = distance == 0;
			nearest = distance < least ? names[i] : nearest;
			least = distance < least ? distance : least;
		}
		if (!known) {
			ot_load_enter(load, name);
			return ot_load_fail(load, "there is no such member here; nearest is \"%s\"", nearest);
		}
	}
	return true;
}

struct ot_str ot_load_text(struct ot_load *load, const json_t *text)
{
	return ot_arena_str(&load->set->arena, (struct ot_str){ json_string_value(text), json_string_length(text) });
}

static void code_kept(struct ot_format_set *set, pcre2_code *code)
{
	if (set->code_count == set->code_cap) {
		set->code_cap = set->code_cap ? set->code_cap * 2 : 64;
		set->codes = ot_realloc(set->codes, set->code_cap * sizeof(*set->codes));
	}
	set->codes[set->code_count++] = code;
}

/* A text, or an array of texts that are joined. */
pcre2_code *ot_load_pattern(struct ot_load *load, const json_t *from)
{
	struct ot_buf whole = { 0 };
	size_t offset;
	int error;
	if (json_is_string(from))
		ot_buf_text(&whole, json_string_value(from));
	for (size_t i = 0; i < json_array_size(from); i++)
		ot_buf_text(&whole, json_is_string(json_array_get(from, i)) ? json_string_value(json_array_get(from, i)) : "");
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)ot_buf_str(&whole).ptr, whole.len, PCRE2_DOLLAR_ENDONLY | PCRE2_DOTALL, &error, &offset, NULL);
	if (code == NULL) {
		PCRE2_UCHAR message[160];
		pcre2_get_error_message(error, message, sizeof(message));
		ot_load_fail(load, "at character %zu of the pattern: %s", offset + 1, (const char *)message);
	} else {
		pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
		code_kept(load->set, code);
	}
	ot_buf_release(&whole);
	return code;
}

int ot_load_slot(struct ot_load *load, struct ot_tree *tree, const char *path)
{
	struct ot_err err;
	int slot = ot_tree_slot(tree, ot_str_from(path), &err);
	if (slot < 0)
		ot_load_fail(load, "%s", err.text);
	return slot;
}

static bool paths_marked(struct ot_load *load, const json_t *list, const char *member, bool content)
{
	struct ot_format *f = load->format;
	struct ot_err err;
	size_t count = json_array_size(list);
	ot_load_enter(load, member);
	if (content)
		f->content = ot_arena_alloc(&load->set->arena, (count + 1) * sizeof(*f->content));
	for (size_t i = 0; i < count; i++) {
		const char *path = json_string_value(json_array_get(list, i));
		struct ot_node *node = path == NULL ? NULL : ot_tree_node(&f->tree, ot_str_from(path), &err);
		if (node == NULL)
			return ot_load_fail(load, "%s", path == NULL ? "paths of members are expected" : err.text);
		node->hidden = true;
		if (content)
			f->content[f->content_count++] = ot_load_slot(load, &f->tree, path);
	}
	ot_load_leave(load);
	return true;
}

static bool names_folded(struct ot_load *load, const json_t *root)
{
	const json_t *list = json_object_get(root, "nocase");
	struct ot_err err;
	const char *names = json_string_value(json_object_get(root, "names"));
	load->format->tree.root.fold = names != NULL && strcmp(names, "loose") == 0;
	ot_load_enter(load, "nocase");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *path = json_string_value(json_array_get(list, i));
		struct ot_node *node = ot_tree_node(&load->format->tree, ot_str_from(path), &err);
		if (node == NULL)
			return ot_load_fail(load, "%s", err.text);
		node->fold = true;
	}
	ot_load_leave(load);
	return true;
}

static bool kind_read(struct ot_load *load, const json_t *root)
{
	const char *kind = json_string_value(json_object_get(root, "kind"));
	int64_t value = kind == NULL ? OT_KIND_GATEWAY : ot_enum_value(OT_ORIGIN_KIND, ot_str_from(kind));
	ot_load_enter(load, "kind");
	if (value < 0)
		return ot_load_fail(load, "\"%s\" is none of %s", kind, ot_fields[OT_ORIGIN_KIND].unit);
	load->format->kind = (enum ot_origin_kind)value;
	ot_load_leave(load);
	return true;
}

static bool basis_read(struct ot_load *load, const json_t *root)
{
	const char *basis = json_string_value(json_object_get(root, "basis"));
	int64_t value = basis == NULL ? OT_BASIS_UNKNOWN : ot_enum_value(OT_TIMESTAMP_BASIS, ot_str_from(basis));
	ot_load_enter(load, "basis");
	if (value < 0)
		return ot_load_fail(load, "\"%s\" is none of %s", basis, ot_fields[OT_TIMESTAMP_BASIS].unit);
	load->format->basis = (enum ot_basis)value;
	ot_load_leave(load);
	return true;
}

/* "0-9a-f<": the bytes with which a line may begin. */
static void first_bytes(struct ot_format *f, const char *class)
{
	const unsigned char *c = (const unsigned char *)class;
	memset(f->first, class == NULL ? 0xFF : 0, sizeof(f->first));
	for (; c != NULL && *c != '\0'; c++) {
		unsigned last = c[1] == '-' && c[2] != '\0' ? c[2] : c[0];
		for (unsigned b = c[0]; b <= last; b++)
			f->first[b >> 3] |= (uint8_t)(1u << (b & 7));
		c += last != c[0] || (c[1] == '-' && c[2] != '\0') ? 2 : 0;
	}
}

static bool ignored_read(struct ot_load *load, const json_t *list)
{
	struct ot_format *f = load->format;
	if (f->json)
		return ot_load_tests(load, &load->set->signs, list, &f->ignore, &f->ignore_count);
	f->ignored = ot_arena_alloc(&load->set->arena, (json_array_size(list) + 1) * sizeof(*f->ignored));
	for (size_t i = 0; i < json_array_size(list); i++) {
		pcre2_code *code = ot_load_pattern(load, json_array_get(list, i));
		if (code == NULL)
			return false;
		f->ignored[f->ignored_count++] = code;
	}
	return true;
}

static bool text_read(struct ot_load *load, const json_t *root)
{
	static const struct { const char *name; enum ot_escapes escapes; } kinds[] = { { "none", OT_ESCAPES_NONE }, { "c", OT_ESCAPES_C }, { "hash", OT_ESCAPES_HASH } };
	struct ot_format *f = load->format;
	const json_t *contains = json_object_get(root, "contains");
	const char *escapes = json_string_value(json_object_get(root, "escapes"));
	for (size_t i = 0; escapes != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(escapes, kinds[i].name) == 0)
			f->escapes = kinds[i].escapes;
	first_bytes(f, json_string_value(json_object_get(root, "begins")));
	f->contains = ot_arena_alloc(&load->set->arena, (json_array_size(contains) + 1) * sizeof(*f->contains));
	for (size_t i = 0; i < json_array_size(contains); i++)
		f->contains[f->contains_count++] = ot_load_text(load, json_array_get(contains, i));
	ot_load_enter(load, "pattern");
	if (!f->json && !ot_load_patterns(load, json_object_get(root, "pattern"), &f->patterns, &f->pattern_count))
		return false;
	ot_load_leave(load);
	return true;
}

static bool tests_read(struct ot_load *load, const json_t *root)
{
	struct ot_format *f = load->format;
	ot_load_enter(load, "detect");
	if (!ot_load_tests(load, f->json ? &load->set->signs : &f->tree, json_object_get(root, "detect"), &f->detect, &f->detect_count))
		return false;
	ot_load_leave(load);
	ot_load_enter(load, "ignore");
	if (!ignored_read(load, json_object_get(root, "ignore")))
		return false;
	ot_load_leave(load);
	return true;
}

static bool nested_read(struct ot_load *load, const json_t *root)
{
	struct ot_format *f = load->format;
	const char *wraps = json_string_value(json_object_get(root, "wraps")), *each = json_string_value(json_object_get(root, "each"));
	struct ot_err err;
	f->wraps = -1;
	f->wrapper = wraps != NULL;
	if (wraps != NULL && (f->wraps = ot_load_slot(load, &f->tree, wraps)) < 0)
		return false;
	if (each == NULL)
		return true;
	ot_load_enter(load, "each");
	if (ot_load_slot(load, &f->tree, each) < 0)
		return false;
	f->each = ot_tree_node(&f->tree, ot_str_from(each), &err);
	ot_load_leave(load);
	return true;
}

static void nodes_listed(struct ot_format *f, struct ot_node *node)
{
	if (node->slot >= 0)
		f->nodes[node->slot] = node;
	for (unsigned i = 0; i < node->kid_count; i++)
		nodes_listed(f, node->kids[i]);
	for (unsigned i = 0; i < node->element_count; i++)
		nodes_listed(f, node->elements[i].node);
	if (node->any != NULL)
		nodes_listed(f, node->any);
	if (node->each != NULL)
		nodes_listed(f, node->each);
}

static const char *const known[] = { "name", "title", "version", "kind", "origin", "rank", "extends", "abstract", "json", "pattern", "begins", "contains",
	"escapes", "names", "nocase", "detect", "ignore", "basis", "absent", "then", "fields", "content", "drop", "wraps", "each", "exclusive", NULL };

struct ot_format *ot_load_format(struct ot_load *load, const json_t *root)
{
	struct ot_arena *arena = &load->set->arena;
	struct ot_format *f = load->format = ot_arena_zero(arena, 1, sizeof(*f));
	const char *name = json_string_value(json_object_get(root, "name")), *title = json_string_value(json_object_get(root, "title"));
	const char *origin = json_string_value(json_object_get(root, "origin"));
	load->depth = 0;
	ot_tree_init(&f->tree, arena);
	f->name = ot_arena_cstr(arena, ot_str_from(name));
	f->title = ot_arena_cstr(arena, ot_str_from(title != NULL ? title : name));
	f->origin = ot_arena_cstr(arena, ot_str_from(origin != NULL ? origin : name));
	f->file = ot_arena_cstr(arena, ot_str_from(load->file));
	f->rank = json_is_integer(json_object_get(root, "rank")) ? (int)json_integer_value(json_object_get(root, "rank")) : 50;
	f->version = (int)json_integer_value(json_object_get(root, "version"));
	const json_t *json = json_object_get(root, "json");
	f->json = json_is_true(json) || json_is_object(json);
	f->tolerant = json_is_true(json_object_get(json, "tolerant"));
	f->exclusive = json_is_true(json_object_get(root, "exclusive"));
	bool right = ot_load_known(load, root, known) && kind_read(load, root) && basis_read(load, root) && names_folded(load, root) && text_read(load, root) &&
	    nested_read(load, root) && paths_marked(load, json_object_get(root, "content"), "content", true) &&
	    paths_marked(load, json_object_get(root, "drop"), "drop", false) && ot_load_steps(load, json_object_get(root, "then")) &&
	    ot_load_rules(load, json_object_get(root, "fields"), json_object_get(root, "absent")) && tests_read(load, root);
	if (!right)
		return NULL;
	ot_tree_freeze(&f->tree);
	f->nodes = ot_arena_zero(arena, f->tree.slots + 1, sizeof(*f->nodes));
	nodes_listed(f, &f->tree.root);
	for (unsigned i = 0; i < f->pattern_count; i++)
		if (!ot_load_groups(load, &f->tree.root, OT_STR(""), f->patterns[i].code, &f->patterns[i]))
			return NULL;
	for (unsigned i = 0; i < f->step_count; i++)
		for (unsigned k = 0; k < f->steps[i].pattern_count; k++)
			if (!ot_load_groups(load, f->steps[i].into, f->steps[i].prefix, f->steps[i].patterns[k].code, &f->steps[i].patterns[k]))
				return NULL;
	return f;
}
