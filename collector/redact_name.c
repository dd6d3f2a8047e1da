/*
 * collector: names of secrets. A name is taken apart into its words (x-api-key, apiKey, API_KEY) and judged by the last one, with those before it:
 * a token is a secret, prompt_tokens are a number, a token_type is none, and a key is one where it is an API's and not a cache's.
 */
#include "redact_inside.h"
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 16, NAME_LEN_MAX = 64 };

struct words {
	struct ot_str at[WORDS_MAX];
	size_t count;
	char text[NAME_LEN_MAX];
};

/* Words before the last that a rule asks for. */
enum company {
	ANY,	   /* whatever stands before */
	ALONE,	   /* nothing stands before */
	OF_KEY,
	OF_CODE,
	OF_PASS,
	OF_PIN,
	OF_CARD,
	OF_TOKENS,
	OF_ASSERTION,
	OF_VERIFIER,
	OF_SAML,
	COMPANIES,
};

static const char *const companies[COMPANIES] = {
	[OF_KEY] = " access account admin anthropic api app application auth authorization azure client consumer deploy developer encryption "
		   "functions gateway goog host ingest integration license master openai portkey private provider publishable read rest secret "
		   "secure service session shared signing ssh storage subscription user virtual webhook write x ",
	[OF_CODE] = " access activation auth authorization backup confirmation device invite login mfa one otp pass pin recovery reset security sms time user "
		    "verification ",
	[OF_PASS] = " admin auth basic current db ftp http key login mail my mysql new old pg proxy root smtp sql user ",
	[OF_PIN] = " account atm card client code current customer debit new old security sim sms user ",
	[OF_CARD] = " card cc credit creditcard debit ",
	[OF_TOKENS] = " access api auth bearer device id oauth push refresh session user ",
	[OF_ASSERTION] = " client jwt saml ",
	[OF_VERIFIER] = " code oauth pkce ",
	[OF_SAML] = " saml ",
};
/* A token that is counted or is part of a text. */
static const char not_secret_tokens[] = " bos cached completion count each eos first input last mask max min new num number output pad per prompt reasoning remaining sep stop "
					"total unk used ";
static const char not_secret_signatures[] = " attack email function method result rule virus ";
static const char paging_tokens[] = " continuation cursor next page pagination resume scroll start sync ";
/* What may follow a name without changing what it names. */
static const char decorations[] = " b64 base64 confirm confirmation encoded header param parameter plain plaintext raw str string val value ";
static const char about[] = " action actions age algorithm alias arn at attempts changed count created enabled endpoint expired expires expiry expiration exp field format "
			    "hint id ids in issued issuer iss kind length len limit manager method mode name names path policy present prefix provider ref "
			    "reference required reset role roles rotation scope scopes set size source status strength ttl type uri url usage used valid version ";
/* These are secret wherever they stand in a name: password_hash, secret_v2. */
static const char strong_words[] = " passphrase passwd password passwort pwd secret ";
/* Names whose words are not to be told apart. */
static const char whole_names[] = " samlresponse samlart jsessionid phpsessid aspxauth aspnetsessionid connectsid aspsessionid ";

static const struct rule {
	const char *word;
	enum ot_name_class class;
	enum company company;
	enum ot_name_class otherwise; /* without that company */
} rules[] = {
	{ "apikey", OT_NAME_SECRET, ANY, 0 },
	{ "apikeys", OT_NAME_SECRET, ANY, 0 },
	{ "assertion", OT_NAME_SECRET, OF_ASSERTION, OT_NAME_PLAIN },
	{ "auth", OT_NAME_MAYBE, ANY, 0 },
	{ "authorization", OT_NAME_SCHEME, ANY, 0 },
	{ "bearer", OT_NAME_SECRET, ANY, 0 },
	{ "card", OT_NAME_CARD, ANY, 0 },
	{ "cc", OT_NAME_CARD, ALONE, OT_NAME_PLAIN },
	{ "ccn", OT_NAME_CARD, ANY, 0 },
	{ "ccnum", OT_NAME_CARD, ANY, 0 },
	{ "code", OT_NAME_MAYBE, OF_CODE, OT_NAME_PLAIN },
	{ "cookie", OT_NAME_COOKIES, ANY, 0 },
	{ "cookies", OT_NAME_COOKIES, ANY, 0 },
	{ "creditcard", OT_NAME_CARD, ANY, 0 },
	{ "credential", OT_NAME_SECRET, ANY, 0 },
	{ "credentials", OT_NAME_SECRET, ANY, 0 },
	{ "creds", OT_NAME_SECRET, ANY, 0 },
	{ "csc", OT_NAME_NUMBER, ALONE, OT_NAME_PLAIN },
	{ "cvc", OT_NAME_NUMBER, ANY, 0 },
	{ "cvn", OT_NAME_NUMBER, ANY, 0 },
	{ "cvv", OT_NAME_NUMBER, ANY, 0 },
	{ "jwt", OT_NAME_SECRET, ANY, 0 },
	{ "key", OT_NAME_SECRET, OF_KEY, OT_NAME_PLAIN },
	{ "keys", OT_NAME_SECRET, OF_KEY, OT_NAME_PLAIN },
	{ "no", OT_NAME_CARD, OF_CARD, OT_NAME_PLAIN },
	{ "num", OT_NAME_CARD, OF_CARD, OT_NAME_PLAIN },
	{ "number", OT_NAME_CARD, OF_CARD, OT_NAME_PLAIN },
	{ "otp", OT_NAME_NUMBER, ANY, 0 },
	{ "pan", OT_NAME_CARD, ANY, 0 },
	{ "pass", OT_NAME_NUMBER, OF_PASS, OT_NAME_PLAIN },
	{ "passcode", OT_NAME_NUMBER, ANY, 0 },
	{ "passphrase", OT_NAME_NUMBER, ANY, 0 },
	{ "passwd", OT_NAME_NUMBER, ANY, 0 },
	{ "password", OT_NAME_NUMBER, ANY, 0 },
	{ "passwords", OT_NAME_NUMBER, ANY, 0 },
	{ "passwort", OT_NAME_NUMBER, ANY, 0 },
	{ "pin", OT_NAME_NUMBER, OF_PIN, OT_NAME_PLAIN },
	{ "pwd", OT_NAME_NUMBER, ANY, 0 },
	{ "response", OT_NAME_SECRET, OF_SAML, OT_NAME_PLAIN },
	{ "secret", OT_NAME_SECRET, ANY, 0 },
	{ "secrets", OT_NAME_SECRET, ANY, 0 },
	{ "sig", OT_NAME_SECRET, ANY, 0 },
	{ "sign", OT_NAME_MAYBE, ALONE, OT_NAME_PLAIN },
	{ "signature", OT_NAME_SECRET, ANY, 0 },
	{ "ssn", OT_NAME_NUMBER, ANY, 0 },
	{ "token", OT_NAME_SECRET, ANY, 0 },
	{ "tokens", OT_NAME_SECRET, OF_TOKENS, OT_NAME_PLAIN },
	{ "totp", OT_NAME_NUMBER, ANY, 0 },
	{ "verifier", OT_NAME_SECRET, OF_VERIFIER, OT_NAME_PLAIN },
};

/* Ends of words that were written together: accesstoken, XAPIKEY, clientsecret. */
static const struct ending {
	const char *text;
	enum ot_name_class class;
} endings[] = {
	{ "token", OT_NAME_SECRET },	     { "password", OT_NAME_NUMBER },	{ "passwd", OT_NAME_NUMBER },	    { "passphrase", OT_NAME_NUMBER },
	{ "secret", OT_NAME_SECRET },	     { "apikey", OT_NAME_SECRET },	{ "accesskey", OT_NAME_SECRET },    { "secretkey", OT_NAME_SECRET },
	{ "privatekey", OT_NAME_SECRET },    { "authkey", OT_NAME_SECRET },	{ "sessionkey", OT_NAME_SECRET },   { "subscriptionkey", OT_NAME_SECRET },
	{ "signature", OT_NAME_SECRET },     { "cardnumber", OT_NAME_CARD },	{ "securitycode", OT_NAME_NUMBER }, { "accesscode", OT_NAME_MAYBE },
	{ "authcode", OT_NAME_MAYBE },	     { "verificationcode", OT_NAME_MAYBE }, { "credentials", OT_NAME_SECRET }, { "authorization", OT_NAME_SCHEME },
};

static bool holds(const char *list, struct ot_str word)
{
	char spaced[NAME_LEN_MAX + 3] = " ";
	if (word.len == 0 || word.len > NAME_LEN_MAX)
		return false;
	memcpy(spaced + 1, word.ptr, word.len);
	spaced[word.len + 1] = ' ';
	spaced[word.len + 2] = 0;
	return strstr(list, spaced) != NULL;
}

static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

/* "accessToken", "APIKey": a capital after a small letter, or before one and after another capital. */
static bool begins_word(struct ot_str name, size_t i)
{
	if (i == 0 || !is_upper(name.ptr[i]))
		return false;
	char before = name.ptr[i - 1];
	return is_lower(before) || ot_is_digit(before) || (is_upper(before) && i + 1 < name.len && is_lower(name.ptr[i + 1]));
}

static void words_of(struct ot_str name, struct words *words)
{
	bool open = false;
	words->count = 0;
	if (name.len > NAME_LEN_MAX)
		name = ot_str_sub(name, name.len - NAME_LEN_MAX, NAME_LEN_MAX);
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		if (!ot_is_word(c)) {
			open = false;
			continue;
		}
		if (!open || begins_word(name, i)) {
			if (words->count == WORDS_MAX) { /* the last ones count */
				memmove(words->at, words->at + 1, sizeof(words->at) - sizeof(words->at[0]));
				words->count--;
			}
			words->at[words->count++] = (struct ot_str){ words->text + i, 0 };
			open = true;
		}
		words->text[i] = is_upper(c) ? (char)(c | 0x20) : c;
		words->at[words->count - 1].len++;
	}
}

/* "key2", "authorization.0", "x-hub-signature-256", "token_value" name what they would without their end. */
static void drop_decorations(struct words *words)
{
	while (words->count > 0) {
		struct ot_str *last = &words->at[words->count - 1];
		if (words->count == 1 || !holds(decorations, *last)) {
			while (last->len > 0 && ot_is_digit(last->ptr[last->len - 1]))
				last->len--;
			if (last->len > 0)
				return;
		}
		words->count--;
	}
}

static int compare_word(const void *key, const void *rule)
{
	const struct ot_str *word = key;
	return ot_str_cmp(*word, ot_str_from(((const struct rule *)rule)->word));
}

static const struct rule *rule_of(struct ot_str word)
{
	for (size_t low = 0, high = sizeof(rules) / sizeof(*rules); low < high;) {
		size_t middle = (low + high) / 2;
		int order = compare_word(&word, &rules[middle]);
		if (order == 0)
			return &rules[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static bool in_company(const struct words *words, enum company company)
{
	if (company == ANY)
		return true;
	if (words->count == 1)
		return company != OF_CARD && company != OF_TOKENS && company != OF_ASSERTION && company != OF_VERIFIER && company != OF_SAML;
	return company != ALONE && holds(companies[company], words->at[words->count - 2]);
}

static enum ot_name_class class_by_rule(const struct words *words, const struct rule *rule)
{
	struct ot_str before = words->count > 1 ? words->at[words->count - 2] : OT_STR_NONE;
	bool token = strcmp(rule->word, "token") == 0, key = strcmp(rule->word, "key") == 0;
	if (token && holds(not_secret_tokens, before))
		return OT_NAME_PLAIN;
	if (strcmp(rule->word, "signature") == 0 && holds(not_secret_signatures, before))
		return OT_NAME_PLAIN;
	if (token && holds(paging_tokens, before))
		return OT_NAME_MAYBE;
	if (words->count == 1 && (key || strcmp(rule->word, "keys") == 0))
		return key ? OT_NAME_MAYBE : OT_NAME_PLAIN;
	return in_company(words, rule->company) ? rule->class : rule->otherwise;
}

static enum ot_name_class class_by_ending(struct ot_str word)
{
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		if (ot_str_ends(word, ot_str_from(endings[i].text)))
			return endings[i].class;
	return OT_NAME_PLAIN;
}

static bool is_whole_name(const struct words *words)
{
	char joined[NAME_LEN_MAX];
	size_t len = 0;
	for (size_t i = 0; i < words->count; i++) {
		memcpy(joined + len, words->at[i].ptr, words->at[i].len);
		len += words->at[i].len;
	}
	return holds(whole_names, (struct ot_str){ joined, len });
}

static enum ot_name_class class_of_part(struct ot_str name)
{
	struct words words;
	words_of(name, &words);
	drop_decorations(&words);
	if (words.count == 0)
		return OT_NAME_PLAIN;
	struct ot_str last = words.at[words.count - 1];
	const struct rule *rule = rule_of(last);
	enum ot_name_class class = rule != NULL ? class_by_rule(&words, rule) : class_by_ending(last);
	if (class != OT_NAME_PLAIN || is_whole_name(&words))
		return class != OT_NAME_PLAIN ? class : OT_NAME_SECRET;
	for (size_t i = 0; i + 1 < words.count; i++)
		if (holds(strong_words, words.at[i]) && !holds(about, last))
			return OT_NAME_SECRET;
	return OT_NAME_PLAIN;
}

bool ot_name_is_about(struct ot_str name)
{
	struct words words;
	words_of(name, &words);
	return words.count > 0 && holds(about, words.at[words.count - 1]);
}

/* Whatever stands below a member that holds secrets is one: "request.cookies.theme", "secrets.stripe". */
static bool gives_to_parts(enum ot_name_class class)
{
	return class == OT_NAME_COOKIES || class == OT_NAME_SCHEME || class == OT_NAME_NUMBER || class == OT_NAME_SECRET;
}

enum ot_name_class ot_name_class_of(struct ot_str name)
{
	size_t from = 0;
	bool inherited = false;
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] == '.') {
			enum ot_name_class class = class_of_part(ot_str_sub(name, from, i - from));
			inherited |= gives_to_parts(class);
			from = i + 1;
		}
	struct ot_str last = ot_str_sub(name, from, name.len);
	enum ot_name_class class = class_of_part(from > 0 && !inherited ? name : last);
	return class == OT_NAME_PLAIN && inherited && !ot_name_is_about(last) ? OT_NAME_SECRET : class;
}

bool ot_redact_is_secret_name(struct ot_str name) { return ot_name_class_of(name) != OT_NAME_PLAIN; }
