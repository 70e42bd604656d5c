/* The next command to type: complete, with names, addresses and ports, so that it can be pasted. */
#include <stdio.h>

#include "common/base/text.h"
#include "common/dns/name.h"
#include "common/dns/serial.h"
#include "common/judge/api_cause.h"
#include "common/judge/commands.h"
#include "common/judge/judge.h"

/* What a command needs to know. */
struct subject {
	const struct facts *facts;
	const struct server *server;      /* whom the finding is about */
	const struct server *reference;   /* whose serial counts; NULL: nobody else's */
	const char *zone;                 /* of a finding about many zones: one of them */
	const uint8_t *zone_name;         /* the same in wire form */
	const struct soa_content *fields; /* the reference's */
	uint32_t serial;                  /* that the server serves; 0: none */
	uint32_t reference_serial;
	enum finding_code code, cause;
	const struct server *culprit; /* whose the cause is; NULL */
	bool is_unlisted;             /* no NS record names it */
	bool is_primary;
	bool is_stale;      /* its signature expires over a day before the reference's */
	bool is_other_time; /* whoever was asked says that it is another time there */
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
	text_addf(out, " %s", options);
	command_word(out, subject->zone);
	text_addf(out, " %s", type);
}

static const char *software_of_server(const struct subject *subject, const struct server *server)
{
	return server
		? subject->facts->seen->servers[server - subject->facts->plan->servers].software
		: NULL;
}

/* Who does the task: the primary of the two, or the secondary. */
static struct command command_for(const struct subject *subject, enum task task,
	const struct server *who)
{
	return (struct command){ .task = task,
		.software = software_of_server(subject, who),
		.zone = subject->zone_name,
		.primary = subject->is_primary ? subject->server : subject->reference,
		.secondary = subject->is_primary ? NULL : subject->server };
}

static bool add_task(struct text *out, const struct subject *subject, enum task task,
	const struct server *who)
{
	struct command command = command_for(subject, task, who);

	return command_add(out, &command);
}

/* Is it known what runs there? Else a list of everybody's words may be longer than it is worth. */
static bool is_known(const struct subject *subject, const struct server *server)
{
	return software_of_server(subject, server) != NULL;
}

static const char *reference_name(const struct subject *subject)
{
	return subject->reference ? subject->reference->display : "the primary";
}

/* "on ns3.example.com: rndc retransfer example.com" */
static void add_retransfer(struct text *out, const struct subject *subject)
{
	text_addf(out, "on %s: ", subject->server->display);
	add_task(out, subject, TASK_RETRANSFER, subject->server);
}

static void advise_allow(struct text *out, const struct subject *subject)
{
	char address[ADDRESS_TEXT];

	if (is_known(subject, subject->reference)) {
		text_addf(out, "on %s: ", subject->reference->display);
		add_task(out, subject, TASK_ALLOW, subject->reference);
		return;
	}
	text_addf(out, "allow %s on %s (allow-axfr-ips, allow-transfer, provide-xfr)",
		address_to_text(&subject->server->address, address), subject->reference->display);
}

/* It came when it was fetched, and not by itself: then nobody called. */
static void advise_calling(struct text *out, const struct subject *subject)
{
	struct command command = command_for(subject, TASK_BE_PRIMARY, subject->reference);
	struct text task = { 0 };

	if (subject->code != FINDING_SECONDARY_BEHIND || !is_known(subject, subject->reference))
		return;
	if (subject->is_unlisted)
		command.task = TASK_ALSO_NOTIFY;
	else if (api_notifies(subject->facts, subject->zone_name, subject->reference))
		return; /* it is that already */
	if (command_add(&task, &command))
		text_addf(out, "; so that NOTIFY is sent to it, on %s: %s",
			subject->reference->display, text_string(&task));
	text_free(&task);
}

/* Nothing is known to be in the way: only the secondary can tell. */
static void advise_trying(struct text *out, const struct subject *subject)
{
	char address[ADDRESS_TEXT], options[ADDRESS_TEXT + 8] = "";

	text_addf(out, "on %s: ", subject->server->display);
	/* From the address that the primary knows, where the secondary has several. */
	if (subject->reference->address.family == subject->server->address.family)
		snprintf(options, sizeof(options), "-b %s ",
			address_to_text(&subject->server->address, address));
	add_dig(out, subject, subject->reference, options, "AXFR");
	text_add(out, "; if that is refused, ");
	advise_allow(out, subject);
	text_add(out, "; if it works, ");
	add_retransfer(out, subject);
	if (is_known(subject, subject->server)) {
		text_add(out, ", and see ");
		add_task(out, subject, TASK_LOG, subject->server);
	} else {
		text_addf(out, ", and look for %s in its log", subject->zone);
	}
	advise_calling(out, subject);
}

/* Where its keys are looked at: " (pdnsutil list-tsig-keys)". */
static void add_keys(struct text *out, const struct subject *subject, const struct server *server)
{
	text_addf(out, "on %s", server->display);
	if (!is_known(subject, server))
		return;
	text_add(out, " (");
	add_task(out, subject, TASK_KEYS, server);
	text_add(out, ")");
}

/* Whose the cause is, else whom the finding is about. */
static const struct server *to_look_at(const struct subject *subject)
{
	return subject->culprit ? subject->culprit : subject->server;
}

static void advise_keys(struct text *out, const struct subject *subject)
{
	const struct server *asked = to_look_at(subject);

	if (subject->is_other_time) {
		text_addf(out, JUDGE_CLOCKS, asked->display);
		return;
	}
	text_add(out, "compare the key's name, algorithm and secret ");
	add_keys(out, subject, asked);
	if (asked != subject->server) {
		text_add(out, ", ");
		add_keys(out, subject, subject->server);
	}
	text_add(out, " and in the key file here");
}

static void advise_way(struct text *out, const struct subject *subject, const char *options,
	const char *transport)
{
	add_dig(out, subject, subject->culprit, options, "SOA");
	text_addf(out, "; then open %s port %u on %s", transport, subject->culprit->address.port,
		subject->culprit->display);
}

static void advise_cache(struct text *out, const struct subject *subject)
{
	const struct server *asked = to_look_at(subject);
	struct command command = command_for(subject, TASK_PURGE, asked);
	struct text task = { 0 };

	if (command_add(&task, &command))
		text_addf(out, "on %s: %s, or ", asked->display, text_string(&task));
	text_add(out,
		"wait until its caches let it go (cache-ttl and query-cache-ttl, by default 20 s each; new zones 300 s), then ");
	add_dig(out, subject, asked, "+norec ", "SOA");
	text_free(&task);
}

static void advise_name(struct text *out, const struct subject *subject)
{
	const char *name = subject->server->display;

	text_addf(out, "dig %s A; dig %s AAAA; then add its addresses; then on %s: ", name, name,
		reference_name(subject));
	add_task(out, subject, TASK_NOTIFY, subject->reference);
}

/* What stands in the way first. False where it is nothing that has a finding; `is_all` where there
 * is nothing to transfer again afterwards. */
static bool advise_cause(struct text *out, const struct subject *subject, bool *is_all)
{
	*is_all =
		subject->cause == FINDING_CACHE_STALE || subject->cause == FINDING_NS_UNRESOLVABLE;
	if (subject->cause == FINDING_NONE || !subject->culprit)
		return false;
	if (subject->cause == FINDING_CACHE_STALE)
		advise_cache(out, subject);
	else if (subject->cause == FINDING_NS_UNRESOLVABLE)
		advise_name(out, subject);
	else if (subject->cause == FINDING_TCP_UNREACHABLE)
		advise_way(out, subject, "+tcp +norec ", "TCP");
	else if (subject->cause == FINDING_UDP_UNREACHABLE)
		advise_way(out, subject, "+notcp +norec ", "UDP");
	else if (subject->cause == FINDING_TSIG_FAILED)
		advise_keys(out, subject);
	else if (subject->cause == FINDING_SERVER_TIMEOUT ||
		subject->cause == FINDING_SERVER_PORT_CLOSED ||
		subject->cause == FINDING_SERVER_UNREACHABLE)
		text_addf(out, "first bring %s back", subject->culprit->display);
	else {
		text_addf(out, "first on %s: ", subject->culprit->display);
		add_task(out, subject, TASK_STATUS, subject->culprit);
	}
	return true;
}

static void advise_transfer(struct text *out, const struct subject *subject)
{
	bool is_all;
	bool has_cause = advise_cause(out, subject, &is_all);

	if (has_cause && is_all)
		return;
	if (has_cause)
		text_add(out, "; then ");
	if (has_cause || !subject->reference)
		add_retransfer(out, subject);
	else
		advise_trying(out, subject);
}

static void add_soa(struct text *out, const struct subject *subject, const char *options)
{
	add_dig(out, subject, subject->server, options, "SOA");
}

static void advise_answer(struct text *out, const struct subject *subject)
{
	add_soa(out, subject, "+norec +dnssec +expire +nsid ");
	if (is_known(subject, subject->server)) {
		text_addf(out, "; then on %s: ", subject->server->display);
		add_task(out, subject, TASK_LOG, subject->server);
	}
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

static void advise_primary_zone(struct text *out, const struct subject *subject)
{
	text_addf(out, "; then on %s: ", subject->server->display);
	add_task(out, subject, TASK_STATUS, subject->server);
}

/* PowerDNS may create the zone by itself; of nobody known only a hint. */
static void advise_secondary_zone(struct text *out, const struct subject *subject)
{
	if (!is_known(subject, subject->server) || !subject->reference) {
		text_addf(out,
			"; then configure %s on %s, or remove its NS record; PowerDNS: pdnsutil list-autoprimaries shows whether it may "
			"come by itself",
			subject->zone, subject->server->display);
		return;
	}
	text_addf(out, "; then on %s: ", subject->server->display);
	add_task(out, subject, TASK_ADD_SECONDARY, subject->server);
	text_add(out, "; ");
	if (add_task(out, subject, TASK_PROVISION, subject->server))
		text_add(out, "; ");
	text_addf(out, "or remove its NS record on %s", reference_name(subject));
}

static void advise_zone(struct text *out, const struct subject *subject)
{
	bool is_all;

	if (advise_cause(out, subject, &is_all)) {
		if (is_all)
			return;
		text_add(out, "; then ");
	}
	add_soa(out, subject, "+norec ");
	if (subject->is_primary)
		advise_primary_zone(out, subject);
	else
		advise_secondary_zone(out, subject);
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
	text_add(out, "; then ");
	advise_keys(out, subject);
}

/* What is gone by mistake must not be deleted everywhere. */
static void advise_orphan(struct text *out, const struct subject *subject)
{
	text_addf(out, "if it was meant to go, on %s: ", subject->server->display);
	if (is_known(subject, subject->server))
		add_task(out, subject, TASK_REMOVE, subject->server);
	else
		text_addf(out,
			"pdnsutil delete-zone %s (PowerDNS), or take it out of the configuration (or the catalog)",
			subject->zone);
	text_add(out, "; if not, bring it back on the primary before it expires here");
}

/* The primary's whole SOA with another serial. */
static void add_raise_to(struct text *out, const struct subject *subject, uint32_t serial)
{
	struct command command = command_for(subject, TASK_RAISE_TO, subject->reference);
	char mname[NAME_TEXT], rname[NAME_TEXT], soa[2 * NAME_TEXT + 64];
	const struct soa_content *fields = subject->fields;

	snprintf(soa, sizeof(soa), "%s %s %u %u %u %u %u", name_to_text(soa_mname(fields), mname),
		name_to_text(soa_rname(fields), rname), serial, fields->refresh, fields->retry,
		fields->expire, fields->minimum);
	command.serial = serial;
	command.soa = soa;
	command_add(out, &command);
}

/* RFC 1982 3.2: nothing is raised by more than half the number space at once. */
static void add_steps(struct text *out, const struct subject *subject)
{
	uint32_t last = subject->serial + 1, first = subject->reference_serial + 0x7fffffff;

	if (serial_compare(last, subject->reference_serial) == SERIAL_AHEAD) {
		add_raise_to(out, subject, last);
		return;
	}
	text_add(out, "first ");
	add_raise_to(out, subject, first);
	text_add(out, ", and once every other server has that: ");
	add_raise_to(out, subject, last);
}

static void advise_serial(struct text *out, const struct subject *subject)
{
	if (subject->cause == FINDING_CACHE_STALE && subject->culprit) {
		advise_cache(out, subject);
		return;
	}
	if (is_known(subject, subject->reference)) {
		text_addf(out, "on %s: ", subject->reference->display);
		add_steps(out, subject);
	} else {
		text_addf(out, "on %s raise the serial of %s above %u", reference_name(subject),
			subject->zone, subject->serial);
	}
	text_add(out, ", or ");
	add_retransfer(out, subject);
}

/* Most have a file to change first. */
static void advise_notify(struct text *out, const struct subject *subject)
{
	struct command command = command_for(subject, TASK_RAISE, subject->reference);

	text_addf(out, "on %s%s ", reference_name(subject),
		is_known(subject, subject->reference) ? ":" : " raise the serial and notify:");
	if (is_known(subject, subject->reference)) {
		command_add(out, &command);
		return;
	}
	command.software = "PowerDNS";
	command_add(out, &command);
	text_add(out, " (PowerDNS), or raise it in the zone's file, then ");
	add_task(out, subject, TASK_RELOAD, NULL);
}

/* A change without a new serial; PowerDNS can hide one, too (SOA-EDIT=INCEPTION-INCREMENT). */
static void advise_content(struct text *out, const struct subject *subject)
{
	advise_notify(out, subject);
	text_add(out, "; PowerDNS: does pdnsutil get-meta ");
	command_word(out, subject->zone);
	text_add(out, " SOA-EDIT keep the serial?");
}

static void advise_digest(struct text *out, const struct subject *subject)
{
	if (subject->is_primary || !subject->reference) {
		text_addf(out, "on %s make the digest again, with whatever signs %s",
			subject->server->display, subject->zone);
		return;
	}
	add_retransfer(out, subject);
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
	const struct server *signer =
		subject->is_primary || !subject->reference ? subject->server : subject->reference;

	if (subject->is_stale) {
		advise_notify(out, subject);
		return;
	}
	text_addf(out, "on %s sign again: ",
		subject->is_primary ? subject->server->display : reference_name(subject));
	add_task(out, subject, TASK_SIGN, signer);
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
	[FINDING_CONTENT_DIFFERS] = { advise_content, NULL },
	[FINDING_CONTENT_UNSETTLED] = { NULL,
		"compare again when fewer changes come, or with a longer -t" },
	[FINDING_ZONEMD_MISMATCH] = { advise_digest, NULL },
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
	[FINDING_CACHE_STALE] = { advise_cache, NULL },
	[FINDING_SIGNATURE_STALE] = { advise_signatures, NULL },
	[FINDING_NS_SET_DIFFERS] = { advise_ns_set,
		"correct the zone's NS records, or --expect-ns" },
	[FINDING_RESOLVER_FAILED] = { NULL,
		"check that resolver (--resolver, else /etc/resolv.conf), or name one that answers: --resolver=ADDRESS" },
	[FINDING_NO_SECONDARIES] = { NULL,
		"add NS records for the secondaries, or name them: --add-server=NAME=ADDRESS" },
	[FINDING_DEADLINE_REACHED] = { NULL,
		"give it more time (--timeout), fewer zones a run (--shard), or servers of your own more questions a second (--rate)" },
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
		.zone_name = plan->zones[zone].name,
		.serial = seen->serial,
		.code = finding->code,
		.cause = finding->cause,
		.culprit = finding->cause_server == PLAN_NONE
			? NULL
			: &plan->servers[finding->cause_server],
		.is_unlisted = plan->zones[zone].name_count > 0 &&
			!(plan->pair_flags[plan_pair(plan, zone, finding->server)] & PAIR_LISTED),
		.fields = facts->seen->fields[reference->pair == PLAN_NONE
				? 0
				: facts->seen->soa[reference->pair].fields],
		.is_primary = finding->role == ROLE_PRIMARY };

	subject.is_other_time = judge_is_other_time(facts,
		plan_pair(plan, zone, subject.culprit ? finding->cause_server : finding->server));
	if (has_zone && has_reference(facts, reference, finding->server)) {
		subject.reference = &plan->servers[plan->assigned[reference->pair]];
		subject.reference_serial = reference->serial;
		subject.is_stale = is_stale(seen, &facts->seen->soa[reference->pair]);
	}
	return subject;
}

const char *judge_advice_in_general(enum finding_code code)
{
	return advices[code].in_general;
}

void judge_advice(const struct facts *facts, struct verdict *verdict, struct finding *finding)
{
	struct subject subject;
	struct text text = { 0 };
	char name[NAME_TEXT];

	if (finding->advice)
		return; /* the judge knew better */
	finding->advice = judge_advice_in_general(finding->code);
	if (finding->server == PLAN_NONE || !advices[finding->code].about_server)
		return;
	subject = subject_of(facts, verdict, finding, name);
	advices[finding->code].about_server(&text, &subject);
	finding->advice = arena_string(&verdict->findings.arena, text_string(&text));
	text_free(&text);
}
