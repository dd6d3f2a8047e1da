/*
 * Frames: the bytes of a source as records' lines. A source yields uncompressed bytes in order; the framer cuts them into chunks of whole lines that
 * workers read in any order. Lines longer than OT_LINE_MAX are cut: what is over goes to quarantine as a line of its own reason.
 */
#ifndef OT_COLLECTOR_FRAME_H
#define OT_COLLECTOR_FRAME_H

#include <base/buf.h>
#include <base/err.h>

enum { OT_LINE_MAX = 1 << 20, OT_CHUNK_BYTES = 4 << 20 };

/* Where bytes come from: a file as it is, gzip, zstd (also several members one after the other), standard input. Told apart by content. */
enum ot_container { OT_PLAIN, OT_GZIP, OT_ZSTD };
enum ot_content { OT_CONTENT_TEXT, OT_CONTENT_CAPTURE, OT_CONTENT_BINARY, OT_CONTENT_EMPTY };

struct ot_input;
/* Opens a file or "-" and looks at its first bytes. */
enum ot_status ot_input_open(struct ot_input **out, const char *path, struct ot_err *err);
void ot_input_close(struct ot_input *input);
enum ot_container ot_input_container(const struct ot_input *input);
enum ot_content ot_input_content(const struct ot_input *input);
struct ot_str ot_input_head(const struct ot_input *input); /* first min(size, OT_HEAD_MAX) uncompressed bytes */
/* Appends up to `max` uncompressed bytes; OT_END at the end. A truncated or damaged container yields what it holds, then OT_CORRUPT with the place. */
enum ot_status ot_input_read(struct ot_input *input, struct ot_buf *out, size_t max, struct ot_err *err);
/* Skips to an uncompressed offset (seek where the file is plain, else by reading). */
enum ot_status ot_input_skip(struct ot_input *input, uint64_t offset, struct ot_err *err);
uint64_t ot_input_file_bytes(const struct ot_input *input); /* compressed bytes consumed so far, for progress */

#endif
