/* A description of a format, of any bytes: compiles or is refused with words; one that compiles reads lines without harm. */
#include <collector/format.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const lines[] = {
	"{\"a\":1,\"b\":{\"c\":[\"x\",2]},\"time\":\"2026-03-14T02:00:00Z\",\"status\":200,\"method\":\"GET\",\"path\":\"/x?y=1\"}",
	"127.0.0.1 - bob [14/Mar/2026:02:00:00 +0000] \"GET /x HTTP/1.1\" 200 5 \"-\" \"ua\" rid=7 us=12",
	"<142>1 2026-03-14T02:00:00Z host app 1 - - text {\"k\":\"v\"}",
	"key=value other=\"a b\" status=404",
};

static void take(void *context, struct ot_draft *draft, const struct ot_format *format, unsigned item)
{
	(void)context;
	(void)draft;
	(void)format;
	(void)item;
}

static void read_lines(struct ot_format_set *set)
{
	struct ot_line_reader *reader = ot_line_reader_new(set, true);
	for (size_t i = 0; i < ot_format_count(set); i++) {
		struct ot_reading reading = { .said = ot_format_at(set, i) };
		struct ot_str reason;
		for (size_t k = 0; k < sizeof(lines) / sizeof(*lines); k++)
			ot_line_read(reader, &reading, ot_str_from(lines[k]), take, NULL, &reason);
	}
	ot_line_reader_free(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ot_err err = { 0 };
	struct ot_format_set *set;
	char path[64];
	const char *files[] = { path };
	int fd = memfd_create("description", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (ot_format_set_open(&set, files, 1, &err) == OT_OK) {
		read_lines(set);
		ot_format_set_close(set);
	} else if (err.text[0] == '\0') {
		abort();
	}
	close(fd);
	return 0;
}
