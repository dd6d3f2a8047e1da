/* Lines of each kind of format, as their gateways write them (made up here), and what must be read out of them. */
#include "tests/test.h"
#include "collector/format.h"
#include <base/err.h>
#include <stdlib.h>
#include <unistd.h>

static struct ot_format_set *set;
static struct ot_line_reader *reader;

/* All drafts of a line as one text: "format field=value field=value | next record". Only fields that the case names are shown. */
struct shown {
	struct ot_buf out;
	const char *fields;
};

static void show_text(struct shown *s, const char *name, struct ot_str text)
{
	if (text.ptr != NULL && strstr(s->fields, name) != NULL)
		ot_buf_printf(&s->out, " %s=%.*s", name, OT_STR_ARGS(text));
}

static void show(void *context, struct ot_draft *d, const struct ot_format *format, unsigned item)
{
	struct shown *s = context;
	ot_buf_printf(&s->out, "%s%s", item > 0 ? " | " : "", ot_format_name(format));
	show_text(s, "target", d->target);
	show_text(s, "traceparent", d->traceparent);
	show_text(s, "secret", d->secret);
	show_text(s, "authorization", d->authorization);
	show_text(s, "content", d->content);
	if (strstr(s->fields, "basis") != NULL)
		ot_buf_printf(&s->out, " basis=%s%s%s", ot_enum_name(OT_TIMESTAMP_BASIS, (int64_t)d->basis), d->time_local ? " local" : "", d->time_no_year ? " no-year" : "");
	for (unsigned f = 0; f < OT_FIELD_COUNT; f++) {
		const char *at = strstr(s->fields, ot_fields[f].name);
		size_t len = strlen(ot_fields[f].name);
		if (!ot_record_has(&d->record, (enum ot_field)f) || at == NULL || (at[len] != ' ' && at[len] != '\0') || (at > s->fields && at[-1] != ' '))
			continue;
		ot_buf_printf(&s->out, " %s=", ot_fields[f].name);
		ot_value_put(&s->out, (enum ot_field)f, &d->record.values[f]);
	}
	for (size_t i = 0; i < d->extra_count && strstr(s->fields, "extras") != NULL; i++)
		ot_buf_printf(&s->out, " +%.*s=%.*s", OT_STR_ARGS(d->extras[i].name), OT_STR_ARGS(d->extras[i].json));
}

static void check_line(const char *line, const char *fields, const char *expected)
{
	struct ot_reading reading = { 0 };
	struct shown s = { .fields = fields };
	struct ot_str reason = OT_STR_NONE;
	enum ot_outcome_of_line outcome = ot_line_read(reader, &reading, ot_str_from(line), show, &s, &reason);
	if (outcome == OT_LINE_IGNORED)
		ot_buf_text(&s.out, "ignored");
	if (outcome == OT_LINE_UNREAD)
		ot_buf_printf(&s.out, "unread: %.*s", OT_STR_ARGS(reason));
	CHECK_STR(ot_buf_str(&s.out), expected);
	ot_buf_release(&s.out);
}

static void combined_and_its_relatives(void)
{
	check_line("192.0.2.7 - alice [14/Mar/2026:02:10:00 +0100] \"GET /a?b=1 HTTP/1.1\" 200 133 \"-\" \"curl/8 \\x22x\\x22\"",
	    "target timestamp basis user client_address http_request_method http_response_status_code http_response_body_size user_agent network_protocol_version",
	    "combined target=/a?b=1 basis=end timestamp=2026-03-14T01:10:00.000000000Z user=alice client_address=192.0.2.7 user_agent=curl/8 \"x\" http_request_method=GET "
	    "network_protocol_version=1.1 http_response_status_code=200 http_response_body_size=133");
	check_line("192.0.2.7 - - [14/Mar/2026:02:10:00 +0000] \"\\x16\\x03\\x01\" 400 157 \"-\" \"-\"", "target http_request_method http_response_status_code", "combined http_response_status_code=400");
	check_line("unix: - - [14/Mar/2026:02:10:00 +0000] \"GET / HTTP/2.0\" 200 0 \"-\" \"-\" \"198.51.100.2, 10.0.0.1\"", "client_address forwarded_for network_protocol_version",
	    "nginx-main client_address=unix: forwarded_for=198.51.100.2, 10.0.0.1 network_protocol_version=2");
	check_line("shop.test:443 192.0.2.7 - bob [14/Mar/2026:02:10:00 +0000] \"GET /x HTTP/1.1\" 200 422 \"-\" \"a=b c\" rid=r-1 us=21071 in=302 out=422 port=34357",
	    "basis server_address server_port client_port duration http_request_size http_response_size http_response_body_size request_id user user_agent",
	    "combined-pairs basis=start duration=21071000 user=bob client_port=34357 user_agent=a=b c server_address=shop.test server_port=443 http_request_size=302 "
	    "http_response_size=422 request_id=r-1");
	check_line("192.0.2.7 - - [2026-03-14T02:10:00.162Z] \"GET /x HTTP/1.1\" 200 133 \"-\" \"ua\" port=1 time=0.014 rid=- traceparent=00-2ebe8602caac5b8d1914516466940469-7dcc5fa5d0da31ed-01 odd=1",
	    "basis duration request_id traceparent extras",
	    "combined-pairs traceparent=00-2ebe8602caac5b8d1914516466940469-7dcc5fa5d0da31ed-01 basis=end duration=14000000 +odd=\"1\"");
}

static void nginx_error_log_tells_of_rejected_calls(void)
{
	check_line("2026/03/14 02:10:00 [error] 7#7: *35 limiting requests, excess: 20.9 by zone \"q\", client: 192.0.2.7, server: api, request: \"GET /q?n=1 HTTP/1.1\", host: \"api:8080\"",
	    "target outcome policy_action client_address server_address server_port basis",
	    "nginx-error target=/q?n=1 basis=end local client_address=192.0.2.7 server_address=api server_port=8080 outcome=denied policy_action=deny limit_req");
	check_line("2026/03/14 02:10:00 [notice] 7#7: signal process started", "", "ignored");
}

static void json_by_names_of_members(void)
{
	check_line("{\"time\":\"2026-03-14T02:10:00+00:00\",\"msec\":1773454200.764,\"remote_addr\":\"192.0.2.7\",\"method\":\"GET\",\"uri\":\"/a\",\"status\":200,\"request_time\":0.006,"
		   "\"upstream_addr\":\"10.0.0.1:9000, 10.0.0.2:9000\",\"upstream_status\":\"502, 200\",\"user_agent\":\"-\",\"limit\":\"\",\"connection\":3}",
	    "timestamp basis duration upstream_address upstream_status_code user_agent extras",
	    "nginx-json basis=end timestamp=2026-03-14T02:10:00.764000000Z duration=6000000 upstream_address=10.0.0.2:9000 upstream_status_code=200 +connection=3");
	check_line("{\"requestMethod\":\"POST\",\"RequestPath\":\"/pay\",\"StatusCode\":201,\"@timestamp\":\"2026-03-14T02:10:00Z\",\"duration_ms\":12,\"nested\":{\"a\": [1, 2]}}",
	    "target http_request_method http_response_status_code duration timestamp extras",
	    "access-json target=/pay timestamp=2026-03-14T02:10:00.000000000Z duration=12000000 http_request_method=POST http_response_status_code=201 +nested={\"a\":[1,2]}");
	check_line("{\"level\":\"info\",\"msg\":\"started\"}", "", "unread: JSON that no format reads");
	check_line("{\"time\":\"2026-03-14T02:10:00.5+0000\",\"client\":\"192.0.2.7\",\"method\":\"GET\",\"uri\":\"/\\xe5\\x41\",\"status\":200,\"us\":9,\"unique_id\":\"awLRYHRe7IlHc56BECCG0wAAAAA\"}",
	    "target basis duration http_response_status_code", "apache-json target=/\xe5""A basis=start duration=9000 http_response_status_code=200");
	check_line("{\"ts\":1773454200.404,\"date\":\"14/Mar/2026:03:10:00.904\",\"client_ip\":\"192.0.2.7\",\"frontend\":\"f\",\"backend\":\"b\",\"server\":\"<NOSRV>\",\"method\":\"<BADREQ>\","
		   "\"uri\":\"-\",\"status\":400,\"TR\":-1,\"Ta\":0,\"term\":\"PR--\"}",
	    "timestamp basis http_request_method upstream_address duration error_type response_source",
	    "haproxy-json basis=start timestamp=2026-03-14T02:10:00.904000000Z duration=0 error_type=PR-- response_source=gateway");
}

static void kong_with_arrays_and_tools(void)
{
	check_line("[{\"started_at\":1773454200000,\"client_ip\":\"192.0.2.7\",\"request\":{\"method\":\"GET\",\"uri\":\"/a\",\"headers\":{\"Authorization\":\"Bearer x\"}},\"response\":{\"status\":200},"
		   "\"latencies\":{\"request\":5,\"proxy\":-1},\"tries\":[{\"ip\":\"10.0.0.1\",\"port\":1},{\"ip\":\"10.0.0.2\",\"port\":2}]},"
		   "{\"started_at\":1773454201000,\"request\":{\"uri\":\"/b\"},\"response\":{\"status\":\"500\"},\"latencies\":{}}]",
	    "target timestamp duration upstream_duration upstream_address http_response_status_code authorization",
	    "kong target=/a authorization=Bearer x timestamp=2026-03-14T02:10:00.000000000Z duration=5000000 upstream_address=10.0.0.2:2 http_response_status_code=200"
	    " | kong target=/b timestamp=2026-03-14T02:10:01.000000000Z http_response_status_code=500");
	check_line("{\"started_at\":1773454200000,\"request\":{\"method\":\"POST\",\"uri\":\"/mcp\",\"body\":\"secret words\"},\"response\":{\"status\":200},\"latencies\":{},\"ai\":{\"mcp\":{"
		   "\"mcp_session_id\":\"s1\",\"rpc\":[{\"method\":\"tools/list\"},{\"method\":\"tools/call\",\"tool_name\":\"sum\",\"payload\":{\"request\":\"{}\"}}]}}}",
	    "target session_id mcp_method tool content extras",
	    "kong target=/mcp content=secret words session_id=s1 mcp_method=tools/list | kong target=/mcp content=secret words session_id=s1 mcp_method=tools/call tool=sum");
	check_line("[{\"started_at\":1,\"request\":{},\"response\":{},\"latencies\":{}},{\"x\":1}]", "", "unread: element 1 of the array: it is kong, but nothing in it tells of a request");
}

static void ai_gateways(void)
{
	check_line("{\"id\":\"c-1\",\"call_type\":\"acompletion\",\"response_cost\":0.000225,\"startTime\":\"2026-03-14 02:10:00.5\",\"endTime\":\"2026-03-14 02:10:01\",\"model\":\"gpt-4o\",\"status\":\"success\","
		   "\"metadata\":\"{\\\"user_api_key_alias\\\":\\\"agent-7\\\"}\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}],\"cache_hit\":\"None\",\"prompt_tokens\":10}",
	    "timestamp basis duration gen_ai_operation gen_ai_cost gen_ai_input_tokens credential_alias content http_response_status_code extras",
	    "litellm content=[{\"role\":\"user\",\"content\":\"hello\"}] basis=start timestamp=2026-03-14T02:10:00.500000000Z duration=500000000 credential_alias=agent-7 "
	    "http_response_status_code=200 gen_ai_operation=chat gen_ai_input_tokens=10 gen_ai_cost=225 +call_type=\"acompletion\"");
	check_line("data: {\"time\":\"3/14/2026, 2:10:05 PM\",\"method\":\"POST\",\"endpoint\":\"/v1/chat\",\"status\":200,\"duration\":199,\"requestOptions\":[{\"providerOptions\":{\"apiKey\":\"sk-x\"},"
		   "\"requestParams\":{\"model\":\"m\",\"messages\":[{\"content\":\"words\"}]}}]}",
	    "target timestamp basis secret content gen_ai_request_model extras",
	    "portkey-stream target=/v1/chat secret=sk-x content=[{\"content\":\"words\"}] basis=end local timestamp=2026-03-14T14:10:05.000000000Z gen_ai_request_model=m");
	check_line("event: log", "", "ignored");
	check_line("[supergateway] StreamableHttp \u2192 Child: {\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\"sum\",\"arguments\":{\"a\":1}}}",
	    "http_request_method mcp_method tool content basis", "supergateway content={\"a\":1} basis=unknown http_request_method=POST mcp_method=tools/call tool=sum");
	check_line("[supergateway] Response finished x", "", "ignored");
	check_line("INFO:     192.0.2.7:52782 - \"POST /login HTTP/1.1\" 401 Unauthorized", "target client_address client_port http_response_status_code basis",
	    "uvicorn target=/login basis=unknown client_address=192.0.2.7 client_port=52782 http_response_status_code=401");
}

static void wrappers_come_off_in_any_order(void)
{
	const char *fields = "timestamp basis target gateway_route request_id server_address secret";
	const char *expected = "haproxy-http target=/x secret=mk_live_5b1f0c7e basis=start timestamp=2026-03-14T02:10:00.753000000Z server_address=api.test gateway_route=edge request_id=id-12345";
	check_line("<142>1 2026-03-14T02:10:00.754828+00:00 gw haproxy 7 - - 192.0.2.7:37629 [14/Mar/2026:04:10:00.753] edge b/s 0/0/0/1/1 200 493 - - ---- 3/1/0/0/0 0/0 "
		   "{api.test:8081|id-12345|mk_live_5b1f0c7e|Bank/6.1 (x)} {id-12345} \"GET /x HTTP/1.1\"", fields, expected);
	check_line("{\"log\":\"Mar 14 04:10:00 gw haproxy[7]: 192.0.2.7:37629 [14/Mar/2026:04:10:00.753] edge b/s 0/0/0/1/1 200 493 - - ---- 3/1/0/0/0 0/0 "
		   "{api.test:8081|id-12345|mk_live_5b1f0c7e|Bank/6.1 (x)} {id-12345} \\\"GET /x HTTP/1.1\\\"\\n\",\"stream\":\"stdout\",\"time\":\"2026-03-14T02:10:00.8Z\"}",
	    fields, expected);
	check_line("2026-03-14T02:10:00.8Z stdout F [supergateway] StreamableHttp \u2192 Child: {\"method\":\"ping\"}", "timestamp mcp_method basis",
	    "supergateway basis=end timestamp=2026-03-14T02:10:00.800000000Z mcp_method=ping");
	check_line("2026-03-14T02:10:00.192Z [EG:log-policy] \033[32minfo\033[39m: {\"client\":\"192.0.2.7\",\"consumer\":\"c\",\"method\":\"GET\",\"path\":\"/a\"}",
	    "timestamp basis consumer target", "express-gateway target=/a basis=start timestamp=2026-03-14T02:10:00.192000000Z consumer=c");
}

static void proxies(void)
{
	check_line("1773454200.988    731 192.0.2.7 TCP_MISS/200 358 GET http://10.0.0.1:9000/a job HIER_DIRECT/10.0.0.1 application/json",
	    "timestamp basis duration target user http_response_size upstream_address response_source",
	    "squid target=http://10.0.0.1:9000/a basis=end timestamp=2026-03-14T02:10:00.988000000Z duration=731000000 user=job upstream_address=10.0.0.1 response_source=upstream http_response_size=358");
	check_line("1773454200.988 38 192.0.2.7 TCP_HIT/200 505 GET http://10.0.0.1/a - DIRECT/10.0.0.1 text/html", "basis response_source", "trafficserver-squid basis=start response_source=cache");
	check_line("[2026-03-14T02:10:00.931Z] \"GET /s/1 HTTP/1.1\" 429 RL 0 89 5 - \"198.51.100.2\" \"curl/7\" \"c219f6da\" \"api:8000\" \"-\"",
	    "target basis duration upstream_duration policy_action response_source http_response_body_size request_id server_port",
	    "envoy-text target=/s/1 basis=start duration=5000000 server_port=8000 response_source=gateway policy_action=deny rate-limit http_response_body_size=89 request_id=c219f6da");
	check_line("{\"start_time\":\"2026-03-14T02:10:00.1Z\",\"method\":\"GET\",\"path\":\"/a\",\"response_code\":200,\"response_flags\":\"-\",\"duration\":5,\"upstream_cluster\":\"c\",\"request_id\":\"r\"}",
	    "target duration gateway_service error_type", "envoy-json target=/a duration=5000000 gateway_service=c");
	check_line("{\"level\":\"info\",\"ts\":1773454200.5,\"logger\":\"http.log.access.log0\",\"msg\":\"handled request\",\"request\":{\"remote_ip\":\"192.0.2.7\",\"remote_port\":\"9\",\"proto\":\"HTTP/2.0\","
		   "\"method\":\"GET\",\"host\":\"h:1\",\"uri\":\"/a\",\"headers\":{\"User-Agent\":[\"x\"],\"Accept\":[\"*/*\"]}},\"user_id\":\"\",\"duration\":3.4e-05,\"size\":8,\"status\":200}",
	    "duration user_agent client_port network_protocol_version extras",
	    "caddy duration=34000 client_port=9 user_agent=x network_protocol_version=2 +request.headers.Accept=[\"*/*\"]");
	check_line("{\"level\":\"info\",\"ts\":1773454200.5,\"msg\":\"using config\"}", "", "ignored");
}

/* A line is read the same whatever was read before it. */
static void what_was_usual_changes_nothing(void)
{
	static const char *const lines[] = {
		"192.0.2.7 - alice [14/Mar/2026:02:10:00 +0100] \"GET /a?b=1 HTTP/1.1\" 200 133 \"-\" \"curl/8\"",
		"192.0.2.7 - - [2026-03-14T02:10:00.162Z] \"GET /x HTTP/1.1\" 200 133 \"-\" \"ua\" port=1 time=0.014",
		"{\"remote_addr\":\"192.0.2.7\",\"method\":\"GET\",\"uri\":\"/a\",\"status\":200,\"request_time\":0.006,\"msec\":1773454200.7}",
		"{\"method\":\"GET\",\"path\":\"/a\",\"status\":200}",
		"{\"started_at\":1773454200000,\"request\":{\"method\":\"GET\",\"uri\":\"/a\"},\"response\":{\"status\":200},\"latencies\":{},\"method\":\"GET\",\"path\":\"/\",\"status\":1}",
		"1773454200.988 38 192.0.2.7 TCP_HIT/200 505 GET http://10.0.0.1/a - DIRECT/10.0.0.1 text/html",
	};
	const char *fields = "target basis timestamp duration http_response_status_code extras";
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct ot_reading fresh = { 0 };
		struct shown alone = { .fields = fields };
		ot_line_read(reader, &fresh, ot_str_from(lines[i]), show, &alone, NULL);
		for (size_t f = 0; f < ot_format_count(set); f++) {
			struct ot_reading reading = { .usual = ot_format_at(set, f) };
			struct shown after = { .fields = fields };
			ot_line_read(reader, &reading, ot_str_from(lines[i]), show, &after, NULL);
			CHECK(ot_str_eq(ot_buf_str(&alone.out), ot_buf_str(&after.out)));
			ot_buf_release(&after.out);
		}
		ot_buf_release(&alone.out);
	}
}

static void bytes_of_any_kind_do_no_harm(void)
{
	check_line("", "", "ignored");
	check_line("  \t ", "", "ignored");
	check_line("\xff\xfe{\"a\"", "", "unread: text that no format reads");
	check_line("{\"method\":\"GET\",\"path\":\"/\xff\",\"status\":200}", "target", "access-json target=/\xff");
	check_line("{\"method\":\"GET\",\"path\":\"/a\",\"status\":500,\"status\":200}", "http_response_status_code", "access-json http_response_status_code=200");
	check_line("{\"method\":\"GET\",\"path\":\"/a\\ud83d\\ude00\\\\ud800\\ud83d\",\"status\":200}", "target", "access-json target=/a\U0001F600\\ud800\uFFFD");
	struct ot_buf bomb = { 0 };
	ot_buf_text(&bomb, "{\"method\":\"GET\",\"path\":\"/a\",\"status\":200,\"x\":");
	for (int i = 0; i < 3000; i++)
		ot_buf_char(&bomb, '[');
	ot_buf_char(&bomb, '\0');
	check_line(bomb.data, "", "unread: text that no format reads");
	ot_buf_release(&bomb);
}

static void description_error(const char *text, const char *expected)
{
	char path[] = "/tmp/description-XXXXXX";
	const char *files[] = { path };
	struct ot_format_set *other = NULL;
	struct ot_err err = { 0 };
	int fd = mkstemp(path);
	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	enum ot_status status = ot_format_set_open(&other, files, 1, &err);
	CHECK_INT(status, OT_SYNTAX);
	char *colon = strstr(err.text, ":");
	CHECK_STR(ot_str_from(colon == NULL ? "" : colon), expected);
	if (status == OT_OK)
		ot_format_set_close(other);
	unlink(path);
}

static void mistakes_in_descriptions_are_named(void)
{
	description_error("{\"name\":\"x\",\n\"json\":true,\n\"fields\":{\n\"durration\":\"a\"}}", ":4: fields.durration: there is no such field; nearest is \"duration\"");
	description_error("{\"name\":\"x\",\"json\":true,\"fields\":{\"duration\":\"a\"}}", ":1: fields.duration: its unit must be said: \"as\"");
	description_error("{\"name\":\"x\",\n\"pattern\":\"(\"}", ":2: pattern: at character 2 of the pattern: missing closing parenthesis");
	description_error("{\"name\":\"x\",\"jsn\":true}", ":1: jsn: there is no such member here; nearest is \"json\"");
	description_error("{\"name\":\"x\",\"extends\":\"nothing\"}", ":1: extends: there is no description of that name");
	description_error("{\"name\":\"x\",\n\n", ":3: string or '}' expected near end of file");
	description_error("{\"name\":\"x\",\"json\":true,\"fields\":{\"tool\":\"a..b\"}}", ":1: fields.tool: \"a..b\" is no path of a member");
}

static void a_description_of_ones_own_replaces(void)
{
	char path[] = "/tmp/description-XXXXXX";
	const char *files[] = { path };
	const char *text = "{\"name\":\"combined\",\"pattern\":\"^GO (?<path>\\\\S+) (?<code>\\\\d+)$\",\"fields\":{\"target\":\"path\",\"http_response_status_code\":\"code\"}}";
	struct ot_format_set *other;
	struct ot_err err;
	int fd = mkstemp(path);
	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	CHECK_INT(ot_format_set_open(&other, files, 1, &err), OT_OK);
	CHECK_INT(ot_format_count(other), ot_format_count(set));
	struct ot_line_reader *own = reader;
	reader = ot_line_reader_new(other, true);
	check_line("GO /x 200", "target http_response_status_code", "combined target=/x http_response_status_code=200");
	ot_line_reader_free(reader);
	reader = own;
	ot_format_set_close(other);
	unlink(path);
}

static void scores_name_the_format_and_its_rivals(void)
{
	struct ot_str lines[3] = { OT_STR("{\"remote_addr\":\"192.0.2.7\",\"method\":\"GET\",\"uri\":\"/a\",\"status\":200,\"request_time\":0.006,\"msec\":1773454200.7}"), OT_STR("what"), OT_STR("") };
	struct ot_score scores[8];
	size_t n = ot_format_scores(reader, lines, 3, scores, 8);
	CHECK_INT(n, 2);
	CHECK_STR(ot_str_from(ot_format_name(scores[0].format)), "nginx-json");
	CHECK_STR(ot_str_from(ot_format_name(scores[1].format)), "access-json");
	CHECK_INT(scores[0].lines, 1);
}

int main(void)
{
	struct ot_err err;
	setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
	if (ot_format_set_open(&set, NULL, 0, &err) != OT_OK)
		ot_die("%s", err.text);
	reader = ot_line_reader_new(set, true);
	RUN(combined_and_its_relatives);
	RUN(nginx_error_log_tells_of_rejected_calls);
	RUN(json_by_names_of_members);
	RUN(kong_with_arrays_and_tools);
	RUN(ai_gateways);
	RUN(wrappers_come_off_in_any_order);
	RUN(proxies);
	RUN(what_was_usual_changes_nothing);
	RUN(bytes_of_any_kind_do_no_harm);
	RUN(mistakes_in_descriptions_are_named);
	RUN(a_description_of_ones_own_replaces);
	RUN(scores_name_the_format_and_its_rivals);
	ot_line_reader_free(reader);
	ot_format_set_close(set);
	return test_end();
}
