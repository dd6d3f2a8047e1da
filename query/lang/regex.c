#include "regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

enum {
	PATTERN_MAX = 4096,
	MATCH_STEPS_MAX = 100000, /* about a millisecond */
	HEAP_KB_MAX = 4096,
	STACK_MIN = 32 << 10,
	STACK_MAX = 512 << 10,
	MESSAGE_MAX = 256,
};

struct regex {
	pcre2_code *code;
	bool jit;
};

struct regex_scratch {
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
};

enum ot_status regex_open(struct regex **out, struct ot_str pattern, size_t *at, struct ot_err *err)
{
	uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
	PCRE2_UCHAR message[MESSAGE_MAX];
	PCRE2_SIZE offset = 0;
	struct regex *regex;
	pcre2_code *code;
	int number;

	*at = 0;
	if (pattern.len == 0)
		return ot_err_set(err, OT_SYNTAX, "it is empty");
	if (pattern.len > PATTERN_MAX)
		return ot_err_set(err, OT_LIMIT, "it is longer than %d bytes", PATTERN_MAX);
	code = pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len, options, &number, &offset, NULL);
	if (code == NULL) {
		*at = offset;
		pcre2_get_error_message(number, message, sizeof(message));
		return ot_err_set(err, OT_SYNTAX, "%s", (const char *)message);
	}
	regex = ot_alloc(sizeof(*regex));
	regex->code = code;
	regex->jit = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
	*out = regex;
	return OT_OK;
}

void regex_close(struct regex *regex)
{
	if (regex == NULL)
		return;
	pcre2_code_free(regex->code);
	free(regex);
}

struct regex_scratch *regex_scratch_new(void)
{
	struct regex_scratch *scratch = ot_alloc_zero(1, sizeof(*scratch));

	scratch->data = pcre2_match_data_create(1, NULL);
	scratch->context = pcre2_match_context_create(NULL);
	scratch->stack = pcre2_jit_stack_create(STACK_MIN, STACK_MAX, NULL);
	if (scratch->data == NULL || scratch->context == NULL)
		ot_die("out of memory for a regular expression");
	pcre2_set_match_limit(scratch->context, MATCH_STEPS_MAX);
	pcre2_set_heap_limit(scratch->context, HEAP_KB_MAX);
	if (scratch->stack != NULL)
		pcre2_jit_stack_assign(scratch->context, NULL, scratch->stack);
	return scratch;
}

void regex_scratch_free(struct regex_scratch *scratch)
{
	if (scratch == NULL)
		return;
	pcre2_match_data_free(scratch->data);
	pcre2_match_context_free(scratch->context);
	pcre2_jit_stack_free(scratch->stack);
	free(scratch);
}

enum regex_answer regex_match(const struct regex *regex, struct regex_scratch *scratch, struct ot_str text)
{
	PCRE2_SPTR subject = (PCRE2_SPTR)(text.ptr == NULL ? "" : text.ptr);
	int answer;

	if (regex->jit)
		answer = pcre2_jit_match(regex->code, subject, text.len, 0, 0, scratch->data, scratch->context);
	else
		answer = pcre2_match(regex->code, subject, text.len, 0, 0, scratch->data, scratch->context);
	if (answer >= 0)
		return REGEX_YES;
	return answer == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_GAVE_UP;
}
