#include "sealed.h"

#include "zstd.h"

#include <base/str.h>
#include <string.h>

enum { LEVEL = 3, CHECKSUM_LEN = 8, LENGTHS_LEN = 8 };

static void checksum_put(struct ot_buf *out, size_t from)
{
	if (!out->overflow)
		ot_buf_u64(out, ot_hash(out->data + from, out->len - from));
}

void ot_sealed_header_put(struct ot_buf *out, const char *magic, uint64_t first, uint64_t second)
{
	size_t from = out->len;

	ot_buf_put(out, magic, OT_SEALED_MAGIC_LEN);
	ot_buf_u32(out, OT_SEALED_VERSION);
	ot_buf_u32(out, 0);
	ot_buf_u64(out, first);
	ot_buf_u64(out, second);
	checksum_put(out, from);
}

/* Both lengths are under a checksum of their own, so that a damaged frame does not take those after it along. */
void ot_sealed_frame_put(struct ot_buf *out, struct ot_str raw)
{
	struct ot_buf packed = { 0 };
	size_t from = out->len;

	ot_zstd_put(&packed, raw, LEVEL);
	ot_buf_u32(out, (uint32_t)raw.len);
	ot_buf_u32(out, (uint32_t)packed.len);
	checksum_put(out, from);
	from = out->len;
	ot_buf_str_put(out, ot_buf_str(&packed));
	checksum_put(out, from);
	ot_buf_release(&packed);
}

static bool checksum_fits(struct ot_cursor *c, struct ot_str bytes)
{
	uint64_t stored = ot_cursor_u64(c);

	return !c->failed && stored == ot_hash(bytes.ptr, bytes.len);
}

enum ot_status ot_sealed_header_get(struct ot_cursor *c, const char *magic, uint64_t *first, uint64_t *second, const char *path, struct ot_err *err)
{
	const uint8_t *start = c->at;
	struct ot_str found = ot_cursor_bytes(c, OT_SEALED_MAGIC_LEN);
	uint32_t version = ot_cursor_u32(c), flags = ot_cursor_u32(c);

	*first = ot_cursor_u64(c);
	*second = ot_cursor_u64(c);
	if (c->failed || memcmp(found.ptr, magic, OT_SEALED_MAGIC_LEN) != 0)
		return ot_err_set(err, OT_CORRUPT, "%s: its beginning is damaged", path);
	if (!checksum_fits(c, (struct ot_str){ (const char *)start, (size_t)(c->at - start) }))
		return ot_err_set(err, OT_CORRUPT, "%s: the checksum of its header differs", path);
	if (version != OT_SEALED_VERSION || flags != 0)
		return ot_err_set(err, OT_VERSION, "%s was written by a newer onetrail (version %u)", path, version);
	return OT_OK;
}

static enum ot_status lengths_get(struct ot_cursor *c, size_t *raw_len, size_t *packed_len, const char *path, struct ot_err *err)
{
	const uint8_t *start = c->at;

	if (ot_cursor_left(c) < LENGTHS_LEN + CHECKSUM_LEN)
		return ot_err_set(err, OT_CORRUPT, "%s is cut", path);
	*raw_len = ot_cursor_u32(c);
	*packed_len = ot_cursor_u32(c);
	if (!checksum_fits(c, (struct ot_str){ (const char *)start, LENGTHS_LEN }))
		return ot_err_set(err, OT_CORRUPT, "%s: the checksum of a frame's lengths differs", path);
	if (*raw_len > OT_SEALED_FRAME_MAX)
		return ot_err_set(err, OT_CORRUPT, "%s: a frame of %zu bytes is past the limit", path, *raw_len);
	return OT_OK;
}

enum ot_status ot_sealed_frame_get(struct ot_cursor *c, struct ot_buf *raw, const char *path, struct ot_err *err)
{
	size_t raw_len = 0, packed_len = 0;
	enum ot_status status = lengths_get(c, &raw_len, &packed_len, path, err);
	struct ot_str packed;
	char *to;

	ot_buf_clear(raw);
	if (status != OT_OK) {
		c->at = c->end;
		return status;
	}
	packed = ot_cursor_bytes(c, packed_len);
	if (packed.ptr == NULL) {
		c->at = c->end;
		return ot_err_set(err, OT_CORRUPT, "%s is cut", path);
	}
	if (!checksum_fits(c, packed))
		return ot_err_set(err, OT_CORRUPT, "%s: the checksum of a frame differs", path);
	to = ot_buf_reserve(raw, raw_len + 1);
	if (to == NULL || !ot_zstd_get(to, raw_len, packed))
		return ot_err_set(err, OT_CORRUPT, "%s: a frame cannot be unpacked", path);
	raw->len = raw_len;
	return OT_OK;
}
