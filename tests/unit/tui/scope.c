/* The scope: a filter and a window, changed by values, taken back, told as a command line. */
#include "tests/test.h"
#include "tui/histogram.h"
#include "tui/scope.h"

static struct ot_buf text;

static struct ot_str command(const struct scope *scope)
{
	ot_buf_clear(&text);
	scope_put_command(scope, &text, "calls");
	return ot_buf_str(&text);
}

static void values_are_kept_and_dropped(void)
{
	struct scope scope;
	union ot_value client = { .text = OT_STR("agent 7") }, status = { .number = 404 }, latency = { .number = 250000000 };
	scope_init(&scope, OT_STR(""), OT_TIME_MIN, OT_TIME_MAX, 0, NULL);
	scope_value(&scope, OT_CLIENT, &client, true);
	CHECK_STR(ot_str_from(scope.now.filter), "client:'agent 7'");
	scope_value(&scope, OT_HTTP_RESPONSE_STATUS_CODE, &status, false);
	CHECK_STR(ot_str_from(scope.now.filter), "client:'agent 7' -status:404");
	scope_value(&scope, OT_DURATION, &latency, true);
	CHECK_STR(ot_str_from(scope.now.filter), "client:'agent 7' -status:404 latency>=250ms");
	scope_value(&scope, OT_USER, NULL, true);
	CHECK_STR(ot_str_from(scope.now.filter), "client:'agent 7' -status:404 latency>=250ms -user:*");
	scope_value(&scope, OT_TOOL, NULL, false);
	CHECK_STR(ot_str_from(scope.now.filter), "client:'agent 7' -status:404 latency>=250ms -user:* tool:*");
	CHECK_STR(command(&scope), "onetrail calls 'client:'\\''agent 7'\\''' -status:404 'latency>=250ms' '-user:*' 'tool:*'");
	scope_release(&scope);
}

static void an_or_keeps_its_meaning(void)
{
	struct scope scope;
	struct ot_err err = { 0 };
	union ot_value method = { .text = OT_STR("GET") };
	scope_init(&scope, OT_STR(""), OT_TIME_MIN, OT_TIME_MAX, 0, NULL);
	CHECK_INT(scope_filter(&scope, OT_STR("client:a or client:b"), &err), OT_OK);
	scope_value(&scope, OT_HTTP_REQUEST_METHOD, &method, true);
	CHECK_STR(ot_str_from(scope.now.filter), "(client:a or client:b) method:GET");
	scope_release(&scope);
}

static void hostile_values_come_back_as_themselves(void)
{
	static const char *const values[] = { "\x1b[31m", "it's", "\"both' \\", "a*b?", "(x", "-x", "", "日本" };
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		struct scope scope;
		struct ot_arena arena = { 0 };
		struct ot_question question;
		union ot_value value = { .text = ot_str_from(values[i]) };
		scope_init(&scope, OT_STR(""), OT_TIME_MIN, OT_TIME_MAX, 0, NULL);
		scope_value(&scope, OT_URL_PATH, &value, true);
		scope_question(&scope, &arena, &question);
		CHECK(question.where != NULL && question.where->match == OT_MATCH_EQ);
		if (question.where != NULL)
			CHECK_STR(question.where->text, values[i]);
		ot_arena_release(&arena);
		scope_release(&scope);
	}
}

static void what_is_no_filter_changes_nothing(void)
{
	struct scope scope;
	struct ot_err err = { 0 };
	scope_init(&scope, OT_STR(""), OT_TIME_MIN, OT_TIME_MAX, 0, NULL);
	CHECK_INT(scope_filter(&scope, OT_STR("status:5xx"), &err), OT_OK);
	CHECK_INT(scope_filter(&scope, OT_STR("(status"), &err), OT_SYNTAX);
	CHECK_STR(ot_str_from(scope.now.filter), "status:5xx");
	scope_release(&scope);
}

static void changes_are_taken_back_in_turn(void)
{
	struct scope scope;
	struct ot_err err = { 0 };
	scope_init(&scope, OT_STR(""), OT_TIME_MIN, OT_TIME_MAX, 0, NULL);
	for (int i = 0; i < SCOPE_HISTORY + 10; i++) {
		struct ot_buf line = { 0 };
		ot_buf_printf(&line, "status:%d", 200 + i);
		scope_filter(&scope, ot_buf_str(&line), &err);
		scope_filter(&scope, ot_buf_str(&line), &err); /* the same again is no change */
		ot_buf_release(&line);
	}
	CHECK_INT(scope.past_count, SCOPE_HISTORY);
	scope_window(&scope, 0, OT_NS_PER_S);
	CHECK_STR(command(&scope), "onetrail calls status:273 --since 1970-01-01T00:00:00Z --until 1970-01-01T00:00:01Z");
	CHECK(scope_undo(&scope));
	CHECK(scope_is_open(&scope));
	CHECK(scope_undo(&scope));
	CHECK_STR(ot_str_from(scope.now.filter), "status:272");
	while (scope_undo(&scope))
		;
	CHECK(!scope_undo(&scope));
	scope_release(&scope);
}

static void buckets_are_round_and_fit(void)
{
	const int64_t spans[] = { 1, OT_NS_PER_MS, 20 * OT_NS_PER_S, 7200 * OT_NS_PER_S, OT_NS_PER_DAY, 30 * OT_NS_PER_DAY, 3000 * OT_NS_PER_DAY, 40000 * OT_NS_PER_DAY };
	for (size_t i = 0; i < sizeof(spans) / sizeof(*spans); i++) {
		for (size_t columns = 2; columns < 200; columns += 33) {
			int64_t since = 1773453599 * OT_NS_PER_S, width = histogram_width(since, since + spans[i], columns);
			CHECK(width >= OT_NS_PER_MS);
			CHECK(spans[i] / width <= (int64_t)columns);
		}
	}
	CHECK_INT(histogram_width(0, 3600 * OT_NS_PER_S, 72), 60 * OT_NS_PER_S);
}

int main(void)
{
	RUN(values_are_kept_and_dropped);
	RUN(an_or_keeps_its_meaning);
	RUN(hostile_values_come_back_as_themselves);
	RUN(what_is_no_filter_changes_nothing);
	RUN(changes_are_taken_back_in_turn);
	RUN(buckets_are_round_and_fit);
	ot_buf_release(&text);
	return test_end();
}
