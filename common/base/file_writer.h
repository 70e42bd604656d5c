/*
 * Writing files by the piece. Bytes go into a temporary file beside the path, which takes its place
 * at the end, so that a reader sees the old or the new file, never a part. Mode 0644 less the
 * umask. A file that could not be written whole is not left behind.
 */
#ifndef COMMON_BASE_FILE_WRITER_H
#define COMMON_BASE_FILE_WRITER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/fault.h"

struct file_writer {
	const char *path; /* the caller's */
	const char *temporary;
	int descriptor;
	int error; /* the errno of the first step that failed; 0 */
	struct arena arena;
};

/* Fails, naming path and reason, also where the path is no regular file: a rename would replace a
 * device or a pipe. After that there is nothing to end. */
bool file_writer_begin(struct file_writer *writer, const char *path, struct fault *fault);
/* An outlet's; `context` is the writer. False once a step has failed. */
bool file_writer_take(void *context, const char *bytes, size_t length);
/* False: the file is as it was, and the fault names path and reason. */
bool file_writer_end(struct file_writer *writer, struct fault *fault);

/* All of it, however often that takes, also where the descriptor does not block. Returns 0 or an
 * errno. */
int write_whole(int descriptor, const char *bytes, size_t length);

#endif
