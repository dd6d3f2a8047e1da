/* Header compression: recorded stories decode exactly from the start; joined in the middle or after a hole nothing is wrong, only unknown. */
#include "tests/test.h"
#include <base/buf.h>
#include <base/err.h>
#include <collector/hpack.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIELDS_MAX = 4096 };

static char cases_path[4096]; /* the recorded stories, where they are */
static struct ot_buf got[FIELDS_MAX][2];
static bool known[FIELDS_MAX][2];
static size_t got_count;

static void take(void *context, struct ot_str name, struct ot_str value)
{
	struct ot_str texts[2] = { name, value };
	(void)context;
	for (int i = 0; i < 2 && got_count < FIELDS_MAX; i++) {
		ot_buf_clear(&got[got_count][i]);
		ot_buf_str_put(&got[got_count][i], texts[i]);
		known[got_count][i] = texts[i].ptr != NULL;
	}
	got_count += got_count < FIELDS_MAX;
}

static unsigned nibble(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static struct ot_str unhex(struct ot_buf *out, const char *hex)
{
	ot_buf_clear(out);
	for (; hex[0] > ' ' && hex[1] > ' '; hex += 2)
		ot_buf_u8(out, (uint8_t)(nibble(hex[0]) << 4 | nibble(hex[1])));
	return ot_buf_str(out);
}

/* Blocks seen, and fields that were right, unknown, wrong. */
struct score {
	long blocks, failed, right, unknown, wrong;
};

enum { FROM_START, JOINED, AFTER_HOLE };

/* Every story; joined: its first half unseen. */
static struct score decode_stories(int how)
{
	char *line = NULL;
	size_t cap = 0, field = 0;
	long block_of_story = 0;
	struct score score = { 0 };
	struct ot_hpack *hpack = NULL;
	struct ot_buf bytes = { 0 };
	bool seen = false;
	char command[5000];
	snprintf(command, sizeof(command), "zstd -dc '%s' 2>/dev/null", cases_path);
	FILE *in = popen(command, "r");
	while (in != NULL && getline(&line, &cap, in) > 0) {
		if (line[0] == 'S') {
			ot_hpack_free(hpack);
			hpack = ot_hpack_new(how == JOINED);
			block_of_story = 0;
		} else if (line[0] == 'C') {
			const char *hex = strchr(line + 2, ' ');
			if (seen)
				score.wrong += got_count != field;
			block_of_story++;
			field = 0;
			got_count = 0;
			seen = how == FROM_START || block_of_story > 10;
			if (how == AFTER_HOLE) {
				seen = block_of_story < 10 || block_of_story > 12;
				if (block_of_story == 10)
					ot_hpack_lose(hpack);
			}
			if (!seen || hex == NULL)
				continue;
			score.blocks++;
			score.failed += !ot_hpack_decode(hpack, unhex(&bytes, hex + 1), take, NULL);
		} else if (line[0] == 'H' && seen) {
			const char *value = strchr(line + 2, ' ');
			for (int i = 0; i < 2 && field < got_count; i++) {
				struct ot_str want = unhex(&bytes, i == 0 ? line + 2 : value == NULL ? "" : value + 1);
				if (!known[field][i])
					score.unknown++;
				else if (ot_str_eq(want, ot_buf_str(&got[field][i])))
					score.right++;
				else
					score.wrong++;
			}
			field++;
		}
	}
	if (in != NULL)
		pclose(in);
	if (seen)
		score.wrong += got_count != field;
	ot_hpack_free(hpack);
	ot_buf_release(&bytes);
	free(line);
	return score;
}

static void stories_from_their_start_decode_exactly(void)
{
	struct score s = decode_stories(FROM_START);
	CHECK_INT(s.failed, 0);
	CHECK_INT(s.wrong, 0);
	CHECK_INT(s.unknown, 0);
	CHECK(s.blocks == 0 || s.right > 100000);
}

static void stories_joined_in_the_middle_give_nothing_wrong(void)
{
	struct score s = decode_stories(JOINED);
	CHECK_INT(s.failed, 0);
	CHECK_INT(s.wrong, 0);
	CHECK(s.right >= s.unknown * 11); /* 92 % of fields */
}

static void stories_with_a_hole_give_nothing_wrong(void)
{
	struct score s = decode_stories(AFTER_HOLE);
	CHECK_INT(s.failed, 0);
	CHECK_INT(s.wrong, 0);
	CHECK(s.right >= s.unknown * 9);
}

static bool decode(struct ot_hpack *hpack, const char *hex)
{
	struct ot_buf bytes = { 0 };
	got_count = 0;
	bool good = ot_hpack_decode(hpack, unhex(&bytes, hex), take, NULL);
	ot_buf_release(&bytes);
	return good;
}

static void examples_of_the_rfc(void)
{
	struct ot_hpack *hpack = ot_hpack_new(false);
	CHECK(decode(hpack, "828684418cf1e3c2e5f23a6ba0ab90f4ff")); /* C.4.1 */
	CHECK_INT(got_count, 4);
	CHECK_STR(ot_buf_str(&got[3][1]), "www.example.com");
	CHECK(decode(hpack, "828684be5886a8eb10649cbf"));
	CHECK_STR(ot_buf_str(&got[3][1]), "www.example.com");
	CHECK_STR(ot_buf_str(&got[4][1]), "no-cache");
	ot_hpack_free(hpack);
}

static void what_is_no_hpack_is_refused(void)
{
	static const char *const blocks[] = { "80", "be", "7f", "4003", "40017f", "ffffffffffffffff", "408a", "4001618440ffffff" };
	for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++) {
		struct ot_hpack *hpack = ot_hpack_new(false);
		CHECK(!decode(hpack, blocks[i]));
		ot_hpack_free(hpack);
	}
}

static void an_index_beyond_what_was_seen_is_unknown_in_the_middle(void)
{
	struct ot_hpack *hpack = ot_hpack_new(true);
	CHECK(decode(hpack, "82be"));
	CHECK_INT(got_count, 2);
	CHECK(known[0][0] && !known[1][0] && !known[1][1]);
	CHECK(decode(hpack, "7e0161")); /* a known value under an unknown name */
	CHECK(!known[0][0] && known[0][1]);
	CHECK(decode(hpack, "be"));
	CHECK(!known[0][0] && known[0][1]);
	ot_hpack_free(hpack);
}

static void a_block_unfolds_to_a_bounded_size(void)
{
	struct ot_hpack *hpack = ot_hpack_new(false);
	struct ot_buf block = { 0 };
	ot_buf_put(&block, "\x40\x01x\x7f\xd1\x1d", 6); /* x: 3,920 bytes */
	for (int i = 0; i < 3920; i++)
		ot_buf_char(&block, 'v');
	for (int i = 0; i < 100000; i++)
		ot_buf_u8(&block, 0xbe);
	got_count = 0;
	CHECK(!ot_hpack_decode(hpack, ot_buf_str(&block), take, NULL));
	CHECK(got_count < 400);
	ot_buf_release(&block);
	ot_hpack_free(hpack);
}

int main(void)
{
	const char *captures = getenv("CAPTURES");
	snprintf(cases_path, sizeof(cases_path), "%s/hpack-cases.txt.zst", captures != NULL ? captures : "../shared/captures");
	RUN(stories_from_their_start_decode_exactly);
	RUN(stories_joined_in_the_middle_give_nothing_wrong);
	RUN(stories_with_a_hole_give_nothing_wrong);
	RUN(examples_of_the_rfc);
	RUN(what_is_no_hpack_is_refused);
	RUN(an_index_beyond_what_was_seen_is_unknown_in_the_middle);
	RUN(a_block_unfolds_to_a_bounded_size);
	for (size_t i = 0; i < FIELDS_MAX; i++) {
		ot_buf_release(&got[i][0]);
		ot_buf_release(&got[i][1]);
	}
	return test_end();
}
