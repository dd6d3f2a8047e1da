/* Questions from chance, with values of rows that there are, so that most have an answer. */
#include "tests/oracle/question.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS INT64_C(1000000000)
#define MS INT64_C(1000000)
#define DAY (86400 * NS)
#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static uint64_t random_state;

void random_seed(uint64_t seed)
{
	random_state = seed;
}

size_t random_below(size_t n) /* splitmix64 */
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (size_t)((z ^ z >> 31) % n);
}

static bool chance(size_t percent)
{
	return random_below(100) < percent;
}

static void put_time(char *out, size_t size, int64_t ns)
{
	time_t seconds = (time_t)(ns / NS);
	struct tm civil;
	char text[32];

	gmtime_r(&seconds, &civil);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &civil);
	if (ns % NS == 0)
		snprintf(out, size, "%sZ", text);
	else
		snprintf(out, size, "%s.%03dZ", text, (int)(ns % NS / MS));
}

/* --- one atom, from the value of a row --- */

static void text_is(struct atom *atom, const char *value)
{
	bool quotes = strpbrk(value, " ,*?()'|") != NULL;

	atom->op = IS;
	snprintf(atom->text, sizeof(atom->text), "%s", value);
	snprintf(atom->typed, sizeof(atom->typed), quotes ? "%s:\"%s\"" : "%s:%s", fields[atom->field].alias, value);
}

/* All that begins as the value does, up to one of its marks. */
static void text_starts(struct atom *atom, const char *value)
{
	size_t ends[64], n = 0;

	for (size_t i = 1; value[i] != '\0' && n < COUNT_OF(ends) && strchr(" ,()", value[i - 1]) == NULL; i++)
		if (strchr("-./_0123456789", value[i - 1]) != NULL && strchr(" ,()", value[i]) == NULL)
			ends[n++] = i;
	if (n == 0) {
		text_is(atom, value);
		return;
	}
	atom->op = STARTS;
	snprintf(atom->text, sizeof(atom->text), "%.*s", (int)ends[random_below(n)], value);
	snprintf(atom->typed, sizeof(atom->typed), "%s:%s*", fields[atom->field].alias, atom->text);
}

static void text_matches(struct atom *atom)
{
	static const char *const of_path[] = {"/[0-9]+7(/|$)", "^/api/v2/[a-m]", "items/[0-9a-f]{8}-[0-9a-f]{4}-4",
	    "/(payments|refunds|transfers)/[0-9]+7/items", "approve$", "^/api/[a-z]+s(/search)?$"};
	static const char *const of_client[] = {
	    "^agent-[a-z]+-0+[0-9]*$", "@bank[.]example$", "^(svc|key)-.*[02468]$", "[.](smith|jones)[.]", "^[0-9.]+$"};
	static const char *const of_query[] = {"page=1[0-9]&", "^q=[a-z]+", "limit=(25|50)$"};
	const char *pattern = atom->field == CLIENT  ? of_client[random_below(COUNT_OF(of_client))]
			      : atom->field == QUERY ? of_query[random_below(COUNT_OF(of_query))]
						     : of_path[random_below(COUNT_OF(of_path))];

	atom->op = MATCHES;
	snprintf(atom->text, sizeof(atom->text), "%s", pattern);
	snprintf(atom->typed, sizeof(atom->typed), "%s~'%s'", fields[atom->field].alias, pattern);
	if (regcomp(&atom->regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		abort();
}

/* "/api/payments": that and what is below it. */
static void path_below(struct atom *atom, const char *value)
{
	size_t parts = 2 + random_below(3), at = 0;

	while (parts-- > 0 && value[at] != '\0')
		at += 1 + strcspn(value + at + 1, "/");
	atom->op = BELOW;
	snprintf(atom->text, sizeof(atom->text), "%.*s", (int)at, value);
	snprintf(atom->typed, sizeof(atom->typed), "%s", atom->text);
}

static int64_t address_number(const char *text)
{
	struct in_addr address;

	return inet_pton(AF_INET, text, &address) == 1 ? (int64_t)ntohl(address.s_addr) : -1;
}

static void address_within(struct atom *atom, const char *value)
{
	unsigned bits = 8 * (1 + (unsigned)random_below(3));
	int64_t span = INT64_C(1) << (32 - bits);
	struct in_addr network;
	char text[INET_ADDRSTRLEN];

	atom->op = WITHIN;
	atom->low = address_number(value) / span * span;
	atom->high = atom->low + span - 1;
	network.s_addr = htonl((uint32_t)atom->low);
	inet_ntop(AF_INET, &network, text, sizeof(text));
	snprintf(atom->typed, sizeof(atom->typed), "ip:%s/%u", text, bits);
}

static void present(struct atom *atom)
{
	atom->op = PRESENT;
	snprintf(atom->typed, sizeof(atom->typed), "%s:*", fields[atom->field].alias);
}

static void status_class(struct atom *atom, int64_t value)
{
	int64_t span = chance(70) ? 100 : 10;

	atom->op = BETWEEN;
	atom->low = value / span * span;
	atom->high = atom->low + span - 1;
	snprintf(atom->typed, sizeof(atom->typed), "status:%" PRId64 "%s", atom->low / span, span == 100 ? "xx" : "x");
}

/* Around a value: more, less, exactly, or a range. */
static void number_near(struct atom *atom, int64_t value)
{
	const char *alias = fields[atom->field].alias, *unit = fields[atom->field].type == DURATION ? "ms" : "";
	int64_t factor = fields[atom->field].type == DURATION ? MS : 1, n = value / factor, wide = n + n / 2 + 1;

	atom->op = BETWEEN;
	atom->low = INT64_MIN;
	atom->high = INT64_MAX;
	switch (random_below(6)) {
	case 0:
		atom->low = n * factor + 1;
		snprintf(atom->typed, sizeof(atom->typed), "%s>%" PRId64 "%s", alias, n, unit);
		break;
	case 1:
		atom->low = n * factor;
		snprintf(atom->typed, sizeof(atom->typed), "%s>=%" PRId64 "%s", alias, n, unit);
		break;
	case 2:
		atom->high = n * factor - 1;
		snprintf(atom->typed, sizeof(atom->typed), "%s<%" PRId64 "%s", alias, n, unit);
		break;
	case 3:
		atom->high = n * factor;
		snprintf(atom->typed, sizeof(atom->typed), "%s<=%" PRId64 "%s", alias, n, unit);
		break;
	case 4:
		atom->low = atom->high = n * factor;
		snprintf(atom->typed, sizeof(atom->typed), "%s:%" PRId64 "%s", alias, n, unit);
		break;
	default:
		atom->low = n * factor;
		atom->high = wide * factor;
		snprintf(
		    atom->typed, sizeof(atom->typed), "%s:%" PRId64 "%s..%" PRId64 "%s", alias, n, unit, wide, unit);
	}
}

static void day_of(struct atom *atom, int64_t value)
{
	char text[40];

	atom->op = BETWEEN;
	atom->low = value / DAY * DAY;
	atom->high = atom->low + DAY - 1;
	put_time(text, sizeof(text), atom->low);
	snprintf(atom->typed, sizeof(atom->typed), "time:%.10s", text);
}

static void make_atom(struct atom *atom, const struct row *row, enum field field)
{
	const union value *value = &row->values[field];

	*atom = (struct atom){.field = field};
	if (field == QUERY && chance(60))
		text_matches(atom);
	else if (field == QUERY || (chance(4) && field != PATH))
		present(atom);
	else if (field == TIMESTAMP)
		day_of(atom, value->number);
	else if (field == STATUS && chance(50))
		status_class(atom, value->number);
	else if (fields[field].type != TEXT)
		number_near(atom, value->number);
	else if (field == PATH && chance(60))
		path_below(atom, value->text);
	else if (field == ADDRESS && chance(60))
		address_within(atom, value->text);
	else if ((field == PATH || field == CLIENT) && chance(40))
		text_matches(atom);
	else if (chance(30) && field != TRACE && field != REQUEST_ID && field != PATH && field != ADDRESS)
		text_starts(atom, value->text);
	else
		text_is(atom, value->text);
}

/* --- the filter --- */

static const struct row *random_row(const struct rows *rows, unsigned origins)
{
	for (;;) {
		const struct row *row = &rows->items[random_below(rows->count)];
		if (origins >> row->origin & 1)
			return row;
	}
}

/* A field that the row has and that is known in these origins. */
static enum field random_field(const struct row *row, unsigned origins)
{
	static const enum field likely[] = {CLIENT, ADDRESS, METHOD, PATH, PATH, ROUTE, ROUTE, STATUS, STATUS, LATENCY,
	    LATENCY, MODEL, MODEL, ORIGIN, HOST, SERVICE, AGENT, BYTES_IN, BYTES_OUT, BODY_OUT, TOKENS_IN, TOKENS_OUT,
	    QUERY, CLIENT_KIND, TIMESTAMP};
	static const enum field rare[] = {TRACE, REQUEST_ID, OFFSET, CLIENT};

	for (;;) {
		enum field field =
		    chance(96) ? likely[random_below(COUNT_OF(likely))] : rare[random_below(COUNT_OF(rare))];
		if (has(row, field) && (fields[field].known & origins) == origins)
			return field;
	}
}

static void make_terms(struct question *question, const struct rows *rows, const struct row *seed)
{
	size_t want = random_below(4);

	while (question->term_count < want) {
		struct term *term = &question->terms[question->term_count++];
		enum field field = random_field(seed, 1u << seed->origin);

		question->origins &= fields[field].known;
		*term = (struct term){.negated = chance(15), .count = 1};
		make_atom(&term->atoms[0], seed, field);
		if (chance(20)) {
			const struct row *other = random_row(rows, question->origins);
			field = random_field(other, 1u << seed->origin | 1u << other->origin);
			question->origins &= fields[field].known;
			make_atom(&term->atoms[term->count++], other, field);
		}
	}
}

static void make_window(struct question *question, const struct row *seed)
{
	static const int64_t spans[] = {60 * NS, 3600 * NS, 6 * 3600 * NS, DAY, 7 * DAY, 14 * DAY};
	int64_t span = spans[random_below(COUNT_OF(spans))], time = seed->values[TIMESTAMP].number;
	int64_t grain = chance(50) ? MS : chance(50) ? NS : 3600 * NS;

	if (chance(40))
		return;
	question->since = (time - (int64_t)random_below((size_t)span / MS) * MS) / grain * grain;
	question->until = (question->since + span) / grain * grain + grain;
	if (chance(15))
		question->since = INT64_MIN;
	else if (chance(15))
		question->until = INT64_MAX;
}

/* --- what is asked --- */

static bool add_field(struct question *question, enum field field, enum field *to, size_t *count)
{
	if ((question->origins & fields[field].known) == 0)
		return false;
	for (size_t i = 0; i < *count; i++)
		if (to[i] == field)
			return false;
	question->origins &= fields[field].known;
	to[(*count)++] = field;
	return true;
}

static void make_list(struct question *question)
{
	static const enum field sorts[] = {LATENCY, STATUS, BYTES_OUT, BYTES_IN, TOKENS_IN, TIMESTAMP, OFFSET};

	question->list = true;
	add_field(question, ORIGIN, question->shown, &question->shown_count);
	add_field(question, OFFSET, question->shown, &question->shown_count);
	add_field(question, TIMESTAMP, question->shown, &question->shown_count);
	for (size_t i = 0; i < 4; i++)
		add_field(question, (enum field)random_below(FIELD_COUNT), question->shown, &question->shown_count);
	if (chance(30)) {
		enum field sort = sorts[random_below(COUNT_OF(sorts))];
		if ((question->origins & fields[sort].filled) == 0)
			return;
		question->origins &= fields[sort].filled;
		question->sorted = true;
		question->sort = sort;
		question->descending = chance(60);
		question->limit = chance(70) ? 1 + random_below(50) : 0;
		add_field(question, sort, question->shown, &question->shown_count);
	}
}

static void add_measure(struct question *question)
{
	static const char *const names[] = {[COUNT] = "count",
	    [SHARE] = "share",
	    [SUM] = "sum",
	    [MIN] = "min",
	    [MAX] = "max",
	    [AVG] = "avg",
	    [P50] = "p50",
	    [P95] = "p95",
	    [P99] = "p99",
	    [DISTINCT] = "distinct",
	    [FIRST] = "first",
	    [LAST] = "last"};
	static const enum field numbers[] = {
	    LATENCY, LATENCY, BYTES_OUT, BYTES_IN, TOKENS_IN, TOKENS_OUT, STATUS, BODY_OUT};
	static const enum field any[] = {CLIENT, ADDRESS, STATUS, ROUTE, PATH, AGENT, MODEL, LATENCY, TRACE};
	struct measure *measure = &question->measures[question->measure_count];

	measure->kind = (enum measure_kind)(SHARE + random_below(LAST));
	measure->field =
	    measure->kind == DISTINCT ? any[random_below(COUNT_OF(any))] : numbers[random_below(COUNT_OF(numbers))];
	bool bare = measure->kind == SHARE || measure->kind >= FIRST;
	if (!bare && (question->origins & fields[measure->field].known) == 0)
		return;
	if (!bare)
		question->origins &= fields[measure->field].known;
	snprintf(measure->name, sizeof(measure->name), bare ? "%s" : "%s:%s", names[measure->kind],
	    fields[measure->field].alias);
	for (size_t i = 0; i < question->measure_count; i++)
		if (strcmp(question->measures[i].name, measure->name) == 0)
			return;
	question->measure_count++;
}

static void make_count(struct question *question)
{
	static const enum field keys[] = {
	    CLIENT, ROUTE, STATUS, METHOD, ORIGIN, MODEL, ADDRESS, HOST, SERVICE, CLIENT_KIND, AGENT};
	static const struct {
		const char *typed;
		int64_t ns;
	} steps[] = {{"1m", 60 * NS}, {"5m", 300 * NS}, {"1h", 3600 * NS}, {"1d", DAY}};
	size_t want = random_below(BY_MAX + 1);

	for (size_t tries = 0; question->by_count < want && tries < 20; tries++)
		add_field(question, keys[random_below(COUNT_OF(keys))], question->by, &question->by_count);
	if (chance(25)) {
		size_t step = random_below(COUNT_OF(steps));
		question->every = steps[step].typed;
		question->every_ns = steps[step].ns;
	}
	question->measures[0] = (struct measure){.kind = COUNT, .name = "count"};
	question->measure_count = 1;
	for (size_t more = random_below(MEASURES_MAX); more > 0; more--)
		add_measure(question);
	if (question->by_count > 0 && chance(30))
		question->count_least = 1 + (int64_t)random_below(20);
	if (question->by_count > 0 && question->every == NULL && chance(30))
		question->top = 1 + random_below(25);
}

void question_make(struct question *question, const struct rows *rows)
{
	const struct row *seed = random_row(rows, EVERYWHERE);

	*question = (struct question){.origins = EVERYWHERE, .since = INT64_MIN, .until = INT64_MAX};
	make_terms(question, rows, seed);
	make_window(question, seed);
	if (question->term_count > 0 && chance(35))
		make_list(question);
	else
		make_count(question);
}

void question_release(struct question *question)
{
	for (size_t t = 0; t < question->term_count; t++)
		for (size_t a = 0; a < question->terms[t].count; a++)
			if (question->terms[t].atoms[a].op == MATCHES)
				regfree(&question->terms[t].atoms[a].regex);
}

/* --- whether a row is meant --- */

static bool atom_holds(const struct atom *atom, const struct row *row)
{
	const union value *value = &row->values[atom->field];
	size_t len = strlen(atom->text);

	if (!has(row, atom->field))
		return false;
	switch (atom->op) {
	case IS:
		return strcmp(value->text, atom->text) == 0;
	case STARTS:
		return strncmp(value->text, atom->text, len) == 0;
	case BELOW:
		return strncmp(value->text, atom->text, len) == 0 &&
		       (value->text[len] == '\0' || value->text[len] == '/');
	case MATCHES:
		return regexec(&atom->regex, value->text, 0, NULL, 0) == 0;
	case WITHIN:
		return atom->low <= address_number(value->text) && address_number(value->text) <= atom->high;
	case BETWEEN:
		return atom->low <= value->number && value->number <= atom->high;
	case PRESENT:
		break;
	}
	return true;
}

static bool term_holds(const struct term *term, const struct row *row)
{
	bool holds = false;

	for (size_t i = 0; i < term->count; i++)
		holds = holds || atom_holds(&term->atoms[i], row);
	return holds != term->negated;
}

bool question_holds(const struct question *question, const struct row *row)
{
	int64_t time = row->values[TIMESTAMP].number;
	bool holds = question->origins >> row->origin & 1 && question->since <= time && time < question->until;

	for (size_t i = 0; i < question->term_count && holds; i++)
		holds = term_holds(&question->terms[i], row);
	return holds;
}

/* --- as arguments --- */

static void put_term(const struct term *term, FILE *out)
{
	const char *minus = term->negated ? "-" : "";

	if (term->count == 1)
		fprintf(out, "%s%s\n", minus, term->atoms[0].typed);
	else
		fprintf(out, "%s(%s or %s)\n", minus, term->atoms[0].typed, term->atoms[1].typed);
}

static void put_origins(unsigned origins, FILE *out)
{
	for (unsigned i = 0; i < ORIGINS && origins != EVERYWHERE; i++) {
		if (origins == 1u << i)
			fprintf(out, "origin:%s\n", origin_names[i]);
		else if (origins == (EVERYWHERE ^ 1u << i))
			fprintf(out, "-origin:%s\n", origin_names[i]);
	}
}

static void put_names(const char *option, const enum field *list, size_t count, FILE *out)
{
	if (count == 0)
		return;
	fprintf(out, "%s\n", option);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%s", i > 0 ? "," : "", i % 2 == 0 ? fields[list[i]].name : fields[list[i]].alias);
	fprintf(out, "\n");
}

static void put_list_options(const struct question *question, FILE *out)
{
	put_names("--fields", question->shown, question->shown_count, out);
	if (question->sorted)
		fprintf(out, "--sort\n%s%s\n", question->descending ? "-" : "", fields[question->sort].alias);
	if (question->limit > 0)
		fprintf(out, "--limit\n%zu\n", question->limit);
}

static void put_count_options(const struct question *question, FILE *out)
{
	put_names("--by", question->by, question->by_count, out);
	if (question->every != NULL)
		fprintf(out, "--every\n%s\n", question->every);
	fprintf(out, "--measure\n");
	for (size_t i = 0; i < question->measure_count; i++)
		fprintf(out, "%s%s", i > 0 ? "," : "", question->measures[i].name);
	fprintf(out, "\n");
	if (question->top > 0)
		fprintf(out, "--top\n%zu\n", question->top);
	if (question->count_least > 0)
		fprintf(out, "--where-count\n>=%" PRId64 "\n", question->count_least);
}

void question_put_args(const struct question *question, FILE *out)
{
	char text[40];

	fprintf(out, "%s\n--records\n", question->list ? "calls" : "count");
	if (question->since != INT64_MIN) {
		put_time(text, sizeof(text), question->since);
		fprintf(out, "--since\n%s\n", text);
	}
	if (question->until != INT64_MAX) {
		put_time(text, sizeof(text), question->until);
		fprintf(out, "--until\n%s\n", text);
	}
	(question->list ? put_list_options : put_count_options)(question, out);
	put_origins(question->origins, out);
	for (size_t i = 0; i < question->term_count; i++)
		put_term(&question->terms[i], out);
}
