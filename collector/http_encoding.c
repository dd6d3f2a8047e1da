/* Content-Encoding undone, bounded: a bomb gives its first OT_HTTP_BODY_MAX bytes and no more. */
#include "http_body.h"
#include <zlib.h>
#include <zstd.h>

/* `bits` as inflateInit2 takes them: 15 + 32 tells gzip and zlib apart itself, -15 is raw deflate. */
static bool inflate_body(struct ot_str in, int bits, struct ot_buf *out, bool *whole)
{
	z_stream stream = { 0 };
	int code = Z_OK;
	if (inflateInit2(&stream, bits) != Z_OK)
		return false;
	stream.next_in = (Bytef *)(uintptr_t)in.ptr;
	stream.avail_in = (uInt)in.len;
	while (code == Z_OK && out->len < OT_HTTP_BODY_MAX) {
		size_t room = OT_HTTP_BODY_MAX - out->len;
		size_t step = room < 16384 ? room : 16384;
		char *to = ot_buf_reserve(out, step);
		if (to == NULL)
			break;
		stream.next_out = (Bytef *)to;
		stream.avail_out = (uInt)step;
		code = inflate(&stream, Z_NO_FLUSH);
		out->len += step - stream.avail_out;
		if (stream.avail_out == step && code == Z_OK && stream.avail_in == 0)
			break;
	}
	*whole = *whole && code == Z_STREAM_END;
	inflateEnd(&stream);
	return out->len > 0 || code == Z_STREAM_END;
}

/* RFC 8878: decoders of HTTP need no more than 8 MB. */
enum { WINDOW_LOG_MAX = 23 };

static bool unzstd_body(struct ot_str in, struct ot_buf *out, bool *whole)
{
	ZSTD_DStream *stream = ZSTD_createDStream();
	ZSTD_inBuffer from = { in.ptr, in.len, 0 };
	size_t left = 1;
	(void)ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
	while (left != 0 && from.pos < from.size && out->len < OT_HTTP_BODY_MAX) {
		size_t step = OT_HTTP_BODY_MAX - out->len;
		char *at = ot_buf_reserve(out, step);
		if (at == NULL)
			break;
		ZSTD_outBuffer to = { at, step, 0 };
		left = ZSTD_decompressStream(stream, &to, &from);
		if (ZSTD_isError(left))
			break;
		out->len += to.pos;
	}
	*whole = *whole && left == 0;
	ZSTD_freeDStream(stream);
	return out->len > 0;
}

bool ot_http_body_plain(const struct ot_http_message *message, struct ot_buf *out, bool *whole)
{
	struct ot_str encoding = ot_str_trim(ot_http_header_of(message, "content-encoding"));
	struct ot_str body = ot_buf_str(&message->body);
	*whole = (message->flaws & (OT_HTTP_BODY_CUT | OT_HTTP_UNFINISHED)) == 0;
	if (encoding.len == 0 || ot_str_eq_nocase(encoding, OT_STR("identity"))) {
		ot_buf_str_put(out, body);
		return true;
	}
	if (body.len == 0)
		return false;
	if (ot_str_eq_nocase(encoding, OT_STR("gzip")) || ot_str_eq_nocase(encoding, OT_STR("x-gzip")))
		return inflate_body(body, 15 + 32, out, whole);
	if (ot_str_eq_nocase(encoding, OT_STR("deflate")))
		return inflate_body(body, (body.ptr[0] & 15) == 8 ? 15 : -15, out, whole);
	if (ot_str_eq_nocase(encoding, OT_STR("zstd")))
		return unzstd_body(body, out, whole);
	return false;
}
