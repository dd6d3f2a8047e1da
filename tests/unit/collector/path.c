/* Targets: equal requests get equal paths, whatever their log makes of them; a path that hides something keeps it encoded. */
#include <collector/normalize_inside.h>
#include <tests/test.h>

static struct ot_normalizer *normalizer;
static struct ot_draft draft;
static const struct ot_source_context context = { .origin = { "o", 1 }, .keep_attributes = true };

static struct ot_str text(const char *t) { return ot_str_from(t); }
static struct ot_str got(enum ot_field field) { return ot_record_text(&draft.record, field); }

static void normalize(void) { ot_normalize(normalizer, &context, &draft, OT_STR("f"), 0, 0); }

static void target(const char *t)
{
	memset(&draft, 0, sizeof(draft));
	draft.target = text(t);
	normalize();
}

static void paths_are_decoded_where_that_is_safe(void)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "/api/payments", "/api/payments" },
		{ "/a%2fb/%5c/%00/%0d%0a/%7f/%25/%3f%23", "/a%2Fb/%5C/%00/%0D%0A/%7F/%25/%3F%23" },
		{ "/%61%70%69/%7Euser/%20x/%22%3B", "/api/~user/ x/\";" },
		{ "/%E5%AE%A2%C3%A9;v=1", "/\xe5\xae\xa2\xc3\xa9;v=1" },
		{ "/\xe5\xae\xa2", "/\xe5\xae\xa2" },
		{ "/%e9%ff%fe/%c3/%c3%28/%ed%a0%80", "/%E9%FF%FE/%C3/%C3(/%ED%A0%80" },
		{ "/%c2%80/%c2%9f/%c2%a0", "/%C2%80/%C2%9F/\xc2\xa0" },
		{ "/%f0%9f%98%80", "/\xf0\x9f\x98\x80" },
		{ "/%/%4/%zz/%2", "/%/%4/%zz/%2" },
		{ "/a/./b/../c", "/a/c" },
		{ "/a/%2e%2E/c/%2e", "/c/" },
		{ "/../../x", "/x" },
		{ "/a/b/..", "/a/" },
		{ "/a/..", "/" },
		{ "/..", "/" },
		{ "/.", "/" },
		{ "/a//../b//c/", "/a/b//c/" },
		{ "/.well-known/...", "/.well-known/..." },
		{ "//x", "//x" },
		{ "/x#frag", "/x" },
		{ "/x#frag?y", "/x" },
		{ "/ord_%22quote%5Cback%0D%0Anewline", "/ord_\"quote%5Cback%0D%0Anewline" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		target(cases[i].in);
		CHECK_STR(got(OT_URL_PATH), cases[i].out);
		target(cases[i].in); /* remembered */
		CHECK_STR(got(OT_URL_PATH), cases[i].out);
	}
}

static void a_clean_path_is_clean(void)
{
	static const char *const paths[] = { "/a%2e%2e/../b%2Fc", "/%2e%2e%2f", "/%c3%a9/.%2e/%25", "/a/b/../../../c/./d" };
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct ot_buf once = { 0 }, twice = { 0 };
		ot_path_clean(text(paths[i]), &once);
		ot_path_clean(ot_buf_str(&once), &twice);
		CHECK(ot_str_eq(ot_buf_str(&once), ot_buf_str(&twice)));
		ot_buf_release(&once);
		ot_buf_release(&twice);
	}
}

static void queries_are_apart_and_masked(void)
{
	target("/api/x?limit=5&b=%26c");
	CHECK_STR(got(OT_URL_PATH), "/api/x");
	CHECK_STR(got(OT_URL_QUERY), "limit=5&b=%26c");
	target("/api/x?");
	CHECK(!ot_record_has(&draft.record, OT_URL_QUERY));
	target("/api/x?a=1?b=2#c");
	CHECK_STR(got(OT_URL_QUERY), "a=1?b=2");
	target("/c?token=secret-in-url-31337&card=4111111111111111");
	CHECK(ot_str_find(got(OT_URL_QUERY), OT_STR("31337&")) < 0 && ot_str_find(got(OT_URL_QUERY), OT_STR("411111111")) < 0);
	CHECK(ot_str_starts(got(OT_URL_QUERY), OT_STR("token=k:")));
	memset(&draft, 0, sizeof(draft));
	draft.target = OT_STR("/x");
	draft.query = OT_STR("?a=b");
	normalize();
	CHECK_STR(got(OT_URL_QUERY), "a=b");
	memset(&draft, 0, sizeof(draft));
	ot_record_set_text(&draft.record, OT_URL_PATH, OT_STR("/%61?x=1"));
	normalize();
	CHECK_STR(got(OT_URL_PATH), "/a");
	CHECK_STR(got(OT_URL_QUERY), "x=1");
}

static void absolute_urls_give_scheme_and_host(void)
{
	target("HTTP://Example.COM:8080/a/../b?x=1");
	CHECK_STR(got(OT_URL_SCHEME), "http");
	CHECK_STR(got(OT_SERVER_ADDRESS), "example.com");
	CHECK_INT(ot_record_int(&draft.record, OT_SERVER_PORT, 0), 8080);
	CHECK_STR(got(OT_URL_PATH), "/b");
	CHECK_STR(got(OT_URL_QUERY), "x=1");
	target("https://bob:pw@[2001:DB8:0:0::1]:443");
	CHECK_STR(got(OT_SERVER_ADDRESS), "2001:db8::1");
	CHECK_INT(ot_record_int(&draft.record, OT_SERVER_PORT, 0), 443);
	CHECK_STR(got(OT_URL_PATH), "/");
	memset(&draft, 0, sizeof(draft));
	ot_record_set_text(&draft.record, OT_SERVER_ADDRESS, OT_STR("API.lab.test:80"));
	draft.target = OT_STR("http://other:9/x");
	normalize();
	CHECK_STR(got(OT_SERVER_ADDRESS), "api.lab.test");
	CHECK_INT(ot_record_int(&draft.record, OT_SERVER_PORT, 0), 80);
	target("/redirect/http://x/y");
	CHECK(!ot_record_has(&draft.record, OT_SERVER_ADDRESS));
}

static void connect_asks_for_a_host(void)
{
	memset(&draft, 0, sizeof(draft));
	ot_record_set_text(&draft.record, OT_HTTP_REQUEST_METHOD, OT_STR("connect"));
	draft.target = OT_STR("127.0.2.1:8443");
	normalize();
	CHECK_STR(got(OT_HTTP_REQUEST_METHOD), "CONNECT");
	CHECK_STR(got(OT_SERVER_ADDRESS), "127.0.2.1");
	CHECK_INT(ot_record_int(&draft.record, OT_SERVER_PORT, 0), 8443);
	CHECK(!ot_record_has(&draft.record, OT_URL_PATH));
	CHECK(!ot_record_has(&draft.record, OT_HTTP_ROUTE));
}

static void garbage_stays_and_has_no_route(void)
{
	static const char *const garbage[] = { "<BADREQ>", "\x16\x03\x01", "hello", "error:invalid-request", "api/x", "://", "a:b" };
	for (size_t i = 0; i < sizeof(garbage) / sizeof(*garbage); i++) {
		target(garbage[i]);
		CHECK_STR(got(OT_URL_PATH), garbage[i]);
		CHECK(!ot_record_has(&draft.record, OT_HTTP_ROUTE));
	}
	target("");
	CHECK(!ot_record_has(&draft.record, OT_URL_PATH));
	target("-");
	CHECK(!ot_record_has(&draft.record, OT_URL_PATH));
	target("*");
	CHECK_STR(got(OT_URL_PATH), "*");
}

static void routes_are_the_gateways_or_made_of_the_path(void)
{
	target("/api/payments/pay_cb3591ea?x");
	CHECK_STR(got(OT_HTTP_ROUTE), "/api/payments/{id}");
	static const char *const templates[][2] = { { "GET /pets/{petId}", "/pets/{petId}" }, { "/v1/*", "/v1/*" }, { "~/a/(?<id>.*)$", "~/a/(?<id>.*)$" } };
	for (size_t i = 0; i < 3; i++) {
		memset(&draft, 0, sizeof(draft));
		draft.target = OT_STR("/pets/17");
		ot_record_set_text(&draft.record, OT_HTTP_ROUTE, text(templates[i][0]));
		normalize();
		CHECK_STR(got(OT_HTTP_ROUTE), templates[i][1]);
	}
	memset(&draft, 0, sizeof(draft));
	draft.target = OT_STR("/pets/17");
	ot_record_set_text(&draft.record, OT_HTTP_ROUTE, OT_STR("$default"));
	normalize();
	CHECK_STR(got(OT_HTTP_ROUTE), "/pets/{id}");
	CHECK_STR(got(OT_GATEWAY_ROUTE), "$default");
}

static void secrets_in_paths_are_masked_and_parameters(void)
{
	target("/reset/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJnbG9iZXgifQ.7ipSe2sFmcj91MuBlIxEs0l8_D1IdJBM/x");
	CHECK(ot_str_starts(got(OT_URL_PATH), OT_STR("/reset/k:")));
	CHECK_STR(got(OT_HTTP_ROUTE), "/reset/{id}/x");
	target("/k/sk%2Dlive-77aa88bb99/x;jsessionid=ABC");
	CHECK(ot_str_find(got(OT_URL_PATH), OT_STR("77aa88bb")) < 0 && ot_str_find(got(OT_URL_PATH), OT_STR("=ABC")) < 0);
	CHECK(ot_str_find(got(OT_HTTP_ROUTE), OT_STR("77aa88bb")) < 0);
	target("/v1/secrets/token:refresh");
	CHECK_STR(got(OT_URL_PATH), "/v1/secrets/token:refresh");
}

static void methods_are_upper_case_and_bounded(void)
{
	static const char *const cases[][2] = { { "GET", "GET" }, { "get", "GET" }, { "M-SEARCH", "M-SEARCH" }, { "\x16\x03", "\x16\x03" },
		{ "AVERYLONGMETHODTHATNOBODYHASEVERHEARDOF", "AVERYLONGMETHODTHATNOBODYHASEVER" } };
	for (size_t i = 0; i < 5; i++) {
		memset(&draft, 0, sizeof(draft));
		ot_record_set_text(&draft.record, OT_HTTP_REQUEST_METHOD, text(cases[i][0]));
		normalize();
		CHECK_STR(got(OT_HTTP_REQUEST_METHOD), cases[i][1]);
	}
	memset(&draft, 0, sizeof(draft));
	ot_record_set_text(&draft.record, OT_HTTP_REQUEST_METHOD, OT_STR("-"));
	normalize();
	CHECK(!ot_record_has(&draft.record, OT_HTTP_REQUEST_METHOD));
}

static void protocols_are_numbers(void)
{
	static const char *const cases[][2] = { { "HTTP/1.1", "1.1" }, { "HTTP/2.0", "2" }, { "HTTP/2", "2" }, { "h2", "2" }, { "1.0", "1.0" }, { "3", "3" }, { "http/3.0", "3" } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		memset(&draft, 0, sizeof(draft));
		ot_record_set_text(&draft.record, OT_NETWORK_PROTOCOL_VERSION, text(cases[i][0]));
		normalize();
		CHECK_STR(got(OT_NETWORK_PROTOCOL_VERSION), cases[i][1]);
	}
}

static void many_and_long_paths_are_taken(void)
{
	struct ot_buf path = { 0 };
	for (int i = 0; i < 3 * OT_MEMO_KEYS_MAX; i++) {
		ot_buf_clear(&path);
		ot_buf_printf(&path, "/api/n%%%02x/%d?token=t%d", 'a' + i % 26, i, i);
		memset(&draft, 0, sizeof(draft));
		draft.target = ot_buf_str(&path);
		normalize();
		if (!ot_str_starts(got(OT_URL_PATH), OT_STR("/api/n")) || got(OT_HTTP_ROUTE).len != 12)
			CHECK(false);
	}
	ot_buf_clear(&path);
	for (int i = 0; i < 100000; i++)
		ot_buf_text(&path, "/%2e%2e/a");
	memset(&draft, 0, sizeof(draft));
	draft.target = ot_buf_str(&path);
	normalize();
	CHECK_STR(got(OT_URL_PATH), "/a");
	ot_buf_release(&path);
}

int main(void)
{
	normalizer = ot_normalizer_new(OT_STR("key"));
	RUN(paths_are_decoded_where_that_is_safe);
	RUN(a_clean_path_is_clean);
	RUN(queries_are_apart_and_masked);
	RUN(absolute_urls_give_scheme_and_host);
	RUN(connect_asks_for_a_host);
	RUN(garbage_stays_and_has_no_route);
	RUN(routes_are_the_gateways_or_made_of_the_path);
	RUN(secrets_in_paths_are_masked_and_parameters);
	RUN(methods_are_upper_case_and_bounded);
	RUN(protocols_are_numbers);
	RUN(many_and_long_paths_are_taken);
	ot_normalizer_free(normalizer);
	return test_end();
}
