/* collector: chunks of whole lines. See frame.h. */
#include "frame.h"
#include <string.h>

enum { STEP_BYTES = 256 << 10 };

void ot_framer_init(struct ot_framer *framer, struct ot_input *input, uint64_t offset, uint64_t line)
{
	memset(framer, 0, sizeof(*framer));
	framer->input = input;
	framer->offset = offset;
	framer->line = line;
}

void ot_framer_release(struct ot_framer *framer) { ot_buf_release(&framer->carry); }

struct ot_str ot_framer_rest(const struct ot_framer *framer, uint64_t *length)
{
	*length = framer->carry.len + framer->over;
	return ot_buf_str(&framer->carry);
}

static void read_on(struct ot_framer *framer, struct ot_buf *into)
{
	framer->ended = ot_input_read(framer->input, into, STEP_BYTES, &framer->err);
}

static uint64_t newlines(struct ot_str text)
{
	uint64_t count = 0;
	for (const char *at = text.ptr, *end = at + text.len; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
		count++;
	return count;
}

/* The first `len` bytes become the chunk, the others are carried. */
static void cut_at(struct ot_framer *framer, struct ot_chunk *chunk, size_t len)
{
	ot_buf_clear(&framer->carry);
	ot_buf_put(&framer->carry, chunk->bytes.data + len, chunk->bytes.len - len);
	chunk->bytes.len = len;
	chunk->length = len;
	chunk->offset = framer->offset;
	chunk->line = framer->line;
	chunk->lines = newlines(ot_buf_str(&chunk->bytes));
	framer->offset += len;
	framer->line += chunk->lines;
}

/* The chunk holds the beginning of a line that is too long: keeps a part, reads to its newline. Without one it is an unfinished line. */
static enum ot_status cut_line(struct ot_framer *framer, struct ot_chunk *chunk)
{
	uint64_t length = chunk->bytes.len;
	struct ot_buf more = { 0 };
	const char *newline = NULL;
	while (newline == NULL && framer->ended == OT_OK) {
		ot_buf_clear(&more);
		read_on(framer, &more);
		newline = more.len > 0 ? memchr(more.data, '\n', more.len) : NULL;
		length += newline != NULL ? (uint64_t)(newline - more.data) + 1 : more.len;
	}
	ot_buf_clear(&framer->carry);
	chunk->bytes.len = OT_LINE_KEPT;
	if (newline == NULL) { /* stays where it is: the whole of it waits */
		ot_buf_str_put(&framer->carry, ot_buf_str(&chunk->bytes));
		framer->over = length - OT_LINE_KEPT;
		ot_buf_release(&more);
		return framer->ended;
	}
	size_t used = (size_t)(newline - more.data) + 1;
	ot_buf_put(&framer->carry, more.data + used, more.len - used);
	ot_buf_release(&more);
	chunk->cut = true;
	chunk->offset = framer->offset;
	chunk->line = framer->line;
	chunk->lines = 1;
	chunk->length = length;
	framer->offset += length;
	framer->line++;
	return OT_OK;
}

static size_t after_last_newline(struct ot_str text)
{
	const char *last = text.len == 0 ? NULL : memrchr(text.ptr, '\n', text.len);
	return last == NULL ? 0 : (size_t)(last - text.ptr) + 1;
}

/* Nothing but an unfinished line is left. */
static enum ot_status end_of(struct ot_framer *framer, struct ot_chunk *chunk, struct ot_err *err)
{
	if (framer->over == 0)
		cut_at(framer, chunk, 0);
	if (err != NULL)
		*err = framer->err;
	return framer->ended;
}

enum ot_status ot_framer_next(struct ot_framer *framer, struct ot_chunk *chunk, struct ot_err *err)
{
	size_t wanted = (size_t)(OT_CHUNK_BYTES - framer->offset % OT_CHUNK_BYTES);
	size_t looked = wanted - 1; /* no newline before this ends the chunk */
	ot_buf_clear(&chunk->bytes);
	chunk->cut = false;
	ot_buf_str_put(&chunk->bytes, ot_buf_str(&framer->carry));
	for (;;) {
		struct ot_str held = ot_buf_str(&chunk->bytes);
		if (held.len > looked) {
			const char *newline = memchr(held.ptr + looked, '\n', held.len - looked);
			if (newline != NULL) {
				cut_at(framer, chunk, (size_t)(newline - held.ptr) + 1);
				return OT_OK;
			}
			looked = held.len;
		}
		size_t whole = after_last_newline(held);
		if (framer->ended != OT_OK || held.len - whole > OT_LINE_MAX) {
			if (whole > 0) {
				cut_at(framer, chunk, whole);
				return OT_OK;
			}
			if (framer->ended == OT_OK && cut_line(framer, chunk) == OT_OK)
				return OT_OK;
			return end_of(framer, chunk, err);
		}
		read_on(framer, &chunk->bytes);
	}
}

void ot_framer_take_rest(struct ot_framer *framer, struct ot_chunk *chunk)
{
	ot_buf_clear(&chunk->bytes);
	chunk->cut = false;
	ot_buf_str_put(&chunk->bytes, ot_buf_str(&framer->carry));
	cut_at(framer, chunk, chunk->bytes.len);
	chunk->cut = framer->over > 0;
	chunk->length += framer->over;
	chunk->lines++;
	framer->offset += framer->over;
	framer->line++;
	framer->over = 0;
}

bool ot_line_next(struct ot_str *rest, struct ot_str *line)
{
	if (rest->len == 0)
		return false;
	const char *newline = memchr(rest->ptr, '\n', rest->len);
	size_t len = newline == NULL ? rest->len : (size_t)(newline - rest->ptr);
	size_t used = newline == NULL ? len : len + 1;
	*line = (struct ot_str){ rest->ptr, len > 0 && rest->ptr[len - 1] == '\r' ? len - 1 : len };
	*rest = (struct ot_str){ rest->ptr + used, rest->len - used };
	return true;
}

size_t ot_input_first_lines(const struct ot_input *input, struct ot_str *out, size_t max)
{
	struct ot_str rest = ot_input_probe(input), line;
	bool cut = rest.len == OT_PROBE_MAX && rest.ptr[rest.len - 1] != '\n';
	size_t count = 0;
	while (count < max && ot_line_next(&rest, &line))
		if (line.len > 0)
			out[count++] = line;
	return cut && rest.len == 0 && count > 1 ? count - 1 : count;
}
