#include "common/probe/bind_zones.h"

#include <curl/curl.h>
#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "common/base/arena.h"
#include "common/base/json_split.h"
#include "common/base/utf8.h"
#include "common/dns/name.h"

#define ZONES_PATH "/json/v1/zones"

struct fetching {
	bind_zone *each;
	void *context;
	struct fault *fault;
	struct json_split split;
	bool has_fault; /* of an element */
};

static bool is_among(const char *text, const char *const *words)
{
	for (; *words; words++) {
		if (!strcmp(text, *words))
			return true;
	}
	return false;
}

/* The name in one spelling, so that nothing in it can end a line. */
static bool print_name(struct fetching *fetching, const char *text)
{
	uint8_t name[NAME_WIRE];
	char printed[NAME_TEXT], clean[CLEAN_MOST + 1];
	struct text line = { 0 };
	struct fault why = { { 0 } };

	if (!name_from_text(text, name, &why)) {
		utf8_clean(text, strlen(text), clean);
		return fault_set(fetching->fault, "\"%s\" is no domain name: %s", clean, why.text);
	}
	name_to_text(name, printed);
	for (const char *at = printed; *at; at++) {
		if (*at == '#')
			text_add_byte(&line, '\\');
		text_add_byte(&line, *at);
	}
	fetching->each(fetching->context, text_string(&line));
	text_free(&line);
	return true;
}

static bool take_zone(struct fetching *fetching, const json_t *zone)
{
	static const char *const served[] = { "primary", "secondary", "master", "slave", NULL };
	const char *name = json_string_value(json_object_get(zone, "name")),
		   *class = json_string_value(json_object_get(zone, "class")),
		   *type = json_string_value(json_object_get(zone, "type"));

	if (!name || !class || !type)
		return fault_set(fetching->fault, "a zone lacks its name, class or type");
	if (strcmp(class, "IN") || !is_among(type, served))
		return true;
	return print_name(fetching, name);
}

static bool take_object(void *context, const char *bytes, size_t length)
{
	struct fetching *fetching = context;
	json_error_t error;
	json_t *zone = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &error);
	bool good = zone ? take_zone(fetching, zone)
			 : fault_set(fetching->fault, "the JSON is broken: %s", error.text);

	json_decref(zone);
	fetching->has_fault |= !good;
	return good;
}

static size_t take_bytes(char *bytes, size_t size, size_t count, void *context)
{
	struct fetching *fetching = context;

	return json_split_feed(&fetching->split, bytes, size * count) ? size * count : 0;
}

/* The whole URL; a secret has no place in a command line. */
static bool set_url(CURLU *parts, const char *url, struct fault *fault)
{
	char *path = NULL, *user = NULL;
	CURLUcode code = curl_url_set(parts, CURLUPART_URL, url, 0);

	if (code)
		return fault_set(fault, "the URL is wrong: %s", curl_url_strerror(code));
	if (!curl_url_get(parts, CURLUPART_USER, &user, 0)) {
		curl_free(user);
		return fault_set(fault, "a URL with a user name is not taken");
	}
	if (strncasecmp(url, "http://", 7) && strncasecmp(url, "https://", 8))
		return fault_set(fault, "the URL is neither http:// nor https://");
	code = curl_url_get(parts, CURLUPART_PATH, &path, 0);
	if (!code && !strcmp(path, "/"))
		code = curl_url_set(parts, CURLUPART_PATH, ZONES_PATH, 0);
	curl_free(path);
	return !code || fault_set(fault, "the URL is wrong: %s", curl_url_strerror(code));
}

static bool transfer(CURL *curl, struct fetching *fetching)
{
	char said[CURL_ERROR_SIZE] = "";
	const char *broken;
	CURLcode code;
	long status = 0;

	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, said);
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	broken = json_split_end(&fetching->split);
	if (fetching->has_fault)
		return false;
	if (code == CURLE_HTTP_RETURNED_ERROR || (!code && status != 200))
		return fault_set(fetching->fault, "it answers HTTP %ld", status);
	if (code && code != CURLE_WRITE_ERROR)
		return fault_set(fetching->fault, "%s", *said ? said : curl_easy_strerror(code));
	return !broken || fault_set(fetching->fault, "the JSON is broken: %s", broken);
}

static void set_options(CURL *curl, CURLU *parts, uint32_t timeout_ms, struct fetching *fetching)
{
	curl_easy_setopt(curl, CURLOPT_CURLU, parts);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, fetching);
}

bool bind_zones_fetch(const char *url, uint32_t timeout_ms, bind_zone *each, void *context,
	struct fault *fault)
{
	struct fetching fetching = { .each = each, .context = context, .fault = fault };
	CURL *curl = curl_easy_init();
	CURLU *parts = curl_url();
	bool good;

	fetching.split =
		(struct json_split){ .list = "zones", .object = take_object, .context = &fetching };
	if (!curl || !parts)
		out_of_memory();
	good = set_url(parts, url, fault);
	if (good) {
		set_options(curl, parts, timeout_ms, &fetching);
		good = transfer(curl, &fetching);
	}
	curl_easy_cleanup(curl);
	curl_url_cleanup(parts);
	return good;
}
