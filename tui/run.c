#include "run.h"

#include "keymap.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* An answer that comes at once is shown at once, without a flicker of "…" before it. */
enum { PATIENCE_MS = 40 };

static enum ot_status wait_for(struct app *app, int timeout_ms, bool *gone, struct ot_err *err)
{
	struct pollfd fds[] = { { STDIN_FILENO, POLLIN, 0 }, { asker_fd(app->asker), POLLIN, 0 } };

	if (poll(fds, 2, timeout_ms) < 0 && errno != EINTR)
		return ot_err_errno(err, "waiting for keys");
	*gone |= (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
	return OT_OK;
}

static void take_keys(struct app *app, struct terminal *term, bool *gone)
{
	bool resized = false;
	int rows, cols;
	int32_t key;

	errno = 0;
	while (!app->done && (key = term_key(term, &resized, gone)) != K_NONE)
		app_key(app, key);
	if (resized) {
		term_size(term, &rows, &cols);
		app_resize(app, rows, cols);
	}
}

enum ot_status run_terminal(struct app *app, struct terminal *term, struct ot_err *err)
{
	enum ot_status status = OT_OK;
	bool gone = false;

	while (status == OT_OK && !app->done && !gone) {
		for (int tries = 0; tries < 4 && asker_busy(app->asker) != NULL && status == OT_OK; tries++) {
			status = wait_for(app, PATIENCE_MS / 4, &gone, err);
			asker_deliver(app->asker);
		}
		app_draw(app);
		term_show(term, &app->canvas);
		if (status == OT_OK)
			status = wait_for(app, -1, &gone, err);
		asker_deliver(app->asker);
		take_keys(app, term, &gone);
	}
	return status;
}
