/* Routes taken apart, as learning and applying both do it. */
#ifndef OT_CORRELATE_ROUTE_PATH_H
#define OT_CORRELATE_ROUTE_PATH_H

#include <base/buf.h>

enum { ROUTE_DEPTH_MAX = 16, ROUTE_NAME_MAX = 128 };

struct route_path {
	struct ot_str segments[ROUTE_DEPTH_MAX];
	size_t count;	    /* what lies deeper is left as it is */
	struct ot_str rest; /* from the slash after the last segment on, "" where there is none */
};

/* False where nothing is to be learned of a route: it is no path, or a gateway's own template ("/users/{user}", "/users/:id", "/files/…*"). */
bool route_path_parse(struct ot_str route, struct route_path *out);
/* Whether the segment holds one of our own parameters. */
bool route_segment_is_taken(struct ot_str segment);
/* How a name is kept: itself, or "#" and its hash where it is longer than ROUTE_NAME_MAX. `space` holds what is made. */
struct ot_str route_name(struct ot_str segment, char space[20]);

#endif
