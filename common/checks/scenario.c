/* Writing scenarios, and the tables of what stands in the lines of pairs and transfers. */
#include "common/checks/scenario.h"

#include <stddef.h>
#include <string.h>

#include "common/checks/scenario_columns.h"
#include "common/checks/scenario_comparisons.h"
#include "common/checks/scenario_databases.h"
#include "common/checks/scenario_history.h"
#include "common/checks/scenario_informants.h"
#include "common/checks/scenario_line.h"
#include "common/checks/scenario_pdns.h"
#include "common/checks/scenario_steps.h"
#include "common/checks/scenario_transfers.h"
#include "common/dns/name.h"

/* clang-format off */
const struct scenario_column scenario_pair_columns[] = {
	{ .name = "udp_outcome", .offset = offsetof(struct soa_observation, udp_outcome), .kind = COLUMN_OUTCOME },
	{ .name = "ns_outcome", .offset = offsetof(struct soa_observation, ns_outcome), .kind = COLUMN_OUTCOME },
	SCENARIO_INTEGER(soa_observation, serial, 0, UINT32_MAX),
	SCENARIO_INTEGER(soa_observation, earlier_serial, 0, UINT32_MAX),
	SCENARIO_INTEGER(soa_observation, confirmed, 0, UINT8_MAX),
	SCENARIO_INTEGER(soa_observation, round_trip_us, 0, UINT32_MAX),
	SCENARIO_INTEGER(soa_observation, fields, 0, UINT32_MAX),
	SCENARIO_INTEGER(soa_observation, expire_s, EXPIRE_NONE, UINT32_MAX),
	SCENARIO_INTEGER(soa_observation, signature_expiration, 0, UINT32_MAX),
	SCENARIO_INTEGER(soa_observation, signature_inception, 0, UINT32_MAX),
	SCENARIO_INTEGER(soa_observation, nsid, 0, UINT32_MAX),
	SCENARIO_INTEGER(soa_observation, ede_code, EDE_NONE, UINT16_MAX),
	SCENARIO_INTEGER(soa_observation, ede_text, 0, UINT32_MAX),
	SCENARIO_INTEGER(soa_observation, ns_set, 0, UINT32_MAX),
	SCENARIO_INTEGER(soa_observation, rcode, 0, UINT16_MAX),
	SCENARIO_INTEGER(soa_observation, transport, TRANSPORT_UDP, UINT8_MAX),
	SCENARIO_INTEGER(soa_observation, tries, 0, UINT8_MAX),
	SCENARIO_INTEGER(soa_observation, tsig_error, 0, UINT16_MAX),
	{ .name = NULL },
};

const struct scenario_column scenario_transfer_columns[] = {
	SCENARIO_INTEGER(transfer_observation, zone, PLAN_NONE, UINT32_MAX),
	SCENARIO_INTEGER(transfer_observation, server, PLAN_NONE, UINT32_MAX),
	SCENARIO_INTEGER(transfer_observation, soa, 0, UINT8_MAX),
	SCENARIO_INTEGER(transfer_observation, rcode, 0, UINT16_MAX),
	SCENARIO_INTEGER(transfer_observation, tsig_error, 0, UINT16_MAX),
	SCENARIO_INTEGER(transfer_observation, ede_code, EDE_NONE, UINT16_MAX),
	SCENARIO_INTEGER(transfer_observation, ede_text, 0, UINT32_MAX),
	SCENARIO_INTEGER(transfer_observation, serial, 0, UINT32_MAX),
	{ .name = NULL },
};

const struct scenario_flag scenario_pair_flags[] = {
	{ "primary", PAIR_PRIMARY }, { "mname", PAIR_MNAME }, { "listed", PAIR_LISTED }, { "added", PAIR_ADDED }, { NULL, 0 },
};
/* clang-format on */

static void add_address(struct text *out, const struct address *address)
{
	char text[ADDRESS_TEXT];

	text_addf(out, "%s@%u", address_to_text(address, text), address->port);
}

/* Keys and places stay at home; what the run writes or replays has no meaning elsewhere. */
static bool is_private(const char *argument)
{
	static const char *const options[] = { "--tsig-key-file", "--state-dir", "--write",
		"--replay", "--extra-opts", "--zones-file", "--tls-ca", "--defaults-file",
		"--defaults-group", "--mysql", "--api-key-file", NULL };

	for (size_t i = 0; options[i]; i++) {
		size_t length = strlen(options[i]);

		if (!strncmp(argument, options[i], length) &&
			(argument[length] == '=' || argument[length] == '\0'))
			return true;
	}
	return argument[0] == '-' && (argument[1] == 'k' || argument[1] == 'f');
}

/* "--zone=example.com" stays as it is for the reader's sake. */
static void add_option(struct text *out, const char *word)
{
	const char *equals = *word == '=' ? NULL : strchr(word, '=');
	struct text key = { 0 };

	if (equals) {
		text_add_bytes(&key, word, (size_t)(equals - word));
		scenario_add_word(out, text_string(&key));
		text_add_byte(out, '=');
		word = equals + 1;
	}
	scenario_add_word(out, word);
	text_free(&key);
}

void scenario_note_options(struct run *run, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--observe"))
			continue; /* how it is shown, not what was asked */
		if (is_private(argv[i])) {
			/* Its argument stands in the next word, unless it has one already. */
			i += !strchr(argv[i], '=') && (argv[i][1] == '-' || argv[i][2] == '\0');
			continue;
		}
		text_add(&run->option_lines, "option ");
		add_option(&run->option_lines, argv[i]);
		text_add_byte(&run->option_lines, '\n');
	}
}

static void write_zone(const struct run *run, size_t index, struct text *out)
{
	const struct zone *zone = &run->plan.zones[index];
	char text[NAME_TEXT];

	text_add(out, "zone ");
	scenario_add_word(out, name_to_text(zone->name, text));
	text_addf(out, " ns_source=%s known=%d", ns_source_name(zone->ns_source),
		history_of(&run->past, (uint32_t)index)->known);
	if (zone->has_primary)
		text_add(out, " primary=1");
	if (zone->new_since_s)
		text_addf(out, " new_since=%lld", (long long)zone->new_since_s);
	if (zone->gone_since_s)
		text_addf(out, " gone_since=%lld", (long long)zone->gone_since_s);
	for (uint32_t i = 0; i < zone->name_count; i++)
		text_addf(out, "%s%u",
			i ? "," : " names=", run->plan.zone_names[zone->first_name + i]);
	text_add_byte(out, '\n');
}

static void add_said(struct text *out, const char *key, const char *said)
{
	if (!said)
		return;
	text_addf(out, " %s=", key);
	scenario_add_word(out, said);
}

static void write_server(const struct run *run, size_t index, struct text *out)
{
	const struct server *server = &run->plan.servers[index];
	const struct server_observation *seen = &run->seen.servers[index];
	enum outcome tcp = (enum outcome)seen->tcp_outcome;

	text_add(out, "server ");
	scenario_add_word(out, server->named ? server->name : "-");
	text_add_byte(out, ' ');
	add_address(out, &server->address);
	if (server->independent)
		text_add(out, " independent=1");
	if (tcp != OUTCOME_NOT_ASKED)
		text_addf(out, " tcp_outcome=%s", outcome_name(tcp));
	add_said(out, "software", seen->software);
	add_said(out, "identity", seen->identity);
	text_add_byte(out, '\n');
}

static void write_names(const struct plan *plan, struct text *out)
{
	for (size_t i = 0; i < plan->name_count; i++) {
		const struct plan_name *name = &plan->names[i];

		text_add(out, "name ");
		scenario_add_word(out, name->text);
		text_addf(out, " fate=%s%s%s\n", name_fate_name(name->fate),
			name->option ? " option=" : "", name->option ? name->option : "");
	}
}

static void write_plan(const struct run *run, struct outlet *out)
{
	write_names(&run->plan, &out->text);
	for (size_t z = 0; z < run->plan.zone_count && outlet_flow(out); z++)
		write_zone(run, z, &out->text);
	scenario_write_informants(&run->seen, &out->text);
	scenario_write_databases(&run->plan, &run->seen, out);
	for (size_t s = run->check->has_pdns ? run->plan.server_count : run->seen.database_count;
		s < run->plan.server_count; s++)
		write_server(run, s, &out->text);
}

static void add_name(struct text *out, const uint8_t *name)
{
	char text[NAME_TEXT];

	text_add_byte(out, ' ');
	scenario_add_word(out, name_to_text(name, text));
}

static void write_shared(const struct observations *seen, struct text *out)
{
	for (size_t i = 1; i < seen->field_count; i++) {
		const struct soa_content *fields = seen->fields[i];

		text_add(out, "fields");
		add_name(out, soa_mname(fields));
		add_name(out, soa_rname(fields));
		text_addf(out, " %u %u %u %u\n", fields->refresh, fields->retry, fields->expire,
			fields->minimum);
	}
	for (size_t i = 1; i < seen->text_count; i++) {
		text_add(out, "text ");
		scenario_add_word(out, seen->texts[i]);
		text_add_byte(out, '\n');
	}
	for (size_t i = 1; i < seen->ns_set_count; i++) {
		const struct ns_set *set = &seen->ns_sets[i];

		text_add(out, "ns_set");
		for (size_t at = 0; at < set->length; at += name_length(set->names + at))
			add_name(out, set->names + at);
		text_add_byte(out, '\n');
	}
}

static void write_pair(const struct run *run, uint32_t zone, uint32_t pair, struct text *out)
{
	const struct soa_observation *seen = &run->seen.soa[pair];
	const char *lead = " flags=";

	text_addf(out, "pair zone=%u server=%u", zone, run->plan.assigned[pair]);
	for (const struct scenario_flag *flag = scenario_pair_flags; flag->name; flag++) {
		if (run->plan.pair_flags[pair] & flag->bit) {
			text_addf(out, "%s%s", lead, flag->name);
			lead = ",";
		}
	}
	text_addf(out, " outcome=%s", outcome_name((enum outcome)seen->outcome));
	scenario_add_columns(out, scenario_pair_columns, seen);
	text_add_byte(out, '\n');
}

static void write_run(const struct run *run, struct text *out)
{
	text_addf(out, "run now=%lld queries=%llu retries=%llu deadline_reached=%d",
		(long long)run->judged_s, (unsigned long long)run->seen.queries,
		(unsigned long long)run->seen.retries, run->seen.deadline_reached);
	if (run->plan.resolver_trouble) {
		text_add(out, " resolver_trouble=");
		scenario_add_word(out, run->plan.resolver_trouble);
	}
	if (run->policy.has_key)
		text_add(out, " signed=1");
	if (run->plan.list_trouble) {
		text_addf(out, " list_broken=%llu list_trouble=",
			(unsigned long long)run->plan.list_broken);
		scenario_add_word(out, run->plan.list_trouble);
	}
	if (run->plan.list_failure) {
		text_add(out, " list_failure=");
		scenario_add_word(out, run->plan.list_failure);
	}
	if (run->plan.zones_elsewhere)
		text_addf(out, " zones_elsewhere=%llu",
			(unsigned long long)run->plan.zones_elsewhere);
	if (run->past.trouble) {
		text_add(out, " state_trouble=");
		scenario_add_word(out, run->past.trouble);
	}
	text_add_byte(out, '\n');
}

static void write_pairs(const struct run *run, uint32_t zone, struct text *out)
{
	const struct zone *at = &run->plan.zones[zone];

	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++)
		write_pair(run, zone, pair, out);
}

static void write_transfers(const struct observations *seen, struct text *out)
{
	for (size_t i = 0; i < seen->transfer_count; i++) {
		text_addf(out, "transfer outcome=%s",
			outcome_name((enum outcome)seen->transfers[i].outcome));
		scenario_add_columns(out, scenario_transfer_columns, &seen->transfers[i]);
		text_add_byte(out, '\n');
	}
}

void scenario_write(const struct run *run, struct outlet *out)
{
	text_add(&out->text, "scenario 1\n");
	if (strcmp(run->check->options.program, "check_dns_replication") != 0)
		text_addf(&out->text, "program %s\n", run->check->options.program);
	text_add(&out->text, text_string(&run->option_lines));
	write_run(run, &out->text);
	write_plan(run, out);
	write_shared(&run->seen, &out->text);
	for (uint32_t zone = 0; zone < run->plan.zone_count && outlet_flow(out); zone++)
		write_pairs(run, zone, &out->text);
	scenario_write_pdns(&run->plan, &run->seen, run->check->has_pdns, out);
	write_transfers(&run->seen, &out->text);
	scenario_write_contents(&run->seen, &out->text);
	scenario_write_transfers(&run->plan, &run->seen, &out->text);
	scenario_write_steps(&run->plan, &run->seen, &out->text);
	for (uint32_t zone = 0; zone < run->plan.zone_count && outlet_flow(out); zone++)
		scenario_write_history(&run->past, zone, &out->text);
	scenario_write_begun(&run->past, &out->text);
	scenario_write_gaps(&run->past, &out->text);
}
