/* collector: zstd (RFC 8878): frames one after the other, cut and damaged files. */
#include "input.h"
#include <inttypes.h>
#include <stdlib.h>
#include <zstd.h>

struct zstd {
	ZSTD_DStream *stream;
	bool between; /* frames */
	uint64_t text; /* bytes given */
};

static enum ot_status zstd_open(void **state, struct ot_err *err)
{
	struct zstd *zstd = ot_alloc_zero(1, sizeof(*zstd));
	zstd->stream = ZSTD_createDStream();
	if (zstd->stream == NULL) {
		free(zstd);
		return ot_err_set(err, OT_IO, "zstd: %s", "cannot start");
	}
	zstd->between = true;
	*state = zstd;
	return OT_OK;
}

static void zstd_close(void *state)
{
	struct zstd *zstd = state;
	if (zstd == NULL)
		return;
	ZSTD_freeDStream(zstd->stream);
	free(zstd);
}

static enum ot_status damaged(const struct zstd *zstd, const struct ot_raw *raw, const char *what, struct ot_err *err)
{
	return ot_err_set(err, OT_CORRUPT, "zstd: %s at byte %" PRIu64 ", after %" PRIu64 " bytes of text", what,
	    raw->taken - (raw->len - raw->at), zstd->text);
}

static enum ot_status zstd_read(void *state, struct ot_raw *raw, struct ot_buf *out, size_t max, struct ot_err *err)
{
	struct zstd *zstd = state;
	for (;;) {
		/* Text that the stream still holds needs no more input; at the end of the input it is asked once more. */
		enum ot_status status = ot_raw_fill(raw, err);
		if (status == OT_END && zstd->between)
			return OT_END;
		if (status != OT_OK && status != OT_END)
			return status;
		ZSTD_inBuffer in = { raw->bytes, raw->len, raw->at };
		ZSTD_outBuffer made = { ot_buf_reserve(out, max), max, 0 };
		size_t result = ZSTD_decompressStream(zstd->stream, &made, &in);
		raw->at = in.pos;
		out->len += made.pos;
		zstd->text += made.pos;
		if (ZSTD_isError(result))
			return damaged(zstd, raw, ZSTD_getErrorName(result), err);
		zstd->between = result == 0;
		if (made.pos > 0)
			return OT_OK;
		if (status == OT_END && !zstd->between)
			return damaged(zstd, raw, "cut", err);
	}
}

const struct ot_decoder ot_decoder_zstd = { zstd_read, zstd_open, zstd_close };
