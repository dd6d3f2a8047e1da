/* The filter language: cases of tests/query/lang.test, arguments of a command line, limits, what is written parses to
 * the same. */
#include <query/filter.h>
#include <query/match.h>
#include <tests/test.h>

#include <base/file.h>
#include <stdlib.h>

static struct ot_filter_context context_at_noon(void)
{
	struct ot_filter_context context = {0};
	bool zoned;

	ot_time_parse(OT_STR("2026-03-14T12:00:00Z"), &context.now_ns, &zoned);
	return context;
}

static bool same(const struct ot_expr *a, const struct ot_expr *b)
{
	if (a->kind != b->kind || a->child_count != b->child_count)
		return false;
	if (a->kind == OT_EXPR_TERM)
		return a->field == b->field && a->match == b->match && a->low == b->low && a->high == b->high &&
		       a->text.len == b->text.len && (a->text.len == 0 || ot_str_eq(a->text, b->text)) &&
		       a->network_bits == b->network_bits && memcmp(a->network, b->network, sizeof(a->network)) == 0;
	for (size_t i = 0; i < a->child_count; i++) {
		if (!same(a->children[i], b->children[i]))
			return false;
	}
	return true;
}

struct test_case {
	struct ot_str filter, line, mark;
	unsigned number;
};

static void complain(const struct test_case *test, const char *got)
{
	fprintf(stderr, "tests/query/lang.test:%u: %.*s\n  gives %s\n", test->number, OT_STR_ARGS(test->filter), got);
	test_failures_of_case++;
}

static void check_tree(const struct test_case *test, const struct ot_expr *expr, struct ot_arena *arena)
{
	struct ot_filter_context context = context_at_noon();
	struct ot_expr *again = NULL;
	struct ot_buf out = {0};
	struct ot_err err = {0};

	ot_filter_put(&out, expr);
	if (!ot_str_eq(ot_buf_str(&out), test->line))
		complain(test, ot_arena_cstr(arena, ot_buf_str(&out)));
	if (ot_filter_parse(&again, ot_buf_str(&out), &context, arena, &err) != OT_OK || !same(expr, again))
		complain(test, "another tree when parsed again");
	ot_buf_release(&out);
}

/* The message's three lines: the words, the filter two blanks in, the mark two blanks in. */
static void check_error(const struct test_case *test, const struct ot_err *err, struct ot_arena *arena)
{
	struct ot_str expected = ot_arena_printf(arena, "%.*s\n  %.*s\n  %.*s",
	    OT_STR_ARGS(ot_str_sub(test->line, 2, test->line.len)), OT_STR_ARGS(test->filter), OT_STR_ARGS(test->mark));

	if (!ot_str_eq(ot_str_from(err->text), expected))
		complain(test, err->text);
}

static void run_case(const struct test_case *test)
{
	struct ot_filter_context context = context_at_noon();
	struct ot_arena arena = {0};
	struct ot_expr *expr = NULL;
	struct ot_err err = {0};
	bool fails = ot_str_starts(test->line, OT_STR("! "));
	enum ot_status status = ot_filter_parse(&expr, test->filter, &context, &arena, &err);

	if (fails != (status != OT_OK))
		complain(test, status == OT_OK ? "no error" : err.text);
	else if (fails)
		check_error(test, &err, &arena);
	else
		check_tree(test, expr, &arena);
	ot_arena_release(&arena);
}

static struct ot_str next_line(struct ot_str *rest, unsigned *number)
{
	++*number;
	return ot_str_cut(*rest, '\n', rest);
}

static void every_case_of_the_file_holds(void)
{
	struct ot_buf file = {0};
	struct ot_str rest;
	struct ot_err err;
	unsigned number = 0, cases = 0;

	CHECK_INT(ot_file_read("tests/query/lang.test", 1 << 20, &file, &err), OT_OK);
	rest = ot_buf_str(&file);
	while (rest.ptr != NULL && rest.len > 0) {
		struct test_case test = {.filter = next_line(&rest, &number)};

		if (test.filter.len == 0 || test.filter.ptr[0] == '#')
			continue;
		test.number = number;
		test.line = next_line(&rest, &number);
		if (ot_str_starts(test.line, OT_STR("! ")))
			test.mark = next_line(&rest, &number);
		run_case(&test);
		cases++;
	}
	CHECK(cases > 100);
	ot_buf_release(&file);
}

/* Filters of docs/QUERY.md stand in blocks that say so, each before a comment. */
static void every_example_of_the_manual_parses(void)
{
	struct ot_filter_context context = context_at_noon();
	struct ot_arena arena = {0};
	struct ot_buf file = {0};
	struct ot_str rest;
	struct ot_err err;
	unsigned number = 0, examples = 0;
	bool inside = false;

	CHECK_INT(ot_file_read("docs/QUERY.md", 1 << 20, &file, &err), OT_OK);
	rest = ot_buf_str(&file);
	while (rest.ptr != NULL && rest.len > 0) {
		struct ot_str line = next_line(&rest, &number);
		ptrdiff_t comment = ot_str_find(line, OT_STR("  #"));
		struct ot_expr *expr;

		if (ot_str_starts(line, OT_STR("```"))) {
			inside = ot_str_eq(line, OT_STR("```filter"));
			continue;
		}
		if (!inside)
			continue;
		examples++;
		line = comment < 0 ? line : ot_str_sub(line, 0, (size_t)comment);
		if (ot_filter_parse(&expr, line, &context, &arena, &err) != OT_OK) {
			fprintf(stderr, "docs/QUERY.md:%u: %s\n", number, err.text);
			test_failures_of_case++;
		}
	}
	CHECK(examples > 30);
	ot_buf_release(&file);
	ot_arena_release(&arena);
}

/* What the arguments are written as, or the first line of the message. */
static void check_args(char **args, size_t count, const char *expected)
{
	struct ot_filter_context context = context_at_noon();
	struct ot_arena arena = {0};
	struct ot_expr *expr = NULL;
	struct ot_err err = {0};
	struct ot_buf out = {0};
	struct ot_str rest;

	if (ot_filter_parse_args(&expr, args, count, &context, &arena, &err) == OT_OK)
		ot_filter_put(&out, expr);
	else
		ot_buf_str_put(&out, ot_str_cut(ot_str_from(err.text), '\n', &rest));
	CHECK_STR(ot_buf_str(&out), expected);
	ot_buf_release(&out);
	ot_arena_release(&arena);
}
#define CHECK_ARGS(expected, ...)                                                                                      \
	check_args((char *[]){__VA_ARGS__}, sizeof((char *[]){__VA_ARGS__}) / sizeof(char *), expected)

static void an_argument_keeps_the_blanks_of_its_value(void)
{
	CHECK_ARGS("client:'acme mobile'", "client:acme mobile");
	CHECK_ARGS("client:'acme mobile' status:5xx", "client:acme mobile", "status:5xx");
	CHECK_ARGS("path~'^/a b$'", "path~^/a b$");
	CHECK_ARGS("-client:'acme mobile'", "-client:acme mobile");
	CHECK_ARGS("client:'acme mobile'", "client:\"acme mobile\"");
}

static void an_argument_of_terms_is_a_line(void)
{
	CHECK_ARGS("status:5xx client:a", "status:5xx client:a");
	CHECK_ARGS("(status:5xx or client:a)", "status:5xx or client:a");
	CHECK_ARGS("(status:5xx or client:a)", "(status:5xx or client:a)");
	CHECK_ARGS("-(status:5xx or client:a)", "-(status:5xx or client:a)");
	CHECK_ARGS("(status:5xx or client:a)", "(status:5xx", "or", "client:a)");
	CHECK_ARGS("(status:5xx or client:a) /api", "(", "status:5xx", "or", "client:a", ")", "/api");
	CHECK_ARGS("-status:5xx", "not", "status:5xx");
	CHECK_ARGS("", "");
	CHECK_ARGS("there is no field \"stauts\"; did you mean \"status\"?", "client:a b", "stauts:5xx");
}

static void no_arguments_are_everything(void)
{
	struct ot_filter_context context = context_at_noon();
	struct ot_arena arena = {0};
	struct ot_expr *expr = NULL;
	struct ot_err err;

	CHECK_INT(ot_filter_parse_args(&expr, NULL, 0, &context, &arena, &err), OT_OK);
	CHECK(expr != NULL && expr->kind == OT_EXPR_TRUE);
	ot_arena_release(&arena);
}

static enum ot_status parse_repeated(const char *part, size_t times, const char *end, struct ot_err *err)
{
	struct ot_filter_context context = context_at_noon();
	struct ot_arena arena = {0};
	struct ot_buf line = {0};
	struct ot_expr *expr = NULL;
	enum ot_status status;

	for (size_t i = 0; i < times; i++)
		ot_buf_text(&line, part);
	ot_buf_text(&line, end);
	status = ot_filter_parse(&expr, ot_buf_str(&line), &context, &arena, err);
	ot_buf_release(&line);
	ot_arena_release(&arena);
	return status;
}

static void limits_are_messages(void)
{
	struct ot_err err;

	CHECK_INT(parse_repeated("status:1 ", 1000, "", &err), OT_OK);
	CHECK_INT(parse_repeated("/a ", 20000, "", &err), OT_SYNTAX);
	CHECK_INT(parse_repeated("status:5xx ", 20000, "", &err), OT_SYNTAX);
	CHECK_INT(parse_repeated("-", 90, "status:5xx", &err), OT_OK);
	CHECK_INT(parse_repeated("(", 200, "status:5xx", &err), OT_SYNTAX);
	CHECK_INT(parse_repeated("-", 200, "status:5xx", &err), OT_SYNTAX);
	CHECK_INT(parse_repeated("client:", 1, "\xff\x1b[31m\"", &err), OT_SYNTAX);
	CHECK(strchr(err.text, '\x1b') == NULL);
}

static void the_mark_stays_on_a_terminal(void)
{
	struct ot_err err;

	CHECK_INT(parse_repeated(
		      "client:aaaaaaaa ", 100, "stauts:1 client:zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", &err),
	    OT_SYNTAX);
	CHECK(strlen(err.text) < 400);
	CHECK(strstr(err.text, "...") != NULL);
}

static bool term_holds(const char *filter, const struct ot_record *record)
{
	struct ot_filter_context context = context_at_noon();
	struct ot_arena arena = {0};
	struct ot_expr *expr = NULL;
	struct ot_err err;
	bool holds;

	CHECK_INT(ot_filter_parse(&expr, ot_str_from(filter), &context, &arena, &err), OT_OK);
	holds = expr != NULL && ot_filter_matches(expr, record);
	ot_arena_release(&arena);
	return holds;
}

static void terms_hold_of_a_record(void)
{
	static const char trace[16] = "\x4b\xf9\x2f\x35\x77\xb3\x4d\xa6\xa3\xce\x92\x9d\x0e\x0e\x47\x36";
	struct ot_record record = {0};

	ot_record_set_text(&record, OT_URL_PATH, OT_STR("/api/payments/17"));
	ot_record_set_text(&record, OT_CLIENT, OT_STR("agent-42"));
	ot_record_set_text(&record, OT_CLIENT_ADDRESS, OT_STR("10.1.2.3"));
	ot_record_set_text(&record, OT_TRACE_ID, (struct ot_str){trace, 16});
	ot_record_set_text(&record, OT_SOURCE_KEY, OT_STR("k7f2m9qx4a"));
	ot_record_set_int(&record, OT_SOURCE_OFFSET, 1048576);
	ot_record_set_int(&record, OT_HTTP_RESPONSE_STATUS_CODE, 503);
	CHECK(term_holds("/api/payments", &record));
	CHECK(term_holds("/", &record));
	CHECK(!term_holds("/api/pay", &record));
	CHECK(!term_holds("/api/payments/17/x", &record));
	CHECK(!term_holds("path:/api/payments", &record));
	CHECK(term_holds("path:/api/payments/*", &record));
	CHECK(term_holds("path~payments.\\d+$", &record));
	CHECK(term_holds("client:agent-4?", &record));
	CHECK(!term_holds("client:\"agent-4?\"", &record));
	CHECK(term_holds("ip:10.0.0.0/8 -ip:10.1.2.0/25,11.0.0.0/8 or /x", &record) == false);
	CHECK(term_holds("ip:10.0.0.0/15 ip:::/0", &record));
	CHECK(!term_holds("ip:10.2.0.0/16", &record));
	CHECK(term_holds("trace:4bf92f35-*", &record));
	CHECK(term_holds("trace:4BF92F3577B34DA6A3CE929D0E0E4736", &record));
	CHECK(term_holds("id:k7f2m9qx4a-1048576 call:k7f2m9qx4a-1048576", &record));
	CHECK(!term_holds("id:k7f2m9qx4a-1048576.1", &record));
	CHECK(term_holds("-user:* user!=x -user:x", &record));
	CHECK(term_holds("(status:2xx or status>500)", &record));
	ot_record_set_text(&record, OT_CALL_ID, OT_STR("zzzzzzzzzz-1"));
	CHECK(!term_holds("call:k7f2m9qx4a-1048576", &record));
	CHECK(term_holds("call:zzzzzzzzzz-1", &record));
}

static void what_is_not_known_may_match(void)
{
	struct ot_filter_context context = context_at_noon();
	bool known[OT_FIELD_COUNT] = {[OT_ORIGIN] = true};
	struct ot_arena arena = {0};
	struct ot_record record = {0};
	struct ot_expr *expr = NULL;
	struct ot_err err;

	ot_record_set_text(&record, OT_ORIGIN, OT_STR("kong"));
	CHECK_INT(ot_filter_parse(&expr, OT_STR("origin=kong -status:5xx"), &context, &arena, &err), OT_OK);
	CHECK(ot_filter_may_match(expr, &record, known));
	CHECK_INT(
	    ot_filter_parse(&expr, OT_STR("(-origin=kong or origin=b) status:5xx"), &context, &arena, &err), OT_OK);
	CHECK(!ot_filter_may_match(expr, &record, known));
	ot_arena_release(&arena);
}

static void a_hostile_expression_gives_up(void)
{
	struct ot_filter_context context = context_at_noon();
	struct ot_arena arena = {0};
	struct ot_expr *expr = NULL;
	struct ot_matcher *matcher;
	struct ot_err err;
	char text[64];

	memset(text, 'a', sizeof(text));
	CHECK_INT(ot_filter_parse(&expr, OT_STR("path~'^(a+)+$b|(a|aa)+c'"), &context, &arena, &err), OT_OK);
	matcher = ot_matcher_new(expr);
	CHECK(!ot_matcher_text(matcher, (struct ot_str){text, sizeof(text)}));
	CHECK_INT(ot_matcher_given_up(matcher), 1);
	ot_matcher_free(matcher);
	ot_arena_release(&arena);
}

int main(void)
{
	RUN(every_case_of_the_file_holds);
	RUN(every_example_of_the_manual_parses);
	RUN(an_argument_keeps_the_blanks_of_its_value);
	RUN(an_argument_of_terms_is_a_line);
	RUN(no_arguments_are_everything);
	RUN(limits_are_messages);
	RUN(the_mark_stays_on_a_terminal);
	RUN(terms_hold_of_a_record);
	RUN(what_is_not_known_may_match);
	RUN(a_hostile_expression_gives_up);
	return test_end();
}
