/*
 * What is visible of the why, from outside. Only what must stop every transfer, or what a server
 * says of itself, is a cause. Healthy primaries refuse transfers to strangers, and this host is
 * one; whether NOTIFY reaches a secondary and whether its transfers are refused shows only there:
 * then that is said, and where to look. Nothing here raises a severity.
 */
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/dns/message.h"
#include "common/dns/serial.h"
#include "common/judge/api_cause.h"
#include "common/judge/cause_private.h"
#include "common/model/software.h"

enum { DAY_S = 86400 };

static enum trouble trouble_of(enum finding_code code)
{
	static const unsigned char troubles[FINDING_COUNT] = {
		[FINDING_SECONDARY_BEHIND] = TROUBLE_STALE,
		[FINDING_EXPIRE_NEAR] = TROUBLE_STALE,
		[FINDING_REFRESH_OVERDUE] = TROUBLE_STALE,
		[FINDING_ZONE_SERVFAIL] = TROUBLE_LOST,
		[FINDING_ZONE_EXPIRED] = TROUBLE_LOST,
		[FINDING_ZONE_NOT_LOADED] = TROUBLE_LOST,
		[FINDING_ZONE_REFUSED] = TROUBLE_ABSENT,
		[FINDING_ZONE_NOTAUTH] = TROUBLE_ABSENT,
		[FINDING_ZONE_NXDOMAIN] = TROUBLE_ABSENT,
		[FINDING_NO_SOA] = TROUBLE_ABSENT,
		[FINDING_NOT_AUTHORITATIVE] = TROUBLE_ABSENT,
		[FINDING_SECONDARY_AHEAD] = TROUBLE_AHEAD,
		[FINDING_ORPHAN_ZONE] = TROUBLE_ORPHAN,
		[FINDING_SOA_DIFFERS] = TROUBLE_CHANGED,
		[FINDING_SIGNATURE_STALE] = TROUBLE_SIGNATURE,
		[FINDING_SIGNATURE_EXPIRED] = TROUBLE_SIGNATURE,
		[FINDING_SIGNATURE_EXPIRING] = TROUBLE_SIGNATURE,
	};

	return (enum trouble)troubles[code];
}

uint32_t inquest_server(const struct inquest *self, uint32_t pair)
{
	return self->facts->plan->assigned[pair];
}

const char *inquest_name(const struct inquest *self, uint32_t pair)
{
	return self->facts->plan->servers[inquest_server(self, pair)].display;
}

const struct soa_observation *inquest_seen(const struct inquest *self, uint32_t pair)
{
	return &self->facts->seen->soa[pair];
}

static const struct soa_content *timers_of(const struct inquest *self, uint32_t pair)
{
	return self->facts->seen->fields[inquest_seen(self, pair)->fields];
}

void inquest_explain(struct inquest *self, enum finding_code cause, uint32_t pair,
	const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_cut(&self->why, 0);
	text_vaddf(&self->why, format, arguments);
	va_end(arguments);
	self->finding->cause = cause;
	self->finding->cause_server = inquest_server(self, pair);
}

void inquest_add(struct inquest *self, const char *format, ...)
{
	va_list arguments;

	text_add(&self->evidence, self->evidence.length ? "; " : "");
	va_start(arguments, format);
	text_vaddf(&self->evidence, format, arguments);
	va_end(arguments);
}

const struct transfer_observation *inquest_asked(const struct inquest *self, uint32_t pair,
	bool soa)
{
	const struct observations *seen = self->facts->seen;

	for (size_t i = 0; pair != PLAN_NONE && i < seen->transfer_count; i++) {
		const struct transfer_observation *each = &seen->transfers[i];

		if (each->zone == self->finding->zone &&
			each->server == inquest_server(self, pair) && each->soa == soa)
			return each;
	}
	return NULL;
}

bool inquest_is_silence(enum outcome outcome)
{
	return outcome == OUTCOME_TIMEOUT || outcome == OUTCOME_PORT_CLOSED ||
		outcome == OUTCOME_UNREACHABLE || outcome == OUTCOME_NO_ROUTE ||
		outcome == OUTCOME_CONNECTION_BROKEN;
}

/* The transfer that the server begins, where it has more than its answers show; else NULL. Asked in
 * that order, so that no change came in between (checks/dns_replication.c). */
static const struct transfer_observation *hidden(const struct inquest *self)
{
	const struct transfer_observation *transfer = inquest_asked(self, self->pair, false);
	const struct soa_observation *seen = inquest_seen(self, self->pair);

	if (!transfer || transfer->outcome != OUTCOME_ANSWERED)
		return NULL;
	if (judge_has_serial(seen) &&
		serial_compare(transfer->serial, seen->serial) != SERIAL_AHEAD)
		return NULL;
	return transfer;
}

/* --- Told by the PowerDNS API ------------------------------------------------------------------
 */

/* Whatever `find` found is the cause, and what to type. */
static bool is_told(struct inquest *self, bool (*find)(struct api_case *))
{
	struct api_case told;

	if (!self->facts->seen->pdns_count || self->primary == PLAN_NONE)
		return false;
	told = api_case_between(self->facts, self->arena, self->finding->zone,
		inquest_server(self, self->primary), inquest_server(self, self->pair));
	if (!find(&told))
		return false;
	inquest_explain(self, told.code, self->pair, "%s", told.why);
	self->finding->cause_server = told.culprit;
	self->finding->advice = told.advice;
	if (told.evidence)
		inquest_add(self, "%s", told.evidence);
	return true;
}

/* --- The primary ------------------------------------------------------------------------------ */

static void explain_primary(struct inquest *self, uint32_t pair)
{
	const struct soa_observation *seen = inquest_seen(self, pair);
	enum finding_code code = judge_finding_of(seen);
	const char *name = inquest_name(self, pair);
	char rcode[16];

	if (inquest_is_silence((enum outcome)seen->outcome))
		inquest_explain(self, code, pair, "the primary %s does not answer here, either",
			name);
	else if (code == FINDING_TSIG_FAILED)
		inquest_explain(self, code, pair, "the primary %s does not accept the key", name);
	else if (code == FINDING_NOT_AUTHORITATIVE || code == FINDING_NO_SOA ||
		code == FINDING_MALFORMED_ANSWER)
		inquest_explain(self, code, pair, "the primary %s does not serve the zone, either",
			name);
	else
		inquest_explain(self, code, pair,
			"the primary %s does not serve the zone, either (%s)", name,
			rcode_text(seen->rcode, rcode));
}

/* The primary that was named (-H) has nothing to give. That it is silent is no reason for a server
 * never to have heard of the zone. */
static bool is_primary_gone(struct inquest *self)
{
	if (self->verdict->zones[self->finding->zone].reference.source == REFERENCE_PRIMARY)
		return false; /* another of its addresses serves */
	for (uint32_t i = 0; i < self->zone->pair_count; i++) {
		uint32_t pair = self->zone->first_pair + i;
		const struct soa_observation *seen = inquest_seen(self, pair);

		if (!(self->facts->plan->pair_flags[pair] & PAIR_PRIMARY) ||
			judge_finding_of(seen) == FINDING_NONE)
			continue;
		if (inquest_is_silence((enum outcome)seen->outcome) &&
			self->trouble == TROUBLE_ABSENT)
			continue;
		if (self->trouble == TROUBLE_ORPHAN) /* the finding says so itself */
			self->finding->cause = judge_finding_of(seen);
		else
			explain_primary(self, pair);
		return true;
	}
	return false;
}

/* --- Caches ----------------------------------------------------------------------------------- */

/* As its API tells. */
static void explain_inside(struct inquest *self, uint32_t inside)
{
	const struct reference *reference = &self->verdict->zones[self->finding->zone].reference;

	if (!judge_has_serial(inquest_seen(self, self->pair)))
		inquest_explain(self, FINDING_CACHE_STALE, self->pair,
			"it has the zone already (serial %u, as its API says) and does not show it yet",
			inside);
	else if (serial_compare(inside, reference->serial) != SERIAL_BEHIND)
		inquest_explain(self, FINDING_CACHE_STALE, self->pair,
			"it has %u already, as its API says, and still answers from a cache",
			inside);
	else
		inquest_add(self, "it has %u itself, as its API says: its answers are from a cache",
			inside);
}

/* The server itself has more than it shows: PowerDNS's caches are bypassed by transfers. */
static bool is_cached_there(struct inquest *self)
{
	const struct transfer_observation *more = hidden(self);
	const struct reference *reference = &self->verdict->zones[self->finding->zone].reference;
	uint32_t inside;

	if (api_hides(self->facts, self->finding->zone, self->pair, &inside))
		explain_inside(self, inside);
	if (self->why.length || !more)
		return self->why.length > 0;
	if (judge_is_cached_away(self->facts, self->pair))
		inquest_explain(self, FINDING_CACHE_STALE, self->pair,
			"it has the zone already (its AXFR begins with serial %u) and does not show it yet",
			more->serial);
	else if (!judge_has_serial(inquest_seen(self, self->pair)))
		inquest_add(self, "it has the zone (its AXFR begins with serial %u)%s",
			more->serial,
			inquest_seen(self, self->pair)->outcome == OUTCOME_REFUSED
				? ": look at who may query it"
				: "");
	else if (serial_compare(more->serial, reference->serial) != SERIAL_BEHIND)
		inquest_explain(self, FINDING_CACHE_STALE, self->pair,
			"it has %u already (its AXFR begins with that) and still answers from a cache",
			more->serial);
	else
		inquest_add(self, "its AXFR begins with %u, its answers are from a cache",
			more->serial);
	return self->why.length > 0;
}

/* Ahead only of what the primary shows. */
static void explain_ahead(struct inquest *self)
{
	const struct transfer_observation *transfer = inquest_asked(self, self->primary, false);
	const char *name = self->primary == PLAN_NONE ? "" : inquest_name(self, self->primary);
	uint32_t inside;

	if (is_told(self, api_explain_own_edit))
		return;
	if (self->primary != PLAN_NONE &&
		api_hides(self->facts, self->finding->zone, self->primary, &inside) &&
		serial_compare(inside, inquest_seen(self, self->pair)->serial) != SERIAL_BEHIND) {
		inquest_explain(self, FINDING_CACHE_STALE, self->primary,
			"%s has %u itself, as its API says, and still answers from a cache", name,
			inside);
		return;
	}
	if (!transfer || transfer->outcome != OUTCOME_ANSWERED)
		return;
	if (judge_is_hidden(self->facts, self->verdict, self->finding->zone,
		    inquest_seen(self, self->pair)->serial))
		inquest_explain(self, FINDING_CACHE_STALE, self->primary,
			"%s has %u itself (its AXFR begins with that) and still answers from a cache",
			name, transfer->serial);
	else
		inquest_add(self,
			"the AXFR of %s begins with %u, too, so that is no cache: its serial was set back, or the zone was changed on %s",
			name, transfer->serial, inquest_name(self, self->pair));
}

/* --- Refreshes and NOTIFY --------------------------------------------------------------------- */

/* Longer than a secondary that asks by itself can take (as judge/expiry.c counts). */
static bool is_beyond_refresh(const struct inquest *self, int64_t seconds)
{
	const struct soa_content *timers = timers_of(self, self->pair);
	int64_t refresh = timers->refresh > 300 ? timers->refresh : 300,
		retry = timers->retry > 500 ? timers->retry : 500;

	return seconds > refresh + 2 * retry;
}

/*
 * EXPIRE counts down from the last time that the server got through to its primary and had, or was
 * given, what that had (RFC 7314 4). So it tells a secondary that can't get the change from one
 * that asks somebody who does not have it. How long ago that was, or -1.
 */
static int64_t refreshed_ago(const struct inquest *self)
{
	const struct soa_observation *seen = inquest_seen(self, self->pair);
	int64_t age_s = (int64_t)timers_of(self, self->pair)->expire - seen->expire_s;

	return seen->expire_s == EXPIRE_NONE || age_s < 0 ? -1 : age_s;
}

static const struct plan_name *unresolved_name(const struct inquest *self)
{
	const struct plan *plan = self->facts->plan;
	const char *name = plan->servers[inquest_server(self, self->pair)].name;

	for (uint32_t i = 0; i < self->zone->name_count; i++) {
		const struct plan_name *each =
			&plan->names[plan->zone_names[self->zone->first_name + i]];

		if ((each->fate == NAME_FATE_NXDOMAIN || each->fate == NAME_FATE_NODATA ||
			    each->fate == NAME_FATE_HOSTS_ONLY) &&
			!strcmp(each->text, name))
			return each;
	}
	return NULL;
}

/* NOTIFY goes to the NS names that resolve, and to whom the primary was told. */
static bool gets_no_notify(struct inquest *self)
{
	const struct pair_verdict *at = &self->verdict->pairs[self->pair];
	bool is_unlisted = self->zone->name_count > 0 &&
		!(self->facts->plan->pair_flags[self->pair] & PAIR_LISTED);

	if (self->finding->code != FINDING_SECONDARY_BEHIND)
		return false;
	if (unresolved_name(self))
		inquest_explain(self, FINDING_NS_UNRESOLVABLE, self->pair,
			"its NS name has no address in the DNS, so no NOTIFY goes there");
	else if (is_unlisted && at->lag_known && is_beyond_refresh(self, at->lag_s))
		inquest_add(self,
			"no NS record names it, so NOTIFY goes there only where the primary is told to");
	else if (is_unlisted)
		inquest_explain(self, FINDING_NONE, self->pair,
			"no NS record names it, so NOTIFY goes there only where the primary is told to");
	return self->why.length > 0;
}

/* It got through to somebody, who does not have the change. */
static bool asks_another(struct inquest *self)
{
	const struct pair_verdict *at = &self->verdict->pairs[self->pair];
	int64_t age_s = refreshed_ago(self);
	char age[32];

	if (self->finding->code != FINDING_SECONDARY_BEHIND)
		return false;
	/* It was asked a second after the reference served the change. */
	if (age_s == 0)
		inquest_explain(self, FINDING_NONE, self->pair,
			"it refreshed just now: it asks another primary, or is one itself");
	else if (age_s > 0 && at->lag_known && age_s < at->lag_s)
		inquest_explain(self, FINDING_NONE, self->pair,
			"it refreshed %s ago, after the change: it may ask another primary",
			duration_format(age_s, age));
	return self->why.length > 0;
}

static void explain_refresh(struct inquest *self)
{
	const struct pair_verdict *at = &self->verdict->pairs[self->pair];
	int64_t age_s = refreshed_ago(self);
	char age[32], refresh[32];

	if (self->finding->code != FINDING_SECONDARY_BEHIND)
		return;
	if (age_s >= 0)
		inquest_explain(self, FINDING_NONE, self->pair, "no successful refresh for %s",
			duration_format(age_s, age));
	duration_format(timers_of(self, self->pair)->refresh, refresh);
	if (at->lag_known && is_beyond_refresh(self, at->lag_s))
		inquest_add(self,
			"it should have asked by itself every %s, so this is more than a lost NOTIFY",
			refresh);
	else if (at->lag_known && inquest_asked(self, self->primary, false))
		inquest_add(self, "by itself it asks every %s (SOA refresh)", refresh);
}

/* What only the secondary knows; said where it was looked for. */
static void say_invisible(struct inquest *self)
{
	const struct transfer_observation *transfer = inquest_asked(self, self->primary, false);
	const char *from = inquest_name(self, self->primary), *to = inquest_name(self, self->pair);
	char rcode[16];

	if (api_server_at(self->facts, inquest_server(self, self->pair))) {
		struct api_case told = api_case_between(self->facts, self->arena,
			self->finding->zone, inquest_server(self, self->primary),
			inquest_server(self, self->pair));

		api_add_last_check(&told, &self->evidence);
		return;
	}
	if (!transfer)
		return;
	if (transfer->outcome == OUTCOME_ANSWERED)
		inquest_add(self,
			"%s does transfer the zone to this host; whether to %s, too, and whether NOTIFY reaches it, is not visible from here: "
			"its log tells",
			from, to);
	else if (transfer->outcome == OUTCOME_REFUSED || transfer->outcome == OUTCOME_NOTAUTH)
		inquest_add(self,
			"%s refuses transfers to this host (%s), as it should to strangers; whether to %s, too, and whether NOTIFY reaches it, "
			"is not visible from here: its log tells",
			from, rcode_text(transfer->rcode, rcode), to);
}

/* --- Absent ----------------------------------------------------------------------------------- */

/* A better answer by another way than UDP. */
static void add_other_way(struct inquest *self)
{
	const struct transfer_observation *by_tcp = inquest_asked(self, self->pair, true);
	const struct soa_observation *seen = inquest_seen(self, self->pair);

	if (!by_tcp || by_tcp->outcome != OUTCOME_ANSWERED)
		return;
	if (!judge_has_serial(seen) || serial_compare(by_tcp->serial, seen->serial) == SERIAL_AHEAD)
		inquest_add(self, "by TCP it answers with serial %u", by_tcp->serial);
}

/* PowerDNS says REFUSED of a zone that it has been told of and could not transfer yet, too. */
static bool may_have_it(const struct inquest *self)
{
	const char *software =
		self->facts->seen->servers[inquest_server(self, self->pair)].software;
	enum software_kind kind = software_of(software).kind;

	return inquest_seen(self, self->pair)->outcome == OUTCOME_REFUSED &&
		(kind == SOFTWARE_POWERDNS || kind == SOFTWARE_UNKNOWN);
}

/* BIND and NSD tell a zone that is denied (REFUSED) from one that is not there (NOTAUTH); PowerDNS
 * and Knot say NOTAUTH for both. */
static void explain_absence(struct inquest *self)
{
	const struct server_observation *server =
		&self->facts->seen->servers[inquest_server(self, self->pair)];
	enum software_kind kind = software_of(server->software).kind;
	const struct transfer_observation *own = inquest_asked(self, self->pair, false);
	enum outcome outcome = own ? (enum outcome)own->outcome : OUTCOME_NOT_ASKED;

	add_other_way(self);
	if (kind == SOFTWARE_POWERDNS && inquest_seen(self, self->pair)->outcome == OUTCOME_REFUSED)
		inquest_add(self,
			"PowerDNS says so both of a zone that it does not have and of one that it could not transfer yet");
	else if ((kind == SOFTWARE_BIND || kind == SOFTWARE_NSD) && outcome == OUTCOME_NOTAUTH)
		inquest_explain(self, FINDING_NONE, self->pair,
			"its AXFR is NOTAUTH: the zone is not configured there");
	else if ((kind == SOFTWARE_BIND || kind == SOFTWARE_NSD) && outcome == OUTCOME_REFUSED)
		inquest_add(self,
			"it knows the zone (its AXFR is REFUSED, not NOTAUTH): look at who may query it");
}

/* --- Signatures ------------------------------------------------------------------------------- */

/* The primary has later ones at the same serial. */
static bool is_signed_again(const struct inquest *self)
{
	const struct soa_observation *seen = inquest_seen(self, self->pair), *right;

	if (self->primary == PLAN_NONE || self->primary == self->pair ||
		self->verdict->pairs[self->pair].relation != RELATION_SAME)
		return false;
	right = inquest_seen(self, self->primary);
	return right->signature_expiration &&
		(int32_t)(right->signature_expiration - seen->signature_expiration) > DAY_S;
}

/* --- All -------------------------------------------------------------------------------------- */

/* A secondary that lacks what the primary has. */
static void inquire_lack(struct inquest *self)
{
	if (is_primary_gone(self) || is_cached_there(self))
		return;
	if (self->trouble == TROUBLE_ABSENT && is_told(self, api_explain_absence))
		return;
	if (self->trouble == TROUBLE_ABSENT)
		explain_absence(self);
	if (self->primary == PLAN_NONE || (self->trouble == TROUBLE_ABSENT && !may_have_it(self)))
		return;
	if (inquest_is_way_barred(self) || inquest_is_transfer_broken(self) ||
		self->trouble == TROUBLE_ABSENT)
		return;
	if (is_told(self, api_find_barrier) || is_told(self, api_find_upstream))
		return;
	add_other_way(self);
	if (!asks_another(self) && self->finding->code == FINDING_SECONDARY_BEHIND &&
		is_told(self, api_find_silence))
		return;
	if (!self->why.length && !gets_no_notify(self))
		explain_refresh(self);
	if (self->finding->cause == FINDING_NONE)
		say_invisible(self);
}

static void inquire(struct inquest *self)
{
	switch (self->trouble) {
	case TROUBLE_OTHER:
		break;
	case TROUBLE_STALE:
	case TROUBLE_LOST:
	case TROUBLE_ABSENT:
		if (self->finding->role == ROLE_SECONDARY)
			inquire_lack(self);
		else if (self->trouble == TROUBLE_ABSENT)
			is_cached_there(self);
		break;
	case TROUBLE_AHEAD:
		explain_ahead(self);
		break;
	case TROUBLE_ORPHAN:
		is_primary_gone(self);
		break;
	case TROUBLE_CHANGED:
		if (self->finding->role == ROLE_SECONDARY && is_told(self, api_explain_change))
			break;
		inquest_add(self,
			"the zone was changed without a higher serial, or one of them changes it by itself");
		break;
	case TROUBLE_SIGNATURE:
		if (is_signed_again(self))
			is_told(self, api_explain_signatures);
		break;
	}
}

void judge_cause(const struct facts *facts, struct verdict *verdict, struct finding *finding)
{
	struct inquest self = { .facts = facts,
		.verdict = verdict,
		.arena = &verdict->findings.arena,
		.finding = finding,
		.primary = PLAN_NONE,
		.trouble = trouble_of(finding->code) };
	const struct reference *reference;

	if (finding->zone == PLAN_NONE || finding->server == PLAN_NONE ||
		finding->why) /* the judge knew better */
		return;
	reference = &verdict->zones[finding->zone].reference;
	self.zone = &facts->plan->zones[finding->zone];
	self.pair = plan_pair(facts->plan, finding->zone, finding->server);
	/* Who is only the newest of all is nobody's primary. */
	if (reference->source == REFERENCE_PRIMARY || reference->source == REFERENCE_SOA_MNAME)
		self.primary = reference->pair;
	inquire(&self);
	if (self.why.length)
		finding->why = arena_string(&verdict->findings.arena, text_string(&self.why));
	if (self.evidence.length)
		finding->evidence =
			arena_string(&verdict->findings.arena, text_string(&self.evidence));
	text_free(&self.why);
	text_free(&self.evidence);
}
