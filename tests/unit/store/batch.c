#include <tests/test.h>

#include "random_rows.h"

/* Every record comes out as it went in, whatever came before in the same memory. */
static void what_goes_in_comes_out(void)
{
	struct ot_batch batch = { 0 };

	for (uint64_t seed = 1; seed <= 30; seed++) {
		uint32_t rows = seed % 3 == 0 ? 1000 : (uint32_t)seed * 7, wrong = 0;
		struct rows_random r;
		struct ot_record *given = calloc(rows, sizeof(*given)), got;

		rows_random_init(&r, seed);
		CHECK_INT(batch.rows, 0);
		for (uint32_t i = 0; i < rows; i++) {
			random_record(&r, &given[i]);
			ot_batch_append(&batch, &given[i]);
		}
		CHECK_INT(batch.rows, rows);
		CHECK(batch.bytes > 0);
		for (uint32_t i = 0; i < rows; i++) {
			ot_batch_get(&batch, i, &got);
			wrong += !records_equal(&given[i], &got);
		}
		CHECK_INT(wrong, 0);
		for (int f = 0; f < OT_FIELD_COUNT; f++)
			CHECK(batch.columns[f].rows == 0 || batch.columns[f].rows == rows);
		ot_arena_release(&r.arena);
		free(given);
		ot_batch_clear(&batch);
	}
	for (int f = 0; f < OT_FIELD_COUNT; f++)
		CHECK(batch.columns[f].rows == 0 && batch.columns[f].numbers == NULL &&
		      batch.columns[f].codes == NULL && batch.columns[f].texts == NULL);
	ot_batch_release(&batch);
	ot_batch_release(&batch);
}

static void columns_are_made_at_their_first_value(void)
{
	struct ot_batch batch = { 0 };
	struct ot_record r;

	for (int i = 0; i < 1000; i++) {
		ot_record_clear(&r);
		ot_record_set_int(&r, OT_DURATION, i);
		if (i == 700)
			ot_record_set_text(&r, OT_CLIENT, OT_STR("late"));
		ot_record_set_text(&r, OT_RECORD_ID, OT_STR("not a column"));
		ot_record_set_text(&r, OT_TRACE_ID, OT_STR("not sixteen bytes"));
		ot_batch_append(&batch, &r);
	}
	CHECK_INT(batch.columns[OT_CLIENT].rows, 1000);
	CHECK_INT(batch.columns[OT_CLIENT].dict_count, 1);
	for (uint32_t i = 0; i < 1000; i++)
		CHECK(ot_column_is_null(&batch.columns[OT_CLIENT], i) == (i != 700));
	CHECK_INT(batch.columns[OT_USER].rows, 0);
	CHECK_INT(batch.columns[OT_RECORD_ID].rows, 0);
	CHECK_INT(batch.columns[OT_TRACE_ID].rows, 0);
	ot_batch_release(&batch);
}

static void empty_is_not_absent(void)
{
	struct ot_batch batch = { 0 };
	struct ot_record r;

	ot_record_clear(&r);
	ot_record_set_text(&r, OT_CLIENT, OT_STR(""));
	ot_record_set_text(&r, OT_URL_PATH, OT_STR(""));
	ot_batch_append(&batch, &r);
	ot_record_clear(&r);
	ot_batch_append(&batch, &r);
	ot_batch_get(&batch, 0, &r);
	CHECK(ot_record_has(&r, OT_CLIENT) && ot_record_has(&r, OT_URL_PATH));
	ot_batch_get(&batch, 1, &r);
	CHECK(!ot_record_has(&r, OT_CLIENT) && !ot_record_has(&r, OT_URL_PATH));
	ot_batch_release(&batch);
}

int main(void)
{
	RUN(what_goes_in_comes_out);
	RUN(columns_are_made_at_their_first_value);
	RUN(empty_is_not_absent);
	return test_end();
}
