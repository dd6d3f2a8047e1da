/*
 * The bytes of a segment, as docs/FORMAT.md describes them; no other header knows them.
 *
 * header | for each column: chunks, column index, dictionary, id index | footer | trailer
 *
 * Sections follow each other without gaps, so offsets are sums of lengths and every byte is under a checksum.
 */
#ifndef OT_STORE_FORMAT_H
#define OT_STORE_FORMAT_H

#include <base/cursor.h>
#include <store/segment.h>

#define OT_SEG_MAGIC "\x89OTSEG\r\n"
#define OT_SEG_TAIL_MAGIC "\n\rGESTO\x89"

enum {
	OT_SEG_MAGIC_LEN = 8,
	OT_SEG_VERSION = 1,
	OT_SEG_INCOMPATIBLE_KNOWN = 0,
	OT_SEG_HEADER_LEN = 64,
	OT_SEG_CHECKSUM_LEN = 8,
	OT_SEG_TRAILER_LEN = 4 + OT_SEG_CHECKSUM_LEN + OT_SEG_MAGIC_LEN,

	/* Limits: nothing larger is written, and nothing larger is believed. */
	OT_SEG_COLUMNS_MAX = 1024,
	OT_SEG_FOOTER_MAX = 1 << 20,
	OT_SEG_INDEX_MAX = 1 << 14,
	OT_SEG_CHUNK_MAX = 1 << 29,	 /* bytes of one chunk, stored and unpacked */
	OT_SEG_DICT_MAX = 1 << 29,	 /* bytes of one dictionary, stored and unpacked */
	OT_SEG_DIRECTORY_MAX = 1 << 20,	 /* of the pages of an id index */
	OT_SEG_PAGE_MAX = 1 << 20,
	OT_SEG_BLOCKS_MAX = (OT_SEGMENT_ROWS_MAX + OT_BLOCK_ROWS - 1) / OT_BLOCK_ROWS,

	/* Readers may take eight bytes at a time: bytes that they are given have as many behind them that may be read. */
	OT_SLACK = 16,
};

struct ot_seg_header {
	uint32_t version, compatible, incompatible;
	uint32_t rows, block_rows, columns;
	int64_t day, time_min, time_max;
};

/* The sections of a column, in order. */
enum ot_seg_section { OT_SECTION_CHUNKS, OT_SECTION_INDEX, OT_SECTION_DICT, OT_SECTION_ID_DIRECTORY, OT_SECTION_ID_PAGES, OT_SECTION_COUNT };

struct ot_seg_entry {
	struct ot_str name;
	uint8_t form;	/* enum ot_form + 1, so that 0 is none */
	uint8_t type;	/* enum ot_type, for those who read the file without our schema */
	uint16_t width; /* of FIXED values */
	struct ot_str unit; /* of ENUM: its values' names; else empty */
	struct ot_str base; /* INT column to which blocks may be relative; empty: none */
	uint64_t length[OT_SECTION_COUNT];
	uint64_t offset[OT_SECTION_COUNT]; /* not stored: the sums */
};

/* What the column index says of a chunk. */
struct ot_seg_block {
	uint8_t flags;
	uint32_t nulls;
	uint64_t length, checksum;
	uint64_t offset; /* not stored: the sum, from the start of the file */
	int64_t min, max; /* INT values and DICT codes; min > max where there are none */
};
enum { OT_BLOCK_ZSTD = 1, OT_BLOCK_RELATIVE = 2, OT_BLOCK_FLAGS_KNOWN = 3 };

/* How a chunk says which rows are null, where some are and some are not. */
enum { OT_NULLS_BITMAP = 0, OT_NULLS_RUNS = 1 };

/* Kinds of integer streams. */
enum { OT_INTS_CONSTANT = 0, OT_INTS_PACKED = 1, OT_INTS_DELTA = 2, OT_INTS_RUNS = 3, OT_INTS_TABLE = 4, OT_INTS_RECENT = 5, OT_INTS_KINDS };
enum {
	OT_INTS_TABLE_MAX = 256,
	OT_INTS_SLOTS_MAX = 15,
	OT_INTS_GROUP = 256,	 /* packed values that have a width of their own, where the width written is OT_INTS_GROUPED */
	OT_INTS_GROUPED = 255,
	OT_INTS_GROUPS_MAX = OT_BLOCK_ROWS / OT_INTS_GROUP,
};

/* Kinds of text chunks. */
enum { OT_TEXTS_PLAIN = 0, OT_TEXTS_HEX = 1, OT_TEXTS_UUID = 2, OT_TEXTS_SHAPED = 3, OT_TEXTS_KINDS };
enum { OT_TEXTS_HEX_DIGITS_MAX = 64, OT_UUID_LEN = 36 };

/* Holes of a template: OT_HOLE, one of these, and for PADDED and HEX the number of digits. */
enum {
	OT_HOLE = 1,
	OT_HOLE_NUMBER = 'n', /* decimal as it is written shortest */
	OT_HOLE_PADDED = 'p', /* decimal with zeros in front */
	OT_HOLE_HEX = 'h',
	OT_HOLE_UUID = 'u',
	OT_HOLE_NUMBERS_MAX = 8, /* of either kind in one template */
	OT_HOLE_DIGITS_MAX = 18,
	OT_TEMPLATES_BYTES_MAX = 1 << 20,
};

/* Compression of a dictionary, and whether its texts are front-coded or streams of texts. */
enum { OT_DICT_PLAIN = 0, OT_DICT_ZSTD = 1, OT_DICT_TEXTS = 2 };

void ot_seg_put_header(struct ot_buf *out, const struct ot_seg_header *header);
enum ot_status ot_seg_get_header(struct ot_seg_header *out, const uint8_t bytes[OT_SEG_HEADER_LEN], struct ot_err *err);

/* The footer is the header again and an entry a column; the trailer is its length, checksum and magic. */
void ot_seg_put_footer(struct ot_buf *out, const struct ot_seg_header *header, const struct ot_seg_entry *entries, uint32_t count);
void ot_seg_put_trailer(struct ot_buf *out, struct ot_str footer);
/* Length of the footer that stands before the trailer. */
enum ot_status ot_seg_get_trailer(uint32_t *footer_len, uint64_t *checksum, const uint8_t bytes[OT_SEG_TRAILER_LEN], struct ot_err *err);
/* `entries` has room for header->columns; texts are borrowed from `footer`. `end` is where the footer starts in the file: sections must end there. */
enum ot_status ot_seg_get_footer(struct ot_seg_entry *entries, const struct ot_seg_header *header, struct ot_str footer, uint64_t end, struct ot_err *err);

void ot_seg_put_index(struct ot_buf *out, enum ot_form form, const struct ot_seg_block *blocks, uint32_t count, uint32_t rows);
enum ot_status ot_seg_get_index(struct ot_seg_block *blocks, uint32_t count, uint32_t rows, const struct ot_seg_entry *entry, struct ot_str bytes, struct ot_err *err);

static inline enum ot_form ot_seg_form(const struct ot_seg_entry *entry) { return (enum ot_form)(entry->form - 1); }
static inline bool ot_seg_form_known(const struct ot_seg_entry *entry) { return entry->form >= 1 && entry->form <= OT_FORM_FIXED + 1; }
static inline uint32_t ot_seg_blocks(uint32_t rows) { return (rows + OT_BLOCK_ROWS - 1) / OT_BLOCK_ROWS; }
static inline uint32_t ot_seg_block_rows(uint32_t rows, uint32_t block)
{
	uint32_t from = block * OT_BLOCK_ROWS;

	return rows - from < OT_BLOCK_ROWS ? rows - from : OT_BLOCK_ROWS;
}

/* Ends `out`, from `start` on, with the checksum of what is there; the other checks such a section and cuts the checksum off. */
void ot_seg_seal(struct ot_buf *out, size_t start);
bool ot_seg_unseal(struct ot_str *bytes);

#endif
