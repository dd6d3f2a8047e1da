/* Routes learned from many paths, in any order, in any batches. */
#include <base/file.h>
#include <correlate/route.h>
#include <stdlib.h>
#include <tests/test.h>
#include <unistd.h>

static char dir[64];
static struct ot_store *store;
static struct ot_err err;

static void store_new(void)
{
	snprintf(dir, sizeof(dir), "/tmp/ot-route-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
	CHECK_INT(ot_store_open(&store, dir, OT_STORE_WRITE, &err), OT_OK);
}
static void store_end(void)
{
	ot_store_close(store);
	CHECK_INT(ot_dir_remove(dir, &err), OT_OK);
}

struct told {
	char route[96], client[24];
};
static struct told told[20000];
static size_t told_count;

static void tell(const char *client, const char *format, int number)
{
	struct told *t = &told[told_count++];
	snprintf(t->client, sizeof(t->client), "%s", client);
	snprintf(t->route, sizeof(t->route), format, number);
}
static void tell_by(int client, const char *format, int number)
{
	char name[24];
	snprintf(name, sizeof(name), "client-%d", client);
	tell(name, format, number);
}

static void commit_told(size_t batches)
{
	struct ot_route_learner *learner = ot_route_learner_new();
	for (size_t batch = 0; batch < batches; batch++) {
		struct ot_commit *commit;
		int64_t id;
		for (size_t i = told_count * batch / batches; i < told_count * (batch + 1) / batches; i++)
			ot_route_learner_add(learner, ot_str_from(told[i].route), ot_str_from(told[i].client), 1);
		CHECK_INT(ot_commit_begin(&commit, store, &err), OT_OK);
		CHECK_INT(ot_route_learner_commit(learner, store, commit, &err), OT_OK);
		CHECK_INT(ot_commit_finish(commit, &id, &err), OT_OK);
	}
	ot_route_learner_free(learner);
}

static void shuffle(unsigned seed)
{
	srand(seed);
	for (size_t i = told_count; i > 1; i--) {
		size_t j = (size_t)rand() % i;
		struct told t = told[i - 1];
		told[i - 1] = told[j];
		told[j] = t;
	}
}

static struct ot_arena arena;
static struct ot_str shown(int64_t at, const char *route)
{
	struct ot_snapshot snapshot;
	struct ot_route_rules *rules;
	CHECK_INT(ot_snapshot_open(&snapshot, store, at, &err), OT_OK);
	CHECK_INT(ot_route_rules_open(&rules, store, &snapshot, &err), OT_OK);
	struct ot_str s = ot_route_apply(rules, ot_str_from(route), &arena);
	ot_route_rules_close(rules);
	ot_snapshot_release(&snapshot);
	return s;
}

static void few_names_are_words(void)
{
	store_new();
	told_count = 0;
	for (int i = 0; i < OT_ROUTE_VALUES_MAX; i++)
		tell("one", "/api/users/n%d", i);
	commit_told(1);
	CHECK_STR(shown(0, "/api/users/n7"), "/api/users/n7");
	told_count = 0;
	tell("one", "/api/users/one-more", 0);
	commit_told(1);
	CHECK_STR(shown(0, "/api/users/n7"), "/api/users/{id}");
	CHECK_STR(shown(0, "/api/users/never-seen"), "/api/users/{id}");
	CHECK_STR(shown(0, "/api/users"), "/api/users");
	CHECK_STR(shown(1, "/api/users/n7"), "/api/users/n7"); /* an older snapshot keeps its answer */
	store_end();
}

static void names_that_many_clients_share_are_words(void)
{
	store_new();
	told_count = 0;
	for (int i = 0; i < 300; i++)
		tell_by(i % 40, "/api/users/n%d/files", i);
	for (int i = 0; i < OT_ROUTE_SHARED_CLIENTS; i++)
		tell_by(i, "/api/users/me/files", 0);
	for (int i = 0; i < OT_ROUTE_SHARED_CLIENTS - 1; i++)
		tell_by(i, "/api/users/seldom/files", 0);
	commit_told(3);
	CHECK_STR(shown(0, "/api/users/me/files"), "/api/users/me/files");
	CHECK_STR(shown(0, "/api/users/seldom/files"), "/api/users/{id}/files");
	CHECK_STR(shown(0, "/api/users/n1/files"), "/api/users/{id}/files");
	CHECK_STR(shown(0, "/api/users/{id}/files"), "/api/users/{id}/files");
	store_end();
}

static void templates_are_left_alone(void)
{
	store_new();
	told_count = 0;
	for (int i = 0; i < 300; i++) {
		tell("one", "/v2/n%d", i);
		tell("one", "/v2/n%d/{user}", i);
	}
	commit_told(1);
	static const char *const templates[] = { "/v2/x/{user}", "/v2/x/:user", "/v2/x/{proxy+}", "/v2/x/*", "/v2/x/<name>", "*", "", "/", "host:443" };
	for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++)
		CHECK_STR(shown(0, templates[i]), templates[i]);
	CHECK_STR(shown(0, "/v2/x/{uuid}/y"), "/v2/{id}/{uuid}/y");
	store_end();
}

static void names_below_names_are_learned_together(void)
{
	store_new();
	told_count = 0;
	for (int i = 0; i < 1000; i++) { /* each user has a few files, all of them have many */
		char route[64];
		snprintf(route, sizeof(route), "/users/u%d/files/f%%d/rows", i % 250);
		tell_by(i % 250, route, i);
	}
	commit_told(4);
	CHECK_STR(shown(0, "/users/u1/files/f1/rows"), "/users/{id}/files/{id}/rows");
	CHECK_STR(shown(0, "/users/u1/other/f1/rows"), "/users/{id}/other/f1/rows");
	store_end();
}

/* Scanners, words, users with files, tenants that are words with many names below them: what is shown may not depend on the batches. */
static void tell_everything(void)
{
	told_count = 0;
	for (int i = 0; i < 400; i++)
		tell_by(999, "/api/garbage%d", i);
	for (int i = 0; i < 260; i++) {
		tell_by(i % 30, "/api/payments/p%d/notes", i);
		tell_by(i % 5, "/api/rare/r%d", i);
		tell_by(i % 20, "/tenants/t%d/projects", i);
	}
	for (int i = 0; i < 3000; i++) {
		char route[64];
		snprintf(route, sizeof(route), "/api/users/u%d/files/f%%d", i % 250);
		tell_by(i % 250, route, i % 700);
		snprintf(route, sizeof(route), "/tenants/big/projects/x%%d");
		tell_by(i % 40, route, i % 230);
	}
	for (int i = 0; i < 30; i++)
		tell_by(i, "/api/users/me/files/readme", 0);
}

static void batches_and_their_order_do_not_matter(void)
{
	static const char *const probes[] = {
		"/api/garbage1", "/api/payments", "/api/payments/p7/notes", "/api/rare/r1", "/tenants/t4/projects", "/api/users/u1/files/f1",
		"/api/users/me/files/readme", "/api/users/me/files/f1", "/api/users/u1/files/readme", "/tenants/big/projects/x4", "/tenants/other/projects/x4",
	};
	enum { PROBES = sizeof(probes) / sizeof(probes[0]) };
	char first[PROBES][96] = { { 0 } };
	static const size_t batches[] = { 1, 2, 3, 7, 40, 200 };
	for (size_t round = 0; round < sizeof(batches) / sizeof(batches[0]); round++) {
		store_new();
		tell_everything();
		shuffle((unsigned)round);
		if (round == 3) /* one after the other: the scanner first */
			tell_everything();
		commit_told(batches[round]);
		for (size_t i = 0; i < PROBES; i++) {
			struct ot_str s = shown(0, probes[i]);
			if (round == 0)
				snprintf(first[i], sizeof(first[i]), "%.*s", OT_STR_ARGS(s));
			CHECK_STR(s, first[i]);
		}
		store_end();
	}
	CHECK_STR(ot_str_from(first[0]), "/api/{id}");
	CHECK_STR(ot_str_from(first[2]), "/api/payments/{id}/notes");
	CHECK_STR(ot_str_from(first[5]), "/api/users/{id}/files/{id}");
	CHECK_STR(ot_str_from(first[6]), "/api/users/me/files/readme");
	CHECK_STR(ot_str_from(first[9]), "/tenants/big/projects/{id}");
}

static void many_names_are_bounded(void)
{
	store_new();
	struct ot_route_learner *learner = ot_route_learner_new();
	for (int batch = 0; batch < 3; batch++) {
		struct ot_commit *commit;
		int64_t id;
		for (int i = 0; i < 20000; i++) {
			char route[64];
			snprintf(route, sizeof(route), "/x/n%d/deep/er/still", batch * 20000 + i);
			ot_route_learner_add(learner, ot_str_from(route), OT_STR("one"), 1);
		}
		CHECK_INT(ot_commit_begin(&commit, store, &err), OT_OK);
		CHECK_INT(ot_route_learner_commit(learner, store, commit, &err), OT_OK);
		CHECK_INT(ot_commit_finish(commit, &id, &err), OT_OK);
	}
	ot_route_learner_free(learner);
	struct ot_route_value *values;
	size_t count;
	CHECK_INT(ot_store_route_values(store, OT_STR("/x"), &values, &count, &arena, &err), OT_OK);
	CHECK(count > OT_ROUTE_VALUES_MAX && count < 4 * 4096);
	CHECK_STR(shown(0, "/x/n1/deep/er/still"), "/x/{id}/deep/er/still");
	store_end();
}

static void long_names_and_deep_routes_are_taken(void)
{
	store_new();
	static char route[9000];
	struct ot_route_learner *learner = ot_route_learner_new();
	struct ot_commit *commit;
	int64_t id;
	for (int i = 0; i < 300; i++) {
		memset(route, 'x', sizeof(route));
		snprintf(route, sizeof(route), "/long/n%d", i);
		route[strlen(route)] = 'x';
		route[2000] = '\0';
		ot_route_learner_add(learner, ot_str_from(route), OT_STR("one"), 1);
	}
	for (size_t i = 0; i + 1 < sizeof(route); i++)
		route[i] = i % 2 ? 'a' : '/';
	route[sizeof(route) - 1] = '\0';
	ot_route_learner_add(learner, ot_str_from(route), OT_STR("one"), 1);
	CHECK_INT(ot_commit_begin(&commit, store, &err), OT_OK);
	CHECK_INT(ot_route_learner_commit(learner, store, commit, &err), OT_OK);
	CHECK_INT(ot_commit_finish(commit, &id, &err), OT_OK);
	CHECK_STR(shown(0, route), route);
	CHECK_STR(shown(0, "/long/y"), "/long/{id}");
	ot_route_learner_free(learner);
	store_end();
}

int main(void)
{
	RUN(few_names_are_words);
	RUN(names_that_many_clients_share_are_words);
	RUN(templates_are_left_alone);
	RUN(names_below_names_are_learned_together);
	RUN(batches_and_their_order_do_not_matter);
	RUN(many_names_are_bounded);
	RUN(long_names_and_deep_routes_are_taken);
	ot_arena_release(&arena);
	return test_end();
}
