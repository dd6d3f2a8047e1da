/* The histogram: calls over time by class of status. Its axis is the window, or the time of all that the store holds where the window is open. */
#ifndef OT_TUI_HISTOGRAM_H
#define OT_TUI_HISTOGRAM_H

#include "asker.h"
#include "scope.h"
#include "theme.h"

/* From the bottom up: what needs attention stands on the ground. */
enum { CLASS_5XX, CLASS_4XX, CLASS_OTHER, CLASS_3XX, CLASS_2XX, CLASSES };
extern const enum style histogram_styles[CLASSES];

struct histogram {
	struct asker *asker;
	const struct scope *scope;
	int64_t since, every;	     /* of the first bucket; width of one */
	size_t count;		     /* buckets; 0: nothing to show yet */
	uint64_t (*calls)[CLASSES];  /* by bucket */
	uint64_t most;		     /* calls in the fullest bucket */
	size_t columns;		     /* as many buckets at most */
	bool ready;
	void (*changed)(struct histogram *histogram, enum ot_status status, const struct ot_err *err);
	void *context;
};

void histogram_init(struct histogram *histogram, struct asker *asker, const struct scope *scope);
void histogram_release(struct histogram *histogram);
void histogram_ask(struct histogram *histogram);
/* Asks again where the buckets no longer fit the screen. */
void histogram_fit(struct histogram *histogram, size_t columns);
/* The axis: false where there is none. */
bool histogram_axis(const struct histogram *histogram, int64_t *since, int64_t *until);
/* The bucket of an instant, clipped to those there are. */
size_t histogram_bucket(const struct histogram *histogram, int64_t time);
static inline int64_t histogram_time(const struct histogram *h, size_t bucket) { return h->since + (int64_t)bucket * h->every; }
/* The smallest round width with which [since, until) has at most `columns` buckets. */
int64_t histogram_width(int64_t since, int64_t until, size_t columns);

#endif
