/* collector: inputs. See frame.h and input.h. */
#include "input.h"
#include <errno.h>
#include <fcntl.h>
#include <store/store.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct ot_input {
	struct ot_raw raw;
	char *path;
	struct stat stat;
	enum ot_container container;
	const struct ot_decoder *decoder;
	void *state;
	enum ot_content content;
	const char *words;
	struct ot_buf probe;	/* first bytes of the text */
	size_t probe_at;	/* of them, those already given */
	uint64_t offset;	/* of the text, next to be given */
	enum ot_status ended;	/* what the decoder said after its last byte; OT_OK before */
	struct ot_err end_err;
};

/* --- raw bytes --- */

static enum ot_status raw_read(struct ot_raw *raw, void *bytes, size_t max, size_t *got, struct ot_err *err)
{
	for (;;) {
		if (raw->cancel != NULL && *raw->cancel)
			return ot_err_set(err, OT_CANCELLED, "stopped");
		ssize_t n = read(raw->fd, bytes, max);
		if (n >= 0) {
			*got = (size_t)n;
			return OT_OK;
		}
		if (errno != EINTR)
			return ot_err_errno(err, "%s: read", raw->path);
	}
}

static void raw_remember(struct ot_raw *raw, const void *bytes, size_t len)
{
	if (!raw->keep || raw->replayable)
		return;
	if (raw->history.len + len > OT_HISTORY_MAX) {
		raw->keep = false;
		raw->lost = true;
		ot_buf_release(&raw->history);
		ot_buf_init(&raw->history, 0);
		return;
	}
	ot_buf_put(&raw->history, bytes, len);
	raw->history_at = raw->history.len;
}

enum ot_status ot_raw_direct(struct ot_raw *raw, void *bytes, size_t max, size_t *got, struct ot_err *err)
{
	if (raw->history_at < raw->history.len) {
		size_t left = raw->history.len - raw->history_at;
		*got = left < max ? left : max;
		memcpy(bytes, raw->history.data + raw->history_at, *got);
		raw->history_at += *got;
	} else {
		enum ot_status status = raw_read(raw, bytes, max, got, err);
		if (status != OT_OK)
			return status;
		raw_remember(raw, bytes, *got);
	}
	raw->taken += *got;
	raw->ended = *got == 0;
	return OT_OK;
}

enum ot_status ot_raw_fill(struct ot_raw *raw, struct ot_err *err)
{
	if (raw->at < raw->len)
		return OT_OK;
	if (raw->ended)
		return OT_END;
	size_t got = 0;
	raw->at = raw->len = 0;
	enum ot_status status = ot_raw_direct(raw, raw->bytes, OT_RAW_BYTES, &got, err);
	raw->len = got;
	return status != OT_OK ? status : got == 0 ? OT_END : OT_OK;
}

/* Fills until the first bytes tell the container; a pipe may hand them out one by one. */
static enum ot_status raw_first(struct ot_raw *raw, struct ot_err *err)
{
	while (raw->len < 8) {
		size_t got = 0;
		enum ot_status status = ot_raw_direct(raw, raw->bytes + raw->len, OT_RAW_BYTES - raw->len, &got, err);
		if (status != OT_OK)
			return status;
		if (got == 0)
			break;
		raw->len += got;
	}
	return OT_OK;
}

static enum ot_status raw_rewind(struct ot_raw *raw, struct ot_err *err)
{
	if (raw->lost)
		return ot_err_set(err, OT_LIMIT, "%s: cannot be read again from its beginning", raw->path);
	if (raw->replayable && lseek(raw->fd, 0, SEEK_SET) < 0)
		return ot_err_errno(err, "%s: seek", raw->path);
	raw->history_at = 0;
	raw->at = raw->len = 0;
	raw->taken = 0;
	raw->ended = false;
	return OT_OK;
}

/* --- plain text --- */

static enum ot_status plain_open(void **state, struct ot_err *err)
{
	(void)err;
	*state = NULL;
	return OT_OK;
}

static void plain_close(void *state) { (void)state; }

static enum ot_status plain_read(void *state, struct ot_raw *raw, struct ot_buf *out, size_t max, struct ot_err *err)
{
	(void)state;
	if (raw->at < raw->len) {
		size_t n = raw->len - raw->at < max ? raw->len - raw->at : max;
		ot_buf_put(out, raw->bytes + raw->at, n);
		raw->at += n;
		return OT_OK;
	}
	if (raw->ended)
		return OT_END;
	size_t got = 0;
	char *into = ot_buf_reserve(out, max);
	enum ot_status status = ot_raw_direct(raw, into, max, &got, err);
	out->len += got;
	return status != OT_OK ? status : got == 0 ? OT_END : OT_OK;
}

const struct ot_decoder ot_decoder_plain = { plain_read, plain_open, plain_close };

/* --- the input --- */

static enum ot_container container_of(const struct ot_raw *raw)
{
	const uint8_t *b = raw->bytes;
	if (raw->len >= 3 && b[0] == 0x1f && b[1] == 0x8b && b[2] == 8)
		return OT_GZIP;
	if (raw->len >= 4 && b[1] == 0xb5 && b[2] == 0x2f && b[3] == 0xfd && b[0] == 0x28)
		return OT_ZSTD;
	if (raw->len >= 4 && (b[0] & 0xf0) == 0x50 && b[1] == 0x2a && b[2] == 0x4d && b[3] == 0x18) /* skippable frame */
		return OT_ZSTD;
	return OT_PLAIN;
}

/* Reads past the probe; keeps what the end was, so that it is told again and again. */
static enum ot_status decode(struct ot_input *input, struct ot_buf *out, size_t max, struct ot_err *err)
{
	size_t before = out->len;
	if (input->ended == OT_OK) {
		enum ot_status status = input->decoder->read(input->state, &input->raw, out, max, &input->end_err);
		if (status == OT_CANCELLED) {
			if (err != NULL)
				*err = input->end_err;
			return status;
		}
		if (status == OT_CORRUPT)
			ot_err_prefix(&input->end_err, "%s", input->path);
		input->ended = status;
	}
	if (input->ended != OT_OK && out->len == before) {
		if (err != NULL && input->ended != OT_END)
			*err = input->end_err;
		return input->ended;
	}
	return OT_OK;
}

/* The first bytes of the text; an end that comes so early is told when they have been given. */
static enum ot_status fill_probe(struct ot_input *input, struct ot_err *err)
{
	while (input->probe.len < OT_PROBE_MAX) {
		enum ot_status status = decode(input, &input->probe, OT_PROBE_MAX - input->probe.len, err);
		if (status == OT_CANCELLED || (status == OT_IO && input->probe.len == 0))
			return status;
		if (status != OT_OK)
			break;
	}
	return OT_OK;
}

static enum ot_status open_descriptor(struct ot_input *input, struct ot_err *err)
{
	bool standard = strcmp(input->path, "-") == 0;
	input->raw.fd = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(input->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (input->raw.fd < 0)
		return ot_err_errno(err, "%s", standard ? "standard input" : input->path);
	if (fstat(input->raw.fd, &input->stat) != 0)
		return ot_err_errno(err, "%s", input->path);
	if (S_ISDIR(input->stat.st_mode))
		return ot_err_set(err, OT_IO, "%s: is a directory", input->path);
	input->raw.replayable = S_ISREG(input->stat.st_mode) && lseek(input->raw.fd, 0, SEEK_CUR) == 0;
	input->raw.keep = true;
	return OT_OK;
}

static enum ot_status look(struct ot_input *input, struct ot_err *err)
{
	static const struct ot_decoder *const decoders[] = { &ot_decoder_plain, &ot_decoder_gzip, &ot_decoder_zstd };
	enum ot_status status = raw_first(&input->raw, err);
	if (status != OT_OK)
		return status;
	input->container = container_of(&input->raw);
	input->decoder = decoders[input->container];
	status = input->decoder->open(&input->state, err);
	if (status == OT_OK)
		status = fill_probe(input, err);
	if (status == OT_OK)
		input->content = ot_content_of(ot_buf_str(&input->probe), &input->words);
	return status;
}

enum ot_status ot_input_open(struct ot_input **out, const char *path, const volatile int *cancel, struct ot_err *err)
{
	struct ot_input *input = ot_alloc_zero(1, sizeof(*input));
	input->path = strcpy(ot_alloc(strlen(path) + 1), path);
	input->raw.path = input->path;
	input->raw.cancel = cancel;
	input->raw.bytes = ot_alloc(OT_RAW_BYTES);
	enum ot_status status = open_descriptor(input, err);
	if (status == OT_OK)
		status = look(input, err);
	if (status != OT_OK) {
		ot_input_close(input);
		input = NULL;
	}
	*out = input;
	return status;
}

void ot_input_close(struct ot_input *input)
{
	if (input == NULL)
		return;
	if (input->decoder != NULL)
		input->decoder->close(input->state);
	if (input->raw.fd >= 0)
		close(input->raw.fd);
	ot_buf_release(&input->raw.history);
	ot_buf_release(&input->probe);
	free(input->raw.bytes);
	free(input->path);
	free(input);
}

enum ot_container ot_input_container(const struct ot_input *input) { return input->container; }
enum ot_content ot_input_content(const struct ot_input *input) { return input->content; }
const char *ot_input_content_words(const struct ot_input *input) { return input->words; }
const struct stat *ot_input_stat(const struct ot_input *input) { return &input->stat; }
bool ot_input_seekable(const struct ot_input *input) { return input->container == OT_PLAIN && input->raw.replayable; }
uint64_t ot_input_file_bytes(const struct ot_input *input) { return input->raw.taken - (input->raw.len - input->raw.at); }
struct ot_str ot_input_probe(const struct ot_input *input) { return ot_buf_str(&input->probe); }
struct ot_str ot_input_head(const struct ot_input *input) { return ot_str_sub(ot_buf_str(&input->probe), 0, OT_HEAD_MAX); }

enum ot_status ot_input_read(struct ot_input *input, struct ot_buf *out, size_t max, struct ot_err *err)
{
	enum ot_status status = OT_OK;
	size_t before = out->len;
	if (input->probe_at < input->probe.len) {
		size_t left = input->probe.len - input->probe_at, n = left < max ? left : max;
		ot_buf_put(out, input->probe.data + input->probe_at, n);
		input->probe_at += n;
	} else {
		status = decode(input, out, max, err);
	}
	input->offset += out->len - before;
	return status;
}

static enum ot_status skip_plain(struct ot_input *input, uint64_t offset, struct ot_err *err)
{
	struct stat now;
	if (fstat(input->raw.fd, &now) != 0)
		return ot_err_errno(err, "%s", input->path);
	if (offset > (uint64_t)now.st_size)
		return OT_END;
	input->raw.at = input->raw.len = 0;
	input->probe_at = input->probe.len;
	if (offset <= input->probe.len) {
		input->probe_at = (size_t)offset;
		offset = input->probe.len;
	}
	if (lseek(input->raw.fd, (off_t)offset, SEEK_SET) < 0)
		return ot_err_errno(err, "%s: seek", input->path);
	input->raw.taken = offset;
	input->raw.ended = false;
	input->ended = OT_OK;
	input->offset = offset - (input->probe.len - input->probe_at);
	return OT_OK;
}

enum ot_status ot_input_skip(struct ot_input *input, uint64_t offset, struct ot_err *err)
{
	if (ot_input_seekable(input))
		return skip_plain(input, offset, err);
	struct ot_buf thrown = { 0 };
	enum ot_status status = OT_OK;
	while (status == OT_OK && input->offset < offset) {
		uint64_t left = offset - input->offset;
		ot_buf_clear(&thrown);
		status = ot_input_read(input, &thrown, left < OT_RAW_BYTES ? (size_t)left : OT_RAW_BYTES, err);
	}
	ot_buf_release(&thrown);
	return status;
}

enum ot_status ot_input_rewind(struct ot_input *input, struct ot_err *err)
{
	if (ot_input_seekable(input))
		return skip_plain(input, 0, err);
	if (input->offset <= input->probe.len) {
		input->probe_at = 0;
		input->offset = 0;
		return OT_OK;
	}
	enum ot_status status = raw_rewind(&input->raw, err);
	if (status != OT_OK)
		return status;
	input->decoder->close(input->state);
	input->state = NULL;
	input->ended = OT_OK;
	input->offset = 0;
	input->probe_at = 0;
	size_t probed = input->probe.len;
	status = input->decoder->open(&input->state, err);
	ot_buf_clear(&input->probe);
	while (status == OT_OK && input->probe.len < probed)
		status = decode(input, &input->probe, probed - input->probe.len, err);
	return status;
}

void ot_input_settle(struct ot_input *input)
{
	input->raw.keep = false;
	if (input->raw.history_at < input->raw.history.len)
		return; /* still to be given */
	ot_buf_release(&input->raw.history);
	ot_buf_init(&input->raw.history, 0);
	input->raw.history_at = 0;
	input->raw.lost = !input->raw.replayable;
}
