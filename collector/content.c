/* collector: what a file holds, by its first bytes: text, a capture, or something that is no log. */
#include "input.h"
#include <base/text.h>
#include <string.h>

static const struct magic {
	size_t offset, len;
	const char *bytes;
	enum ot_content content;
	const char *words;
} magics[] = {
	{ 0, 4, "\xd4\xc3\xb2\xa1", OT_CONTENT_CAPTURE, "a capture (pcap)" },
	{ 0, 4, "\xa1\xb2\xc3\xd4", OT_CONTENT_CAPTURE, "a capture (pcap)" },
	{ 0, 4, "\x4d\x3c\xb2\xa1", OT_CONTENT_CAPTURE, "a capture (pcap, nanoseconds)" },
	{ 0, 4, "\xa1\xb2\x3c\x4d", OT_CONTENT_CAPTURE, "a capture (pcap, nanoseconds)" },
	{ 0, 4, "\x34\xcd\xb2\xa1", OT_CONTENT_CAPTURE, "a capture (pcap, modified)" },
	{ 0, 4, "\xa1\xb2\xcd\x34", OT_CONTENT_CAPTURE, "a capture (pcap, modified)" },
	{ 0, 4, "\x0a\x0d\x0d\x0a", OT_CONTENT_CAPTURE, "a capture (pcapng)" },
	{ 0, 8, "snoop\0\0\0", OT_CONTENT_CAPTURE, "a capture (snoop)" },
	{ 0, 16, "SQLite format 3\0", OT_CONTENT_BINARY, "a SQLite database" },
	{ 0, 4, "\x7f" "ELF", OT_CONTENT_BINARY, "a program" },
	{ 0, 4, "PK\x03\x04", OT_CONTENT_BINARY, "a zip archive" },
	{ 0, 6, "\xfd" "7zXZ\0", OT_CONTENT_BINARY, "xz-compressed (gzip and zstd can be read)" },
	{ 4, 6, "1AY&SY", OT_CONTENT_BINARY, "bzip2-compressed (gzip and zstd can be read)" },
	{ 0, 4, "\x04\x22\x4d\x18", OT_CONTENT_BINARY, "lz4-compressed (gzip and zstd can be read)" },
	{ 257, 5, "ustar", OT_CONTENT_BINARY, "a tar archive" },
	{ 0, 8, "\x89PNG\r\n\x1a\n", OT_CONTENT_BINARY, "a picture" },
	{ 0, 5, "PAR1\x15", OT_CONTENT_BINARY, "a Parquet file" },
	{ 0, 2, "\xff\xfe", OT_CONTENT_BINARY, "text in UTF-16 (UTF-8 can be read)" },
	{ 0, 2, "\xfe\xff", OT_CONTENT_BINARY, "text in UTF-16 (UTF-8 can be read)" },
};

/* Logs hold stray bytes of any kind, and runs of NUL where a file was truncated under its writer; what is no text at all holds them throughout. */
static bool looks_binary(struct ot_str probe)
{
	size_t seen = 0, odd = 0;
	for (size_t i = 0; i < probe.len;) {
		unsigned char c = (unsigned char)probe.ptr[i];
		size_t step = 1;
		if (c >= 0x80) {
			int32_t rune;
			step = ot_utf8_next(ot_str_sub(probe, i, 4), &rune);
			odd += rune < 0;
		} else if (c < 0x20 && c != 0) {
			odd += strchr("\t\n\r\x1b\b\f", c) == NULL;
		}
		seen += c != 0;
		i += step;
	}
	return seen >= 64 && odd * 4 > seen;
}

enum ot_content ot_content_of(struct ot_str probe, const char **words)
{
	*words = "text";
	if (probe.len == 0) {
		*words = "empty";
		return OT_CONTENT_EMPTY;
	}
	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++) {
		const struct magic *m = &magics[i];
		if (probe.len >= m->offset + m->len && memcmp(probe.ptr + m->offset, m->bytes, m->len) == 0) {
			*words = m->words;
			return m->content;
		}
	}
	if (!looks_binary(probe))
		return OT_CONTENT_TEXT;
	*words = "not text";
	return OT_CONTENT_BINARY;
}
