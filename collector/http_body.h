/*
 * What the bodies of an exchange say of AI and MCP: model, tokens, tool, method, session, errors inside a 200. From JSON and server-sent events of bounded
 * size; the bodies themselves are not kept. Shapes: OpenAI chat, responses and embeddings; Anthropic messages; Gemini; Bedrock converse; JSON-RPC 2.0 (MCP).
 */
#ifndef OT_COLLECTOR_HTTP_BODY_H
#define OT_COLLECTOR_HTTP_BODY_H

#include "http.h"

/* Sets fields of the draft's record; texts are copied to the arena. */
void ot_http_read_bodies(struct ot_draft *draft, const struct ot_http_exchange *exchange, struct ot_arena *arena);

/* A body with its Content-Encoding (gzip, deflate, zstd, identity) undone, at most OT_HTTP_BODY_MAX bytes; false where it is something else or damaged from the first byte.
 * `*whole` false where more would have come. */
bool ot_http_body_plain(const struct ot_http_message *message, struct ot_buf *out, bool *whole);

#endif
