/* A line of filter: parses or fails with words; what it parses to is written back, parses again, and means the same text. */
#include <query/filter.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ot_arena arena = { 0 };
	struct ot_err err = { 0 };
	struct ot_expr *expr, *again;
	struct ot_filter_context context = { INT64_C(1795341600000000000), NULL };
	struct ot_buf first = { 0 }, second = { 0 };
	struct ot_record record;
	ot_record_clear(&record);
	if (ot_filter_parse(&expr, (struct ot_str){ (const char *)data, size }, &context, &arena, &err) == OT_OK) {
		ot_filter_put(&first, expr);
		if (ot_filter_parse(&again, ot_buf_str(&first), &context, &arena, &err) != OT_OK)
			abort();
		ot_filter_put(&second, again);
		if (!ot_str_eq(ot_buf_str(&first), ot_buf_str(&second)))
			abort();
		(void)ot_filter_matches(expr, &record);
	} else if (err.text[0] == '\0') {
		abort();
	}
	ot_buf_release(&first);
	ot_buf_release(&second);
	ot_arena_release(&arena);
	return 0;
}
