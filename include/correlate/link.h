/*
 * Linking: which records describe one call. Only what is certain joins: the same W3C trace id with fitting method, path and times,
 * the same request id where no other call of that time carries it, or the same place on one connection (the client's address and port), whose
 * requests both logs show in the same order. What is not certain stays apart.
 *
 * A call keeps the id it had when its records were first linked: the record_id of the record that led then, as long as that is one of them.
 * Records without a time are not linked.
 */
#ifndef OT_CORRELATE_LINK_H
#define OT_CORRELATE_LINK_H

#include <store/links.h>
#include <store/store.h>

struct ot_link_result {
	uint64_t records, calls, linked_records; /* of those days; calls of several records that have their leading one there */
};
/* Links the records of these UTC days (and those of the neighbouring days that may be of one call with them), writes link files, commits. */
enum ot_status ot_link_days(struct ot_store *store, const int64_t *days, size_t count, struct ot_link_result *result, struct ot_err *err);

/* Order of preference for the record that leads a call, smaller first; ties by timestamp, then record_id. Logs before the wire, named clients
 * before addresses. `origin_kind`, `client_kind`: -1 where null. */
int ot_leader_rank(int64_t origin_kind, int64_t client_kind);

#endif
