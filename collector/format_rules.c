/* collector: descriptions compiled: tests, rules, steps, groups of patterns. */
#include "format_load.h"
#include <base/time.h>
#include <string.h>

/* ---- tests ---- */

static const char *const test_names[] = { "member", "is", "starts", "matches", "type", "same", "present", "not", "any", "all", "least", "of", NULL };

static bool texts_read(struct ot_load *load, const json_t *from, struct ot_str **texts, unsigned *count)
{
	size_t n = json_is_array(from) ? json_array_size(from) : 1;
	*texts = ot_arena_alloc(&load->set->arena, (n + 1) * sizeof(**texts));
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_is_array(from) ? json_array_get(from, i) : from;
		if (json_is_string(one))
			(*texts)[i] = ot_load_text(load, one);
		else if (json_is_integer(one))
			(*texts)[i] = ot_arena_printf(&load->set->arena, "%lld", (long long)json_integer_value(one));
		else if (json_is_boolean(one))
			(*texts)[i] = json_is_true(one) ? OT_STR("true") : OT_STR("false");
		else
			return ot_load_fail(load, "texts are expected");
	}
	*count = (unsigned)n;
	return true;
}

static bool type_read(struct ot_load *load, const json_t *from, enum ot_member_type *type)
{
	static const struct { const char *name; enum ot_member_type type; } types[] = { { "string", OT_MEMBER_STRING }, { "number", OT_MEMBER_NUMBER },
		{ "bool", OT_MEMBER_TRUE }, { "object", OT_MEMBER_OBJECT }, { "array", OT_MEMBER_ARRAY }, { "null", OT_MEMBER_NULL } };
	for (size_t i = 0; json_is_string(from) && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, json_string_value(from)) == 0) {
			*type = types[i].type;
			return true;
		}
	return ot_load_fail(load, "a type is one of string number bool object array null");
}

static bool test_said(struct ot_load *load, struct ot_tree *tree, const json_t *from, struct ot_test *test)
{
	json_t *is = json_object_get(from, "is"), *starts = json_object_get(from, "starts"), *matches = json_object_get(from, "matches");
	json_t *type = json_object_get(from, "type"), *same = json_object_get(from, "same"), *present = json_object_get(from, "present");
	const char *member = json_string_value(json_object_get(from, "member"));
	if (member == NULL)
		return ot_load_fail(load, "a test needs a \"member\", or \"any\", \"all\", \"of\"");
	if ((test->slot = ot_load_slot(load, tree, member)) < 0)
		return false;
	test->says = ot_arena_cstr(&load->set->arena, ot_str_from(member));
	test->kind = json_is_false(present) ? OT_TEST_MISSING : OT_TEST_PRESENT;
	if (is != NULL) {
		test->kind = OT_TEST_IN;
		return texts_read(load, is, &test->texts, &test->text_count);
	}
	if (starts != NULL) {
		test->kind = OT_TEST_STARTS;
		return texts_read(load, starts, &test->texts, &test->text_count);
	}
	if (matches != NULL) {
		test->kind = OT_TEST_MATCHES;
		return (test->pattern = ot_load_pattern(load, matches)) != NULL;
	}
	if (type != NULL) {
		test->kind = OT_TEST_TYPE;
		return type_read(load, type, &test->type);
	}
	if (same != NULL) {
		test->kind = OT_TEST_SAME;
		return json_is_string(same) && (test->other = ot_load_slot(load, tree, json_string_value(same))) >= 0;
	}
	return true;
}

static bool test_read(struct ot_load *load, struct ot_tree *tree, const json_t *from, struct ot_test *test)
{
	*test = (struct ot_test){ .slot = -1, .kind = OT_TEST_PRESENT, .says = "a test" };
	if (json_is_string(from)) {
		test->slot = ot_load_slot(load, tree, json_string_value(from));
		test->says = ot_arena_cstr(&load->set->arena, ot_str_from(json_string_value(from)));
		return test->slot >= 0;
	}
	if (!json_is_object(from))
		return ot_load_fail(load, "a test is the path of a member, or an object");
	json_t *any = json_object_get(from, "any"), *all = json_object_get(from, "all"), *of = json_object_get(from, "of"), *not = json_object_get(from, "not");
	if (!ot_load_known(load, from, test_names))
		return false;
	if (not != NULL) {
		bool right = test_read(load, tree, not, test);
		test->negated = !test->negated;
		return right;
	}
	if (any == NULL && all == NULL && of == NULL)
		return test_said(load, tree, from, test);
	json_t *parts = any != NULL ? any : all != NULL ? all : of;
	test->kind = OT_TEST_SOME;
	if (!ot_load_tests(load, tree, parts, &test->parts, &test->part_count))
		return false;
	test->least = any != NULL ? 1 : all != NULL ? test->part_count : (unsigned)json_integer_value(json_object_get(from, "least"));
	if (test->part_count > 0)
		test->says = test->parts[0].says;
	return true;
}

bool ot_load_tests(struct ot_load *load, struct ot_tree *tree, const json_t *from, struct ot_test **tests, unsigned *count)
{
	size_t n = json_is_array(from) ? json_array_size(from) : from != NULL ? 1 : 0;
	*tests = ot_arena_alloc(&load->set->arena, (n + 1) * sizeof(**tests));
	*count = (unsigned)n;
	for (size_t i = 0; i < n; i++)
		if (!test_read(load, tree, json_is_array(from) ? json_array_get(from, i) : from, &(*tests)[i]))
			return false;
	return true;
}

/* ---- rules ---- */

static const char *const rule_names[] = { "from", "as", "pattern", "basis", "zone", "map", "absent", "list", "when", "value", "extract", "join", "covers", NULL };

static bool slots_read(struct ot_load *load, const json_t *from, struct ot_rule *rule)
{
	size_t n = json_is_array(from) ? json_array_size(from) : 1;
	rule->slots = ot_arena_alloc(&load->set->arena, n * sizeof(*rule->slots));
	for (size_t i = 0; i < n; i++) {
		const char *path = json_string_value(json_is_array(from) ? json_array_get(from, i) : from);
		if (path == NULL)
			return ot_load_fail(load, "\"from\" is the path of a member, or several");
		int slot = ot_load_slot(load, &load->format->tree, path);
		if (slot < 0)
			return false;
		rule->slots[rule->slot_count++] = slot;
	}
	return true;
}

static bool map_read(struct ot_load *load, const json_t *map, struct ot_rule *rule)
{
	const char *from;
	json_t *to;
	if (map == NULL)
		return true;
	rule->map = ot_arena_alloc(&load->set->arena, (json_object_size(map) + 1) * sizeof(*rule->map));
	json_object_foreach((json_t *)(uintptr_t)map, from, to)
	{
		struct ot_str text = json_is_boolean(to) ? (json_is_true(to) ? OT_STR("true") : OT_STR("false")) : json_is_null(to) ? OT_STR_NONE : ot_load_text(load, to);
		rule->map[rule->map_count++] = (struct ot_map_entry){ ot_arena_str(&load->set->arena, ot_str_from(from)), text };
	}
	return rule->map_count > 0 || ot_load_fail(load, "\"map\" is an object of texts");
}

static bool conversion_read(struct ot_load *load, const json_t *as, struct ot_rule *rule)
{
	rule->conversion = json_is_string(as) ? ot_conversion_find(ot_str_from(json_string_value(as))) : ot_conversion_of_target(rule->target);
	if (rule->conversion != NULL)
		return true;
	if (json_is_string(as))
		return ot_load_fail(load, "\"%s\" is no conversion; there are %s", json_string_value(as), ot_conversion_names(&load->set->arena));
	return ot_load_fail(load, "its unit must be said: \"as\"");
}

static bool time_read(struct ot_load *load, const json_t *from, struct ot_rule *rule)
{
	const json_t *pattern = json_object_get(from, "pattern"), *zone = json_object_get(from, "zone");
	const char *basis = json_string_value(json_object_get(from, "basis"));
	struct ot_err err;
	if (json_is_string(pattern)) {
		rule->pattern = ot_load_text(load, pattern);
		if (!ot_time_pattern_check(rule->pattern, &err))
			return ot_load_fail(load, "%s", err.text);
	}
	if (basis != NULL && (rule->basis = (int)ot_enum_value(OT_TIMESTAMP_BASIS, ot_str_from(basis))) < 0)
		return ot_load_fail(load, "\"%s\" is none of %s", basis, ot_fields[OT_TIMESTAMP_BASIS].unit);
	if (zone == NULL)
		return true;
	const char *member = json_string_value(json_object_get(zone, "from")), *as = json_string_value(json_object_get(zone, "as"));
	rule->zone_conversion = as == NULL ? NULL : ot_conversion_find(ot_str_from(as));
	if (member == NULL || rule->zone_conversion == NULL)
		return ot_load_fail(load, "\"zone\" has \"from\", a member, and \"as\", how its time is written");
	return (rule->zone_slot = ot_load_slot(load, &load->format->tree, member)) >= 0;
}

static bool list_read(struct ot_load *load, const json_t *list, struct ot_rule *rule)
{
	const char *name = json_string_value(list);
	rule->list = name == NULL ? OT_LIST_NONE : strcmp(name, "first") == 0 ? OT_LIST_FIRST : OT_LIST_LAST;
	return name == NULL || strcmp(name, "first") == 0 || strcmp(name, "last") == 0 || ot_load_fail(load, "\"list\" is \"first\" or \"last\"");
}

static bool covers_read(struct ot_load *load, const json_t *from, struct ot_rule *rule)
{
	rule->covers = ot_arena_alloc(&load->set->arena, (json_array_size(from) + 1) * sizeof(*rule->covers));
	for (size_t i = 0; i < json_array_size(from); i++) {
		const char *path = json_string_value(json_array_get(from, i));
		if (path == NULL || (rule->covers[rule->cover_count++] = ot_load_slot(load, &load->format->tree, path)) < 0)
			return path == NULL ? ot_load_fail(load, "\"covers\" is an array of members") : false;
	}
	return true;
}

static bool rule_read(struct ot_load *load, const json_t *from, struct ot_rule *rule)
{
	const json_t *value = json_object_get(from, "value"), *source = json_object_get(from, "from"), *extract = json_object_get(from, "extract");
	if (!ot_load_known(load, from, rule_names) || !conversion_read(load, json_object_get(from, "as"), rule) || !map_read(load, json_object_get(from, "map"), rule) ||
	    !time_read(load, from, rule) || !list_read(load, json_object_get(from, "list"), rule) ||
	    !ot_load_tests(load, &load->format->tree, json_object_get(from, "when"), &rule->when, &rule->when_count))
		return false;
	if (json_is_string(json_object_get(from, "join")))
		rule->join = json_string_value(json_object_get(from, "join"))[0];
	if (!covers_read(load, json_object_get(from, "covers"), rule))
		return false;
	if (json_object_get(from, "absent") != NULL && !texts_read(load, json_object_get(from, "absent"), &rule->absent, &rule->absent_count))
		return false;
	if (extract != NULL && (rule->extract = ot_load_pattern(load, extract)) == NULL)
		return false;
	if (source != NULL)
		return slots_read(load, source, rule);
	struct ot_str *texts;
	unsigned count;
	if (value == NULL)
		return ot_load_fail(load, "a rule has \"from\" or \"value\"");
	if (!texts_read(load, value, &texts, &count))
		return false;
	rule->value = texts[0];
	return true;
}

static struct ot_rule *rule_new(struct ot_load *load, unsigned target, const struct ot_rule *defaults)
{
	struct ot_format *f = load->format;
	struct ot_rule *rule = &f->rules[f->rule_count++];
	*rule = *defaults;
	rule->target = target;
	rule->basis = rule->zone_slot = -1;
	return rule;
}

/* A path, an array of paths and rules, or a rule. Paths that follow each other are one rule. */
static bool field_read(struct ot_load *load, unsigned target, const json_t *from, const struct ot_rule *defaults)
{
	size_t n = json_is_array(from) ? json_array_size(from) : 1;
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_is_array(from) ? json_array_get(from, i) : from;
		struct ot_rule *rule = rule_new(load, target, defaults);
		if (json_is_object(one)) {
			if (!rule_read(load, one, rule))
				return false;
			continue;
		}
		if (!json_is_string(one))
			return ot_load_fail(load, "a field is made of a member's path, of a rule, or of several of these");
		json_t *paths = json_array();
		while (i < n && json_is_string(one)) {
			json_array_append(paths, (json_t *)(uintptr_t)one);
			one = ++i < n ? json_array_get(from, i) : NULL;
		}
		i--;
		bool right = conversion_read(load, NULL, rule) && slots_read(load, paths, rule);
		json_decref(paths);
		if (!right)
			return false;
	}
	return true;
}

bool ot_load_rules(struct ot_load *load, const json_t *fields, const json_t *absent)
{
	const char *name;
	json_t *from;
	size_t most = 0;
	struct ot_rule defaults = { .basis = -1, .zone_slot = -1 };
	if (absent != NULL && !texts_read(load, absent, &defaults.absent, &defaults.absent_count))
		return false;
	json_object_foreach((json_t *)(uintptr_t)fields, name, from) most += json_is_array(from) ? json_array_size(from) : 1;
	load->format->rules = ot_arena_alloc(&load->set->arena, (most + 1) * sizeof(struct ot_rule));
	ot_load_enter(load, "fields");
	json_object_foreach((json_t *)(uintptr_t)fields, name, from)
	{
		unsigned target = ot_rule_target_find(ot_str_from(name));
		if (json_is_null(from) || name[0] == '#')
			continue;
		ot_load_enter(load, name);
		if (target == OT_TO_COUNT)
			return ot_load_fail(load, "there is no such field; nearest is \"%s\"", ot_field_nearest(ot_str_from(name)));
		if (!field_read(load, target, from, &defaults))
			return false;
		ot_load_leave(load);
	}
	ot_load_leave(load);
	return true;
}

/* ---- steps and patterns ---- */

bool ot_load_patterns(struct ot_load *load, const json_t *from, struct ot_pattern **patterns, unsigned *count)
{
	/* A text; an array of texts that are alternatives, each of them again a text or an array of texts that are joined. */
	size_t n = json_is_array(from) ? json_array_size(from) : 1;
	*patterns = ot_arena_zero(&load->set->arena, n + 1, sizeof(**patterns));
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_is_array(from) ? json_array_get(from, i) : from;
		if (!json_is_string(one) && !json_is_array(one))
			return ot_load_fail(load, "a format has \"json\" or a \"pattern\"");
		if (((*patterns)[i].code = ot_load_pattern(load, one)) == NULL)
			return false;
		(*count)++;
	}
	return true;
}

/* Where the groups of a pattern go, by their names; a name that begins with "_" is of no interest. */
bool ot_load_groups(struct ot_load *load, const struct ot_node *into, struct ot_str prefix, pcre2_code *code, struct ot_pattern *out)
{
	uint32_t groups, entries, size;
	PCRE2_SPTR table;
	pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
	pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &entries);
	pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &table);
	if (groups >= OT_GROUPS_MAX)
		return ot_load_fail(load, "a pattern with more than %d groups", OT_GROUPS_MAX - 1);
	out->groups = groups;
	for (uint32_t g = 0; g <= groups; g++)
		out->slots[g] = -2;
	for (uint32_t i = 0; i < entries; i++, table += size) {
		unsigned group = (unsigned)table[0] << 8 | table[1];
		struct ot_str name = ot_str_from((const char *)table + 2);
		const struct ot_node *node = ot_node_kid(into, name);
		bool ignored = name.ptr[0] == '_' || (node != NULL && node->hidden && node->slot < 0);
		out->slots[group] = ignored ? -2 : node == NULL ? -1 : node->slot;
		out->names[group] = ot_arena_printf(&load->set->arena, "%.*s%.*s", OT_STR_ARGS(prefix), OT_STR_ARGS(name));
	}
	return true;
}

static const char *const step_names[] = { "member", "json", "pairs", "split", "pattern", "into", "names", "shapes", "rest", NULL };

static bool split_read(struct ot_load *load, const json_t *from, struct ot_step *step)
{
	struct ot_tree *tree = &load->format->tree;
	const json_t *names = json_object_get(from, "names"), *shapes = json_object_get(from, "shapes");
	const char *rest = json_string_value(json_object_get(from, "rest"));
	step->positions = ot_arena_alloc(&load->set->arena, (json_array_size(names) + 1) * sizeof(*step->positions));
	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));
		step->positions[step->position_count++] = name == NULL ? -1 : ot_load_slot(load, tree, name);
	}
	step->shapes = ot_arena_alloc(&load->set->arena, (json_array_size(shapes) + 1) * sizeof(*step->shapes));
	for (size_t i = 0; i < json_array_size(shapes); i++) {
		const json_t *shape = json_array_get(shapes, i);
		const char *name = json_string_value(json_object_get(shape, "name"));
		pcre2_code *code = ot_load_pattern(load, json_object_get(shape, "matches"));
		if (name == NULL || code == NULL)
			return code != NULL && ot_load_fail(load, "a shape has \"name\" and \"matches\"");
		step->shapes[step->shape_count++] = (struct ot_shaped){ ot_load_slot(load, tree, name), code };
	}
	step->rest = rest == NULL ? -1 : ot_load_slot(load, tree, rest);
	return true;
}

static bool step_read(struct ot_load *load, const json_t *from, struct ot_step *step)
{
	const char *member = json_string_value(json_object_get(from, "member")), *into = json_string_value(json_object_get(from, "into"));
	const json_t *pairs = json_object_get(from, "pairs"), *split = json_object_get(from, "split"), *pattern = json_object_get(from, "pattern");
	struct ot_err err;
	if (member == NULL)
		return ot_load_fail(load, "a step needs a \"member\"");
	if (!ot_load_known(load, from, step_names) || (step->slot = ot_load_slot(load, &load->format->tree, member)) < 0)
		return false;
	into = into != NULL ? into : member;
	step->into = into[0] == '\0' ? &load->format->tree.root : ot_tree_node(&load->format->tree, ot_str_from(into), &err);
	step->prefix = into[0] == '\0' ? OT_STR("") : ot_arena_printf(&load->set->arena, "%s.", into);
	step->label = into[0] == '\0' ? ot_arena_printf(&load->set->arena, "%s.", member) : OT_STR("");
	if (step->into == NULL)
		return ot_load_fail(load, "%s", err.text);
	if (json_is_true(json_object_get(from, "json"))) {
		step->kind = OT_STEP_JSON;
	} else if (pairs != NULL) {
		step->kind = OT_STEP_PAIRS;
		step->separator = json_is_string(pairs) ? json_string_value(pairs)[0] : ' ';
	} else if (json_is_string(split)) {
		step->kind = OT_STEP_SPLIT;
		step->separator = json_string_value(split)[0];
		return split_read(load, from, step);
	} else if (pattern != NULL) {
		step->kind = OT_STEP_PATTERN;
		return ot_load_patterns(load, pattern, &step->patterns, &step->pattern_count);
	} else {
		return ot_load_fail(load, "a step has \"json\", \"pairs\", \"split\" or \"pattern\"");
	}
	return true;
}

bool ot_load_steps(struct ot_load *load, const json_t *from)
{
	struct ot_format *f = load->format;
	ot_load_enter(load, "then");
	f->steps = ot_arena_zero(&load->set->arena, json_array_size(from) + 1, sizeof(*f->steps));
	for (size_t i = 0; i < json_array_size(from); i++)
		if (!step_read(load, json_array_get(from, i), &f->steps[f->step_count++]))
			return false;
	ot_load_leave(load);
	return true;
}
