/* Small files of ours (links, quarantine): a header with two numbers, then compressed frames, every byte under a checksum. docs/CATALOG.md has the bytes. */
#ifndef OT_STORE_SEALED_H
#define OT_STORE_SEALED_H

#include <base/buf.h>
#include <base/cursor.h>
#include <base/err.h>

enum { OT_SEALED_VERSION = 1, OT_SEALED_MAGIC_LEN = 8, OT_SEALED_FRAME_MAX = 1 << 28 /* bytes, unpacked */ };

/* `magic` has OT_SEALED_MAGIC_LEN bytes. */
void ot_sealed_header_put(struct ot_buf *out, const char *magic, uint64_t first, uint64_t second);
void ot_sealed_frame_put(struct ot_buf *out, struct ot_str raw);

/* OT_CORRUPT or OT_VERSION with `path` in the words. */
enum ot_status ot_sealed_header_get(struct ot_cursor *c, const char *magic, uint64_t *first, uint64_t *second, const char *path, struct ot_err *err);
/* Unpacks into `raw`, which is cleared first. After a frame whose content is damaged the cursor stands behind it, unless its length is. */
enum ot_status ot_sealed_frame_get(struct ot_cursor *c, struct ot_buf *raw, const char *path, struct ot_err *err);

#endif
