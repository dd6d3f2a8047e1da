/*
 * Learning routes. What is kept is a tree of names: below each parent ("/api/users") the names seen there, each with how often and with a sample
 * of the clients that used it. The tree and the rules made of it depend on what was told, not on how it was cut into batches:
 *
 * - A parent with many names gets a second child, "{id}", that stands for all of them together: "/api/users/{id}/files" sees what is below any
 *   user. Which of them turn out to be words of the API does not matter to it, so nothing ever has to be taken out again.
 * - Sketches are the smallest hashes of clients; where names are too many to keep, those with the smallest hashes stay.
 */
#include "route_path.h"
#include <base/cursor.h>
#include <base/intern.h>
#include <correlate/route.h>
#include <stdlib.h>

enum {
	SKETCH_MAX = 16,
	NAMES_MAX = 4096,	/* kept below a parent */
	NAMES_MAX_BELOW_NAME = 256, /* kept below a name that is perhaps a parameter: more than make a rule */
	NAMES_FOLLOWED = 512,	/* so many names of a parent with many are looked below, in case they turn out to be words */
	CONTEXTS_MAX = 8,	/* readings of one route: as it is, with {id} here, with {id} there */
};

/* The smallest hashes of the clients of a name: tells up to SKETCH_MAX of them apart. */
struct sketch {
	uint64_t hashes[SKETCH_MAX]; /* ascending */
	uint32_t count;
};

struct name {
	uint64_t records;
	struct sketch sketch;
	bool touched, evicted, stored, was_shared;
};

struct node {
	struct ot_intern names;
	struct name *items; /* by code of names */
	uint32_t cap;
	uint32_t parent_code;
	unsigned level;
	bool doubtful;	 /* below a name that is perhaps a parameter */
	bool was_ruled, was_mirrored, mirrored, touched;
	uint64_t followed_hash; /* names up to it are looked below */
};

struct ot_route_learner {
	struct ot_intern routes;
	struct name *told; /* by code of routes */
	uint32_t cap;
};

struct tree {
	struct ot_store *store;
	struct ot_intern parents;
	struct node *nodes; /* by code of parents */
	uint32_t cap;
	struct ot_arena arena; /* of one load */
	enum ot_status status;
	struct ot_err *err;
};

/* --- sketches --- */

static void sketch_add(struct sketch *s, uint64_t hash)
{
	uint32_t at = s->count;
	while (at > 0 && s->hashes[at - 1] > hash)
		at--;
	if (at == SKETCH_MAX || (at > 0 && s->hashes[at - 1] == hash))
		return;
	uint32_t moved = s->count - at;
	if (s->count < SKETCH_MAX)
		s->count++;
	else
		moved--;
	memmove(s->hashes + at + 1, s->hashes + at, moved * sizeof(uint64_t));
	s->hashes[at] = hash;
}

static void sketch_merge(struct sketch *s, const struct sketch *other)
{
	for (uint32_t i = 0; i < other->count; i++)
		sketch_add(s, other->hashes[i]);
}

static void sketch_read(struct sketch *s, struct ot_str bytes)
{
	struct ot_cursor c = ot_cursor_of(bytes.ptr, bytes.len);
	while (ot_cursor_left(&c) >= sizeof(uint64_t))
		sketch_add(s, ot_cursor_u64(&c));
}

static bool is_shared(const struct name *n) { return n->sketch.count >= OT_ROUTE_SHARED_CLIENTS; }

/* --- telling --- */

struct ot_route_learner *ot_route_learner_new(void)
{
	return ot_alloc_zero(1, sizeof(struct ot_route_learner));
}

void ot_route_learner_free(struct ot_route_learner *learner)
{
	if (learner == NULL)
		return;
	ot_intern_release(&learner->routes);
	free(learner->told);
	free(learner);
}

void ot_route_learner_add(struct ot_route_learner *learner, struct ot_str route, struct ot_str client, uint64_t records)
{
	if (route.len < 2 || route.ptr[0] != '/')
		return;
	bool is_new;
	uint32_t code = ot_intern_put(&learner->routes, route, &is_new);
	if (code >= learner->cap) {
		learner->cap = learner->cap == 0 ? 256 : learner->cap * 2;
		learner->told = ot_realloc(learner->told, learner->cap * sizeof(*learner->told));
	}
	if (is_new)
		learner->told[code] = (struct name){ 0 };
	learner->told[code].records += records;
	sketch_add(&learner->told[code].sketch, ot_hash(client.ptr == NULL ? "" : client.ptr, client.len));
}

/* --- the tree --- */

static struct name *node_name(struct node *node, struct ot_str text)
{
	bool is_new;
	uint32_t code = ot_intern_put(&node->names, text, &is_new);
	if (code >= node->cap) {
		node->cap = node->cap == 0 ? 16 : node->cap * 2;
		node->items = ot_realloc(node->items, node->cap * sizeof(*node->items));
	}
	if (is_new)
		node->items[code] = (struct name){ 0 };
	return &node->items[code];
}

/* What a node's names say. Our own parameters are kept as names too, so that the tree can be walked, but do not count. */
struct tally {
	uint32_t names, unshared;
};
static struct tally node_tally(const struct node *node)
{
	struct tally t = { 0 };
	for (uint32_t i = 0; i < node->names.count; i++) {
		if (node->items[i].evicted || route_segment_is_taken(node->names.items[i]))
			continue;
		t.names++;
		t.unshared += !is_shared(&node->items[i]);
	}
	return t;
}

static void node_load(struct tree *t, struct node *node)
{
	struct ot_route_value *values;
	size_t count;
	if (t->status != OT_OK)
		return;
	ot_arena_reset(&t->arena);
	t->status = ot_store_route_values(t->store, t->parents.items[node->parent_code], &values, &count, &t->arena, t->err);
	for (size_t i = 0; t->status == OT_OK && i < count; i++) {
		struct name *name = node_name(node, values[i].value.ptr == NULL ? OT_STR("") : values[i].value);
		name->records = values[i].records;
		sketch_read(&name->sketch, values[i].clients);
		name->stored = true;
		name->was_shared = is_shared(name);
	}
	struct tally tally = node_tally(node);
	node->was_ruled = tally.unshared > OT_ROUTE_VALUES_MAX;
	node->was_mirrored = node->mirrored = tally.names > OT_ROUTE_VALUES_MAX;
}

/* The node of a parent, as it is stored where it is new here. Nodes move when there are more of them: their codes stay. */
static uint32_t tree_node(struct tree *t, struct ot_str parent, unsigned level, bool doubtful)
{
	bool is_new;
	uint32_t code = ot_intern_put(&t->parents, parent, &is_new);
	if (code >= t->cap) {
		t->cap = t->cap == 0 ? 64 : t->cap * 2;
		t->nodes = ot_realloc(t->nodes, t->cap * sizeof(*t->nodes));
	}
	if (is_new) {
		t->nodes[code] = (struct node){ .parent_code = code, .level = level, .doubtful = doubtful };
		node_load(t, &t->nodes[code]);
	}
	t->nodes[code].doubtful &= doubtful;
	return code;
}

static uint32_t tree_child(struct tree *t, uint32_t code, struct ot_str name, bool doubtful)
{
	struct ot_buf parent = { 0 };
	ot_buf_str_put(&parent, t->parents.items[code]);
	ot_buf_char(&parent, '/');
	ot_buf_str_put(&parent, name);
	uint32_t child = tree_node(t, ot_buf_str(&parent), t->nodes[code].level + 1, doubtful);
	ot_buf_release(&parent);
	return child;
}

static void tree_release(struct tree *t)
{
	for (uint32_t i = 0; i < t->parents.count; i++) {
		ot_intern_release(&t->nodes[i].names);
		free(t->nodes[i].items);
	}
	free(t->nodes);
	ot_intern_release(&t->parents);
	ot_arena_release(&t->arena);
}

static void tree_add(struct tree *t, uint32_t code, struct ot_str text, const struct name *told)
{
	struct name *name = node_name(&t->nodes[code], text);
	name->records += told->records;
	name->touched = true;
	sketch_merge(&name->sketch, &told->sketch);
	t->nodes[code].touched = true;
}

/* --- a level of the tree, once all of the batch is in it --- */

static int compare_hashes(const void *pa, const void *pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;
	return (a > b) - (a < b);
}

static uint64_t name_hash(struct ot_str text) { return ot_hash(text.ptr, text.len); }

/* Names with the smallest hashes are followed and kept, and words of the API are kept whatever their hash. */
static void node_bound(struct node *node)
{
	uint32_t most = node->doubtful ? NAMES_MAX_BELOW_NAME : NAMES_MAX;
	node->followed_hash = UINT64_MAX;
	if (node->names.count <= NAMES_FOLLOWED && node->names.count <= most)
		return;
	uint64_t *hashes = ot_alloc_zero(node->names.count, sizeof(*hashes));
	for (uint32_t i = 0; i < node->names.count; i++)
		hashes[i] = name_hash(node->names.items[i]);
	qsort(hashes, node->names.count, sizeof(*hashes), compare_hashes);
	if (node->names.count > NAMES_FOLLOWED)
		node->followed_hash = hashes[NAMES_FOLLOWED - 1];
	uint64_t kept = node->names.count > most ? hashes[most - 1] : UINT64_MAX;
	for (uint32_t i = 0; i < node->names.count; i++)
		if (name_hash(node->names.items[i]) > kept && !is_shared(&node->items[i]))
			node->items[i].evicted = !route_segment_is_taken(node->names.items[i]);
	free(hashes);
}

/* Adds what is known below `from` to what is known below `to`. */
static void merge_below(struct tree *t, uint32_t from, uint32_t to)
{
	for (uint32_t i = 0; t->status == OT_OK && i < t->nodes[from].names.count && t->nodes[from].level < ROUTE_DEPTH_MAX; i++) {
		struct ot_str text = t->nodes[from].names.items[i];
		struct name name = t->nodes[from].items[i];
		tree_add(t, to, text, &name);
		uint32_t below = tree_child(t, from, text, t->nodes[from].doubtful);
		if (t->nodes[below].names.count > 0)
			merge_below(t, below, tree_child(t, to, text, t->nodes[to].doubtful));
	}
}

/* Whether anything can be known below a name: of names that are new in this batch there is not. */
static bool has_below(const struct tree *t, uint32_t code, uint32_t name)
{
	if (t->nodes[code].items[name].stored)
		return true;
	struct ot_buf parent = { 0 };
	ot_buf_str_put(&parent, t->parents.items[code]);
	ot_buf_char(&parent, '/');
	ot_buf_str_put(&parent, t->nodes[code].names.items[name]);
	bool found = ot_intern_find(&t->parents, ot_buf_str(&parent)) != UINT32_MAX;
	ot_buf_release(&parent);
	return found;
}

/* A parent that has many names from now on: "{id}" below it begins with all that was known below any of them. */
static void node_mirror(struct tree *t, uint32_t code)
{
	for (uint32_t i = 0; t->status == OT_OK && i < t->nodes[code].names.count; i++) {
		struct ot_str text = t->nodes[code].names.items[i];
		if (route_segment_is_taken(text) || !has_below(t, code, i))
			continue;
		bool doubtful = t->nodes[code].doubtful;
		uint32_t below = tree_child(t, code, text, doubtful || !is_shared(&t->nodes[code].items[i]));
		if (t->nodes[below].names.count > 0)
			merge_below(t, below, tree_child(t, code, OT_STR("{id}"), doubtful));
	}
}

static void finish_level(struct tree *t, unsigned level)
{
	uint32_t count = t->parents.count; /* those added on the way lie deeper */
	for (uint32_t i = 0; t->status == OT_OK && i < count; i++) {
		struct node *node = &t->nodes[i];
		if (node->level != level || !node->touched)
			continue;
		node_bound(node);
		node->mirrored = node_tally(node).names > OT_ROUTE_VALUES_MAX;
		if (node->mirrored && !node->was_mirrored)
			node_mirror(t, i);
	}
}

/* --- routes down the tree --- */

struct told_route {
	struct route_path path;
	const struct name *told;
	uint32_t contexts[CONTEXTS_MAX]; /* nodes in which its segment of the level at hand is a name */
	uint32_t context_count;
};

static void add_context(uint32_t *contexts, uint32_t *count, uint32_t node)
{
	for (uint32_t i = 0; i < *count; i++)
		if (contexts[i] == node)
			return;
	if (*count < CONTEXTS_MAX)
		contexts[(*count)++] = node;
}

static void tell_level(struct tree *t, struct told_route *r, unsigned level)
{
	char space[20];
	for (uint32_t i = 0; level < r->path.count && i < r->context_count; i++)
		tree_add(t, r->contexts[i], route_name(r->path.segments[level], space), r->told);
}

/* Where a segment may be read as itself and as a parameter, both are followed. */
static void descend(struct tree *t, struct told_route *r, unsigned level)
{
	uint32_t next[CONTEXTS_MAX], count = 0;
	char space[20];
	for (uint32_t i = 0; level + 1 < r->path.count && i < r->context_count && t->status == OT_OK; i++) {
		uint32_t code = r->contexts[i];
		struct node *node = &t->nodes[code];
		struct ot_str text = route_name(r->path.segments[level], space);
		bool certain = route_segment_is_taken(text) || !node->mirrored || is_shared(node_name(node, text));
		bool doubtful = node->doubtful, followed = !doubtful && name_hash(text) <= node->followed_hash;
		bool mirrored = node->mirrored && !route_segment_is_taken(text);
		if (certain || followed)
			add_context(next, &count, tree_child(t, code, text, doubtful || !certain));
		if (mirrored)
			add_context(next, &count, tree_child(t, code, OT_STR("{id}"), doubtful));
	}
	memcpy(r->contexts, next, count * sizeof(*next));
	r->context_count = count;
}

/* --- what the catalog gets --- */

static enum ot_status put_name(struct ot_commit *commit, struct ot_str parent, struct ot_str text, const struct name *name, struct ot_err *err)
{
	struct ot_buf clients = { 0 };
	for (uint32_t i = 0; i < name->sketch.count; i++)
		ot_buf_u64(&clients, name->sketch.hashes[i]);
	struct ot_route_value value = { parent, text, name->records, ot_buf_str(&clients) };
	enum ot_status status = ot_commit_route_value(commit, &value, err);
	ot_buf_release(&clients);
	return status;
}

static enum ot_status put_exemption(struct ot_commit *commit, struct ot_str parent, struct ot_str name, bool add, struct ot_err *err)
{
	struct ot_buf rule = { 0 };
	ot_buf_char(&rule, '=');
	ot_buf_str_put(&rule, parent);
	ot_buf_char(&rule, '/');
	ot_buf_str_put(&rule, name);
	enum ot_status status = ot_commit_route_rule(commit, ot_buf_str(&rule), add, err);
	ot_buf_release(&rule);
	return status;
}

static enum ot_status put_node(struct ot_commit *commit, const struct node *node, struct ot_str parent, struct ot_err *err)
{
	bool ruled = node_tally(node).unshared > OT_ROUTE_VALUES_MAX;
	enum ot_status status = OT_OK;
	if (ruled != node->was_ruled)
		status = ot_commit_route_rule(commit, parent, ruled, err);
	for (uint32_t i = 0; status == OT_OK && i < node->names.count; i++) {
		const struct name *name = &node->items[i];
		struct ot_str text = node->names.items[i];
		if (name->touched && !name->evicted)
			status = put_name(commit, parent, text, name, err);
		bool was = node->was_ruled && name->was_shared, is = ruled && is_shared(name);
		if (status == OT_OK && was != is && !route_segment_is_taken(text))
			status = put_exemption(commit, parent, text, is, err);
	}
	return status;
}

static void learn(struct tree *t, struct told_route *routes, size_t count)
{
	uint32_t root = tree_node(t, OT_STR(""), 0, false);
	for (size_t i = 0; i < count; i++) {
		routes[i].contexts[0] = root;
		routes[i].context_count = 1;
	}
	for (unsigned level = 0; level < ROUTE_DEPTH_MAX && t->status == OT_OK; level++) {
		for (size_t i = 0; i < count; i++)
			tell_level(t, &routes[i], level);
		finish_level(t, level);
		for (size_t i = 0; i < count; i++)
			descend(t, &routes[i], level);
	}
}

enum ot_status ot_route_learner_commit(struct ot_route_learner *learner, struct ot_store *store, struct ot_commit *commit, struct ot_err *err)
{
	struct tree tree = { .store = store, .err = err };
	struct told_route *routes = ot_alloc_zero(learner->routes.count, sizeof(*routes));
	size_t count = 0;
	for (uint32_t i = 0; i < learner->routes.count; i++)
		if (route_path_parse(learner->routes.items[i], &routes[count].path))
			routes[count++].told = &learner->told[i];
	if (count > 0)
		learn(&tree, routes, count);
	enum ot_status status = tree.status;
	for (uint32_t i = 0; status == OT_OK && i < tree.parents.count; i++)
		if (tree.nodes[i].touched)
			status = put_node(commit, &tree.nodes[i], tree.parents.items[i], err);
	tree_release(&tree);
	free(routes);
	if (status == OT_OK)
		ot_intern_clear(&learner->routes);
	return status;
}
