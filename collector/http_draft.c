/* An exchange as a draft: what the wire tells, in the schema's terms; policy is normalize's. */
#include "http.h"
#include "http_body.h"
#include <string.h>

static struct ot_str put_address(struct ot_arena *arena, const uint8_t address[16])
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	if (memcmp(address, mapped, 12) == 0)
		return ot_arena_printf(arena, "%d.%d.%d.%d", address[12], address[13], address[14], address[15]);
	/* The long form; normalizing makes it canonical. */
	uint16_t w[8];
	for (int i = 0; i < 8; i++)
		w[i] = (uint16_t)(address[2 * i] << 8 | address[2 * i + 1]);
	return ot_arena_printf(arena, "%x:%x:%x:%x:%x:%x:%x:%x", w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
}

static void set_ends(struct ot_draft *draft, const struct ot_http_exchange *x, struct ot_arena *arena)
{
	const struct ot_endpoint *client = &x->ends->ends[x->client], *server = &x->ends->ends[1 - x->client];
	struct ot_record *r = &draft->record;
	struct ot_str address = put_address(arena, client->address), upstream = put_address(arena, server->address);
	bool v6 = ot_str_find_char(upstream, ':') >= 0;
	ot_record_set_text(r, OT_CLIENT_ADDRESS, address);
	ot_record_set_text(r, OT_NETWORK_PEER_ADDRESS, address);
	ot_record_set_int(r, OT_CLIENT_PORT, client->port);
	ot_record_set_text(r, OT_UPSTREAM_ADDRESS, ot_arena_printf(arena, v6 ? "[%.*s]:%u" : "%.*s:%u", OT_STR_ARGS(upstream), server->port));
	ot_record_set_int(r, OT_SERVER_PORT, server->port);
}

/* Header fields of the request that have a column as they are. */
static const struct {
	const char *header;
	enum ot_field field;
} request_headers[] = {
	{ "host", OT_SERVER_ADDRESS },
	{ "user-agent", OT_USER_AGENT },
	{ "x-forwarded-for", OT_FORWARDED_FOR },
	{ "x-request-id", OT_REQUEST_ID },
	{ "mcp-session-id", OT_SESSION_ID },
};

static const char *const secret_headers[] = { "x-api-key", "api-key", "x-goog-api-key", "apikey", "ocp-apim-subscription-key", "x-auth-token" };

static void set_request(struct ot_draft *draft, const struct ot_http_message *m)
{
	struct ot_record *r = &draft->record;
	ot_record_set_text(r, OT_HTTP_REQUEST_METHOD, m->method);
	ot_record_set_text(r, OT_NETWORK_PROTOCOL_VERSION, m->version);
	draft->target = m->target;
	for (size_t i = 0; i < sizeof(request_headers) / sizeof(*request_headers); i++) {
		struct ot_str value = ot_http_header_of(m, request_headers[i].header);
		if (value.len > 0)
			ot_record_set_text(r, request_headers[i].field, value);
	}
	if (m->authority.len > 0)
		ot_record_set_text(r, OT_SERVER_ADDRESS, m->authority);
	if (m->scheme.len > 0)
		ot_record_set_text(r, OT_URL_SCHEME, m->scheme);
	draft->traceparent = ot_http_header_of(m, "traceparent");
	draft->authorization = ot_http_header_of(m, "authorization");
	if (draft->authorization.ptr == NULL)
		draft->authorization = ot_http_header_of(m, "proxy-authorization");
	for (size_t i = 0; i < sizeof(secret_headers) / sizeof(*secret_headers) && draft->secret.len == 0; i++)
		draft->secret = ot_http_header_of(m, secret_headers[i]);
	if ((m->flaws & (OT_HTTP_HEAD_CUT | OT_HTTP_UNFINISHED | OT_HTTP_BODY_CUT)) == 0 || m->body_bytes > 0)
		ot_record_set_int(r, OT_HTTP_REQUEST_BODY_SIZE, (int64_t)m->body_bytes);
	if ((m->flaws & (OT_HTTP_HEAD_CUT | OT_HTTP_UNFINISHED)) == 0 && m->head_bytes > 0)
		ot_record_set_int(r, OT_HTTP_REQUEST_SIZE, (int64_t)(m->head_bytes + m->body_bytes));
	/* 2026-07-28 MCP says method and name in headers; bodies overrule. */
	ot_record_set_text(r, OT_MCP_METHOD, ot_http_header_of(m, "mcp-method"));
	ot_record_set_text(r, OT_TOOL, ot_http_header_of(m, "mcp-name"));
}

static void set_answer(struct ot_draft *draft, const struct ot_http_message *m)
{
	struct ot_record *r = &draft->record;
	if (m->status > 0)
		ot_record_set_int(r, OT_HTTP_RESPONSE_STATUS_CODE, m->status);
	if (!ot_record_has(r, OT_NETWORK_PROTOCOL_VERSION))
		ot_record_set_text(r, OT_NETWORK_PROTOCOL_VERSION, m->version);
	ot_record_set_text(r, OT_UPSTREAM_REQUEST_ID, ot_http_header_of(m, "x-request-id"));
	if (!ot_record_has(r, OT_SESSION_ID))
		ot_record_set_text(r, OT_SESSION_ID, ot_http_header_of(m, "mcp-session-id"));
	if ((m->flaws & (OT_HTTP_HEAD_CUT | OT_HTTP_UNFINISHED)) == 0) {
		ot_record_set_int(r, OT_HTTP_RESPONSE_BODY_SIZE, (int64_t)m->body_bytes);
		if (m->head_bytes > 0)
			ot_record_set_int(r, OT_HTTP_RESPONSE_SIZE, (int64_t)(m->head_bytes + m->body_bytes));
	}
}

static void add_extra(struct ot_draft *draft, const char *name, struct ot_str json, struct ot_extra *room)
{
	if (json.len == 0)
		return;
	room[draft->extra_count++] = (struct ot_extra){ ot_str_from(name), json };
}

static void add_extras(struct ot_draft *draft, const struct ot_http_exchange *x, struct ot_arena *arena)
{
	static const char *const pairings[] = { "", "\"exact\"", "\"ordered\"", "\"stream\"" };
	static const char *const flaws[] = { "", "\"cut\"" };
	unsigned request = x->request == NULL ? 0 : x->request->flaws, answer = x->answer == NULL ? 0 : x->answer->flaws;
	const unsigned cut = OT_HTTP_HEAD_CUT | OT_HTTP_BODY_CUT | OT_HTTP_UNFINISHED;
	draft->extras = ot_arena_zero(arena, 5, sizeof(*draft->extras));
	add_extra(draft, "pairing", ot_str_from(pairings[x->pairing]), draft->extras);
	add_extra(draft, "request_seen", ot_str_from(flaws[(request & cut) != 0]), draft->extras);
	add_extra(draft, "answer_seen", ot_str_from(flaws[(answer & cut) != 0]), draft->extras);
	if ((request | answer) & OT_HTTP_AMBIGUOUS)
		add_extra(draft, "framing", OT_STR("\"ambiguous\""), draft->extras);
	if (x->ends->tunnel != 0)
		add_extra(draft, "tunnel_id", ot_arena_printf(arena, "%u", x->ends->tunnel - 1), draft->extras);
}

void ot_http_draft(struct ot_draft *draft, const struct ot_http_exchange *x, struct ot_arena *arena)
{
	memset(draft, 0, sizeof(*draft));
	struct ot_record *r = &draft->record;
	const struct ot_http_message *first = x->request != NULL ? x->request : x->answer;
	set_ends(draft, x, arena);
	draft->basis = OT_BASIS_START;
	ot_record_set_int(r, OT_TIMESTAMP, first->start_ns);
	if (x->request != NULL)
		set_request(draft, x->request);
	if (x->answer != NULL)
		set_answer(draft, x->answer);
	if (x->request != NULL && x->answer != NULL && x->answer->end_ns >= x->request->start_ns)
		ot_record_set_int(r, OT_DURATION, x->answer->end_ns - x->request->start_ns);
	if (x->answer == NULL || x->request == NULL) {
		ot_record_set_text(r, OT_ERROR_TYPE, ot_str_from(x->reason));
		if (x->answer == NULL)
			ot_record_set_int(r, OT_OUTCOME, OT_OUTCOME_UNKNOWN);
	}
	add_extras(draft, x, arena);
	ot_http_read_bodies(draft, x, arena);
}
