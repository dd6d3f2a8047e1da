/* collector: members wanted by path, as a tree; and the members of one line. */
#include "member.h"
#include "json_text.h"
#include <base/text.h>
#include <stdlib.h>
#include <string.h>

void ot_tree_init(struct ot_tree *tree, struct ot_arena *arena)
{
	memset(tree, 0, sizeof(*tree));
	tree->root.slot = -1;
	tree->arena = arena;
}

static struct ot_node *node_new(struct ot_tree *tree, struct ot_str key)
{
	struct ot_node *node = ot_arena_zero(tree->arena, 1, sizeof(*node));
	node->slot = -1;
	node->key = ot_arena_str(tree->arena, key);
	return node;
}

/* Lower case, without '-', '_', '.' and blanks; too long a name is nobody's alias and gives an empty one. */
static struct ot_str fold(struct ot_str key, char out[OT_KEY_FOLD_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < key.len; i++) {
		char c = key.ptr[i];
		if (c == '-' || c == '_' || c == '.' || c == ' ' || c == '@')
			continue;
		if (n == OT_KEY_FOLD_MAX)
			return (struct ot_str){ out, 0 };
		out[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	return (struct ot_str){ out, n };
}

static struct ot_node *kid_made(struct ot_tree *tree, struct ot_node *node, struct ot_str key)
{
	char folded[OT_KEY_FOLD_MAX];
	if (node->fold)
		key = fold(key, folded);
	for (unsigned i = 0; i < node->kid_count; i++)
		if (ot_str_eq(node->kids[i]->key, key))
			return node->kids[i];
	if (node->kid_count == node->kid_cap) {
		unsigned cap = node->kid_cap ? node->kid_cap * 2 : 4;
		struct ot_node **kids = ot_arena_alloc(tree->arena, cap * sizeof(*kids));
		if (node->kid_count > 0)
			memcpy(kids, node->kids, node->kid_count * sizeof(*kids));
		node->kids = kids;
		node->kid_cap = cap;
	}
	struct ot_node *kid = node_new(tree, key);
	kid->fold = node->fold;
	return node->kids[node->kid_count++] = kid;
}

static struct ot_node *element_made(struct ot_tree *tree, struct ot_node *node, int index)
{
	for (unsigned i = 0; i < node->element_count; i++)
		if (node->elements[i].index == index)
			return node->elements[i].node;
	struct ot_node_index *elements = ot_arena_alloc(tree->arena, (node->element_count + 1) * sizeof(*elements));
	if (node->element_count > 0)
		memcpy(elements, node->elements, node->element_count * sizeof(*elements));
	elements[node->element_count] = (struct ot_node_index){ index, node_new(tree, OT_STR("")) };
	node->elements = elements;
	return elements[node->element_count++].node;
}

/* What stands between brackets: nothing, "*", a number. */
static struct ot_node *bracket(struct ot_tree *tree, struct ot_node *node, struct ot_str inside)
{
	int64_t index;
	if (inside.len == 0) {
		if (node->each == NULL)
			node->each = node_new(tree, OT_STR(""));
		return node->each;
	}
	if (ot_str_eq(inside, OT_STR("*")))
		return element_made(tree, node, OT_INDEX_ANY);
	if (!ot_str_to_i64(inside, &index) || index < -1 || index > 255)
		return NULL;
	return element_made(tree, node, (int)index);
}

static size_t name_end(struct ot_str path, size_t at)
{
	while (at < path.len && path.ptr[at] != '.' && path.ptr[at] != '[')
		at++;
	return at;
}

static struct ot_node *path_part(struct ot_tree *tree, struct ot_node *node, struct ot_str path, size_t *at)
{
	if (path.ptr[*at] == '[') {
		ptrdiff_t close = ot_str_find_char(ot_str_sub(path, *at, path.len), ']');
		if (close < 0)
			return NULL;
		struct ot_str inside = ot_str_sub(path, *at + 1, (size_t)close - 1);
		*at += (size_t)close + 1;
		return bracket(tree, node, inside);
	}
	if (path.ptr[*at] == '\'') {
		ptrdiff_t close = ot_str_find_char(ot_str_sub(path, *at + 1, path.len), '\'');
		if (close <= 0)
			return NULL;
		struct ot_str name = ot_str_sub(path, *at + 1, (size_t)close);
		*at += (size_t)close + 2;
		return kid_made(tree, node, name);
	}
	size_t end = name_end(path, *at);
	struct ot_str name = ot_str_sub(path, *at, end - *at);
	*at = end;
	if (name.len == 0)
		return NULL;
	if (!ot_str_eq(name, OT_STR("*")))
		return kid_made(tree, node, name);
	if (node->any == NULL)
		node->any = node_new(tree, OT_STR("*"));
	return node->any;
}

struct ot_node *ot_tree_node(struct ot_tree *tree, struct ot_str path, struct ot_err *err)
{
	struct ot_node *node = &tree->root;
	size_t at = 0;
	unsigned parts = 0;
	while (at < path.len && node != NULL && parts++ < OT_PATH_PARTS_MAX) {
		node = path_part(tree, node, path, &at);
		if (at < path.len && path.ptr[at] == '.' && ++at == path.len)
			node = NULL;
		else if (at < path.len && node != NULL && path.ptr[at - 1] != '.' && path.ptr[at] != '[')
			node = NULL;
	}
	if (node == NULL || at < path.len || path.len == 0) {
		ot_err_set(err, OT_SYNTAX, "\"%.*s\" is no path of a member", OT_STR_ARGS(path));
		return NULL;
	}
	return node;
}

int ot_tree_slot(struct ot_tree *tree, struct ot_str path, struct ot_err *err)
{
	struct ot_node *node = ot_tree_node(tree, path, err);
	if (node == NULL)
		return -1;
	if (node->slot < 0) {
		if (tree->slots == OT_SLOTS_MAX) {
			ot_err_set(err, OT_LIMIT, "more than %d members", OT_SLOTS_MAX);
			return -1;
		}
		node->slot = (int)tree->slots++;
	}
	return node->slot;
}

static int by_key(const void *a, const void *b)
{
	const struct ot_node *x = *(struct ot_node *const *)a, *y = *(struct ot_node *const *)b;
	if (x->key.len != y->key.len)
		return x->key.len < y->key.len ? -1 : 1;
	return memcmp(x->key.ptr, y->key.ptr, x->key.len);
}

static void freeze(struct ot_node *node, bool hidden, bool shared)
{
	node->hidden |= hidden;
	node->shared = shared;
	if (node->kid_count > 1)
		qsort(node->kids, node->kid_count, sizeof(struct ot_node *), by_key);
	struct ot_node *parts[2] = { node->any, node->each };
	for (unsigned i = 0; i < node->kid_count; i++) {
		freeze(node->kids[i], node->hidden, shared || node->fold);
		node->hides |= node->kids[i]->hidden || node->kids[i]->hides;
	}
	for (unsigned i = 0; i < node->element_count; i++) {
		freeze(node->elements[i].node, node->hidden, true);
		node->hides |= node->elements[i].node->hidden || node->elements[i].node->hides;
	}
	for (int i = 0; i < 2; i++)
		if (parts[i] != NULL) {
			freeze(parts[i], node->hidden, true);
			node->hides |= parts[i]->hidden || parts[i]->hides;
		}
}

void ot_tree_freeze(struct ot_tree *tree) { freeze(&tree->root, false, false); }

const struct ot_node *ot_node_kid(const struct ot_node *node, struct ot_str key)
{
	char folded[OT_KEY_FOLD_MAX];
	if (node->fold)
		key = fold(key, folded);
	unsigned low = 0, high = node->kid_count;
	while (low < high) {
		unsigned middle = (low + high) / 2;
		const struct ot_node *kid = node->kids[middle];
		int order = kid->key.len != key.len ? (kid->key.len < key.len ? -1 : 1) : memcmp(kid->key.ptr, key.ptr, key.len);
		if (order == 0)
			return kid;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return node->any;
}

const struct ot_node *ot_node_element(const struct ot_node *node, int index)
{
	const struct ot_node *otherwise = NULL;
	for (unsigned i = 0; i < node->element_count; i++) {
		if (node->elements[i].index == index)
			return node->elements[i].node;
		if (node->elements[i].index < 0 && index >= 0)
			otherwise = node->elements[i].node;
	}
	return otherwise;
}

bool ot_node_deep(const struct ot_node *node) { return node->kid_count > 0 || node->any != NULL || node->element_count > 0; }

void ot_members_init(struct ot_members *members, unsigned slots, struct ot_arena *line)
{
	memset(members, 0, sizeof(*members));
	members->values = ot_alloc_zero(slots + 1, sizeof(*members->values));
	members->arena = line;
}

void ot_members_release(struct ot_members *members) { free(members->values); }

void ot_members_clear(struct ot_members *members)
{
	memset(members->present, 0, sizeof(members->present));
	members->extras = NULL;
	members->extra_count = members->extra_cap = 0;
}

bool ot_members_any_below(const struct ot_members *members, const struct ot_node *node)
{
	if (node->slot >= 0 && ot_members_has(members, (unsigned)node->slot))
		return true;
	for (unsigned i = 0; i < node->kid_count; i++)
		if (ot_members_any_below(members, node->kids[i]))
			return true;
	for (unsigned i = 0; i < node->element_count; i++)
		if (ot_members_any_below(members, node->elements[i].node))
			return true;
	return node->any != NULL && ot_members_any_below(members, node->any);
}

void ot_members_unset_below(struct ot_members *members, const struct ot_node *node)
{
	if (node->slot >= 0)
		ot_members_unset(members, (unsigned)node->slot);
	for (unsigned i = 0; i < node->kid_count; i++)
		ot_members_unset_below(members, node->kids[i]);
	for (unsigned i = 0; i < node->element_count; i++)
		ot_members_unset_below(members, node->elements[i].node);
	if (node->any != NULL)
		ot_members_unset_below(members, node->any);
}

void ot_members_extra(struct ot_members *members, struct ot_str name, struct ot_str json)
{
	if (members->extra_count == members->extra_cap) {
		size_t cap = members->extra_cap ? members->extra_cap * 2 : 32;
		struct ot_extra *extras = ot_arena_alloc(members->arena, cap * sizeof(*extras));
		if (members->extra_count > 0)
			memcpy(extras, members->extras, members->extra_count * sizeof(*extras));
		members->extras = extras;
		members->extra_cap = cap;
	}
	members->extras[members->extra_count++] = (struct ot_extra){ name, json };
}

void ot_members_extra_text(struct ot_members *members, struct ot_str name, struct ot_str text)
{
	if (members->want_extras && text.len > 0 && !ot_str_eq(text, OT_STR("-")))
		ot_members_extra(members, name, ot_json_quoted(members->arena, text));
}

struct ot_str ot_member_text(struct ot_member *member, struct ot_arena *arena)
{
	if (member->escapes != OT_ESCAPES_NONE) {
		member->text = ot_unescaped(arena, member->text, (enum ot_escapes)member->escapes);
		member->escapes = OT_ESCAPES_NONE;
		member->rough |= member->raw.ptr == NULL;
	}
	return member->text;
}

struct ot_str ot_member_json(struct ot_member *member, struct ot_arena *arena)
{
	if (member->raw.ptr == NULL)
		return ot_json_quoted(arena, ot_member_text(member, arena));
	if (!member->rough)
		return member->raw;
	return member->type == OT_MEMBER_STRING ? ot_json_quoted(arena, ot_member_text(member, arena)) : ot_json_clean(arena, member->raw);
}
