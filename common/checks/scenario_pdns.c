#include "common/checks/scenario_pdns.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/number.h"
#include "common/checks/scenario_columns.h"

static const char *outcome_text(unsigned value)
{
	return pdns_outcome_name((enum pdns_outcome)value);
}

#define OF_SERVER(field) .name = #field, .offset = offsetof(struct pdns_server, field)
#define OF_DETAIL(field) .name = #field, .offset = offsetof(struct pdns_detail, field)
#define AN_OUTCOME       .kind = COLUMN_CHOICE, .choice = outcome_text, .choices = PDNS_OUTCOME_COUNT

/* clang-format off */
static const struct scenario_column server_items[] = {
	{ OF_SERVER(url), .kind = COLUMN_TEXT },
	{ OF_SERVER(tls_ca), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_SERVER(is_primary), .kind = COLUMN_FLAG },
	{ OF_SERVER(outcome), AN_OUTCOME },
	{ OF_SERVER(zones_outcome), AN_OUTCOME },
	{ OF_SERVER(settings_outcome), AN_OUTCOME },
	{ OF_SERVER(autoprimaries_outcome), AN_OUTCOME },
	{ OF_SERVER(logs_outcome), AN_OUTCOME },
	{ OF_SERVER(trouble), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_SERVER(version), .kind = COLUMN_TEXT_OR_NULL },
	{ OF_SERVER(old_names), .kind = COLUMN_FLAG },
	{ OF_SERVER(new_names), .kind = COLUMN_FLAG },
	{ OF_SERVER(all_zones), .kind = COLUMN_FLAG },
	{ OF_SERVER(api_elsewhere), .kind = COLUMN_FLAG },
	{ OF_SERVER(place_unknown), .kind = COLUMN_FLAG },
	{ OF_SERVER(requests), .kind = COLUMN_NUMBER },
	{ .name = NULL },
};

static const struct scenario_column detail_items[] = {
	{ OF_DETAIL(outcome), AN_OUTCOME },
	{ OF_DETAIL(metadata_outcome), AN_OUTCOME },
	{ OF_DETAIL(records_outcome), AN_OUTCOME },
	{ OF_DETAIL(has_soa_edit_api), .kind = COLUMN_FLAG },
	{ OF_DETAIL(soa_edit), .kind = COLUMN_TEXT },
	{ OF_DETAIL(soa_edit_api), .kind = COLUMN_TEXT },
	{ OF_DETAIL(has_soa), .kind = COLUMN_FLAG },
	{ OF_DETAIL(refresh_s), .kind = COLUMN_NUMBER },
	{ OF_DETAIL(retry_s), .kind = COLUMN_NUMBER },
	{ OF_DETAIL(expire_s), .kind = COLUMN_NUMBER },
	{ OF_DETAIL(has_edited_serial), .kind = COLUMN_FLAG },
	{ OF_DETAIL(edited_serial), .kind = COLUMN_NUMBER },
	{ OF_DETAIL(ns_unresolved), .kind = COLUMN_FLAG },
	{ .name = NULL },
};
/* clang-format on */

/* --- Writing --------------------------------------------------------------------------------- */

static void add_address(struct text *out, const struct address *address)
{
	char text[ADDRESS_TEXT];

	text_add(out, address_to_text(address, text));
	if (address->port)
		text_addf(out, "@%u", address->port);
}

static void add_addresses(struct text *out, const char *key, const struct address *addresses,
	uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		text_addf(out, "%s%s", i ? "," : key, i ? "" : "=");
		add_address(out, &addresses[i]);
	}
}

static void write_server(const struct plan *plan, const struct pdns_server *server,
	bool are_servers, struct text *out)
{
	text_add(out, "pdns ");
	scenario_add_word(out, server->name);
	if (are_servers && plan->servers[server->server].address.family) {
		text_add_byte(out, ' ');
		add_address(out, &plan->servers[server->server].address);
	} else if (!are_servers && server->server != PLAN_NONE) {
		text_addf(out, " server=%u", server->server);
	}
	scenario_add_columns(out, server_items, server);
	add_addresses(out, " addresses", server->addresses, server->address_count);
	add_addresses(out, " sources", server->sources, server->source_count);
	text_add_byte(out, '\n');
}

static void write_settings(const struct pdns_server *server, size_t index, struct text *out)
{
	struct pdns_server newest = { .new_names = true }; /* its words are the keys */

	text_addf(out, "pdns_settings index=%zu", index);
	for (enum pdns_setting each = 0; each < PDNS_SETTING_COUNT; each++) {
		if (!server->settings[each])
			continue;
		text_addf(out, " %s=", pdns_setting_name(&newest, each));
		scenario_add_word(out, server->settings[each]);
	}
	text_add_byte(out, '\n');
}

static void add_number(struct text *out, const char *key, uint64_t number)
{
	if (number)
		text_addf(out, " %s=%" PRIu64, key, number);
}

static void write_zone(const struct pdns_zone *zone, size_t index, struct text *out)
{
	text_addf(out, "pdns_zone index=%zu zone=%u kind=%s", index, zone->zone,
		pdns_kind_name((enum pdns_kind)zone->kind));
	add_number(out, "serial", zone->serial);
	if (zone->has_edited_serial)
		text_addf(out, " edited_serial=%u", zone->edited_serial);
	add_number(out, "notified_serial", zone->notified_serial);
	add_number(out, "last_check", (uint64_t)zone->last_check_s);
	add_number(out, "masters", zone->masters);
	add_number(out, "account", zone->account);
	add_number(out, "catalog", zone->catalog);
	add_number(out, "has_catalog", zone->has_catalog);
	add_number(out, "dnssec", zone->dnssec);
	text_add_byte(out, '\n');
}

static void add_values(struct text *out, const char *key, const struct pdns_values *values)
{
	struct text joined = { 0 };

	if (!values->count)
		return;
	for (uint32_t i = 0; i < values->count; i++) {
		text_add(&joined, i ? " " : "");
		text_add(&joined, values->items[i]);
	}
	text_addf(out, " %s=", key);
	scenario_add_word(out, text_string(&joined));
	text_free(&joined);
}

/* " ns_addresses=1/192.0.2.2,1/2001:db8::2": of the second name in ns= */
static void add_ns_addresses(struct text *out, const struct pdns_detail *detail)
{
	for (uint32_t i = 0; i < detail->ns_address_count; i++) {
		text_addf(out, "%s%u/", i ? "," : " ns_addresses=", detail->ns_addresses[i].name);
		add_address(out, &detail->ns_addresses[i].address);
	}
}

static void write_detail(const struct pdns_detail *detail, size_t index, struct text *out)
{
	text_addf(out, "pdns_detail index=%zu zone=%u", index, detail->zone);
	scenario_add_columns(out, detail_items, detail);
	add_values(out, "ns", &detail->ns);
	add_ns_addresses(out, detail);
	for (enum pdns_metadata each = 0; each < PDNS_META_COUNT; each++)
		add_values(out, pdns_metadata_name(each), &detail->metadata[each]);
	text_add_byte(out, '\n');
}

static void write_rest(const struct pdns_server *server, size_t index, struct text *out)
{
	for (uint32_t i = 0; i < server->autoprimary_count; i++) {
		const struct pdns_autoprimary *row = &server->autoprimaries[i];

		text_addf(out, "pdns_autoprimary index=%zu ip=", index);
		scenario_add_word(out, row->ip);
		text_add(out, " nameserver=");
		scenario_add_word(out, row->nameserver);
		text_add(out, " account=");
		scenario_add_word(out, row->account);
		text_add(out, row->is_dotted ? " dotted=yes\n" : "\n");
	}
	for (uint32_t i = 0; i < server->detail_count; i++)
		write_detail(&server->details[i], index, out);
	for (uint32_t i = 0; i < server->log_count; i++) {
		text_addf(out, "pdns_log index=%zu times=%u text=", index, server->logs[i].times);
		scenario_add_word(out, server->logs[i].text);
		text_add_byte(out, '\n');
	}
}

void scenario_write_pdns(const struct plan *plan, const struct observations *seen, bool are_servers,
	struct outlet *out)
{
	for (size_t i = 0; i < seen->pdns_count; i++)
		write_server(plan, &seen->pdns[i], are_servers, &out->text);
	for (size_t i = 0; i < seen->pdns_count; i++) {
		const struct pdns_server *server = &seen->pdns[i];

		write_settings(server, i, &out->text);
		for (uint32_t m = 1; m < server->master_count; m++) {
			text_addf(&out->text, "pdns_masters index=%zu text=", i);
			scenario_add_word(&out->text, server->masters[m].text);
			text_add_byte(&out->text, '\n');
		}
		for (uint32_t z = 0; z < server->zone_count && outlet_flow(out); z++)
			write_zone(&server->zones[z], i, &out->text);
		write_rest(server, i, &out->text);
	}
}

/* --- Reading --------------------------------------------------------------------------------- */

static bool wrong(struct scenario_line *line, const char *what)
{
	return fault_set(line->fault, "%s", what);
}

/* A name that DNS could know. */
static bool is_host(const char *text, uint8_t name[NAME_WIRE])
{
	struct fault fault = { { 0 } };
	struct address address;

	return !address_from_text(text, &address) && name_from_text(text, name, &fault);
}

uint32_t scenario_add_pdns(struct plan *plan, const char *name, const struct address *address)
{
	struct address numbered = *address; /* two of them, even at one address */
	uint8_t wire[NAME_WIRE];
	uint32_t index;
	bool named = is_host(name, wire);

	numbered.padding = (uint8_t)plan->server_count;
	index = plan_add_server(plan, named ? wire : NULL, &numbered);
	if (!named && !address->family)
		plan->servers[index].display = plan->servers[index].name =
			arena_string(&plan->arena, name);
	return index;
}

static bool read_addresses(struct scenario_line *line, const char *key, struct arena *arena,
	const struct address **addresses, uint32_t *count)
{
	char *list = scenario_value(line, key), *each;
	struct address *found;

	*count = 0;
	if (!list)
		return true;
	found = arena_array(arena, strlen(list) / 2 + 1, sizeof(*found));
	while ((each = strsep(&list, ","))) {
		bool has_port = strchr(each, '@') != NULL;

		if (has_port ? !scenario_address(line, each, &found[*count])
			     : !address_from_text(each, &found[*count]))
			return fault_set(line->fault, "%s= holds no list of addresses", key);
		(*count)++;
	}
	*addresses = found;
	return true;
}

static bool read_place(struct scenario_line *line, struct scenario_pdns *pdns,
	struct pdns_server *server)
{
	const char *text = scenario_plain(line, 1);
	struct address address = { 0 };
	int64_t index;

	server->server = PLAN_NONE;
	if (!pdns->are_servers) {
		if (!scenario_value(line, "server"))
			return true;
		if (!scenario_number(line, "server", (int64_t)pdns->plan->server_count - 1, &index))
			return false;
		server->server = (uint32_t)index;
		return true;
	}
	if (text && !scenario_address(line, text, &address))
		return false;
	server->server = scenario_add_pdns(pdns->plan, server->name, &address);
	return server->server == pdns->count || wrong(line, "servers by API stand before others");
}

static bool read_server(struct scenario_line *line, struct scenario_pdns *pdns)
{
	struct pdns_server server = { 0 };
	const char *name = scenario_plain(line, 0);

	if (pdns->count == PDNS_SERVERS_MOST)
		return wrong(line, "too many servers");
	if (!name || !*name)
		return wrong(line, "the server has no name");
	server.name = arena_string(pdns->arena, name);
	if (!scenario_read_columns(line, server_items, &server, pdns->arena) ||
		!read_addresses(line, "addresses", pdns->arena, &server.addresses,
			&server.address_count) ||
		!read_addresses(line, "sources", pdns->arena, &server.sources,
			&server.source_count) ||
		!read_place(line, pdns, &server))
		return false;
	server.masters = arena_alloc(pdns->arena, sizeof(*server.masters));
	server.masters[0].text = "";
	server.master_count = 1;
	pdns->items = scenario_one_more(pdns->arena, pdns->items, pdns->count, sizeof(server));
	pdns->items[pdns->count++] = server;
	return true;
}

static bool read_settings(struct scenario_line *line, struct pdns_server *server,
	struct arena *arena)
{
	for (size_t i = 1; i < line->count; i++) {
		const struct scenario_word *word = &line->words[i];
		enum pdns_setting setting;
		bool is_old;

		if (!strcmp(word->text, "index"))
			continue;
		if (!word->value || !pdns_setting_from_name(word->text, &setting, &is_old) ||
			is_old)
			return fault_set(line->fault, "there is no setting \"%s\"", word->text);
		server->settings[setting] = arena_string(arena, word->value);
	}
	return true;
}

static bool read_masters(struct scenario_line *line, struct pdns_server *server,
	struct arena *arena)
{
	const char *text = scenario_value(line, "text");
	struct pdns_masters masters = { 0 };

	if (!text)
		return wrong(line, "text= is missing");
	masters.text = arena_string(arena, text);
	masters.address_count = pdns_addresses(masters.text, arena, &masters.addresses);
	server->masters =
		scenario_one_more(arena, server->masters, server->master_count, sizeof(masters));
	server->masters[server->master_count++] = masters;
	return true;
}

/* A number that may be absent. */
static bool read_number(struct scenario_line *line, const char *key, int64_t most, uint32_t *number)
{
	int64_t value = 0;
	bool good = !scenario_value(line, key) || scenario_number(line, key, most, &value);

	*number = (uint32_t)value;
	return good;
}

static bool read_zone(struct scenario_line *line, struct scenario_pdns *pdns,
	struct pdns_server *server)
{
	struct pdns_zone zone = { 0 };
	const char *kind = scenario_value(line, "kind");
	uint32_t dnssec, last_check;
	int64_t index;

	if (!kind)
		return wrong(line, "kind= is missing");
	if (!scenario_number(line, "zone", (int64_t)pdns->plan->zone_count - 1, &index) ||
		!read_number(line, "serial", UINT32_MAX, &zone.serial) ||
		!read_number(line, "edited_serial", UINT32_MAX, &zone.edited_serial) ||
		!read_number(line, "notified_serial", UINT32_MAX, &zone.notified_serial) ||
		!read_number(line, "last_check", UINT32_MAX, &last_check) ||
		!read_number(line, "masters", (int64_t)server->master_count - 1, &zone.masters) ||
		!read_number(line, "account", (int64_t)pdns->seen->text_count - 1, &zone.account) ||
		!read_number(line, "catalog", (int64_t)pdns->seen->text_count - 1, &zone.catalog) ||
		!scenario_bool(line, "has_catalog", &zone.has_catalog) ||
		!read_number(line, "dnssec", PDNS_ON, &dnssec))
		return false;
	zone.zone = (uint32_t)index;
	zone.kind = (uint8_t)pdns_kind_from_name(kind);
	zone.dnssec = (uint8_t)dnssec;
	zone.last_check_s = last_check;
	zone.has_edited_serial = scenario_value(line, "edited_serial") != NULL;
	server->zones =
		scenario_one_more(pdns->arena, server->zones, server->zone_count, sizeof(zone));
	server->zones[server->zone_count++] = zone;
	return true;
}

static bool read_autoprimary(struct scenario_line *line, struct pdns_server *server,
	struct arena *arena)
{
	const char *ip = scenario_value(line, "ip"), *name = scenario_value(line, "nameserver"),
		   *account = scenario_value(line, "account"),
		   *dotted = scenario_value(line, "dotted");
	struct pdns_autoprimary row = { .is_dotted = dotted && !strcmp(dotted, "yes") };

	if (!ip || !name)
		return wrong(line, "ip= or nameserver= is missing");
	row.ip = arena_string(arena, ip);
	address_from_text(ip, &row.address);
	row.nameserver = arena_string(arena, name);
	row.account = account ? arena_string(arena, account) : "";
	server->autoprimaries = scenario_one_more(arena, server->autoprimaries,
		server->autoprimary_count, sizeof(row));
	server->autoprimaries[server->autoprimary_count++] = row;
	return true;
}

static void read_values(struct scenario_line *line, const char *key, struct arena *arena,
	struct pdns_values *values)
{
	char *list = scenario_value(line, key), *copy, *each;
	const char **items;

	if (!list || !*list)
		return;
	copy = arena_string(arena, list);
	items = arena_array(arena, strlen(list) + 1, sizeof(*items));
	while ((each = strsep(&copy, " ")))
		items[values->count++] = each;
	values->items = items;
}

static bool read_ns_addresses(struct scenario_line *line, struct arena *arena,
	struct pdns_detail *detail)
{
	char *list = scenario_value(line, "ns_addresses"), *each;
	struct pdns_ns_address *found = NULL;

	while (list && (each = strsep(&list, ","))) {
		struct pdns_ns_address one;
		char *slash = strchr(each, '/');
		uint64_t name;

		if (slash)
			*slash = '\0';
		if (!slash || !number_whole(each, 0, UINT32_MAX, &name) ||
			name >= detail->ns.count || !address_from_text(slash + 1, &one.address))
			return wrong(line, "ns_addresses= are INDEX/ADDRESS, by the names of ns=");
		one.name = (uint32_t)name;
		found = scenario_one_more(arena, found, detail->ns_address_count, sizeof(one));
		found[detail->ns_address_count++] = one;
	}
	detail->ns_addresses = found;
	return true;
}

static bool read_detail(struct scenario_line *line, struct scenario_pdns *pdns,
	struct pdns_server *server)
{
	struct pdns_detail detail = { 0 };
	int64_t zone;

	if (!scenario_number(line, "zone", (int64_t)pdns->plan->zone_count - 1, &zone) ||
		!scenario_read_columns(line, detail_items, &detail, pdns->arena))
		return false;
	detail.zone = (uint32_t)zone;
	read_values(line, "ns", pdns->arena, &detail.ns);
	if (!read_ns_addresses(line, pdns->arena, &detail))
		return false;
	for (enum pdns_metadata each = 0; each < PDNS_META_COUNT; each++)
		read_values(line, pdns_metadata_name(each), pdns->arena, &detail.metadata[each]);
	server->details = scenario_one_more(pdns->arena, server->details, server->detail_count,
		sizeof(detail));
	server->details[server->detail_count++] = detail;
	return true;
}

static bool read_log(struct scenario_line *line, struct scenario_pdns *pdns,
	struct pdns_server *server)
{
	const char *text = scenario_value(line, "text");
	struct pdns_log log = { 0 };

	if (!text || !read_number(line, "times", UINT32_MAX, &log.times))
		return wrong(line, "text= or times= is missing");
	log.text = observations_string(pdns->seen, text, strlen(text));
	if (!log.text)
		return wrong(line, "text= says nothing");
	server->logs = scenario_one_more(pdns->arena, server->logs, server->log_count, sizeof(log));
	server->logs[server->log_count++] = log;
	return true;
}

bool scenario_is_pdns(const char *keyword)
{
	return !strcmp(keyword, "pdns") || !strncmp(keyword, "pdns_", strlen("pdns_"));
}

bool scenario_read_pdns(struct scenario_line *line, struct scenario_pdns *pdns)
{
	const char *keyword = line->words[0].text;
	struct pdns_server *server;
	int64_t index;

	if (!strcmp(keyword, "pdns"))
		return read_server(line, pdns);
	if (!scenario_number(line, "index", (int64_t)pdns->count - 1, &index))
		return false;
	server = &pdns->items[index];
	if (!strcmp(keyword, "pdns_settings"))
		return read_settings(line, server, pdns->arena);
	if (!strcmp(keyword, "pdns_masters"))
		return read_masters(line, server, pdns->arena);
	if (!strcmp(keyword, "pdns_zone"))
		return read_zone(line, pdns, server);
	if (!strcmp(keyword, "pdns_autoprimary"))
		return read_autoprimary(line, server, pdns->arena);
	if (!strcmp(keyword, "pdns_detail"))
		return read_detail(line, pdns, server);
	if (!strcmp(keyword, "pdns_log"))
		return read_log(line, pdns, server);
	return fault_set(line->fault, "there is no line that begins with \"%s\"", keyword);
}

void scenario_place_pdns(struct scenario_pdns *pdns, size_t zone_count)
{
	for (size_t i = 0; i < pdns->count; i++) {
		if (pdns->items[i].zones_outcome == PDNS_ANSWERED)
			pdns_index_zones(&pdns->items[i], zone_count, pdns->arena);
		else
			pdns->items[i].zone_count = 0;
	}
	pdns->seen->pdns = pdns->items;
	pdns->seen->pdns_count = pdns->count;
}
