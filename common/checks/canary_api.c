#include "common/checks/canary_api.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/utf8.h"
#include "common/checks/canary_record.h"
#include "common/dns/name.h"
#include "common/probe/sibling.h"

enum { API_PORT = 8081, SAID_MOST = 4096, ARGUMENTS = 11, ENDS_BEFORE_US = 300000 };

/* --- The option ------------------------------------------------------------------------------- */

static bool set_default(struct run *run, struct canary_api *api, struct fault *fault)
{
	char host[NAME_TEXT];
	struct address address;
	uint16_t port;
	bool is6;

	if (!address_split(run->common->hostname, host, sizeof(host), &port, fault))
		return false;
	is6 = address_from_text(host, &address) && address.family == 6;
	api->place.name = arena_string(&run->arena, host);
	api->place.url =
		arena_printf(&run->arena, is6 ? "http://[%s]:%d" : "http://%s:%d", host, API_PORT);
	return true;
}

bool canary_api_read(struct run *run, const char *option, const struct api_access *access,
	struct canary_api *api, struct fault *fault)
{
	*api = (struct canary_api){ .access = *access,
		.family = run->common->ipv4 ? "4"
			: run->common->ipv6 ? "6"
					    : "-",
		.source = run->common->source.count == 1 ? run->common->source.items[0] : "-" };
	if (!(option ? api_place_read(run, "--pdns-api", option, &api->place, fault)
		     : set_default(run, api, fault)))
		return false;
	return api_access_check(access, &api->place, 1, fault);
}

/* --- Asking ----------------------------------------------------------------------------------- */

/* The program that runs, what it was told and what it says. */
struct canary_errand {
	struct loop *loop;
	struct siblings *siblings;
	struct sibling sibling;
	const char *arguments[ARGUMENTS];
	char zone[NAME_TEXT], name[NAME_TEXT], milliseconds[24];
	char text[SAID_MOST];
	size_t length;
	int64_t made_us; /* 0: not yet */
};

static bool hear(void *context, const char *bytes, size_t length)
{
	struct canary_errand *errand = context;

	if (length >= SAID_MOST - errand->length)
		return false;
	memcpy(errand->text + errand->length, bytes, length);
	errand->length += length;
	if (!errand->made_us && !strncmp(errand->text, "made\n", 5)) {
		errand->made_us = clock_monotonic_us();
		loop_stop(errand->loop); /* its way begins now */
	}
	return true;
}

static struct canary_errand *new_errand(struct canary_api *api, const struct canary_record *record,
	const char *content)
{
	struct canary_errand *errand = memory_resize(NULL, 1, sizeof(*errand));
	int64_t left_us = record->deadline_us - clock_monotonic_us() - ENDS_BEFORE_US;
	const char *arguments[ARGUMENTS] = { errand->milliseconds, api->family, api->source,
		api->access.key_file ? api->access.key_file : "-",
		api->access.tls_ca ? api->access.tls_ca : "-", api->place.name, api->place.url,
		errand->zone, errand->name, content };

	memset(errand, 0, sizeof(*errand));
	errand->loop = record->loop;
	errand->sibling = (struct sibling){ .program = "pdns_record",
		.arguments = errand->arguments,
		.deadline_us = record->deadline_us,
		.output = hear,
		.context = errand };
	memcpy(errand->arguments, arguments, sizeof(arguments));
	snprintf(errand->milliseconds, sizeof(errand->milliseconds), "%" PRId64,
		left_us > 1000 ? left_us / 1000 : 1);
	name_to_text(record->zone, errand->zone);
	name_to_text(record->name, errand->name);
	return errand;
}

/* A line of its, "KEYWORD REST"; where the rest begins, or NULL. */
static const char *find_line(const char *text, const char *keyword)
{
	size_t length = strlen(keyword);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, keyword, length) && line[length] == ' ')
			return line + length + 1;
	}
	return NULL;
}

static void add_line(const char *line, struct text *out)
{
	char clean[CLEAN_MOST + 1];

	utf8_clean(line, strcspn(line, "\n"), clean);
	text_add(out, clean);
}

/* "OBSTACLE REASON" */
static bool take_failure(struct canary_api *api, const char *said, struct text *trouble)
{
	const char *reason = strchr(said, ' ');

	for (unsigned each = 0; each < OBSTACLE_COUNT; each++) {
		const char *name = change_obstacle_name((enum change_obstacle)each);

		if (!reason || strncmp(said, name, strlen(name)) || said[strlen(name)] != ' ')
			continue;
		api->obstacle = (enum change_obstacle)each;
		text_addf(trouble, "is not changed by its API at %s: ", api->place.url);
		add_line(reason + 1, trouble);
		return true;
	}
	return false;
}

/* It has not changed anything. */
static void take_refusal(struct canary_api *api, const struct canary_errand *errand,
	struct text *trouble)
{
	const char *line = find_line(errand->text, "failed");

	api->is_broken = errand->sibling.has_failed;
	api->why = errand->sibling.why;
	if (api->is_broken || (line && take_failure(api, line, trouble)))
		return;
	api->is_broken = true;
	fault_set(&api->why, "pdns_record says what can't be read");
}

bool canary_api_change(struct canary_api *api, const struct canary_record *record,
	const char *content, int64_t *made_us, struct text *trouble)
{
	struct canary_errand *errand = new_errand(api, record, content);

	errand->siblings = siblings_start(record->loop, &errand->sibling, 1);
	while (!siblings_wait(errand->siblings) && !errand->made_us)
		continue;
	if (errand->made_us) { /* whatever becomes of NOTIFY */
		*made_us = errand->made_us;
		api->errand = errand;
		return true;
	}
	siblings_end(errand->siblings);
	take_refusal(api, errand, trouble);
	free(errand);
	return false;
}

void canary_api_end(struct canary_api *api, struct text *trouble)
{
	struct canary_errand *errand = api->errand;
	const char *line;

	if (!errand)
		return;
	api->errand = NULL;
	siblings_end(errand->siblings);
	line = find_line(errand->text, "unnotified");
	if (line || errand->sibling.has_failed) {
		text_addf(trouble, "the API at %s does not send NOTIFY: ", api->place.url);
		add_line(line ? line : errand->sibling.why.text, trouble);
	}
	free(errand);
}
