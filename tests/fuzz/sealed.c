/*
 * Link and quarantine files of any bytes are read or refused. The first byte says what the rest is: 'L' or 'Q' a whole file, 'l' or 'q' what lies
 * inside the checksums, which are made right for it, so that the decoders see it.
 */
#include <fcntl.h>
#include <lib/store/catalog.h>
#include <lib/store/sealed.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_links(const char *path)
{
	struct ot_links links;
	struct ot_err err;

	if (ot_links_open(&links, path, &err) != OT_OK)
		return;
	for (uint32_t row = 0; row < links.rows; row++)
		if (links.call_of_row[row] > links.call_count || links.leader[row] > 1)
			abort();
	ot_links_release(&links);
}

static void read_quarantine(const char *path)
{
	struct ot_err err;
	uint64_t lines;

	ot_quarantine_verify(path, &lines, &err);
}

static void put_inside(struct ot_buf *file, const char *magic, uint64_t first, uint64_t second, struct ot_str inside)
{
	ot_sealed_header_put(file, magic, first, second);
	ot_sealed_frame_put(file, inside);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ot_str rest = { (const char *)data + 1, size - 1 };
	struct ot_buf file = { 0 };
	char path[64];
	int fd;

	if (size == 0)
		return 0;
	if (data[0] == 'l')
		put_inside(&file, "\x89OTLNK\r\n", 100, rest.len > 0 ? (uint8_t)rest.ptr[0] % 8 : 0, ot_str_sub(rest, 1, rest.len));
	else if (data[0] == 'q')
		put_inside(&file, "\x89OTQTN\r\n", 2, 1, rest);
	else
		ot_buf_str_put(&file, rest);
	fd = memfd_create("sealed", MFD_CLOEXEC);
	if (fd < 0 || write(fd, file.data, file.len) != (ssize_t)file.len)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (data[0] == 'l' || data[0] == 'L')
		read_links(path);
	else
		read_quarantine(path);
	close(fd);
	ot_buf_release(&file);
	return 0;
}
