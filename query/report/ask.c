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

void ot_coverage_put_json(struct ot_buf *out, const struct ot_coverage *coverage, bool complete, const struct ot_scan_stats *stats, int64_t snapshot)
{
	ot_buf_printf(out, "\"coverage\":{\"share\":%.6g,\"complete\":%s,\"gaps\":[", coverage->share, complete ? "true" : "false");
	for (size_t i = 0; i < coverage->gap_count; i++) {
		if (i > 0)
			ot_buf_char(out, ',');
		ot_gap_put_json(out, &coverage->gaps[i]);
	}
	ot_buf_printf(out, "]},\"quarantined\":%llu,\"damaged_blocks\":%llu,\"damaged_links\":%llu,\"snapshot\":%lld", (unsigned long long)coverage->quarantined,
	    (unsigned long long)stats->blocks_damaged, (unsigned long long)stats->links_damaged, (long long)snapshot);
}

void ot_footing_put_json(struct ot_buf *out, const struct ot_ask *ask, const struct ot_footing *footing)
{
	const struct ot_tally *tally = &footing->tally;
	ot_buf_printf(out, "{\"summary\":{\"calls\":%llu,\"records\":%llu,\"origins\":{", (unsigned long long)tally->calls, (unsigned long long)tally->records);
	for (size_t i = 0; i < tally->origin_count; i++) {
		if (i > 0)
			ot_buf_char(out, ',');
		ot_text_json(out, tally->origins[i].origin);
		ot_buf_printf(out, ":%llu", (unsigned long long)tally->origins[i].records);
	}
	ot_buf_text(out, "},");
	ot_coverage_put_json(out, &footing->coverage, footing->complete, &ask->stats, ot_engine_snapshot(ask->engine)->id);
	ot_buf_text(out, "}}");
}

void ot_ask_print_footer(const struct ot_ask *ask, const struct ot_footing *footing)
{
	enum { GAPS_SHOWN = 4 };
	struct ot_buf line = { 0 };
	ot_footing_put(&line, footing, &ask->question, &ask->stats, GAPS_SHOWN);
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
		status = ot_footing_of(&footing, ask->engine, ask->store, &ask->question, &ask->stats, err);
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
