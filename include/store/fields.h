/*
 * The fields of a record: one row each, the first table of the program. The store, the query language, the outputs and docs/SCHEMA.md read it.
 * Names are OpenTelemetry's with underscores where it has one. A new field is a new row, at the end of its group; stored segments name their
 * columns, so rows may be added and moved without rewriting anything.
 *
 * X(identifier, name, alias, type, unit or values, group, meaning, OpenTelemetry name)
 */
#ifndef OT_STORE_FIELDS_H
#define OT_STORE_FIELDS_H

/* clang-format off */
#define OT_FIELDS(X) \
	X(TIMESTAMP, "timestamp", "time", TIME, "ns since 1970 UTC", "when", "start of the request; end minus duration where the log gives the end", "(log timestamp)") \
	X(TIMESTAMP_BASIS, "timestamp_basis", "", ENUM, "start|end|derived|unknown", "when", "what the origin's own time stood for", "") \
	X(DURATION, "duration", "latency", INT, "ns", "when", "whole time of the request as the origin measured it", "http.server.request.duration") \
	X(UPSTREAM_DURATION, "upstream_duration", "", INT, "ns", "when", "time the upstream took", "") \
	X(INGEST_TIME, "ingest_time", "", TIME, "ns since 1970 UTC", "when", "when the record was committed", "") \
	X(RECORD_ID, "record_id", "id", ID, "", "where", "identity of the record: stable under compaction and under collecting again", "") \
	X(CALL_ID, "call_id", "call", ID, "", "where", "the call this record belongs to", "") \
	X(ORIGIN, "origin", "", DICT, "", "where", "the operator's name of the system that saw the call", "service.name") \
	X(ORIGIN_KIND, "origin_kind", "kind", ENUM, "gateway|ai-gateway|mcp-gateway|proxy|service|wire", "where", "what sort of system the origin is", "") \
	X(FORMAT, "format", "", DICT, "", "where", "name of the format the record was read with", "") \
	X(SOURCE, "source", "", DICT, "", "where", "file or socket or interface it came from", "log.file.path") \
	X(SOURCE_OFFSET, "source_offset", "", INT, "byte or packet number", "where", "first byte of the line in the uncompressed source; number of the first packet in a capture", "") \
	X(SOURCE_ITEM, "source_item", "", INT, "", "where", "number of the record among those of its line; left out where it is 0", "") \
	X(SOURCE_KEY, "source_key", "", DICT, "", "where", "identity of the source by its content: the first part of record_id", "") \
	X(LEG, "leg", "", ENUM, "client|upstream|both|unknown", "where", "which side of the origin the record shows", "") \
	X(CLIENT, "client", "", DICT, "", "who", "who called as this origin names it: the strongest of the fields below", "enduser.id") \
	X(CLIENT_KIND, "client_kind", "", ENUM, "user|consumer|credential|certificate|address", "who", "which field client was taken from", "") \
	X(CLIENT_TRUST, "client_trust", "trust", ENUM, "verified|gateway|caller|inferred", "who", "who vouches for it; caller means only the caller said so", "") \
	X(USER, "user", "", DICT, "", "who", "authenticated user or token subject", "user.name") \
	X(CONSUMER, "consumer", "", DICT, "", "who", "registered application or consumer", "") \
	X(CREDENTIAL, "credential", "key", DICT, "", "who", "keyed hash and last four characters of the key or token", "") \
	X(CREDENTIAL_ALIAS, "credential_alias", "", DICT, "", "who", "name the gateway gives the credential", "") \
	X(ORGANIZATION, "organization", "team", DICT, "", "who", "tenant team or workspace", "") \
	X(TLS_CLIENT_SUBJECT, "tls_client_subject", "", DICT, "", "who", "client certificate subject or SPIFFE id", "tls.client.subject") \
	X(CLIENT_ADDRESS, "client_address", "ip", ADDRESS, "", "who", "best known address of the client", "client.address") \
	X(CLIENT_PORT, "client_port", "", INT, "", "who", "its port", "client.port") \
	X(NETWORK_PEER_ADDRESS, "network_peer_address", "peer", ADDRESS, "", "who", "address at the other end of the socket", "network.peer.address") \
	X(FORWARDED_FOR, "forwarded_for", "xff", TEXT, "", "who", "X-Forwarded-For as received", "http.request.header.x-forwarded-for") \
	X(USER_AGENT, "user_agent", "ua", DICT, "", "who", "User-Agent", "user_agent.original") \
	X(HTTP_REQUEST_METHOD, "http_request_method", "method", DICT, "", "what", "upper case", "http.request.method") \
	X(URL_SCHEME, "url_scheme", "scheme", DICT, "", "what", "", "url.scheme") \
	X(SERVER_ADDRESS, "server_address", "host", DICT, "", "what", "host the client asked for", "server.address") \
	X(SERVER_PORT, "server_port", "", INT, "", "what", "", "server.port") \
	X(URL_PATH, "url_path", "path", TEXT, "", "what", "client-side path: percent-decoded where that is safe; dot segments removed", "url.path") \
	X(URL_QUERY, "url_query", "query", TEXT, "", "what", "query string with secrets masked", "url.query") \
	X(HTTP_ROUTE, "http_route", "route", DICT, "", "what", "path with its parameters taken out; the gateway's own template where it gives one", "http.route") \
	X(NETWORK_PROTOCOL_VERSION, "network_protocol_version", "protocol", DICT, "", "what", "1.0 1.1 2 3", "network.protocol.version") \
	X(GATEWAY_ROUTE, "gateway_route", "", DICT, "", "what", "the gateway's name for the route", "") \
	X(GATEWAY_SERVICE, "gateway_service", "service", DICT, "", "what", "the gateway's name for the service behind it", "") \
	X(UPSTREAM_ADDRESS, "upstream_address", "upstream", DICT, "host:port", "what", "where the origin sent it", "") \
	X(HTTP_RESPONSE_STATUS_CODE, "http_response_status_code", "status", INT, "", "how", "status sent to the client; 0 where none was", "http.response.status_code") \
	X(UPSTREAM_STATUS_CODE, "upstream_status_code", "", INT, "", "how", "status the upstream gave", "") \
	X(OUTCOME, "outcome", "", ENUM, "success|failure|denied|aborted|unknown", "how", "true outcome: a JSON-RPC error or a cut stream inside a 200 is a failure", "") \
	X(ERROR_TYPE, "error_type", "error", DICT, "", "how", "flags or reason", "error.type") \
	X(RESPONSE_SOURCE, "response_source", "", ENUM, "upstream|gateway|cache|unknown", "how", "who answered", "") \
	X(POLICY_ACTION, "policy_action", "", DICT, "", "how", "verdict of a policy or guardrail and its name", "security_rule.name") \
	X(HTTP_REQUEST_SIZE, "http_request_size", "bytes_in", INT, "bytes", "how", "whole request where known", "http.request.size") \
	X(HTTP_RESPONSE_SIZE, "http_response_size", "bytes_out", INT, "bytes", "how", "whole response where known", "http.response.size") \
	X(HTTP_REQUEST_BODY_SIZE, "http_request_body_size", "", INT, "bytes", "how", "", "http.request.body.size") \
	X(HTTP_RESPONSE_BODY_SIZE, "http_response_body_size", "", INT, "bytes", "how", "", "http.response.body.size") \
	X(TRACE_ID, "trace_id", "trace", HEX, "128 bits", "links", "W3C trace id or its like", "trace id") \
	X(SPAN_ID, "span_id", "span", HEX, "64 bits", "links", "", "span id") \
	X(REQUEST_ID, "request_id", "", TEXT, "", "links", "request id the origin logged; kept as bytes where it is 128-bit hex", "http.request.header.x-request-id") \
	X(UPSTREAM_REQUEST_ID, "upstream_request_id", "", TEXT, "", "links", "request id of the answer from behind", "") \
	X(SESSION_ID, "session_id", "session", TEXT, "", "links", "MCP session or conversation", "session.id") \
	X(GEN_AI_OPERATION, "gen_ai_operation", "operation", DICT, "", "ai", "chat embeddings tool-call and so on", "gen_ai.operation.name") \
	X(GEN_AI_PROVIDER, "gen_ai_provider", "provider", DICT, "", "ai", "", "gen_ai.provider.name") \
	X(GEN_AI_REQUEST_MODEL, "gen_ai_request_model", "model", DICT, "", "ai", "model asked for", "gen_ai.request.model") \
	X(GEN_AI_RESPONSE_MODEL, "gen_ai_response_model", "", DICT, "", "ai", "model that answered", "gen_ai.response.model") \
	X(GEN_AI_INPUT_TOKENS, "gen_ai_input_tokens", "tokens_in", INT, "tokens", "ai", "prompt tokens with cached ones", "gen_ai.usage.input_tokens") \
	X(GEN_AI_OUTPUT_TOKENS, "gen_ai_output_tokens", "tokens_out", INT, "tokens", "ai", "completion tokens", "gen_ai.usage.output_tokens") \
	X(GEN_AI_CACHED_TOKENS, "gen_ai_cached_tokens", "", INT, "tokens", "ai", "prompt tokens read from a cache", "gen_ai.usage.cache_read.input_tokens") \
	X(GEN_AI_COST, "gen_ai_cost", "cost", INT, "micro-USD", "ai", "cost as logged", "") \
	X(GEN_AI_STREAM, "gen_ai_stream", "stream", BOOL, "", "ai", "streamed answer", "") \
	X(GEN_AI_FINISH_REASON, "gen_ai_finish_reason", "", DICT, "", "ai", "", "gen_ai.response.finish_reasons") \
	X(MCP_METHOD, "mcp_method", "", DICT, "", "ai", "tools/call and so on", "mcp.method.name") \
	X(TOOL, "tool", "", DICT, "", "ai", "tool or prompt called", "gen_ai.tool.name") \
	X(CONTENT_DIGEST, "content_digest", "", HEX, "256 bits", "ai", "SHA-256 of the prompt or arguments; the content itself is not kept unless asked", "") \
	X(ATTRIBUTES, "attributes", "", JSON, "", "rest", "every member of the record that has no column; secrets masked", "")
/* clang-format on */

#endif
