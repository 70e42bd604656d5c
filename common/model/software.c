#include "common/model/software.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How each of them begins, as Debian's packages and their sources have it by default. BIND says
 * its number alone; PowerDNS can be told to keep its number back (version-string=powerdns). */
static const struct {
	const char *begins, *name;
	enum software_kind kind;
} known[] = {
	{ "PowerDNS Authoritative Server", "PowerDNS Authoritative Server", SOFTWARE_POWERDNS },
	{ "Served by PowerDNS", "PowerDNS", SOFTWARE_POWERDNS },
	{ "PowerDNS", "PowerDNS", SOFTWARE_POWERDNS },
	{ "BIND 9.", "BIND", SOFTWARE_BIND },
	{ "9.", "BIND", SOFTWARE_BIND },
	{ "NSD", "NSD", SOFTWARE_NSD },
	{ "Knot DNS", "Knot DNS", SOFTWARE_KNOT },
};
enum { KNOWN = sizeof(known) / sizeof(known[0]) };

static size_t which(const char *said)
{
	size_t i = 0;

	while (i < KNOWN && strncmp(said, known[i].begins, strlen(known[i].begins)) != 0)
		i++;
	return i;
}

/* The word that begins with a digit, which every version does: " 4.7.3 (built Jan ...)". */
static const char *number_of(const char *said, const char *begins)
{
	const char *at = said + strlen(begins);

	if (strchr(begins, '.')) /* the number is what it begins with */
		return strpbrk(said, "0123456789");
	at += strspn(at, " ");
	return *at >= '0' && *at <= '9' ? at : NULL;
}

const char *software_name(const char *said, char out[SOFTWARE_NAME])
{
	size_t i = which(said);
	const char *number;

	/* A recursor in front of a name server, and what only sounds alike. */
	if (i == KNOWN || !strncmp(said, "PowerDNS Recursor", strlen("PowerDNS Recursor")))
		return NULL;
	number = number_of(said, known[i].begins);
	if (number)
		snprintf(out, SOFTWARE_NAME, "%s %.*s", known[i].name,
			(int)(strcspn(number, " ") < 64 ? strcspn(number, " ") : 64), number);
	else
		snprintf(out, SOFTWARE_NAME, "%s", known[i].name);
	return out;
}

struct software software_of(const char *name)
{
	struct software software = { SOFTWARE_UNKNOWN, 0 };
	size_t i = name ? which(name) : KNOWN;
	const char *number;
	char *end;
	unsigned long major, minor;

	if (i == KNOWN)
		return software;
	software.kind = known[i].kind;
	number = number_of(name, known[i].begins);
	if (!number)
		return software;
	major = strtoul(number, &end, 10);
	minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	if (major < 1000 && minor < 1000)
		software.version = (uint32_t)(major * 1000 + minor);
	return software;
}
