/* pcapng, block by block, several sections and interfaces of any link type. */
#ifndef OT_COLLECTOR_CAPTURE_NG_H
#define OT_COLLECTOR_CAPTURE_NG_H

#include "capture.h"

/* Gives up to `len` bytes; fewer only at the end. */
typedef size_t ot_take_fn(void *context, void *to, size_t len);
struct ot_capture_ng;
struct ot_capture_ng *ot_capture_ng_new(ot_take_fn *take, void *context);
void ot_capture_ng_free(struct ot_capture_ng *ng); /* NULL is fine */
/* All but `number` of the packet. OT_CORRUPT without words: the caller knows the place. */
enum ot_status ot_capture_ng_next(struct ot_capture_ng *ng, struct ot_captured *out, struct ot_err *err);
uint64_t ot_capture_ng_dropped(const struct ot_capture_ng *ng);

#endif
