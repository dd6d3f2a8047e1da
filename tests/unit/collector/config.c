/* Configurations: what is right is read, what is wrong is named with its line. */
#include <collector/config.h>
#include <base/file.h>
#include <fcntl.h>
#include <stdlib.h>
#include <tests/test.h>
#include <unistd.h>

static char dir[] = "/tmp/ot-config-XXXXXX";
static struct ot_format_set *formats;

static const char *path_of(const char *name)
{
	static char path[256];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void write_file(const char *name, const char *text)
{
	const char *path = path_of(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK(ot_file_write_all(fd, text, strlen(text), path, NULL) == OT_OK);
	close(fd);
}

static void no_problem(void *context, const char *words)
{
	fprintf(stderr, "%s\n", words);
	++*(int *)context;
}

static void lines_of_values_are_found(void)
{
	static const char text[] = "{\n \"a\": [1,\n  {\"b]\": \"x\\\"}\",\n   \"c\":\n 5}],\n \"d\": true }";
	static const struct {
		const char *steps[3];
		size_t count;
		unsigned line;
	} cases[] = {
		{ { NULL }, 0, 1 },
		{ { "a" }, 1, 2 },
		{ { "a", "#0" }, 2, 2 },
		{ { "a", "#1" }, 2, 3 },
		{ { "a", "#1", "b]" }, 3, 3 },
		{ { "a", "#1", "c" }, 3, 5 },
		{ { "d" }, 1, 6 },
		{ { "e" }, 1, 0 },
		{ { "a", "#2" }, 2, 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		CHECK_INT(ot_json_line(ot_str_from(text), cases[i].steps, cases[i].count), cases[i].line);
}

static void a_right_one_is_read(void)
{
	struct ot_config config;
	struct ot_files files = { 0 };
	struct ot_err err = { 0 };
	int problems = 0;
	write_file("one.log", "x\n");
	write_file("two.log", "y\n");
	write_file("c.json", "{\"keep\": \"mapped\", \"origins\": [{\"name\": \"edge\", \"kind\": \"proxy\", \"zone\": \"+02:00\",\n"
			     "\"addresses\": [\"10.0.0.1\", \"10.0.0.2\"], \"upstreams\": [\"10.1.0.1\"],\n"
			     "\"sources\": [{\"path\": \"*.log\"}]}]}");
	enum ot_status status = ot_config_open(&config, path_of("c.json"), formats, &err);
	CHECK_INT(status, OT_OK);
	if (status != OT_OK) {
		fprintf(stderr, "%s\n", err.text);
		return;
	}
	CHECK_INT(config.keep, 1);
	CHECK_INT(config.count, 1);
	CHECK_STR(config.sources[0].said.origin, "edge");
	CHECK_INT(config.sources[0].said.kind, OT_KIND_PROXY);
	CHECK(config.sources[0].said.zone != NULL);
	CHECK_STR(config.sources[0].said.gateway_addresses, "10.0.0.1,10.0.0.2");
	CHECK_STR(config.sources[0].said.upstream_addresses, "10.1.0.1");
	CHECK(ot_config_files(&config, &files, no_problem, &problems, &err) == OT_OK);
	CHECK_INT(files.count, 2);
	CHECK_INT(problems, 0);
	ot_files_release(&files);
	ot_config_release(&config);
}

static void a_wrong_one_is_named_with_its_line(void)
{
	static const struct {
		const char *text, *words[3];
	} cases[] = {
		{ "{\n\"origins\": [}", { ":2: " } },
		{ "[]", { ":1: ", "object" } },
		{ "{\"orgins\": []}", { ":1: ", "orgins", "origins" } },
		{ "{\"origins\": []}", { "not empty" } },
		{ "{\"origins\": [\n{\"name\": \"x\", \"sources\": [{\"path\": \"*.log\"}]},\n{\"name\": 5, \"sources\": []}]}", { ":3: ", "name" } },
		{ "{\"origins\": [\n{\"name\": \"x\",\n\"knid\": \"proxy\",\n \"sources\": []}]}", { ":3: ", "knid", "kind" } },
		{ "{\"origins\": [\n{\"name\": \"x\",\n\"kind\": \"prxy\",\n \"sources\": []}]}", { ":3: ", "prxy", "gateway" } },
		{ "{\"origins\": [{\"name\": \"x\",\n\"zone\": \"Mars/Olympus\",\n \"sources\": []}]}", { ":2: ", "Mars" } },
		{ "{\"origins\": [{\"name\": \"x\",\n \"sources\": [{\"path\": \"a\",\n\"format\": \"nonsuch\"}]}]}", { ":3: ", "nonsuch", "did you mean" } },
		{ "{\"origins\": [{\"name\": \"x\",\n \"sources\": [{\n}]}]}", { ":2: ", "path" } },
		{ "{\"origins\": [{\"name\": \"x\",\n \"addresses\": [\"a\",\n 5], \"sources\": [{}]}]}", { ":3: ", "addresses" } },
		{ "{\"origins\": [{\"name\": \"x\", \"sources\": [{\"path\": \"a\"}]}],\n\"keep\": \"some\"}", { ":2: ", "mapped" } },
		{ "{\"origins\": [{\"name\": \"x\", \"name\": \"y\"}]}", { "duplicate" } },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ot_config config;
		struct ot_err err = { 0 };
		write_file("wrong.json", cases[i].text);
		CHECK_INT(ot_config_open(&config, path_of("wrong.json"), formats, &err), OT_SYNTAX);
		for (size_t k = 0; k < 3 && cases[i].words[k] != NULL; k++)
			if (strstr(err.text, cases[i].words[k]) == NULL) {
				fprintf(stderr, "case %zu: \"%s\" does not say \"%s\"\n", i, err.text, cases[i].words[k]);
				CHECK(false);
			}
	}
}

static void a_file_matched_twice_is_an_error(void)
{
	struct ot_config config;
	struct ot_files files = { 0 };
	struct ot_err err = { 0 };
	int problems = 0;
	write_file("c.json", "{\"origins\": [{\"name\": \"a\", \"sources\": [{\"path\": \"*.log\"}]},\n"
			     "{\"name\": \"b\", \"sources\": [{\"path\": \"nothing*\"}, {\"path\": \"t*.log\"}]}]}");
	CHECK(ot_config_open(&config, path_of("c.json"), formats, &err) == OT_OK);
	CHECK_INT(ot_config_files(&config, &files, no_problem, &problems, &err), OT_SYNTAX);
	CHECK(strstr(err.text, ":2: ") != NULL && strstr(err.text, "two.log") != NULL && strstr(err.text, "line 1") != NULL);
	CHECK_INT(problems, 1); /* "nothing*" */
	ot_files_release(&files);
	ot_config_release(&config);
}

int main(void)
{
	struct ot_err err = { 0 };
	CHECK(mkdtemp(dir) != NULL);
	if (ot_format_set_open(&formats, NULL, 0, &err) != OT_OK) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	RUN(lines_of_values_are_found);
	RUN(a_right_one_is_read);
	RUN(a_wrong_one_is_named_with_its_line);
	RUN(a_file_matched_twice_is_an_error);
	ot_format_set_close(formats);
	ot_dir_remove(dir, NULL);
	return test_end();
}
