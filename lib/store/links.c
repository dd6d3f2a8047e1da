#include "catalog.h"
#include "sealed.h"

#include <assert.h>
#include <base/file.h>
#include <string.h>
#include <unistd.h>

#define MAGIC "\x89OTLNK\r\n"
enum { FILE_MAX = 1 << 29, LEADER_BIT = 0x80 };

/* --- writing --- */

static void put_origins(struct ot_buf *out, const struct ot_call *call, struct ot_intern *origins)
{
	ot_buf_varint(out, call->origin_count);
	for (uint32_t i = 0; i < call->origin_count; i++)
		ot_buf_varint(out, ot_intern_put(origins, call->origins[i], NULL));
}

static void put_calls(struct ot_buf *out, const struct ot_links *links)
{
	struct ot_intern origins = { 0 };
	struct ot_buf calls = { 0 };

	for (uint32_t i = 0; i < links->call_count; i++) {
		ot_buf_lstr(&calls, links->calls[i].call_id);
		ot_buf_varint(&calls, links->calls[i].records);
		put_origins(&calls, &links->calls[i], &origins);
	}
	ot_buf_varint(out, origins.count);
	for (uint32_t i = 0; i < origins.count; i++)
		ot_buf_lstr(out, origins.items[i]);
	ot_buf_str_put(out, ot_buf_str(&calls));
	ot_buf_release(&calls);
	ot_intern_release(&origins);
}

/* Only rows that belong to a call: most do not. */
static void put_rows(struct ot_buf *out, const struct ot_links *links)
{
	uint32_t before = 0;

	for (uint32_t row = 0; row < links->rows; row++) {
		if (links->call_of_row[row] == 0)
			continue;
		assert(links->call_of_row[row] <= links->call_count && links->evidence[row] < LEADER_BIT);
		ot_buf_varint(out, row - before);
		ot_buf_varint(out, links->call_of_row[row] - 1);
		ot_buf_u8(out, (uint8_t)(links->evidence[row] | (links->leader[row] ? LEADER_BIT : 0)));
		before = row;
	}
}

static enum ot_status write_new(const char *path, struct ot_str bytes, struct ot_err *err)
{
	int fd = -1;
	enum ot_status status = ot_file_create(path, 0600, &fd, err);

	if (status != OT_OK)
		return status;
	status = ot_file_write_all(fd, bytes.ptr, bytes.len, path, err);
	if (status == OT_OK)
		status = ot_file_sync(fd, path, err);
	if (close(fd) != 0 && status == OT_OK)
		status = ot_err_errno(err, "cannot close %s", path);
	if (status != OT_OK)
		ot_file_remove(path, NULL);
	return status;
}

enum ot_status ot_links_write(const char *path, const struct ot_links *links, struct ot_err *err)
{
	struct ot_buf raw, file = { 0 };
	enum ot_status status;

	ot_buf_init(&raw, OT_SEALED_FRAME_MAX);
	put_calls(&raw, links);
	put_rows(&raw, links);
	ot_sealed_header_put(&file, MAGIC, links->rows, links->call_count);
	ot_sealed_frame_put(&file, ot_buf_str(&raw));
	if (raw.overflow)
		status = ot_err_set(err, OT_LIMIT, "%s: links of %u rows are past the limit", path, links->rows);
	else
		status = write_new(path, ot_buf_str(&file), err);
	ot_buf_release(&raw);
	ot_buf_release(&file);
	return status;
}

enum ot_status ot_links_publish(struct ot_store *store, int64_t day, const struct ot_links *links, char name[64], struct ot_err *err)
{
	struct ot_buf path = { 0 }, aside = { 0 };
	enum ot_status status = ot_store_segment_dir(store, day, &path, err);

	ot_store_new_name(store, ".lnk", name);
	ot_buf_printf(&path, "/%s%c", name, '\0');
	ot_buf_printf(&aside, "%s.tmp%c", path.data, '\0');
	if (status == OT_OK)
		status = ot_links_write(aside.data, links, err);
	if (status == OT_OK) {
		status = ot_file_rename(aside.data, path.data, err);
		if (status != OT_OK)
			ot_file_remove(aside.data, NULL);
	}
	ot_buf_release(&path);
	ot_buf_release(&aside);
	return status;
}

/* --- reading: whatever the bytes say, nothing past what they can hold is made room for --- */

struct origins {
	struct ot_str *items;
	uint32_t count;
};

static void get_origins(struct ot_cursor *c, struct origins *origins, struct ot_arena *arena)
{
	uint64_t count = ot_cursor_varint(c);

	if (count > ot_cursor_left(c))
		c->failed = true;
	if (c->failed)
		return;
	origins->items = ot_arena_zero(arena, count + 1, sizeof(*origins->items));
	origins->count = (uint32_t)count;
	for (uint64_t i = 0; i < count; i++) {
		origins->items[i] = ot_arena_str(arena, ot_cursor_lstr(c));
		c->failed |= origins->items[i].ptr == NULL;
	}
}

static void get_call(struct ot_cursor *c, struct ot_call *call, const struct origins *origins, struct ot_arena *arena)
{
	struct ot_str *of_call;
	uint64_t records, count;

	call->call_id = ot_arena_str(arena, ot_cursor_lstr(c));
	records = ot_cursor_varint(c);
	count = ot_cursor_varint(c);
	c->failed |= call->call_id.ptr == NULL || records == 0 || records > UINT32_MAX || count > ot_cursor_left(c);
	if (c->failed)
		return;
	call->records = (uint32_t)records;
	call->origin_count = (uint32_t)count;
	call->origins = of_call = ot_arena_zero(arena, count + 1, sizeof(*of_call));
	for (uint64_t i = 0; i < count && !c->failed; i++) {
		uint64_t origin = ot_cursor_varint(c);

		if (origin < origins->count)
			of_call[i] = origins->items[origin];
		else
			c->failed = true;
	}
}

static void get_rows(struct ot_cursor *c, uint32_t rows, uint32_t calls, uint32_t *call_of_row, uint8_t *evidence, uint8_t *leader)
{
	uint64_t row = 0;
	bool first = true;

	while (ot_cursor_left(c) > 0 && !c->failed) {
		uint64_t step = ot_cursor_varint(c), call = ot_cursor_varint(c);
		uint8_t byte = ot_cursor_u8(c);

		c->failed |= (step == 0 && !first) || step >= rows || call >= calls;
		row += step;
		c->failed |= row >= rows;
		if (c->failed)
			return;
		call_of_row[row] = (uint32_t)call + 1;
		evidence[row] = (uint8_t)(byte & ~LEADER_BIT);
		leader[row] = byte >= LEADER_BIT;
		first = false;
	}
}

static enum ot_status decode(struct ot_links *out, struct ot_str raw, const char *path, struct ot_err *err)
{
	struct ot_cursor c = ot_cursor_of(raw.ptr, raw.len);
	struct ot_call *calls = ot_arena_zero(&out->arena, (size_t)out->call_count + 1, sizeof(*calls));
	uint32_t *call_of_row = ot_arena_zero(&out->arena, (size_t)out->rows + 1, sizeof(*call_of_row));
	uint8_t *evidence = ot_arena_zero(&out->arena, (size_t)out->rows + 1, 1), *leader = ot_arena_zero(&out->arena, (size_t)out->rows + 1, 1);
	struct origins origins = { 0 };

	get_origins(&c, &origins, &out->arena);
	for (uint32_t i = 0; i < out->call_count && !c.failed; i++)
		get_call(&c, &calls[i], &origins, &out->arena);
	get_rows(&c, out->rows, out->call_count, call_of_row, evidence, leader);
	if (c.failed)
		return ot_err_set(err, OT_CORRUPT, "%s: its links make no sense", path);
	out->calls = calls;
	out->call_of_row = call_of_row;
	out->evidence = evidence;
	out->leader = leader;
	return OT_OK;
}

static enum ot_status parse(struct ot_links *out, struct ot_str file, const char *path, struct ot_err *err)
{
	struct ot_cursor c = ot_cursor_of(file.ptr, file.len);
	struct ot_buf raw = { 0 };
	uint64_t rows, calls;
	enum ot_status status = ot_sealed_header_get(&c, MAGIC, &rows, &calls, path, err);

	if (status == OT_OK && (rows > OT_SEGMENT_ROWS_MAX || calls > rows))
		status = ot_err_set(err, OT_CORRUPT, "%s: %llu rows and %llu calls are past the limit", path, (unsigned long long)rows,
		    (unsigned long long)calls);
	if (status == OT_OK)
		status = ot_sealed_frame_get(&c, &raw, path, err);
	if (status == OT_OK && ot_cursor_left(&c) > 0)
		status = ot_err_set(err, OT_CORRUPT, "%s: bytes follow its end", path);
	if (status == OT_OK) {
		out->rows = (uint32_t)rows;
		out->call_count = (uint32_t)calls;
		status = decode(out, ot_buf_str(&raw), path, err);
	}
	ot_buf_release(&raw);
	return status;
}

enum ot_status ot_links_open(struct ot_links *out, const char *path, struct ot_err *err)
{
	struct ot_buf file = { 0 };
	enum ot_status status;

	memset(out, 0, sizeof(*out));
	status = ot_file_read(path, FILE_MAX, &file, err);
	if (status == OT_OK)
		status = parse(out, ot_buf_str(&file), path, err);
	ot_buf_release(&file);
	if (status != OT_OK)
		ot_links_release(out);
	return status;
}

void ot_links_release(struct ot_links *links)
{
	ot_arena_release(&links->arena);
	memset(links, 0, sizeof(*links));
}

enum ot_status ot_links_check_rows(const struct ot_links *links, uint32_t rows, const char *path, struct ot_err *err)
{
	if (links->rows == rows)
		return OT_OK;
	return ot_err_set(err, OT_CORRUPT, "%s: it is for %u rows, its segment has %u", path, links->rows, rows);
}
