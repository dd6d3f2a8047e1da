#include <base/intern.h>
#include <tests/test.h>

static struct ot_str numbered(char text[32], int i)
{
	return (struct ot_str){ text, (size_t)snprintf(text, 32, "/api/payments/%d", i) };
}

static void codes_are_dense_and_stable(void)
{
	struct ot_intern intern = { 0 };
	char text[32];
	bool is_new;

	for (int i = 0; i < 100000; i++) {
		CHECK_INT(ot_intern_put(&intern, numbered(text, i), &is_new), i);
		CHECK(is_new);
	}
	for (int i = 99999; i >= 0; i--) {
		CHECK_INT(ot_intern_put(&intern, numbered(text, i), &is_new), i);
		CHECK(!is_new);
		CHECK_INT(ot_intern_find(&intern, numbered(text, i)), i);
		CHECK(ot_str_eq(intern.items[i], numbered(text, i)));
	}
	CHECK_INT(intern.count, 100000);
	CHECK(ot_intern_find(&intern, OT_STR("/api/payments/x")) == UINT32_MAX);
	ot_intern_release(&intern);
	CHECK_INT(intern.count, 0);
}

static void absent_and_empty_are_two_texts(void)
{
	struct ot_intern intern = { 0 };

	CHECK(ot_intern_find(&intern, OT_STR("")) == UINT32_MAX);
	CHECK_INT(ot_intern_put(&intern, OT_STR_NONE, NULL), 0);
	CHECK_INT(ot_intern_put(&intern, OT_STR(""), NULL), 1);
	CHECK_INT(ot_intern_put(&intern, OT_STR_NONE, NULL), 0);
	CHECK(intern.items[0].ptr == NULL && intern.items[1].ptr != NULL);
	ot_intern_release(&intern);
}

static void cleared_interns_start_anew(void)
{
	struct ot_intern intern = { 0 };
	char text[32];

	ot_intern_clear(&intern);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 1000; i++)
			CHECK_INT(ot_intern_put(&intern, numbered(text, i * 7 + round), NULL), i);
		ot_intern_clear(&intern);
		CHECK(ot_intern_find(&intern, numbered(text, 0)) == UINT32_MAX);
	}
	ot_intern_release(&intern);
}

static void texts_of_any_length_and_byte_are_kept(void)
{
	static char text[2000];
	struct ot_intern intern = { 0 };

	for (size_t len = 0; len < sizeof(text); len++)
		CHECK_INT(ot_intern_put(&intern, (struct ot_str){ text, len }, NULL), len);
	for (size_t len = 0; len < sizeof(text); len++)
		CHECK_INT(ot_intern_find(&intern, (struct ot_str){ text, len }), len);
	ot_intern_release(&intern);
}

int main(void)
{
	RUN(codes_are_dense_and_stable);
	RUN(absent_and_empty_are_two_texts);
	RUN(cleared_interns_start_anew);
	RUN(texts_of_any_length_and_byte_are_kept);
	return test_end();
}
