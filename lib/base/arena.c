#include <base/arena.h>
#include <base/err.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CHUNK_BYTES_FIRST = 4096,
	CHUNK_BYTES_MOST = 1 << 20, /* chunks double up to here */
	ALIGN = 8,
};

struct ot_arena_chunk {
	struct ot_arena_chunk *next;
	size_t size, used;
	_Alignas(ALIGN) char data[];
};

void ot_arena_release(struct ot_arena *arena)
{
	struct ot_arena_chunk *chunk = arena->chunk, *next;

	for (; chunk != NULL; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	*arena = (struct ot_arena){ 0 };
}

void ot_arena_reset(struct ot_arena *arena)
{
	struct ot_arena_chunk *chunk = arena->chunk, *next, *largest = chunk;

	for (; chunk != NULL; chunk = chunk->next) {
		if (chunk->size > largest->size)
			largest = chunk;
	}
	for (chunk = arena->chunk; chunk != NULL; chunk = next) {
		next = chunk->next;
		if (chunk != largest)
			free(chunk);
	}
	arena->chunk = largest;
	arena->bytes = 0;
	if (largest != NULL) {
		largest->next = NULL;
		largest->used = 0;
		arena->bytes = largest->size;
	}
}

static struct ot_arena_chunk *chunk_new(struct ot_arena *arena, size_t size)
{
	struct ot_arena_chunk *chunk = ot_alloc(sizeof(*chunk) + size);

	chunk->next = NULL;
	chunk->size = size;
	chunk->used = 0;
	arena->bytes += size;
	return chunk;
}

static size_t chunk_size_next(const struct ot_arena *arena)
{
	size_t size = arena->chunk == NULL ? CHUNK_BYTES_FIRST : arena->chunk->size * 2;

	return size < CHUNK_BYTES_MOST ? size : CHUNK_BYTES_MOST;
}

/* A large piece gets a chunk of its own behind the current one, whose rest stays in use. */
static void *arena_alloc_large(struct ot_arena *arena, size_t size)
{
	struct ot_arena_chunk *chunk = chunk_new(arena, size);

	chunk->used = size;
	if (arena->chunk == NULL) {
		arena->chunk = chunk;
	} else {
		chunk->next = arena->chunk->next;
		arena->chunk->next = chunk;
	}
	return chunk->data;
}

void *ot_arena_alloc(struct ot_arena *arena, size_t size)
{
	struct ot_arena_chunk *chunk = arena->chunk;
	void *data;

	if (size > SIZE_MAX / 2)
		ot_die("out of memory (%zu bytes)", size);
	size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (chunk == NULL || chunk->size - chunk->used < size) {
		size_t fresh = chunk_size_next(arena);

		if (size > fresh / 2)
			return arena_alloc_large(arena, size);
		chunk = chunk_new(arena, fresh);
		chunk->next = arena->chunk;
		arena->chunk = chunk;
	}
	data = chunk->data + chunk->used;
	chunk->used += size;
	return data;
}

void *ot_arena_zero(struct ot_arena *arena, size_t count, size_t size)
{
	size_t bytes;
	void *data;

	if (__builtin_mul_overflow(count, size, &bytes))
		ot_die("out of memory (%zu times %zu bytes)", count, size);
	data = ot_arena_alloc(arena, bytes);
	memset(data, 0, bytes);
	return data;
}

struct ot_str ot_arena_str(struct ot_arena *arena, struct ot_str text)
{
	char *copy;

	if (text.ptr == NULL)
		return OT_STR_NONE;
	if (text.len == 0)
		return OT_STR("");
	copy = ot_arena_alloc(arena, text.len);
	memcpy(copy, text.ptr, text.len);
	return (struct ot_str){ copy, text.len };
}

char *ot_arena_cstr(struct ot_arena *arena, struct ot_str text)
{
	char *copy = ot_arena_alloc(arena, text.len + 1);

	if (text.len > 0)
		memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	return copy;
}

struct ot_str ot_arena_printf(struct ot_arena *arena, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		ot_die("cannot format \"%s\"", format);
	text = ot_arena_alloc(arena, (size_t)len + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return (struct ot_str){ text, (size_t)len };
}
