/* Hex digits and UUIDs as the bytes that they stand for. */
#ifndef OT_STORE_HEX_H
#define OT_STORE_HEX_H

#include "ints.h"

/* `digits` is even. False where one is no lower-case hex digit; then `out` is spoiled. */
bool ot_hex_get(uint8_t *out, const char *text, size_t digits);
/* Returns where the next goes. */
char *ot_hex_put(char *to, const uint8_t *bytes, size_t len);

/* A UUID as two numbers, of which the first is the time in versions that begin with one. */
struct ot_uuid {
	uint64_t high, low;
};
/* OT_UUID_LEN characters, lower case, 8-4-4-4-12. */
bool ot_uuid_get(struct ot_uuid *out, const char *text);
/* Writes one character more than OT_UUID_LEN. */
void ot_uuid_put(char *to, const struct ot_uuid *uuid);

/* Streams of at most OT_BLOCK_ROWS UUIDs. */
void ot_uuids_put(struct ot_buf *out, struct ot_ints_scratch *scratch, const struct ot_uuid *uuids, uint32_t count);
bool ot_uuids_get(struct ot_cursor *c, struct ot_uuid *out, uint32_t count);

#endif
