/* JSON as text: escapes undone, values made compact and valid. */
#ifndef OT_COLLECTOR_JSON_TEXT_H
#define OT_COLLECTOR_JSON_TEXT_H

#include "member.h"

/* `text` without its escapes, itself where it has none. JSON: \uXXXX and the two-letter ones, \xHH as well; C: \xHH, \", \\, \n …; HASH: #HH (HAProxy).
 * Whatever is no escape stays as it is. */
struct ot_str ot_unescaped(struct ot_arena *arena, struct ot_str text, enum ot_escapes escapes);
/* A JSON string of any bytes. */
struct ot_str ot_json_quoted(struct ot_arena *arena, struct ot_str text);
/* A valid JSON value without white space between its parts; bytes that are not UTF-8 become \udcXX. */
struct ot_str ot_json_clean(struct ot_arena *arena, struct ot_str json);

#endif
