/* collector: conversions: what a text in a log stands for. The table at the end is the list that descriptions choose from. */
#include "format_parts.h"
#include <base/time.h>
#include <string.h>

static const char *const beside[] = { "target", "query", "traceparent", "secret", "authorization", "jwt", "request", "asserted" };

const char *ot_rule_target_name(unsigned target) { return target < OT_FIELD_COUNT ? ot_fields[target].name : beside[target - OT_FIELD_COUNT]; }

unsigned ot_rule_target_find(struct ot_str name)
{
	for (unsigned i = OT_FIELD_COUNT; i < OT_TO_COUNT; i++)
		if (ot_str_eq(name, ot_str_from(beside[i - OT_FIELD_COUNT])))
			return i;
	for (unsigned i = 0; i < OT_FIELD_COUNT; i++)
		if (ot_str_eq(name, ot_str_from(ot_fields[i].name)))
			return i;
	return OT_TO_COUNT;
}

static bool set_text(struct ot_convert *c, struct ot_str text)
{
	struct ot_draft *d = c->draft;
	switch (c->rule->target) {
	case OT_TO_TARGET: d->target = text; break;
	case OT_TO_QUERY: d->query = text; break;
	case OT_TO_TRACEPARENT: d->traceparent = text; break;
	case OT_TO_SECRET: d->secret = text; break;
	case OT_TO_AUTHORIZATION: d->authorization = text; break;
	case OT_TO_JWT: d->jwt = text; break;
	default: ot_record_set_text(&d->record, (enum ot_field)c->rule->target, text);
	}
	return true;
}

static bool set_int(struct ot_convert *c, int64_t number)
{
	if (c->rule->target >= OT_FIELD_COUNT || ot_fields[c->rule->target].form != OT_FORM_INT)
		return false;
	ot_record_set_int(&c->draft->record, (enum ot_field)c->rule->target, number);
	return true;
}

static bool to_case(struct ot_convert *c, struct ot_str text)
{
	char *out = ot_arena_alloc(c->arena, text.len + 1);
	char from = c->rule->conversion->scale > 0 ? 'a' : 'A';
	for (size_t i = 0; i < text.len; i++)
		out[i] = (char)(text.ptr[i] >= from && text.ptr[i] <= from + 25 ? text.ptr[i] ^ 0x20 : text.ptr[i]);
	return set_text(c, (struct ot_str){ out, text.len });
}

static bool to_int(struct ot_convert *c, struct ot_str text)
{
	int64_t number;
	return (ot_str_to_i64(text, &number) || ot_str_to_scaled(text, 1, &number)) && number >= 0 && set_int(c, number);
}

/* A number times the conversion's scale; what is below zero was not measured. */
static bool to_scaled(struct ot_convert *c, struct ot_str text)
{
	int64_t number;
	return ot_str_to_scaled(text, c->rule->conversion->scale, &number) && number >= 0 && set_int(c, number);
}

/* "12ms", "1m2.5s", "968.03µs": numbers with units, one after the other. */
static bool duration_with_units(struct ot_str text, int64_t *ns)
{
	static const struct { const char *unit; int64_t scale; } units[] = {
		{ "ns", 1 }, { "us", 1000 }, { "\u00b5s", 1000 }, { "\u03bcs", 1000 }, { "ms", OT_NS_PER_MS }, { "s", OT_NS_PER_S },
		{ "sec", OT_NS_PER_S }, { "m", 60 * OT_NS_PER_S }, { "min", 60 * OT_NS_PER_S }, { "h", 3600 * OT_NS_PER_S },
	};
	int64_t sum = 0;
	for (size_t at = 0; at < text.len;) {
		size_t start = at, unit;
		while (at < text.len && ((text.ptr[at] >= '0' && text.ptr[at] <= '9') || text.ptr[at] == '.'))
			at++;
		struct ot_str digits = ot_str_sub(text, start, at - start);
		while (at < text.len && text.ptr[at] == ' ')
			at++;
		unit = at;
		while (at < text.len && !(text.ptr[at] >= '0' && text.ptr[at] <= '9') && text.ptr[at] != '.' && text.ptr[at] != ' ')
			at++;
		struct ot_str name = ot_str_sub(text, unit, at - unit);
		int64_t part = -1;
		for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
			if (ot_str_eq(name, ot_str_from(units[i].unit)) && !ot_str_to_scaled(digits, units[i].scale, &part))
				return false;
		if (part < 0 || sum > INT64_MAX - part)
			return false;
		sum += part;
	}
	*ns = sum;
	return text.len > 0;
}

static bool to_duration(struct ot_convert *c, struct ot_str text)
{
	int64_t ns;
	return duration_with_units(text, &ns) && set_int(c, ns);
}

/* No unit said: text with a unit means it, a fraction means seconds, a whole number milliseconds. */
static bool to_duration_guess(struct ot_convert *c, struct ot_str text)
{
	int64_t ns;
	if (duration_with_units(text, &ns))
		return set_int(c, ns);
	int64_t scale = ot_str_find_char(text, '.') >= 0 ? OT_NS_PER_S : OT_NS_PER_MS;
	return ot_str_to_scaled(text, scale, &ns) && ns >= 0 && set_int(c, ns);
}

static bool to_bool(struct ot_convert *c, struct ot_str text)
{
	static const char *const yes[] = { "true", "1", "yes", "on", "y", "t" }, *const no[] = { "false", "0", "no", "off", "n", "f" };
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		bool is = ot_str_eq_nocase(text, ot_str_from(yes[i]));
		if (!is && !ot_str_eq_nocase(text, ot_str_from(no[i])))
			continue;
		if (c->rule->target == OT_TO_ASSERTED)
			c->draft->asserted = is;
		return c->rule->target == OT_TO_ASSERTED || set_int(c, is);
	}
	return false;
}

static bool to_enum(struct ot_convert *c, struct ot_str text)
{
	int64_t value = ot_enum_value((enum ot_field)c->rule->target, text);
	return value >= 0 && set_int(c, value);
}

/* 128 or 64 bits in hex, dashes or not; all zeros are no id. A 64-bit trace id (B3) fills the lower half. */
static bool to_hex(struct ot_convert *c, struct ot_str text)
{
	size_t width = ot_fields[c->rule->target].width, n = 0;
	uint8_t digits[64] = { 0 }, any = 0;
	for (size_t i = 0; i < text.len; i++) {
		char ch = text.ptr[i];
		int digit = ch >= '0' && ch <= '9' ? ch - '0' : (ch | 0x20) >= 'a' && (ch | 0x20) <= 'f' ? (ch | 0x20) - 'a' + 10 : -1;
		if (ch == '-')
			continue;
		if (digit < 0 || n >= width * 2 || n >= sizeof(digits))
			return false;
		digits[n++] = (uint8_t)digit;
		any |= (uint8_t)digit;
	}
	if (any == 0 || (n != width * 2 && !(width == 16 && n == 16)))
		return false;
	char *out = ot_arena_zero(c->arena, 1, width);
	size_t skip = width - n / 2;
	for (size_t i = 0; i < n / 2; i++)
		out[skip + i] = (char)(digits[i * 2] << 4 | digits[i * 2 + 1]);
	return set_text(c, (struct ot_str){ out, width });
}

/* "HTTP/1.1", "HTTP/2.0", "h2c", "http/1.1", "1.1", "2" → 1.0 1.1 2 3 */
static struct ot_str protocol_version(struct ot_str text)
{
	static const struct { const char *text; struct ot_str version; } known[] = {
		{ "1.1", OT_STR("1.1") }, { "1.0", OT_STR("1.0") }, { "0.9", OT_STR("0.9") }, { "2", OT_STR("2") }, { "2.0", OT_STR("2") },
		{ "3", OT_STR("3") }, { "3.0", OT_STR("3") }, { "h2", OT_STR("2") }, { "h2c", OT_STR("2") }, { "h3", OT_STR("3") }, { "http2", OT_STR("2") },
		{ "grpc", OT_STR("2") }, { "quic", OT_STR("3") },
	};
	if (text.len > 5 && ot_str_eq_nocase(ot_str_sub(text, 0, 5), OT_STR("http/")))
		text = ot_str_sub(text, 5, text.len);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (ot_str_eq_nocase(text, ot_str_from(known[i].text)))
			return known[i].version;
	return OT_STR_NONE;
}

static bool to_protocol(struct ot_convert *c, struct ot_str text)
{
	struct ot_str version = protocol_version(text);
	return version.ptr != NULL && set_text(c, version);
}

static bool is_method(struct ot_str text)
{
	if (text.len == 0 || text.len > 24)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!((text.ptr[i] | 0x20) >= 'a' && (text.ptr[i] | 0x20) <= 'z') && text.ptr[i] != '-' && text.ptr[i] != '_')
			return false;
	return true;
}

/* "GET /a b HTTP/1.1": the method is up to the first blank, the protocol after the last, the target what is between, blanks and all. */
static bool to_request(struct ot_convert *c, struct ot_str text)
{
	struct ot_record *r = &c->draft->record;
	struct ot_str target, method = ot_str_cut(text, ' ', &target);
	if (target.ptr == NULL || !is_method(method) || ot_str_eq_nocase(method, OT_STR("-")))
		return false;
	target = ot_str_trim(target);
	for (size_t i = target.len; i-- > 0;) {
		if (target.ptr[i] != ' ')
			continue;
		struct ot_str protocol = ot_str_sub(target, i + 1, target.len), version = protocol_version(protocol);
		if (!ot_str_starts(protocol, OT_STR("HTTP")) && version.ptr == NULL)
			break;
		target = ot_str_trim(ot_str_sub(target, 0, i));
		if (version.ptr != NULL)
			ot_record_set_text(r, OT_NETWORK_PROTOCOL_VERSION, version);
		break;
	}
	if (!ot_record_has(r, OT_HTTP_REQUEST_METHOD))
		ot_record_set_text(r, OT_HTTP_REQUEST_METHOD, method);
	if (c->draft->target.ptr == NULL && target.len > 0)
		c->draft->target = target;
	return true;
}

static bool to_method(struct ot_convert *c, struct ot_str text) { return is_method(text) && set_text(c, text); }

/* Host and port of "host:port", "[::1]:80", "::1", "http://user@host:80/x", "tcp://10.0.0.1:80". */
static void host_port(struct ot_str text, struct ot_str *host, struct ot_str *port)
{
	ptrdiff_t at = ot_str_find(text, OT_STR("://"));
	if (at > 0)
		text = ot_str_sub(text, (size_t)at + 3, text.len);
	if ((at = ot_str_find_char(text, '/')) > 0)
		text = ot_str_sub(text, 0, (size_t)at);
	if ((at = ot_str_find_char(text, '@')) >= 0)
		text = ot_str_sub(text, (size_t)at + 1, text.len);
	*host = text;
	*port = OT_STR_NONE;
	if (text.len > 0 && text.ptr[0] == '[' && (at = ot_str_find_char(text, ']')) > 0) {
		*host = ot_str_sub(text, 1, (size_t)at - 1);
		if ((size_t)at + 1 < text.len && text.ptr[at + 1] == ':')
			*port = ot_str_sub(text, (size_t)at + 2, text.len);
	} else if ((at = ot_str_find_char(text, ':')) >= 0 && ot_str_find_char(ot_str_sub(text, (size_t)at + 1, text.len), ':') < 0) {
		*host = ot_str_sub(text, 0, (size_t)at);
		*port = ot_str_sub(text, (size_t)at + 1, text.len);
	}
}

/* The address goes to the field, the port to the one beside it. */
static bool to_host_port(struct ot_convert *c, struct ot_str text)
{
	struct ot_record *r = &c->draft->record;
	struct ot_str host, port;
	int64_t number;
	if (ot_str_starts(text, OT_STR("unix:")))
		return set_text(c, text);
	host_port(text, &host, &port);
	enum ot_field field = c->rule->target == OT_CLIENT_ADDRESS || c->rule->target == OT_NETWORK_PEER_ADDRESS ? OT_CLIENT_PORT :
	    c->rule->target == OT_SERVER_ADDRESS ? OT_SERVER_PORT : OT_FIELD_NONE;
	if (field != OT_FIELD_NONE && !ot_record_has(r, field) && ot_str_to_i64(port, &number) && number >= 0 && number < 65536)
		ot_record_set_int(r, field, number);
	return host.len > 0 && set_text(c, host);
}

/* "host:port" of a URL or of what is one already. */
static bool to_authority(struct ot_convert *c, struct ot_str text)
{
	ptrdiff_t at = ot_str_find(text, OT_STR("://"));
	if (at > 0) {
		text = ot_str_sub(text, (size_t)at + 3, text.len);
		at = ot_str_find_char(text, '/');
		if (at >= 0)
			text = ot_str_sub(text, 0, (size_t)at);
		if ((at = ot_str_find_char(text, '@')) >= 0)
			text = ot_str_sub(text, (size_t)at + 1, text.len);
	}
	return text.len > 0 && set_text(c, text);
}

/* Scheme, host and port of an absolute URL, where they are not known better. */
static bool to_url(struct ot_convert *c, struct ot_str text)
{
	struct ot_record *r = &c->draft->record;
	ptrdiff_t at = ot_str_find(text, OT_STR("://"));
	struct ot_str host, port;
	int64_t number;
	if (at <= 0 || at > 10)
		return false;
	host_port(text, &host, &port);
	if (!ot_record_has(r, OT_URL_SCHEME))
		ot_record_set_text(r, OT_URL_SCHEME, ot_str_sub(text, 0, (size_t)at));
	if (!ot_record_has(r, OT_SERVER_ADDRESS) && host.len > 0)
		ot_record_set_text(r, OT_SERVER_ADDRESS, host);
	if (!ot_record_has(r, OT_SERVER_PORT) && ot_str_to_i64(port, &number) && number > 0 && number < 65536)
		ot_record_set_int(r, OT_SERVER_PORT, number);
	return true;
}

/* A W3C header; 128 bits of hex alone are a trace id. */
static bool to_trace(struct ot_convert *c, struct ot_str text)
{
	if (text.len >= 55 && text.ptr[2] == '-' && text.ptr[35] == '-') {
		c->draft->traceparent = text;
		return true;
	}
	struct ot_rule as_id = *c->rule;
	as_id.target = OT_TRACE_ID;
	struct ot_convert inner = { &as_id, c->arena, c->draft };
	return to_hex(&inner, text);
}

/* ---- times ---- */

static bool set_time(struct ot_convert *c, const struct ot_when *when)
{
	if (!set_int(c, when->ns))
		return false;
	if (c->rule->target == OT_TIMESTAMP) {
		c->draft->time_local = when->local;
		c->draft->time_no_year = when->no_year;
	}
	return true;
}

static bool to_rfc3339(struct ot_convert *c, struct ot_str text)
{
	struct ot_when when = { 0 };
	bool zoned;
	if (!ot_time_parse(text, &when.ns, &zoned))
		return false;
	when.local = !zoned;
	return set_time(c, &when);
}

/* RFC 3339, in UTC where it does not say otherwise. */
static bool to_rfc3339_utc(struct ot_convert *c, struct ot_str text)
{
	struct ot_when when = { 0 };
	bool zoned;
	return ot_time_parse(text, &when.ns, &zoned) && set_time(c, &when);
}

static bool to_clf(struct ot_convert *c, struct ot_str text)
{
	struct ot_when when;
	return ot_when_clf(text, &when) && set_time(c, &when);
}

static bool to_epoch(struct ot_convert *c, struct ot_str text)
{
	struct ot_when when = { 0 };
	return ot_str_to_scaled(text, c->rule->conversion->scale, &when.ns) && when.ns > 0 && set_time(c, &when);
}

/* Since 1970 in the unit that its size tells. */
static bool to_epoch_any(struct ot_convert *c, struct ot_str text)
{
	struct ot_when when;
	return ot_when_epoch(text, &when) && set_time(c, &when);
}

/* The end of what began at the record's time: a duration. */
static bool to_until(struct ot_convert *c, struct ot_str text)
{
	struct ot_when end;
	int64_t start = ot_record_int(&c->draft->record, OT_TIMESTAMP, INT64_MIN);
	return start != INT64_MIN && ot_when_any(text, &end) && end.ns >= start && set_int(c, end.ns - start);
}

static bool to_time(struct ot_convert *c, struct ot_str text)
{
	struct ot_when when;
	bool read = c->rule->pattern.ptr != NULL ? ot_when_pattern(text, c->rule->pattern, &when) : ot_when_any(text, &when);
	return read && set_time(c, &when);
}

static const struct ot_conversion conversions[] = {
	{ "text", set_text, 0, "as it is" },
	{ "upper", to_case, 1, "in upper case" },
	{ "lower", to_case, -1, "in lower case" },
	{ "int", to_int, 1, "a whole number, not negative" },
	{ "bool", to_bool, 0, "true false 1 0 yes no on off" },
	{ "name", to_enum, 0, "one of the field's names" },
	{ "hex", to_hex, 0, "64 or 128 bits in hex, with or without dashes" },
	{ "s", to_scaled, 1000000000, "duration in seconds, with or without a fraction" },
	{ "ms", to_scaled, 1000000, "duration in milliseconds" },
	{ "us", to_scaled, 1000, "duration in microseconds" },
	{ "ns", to_scaled, 1, "duration in nanoseconds" },
	{ "duration", to_duration, 0, "duration with its units: 12ms, 1m2.5s" },
	{ "duration-guess", to_duration_guess, 0, "duration of no known unit: with units as said, a fraction is seconds, a whole number milliseconds" },
	{ "usd", to_scaled, 1000000, "cost in dollars" },
	{ "cents", to_scaled, 10000, "cost in hundredths of a dollar" },
	{ "kb", to_scaled, 1024, "size in KiB" },
	{ "protocol", to_protocol, 0, "HTTP/1.1, h2 …: 1.0 1.1 2 3" },
	{ "method", to_method, 0, "a request's method" },
	{ "request", to_request, 0, "a request line: method, target and protocol" },
	{ "host-port", to_host_port, 0, "host and port; the port goes to the field beside" },
	{ "authority", to_authority, 0, "host:port, also out of a URL" },
	{ "url", to_url, 0, "scheme, host and port of an absolute URL" },
	{ "trace", to_trace, 0, "W3C traceparent, or a trace id alone" },
	{ "rfc3339", to_rfc3339, 0, "time: RFC 3339, T or blank; local where it has no zone" },
	{ "rfc3339-utc", to_rfc3339_utc, 0, "the same, UTC where it has no zone" },
	{ "clf", to_clf, 0, "time: 22/Nov/2026:11:26:23 +0000, fraction and zone may be missing" },
	{ "epoch-s", to_epoch, 1000000000, "time: seconds since 1970, with or without a fraction" },
	{ "epoch-ms", to_epoch, 1000000, "time: milliseconds" },
	{ "epoch-us", to_epoch, 1000, "time: microseconds" },
	{ "epoch-ns", to_epoch, 1, "time: nanoseconds" },
	{ "epoch", to_epoch_any, 0, "time: since 1970 in the unit that its size tells" },
	{ "until", to_until, 0, "duration up to a time, from the record's own" },
	{ "time", to_time, 0, "time by \"pattern\"; without one: RFC 3339, CLF, or since 1970 in the unit that its size tells" },
};

const struct ot_conversion *ot_conversion_find(struct ot_str name)
{
	for (size_t i = 0; i < sizeof(conversions) / sizeof(conversions[0]); i++)
		if (ot_str_eq(name, ot_str_from(conversions[i].name)))
			return &conversions[i];
	return NULL;
}

const struct ot_conversion *ot_conversion_of_target(unsigned target)
{
	const char *name = "text";
	if (target == OT_TO_REQUEST)
		name = "request";
	else if (target == OT_TO_ASSERTED)
		name = "bool";
	else if (target == OT_HTTP_REQUEST_METHOD)
		name = "method";
	else if (target == OT_NETWORK_PROTOCOL_VERSION)
		name = "protocol";
	else if (target < OT_FIELD_COUNT)
		switch (ot_fields[target].type) {
		case OT_TYPE_INT: name = strcmp(ot_fields[target].unit, "ns") == 0 || strcmp(ot_fields[target].unit, "micro-USD") == 0 ? NULL : "int"; break;
		case OT_TYPE_TIME: name = NULL; break;
		case OT_TYPE_ENUM: name = "name"; break;
		case OT_TYPE_BOOL: name = "bool"; break;
		case OT_TYPE_HEX: name = "hex"; break;
		default: break;
		}
	return name == NULL ? NULL : ot_conversion_find(ot_str_from(name));
}

const char *ot_conversion_names(struct ot_arena *arena)
{
	struct ot_buf out = { 0 };
	for (size_t i = 0; i < sizeof(conversions) / sizeof(conversions[0]); i++)
		ot_buf_printf(&out, "%s%s", i > 0 ? " " : "", conversions[i].name);
	const char *names = ot_arena_cstr(arena, ot_buf_str(&out));
	ot_buf_release(&out);
	return names;
}
