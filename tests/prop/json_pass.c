/*
 * The two JSON readers hand out the same members: over lines of our own, every line of the fixtures, and thousands of mutations of them.
 * What the pass takes, the reference takes, and with the same slots and extras; what the pass refuses is for the reference to decide.
 * Numbers are compared as numbers (jansson keeps no digits), extras as JSON values, of equal names the last.
 */
#include "tests/test.h"
#include "collector/json_pass.h"
#include <base/file.h>
#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

enum { MUTATIONS = 100000, SEEDS_MAX = 400 };

static const char *const own_lines[] = {
	"{\"started_at\":1740787225901,\"request\":{\"id\":\"a\",\"method\":\"POST\",\"headers\":{\"Host\":\"h\",\"user-agent\":[\"a\",\"b\"]}},\"tries\":[{\"ip\":\"10.0.0.1\",\"port\":1},{\"ip\":\"10.0.0.2\"}],\"ai\":{\"proxy\":{\"meta\":{\"model\":\"m\"}},\"x\":{\"meta\":{\"model\":\"n\"}}}}",
	"{\"a\":\"\\u00e4\\ud83d\\ude00 \\n\\\"\\\\\",\"b\":-0.5e-3,\"c\":[1,2,[3,{}]],\"d\":null,\"e\":true,\"f\":{},\"g\":[]}",
	" { \"a\" : 1 , \"list\" : [ ] , \"b\" : { \"c\" : [ { \"d\" : \"x y\" } , 2 ] } } ",
	"{\"a\":\"caf\xc3\xa9\",\"b\":\"latin1 \xe9\xff\",\"extra\":{\"k\":\"\xfe\"}}",
	"{\"a\":1,\"a\":2,\"other\":3,\"other\":4}",
	"{\"tries\":[{\"ip\":\"1\"}],\"tries\":[]}",
	"{\"a\":\"\\u0000x\",\"b\":12345678901234567890,\"c\":0.1,\"d\":1e400,\"e\":01}",
	"{\"Request_ID\":\"x\",\"request-id\":\"y\",\"REQUESTID\":\"z\"}",
	"{\"\\u0061\":1,\"b\":\"\\ud800\"}",
	"{}",
};

static const char *const wanted[] = { "a", "b", "b.c[0].d", "c", "started_at", "request.method", "request.headers.host", "request.headers.user-agent", "tries[-1].ip",
	"tries[0].port", "ai.*.meta.model", "list", "status", "upstream.addr", "method", "uri", "remote_addr", "msec", "request", "latencies.request", "time" };

struct side {
	struct ot_tree tree;
	struct ot_shape shape;
	struct ot_members members;
	struct ot_arena arena, line;
};

static void side_init(struct side *s, bool loose)
{
	struct ot_err err;
	memset(s, 0, sizeof(*s));
	ot_tree_init(&s->tree, &s->arena);
	s->tree.root.fold = loose;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (ot_tree_slot(&s->tree, ot_str_from(wanted[i]), &err) < 0)
			ot_die("%s", err.text);
	if (loose)
		ot_tree_slot(&s->tree, OT_STR("request_id"), &err);
	ot_tree_node(&s->tree, OT_STR("secretive"), &err)->hidden = true;
	ot_tree_freeze(&s->tree);
	ot_shape_init(&s->shape, &s->tree.root, NULL);
	ot_members_init(&s->members, s->tree.slots, &s->line);
	s->members.want_extras = true;
}

static void side_release(struct side *s)
{
	ot_members_release(&s->members);
	ot_shape_release(&s->shape);
	ot_arena_release(&s->arena);
	ot_arena_release(&s->line);
}

static bool read_by(struct side *s, struct ot_str text, bool (*reader)(const struct ot_json_target *, struct ot_str))
{
	struct ot_json_target target = { .shape = &s->shape, .place = &s->shape.root, .own = &s->members };
	ot_arena_reset(&s->line);
	ot_members_clear(&s->members);
	return reader(&target, text);
}

static bool same_number(double a, double b) { return fabs(a - b) <= 1e-9 * (fabs(a) + fabs(b)); }

static bool same_json(const json_t *a, const json_t *b)
{
	const char *name;
	json_t *value;
	if (json_is_number(a) && json_is_number(b))
		return same_number(json_number_value(a), json_number_value(b));
	if (json_typeof(a) != json_typeof(b))
		return false;
	if (json_is_array(a)) {
		for (size_t i = 0; i < json_array_size(a); i++)
			if (i >= json_array_size(b) || !same_json(json_array_get(a, i), json_array_get(b, i)))
				return false;
		return json_array_size(a) == json_array_size(b);
	}
	if (!json_is_object(a))
		return json_equal(a, b);
	json_object_foreach((json_t *)(uintptr_t)a, name, value)
		if (json_object_get(b, name) == NULL || !same_json(value, json_object_get(b, name)))
			return false;
	return json_object_size(a) == json_object_size(b);
}

/* "\udcXX", a byte that is not UTF-8, is no JSON of jansson's: another letter stands in for it. */
static json_t *loaded(struct ot_str text)
{
	char *copy = ot_alloc(text.len + 1);
	memcpy(copy, text.ptr, text.len);
	for (size_t i = 0; i + 3 < text.len; i++)
		if (copy[i] == '\\' && copy[i + 1] == 'u' && copy[i + 2] == 'd' && copy[i + 3] == 'c')
			copy[i + 2] = '0';
		else if (copy[i] == '\\')
			i++;
	json_t *value = json_loadb(copy, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	if (value == NULL)
		value = json_loadb(copy, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
	free(copy);
	return value;
}

static bool same_value(struct side *a, struct side *b, unsigned slot)
{
	struct ot_member *x = &a->members.values[slot], *y = &b->members.values[slot];
	if (x->type != y->type)
		return false;
	if (x->type == OT_MEMBER_NUMBER)
		return same_number(strtod(ot_arena_cstr(&a->line, x->text), NULL), strtod(ot_arena_cstr(&b->line, y->text), NULL));
	if (x->type == OT_MEMBER_STRING)
		return ot_str_eq(ot_member_text(x, &a->line), ot_member_text(y, &b->line));
	json_t *v = loaded(ot_member_json(x, &a->line)), *w = loaded(ot_member_json(y, &b->line));
	bool same = v != NULL && w != NULL && same_json(v, w);
	json_decref(v);
	json_decref(w);
	return same;
}

/* Extras by name, the last of equal ones. */
static json_t *extras_of(struct side *s)
{
	json_t *all = json_object();
	for (size_t i = 0; i < s->members.extra_count; i++) {
		struct ot_extra *e = &s->members.extras[i];
		json_t *value = loaded(e->json);
		struct ot_buf name = { 0 };
		for (size_t k = 0; k < e->name.len; k++)
			ot_buf_printf(&name, "%02x", (unsigned char)e->name.ptr[k]);
		ot_buf_char(&name, '\0');
		json_object_set_new(all, name.data, value != NULL ? value : json_string("not JSON"));
		ot_buf_release(&name);
	}
	return all;
}

static bool same(struct side *a, struct side *b)
{
	for (unsigned slot = 0; slot < a->tree.slots; slot++)
		if (ot_members_has(&a->members, slot) != ot_members_has(&b->members, slot) || (ot_members_has(&a->members, slot) && !same_value(a, b, slot)))
			return false;
	json_t *x = extras_of(a), *y = extras_of(b);
	bool equal = same_json(x, y);
	json_decref(x);
	json_decref(y);
	return equal;
}

static struct side fast[2], slow[2];
static size_t taken, refused;

static void hold_equal(struct ot_str text)
{
	for (int i = 0; i < 2; i++) {
		if (!read_by(&fast[i], text, ot_json_pass)) {
			refused++;
			continue;
		}
		taken++;
		bool read = read_by(&slow[i], text, ot_json_reference), equal = read && same(&fast[i], &slow[i]);
		if (!equal)
			fprintf(stderr, "%s: %.*s\n", read ? "not the same" : "the reference refuses", OT_STR_ARGS(text));
		CHECK(equal);
	}
}

static struct ot_str seeds[SEEDS_MAX];
static size_t seed_count;
static struct ot_arena texts;

static void seed_file(const char *path)
{
	struct ot_buf text = { 0 };
	struct ot_str rest;
	if (ot_file_read(path, 1 << 20, &text, NULL) == OT_OK) {
		rest = ot_buf_str(&text);
		for (int n = 0; rest.ptr != NULL && n < 20 && seed_count < SEEDS_MAX; n++) {
			struct ot_str line = ot_str_cut(rest, '\n', &rest);
			ptrdiff_t at = ot_str_find_char(line, '{');
			if (at >= 0)
				seeds[seed_count++] = ot_arena_str(&texts, ot_str_sub(line, (size_t)at, line.len));
		}
	}
	ot_buf_release(&text);
}

static void seed_folder(const char *folder, int depth)
{
	struct dirent **entries;
	char path[1024];
	int count = scandir(folder, &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.' && entries[i]->d_type == DT_DIR && depth > 0)
			seed_folder(path, depth - 1);
		else if (entries[i]->d_type == DT_REG)
			seed_file(path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static uint64_t state = 20260314;

static uint32_t below(uint32_t n)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(state >> 33) % n;
}

/* A line with some bytes changed, cut out, doubled, or replaced by what JSON is made of. */
static struct ot_str mutated(struct ot_arena *arena, struct ot_str seed)
{
	static const char *const pieces[] = { "\"", "\\", "{", "}", "[", "]", ",", ":", "null", "true", "1e5", "-", "0", "\\u0041", "\\ud800", "\xff", " ", "\t", "\n",
		"\"a\":1,", "\"status\":\"x\",", "[[[[", "1.5", "\\/", "", "99999999999999999999" };
	struct ot_buf out = { 0 };
	ot_buf_str_put(&out, seed);
	for (uint32_t n = below(4) + 1; n > 0 && out.len > 1; n--) {
		uint32_t at = below((uint32_t)out.len), len = below(6) == 0 ? below(20) : below(2);
		struct ot_str before = ot_str_sub(ot_buf_str(&out), 0, at), after = ot_str_sub(ot_buf_str(&out), at + len, out.len);
		struct ot_str text = ot_arena_printf(arena, "%.*s%s%.*s", OT_STR_ARGS(before), pieces[below(sizeof(pieces) / sizeof(pieces[0]))], OT_STR_ARGS(after));
		ot_buf_clear(&out);
		ot_buf_str_put(&out, text);
	}
	struct ot_str copy = ot_arena_str(arena, ot_buf_str(&out));
	ot_buf_release(&out);
	return copy;
}

static void own_lines_read_the_same(void)
{
	for (size_t i = 0; i < sizeof(own_lines) / sizeof(own_lines[0]); i++)
		hold_equal(ot_str_from(own_lines[i]));
}

static void lines_of_the_fixtures_read_the_same(void)
{
	for (size_t i = 0; i < seed_count; i++)
		hold_equal(seeds[i]);
	CHECK(taken > 0);
}

static void mutations_read_the_same(void)
{
	struct ot_arena arena = { 0 };
	taken = refused = 0;
	for (int i = 0; i < MUTATIONS && test_failures_of_case < 10; i++) {
		hold_equal(mutated(&arena, seeds[below((uint32_t)seed_count)]));
		if (i % 100 == 0)
			ot_arena_reset(&arena);
	}
	CHECK(taken > MUTATIONS / 10); /* else it tests nothing */
	ot_arena_release(&arena);
}

int main(void)
{
	for (int i = 0; i < 2; i++) {
		side_init(&fast[i], i == 1);
		side_init(&slow[i], i == 1);
	}
	for (size_t i = 0; i < sizeof(own_lines) / sizeof(own_lines[0]); i++)
		seeds[seed_count++] = ot_str_from(own_lines[i]);
	seed_folder("fixtures/logs", 4);
	seed_folder("tests/unit/collector/lines", 1);
	RUN(own_lines_read_the_same);
	RUN(lines_of_the_fixtures_read_the_same);
	RUN(mutations_read_the_same);
	for (int i = 0; i < 2; i++) {
		side_release(&fast[i]);
		side_release(&slow[i]);
	}
	ot_arena_release(&texts);
	return test_end();
}
