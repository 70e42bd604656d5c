#include "common/probe/http.h"

#include <curl/curl.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/probe/http_url.h"

enum {
	CONNECTIONS_PER_HOST = 4, /* a server's webserver has few threads */
	POLL_MOST_MS = 1000,
	SWALLOWED = 65536, /* of the body of an error's page */
};

struct http {
	struct http_settings settings;
	CURLM *multi;
};

/* What one request needs while it is on its way. */
struct http_flight {
	struct http_request *request;
	CURL *easy;
	struct curl_slist *headers;
	size_t swallowed;
	bool has_body;      /* of a 200 */
	bool is_other_type; /* it says that it is no JSON */
	char error[CURL_ERROR_SIZE];
};

/* --- Memory of libcurl's ---------------------------------------------------------------------- */

/* It writes requests, keys and all, into memory of its own: whatever it gives back is wiped. */
static void free_wiped(void *memory)
{
	if (memory)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

/* Always moves: what is left behind is wiped. */
static void *resize_wiped(void *memory, size_t size)
{
	void *moved = malloc(size);
	size_t held = memory ? malloc_usable_size(memory) : 0;

	if (!moved || !memory)
		return moved;
	memcpy(moved, memory, held < size ? held : size);
	free_wiped(memory);
	return moved;
}

/* --- Requests --------------------------------------------------------------------------------- */

struct http *http_new(const struct http_settings *settings)
{
	struct http *http = memory_resize(NULL, 1, sizeof(*http));

	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, free_wiped, resize_wiped, strdup,
		    calloc))
		out_of_memory();
	*http = (struct http){ .settings = *settings, .multi = curl_multi_init() };
	if (!http->multi)
		out_of_memory();
	curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)CONNECTIONS_PER_HOST);
	return http;
}

void http_free(struct http *http)
{
	curl_multi_cleanup(http->multi);
	free(http);
}

/* No JSON, as the server itself says. Nothing said: the body tells. */
static bool says_other_type(CURL *easy)
{
	const char *type = NULL;

	return !curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type) && type &&
		strncasecmp(type, "application/json", strlen("application/json")) != 0;
}

/* The beginning of it; what is zero stays zero. */
static void take_complaint(struct http_flight *flight, const char *bytes, size_t length)
{
	char *complaint = flight->request->complaint;
	size_t room = HTTP_COMPLAINT - 1;

	if (flight->swallowed >= room)
		return;
	room -= flight->swallowed;
	memcpy(complaint + flight->swallowed, bytes, length < room ? length : room);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
	struct http_flight *flight = context;
	struct http_request *request = flight->request;
	size_t length = size * count;
	long status = 0;

	curl_easy_getinfo(flight->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200) { /* so that the connection can be kept */
		take_complaint(flight, bytes, length);
		flight->swallowed += length;
		return flight->swallowed > SWALLOWED ? 0 : length;
	}
	if (!flight->has_body)
		flight->is_other_type = says_other_type(flight->easy);
	flight->has_body = true;
	if (flight->is_other_type)
		return 0;
	if (request->take(request->context, bytes, length))
		return length;
	request->was_stopped = true;
	return 0;
}

/* The key stands in the header's text: wiped before it is freed. */
static void free_headers(struct curl_slist *headers)
{
	for (struct curl_slist *at = headers; at; at = at->next)
		explicit_bzero(at->data, strlen(at->data));
	curl_slist_free_all(headers);
}

static struct curl_slist *make_headers(const char *key, bool has_body)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
	struct text line = { 0 };

	if (!headers)
		out_of_memory();
	if (has_body && !curl_slist_append(headers, "Content-Type: application/json"))
		out_of_memory();
	if (!key)
		return headers;
	/* Room for all of it: a text that grows leaves copies behind. */
	line.capacity = strlen(key) + 32;
	line.bytes = memory_resize(NULL, line.capacity, 1);
	text_addf(&line, "X-API-Key: %s", key);
	if (!curl_slist_append(headers, line.bytes))
		out_of_memory();
	explicit_bzero(line.bytes, line.capacity);
	text_free(&line);
	return headers;
}

static void set_method(const struct http_request *request, CURL *easy)
{
	if (request->body)
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
	if (request->method)
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static void set_options(const struct http *http, struct http_flight *flight)
{
	const struct http_settings *settings = &http->settings;
	CURL *easy = flight->easy;
	int64_t left_ms = (settings->deadline_us - clock_monotonic_us()) / 1000;

	curl_easy_setopt(easy, CURLOPT_URL, flight->request->url);
	set_method(flight->request, easy);
	if (flight->request->socket)
		curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, flight->request->socket);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, flight->headers);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(left_ms > 0 ? left_ms : 1));
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, flight->error);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, flight);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, flight);
	if (settings->family)
		curl_easy_setopt(easy, CURLOPT_IPRESOLVE,
			(long)(settings->family == 4 ? CURL_IPRESOLVE_V4 : CURL_IPRESOLVE_V6));
	if (settings->ca_file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, settings->ca_file);
	if (settings->source)
		curl_easy_setopt(easy, CURLOPT_INTERFACE, settings->source);
}

static void begin(struct http *http, struct http_request *request)
{
	struct http_flight *flight = memory_resize(NULL, 1, sizeof(*flight));

	*flight = (struct http_flight){ .request = request, .easy = curl_easy_init() };
	if (!flight->easy)
		out_of_memory();
	flight->headers = make_headers(request->key, request->body != NULL);
	request->flight = flight;
	set_options(http, flight);
	curl_multi_add_handle(http->multi, flight->easy);
}

/* --- How it ended ---------------------------------------------------------------------------- */

static enum pdns_outcome outcome_of_status(long status)
{
	if (status == 200)
		return PDNS_ANSWERED;
	if (status == 401 || status == 403)
		return PDNS_UNAUTHORIZED;
	if (status == 404)
		return PDNS_NOT_FOUND;
	return status >= 300 && status < 400 ? PDNS_REDIRECT : PDNS_HTTP_ERROR;
}

static enum pdns_outcome outcome_of_code(const struct http_flight *flight, CURLcode code)
{
	switch ((int)code) {
	case CURLE_OPERATION_TIMEDOUT:
		return PDNS_TIMEOUT;
	case CURLE_PARTIAL_FILE:
		return PDNS_TRUNCATED;
	case CURLE_RECV_ERROR:
		return flight->has_body ? PDNS_TRUNCATED : PDNS_UNREACHABLE;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return PDNS_TLS_FAILED;
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return PDNS_NOT_JSON;
	default: /* of libcurl's many: names, routes, ports, resets */
		return PDNS_UNREACHABLE;
	}
}

static void say(struct http_request *request, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void say(struct http_request *request, const char *format, ...)
{
	char clean[CLEAN_MOST + 1];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(request->said, sizeof(request->said), format, arguments);
	va_end(arguments);
	utf8_clean(request->said, strlen(request->said), clean);
	snprintf(request->said, sizeof(request->said), "%s", clean);
}

static void say_status(struct http_flight *flight)
{
	struct http_request *request = flight->request;
	char *location = NULL;

	curl_easy_getinfo(flight->easy, CURLINFO_REDIRECT_URL, &location);
	if (request->status == 403)
		say(request,
			"it answers HTTP 403: it, or a proxy before it, lets nobody in from here");
	else if (request->status == 404)
		say(request, "it answers HTTP 404: there is nothing (api=no? another path?)");
	else if (request->outcome == PDNS_UNAUTHORIZED)
		say(request, "it answers HTTP %ld: %s", request->status,
			request->key ? "the key in --api-key-file is not its api-key"
				     : "it wants its api-key (--api-key-file)");
	else if (request->outcome == PDNS_REDIRECT)
		say(request, "it answers HTTP %ld, a redirect%s%.*s, which is not followed",
			request->status, location ? " to " : "",
			location ? (int)strcspn(location, "?#") : 0, location ? location : "");
	else
		say(request, "it answers HTTP %ld", request->status);
}

/* X.509 verification that ended at a CA: its numbers in X509_STORE_CTX_get_error(3). */
static bool is_unknown_ca(const struct http_flight *flight)
{
	long result = 0;

	curl_easy_getinfo(flight->easy, CURLINFO_SSL_VERIFYRESULT, &result);
	return result == 2 || (result >= 18 && result <= 21);
}

static void say_tls(const struct http_flight *flight, const struct http_settings *settings,
	CURLcode code, const char *reason)
{
	if (strstr(reason, "wrong version number"))
		say(flight->request, "it does not speak TLS there; is it http:// without s?");
	else if (code == CURLE_SSL_CACERT_BADFILE && !settings->ca_file)
		say(flight->request,
			"this host has no CAs of the system (%s): apt-get install ca-certificates, or --tls-ca=FILE",
			reason);
	else if (!is_unknown_ca(flight))
		say(flight->request, "%s", reason);
	else if (settings->ca_file)
		say(flight->request, "%s; trusted are the CAs in %s alone", reason,
			settings->ca_file);
	else
		say(flight->request, "%s; trusted are the system's CAs, others by --tls-ca=FILE",
			reason);
}

/* Connected, and the other side says nothing of TLS. */
static bool lacks_session(const struct http_flight *flight)
{
	curl_off_t session_us = 0;
	const char *peer = NULL;

	curl_easy_getinfo(flight->easy, CURLINFO_PRIMARY_IP, &peer);
	curl_easy_getinfo(flight->easy, CURLINFO_APPCONNECT_TIME_T, &session_us);
	return peer && *peer && !session_us && !strncasecmp(flight->request->url, "https", 5);
}

static const char *os_error(const struct http_flight *flight)
{
	long error = 0;

	curl_easy_getinfo(flight->easy, CURLINFO_OS_ERRNO, &error);
	return error ? strerror((int)error) : "nothing listens there";
}

static void say_code(const struct http_flight *flight, const struct http_settings *settings,
	CURLcode code)
{
	const char *reason = *flight->error ? flight->error : curl_easy_strerror(code);
	struct http_request *request = flight->request;

	if (request->outcome == PDNS_TIMEOUT && lacks_session(flight))
		say(request, "no TLS session in time; is it http:// without s?");
	else if (request->outcome == PDNS_TIMEOUT)
		say(request, "no %s in time", flight->has_body ? "whole answer" : "answer");
	else if (request->outcome == PDNS_TRUNCATED)
		say(request, "its answer ends too early");
	else if (code == CURLE_GOT_NOTHING)
		say(request, "it closes the connection without an answer (webserver-allow-from?%s)",
			strncasecmp(request->url, "https", 5) ? " or is it https://?" : "");
	else if (request->outcome == PDNS_NOT_JSON)
		say(request, "what answers there does not speak HTTP%s",
			strncasecmp(request->url, "https", 5) ? "; is it https://?" : "");
	else if (code == CURLE_COULDNT_CONNECT && request->socket)
		say(request, "cannot connect to %s: %s", request->socket, os_error(flight));
	else if (request->outcome == PDNS_TLS_FAILED)
		say_tls(flight, settings, code, reason);
	else
		say(request, "%s", reason);
}

static void judge_end(const struct http *http, struct http_flight *flight, CURLcode code)
{
	struct http_request *request = flight->request;
	const char *peer = NULL, *type = NULL;

	curl_easy_getinfo(flight->easy, CURLINFO_RESPONSE_CODE, &request->status);
	if (!curl_easy_getinfo(flight->easy, CURLINFO_PRIMARY_IP, &peer) && peer &&
		!request->socket)
		address_from_text(peer, &request->peer);
	if (flight->is_other_type ||
		(!code && request->status == 200 && !flight->has_body &&
			says_other_type(flight->easy))) {
		curl_easy_getinfo(flight->easy, CURLINFO_CONTENT_TYPE, &type);
		request->outcome = PDNS_NOT_JSON;
		say(request, "it answers with %s, which is no JSON: no API of PowerDNS", type);
	} else if (!code || (code == CURLE_WRITE_ERROR && !request->was_stopped)) {
		request->outcome = request->method && request->status == 204
			? PDNS_ANSWERED
			: outcome_of_status(request->status);
		if (request->outcome != PDNS_ANSWERED)
			say_status(flight);
	} else if (code == CURLE_WRITE_ERROR) {
		request->outcome = PDNS_ANSWERED; /* who stopped it says why */
	} else {
		request->outcome = outcome_of_code(flight, code);
		say_code(flight, &http->settings, code);
	}
}

static void end(struct http *http, struct http_flight *flight, CURLcode code)
{
	judge_end(http, flight, code);
	curl_multi_remove_handle(http->multi, flight->easy);
	curl_easy_cleanup(flight->easy);
	free_headers(flight->headers);
	flight->request->flight = NULL;
	free(flight);
}

static void take_ends(struct http *http)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(http->multi, &left))) {
		struct http_flight *flight = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&flight);
		end(http, flight, message->data.result);
	}
}

void http_ask(struct http *http, struct http_request *requests, size_t count)
{
	int running = 1;

	for (size_t i = 0; i < count; i++)
		begin(http, &requests[i]);
	while (running) {
		int64_t left_ms = (http->settings.deadline_us - clock_monotonic_us()) / 1000 + 1;

		curl_multi_perform(http->multi, &running);
		take_ends(http);
		if (left_ms <= 0)
			break;
		if (running)
			curl_multi_poll(http->multi, NULL, 0,
				(int)(left_ms < POLL_MOST_MS ? left_ms : POLL_MOST_MS), NULL);
	}
	for (size_t i = 0; i < count; i++) {
		if (requests[i].flight)
			end(http, requests[i].flight, CURLE_OPERATION_TIMEDOUT);
	}
}

/* --- URLs ------------------------------------------------------------------------------------ */

/* Up to where the API's own paths begin. */
static void cut_path(char *url)
{
	static const char *const ends[] = { "/servers/localhost", "/api/v1" };
	size_t length = strlen(url);

	while (length && url[length - 1] == '/')
		url[--length] = '\0';
	for (size_t i = 0; i < 2; i++) {
		size_t end = strlen(ends[i]);

		if (length > end && !strcmp(url + length - end, ends[i])) {
			length -= end;
			url[length] = '\0';
		}
	}
	while (length && url[length - 1] == '/')
		url[--length] = '\0';
}

bool http_base(const char *text, struct arena *arena, const char **base, const char **socket,
	struct fault *fault)
{
	char *whole = NULL, *copy;
	CURLUcode code;
	CURLU *parts;

	*socket = NULL;
	if (!http_url_check(text, fault))
		return false;
	if (!strncasecmp(text, "unix:", 5)) {
		*socket = arena_string(arena, text + 5);
		*base = "http://localhost";
		return true;
	}
	parts = curl_url();
	if (!parts)
		out_of_memory();
	code = curl_url_set(parts, CURLUPART_URL, text, 0);
	if (!code)
		code = curl_url_get(parts, CURLUPART_URL, &whole, 0);
	curl_url_cleanup(parts);
	if (code)
		return fault_set(fault, "the URL is wrong: %s", curl_url_strerror(code));
	copy = arena_string(arena, whole);
	curl_free(whole);
	cut_path(copy);
	if (strstr(copy, "/api/v1/"))
		return fault_set(fault,
			"the URL is wrong: nothing may stand behind /api/v1/servers/localhost");
	*base = copy;
	return true;
}
