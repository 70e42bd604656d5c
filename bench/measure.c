/*
 * measure [--any-exit] RUNS PROGRAM [ARGUMENT...]: runs the program so often, one after the other,
 * and prints "CPU_US MAX_RSS_KB WALL_US": user + system time and wall time per run, microseconds,
 * and the largest memory of any run. What the program waited for counts as its own. Fails where a
 * run does, unless --any-exit is given.
 *
 * In C because a process counts the memory of what it was before exec(2): a small parent is needed.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static int64_t timeval_us(struct timeval time)
{
	return (int64_t)time.tv_sec * 1000000 + time.tv_usec;
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int run(char **command, struct rusage *usage)
{
	posix_spawn_file_actions_t actions;
	int status, error;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	error = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error) {
		fprintf(stderr, "measure: %s: %s\n", command[0], strerror(error));
		return 127;
	}
	while (wait4(pid, &status, 0, usage) < 0 && errno == EINTR)
		continue;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	bool any_exit = argc > 1 && !strcmp(argv[1], "--any-exit");
	int runs;
	int64_t began_us, cpu_us = 0;
	long most_kb = 0;

	argc -= any_exit;
	argv += any_exit;
	runs = argc > 2 ? atoi(argv[1]) : 0;
	if (runs < 1) {
		fprintf(stderr, "usage: measure [--any-exit] RUNS PROGRAM [ARGUMENT...]\n");
		return 2;
	}
	began_us = now_us();
	for (int i = 0; i < runs; i++) {
		struct rusage usage;
		int status = run(argv + 2, &usage);

		if (status && (!any_exit || status == 127)) {
			fprintf(stderr, "measure: %s: exit %d\n", argv[2], status);
			return 1;
		}
		cpu_us += timeval_us(usage.ru_utime) + timeval_us(usage.ru_stime);
		most_kb = usage.ru_maxrss > most_kb ? usage.ru_maxrss : most_kb;
	}
	printf("%lld %ld %lld\n", (long long)(cpu_us / runs), most_kb,
		(long long)((now_us() - began_us) / runs));
	return 0;
}
