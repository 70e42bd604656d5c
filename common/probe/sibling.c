#include "common/probe/sibling.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "common/base/utf8.h"

enum { PIECE_BYTES = 65536, PIPE_BYTES = 1024 * 1024, SAID_BYTES = 256 };

/* One end of a pipe that a child writes to. */
struct ear {
	struct running *running;
	int descriptor; /* -1: it has ended */
	struct loop_watch *watch;
	void (*take)(struct running *running, const char *bytes, size_t length);
};

struct running {
	struct siblings *all;
	struct sibling *sibling;
	pid_t child; /* 0: it could not be started */
	struct ear out, error;
	struct loop_timer *timer;
	char said[SAID_BYTES]; /* on stderr, the beginning */
	size_t said_length;
	bool was_late, was_refused; /* killed, and why */
};

struct siblings {
	struct loop *loop;
	struct running *items;
	size_t count, open_ears;
	bool waits; /* siblings_end() runs the loop */
};

static bool find_program(const char *program, char path[4096], struct fault *why)
{
	size_t room = strlen(program) + 1;
	ssize_t length = readlink("/proc/self/exe", path, 4096 - room);
	char *slash;

	if (length < 0)
		return fault_set(why, "/proc/self/exe: %s", strerror(errno));
	path[length] = '\0';
	slash = strrchr(path, '/');
	memcpy(slash ? slash + 1 : path, program, room);
	return true;
}

/* --- Ears ------------------------------------------------------------------------------------ */

static void close_ear(struct ear *ear)
{
	if (ear->descriptor < 0)
		return;
	loop_watch_free(ear->watch);
	close(ear->descriptor);
	ear->descriptor = -1;
	if (--ear->running->all->open_ears == 0 && ear->running->all->waits)
		loop_stop(ear->running->all->loop);
}

/* What a grandchild might still write is not waited for. */
static void end_child(struct running *running)
{
	kill(running->child, SIGKILL);
	close_ear(&running->out);
	close_ear(&running->error);
}

static void take_out(struct running *running, const char *bytes, size_t length)
{
	if (running->sibling->output(running->sibling->context, bytes, length))
		return;
	running->was_refused = true;
	end_child(running);
}

static void take_error(struct running *running, const char *bytes, size_t length)
{
	size_t room = SAID_BYTES - running->said_length;

	length = length < room ? length : room;
	memcpy(running->said + running->said_length, bytes, length);
	running->said_length += length;
}

static void hear(void *context, bool readable, bool writable)
{
	struct ear *ear = context;
	char bytes[PIECE_BYTES];
	ssize_t count = read(ear->descriptor, bytes, sizeof(bytes));

	(void)readable;
	(void)writable;
	if (count > 0)
		ear->take(ear->running, bytes, (size_t)count);
	else if (count == 0 || (errno != EINTR && errno != EAGAIN))
		close_ear(ear);
}

static void open_ear(struct running *running, struct ear *ear, int descriptor)
{
	fcntl(descriptor, F_SETFL, O_NONBLOCK);
	fcntl(descriptor, F_SETPIPE_SZ, PIPE_BYTES); /* it need not wait for us; may be denied */
	ear->running = running;
	ear->descriptor = descriptor;
	ear->watch = loop_watch_new(running->all->loop, descriptor, hear, ear);
	loop_watch_want(ear->watch, true, false);
	running->all->open_ears++;
}

/* --- Children -------------------------------------------------------------------------------- */

static void too_late(void *context)
{
	struct running *running = context;

	if (running->out.descriptor < 0 && running->error.descriptor < 0)
		return;
	running->was_late = true;
	end_child(running);
}

static int spawn(struct running *running, const char *path, int out, int error)
{
	const char *const *words = running->sibling->arguments;
	posix_spawn_file_actions_t actions;
	size_t count = 0;
	char **arguments;
	int code;

	while (words[count])
		count++;
	arguments = memory_resize(NULL, count + 2, sizeof(*arguments));
	arguments[0] = (char *)(uintptr_t)path;
	for (size_t i = 0; i <= count; i++)
		arguments[i + 1] = (char *)(uintptr_t)words[i];
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", 0, 0);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, error, STDERR_FILENO);
	code = posix_spawn(&running->child, path, &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	free(arguments);
	if (code)
		running->child = 0;
	return code;
}

static bool start(struct running *running, struct fault *why)
{
	char path[4096];
	int out[2], error[2], code;

	if (!find_program(running->sibling->program, path, why))
		return false;
	if (pipe2(out, O_CLOEXEC))
		return fault_set(why, "no pipe: %s", strerror(errno));
	if (pipe2(error, O_CLOEXEC)) {
		code = errno;
		close(out[0]);
		close(out[1]);
		return fault_set(why, "no pipe: %s", strerror(code));
	}
	code = spawn(running, path, out[1], error[1]);
	close(out[1]);
	close(error[1]);
	if (!code) {
		open_ear(running, &running->out, out[0]);
		open_ear(running, &running->error, error[0]);
		return true;
	}
	close(out[0]);
	close(error[0]);
	return fault_set(why, "cannot run %s: %s", path, strerror(code));
}

struct siblings *siblings_start(struct loop *loop, struct sibling *items, size_t count)
{
	struct siblings *all = memory_resize(NULL, 1, sizeof(*all));

	*all = (struct siblings){ .loop = loop, .count = count };
	all->items = memory_resize(NULL, count + 1, sizeof(*all->items));
	memset(all->items, 0, (count + 1) * sizeof(*all->items));
	for (size_t i = 0; i < count; i++) {
		struct running *running = &all->items[i];

		*running = (struct running){ .all = all,
			.sibling = &items[i],
			.out = { .descriptor = -1, .take = take_out },
			.error = { .descriptor = -1, .take = take_error } };
		items[i].has_failed = !start(running, &items[i].why);
		if (items[i].has_failed)
			continue;
		running->timer = loop_timer_new(loop, too_late, running);
		loop_timer_set(running->timer, items[i].deadline_us);
	}
	return all;
}

static bool ended_well(struct running *running, struct fault *why)
{
	const char *program = running->sibling->program;
	char clean[CLEAN_MOST + 1];
	int status = 0;

	while (waitpid(running->child, &status, 0) < 0 && errno == EINTR)
		;
	if (running->was_late)
		return fault_set(why, "no answer in time");
	if (running->was_refused)
		return fault_set(why, "%s says what can't be read", program);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (utf8_clean(running->said, running->said_length, clean))
		return fault_set(why, "%s", clean);
	return fault_set(why, "%s ended with %s %d", program,
		WIFSIGNALED(status) ? "signal" : "status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

bool siblings_wait(struct siblings *all)
{
	all->waits = true;
	if (all->open_ears)
		loop_run(all->loop);
	all->waits = false; /* whoever runs the loop then is not stopped by their ends */
	return all->open_ears == 0;
}

void siblings_end(struct siblings *all)
{
	siblings_wait(all);
	for (size_t i = 0; i < all->count; i++) {
		struct running *running = &all->items[i];

		if (!running->child)
			continue;
		loop_timer_free(running->timer);
		running->sibling->has_failed = !ended_well(running, &running->sibling->why);
	}
	free(all->items);
	free(all);
}
