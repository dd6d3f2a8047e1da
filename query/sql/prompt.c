/* At a terminal: lines by libedit, with a history that is kept and names that complete. */
#include "sql.h"

#include <base/file.h>
#include <editline/readline.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { HISTORY_LINES = 1000, HISTORY_MODE = 0600, FOLDER_MODE = 0700 };

/* --- names --- */

static const char *const functions[] = {"avg(", "count(", "date(", "datetime(", "group_concat(", "json_each(", "json_extract(", "max(", "min(",
    "percentile(", "strftime(", "substr(", "sum(", "total("};

static const char *name_at(int place)
{
	static char keyword[32];
	const char *text;
	int len, keywords = sqlite3_keyword_count();

	if (place < 2)
		return place == 0 ? "calls" : "records";
	place -= 2;
	if (place < 2 * OT_FIELD_COUNT)
		return place % 2 == 0 ? ot_fields[place / 2].name : ot_fields[place / 2].alias;
	place -= 2 * OT_FIELD_COUNT;
	if (place < (int)(sizeof(functions) / sizeof(functions[0])))
		return functions[place];
	place -= (int)(sizeof(functions) / sizeof(functions[0]));
	if (place >= keywords || sqlite3_keyword_name(place, &text, &len) != SQLITE_OK)
		return NULL;
	snprintf(keyword, sizeof(keyword), "%.*s", len, text);
	return keyword;
}

char *ot_sql_complete(const char *prefix, int again)
{
	static int place;
	size_t len = strlen(prefix);
	const char *name;

	if (again == 0)
		place = 0;
	while ((name = name_at(place)) != NULL) {
		place++;
		if (name[0] != '\0' && strncasecmp(name, prefix, len) == 0)
			return strdup(name);
	}
	return NULL;
}

static char **complete(const char *text, int start, int end)
{
	(void)start, (void)end;
	rl_attempted_completion_over = 1; /* no names of files */
	return rl_completion_matches(text, ot_sql_complete);
}

/* --- the history --- */

static bool history_folder(struct ot_buf *out)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state != NULL && state[0] == '/')
		ot_buf_printf(out, "%s/onetrail", state);
	else if (home != NULL && home[0] == '/')
		ot_buf_printf(out, "%s/.local/state/onetrail", home);
	ot_buf_char(out, '\0');
	return out->data[0] != '\0';
}

static char *history_path(void)
{
	struct ot_buf path = {0};

	if (!history_folder(&path)) {
		ot_buf_release(&path);
		return NULL;
	}
	path.len--;
	ot_buf_text(&path, "/history");
	ot_buf_char(&path, '\0');
	return path.data;
}

void ot_sql_prompt_begin(void)
{
	char *path = history_path();

	setlocale(LC_CTYPE, ""); /* libedit asks it how wide characters are */
	rl_readline_name = "onetrail";
	rl_catch_signals = 0;
	rl_attempted_completion_function = complete;
	rl_completer_word_break_characters = " \t\n\"'`,;()<>=!+-*/%|&~.";
	using_history();
	stifle_history(HISTORY_LINES);
	if (path != NULL)
		read_history(path);
	free(path);
}

/* Statements may hold what is looked for: nobody else reads them. */
static bool make_private(const char *path)
{
	struct ot_err err;
	int fd;

	return ot_file_create(path, HISTORY_MODE, &fd, &err) != OT_OK || close(fd) == 0;
}

void ot_sql_prompt_end(void)
{
	struct ot_buf folder = {0};
	char *path = history_path();
	struct ot_err err;

	if (path != NULL && history_folder(&folder) && ot_dir_make(folder.data, FOLDER_MODE, &err) == OT_OK && make_private(path))
		write_history(path);
	ot_buf_release(&folder);
	free(path);
}

char *ot_sql_prompt_line(bool more)
{
	return readline(more ? " ...> " : "sql> ");
}

void ot_sql_prompt_remember(const char *statement)
{
	char *line = strdup(statement);

	for (char *c = line; c != NULL && *c != '\0'; c++)
		*c = *c == '\n' ? ' ' : *c;
	if (line != NULL && line[0] != '\0')
		add_history(line);
	free(line);
}
