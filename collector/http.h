/*
 * HTTP on the wire: what one message said, whatever version carried it, and how two of them become an exchange.
 *
 * A message is handed over when it is whole, or when it is certain that no more of it will be seen. What was not seen is left out, never guessed.
 */
#ifndef OT_COLLECTOR_HTTP_H
#define OT_COLLECTOR_HTTP_H

#include "draft.h"
#include "flow.h"
#include <base/buf.h>

enum {
	OT_HTTP_HEAD_MAX = 64 << 10,  /* bytes of a head that are kept; of a larger one the rest is passed over and said to be */
	OT_HTTP_BODY_MAX = 256 << 10, /* bytes of a body that are looked at, after its encodings are undone */
	OT_HTTP_HEADERS_MAX = 128,
	OT_HTTP_PENDING_MAX = 1024,   /* requests of one connection that wait for their answers */
};

struct ot_http_header {
	struct ot_str name, value;
};

enum ot_http_flaw { /* bits: why a message is not all that was sent */
	OT_HTTP_HEAD_CUT = 1,	 /* bytes of the head were not seen, or it was larger than is kept */
	OT_HTTP_BODY_CUT = 2,	 /* the same of the body */
	OT_HTTP_UNFINISHED = 4,	 /* the connection or the capture ended within it */
	OT_HTTP_AMBIGUOUS = 8,	 /* both Content-Length and chunked, or several lengths */
};

struct ot_http_message {
	bool request;
	unsigned flaws; /* enum ot_http_flaw */
	int64_t start_ns, end_ns; /* of its first and last byte */
	uint64_t packet; /* that brought its first byte */
	uint32_t seq, ack; /* at its first byte: HTTP/1 pairing; 0 in HTTP/2 */
	struct ot_str method, target, version; /* version: "1.0" "1.1" "2" */
	struct ot_str authority, scheme; /* HTTP/2 pseudo-headers; absent in HTTP/1 */
	int status; /* of an answer; 0: not seen */
	struct ot_http_header headers[OT_HTTP_HEADERS_MAX];
	size_t header_count;
	uint64_t head_bytes, body_bytes; /* on the wire; body: as transferred, without chunk framing */
	struct ot_buf text; /* owns what the slices above point into */
	struct ot_buf body; /* first OT_HTTP_BODY_MAX bytes, encodings still on */
};

struct ot_http_message *ot_http_message_new(void);
void ot_http_message_free(struct ot_http_message *message); /* NULL is fine */
size_t ot_http_message_memory(const struct ot_http_message *message);
/* Takes bytes of the body; returns how much more memory the message holds by it. */
size_t ot_http_message_body(struct ot_http_message *message, struct ot_str bytes);
/* Bytes of the body that were not seen: with a hole in it nothing can be read from it. */
void ot_http_message_body_hole(struct ot_http_message *message, uint64_t len);
/* The first header of that name, any case; absent where there is none. */
struct ot_str ot_http_header_of(const struct ot_http_message *message, const char *name);
/* Takes a head (start line and headers, without the empty line at its end) apart; false where it is no HTTP/1 head. Slices point into message->text. */
bool ot_http_head_parse(struct ot_http_message *message);
/* Whether bytes can be the beginning of a start line: as far as they go. */
bool ot_http_looks_like_start(struct ot_str bytes);

/* The same for a place in a stream that is not known: only methods that are registered, since any word and a blank look like a start. */
bool ot_http_is_known_start(struct ot_str bytes);

/* Why a request and an answer were put together. */
enum ot_http_pairing {
	OT_PAIR_NONE,	  /* one half alone */
	OT_PAIR_EXACT,	  /* the answer begins at the byte that the request's sender expected next (ACK and sequence numbers) */
	OT_PAIR_ORDERED,  /* by order in a connection of which nothing is missing since the last exact pair */
	OT_PAIR_STREAM,	  /* HTTP/2: the same stream */
};

/* One exchange, or one half of it. Either message may be NULL; both are the receiver's to look at until it returns. */
struct ot_http_exchange {
	const struct ot_flow_ends *ends;
	int client; /* which end is the client */
	struct ot_http_message *request, *answer;
	enum ot_http_pairing pairing;
	unsigned item; /* of the messages that began in the same packet */
	const char *reason; /* why a half is alone: "no answer before the connection closed"; NULL where none is */
};
typedef void ot_http_exchange_fn(void *context, const struct ot_http_exchange *exchange);

/* What else is counted for coverage. */
struct ot_http_counts {
	uint64_t exchanges, unanswered, orphans, not_http;
};

/* Makes a draft of an exchange: fields of the schema; texts point into the exchange's messages and the arena. */
void ot_http_draft(struct ot_draft *draft, const struct ot_http_exchange *exchange, struct ot_arena *arena);

/* One connection: HTTP/1 or HTTP/2, told apart by what it says. Functions are those of struct ot_flow_handler. */
struct ot_http_connection;
struct ot_http_connection *ot_http_connection_new(const struct ot_flow_ends *ends, ot_http_exchange_fn *emit, void *context, struct ot_http_counts *counts);
void ot_http_connection_run(struct ot_http_connection *connection, int direction, const struct ot_flow_run *run);
void ot_http_connection_hole(struct ot_http_connection *connection, int direction, uint64_t len, int64_t time_ns);
void ot_http_connection_fin(struct ot_http_connection *connection, int direction, int64_t time_ns);
void ot_http_connection_free(struct ot_http_connection *connection, enum ot_flow_end reason, int64_t time_ns);
size_t ot_http_connection_memory(const struct ot_http_connection *connection);

#endif
