/*
 * Text as it leaves: escaped for a terminal, for JSON, for CSV. Input is any bytes; output never holds a control sequence,
 * a bidirectional override or an unescaped delimiter.
 */
#ifndef OT_BASE_TEXT_H
#define OT_BASE_TEXT_H

#include <base/buf.h>

/* Decodes one character: its length in bytes, 1 with *rune = -1 for a byte that is not UTF-8 (RFC 3629: no surrogates, shortest form). */
size_t ot_utf8_next(struct ot_str text, int32_t *rune);
bool ot_utf8_valid(struct ot_str text);
void ot_utf8_put(struct ot_buf *buf, int32_t rune);
/* Columns on a terminal: 0, 1 or 2. */
int ot_rune_width(int32_t rune);
/* Columns of a text made by ot_text_display. */
size_t ot_text_width(struct ot_str text);

/* For a terminal: C0, C1, DEL as <0A>-like pictures, bidi and other format characters as <U+202E>, bytes that are not UTF-8 as \xHH, at most two combining marks. */
void ot_text_display(struct ot_buf *out, struct ot_str text);
/* A JSON string with its quotes. Bytes that are not UTF-8 become U+DC80..U+DCFF escapes ("\udcXX"), so that nothing is lost and the line stays valid for readers that take them. C1, bidi and U+2028/9 are \u-escaped. */
void ot_text_json(struct ot_buf *out, struct ot_str text);
/* A CSV cell (RFC 4180): quoted where needed; one that would start a formula (= + - @ tab CR, and full-width forms) gets a leading apostrophe, unless it is a plain number. */
void ot_text_csv(struct ot_buf *out, struct ot_str text);
/* Decodes base64 or base64url, with or without padding; false on other characters. */
bool ot_base64_decode(struct ot_buf *out, struct ot_str text);

#endif
