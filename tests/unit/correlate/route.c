/* The route that a path shows by itself. */
#include <correlate/route.h>
#include <tests/test.h>

static struct ot_str route(const char *path)
{
	static struct ot_buf out;
	ot_buf_clear(&out);
	ot_route_of_path(ot_str_from(path), &out);
	return ot_buf_str(&out);
}

static const char *const paths[][2] = {
	{ "", "" },
	{ "*", "*" },
	{ "/", "/" },
	{ "/api/payments", "/api/payments" },
	{ "/api/payments/", "/api/payments" },
	{ "/api/payments/17", "/api/payments/{id}" },
	{ "/api/payments/pay_cb3591ea/items/17", "/api/payments/{id}/items/{id}" },
	{ "/api/customers/c0370/export", "/api/customers/{id}/export" },
	{ "/17/a//b/18/", "/{id}/a//b/{id}" },
	{ "shop.example:443", "shop.example:443" },
	{ "/v1/chat/completions", "/v1/chat/completions" },
	{ "/openai/v1/models/gpt-4o-mini", "/openai/v1/models/gpt-4o-mini" },
	{ "/users;jsessionid=8A7B6C5D/17;x=1", "/users/{id}" },
	{ "/odata/Orders(17)/Items('a b')", "/odata/Orders({id})/Items({id})" },
	{ "/v1/projects/my-app/jobs/9981:cancel", "/v1/projects/my-app/jobs/{id}:cancel" },
	{ "/v1beta/models/gemini-1.5-pro:generateContent", "/v1beta/models/gemini-1.5-pro:generateContent" },
};

static const char *const ids[] = {
	"0", "17", "20260314", "-1", "+4915112345678", "123-456-789", "10,11,12", "52.52,13.40", "10.0.0.7", "pay_cb3591ea", "ord_a14306", "ord_ng208",
	"ord_p10", "ord_u0", "ord_dup1", "c0370", "c0098", "sku-10", "sku-2", "SKU-7", "missing-71", "PROJ-123", "cus_9fQ2kd", "cus_NffrFeUfNV2Hib",
	"pi_3MtwBwLkdIwHu7ix28a3tqPa", "sub_1MowQVLkdIwHu7ixeRlqHVzs", "sk_live_51H8aBcDeFgHiJk", "req-web-8f467437", "i-0abcd1234ef567890",
	"vpc-1a2b3c4d", "deadbee1", "DEADBEE1", "8f467437", "507f1f77bcf86cd799439011", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
	"550E8400E29B41D4A716446655440000", "0x3fa94c11ab", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "01HQXW5P7R8ZYFG9K3NMVBTCDE",
	"0ujtsYcgvSTl8PAuAdqWYSMnLOv", "1srOrx2ZWZBpBUvZwXKQmoEYga2", "9m4e2mr0ui3e8a215n4g", "cjld2cjxh0000qzrmn831i7rn",
	"V1StGXR8_Z5jdHi6B-myT", "2cWYPxEo8tw4jsnCFMZeqP", "awLRZ3Re7IlHc56BECCG8AAAAAY", "dQw4w9WgXcQ", "U024BE7LH", "C0G9QF9GW", "a1b2c3",
	"user1234", "user-550e8400-e29b-41d4-a716-446655440000", "invoice-2026-0042", "report-2026-03-14", "backup-20260314", "some-title-90210",
	"90210-some-title", "arn:aws:iam::123456789012:user", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.dozjgNryP4J3jVmNHl0w5N_XgL0",
	"7F000C01EB117F0002021F906B02D164002D6073", "%31%37", "pay%5Fcb3591ea", "ord_1,ord_2",
};

static const char *const words[] = {
	"payments", "v1", "v2beta1", "V2", "v1.2", "v1alpha", "oauth2", "mp3", "s3", "api-v2", "api-2", "2fa", "i18n", "k8s", "a11y", "l10n", "e2e",
	"b2b", "p2p", "3d", "5g", "1st", "utf-8", "utf8", "sha256", "sha-512", "http2", "base64", "ipv4", "x509", "h264", "md5", "ec2", "iso8601",
	"iso-8859-1", "rfc7231", "amd64", "log4j", "top100", "ord_ua", "gpt-4", "gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4o-2024-08-06",
	"claude-3-5-sonnet-20241022", "claude-sonnet-4-20250514", "claude-3.5-sonnet", "text-embedding-3-small", "llama-3.1-70b-instruct", "mixtral-8x7b",
	"deepseek-r1", "o3-mini", "whisper-1", "gemini-1.5-pro", "web_search_20250305", "us-east-1", "eu-west-2", "level-3", "login_oauth2", "enable_2fa",
	"payments_v2", "get_2fa_status", "get-structured-content", "listObjectsV2ByBucketName", "createOAuth2AuthorizationUrl",
	"retrieveCustomerBalanceTransactions", "Geschwindigkeitsbegrenzung", "notifications", "authorization_endpoint_configuration", "1.0", "2.1.3",
	"jquery-3.6.0.min.js", "photo.jpg", "logo.v2.png", "host1.example.com", "@alice", "alice", "deadbeef", "{id}", "{user}", ":id", "*", ".well-known",
	"openid-configuration", "1080p", "my-10-best-tips", "a%20b", "%", "%zz", "my-post-title-2024", "error404", "top-10-of-2024", "iPhone15ProMax",
};

static const char *const others[][2] = {
	{ "550e8400-e29b-41d4-a716-446655440000", "{uuid}" },
	{ "550E8400-E29B-41D4-A716-446655440000", "{uuid}" },
	{ "550e8400-e29b-41d4-a716-446655440000.pdf", "{uuid}.pdf" },
	{ "2026-03-14", "{date}" },
	{ "2026-03", "{date}" },
	{ "2026-W11", "{date}" },
	{ "2026-Q1", "{date}" },
	{ "2026.03.14", "{date}" },
	{ "2026-03-14T02:10:00Z", "{date}" },
	{ "2026-03-14T02%3A10%3A00Z", "{date}" },
	{ "2026-13-14", "{id}" },
	{ "a@b.example", "{email}" },
	{ "jane.doe%2Bx%40mail.example.org", "{email}" },
	{ "a@b", "a@b" },
	{ "17.json", "{id}.json" },
	{ "pay_cb3591ea.pdf", "{id}.pdf" },
	{ "sku-10.json", "{id}.json" },
	{ "report.2026.pdf", "report.{id}.pdf" },
	{ "app.3f2a1b9c.js", "app.{id}.js" },
};

static void whole_paths_become_routes(void)
{
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		CHECK_STR(route(paths[i][0]), paths[i][1]);
}

static void segment_becomes(const char *segment, const char *expected)
{
	char path[256], wanted[256];
	snprintf(path, sizeof(path), "/api/%s/x", segment);
	snprintf(wanted, sizeof(wanted), "/api/%s/x", expected);
	CHECK_STR(route(path), wanted);
}

static void ids_become_parameters(void)
{
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		segment_becomes(ids[i], "{id}");
}

static void words_stay(void)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		segment_becomes(words[i], words[i]);
}

static void dates_uuids_addresses_and_files_have_their_own_names(void)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		segment_becomes(others[i][0], others[i][1]);
}

/* What comes out is a route of its own: a second look changes nothing. */
static void a_route_of_a_route_is_itself(void)
{
	struct ot_buf once = { 0 }, twice = { 0 };
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		ot_buf_clear(&once);
		ot_buf_clear(&twice);
		struct ot_str first = route(ids[i]);
		ot_buf_str_put(&once, first);
		ot_route_of_path(ot_buf_str(&once), &twice);
		CHECK(ot_str_eq(ot_buf_str(&once), ot_buf_str(&twice)));
	}
	ot_buf_release(&once);
	ot_buf_release(&twice);
}

static void any_bytes_are_taken(void)
{
	unsigned state = 1;
	char path[300];
	struct ot_buf out = { 0 };
	for (int round = 0; round < 20000; round++) {
		size_t len = (size_t)round % sizeof(path);
		for (size_t i = 0; i < len; i++) {
			state = state * 1103515245u + 12345u;
			path[i] = round % 2 ? (char)(state >> 16) : "/%._-@(),:;0123456789abcxyzABC"[(state >> 16) % 30];
		}
		ot_buf_clear(&out);
		ot_route_of_path((struct ot_str){ path, len }, &out);
	}
	ot_buf_release(&out);
}

int main(void)
{
	RUN(whole_paths_become_routes);
	RUN(ids_become_parameters);
	RUN(words_stay);
	RUN(dates_uuids_addresses_and_files_have_their_own_names);
	RUN(a_route_of_a_route_is_itself);
	RUN(any_bytes_are_taken);
	return test_end();
}
