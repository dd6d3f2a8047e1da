/* onetrail-tui: the terminal UI, started by `onetrail tui`. */
#include "run.h"

#include <base/opt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
	const char *store, *tz, *since, *until, *period, *at, *script;
	int color;
	bool help, version;
};

static const char *const colors[] = { "auto", "always", "never", NULL };

static const struct ot_opt options[] = {
	{ "store", 0, OT_OPT_TEXT, "DIR", "the store (else $ONETRAIL_STORE, else ~/.local/share/onetrail)", NULL, offsetof(struct options, store) },
	{ "since", 0, OT_OPT_TEXT, "TIME", "from this time on: RFC 3339, a date, or 15m, 7d ago", NULL, offsetof(struct options, since) },
	{ "until", 0, OT_OPT_TEXT, "TIME", "before this time", NULL, offsetof(struct options, until) },
	{ "period", 0, OT_OPT_TEXT, "P", "a calendar window: 2026-03, 2026-03-14, yesterday, last-week, last-month", NULL, offsetof(struct options, period) },
	{ "at", 0, OT_OPT_TEXT, "SNAPSHOT", "as the store was at this snapshot", NULL, offsetof(struct options, at) },
	{ "tz", 0, OT_OPT_TEXT, "ZONE", "zone of times typed and shown (UTC)", NULL, offsetof(struct options, tz) },
	{ "color", 0, OT_OPT_CHOICE, "WHEN", "auto, always or never", colors, offsetof(struct options, color) },
	{ "script", 0, OT_OPT_TEXT, "FILE", "keys from a file, screens to standard output, no terminal", NULL, offsetof(struct options, script) },
	{ "help", 'h', OT_OPT_FLAG, NULL, "what this takes", NULL, offsetof(struct options, help) },
	{ "version", 0, OT_OPT_FLAG, NULL, "the version", NULL, offsetof(struct options, version) },
	{ NULL, 0, OT_OPT_FLAG, NULL, NULL, NULL, 0 },
};

static void print_help(void)
{
	struct ot_buf text = { 0 };

	ot_buf_text(&text, "usage: onetrail tui [FILTER...] [OPTION...]\nthe terminal UI: calls over time, who made them, what is missing\n\n");
	ot_opt_help(options, &text);
	ot_buf_text(&text, "\nKeys:\n");
	action_put_help(&text);
	fwrite(text.data, 1, text.len, stdout);
	ot_buf_release(&text);
}

/* --- opening --- */

struct session {
	struct options options;
	struct ot_zone *zone;
	struct ot_store *store;
	struct asker *asker;
	struct app app;
};

static enum ot_status read_window(struct session *s, int64_t now, int64_t *since, int64_t *until, struct ot_err *err)
{
	const struct options *o = &s->options;
	enum ot_status status = OT_OK;

	*since = OT_TIME_MIN;
	*until = OT_TIME_MAX;
	if (o->period != NULL && (o->since != NULL || o->until != NULL))
		return ot_err_set(err, OT_SYNTAX, "--period is a window of its own: leave out --since and --until");
	if (o->period != NULL)
		status = ot_period_typed(ot_str_from(o->period), now, s->zone, since, until, err);
	if (status == OT_OK && o->since != NULL)
		status = ot_time_typed(ot_str_from(o->since), now, s->zone, since, err);
	if (status == OT_OK && o->until != NULL)
		status = ot_time_typed(ot_str_from(o->until), now, s->zone, until, err);
	if (status == OT_OK && *since >= *until)
		return ot_err_set(err, OT_SYNTAX, "the window is empty: --since is not before --until");
	return status;
}

static enum ot_status set_scope(struct session *s, char **args, size_t count, struct ot_err *err)
{
	struct scope *scope = &s->app.scope;
	struct ot_filter_context context = { ot_time_now(), s->zone };
	struct ot_arena arena = { 0 };
	struct ot_buf line = { 0 };
	struct ot_expr *where = NULL;
	int64_t since, until;
	enum ot_status status = read_window(s, context.now_ns, &since, &until, err);

	if (status == OT_OK && count > 0)
		status = ot_filter_parse_args(&where, args, count, &context, &arena, err);
	if (status == OT_OK) {
		ot_filter_put(&line, where);
		scope_init(scope, ot_buf_str(&line), since, until, context.now_ns, s->zone);
		scope->store_option = s->options.store;
		scope->tz_option = s->options.tz;
	}
	ot_buf_release(&line);
	ot_arena_release(&arena);
	return status;
}

static enum ot_status open_store(struct session *s, struct ot_err *err)
{
	struct ot_buf dir = { 0 };
	int64_t at = 0;
	enum ot_status status = ot_store_locate(s->options.store, &dir, err);

	ot_buf_char(&dir, '\0');
	if (status == OT_OK && s->options.at != NULL && !ot_str_to_i64(ot_str_from(s->options.at), &at))
		status = ot_err_set(err, OT_SYNTAX, "--at takes a snapshot's number, not \"%s\"", s->options.at);
	if (status == OT_OK)
		status = ot_store_open(&s->store, dir.data, OT_STORE_READ, err);
	if (status == OT_OK)
		status = asker_open(&s->asker, s->store, at, err);
	ot_buf_release(&dir);
	return status;
}

/* --- running --- */

static enum ot_status run_on_terminal(struct session *s, struct ot_err *err)
{
	struct terminal *term = NULL;
	int rows, cols;
	enum ot_status status = term_open(&term, (enum term_color)s->options.color, err);

	if (status != OT_OK)
		return status;
	term_size(term, &rows, &cols);
	s->app.color = term_has_color(term);
	app_open(&s->app, s->store, s->asker, rows, cols);
	status = run_terminal(&s->app, term, err);
	term_close(term);
	return status;
}

static enum ot_status run(struct session *s, char **args, size_t count, struct ot_err *err)
{
	enum ot_status status = OT_OK;

	if (s->options.tz != NULL)
		status = ot_zone_open(&s->zone, ot_str_from(s->options.tz), err);
	if (status == OT_OK)
		status = set_scope(s, args, count, err);
	if (status == OT_OK)
		status = open_store(s, err);
	if (status == OT_OK && s->options.script != NULL) {
		app_open(&s->app, s->store, s->asker, 24, 80);
		status = run_script(&s->app, s->options.script, err);
	} else if (status == OT_OK) {
		status = run_on_terminal(s, err);
	}
	if (s->app.asker != NULL)
		app_close(&s->app);
	else
		scope_release(&s->app.scope);
	asker_close(s->asker);
	ot_store_close(s->store);
	ot_zone_close(s->zone);
	return status;
}

/* For `onetrail --completion`: the options, as lines. */
static int print_completion(void)
{
	struct ot_buf text = { 0 };

	ot_opt_completion(options, &text);
	fwrite(text.data, 1, text.len, stdout);
	ot_buf_release(&text);
	return 0;
}

int main(int argc, char **argv)
{
	static struct session session;
	struct ot_err err = { 0 };
	struct ot_opt_set sets[] = { { options, &session.options } };
	int count = argc - 1;

	signal(SIGPIPE, SIG_IGN);
	if (argc > 1 && strcmp(argv[1], "--completion-options") == 0)
		return print_completion();
	if (ot_opt_parse(sets, 1, &count, argv + 1, false, &err) != OT_OK) {
		fprintf(stderr, "onetrail tui: %s\nonetrail tui --help tells what it takes\n", err.text);
		return 2;
	}
	if (session.options.help || session.options.version) {
		if (session.options.help)
			print_help();
		else
			puts("onetrail-tui " ONETRAIL_VERSION);
		return 0;
	}
	if (run(&session, argv + 1, (size_t)count, &err) != OT_OK) {
		fprintf(stderr, "onetrail tui: %s\n", err.text);
		return 2;
	}
	return 0;
}
