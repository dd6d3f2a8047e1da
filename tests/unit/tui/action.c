/* Keys and actions: one table. */
#include "tests/test.h"
#include "tui/action.h"
#include "tui/keymap.h"

static void every_key_of_the_table_is_known_and_used_once(void)
{
	for (size_t i = 0; i < action_count; i++) {
		for (size_t k = 0; k < ACTION_KEYS && actions[i].keys[k] != NULL; k++) {
			int32_t key = key_of_name(ot_str_from(actions[i].keys[k]));
			CHECK(key > 0);
			CHECK_INT(action_of_key(key), actions[i].action);
		}
	}
}

static void every_action_has_a_row(void)
{
	for (int a = ACT_NONE + 1; a <= ACT_BACK; a++) {
		size_t rows = 0;
		for (size_t i = 0; i < action_count; i++)
			rows += actions[i].action == (enum action)a;
		CHECK_INT(rows, 1);
	}
}

static void keys_have_names_that_lead_back(void)
{
	static const int32_t keys[] = { 'a', ':', ' ', 3, K_ENTER, K_ESCAPE, K_TAB, K_BACKTAB, K_PAGE_DOWN, 0x65e5 };
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		struct ot_buf name = { 0 };
		key_put(&name, keys[i]);
		CHECK_INT(key_of_name(ot_buf_str(&name)), keys[i]);
		ot_buf_release(&name);
	}
	CHECK_INT(key_of_name(OT_STR("Nonsense")), -1);
	CHECK_INT(key_of_name(OT_STR("")), -1);
	CHECK_INT(key_of_name(OT_STR("Ctrl-")), -1);
	CHECK_INT(action_of_key(K_NONE), ACT_NONE);
}

static void the_help_tells_every_action(void)
{
	struct ot_buf text = { 0 };
	action_put_help(&text);
	for (size_t i = 0; i < action_count; i++)
		CHECK(ot_str_find(ot_buf_str(&text), ot_str_from(actions[i].help)) >= 0);
	ot_buf_release(&text);
}

int main(void)
{
	RUN(every_key_of_the_table_is_known_and_used_once);
	RUN(every_action_has_a_row);
	RUN(keys_have_names_that_lead_back);
	RUN(the_help_tells_every_action);
	return test_end();
}
