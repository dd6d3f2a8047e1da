/* collector: a draft becomes a record: the parts in their order, and the texts that only need looking through. */
#include "normalize_inside.h"
#include <base/err.h>
#include <stdlib.h>
#include <string.h>

/* --- work done once --- */

void *ot_memo_find(struct ot_memo *memo, struct ot_str key, struct ot_arena *record, struct ot_arena **arena, bool *is_new)
{
	if (key.len > OT_MEMO_KEY_LEN_MAX) {
		memo->spare = ot_arena_zero(record, 1, memo->width);
		*arena = record;
		*is_new = true;
		return memo->spare;
	}
	uint32_t code = ot_intern_put(&memo->keys, key, is_new);
	if (code >= memo->cap) {
		memo->cap = memo->cap == 0 ? 256 : memo->cap * 2;
		memo->values = ot_realloc(memo->values, memo->cap * memo->width);
	}
	char *value = memo->values + code * memo->width;
	if (*is_new)
		memset(value, 0, memo->width);
	*arena = &memo->texts;
	return value;
}

void ot_memo_trim(struct ot_memo *memo)
{
	if (memo->keys.count < OT_MEMO_KEYS_MAX && memo->keys.arena.bytes + memo->texts.bytes < OT_MEMO_BYTES_MAX)
		return;
	ot_intern_release(&memo->keys);
	ot_arena_release(&memo->texts);
}

void ot_memo_release(struct ot_memo *memo)
{
	ot_intern_release(&memo->keys);
	ot_arena_release(&memo->texts);
	free(memo->values);
}

/* --- the normalizer --- */

static struct ot_memo *memo_at(struct ot_normalizer *n, size_t i)
{
	struct ot_memo *memos[] = { &n->paths, &n->queries, &n->hosts, &n->addresses, &n->texts, &n->tokens };
	return i < sizeof(memos) / sizeof(*memos) ? memos[i] : NULL;
}

void ot_normalizer_free(struct ot_normalizer *n)
{
	if (n == NULL)
		return;
	for (size_t i = 0; memo_at(n, i) != NULL; i++)
		ot_memo_release(memo_at(n, i));
	ot_redactor_free(n->redactor);
	ot_arena_release(&n->record);
	ot_buf_release(&n->scratch);
	ot_buf_release(&n->route);
	ot_buf_release(&n->attributes);
	free(n->extras);
	free(n->places);
	ot_arena_release(&n->place_texts);
	free(n);
}

static void begin(struct ot_normalizer *n)
{
	if (n->record.bytes > 0)
		ot_arena_reset(&n->record);
	for (size_t i = 0; memo_at(n, i) != NULL; i++)
		ot_memo_trim(memo_at(n, i));
	ot_redactor_reset(n->redactor);
	n->extra_count = 0;
}

/* --- texts --- */

enum { SHORT_TEXT = 40 }; /* sooner looked through than looked up */

struct ot_str ot_normalize_text(struct ot_normalizer *n, struct ot_str text)
{
	struct ot_arena *arena;
	bool is_new;
	if (text.len <= SHORT_TEXT)
		return ot_redact_text(n->redactor, text);
	struct ot_str *clean = ot_memo_find(&n->texts, text, &n->record, &arena, &is_new);
	if (is_new) {
		*clean = ot_redact_text(n->redactor, text);
		if (clean->ptr != text.ptr)
			*clean = ot_arena_str(arena, *clean);
		else
			clean->ptr = NULL; /* as it came */
	}
	return clean->ptr == NULL ? text : *clean;
}

/* Texts that are looked through as they are, each by its own. Those with many distinct values are not worth remembering. */
static const struct look {
	enum ot_field field;
	bool remembered;
} looks[] = {
	{ OT_USER, true },	     { OT_CONSUMER, true },	   { OT_CREDENTIAL_ALIAS, true }, { OT_ORGANIZATION, true },  { OT_TLS_CLIENT_SUBJECT, true },
	{ OT_FORWARDED_FOR, true },  { OT_USER_AGENT, true },	   { OT_URL_SCHEME, true },	  { OT_GATEWAY_ROUTE, true }, { OT_GATEWAY_SERVICE, true },
	{ OT_UPSTREAM_ADDRESS, true }, { OT_ERROR_TYPE, true },	   { OT_POLICY_ACTION, true },	  { OT_REQUEST_ID, false },   { OT_UPSTREAM_REQUEST_ID, false },
	{ OT_SESSION_ID, false },    { OT_GEN_AI_OPERATION, true }, { OT_GEN_AI_PROVIDER, true }, { OT_GEN_AI_REQUEST_MODEL, true },
	{ OT_GEN_AI_RESPONSE_MODEL, true }, { OT_GEN_AI_FINISH_REASON, true }, { OT_MCP_METHOD, true }, { OT_TOOL, true },
};

static void look_through(struct ot_normalizer *n, struct ot_record *record)
{
	for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++) {
		if (!ot_record_has(record, looks[i].field))
			continue;
		struct ot_str *text = &record->values[looks[i].field].text;
		*text = looks[i].remembered ? ot_normalize_text(n, *text) : ot_redact_text(n->redactor, *text);
	}
}

/* --- numbers --- */

/* What cannot be was not measured. */
static void check_numbers(struct ot_record *record)
{
	static const enum ot_field counted[] = { OT_DURATION, OT_UPSTREAM_DURATION, OT_HTTP_REQUEST_SIZE, OT_HTTP_RESPONSE_SIZE, OT_HTTP_REQUEST_BODY_SIZE,
		OT_HTTP_RESPONSE_BODY_SIZE, OT_GEN_AI_INPUT_TOKENS, OT_GEN_AI_OUTPUT_TOKENS, OT_GEN_AI_CACHED_TOKENS, OT_GEN_AI_COST };
	static const enum ot_field ports[] = { OT_CLIENT_PORT, OT_SERVER_PORT };
	for (size_t i = 0; i < sizeof(counted) / sizeof(*counted); i++)
		if (ot_record_int(record, counted[i], 0) < 0)
			ot_record_unset(record, counted[i]);
	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++) {
		int64_t port = ot_record_int(record, ports[i], 1);
		if (port < 1 || port > 65535)
			ot_record_unset(record, ports[i]);
	}
}

static void set_context(const struct ot_source_context *context, struct ot_record *record, struct ot_str format, uint64_t offset, unsigned item)
{
	ot_record_set_text(record, OT_ORIGIN, context->origin);
	ot_record_set_text(record, OT_SOURCE, context->source);
	ot_record_set_text(record, OT_SOURCE_KEY, context->source_key);
	ot_record_set_text(record, OT_FORMAT, format);
	ot_record_set_int(record, OT_ORIGIN_KIND, context->kind);
	ot_record_set_int(record, OT_INGEST_TIME, context->ingest_time);
	ot_record_set_int(record, OT_SOURCE_OFFSET, (int64_t)offset);
	if (item > 0)
		ot_record_set_int(record, OT_SOURCE_ITEM, item);
	else
		ot_record_unset(record, OT_SOURCE_ITEM);
}

struct ot_normalizer *ot_normalizer_new(struct ot_str key)
{
	struct ot_normalizer *n = ot_alloc_zero(1, sizeof(*n));
	n->redactor = ot_redactor_new(key);
	n->paths.width = 2 * sizeof(struct ot_str);
	n->queries.width = n->texts.width = sizeof(struct ot_str);
	n->hosts.width = n->addresses.width = sizeof(struct ot_address);
	n->tokens.width = 4 * sizeof(struct ot_str);
	return n;
}

void ot_normalize(struct ot_normalizer *n, const struct ot_source_context *context, struct ot_draft *draft, struct ot_str format, uint64_t offset, unsigned item)
{
	begin(n);
	set_context(context, &draft->record, format, offset, item);
	ot_normalize_time(n, context, draft);
	ot_normalize_target(n, draft);
	ot_normalize_addresses(n, context, draft);
	look_through(n, &draft->record);
	check_numbers(&draft->record);
	ot_normalize_outcome(draft);
	ot_normalize_client(n, draft);
	ot_normalize_ids(n, draft);
	ot_record_unset(&draft->record, OT_ATTRIBUTES);
	if (context->keep_attributes)
		ot_normalize_attributes(n, draft);
}
