/* A segment file of any bytes: opens or is refused; every column, statistic, dictionary and look-up gives a value or a status, never more. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <store/segment.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at_column(struct ot_segment *segment, enum ot_field field)
{
	struct ot_err err;
	const struct ot_str *items;
	uint32_t count;
	ot_segment_dict(segment, field, &items, &count, &err);
	for (uint32_t block = 0; block < ot_segment_blocks(segment) && block < 4; block++) {
		struct ot_arena arena = { 0 };
		struct ot_column column;
		struct ot_block_stats stats;
		ot_segment_stats(segment, field, block, &stats, &err);
		ot_segment_decode(segment, field, block, &column, &arena, &err);
		ot_arena_release(&arena);
	}
	if (ot_segment_is_indexed(segment, field)) {
		uint8_t *blocks = calloc(ot_segment_blocks(segment) + 1, 1);
		ot_segment_lookup(segment, field, OT_STR("0123456789abcdef"), blocks, &err);
		free(blocks);
	}
}

static void ignore(void *context, const char *what)
{
	(void)context;
	(void)what;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ot_segment *segment;
	struct ot_err err;
	char path[64];
	int fd = memfd_create("segment", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (ot_segment_open(&segment, path, &err) == OT_OK) {
		for (int f = 0; f < OT_FIELD_COUNT; f++)
			look_at_column(segment, (enum ot_field)f);
		ot_segment_verify(segment, ignore, NULL, &err);
		ot_segment_close(segment);
	}
	close(fd);
	return 0;
}
