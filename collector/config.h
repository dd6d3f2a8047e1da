/*
 * A configuration: which origins there are, and where their logs lie. JSON, checked whole before anything is read; messages name file and line.
 *
 *   { "origins": [ { "name": "kong-edge", "kind": "gateway", "zone": "Europe/Berlin",
 *                    "addresses": ["10.0.0.1"], "upstreams": ["10.0.1.1"],
 *                    "sources": [ { "path": "/var/log/kong/" "*.log", "format": "kong" } ] } ],
 *     "keep": "mapped" }
 *
 * "kind", "zone", "addresses" (the gateway's own), "upstreams" (what is behind it), "format" and "keep" may be left out. Relative paths begin at the file's folder.
 */
#ifndef OT_COLLECTOR_CONFIG_H
#define OT_COLLECTOR_CONFIG_H

#include "source.h"

struct ot_config_source {
	const char *glob; /* absolute */
	struct ot_said said;
	unsigned line; /* in the file */
};

struct ot_config {
	const char *path;
	struct ot_config_source *sources;
	size_t count;
	int keep; /* 0 all, 1 mapped, -1 not said */
	struct ot_zone **zones;
	size_t zone_count;
	struct ot_arena arena;
};

enum ot_status ot_config_open(struct ot_config *out, const char *path, const struct ot_format_set *formats, struct ot_err *err);
void ot_config_release(struct ot_config *config);
/* The files that the globs match now. A file matched by two of them is OT_SYNTAX; a glob that matches none is told to `problem`. */
enum ot_status ot_config_files(const struct ot_config *config, struct ot_files *files, ot_problem_fn *problem, void *context, struct ot_err *err);

/* The format whose name is nearest, for "did you mean". */
const char *ot_format_nearest(const struct ot_format_set *formats, struct ot_str name);

/* Line (from 1) of a member's value or an array's element in a JSON text that is known to be valid: steps are names, or numbers as "#3". 0: not there. */
unsigned ot_json_line(struct ot_str text, const char *const *steps, size_t count);

#endif
