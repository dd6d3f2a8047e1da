/* Completion of the filter line: names of fields, then the most frequent values that the field has. */
#include "app.h"

#include <base/text.h>
#include <stdlib.h>

enum { VALUES_ASKED = 500 };

void prompt_forget_candidates(struct prompt *prompt)
{
	for (size_t i = 0; i < prompt->candidate_count; i++)
		free(prompt->candidates[i]);
	prompt->candidate_count = prompt->candidate = 0;
	prompt->completing = false;
}

/* --- the word at the cursor --- */

/* Where the word begins that ends at the cursor: behind a blank or an opening parenthesis that no quote holds, and behind a minus. */
static size_t word_start(struct ot_str line, size_t at)
{
	size_t start = 0;
	char quote = 0;

	for (size_t i = 0; i < at; i++) {
		char c = line.ptr[i];

		if (quote != 0)
			quote = c == quote ? 0 : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == ' ' || c == '(')
			start = i + 1;
	}
	return start < at && line.ptr[start] == '-' ? start + 1 : start;
}

static void add_candidate(struct prompt *prompt, struct ot_str text)
{
	char *copy;

	if (prompt->candidate_count == CANDIDATES_MAX)
		return;
	for (size_t i = 0; i < prompt->candidate_count; i++) {
		if (ot_str_eq(ot_str_from(prompt->candidates[i]), text))
			return;
	}
	copy = ot_alloc(text.len + 1);
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	prompt->candidates[prompt->candidate_count++] = copy;
}

static void put_candidate(struct prompt *prompt)
{
	const char *text = prompt->candidates[prompt->candidate];
	struct ot_buf line = { 0 };
	struct ot_str old = ot_buf_str(&prompt->line);

	ot_buf_str_put(&line, ot_str_sub(old, 0, prompt->word_from));
	ot_buf_text(&line, text);
	prompt->at = line.len;
	ot_buf_str_put(&line, ot_str_sub(old, prompt->word_to, old.len));
	prompt->word_to = prompt->at;
	ot_buf_release(&prompt->line);
	line.max = PROMPT_MAX;
	prompt->line = line;
}

static void first_candidate(struct prompt *prompt)
{
	prompt->completing = false;
	prompt->candidate = 0;
	if (prompt->candidate_count > 0)
		put_candidate(prompt);
}

/* --- names --- */

static void add_name(struct prompt *prompt, const char *name, struct ot_str prefix)
{
	struct ot_buf text = { 0 };

	if (name[0] == '\0' || !ot_str_starts(ot_str_from(name), prefix))
		return;
	ot_buf_printf(&text, "%s:", name);
	add_candidate(prompt, ot_buf_str(&text));
	ot_buf_release(&text);
}

/* Aliases first: they are what people type. */
static void complete_names(struct prompt *prompt, struct ot_str prefix)
{
	for (int f = 0; f < OT_FIELD_COUNT; f++)
		add_name(prompt, ot_fields[f].alias, prefix);
	for (int f = 0; f < OT_FIELD_COUNT; f++)
		add_name(prompt, ot_fields[f].name, prefix);
	first_candidate(prompt);
}

/* --- values --- */

struct values_job {
	struct job job;
	struct app *app;
	struct ot_groups_request request;
	struct ot_groups groups;
};

static enum ot_status work(struct job *job, const struct asked *asked, struct ot_err *err)
{
	struct values_job *values = (struct values_job *)job;

	return ot_engine_groups(asked->engine, &values->request, &values->groups, &job->stats, err);
}

static void release(struct job *job)
{
	ot_groups_release(&((struct values_job *)job)->groups);
}

/* The value as a filter has it: what ot_filter_put writes for the term, without the field's name and mark. */
static void add_value(struct prompt *prompt, struct ot_arena *arena, enum ot_field field, const union ot_value *value, struct ot_str typed)
{
	struct ot_expr *term = ot_arena_zero(arena, 1, sizeof(*term));
	struct ot_buf text = { 0 }, plain = { 0 };
	struct ot_str written;
	size_t mark = 0;

	*term = (struct ot_expr){ .kind = OT_EXPR_TERM, .field = field, .match = OT_MATCH_EQ };
	if (ot_fields[field].form == OT_FORM_INT)
		term->low = term->high = value->number;
	else
		term->text = value->text;
	ot_filter_put(&text, term);
	ot_value_put(&plain, field, value);
	written = ot_buf_str(&text);
	while (mark < written.len && written.ptr[mark] != ':' && written.ptr[mark] != '=')
		mark++;
	if (ot_str_starts(ot_buf_str(&plain), typed))
		add_candidate(prompt, ot_str_sub(written, mark + 1, written.len));
	ot_buf_release(&text);
	ot_buf_release(&plain);
}

static struct ot_str typed_value(const struct prompt *prompt)
{
	struct ot_str typed = ot_str_sub(ot_buf_str(&prompt->line), prompt->word_from, prompt->word_to - prompt->word_from);

	if (typed.len > 0 && (typed.ptr[0] == '\'' || typed.ptr[0] == '"'))
		typed = ot_str_sub(typed, 1, typed.len);
	return typed;
}

static void take(struct job *job)
{
	struct values_job *values = (struct values_job *)job;
	struct prompt *prompt = &values->app->prompt;
	struct ot_str typed;

	if (!prompt->completing)
		return;
	prompt->completing = false;
	if (job->status != OT_OK) {
		app_say_failure(values->app, job->status, &job->err);
		return;
	}
	typed = ot_arena_str(&job->arena, typed_value(prompt));
	for (size_t i = 0; i < values->groups.count; i++) {
		if (!values->groups.groups[i].key_null[0])
			add_value(prompt, &job->arena, values->request.by[0], &values->groups.groups[i].keys[0], typed);
	}
	first_candidate(prompt);
}

static void ask_values(struct app *app, enum ot_field field)
{
	struct values_job *values = job_new(sizeof(*values), &app->prompt, 0, "looking for values");

	values->app = app;
	values->request = (struct ot_groups_request){ .question = { .since = app->scope.now.since, .until = app->scope.now.until },
		.by = { field }, .by_count = 1, .having = { INT64_MIN, INT64_MAX }, .top = VALUES_ASKED };
	values->request.measures[0] = (struct ot_measure){ .kind = OT_MEASURE_COUNT, .name = OT_STR("count") };
	values->request.measure_count = 1;
	values->job.work = work;
	values->job.done = take;
	values->job.release = release;
	app->prompt.completing = true;
	asker_put(app->asker, &values->job);
}

/* What is asked for a second time is the next candidate. */
void prompt_complete(struct app *app)
{
	struct prompt *prompt = &app->prompt;
	struct ot_str line = ot_buf_str(&prompt->line), word;
	enum ot_field field;
	size_t name = 0;

	if (prompt->candidate_count > 0) {
		prompt->candidate = (prompt->candidate + 1) % prompt->candidate_count;
		put_candidate(prompt);
		return;
	}
	prompt->word_from = word_start(line, prompt->at);
	prompt->word_to = prompt->at;
	word = ot_str_sub(line, prompt->word_from, prompt->word_to - prompt->word_from);
	while (name < word.len && strchr(":=<>~!", word.ptr[name]) == NULL)
		name++;
	if (name == word.len) {
		complete_names(prompt, word);
		return;
	}
	field = ot_field_find(ot_str_sub(word, 0, name));
	while (name < word.len && strchr(":=<>~!", word.ptr[name]) != NULL)
		name++;
	prompt->word_from += name;
	if (field != OT_FIELD_NONE && ot_fields[field].type != OT_TYPE_ID)
		ask_values(app, field);
}
