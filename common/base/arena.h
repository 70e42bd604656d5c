/*
 * Memory that dies together.
 *
 * What is made for one purpose (a plan, a report, one message) is allocated from one arena and
 * freed with it; nothing in it is freed alone. All memory is zeroed. Out of memory ends the run as
 * UNKNOWN (exit 3) with one line on stdout: nobody checks the result for NULL.
 */
#ifndef COMMON_BASE_ARENA_H
#define COMMON_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

/* {0} is an empty arena. */
struct arena {
	struct arena_block *newest;
	size_t used; /* bytes handed out, for the tests and the benches */
};

/* Zeroed, aligned for any type. A length of 0 gives a pointer that must not be read. */
void *arena_alloc(struct arena *arena, size_t length);
/* An array of `count` elements; ends the run where the product overflows. */
void *arena_array(struct arena *arena, size_t count, size_t element_size);
void *arena_copy(struct arena *arena, const void *bytes, size_t length);
/* The same for bytes that need no alignment: many short ones stand one behind the other. */
void *arena_pack(struct arena *arena, const void *bytes, size_t length);
/* NUL-terminated copy of a C string. */
char *arena_string(struct arena *arena, const char *string);
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));
/* Empties it for the next use of the same size: the newest block is kept. */
void arena_reset(struct arena *arena);
/* What `from` holds dies with `into` from now on; `from` is empty. */
void arena_join(struct arena *into, struct arena *from);
/* Frees everything; the arena is empty and usable again. */
void arena_free(struct arena *arena);

/* Ends the run: "UNKNOWN - out of memory", exit 3. The one such place. */
_Noreturn void out_of_memory(void);
/* realloc that never returns NULL, for growing arrays that outlive no arena (text, map, tables). */
void *memory_resize(void *old, size_t count, size_t element_size);
/* Room for one more element of such an array, which doubles. */
#define MEMORY_ROOM(array, count, capacity)                                                        \
	do {                                                                                       \
		if ((count) == (capacity)) {                                                       \
			(capacity) = (capacity) ? (capacity)*2 : 8;                                \
			(array) = memory_resize((array), (capacity), sizeof(*(array)));            \
		}                                                                                  \
	} while (0)

#endif
