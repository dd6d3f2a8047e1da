/* Option tables as lines, from which completions of shells are written. */
#include <base/opt.h>

static void choices_put(const struct ot_opt *option, struct ot_buf *out)
{
	for (int i = 0; option->choices != NULL && option->choices[i] != NULL; i++)
		ot_buf_printf(out, "%s%s", i > 0 ? " " : "", option->choices[i]);
}

void ot_opt_completion(const struct ot_opt *options, struct ot_buf *out)
{
	for (const struct ot_opt *o = options; o->name != NULL; o++) {
		ot_buf_printf(out, "%s\t", o->name);
		if (o->letter != 0)
			ot_buf_char(out, o->letter);
		ot_buf_char(out, '\t');
		if (o->kind != OT_OPT_FLAG)
			ot_buf_text(out, o->value != NULL ? o->value : "VALUE");
		ot_buf_char(out, '\t');
		choices_put(o, out);
		ot_buf_printf(out, "\t%s\n", o->help);
	}
}
