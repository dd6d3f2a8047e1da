#include "zstd.h"

#include <base/err.h>
#include <pthread.h>
#include <stdlib.h>
#include <zstd.h>

struct contexts {
	ZSTD_CCtx *compress;
	ZSTD_DCtx *decompress;
};

static pthread_key_t contexts_key;
static pthread_once_t contexts_once = PTHREAD_ONCE_INIT;

static void contexts_free(void *of_thread)
{
	struct contexts *contexts = of_thread;

	ZSTD_freeCCtx(contexts->compress);
	ZSTD_freeDCtx(contexts->decompress);
	free(contexts);
}

static void contexts_key_make(void)
{
	if (pthread_key_create(&contexts_key, contexts_free) != 0)
		ot_die("no thread key is left");
}

static struct contexts *contexts_get(void)
{
	struct contexts *contexts;

	pthread_once(&contexts_once, contexts_key_make);
	contexts = pthread_getspecific(contexts_key);
	if (contexts == NULL) {
		contexts = ot_alloc_zero(1, sizeof(*contexts));
		if (pthread_setspecific(contexts_key, contexts) != 0)
			ot_die("out of memory");
	}
	return contexts;
}

void ot_zstd_put(struct ot_buf *out, struct ot_str bytes, int level)
{
	struct contexts *contexts = contexts_get();
	size_t bound = ZSTD_compressBound(bytes.len), len;
	char *to = ot_buf_reserve(out, bound);

	if (to == NULL)
		return; /* past the buffer's ceiling, which its owner asks about */
	if (contexts->compress == NULL && (contexts->compress = ZSTD_createCCtx()) == NULL)
		ot_die("out of memory");
	len = ZSTD_compressCCtx(contexts->compress, to, bound, bytes.ptr, bytes.len, level);
	if (ZSTD_isError(len))
		ot_die("zstd: %s", ZSTD_getErrorName(len));
	out->len += len;
}

bool ot_zstd_get(void *out, size_t len, struct ot_str frame)
{
	struct contexts *contexts = contexts_get();

	if (contexts->decompress == NULL && (contexts->decompress = ZSTD_createDCtx()) == NULL)
		ot_die("out of memory");
	return ZSTD_decompressDCtx(contexts->decompress, out, len, frame.ptr, frame.len) == len;
}
