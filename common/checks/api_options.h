/*
 * The options that name APIs of PowerDNS and say how they let us in, the same in all programs:
 * NAME=URL, --api-key-file, --tls-ca. What is wrong with them is said before anything is asked,
 * also where a sibling is to ask: without APIs in trouble nobody would learn of it.
 */
#ifndef COMMON_CHECKS_API_OPTIONS_H
#define COMMON_CHECKS_API_OPTIONS_H

#include "common/checks/check.h"

/* One server, as the user named it. */
struct api_place {
	const char *name, *url;
};

/* How they let us in. */
struct api_access {
	const char *key_file; /* NULL: without a key */
	const char *tls_ca;   /* NULL: the system's CAs */
};

/* NAME=URL of `option` ("--pdns-api"). The text may hold a secret that has no place there: no fault
 * repeats it. */
bool api_place_read(struct run *run, const char *option, const char *text, struct api_place *place,
	struct fault *fault);
/* Are the files what they should be, with a key for each place? No key is kept. */
bool api_access_check(const struct api_access *access, const struct api_place *places, size_t count,
	struct fault *fault);
/* The file of --tls-ca: is it there, and does it hold certificates? NULL is right. */
bool api_check_ca(const char *path, struct fault *fault);

/* What a sibling is told of all this, and of -4, -6 and --source: at most so many arguments. Their
 * number. */
enum { API_ARGUMENTS = 4 };
size_t api_access_arguments(struct run *run, const struct api_access *access,
	const char **arguments);

#endif
