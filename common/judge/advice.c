/* The next command to type: complete, with names, addresses and ports, so that it can be pasted. */
#include <stdio.h>

#include "common/base/text.h"
#include "common/dns/name.h"
#include "common/judge/judge.h"

/* What a command needs to know. */
struct subject {
	const struct facts *facts;
	const struct server *server;    /* whom the finding is about */
	const struct server *reference; /* whose serial counts; NULL: nobody else's */
	const char *zone;               /* of a finding about many zones: one of them */
	uint32_t serial;                /* that the server serves; 0: none */
	enum finding_code cause;
	bool is_primary;
	bool is_stale; /* its signature expires over a day before the reference's */
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
	text_addf(out, " %s%s %s", options, subject->zone, type);
}

static void add_retransfer(struct text *out, const struct subject *subject)
{
	const char *zone = subject->zone;

	text_addf(out,
		"pdns_control retrieve %s (PowerDNS), rndc retransfer %s (BIND), nsd-control force_transfer %s (NSD) or "
		"knotc zone-retransfer %s (Knot)",
		zone, zone, zone, zone);
}

static const char *reference_name(const struct subject *subject)
{
	return subject->reference ? subject->reference->display : "the primary";
}

static void advise_transfer(struct text *out, const struct subject *subject)
{
	char address[ADDRESS_TEXT], options[ADDRESS_TEXT + 8] = "";

	if (subject->cause == FINDING_TCP_UNREACHABLE && subject->reference) {
		add_dig(out, subject, subject->reference, "+tcp +norec ", "SOA");
		text_addf(out, "; then open TCP port %u on %s; then ",
			subject->reference->address.port, subject->reference->display);
	} else if (subject->cause != FINDING_NONE) {
		text_add(out, "first bring the primary back; then ");
	}
	text_addf(out, "on %s: ", subject->server->display);
	if (!subject->reference || subject->cause != FINDING_NONE) {
		add_retransfer(out, subject);
		return;
	}
	/* From the address that the primary knows, where the secondary has several. */
	if (subject->reference->address.family == subject->server->address.family)
		snprintf(options, sizeof(options), "-b %s ",
			address_to_text(&subject->server->address, address));
	add_dig(out, subject, subject->reference, options, "AXFR");
	text_addf(out,
		"; if that is refused, allow %s on %s (allow-axfr-ips, allow-transfer, provide-xfr); if it works, look for %s in the "
		"secondary's log and run ",
		address_to_text(&subject->server->address, address), subject->reference->display,
		subject->zone);
	add_retransfer(out, subject);
}

static void add_soa(struct text *out, const struct subject *subject, const char *options)
{
	add_dig(out, subject, subject->server, options, "SOA");
}

static void advise_answer(struct text *out, const struct subject *subject)
{
	add_soa(out, subject, "+norec +dnssec +expire +nsid ");
}

static void advise_listening(struct text *out, const struct subject *subject)
{
	text_addf(out, "on %s: ss -lntup 'sport = :%u', then start the name server",
		subject->server->display, subject->server->address.port);
}

static void advise_path(struct text *out, const struct subject *subject)
{
	char address[ADDRESS_TEXT];

	add_soa(out, subject, "+norec +tries=1 ");
	text_addf(out,
		"; then: traceroute -n %s, the firewalls for UDP and TCP port %u, and whether the server runs",
		address_to_text(&subject->server->address, address), subject->server->address.port);
}

static void advise_tcp(struct text *out, const struct subject *subject)
{
	add_soa(out, subject, "+tcp +norec ");
	text_addf(out, "; then open TCP port %u in the firewall and in the server",
		subject->server->address.port);
}

static void advise_udp(struct text *out, const struct subject *subject)
{
	add_soa(out, subject, "+notcp +norec ");
	text_addf(out, "; then open UDP port %u in the firewall and in the server",
		subject->server->address.port);
}

static void advise_zone(struct text *out, const struct subject *subject)
{
	const char *zone = subject->zone;

	add_soa(out, subject, "+norec ");
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

/* It knows the zone and can't serve it: a secondary has lost it, mostly by expiry. */
static void advise_servfail(struct text *out, const struct subject *subject)
{
	if (subject->is_primary)
		advise_zone(out, subject);
	else
		advise_transfer(out, subject);
}

static void advise_key(struct text *out, const struct subject *subject)
{
	add_soa(out, subject, "+norec ");
	text_addf(out,
		"; then compare the key's name, algorithm and secret on %s with the key file here",
		subject->server->display);
}

static void advise_orphan(struct text *out, const struct subject *subject)
{
	text_addf(out,
		"on %s: pdnsutil delete-zone %s (PowerDNS), or take it out of the configuration (or the catalog)",
		subject->server->display, subject->zone);
}

static void advise_serial(struct text *out, const struct subject *subject)
{
	text_addf(out, "on %s raise the serial of %s above %u, or on %s: ", reference_name(subject),
		subject->zone, subject->serial, subject->server->display);
	add_retransfer(out, subject);
}

static void advise_notify(struct text *out, const struct subject *subject)
{
	const char *zone = subject->zone;

	text_addf(out,
		"on %s raise the serial and notify: pdnsutil increase-serial %s && pdns_control notify %s (PowerDNS), or edit the "
		"serial and rndc reload %s (BIND)",
		reference_name(subject), zone, zone, zone);
}

static void advise_ns_set(struct text *out, const struct subject *subject)
{
	add_dig(out, subject, subject->server, "+norec ", "NS");
	if (subject->reference) {
		text_add(out, " and ");
		add_dig(out, subject, subject->reference, "+norec ", "NS");
	}
	text_add(out, "; then ");
	advise_notify(out, subject);
}

/* The signer has to sign; where it did, the others have to hear of it. */
static void advise_signatures(struct text *out, const struct subject *subject)
{
	const char *zone = subject->zone;

	if (subject->is_stale)
		advise_notify(out, subject);
	else
		text_addf(out,
			"on %s sign again: pdnsutil increase-serial %s (PowerDNS), rndc sign %s (BIND) or knotc zone-sign %s (Knot)",
			subject->is_primary ? subject->server->display : reference_name(subject),
			zone, zone, zone);
}

/* What to do about a server; what to do where there is none to name. */
static const struct {
	void (*about_server)(struct text *out, const struct subject *subject);
	const char *in_general;
} advices[FINDING_COUNT] = {
	[FINDING_SECONDARY_BEHIND] = { advise_transfer, NULL },
	[FINDING_SECONDARY_AHEAD] = { advise_serial, NULL },
	[FINDING_SERIAL_UNDEFINED] = { advise_serial, NULL },
	[FINDING_SOA_DIFFERS] = { advise_notify, NULL },
	[FINDING_SERVER_TIMEOUT] = { advise_path, NULL },
	[FINDING_SERVER_PORT_CLOSED] = { advise_listening, NULL },
	[FINDING_SERVER_UNREACHABLE] = { advise_path, NULL },
	[FINDING_ZONE_TIMEOUT] = { advise_answer, NULL },
	[FINDING_TCP_UNREACHABLE] = { advise_tcp, NULL },
	[FINDING_UDP_UNREACHABLE] = { advise_udp, NULL },
	[FINDING_ZONE_REFUSED] = { advise_zone, NULL },
	[FINDING_ZONE_SERVFAIL] = { advise_servfail, NULL },
	[FINDING_ZONE_NOTAUTH] = { advise_zone, NULL },
	[FINDING_ZONE_NXDOMAIN] = { advise_zone, NULL },
	[FINDING_NOT_AUTHORITATIVE] = { advise_zone, NULL },
	[FINDING_NO_SOA] = { advise_zone, NULL },
	[FINDING_MALFORMED_ANSWER] = { advise_answer, NULL },
	[FINDING_UNEXPECTED_RCODE] = { advise_answer, NULL },
	[FINDING_TSIG_FAILED] = { advise_key, NULL },
	[FINDING_ZONE_EXPIRED] = { advise_transfer, NULL },
	[FINDING_ZONE_NOT_LOADED] = { advise_transfer, NULL },
	[FINDING_ORPHAN_ZONE] = { advise_orphan, NULL },
	[FINDING_EXPIRE_NEAR] = { advise_transfer, NULL },
	[FINDING_REFRESH_OVERDUE] = { advise_transfer, NULL },
	[FINDING_SIGNATURE_EXPIRING] = { advise_signatures, NULL },
	[FINDING_SIGNATURE_EXPIRED] = { advise_signatures, NULL },
	[FINDING_SIGNATURE_STALE] = { advise_signatures, NULL },
	[FINDING_NS_SET_DIFFERS] = { advise_ns_set,
		"correct the zone's NS records, or --expect-ns" },
	[FINDING_RESOLVER_FAILED] = { NULL,
		"check /etc/resolv.conf, or name a resolver that answers: --resolver=ADDRESS" },
	[FINDING_NO_SECONDARIES] = { NULL,
		"add NS records for the secondaries, or name them: --add-server=NAME=ADDRESS" },
	[FINDING_DEADLINE_REACHED] = { NULL,
		"give it more time (--timeout), or fewer zones a run" },
	[FINDING_ZONE_LIST_FAILED] = { NULL,
		"look at the server that --zones-from names, and at what it allows this host" },
	[FINDING_ZONE_LIST_BROKEN] = { NULL,
		"correct these lines; a line is: ZONE [PRIMARY[@PORT]]" },
	[FINDING_STATE_UNUSABLE] = { NULL,
		"create the directory, writable for the user that runs the check, or use --no-state" },
	[FINDING_REPORT_UNWRITTEN] = { NULL,
		"df -h and ls -ld of its directory; the user that runs the check must be able to create files there" },
};

/* Another server's serial that counts; where it is only the newest of all, its server has nothing
 * to give or to raise. */
static bool has_reference(const struct facts *facts, const struct reference *reference,
	uint32_t server)
{
	return (reference->source == REFERENCE_PRIMARY ||
		       reference->source == REFERENCE_SOA_MNAME) &&
		facts->plan->assigned[reference->pair] != server;
}

static bool is_stale(const struct soa_observation *seen, const struct soa_observation *right)
{
	return (int32_t)(right->signature_expiration - seen->signature_expiration) > 86400;
}

static struct subject subject_of(const struct facts *facts, const struct verdict *verdict,
	const struct finding *finding, char name[NAME_TEXT])
{
	const struct plan *plan = facts->plan;
	bool has_zone = finding->zone != PLAN_NONE;
	uint32_t zone = has_zone ? finding->zone : verdict->first_zone[finding->server];
	const struct soa_observation *seen =
		&facts->seen->soa[plan_pair(plan, zone, finding->server)];
	const struct reference *reference = &verdict->zones[zone].reference;
	struct subject subject = { .facts = facts,
		.server = &plan->servers[finding->server],
		.zone = name_to_display(plan->zones[zone].name, name),
		.serial = seen->serial,
		.cause = finding->cause,
		.is_primary = finding->role == ROLE_PRIMARY };

	if (has_zone && has_reference(facts, reference, finding->server)) {
		subject.reference = &plan->servers[plan->assigned[reference->pair]];
		subject.is_stale = is_stale(seen, &facts->seen->soa[reference->pair]);
	}
	return subject;
}

void judge_advice(const struct facts *facts, struct verdict *verdict, struct finding *finding)
{
	struct subject subject;
	struct text text = { 0 };
	char name[NAME_TEXT];

	if (finding->advice)
		return; /* the judge knew better */
	finding->advice = advices[finding->code].in_general;
	if (finding->server == PLAN_NONE || !advices[finding->code].about_server)
		return;
	subject = subject_of(facts, verdict, finding, name);
	advices[finding->code].about_server(&text, &subject);
	finding->advice = arena_string(&verdict->findings.arena, text_string(&text));
	text_free(&text);
}
