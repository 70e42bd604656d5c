#include "common/probe/sibling.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/utf8.h"

enum { MOST_ARGUMENTS = 8, PIECE_BYTES = 65536, SAID_BYTES = 256 };

struct running {
	const struct sibling *sibling;
	pid_t child;
	struct pollfd pipes[2]; /* its stdout and its stderr; -1: ended */
	char said[SAID_BYTES];  /* on stderr, the beginning */
	size_t said_length;
	bool was_killed;
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

static int spawn(struct running *running, const char *path, char **arguments, int out[2],
	int error[2])
{
	posix_spawn_file_actions_t actions;
	int code;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", 0, 0);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, error[1], STDERR_FILENO);
	code = posix_spawn(&running->child, path, &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	return code;
}

static bool start(struct running *running, struct fault *why)
{
	const struct sibling *sibling = running->sibling;
	char path[4096], *arguments[MOST_ARGUMENTS + 2] = { path };
	int out[2], error[2], code;

	if (!find_program(sibling->program, path, why))
		return false;
	for (size_t i = 0; i < MOST_ARGUMENTS && sibling->arguments[i]; i++)
		arguments[i + 1] = (char *)(uintptr_t)sibling->arguments[i];
	if (pipe2(out, O_CLOEXEC))
		return fault_set(why, "no pipe: %s", strerror(errno));
	if (pipe2(error, O_CLOEXEC)) {
		code = errno;
		close(out[0]);
		close(out[1]);
		return fault_set(why, "no pipe: %s", strerror(code));
	}
	code = spawn(running, path, arguments, out, error);
	close(out[1]);
	close(error[1]);
	running->pipes[0] = (struct pollfd){ .fd = out[0], .events = POLLIN };
	running->pipes[1] = (struct pollfd){ .fd = error[0], .events = POLLIN };
	if (!code)
		return true;
	close(out[0]);
	close(error[0]);
	return fault_set(why, "cannot run %s: %s", path, strerror(code));
}

static void take_bytes(struct running *running, struct pollfd *pipe)
{
	char bytes[PIECE_BYTES];
	ssize_t count = read(pipe->fd, bytes, sizeof(bytes));
	size_t room = SAID_BYTES - running->said_length;

	if (count < 0 && errno == EINTR)
		return;
	if (count <= 0) {
		close(pipe->fd);
		pipe->fd = -1;
	} else if (pipe == &running->pipes[0]) {
		running->sibling->output(running->sibling->context, bytes, (size_t)count);
	} else {
		room = (size_t)count < room ? (size_t)count : room;
		memcpy(running->said + running->said_length, bytes, room);
		running->said_length += room;
	}
}

/* Until both pipes have ended, or the deadline. */
static void listen_to(struct running *running)
{
	while (running->pipes[0].fd >= 0 || running->pipes[1].fd >= 0) {
		int64_t left_us = running->sibling->deadline_us - clock_monotonic_us();
		int count = left_us > 0 ? poll(running->pipes, 2, (int)(left_us / 1000) + 1) : 0;

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0) {
			running->was_killed = true;
			kill(running->child, SIGKILL);
			break;
		}
		for (size_t i = 0; i < 2; i++) {
			if (running->pipes[i].fd >= 0 && running->pipes[i].revents)
				take_bytes(running, &running->pipes[i]);
		}
	}
	for (size_t i = 0; i < 2; i++) {
		if (running->pipes[i].fd >= 0)
			close(running->pipes[i].fd);
	}
}

bool sibling_run(const struct sibling *sibling, struct fault *why)
{
	struct running running = { .sibling = sibling };
	char clean[CLEAN_MOST + 1];
	int status = 0;

	if (!start(&running, why))
		return false;
	listen_to(&running);
	while (waitpid(running.child, &status, 0) < 0 && errno == EINTR)
		;
	if (running.was_killed)
		return fault_set(why, "no answer in time");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (utf8_clean(running.said, running.said_length, clean))
		return fault_set(why, "%s", clean);
	return fault_set(why, "%s ended with %s %d", sibling->program,
		WIFSIGNALED(status) ? "signal" : "status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}
