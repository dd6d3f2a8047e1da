/* A tree as a line that parses to the same tree. */
#include <query/filter.h>

#include <arpa/inet.h>
#include <string.h>

static const char *name_of(enum ot_field field)
{
	return ot_fields[field].alias[0] != '\0' ? ot_fields[field].alias : ot_fields[field].name;
}

static bool needs_quotes(struct ot_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c <= ' ' || c == 0x7f || strchr("\"'()*?,", c) != NULL)
			return true;
	}
	return text.len == 0;
}

static void put_quoted(struct ot_buf *out, struct ot_str text)
{
	if (ot_str_find_char(text, '\'') < 0) {
		ot_buf_char(out, '\'');
		ot_buf_str_put(out, text);
		ot_buf_char(out, '\'');
		return;
	}
	ot_buf_char(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"' || text.ptr[i] == '\\')
			ot_buf_char(out, '\\');
		ot_buf_char(out, text.ptr[i]);
	}
	ot_buf_char(out, '"');
}

static void put_text(struct ot_buf *out, struct ot_str text)
{
	if (needs_quotes(text))
		put_quoted(out, text);
	else
		ot_buf_str_put(out, text);
}

/* Wildcards stay bare, what is between them is quoted where it must be. */
static void put_glob(struct ot_buf *out, struct ot_str text)
{
	size_t from = 0;

	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && text.ptr[i] != '*' && text.ptr[i] != '?')
			continue;
		if (i > from)
			put_text(out, ot_str_sub(text, from, i - from));
		if (i < text.len)
			ot_buf_char(out, text.ptr[i]);
		from = i + 1;
	}
}

static void put_duration(struct ot_buf *out, int64_t ns)
{
	static const struct {
		int64_t ns;
		const char *unit;
	} units[] = {{OT_NS_PER_S, "s"}, {OT_NS_PER_MS, "ms"}, {1000, "us"}, {1, "ns"}};
	size_t i = 0;

	while (ns % units[i].ns != 0)
		i++;
	ot_buf_i64(out, ns / units[i].ns);
	ot_buf_text(out, units[i].unit);
}

static void put_number(struct ot_buf *out, enum ot_field field, int64_t number)
{
	const struct ot_field_info *info = &ot_fields[field];

	if (info->type == OT_TYPE_TIME)
		ot_time_put(out, number, -1);
	else if (info->type == OT_TYPE_ENUM)
		ot_buf_text(out, ot_enum_name(field, number));
	else if (info->type == OT_TYPE_BOOL)
		ot_buf_text(out, number ? "true" : "false");
	else if (strcmp(info->unit, "ns") == 0)
		put_duration(out, number);
	else
		ot_buf_i64(out, number);
}

static bool is_status_class(const struct ot_expr *term)
{
	return (term->field == OT_HTTP_RESPONSE_STATUS_CODE || term->field == OT_UPSTREAM_STATUS_CODE) &&
	       term->low % 100 == 0 && term->low >= 100 && term->low < 1000 && term->high == term->low + 99;
}

static void put_range(struct ot_buf *out, const struct ot_expr *term)
{
	if (is_status_class(term)) {
		ot_buf_printf(out, ":%dxx", (int)(term->low / 100));
	} else if (term->high == INT64_MAX) {
		ot_buf_text(out, ">=");
		put_number(out, term->field, term->low);
	} else if (term->low == INT64_MIN) {
		ot_buf_text(out, "<=");
		put_number(out, term->field, term->high);
	} else {
		ot_buf_char(out, ':');
		put_number(out, term->field, term->low);
		ot_buf_text(out, "..");
		put_number(out, term->field, term->high);
	}
}

static void put_network(struct ot_buf *out, const struct ot_expr *term)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	bool v4 = term->network_bits >= 96 && memcmp(term->network, mapped, sizeof(mapped)) == 0;
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? term->network + 12 : term->network, text, sizeof(text));
	ot_buf_printf(out, ":%s/%d", text, term->network_bits - (v4 ? 96 : 0));
}

/* Text that is no address, but that would be taken for one, or for a network, without quotes. */
static bool looks_otherwise(struct ot_str text)
{
	char terminated[INET6_ADDRSTRLEN];
	uint8_t address[16];

	if (ot_str_find_char(text, '/') >= 0)
		return true;
	if (text.len == 0 || text.ptr[0] < '0' || text.ptr[0] > '9')
		return false;
	if (text.len >= sizeof(terminated))
		return true;
	memcpy(terminated, text.ptr, text.len);
	terminated[text.len] = '\0';
	return inet_pton(AF_INET, terminated, address) != 1 && inet_pton(AF_INET6, terminated, address) != 1;
}

static void put_equal(struct ot_buf *out, const struct ot_expr *term)
{
	bool kind = term->field == OT_ORIGIN && ot_enum_value(OT_ORIGIN_KIND, term->text) >= 0;

	ot_buf_char(out, kind ? '=' : ':');
	switch (ot_fields[term->field].form) {
	case OT_FORM_INT:
		put_number(out, term->field, term->low);
		break;
	case OT_FORM_FIXED:
		ot_buf_hex(out, term->text.ptr, term->text.len);
		break;
	default:
		if (ot_fields[term->field].type == OT_TYPE_ADDRESS && looks_otherwise(term->text))
			put_quoted(out, term->text);
		else
			put_text(out, term->text);
	}
}

static void put_term(struct ot_buf *out, const struct ot_expr *term)
{
	if (term->match == OT_MATCH_BELOW) {
		put_text(out, term->text);
		return;
	}
	ot_buf_text(out, name_of(term->field));
	switch (term->match) {
	case OT_MATCH_EQ:
		put_equal(out, term);
		break;
	case OT_MATCH_GLOB:
		ot_buf_char(out, ':');
		put_glob(out, term->text);
		break;
	case OT_MATCH_RANGE:
		put_range(out, term);
		break;
	case OT_MATCH_REGEX:
		ot_buf_char(out, '~');
		put_quoted(out, term->text);
		break;
	case OT_MATCH_NETWORK:
		put_network(out, term);
		break;
	default:
		ot_buf_text(out, ":*");
	}
}

static void put_expr(struct ot_buf *out, const struct ot_expr *expr, bool inside);

static void put_children(struct ot_buf *out, const struct ot_expr *expr, bool inside)
{
	bool parentheses = expr->kind == OT_EXPR_OR || inside;

	if (parentheses)
		ot_buf_char(out, '(');
	for (size_t i = 0; i < expr->child_count; i++) {
		if (i > 0)
			ot_buf_text(out, expr->kind == OT_EXPR_OR ? " or " : " ");
		put_expr(out, expr->children[i], expr->kind == OT_EXPR_AND);
	}
	if (parentheses)
		ot_buf_char(out, ')');
}

/* `inside`: something binds stronger than an AND would. */
static void put_expr(struct ot_buf *out, const struct ot_expr *expr, bool inside)
{
	switch (expr->kind) {
	case OT_EXPR_TRUE:
		break;
	case OT_EXPR_AND:
	case OT_EXPR_OR:
		put_children(out, expr, inside);
		break;
	case OT_EXPR_NOT:
		ot_buf_char(out, '-');
		put_expr(out, expr->children[0], true);
		break;
	case OT_EXPR_TERM:
		put_term(out, expr);
		break;
	}
}

void ot_filter_put(struct ot_buf *out, const struct ot_expr *expr)
{
	if (expr != NULL)
		put_expr(out, expr, false);
}
