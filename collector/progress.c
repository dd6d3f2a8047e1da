/* collector: the progress bar. See progress.h. */
#include "progress.h"
#include <base/time.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { INTERVAL_MS = 100, BAR_COLUMNS = 20, FIRST_AFTER_MS = 300 };

void ot_count_put(struct ot_buf *out, uint64_t count)
{
	char digits[32];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)count);
	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			ot_buf_char(out, ',');
		ot_buf_char(out, digits[i]);
	}
}

void ot_size_put(struct ot_buf *out, uint64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	double value = (double)bytes;
	size_t unit = 0;
	while (value >= 999.5 && unit < 6) {
		value /= 1000;
		unit++;
	}
	ot_buf_printf(out, unit == 0 || value >= 99.95 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

static void put_bar(struct ot_buf *out, double share)
{
	int full = (int)(share * BAR_COLUMNS + 0.5);
	ot_buf_char(out, '[');
	for (int i = 0; i < BAR_COLUMNS; i++)
		ot_buf_char(out, i < full ? '#' : '.');
	ot_buf_text(out, "] ");
}

static void put_left(struct ot_buf *out, double seconds)
{
	long left = (long)(seconds + 0.5);
	if (left >= 3600)
		ot_buf_printf(out, ", %ld:%02ld:%02ld left", left / 3600, left / 60 % 60, left % 60);
	else
		ot_buf_printf(out, ", %ld:%02ld left", left / 60, left % 60);
}

void ot_progress_line(struct ot_buf *out, uint64_t bytes, uint64_t total, uint64_t records, int64_t elapsed_ns, unsigned columns)
{
	size_t start = out->len;
	double seconds = (double)elapsed_ns / 1e9, rate = seconds > 0 ? (double)bytes / seconds : 0;
	double share = total == 0 ? 0 : bytes >= total ? 1 : (double)bytes / (double)total;
	if (total > 0) {
		put_bar(out, share);
		ot_buf_printf(out, "%3.0f %% ", share * 100);
	}
	ot_size_put(out, bytes);
	if (total > 0) {
		ot_buf_text(out, " of ");
		ot_size_put(out, total);
	}
	ot_buf_text(out, ", ");
	ot_count_put(out, records);
	ot_buf_text(out, " records, ");
	ot_size_put(out, (uint64_t)rate);
	ot_buf_text(out, "/s");
	if (total > bytes && rate > 0)
		put_left(out, (double)(total - bytes) / rate);
	if (out->len - start > columns)
		out->len = start + columns;
}

void ot_progress_init(struct ot_progress *progress, bool on, uint64_t total)
{
	*progress = (struct ot_progress){ .on = on, .total = total, .started = ot_time_now() };
	progress->last = progress->started + (FIRST_AFTER_MS - INTERVAL_MS) * OT_NS_PER_MS;
}

static void write_line(struct ot_progress *progress, struct ot_str line)
{
	fprintf(stderr, "\r%.*s\x1b[K", OT_STR_ARGS(line));
	fflush(stderr);
	progress->shown = true;
}

static unsigned columns_of_terminal(void)
{
	struct winsize size;
	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 10 ? size.ws_col - 1u : 79;
}

void ot_progress_show(struct ot_progress *progress, uint64_t bytes, uint64_t records)
{
	int64_t now = ot_time_now();
	if (!progress->on || now - progress->last < INTERVAL_MS * OT_NS_PER_MS)
		return;
	struct ot_buf line = { 0 };
	progress->last = now;
	ot_progress_line(&line, bytes, progress->total, records, now - progress->started, columns_of_terminal());
	write_line(progress, ot_buf_str(&line));
	ot_buf_release(&line);
}

void ot_progress_phase(struct ot_progress *progress, const char *words)
{
	if (progress->on && progress->shown)
		write_line(progress, ot_str_from(words));
}

void ot_progress_clear(struct ot_progress *progress)
{
	if (!progress->shown)
		return;
	fputs("\r\x1b[K", stderr);
	progress->shown = false;
}
