/* The prompt: one line being edited at the bottom of the screen, for the filter and for searching. */
#ifndef OT_TUI_PROMPT_H
#define OT_TUI_PROMPT_H

#include "canvas.h"

struct app;

enum prompt_kind { PROMPT_NONE, PROMPT_FILTER, PROMPT_SEARCH };
enum { PROMPT_MAX = 4096, CANDIDATES_MAX = 64 };

struct prompt {
	enum prompt_kind kind;
	struct ot_buf line;
	size_t at;		/* bytes before the cursor */
	char *error;		/* lines about what is wrong with it, NULL where nothing is */
	/* Completion: what may stand for the word at [word_from, word_to). */
	char *candidates[CANDIDATES_MAX];
	size_t candidate_count, candidate; /* `candidate` is in the line now; candidate_count: none */
	size_t word_from, word_to;
	bool completing;	/* values are being asked for */
};

void prompt_open(struct prompt *prompt, enum prompt_kind kind, struct ot_str line);
void prompt_close(struct prompt *prompt);
/* Edits; Enter and Escape are the caller's. Tab completes a filter. */
void prompt_key(struct app *app, int32_t key);
void prompt_fail(struct prompt *prompt, const char *words);
/* At the bottom of the area, with what is said about it above. */
void prompt_draw(struct prompt *prompt, struct area area);

/* complete.c */
void prompt_complete(struct app *app);
void prompt_forget_candidates(struct prompt *prompt);

#endif
