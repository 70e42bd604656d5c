/*
 * Why *we* could not do something, said for a human: a bad option, an unreadable file, no sockets.
 * What a server does wrong is never a fault; it is an observation (common/model/observation.h).
 *
 * {0} is no fault. A fault's text has no newline at its end and names the file, option or address
 * concerned.
 */
#ifndef COMMON_BASE_FAULT_H
#define COMMON_BASE_FAULT_H

#include <stdbool.h>

struct fault {
	char text[1024];
};

/* Always false, so that a function can end with `return fault_set(...)`. Cuts what is too long. The
 * arguments may include the fault's own text (to put a place before a reason). */
bool fault_set(struct fault *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));
#ifdef __clang_analyzer__ /* reads one file at a time: here it learns the "always" */
#define fault_set(...) (fault_set(__VA_ARGS__), false)
#endif

#endif
