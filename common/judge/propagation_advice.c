/* What to do where a change stopped, in the words of the server that it stopped at. */
#include <string.h>

#include "common/base/text.h"
#include "common/dns/name.h"
#include "common/judge/api_private.h"
#include "common/judge/commands.h"
#include "common/judge/propagation_private.h"

/* The hidden primary as commands want a server. */
static struct server primary_of(const struct judged_way *seen)
{
	struct server primary = { .name = seen->change->listen, .display = seen->change->listen };

	address_from_text(seen->change->listen, &primary.address);
	if (!primary.address.port)
		primary.address.port = 53;
	return primary;
}

static bool add_task(const struct judged_way *seen, enum task task, struct text *out)
{
	const struct server primary = primary_of(seen);
	const struct command command = { .task = task,
		.software = seen->software,
		.zone = seen->facts->plan->zones[0].name,
		.primary = primary.address.family ? &primary : NULL,
		.secondary = seen->server };

	return command_add(out, &command);
}

static void add_log(const struct judged_way *seen, struct text *out)
{
	text_addf(out, "on %s: ", seen->server->display);
	add_task(seen, TASK_LOG, out);
}

static bool has_zone(const struct judged_way *seen)
{
	return seen->way->has_before || judge_has_serial(seen->answer);
}

/* It says no: the zone is not there, or its primary is another one. */
static void advise_refusal(const struct judged_way *seen, struct text *out)
{
	text_addf(out, "on %s: ", seen->server->display);
	if (has_zone(seen)) {
		add_task(seen, TASK_ACCEPT_NOTIFY, out);
	} else {
		add_task(seen, TASK_ADD_SECONDARY, out);
		if (software_of(seen->software).kind == SOFTWARE_POWERDNS) {
			text_add(out, "; ");
			add_task(seen, TASK_PROVISION, out);
		}
	}
	if (!seen->facts->policy->has_key)
		return;
	text_addf(out, "; the key must be the same there: ");
	add_task(seen, TASK_KEYS, out);
}

static void advise_unanswered(const struct judged_way *seen, struct text *out)
{
	if (judge_responded(seen->answer)) {
		text_addf(out,
			"let UDP from %s to it pass (it answers this host's other questions); ",
			seen->change->listen);
		add_log(seen, out);
		return;
	}
	text_addf(out, "it answers nothing; on %s: ", seen->server->display);
	add_task(seen, TASK_START, out);
}

static void advise_silence(const struct judged_way *seen, struct text *out)
{
	struct server primary = primary_of(seen);

	text_addf(out, "%s must be its primary, and port %u open from there, UDP and TCP; ",
		seen->change->listen, primary.address.port);
	add_log(seen, out);
}

static void advise_request(const struct judged_way *seen, struct text *out)
{
	struct server primary = primary_of(seen);
	char address[ADDRESS_TEXT];

	text_addf(out, "open TCP port %u from %s to %s; ", primary.address.port,
		address_to_text(&seen->server->address, address), seen->change->listen);
	add_log(seen, out);
}

static void advise_transfer(const struct judged_way *seen, struct text *out)
{
	bool is_key = seen->facts->policy->has_key || strstr(seen->way->trouble, "(BAD");

	if (is_key) {
		text_addf(out,
			"the key must be that of --tsig-key-file; on %s: ", seen->server->display);
		add_task(seen, TASK_KEYS, out);
		text_add(out, "; ");
	}
	add_log(seen, out);
}

static void advise_publication(const struct judged_way *seen, struct text *out)
{
	struct text purge = { 0 };

	text_addf(out, "on %s: df -h (its database or files must be writable); ",
		seen->server->display);
	if (seen->software && add_task(seen, TASK_PURGE, &purge))
		text_addf(out, "%s (its caches); ", text_string(&purge));
	add_task(seen, TASK_STATUS, out);
	text_free(&purge);
}

/* With a real primary what stands in the way is check_dns_replication's to say. */
static void advise_replication(const struct judged_way *seen, struct text *out)
{
	const struct plan *plan = seen->facts->plan;
	char zone[NAME_TEXT], address[ADDRESS_TEXT];

	text_add(out, "check_dns_replication --zone=");
	command_word(out, name_to_display(plan->zones[0].name, zone));
	for (uint32_t pair = 0; pair < plan->pair_count; pair++) {
		const struct server *server = &plan->servers[plan->assigned[pair]];

		if (plan->pair_flags[pair] & PAIR_PRIMARY) {
			address_to_text_port(&server->address, address);
			text_addf(out, " --hostname=%s", address);
			break;
		}
	}
	address_to_text_port(&seen->server->address, address);
	text_addf(out, " --add-server=%s", address);
	if (software_of(seen->software).kind == SOFTWARE_POWERDNS) {
		text_addf(out, "; in native mode its caches hold answers for 20 s; on %s: ",
			seen->server->display);
		add_task(seen, TASK_PURGE, out);
	}
}

static void advise(const struct judged_way *seen, enum finding_code code, struct text *out)
{
	if (code == FINDING_NOTIFY_REFUSED || code == FINDING_NOTIFY_NOTAUTH)
		advise_refusal(seen, out);
	else if (code == FINDING_NOTIFY_UNANSWERED)
		advise_unanswered(seen, out);
	else if (code == FINDING_SOA_NOT_QUERIED)
		advise_silence(seen, out);
	else if (code == FINDING_TRANSFER_NOT_REQUESTED)
		advise_request(seen, out);
	else if (code == FINDING_TRANSFER_FAILED)
		advise_transfer(seen, out);
	else if (code == FINDING_PROPAGATION_SLOW)
		add_log(seen, out);
	else if (seen->change->kind == CHANGE_BY_ENGINE)
		advise_publication(seen, out);
	else
		advise_replication(seen, out);
}

void propagation_advise(const struct judged_way *seen, struct finding *finding)
{
	struct text text = { 0 };

	advise(seen, finding->code, &text);
	finding->advice = arena_string(&seen->verdict->findings.arena, text_string(&text));
	text_free(&text);
}

/* By the API of PowerDNS, and what it said; on its server. */
static void advise_api(const struct change *change, const struct command *about, struct text *out)
{
	struct command command = *about;

	if (!command.software) /* it is PowerDNS that said so */
		command.software = "PowerDNS";
	switch (change->obstacle) {
	case OBSTACLE_KEY:
		text_add(out, API_LOOK_AT_KEY);
		return;
	case OBSTACLE_ZONE:
		text_add(out,
			"pdnsutil list-all-zones (--pdns-api names the API of another server); api=yes in pdns.conf");
		return;
	case OBSTACLE_SECONDARY:
		text_add(out, "nothing: --hostname and --pdns-api must be the primary's");
		return;
	case OBSTACLE_SERIAL:
		command.task = TASK_SOA_EDIT_API;
		command_add(out, &command);
		return;
	case OBSTACLE_RECORD:
	case OBSTACLE_TLS:
	case OBSTACLE_NONE:
	case OBSTACLE_COUNT:
		break;
	}
	command.task = TASK_STATUS;
	command_add(out, &command);
}

static bool is_api_out_of_use(const struct change *change)
{
	return *change->api &&
		(change->obstacle == OBSTACLE_NONE || change->obstacle == OBSTACLE_TLS);
}

void propagation_advise_change(const struct facts *facts, struct verdict *verdict,
	struct finding *finding)
{
	const struct change *change = facts->seen->change;
	const char *server = facts->plan->servers[finding->server].display;
	struct text text = { 0 };
	const struct command command = { .task = TASK_ALLOW_UPDATE,
		.software = facts->seen->servers[finding->server].software,
		.zone = facts->plan->zones[0].name };

	if (is_api_out_of_use(change)) {
		api_look(&text, server, change->api, change->tls_ca,
			change->obstacle == OBSTACLE_TLS);
	} else {
		text_addf(&text, "on %s: ", server);
		if (change->kind == CHANGE_BY_UPDATE)
			command_add(&text, &command);
		else
			advise_api(change, &command, &text);
	}
	finding->advice = arena_string(&verdict->findings.arena, text_string(&text));
	text_free(&text);
}
