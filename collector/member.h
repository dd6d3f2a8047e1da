/*
 * Members: what a line is taken apart into, whatever its form: JSON members by path, groups of a pattern, keys of key=value pairs.
 *
 * A format names the members it wants as paths; they are compiled into a tree, whose leaves are slots. Reading a line fills slots, and everything
 * that was not wanted becomes an extra. A path is names with dots between them: `request.headers.user-agent`, `tries[-1].ip` (last element),
 * `a[0]`, `a[*]` (first element that has it), `ai.*.meta` (any name), `'gen_ai.request.model'.x` (a name with dots), `rpc[].method` (of each element).
 */
#ifndef OT_COLLECTOR_MEMBER_H
#define OT_COLLECTOR_MEMBER_H

#include "draft.h"
#include <base/err.h>

enum { OT_SLOTS_MAX = 1024, OT_PATH_PARTS_MAX = 16, OT_KEY_FOLD_MAX = 64 };

enum ot_member_type { OT_MEMBER_NONE, OT_MEMBER_STRING, OT_MEMBER_NUMBER, OT_MEMBER_TRUE, OT_MEMBER_FALSE, OT_MEMBER_NULL, OT_MEMBER_OBJECT, OT_MEMBER_ARRAY };
enum ot_escapes { OT_ESCAPES_NONE, OT_ESCAPES_JSON, OT_ESCAPES_C, OT_ESCAPES_HASH };

struct ot_member {
	struct ot_str text; /* what it says: a string without quotes, see `escapes`; others as written */
	struct ot_str raw;  /* as written in JSON, with quotes; absent where the line is no JSON */
	struct ot_str name; /* its path in this line */
	uint8_t type;
	uint8_t escapes; /* how `text` is still escaped */
	bool used;	 /* a field was made of it */
	bool rough;	 /* `raw` holds white space, or bytes that are not UTF-8, or loose escapes: not to be handed on as it is */
};

struct ot_node_index {
	int index; /* -1: last, OT_INDEX_ANY: first that has it */
	struct ot_node *node;
};
enum { OT_INDEX_LAST = -1, OT_INDEX_ANY = -2 };

struct ot_node {
	struct ot_str key;
	int slot;	/* -1: nothing is wanted of it itself */
	bool fold;	/* names below are compared without case, '-', '_' and '.' */
	bool hidden;	/* content or dropped: never an extra, nor anything below it */
	bool hides;	/* something below is hidden */
	bool shared;	/* several names of a line may lead here: the first is taken */
	struct ot_node **kids; /* sorted by length and bytes once frozen */
	unsigned kid_count, kid_cap;
	struct ot_node *any, *each;
	struct ot_node_index *elements;
	unsigned element_count;
};

struct ot_tree {
	struct ot_node root;
	unsigned slots;
	struct ot_arena *arena; /* of the nodes */
};

/* The place of `path`, made where it is not there yet; NULL and `err` for a path that is none. */
struct ot_node *ot_tree_node(struct ot_tree *tree, struct ot_str path, struct ot_err *err);
/* The same with a slot; -1 and `err`. */
int ot_tree_slot(struct ot_tree *tree, struct ot_str path, struct ot_err *err);
void ot_tree_init(struct ot_tree *tree, struct ot_arena *arena);
void ot_tree_freeze(struct ot_tree *tree); /* after the last path: sorts, and computes what is inherited */
const struct ot_node *ot_node_kid(const struct ot_node *node, struct ot_str key); /* by name, then by `*`; NULL */
const struct ot_node *ot_node_element(const struct ot_node *node, int index);	   /* NULL */
bool ot_node_deep(const struct ot_node *node); /* anything wanted below */

/* What one line gave. */
struct ot_members {
	struct ot_member *values;
	uint64_t present[OT_SLOTS_MAX / 64];
	struct ot_extra *extras;
	size_t extra_count, extra_cap;
	bool want_extras;
	struct ot_arena *arena; /* of the line */
	void *match_data;	/* PCRE2's, of the thread: for tests */
	void *match_context;
};
void ot_members_init(struct ot_members *members, unsigned slots, struct ot_arena *line);
void ot_members_release(struct ot_members *members);
void ot_members_clear(struct ot_members *members);
static inline bool ot_members_has(const struct ot_members *m, unsigned slot) { return m->present[slot >> 6] >> (slot & 63) & 1; }
static inline void ot_members_mark(struct ot_members *m, unsigned slot) { m->present[slot >> 6] |= UINT64_C(1) << (slot & 63); }
static inline void ot_members_unset(struct ot_members *m, unsigned slot) { m->present[slot >> 6] &= ~(UINT64_C(1) << (slot & 63)); }
bool ot_members_any_below(const struct ot_members *members, const struct ot_node *node);
void ot_members_unset_below(struct ot_members *members, const struct ot_node *node);
void ot_members_extra(struct ot_members *members, struct ot_str name, struct ot_str json);
/* A text that no slot wants, as an extra. */
void ot_members_extra_text(struct ot_members *members, struct ot_str name, struct ot_str text);

/* A member's text with escapes undone (once: it is kept). */
struct ot_str ot_member_text(struct ot_member *member, struct ot_arena *arena);
/* A member as compact, valid JSON. */
struct ot_str ot_member_json(struct ot_member *member, struct ot_arena *arena);

#endif
