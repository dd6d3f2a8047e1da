#include <base/err.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void err_fill(struct ot_err *err, enum ot_status status, const char *format, va_list args)
{
	if (err == NULL)
		return;
	err->status = status;
	vsnprintf(err->text, sizeof(err->text), format, args);
}

static void err_append(struct ot_err *err, const char *text)
{
	size_t len;

	if (err == NULL)
		return;
	len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, ": %s", text);
}

static enum ot_status status_of_errno(int number)
{
	switch (number) {
	case ENOSPC:
	case EDQUOT:
		return OT_FULL;
	case ENOENT:
		return OT_NOT_FOUND;
	default:
		return OT_IO;
	}
}

enum ot_status ot_err_set(struct ot_err *err, enum ot_status status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	err_fill(err, status, format, args);
	va_end(args);
	return status;
}

enum ot_status ot_err_errno(struct ot_err *err, const char *format, ...)
{
	int number = errno;
	enum ot_status status = status_of_errno(number);
	char words[128];
	va_list args;

	va_start(args, format);
	err_fill(err, status, format, args);
	va_end(args);
	err_append(err, strerror_r(number, words, sizeof(words)));
	return status;
}

enum ot_status ot_err_prefix(struct ot_err *err, const char *format, ...)
{
	char held[OT_ERR_TEXT_MAX];
	va_list args;

	if (err == NULL)
		return OT_IO;
	memcpy(held, err->text, sizeof(held));
	va_start(args, format);
	err_fill(err, err->status, format, args);
	va_end(args);
	err_append(err, held);
	return err->status;
}

/* Straight to the descriptor and _exit: no allocation, no handler that could come back here. */
void ot_die(const char *format, ...)
{
	static const char name[] = "onetrail: ";
	char text[OT_ERR_TEXT_MAX];
	va_list args;
	size_t len = sizeof(name) - 1;

	memcpy(text, name, len);
	va_start(args, format);
	vsnprintf(text + len, sizeof(text) - len - 1, format, args);
	va_end(args);
	len = strlen(text);
	text[len++] = '\n';
	if (write(STDERR_FILENO, text, len) < 0)
		_exit(2);
	_exit(2);
}

void *ot_alloc(unsigned long size)
{
	void *ptr = malloc(size > 0 ? size : 1);

	if (ptr == NULL)
		ot_die("out of memory (%lu bytes)", size);
	return ptr;
}

void *ot_alloc_zero(unsigned long count, unsigned long size)
{
	void *ptr = count > 0 && size > 0 ? calloc(count, size) : calloc(1, 1);

	if (ptr == NULL)
		ot_die("out of memory (%lu times %lu bytes)", count, size);
	return ptr;
}

void *ot_realloc(void *ptr, unsigned long size)
{
	void *moved = realloc(ptr, size > 0 ? size : 1);

	if (moved == NULL)
		ot_die("out of memory (%lu bytes)", size);
	return moved;
}
