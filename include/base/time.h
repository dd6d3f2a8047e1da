/*
 * Time: int64_t nanoseconds since 1970 in UTC inside, RFC 3339 at the edges.
 * Calendar arithmetic is the proleptic Gregorian calendar (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
 */
#ifndef OT_BASE_TIME_H
#define OT_BASE_TIME_H

#include <base/buf.h>
#include <base/err.h>

#define OT_NS_PER_S INT64_C(1000000000)
#define OT_NS_PER_MS INT64_C(1000000)
#define OT_NS_PER_DAY (INT64_C(86400) * OT_NS_PER_S)
#define OT_TIME_MIN INT64_MIN
#define OT_TIME_MAX INT64_MAX

struct ot_civil {
	int year, month, day; /* month and day from 1 */
	int hour, minute, second;
	int nanosecond;
};

int64_t ot_days_from_civil(int year, int month, int day); /* days since 1970-01-01 */
int64_t ot_time_from_civil(const struct ot_civil *civil); /* as if UTC */
void ot_time_to_civil(int64_t time_ns, struct ot_civil *civil);
int64_t ot_time_day(int64_t time_ns); /* UTC day number, rounding down */
int64_t ot_time_now(void);

/* "2026-03-14T02:10:00.123456789Z": always nine digits with `digits` 9; 0, 3 and 6 likewise; -1 gives as few as are needed. */
void ot_time_put(struct ot_buf *buf, int64_t time_ns, int digits);
/* "2026-03-14" of a day number. */
void ot_day_put(struct ot_buf *buf, int64_t day);

/* RFC 3339 with 0 to 9 fraction digits (more are cut), 'T', 't' or a space, zone Z, ±hh:mm, ±hhmm or ±hh. `*zoned` false: no zone was
 * written and the time is as if UTC. False where the text is not such a time, or not a real date. Reads all of `text`. */
bool ot_time_parse(struct ot_str text, int64_t *time_ns, bool *zoned);

/* Zones: "UTC", "+02:00", or a name of the system's zone database (TZif, RFC 8536). Immutable, so threads may share one. */
struct ot_zone;
enum ot_status ot_zone_open(struct ot_zone **out, struct ot_str name, struct ot_err *err);
void ot_zone_close(struct ot_zone *zone);
/* As ot_time_put, in the zone's time: "2026-03-14T03:10:00+01:00"; with a Z where the zone agrees with UTC. */
void ot_time_put_zoned(struct ot_buf *buf, int64_t time_ns, int digits, const struct ot_zone *zone);
int32_t ot_zone_offset(const struct ot_zone *zone, int64_t time_ns); /* seconds east of UTC at that instant; NULL zone: 0 */
/* The instant of a local civil time. Of two (summer time ends) the earlier; of none (it begins) the instant after the jump. */
int64_t ot_zone_to_utc(const struct ot_zone *zone, const struct ot_civil *local);

/* A duration as people type it: "500ms", "15m", "7d", "1.5h", "90s", "2w", "250us", "10ns". */
bool ot_duration_parse(struct ot_str text, int64_t *ns);
/* The same for people: three significant digits with a fitting unit, "12.3 ms". */
void ot_duration_put(struct ot_buf *buf, int64_t ns);

/* What a person may type for an instant: RFC 3339, a date, a date with hours and minutes, or relative to `now_ns` ("15m", "7d", "now"), in `zone`. */
enum ot_status ot_time_typed(struct ot_str text, int64_t now_ns, const struct ot_zone *zone, int64_t *time_ns, struct ot_err *err);
/* A calendar window in `zone`: "2026-03", "2026-03-14", "2026", "today", "yesterday", "this-week", "last-week" (Monday first), "this-month", "last-month". */
enum ot_status ot_period_typed(struct ot_str text, int64_t now_ns, const struct ot_zone *zone, int64_t *since_ns, int64_t *until_ns, struct ot_err *err);

#endif
