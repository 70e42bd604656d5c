/* What runs remember of a zone: its serials, and for how long somebody lacks what they stand for,
 * or the zone's contents altogether. */
#include "common/dns/serial.h"
#include "common/judge/api_judge.h"

/* Who has the zone from nobody: rather as a primary than as Native, rather the first of --url. */
static unsigned rank(const struct pdns_server *pdns, const struct pdns_zone *row)
{
	if (!row || row->kind == PDNS_KIND_UNKNOWN || api_is_secondary_kind(row))
		return 0;
	return 1u + 2u * api_is_primary_kind(row) + pdns->is_primary;
}

const struct pdns_server *api_origin_of(const struct facts *facts, uint32_t zone)
{
	const struct pdns_server *best = NULL;
	unsigned highest = 0;

	for (size_t i = 0; i < facts->seen->pdns_count; i++) {
		const struct pdns_server *each = &facts->seen->pdns[i];
		unsigned its = rank(each, api_row(each, zone));

		if (its > highest) {
			highest = its;
			best = each;
		}
	}
	return best;
}

/* What others transferred of the zone. */
struct copies {
	bool some, one_is_at, one_is_elsewhere; /* at the serial, at another one */
};

static struct copies look_at_copies(const struct facts *facts, uint32_t zone, uint32_t serial)
{
	struct copies copies = { 0 };

	for (size_t i = 0; i < facts->seen->pdns_count; i++) {
		const struct pdns_zone *row = api_row(&facts->seen->pdns[i], zone);

		if (!api_is_secondary_kind(row) || api_never_transferred(row))
			continue;
		copies.some = true;
		copies.one_is_at |= row->serial == serial;
		copies.one_is_elsewhere |= row->serial != serial;
	}
	return copies;
}

/*
 * Lists of zones do not tell what SOA-EDIT makes of a serial. Where a secondary has it as it stands
 * in the list, that is what was served; where nobody has the zone, only NOTIFY matters, which goes
 * by the list. Elsewhere the zone was asked about in full, or it is not known.
 */
bool judge_pdns_serial(const struct facts *facts, uint32_t zone, uint32_t *serial)
{
	const struct pdns_server *origin = api_origin_of(facts, zone);
	const struct pdns_zone *row = api_row(origin, zone);
	struct copies copies;

	if (!row)
		return false;
	copies = look_at_copies(facts, zone, row->serial);
	if (copies.some && api_serial(origin, zone, serial))
		return true;
	*serial = row->serial;
	return !copies.some || copies.one_is_at;
}

bool judge_pdns_least_serial(const struct facts *facts, uint32_t zone, uint32_t *serial)
{
	const struct pdns_server *origin = api_origin_of(facts, zone);
	const struct pdns_zone *row = api_row(origin, zone);

	if (!row || api_counts_seconds(origin))
		return false;
	*serial = row->serial;
	return true;
}

static struct lag lag_at(const struct facts *facts, uint32_t zone, uint32_t serial)
{
	struct lag lag = history_lag(history_of(facts->past, zone), serial, facts->now_s);

	/* Nor where this run is the first that saw any serial. */
	lag.known = lag.known && lag.since_s && (lag.seconds || !lag.is_minimum);
	return lag;
}

struct lag api_lag_behind(const struct api_case *self)
{
	struct lag unknown = { 0 };

	/* Another primary has serials of its own; a secondary that passes the zone on has not. */
	if (self->primary != api_origin_of(self->facts, self->zone) &&
		!api_is_secondary_kind(api_row(self->primary, self->zone)))
		return unknown;
	return lag_at(self->facts, self->zone, api_row(self->secondary, self->zone)->serial);
}

struct lag api_lag_pending(const struct facts *facts, uint32_t zone, const struct pdns_server *pdns)
{
	const struct pdns_zone *row = api_row(pdns, zone);
	struct lag unknown = { 0 };
	uint32_t served;

	/* What is kept are serials as they are served; NOTIFY counts those before SOA-EDIT. */
	if (pdns != api_origin_of(facts, zone) || !judge_pdns_serial(facts, zone, &served) ||
		served != row->serial)
		return unknown;
	return lag_at(facts, zone, row->notified_serial);
}

/* --- Zones that were configured and never transferred ----------------------------------------- */

/* What is kept of a zone on a server: OUTCOME_SERVFAIL, as most name servers answer for a zone
 * without contents, or OUTCOME_ANSWERED where it has been transferred since. APIs may share an
 * address, so the name tells them apart. */
static struct server_past past_of(const struct facts *facts, uint32_t zone,
	const struct pdns_server *pdns)
{
	const struct server *server = &facts->plan->servers[pdns->server];
	struct server_past past = { .name = server->name,
		.address = server->address,
		.nsid = pdns->name,
		.outcome = api_never_transferred(api_row(pdns, zone)) ? OUTCOME_SERVFAIL
								      : OUTCOME_ANSWERED,
		.since_s = facts->now_s };

	if (!past.address.family)
		past.address.family = 4; /* 0.0.0.0: where it is, is not known */
	return past;
}

void judge_pdns_note(const struct facts *facts, uint32_t zone, struct zone_history *history,
	struct arena *arena)
{
	for (size_t i = 0; i < facts->seen->pdns_count; i++) {
		const struct pdns_server *each = &facts->seen->pdns[i];
		struct server_past now = past_of(facts, zone, each);

		/* Of the many that were never without contents nothing is kept. */
		if (each->zones_outcome == PDNS_ANSWERED &&
			(now.outcome == OUTCOME_SERVFAIL ||
				history_server(history, &now.address, now.nsid)))
			history_see_server(history, &now, arena);
	}
}

struct lag api_lag_untransferred(const struct api_case *self)
{
	const struct facts *facts = self->facts;
	struct server_past now = past_of(facts, self->zone, self->secondary);
	const struct server_past *past =
		history_server(history_of(facts->past, self->zone), &now.address, now.nsid);
	struct lag lag = { 0 };

	if (!past || past->outcome != OUTCOME_SERVFAIL)
		return lag;
	lag.since_s = past->since_s;
	lag.seconds = facts->now_s > past->since_s ? facts->now_s - past->since_s : 0;
	lag.is_minimum = past->since_s <= facts->past->begun_s;
	lag.known = lag.seconds || !lag.is_minimum;
	return lag;
}

static bool is_any_untransferred(const struct facts *facts, uint32_t zone)
{
	for (size_t i = 0; i < facts->seen->pdns_count; i++) {
		if (api_never_transferred(api_row(&facts->seen->pdns[i], zone)))
			return true;
	}
	return false;
}

/* --- What is said of a lag -------------------------------------------------------------------- */

enum severity api_lag_severity(const struct facts *facts, const struct lag *lag)
{
	if (range_alerts(&facts->policy->lag_critical, (double)lag->seconds))
		return SEVERITY_CRITICAL;
	return range_alerts(&facts->policy->lag_warning, (double)lag->seconds) ? SEVERITY_WARNING
									       : SEVERITY_OK;
}

void api_lag_text(struct text *out, const struct lag *lag)
{
	if (!lag->known)
		return;
	text_add(out, " for ");
	judge_since_text(out, lag->seconds, lag->since_s, lag->is_minimum);
}

/* Also where somebody is ahead: that is rare, and costs no more than a look. */
void judge_pdns_needs_past(const struct facts *facts, bool *needed)
{
	for (uint32_t zone = 0; zone < facts->plan->zone_count; zone++) {
		const struct pdns_server *origin = api_origin_of(facts, zone);
		uint32_t serial;

		needed[zone] = is_any_untransferred(facts, zone) ||
			(origin &&
				(api_is_pending(origin, zone) ||
					((judge_pdns_serial(facts, zone, &serial) ||
						 judge_pdns_least_serial(facts, zone, &serial)) &&
						look_at_copies(facts, zone, serial)
							.one_is_elsewhere)));
	}
}
