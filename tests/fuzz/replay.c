/* Gives a fuzz target every file of its corpus, so that `make check` needs no fuzzer. The corpus is fixtures/fuzz/NAME, after the program's own name, or the arguments. */
#include <base/buf.h>
#include <base/file.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned replayed;

static void replay(const char *path)
{
	struct ot_buf bytes = { 0 };
	struct ot_err err;
	if (ot_file_read(path, 64 << 20, &bytes, &err) != OT_OK)
		ot_die("%s", err.text);
	/* An exact allocation, so that a sanitizer sees a read past the end. */
	uint8_t *exact = malloc(bytes.len > 0 ? bytes.len : 1);
	if (bytes.len > 0)
		memcpy(exact, bytes.data, bytes.len);
	LLVMFuzzerTestOneInput(exact, bytes.len);
	free(exact);
	ot_buf_release(&bytes);
	replayed++;
}

static void replay_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[8192];
	if (dir == NULL)
		ot_die("no corpus at %s", folder);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		replay(path);
	}
	closedir(dir);
}

int main(int argc, char **argv)
{
	char folder[4096];
	const char *name = strrchr(argv[0], '/');
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	if (argc == 1) {
		snprintf(folder, sizeof(folder), "fixtures/fuzz/%s", name == NULL ? argv[0] : name + 1);
		replay_folder(folder);
	}
	fprintf(stderr, "%u inputs\n", replayed);
	printf("%d passed, %d failed\n", replayed > 0, replayed == 0);
	return replayed == 0;
}
