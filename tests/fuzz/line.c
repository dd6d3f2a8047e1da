/* A line of a log, of any bytes: read by the formats, normalized, redacted, put in a batch; whatever comes out is valid JSON. */
#include <collector/format.h>
#include <collector/normalize.h>
#include <collector/redact.h>
#include <jansson.h>
#include <stdlib.h>
#include <store/batch.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ot_format_set *formats;
static struct ot_line_reader *reader;
static struct ot_normalizer *normalizer;
static struct ot_redactor *redactor;
static struct ot_batch batch;

static void set_up(void)
{
	struct ot_err err;
	if (ot_format_set_open(&formats, NULL, 0, &err) != OT_OK)
		ot_die("%s", err.text);
	reader = ot_line_reader_new(formats, true);
	normalizer = ot_normalizer_new(OT_STR("0123456789abcdef0123456789abcdef"));
	redactor = ot_redactor_new(OT_STR("0123456789abcdef0123456789abcdef"));
}

static void take(void *context, struct ot_draft *draft, const struct ot_format *format, unsigned item)
{
	const struct ot_source_context source = { .origin = OT_STR("fuzz"), .source = OT_STR("fuzz"), .source_key = OT_STR("0123456789"), .keep_attributes = true };
	struct ot_buf json = { 0 };
	json_error_t fault;
	(void)context;
	ot_normalize(normalizer, &source, draft, ot_str_from(ot_format_name(format)), 0, item);
	ot_record_put_json(&json, &draft->record, NULL);
	json_t *value = json_loadb(json.data, json.len, JSON_ALLOW_NUL, &fault);
	/* Bytes that are no UTF-8 leave as lone surrogates, which jansson refuses and other readers take. */
	if (value == NULL && ot_str_find(ot_buf_str(&json), OT_STR("\\udc")) < 0)
		ot_die("not JSON: %s: %.*s", fault.text, OT_STR_ARGS(ot_buf_str(&json)));
	json_decref(value);
	ot_batch_append(&batch, &draft->record);
	if (batch.rows > 1000)
		ot_batch_clear(&batch);
	ot_buf_release(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ot_reading reading = { 0 };
	struct ot_str reason = OT_STR_NONE, rest = { (const char *)data, size };
	if (formats == NULL)
		set_up();
	/* Several lines, so that what one line leaves behind is met by the next. */
	while (rest.ptr != NULL && rest.len > 0) {
		struct ot_str line = ot_str_cut(rest, '\n', &rest);
		if (ot_line_read(reader, &reading, line, take, NULL, &reason) == OT_LINE_UNREAD && reason.ptr == NULL)
			ot_die("a line is not read and no reason is given");
		(void)ot_redact_text(redactor, line);
		ot_redactor_reset(redactor);
	}
	return 0;
}
