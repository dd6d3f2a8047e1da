/*
 * One term against one value: what the row-by-row evaluator and the columnar one share.
 *
 * A regular expression is tried for a limited number of steps; a value on which it gives up does not match, and is counted.
 */
#ifndef OT_QUERY_MATCH_H
#define OT_QUERY_MATCH_H

#include <query/filter.h>

/* OT_SYNTAX with PCRE2's words, and the offset of the fault, where `pattern` is no regular expression; OT_LIMIT where it is too large. */
enum ot_status ot_regex_check(struct ot_str pattern, size_t *at, struct ot_err *err);

/* A term over text made ready to be asked of many values, by one thread. */
struct ot_matcher;
/* `term` is one that ot_filter_parse made, and lives as long as the matcher. */
struct ot_matcher *ot_matcher_new(const struct ot_expr *term);
/* The same for another thread: shares what is compiled, so `matcher` must outlive it. */
struct ot_matcher *ot_matcher_share(const struct ot_matcher *matcher);
void ot_matcher_free(struct ot_matcher *matcher); /* NULL is fine */
/* EQ, GLOB, REGEX, BELOW, NETWORK over a text that is there; EQ and GLOB over the raw bytes of a FIXED field. PRESENT always holds. */
bool ot_matcher_text(struct ot_matcher *matcher, struct ot_str text);
uint64_t ot_matcher_given_up(const struct ot_matcher *matcher);

/* EQ and RANGE of numbers, PRESENT. */
static inline bool ot_term_matches_number(const struct ot_expr *term, int64_t number)
{
	return term->match == OT_MATCH_PRESENT || (term->low <= number && number <= term->high);
}

/* Whether a record can match of which only the fields flagged in `known` are given: false only where it cannot. For asking which
 * sources a filter is about. */
bool ot_filter_may_match(const struct ot_expr *expr, const struct ot_record *record, const bool known[OT_FIELD_COUNT]);

#endif
