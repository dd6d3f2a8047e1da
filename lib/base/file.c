#include <base/file.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_CHUNK_FIRST = 4096, READ_CHUNK_MOST = 1 << 20, DIR_DEPTH_MAX = 64 };

int (*ot_file_hook)(const char *operation, const char *path);

/* As read(), but begun again where a signal broke it off. */
static ssize_t read_again(int fd, void *bytes, size_t len)
{
	ssize_t got;

	do
		got = read(fd, bytes, len);
	while (got < 0 && errno == EINTR);
	return got;
}

/* The size that the file says it has; those of /proc say 0 and hold something all the same. */
static size_t size_expected(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || st.st_size < READ_CHUNK_FIRST)
		return READ_CHUNK_FIRST;
	return st.st_size < READ_CHUNK_MOST ? (size_t)st.st_size + 1 : READ_CHUNK_MOST;
}

static enum ot_status read_all(int fd, const char *path, size_t max, struct ot_buf *out, struct ot_err *err)
{
	size_t chunk = size_expected(fd), total = 0;

	for (;;) {
		/* One byte past `max` tells a file that is too long from one that just fits. */
		size_t want = chunk <= max - total ? chunk : max - total + 1;
		char *to = ot_buf_reserve(out, want);
		char past;
		ssize_t got;

		if (to == NULL) {
			/* The buffer's own ceiling: the file may still end right there. */
			out->overflow = false;
			want = out->max - out->len;
			to = want > 0 ? ot_buf_reserve(out, want) : &past;
		}
		got = read_again(fd, to, want > 0 ? want : 1);
		if (got < 0)
			return ot_err_errno(err, "cannot read %s", path);
		if (got == 0)
			return OT_OK;
		total += (size_t)got;
		if (to == &past || total > max)
			return ot_err_set(err, OT_LIMIT, "%s is larger than %zu bytes", path,
			    to == &past ? out->max : max);
		out->len += (size_t)got;
	}
}

enum ot_status ot_file_read(const char *path, size_t max, struct ot_buf *out, struct ot_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum ot_status status;

	if (fd < 0)
		return ot_err_errno(err, "cannot open %s", path);
	if (max == SIZE_MAX)
		max--;
	status = read_all(fd, path, max, out, err);
	close(fd);
	return status;
}

enum ot_status ot_file_pread(int fd, void *bytes, size_t len, uint64_t offset, const char *path, struct ot_err *err)
{
	char *to = bytes;

	while (len > 0) {
		ssize_t got = offset > INT64_MAX ? 0 : pread(fd, to, len, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ot_err_errno(err, "cannot read %s at offset %llu", path, (unsigned long long)offset);
		if (got == 0)
			return ot_err_set(err, OT_CORRUPT, "%s ends at offset %llu, %zu bytes too early", path,
			    (unsigned long long)offset, len);
		to += got;
		offset += (uint64_t)got;
		len -= (size_t)got;
	}
	return OT_OK;
}

enum ot_status ot_file_write_all(int fd, const void *bytes, size_t len, const char *path, struct ot_err *err)
{
	const char *from = bytes;

	while (len > 0) {
		ssize_t put = ot_file_fails("write", path) ? -1 : write(fd, from, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return ot_err_errno(err, "cannot write %s", path);
		from += put;
		len -= (size_t)put;
	}
	return OT_OK;
}

enum ot_status ot_file_create(const char *path, int mode, int *fd, struct ot_err *err)
{
	*fd = ot_file_fails("create", path) ? -1 : open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
	return *fd >= 0 ? OT_OK : ot_err_errno(err, "cannot create %s", path);
}

enum ot_status ot_file_sync(int fd, const char *path, struct ot_err *err)
{
	if (ot_file_fails("sync", path) || fsync(fd) != 0)
		return ot_err_errno(err, "cannot sync %s", path);
	return OT_OK;
}

enum ot_status ot_file_remove(const char *path, struct ot_err *err)
{
	if ((ot_file_fails("remove", path) || unlink(path) != 0) && errno != ENOENT)
		return ot_err_errno(err, "cannot remove %s", path);
	return OT_OK;
}

static enum ot_status write_synced(int fd, const void *bytes, size_t len, int mode, const char *path, struct ot_err *err)
{
	enum ot_status status;

	if (fchmod(fd, (mode_t)mode) != 0)
		return ot_err_errno(err, "cannot set the mode of %s", path);
	status = ot_file_write_all(fd, bytes, len, path, err);
	if (status == OT_OK)
		status = ot_file_sync(fd, path, err);
	return status;
}

enum ot_status ot_file_publish(const char *path, const void *bytes, size_t len, int mode, struct ot_err *err)
{
	static const char suffix[] = ".tmp";
	char aside[PATH_MAX];
	enum ot_status status;
	int fd;

	if ((size_t)snprintf(aside, sizeof(aside), "%s.XXXXXX%s", path, suffix) >= sizeof(aside))
		return ot_err_set(err, OT_LIMIT, "path of %zu bytes is too long", strlen(path));
	fd = ot_file_fails("create", path) ? -1 : mkostemps(aside, (int)sizeof(suffix) - 1, O_CLOEXEC);
	if (fd < 0)
		return ot_err_errno(err, "cannot create %s", aside);
	status = write_synced(fd, bytes, len, mode, aside, err);
	/* Some file systems report a failed write only here. */
	if (close(fd) != 0 && status == OT_OK)
		status = ot_err_errno(err, "cannot close %s", aside);
	if (status == OT_OK)
		status = ot_file_rename(aside, path, err);
	if (status != OT_OK)
		ot_file_remove(aside, NULL);
	return status;
}

static enum ot_status parent_of(const char *path, char parent[PATH_MAX], struct ot_err *err)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 1 : (size_t)(slash - path);

	if (len >= PATH_MAX)
		return ot_err_set(err, OT_LIMIT, "path of %zu bytes is too long", strlen(path));
	memcpy(parent, slash == NULL ? "." : path, len);
	if (len == 0)
		parent[len++] = '/';
	parent[len] = '\0';
	return OT_OK;
}

enum ot_status ot_file_rename(const char *from, const char *to, struct ot_err *err)
{
	char parent[PATH_MAX];
	enum ot_status status = parent_of(to, parent, err);

	if (status != OT_OK)
		return status;
	if (ot_file_fails("rename", to) || rename(from, to) != 0)
		return ot_err_errno(err, "cannot rename %s to %s", from, to);
	return ot_dir_sync(parent, err);
}

enum ot_status ot_dir_sync(const char *path, struct ot_err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum ot_status status = OT_OK;

	if (fd < 0)
		return ot_err_errno(err, "cannot open folder %s", path);
	/* EINVAL: a file system that has no such thing as an unsynced folder. */
	if ((ot_file_fails("sync", path) || fsync(fd) != 0) && errno != EINVAL)
		status = ot_err_errno(err, "cannot sync folder %s", path);
	close(fd);
	return status;
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static enum ot_status dir_make_one(const char *path, int mode, struct ot_err *err)
{
	int number;

	if (is_dir(path))
		return OT_OK;
	if (!ot_file_fails("mkdir", path) && mkdir(path, (mode_t)mode) == 0)
		return OT_OK;
	number = errno;
	if (is_dir(path))
		return OT_OK;
	errno = number == EEXIST ? ENOTDIR : number;
	return ot_err_errno(err, "cannot make folder %s", path);
}

enum ot_status ot_dir_make(const char *path, int mode, struct ot_err *err)
{
	enum ot_status status = OT_OK;
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(part))
		return ot_err_set(err, OT_LIMIT, "path of %zu bytes is too long", len);
	memcpy(part, path, len + 1);
	for (char *slash = strchr(part + (len > 0), '/'); slash != NULL && status == OT_OK; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		status = dir_make_one(part, mode, err);
		*slash = '/';
	}
	return status == OT_OK ? dir_make_one(part, mode, err) : status;
}

static enum ot_status dir_empty(int dir_fd, const char *path, int depth, struct ot_err *err);

static enum ot_status dir_remove_entry(int dir_fd, const char *name, const char *path, int depth, struct ot_err *err)
{
	enum ot_status status;
	int fd;

	if (unlinkat(dir_fd, name, 0) == 0)
		return OT_OK;
	if (errno != EISDIR && errno != EPERM)
		return ot_err_errno(err, "cannot remove %s in %s", name, path);
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return ot_err_errno(err, "cannot remove %s in %s", name, path);
	status = dir_empty(fd, path, depth + 1, err);
	if (status == OT_OK && unlinkat(dir_fd, name, AT_REMOVEDIR) != 0)
		status = ot_err_errno(err, "cannot remove folder %s in %s", name, path);
	return status;
}

/* Takes over `dir_fd`. Works on descriptors, so that a link put in the way is removed and not followed. */
static enum ot_status dir_empty(int dir_fd, const char *path, int depth, struct ot_err *err)
{
	enum ot_status status = OT_OK;
	struct dirent *entry;
	DIR *dir;

	dir = fdopendir(dir_fd);
	if (dir == NULL) {
		status = ot_err_errno(err, "cannot list %s", path);
		close(dir_fd);
		return status;
	}
	if (depth > DIR_DEPTH_MAX)
		status = ot_err_set(err, OT_LIMIT, "%s holds more than %d folders in each other", path, DIR_DEPTH_MAX);
	while (status == OT_OK && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			status = dir_remove_entry(dir_fd, entry->d_name, path, depth, err);
	}
	closedir(dir);
	return status;
}

enum ot_status ot_dir_remove(const char *path, struct ot_err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	enum ot_status status;

	if (fd < 0)
		return ot_err_errno(err, "cannot open folder %s", path);
	status = dir_empty(fd, path, 0, err);
	if (status == OT_OK && rmdir(path) != 0)
		status = ot_err_errno(err, "cannot remove folder %s", path);
	return status;
}
