/*
 * collector: how a call ended. What the format sets stays; else the status says it, and the flags by which gateways tell that a connection was cut.
 * denied is 401, 403, 407, 429 and what a policy refused; aborted is what the client gave up; an answer of 200 that was cut is a failure.
 */
#include "normalize_inside.h"
#include "redact_inside.h"
#include <string.h>

enum { STATUS_MAX = 999, STATUS_CLIENT_CLOSED = 499 };

static bool find_nocase(struct ot_str text, const char *word)
{
	size_t len = strlen(word);
	for (size_t i = 0; i + len <= text.len; i++)
		if (ot_str_eq_nocase(ot_str_sub(text, i, len), (struct ot_str){ word, len }))
			return true;
	return false;
}

static bool holds(const char *const *words, size_t count, struct ot_str text)
{
	for (size_t i = 0; i < count; i++)
		if (find_nocase(text, words[i]))
			return true;
	return false;
}
#define HOLDS(words, text) holds(words, sizeof(words) / sizeof(*(words)), text)

static bool one_of(char c, const char *set) { return c != 0 && strchr(set, c) != NULL; }

/* HAProxy's termination state: who ended it (C client, S server, …), in which phase, and two characters on cookies: "CD--", "sD". */
static bool is_termination(struct ot_str flag)
{
	if ((flag.len != 2 && flag.len != 4) || !one_of(flag.ptr[0], "CcSsPLRIDUK-") || !one_of(flag.ptr[1], "RQCHDLT-"))
		return false;
	return flag.len == 2 || (one_of(flag.ptr[2], "NIDVEOU-") && one_of(flag.ptr[3], "NIUPRD-") && ot_str_find_char(flag, '-') >= 0);
}

enum end { WHOLE, CUT_BY_CLIENT, CUT };

/* One flag: Envoy's, HAProxy's, or a word. */
static enum end end_of(struct ot_str flag)
{
	static const char *const client[] = { "downstream_remote_disconnect", "client_disconnect", "client disconnect", "abort", "cancel" };
	static const char *const cut[] = { "UC", "UF", "UH", "UT", "UPE", "URX", "LR", "SI", "DPE", "OM" };
	if (ot_str_eq(flag, OT_STR("DC")) || (flag.len > 4 && HOLDS(client, flag)))
		return CUT_BY_CLIENT;
	for (size_t i = 0; i < sizeof(cut) / sizeof(*cut); i++)
		if (ot_str_eq(flag, ot_str_from(cut[i])))
			return CUT;
	if (!is_termination(flag) || flag.ptr[0] == '-')
		return WHOLE;
	return (flag.ptr[0] | 0x20) == 'c' ? CUT_BY_CLIENT : flag.ptr[1] == 'D' ? CUT : WHOLE;
}

static enum end end_of_flags(struct ot_str flags)
{
	enum end end = WHOLE;
	while (flags.ptr != NULL) {
		enum end one = end_of(ot_str_trim(ot_str_cut(flags, ',', &flags)));
		if (one == CUT_BY_CLIENT)
			return one;
		end = one != WHOLE ? one : end;
	}
	return end;
}

static bool is_denial(struct ot_str action)
{
	static const char *const words[] = { "deny", "denied", "block", "reject", "forbid", "refuse" };
	return HOLDS(words, action);
}

static enum ot_outcome outcome_of(int64_t status, struct ot_str error, struct ot_str policy)
{
	enum end end = error.len > 0 ? end_of_flags(error) : WHOLE;
	if (status == 401 || status == 403 || status == 407 || status == 429)
		return OT_OUTCOME_DENIED;
	if (policy.len > 0 && (status >= 400 || status <= 0) && is_denial(policy))
		return OT_OUTCOME_DENIED;
	if (status == STATUS_CLIENT_CLOSED || (end == CUT_BY_CLIENT && status < 400))
		return OT_OUTCOME_ABORTED;
	if (status >= 400 || end == CUT || (status == 0 && error.len > 0))
		return OT_OUTCOME_FAILURE;
	return status >= 100 ? OT_OUTCOME_SUCCESS : OT_OUTCOME_UNKNOWN;
}

static void check_status(struct ot_record *r, enum ot_field field, bool zero)
{
	int64_t status = ot_record_int(r, field, 100);
	if (status >= 100 && status <= STATUS_MAX)
		return;
	if (zero && status <= 0)
		ot_record_set_int(r, field, 0);
	else
		ot_record_unset(r, field);
}

void ot_normalize_outcome(struct ot_draft *draft)
{
	struct ot_record *r = &draft->record;
	check_status(r, OT_HTTP_RESPONSE_STATUS_CODE, true);
	check_status(r, OT_UPSTREAM_STATUS_CODE, false);
	if (!ot_record_has(r, OT_RESPONSE_SOURCE))
		ot_record_set_int(r, OT_RESPONSE_SOURCE, OT_FROM_UNKNOWN);
	if (ot_record_has(r, OT_OUTCOME))
		return;
	struct ot_str error = ot_record_text(r, OT_ERROR_TYPE);
	if (ot_str_eq(error, OT_STR("-"))) {
		ot_record_unset(r, OT_ERROR_TYPE);
		error = OT_STR_NONE;
	}
	ot_record_set_int(r, OT_OUTCOME, outcome_of(ot_record_int(r, OT_HTTP_RESPONSE_STATUS_CODE, -1), error, ot_record_text(r, OT_POLICY_ACTION)));
}
