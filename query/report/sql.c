/* `onetrail sql`: statements from the command line, from a terminal, or from standard input. */
#include "report.h"
#include <errno.h>
#include <query/sql.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct ot_opt options[] = {
	{ "at", 0, OT_OPT_TEXT, "SNAPSHOT", "as the store was at this snapshot", NULL, OT_OPT_ASKING(at) },
	{ "summary", 0, OT_OPT_FLAG, NULL, "with --json: what the answer rests on, as its last line", NULL, OT_OPT_ASKING(summary) },
	{ "strict", 0, OT_OPT_FLAG, NULL, "exit with 3 where coverage is not complete", NULL, OT_OPT_ASKING(strict) },
	OT_OPTIONS_END,
};

enum { STATEMENT_MAX = 1 << 20, GAPS_SHOWN = 4 };

static volatile int stopped; /* by Ctrl-C */

static void on_interrupt(int signal_number)
{
	(void)signal_number;
	stopped = 1;
}

struct session {
	struct ot_ask ask;
	struct ot_sql *sql;
	int64_t snapshot; /* of the last statement */
	uint64_t rows;
	bool incomplete, unread, failed; /* unread: head has seen enough */
	/* of the statement at hand */
	struct ot_output *out;
	struct ot_arena names;
	uint64_t statement_rows;
};

/* --- one statement --- */

static enum ot_status take_columns(void *context, const char *const *names, size_t count, struct ot_err *err)
{
	struct session *session = context;
	struct ot_output_column *columns = ot_arena_zero(&session->names, count, sizeof(*columns));
	for (size_t i = 0; i < count; i++) {
		const char *name = ot_arena_cstr(&session->names, ot_str_from(names[i]));
		columns[i] = (struct ot_output_column){ name, name, true };
	}
	return ot_ask_output(&session->ask, columns, count, &session->out, err);
}

static enum ot_status take_row(void *context, const struct ot_cell *cells, struct ot_err *err)
{
	struct session *session = context;
	session->statement_rows++;
	return ot_output_row(session->out, cells, err);
}

static void print_footer(const struct session *session, const struct ot_coverage *coverage, bool complete)
{
	const struct ot_sql_read *read = ot_sql_read_of(session->sql);
	struct ot_output_options plain = { .form = OT_OUTPUT_TABLE };
	struct ot_cell rows = ot_cell_count((int64_t)session->statement_rows);
	struct ot_buf line = { 0 };
	ot_cell_put(&line, &rows, &plain);
	ot_buf_text(&line, session->statement_rows == 1 ? " row" : " rows");
	if (read->questions > 0) {
		ot_buf_text(&line, " · ");
		ot_footing_put_coverage(&line, coverage, complete, &read->stats, GAPS_SHOWN);
	}
	if (read->values_given_up > 0)
		ot_buf_printf(&line, " · %llu values took a regular expression too many steps and do not match", (unsigned long long)read->values_given_up);
	fprintf(stderr, "%.*s\n", OT_STR_ARGS(ot_buf_str(&line)));
	ot_buf_release(&line);
}

static enum ot_status put_summary(const struct session *session, const struct ot_coverage *coverage, bool complete, struct ot_err *err)
{
	const struct ot_sql_read *read = ot_sql_read_of(session->sql);
	struct ot_buf line = { 0 };
	ot_buf_printf(&line, "{\"summary\":{\"rows\":%llu,", (unsigned long long)session->statement_rows);
	ot_coverage_put_json(&line, coverage, complete, &read->stats, read->snapshot == NULL ? ot_engine_snapshot(session->ask.engine)->id : read->snapshot->id);
	ot_buf_text(&line, "}}");
	enum ot_status status = ot_output_json_line(session->out, ot_buf_str(&line), err);
	ot_buf_release(&line);
	return status;
}

/* What the statement's answer rests on: the streams and the time that it asked for. One that did not ask the store rests on nothing. */
static enum ot_status coverage_of(const struct session *session, struct ot_coverage *out, bool *complete, struct ot_err *err)
{
	const struct ot_sql_read *read = ot_sql_read_of(session->sql);
	struct ot_coverage_scope scope = { read->since, read->until, ot_footing_keeps_stream, (void *)read->any };
	*complete = true;
	out->share = 1;
	if (read->questions == 0 || read->snapshot == NULL)
		return OT_OK;
	enum ot_status status = ot_coverage_of(out, session->ask.store, read->snapshot, &scope, err);
	*complete = ot_footing_less_damage(out, &read->stats);
	return status;
}

static enum ot_status end_statement(struct session *session, enum ot_status status, struct ot_err *err)
{
	struct ot_coverage coverage = { 0 };
	bool complete = true;
	if (status == OT_OK && session->out != NULL)
		status = coverage_of(session, &coverage, &complete, err);
	if (status == OT_OK && session->out != NULL && session->ask.invocation->asking.summary)
		status = put_summary(session, &coverage, complete, err);
	struct ot_err ignored;
	enum ot_status closed = ot_output_close(session->out, status == OT_OK ? err : &ignored); /* rows before a failure are shown */
	if (status == OT_OK)
		status = closed;
	if (status == OT_OK && session->out != NULL)
		print_footer(session, &coverage, complete);
	session->rows += session->statement_rows;
	session->incomplete |= !complete;
	session->out = NULL;
	ot_arena_reset(&session->names);
	ot_coverage_release(&coverage);
	return status;
}

/* Every statement of the text, up to the first that fails. */
static enum ot_status run_text(struct session *session, struct ot_str text, struct ot_err *err)
{
	struct ot_sql_reader reader = { take_columns, take_row, session };
	enum ot_status status = OT_OK;
	while (text.len > 0 && status == OT_OK) {
		session->statement_rows = 0;
		status = ot_sql_run(session->sql, text, &reader, &text, err);
		status = end_statement(session, status, err);
	}
	if (status != OT_OK && status != OT_END)
		ot_complain(session->ask.invocation, err);
	session->unread |= status == OT_END;
	return status;
}

/* --- where statements come from --- */

static void run_arguments(struct session *session)
{
	const struct ot_invocation *invocation = session->ask.invocation;
	struct ot_err err = { 0 };
	enum ot_status status = OT_OK;
	for (size_t i = 0; i < invocation->arg_count && status == OT_OK; i++)
		status = run_text(session, ot_str_from(invocation->args[i]), &err);
	session->failed = status != OT_OK && status != OT_END;
}

static void run_input(struct session *session)
{
	struct ot_err err = { 0 };
	struct ot_buf text;
	enum ot_status status = OT_OK;
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	ot_buf_init(&text, STATEMENT_MAX);
	while (status == OT_OK && !stopped && (len = getline(&line, &cap, stdin)) >= 0) {
		ot_buf_put(&text, line, (size_t)len);
		if (text.overflow || memchr(line, '\0', (size_t)len) != NULL) {
			ot_err_set(&err, OT_LIMIT, text.overflow ? "a statement on standard input is longer than %d bytes" : "standard input is no text", STATEMENT_MAX);
			ot_complain(session->ask.invocation, &err);
			status = OT_LIMIT;
			break;
		}
		ot_buf_char(&text, '\0');
		text.len--;
		if (!ot_sql_is_whole(text.data))
			continue;
		status = run_text(session, ot_buf_str(&text), &err);
		ot_buf_clear(&text);
	}
	if (status == OT_OK && stopped)
		status = OT_CANCELLED;
	if (status == OT_OK && text.len > 0) /* the last semicolon may be left out */
		status = run_text(session, ot_buf_str(&text), &err);
	session->failed = status != OT_OK && status != OT_END;
	ot_buf_release(&text);
	free(line);
}

static const char prompt_help[] =
    "Statements end with a semicolon; Tab completes names; Ctrl-C stops a statement; Ctrl-D leaves.\n"
    "Tables: calls, records. Their columns are the schema's fields: `onetrail fields`, or PRAGMA table_info(calls);\n"
    "calls('status:5xx') asks as `onetrail calls status:5xx` does. docs/QUERY.md tells more.\n";

/* Words of the prompt itself. True where `line` was one; `*leave` where it was the one to go by. */
static bool run_word(const char *line, bool *leave)
{
	static const char *const leaving[] = { "quit", "exit", ".quit", ".exit", "\\q" }, *const helping[] = { "help", ".help", "?", "\\?" };
	struct ot_str word = ot_str_trim(ot_str_from(line));
	for (size_t i = 0; i < sizeof(leaving) / sizeof(leaving[0]); i++)
		*leave |= ot_str_eq_nocase(word, ot_str_from(leaving[i]));
	if (*leave)
		return true;
	for (size_t i = 0; i < sizeof(helping) / sizeof(helping[0]); i++) {
		if (ot_str_eq_nocase(word, ot_str_from(helping[i]))) {
			fputs(prompt_help, stdout);
			fflush(stdout);
			return true;
		}
	}
	return word.len == 0;
}

/* Takes a line in. False at the end. */
static bool take_line(struct session *session, struct ot_buf *text, const char *line)
{
	struct ot_err err = { 0 };
	bool leave = false;
	if (text->len == 0 && run_word(line, &leave))
		return !leave;
	ot_buf_text(text, line);
	ot_buf_text(text, "\n");
	ot_buf_char(text, '\0');
	text->len--;
	if (text->overflow || !ot_sql_is_whole(text->data)) {
		if (text->overflow)
			ot_buf_clear(text);
		return true;
	}
	ot_sql_prompt_remember(ot_arena_cstr(&session->names, ot_str_trim(ot_buf_str(text))));
	run_text(session, ot_buf_str(text), &err);
	ot_buf_clear(text);
	return true;
}

static void run_prompt(struct session *session)
{
	struct ot_buf text;
	bool more = true;
	ot_buf_init(&text, STATEMENT_MAX);
	fputs("Statements end with a semicolon; help tells more; Ctrl-D leaves.\n", stdout);
	fflush(stdout);
	ot_sql_prompt_begin();
	while (more) {
		stopped = 0;
		char *line = ot_sql_prompt_line(text.len > 0);
		if (line == NULL && stopped) { /* Ctrl-C forgets what was begun */
			ot_buf_clear(&text);
			fputs("\n", stdout);
			fflush(stdout);
			continue;
		}
		more = line != NULL && take_line(session, &text, line);
		if (line == NULL)
			fputs("\n", stdout);
		free(line);
	}
	ot_sql_prompt_end();
	ot_buf_release(&text);
	session->rows = 1; /* what was found was for the person: leaving is no failure */
}

/* --- the verb --- */

static bool open_session(struct session *session, struct ot_invocation *invocation, struct ot_err *err)
{
	struct sigaction action = { .sa_handler = on_interrupt };
	if (!ot_ask_open(&session->ask, invocation, invocation->arg_count, err))
		return false;
	sigaction(SIGINT, &action, NULL); /* without SA_RESTART: Ctrl-C also ends waiting for a line */
	struct ot_sql_options options_of = {
		.store = session->ask.store, .at = invocation->asking.at == NULL ? 0 : ot_engine_snapshot(session->ask.engine)->id, .zone = session->ask.zone, .cancel = &stopped
	};
	if (ot_sql_open(&session->sql, &options_of, err) == OT_OK)
		return true;
	ot_complain(invocation, err);
	ot_ask_close(&session->ask);
	return false;
}

static int exit_code(const struct session *session)
{
	if (session->failed)
		return OT_EXIT_FAILURE;
	if (session->unread)
		return OT_EXIT_COMPLETE;
	if (session->incomplete && session->ask.invocation->asking.strict)
		return OT_EXIT_INCOMPLETE;
	return session->rows == 0 ? OT_EXIT_NOTHING : OT_EXIT_COMPLETE;
}

static int run(struct ot_invocation *invocation)
{
	struct ot_err err = { 0 };
	struct session session = { 0 };
	if (!open_session(&session, invocation, &err))
		return OT_EXIT_FAILURE;
	if (invocation->arg_count > 0)
		run_arguments(&session);
	else if (isatty(STDIN_FILENO))
		run_prompt(&session);
	else
		run_input(&session);
	int code = exit_code(&session);
	ot_sql_close(session.sql);
	ot_ask_close(&session.ask);
	ot_arena_release(&session.names);
	return code;
}

const struct ot_verb ot_verb_sql = { "sql", "['SELECT ...']", "SQLite's SQL over tables `records` and `calls`, read-only; without a statement a prompt", options, run,
	"  onetrail sql 'SELECT client, count(*) AS n FROM calls WHERE status >= 500 GROUP BY client ORDER BY n DESC'\n"
	"  onetrail sql \"SELECT date(timestamp), percentile(duration, 95) FROM calls('/api/payments') GROUP BY 1\"\n"
	"Columns are the fields of `onetrail fields`, by name or alias; statements may also come on standard input.\n" };
