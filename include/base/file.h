/* Files: whole reads, atomic publication, folders made safe. Every descriptor is close-on-exec. */
#ifndef OT_BASE_FILE_H
#define OT_BASE_FILE_H

#include <base/buf.h>
#include <base/err.h>

/* Appends the whole file; OT_LIMIT where it holds more than `max` bytes. */
enum ot_status ot_file_read(const char *path, size_t max, struct ot_buf *out, struct ot_err *err);
/* Reads exactly `len` bytes at `offset`; a short file is OT_CORRUPT. */
enum ot_status ot_file_pread(int fd, void *bytes, size_t len, uint64_t offset, const char *path, struct ot_err *err);
/* Writes all bytes, however many calls it takes. */
enum ot_status ot_file_write_all(int fd, const void *bytes, size_t len, const char *path, struct ot_err *err);
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
