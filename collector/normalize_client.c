/*
 * collector: who called, and who says so.
 *
 * The client is the strongest name there is: user, consumer, credential (its alias, else its hash), certificate, address. The trust is of that name:
 *   verified  the format says that the gateway checked it cryptographically (a signed token, a certificate)
 *   gateway   the gateway names it, so it knows it
 *   caller    only the caller said so: what is asserted, what a token in clear says of itself, a key that no consumer is named for, and every
 *             name in an answer that refused the credential (401, 407)
 *   inferred  an address
 * A token's own claims become user and consumer only where the gateway names nobody.
 */
#include "normalize_inside.h"
#include "redact_inside.h"
#include <base/text.h>
#include <jansson.h>
#include <string.h>

enum { HASH_SHOWN = 16, CLAIMS_LEN_MAX = 1 << 16, JWT_MIN = 20 };

/* What one credential says, remembered. */
struct token {
	struct ot_str credential, user, consumer, issuer;
};

/* --- what is in a token --- */

static struct ot_str claim(json_t *claims, const char *name, struct ot_redactor *redactor, struct ot_arena *arena)
{
	json_t *value = json_object_get(claims, name);
	if (!json_is_string(value) || json_string_length(value) == 0)
		return OT_STR_NONE;
	return ot_arena_str(arena, ot_redact_text(redactor, (struct ot_str){ json_string_value(value), json_string_length(value) }));
}

static struct ot_str either(struct ot_str a, struct ot_str b) { return a.ptr != NULL ? a : b; }

static void read_claims(struct ot_normalizer *n, struct ot_str json, struct ot_arena *arena, struct token *token)
{
	json_t *claims = json.len > CLAIMS_LEN_MAX ? NULL : json_loadb(json.ptr, json.len, 0, NULL);
	if (claims == NULL)
		return;
	token->user = claim(claims, "sub", n->redactor, arena);
	token->consumer = either(claim(claims, "azp", n->redactor, arena), claim(claims, "client_id", n->redactor, arena));
	token->issuer = claim(claims, "iss", n->redactor, arena);
	json_decref(claims);
}

/* The middle of three parts, where it is JSON. */
static void read_jwt(struct ot_normalizer *n, struct ot_str text, struct ot_arena *arena, struct token *token)
{
	struct ot_str payload, signature;
	if (text.len < JWT_MIN || !ot_str_starts(text, OT_STR("eyJ")))
		return;
	ot_str_cut(text, '.', &payload);
	payload = payload.ptr == NULL ? payload : ot_str_cut(payload, '.', &signature);
	struct ot_buf plain = { .max = CLAIMS_LEN_MAX };
	if (payload.len > 0 && ot_base64_decode(&plain, payload) && !plain.overflow)
		read_claims(n, ot_buf_str(&plain), arena, token);
	ot_buf_release(&plain);
}

static bool is_printable(struct ot_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
			return false;
	return ot_utf8_valid(text);
}

/* "user:password": the name before the colon. */
static void read_basic(struct ot_normalizer *n, struct ot_str text, struct ot_arena *arena, struct token *token)
{
	struct ot_buf plain = { .max = CLAIMS_LEN_MAX };
	struct ot_str password;
	if (ot_base64_decode(&plain, text)) {
		struct ot_str user = ot_str_cut(ot_buf_str(&plain), ':', &password);
		if (password.ptr != NULL && user.len > 0 && is_printable(user))
			token->user = ot_arena_str(arena, ot_redact_text(n->redactor, user));
	}
	ot_buf_release(&plain);
}

/* Without "Bearer " or the like. */
static struct ot_str without_scheme(struct ot_str text, bool *basic)
{
	static const char *const schemes[] = { "bearer", "token", "apikey", "dpop", "key" };
	struct ot_str rest, word = ot_str_cut(text, ' ', &rest);
	rest = ot_str_trim(rest);
	*basic = rest.len > 0 && ot_str_eq_nocase(word, OT_STR("basic"));
	if (*basic)
		return rest;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (rest.len > 0 && ot_str_eq_nocase(word, ot_str_from(schemes[i])))
			return rest;
	return text;
}

static struct token read_token(struct ot_normalizer *n, struct ot_str text)
{
	struct ot_arena *arena;
	bool is_new, basic;
	struct token *token = ot_memo_find(&n->tokens, text, &n->record, &arena, &is_new);
	if (!is_new)
		return *token;
	struct ot_str bare = without_scheme(ot_str_trim(text), &basic);
	token->credential = ot_redact_is_placeholder(bare) ? OT_STR_NONE : ot_arena_str(arena, ot_redact_secret(n->redactor, bare));
	if (basic)
		read_basic(n, bare, arena, token);
	else
		read_jwt(n, bare, arena, token);
	return *token;
}

/* --- the credential --- */

/*
 * What a gateway logs of a key in place of it. Of a hash the first sixteen digits are kept ("h:88dc28d0f030c55e"): enough to find it again in the gateway,
 * too little for a gateway that takes the hash for the key. Anything else might be the key.
 */
static struct ot_str gateway_credential(struct ot_normalizer *n, struct ot_str text)
{
	bool hash = text.len == 32 || text.len == 40 || text.len == 64 || text.len == 96 || text.len == 128;
	for (size_t i = 0; hash && i < text.len; i++)
		hash = ot_hex_digit(text.ptr[i]) >= 0;
	if (!hash)
		return ot_redact_is_placeholder(text) ? text : ot_redact_secret(n->redactor, text);
	char *shown = ot_arena_alloc(&n->record, 2 + HASH_SHOWN);
	memcpy(shown, "h:", 2);
	for (size_t i = 0; i < HASH_SHOWN; i++)
		shown[2 + i] = (char)(text.ptr[i] | 0x20);
	return (struct ot_str){ shown, 2 + HASH_SHOWN };
}

static struct token strongest_token(struct ot_normalizer *n, const struct ot_draft *draft)
{
	if (draft->jwt.len > 0)
		return read_token(n, draft->jwt);
	if (draft->authorization.len > 0)
		return read_token(n, draft->authorization);
	return draft->secret.len > 0 ? read_token(n, draft->secret) : (struct token){ .user = OT_STR_NONE };
}

/* A field that says nobody is none. */
static bool names_somebody(struct ot_record *r, enum ot_field field)
{
	struct ot_str text = ot_record_text(r, field);
	if (text.len > 1 || (text.len == 1 && text.ptr[0] != '-'))
		return true;
	ot_record_unset(r, field);
	return false;
}

static void set_credential(struct ot_normalizer *n, struct ot_draft *draft, const struct token *token, bool *named)
{
	struct ot_record *r = &draft->record;
	*named = names_somebody(r, OT_CREDENTIAL);
	if (token->credential.ptr != NULL) {
		*named = false; /* a key that stands in the log: of it the gateway says nothing */
		ot_record_set_text(r, OT_CREDENTIAL, token->credential);
	} else if (*named) {
		ot_record_set_text(r, OT_CREDENTIAL, gateway_credential(n, r->values[OT_CREDENTIAL].text));
	}
}

/* --- the client --- */

struct choice {
	enum ot_field field;
	enum ot_client_kind kind;
};
static const struct choice choices[] = {
	{ OT_USER, OT_CALLER_USER },
	{ OT_CONSUMER, OT_CALLER_CONSUMER },
	{ OT_CREDENTIAL_ALIAS, OT_CALLER_CREDENTIAL },
	{ OT_CREDENTIAL, OT_CALLER_CREDENTIAL },
	{ OT_TLS_CLIENT_SUBJECT, OT_CALLER_CERTIFICATE },
	{ OT_CLIENT_ADDRESS, OT_CALLER_ADDRESS },
};

/* By what the record says of itself, before it is weighed against how the call ended. */
static enum ot_trust stated_trust(const struct ot_record *r, const struct choice *choice, bool key_named)
{
	int64_t stated = ot_record_int(r, OT_CLIENT_TRUST, -1);
	if (choice->field == OT_CREDENTIAL && !key_named)
		return OT_TRUST_CALLER;
	if (stated >= 0)
		return (enum ot_trust)stated;
	return choice->kind == OT_CALLER_CERTIFICATE ? OT_TRUST_VERIFIED : OT_TRUST_GATEWAY;
}

static bool is_rejected(const struct ot_record *r)
{
	int64_t status = ot_record_int(r, OT_HTTP_RESPONSE_STATUS_CODE, 0);
	return status == 401 || status == 407;
}

static void set_client(struct ot_draft *draft, bool claimed, bool key_named)
{
	struct ot_record *r = &draft->record;
	const struct choice *choice = choices;
	size_t left = sizeof(choices) / sizeof(*choices);
	while (left > 0 && !ot_record_has(r, choice->field))
		choice++, left--;
	if (left == 0) {
		ot_record_unset(r, OT_CLIENT);
		ot_record_unset(r, OT_CLIENT_KIND);
		ot_record_unset(r, OT_CLIENT_TRUST);
		return;
	}
	enum ot_trust trust = OT_TRUST_INFERRED;
	if (choice->kind != OT_CALLER_ADDRESS) {
		trust = stated_trust(r, choice, key_named);
		if (trust < OT_TRUST_CALLER && (claimed || draft->asserted || is_rejected(r)))
			trust = OT_TRUST_CALLER;
	}
	ot_record_set_text(r, OT_CLIENT, r->values[choice->field].text);
	ot_record_set_int(r, OT_CLIENT_KIND, choice->kind);
	ot_record_set_int(r, OT_CLIENT_TRUST, trust);
}

void ot_normalize_client(struct ot_normalizer *n, struct ot_draft *draft)
{
	struct ot_record *r = &draft->record;
	struct token token = strongest_token(n, draft);
	bool key_named, somebody = false, claimed = false;
	static const enum ot_field names[] = { OT_USER, OT_CONSUMER, OT_CREDENTIAL_ALIAS, OT_TLS_CLIENT_SUBJECT };
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		somebody |= names_somebody(r, names[i]);
	set_credential(n, draft, &token, &key_named);
	if (!somebody && (token.user.ptr != NULL || token.consumer.ptr != NULL)) {
		ot_record_set_text(r, OT_USER, token.user);
		ot_record_set_text(r, OT_CONSUMER, token.consumer);
		claimed = ot_record_int(r, OT_CLIENT_TRUST, OT_TRUST_CALLER) != OT_TRUST_VERIFIED;
	}
	if (token.issuer.ptr != NULL)
		ot_normalize_extra_text(n, OT_STR("jwt_issuer"), token.issuer);
	set_client(draft, claimed, key_named);
}
