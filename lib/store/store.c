#include "catalog.h"

#include <base/file.h>
#include <base/time.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOCK_TRIES = 5, LOCK_WAIT_US = 20000, LOCK_TEXT_MAX = 32, NAME_LETTERS = 6 };

static const char *env(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

/* Ends the text for those who take it as a C string, without counting the end. */
static void terminate(struct ot_buf *out)
{
	ot_buf_char(out, '\0');
	out->len--;
}

enum ot_status ot_store_locate(const char *option, struct ot_buf *out, struct ot_err *err)
{
	const char *data = env("XDG_DATA_HOME"), *home = env("HOME");

	if (option == NULL)
		option = env("ONETRAIL_STORE");
	if (option != NULL)
		ot_buf_text(out, option);
	else if (data != NULL && data[0] == '/')
		ot_buf_printf(out, "%s/onetrail", data);
	else if (home != NULL)
		ot_buf_printf(out, "%s/.local/share/onetrail", home);
	else
		return ot_err_set(err, OT_NOT_FOUND, "no place for the store: neither --store nor ONETRAIL_STORE nor HOME is set");
	terminate(out);
	return OT_OK;
}

const char *ot_store_dir(const struct ot_store *store)
{
	return store->dir;
}

struct ot_str ot_store_key(const struct ot_store *store)
{
	return store->has_key ? (struct ot_str){ (const char *)store->key, sizeof(store->key) } : OT_STR_NONE;
}

static const char *path_in(const struct ot_store *store, const char *name, struct ot_buf *path)
{
	ot_buf_clear(path);
	ot_buf_printf(path, "%s/%s", store->dir, name);
	terminate(path);
	return path->data;
}

static bool exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

/* --- the lock of the one writer --- */

static enum ot_status held_by_other(struct ot_store *store, struct ot_err *err)
{
	char text[LOCK_TEXT_MAX] = "";
	ssize_t len = pread(store->lock_fd, text, sizeof(text) - 1, 0);
	int64_t pid;

	if (len > 0 && ot_str_to_i64(ot_str_trim((struct ot_str){ text, (size_t)len }), &pid))
		return ot_err_set(err, OT_BUSY, "another collector (pid %lld) is writing to %s", (long long)pid, store->dir);
	return ot_err_set(err, OT_BUSY, "another collector is writing to %s", store->dir);
}

static enum ot_status write_pid(struct ot_store *store, const char *path, struct ot_err *err)
{
	char text[LOCK_TEXT_MAX];
	int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	if (ftruncate(store->lock_fd, 0) != 0 || lseek(store->lock_fd, 0, SEEK_SET) != 0)
		return ot_err_errno(err, "cannot write %s", path);
	return ot_file_write_all(store->lock_fd, text, (size_t)len, path, err);
}

/* Somebody who only looks whether there is a writer (ot_store_verify) holds it for a moment: hence the tries. */
static enum ot_status take_lock(struct ot_store *store, struct ot_err *err)
{
	struct ot_buf path = { 0 };
	enum ot_status status = OT_OK;

	path_in(store, "lock", &path);
	store->lock_fd = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (store->lock_fd < 0)
		status = ot_err_errno(err, "cannot open %s", path.data);
	for (int tries = 1; status == OT_OK && flock(store->lock_fd, LOCK_EX | LOCK_NB) != 0; tries++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			status = ot_err_errno(err, "cannot lock %s", path.data);
		else if (tries == LOCK_TRIES)
			status = held_by_other(store, err);
		else
			usleep(LOCK_WAIT_US);
	}
	if (status == OT_OK)
		status = write_pid(store, path.data, err);
	ot_buf_release(&path);
	return status;
}

/* --- the key of credential hashes --- */

static enum ot_status read_key(struct ot_store *store, const char *path, struct ot_err *err)
{
	struct ot_buf bytes = { 0 };
	enum ot_status status = ot_file_read(path, OT_DIGEST_LEN, &bytes, err);

	if (status == OT_LIMIT || (status == OT_OK && bytes.len != OT_DIGEST_LEN))
		status = ot_err_set(err, OT_CORRUPT, "%s does not hold %d bytes", path, OT_DIGEST_LEN);
	if (status == OT_OK)
		memcpy(store->key, bytes.data, sizeof(store->key));
	store->has_key = status == OT_OK;
	ot_buf_release(&bytes);
	return status;
}

/* A new key only for a new store: with another one the same credential would get another hash than the one stored. */
static enum ot_status take_key(struct ot_store *store, bool new_store, struct ot_err *err)
{
	struct ot_buf path = { 0 };
	enum ot_status status;

	path_in(store, "secret.key", &path);
	status = read_key(store, path.data, err);
	if (store->mode == OT_STORE_READ)
		status = OT_OK;
	if (status == OT_NOT_FOUND && new_store) {
		status = ot_random(store->key, sizeof(store->key), err);
		if (status == OT_OK)
			status = ot_file_publish(path.data, store->key, sizeof(store->key), 0600, err);
		store->has_key = status == OT_OK;
	} else if (status == OT_NOT_FOUND) {
		ot_err_set(err, OT_NOT_FOUND,
		    "%s is missing, and with another one credentials would not match those stored: put it back, or make a new one with"
		    " `head -c %d /dev/urandom >%s`",
		    path.data, OT_DIGEST_LEN, path.data);
	}
	ot_buf_release(&path);
	return status;
}

/* --- opening --- */

static enum ot_status make_folder(struct ot_store *store, const char *name, struct ot_err *err)
{
	struct ot_buf path = { 0 };
	enum ot_status status = ot_dir_make(path_in(store, name, &path), 0700, err);

	ot_buf_release(&path);
	return status;
}

static enum ot_status make_home(struct ot_store *store, struct ot_err *err)
{
	struct ot_buf parent = { 0 };
	enum ot_status status;

	if (exists(store->dir))
		return OT_OK;
	status = ot_dir_make(store->dir, 0700, err);
	if (status == OT_OK)
		status = ot_dir_sync(path_in(store, "..", &parent), err);
	ot_buf_release(&parent);
	return status;
}

static bool has_segments(const struct ot_store *store)
{
	struct ot_buf path = { 0 };
	DIR *dir = opendir(path_in(store, "segments", &path));
	struct dirent *entry;
	bool found = false;

	while (dir != NULL && !found && (entry = readdir(dir)) != NULL)
		found = entry->d_name[0] != '.';
	if (dir != NULL)
		closedir(dir);
	ot_buf_release(&path);
	return found;
}

/* Without its catalog every segment would look like one that no commit lists, and be swept up. */
static enum ot_status check_whole(struct ot_store *store, bool has_catalog, struct ot_err *err)
{
	if (!has_catalog && has_segments(store))
		return ot_err_set(err, OT_CORRUPT, "%s holds segments but no catalog.sqlite: put it back, or give another folder", store->dir);
	return OT_OK;
}

static enum ot_status open_for_writing(struct ot_store *store, bool has_catalog, struct ot_err *err)
{
	enum ot_status status = make_home(store, err);

	if (status == OT_OK)
		status = take_lock(store, err);
	if (status == OT_OK)
		status = check_whole(store, has_catalog, err);
	if (status == OT_OK)
		status = make_folder(store, "segments", err);
	if (status == OT_OK)
		status = make_folder(store, "quarantine", err);
	if (status == OT_OK)
		status = ot_dir_sync(store->dir, err);
	return status;
}

static struct ot_store *new_store(const char *dir, enum ot_store_mode mode)
{
	struct ot_store *store = ot_alloc_zero(1, sizeof(*store));
	size_t len = strlen(dir);
	pthread_mutexattr_t recursive;

	while (len > 1 && dir[len - 1] == '/')
		len--;
	store->dir = ot_alloc(len + 1);
	memcpy(store->dir, dir, len);
	store->dir[len] = '\0';
	store->mode = mode;
	store->lock_fd = -1;
	pthread_mutexattr_init(&recursive);
	pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&store->lock, &recursive);
	pthread_mutexattr_destroy(&recursive);
	return store;
}

/* A catalog without bytes is what a crash leaves while the store is being made. */
static bool has_catalog(const struct ot_store *store)
{
	struct ot_buf path = { 0 };
	struct stat st;
	bool has = stat(path_in(store, "catalog.sqlite", &path), &st) == 0 && st.st_size > 0;

	ot_buf_release(&path);
	return has;
}

enum ot_status ot_store_open(struct ot_store **out, const char *dir, enum ot_store_mode mode, struct ot_err *err)
{
	struct ot_store *store;
	enum ot_status status;
	bool made_before;

	*out = NULL;
	if (dir[0] == '\0')
		return ot_err_set(err, OT_SYNTAX, "the store's folder has no name");
	if (strlen(dir) > OT_PATH_LEN_MAX)
		return ot_err_set(err, OT_LIMIT, "the store's path of %zu bytes is too long", strlen(dir));
	store = new_store(dir, mode);
	made_before = has_catalog(store);
	if (mode == OT_STORE_WRITE)
		status = open_for_writing(store, made_before, err);
	else
		status = made_before ? OT_OK : ot_err_set(err, OT_NOT_FOUND, "no store at %s: make one with `onetrail collect PATH...`", dir);
	if (status == OT_OK)
		status = take_key(store, !made_before, err);
	if (status == OT_OK)
		status = ot_random(&store->name_salt, sizeof(store->name_salt), err);
	if (status == OT_OK)
		status = ot_catalog_open(store, err);
	if (status != OT_OK) {
		ot_store_close(store);
		return status;
	}
	*out = store;
	return OT_OK;
}

void ot_store_close(struct ot_store *store)
{
	if (store == NULL)
		return;
	ot_commit_abort(store->commit);
	ot_catalog_close(store);
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	pthread_mutex_destroy(&store->lock);
	free(store->days_made);
	free(store->damaged);
	free(store->dir);
	free(store);
}

/* --- places and names --- */

void ot_store_day_put(struct ot_buf *out, int64_t day)
{
	if (day == OT_DAY_UNDATED)
		ot_buf_text(out, "undated");
	else
		ot_day_put(out, day);
}

char *ot_store_segment_path(const struct ot_store *store, int64_t day, const char *name, struct ot_arena *arena)
{
	struct ot_buf path = { 0 };
	char *copy;

	ot_buf_printf(&path, "%s/segments/", store->dir);
	ot_store_day_put(&path, day);
	ot_buf_printf(&path, "/%s", name);
	copy = ot_arena_cstr(arena, ot_buf_str(&path));
	ot_buf_release(&path);
	return copy;
}

char *ot_store_quarantine_path(const struct ot_store *store, const char *name, struct ot_arena *arena)
{
	struct ot_str path = ot_arena_printf(arena, "%s/quarantine/%s", store->dir, name);

	return ot_arena_cstr(arena, path);
}

static bool day_is_made(const struct ot_store *store, int64_t day)
{
	for (size_t i = store->day_count; i-- > 0;)
		if (store->days_made[i] == day)
			return true;
	return false;
}

/* The folder's own entry must be durable before a commit lists a file in it. That an earlier process made it does not mean that it synced it. */
static enum ot_status make_day(struct ot_store *store, const char *path, int64_t day, struct ot_err *err)
{
	struct ot_buf parent = { 0 };
	enum ot_status status = ot_dir_make(path, 0700, err);

	if (status == OT_OK)
		status = ot_dir_sync(path_in(store, "segments", &parent), err);
	ot_buf_release(&parent);
	if (status != OT_OK)
		return status;
	store->days_made = ot_realloc(store->days_made, (store->day_count + 1) * sizeof(*store->days_made));
	store->days_made[store->day_count++] = day;
	return OT_OK;
}

enum ot_status ot_store_segment_dir(struct ot_store *store, int64_t day, struct ot_buf *path, struct ot_err *err)
{
	enum ot_status status = OT_OK;
	size_t from = path->len;

	ot_buf_printf(path, "%s/segments/", store->dir);
	ot_store_day_put(path, day);
	terminate(path);
	pthread_mutex_lock(&store->lock);
	if (!day_is_made(store, day))
		status = make_day(store, path->data + from, day, err);
	pthread_mutex_unlock(&store->lock);
	return status;
}

/* Sorts by age; the letters keep apart names given before and after a crash at the same commit. */
void ot_store_new_name(struct ot_store *store, const char *suffix, char name[64])
{
	static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	unsigned count = atomic_fetch_add(&store->name_count, 1) + 1;
	uint64_t mixed[2] = { store->name_salt, count }, hash = ot_hash(mixed, sizeof(mixed));
	char tail[NAME_LETTERS + 1] = "";

	for (int i = 0; i < NAME_LETTERS; i++, hash /= 36)
		tail[i] = letters[hash % 36];
	snprintf(name, 64, "%010lld-%06u-%s%s", (long long)atomic_load(&store->newest) + 1, count, tail, suffix);
}
