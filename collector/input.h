/* Inputs from the inside: raw bytes of a descriptor, and decoders that turn them into text. */
#ifndef OT_COLLECTOR_INPUT_H
#define OT_COLLECTOR_INPUT_H

#include "frame.h"

enum { OT_RAW_BYTES = 256 << 10, OT_HISTORY_MAX = 32 << 20 };

/* Bytes of the file as they are. */
struct ot_raw {
	int fd;
	const char *path;
	const volatile int *cancel;
	uint8_t *bytes; /* OT_RAW_BYTES, of which [at, len) are to be taken */
	size_t at, len;
	uint64_t taken; /* bytes of the file before bytes[len] */
	bool ended;
	bool replayable; /* lseek works */
	struct ot_buf history; /* of a pipe, all of it so far, while `keep` */
	size_t history_at;
	bool keep, lost;
};

/* Reads on when nothing is left to take: OT_END at the end. */
enum ot_status ot_raw_fill(struct ot_raw *raw, struct ot_err *err);
/* Reads from the descriptor past the buffer; *got 0 at the end. */
enum ot_status ot_raw_direct(struct ot_raw *raw, void *bytes, size_t max, size_t *got, struct ot_err *err);

/* A decoder appends at most `max` bytes of text a call; OT_END, or OT_CORRUPT with its words and without the path. */
struct ot_decoder {
	enum ot_status (*read)(void *state, struct ot_raw *raw, struct ot_buf *out, size_t max, struct ot_err *err);
	enum ot_status (*open)(void **state, struct ot_err *err);
	void (*close)(void *state);
};
extern const struct ot_decoder ot_decoder_plain, ot_decoder_gzip, ot_decoder_zstd;

/* Text, capture or other, from the first bytes; `words` says what it is. */
enum ot_content ot_content_of(struct ot_str probe, const char **words);

#endif
