/* Random rows for tests of the store: every form, nulls in runs and singly, extremes, ids of several shapes. */
#ifndef OT_TEST_RANDOM_ROWS_H
#define OT_TEST_RANDOM_ROWS_H

#include <base/arena.h>
#include <base/time.h>
#include <store/segment.h>

#include <stdlib.h>

struct rows_random {
	uint64_t state;
	struct ot_arena arena;
	unsigned null_percent[OT_FIELD_COUNT]; /* 100: never there */
	unsigned shape[OT_FIELD_COUNT];
	int64_t counter;
};

static inline uint64_t random_next(struct rows_random *r)
{
	uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}
static inline uint64_t random_below(struct rows_random *r, uint64_t n)
{
	return random_next(r) % n;
}

static inline void rows_random_init(struct rows_random *r, uint64_t seed)
{
	static const unsigned nulls[] = { 100, 100, 0, 0, 1, 50, 90 };

	*r = (struct rows_random){ .state = seed };
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		r->null_percent[f] = nulls[random_below(r, sizeof(nulls) / sizeof(*nulls))];
		r->shape[f] = (unsigned)random_below(r, 8);
	}
	/* Whose order is told by them alone. */
	r->null_percent[OT_SOURCE_OFFSET] = 0;
	r->shape[OT_SOURCE_OFFSET] = 100;
}

static inline int64_t random_number(struct rows_random *r, unsigned shape)
{
	switch (shape) {
	case 0:
		return 7;
	case 1:
		return (int64_t)random_below(r, 3);
	case 2:
		return (int64_t)random_below(r, 30000) * 1000000;
	case 3:
		return random_below(r, 50) == 0 ? (int64_t)random_below(r, 1000000000) : (int64_t)random_below(r, 100);
	case 4:
		return (int64_t)random_next(r);
	case 5:
		return random_below(r, 2) != 0 ? INT64_MIN : INT64_MAX;
	case 6:
		return (int64_t)(r->counter * 1000 + (int64_t)random_below(r, 10));
	case 100:
		return r->counter;
	default: {
		static const int64_t codes[] = { 200, 200, 200, 201, 204, 301, 404, 500, 503, -1 };
		return codes[random_below(r, 10)];
	}
	}
}

static inline struct ot_str random_text(struct rows_random *r, unsigned shape)
{
	uint64_t a = random_next(r), b = random_next(r);

	switch (shape) {
	case 0:
		return OT_STR("always the same");
	case 1:
		return ot_arena_printf(&r->arena, "%016llx%016llx", (unsigned long long)a, (unsigned long long)b);
	case 2: /* ids, with exceptions */
		if (a % 50 == 0)
			return a % 100 == 0 ? OT_STR("") : OT_STR("ABCDEF0123456789ABCDEF0123456789ABCD");
		return ot_arena_printf(&r->arena, "%08x-%04x-4%03x-a%03x-%012llx", (unsigned)a,
		    (unsigned)(a >> 32) & 0xffff, (unsigned)(a >> 48) & 0xfff, (unsigned)b & 0xfff,
		    (unsigned long long)b >> 16);
	case 3:
		return ot_arena_printf(&r->arena, "/api/v2/payments/%llu", (unsigned long long)(a % 100000));
	case 4:
		return ot_arena_printf(&r->arena, "client-%llu", (unsigned long long)(a % 20));
	case 5:
		return ot_arena_printf(&r->arena, "%0*d", (int)(a % 300), (int)(b % 10));
	case 6: {
		char bytes[40];
		for (int i = 0; i < 40; i++)
			bytes[i] = (char)random_next(r);
		return ot_arena_str(&r->arena, (struct ot_str){ bytes, a % 40 });
	}
	default:
		return a % 3 == 0 ? OT_STR("") : a % 3 == 1 ? OT_STR("a") : OT_STR("ab");
	}
}

static inline void random_record(struct rows_random *r, struct ot_record *out)
{
	ot_record_clear(out);
	r->counter++;
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		enum ot_field field = (enum ot_field)f;
		unsigned null_percent = r->null_percent[f];

		/* Half of those with nulls have them in runs. */
		if (null_percent < 100 && (r->shape[f] & 1) ? (unsigned)(r->counter / 100 % 100) < null_percent
							    : random_below(r, 100) < null_percent)
			continue;
		if (ot_fields[f].form == OT_FORM_INT) {
			ot_record_set_int(out, field, random_number(r, r->shape[f]));
		} else if (ot_fields[f].form == OT_FORM_FIXED) {
			uint64_t bytes[4] = { random_next(r), random_next(r), random_next(r), r->shape[f] };
			ot_record_set_text(out, field,
			    ot_arena_str(&r->arena, (struct ot_str){ (const char *)bytes, ot_fields[f].width }));
		} else if (ot_fields[f].form != OT_FORM_NONE) {
			ot_record_set_text(out, field, random_text(r, r->shape[f]));
		}
	}
}

static inline void random_batch(struct ot_batch *batch, uint64_t seed, uint32_t rows)
{
	struct rows_random r;
	struct ot_record record;

	rows_random_init(&r, seed);
	for (uint32_t i = 0; i < rows; i++) {
		random_record(&r, &record);
		ot_batch_append(batch, &record);
	}
	ot_arena_release(&r.arena);
}

static inline bool records_equal(const struct ot_record *a, const struct ot_record *b)
{
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		enum ot_field field = (enum ot_field)f;

		if (ot_record_has(a, field) != ot_record_has(b, field))
			return false;
		if (!ot_record_has(a, field))
			continue;
		if (ot_fields[f].form == OT_FORM_INT ? a->values[f].number != b->values[f].number
						     : !ot_str_eq(a->values[f].text, b->values[f].text))
			return false;
	}
	return true;
}

/* The order of rows in a segment, written once more and plainly. */
static inline int records_cmp(const struct ot_record *a, const struct ot_record *b)
{
	static const enum ot_field keys[] = { OT_CLIENT, OT_TIMESTAMP, OT_SOURCE_KEY, OT_SOURCE_OFFSET,
		OT_SOURCE_ITEM };

	for (int i = 0; i < 5; i++) {
		enum ot_field f = keys[i];
		int order = (int)ot_record_has(a, f) - (int)ot_record_has(b, f);

		if (order == 0 && ot_record_has(a, f)) {
			if (ot_fields[f].form == OT_FORM_INT)
				order = (a->values[f].number > b->values[f].number) -
					(a->values[f].number < b->values[f].number);
			else
				order = ot_str_cmp(a->values[f].text, b->values[f].text);
		}
		if (order != 0)
			return order;
	}
	return 0;
}

/* All rows of a segment, in its order; texts live in the arena. */
static inline enum ot_status segment_records(
    struct ot_segment *s, struct ot_record *out, struct ot_arena *arena, struct ot_err *err)
{
	for (uint32_t block = 0, row = 0; block < ot_segment_blocks(s);
	     row += ot_segment_block_rows(s, block), block++) {
		for (uint32_t i = 0; i < ot_segment_block_rows(s, block); i++)
			ot_record_clear(&out[row + i]);
		for (int f = 0; f < OT_FIELD_COUNT; f++) {
			struct ot_column c;
			enum ot_status status = ot_segment_decode(s, (enum ot_field)f, block, &c, arena, err);

			if (status != OT_OK)
				return status;
			for (uint32_t i = 0; i < c.rows && c.form != OT_FORM_NONE; i++) {
				if (ot_column_is_null(&c, i))
					continue;
				if (c.form == OT_FORM_INT)
					ot_record_set_int(&out[row + i], (enum ot_field)f, c.numbers[i]);
				else
					ot_record_set_text(&out[row + i], (enum ot_field)f,
					    c.form == OT_FORM_DICT ? c.dict[c.codes[i]]
					    : c.form == OT_FORM_TEXT
						? c.texts[i]
						: (struct ot_str){
						      (const char *)c.fixed + (size_t)i * ot_fields[f].width,
						      ot_fields[f].width });
			}
		}
	}
	return OT_OK;
}

static inline uint32_t *plain_order(uint32_t rows)
{
	uint32_t *order = malloc((rows + 1) * sizeof(*order));

	for (uint32_t i = 0; i < rows; i++)
		order[i] = i;
	return order;
}

#endif
