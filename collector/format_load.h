/* Descriptions being compiled. Private to format_load.c, format_rules.c and format_set.c. */
#ifndef OT_COLLECTOR_FORMAT_LOAD_H
#define OT_COLLECTOR_FORMAT_LOAD_H

#include "format_parts.h"
#include <jansson.h>

enum { OT_LOAD_DEPTH = 12 };
struct ot_load {
	struct ot_format_set *set;
	struct ot_format *format;
	const char *file;
	const char *text;		  /* of the file, to name a line */
	const char *path[OT_LOAD_DEPTH]; /* members around what is being read */
	unsigned depth;
	struct ot_err *err;
};

/* Fails with file, line and member in front. */
bool ot_load_fail(struct ot_load *load, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ot_load_enter(struct ot_load *load, const char *member);
void ot_load_leave(struct ot_load *load);
/* Names of `object` that are not in the NULL-ended list are mistakes. */
bool ot_load_known(struct ot_load *load, const json_t *object, const char *const *names);

struct ot_str ot_load_text(struct ot_load *load, const json_t *text);
pcre2_code *ot_load_pattern(struct ot_load *load, const json_t *text);
int ot_load_slot(struct ot_load *load, struct ot_tree *tree, const char *path);

bool ot_load_tests(struct ot_load *load, struct ot_tree *tree, const json_t *from, struct ot_test **tests, unsigned *count);
bool ot_load_rules(struct ot_load *load, const json_t *fields, const json_t *absent);
bool ot_load_steps(struct ot_load *load, const json_t *from);
bool ot_load_groups(struct ot_load *load, const struct ot_node *into, struct ot_str prefix, pcre2_code *code, struct ot_pattern *out);
bool ot_load_patterns(struct ot_load *load, const json_t *from, struct ot_pattern **patterns, unsigned *count);
/* A whole description, merged with what it extends. */
struct ot_format *ot_load_format(struct ot_load *load, const json_t *root);

#endif
