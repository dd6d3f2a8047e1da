/*
 * The JSON pass: one walk over the bytes of an object that hands out the members a tree asks for; nothing is copied.
 *
 * It takes only what it is certain of. Everything else (escaped names, a name twice in an object that is looked into, more than OT_JSON_DEPTH_MAX levels or OT_JSON_KEYS_MAX
 * members, long numbers, lone surrogates, anything that is not RFC 8259 JSON) is refused, and ot_json_reference decides with jansson, which keeps
 * the last of equal names. Bytes that are not UTF-8 are taken by both: logs have them.
 *
 * Two trees are followed at once: the members of the format that is expected, and those by which all formats are told apart. Names seen before are
 * remembered with what followed them, so that lines of the same shape are recognised name by name with one comparison (the "shape").
 */
#ifndef OT_COLLECTOR_JSON_PASS_H
#define OT_COLLECTOR_JSON_PASS_H

#include "member.h"

enum { OT_JSON_DEPTH_MAX = 32, OT_JSON_KEYS_MAX = 1024, OT_JSON_EXTRAS_MAX = 4096, OT_SHAPE_ENTRIES_MAX = 4096, OT_SHAPE_BUCKETS = 1024 };

struct ot_shape_entry; /* a name seen at a place */
struct ot_shape_place { /* an object or array that is looked into */
	const struct ot_node *own, *signs;
	struct ot_str name; /* its path with a dot at the end; empty at the top */
	struct ot_shape_entry *first;
	bool quiet; /* its members are no extras */
};

/* What one thread remembers of the lines of one format. */
struct ot_shape {
	struct ot_shape_place root;
	struct ot_shape_entry *buckets[OT_SHAPE_BUCKETS];
	struct ot_arena arena;
	uint64_t visits;
	unsigned entries;
};

/* `own` and `signs` may be NULL; slots of the two go to different ot_members. */
void ot_shape_init(struct ot_shape *shape, const struct ot_node *own, const struct ot_node *signs);
void ot_shape_release(struct ot_shape *shape);
/* The place of a node for JSON that stands elsewhere in a line: inside a string, in an element of a list. Lives as long as the shape. */
struct ot_shape_place *ot_shape_place_new(struct ot_shape *shape, const struct ot_node *own, struct ot_str name);

struct ot_json_target {
	struct ot_shape *shape;
	struct ot_shape_place *place;
	struct ot_members *own, *signs;
	bool tolerant; /* \xHH and raw control characters in strings: JSON as Apache's LogFormat makes it */
};
/* False where the text is not taken for certain; what was handed out is then worthless. */
bool ot_json_pass(const struct ot_json_target *target, struct ot_str text);
/* The same by jansson. False where the text is no JSON object. */
bool ot_json_reference(const struct ot_json_target *target, struct ot_str text);

/* The elements of a JSON array, one after the other: text of each; false at the end, `*at` is then past it, or SIZE_MAX where it is no JSON. `*at` starts at 0. */
bool ot_json_element(struct ot_str array, size_t *at, struct ot_str *element);

/* Used by both readers. */
struct ot_shape_entry {
	struct ot_str key, name;
	const struct ot_node *own, *signs;
	const struct ot_shape_place *place_of;
	struct ot_shape_place *inside;
	struct ot_shape_entry *next, *chain;
	uint64_t visit; /* of its object, when it was last met there: twice in one means equal names */
	uint32_t hash;
	bool kept;    /* lives as long as the shape, not only as the line */
	bool element; /* of an array: what is inside is no extra */
};
struct ot_shape_entry *ot_shape_element_of(const struct ot_json_target *target, struct ot_shape_place *place, int index);
struct ot_shape_entry *ot_shape_entry_of(const struct ot_json_target *target, struct ot_shape_place *place, struct ot_str key);
struct ot_shape_place *ot_shape_inside(const struct ot_json_target *target, struct ot_shape_place *place, struct ot_shape_entry *entry);
/* Files a value under its entry: slots and extras. False: an equal name was there already. `deep`: its parts were handed out one by one. */
bool ot_shape_put(const struct ot_json_target *target, const struct ot_shape_place *place, const struct ot_shape_entry *entry, const struct ot_member *value, bool deep);

#endif
