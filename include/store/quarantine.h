/* Quarantine: lines that no format could read, whole but for secrets, with where they came from and why. Files of zstd-compressed entries, checksummed. */
#ifndef OT_STORE_QUARANTINE_H
#define OT_STORE_QUARANTINE_H

#include <store/store.h>

struct ot_quarantined {
	struct ot_str source_key, path;
	uint64_t offset, line; /* first byte in the uncompressed source; number of the line from 1, 0 where not known */
	int64_t time;	       /* of its surroundings, ns; OT_TIME_MIN where not known */
	struct ot_str reason;  /* of the nearest format: "kong: member started_at is missing" */
	struct ot_str text;    /* the line, secrets masked */
};

/* Writes the entries to a new file in place and gives its name for ot_commit_quarantine. */
enum ot_status ot_quarantine_write(struct ot_store *store, const struct ot_quarantined *entries, size_t count, char name[64], struct ot_err *err);

typedef enum ot_status ot_quarantined_fn(void *context, const struct ot_quarantined *entry, const char *file, struct ot_err *err);
/* Every entry of the snapshot, file by file in order of commit. What is damaged is passed over: OT_CORRUPT, of the first, comes when all the rest was told.
 * A status other than OT_OK from `fn` stops the reading and is given back. */
enum ot_status ot_quarantine_read(struct ot_store *store, const struct ot_snapshot *snapshot, ot_quarantined_fn *fn, void *context, struct ot_err *err);

#endif
