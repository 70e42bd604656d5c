/* What to type on a PowerDNS whose API was asked: in the words of its version, to be pasted. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/judge/api_private.h"

bool api_found(struct api_case *self, enum finding_code code, uint32_t culprit, const char *why,
	...)
{
	va_list arguments;

	self->code = code;
	self->culprit = culprit;
	va_start(arguments, why);
	self->why = arena_vprintf(self->arena, why, arguments);
	va_end(arguments);
	/* What the finding about the culprit itself says: "it has ..." without "it". */
	self->own = !strncmp(self->why, "it ", 3) ? self->why + 3 : self->why;
	return true;
}

void api_advise(struct api_case *self, struct text *advice)
{
	self->advice = arena_string(self->arena, text_string(advice));
	text_free(advice);
}

void api_on(struct text *out, const struct api_case *self, uint32_t server)
{
	text_addf(out, "%son %s: ", out->length ? "; then " : "", api_name(self->facts, server));
}

/* No API answers: if it is no PowerDNS after all, DNS may have told. */
static const char *told_by_dns(const struct observations *seen, uint32_t server)
{
	const char *software = seen->servers[server].software;

	return software ? software : "PowerDNS";
}

/* What it runs: its version, else what its settings' names tell. */
static const char *software(const struct api_case *self, const struct pdns_server *pdns,
	uint32_t server)
{
	if (!pdns)
		return self->facts->seen->servers[server].software;
	if (pdns->zones_outcome != PDNS_ANSWERED && pdns->settings_outcome != PDNS_ANSWERED)
		return told_by_dns(self->facts->seen, server);
	if (pdns->version)
		return arena_printf(self->arena, "PowerDNS Authoritative Server %s", pdns->version);
	if (!pdns->old_names && !pdns->new_names)
		return "PowerDNS";
	return !pdns->new_names   ? "PowerDNS Authoritative Server 4.4.0"
		: pdns->old_names ? "PowerDNS Authoritative Server 4.7.0"
				  : "PowerDNS Authoritative Server 4.9.0";
}

/* Whose word it is. */
static bool is_secondarys(enum task task)
{
	return task == TASK_RETRANSFER || task == TASK_ADD_SECONDARY ||
		task == TASK_ADD_AUTOPRIMARY || task == TASK_FOLLOW || task == TASK_BE_SECONDARY ||
		task == TASK_CONSUME || task == TASK_REMOVE || task == TASK_LOG ||
		task == TASK_USE_KEY || task == TASK_NO_SOA_EDIT;
}

/* With the address that the other one sees. */
static struct server seen_at(const struct server *server, const struct address *address)
{
	struct server seen = *server;

	seen.address = *address;
	if (!seen.address.port)
		seen.address.port = 53;
	return seen;
}

/* The first of them of that family, else the first one. */
static const struct address *of_family(const struct address *addresses, size_t count,
	uint8_t family)
{
	for (size_t i = 0; i < count; i++) {
		if (addresses[i].family == family)
			return &addresses[i];
	}
	return addresses;
}

static const char *without_dot(struct arena *arena, const char *name)
{
	return arena_printf(arena, "%.*s", (int)strlen(name) - 1, name);
}

void api_task(struct text *out, const struct api_case *self, enum task task)
{
	const struct plan *plan = self->facts->plan;
	bool is_there = is_secondarys(task);
	struct address clients[API_ADDRESSES], primaries[API_ADDRESSES];
	/* NOTIFY goes to where it answers, transfers may come from elsewhere. */
	size_t client_count = task == TASK_ALSO_NOTIFY
		? api_addresses(self->facts, self->secondary, self->secondary_at, clients)
		: api_clients(self, clients),
	       primary_count =
		       api_addresses(self->facts, self->primary, self->primary_at, primaries);
	struct command command = { .task = task,
		.zone = plan->zones[self->zone].name,
		.key = self->key,
		.software = is_there ? software(self, self->secondary, self->secondary_at)
				     : software(self, self->primary, self->primary_at) };
	struct server primary, secondary;

	if (client_count) {
		secondary = seen_at(&plan->servers[self->secondary_at],
			of_family(clients, client_count, 4));
		if (api_other_name(self))
			secondary.display = without_dot(self->arena, api_other_name(self));
		command.secondary = &secondary;
	}
	if (primary_count) {
		primary = seen_at(&plan->servers[self->primary_at],
			of_family(primaries, primary_count,
				client_count ? of_family(clients, client_count, 4)->family : 4));
		command.primary = &primary;
	}
	command_add(out, &command);
}

/* Neither '|' nor '>': they do not get through monitoring systems. */
void api_set(struct text *out, const struct pdns_server *pdns, enum pdns_setting setting,
	const char *value)
{
	const char *name = pdns_setting_name(pdns, setting);

	if (strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:,/! ") ==
		strlen(value))
		text_addf(out, "sed -i '$ a %s=%s' /etc/powerdns/pdns.conf", name, value);
	else
		text_addf(out, "sensible-editor +/%s /etc/powerdns/pdns.conf", name);
	text_add(out, " && systemctl restart pdns");
}

static void add_curl(struct text *out, const char *url, const char *ca_file, bool is_tls)
{
	text_add(out, is_tls ? "curl -v" : "curl -i");
	if (*ca_file && !strncasecmp(url, "https:", 6)) {
		text_add(out, " --cacert ");
		command_word(out, ca_file);
	}
	text_add_byte(out, ' ');
	if (strncasecmp(url, "unix:", 5)) {
		command_word(out, url);
		return;
	}
	text_add(out, "--unix-socket ");
	command_word(out, url + 5);
	text_add(out, " http://localhost/api/v1/servers/localhost");
}

void api_look(struct text *out, const char *server, const char *url, const char *ca_file,
	bool is_tls)
{
	add_curl(out, url, ca_file ? ca_file : "", is_tls);
	text_addf(out, "; then on %s: grep -e ^api -e ^webserver /etc/powerdns/pdns.conf; ss -lnt",
		server);
}

static bool is_about(const struct pdns_log *line, const char *zone, const char *words)
{
	return strcasestr(line->text, words) && (!zone || strcasestr(line->text, zone));
}

void api_quote_log(struct api_case *self, const struct pdns_server *pdns, const char *words,
	bool (*fits)(const char *line))
{
	struct text zone = { 0 };

	plan_zone_text(self->facts->plan, self->zone, &zone);
	for (uint32_t i = 0; pdns && i < pdns->log_count; i++) {
		const struct pdns_log *line = &pdns->logs[i];

		if (!is_about(line, text_string(&zone), words) || (fits && !fits(line->text)))
			continue;
		self->evidence = arena_printf(self->arena, "the log of %s says: %.200s (%u %s)",
			api_name(self->facts, pdns->server), line->text, line->times,
			line->times == 1 ? "time" : "times");
		break;
	}
	text_free(&zone);
}

const char *api_addresses_text(struct arena *arena, const struct address *addresses, size_t count)
{
	struct text out = { 0 };
	char text[ADDRESS_TEXT];
	const char *result;

	for (size_t i = 0; i < count; i++)
		text_addf(&out, "%s%s", i ? ", " : "", address_to_text(&addresses[i], text));
	result = arena_string(arena, text_string(&out));
	text_free(&out);
	return result;
}
