/* Transfers that failed: one finding each. */
#include <inttypes.h>
#include <string.h>

#include "common/base/text.h"
#include "common/judge/transfer_private.h"

enum { EDE_NOT_READY = 14, EDE_INVALID_DATA = 24 };

/* What the SOA question said that was asked beside: does the server serve the zone at all? */
static bool serves_zone(const struct judged_transfer *seen)
{
	return judge_has_serial(&seen->facts->seen->soa[seen->pair]);
}

static bool was_asked(const struct judged_transfer *seen)
{
	return judge_responded(&seen->facts->seen->soa[seen->pair]) && !seen->policy->tls;
}

static void add_soa_word(const struct judged_transfer *seen, struct text *out)
{
	const struct soa_observation *soa = &seen->facts->seen->soa[seen->pair];
	char rcode[16];

	if (serves_zone(seen))
		text_addf(out, "it serves the zone (serial %u)", soa->serial);
	else if (was_asked(seen) && soa->rcode)
		text_addf(out, "it answers %s to the SOA question, too",
			rcode_text(soa->rcode, rcode));
	else if (was_asked(seen))
		text_add(out, "it serves no SOA of the zone, either");
}

static const char *advise_permission(const struct judged_transfer *seen)
{
	struct text out = { 0 };

	if (was_asked(seen) && !serves_zone(seen)) {
		transfer_add_dig(seen, "+norec SOA", &out);
		text_addf(&out, "; on %s: does it serve ", seen->server->display);
		plan_zone_text(seen->facts->plan, seen->zone, &out);
		text_add(&out, "? Is the zone's name right?");
		return transfer_kept(seen, &out);
	}
	text_addf(&out, "on %s allow ", seen->server->display);
	if (seen->facts->policy->has_key)
		text_add(&out,
			"the key: TSIG-ALLOW-AXFR (PowerDNS), allow-transfer (BIND), provide-xfr (NSD), acl (Knot)");
	else
		transfer_add_source(seen, &out);
	if (!seen->facts->policy->has_key)
		text_add(&out,
			": allow-axfr-ips or ALLOW-AXFR-FROM (PowerDNS), allow-transfer (BIND), provide-xfr (NSD), acl (Knot)");
	text_add(&out, "; then ");
	transfer_add_dig_transfer(seen, &out);
	return transfer_kept(seen, &out);
}

/* PowerDNS and Knot say NOTAUTH to whom they deny the transfer, BIND and NSD REFUSED; NOTAUTH
 * of these means that they do not serve the zone. */
static void judge_denied(const struct judged_transfer *seen, enum finding_code code)
{
	struct text text = { 0 }, detail = { 0 };
	struct finding *finding;

	text_add(&text, "refuses the transfer: ");
	transfer_add_rcode(seen->transfer, &text);
	add_soa_word(seen, &detail);
	if (serves_zone(seen)) {
		text_add(&detail, ", so ");
		transfer_add_source(seen, &detail);
		text_add(&detail,
			seen->facts->policy->has_key ? " with this key may not transfer it"
						     : " may not transfer it");
	}
	finding = transfer_say(seen, code, &text);
	finding->detail = transfer_kept(seen, &detail);
	finding->advice = advise_permission(seen);
	text_free(&text);
}

static enum finding_code code_of_rcode(const struct zone_transfer *transfer)
{
	if (transfer->rcode == DNS_NXDOMAIN)
		return FINDING_ZONE_NXDOMAIN;
	if (transfer->rcode != DNS_SERVFAIL)
		return FINDING_UNEXPECTED_RCODE;
	if (transfer->ede_code == EDE_INVALID_DATA)
		return FINDING_ZONE_EXPIRED;
	return transfer->ede_code == EDE_NOT_READY ? FINDING_ZONE_NOT_LOADED
						   : FINDING_ZONE_SERVFAIL;
}

/* Any other rcode says something about the zone, not about permissions. */
static void judge_other_rcode(const struct judged_transfer *seen)
{
	struct text text = { 0 }, advice = { 0 };
	struct finding *finding;

	text_add(&text, "answers ");
	transfer_add_rcode(seen->transfer, &text);
	text_add(&text, " to the ");
	transfer_add_type(seen, &text);
	finding = transfer_say(seen, code_of_rcode(seen->transfer), &text);
	transfer_add_dig(seen, "+norec SOA", &advice);
	text_addf(&advice, "; then look for the zone in the log of %s", seen->server->display);
	finding->advice = transfer_kept(seen, &advice);
	text_free(&text);
}

static const char *advise_key(const struct judged_transfer *seen)
{
	struct text out = { 0 };

	if (!strstr(seen->transfer->trouble, "time") && !strstr(seen->transfer->trouble, "TIME"))
		text_addf(&out,
			"compare name, algorithm and secret of the key here (-k) and on %s: pdnsutil list-tsig-keys (PowerDNS), rndc tsig-list "
			"(BIND), key: in nsd.conf (NSD), knotc conf-read key (Knot)",
			seen->server->display);
	if (!out.length || !*seen->transfer->trouble)
		text_addf(&out, "%s" JUDGE_CLOCKS, out.length ? "; " : "", seen->server->display);
	return transfer_kept(seen, &out);
}

/* PowerDNS says NOTAUTH, unsigned, to whatever is wrong with a signature, and says the same to a
 * signed question for the SOA. */
static bool is_about_key(const struct judged_transfer *seen)
{
	return seen->facts->policy->has_key && seen->transfer->rcode == DNS_NOTAUTH &&
		seen->facts->seen->soa[seen->pair].outcome == OUTCOME_TSIG_FAILED;
}

static void judge_key(const struct judged_transfer *seen)
{
	struct text text = { 0 };
	struct finding *finding;

	text_add(&text, "answers ");
	transfer_add_rcode(seen->transfer, &text);
	text_add(&text,
		", unsigned, to whatever is signed, the SOA question, too: it does not accept the key, or its clock differs");
	finding = transfer_say(seen, FINDING_TSIG_FAILED, &text);
	finding->advice = advise_key(seen);
	text_free(&text);
}

void transfer_judge_rcode(const struct judged_transfer *seen)
{
	if (is_about_key(seen))
		judge_key(seen);
	else if (seen->transfer->rcode == DNS_REFUSED)
		judge_denied(seen, FINDING_TRANSFER_REFUSED);
	else if (seen->transfer->rcode == DNS_NOTAUTH)
		judge_denied(seen, FINDING_TRANSFER_NOTAUTH);
	else
		judge_other_rcode(seen);
}

static void add_client(const struct judged_transfer *seen, struct text *out)
{
	const struct address *to = &seen->server->address;
	bool is_ipv6 = to->family == 6;
	char address[ADDRESS_TEXT];

	text_addf(out, "openssl s_client -connect %s%s%s:%u -alpn dot -tls1_3 -showcerts",
		is_ipv6 ? "[" : "", address_to_text(to, address), is_ipv6 ? "]" : "", to->port);
}

static void add_phase(const struct judged_transfer *seen, struct text *text)
{
	double seconds = (double)seen->transfer->duration_us / 1e6;

	switch (seen->transfer->phase) {
	case TRANSFER_CONNECTING:
		text_addf(text, "accepts no TCP connection on port %u within %.1f s",
			seen->server->address.port, seconds);
		return;
	case TRANSFER_SHAKING_HANDS:
		text_addf(text,
			"does not end the TLS handshake on port %u within %.1f s: does it speak TLS there?",
			seen->server->address.port, seconds);
		return;
	case TRANSFER_ASKED:
		text_add(text, "does not answer the ");
		transfer_add_type(seen, text);
		text_addf(text, " within %.1f s", seconds);
		return;
	case TRANSFER_STREAMING:
	case TRANSFER_PHASE_COUNT:
		break;
	}
	text_add(text, "does not end the transfer: ");
	transfer_add_progress(seen->transfer, text);
}

void transfer_judge_timeout(const struct judged_transfer *seen)
{
	struct text text = { 0 }, advice = { 0 };
	struct finding *finding;

	add_phase(seen, &text);
	finding = transfer_say(seen, FINDING_TRANSFER_TIMEOUT, &text);
	if (seen->transfer->phase == TRANSFER_SHAKING_HANDS)
		add_client(seen, &advice);
	else
		transfer_add_dig_transfer(seen, &advice);
	if (seen->transfer->phase == TRANSFER_STREAMING)
		text_add(&advice, "; a zone that is only large wants more time (-t)");
	else if (seen->transfer->phase != TRANSFER_SHAKING_HANDS)
		text_addf(&advice, "; then the firewalls for TCP port %u, and the log of %s",
			seen->server->address.port, seen->server->display);
	finding->advice = transfer_kept(seen, &advice);
	text_free(&text);
}

void transfer_judge_closed(const struct judged_transfer *seen)
{
	struct text text = { 0 }, advice = { 0 };
	struct finding *finding;
	unsigned port = seen->server->address.port;

	text_addf(&text, "does not listen on TCP port %u (connection refused)", port);
	finding = transfer_say(seen, FINDING_SERVER_PORT_CLOSED, &text);
	text_addf(&advice,
		"on %s: ss -lntp 'sport = :%u'; then let the name server listen there by TCP, and not behind a firewall that rejects us",
		seen->server->display, port);
	finding->advice = transfer_kept(seen, &advice);
	text_free(&text);
}

void transfer_judge_unreachable(const struct judged_transfer *seen)
{
	struct text text = { 0 }, advice = { 0 };
	char address[ADDRESS_TEXT];
	struct finding *finding;

	text_addf(&text, "can't be reached by TCP on port %u, says the network",
		seen->server->address.port);
	finding = transfer_say(seen, FINDING_SERVER_UNREACHABLE, &text);
	text_addf(&advice, "traceroute -n %s; then the firewalls on the way",
		address_to_text(&seen->server->address, address));
	finding->advice = transfer_kept(seen, &advice);
	text_free(&text);
}

void transfer_judge_cut(const struct judged_transfer *seen)
{
	const struct zone_transfer *transfer = seen->transfer;
	struct text text = { 0 }, advice = { 0 };
	struct finding *finding;

	text_addf(&text, "%s the connection ", transfer->error ? "resets" : "closes");
	if (transfer->phase == TRANSFER_STREAMING) {
		text_addf(&text, "in the middle of the transfer%s: ",
			transfer->inside_message ? ", inside a message" : "");
		transfer_add_progress(transfer, &text);
	} else {
		text_add(&text, "without an answer to the ");
		transfer_add_type(seen, &text);
	}
	finding = transfer_say(seen, FINDING_TRANSFER_BROKEN, &text);
	transfer_add_dig_transfer(seen, &advice);
	text_addf(&advice,
		"; then look for the transfer in the log of %s, and for what stands between",
		seen->server->display);
	finding->advice = transfer_kept(seen, &advice);
	text_free(&text);
}

void transfer_judge_broken(const struct judged_transfer *seen)
{
	struct text text = { 0 }, detail = { 0 }, advice = { 0 };
	struct finding *finding;

	text_addf(&text, "breaks the transfer: %s", seen->transfer->trouble);
	if (seen->transfer->rcode) {
		text_add(&text, ", ");
		transfer_add_rcode(seen->transfer, &text);
	}
	text_add(&detail, "after ");
	transfer_add_progress(seen->transfer, &detail);
	finding = transfer_say(seen, FINDING_TRANSFER_BROKEN, &text);
	finding->detail = transfer_kept(seen, &detail);
	transfer_add_dig_transfer(seen, &advice);
	text_addf(&advice, "; then look for the zone in the log of %s", seen->server->display);
	finding->advice = transfer_kept(seen, &advice);
	text_free(&text);
}

/* An unsigned stream may be anybody's. */
static const char *advise_unsigned(const struct judged_transfer *seen)
{
	struct text out = { 0 };

	transfer_add_dig_transfer(seen, &out);
	text_addf(&out, "; does %s know TSIG, or does something between answer for it?",
		seen->server->display);
	return transfer_kept(seen, &out);
}

void transfer_judge_signature(const struct judged_transfer *seen)
{
	bool is_missing = seen->transfer->end == TRANSFER_END_UNSIGNED;
	struct text text = { 0 };
	struct finding *finding;

	if (!is_missing)
		text_addf(&text, "fails TSIG: %s", seen->transfer->trouble);
	else if (seen->transfer->messages > 0)
		text_addf(&text, "does not sign the transfer to its end: %" PRIu64 " messages came",
			seen->transfer->messages);
	else
		text_add(&text, "does not sign the transfer, though the question was signed");
	finding = transfer_say(seen, is_missing ? FINDING_TRANSFER_UNSIGNED : FINDING_TSIG_FAILED,
		&text);
	finding->advice = is_missing ? advise_unsigned(seen) : advise_key(seen);
	text_free(&text);
}

void transfer_judge_tls(const struct judged_transfer *seen)
{
	struct text text = { 0 }, advice = { 0 };
	struct finding *finding;

	text_addf(&text, "fails TLS: %s", seen->transfer->trouble);
	finding = transfer_say(seen, FINDING_TLS_FAILED, &text);
	add_client(seen, &advice);
	finding->advice = transfer_kept(seen, &advice);
	text_free(&text);
}
