/* Normalizing from inside: what its parts share. Each part takes the draft after those before it; the order is that of ot_normalize. */
#ifndef OT_COLLECTOR_NORMALIZE_INSIDE_H
#define OT_COLLECTOR_NORMALIZE_INSIDE_H

#include "normalize.h"
#include "redact.h"
#include <base/buf.h>
#include <base/digest.h>
#include <base/intern.h>

/* Work done once a distinct text: a bounded table that forgets all when it is full. */
struct ot_memo {
	size_t width; /* of a value */
	struct ot_intern keys;
	char *values;
	uint32_t cap;
	struct ot_arena texts; /* that values point to */
	char *spare;	       /* value of a key too long to keep */
};

enum { OT_MEMO_KEYS_MAX = 16384, OT_MEMO_BYTES_MAX = 8 << 20, OT_MEMO_KEY_LEN_MAX = 1024 };

/* The value of `key`, zeroed where it is new, until the next call; its texts live until the next ot_memo_trim, those of a new value go to `*arena`. */
void *ot_memo_find(struct ot_memo *memo, struct ot_str key, struct ot_arena *record, struct ot_arena **arena, bool *is_new);
void ot_memo_trim(struct ot_memo *memo); /* forgets all where it is full */
void ot_memo_release(struct ot_memo *memo);

/* What is known of the extra that stands n-th in a record. */
struct ot_member_place {
	struct ot_str name, json; /* the latter without secrets, with quotes and colon */
	bool plain;		  /* nothing in its name says that its value is a secret */
	uint32_t order;		  /* index of the extra that stands here when they are sorted by name */
};

struct ot_normalizer {
	struct ot_redactor *redactor;
	struct ot_arena record; /* texts of the record at hand */
	struct ot_buf scratch, route;
	struct ot_buf attributes;
	struct ot_memo paths, queries, hosts, addresses, texts, tokens;
	uint8_t digest[OT_DIGEST_LEN], trace_id[16], span_id[8];
	struct ot_extra *extras; /* the draft's, and those that normalizing adds */
	size_t extra_count, extra_cap;
	struct ot_member_place *places; /* of the extras of the record before: the next one often has the same */
	size_t place_count, place_cap;
	struct ot_arena place_texts;
	struct { /* offset of a stretch of local time */
		const struct ot_zone *zone;
		int64_t bucket, offset;
		bool known;
	} zone;
};

/* normalize_time.c: timestamp and its basis. */
void ot_normalize_time(struct ot_normalizer *n, const struct ot_source_context *context, struct ot_draft *draft);
/* normalize_path.c: target, query, host, method, protocol, route. */
void ot_normalize_target(struct ot_normalizer *n, struct ot_draft *draft);
void ot_path_clean(struct ot_str path, struct ot_buf *out); /* appends */
/* normalize_address.c */
struct ot_address {
	struct ot_str text; /* canonical; absent where it is none */
	int32_t port;	    /* -1: none was said */
	bool list;	    /* the first of several */
};
struct ot_address ot_address_of(struct ot_normalizer *n, struct ot_str text);
struct ot_address ot_host_of(struct ot_normalizer *n, struct ot_str text); /* of a Host header or a URL: any name is taken */
void ot_normalize_addresses(struct ot_normalizer *n, const struct ot_source_context *context, struct ot_draft *draft);
/* normalize_client.c: credential, user and consumer that it names, the client and who vouches for it. */
void ot_normalize_client(struct ot_normalizer *n, struct ot_draft *draft);
/* normalize_outcome.c */
void ot_normalize_outcome(struct ot_draft *draft);
/* normalize_ids.c: trace and span ids, digest of the content. */
void ot_normalize_ids(struct ot_normalizer *n, struct ot_draft *draft);
/* normalize_attributes.c */
void ot_normalize_extra(struct ot_normalizer *n, struct ot_str name, struct ot_str json);	    /* a member more */
void ot_normalize_extra_text(struct ot_normalizer *n, struct ot_str name, struct ot_str text); /* as a JSON string */
void ot_normalize_attributes(struct ot_normalizer *n, struct ot_draft *draft);

/* A text of the record without secrets; in what the memo or the record's memory holds. */
struct ot_str ot_normalize_text(struct ot_normalizer *n, struct ot_str text);

#endif
