/* Normalizing: start of the request, addresses, outcome, ids, what has no column. */
#include <collector/normalize.h>
#include <base/digest.h>
#include <tests/test.h>

static struct ot_normalizer *normalizer;
static struct ot_draft draft;
static struct ot_source_context context;

static struct ot_str text(const char *t) { return ot_str_from(t); }
static struct ot_str got(enum ot_field field) { return ot_record_text(&draft.record, field); }
static long long number(enum ot_field field) { return ot_record_int(&draft.record, field, -99); }
static bool has(enum ot_field field) { return ot_record_has(&draft.record, field); }
static void set(enum ot_field field, const char *value) { ot_record_set_text(&draft.record, field, text(value)); }
static void set_int(enum ot_field field, int64_t value) { ot_record_set_int(&draft.record, field, value); }
static void normalize(void) { ot_normalize(normalizer, &context, &draft, OT_STR("f"), 4711, 0); }

static void start(void)
{
	memset(&draft, 0, sizeof(draft));
	context = (struct ot_source_context){ .origin = OT_STR("kong-edge"), .source = OT_STR("/var/log/x"), .source_key = OT_STR("abc"), .kind = OT_KIND_PROXY,
		.ingest_time = 5, .keep_attributes = true };
}

static int64_t at(const char *rfc3339)
{
	int64_t time;
	bool zoned;
	CHECK(ot_time_parse(text(rfc3339), &time, &zoned));
	return time;
}

static void the_context_is_in_the_record(void)
{
	start();
	ot_normalize(normalizer, &context, &draft, OT_STR("kong"), 4711, 2);
	CHECK_STR(got(OT_ORIGIN), "kong-edge");
	CHECK_STR(got(OT_SOURCE), "/var/log/x");
	CHECK_STR(got(OT_SOURCE_KEY), "abc");
	CHECK_STR(got(OT_FORMAT), "kong");
	CHECK_INT(number(OT_ORIGIN_KIND), OT_KIND_PROXY);
	CHECK_INT(number(OT_SOURCE_OFFSET), 4711);
	CHECK_INT(number(OT_SOURCE_ITEM), 2);
	CHECK_INT(number(OT_INGEST_TIME), 5);
	start();
	normalize();
	CHECK(!has(OT_SOURCE_ITEM));
}

static void the_start_is_the_end_without_the_duration(void)
{
	start();
	draft.basis = OT_BASIS_END;
	set_int(OT_TIMESTAMP, 1000);
	set_int(OT_DURATION, 300);
	normalize();
	CHECK_INT(number(OT_TIMESTAMP), 700);
	CHECK_INT(number(OT_TIMESTAMP_BASIS), OT_BASIS_DERIVED);
	start();
	draft.basis = OT_BASIS_END;
	set_int(OT_TIMESTAMP, 1000);
	set_int(OT_DURATION, -1);
	normalize();
	CHECK_INT(number(OT_TIMESTAMP), 1000);
	CHECK_INT(number(OT_TIMESTAMP_BASIS), OT_BASIS_END);
	start();
	draft.basis = OT_BASIS_START;
	set_int(OT_TIMESTAMP, 1000);
	set_int(OT_DURATION, 300);
	normalize();
	CHECK_INT(number(OT_TIMESTAMP), 1000);
	CHECK_INT(number(OT_TIMESTAMP_BASIS), OT_BASIS_START);
	start();
	draft.basis = OT_BASIS_END;
	normalize();
	CHECK(!has(OT_TIMESTAMP));
	CHECK_INT(number(OT_TIMESTAMP_BASIS), OT_BASIS_UNKNOWN);
	start();
	draft.basis = OT_BASIS_END;
	set_int(OT_TIMESTAMP, INT64_MIN + 5);
	set_int(OT_DURATION, INT64_MAX);
	normalize();
	CHECK_INT(number(OT_TIMESTAMP_BASIS), OT_BASIS_END);
}

static void local_times_get_their_zone(void)
{
	static const char *const cases[][2] = {
		{ "2026-01-15T12:00:00Z", "2026-01-15T11:00:00Z" }, /* as if UTC, and in Berlin */
		{ "2026-01-15T12:00:01Z", "2026-01-15T11:00:01Z" },
		{ "2026-07-15T12:00:00Z", "2026-07-15T10:00:00Z" },
		{ "2026-03-29T01:59:59Z", "2026-03-29T00:59:59Z" },
		{ "2026-03-29T03:00:00Z", "2026-03-29T01:00:00Z" },
		{ "2026-10-25T01:59:59Z", "2026-10-24T23:59:59Z" },
		{ "2026-10-25T03:00:00Z", "2026-10-25T02:00:00Z" },
	};
	struct ot_zone *zone;
	CHECK(ot_zone_open(&zone, OT_STR("Europe/Berlin"), NULL) == OT_OK);
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(*cases); i++) {
		start();
		context.zone = zone;
		draft.time_local = true;
		set_int(OT_TIMESTAMP, at(cases[i / 2][0]));
		normalize();
		CHECK_INT(number(OT_TIMESTAMP), at(cases[i / 2][1]));
	}
	start();
	context.zone = zone;
	set_int(OT_TIMESTAMP, 77);
	normalize();
	CHECK_INT(number(OT_TIMESTAMP), 77);
	ot_zone_close(zone);
}

static void a_year_that_is_missing_is_the_nearest_past(void)
{
	static const char *const cases[][3] = { /* written, hint, meant */
		{ "1970-03-14T10:00:00Z", "2026-03-14T12:00:00Z", "2026-03-14T10:00:00Z" },
		{ "1970-12-31T23:59:59Z", "2026-01-01T00:00:01Z", "2025-12-31T23:59:59Z" },
		{ "1970-01-01T00:00:01Z", "2025-12-31T23:59:59Z", "2026-01-01T00:00:01Z" },
		{ "1970-03-16T10:00:00Z", "2026-03-14T12:00:00Z", "2025-03-16T10:00:00Z" },
		{ "1972-02-29T10:00:00Z", "2026-03-14T12:00:00Z", "2024-02-29T10:00:00Z" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		start();
		draft.time_no_year = true;
		context.year_hint = at(cases[i][1]);
		set_int(OT_TIMESTAMP, at(cases[i][0]));
		normalize();
		CHECK_INT(number(OT_TIMESTAMP), at(cases[i][2]));
	}
}

static void addresses_have_one_form(void)
{
	static const struct {
		const char *in, *out;
		int port;
	} cases[] = {
		{ "127.0.10.1", "127.0.10.1", -99 },	 { "127.0.10.1:52047", "127.0.10.1", 52047 },  { "2001:DB8:0:0:0:0:0:1", "2001:db8::1", -99 },
		{ "[2001:db8::1]:443", "2001:db8::1", 443 }, { "[::1]", "::1", -99 },		       { "::ffff:10.0.0.1", "10.0.0.1", -99 },
		{ "fe80::1%eth0", "fe80::1", -99 },	 { "unix:", "unix:", -99 },		       { "unix:/run/x.sock", "unix:/run/x.sock", -99 },
		{ "localhost", "localhost", -99 },	 { "10.0.0.2, 10.0.0.1", "10.0.0.2", -99 },    { "unknown, 10.0.0.2", "10.0.0.2", -99 },
		{ "\"[2001:db8::7]:80\"", "2001:db8::7", 80 }, { "010.0.0.1", "010.0.0.1", -99 },      { "10.0.0.1:99999", "10.0.0.1:99999", -99 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		start();
		set(OT_CLIENT_ADDRESS, cases[i].in);
		normalize();
		CHECK_STR(got(OT_CLIENT_ADDRESS), cases[i].out);
		CHECK_INT(number(OT_CLIENT_PORT), cases[i].port);
	}
	static const char *const none[] = { "-", "", "unknown", "<script>", "a b" };
	for (size_t i = 0; i < 5; i++) {
		start();
		set(OT_CLIENT_ADDRESS, none[i]);
		normalize();
		CHECK(!has(OT_CLIENT_ADDRESS));
	}
}

static void the_client_is_the_best_known_address(void)
{
	start();
	set(OT_NETWORK_PEER_ADDRESS, "10.0.0.9:1234");
	set(OT_FORWARDED_FOR, "1.2.3.4, 10.0.0.9");
	normalize();
	CHECK_STR(got(OT_CLIENT_ADDRESS), "10.0.0.9");
	CHECK_STR(got(OT_NETWORK_PEER_ADDRESS), "10.0.0.9");
	CHECK_INT(number(OT_CLIENT_PORT), 1234);
	start();
	set(OT_FORWARDED_FOR, "unknown, 1.2.3.4:77, 10.0.0.9");
	normalize();
	CHECK_STR(got(OT_CLIENT_ADDRESS), "1.2.3.4");
	start();
	set(OT_CLIENT_ADDRESS, "1.2.3.4, 10.0.0.9");
	set(OT_NETWORK_PEER_ADDRESS, "10.0.0.9");
	normalize();
	CHECK_STR(got(OT_CLIENT_ADDRESS), "1.2.3.4");
	CHECK_STR(got(OT_FORWARDED_FOR), "1.2.3.4, 10.0.0.9");
}

static void the_leg_is_known_by_configured_addresses(void)
{
	start();
	context.gateway_addresses = OT_STR("127.0.2.1, 127.0.2.2");
	context.upstream_addresses = OT_STR("127.0.3.1");
	set(OT_CLIENT_ADDRESS, "127.0.2.2");
	normalize();
	CHECK_INT(number(OT_LEG), OT_LEG_UPSTREAM);
	ot_record_clear(&draft.record);
	set(OT_CLIENT_ADDRESS, "127.0.10.1");
	set(OT_SERVER_ADDRESS, "127.0.2.1:8080");
	normalize();
	CHECK_INT(number(OT_LEG), OT_LEG_CLIENT);
	ot_record_clear(&draft.record);
	set(OT_CLIENT_ADDRESS, "127.0.10.1");
	normalize();
	CHECK_INT(number(OT_LEG), OT_LEG_UNKNOWN);
	set_int(OT_LEG, OT_LEG_BOTH);
	normalize();
	CHECK_INT(number(OT_LEG), OT_LEG_BOTH);
}

static void the_outcome_is_what_happened(void)
{
	static const struct {
		int status;
		const char *error, *policy;
		enum ot_outcome outcome;
	} cases[] = {
		{ 200, NULL, NULL, OT_OUTCOME_SUCCESS },   { 101, NULL, NULL, OT_OUTCOME_SUCCESS },	  { 304, NULL, NULL, OT_OUTCOME_SUCCESS },  { 404, NULL, NULL, OT_OUTCOME_FAILURE },
		{ 500, NULL, NULL, OT_OUTCOME_FAILURE },   { 401, NULL, NULL, OT_OUTCOME_DENIED },	  { 403, NULL, NULL, OT_OUTCOME_DENIED },   { 407, NULL, NULL, OT_OUTCOME_DENIED },
		{ 429, NULL, NULL, OT_OUTCOME_DENIED },	   { 499, NULL, NULL, OT_OUTCOME_ABORTED },	  { 0, NULL, NULL, OT_OUTCOME_UNKNOWN },    { -1, "CR--", NULL, OT_OUTCOME_ABORTED },
		{ 0, "DC", NULL, OT_OUTCOME_ABORTED },	   { 0, "UF,URX", NULL, OT_OUTCOME_FAILURE },	  { 200, "CD--", NULL, OT_OUTCOME_ABORTED }, { 200, "SD--", NULL, OT_OUTCOME_FAILURE },
		{ 200, "----", NULL, OT_OUTCOME_SUCCESS }, { 503, "SC--", NULL, OT_OUTCOME_FAILURE },	  { 200, "-", NULL, OT_OUTCOME_SUCCESS },   { 200, "TCP_MISS_ABORTED", NULL, OT_OUTCOME_ABORTED },
		{ 446, NULL, "deny:pii", OT_OUTCOME_DENIED }, { 200, NULL, "deny:pii", OT_OUTCOME_SUCCESS }, { 200, "DC,UC", NULL, OT_OUTCOME_ABORTED },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		start();
		set_int(OT_HTTP_RESPONSE_STATUS_CODE, cases[i].status);
		ot_record_set_text(&draft.record, OT_ERROR_TYPE, text(cases[i].error));
		ot_record_set_text(&draft.record, OT_POLICY_ACTION, text(cases[i].policy));
		normalize();
		CHECK_INT(number(OT_OUTCOME), cases[i].outcome);
		CHECK_INT(number(OT_HTTP_RESPONSE_STATUS_CODE), cases[i].status < 0 ? 0 : cases[i].status);
	}
	start();
	normalize();
	CHECK_INT(number(OT_OUTCOME), OT_OUTCOME_UNKNOWN);
	CHECK(!has(OT_HTTP_RESPONSE_STATUS_CODE));
	start();
	set_int(OT_HTTP_RESPONSE_STATUS_CODE, 200);
	set_int(OT_OUTCOME, OT_OUTCOME_FAILURE);
	normalize();
	CHECK_INT(number(OT_OUTCOME), OT_OUTCOME_FAILURE);
}

static void numbers_that_cannot_be_are_null(void)
{
	start();
	set_int(OT_DURATION, -1);
	set_int(OT_HTTP_RESPONSE_SIZE, -1);
	set_int(OT_CLIENT_PORT, 0);
	set_int(OT_SERVER_PORT, 70000);
	set_int(OT_UPSTREAM_STATUS_CODE, 0);
	set_int(OT_GEN_AI_INPUT_TOKENS, -5);
	set_int(OT_HTTP_RESPONSE_STATUS_CODE, 1000);
	set_int(OT_HTTP_REQUEST_SIZE, 0);
	normalize();
	CHECK(!has(OT_DURATION) && !has(OT_HTTP_RESPONSE_SIZE) && !has(OT_CLIENT_PORT) && !has(OT_SERVER_PORT) && !has(OT_UPSTREAM_STATUS_CODE));
	CHECK(!has(OT_GEN_AI_INPUT_TOKENS) && !has(OT_HTTP_RESPONSE_STATUS_CODE));
	CHECK_INT(number(OT_HTTP_REQUEST_SIZE), 0);
}

static bool trace_is(const char *hex)
{
	struct ot_buf text_of = { 0 };
	struct ot_str id = got(OT_TRACE_ID);
	ot_buf_hex(&text_of, id.ptr, id.len);
	bool same = ot_str_eq(ot_buf_str(&text_of), text(hex));
	ot_buf_release(&text_of);
	return same;
}

static void traceparents_are_read_as_w3c_says(void)
{
	static const char *const good[] = { "00-92054b9099b6df575c365d80128ff0bd-55dfd57f80191f87-01", "01-92054b9099b6df575c365d80128ff0bd-55dfd57f80191f87-01-more",
		"cc-92054b9099b6df575c365d80128ff0bd-55dfd57f80191f87-00" };
	static const char *const bad[] = { "ff-92054b9099b6df575c365d80128ff0bd-55dfd57f80191f87-01", "00-00000000000000000000000000000000-55dfd57f80191f87-01",
		"00-92054b9099b6df575c365d80128ff0bd-0000000000000000-01", "00-92054B9099B6DF575C365D80128FF0BD-55dfd57f80191f87-01",
		"00-92054b9099b6df575c365d80128ff0bd-55dfd57f80191f87-01-more", "00-92054b9099b6df575c365d80128ff0bd-55dfd57f80191f87-0", "00-xyz", "zz",
		"00-92054b9099b6df575c365d80128ff0bd-55dfd57f80191f87-zz", "00-92054b9099b6df575c365d80128ff0bd_55dfd57f80191f87-01" };
	for (size_t i = 0; i < 3; i++) {
		start();
		draft.traceparent = text(good[i]);
		normalize();
		CHECK(trace_is("92054b9099b6df575c365d80128ff0bd"));
		CHECK_INT(got(OT_SPAN_ID).len, 8);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		start();
		draft.traceparent = text(bad[i]);
		normalize();
		CHECK(!has(OT_TRACE_ID) && !has(OT_SPAN_ID));
		CHECK(ot_str_starts(got(OT_ATTRIBUTES), OT_STR("{\"traceparent\":\"")));
	}
}

static void trace_ids_are_read_in_any_form(void)
{
	static const char *const forms[] = { "92054b9099b6df575c365d80128ff0bd", "92054B9099B6DF575C365D80128FF0BD", "92054b90-99b6-df57-5c36-5d80128ff0bd",
		"\x92\x05\x4b\x90\x99\xb6\xdf\x57\x5c\x36\x5d\x80\x12\x8f\xf0\xbd" };
	for (size_t i = 0; i < 4; i++) {
		start();
		set(OT_TRACE_ID, forms[i]);
		normalize();
		CHECK(trace_is("92054b9099b6df575c365d80128ff0bd"));
	}
	start();
	set(OT_TRACE_ID, "463ac35c9f6413ad");
	set(OT_SPAN_ID, "463ac35c9f6413ad");
	normalize();
	CHECK(trace_is("0000000000000000463ac35c9f6413ad"));
	CHECK_INT(got(OT_SPAN_ID).len, 8);
	start();
	set(OT_TRACE_ID, "not-a-trace");
	set(OT_SPAN_ID, "00000000");
	normalize();
	CHECK(!has(OT_TRACE_ID));
	CHECK_STR(ot_str_sub(got(OT_ATTRIBUTES), 0, 99), "{\"trace_id\":\"not-a-trace\"}");
}

static void content_leaves_its_digest_and_size(void)
{
	uint8_t digest[OT_DIGEST_LEN];
	start();
	draft.content = OT_STR("What is the balance of c0096?");
	normalize();
	ot_sha256(draft.content, digest);
	CHECK_INT(got(OT_CONTENT_DIGEST).len, OT_DIGEST_LEN);
	CHECK(memcmp(got(OT_CONTENT_DIGEST).ptr, digest, OT_DIGEST_LEN) == 0);
	CHECK_STR(got(OT_ATTRIBUTES), "{\"content_size\":29}");
}

static void attributes_are_one_sorted_object(void)
{
	struct ot_extra extras[] = { { OT_STR("upstream.b"), OT_STR("\"x\"") }, { OT_STR("a\"b"), OT_STR("[1,{\"password\":\"hunter2\"}]") }, { OT_STR("api_key"), OT_STR("\"abcdef\"") },
		{ OT_STR("prompt_tokens"), OT_STR("12") }, { OT_STR("upstream.a"), OT_STR("null") }, { OT_STR("prompt_tokens"), OT_STR("13") } };
	for (int i = 0; i < 3; i++) {
		start();
		draft.extras = extras;
		draft.extra_count = 6;
		normalize();
		struct ot_str a = got(OT_ATTRIBUTES);
		CHECK(ot_str_starts(a, OT_STR("{\"a\\\"b\":[1,{\"password\":\"k:")));
		CHECK(ot_str_ends(a, OT_STR("\",\"prompt_tokens\":13,\"upstream.a\":null,\"upstream.b\":\"x\"}")));
		CHECK(ot_str_find(a, OT_STR("hunter2")) < 0 && ot_str_find(a, OT_STR("abcdef")) < 0);
	}
	start();
	draft.extras = extras;
	draft.extra_count = 6;
	context.keep_attributes = false;
	normalize();
	CHECK(!has(OT_ATTRIBUTES));
}

static void attributes_have_a_largest_size(void)
{
	static char big[40001];
	memset(big, 'x', 40000);
	big[0] = big[39999] = '"';
	struct ot_extra extras[] = { { OT_STR("a"), OT_STR("1") }, { OT_STR("b"), { big, 40000 } }, { OT_STR("c"), OT_STR("2") } };
	start();
	draft.extras = extras;
	draft.extra_count = 3;
	normalize();
	CHECK_STR(got(OT_ATTRIBUTES), "{\"a\":1,\"c\":2,\"truncated\":true}");
}

static void texts_of_callers_are_looked_through(void)
{
	static const enum ot_field fields[] = { OT_USER_AGENT, OT_FORWARDED_FOR, OT_ERROR_TYPE, OT_REQUEST_ID, OT_SESSION_ID, OT_USER, OT_CONSUMER, OT_TOOL, OT_GEN_AI_REQUEST_MODEL,
		OT_SERVER_ADDRESS, OT_HTTP_REQUEST_METHOD, OT_CLIENT_ADDRESS, OT_NETWORK_PROTOCOL_VERSION, OT_HTTP_ROUTE, OT_GATEWAY_SERVICE, OT_TLS_CLIENT_SUBJECT, OT_CREDENTIAL_ALIAS };
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		start();
		set(fields[i], "sk-live-77aa88bb99cc00dd");
		normalize();
		struct ot_buf json = { 0 };
		ot_record_put_json(&json, &draft.record, NULL);
		CHECK(ot_str_find(ot_buf_str(&json), OT_STR("77aa88")) < 0 && ot_str_find(ot_buf_str(&json), OT_STR("77AA88")) < 0);
		ot_buf_release(&json);
	}
	for (int i = 0; i < 2; i++) {
		start();
		set(OT_USER_AGENT, "partner/1.0 (https://partner.example/bot; token=abcdefgh12345678)");
		normalize();
		CHECK(ot_str_starts(got(OT_USER_AGENT), OT_STR("partner/1.0 (https://partner.example/bot; token=k:")));
	}
}

int main(void)
{
	normalizer = ot_normalizer_new(OT_STR("key"));
	RUN(the_context_is_in_the_record);
	RUN(the_start_is_the_end_without_the_duration);
	RUN(local_times_get_their_zone);
	RUN(a_year_that_is_missing_is_the_nearest_past);
	RUN(addresses_have_one_form);
	RUN(the_client_is_the_best_known_address);
	RUN(the_leg_is_known_by_configured_addresses);
	RUN(the_outcome_is_what_happened);
	RUN(numbers_that_cannot_be_are_null);
	RUN(traceparents_are_read_as_w3c_says);
	RUN(trace_ids_are_read_in_any_form);
	RUN(content_leaves_its_digest_and_size);
	RUN(attributes_are_one_sorted_object);
	RUN(attributes_have_a_largest_size);
	RUN(texts_of_callers_are_looked_through);
	ot_normalizer_free(normalizer);
	return test_end();
}
