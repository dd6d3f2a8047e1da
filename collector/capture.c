/* Capture files, told apart by their magic. */
#include "capture.h"
#include "capture_ng.h"
#include <base/cursor.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NG_MAGIC = 0x0A0D0D0A, READ_BYTES = 1 << 16 };

struct ot_capture {
	struct ot_input *input;
	ot_capture_bytes_fn *bytes;
	void *bytes_context;
	struct ot_buf ahead; /* read and not yet taken */
	size_t ahead_at;
	uint64_t position;
	bool ended;
	struct ot_err input_fault; /* of the container: cut or damaged */
	FILE *file;
	pcap_t *pcap;
	struct ot_capture_ng *ng;
	uint64_t packets;
};

/* Up to `len` bytes; fewer only at the end. What is wrong with the container is kept for the end of the capture. */
static size_t take(struct ot_capture *c, void *to, size_t len)
{
	size_t done = 0;
	while (done < len) {
		size_t left = c->ahead.len - c->ahead_at;
		if (left == 0) {
			if (c->ended)
				break;
			ot_buf_clear(&c->ahead);
			c->ahead_at = 0;
			enum ot_status status = ot_input_read(c->input, &c->ahead, READ_BYTES, &c->input_fault);
			c->ended = status != OT_OK;
			if (c->bytes != NULL && c->ahead.len > 0)
				c->bytes(c->bytes_context, ot_buf_str(&c->ahead));
			if (status == OT_END)
				c->input_fault.status = OT_OK;
			continue;
		}
		size_t n = len - done < left ? len - done : left;
		memcpy((char *)to + done, c->ahead.data + c->ahead_at, n);
		c->ahead_at += n;
		done += n;
	}
	c->position += done;
	return done;
}

static ssize_t read_cookie(void *cookie, char *to, size_t len)
{
	return (ssize_t)take(cookie, to, len);
}

static size_t take_ng(void *context, void *to, size_t len)
{
	return take(context, to, len);
}

static enum ot_status open_pcap(struct ot_capture *c, struct ot_err *err)
{
	char text[PCAP_ERRBUF_SIZE];
	cookie_io_functions_t functions = { .read = read_cookie };
	c->file = fopencookie(c, "rb", functions);
	if (c->file == NULL)
		return ot_err_errno(err, "opening the capture");
	c->pcap = pcap_fopen_offline_with_tstamp_precision(c->file, PCAP_TSTAMP_PRECISION_NANO, text);
	if (c->pcap == NULL) {
		fclose(c->file);
		return ot_err_set(err, OT_CORRUPT, "not a capture that can be read: %s", text);
	}
	return OT_OK;
}

enum ot_status ot_capture_open(struct ot_capture **out, struct ot_input *input, ot_capture_bytes_fn *bytes, void *context, struct ot_err *err)
{
	struct ot_capture *c = ot_alloc_zero(1, sizeof(*c));
	struct ot_str head = ot_input_head(input);
	struct ot_cursor cursor = ot_cursor_of(head.ptr, head.len);
	enum ot_status status = OT_OK;
	c->input = input;
	c->bytes = bytes;
	c->bytes_context = context;
	if (ot_cursor_u32(&cursor) == NG_MAGIC)
		c->ng = ot_capture_ng_new(take_ng, c);
	else
		status = open_pcap(c, err);
	if (status != OT_OK) {
		ot_capture_close(c);
		return status;
	}
	*out = c;
	return OT_OK;
}

void ot_capture_close(struct ot_capture *c)
{
	if (c == NULL)
		return;
	if (c->pcap != NULL)
		pcap_close(c->pcap); /* closes the file too */
	ot_capture_ng_free(c->ng);
	ot_buf_release(&c->ahead);
	free(c);
}

static enum ot_status next_pcap(struct ot_capture *c, struct ot_captured *out, struct ot_err *err)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int code = pcap_next_ex(c->pcap, &header, &bytes);
	if (code == PCAP_ERROR_BREAK)
		return OT_END;
	if (code != 1)
		return ot_err_set(err, OT_CORRUPT, "cut or damaged after packet %llu, at byte %llu: %s", (unsigned long long)c->packets, (unsigned long long)c->position,
		    pcap_geterr(c->pcap));
	out->time_ns = (int64_t)header->ts.tv_sec * 1000000000 + header->ts.tv_usec; /* nanoseconds, as asked */
	out->link = pcap_datalink(c->pcap) == DLT_RAW ? 101 : pcap_datalink(c->pcap);
	out->bytes = (struct ot_str){ (const char *)bytes, header->caplen };
	out->wire_len = header->len < header->caplen ? header->caplen : header->len;
	return OT_OK;
}

enum ot_status ot_capture_next(struct ot_capture *c, struct ot_captured *out, struct ot_err *err)
{
	enum ot_status status = c->ng != NULL ? ot_capture_ng_next(c->ng, out, err) : next_pcap(c, out, err);
	if (status == OT_CORRUPT && c->ng != NULL)
		ot_err_set(err, OT_CORRUPT, "cut or damaged after packet %llu, at byte %llu", (unsigned long long)c->packets, (unsigned long long)c->position);
	if (status == OT_OK)
		out->number = ++c->packets;
	if (status == OT_END && c->input_fault.status != OT_OK) {
		*err = c->input_fault;
		return OT_CORRUPT;
	}
	return status;
}

uint64_t ot_capture_dropped(const struct ot_capture *c)
{
	return c->ng == NULL ? 0 : ot_capture_ng_dropped(c->ng);
}

uint64_t ot_capture_position(const struct ot_capture *c)
{
	return c->position;
}
