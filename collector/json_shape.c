/* collector: what is remembered of the lines of one format, and where its values go. */
#include "json_pass.h"
#include "json_text.h"
#include <string.h>

void ot_shape_init(struct ot_shape *shape, const struct ot_node *own, const struct ot_node *signs)
{
	memset(shape, 0, sizeof(*shape));
	shape->root = (struct ot_shape_place){ .own = own, .signs = signs, .name = OT_STR(""), .quiet = own == NULL };
}

void ot_shape_release(struct ot_shape *shape) { ot_arena_release(&shape->arena); }

static void place_fill(struct ot_shape_place *place, const struct ot_node *own, const struct ot_node *signs, struct ot_str name, bool quiet)
{
	*place = (struct ot_shape_place){ .own = own, .signs = signs, .name = name, .quiet = quiet || own == NULL || own->hidden };
}

struct ot_shape_place *ot_shape_place_new(struct ot_shape *shape, const struct ot_node *own, struct ot_str name)
{
	struct ot_shape_place *place = ot_arena_alloc(&shape->arena, sizeof(*place));
	place_fill(place, own, NULL, ot_arena_str(&shape->arena, name), false);
	return place;
}

static struct ot_arena *line_arena(const struct ot_json_target *target) { return target->own != NULL ? target->own->arena : target->signs->arena; }

static struct ot_str joined(struct ot_arena *arena, struct ot_str prefix, struct ot_str key, struct ot_str suffix)
{
	char *out = ot_arena_alloc(arena, prefix.len + key.len + suffix.len);
	if (prefix.len > 0)
		memcpy(out, prefix.ptr, prefix.len);
	memcpy(out + prefix.len, key.ptr, key.len);
	if (suffix.len > 0)
		memcpy(out + prefix.len + key.len, suffix.ptr, suffix.len);
	return (struct ot_str){ out, prefix.len + key.len + suffix.len };
}

static struct ot_shape_entry *entry_find(struct ot_shape *shape, const struct ot_shape_place *place, struct ot_str key, uint32_t hash)
{
	for (struct ot_shape_entry *e = shape->buckets[hash % OT_SHAPE_BUCKETS]; e != NULL; e = e->chain)
		if (e->hash == hash && e->place_of == place && ot_str_eq(e->key, key))
			return e;
	return NULL;
}

static uint32_t entry_hash(const struct ot_shape_place *place, struct ot_str key) { return (uint32_t)(ot_hash(key.ptr, key.len) ^ ((uintptr_t)place >> 4)); }

/* Past the limits (hostile names) an entry lives only as long as the line. */
static struct ot_shape_entry *entry_new(const struct ot_json_target *target, struct ot_shape_place *place, struct ot_str key, uint32_t hash)
{
	struct ot_shape *shape = target->shape;
	bool kept = shape->entries < OT_SHAPE_ENTRIES_MAX && key.len <= 256;
	struct ot_arena *arena = kept ? &shape->arena : line_arena(target);
	struct ot_shape_entry *entry = ot_arena_zero(arena, 1, sizeof(*entry));
	entry->key = ot_arena_str(arena, key);
	entry->place_of = place;
	entry->hash = hash;
	entry->kept = kept;
	if (kept) {
		struct ot_shape_entry **bucket = &shape->buckets[hash % OT_SHAPE_BUCKETS];
		entry->chain = *bucket;
		*bucket = entry;
		shape->entries++;
	}
	return entry;
}

struct ot_shape_entry *ot_shape_entry_of(const struct ot_json_target *target, struct ot_shape_place *place, struct ot_str key)
{
	uint32_t hash = entry_hash(place, key);
	struct ot_shape_entry *entry = entry_find(target->shape, place, key, hash);
	if (entry != NULL)
		return entry;
	entry = entry_new(target, place, key, hash);
	entry->own = place->own != NULL ? ot_node_kid(place->own, key) : NULL;
	entry->signs = place->signs != NULL ? ot_node_kid(place->signs, key) : NULL;
	entry->name = joined(entry->kept ? &target->shape->arena : line_arena(target), place->name, key, OT_STR(""));
	return entry;
}

struct ot_shape_entry *ot_shape_element_of(const struct ot_json_target *target, struct ot_shape_place *place, int index)
{
	const struct ot_node *own = place->own != NULL ? ot_node_element(place->own, index) : NULL;
	const struct ot_node *signs = place->signs != NULL ? ot_node_element(place->signs, index) : NULL;
	if (own != NULL && own == ot_node_element(place->own, OT_INDEX_LAST))
		ot_members_unset_below(target->own, own);
	if (own != NULL && index > 0 && own == ot_node_element(place->own, OT_INDEX_ANY)) {
		if (ot_members_any_below(target->own, own))
			own = NULL; /* an element before had it */
		else
			ot_members_unset_below(target->own, own);
	}
	/* No name of an object holds a NUL byte, so these cannot be met by one. Elements that lead to the same nodes share an entry. */
	const struct ot_node *nodes[2] = { own, signs };
	char key[1 + sizeof(nodes)] = { 0 };
	memcpy(key + 1, nodes, sizeof(nodes));
	struct ot_str text = { key, sizeof(key) };
	uint32_t hash = entry_hash(place, text);
	struct ot_shape_entry *entry = entry_find(target->shape, place, text, hash);
	if (entry != NULL)
		return entry;
	entry = entry_new(target, place, text, hash);
	entry->own = own;
	entry->signs = signs;
	entry->element = true;
	entry->name = place->name.len > 0 ? ot_str_sub(place->name, 0, place->name.len - 1) : place->name;
	return entry;
}

struct ot_shape_place *ot_shape_inside(const struct ot_json_target *target, struct ot_shape_place *place, struct ot_shape_entry *entry)
{
	if (entry->inside != NULL)
		return entry->inside;
	struct ot_arena *arena = entry->kept ? &target->shape->arena : line_arena(target);
	entry->inside = ot_arena_alloc(arena, sizeof(*entry->inside));
	place_fill(entry->inside, entry->own, entry->signs, joined(arena, entry->name, OT_STR("."), OT_STR("")), place->quiet || entry->element);
	return entry->inside;
}

static bool empty_value(const struct ot_member *v)
{
	switch (v->type) {
	case OT_MEMBER_NULL: return true;
	case OT_MEMBER_STRING: return v->text.len == 0 || (v->text.len == 1 && v->text.ptr[0] == '-');
	case OT_MEMBER_OBJECT:
	case OT_MEMBER_ARRAY: return v->raw.ptr != NULL && ot_str_trim(ot_str_sub(v->raw, 1, v->raw.len - 2)).len == 0;
	default: return false;
	}
}

static void extra(struct ot_members *own, struct ot_str name, const struct ot_member *value)
{
	if (empty_value(value) || own->extra_count >= OT_JSON_EXTRAS_MAX)
		return;
	if (!value->rough && value->raw.ptr != NULL) {
		ot_members_extra(own, name, value->raw);
		return;
	}
	struct ot_member copy = *value;
	ot_members_extra(own, name, ot_member_json(&copy, own->arena));
}

static inline bool put(struct ot_members *members, int slot, const struct ot_shape_entry *entry, const struct ot_member *value, bool shared, bool *taken)
{
	*taken = true;
	if (ot_members_has(members, (unsigned)slot)) {
		*taken = false;
		return shared; /* several names may lead here: the first is taken */
	}
	members->values[slot] = *value;
	members->values[slot].name = entry->name;
	ot_members_mark(members, (unsigned)slot);
	return true;
}

bool ot_shape_put(const struct ot_json_target *target, const struct ot_shape_place *place, const struct ot_shape_entry *entry, const struct ot_member *value, bool deep)
{
	const struct ot_node *own = entry->own, *signs = entry->signs;
	bool taken = false;
	if (signs != NULL && signs->slot >= 0 && target->signs != NULL && !put(target->signs, signs->slot, entry, value, signs->shared, &taken))
		return false;
	taken = false;
	if (own != NULL && own->slot >= 0 && !put(target->own, own->slot, entry, value, own->shared, &taken))
		return false;
	bool silent = place->quiet || entry->element || taken || target->own == NULL || !target->own->want_extras || (own != NULL && (own->hidden || own->hides));
	if (!silent && !(deep && value->type == OT_MEMBER_OBJECT))
		extra(target->own, entry->name, value);
	return true;
}
