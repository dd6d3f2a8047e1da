/* collector: the files behind the paths that were named. See source.h. */
#include "source.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEPTH_MAX = 64 };

struct walk {
	struct ot_files *files;
	const struct ot_said *said;
	ot_problem_fn *problem;
	void *context;
	struct {
		dev_t dev;
		ino_t ino;
	} above[DEPTH_MAX]; /* folders on the way down, so that a link to one of them ends there */
};

static bool has_dots(const char *path)
{
	return strncmp(path, "../", 3) == 0 || strstr(path, "/../") != NULL || strstr(path, "/./") != NULL || strstr(path, "//") != NULL;
}

/* The folder as the system sees it, and the name as it was given; NULL where there is no such folder. */
static const char *without_dots(struct ot_arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = realpath(slash == path ? "/" : ot_arena_cstr(arena, (struct ot_str){ path, (size_t)(slash - path) }), NULL);
	if (folder == NULL)
		return NULL;
	struct ot_str whole = ot_arena_printf(arena, "%s/%s%c", strcmp(folder, "/") == 0 ? "" : folder, slash + 1, 0);
	free(folder);
	return whole.ptr;
}

const char *ot_path_absolute(struct ot_arena *arena, const char *path)
{
	const char *simple = has_dots(path) ? without_dots(arena, path) : NULL;
	if (simple != NULL)
		return simple;
	if (path[0] == '/' || strcmp(path, "-") == 0)
		return ot_arena_cstr(arena, ot_str_from(path));
	while (strncmp(path, "./", 2) == 0)
		for (path += 2; *path == '/'; path++)
			;
	char *cwd = getcwd(NULL, 0);
	struct ot_str whole = ot_arena_printf(arena, "%s/%s", cwd == NULL || strcmp(cwd, "/") == 0 ? "" : cwd, path);
	free(cwd);
	while (whole.len > 2 && ot_str_ends(whole, OT_STR("/.")))
		whole.len -= 2;
	return ot_arena_cstr(arena, whole);
}

static void tell(const struct walk *walk, const char *path, const char *words)
{
	char text[OT_ERR_TEXT_MAX];
	snprintf(text, sizeof(text), "%s: %s", path, words);
	walk->problem(walk->context, text);
}

static void add_file(struct walk *walk, const char *path, const struct stat *stat, bool named)
{
	struct ot_files *files = walk->files;
	if (files->count == files->cap) {
		files->cap = files->cap == 0 ? 64 : files->cap * 2;
		files->items = ot_realloc(files->items, files->cap * sizeof(*files->items));
	}
	files->items[files->count++] = (struct ot_file){
		.path = path,
		.said = walk->said,
		.named = named,
		.bytes = S_ISREG(stat->st_mode) ? (uint64_t)stat->st_size : 0,
	};
}

static int by_name(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

/* Names in a folder but hidden ones, sorted; NULL and *count 0 where it cannot be read. */
static char **names_in(struct walk *walk, const char *path, size_t *count)
{
	char **names = NULL;
	size_t cap = 0;
	*count = 0;
	DIR *dir = opendir(path);
	if (dir == NULL) {
		tell(walk, path, strerror(errno));
		return NULL;
	}
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		if (entry->d_name[0] == '.')
			continue;
		if (*count == cap) {
			cap = cap == 0 ? 64 : cap * 2;
			names = ot_realloc(names, cap * sizeof(*names));
		}
		names[(*count)++] = strcpy(ot_alloc(strlen(entry->d_name) + 1), entry->d_name);
	}
	closedir(dir);
	if (*count > 0)
		qsort(names, *count, sizeof(*names), by_name);
	return names;
}

static void add_any(struct walk *walk, const char *path, unsigned depth);

/* A store is no source of logs, and the key in it is nobody's business. */
static bool is_store(char *const *names, size_t count)
{
	bool catalog = false, segments = false;
	for (size_t i = 0; i < count; i++) {
		catalog |= strcmp(names[i], "catalog.sqlite") == 0;
		segments |= strcmp(names[i], "segments") == 0;
	}
	return catalog && segments;
}

static void add_folder(struct walk *walk, const char *path, const struct stat *stat, unsigned depth)
{
	if (depth == DEPTH_MAX) {
		tell(walk, path, "too deep");
		return;
	}
	for (unsigned i = 0; i < depth; i++)
		if (walk->above[i].dev == stat->st_dev && walk->above[i].ino == stat->st_ino)
			return;
	walk->above[depth].dev = stat->st_dev;
	walk->above[depth].ino = stat->st_ino;
	size_t count, len = strlen(path);
	char **names = names_in(walk, path, &count);
	bool passed_over = is_store(names, count);
	for (size_t i = 0; i < count; i++) {
		if (!passed_over)
			add_any(walk, ot_arena_printf(&walk->files->arena, "%s%s%s%c", path, len > 0 && path[len - 1] == '/' ? "" : "/", names[i], 0).ptr, depth + 1);
		free(names[i]);
	}
	free(names);
}

static void add_any(struct walk *walk, const char *path, unsigned depth)
{
	struct stat stat_of;
	if (strcmp(path, "-") == 0) {
		memset(&stat_of, 0, sizeof(stat_of));
		add_file(walk, path, &stat_of, true);
	} else if (stat(path, &stat_of) != 0) {
		tell(walk, path, strerror(errno));
	} else if (S_ISDIR(stat_of.st_mode)) {
		add_folder(walk, path, &stat_of, depth);
	} else if (S_ISREG(stat_of.st_mode) || (depth == 0 && !S_ISBLK(stat_of.st_mode) && !S_ISSOCK(stat_of.st_mode))) {
		add_file(walk, path, &stat_of, depth == 0);
	} else if (depth == 0) {
		tell(walk, path, "is neither a file nor a folder");
	}
}

void ot_files_add(struct ot_files *files, const char *path, const struct ot_said *said, ot_problem_fn *problem, void *context)
{
	struct walk walk = { .files = files, .said = said, .problem = problem, .context = context };
	add_any(&walk, ot_path_absolute(&files->arena, path), 0);
}

void ot_files_release(struct ot_files *files)
{
	free(files->items);
	ot_arena_release(&files->arena);
	memset(files, 0, sizeof(*files));
}
