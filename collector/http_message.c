/* HTTP messages and HTTP/1 heads (RFC 9112), read as leniently as servers do. */
#include "http.h"
#include <base/err.h>
#include <stdlib.h>
#include <string.h>

struct ot_http_message *ot_http_message_new(void)
{
	struct ot_http_message *message = ot_alloc_zero(1, sizeof(*message));
	ot_buf_init(&message->text, OT_HTTP_HEAD_MAX);
	ot_buf_init(&message->body, OT_HTTP_BODY_MAX);
	return message;
}

void ot_http_message_free(struct ot_http_message *message)
{
	if (message == NULL)
		return;
	ot_buf_release(&message->text);
	ot_buf_release(&message->body);
	free(message);
}

size_t ot_http_message_body(struct ot_http_message *message, struct ot_str bytes)
{
	size_t had = message->body.cap;
	message->body_bytes += bytes.len;
	ot_buf_str_put(&message->body, bytes);
	if (message->body.overflow)
		message->flaws |= OT_HTTP_BODY_CUT;
	return message->body.cap - had;
}

void ot_http_message_body_hole(struct ot_http_message *message, uint64_t len)
{
	message->flaws |= OT_HTTP_BODY_CUT;
	message->body_bytes += len;
	ot_buf_clear(&message->body);
	message->body.overflow = true;
}

size_t ot_http_message_memory(const struct ot_http_message *message)
{
	return message == NULL ? 0 : sizeof(*message) + message->text.cap + message->body.cap;
}

struct ot_str ot_http_header_of(const struct ot_http_message *message, const char *name)
{
	struct ot_str wanted = ot_str_from(name);
	for (size_t i = 0; i < message->header_count; i++) {
		if (ot_str_eq_nocase(message->headers[i].name, wanted))
			return message->headers[i].value;
	}
	return OT_STR_NONE;
}

static bool is_token(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_version(struct ot_str text)
{
	return text.len >= 8 && ot_str_starts(text, OT_STR("HTTP/")) && text.ptr[5] >= '0' && text.ptr[5] <= '9' && text.ptr[6] == '.' && text.ptr[7] >= '0' &&
	       text.ptr[7] <= '9';
}

bool ot_http_looks_like_start(struct ot_str bytes)
{
	static const char answer[] = "HTTP/1.";
	size_t n = 0;
	if (bytes.len == 0)
		return false;
	if (memcmp(bytes.ptr, answer, bytes.len < 7 ? bytes.len : 7) == 0)
		return true;
	while (n < bytes.len && n < 32 && is_token(bytes.ptr[n]))
		n++;
	if (n == bytes.len)
		return n < 32;
	/* A method, a blank, a target, "HTTP/": the last as far as the first line is here. */
	if (n == 0 || bytes.ptr[n] != ' ' || n + 1 >= bytes.len)
		return n > 0 && bytes.ptr[n] == ' ';
	struct ot_str line = ot_str_cut(bytes, '\n', &(struct ot_str){ NULL, 0 });
	ptrdiff_t version = ot_str_find(line, OT_STR(" HTTP/"));
	return line.len == bytes.len ? (version > 0 || bytes.len < OT_HTTP_HEAD_MAX) && bytes.ptr[n + 1] > ' ' : version > 0;
}

bool ot_http_is_known_start(struct ot_str bytes)
{
	static const char *const starts[] = { "GET ", "POST ", "PUT ", "DELETE ", "HEAD ", "OPTIONS ", "PATCH ", "CONNECT ", "TRACE ", "PROPFIND ", "REPORT ", "MKCOL ",
		"COPY ", "MOVE ", "LOCK ", "UNLOCK ", "PURGE ", "SEARCH ", "NOTIFY ", "M-SEARCH ", "SUBSCRIBE ", "UNSUBSCRIBE ", "HTTP/1." };
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		if (ot_str_starts(bytes, ot_str_from(starts[i])))
			return bytes.len > 8 && ot_http_looks_like_start(bytes);
	}
	return false;
}

static bool parse_request_line(struct ot_http_message *m, struct ot_str line)
{
	struct ot_str rest;
	m->method = ot_str_cut(line, ' ', &rest);
	if (rest.ptr == NULL || m->method.len == 0 || m->method.len > 32)
		return false;
	for (size_t i = 0; i < m->method.len; i++) {
		if (!is_token(m->method.ptr[i]))
			return false;
	}
	rest = ot_str_trim(rest);
	/* The version stands after the last blank: targets with raw blanks are met. */
	size_t at = rest.len;
	while (at > 0 && rest.ptr[at - 1] != ' ')
		at--;
	struct ot_str last = ot_str_sub(rest, at, rest.len);
	if (at == 0 || !is_version(last))
		return false;
	m->target = ot_str_trim(ot_str_sub(rest, 0, at));
	m->version = ot_str_sub(last, 5, 3);
	m->request = true;
	return m->target.len > 0;
}

static bool parse_status_line(struct ot_http_message *m, struct ot_str line)
{
	int64_t status;
	struct ot_str rest, code;
	struct ot_str version = ot_str_cut(line, ' ', &rest);
	if (!is_version(version) || rest.ptr == NULL)
		return false;
	code = ot_str_cut(ot_str_trim(rest), ' ', &rest);
	if (code.len != 3 || !ot_str_to_i64(code, &status) || status < 100)
		return false;
	m->version = ot_str_sub(version, 5, 3);
	m->status = (int)status;
	m->request = false;
	return true;
}

/* False where the line is no header, or one too many. */
static bool parse_header(struct ot_http_message *m, struct ot_str line)
{
	struct ot_str value, name = ot_str_cut(line, ':', &value);
	if (value.ptr == NULL || m->header_count == OT_HTTP_HEADERS_MAX)
		return false;
	m->headers[m->header_count++] = (struct ot_http_header){ ot_str_trim(name), ot_str_trim(value) };
	return true;
}

bool ot_http_head_parse(struct ot_http_message *m)
{
	struct ot_str rest = ot_buf_str(&m->text), line = ot_str_cut(rest, '\n', &rest);
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	bool answer = ot_str_starts(line, OT_STR("HTTP/"));
	if (answer ? !parse_status_line(m, line) : !parse_request_line(m, line))
		return false;
	bool kept = false;
	while (rest.ptr != NULL) {
		line = ot_str_cut(rest, '\n', &rest);
		if (line.len > 0 && line.ptr[line.len - 1] == '\r')
			line.len--;
		if (line.len > 0 && (line.ptr[0] == ' ' || line.ptr[0] == '\t')) {
			if (!kept)
				continue;
			struct ot_str *value = &m->headers[m->header_count - 1].value; /* obs-fold: the value goes on */
			value->len = (size_t)(line.ptr + line.len - value->ptr);
		} else {
			kept = parse_header(m, line);
		}
	}
	return true;
}
