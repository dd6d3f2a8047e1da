/* What there is to complete, from every table. See completion.h. */
#include "completion.h"
#include "report/report.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIBLING_BYTES_MAX = 64 << 10 };

/* What a value may be, by what the table calls it. */
static const struct {
	const char *value;
	enum completion_of of;
	const char *words;
} kinds_of_value[] = {
	{ "FILE", COMPLETE_FILES, "" },
	{ "DIR", COMPLETE_FOLDERS, "" },
	{ "FIELD", COMPLETE_FIELD, "" },
	{ "FIELD,...", COMPLETE_FIELDS, "" },
	{ "A,B,C", COMPLETE_FIELDS, "" },
	{ "A,B", COMPLETE_LIST, "origin source hour day" },
	{ "M,...", COMPLETE_LIST, "count share rate errors first last sum: min: max: avg: p50: p95: p99: distinct:" },
	{ "P", COMPLETE_WORDS, "today yesterday this-week last-week this-month last-month" },
	{ "F", COMPLETE_WORDS, "jsonl csv" },
	{ "KIND", COMPLETE_WORDS, "gateway ai-gateway mcp-gateway proxy service wire" },
	{ "ZONE", COMPLETE_ZONE, "" },
};

/* Verbs, or the second words of one, whose tables a sibling program has. */
static const struct {
	const char *name, *program;
	enum completion_of arguments;
	const char *help;
} siblings[] = {
	{ "collect", "onetrail-collect", COMPLETE_FILES, NULL },
	{ "source test", "onetrail-collect", COMPLETE_FILES, "how a file would be read, without storing anything" },
	{ "tui", "onetrail-tui", COMPLETE_FILTER, NULL },
};

/* --- options --- */

static void find_kind(struct completion_option *option)
{
	option->of = option->value.len == 0 ? COMPLETE_FLAG : option->words.len > 0 ? COMPLETE_WORDS : COMPLETE_NOTHING;
	for (size_t i = 0; i < sizeof(kinds_of_value) / sizeof(*kinds_of_value) && option->of == COMPLETE_NOTHING; i++) {
		if (!ot_str_eq(option->value, ot_str_from(kinds_of_value[i].value)))
			continue;
		option->of = kinds_of_value[i].of;
		option->words = ot_str_from(kinds_of_value[i].words);
	}
}

/* Lines as ot_opt_completion writes them. */
static void add_lines(struct completion *all, struct completion_verb *verb, struct ot_str lines)
{
	lines = ot_arena_str(&all->arena, lines);
	while (lines.len > 0 && verb->option_count < COMPLETION_OPTIONS_MAX) {
		struct completion_option *option = &verb->options[verb->option_count++];
		struct ot_str rest = ot_str_cut(lines, '\n', &lines);
		option->name = ot_str_cut(rest, '\t', &rest);
		option->letter = ot_str_cut(rest, '\t', &rest);
		option->value = ot_str_cut(rest, '\t', &rest);
		option->words = ot_str_cut(rest, '\t', &rest);
		option->help = rest;
		find_kind(option);
	}
}

static void add_table(struct completion *all, struct completion_verb *verb, const struct ot_opt *table)
{
	struct ot_buf lines = { 0 };
	ot_opt_completion(table, &lines);
	add_lines(all, verb, ot_buf_str(&lines));
	ot_buf_release(&lines);
}

/* --- siblings --- */

static enum ot_status read_all(int fd, struct ot_buf *out)
{
	ssize_t got;
	do {
		char *room = ot_buf_reserve(out, 4096);
		if (room == NULL)
			return OT_LIMIT;
		got = read(fd, room, 4096);
		if (got > 0)
			out->len += (size_t)got;
	} while (got > 0 || (got < 0 && errno == EINTR));
	return got == 0 ? OT_OK : OT_IO;
}

/* What `sibling --completion-options NAME` prints. */
static enum ot_status ask_sibling(const char *program, const char *sibling, const char *name, struct ot_buf *out, struct ot_err *err)
{
	char *argv[] = { (char *)(uintptr_t)sibling, (char *)(uintptr_t) "--completion-options", (char *)(uintptr_t)name, NULL };
	int ends[2], code = 0;
	if (pipe(ends) != 0)
		return ot_err_set(err, OT_IO, "pipe: %s", strerror(errno));
	pid_t child = fork();
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		_exit(ot_run_sibling(program, sibling, argv));
	}
	close(ends[1]);
	enum ot_status status = child < 0 ? OT_IO : read_all(ends[0], out);
	close(ends[0]);
	if (child < 0 || waitpid(child, &code, 0) < 0 || code != 0 || status != OT_OK)
		return ot_err_set(err, OT_IO, "%s does not tell its options", sibling);
	return OT_OK;
}

static enum ot_status add_sibling(struct completion *all, const char *program, size_t number, const char *help, struct ot_err *err)
{
	struct completion_verb *verb = &all->verbs[all->verb_count++];
	struct ot_buf lines = { .max = SIBLING_BYTES_MAX };
	verb->name = ot_str_from(siblings[number].name);
	verb->help = ot_str_from(siblings[number].help != NULL ? siblings[number].help : help);
	verb->arguments = siblings[number].arguments;
	enum ot_status status = ask_sibling(program, siblings[number].program, siblings[number].name, &lines, err);
	if (status == OT_OK)
		add_lines(all, verb, ot_buf_str(&lines));
	ot_buf_release(&lines);
	return status;
}

/* --- verbs --- */

static void add_own(struct completion *all, const struct ot_verb *from)
{
	struct completion_verb *verb = &all->verbs[all->verb_count++];
	bool is_source = strcmp(from->name, "source") == 0; /* `source list` is ours, `source test` the collector's */
	verb->name = ot_str_from(is_source ? "source list" : from->name);
	verb->help = ot_str_from(is_source ? "every source: format, position, lag, records, quarantined" : from->help);
	verb->arguments = strstr(from->arguments, "FILTER") != NULL ? COMPLETE_FILTER : COMPLETE_NOTHING;
	add_table(all, verb, from->options);
	add_table(all, verb, ot_common_options);
}

static bool is_of_verb(const char *name, const char *verb)
{
	size_t len = strlen(verb);
	return strncmp(name, verb, len) == 0 && (name[len] == '\0' || name[len] == ' ');
}

static enum ot_status add_verb(struct completion *all, const char *program, const struct ot_verb *from, struct ot_err *err)
{
	enum ot_status status = OT_OK;
	if (from->options != NULL)
		add_own(all, from);
	for (size_t i = 0; i < sizeof(siblings) / sizeof(*siblings) && status == OT_OK; i++)
		if (is_of_verb(siblings[i].name, from->name))
			status = add_sibling(all, program, i, from->help, err);
	return status;
}

/* --- fields --- */

static void put_word(struct ot_buf *out, const char *word, const char *colon, const char *value)
{
	if (word[0] != '\0')
		ot_buf_printf(out, "%s%s%s%s", out->len > 0 ? " " : "", word, colon, value);
}

static void add_fields(struct completion *all)
{
	struct ot_buf fields = { 0 }, terms = { 0 }, values = { 0 };
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		const char *names[] = { ot_fields[f].name, ot_fields[f].alias };
		for (size_t i = 0; i < 2; i++) {
			put_word(&fields, names[i], "", "");
			put_word(&terms, names[i], ":", "");
			for (int v = 0; ot_fields[f].type == OT_TYPE_ENUM && v < ot_enum_count((enum ot_field)f); v++)
				put_word(&values, names[i], ":", ot_enum_name((enum ot_field)f, v));
		}
	}
	all->fields = ot_arena_str(&all->arena, ot_buf_str(&fields));
	all->terms = ot_arena_str(&all->arena, ot_buf_str(&terms));
	all->values = ot_arena_str(&all->arena, ot_buf_str(&values));
	ot_buf_release(&fields);
	ot_buf_release(&terms);
	ot_buf_release(&values);
}

/* --- the whole --- */

void completion_quote(struct ot_buf *out, struct ot_str text, const char *escaped, const char *quote)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\'') {
			ot_buf_text(out, quote);
			continue;
		}
		if (strchr(escaped, text.ptr[i]) != NULL)
			ot_buf_char(out, '\\');
		ot_buf_char(out, text.ptr[i]);
	}
}

static enum ot_status gather(struct completion *all, const char *program, struct ot_err *err)
{
	enum ot_status status = OT_OK;
	all->verb_count = 1;
	add_table(all, &all->verbs[0], ot_common_options);
	add_lines(all, &all->verbs[0], OT_STR("version\t\t\t\tthe version\ncompletion\t\tSHELL\tbash zsh fish\tcompletion for a shell, on standard output\n"));
	for (size_t i = 0; ot_verbs[i] != NULL && status == OT_OK; i++)
		status = all->verb_count + 2 > COMPLETION_VERBS_MAX ? ot_err_set(err, OT_LIMIT, "too many verbs") : add_verb(all, program, ot_verbs[i], err);
	add_fields(all);
	return status;
}

static const struct {
	const char *name;
	void (*put)(struct ot_buf *out, const struct completion *all);
} shells[] = { { "bash", completion_put_bash }, { "zsh", completion_put_zsh }, { "fish", completion_put_fish } };

int completion_print(const char *program, const char *shell)
{
	struct ot_err err = { .status = OT_OK };
	size_t at = 0;
	while (at < sizeof(shells) / sizeof(*shells) && strcmp(shells[at].name, shell) != 0)
		at++;
	if (at == sizeof(shells) / sizeof(*shells)) {
		fprintf(stderr, "onetrail: --completion is for bash, zsh or fish, not \"%s\"\n", shell);
		return OT_EXIT_FAILURE;
	}
	struct completion *all = ot_alloc_zero(1, sizeof(*all));
	struct ot_buf out = { 0 };
	enum ot_status status = gather(all, program, &err);
	if (status == OT_OK) {
		shells[at].put(&out, all);
		fwrite(out.data, 1, out.len, stdout);
	} else {
		fprintf(stderr, "onetrail: %s\n", err.text);
	}
	ot_buf_release(&out);
	ot_arena_release(&all->arena);
	free(all);
	return status == OT_OK ? OT_EXIT_COMPLETE : OT_EXIT_FAILURE;
}
