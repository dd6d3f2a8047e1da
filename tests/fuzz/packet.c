/* A capture file of any bytes: packets, streams, messages, drafts, under a small ceiling of memory that is kept whatever comes. */
#include <collector/wire.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CEILING = 4 << 20 };

static void take(void *context, struct ot_draft *draft, uint64_t packet, unsigned item)
{
	struct ot_buf text = { 0 };
	(void)context;
	(void)item;
	if (packet == 0)
		abort();
	ot_record_put_json(&text, &draft->record, NULL); /* touches every byte of every text */
	ot_buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ot_err err;
	struct ot_input *input;
	struct ot_capture *capture;
	struct ot_captured packet;
	char path[64];
	int fd = memfd_create("capture", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (ot_input_open(&input, path, NULL, &err) == OT_OK) {
		if (ot_input_content(input) == OT_CONTENT_CAPTURE && ot_capture_open(&capture, input, NULL, NULL, &err) == OT_OK) {
			struct ot_wire *wire = ot_wire_new(CEILING, 0, take, NULL);
			while (ot_capture_next(capture, &packet, &err) == OT_OK)
				ot_wire_packet(wire, &packet);
			ot_wire_free(wire);
			ot_capture_close(capture);
		}
		ot_input_close(input);
	}
	close(fd);
	return 0;
}
