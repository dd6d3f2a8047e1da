/*
 * Frames: the bytes of a source as records' lines. A source yields uncompressed bytes in order; the framer cuts them into chunks of whole lines that
 * workers read in any order. Lines longer than OT_LINE_MAX are cut: their beginning goes to quarantine, and reading goes on after their newline.
 */
#ifndef OT_COLLECTOR_FRAME_H
#define OT_COLLECTOR_FRAME_H

#include <base/buf.h>
#include <base/err.h>
#include <sys/stat.h>

enum {
	OT_LINE_MAX = 1 << 20,
	OT_LINE_KEPT = 64 << 10,  /* of a longer line, for quarantine */
	OT_CHUNK_BYTES = 1 << 20, /* chunks end at the first newline at or after a multiple of this offset: the same wherever reading began */
	OT_PROBE_MAX = 64 << 10,  /* bytes looked at before reading begins */
};

/* --- where bytes come from: a file as it is, gzip, zstd (also several members one after the other), standard input. Told apart by content. --- */

enum ot_container { OT_PLAIN, OT_GZIP, OT_ZSTD };
enum ot_content { OT_CONTENT_TEXT, OT_CONTENT_CAPTURE, OT_CONTENT_BINARY, OT_CONTENT_EMPTY };

struct ot_input;
/* Opens a file or "-" and looks at its first bytes. `cancel` (may be NULL) set from outside ends a read with OT_CANCELLED. */
enum ot_status ot_input_open(struct ot_input **out, const char *path, const volatile int *cancel, struct ot_err *err);
void ot_input_close(struct ot_input *input); /* NULL is fine */
enum ot_container ot_input_container(const struct ot_input *input);
enum ot_content ot_input_content(const struct ot_input *input);
/* What a binary or capture is, in words: "a capture (pcapng)", "a zip archive". Static. */
const char *ot_input_content_words(const struct ot_input *input);
struct ot_str ot_input_head(const struct ot_input *input);  /* first min(size, OT_HEAD_MAX) uncompressed bytes */
struct ot_str ot_input_probe(const struct ot_input *input); /* first min(size, OT_PROBE_MAX) uncompressed bytes */
const struct stat *ot_input_stat(const struct ot_input *input); /* as it was when opened */
/* True for a plain file: any offset is reached at once. */
bool ot_input_seekable(const struct ot_input *input);
/* Appends up to `max` uncompressed bytes; OT_END at the end. A truncated or damaged container yields what it holds, then OT_CORRUPT with the place. */
enum ot_status ot_input_read(struct ot_input *input, struct ot_buf *out, size_t max, struct ot_err *err);
/* Goes to an uncompressed offset: at once where the input is seekable, else forward by reading. Other statuses are those of ot_input_read: the end came before. */
enum ot_status ot_input_skip(struct ot_input *input, uint64_t offset, struct ot_err *err);
/* Back to offset 0. What cannot be read twice (a pipe) keeps its first bytes in memory until ot_input_settle; OT_LIMIT where they were too many. */
enum ot_status ot_input_rewind(struct ot_input *input, struct ot_err *err);
void ot_input_settle(struct ot_input *input); /* no rewind will follow */
uint64_t ot_input_file_bytes(const struct ot_input *input); /* compressed bytes consumed so far, for progress */

/* --- chunks --- */

struct ot_chunk {
	struct ot_buf bytes; /* whole lines; the last may lack its newline */
	uint64_t offset;     /* of the first byte, in the uncompressed source */
	uint64_t line;	     /* number of the first line, from 1 */
	uint64_t lines;	     /* how many */
	uint64_t length;     /* bytes of the source that it stands for: those of `bytes`, unless cut */
	bool cut;	     /* one line of more than OT_LINE_MAX bytes, of which bytes holds the first OT_LINE_KEPT */
};

struct ot_framer {
	struct ot_input *input;
	uint64_t offset, line; /* of the next chunk */
	struct ot_buf carry;   /* read already, from `offset` on */
	uint64_t over;	       /* bytes of an unfinished line that were not kept in carry */
	enum ot_status ended;  /* what ot_input_read said in the end; OT_OK before */
	struct ot_err err;
};

/* `offset` and `line` (from 1) are where the input stands. */
void ot_framer_init(struct ot_framer *framer, struct ot_input *input, uint64_t offset, uint64_t line);
void ot_framer_release(struct ot_framer *framer);
/* The next chunk of whole lines. At the end what ot_input_read said (OT_END, OT_CORRUPT, OT_IO …); an unfinished line may be left, see ot_framer_rest. */
enum ot_status ot_framer_next(struct ot_framer *framer, struct ot_chunk *chunk, struct ot_err *err);
/* After the end: the last line, where it has no newline (its first OT_LINE_KEPT bytes where it is too long), and its length. */
struct ot_str ot_framer_rest(const struct ot_framer *framer, uint64_t *length);
/* Makes the unfinished line a chunk. */
void ot_framer_take_rest(struct ot_framer *framer, struct ot_chunk *chunk);

/* The lines of a text one after the other, without their newline and a carriage return before it; false after the last. `*rest` is what follows. */
bool ot_line_next(struct ot_str *rest, struct ot_str *line);

/* The first lines of an input that are not empty, for finding its format; one that the probe cuts is left out. */
size_t ot_input_first_lines(const struct ot_input *input, struct ot_str *out, size_t max);

#endif
