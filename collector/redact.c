/* collector: the redactor: secrets to hashes, each once; what is remembered of names; values by the class of their name. */
#include "redact_inside.h"
#include <base/digest.h>
#include <base/err.h>
#include <base/text.h>
#include <stdlib.h>
#include <string.h>

enum {
	REMEMBERED_MAX = 8192,	     /* secrets and names; past it they are forgotten at the next reset */
	REMEMBERED_HARD_MAX = 65536, /* past it they are worked out anew each time */
	NAME_REMEMBERED_LEN = 256,
	LAST_SHOWN = 4,
	LAST_SHOWN_FROM = 12, /* length of a secret that shows its last characters */
	MASK_LEN = 18,	      /* "k:" and sixteen digits */
	DRAWN_LEN = 16,
	CARD_DIGITS = 12,
};

struct ot_redactor {
	struct ot_str key;
	struct ot_arena results; /* until the reset */
	struct ot_intern secrets, names;
	struct ot_str *masks;	    /* by secret */
	struct ot_name *name_infos; /* by name */
	uint32_t mask_cap, name_cap;
	struct ot_arena kept; /* masks and names' JSON */
};

struct ot_redactor *ot_redactor_new(struct ot_str key)
{
	struct ot_redactor *r = ot_alloc_zero(1, sizeof(*r));
	char *copy = ot_alloc(key.len + 1);
	if (key.len > 0)
		memcpy(copy, key.ptr, key.len);
	r->key = (struct ot_str){ copy, key.len };
	return r;
}

static void forget(struct ot_redactor *r)
{
	ot_intern_clear(&r->secrets);
	ot_intern_clear(&r->names);
	ot_arena_reset(&r->kept);
}

void ot_redactor_free(struct ot_redactor *r)
{
	if (r == NULL)
		return;
	explicit_bzero((void *)(uintptr_t)r->key.ptr, r->key.len);
	free((void *)(uintptr_t)r->key.ptr);
	ot_arena_release(&r->results);
	ot_arena_release(&r->kept);
	ot_intern_release(&r->secrets);
	ot_intern_release(&r->names);
	free(r->masks);
	free(r->name_infos);
	free(r);
}

void ot_redactor_reset(struct ot_redactor *r)
{
	if (r->results.bytes > 0)
		ot_arena_reset(&r->results);
	if (r->secrets.count > REMEMBERED_MAX || r->names.count > REMEMBERED_MAX)
		forget(r);
}

struct ot_arena *ot_redact_arena(struct ot_redactor *r) { return &r->results; }

/* --- secrets --- */

static bool is_mask(struct ot_str s)
{
	if (s.len < MASK_LEN || s.ptr[0] != 'k' || s.ptr[1] != ':')
		return false;
	for (size_t i = 2; i < MASK_LEN; i++)
		if (ot_hex_digit(s.ptr[i]) < 0 || (s.ptr[i] >= 'A' && s.ptr[i] <= 'F'))
			return false;
	return s.len == MASK_LEN || (s.len == MASK_LEN + 1 + LAST_SHOWN && s.ptr[MASK_LEN] == ':');
}

/* base64 of "user:password" ends in the password's last characters, and passwords are short. */
static bool is_basic(struct ot_str secret)
{
	struct ot_buf plain = { 0 };
	bool is = secret.len <= 512 && ot_base64_decode(&plain, secret) && ot_str_find_char(ot_buf_str(&plain), ':') >= 0 && ot_utf8_valid(ot_buf_str(&plain));
	ot_buf_release(&plain);
	return is;
}

static bool shows_last(struct ot_str secret)
{
	if (secret.len < LAST_SHOWN_FROM || is_basic(secret))
		return false;
	for (size_t i = secret.len - LAST_SHOWN; i < secret.len; i++)
		if (!ot_is_token68(secret.ptr[i]))
			return false;
	return true;
}

static struct ot_str mask_of(const struct ot_redactor *r, struct ot_arena *arena, struct ot_str secret)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t digest[OT_DIGEST_LEN];
	char *mask = ot_arena_alloc(arena, MASK_LEN + 1 + LAST_SHOWN);
	ot_hmac_sha256(r->key, secret, digest);
	mask[0] = 'k';
	mask[1] = ':';
	for (int i = 0; i < 8; i++) {
		mask[2 + 2 * i] = digits[digest[i] >> 4];
		mask[3 + 2 * i] = digits[digest[i] & 15];
	}
	if (!shows_last(secret))
		return (struct ot_str){ mask, MASK_LEN };
	mask[MASK_LEN] = ':';
	memcpy(mask + MASK_LEN + 1, secret.ptr + secret.len - LAST_SHOWN, LAST_SHOWN);
	return (struct ot_str){ mask, MASK_LEN + 1 + LAST_SHOWN };
}

struct ot_str ot_redact_secret(struct ot_redactor *r, struct ot_str secret)
{
	secret = ot_str_trim(secret);
	if (secret.len == 0 || is_mask(secret))
		return secret;
	if (r->secrets.count >= REMEMBERED_HARD_MAX)
		return mask_of(r, &r->results, secret);
	bool is_new;
	uint32_t code = ot_intern_put(&r->secrets, secret, &is_new);
	if (code >= r->mask_cap) {
		r->mask_cap = r->mask_cap == 0 ? 64 : r->mask_cap * 2;
		r->masks = ot_realloc(r->masks, r->mask_cap * sizeof(*r->masks));
	}
	if (is_new)
		r->masks[code] = mask_of(r, &r->kept, secret);
	return r->masks[code];
}

/* --- names --- */

static struct ot_name name_info(struct ot_redactor *r, struct ot_arena *arena, struct ot_str name)
{
	struct ot_buf json = { 0 };
	ot_text_json(&json, ot_redact_text(r, name));
	ot_buf_char(&json, ':');
	struct ot_name info = { ot_name_class_of(name), ot_arena_str(arena, ot_buf_str(&json)) };
	ot_buf_release(&json);
	return info;
}

struct ot_name ot_redact_name(struct ot_redactor *r, struct ot_str name)
{
	if (name.len > NAME_REMEMBERED_LEN || r->names.count >= REMEMBERED_HARD_MAX)
		return name_info(r, &r->results, name);
	uint32_t code = ot_intern_find(&r->names, name);
	if (code != UINT32_MAX)
		return r->name_infos[code];
	struct ot_name info = name_info(r, &r->kept, name); /* may come by here, with names that stand in this one */
	code = ot_intern_put(&r->names, name, NULL);
	if (code >= r->name_cap) {
		r->name_cap = r->name_cap == 0 ? 64 : r->name_cap * 2;
		r->name_infos = ot_realloc(r->name_infos, r->name_cap * sizeof(*r->name_infos));
	}
	return r->name_infos[code] = info;
}

/* --- values --- */

#define PLACEHOLDER_MARKS " -_*.#[](){}<>\"'"

bool ot_redact_is_placeholder(struct ot_str value)
{
	static const char *const words[] = { "null", "none", "nil", "true", "false", "undefined", "redacted", "masked", "hidden", "filtered", "removed" };
	if (is_mask(value))
		return true;
	while (value.len > 0 && strchr(PLACEHOLDER_MARKS, value.ptr[0]) != NULL && value.ptr[0] != 0)
		value = ot_str_sub(value, 1, value.len);
	while (value.len > 0 && strchr(PLACEHOLDER_MARKS, value.ptr[value.len - 1]) != NULL && value.ptr[value.len - 1] != 0)
		value.len--;
	if (value.len == 0 || is_mask(value))
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (ot_str_eq_nocase(value, ot_str_from(words[i])))
			return true;
	return false;
}

bool ot_redact_looks_drawn(struct ot_str value)
{
	bool digit = false, letter = false;
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];
		digit |= ot_is_digit(c);
		letter |= ot_is_letter(c);
		if (!ot_is_token68(c) && c != ':' && c != '%')
			return false;
	}
	return value.len >= DRAWN_LEN && digit && letter;
}

static bool looks_like_card(struct ot_str value)
{
	size_t digits = 0;
	for (size_t i = 0; i < value.len; i++) {
		digits += ot_is_digit(value.ptr[i]);
		if (!ot_is_digit(value.ptr[i]) && value.ptr[i] != ' ' && value.ptr[i] != '-')
			return false;
	}
	return digits >= CARD_DIGITS;
}

static struct ot_str joined(struct ot_redactor *r, struct ot_str a, struct ot_str b)
{
	char *text = ot_arena_alloc(&r->results, a.len + b.len);
	memcpy(text, a.ptr, a.len);
	memcpy(text + a.len, b.ptr, b.len);
	return (struct ot_str){ text, a.len + b.len };
}

static bool is_scheme_like(struct ot_str word)
{
	for (size_t i = 0; i < word.len; i++)
		if (!ot_is_letter(word.ptr[i]) && word.ptr[i] != '-')
			return false;
	return word.len > 0 && word.len <= 32;
}

static bool is_scheme(struct ot_str word)
{
	static const char *const schemes[] = { "bearer", "basic", "token", "apikey", "api-key", "digest", "negotiate", "ntlm", "dpop", "hawk", "key", "oauth", "aws4-hmac-sha256" };
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (ot_str_eq_nocase(word, ot_str_from(schemes[i])))
			return true;
	return false;
}

/* "Bearer …": the scheme stays. Under the name of an Authorization header any first word is one. */
static struct ot_str redact_scheme(struct ot_redactor *r, struct ot_str value, bool any)
{
	struct ot_str rest, word = ot_str_cut(value, ' ', &rest);
	if (rest.ptr == NULL || !(is_scheme(word) || (any && is_scheme_like(word))))
		return ot_redact_secret(r, value);
	if (ot_redact_is_placeholder(rest))
		return value;
	return joined(r, ot_str_sub(value, 0, word.len + 1), ot_redact_secret(r, rest));
}

static bool is_cookie_attribute(struct ot_str name)
{
	static const char *const names[] = { "path", "domain", "expires", "max-age", "samesite", "secure", "httponly", "priority", "partitioned" };
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (ot_str_eq_nocase(name, ot_str_from(names[i])))
			return true;
	return false;
}

static void put_cookie(struct ot_redactor *r, struct ot_str cookie, bool first, struct ot_buf *out)
{
	struct ot_str value, name = ot_str_cut(cookie, '=', &value);
	if (!first && is_cookie_attribute(ot_str_trim(name))) {
		ot_buf_str_put(out, cookie);
	} else if (value.ptr == NULL) {
		size_t spaces = cookie.len - ot_str_trim(cookie).len; /* a space follows each semicolon */
		ot_buf_put(out, cookie.ptr, first ? 0 : spaces);
		ot_buf_str_put(out, ot_redact_secret(r, cookie));
	} else {
		ot_buf_put(out, name.ptr, name.len + 1);
		ot_buf_str_put(out, ot_redact_is_placeholder(value) ? value : ot_redact_secret(r, value));
	}
}

static struct ot_str redact_cookies(struct ot_redactor *r, struct ot_str value)
{
	struct ot_buf out = { 0 };
	bool first = true;
	for (struct ot_str rest = value; rest.ptr != NULL; first = false) {
		if (!first)
			ot_buf_char(&out, ';');
		put_cookie(r, ot_str_cut(rest, ';', &rest), first, &out);
	}
	struct ot_str result = ot_str_eq(ot_buf_str(&out), value) ? value : ot_arena_str(&r->results, ot_buf_str(&out));
	ot_buf_release(&out);
	return result;
}

struct ot_str ot_redact_value(struct ot_redactor *r, enum ot_name_class class, struct ot_str value)
{
	bool secret = class >= OT_NAME_SECRET || (class == OT_NAME_MAYBE && ot_redact_looks_drawn(value)) || (class == OT_NAME_CARD && looks_like_card(value));
	if (!secret)
		return ot_redact_text(r, value);
	if (ot_redact_is_placeholder(value))
		return value;
	if (class == OT_NAME_COOKIES)
		return redact_cookies(r, value);
	return redact_scheme(r, value, class == OT_NAME_SCHEME);
}

/* --- encodings --- */

/* clang-format off */
const signed char ot_hex_digits[256] = {
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1, -1, -1, -1, -1, -1,
	-1, 10, 11, 12, 13, 14, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, 10, 11, 12, 13, 14, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
};
/* clang-format on */

struct ot_str ot_redact_percent_decoded(struct ot_redactor *r, struct ot_str text)
{
	if (ot_str_find_char(text, '%') < 0)
		return text;
	char *out = ot_arena_alloc(&r->results, text.len);
	size_t len = 0;
	for (size_t i = 0; i < text.len; i++) {
		int high = text.ptr[i] == '%' && i + 2 < text.len ? ot_hex_digit(text.ptr[i + 1]) : -1;
		int low = high >= 0 ? ot_hex_digit(text.ptr[i + 2]) : -1;
		char c = text.ptr[i];
		if (low >= 0) {
			c = (char)(high << 4 | low);
			i += 2;
		}
		out[len++] = c;
	}
	return (struct ot_str){ out, len };
}

/* Four hex digits at `at`, or -1. */
static int32_t unit_at(struct ot_str text, size_t at)
{
	int32_t unit = 0;
	if (at + 4 > text.len)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		int digit = ot_hex_digit(text.ptr[at + i]);
		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

/* "\uXXXX" whose first digit is at `at`, with its second half where there is one; gives the bytes after the 'u'. */
static size_t put_unit(struct ot_buf *out, struct ot_str text, size_t at)
{
	int32_t unit = unit_at(text, at);
	if (unit < 0)
		return 0;
	if (unit >= 0xdc80 && unit <= 0xdcff) {
		ot_buf_char(out, (char)(unit & 0xff));
		return 4;
	}
	if (unit >= 0xd800 && unit <= 0xdbff && at + 6 <= text.len && text.ptr[at + 4] == '\\' && text.ptr[at + 5] == 'u') {
		int32_t low = unit_at(text, at + 6);
		if (low >= 0xdc00 && low <= 0xdfff) {
			ot_utf8_put(out, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
			return 10;
		}
	}
	ot_utf8_put(out, unit >= 0xd800 && unit <= 0xdfff ? 0xfffd : unit);
	return 4;
}

struct ot_str ot_redact_unescaped(struct ot_redactor *r, struct ot_str text)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	if (ot_str_find_char(text, '\\') < 0)
		return text;
	struct ot_buf out = { 0 };
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i], next = i + 1 < text.len ? text.ptr[i + 1] : 0;
		const char *found = c == '\\' && next != 0 ? strchr(from, next) : NULL;
		if (found != NULL) {
			ot_buf_char(&out, to[found - from]);
			i++;
		} else if (c == '\\' && next == 'u') {
			size_t used = put_unit(&out, text, i + 2);
			if (used == 0)
				ot_buf_char(&out, c);
			i += used == 0 ? 0 : used + 1;
		} else {
			ot_buf_char(&out, c);
		}
	}
	struct ot_str result = ot_arena_str(&r->results, ot_buf_str(&out));
	ot_buf_release(&out);
	return result;
}
