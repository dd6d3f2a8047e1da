/*
 * The filter language: a list of terms, all of which must hold. docs/QUERY.md tells it to people.
 *
 *   status:5xx  status:400..499  latency>500ms  client:agent-*  path~'^/api/.*'  -origin:wire  (a or b)  /api/payments  route:/api/payments
 *
 * Parsing makes a tree of terms bound to fields of the schema; nothing here knows how it is run.
 */
#ifndef OT_QUERY_FILTER_H
#define OT_QUERY_FILTER_H

#include <base/arena.h>
#include <base/time.h>
#include <store/record.h>

enum ot_expr_kind { OT_EXPR_TRUE, OT_EXPR_AND, OT_EXPR_OR, OT_EXPR_NOT, OT_EXPR_TERM };

enum ot_match {
	OT_MATCH_EQ,	   /* text or number, exactly; enum by name; hex; address */
	OT_MATCH_GLOB,	   /* * and ?, over text (ASCII case kept) */
	OT_MATCH_RANGE,	   /* low <= number <= high (either end may be open); status:5xx, latency>500ms, status:400..499, time */
	OT_MATCH_REGEX,	   /* PCRE2, over text */
	OT_MATCH_BELOW,	   /* url_path is `text` or below it, at segment boundaries */
	OT_MATCH_NETWORK,  /* address within a CIDR block */
	OT_MATCH_PRESENT,  /* field:* : there is a value */
};

struct ot_expr {
	enum ot_expr_kind kind;
	struct ot_expr **children; /* AND, OR: child_count; NOT: one */
	size_t child_count;
	/* TERM */
	enum ot_field field;
	enum ot_match match;
	struct ot_str text;	   /* EQ, GLOB, REGEX, BELOW of text; FIXED: raw bytes; as typed else */
	int64_t low, high;	   /* RANGE, and EQ of numbers (low == high) */
	uint8_t network[16], network_bits; /* NETWORK: IPv6 or v4-mapped */
};

struct ot_filter_context {
	int64_t now_ns;
	const struct ot_zone *zone;
};

/* Reads one line of filter, as the TUI has it. The tree lives in the arena. OT_SYNTAX: err holds the line, a mark under the spot, and the nearest name. */
enum ot_status ot_filter_parse(struct ot_expr **out, struct ot_str line, const struct ot_filter_context *context, struct ot_arena *arena, struct ot_err *err);
/* The same from a command line's arguments: each is a term or part of one; blanks inside an argument that has no quotes belong to its value. */
enum ot_status ot_filter_parse_args(struct ot_expr **out, char **args, size_t count, const struct ot_filter_context *context, struct ot_arena *arena, struct ot_err *err);
/* Writes the tree as a line that parses to the same tree. */
void ot_filter_put(struct ot_buf *out, const struct ot_expr *expr);
/* Row by row, the plain way: what the columnar evaluator is tested against. Needs ot_regex state, so it is slow; for tests and small sets. */
bool ot_filter_matches(const struct ot_expr *expr, const struct ot_record *record);

#endif
