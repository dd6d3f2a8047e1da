/*
 * Completion for shells, written from the option tables: `onetrail --completion bash|zsh|fish`.
 *
 * What there is to complete is gathered once (completion.c), from the verbs' tables and from the sibling programs, which print theirs;
 * each shell has a file that writes it down in that shell's language.
 */
#ifndef OT_QUERY_COMPLETION_H
#define OT_QUERY_COMPLETION_H

#include <base/arena.h>
#include <base/buf.h>
#include <base/err.h>

/* What an argument or the value of an option may be. */
enum completion_of {
	COMPLETE_FLAG,	  /* there is no value */
	COMPLETE_NOTHING, /* anything */
	COMPLETE_WORDS,
	COMPLETE_LIST,	  /* words with commas between */
	COMPLETE_FIELD,
	COMPLETE_FIELDS,
	COMPLETE_FILES,
	COMPLETE_FOLDERS,
	COMPLETE_ZONE,
	COMPLETE_FILTER,
};

struct completion_option {
	struct ot_str name, letter, value, help; /* letter: empty for none; value: what it is called */
	enum completion_of of;
	struct ot_str words; /* blanks between */
};

enum { COMPLETION_VERBS_MAX = 32, COMPLETION_OPTIONS_MAX = 48 };

struct completion_verb {
	struct ot_str name, help; /* name: "calls", "source test"; empty: before a verb is typed */
	enum completion_of arguments;
	struct completion_option options[COMPLETION_OPTIONS_MAX];
	size_t option_count;
};

struct completion {
	struct completion_verb verbs[COMPLETION_VERBS_MAX]; /* [0] is what stands before a verb */
	size_t verb_count;
	struct ot_str fields, terms, values; /* names and aliases; the same with a colon; "kind:gateway" of every enumeration. Blanks between */
	struct ot_arena arena;
};

/* A shell command that prints the names of zones, one a line. */
#define COMPLETION_ZONES "{ echo UTC; awk '!/^#/ { print $3 }' /usr/share/zoneinfo/zone.tab; } 2>/dev/null"

void completion_put_bash(struct ot_buf *out, const struct completion *all);
void completion_put_zsh(struct ot_buf *out, const struct completion *all);
void completion_put_fish(struct ot_buf *out, const struct completion *all);
/* `text` within single quotes, with a backslash before each of `escaped`. A single quote becomes `quote`. */
void completion_quote(struct ot_buf *out, struct ot_str text, const char *escaped, const char *quote);

/* Prints the script for `shell`; the exit code of the program. `program` is argv[0]. */
int completion_print(const char *program, const char *shell);

#endif
