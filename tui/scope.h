/* The scope: what all views are about, a filter and a window of time, with the way back. The filter is kept as the line a person types. */
#ifndef OT_TUI_SCOPE_H
#define OT_TUI_SCOPE_H

#include <query/engine.h>

enum { SCOPE_HISTORY = 64 };

struct scope_state {
	char *filter; /* one that parses */
	int64_t since, until;
};

struct scope {
	struct scope_state now;
	struct scope_state past[SCOPE_HISTORY]; /* past[0] is the oldest kept */
	size_t past_count;
	const struct ot_zone *zone;
	int64_t now_ns; /* relative times in the filter count from here: the program's start */
	const char *store_option, *tz_option; /* as given, for command lines; NULL where they were not */
};

/* `filter` is one that parses: as ot_filter_put wrote it. */
void scope_init(struct scope *scope, struct ot_str filter, int64_t since, int64_t until, int64_t now_ns, const struct ot_zone *zone);
void scope_release(struct scope *scope);
/* The question of this scope, its tree in the arena. */
void scope_question(const struct scope *scope, struct ot_arena *arena, struct ot_question *out);
bool scope_is_open(const struct scope *scope); /* no end of the window is set: records without a time belong to it */

/* Changes remember what was before, unless nothing changes. OT_SYNTAX with a mark under the spot where the line is no filter. */
enum ot_status scope_filter(struct scope *scope, struct ot_str line, struct ot_err *err);
void scope_window(struct scope *scope, int64_t since, int64_t until);
/* Keeps or drops one value of a field; of durations and sizes, all from the value up. NULL: calls without one. */
void scope_value(struct scope *scope, enum ot_field field, const union ot_value *value, bool keep);
bool scope_undo(struct scope *scope); /* false where there is nothing to take back */

/* Appends "onetrail VERB FILTER --since …", quoted for a shell. */
void scope_put_command(const struct scope *scope, struct ot_buf *out, const char *verb);
/* One word, quoted where a shell would take it apart. */
void scope_put_word(struct ot_buf *out, struct ot_str word);
/* "--since …" and what else the command needs, alone. */
void scope_put_options(const struct scope *scope, struct ot_buf *out, bool window);

#endif
