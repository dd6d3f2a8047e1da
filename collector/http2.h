/* HTTP/2 on one connection (RFC 9113, RFC 7541), from its preface, after an upgrade, or joined in the middle. */
#ifndef OT_COLLECTOR_HTTP2_H
#define OT_COLLECTOR_HTTP2_H

#include "http.h"

struct ot_http2;
/* `client`: which end is the client, -1 where that is not known yet. */
struct ot_http2 *ot_http2_new(const struct ot_flow_ends *ends, int client, ot_http_exchange_fn *emit, void *context, struct ot_http_counts *counts);
/* Whether these bytes, at a place where a frame may begin, are the client's preface or a plausible frame. */
bool ot_http2_is_preface(struct ot_str bytes);
bool ot_http2_looks_like_frame(struct ot_str bytes);
/* Whether these are the first bytes that a server says: settings. */
bool ot_http2_is_server_preface(struct ot_str bytes);
/* How much of the client's preface is still to come, where it is not the whole. */
void ot_http2_preface_left(struct ot_http2 *h2, unsigned bytes);
/* After `Upgrade: h2c`: the request that asked for it is stream 1; taken over. */
void ot_http2_take_upgrade(struct ot_http2 *h2, struct ot_http_message *request, bool done);
void ot_http2_run(struct ot_http2 *h2, int direction, const struct ot_flow_run *run);
void ot_http2_hole(struct ot_http2 *h2, int direction, uint64_t len, int64_t time_ns);
void ot_http2_free(struct ot_http2 *h2, enum ot_flow_end reason, int64_t time_ns); /* emits what is open */
size_t ot_http2_memory(const struct ot_http2 *h2);

#endif
