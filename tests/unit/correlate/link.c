/* Linking a store: link files, call ids that last, midnight. */
#include <base/file.h>
#include <base/time.h>
#include <correlate/link.h>
#include <stdlib.h>
#include <tests/test.h>
#include <unistd.h>

#define MS OT_NS_PER_MS
#define S OT_NS_PER_S
enum { DAY = 20526 };
#define NOON (DAY * OT_NS_PER_DAY + 12 * 3600 * S)

static char dir[64];
static struct ot_store *store;
static struct ot_err err;
static struct ot_batch batch;

static void store_new(void)
{
	snprintf(dir, sizeof(dir), "/tmp/ot-link-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
	CHECK_INT(ot_store_open(&store, dir, OT_STORE_WRITE, &err), OT_OK);
}
static void store_end(void)
{
	ot_store_close(store);
	CHECK_INT(ot_dir_remove(dir, &err), OT_OK);
}

struct row {
	const char *key, *origin; /* key: ten letters */
	int64_t offset, time, duration;
	const char *request_id, *trace; /* trace: 16 letters */
	const char *client_kind; /* "user", or NULL for an address */
	const char *path;
};

static void append(const struct row *row)
{
	struct ot_record r;
	ot_record_clear(&r);
	ot_record_set_int(&r, OT_TIMESTAMP, row->time);
	ot_record_set_int(&r, OT_DURATION, row->duration);
	ot_record_set_text(&r, OT_SOURCE_KEY, ot_str_from(row->key));
	ot_record_set_int(&r, OT_SOURCE_OFFSET, row->offset);
	ot_record_set_text(&r, OT_ORIGIN, ot_str_from(row->origin));
	ot_record_set_text(&r, OT_FORMAT, ot_str_from(row->origin));
	ot_record_set_int(&r, OT_ORIGIN_KIND, OT_KIND_GATEWAY);
	ot_record_set_int(&r, OT_CLIENT_KIND, row->client_kind == NULL ? OT_CALLER_ADDRESS : OT_CALLER_USER);
	ot_record_set_text(&r, OT_CLIENT, row->client_kind == NULL ? OT_STR("10.0.0.1") : OT_STR("ann"));
	ot_record_set_text(&r, OT_HTTP_REQUEST_METHOD, OT_STR("GET"));
	ot_record_set_text(&r, OT_URL_PATH, row->path == NULL ? OT_STR("/api") : ot_str_from(row->path));
	if (row->request_id != NULL)
		ot_record_set_text(&r, OT_REQUEST_ID, ot_str_from(row->request_id));
	if (row->trace != NULL)
		ot_record_set_text(&r, OT_TRACE_ID, (struct ot_str){ row->trace, 16 });
	ot_batch_append(&batch, &r);
}

/* What was appended becomes a segment of `day`. */
static void seal(int64_t day)
{
	struct ot_buf path = { 0 }, aside = { 0 };
	struct ot_segment_info info = { .rows = 0 };
	struct ot_commit *commit;
	char name[64];
	int64_t id;
	uint32_t *order = ot_alloc_zero(batch.rows, sizeof(*order));
	for (uint32_t i = 0; i < batch.rows; i++)
		order[i] = i;
	CHECK_INT(ot_store_segment_dir(store, day, &path, &err), OT_OK);
	ot_store_new_name(store, ".seg", name);
	ot_buf_printf(&path, "/%s%c", name, '\0');
	ot_buf_printf(&aside, "%s.tmp%c", path.data, '\0');
	CHECK_INT(ot_segment_write(aside.data, &batch, order, batch.rows, &info, &err), OT_OK);
	CHECK_INT(ot_file_rename(aside.data, path.data, &err), OT_OK);
	strcpy(info.name, name);
	info.day = day;
	CHECK_INT(ot_commit_begin(&commit, store, &err), OT_OK);
	CHECK_INT(ot_commit_segment(commit, &info, &id, &err), OT_OK);
	CHECK_INT(ot_commit_finish(commit, &id, &err), OT_OK);
	ot_buf_release(&path);
	ot_buf_release(&aside);
	free(order);
	ot_batch_clear(&batch);
}

static struct ot_link_result link_days(const int64_t *days, size_t count)
{
	struct ot_link_result result;
	CHECK_INT(ot_link_days(store, days, count, &result, &err), OT_OK);
	return result;
}
static struct ot_link_result link_day(int64_t day) { return link_days(&day, 1); }

static int64_t newest(void)
{
	struct ot_snapshot snapshot;
	CHECK_INT(ot_snapshot_open(&snapshot, store, 0, &err), OT_OK);
	int64_t id = snapshot.id;
	ot_snapshot_release(&snapshot);
	return id;
}

/* Looks a record up: its call, "" for a call of its own, and what is said of it. */
struct told {
	char call_id[64], origins[64];
	uint32_t records;
	unsigned evidence;
	bool leader;
};

static void tell_row(const struct ot_links *links, uint32_t row, struct told *t)
{
	if (links->call_of_row[row] == 0)
		return;
	const struct ot_call *call = &links->calls[links->call_of_row[row] - 1];
	snprintf(t->call_id, sizeof(t->call_id), "%.*s", OT_STR_ARGS(call->call_id));
	for (uint32_t i = 0; i < call->origin_count; i++) {
		size_t len = strlen(t->origins);
		snprintf(t->origins + len, sizeof(t->origins) - len, "%.*s ", OT_STR_ARGS(call->origins[i]));
	}
	t->records = call->records;
	t->evidence = links->evidence[row];
	t->leader = links->leader[row];
}

static struct told look(const char *key, int64_t offset)
{
	struct ot_snapshot snapshot;
	struct ot_arena arena = { 0 };
	struct told t = { .records = 0 };
	CHECK_INT(ot_snapshot_open(&snapshot, store, 0, &err), OT_OK);
	for (size_t i = 0; i < snapshot.segment_count; i++) {
		struct ot_segment *segment;
		struct ot_links links = { .rows = 0 };
		if (snapshot.segments[i].link_path == NULL)
			continue;
		CHECK_INT(ot_segment_open(&segment, snapshot.segments[i].path, &err), OT_OK);
		CHECK_INT(ot_links_open(&links, snapshot.segments[i].link_path, &err), OT_OK);
		uint32_t first = 0;
		for (uint32_t block = 0; block < ot_segment_blocks(segment); block++) {
			struct ot_column keys, offsets;
			CHECK_INT(ot_segment_decode(segment, OT_SOURCE_KEY, block, &keys, &arena, &err), OT_OK);
			CHECK_INT(ot_segment_decode(segment, OT_SOURCE_OFFSET, block, &offsets, &arena, &err), OT_OK);
			for (uint32_t row = 0; row < keys.rows; row++)
				if (offsets.numbers[row] == offset && ot_str_eq(keys.dict[keys.codes[row]], ot_str_from(key)))
					tell_row(&links, first + row, &t);
			first += keys.rows;
		}
		ot_links_release(&links);
		ot_segment_close(segment);
	}
	ot_arena_release(&arena);
	ot_snapshot_release(&snapshot);
	return t;
}

#define EDGE "edgeedgeed"
#define KONG "kongkongko"
#define TEXT "texttextte"
#define ID "req-web-8f467437"

static void two_records_of_a_call_are_linked_and_the_named_one_leads(void)
{
	store_new();
	append(&(struct row){ EDGE, "edge", 7, NOON + 1 * MS, 50 * MS, ID, NULL, NULL, NULL });
	append(&(struct row){ EDGE, "edge", 9, NOON + 900 * MS, 50 * MS, "another-id-17", NULL, NULL, NULL });
	append(&(struct row){ KONG, "kong", 3, NOON + 3 * MS, 40 * MS, ID, NULL, "user", NULL });
	seal(DAY);
	struct ot_link_result result = link_day(DAY);
	CHECK_INT(result.records, 3);
	CHECK_INT(result.calls, 1);
	CHECK_INT(result.linked_records, 2);
	struct told t = look(EDGE, 7);
	CHECK_STR(ot_str_from(t.call_id), KONG "-3");
	CHECK_STR(ot_str_from(t.origins), "edge kong ");
	CHECK_INT(t.records, 2);
	CHECK_INT(t.evidence, OT_EVIDENCE_REQUEST_ID);
	CHECK(!t.leader);
	CHECK(look(KONG, 3).leader);
	CHECK_STR(ot_str_from(look(EDGE, 9).call_id), "");
	store_end();
}

static void linking_again_changes_nothing_and_writes_nothing(void)
{
	store_new();
	append(&(struct row){ EDGE, "edge", 7, NOON + 1 * MS, 50 * MS, ID, NULL, NULL, NULL });
	append(&(struct row){ KONG, "kong", 3, NOON + 3 * MS, 40 * MS, ID, NULL, NULL, NULL });
	seal(DAY);
	link_day(DAY);
	int64_t id = newest();
	link_day(DAY);
	CHECK_INT(newest(), id);
	append(&(struct row){ EDGE, "edge", 70, NOON + 1 * S, 50 * MS, NULL, NULL, NULL, NULL });
	seal(DAY);
	id = newest();
	link_day(DAY);
	CHECK_INT(newest(), id);
	store_end();
}

static void a_call_keeps_its_id_when_a_better_leader_comes(void)
{
	store_new();
	append(&(struct row){ EDGE, "edge", 7, NOON + 2 * MS, 50 * MS, ID, NULL, NULL, NULL });
	append(&(struct row){ TEXT, "text", 3, NOON + 3 * MS, 40 * MS, ID, NULL, NULL, NULL });
	seal(DAY);
	link_day(DAY);
	CHECK_STR(ot_str_from(look(TEXT, 3).call_id), EDGE "-7");
	append(&(struct row){ KONG, "kong", 5, NOON + 4 * MS, 30 * MS, ID, NULL, "user", NULL });
	seal(DAY);
	link_day(DAY);
	struct told t = look(KONG, 5);
	CHECK_STR(ot_str_from(t.call_id), EDGE "-7");
	CHECK(t.leader);
	CHECK_INT(t.records, 3);
	CHECK(!look(EDGE, 7).leader);
	CHECK_INT(look(EDGE, 7).records, 3);
	store_end();
}

/* The id comes back: what was certain no longer is, and no two calls may end with one id. */
static void what_is_no_longer_certain_comes_apart(void)
{
	store_new();
	append(&(struct row){ EDGE, "edge", 7, NOON + 2 * MS, 50 * MS, ID, NULL, NULL, NULL });
	append(&(struct row){ KONG, "kong", 3, NOON + 3 * MS, 40 * MS, ID, NULL, NULL, NULL });
	seal(DAY);
	link_day(DAY);
	CHECK_INT(look(EDGE, 7).records, 2);
	append(&(struct row){ EDGE, "edge", 70, NOON + 20 * S, 50 * MS, ID, NULL, NULL, NULL });
	seal(DAY);
	link_day(DAY);
	CHECK_INT(look(EDGE, 7).records, 0);
	CHECK_INT(look(KONG, 3).records, 0);
	CHECK_INT(look(EDGE, 70).records, 0);
	struct ot_snapshot snapshot;
	CHECK_INT(ot_snapshot_open(&snapshot, store, 0, &err), OT_OK);
	for (size_t i = 0; i < snapshot.segment_count; i++)
		CHECK(snapshot.segments[i].link_path == NULL);
	ot_snapshot_release(&snapshot);
	store_end();
}

#define MIDNIGHT ((DAY + 1) * OT_NS_PER_DAY)

static void both_sides_of_midnight(const int64_t *days, size_t count)
{
	store_new();
	append(&(struct row){ EDGE, "edge", 7, MIDNIGHT - 2 * MS, 50 * MS, ID, NULL, NULL, NULL });
	append(&(struct row){ EDGE, "edge", 8, MIDNIGHT - 3600 * S, 50 * MS, "far-from-midnight-1", NULL, NULL, NULL });
	append(&(struct row){ TEXT, "text", 8, MIDNIGHT - 3600 * S, 50 * MS, "far-from-midnight-1", NULL, NULL, NULL });
	seal(DAY);
	append(&(struct row){ KONG, "kong", 3, MIDNIGHT + 1 * MS, 40 * MS, ID, NULL, NULL, NULL });
	append(&(struct row){ KONG, "kong", 4, MIDNIGHT + 3600 * S, 40 * MS, "far-from-midnight-2", NULL, NULL, NULL });
	append(&(struct row){ TEXT, "text", 4, MIDNIGHT + 3600 * S, 40 * MS, "far-from-midnight-2", NULL, NULL, NULL });
	seal(DAY + 1);
	link_days(days, count);
	CHECK_INT(look(EDGE, 7).records, 2);
	CHECK_STR(ot_str_from(look(KONG, 3).call_id), EDGE "-7");
	CHECK(look(EDGE, 7).leader && !look(KONG, 3).leader);
	/* then both again, from what is there */
	link_days((int64_t[]){ DAY, DAY + 1 }, 2);
	int64_t id = newest();
	link_day(DAY);
	link_day(DAY + 1);
	CHECK_INT(newest(), id);
	CHECK_INT(look(EDGE, 7).records, 2);
	CHECK_INT(look(TEXT, 8).records, 2);
	CHECK_INT(look(TEXT, 4).records, 2);
	/* the neighbour's own links stay where only one day is linked, and a third record of the call changes both */
	append(&(struct row){ TEXT, "text", 5, MIDNIGHT + 2 * MS, 30 * MS, ID, NULL, "user", NULL });
	seal(DAY + 1);
	link_day(DAY + 1);
	CHECK_INT(look(EDGE, 7).records, 3);
	CHECK_STR(ot_str_from(look(EDGE, 7).origins), "edge kong text ");
	CHECK_STR(ot_str_from(look(TEXT, 5).call_id), EDGE "-7");
	CHECK(!look(EDGE, 7).leader && look(TEXT, 5).leader);
	CHECK_INT(look(TEXT, 8).records, 2);
	store_end();
}

static void a_call_over_midnight_is_one_call_whichever_day_is_linked(void)
{
	both_sides_of_midnight((int64_t[]){ DAY, DAY + 1 }, 2);
	both_sides_of_midnight((int64_t[]){ DAY }, 1);
	both_sides_of_midnight((int64_t[]){ DAY + 1 }, 1);
	both_sides_of_midnight((int64_t[]){ DAY + 1, DAY, DAY, OT_DAY_UNDATED }, 4);
}

static void an_id_that_comes_back_after_midnight_is_no_evidence(void)
{
	for (int64_t day = DAY; day <= DAY + 1; day++) {
		store_new();
		append(&(struct row){ EDGE, "edge", 7, MIDNIGHT - 200 * S, 50 * MS, ID, NULL, NULL, NULL });
		append(&(struct row){ KONG, "kong", 3, MIDNIGHT - 200 * S, 40 * MS, ID, NULL, NULL, NULL });
		seal(DAY);
		append(&(struct row){ KONG, "kong", 9, MIDNIGHT + 50 * S, 40 * MS, ID, NULL, NULL, NULL });
		seal(DAY + 1);
		link_day(day);
		CHECK_INT(look(EDGE, 7).records, 0);
		store_end();
	}
}

static void compaction_keeps_calls(void)
{
	store_new();
	append(&(struct row){ EDGE, "edge", 7, NOON + 2 * MS, 50 * MS, ID, NULL, NULL, NULL });
	seal(DAY);
	append(&(struct row){ KONG, "kong", 3, NOON + 3 * MS, 40 * MS, ID, NULL, NULL, NULL });
	seal(DAY);
	link_day(DAY);
	struct ot_compact_result compacted;
	CHECK_INT(ot_store_compact(store, true, &compacted, &err), OT_OK);
	CHECK_INT(compacted.segments_after, 1);
	CHECK_INT(look(EDGE, 7).records, 2);
	int64_t id = newest();
	link_day(DAY);
	CHECK_INT(newest(), id);
	store_end();
}

/* A chain of three gateways with lost lines, jitter, and callers who send one id with all they do. */
static void a_busy_day_has_no_wrong_pair(void)
{
	enum { CALLS = 20000 };
	static const char *const keys[] = { EDGE, KONG, TEXT };
	static const char *const origins[] = { "edge", "kong", "text" };
	static char ids[CALLS][32], traces[CALLS][17];
	store_new();
	srand(3);
	unsigned whole = 0;
	for (int i = 0; i < CALLS; i++) {
		int64_t time = DAY * OT_NS_PER_DAY + i * (OT_NS_PER_DAY / CALLS) + rand() % 1000 * 1000 + 1;
		bool hostile = i % 10 == 0, runaway = i % 10 == 1;
		snprintf(ids[i], sizeof(ids[i]), "request-%d", hostile ? 0 : 1000000 + i);
		snprintf(traces[i], sizeof(traces[i]), "trace%011d", runaway ? 0 : i);
		unsigned seen = 0;
		for (int hop = 0; hop < 3; hop++) {
			if (rand() % 20 == 0)
				continue; /* lost */
			int64_t jitter = rand() % 2000 * 1000;
			bool by_trace = i % 3 == 0 || runaway;
			append(&(struct row){ keys[hop], origins[hop], i, time + hop * 2 * MS + jitter, (60 - 10 * hop) * MS, by_trace ? NULL : ids[i],
			    by_trace ? traces[i] : NULL, NULL, NULL });
			seen++;
		}
		whole += seen > 1 && (!hostile || i % 3 == 0);
	}
	seal(DAY);
	struct ot_link_result result = link_day(DAY);
	CHECK(result.calls <= whole);
	CHECK(result.calls > whole * 9 / 10);
	struct ot_snapshot snapshot;
	struct ot_segment *segment;
	struct ot_links links;
	struct ot_arena arena = { 0 };
	CHECK_INT(ot_snapshot_open(&snapshot, store, 0, &err), OT_OK);
	CHECK_INT(ot_segment_open(&segment, snapshot.segments[0].path, &err), OT_OK);
	CHECK_INT(ot_links_open(&links, snapshot.segments[0].link_path, &err), OT_OK);
	int64_t *call_numbers = ot_alloc_zero(links.call_count, sizeof(int64_t));
	unsigned wrong = 0;
	uint32_t first = 0;
	for (uint32_t block = 0; block < ot_segment_blocks(segment); block++) {
		struct ot_column offsets;
		CHECK_INT(ot_segment_decode(segment, OT_SOURCE_OFFSET, block, &offsets, &arena, &err), OT_OK);
		for (uint32_t row = 0; row < offsets.rows; row++) {
			uint32_t call = links.call_of_row[first + row];
			if (call == 0)
				continue;
			wrong += call_numbers[call - 1] != 0 && call_numbers[call - 1] != offsets.numbers[row] + 1;
			call_numbers[call - 1] = offsets.numbers[row] + 1;
		}
		first += offsets.rows;
	}
	CHECK_INT(wrong, 0);
	free(call_numbers);
	ot_arena_release(&arena);
	ot_links_release(&links);
	ot_segment_close(segment);
	ot_snapshot_release(&snapshot);
	store_end();
}

static void logs_lead_before_the_wire_and_names_before_addresses(void)
{
	CHECK(ot_leader_rank(OT_KIND_GATEWAY, OT_CALLER_USER) < ot_leader_rank(OT_KIND_GATEWAY, OT_CALLER_ADDRESS));
	CHECK(ot_leader_rank(OT_KIND_SERVICE, OT_CALLER_CONSUMER) < ot_leader_rank(OT_KIND_GATEWAY, OT_CALLER_ADDRESS));
	CHECK(ot_leader_rank(OT_KIND_SERVICE, -1) < ot_leader_rank(OT_KIND_WIRE, OT_CALLER_USER));
	CHECK(ot_leader_rank(-1, -1) < ot_leader_rank(OT_KIND_WIRE, -1));
}

int main(void)
{
	RUN(two_records_of_a_call_are_linked_and_the_named_one_leads);
	RUN(linking_again_changes_nothing_and_writes_nothing);
	RUN(a_call_keeps_its_id_when_a_better_leader_comes);
	RUN(what_is_no_longer_certain_comes_apart);
	RUN(a_call_over_midnight_is_one_call_whichever_day_is_linked);
	RUN(an_id_that_comes_back_after_midnight_is_no_evidence);
	RUN(compaction_keeps_calls);
	RUN(a_busy_day_has_no_wrong_pair);
	RUN(logs_lead_before_the_wire_and_names_before_addresses);
	ot_batch_release(&batch);
	return test_end();
}
