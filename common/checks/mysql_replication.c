#include "common/checks/mysql_replication.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/number.h"
#include "common/checks/dns_backends.h"
#include "common/checks/dns_gaps.h"
#include "common/checks/dns_options.h"
#include "common/checks/mysql_memory.h"
#include "common/checks/mysql_served.h"
#include "common/checks/scenario_databases.h"
#include "common/dns/name.h"
#include "common/judge/database.h"
#include "common/probe/mysql_content.h"
#include "common/probe/mysql_status.h"

enum { HOST_MOST = 256, REPLICA = 0, PRIMARY = 1 };

/* What `prepare` makes and `observe` needs. */
struct mysql_setup {
	struct mysql_status_probe probe;
	struct mysql_status *status; /* what was seen; owns its texts */
	struct mysql_served *served; /* --dns; NULL */
};

const char *const database_roles[] = { "replica", "primary", "galera", "group", NULL };

static const struct mysql_replication_values *values_of(const struct run *run)
{
	return run->values;
}

/* Cuts ":3307" off the host, and the brackets of an IPv6 address. The port's digits, or NULL. */
static const char *cut_port(char *host)
{
	char *end = *host == '[' ? strchr(host, ']') : NULL, *colon = strchr(host, ':');

	if (end) {
		colon = end[1] == ':' ? end + 1 : NULL;
		*end = '\0';
		host[0] = ' ';
	} else if (colon && strchr(colon + 1, ':')) {
		colon = NULL; /* an IPv6 address */
	}
	if (!colon)
		return NULL;
	*colon = '\0';
	return colon + 1;
}

/* "db1", "db1:3307", "db1@3307", "192.0.2.1", "2001:db8::1", "[2001:db8::1]:3307". */
static bool parse_host(struct run *run, const char *option, const char *text,
	struct mysql_source *source, struct fault *fault)
{
	char host[HOST_MOST];
	const char *digits, *name;
	uint16_t port = 0;
	uint64_t number = 0;

	if (!address_split(text, host, sizeof(host), &port, fault))
		return fault_set(fault, "%s: %s", option, fault->text);
	digits = cut_port(host);
	name = host + (*host == ' ');
	if (digits && (port || !number_whole(digits, 1, UINT16_MAX, &number)))
		return fault_set(fault,
			"%s: \"%s\" has no port from 1 to 65535, e.g. %s=db1.example.com:3306",
			option, text, option);
	if (!*name)
		return fault_set(fault, "%s: \"%s\" names no host, e.g. %s=db1.example.com", option,
			text, option);
	source->host = arena_string(&run->arena, name);
	if (port || number)
		source->port = port ? port : (uint16_t)number;
	return true;
}

/* A name that backticks can hold: letters, digits, _ and $, with one dot. */
static bool check_table(const char *table, struct fault *fault)
{
	const char *dot = strchr(table, '.');
	size_t good =
		strspn(table, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$.");

	return (dot && dot != table && dot[1] && !strchr(dot + 1, '.') && !table[good]) ||
		fault_set(fault,
			"--heartbeat-table: \"%s\" is no DB.TABLE, e.g. --heartbeat-table=percona.heartbeat",
			table);
}

static bool check_values(const struct run *run, struct fault *fault)
{
	const struct mysql_replication_values *values = values_of(run);

	if (run->common->ipv4 && run->common->ipv6)
		return fault_set(fault, "-4 and -6 exclude each other");
	if (values->socket && run->common->hostname)
		return fault_set(fault, "--hostname and --socket exclude each other");
	if (run->common->key_file && !values->dns)
		return fault_set(fault,
			"--tsig-key-file signs questions to the server of --dns; databases are asked as --defaults-file says");
	if (values->zone.count && !values->dns && !run->common->observe)
		return fault_set(fault, "--zone means nothing without --dns");
	if (values->galera_size.set && values->expect.index != DATABASE_IS_GALERA)
		return fault_set(fault, "--galera-size needs --expect=galera");
	if (values->group_size.set && values->expect.index != DATABASE_IS_GROUP)
		return fault_set(fault, "--group-size needs --expect=group");
	if (values->channel && values->expect.index == DATABASE_IS_GROUP)
		return fault_set(fault, "--channel and --expect=group exclude each other");
	if (values->defaults_group && !values->defaults_file)
		return fault_set(fault,
			"--defaults-group needs --defaults-file, e.g. --defaults-file=/etc/icinga2/mysql.cnf");
	if (values->content && !values->primary)
		return fault_set(fault,
			"--content needs --primary, e.g. --primary=db1.example.com");
	if (values->heartbeat_table && !check_table(values->heartbeat_table, fault))
		return false;
	return !values->defaults_file ||
		mysql_check_option_file(values->defaults_file, values->defaults_group, fault);
}

/* As PowerDNS's tables have them: lower case, without the final dot. */
static bool set_zones(struct run *run, struct mysql_zones_wanted *wanted, struct fault *fault)
{
	const struct option_list *list = &values_of(run)->zone;
	const char **names = arena_array(&run->arena, list->count, sizeof(*names));

	for (size_t i = 0; i < list->count; i++) {
		const uint8_t *name = dns_options_name(run, "--zone", list->items[i], fault);
		char text[NAME_TEXT];

		if (!name)
			return false;
		names[i] = arena_string(&run->arena, name_to_display(name, text));
	}
	wanted->schema = values_of(run)->database;
	wanted->names = names;
	wanted->name_count = list->count;
	return true;
}

static bool set_up(struct run *run, struct mysql_status_probe *probe, struct fault *fault)
{
	const struct mysql_replication_values *values = values_of(run);
	struct mysql_source *source = &probe->source;

	*source = (struct mysql_source){ .socket = values->socket,
		.port = (uint16_t)run->common->port.value,
		.user = values->user,
		.defaults_file = values->defaults_file,
		.defaults_group = values->defaults_group,
		.tls_required = values->tls_required,
		.family = run->common->ipv4 ? 4
			: run->common->ipv6 ? 6
					    : 0 };
	if (run->common->source.count)
		source->from = run->common->source.items[0];
	probe->channel = values->channel;
	probe->heartbeat_table = values->heartbeat_table;
	probe->heartbeat_utc = values->heartbeat_utc;
	probe->deadline_us = run->deadline_us;
	probe->primary = *source;
	probe->primary.socket = NULL;
	probe->compare = values->primary != NULL;
	probe->ask_zones = run->common->observe || values->dns;
	if (run->common->hostname &&
		!parse_host(run, "--hostname", run->common->hostname, source, fault))
		return false;
	if (values->primary &&
		!parse_host(run, "--primary", values->primary, &probe->primary, fault))
		return false;
	return set_zones(run, &probe->zones, fault);
}

bool mysql_replication_prepare(struct run *run, struct fault *fault)
{
	struct mysql_setup *setup = arena_alloc(&run->arena, sizeof(*setup));

	plan_begin(&run->plan);
	run->setup = setup;
	if (!common_policy(run->common, &run->arena, &run->policy, fault))
		return false;
	return run->common->replay ||
		(check_values(run, fault) && set_up(run, &setup->probe, fault) &&
			mysql_served_read(run, values_of(run)->dns, &values_of(run)->zone,
				&setup->served, fault));
}

/* As users name it: the host, else the socket. */
static const char *display_of(const struct mysql_source *source)
{
	return source->host ? source->host : source->socket ? source->socket : "localhost";
}

/* Zones that differ are the plan's; what is no domain name is not. */
static void add_zones(struct run *run, const struct database_content *content)
{
	static const uint8_t root[] = { 0 };
	uint8_t name[NAME_WIRE];
	struct fault fault = { { 0 } };

	for (size_t i = 0; i < content->difference_count; i++) {
		const char *zone = content->differences[i].zone;

		if (!name_from_master(*zone ? zone : ".", root, name, &fault))
			continue;
		name_lower(name);
		plan_add_zone(&run->plan, name);
	}
}

/* Both answered, and there is something to compare. */
static void compare_content(struct run *run, const struct mysql_setup *setup)
{
	const struct mysql_replication_values *values = values_of(run);
	struct database *seen = run->seen.databases;
	struct database_content *content = arena_alloc(&run->seen.arena, sizeof(*content));
	struct mysql_content_probe probe = { .source = setup->probe.source,
		.primary = setup->probe.primary,
		.seen = &seen[REPLICA],
		.primary_seen = &seen[PRIMARY],
		.schema = values->database,
		.channel = values->channel,
		.deadline_us = setup->probe.deadline_us };

	if (!values->content || seen[REPLICA].outcome != DATABASE_ANSWERED ||
		seen[PRIMARY].outcome != DATABASE_ANSWERED)
		return;
	mysql_content_observe(&probe, &run->seen.arena, content);
	seen[REPLICA].content = content;
	add_zones(run, content);
}

static void complete_plan(struct run *run, struct mysql_setup *setup)
{
	const struct database *primary = mysql_status_primary(setup->status);
	size_t count = primary ? 2 : 1;

	run->seen.databases = arena_array(&run->arena, count, sizeof(*run->seen.databases));
	run->seen.databases[REPLICA] = *mysql_status_replica(setup->status);
	scenario_add_database(&run->plan, display_of(&setup->probe.source),
		&run->seen.databases[REPLICA].address);
	if (primary) {
		run->seen.databases[PRIMARY] = *primary;
		scenario_add_database(&run->plan, display_of(&setup->probe.primary),
			&primary->address);
	}
	run->seen.database_count = count;
	mysql_status_end(setup->status, &run->seen.arena);
	if (primary)
		compare_content(run, setup);
}

/* What state knows a database by. */
static const char *memory_name(struct run *run, const struct mysql_setup *setup)
{
	const struct mysql_source *source = &setup->probe.source;

	/* Without a host the option file says which. */
	if (!source->host && !source->socket && source->defaults_file)
		return arena_printf(&run->arena, "%s:%s", source->defaults_file,
			source->defaults_group ? source->defaults_group : "");
	return arena_printf(&run->arena, "%s:%u", display_of(source), source->port);
}

bool mysql_replication_observe(struct run *run, struct fault *fault)
{
	struct mysql_setup *setup = run->setup;
	struct database *seen;

	setup->probe.deadline_us = mysql_served_databases_until(run, setup->served);
	setup->status = mysql_status_observe(&setup->probe);
	observations_begin(&run->seen, 0, 0);
	complete_plan(run, setup);
	if (!mysql_served_observe(run, setup->served, fault))
		return false;
	seen = &run->seen.databases[REPLICA];
	seen->past = mysql_recall(run, memory_name(run, setup), seen);
	return true;
}

void mysql_replication_show_plan(struct run *run, struct text *out)
{
	const struct mysql_setup *setup = run->setup;
	const struct mysql_source *source = &setup->probe.source;

	text_addf(out, "Nothing was sent. Would ask\n  %s %s", display_of(source),
		source->host ? "by TCP" : "by socket");
	if (source->port)
		text_addf(out, ", port %u", source->port);
	text_addf(out, ": its replication channels%s%s; it should be %s%s\n",
		setup->probe.channel ? ", only " : "",
		setup->probe.channel ? setup->probe.channel : "",
		values_of(run)->expect.index == DATABASE_IS_GROUP ? "a member of a " : "a ",
		database_roles[values_of(run)->expect.index]);
	if (setup->probe.compare)
		text_addf(out, "  %s by TCP%s: its GTIDs%s\n", setup->probe.primary.host,
			setup->probe.primary.port
				? arena_printf(&run->arena, ", port %u", setup->probe.primary.port)
				: "",
			values_of(run)->content ? ", and on both PowerDNS's data, zone by zone"
						: "");
	mysql_served_show(setup->served, out);
	if (source->defaults_file)
		text_addf(out, "as %s says%s\n", source->defaults_file,
			source->tls_required ? ", encrypted" : "");
}

static void judge_run(struct run *run)
{
	const struct mysql_replication_values *values = values_of(run);
	bool compare = run->seen.database_count > 1;
	struct database_facts facts = { .seen = &run->seen.databases[REPLICA],
		.server = REPLICA,
		.name = run->plan.servers[REPLICA].display,
		.expected = (enum database_role)values->expect.index,
		.other = compare ? &run->seen.databases[PRIMARY] : NULL,
		.other_server = PRIMARY,
		.other_name = compare ? run->plan.servers[PRIMARY].display : NULL,
		.schema = values->database,
		.channel = values->channel,
		.heartbeat_table = values->heartbeat_table,
		.galera_size = (uint32_t)values->galera_size.value,
		.group_size = (uint32_t)values->group_size.value,
		.policy = &run->policy,
		.now_s = run->judged_s };
	struct facts all = run_facts(run);

	judge_databases(&all, &facts, &run->verdict);
}

void mysql_replication_judge(struct run *run)
{
	if (!run->common->replay)
		dns_gaps_recall(run);
	judge_run(run);
}

void mysql_replication_remember(struct run *run)
{
	struct mysql_setup *setup = run->setup;

	dns_gaps_remember(run);
	mysql_remember(run, memory_name(run, setup), &run->seen.databases[REPLICA]);
}
