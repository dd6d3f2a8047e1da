/* collector: which source a file is. See source.h. */
#include "source_registry.h"
#include <stdlib.h>
#include <string.h>

enum { TRIES_OF_KEY_MAX = 1000 };

static struct ot_str before(struct ot_str text, uint64_t offset)
{
	size_t len = offset < OT_ANCHOR_LEN ? (size_t)offset : OT_ANCHOR_LEN;
	return ot_str_sub(text, (size_t)offset - len, len);
}

static enum ot_status load_anchors(struct ot_registry *registry, struct ot_tracked *tracked, struct ot_err *err)
{
	if (tracked->anchors_loaded || tracked->source.id == 0)
		return OT_OK;
	struct ot_anchor *anchors;
	size_t count;
	struct ot_arena arena = { 0 };
	enum ot_status status = ot_store_anchors(registry->store, tracked->source.id, &anchors, &count, &arena, err);
	for (size_t i = 0; status == OT_OK && i < count; i++)
		ot_tracked_put_anchor(tracked, anchors[i], true);
	tracked->anchors_loaded = status == OT_OK;
	ot_arena_release(&arena);
	return status;
}

/* What a comparison of an input with a source found. */
struct comparison {
	bool differs;	 /* they are not the same */
	uint64_t proved; /* the last anchor that agreed, or the head */
	bool ended;	 /* the input ended before the position */
};

static void compare_probe(const struct ot_tracked *tracked, struct ot_str probe, struct comparison *found)
{
	const struct ot_source *s = &tracked->source;
	if (probe.len >= s->head_len) {
		found->differs = s->head_len == 0 || ot_hash(probe.ptr, s->head_len) != s->head_hash;
		found->proved = s->head_len;
	}
	for (size_t i = 0; i < tracked->anchor_count && !found->differs; i++) {
		const struct ot_anchor *anchor = &tracked->anchors[i];
		if (anchor->offset > probe.len || anchor->offset > s->position)
			continue;
		struct ot_str bytes = before(probe, anchor->offset);
		found->differs = ot_hash(bytes.ptr, bytes.len) != anchor->hash;
		if (anchor->offset > found->proved)
			found->proved = anchor->offset;
	}
}

/* Reads the input up to `offset` with `window` holding (at least) the OT_ANCHOR_LEN bytes before it. */
static enum ot_status read_window(struct ot_input *input, uint64_t *at, uint64_t offset, struct ot_buf *window, struct ot_err *err)
{
	uint64_t from = offset < OT_ANCHOR_LEN ? 0 : offset - OT_ANCHOR_LEN;
	enum ot_status status = OT_OK;
	if (from > *at) {
		ot_buf_clear(window);
		status = ot_input_skip(input, from, err);
		*at = from;
	}
	while (status == OT_OK && *at < offset) {
		size_t before_read = window->len;
		status = ot_input_read(input, window, (size_t)(offset - *at), err);
		*at += window->len - before_read;
	}
	return status;
}

/* Anchors beyond the probe, by reading; the input ends up at the position. The end of the input is not a failure, a read error is. */
static enum ot_status compare_rest(const struct ot_tracked *tracked, struct ot_input *input, struct comparison *found, struct ot_tail *tail, struct ot_err *err)
{
	struct ot_buf window = { 0 };
	uint64_t at = 0, position = tracked->source.position;
	size_t probed = ot_input_probe(input).len;
	enum ot_status status = ot_input_rewind(input, err);
	for (size_t i = 0; i < tracked->anchor_count && status == OT_OK && !found->differs; i++) {
		const struct ot_anchor *anchor = &tracked->anchors[i];
		if (anchor->offset > position || (anchor->offset <= probed && anchor->offset != position))
			continue;
		status = read_window(input, &at, anchor->offset, &window, err);
		if (status != OT_OK)
			break;
		struct ot_str bytes = before(ot_buf_str(&window), window.len < OT_ANCHOR_LEN ? anchor->offset : window.len);
		found->differs = ot_hash(bytes.ptr, bytes.len) != anchor->hash;
		found->proved = anchor->offset;
		memcpy(tail->bytes, bytes.ptr, bytes.len);
		tail->len = anchor->offset == position ? bytes.len : 0;
	}
	if (status == OT_OK && !found->differs)
		status = ot_input_skip(input, position, err);
	ot_buf_release(&window);
	found->ended = status == OT_END || status == OT_CORRUPT;
	return found->ended ? OT_OK : status;
}

/* A few bytes prove little: a file that goes on differently from another one which is still there is not that one's continuation. */
static bool is_too_weak(const struct ot_tracked *tracked, const struct ot_input *input, const char *path)
{
	return tracked->source.position < OT_ANCHOR_LEN && ot_input_probe(input).len > tracked->source.position &&
	       !ot_str_eq(tracked->source.path, ot_str_from(path)) && ot_tracked_is_there(tracked);
}

static enum ot_status compare(struct ot_registry *registry, struct ot_tracked *tracked, struct ot_input *input, const char *path,
    struct comparison *found, struct ot_err *err)
{
	struct ot_tail tail = { .len = 0 };
	memset(found, 0, sizeof(*found));
	enum ot_status status = load_anchors(registry, tracked, err);
	if (status != OT_OK)
		return status;
	compare_probe(tracked, ot_input_probe(input), found);
	if (found->differs || found->proved == 0 || is_too_weak(tracked, input, path)) {
		found->differs = true;
		return OT_OK;
	}
	status = compare_rest(tracked, input, found, &tail, err);
	if (status == OT_OK && !found->differs && !found->ended)
		tracked->tail = tail;
	return status;
}

/* Ten letters and digits that a person can read out: 50 bits in Crockford's base 32. */
static void key_of(uint64_t hash, char key[11])
{
	static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
	for (int i = 0; i < 10; i++)
		key[i] = digits[hash >> (59 - 5 * i) & 31];
	key[10] = 0;
}

void ot_source_key(struct ot_str head, char key[11]) { key_of(ot_hash(head.ptr, head.len), key); }

static struct ot_str free_key(struct ot_registry *registry, const struct ot_input *input)
{
	struct ot_str head = ot_input_head(input), probe = ot_input_probe(input);
	char key[11];
	ot_source_key(head, key);
	for (uint64_t i = 0; ot_registry_find_key(registry, ot_str_from(key)) != NULL && i < TRIES_OF_KEY_MAX; i++)
		key_of(ot_hash(probe.ptr, probe.len) + i * 0x9e3779b97f4a7c15u, key);
	return ot_arena_str(&registry->arena, ot_str_from(key));
}

static struct ot_tracked *add_new(struct ot_registry *registry, const struct ot_input *input)
{
	struct ot_str head = ot_input_head(input);
	struct ot_source source = {
		.key = free_key(registry, input),
		.path = OT_STR(""),
		.origin = OT_STR(""),
		.format = OT_STR(""),
		.zone = OT_STR(""),
		.head_len = head.len,
		.head_hash = ot_hash(head.ptr, head.len),
		.time_first = OT_TIME_MAX,
		.time_last = OT_TIME_MIN,
		.cut_at = -1,
	};
	return ot_registry_add(registry, &source);
}

/* The candidate that the input agrees with, the one read farthest first; or else one that it agrees with as far as it goes. NULL: none. */
static enum ot_status find_agreeing(struct ot_registry *registry, struct ot_tracked *const *candidates, size_t count,
    struct ot_input *input, const char *path, struct ot_tracked **out, bool *shorter, struct ot_err *err)
{
	uint64_t proved = 0;
	*out = NULL;
	*shorter = false;
	for (size_t i = 0; i < count; i++) {
		struct comparison found;
		enum ot_status status = compare(registry, candidates[i], input, path, &found, err);
		if (status != OT_OK)
			return status;
		if (found.differs || (found.ended && found.proved <= proved))
			continue;
		*out = candidates[i];
		*shorter = found.ended;
		proved = found.proved;
		if (!found.ended)
			break;
	}
	return OT_OK;
}

enum ot_status ot_registry_identify(struct ot_registry *registry, struct ot_input *input, const char *path,
    struct ot_tracked **out, enum ot_verdict *verdict, struct ot_err *err)
{
	struct ot_tracked **candidates;
	bool shorter;
	size_t count = ot_registry_find_head(registry, ot_input_head(input), &candidates);
	struct ot_tracked *there = ot_registry_find_path(registry, ot_str_from(path));
	if (there != NULL)
		candidates[count++] = there; /* a truncated file may be shorter than its old head */
	enum ot_status status = find_agreeing(registry, candidates, count, input, path, out, &shorter, err);
	free(candidates);
	*verdict = *out == NULL ? OT_FILE_NEW : shorter ? OT_FILE_SHORTER : OT_FILE_KNOWN;
	if (status != OT_OK || *out != NULL)
		return status;
	status = ot_input_rewind(input, err);
	if (status == OT_OK)
		*out = add_new(registry, input);
	return status;
}
