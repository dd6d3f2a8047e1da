/*
 * Command-line options from tables: the table parses, prints --help and writes the shell completions.
 * Options may stand before, between and after the arguments; "--" ends them; "--name=value" and "--name value" are the same.
 */
#ifndef OT_BASE_OPT_H
#define OT_BASE_OPT_H

#include <base/buf.h>
#include <base/err.h>

enum ot_opt_kind {
	OT_OPT_FLAG,	/* target: bool */
	OT_OPT_TEXT,	/* target: const char *, borrowed from argv */
	OT_OPT_LIST,	/* target: struct ot_opt_list, each occurrence is added */
	OT_OPT_INT,	/* target: int64_t, not negative; K, M, G suffixes, of thousands */
	OT_OPT_CHOICE,	/* target: int, index into `choices` */
};

enum { OT_OPT_LIST_MAX = 256 };
struct ot_opt_list {
	const char *items[OT_OPT_LIST_MAX];
	size_t count;
};

struct ot_opt {
	const char *name;	/* without dashes; NULL ends a table */
	char letter;		/* 0: none */
	enum ot_opt_kind kind;
	const char *value;	/* what its value is called in --help: "DIR"; NULL for flags */
	const char *help;	/* one line */
	const char *const *choices; /* NULL-ended, for OT_OPT_CHOICE */
	size_t offset;		/* of the target in the struct given to ot_opt_parse */
};

/* Several tables are searched in order (a verb's own, then the common ones), each with its own target struct. */
struct ot_opt_set {
	const struct ot_opt *options;
	void *target;
};

/* Leaves the arguments that are not options in argv[0..*argc). A wrong option is OT_SYNTAX and names the nearest one.
 * `stop_at_first` ends at the first argument (a verb comes next). */
enum ot_status ot_opt_parse(const struct ot_opt_set *sets, size_t set_count, int *argc, char **argv, bool stop_at_first, struct ot_err *err);
void ot_opt_help(const struct ot_opt *options, struct ot_buf *out);
/* For what writes shell completions: a line an option, with tabs between name, letter, what the value is called (none: a flag), choices
 * (blanks between them) and help. */
void ot_opt_completion(const struct ot_opt *options, struct ot_buf *out);

#endif
