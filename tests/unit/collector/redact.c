/* Redaction: secrets by name, by shape and by place become one text wherever they stand, and nothing else changes. */
#include <collector/redact.h>
#include <base/str.h>
#include <stdlib.h>
#include <tests/test.h>

static struct ot_redactor *redactor;

static struct ot_str text(const char *t) { return ot_str_from(t); }
static bool holds(struct ot_str in, struct ot_str what) { return ot_str_find(in, what) >= 0; }

static void wrong(const char *what, struct ot_str t)
{
	fprintf(stderr, "%s: %.*s\n", what, OT_STR_ARGS(t));
	CHECK(false);
}

/* What `secret` becomes. */
static struct ot_str mask(const char *secret) { return ot_redact_secret(redactor, text(secret)); }

static struct ot_str json_of(const char *name, const char *json)
{
	static struct ot_buf out;
	ot_buf_clear(&out);
	ot_redact_json(redactor, text(name), text(json), &out);
	return ot_buf_str(&out);
}

/* `with` %s stands for what the secret becomes. */
static void check_becomes(struct ot_str got, const char *with, const char *secret)
{
	char expected[1024];
	struct ot_str m = mask(secret);
	snprintf(expected, sizeof(expected), with, OT_STR_ARGS(m), OT_STR_ARGS(m));
	CHECK_STR(got, expected);
}

static void names_of_secrets_are_known_however_they_are_written(void)
{
	static const char *const secret[] = { "authorization", "Proxy-Authorization", "cookie", "Set-Cookie", "x-api-key", "X_API_KEY", "apiKey", "APIKey", "apikey",
		"XAPIKEY", "api-key", "x-goog-api-key", "access_token", "accessToken", "accesstoken", "token", "id_token", "refresh_token", "csrfToken", "password",
		"Passwd", "pwd", "pass", "user.password", "user[password]", "new_password", "password_confirmation", "secret", "client_secret", "clientsecret",
		"secret_key", "aws_secret_access_key", "private_key", "key", "api_keys", "sig", "signature", "X-Amz-Signature", "x-hub-signature-256", "X-Amz-Credential",
		"X-Amz-Security-Token", "code", "auth_code", "code_verifier", "auth", "x-auth", "card", "card_number", "cardNumber", "cc", "pan", "cvv", "cvv2", "CVC",
		"pin", "card_pin", "otp", "jwt", "client_assertion", "SAMLResponse", "JSESSIONID", "PHPSESSID", "Ocp-Apim-Subscription-Key", "x-functions-key",
		"virtual_key", "x-portkey-virtual-key", "private-token", "X-Vault-Token", "bearer", "credentials", "request.headers.authorization",
		"headers.cookie.theme", "authorization.0", "password_hash", "token_value", "ssn", "passphrase", "page_token", "x-consumer-key" };
	static const char *const plain[] = { "prompt_tokens", "max_tokens", "total_tokens", "tokens", "completion_tokens", "token_type", "tokenType", "key_hash", "author",
		"authors", "keyword", "keywords", "status_code", "statusCode", "error_code", "country_code", "monkey", "design", "assign", "card_count", "card_type",
		"discard", "cardinality", "max_token", "time_to_first_token", "public_key", "cache_key", "partition_key", "idempotency-key", "primary_key",
		"sec-websocket-key", "key_id", "key_alias", "api_key_id", "compass", "bypass", "passenger", "pinned", "shipping", "spin", "code_name", "encode", "zipcode",
		"authority", "authenticated", "session_id", "mcp_session", "signal", "design_code", "tokenizer", "token_count", "secret_name", "password_expires",
		"cookie_count", "number", "phone_number", "response", "user", "user_agent", "path", "query", "id", "", "123", "company", "expand", "panel", "client" };
	for (size_t i = 0; i < sizeof(secret) / sizeof(*secret); i++)
		if (!ot_redact_is_secret_name(text(secret[i])))
			wrong("no secret", text(secret[i]));
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		if (ot_redact_is_secret_name(text(plain[i])))
			wrong("a secret", text(plain[i]));
}

static void a_secret_becomes_a_keyed_hash_and_its_last_four(void)
{
	struct ot_redactor *other = ot_redactor_new(OT_STR("another key"));
	struct ot_str m = mask("mk_live_5b1f0c7e92a44d");
	CHECK_INT(m.len, 23);
	CHECK_STR(ot_str_sub(m, 0, 2), "k:");
	CHECK_STR(ot_str_sub(m, 18, 5), ":a44d");
	CHECK(ot_str_eq(m, mask("mk_live_5b1f0c7e92a44d")));
	CHECK(ot_str_eq(m, mask(" mk_live_5b1f0c7e92a44d ")));
	CHECK(!ot_str_eq(m, mask("mk_live_5b1f0c7e92a44e")));
	CHECK(!ot_str_eq(m, ot_redact_secret(other, OT_STR("mk_live_5b1f0c7e92a44d"))));
	ot_redactor_free(other);
}

static void short_secrets_and_passwords_show_nothing(void)
{
	CHECK_INT(mask("hunter2").len, 18);
	CHECK_INT(mask("elevenchars").len, 18);
	CHECK_INT(mask("YWNtZTpBY21lLVBhc3MtNzc=").len, 18); /* acme:Acme-Pass-77 */
	CHECK_INT(mask("a quoted \"secret\"").len, 18);
	CHECK_STR(mask(""), "");
}

static void what_is_masked_already_stays(void)
{
	struct ot_str once = mask("mk_live_5b1f0c7e92a44d");
	char line[128];
	snprintf(line, sizeof(line), "{\"api_key\":\"%.*s\",\"q\":\"token=%.*s\"}", OT_STR_ARGS(once), OT_STR_ARGS(once));
	CHECK(ot_str_eq(ot_redact_secret(redactor, once), once));
	CHECK(ot_redact_text(redactor, text(line)).ptr == line);
}

static void a_query_changes_only_where_its_secrets_are(void)
{
	check_becomes(ot_redact_query(redactor, text("a=1&token=secret-in-url-31337&b=%26c")), "a=1&token=%.*s&b=%%26c", "secret-in-url-31337");
	check_becomes(ot_redact_query(redactor, text("api%5Fkey=abc%2Fdef")), "api%%5Fkey=%.*s", "abc/def");
	check_becomes(ot_redact_query(redactor, text("q=sk%2Dlive-77aa88bb99")), "q=%.*s", "sk-live-77aa88bb99");
	check_becomes(ot_redact_query(redactor, text("sk_live_77aa88bb99cc")), "%.*s", "sk_live_77aa88bb99cc");
	check_becomes(ot_redact_query(redactor, text("code=4%2F0AX&state=x")), "code=%.*s&state=x", "4/0AX");
	check_becomes(ot_redact_query(redactor, text("a=1;token=abcdef;b=2")), "a=1;token=%.*s;b=2", "abcdef");
	check_becomes(ot_redact_query(redactor, text("u[password]=hunter2")), "u[password]=%.*s", "hunter2");
	check_becomes(ot_redact_query(redactor, text("card=4111111111111111")), "card=%.*s", "4111111111111111");
	check_becomes(ot_redact_query(redactor, text("next=https%3A%2F%2Fbob%3Apw1%40h%2Fx%3Fy%3D1&z=2")), "next=https://bob:%.*s@h/x?y=1&z=2", "pw1");
	check_becomes(ot_redact_query(redactor, text("next=%2Fcb%3Ftoken%3Dabcd%26z%3D1")), "next=/cb?token=%.*s%%26z=1", "abcd");
}

static void a_query_without_secrets_is_itself(void)
{
	static const char *const queries[] = { "limit=5&status=settled", "", "&&=", "=", "a", "max_tokens=100&prompt_tokens=5", "a=1&b=%26c", "%", "%4", "a=%zz", "x=%00%ff",
		"redirect=https%3A%2F%2Fexample.com%2Fa%3Fb%3Dc", "token=", "token", "token=-", "status_code=404&author=bob&keyword=key" };
	for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++)
		CHECK(ot_redact_query(redactor, text(queries[i])).ptr == queries[i]);
}

static void text_is_searched_by_name(void)
{
	static const struct {
		const char *in, *out, *secret;
	} cases[] = {
		{ "login password=hunter2 user=bob", "login password=%.*s user=bob", "hunter2" },
		{ "password: hunter2", "password: %.*s", "hunter2" },
		{ "{\"user\":\"bob\",\"password\":\"a\\\"b\\\\\",\"x\":1", "{\"user\":\"bob\",\"password\":\"%.*s\",\"x\":1", "a\"b\\" },
		{ "{\"password\" : \"hunter2", "{\"password\" : \"%.*s", "hunter2" },
		{ "{'api_key': 'abc', 'b': 1}", "{'api_key': '%.*s', 'b': 1}", "abc" },
		{ "{\"log\":\"{\\\"token\\\":\\\"abc\\\",\\\"b\\\":1}\"}", "{\"log\":\"{\\\"token\\\":\\\"%.*s\\\",\\\"b\\\":1}\"}", "abc" },
		{ "{\"pin\":1234,\"b\":1", "{\"pin\":\"%.*s\",\"b\":1", "1234" },
		{ "\"authorization\":[\"Bearer abc\"],\"b\":1", "\"authorization\":[\"Bearer %.*s\"],\"b\":1", "abc" },
		{ "Authorization: Bearer abc\r\nHost: x", "Authorization: Bearer %.*s\r\nHost: x", "abc" },
		{ "Authorization: Basic YTpi next", "Authorization: Basic %.*s next", "YTpi" },
		{ "Authorization: Digest username=\"bob\", response=\"1\"", "Authorization: Digest %.*s\"bob\", response=\"1\"", "username=" },
		{ "curl -H 'X-Api-Key: abc' http://x", "curl -H 'X-Api-Key: %.*s' http://x", "abc" },
		{ "Cookie: sid=abc; theme=abc", "Cookie: sid=%.*s; theme=%.*s", "abc" },
		{ "Set-Cookie: sid=abc; Path=/; HttpOnly", "Set-Cookie: sid=%.*s; Path=/; HttpOnly", "abc" },
		{ "GET /cb?code=xyz&state=1 HTTP/1.1", "GET /cb?code=%.*s&state=1 HTTP/1.1", "xyz" },
		{ "GET /cb?next=%2Fa%3Ftoken%3Dxyz HTTP/1.1", "GET /cb?next=/a?token=%.*s HTTP/1.1", "xyz" },
		{ "\\x22password\\x22:\\x22abc\\x22,\\x22b\\x22:1", "\\x22password\\x22:\\x22%.*s\\x22,\\x22b\\x22:1", "abc" },
		{ "{\"\\u0070assword\":\"abc\"}", "{\"password\":\"%.*s\"}", "abc" },
		{ "secret=a,b,c (x)", "secret=%.*s (x)", "a,b,c" },
		{ "secret=abc, next=1", "secret=%.*s, next=1", "abc" },
		{ "{\"token\":{\"kind\":\"abc\",\"b\":[\"abc\"]},\"user\":\"x\"", "{\"token\":{\"kind\":\"%.*s\",\"b\":[\"%.*s\"]},\"user\":\"x\"", "abc" },
		{ ":password=>\"abc\"", ":password=>\"%.*s\"", "abc" },
		{ "{\"password\":\"\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c\"}", "{\"password\":\"%.*s\"}", "\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_becomes(ot_redact_text(redactor, text(cases[i].in)), cases[i].out, cases[i].secret);
}

static void text_is_searched_by_shape(void)
{
	static const char *const tokens[] = { "sk-lab-revoked-1", "sk-ant-api03-AbCdEf012345", "sk-proj-0123456789abcdef", "mk_live_5b1f0c7e92a44d", "rk_test_51Habcdef0",
		"pk_acme_61d0a9c3f7be", "vk-support-7d21b8", "AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", "ghp_0123456789abcdefghijABCDEFGHIJ012345",
		"github_pat_11ABCDEFG0abcdefghij_0123456789", "xoxb-123456789012-abcdef", "AIzaSyA0123456789abcdefghijklmnopqrstuv", "glpat-0123456789abcdefghij", "glpat-yzkebewsNOrhihEJisov",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJnbG9iZXgifQ.7ipSe2sFmcj91MuBlIxEs0l8_D1IdJBM", "hf_abcdefghijklmnopqrstuvwxyz" };
	static const char *const places[] = { "%s", "curl/8 (%s)", "key %s, and more", "/reset/%s/x", "a \"%s\"", "[%s]", "x=%s", "Bearer %s", "\xff%s\xff", "x:%s|y" };
	char line[512], expected[512];
	for (size_t i = 0; i < sizeof(tokens) / sizeof(*tokens); i++)
		for (size_t p = 0; p < sizeof(places) / sizeof(*places); p++) {
			char with[64];
			struct ot_str m = mask(tokens[i]);
			snprintf(with, sizeof(with), "%.*s", OT_STR_ARGS(m));
			snprintf(line, sizeof(line), places[p], tokens[i]);
			snprintf(expected, sizeof(expected), places[p], with);
			CHECK_STR(ot_redact_text(redactor, text(line)), expected);
		}
	check_becomes(ot_redact_text(redactor, text("x bearer AbCdEfGh9 y")), "x bearer %.*s y", "AbCdEfGh9");
	check_becomes(ot_redact_text(redactor, text("x Basic YWNtZTpBY21lLVBhc3MtNzc= y")), "x Basic %.*s y", "YWNtZTpBY21lLVBhc3MtNzc=");
	check_becomes(ot_redact_text(redactor, text("a -----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- b")), "a %.*s b",
	    "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----");
}

static void passwords_in_urls_are_found(void)
{
	check_becomes(ot_redact_text(redactor, text("to https://bob:pa%3Ass@h.x:80/p?q")), "to https://bob:%.*s@h.x:80/p?q", "pa:ss");
	check_becomes(ot_redact_text(redactor, text("postgres://u:p@ss@h/db")), "postgres://u:%.*s@h/db", "p@ss");
	check_becomes(ot_redact_text(redactor, text("https://0123456789abcdef0@h/x.git")), "https://%.*s@h/x.git", "0123456789abcdef0");
}

static void text_without_secrets_is_itself(void)
{
	static const char *const texts[] = { "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
		"LabBank/5.1 (iPhone; iOS 18.1)", "831da75bd38cc770626761e95d474fa0", "3f9a1c77-9d1e-4a40-8f00-1c2d3e4f5a6b", "req-mobile-app-29ce5b9c",
		"upstream prematurely closed connection", "scikit sk-learn task-force risk-42", "token bucket: basic plan, bearer of news", "Unexpected end of JSON",
		"http://token.example.com:8443/a", "https://bob@example.com/x", "GET /api/payments?limit=5&status=settled HTTP/1.1", "{\"usage\":{\"total_tokens\":12,\"token\":5}}",
		"{\"code\":\"invalid_request\",\"status_code\":404}", "a=b&c=d", "\"key\":\"status\"", "authorization=- password=\"\" token=null", "%41%zz\\u0041\\", "", "::=:=",
		"password=[REDACTED] cookie: ***", "{\"Authorization\":[],\"X-Request-Id\":[\"r\"],\"token\":{},\"a\":\"b\"", "\xff\xfe:\x00=\"", "monkey=1 design:2 keyword=3 author:4" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct ot_str got = ot_redact_text(redactor, text(texts[i]));
		if (got.ptr != texts[i])
			wrong("changed", got);
	}
}

static void json_is_searched_at_any_depth(void)
{
	check_becomes(json_of("authorization", "\"Bearer abc\""), "\"Bearer %.*s\"", "abc");
	check_becomes(json_of("h", "{\"x\":[1,{\"api_key\":\"a\\/b\"}],\"max_tokens\":5}"), "{\"x\":[1,{\"api_key\":\"%.*s\"}],\"max_tokens\":5}", "a/b");
	check_becomes(json_of("headers", "[{\"name\":\"Cookie\",\"value\":\"a=b1\"},{\"name\":\"Accept\",\"value\":\"x\"}]"),
	    "[{\"name\":\"Cookie\",\"value\":\"a=%.*s\"},{\"name\":\"Accept\",\"value\":\"x\"}]", "b1");
	check_becomes(json_of("headers", "[{\"value\":\"abc\",\"key\":\"X-Api-Key\"}]"), "[{\"value\":\"%.*s\",\"key\":\"X-Api-Key\"}]", "abc");
	check_becomes(json_of("raw", "[\"Host\",\"x\",\"Authorization\",\"Bearer abc\",\"Accept\",\"y\"]"), "[\"Host\",\"x\",\"Authorization\",\"Bearer %.*s\",\"Accept\",\"y\"]", "abc");
	check_becomes(json_of("token", "{\"type\":\"bearer\",\"value\":\"abc\"}"), "{\"type\":\"bearer\",\"value\":\"%.*s\"}", "abc");
	check_becomes(json_of("request.headers.cookie.sid", "\"abc\""), "\"%.*s\"", "abc");
	check_becomes(json_of("log", "\"{\\\"password\\\":\\\"abc\\\"}\""), "\"{\\\"password\\\":\\\"%.*s\\\"}\"", "abc");
	check_becomes(json_of("cvv", "123"), "\"%.*s\"", "123");
	check_becomes(json_of("x", "\"q=sk%2Dlive-77aa88bb99\""), "\"q=%.*s\"", "sk-live-77aa88bb99");
	check_becomes(json_of("x", "{\"sk-live-77aa88bb99\":1}"), "{\"%.*s\":1}", "sk-live-77aa88bb99");
}

static void json_without_secrets_is_itself(void)
{
	static const char *const values[] = { "1", "-1.5e3", "true", "null", "\"\"", "\"a\\u00e9\\n\\\"b\\\"\"", "[]", "{}", "[1,[2,{\"a\":null}],\"x\"]",
		"{\"prompt_tokens\":5,\"token_type\":\"bearer\",\"code\":\"not_found\",\"key\":\"name\",\"keys\":[\"a\"]}", "\"\\udcff\"", "[\"token\",\"user\"]" };
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		CHECK_STR(json_of("x", values[i]), values[i]);
	CHECK_STR(json_of("prompt_tokens", "12"), "12");
	CHECK_STR(json_of("token", "12"), "12");
}

static void what_is_no_json_is_a_string_without_secrets(void)
{
	check_becomes(json_of("x", "{\"password\":\"abc\""), "\"{\\\"password\\\":\\\"%.*s\\\"\"", "abc");
	CHECK_STR(json_of("x", "[1,2"), "\"[1,2\"");
	CHECK_STR(json_of("x", ""), "\"\"");
	CHECK_STR(json_of("x", "1 2"), "\"1 2\"");
	struct ot_buf deep = { 0 }, out = { 0 };
	for (int i = 0; i < 100000; i++)
		ot_buf_char(&deep, '[');
	ot_redact_json(redactor, OT_STR("x"), ot_buf_str(&deep), &out);
	CHECK_INT(out.len, deep.len + 2);
	ot_buf_release(&deep);
	ot_buf_release(&out);
}

/* --- planted secrets --- */

static uint32_t state = 7;
static uint32_t draw(uint32_t below) { state = state * 1664525 + 1013904223; return (state >> 8) % below; }

static void put_drawn(struct ot_buf *out, size_t len, const char *alphabet)
{
	size_t count = strlen(alphabet);
	for (size_t i = 0; i < len; i++)
		ot_buf_char(out, alphabet[draw((uint32_t)count)]);
}

#define LOWER "abcdefghijklmnopqrstuvwxyz0123456789"
#define MIXED "ABCDEFGHIJKLMNOPQRSTUVWXYZ" LOWER
#define HEX "0123456789abcdef"

/* Of a shape that is known wherever it stands, with a digit in it; else only its name tells. */
static bool draw_secret(struct ot_buf *out)
{
	static const struct {
		const char *prefix, *alphabet;
		size_t len;
	} shapes[] = { { "sk-", LOWER "-", 20 }, { "sk-ant-api03-", MIXED "-_", 40 }, { "mk_live_", HEX, 14 }, { "pk_acme_", HEX, 12 }, { "AKIA", "ABCDEFGHIJKLMNOP234567", 16 },
		{ "ghp_", MIXED, 36 }, { "xoxb-", LOWER, 24 }, { "AIza", MIXED "-_", 35 }, { "glpat-", MIXED, 20 }, { "", MIXED, 24 }, { "", LOWER, 10 }, { "p@", MIXED "!$*", 9 } };
	size_t shape = draw(13);
	ot_buf_clear(out);
	if (shape == 12) {
		ot_buf_text(out, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOi");
		put_drawn(out, 12, MIXED);
		ot_buf_char(out, '.');
		put_drawn(out, 32, MIXED "-_");
		return true;
	}
	ot_buf_text(out, shapes[shape].prefix);
	put_drawn(out, shapes[shape].len, shapes[shape].alphabet);
	if (shape == 2 || shape == 3)
		ot_buf_text(out, "42");
	else if (shape != 4)
		ot_buf_text(out, "x7");
	return shape < 9;
}

static void put_percent(struct ot_buf *out, struct ot_str secret, bool all)
{
	for (size_t i = 0; i < secret.len; i++)
		if (all ? draw(2) == 0 : strchr("@!$*%&+", secret.ptr[i]) != NULL)
			ot_buf_printf(out, "%%%02X", (unsigned char)secret.ptr[i]);
		else
			ot_buf_char(out, secret.ptr[i]);
}

enum plant { QUERY, QUERY_ENCODED, HEADER, JSON, JSON_NESTED, BROKEN_JSON, TEXT, USER_INFO, PLANTS };

static struct ot_str planted(enum plant plant, struct ot_str secret, bool known)
{
	static struct ot_buf in, out;
	static const char *const query_names[] = { "token", "api_key", "access_token", "key", "sig", "code", "password", "X-Amz-Signature" };
	static const char *const names[] = { "token", "api_key", "accessToken", "x-api-key", "signature", "client_secret", "password", "authorization" };
	ot_buf_clear(&in);
	ot_buf_clear(&out);
	switch (plant) {
	case QUERY:
	case QUERY_ENCODED:
		ot_buf_printf(&in, "a=1&%s=", known && draw(2) ? "q" : query_names[draw(8)]);
		put_percent(&in, secret, plant == QUERY_ENCODED);
		ot_buf_text(&in, draw(2) ? "&b=2" : "");
		return ot_redact_query(redactor, ot_buf_str(&in));
	case HEADER:
		ot_buf_printf(&in, "GET / HTTP/1.1\r\n%s: %s%.*s\r\nHost: x\r\n", draw(2) ? "Authorization" : "X-Api-Key", draw(2) ? "Bearer " : "", OT_STR_ARGS(secret));
		return ot_redact_text(redactor, ot_buf_str(&in));
	case JSON:
		ot_buf_printf(&in, "{\"a\":[{\"%s\":\"%.*s\"}]}", known && draw(2) ? "note" : names[draw(8)], OT_STR_ARGS(secret));
		ot_redact_json(redactor, OT_STR("x"), ot_buf_str(&in), &out);
		return ot_buf_str(&out);
	case JSON_NESTED:
		ot_buf_printf(&in, "\"{\\\"%s\\\":\\\"%.*s\\\"}\"", names[draw(8)], OT_STR_ARGS(secret));
		ot_redact_json(redactor, OT_STR("x"), ot_buf_str(&in), &out);
		return ot_buf_str(&out);
	case BROKEN_JSON:
		ot_buf_printf(&in, "{\"x\":\"\\xe9\",\"%s\":%s\"%.*s\"%s", names[draw(8)], draw(2) ? " " : "", OT_STR_ARGS(secret), draw(2) ? ",\"b\":1}" : "");
		return ot_redact_text(redactor, ot_buf_str(&in));
	case TEXT:
		ot_buf_printf(&in, known ? "refused %.*s for bob" : "refused password=%.*s for bob", OT_STR_ARGS(secret));
		return ot_redact_text(redactor, ot_buf_str(&in));
	default:
		ot_buf_text(&in, "dial https://bob:");
		put_percent(&in, secret, false);
		ot_buf_text(&in, "@h/x");
		return ot_redact_text(redactor, ot_buf_str(&in));
	}
}

static void planted_secrets_never_show_and_always_become_the_same(void)
{
	struct ot_buf secret = { 0 };
	for (int i = 0; i < 5000; i++) {
		bool known = draw_secret(&secret);
		struct ot_str s = ot_buf_str(&secret), m = ot_redact_secret(redactor, s);
		enum plant plant = (enum plant)(i % PLANTS);
		struct ot_str got = planted(plant, s, known);
		if (holds(got, s) || holds(got, ot_str_sub(s, s.len / 2, s.len)) || !holds(got, m)) {
			printf("plant %d: %.*s -> %.*s\n", plant, OT_STR_ARGS(s), OT_STR_ARGS(got));
			CHECK(false);
		}
		if (i % 64 == 0)
			ot_redactor_reset(redactor);
	}
	ot_buf_release(&secret);
}

/* Any bytes: no crash, and what is done once is done. */
static void bytes_of_any_kind_are_taken(void)
{
	static const char *const pieces[] = { "password", "=", ":", "\"", "\\", "\\\"", "token", "[", "]", ",", "://", "@", "%22", "\\x22", "%3D", "Bearer ", "eyJ", ".", "-----BEGIN ",
		"PRIVATE KEY", "sk-", "_live_", "A", "k:0123456789abcdef", "\n", "\xff", "{", "}", "&", ";", "Cookie", "1", "a", " ", "'", "%", "\\u0070", "pin", "abcdefgh12345678" };
	struct ot_buf in = { 0 }, out = { 0 };
	for (int i = 0; i < 20000; i++) {
		ot_buf_clear(&in);
		for (uint32_t k = draw(12); k > 0; k--)
			ot_buf_text(&in, pieces[draw(sizeof(pieces) / sizeof(*pieces))]);
		char *exact = malloc(in.len + 1); /* so that a read past the end is seen */
		memcpy(exact, in.data == NULL ? "" : in.data, in.len);
		struct ot_str t = { exact, in.len };
		ot_redact_text(redactor, t);
		ot_redact_query(redactor, t);
		ot_buf_clear(&out);
		ot_redact_json(redactor, t, t, &out);
		ot_redact_is_secret_name(t);
		ot_redactor_reset(redactor);
		free(exact);
	}
	ot_buf_release(&in);
	ot_buf_release(&out);
}

int main(void)
{
	redactor = ot_redactor_new(OT_STR("the key of this store, 32 bytes!"));
	RUN(names_of_secrets_are_known_however_they_are_written);
	RUN(a_secret_becomes_a_keyed_hash_and_its_last_four);
	RUN(short_secrets_and_passwords_show_nothing);
	RUN(what_is_masked_already_stays);
	RUN(a_query_changes_only_where_its_secrets_are);
	RUN(a_query_without_secrets_is_itself);
	RUN(text_is_searched_by_name);
	RUN(text_is_searched_by_shape);
	RUN(passwords_in_urls_are_found);
	RUN(text_without_secrets_is_itself);
	RUN(json_is_searched_at_any_depth);
	RUN(json_without_secrets_is_itself);
	RUN(what_is_no_json_is_a_string_without_secrets);
	RUN(planted_secrets_never_show_and_always_become_the_same);
	RUN(bytes_of_any_kind_are_taken);
	ot_redactor_free(redactor);
	return test_end();
}
