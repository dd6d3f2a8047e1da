/*
 * Normalizing: from what a log says (a draft) to the record that is stored: start of the request, client and trust, path and route, outcome, secrets out.
 * Work that depends only on a value (route of a path, mask of a query, canonical address) is done once a distinct value and remembered.
 */
#ifndef OT_COLLECTOR_NORMALIZE_H
#define OT_COLLECTOR_NORMALIZE_H

#include "draft.h"
#include <base/time.h>

/* What is known of the source whose lines are read. Texts live as long as the reading. */
struct ot_source_context {
	struct ot_str origin, source, source_key;
	enum ot_origin_kind kind;
	const struct ot_zone *zone; /* of local times; NULL: UTC */
	int64_t ingest_time;
	int64_t year_hint;	    /* ns: a time near the lines', for those without a year */
	struct ot_str gateway_addresses, upstream_addresses; /* comma-separated, of the configuration: for `leg`; may be absent */
	bool keep_attributes;	    /* --keep all (default) or mapped */
};

struct ot_normalizer; /* of one thread */
struct ot_normalizer *ot_normalizer_new(struct ot_str key); /* the store's key for credential hashes; copied */
void ot_normalizer_free(struct ot_normalizer *normalizer);

/*
 * Makes the draft's record final. Texts of the record then live in the line, the draft's memory or the normalizer until its next call.
 *
 * What the format sets of outcome, response_source, leg and client_trust (verified: the gateway checked it) stays, but a refused credential (401, 407)
 * or an asserted name is never more than `caller`. leg is unknown unless a configured address stands at one end.
 */
void ot_normalize(struct ot_normalizer *normalizer, const struct ot_source_context *context, struct ot_draft *draft,
    struct ot_str format, uint64_t offset, unsigned item);

#endif
