#include <store/schema.h>
#include <tests/test.h>

static void fields_are_found_by_name_alias_and_with_dots(void)
{
	CHECK(ot_field_find(OT_STR("http_request_method")) == OT_HTTP_REQUEST_METHOD);
	CHECK(ot_field_find(OT_STR("method")) == OT_HTTP_REQUEST_METHOD);
	CHECK(ot_field_find(OT_STR("http.request.method")) == OT_HTTP_REQUEST_METHOD);
	CHECK(ot_field_find(OT_STR("gen_ai.request.model")) == OT_GEN_AI_REQUEST_MODEL);
	CHECK(ot_field_find(OT_STR("gen_ai.usage.input_tokens")) == OT_GEN_AI_INPUT_TOKENS);
	CHECK(ot_field_find(OT_STR("enduser.id")) == OT_CLIENT);
	CHECK(ot_field_find(OT_STR("id")) == OT_RECORD_ID);
	CHECK(ot_field_find(OT_STR("methods")) == OT_FIELD_NONE);
	CHECK(ot_field_find(OT_STR("Method")) == OT_FIELD_NONE);
	CHECK(ot_field_find(OT_STR("")) == OT_FIELD_NONE);
	CHECK(ot_field_find(OT_STR_NONE) == OT_FIELD_NONE);
	CHECK(ot_field_find(OT_STR("method\0x")) == OT_FIELD_NONE);
	CHECK(ot_field_find(OT_STR("a name that is longer than any field's name could possibly be in this program")) ==
	      OT_FIELD_NONE);
}

/* A name that stands for two fields would find one of them only. */
static void every_name_finds_its_own_field(void)
{
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		CHECK_INT(ot_field_find(ot_str_from(ot_fields[f].name)), f);
		if (ot_fields[f].alias[0] != '\0')
			CHECK_INT(ot_field_find(ot_str_from(ot_fields[f].alias)), f);
		if (ot_fields[f].otel[0] != '\0' && strchr(ot_fields[f].otel, ' ') == NULL)
			CHECK_INT(ot_field_find(ot_str_from(ot_fields[f].otel)), f);
	}
}

static void the_nearest_name_is_told(void)
{
	CHECK(strcmp(ot_field_nearest(OT_STR("statis")), "status") == 0);
	CHECK(strcmp(ot_field_nearest(OT_STR("latancy")), "latency") == 0);
	CHECK(strcmp(ot_field_nearest(OT_STR("http.request.metod")), "http_request_method") == 0);
	CHECK(ot_field_nearest(OT_STR("")) != NULL);
	CHECK(ot_field_nearest(OT_STR_NONE) != NULL);
	CHECK(ot_field_nearest(OT_STR("\xff\xfe\0x")) != NULL);
}

static void types_have_their_forms(void)
{
	CHECK(ot_fields[OT_TIMESTAMP].form == OT_FORM_INT && ot_fields[OT_GEN_AI_STREAM].form == OT_FORM_INT);
	CHECK(ot_fields[OT_CLIENT_ADDRESS].form == OT_FORM_DICT && ot_fields[OT_ATTRIBUTES].form == OT_FORM_TEXT);
	CHECK(ot_fields[OT_RECORD_ID].form == OT_FORM_NONE);
	CHECK_INT(ot_fields[OT_TRACE_ID].width, 16);
	CHECK_INT(ot_fields[OT_SPAN_ID].width, 8);
	CHECK_INT(ot_fields[OT_CONTENT_DIGEST].width, 32);
	for (int f = 0; f < OT_FIELD_COUNT; f++)
		CHECK((ot_fields[f].width > 0) == (ot_fields[f].form == OT_FORM_FIXED));
}

/* The enums that code decides on have the order of the names in fields.h. */
static void enums_have_the_order_of_their_names(void)
{
	static const struct {
		enum ot_field field;
		int64_t value;
		const char *name;
	} values[] = {
		{ OT_TIMESTAMP_BASIS, OT_BASIS_START, "start" },
		{ OT_TIMESTAMP_BASIS, OT_BASIS_END, "end" },
		{ OT_TIMESTAMP_BASIS, OT_BASIS_DERIVED, "derived" },
		{ OT_TIMESTAMP_BASIS, OT_BASIS_UNKNOWN, "unknown" },
		{ OT_ORIGIN_KIND, OT_KIND_GATEWAY, "gateway" },
		{ OT_ORIGIN_KIND, OT_KIND_AI_GATEWAY, "ai-gateway" },
		{ OT_ORIGIN_KIND, OT_KIND_MCP_GATEWAY, "mcp-gateway" },
		{ OT_ORIGIN_KIND, OT_KIND_PROXY, "proxy" },
		{ OT_ORIGIN_KIND, OT_KIND_SERVICE, "service" },
		{ OT_ORIGIN_KIND, OT_KIND_WIRE, "wire" },
		{ OT_LEG, OT_LEG_CLIENT, "client" },
		{ OT_LEG, OT_LEG_UPSTREAM, "upstream" },
		{ OT_LEG, OT_LEG_BOTH, "both" },
		{ OT_LEG, OT_LEG_UNKNOWN, "unknown" },
		{ OT_CLIENT_KIND, OT_CALLER_USER, "user" },
		{ OT_CLIENT_KIND, OT_CALLER_CONSUMER, "consumer" },
		{ OT_CLIENT_KIND, OT_CALLER_CREDENTIAL, "credential" },
		{ OT_CLIENT_KIND, OT_CALLER_CERTIFICATE, "certificate" },
		{ OT_CLIENT_KIND, OT_CALLER_ADDRESS, "address" },
		{ OT_CLIENT_TRUST, OT_TRUST_VERIFIED, "verified" },
		{ OT_CLIENT_TRUST, OT_TRUST_GATEWAY, "gateway" },
		{ OT_CLIENT_TRUST, OT_TRUST_CALLER, "caller" },
		{ OT_CLIENT_TRUST, OT_TRUST_INFERRED, "inferred" },
		{ OT_OUTCOME, OT_OUTCOME_SUCCESS, "success" },
		{ OT_OUTCOME, OT_OUTCOME_FAILURE, "failure" },
		{ OT_OUTCOME, OT_OUTCOME_DENIED, "denied" },
		{ OT_OUTCOME, OT_OUTCOME_ABORTED, "aborted" },
		{ OT_OUTCOME, OT_OUTCOME_UNKNOWN, "unknown" },
		{ OT_RESPONSE_SOURCE, OT_FROM_UPSTREAM, "upstream" },
		{ OT_RESPONSE_SOURCE, OT_FROM_GATEWAY, "gateway" },
		{ OT_RESPONSE_SOURCE, OT_FROM_CACHE, "cache" },
		{ OT_RESPONSE_SOURCE, OT_FROM_UNKNOWN, "unknown" },
	};
	int count = 0;

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		CHECK(strcmp(ot_enum_name(values[i].field, values[i].value), values[i].name) == 0);
		CHECK_INT(ot_enum_value(values[i].field, ot_str_from(values[i].name)), values[i].value);
	}
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		CHECK((ot_enum_count((enum ot_field)f) > 0) == (ot_fields[f].type == OT_TYPE_ENUM));
		count += ot_enum_count((enum ot_field)f);
	}
	CHECK_INT(count, sizeof(values) / sizeof(*values));
	CHECK_INT(ot_enum_value(OT_LEG, OT_STR("neither")), -1);
	CHECK_INT(ot_enum_value(OT_CLIENT, OT_STR("user")), -1);
	CHECK(ot_enum_name(OT_LEG, 99)[0] == '\0' && ot_enum_name(OT_LEG, -1)[0] == '\0');
}

int main(void)
{
	RUN(fields_are_found_by_name_alias_and_with_dots);
	RUN(every_name_finds_its_own_field);
	RUN(the_nearest_name_is_told);
	RUN(types_have_their_forms);
	RUN(enums_have_the_order_of_their_names);
	return test_end();
}
