/* Which rows of a block match: each test looks only at the rows that passed those before it. */
#include "where.h"

#include <string.h>

enum { CANCEL_EVERY = 256 }; /* rows between looks at the cancel flag where a row may take long */

struct selecting {
	struct block *block;
	struct ot_matcher *const *matchers;
};

static uint16_t *rows_new(struct block *block, uint32_t count)
{
	return ot_arena_alloc(block->arena, (count + 1) * sizeof(uint16_t));
}

/* Keeps the rows for which `condition` of `row` is 1, without a branch. */
#define KEEP(condition)                                                                                                \
	do {                                                                                                           \
		uint16_t *kept = rows_new(block, in.count);                                                            \
		uint32_t keep_count = 0, row;                                                                          \
                                                                                                                       \
		if (in.at == NULL) {                                                                                   \
			for (row = 0; row < in.count; row++) {                                                         \
				kept[keep_count] = (uint16_t)row;                                                      \
				keep_count += (condition);                                                             \
			}                                                                                              \
		} else {                                                                                               \
			for (uint32_t i_ = 0; i_ < in.count; i_++) {                                                   \
				row = in.at[i_];                                                                       \
				kept[keep_count] = (uint16_t)row;                                                      \
				keep_count += (condition);                                                             \
			}                                                                                              \
		}                                                                                                      \
		*out = (struct rows){kept, keep_count};                                                                \
	} while (0)

static void select_numbers(
    struct block *block, const struct node *node, const struct ot_column *column, struct rows in, struct rows *out)
{
	uint64_t low = (uint64_t)node->low, span = (uint64_t)node->high - low;
	const int64_t *numbers = column->numbers;
	const uint8_t *valid = column->valid;

	if (valid == NULL)
		KEEP((uint64_t)numbers[row] - low <= span);
	else
		KEEP((valid[row] != 0) & ((uint64_t)numbers[row] - low <= span));
}

static void select_codes(
    struct block *block, const struct node *node, const struct ot_column *column, struct rows in, struct rows *out)
{
	uint32_t low = (uint32_t)node->low, span = (uint32_t)(node->high - node->low), nowhere = node->code_count;
	const uint32_t *codes = column->codes;
	const uint8_t *set = node->set;

	if (set == NULL)
		KEEP(codes[row] - low <= span);
	else
		KEEP(set[codes[row] < nowhere ? codes[row] : nowhere]);
}

static void select_present(struct block *block, const struct ot_column *column, struct rows in, struct rows *out)
{
	KEEP(!ot_column_is_null(column, row));
}

static void select_call(struct block *block, const struct node *node, struct rows in, struct rows *out)
{
	const uint32_t *calls = node->call_of_row + block->first;
	uint32_t call = (uint32_t)node->low;

	KEEP(calls[row] == call);
}

static void select_fixed(
    struct block *block, const struct node *node, const struct ot_column *column, struct rows in, struct rows *out)
{
	size_t width = ot_fields[node->field].width;
	const char *bytes = node->term->text.ptr;

	KEEP((column->valid == NULL || column->valid[row]) && memcmp(column->fixed + row * width, bytes, width) == 0);
}

static bool text_at(const struct ot_column *column, enum ot_field field, uint32_t row, struct ot_str *out)
{
	if (column->form == OT_FORM_TEXT) {
		*out = column->texts[row];
		return out->ptr != NULL;
	}
	*out =
	    (struct ot_str){(const char *)column->fixed + (size_t)row * ot_fields[field].width, ot_fields[field].width};
	return column->valid == NULL || column->valid[row];
}

static enum ot_status select_texts(const struct selecting *selecting, const struct node *node,
    const struct ot_column *column, struct rows in, struct rows *out, struct ot_err *err)
{
	struct ot_matcher *matcher = selecting->matchers[node->matcher];
	uint16_t *kept = rows_new(selecting->block, in.count);
	uint32_t count = 0;

	for (uint32_t i = 0; i < in.count; i++) {
		uint32_t row = rows_at(&in, i);
		struct ot_str text;

		if (i % CANCEL_EVERY == 0 && engine_cancelled(selecting->block->engine))
			return ot_err_set(err, OT_CANCELLED, "stopped");
		kept[count] = (uint16_t)row;
		count += text_at(column, node->field, row, &text) && ot_matcher_text(matcher, text);
	}
	*out = (struct rows){kept, count};
	return OT_OK;
}

static enum ot_status select_column(
    const struct selecting *selecting, const struct node *node, struct rows in, struct rows *out, struct ot_err *err)
{
	struct block *block = selecting->block;
	const struct ot_column *column;
	enum ot_status status = block_column(block, node->field, &column, err);

	if (status != OT_OK)
		return status;
	switch (node->kind) {
	case NODE_NUMBER:
		select_numbers(block, node, column, in, out);
		break;
	case NODE_CODES:
		select_codes(block, node, column, in, out);
		break;
	case NODE_FIXED:
		select_fixed(block, node, column, in, out);
		break;
	case NODE_PRESENT:
		select_present(block, column, in, out);
		break;
	default:
		return select_texts(selecting, node, column, in, out, err);
	}
	return OT_OK;
}

/* Rows of `in` that are not in `some`, a part of it. */
static struct rows without(struct block *block, struct rows in, struct rows some)
{
	uint16_t *rest = rows_new(block, in.count);
	uint32_t count = 0, k = 0;

	for (uint32_t i = 0; i < in.count; i++) {
		uint32_t row = rows_at(&in, i);

		if (k < some.count && rows_at(&some, k) == row)
			k++;
		else
			rest[count++] = (uint16_t)row;
	}
	return (struct rows){rest, count};
}

/* Both, which share no row, in order. */
static struct rows merged(struct block *block, struct rows a, struct rows b)
{
	uint16_t *all = rows_new(block, a.count + b.count);
	uint32_t count = 0, i = 0, k = 0;

	while (i < a.count || k < b.count) {
		if (k == b.count || (i < a.count && rows_at(&a, i) < rows_at(&b, k)))
			all[count++] = (uint16_t)rows_at(&a, i++);
		else
			all[count++] = (uint16_t)rows_at(&b, k++);
	}
	return (struct rows){all, count};
}

static enum ot_status select_rows(
    const struct selecting *selecting, const struct node *node, struct rows in, struct rows *out, struct ot_err *err);

static enum ot_status select_all_of(
    const struct selecting *selecting, const struct node *node, struct rows in, struct rows *out, struct ot_err *err)
{
	enum ot_status status = OT_OK;

	*out = in;
	for (size_t i = 0; i < node->count && status == OT_OK && out->count > 0; i++)
		status = select_rows(selecting, node->children[i], *out, out, err);
	return status;
}

static enum ot_status select_any_of(
    const struct selecting *selecting, const struct node *node, struct rows in, struct rows *out, struct ot_err *err)
{
	struct rows rest = in, hit, all = {NULL, 0};

	for (size_t i = 0; i < node->count && rest.count > 0; i++) {
		enum ot_status status = select_rows(selecting, node->children[i], rest, &hit, err);

		if (status != OT_OK)
			return status;
		if (hit.count == 0)
			continue;
		rest = without(selecting->block, rest, hit);
		all = all.count == 0 ? hit : merged(selecting->block, all, hit);
	}
	*out = all;
	return OT_OK;
}

static enum ot_status select_rows(
    const struct selecting *selecting, const struct node *node, struct rows in, struct rows *out, struct ot_err *err)
{
	struct block *block = selecting->block;
	enum verdict verdict;
	enum ot_status status;

	switch (node->kind) {
	case NODE_AND:
		return select_all_of(selecting, node, in, out, err);
	case NODE_OR:
		return select_any_of(selecting, node, in, out, err);
	case NODE_NOT:
		status = select_rows(selecting, node->children[0], in, out, err);
		if (status == OT_OK)
			*out = without(block, in, *out);
		return status;
	default:
		break;
	}
	status = node_verdict(node, block->part, block->number, &verdict, err);
	if (status != OT_OK)
		return status;
	if (verdict != VERDICT_SOME) {
		*out = verdict == VERDICT_ALL ? in : (struct rows){NULL, 0};
		return OT_OK;
	}
	if (node->kind == NODE_CALL) {
		select_call(block, node, in, out);
		return OT_OK;
	}
	return select_column(selecting, node, in, out, err);
}

enum ot_status node_rows(const struct node *node, struct block *block, struct ot_matcher *const *matchers,
    struct rows in, struct rows *out, struct ot_err *err)
{
	struct selecting selecting = {block, matchers};

	return select_rows(&selecting, node, in, out, err);
}
