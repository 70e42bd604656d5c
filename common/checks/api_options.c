#include "common/checks/api_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/dns/name.h"
#include "common/probe/http_url.h"
#include "common/probe/pdns_key.h"

/* --- NAME=URL --------------------------------------------------------------------------------- */

static bool check_name(const char *option, const char *name, struct fault *fault)
{
	struct fault why = { { 0 } };
	struct address address;
	uint8_t wire[NAME_WIRE];

	return address_from_text(name, &address) || name_from_text(name, wire, &why) ||
		fault_set(fault, "%s: \"%s\" is neither a name nor an address: %s", option, name,
			why.text);
}

bool api_place_read(struct run *run, const char *option, const char *text, struct api_place *place,
	struct fault *fault)
{
	const char *equals = strchr(text, '=');
	struct fault why = { { 0 } };
	char *name;

	if (!equals || equals == text || !equals[1] || memchr(text, '/', (size_t)(equals - text)))
		return fault_set(fault,
			"%s: it is not NAME=URL, e.g. %s=ns1.example.com=http://192.0.2.1:8081",
			option, option);
	name = arena_string(&run->arena, text);
	name[equals - text] = '\0';
	*place = (struct api_place){ name, equals + 1 };
	if (!check_name(option, name, fault))
		return false;
	return http_url_check(place->url, &why) ||
		fault_set(fault, "%s: %s: %s, e.g. %s=%s=http://192.0.2.1:8081", option, name,
			why.text, option, name);
}

/* --- Files ------------------------------------------------------------------------------------ */

/* Any line that begins a certificate in PEM. */
static bool has_certificate(FILE *file)
{
	size_t capacity = 0;
	char *line = NULL;
	bool has = false;

	while (!has && getline(&line, &capacity, file) > 0)
		has = !strncmp(line, "-----BEGIN ", 11) && strstr(line, "CERTIFICATE-----");
	free(line);
	return has;
}

bool api_check_ca(const char *path, struct fault *fault)
{
	struct stat status;
	FILE *file;
	bool good;

	if (!path)
		return true;
	file = stat(path, &status) ? NULL : fopen(path, "re");
	if (!file)
		return fault_set(fault, "--tls-ca: cannot read %s: %s", path, strerror(errno));
	good = S_ISREG(status.st_mode) && has_certificate(file);
	(void)fclose(file);
	return good ||
		fault_set(fault,
			"--tls-ca: %s is no file of certificates (PEM, \"-----BEGIN CERTIFICATE-----\"), e.g. --tls-ca=/etc/ssl/certs/ca-certificates.crt",
			path);
}

static bool check_keys(const char *path, const struct api_place *places, size_t count,
	struct fault *fault)
{
	struct pdns_keys keys;
	bool good = pdns_keys_read(&keys, path, fault);
	const char *key;

	for (size_t i = 0; good && i < count; i++)
		good = pdns_keys_find(&keys, path, places[i].name, &key, fault);
	pdns_keys_free(&keys);
	return good;
}

bool api_access_check(const struct api_access *access, const struct api_place *places, size_t count,
	struct fault *fault)
{
	return (!access->key_file || check_keys(access->key_file, places, count, fault)) &&
		api_check_ca(access->tls_ca, fault);
}

/* --- For siblings ----------------------------------------------------------------------------- */

size_t api_access_arguments(struct run *run, const struct api_access *access,
	const char **arguments)
{
	size_t count = 0;

	if (access->key_file)
		arguments[count++] =
			arena_printf(&run->arena, "--api-key-file=%s", access->key_file);
	if (access->tls_ca)
		arguments[count++] = arena_printf(&run->arena, "--tls-ca=%s", access->tls_ca);
	if (run->common->ipv4 || run->common->ipv6)
		arguments[count++] = run->common->ipv4 ? "-4" : "-6";
	if (run->common->source.count == 1)
		arguments[count++] =
			arena_printf(&run->arena, "--source=%s", run->common->source.items[0]);
	return count;
}
