#include "bitpack.h"
#include "ints.h"

/* Lengths of runs are 32 bits in both. */
static bool get32_stream(struct ot_cursor *c, uint32_t *out, uint32_t count, uint32_t min, bool inner);

#define VALUE uint32_t
#define VALUE_BITS 32
#define UNPACK ot_unpack32
#define GET(name) get32_##name
#include "ints_get.h"
#undef VALUE
#undef VALUE_BITS
#undef UNPACK
#undef GET

#define VALUE uint64_t
#define VALUE_BITS 64
#define UNPACK ot_unpack64
#define GET(name) get64_##name
#include "ints_get.h"

bool ot_ints_get32(struct ot_cursor *c, uint32_t *out, uint32_t count, uint32_t min)
{
	return count > 0 && count <= OT_BLOCK_ROWS && get32_stream(c, out, count, min, false);
}

bool ot_ints_get64(struct ot_cursor *c, uint64_t *out, uint32_t count, uint64_t min)
{
	return count > 0 && count <= OT_BLOCK_ROWS && get64_stream(c, out, count, min, false);
}
