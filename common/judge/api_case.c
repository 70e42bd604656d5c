/* Who is who: a zone, a secondary and the primary that it should follow. */
#include <string.h>
#include <strings.h>

#include "common/dns/name.h"
#include "common/dns/serial.h"
#include "common/judge/address_lists.h"
#include "common/judge/api_private.h"

const char *api_name(const struct facts *facts, uint32_t server)
{
	return facts->plan->servers[server].display;
}

const char *api_catalog(const struct facts *facts, const struct pdns_zone *row, struct arena *arena)
{
	const char *name = row ? facts->seen->texts[row->catalog] : "";
	size_t length = strlen(name);

	if (!length || name[length - 1] != '.')
		return name;
	return arena_printf(arena, "%.*s", (int)length - 1, name);
}

bool api_is_zone(const struct facts *facts, const struct pdns_zone *row, const char *name)
{
	struct text zone = { 0 };
	bool is_it;

	plan_zone_text(facts->plan, row->zone, &zone);
	is_it = !strcasecmp(text_string(&zone), name);
	text_free(&zone);
	return is_it;
}

static bool is_same_name(const struct plan *plan, uint32_t a, uint32_t b)
{
	return !strcasecmp(plan->servers[a].display, plan->servers[b].display);
}

const struct pdns_server *api_server_at(const struct facts *facts, uint32_t server)
{
	for (size_t i = 0; server != PLAN_NONE && i < facts->seen->pdns_count; i++) {
		const struct pdns_server *each = &facts->seen->pdns[i];

		if (each->server == server)
			return each;
	}
	/* Another address of the same server. */
	for (size_t i = 0; server != PLAN_NONE && i < facts->seen->pdns_count; i++) {
		const struct pdns_server *each = &facts->seen->pdns[i];

		if (each->server != PLAN_NONE && is_same_name(facts->plan, each->server, server))
			return each;
	}
	return NULL;
}

static size_t add_address(struct address out[API_ADDRESSES], size_t count,
	const struct address *address)
{
	for (size_t i = 0; i < count; i++) {
		if (address_same_host(&out[i], address))
			return count;
	}
	if (address->family && count < API_ADDRESSES)
		out[count++] = *address;
	return count;
}

size_t api_addresses(const struct facts *facts, const struct pdns_server *pdns, uint32_t server,
	struct address out[API_ADDRESSES])
{
	const struct plan *plan = facts->plan;
	size_t count = 0;

	bool is_placed = server != PLAN_NONE && !(pdns && pdns->api_elsewhere);

	for (uint32_t s = 0; is_placed && s < plan->server_count; s++) {
		if (s == server || is_same_name(plan, s, server))
			count = add_address(out, count, &plan->servers[s].address);
	}
	for (uint32_t i = 0; pdns && i < pdns->address_count; i++)
		count = add_address(out, count, &pdns->addresses[i]);
	return count;
}

const struct pdns_zone *api_row(const struct pdns_server *pdns, uint32_t zone)
{
	return pdns && pdns->zones_outcome == PDNS_ANSWERED ? pdns_find_zone(pdns, zone) : NULL;
}

static bool holds_family(const struct address *addresses, size_t count, uint8_t family)
{
	for (size_t i = 0; i < count; i++) {
		if (addresses[i].family == family)
			return true;
	}
	return false;
}

/* The addresses of this primary that the secondary's row names as masters. */
static size_t asked_addresses(const struct api_case *self, struct address out[API_ADDRESSES])
{
	const struct pdns_zone *row = api_row(self->secondary, self->zone);
	const struct pdns_masters *masters = row ? &self->secondary->masters[row->masters] : NULL;
	struct address primary[API_ADDRESSES];
	size_t known = api_addresses(self->facts, self->primary, self->primary_at, primary),
	       count = 0;

	for (size_t at = 0; at < known; at++) {
		for (uint32_t i = 0; masters && i < masters->address_count; i++) {
			if (address_same_host(&masters->addresses[i], &primary[at]))
				count = add_address(out, count, &primary[at]);
		}
	}
	return count;
}

size_t api_clients(const struct api_case *self, struct address out[API_ADDRESSES])
{
	const struct pdns_server *pdns = self->secondary;
	struct address asked[API_ADDRESSES];
	size_t asked_count = asked_addresses(self, asked), count = 0, kept = 0;

	for (uint32_t i = 0; pdns && i < pdns->source_count; i++)
		count = add_address(out, count, &pdns->sources[i]);
	if (!count)
		count = api_addresses(self->facts, pdns, self->secondary_at, out);
	for (size_t i = 0; i < count; i++) {
		if (!asked_count || holds_family(asked, asked_count, out[i].family))
			out[kept++] = out[i];
	}
	return kept;
}

bool api_lacks(const struct pdns_server *pdns, uint32_t zone)
{
	return pdns && pdns->zones_outcome == PDNS_ANSWERED && !pdns_find_zone(pdns, zone);
}

bool api_serial(const struct pdns_server *pdns, uint32_t zone, uint32_t *serial)
{
	const struct pdns_zone *row = api_row(pdns, zone);
	const struct pdns_detail *detail = pdns ? pdns_find_detail(pdns, zone) : NULL;
	/* What was transferred is served as it is, whatever SOA-EDIT says there. */
	bool is_transferred = api_is_secondary_kind(row) && !api_never_transferred(row);

	if (row && !is_transferred && row->has_edited_serial)
		*serial = row->edited_serial;
	else if (row && !is_transferred && detail && detail->has_edited_serial)
		*serial = detail->edited_serial;
	else if (is_transferred ||
		(row && detail && detail->outcome == PDNS_ANSWERED && !*detail->soa_edit))
		*serial = row->serial;
	else
		return false;
	return true;
}

bool api_is_primary_kind(const struct pdns_zone *row)
{
	return row && (row->kind == PDNS_MASTER || row->kind == PDNS_PRODUCER);
}

bool api_is_secondary_kind(const struct pdns_zone *row)
{
	return row && (row->kind == PDNS_SLAVE || row->kind == PDNS_CONSUMER);
}

/* Both are 0 until the first transfer; a zone may have the serial 0 itself. */
bool api_never_transferred(const struct pdns_zone *row)
{
	return api_is_secondary_kind(row) && !row->serial && !row->last_check_s;
}

/* These keep it. Of the others some never tell: by the list a zone of the bind backend has 0 for
 * ever. */
static bool keeps_notified_serial(const char *launch)
{
	static const char *const backends[] = { "gmysql", "gpgsql", "gsqlite3", "godbc", "lmdb" };

	while (launch && *(launch += strspn(launch, ", "))) {
		size_t length = strcspn(launch, ":, ");
		bool is_known = false;

		for (size_t i = 0; i < sizeof(backends) / sizeof(backends[0]); i++)
			is_known |= length == strlen(backends[i]) &&
				!strncasecmp(launch, backends[i], length);
		if (!is_known)
			return false;
		launch += strcspn(launch, ", ");
	}
	return launch;
}

bool api_is_pending(const struct pdns_server *primary, uint32_t zone)
{
	const struct pdns_zone *row = api_row(primary, zone);

	return api_is_primary_kind(row) &&
		serial_compare(row->notified_serial, row->serial) == SERIAL_BEHIND &&
		(row->notified_serial || keeps_notified_serial(primary->settings[PDNS_LAUNCH]));
}

static bool is_any_private(const struct address *addresses, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (address_is_private(&addresses[i]))
			return true;
	}
	return false;
}

/* Is one of the masters another server of this zone? Then it follows that one. */
static bool follows_another(const struct api_case *self, const struct pdns_masters *masters)
{
	const struct plan *plan = self->facts->plan;

	for (uint32_t s = 0; s < plan->server_count; s++) {
		if (s == self->secondary_at || s == self->primary_at ||
			api_lacks(api_server_at(self->facts, s), self->zone))
			continue;
		for (uint32_t i = 0; i < masters->address_count; i++) {
			if (address_same_host(&plan->servers[s].address, &masters->addresses[i]))
				return true;
		}
	}
	return false;
}

enum pdns_switch api_follows(const struct api_case *self)
{
	const struct pdns_zone *row = api_row(self->secondary, self->zone);
	struct address primary[API_ADDRESSES];
	const struct pdns_masters *masters;
	size_t count;

	if (!api_is_secondary_kind(row))
		return PDNS_NOT_KNOWN;
	masters = &self->secondary->masters[row->masters];
	count = api_addresses(self->facts, self->primary, self->primary_at, primary);
	if (!masters->address_count || !count)
		return PDNS_NOT_KNOWN;
	for (uint32_t i = 0; i < masters->address_count; i++) {
		for (size_t at = 0; at < count; at++) {
			if (address_same_host(&masters->addresses[i], &primary[at]))
				return PDNS_ON;
		}
	}
	/* The primary behind NAT: inside it has another address, which is not known here. */
	if (follows_another(self, masters) ||
		(is_any_private(masters->addresses, masters->address_count) &&
			!is_any_private(primary, count)))
		return PDNS_NOT_KNOWN;
	return PDNS_OFF;
}

static bool is_named(const char *name, const struct pdns_values *names)
{
	size_t length = strlen(name);

	for (uint32_t i = 0; i < names->count; i++) {
		if (!strncasecmp(names->items[i], name, length) &&
			(!names->items[i][length] || !strcmp(names->items[i] + length, ".")))
			return true;
	}
	return false;
}

bool api_is_named(const struct api_case *self, const struct pdns_values *names)
{
	return is_named(api_name(self->facts, self->secondary_at), names) ||
		(self->secondary && is_named(self->secondary->name, names));
}

bool api_is_listed(const struct api_case *self)
{
	const struct plan *plan = self->facts->plan;
	uint32_t pair = plan_pair(plan, self->zone, self->secondary_at);

	return pair != PLAN_NONE && (plan->pair_flags[pair] & PAIR_LISTED) != 0;
}

static bool names_client(const struct api_case *self, const char *list)
{
	struct address clients[API_ADDRESSES];
	size_t count = api_addresses(self->facts, self->secondary, self->secondary_at, clients);

	for (size_t i = 0; list && i < count; i++) {
		if (address_list_names(list, &clients[i]))
			return true;
	}
	return false;
}

const struct pdns_detail *api_detail(const struct api_case *self)
{
	return self->primary ? pdns_find_detail(self->primary, self->zone) : NULL;
}

/* Do also-notify and ALSO-NOTIFY, which only-notify does not restrict? */
static enum pdns_switch is_told_besides(const struct api_case *self)
{
	const struct pdns_detail *detail = api_detail(self);
	const struct pdns_values *also;

	if (self->primary && names_client(self, self->primary->settings[PDNS_ALSO_NOTIFY]))
		return PDNS_ON;
	if (!detail || detail->metadata_outcome != PDNS_ANSWERED)
		return PDNS_NOT_KNOWN;
	also = &detail->metadata[PDNS_META_ALSO_NOTIFY];
	for (uint32_t i = 0; i < also->count; i++) {
		if (names_client(self, also->items[i]))
			return PDNS_ON;
	}
	return PDNS_OFF;
}

bool api_is_muted(const struct api_case *self)
{
	const char *list = self->primary ? self->primary->settings[PDNS_ONLY_NOTIFY] : NULL;
	struct address clients[API_ADDRESSES];
	size_t count = api_addresses(self->facts, self->secondary, self->secondary_at, clients);

	for (size_t i = 0; list && i < count; i++) {
		if (address_list_holds(list, &clients[i]))
			return false;
	}
	return list && count && is_told_besides(self) == PDNS_OFF;
}

const char *api_other_name(const struct api_case *self)
{
	const struct pdns_detail *detail = api_detail(self);
	struct address its[API_ADDRESSES];
	size_t count = api_addresses(self->facts, self->secondary, self->secondary_at, its);

	if (!detail || api_is_named(self, &detail->ns))
		return NULL;
	for (uint32_t i = 0; i < detail->ns_address_count; i++) {
		for (size_t at = 0; at < count; at++) {
			if (address_same_host(&detail->ns_addresses[i].address, &its[at]))
				return detail->ns.items[detail->ns_addresses[i].name];
		}
	}
	return NULL;
}

/* Is it known what the NS names mean? DNS showed it, where that was asked. Behind NAT the secondary
 * has one address more, which is not known here. */
static bool are_names_known(const struct api_case *self, const struct pdns_detail *detail)
{
	struct address its[API_ADDRESSES];
	size_t count = api_addresses(self->facts, self->secondary, self->secondary_at, its);

	if (self->facts->plan->zones[self->zone].name_count)
		return true;
	if (detail->ns_unresolved)
		return false;
	for (uint32_t i = 0; i < detail->ns_address_count && is_any_private(its, count); i++) {
		if (!address_is_private(&detail->ns_addresses[i].address))
			return false;
	}
	return true;
}

enum pdns_switch api_is_told(const struct api_case *self)
{
	const struct pdns_detail *detail = api_detail(self);
	enum pdns_switch besides = is_told_besides(self);

	if (api_is_listed(self) || besides == PDNS_ON)
		return PDNS_ON;
	if (!detail || detail->records_outcome != PDNS_ANSWERED)
		return PDNS_NOT_KNOWN;
	if (api_is_named(self, &detail->ns) || api_other_name(self))
		return PDNS_ON;
	/* "ns2" may be any of them. */
	return strchr(api_name(self->facts, self->secondary_at), '.') &&
			are_names_known(self, detail)
		? besides
		: PDNS_NOT_KNOWN;
}
