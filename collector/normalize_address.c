/*
 * collector: addresses. One form for each (RFC 5952; a mapped IPv4 address is that address), ports apart, the first of a list.
 *
 * client_address is what the format says is best known; without it the peer, and without that the first of X-Forwarded-For, which anyone may write.
 */
#include "normalize_inside.h"
#include "redact_inside.h"
#include <arpa/inet.h>
#include <string.h>

enum { NAME_LEN_MAX = 255 };

static bool parse_port(struct ot_str text, int32_t *port)
{
	int64_t number;
	if (text.len > 5 || !ot_str_to_i64(text, &number) || number < 0 || number > 65535)
		return false;
	*port = (int32_t)number;
	return true;
}

/* "127.0.10.1" as everybody writes it. */
static bool is_plain_ipv4(struct ot_str s)
{
	unsigned dots = 0, value = 0, digits = 0;
	if (s.len > 15)
		return false;
	for (size_t i = 0; i <= s.len; i++) {
		char c = i < s.len ? s.ptr[i] : '.';
		if (c == '.') {
			if (digits == 0 || value > 255)
				return false;
			dots += i < s.len;
			value = digits = 0;
		} else {
			if (!ot_is_digit(c) || (digits == 1 && value == 0) || digits == 3)
				return false;
			value = value * 10 + (unsigned)(c - '0');
			digits++;
		}
	}
	return dots == 3;
}

/* The canonical text of an IPv6 address, absent where it is none. Its zone ("%eth0") means something to one host only. */
static struct ot_str canonical_ipv6(struct ot_str s, struct ot_arena *arena)
{
	static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	unsigned char bytes[16];
	char text[INET6_ADDRSTRLEN + 1];
	ptrdiff_t zone = ot_str_find_char(s, '%');
	if (zone >= 0)
		s.len = (size_t)zone;
	if (s.len >= sizeof(text) || ot_str_find_char(s, ':') < 0)
		return OT_STR_NONE;
	memcpy(text, s.ptr, s.len);
	text[s.len] = 0;
	if (inet_pton(AF_INET6, text, bytes) != 1)
		return OT_STR_NONE;
	if (memcmp(bytes, mapped, sizeof(mapped)) == 0)
		inet_ntop(AF_INET, bytes + 12, text, sizeof(text));
	else
		inet_ntop(AF_INET6, bytes, text, sizeof(text));
	return ot_arena_str(arena, ot_str_from(text));
}

/* "[::1]:443", "::1", "10.0.0.1:80", "10.0.0.1". */
static bool parse_ip(struct ot_str s, struct ot_arena *arena, struct ot_address *out)
{
	out->port = -1;
	if (s.len > 2 && s.ptr[0] == '[') {
		struct ot_str rest, inside = ot_str_cut(ot_str_sub(s, 1, s.len), ']', &rest);
		if (rest.ptr == NULL || (rest.len > 0 && (rest.ptr[0] != ':' || !parse_port(ot_str_sub(rest, 1, rest.len), &out->port))))
			return false;
		out->text = canonical_ipv6(inside, arena);
		return out->text.ptr != NULL;
	}
	struct ot_str port, host = ot_str_cut(s, ':', &port);
	if (is_plain_ipv4(host)) {
		if (port.ptr != NULL && port.len > 0 && !parse_port(port, &out->port))
			return false;
		out->text = ot_arena_str(arena, host);
		return true;
	}
	out->text = canonical_ipv6(s, arena);
	return out->text.ptr != NULL;
}

/* A name that stands for an address: "unix:", "unix:/run/x.sock", "localhost", "ip-10-0-0-1.internal". */
static bool is_name(struct ot_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!ot_is_token(s.ptr[i]) && s.ptr[i] != '.' && s.ptr[i] != ':' && s.ptr[i] != '/' && s.ptr[i] != '@')
			return false;
	return s.len > 0 && s.len <= NAME_LEN_MAX;
}

static bool is_nothing(struct ot_str s)
{
	return s.len == 0 || (s.len == 1 && s.ptr[0] == '-') || ot_str_eq_nocase(s, OT_STR("unknown")) || ot_str_eq_nocase(s, OT_STR("null"));
}

static void lower(struct ot_str *text, struct ot_arena *arena)
{
	char *copy = ot_arena_alloc(arena, text->len);
	for (size_t i = 0; i < text->len; i++)
		copy[i] = (char)(text->ptr[i] >= 'A' && text->ptr[i] <= 'Z' ? text->ptr[i] | 0x20 : text->ptr[i]);
	text->ptr = copy;
}

static struct ot_str unquoted(struct ot_str s)
{
	s = ot_str_trim(s);
	return s.len >= 2 && s.ptr[0] == '"' && s.ptr[s.len - 1] == '"' ? ot_str_trim(ot_str_sub(s, 1, s.len - 2)) : s;
}

/* The first address of a list; a name only where no address stands in it. */
static void parse_address(struct ot_normalizer *n, struct ot_str text, struct ot_arena *arena, struct ot_address *out)
{
	struct ot_str name = OT_STR_NONE;
	out->list = ot_str_find_char(text, ',') >= 0;
	for (struct ot_str rest = unquoted(text); rest.ptr != NULL;) {
		struct ot_str item = unquoted(ot_str_cut(rest, ',', &rest));
		if (parse_ip(item, arena, out))
			return;
		if (name.ptr == NULL && !is_nothing(item) && is_name(item))
			name = item;
	}
	out->port = -1;
	out->text = name;
	if (name.ptr != NULL) {
		out->text = ot_redact_text(n->redactor, name);
		lower(&out->text, arena);
	}
}

struct ot_address ot_address_of(struct ot_normalizer *n, struct ot_str text)
{
	struct ot_arena *arena;
	bool is_new;
	if (is_plain_ipv4(text))
		return (struct ot_address){ text, -1, false };
	struct ot_address *address = ot_memo_find(&n->addresses, text, &n->record, &arena, &is_new);
	if (is_new)
		parse_address(n, text, arena, address);
	return *address;
}

/* "user@Example.COM:8080" */
static void parse_host(struct ot_normalizer *n, struct ot_str text, struct ot_arena *arena, struct ot_address *out)
{
	text = unquoted(text);
	for (ptrdiff_t at; (at = ot_str_find_char(text, '@')) >= 0;)
		text = ot_str_sub(text, (size_t)at + 1, text.len);
	if (is_nothing(text) || parse_ip(text, arena, out))
		return;
	struct ot_str port, host = ot_str_cut(text, ':', &port);
	out->port = -1;
	if (port.ptr != NULL && port.len > 0 && !parse_port(port, &out->port))
		host = text;
	out->text = ot_redact_text(n->redactor, host);
	if (out->text.ptr == host.ptr)
		lower(&out->text, arena);
	else
		out->text = ot_arena_str(arena, out->text);
	if (host.len == 0)
		out->text = OT_STR_NONE;
}

struct ot_address ot_host_of(struct ot_normalizer *n, struct ot_str text)
{
	struct ot_arena *arena;
	bool is_new;
	struct ot_address *host = ot_memo_find(&n->hosts, text, &n->record, &arena, &is_new);
	if (is_new) {
		host->port = -1;
		parse_host(n, text, arena, host);
	}
	return *host;
}

/* --- the record's addresses --- */

static void set_port(struct ot_record *r, enum ot_field field, struct ot_address address)
{
	if (address.port > 0 && !ot_record_has(r, field))
		ot_record_set_int(r, field, address.port);
}

/* A list goes to forwarded_for whole, and so does what is no address. */
static struct ot_address normalize_field(struct ot_normalizer *n, struct ot_record *r, enum ot_field field)
{
	struct ot_str text = ot_record_text(r, field);
	if (text.ptr == NULL)
		return (struct ot_address){ OT_STR_NONE, -1, false };
	struct ot_address address = ot_address_of(n, text);
	if ((address.list || (address.text.ptr == NULL && !is_nothing(text))) && !ot_record_has(r, OT_FORWARDED_FOR))
		ot_record_set_text(r, OT_FORWARDED_FOR, text);
	ot_record_set_text(r, field, address.text);
	return address;
}

static bool in_list(struct ot_normalizer *n, struct ot_str list, struct ot_str text)
{
	while (list.ptr != NULL) {
		struct ot_str item = ot_str_cut(list, ',', &list);
		struct ot_str address = ot_address_of(n, ot_str_trim(item)).text;
		if (address.ptr != NULL && ot_str_eq(address, text))
			return true;
	}
	return false;
}

/* Which side of the origin this is: known where a configured address stands at one end. A gateway's own log shows what the client sent and says nothing. */
static void find_leg(struct ot_normalizer *n, const struct ot_source_context *context, struct ot_record *r)
{
	if (ot_record_has(r, OT_LEG))
		return;
	enum ot_leg leg = OT_LEG_UNKNOWN;
	struct ot_str from = ot_record_text(r, ot_record_has(r, OT_NETWORK_PEER_ADDRESS) ? OT_NETWORK_PEER_ADDRESS : OT_CLIENT_ADDRESS);
	struct ot_str to = ot_record_text(r, OT_SERVER_ADDRESS);
	if (context->kind == OT_KIND_WIRE) /* on the wire the other end is an address, whatever name was asked for */
		to = ot_address_of(n, ot_record_text(r, OT_UPSTREAM_ADDRESS)).text;
	if (from.ptr != NULL && in_list(n, context->gateway_addresses, from))
		leg = OT_LEG_UPSTREAM;
	else if (to.ptr != NULL && in_list(n, context->gateway_addresses, to))
		leg = OT_LEG_CLIENT;
	else if (to.ptr != NULL && in_list(n, context->upstream_addresses, to))
		leg = OT_LEG_UPSTREAM;
	ot_record_set_int(r, OT_LEG, leg);
}

void ot_normalize_addresses(struct ot_normalizer *n, const struct ot_source_context *context, struct ot_draft *draft)
{
	struct ot_record *r = &draft->record;
	struct ot_address client = normalize_field(n, r, OT_CLIENT_ADDRESS), peer = normalize_field(n, r, OT_NETWORK_PEER_ADDRESS);
	if (client.text.ptr == NULL)
		client = peer;
	if (client.text.ptr == NULL && ot_record_has(r, OT_FORWARDED_FOR))
		client = ot_address_of(n, r->values[OT_FORWARDED_FOR].text);
	ot_record_set_text(r, OT_CLIENT_ADDRESS, client.text);
	if (client.text.ptr != NULL) {
		set_port(r, OT_CLIENT_PORT, client);
		if (ot_str_eq(client.text, peer.text))
			set_port(r, OT_CLIENT_PORT, peer);
	}
	find_leg(n, context, r);
}
