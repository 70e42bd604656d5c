#include "common/checks/canary_api.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

struct saying {
	char text[SAID_MOST];
	size_t length;
	int64_t made_us; /* 0: not yet */
};

static bool hear(void *context, const char *bytes, size_t length)
{
	struct saying *saying = context;

	if (length >= SAID_MOST - saying->length)
		return false;
	memcpy(saying->text + saying->length, bytes, length);
	saying->length += length;
	if (!saying->made_us && !strncmp(saying->text, "made\n", 5))
		saying->made_us = clock_monotonic_us();
	return true;
}

static void run_program(struct canary_api *api, const struct canary_record *record,
	const char *content, struct saying *saying)
{
	char zone[NAME_TEXT], name[NAME_TEXT], milliseconds[24];
	int64_t left_us = record->deadline_us - clock_monotonic_us() - ENDS_BEFORE_US;
	const char *arguments[ARGUMENTS] = { milliseconds, api->family, api->source,
		api->access.key_file ? api->access.key_file : "-",
		api->access.tls_ca ? api->access.tls_ca : "-", api->place.name, api->place.url,
		zone, name, content };
	struct sibling sibling = { .program = "pdns_record",
		.arguments = arguments,
		.deadline_us = record->deadline_us,
		.output = hear,
		.context = saying };

	snprintf(milliseconds, sizeof(milliseconds), "%" PRId64,
		left_us > 1000 ? left_us / 1000 : 1);
	name_to_text(record->zone, zone);
	name_to_text(record->name, name);
	siblings_end(siblings_start(record->loop, &sibling, 1));
	api->is_broken = sibling.has_failed;
	api->why = sibling.why;
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

bool canary_api_change(struct canary_api *api, const struct canary_record *record,
	const char *content, int64_t *made_us, struct text *trouble)
{
	struct saying saying = { .length = 0 };
	const char *line;

	run_program(api, record, content, &saying);
	if (saying.made_us) { /* whatever became of NOTIFY */
		*made_us = saying.made_us;
		line = find_line(saying.text, "unnotified");
		if (line || api->is_broken) {
			text_addf(trouble, "the API at %s does not send NOTIFY: ", api->place.url);
			add_line(line ? line : api->why.text, trouble);
		}
		api->is_broken = false;
		return true;
	}
	if (api->is_broken)
		return false;
	line = find_line(saying.text, "failed");
	if (!line || !take_failure(api, line, trouble)) {
		api->is_broken = true;
		fault_set(&api->why, "pdns_record says what can't be read");
	}
	return false;
}
