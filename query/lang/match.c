/* A filter asked of one value, and of one record. */
#include <query/match.h>

#include "regex.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

struct ot_matcher {
	const struct ot_expr *term;
	struct regex *regex;
	struct regex_scratch *scratch;
	bool shared; /* the regex is another's */
	uint64_t given_up;
};

enum ot_status ot_regex_check(struct ot_str pattern, size_t *at, struct ot_err *err)
{
	struct regex *regex = NULL;
	enum ot_status status = regex_open(&regex, pattern, at, err);

	regex_close(regex);
	return status;
}

struct ot_matcher *ot_matcher_new(const struct ot_expr *term)
{
	struct ot_matcher *matcher = ot_alloc_zero(1, sizeof(*matcher));
	struct ot_err err;
	size_t at;

	matcher->term = term;
	if (term->match == OT_MATCH_REGEX) {
		if (regex_open(&matcher->regex, term->text, &at, &err) != OT_OK)
			ot_die("a regular expression that was parsed does not compile: %s", err.text);
		matcher->scratch = regex_scratch_new();
	}
	return matcher;
}

struct ot_matcher *ot_matcher_share(const struct ot_matcher *matcher)
{
	struct ot_matcher *other = ot_alloc_zero(1, sizeof(*other));

	other->term = matcher->term;
	other->regex = matcher->regex;
	other->shared = true;
	if (matcher->regex != NULL)
		other->scratch = regex_scratch_new();
	return other;
}

void ot_matcher_free(struct ot_matcher *matcher)
{
	if (matcher == NULL)
		return;
	if (!matcher->shared)
		regex_close(matcher->regex);
	regex_scratch_free(matcher->scratch);
	free(matcher);
}

uint64_t ot_matcher_given_up(const struct ot_matcher *matcher)
{
	return matcher->given_up;
}

static bool is_below(struct ot_str path, struct ot_str top)
{
	if (top.len == 1 && top.ptr[0] == '/')
		return path.len > 0 && path.ptr[0] == '/';
	return ot_str_starts(path, top) && (path.len == top.len || path.ptr[top.len] == '/');
}

static bool in_network(const struct ot_expr *term, struct ot_str text)
{
	uint8_t address[16] = {[10] = 0xff, [11] = 0xff};
	unsigned whole = term->network_bits / 8, rest = term->network_bits % 8;
	char terminated[64];

	if (text.len >= sizeof(terminated))
		return false;
	memcpy(terminated, text.ptr, text.len);
	terminated[text.len] = '\0';
	if (inet_pton(AF_INET, terminated, address + 12) != 1 && inet_pton(AF_INET6, terminated, address) != 1)
		return false;
	return memcmp(address, term->network, whole) == 0 &&
	       (rest == 0 || ((address[whole] ^ term->network[whole]) >> (8 - rest)) == 0);
}

static bool glob_matches(const struct ot_expr *term, struct ot_str text)
{
	static const char digits[] = "0123456789abcdef";
	char hex[64];

	if (ot_fields[term->field].form != OT_FORM_FIXED)
		return ot_str_glob(text, term->text);
	for (size_t i = 0; i < text.len && i < sizeof(hex) / 2; i++) {
		hex[2 * i] = digits[(unsigned char)text.ptr[i] >> 4];
		hex[2 * i + 1] = digits[text.ptr[i] & 15];
	}
	return ot_str_glob((struct ot_str){hex, text.len * 2}, term->text);
}

bool ot_matcher_text(struct ot_matcher *matcher, struct ot_str text)
{
	const struct ot_expr *term = matcher->term;
	enum regex_answer answer;

	switch (term->match) {
	case OT_MATCH_EQ:
		return text.len == term->text.len && memcmp(text.ptr, term->text.ptr, text.len) == 0;
	case OT_MATCH_GLOB:
		return glob_matches(term, text);
	case OT_MATCH_BELOW:
		return is_below(text, term->text);
	case OT_MATCH_NETWORK:
		return in_network(term, text);
	case OT_MATCH_REGEX:
		answer = regex_match(matcher->regex, matcher->scratch, text);
		matcher->given_up += answer == REGEX_GAVE_UP;
		return answer == REGEX_YES;
	case OT_MATCH_PRESENT:
		return true;
	case OT_MATCH_RANGE:
		break;
	}
	return false;
}

/* --- whole records --- */

/* The record's own id is made of three columns; a call's is a record's where nothing else is known. */
static bool id_matches(const struct ot_expr *term, const struct ot_record *record)
{
	struct ot_str key, own = ot_record_text(record, OT_SOURCE_KEY);
	int64_t offset, item;

	if (term->match == OT_MATCH_PRESENT)
		return true;
	if (term->field == OT_CALL_ID && ot_record_has(record, OT_CALL_ID))
		return ot_str_eq(ot_record_text(record, OT_CALL_ID), term->text);
	return ot_record_id_parse(term->text, &key, &offset, &item) && ot_str_eq(own, key) &&
	       ot_record_has(record, OT_SOURCE_OFFSET) && ot_record_int(record, OT_SOURCE_OFFSET, 0) == offset &&
	       ot_record_int(record, OT_SOURCE_ITEM, 0) == item;
}

static bool term_matches(const struct ot_expr *term, const struct ot_record *record)
{
	struct ot_matcher *matcher;
	bool matches;

	if (ot_fields[term->field].form == OT_FORM_NONE)
		return id_matches(term, record);
	if (!ot_record_has(record, term->field))
		return false;
	if (ot_fields[term->field].form == OT_FORM_INT)
		return ot_term_matches_number(term, record->values[term->field].number);
	matcher = ot_matcher_new(term);
	matches = ot_matcher_text(matcher, record->values[term->field].text);
	ot_matcher_free(matcher);
	return matches;
}

enum answer { NO, YES, PERHAPS };

static enum answer answer_not(enum answer answer)
{
	return answer == PERHAPS ? PERHAPS : answer == NO ? YES : NO;
}

/* Whether every field the term looks at is known. */
static bool is_known(const struct ot_expr *term, const bool *known)
{
	if (known == NULL)
		return true;
	if (ot_fields[term->field].form == OT_FORM_NONE)
		return known[OT_SOURCE_KEY] && known[OT_SOURCE_OFFSET] && known[OT_SOURCE_ITEM] && known[OT_CALL_ID];
	return known[term->field];
}

/* AND ends at the first NO, OR at the first YES; PERHAPS stays unless it is ended. */
static enum answer evaluate(const struct ot_expr *expr, const struct ot_record *record, const bool *known)
{
	enum answer end = expr->kind == OT_EXPR_AND ? NO : YES, answer = answer_not(end);

	switch (expr->kind) {
	case OT_EXPR_TRUE:
		return YES;
	case OT_EXPR_TERM:
		if (!is_known(expr, known))
			return PERHAPS;
		return term_matches(expr, record) ? YES : NO;
	case OT_EXPR_NOT:
		return answer_not(evaluate(expr->children[0], record, known));
	case OT_EXPR_AND:
	case OT_EXPR_OR:
		break;
	}
	for (size_t i = 0; i < expr->child_count; i++) {
		enum answer child = evaluate(expr->children[i], record, known);

		if (child == end)
			return end;
		if (child == PERHAPS)
			answer = PERHAPS;
	}
	return answer;
}

bool ot_filter_matches(const struct ot_expr *expr, const struct ot_record *record)
{
	return expr == NULL || evaluate(expr, record, NULL) == YES;
}

bool ot_filter_may_match(const struct ot_expr *expr, const struct ot_record *record, const bool known[OT_FIELD_COUNT])
{
	return expr == NULL || evaluate(expr, record, known) != NO;
}
