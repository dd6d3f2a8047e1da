/* The table of verbs, and those that another program does. */
#include "report.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

extern const struct ot_verb ot_verb_calls, ot_verb_count, ot_verb_call, ot_verb_clients, ot_verb_coverage, ot_verb_routes, ot_verb_fields, ot_verb_quarantine,
    ot_verb_info, ot_verb_verify, ot_verb_compact, ot_verb_export, ot_verb_source, ot_verb_sql;

int ot_run_sibling(const char *program, const char *sibling, char **argv)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	const char *slash;
	if (n < 0)
		n = snprintf(path, sizeof(path), "%s", program);
	path[n] = '\0';
	slash = strrchr(path, '/');
	size_t folder = slash == NULL ? 0 : (size_t)(slash - path) + 1;
	if (folder + strlen(sibling) < sizeof(path)) {
		memcpy(path + folder, sibling, strlen(sibling) + 1);
		execv(path, argv);
	}
	if (errno == ENOENT)
		execvp(sibling, argv);
	fprintf(stderr, "onetrail: %s: %s (it belongs beside onetrail)\n", sibling, strerror(errno));
	return OT_EXIT_FAILURE;
}

static const struct ot_verb verb_collect = { "collect", "PATH... | --config FILE --once", "read files, directories, standard input; the format is found by itself", NULL, NULL, NULL };
static const struct ot_verb verb_tui = { "tui", "[FILTER...]", "the terminal UI: calls over time, who made them, what is missing", NULL, NULL, NULL };

const struct ot_verb *const ot_verbs[] = {
	&verb_collect,	 &ot_verb_source,   &ot_verb_calls,	 &ot_verb_count, &ot_verb_call,	  &ot_verb_clients, &ot_verb_coverage, &ot_verb_routes, &ot_verb_fields,
	&ot_verb_quarantine, &ot_verb_export, &ot_verb_info, &ot_verb_verify, &ot_verb_compact, &ot_verb_sql,	 &verb_tui,	    NULL,
};

const struct ot_verb *ot_verb_find(const char *name)
{
	for (size_t i = 0; ot_verbs[i] != NULL; i++) {
		if (strcmp(ot_verbs[i]->name, name) == 0)
			return ot_verbs[i];
	}
	return NULL;
}
