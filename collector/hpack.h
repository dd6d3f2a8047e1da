/*
 * HPACK (RFC 7541), decoding one direction of a connection, also one whose beginning was not seen.
 *
 * Indexes count from the newest entry, so a table whose oldest entries are unknown still resolves every reference to what was inserted since.
 * A reference beyond that is unknown, never guessed. After a hole that may have hidden a header block the whole window is unknown again.
 */
#ifndef OT_COLLECTOR_HPACK_H
#define OT_COLLECTOR_HPACK_H

#include <base/buf.h>

struct ot_hpack;
/* `joined`: the connection's beginning was not seen. */
struct ot_hpack *ot_hpack_new(bool joined);
void ot_hpack_free(struct ot_hpack *hpack); /* NULL is fine */
size_t ot_hpack_memory(const struct ot_hpack *hpack);
/* Forgets the window: blocks may have been missed. */
void ot_hpack_lose(struct ot_hpack *hpack);

/* A field; name or value absent where they are unknown. Texts live until the function returns. */
typedef void ot_hpack_field_fn(void *context, struct ot_str name, struct ot_str value);
/* Decodes a whole header block. False where it breaks off or is no HPACK: what came before was given; the window is forgotten. */
bool ot_hpack_decode(struct ot_hpack *hpack, struct ot_str block, ot_hpack_field_fn *fn, void *context);

#endif
