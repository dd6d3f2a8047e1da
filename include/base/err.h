/*
 * Status codes for the program, messages for the person.
 *
 * A function that can fail returns enum ot_status and fills `err` once, where the fault is found: what was being
 * read, and where (path, offset or line). Callers may put their context in front and pass it on.
 */
#ifndef OT_BASE_ERR_H
#define OT_BASE_ERR_H

#include <stdarg.h>

enum ot_status {
	OT_OK = 0,
	OT_END = 1,		/* an iterator has no more */
	OT_NOT_FOUND = -1,	/* what was asked for is not there */
	OT_IO = -2,		/* the operating system said no; err holds its words */
	OT_CORRUPT = -3,	/* stored bytes are damaged */
	OT_VERSION = -4,	/* written by a newer program */
	OT_LIMIT = -5,		/* larger than a named limit */
	OT_SYNTAX = -6,		/* text from a person or a file does not follow its grammar */
	OT_BUSY = -7,		/* somebody else holds it */
	OT_FULL = -8,		/* no space left on the device */
	OT_CANCELLED = -9,	/* the person asked to stop */
};

enum { OT_ERR_TEXT_MAX = 1024 };

struct ot_err {
	enum ot_status status;
	char text[OT_ERR_TEXT_MAX];
};

/* Fills `err` (NULL is fine) and returns `status`, so that a failure is one statement. */
enum ot_status ot_err_set(struct ot_err *err, enum ot_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with ": " and the text of errno at the end; ENOSPC and EDQUOT give OT_FULL, ENOENT gives OT_NOT_FOUND, others OT_IO. */
enum ot_status ot_err_errno(struct ot_err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts context in front of the text: "segment x.seg: block 3: checksum differs". Returns the status held; without an `err` there is none, and it is OT_IO. */
enum ot_status ot_err_prefix(struct ot_err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Ends the program with one message. For memory that is not there and for our own mistakes only. */
void ot_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* malloc, calloc and realloc that never return NULL (see ot_die); sizes of 0 give a pointer that can be freed. */
void *ot_alloc(unsigned long size);
void *ot_alloc_zero(unsigned long count, unsigned long size);
void *ot_realloc(void *ptr, unsigned long size);

#endif
