/* collector: when a request began, from what its log calls its time. */
#include "normalize_inside.h"

/* Zones change their offset on quarters of an hour. */
#define ZONE_BUCKET (15 * 60 * OT_NS_PER_S)

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

static int64_t local_offset(const struct ot_zone *zone, int64_t local)
{
	struct ot_civil civil;
	ot_time_to_civil(local, &civil);
	return local - ot_zone_to_utc(zone, &civil);
}

/* The offset is remembered for a stretch in which it is the same at both ends. */
static int64_t to_utc(struct ot_normalizer *n, const struct ot_zone *zone, int64_t local)
{
	int64_t bucket = floor_div(local, ZONE_BUCKET);
	if (n->zone.known && n->zone.zone == zone && n->zone.bucket == bucket)
		return local - n->zone.offset;
	int64_t offset = local_offset(zone, local);
	n->zone.known = offset == local_offset(zone, bucket * ZONE_BUCKET) && offset == local_offset(zone, (bucket + 1) * ZONE_BUCKET - 1);
	n->zone.zone = zone;
	n->zone.bucket = bucket;
	n->zone.offset = offset;
	return local - offset;
}

static bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

/* The year that brings the time nearest to the hint and at most a day past it: logs are not written ahead. */
static int64_t with_year(int64_t time, int64_t hint)
{
	struct ot_civil civil, near;
	ot_time_to_civil(time, &civil);
	ot_time_to_civil(hint, &near);
	bool leap_day = civil.month == 2 && civil.day == 29;
	for (int year = near.year + 1; year >= near.year - 8; year--) {
		civil.year = year;
		int64_t t = ot_time_from_civil(&civil);
		if (t <= hint + OT_NS_PER_DAY && (!leap_day || is_leap(year)))
			return t;
	}
	return time;
}

void ot_normalize_time(struct ot_normalizer *n, const struct ot_source_context *context, struct ot_draft *draft)
{
	struct ot_record *r = &draft->record;
	enum ot_basis basis = draft->basis;
	if (!ot_record_has(r, OT_TIMESTAMP)) {
		ot_record_set_int(r, OT_TIMESTAMP_BASIS, OT_BASIS_UNKNOWN);
		return;
	}
	int64_t time = r->values[OT_TIMESTAMP].number, duration = ot_record_int(r, OT_DURATION, -1);
	if (draft->time_no_year)
		time = with_year(time, context->year_hint != 0 ? context->year_hint : context->ingest_time);
	if (draft->time_local && context->zone != NULL)
		time = to_utc(n, context->zone, time);
	if (basis == OT_BASIS_END && duration >= 0 && !__builtin_sub_overflow(time, duration, &time))
		basis = OT_BASIS_DERIVED;
	ot_record_set_int(r, OT_TIMESTAMP, time);
	ot_record_set_int(r, OT_TIMESTAMP_BASIS, basis);
}
