/* A word as a term of the schema: which field, which operator, and what its value means there. */
#include "lang.h"

#include <query/match.h>
#include <string.h>

struct term {
	enum ot_field field;
	struct lang_text name, op, value;
};

struct sign {
	const char *typed;
	enum ot_status (*bind)(struct lang *lang, const struct term *term, struct ot_expr **out);
};

/* --- what has one value --- */

static bool is_numeric(enum ot_field field)
{
	enum ot_type type = ot_fields[field].type;

	return type == OT_TYPE_INT || type == OT_TYPE_TIME;
}

static struct ot_expr *range_of(struct lang *lang, enum ot_field field, int64_t low, int64_t high)
{
	struct ot_expr *expr = lang_term(lang, field, low == high ? OT_MATCH_EQ : OT_MATCH_RANGE);

	expr->low = low;
	expr->high = high;
	return expr;
}

/* "400..499", "400..", "..499", or what one number stands for. */
static enum ot_status bind_number(struct lang *lang, enum ot_field field, struct lang_text value, struct ot_expr **out)
{
	ptrdiff_t dots = ot_str_find(lang_str(value), OT_STR(".."));
	int64_t low = INT64_MIN, high = INT64_MAX, ignored;
	enum ot_status status = OT_OK;

	if (dots < 0) {
		status = lang_number(lang, field, value, &low, &high);
	} else {
		struct lang_text from = lang_text_sub(value, 0, (size_t)dots);
		struct lang_text to = lang_text_sub(value, (size_t)dots + 2, value.len);

		if (from.len == 0 && to.len == 0)
			return lang_fail_text(
			    lang, value, "a range needs a number on one side at least: 400..499, 400.., ..499");
		if (from.len > 0)
			status = lang_number(lang, field, from, &low, &ignored);
		if (status == OT_OK && to.len > 0)
			status = lang_number(lang, field, to, &ignored, &high);
		if (status == OT_OK && low > high)
			return lang_fail_text(lang, value, "this range runs backwards");
	}
	*out = range_of(lang, field, low, high);
	return status;
}

static struct ot_str upper(struct lang *lang, struct ot_str text)
{
	char *copy = ot_arena_alloc(lang->arena, text.len + 1);

	for (size_t i = 0; i < text.len; i++)
		copy[i] = text.ptr[i] >= 'a' && text.ptr[i] <= 'z' ? (char)(text.ptr[i] - 32) : text.ptr[i];
	return (struct ot_str){copy, text.len};
}

static enum ot_status bind_text(
    struct lang *lang, enum ot_field field, struct lang_text value, bool exact, struct ot_expr **out)
{
	bool glob = !exact && (lang_text_find(value, '*') >= 0 || lang_text_find(value, '?') >= 0);

	for (size_t i = 0; glob && i < value.len; i++) {
		if (value.quoted[i] && (value.ptr[i] == '*' || value.ptr[i] == '?'))
			return lang_fail(lang, value.at[i], 1,
			    "a quoted wildcard cannot stand beside one that is not; write %s~ with a regular "
			    "expression",
			    ot_fields[field].name);
	}
	*out = lang_term(lang, field, glob ? OT_MATCH_GLOB : OT_MATCH_EQ);
	(*out)->text = lang_str(value);
	if (field == OT_HTTP_REQUEST_METHOD)
		(*out)->text = upper(lang, (*out)->text);
	return OT_OK;
}

static enum ot_status bind_id(struct lang *lang, enum ot_field field, struct lang_text value, struct ot_expr **out)
{
	struct ot_str key;
	int64_t offset, item;

	if (!ot_record_id_parse(lang_str(value), &key, &offset, &item))
		return lang_fail_text(lang, value, "\"%.*s\" is not an id; one looks like k7f2m9qx4a-1048576",
		    OT_STR_ARGS(lang_str(value)));
	*out = lang_term(lang, field, OT_MATCH_EQ);
	(*out)->text = lang_str(value);
	return OT_OK;
}

/* `origin:wire` is about the kind where no operator's name is likelier. */
static enum ot_status bind_origin(struct lang *lang, struct lang_text value, bool exact, struct ot_expr **out)
{
	enum ot_status status = bind_text(lang, OT_ORIGIN, value, exact, out);
	int64_t kind = ot_enum_value(OT_ORIGIN_KIND, lang_str(value));
	struct lang_list list = {0};

	if (status != OT_OK || exact || kind < 0)
		return status;
	lang_list_add(lang, &list, *out);
	lang_list_add(lang, &list, range_of(lang, OT_ORIGIN_KIND, kind, kind));
	*out = lang_join(lang, OT_EXPR_OR, &list);
	return OT_OK;
}

/* `exact`: no wildcard has a meaning. */
static enum ot_status bind_value(
    struct lang *lang, enum ot_field field, struct lang_text value, bool exact, struct ot_expr **out)
{
	if (!exact && value.len == 1 && value.ptr[0] == '*' && !value.quoted[0]) {
		*out = lang_term(lang, field, OT_MATCH_PRESENT);
		return OT_OK;
	}
	switch (ot_fields[field].type) {
	case OT_TYPE_INT:
	case OT_TYPE_TIME:
		return bind_number(lang, field, value, out);
	case OT_TYPE_ENUM:
	case OT_TYPE_BOOL:
		return lang_enum(lang, field, value, exact, out);
	case OT_TYPE_ADDRESS:
		if (exact || (lang_text_find(value, '*') < 0 && lang_text_find(value, '?') < 0))
			return lang_address(lang, field, value, out);
		return bind_text(lang, field, value, false, out);
	case OT_TYPE_HEX:
		return lang_hex(lang, field, value, exact, out);
	case OT_TYPE_ID:
		return bind_id(lang, field, value, out);
	case OT_TYPE_DICT:
	case OT_TYPE_TEXT:
	case OT_TYPE_JSON:
		break;
	}
	return field == OT_ORIGIN ? bind_origin(lang, value, exact, out) : bind_text(lang, field, value, exact, out);
}

/* --- signs --- */

/* Place of the comma that ends the first value of a list; a comma before a blank or the end belongs to a text. */
static size_t list_cut(struct lang_text value)
{
	for (size_t i = 0; i + 1 < value.len; i++) {
		if (value.ptr[i] == ',' && !value.quoted[i] && value.ptr[i + 1] != ' ')
			return i;
	}
	return value.len;
}

static enum ot_status bind_list(struct lang *lang, const struct term *term, struct ot_expr **out)
{
	struct lang_text rest = term->value;
	struct lang_list list = {0};

	for (;;) {
		size_t cut = list_cut(rest);
		struct lang_text value = lang_text_sub(rest, 0, cut);
		struct ot_expr *expr = NULL;
		enum ot_status status;

		if (value.len == 0 && cut < rest.len)
			return lang_fail(lang, rest.at[0], 1, "a value is missing before this comma");
		status = bind_value(lang, term->field, value, false, &expr);
		if (status != OT_OK)
			return status;
		lang_list_add(lang, &list, expr);
		if (cut == rest.len)
			break;
		rest = lang_text_sub(rest, cut + 1, rest.len);
	}
	*out = lang_join(lang, OT_EXPR_OR, &list);
	return OT_OK;
}

static enum ot_status bind_exact(struct lang *lang, const struct term *term, struct ot_expr **out)
{
	return bind_value(lang, term->field, term->value, true, out);
}

static enum ot_status bind_unequal(struct lang *lang, const struct term *term, struct ot_expr **out)
{
	enum ot_status status = bind_exact(lang, term, out);

	if (status == OT_OK)
		*out = lang_not(lang, *out);
	return status;
}

static enum ot_status bind_compare(struct lang *lang, const struct term *term, struct ot_expr **out)
{
	char sign = term->op.ptr[0];
	bool or_equal = term->op.len == 2;
	int64_t low, high, from = INT64_MIN, to = INT64_MAX;
	enum ot_status status;

	if (!is_numeric(term->field))
		return lang_fail_text(lang, term->op, "%s is no number, so nothing is less or more; write %s:VALUE",
		    ot_fields[term->field].name, ot_fields[term->field].name);
	status = lang_number(lang, term->field, term->value, &low, &high);
	if (status != OT_OK)
		return status;
	if (sign == '<' ? !or_equal && low == INT64_MIN : !or_equal && high == INT64_MAX)
		return lang_fail_text(lang, term->value, "no number is beyond this one");
	if (sign == '<')
		to = or_equal ? high : low - 1;
	else
		from = or_equal ? low : high + 1;
	*out = range_of(lang, term->field, from, to);
	return OT_OK;
}

static enum ot_status bind_regex(struct lang *lang, const struct term *term, struct ot_expr **out)
{
	enum ot_form form = ot_fields[term->field].form;
	struct ot_str pattern = lang_str(term->value);
	size_t at = 0;
	struct ot_err why;

	if (form != OT_FORM_DICT && form != OT_FORM_TEXT)
		return lang_fail_text(lang, term->op,
		    "%s is no text, so it takes no regular expression; write %s:VALUE", ot_fields[term->field].name,
		    ot_fields[term->field].name);
	if (ot_regex_check(pattern, &at, &why) != OT_OK) {
		if (at > term->value.len)
			at = term->value.len;
		return lang_fail(lang, term->value.at[at], 1, "regular expression: %s", why.text);
	}
	*out = lang_term(lang, term->field, OT_MATCH_REGEX);
	(*out)->text = pattern;
	return OT_OK;
}

static enum ot_status bind_no_regex(struct lang *lang, const struct term *term, struct ot_expr **out)
{
	enum ot_status status = bind_regex(lang, term, out);

	if (status == OT_OK)
		*out = lang_not(lang, *out);
	return status;
}

/* Longer ones before those they begin with. */
static const struct sign signs[] = {
    {"!=", bind_unequal},
    {"!~", bind_no_regex},
    {"<=", bind_compare},
    {">=", bind_compare},
    {"<", bind_compare},
    {">", bind_compare},
    {"==", bind_exact},
    {"=", bind_exact},
    {"~", bind_regex},
    {":", bind_list},
};
enum { SIGN_COUNT = sizeof(signs) / sizeof(signs[0]) };

/* The operator that begins at `at`, unquoted, or NULL. */
static const struct sign *sign_at(struct lang_text word, size_t at)
{
	for (size_t i = 0; i < SIGN_COUNT; i++) {
		struct ot_str typed = ot_str_from(signs[i].typed);

		if (ot_str_starts(ot_str_sub(lang_str(word), at, word.len), typed) && !word.quoted[at] &&
		    !word.quoted[at + typed.len - 1])
			return &signs[i];
	}
	return NULL;
}

/* --- whole words --- */

/* A word that begins with "/": that path and what lies below it. */
static enum ot_status bind_path(struct lang *lang, struct lang_text word, struct ot_expr **out)
{
	ptrdiff_t query = lang_text_find(word, '?');

	if (query >= 0)
		word = lang_text_sub(word, 0, (size_t)query);
	if (lang_text_find(word, '*') >= 0)
		return bind_text(lang, OT_URL_PATH, word, false, out);
	while (word.len > 1 && word.ptr[word.len - 1] == '/')
		word = lang_text_sub(word, 0, word.len - 1);
	*out = lang_term(lang, OT_URL_PATH, OT_MATCH_BELOW);
	(*out)->text = lang_str(word);
	return OT_OK;
}

static bool is_enum_value(struct ot_str word, const char **field)
{
	for (int f = 0; f < OT_FIELD_COUNT; f++) {
		if (ot_fields[f].type == OT_TYPE_ENUM && ot_enum_value((enum ot_field)f, word) >= 0) {
			*field = ot_fields[f].alias[0] != '\0' ? ot_fields[f].alias : ot_fields[f].name;
			return true;
		}
	}
	return false;
}

static size_t count_of(struct ot_str word, const char *set)
{
	size_t len = 0;

	while (len < word.len && word.ptr[len] != '\0' && strchr(set, word.ptr[len]) != NULL)
		len++;
	return len;
}

/* A word without an operator names what could be meant. */
static enum ot_status bare_word(struct lang *lang, struct lang_text text)
{
	struct ot_str word = lang_str(text);
	const char *field = "client";

	if (ot_field_find(word) != OT_FIELD_NONE)
		return lang_fail_text(lang, text, "%.*s is a field: write %.*s:VALUE, or %.*s:* for any value",
		    OT_STR_ARGS(word), OT_STR_ARGS(word), OT_STR_ARGS(word));
	if (word.len == 0)
		return lang_fail_text(lang, text, "this word is empty");
	if (count_of(word, "0123456789x") == word.len && word.len == 3)
		field = "status";
	else if (count_of(word, "0123456789.") == word.len && ot_str_find_char(word, '.') > 0)
		field = "ip";
	else if (count_of(word, "0123456789abcdefABCDEF-") == word.len && word.len >= 32)
		field = "trace";
	else if (count_of(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == word.len && word.len >= 3)
		field = "method";
	else
		is_enum_value(word, &field);
	return lang_fail_text(
	    lang, text, "a term is FIELD:VALUE or a path; did you mean %s:%.*s?", field, OT_STR_ARGS(word));
}

/* "latency:>500ms" is "latency>500ms". */
static const struct sign *sign_behind_colon(const struct term *term)
{
	const struct sign *op;

	if (term->op.ptr[0] != ':' || !is_numeric(term->field) || term->value.len == 0)
		return NULL;
	op = sign_at(term->value, 0);
	return op != NULL && op->bind == bind_compare ? op : NULL;
}

static enum ot_status bind_term(struct lang *lang, struct term *term, const struct sign *op, struct ot_expr **out)
{
	const struct sign *behind;

	term->field = ot_field_find(lang_str(term->name));
	if (term->name.len == 0)
		return lang_fail_text(lang, term->op, "a field's name is missing before this");
	if (term->field == OT_FIELD_NONE)
		return lang_fail_text(lang, term->name, "there is no field \"%.*s\"; did you mean \"%s\"?",
		    OT_STR_ARGS(lang_str(term->name)), ot_field_nearest(lang_str(term->name)));
	behind = sign_behind_colon(term);
	if (behind != NULL) {
		term->op = lang_text_sub(term->value, 0, strlen(behind->typed));
		term->value = lang_text_sub(term->value, term->op.len, term->value.len);
		op = behind;
	}
	if (term->value.len == 0 && term->value.at[0] == term->op.at[term->op.len - 1] + 1)
		return lang_fail(lang, term->value.at[0], 1,
		    "a value is missing here; %.*s:* stands for any, %.*s:\"\" for an empty one",
		    OT_STR_ARGS(lang_str(term->name)), OT_STR_ARGS(lang_str(term->name)));
	return op->bind(lang, term, out);
}

enum ot_status lang_bind(struct lang *lang, struct lang_text word, struct ot_expr **out)
{
	if (word.len > 0 && word.ptr[0] == '/')
		return bind_path(lang, word, out);
	for (size_t i = 0; i < word.len; i++) {
		const struct sign *op = sign_at(word, i);
		size_t len;
		struct term term;

		if (op == NULL)
			continue;
		len = strlen(op->typed);
		term = (struct term){OT_FIELD_NONE, lang_text_sub(word, 0, i), lang_text_sub(word, i, len),
		    lang_text_sub(word, i + len, word.len)};
		return bind_term(lang, &term, op, out);
	}
	return bare_word(lang, word);
}
