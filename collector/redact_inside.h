/*
 * Redaction from inside: the parts that redact*.c share. What is a secret is decided by a name (redact_name.c), by a shape (redact_shape.c), or by
 * its place in a text (redact_text.c); each finding becomes ot_redact_secret of the secret without its encoding, so that it is the same text everywhere.
 */
#ifndef OT_COLLECTOR_REDACT_INSIDE_H
#define OT_COLLECTOR_REDACT_INSIDE_H

#include "redact.h"
#include <base/arena.h>
#include <base/intern.h>

enum ot_name_class {
	OT_NAME_PLAIN,
	OT_NAME_MAYBE,	 /* key, code, auth: a secret in a query string; elsewhere where the value looks drawn */
	OT_NAME_CARD,	 /* likewise; elsewhere where it has the digits of a card */
	OT_NAME_SECRET,
	OT_NAME_NUMBER,	 /* also as a JSON number: passwords, PINs */
	OT_NAME_SCHEME,	 /* Authorization: its scheme stays */
	OT_NAME_COOKIES, /* "name=value; name=value": the names stay */
};
/* Of a bare name, or of a path with dots. */
enum ot_name_class ot_name_class_of(struct ot_str name);
/* "type", "expires_in", "count": tells something about a secret beside it, and is none. */
bool ot_name_is_about(struct ot_str name);

struct ot_name {
	enum ot_name_class class;
	struct ot_str json; /* the name without secrets, as a JSON member's, with its colon */
};

/* Remembered a distinct name; its text lives until ot_redactor_reset. */
struct ot_name ot_redact_name(struct ot_redactor *redactor, struct ot_str name);

/* A whole value that stands under a name of this class, without encoding; `value` itself where nothing had to go. */
struct ot_str ot_redact_value(struct ot_redactor *redactor, enum ot_name_class class, struct ot_str value);

/* ot_redact_text; in a path a colon gives no name to what follows ("/tokens/token:refresh"). */
struct ot_str ot_redact_path(struct ot_redactor *redactor, struct ot_str path);

struct ot_span {
	size_t from, to;
};
/* The token that the character at `at` is a sign of, if one is there: - and _ after a prefix, A of AKIA, J of eyJ, B of Bearer. Looks back as far as `since`. */
bool ot_shape_find(struct ot_str text, size_t at, size_t since, struct ot_span *span);

/* "k:3f9a…" already, and what gateways write in place of secrets: "", "-", "[REDACTED]", "***", "null". */
bool ot_redact_is_placeholder(struct ot_str value);
/* Long, of a token's characters, with letters and digits. */
bool ot_redact_looks_drawn(struct ot_str value);
/* %XX undone, those that are none left; `text` itself where there are none. */
struct ot_str ot_redact_percent_decoded(struct ot_redactor *redactor, struct ot_str text);
/* JSON's escapes undone; a surrogate of a byte that was not UTF-8 gives that byte again. */
struct ot_str ot_redact_unescaped(struct ot_redactor *redactor, struct ot_str text);

struct ot_arena *ot_redact_arena(struct ot_redactor *redactor); /* until ot_redactor_reset */

static inline bool ot_is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool ot_is_letter(char c) { return (unsigned char)((c | 0x20) - 'a') < 26; }
static inline bool ot_is_word(char c) { return ot_is_digit(c) || ot_is_letter(c); }
/* base64url and what is like it */
static inline bool ot_is_token(char c) { return ot_is_word(c) || c == '_' || c == '-'; }
/* token68 of RFC 9110 */
static inline bool ot_is_token68(char c) { return ot_is_token(c) || c == '.' || c == '~' || c == '+' || c == '/' || c == '='; }
static inline bool ot_is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
extern const signed char ot_hex_digits[256]; /* -1: none */
static inline int ot_hex_digit(char c) { return ot_hex_digits[(unsigned char)c]; }

#endif
