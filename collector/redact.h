/*
 * Redaction: before anything touches the disk, credentials become a keyed hash and their last four characters, "k:3f9a…64 bits…:a44d";
 * the same secret gives the same text in every log of one store, and nothing leads back. Secrets of less than 12 characters show no last characters, nor do logins of Basic and what ends in other than token characters:
 * "k:3f9a…64 bits…". What is masked already stays as it is. An encoded secret (%XX, \uXXXX, "\/") becomes what it does in clear.
 */
#ifndef OT_COLLECTOR_REDACT_H
#define OT_COLLECTOR_REDACT_H

#include <base/buf.h>

struct ot_redactor;
struct ot_redactor *ot_redactor_new(struct ot_str key);
void ot_redactor_free(struct ot_redactor *redactor);

/* "k:" + 16 hex digits of HMAC-SHA-256(key, secret without spaces around it) + ":" + last four characters. Remembered per distinct secret. */
struct ot_str ot_redact_secret(struct ot_redactor *redactor, struct ot_str secret);
/* True where a member, header, query parameter or cookie of this name holds a secret: authorization, x-api-key, access_token, password, sig, card …
 * in any case and with - _ or nothing between words. */
bool ot_redact_is_secret_name(struct ot_str name);
/* A query string: values of secret names and known token shapes are replaced; everything else stays byte for byte. */
struct ot_str ot_redact_query(struct ot_redactor *redactor, struct ot_str query);
/* Any text: token shapes (sk-…, AKIA…, ghp_…, xox?-…, JWT, "Bearer …", "Basic …"), name=value and "name": "value" pairs of secret names, user info in URLs. */
struct ot_str ot_redact_text(struct ot_redactor *redactor, struct ot_str text);
/* A JSON value under a member's name: secrets by name and shape at any depth. Appends compact JSON. */
void ot_redact_json(struct ot_redactor *redactor, struct ot_str name, struct ot_str json, struct ot_buf *out);
/* Results are `text` itself where nothing was found, else live until ot_redactor_reset. */
void ot_redactor_reset(struct ot_redactor *redactor);

#endif
