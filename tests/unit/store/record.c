#include <base/time.h>
#include <store/record.h>
#include <tests/test.h>

static struct ot_buf out;

static struct ot_str json(const struct ot_record *record, const bool *only)
{
	ot_buf_clear(&out);
	ot_record_put_json(&out, record, only);
	return ot_buf_str(&out);
}

static struct ot_str human(enum ot_field field, int64_t number)
{
	union ot_value value = { .number = number };

	ot_buf_clear(&out);
	ot_value_put_human(&out, field, &value);
	return ot_buf_str(&out);
}

static void values_for_people_have_fitting_units(void)
{
	CHECK_STR(human(OT_HTTP_REQUEST_SIZE, 0), "0 B");
	CHECK_STR(human(OT_HTTP_REQUEST_SIZE, 999), "999 B");
	CHECK_STR(human(OT_HTTP_REQUEST_SIZE, 1000), "1.0 kB");
	CHECK_STR(human(OT_HTTP_REQUEST_SIZE, 1249), "1.2 kB");
	CHECK_STR(human(OT_HTTP_REQUEST_SIZE, 99949), "99.9 kB");
	CHECK_STR(human(OT_HTTP_REQUEST_SIZE, 99950), "100 kB");
	CHECK_STR(human(OT_HTTP_REQUEST_SIZE, 123456), "123 kB");
	CHECK_STR(human(OT_HTTP_REQUEST_SIZE, 999499), "999 kB");
	CHECK_STR(human(OT_HTTP_REQUEST_SIZE, 999500), "1.0 MB");
	CHECK_STR(human(OT_HTTP_REQUEST_SIZE, 999999), "1.0 MB");
	CHECK_STR(human(OT_HTTP_REQUEST_SIZE, INT64_MAX), "9.2 EB");
	CHECK_STR(human(OT_HTTP_REQUEST_SIZE, INT64_MIN), "-9.2 EB");
	CHECK_STR(human(OT_GEN_AI_COST, 12300), "$0.0123");
	CHECK_STR(human(OT_GEN_AI_COST, 1500000), "$1.50");
	CHECK_STR(human(OT_GEN_AI_COST, 1), "$0.000001");
	CHECK_STR(human(OT_GEN_AI_COST, 0), "$0.00");
	CHECK_STR(human(OT_GEN_AI_COST, -2000000), "-$2.00");
	CHECK_STR(human(OT_DURATION, 12300000), "12.3 ms");
	CHECK_STR(human(OT_TIMESTAMP, INT64_C(1773454200123456789)), "2026-03-14T02:10:00.123Z");
	CHECK_STR(human(OT_HTTP_RESPONSE_STATUS_CODE, 503), "503");
	CHECK_STR(human(OT_OUTCOME, OT_OUTCOME_DENIED), "denied");
	CHECK_STR(human(OT_OUTCOME, 99), "99");
}

static void a_record_is_one_json_object(void)
{
	struct ot_record r;
	bool only[OT_FIELD_COUNT] = { 0 };

	ot_record_clear(&r);
	CHECK_STR(json(&r, NULL), "{}");
	ot_record_set_int(&r, OT_TIMESTAMP, INT64_C(1773454200123456789));
	ot_record_set_int(&r, OT_DURATION, 12300000);
	ot_record_set_text(&r, OT_SOURCE_KEY, OT_STR("k7Gp2mQ9xa"));
	ot_record_set_int(&r, OT_SOURCE_OFFSET, 4096);
	ot_record_set_int(&r, OT_SOURCE_ITEM, 0);
	ot_record_set_text(&r, OT_CLIENT, OT_STR("a\"b\n"));
	ot_record_set_int(&r, OT_OUTCOME, OT_OUTCOME_SUCCESS);
	ot_record_set_text(&r, OT_SPAN_ID, (struct ot_str){ "\x00\x01\x02\xab\xcd\xef\x10\xff", 8 });
	ot_record_set_int(&r, OT_GEN_AI_STREAM, 1);
	ot_record_set_text(&r, OT_ATTRIBUTES, OT_STR("{\"a\":[1,2]}"));
	CHECK_STR(json(&r, NULL),
	    "{\"timestamp\":\"2026-03-14T02:10:00.123456789Z\",\"duration\":12300000,\"record_id\":\"k7Gp2mQ9xa-4096\","
	    "\"source_offset\":4096,\"source_key\":\"k7Gp2mQ9xa\",\"client\":\"a\\\"b\\n\",\"outcome\":\"success\","
	    "\"span_id\":\"000102abcdef10ff\",\"gen_ai_stream\":true,\"attributes\":{\"a\":[1,2]}}");
	only[OT_DURATION] = only[OT_RECORD_ID] = only[OT_USER] = true;
	ot_record_set_int(&r, OT_SOURCE_ITEM, 3);
	CHECK_STR(json(&r, only), "{\"duration\":12300000,\"record_id\":\"k7Gp2mQ9xa-4096.3\"}");
	ot_record_set_text(&r, OT_RECORD_ID, OT_STR("given"));
	CHECK_STR(json(&r, only), "{\"duration\":12300000,\"record_id\":\"given\"}");
	ot_record_set_int(&r, OT_OUTCOME, 77);
	memset(only, 0, sizeof(only));
	only[OT_OUTCOME] = true;
	CHECK_STR(json(&r, only), "{\"outcome\":77}");
}

static void an_id_comes_apart_as_it_was_made(void)
{
	static const struct {
		int64_t offset, item;
		const char *id;
	} ids[] = { { 0, 0, "abc-0" }, { 4096, 0, "abc-4096" }, { 4096, 7, "abc-4096.7" },
		{ INT64_MAX, INT64_MAX, "abc-9223372036854775807.9223372036854775807" } };
	static const char *const bad[] = { "", "abc", "abc-", "-5", "abc--5", "abc-05", "abc-5.", "abc-5.0", "abc-5.01",
		"abc-5.x", "abc-5x", "a_c-5", "abc-5.1.2", "abc-9223372036854775808", "abc-+5", "abc- 5" };
	struct ot_str key;
	int64_t offset, item;

	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		ot_buf_clear(&out);
		ot_record_id_put(&out, OT_STR("abc"), ids[i].offset, ids[i].item);
		CHECK_STR(ot_buf_str(&out), ids[i].id);
		CHECK(ot_record_id_parse(ot_str_from(ids[i].id), &key, &offset, &item));
		CHECK_STR(key, "abc");
		CHECK(offset == ids[i].offset && item == ids[i].item);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (ot_record_id_parse(ot_str_from(bad[i]), &key, &offset, &item)) {
			fprintf(stderr, "taken for an id: %s\n", bad[i]);
			CHECK(false);
		}
	}
	CHECK(!ot_record_id_parse(OT_STR_NONE, &key, &offset, &item));
}

int main(void)
{
	RUN(values_for_people_have_fitting_units);
	RUN(a_record_is_one_json_object);
	RUN(an_id_comes_apart_as_it_was_made);
	ot_buf_release(&out);
	return test_end();
}
