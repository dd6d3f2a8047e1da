/*
 * IP fragments, put together again (RFC 791, RFC 8200). A bounded number of datagrams wait for the rest of theirs; the one that has waited longest makes
 * room. Overlapping bytes are those of the fragment that came first.
 */
#ifndef OT_COLLECTOR_FRAGMENT_H
#define OT_COLLECTOR_FRAGMENT_H

#include <base/str.h>

enum { OT_FRAGMENT_DATAGRAMS_MAX = 32, OT_FRAGMENT_PIECES_MAX = 64, OT_DATAGRAM_MAX = 65535 };

struct ot_fragment {
	uint8_t from[16], to[16];
	uint32_t id;
	uint8_t protocol; /* of what is within */
	uint32_t offset;  /* in the datagram's payload */
	bool more;	  /* it is not the last one */
	struct ot_str bytes;
};

struct ot_fragments;
struct ot_fragments *ot_fragments_new(void);
void ot_fragments_free(struct ot_fragments *fragments); /* NULL is fine */
/* Fragments of datagrams that were given up; with `all` those that wait are too. */
uint64_t ot_fragments_lost(struct ot_fragments *fragments, bool all);
/* True where the datagram is whole now: `whole` lives until the next call, `protocol` is what its first fragment says is within. */
bool ot_fragments_add(struct ot_fragments *fragments, const struct ot_fragment *fragment, struct ot_str *whole, uint8_t *protocol);

#endif
