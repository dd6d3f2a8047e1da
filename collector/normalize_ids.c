/* collector: trace and span ids as bytes, the digest of what was said. */
#include "normalize_inside.h"
#include "redact_inside.h"
#include <string.h>

enum { TRACE_LEN = 16, SPAN_LEN = 8, UUID_LEN = 36, TRACEPARENT_LEN = 55 };

static bool from_hex(struct ot_str text, uint8_t *bytes, bool lower_only)
{
	for (size_t i = 0; i < text.len; i++) {
		int digit = ot_hex_digit(text.ptr[i]);
		if (digit < 0 || (lower_only && text.ptr[i] >= 'A' && text.ptr[i] <= 'F'))
			return false;
		bytes[i / 2] = (uint8_t)(i % 2 == 0 ? digit << 4 : bytes[i / 2] | digit);
	}
	return true;
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

static bool from_uuid(struct ot_str text, uint8_t bytes[TRACE_LEN])
{
	char hex[2 * TRACE_LEN];
	size_t len = 0;
	for (size_t i = 0; i < text.len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash != (text.ptr[i] == '-'))
			return false;
		if (!dash)
			hex[len++] = text.ptr[i];
	}
	return from_hex((struct ot_str){ hex, len }, bytes, false);
}

/* Raw bytes, 32 digits, a UUID; 16 digits are a trace id of 64 bits, as B3 has them. */
static bool read_trace_id(struct ot_str text, uint8_t bytes[TRACE_LEN])
{
	memset(bytes, 0, TRACE_LEN);
	if (text.len == 2 * TRACE_LEN)
		return from_hex(text, bytes, false) && !is_zero(bytes, TRACE_LEN);
	if (text.len == UUID_LEN)
		return from_uuid(text, bytes) && !is_zero(bytes, TRACE_LEN);
	if (text.len != TRACE_LEN)
		return false;
	if (!from_hex(text, bytes + TRACE_LEN - SPAN_LEN, false)) {
		memcpy(bytes, text.ptr, TRACE_LEN);
	}
	return !is_zero(bytes, TRACE_LEN);
}

static bool read_span_id(struct ot_str text, uint8_t bytes[SPAN_LEN])
{
	if (text.len == 2 * SPAN_LEN)
		return from_hex(text, bytes, false) && !is_zero(bytes, SPAN_LEN);
	if (text.len != SPAN_LEN)
		return false;
	memcpy(bytes, text.ptr, SPAN_LEN);
	return !is_zero(bytes, SPAN_LEN);
}

/* W3C Trace Context: version ff is none, version 00 has nothing behind its flags, ids of zeros are none, capitals are wrong. */
static bool read_traceparent(struct ot_str text, uint8_t trace[TRACE_LEN], uint8_t span[SPAN_LEN])
{
	uint8_t version, flags;
	if (text.len < TRACEPARENT_LEN || text.ptr[2] != '-' || text.ptr[35] != '-' || text.ptr[52] != '-')
		return false;
	if (!from_hex(ot_str_sub(text, 0, 2), &version, true) || !from_hex(ot_str_sub(text, 53, 2), &flags, true) || version == 0xff)
		return false;
	if (text.len > TRACEPARENT_LEN && (version == 0 || text.ptr[TRACEPARENT_LEN] != '-'))
		return false;
	return from_hex(ot_str_sub(text, 3, 2 * TRACE_LEN), trace, true) && from_hex(ot_str_sub(text, 36, 2 * SPAN_LEN), span, true) &&
	       !is_zero(trace, TRACE_LEN) && !is_zero(span, SPAN_LEN);
}

/* What is no id is kept beside the columns. */
static void set_id(struct ot_normalizer *n, struct ot_record *r, enum ot_field field, uint8_t *bytes, size_t len, bool valid)
{
	struct ot_str text = ot_record_text(r, field);
	if (valid) {
		ot_record_set_text(r, field, (struct ot_str){ (const char *)bytes, len });
		return;
	}
	ot_record_unset(r, field);
	if (text.len > 1)
		ot_normalize_extra_text(n, ot_str_from(ot_fields[field].name), text);
}

static void set_digest(struct ot_normalizer *n, const struct ot_draft *draft, struct ot_record *r)
{
	if (draft->content.ptr == NULL)
		return;
	char size[24];
	ot_buf_clear(&n->scratch);
	ot_sha256(draft->content, n->digest);
	ot_record_set_text(r, OT_CONTENT_DIGEST, (struct ot_str){ (const char *)n->digest, sizeof(n->digest) });
	ot_buf_i64(&n->scratch, (int64_t)draft->content.len);
	memcpy(size, n->scratch.data, n->scratch.len);
	ot_normalize_extra(n, OT_STR("content_size"), ot_arena_str(&n->record, (struct ot_str){ size, n->scratch.len }));
}

void ot_normalize_ids(struct ot_normalizer *n, struct ot_draft *draft)
{
	struct ot_record *r = &draft->record;
	uint8_t trace[TRACE_LEN], span[SPAN_LEN];
	if (ot_record_has(r, OT_TRACE_ID))
		set_id(n, r, OT_TRACE_ID, n->trace_id, TRACE_LEN, read_trace_id(r->values[OT_TRACE_ID].text, n->trace_id));
	if (ot_record_has(r, OT_SPAN_ID))
		set_id(n, r, OT_SPAN_ID, n->span_id, SPAN_LEN, read_span_id(r->values[OT_SPAN_ID].text, n->span_id));
	set_digest(n, draft, r);
	if (draft->traceparent.len < 2) /* absent, empty, "-" */
		return;
	if (!read_traceparent(draft->traceparent, trace, span)) {
		ot_normalize_extra_text(n, OT_STR("traceparent"), draft->traceparent);
		return;
	}
	if (!ot_record_has(r, OT_TRACE_ID)) {
		memcpy(n->trace_id, trace, TRACE_LEN);
		set_id(n, r, OT_TRACE_ID, n->trace_id, TRACE_LEN, true);
		if (!ot_record_has(r, OT_SPAN_ID)) {
			memcpy(n->span_id, span, SPAN_LEN);
			set_id(n, r, OT_SPAN_ID, n->span_id, SPAN_LEN, true);
		}
	}
}
