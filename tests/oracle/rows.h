/*
 * The oracle: what generated logs say, read by a plain program that shares no code with onetrail.
 *
 * Rows are as the documents say that records are: one a line, fields under the schema's names. What is not told apart
 * there (does a Kong line's size of the answer tell that of its body?) is marked as known in some origins only, and
 * questions keep to those.
 */
#ifndef ORACLE_ROWS_H
#define ORACLE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum origin { KONG, NGINX, LITELLM, ORIGINS };
enum { IN_KONG = 1 << KONG, IN_NGINX = 1 << NGINX, IN_LITELLM = 1 << LITELLM, EVERYWHERE = 7 };

enum type { TEXT, NUMBER, DURATION, TIME };

/* identifier, name, alias, type, origins whose lines surely give or surely lack it, origins whose every line has it */
#define FIELDS(X)                                                                                                      \
	X(TIMESTAMP, "timestamp", "time", TIME, EVERYWHERE, EVERYWHERE)                                                \
	X(LATENCY, "duration", "latency", DURATION, EVERYWHERE, IN_KONG | IN_LITELLM)                                  \
	X(ORIGIN, "origin", "origin", TEXT, EVERYWHERE, EVERYWHERE)                                                    \
	X(OFFSET, "source_offset", "source_offset", NUMBER, EVERYWHERE, EVERYWHERE)                                    \
	X(CLIENT, "client", "client", TEXT, EVERYWHERE, EVERYWHERE)                                                    \
	X(CLIENT_KIND, "client_kind", "client_kind", TEXT, EVERYWHERE, EVERYWHERE)                                     \
	X(ADDRESS, "client_address", "ip", TEXT, EVERYWHERE, EVERYWHERE)                                               \
	X(AGENT, "user_agent", "ua", TEXT, EVERYWHERE, EVERYWHERE)                                                     \
	X(METHOD, "http_request_method", "method", TEXT, EVERYWHERE, IN_KONG | IN_NGINX)                               \
	X(HOST, "server_address", "host", TEXT, EVERYWHERE, IN_KONG)                                                   \
	X(PATH, "url_path", "path", TEXT, EVERYWHERE, EVERYWHERE)                                                      \
	X(QUERY, "url_query", "query", TEXT, EVERYWHERE, 0)                                                            \
	X(ROUTE, "http_route", "route", TEXT, EVERYWHERE, EVERYWHERE)                                                  \
	X(SERVICE, "gateway_service", "service", TEXT, EVERYWHERE, IN_KONG)                                            \
	X(STATUS, "http_response_status_code", "status", NUMBER, EVERYWHERE, EVERYWHERE)                               \
	X(BYTES_IN, "http_request_size", "bytes_in", NUMBER, EVERYWHERE, IN_KONG | IN_LITELLM)                         \
	X(BYTES_OUT, "http_response_size", "bytes_out", NUMBER, EVERYWHERE, IN_KONG | IN_LITELLM)                      \
	X(BODY_OUT, "http_response_body_size", "http_response_body_size", NUMBER, IN_NGINX, IN_NGINX)                  \
	X(TRACE, "trace_id", "trace", TEXT, EVERYWHERE, IN_KONG | IN_LITELLM)                                          \
	X(REQUEST_ID, "request_id", "request_id", TEXT, EVERYWHERE, IN_KONG | IN_LITELLM)                              \
	X(MODEL, "gen_ai_request_model", "model", TEXT, EVERYWHERE, IN_LITELLM)                                        \
	X(TOKENS_IN, "gen_ai_input_tokens", "tokens_in", NUMBER, EVERYWHERE, IN_LITELLM)                               \
	X(TOKENS_OUT, "gen_ai_output_tokens", "tokens_out", NUMBER, EVERYWHERE, IN_LITELLM)

enum field {
#define FIELD_ENUM(id, ...) id,
	FIELDS(FIELD_ENUM)
#undef FIELD_ENUM
	    FIELD_COUNT
};

struct field_info {
	const char *name, *alias;
	enum type type;
	unsigned known, filled; /* sets of origins */
};
extern const struct field_info fields[FIELD_COUNT];
extern const char *const origin_names[ORIGINS];

union value {
	int64_t number;
	const char *text; /* equal texts are one pointer */
};
struct row {
	uint32_t present; /* a bit a field */
	enum origin origin;
	union value values[FIELD_COUNT];
};
struct rows {
	struct row *items;
	size_t count, cap;
};

static inline bool has(const struct row *row, enum field field)
{
	return row->present >> field & 1;
}

/* Reads kong.jsonl, nginx.log and litellm.jsonl of a folder; ends the program where one does not read. */
void rows_read(struct rows *rows, const char *folder);

#endif
