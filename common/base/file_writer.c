#include "common/base/file_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/clock.h"

int write_whole(int descriptor, const char *bytes, size_t length)
{
	while (length) {
		ssize_t count = write(descriptor, bytes, length);

		if (count < 0 && errno == EAGAIN) {
			struct pollfd wanted = { .fd = descriptor, .events = POLLOUT };

			poll(&wanted, 1, -1);
		} else if (count < 0 && errno != EINTR) {
			return errno;
		} else if (count > 0) {
			bytes += count;
			length -= (size_t)count;
		}
	}
	return 0;
}

/* A path that nothing has yet, in the same directory, so that rename(2) stays inside one file
 * system. */
static const char *temporary_beside(struct arena *arena, const char *path)
{
	uint64_t random;

	random_bytes(&random, sizeof(random));
	return arena_printf(arena, "%s.%016" PRIx64, path, random);
}

bool file_writer_begin(struct file_writer *writer, const char *path, struct fault *fault)
{
	struct stat status;

	*writer = (struct file_writer){ .path = path };
	if (!stat(path, &status) && !S_ISREG(status.st_mode))
		return fault_set(fault, "cannot write %s: it is no regular file", path);
	writer->temporary = temporary_beside(&writer->arena, path);
	writer->descriptor = open(writer->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (writer->descriptor >= 0)
		return true;
	fault_set(fault, "cannot write %s: %s", path, strerror(errno));
	arena_free(&writer->arena);
	return false;
}

bool file_writer_take(void *context, const char *bytes, size_t length)
{
	struct file_writer *writer = context;

	if (!writer->error)
		writer->error = write_whole(writer->descriptor, bytes, length);
	return !writer->error;
}

bool file_writer_end(struct file_writer *writer, struct fault *fault)
{
	if (close(writer->descriptor) && !writer->error)
		writer->error = errno;
	if (!writer->error && rename(writer->temporary, writer->path))
		writer->error = errno;
	if (writer->error) {
		unlink(writer->temporary);
		fault_set(fault, "cannot write %s: %s", writer->path, strerror(writer->error));
	}
	arena_free(&writer->arena);
	return !writer->error;
}
