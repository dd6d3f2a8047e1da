/* collector: every source by its key, its path and its first bytes. See source.h; which of them a file is, is decided in source_identity.c. */
#include "source_registry.h"
#include <base/intern.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t bucket_of(const struct ot_registry *registry, uint64_t head_len, uint64_t head_hash)
{
	return (uint32_t)(head_hash ^ head_len * 0x9e3779b97f4a7c15u) & registry->bucket_mask;
}

static void link_head(struct ot_registry *registry, struct ot_tracked *tracked)
{
	uint32_t *bucket = &registry->buckets[bucket_of(registry, tracked->source.head_len, tracked->source.head_hash)];
	tracked->next_by_head = *bucket;
	*bucket = tracked->number + 1;
}

static void grow_buckets(struct ot_registry *registry)
{
	uint32_t size = registry->bucket_mask == 0 ? 256 : (registry->bucket_mask + 1) * 2;
	free(registry->buckets);
	registry->buckets = ot_alloc_zero(size, sizeof(*registry->buckets));
	registry->bucket_mask = size - 1;
	for (size_t i = 0; i < registry->count; i++)
		link_head(registry, registry->items[i]);
}

void ot_registry_seen_path(struct ot_registry *registry, struct ot_tracked *tracked)
{
	bool is_new;
	uint32_t code = ot_intern_put(&registry->paths, tracked->source.path, &is_new);
	if (code >= registry->path_cap) {
		registry->path_cap = code < 64 ? 128 : code * 2;
		registry->by_path = ot_realloc(registry->by_path, registry->path_cap * sizeof(*registry->by_path));
	}
	registry->by_path[code] = tracked->number;
}

struct ot_tracked *ot_registry_add(struct ot_registry *registry, const struct ot_source *source)
{
	struct ot_tracked *tracked = ot_arena_zero(&registry->arena, 1, sizeof(*tracked));
	if (registry->count == registry->cap) {
		registry->cap = registry->cap == 0 ? 64 : registry->cap * 2;
		registry->items = ot_realloc(registry->items, registry->cap * sizeof(struct ot_tracked *));
	}
	tracked->source = *source;
	tracked->number = (uint32_t)registry->count;
	tracked->lines_read = tracked->was_lines = source->lines;
	tracked->was_records = source->records;
	tracked->was_ignored = source->ignored;
	tracked->was_quarantined = source->quarantined;
	registry->items[registry->count++] = tracked;
	ot_intern_put(&registry->keys, source->key, NULL);
	if (source->head_len <= OT_HEAD_MAX)
		registry->head_lens[source->head_len] = true;
	if (registry->count > registry->bucket_mask)
		grow_buckets(registry);
	else
		link_head(registry, tracked);
	if (source->path.len > 0)
		ot_registry_seen_path(registry, tracked);
	return tracked;
}

/* Sources come by id; of two with one path the one seen last is the one that is there. */
static void add_stored(struct ot_registry *registry, const struct ot_snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->source_count; i++) {
		struct ot_source source = snapshot->sources[i];
		source.key = ot_arena_str(&registry->arena, source.key);
		source.path = ot_arena_str(&registry->arena, source.path);
		source.origin = ot_arena_str(&registry->arena, source.origin);
		source.format = ot_arena_str(&registry->arena, source.format);
		source.zone = ot_arena_str(&registry->arena, source.zone);
		struct ot_tracked *other = ot_registry_find_path(registry, source.path);
		ot_registry_add(registry, &source);
		if (other != NULL && other->source.seen_time > source.seen_time)
			ot_registry_seen_path(registry, other);
	}
}

enum ot_status ot_registry_open(struct ot_registry **out, struct ot_store *store, struct ot_err *err)
{
	struct ot_registry *registry = ot_alloc_zero(1, sizeof(*registry));
	enum ot_status status = OT_OK;
	registry->store = store;
	grow_buckets(registry);
	if (store != NULL) {
		struct ot_snapshot snapshot = { 0 };
		status = ot_snapshot_open(&snapshot, store, 0, err);
		if (status == OT_OK)
			add_stored(registry, &snapshot);
		ot_snapshot_release(&snapshot);
	}
	if (status != OT_OK) {
		ot_registry_close(registry);
		registry = NULL;
	}
	*out = registry;
	return status;
}

void ot_registry_close(struct ot_registry *registry)
{
	if (registry == NULL)
		return;
	for (size_t i = 0; i < registry->count; i++) {
		free(registry->items[i]->anchors);
		free(registry->items[i]->stored);
	}
	ot_intern_release(&registry->keys);
	ot_intern_release(&registry->paths);
	ot_arena_release(&registry->arena);
	free(registry->items);
	free(registry->buckets);
	free(registry->by_path);
	free(registry);
}

size_t ot_registry_count(const struct ot_registry *registry) { return registry->count; }
struct ot_tracked *ot_registry_at(struct ot_registry *registry, size_t number) { return registry->items[number]; }
struct ot_arena *ot_registry_arena(struct ot_registry *registry) { return &registry->arena; }

struct ot_tracked *ot_registry_find_key(struct ot_registry *registry, struct ot_str key)
{
	uint32_t code = ot_intern_find(&registry->keys, key);
	return code == UINT32_MAX ? NULL : registry->items[code];
}

struct ot_tracked *ot_registry_find_path(struct ot_registry *registry, struct ot_str path)
{
	uint32_t code = ot_intern_find(&registry->paths, path);
	return code == UINT32_MAX ? NULL : registry->items[registry->by_path[code]];
}

static int longest_first(const void *a, const void *b)
{
	const struct ot_tracked *x = *(struct ot_tracked *const *)a, *y = *(struct ot_tracked *const *)b;
	if (x->source.position != y->source.position)
		return x->source.position < y->source.position ? 1 : -1;
	return (x->number > y->number) - (x->number < y->number);
}

size_t ot_registry_find_head(struct ot_registry *registry, struct ot_str head, struct ot_tracked ***out)
{
	size_t count = 0, cap = 16;
	*out = ot_alloc(cap * sizeof(struct ot_tracked *));
	for (size_t len = 1; len <= head.len && len <= OT_HEAD_MAX; len++) {
		if (!registry->head_lens[len])
			continue;
		uint64_t hash = ot_hash(head.ptr, len);
		for (uint32_t at = registry->buckets[bucket_of(registry, len, hash)]; at != 0; at = registry->items[at - 1]->next_by_head) {
			struct ot_tracked *tracked = registry->items[at - 1];
			if (tracked->source.head_len != len || tracked->source.head_hash != hash)
				continue;
			if (count + 1 == cap)
				*out = ot_realloc(*out, (cap *= 2) * sizeof(struct ot_tracked *));
			(*out)[count++] = tracked;
		}
	}
	qsort(*out, count, sizeof(struct ot_tracked *), longest_first);
	return count;
}

/* --- one source --- */

static bool same_file(const struct ot_source *source, const struct stat *stat)
{
	return source->file_dev == (uint64_t)stat->st_dev && source->file_ino == (uint64_t)stat->st_ino;
}

static uint64_t mtime_of(const struct stat *stat) { return (uint64_t)stat->st_mtim.tv_sec * 1000000000u + (uint64_t)stat->st_mtim.tv_nsec; }

struct ot_tracked *ot_registry_unchanged(struct ot_registry *registry, const char *path, const struct stat *stat)
{
	struct ot_tracked *tracked = ot_registry_find_path(registry, ot_str_from(path));
	if (tracked == NULL || !S_ISREG(stat->st_mode) || !same_file(&tracked->source, stat))
		return NULL;
	const struct ot_source *s = &tracked->source;
	bool same = s->file_size == (uint64_t)stat->st_size && s->file_mtime_ns == mtime_of(stat);
	return same && s->position == s->size && s->cut_at < 0 ? tracked : NULL;
}

bool ot_tracked_is_there(const struct ot_tracked *tracked)
{
	struct stat now;
	char path[4096];
	if (tracked->source.path.len >= sizeof(path))
		return false;
	snprintf(path, sizeof(path), "%.*s", OT_STR_ARGS(tracked->source.path));
	return stat(path, &now) == 0 && same_file(&tracked->source, &now);
}

void ot_tracked_seen_at(struct ot_registry *registry, struct ot_tracked *tracked, const char *path, const struct stat *stat, bool adds)
{
	struct ot_source *s = &tracked->source;
	bool same_path = ot_str_eq(s->path, ot_str_from(path));
	if (!adds && !same_path && ot_tracked_is_there(tracked))
		return;
	if (same_path && same_file(s, stat) && s->file_size == (uint64_t)stat->st_size && s->file_mtime_ns == mtime_of(stat) && !adds)
		return;
	s->path = ot_arena_str(&registry->arena, ot_str_from(path));
	s->file_dev = (uint64_t)stat->st_dev;
	s->file_ino = (uint64_t)stat->st_ino;
	s->file_size = (uint64_t)stat->st_size;
	s->file_mtime_ns = mtime_of(stat);
	tracked->changed = true;
	ot_registry_seen_path(registry, tracked);
}

void ot_tracked_put_anchor(struct ot_tracked *tracked, struct ot_anchor anchor, bool stored)
{
	if (tracked->anchor_count == tracked->anchor_cap) {
		tracked->anchor_cap = tracked->anchor_cap == 0 ? 8 : tracked->anchor_cap * 2;
		tracked->anchors = ot_realloc(tracked->anchors, tracked->anchor_cap * sizeof(*tracked->anchors));
		tracked->stored = ot_realloc(tracked->stored, tracked->anchor_cap * sizeof(*tracked->stored));
	}
	size_t at = tracked->anchor_count;
	while (at > 0 && tracked->anchors[at - 1].offset > anchor.offset)
		at--;
	if (at > 0 && tracked->anchors[at - 1].offset == anchor.offset)
		return;
	size_t after = tracked->anchor_count++ - at;
	memmove(&tracked->anchors[at + 1], &tracked->anchors[at], after * sizeof(*tracked->anchors));
	memmove(&tracked->stored[at + 1], &tracked->stored[at], after * sizeof(*tracked->stored));
	tracked->anchors[at] = anchor;
	tracked->stored[at] = stored;
	if (anchor.offset > tracked->last_anchor)
		tracked->last_anchor = anchor.offset;
}

/* Anchors stand close together at the beginning, where files that look alike part, and far apart later. */
static uint64_t next_place(uint64_t offset)
{
	if (offset < 64)
		return 64;
	if (offset < 512)
		return (offset / 64 < 2 ? 2 : offset / 64 < 4 ? 4 : 8) * 64;
	if (offset < 4096)
		return (offset / 512 + 1) * 512;
	for (uint64_t place = 8192; place < OT_CHUNK_BYTES; place *= 2)
		if (place > offset)
			return place;
	return UINT64_MAX;
}

static void anchors_within(struct ot_tracked *tracked, struct ot_str bytes)
{
	uint64_t from = tracked->source.position;
	for (uint64_t at = next_place(from); at <= from + bytes.len; at = next_place(at)) {
		uint64_t len = at < OT_ANCHOR_LEN ? at : OT_ANCHOR_LEN;
		if (at >= from + len)
			ot_tracked_put_anchor(tracked, (struct ot_anchor){ at, ot_hash(bytes.ptr + (at - from - len), len) }, false);
	}
}

static void anchor_here(struct ot_tracked *tracked)
{
	uint64_t at = tracked->source.position;
	if (tracked->last_anchor < at && tracked->tail.len == (at < OT_ANCHOR_LEN ? at : OT_ANCHOR_LEN))
		ot_tracked_put_anchor(tracked, (struct ot_anchor){ at, ot_hash(tracked->tail.bytes, tracked->tail.len) }, false);
}

static void tail_put(struct ot_tail *tail, struct ot_str bytes)
{
	if (bytes.len >= OT_ANCHOR_LEN) {
		memcpy(tail->bytes, bytes.ptr + bytes.len - OT_ANCHOR_LEN, OT_ANCHOR_LEN);
		tail->len = OT_ANCHOR_LEN;
		return;
	}
	size_t keep = OT_ANCHOR_LEN - bytes.len < tail->len ? OT_ANCHOR_LEN - bytes.len : tail->len;
	memmove(tail->bytes, tail->bytes + tail->len - keep, keep);
	memcpy(tail->bytes + keep, bytes.ptr, bytes.len);
	tail->len = keep + bytes.len;
}

void ot_tracked_advance(struct ot_tracked *tracked, const struct ot_chunk *chunk)
{
	if (chunk->cut) {
		tracked->tail.len = 0;
	} else {
		anchors_within(tracked, ot_buf_str(&chunk->bytes));
		tail_put(&tracked->tail, ot_buf_str(&chunk->bytes));
	}
	tracked->source.position += chunk->length;
	tracked->lines_read += chunk->lines;
	tracked->changed = true;
	if (tracked->source.position - tracked->last_anchor >= OT_CHUNK_BYTES / 2)
		anchor_here(tracked);
}

size_t ot_tracked_new_anchors(struct ot_tracked *tracked, struct ot_arena *arena, struct ot_anchor **out)
{
	size_t count = 0;
	anchor_here(tracked);
	*out = ot_arena_alloc(arena, (tracked->anchor_count + 1) * sizeof(**out));
	for (size_t i = 0; i < tracked->anchor_count; i++)
		if (!tracked->stored[i] && tracked->anchors[i].offset <= tracked->source.position)
			(*out)[count++] = tracked->anchors[i];
	return count;
}

void ot_tracked_anchors_stored(struct ot_tracked *tracked)
{
	for (size_t i = 0; i < tracked->anchor_count; i++)
		tracked->stored[i] |= tracked->anchors[i].offset <= tracked->source.position;
}
