/* What every question shares: store, window, filter, output, footer, exit code. */
#include "report.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static volatile int cancelled;

static void on_interrupt(int signal_number)
{
	(void)signal_number;
	cancelled = 1;
}

int ot_complain(const struct ot_invocation *invocation, const struct ot_err *err)
{
	fprintf(stderr, "onetrail %s: %s\n", invocation->verb->name, err->text);
	return OT_EXIT_FAILURE;
}

/* --- opening --- */

enum ot_status ot_ask_window(struct ot_ask *ask, struct ot_err *err)
{
	const struct ot_asking *asking = &ask->invocation->asking;
	struct ot_question *q = &ask->question;
	enum ot_status status = OT_OK;
	q->since = OT_TIME_MIN;
	q->until = OT_TIME_MAX;
	if (asking->period != NULL && (asking->since != NULL || asking->until != NULL))
		return ot_err_set(err, OT_SYNTAX, "--period is a window of its own: leave out --since and --until");
	if (asking->period != NULL)
		status = ot_period_typed(ot_str_from(asking->period), ask->now_ns, ask->zone, &q->since, &q->until, err);
	if (status == OT_OK && asking->since != NULL)
		status = ot_time_typed(ot_str_from(asking->since), ask->now_ns, ask->zone, &q->since, err);
	if (status == OT_OK && asking->until != NULL)
		status = ot_time_typed(ot_str_from(asking->until), ask->now_ns, ask->zone, &q->until, err);
	if (status == OT_OK && q->since >= q->until)
		return ot_err_set(err, OT_SYNTAX, "the window is empty: --since is not before --until");
	ask->window_given = asking->period != NULL || asking->since != NULL || asking->until != NULL;
	return status;
}

static enum ot_status open_store(struct ot_ask *ask, struct ot_err *err)
{
	struct ot_buf dir = { 0 };
	struct ot_engine_options options = { .cancel = &cancelled };
	int64_t at = 0;
	enum ot_status status = ot_store_locate(ask->invocation->common.store, &dir, err);
	ot_buf_char(&dir, '\0');
	if (status == OT_OK && ask->invocation->asking.at != NULL && !ot_str_to_i64(ot_str_from(ask->invocation->asking.at), &at))
		status = ot_err_set(err, OT_SYNTAX, "--at takes a snapshot's number, as the footer of --json --summary shows it, not \"%s\"", ask->invocation->asking.at);
	options.at = at;
	if (status == OT_OK)
		status = ot_store_open(&ask->store, dir.data, OT_STORE_READ, err);
	if (status == OT_OK)
		status = ot_engine_open(&ask->engine, ask->store, &options, err);
	ot_buf_release(&dir);
	return status;
}

bool ot_ask_open(struct ot_ask *ask, struct ot_invocation *invocation, size_t filter_from, struct ot_err *err)
{
	memset(ask, 0, sizeof(*ask));
	ask->invocation = invocation;
	ask->now_ns = ot_time_now();
	ask->question.records = invocation->asking.records;
	signal(SIGINT, on_interrupt);
	enum ot_status status = OT_OK;
	if (invocation->common.tz != NULL)
		status = ot_zone_open(&ask->zone, ot_str_from(invocation->common.tz), err);
	if (status == OT_OK)
		status = ot_ask_window(ask, err);
	if (status == OT_OK && invocation->arg_count > filter_from) {
		struct ot_expr *where;
		struct ot_filter_context context = { ask->now_ns, ask->zone };
		status = ot_filter_parse_args(&where, invocation->args + filter_from, invocation->arg_count - filter_from, &context, &ask->arena, err);
		ask->question.where = status == OT_OK && where->kind != OT_EXPR_TRUE ? where : NULL;
	}
	if (status == OT_OK)
		status = open_store(ask, err);
	if (status != OT_OK) {
		ot_complain(invocation, err);
		ot_ask_close(ask);
	}
	return status == OT_OK;
}

void ot_ask_close(struct ot_ask *ask)
{
	ot_engine_close(ask->engine);
	ot_store_close(ask->store);
	ot_zone_close(ask->zone);
	ot_arena_release(&ask->arena);
}

/* --- output --- */

struct ot_output_options ot_output_options_of(const struct ot_common *common, const struct ot_zone *zone)
{
	struct ot_output_options options = { .zone = zone };
	bool terminal = isatty(STDOUT_FILENO);
	options.form = common->json ? OT_OUTPUT_JSON : common->csv ? OT_OUTPUT_CSV : OT_OUTPUT_TABLE;
	options.color = common->color == 1 || (common->color == 0 && terminal && getenv("NO_COLOR") == NULL);
	struct winsize size;
	if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		options.width = size.ws_col;
	return options;
}

enum ot_status ot_ask_output(struct ot_ask *ask, const struct ot_output_column *columns, size_t count, struct ot_output **out, struct ot_err *err)
{
	struct ot_output_options options = ot_output_options_of(&ask->invocation->common, ask->zone);
	return ot_output_open(out, STDOUT_FILENO, &options, columns, count, err);
}

enum ot_status ot_fields_parse(const char *text, enum ot_field *out, size_t max, size_t *count, struct ot_err *err)
{
	struct ot_str rest = ot_str_from(text);
	*count = 0;
	while (rest.ptr != NULL) {
		struct ot_str name = ot_str_trim(ot_str_cut(rest, ',', &rest));
		enum ot_field field = ot_field_find(name);
		if (field == OT_FIELD_NONE)
			return ot_err_set(err, OT_SYNTAX, "no field is called \"%.*s\"; the nearest is %s (onetrail fields lists them)", OT_STR_ARGS(name), ot_field_nearest(name));
		if (*count == max)
			return ot_err_set(err, OT_LIMIT, "more than %zu fields", max);
		out[(*count)++] = field;
	}
	return OT_OK;
}

/* --- the footer --- */

/* Which streams the filter can match, deciding only by what is the same in every record of a stream. */
enum maybe { NO, YES, PERHAPS };

static enum maybe term_of_stream(const struct ot_expr *expr, const struct ot_record *known)
{
	if (expr->field != OT_ORIGIN && expr->field != OT_ORIGIN_KIND && expr->field != OT_SOURCE)
		return PERHAPS;
	return ot_filter_matches(expr, known) ? YES : NO;
}

static enum maybe could_match(const struct ot_expr *expr, const struct ot_record *known)
{
	enum maybe all = YES, any = NO, child;
	switch (expr->kind) {
	case OT_EXPR_TRUE:
		return YES;
	case OT_EXPR_TERM:
		return term_of_stream(expr, known);
	case OT_EXPR_NOT:
		child = could_match(expr->children[0], known);
		return child == PERHAPS ? PERHAPS : child == YES ? NO : YES;
	default:
		for (size_t i = 0; i < expr->child_count; i++) {
			child = could_match(expr->children[i], known);
			if (child == NO || (child == PERHAPS && all == YES))
				all = child;
			if (child == YES || (child == PERHAPS && any == NO))
				any = child;
			if (all == NO && expr->kind == OT_EXPR_AND)
				return NO;
		}
		return expr->kind == OT_EXPR_AND ? all : any;
	}
}

bool ot_ask_keeps_stream(void *context, struct ot_str origin, int64_t origin_kind, struct ot_str format, struct ot_str source)
{
	const struct ot_expr *where = context;
	struct ot_record known;
	(void)format; /* a stream's usual format; single records may have another */
	ot_record_clear(&known);
	ot_record_set_text(&known, OT_ORIGIN, origin);
	ot_record_set_text(&known, OT_SOURCE, source);
	if (origin_kind >= 0)
		ot_record_set_int(&known, OT_ORIGIN_KIND, origin_kind);
	return where == NULL || could_match(where, &known) != NO;
}

enum ot_status ot_footing_of(struct ot_footing *out, struct ot_ask *ask, struct ot_err *err)
{
	memset(out, 0, sizeof(*out));
	struct ot_coverage_scope scope = { ask->question.since, ask->question.until, ot_ask_keeps_stream, (void *)ask->question.where };
	enum ot_status status = ot_engine_tally(ask->engine, &ask->question, &out->tally, &ask->stats, err);
	if (status == OT_OK)
		status = ot_coverage_of(&out->coverage, ask->store, ot_engine_snapshot(ask->engine), &scope, err);
	out->complete = status == OT_OK && out->coverage.gap_count == 0 && ask->stats.blocks_damaged == 0;
	return status;
}

void ot_footing_release(struct ot_footing *footing)
{
	ot_tally_release(&footing->tally);
	ot_coverage_release(&footing->coverage);
}

void ot_gap_put_json(struct ot_buf *out, const struct ot_gap *gap)
{
	static const char *const kinds[] = { "silent", "unread", "unknown", "cut", "damaged" };
	ot_buf_printf(out, "{\"kind\":\"%s\",\"origin\":", kinds[gap->kind]);
	ot_text_json(out, gap->origin);
	ot_buf_text(out, ",\"format\":");
	ot_text_json(out, gap->format);
	if (gap->since != OT_TIME_MIN) {
		ot_buf_text(out, ",\"since\":\"");
		ot_time_put(out, gap->since, 9);
		ot_buf_char(out, '"');
	}
	if (gap->until != OT_TIME_MAX) {
		ot_buf_text(out, ",\"until\":\"");
		ot_time_put(out, gap->until, 9);
		ot_buf_char(out, '"');
	}
	if (gap->kind == OT_GAP_SILENT)
		ot_buf_printf(out, ",\"usual_per_minute\":%.1f", gap->usual_a_minute);
	ot_buf_printf(out, ",\"missing\":%llu,\"text\":", (unsigned long long)gap->missing);
	ot_text_json(out, gap->words);
	ot_buf_char(out, '}');
}

void ot_footing_put_json(struct ot_buf *out, const struct ot_ask *ask, const struct ot_footing *footing)
{
	const struct ot_tally *tally = &footing->tally;
	const struct ot_coverage *coverage = &footing->coverage;
	ot_buf_printf(out, "{\"summary\":{\"calls\":%llu,\"records\":%llu,\"origins\":{", (unsigned long long)tally->calls, (unsigned long long)tally->records);
	for (size_t i = 0; i < tally->origin_count; i++) {
		if (i > 0)
			ot_buf_char(out, ',');
		ot_text_json(out, tally->origins[i].origin);
		ot_buf_printf(out, ":%llu", (unsigned long long)tally->origins[i].records);
	}
	ot_buf_printf(out, "},\"coverage\":{\"share\":%.6g,\"complete\":%s,\"gaps\":[", coverage->share, footing->complete ? "true" : "false");
	for (size_t i = 0; i < coverage->gap_count; i++) {
		if (i > 0)
			ot_buf_char(out, ',');
		ot_gap_put_json(out, &coverage->gaps[i]);
	}
	ot_buf_printf(out, "]},\"quarantined\":%llu,\"damaged_blocks\":%llu,\"snapshot\":%lld}}", (unsigned long long)coverage->quarantined,
	    (unsigned long long)ask->stats.blocks_damaged, (long long)ot_engine_snapshot(ask->engine)->id);
}

static void put_count(struct ot_buf *out, uint64_t count, const char *one, const char *many)
{
	struct ot_output_options options = { .form = OT_OUTPUT_TABLE };
	struct ot_cell cell = ot_cell_count((int64_t)count);
	ot_cell_put(out, &cell, &options);
	ot_buf_printf(out, " %s", count == 1 ? one : many);
}

/* Never says 100 % of what is not whole. */
static void put_share(struct ot_buf *out, double share, bool complete)
{
	double percent = share * 100;
	if (!complete && percent > 99.9)
		percent = percent > 99.99 ? 99.99 : percent;
	ot_buf_printf(out, complete ? "coverage 100 %%" : percent > 99.9 ? "coverage %.2f %%" : "coverage %.1f %%", percent);
}

void ot_ask_print_footer(const struct ot_ask *ask, const struct ot_footing *footing)
{
	enum { GAPS_SHOWN = 4 };
	const struct ot_coverage *coverage = &footing->coverage;
	struct ot_buf line = { 0 };
	if (!ask->question.records) {
		put_count(&line, footing->tally.calls, "call", "calls");
		ot_buf_text(&line, " (");
	}
	put_count(&line, footing->tally.records, "record", "records");
	if (!ask->question.records)
		ot_buf_char(&line, ')');
	ot_buf_text(&line, " · ");
	put_count(&line, footing->tally.origin_count, "origin", "origins");
	ot_buf_text(&line, " · ");
	put_share(&line, coverage->share, footing->complete);
	for (size_t i = 0; i < coverage->gap_count && i < GAPS_SHOWN; i++) {
		ot_buf_text(&line, i == 0 ? ": " : "; ");
		ot_text_display(&line, coverage->gaps[i].words);
	}
	if (coverage->gap_count > GAPS_SHOWN)
		ot_buf_printf(&line, "; and %zu more (onetrail coverage)", coverage->gap_count - GAPS_SHOWN);
	if (coverage->quarantined > 0) {
		ot_buf_text(&line, " · ");
		put_count(&line, coverage->quarantined, "line", "lines");
		ot_buf_text(&line, " in quarantine");
	}
	if (ask->stats.blocks_damaged > 0)
		ot_buf_printf(&line, " · %llu damaged blocks skipped: %.*s", (unsigned long long)ask->stats.blocks_damaged, OT_STR_ARGS(ask->stats.first_damage));
	fprintf(stderr, "%.*s\n", OT_STR_ARGS(ot_buf_str(&line)));
	ot_buf_release(&line);
}

static void print_explanation(const struct ot_ask *ask)
{
	const struct ot_scan_stats *s = &ask->stats;
	struct ot_buf line = { 0 };
	if (ask->question.where != NULL)
		ot_filter_put(&line, ask->question.where);
	fprintf(stderr, "filter: %.*s\n", OT_STR_ARGS(ot_buf_str(&line)));
	fprintf(stderr, "segments: %llu, of which %llu skipped by time, %llu by their values\n", (unsigned long long)s->segments,
	    (unsigned long long)s->segments_skipped_time, (unsigned long long)s->segments_skipped_values);
	fprintf(stderr, "blocks: %llu, of which %llu skipped; %llu rows looked at, %llu match; %llu values decoded\n", (unsigned long long)s->blocks,
	    (unsigned long long)s->blocks_skipped, (unsigned long long)s->rows_scanned, (unsigned long long)s->rows_matched, (unsigned long long)s->values_decoded);
	ot_buf_clear(&line);
	ot_duration_put(&line, s->elapsed_ns);
	fprintf(stderr, "time: %.*s\n", OT_STR_ARGS(ot_buf_str(&line)));
	ot_buf_release(&line);
}

int ot_ask_exit_code(const struct ot_ask *ask, const struct ot_footing *footing)
{
	if (ask->invocation->asking.strict && !footing->complete)
		return OT_EXIT_INCOMPLETE;
	return footing->tally.records == 0 ? OT_EXIT_NOTHING : OT_EXIT_COMPLETE;
}

int ot_ask_end(struct ot_ask *ask, struct ot_output *out, enum ot_status status, struct ot_err *err)
{
	const struct ot_invocation *invocation = ask->invocation;
	struct ot_footing footing = { 0 };
	struct ot_buf summary = { 0 };
	bool unread = status == OT_END; /* head has seen enough: not an error, and nobody waits for a footer */
	int code = OT_EXIT_FAILURE;
	if (status == OT_OK)
		status = ot_footing_of(&footing, ask, err);
	if (status == OT_OK && invocation->asking.summary) {
		ot_footing_put_json(&summary, ask, &footing);
		status = ot_output_json_line(out, ot_buf_str(&summary), err);
	}
	enum ot_status closed = ot_output_close(out, err);
	if (status == OT_OK)
		status = closed;
	unread |= status == OT_END;
	if (unread) {
		code = OT_EXIT_COMPLETE;
	} else if (status != OT_OK) {
		if (status == OT_CANCELLED)
			ot_err_set(err, OT_CANCELLED, "stopped");
		code = ot_complain(invocation, err);
	} else {
		ot_ask_print_footer(ask, &footing);
		if (invocation->asking.explain)
			print_explanation(ask);
		code = ot_ask_exit_code(ask, &footing);
	}
	ot_footing_release(&footing);
	ot_buf_release(&summary);
	return code;
}
