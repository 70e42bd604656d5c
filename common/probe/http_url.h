/*
 * What a URL may be that an option names: checked without libcurl, so that programs that leave
 * HTTP to a sibling refuse what is wrong before anything is asked.
 */
#ifndef COMMON_PROBE_HTTP_URL_H
#define COMMON_PROBE_HTTP_URL_H

#include <stdbool.h>

#include "common/base/fault.h"

/* "http://HOST[:PORT][/PREFIX]", "https://..." or "unix:/PATH". Refuses user names, passwords and
 * queries: a secret has no place in a command line. No fault repeats the text, it may hold one. */
bool http_url_check(const char *text, struct fault *fault);

#endif
