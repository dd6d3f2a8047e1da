#include <base/err.h>
#include <base/str.h>

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct ot_str ot_str_from(const char *text)
{
	return text == NULL ? OT_STR_NONE : (struct ot_str){ text, strlen(text) };
}

bool ot_str_eq(struct ot_str a, struct ot_str b)
{
	if (a.len != b.len || (a.ptr == NULL) != (b.ptr == NULL))
		return false;
	return a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0;
}

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool ot_str_eq_nocase(struct ot_str a, struct ot_str b)
{
	if (a.len != b.len || (a.ptr == NULL) != (b.ptr == NULL))
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (lower(a.ptr[i]) != lower(b.ptr[i]))
			return false;
	}
	return true;
}

int ot_str_cmp(struct ot_str a, struct ot_str b)
{
	size_t both = a.len < b.len ? a.len : b.len;
	int order;

	if (a.ptr == NULL || b.ptr == NULL)
		return (a.ptr != NULL) - (b.ptr != NULL);
	order = both > 0 ? memcmp(a.ptr, b.ptr, both) : 0;
	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

bool ot_str_starts(struct ot_str text, struct ot_str prefix)
{
	return text.len >= prefix.len && (prefix.len == 0 || memcmp(text.ptr, prefix.ptr, prefix.len) == 0);
}

bool ot_str_ends(struct ot_str text, struct ot_str suffix)
{
	if (text.len < suffix.len)
		return false;
	return suffix.len == 0 || memcmp(text.ptr + (text.len - suffix.len), suffix.ptr, suffix.len) == 0;
}

struct ot_str ot_str_sub(struct ot_str text, size_t from, size_t len)
{
	if (text.ptr == NULL)
		return text;
	if (from > text.len)
		from = text.len;
	if (len > text.len - from)
		len = text.len - from;
	return (struct ot_str){ text.ptr + from, len };
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct ot_str ot_str_trim(struct ot_str text)
{
	while (text.len > 0 && is_space(text.ptr[text.len - 1]))
		text.len--;
	while (text.len > 0 && is_space(text.ptr[0])) {
		text.ptr++;
		text.len--;
	}
	return text;
}

ptrdiff_t ot_str_find_char(struct ot_str text, char c)
{
	const char *found = text.len > 0 ? memchr(text.ptr, c, text.len) : NULL;

	return found == NULL ? -1 : found - text.ptr;
}

ptrdiff_t ot_str_find(struct ot_str text, struct ot_str needle)
{
	const char *found;

	if (needle.len == 0)
		return 0;
	found = text.len >= needle.len ? memmem(text.ptr, text.len, needle.ptr, needle.len) : NULL;
	return found == NULL ? -1 : found - text.ptr;
}

struct ot_str ot_str_cut(struct ot_str text, char c, struct ot_str *rest)
{
	ptrdiff_t at = ot_str_find_char(text, c);

	if (at < 0) {
		*rest = OT_STR_NONE;
		return text;
	}
	*rest = (struct ot_str){ text.ptr + at + 1, text.len - (size_t)at - 1 };
	return (struct ot_str){ text.ptr, (size_t)at };
}

/* On a mismatch the last star takes one byte more, so the work is at most the product of the lengths. */
bool ot_str_glob(struct ot_str text, struct ot_str pattern)
{
	size_t t = 0, p = 0, star = SIZE_MAX, star_text = 0;

	while (t < text.len) {
		if (p < pattern.len && pattern.ptr[p] == '*') {
			star = p++;
			star_text = t;
		} else if (p < pattern.len && (pattern.ptr[p] == '?' || pattern.ptr[p] == text.ptr[t])) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			t = ++star_text;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}

uint64_t ot_hash(const void *bytes, size_t len)
{
	return XXH3_64bits(bytes, len);
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* One row of the table of distances, made from the row above it in place; returns the least of the row. */
static unsigned distance_row(unsigned *row, struct ot_str a, struct ot_str b, size_t i)
{
	unsigned diagonal = row[0], smallest;

	smallest = row[0] = (unsigned)(i + 1);
	for (size_t j = 0; j < b.len; j++) {
		unsigned above = row[j + 1], replaced = diagonal + (a.ptr[i] != b.ptr[j]);

		row[j + 1] = least(replaced, least(above, row[j]) + 1);
		smallest = least(smallest, row[j + 1]);
		diagonal = above;
	}
	return smallest;
}

unsigned ot_str_distance(struct ot_str a, struct ot_str b, unsigned most)
{
	size_t apart = a.len > b.len ? a.len - b.len : b.len - a.len;
	unsigned *row, distance = most + 1;

	if (apart > most)
		return most + 1;
	row = ot_alloc((b.len + 1) * sizeof(*row));
	for (size_t j = 0; j <= b.len; j++)
		row[j] = (unsigned)j;
	for (size_t i = 0; i < a.len; i++) {
		if (distance_row(row, a, b, i) > most)
			goto done;
	}
	distance = least(row[b.len], most + 1);
done:
	free(row);
	return distance;
}
