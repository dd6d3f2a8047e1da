/* The registry from the inside, for source_identity.c. */
#ifndef OT_COLLECTOR_SOURCE_REGISTRY_H
#define OT_COLLECTOR_SOURCE_REGISTRY_H

#include "source.h"
#include <base/intern.h>

struct ot_registry {
	struct ot_store *store;
	struct ot_tracked **items;
	size_t count, cap;
	struct ot_intern keys;	/* code is the number of the source */
	struct ot_intern paths; /* code -> by_path */
	uint32_t *by_path, path_cap;
	uint32_t *buckets, bucket_mask; /* by head: number + 1 of the first */
	bool head_lens[OT_HEAD_MAX + 1]; /* lengths of heads that there are */
	struct ot_arena arena;
};

struct ot_tracked *ot_registry_add(struct ot_registry *registry, const struct ot_source *source);
void ot_registry_seen_path(struct ot_registry *registry, struct ot_tracked *tracked);
/* Sources whose head is a beginning of `head`, those read farthest first. The array is the caller's to free and has room for one more. */
size_t ot_registry_find_head(struct ot_registry *registry, struct ot_str head, struct ot_tracked ***out);
/* The file where it was last seen is still that file. */
bool ot_tracked_is_there(const struct ot_tracked *tracked);
void ot_tracked_put_anchor(struct ot_tracked *tracked, struct ot_anchor anchor, bool stored);

#endif
