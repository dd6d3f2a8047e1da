/* A description, compiled. Private to collector/format*.c, convert*.c and wrap.c; format.h is what others see. */
#ifndef OT_COLLECTOR_FORMAT_PARTS_H
#define OT_COLLECTOR_FORMAT_PARTS_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include "format.h"
#include "json_pass.h"
#include "member.h"
#include <pcre2.h>

enum {
	OT_WRAPPERS_MAX = 4, /* wrappers around one record */
	OT_ITEMS_MAX = 65536, /* records of one line */
	OT_GROUPS_MAX = 64,
	OT_MATCH_LIMIT = 200000,
};

/* ---- tests: is a member there, and what does it say? ---- */
enum ot_test_kind { OT_TEST_PRESENT, OT_TEST_MISSING, OT_TEST_IN, OT_TEST_STARTS, OT_TEST_MATCHES, OT_TEST_TYPE, OT_TEST_SAME, OT_TEST_SOME };
struct ot_test {
	enum ot_test_kind kind;
	bool negated;
	int slot, other; /* other: of SAME */
	struct ot_str *texts; /* of IN; the first of STARTS */
	unsigned text_count;
	enum ot_member_type type; /* of TYPE */
	pcre2_code *pattern;
	struct ot_test *parts; /* of SOME: at least `least` of them hold */
	unsigned part_count, least;
	const char *says; /* for people: what is missing when it does not hold */
};

/* ---- rules: how a field is made ---- */
enum ot_rule_target { /* after the fields of the schema: what a draft has beside them */
	OT_TO_TARGET = OT_FIELD_COUNT,
	OT_TO_QUERY,
	OT_TO_TRACEPARENT,
	OT_TO_SECRET,
	OT_TO_AUTHORIZATION,
	OT_TO_JWT,
	OT_TO_REQUEST, /* a request line: method, target, protocol */
	OT_TO_ASSERTED,
	OT_TO_COUNT,
};
const char *ot_rule_target_name(unsigned target);
unsigned ot_rule_target_find(struct ot_str name); /* OT_TO_COUNT: none */

enum ot_list { OT_LIST_NONE, OT_LIST_FIRST, OT_LIST_LAST };

struct ot_rule;
struct ot_convert {
	const struct ot_rule *rule;
	struct ot_arena *arena;
	struct ot_draft *draft;
};
/* Sets the rule's target from a text; false where the text is not what the conversion reads. */
typedef bool ot_convert_fn(struct ot_convert *c, struct ot_str text);
struct ot_conversion {
	const char *name;
	ot_convert_fn *convert;
	int64_t scale;
	const char *help;
};
const struct ot_conversion *ot_conversion_find(struct ot_str name); /* NULL */
const struct ot_conversion *ot_conversion_of_target(unsigned target); /* where a rule has no "as"; NULL: it must say */
const char *ot_conversion_names(struct ot_arena *arena); /* for messages */

/* A time pattern, checked when it is compiled; false and `err` for a letter that is none. */
bool ot_time_pattern_check(struct ot_str pattern, struct ot_err *err);
struct ot_when { /* a time as it was written */
	int64_t ns;
	bool local, no_year;
};
bool ot_when_pattern(struct ot_str text, struct ot_str pattern, struct ot_when *out);
bool ot_when_clf(struct ot_str text, struct ot_when *out);
bool ot_when_epoch(struct ot_str text, struct ot_when *out);
bool ot_when_any(struct ot_str text, struct ot_when *out); /* RFC 3339, CLF, epoch by size, error logs' */
bool ot_when_zone_from(int64_t reference_ns, struct ot_when *local); /* offset from a time that is known, to a quarter of an hour */

struct ot_map_entry {
	struct ot_str from, to;
};
struct ot_rule {
	unsigned target;
	const struct ot_conversion *conversion;
	int *slots; /* members in order of preference; none: a constant */
	unsigned slot_count;
	struct ot_test *when;
	unsigned when_count;
	struct ot_map_entry *map; /* compared without case; the one from "*" stands for the rest */
	unsigned map_count;
	struct ot_str *absent; /* values that stand for nothing, beside "", "-" and null */
	unsigned absent_count;
	struct ot_str value;   /* constant */
	struct ot_str pattern; /* of a time */
	pcre2_code *extract;   /* the first group is the text */
	enum ot_list list;
	char join;    /* between the values of all members; 0: the first alone */
	int *covers;  /* members that say the same and are no extras then */
	unsigned cover_count;
	int basis; /* -1: the format's */
	int zone_slot; /* -1, or a member with the same time or one near it, whose zone is known */
	const struct ot_conversion *zone_conversion;
};

/* ---- steps: a member taken apart further ---- */
enum ot_step_kind { OT_STEP_JSON, OT_STEP_PAIRS, OT_STEP_PATTERN, OT_STEP_SPLIT };
struct ot_pattern {
	pcre2_code *code;
	int slots[OT_GROUPS_MAX];	   /* of each group; -1: an extra; -2: of no interest */
	struct ot_str names[OT_GROUPS_MAX]; /* names of the extras */
	unsigned groups;
};
struct ot_shaped { /* a part of a list that is known by how it looks */
	int slot;
	pcre2_code *matches;
};
struct ot_step {
	enum ot_step_kind kind;
	int slot;
	const struct ot_node *into;
	struct ot_str prefix; /* of the extras' names: "" or "request." */
	struct ot_pattern *patterns;
	unsigned pattern_count;
	char separator; /* of SPLIT and PAIRS */
	int *positions; /* SPLIT: slots by position, -1: skipped */
	unsigned position_count;
	struct ot_shaped *shapes;
	unsigned shape_count;
	struct ot_str label; /* SPLIT: of the parts that nobody knows, before their number */
	int rest; /* SPLIT: slot for the parts that nobody knows; -1: extras */
};

struct ot_format {
	const char *name, *title, *origin, *file;
	enum ot_origin_kind kind;
	int rank, version;
	unsigned index;
	bool json, tolerant, wrapper, exclusive;
	enum ot_basis basis;
	enum ot_escapes escapes;
	struct ot_tree tree;
	struct ot_node **nodes; /* by slot */
	/* text formats */
	struct ot_pattern *patterns;
	unsigned pattern_count;
	uint8_t first[32]; /* bytes that a line may begin with */
	struct ot_str *contains;
	unsigned contains_count;
	pcre2_code **ignored;
	unsigned ignored_count;
	/* tests: of JSON on the members of all formats' signs, of text on the format's own */
	struct ot_test *detect, *ignore;
	unsigned detect_count, ignore_count;
	struct ot_step *steps;
	unsigned step_count;
	struct ot_rule *rules;
	unsigned rule_count;
	int *content;
	unsigned content_count;
	int wraps; /* slot of what is wrapped */
	const struct ot_node *each;
};

struct ot_format_set {
	struct ot_arena arena;
	struct ot_format **formats; /* by rank, then name */
	size_t count, cap;
	struct ot_tree signs;
	pcre2_code **codes; /* all, to be freed */
	size_t code_count, code_cap;
	bool any_tolerant;
};

bool ot_test_holds(const struct ot_test *test, struct ot_members *members);
bool ot_tests_hold(const struct ot_test *tests, unsigned count, struct ot_members *members);
/* Text of a member as the conversions read it: false where it is absent. */
bool ot_member_value(struct ot_member *member, enum ot_list list, struct ot_arena *arena, struct ot_str *text);

/* Fills a draft by a format's rules; unused members become extras. */
void ot_format_fill(const struct ot_format *format, struct ot_members *members, struct ot_arena *arena, struct ot_draft *draft);
/* The whole text matched by one of the patterns; its groups become members. */
bool ot_patterns_match(const struct ot_pattern *patterns, unsigned count, struct ot_str text, enum ot_escapes escapes, struct ot_members *members,
    pcre2_match_data *data, pcre2_match_context *context);
struct ot_step_scratch {
	pcre2_match_data *data;
	pcre2_match_context *context;
	struct ot_shape *shape;
	struct ot_shape_place **places; /* by step, made on demand */
};
void ot_steps_run(const struct ot_format *format, struct ot_members *members, struct ot_step_scratch *scratch);

#endif
