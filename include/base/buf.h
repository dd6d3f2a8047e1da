/* Growing byte buffers with a ceiling given at birth. Past the ceiling bytes are dropped and `overflow` is set: the caller checks once, at the end. */
#ifndef OT_BASE_BUF_H
#define OT_BASE_BUF_H

#include <base/str.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct ot_buf {
	char *data;
	size_t len, cap, max; /* max 0: no ceiling */
	bool overflow;
};

/* A zeroed struct is a usable buffer without a ceiling. */
void ot_buf_init(struct ot_buf *buf, size_t max);
void ot_buf_release(struct ot_buf *buf);
static inline void ot_buf_clear(struct ot_buf *buf) { buf->len = 0; buf->overflow = false; }
static inline struct ot_str ot_buf_str(const struct ot_buf *buf) { return (struct ot_str){ buf->data == NULL ? "" : buf->data, buf->len }; }

/* Makes room for `more` bytes and returns where they go, or NULL past the ceiling; add to `len` what was written.
 * After an overflow nothing more is taken until the buffer is cleared, so what it holds is the text's beginning. */
char *ot_buf_grow(struct ot_buf *buf, size_t more); /* the slow half of ot_buf_reserve */
void ot_buf_put_slow(struct ot_buf *buf, const void *bytes, size_t len); /* and of ot_buf_put */
static inline char *ot_buf_reserve(struct ot_buf *buf, size_t more)
{
	if (buf->data == NULL || buf->overflow || buf->cap - buf->len < more)
		return ot_buf_grow(buf, more);
	return buf->data + buf->len;
}
static inline void ot_buf_put(struct ot_buf *buf, const void *bytes, size_t len)
{
	if (buf->overflow || buf->cap - buf->len < len) {
		ot_buf_put_slow(buf, bytes, len);
	} else if (len > 0) {
		memcpy(buf->data + buf->len, bytes, len);
		buf->len += len;
	}
}
static inline void ot_buf_str_put(struct ot_buf *buf, struct ot_str text) { ot_buf_put(buf, text.ptr, text.len); }
static inline void ot_buf_text(struct ot_buf *buf, const char *text) { ot_buf_put(buf, text, strlen(text)); }
static inline void ot_buf_char(struct ot_buf *buf, char c) { ot_buf_put(buf, &c, 1); }
void ot_buf_printf(struct ot_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ot_buf_i64(struct ot_buf *buf, int64_t value); /* decimal */
void ot_buf_hex(struct ot_buf *buf, const void *bytes, size_t len); /* lower case */

/* Little-endian, for what is written to disk. */
static inline void ot_buf_u8(struct ot_buf *buf, uint8_t v) { ot_buf_put(buf, &v, 1); }
void ot_buf_u16(struct ot_buf *buf, uint16_t v);
void ot_buf_u32(struct ot_buf *buf, uint32_t v);
void ot_buf_u64(struct ot_buf *buf, uint64_t v);
void ot_buf_varint(struct ot_buf *buf, uint64_t v); /* LEB128 */
void ot_buf_zigzag(struct ot_buf *buf, int64_t v);
void ot_buf_lstr(struct ot_buf *buf, struct ot_str text); /* varint length + 1 and bytes; 0 for absent */

#endif
