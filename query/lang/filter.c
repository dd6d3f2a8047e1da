/* The language's front door: a line, or a command line's arguments, into a tree. */
#include "lang.h"

#include <string.h>

static enum ot_status lex_end(struct lang *lang, enum ot_status status)
{
	struct token *tokens;

	if (status != OT_OK)
		return status;
	tokens = ot_arena_zero(lang->arena, lang->token_count + 1, sizeof(*tokens));
	if (lang->token_count > 0)
		memcpy(tokens, lang->tokens, lang->token_count * sizeof(*tokens));
	tokens[lang->token_count] = (struct token){.kind = TOKEN_END, .at = (uint32_t)lang->line.len};
	lang->tokens = tokens;
	return OT_OK;
}

static enum ot_status too_long(struct ot_err *err)
{
	return ot_err_set(err, OT_SYNTAX, "a filter has at most %d bytes", LANG_LINE_MAX);
}

enum ot_status ot_filter_parse(struct ot_expr **out, struct ot_str line, const struct ot_filter_context *context,
    struct ot_arena *arena, struct ot_err *err)
{
	struct lang lang = {.context = context, .arena = arena, .err = err};
	enum ot_status status;

	if (line.len > LANG_LINE_MAX)
		return too_long(err);
	lang.line = ot_arena_str(arena, line.ptr == NULL ? OT_STR("") : line);
	status = lex_end(&lang, lang_lex(&lang, 0, lang.line.len, false));
	return status == OT_OK ? lang_parse(&lang, out) : status;
}

/* The arguments with a blank between them, as the message shows them. */
static struct ot_str join(char **args, size_t count, struct ot_arena *arena)
{
	size_t len = 0;
	char *line, *at;

	for (size_t i = 0; i < count && len <= LANG_LINE_MAX; i++)
		len += strlen(args[i]) + 1;
	if (len > LANG_LINE_MAX)
		return OT_STR_NONE;
	line = at = ot_arena_alloc(arena, len + 1);
	for (size_t i = 0; i < count; i++) {
		at = stpcpy(at, args[i]);
		*at++ = ' ';
	}
	return (struct ot_str){line, count == 0 ? 0 : len - 1};
}

static bool is_whole(struct ot_str argument)
{
	if (ot_str_find_char(argument, '"') >= 0 || ot_str_find_char(argument, '\'') >= 0)
		return false;
	return !lang_is_line(argument);
}

enum ot_status ot_filter_parse_args(struct ot_expr **out, char **args, size_t count,
    const struct ot_filter_context *context, struct ot_arena *arena, struct ot_err *err)
{
	struct lang lang = {.context = context, .arena = arena, .err = err};
	enum ot_status status = OT_OK;
	size_t from = 0;

	lang.line = join(args, count, arena);
	if (lang.line.ptr == NULL)
		return too_long(err);
	for (size_t i = 0; i < count && status == OT_OK; i++) {
		struct ot_str argument = ot_str_from(args[i]);

		status = lang_lex(&lang, from, from + argument.len, is_whole(argument));
		from += argument.len + 1;
	}
	status = lex_end(&lang, status);
	return status == OT_OK ? lang_parse(&lang, out) : status;
}
