/* collector: gzip (RFC 1952) through zlib: members one after the other, cut and damaged files. */
#include "input.h"
#include <inttypes.h>
#include <stdlib.h>
#include <zlib.h>

struct gzip {
	z_stream stream;
	bool between; /* members: nothing of the next has been seen */
	uint64_t text; /* bytes given */
};

static enum ot_status gzip_open(void **state, struct ot_err *err)
{
	struct gzip *gzip = ot_alloc_zero(1, sizeof(*gzip));
	if (inflateInit2(&gzip->stream, 15 + 16) != Z_OK) {
		free(gzip);
		return ot_err_set(err, OT_IO, "zlib: %s", "cannot start");
	}
	*state = gzip;
	return OT_OK;
}

static void gzip_close(void *state)
{
	struct gzip *gzip = state;
	if (gzip == NULL)
		return;
	inflateEnd(&gzip->stream);
	free(gzip);
}

static enum ot_status damaged(const struct gzip *gzip, const struct ot_raw *raw, const char *what, struct ot_err *err)
{
	return ot_err_set(err, OT_CORRUPT, "gzip: %s at byte %" PRIu64 ", after %" PRIu64 " bytes of text", what,
	    raw->taken - (raw->len - raw->at), gzip->text);
}

/* After a member: another one, padding of zeros, or the end. */
static enum ot_status next_member(struct gzip *gzip, struct ot_raw *raw, struct ot_err *err)
{
	if (raw->bytes[raw->at] == 0x1f) {
		gzip->between = false;
		inflateReset(&gzip->stream);
		return OT_OK;
	}
	while (raw->at < raw->len && raw->bytes[raw->at] == 0)
		raw->at++;
	return raw->at < raw->len ? damaged(gzip, raw, "something else after its end", err) : OT_OK;
}

/* One step of zlib over what the raw buffer holds; *made is the text it gave. */
static enum ot_status inflate_some(struct gzip *gzip, struct ot_raw *raw, struct ot_buf *out, size_t max, size_t *made, struct ot_err *err)
{
	z_stream *z = &gzip->stream;
	z->next_in = raw->bytes + raw->at;
	z->avail_in = (uInt)(raw->len - raw->at);
	z->next_out = (Bytef *)ot_buf_reserve(out, max);
	z->avail_out = (uInt)max;
	int result = inflate(z, Z_NO_FLUSH);
	*made = max - z->avail_out;
	raw->at = raw->len - z->avail_in;
	out->len += *made;
	gzip->text += *made;
	if (result == Z_STREAM_END)
		gzip->between = true;
	else if (result != Z_OK && result != Z_BUF_ERROR)
		return damaged(gzip, raw, z->msg != NULL ? z->msg : "damaged", err);
	return OT_OK;
}

static enum ot_status gzip_read(void *state, struct ot_raw *raw, struct ot_buf *out, size_t max, struct ot_err *err)
{
	struct gzip *gzip = state;
	size_t made = 0;
	while (made == 0) {
		enum ot_status status = ot_raw_fill(raw, err);
		bool ended = status == OT_END; /* zlib may still hold text that did not fit before */
		if (ended && gzip->between)
			return OT_END;
		if (status == OT_OK && gzip->between)
			status = next_member(gzip, raw, err);
		if (status != OT_OK && !ended)
			return status;
		if (gzip->between)
			continue;
		status = inflate_some(gzip, raw, out, max, &made, err);
		if (status != OT_OK)
			return status;
		if (ended && made == 0 && !gzip->between)
			return damaged(gzip, raw, "cut", err);
	}
	return OT_OK;
}

const struct ot_decoder ot_decoder_gzip = { gzip_read, gzip_open, gzip_close };
