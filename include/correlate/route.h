/*
 * Routes learned from many paths. What a path shows by itself (numbers, UUIDs …) is taken out when a record is collected (ot_route_of_path);
 * what only many paths show (a place with more than OT_ROUTE_VALUES_MAX different names) is learned here, and applied when a question is
 * asked: rules stand beside the records and may change without rewriting them.
 *
 * A name that OT_ROUTE_SHARED_CLIENTS or more clients use at that place is a word of the API, not a parameter. A gateway's own template
 * ("/users/{user}", "/users/:id", "/files/…*") is left as it is. In the catalog a rule is the text of its parent, and "=" before the text of
 * a route says that this one stays a word. What is learned does not depend on how records were cut into batches.
 */
#ifndef OT_CORRELATE_ROUTE_H
#define OT_CORRELATE_ROUTE_H

#include <store/store.h>

enum { OT_ROUTE_VALUES_MAX = 200, OT_ROUTE_SHARED_CLIENTS = 12 };

/* "/api/payments/pay_cb3591ea/items/17?x" -> "/api/payments/{id}/items/{id}": segments that are numbers, UUIDs, hex of 8 and more with a digit,
 * ULIDs, prefixed ids, dates, mail addresses become {id}, {uuid}, {date}, {email}. `path` has no query. Appends to out. */
void ot_route_of_path(struct ot_str path, struct ot_buf *out);

/* Learning: tell of (route, client) pairs of new records, then merge into the commit. Each distinct pair need be told once a batch. */
struct ot_route_learner;
struct ot_route_learner *ot_route_learner_new(void);
void ot_route_learner_free(struct ot_route_learner *learner);
void ot_route_learner_add(struct ot_route_learner *learner, struct ot_str route, struct ot_str client, uint64_t records);
/* Leaves the learner empty. */
enum ot_status ot_route_learner_commit(struct ot_route_learner *learner, struct ot_store *store, struct ot_commit *commit, struct ot_err *err);

/* Applying: the route as it is shown. */
struct ot_route_rules;
enum ot_status ot_route_rules_open(struct ot_route_rules **out, struct ot_store *store, const struct ot_snapshot *snapshot, struct ot_err *err);
void ot_route_rules_close(struct ot_route_rules *rules);
/* `stored` itself where no rule touches it (nothing is copied then); else a text in the arena. */
struct ot_str ot_route_apply(const struct ot_route_rules *rules, struct ot_str stored, struct ot_arena *arena);
bool ot_route_rules_empty(const struct ot_route_rules *rules);

#endif
