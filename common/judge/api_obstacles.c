/*
 * Why a zone that is configured on a secondary does not follow: first what stops every transfer,
 * then why nobody tells it of changes. Each looks only at what is known.
 */
#include <string.h>
#include <strings.h>

#include "common/dns/serial.h"
#include "common/judge/address_lists.h"
#include "common/judge/api_private.h"

static const char *name_of(const struct api_case *self, uint32_t server)
{
	return api_name(self->facts, server);
}

static void fetch(struct text *out, const struct api_case *self)
{
	api_on(out, self, self->secondary_at);
	api_task(out, self, TASK_RETRANSFER);
}

static void notify(struct text *out, const struct api_case *self)
{
	api_on(out, self, self->primary_at);
	api_task(out, self, TASK_NOTIFY);
}

/* --- What stops every transfer ---------------------------------------------------------------- */

static bool is_no_secondary(struct api_case *self)
{
	struct text advice = { 0 };

	if (pdns_setting_switch(self->secondary, PDNS_SECONDARY) != PDNS_OFF)
		return false;
	api_found(self, FINDING_SECONDARY_DISABLED, self->secondary_at,
		"it has %s=no, so it neither asks its primary nor takes NOTIFY",
		pdns_setting_name(self->secondary, PDNS_SECONDARY));
	api_on(&advice, self, self->secondary_at);
	api_set(&advice, self->secondary, PDNS_SECONDARY, "yes");
	text_add(&advice, "; then: ");
	api_task(&advice, self, TASK_RETRANSFER);
	api_advise(self, &advice);
	return true;
}

/* It has the zone, and as one of its own. */
static bool is_own_zone(struct api_case *self)
{
	const struct pdns_zone *row = api_row(self->secondary, self->zone);
	struct text advice = { 0 };

	if (!row || row->kind == PDNS_KIND_UNKNOWN || api_is_secondary_kind(row) ||
		!api_is_primary_kind(api_row(self->primary, self->zone)))
		return false;
	api_found(self, row->kind == PDNS_NATIVE ? FINDING_ZONE_KIND_NATIVE : FINDING_NONE,
		self->secondary_at, "the zone is %s there: it transfers it from nobody",
		pdns_kind_name((enum pdns_kind)row->kind));
	api_on(&advice, self, self->secondary_at);
	api_task(&advice, self, TASK_BE_SECONDARY);
	text_add(&advice, " && ");
	api_task(&advice, self, TASK_FOLLOW);
	text_add(&advice, " && ");
	api_task(&advice, self, TASK_RETRANSFER);
	api_advise(self, &advice);
	return true;
}

/* Is one of the clients in the list? */
static bool is_any_in(const char *list, const struct address *clients, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (address_list_holds(list, &clients[i]))
			return true;
	}
	return false;
}

/* AUTO-NS, in any case, lets in the servers of the NS set. */
static bool is_let_in_by_zone(const struct pdns_values *from, const struct address *clients,
	size_t count)
{
	for (uint32_t i = 0; i < from->count; i++) {
		if (strcasestr(from->items[i], "AUTO-NS") ||
			is_any_in(from->items[i], clients, count))
			return true;
	}
	return false;
}

/* What is to be done on one of the two, and then transferred. */
static void advise_access(struct api_case *self, uint32_t server, enum task task)
{
	struct text advice = { 0 };

	api_on(&advice, self, server);
	api_task(&advice, self, task);
	fetch(&advice, self);
	api_advise(self, &advice);
}

static bool is_closed(struct api_case *self)
{
	struct text advice = { 0 };

	if (!self->primary || pdns_setting_switch(self->primary, PDNS_DISABLE_AXFR) != PDNS_ON)
		return false;
	api_found(self, FINDING_AXFR_DENIED, self->primary_at,
		"%s denies it the transfer: disable-axfr=yes", name_of(self, self->primary_at));
	api_on(&advice, self, self->primary_at);
	api_set(&advice, self->primary, PDNS_DISABLE_AXFR, "no");
	fetch(&advice, self);
	api_advise(self, &advice);
	return true;
}

/* NULL: not known. */
static const struct pdns_values *metadata(const struct pdns_server *pdns, uint32_t zone,
	enum pdns_metadata kind)
{
	const struct pdns_detail *detail = pdns ? pdns_find_detail(pdns, zone) : NULL;

	return detail && detail->metadata_outcome == PDNS_ANSWERED ? &detail->metadata[kind] : NULL;
}

static bool is_same_key(const char *a, const char *b)
{
	size_t left = strlen(a), right = strlen(b);

	left -= left && a[left - 1] == '.';
	right -= right && b[right - 1] == '.';
	return left == right && !strncasecmp(a, b, left);
}

static bool shares_key(const struct pdns_values *a, const struct pdns_values *b)
{
	for (uint32_t i = 0; i < a->count; i++) {
		for (uint32_t j = 0; j < b->count; j++) {
			if (is_same_key(a->items[i], b->items[j]))
				return true;
		}
	}
	return false;
}

/* Who signs has to have a key that is let in; then his address does not matter. */
static bool is_key_refused(struct api_case *self)
{
	const struct pdns_values *ours = metadata(self->primary, self->zone,
					 PDNS_META_TSIG_ALLOW_AXFR),
				 *theirs = metadata(self->secondary, self->zone,
					 PDNS_META_AXFR_MASTER_TSIG);

	if (!ours || !theirs || !theirs->count || shares_key(ours, theirs) ||
		api_follows(self) == PDNS_OFF)
		return false;
	self->key = theirs->items[0];
	api_found(self, FINDING_AXFR_DENIED, self->primary_at,
		"%s denies it the transfer: it signs with the key %s (AXFR-MASTER-TSIG), and TSIG-ALLOW-AXFR %s%s",
		name_of(self, self->primary_at), self->key, ours->count ? "is " : "is not set",
		ours->count ? ours->items[0] : "");
	advise_access(self, self->primary_at, TASK_ALLOW_KEY);
	return true;
}

/* Only a key lets in, and it has none. */
static bool is_key_missing(struct api_case *self, const struct pdns_values *ours)
{
	const struct pdns_values *theirs =
		metadata(self->secondary, self->zone, PDNS_META_AXFR_MASTER_TSIG);

	if (!theirs || theirs->count)
		return false;
	self->key = ours->items[0];
	api_found(self, FINDING_AXFR_DENIED, self->primary_at,
		"%s denies it the transfer: only the key %s (TSIG-ALLOW-AXFR) lets in, and the zone has no AXFR-MASTER-TSIG on %s",
		name_of(self, self->primary_at), self->key, name_of(self, self->secondary_at));
	advise_access(self, self->secondary_at, TASK_USE_KEY);
	return true;
}

static bool is_stranger(struct api_case *self, const struct address *clients, size_t count)
{
	const char *list = self->primary ? self->primary->settings[PDNS_ALLOW_AXFR_IPS] : NULL;
	const struct pdns_values *from = metadata(self->primary, self->zone,
					 PDNS_META_ALLOW_AXFR_FROM),
				 *keys = metadata(self->primary, self->zone,
					 PDNS_META_TSIG_ALLOW_AXFR);

	if (!list || !count || !from || is_any_in(list, clients, count) ||
		is_let_in_by_zone(from, clients, count))
		return false;
	if (keys->count)
		return is_key_missing(self, keys);
	api_found(self, FINDING_AXFR_DENIED, self->primary_at,
		"%s denies it the transfer: %s %s in neither allow-axfr-ips=%s nor ALLOW-AXFR-FROM, and there is no "
		"TSIG-ALLOW-AXFR",
		name_of(self, self->primary_at), api_addresses_text(self->arena, clients, count),
		count > 1 ? "are" : "is", list);
	advise_access(self, self->primary_at, TASK_ALLOW);
	return true;
}

/* "failed: client may not request AXFR", "denied: client IP has no permission"; not what it did
 * allow before. */
static bool is_refusal(const char *line)
{
	return strstr(line, "failed") || strstr(line, "denied");
}

static bool is_denied(struct api_case *self)
{
	struct address clients[API_ADDRESSES];
	size_t count = api_clients(self, clients);

	if (!is_closed(self) && !is_key_refused(self) && !is_stranger(self, clients, count))
		return false;
	self->own = arena_printf(self->arena, "denies %s the transfer%s",
		name_of(self, self->secondary_at), strstr(self->why, ": "));
	for (size_t i = 0; i < count && !self->evidence; i++)
		api_quote_log(self, self->primary,
			arena_printf(self->arena, "client '%s",
				api_addresses_text(self->arena, &clients[i], 1)),
			is_refusal);
	return true;
}

bool api_find_barrier(struct api_case *self)
{
	if (self->secondary && (is_no_secondary(self) || is_own_zone(self)))
		return true;
	return is_denied(self);
}

/* --- Why nobody tells it ---------------------------------------------------------------------- */

static bool is_no_primary(struct api_case *self)
{
	const struct pdns_zone *row = api_row(self->primary, self->zone);
	struct text advice = { 0 };

	if (pdns_setting_switch(self->primary, PDNS_PRIMARY) != PDNS_OFF ||
		api_is_secondary_kind(row))
		return false;
	api_found(self, FINDING_PRIMARY_DISABLED, self->primary_at,
		"%s has %s=no, so it sends no NOTIFY", name_of(self, self->primary_at),
		pdns_setting_name(self->primary, PDNS_PRIMARY));
	api_on(&advice, self, self->primary_at);
	api_set(&advice, self->primary, PDNS_PRIMARY, "yes");
	text_add(&advice, "; then: ");
	if (row && row->kind == PDNS_NATIVE) {
		api_task(&advice, self, TASK_SET_PRIMARY);
		text_add(&advice, " && ");
	}
	api_task(&advice, self, TASK_NOTIFY);
	api_advise(self, &advice);
	return true;
}

static bool is_native(struct api_case *self)
{
	const struct pdns_zone *row = api_row(self->primary, self->zone);
	struct text advice = { 0 };

	if (!row || row->kind != PDNS_NATIVE)
		return false;
	api_found(self, FINDING_ZONE_KIND_NATIVE, self->primary_at,
		"the zone is Native on %s, so no NOTIFY is sent for it",
		name_of(self, self->primary_at));
	api_on(&advice, self, self->primary_at);
	api_task(&advice, self, TASK_SET_PRIMARY);
	text_add(&advice, " && ");
	api_task(&advice, self, TASK_NOTIFY);
	api_advise(self, &advice);
	return true;
}

static const char *with_addresses(struct api_case *self, const char *list,
	const struct address *addresses, size_t count)
{
	return arena_printf(self->arena, "%s%s%s", list, *list ? "," : "",
		api_addresses_text(self->arena, addresses, count));
}

/* Who sends NOTIFY has to be one of the masters as well, so that they can be compared. */
static bool is_notify_barred(struct api_case *self)
{
	const struct pdns_zone *row = api_row(self->secondary, self->zone);
	const char *list = self->secondary->settings[PDNS_ALLOW_NOTIFY_FROM];
	const char *proxies = self->secondary->settings[PDNS_TRUSTED_NOTIFICATION_PROXY];
	const struct pdns_masters *masters;
	struct text advice = { 0 };

	if (!list || !api_is_secondary_kind(row) || (proxies && *proxies))
		return false;
	masters = &self->secondary->masters[row->masters];
	if (!masters->address_count || is_any_in(list, masters->addresses, masters->address_count))
		return false;
	api_found(self, FINDING_NOTIFY_REJECTED, self->secondary_at,
		"it rejects NOTIFY from its primary %s: allow-notify-from=%s",
		api_addresses_text(self->arena, masters->addresses, masters->address_count), list);
	api_on(&advice, self, self->secondary_at);
	api_set(&advice, self->secondary, PDNS_ALLOW_NOTIFY_FROM,
		with_addresses(self, list, masters->addresses, 1));
	text_add(&advice, "; then: ");
	api_task(&advice, self, TASK_RETRANSFER);
	api_advise(self, &advice);
	return true;
}

/* Unsigned NOTIFY is rejected, and nothing says that it could be signed. */
static bool is_signature_missing(struct api_case *self)
{
	const struct pdns_detail *own = pdns_find_detail(self->secondary, self->zone);
	const struct pdns_detail *other = api_detail(self);
	struct text advice = { 0 };
	bool own_lacks = own && own->metadata_outcome == PDNS_ANSWERED &&
		!own->metadata[PDNS_META_AXFR_MASTER_TSIG].count,
	     other_lacks = other && other->metadata_outcome == PDNS_ANSWERED &&
		!other->metadata[PDNS_META_TSIG_ALLOW_AXFR].count;

	if (pdns_setting_switch(self->secondary, PDNS_ALLOW_UNSIGNED_NOTIFY) != PDNS_OFF ||
		(!own_lacks && !other_lacks))
		return false;
	api_found(self, FINDING_NOTIFY_REJECTED, self->secondary_at,
		"it rejects NOTIFY without a signature (allow-unsigned-notify=no), and the zone has no %s on %s",
		own_lacks ? "AXFR-MASTER-TSIG" : "TSIG-ALLOW-AXFR",
		name_of(self, own_lacks ? self->secondary_at : self->primary_at));
	api_on(&advice, self, self->secondary_at);
	api_set(&advice, self->secondary, PDNS_ALLOW_UNSIGNED_NOTIFY, "yes");
	text_add(&advice, "; then: ");
	api_task(&advice, self, TASK_RETRANSFER);
	api_advise(self, &advice);
	return true;
}

static bool is_another_primary(struct api_case *self)
{
	const struct pdns_masters *masters;
	struct address primary[API_ADDRESSES];
	struct text advice = { 0 };
	size_t count;

	if (api_follows(self) != PDNS_OFF)
		return false;
	masters = &self->secondary->masters[api_row(self->secondary, self->zone)->masters];
	count = api_addresses(self->facts, self->primary, self->primary_at, primary);
	api_found(self, FINDING_NOTIFY_REJECTED, self->secondary_at,
		"its primary is %s, not %s (%s): it asks there, and rejects NOTIFY from elsewhere",
		masters->text, name_of(self, self->primary_at),
		api_addresses_text(self->arena, primary, count));
	api_on(&advice, self, self->secondary_at);
	api_task(&advice, self, TASK_FOLLOW);
	text_add(&advice, " && ");
	api_task(&advice, self, TASK_RETRANSFER);
	api_advise(self, &advice);
	return true;
}

/* NS record or not: no NOTIFY goes to it. */
static bool is_left_out(struct api_case *self)
{
	bool is_muted = api_is_muted(self);
	struct text advice = { 0 };

	if (!is_muted && api_is_told(self) != PDNS_OFF)
		return false;
	if (is_muted)
		api_found(self, FINDING_NONE, self->primary_at,
			"only-notify=%s of %s leaves it out, and also-notify and ALSO-NOTIFY do not name it, so no NOTIFY goes there",
			self->primary->settings[PDNS_ONLY_NOTIFY], name_of(self, self->primary_at));
	else
		api_found(self, FINDING_NONE, self->primary_at,
			"no NS record names it, nor do also-notify and ALSO-NOTIFY, so no NOTIFY goes there");
	api_on(&advice, self, self->primary_at);
	api_task(&advice, self, TASK_ALSO_NOTIFY);
	text_add(&advice, " && ");
	api_task(&advice, self, TASK_NOTIFY);
	api_advise(self, &advice);
	return true;
}

/* A secondary that is another's primary passes NOTIFY on only where it is told to. */
static bool is_not_passed_on(struct api_case *self)
{
	const struct pdns_detail *detail = pdns_find_detail(self->primary, self->zone);
	struct text advice = { 0 };

	if (!api_is_secondary_kind(api_row(self->primary, self->zone)) ||
		pdns_setting_switch(self->primary, PDNS_SECONDARY_DO_RENOTIFY) != PDNS_OFF ||
		!detail || detail->metadata_outcome != PDNS_ANSWERED ||
		detail->metadata[PDNS_META_SLAVE_RENOTIFY].count)
		return false;
	api_found(self, FINDING_NONE, self->primary_at,
		"it follows %s, which is a secondary itself and passes no NOTIFY on (%s=no)",
		name_of(self, self->primary_at),
		pdns_setting_name(self->primary, PDNS_SECONDARY_DO_RENOTIFY));
	api_on(&advice, self, self->primary_at);
	api_set(&advice, self->primary, PDNS_SECONDARY_DO_RENOTIFY, "yes");
	text_add(&advice, "; then: ");
	api_task(&advice, self, TASK_NOTIFY);
	api_advise(self, &advice);
	return true;
}

static bool is_pending(struct api_case *self)
{
	const struct pdns_zone *row = api_row(self->primary, self->zone);
	struct text advice = { 0 };
	uint32_t cycle_s;

	if (!api_is_pending(self->primary, self->zone))
		return false;
	api_found(self, FINDING_NOTIFY_PENDING, self->primary_at,
		"%s has not sent NOTIFY of %u yet, only of %u", name_of(self, self->primary_at),
		row->serial, row->notified_serial);
	if (pdns_setting_number(self->primary, PDNS_XFR_CYCLE_INTERVAL, &cycle_s))
		self->evidence = arena_printf(self->arena, "it looks for changes every %us (%s)",
			cycle_s, pdns_setting_name(self->primary, PDNS_XFR_CYCLE_INTERVAL));
	notify(&advice, self);
	api_advise(self, &advice);
	return true;
}

bool api_find_silence(struct api_case *self)
{
	if (self->primary && (is_no_primary(self) || is_native(self)))
		return true;
	if (self->secondary &&
		(is_notify_barred(self) || is_signature_missing(self) || is_another_primary(self)))
		return true;
	return self->primary && (is_left_out(self) || is_not_passed_on(self) || is_pending(self));
}
