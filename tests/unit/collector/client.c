/* Clients: the strongest name, and who vouches for it; a credential that was refused vouches for nobody. */
#include <collector/normalize.h>
#include <collector/redact.h>
#include <tests/test.h>

#define JWT_HEAD "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
#define JWT_SIGNATURE ".7ipSe2sFmcj91MuBlIxEs0l8_D1IdJBM-TWbUsGPetQ"
/* {"sub": "globex", "iss": "lab", "exp": 4102444800} */
#define JWT_GLOBEX JWT_HEAD "eyJzdWIiOiAiZ2xvYmV4IiwgImlzcyI6ICJsYWIiLCAiZXhwIjogNDEwMjQ0NDgwMH0" JWT_SIGNATURE
/* {"sub":"u1","client_id":"app","azp":"front"} */
#define JWT_APP JWT_HEAD "eyJzdWIiOiJ1MSIsImNsaWVudF9pZCI6ImFwcCIsImF6cCI6ImZyb250In0" JWT_SIGNATURE

static struct ot_normalizer *normalizer;
static struct ot_draft draft;
static const struct ot_source_context context = { .origin = { "o", 1 }, .keep_attributes = true };

static struct ot_str text(const char *t) { return ot_str_from(t); }
static struct ot_str got(enum ot_field field) { return ot_record_text(&draft.record, field); }
static void set(enum ot_field field, const char *value) { ot_record_set_text(&draft.record, field, text(value)); }
static void status(int code) { ot_record_set_int(&draft.record, OT_HTTP_RESPONSE_STATUS_CODE, code); }
static void normalize(void) { ot_normalize(normalizer, &context, &draft, OT_STR("f"), 0, 0); }

static void start(void)
{
	memset(&draft, 0, sizeof(draft));
	set(OT_CLIENT_ADDRESS, "127.0.10.1");
	status(200);
}

static void check_client(const char *client, enum ot_client_kind kind, enum ot_trust trust)
{
	normalize();
	CHECK_STR(got(OT_CLIENT), client);
	CHECK_INT(ot_record_int(&draft.record, OT_CLIENT_KIND, -1), kind);
	CHECK_INT(ot_record_int(&draft.record, OT_CLIENT_TRUST, -1), trust);
}

static void the_strongest_name_is_the_client(void)
{
	start();
	check_client("127.0.10.1", OT_CALLER_ADDRESS, OT_TRUST_INFERRED);
	start();
	set(OT_TLS_CLIENT_SUBJECT, "CN=app,O=acme");
	check_client("CN=app,O=acme", OT_CALLER_CERTIFICATE, OT_TRUST_VERIFIED);
	start();
	set(OT_TLS_CLIENT_SUBJECT, "CN=app");
	set(OT_CREDENTIAL_ALIAS, "agent-7");
	check_client("agent-7", OT_CALLER_CREDENTIAL, OT_TRUST_GATEWAY);
	start();
	set(OT_CREDENTIAL_ALIAS, "agent-7");
	set(OT_CONSUMER, "acme-mobile");
	check_client("acme-mobile", OT_CALLER_CONSUMER, OT_TRUST_GATEWAY);
	start();
	set(OT_CONSUMER, "acme-mobile");
	set(OT_USER, "bob");
	check_client("bob", OT_CALLER_USER, OT_TRUST_GATEWAY);
}

static void nobody_is_no_name(void)
{
	start();
	set(OT_USER, "-");
	set(OT_CONSUMER, "");
	check_client("127.0.10.1", OT_CALLER_ADDRESS, OT_TRUST_INFERRED);
	CHECK(!ot_record_has(&draft.record, OT_USER) && !ot_record_has(&draft.record, OT_CONSUMER));
	memset(&draft, 0, sizeof(draft));
	normalize();
	CHECK(!ot_record_has(&draft.record, OT_CLIENT) && !ot_record_has(&draft.record, OT_CLIENT_KIND) && !ot_record_has(&draft.record, OT_CLIENT_TRUST));
}

static void a_refused_credential_is_a_claim(void)
{
	static const int refused[] = { 401, 407 };
	static const enum ot_field fields[] = { OT_USER, OT_CONSUMER, OT_CREDENTIAL_ALIAS, OT_TLS_CLIENT_SUBJECT };
	for (size_t i = 0; i < 2; i++)
		for (size_t f = 0; f < 4; f++)
			for (int stated = 0; stated < 2; stated++) {
				start();
				status(refused[i]);
				set(fields[f], "globex");
				if (stated)
					ot_record_set_int(&draft.record, OT_CLIENT_TRUST, OT_TRUST_VERIFIED);
				normalize();
				CHECK_STR(got(OT_CLIENT), "globex");
				CHECK_INT(ot_record_int(&draft.record, OT_CLIENT_TRUST, -1), OT_TRUST_CALLER);
			}
	start();
	status(403);
	set(OT_USER, "bob");
	check_client("bob", OT_CALLER_USER, OT_TRUST_GATEWAY);
}

static void what_is_only_asserted_is_a_claim(void)
{
	start();
	draft.asserted = true;
	set(OT_USER, "bob");
	check_client("bob", OT_CALLER_USER, OT_TRUST_CALLER);
}

static void the_gateway_may_say_that_it_checked(void)
{
	start();
	set(OT_USER, "agent-support");
	ot_record_set_int(&draft.record, OT_CLIENT_TRUST, OT_TRUST_VERIFIED);
	check_client("agent-support", OT_CALLER_USER, OT_TRUST_VERIFIED);
}

static void a_key_in_the_log_names_its_hash(void)
{
	start();
	draft.secret = OT_STR("mk_live_5b1f0c7e92a44d");
	normalize();
	CHECK(ot_str_starts(got(OT_CREDENTIAL), OT_STR("k:")) && ot_str_ends(got(OT_CREDENTIAL), OT_STR(":a44d")));
	CHECK(ot_str_eq(got(OT_CREDENTIAL), got(OT_CLIENT)));
	CHECK_INT(ot_record_int(&draft.record, OT_CLIENT_KIND, -1), OT_CALLER_CREDENTIAL);
	CHECK_INT(ot_record_int(&draft.record, OT_CLIENT_TRUST, -1), OT_TRUST_CALLER);
	char credential[32];
	struct ot_str first = got(OT_CREDENTIAL);
	snprintf(credential, sizeof(credential), "%.*s", OT_STR_ARGS(first));
	start();
	draft.authorization = OT_STR("Bearer mk_live_5b1f0c7e92a44d");
	set(OT_CONSUMER, "mobile-app");
	check_client("mobile-app", OT_CALLER_CONSUMER, OT_TRUST_GATEWAY);
	CHECK_STR(got(OT_CREDENTIAL), credential);
	start();
	draft.secret = OT_STR("[REDACTED]");
	check_client("127.0.10.1", OT_CALLER_ADDRESS, OT_TRUST_INFERRED);
	start();
	set(OT_CREDENTIAL, "mk_live_5b1f0c7e92a44d"); /* not a hash: may be the key */
	check_client(credential, OT_CALLER_CREDENTIAL, OT_TRUST_GATEWAY);
}

static void a_hash_that_the_gateway_logs_is_cut(void)
{
	start();
	set(OT_CREDENTIAL, "88DC28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b");
	check_client("h:88dc28d0f030c55e", OT_CALLER_CREDENTIAL, OT_TRUST_GATEWAY);
}

static void a_token_in_clear_claims(void)
{
	static const char *const forms[] = { "Bearer " JWT_GLOBEX, JWT_GLOBEX, "bearer  " JWT_GLOBEX };
	for (size_t i = 0; i < 3; i++) {
		start();
		draft.authorization = text(forms[i]);
		check_client("globex", OT_CALLER_USER, OT_TRUST_CALLER);
		CHECK_STR(got(OT_ATTRIBUTES), "{\"jwt_issuer\":\"lab\"}");
		CHECK(ot_str_find(got(OT_CREDENTIAL), OT_STR("7ipSe2")) < 0);
	}
	start();
	draft.jwt = OT_STR(JWT_APP);
	check_client("u1", OT_CALLER_USER, OT_TRUST_CALLER);
	CHECK_STR(got(OT_CONSUMER), "front");
	start();
	draft.jwt = OT_STR(JWT_GLOBEX);
	ot_record_set_int(&draft.record, OT_CLIENT_TRUST, OT_TRUST_VERIFIED);
	check_client("globex", OT_CALLER_USER, OT_TRUST_VERIFIED);
	status(401);
	check_client("globex", OT_CALLER_USER, OT_TRUST_CALLER);
	start();
	draft.jwt = OT_STR(JWT_GLOBEX);
	set(OT_CONSUMER, "partner-globex"); /* whom the gateway names is not overruled by what a token says */
	check_client("partner-globex", OT_CALLER_CONSUMER, OT_TRUST_GATEWAY);
	CHECK(!ot_record_has(&draft.record, OT_USER));
}

static void a_basic_login_claims_its_user(void)
{
	start();
	draft.authorization = OT_STR("Basic YWNtZTpBY21lLVBhc3MtNzc="); /* acme:Acme-Pass-77 */
	check_client("acme", OT_CALLER_USER, OT_TRUST_CALLER);
	CHECK_INT(got(OT_CREDENTIAL).len, 18);
	start();
	draft.authorization = OT_STR("Basic ////");
	normalize();
	CHECK(!ot_record_has(&draft.record, OT_USER));
}

static void broken_tokens_say_nothing(void)
{
	static const char *const broken[] = { JWT_HEAD "e30" JWT_SIGNATURE, JWT_HEAD "!!!!" JWT_SIGNATURE, JWT_HEAD, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", JWT_HEAD "eyJzdWIiOjF9.x",
		"Bearer", "Bearer ", " ", "Basic", "Basic YQ==" };
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		start();
		draft.authorization = text(broken[i]);
		normalize();
		CHECK(!ot_record_has(&draft.record, OT_USER));
		CHECK(ot_record_int(&draft.record, OT_CLIENT_TRUST, -1) >= OT_TRUST_CALLER);
	}
}

int main(void)
{
	normalizer = ot_normalizer_new(OT_STR("key"));
	RUN(the_strongest_name_is_the_client);
	RUN(nobody_is_no_name);
	RUN(a_refused_credential_is_a_claim);
	RUN(what_is_only_asserted_is_a_claim);
	RUN(the_gateway_may_say_that_it_checked);
	RUN(a_key_in_the_log_names_its_hash);
	RUN(a_hash_that_the_gateway_logs_is_cut);
	RUN(a_token_in_clear_claims);
	RUN(a_basic_login_claims_its_user);
	RUN(broken_tokens_say_nothing);
	ot_normalizer_free(normalizer);
	return test_end();
}
