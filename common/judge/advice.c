/* The next command to type: complete, with names, addresses and ports, so that it can be pasted. */
#include "common/base/text.h"
#include "common/judge/judge.h"

/* What a command needs to know. */
struct subject {
	const struct facts *facts;
	const struct server *server;    /* whom the finding is about; NULL */
	const struct server *reference; /* whose serial counts; NULL */
	const struct zone *zone;        /* of a finding about many zones: one of them */
	bool is_primary;
};

static void add_dig(struct text *out, const struct subject *subject, const struct server *server,
	const char *options, const char *type)
{
	char address[ADDRESS_TEXT];

	text_addf(out, "dig @%s", address_to_text(&server->address, address));
	if (server->address.port != 53)
		text_addf(out, " -p %u", server->address.port);
	if (subject->facts->policy->has_key)
		text_add(out, " -k KEYFILE");
	text_addf(out, " %s%s %s", options, subject->zone ? subject->zone->display : ".", type);
}

static void add_retransfer(struct text *out, const struct subject *subject)
{
	const char *zone = subject->zone->display;

	text_addf(out,
		"pdns_control retrieve %s (PowerDNS), rndc retransfer %s (BIND), nsd-control force_transfer %s (NSD) or "
		"knotc zone-retransfer %s (Knot)",
		zone, zone, zone, zone);
}

static void advise_transfer(struct text *out, const struct subject *subject)
{
	char address[ADDRESS_TEXT];

	text_addf(out, "on %s: ", subject->server->display);
	if (!subject->reference) {
		add_retransfer(out, subject);
		return;
	}
	add_dig(out, subject, subject->reference, "", "AXFR");
	text_addf(out,
		"; if that is refused, allow %s on %s (allow-axfr-ips, allow-transfer, provide-xfr); if it works, look for %s in the "
		"secondary's log and run ",
		address_to_text(&subject->server->address, address), subject->reference->display,
		subject->zone->display);
	add_retransfer(out, subject);
}

static void advise_soa(struct text *out, const struct subject *subject, const char *options)
{
	add_dig(out, subject, subject->server, options, "SOA");
}

static void advise_listening(struct text *out, const struct subject *subject)
{
	text_addf(out, "on %s: ss -lntup 'sport = :%u', then start the name server",
		subject->server->display, subject->server->address.port);
}

static void advise_path(struct text *out, const struct subject *subject)
{
	char address[ADDRESS_TEXT];

	advise_soa(out, subject, "+norec +tries=1 ");
	text_addf(out,
		"; then: traceroute -n %s, the firewalls for UDP and TCP port %u, and whether the server runs",
		address_to_text(&subject->server->address, address), subject->server->address.port);
}

static void advise_zone(struct text *out, const struct subject *subject)
{
	const char *zone = subject->zone->display;

	advise_soa(out, subject, "+norec ");
	if (subject->is_primary)
		text_addf(out,
			"; then on %s: pdnsutil check-zone %s, named-checkconf -z or knotc zone-status %s",
			subject->server->display, zone, zone);
	else
		text_addf(out,
			"; then configure %s on %s, or remove its NS record; PowerDNS: pdnsutil list-autoprimaries shows whether it may "
			"come by itself",
			zone, subject->server->display);
}

static void advise_serial(struct text *out, const struct subject *subject)
{
	text_addf(out, "raise the serial of %s on %s above what %s serves, or on %s: ",
		subject->zone->display,
		subject->reference ? subject->reference->display : "the primary",
		subject->server->display, subject->server->display);
	add_retransfer(out, subject);
}

static void advise_notify(struct text *out, const struct subject *subject)
{
	const char *zone = subject->zone->display;

	text_addf(out,
		"on %s raise the serial and notify: pdnsutil increase-serial %s && pdns_control notify %s (PowerDNS), or edit the "
		"serial and rndc reload %s (BIND)",
		subject->reference ? subject->reference->display : "the primary", zone, zone, zone);
}

static void advise_signatures(struct text *out, const struct subject *subject)
{
	const char *zone = subject->zone->display;

	if (subject->is_primary)
		text_addf(out,
			"on %s: sign again: pdnsutil rectify-zone %s && pdnsutil increase-serial %s (PowerDNS), rndc sign %s (BIND) or "
			"knotc zone-sign %s (Knot)",
			subject->server->display, zone, zone, zone, zone);
	else
		advise_notify(out, subject);
}

static void advise_server(struct text *out, enum finding_code code, const struct subject *subject)
{
	switch (code) {
	case FINDING_SECONDARY_BEHIND:
	case FINDING_ZONE_EXPIRED:
	case FINDING_ZONE_NOT_LOADED:
	case FINDING_EXPIRE_NEAR:
	case FINDING_REFRESH_OVERDUE:
		advise_transfer(out, subject);
		break;
	case FINDING_SECONDARY_AHEAD:
	case FINDING_SERIAL_UNDEFINED:
		advise_serial(out, subject);
		break;
	case FINDING_SOA_DIFFERS:
		advise_notify(out, subject);
		break;
	case FINDING_SERVER_PORT_CLOSED:
		advise_listening(out, subject);
		break;
	case FINDING_SERVER_TIMEOUT:
	case FINDING_SERVER_UNREACHABLE:
		advise_path(out, subject);
		break;
	case FINDING_TCP_UNREACHABLE:
		advise_soa(out, subject, "+tcp +norec ");
		text_addf(out, "; then open TCP port %u in the firewall and in the server",
			subject->server->address.port);
		break;
	case FINDING_UDP_UNREACHABLE:
		advise_soa(out, subject, "+notcp +norec ");
		text_addf(out, "; then open UDP port %u in the firewall and in the server",
			subject->server->address.port);
		break;
	case FINDING_ZONE_REFUSED:
	case FINDING_ZONE_SERVFAIL:
	case FINDING_ZONE_NOTAUTH:
	case FINDING_ZONE_NXDOMAIN:
	case FINDING_NOT_AUTHORITATIVE:
	case FINDING_NO_SOA:
		advise_zone(out, subject);
		break;
	case FINDING_ZONE_TIMEOUT:
	case FINDING_MALFORMED_ANSWER:
	case FINDING_UNEXPECTED_RCODE:
		advise_soa(out, subject, "+norec +dnssec +expire +nsid ");
		break;
	case FINDING_TSIG_FAILED:
		advise_soa(out, subject, "+norec ");
		text_addf(out,
			"; then compare the key's name, algorithm and secret on %s with the key file here",
			subject->server->display);
		break;
	case FINDING_ORPHAN_ZONE:
		text_addf(out,
			"on %s: pdnsutil delete-zone %s (PowerDNS), or take it out of the configuration (or the catalog)",
			subject->server->display, subject->zone->display);
		break;
	case FINDING_SIGNATURE_EXPIRING:
	case FINDING_SIGNATURE_EXPIRED:
	case FINDING_SIGNATURE_STALE:
		advise_signatures(out, subject);
		break;
	case FINDING_NS_SET_DIFFERS:
		add_dig(out, subject, subject->server, "+norec ", "NS");
		break;
	case FINDING_NS_UNRESOLVABLE:
	case FINDING_RESOLVER_FAILED:
	case FINDING_IPV6_BROKEN_HERE:
	case FINDING_NO_SECONDARIES:
	case FINDING_IPV6_SKIPPED:
	case FINDING_DEADLINE_REACHED:
	case FINDING_STATE_UNUSABLE:
	case FINDING_COUNT:
		break;
	}
}

/* Findings about no server. */
static const char *general_advice(enum finding_code code)
{
	switch (code) {
	case FINDING_NS_UNRESOLVABLE:
		return "add A or AAAA records for the name, or take its NS record out of the zone; PowerDNS sends NOTIFY only to names that resolve";
	case FINDING_RESOLVER_FAILED:
		return "check /etc/resolv.conf, or name a resolver that answers: --resolver=ADDRESS";
	case FINDING_IPV6_BROKEN_HERE:
		return "check this machine's IPv6 route (ip -6 route get 2001:db8::1), or ask by IPv4 only: -4";
	case FINDING_NO_SECONDARIES:
		return "add NS records for the secondaries, or name them: --add-server=NAME=ADDRESS";
	case FINDING_DEADLINE_REACHED:
		return "give it more time (--timeout), or fewer zones a run";
	case FINDING_STATE_UNUSABLE:
		return "create the directory, writable for the user that runs the check, or use --no-state";
	case FINDING_NS_SET_DIFFERS:
		return "correct the zone's NS records, or --expect-ns";
	case FINDING_IPV6_SKIPPED:
	case FINDING_SECONDARY_BEHIND:
	case FINDING_SECONDARY_AHEAD:
	case FINDING_SERIAL_UNDEFINED:
	case FINDING_SOA_DIFFERS:
	case FINDING_SERVER_TIMEOUT:
	case FINDING_SERVER_PORT_CLOSED:
	case FINDING_SERVER_UNREACHABLE:
	case FINDING_ZONE_TIMEOUT:
	case FINDING_TCP_UNREACHABLE:
	case FINDING_UDP_UNREACHABLE:
	case FINDING_ZONE_REFUSED:
	case FINDING_ZONE_SERVFAIL:
	case FINDING_ZONE_NOTAUTH:
	case FINDING_ZONE_NXDOMAIN:
	case FINDING_NOT_AUTHORITATIVE:
	case FINDING_NO_SOA:
	case FINDING_MALFORMED_ANSWER:
	case FINDING_UNEXPECTED_RCODE:
	case FINDING_TSIG_FAILED:
	case FINDING_ZONE_EXPIRED:
	case FINDING_ZONE_NOT_LOADED:
	case FINDING_ORPHAN_ZONE:
	case FINDING_EXPIRE_NEAR:
	case FINDING_REFRESH_OVERDUE:
	case FINDING_SIGNATURE_EXPIRING:
	case FINDING_SIGNATURE_EXPIRED:
	case FINDING_SIGNATURE_STALE:
	case FINDING_COUNT:
		break;
	}
	return NULL;
}

/* Of a finding about a whole server: any zone that it is asked for, so that the command is
 * complete. */
static const struct zone *some_zone(const struct plan *plan, uint32_t server)
{
	for (size_t z = 0; z < plan->zone_count; z++) {
		const struct zone *zone = &plan->zones[z];

		for (uint32_t pair = zone->first_pair; pair < zone->first_pair + zone->pair_count;
			pair++) {
			if (plan->assigned[pair] == server)
				return zone;
		}
	}
	return &plan->zones[0];
}

void judge_advice(const struct facts *facts, struct verdict *verdict, struct finding *finding)
{
	const struct plan *plan = facts->plan;
	struct subject subject = { .facts = facts, .is_primary = finding->role == ROLE_PRIMARY };
	struct text text = { 0 };

	finding->advice = general_advice(finding->code);
	if (finding->server == PLAN_NONE)
		return;
	subject.server = &plan->servers[finding->server];
	subject.zone = finding->zone == PLAN_NONE ? some_zone(plan, finding->server)
						  : &plan->zones[finding->zone];
	if (finding->zone != PLAN_NONE &&
		verdict->zones[finding->zone].reference.source != REFERENCE_NONE)
		subject.reference =
			&plan->servers[plan->assigned[verdict->zones[finding->zone].reference.pair]];
	advise_server(&text, finding->code, &subject);
	if (text.length)
		finding->advice = arena_string(&verdict->findings.arena, text_string(&text));
	text_free(&text);
}
