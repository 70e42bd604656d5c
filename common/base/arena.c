#include "common/base/arena.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Blocks double from the first to the largest size, so that a small run stays small and a large one
 * asks rarely. */
enum { BLOCK_FIRST = 4096, BLOCK_LARGEST = 256 * 1024 };

struct arena_block {
	struct arena_block *older;
	size_t capacity, used;
	max_align_t bytes[];
};

_Noreturn void out_of_memory(void)
{
	static const char line[] = "UNKNOWN - out of memory\n";

	/* Straight to the descriptor: stdio may need memory, and half a report must not follow this
	 * line. */
	if (write(STDOUT_FILENO, line, sizeof(line) - 1) < 0)
		_exit(3);
	_exit(3);
}

static size_t aligned(size_t length)
{
	const size_t unit = _Alignof(max_align_t);

	return (length + unit - 1) / unit * unit;
}

/* The newest block is the one with room: a block made for one large piece goes behind it. */
static struct arena_block *block_add(struct arena *arena, size_t length)
{
	struct arena_block *newest = arena->newest, *block;
	size_t capacity = newest ? newest->capacity * 2 : BLOCK_FIRST;
	bool alone;

	if (capacity > BLOCK_LARGEST)
		capacity = BLOCK_LARGEST;
	alone = newest && length > capacity / 4;
	if (alone || length > capacity)
		capacity = aligned(length);
	block = calloc(1, sizeof(*block) + capacity);
	if (!block)
		out_of_memory();
	block->capacity = capacity;
	if (alone) {
		block->older = newest->older;
		newest->older = block;
	} else {
		block->older = newest;
		arena->newest = block;
	}
	return block;
}

static void *take(struct arena *arena, size_t length)
{
	struct arena_block *block = arena->newest;
	void *piece;

	if (!block || length > block->capacity - block->used)
		block = block_add(arena, length);
	piece = (char *)block->bytes + block->used;
	block->used += length;
	arena->used += length;
	return piece;
}

void *arena_alloc(struct arena *arena, size_t length)
{
	struct arena_block *block = arena->newest;

	if (length > PTRDIFF_MAX / 2)
		out_of_memory();
	if (block)
		block->used = aligned(block->used);
	return take(arena, aligned(length));
}

void *arena_pack(struct arena *arena, const void *bytes, size_t length)
{
	void *copy;

	if (length > PTRDIFF_MAX / 2)
		out_of_memory();
	copy = take(arena, length);
	if (length)
		memcpy(copy, bytes, length);
	return copy;
}

void *arena_array(struct arena *arena, size_t count, size_t element_size)
{
	size_t length;

	if (__builtin_mul_overflow(count, element_size, &length))
		out_of_memory();
	return arena_alloc(arena, length);
}

void *arena_copy(struct arena *arena, const void *bytes, size_t length)
{
	void *copy = arena_alloc(arena, length);

	if (length)
		memcpy(copy, bytes, length);
	return copy;
}

char *arena_string(struct arena *arena, const char *string)
{
	return arena_copy(arena, string, strlen(string) + 1);
}

char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
{
	va_list again;
	size_t size;
	int length;
	char *out;

	assert(format);
	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	assert(length >= 0);
	size = (size_t)length + 1;
	out = arena_alloc(arena, size);
	vsnprintf(out, size, format, arguments);
	return out;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	char *out;

	va_start(arguments, format);
	out = arena_vprintf(arena, format, arguments);
	va_end(arguments);
	return out;
}

void arena_reset(struct arena *arena)
{
	struct arena_block *kept = arena->newest;

	if (!kept)
		return;
	arena->newest = kept->older;
	arena_free(arena);
	memset(kept->bytes, 0, kept->used);
	kept->used = 0;
	kept->older = NULL;
	arena->newest = kept;
}

/* Behind the newest block, which is the one with room. */
void arena_join(struct arena *into, struct arena *from)
{
	struct arena_block *oldest = from->newest;

	into->used += from->used;
	while (oldest && oldest->older)
		oldest = oldest->older;
	if (oldest && into->newest) {
		oldest->older = into->newest->older;
		into->newest->older = from->newest;
	} else if (oldest) {
		into->newest = from->newest;
	}
	*from = (struct arena){ 0 };
}

void arena_free(struct arena *arena)
{
	struct arena_block *block = arena->newest;

	while (block) {
		struct arena_block *older = block->older;

		free(block);
		block = older;
	}
	*arena = (struct arena){ 0 };
}

void *memory_resize(void *old, size_t count, size_t element_size)
{
	size_t length;
	void *memory;

	if (__builtin_mul_overflow(count, element_size, &length) || length > PTRDIFF_MAX)
		out_of_memory();
	memory = realloc(old, length ? length : 1);
	if (!memory)
		out_of_memory();
	return memory;
}
