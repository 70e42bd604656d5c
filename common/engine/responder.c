#include "common/engine/responder.h"

#include <stddef.h>
#include <string.h>

#include "common/dns/serial.h"
#include "common/engine/answer.h"
#include "common/engine/edns.h"
#include "common/engine/identity.h"
#include "common/engine/spoil.h"

enum {
	UDP_WITHOUT_EDNS = 512,                 /* RFC 1035 4.2.1 */
	TSIG_FIXED = 10 + 16 + 6 + TSIG_DIGEST, /* of a TSIG record, besides its two names */
	EDE_NOT_READY = 14,
	EDE_PROHIBITED = 18,
	EDE_NOT_AUTHORITATIVE = 20,
	EDE_INVALID_DATA = 24,
	DNS_TKEY = 249,
	DNS_MAILB = 253,
	DNS_MAILA = 254,
	TSIG_BADSIG = 16,
};

/* One message on its way through. */
struct call {
	const struct responder *self;
	const struct request *request;
	struct response *response;
	struct message message;
	struct zone *zone; /* that answers, or NULL */
	struct fault_set faults;
	struct edns_answer edns;
	enum tsig_result tsig;
	size_t capacity;
	/* Not cleared for every question: of one that is signed, and the answer. */
	struct tsig_chain chain;
	struct reply reply;
};

static uint16_t explain(struct call *call, uint16_t rcode, uint16_t ede, const char *text)
{
	call->edns.has_error = true;
	call->edns.error = ede;
	call->edns.error_text = text;
	return rcode;
}

static bool has_fault(const struct call *call, enum engine_fault fault)
{
	return fault_set_has(&call->faults, fault);
}

static uint16_t event(struct call *call, enum response_event what, uint16_t rcode,
	const char *reason)
{
	call->response->event = what;
	call->response->zone = call->zone;
	call->response->reason = reason;
	call->response->type = call->message.question.type;
	memcpy(call->response->name, call->message.question.owner, NAME_WIRE);
	return rcode;
}

static const struct tsig_key *key_of(const struct call *call)
{
	return call->tsig == TSIG_GOOD ? call->chain.key : NULL;
}

/* Why this NOTIFY is not for us to follow (RFC 1996 3.10), or NULL. */
static const char *notify_forbidden(const struct call *call)
{
	const struct responder *self = call->self;
	const struct address *client = &call->request->client;
	const struct zone *zone = call->zone;
	const char *reason = "not from its primary";

	for (unsigned i = 0; i < zone->primary_count; i++) {
		if (!same_host(&zone->primaries[i].address, client))
			continue;
		reason = key_choice_refusal(&zone->primaries[i].choice, &self->keys, key_of(call));
		if (!reason)
			return NULL;
	}
	if (access_speaks_of(&self->notify_from, zone->name))
		reason = access_refusal(&self->notify_from, &self->keys, zone->name, client,
			key_of(call));
	return reason;
}

/* The first SOA's serial in this section, of a NOTIFY (RFC 1996 3.7) or an IXFR (RFC 1995 3). */
static bool hinted_serial(const struct message *message, enum message_section where,
	uint32_t *serial)
{
	struct record_cursor cursor = message_records(message);
	struct record record;
	enum message_section section;
	struct soa_fields fields;

	while (message_next(&cursor, &record, &section))
		if (section == where && record.type == DNS_SOA &&
			record_soa(message, &record, serial, &fields))
			return true;
	return false;
}

static uint16_t answer_notify(struct call *call)
{
	struct response *response = call->response;
	const struct record *question = &call->message.question;
	const char *forbidden;

	if (has_fault(call, FAULT_DROP_NOTIFY)) {
		response->kind = RESPONSE_NOTHING;
		return event(call, EVENT_NOTIFY_DROPPED, 0, "a fault drops it");
	}
	if (question->type != DNS_SOA)
		return DNS_FORMERR;
	if (!call->zone || !name_equal(call->zone->name, question->owner))
		return event(call, EVENT_NOTIFY_REFUSED, DNS_NOTAUTH, "not a zone of ours");
	if (!call->zone->is_secondary)
		return event(call, EVENT_NOTIFY_REFUSED, DNS_REFUSED, "we are its primary");
	forbidden = notify_forbidden(call);
	if (forbidden)
		return event(call, EVENT_NOTIFY_REFUSED, DNS_REFUSED, forbidden);
	response->has_serial = hinted_serial(&call->message, MESSAGE_ANSWER, &response->serial);
	call->reply.flags |= DNS_AA;
	return event(call, EVENT_NOTIFY, DNS_NOERROR, NULL);
}

/* Why this transfer is not for this client, or NULL. */
static const char *transfer_forbidden(const struct call *call)
{
	const struct responder *self = call->self;

	if (has_fault(call, FAULT_REFUSE_AXFR))
		return "a fault refuses it";
	return access_refusal(&self->transfer_to, &self->keys, call->zone->name,
		&call->request->client, key_of(call));
}

/* Only the SOA: up to date, or too long for UDP (RFC 1995 2, 4). */
static uint16_t answer_ixfr_by_soa(struct call *call)
{
	const struct zone_node *apex = &call->zone->version->nodes[0];
	const struct zone_rdata *soa = zone_node_rrset(apex, DNS_SOA)->first;

	call->reply.flags |= DNS_AA;
	reply_record(&call->reply, MESSAGE_ANSWER, apex->name, DNS_SOA, soa->ttl, soa);
	return DNS_NOERROR;
}

static uint16_t begin_transfer(struct call *call, struct transfer_stream *differences,
	uint32_t serial)
{
	struct tsig_chain *chain = call->tsig == TSIG_GOOD ? &call->chain : NULL;

	transfer_out_begin(&call->response->transfer, call->zone->version, differences,
		&call->message, &call->edns, chain, &call->faults);
	call->response->transfer.from = serial;
	if (chain)
		call->chain = (struct tsig_chain){ 0 };
	call->response->kind = RESPONSE_TRANSFER;
	call->response->reset_after = has_fault(call, FAULT_RESET_TRANSFER);
	return event(call, EVENT_TRANSFER, DNS_NOERROR, NULL);
}

/* Differences in one datagram where they fit, else the SOA, for TCP to be tried (RFC 1995 2). */
static uint16_t answer_ixfr_over_udp(struct call *call, const struct difference *step)
{
	struct zone_record record;
	size_t at;

	answer_ixfr_by_soa(call);
	if (!step || has_fault(call, FAULT_NO_IXFR))
		return DNS_NOERROR;
	for (; step; step = step->next) {
		for (at = 0; difference_next(&step->gone, &at, &record);)
			reply_rdata(&call->reply, MESSAGE_ANSWER, &record);
		for (at = 0; difference_next(&step->come, &at, &record);)
			reply_rdata(&call->reply, MESSAGE_ANSWER, &record);
	}
	answer_ixfr_by_soa(call);
	if (!call->reply.full)
		return event(call, EVENT_IXFR_WHOLE, DNS_NOERROR, NULL);
	reply_empty(&call->reply);
	return answer_ixfr_by_soa(call);
}

static uint16_t answer_ixfr(struct call *call, uint32_t serial)
{
	struct zone *zone = call->zone;
	enum serial_order order = serial_compare(serial, zone->version->serial);
	struct transfer_stream *differences = NULL;

	call->response->has_serial = true;
	call->response->serial = serial;

	if (order == SERIAL_EQUAL || order == SERIAL_AHEAD)
		return answer_ixfr_by_soa(call);
	if (call->request->transport == TRANSPORT_UDP)
		return answer_ixfr_over_udp(call,
			journal_since(&zone->journal, serial, zone->version));
	if (!has_fault(call, FAULT_NO_IXFR))
		differences = journal_stream(&zone->journal, serial, zone->version);
	return begin_transfer(call, differences, serial);
}

static uint16_t answer_transfer(struct call *call)
{
	bool incremental = call->message.question.type == DNS_IXFR;
	const char *forbidden = transfer_forbidden(call);
	uint32_t serial;

	if (forbidden) {
		event(call, EVENT_TRANSFER_REFUSED, 0, forbidden);
		return explain(call, DNS_REFUSED, EDE_PROHIBITED, NULL);
	}
	if (!incremental && call->request->transport == TRANSPORT_UDP)
		return explain(call, DNS_REFUSED, EDE_PROHIBITED, "AXFR wants TCP"); /* as BIND */
	if (!incremental)
		return begin_transfer(call, NULL, 0);
	if (!hinted_serial(&call->message, MESSAGE_AUTHORITY, &serial))
		return DNS_FORMERR;
	return answer_ixfr(call, serial);
}

static void say_expire(struct call *call)
{
	const struct zone *zone = call->zone;
	int64_t left_us = zone->expires_us - call->request->now_us;
	const uint8_t *value;
	uint16_t length;

	if (!message_edns_option(&call->message, EDNS_EXPIRE, &value, &length))
		return;
	call->edns.has_expire = true;
	call->edns.expire_s =
		zone->is_secondary ? (uint32_t)(left_us / 1000000) : zone->version->soa.expire;
}

/* What a fault says in the zone's stead; false: nothing. */
static bool answer_by_fault(struct call *call, uint16_t *rcode)
{
	if (has_fault(call, FAULT_SERVFAIL))
		*rcode = DNS_SERVFAIL;
	else if (has_fault(call, FAULT_EXPIRED))
		*rcode = explain(call, DNS_SERVFAIL, EDE_INVALID_DATA, "zone has expired");
	else if (has_fault(call, FAULT_NOT_LOADED))
		*rcode = explain(call, DNS_SERVFAIL, EDE_NOT_READY, "zone not loaded yet");
	else if (has_fault(call, FAULT_NOTAUTH))
		*rcode = DNS_NOTAUTH;
	else if (has_fault(call, FAULT_NXDOMAIN))
		*rcode = DNS_NXDOMAIN;
	else if (has_fault(call, FAULT_NODATA) && call->message.question.type == DNS_SOA)
		*rcode = DNS_NOERROR;
	else
		return false;
	if (*rcode == DNS_NXDOMAIN || *rcode == DNS_NOERROR)
		call->reply.flags |= DNS_AA;
	return true;
}

static bool is_transfer(uint16_t type)
{
	return type == DNS_AXFR || type == DNS_IXFR;
}

static uint16_t answer_zone(struct call *call)
{
	const struct record *question = &call->message.question;
	uint16_t rcode;

	if (answer_by_fault(call, &rcode))
		return rcode;
	if (!call->zone->version)
		return explain(call, DNS_SERVFAIL, EDE_NOT_READY, "zone not loaded yet");
	if (zone_has_expired(call->zone, call->request->now_us))
		return explain(call, DNS_SERVFAIL, EDE_INVALID_DATA, "zone has expired");
	if (question->type == DNS_SOA || is_transfer(question->type))
		say_expire(call);
	if (is_transfer(question->type))
		return answer_transfer(call);
	if (question->type == DNS_SOA && name_equal(call->zone->name, question->owner))
		event(call, EVENT_SOA, DNS_NOERROR, NULL);
	return answer_question(&call->reply, call->zone->version, question->owner, question->type,
		call->message.dnssec_ok);
}

static uint16_t answer_query(struct call *call)
{
	const struct record *question = &call->message.question;
	bool transfer = is_transfer(question->type);

	if (question->type == DNS_MAILA || question->type == DNS_MAILB ||
		question->type == DNS_TKEY)
		return DNS_NOTIMP;
	if (question->type == DNS_OPT || question->type == DNS_TSIG)
		return DNS_FORMERR;
	if (transfer && (!call->zone || !name_equal(call->zone->name, question->owner))) {
		event(call, EVENT_TRANSFER_REFUSED, 0, "not a zone of ours");
		return explain(call, DNS_NOTAUTH, EDE_NOT_AUTHORITATIVE, NULL);
	}
	if (!call->zone)
		return explain(call, DNS_REFUSED, EDE_NOT_AUTHORITATIVE, NULL);
	return answer_zone(call);
}

static bool is_silenced(struct call *call)
{
	bool tcp = call->request->transport == TRANSPORT_TCP;

	if (tcp && has_fault(call, FAULT_NO_TCP))
		call->response->kind = RESPONSE_CLOSE;
	return has_fault(call, FAULT_DROP) ||
		has_fault(call, tcp ? FAULT_DROP_TCP : FAULT_DROP_UDP) ||
		has_fault(call, tcp ? FAULT_NO_TCP : FAULT_NO_UDP);
}

/* Which zone, and what is wrong with it on purpose. */
static void find_zone(struct call *call)
{
	const struct record *question = &call->message.question;

	call->zone = zone_store_find(call->self->zones, question->owner,
		call->message.opcode == DNS_QUERY ? question->type : DNS_SOA);
	if (call->zone)
		call->faults = call->zone->faults;
	if (has_fault(call, FAULT_LAME))
		call->zone = NULL;
}

/* Nobody is refused for a cookie: who sends one gets ours (RFC 7873 5.2.3). False: malformed. */
static bool take_cookie(struct call *call)
{
	const uint8_t *secret = call->self->cookie_secret, *value;
	uint16_t length;

	if (!secret || !call->message.has_edns ||
		!message_edns_option(&call->message, EDNS_COOKIE, &value, &length))
		return true;
	if (!cookie_length_good(length))
		return false;
	call->edns.has_cookie = true;
	cookie_make(secret, value, &call->request->client, (uint32_t)call->request->now_s,
		call->edns.cookie);
	return true;
}

static const char *signature_trouble(enum tsig_result result)
{
	if (result == TSIG_BAD_KEY)
		return "its key is not known here (BADKEY)";
	return result == TSIG_BAD_TIME ? "its clock is wrong, or ours (BADTIME)"
				       : "its signature is wrong: another secret (BADSIG)";
}

/* Over UDP it is ignored (RFC 7828 3.2.1). */
static void take_keepalive(struct call *call)
{
	uint32_t idle_ms = call->self->tcp_idle_ms;
	const uint8_t *value;
	uint16_t length;

	if (!idle_ms || call->request->transport != TRANSPORT_TCP || !call->message.has_edns ||
		!message_edns_option(&call->message, EDNS_TCP_KEEPALIVE, &value, &length))
		return;
	call->edns.has_keepalive = true;
	call->edns.keepalive_100ms = (uint16_t)(idle_ms / 100);
}

static uint16_t decide(struct call *call)
{
	const struct message *message = &call->message;

	if (call->tsig == TSIG_MALFORMED || message->counts[MESSAGE_QUESTIONS] != 1)
		return message->opcode == DNS_QUERY || message->opcode == DNS_NOTIFY ? DNS_FORMERR
										     : DNS_NOTIMP;
	if (call->tsig != TSIG_GOOD && call->tsig != TSIG_UNSIGNED)
		return event(call, EVENT_SIGNATURE_REFUSED, DNS_NOTAUTH,
			signature_trouble(call->tsig));
	if (message->opcode != DNS_QUERY && message->opcode != DNS_NOTIFY)
		return DNS_NOTIMP;
	if (message->has_edns && has_fault(call, FAULT_FORMERR_EDNS)) {
		call->edns.present = false;
		return DNS_FORMERR;
	}
	if (message->edns_version)
		return DNS_BADVERS;
	if (!take_cookie(call))
		return DNS_FORMERR;
	take_keepalive(call);
	if (message->question.class == DNS_CH && message->opcode == DNS_QUERY)
		return identity_answer(&call->reply, &call->message.question, call->self->version,
			call->self->nsid);
	if (message->question.class != DNS_IN)
		return DNS_REFUSED;
	return message->opcode == DNS_NOTIFY ? answer_notify(call) : answer_query(call);
}

/* What one message may hold, and how much of it OPT and TSIG are going to take. */
static void begin_reply(struct call *call, uint8_t *out, size_t capacity)
{
	const struct message *message = &call->message;
	size_t limit = message->edns_udp_size < UDP_WITHOUT_EDNS ? UDP_WITHOUT_EDNS
								 : message->edns_udp_size;
	size_t reserved = message->has_edns ? EDNS_MOST - EDNS_ERROR_MOST : 0;
	const uint8_t *value;
	uint16_t length;

	call->edns.present = message->has_edns;
	call->edns.dnssec_ok = message->dnssec_ok;
	if (message->has_edns && message_edns_option(message, EDNS_NSID, &value, &length))
		call->edns.nsid = call->self->nsid;
	if (message->has_edns && !call->edns.nsid)
		reserved -= EDNS_NSID_MOST + 4;
	if (message->has_edns && !message_edns_option(message, EDNS_COOKIE, &value, &length))
		reserved -= EDNS_COOKIE_MOST;
	if (message->has_edns && call->request->transport == TRANSPORT_UDP)
		reserved -= EDNS_KEEPALIVE_MOST;
	if (call->tsig == TSIG_GOOD)
		reserved += name_length(call->chain.key->name) +
			name_length(call->chain.key->algorithm) + TSIG_FIXED;
	if (call->request->transport == TRANSPORT_UDP && limit > MESSAGE_UDP_SIZE)
		limit = MESSAGE_UDP_SIZE;
	if (call->request->transport == TRANSPORT_TCP)
		limit = capacity;
	call->capacity = capacity;
	reply_begin(&call->reply, out,
		limit > reserved + MESSAGE_HEADER ? limit - reserved : MESSAGE_HEADER, message->id,
		(uint16_t)(DNS_QR | message->opcode << 11 | (message->flags & DNS_RD)));
	if (message->counts[MESSAGE_QUESTIONS] == 1)
		reply_question(&call->reply, message->question.owner, message->question.type,
			message->question.class);
}

static void truncate(struct call *call)
{
	if (has_fault(call, FAULT_TC_ALWAYS) && call->request->transport == TRANSPORT_UDP)
		call->reply.full = true;
	if (!call->reply.full)
		return;
	reply_empty(&call->reply);
	call->reply.flags |= DNS_TC;
}

/* The TSIG error record, unsigned (RFC 8945 5.3.2): the question's own names and times, no MAC. */
static void write_tsig_error(struct call *call)
{
	const struct message *message = &call->message;
	struct wire_reader reader = wire_read(message->bytes, message->length);
	struct wire_writer *writer = &call->reply.writer;
	uint8_t key[NAME_WIRE], algorithm[NAME_WIRE];
	const uint8_t *times;

	reader.at = message->tsig;
	wire_read_name(&reader, key);
	wire_skip(&reader, 10);
	wire_read_name(&reader, algorithm);
	times = wire_read_bytes(&reader, 8);
	if (reader.failed)
		return;
	wire_write_name(writer, key);
	wire_write_u16(writer, DNS_TSIG);
	wire_write_u16(writer, DNS_CLASS_ANY);
	wire_write_u32(writer, 0);
	wire_write_u16(writer, (uint16_t)(name_length(algorithm) + 16));
	wire_write_name(writer, algorithm);
	wire_write_bytes(writer, times, 8);
	wire_write_u16(writer, 0);
	wire_write_u16(writer, message->id);
	wire_write_u16(writer, call->tsig == TSIG_BAD_KEY ? DNS_BADKEY : TSIG_BADSIG);
	wire_write_u16(writer, 0);
	call->reply.counts[MESSAGE_ADDITIONAL]++;
}

/* What stands behind the records: OPT, TSIG. */
static void end_reply(struct call *call, uint16_t rcode)
{
	struct reply *reply = &call->reply;
	struct response *response = call->response;
	bool is_signed = call->tsig == TSIG_GOOD || call->tsig == TSIG_BAD_TIME;

	truncate(call);
	if (has_fault(call, FAULT_NO_AA))
		reply->flags &= (uint16_t)~DNS_AA;
	if (has_fault(call, FAULT_EDE))
		explain(call, rcode, call->faults.ede_code, NULL);
	reply->flags |= rcode & 15;
	reply->writer.capacity = call->capacity;
	call->edns.rcode = rcode;
	edns_write(&reply->writer, &call->edns);
	reply->counts[MESSAGE_ADDITIONAL] += call->edns.present;
	if (call->tsig == TSIG_BAD_KEY || call->tsig == TSIG_BAD_MAC)
		write_tsig_error(call);
	response->length = reply_end(reply);
	response->kind = reply->writer.failed ? RESPONSE_NOTHING : RESPONSE_MESSAGE;
	if (is_signed &&
		!tsig_sign(&call->chain, reply->writer.bytes, &response->length, call->capacity,
			(uint64_t)call->request->now_s,
			call->tsig == TSIG_BAD_TIME ? DNS_BADTIME : 0))
		response->kind = RESPONSE_NOTHING;
	else if (is_signed && has_fault(call, FAULT_WRONG_TSIG))
		spoil_signature(reply->writer.bytes, response->length);
}

/* A header whose rest does not parse: FORMERR with nothing in it. */
static void refuse_malformed(struct call *call, uint8_t *out)
{
	struct wire_writer writer = wire_write(out, MESSAGE_HEADER);
	const struct message *message = &call->message;

	wire_write_u16(&writer, message->id);
	wire_write_u16(&writer,
		(uint16_t)(DNS_QR | message->opcode << 11 | (message->flags & DNS_RD) |
			DNS_FORMERR));
	for (unsigned i = 0; i < 4; i++)
		wire_write_u16(&writer, 0);
	call->response->kind = RESPONSE_MESSAGE;
	call->response->length = writer.length;
}

static void begin_call(struct call *call, const struct responder *responder,
	const struct request *request, struct response *response)
{
	memset(response, 0, offsetof(struct response, name));
	response->kind = RESPONSE_MESSAGE;
	transfer_out_none(&response->transfer);
	call->self = responder;
	call->request = request;
	call->response = response;
	call->zone = NULL;
	call->faults = responder->faults;
	call->edns = (struct edns_answer){ 0 };
	call->tsig = TSIG_UNSIGNED;
	if (call->message.tsig)
		call->chain = (struct tsig_chain){ 0 };
}

void respond(const struct responder *responder, const struct request *request, uint8_t *out,
	size_t capacity, struct response *response)
{
	struct call call;
	bool parsed = message_parse(request->bytes, request->length, &call.message);
	uint16_t rcode;

	begin_call(&call, responder, request, response);
	if (request->length < MESSAGE_HEADER || call.message.flags & DNS_QR) {
		response->kind = RESPONSE_NOTHING;
		return;
	}
	if (parsed && call.message.counts[MESSAGE_QUESTIONS] == 1)
		find_zone(&call);
	if (is_silenced(&call)) {
		response->kind =
			response->kind == RESPONSE_CLOSE ? RESPONSE_CLOSE : RESPONSE_NOTHING;
		return;
	}
	if (!parsed) {
		refuse_malformed(&call, out);
		return;
	}
	if (call.message.tsig)
		call.tsig = tsig_verify_question(&call.chain, responder->keys.keys,
			responder->keys.count, &call.message, (uint64_t)request->now_s);
	begin_reply(&call, out, capacity);
	rcode = decide(&call);
	if (response->kind == RESPONSE_MESSAGE) {
		end_reply(&call, rcode);
		spoil_answer(out, &response->length, &call.faults);
	}
	response->delay_ms = call.faults.slow_ms;
	if (call.message.tsig)
		tsig_chain_free(&call.chain);
}
