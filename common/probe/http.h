/*
 * Many HTTP requests at once, by libcurl's multi interface, until a deadline: bodies by pieces, no
 * redirects, no proxies of the environment (a key would go there), nothing unpacked.
 */
#ifndef COMMON_PROBE_HTTP_H
#define COMMON_PROBE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/base/fault.h"
#include "common/model/pdns.h"

enum { HTTP_SAID = 256, HTTP_COMPLAINT = 1024 };

struct http_request {
	const char *url;    /* the whole of it */
	const char *socket; /* path of a unix socket to send it to; NULL */
	const char *key;    /* for X-API-Key; NULL: none. Never copied but into the request */
	const char *method; /* "PATCH"; NULL: GET. Others may be answered by 204, too */
	const char *body;   /* that goes with it, as JSON; NULL */
	/* A piece of the body, of an answer 200 only; false: no more is wanted. */
	bool (*take)(void *context, const char *bytes, size_t length);
	void *context;
	/* results */
	enum pdns_outcome outcome;      /* ANSWERED: 200, and the body to its end */
	char said[HTTP_SAID];           /* what happened else, a sentence's second half */
	long status;                    /* of HTTP; 0: none came */
	bool was_stopped;               /* by `take` */
	char complaint[HTTP_COMPLAINT]; /* the beginning of what an error's page says */
	struct address peer;            /* family 0: a socket, or nobody */
	struct http_flight *flight;     /* private */
};

struct http_settings {
	int64_t deadline_us; /* clock_monotonic_us() */
	int family;          /* 4 or 6 only; 0: any */
	const char *ca_file; /* instead of the system's; NULL */
	const char *source;  /* address to ask from; NULL */
};

struct http;

/* Connections are kept from one http_ask() to the next. */
struct http *http_new(const struct http_settings *settings);
void http_ask(struct http *http, struct http_request *requests, size_t count);
void http_free(struct http *http);

/*
 * "http://HOST[:PORT][/PREFIX]", "https://..." or "unix:/PATH", as a user names a server: the base
 * of its URLs without the last '/', and the socket's path (*socket NULL for the others). Refuses
 * what http_url_check() does. Both are in `arena`.
 */
struct arena;
bool http_base(const char *text, struct arena *arena, const char **base, const char **socket,
	struct fault *fault);

#endif
