/* Datagrams in parts. */
#include "fragment.h"
#include <base/err.h>
#include <stdlib.h>
#include <string.h>

struct piece {
	uint32_t from, to;
};

struct datagram {
	bool used;
	uint64_t count; /* fragments that came */
	uint64_t turn; /* when its first fragment came */
	uint8_t from[16], to[16];
	uint32_t id;
	uint8_t protocol;
	uint32_t len; /* 0: the last fragment has not come */
	struct piece pieces[OT_FRAGMENT_PIECES_MAX]; /* by place, apart from each other */
	size_t piece_count;
	char *bytes;
	size_t cap;
};

struct ot_fragments {
	struct datagram datagrams[OT_FRAGMENT_DATAGRAMS_MAX];
	uint64_t turn, lost;
};

struct ot_fragments *ot_fragments_new(void)
{
	return ot_alloc_zero(1, sizeof(struct ot_fragments));
}

void ot_fragments_free(struct ot_fragments *fragments)
{
	if (fragments == NULL)
		return;
	for (size_t i = 0; i < OT_FRAGMENT_DATAGRAMS_MAX; i++)
		free(fragments->datagrams[i].bytes);
	free(fragments);
}

static void give_up(struct ot_fragments *fragments, struct datagram *d)
{
	fragments->lost += d->used ? d->count : 0;
	d->used = false;
}

uint64_t ot_fragments_lost(struct ot_fragments *fragments, bool all)
{
	for (size_t i = 0; all && i < OT_FRAGMENT_DATAGRAMS_MAX; i++)
		give_up(fragments, &fragments->datagrams[i]);
	return fragments->lost;
}

static bool is_of(const struct datagram *d, const struct ot_fragment *f)
{
	return d->used && d->id == f->id && memcmp(d->from, f->from, 16) == 0 && memcmp(d->to, f->to, 16) == 0;
}

static struct datagram *datagram_of(struct ot_fragments *fragments, const struct ot_fragment *f)
{
	struct datagram *free_one = &fragments->datagrams[0];
	for (size_t i = 0; i < OT_FRAGMENT_DATAGRAMS_MAX; i++) {
		struct datagram *d = &fragments->datagrams[i];
		if (is_of(d, f))
			return d;
		if (free_one->used && (!d->used || d->turn < free_one->turn))
			free_one = d;
	}
	give_up(fragments, free_one);
	free_one->used = true;
	free_one->count = 0;
	free_one->turn = ++fragments->turn;
	memcpy(free_one->from, f->from, 16);
	memcpy(free_one->to, f->to, 16);
	free_one->id = f->id;
	free_one->protocol = f->protocol;
	free_one->len = 0;
	free_one->piece_count = 0;
	return free_one;
}

static void put_bytes(struct datagram *d, const struct ot_fragment *f, uint32_t from, uint32_t to)
{
	if (to > d->cap)
		d->bytes = ot_realloc(d->bytes, d->cap = to);
	memcpy(d->bytes + from, f->bytes.ptr + (from - f->offset), to - from);
}

/* The parts of [from, to) that are not there yet; the pieces stay in order and touching ones become one. */
static bool put_piece(struct datagram *d, const struct ot_fragment *f)
{
	struct piece merged[OT_FRAGMENT_PIECES_MAX + 1], new = { f->offset, f->offset + (uint32_t)f->bytes.len };
	size_t count = 0, i = 0;
	uint32_t at = new.from;
	while (i < d->piece_count && d->pieces[i].to < new.from)
		merged[count++] = d->pieces[i++];
	for (; i < d->piece_count && d->pieces[i].from <= new.to; i++) {
		if (d->pieces[i].from > at)
			put_bytes(d, f, at, d->pieces[i].from);
		if (d->pieces[i].to > at)
			at = d->pieces[i].to;
		new.from = d->pieces[i].from < new.from ? d->pieces[i].from : new.from;
		new.to = d->pieces[i].to > new.to ? d->pieces[i].to : new.to;
	}
	if (f->offset + f->bytes.len > at)
		put_bytes(d, f, at, f->offset + (uint32_t)f->bytes.len);
	merged[count++] = new;
	while (i < d->piece_count)
		merged[count++] = d->pieces[i++];
	if (count > OT_FRAGMENT_PIECES_MAX)
		return false;
	memcpy(d->pieces, merged, count * sizeof(*merged));
	d->piece_count = count;
	return true;
}

bool ot_fragments_add(struct ot_fragments *fragments, const struct ot_fragment *f, struct ot_str *whole, uint8_t *protocol)
{
	if (f->bytes.len == 0 || f->offset > OT_DATAGRAM_MAX || f->bytes.len > OT_DATAGRAM_MAX - f->offset) {
		fragments->lost++;
		return false;
	}
	struct datagram *d = datagram_of(fragments, f);
	d->count++;
	if (f->offset == 0)
		d->protocol = f->protocol;
	if (!f->more && d->len == 0)
		d->len = f->offset + (uint32_t)f->bytes.len;
	if (!put_piece(d, f)) {
		give_up(fragments, d);
		return false;
	}
	if (d->len == 0 || d->pieces[0].from != 0 || d->pieces[0].to < d->len)
		return false;
	d->used = false;
	*whole = (struct ot_str){ d->bytes, d->len };
	*protocol = d->protocol;
	return true;
}
