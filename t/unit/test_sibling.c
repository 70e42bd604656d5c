/* Siblings: this very program, told by its argument what to do. */
#include "common/probe/sibling.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "t/unit/tap.h"

enum { LARGE = 5 * 1024 * 1024, SOON_US = 200000, MINUTE_US = 60 * 1000000 };

/* --- What siblings do ------------------------------------------------------------------------ */

static int say_much(void)
{
	for (int i = 0; i < LARGE; i++)
		putchar('a' + i % 26);
	return 0;
}

/* Both ends of a FIFO are opened only where two do it at once. */
static int meet(const char *fifo, const char *mode)
{
	FILE *file = fopen(fifo, mode);

	if (!file)
		return 1;
	puts("met");
	return fclose(file) != 0;
}

static int be_sibling(char **words)
{
	if (!strcmp(words[0], "say"))
		return puts(words[1]) < 0;
	if (!strcmp(words[0], "say-much"))
		return say_much();
	if (!strcmp(words[0], "read"))
		return getchar() != EOF; /* stdin is empty */
	if (!strcmp(words[0], "complain")) {
		fputs("no such\x1bthing\n", stderr);
		return 3;
	}
	if (!strcmp(words[0], "fail"))
		return 7;
	if (!strcmp(words[0], "crash"))
		return raise(SIGKILL);
	if (!strcmp(words[0], "hang")) {
		puts("first words");
		fflush(stdout);
		for (;;)
			pause();
	}
	return meet(words[1], words[0]); /* "r", "w" */
}

/* --- Who runs them --------------------------------------------------------------------------- */

static bool hear(void *context, const char *bytes, size_t length)
{
	text_add_bytes(context, bytes, length);
	return true;
}

static bool refuse(void *context, const char *bytes, size_t length)
{
	(void)bytes;
	(void)length;
	++*(int *)context;
	return false;
}

static struct sibling make(const char *const *arguments, struct text *heard)
{
	return (struct sibling){ .program = "test_sibling",
		.arguments = arguments,
		.deadline_us = clock_monotonic_us() + MINUTE_US,
		.output = hear,
		.context = heard };
}

static void run_one(struct loop *loop, struct sibling *sibling)
{
	siblings_end(siblings_start(loop, sibling, 1));
}

static void ends(struct loop *loop)
{
	static const struct {
		const char *arguments[3], *heard, *why; /* NULL: it did not fail */
	} stories[] = {
		{ { "say", "hello" }, "hello\n", NULL },
		{ { "read" }, "", NULL },
		{ { "complain" }, "", "no such thing" },
		{ { "fail" }, "", "test_sibling ended with status 7" },
		{ { "crash" }, "", "test_sibling ended with signal 9" },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(*stories); i++) {
		struct text heard = { 0 };
		struct sibling sibling = make(stories[i].arguments, &heard);

		run_one(loop, &sibling);
		is_string(text_string(&heard), stories[i].heard, stories[i].arguments[0]);
		is_string(sibling.has_failed ? sibling.why.text : "",
			stories[i].why ? stories[i].why : "", "and its end");
		text_free(&heard);
	}
}

static void absent(struct loop *loop)
{
	static const char *const none[] = { NULL };
	struct text heard = { 0 };
	struct sibling siblings[] = { make(none, &heard),
		make((const char *const[]){ "say", "x", NULL }, &heard) };

	siblings[0].program = "no_such_program";
	siblings_end(siblings_start(loop, siblings, 2));
	ok(siblings[0].has_failed && strstr(siblings[0].why.text, "/no_such_program: No such file"),
		"a program that is not there: %s", siblings[0].why.text);
	ok(!siblings[1].has_failed, "does not keep the others from running");
	text_free(&heard);
}

static void many_at_once(struct loop *loop)
{
	char place[] = "/tmp/test_sibling.XXXXXX", *directory = mkdtemp(place), fifo[64];
	struct text heard[3] = { { 0 } };
	struct sibling siblings[3];

	snprintf(fifo, sizeof(fifo), "%s/fifo", directory ? directory : "");
	ok(!mkfifo(fifo, 0600), "a meeting point");
	siblings[0] = make((const char *const[]){ "r", fifo, NULL }, &heard[0]);
	siblings[1] = make((const char *const[]){ "w", fifo, NULL }, &heard[1]);
	siblings[2] = make((const char *const[]){ "say-much", NULL }, &heard[2]);
	siblings_end(siblings_start(loop, siblings, 3));
	is_string(text_string(&heard[0]), "met\n", "they run at once");
	is_string(text_string(&heard[1]), "met\n", "each is heard by itself");
	ok(heard[2].length == LARGE, "however much it says: %zu bytes", heard[2].length);
	for (size_t i = 0; i < 3; i++) {
		ok(!siblings[i].has_failed, "%zu ended well", i);
		text_free(&heard[i]);
	}
	unlink(fifo);
	rmdir(place);
}

static void at_the_deadline(struct loop *loop)
{
	struct text heard[2] = { { 0 } };
	struct sibling siblings[] = { make((const char *const[]){ "hang", NULL }, &heard[0]),
		make((const char *const[]){ "say", "well", NULL }, &heard[1]) };
	int status;

	siblings[0].deadline_us = clock_monotonic_us() + SOON_US;
	siblings_end(siblings_start(loop, siblings, 2));
	ok(siblings[0].has_failed, "one that hangs is killed");
	is_string(siblings[0].why.text, "no answer in time", "and that is why");
	ok(!siblings[1].has_failed, "the other one is well");
	is_string(text_string(&heard[1]), "well\n", "and was heard");
	ok(waitpid(-1, &status, WNOHANG) < 0 && errno == ECHILD, "no child is left");
	text_free(&heard[0]);
	text_free(&heard[1]);
}

static void refused(struct loop *loop)
{
	int pieces = 0;
	struct sibling sibling = make((const char *const[]){ "say-much", NULL }, NULL);

	sibling.output = refuse;
	sibling.context = &pieces;
	run_one(loop, &sibling);
	is_string(sibling.why.text, "test_sibling says what can't be read", "whom nobody hears");
	ok(pieces == 1, "is not asked for more");
}

int main(int argc, char **argv)
{
	struct fault fault;
	struct loop *loop;

	if (argc > 1)
		return be_sibling(argv + 1);
	loop = loop_new(&fault);
	ends(loop);
	absent(loop);
	many_at_once(loop);
	at_the_deadline(loop);
	refused(loop);
	loop_free(loop);
	return done_testing();
}
