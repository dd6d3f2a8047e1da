/* `onetrail verify` and `onetrail compact`: the store checked, the store tidied. */
#include "report.h"
#include <stdio.h>

static const struct ot_opt no_options[] = { OT_OPTIONS_END };
static enum ot_status open_store(struct ot_store **store, const struct ot_invocation *invocation, enum ot_store_mode mode, struct ot_err *err)
{
	struct ot_buf dir = { 0 };
	enum ot_status status = ot_store_locate(invocation->common.store, &dir, err);
	ot_buf_char(&dir, '\0');
	if (status == OT_OK && mode == OT_STORE_WRITE) { /* a writer would make one where there is none */
		struct ot_store *there;
		status = ot_store_open(&there, dir.data, OT_STORE_READ, err);
		if (status == OT_OK)
			ot_store_close(there);
	}
	if (status == OT_OK)
		status = ot_store_open(store, dir.data, mode, err);
	ot_buf_release(&dir);
	return status;
}

static void print_fault(void *context, const char *what)
{
	(void)context;
	struct ot_buf line = { 0 };
	ot_text_display(&line, ot_str_from(what));
	printf("%.*s\n", OT_STR_ARGS(ot_buf_str(&line)));
	ot_buf_release(&line);
}

static int verify(struct ot_invocation *invocation)
{
	struct ot_err err = { 0 };
	struct ot_store *store = NULL;
	struct ot_verify_result result = { 0 };
	enum ot_status status = open_store(&store, invocation, OT_STORE_READ, &err);
	if (status == OT_OK)
		status = ot_store_verify(store, print_fault, NULL, &result, &err);
	ot_store_close(store);
	if (status != OT_OK)
		return ot_complain(invocation, &err);
	fflush(stdout);
	fprintf(stderr, "%llu segments, %llu records, %llu bytes checked: %llu faults\n", (unsigned long long)result.segments, (unsigned long long)result.rows,
	    (unsigned long long)result.bytes, (unsigned long long)result.faults);
	return result.faults == 0 ? OT_EXIT_COMPLETE : OT_EXIT_FAILURE;
}

static int compact(struct ot_invocation *invocation)
{
	struct ot_err err = { 0 };
	struct ot_store *store = NULL;
	struct ot_compact_result result = { 0 };
	enum ot_status status = open_store(&store, invocation, OT_STORE_WRITE, &err);
	if (status == OT_OK)
		status = ot_store_compact(store, true, &result, &err);
	ot_store_close(store);
	if (status != OT_OK)
		return ot_complain(invocation, &err);
	fprintf(stderr, "%llu segments became %llu, %llu bytes %llu\n", (unsigned long long)result.segments_before, (unsigned long long)result.segments_after,
	    (unsigned long long)result.bytes_before, (unsigned long long)result.bytes_after);
	return OT_EXIT_COMPLETE;
}

const struct ot_verb ot_verb_verify = { "verify", "", "every checksum, and the catalog against the files", no_options, verify, NULL };
const struct ot_verb ot_verb_compact = { "compact", "", "merge small segments; also done by itself after collecting", no_options, compact, NULL };
