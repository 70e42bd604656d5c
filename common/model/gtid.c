/* MariaDB's GTIDs, DOMAIN-SERVER-SEQUENCE in lists, and the size of MySQL's sets. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/database.h"

struct gtid {
	uint32_t domain, server;
	uint64_t sequence;
};

static bool read_number(const char **at, char stop, uint64_t *number)
{
	char *end;

	if (**at < '0' || **at > '9')
		return false;
	*number = strtoull(*at, &end, 10);
	if (stop && *end != stop)
		return false;
	*at = stop ? end + 1 : end;
	return true;
}

/* The next one of the list; false at its end, or where it is none. */
static bool next_gtid(const char **at, struct gtid *gtid)
{
	uint64_t domain, server;

	while (**at == ',' || **at == ' ' || **at == '\n')
		(*at)++;
	if (!read_number(at, '-', &domain) || !read_number(at, '-', &server) ||
		!read_number(at, '\0', &gtid->sequence))
		return false;
	gtid->domain = (uint32_t)domain;
	gtid->server = (uint32_t)server;
	return true;
}

static void note(char out[GTID_TEXT], const struct gtid *gtid)
{
	size_t used = strlen(out);

	snprintf(out + used, GTID_TEXT - used, "%s%" PRIu32 "-%" PRIu32 "-%" PRIu64,
		used ? "," : "", gtid->domain, gtid->server, gtid->sequence);
}

/* The highest sequence of the domain, of any server or of this one; 0: none. */
static uint64_t highest(const char *list, const struct gtid *wanted, bool same_server)
{
	struct gtid each;
	uint64_t found = 0;

	while (next_gtid(&list, &each)) {
		if (each.domain == wanted->domain &&
			(!same_server || each.server == wanted->server) && each.sequence > found)
			found = each.sequence;
	}
	return found;
}

uint64_t gtid_lacking(const char *wanted, const char *const *have, char out[GTID_TEXT])
{
	struct gtid each;
	uint64_t lacking = 0;

	*out = '\0';
	while (next_gtid(&wanted, &each)) {
		uint64_t found = 0;

		for (const char *const *list = have; *list; list++) {
			uint64_t here = highest(*list, &each, false);

			found = here > found ? here : found;
		}
		if (found < each.sequence) {
			lacking += each.sequence - found;
			note(out, &each);
		}
	}
	return lacking;
}

uint64_t gtid_only_in(const char *ours, const char *theirs, char out[GTID_TEXT])
{
	struct gtid each;
	uint64_t count = 0;

	*out = '\0';
	while (next_gtid(&ours, &each)) {
		if (highest(theirs, &each, true) < each.sequence) {
			count++;
			note(out, &each);
		}
	}
	return count;
}

uint64_t gtid_set_size(const char *set)
{
	uint64_t size = 0;

	while ((set = strchr(set, ':'))) {
		uint64_t first, last;

		set++;
		if (!read_number(&set, '\0', &first))
			continue; /* a tag (MySQL 8.3): UUID:tag:1-5 */
		last = first;
		if (*set == '-') {
			set++;
			if (!read_number(&set, '\0', &last))
				break;
		}
		size += last >= first ? last - first + 1 : 0;
	}
	return size;
}
