/* collector: the JSON pass. */
#include "json_pass.h"
#include "json_text.h"
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { SPACED = 1, HIGH = 2, ESCAPED = 4, LOOSE = 8 }; /* what was met in a value */

struct pass {
	const struct ot_json_target *target;
	const char *end;
	unsigned met;
	unsigned keys;
};

static inline bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static inline const char *spaces(struct pass *p, const char *at)
{
	if (at < p->end && (unsigned char)*at > ' ')
		return at;
	for (; at < p->end && is_space(*at); at++)
		p->met |= SPACED;
	return at;
}

static bool hex4(const char *at, unsigned *value)
{
	unsigned v = 0;
	for (int i = 0; i < 4; i++) {
		char c = at[i];
		unsigned digit;
		if (c >= '0' && c <= '9')
			digit = (unsigned)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (unsigned)((c | 0x20) - 'a' + 10);
		else
			return false;
		v = v * 16 + digit;
	}
	*value = v;
	return true;
}

/* Past an escape that begins at `at` (its backslash); NULL where it is none. */
static const char *escape_past(struct pass *p, const char *at)
{
	p->met |= ESCAPED;
	if (p->end - at < 2)
		return NULL;
	char c = at[1];
	if (c == 'u') {
		unsigned first, second;
		if (p->end - at < 6 || !hex4(at + 2, &first) || (first >= 0xDC00 && first <= 0xDFFF))
			return NULL;
		if (first < 0xD800 || first > 0xDFFF)
			return at + 6;
		bool pair = p->end - at >= 12 && at[6] == '\\' && at[7] == 'u' && hex4(at + 8, &second) && second >= 0xDC00 && second <= 0xDFFF;
		return pair ? at + 12 : NULL;
	}
	if (c == '"' || c == '\\' || c == '/' || c == 'n' || c == 'r' || c == 't' || c == 'b' || c == 'f')
		return at + 2;
	if (!p->target->tolerant)
		return NULL;
	p->met |= LOOSE;
	return at + 2;
}

/* The closing quote of the string whose first byte is at `at`; NULL where there is none, or something that must not stand in it. */
static const char *string_end(struct pass *p, const char *at)
{
	for (;;) {
#ifdef __SSE2__
		while (p->end - at >= 16) {
			__m128i v = _mm_loadu_si128((const __m128i *)(const void *)at);
			__m128i odd = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))),
			    _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1F)), v));
			unsigned stops = (unsigned)_mm_movemask_epi8(odd), high = (unsigned)_mm_movemask_epi8(v);
			if (stops == 0) {
				p->met |= high ? HIGH : 0;
				at += 16;
				continue;
			}
			unsigned n = (unsigned)__builtin_ctz(stops);
			p->met |= high & ((1u << n) - 1) ? HIGH : 0;
			at += n;
			break;
		}
#endif
		while (at < p->end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20)
			p->met |= (unsigned char)*at++ >= 0x80 ? HIGH : 0;
		if (at >= p->end)
			return NULL;
		if (*at == '"')
			return at;
		if (*at == '\\') {
			at = escape_past(p, at);
			if (at == NULL)
				return NULL;
		} else {
			if (!p->target->tolerant)
				return NULL;
			p->met |= LOOSE;
			at++;
		}
	}
}

static inline bool is_digit(char c) { return (unsigned)(c - '0') < 10; }

static const char *digits(const struct pass *p, const char *at)
{
	while (at < p->end && is_digit(*at))
		at++;
	return at;
}

/* Past a number; NULL for what is none, and for one so long that it needs more than 64 bits or a double. */
static const char *number_past(struct pass *p, const char *at)
{
	const char *start = at;
	at += *at == '-';
	const char *whole = at;
	at = digits(p, at);
	if (at == whole || (*whole == '0' && at - whole > 1) || at - whole > 18)
		return NULL;
	if (at < p->end && *at == '.') {
		const char *fraction = ++at;
		at = digits(p, at);
		if (at == fraction)
			return NULL;
	}
	if (at < p->end && (*at == 'e' || *at == 'E')) {
		at++;
		at += at < p->end && (*at == '+' || *at == '-');
		const char *exponent = at;
		at = digits(p, at);
		if (at == exponent || at - exponent > 2)
			return NULL;
	}
	return at - start <= 40 ? at : NULL;
}

static const char *word_past(const struct pass *p, const char *at, const char *word, size_t len)
{
	return (size_t)(p->end - at) >= len && memcmp(at, word, len) == 0 ? at + len : NULL;
}

static const char *skip(struct pass *p, const char *at, unsigned depth);

/* Past the object or array that begins at `at`, nothing of which is wanted. */
static const char *skip_container(struct pass *p, const char *at, unsigned depth)
{
	bool object = *at == '{';
	char close = object ? '}' : ']';
	if (depth >= OT_JSON_DEPTH_MAX)
		return NULL;
	at = spaces(p, at + 1);
	if (at < p->end && *at == close)
		return at + 1;
	for (;;) {
		if (object) {
			if (at >= p->end || *at != '"' || ++p->keys > OT_JSON_KEYS_MAX || (at = string_end(p, at + 1)) == NULL)
				return NULL;
			at = spaces(p, at + 1);
			if (at >= p->end || *at != ':')
				return NULL;
			at = spaces(p, at + 1);
		}
		at = skip(p, at, depth + 1);
		if (at == NULL)
			return NULL;
		at = spaces(p, at);
		if (at >= p->end)
			return NULL;
		if (*at == close)
			return at + 1;
		if (*at != ',')
			return NULL;
		at = spaces(p, at + 1);
	}
}

/* Past any value. */
static const char *skip(struct pass *p, const char *at, unsigned depth)
{
	if (at >= p->end)
		return NULL;
	switch (*at) {
	case '"': at = string_end(p, at + 1); return at == NULL ? NULL : at + 1;
	case '{':
	case '[': return skip_container(p, at, depth);
	case 't': return word_past(p, at, "true", 4);
	case 'f': return word_past(p, at, "false", 5);
	case 'n': return word_past(p, at, "null", 4);
	default: return number_past(p, at);
	}
}

static enum ot_member_type type_of(char c)
{
	switch (c) {
	case '"': return OT_MEMBER_STRING;
	case '{': return OT_MEMBER_OBJECT;
	case '[': return OT_MEMBER_ARRAY;
	case 't': return OT_MEMBER_TRUE;
	case 'f': return OT_MEMBER_FALSE;
	case 'n': return OT_MEMBER_NULL;
	default: return OT_MEMBER_NUMBER;
	}
}

static struct ot_member member_of(const char *start, const char *past, unsigned met)
{
	struct ot_member m = { .raw = { start, (size_t)(past - start) } };
	m.type = (uint8_t)(*start == '"' ? OT_MEMBER_STRING : type_of(*start));
	m.text = m.raw;
	if (*start == '"') {
		m.text = (struct ot_str){ start + 1, m.raw.len - 2 };
		m.escapes = met & ESCAPED ? OT_ESCAPES_JSON : OT_ESCAPES_NONE;
	}
	m.rough = (met & (SPACED | HIGH | LOOSE)) != 0;
	if ((met & LOOSE) && m.type != OT_MEMBER_STRING)
		m.raw = OT_STR_NONE; /* as an extra it is the text itself */
	return m;
}

static const char *object(struct pass *p, const char *at, struct ot_shape_place *place, unsigned depth);

static const char *array(struct pass *p, const char *at, struct ot_shape_place *place, unsigned depth);

static bool wants_inside(const struct ot_node *node, char c)
{
	if (node == NULL)
		return false;
	return c == '{' ? node->kid_count > 0 || node->any != NULL : node->element_count > 0;
}

/* The value of a name of which something is wanted, or which is to be an extra. */
static const char *value(struct pass *p, const char *at, struct ot_shape_place *place, struct ot_shape_entry *entry, unsigned depth)
{
	const char *start = at;
	unsigned before = p->met;
	bool deep = at < p->end && (*at == '{' || *at == '[') && (wants_inside(entry->own, *at) || wants_inside(entry->signs, *at));
	p->met = 0;
	if (!deep)
		at = skip(p, at, depth);
	else if (depth >= OT_JSON_DEPTH_MAX)
		return NULL;
	else if (*at == '{')
		at = object(p, at, ot_shape_inside(p->target, place, entry), depth + 1);
	else
		at = array(p, at, ot_shape_inside(p->target, place, entry), depth + 1);
	if (at == NULL)
		return NULL;
	bool own_deep = deep && wants_inside(entry->own, *start);
	if (entry->own != NULL || entry->signs != NULL || !place->quiet) {
		struct ot_member m = member_of(start, at, p->met);
		if (!ot_shape_put(p->target, place, entry, &m, own_deep))
			return NULL;
	}
	p->met |= before;
	return at;
}

/* Elements that are wanted by their place. Only the array as a whole is an extra. */
static const char *array(struct pass *p, const char *at, struct ot_shape_place *place, unsigned depth)
{
	const struct ot_node *last = place->own != NULL ? ot_node_element(place->own, OT_INDEX_LAST) : NULL;
	at = spaces(p, at + 1);
	if (at < p->end && *at == ']')
		return at + 1;
	for (int index = 0;; index++) {
		const char *start = at;
		struct ot_shape_entry *entry = ot_shape_element_of(p->target, place, index);
		at = value(p, at, place, entry, depth);
		if (at == NULL)
			return NULL;
		at = spaces(p, at);
		if (at >= p->end)
			return NULL;
		if (*at == ']' && last != NULL && entry->own != last) { /* the last one is wanted by its number and as the last */
			return value(p, start, place, ot_shape_element_of(p->target, place, OT_INDEX_LAST), depth) == NULL ? NULL : at + 1;
		}
		if (*at == ']')
			return at + 1;
		if (*at != ',')
			return NULL;
		at = spaces(p, at + 1);
	}
}

/* The entry of the name that begins at `*at` (past its quote), which is moved past the name and its closing quote. NULL: no name, or one with escapes. */
static struct ot_shape_entry *name_of(struct pass *p, const char **at, struct ot_shape_place *place, struct ot_shape_entry **guess)
{
	struct ot_shape_entry *expected = *guess;
	if (expected != NULL && (size_t)(p->end - *at) > expected->key.len && (*at)[expected->key.len] == '"' &&
	    memcmp(*at, expected->key.ptr, expected->key.len) == 0) {
		*at += expected->key.len + 1;
		return expected;
	}
	unsigned before = p->met;
	p->met = 0;
	const char *close = string_end(p, *at);
	if (close == NULL || (p->met & (ESCAPED | LOOSE)))
		return NULL;
	p->met |= before;
	struct ot_shape_entry *entry = ot_shape_entry_of(p->target, place, (struct ot_str){ *at, (size_t)(close - *at) });
	if (entry->kept)
		*guess = entry;
	*at = close + 1;
	return entry;
}

static const char *object(struct pass *p, const char *at, struct ot_shape_place *place, unsigned depth)
{
	struct ot_shape_entry **guess = &place->first, *none;
	uint64_t visit = ++p->target->shape->visits;
	at = spaces(p, at + 1);
	if (at < p->end && *at == '}')
		return at + 1;
	for (;;) {
		if (at >= p->end || *at != '"' || ++p->keys > OT_JSON_KEYS_MAX)
			return NULL;
		at++;
		struct ot_shape_entry *entry = name_of(p, &at, place, guess);
		if (entry == NULL || entry->visit == visit)
			return NULL;
		entry->visit = visit;
		guess = entry->kept ? &entry->next : (none = NULL, &none);
		at = spaces(p, at);
		if (at >= p->end || *at != ':')
			return NULL;
		at = spaces(p, at + 1);
		at = value(p, at, place, entry, depth);
		if (at == NULL)
			return NULL;
		at = spaces(p, at);
		if (at >= p->end)
			return NULL;
		if (*at == '}')
			return at + 1;
		if (*at != ',')
			return NULL;
		at = spaces(p, at + 1);
	}
}

bool ot_json_pass(const struct ot_json_target *target, struct ot_str text)
{
	struct pass p = { .target = target, .end = text.ptr + text.len };
	const char *at = text.len == 0 ? NULL : spaces(&p, text.ptr);
	if (at == NULL || at >= p.end || *at != '{')
		return false;
	p.met = 0;
	at = object(&p, at, target->place, 0);
	return at != NULL && spaces(&p, at) == p.end;
}

bool ot_json_element(struct ot_str array_text, size_t *at, struct ot_str *element)
{
	static const struct ot_json_target nothing;
	struct pass p = { .target = &nothing, .end = array_text.ptr + array_text.len };
	const char *here = spaces(&p, array_text.ptr + *at);
	if (*at == 0) {
		if (here >= p.end || *here != '[')
			goto broken;
		here = spaces(&p, here + 1);
		if (here < p.end && *here == ']')
			goto end;
	} else if (here < p.end && *here == ',') {
		here = spaces(&p, here + 1);
	} else if (here < p.end && *here == ']') {
		goto end;
	} else {
		goto broken;
	}
	const char *past = skip(&p, here, 0);
	if (past == NULL)
		goto broken;
	*element = (struct ot_str){ here, (size_t)(past - here) };
	*at = (size_t)(past - array_text.ptr);
	return true;
end:
	*at = (size_t)(here + 1 - array_text.ptr);
	return false;
broken:
	*at = SIZE_MAX;
	return false;
}
