#include <base/opt.h>

#include <string.h>

enum { SUGGEST_DISTANCE_MAX = 2, HELP_COLUMN_MAX = 36 };

struct opt_found {
	const struct ot_opt *option;
	void *target;
};

static struct opt_found find_name(const struct ot_opt_set *sets, size_t set_count, struct ot_str name)
{
	for (size_t i = 0; i < set_count; i++) {
		for (const struct ot_opt *o = sets[i].options; o->name != NULL; o++) {
			if (ot_str_eq(name, ot_str_from(o->name)))
				return (struct opt_found){ o, (char *)sets[i].target + o->offset };
		}
	}
	return (struct opt_found){ NULL, NULL };
}

static struct opt_found find_letter(const struct ot_opt_set *sets, size_t set_count, char letter)
{
	for (size_t i = 0; i < set_count; i++) {
		for (const struct ot_opt *o = sets[i].options; o->name != NULL; o++) {
			if (o->letter != 0 && o->letter == letter)
				return (struct opt_found){ o, (char *)sets[i].target + o->offset };
		}
	}
	return (struct opt_found){ NULL, NULL };
}

static const char *nearest_name(const struct ot_opt_set *sets, size_t set_count, struct ot_str name)
{
	unsigned best = SUGGEST_DISTANCE_MAX + 1;
	const char *nearest = NULL;

	for (size_t i = 0; i < set_count; i++) {
		for (const struct ot_opt *o = sets[i].options; o->name != NULL; o++) {
			unsigned distance = ot_str_distance(name, ot_str_from(o->name), SUGGEST_DISTANCE_MAX);

			/* A name that shares nothing but its length is no suggestion. */
			if (distance < best && distance < name.len) {
				best = distance;
				nearest = o->name;
			}
		}
	}
	return nearest;
}

static enum ot_status unknown_name(const struct ot_opt_set *sets, size_t set_count, struct ot_str name,
    struct ot_err *err)
{
	const char *nearest = nearest_name(sets, set_count, name);

	if (nearest == NULL)
		return ot_err_set(err, OT_SYNTAX, "unknown option --%.*s", OT_STR_ARGS(name));
	return ot_err_set(err, OT_SYNTAX, "unknown option --%.*s; did you mean --%s?", OT_STR_ARGS(name), nearest);
}

static enum ot_status store_list(const struct ot_opt *option, struct ot_opt_list *list, const char *value,
    struct ot_err *err)
{
	if (list->count == OT_OPT_LIST_MAX)
		return ot_err_set(err, OT_LIMIT, "--%s is given more than %d times", option->name, OT_OPT_LIST_MAX);
	list->items[list->count++] = value;
	return OT_OK;
}

static enum ot_status store_int(const struct ot_opt *option, int64_t *target, const char *value, struct ot_err *err)
{
	struct ot_str digits = ot_str_from(value);
	int64_t factor = 1, number;

	switch (digits.len > 0 ? digits.ptr[digits.len - 1] : '\0') {
	case 'K':
	case 'k':
		factor = 1000;
		break;
	case 'M':
		factor = 1000 * 1000;
		break;
	case 'G':
		factor = 1000 * 1000 * 1000;
		break;
	}
	if (factor > 1)
		digits.len--;
	if (!ot_str_to_i64(digits, &number) || number < 0 || __builtin_mul_overflow(number, factor, &number))
		return ot_err_set(err, OT_SYNTAX, "--%s: \"%s\" is not a whole number from 0 up (10, 64K, 2M, 1G)",
		    option->name, value);
	*target = number;
	return OT_OK;
}

static enum ot_status store_choice(const struct ot_opt *option, int *target, const char *value, struct ot_err *err)
{
	struct ot_buf all = { 0 };

	for (int i = 0; option->choices[i] != NULL; i++) {
		if (strcmp(option->choices[i], value) == 0) {
			ot_buf_release(&all);
			*target = i;
			return OT_OK;
		}
		ot_buf_printf(&all, "%s%s", i > 0 ? ", " : "", option->choices[i]);
	}
	ot_err_set(err, OT_SYNTAX, "--%s: \"%s\" is none of %.*s", option->name, value, OT_STR_ARGS(ot_buf_str(&all)));
	ot_buf_release(&all);
	return OT_SYNTAX;
}

static enum ot_status store_value(struct opt_found found, const char *value, struct ot_err *err)
{
	switch (found.option->kind) {
	case OT_OPT_FLAG:
		*(bool *)found.target = true;
		return OT_OK;
	case OT_OPT_TEXT:
		*(const char **)found.target = value;
		return OT_OK;
	case OT_OPT_LIST:
		return store_list(found.option, found.target, value, err);
	case OT_OPT_INT:
		return store_int(found.option, found.target, value, err);
	case OT_OPT_CHOICE:
		return store_choice(found.option, found.target, value, err);
	}
	ot_die("option --%s is of no kind", found.option->name);
}

/* The arguments not looked at yet. */
struct opt_args {
	char **argv;
	int at, count;
};

static enum ot_status next_value(struct opt_args *args, const struct ot_opt *option, const char **value,
    struct ot_err *err)
{
	if (args->at == args->count)
		return ot_err_set(err, OT_SYNTAX, "--%s needs a value: %s", option->name,
		    option->value == NULL ? "VALUE" : option->value);
	*value = args->argv[args->at++];
	return OT_OK;
}

/* "--name", "--name=value", "--name value" */
static enum ot_status parse_long(const struct ot_opt_set *sets, size_t set_count, const char *text,
    struct opt_args *args, struct ot_err *err)
{
	struct ot_str attached, name = ot_str_cut(ot_str_from(text), '=', &attached);
	struct opt_found found = find_name(sets, set_count, name);
	const char *value = attached.ptr;
	enum ot_status status = OT_OK;

	if (found.option == NULL)
		return unknown_name(sets, set_count, name, err);
	if (found.option->kind == OT_OPT_FLAG && value != NULL)
		return ot_err_set(err, OT_SYNTAX, "--%s takes no value", found.option->name);
	if (found.option->kind != OT_OPT_FLAG && value == NULL)
		status = next_value(args, found.option, &value, err);
	return status == OT_OK ? store_value(found, value, err) : status;
}

/* "-q", "-qv" for flags, "-n5", "-n 5" */
static enum ot_status parse_letters(const struct ot_opt_set *sets, size_t set_count, const char *text,
    struct opt_args *args, struct ot_err *err)
{
	enum ot_status status = OT_OK;

	while (*text != '\0' && status == OT_OK) {
		struct opt_found found = find_letter(sets, set_count, *text);
		const char *value = NULL;

		if (found.option == NULL)
			return ot_err_set(err, OT_SYNTAX, "unknown option -%c", *text);
		text++;
		if (found.option->kind != OT_OPT_FLAG) {
			value = text;
			text = "";
			if (*value == '\0')
				status = next_value(args, found.option, &value, err);
		}
		if (status == OT_OK)
			status = store_value(found, value, err);
	}
	return status;
}

/* "-origin:wire", a negated term of a filter: a field's name of two or more characters, then an operator. */
static bool is_negated_term(const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz_");

	if (len < 2)
		return false;
	len += strspn(text + len, "abcdefghijklmnopqrstuvwxyz_0123456789");
	return text[len] != '\0' && strchr(":~<>=", text[len]) != NULL;
}

static bool is_option(const char *text)
{
	if (text[0] != '-' || text[1] == '\0')
		return false;
	if (text[1] == '-')
		return true;
	/* What begins with neither letter cannot be an option: "-5", "-/api/payments", "-(a or b)". */
	if (!((text[1] >= 'a' && text[1] <= 'z') || (text[1] >= 'A' && text[1] <= 'Z')))
		return false;
	return !is_negated_term(text + 1);
}

enum ot_status ot_opt_parse(const struct ot_opt_set *sets, size_t set_count, int *argc, char **argv, bool stop_at_first,
    struct ot_err *err)
{
	struct opt_args args = { argv, 0, *argc };
	enum ot_status status = OT_OK;
	bool ended = false;
	int kept = 0;

	while (args.at < args.count && status == OT_OK) {
		char *text = argv[args.at++];

		if (ended || !is_option(text)) {
			argv[kept++] = text;
			ended = ended || stop_at_first;
		} else if (strcmp(text, "--") == 0) {
			ended = true;
		} else if (text[1] == '-') {
			status = parse_long(sets, set_count, text + 2, &args, err);
		} else {
			status = parse_letters(sets, set_count, text + 1, &args, err);
		}
	}
	if (status == OT_OK)
		*argc = kept;
	return status;
}

static void help_head(const struct ot_opt *option, struct ot_buf *out)
{
	if (option->letter != 0)
		ot_buf_printf(out, "  -%c, --%s", option->letter, option->name);
	else
		ot_buf_printf(out, "      --%s", option->name);
	if (option->kind == OT_OPT_CHOICE && option->value == NULL) {
		for (int i = 0; option->choices[i] != NULL; i++)
			ot_buf_printf(out, "%c%s", i > 0 ? '|' : ' ', option->choices[i]);
	} else if (option->value != NULL) {
		ot_buf_printf(out, " %s", option->value);
	}
}

static size_t help_column(const struct ot_opt *options)
{
	struct ot_buf head = { 0 };
	size_t column = 0;

	for (const struct ot_opt *o = options; o->name != NULL; o++) {
		ot_buf_clear(&head);
		help_head(o, &head);
		if (head.len + 2 > column && head.len + 2 <= HELP_COLUMN_MAX)
			column = head.len + 2;
	}
	ot_buf_release(&head);
	return column;
}

void ot_opt_help(const struct ot_opt *options, struct ot_buf *out)
{
	size_t column = help_column(options);

	for (const struct ot_opt *o = options; o->name != NULL; o++) {
		size_t from = out->len, used;

		help_head(o, out);
		used = out->len - from;
		if (used + 2 > column) {
			ot_buf_char(out, '\n');
			used = 0;
		}
		ot_buf_printf(out, "%*s%s\n", (int)(column - used), "", o->help);
	}
}
