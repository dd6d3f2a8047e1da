/*
 * Slices: text that somebody else owns, as pointer and length, by value. Not terminated, may hold any byte.
 * A slice with a NULL pointer is absent, which is not the same as empty.
 */
#ifndef OT_BASE_STR_H
#define OT_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ot_str {
	const char *ptr;
	size_t len;
};

#define OT_STR(literal) ((struct ot_str){ "" literal, sizeof(literal) - 1 })
#define OT_STR_NONE ((struct ot_str){ NULL, 0 })
/* For printf's "%.*s". */
#define OT_STR_ARGS(s) (int)(s).len, (s).ptr == NULL ? "" : (s).ptr

struct ot_str ot_str_from(const char *text); /* NULL gives OT_STR_NONE */
bool ot_str_eq(struct ot_str a, struct ot_str b); /* bytes; absent equals only absent */
bool ot_str_eq_nocase(struct ot_str a, struct ot_str b); /* ASCII */
int ot_str_cmp(struct ot_str a, struct ot_str b); /* bytes, shorter first; absent before all */
bool ot_str_starts(struct ot_str text, struct ot_str prefix);
bool ot_str_ends(struct ot_str text, struct ot_str suffix);
struct ot_str ot_str_sub(struct ot_str text, size_t from, size_t len); /* clipped to text */
struct ot_str ot_str_trim(struct ot_str text); /* ASCII white space at both ends */
/* Position of the first `c` or of `needle`, or -1. */
ptrdiff_t ot_str_find_char(struct ot_str text, char c);
ptrdiff_t ot_str_find(struct ot_str text, struct ot_str needle);
/* Cuts at the first `c`: the part before it; `*rest` is what follows, absent where there was no `c`. */
struct ot_str ot_str_cut(struct ot_str text, char c, struct ot_str *rest);
/* The whole text as a decimal number; false on anything else, and out of range. */
bool ot_str_to_i64(struct ot_str text, int64_t *out);
/* A decimal number with optional fraction and exponent, times `scale`, rounded to nearest; false if not a number or out of range.
 * Exact for up to 18 significant digits: "1795346784.1877916" with 1e9 keeps its nanoseconds. */
bool ot_str_to_scaled(struct ot_str text, int64_t scale, int64_t *out);
/* Shell-style pattern with * and ?, over bytes. */
bool ot_str_glob(struct ot_str text, struct ot_str pattern);
/* XXH3, 64 bits, unseeded: stable, may be stored. */
uint64_t ot_hash(const void *bytes, size_t len);
/* Edit distance of Levenshtein over bytes, for "did you mean"; anything past `most` is most + 1. */
unsigned ot_str_distance(struct ot_str a, struct ot_str b, unsigned most);

#endif
