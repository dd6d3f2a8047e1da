/* Times as the screen shows them, in the reader's zone. */
#ifndef OT_TUI_WHEN_H
#define OT_TUI_WHEN_H

#include <base/time.h>

/* "11:26:24.753"; digits of the fraction 0 or 3. */
void when_put_clock(struct ot_buf *out, const struct ot_zone *zone, int64_t time_ns, int digits);
/* "11-22" */
void when_put_day(struct ot_buf *out, const struct ot_zone *zone, int64_t time_ns);
/* "2026-11-22 11:26:24", with as many digits as the instant has, to milliseconds. */
void when_put(struct ot_buf *out, const struct ot_zone *zone, int64_t time_ns);
/* "2026-11-22 11:26–11:30 UTC"; open ends as "…". */
void when_put_window(struct ot_buf *out, const struct ot_zone *zone, int64_t since, int64_t until);
bool when_same_day(const struct ot_zone *zone, int64_t a, int64_t b);

#endif
