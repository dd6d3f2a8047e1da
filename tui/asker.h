/*
 * The asker: one thread that puts questions to the engine, so that no key waits for an answer.
 *
 * A question is a job with an owner and a slot: a newer one of the same owner and slot takes the place of the older, which is
 * stopped. Answers are delivered in the thread that asked, when it calls asker_deliver().
 */
#ifndef OT_TUI_ASKER_H
#define OT_TUI_ASKER_H

#include <base/arena.h>
#include <query/engine.h>

struct asker;

struct asked {
	struct ot_engine *engine;
	struct ot_store *store;
};

struct job {
	void *owner;
	int slot;
	const char *what; /* "counting callers", for the status line */
	enum ot_status (*work)(struct job *job, const struct asked *asked, struct ot_err *err); /* in the asker's thread */
	void (*done)(struct job *job);	  /* in the thread that delivers, with status and err set; not called where a newer job took its place */
	void (*release)(struct job *job); /* what the job holds beside its arena; may be NULL */
	struct ot_arena arena;		  /* for the question and the answer */
	struct ot_scan_stats stats;
	enum ot_status status;
	struct ot_err err;
	struct job *next; /* the asker's */
	bool dropped;
};

/* A zeroed job of `size` bytes, which begins with struct job. The asker frees it. */
void *job_new(size_t size, void *owner, int slot, const char *what);

/* The store stays the caller's. `at`: a snapshot, 0 the newest. */
enum ot_status asker_open(struct asker **out, struct ot_store *store, int64_t at, struct ot_err *err);
void asker_close(struct asker *asker);

void asker_put(struct asker *asker, struct job *job);
/* Forgets the jobs of one owner (NULL: of all): none of their answers is delivered. */
void asker_forget(struct asker *asker, const void *owner);
/* The person asks to stop: what runs and waits ends with OT_CANCELLED, and is delivered so. False where there was nothing to stop. */
bool asker_stop(struct asker *asker);
/* From the next question on the newest snapshot is asked; OT_OK where there is none newer too. Call it with nothing running. */
enum ot_status asker_renew(struct asker *asker, struct ot_err *err);

/* Hands over what is answered. */
void asker_deliver(struct asker *asker);
/* Readable when there is something to deliver. */
int asker_fd(const struct asker *asker);
/* What is being asked, NULL where nothing is. */
const char *asker_busy(struct asker *asker);
/* Waits until nothing is asked any more, delivering. */
void asker_settle(struct asker *asker);
/* The times of the snapshot's first and last record; false where it has none. */
bool asker_extent(struct asker *asker, int64_t *first, int64_t *last);
int64_t asker_snapshot(struct asker *asker);
/* For tests: jobs are taken, but wait as if they took long. */
void asker_hold(struct asker *asker, bool hold);

#endif
