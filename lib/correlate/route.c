/*
 * The route that a path shows by itself. Nothing here has seen other paths: what only many of them tell is learned (route_learn.c).
 *
 * A segment is taken for a parameter when it looks like something that was counted, drawn or written down for one thing: a number, a random
 * token, a date, an address. When in doubt it stays: a name too many is learned later, but an API's word taken out is never found again.
 */
#include <correlate/route.h>
#include <ctype.h>

enum part { LITERAL, ID, UUID, DATE, EMAIL };
static const char *const part_names[] = { "", "{id}", "{uuid}", "{date}", "{email}" };

enum { SEGMENT_DECODED_MAX = 512, TOKEN_LEN = 16, SHORT_TOKEN_LEN = 8, HEX_LEN = 8, PARTS_MAX = 24 };

/* Words whose number is a version, a size or a place in a short list: "utf-8", "sha256", "gpt-4", "level-3". */
static const char *const numbered_words[] = {
	"aes", "alpha", "amd", "ap", "api", "area", "arm", "base", "beta", "chapter", "claude", "covid", "cp", "css", "dall", "day", "ecma", "err",
	"error", "es", "eu", "fips", "float", "fp", "gb", "gemini", "gemma", "gpt", "grade", "grok", "hmac", "html", "http", "https", "ieee", "int", "ip", "ipv",
	"iso", "java", "layer", "level", "llama", "md", "mistral", "mp", "node", "oauth", "openapi", "page", "part", "phase", "phi", "php", "python",
	"quarter", "qwen", "rc", "rev", "release", "rfc", "rsa", "saml", "section", "sha", "ssl", "stage", "status", "step", "tier", "tls", "top", "tts",
	"ucs", "uint", "us", "utf", "v", "ver", "version", "vp", "web", "week", "whisper", "win", "windows", "zone",
};
/* Whole words that hold digits. Others of their kind are short enough to stay anyway. */
static const char *const words_with_digits[] = { "x509", "x86", "x264", "x265", "h264", "h265", "log4j", "mpeg4", "amd64", "i386", "i686", "pkcs12" };
/* What follows a number that is an amount: "1080p", "5000ms". */
static const char *const units[] = { "p", "i", "k", "m", "g", "b", "d", "h", "s", "x", "px", "ms", "ns", "us", "kb", "mb", "gb", "tb", "hz", "st", "nd", "rd", "th", "fa", "min", "day", "days" };

/* What one look at a token tells. */
struct shape {
	size_t len;
	unsigned digits, lowers, uppers, hex, others;
	unsigned digit_runs, changes; /* runs of digits; places where lower, upper and digit meet */
	unsigned consonants;	      /* longest run of letters without a vowel */
};

enum char_class { OTHER, LOWER, UPPER, DIGIT };

static enum char_class char_class(char c)
{
	if (c >= '0' && c <= '9')
		return DIGIT;
	if (c >= 'a' && c <= 'z')
		return LOWER;
	return c >= 'A' && c <= 'Z' ? UPPER : OTHER;
}

static bool one_of(int c, const char *set)
{
	return c != 0 && strchr(set, c) != NULL;
}

static bool is_vowel(char c)
{
	return one_of(c | 0x20, "aeiouy");
}

/* Characters that are no letters or digits are counted and else looked through, so that a token with dashes has a shape too. */
static struct shape shape_of(struct ot_str s)
{
	struct shape shape = { .len = s.len };
	enum char_class before = OTHER;
	unsigned consonants = 0;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		enum char_class class = char_class(c);
		if (class == OTHER) {
			shape.others++;
			continue;
		}
		shape.digits += class == DIGIT;
		shape.lowers += class == LOWER;
		shape.uppers += class == UPPER;
		shape.hex += class == DIGIT || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
		shape.digit_runs += class == DIGIT && before != DIGIT;
		shape.changes += before != OTHER && class != before;
		consonants = class == DIGIT || is_vowel(c) ? 0 : consonants + 1;
		if (consonants > shape.consonants)
			shape.consonants = consonants;
		before = class;
	}
	return shape;
}

static bool in_words(struct ot_str s, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(words[i]) == s.len && ot_str_eq_nocase(s, (struct ot_str){ words[i], s.len }))
			return true;
	return false;
}
#define IN_WORDS(s, table) in_words(s, table, sizeof(table) / sizeof((table)[0]))

static size_t span_digits(struct ot_str s, size_t from)
{
	size_t i = from;
	while (i < s.len && char_class(s.ptr[i]) == DIGIT)
		i++;
	return i - from;
}
static size_t span_letters(struct ot_str s, size_t from)
{
	size_t i = from;
	while (i < s.len && (char_class(s.ptr[i]) == LOWER || char_class(s.ptr[i]) == UPPER))
		i++;
	return i - from;
}
static bool all_digits(struct ot_str s) { return s.len > 0 && span_digits(s, 0) == s.len; }
static bool all_letters(struct ot_str s) { return s.len > 0 && span_letters(s, 0) == s.len; }

static int two_digits(const char *p) { return (p[0] - '0') * 10 + p[1] - '0'; }

/* "v1", "v2beta1", "V1.2", "v1alpha". */
static bool is_version(struct ot_str s)
{
	if (s.len < 2 || (s.ptr[0] | 0x20) != 'v')
		return false;
	size_t digits = span_digits(s, 1), at = 1 + digits;
	if (digits == 0 || digits > 8)
		return false;
	while (at + 1 < s.len && (s.ptr[at] == '.' || s.ptr[at] == '_') && span_digits(s, at + 1) > 0)
		at += 1 + span_digits(s, at + 1);
	size_t letters = span_letters(s, at);
	if (letters > 7 || (digits > 3 && letters > 0))
		return false;
	at += letters;
	if (letters > 0 && span_digits(s, at) <= 2)
		at += span_digits(s, at);
	return at == s.len;
}

static bool is_year(struct ot_str s)
{
	return s.len == 4 && all_digits(s) && (two_digits(s.ptr) == 19 || two_digits(s.ptr) == 20 || two_digits(s.ptr) == 21);
}
/* "20241022", as in the names of models and tools. */
static bool is_compact_date(struct ot_str s)
{
	if (s.len != 8 || !all_digits(s) || !is_year(ot_str_sub(s, 0, 4)))
		return false;
	int month = two_digits(s.ptr + 4), day = two_digits(s.ptr + 6);
	return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* "2026-03-14", "2026-03", "2026.03.14", "2026_03_14", "2026-W11", "2026-Q1", and a date with a time or another date after it. */
static bool is_date(struct ot_str s)
{
	if (s.len < 7 || !is_year(ot_str_sub(s, 0, 4)) || !one_of(s.ptr[4], "-._"))
		return false;
	char mark = s.ptr[5] & 0x5f;
	if (s.ptr[4] == '-' && (mark == 'W' || mark == 'Q'))
		return s.len <= 8 && all_digits(ot_str_sub(s, 6, 2)) && (mark == 'W') == (s.len == 8);
	if (!all_digits(ot_str_sub(s, 5, 2)) || two_digits(s.ptr + 5) < 1 || two_digits(s.ptr + 5) > 12)
		return false;
	if (s.len == 7)
		return s.ptr[4] == '-';
	if (s.len < 10 || s.ptr[7] != s.ptr[4] || !all_digits(ot_str_sub(s, 8, 2)) || two_digits(s.ptr + 8) < 1 || two_digits(s.ptr + 8) > 31)
		return false;
	for (size_t i = 10; i < s.len; i++)
		if (char_class(s.ptr[i]) != DIGIT && !one_of(s.ptr[i], "TtZz:.,+-_ "))
			return false;
	return true;
}

static bool is_uuid(struct ot_str s)
{
	if (s.len != 36)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? s.ptr[i] != '-' : !isxdigit((unsigned char)s.ptr[i]))
			return false;
	}
	return true;
}

static bool is_email(struct ot_str s)
{
	ptrdiff_t at = ot_str_find_char(s, '@');
	if (at < 1)
		return false;
	struct ot_str domain = ot_str_sub(s, (size_t)at + 1, s.len);
	size_t last_dot = 0;
	for (size_t i = 0; i < domain.len; i++) {
		if (domain.ptr[i] == '.')
			last_dot = i;
		else if (char_class(domain.ptr[i]) == OTHER && domain.ptr[i] != '-')
			return false;
	}
	return last_dot > 0 && domain.len - last_dot > 2 && all_letters(ot_str_sub(domain, last_dot + 1, domain.len));
}

/* Four numbers with dots: an address. Fewer are a version. */
static bool is_ipv4(struct ot_str s)
{
	unsigned numbers = 0;
	size_t at = 0;
	while (at < s.len) {
		size_t digits = span_digits(s, at);
		if (digits == 0 || digits > 3)
			return false;
		numbers++;
		at += digits;
		if (at < s.len && (s.ptr[at++] != '.' || at == s.len))
			return false;
	}
	return numbers == 4;
}

static bool is_hex(const struct shape *shape)
{
	return shape->len >= HEX_LEN && shape->hex == shape->len && shape->digits > 0;
}

/* Whether a token is more likely drawn than written. Each sign is rare in words, even in words that are stuck together:
 * several runs of digits, letters without a vowel, and lower, upper and digit taking turns. */
static bool is_random(const struct shape *shape)
{
	size_t len = shape->len - shape->others;
	if (len < SHORT_TOKEN_LEN)
		return false;
	unsigned signs = shape->digit_runs < 4 ? shape->digit_runs : 4;
	signs += shape->consonants < 5 ? 0 : shape->consonants < 6 ? 1 : 2;
	signs += shape->changes * 2 > len ? 2 : 0;
	return signs >= (len >= TOKEN_LEN ? 3 : 4);
}

/* "a1b2c3", "U024BE7LH": too many digits among the letters for a word. */
static bool is_interleaved(const struct shape *shape)
{
	return shape->len >= 6 && shape->others == 0 && shape->digit_runs >= 2 && shape->digits * 3 >= shape->len;
}

static bool is_strong(struct ot_str s, const struct shape *shape)
{
	return is_hex(shape) || is_random(shape) || (is_interleaved(shape) && shape->digits >= 3) || (all_digits(s) && s.len >= HEX_LEN);
}

/* Letters and digits without anything between. */
static enum part token_part(struct ot_str s, const struct shape *shape)
{
	if (shape->digits == 0)
		return is_random(shape) ? ID : LITERAL;
	if (IN_WORDS(s, words_with_digits))
		return LITERAL;
	if (is_hex(shape) || is_random(shape) || is_interleaved(shape))
		return ID;
	if (s.len > 10 && s.ptr[0] == '0' && (s.ptr[1] | 0x20) == 'x' && shape->hex == s.len - 1)
		return ID;
	size_t letters = span_letters(s, 0), digits = span_digits(s, 0);
	if (letters > 0 && letters + span_digits(s, letters) == s.len)
		return s.len - letters >= 3 && !IN_WORDS(ot_str_sub(s, 0, letters), numbered_words) ? ID : LITERAL;
	if (digits >= 4 && digits + span_letters(s, digits) == s.len && s.len - digits <= 4)
		return IN_WORDS(ot_str_sub(s, digits, s.len), units) ? LITERAL : ID;
	return LITERAL;
}

static size_t split(struct ot_str s, const char *separators, struct ot_str *parts)
{
	size_t count = 0, from = 0;
	for (size_t i = 0; i <= s.len; i++) {
		if (i < s.len && !one_of(s.ptr[i], separators))
			continue;
		if (i > from) {
			if (count == PARTS_MAX)
				return count;
			parts[count++] = ot_str_sub(s, from, i - from);
		}
		from = i + 1;
	}
	return count;
}

/* "pay_cb3591ea", "sku-10", "PROJ-123". An underscore joins a prefix to an id more often than a dash does, which also joins words. */
static enum part prefixed_part(struct ot_str prefix, char separator, struct ot_str rest)
{
	struct shape shape = shape_of(rest);
	if (shape.digits == 0 || shape.others > 0 || is_version(rest))
		return LITERAL;
	if (all_digits(prefix))
		return prefix.len >= 3 && !is_year(prefix) ? ID : LITERAL;
	if (!all_letters(prefix) || IN_WORDS(prefix, numbered_words))
		return LITERAL;
	if (all_digits(rest) || shape.digits >= 3)
		return ID;
	if (separator == '-')
		return shape.hex == rest.len && rest.len >= 6 && shape.digits >= 2 ? ID : LITERAL;
	size_t letters = span_letters(rest, 0);
	bool word = rest.ptr[0] <= '9' ? IN_WORDS(ot_str_sub(rest, span_digits(rest, 0), rest.len), units)
				       : IN_WORDS(ot_str_sub(rest, 0, letters), numbered_words);
	return word ? LITERAL : ID;
}

/* "invoice-2026-0042", "some-title-90210", "90210-some-title"; but "us-east-1", "claude-3-5-sonnet-20241022". */
static enum part slug_part(const struct ot_str *parts, size_t count)
{
	if (IN_WORDS(parts[0], numbered_words))
		return LITERAL;
	if (all_digits(parts[0]) && parts[0].len >= 5)
		return ID;
	struct ot_str last = parts[count - 1];
	if (all_digits(last) && last.len >= 4 && !is_year(last) && !is_compact_date(last))
		return ID;
	size_t digits = 0;
	for (size_t i = 1; i < count; i++) {
		if (!all_digits(parts[i]))
			return LITERAL;
		digits += parts[i].len;
	}
	return all_letters(parts[0]) && digits >= 4 ? ID : LITERAL;
}

static enum part separated_part(struct ot_str s, const struct shape *whole)
{
	struct ot_str parts[PARTS_MAX];
	size_t count = split(s, "-_+~=", parts);
	bool numbered = count > 0 && IN_WORDS(parts[0], numbered_words);
	for (size_t i = 0; i < count; i++) {
		struct shape shape = shape_of(parts[i]);
		if (is_compact_date(parts[i]) ? !numbered && count < 3 : is_strong(parts[i], &shape))
			return ID;
	}
	if (whole->lowers > 0 && whole->uppers > 0 && whole->digits > 0 && s.len >= TOKEN_LEN && whole->changes * 2 > s.len)
		return ID;
	if (count == 2)
		return prefixed_part(parts[0], parts[0].ptr[parts[0].len], parts[1]);
	return count > 2 ? slug_part(parts, count) : LITERAL;
}

/* Digits and marks only: "123-456", "+4915112345", "52.52,13.40" are of one thing; "1.0" is a version. */
static enum part marks_part(struct ot_str s)
{
	bool dots = ot_str_find_char(s, '.') >= 0, others = false;
	for (size_t i = 0; i < s.len; i++) {
		if (char_class(s.ptr[i]) == DIGIT || s.ptr[i] == '.')
			continue;
		if (!one_of(s.ptr[i], "-_,+:"))
			return LITERAL;
		others = true;
	}
	return (dots && !others) ? (is_ipv4(s) ? ID : LITERAL) : ID;
}

static enum part part_of(struct ot_str s)
{
	struct shape shape = shape_of(s);
	if (shape.others == 0 && shape.digits == s.len)
		return ID;
	if (is_date(s))
		return DATE;
	if (is_uuid(s))
		return UUID;
	if (is_email(s))
		return EMAIL;
	if (is_version(s))
		return LITERAL;
	if (shape.digits > 0 && shape.lowers + shape.uppers == 0)
		return marks_part(s);
	if (ot_str_starts(s, OT_STR("arn:")) || ot_str_starts(s, OT_STR("urn:")))
		return ID;
	if (shape.others == 0)
		return token_part(s, &shape);
	if (ot_str_find_char(s, '.') < 0)
		return separated_part(s, &shape);
	return s.len >= 40 && ot_str_starts(s, OT_STR("eyJ")) ? ID : LITERAL; /* a JWT */
}

static void put_part(struct ot_buf *out, enum part part) { ot_buf_text(out, part_names[part]); }

/* "17.json", "report.2026.pdf", "app.3f2a1b9c.js": the name without its extension, then what stands before the extension. */
static bool put_file(struct ot_buf *out, struct ot_str s)
{
	size_t dot = s.len;
	while (dot > 0 && s.ptr[dot - 1] != '.')
		dot--;
	struct ot_str extension = ot_str_sub(s, dot, s.len);
	if (dot < 2 || extension.len == 0 || extension.len > 5 || char_class(extension.ptr[0]) == DIGIT || shape_of(extension).others > 0)
		return false;
	struct ot_str stem = ot_str_sub(s, 0, dot - 1);
	enum part part = part_of(stem);
	size_t from = 0;
	if (part == LITERAL) {
		from = stem.len;
		while (from > 0 && stem.ptr[from - 1] != '.')
			from--;
		struct ot_str last = ot_str_sub(stem, from, stem.len);
		struct shape shape = shape_of(last);
		if (from == 0 || !((all_digits(last) && last.len >= 4) || is_strong(last, &shape)))
			return false;
		part = ID;
	}
	ot_buf_put(out, s.ptr, from);
	put_part(out, part);
	ot_buf_put(out, s.ptr + dot - 1, s.len - dot + 1);
	return true;
}

/* Forms in which a parameter has company in its segment: OData's "Orders(17)", Google's "17:cancel", lists, file names. */
static bool put_compound(struct ot_buf *out, struct ot_str s)
{
	ptrdiff_t at = ot_str_find_char(s, '(');
	if (at > 0 && s.ptr[s.len - 1] == ')' && (size_t)at + 2 < s.len) {
		ot_buf_put(out, s.ptr, (size_t)at);
		ot_buf_text(out, "({id})");
		return true;
	}
	at = ot_str_find_char(s, ',');
	if (at > 0 && part_of(ot_str_sub(s, 0, (size_t)at)) != LITERAL) {
		put_part(out, part_of(ot_str_sub(s, 0, (size_t)at)));
		return true;
	}
	at = ot_str_find_char(s, ':');
	if (at > 0 && all_letters(ot_str_sub(s, (size_t)at + 1, s.len)) && part_of(ot_str_sub(s, 0, (size_t)at)) != LITERAL) {
		put_part(out, part_of(ot_str_sub(s, 0, (size_t)at)));
		ot_buf_put(out, s.ptr + at, s.len - (size_t)at);
		return true;
	}
	return put_file(out, s);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return isxdigit((unsigned char)c) ? (c | 0x20) - 'a' + 10 : -1;
}

/* What is left encoded in a path was not safe to decode for good; to look at it is. */
static struct ot_str decoded(struct ot_str s, char space[SEGMENT_DECODED_MAX])
{
	if (s.len > SEGMENT_DECODED_MAX || ot_str_find_char(s, '%') < 0)
		return s;
	size_t len = 0;
	for (size_t i = 0; i < s.len; i++) {
		bool escape = s.ptr[i] == '%' && i + 2 < s.len && hex_digit(s.ptr[i + 1]) >= 0 && hex_digit(s.ptr[i + 2]) >= 0;
		space[len++] = (char)(escape ? hex_digit(s.ptr[i + 1]) << 4 | hex_digit(s.ptr[i + 2]) : s.ptr[i]);
		i += escape ? 2 : 0;
	}
	return (struct ot_str){ space, len };
}

/* Most segments are short words: one look and they are done. */
static bool is_plain_word(struct ot_str s)
{
	if (s.len >= TOKEN_LEN)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if ((c >= '0' && c <= '9') || c == '@' || c == '(' || c == ';' || c == '%' || (c == ':' && i > 0) || (c >= 'A' && c <= 'Z' && s.len >= SHORT_TOKEN_LEN))
			return false;
	}
	return true;
}

static void put_segment(struct ot_buf *out, struct ot_str segment)
{
	if (is_plain_word(segment)) {
		ot_buf_str_put(out, segment);
		return;
	}
	ptrdiff_t matrix = ot_str_find_char(segment, ';'); /* "users;jsessionid=…": parameters too */
	if (matrix > 0)
		segment = ot_str_sub(segment, 0, (size_t)matrix);
	char space[SEGMENT_DECODED_MAX];
	struct ot_str text = decoded(segment, space);
	enum part part = part_of(text);
	if (part != LITERAL)
		put_part(out, part);
	else if (text.len == 0 || !put_compound(out, text))
		ot_buf_str_put(out, segment);
}

void ot_route_of_path(struct ot_str path, struct ot_buf *out)
{
	if (path.len > 1 && path.ptr[path.len - 1] == '/')
		path.len--;
	if (path.len == 0 || ot_str_find_char(path, '/') < 0) { /* "*", and the authority of a CONNECT */
		ot_buf_str_put(out, path);
		return;
	}
	size_t from = 0;
	for (size_t i = 0; i <= path.len; i++) {
		if (i < path.len && path.ptr[i] != '/')
			continue;
		put_segment(out, ot_str_sub(path, from, i - from));
		if (i < path.len)
			ot_buf_char(out, '/');
		from = i + 1;
	}
}
