/* Regular expressions: PCRE2, compiled to machine code where that is possible, with limits on the work a value may
 * cause. */
#ifndef OT_QUERY_REGEX_H
#define OT_QUERY_REGEX_H

#include <base/err.h>
#include <base/str.h>

struct regex; /* immutable, shared by threads */
struct regex_scratch; /* one a thread */

enum regex_answer { REGEX_NO, REGEX_YES, REGEX_GAVE_UP };

enum ot_status regex_open(struct regex **out, struct ot_str pattern, size_t *at, struct ot_err *err);
void regex_close(struct regex *regex); /* NULL is fine */
struct regex_scratch *regex_scratch_new(void);
void regex_scratch_free(struct regex_scratch *scratch); /* NULL is fine */
enum regex_answer regex_match(const struct regex *regex, struct regex_scratch *scratch, struct ot_str text);

#endif
