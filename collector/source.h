/*
 * Sources: which files there are to read, and which of them are known.
 *
 * A source is known by its content: by the hash of its first bytes, and by anchors, hashes of the 256 bytes before an offset. A file that was
 * renamed, moved, compressed or has grown is the same source and is read on from where reading stopped. One whose beginning is that of a known
 * source but whose anchors differ (a log that was truncated and filled again, two logs with one preamble) is another source.
 */
#ifndef OT_COLLECTOR_SOURCE_H
#define OT_COLLECTOR_SOURCE_H

#include "format.h"
#include "frame.h"
#include "tally.h"
#include <base/time.h>
#include <store/store.h>

/* --- files --- */

/* What the command line or the configuration says of files. */
struct ot_said {
	struct ot_str origin, zone_name; /* absent: not said */
	int kind;			 /* enum ot_origin_kind; -1: not said */
	const struct ot_format *format;	 /* NULL: found by itself */
	const struct ot_zone *zone;	 /* NULL: UTC */
	struct ot_str gateway_addresses, upstream_addresses; /* comma-separated */
};

struct ot_file {
	const char *path; /* absolute, or "-" */
	const struct ot_said *said;
	bool named;	  /* by the caller, not found in a folder */
	uint64_t bytes;	  /* size when it was listed */
};

struct ot_files {
	struct ot_file *items;
	size_t count, cap;
	struct ot_arena arena;
};

typedef void ot_problem_fn(void *context, const char *words);

/* Adds a file, or the files below a folder in order of their names (hidden ones and what is no regular file are passed over).
 * What cannot be read is told to `problem`, the rest is added. */
void ot_files_add(struct ot_files *files, const char *path, const struct ot_said *said, ot_problem_fn *problem, void *context);
void ot_files_release(struct ot_files *files);
/* `path` from the root. Links are not resolved, unless dots or double slashes have to be taken out. */
const char *ot_path_absolute(struct ot_arena *arena, const char *path);

/* --- sources --- */

struct ot_tail { /* the last bytes before an offset; fewer than OT_ANCHOR_LEN only at the start of the source, or where they are not known */
	char bytes[OT_ANCHOR_LEN];
	size_t len;
};

/* A source while it is read. */
struct ot_tracked {
	struct ot_source source; /* position, counters: with everything that was handed to workers and merged, see pipeline.h */
	struct ot_anchor *anchors;
	bool *stored; /* by anchor: it is in the catalog */
	size_t anchor_count, anchor_cap;
	bool anchors_loaded, changed; /* changed: to be committed */
	bool whole;		      /* read to the end of the file: source.size is known */
	struct ot_tail tail;	      /* before source.position */
	uint64_t last_anchor;
	uint32_t number;	      /* its place in the registry */
	uint32_t next_by_head;	      /* number + 1 of the next in the same bucket */
	struct ot_reading reading;    /* what each of its chunks begins with */
	uint64_t lines_read;	      /* as source.lines, but with chunks that are still with workers */
	uint64_t was_lines, was_records, was_ignored, was_quarantined; /* when this run began */
	struct ot_format_count formats[OT_TALLY_FORMATS]; /* of the lines of this run */
};

struct ot_registry;
/* Every source of the store; `store` NULL: none. */
enum ot_status ot_registry_open(struct ot_registry **out, struct ot_store *store, struct ot_err *err);
void ot_registry_close(struct ot_registry *registry);
size_t ot_registry_count(const struct ot_registry *registry);
struct ot_tracked *ot_registry_at(struct ot_registry *registry, size_t number);
struct ot_tracked *ot_registry_find_key(struct ot_registry *registry, struct ot_str key); /* NULL */
struct ot_arena *ot_registry_arena(struct ot_registry *registry); /* for texts of sources */

/* The source that was last seen at this path, or NULL. */
struct ot_tracked *ot_registry_find_path(struct ot_registry *registry, struct ot_str path);
/* The same if the file has not changed since and was read whole; else NULL. */
struct ot_tracked *ot_registry_unchanged(struct ot_registry *registry, const char *path, const struct stat *stat);

enum ot_verdict {
	OT_FILE_NEW,	 /* a source not seen before; the input stands at its beginning */
	OT_FILE_KNOWN,	 /* agrees with what was read; the input stands at the position */
	OT_FILE_SHORTER, /* agrees as far as it goes, which is less than was read */
};
/* Which source an input is. A new one is added with its key; its path and the rest are for the caller to fill. */
enum ot_status ot_registry_identify(struct ot_registry *registry, struct ot_input *input, const char *path,
    struct ot_tracked **out, enum ot_verdict *verdict, struct ot_err *err);

/* The key of a source with this head: ten letters and digits. Another source with the same head gets another one. */
void ot_source_key(struct ot_str head, char key[11]);

/* The file behind an input is where the source was seen. Kept as it was where the input adds nothing and the file known before is still there. */
void ot_tracked_seen_at(struct ot_registry *registry, struct ot_tracked *tracked, const char *path, const struct stat *stat, bool adds);
/* A chunk of the source was read. */
void ot_tracked_advance(struct ot_tracked *tracked, const struct ot_chunk *chunk);
/* Before a commit: an anchor at the position, and those that the catalog lacks. */
size_t ot_tracked_new_anchors(struct ot_tracked *tracked, struct ot_arena *arena, struct ot_anchor **out);
void ot_tracked_anchors_stored(struct ot_tracked *tracked);

#endif
