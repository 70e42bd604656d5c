/* The ways between primary and secondary: what must stop every transfer from the primary. */
#include "common/dns/message.h"
#include "common/dns/serial.h"
#include "common/judge/cause_private.h"

/* Without TCP nothing is transferred, without UDP nobody asks for the serial, and no NOTIFY
 * arrives. */
bool inquest_is_way_barred(struct inquest *self)
{
	uint32_t from = self->primary;

	if (inquest_is_silence((enum outcome)self->facts->seen->servers[inquest_server(self, from)]
				       .tcp_outcome))
		inquest_explain(self, FINDING_TCP_UNREACHABLE, from,
			"%s does not answer by TCP, so nothing can be transferred from it",
			inquest_name(self, from));
	else if (self->trouble != TROUBLE_ABSENT &&
		self->verdict->no_udp[inquest_server(self, from)])
		inquest_explain(self, FINDING_UDP_UNREACHABLE, from,
			"%s does not answer by UDP, by which secondaries ask for its serial",
			inquest_name(self, from));
	else if (self->finding->code == FINDING_SECONDARY_BEHIND &&
		self->verdict->no_udp[inquest_server(self, self->pair)])
		inquest_explain(self, FINDING_UDP_UNREACHABLE, self->pair,
			"it does not answer by UDP, by which NOTIFY comes");
	return self->why.length > 0;
}

static const char *key_trouble(uint16_t error)
{
	if (error == DNS_BADKEY)
		return "BADKEY: it does not know it";
	if (error == DNS_BADVERS) /* the same number: BADSIG */
		return "BADSIG: the secrets differ";
	if (error == DNS_BADTIME)
		return "BADTIME: the clocks differ by more than 5 minutes";
	if (error == TSIG_ERROR_NOTAUTH)
		return "NOTAUTH, unsigned";
	if (error == TSIG_ERROR_UNSIGNED)
		return "its answer is not signed";
	return "its answer's signature is wrong";
}

/* How the first message of the primary's AXFR came out here, where that must stop every
 * secondary. */
bool inquest_is_transfer_broken(struct inquest *self)
{
	const struct transfer_observation *transfer = inquest_asked(self, self->primary, false);
	const char *name = inquest_name(self, self->primary);
	enum outcome outcome = transfer ? (enum outcome)transfer->outcome : OUTCOME_NOT_ASKED;
	char rcode[16];

	if (inquest_is_silence(outcome))
		inquest_explain(self, FINDING_NONE, self->primary,
			"%s does not get a transfer under way by TCP", name);
	else if (outcome == OUTCOME_TSIG_FAILED)
		inquest_explain(self, FINDING_TSIG_FAILED, self->primary,
			"%s does not transfer with this key (%s)", name,
			key_trouble(transfer->tsig_error));
	else if (outcome == OUTCOME_MALFORMED)
		inquest_explain(self, FINDING_NONE, self->primary,
			"%s answers a transfer with something that is none", name);
	else if (outcome == OUTCOME_NO_SOA)
		inquest_explain(self, FINDING_NONE, self->primary,
			"%s answers a transfer with nothing", name);
	else if (outcome == OUTCOME_SERVFAIL || outcome == OUTCOME_NXDOMAIN ||
		outcome == OUTCOME_RCODE)
		inquest_explain(self, FINDING_NONE, self->primary, "%s answers a transfer with %s",
			name, rcode_text(transfer->rcode, rcode));
	else if (outcome == OUTCOME_ANSWERED &&
		serial_compare(transfer->serial, inquest_seen(self, self->primary)->serial) ==
			SERIAL_BEHIND)
		inquest_explain(self, FINDING_NONE, self->primary,
			"%s itself transfers serial %u only, though it answers with %u", name,
			transfer->serial, inquest_seen(self, self->primary)->serial);
	return self->why.length > 0;
}
