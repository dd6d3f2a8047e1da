/* Zstandard with contexts kept: one a thread, made at first use and freed at its end. */
#ifndef OT_STORE_ZSTD_H
#define OT_STORE_ZSTD_H

#include <base/buf.h>

/* Appends a frame. */
void ot_zstd_put(struct ot_buf *out, struct ot_str bytes, int level);
/* Exactly `len` bytes come out, or it is false. */
bool ot_zstd_get(void *out, size_t len, struct ot_str frame);

#endif
