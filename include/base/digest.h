/* SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), from libcrypto. */
#ifndef OT_BASE_DIGEST_H
#define OT_BASE_DIGEST_H

#include <base/err.h>
#include <base/str.h>

enum { OT_DIGEST_LEN = 32 };

void ot_sha256(struct ot_str bytes, uint8_t out[OT_DIGEST_LEN]);
void ot_hmac_sha256(struct ot_str key, struct ot_str bytes, uint8_t out[OT_DIGEST_LEN]);
enum ot_status ot_sha256_file(const char *path, uint8_t out[OT_DIGEST_LEN], uint64_t *bytes, struct ot_err *err);
/* Bytes nobody can guess (getrandom). */
enum ot_status ot_random(void *bytes, size_t len, struct ot_err *err);

#endif
