/* Scripts of keys: what tests, and the picture in README, are made with. */
#include "keymap.h"
#include "run.h"

#include <base/file.h>
#include <base/text.h>
#include <stdio.h>

enum { SCRIPT_BYTES_MAX = 1 << 20, SIDE_MAX = 1000 };

static enum ot_status press(struct app *app, struct ot_str names, bool wait, struct ot_err *err)
{
	while (names.ptr != NULL) {
		struct ot_str name = ot_str_cut(names, ' ', &names);
		int32_t key = key_of_name(name);

		if (name.len == 0)
			continue;
		if (key < 0)
			return ot_err_set(err, OT_SYNTAX, "no key is called \"%.*s\"", OT_STR_ARGS(name));
		if (wait)
			asker_settle(app->asker);
		if (!app->done)
			app_key(app, key);
	}
	return OT_OK;
}

static void type(struct app *app, struct ot_str text)
{
	for (size_t i = 0; i < text.len && !app->done;) {
		int32_t rune;

		i += ot_utf8_next(ot_str_sub(text, i, text.len), &rune);
		app_key(app, rune);
	}
}

static enum ot_status resize(struct app *app, struct ot_str sizes, struct ot_err *err)
{
	struct ot_str rest = { 0 };
	int64_t cols, rows;

	if (!ot_str_to_i64(ot_str_cut(sizes, ' ', &rest), &cols) || !ot_str_to_i64(rest, &rows) || cols < 1 || rows < 1 || cols > SIDE_MAX || rows > SIDE_MAX)
		return ot_err_set(err, OT_SYNTAX, "resize takes columns and rows");
	app_resize(app, (int)rows, (int)cols);
	return OT_OK;
}

/* Drawing may ask (a histogram of another width): what is shown is what stands when that is answered. */
static void draw(struct app *app)
{
	asker_settle(app->asker);
	app_draw(app);
	asker_settle(app->asker);
	app_draw(app);
}

static void print_screen(struct app *app)
{
	struct ot_buf out = { 0 };

	draw(app);
	ot_buf_printf(&out, "== %dx%d ==\n", app->canvas.cols, app->canvas.rows);
	for (int row = 0; row < app->canvas.rows && !app->done; row++) {
		canvas_put_row(&out, &app->canvas, row);
		ot_buf_char(&out, '\n');
	}
	if (app->done)
		ot_buf_text(&out, "(left)\n");
	fwrite(out.data, 1, out.len, stdout);
	ot_buf_release(&out);
}

static void print_picture(struct app *app)
{
	struct ot_buf out = { 0 };

	app->color = true;
	draw(app);
	picture_put(&out, &app->canvas);
	fwrite(out.data, 1, out.len, stdout);
	ot_buf_release(&out);
}

static enum ot_status run_line(struct app *app, struct ot_str line, struct ot_err *err)
{
	struct ot_str rest = { 0 }, word = ot_str_cut(line, ' ', &rest);

	if (line.len == 0 || line.ptr[0] == '#')
		return OT_OK;
	if (ot_str_eq(word, OT_STR("key")) || ot_str_eq(word, OT_STR("press")))
		return press(app, rest, word.len == 3, err);
	if (ot_str_eq(word, OT_STR("resize")))
		return resize(app, rest, err);
	if (ot_str_eq(word, OT_STR("type")))
		type(app, rest);
	else if (ot_str_eq(word, OT_STR("wait")))
		asker_settle(app->asker);
	else if (ot_str_eq(word, OT_STR("hold")) || ot_str_eq(word, OT_STR("release")))
		asker_hold(app->asker, word.len == 4);
	else if (ot_str_eq(word, OT_STR("screen")))
		print_screen(app);
	else if (ot_str_eq(word, OT_STR("picture")))
		print_picture(app);
	else
		return ot_err_set(err, OT_SYNTAX, "no command is called \"%.*s\"", OT_STR_ARGS(word));
	return OT_OK;
}

enum ot_status run_script(struct app *app, const char *path, struct ot_err *err)
{
	struct ot_buf text = { 0 };
	enum ot_status status = ot_file_read(path, SCRIPT_BYTES_MAX, &text, err);
	struct ot_str rest = ot_buf_str(&text);
	unsigned number = 0;

	while (status == OT_OK && rest.ptr != NULL) {
		struct ot_str line = ot_str_cut(rest, '\n', &rest);

		number++;
		status = run_line(app, line, err);
		if (status != OT_OK)
			ot_err_prefix(err, "%s: line %u", path, number);
	}
	asker_hold(app->asker, false);
	ot_buf_release(&text);
	return status;
}
