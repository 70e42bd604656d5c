/* Memory that dies together: alignment, zeroes, blocks of every size, and the one end that has no
 * memory. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "t/unit/tap.h"

/* With the address sanitizer a refused allocation shall return NULL here too. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static bool is_zeroed(const unsigned char *bytes, size_t length)
{
	size_t at;

	for (at = 0; at < length; at++)
		if (bytes[at])
			return false;
	return true;
}

/* Short ones one behind the other, and aligned ones after them. */
static void packed_pieces(void)
{
	struct arena arena = { 0 };
	unsigned wrong = 0, crooked = 0;
	char *last = NULL, *first = arena_pack(&arena, "first", 6);

	for (unsigned i = 0; i < 20000; i++) {
		char bytes[32] = "";
		size_t length = (size_t)snprintf(bytes, sizeof(bytes), "piece %u", i) + 1;

		length = i % 1000 ? length : 9;
		last = arena_pack(&arena, bytes, length);
		wrong += memcmp(last, bytes, length) != 0;
		if (i % 7 == 0)
			crooked += (uintptr_t)arena_alloc(&arena, i % 5000 ? 3 : 300001) %
					_Alignof(max_align_t) !=
				0;
	}
	ok(!wrong && !strcmp(first, "first"), "packed pieces are what they were made of");
	ok(!crooked, "others are aligned all the same");
	arena_free(&arena);
	arena_pack(&arena, "12345", 5);
	is_integer((int64_t)arena.used, 5, "and cost what they hold");
	arena_free(&arena);
}

/* Emptied, it gives the same room again, as clean as the first time. */
static void resets(void)
{
	struct arena arena = { 0 };
	unsigned char *first, *again;

	arena_reset(&arena);
	for (unsigned i = 0; i < 100; i++)
		memset(arena_alloc(&arena, 1000), 1, 1000);
	arena_reset(&arena);
	first = arena_alloc(&arena, 500);
	ok(arena.used == 512 && is_zeroed(first, 500), "empty and clean");
	memset(first, 1, 500);
	arena_reset(&arena);
	again = arena_alloc(&arena, 500);
	ok(again == first && is_zeroed(again, 500), "the same room");
	arena_free(&arena);
}

/* Pieces of many sizes: aligned, zeroed, apart from each other, and kept until the end. */
static void pieces_are_apart(void)
{
	enum { PIECES = 4000 };
	static unsigned char *pieces[PIECES];
	static size_t lengths[PIECES];
	struct arena arena = { 0 };
	bool aligned = true, zeroed = true, kept = true;
	unsigned at;
	size_t byte;

	srand(7);
	for (at = 0; at < PIECES; at++) {
		lengths[at] = (size_t)(rand() % 100 ? rand() % 200 : rand() % 100000);
		pieces[at] = arena_alloc(&arena, lengths[at]);
		aligned = aligned && (uintptr_t)pieces[at] % _Alignof(max_align_t) == 0;
		zeroed = zeroed && is_zeroed(pieces[at], lengths[at]);
		memset(pieces[at], (int)(at % 251) + 1, lengths[at]);
	}
	for (at = 0; at < PIECES; at++)
		for (byte = 0; byte < lengths[at]; byte++)
			kept = kept && pieces[at][byte] == at % 251 + 1;
	ok(aligned, "every piece is aligned");
	ok(zeroed, "every piece is zeroed");
	ok(kept, "no piece overwrites another");
	ok(arena.used > 0, "the arena counts what it gave");
	arena_free(&arena);
	ok(!arena.used && !arena.newest, "a freed arena is empty");
	ok(arena_alloc(&arena, 8) != NULL, "and usable again");
	arena_free(&arena);
}

/* A large piece must not waste the room that the newest block still has. */
static void large_piece_keeps_the_block(void)
{
	struct arena arena = { 0 };
	char *first = arena_alloc(&arena, 16), *second;

	arena_alloc(&arena, 1000000);
	second = arena_alloc(&arena, 16);
	ok(second == first + 16, "a small piece after a large one continues the first block");
	arena_free(&arena);
	arena_alloc(&arena, 1000000);
	ok(arena.used == 1000000, "a large piece may come first");
	arena_free(&arena);
}

static void strings(void)
{
	struct arena arena = { 0 };
	char *copy = arena_string(&arena, "example.com");
	unsigned char *bytes = arena_copy(&arena, "a\0b", 3);
	char *text = arena_printf(&arena, "%s is %d", copy, 42);
	uint32_t *numbers = arena_array(&arena, 10, sizeof(*numbers));

	is_string(copy, "example.com", "a copied string");
	ok(!memcmp(bytes, "a\0b", 3), "copied bytes may hold a zero");
	is_string(text, "example.com is 42", "a printed string");
	ok(is_zeroed((unsigned char *)numbers, 40), "an array is zeroed");
	ok(arena_copy(&arena, NULL, 0) != NULL, "nothing can be copied too");
	arena_free(&arena);
}

static void resizes(void)
{
	char *memory = memory_resize(NULL, 3, 4);

	memcpy(memory, "12345678901", 12);
	memory = memory_resize(memory, 1000, 4);
	is_string(memory, "12345678901", "resized memory keeps its bytes");
	memory = memory_resize(memory, 0, 4);
	ok(memory != NULL, "no elements give memory too");
	free(memory);
}

enum exhaustion {
	ARRAY_OVERFLOWS,
	PIECE_TOO_LONG,
	PIECE_REFUSED,
	RESIZE_OVERFLOWS,
	RESIZE_TOO_LONG,
	RESIZE_REFUSED,
	OUTPUT_CLOSED
};

static void exhaust(enum exhaustion how)
{
	/* Volatile, so that the compiler does not see what can't work. */
	volatile size_t half = SIZE_MAX / 2 + 2, quarter = SIZE_MAX / 4 - 64;
	struct arena arena = { 0 };

	switch (how) {
	case ARRAY_OVERFLOWS:
		arena_array(&arena, half, 2);
		break;
	case PIECE_TOO_LONG:
		arena_alloc(&arena, half);
		break;
	case PIECE_REFUSED:
		arena_alloc(&arena, quarter);
		break;
	case RESIZE_OVERFLOWS:
		free(memory_resize(NULL, half, 2));
		break;
	case RESIZE_TOO_LONG:
		free(memory_resize(NULL, half, 1));
		break;
	case RESIZE_REFUSED:
		free(memory_resize(NULL, quarter, 1));
		break;
	case OUTPUT_CLOSED:
		close(STDOUT_FILENO);
		out_of_memory();
	}
}

/* In a child: the exit code, and what it wrote. */
static int exhaust_apart(enum exhaustion how, char *said, size_t capacity)
{
	int pipe_ends[2], status;
	ssize_t count;
	pid_t child;

	fflush(stdout);
	if (pipe(pipe_ends) || (child = fork()) < 0)
		return -1;
	if (!child) {
		dup2(pipe_ends[1], STDOUT_FILENO);
		close(pipe_ends[0]);
		close(pipe_ends[1]);
		exhaust(how);
		_exit(77);
	}
	close(pipe_ends[1]);
	count = read(pipe_ends[0], said, capacity - 1);
	said[count > 0 ? count : 0] = '\0';
	close(pipe_ends[0]);
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void exhaustion_is_unknown(void)
{
	static const struct {
		const char *name;
		enum exhaustion how;
		const char *said;
	} stories[] = {
		{ "an array that overflows", ARRAY_OVERFLOWS, "UNKNOWN - out of memory\n" },
		{ "a piece beyond all memory", PIECE_TOO_LONG, "UNKNOWN - out of memory\n" },
		{ "a piece that the system refuses", PIECE_REFUSED, "UNKNOWN - out of memory\n" },
		{ "a resize that overflows", RESIZE_OVERFLOWS, "UNKNOWN - out of memory\n" },
		{ "a resize beyond all memory", RESIZE_TOO_LONG, "UNKNOWN - out of memory\n" },
		{ "a resize that the system refuses", RESIZE_REFUSED, "UNKNOWN - out of memory\n" },
		{ "without any output", OUTPUT_CLOSED, "" },
	};
	char said[256], name[128];
	size_t at;

	for (at = 0; at < sizeof(stories) / sizeof(*stories); at++) {
		int code = exhaust_apart(stories[at].how, said, sizeof(said));

		snprintf(name, sizeof(name), "%s ends the run as UNKNOWN", stories[at].name);
		is_integer(code, 3, name);
		snprintf(name, sizeof(name), "%s: what is said", stories[at].name);
		is_string(said, stories[at].said, name);
	}
}

static void joined(void)
{
	struct arena into = { 0 }, from = { 0 };
	char *first, *second;

	arena_join(&into, &from);
	ok(!into.newest, "two empty ones");
	first = arena_string(&from, "first");
	arena_join(&into, &from);
	ok(!from.newest && into.newest, "into an empty one");
	second = arena_string(&from, "second");
	arena_join(&into, &from);
	is_string(first, "first", "both");
	is_string(second, "second", "live on");
	arena_free(&into);
}

int main(void)
{
	joined();
	pieces_are_apart();
	packed_pieces();
	resets();
	large_piece_keeps_the_block();
	strings();
	resizes();
	exhaustion_is_unknown();
	return done_testing();
}
