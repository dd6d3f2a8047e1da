/* Files: whole reads, atomic publication, folders made safe. Every descriptor is close-on-exec. */
#ifndef OT_BASE_FILE_H
#define OT_BASE_FILE_H

#include <base/buf.h>
#include <base/err.h>
#include <errno.h>

/*
 * For tests of faults: asked before each operation that changes a file ("create", "write", "sync", "rename", "remove", "mkdir"), with its path.
 * 0 lets it go on; an errno is what the operation then fails with; a hook that does not return is a crash there. NULL outside of tests.
 * Code that changes files by other calls than those below asks ot_file_fails() itself.
 */
extern int (*ot_file_hook)(const char *operation, const char *path);
/* Sets errno and returns true where the hook wants the operation to fail. */
static inline bool ot_file_fails(const char *operation, const char *path)
{
	int number = ot_file_hook == NULL ? 0 : ot_file_hook(operation, path);

	if (number != 0)
		errno = number;
	return number != 0;
}

/* Appends the whole file; OT_LIMIT where it holds more than `max` bytes. */
enum ot_status ot_file_read(const char *path, size_t max, struct ot_buf *out, struct ot_err *err);
/* Reads exactly `len` bytes at `offset`; a short file is OT_CORRUPT. */
enum ot_status ot_file_pread(int fd, void *bytes, size_t len, uint64_t offset, const char *path, struct ot_err *err);
/* Writes all bytes, however many calls it takes. */
enum ot_status ot_file_write_all(int fd, const void *bytes, size_t len, const char *path, struct ot_err *err);
/* Makes an empty file for writing; one that is there is OT_IO. */
enum ot_status ot_file_create(const char *path, int mode, int *fd, struct ot_err *err);
/* fsync. A file whose sync failed is given up, never synced again: the system may have forgotten what it did not write. */
enum ot_status ot_file_sync(int fd, const char *path, struct ot_err *err);
/* Removes a file; one that is not there is fine. */
enum ot_status ot_file_remove(const char *path, struct ot_err *err);
/* Publishes `bytes` at `path`: a temporary beside it, fsync, rename, fsync of the folder. */
enum ot_status ot_file_publish(const char *path, const void *bytes, size_t len, int mode, struct ot_err *err);
/* The last two steps for a file written by the caller: rename `from` to `to`, fsync the folder. The caller has fsynced the file. */
enum ot_status ot_file_rename(const char *from, const char *to, struct ot_err *err);
enum ot_status ot_dir_sync(const char *path, struct ot_err *err);
/* Makes the folder and its parents; `mode` is for those it makes. */
enum ot_status ot_dir_make(const char *path, int mode, struct ot_err *err);
/* Removes a folder with all in it; for temporary exports and tests. */
enum ot_status ot_dir_remove(const char *path, struct ot_err *err);

#endif
