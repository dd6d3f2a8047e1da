/*
 * Id indexes: which blocks may hold an id. An entry is a few bits of the id's hash and a block; a page holds about a thousand
 * entries whose hashes lie in one range, so a look-up reads one page.
 */
#ifndef OT_STORE_IDS_H
#define OT_STORE_IDS_H

#include "format.h"

bool ot_ids_is_indexed(enum ot_field field);

/* --- writing --- */

struct ot_ids_entry {
	uint64_t hash;
	uint32_t block;
};
struct ot_ids_writer {
	struct ot_ids_entry *entries;
	uint32_t count, cap;
};

void ot_ids_add(struct ot_ids_writer *writer, struct ot_str value, uint32_t block);
/* Appends the two sections, and forgets the entries. */
void ot_ids_put(struct ot_ids_writer *writer, struct ot_buf *directory, struct ot_buf *pages);
void ot_ids_release(struct ot_ids_writer *writer);

/* --- reading --- */

struct ot_ids_page {
	uint64_t offset, checksum; /* offset from the start of the pages */
	uint32_t len;
};
struct ot_ids_directory {
	uint32_t count;
	struct ot_ids_page pages[];
};

/* `bytes` is the section of the directory, `pages_len` the length of that of the pages. Free with free(). */
enum ot_status ot_ids_get_directory(struct ot_ids_directory **out, struct ot_str bytes, uint64_t pages_len, struct ot_err *err);
const struct ot_ids_page *ot_ids_page_of(const struct ot_ids_directory *directory, uint64_t hash);
/* Sets the flags of blocks with an entry for `hash`; the page is checked, with OT_SLACK behind it. */
enum ot_status ot_ids_find(struct ot_str page, uint64_t hash, uint8_t *blocks, uint32_t block_count, struct ot_err *err);

#endif
