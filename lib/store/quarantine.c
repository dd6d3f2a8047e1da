#include <store/quarantine.h>

#include "catalog.h"
#include "sealed.h"

#include <base/file.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "\x89OTQTN\r\n"
enum { FRAME_FULL = 1 << 20 };
#define FILE_MAX ((size_t)1 << 32)

/* --- writing --- */

static void put_entry(struct ot_buf *out, const struct ot_quarantined *entry)
{
	ot_buf_lstr(out, entry->source_key);
	ot_buf_lstr(out, entry->path);
	ot_buf_varint(out, entry->offset);
	ot_buf_varint(out, entry->line);
	ot_buf_zigzag(out, entry->time);
	ot_buf_lstr(out, entry->reason);
	ot_buf_lstr(out, entry->text);
}

struct framing {
	struct ot_buf frames, raw;
	uint64_t count;
};

static void end_frame(struct framing *f)
{
	if (f->raw.len == 0)
		return;
	ot_sealed_frame_put(&f->frames, ot_buf_str(&f->raw));
	ot_buf_clear(&f->raw);
	f->count++;
}

static enum ot_status put_entries(struct framing *f, const struct ot_quarantined *entries, size_t count, struct ot_err *err)
{
	for (size_t i = 0; i < count; i++) {
		if (f->raw.len + entries[i].text.len > FRAME_FULL)
			end_frame(f);
		put_entry(&f->raw, &entries[i]);
		if (f->raw.overflow)
			return ot_err_set(err, OT_LIMIT, "%.*s: the line at offset %llu is too long for quarantine", OT_STR_ARGS(entries[i].path),
			    (unsigned long long)entries[i].offset);
	}
	end_frame(f);
	return OT_OK;
}

static enum ot_status publish(struct ot_store *store, const struct framing *f, uint64_t count, const char *name, struct ot_err *err)
{
	struct ot_arena arena = { 0 };
	struct ot_buf file = { 0 };
	enum ot_status status;

	ot_sealed_header_put(&file, MAGIC, count, f->count);
	ot_buf_str_put(&file, ot_buf_str(&f->frames));
	status = ot_file_publish(ot_store_quarantine_path(store, name, &arena), file.data, file.len, 0600, err);
	ot_buf_release(&file);
	ot_arena_release(&arena);
	return status;
}

enum ot_status ot_quarantine_write(struct ot_store *store, const struct ot_quarantined *entries, size_t count, char name[64], struct ot_err *err)
{
	struct framing f = { .count = 0 };
	enum ot_status status;

	ot_buf_init(&f.raw, OT_SEALED_FRAME_MAX);
	ot_store_new_name(store, ".qtn", name);
	status = put_entries(&f, entries, count, err);
	if (status == OT_OK)
		status = publish(store, &f, count, name, err);
	ot_buf_release(&f.frames);
	ot_buf_release(&f.raw);
	return status;
}

/* --- reading --- */

/* What a reader of files is told, and the first damage it met: it goes on behind it. */
struct reading {
	ot_quarantined_fn *fn; /* NULL: only checked */
	void *context;
	const char *name, *path;
	uint64_t entries; /* of the file */
	enum ot_status fault;
	struct ot_err fault_err;
};

static void note_fault(struct reading *r, const struct ot_err *err)
{
	if (r->fault != OT_OK)
		return;
	r->fault = err->status;
	r->fault_err = *err;
}

static bool get_entry(struct ot_cursor *c, struct ot_quarantined *entry)
{
	entry->source_key = ot_cursor_lstr(c);
	entry->path = ot_cursor_lstr(c);
	entry->offset = ot_cursor_varint(c);
	entry->line = ot_cursor_varint(c);
	entry->time = ot_cursor_zigzag(c);
	entry->reason = ot_cursor_lstr(c);
	entry->text = ot_cursor_lstr(c);
	return !c->failed;
}

static enum ot_status read_frame(struct reading *r, struct ot_str raw, struct ot_err *err)
{
	struct ot_cursor c = ot_cursor_of(raw.ptr, raw.len);
	enum ot_status status = OT_OK;

	while (ot_cursor_left(&c) > 0 && status == OT_OK) {
		struct ot_quarantined entry;

		if (!get_entry(&c, &entry)) {
			struct ot_err damage;

			ot_err_set(&damage, OT_CORRUPT, "%s: an entry makes no sense", r->path);
			note_fault(r, &damage);
			return OT_OK;
		}
		r->entries++;
		if (r->fn != NULL)
			status = r->fn(r->context, &entry, r->name, err);
	}
	return status;
}

static enum ot_status read_frames(struct reading *r, struct ot_str file, struct ot_err *err)
{
	struct ot_cursor c = ot_cursor_of(file.ptr, file.len);
	uint64_t entries = 0, frames = 0, read = 0;
	struct ot_buf raw = { 0 };
	struct ot_err damage;
	enum ot_status status = OT_OK;

	if (ot_sealed_header_get(&c, MAGIC, &entries, &frames, r->path, &damage) != OT_OK) {
		note_fault(r, &damage);
		return OT_OK;
	}
	for (; ot_cursor_left(&c) > 0 && status == OT_OK; read++) {
		if (ot_sealed_frame_get(&c, &raw, r->path, &damage) == OT_OK)
			status = read_frame(r, ot_buf_str(&raw), err);
		else
			note_fault(r, &damage);
	}
	ot_buf_release(&raw);
	if (status == OT_OK && (read != frames || r->entries != entries)) {
		ot_err_set(&damage, OT_CORRUPT, "%s holds %llu of its %llu entries", r->path, (unsigned long long)r->entries, (unsigned long long)entries);
		note_fault(r, &damage);
	}
	return status;
}

static enum ot_status read_file(struct reading *r, struct ot_err *err)
{
	struct ot_buf file = { 0 };
	struct ot_err damage;
	enum ot_status status = OT_OK;

	r->entries = 0;
	if (ot_file_read(r->path, FILE_MAX, &file, &damage) == OT_OK)
		status = read_frames(r, ot_buf_str(&file), err);
	else
		note_fault(r, &damage);
	ot_buf_release(&file);
	return status;
}

enum ot_status ot_quarantine_verify(const char *path, uint64_t *lines, struct ot_err *err)
{
	struct reading r = { .path = path };
	enum ot_status status = read_file(&r, err);

	*lines = r.entries;
	if (r.fault != OT_OK && err != NULL)
		*err = r.fault_err;
	return status != OT_OK ? status : r.fault;
}

struct names {
	struct ot_str *items;
	size_t count, cap;
};

/* Listed before any is read, so that no transaction stays open while a person looks at them. */
static enum ot_status list_names(struct ot_store *store, int64_t at, struct names *names, struct ot_arena *arena, struct ot_err *err)
{
	struct ot_query q;
	enum ot_status status = ot_catalog_can_give(store, at, err);

	if (status != OT_OK)
		return status;
	ot_query_start(&q, store, "SELECT name FROM quarantine WHERE added <= ?1 AND (removed IS NULL OR removed > ?1) ORDER BY added, name", err);
	ot_query_int(&q, at);
	while (ot_query_row(&q)) {
		if (names->count == names->cap) {
			names->cap = names->cap == 0 ? 16 : names->cap * 2;
			names->items = ot_realloc(names->items, names->cap * sizeof(*names->items));
		}
		names->items[names->count++] = ot_query_get_text(&q, arena);
	}
	return ot_query_end(&q);
}

enum ot_status ot_quarantine_read(struct ot_store *store, const struct ot_snapshot *snapshot, ot_quarantined_fn *fn, void *context, struct ot_err *err)
{
	struct reading r = { .fn = fn, .context = context };
	struct ot_arena arena = { 0 };
	struct names names = { 0 };
	enum ot_status status = list_names(store, snapshot->id, &names, &arena, err);

	for (size_t i = 0; i < names.count && status == OT_OK; i++) {
		r.name = ot_arena_cstr(&arena, names.items[i]);
		r.path = ot_store_quarantine_path(store, r.name, &arena);
		status = read_file(&r, err);
	}
	if (status == OT_OK && r.fault != OT_OK) {
		status = r.fault;
		if (err != NULL)
			*err = r.fault_err;
	}
	free(names.items);
	ot_arena_release(&arena);
	return status;
}
