/* Typed numbers, times, durations, sizes, costs, enum names, hex digits and addresses as what is stored. */
#include "lang.h"

#include <arpa/inet.h>
#include <string.h>

static struct ot_str unit_of(enum ot_field field)
{
	return ot_str_from(ot_fields[field].unit);
}

/* --- numbers --- */

/* "5xx" and "50x" for what holds a status. */
static bool status_class(enum ot_field field, struct ot_str text, int64_t *low, int64_t *high)
{
	int64_t number = 0, span = 1;

	if ((field != OT_HTTP_RESPONSE_STATUS_CODE && field != OT_UPSTREAM_STATUS_CODE) || text.len != 3 ||
	    (text.ptr[2] | 32) != 'x')
		return false;
	for (size_t i = 0; i < 3; i++) {
		char c = text.ptr[i];

		if (c >= '0' && c <= '9' && span == 1)
			number = number * 10 + (c - '0');
		else if ((c | 32) == 'x' && i > 0)
			number *= 10, span *= 10;
		else
			return false;
	}
	*low = number;
	*high = number + span - 1;
	return true;
}

static bool duration(struct ot_str text, int64_t *out)
{
	bool negative = ot_str_starts(text, OT_STR("-"));
	struct ot_str digits = ot_str_sub(text, 0, text.len < 2 ? 0 : text.len - 2);

	if (ot_str_ends(text, OT_STR("ns")) && ot_str_to_i64(digits, out))
		return true;
	if (ot_str_eq(text, OT_STR("0"))) {
		*out = 0;
		return true;
	}
	if (!ot_duration_parse(ot_str_sub(text, negative, text.len), out))
		return false;
	if (negative)
		*out = -*out;
	return true;
}

struct scale {
	const char *suffix;
	int64_t factor;
	bool bytes; /* only of sizes */
};

static const struct scale scales[] = {
    {"KiB", 1 << 10, true},
    {"MiB", 1 << 20, true},
    {"GiB", 1 << 30, true},
    {"Ki", 1 << 10, true},
    {"Mi", 1 << 20, true},
    {"Gi", 1 << 30, true},
    {"kB", 1000, true},
    {"KB", 1000, true},
    {"MB", 1000000, true},
    {"GB", 1000000000, true},
    {"B", 1, true},
    {"k", 1000, false},
    {"K", 1000, false},
    {"M", 1000000, false},
    {"G", 1000000000, false},
};

static bool scaled(struct ot_str text, bool bytes, int64_t *out)
{
	if (ot_str_to_i64(text, out))
		return true;
	for (size_t i = 0; i < sizeof(scales) / sizeof(scales[0]); i++) {
		struct ot_str suffix = ot_str_from(scales[i].suffix);

		if ((bytes || !scales[i].bytes) && ot_str_ends(text, suffix))
			return ot_str_to_scaled(ot_str_sub(text, 0, text.len - suffix.len), scales[i].factor, out);
	}
	return false;
}

/* Millionths of a dollar as they are stored, or dollars that say so. */
static bool cost(struct ot_str text, int64_t *out)
{
	enum { MICRO = 1000000 };
	struct ot_str usd = OT_STR("usd");

	if (ot_str_to_i64(text, out))
		return true;
	if (ot_str_starts(text, OT_STR("$")))
		return ot_str_to_scaled(ot_str_sub(text, 1, text.len), MICRO, out);
	return text.len > usd.len && ot_str_eq_nocase(ot_str_sub(text, text.len - usd.len, usd.len), usd) &&
	       ot_str_to_scaled(ot_str_sub(text, 0, text.len - usd.len), MICRO, out);
}

static enum ot_status time_value(struct lang *lang, struct lang_text text, int64_t *low, int64_t *high)
{
	const struct ot_filter_context *context = lang->context;
	struct ot_err why;
	int64_t until;

	if (ot_period_typed(lang_str(text), context->now_ns, context->zone, low, &until, &why) == OT_OK) {
		*high = until - 1;
		return OT_OK;
	}
	if (ot_time_typed(lang_str(text), context->now_ns, context->zone, low, &why) != OT_OK)
		return lang_fail_text(lang, text, "%s", why.text);
	*high = *low;
	return OT_OK;
}

enum ot_status lang_number(struct lang *lang, enum ot_field field, struct lang_text text, int64_t *low, int64_t *high)
{
	struct ot_str typed = lang_str(text), unit = unit_of(field);
	const char *example = "200";
	bool fits;

	if (ot_fields[field].type == OT_TYPE_TIME)
		return time_value(lang, text, low, high);
	if (status_class(field, typed, low, high))
		return OT_OK;
	if (ot_str_eq(unit, OT_STR("ns"))) {
		fits = duration(typed, low);
		example = "500ms, 1.5s, 2m";
	} else if (ot_str_eq(unit, OT_STR("micro-USD"))) {
		fits = cost(typed, low);
		example = "'$0.01', 0.01usd, or 10000 for millionths of a dollar";
	} else {
		bool bytes = ot_str_eq(unit, OT_STR("bytes"));

		fits = scaled(typed, bytes, low);
		if (bytes)
			example = "4096, 10k, 1.5M, 4KiB";
	}
	if (!fits)
		return lang_fail_text(lang, text, "\"%.*s\" does not fit %s; write %s", OT_STR_ARGS(typed),
		    ot_fields[field].name, example);
	*high = *low;
	return OT_OK;
}

/* --- names --- */

static bool bool_value(struct ot_str text, int64_t *value)
{
	static const char *const names[][2] = {{"false", "true"}, {"no", "yes"}};

	for (size_t i = 0; i < 2; i++) {
		for (int v = 0; v < 2; v++) {
			if (ot_str_eq_nocase(text, ot_str_from(names[i][v]))) {
				*value = v;
				return true;
			}
		}
	}
	return false;
}

static enum ot_status no_such_name(struct lang *lang, enum ot_field field, struct lang_text text)
{
	const char *nearest = NULL;
	unsigned best = 4;

	for (int v = 0; v < ot_enum_count(field); v++) {
		unsigned distance = ot_str_distance(lang_str(text), ot_str_from(ot_enum_name(field, v)), 3);

		if (distance < best) {
			best = distance;
			nearest = ot_enum_name(field, v);
		}
	}
	if (nearest != NULL)
		return lang_fail_text(lang, text, "%s is never \"%.*s\"; did you mean \"%s\"?", ot_fields[field].name,
		    OT_STR_ARGS(lang_str(text)), nearest);
	return lang_fail_text(lang, text, "%s is never \"%.*s\"; it is one of %s", ot_fields[field].name,
	    OT_STR_ARGS(lang_str(text)),
	    ot_fields[field].type == OT_TYPE_BOOL ? "true|false|yes|no" : ot_fields[field].unit);
}

static struct ot_expr *number_term(struct lang *lang, enum ot_field field, int64_t value)
{
	struct ot_expr *expr = lang_term(lang, field, OT_MATCH_EQ);

	expr->low = expr->high = value;
	return expr;
}

enum ot_status lang_enum(
    struct lang *lang, enum ot_field field, struct lang_text text, bool exact, struct ot_expr **out)
{
	bool is_bool = ot_fields[field].type == OT_TYPE_BOOL;
	struct lang_list list = {0};
	int64_t value = -1;

	if (is_bool ? bool_value(lang_str(text), &value) : (value = ot_enum_value(field, lang_str(text))) >= 0) {
		*out = number_term(lang, field, value);
		return OT_OK;
	}
	for (int v = 0; !is_bool && !exact && v < ot_enum_count(field); v++) {
		if (ot_str_glob(ot_str_from(ot_enum_name(field, v)), lang_str(text)))
			lang_list_add(lang, &list, number_term(lang, field, v));
	}
	if (list.count == 0)
		return no_such_name(lang, field, text);
	*out = lang_join(lang, OT_EXPR_OR, &list);
	return OT_OK;
}

/* --- hex --- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 32);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum ot_status lang_hex(struct lang *lang, enum ot_field field, struct lang_text text, bool exact, struct ot_expr **out)
{
	static const char digits_of[] = "0123456789abcdef";
	char *digits = ot_arena_alloc(lang->arena, text.len + 1);
	size_t width = ot_fields[field].width, count = 0;
	bool glob = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool wild = (c == '*' || c == '?') && !text.quoted[i] && !exact;

		glob = glob || wild;
		if (c == '-')
			continue;
		if (!wild && hex_digit(c) < 0)
			return lang_fail(lang, text.at[i], 1, "%s is made of hex digits", ot_fields[field].name);
		digits[count++] = wild ? c : digits_of[hex_digit(c)];
	}
	*out = lang_term(lang, field, glob ? OT_MATCH_GLOB : OT_MATCH_EQ);
	(*out)->text = (struct ot_str){digits, count};
	if (glob)
		return OT_OK;
	if (count != width * 2)
		return lang_fail_text(lang, text, "%s has %zu hex digits, this has %zu; a * stands for those left out",
		    ot_fields[field].name, width * 2, count);
	for (size_t i = 0; i < width; i++)
		digits[i] = (char)(hex_digit(digits[2 * i]) << 4 | hex_digit(digits[2 * i + 1]));
	(*out)->text.len = width;
	return OT_OK;
}

/* --- addresses --- */

enum { ADDRESS_TEXT_MAX = 64 };

/* Reads IPv4 (as v4-mapped) or IPv6; `*bits` is 32 or 128, 0 where it is neither. */
static void address_read(struct ot_str text, uint8_t out[16], int *bits)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	char terminated[ADDRESS_TEXT_MAX];

	*bits = 0;
	if (text.len >= sizeof(terminated) || ot_str_find_char(text, '\0') >= 0)
		return;
	memcpy(terminated, text.ptr, text.len);
	terminated[text.len] = '\0';
	if (inet_pton(AF_INET, terminated, out + 12) == 1) {
		memcpy(out, mapped, sizeof(mapped));
		*bits = 32;
	} else if (inet_pton(AF_INET6, terminated, out) == 1) {
		*bits = 128;
	}
}

static enum ot_status network(
    struct lang *lang, enum ot_field field, struct lang_text text, size_t slash, struct ot_expr **out)
{
	struct ot_str length = ot_str_sub(lang_str(text), slash + 1, text.len);
	struct ot_expr *expr = lang_term(lang, field, OT_MATCH_NETWORK);
	int64_t number = 0;
	int bits;

	address_read(ot_str_sub(lang_str(text), 0, slash), expr->network, &bits);
	if (bits == 0 || !ot_str_to_i64(length, &number) || number < 0 || number > bits)
		return lang_fail_text(lang, text, "\"%.*s\" is not a network; write 10.0.0.0/8 or 2001:db8::/32",
		    OT_STR_ARGS(lang_str(text)));
	expr->network_bits = (uint8_t)(number + 128 - bits);
	for (unsigned bit = expr->network_bits; bit < 128; bit++)
		expr->network[bit / 8] &= (uint8_t) ~(0x80u >> (bit % 8));
	*out = expr;
	return OT_OK;
}

/* The way RFC 5952 writes it, which is how it is stored. */
static struct ot_str canonical(struct lang *lang, const uint8_t address[16], int bits)
{
	char text[ADDRESS_TEXT_MAX] = "";

	inet_ntop(bits == 32 ? AF_INET : AF_INET6, bits == 32 ? address + 12 : address, text, sizeof(text));
	return ot_arena_str(lang->arena, ot_str_from(text));
}

enum ot_status lang_address(struct lang *lang, enum ot_field field, struct lang_text text, struct ot_expr **out)
{
	ptrdiff_t slash = ot_str_find_char(lang_str(text), '/');
	uint8_t address[16];
	int bits;

	if (slash >= 0 && !text.quoted[slash])
		return network(lang, field, text, (size_t)slash, out);
	address_read(lang_str(text), address, &bits);
	*out = lang_term(lang, field, OT_MATCH_EQ);
	(*out)->text = bits == 0 ? lang_str(text) : canonical(lang, address, bits);
	/* Other things stand where an address should ("unix:"), but what is made of digits is a mistake. */
	if (bits == 0 && text.len > 0 && !text.quoted[0] && text.ptr[0] >= '0' && text.ptr[0] <= '9')
		return lang_fail_text(lang, text, "\"%.*s\" is not an address; write 10.0.0.7, 10.0.0.0/8 or 10.0.*",
		    OT_STR_ARGS(lang_str(text)));
	return OT_OK;
}
