/* What an answer rests on, and the line that says it. */
#include <base/text.h>
#include <query/footing.h>
#include <query/output.h>
#include <string.h>

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

bool ot_footing_keeps_stream(void *context, struct ot_str origin, int64_t origin_kind, struct ot_str format, struct ot_str source)
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

void ot_scan_stats_add(struct ot_scan_stats *sum, const struct ot_scan_stats *pass)
{
	sum->segments = pass->segments;
	sum->segments_skipped_time += pass->segments_skipped_time;
	sum->segments_skipped_values += pass->segments_skipped_values;
	sum->blocks += pass->blocks;
	sum->blocks_skipped += pass->blocks_skipped;
	sum->rows_scanned += pass->rows_scanned;
	sum->rows_matched += pass->rows_matched;
	sum->values_decoded += pass->values_decoded;
	sum->values_given_up += pass->values_given_up;
	sum->elapsed_ns += pass->elapsed_ns;
	if (pass->links_damaged > sum->links_damaged)
		sum->links_damaged = pass->links_damaged;
	if (pass->blocks_damaged > sum->blocks_damaged) {
		sum->blocks_damaged = pass->blocks_damaged;
		sum->rows_damaged = pass->rows_damaged;
		sum->first_damage = pass->first_damage;
	}
}

bool ot_footing_less_damage(struct ot_coverage *coverage, const struct ot_scan_stats *stats)
{
	uint64_t damaged = stats->rows_damaged < coverage->read ? stats->rows_damaged : coverage->read;
	if (damaged > 0)
		coverage->share *= (double)(coverage->read - damaged) / (double)coverage->read;
	return coverage->gap_count == 0 && stats->blocks_damaged == 0 && stats->links_damaged == 0;
}

enum ot_status ot_footing_of(struct ot_footing *out, struct ot_engine *engine, struct ot_store *store, const struct ot_question *question, struct ot_scan_stats *stats, struct ot_err *err)
{
	memset(out, 0, sizeof(*out));
	struct ot_coverage_scope scope = { question->since, question->until, ot_footing_keeps_stream, (void *)question->where };
	struct ot_scan_stats pass = { 0 };
	enum ot_status status = ot_engine_tally(engine, question, &out->tally, &pass, err);
	if (pass.blocks_damaged > stats->blocks_damaged) { /* of its work no more: --explain tells of the answer */
		stats->blocks_damaged = pass.blocks_damaged;
		stats->rows_damaged = pass.rows_damaged;
		stats->first_damage = pass.first_damage;
	}
	if (pass.links_damaged > stats->links_damaged)
		stats->links_damaged = pass.links_damaged;
	if (status == OT_OK)
		status = ot_coverage_of(&out->coverage, store, ot_engine_snapshot(engine), &scope, err);
	out->complete = ot_footing_less_damage(&out->coverage, stats) && status == OT_OK;
	return status;
}

void ot_footing_release(struct ot_footing *footing)
{
	ot_tally_release(&footing->tally);
	ot_coverage_release(&footing->coverage);
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

/* What is known to be missing first, then what nobody knows. */
static void put_gaps(struct ot_buf *out, const struct ot_coverage *coverage, size_t shown)
{
	size_t n = 0;
	for (int unknown = 0; unknown < 2; unknown++) {
		for (size_t i = 0; i < coverage->gap_count && n < shown; i++) {
			if ((coverage->gaps[i].kind == OT_GAP_UNKNOWN) != unknown)
				continue;
			ot_buf_text(out, n++ == 0 ? ": " : "; ");
			ot_text_display(out, coverage->gaps[i].words);
		}
	}
	if (coverage->gap_count > n)
		ot_buf_printf(out, "; and %zu more (onetrail coverage)", coverage->gap_count - n);
}

void ot_footing_put_coverage(struct ot_buf *out, const struct ot_coverage *coverage, bool complete, const struct ot_scan_stats *stats, size_t gaps_shown)
{
	put_share(out, coverage->share, complete);
	put_gaps(out, coverage, gaps_shown);
	if (coverage->quarantined > 0) {
		ot_buf_text(out, " · ");
		put_count(out, coverage->quarantined, "line", "lines");
		ot_buf_text(out, " in quarantine");
	}
	if (stats->blocks_damaged > 0) {
		ot_buf_text(out, " · ");
		put_count(out, stats->blocks_damaged, "damaged block", "damaged blocks");
		ot_buf_text(out, " skipped: ");
		ot_text_display(out, stats->first_damage);
	}
	if (stats->links_damaged > 0) {
		ot_buf_text(out, " · ");
		put_count(out, stats->links_damaged, "link file", "link files");
		ot_buf_text(out, " not read: records there are calls of their own (onetrail verify)");
	}
}

void ot_footing_put(struct ot_buf *out, const struct ot_footing *footing, const struct ot_question *question, const struct ot_scan_stats *stats, size_t gaps_shown)
{
	if (!question->records) {
		put_count(out, footing->tally.calls, "call", "calls");
		ot_buf_text(out, " (");
	}
	put_count(out, footing->tally.records, "record", "records");
	if (!question->records)
		ot_buf_char(out, ')');
	ot_buf_text(out, " · ");
	put_count(out, footing->tally.origin_count, "origin", "origins");
	ot_buf_text(out, " · ");
	ot_footing_put_coverage(out, &footing->coverage, footing->complete, stats, gaps_shown);
}
