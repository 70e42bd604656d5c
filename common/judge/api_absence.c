/* Why a zone that a secondary should have did not come to it by itself. */
#include <string.h>
#include <strings.h>

#include "common/judge/address_lists.h"
#include "common/judge/api_private.h"

/* And what brings one at once. */
static void add_creating(struct text *out, const struct api_case *self)
{
	text_addf(out,
		"; or, for this zone alone, on %s: ", api_name(self->facts, self->secondary_at));
	api_task(out, self, TASK_ADD_SECONDARY);
}

static void add_notifying(struct text *out, const struct api_case *self)
{
	api_on(out, self, self->primary_at);
	api_task(out, self, TASK_NOTIFY);
}

/* What the best row of autoprimaries lacks for this zone. */
enum fit {
	FIT_NOT_KNOWN,
	FIT_EMPTY,
	FIT_OTHER_ADDRESS,
	FIT_OTHER_SPELLING, /* of the address */
	FIT_OTHER_NAME,
	FIT_DOTTED, /* the name with its final dot */
	FIT_GOOD
};

static bool is_address_of(const struct pdns_autoprimary *row, const struct address *primary,
	size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (address_same_host(&row->address, &primary[i]))
			return true;
	}
	return false;
}

static bool holds_name(const struct pdns_values *names, const char *name)
{
	for (uint32_t i = 0; i < names->count; i++) {
		if (!strcmp(names->items[i], name))
			return true;
	}
	return false;
}

/* PowerDNS compares texts: an address as it prints it itself, a name without its final dot. */
static enum fit fit_of_row(const struct pdns_autoprimary *row, const struct pdns_values *names)
{
	char address[ADDRESS_TEXT];

	if (strcasecmp(row->ip, address_to_text(&row->address, address)))
		return FIT_OTHER_SPELLING;
	if (names && !holds_name(names, row->nameserver))
		return FIT_OTHER_NAME;
	return row->is_dotted ? FIT_DOTTED : FIT_GOOD;
}

/* PowerDNS takes a NOTIFY from the row's address, of a zone whose NS set on the primary holds the
 * row's name. `*row` is the best one with the right address, if there is any. */
static enum fit fit_of(const struct api_case *self, const struct pdns_autoprimary **row)
{
	const struct pdns_server *secondary = self->secondary;
	const struct pdns_detail *detail = api_detail(self);
	const struct pdns_values *names =
		detail && detail->records_outcome == PDNS_ANSWERED ? &detail->ns : NULL;
	struct address primary[API_ADDRESSES];
	size_t count = api_addresses(self->facts, self->primary, self->primary_at, primary);
	enum fit best = FIT_EMPTY;

	*row = NULL;
	if (secondary->autoprimaries_outcome != PDNS_ANSWERED)
		return FIT_NOT_KNOWN;
	for (uint32_t i = 0; i < secondary->autoprimary_count; i++) {
		const struct pdns_autoprimary *each = &secondary->autoprimaries[i];
		enum fit fit;

		if (!is_address_of(each, primary, count))
			continue;
		fit = fit_of_row(each, names);
		if (fit > best) {
			best = fit;
			*row = each;
		}
	}
	if (*row || !secondary->autoprimary_count)
		return best;
	return count ? FIT_OTHER_ADDRESS : FIT_NOT_KNOWN;
}

static bool is_not_automatic(struct api_case *self)
{
	const struct pdns_autoprimary *row;
	enum fit fit = fit_of(self, &row);
	struct text advice = { 0 };

	if (pdns_setting_switch(self->secondary, PDNS_AUTOSECONDARY) != PDNS_OFF)
		return false;
	api_found(self, FINDING_AUTOSECONDARY_DISABLED, self->secondary_at,
		"it has %s=no, so new zones do not come by themselves",
		pdns_setting_name(self->secondary, PDNS_AUTOSECONDARY));
	api_on(&advice, self, self->secondary_at);
	api_set(&advice, self->secondary, PDNS_AUTOSECONDARY, "yes");
	if (fit != FIT_GOOD) {
		text_add(&advice, "; then: ");
		api_task(&advice, self, TASK_ADD_AUTOPRIMARY);
	}
	add_notifying(&advice, self);
	add_creating(&advice, self);
	api_advise(self, &advice);
	return true;
}

/* "198.51.100.1, 198.51.100.2" */
static const char *autoprimaries(const struct api_case *self)
{
	struct text out = { 0 };
	const char *text;

	for (uint32_t i = 0; i < self->secondary->autoprimary_count && i < 3; i++)
		text_addf(&out, "%s%s", i ? ", " : "", self->secondary->autoprimaries[i].ip);
	text = arena_string(self->arena, text_string(&out));
	text_free(&out);
	return text;
}

static const char *address_text(const struct api_case *self)
{
	struct address primary[API_ADDRESSES];
	size_t count = api_addresses(self->facts, self->primary, self->primary_at, primary);

	return api_addresses_text(self->arena, primary, count);
}

/* The row's name as it stands there. */
static const char *written_name(const struct api_case *self, const struct pdns_autoprimary *row)
{
	size_t length = strlen(row->nameserver);
	bool adds_dot = !row->is_dotted && length > 1;

	return arena_printf(self->arena, "%.*s", (int)(length - adds_dot), row->nameserver);
}

static void say_row(struct api_case *self, enum fit fit, const struct pdns_autoprimary *row)
{
	char address[ADDRESS_TEXT];

	if (fit == FIT_EMPTY)
		api_found(self, FINDING_AUTOPRIMARY_MISSING, self->secondary_at,
			"it has no autoprimary, so NOTIFY creates no zone");
	else if (fit == FIT_OTHER_ADDRESS)
		api_found(self, FINDING_AUTOPRIMARY_WRONG_ADDRESS, self->secondary_at,
			"it has other autoprimaries (%s) than %s (%s)", autoprimaries(self),
			api_name(self->facts, self->primary_at), address_text(self));
	else if (fit == FIT_OTHER_SPELLING)
		api_found(self, FINDING_AUTOPRIMARY_WRONG_ADDRESS, self->secondary_at,
			"it has the autoprimary %s, and PowerDNS, which compares texts, looks for %s",
			row->ip, address_to_text(&row->address, address));
	else if (fit == FIT_DOTTED)
		api_found(self, FINDING_AUTOPRIMARY_WRONG_NAME, self->secondary_at,
			"it has the autoprimary %s with the name %s, and PowerDNS looks for it without the final dot",
			row->ip, written_name(self, row));
	else
		api_found(self, FINDING_AUTOPRIMARY_WRONG_NAME, self->secondary_at,
			"it has the autoprimary %s with the name %s, which is none of the zone's NS names",
			row->ip, written_name(self, row));
}

/* Is there a name for a row: one that the zone's NS set holds, as far as that is known? */
static bool has_name(const struct api_case *self)
{
	const struct pdns_detail *detail = api_detail(self);

	return !detail || detail->records_outcome != PDNS_ANSWERED || api_other_name(self) ||
		api_is_named(self, &detail->ns);
}

static void add_row(struct text *out, const struct api_case *self, bool is_own)
{
	api_on(out, self, self->secondary_at);
	if (!has_name(self)) {
		api_task(out, self, TASK_ADD_SECONDARY);
		return;
	}
	api_task(out, self, TASK_ADD_AUTOPRIMARY);
	add_notifying(out, self);
	if (is_own || api_other_name(self))
		add_creating(out, self);
}

static bool is_row_missing(struct api_case *self)
{
	const struct pdns_autoprimary *row;
	struct text advice = { 0 };
	enum fit fit = fit_of(self, &row);
	bool is_own = fit == FIT_OTHER_NAME &&
		api_is_named(self, &(struct pdns_values){ &row->nameserver, 1 });

	/* With its own name in the row it is the NS set that lacks it, or has another one. */
	if (fit == FIT_NOT_KNOWN || fit == FIT_GOOD ||
		(is_own && !has_name(self) && !api_is_listed(self)))
		return false;
	say_row(self, fit, row);
	add_row(&advice, self, is_own);
	api_advise(self, &advice);
	api_quote_log(self, self->secondary, "Unable to find backend", NULL);
	return true;
}

static bool consumes(const struct api_case *self, const char *catalog)
{
	const struct pdns_server *secondary = self->secondary;

	for (uint32_t i = 0; i < secondary->zone_count; i++) {
		const struct pdns_zone *row = &secondary->zones[i];

		if (row->kind == PDNS_CONSUMER && api_is_zone(self->facts, row, catalog))
			return true;
	}
	return false;
}

/* Where only zones that were named are asked for it is not known what it consumes; but a member
 * that no autoprimary would bring comes by its catalog or by hand. */
static bool may_consume(const struct api_case *self, const char *catalog)
{
	const struct pdns_autoprimary *row;

	if (consumes(self, catalog))
		return true;
	return !self->secondary->all_zones &&
		(pdns_setting_switch(self->secondary, PDNS_AUTOSECONDARY) == PDNS_OFF ||
			fit_of(self, &row) == FIT_EMPTY);
}

/* Provisioned by a catalog zone (RFC 9432), which brings members without autoprimaries. */
static bool is_catalog_slow(struct api_case *self)
{
	const char *catalog =
		api_catalog(self->facts, api_row(self->primary, self->zone), self->arena);
	struct text advice = { 0 };

	if (!*catalog || !may_consume(self, catalog))
		return false;
	api_found(self, FINDING_CATALOG_MEMBER_MISSING, self->secondary_at,
		"it is a member of the catalog %s on %s, and yet it did not come by that one",
		catalog, api_name(self->facts, self->primary_at));
	api_on(&advice, self, self->secondary_at);
	text_add(&advice, "pdns_control retrieve ");
	command_word(&advice, catalog);
	if (!consumes(self, catalog))
		add_creating(&advice, self);
	api_advise(self, &advice);
	return true;
}

/* All is in order; then only the call is missing. */
static bool is_not_called(struct api_case *self)
{
	struct text advice = { 0 };

	if (!self->primary)
		return false;
	api_found(self, FINDING_ZONE_MISSING_ON_SECONDARY, self->secondary_at,
		"it does not have the zone yet, and all is in order for it to come with NOTIFY");
	add_notifying(&advice, self);
	add_creating(&advice, self);
	api_advise(self, &advice);
	return true;
}

bool api_find_absence(struct api_case *self)
{
	bool comes_itself;

	if (is_catalog_slow(self) || is_not_automatic(self))
		return true;
	comes_itself = pdns_setting_switch(self->secondary, PDNS_AUTOSECONDARY) == PDNS_ON;
	if ((comes_itself && is_row_missing(self)) || api_find_silence(self))
		return true;
	return is_not_called(self);
}
