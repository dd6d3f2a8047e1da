#include <base/arena.h>
#include <tests/test.h>

static void pieces_are_aligned_and_apart(void)
{
	struct ot_arena arena = { 0 };
	char *pieces[3000];

	for (size_t i = 0; i < 3000; i++) {
		pieces[i] = ot_arena_alloc(&arena, i % 97);
		CHECK((uintptr_t)pieces[i] % 8 == 0);
		memset(pieces[i], (int)(i & 0x7f), i % 97);
	}
	for (size_t i = 0; i < 3000; i++) {
		for (size_t j = 0; j < i % 97; j++)
			CHECK(pieces[i][j] == (char)(i & 0x7f));
	}
	CHECK(arena.bytes > 0);
	ot_arena_release(&arena);
	CHECK(arena.bytes == 0 && arena.chunk == NULL);
}

static void large_pieces_do_not_waste_the_chunk(void)
{
	struct ot_arena arena = { 0 };
	char *first = ot_arena_alloc(&arena, 16), *large = ot_arena_alloc(&arena, 5 << 20), *second;

	memset(large, 1, 5 << 20);
	second = ot_arena_alloc(&arena, 16);
	CHECK(second == first + 16);
	ot_arena_release(&arena);
}

static void reset_keeps_the_largest_chunk(void)
{
	struct ot_arena arena = { 0 };
	size_t held;

	ot_arena_reset(&arena);
	for (int i = 0; i < 1000; i++)
		ot_arena_alloc(&arena, 100);
	held = arena.bytes;
	ot_arena_reset(&arena);
	CHECK(arena.bytes > 0 && arena.bytes < held);
	held = arena.bytes;
	memset(ot_arena_alloc(&arena, held), 2, held);
	CHECK_INT(arena.bytes, held);
	ot_arena_release(&arena);
}

static void texts_are_copied(void)
{
	struct ot_arena arena = { 0 };
	char text[] = "abc";
	struct ot_str copy = ot_arena_str(&arena, ot_str_from(text));
	char *terminated = ot_arena_cstr(&arena, OT_STR("de"));

	text[0] = 'x';
	CHECK_STR(copy, "abc");
	CHECK_INT(strlen(terminated), 2);
	CHECK_INT(strlen(ot_arena_cstr(&arena, OT_STR_NONE)), 0);
	CHECK(ot_arena_str(&arena, OT_STR_NONE).ptr == NULL);
	CHECK(ot_arena_str(&arena, OT_STR("")).ptr != NULL);
	CHECK_STR(ot_arena_printf(&arena, "%s-%d", "n", 42), "n-42");
	CHECK_INT(ot_arena_printf(&arena, "%5000d", 1).len, 5000);
	ot_arena_release(&arena);
}

static void zeroed_pieces_are_zero(void)
{
	struct ot_arena arena = { 0 };
	char *piece;

	memset(ot_arena_alloc(&arena, 800), 0xff, 800);
	ot_arena_reset(&arena);
	piece = ot_arena_zero(&arena, 100, 8);
	for (int i = 0; i < 800; i++)
		CHECK(piece[i] == 0);
	ot_arena_release(&arena);
}

int main(void)
{
	RUN(pieces_are_aligned_and_apart);
	RUN(large_pieces_do_not_waste_the_chunk);
	RUN(reset_keeps_the_largest_chunk);
	RUN(texts_are_copied);
	RUN(zeroed_pieces_are_zero);
	return test_end();
}
