/* Lines into rows, field by field, as a person would who reads them. */
#include "tests/oracle/rows.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const struct field_info fields[FIELD_COUNT] = {
#define FIELD_ROW(id, name, alias, type, known, filled) [id] = {name, alias, type, known, filled},
    FIELDS(FIELD_ROW)
#undef FIELD_ROW
};
const char *const origin_names[ORIGINS] = {"kong", "nginx", "litellm"};

enum { MS = 1000000, BUCKETS = 1 << 20 };

static _Noreturn void give_up(const char *what, const char *line)
{
	fprintf(stderr, "plain: %s: %.200s\n", what, line);
	exit(2);
}

/* --- texts, each kept once --- */

struct entry {
	struct entry *next;
	char text[];
};

static const char *kept(const char *text, size_t len)
{
	static struct entry *buckets[BUCKETS];
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
	struct entry **at = &buckets[hash % BUCKETS];
	while (*at != NULL && (strncmp((*at)->text, text, len) != 0 || (*at)->text[len] != '\0'))
		at = &(*at)->next;
	if (*at == NULL) {
		*at = calloc(1, sizeof(struct entry) + len + 1);
		if (*at == NULL)
			give_up("out of memory", "");
		memcpy((*at)->text, text, len);
	}
	return (*at)->text;
}

static void set_text(struct row *row, enum field field, const char *text, size_t len)
{
	row->values[field].text = kept(text, len);
	row->present |= 1u << field;
}

static void set_number(struct row *row, enum field field, int64_t number)
{
	row->values[field].number = number;
	row->present |= 1u << field;
}

/* --- what several logs share --- */

/* "/api/payments?limit=5" */
static void set_target(struct row *row, const char *target, size_t len)
{
	const char *mark = memchr(target, '?', len);
	size_t path = mark == NULL ? len : (size_t)(mark - target);

	set_text(row, PATH, target, path);
	if (mark != NULL)
		set_text(row, QUERY, mark + 1, len - path - 1);
}

static bool is_number(const char *text, size_t len)
{
	return len > 0 && strspn(text, "0123456789") >= len;
}

static bool is_uuid(const char *text, size_t len)
{
	return len == 36 && strspn(text, "0123456789abcdef-") >= len && text[8] == '-' && text[23] == '-';
}

/* The path with numbers and UUIDs taken out; the generator makes no other parameters. */
static void set_route_of_path(struct row *row)
{
	char route[256];
	size_t n = 0;

	for (const char *at = row->values[PATH].text; *at != '\0';) {
		size_t len = strcspn(at + 1, "/");
		const char *shown = is_number(at + 1, len) ? "{id}" : is_uuid(at + 1, len) ? "{uuid}" : NULL;
		n += (size_t)snprintf(
		    route + n, sizeof(route) - n, "/%.*s", shown ? 6 : (int)len, shown ? shown : at + 1);
		at += 1 + len;
	}
	set_text(row, ROUTE, route, n);
}

/* Who called: a name, or else the address. */
static void set_client(struct row *row, const char *name, const char *kind)
{
	const char *client = name != NULL ? name : row->values[ADDRESS].text;

	set_text(row, CLIENT, client, strlen(client));
	kind = name != NULL ? kind : "address";
	set_text(row, CLIENT_KIND, kind, strlen(kind));
}

/* --- members of JSON by a path with dots; numbers in it are places of arrays --- */

static json_t *member(json_t *json, const char *path)
{
	char copy[64], *rest = copy;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *name = strtok_r(copy, ".", &rest); name != NULL && json != NULL; name = strtok_r(NULL, ".", &rest))
		json = json_is_array(json) ? json_array_get(json, (size_t)atoi(name)) : json_object_get(json, name);
	return json;
}

static void text_member(struct row *row, enum field field, json_t *json, const char *path)
{
	json_t *found = member(json, path);

	if (json_is_string(found))
		set_text(row, field, json_string_value(found), json_string_length(found));
}

static void number_member(struct row *row, enum field field, json_t *json, const char *path, int64_t factor)
{
	json_t *found = member(json, path);

	if (json_is_integer(found))
		set_number(row, field, json_integer_value(found) * factor);
}

/* --- the three logs --- */

static void read_kong(struct row *row, json_t *json)
{
	json_t *uri = member(json, "request.uri"), *trace = member(json, "request.headers.traceparent");

	number_member(row, TIMESTAMP, json, "started_at", MS);
	number_member(row, LATENCY, json, "latencies.request", MS);
	text_member(row, ADDRESS, json, "client_ip");
	text_member(row, AGENT, json, "request.headers.user-agent");
	text_member(row, METHOD, json, "request.method");
	text_member(row, HOST, json, "request.headers.host");
	text_member(row, ROUTE, json, "route.paths.0");
	text_member(row, SERVICE, json, "service.name");
	text_member(row, REQUEST_ID, json, "request.id");
	number_member(row, STATUS, json, "response.status", 1);
	number_member(row, BYTES_IN, json, "request.size", 1);
	number_member(row, BYTES_OUT, json, "response.size", 1);
	set_target(row, json_string_value(uri), json_string_length(uri));
	set_text(row, TRACE, json_string_value(trace) + 3, 32);
	set_client(row, json_string_value(member(json, "consumer.username")), "consumer");
}

static int64_t milliseconds(json_t *seconds)
{
	return llround(json_real_value(seconds) * 1000);
}

static void read_litellm(struct row *row, json_t *json)
{
	int64_t start = milliseconds(member(json, "startTime")), end = milliseconds(member(json, "endTime"));

	set_number(row, TIMESTAMP, start * MS);
	set_number(row, LATENCY, (end - start) * MS);
	text_member(row, ADDRESS, json, "metadata.requester_ip_address");
	text_member(row, AGENT, json, "metadata.user_agent");
	text_member(row, PATH, json, "route");
	text_member(row, ROUTE, json, "route"); /* none has parameters */
	text_member(row, MODEL, json, "model");
	text_member(row, TRACE, json, "trace_id");
	text_member(row, REQUEST_ID, json, "id");
	number_member(row, STATUS, json, "status_code", 1);
	number_member(row, BYTES_IN, json, "request_size", 1);
	number_member(row, BYTES_OUT, json, "response_size", 1);
	number_member(row, TOKENS_IN, json, "prompt_tokens", 1);
	number_member(row, TOKENS_OUT, json, "completion_tokens", 1);
	set_client(row, json_string_value(member(json, "metadata.user_api_key_alias")), "credential");
}

/* 10.0.0.1 - name [14/Mar/2025:02:10:00 +0000] "GET /api/x HTTP/1.1" 200 123 "-" "agent" */
static void read_nginx(struct row *row, const char *line)
{
	char address[64], name[128], when[64], method[16], target[512], agent[256];
	long long status, bytes;
	struct tm civil = {0};

	if (sscanf(line, "%63s - %127s [%63[^]]] \"%15s %511s HTTP/1.1\" %lld %lld \"-\" \"%255[^\"]\"", address, name,
		when, method, target, &status, &bytes, agent) != 8 ||
	    strptime(when, "%d/%b/%Y:%H:%M:%S +0000", &civil) == NULL)
		give_up("not a line of nginx", line);
	set_number(row, TIMESTAMP, (int64_t)timegm(&civil) * 1000 * MS);
	set_text(row, ADDRESS, address, strlen(address));
	set_text(row, METHOD, method, strlen(method));
	set_text(row, AGENT, agent, strlen(agent));
	set_target(row, target, strlen(target));
	set_number(row, STATUS, status);
	set_number(row, BODY_OUT, bytes);
	set_route_of_path(row);
	set_client(row, strcmp(name, "-") == 0 ? NULL : name, "user");
}

static struct row *new_row(struct rows *rows, enum origin origin, int64_t offset)
{
	if (rows->count == rows->cap) {
		rows->cap = rows->cap == 0 ? 4096 : rows->cap * 2;
		rows->items = realloc(rows->items, rows->cap * sizeof(*rows->items));
		if (rows->items == NULL)
			give_up("out of memory", "");
	}
	struct row *row = &rows->items[rows->count++];
	*row = (struct row){.origin = origin};
	set_text(row, ORIGIN, origin_names[origin], strlen(origin_names[origin]));
	set_number(row, OFFSET, offset);
	return row;
}

static void read_file(struct rows *rows, const char *folder, const char *file, enum origin origin)
{
	char path[4096], *line = NULL;
	size_t cap = 0;
	ssize_t len;
	int64_t offset = 0;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	FILE *f = fopen(path, "r");
	if (f == NULL)
		give_up("cannot read", path);
	for (; (len = getline(&line, &cap, f)) > 0; offset += len) {
		struct row *row = new_row(rows, origin, offset);
		if (origin == NGINX) {
			read_nginx(row, line);
			continue;
		}
		json_t *json = json_loadb(line, (size_t)len, 0, NULL);
		if (json == NULL)
			give_up("not JSON", line);
		(origin == KONG ? read_kong : read_litellm)(row, json);
		json_decref(json);
	}
	free(line);
	fclose(f);
}

void rows_read(struct rows *rows, const char *folder)
{
	*rows = (struct rows){0};
	read_file(rows, folder, "kong.jsonl", KONG);
	read_file(rows, folder, "nginx.log", NGINX);
	read_file(rows, folder, "litellm.jsonl", LITELLM);
}
