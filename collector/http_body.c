/* JSON and event streams of AI and MCP, from the table of members below. */
#include "http_body.h"
#include <jansson.h>
#include <math.h>
#include <string.h>

/* Where a field may stand: members by name, with dots; an index in brackets takes one element of an array. The first that is there wins. */
struct place {
	enum ot_field field;
	const char *path;
};

static const struct place of_request[] = {
	{ OT_GEN_AI_REQUEST_MODEL, "model" },
	{ OT_GEN_AI_STREAM, "stream" },
};

/* Of an answer or of one event of a stream; later events overwrite earlier ones, since usage comes last. */
static const struct place of_answer[] = {
	{ OT_GEN_AI_RESPONSE_MODEL, "model" },
	{ OT_GEN_AI_RESPONSE_MODEL, "message.model" },
	{ OT_GEN_AI_RESPONSE_MODEL, "response.model" },
	{ OT_GEN_AI_RESPONSE_MODEL, "modelVersion" },
	{ OT_GEN_AI_INPUT_TOKENS, "usage.prompt_tokens" },
	{ OT_GEN_AI_INPUT_TOKENS, "usage.input_tokens" },
	{ OT_GEN_AI_INPUT_TOKENS, "message.usage.input_tokens" },
	{ OT_GEN_AI_INPUT_TOKENS, "response.usage.input_tokens" },
	{ OT_GEN_AI_INPUT_TOKENS, "usageMetadata.promptTokenCount" },
	{ OT_GEN_AI_INPUT_TOKENS, "usage.inputTokens" },
	{ OT_GEN_AI_OUTPUT_TOKENS, "usage.completion_tokens" },
	{ OT_GEN_AI_OUTPUT_TOKENS, "usage.output_tokens" },
	{ OT_GEN_AI_OUTPUT_TOKENS, "response.usage.output_tokens" },
	{ OT_GEN_AI_OUTPUT_TOKENS, "usageMetadata.candidatesTokenCount" },
	{ OT_GEN_AI_OUTPUT_TOKENS, "usage.outputTokens" },
	{ OT_GEN_AI_CACHED_TOKENS, "usage.prompt_tokens_details.cached_tokens" },
	{ OT_GEN_AI_CACHED_TOKENS, "usage.input_tokens_details.cached_tokens" },
	{ OT_GEN_AI_CACHED_TOKENS, "usage.cache_read_input_tokens" },
	{ OT_GEN_AI_CACHED_TOKENS, "message.usage.cache_read_input_tokens" },
	{ OT_GEN_AI_CACHED_TOKENS, "usageMetadata.cachedContentTokenCount" },
	{ OT_GEN_AI_FINISH_REASON, "choices[0].finish_reason" },
	{ OT_GEN_AI_FINISH_REASON, "stop_reason" },
	{ OT_GEN_AI_FINISH_REASON, "delta.stop_reason" },
	{ OT_GEN_AI_FINISH_REASON, "candidates[0].finishReason" },
	{ OT_GEN_AI_FINISH_REASON, "stopReason" },
};

static const struct {
	const char *suffix, *operation;
} operations[] = {
	{ "/chat/completions", "chat" },	{ "/completions", "text_completion" }, { "/embeddings", "embeddings" },	 { "/responses", "chat" },
	{ "/messages", "chat" },		{ "/converse", "chat" },	       { "/converse-stream", "chat" },	 { ":generateContent", "generate_content" },
	{ ":streamGenerateContent", "generate_content" },
};

/* --- members --- */

static const json_t *member(const json_t *value, struct ot_str name)
{
	char text[64];
	size_t index = 0;
	bool indexed = name.len > 3 && ot_str_ends(name, OT_STR("[0]"));
	if (indexed)
		name.len -= 3;
	if (name.len >= sizeof(text))
		return NULL;
	memcpy(text, name.ptr, name.len);
	text[name.len] = '\0';
	const json_t *found = json_object_get(value, text);
	return indexed ? json_array_get(found, index) : found;
}

static const json_t *at_path(const json_t *value, const char *path)
{
	struct ot_str rest = ot_str_from(path);
	while (rest.ptr != NULL && value != NULL)
		value = member(value, ot_str_cut(rest, '.', &rest));
	return value;
}

static void set_field(struct ot_draft *draft, enum ot_field field, const json_t *value, struct ot_arena *arena)
{
	if (ot_fields[field].form == OT_FORM_INT) {
		if (json_is_boolean(value))
			ot_record_set_int(&draft->record, field, json_is_true(value));
		else if (json_is_number(value) && json_number_value(value) >= 0 && json_number_value(value) < 9e15)
			ot_record_set_int(&draft->record, field, (int64_t)json_number_value(value));
	} else if (json_is_string(value) && json_string_length(value) > 0) {
		ot_record_set_text(&draft->record, field, ot_arena_str(arena, (struct ot_str){ json_string_value(value), json_string_length(value) }));
	}
}

static void read_places(struct ot_draft *draft, const json_t *value, const struct place *places, size_t count, struct ot_arena *arena)
{
	bool seen[OT_FIELD_COUNT] = { false };
	for (size_t i = 0; i < count; i++) {
		const json_t *found = seen[places[i].field] ? NULL : at_path(value, places[i].path);
		if (found == NULL || json_is_null(found))
			continue;
		seen[places[i].field] = true;
		set_field(draft, places[i].field, found, arena);
	}
	/* Anthropic counts cached tokens apart; OpenTelemetry's input tokens hold them. */
	const json_t *usage = at_path(value, "message.usage") != NULL ? at_path(value, "message.usage") : at_path(value, "usage");
	const json_t *read = json_object_get(usage, "cache_read_input_tokens"), *made = json_object_get(usage, "cache_creation_input_tokens");
	double cached = json_number_value(read) + json_number_value(made);
	if (seen[OT_GEN_AI_INPUT_TOKENS] && ot_record_has(&draft->record, OT_GEN_AI_INPUT_TOKENS) && cached > 0 && cached < 9e15)
		draft->record.values[OT_GEN_AI_INPUT_TOKENS].number += (int64_t)cached;
}

/* --- JSON-RPC --- */

static void read_rpc_request(struct ot_draft *draft, const json_t *value, struct ot_arena *arena)
{
	if (json_is_array(value))
		value = json_array_get(value, 0);
	if (json_object_get(value, "jsonrpc") == NULL || json_object_get(value, "method") == NULL)
		return;
	set_field(draft, OT_MCP_METHOD, json_object_get(value, "method"), arena);
	const json_t *name = at_path(value, "params.name");
	if (name == NULL)
		name = at_path(value, "params.uri");
	if (name != NULL && (at_path(value, "params.arguments") != NULL || ot_str_starts(ot_record_text(&draft->record, OT_MCP_METHOD), OT_STR("tools/")) ||
				ot_str_starts(ot_record_text(&draft->record, OT_MCP_METHOD), OT_STR("prompts/")) || at_path(value, "params.uri") != NULL))
		set_field(draft, OT_TOOL, name, arena);
}

static void read_rpc_answer(struct ot_draft *draft, const json_t *value, struct ot_arena *arena)
{
	const json_t *code = at_path(value, "error.code");
	if (json_object_get(value, "jsonrpc") == NULL)
		return;
	if (json_is_integer(code)) {
		ot_record_set_int(&draft->record, OT_OUTCOME, OT_OUTCOME_FAILURE);
		ot_record_set_text(&draft->record, OT_ERROR_TYPE, ot_arena_printf(arena, "rpc %lld", (long long)json_integer_value(code)));
	} else if (json_is_true(at_path(value, "result.isError"))) {
		ot_record_set_int(&draft->record, OT_OUTCOME, OT_OUTCOME_FAILURE);
		ot_record_set_text(&draft->record, OT_ERROR_TYPE, OT_STR("tool error"));
	}
}

/* --- bodies --- */

static json_t *parse(struct ot_str text)
{
	json_error_t fault;
	return json_loadb(text.ptr, text.len, JSON_ALLOW_NUL, &fault);
}

static void read_answer_value(struct ot_draft *draft, struct ot_str text, struct ot_arena *arena)
{
	json_t *value = text.len > 1 && (text.ptr[0] == '{' || text.ptr[0] == '[') ? parse(text) : NULL;
	const json_t *one = json_is_array(value) ? json_array_get(value, 0) : value;
	if (one != NULL) {
		read_places(draft, one, of_answer, sizeof(of_answer) / sizeof(*of_answer), arena);
		read_rpc_answer(draft, one, arena);
	}
	json_decref(value);
}

static void read_events(struct ot_draft *draft, struct ot_str text, struct ot_arena *arena)
{
	struct ot_str rest = text;
	while (rest.ptr != NULL) {
		struct ot_str line = ot_str_trim(ot_str_cut(rest, '\n', &rest));
		if (!ot_str_starts(line, OT_STR("data:")))
			continue;
		read_answer_value(draft, ot_str_trim(ot_str_sub(line, 5, line.len)), arena);
	}
}

static void set_operation(struct ot_draft *draft, struct ot_str target)
{
	struct ot_str rest, path = ot_str_cut(target, '?', &rest);
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
		if (ot_str_ends(path, ot_str_from(operations[i].suffix))) {
			ot_record_set_text(&draft->record, OT_GEN_AI_OPERATION, ot_str_from(operations[i].operation));
			return;
		}
	}
}

static bool is_type(const struct ot_http_message *m, const char *type)
{
	struct ot_str rest, value = ot_str_trim(ot_str_cut(ot_http_header_of(m, "content-type"), ';', &rest));
	return value.ptr != NULL && (ot_str_eq_nocase(value, ot_str_from(type)) || (strcmp(type, "application/json") == 0 && ot_str_ends(value, OT_STR("+json"))));
}

static void read_request(struct ot_draft *draft, const struct ot_http_message *m, struct ot_arena *arena)
{
	struct ot_buf body = { 0 };
	bool whole;
	if (m->body.len > 0 && is_type(m, "application/json") && ot_http_body_plain(m, &body, &whole) && whole) {
		json_t *value = parse(ot_buf_str(&body));
		if (json_is_string(json_object_get(value, "model"))) {
			read_places(draft, value, of_request, sizeof(of_request) / sizeof(*of_request), arena);
			set_operation(draft, m->target);
		}
		read_rpc_request(draft, value, arena);
		if (ot_record_has(&draft->record, OT_GEN_AI_REQUEST_MODEL) || ot_record_has(&draft->record, OT_MCP_METHOD))
			draft->content = ot_arena_str(arena, ot_buf_str(&body)); /* for its digest; normalizing keeps no more */
		json_decref(value);
	}
	ot_buf_release(&body);
}

static void read_answer(struct ot_draft *draft, const struct ot_http_message *m, struct ot_arena *arena)
{
	struct ot_buf body = { 0 };
	bool whole, events = is_type(m, "text/event-stream"), json = is_type(m, "application/json");
	bool untold = ot_http_header_of(m, "content-type").ptr == NULL; /* then the body itself tells */
	if (m->body.len > 0 && (events || json || untold) && ot_http_body_plain(m, &body, &whole)) {
		struct ot_str text = ot_str_trim(ot_buf_str(&body));
		events |= untold && (ot_str_starts(text, OT_STR("data:")) || ot_str_starts(text, OT_STR("event:")));
		if (events)
			read_events(draft, text, arena);
		else if (whole)
			read_answer_value(draft, text, arena);
	}
	ot_buf_release(&body);
}

void ot_http_read_bodies(struct ot_draft *draft, const struct ot_http_exchange *exchange, struct ot_arena *arena)
{
	bool about_ai;
	if (exchange->request != NULL)
		read_request(draft, exchange->request, arena);
	about_ai = ot_record_has(&draft->record, OT_GEN_AI_REQUEST_MODEL) || ot_record_has(&draft->record, OT_MCP_METHOD);
	/* An answer is read only where the request asked a model or a tool: any JSON may have a member "model". */
	if (exchange->answer != NULL && about_ai)
		read_answer(draft, exchange->answer, arena);
}
