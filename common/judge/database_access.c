/* Databases that can't be reached, or do not tell; and filters that hide PowerDNS's tables. */
#include <string.h>
#include <strings.h>

#include "common/base/text.h"
#include "common/judge/database_private.h"

enum { ERROR_ACCESS_DENIED_FOR = 1227 };

static const char *said(const struct database *seen, struct findings *findings)
{
	return seen->error_number
		? arena_printf(&findings->arena, "error %u: %s", seen->error_number, seen->error)
		: seen->error;
}

static void say_unreachable(const struct database_facts *facts, struct findings *findings,
	const char *what)
{
	database_say(facts, findings, FINDING_DATABASE_UNREACHABLE, "%s: %s", what,
		said(facts->seen, findings))
		->advice = arena_printf(&findings->arena,
		"on %s: systemctl status mariadb mysql; ss -lntp", facts->name);
}

/* Plain text where --tls-required wants none, or TLS that failed. */
static void say_no_tls(const struct database_facts *facts, struct findings *findings)
{
	if (facts->seen->error_number)
		database_say(facts, findings, FINDING_DATABASE_NO_TLS,
			"the connection can't be encrypted: %s", said(facts->seen, findings))
			->advice = arena_printf(&findings->arena,
			"openssl s_client -starttls mysql -connect %s:%u; its issuer must be in ssl-ca of the option file, and its names must have %s",
			facts->name, facts->seen->address.port, facts->name);
	else
		database_say(facts, findings, FINDING_DATABASE_NO_TLS,
			"the connection is not encrypted (--tls-required)")
			->advice = arena_printf(&findings->arena,
			"on %s: set ssl_cert and ssl_key (MariaDB, MySQL) and restart; SHOW VARIABLES LIKE 'have_ssl'",
			facts->name);
}

static void say_denied(const struct database_facts *facts, struct findings *findings)
{
	const struct database *seen = facts->seen;

	if (seen->status_errno != ERROR_ACCESS_DENIED_FOR) {
		database_say(facts, findings, FINDING_REPLICA_LAG_UNKNOWN,
			"the server does not tell how replication is: error %u: %s",
			seen->status_errno, seen->status_error)
			->advice = database_advise_look(facts, findings);
		return;
	}
	database_say(facts, findings, FINDING_PRIVILEGE_MISSING,
		"%s may not see how replication is: error %u: %s", seen->user, seen->status_errno,
		seen->status_error)
		->advice =
		arena_printf(&findings->arena, "on %s, as an administrator: GRANT %s ON *.* TO %s",
			facts->name, database_privilege(seen), seen->user);
}

bool database_judge_access(const struct database_facts *facts, struct findings *findings)
{
	const struct database *seen = facts->seen;

	switch (seen->outcome) {
	case DATABASE_ANSWERED:
		if (seen->status_errno && facts->expected == DATABASE_IS_REPLICA)
			say_denied(facts, findings);
		return true;
	case DATABASE_UNREACHABLE:
		say_unreachable(facts, findings, "the database can't be reached");
		break;
	case DATABASE_TIMEOUT:
		say_unreachable(facts, findings, "the database does not answer");
		break;
	case DATABASE_TOO_MANY_CLIENTS:
		say_unreachable(facts, findings, "the database takes no more connections");
		break;
	case DATABASE_FAILED:
		say_unreachable(facts, findings, "the database can't be asked");
		break;
	case DATABASE_LOGIN_FAILED:
		database_say(facts, findings, FINDING_DATABASE_LOGIN_FAILED,
			"the database refuses the login: %s", said(seen, findings))
			->advice =
			"check user and password in the option file; the server says the same where it demands TLS (--tls-required asks for it)";
		break;
	case DATABASE_NO_TLS:
		say_no_tls(facts, findings);
		break;
	case DATABASE_NOT_ASKED:
		database_say(facts, findings, FINDING_DEADLINE_REACHED,
			"the database was not asked before the deadline")
			->severity = facts->policy->timeout_result;
		break;
	case DATABASE_OUTCOME_COUNT:
		break;
	}
	return false;
}

/* Of PowerDNS's gmysql schema, those that zones are made of. */
static const char *const tables[] = { "domains", "records", "domainmetadata", "cryptokeys",
	"tsigkeys", "supermasters", "comments", NULL };

/* SQL's LIKE, as replicate_wild_... has it: % any text, _ any byte, \ takes the next one as it is.
 */
static bool like(const char *pattern, const char *text)
{
	for (; *pattern; pattern++, text++) {
		if (*pattern == '%') {
			do {
				if (like(pattern + 1, text))
					return true;
			} while (*text++);
			return false;
		}
		if (*pattern == '\\' && pattern[1])
			pattern++;
		else if (*pattern == '_' && *text)
			continue;
		if (*pattern != *text)
			return false;
	}
	return !*text;
}

/* Is PowerDNS's table (in its schema, where that is known) named by the list's item? */
static bool matches(const char *item, bool wild, const char *schema, const char *table)
{
	const char *dot = strchr(item, '.');
	struct text name = { 0 };
	bool found;

	if (!schema)
		return dot && (wild ? like(dot + 1, table) : !strcmp(dot + 1, table));
	text_addf(&name, "%s.%s", schema, table);
	found = wild ? like(item, text_string(&name)) : !strcmp(item, text_string(&name));
	text_free(&name);
	return found;
}

/* Is the database (or, where none is known, any) in the list? */
static bool names_schema(const char *list, const char *schema)
{
	size_t length = schema ? strlen(schema) : 0;

	while (*list) {
		size_t item = strcspn(list, ",");

		if (schema && item == length && !strncmp(list, schema, length))
			return true;
		list += item + (list[item] == ',');
	}
	return false;
}

static bool names_table(const char *list, bool wild, const char *schema, const char *table)
{
	bool found = false;

	while (*list && !found) {
		size_t length = strcspn(list, ",");
		struct text item = { 0 };

		text_add_bytes(&item, list, length);
		found = matches(text_string(&item), wild, schema, table);
		text_free(&item);
		list += length + (list[length] == ',');
	}
	return found;
}

/* One "replicate_...=LIST". */
static bool filter_touches(const char *filter, const char *schema)
{
	const char *list = strchr(filter, '=') + 1;
	bool ignores = strstr(filter, "_ignore_") != NULL, wild = strstr(filter, "_wild_") != NULL;

	if (!strncmp(filter, "replicate_do_db=", 16))
		return schema && !names_schema(list, schema);
	if (!strncmp(filter, "replicate_ignore_db=", 20))
		return names_schema(list, schema);
	for (const char *const *table = tables; *table; table++) {
		if (names_table(list, wild, schema, *table) == ignores)
			return true;
	}
	return false;
}

bool database_filters_touch(const char *filters, const char *schema)
{
	bool touches = false;

	while (*filters && !touches) {
		const char *end = strstr(filters, "; ");
		struct text one = { 0 };

		text_add_bytes(&one, filters, end ? (size_t)(end - filters) : strlen(filters));
		touches = filter_touches(text_string(&one), schema);
		text_free(&one);
		filters = end ? end + 2 : filters + strlen(filters);
	}
	return touches;
}
