/*
 * collector: what was asked for: method, scheme, host, path, query, route.
 *
 * A path is decoded where that is safe: a byte that separates, ends or hides something (/ \ ? # % and control characters) stays encoded, and so does
 * what is no UTF-8; what stays has its digits in capitals. Then dot segments are removed (RFC 3986, 5.2.4); equal paths are equal texts.
 */
#include "normalize_inside.h"
#include "redact_inside.h"
#include <base/text.h>
#include <correlate/route.h>
#include <string.h>

enum { METHOD_LEN_MAX = 32, UTF8_LEN_MAX = 4 };

/* --- paths --- */

static int escaped_byte(struct ot_str path, size_t at)
{
	if (path.ptr[at] != '%' || at + 2 >= path.len)
		return -1;
	int high = ot_hex_digit(path.ptr[at + 1]), low = ot_hex_digit(path.ptr[at + 2]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static bool decodes_alone(int byte) { return byte >= 0x20 && byte < 0x7f && byte != '%' && byte != '/' && byte != '\\' && byte != '?' && byte != '#'; }

/* A character of several bytes, each escaped: its length in bytes, or 0. C1 control characters stay as they are. */
static size_t escaped_rune(struct ot_str path, size_t at, char bytes[UTF8_LEN_MAX])
{
	size_t len = 0;
	int32_t rune;
	for (; len < UTF8_LEN_MAX && at < path.len; len++, at += 3) {
		int byte = escaped_byte(path, at);
		if (byte < 0x80)
			break;
		bytes[len] = (char)byte;
	}
	if (len < 2)
		return 0;
	len = ot_utf8_next((struct ot_str){ bytes, len }, &rune);
	return rune < 0xa0 ? 0 : len;
}

static void put_escape(struct ot_buf *out, int byte)
{
	static const char digits[] = "0123456789ABCDEF";
	char text[3] = { '%', digits[byte >> 4], digits[byte & 15] };
	ot_buf_put(out, text, 3);
}

static void put_decoded(struct ot_str path, struct ot_buf *out)
{
	char bytes[UTF8_LEN_MAX];
	for (size_t at = 0; at < path.len;) {
		const char *percent = memchr(path.ptr + at, '%', path.len - at);
		size_t plain = percent == NULL ? path.len - at : (size_t)(percent - path.ptr) - at, len;
		ot_buf_put(out, path.ptr + at, plain);
		at += plain;
		if (at == path.len)
			return;
		int byte = escaped_byte(path, at);
		if (byte < 0) {
			ot_buf_char(out, '%');
			at++;
		} else if (decodes_alone(byte)) {
			ot_buf_char(out, (char)byte);
			at += 3;
		} else if ((len = escaped_rune(path, at, bytes)) > 0) {
			ot_buf_put(out, bytes, len);
			at += 3 * len;
		} else {
			put_escape(out, byte);
			at += 3;
		}
	}
}

static bool is_dots(const char *segment, size_t len) { return (len == 1 && segment[0] == '.') || (len == 2 && segment[0] == '.' && segment[1] == '.'); }

static bool has_dot_segment(const char *path, size_t len)
{
	for (size_t i = 0; i + 1 < len; i++)
		if (path[i] == '/' && path[i + 1] == '.') {
			size_t end = i + 1;
			while (end < len && path[end] != '/')
				end++;
			if (is_dots(path + i + 1, end - i - 1))
				return true;
		}
	return false;
}

/* In place, on a path that begins with a slash. Each segment is kept with the slash before it. */
static size_t remove_dot_segments(char *path, size_t len)
{
	size_t to = 0;
	for (size_t from = 0, end; from < len; from = end) {
		for (end = from + 1; end < len && path[end] != '/';)
			end++;
		size_t segment = end - from - 1;
		if (!is_dots(path + from + 1, segment)) {
			memmove(path + to, path + from, end - from);
			to += end - from;
			continue;
		}
		if (segment == 2)
			while (to > 0 && path[--to] != '/')
				;
		if (end == len)
			path[to++] = '/';
	}
	return to;
}

void ot_path_clean(struct ot_str path, struct ot_buf *out)
{
	size_t start = out->len;
	put_decoded(path, out);
	if (out->len > start && out->data[start] == '/' && has_dot_segment(out->data + start, out->len - start))
		out->len = start + remove_dot_segments(out->data + start, out->len - start);
}

struct path {
	struct ot_str clean, route; /* clean.ptr NULL: as it came; route.ptr NULL: none */
};

static struct ot_str kept(struct ot_arena *arena, struct ot_str text, struct ot_str original)
{
	return text.ptr == original.ptr && text.len == original.len ? OT_STR_NONE : ot_arena_str(arena, text);
}

/* The route is that of the path as it was: what is a secret in it is a parameter. */
static void work_out_path(struct ot_normalizer *n, struct ot_str text, struct ot_arena *arena, struct path *path)
{
	ot_buf_clear(&n->scratch);
	ot_path_clean(text, &n->scratch);
	struct ot_str clean = ot_buf_str(&n->scratch);
	struct ot_str redacted = clean.len > 0 && clean.ptr[0] == '/' ? ot_redact_path(n->redactor, clean) : ot_redact_text(n->redactor, clean);
	bool same = redacted.ptr == clean.ptr && ot_str_eq(clean, text);
	path->clean = kept(arena, same ? text : redacted, text);
	if (clean.len == 0 || (clean.ptr[0] != '/' && !ot_str_eq(clean, OT_STR("*"))))
		return;
	ot_buf_clear(&n->route);
	ot_route_of_path(clean, &n->route);
	path->route = ot_arena_str(arena, ot_redact_path(n->redactor, ot_buf_str(&n->route)));
}

static void set_path(struct ot_normalizer *n, struct ot_record *r, struct ot_str text)
{
	struct ot_arena *arena;
	bool is_new;
	struct path *path = ot_memo_find(&n->paths, text, &n->record, &arena, &is_new);
	if (is_new)
		work_out_path(n, text, arena, path);
	ot_record_set_text(r, OT_URL_PATH, path->clean.ptr == NULL ? text : path->clean);
	if (!ot_record_has(r, OT_HTTP_ROUTE))
		ot_record_set_text(r, OT_HTTP_ROUTE, path->route);
}

static void set_query(struct ot_normalizer *n, struct ot_record *r, struct ot_str text)
{
	struct ot_arena *arena;
	bool is_new;
	if (text.len > 0 && text.ptr[0] == '?')
		text = ot_str_sub(text, 1, text.len);
	if (text.len == 0 || (text.len == 1 && text.ptr[0] == '-')) {
		ot_record_unset(r, OT_URL_QUERY);
		return;
	}
	struct ot_str *query = ot_memo_find(&n->queries, text, &n->record, &arena, &is_new);
	if (is_new) {
		*query = ot_redact_query(n->redactor, text);
		*query = kept(arena, *query, text);
	}
	ot_record_set_text(r, OT_URL_QUERY, query->ptr == NULL ? text : *query);
}

/* --- targets --- */

static void set_host(struct ot_normalizer *n, struct ot_record *r, struct ot_str text)
{
	struct ot_address host = ot_host_of(n, text);
	ot_record_set_text(r, OT_SERVER_ADDRESS, host.text);
	if (host.port > 0 && !ot_record_has(r, OT_SERVER_PORT))
		ot_record_set_int(r, OT_SERVER_PORT, host.port);
}

/* Length of "https" before "://", or 0. */
static size_t scheme_len(struct ot_str target)
{
	size_t len = 0;
	while (len < target.len && len < 16 && (ot_is_word(target.ptr[len]) || target.ptr[len] == '+' || target.ptr[len] == '-' || target.ptr[len] == '.'))
		len++;
	return len > 0 && ot_is_letter(target.ptr[0]) && ot_str_starts(ot_str_sub(target, len, 3), OT_STR("://")) ? len : 0;
}

static struct ot_str lower(struct ot_normalizer *n, struct ot_str text)
{
	char *copy = ot_arena_alloc(&n->record, text.len);
	for (size_t i = 0; i < text.len; i++)
		copy[i] = (char)(text.ptr[i] >= 'A' && text.ptr[i] <= 'Z' ? text.ptr[i] | 0x20 : text.ptr[i]);
	return (struct ot_str){ copy, text.len };
}

/* "http://host:port" is taken off; what the record has of it already stays. */
static struct ot_str take_origin(struct ot_normalizer *n, struct ot_record *r, struct ot_str target, size_t scheme)
{
	struct ot_str rest = ot_str_sub(target, scheme + 3, target.len);
	size_t end = 0;
	while (end < rest.len && rest.ptr[end] != '/' && rest.ptr[end] != '?' && rest.ptr[end] != '#')
		end++;
	if (!ot_record_has(r, OT_URL_SCHEME))
		ot_record_set_text(r, OT_URL_SCHEME, lower(n, ot_str_sub(target, 0, scheme)));
	if (!ot_record_has(r, OT_SERVER_ADDRESS) && end > 0)
		set_host(n, r, ot_str_sub(rest, 0, end));
	return ot_str_sub(rest, end, rest.len);
}

static void take_target(struct ot_normalizer *n, struct ot_draft *draft, struct ot_str target)
{
	struct ot_record *r = &draft->record;
	struct ot_str fragment, query;
	size_t scheme = target.len > 0 && target.ptr[0] != '/' ? scheme_len(target) : 0;
	if (ot_str_eq_nocase(ot_record_text(r, OT_HTTP_REQUEST_METHOD), OT_STR("CONNECT")) && scheme == 0 && ot_str_find_char(target, '/') < 0) {
		if (!ot_record_has(r, OT_SERVER_ADDRESS))
			set_host(n, r, target);
		ot_record_unset(r, OT_URL_PATH);
		return;
	}
	if (scheme > 0)
		target = take_origin(n, r, target, scheme);
	target = ot_str_cut(ot_str_cut(target, '#', &fragment), '?', &query);
	if (target.len == 0 && scheme > 0)
		target = OT_STR("/");
	if (target.len > 0)
		set_path(n, r, target);
	if (query.ptr != NULL)
		set_query(n, r, query);
}

/* --- method, protocol, the gateway's route --- */

static void set_method(struct ot_normalizer *n, struct ot_record *r)
{
	struct ot_str method = ot_record_text(r, OT_HTTP_REQUEST_METHOD);
	bool upper = method.len <= METHOD_LEN_MAX;
	for (size_t i = 0; upper && i < method.len; i++)
		upper = method.ptr[i] >= 'A' && method.ptr[i] <= 'Z';
	if (method.ptr == NULL || (upper && method.len > 0))
		return;
	method = ot_redact_text(n->redactor, method);
	char *copy = ot_arena_alloc(&n->record, METHOD_LEN_MAX);
	size_t len = method.len < METHOD_LEN_MAX ? method.len : METHOD_LEN_MAX;
	for (size_t i = 0; i < len; i++)
		copy[i] = (char)(method.ptr[i] >= 'a' && method.ptr[i] <= 'z' ? method.ptr[i] & ~0x20 : method.ptr[i]);
	bool nothing = len == 0 || (len == 1 && copy[0] == '-');
	ot_record_set_text(r, OT_HTTP_REQUEST_METHOD, nothing ? OT_STR_NONE : (struct ot_str){ copy, len });
}

/* "HTTP/1.1", "h2", "2.0" */
static void set_protocol(struct ot_normalizer *n, struct ot_record *r)
{
	static const struct {
		const char *from, *to;
	} names[] = { { "1", "1.0" }, { "2.0", "2" }, { "3.0", "3" }, { "h2", "2" }, { "h2c", "2" }, { "h3", "3" }, { "http/2.0", "2" }, { "spdy", "2" } };
	struct ot_str text = ot_record_text(r, OT_NETWORK_PROTOCOL_VERSION);
	if (text.ptr == NULL)
		return;
	if (ot_str_eq(text, OT_STR("HTTP/1.1"))) {
		ot_record_set_text(r, OT_NETWORK_PROTOCOL_VERSION, OT_STR("1.1"));
		return;
	}
	if (text.len > 5 && (ot_str_eq_nocase(ot_str_sub(text, 0, 5), OT_STR("http/")) || ot_str_eq_nocase(ot_str_sub(text, 0, 5), OT_STR("http "))))
		text = ot_str_sub(text, 5, text.len);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (ot_str_eq_nocase(text, ot_str_from(names[i].from)))
			text = ot_str_from(names[i].to);
	ot_record_set_text(r, OT_NETWORK_PROTOCOL_VERSION, text.len == 0 ? OT_STR_NONE : ot_normalize_text(n, text));
}

/* "GET /pets/{id}" of a gateway that writes both; what is no path is its name for the route. */
static void set_gateway_route(struct ot_normalizer *n, struct ot_record *r)
{
	struct ot_str route = ot_record_text(r, OT_HTTP_ROUTE);
	if (route.ptr == NULL)
		return;
	size_t word = 0;
	while (word < route.len && route.ptr[word] >= 'A' && route.ptr[word] <= 'Z')
		word++;
	if (word > 0 && word + 1 < route.len && route.ptr[word] == ' ')
		route = ot_str_sub(route, word + 1, route.len);
	if (route.len > 0 && (route.ptr[0] == '/' || route.ptr[0] == '~')) {
		ot_record_set_text(r, OT_HTTP_ROUTE, ot_redact_path(n->redactor, route));
		return;
	}
	if (route.len > 0 && !ot_record_has(r, OT_GATEWAY_ROUTE))
		ot_record_set_text(r, OT_GATEWAY_ROUTE, route);
	ot_record_unset(r, OT_HTTP_ROUTE);
}

void ot_normalize_target(struct ot_normalizer *n, struct ot_draft *draft)
{
	struct ot_record *r = &draft->record;
	struct ot_str target = draft->target.ptr != NULL ? draft->target : ot_record_text(r, OT_URL_PATH);
	struct ot_str query = draft->query.ptr != NULL ? draft->query : ot_record_text(r, OT_URL_QUERY);
	set_method(n, r);
	set_protocol(n, r);
	set_gateway_route(n, r);
	ot_record_unset(r, OT_URL_PATH);
	ot_record_unset(r, OT_URL_QUERY);
	if (ot_record_has(r, OT_SERVER_ADDRESS))
		set_host(n, r, r->values[OT_SERVER_ADDRESS].text);
	if (target.len > 0 && !(target.len == 1 && target.ptr[0] == '-'))
		take_target(n, draft, target);
	if (query.ptr != NULL && !ot_record_has(r, OT_URL_QUERY))
		set_query(n, r, query);
}
