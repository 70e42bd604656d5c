/* Zones, and what only a primary and a secondary together show of them. */
#include <string.h>
#include <strings.h>

#include "common/base/duration.h"
#include "common/dns/serial.h"
#include "common/judge/api_judge.h"

/* --- How they stand --------------------------------------------------------------------------- */

static enum api_state state_absent(const struct api_case *self)
{
	const struct pdns_zone *row = api_row(self->primary, self->zone);
	enum pdns_switch told = api_is_told(self);

	if (!row || row->kind == PDNS_KIND_UNKNOWN || api_is_secondary_kind(row) ||
		api_serves_others_only(self->secondary))
		return API_FINE; /* the primary is none for this zone, or the other is no secondary
		                  */
	if (told == PDNS_NOT_KNOWN)
		return API_UNSETTLED;
	return told == PDNS_ON || row->catalog ? API_MISSING : API_UNWANTED;
}

/* Of SOA-EDIT's ways EPOCH alone can serve an older serial than the database has. */
bool api_counts_seconds(const struct pdns_server *pdns)
{
	const char *all = pdns->settings[PDNS_DEFAULT_SOA_EDIT];
	const char *is_signed = pdns->settings[PDNS_DEFAULT_SOA_EDIT_SIGNED];
	bool found = (all && !strcasecmp(all, "EPOCH")) ||
		(is_signed && !strcasecmp(is_signed, "EPOCH"));

	for (uint32_t i = 0; i < pdns->detail_count; i++)
		found |= !strcasecmp(pdns->details[i].soa_edit, "EPOCH");
	return found;
}

/* What is served is not known, as of zones beyond the bound of those that are looked at: whatever
 * it is, it is no older than what the database has. */
static bool is_surely_behind(const struct api_case *self, const struct pdns_zone *ours,
	const struct pdns_zone *theirs)
{
	return serial_compare(theirs->serial, ours->serial) == SERIAL_BEHIND &&
		!api_counts_seconds(self->primary);
}

static enum api_state state_both(const struct api_case *self)
{
	const struct pdns_zone *ours = api_row(self->primary, self->zone);
	const struct pdns_zone *theirs = api_row(self->secondary, self->zone);
	uint32_t primary;

	if (!api_is_secondary_kind(theirs) ||
		(api_is_secondary_kind(ours) && api_follows(self) != PDNS_ON))
		return API_FINE;
	if (api_never_transferred(theirs))
		return API_NEVER;
	/* The secondary's is what it transferred, whatever SOA-EDIT there makes of it. */
	if (api_serial(self->primary, self->zone, &primary))
		return serial_compare(theirs->serial, primary) == SERIAL_BEHIND ? API_BEHIND
										: API_FINE;
	if (ours->serial == theirs->serial)
		return API_FINE;
	return is_surely_behind(self, ours, theirs) ? API_BEHIND : API_UNSETTLED;
}

enum api_state api_state_of(const struct api_case *self)
{
	if (self->primary->zones_outcome != PDNS_ANSWERED ||
		self->secondary->zones_outcome != PDNS_ANSWERED)
		return API_FINE;
	if (api_lacks(self->secondary, self->zone))
		return api_lacks(self->primary, self->zone) ? API_FINE : state_absent(self);
	if (!api_lacks(self->primary, self->zone))
		return state_both(self);
	return api_is_orphan(self) ? API_ORPHAN : API_FINE;
}

/* --- What is said of it ----------------------------------------------------------------------- */

/* The cause, and once for each server the setting that it is due to. */
static void blame(struct finding *finding, const struct api_case *found)
{
	finding->cause = found->code;
	finding->cause_server = found->culprit;
	finding->why = found->why;
	finding->evidence = found->evidence;
	finding->advice = found->advice;
}

static bool is_about_server(enum finding_code code)
{
	return code == FINDING_AUTOSECONDARY_DISABLED || code == FINDING_AUTOPRIMARY_MISSING ||
		code == FINDING_AUTOPRIMARY_WRONG_ADDRESS;
}

/* The setting itself is a finding: of the zone, or of the server as a whole and then once. */
static void say_cause(struct api_judge *self, const struct api_case *found)
{
	const struct pdns_server *culprit =
		found->culprit == found->primary_at ? found->primary : found->secondary;
	bool *said = &self->is_said[(size_t)(culprit - self->facts->seen->pdns) * FINDING_COUNT];
	bool is_servers = is_about_server(found->code);

	if (found->code != FINDING_AXFR_DENIED && found->code != FINDING_AUTOPRIMARY_WRONG_NAME &&
		found->code != FINDING_NOTIFY_REJECTED && !is_servers)
		return; /* said of its own */
	if ((is_servers || found->code == FINDING_NOTIFY_REJECTED) && said[found->code])
		return;
	said[found->code] = true;
	api_say(self, found->code, is_servers ? PLAN_NONE : found->zone, culprit, "%s", found->own)
		->advice = found->advice;
}

static bool find_cause(struct api_case *found)
{
	return api_find_barrier(found) || api_find_silence(found);
}

static bool is_native(const struct api_case *found)
{
	const struct pdns_zone *row = api_row(found->primary, found->zone);

	return row && row->kind == PDNS_NATIVE;
}

/* Native: nothing is replicated by DNS; another's business, unless somebody waits for it. */
static void say_native(struct api_judge *self, const struct api_case *found, const char *what)
{
	struct finding *finding = api_say(self, FINDING_ZONE_KIND_NATIVE, found->zone,
		found->primary, "has it as Native, so no NOTIFY is sent, and %s %s",
		api_name(self->facts, found->secondary_at), what);
	struct api_case again = *found;

	finding->severity = SEVERITY_WARNING;
	if (api_find_silence(&again))
		finding->advice = again.advice;
}

/* Nothing is known against it: try, and read what it says. */
static const char *fallback_advice(const struct api_judge *self, const struct api_case *found)
{
	struct address clients[API_ADDRESSES];
	struct text advice = { 0 };
	const char *line;

	api_on(&advice, found, found->secondary_at);
	api_task(&advice, found, TASK_RETRANSFER);
	text_add(&advice, "; ");
	api_task(&advice, found, TASK_LOG);
	if (!api_clients(found, clients))
		text_addf(&advice,
			"; and say here where its DNS service is, which its API does not tell: --address=%s=ADDRESS",
			api_name(self->facts, found->secondary_at));
	line = api_printf(self, "%s", text_string(&advice));
	text_free(&advice);
	return line;
}

static uint32_t count_lacked(struct api_judge *self, const struct api_case *found)
{
	struct lacked_zones *lacked = &self->lacked;
	struct api_case each = *found;

	if (lacked->primary == found->primary && lacked->secondary == found->secondary)
		return lacked->count;
	*lacked = (struct lacked_zones){ found->primary, found->secondary, 0 };
	for (each.zone = 0; each.zone < self->facts->plan->zone_count; each.zone++)
		lacked->count += api_lacks(each.secondary, each.zone) &&
			api_primary_of(self->facts, each.zone, each.secondary) == each.primary &&
			api_state_of(&each) == API_UNSETTLED;
	return lacked->count;
}

/* Few are looked at, and what is said of them may be true of thousands. */
static const char *others_text(struct api_judge *self, const struct api_case *found)
{
	uint32_t count = count_lacked(self, found);
	struct text text = { 0 };
	const char *others;

	if (!count)
		return "";
	text_add(&text, " (nor ");
	text_add_count(&text, count);
	text_addf(&text, " other%s, not looked at one by one)", count == 1 ? "" : "s");
	others = api_printf(self, "%s", text_string(&text));
	text_free(&text);
	return others;
}

static void say_missing(struct api_judge *self, struct api_case *found)
{
	struct finding *finding;

	api_find_absence(found); /* at least that nobody called it, with what to type */
	if (is_native(found)) {
		say_native(self, found, "does not have it");
		return;
	}
	if (found->code == FINDING_CATALOG_MEMBER_MISSING) {
		api_say(self, found->code, found->zone, found->secondary, "%s", found->why)->advice =
			found->advice;
		return;
	}
	finding = api_say(self, FINDING_ZONE_MISSING_ON_SECONDARY, found->zone, found->secondary,
		"does not have the zone, and %s has it%s", api_name(self->facts, found->primary_at),
		others_text(self, found));
	blame(finding, found);
	if (found->code == FINDING_ZONE_MISSING_ON_SECONDARY) {
		finding->cause = FINDING_NONE;
		finding->why = NULL;
	}
	say_cause(self, found);
}

/* A zone that was added a moment ago comes with the secondary's next look at its zones. */
static bool is_on_its_way(const struct facts *facts, const struct lag *lag)
{
	return lag->known && !lag->is_minimum && lag->seconds < facts->policy->new_zone_grace_s;
}

static struct finding *say_untransferred(struct api_judge *self, const struct api_case *found,
	const struct lag *lag, bool is_on_its_way)
{
	struct finding *finding;
	struct text since = { 0 };
	char grace[32];

	api_lag_text(&since, lag);
	finding = api_say(self, FINDING_NEVER_TRANSFERRED, found->zone, found->secondary,
		"has the zone configured%s, and %s transferred it", text_string(&since),
		is_on_its_way ? "has not yet" : "never");
	text_free(&since);
	finding->amount = lag->seconds;
	finding->has_amount = lag->known;
	if (!is_on_its_way)
		return finding;
	finding->severity = SEVERITY_WARNING; /* as check_dns_replication says it of new zones */
	finding->detail = api_printf(self, "a new zone has %s to come (--new-zone-grace)",
		duration_format(self->facts->policy->new_zone_grace_s, grace));
	return finding;
}

static void say_never(struct api_judge *self, struct api_case *found)
{
	struct lag lag = api_lag_untransferred(found);
	bool is_barred = api_find_barrier(found); /* then no time helps */
	struct finding *finding = say_untransferred(self, found, &lag,
		!is_barred && is_on_its_way(self->facts, &lag));

	finding->advice = fallback_advice(self, found);
	if (!is_barred && !api_find_silence(found))
		return;
	blame(finding, found);
	say_cause(self, found);
}

/* For the report: lags are told by server, too. */
static void keep_lag(struct api_judge *self, const struct api_case *found, uint32_t behind,
	const struct lag *lag)
{
	verdict_add_lag(self->verdict,
		&(struct api_lag){ .zone = found->zone,
			.server = found->secondary_at,
			.serials_behind = behind,
			.lag_s = lag->seconds,
			.is_known = lag->known,
			.is_minimum = lag->is_minimum });
}

static void say_behind(struct api_judge *self, struct api_case *found)
{
	const struct facts *facts = self->facts;
	uint32_t theirs = api_row(found->secondary, found->zone)->serial, ours = theirs;
	struct lag lag = api_lag_behind(found);
	struct finding *finding;
	struct text since = { 0 };

	if (!api_serial(found->primary, found->zone, &ours))
		ours = api_row(found->primary, found->zone)->serial;
	api_lag_text(&since, &lag);
	finding = api_say(self, FINDING_SECONDARY_BEHIND, found->zone, found->secondary,
		"has serial %u%s, %s has %u", theirs, text_string(&since),
		api_name(facts, found->primary_at), ours);
	text_free(&since);
	if (!lag.known)
		finding->detail = "since when is not known (no earlier run tells)";
	finding->severity = lag.known ? api_lag_severity(facts, &lag) : SEVERITY_WARNING;
	finding->amount = lag.seconds;
	finding->has_amount = lag.known;
	keep_lag(self, found, serial_distance(theirs, ours), &lag);
	finding->advice = fallback_advice(self, found);
	if (!find_cause(found))
		return;
	blame(finding, found);
	if (found->code != FINDING_NOTIFY_PENDING)
		say_cause(self, found);
}

static void say_orphan(struct api_judge *self, const struct api_case *found)
{
	struct text task = { 0 };

	api_task(&task, found, TASK_REMOVE);
	api_say(self, FINDING_ORPHAN_ZONE, found->zone, found->secondary,
		"has the zone, and its primary %s does not have it any more",
		api_name(self->facts, found->primary_at))
		->advice =
		api_printf(self, "if it was meant to go, on %s: %s; if not, bring it back on %s",
			api_name(self->facts, found->secondary_at), text_string(&task),
			api_name(self->facts, found->primary_at));
	text_free(&task);
}

static const char *reach_advice(const struct api_judge *self, const struct api_case *found)
{
	struct address primary[API_ADDRESSES];
	size_t count = api_addresses(self->facts, found->primary, found->primary_at, primary);
	char address[ADDRESS_TEXT];
	struct text zone = { 0 }, quoted = { 0 };
	const char *advice;

	plan_zone_text(self->facts->plan, found->zone, &zone);
	command_word(&quoted, text_string(&zone));
	advice = api_printf(self,
		"on %s: dig @%s +norec %s SOA; dig @%s +tcp +norec %s SOA; journalctl -u pdns -S -1h -g %s",
		api_name(self->facts, found->secondary_at),
		count ? address_to_text(&primary[0], address)
		      : api_name(self->facts, found->primary_at),
		text_string(&quoted), count ? address : api_name(self->facts, found->primary_at),
		text_string(&quoted), text_string(&quoted));
	text_free(&zone);
	text_free(&quoted);
	return advice;
}

/* PowerDNS never lets a zone expire: that it can't reach its primary shows here alone. */
static void judge_last_check(struct api_judge *self, const struct api_case *found)
{
	const struct pdns_zone *row = api_row(found->secondary, found->zone);
	const struct pdns_detail *detail = pdns_find_detail(found->secondary, found->zone);
	int64_t age_s, refresh_s, retry_s;
	struct finding *finding;
	char age[32], refresh[32];

	if (!api_is_secondary_kind(row) || !row->last_check_s || !detail || !detail->has_soa)
		return;
	age_s = self->facts->now_s - row->last_check_s;
	refresh_s = detail->refresh_s > 300 ? detail->refresh_s : 300;
	retry_s = detail->retry_s > 500 ? detail->retry_s : 500;
	if (age_s <= refresh_s + 2 * retry_s)
		return;
	duration_format(age_s, age);
	duration_format(detail->refresh_s, refresh);
	finding = api_say(self, FINDING_LAST_CHECK_OLD, found->zone, found->secondary,
		"last reached its primary %s ago, and should every %s (SOA refresh)%s", age,
		refresh,
		age_s > detail->expire_s
			? "; by the SOA it has expired, and PowerDNS still serves it"
			: "");
	finding->amount = age_s;
	finding->has_amount = true;
	finding->advice = reach_advice(self, found);
}

/* Once, however many servers it is about. */
static void count_zone(struct counted_zones *counted, uint32_t zone)
{
	counted->count += counted->last != zone + 1;
	counted->last = zone + 1;
}

static void judge_pair(struct api_judge *self, struct api_case *found)
{
	const struct pdns_zone *ours = api_row(found->primary, found->zone);
	const struct pdns_zone *theirs = api_row(found->secondary, found->zone);
	enum api_state state = api_state_of(found);

	if (api_is_primary_kind(ours) && (state == API_MISSING || api_is_secondary_kind(theirs)))
		count_zone(&self->taken[found->primary - self->facts->seen->pdns], found->zone);
	if (ours && ours->kind == PDNS_NATIVE && api_is_secondary_kind(theirs) &&
		state != API_BEHIND && state != API_NEVER)
		say_native(self, found, "has it as a secondary");
	switch (state) {
	case API_FINE:
	case API_UNWANTED:
		break;
	case API_UNSETTLED:
		if (!pdns_find_detail(found->primary, found->zone))
			count_zone(&self->left_out[found->primary - self->facts->seen->pdns],
				found->zone);
		break;
	case API_MISSING:
		say_missing(self, found);
		break;
	case API_NEVER:
		say_never(self, found);
		break;
	case API_BEHIND:
		if (is_native(found))
			say_native(self, found, "is behind");
		say_behind(self, found);
		break;
	case API_ORPHAN:
		say_orphan(self, found);
		break;
	}
	judge_last_check(self, found);
}

/* --- The primary's own ------------------------------------------------------------------------ */

static void judge_pending(struct api_judge *self, uint32_t zone, const struct pdns_server *pdns)
{
	const struct pdns_zone *row = api_row(pdns, zone);
	struct api_case found =
		api_case_of(self->facts, &self->verdict->findings.arena, zone, pdns, pdns);
	struct text task = { 0 }, since = { 0 };
	struct finding *finding;
	struct lag lag;

	if (pdns_setting_switch(pdns, PDNS_PRIMARY) != PDNS_ON || !api_is_pending(pdns, zone))
		return;
	lag = api_lag_pending(self->facts, zone, pdns);
	api_lag_text(&since, &lag);
	finding = api_say(self, FINDING_NOTIFY_PENDING, zone, pdns,
		"has not sent NOTIFY of serial %u%s, only of %u", row->serial,
		lag.known ? text_string(&since) : " yet", row->notified_serial);
	finding->severity = lag.known ? api_lag_severity(self->facts, &lag) : SEVERITY_OK;
	finding->amount = lag.seconds;
	finding->has_amount = lag.known;
	api_task(&task, &found, TASK_NOTIFY);
	finding->advice = api_printf(self, "on %s: %s", api_name(self->facts, pdns->server),
		text_string(&task));
	text_free(&task);
	text_free(&since);
}

static void judge_edit(struct api_judge *self, uint32_t zone, const struct pdns_server *pdns)
{
	const struct pdns_zone *row = api_row(pdns, zone);
	const struct pdns_detail *detail = row ? pdns_find_detail(pdns, zone) : NULL;
	struct api_case found =
		api_case_of(self->facts, &self->verdict->findings.arena, zone, pdns, pdns);
	struct text task = { 0 };

	if (!api_is_primary_kind(row) || !detail || !detail->has_soa_edit_api ||
		*detail->soa_edit_api)
		return;
	api_task(&task, &found, TASK_SOA_EDIT_API);
	api_say(self, FINDING_SOA_EDIT_API_UNSET, zone, pdns,
		"has an empty soa_edit_api: changes by the API do not raise the serial")
		->advice = api_printf(self, "on %s: %s", api_name(self->facts, pdns->server),
		text_string(&task));
	text_free(&task);
}

static void judge_hiding(struct api_judge *self, uint32_t zone, const struct pdns_server *pdns)
{
	struct api_case found =
		api_case_of(self->facts, &self->verdict->findings.arena, zone, pdns, pdns);

	if (api_is_primary_kind(api_row(pdns, zone)) && api_find_hiding(&found))
		api_say(self, FINDING_SOA_EDIT, zone, pdns, "%s", found.own)->advice = found.advice;
}

static void judge_primary(struct api_judge *self, const struct pdns_server *pdns, uint32_t count)
{
	if (!count || pdns_setting_switch(pdns, PDNS_PRIMARY) != PDNS_OFF)
		return;
	api_say(self, FINDING_PRIMARY_DISABLED, PLAN_NONE, pdns,
		"%s=no, so it sends no NOTIFY of the %u zone%s that others transfer from it",
		pdns_setting_name(pdns, PDNS_PRIMARY), count, count == 1 ? "" : "s")
		->advice = api_advise_setting(self, pdns, PDNS_PRIMARY, "yes");
}

/* Where nothing was asked about any zone, nothing more was wanted, either. */
static void judge_turns(struct api_judge *self, const struct pdns_server *pdns,
	const struct counted_zones *left_out)
{
	struct text zone = { 0 }, word = { 0 };
	struct finding *finding;

	if (!left_out->count || !pdns->detail_count)
		return;
	plan_zone_text(self->facts->plan, left_out->last - 1, &zone);
	command_word(&word, text_string(&zone));
	finding = api_say(self, FINDING_INSPECTION_PARTIAL, PLAN_NONE, pdns,
		"was asked about %u of %u zones of which the lists do not tell enough (who should have them, which serial is served)",
		pdns->detail_count, pdns->detail_count + left_out->count);
	finding->detail = "runs take turns where state is kept";
	finding->advice = api_printf(self,
		"any of the others is looked at at once by check_pdns_replication --inspect=%s",
		text_string(&word));
	text_free(&zone);
	text_free(&word);
}

static void judge_zone(struct api_judge *self, uint32_t zone)
{
	const struct observations *seen = self->facts->seen;

	for (size_t i = 0; i < seen->pdns_count; i++) {
		const struct pdns_server *pdns = &seen->pdns[i];
		const struct pdns_server *primary = api_primary_of(self->facts, zone, pdns);
		struct api_case found;

		judge_pending(self, zone, pdns);
		judge_edit(self, zone, pdns);
		judge_hiding(self, zone, pdns);
		if (!primary)
			continue;
		found = api_case_of(self->facts, &self->verdict->findings.arena, zone, primary,
			pdns);
		judge_pair(self, &found);
		api_judge_catalog(self, zone, primary, pdns);
	}
}

void api_judge_zones(struct api_judge *self)
{
	const struct observations *seen = self->facts->seen;

	for (uint32_t zone = 0; zone < self->facts->plan->zone_count; zone++)
		judge_zone(self, zone);
	for (size_t i = 0; i < seen->pdns_count; i++)
		judge_primary(self, &seen->pdns[i], self->taken[i].count);
	for (size_t i = 0; i < seen->pdns_count; i++)
		judge_turns(self, &seen->pdns[i], &self->left_out[i]);
}
